/*
 * pseudo.c - headers that were never on a wire: what capturing systems write
 * before a packet (https://www.tcpdump.org/linktypes.html).
 *
 *	NFLOG	family, version (0), be16 of the group; then attributes:
 *		length (with these 4 bytes) and type, 16 bits each in the order
 *		of the machine, content, padding to four bytes
 *	PKTAP	length, record (1: a packet), link type (le32 each); process ...
 *	IPNET	version, family, hook be16, length, interface, group, two zones
 *		(be32 each)
 *	Juniper	4d 47 43, flags (no header of the link 02, extensions 80), with
 *		extensions their length be16
 */
#include "private.h"

#define NFLOG_PAYLOAD 9u
#define NFLOG_HARDWARE 16u
#define NFLOG_NESTED 0x8000u

#define PKTAP_PACKET 1u

#define JUNIPER_NO_LINK 0x02u
#define JUNIPER_EXTENSIONS 0x80u

/* Numbers of Linux and of Solaris. */
static void
go_family(struct walk *w, uint32_t family, uint32_t six)
{
	if (family == 2)
		go_ethertype(w, 0x0800);
	else if (family == six)
		go_ethertype(w, 0x86dd);
	else
		stop(w, NOTE_UNKNOWN_NET);
}

static void
nflog_addresses(struct packet *p, const uint8_t *h)
{
	memcpy(p->dst_mac.b, h, 6);
	memcpy(p->src_mac.b, h + 6, 6);
	p->has_mac = !mac_is_zero(&p->src_mac);
}

/* One attribute; false when it was the packet, or none. */
static bool
nflog_attribute(struct walk *w, const uint8_t *h, bool big, uint32_t family)
{
	uint32_t n = big ? be16(h) : le16(h);
	uint32_t type = (big ? be16(h + 2) : le16(h + 2)) & ~NFLOG_NESTED;

	if (n < 4) {
		stop(w, NOTE_BAD_HEADER);
		return false;
	}
	if (type == NFLOG_PAYLOAD) {
		(void)take(w, 4);
		limit(w, n - 4);
		go_family(w, family, 10);
		return false;
	}
	h = take(w, (n + 3) / 4 * 4);
	if (h != NULL && type == NFLOG_HARDWARE && n == 4 + 14)
		nflog_addresses(w->p, h + 4);
	return h != NULL;
}

void
step_nflog(struct walk *w)
{
	const uint8_t *h = take(w, 4);
	uint32_t family;
	bool big;

	if (h == NULL)
		return;
	if (h[1] != 0) {
		stop(w, NOTE_BAD_HEADER);
		return;
	}
	family = h[0];
	h = ahead(w, 4);
	big = h != NULL && h[2] == 0 && h[3] != 0; /* types are small */
	do {
		h = ahead(w, 4);
		if (h == NULL) {
			walk_short(w, 4);
			return;
		}
	} while (nflog_attribute(w, h, big, family));
}

void
step_pktap(struct walk *w)
{
	const uint8_t *h = ahead(w, 12);
	uint32_t size;

	if (h == NULL) {
		walk_short(w, 12);
		return;
	}
	size = le32(h);
	if (size < 12) {
		stop(w, NOTE_BAD_HEADER);
		return;
	}
	if (le32(h + 4) != PKTAP_PACKET)
		stop(w, 0);
	else if (take(w, size) != NULL)
		go_link(w, le32(h + 8));
}

void
step_ipnet(struct walk *w)
{
	const uint8_t *h = take(w, 24);

	if (h != NULL)
		go_family(w, h[1], 26);
}

/* Interfaces of Ethernet only; others have cookies of their hardware. */
void
step_juniper(struct walk *w)
{
	const uint8_t *h = take(w, 4);
	uint32_t flags;

	if (h == NULL)
		return;
	flags = h[3];
	if (be32(h) >> 8 != 0x4d4743) {
		stop(w, NOTE_BAD_HEADER);
		return;
	}
	if ((flags & JUNIPER_EXTENSIONS) != 0) {
		h = take(w, 2);
		if (h == NULL || take(w, be16(h)) == NULL)
			return;
	}
	if ((flags & JUNIPER_NO_LINK) != 0)
		stop(w, NOTE_UNKNOWN_NET);
	else
		w->layer = LAYER_ETHER;
}
