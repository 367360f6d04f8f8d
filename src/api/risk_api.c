/*
 * risk_api.c - the risk assessment: what is held against each device
 * (risks.def), a score for it and for all, and what each step would gain.
 *
 * A device begins with 100 and loses the points of each rule that holds.  The
 * score of all is the mean, where important devices weigh three times and
 * industrial ones twice.
 */
#include <stdlib.h>
#include <string.h>

#include "brief.h"
#include "handlers.h"
#include "risk.h"

static const struct rule {
	const char *id;
	uint32_t points;
	const char *reason, *advice, *sql; /* NULL: what is said in talk */
	enum risk_talk talk;
} rules[] = {
#define RISK_RULE(id, points, reason, advice, sql) \
	{ id, points, reason, advice, sql, RISK_NO_TALK },
#define RISK_TALK(id, points, reason, advice, talk) \
	{ id, points, reason, advice, NULL, RISK_##talk },
#include "risks.def"
#undef RISK_TALK
#undef RISK_RULE
};
#define N_RULES (sizeof(rules) / sizeof(rules[0]))
_Static_assert(N_RULES <= RISKS_MOST, "a bit each");

struct device_risk *
risk_device(const struct assessment *a, int64_t id)
{
	uint32_t i = numbers_find(&a->numbers, id);

	return i != NUMBER_NONE ? &a->of[i] : NULL;
}

static bool
load(struct request *rq, struct assessment *a)
{
	int64_t n =
	    reader_number(rq->reader, "select count(*) from v_device", 0);
	sqlite3_stmt *s = reader_ask(rq->reader,
	    "select id, iif(important, 3, iif(ot, 2, 1)), ot from v_device "
	    "order by id");

	a->of = calloc((size_t)n + 1, sizeof(*a->of));
	while (s != NULL && a->of != NULL && a->n < n &&
	    sqlite3_step(s) == SQLITE_ROW) {
		a->of[a->n].id = sqlite3_column_int64(s, 0);
		a->of[a->n].ot = sqlite3_column_int(s, 2) != 0;
		a->of[a->n++].weight = (uint32_t)sqlite3_column_int(s, 1);
	}
	if (!numbers_begin(&a->numbers, a->n))
		return false;
	for (uint32_t i = 0; i < a->n; i++)
		numbers_put(&a->numbers, a->of[i].id, i);
	return s != NULL && a->of != NULL;
}

static void
hold(struct device_risk *d, uint32_t r, const char *text)
{
	if (d == NULL || (d->held >> r & 1u) != 0)
		return;
	d->held |= 1u << r;
	d->lost += rules[r].points;
	d->detail[r] = strdup(text);
}

static void
apply(struct request *rq, struct assessment *a, uint32_t r)
{
	sqlite3_stmt *s = reader_ask(rq->reader, rules[r].sql);

	while (s != NULL && sqlite3_step(s) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(s, 1);

		hold(risk_device(a, sqlite3_column_int64(s, 0)), r,
		    text != NULL ? text : "");
	}
}

static void
hold_talk(void *ctx, struct device_risk *d, enum risk_talk t, const char *text)
{
	(void)ctx;
	for (uint32_t r = 0; r < N_RULES; r++)
		if (rules[r].talk == t)
			hold(d, r, text);
}

static uint32_t
score_of(const struct device_risk *d, uint32_t without)
{
	uint32_t lost = d->lost;

	if (without < N_RULES && (d->held >> without & 1u) != 0)
		lost -= rules[without].points;
	return lost < 100 ? 100 - lost : 0;
}

static double
score_all(const struct assessment *a, uint32_t without)
{
	double sum = 0, weight = 0;

	for (uint32_t i = 0; i < a->n; i++) {
		uint32_t score = score_of(&a->of[i], without);

		sum += (double)score * a->of[i].weight;
		weight += a->of[i].weight;
	}
	return weight > 0 ? sum / weight : 100;
}

static void
put_real(struct out *o, const char *key, double v)
{
	json_key(o, key);
	out_real(o, (double)(int64_t)(v * 10 + 0.5) / 10);
}

static void
put_steps(struct out *o, const struct assessment *a)
{
	double now = score_all(a, N_RULES);

	json_key(o, "steps");
	json_open(o, '[');
	for (uint32_t r = 0; r < N_RULES; r++) {
		uint32_t n = 0;

		for (uint32_t i = 0; i < a->n; i++)
			n += a->of[i].held >> r & 1u;
		if (n == 0)
			continue;
		json_item(o);
		json_open(o, '{');
		json_text(o, "id", rules[r].id);
		json_text(o, "title", rules[r].reason);
		json_text(o, "text", rules[r].advice);
		put_real(o, "gain", score_all(a, r) - now);
		json_u64(o, "count", n);
		json_key(o, "devices");
		json_open(o, '[');
		for (uint32_t i = 0; i < a->n; i++)
			if ((a->of[i].held >> r & 1u) != 0) {
				json_item(o);
				out_i64(o, a->of[i].id);
			}
		json_close(o, ']');
		json_close(o, '}');
	}
	json_close(o, ']');
}

/* `s`: the devices by number, at this one or before it. */
static void
put_device(struct out *o, sqlite3_stmt *s, const struct device_risk *d)
{
	bool there = false;

	while (s != NULL && !there && sqlite3_step(s) == SQLITE_ROW)
		there = sqlite3_column_int64(s, 4) == d->id;
	json_open(o, '{');
	json_u64(o, "id", (uint64_t)d->id);
	if (there) {
		for (int i = 0; i < 3; i++)
			put_column(o, s, i);
		json_bool(o, "important", sqlite3_column_int(s, 3) != 0);
	}
	json_u64(o, "score", score_of(d, N_RULES));
	json_key(o, "reasons");
	json_open(o, '[');
	for (uint32_t r = 0; r < N_RULES; r++) {
		if ((d->held >> r & 1u) == 0)
			continue;
		json_item(o);
		json_open(o, '{');
		json_text(o, "id", rules[r].id);
		json_text(o, "text", rules[r].reason);
		json_text(o, "detail",
		    d->detail[r] != NULL ? d->detail[r] : "");
		json_u64(o, "points", rules[r].points);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_close(o, '}');
}

static void
end(struct assessment *a)
{
	for (uint32_t i = 0; a->of != NULL && i < a->n; i++)
		for (uint32_t r = 0; r < N_RULES; r++)
			free(a->of[i].detail[r]);
	free(a->of);
	numbers_free(&a->numbers);
}

static void
put_risk(struct request *rq)
{
	struct assessment a = { .n = 0 };
	struct out *o = rq->out;
	sqlite3_stmt *s;
	double score;

	if (!load(rq, &a)) {
		fail_store(rq, "the devices cannot be read");
		end(&a);
		return;
	}
	for (uint32_t r = 0; r < N_RULES; r++)
		if (rules[r].sql != NULL)
			apply(rq, &a, r);
	risk_talk(rq->reader, &a, hold_talk, NULL);
	score = score_all(&a, N_RULES);
	json_open(o, '{');
	json_time(o, "at", now_tick());
	put_real(o, "score", score);
	json_text(o, "verdict",
	    score >= 90       ? "secure"
		: score >= 70 ? "needs improvement"
			      : "vulnerable");
	put_steps(o, &a);
	json_key(o, "devices");
	json_open(o, '[');
	s = reader_ask(rq->reader,
	    "select name, addresses, role, important, id from v_device order "
	    "by id");
	for (uint32_t i = 0; i < a.n; i++) {
		json_item(o);
		put_device(o, s, &a.of[i]);
	}
	json_close(o, ']');
	json_close(o, '}');
	end(&a);
}

void
h_report_risk(struct request *rq)
{
	kept_put(rq, KEPT_RISK, put_risk);
}

/* --------------------------------------------------------------- inventory */

void
h_report_inventory(struct request *rq)
{
	static const struct {
		const char *key, *sql;
	} parts[] = {
		{ "roles",
		    "select role as name, count(*) as devices from "
		    "v_device group by 1 order by 2 desc" },
		{ "vendors",
		    "select iif(vendor = '', 'not known', vendor) as "
		    "name, count(*) as devices from v_device group by 1 "
		    "order by 2 desc" },
		{ "levels",
		    "select coalesce(purdue, 'not known') as name, "
		    "count(*) as devices from v_device group by 1 order "
		    "by 1" },
		{ "systems",
		    "select iif(os = '', 'not known', os) as name, "
		    "count(*) as devices from v_device group by 1 order "
		    "by 2 desc" },
		{ "firmware",
		    "select vendor, model, firmware, count(*) as "
		    "devices from v_device where firmware <> '' group "
		    "by 1, 2, 3 order by 4 desc" },
	};

	json_open(rq->out, '{');
	json_time(rq->out, "at", now_tick());
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		put_rows(rq->out, parts[i].key,
		    reader_ask(rq->reader, parts[i].sql));
	put_rows(rq->out, "items",
	    reader_ask(rq->reader,
		"select id, name, addresses, role, purdue, vendor, model, "
		"firmware, serial, os, authorized, important, first, last from "
		"v_device order by ot desc, id limit 20000"));
	json_close(rq->out, '}');
}
