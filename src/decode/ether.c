/*
 * ether.c - Ethernet, its tags, and what hides between it and the network.
 *
 *	Ethernet (IEEE 802.3 3.2)
 *	+-------------+-------------+---------------+- - - -+- - - - -+-----+
 *	| destination | source      | type / length | data  | padding | FCS |
 *	+-------------+-------------+---------------+- - - -+- - - - -+-----+
 *	  6             6             be16                              le32
 *
 *	802.1Q, 802.1ad tag: type, be16 of priority 3, drop 1, identifier 12
 *	LLC (ISO/IEC 8802-2): DSAP, SSAP, control; AA AA 03: SNAP, an OUI of
 *	three bytes and a be16 of the OUI's owner, an ethertype for OUI 0
 *	HSR tag (IEC 62439-3 clause 5): type 892f, path 4, size 12, sequence
 *	PRP trailer (IEC 62439-3 clause 4), at the very end of a frame:
 *	sequence, LAN 4 (A or B), size 12, suffix 88fb
 *	MACsec tag (IEEE 802.1AE clause 9): type 88e5, TCI, short length,
 *	packet number, 8 bytes of channel if TCI says so; at the end the ICV
 *	802.1ah: type 88e7, flags 8, service 24; then a whole frame
 *	FabricPath: type 8903, tree 10, TTL 6; then a whole frame
 *	Cisco metadata: type 8909, version, length, option, group, ethertype
 *	tags within switches: Marvell's after the addresses, mode 2, tagged 1,
 *	device 5, port 5, bits 3, class 3, 0, VLAN 12 (with ethertype dada and
 *	two zeros before it: EDSA); Broadcom's of 4 bytes there or in front
 *	PPPoE (RFC 2516): 11, code, session, length; then PPP (RFC 1661)
 *	MPLS (RFC 3032): label 20, class 3, bottom 1, TTL 8
 */
#include "private.h"

#define TYPE_MIN 1536 /* smaller: a length, IEEE 802.3 3.2.6 */
#define LENGTH_MAX 1500
#define MACSEC_ICV 16

void
go_ethertype(struct walk *w, uint32_t type)
{
	w->p->via = VIA_ETHER;
	w->p->service = type;
	switch (type) {
	case 0x0800:
		w->layer = LAYER_IP4;
		return;
	case 0x86dd:
		w->layer = LAYER_IP6;
		return;
	case 0x8100:
	case 0x88a8:
	case 0x9100:
	case 0x9200:
		w->layer = LAYER_VLAN;
		return;
	case 0x8847:
	case 0x8848:
		w->layer = LAYER_MPLS;
		return;
	case 0x8864:
		w->layer = LAYER_PPPOE;
		return;
	case 0x88e5:
		w->layer = LAYER_MACSEC;
		return;
	case 0x88e7:
		w->layer = LAYER_BACKBONE;
		return;
	case 0x8903:
		w->layer = LAYER_FABRIC;
		return;
	case 0x8909:
		w->layer = LAYER_TRUSTSEC;
		return;
	case 0x894f:
		w->layer = LAYER_NSH;
		return;
	case 0x892f:
		w->layer = LAYER_HSR;
		return;
	default:
		w->layer = LAYER_END;
	}
}

void
go_llc(struct walk *w)
{
	w->p->via = VIA_NONE;
	w->p->service = 0;
	w->layer = LAYER_LLC;
}

static void
go_type_or_length(struct walk *w, uint32_t type)
{
	if (type >= TYPE_MIN) {
		go_ethertype(w, type);
	} else if (type <= LENGTH_MAX) {
		limit(w, type);
		go_llc(w);
	} else {
		w->p->via = VIA_ETHER;
		w->p->service = type;
		stop(w, NOTE_BAD_HEADER);
	}
}

static bool
is_tag(uint32_t type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100 ||
	    type == 0x9200;
}

/* The size counts what follows address, tags and type, trailer included. */
static void
take_prp(struct walk *w, uint32_t type)
{
	const uint8_t *rct = w->at + w->have - 6;
	uint32_t size = be16(rct + 2) & 0xfff, lan = rct[2] >> 4, tags = 0;

	if (lan != 0xa && lan != 0xb)
		return;
	while (is_tag(type) && tags + 4 <= w->have) {
		type = be16(w->at + tags + 2);
		tags += 4;
	}
	if (size + tags != w->have)
		return;
	w->p->red.seq = (uint16_t)be16(rct);
	w->p->red.lan = (uint8_t)lan;
	w->p->red.is = true;
	w->p->notes |= NOTE_PRP;
	w->p->encaps |= 1u << ENCAP_PRP;
	w->have -= 6;
	w->left -= 6;
}

static bool
ends_like_prp(const struct walk *w)
{
	return w->have >= 6 && whole(w) && be16(w->at + w->have - 2) == 0x88fb;
}

