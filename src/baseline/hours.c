/*
 * hours.c - at what hours people work.
 *
 * Per client and kind of work, on how many weekdays and weekend days it was
 * seen in each hour.  Where it never was in n hours observed, the chance that
 * it will be is 1 / (2 + n) (the mean of a beta distribution); under 2 % that
 * is outside the usual hours.  Taken together are the hours one before and
 * after on weekdays, three on weekends, of which there are fewer.  Judged
 * after 28 days, and for those who were active on five.
 *
 * Hours are UTC.  Scaled learning makes the days shorter.
 */
#include <stdio.h>

#include "../base/reserve.h"
#include "places.h"

#define WORKERS 16384u
#define LEARN_DAYS 28u
#define ACTIVE_DAYS 5u
#define SELDOM 0.02
#define DAYS_KEPT 200u /* older ones count half */
#define VERSION 1

enum day_kind {
	WEEKDAY,
	WEEKEND,
	DAY_KINDS
};

struct worker {
	uint32_t day; /* the current one */
	uint32_t now; /* bit per hour: seen today */
	uint32_t born[DAY_KINDS]; /* days observed when it was first seen */
	uint16_t active; /* days, saturating */
	bool begun, busy, ready;
	uint8_t days[DAY_KINDS][24];
};

struct hours {
	struct places places;
	struct worker *worker;
	struct estimator_config config;
	struct shadow shadow;
	uint32_t day;
	uint32_t observed[DAY_KINDS]; /* days, this one not */
	bool begun;
	uint32_t ready, saved_window;
};

struct hours *
hours_new(const struct estimator_config *config)
{
	struct hours *h = reserve(sizeof(*h));
	uint32_t max = config->max != 0 ? config->max : WORKERS;

	if (h == NULL)
		return NULL;
	h->config = *config;
	h->worker = reserve(((size_t)max + 1) * sizeof(*h->worker));
	if (!places_open(&h->places, max) || h->worker == NULL) {
		hours_free(h);
		return NULL;
	}
	return h;
}

void
hours_free(struct hours *h)
{
	if (h == NULL)
		return;
	release(h->worker, ((size_t)h->places.max + 1) * sizeof(*h->worker));
	places_close(&h->places);
	release(h, sizeof(*h));
}

uint32_t
hours_entry(struct hours *h, uint32_t client, uint32_t class_)
{
	struct ident id = { .part = { client, class_ } };
	bool is_new;
	uint32_t at = places_of(&h->places, &id, &is_new);

	if (is_new)
		memcpy(h->worker[at].born, h->observed, sizeof(h->observed));
	return at;
}

/* ----------------------------------------------------------------- learning */

static int64_t
hour_number(const struct hours *h, struct tick at)
{
	int64_t hour = learn_span(3600, h->config.learn_scale);

	return at.ns / (hour > 0 ? hour : 1);
}

static enum day_kind
kind_of(uint32_t day)
{
	/* 1970 began on a Thursday */
	return (day + 3) % 7 >= 5 ? WEEKEND : WEEKDAY;
}

/* The hours of the day that is over. */
static void
fold_day(struct worker *w)
{
	uint8_t *days = w->days[kind_of(w->day)];

	for (unsigned i = 0; i < 24; i++)
		if ((w->now >> i & 1) != 0 && days[i] < UINT8_MAX)
			days[i]++;
	if (w->now != 0 && w->active < UINT16_MAX)
		w->active++;
	w->now = 0;
}

/* Old days count half. */
static void
fade(const struct hours *h, struct worker *w, enum day_kind kind)
{
	uint32_t n = h->observed[kind] - w->born[kind];

	if (n < DAYS_KEPT)
		return;
	w->born[kind] = h->observed[kind] - n / 2;
	for (unsigned i = 0; i < 24; i++)
		w->days[kind][i] /= 2;
}

static uint32_t
observed(const struct hours *h, const struct worker *w, enum day_kind kind)
{
	return h->observed[kind] - w->born[kind];
}

static void
new_day(struct hours *h, struct worker *w, uint32_t day)
{
	if (w->begun)
		fold_day(w);
	w->begun = true;
	w->day = day;
	fade(h, w, WEEKDAY);
	fade(h, w, WEEKEND);
	if (w->ready || w->active < ACTIVE_DAYS ||
	    observed(h, w, WEEKDAY) + observed(h, w, WEEKEND) < LEARN_DAYS)
		return;
	w->ready = true;
	h->ready++;
}

/* ------------------------------------------------------------------ judging */

/* The chance to be active around that hour, where one never was. */
static double
chance_of(const struct hours *h, const struct worker *w, enum day_kind kind,
    unsigned hour)
{
	unsigned around = kind == WEEKDAY ? 1 : 3;
	unsigned width = 2 * around + 1;
	uint32_t active = 0;

	for (unsigned i = 0; i < width; i++)
		active += w->days[kind][(hour + 24 - around + i) % 24];
	if (active > 0)
		return 1;
	return 1.0 / (2.0 + width * observed(h, w, kind));
}

