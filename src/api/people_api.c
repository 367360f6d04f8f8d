/* people_api.c - users, sessions, second factors, tokens, saved views. */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handlers.h"
#include "lookups.h"

#define PEOPLE_MOST 1000u
#define SESSIONS_MOST 2000u
#define DAY 86400

static void
put_seconds(struct out *o, const char *key, int64_t at)
{
	char text[TIME_TEXT_MAX];

	if (at > 0)
		json_text(o, key, seconds_text(at, text));
	else
		json_none(o, key);
}

/* What people_error() says is about what was asked. */
static void
fail_people(struct request *rq, unsigned status, const char *field)
{
	fail(rq, status, status == 404 ? "not-found" : "people", field, "%s",
	    people_error(rq->server->people));
}

bool
needs_session(struct request *rq)
{
	if (!rq->who.by_token)
		return true;
	fail(rq, 403, "session", NULL,
	    "This needs a session; a token will not do.");
	return false;
}

/* ---------------------------------------------------------------- sessions */

static void
put_session(struct request *rq, const struct session *s)
{
	struct person p;

	rq->secret = true;
	json_open(rq->out, '{');
	json_text(rq->out, "user", s->user);
	json_text(rq->out, "role", access_name(s->access));
	if (s->csrf[0] != '\0')
		json_text(rq->out, "csrf", s->csrf);
	else
		json_none(rq->out, "csrf");
	put_seconds(rq->out, "expires", s->ends);
	json_bool(rq->out, "totp", s->totp);
	json_bool(rq->out, "outside",
	    people_get(rq->server->people, s->user, &p) && p.outside);
	json_close(rq->out, '}');
}

static void
set_cookie(struct request *rq, const char *token, int64_t seconds)
{
	add_header(rq, "Set-Cookie",
	    COOKIE "=%s; Path=/; Secure; HttpOnly; SameSite=Strict; "
		   "Max-Age=%" PRId64,
	    token, seconds);
}

static void
refuse(struct request *rq, enum sign_in how, int64_t wait, const char *user)
{
	switch (how) {
	case SIGN_IN_WRONG:
	case SIGN_IN_WRONG_CODE:
		audit(rq, user, "sign-in", rq->source, "refused");
		fail(rq, 401, "wrong", NULL,
		    "User, password or code are not right.");
		break;
	case SIGN_IN_NEEDS_CODE:
		fail(rq, 401, "totp", "totp",
		    "The code of your second factor is needed.");
		break;
	case SIGN_IN_WAIT:
		add_header(rq, "Retry-After", "%" PRId64, wait);
		fail(rq, 429, "wait", NULL,
		    "Too many attempts from here: try again in %" PRId64
		    " seconds.",
		    wait);
		break;
	case SIGN_IN_BUSY:
		add_header(rq, "Retry-After", "2");
		fail(rq, 503, "busy", NULL,
		    "Many are signing in at the moment; try again.");
		break;
	case SIGN_IN_AWAY:
		fail(rq, 503, "directory", NULL,
		    "The directory does not answer; users that are kept here "
		    "can sign in.");
		break;
	case SIGN_IN_DONE:
	case SIGN_IN_FAILED:
		fail(rq, 500, "people", NULL,
		    "The users' database cannot be used.");
		break;
	}
}

/* What the directory said, when people_sign_in() comes to that. */
static enum people_word
word(void *ctx, enum access *ret)
{
	const struct request *rq = ctx;
	enum people_word w = looked_word(rq);

	if (w == WORD_YES)
		*ret = (enum access)looked_up(rq)->access;
	return w;
}