void
step_ether(struct walk *w)
{
	struct packet *p = w->p;
	const uint8_t *h;
	uint32_t type;

	if (w->fcs_len != 0)
		take_fcs(w);
	h = take(w, 14);
	if (h == NULL)
		return;
	memcpy(p->dst_mac.b, h, 6);
	memcpy(p->src_mac.b, h + 6, 6);
	p->has_mac = true;
	type = be16(h + 12);
	if (ends_like_prp(w))
		take_prp(w, type);
	go_type_or_length(w, type);
}

static void
keep_tag(struct packet *p, const uint8_t *h)
{
	p->notes |= NOTE_TAGGED;
	if (p->n_vlan < PACKET_VLANS) {
		p->vlan[p->n_vlan] = (uint16_t)(be16(h) & 0xfff);
		p->vlan_pcp[p->n_vlan] = h[0] >> 5;
		p->n_vlan++;
	}
}

void
step_vlan(struct walk *w)
{
	struct packet *p = w->p;
	const uint8_t *h = take(w, 4);

	if (h == NULL)
		return;
	p->encaps |= p->n_vlan == 0 && p->service == 0x8100 ? 1u << ENCAP_VLAN
							    : 1u << ENCAP_QINQ;
	keep_tag(p, h);
	go_type_or_length(w, be16(h + 2));
}

/* Addresses, a tag of n bytes, type: where the ethertype should stand. */
static const uint8_t *
take_tagged(struct walk *w, uint32_t n)
{
	const uint8_t *h = take(w, 12 + n + 2);

	if (h == NULL)
		return NULL;
	memcpy(w->p->dst_mac.b, h, 6);
	memcpy(w->p->src_mac.b, h + 6, 6);
	w->p->has_mac = true;
	return h + 12;
}

/* The VLAN of a frame that had no tag is the port's, and not told. */
static void
marvell(struct walk *w, uint32_t n)
{
	const uint8_t *h = take_tagged(w, n);

	if (h == NULL)
		return;
	if ((h[n - 4] & 0x20) != 0)
		keep_tag(w->p, h + n - 2);
	go_type_or_length(w, be16(h + n));
}

void
step_dsa(struct walk *w)
{
	marvell(w, 4);
}

void
step_edsa(struct walk *w)
{
	marvell(w, 8);
}

void
step_broadcom(struct walk *w)
{
	const uint8_t *h = take_tagged(w, 4);

	if (h != NULL)
		go_type_or_length(w, be16(h + 4));
}

void
step_broadcom_first(struct walk *w)
{
	if (take(w, 4) != NULL)
		w->layer = LAYER_ETHER;
}

static void
take_snap(struct walk *w)
{
	const uint8_t *h = take(w, 5);
	uint32_t oui;

	if (h == NULL)
		return;
	w->p->encaps |= 1u << ENCAP_SNAP;
	oui = be32(h) >> 8;
	if (oui == 0 || oui == 0x0000f8) { /* the latter: IEEE 802.1H */
		go_ethertype(w, be16(h + 3));
		return;
	}
	w->p->via = VIA_SNAP;
	w->p->service = oui << 16 | be16(h + 3);
	stop(w, 0);
}

void
step_llc(struct walk *w)
{
	const uint8_t *h = ahead(w, 2);

	w->layer = LAYER_END;
	if (h != NULL && be16(h) == 0xffff) { /* Novell's frames without LLC */
		w->p->via = VIA_LLC;
		w->p->service = 0xff;
		return;
	}
	h = take(w, 3);
	if (h == NULL)
		return;
	w->p->via = VIA_LLC;
	w->p->service = h[0];
	if (be16(h) == 0xaaaa && h[2] == 3)
		take_snap(w);
	else if ((h[2] & 3) != 3) /* numbered frames: control of two bytes */
		(void)take(w, 1);
}

void
step_hsr(struct walk *w)
{
	const uint8_t *h = take(w, 6);

	if (h == NULL)
		return;
	w->p->red.seq = (uint16_t)be16(h + 2);
	w->p->red.lan = h[0] >> 4;
	w->p->red.is = true;
	w->p->notes |= NOTE_HSR;
	w->p->encaps |= 1u << ENCAP_HSR;
	go_type_or_length(w, be16(h + 4));
}

/* The frame of a customer within the provider's. */
static void
step_frame(struct walk *w, enum encap encap, uint32_t n)
{
	w->layer = LAYER_END;
	if (!looks_ether(w, n))
		return;
	(void)take(w, n);
	w->p->encaps |= 1u << encap;
	go_inner_ether(w);
}

void
step_backbone(struct walk *w)
{
	step_frame(w, ENCAP_BACKBONE, 4);
}

void
step_fabric(struct walk *w)
{
	step_frame(w, ENCAP_FABRIC, 2);
}

/* Version 1, one option of the security group's kind. */
void
step_trustsec(struct walk *w)
{
	const uint8_t *h = ahead(w, 8);

	w->layer = LAYER_END;
	if (h == NULL || be16(h) != 0x0101)
		return;
	(void)take(w, 8);
	w->p->encaps |= 1u << ENCAP_TRUSTSEC;
	go_type_or_length(w, be16(h + 6));
}

