/*
 * arp.c - Address Resolution Protocol.
 *
 * RFC 826 (STD 37); probe and announcement: RFC 5227; RARP: RFC 903;
 * InARP: RFC 2390.
 *
 *	+-------+-------+------+------+--------+- - - - - - - - - - -
 *	| htype | ptype | hlen | plen | opcode | sha, spa, tha, tpa
 *	+-------+-------+------+------+--------+- - - - - - - - - - -
 *	  be16    be16     u8     u8     be16    hlen, plen, hlen, plen
 *
 * Op is the opcode.  The object of a question is the address asked for, as
 * text.  What a sender says of itself is evidence that the two addresses are
 * one device's; a probe (sender address zero) is not.
 */
#include "proto.h"

#define HTYPE_ETHERNET 1
#define PTYPE_IPV4 0x0800

static const struct proto_op ops[] = {
	{ 1, FACT_DISCOVER, RISK_NONE, "request" },
	{ 2, FACT_DISCOVER, RISK_NONE, "reply" },
	{ 3, FACT_DISCOVER, RISK_NONE, "reverse request" },
	{ 4, FACT_DISCOVER, RISK_NONE, "reverse reply" },
	{ 8, FACT_DISCOVER, RISK_NONE, "inverse request" },
	{ 9, FACT_DISCOVER, RISK_NONE, "inverse reply" },
};

static void
say_binding(struct dissect *d, struct span mac, struct ip ip)
{
	struct addr addr = { .ip = ip, .has_mac = true };

	memcpy(addr.mac.b, mac.p, 6);
	if (ip_is_zero(&ip) || ip_is_group(&ip) || mac_is_group(&addr.mac) ||
	    mac_is_zero(&addr.mac))
		return;
	dissect_ident_of(d, addr, TRAIT_ADDRESS, SPAN(NULL, 0));
}

static void
arp_parse(struct rd *r, struct dissect *d)
{
	uint32_t htype = rd_be16(r), ptype = rd_be16(r);
	uint32_t hlen = rd_u8(r), plen = rd_u8(r), op = rd_be16(r);
	struct span sha = rd_span(r, hlen), spa = rd_span(r, plen);
	struct span tpa;
	struct ip target;
	struct fact *f;

	rd_skip(r, hlen);
	tpa = rd_span(r, plen);
	rd_skip_rest(r); /* padding of the link layer */
	d->ctx.response = op == 2 || op == 4 || op == 9;
	f = dissect_op(d, op);
	target = ip_of_span(tpa);
	if (!rd_ok(r) || target.len == 0)
		return;
	f->object = (struct fact_object){ .space = SPACE_NAME, .count = 1 };
	if (f->kind != FACT_NONE) {
		char text[ADDR_TEXT_MAX];

		fact_text(f, span_text(ip_text(&target, text)));
	}
	if (htype == HTYPE_ETHERNET && ptype == PTYPE_IPV4 && sha.n == 6 &&
	    spa.n == 4)
		say_binding(d, sha, ip_of_span(spa));
}

const struct proto proto_arp = {
	.name = "arp",
	.title = "Address Resolution Protocol",
	.spec = "RFC 826, RFC 903, RFC 2390, RFC 5227",
	.depth = "all operations; addresses of sender and target",
	.slot = PROTO_SLOT,
	.ether = { 0x0806, 0x8035 },
	.parse = arp_parse,
	PROTO_OPS(ops),
};