static void
sign_in(struct request *rq, const char *user, const char *password,
    const char *code)
{
	const char *agent = MHD_lookup_connection_value(rq->link,
	    MHD_HEADER_KIND, "User-Agent");
	char safe[128];
	struct session s;
	int64_t wait = 0, now = now_seconds();
	enum looked looked = look_up(rq, DIRECTORY_SIGN_IN, user, password);
	enum sign_in how;

	if (looked == LOOKED_LATER || looked == LOOKED_REFUSED)
		return;
	(void)snprintf(safe, sizeof(safe), "%s", agent != NULL ? agent : "");
	for (char *c = safe; *c != '\0'; c++)
		if (*c < 0x20 || *c > 0x7e)
			*c = '?';
	how = people_sign_in(rq->server->people, user, password, code,
	    rq->source, safe, now, word, rq, &s, &wait);
	if (how != SIGN_IN_DONE) {
		refuse(rq, how, wait,
		    people_name_flaw(user) == NULL ? user : "?");
		return;
	}
	(void)people_session(rq->server->people, s.token, now,
	    &(struct session){ .token = "" });
	s.ends = now + 60 * (int64_t)rq->server->config.idle_minutes;
	set_cookie(rq, s.token,
	    3600 * (int64_t)rq->server->config.session_hours);
	audit(rq, user, "sign-in", rq->source, "%s", access_name(s.access));
	put_session(rq, &s);
	sodium_memzero(s.token, sizeof(s.token));
}

void
h_sign_in(struct request *rq)
{
	char user[128];

	sign_in(rq, small_letters(body_text(rq, "user"), user),
	    body_text(rq, "password"), body_text(rq, "totp"));
}

void
h_session(struct request *rq)
{
	struct session s = { .access = rq->who.access,
		.totp = rq->who.totp,
		.ends = rq->who.ends };

	memcpy(s.user, rq->who.user, sizeof(s.user));
	memcpy(s.csrf, rq->who.csrf, sizeof(s.csrf));
	put_session(rq, &s);
}

void
h_sign_out(struct request *rq)
{
	if (!needs_session(rq))
		return;
	people_sign_out(rq->server->people, rq->who.session);
	set_cookie(rq, "", 0);
	add_header(rq, "Clear-Site-Data", "\"cache\", \"storage\"");
	audit(rq, rq->who.user, "sign-in", rq->source, "signed out");
}

void
h_sign_out_all(struct request *rq)
{
	if (!needs_session(rq))
		return;
	(void)people_sign_out_all(rq->server->people, rq->who.user, NULL);
	set_cookie(rq, "", 0);
	audit(rq, rq->who.user, "sign-in", rq->source, "signed out everywhere");
}

static void
id_of(const struct session *s, char dst[static 17])
{
	(void)sodium_bin2hex(dst, 17, s->hash, 8);
}

/* NULL: everybody's, which only administrators may ask for. */
static bool
whose(struct request *rq, const char **ret)
{
	const char *all = param(rq, "all");

	*ret = rq->who.user;
	if (all == NULL || strcmp(all, "true") != 0)
		return true;
	*ret = NULL;
	if (rq->who.access == ACCESS_ADMIN)
		return true;
	fail(rq, 403, "role", "all", "This needs the role admin.");
	return false;
}

void
h_sessions(struct request *rq)
{
	struct session *list = calloc(SESSIONS_MOST, sizeof(*list));
	struct items *it = calloc(1, sizeof(*it));
	const char *user;
	char id[17];

	if (list != NULL && it != NULL && whose(rq, &user) &&
	    items_begin(it, rq)) {
		uint32_t n = people_sessions(rq->server->people, user,
		    now_seconds(), list, SESSIONS_MOST);

		for (uint32_t i = 0; i < n; i++) {
			struct out *o = items_next(it);

			if (o == NULL)
				continue;
			id_of(&list[i], id);
			json_open(o, '{');
			json_text(o, "id", id);
			json_text(o, "user", list[i].user);
			json_text(o, "source", list[i].source);
			json_text(o, "agent", list[i].agent);
			put_seconds(o, "began", list[i].began);
			put_seconds(o, "seen", list[i].seen);
			put_seconds(o, "ends", list[i].ends);
			json_bool(o, "current",
			    memcmp(list[i].hash, rq->who.session,
				SECRET_HASH) == 0);
			json_close(o, '}');
			items_end(it);
		}
		items_finish(it);
	}
	free(it);
	free(list);
}

