/* traffic.c - see traffic.h. */
#include "traffic.h"

#include <stdlib.h>
#include <string.h>

#include "../asset/asset.h"
#include "../base/reserve.h"
#include "../proto/proto.h"

#define WAITING 8192u /* rows, before they should be written */
/* Most rows of the three spans that end with one minute. */
#define ENDING (3 * (1 + TRAFFIC_PORTS + PROTO_MAX + TRAFFIC_DEVICES + 1))
#define ROWS (WAITING + 2 * ENDING)

struct sum {
	uint64_t packets, bytes;
};

struct tally {
	int64_t begin; /* ns */
	bool begun;
	struct sum all, port[TRAFFIC_PORTS], proto[PROTO_MAX];
	struct sum *asset; /* by number; 0: all that have none */
	uint32_t *touched; /* assets that are not zero */
	uint32_t n_touched;
};

static const uint32_t span_seconds[] = { 60, 3600, 86400 };
#define SPANS (sizeof(span_seconds) / sizeof(span_seconds[0]))

struct traffic {
	struct tally tally[SPANS];
	uint32_t assets_max;
	uint32_t n;
	struct traffic_row row[ROWS];
};

static size_t
sums_size(const struct traffic *t)
{
	return ((size_t)t->assets_max + 1) * sizeof(struct sum);
}

static size_t
touched_size(const struct traffic *t)
{
	return ((size_t)t->assets_max + 1) * sizeof(uint32_t);
}

struct traffic *
traffic_new(uint32_t assets_max)
{
	struct traffic *t = calloc(1, sizeof(*t));
	bool ok = t != NULL;

	if (!ok)
		return NULL;
	t->assets_max = assets_max;
	for (size_t i = 0; i < SPANS; i++) {
		t->tally[i].asset = reserve(sums_size(t));
		t->tally[i].touched = reserve(touched_size(t));
		ok = ok && t->tally[i].asset != NULL &&
		    t->tally[i].touched != NULL;
	}
	if (ok)
		return t;
	traffic_free(t);
	return NULL;
}

void
traffic_free(struct traffic *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < SPANS; i++) {
		release(t->tally[i].asset, sums_size(t));
		release(t->tally[i].touched, touched_size(t));
	}
	free(t);
}

static void
add(struct sum *to, const struct sum *s)
{
	to->packets += s->packets;
	to->bytes += s->bytes;
}

static void
add_asset(struct tally *t, uint32_t asset, const struct sum *s)
{
	if (t->asset[asset].packets == 0)
		t->touched[t->n_touched++] = asset;
	add(&t->asset[asset], s);
}

/* -------------------------------------------------------------------- rows */

/* There is room, unless the store has none for a long time: then it has said
 * so, and what comes is not kept. */
static void
put(struct traffic *t, size_t span, enum traffic_of of, uint32_t key,
    const struct sum *s)
{
	if (s->packets == 0 || t->n == ROWS)
		return;
	t->row[t->n++] = (struct traffic_row){ .begin = t->tally[span].begin,
		.seconds = span_seconds[span],
		.of = of,
		.key = key,
		.packets = s->packets,
		.bytes = s->bytes };
}

/* Most bytes first; of as many, the lower number. */
static int
by_bytes(const void *a, const void *b, void *sums)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	const struct sum *s = sums;

	if (s[x].bytes != s[y].bytes)
		return s[x].bytes > s[y].bytes ? -1 : 1;
	return x < y ? -1 : x > y;
}

static void
put_assets(struct traffic *t, size_t span)
{
	struct tally *l = &t->tally[span];
	struct sum rest = l->asset[ASSET_NONE];
	uint32_t n = 0;

	if (l->n_touched > TRAFFIC_DEVICES)
		qsort_r(l->touched, l->n_touched, sizeof(l->touched[0]),
		    by_bytes, l->asset);
	for (uint32_t i = 0; i < l->n_touched; i++) {
		uint32_t asset = l->touched[i];

		if (asset == ASSET_NONE)
			continue;
		if (n++ < TRAFFIC_DEVICES)
			put(t, span, TRAFFIC_DEVICE, asset, &l->asset[asset]);
		else
			add(&rest, &l->asset[asset]);
	}
	put(t, span, TRAFFIC_DEVICE, ASSET_NONE, &rest);
}

