/*
 * ip.c - IPv4 (RFC 791) and IPv6 (RFC 8200) with its extension headers,
 * IPsec's AH (RFC 4302) and ESP (RFC 4303).
 *
 *	IPv4						IPv6
 *	 0 version 4, header words 4, service		 0 version 4, class,
 *flow 2 total length					 4 payload length 4
 *identification				 6 next header 6 flags 3 (more:
 *1), offset 13 in 8 bytes	 7 hop limit 8 time to live, protocol, checksum
 *8 source, destination 12 source, destination, options
 *
 *	Extension header: next header, length in 8 bytes beyond the first 8
 *	Fragment header: next header, 0, offset 13 and more 1, identification
 *	AH: next header, length in 4 bytes beyond the first 8, ...
 *
 * Bytes beyond the total length are padding of the link.
 */
#include "private.h"

enum {
	PROTO_HOP_BY_HOP = 0,
	PROTO_ICMP = 1,
	PROTO_IP4 = 4,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_IP6 = 41,
	PROTO_ROUTING = 43,
	PROTO_FRAGMENT = 44,
	PROTO_GRE = 47,
	PROTO_ESP = 50,
	PROTO_AH = 51,
	PROTO_ICMP6 = 58,
	PROTO_NONE = 59,
	PROTO_DESTINATION = 60,
	PROTO_ETHER = 97,
	PROTO_PIM = 103,
	PROTO_L2TP = 115,
	PROTO_SCTP = 132,
	PROTO_MOBILITY = 135,
	PROTO_MPLS = 137,
	PROTO_HIP = 139,
	PROTO_SHIM = 140
};

#define ROUTING_SOURCE 0 /* type 0, abolished by RFC 5095 */

static enum layer
layer_above_ip6(uint32_t number)
{
	switch (number) {
	case PROTO_HOP_BY_HOP:
	case PROTO_ROUTING:
	case PROTO_DESTINATION:
	case PROTO_MOBILITY:
	case PROTO_HIP:
	case PROTO_SHIM:
		return LAYER_IP6_SKIP;
	case PROTO_FRAGMENT:
		return LAYER_IP6_FRAGMENT;
	case PROTO_ICMP6:
		return LAYER_ICMP6;
	default:
		return LAYER_END;
	}
}

static enum layer
layer_above_ip(uint32_t number, bool six)
{
	switch (number) {
	case PROTO_TCP:
		return LAYER_TCP;
	case PROTO_UDP:
		return LAYER_UDP;
	case PROTO_ICMP:
		return LAYER_ICMP;
	case PROTO_SCTP:
		return LAYER_SCTP;
	case PROTO_IP4:
	case PROTO_IP6:
		return LAYER_IP_IN_IP;
	case PROTO_GRE:
		return LAYER_GRE;
	case PROTO_ESP:
		return LAYER_ESP;
	case PROTO_AH:
		return LAYER_AUTH;
	case PROTO_ETHER:
		return LAYER_ETHER_IP;
	case PROTO_PIM:
		return LAYER_PIM;
	case PROTO_L2TP:
		return LAYER_L2TP_IP;
	case PROTO_MPLS:
		return LAYER_MPLS_IP;
	default:
		return six ? layer_above_ip6(number) : LAYER_END;
	}
}

void
go_protocol(struct walk *w, uint32_t number)
{
	struct packet *p = w->p;

	p->ip_proto = (uint8_t)number;
	p->via = VIA_IP;
	p->service = number;
	w->layer = layer_above_ip(number, p->src_ip.len == 16);
}

static void
go_fragment(struct walk *w, uint32_t number, uint32_t off, bool more)
{
	struct packet *p = w->p;

	p->ip_proto = (uint8_t)number;
	p->via = VIA_IP;
	p->service = number;
	p->frag.off = off;
	p->frag.more = more;
	p->frag.is = true;
	p->frag.detour = w->detour;
	stop(w, NOTE_FRAGMENT);
}

/* In place: a struct built elsewhere and copied costs ten times as much. */
static inline void
set_ip4(struct ip *ip, const uint8_t *b)
{
	memcpy(ip->b, b, 4);
	memset(ip->b + 4, 0, sizeof(ip->b) - 4);
	ip->len = 4;
}

/* A network card that sums in the sender's place gets a field of zero. */
static inline void
ip4_check(struct packet *p, const uint8_t *h, uint32_t n)
{
	uint64_t sum = sum_load20(h);

	if (n > 20)
		sum = sum_add(sum, h + 20, n - 20);
	if (sum_fold16(sum) != 0xffff)
		p->notes |= be16(h + 10) != 0 ? NOTE_BAD_IP_SUM : NOTE_NO_SUM;
}