void
h_sign_out_one(struct request *rq)
{
	struct session *list = calloc(SESSIONS_MOST, sizeof(*list));
	uint32_t n;
	bool found = false;
	char id[17];

	if (list == NULL || !needs_session(rq)) {
		free(list);
		return;
	}
	n = people_sessions(rq->server->people,
	    rq->who.access == ACCESS_ADMIN ? NULL : rq->who.user, now_seconds(),
	    list, SESSIONS_MOST);
	for (uint32_t i = 0; i < n; i++) {
		id_of(&list[i], id);
		if (strcmp(id, rq->arg[0]) != 0)
			continue;
		people_sign_out(rq->server->people, list[i].hash);
		audit(rq, rq->who.user, "sign-in", list[i].source,
		    "ended a session of %s", list[i].user);
		found = true;
	}
	free(list);
	if (!found)
		fail(rq, 404, "not-found", NULL, "There is no such session.");
}

/* ------------------------------------------------------------- first start */

void
h_setup_needed(struct request *rq)
{
	json_open(rq->out, '{');
	json_bool(rq->out, "needed", !people_has_admin(rq->server->people));
	json_close(rq->out, '}');
}

void
h_setup(struct request *rq)
{
	const char *secret = body_text(rq, "secret"), *user;
	size_t n = strlen(rq->server->setup);

	if (n == 0 || people_has_admin(rq->server->people)) {
		fail(rq, 409, "done", NULL,
		    "There is an administrator already.");
		return;
	}
	if (strlen(secret) != n ||
	    sodium_memcmp(secret, rq->server->setup, n) != 0) {
		audit(rq, "?", "user", rq->source,
		    "a wrong one-time secret was tried");
		fail(rq, 403, "secret", "secret",
		    "This is not the secret that the terminal shows.");
		return;
	}
	user = body_text(rq, "user");
	if (!people_add(rq->server->people, user, ACCESS_ADMIN,
		body_text(rq, "password"), now_seconds())) {
		fail_people(rq, 422,
		    people_name_flaw(user) != NULL ? "user" : "password");
		return;
	}
	sodium_memzero(rq->server->setup, sizeof(rq->server->setup));
	audit(rq, user, "user", user, "the first administrator was made");
	sign_in(rq, user, body_text(rq, "password"), NULL);
}

/* ------------------------------------------------------------------- users */

static void
put_user(struct out *o, const struct person *p)
{
	json_open(o, '{');
	json_text(o, "name", p->name);
	json_text(o, "role", access_name(p->access));
	json_bool(o, "outside", p->outside);
	json_bool(o, "totp", p->totp);
	json_bool(o, "locked", p->locked);
	put_seconds(o, "created", p->created);
	put_seconds(o, "password_changed", p->outside ? 0 : p->changed);
	put_seconds(o, "last", p->last);
	json_close(o, '}');
}

void
h_users(struct request *rq)
{
	struct person *list = calloc(PEOPLE_MOST, sizeof(*list));
	struct items *it = calloc(1, sizeof(*it));
	struct out *o;

	if (list != NULL && it != NULL && items_begin(it, rq)) {
		uint32_t n = people_list(rq->server->people, list, PEOPLE_MOST);

		for (uint32_t i = 0; i < n; i++)
			if ((o = items_next(it)) != NULL) {
				put_user(o, &list[i]);
				items_end(it);
			}
		items_finish(it);
	}
	free(it);
	free(list);
}

static bool
find_user(struct request *rq, struct person *ret)
{
	if (people_get(rq->server->people, rq->arg[0], ret))
		return true;
	fail_people(rq, 404, NULL);
	return false;
}

void
h_user(struct request *rq)
{
	struct person p;

	if (find_user(rq, &p))
		put_user(rq->out, &p);
}

