/*
 * auth.c - who asks, and whether it was their own doing.
 *
 * A session's cookie is of this host alone (the prefix __Host-, RFC 6265bis),
 * unseen by scripts and never sent from another site; a write needs the
 * session's CSRF token besides, and, where the browser says where it comes
 * from, that it comes from here.  A token stands by itself.
 */
#include <sodium.h>
#include <string.h>

#include "handlers.h"

static const char *
header_of(const struct request *rq, const char *name)
{
	return MHD_lookup_connection_value(rq->link, MHD_HEADER_KIND, name);
}

static bool
by_token(struct request *rq, const char *header)
{
	struct token t;

	if (strncasecmp(header, "Bearer ", 7) != 0 ||
	    !people_token(rq->server->people, header + 7, now_seconds(), &t)) {
		fail(rq, 401, "token", NULL,
		    "The token is not known, or no longer good.");
		return false;
	}
	memcpy(rq->who.user, t.user, sizeof(t.user));
	rq->who.access = t.access;
	rq->who.by_token = true;
	return true;
}

bool
auth_who(struct request *rq)
{
	const char *header = header_of(rq, "Authorization");
	const char *cookie =
	    MHD_lookup_connection_value(rq->link, MHD_COOKIE_KIND, COOKIE);
	struct session s;

	if (header != NULL)
		return by_token(rq, header);
	if (cookie == NULL ||
	    !people_session(rq->server->people, cookie, now_seconds(), &s)) {
		fail(rq, 401, "sign-in", NULL, "%s",
		    cookie == NULL ? "Please sign in."
				   : "The session has ended; please sign in "
				     "again.");
		return false;
	}
	memcpy(rq->who.user, s.user, sizeof(s.user));
	memcpy(rq->who.csrf, s.csrf, sizeof(s.csrf));
	memcpy(rq->who.session, s.hash, sizeof(s.hash));
	rq->who.access = s.access;
	rq->who.totp = s.totp;
	rq->who.ends = s.ends;
	return true;
}

static bool
is_from_here(struct request *rq)
{
	const char *origin = header_of(rq, "Origin");
	const char *host = header_of(rq, "Host");
	const char *site = header_of(rq, "Sec-Fetch-Site");

	if (site != NULL && strcmp(site, "same-origin") != 0 &&
	    strcmp(site, "none") != 0)
		return false;
	return origin == NULL ||
	    (strncmp(origin, "https://", 8) == 0 && host != NULL &&
		strcasecmp(origin + 8, host) == 0);
}

bool
auth_same_site(struct request *rq)
{
	const char *csrf = header_of(rq, "X-CSRF-Token");
	size_t n = strlen(rq->who.csrf);

	if (rq->who.by_token)
		return true;
	if (!is_from_here(rq)) {
		fail(rq, 403, "origin", NULL,
		    "The request comes from another site.");
		return false;
	}
	if (rq->who.access == ACCESS_PUBLIC)
		return true;
	if (csrf != NULL && strlen(csrf) == n && n > 0 &&
	    sodium_memcmp(csrf, rq->who.csrf, n) == 0)
		return true;
	fail(rq, 403, "csrf", NULL,
	    "The header X-CSRF-Token is missing or not this session's.");
	return false;
}
