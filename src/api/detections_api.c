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

/* How often each was raised. */
struct hits {
	int64_t n, open, last;
};

static struct hits *
count_hits(struct request *rq)
{
	struct hits *h = calloc(ALERT_COUNT, sizeof(*h));
	sqlite3_stmt *s = reader_ask(rq->reader,
	    "select slug, count(*), sum(status <> 'closed'), max(last) from "
	    "alert group by slug");

	while (h != NULL && s != NULL && sqlite3_step(s) == SQLITE_ROW) {
		uint32_t i =
		    alert_find((const char *)sqlite3_column_text(s, 0));

		if (i < ALERT_COUNT)
			h[i] = (struct hits){ sqlite3_column_int64(s, 1),
				sqlite3_column_int64(s, 2),
				sqlite3_column_int64(s, 3) };
	}
	return h;
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
put_detection(struct out *o, struct request *rq, const struct hits *h,
    uint32_t i)
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
	json_u64(o, "hits", (uint64_t)h[i].n);
	json_u64(o, "open", (uint64_t)h[i].open);
	put_moment(o, "last", h[i].last);
	json_close(o, '}');
}

void
h_detections(struct request *rq)
{
	struct items *it = calloc(1, sizeof(*it));
	struct hits *h = count_hits(rq);
	struct out *o;

	if (it != NULL && h != NULL && items_begin(it, rq)) {
		for (uint32_t i = 0; i < ALERT_COUNT; i++)
			if ((o = items_next(it)) != NULL) {
				put_detection(o, rq, h, i);
				items_end(it);
			}
		items_finish(it);
	}
	free(h);
	free(it);
}

void
h_detection(struct request *rq)
{
	uint32_t i = alert_find(rq->arg[0]);
	struct hits *h = count_hits(rq);

	if (i == ALERT_COUNT)
		fail(rq, 404, "not-found", NULL, "No alert is called so.");
	else if (h != NULL)
		put_detection(rq->out, rq, h, i);
	free(h);
}