void
h_user_add(struct request *rq)
{
	const char *user = body_text(rq, "name");
	enum access a = access_find(body_text(rq, "role"));
	struct person p;

	if (!needs_session(rq))
		return;
	if (a == ACCESS_COUNT) {
		fail(rq, 422, "role", "role",
		    "There are read-only, analyst and admin.");
		return;
	}
	if (people_get(rq->server->people, user, &p)) {
		fail(rq, 409, "exists", "name",
		    "There is a user of this name already.");
		return;
	}
	if (!people_add(rq->server->people, user, a, body_text(rq, "password"),
		now_seconds()) ||
	    !people_get(rq->server->people, user, &p)) {
		fail_people(rq, 422,
		    people_name_flaw(user) != NULL ? "name" : "password");
		return;
	}
	audit(rq, rq->who.user, "user", user, "made, %s", access_name(a));
	rq->status = 201;
	put_user(rq->out, &p);
}

void
h_user_change(struct request *rq)
{
	const char *role = body_text(rq, "role");
	const json_t *locked = json_object_get(rq->body, "locked");
	struct people *people = rq->server->people;
	struct person p;

	if (!needs_session(rq) || !find_user(rq, &p))
		return;
	if (role != NULL && access_find(role) == ACCESS_COUNT) {
		fail(rq, 422, "role", "role",
		    "There are read-only, analyst and admin.");
		return;
	}
	if (role != NULL && p.outside) {
		fail(rq, 409, "outside", "role",
		    "The groups of the directory say what role this is.");
		return;
	}
	if ((role != NULL &&
		!people_set_access(people, p.name, access_find(role))) ||
	    (locked != NULL &&
		!people_set_locked(people, p.name, json_is_true(locked)))) {
		fail_people(rq, 409, NULL);
		return;
	}
	audit(rq, rq->who.user, "user", p.name, "%s%s%s",
	    role != NULL ? role : "",
	    role != NULL && locked != NULL ? ", " : "",
	    locked == NULL             ? ""
		: json_is_true(locked) ? "locked"
				       : "unlocked");
	h_user(rq);
}

void
h_user_delete(struct request *rq)
{
	struct person p;

	if (!needs_session(rq) || !find_user(rq, &p))
		return;
	if (!people_delete(rq->server->people, p.name)) {
		fail_people(rq, 409, NULL);
		return;
	}
	audit(rq, rq->who.user, "user", p.name, "deleted");
}

/* The own one for anybody who knows it; others' for administrators, but not
 * another administrator's: that is recovered on the machine. */
void
h_password(struct request *rq)
{
	struct people *people = rq->server->people;
	const char *current = body_text(rq, "current");
	bool own = strcmp(rq->arg[0], "me") == 0 ||
	    strcmp(rq->arg[0], rq->who.user) == 0;
	struct person p;

	if (!needs_session(rq))
		return;
	if (!own && rq->who.access != ACCESS_ADMIN) {
		fail(rq, 403, "role", NULL, "This needs the role admin.");
		return;
	}
	if (own)
		(void)snprintf(rq->arg[0], sizeof(rq->arg[0]), "%s",
		    rq->who.user);
	if (!find_user(rq, &p))
		return;
	if (!own && p.access == ACCESS_ADMIN) {
		fail(rq, 403, "role", NULL,
		    "An administrator's password is changed by themselves, or "
		    "on the machine: sightglass users.");
		return;
	}
	if (own &&
	    (current == NULL || !people_is_password(people, p.name, current))) {
		fail(rq, 403, "current", "current",
		    "The current password is not right.");
		return;
	}
	if (!people_set_password(people, p.name, body_text(rq, "password"),
		own ? rq->who.session : NULL, now_seconds())) {
		fail_people(rq, 422, "password");
		return;
	}
	audit(rq, rq->who.user, "user", p.name, "password changed");
}

/* ----------------------------------------------------------- second factor */

/* False: answered, or the directory is asked first. */
static bool
is_self(struct request *rq)
{
	const char *password = body_text(rq, "password");
	enum looked looked;

	if (!needs_session(rq))
		return false;
	looked = look_up(rq, DIRECTORY_SIGN_IN, rq->who.user, password);
	if (looked == LOOKED_LATER || looked == LOOKED_REFUSED)
		return false;
	if (looked == LOOKED_DONE && looked_word(rq) == WORD_AWAY) {
		refuse(rq, SIGN_IN_AWAY, 0, rq->who.user);
		return false;
	}
	if (looked == LOOKED_DONE && looked_word(rq) == WORD_YES)
		return true;
	if (password != NULL &&
	    people_is_password(rq->server->people, rq->who.user, password))
		return true;
	fail(rq, 403, "password", "password", "The password is not right.");
	return false;
}

