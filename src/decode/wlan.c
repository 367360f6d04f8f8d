/*
 * wlan.c - IEEE 802.11 data frames, and the headers that monitoring cards
 * put before them.
 *
 *	802.11 (IEEE 802.11 9.2, 9.3.2)
 *	+---------+----------+------+------+------+-----+------+-----+------+
 *	| control | duration | adr1 | adr2 | adr3 | seq | adr4 | QoS | HT   |
 *	+---------+----------+------+------+------+-----+------+-----+------+
 *	  le16      le16       6      6      6      le16  6      le16  le32
 *	address 4 when both To DS and From DS are set, QoS in QoS subtypes,
 *	HT control in QoS frames with the Order bit; then LLC, or A-MSDU
 *	subframes: destination, source, length be16, LLC
 *
 *	Radiotap (radiotap.org): version 0, pad, length le16, le32 words of
 *	presence bits while bit 31 is set; first fields: time stamp (8, aligned
 *	to 8), flags (1)
 *	PPI: version 0, flags, length le16, link type le32
 *	Prism: message code le32, message length le32
 *
 * Service of what is not data is the link type 105, whatever stood before.
 */
#include "private.h"

#define LINK_WLAN 105

#define FC_TYPE_DATA 2u
#define FC_QOS 0x80u /* bits of the first byte */
#define FC_NULL 0x40u
#define FC_TO_DS 0x01u /* bits of the second byte */
#define FC_FROM_DS 0x02u
#define FC_MORE 0x04u
#define FC_PROTECTED 0x40u
#define FC_ORDER 0x80u
#define QOS_AMSDU 0x80u

/* Radiotap flags. */
#define TAP_FCS 0x10u
#define TAP_PAD 0x20u
#define TAP_BAD_FCS 0x40u

static void
wlan_addresses(struct packet *p, const uint8_t *h, uint32_t ds)
{
	/* offset of destination and source, by To DS and From DS */
	static const uint8_t at[4][2] = {
		{ 4, 10 },
		{ 16, 10 },
		{ 4, 16 },
		{ 16, 24 },
	};

	memcpy(p->dst_mac.b, h + at[ds][0], 6);
	memcpy(p->src_mac.b, h + at[ds][1], 6);
	p->has_mac = true;
}

/* `fc` is the control field in the order of the standard. */
static uint32_t
wlan_header_size(const uint8_t fc[static 2])
{
	uint32_t n = 24;

	if ((fc[1] & 3) == (FC_TO_DS | FC_FROM_DS))
		n += 6;
	if ((fc[0] & FC_QOS) != 0)
		n += (fc[1] & FC_ORDER) != 0 ? 6 : 2;
	return n;
}

/* The first of several frames in one. */
static void
wlan_subframe(struct walk *w)
{
	const uint8_t *h = take(w, 14);

	if (h == NULL)
		return;
	memcpy(w->p->dst_mac.b, h, 6);
	memcpy(w->p->src_mac.b, h + 6, 6);
	limit(w, be16(h + 12));
	go_llc(w);
}

static void
wlan_body(struct walk *w, const uint8_t fc[static 2], const uint8_t *h,
    uint32_t n, bool part)
{
	uint32_t qos = (fc[0] & FC_QOS) != 0
	    ? h[(fc[1] & 3) == (FC_TO_DS | FC_FROM_DS) ? 30 : 24]
	    : 0;

	if (w->padded && n % 4 != 0 && take(w, 4 - n % 4) == NULL)
		return;
	if ((fc[1] & FC_PROTECTED) != 0)
		stop(w, NOTE_ENCRYPTED);
	else if (part || (fc[0] & FC_NULL) != 0)
		stop(w, 0);
	else if ((qos & QOS_AMSDU) != 0)
		wlan_subframe(w);
	else
		go_llc(w);
}

static void
wlan_management(struct walk *w, const uint8_t fc[static 2])
{
	const uint8_t *h = ahead(w, 16);

	stop(w, NOTE_MANAGEMENT);
	if (h != NULL && (fc[0] >> 2 & 3) == 0)
		wlan_addresses(w->p, h, 0);
}

void
step_wlan(struct walk *w)
{
	const uint8_t *h;
	bool turned = w->turned;
	uint8_t fc[2];
	uint32_t n;

	w->turned = false;
	if (w->fcs_len != 0)
		take_fcs(w);
	w->p->via = VIA_SERIAL;
	w->p->service = LINK_WLAN;
	w->p->encaps |= 1u << ENCAP_WLAN;
	h = ahead(w, 2);
	if (h == NULL) {
		walk_short(w, 2);
		return;
	}
	fc[0] = h[turned ? 1 : 0];
	fc[1] = h[turned ? 0 : 1];
	if ((fc[0] >> 2 & 3) != FC_TYPE_DATA) {
		wlan_management(w, fc);
		return;
	}
	n = wlan_header_size(fc);
	if (take(w, n) == NULL)
		return;
	wlan_addresses(w->p, h, fc[1] & 3);
	wlan_body(w, fc, h, n,
	    (fc[1] & FC_MORE) != 0 || (h[turned ? 23 : 22] & 15) != 0);
}

/* Flags stand first, behind the time stamp if there is one. */
static uint32_t
radiotap_flags(const uint8_t *h, uint32_t size)
{
	uint32_t present = le32(h + 4), word = present, at = 8;

	while (word >> 31 != 0 && at + 4 <= size) {
		word = le32(h + at);
		at += 4;
	}
	if ((present & 1) != 0)
		at = (at + 7) / 8 * 8 + 8;
	return (present & 2) != 0 && at < size ? h[at] : 0;
}

void
step_radiotap(struct walk *w)
{
	const uint8_t *h = ahead(w, 8);
	uint32_t size, flags;

	if (h == NULL) {
		walk_short(w, 8);
		return;
	}
	size = le16(h + 2);
	if (h[0] != 0 || size < 8) {
		stop(w, NOTE_BAD_HEADER);
		return;
	}
	if (take(w, size) == NULL)
		return;
	flags = radiotap_flags(h, size);
	w->fcs_len = (flags & TAP_FCS) != 0 ? 4 : 0;
	w->padded = (flags & TAP_PAD) != 0;
	if ((flags & TAP_BAD_FCS) != 0)
		w->p->notes |= NOTE_BAD_FCS;
	w->layer = LAYER_WLAN;
}

void
step_ppi(struct walk *w)
{
	const uint8_t *h = ahead(w, 8);
	uint32_t size, link;

	if (h == NULL) {
		walk_short(w, 8);
		return;
	}
	size = le16(h + 2);
	link = le32(h + 4);
	if (size < 8) {
		stop(w, NOTE_BAD_HEADER);
		return;
	}
	if (take(w, size) != NULL)
		go_link(w, link);
}

void
step_prism(struct walk *w)
{
	const uint8_t *h = ahead(w, 8);
	uint32_t size;

	if (h == NULL) {
		walk_short(w, 8);
		return;
	}
	size = le32(h + 4);
	if (size < 8) {
		stop(w, NOTE_BAD_HEADER);
		return;
	}
	if (take(w, size) != NULL)
		w->layer = LAYER_WLAN;
}
