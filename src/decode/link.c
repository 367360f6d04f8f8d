/*
 * link.c - link layers other than Ethernet and 802.11, as capture files hold
 * them (https://www.tcpdump.org/linktypes.html).
 *
 *	Linux cooked v1		packet type, ARPHRD, address length (be16
 *				each), 8 bytes of address, protocol be16
 *	Linux cooked v2		protocol be16, 2 reserved, interface be32,
 *				ARPHRD be16, packet type, address length,
 *				8 bytes of address
 *	NULL, LOOP		address family in 4 bytes, of either byte order
 *	PPP in HDLC framing	ff 03 (may be missing), protocol (RFC 1662)
 *	Cisco HDLC		0f or 8f, 00, ethertype
 *	Frame Relay		Q.922 address of 2 to 4 bytes, then 03, NLPID
 *				(RFC 2427), or Cisco's ethertype
 */
#include "private.h"

#define COOKED_BROADCAST 1
#define COOKED_RAW_802_3 1 /* in the place of the ethertype */
#define COOKED_LLC 4
#define COOKED_ETHERTYPE_MIN 1536

static void
cooked_address(struct packet *p, uint32_t type, uint32_t n, const uint8_t *b)
{
	if (n != 6)
		return;
	memcpy(p->src_mac.b, b, 6);
	if (type == COOKED_BROADCAST)
		memset(p->dst_mac.b, 0xff, 6);
	p->has_mac = !mac_is_zero(&p->src_mac);
}

static void
cooked_protocol(struct walk *w, uint32_t protocol)
{
	if (protocol >= COOKED_ETHERTYPE_MIN) {
		go_ethertype(w, protocol);
	} else if (protocol == COOKED_LLC) {
		go_llc(w);
	} else if (protocol == COOKED_RAW_802_3) {
		w->p->via = VIA_LLC;
		w->p->service = 0xff;
		stop(w, 0);
	} else {
		stop(w, NOTE_UNKNOWN_NET);
	}
}

void
step_linux(struct walk *w)
{
	const uint8_t *h = take(w, 16);

	if (h == NULL)
		return;
	cooked_address(w->p, be16(h), be16(h + 4), h + 6);
	cooked_protocol(w, be16(h + 14));
}

void
step_linux2(struct walk *w)
{
	const uint8_t *h = take(w, 20);

	if (h == NULL)
		return;
	cooked_address(w->p, h[10], h[11], h + 12);
	cooked_protocol(w, be16(h));
}

/* 2 is IPv4 everywhere; IPv6 is 10 on Linux, 23 on Windows, 24, 28 and 30 on
 * the BSDs. */
void
step_loopback(struct walk *w)
{
	const uint8_t *h = take(w, 4);
	uint32_t family;

	if (h == NULL)
		return;
	family = be32(h) < le32(h) ? be32(h) : le32(h);
	if (family == 2)
		go_ethertype(w, 0x0800);
	else if (family == 10 || family == 23 || family == 24 || family == 28 ||
	    family == 30)
		go_ethertype(w, 0x86dd);
	else
		stop(w, NOTE_UNKNOWN_NET);
}

void
step_raw(struct walk *w)
{
	const uint8_t *h = ahead(w, 1);

	if (h == NULL)
		walk_short(w, 1);
	else if (h[0] >> 4 == 4)
		go_ethertype(w, 0x0800);
	else if (h[0] >> 4 == 6)
		go_ethertype(w, 0x86dd);
	else
		stop(w, NOTE_UNKNOWN_NET);
}

/* Captures of link type PPP_HDLC may hold Cisco's framing instead. */
void
step_serial_ppp(struct walk *w)
{
	const uint8_t *h = ahead(w, 2);

	if (h != NULL && (h[0] == 0x0f || h[0] == 0x8f) && h[1] == 0)
		w->layer = LAYER_HDLC;
	else
		w->layer = LAYER_PPP;
}

void
step_hdlc(struct walk *w)
{
	const uint8_t *h = take(w, 4);

	if (h != NULL)
		go_ethertype(w, be16(h + 2));
}

#define NLPID_SNAP 0x80
#define NLPID_IP4 0xcc
#define NLPID_IP6 0x8e
#define OUI_BRIDGED 0x0080c2
#define BRIDGED_WITH_FCS 1
#define BRIDGED_WITHOUT_FCS 7

/* RFC 2427 section 4: the identifiers of the IEEE 802.1 working group. */
static void
relay_snap(struct walk *w)
{
	const uint8_t *h = take(w, 5);
	uint32_t oui, pid;

	if (h == NULL)
		return;
	oui = be32(h) >> 8;
	pid = be16(h + 3);
	w->p->encaps |= 1u << ENCAP_SNAP;
	if (oui == 0) {
		go_ethertype(w, pid);
	} else if (oui == OUI_BRIDGED &&
	    (pid == BRIDGED_WITH_FCS || pid == BRIDGED_WITHOUT_FCS)) {
		w->fcs_len = pid == BRIDGED_WITH_FCS ? 4 : 0;
		w->layer = LAYER_ETHER;
	} else {
		w->p->via = VIA_SNAP;
		w->p->service = oui << 16 | pid;
		stop(w, 0);
	}
}

static void
relay_nlpid(struct walk *w)
{
	const uint8_t *h = take(w, 1);

	if (h != NULL && h[0] == 0) /* aligns what follows */
		h = take(w, 1);
	if (h == NULL)
		return;
	if (h[0] == NLPID_IP4)
		go_ethertype(w, 0x0800);
	else if (h[0] == NLPID_IP6)
		go_ethertype(w, 0x86dd);
	else if (h[0] == NLPID_SNAP)
		relay_snap(w);
	else
		stop(w, NOTE_UNKNOWN_NET);
}

void
step_relay(struct walk *w)
{
	const uint8_t *h = NULL;

	for (int i = 0; i < 4; i++) {
		h = take(w, 1);
		if (h == NULL)
			return;
		if ((h[0] & 1) != 0) /* last of the address */
			break;
	}
	h = ahead(w, 2);
	if (h == NULL) {
		walk_short(w, 2);
	} else if (h[0] == 3) {
		(void)take(w, 1);
		relay_nlpid(w);
	} else {
		(void)take(w, 2);
		go_ethertype(w, be16(h));
	}
}
