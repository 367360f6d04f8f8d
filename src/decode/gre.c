/*
 * gre.c - Generic Routing Encapsulation and the mirrors that use it.
 *
 *	GRE (RFC 2784, RFC 2890; version 0 with routing RFC 1701; version 1 of
 *	PPTP RFC 2637; NVGRE RFC 7637)
 *	+----------------+-----------+------------------------------------
 *	| flags, version | ethertype | checksum, offset; key; sequence; ...
 *	+----------------+-----------+------------------------------------
 *	  be16             be16        be32 each, as the flags say
 *
 *	ERSPAN (draft-foschiano-erspan-03): I is 88be without a sequence number
 *	and has no header of its own; II is 88be with one:
 *		version 4 (1), VLAN 12; class 3, tag 2, cut 1, session 10;
 *		reserved 12, index 20
 *	III is 22eb:
 *		version 4 (2), VLAN 12; class 3, state 2, cut 1, session 10;
 *		time be32; security group be16; frame 1, type 5, hardware 6,
 *		egress 1, granularity 2, more 1; then if more:
 *		platform 6, 26 bits and 32 bits by platform
 */
#include "private.h"

#define GRE_CHECKSUM 0x8000u
#define GRE_ROUTING 0x4000u
#define GRE_KEY 0x2000u
#define GRE_SEQUENCE 0x1000u
#define GRE_ACK 0x0080u /* version 1 */

#define TYPE_BRIDGED 0x6558
#define TYPE_ERSPAN 0x88be
#define TYPE_ERSPAN3 0x22eb
#define TYPE_WCCP 0x883e
#define TYPE_PPP 0x880b
#define TYPE_CDP 0x2000
#define TYPE_METADATA 0x8909 /* of Cisco: ethertype, 01 01, option, group */

#define ERSPAN_CUT 0x0400u

struct gre {
	uint32_t flags, type, key, sequence;
	uint32_t size; /* of the header */
};

/* Source routes: family, offset, length, content; family 0 ends them. */
static bool
gre_routing(const struct walk *w, uint32_t *n)
{
	for (int i = 0; i < 16; i++) {
		const uint8_t *h = ahead(w, *n + 4);
		uint32_t family, size;

		if (h == NULL)
			return false;
		family = be16(h + *n);
		size = h[*n + 3];
		*n += 4 + size;
		if (family == 0 && size == 0)
			return true;
	}
	return false;
}

/* An optional word; zero, and no step, where the flag is not set. */
static uint32_t
gre_word(const struct walk *w, const struct gre *g, uint32_t flag, uint32_t *n)
{
	uint32_t at = *n;

	if ((g->flags & flag) == 0)
		return 0;
	*n += 4;
	return ahead(w, *n) != NULL ? be32(w->at + at) : 0;
}

static bool
gre_header(const struct walk *w, struct gre *g)
{
	const uint8_t *h = ahead(w, 4);
	uint32_t n = 4;

	if (h == NULL)
		return false;
	g->flags = be16(h);
	g->type = be16(h + 2);
	if ((g->flags & (GRE_CHECKSUM | GRE_ROUTING)) != 0)
		n += 4;
	g->key = gre_word(w, g, GRE_KEY, &n);
	g->sequence = gre_word(w, g, GRE_SEQUENCE, &n);
	if ((g->flags & 7) == 1)
		(void)gre_word(w, g, GRE_ACK, &n);
	else if ((g->flags & GRE_ROUTING) != 0 && !gre_routing(w, &n))
		return false;
	g->size = n;
	return n <= w->have;
}

/* --------------------------------------------------------------- mirrors */

/* Ends of the mirror's tunnel; what follows is not tunnelled traffic. */
static struct mirror *
mirror_enter(struct walk *w, const struct gre *g, enum encap encap)
{
	struct packet *p = w->p;
	struct mirror *m = &p->mirror;

	*m = (struct mirror){
		.type = (uint8_t)(encap - ENCAP_ERSPAN1 + 1),
		.sequence = g->sequence,
		.has_sequence = (g->flags & GRE_SEQUENCE) != 0,
		.from = p->src_ip,
		.to = p->dst_ip,
	};
	p->notes |= NOTE_MIRRORED;
	p->encaps |= 1u << encap;
	return m;
}

static void
mirror_header(struct walk *w, struct mirror *m, const uint8_t *h)
{
	m->vlan = (uint16_t)(be16(h) & 0xfff);
	m->session = (uint16_t)(be16(h + 2) & 0x3ff);
	w->trimmed = (be16(h + 2) & ERSPAN_CUT) != 0;
}

static void
gre_erspan1(struct walk *w, const struct gre *g)
{
	if (ahead(w, g->size + 14) == NULL)
		return;
	(void)take(w, g->size);
	(void)mirror_enter(w, g, ENCAP_ERSPAN1);
	go_inner_ether(w);
}

static void
gre_erspan2(struct walk *w, const struct gre *g)
{
	const uint8_t *h = ahead(w, g->size + 8 + 14);
	struct mirror *m;

	if (h == NULL || h[g->size] >> 4 != 1)
		return;
	h += g->size;
	(void)take(w, g->size + 8);
	m = mirror_enter(w, g, ENCAP_ERSPAN2);
	mirror_header(w, m, h);
	m->port = be32(h + 4) & 0xfffff;
	go_inner_ether(w);
}