static bool
unusual(struct hours *h, uint32_t at, unsigned hour, const struct moment *m,
    struct finding *ret)
{
	const struct worker *w = &h->worker[at];
	enum day_kind kind = kind_of(w->day);
	double chance = chance_of(h, w, kind, hour);

	if (chance >= SELDOM)
		return false;
	shadow_hit(&h->shadow);
	*ret = (struct finding){ .why = WHY_HOUR,
		.client = h->places.ident[at].part[0],
		.op = h->places.ident[at].part[1],
		.links = 1,
		.at = m->at,
		.value = hour,
		.least = 0,
		.most = chance };
	(void)snprintf(ret->text, sizeof(ret->text),
	    "active on %u days; on %u %s, on %u in the hour from %02u:00 UTC",
	    w->active, observed(h, w, kind),
	    kind == WEEKDAY ? "weekdays" : "weekend days", w->days[kind][hour],
	    hour);
	return true;
}

void
hours_clock(struct hours *h, const struct moment *m)
{
	uint32_t day = (uint32_t)(hour_number(h, m->at) / 24);

	(void)shadow_clock(&h->shadow, m, h->ready > 0);
	if (!h->begun)
		h->day = day;
	h->begun = true;
	if (day <= h->day)
		return;
	h->observed[kind_of(h->day)]++;
	h->day = day;
}

bool
hours_seen(struct hours *h, uint32_t entry, const struct moment *m,
    struct finding *ret)
{
	struct worker *w = &h->worker[entry];
	unsigned hour = (unsigned)(hour_number(h, m->at) % 24);
	bool first;

	if (entry == 0)
		return false;
	hours_clock(h, m);
	if (!w->begun || w->day != h->day)
		new_day(h, w, h->day);
	first = (w->now >> hour & 1) == 0;
	w->now |= 1u << hour;
	w->busy = true;
	return first && w->ready && unusual(h, entry, hour, m, ret);
}

void
hours_report(const struct hours *h, struct estimator_report *ret)
{
	*ret = (struct estimator_report){ .entries = h->places.n,
		.ready = h->ready,
		.left_out = h->places.left_out };
	shadow_report(&h->shadow, h->config.window_seconds, ret);
}

/* ------------------------------------------------------------------- saving */

static bool
pack(void *ctx, uint32_t number, struct block *b)
{
	struct hours *h = ctx;
	const struct worker *w = &h->worker[number];

	if (number == 0) {
		put_shadow(b, &h->shadow);
		put_le(b, h->day, 4);
		put_le(b, h->observed[WEEKDAY], 4);
		put_le(b, h->observed[WEEKEND], 4);
		return true;
	}
	if (!w->busy)
		return false;
	put_ident(b, &h->places.ident[number]);
	put_le(b, w->day, 4);
	put_le(b, w->now, 4);
	put_le(b, w->active, 2);
	put_le(b, w->ready, 1);
	for (unsigned k = 0; k < DAY_KINDS; k++) {
		put_le(b, w->born[k], 4);
		for (unsigned i = 0; i < 24; i++)
			put_le(b, w->days[k][i], 1);
	}
	return true;
}

static void
saved(void *ctx, uint32_t number)
{
	struct hours *h = ctx;

	h->worker[number].busy = false;
}

bool
hours_save(struct hours *h, const struct baseline_sink *sink, bool all)
{
	const struct saver s = { BLOCK_HOURS, VERSION, h, pack, saved };

	if (!all && h->saved_window == h->shadow.window)
		return true;
	if (!save_places(&s, h->places.n, sink))
		return false;
	h->saved_window = h->shadow.window;
	return true;
}

static void
unpack(struct worker *w, struct rd *r)
{
	*w = (struct worker){ .begun = true };
	w->day = rd_le32(r);
	w->now = rd_le32(r);
	w->active = rd_le16(r);
	w->ready = rd_u8(r) != 0;
	for (unsigned k = 0; k < DAY_KINDS; k++) {
		w->born[k] = rd_le32(r);
		for (unsigned i = 0; i < 24; i++)
			w->days[k][i] = rd_u8(r);
	}
}

static bool
load_table(struct hours *h, struct rd *r)
{
	rd_shadow(r, &h->shadow);
	h->day = rd_le32(r);
	h->observed[WEEKDAY] = rd_le32(r);
	h->observed[WEEKEND] = rd_le32(r);
	h->begun = true;
	return block_done(r);
}

bool
hours_load(struct hours *h, uint64_t id, struct span bytes)
{
	struct rd_state state;
	struct rd r;
	struct ident ident;
	struct worker w;

	if (!block_open(&r, &state, bytes, VERSION) || id > h->places.max)
		return false;
	if (id == 0)
		return load_table(h, &r);
	ident = rd_ident(&r);
	unpack(&w, &r);
	if (!block_done(&r) || !places_put(&h->places, (uint32_t)id, &ident))
		return false;
	h->worker[id] = w;
	h->ready += w.ready;
	return true;
}
