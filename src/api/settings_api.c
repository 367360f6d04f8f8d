/* settings_api.c - the certificate. */
#include <string.h>

#include "handlers.h"
#include "tls.h"

static void
put_when(struct out *o, const char *key, int64_t at)
{
	char text[TIME_TEXT_MAX];

	json_text(o, key, seconds_text(at, text));
}

void
h_certificate(struct request *rq)
{
	struct tls_facts f;

	if (!tls_describe(rq->server->tls, &f)) {
		fail(rq, 500, "certificate", NULL, "It cannot be read.");
		return;
	}
	json_open(rq->out, '{');
	json_text(rq->out, "subject", f.subject);
	json_text(rq->out, "issuer", f.issuer);
	json_text(rq->out, "fingerprint", f.fingerprint);
	put_when(rq->out, "from", f.from);
	put_when(rq->out, "until", f.until);
	json_bool(rq->out, "own", f.own);
	json_key(rq->out, "days_left");
	out_i64(rq->out, (f.until - now_seconds()) / 86400);
	json_close(rq->out, '}');
}

void
h_certificate_put(struct request *rq)
{
	char why[256];

	if (!tls_replace(rq->server->tls, body_text(rq, "key"),
		body_text(rq, "chain"), why, sizeof(why))) {
		fail(rq, 422, "certificate",
		    strstr(why, "key") != NULL ? "key" : "chain", "%s", why);
		return;
	}
	audit(rq, rq->who.user, "setting", "certificate",
	    "the certificate was replaced");
	h_certificate(rq);
}
