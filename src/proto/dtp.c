/*
 * dtp.c - Cisco's Dynamic Trunking Protocol.
 *
 * No standard: as its frames show it and Wireshark, packet-dtp.c, names it.
 *
 *	+---------+  TLVs: type be16, length be16 with its head, value
 *	| version |  1 domain, 2 status u8, 3 kind of trunk u8, 4 neighbour 6
 *	+---------+
 *
 * Op 1.  A port that negotiates trunks can be talked into one: that is a
 * trait of its security.
 */
#include "say.h"

#define OP_ADVERTISEMENT 1u

static const struct proto_op ops[] = {
	{ OP_ADVERTISEMENT, FACT_REPORT, RISK_NONE, "advertisement" },
};

static void
dtp_parse(struct rd *r, struct dissect *d)
{
	struct fact *f;

	d->ctx.response = false;
	rd_skip(r, 1);
	f = dissect_op(d, OP_ADVERTISEMENT);
	f->object = SAY_NAMED;
	while (rd_left(r) >= 4 && rd_ok(r)) {
		uint32_t type = rd_be16(r), n = rd_be16(r);
		struct rd one;

		if (type == 0)
			break; /* padding of the link layer */
		rd_require(r, !rd_ok(r) || n >= 4, "TLV shorter than its head");
		one = rd_sub(r, rd_ok(r) ? n - 4 : 0);
		if (type == 1)
			say_named(f, rd_span_rest(&one));
		else if (type == 2)
			say_number(d, OP_ADVERTISEMENT, "status", rd_u8(&one));
		else if (type == 4)
			say_own_mac(d, rd_span(&one, 6));
		rd_skip_rest(&one);
	}
	rd_skip_rest(r);
	dissect_ident_role(d, ABOUT_SENDER, ROLE_SWITCH);
	dissect_ident(d, TRAIT_SECURITY, SPAN_LIT("port negotiates trunks"));
}

const struct proto proto_dtp = {
	.name = "dtp",
	.title = "Dynamic Trunking Protocol",
	.spec = "Cisco; not published",
	.depth = "domain, status, neighbour",
	.slot = PROTO_SLOT,
	.snap = { 0x000c2004 },
	.parse = dtp_parse,
	PROTO_OPS(ops),
};