void
h_totp_set(struct request *rq)
{
	const char *code = body_text(rq, "code");
	const char *secret = body_text(rq, "secret");
	char fresh[TOTP_SECRET], uri[256];
	bool on = code != NULL;

	if (!is_self(rq))
		return;
	totp_secret(fresh);
	if (secret == NULL)
		secret = fresh;
	if (on && strlen(secret) != TOTP_SECRET - 8) {
		fail(rq, 422, "secret", "secret",
		    "Begin without a code: the answer has a secret.");
		return;
	}
	if (on && totp_step(secret, code, now_seconds(), 0) < 0) {
		fail(rq, 422, "code", "code",
		    "The code does not fit; is the clock right?");
		return;
	}
	if (on) {
		if (!people_set_totp(rq->server->people, rq->who.user,
			secret)) {
			fail_people(rq, 500, NULL);
			return;
		}
		audit(rq, rq->who.user, "user", rq->who.user,
		    "second factor switched on");
	}
	(void)snprintf(uri, sizeof(uri),
	    "otpauth://totp/Sightglass:%s?secret=%s&issuer=Sightglass",
	    rq->who.user, secret);
	rq->secret = true;
	json_open(rq->out, '{');
	json_bool(rq->out, "on", on);
	json_text(rq->out, "secret", secret);
	json_text(rq->out, "uri", uri);
	json_close(rq->out, '}');
}

void
h_totp_off(struct request *rq)
{
	if (!is_self(rq))
		return;
	if (!people_set_totp(rq->server->people, rq->who.user, NULL)) {
		fail_people(rq, 500, NULL);
		return;
	}
	audit(rq, rq->who.user, "user", rq->who.user,
	    "second factor switched off");
}

void
h_user_totp_off(struct request *rq)
{
	struct person p;

	if (!needs_session(rq) || !find_user(rq, &p))
		return;
	if (!people_set_totp(rq->server->people, p.name, NULL)) {
		fail_people(rq, 500, NULL);
		return;
	}
	audit(rq, rq->who.user, "user", p.name, "second factor switched off");
}

/* ------------------------------------------------------------------- tokens */

static void
put_token(struct out *o, const struct token *t, const char *text)
{
	json_open(o, '{');
	json_u64(o, "id", (uint64_t)t->id);
	json_text(o, "user", t->user);
	json_text(o, "name", t->name);
	json_text(o, "role", access_name(t->access));
	put_seconds(o, "created", t->created);
	put_seconds(o, "expires", t->expires);
	put_seconds(o, "used", t->used);
	if (text != NULL)
		json_text(o, "token", text);
	json_close(o, '}');
}

void
h_tokens(struct request *rq)
{
	struct token *list = calloc(PEOPLE_MOST, sizeof(*list));
	struct items *it = calloc(1, sizeof(*it));
	const char *user;
	struct out *o;

	if (list != NULL && it != NULL && whose(rq, &user) &&
	    items_begin(it, rq)) {
		uint32_t n =
		    people_tokens(rq->server->people, user, list, PEOPLE_MOST);

		for (uint32_t i = 0; i < n; i++)
			if ((o = items_next(it)) != NULL) {
				put_token(o, &list[i], NULL);
				items_end(it);
			}
		items_finish(it);
	}
	free(it);
	free(list);
}

