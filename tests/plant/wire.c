/* wire.c - frames as the mirror port shows them, and the file they go to. */
#include <stdlib.h>
#include <string.h>

#include "plant.h"

enum {
	BUFFER = 1 << 20,
	FRAME = 1600
};

const uint8_t everybody[6] = { 255, 255, 255, 255, 255, 255 };

static void
flush(struct wire *w)
{
	if (w->n > 0 && fwrite(w->buf, 1, w->n, w->out) != w->n)
		w->failed = true;
	w->n = 0;
}

static void
put_l32(uint8_t *at, uint32_t v)
{
	memcpy(at,
	    &(uint8_t[4]){ (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16),
		(uint8_t)(v >> 24) },
	    4);
}

static void
put_b16(uint8_t *at, uint32_t v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

static void
put_b32(uint8_t *at, uint32_t v)
{
	put_b16(at, v >> 16);
	put_b16(at + 2, v & 0xffff);
}

void
wire_begin(struct plant *p)
{
	struct wire *w = &p->wire;
	static const uint8_t head[24] = { 0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4,
		0, [16] = 0, 0, 4, 0, 1 };

	w->buf = malloc(BUFFER + 2 * FRAME);
	if (w->buf == NULL)
		abort();
	w->rng = rng_of(p->seed, "wire", 0);
	memcpy(w->buf, head, sizeof(head));
	w->n = sizeof(head);
}

void
wire_end(struct plant *p)
{
	flush(&p->wire);
	if (fflush(p->wire.out) != 0)
		p->wire.failed = true;
	free(p->wire.buf);
}

void
wire_pass(struct plant *p, uint64_t ns)
{
	p->now += ns;
}

/* Losses come in runs of up to thirty. */
static bool
lost(struct wire *w)
{
	if (w->loss != 0 && w->lose == 0 &&
	    rng_below(&w->rng, 1000000) < w->loss)
		w->lose = 1 + rng_below(&w->rng, 30);
	if (w->lose == 0)
		return false;
	w->lose--;
	return true;
}

/* Where the next frame's bytes go; NULL when it is not written. */
static uint8_t *
frame_start(struct plant *p)
{
	struct wire *w = &p->wire;

	p->now += 40000 + (rng_u32(&w->rng) & 0x3ffff);
	if (lost(w) || p->now < w->from || p->now >= w->to)
		return NULL;
	return w->buf + w->n + 16;
}

static void
frame_end(struct plant *p, size_t n)
{
	struct wire *w = &p->wire;
	uint8_t *at = w->buf + w->n;
	uint64_t t = p->now + (uint64_t)w->skew;

	if (n < 60) {
		memset(at + 16 + n, 0, 60 - n);
		n = 60;
	}
	put_l32(at, (uint32_t)(t / SECOND));
	put_l32(at + 4, (uint32_t)(t % SECOND / 1000));
	put_l32(at + 8, (uint32_t)n);
	put_l32(at + 12, (uint32_t)n);
	w->n += 16 + n;
	if (w->n >= BUFFER)
		flush(w);
}

static uint8_t *
ether(uint8_t *f, const uint8_t dst[6], const uint8_t src[6], uint16_t vlan,
    unsigned priority, unsigned type)
{
	memcpy(f, dst, 6);
	memcpy(f + 6, src, 6);
	f += 12;
	if (vlan != 0) {
		put_b16(f, 0x8100);
		put_b16(f + 2, priority << 13 | vlan);
		f += 4;
	}
	put_b16(f, type);
	return f + 2;
}

void
send_ether(struct plant *p, const uint8_t dst[6], const uint8_t src[6],
    uint16_t vlan, uint8_t priority, uint16_t type, const struct msg *m)
{
	uint8_t *f = frame_start(p), *at;

	if (f == NULL)
		return;
	at = ether(f, dst, src, vlan, priority, type);
	memcpy(at, m->b, m->n);
	frame_end(p, (size_t)(at - f) + m->n);
}

void
send_llc(struct plant *p, const uint8_t dst[6], const uint8_t src[6],
    const struct msg *m)
{
	send_ether(p, dst, src, 0, 0, (uint16_t)m->n, m);
}

/* ----------------------------------------------------------------- IP and up
 */

static uint64_t
sum(const uint8_t *b, size_t n, uint64_t total)
{
	for (; n >= 4; b += 4, n -= 4)
		total += (uint64_t)b[0] << 24 | (uint64_t)b[1] << 16 |
		    (uint64_t)b[2] << 8 | b[3];
	if (n >= 2) {
		total += (uint64_t)b[0] << 8 | b[1];
		b += 2;
		n -= 2;
	}
	return n == 0 ? total : total + ((uint64_t)b[0] << 8);
}

static uint32_t
folded(uint64_t total)
{
	while (total >> 16 != 0)
		total = (total & 0xffff) + (total >> 16);
	return (uint32_t)total ^ 0xffff;
}

/* The mirror sees one side of the router: the destination's, or for the
 * Internet ours. */
static uint8_t *
ether_between(struct plant *p, uint8_t *f, const struct host *a,
    const struct host *b, const struct host *side, bool *ret_routed)
{
	bool routed = a->vlan != b->vlan && p->router != NULL;
	const struct host *r = p->router;

	*ret_routed = routed && side != a;
	if (!routed)
		return ether(f, b->mac, a->mac, a->vlan, 0, 0x0800);
	return side == a ? ether(f, r->mac, a->mac, a->vlan, 0, 0x0800)
			 : ether(f, b->mac, r->mac, b->vlan, 0, 0x0800);
}

static uint8_t *
ip(uint8_t *at, const struct host *a, uint32_t dst, unsigned proto, size_t size,
    bool routed)
{
	memset(at, 0, 20);
	at[0] = 0x45;
	put_b16(at + 2, (uint32_t)size + 20);
	put_b16(at + 4, a->ident);
	at[6] = 0x40;
	at[8] = (uint8_t)(a->ttl - routed);
	at[9] = (uint8_t)proto;
	put_b32(at + 12, a->ip);
	put_b32(at + 16, dst);
	put_b16(at + 10, folded(sum(at, 20, 0)));
	return at + 20;
}

/* Writes the checksum of TCP or UDP: pseudo header, then `size` bytes. */
static void
check(uint8_t *ip_head, uint8_t *at, unsigned offset, size_t size)
{
	uint32_t value =
	    folded(sum(at, size, sum(ip_head + 12, 8, ip_head[9] + size)));

	put_b16(at + offset, value == 0 ? 0xffff : value);
}

static void
udp_out(struct plant *p, uint8_t *f, uint8_t *at, const struct host *a,
    uint32_t dst, bool routed, const uint16_t ports[2], const struct msg *m)
{
	uint8_t *u = ip(at, a, dst, 17, 8 + m->n, routed);

	put_b16(u, ports[0]);
	put_b16(u + 2, ports[1]);
	put_b16(u + 4, 8 + m->n);
	put_b16(u + 6, 0);
	memcpy(u + 8, m->b, m->n);
	check(at, u, 6, 8 + m->n);
	frame_end(p, (size_t)(u + 8 - f) + m->n);
}

static const struct host *
seen_from(const struct host *client, const struct host *server)
{
	return server->kind == KIND_OUTSIDE ? client : server;
}

void
send_udp(struct plant *p, struct host *a, struct host *b, uint16_t sport,
    uint16_t dport, const struct msg *m)
{
	uint8_t *f = frame_start(p), *at;
	bool from_server = sport < dport || (sport == dport && a->ip < b->ip);
	const struct host *side =
	    from_server ? seen_from(b, a) : seen_from(a, b);
	bool routed;

	a->ident++;
	if (f == NULL)
		return;
	at = ether_between(p, f, a, b, side, &routed);
	udp_out(p, f, at, a, b->ip, routed, (uint16_t[]){ sport, dport }, m);
}

void
send_udp_all(struct plant *p, struct host *a, const uint8_t mac[6],
    uint32_t dst, uint16_t sport, uint16_t dport, const struct msg *m)
{
	uint8_t *f = frame_start(p), *at;

	a->ident++;
	if (f == NULL)
		return;
	at = ether(f, mac, a->mac, a->vlan, 0, 0x0800);
	udp_out(p, f, at, a, dst, false, (uint16_t[]){ sport, dport }, m);
}

void
send_arp(struct plant *p, uint32_t op, const uint8_t dst[6],
    const struct host *from, uint32_t from_ip, const uint8_t to_mac[6],
    uint32_t to_ip)
{
	uint8_t *f = frame_start(p), *at;

	if (f == NULL)
		return;
	at = ether(f, dst, from->mac, from->vlan, 0, 0x0806);
	put_b32(at, 0x00010800);
	put_b16(at + 4, 0x0604);
	put_b16(at + 6, op);
	memcpy(at + 8, from->mac, 6);
	put_b32(at + 14, from_ip);
	memcpy(at + 18, to_mac, 6);
	put_b32(at + 24, to_ip);
	frame_end(p, (size_t)(at + 28 - f));
}

void
arp_ask(struct plant *p, struct host *asks, struct host *owner)
{
	static const uint8_t nobody[6];
	struct host *hop = owner;

	if (asks->vlan != owner->vlan)
		return; /* the router's own asking is not told */
	send_arp(p, 1, everybody, asks, asks->ip, nobody, owner->ip);
	if (!owner->away)
		send_arp(p, 2, asks->mac, hop, hop->ip, asks->mac, asks->ip);
}

static void
echo(struct plant *p, struct host *from, const struct host *to,
    const struct host *side, uint32_t seq)
{
	uint8_t *f = frame_start(p), *at, *i;
	bool routed;

	from->ident++;
	if (f == NULL)
		return;
	at = ether_between(p, f, from, to, side, &routed);
	i = ip(at, from, to->ip, 1, 40, routed);
	put_b32(i, to == side ? 0x08000000 : 0);
	put_b32(i + 4, 0x00010000 | (seq & 0xffff));
	for (unsigned k = 0; k < 32; k++)
		i[8 + k] = (uint8_t)('a' + k % 23);
	put_b16(i + 2, folded(sum(i, 40, 0)));
	frame_end(p, (size_t)(i + 40 - f));
}

void
send_icmp_echo(struct plant *p, struct host *a, struct host *b, uint32_t seq)
{
	echo(p, a, b, b, seq);
	echo(p, b, a, b, seq);
}

/* The head of a segment; its size is returned. */
static size_t
tcp_head(uint8_t *t, const struct conn *c, unsigned way, unsigned flags)
{
	bool syn = (flags & TCP_SYN) != 0;
	size_t size = syn ? 28 : 20;

	put_b16(t, way == 0 ? c->sport : c->dport);
	put_b16(t + 2, way == 0 ? c->dport : c->sport);
	put_b32(t + 4, c->seq[way]);
	put_b32(t + 8, (flags & TCP_ACK) != 0 ? c->seq[1 - way] : 0);
	t[12] = (uint8_t)(size / 4 << 4);
	t[13] = (uint8_t)flags;
	put_b16(t + 14, (flags & TCP_RST) != 0 ? 0 : 64240);
	put_b32(t + 16, 0);
	if (syn) { /* segment size; selective acknowledgement */
		put_b32(t + 20, 0x020405b4);
		put_b32(t + 24, 0x01010402);
	}
	return size;
}

static void
segment(struct plant *p, const struct conn *c, unsigned way, unsigned flags,
    const uint8_t *data, size_t n)
{
	struct host *from = way == 0 ? c->a : c->b;
	const struct host *to = way == 0 ? c->b : c->a;
	uint8_t *f = frame_start(p), *at, *t;
	size_t head;
	bool routed;

	from->ident++;
	if (f == NULL)
		return;
	at = ether_between(p, f, from, to, seen_from(c->a, c->b), &routed);
	t = at + 20;
	head = tcp_head(t, c, way, flags);
	(void)ip(at, from, to->ip, 6, head + n, routed);
	if (n != 0)
		memcpy(t + head, data, n);
	check(at, t, 16, head + n);
	frame_end(p, (size_t)(t + head - f) + n);
}

void
tcp_segment(struct plant *p, struct conn *c, unsigned way, unsigned flags,
    const uint8_t *data, size_t n)
{
	segment(p, c, way, flags, data, n);
	c->seq[way] += (uint32_t)n + ((flags & (TCP_SYN | TCP_FIN)) != 0);
}
