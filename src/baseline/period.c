/*
 * period.c - the rhythm of messages: how often, how regular, since when.
 *
 * Per function, and per link as a whole, intervals are counted in buckets
 * that grow by a third from one millisecond to a day.  A rhythm is judged
 * after three days and 200 intervals.  No single interval is ever a finding:
 *
 *	too fast	in two of three minutes more than half again the most
 *			of any minute learned, and five
 *	new cycle	for half an hour three of four intervals lie two
 *			buckets or more from the usual one
 *	silence		see silence.c
 *
 * What stays as new as that for as long as learning took is learned.
 */
#include "period.h"
#include "../base/reserve.h"

#define RHYTHMS 65536u
#define VERSION 1

/* ------------------------------------------------------------- birth, death */

static void
make_buckets(struct periods *p)
{
	p->edge[0] = 0;
	p->edge[1] = TICK_SECOND / 1000;
	for (uint32_t i = 2; i <= BUCKETS; i++)
		p->edge[i] = p->edge[i - 1] / 100 * 133;
	for (uint32_t bit = 0; bit < 64; bit++) {
		uint8_t b = 0;

		while (bit < 63 && b < BUCKETS - 1 &&
		    p->edge[b + 1] <= INT64_C(1) << bit)
			b++;
		p->first_of[bit] = b;
	}
}

struct periods *
periods_new(const struct estimator_config *config)
{
	struct periods *p = reserve(sizeof(*p));
	uint32_t max = config->max != 0 ? config->max : RHYTHMS;
	size_t n = (size_t)max + 1;

	if (p == NULL)
		return NULL;
	p->config = *config;
	p->lost_at = NEVER;
	p->next_look = p->clock = p->soonest = NEVER;
	p->rhythm = reserve(n * sizeof(*p->rhythm));
	p->due = reserve(n * sizeof(*p->due));
	make_buckets(p);
	if (!places_open(&p->places, max) || p->rhythm == NULL ||
	    p->due == NULL) {
		periods_free(p);
		return NULL;
	}
	return p;
}

void
periods_free(struct periods *p)
{
	size_t n;

	if (p == NULL)
		return;
	n = (size_t)p->places.max + 1;
	release(p->rhythm, n * sizeof(*p->rhythm));
	release(p->due, n * sizeof(*p->due));
	places_close(&p->places);
	release(p, sizeof(*p));
}

/* ------------------------------------------------------------------ entries */

static struct ident
ident_of(uint32_t client, uint32_t server, uint8_t proto, uint32_t op,
    bool from_server)
{
	return (
	    struct ident){ .part = { client, server, proto, op, from_server } };
}

static uint32_t
rhythm_of(struct periods *p, const struct ident *id)
{
	bool is_new;
	uint32_t at = places_of(&p->places, id, &is_new);

	if (!is_new)
		return at;
	p->due[at] = LATER;
	p->rhythm[at] = (struct rhythm){ .last = NEVER,
		.first = NEVER,
		.limit = UINT32_MAX,
		.proto = (uint8_t)id->part[2],
		.floor = silence_floor((uint8_t)id->part[2]) };
	return at;
}

static uint32_t
link_of(struct periods *p, const struct ident *function)
{
	struct ident id = *function;
	uint32_t link, peer;

	id.part[3] = PERIOD_LINK;
	link = rhythm_of(p, &id);
	id.part[4] = id.part[4] == 0;
	peer = rhythm_of(p, &id);
	if (link != 0 && peer != 0) {
		p->rhythm[link].peer = peer;
		p->rhythm[peer].peer = link;
	}
	return link;
}

uint32_t
periods_entry(struct periods *p, uint32_t client, uint32_t server,
    uint8_t proto, uint32_t op, bool from_server)
{
	struct ident id = ident_of(client, server, proto, op, from_server);
	uint32_t link = link_of(p, &id);
	uint32_t at = op != PERIOD_LINK ? rhythm_of(p, &id) : link;

	if (at != 0 && at != link)
		p->rhythm[at].link = link;
	return at;
}

/* ------------------------------------------------------------ the messages */

static void
new_window(struct periods *p, uint32_t at, uint32_t window)
{
	struct rhythm *r = &p->rhythm[at];

	r->window = window;
	r->windows++;
	rhythm_judge(p, at);
}

static bool
rhythm_seen(struct periods *p, uint32_t at, int64_t live,
    const struct moment *m, struct finding *ret)
{
	struct rhythm *r = &p->rhythm[at];
	int64_t gap = r->last != NEVER ? live - r->last : 0;
	bool found = false;

	if (r->last == NEVER) {
		r->minute = p->minute;
		if (r->first == NEVER)
			r->first = live;
	} else if (!m->lost && r->last > p->lost_at) {
		rhythm_count(r, rhythm_bucket(p, gap));
		if (gap > r->longest &&
		    !rhythm_has(r, RHYTHM_LATE | RHYTHM_SILENT))
			r->longest = gap;
	}
	if ((r->flags & (RHYTHM_LATE | RHYTHM_SILENT)) != 0)
		silence_ended(p, at, live);
	r->last = live;
	r->flags |= RHYTHM_BUSY;
	if (r->minute != p->minute)
		found = rhythm_minute(p, at, m, ret);
	if (++r->in_minute > r->limit && !found)
		found = rhythm_fast(p, at, m, ret);
	if (r->window != m->window)
		new_window(p, at, m->window);
	return found;
}

void
periods_ahead(const struct periods *p, uint32_t entry)
{
	__builtin_prefetch(&p->rhythm[entry], 1);
}