/* Total length 0 is what a card that cuts segments itself is given. */
static inline bool
ip4_length(struct walk *w, uint32_t total, uint32_t n)
{
	if (total >= n)
		limit(w, total - n);
	else if (total != 0)
		stop(w, NOTE_BAD_LENGTH);
	return total >= n || total == 0;
}

void
step_ip4(struct walk *w)
{
	struct packet *p = w->p;
	const uint8_t *h = ahead(w, 20);
	uint32_t n, frag;

	if (h == NULL) {
		walk_short(w, 20);
		return;
	}
	n = (h[0] & 15u) * 4;
	if (h[0] >> 4 != 4 || n < 20) {
		stop(w, NOTE_BAD_HEADER);
		return;
	}
	if (take(w, n) == NULL)
		return;
	set_ip4(&p->src_ip, h + 12);
	set_ip4(&p->dst_ip, h + 16);
	p->ttl = h[8];
	p->ip_id = (uint16_t)be16(h + 4);
	w->detour = false;
	ip4_check(p, h, n);
	frag = be16(h + 6);
	go_protocol(w, h[9]);
	if (!ip4_length(w, be16(h + 2), n))
		return;
	if ((frag & 0x3fff) != 0) {
		p->frag.id = be16(h + 4);
		go_fragment(w, h[9], (frag & 0x1fff) * 8, (frag & 0x2000) != 0);
	}
}

void
step_ip6(struct walk *w)
{
	struct packet *p = w->p;
	const uint8_t *h = ahead(w, 40);

	if (h == NULL) {
		walk_short(w, 40);
		return;
	}
	if (h[0] >> 4 != 6) {
		stop(w, NOTE_BAD_HEADER);
		return;
	}
	(void)take(w, 40);
	p->src_ip = ip6_of(h + 8);
	p->dst_ip = ip6_of(h + 24);
	p->ttl = h[7];
	w->detour = false;
	if (be16(h + 4) != 0) /* else a jumbogram, RFC 2675, or offloaded */
		limit(w, be16(h + 4));
	go_protocol(w, h[6]);
}

/* With segments left, the address in the header is that of the next stop,
 * and the transport checksum covers another one. */
void
step_ip6_skip(struct walk *w)
{
	const uint8_t *h = ahead(w, 8);
	uint32_t n;

	if (h == NULL) {
		walk_short(w, 8);
		return;
	}
	n = (h[1] + 1u) * 8;
	if (w->p->ip_proto == PROTO_ROUTING && h[3] != 0) {
		w->detour = true;
		if (h[2] == ROUTING_SOURCE)
			w->p->notes |= NOTE_SOURCE_ROUTED;
	}
	if (take(w, n) != NULL)
		go_protocol(w, h[0]);
}

void
step_ip6_fragment(struct walk *w)
{
	const uint8_t *h = take(w, 8);
	uint32_t off;

	if (h == NULL)
		return;
	off = be16(h + 2);
	if ((off & 0xfff9) == 0) { /* the only piece: RFC 6946 */
		go_protocol(w, h[0]);
		return;
	}
	w->p->frag.id = be32(h + 4);
	go_fragment(w, h[0], off & 0xfff8, (off & 1) != 0);
}

void
step_auth(struct walk *w)
{
	const uint8_t *h = ahead(w, 12);
	uint32_t n;

	if (h == NULL) {
		walk_short(w, 12);
		return;
	}
	n = (h[1] + 2u) * 4;
	if (n < 12) {
		stop(w, NOTE_BAD_HEADER);
		return;
	}
	if (take(w, n) == NULL)
		return;
	w->p->encaps |= 1u << ENCAP_AH;
	go_protocol(w, h[0]);
}

void
step_esp(struct walk *w)
{
	w->p->encaps |= 1u << ENCAP_ESP;
	stop(w, NOTE_ENCRYPTED);
}

bool
looks_ip4(const struct walk *w, uint32_t off)
{
	const uint8_t *h = ahead(w, off + 20);
	uint32_t n, total;

	if (h == NULL)
		return false;
	h += off;
	n = (h[0] & 15u) * 4;
	total = be16(h + 2);
	if (h[0] >> 4 != 4 || n < 20 || off + n > w->have)
		return false;
	if (total != 0 && (total < n || (total > w->left - off && !w->trimmed)))
		return false;
	return be16(h + 10) == 0 || sum_fold16(sum_add(0, h, n)) == 0xffff;
}

bool
looks_ip6(const struct walk *w, uint32_t off)
{
	const uint8_t *h = ahead(w, off + 40);

	if (h == NULL || h[off] >> 4 != 6)
		return false;
	return w->trimmed || be16(h + off + 4) <= w->left - off - 40;
}
