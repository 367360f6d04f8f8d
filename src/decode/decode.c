/*
 * decode.c - the walk: one step after the other, at most DECODE_DEPTH.
 */
#include "private.h"

static void (*const steps[])(struct walk *) = { [LAYER_END] = NULL,
#define LAYER(sym, function) [LAYER_##sym] = step_##function,
	LAYERS(LAYER)
#undef LAYER
};

/* https://www.tcpdump.org/linktypes.html */
enum layer
layer_of_link(uint16_t link)
{
	switch (link) {
	case 1:
		return LAYER_ETHER;
	case 0: /* NULL */
	case 108: /* LOOP */
		return LAYER_LOOPBACK;
	case 7: /* ARCNET_BSD */
		return LAYER_ARCNET;
	case 8: /* SLIP */
		return LAYER_SLIP;
	case 9: /* PPP */
	case 50: /* PPP_HDLC */
		return LAYER_SERIAL_PPP;
	case 51: /* PPP_ETHER */
		return LAYER_PPPOE;
	case 12: /* DLT_RAW of most systems */
	case 14: /* DLT_RAW of OpenBSD */
	case 101: /* RAW */
	case 228: /* IPV4 */
	case 229: /* IPV6 */
		return LAYER_RAW;
	case 100: /* ATM_RFC1483 */
		return LAYER_ATM;
	case 104: /* C_HDLC */
		return LAYER_HDLC;
	case 105: /* IEEE802_11 */
		return LAYER_WLAN;
	case 106: /* ATM_CLIP */
		return LAYER_CLIP;
	case 107: /* FRELAY */
		return LAYER_RELAY;
	case 113: /* LINUX_SLL */
		return LAYER_LINUX;
	case 119: /* IEEE802_11_PRISM */
		return LAYER_PRISM;
	case 123: /* SUNATM */
		return LAYER_SUN_ATM;
	case 127: /* IEEE802_11_RADIOTAP */
		return LAYER_RADIOTAP;
	case 129: /* ARCNET_LINUX */
		return LAYER_ARCNET_LINUX;
	case 178: /* JUNIPER_ETHER */
		return LAYER_JUNIPER;
	case 192: /* PPI */
		return LAYER_PPI;
	case 226: /* IPNET */
		return LAYER_IPNET;
	case 239: /* NFLOG */
		return LAYER_NFLOG;
	case 242: /* IPOIB */
		return LAYER_INFINIBAND;
	case 258: /* PKTAP */
		return LAYER_PKTAP;
	case 276: /* LINUX_SLL2 */
		return LAYER_LINUX2;
	case 281: /* DSA_TAG_BRCM */
		return LAYER_BROADCOM;
	case 282: /* DSA_TAG_BRCM_PREPEND */
		return LAYER_BROADCOM_FIRST;
	case 284: /* DSA_TAG_DSA */
		return LAYER_DSA;
	case 285: /* DSA_TAG_EDSA */
		return LAYER_EDSA;
	default:
		return LAYER_END;
	}
}

bool
decode_link_known(uint16_t link)
{
	return layer_of_link(link) != LAYER_END;
}

void
go_link(struct walk *w, uint32_t link)
{
	w->p->service = link;
	w->layer =
	    link <= UINT16_MAX ? layer_of_link((uint16_t)link) : LAYER_END;
	if (w->layer == LAYER_END)
		w->p->notes |= NOTE_UNKNOWN_LINK;
}

void
walk_short(struct walk *w, uint32_t n)
{
	if (n <= w->left)
		stop(w, NOTE_CUT);
	else
		stop(w, w->bounded ? NOTE_BAD_LENGTH : NOTE_RUNT);
}

bool
walk_overlong(struct walk *w, uint32_t n)
{
	/* the promise is believed only as far as a frame could go */
	if (w->trimmed && n <= UINT16_MAX) {
		w->p->notes |= NOTE_CUT;
		return true;
	}
	w->p->notes |= NOTE_BAD_LENGTH;
	return false;
}

void
take_fcs(struct walk *w)
{
	uint32_t n = w->fcs_len;

	w->fcs_len = 0;
	if (n == 0 || n > w->left)
		return;
	if (n == 4 && whole(w)) {
		const uint8_t *fcs = w->at + w->have - 4;

		if (~crc32_ieee(UINT32_MAX, w->at, w->have - 4) != le32(fcs))
			w->p->notes |= NOTE_BAD_FCS;
	}
	w->left -= n;
	if (w->have > w->left)
		w->have = w->left;
}

static void
walk(struct walk *w)
{
	struct packet *p = w->p;

	while (w->layer != LAYER_END) {
		if (w->depth++ == DECODE_DEPTH) {
			p->notes |= NOTE_TOO_DEEP;
			break;
		}
		steps[w->layer](w);
	}
	p->payload = SPAN(w->at, w->have);
	p->payload_wire = w->left;
}

/* By runs that compilers turn into wide stores; for all of it at once they
 * use string instructions, which cost more than the rest of the decoding. */
static inline void
packet_clear(struct packet *p, const struct frame *f)
{
	uint8_t *b = (uint8_t *)p;

	_Static_assert(sizeof(*p) >= 256 && sizeof(*p) <= 320, "runs of 64");
	memset(b, 0, 64);
	memset(b + 64, 0, 64);
	memset(b + 128, 0, 64);
	memset(b + 192, 0, 64);
	memset(b + 256, 0, sizeof(*p) - 256);
	p->frame = f;
	p->at = f->at;
}

/* Headers of the capturing card stand before the frame that the frame check
 * sequence covers. */
static bool
has_prologue(enum layer first)
{
	return first == LAYER_RADIOTAP || first == LAYER_PPI ||
	    first == LAYER_PRISM || first == LAYER_PKTAP;
}

void
decode_frame(const struct frame *f, struct packet *ret)
{
	struct walk w = {
		.at = f->bytes.p,
		.have = f->bytes.n,
		.left = f->wire_len > f->bytes.n ? f->wire_len : f->bytes.n,
		.p = ret,
		.layer = layer_of_link(f->link),
		.fcs_len = f->fcs_len,
	};

	packet_clear(ret, f);
	if (w.have < w.left)
		ret->notes = NOTE_CUT;
	if (f->link != 1) {
		ret->via = VIA_SERIAL;
		ret->service = f->link;
	}
	if (w.layer == LAYER_END)
		ret->notes |= NOTE_UNKNOWN_LINK;
	if (w.fcs_len != 0 && !has_prologue(w.layer))
		take_fcs(&w);
	walk(&w);
}

void
decode_datagram(struct packet *p, struct span datagram)
{
	struct walk w = {
		.at = datagram.p,
		.have = datagram.n,
		.left = datagram.n,
		.p = p,
		.bounded = true,
		.detour = p->frag.detour,
	};

	memset(&p->frag, 0, sizeof(p->frag));
	go_protocol(&w, p->ip_proto);
	walk(&w);
}
