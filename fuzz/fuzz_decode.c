/*
 * fuzz_decode.c - frames of any content: two bytes of link type, one of
 * lengths (high half: bytes not captured, low half: frame check sequence),
 * then the frame.
 *
 * Checks what the stages behind rely on: the payload lies inside the frame
 * and keeps its promise, counts are in bounds, and what the notes say agrees
 * with the fields.
 */
#include <stdlib.h>

#include "../src/decode/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static bool
ip_sound(const struct ip *ip)
{
	static const uint8_t zero[16];

	if (ip->len == 4)
		return memcmp(ip->b + 4, zero, 12) == 0;
	return ip->len == 16 || (ip->len == 0 && memcmp(ip->b, zero, 16) == 0);
}

static void
check_payload(const struct packet *p, struct span within)
{
	must(p->payload.n <= p->payload_wire);
	must(p->payload.p >= within.p);
	must(p->payload.p + p->payload.n <= within.p + within.n);
	must(p->payload.n == p->payload_wire || (p->notes & NOTE_CUT) != 0);
}

static void
check_packet(const struct packet *p)
{
	bool ported =
	    p->via == VIA_TCP || p->via == VIA_UDP || p->via == VIA_SCTP;

	must(p->n_vlan <= PACKET_VLANS && p->via < VIA_COUNT);
	for (uint32_t i = 0; i < p->n_vlan; i++)
		must(p->vlan[i] <= 0xfff && p->vlan_pcp[i] <= 7);
	must(ip_sound(&p->src_ip) && ip_sound(&p->dst_ip));
	must(p->src_ip.len == p->dst_ip.len);
	must(ported ? p->src_ip.len != 0 : p->src_port == 0);
	must(ported || p->dst_port == 0);
	must(p->notes >> NOTE_COUNT == 0 && p->encaps >> ENCAP_COUNT == 0);
	must((p->tunnel != 0) == ((p->notes & NOTE_TUNNELLED) != 0));
	must((p->mirror.type != 0) == ((p->notes & NOTE_MIRRORED) != 0));
	must(p->red.is == ((p->notes & (NOTE_PRP | NOTE_HSR)) != 0));
	must(!p->frag.is || (p->notes & NOTE_FRAGMENT) != 0);
}

/* As if the fragment were all of its datagram. */
static void
go_on(struct packet *p)
{
	struct span all = p->payload;

	for (int i = 0; i < 4 && p->frag.is; i++) {
		decode_datagram(p, p->payload);
		check_payload(p, all);
		check_packet(p);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct frame f = { .number = 1 };
	struct packet p;

	if (n < 3 || n > 65536)
		return 0;
	f.link = (uint16_t)(data[0] << 8 | data[1]);
	f.bytes = SPAN(data + 3, (uint32_t)n - 3);
	f.wire_len = f.bytes.n + (data[2] >> 4);
	f.fcs_len = data[2] & 7;
	memset(&p, 0xff, sizeof(p));
	decode_frame(&f, &p);
	check_payload(&p, f.bytes);
	check_packet(&p);
	go_on(&p);
	return 0;
}
