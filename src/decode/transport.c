/*
 * transport.c - TCP (RFC 9293), UDP (RFC 768), SCTP (RFC 9260) and the
 * checksums of ICMP (RFC 792, RFC 4443).
 *
 *	TCP						UDP
 *	 0 source port, destination port		 0 source port
 *	 4 sequence number				 2 destination port
 *	 8 acknowledgement number			 4 length, header too
 *	12 header words 4, reserved 4, flags, window	 6 checksum
 *	16 checksum, urgent pointer
 *	20 options					SCTP
 *							 0 ports, tag, CRC-32C
 *
 * A checksum is judged only where every byte it covers was captured.  Cards
 * that sum in the sender's place are given the sum of the pseudo header; seen
 * from inside the sender that is no damage.
 */
#include "private.h"

enum {
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_ICMP6 = 58
};

/* A number as it would stand in the packet, low 16 bits. */
static inline uint64_t
network16(uint32_t v)
{
	const uint8_t b[2] = { (uint8_t)(v >> 8), (uint8_t)v };
	uint16_t raw;

	memcpy(&raw, b, sizeof(raw));
	return raw;
}

/* In the widths the addresses were stored in: the processor can then hand
 * them on without going through memory. */
static inline uint64_t
sum_ip(const struct ip *ip)
{
	uint32_t four;

	if (ip->len != 4)
		return sum_load8(ip->b) + sum_load8(ip->b + 8);
	memcpy(&four, ip->b, sizeof(four));
	return four;
}

static inline uint64_t
sum_ends(const struct packet *p, uint32_t number)
{
	return sum_ip(&p->src_ip) + sum_ip(&p->dst_ip) + network16(number);
}

static inline uint64_t
sum_length(uint32_t n)
{
	return network16(n >> 16) + network16(n & 0xffff);
}

/* `sum` covers everything; `field` is the checksum as it stands. */
static inline void
judge(struct packet *p, uint64_t ends, uint64_t length, uint64_t sum,
    const uint8_t *field)
{
	uint16_t raw;

	if (sum_fold16(ends + length + sum) == 0xffff)
		return;
	memcpy(&raw, field, sizeof(raw));
	if (raw == sum_fold16(ends + length) || raw == sum_fold16(ends))
		p->notes |= NOTE_NO_SUM;
	else
		p->notes |= NOTE_BAD_L4_SUM;
}

/* The header of n bytes was taken already; `header` is its sum. */
static inline void
check(struct walk *w, uint32_t number, uint32_t n, uint64_t header,
    const uint8_t *field)
{
	struct packet *p = w->p;
	uint64_t payload = sum_add(0, w->at, w->have);

	p->payload_sum = sum_fold32(payload);
	if (!whole(w) || w->detour)
		return;
	judge(p, sum_ends(p, number), sum_length(n + w->left), payload + header,
	    field);
}

static inline void
ports(struct packet *p, const uint8_t *h, enum via via)
{
	p->src_port = (uint16_t)be16(h);
	p->dst_port = (uint16_t)be16(h + 2);
	p->via = (uint8_t)via;
	p->service = 0;
}

void
step_tcp(struct walk *w)
{
	struct packet *p = w->p;
	const uint8_t *h = ahead(w, 20);
	uint64_t sum;
	uint32_t n;

	if (h == NULL) {
		walk_short(w, 20);
		return;
	}
	n = (uint32_t)(h[12] >> 4) * 4;
	if (n < 20) {
		stop(w, NOTE_BAD_HEADER);
		return;
	}
	if (take(w, n) == NULL)
		return;
	ports(p, h, VIA_TCP);
	p->seq = be32(h + 4);
	p->ack = be32(h + 8);
	p->tcp_flags = h[13];
	p->window = (uint16_t)be16(h + 14);
	sum = sum_load20(h);
	if (n > 20)
		sum = sum_add(sum, h + 20, n - 20);
	check(w, PROTO_TCP, n, sum, h + 16);
	stop(w, 0);
}

/* Zero is legal where IPv6 cannot say the length, RFC 2675. */
static void
udp_length(struct walk *w, uint32_t n)
{
	if (n >= 8)
		limit(w, n - 8);
	else if (n != 0 || w->p->src_ip.len != 16)
		w->p->notes |= NOTE_BAD_LENGTH;
}

void
step_udp(struct walk *w)
{
	struct packet *p = w->p;
	const uint8_t *h = take(w, 8);
	uint32_t promised;

	if (h == NULL)
		return;
	promised = be16(h + 4);
	ports(p, h, VIA_UDP);
	udp_length(w, promised);
	if (be16(h + 6) != 0) {
		check(w, PROTO_UDP, 8, sum_load8(h), h + 6);
	} else {
		p->notes |= NOTE_NO_SUM;
		p->payload_sum = sum_fold32(sum_add(0, w->at, w->have));
	}
	w->layer = LAYER_END;
	go_tunnel_port(w);
}

void
step_sctp(struct walk *w)
{
	static const uint8_t zero[4];
	const uint8_t *h = take(w, 12);
	uint32_t crc;

	if (h == NULL)
		return;
	ports(w->p, h, VIA_SCTP);
	stop(w, 0);
	if (!whole(w))
		return;
	if (le32(h + 8) == 0) { /* agreed to do without, or offloaded */
		stop(w, NOTE_NO_SUM);
		return;
	}
	crc = crc32_castagnoli(UINT32_MAX, h, 8);
	crc = crc32_castagnoli(crc, zero, 4);
	crc = crc32_castagnoli(crc, w->at, w->have);
	if (~crc != le32(h + 8))
		stop(w, NOTE_BAD_L4_SUM);
}

void
step_icmp(struct walk *w)
{
	stop(w, 0);
	if (whole(w) && w->have >= 8 &&
	    sum_fold16(sum_add(0, w->at, w->have)) != 0xffff)
		stop(w, NOTE_BAD_L4_SUM);
}

void
step_icmp6(struct walk *w)
{
	stop(w, 0);
	if (whole(w) && w->have >= 4 && !w->detour)
		judge(w->p, sum_ends(w->p, PROTO_ICMP6), sum_length(w->have),
		    sum_add(0, w->at, w->have), w->at + 2);
}
