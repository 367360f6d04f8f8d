/*
 * zigbee.c - the network layer of Zigbee.
 *
 * Zigbee specification 05-3474-22, clause 3.3; security clause 4.5.
 *
 *	frame control le16 | to le16 | from le16 | radius | sequence |
 *	[to 8] [from 8] [multicast 1] [route: n, index, n of le16] |
 *	[security: control, counter le32, [from 8], [key number]] | payload
 *
 * Op is the frame type; of a command in clear it is the command, as variant 1.
 * Unit is the sender; the object whom it is for.  Nearly all payloads are
 * encrypted with the network's key.
 */
#include "say.h"

enum type {
	T_DATA = 0,
	T_COMMAND = 1,
	T_INTER_PAN = 3,
};

#define CMD(n) FACT_OP(1, n)

static const struct proto_op ops[] = {
	{ T_DATA, FACT_SESSION, RISK_NONE, "data" },
	{ T_COMMAND, FACT_SESSION, RISK_NONE, "network command" },
	{ T_INTER_PAN, FACT_SESSION, RISK_NONE, "inter-PAN" },
	{ CMD(1), FACT_SESSION, RISK_NONE, "route request" },
	{ CMD(2), FACT_SESSION, RISK_NONE, "route reply" },
	{ CMD(3), FACT_DIAGNOSE, RISK_NONE, "network status" },
	{ CMD(4), FACT_CONFIG, RISK_CONFIGURATION, "leave" },
	{ CMD(5), FACT_SESSION, RISK_NONE, "route record" },
	{ CMD(6), FACT_SESSION, RISK_NONE, "rejoin request" },
	{ CMD(7), FACT_SESSION, RISK_NONE, "rejoin response" },
	{ CMD(8), FACT_SESSION, RISK_NONE, "link status" },
	{ CMD(9), FACT_REPORT, RISK_NONE, "network report" },
	{ CMD(10), FACT_CONFIG, RISK_CONFIGURATION, "network update" },
};

/* Types 0, 1 and 3, version 2; no reserved bit. */
static bool
is_zigbee(struct span s)
{
	uint32_t control = s.n == 2 ? (uint32_t)s.p[1] << 8 | s.p[0] : 2;
	uint32_t version = BITS(control, 5, 2);

	return BITS(control, 1, 0) != 2 && version == 2 &&
	    BITS(control, 15, 14) == 0;
}

static void
routing(struct rd *r, uint32_t control)
{
	uint32_t n;

	if (BITS(control, 11, 11) != 0)
		rd_skip(r, 8);
	if (BITS(control, 12, 12) != 0)
		rd_skip(r, 8);
	if (BITS(control, 8, 8) != 0)
		rd_skip(r, 1);
	if (BITS(control, 10, 10) == 0)
		return;
	n = rd_u8(r);
	rd_skip(r, 1);
	rd_skip(r, n * 2);
}

static void
secured(struct rd *r)
{
	uint32_t control = rd_u8(r);

	rd_skip(r, 4);
	if (BITS(control, 5, 5) != 0)
		rd_skip(r, 8);
	if (BITS(control, 4, 3) == 1)
		rd_skip(r, 1);
	rd_secret(r, rd_left(r));
}

static void
zigbee_parse(struct rd *r, struct dissect *d)
{
	uint32_t control, type, to, from;
	struct span head = rd_ahead(r, 1);
	struct fact *f;

	if (!is_zigbee(rd_ahead(r, 2))) {
		rd_opaque_rest(r); /* 6LoWPAN, WirelessHART and others */
		return;
	}
	control = rd_le16(r);
	type = BITS(control, 1, 0);
	if (type == T_INTER_PAN) {
		(void)dissect_op(d, type);
		rd_opaque_rest(r);
		return;
	}
	to = rd_le16(r);
	from = rd_le16(r);
	rd_skip(r, 2);
	routing(r, control);
	dissect_unit(d, from);
	head = rd_ahead(r, 1);
	f = dissect_op(d,
	    type == T_COMMAND && BITS(control, 9, 9) == 0 && head.n == 1
		? CMD(head.p[0])
		: type);
	f->object = (struct fact_object){ .space = SPACE_WPAN,
		.first = to,
		.count = 1 };
	if (!rd_ok(r))
		return;
	if (BITS(control, 9, 9) != 0) {
		secured(r);
		return;
	}
	dissect_ident(d, TRAIT_SECURITY,
	    SPAN_LIT("Zigbee without encryption by the network"));
	rd_opaque_rest(r);
}

const struct proto proto_zigbee = {
	.name = "zigbee",
	.title = "Zigbee, network layer",
	.spec = "Zigbee specification 05-3474-22, clauses 3.3 and 4.5",
	.depth = "frames and commands with their addresses; what is "
		 "encrypted is counted so, clusters are not looked into",
	.slot = PROTO_SLOT,
	.ot = true,
	.parse = zigbee_parse,
	PROTO_OPS(ops),
};
