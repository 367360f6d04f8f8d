/* settings_api.c - how the sensor is set, and the certificate. */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "../config/config.h"
#include "handlers.h"
#include "tls.h"

/* ----------------------------------------------------------------- settings */

static const char *
type_name(enum key_type t)
{
	static const char *const names[] = { [KEY_IS_NUMBER] = "number",
		[KEY_IS_BYTES] = "bytes",
		[KEY_IS_CHOICE] = "choice",
		[KEY_IS_FOLDER] = "folder",
		[KEY_IS_FILE] = "file",
		[KEY_IS_PATH] = "path",
		[KEY_IS_TEXT] = "text" };

	return names[t];
}

/* A choice is kept as its place in the list of words. */
static void
put_value(struct out *o, const struct config *c, uint32_t i)
{
	const struct key_row *k = &config_keys[i];
	const char *word = k->unit;

	if (k->type == KEY_IS_NUMBER || k->type == KEY_IS_BYTES) {
		json_u64(o, "value", c->number[i]);
		return;
	}
	if (k->type != KEY_IS_CHOICE) {
		json_text(o, "value", c->text[i]);
		return;
	}
	for (uint64_t n = c->number[i]; n > 0; n--)
		word += strcspn(word, " ") + 1;
	json_span(o, "value",
	    span_first(span_text(word), (uint32_t)strcspn(word, " ")));
}

static void
put_setting(struct out *o, const struct config *c, uint32_t i, bool said)
{
	const struct key_row *k = &config_keys[i];

	json_open(o, '{');
	json_text(o, "key", k->name);
	put_value(o, c, i);
	json_text(o, "default", k->initial);
	json_text(o, "type", type_name(k->type));
	json_text(o, "unit", k->unit);
	json_u64(o, "least", k->least);
	json_u64(o, "most", k->most);
	json_bool(o, "restart", k->when == KEY_AT_RESTART);
	json_bool(o, "changes", config_may_change((enum config_key)i));
	json_bool(o, "said", said);
	json_text(o, "help", k->help);
	json_close(o, '}');
}

/* What people set goes over what the sensor's file says. */
static void
take_said(struct request *rq, struct config *c, bool said[CONF_COUNT])
{
	sqlite3_stmt *s = reader_ask(rq->reader,
	    "select substr(key, 6), value from setting where key glob "
	    "'conf.*' and value <> ''");
	char ignored[CONFIG_ERROR];

	while (s != NULL && sqlite3_step(s) == SQLITE_ROW) {
		const char *key = (const char *)sqlite3_column_text(s, 0);
		enum config_key i = config_find(key);

		if (config_may_change(i))
			said[i] = config_set(c, key,
			    (const char *)sqlite3_column_text(s, 1), ignored);
	}
}

void
settings_now(struct server *sv, struct config *ret)
{
	if (sv->config.settings_now != NULL)
		sv->config.settings_now(sv->config.ctx, ret);
	else if (sv->config.settings != NULL)
		*ret = *sv->config.settings;
	else
		config_init(ret);
}

void
h_settings(struct request *rq)
{
	struct config *c = calloc(1, sizeof(*c));
	struct items *it = calloc(1, sizeof(*it));
	bool said[CONF_COUNT] = { false };
	struct out *o;

	if (c != NULL && it != NULL && items_begin(it, rq)) {
		settings_now(rq->server, c);
		take_said(rq, c, said);
		for (uint32_t i = 0; i < CONF_COUNT; i++)
			if ((o = items_next(it)) != NULL) {
				put_setting(o, c, i, said[i]);
				items_end(it);
			}
		items_finish(it);
	}
	free(it);
	free(c);
}

void
h_settings_change(struct request *rq)
{
	json_out(rq,
	    desk_ask(rq,
		json_pack("{s:s, s:O}", "verb", "settings.change", "settings",
		    rq->body)));
}

/* -------------------------------------------------------------- certificate */

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
