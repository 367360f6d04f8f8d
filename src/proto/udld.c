/*
 * udld.c - Cisco's Unidirectional Link Detection.
 *
 * RFC 5171, clause 3.
 *
 *	+-----------------+-------+----------+  TLVs: type be16, length be16
 *	| version, opcode | flags | checksum |  with its head, value
 *	| 3 + 5 bits      |       |          |  1 device, 2 port, 3 echo,
 *	+-----------------+-------+----------+  6 device name
 *
 * Op is the opcode.  The object is the sender's port by name.
 */
#include "say.h"

static const struct proto_op ops[] = {
	{ 1, FACT_DIAGNOSE, RISK_NONE, "probe" },
	{ 2, FACT_DIAGNOSE, RISK_NONE, "echo" },
	{ 3, FACT_SESSION, RISK_NONE, "flush" },
};

static void
udld_parse(struct rd *r, struct dissect *d)
{
	uint32_t op = rd_u8(r) & 0x1f;
	struct fact *f;

	d->ctx.response = false;
	rd_skip(r, 3);
	if (!rd_ok(r))
		return;
	f = dissect_op(d, op);
	f->object = SAY_NAMED;
	while (rd_left(r) >= 4) {
		uint32_t type = rd_be16(r), n = rd_be16(r);
		struct rd one;

		if (type == 0)
			break; /* padding of the link layer */
		rd_require(r, !rd_ok(r) || n >= 4, "TLV shorter than its head");
		one = rd_sub(r, rd_ok(r) ? n - 4 : 0);
		if (type == 1)
			dissect_ident(d, TRAIT_SERIAL, rd_span_rest(&one));
		else if (type == 2)
			say_named(f, rd_span_rest(&one));
		else if (type == 6)
			dissect_ident(d, TRAIT_NAME, rd_span_rest(&one));
		rd_skip_rest(&one);
	}
	rd_skip_rest(r);
	dissect_ident_role(d, ABOUT_SENDER, ROLE_SWITCH);
}

const struct proto proto_udld = {
	.name = "udld",
	.title = "Unidirectional Link Detection",
	.spec = "RFC 5171",
	.depth = "all opcodes; device, name, port",
	.slot = PROTO_SLOT,
	.snap = { 0x000c0111 },
	.parse = udld_parse,
	PROTO_OPS(ops),
};
