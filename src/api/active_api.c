/* active_api.c - asking devices: what may be, what is, what came of it. */
#include <stdio.h>
#include <string.h>

#include "../active/active.h"
#include "../base/vault.h"
#include "handlers.h"
#include "live.h"

static json_t *
live_asking(struct request *rq)
{
	sqlite3_stmt *s = reader_ask(rq->reader,
	    "select json from live where key = 'asking' and at > ?1");

	if (s == NULL)
		return NULL;
	(void)sqlite3_bind_int64(s, 1,
	    now_tick().ns - LIVE_FRESH * TICK_SECOND);
	return sqlite3_step(s) == SQLITE_ROW
	    ? json_loads((const char *)sqlite3_column_text(s, 0), 0, NULL)
	    : NULL;
}

void
h_active(struct request *rq)
{
	static const char *const numbers[] = { "grants", "grant", "of", "done",
		"sent", "answers", "seconds" };
	const char *halted = store_get(rq->reader->db, DESK_HALTED);
	json_t *live = live_asking(rq);
	struct out *o = rq->out;
	const char *text;

	json_open(o, '{');
	json_bool(o, "on", json_is_true(json_object_get(live, "on")));
	text = json_string_value(json_object_get(live, "interface"));
	json_text(o, "interface", text != NULL ? text : "");
	json_bool(o, "running", live != NULL);
	if (halted[0] != '\0')
		json_text(o, "halted", halted);
	else
		json_none(o, "halted");
	text = json_string_value(json_object_get(live, "waits"));
	json_text(o, "waits", text != NULL ? text : "");
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		json_u64(o, numbers[i],
		    (uint64_t)json_integer_value(
			json_object_get(live, numbers[i])));
	json_close(o, '}');
	json_decref(live);
}

void
h_active_methods(struct request *rq)
{
	struct items it;

	if (!items_begin(&it, rq))
		return;
	for (unsigned i = 0; i < active_method_count; i++) {
		const struct active_method *m = &active_methods[i];
		struct out *o = items_next(&it);

		if (o == NULL)
			continue;
		json_open(o, '{');
		json_text(o, "name", m->name);
		json_text(o, "title", m->title);
		json_text(o, "via", via_name((enum via)m->via));
		json_u64(o, "port", m->port);
		json_u64(o, "requests", m->requests);
		json_text(o, "standard", m->standard);
		json_text(o, "caution", m->caution);
		json_bool(o, "of_server", m->of_server);
		json_close(o, '}');
		items_end(&it);
	}
	items_finish(&it);
}

void
h_active_plan(struct request *rq)
{
	json_t *request = json_deep_copy(rq->body);

	(void)json_object_set_new(request, "verb", json_string("active.plan"));
	json_out(rq, desk_look(rq, request));
}

#define LEAST 8u /* bytes of a password (RFC 3414 11.2) */
#define MOST 120u

/* One of the two out of the body. */
static bool
take_password(struct request *rq, const char *name, char *dst)
{
	const char *text = body_text(rq, name);
	size_t n = text != NULL ? strlen(text) : 0;

	if (n < LEAST || n > MOST || strchr(text, '\n') != NULL) {
		fail(rq, 422, "bad", name, "%s: a password of %u to %u bytes",
		    name, LEAST, MOST);
		return false;
	}
	(void)snprintf(dst, MOST + 1, "%s", text);
	(void)json_object_del(rq->body, name);
	return true;
}

/* What they are for, as the desk will have it. */
static bool
seal_passwords(struct request *rq)
{
	char auth[MOST + 1], priv[MOST + 1], both[2 * MOST + 2];
	char purpose[VAULT_PURPOSE];
	struct asking a = { .on = true };
	bool ok = body_copy(rq, "user", a.user, sizeof(a.user)) &&
	    body_copy(rq, "method", a.method, sizeof(a.method)) &&
	    body_ranges(rq, a.ranges, sizeof(a.ranges)) &&
	    take_password(rq, "auth", auth) && take_password(rq, "priv", priv);

	if (ok) {
		(void)snprintf(both, sizeof(both), "%s\n%s", auth, priv);
		desk_asking_purpose(&a, purpose, sizeof(purpose));
		ok = body_seal(rq, purpose, both);
	}
	vault_wipe(auth, sizeof(auth));
	vault_wipe(priv, sizeof(priv));
	vault_wipe(both, sizeof(both));
	return ok;
}

void
h_grant_add(struct request *rq)
{
	const char *user = body_text(rq, "user");

	if (user == NULL || user[0] == '\0' || seal_passwords(rq))
		desk_put(rq, "active.grant", NULL);
}

static void
on_grant(struct request *rq, const char *verb)
{
	uint32_t id;

	if (arg_number(rq, 0, &id))
		desk_put(rq, verb, json_pack("{s:[I]}", "ids", (json_int_t)id));
}

void
h_grant_run(struct request *rq)
{
	on_grant(rq, "active.run");
}

void
h_grant_delete(struct request *rq)
{
	on_grant(rq, "active.revoke");
}

void
h_active_stop(struct request *rq)
{
	desk_put(rq, "active.stop", NULL);
}

void
h_active_resume(struct request *rq)
{
	desk_put(rq, "active.resume", NULL);
}
