/*
 * report_alerts_api.c - the report of alerts: how many of each kind, in one
 * pass over all of them, and those that are open.
 */
#include <stdlib.h>
#include <string.h>

#include "brief.h"
#include "handlers.h"
#include "tally.h"

#define TITLES 50u
#define SOURCES 50u
#define DAYS 90u

struct counts {
	struct tally severity, kind, source, day, engine, category, title;
};

/* A kind is a row of the catalogue and, of a person's rule, its title. */
static void
add_kind(struct counts *c, struct span slug, struct span title, uint64_t open)
{
	char text[256];
	int n = snprintf(text, sizeof(text), "%.*s\n%.*s", (int)slug.n, slug.p,
	    (int)title.n, title.p);

	if (n > 0)
		tally_add(&c->kind, span_text(text), 1, open);
}

static void
count(struct counts *c, struct reader *r)
{
	sqlite3_stmt *s = reader_ask(r,
	    "select severity, status <> 'closed', slug, title, "
	    "coalesce(source_ip, source_mac, ''), first / 86400000000000 from "
	    "alert");

	while (s != NULL && sqlite3_step(s) == SQLITE_ROW) {
		uint64_t open = (uint64_t)sqlite3_column_int64(s, 1);

		tally_add(&c->severity, list_text(s, 0), 1, open);
		add_kind(c, list_text(s, 2), list_text(s, 3), open);
		tally_add(&c->source, list_text(s, 4), 1, open);
		tally_add(&c->day, list_text(s, 5), 1, open);
	}
}

/* The kinds are few: what the catalogue says of each. */
static void
name_kinds(struct counts *c, struct reader *r)
{
	for (uint32_t i = 0; i < c->kind.n; i++) {
		struct span both = tally_text(&c->kind, i);
		const uint8_t *end = memchr(both.p, '\n', both.n);
		uint64_t sum = c->kind.of[i].sum, open = c->kind.of[i].part;
		uint32_t n = end != NULL ? (uint32_t)(end - both.p) : both.n;
		sqlite3_stmt *s = reader_ask(r,
		    "select coalesce((select engine from alert_kind where slug "
		    "= ?1), ''), coalesce((select category from alert_kind "
		    "where slug = ?1), ''), ?1 || char(10) || iif(?2 <> '', "
		    "?2, coalesce((select title from alert_kind where slug = "
		    "?1), ?1))");

		if (s == NULL)
			return;
		(void)sqlite3_bind_text(s, 1, (const char *)both.p, (int)n,
		    SQLITE_STATIC);
		(void)sqlite3_bind_text(s, 2,
		    n < both.n ? (const char *)both.p + n + 1 : "",
		    n < both.n ? (int)(both.n - n - 1) : 0, SQLITE_STATIC);
		if (sqlite3_step(s) != SQLITE_ROW)
			continue;
		tally_add(&c->engine, list_text(s, 0), sum, open);
		tally_add(&c->category, list_text(s, 1), sum, open);
		tally_add(&c->title, list_text(s, 2), sum, open);
	}
}

/* ----------------------------------------------------------------- telling */

static void
put_row(struct out *o, struct span name, const struct tally_row *r)
{
	json_span(o, "name", name);
	json_u64(o, "alerts", r->sum);
	json_u64(o, "open", r->part);
}

static void
put(struct out *o, const char *key, struct tally *t, uint32_t most)
{
	tally_sort(t);
	json_key(o, key);
	json_open(o, '[');
	for (uint32_t i = 0; i < t->n && i < most; i++) {
		json_item(o);
		json_open(o, '{');
		put_row(o, tally_text(t, i), &t->of[i]);
		json_close(o, '}');
	}
	json_close(o, ']');
}

/* "id\ntitle" each. */
static void
put_titles(struct out *o, struct tally *t)
{
	tally_sort(t);
	json_key(o, "titles");
	json_open(o, '[');
	for (uint32_t i = 0; i < t->n && i < TITLES; i++) {
		struct span both = tally_text(t, i);
		const uint8_t *end = memchr(both.p, '\n', both.n);
		uint32_t n = end != NULL ? (uint32_t)(end - both.p) : both.n;

		json_item(o);
		json_open(o, '{');
		put_row(o, n < both.n ? span_from(both, n + 1) : both,
		    &t->of[i]);
		json_span(o, "id", span_first(both, n));
		json_close(o, '}');
	}
	json_close(o, ']');
}

static int
latest_first(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return x[0] > y[0] ? -1 : x[0] < y[0];
}

static void
put_days(struct out *o, const struct tally *t)
{
	int64_t(*day)[2] = calloc((size_t)t->n + 1, sizeof(*day));
	char text[TIME_TEXT_MAX];

	json_key(o, "days");
	json_open(o, '[');
	for (uint32_t i = 0; day != NULL && i < t->n; i++) {
		struct span s = tally_text(t, i);
		char number[24];

		(void)snprintf(number, sizeof(number), "%.*s", (int)s.n, s.p);
		day[i][0] = strtoll(number, NULL, 10);
		day[i][1] = (int64_t)t->of[i].sum;
	}
	if (day != NULL && t->n > 0)
		qsort(day, t->n, sizeof(*day), latest_first);
	for (uint32_t i = 0; day != NULL && i < t->n && i < DAYS; i++) {
		(void)seconds_text(day[i][0] * 86400, text);
		text[10] = '\0'; /* the date of it */
		json_item(o);
		json_open(o, '{');
		json_text(o, "name", text);
		json_u64(o, "alerts", (uint64_t)day[i][1]);
		json_close(o, '}');
	}
	json_close(o, ']');
	free(day);
}

void
h_report_alerts(struct request *rq)
{
	struct counts c = { .severity = { .n = 0 } };
	struct out *o = rq->out;

	count(&c, rq->reader);
	name_kinds(&c, rq->reader);
	json_open(o, '{');
	json_time(o, "at", now_tick());
	put(o, "severities", &c.severity, UINT32_MAX);
	put(o, "engines", &c.engine, UINT32_MAX);
	put(o, "categories", &c.category, UINT32_MAX);
	put_titles(o, &c.title);
	put(o, "sources", &c.source, SOURCES);
	put_days(o, &c.day);
	put_rows(o, "items",
	    reader_ask(rq->reader,
		"select " ALERT_BRIEF ", engine, category, count from v_alert "
		"where number in (select number from alert where status <> "
		"'closed' order by last desc limit 1000) order by last_ns "
		"desc"));
	json_close(o, '}');
	tally_free(&c.severity);
	tally_free(&c.kind);
	tally_free(&c.source);
	tally_free(&c.day);
	tally_free(&c.engine);
	tally_free(&c.category);
	tally_free(&c.title);
}