void
h_token_add(struct request *rq)
{
	const char *role = body_text(rq, "role"), *name = body_text(rq, "name");
	int64_t days = body_number(rq, "days", 365);
	struct token t = { .access = rq->who.access };
	char text[TOKEN_TEXT + 8];

	if (!needs_session(rq))
		return;
	if (role != NULL)
		t.access = access_find(role);
	if (t.access == ACCESS_COUNT || t.access > rq->who.access) {
		fail(rq, 422, "role", "role",
		    "A token may at most what its owner may.");
		return;
	}
	if (strlen(name) == 0 || strlen(name) >= sizeof(t.name)) {
		fail(rq, 422, "name", "name", "A name has 1 to 63 bytes.");
		return;
	}
	if (days < 1 || days > 3650) {
		fail(rq, 422, "days", "days", "A token lasts 1 to 3650 days.");
		return;
	}
	memcpy(t.user, rq->who.user, sizeof(t.user));
	(void)snprintf(t.name, sizeof(t.name), "%s", name);
	t.expires = now_seconds() + days * DAY;
	if (!people_add_token(rq->server->people, &t, text, now_seconds())) {
		fail_people(rq, 500, NULL);
		return;
	}
	audit(rq, rq->who.user, "user", rq->who.user,
	    "access token %" PRId64 " made, %s, for %" PRId64 " days", t.id,
	    access_name(t.access), days);
	rq->status = 201;
	rq->secret = true;
	put_token(rq->out, &t, text);
}

void
h_token_delete(struct request *rq)
{
	uint32_t id;

	if (!needs_session(rq) || !arg_number(rq, 0, &id))
		return;
	if (!people_delete_token(rq->server->people, id,
		rq->who.access == ACCESS_ADMIN ? NULL : rq->who.user)) {
		fail_people(rq, 404, NULL);
		return;
	}
	audit(rq, rq->who.user, "user", rq->who.user,
	    "access token %" PRIu32 " ended", id);
}

/* -------------------------------------------------------------- saved views */

struct view_items {
	struct items it;
	const char *user;
};

static void
put_view(void *ctx, const struct view *v)
{
	struct view_items *w = ctx;
	struct out *o = items_next(&w->it);

	if (o == NULL)
		return;
	json_open(o, '{');
	json_text(o, "noun", v->noun);
	json_text(o, "name", v->name);
	json_text(o, "owner", v->owner);
	json_bool(o, "shared", v->shared);
	json_key(o, "query");
	out_text(o, v->query); /* kept as JSON */
	o->comma = true;
	json_close(o, '}');
	items_end(&w->it);
}

void
h_views(struct request *rq)
{
	struct view_items *w = calloc(1, sizeof(*w));

	if (w != NULL && items_begin(&w->it, rq)) {
		(void)people_views(rq->server->people, rq->who.user, put_view,
		    w);
		items_finish(&w->it);
	}
	free(w);
}

void
h_view_put(struct request *rq)
{
	struct view *v = calloc(1, sizeof(*v));
	size_t n = 0;

	if (v == NULL)
		return;
	n = json_dumpb(json_object_get(rq->body, "query"), v->query,
	    sizeof(v->query) - 1, JSON_COMPACT);
	if (n == 0 || n >= sizeof(v->query) ||
	    strlen(rq->arg[0]) >= sizeof(v->noun) ||
	    strlen(rq->arg[1]) >= sizeof(v->name)) {
		fail(rq, 422, "view", NULL,
		    "A view's noun has at most 31 bytes, its name 63, what it "
		    "holds 4095.");
		free(v);
		return;
	}
	v->query[n] = '\0';
	(void)snprintf(v->owner, sizeof(v->owner), "%s", rq->who.user);
	(void)snprintf(v->noun, sizeof(v->noun), "%.31s", rq->arg[0]);
	(void)snprintf(v->name, sizeof(v->name), "%.63s", rq->arg[1]);
	v->shared = body_flag(rq, "shared", false);
	if (v->shared && rq->who.access < ACCESS_ANALYST)
		fail(rq, 403, "role", "shared",
		    "To share a view needs the role analyst.");
	else if (!people_put_view(rq->server->people, v))
		fail_people(rq, 500, NULL);
	free(v);
}

void
h_view_delete(struct request *rq)
{
	if (!people_delete_view(rq->server->people, rq->who.user, rq->arg[0],
		rq->arg[1]))
		fail_people(rq, 404, NULL);
}
