/*
 * trace.c - what was sent and received, as frames of raw IP.
 *
 * IPv4 (RFC 791) and IPv6 (RFC 8200) without options; TCP (RFC 9293), UDP
 * (RFC 768), ICMP (RFC 792, RFC 4443).  Sums are right, so that nothing is
 * said about damaged frames.
 */
#include "active.h"

static uint32_t
sum_of(const uint8_t *p, uint32_t n, uint32_t sum)
{
	for (uint32_t i = 0; i < n; i++)
		sum += (uint32_t)p[i] << (i % 2 == 0 ? 8 : 0);
	return sum;
}

static uint16_t
folded(uint32_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static uint8_t
ip_proto(const struct trace *t)
{
	switch (t->via) {
	case VIA_TCP:
		return 6;
	case VIA_UDP:
		return 17;
	default:
		return t->remote.len == 4 ? 1 : 58;
	}
}

static void
put_ip(struct wr *w, const struct trace *t, bool sent, uint32_t payload)
{
	const struct ip *from = sent ? &t->local : &t->remote;
	const struct ip *to = sent ? &t->remote : &t->local;
	uint32_t at = w->n;

	if (t->remote.len == 16) {
		WR_HEX(w, 0x60, 0, 0, 0);
		wr_be16(w, payload);
		wr_u8(w, ip_proto(t));
		wr_u8(w, 64);
	} else {
		WR_HEX(w, 0x45, 0);
		wr_be16(w, payload + 20);
		WR_HEX(w, 0, 0, 0x40, 0, 64);
		wr_u8(w, ip_proto(t));
		wr_be16(w, 0);
	}
	wr_bytes(w, from->b, from->len);
	wr_bytes(w, to->b, to->len);
	if (t->remote.len == 4)
		wr_patch_be16(w, at + 10, folded(sum_of(w->p + at, 20, 0)));
}

static void
put_ports(struct wr *w, const struct trace *t, bool sent)
{
	wr_be16(w, sent ? t->local_port : t->remote_port);
	wr_be16(w, sent ? t->remote_port : t->local_port);
}

/* Flags beyond SYN and FIN take no number of their own. */
static void
put_tcp(struct wr *w, struct trace *t, bool sent, uint8_t flags, uint32_t n)
{
	uint32_t *own = sent ? &t->seq : &t->ack;
	uint32_t other = sent ? t->ack : t->seq;

	put_ports(w, t, sent);
	wr_be32(w, *own);
	wr_be32(w, (flags & 0x10) != 0 ? other : 0);
	wr_u8(w, 0x50);
	wr_u8(w, flags);
	WR_HEX(w, 0xff, 0xff, 0, 0, 0, 0);
	*own += n + ((flags & 3) != 0);
}

static void
patch_sum(struct wr *w, const struct trace *t, uint32_t at)
{
	static const uint32_t where[] = { [VIA_TCP] = 16, [VIA_UDP] = 6 };
	uint32_t n = w->n - at, off = t->via == VIA_IP ? 2 : where[t->via];
	uint32_t sum;

	wr_patch_be16(w, at + off, 0); /* an ICMP message brings its own */
	sum = sum_of(w->p + at, n, 0);

	if (t->via != VIA_IP || t->remote.len == 16) {
		sum += ip_proto(t) + n;
		sum = sum_of(t->local.b, t->local.len, sum);
		sum = sum_of(t->remote.b, t->remote.len, sum);
	}
	wr_patch_be16(w, at + off, folded(sum));
}

struct span
trace_frame(struct trace *t, bool sent, uint8_t flags, struct span bytes)
{
	struct wr w = WR(t->bytes);
	uint32_t head = t->via == VIA_TCP ? 20 : t->via == VIA_UDP ? 8 : 0;
	uint32_t at;

	if (bytes.n > 65535 - 40 - head)
		return SPAN(t->bytes, 0);
	put_ip(&w, t, sent, head + bytes.n);
	at = w.n;
	if (t->via == VIA_TCP) {
		put_tcp(&w, t, sent, flags, bytes.n);
	} else if (t->via == VIA_UDP) {
		put_ports(&w, t, sent);
		wr_be16(&w, 8 + bytes.n);
		wr_be16(&w, 0);
	}
	wr_bytes(&w, bytes.p, bytes.n);
	patch_sum(&w, t, at);
	return w.full ? SPAN(t->bytes, 0) : wr_span(&w);
}
