/* frames.h - frames for the tests of the flow engine, built field by field. */
#ifndef UNIT_FRAMES_H
#define UNIT_FRAMES_H

#include <stdint.h>
#include <string.h>

struct built {
	uint8_t b[2048];
	uint32_t n;
};

static inline void
put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void
put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static inline uint32_t
sum16(uint32_t sum, const uint8_t *p, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		sum += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
	return sum;
}

static inline uint16_t
sum_done(uint32_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* Host 10.0.0.h has MAC 00:1c:06:00:00:h; vlan 0 is untagged. */
static inline void
build_ip(struct built *f, uint8_t src, uint8_t dst, uint16_t vlan,
    uint8_t proto, const uint8_t *body, uint32_t n)
{
	static const uint8_t mac[5] = { 0x00, 0x1c, 0x06, 0, 0 };
	uint8_t *p = f->b;
	uint8_t *ip;

	memcpy(p, mac, 5);
	p[5] = dst;
	memcpy(p + 6, mac, 5);
	p[11] = src;
	p += 12;
	if (vlan != 0) {
		put16(p, 0x8100);
		put16(p + 2, vlan);
		p += 4;
	}
	put16(p, 0x0800);
	ip = p + 2;
	memset(ip, 0, 20);
	ip[0] = 0x45;
	put16(ip + 2, 20 + n);
	ip[8] = 64;
	ip[9] = proto;
	put32(ip + 12, 0x0a000000u | src);
	put32(ip + 16, 0x0a000000u | dst);
	put16(ip + 10, sum_done(sum16(0, ip, 20)));
	memcpy(ip + 20, body, n);
	f->n = (uint32_t)(ip - f->b) + 20 + n;
}

/* The checksum over pseudo header and body, body's field being zero. */
static inline uint16_t
l4_sum(uint8_t src, uint8_t dst, uint8_t proto, const uint8_t *body, uint32_t n)
{
	uint32_t sum = proto + n + 2 * 0x0a00u + src + dst;

	return sum_done(sum16(sum, body, n));
}

struct tcp_at { /* one segment */
	uint8_t src, dst;
	uint16_t sport, dport;
	uint32_t seq, ack;
	uint8_t flags;
	uint16_t vlan;
};

static inline void
build_tcp(struct built *f, const struct tcp_at *t, const uint8_t *data,
    uint32_t n)
{
	uint8_t body[1600] = { 0 };

	put16(body, t->sport);
	put16(body + 2, t->dport);
	put32(body + 4, t->seq);
	put32(body + 8, t->ack);
	body[12] = 0x50;
	body[13] = t->flags;
	put16(body + 14, 8192);
	if (n > 0)
		memcpy(body + 20, data, n);
	put16(body + 16, l4_sum(t->src, t->dst, 6, body, 20 + n));
	build_ip(f, t->src, t->dst, t->vlan, 6, body, 20 + n);
}

static inline void
build_udp(struct built *f, uint8_t src, uint8_t dst, uint16_t sport,
    uint16_t dport, const uint8_t *data, uint32_t n)
{
	uint8_t body[1600] = { 0 };

	put16(body, sport);
	put16(body + 2, dport);
	put16(body + 4, 8 + n);
	memcpy(body + 8, data, n);
	put16(body + 6, l4_sum(src, dst, 17, body, 8 + n));
	build_ip(f, src, dst, 0, 17, body, 8 + n);
}

#endif
