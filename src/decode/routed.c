/*
 * routed.c - wrappings that routers, controllers of access points and service
 * chains put around traffic: LISP (RFC 9300), CAPWAP (RFC 5415), MPLS in UDP
 * (RFC 7510), NSH (RFC 8300), PIM register (RFC 7761 4.9.3).
 *
 *	LISP	flags (key in use 03), 7 bytes as the flags say; then IP
 *	CAPWAP	version 4 (0), kind 4 (1: encrypted), header words 5, radio 5,
 *		binding 5 (1: 802.11), native 1, fragment 1, last 1, wireless 1,
 *		address 1, keep-alive 1, 0 3; fragment be16, its offset 13, 0 3;
 *		address and wireless as said; then a frame of 802.3 or 802.11,
 *		the latter sometimes with its control and sequence turned
 *	NSH	version 2, 0, 0, hops 6, words 6; 0 4, kind 4; next (1 IPv4,
 *		2 IPv6, 3 Ethernet, 5 MPLS); path 3, index; context
 *	PIM	version 4 (2), type 4 (1), 0, checksum be16; border 1, null 1,
 *		0 30; then a datagram to a group
 */
#include "private.h"

#define LABELS_MAX 8

/* 0 when it is neither. */
static uint32_t
ethertype_at(const struct walk *w, uint32_t off)
{
	if (looks_ip4(w, off))
		return 0x0800;
	return looks_ip6(w, off) ? 0x86dd : 0;
}

void
step_lisp(struct walk *w)
{
	const uint8_t *h = ahead(w, 8);
	uint32_t type;

	w->layer = LAYER_END;
	if (h == NULL || (h[0] & 3) != 0)
		return;
	type = ethertype_at(w, 8);
	if (type == 0)
		return;
	(void)take(w, 8);
	tunnel_between(w, ENCAP_LISP);
	go_inner_ip(w, type);
}

static bool
looks_labelled(const struct walk *w)
{
	uint32_t n = 0;
	const uint8_t *h;

	do {
		h = ahead(w, n + 4);
		if (h == NULL || n == 4 * LABELS_MAX)
			return false;
		n += 4;
	} while ((h[n - 2] & 1) == 0);
	return ethertype_at(w, n) != 0 || looks_ether(w, n) ||
	    looks_ether(w, n + 4);
}

void
step_mpls_udp(struct walk *w)
{
	w->layer = LAYER_END;
	if (!looks_labelled(w))
		return;
	tunnel_between(w, ENCAP_MPLS);
	go_inner_ip(w, 0x8847);
}

/* ---------------------------------------------------------------- CAPWAP */

#define CAPWAP_NATIVE 0x01u /* in the third byte */
#define CAPWAP_FRAGMENT 0x80u /* in the fourth */
#define CAPWAP_ALIVE 0x08u
#define CAPWAP_ZERO 0x07u
#define CAPWAP_WLAN 1u

/* Version 0 stands in the lowest bits of the first byte; of a data frame the
 * other byte has To DS or From DS there. */
static bool
looks_wlan(const struct walk *w, uint32_t off, bool *ret_turned)
{
	const uint8_t *h = ahead(w, off + 24);

	if (h == NULL)
		return false;
	h += off;
	*ret_turned = (h[0] & 3) != 0;
	return (h[*ret_turned ? 1 : 0] & 3) == 0;
}

/* Size of the header; 0 when it is none, or the frame is not whole. */
static uint32_t
capwap_header_size(const struct walk *w)
{
	const uint8_t *h = ahead(w, 8);
	uint32_t n;

	if (h == NULL || h[0] != 0)
		return 0;
	n = (h[1] >> 3) * 4u;
	if ((h[3] & (CAPWAP_FRAGMENT | CAPWAP_ALIVE | CAPWAP_ZERO)) != 0 ||
	    be32(h + 4) << 16 != 0 || n < 8)
		return 0;
	return n;
}

void
step_capwap(struct walk *w)
{
	uint32_t n = capwap_header_size(w);
	const uint8_t *h = w->at;
	bool native, turned = false;

	w->layer = LAYER_END;
	if (n == 0)
		return;
	native = (h[2] & CAPWAP_NATIVE) != 0;
	if (native &&
	    ((h[2] >> 1 & 31) != CAPWAP_WLAN || !looks_wlan(w, n, &turned)))
		return;
	if (!native && !looks_ether(w, n))
		return;
	(void)take(w, n);
	tunnel_between(w, ENCAP_CAPWAP);
	go_inner_ether(w);
	w->padded = false;
	w->turned = turned;
	if (native)
		w->layer = LAYER_WLAN;
}

/* -------------------------------------------------------------- NSH, PIM */

static bool
looks_next(const struct walk *w, uint32_t type, uint32_t off)
{
	if (type == 0x0800)
		return looks_ip4(w, off);
	if (type == 0x86dd)
		return looks_ip6(w, off);
	return type == 0x8847 || (type == 0x6558 && looks_ether(w, off));
}

/* Addresses of the frame are those of the stops on the way, as behind a
 * router: they stay. */
void
step_nsh(struct walk *w)
{
	static const uint16_t types[6] = { 0, 0x0800, 0x86dd, 0x6558, 0,
		0x8847 };
	const uint8_t *h = ahead(w, 8);
	uint32_t n, type;

	w->layer = LAYER_END;
	if (h == NULL || h[0] >> 6 != 0 || h[3] > 5)
		return;
	n = (h[1] & 0x3f) * 4u;
	type = types[h[3]];
	if (n < 8 || !looks_next(w, type, n))
		return;
	if (take(w, n) == NULL)
		return;
	w->p->encaps |= 1u << ENCAP_NSH;
	if (type == 0x6558)
		go_inner_ether(w);
	else
		go_ethertype(w, type);
}

/* Without a datagram it only keeps the registration alive. */
void
step_pim(struct walk *w)
{
	const uint8_t *h = ahead(w, 8);
	uint32_t type;

	w->layer = LAYER_END;
	if (h == NULL || h[0] != 0x21 || (h[4] & 0x40) != 0)
		return;
	type = ethertype_at(w, 8);
	if (type == 0)
		return;
	(void)take(w, 8);
	tunnel_between(w, ENCAP_PIM);
	go_inner_ip(w, type);
}
