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
 *	ARCNET			source, destination, system code; of RFC 1201
 *				also split flag, sequence be16.  As the cards
 *				hold it, two bytes say before the code where
 *				in 256 or 512 bytes the data begin
 *	SLIP			direction, kind of compression, 14 bytes
 *	ATM, RFC 2684		LLC, or aa aa 03 00 80 c2, kind be16, 0 be16 and
 *				a frame; Sun's: kind, path, channel be16 first
 *	IP over Infiniband	two addresses of 20 bytes, ethertype, 0 be16
 */
#include "private.h"

#define COOKED_BROADCAST 1
#define COOKED_RAW_802_3 1 /* in the place of the ethertype */
#define COOKED_LLC 4
#define COOKED_ETHERTYPE_MIN 1536
#define COOKED_RADIOTAP 803 /* ARPHRD */

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
cooked_protocol(struct walk *w, uint32_t hardware, uint32_t protocol)
{
	if (hardware == COOKED_RADIOTAP) {
		w->layer = LAYER_RADIOTAP;
	} else if (protocol >= COOKED_ETHERTYPE_MIN) {
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
	cooked_protocol(w, be16(h + 2), be16(h + 14));
}

void
step_linux2(struct walk *w)
{
	const uint8_t *h = take(w, 20);

	if (h == NULL)
		return;
	cooked_address(w->p, h[10], h[11], h + 12);
	cooked_protocol(w, be16(h + 8), be16(h));
}

/* 2 is IPv4 everywhere; IPv6 is 10 on Linux, 23 on Windows, 24, 28 and 30 on
 * the BSDs.  Some writers put other headers of four bytes there. */
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
	else if (looks_ip4(w, 0))
		go_ethertype(w, 0x0800);
	else if (looks_ip6(w, 0))
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

/* Cisco's keepalives and address requests have the ethertype of RARP. */
#define HDLC_SLARP 0x8035

void
step_hdlc(struct walk *w)
{
	const uint8_t *h = take(w, 4);

	if (h == NULL)
		return;
	if (be16(h + 2) == HDLC_SLARP)
		stop(w, 0);
	else
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

/* ---------------------------------------------------------------- ARCNET */

#define ARCNET_BACNET 0xcd /* ASHRAE 135 clause 8: LLC follows */
#define ARCNET_EXCEPTION 0xff

static uint32_t
ethertype_of_arcnet(uint32_t code)
{
	switch (code) {
	case 0xd4:
	case 0xf0: /* RFC 1051 */
		return 0x0800;
	case 0xd5:
	case 0xf1: /* RFC 1051 */
		return 0x0806;
	case 0xd6:
		return 0x8035;
	case 0xc4: /* RFC 2497 */
		return 0x86dd;
	default:
		return 0;
	}
}

/* Of a datagram in several frames the first one tells the ends; its split
 * flag is odd.  An exception frame repeats the header behind itself. */
static void
arcnet_split(struct walk *w, uint32_t type)
{
	const uint8_t *h = take(w, 4);
	uint32_t flag;

	if (h != NULL && h[1] == ARCNET_EXCEPTION)
		h = take(w, 4);
	if (h == NULL)
		return;
	flag = h[1];
	if (flag != 0 && (flag & 1) == 0) {
		stop(w, NOTE_FRAGMENT);
		return;
	}
	w->trimmed = flag != 0;
	go_ethertype(w, type);
}

static void
arcnet_code(struct walk *w)
{
	const uint8_t *h = ahead(w, 1);
	uint32_t type;

	if (h == NULL) {
		walk_short(w, 1);
		return;
	}
	type = ethertype_of_arcnet(h[0]);
	if (h[0] == ARCNET_BACNET) {
		(void)take(w, 1);
		go_llc(w);
	} else if (type == 0) {
		stop(w, NOTE_UNKNOWN_NET);
	} else if (h[0] == 0xf0 || h[0] == 0xf1) {
		(void)take(w, 1);
		go_ethertype(w, type);
	} else {
		arcnet_split(w, type);
	}
}

/* Bridges to field buses write the card's form under this number, too. */
void
step_arcnet(struct walk *w)
{
	const uint8_t *h = ahead(w, 4);
	uint32_t n = w->left - 4;
	bool card = h != NULL &&
	    ((h[2] != 0 && 256u - h[2] == n) ||
		(h[2] == 0 && n > 252 && 512u - h[3] == n));

	if (take(w, card ? 4 : 2) != NULL)
		arcnet_code(w);
}

void
step_arcnet_linux(struct walk *w)
{
	if (take(w, 4) != NULL)
		arcnet_code(w);
}

/* ------------------------------------------------------------ SLIP, ATM */

#define SLIP_TCP 0x70 /* and above: headers without what is known already */

void
step_slip(struct walk *w)
{
	const uint8_t *h = take(w, 16);

	if (h == NULL)
		return;
	if (h[1] >= SLIP_TCP)
		stop(w, NOTE_UNKNOWN_NET);
	else
		w->layer = LAYER_RAW;
}

#define ATM_LANE 1u
#define ATM_LLC 2u
#define LANE_CONTROL 0xff00

void
step_atm(struct walk *w)
{
	const uint8_t *h = ahead(w, 10);

	if (h == NULL || be16(h) != 0xaaaa || be32(h + 2) != 0x030080c2 ||
	    (h[7] != BRIDGED_WITH_FCS && h[7] != BRIDGED_WITHOUT_FCS) ||
	    h[6] != 0) {
		go_llc(w);
		return;
	}
	(void)take(w, 10);
	w->p->encaps |= 1u << ENCAP_SNAP;
	w->fcs_len = h[7] == BRIDGED_WITH_FCS ? 4 : 0;
	w->layer = LAYER_ETHER;
}

void
step_clip(struct walk *w)
{
	const uint8_t *h = ahead(w, 3);

	if (h != NULL && be16(h) == 0xaaaa && h[2] == 3)
		w->layer = LAYER_ATM;
	else
		w->layer = LAYER_RAW;
}

void
step_sun_atm(struct walk *w)
{
	const uint8_t *h = take(w, 4);
	uint32_t kind;

	if (h == NULL)
		return;
	kind = h[0] & 15u;
	if (kind == ATM_LLC) {
		w->layer = LAYER_ATM;
		return;
	}
	h = kind == ATM_LANE ? take(w, 2) : NULL;
	if (h != NULL && be16(h) != LANE_CONTROL)
		w->layer = LAYER_ETHER;
	else
		stop(w, 0);
}

void
step_infiniband(struct walk *w)
{
	const uint8_t *h = take(w, 44);

	if (h != NULL)
		go_ethertype(w, be16(h + 40));
}
