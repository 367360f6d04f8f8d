/*
 * pairs.c - who speaks TCP with whom, and whether both are heard.
 *
 * TCP always speaks both ways, so of a pair of which one end only is heard
 * half is not mirrored.  And it tells the order of things: what is confirmed
 * before it was seen came late, by as much as one direction lags the other.
 *
 * A pair lives for one window; then it is counted and forgotten.
 */
#include "../base/reserve.h"
#include "private.h"

#define PAIRS 4096u
#define TRIES 4u
#define ENOUGH 4u /* packets of one end, to be missed at the other */
#define LATE (50 * TICK_SECOND / 1000) /* beyond: sent again */

struct pairs {
	struct pair { /* two in a cache line */
		_Alignas(32) uint32_t check; /* 0: free */
		uint8_t point, port[2];
		uint8_t packets; /* four bits a side, saturating */
		uint32_t ack[2];
		int64_t acked[2]; /* when ack[] was seen; 0: never */
	} pair[PAIRS];
};
_Static_assert(sizeof(struct pair) == 32, "see above");
_Static_assert(ENOUGH <= 15, "four bits");

struct pairs *
pairs_new(void)
{
	return reserve(sizeof(struct pairs));
}

void
pairs_free(struct pairs *ps)
{
	release(ps, sizeof(*ps));
}

static unsigned
packets_of(const struct pair *at, unsigned side)
{
	return (unsigned)at->packets >> 4 * side & 15u;
}

/* The end with the lower port is side 0: the server, as a rule. */
static unsigned
side_of(const struct packet *p)
{
	return p->src_port != p->dst_port
	    ? p->src_port > p->dst_port
	    : memcmp(p->src_ip.b, p->dst_ip.b, 16) > 0;
}

uint64_t
pairs_hash(const struct pairs *ps, const struct packet *p, unsigned point)
{
	uint64_t a, b, h;

	if (p->via != VIA_TCP || p->src_ip.len == 0)
		return 0;
	a = hash_mix(ip_word(&p->src_ip), p->src_port);
	b = hash_mix(ip_word(&p->dst_ip), p->dst_port);
	h = hash_mix(a + b, a ^ b) | 1;
	__builtin_prefetch(&ps->pair[hash_mix(h, point) % PAIRS], 1);
	return h;
}

static struct pair *
find(struct pairs *ps, unsigned point, uint64_t hash)
{
	const uint64_t h = hash_mix(hash, point);
	const uint32_t check = (uint32_t)(h >> 32) | 1;

	for (uint32_t i = 0; i < TRIES; i++) {
		struct pair *at = &ps->pair[(h + i) % PAIRS];

		if (at->check == 0)
			*at = (struct pair){ .check = check,
				.point = (uint8_t)point };
		if (at->check == check && at->point == point)
			return at;
	}
	return NULL;
}

/* The other end has confirmed what its sender is only now seen to say. */
static void
early(struct point *pt, const struct pair *at, unsigned side,
    const struct packet *p)
{
	uint32_t end = p->seq + p->payload_wire;
	int64_t late = p->at.ns - at->acked[!side];

	if (p->payload_wire == 0 || at->acked[!side] == 0 || late > LATE ||
	    late < 0 || (int32_t)(at->ack[!side] - end) < 0 ||
	    (int32_t)(at->ack[!side] - end) > 65535)
		return;
	pt->count[COUNT_EARLY_ACK]++;
	if (at->port[0] != at->port[1]) {
		pt->skew_sum += late;
		pt->n_skew++;
	}
}

void
pairs_packet(struct pairs *ps, struct point *pt, unsigned point,
    const struct packet *p, uint64_t hash)
{
	const unsigned side = side_of(p);
	struct pair *at;

	pt->count[COUNT_TCP]++;
	pt->count[COUNT_TCP_DATA] += p->payload_wire > 0;
	at = find(ps, point, hash);
	if (at == NULL)
		return;
	at->port[side] = (uint8_t)p->frame->port;
	/* who calls in vain is heard alone, and nothing is missing */
	if ((p->tcp_flags & TCP_ACK) != 0 && packets_of(at, side) < 15)
		at->packets = (uint8_t)(at->packets + (1u << 4 * side));
	early(pt, at, side, p);
	if ((p->tcp_flags & TCP_ACK) != 0 &&
	    (at->acked[side] == 0 || (int32_t)(p->ack - at->ack[side]) > 0)) {
		at->ack[side] = p->ack;
		at->acked[side] = p->at.ns;
	}
}

static void
count(const struct pair *at, uint64_t c[static COUNTS])
{
	bool server = packets_of(at, 0) >= ENOUGH,
	     client = packets_of(at, 1) >= ENOUGH;

	if (!server && !client)
		return;
	c[COUNT_TALKS]++;
	if (packets_of(at, 0) > 0 && packets_of(at, 1) > 0)
		return;
	c[COUNT_ONE_WAY]++;
	c[COUNT_ONLY_CLIENT] += client;
}

void
pairs_look(const struct pairs *ps, unsigned point, uint64_t c[static COUNTS])
{
	for (uint32_t i = 0; i < PAIRS; i++)
		if (ps->pair[i].check != 0 && ps->pair[i].point == point)
			count(&ps->pair[i], c);
}

void
pairs_sweep(struct pairs *ps, struct point *points, unsigned point)
{
	pairs_look(ps, point, points[point].count);
	for (uint32_t i = 0; i < PAIRS; i++)
		if (ps->pair[i].point == point)
			ps->pair[i].check = 0;
}