void
periods_soon(const struct periods *p, uint32_t entry)
{
	__builtin_prefetch(&p->rhythm[p->rhythm[entry].link], 1);
}

bool
periods_seen(struct periods *p, uint32_t entry, const struct moment *m,
    struct finding *ret)
{
	int64_t live = m->at.ns - p->dead;
	uint32_t link;
	bool found;

	if (entry == 0)
		return false;
	if (live >= p->next_look || m->window != p->shadow.window) {
		silence_clock(p, m);
		live = m->at.ns - p->dead;
	}
	if (live < p->clock)
		live = p->clock;
	p->clock = live;
	link = p->rhythm[entry].link;
	found = rhythm_seen(p, entry, live, m, ret);
	if (link != 0 && rhythm_seen(p, link, live, m, found ? &p->spare : ret))
		found = true;
	if (found)
		shadow_hit(&p->shadow);
	return found;
}

void
periods_accept(struct periods *p, uint32_t entry)
{
	struct rhythm *r = &p->rhythm[entry];

	if (entry == 0 || entry > p->places.n)
		return;
	if (r->longest < r->worst_gap)
		r->longest = r->worst_gap;
	r->worst_gap = 0;
	rhythm_learn_speed(r);
	if (rhythm_has(r, RHYTHM_STRAYED))
		rhythm_learn_cycle(r);
	r->flags |= RHYTHM_BUSY;
}

void
periods_each(const struct periods *p,
    void (*got)(void *ctx, const struct cycle *), void *ctx)
{
	for (uint32_t i = 1; i <= p->places.n; i++) {
		const uint32_t *part = p->places.ident[i].part;
		struct cycle c = { .client = part[0],
			.server = part[1],
			.proto = (uint8_t)part[2],
			.op = part[3] };

		if (!p->places.taken[i] || part[3] == PERIOD_LINK ||
		    part[4] != 0)
			continue;
		c.ns = rhythm_cycle(p, &p->rhythm[i]);
		if (c.ns > 0)
			got(ctx, &c);
	}
}

void
periods_report(const struct periods *p, struct estimator_report *ret)
{
	*ret = (struct estimator_report){ .entries = p->places.n,
		.ready = p->ready,
		.left_out = p->places.left_out };
	for (uint32_t i = 1; i <= p->places.n; i++) {
		const struct rhythm *r = &p->rhythm[i];

		if (rhythm_has(r, RHYTHM_READY) &&
		    !rhythm_has(r, RHYTHM_STEADY | RHYTHM_PERIODIC))
			ret->excluded++;
	}
	shadow_report(&p->shadow, p->config.window_seconds, ret);
}

/* ------------------------------------------------------------------- saving */

static bool
pack(void *ctx, uint32_t number, struct block *b)
{
	struct periods *p = ctx;
	struct rhythm *r = &p->rhythm[number];

	if (number == 0) {
		put_shadow(b, &p->shadow);
		return true;
	}
	rhythm_settle(r);
	if (!rhythm_has(r, RHYTHM_BUSY))
		return false;
	put_ident(b, &p->places.ident[number]);
	put_le(b, (uint64_t)rhythm_age(r), 8);
	put_le(b, (uint64_t)r->longest, 8);
	put_le(b, r->n, 4);
	put_le(b, r->most > r->in_minute ? r->most : r->in_minute, 4);
	put_le(b, r->windows, 4);
	put_le(b, r->window, 4);
	put_le(b, r->mode, 1);
	for (uint32_t i = 0; i < BUCKETS; i++)
		put_le(b, r->hist[i], 2);
	return true;
}

static void
saved(void *ctx, uint32_t number)
{
	struct periods *p = ctx;

	p->rhythm[number].flags &= (uint8_t)~RHYTHM_BUSY;
}

bool
periods_save(struct periods *p, const struct baseline_sink *sink, bool all)
{
	const struct saver s = { BLOCK_PERIOD, VERSION, p, pack, saved };

	if (!all && p->saved_window == p->shadow.window)
		return true;
	if (!save_places(&s, p->places.n, sink))
		return false;
	p->saved_window = p->shadow.window;
	return true;
}

/* The time until it is seen again is not learned. */
static void
unpack(struct periods *p, uint32_t number, struct rd *r)
{
	struct rhythm *to = &p->rhythm[number];

	to->age = (int64_t)rd_le64(r);
	to->longest = (int64_t)rd_le64(r);
	to->n = rd_le32(r);
	to->most = rd_le32(r);
	to->windows = rd_le32(r);
	to->window = rd_le32(r);
	to->mode = rd_u8(r) % BUCKETS;
	for (uint32_t i = 0; i < BUCKETS; i++)
		to->hist[i] = rd_le16(r);
}

bool
periods_load(struct periods *p, uint64_t id, struct span bytes)
{
	struct rd_state state;
	struct rd r;
	struct ident ident;

	if (!block_open(&r, &state, bytes, VERSION) || id > p->places.max)
		return false;
	if (id == 0) {
		rd_shadow(&r, &p->shadow);
		return block_done(&r);
	}
	ident = rd_ident(&r);
	if (!rd_ok(&r) || !places_put(&p->places, (uint32_t)id, &ident))
		return false;
	p->rhythm[id] = (struct rhythm){ .last = NEVER,
		.first = NEVER,
		.limit = UINT32_MAX,
		.proto = (uint8_t)ident.part[2],
		.floor = silence_floor((uint8_t)ident.part[2]) };
	p->due[id] = LATER;
	unpack(p, (uint32_t)id, &r);
	rhythm_judge(p, (uint32_t)id);
	return block_done(&r);
}
