/*
 * eigrp.c - Enhanced Interior Gateway Routing Protocol.
 *
 * RFC 7868, clause 6.
 *
 *	+---------+----+----------+-------+----------+-----+--------+----+
 *	| version | op | checksum | flags | sequence | ack | router | AS |
 *	+---------+----+----------+-------+----------+-----+--------+----+
 *	  u8 = 2    u8   be16       be32    be32       be32  be16    be16
 *	then TLVs: type be16, length be16 with its head, value
 *
 * Op is the op code.  Unit is the autonomous system, seq the sequence.  The
 * versions that a hello tells are identity.
 */
#include "say.h"

#define TLV_VERSION 4u
#define OP_HELLO 5u
#define OP_ACK 8u

static const struct proto_op ops[] = {
	{ 1, FACT_REPORT, RISK_NONE, "update" },
	{ 2, FACT_DISCOVER, RISK_NONE, "request" },
	{ 3, FACT_DISCOVER, RISK_NONE, "query" },
	{ 4, FACT_REPORT, RISK_NONE, "reply" },
	{ OP_HELLO, FACT_DISCOVER, RISK_NONE, "hello" },
	{ 6, FACT_REPORT, RISK_NONE, "ipx sap" },
	{ 7, FACT_DIAGNOSE, RISK_NONE, "probe" },
	{ OP_ACK, FACT_SESSION, RISK_NONE, "acknowledgement" },
	{ 9, FACT_REPORT, RISK_NONE, "stub information" },
	{ 10, FACT_DISCOVER, RISK_NONE, "stuck in active query" },
	{ 11, FACT_REPORT, RISK_NONE, "stuck in active reply" },
};

static void
tlvs(struct rd *r, struct dissect *d)
{
	while (rd_left(r) >= 4) {
		uint32_t type = rd_be16(r), n = rd_be16(r);
		struct rd one;

		rd_require(r, !rd_ok(r) || n >= 4, "TLV shorter than its head");
		one = rd_sub(r, rd_ok(r) ? n - 4 : 0);
		if (type == TLV_VERSION && rd_left(&one) == 4) {
			uint32_t v = rd_be32(&one);

			dissect_identf(d, TRAIT_FIRMWARE, "IOS %u.%u", v >> 24,
			    v >> 16 & 255);
		}
		rd_skip_rest(&one);
	}
	rd_skip_rest(r);
}

static void
eigrp_parse(struct rd *r, struct dissect *d)
{
	uint32_t version = rd_u8(r), op = rd_u8(r);

	d->ctx.response = false;
	rd_require(r, !rd_ok(r) || version == 2, "not version 2");
	rd_skip(r, 6);
	d->ctx.seq = rd_be32(r);
	rd_skip(r, 6);
	dissect_unit(d, rd_be16(r));
	if (!rd_ok(r))
		return;
	(void)dissect_op(d, op);
	tlvs(r, d);
	dissect_ident_role(d, ABOUT_SENDER, ROLE_ROUTER);
}

const struct proto proto_eigrp = {
	.name = "eigrp",
	.title = "Enhanced Interior Gateway Routing Protocol",
	.spec = "RFC 7868",
	.depth = "all op codes; autonomous system, versions; routes are "
		 "stepped over",
	.slot = PROTO_SLOT,
	.ip = { 88 },
	.client_role = ROLE_ROUTER,
	.parse = eigrp_parse,
	PROTO_OPS(ops),
};
