/*
 * copies.c - frames that a mirror sends twice.
 *
 * A switch that mirrors both directions of its ports sends what passes from
 * one mirrored port to another when it comes in and when it goes out; two
 * mirrors may overlap; multicasts are repeated for each port they leave by.
 * Such copies come within milliseconds and are the same but for what a router
 * or a tag changes.  What somebody sends again is not the same: its IP
 * identification, its number or its time is another.
 *
 * A copy is left out only where the mirror is known to make some: at least
 * one in eight of the frames that cannot be the same by chance.  A frame that
 * comes more often than a mirror explains (a loop, a flood) counts each time.
 */
#include "../base/reserve.h"
#include "private.h"

#define WITHIN (20 * TICK_SECOND / 1000)
#define COPIES_MOST 4u /* more are no mirror's doing */
#define SETTLED 32u /* frames before a port is judged */
#define FORGET 4096u

struct slot { /* two in a cache line */
	_Alignas(32) uint64_t hash;
	int64_t at;
	uint32_t tag;
	uint8_t port, copies, ttl;
	struct mac from;
};
_Static_assert(sizeof(struct slot) == 32, "see above");

struct copies {
	struct slot slot[COPIES_SLOTS];
	struct {
		uint32_t telling, copied;
	} port[MIRROR_PORTS];
};

struct copies *
copies_new(void)
{
	return reserve(sizeof(struct copies));
}

void
copies_free(struct copies *c)
{
	release(c, sizeof(*c));
}

/* Where nothing sums the bytes up, as in layer 2. */
static uint64_t
bytes_hash(const uint8_t *p, uint32_t n, uint64_t h)
{
	uint64_t word[2], sum = 0;
	uint32_t i = 0;

	for (; i + 16 <= n; i += 16) {
		memcpy(word, p + i, 16);
		sum += hash_mix(word[0] + i, word[1]);
	}
	word[0] = word[1] = 0;
	memcpy(word, p + i, n - i);
	return hash_mix(sum + h, hash_mix(word[0] + n, word[1]));
}

static uint64_t
two(uint32_t high, uint32_t low)
{
	return (uint64_t)high << 32 | low;
}

/* What neither a router nor a tag changes; as whole words that are written
 * nowhere, as small ones just written would have to be waited for. */
static uint64_t
hash_of(const struct packet *p)
{
	const uint32_t n = p->payload.n < 192 ? p->payload.n : 192;
	const uint64_t ports = two((uint32_t)p->src_port << 16 | p->dst_port,
	    (uint32_t)p->ip_id << 16 | p->window);
	const uint64_t kind = two((uint32_t)p->via << 16 |
		(uint32_t)p->tcp_flags << 8 | p->src_ip.len,
	    p->frag.is ? p->frag.off + 1 : 0);
	uint64_t h = hash_mix(ends_hash(p) + two(p->seq, p->ack),
	    two(p->payload_sum, p->payload_wire));

	h = hash_mix(h + ports, kind + ((uint64_t)p->service << 24));
	/* of TCP and UDP the sum stands for the bytes */
	if (p->payload_sum == 0 && n > 0)
		h = bytes_hash(p->payload.p, n, h);
	return h + (h == 0);
}

/* Two of these are not the same by chance. */
static bool
is_telling(const struct packet *p)
{
	return p->ip_id != 0 || (p->via == VIA_TCP && p->payload_wire > 0);
}

static uint32_t
tags_of(const struct packet *p)
{
	uint32_t tag = p->n_vlan;

	for (unsigned i = 0; i < p->n_vlan && i < 2; i++)
		tag = tag << 12 | p->vlan[i];
	return tag;
}

static enum copy
compare(const struct slot *s, const struct packet *p, unsigned port)
{
	if (s->ttl != p->ttl && mac_same(&s->from, &p->src_mac) == false)
		return COPY_ROUTED;
	if (s->tag != tags_of(p))
		return COPY_TAG;
	return s->port != port ? COPY_PORT : COPY_SAME;
}

static bool
doubles(const struct copies *c, unsigned port)
{
	return c->port[port].telling < SETTLED ||
	    c->port[port].copied >= c->port[port].telling / 8;
}

/* Masters of fieldbuses send the same frame again within a millisecond:
 * EtherCAT, POWERLINK, SERCOS III, CC-Link IE. */
static bool
repeats(const struct packet *p)
{
	return p->via == VIA_ETHER &&
	    (p->service == 0x88a4 || p->service == 0x88ab ||
		p->service == 0x88cd || p->service == 0x890f);
}

uint64_t
copies_hash(const struct copies *c, const struct packet *p)
{
	uint64_t h;

	if (p->red.is || (p->src_ip.len == 0 && p->via != VIA_ETHER) ||
	    repeats(p))
		return 0;
	h = hash_of(p);
	__builtin_prefetch(&c->slot[h % COPIES_SLOTS], 1);
	return h;
}

enum copy
copies_seen(struct copies *c, const struct packet *p, uint64_t h, unsigned port,
    bool *ret_drop)
{
	struct slot *s = &c->slot[h % COPIES_SLOTS];
	enum copy copy = COPY_NOT;
	int64_t gone;

	*ret_drop = false;
	if (h == 0)
		return COPY_NOT;
	gone = tick_since(p->at, s->at > 0 ? (struct tick){ s->at } : p->at);
	if (s->hash == h && gone < WITHIN && gone > -WITHIN) {
		s->copies = (uint8_t)(s->copies + (s->copies < 255));
		copy = compare(s, p, port);
	} else {
		*s = (struct slot){ .hash = h,
			.at = p->at.ns,
			.tag = tags_of(p),
			.port = (uint8_t)port,
			.ttl = p->ttl,
			.from = p->src_mac };
	}
	if (copy != COPY_NOT && s->copies > COPIES_MOST)
		return COPY_NOT;
	if (is_telling(p)) {
		c->port[port].telling++;
		c->port[port].copied += copy == COPY_SAME || copy == COPY_PORT;
		if (c->port[port].telling >= FORGET) {
			c->port[port].telling /= 2;
			c->port[port].copied /= 2;
		}
	}
	*ret_drop =
	    (copy == COPY_SAME || copy == COPY_PORT) && doubles(c, port);
	return copy;
}
