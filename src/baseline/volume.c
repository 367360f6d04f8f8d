/*
 * volume.c - bytes a window per link.
 *
 * Bytes are counted in buckets that grow by half, for working hours, nights
 * and weekends (UTC: the border does not matter, each learns its own) apart.
 * Two windows in a row with more than three times what 99.5 % stay below are
 * a finding.  What stays so for a day is learned.
 */
#include <inttypes.h>
#include <stdio.h>

#include "../base/reserve.h"
#include "places.h"

#define LINKS 65536u
#define CLASSES 3u
#define BUCKETS 64u
#define LEARN_SECONDS (14 * 86400)
#define CLASS_SECONDS 86400 /* between first and last: seen twice */
#define CLASS_WINDOWS 8u
#define TIMES 3u
#define FLOOR 65536u /* bytes: less is nothing to speak of */
#define STAYS_WINDOWS 24u
#define VERSION 1

struct volume {
	uint64_t bytes; /* in the current window */
	uint64_t limit; /* of it; UINT64_MAX while learning */
	uint64_t worst; /* for volumes_accept() */
	int64_t at, first, age;
	int64_t class_first[CLASSES]; /* age when first seen in it */
	uint32_t window;
	uint16_t n[CLASSES];
	uint8_t class_; /* of the current window */
	uint8_t over; /* windows in a row */
	bool begun, lost, told, busy, ready;
	uint8_t hist[CLASSES][BUCKETS];
};
_Static_assert(sizeof(struct volume) <= 320, "five cache lines");

struct volumes {
	struct places places;
	struct volume *volume;
	uint64_t edge[BUCKETS]; /* where each begins */
	struct estimator_config config;
	struct shadow shadow;
	uint32_t ready, saved_window;
};

struct volumes *
volumes_new(const struct estimator_config *config)
{
	struct volumes *v = reserve(sizeof(*v));
	uint32_t max = config->max != 0 ? config->max : LINKS;

	if (v == NULL)
		return NULL;
	v->config = *config;
	v->volume = reserve(((size_t)max + 1) * sizeof(*v->volume));
	for (uint32_t i = 1; i < BUCKETS; i++)
		v->edge[i] = i == 1 ? 64 : v->edge[i - 1] / 2 * 3;
	if (!places_open(&v->places, max) || v->volume == NULL) {
		volumes_free(v);
		return NULL;
	}
	return v;
}

void
volumes_free(struct volumes *v)
{
	if (v == NULL)
		return;
	release(v->volume, ((size_t)v->places.max + 1) * sizeof(*v->volume));
	places_close(&v->places);
	release(v, sizeof(*v));
}

uint32_t
volumes_entry(struct volumes *v, uint32_t client, uint32_t server,
    uint8_t proto)
{
	struct ident id = { .part = { client, server, proto } };
	bool is_new;

	return places_of(&v->places, &id, &is_new);
}

/* ----------------------------------------------------------------- learning */

static uint8_t
class_of(struct tick at)
{
	int64_t hours = at.ns / (3600 * TICK_SECOND);
	int64_t weekday = (hours / 24 + 3) % 7; /* 1970 began on a Thursday */

	if (weekday >= 5)
		return 2;
	return hours % 24 >= 6 && hours % 24 < 18 ? 0 : 1;
}

static int64_t
age_of(const struct volume *l)
{
	return l->age + (l->begun ? l->at - l->first : 0);
}

static uint32_t
bucket_of(const struct volumes *v, uint64_t bytes)
{
	uint32_t b = BUCKETS - 1;

	while (b > 0 && bytes < v->edge[b])
		b--;
	return b;
}

static void
learn(const struct volumes *v, struct volume *l, uint64_t bytes)
{
	uint8_t *hist = l->hist[l->class_];

	if (l->n[l->class_] == 0)
		l->class_first[l->class_] = age_of(l);
	if (l->n[l->class_] < UINT16_MAX)
		l->n[l->class_]++;
	if (++hist[bucket_of(v, bytes)] == UINT8_MAX)
		for (uint32_t i = 0; i < BUCKETS; i++)
			hist[i] /= 2;
}

/* What 99.5 % of its windows stay below. */
static uint64_t
usual_most(const struct volumes *v, const struct volume *l)
{
	const uint8_t *hist = l->hist[l->class_];
	uint32_t all = 0, below = 0;

	for (uint32_t b = 0; b < BUCKETS; b++)
		all += hist[b];
	for (uint32_t b = 0; b < BUCKETS - 1; b++) {
		below += hist[b];
		if (below * 1000u >= all * 995u)
			return v->edge[b + 1];
	}
	return v->edge[BUCKETS - 1];
}

static bool
is_ready(const struct volumes *v, const struct volume *l)
{
	uint32_t scale = v->config.learn_scale;
	uint8_t c = l->class_;

	return age_of(l) >= learn_span(LEARN_SECONDS, scale) &&
	    l->n[c] >= CLASS_WINDOWS &&
	    age_of(l) - l->class_first[c] >= learn_span(CLASS_SECONDS, scale);
}

static uint64_t
limit_of(const struct volumes *v, const struct volume *l)
{
	uint64_t most = TIMES * usual_most(v, l);

	return most > FLOOR ? most : FLOOR;
}

/* It is here to stay, at all times: usual from now on. */
static void
learn_level(const struct volumes *v, struct volume *l, uint64_t bytes)
{
	uint8_t now = l->class_;

	for (l->class_ = 0; l->class_ < CLASSES; l->class_++)
		for (uint32_t i = 0; i < CLASS_WINDOWS; i++)
			learn(v, l, bytes);
	l->class_ = now;
	l->over = 0;
	l->told = false;
}