static void
put_tally(struct traffic *t, size_t span)
{
	struct tally *l = &t->tally[span];

	put(t, span, TRAFFIC_ALL, 0, &l->all);
	for (uint32_t i = 0; i < TRAFFIC_PORTS; i++)
		put(t, span, TRAFFIC_PORT, i, &l->port[i]);
	for (uint32_t i = 0; i < n_protos; i++)
		put(t, span, TRAFFIC_PROTOCOL, i, &l->proto[i]);
	put_assets(t, span);
}

/* ------------------------------------------------------------------- spans */

static void
clear(struct tally *l)
{
	for (uint32_t i = 0; i < l->n_touched; i++)
		l->asset[l->touched[i]] = (struct sum){ 0 };
	l->n_touched = 0;
	l->all = (struct sum){ 0 };
	memset(l->port, 0, sizeof(l->port));
	memset(l->proto, 0, sizeof(l->proto));
}

static void
add_tally(struct tally *to, const struct tally *from)
{
	add(&to->all, &from->all);
	for (uint32_t i = 0; i < TRAFFIC_PORTS; i++)
		add(&to->port[i], &from->port[i]);
	for (uint32_t i = 0; i < n_protos; i++)
		add(&to->proto[i], &from->proto[i]);
	for (uint32_t i = 0; i < from->n_touched; i++)
		add_asset(to, from->touched[i], &from->asset[from->touched[i]]);
}

static int64_t
begin_of(struct tick at, size_t span)
{
	const int64_t ns = span_seconds[span] * TICK_SECOND;
	int64_t over = at.ns % ns;

	return at.ns - (over < 0 ? over + ns : over);
}

/* Rows of what was counted, and on to the next longer span. */
static void
close_span(struct traffic *t, size_t span)
{
	struct tally *l = &t->tally[span];

	if (l->all.packets == 0)
		return;
	put_tally(t, span);
	if (span + 1 < SPANS) {
		struct tally *next = &t->tally[span + 1];
		int64_t begin = begin_of((struct tick){ l->begin }, span + 1);

		if (next->begin != begin)
			close_span(t, span + 1);
		next->begin = begin;
		add_tally(next, l);
	}
	clear(l);
}

static void
end_minute(struct traffic *t)
{
	close_span(t, 0);
	t->tally[0].begun = false;
}

void
traffic_clock(struct traffic *t, struct tick now)
{
	const struct tally *l = &t->tally[0];

	if (l->begun && now.ns >= l->begin + span_seconds[0] * TICK_SECOND)
		end_minute(t);
}

void
traffic_end(struct traffic *t)
{
	end_minute(t);
}

/* The order of frames is right to a minute: one that is older, of another
 * capture, begins its own. */
static void
begin_minute(struct traffic *t, struct tick at)
{
	struct tally *l = &t->tally[0];
	const int64_t ns = span_seconds[0] * TICK_SECOND;

	if (l->begun && at.ns < l->begin + ns && at.ns >= l->begin - ns)
		return;
	end_minute(t);
	l->begin = begin_of(at, 0);
	l->begun = true;
}

void
traffic_packet(struct traffic *t, const struct packet *p, uint8_t proto,
    uint32_t client, uint32_t server)
{
	const struct sum one = { 1, p->frame->wire_len };
	struct tally *l = &t->tally[0];

	begin_minute(t, p->frame->at);
	add(&l->all, &one);
	add(&l->port[p->frame->port % TRAFFIC_PORTS], &one);
	add(&l->proto[proto], &one);
	add_asset(l, client, &one);
	if (server != client)
		add_asset(l, server, &one);
}

/* ------------------------------------------------------------------ saving */

bool
traffic_is_full(const struct traffic *t)
{
	return t->n >= WAITING;
}

/* Of hours and days that go on, what came since the last time. */
bool
traffic_save(struct traffic *t, struct store *st)
{
	for (size_t span = 1; span < SPANS; span++)
		close_span(t, span);
	for (uint32_t i = 0; i < t->n; i++)
		if (!store_add_traffic(st, &t->row[i]))
			return false;
	t->n = 0;
	return true;
}
