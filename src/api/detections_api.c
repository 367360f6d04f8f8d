/* detections_api.c - every alert there is, what was set about it, and how
 * often it was raised. */
#include <stdlib.h>
#include <string.h>

#include "handlers.h"

static const char *const by_hand[] = { "auto", "learning", "dynamic",
	"operational" };

static void
put_moment(struct out *o, const char *key, int64_t ns)
{
	if (ns > 0)
		json_time(o, key, (struct tick){ ns });
	else
		json_none(o, key);
}

static void
put_hits(struct out *o, struct request *rq, const char *slug)
{
	sqlite3_stmt *s = reader_ask(rq->reader,
	    "select count(*), coalesce(sum(status <> 'closed'), 0), "
	    "coalesce(max(last), 0) from alert where slug = ?1");
	int64_t n[3] = { 0 };

	if (s != NULL) {
		(void)sqlite3_bind_text(s, 1, slug, -1, SQLITE_STATIC);
		if (sqlite3_step(s) == SQLITE_ROW)
			for (int i = 0; i < 3; i++)
				n[i] = sqlite3_column_int64(s, i);
		(void)sqlite3_reset(s);
	}
	json_u64(o, "hits", (uint64_t)n[0]);
	json_u64(o, "open", (uint64_t)n[1]);
	put_moment(o, "last", n[2]);
}

static void
put_text(struct out *o, const char *key, const char *text)
{
	if (text != NULL)
		json_text(o, key, text);
	else
		json_none(o, key);
}

/* What the row is by itself; `s`: what was set. */
static void
put_row(struct out *o, const struct alert_row *r, const struct alert_setting *s,
    uint32_t i)
{
	char tier[2] = { r->tier, '\0' };

	json_text(o, "id", alert_slug(i));
	put_text(o, "ref", r->ref);
	put_text(o, "detector", r->detector);
	json_text(o, "title", r->title);
	json_text(o, "engine", engine_name(r->engine));
	json_text(o, "severity", severity_name(s->severity));
	json_text(o, "category", category_name(r->category));
	json_text(o, "tier", tier);
	json_bool(o, "learnable", r->learnable);
	json_bool(o, "aggregated", r->aggregated);
	json_bool(o, "on", s->on);
	json_text(o, "techniques", r->techniques);
	json_u64(o, "count", s->count);
	json_u64(o, "within", s->within);
	json_u64(o, "count_least", r->count_least);
	json_u64(o, "count_most", r->count_most);
	json_text(o, "unit", r->unit != NULL ? r->unit : "");
	json_text(o, "condition", r->when != NULL ? r->when : "");
	json_text(o, "meaning", r->meaning);
	json_text(o, "advice", r->advice);
}

static void
put_detection(struct out *o, struct request *rq, uint32_t i)
{
	const struct alert_row *r = &alert_rows[i];
	struct alert_setting s = { .on = !r->off,
		.severity = r->severity,
		.count = r->count,
		.within = r->within };

	(void)store_get_setting_of(rq->reader->db, (enum alert_id)i, &s);
	json_open(o, '{');
	put_row(o, r, &s, i);
	json_bool(o, "changed",
	    s.on == r->off || s.severity != r->severity ||
		s.count != r->count || s.by_hand != BY_HAND_NO);
	json_text(o, "mode", by_hand[s.by_hand]);
	put_moment(o, "until", s.until.ns);
	put_hits(o, rq, alert_slug(i));
	json_close(o, '}');
}

void
h_detections(struct request *rq)
{
	struct items *it = calloc(1, sizeof(*it));
	struct out *o;

	if (it != NULL && items_begin(it, rq)) {
		for (uint32_t i = 0; i < ALERT_COUNT; i++)
			if ((o = items_next(it)) != NULL) {
				put_detection(o, rq, i);
				items_end(it);
			}
		items_finish(it);
	}
	free(it);
}

void
h_detection(struct request *rq)
{
	uint32_t i = alert_find(rq->arg[0]);

	if (i == ALERT_COUNT)
		fail(rq, 404, "not-found", NULL, "No alert is called so.");
	else
		put_detection(rq->out, rq, i);
}