/* ------------------------------------------------------------------ judging */

static void
end_window(struct volumes *v, struct volume *l, uint32_t next)
{
	bool over = l->bytes > l->limit;

	if (!over)
		l->told = false;
	if (over && l->over < UINT8_MAX)
		l->over++;
	else if (!over)
		l->over = 0;
	if (!l->lost && !over)
		learn(v, l, l->bytes);
	if (l->over > STAYS_WINDOWS)
		learn_level(v, l, l->bytes);
	if (next > l->window + 1)
		l->over = 0;
}

static void
new_window(struct volumes *v, struct volume *l, const struct moment *m)
{
	if (l->begun)
		end_window(v, l, m->window);
	else
		l->first = m->at.ns;
	l->begun = true;
	l->at = m->at.ns;
	l->window = m->window;
	l->bytes = 0;
	l->lost = false;
	l->class_ = class_of(m->at);
	if (!is_ready(v, l)) {
		l->limit = UINT64_MAX;
		return;
	}
	v->ready += !l->ready;
	l->ready = true;
	l->limit = limit_of(v, l);
}

static bool
too_many(struct volumes *v, uint32_t at, const struct moment *m,
    struct finding *ret)
{
	struct volume *l = &v->volume[at];
	const struct ident *id = &v->places.ident[at];
	char time[24];

	if (l->worst < l->bytes)
		l->worst = l->bytes;
	if (l->told || l->over == 0)
		return false;
	l->told = true;
	shadow_hit(&v->shadow);
	*ret = (struct finding){ .why = WHY_VOLUME,
		.client = id->part[0],
		.server = id->part[1],
		.proto = (uint8_t)id->part[2],
		.links = 1,
		.at = m->at,
		.value = (double)l->bytes,
		.most = (double)l->limit };
	(void)snprintf(ret->text, sizeof(ret->text),
	    "usually at most %" PRIu64 " bytes in %" PRIu32 " s, in %s",
	    usual_most(v, l), v->config.window_seconds,
	    span_words(l->age + (l->at - l->first), time));
	return true;
}

bool
volumes_seen(struct volumes *v, uint32_t entry, uint64_t bytes,
    const struct moment *m, struct finding *ret)
{
	struct volume *l = &v->volume[entry];

	if (entry == 0)
		return false;
	(void)shadow_clock(&v->shadow, m, v->ready > 0);
	if (!l->begun || l->window != m->window)
		new_window(v, l, m);
	l->bytes += bytes;
	l->lost = l->lost || m->lost;
	l->busy = true;
	return l->bytes > l->limit && too_many(v, entry, m, ret);
}

void
volumes_accept(struct volumes *v, uint32_t entry)
{
	struct volume *l = &v->volume[entry];

	if (entry == 0 || entry > v->places.n || !l->begun)
		return;
	learn_level(v, l, l->worst);
	l->worst = 0;
	l->busy = true;
	if (is_ready(v, l))
		l->limit = limit_of(v, l);
}

void
volumes_report(const struct volumes *v, struct estimator_report *ret)
{
	*ret = (struct estimator_report){ .entries = v->places.n,
		.ready = v->ready,
		.left_out = v->places.left_out };
	shadow_report(&v->shadow, v->config.window_seconds, ret);
}

/* ------------------------------------------------------------------- saving */

/* The window under way is not saved: it counts where it was begun. */
static bool
pack(void *ctx, uint32_t number, struct block *b)
{
	struct volumes *v = ctx;
	const struct volume *l = &v->volume[number];

	if (number == 0) {
		put_shadow(b, &v->shadow);
		return true;
	}
	if (!l->busy)
		return false;
	put_ident(b, &v->places.ident[number]);
	put_le(b, (uint64_t)age_of(l), 8);
	put_le(b, l->ready, 1);
	for (uint32_t c = 0; c < CLASSES; c++) {
		put_le(b, (uint64_t)l->class_first[c], 8);
		put_le(b, l->n[c], 2);
		for (uint32_t i = 0; i < BUCKETS; i++)
			put_le(b, l->hist[c][i], 1);
	}
	return true;
}

static void
saved(void *ctx, uint32_t number)
{
	struct volumes *v = ctx;

	v->volume[number].busy = false;
}

bool
volumes_save(struct volumes *v, const struct baseline_sink *sink, bool all)
{
	const struct saver s = { BLOCK_VOLUME, VERSION, v, pack, saved };

	if (!all && v->saved_window == v->shadow.window)
		return true;
	if (!save_places(&s, v->places.n, sink))
		return false;
	v->saved_window = v->shadow.window;
	return true;
}

static void
unpack(struct volume *l, struct rd *r)
{
	*l = (struct volume){ .age = (int64_t)rd_le64(r), .limit = UINT64_MAX };
	l->ready = rd_u8(r) != 0;
	for (uint32_t c = 0; c < CLASSES; c++) {
		l->class_first[c] = (int64_t)rd_le64(r);
		l->n[c] = rd_le16(r);
		for (uint32_t i = 0; i < BUCKETS; i++)
			l->hist[c][i] = rd_u8(r);
	}
}

bool
volumes_load(struct volumes *v, uint64_t id, struct span bytes)
{
	struct rd_state state;
	struct rd r;
	struct ident ident;
	struct volume l;

	if (!block_open(&r, &state, bytes, VERSION) || id > v->places.max)
		return false;
	if (id == 0) {
		rd_shadow(&r, &v->shadow);
		return block_done(&r);
	}
	ident = rd_ident(&r);
	unpack(&l, &r);
	if (!block_done(&r) || !places_put(&v->places, (uint32_t)id, &ident))
		return false;
	v->volume[id] = l;
	v->ready += l.ready;
	return true;
}
