/*
 * tunnel.c - what is carried inside IP and UDP: IP in IP (RFC 2003, 4213),
 * EtherIP (RFC 3378), MPLS in IP (RFC 4023), VXLAN (RFC 7348), GENEVE
 * (RFC 8926), GTP-U (3GPP TS 29.281), Teredo (RFC 4380), L2TP (RFC 2661,
 * RFC 3931); routed.c has more of them.
 *
 *	VXLAN	flags (I = 08), reserved 3, network identifier 3, reserved 1
 *	GENEVE	version 2, option words 6; flags; ethertype; identifier 3, 0
 *	GTP-U	version 3 (1), GTP 1, 0, E, S, PN; type (255: a packet);
 *		length; endpoint be32; if E, S or PN: sequence be16, N-PDU,
 *		next extension: length in 4 bytes, content, next extension
 *	Teredo	00 01, two lengths, identifier, authentication, nonce 8, 1;
 *		00 00, port, address; either may be missing; then IPv6
 *	L2TPv2	flags and version be16, length, tunnel, session, Ns and Nr,
 *		offset and padding: as the flags say; then PPP
 *	L2TPv3	session be32, cookie of 0, 4 or 8 bytes, perhaps 4 more; only
 *		the two ends know which, and what follows
 *
 * A port proves nothing: what does not look like the tunnel stays UDP.
 */
#include "private.h"

#include "../base/hash.h"

/* ------------------------------------------------------ entering a tunnel */

static uint64_t
hash_ip(const struct ip *ip)
{
	return hash_bytes(ip->b, sizeof(ip->b), ip->len);
}

/* A tunnel within a tunnel is another one. */
void
tunnel_enter(struct walk *w, enum encap encap, uint32_t id)
{
	struct packet *p = w->p;
	const uint32_t key[3] = { p->tunnel, encap, id };
	uint32_t hash = (uint32_t)hash_bytes(key, sizeof(key), 0);

	p->tunnel = hash != 0 ? hash : 1;
	p->tunnel_src = p->src_ip;
	p->tunnel_dst = p->dst_ip;
	p->notes |= NOTE_TUNNELLED;
	p->encaps |= 1u << encap;
}

/* The ends are added up, so that their order does not matter. */
void
tunnel_between(struct walk *w, enum encap encap)
{
	uint64_t ends = hash_ip(&w->p->src_ip) + hash_ip(&w->p->dst_ip);

	tunnel_enter(w, encap, (uint32_t)(ends ^ ends >> 32));
}

/* Nor is it the inner sender who left a checksum out. */
static void
forget_network(struct packet *p)
{
	p->notes &= ~(uint32_t)NOTE_NO_SUM;
	memset(&p->src_ip, 0, sizeof(p->src_ip));
	memset(&p->dst_ip, 0, sizeof(p->dst_ip));
	p->ttl = 0;
	p->ip_proto = 0;
	p->src_port = 0;
	p->dst_port = 0;
	p->payload_sum = 0;
}

void
go_inner_ether(struct walk *w)
{
	struct packet *p = w->p;

	forget_network(p);
	p->n_vlan = 0;
	p->notes &= ~(uint32_t)NOTE_TAGGED;
	p->via = VIA_NONE;
	p->service = 0;
	w->layer = LAYER_ETHER;
}

void
go_inner_ip(struct walk *w, uint32_t ethertype)
{
	struct packet *p = w->p;

	forget_network(p);
	memset(&p->src_mac, 0, sizeof(p->src_mac));
	memset(&p->dst_mac, 0, sizeof(p->dst_mac));
	p->has_mac = false;
	go_ethertype(w, ethertype);
}

static bool
looks_llc(const uint8_t *h, uint32_t length, uint32_t left)
{
	if (length < 3 || length > left)
		return false;
	return (h[0] == 0x42 && h[1] == 0x42 && h[2] == 3) ||
	    (h[0] == 0xaa && h[1] == 0xaa && h[2] == 3) ||
	    (h[0] == 0xfe && h[1] == 0xfe && h[2] == 3);
}

