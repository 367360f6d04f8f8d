/* live.c - see live.h. */
#include "live.h"

#include <inttypes.h>
#include <string.h>

bool
live_is_fresh(struct reader *r)
{
	int64_t at = reader_number(r, "select max(at) from live", 0);

	return at > now_tick().ns - LIVE_FRESH * TICK_SECOND;
}

void
live_put(struct request *rq, const char *member, const char *key)
{
	sqlite3_stmt *s = reader_ask(rq->reader,
	    "select json from live where key = ?1 and at > ?2");
	struct span json = { .n = 0 };

	if (s != NULL) {
		(void)sqlite3_bind_text(s, 1, key, -1, SQLITE_STATIC);
		(void)sqlite3_bind_int64(s, 2,
		    now_tick().ns - LIVE_FRESH * TICK_SECOND);
		if (sqlite3_step(s) == SQLITE_ROW)
			json = list_text(s, 0);
	}
	if (json.n == 0) {
		json_none(rq->out, member);
		return;
	}
	json_key(rq->out, member);
	out_bytes(rq->out, json.p, json.n);
	rq->out->comma = true;
}

/* Names of Prometheus have letters, digits and underscores. */
static void
put_name(struct out *o, const char *part)
{
	out_char(o, '_');
	for (; *part != '\0'; part++)
		out_char(o,
		    (*part >= 'a' && *part <= 'z') ||
			    (*part >= '0' && *part <= '9')
			? *part
			: '_');
}

static void
put_numbers(struct out *o, const char *key, const json_t *all)
{
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)all, name, v) {
		if (!json_is_number(v) && !json_is_boolean(v))
			continue;
		out_text(o, "sightglass_live");
		put_name(o, key);
		put_name(o, name);
		out_char(o, ' ');
		if (json_is_real(v))
			out_real(o, json_real_value(v));
		else
			out_i64(o,
			    json_is_integer(v) ? json_integer_value(v)
					       : json_is_true(v));
		out_char(o, '\n');
	}
}

void
live_put_metrics(struct request *rq)
{
	sqlite3_stmt *s = reader_ask(rq->reader,
	    "select key, json from live where at > ?1 order by key");

	if (s == NULL)
		return;
	(void)sqlite3_bind_int64(s, 1,
	    now_tick().ns - LIVE_FRESH * TICK_SECOND);
	while (sqlite3_step(s) == SQLITE_ROW) {
		json_t *all =
		    json_loads((const char *)sqlite3_column_text(s, 1), 0,
			NULL);

		put_numbers(rq->out, (const char *)sqlite3_column_text(s, 0),
		    all);
		json_decref(all);
	}
}