/* Where the platform puts the port and the upper half of the time. */
static void
mirror_platform(struct mirror *m, const uint8_t *h)
{
	uint32_t low = be32(h), high = be32(h + 4);

	switch (low >> 26) {
	case 1:
		m->port = high;
		return;
	case 3:
		m->port = low & 0x3fff;
		break;
	case 5:
	case 6:
		m->port = low & 0xffff;
		break;
	case 7:
		m->port = low & 0xfffff;
		break;
	default:
		return;
	}
	m->time |= (uint64_t)high << 32;
}

static void
gre_erspan3(struct walk *w, const struct gre *g)
{
	const uint8_t *h = ahead(w, g->size + 12);
	uint32_t n = g->size + 12, bits, type;
	struct mirror *m;

	if (h == NULL || h[g->size] >> 4 != 2)
		return;
	h += g->size;
	bits = be16(h + 10);
	type = bits >> 10 & 31;
	n += (bits & 1) != 0 ? 8 : 0;
	if (ahead(w, n + 14) == NULL || (type != 0 && type != 2))
		return;
	(void)take(w, n);
	m = mirror_enter(w, g, ENCAP_ERSPAN3);
	mirror_header(w, m, h);
	m->time = be32(h + 4);
	m->direction = bits >> 3 & 1;
	m->granularity = bits >> 1 & 3;
	if ((bits & 1) != 0)
		mirror_platform(m, h + 12);
	if (type == 0)
		go_inner_ether(w);
	else
		go_inner_ip(w, w->at[0] >> 4 == 6 ? 0x86dd : 0x0800);
}

/* --------------------------------------------------------- other content */

/* A key tells tunnels apart and is the same both ways; in NVGRE its last
 * byte only spreads the load. */
static void
gre_bridged(struct walk *w, const struct gre *g)
{
	if (ahead(w, g->size + 14) == NULL)
		return;
	(void)take(w, g->size);
	if ((g->flags & GRE_KEY) != 0)
		tunnel_enter(w, ENCAP_GRE, g->key >> 8);
	else
		tunnel_between(w, ENCAP_GRE);
	go_inner_ether(w);
}

static void
gre_network(struct walk *w, const struct gre *g, uint32_t type)
{
	(void)take(w, g->size);
	tunnel_between(w, ENCAP_GRE);
	go_inner_ip(w, type);
}

/* Web cache redirection: IPv4, maybe behind a word of its own. */
static void
gre_wccp(struct walk *w, struct gre *g)
{
	if (!looks_ip4(w, g->size))
		g->size += 4;
	if (looks_ip4(w, g->size))
		gre_network(w, g, 0x0800);
}

/* Unlike behind an Ethernet header the type stands first. */
static void
gre_metadata(struct walk *w, struct gre *g)
{
	const uint8_t *h = ahead(w, g->size + 8);
	uint32_t type;

	if (h == NULL || be16(h + g->size + 2) != 0x0101)
		return;
	type = be16(h + g->size);
	g->size += 8;
	if ((type != 0x0800 || !looks_ip4(w, g->size)) &&
	    (type != 0x86dd || !looks_ip6(w, g->size)))
		return;
	w->p->encaps |= 1u << ENCAP_TRUSTSEC;
	gre_network(w, g, type);
}

/* The key's upper half is the length of the payload. */
static void
gre_pptp(struct walk *w, const struct gre *g)
{
	if (g->type != TYPE_PPP || (g->flags & GRE_SEQUENCE) == 0 ||
	    !looks_ppp(w, g->size))
		return;
	(void)take(w, g->size);
	limit(w, g->key >> 16);
	tunnel_between(w, ENCAP_GRE);
	go_inner_ip(w, 0);
	w->layer = LAYER_PPP;
}

static void
gre_by_type(struct walk *w, struct gre *g)
{
	switch (g->type) {
	case TYPE_ERSPAN:
		if ((g->flags & GRE_SEQUENCE) != 0)
			gre_erspan2(w, g);
		else
			gre_erspan1(w, g);
		return;
	case TYPE_ERSPAN3:
		gre_erspan3(w, g);
		return;
	case TYPE_BRIDGED:
		gre_bridged(w, g);
		return;
	case TYPE_METADATA:
		gre_metadata(w, g);
		return;
	case TYPE_WCCP:
		gre_wccp(w, g);
		return;
	case 0x0800:
	case 0x86dd:
	case 0x8847:
	case TYPE_CDP:
		gre_network(w, g, g->type);
		return;
	default:
		return;
	}
}

/* What cannot be gone into stays a conversation of IP protocol 47. */
void
step_gre(struct walk *w)
{
	struct gre g = { .size = 0 };

	w->layer = LAYER_END;
	if (!gre_header(w, &g)) {
		walk_short(w, w->have + 1);
		return;
	}
	if ((g.flags & 7) == 0)
		gre_by_type(w, &g);
	else if ((g.flags & 7) == 1)
		gre_pptp(w, &g);
	else
		stop(w, NOTE_BAD_HEADER);
}