static bool
is_usual_ethertype(uint32_t type)
{
	static const uint16_t usual[] = { 0x0800, 0x0806, 0x8035, 0x8100,
		0x86dd, 0x8809, 0x8847, 0x8863, 0x8864, 0x8892, 0x88a4, 0x88a8,
		0x88b8, 0x88b9, 0x88ba, 0x88cc, 0x88e5, 0x88f7, 0x88fb, 0x8902,
		0x892f, 0x9000 };

	for (uint32_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (usual[i] == type)
			return true;
	return false;
}

bool
looks_ether(const struct walk *w, uint32_t off)
{
	const uint8_t *h = ahead(w, off + 18);
	uint32_t type;

	if (h == NULL)
		return false;
	h += off;
	type = be16(h + 12);
	if ((h[6] & 1) != 0)
		return false;
	if (type == 0x0800)
		return h[14] >> 4 == 4;
	if (type == 0x86dd)
		return h[14] >> 4 == 6;
	return is_usual_ethertype(type) ||
	    looks_llc(h + 14, type, w->left - off - 14);
}

/* ------------------------------------------------------------ inside IP */

void
step_ip_in_ip(struct walk *w)
{
	const uint8_t *h = ahead(w, 20);
	bool six = w->p->ip_proto == 41;

	if (h == NULL) {
		walk_short(w, 20);
		return;
	}
	if (h[0] >> 4 != (six ? 6 : 4)) {
		stop(w, NOTE_BAD_HEADER);
		return;
	}
	tunnel_between(w,
	    six && w->p->src_ip.len == 4 ? ENCAP_SIXIN4 : ENCAP_IPIP);
	go_inner_ip(w, six ? 0x86dd : 0x0800);
}

void
step_ether_ip(struct walk *w)
{
	const uint8_t *h = ahead(w, 2);

	w->layer = LAYER_END;
	if (h == NULL || be16(h) != 0x3000 || !looks_ether(w, 2))
		return;
	(void)take(w, 2);
	tunnel_between(w, ENCAP_ETHERIP);
	go_inner_ether(w);
}

void
step_mpls_ip(struct walk *w)
{
	tunnel_between(w, ENCAP_MPLS);
	go_inner_ip(w, 0x8847);
}

/* ----------------------------------------------------------- inside UDP */

static enum layer
layer_of_port(uint32_t port)
{
	switch (port) {
	case 1701:
		return LAYER_L2TP;
	case 2152:
		return LAYER_GTP;
	case 3544:
		return LAYER_TEREDO;
	case 4341:
		return LAYER_LISP;
	case 4789:
	case 8472: /* Linux, before the number was assigned */
		return LAYER_VXLAN;
	case 4790:
		return LAYER_VXLAN_GPE;
	case 5247:
		return LAYER_CAPWAP;
	case 6081:
		return LAYER_GENEVE;
	case 6635:
		return LAYER_MPLS_UDP;
	default:
		return LAYER_END;
	}
}

void
go_tunnel_port(struct walk *w)
{
	w->layer = layer_of_port(w->p->dst_port);
	if (w->layer == LAYER_END)
		w->layer = layer_of_port(w->p->src_port);
}

void
go_inner_type(struct walk *w, uint32_t type)
{
	if (type == 0x6558) /* a frame: transparent Ethernet bridging */
		go_inner_ether(w);
	else
		go_inner_ip(w, type);
}

/* Group policy (G = 80) is the one other flag in use. */
void
step_vxlan(struct walk *w)
{
	const uint8_t *h = ahead(w, 8 + 14);

	w->layer = LAYER_END;
	if (h == NULL || (h[0] & 0x7f) != 0x08 || h[7] != 0)
		return;
	(void)take(w, 8);
	tunnel_enter(w, ENCAP_VXLAN, be32(h + 4) >> 8);
	go_inner_ether(w);
}

/* draft-ietf-nvo3-vxlan-gpe: the fourth byte says what follows.  Senders forget
 * the flag (P = 04) that says so. */
void
step_vxlan_gpe(struct walk *w)
{
	static const uint16_t types[5] = { 0, 0x0800, 0x86dd, 0x6558, 0x894f };
	const uint8_t *h = ahead(w, 8 + 14);

	w->layer = LAYER_END;
	if (h == NULL || (h[0] & 0xf8) != 0x08 || h[3] == 0 || h[3] > 4)
		return;
	if (h[3] < 3 && h[8] >> 4 != (h[3] == 1 ? 4 : 6))
		return;
	(void)take(w, 8);
	tunnel_enter(w, ENCAP_VXLAN, be32(h + 4) >> 8);
	go_inner_type(w, types[h[3]]);
}

void
step_geneve(struct walk *w)
{
	const uint8_t *h = ahead(w, 8);
	uint32_t n, type;

	w->layer = LAYER_END;
	if (h == NULL || h[0] >> 6 != 0 || (h[1] & 0x3f) != 0 || h[7] != 0)
		return;
	n = 8 + (h[0] & 0x3fu) * 4;
	type = be16(h + 2);
	if (ahead(w, n + 14) == NULL)
		return;
	if (type != 0x6558 && type != 0x0800 && type != 0x86dd)
		return;
	(void)take(w, n);
	tunnel_enter(w, ENCAP_GENEVE, be32(h + 4) >> 8);
	go_inner_type(w, type);
}

/* Size of the header with its extensions; 0 when it is none. */
static uint32_t
gtp_header_size(const struct walk *w)
{
	const uint8_t *h = ahead(w, 12);
	uint32_t n = 12, next;

	if (h == NULL || h[0] >> 4 != 3 || h[1] != 255 ||
	    be16(h + 2) + 8u > w->left)
		return 0;
	if ((h[0] & 7) == 0)
		return 8;
	next = (h[0] & 4) != 0 ? h[11] : 0;
	for (int i = 0; next != 0; i++) {
		uint32_t size = n < w->have ? h[n] * 4u : 0;

		if (size == 0 || n + size > w->have || i == 8)
			return 0;
		n += size;
		next = h[n - 1];
	}
	return n;
}

/* Each direction has its own endpoint identifier. */
void
step_gtp(struct walk *w)
{
	uint32_t n = gtp_header_size(w);
	bool six;

	w->layer = LAYER_END;
	if (n == 0)
		return;
	six = looks_ip6(w, n);
	if (!six && !looks_ip4(w, n))
		return;
	limit(w, be16(w->at + 2) + 8u);
	if (take(w, n) == NULL)
		return;
	tunnel_between(w, ENCAP_GTPU);
	go_inner_ip(w, six ? 0x86dd : 0x0800);
}

void
step_teredo(struct walk *w)
{
	const uint8_t *h = ahead(w, 8);
	uint32_t n = 0;

	w->layer = LAYER_END;
	if (h != NULL && be16(h) == 1)
		n = 4u + h[2] + h[3] + 9;
	h = ahead(w, n + 8);
	if (h != NULL && be16(h + n) == 0)
		n += 8;
	if (!looks_ip6(w, n))
		return;
	(void)take(w, n);
	tunnel_between(w, ENCAP_TEREDO);
	go_inner_ip(w, 0x86dd);
}

/* ----------------------------------------------------------------- L2TP */

#define L2TP_CONTROL 0x8000u
#define L2TP_LENGTH 0x4000u
#define L2TP_SEQUENCE 0x0800u
#define L2TP_OFFSET 0x0200u
#define L2TP_RESERVED 0x34f0u

/* Size of the header of version 2 with its padding; 0 when it is none. */
static uint32_t
l2tp2_header_size(const struct walk *w, uint32_t flags)
{
	uint32_t n = 6;

	n += (flags & L2TP_LENGTH) != 0 ? 2 : 0;
	n += (flags & L2TP_SEQUENCE) != 0 ? 4 : 0;
	if ((flags & L2TP_LENGTH) != 0 &&
	    (ahead(w, 4) == NULL || be16(w->at + 2) > w->left))
		return 0;
	if ((flags & L2TP_OFFSET) == 0)
		return n;
	if (ahead(w, n + 2) == NULL)
		return 0;
	return n + 2 + be16(w->at + n);
}

/* Where behind the session something known begins; 0 when nothing does. */
static uint32_t
l2tp3_content(const struct walk *w, uint32_t n, bool *ret_ppp)
{
	for (uint32_t off = n; off <= n + 12; off += 4) {
		*ret_ppp = looks_ppp(w, off);
		if (*ret_ppp || looks_ether(w, off))
			return off;
	}
	return 0;
}

static void
l2tp_go(struct walk *w, uint32_t n, bool ppp)
{
	if (take(w, n) == NULL)
		return;
	tunnel_between(w, ENCAP_L2TP);
	if (!ppp) {
		go_inner_ether(w);
		return;
	}
	go_inner_ip(w, 0);
	w->layer = LAYER_PPP;
}

void
step_l2tp(struct walk *w)
{
	const uint8_t *h = ahead(w, 6);
	uint32_t flags, n;
	bool ppp;

	w->layer = LAYER_END;
	if (h == NULL)
		return;
	flags = be16(h);
	if ((flags & (L2TP_CONTROL | L2TP_RESERVED)) != 0)
		return;
	n = 0;
	ppp = true;
	if ((flags & 15) == 2) {
		n = l2tp2_header_size(w, flags);
		ppp = n != 0 && looks_ppp(w, n);
		n = ppp ? n : 0;
	} else if (flags == 3) {
		n = l2tp3_content(w, 8, &ppp);
	}
	if (n != 0)
		l2tp_go(w, n, ppp);
}

void
step_l2tp_ip(struct walk *w)
{
	const uint8_t *h = ahead(w, 4);
	uint32_t n;
	bool ppp = false;

	w->layer = LAYER_END;
	if (h == NULL || be32(h) == 0) /* session 0: control */
		return;
	n = l2tp3_content(w, 4, &ppp);
	if (n != 0)
		l2tp_go(w, n, ppp);
}