/* Version, end station, channel present, broadcast, encrypted, changed. */
#define TCI_VERSION 0x80u
#define TCI_CHANNEL 0x20u
#define TCI_ENCRYPTED 0x08u
#define TCI_CHANGED 0x04u

static void
drop_tail(struct walk *w, uint32_t n)
{
	w->left -= n < w->left ? n : w->left;
	if (w->have > w->left)
		w->have = w->left;
}

void
step_macsec(struct walk *w)
{
	const uint8_t *h = take(w, 6);
	uint32_t tci, size;

	if (h == NULL)
		return;
	tci = h[0];
	size = h[1] & 0x3f;
	if ((tci & TCI_VERSION) != 0) {
		stop(w, NOTE_BAD_HEADER);
		return;
	}
	if ((tci & TCI_CHANNEL) != 0 && take(w, 8) == NULL)
		return;
	w->p->encaps |= 1u << ENCAP_MACSEC;
	if ((tci & (TCI_ENCRYPTED | TCI_CHANGED)) != 0) {
		stop(w, (tci & TCI_ENCRYPTED) != 0 ? NOTE_ENCRYPTED : 0);
		return;
	}
	if (size != 0)
		limit(w, size);
	else
		drop_tail(w, MACSEC_ICV);
	h = take(w, 2);
	if (h != NULL)
		go_type_or_length(w, be16(h));
}

void
step_pppoe(struct walk *w)
{
	const uint8_t *h = ahead(w, 2);

	if (h != NULL && (h[0] != 0x11 || h[1] != 0)) {
		stop(w, h[0] != 0x11 ? NOTE_BAD_HEADER : 0);
		return;
	}
	h = take(w, 6);
	if (h == NULL)
		return;
	limit(w, be16(h + 4));
	w->p->encaps |= 1u << ENCAP_PPPOE;
	w->layer = LAYER_PPP;
}

static uint32_t
ethertype_of_ppp(uint32_t protocol)
{
	switch (protocol) {
	case 0x0021:
		return 0x0800;
	case 0x0057:
		return 0x86dd;
	case 0x0281:
		return 0x8847;
	default:
		return 0;
	}
}

/* The protocol may be compressed to one byte, told by its last bit. */
static uint32_t
ppp_protocol(const uint8_t *h, uint32_t *ret_n)
{
	*ret_n = (h[0] & 1) != 0 ? 1 : 2;
	return (h[0] & 1) != 0 ? h[0] : be16(h);
}

bool
looks_ppp(const struct walk *w, uint32_t off)
{
	const uint8_t *h = ahead(w, off + 4);
	uint32_t n, type;

	if (h == NULL)
		return false;
	h += off;
	if (be16(h) == 0xff03)
		h += 2;
	type = ethertype_of_ppp(ppp_protocol(h, &n));
	off = (uint32_t)(h - w->at) + n;
	return (type == 0x0800 && looks_ip4(w, off)) ||
	    (type == 0x86dd && looks_ip6(w, off)) || type == 0x8847;
}

void
step_ppp(struct walk *w)
{
	const uint8_t *h = ahead(w, 2);
	uint32_t n, type;

	if (h != NULL && be16(h) == 0xff03) {
		(void)take(w, 2);
		h = ahead(w, 2);
	}
	if (h == NULL) {
		walk_short(w, 2);
		return;
	}
	type = ethertype_of_ppp(ppp_protocol(h, &n));
	if (type == 0) {
		stop(w, NOTE_UNKNOWN_NET);
		return;
	}
	(void)take(w, n);
	w->p->encaps |= 1u << ENCAP_PPP;
	go_ethertype(w, type);
}

/* What is below the labels is only known to the routers: guess. */
static void
go_below_labels(struct walk *w)
{
	uint32_t nibble = w->have > 0 ? w->at[0] >> 4 : 0;

	if (looks_ip4(w, 0)) {
		go_ethertype(w, 0x0800);
	} else if (looks_ip6(w, 0)) {
		go_ethertype(w, 0x86dd);
	} else if (nibble == 0 && looks_ether(w, 4)) { /* RFC 4385 */
		(void)take(w, 4);
		go_inner_ether(w);
	} else if (looks_ether(w, 0)) {
		go_inner_ether(w);
	} else if (nibble == 4 || nibble == 6) {
		go_ethertype(w, nibble == 4 ? 0x0800 : 0x86dd);
	} else {
		stop(w, NOTE_UNKNOWN_NET);
	}
}

void
step_mpls(struct walk *w)
{
	const uint8_t *h;

	do {
		h = take(w, 4);
		if (h == NULL)
			return;
		if (w->depth++ >= DECODE_DEPTH) {
			stop(w, NOTE_TOO_DEEP);
			return;
		}
	} while ((h[2] & 1) == 0);
	w->depth--;
	w->p->encaps |= 1u << ENCAP_MPLS;
	go_below_labels(w);
}
