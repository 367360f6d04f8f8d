/*
 * lacp.c - the slow protocols: link aggregation and its neighbours.
 *
 * IEEE 802.1AX-2020 clause 6.4.2 (LACP), 6.5 (marker); IEEE 802.3-2018 clause
 * 57 (OAM); annex 57B (organization specific).
 *
 *	+---------+---------+-- LACP: TLVs, type u8, length u8 with its head:
 *	| subtype | version |   1 actor, 2 partner: priority be16, system 6,
 *	+---------+---------+   key be16, port priority be16, port be16,
 *				state u8, 3 reserved; 3 collector
 *
 * Op is the subtype.  The actor's system is an address of the sender; the
 * object of LACP is the partner's system by name, its first the sender's
 * port.
 */
#include "say.h"

#define S_LACP 1u

static const struct proto_op ops[] = {
	{ S_LACP, FACT_REPORT, RISK_NONE, "lacp" },
	{ 2, FACT_DIAGNOSE, RISK_NONE, "marker" },
	{ 3, FACT_DIAGNOSE, RISK_NONE,
	    "operations, administration, "
	    "maintenance" },
	{ 10, FACT_REPORT, RISK_NONE, "organization specific" },
};

static uint32_t
member(struct rd *r, struct span *ret_system)
{
	uint32_t port;

	rd_skip(r, 2);
	*ret_system = rd_span(r, 6);
	rd_skip(r, 4);
	port = rd_be16(r);
	rd_skip_rest(r);
	return port;
}

static void
aggregation(struct rd *r, struct dissect *d)
{
	struct fact *f = dissect_op(d, S_LACP);
	struct span actor = SPAN(NULL, 0), partner = SPAN(NULL, 0);
	uint32_t port = 0;

	while (rd_left(r) >= 2) {
		uint32_t type = rd_u8(r), n = rd_u8(r);
		struct rd one;

		if (type == 0)
			break;
		rd_require(r, !rd_ok(r) || n >= 2, "TLV shorter than its head");
		one = rd_sub(r, rd_ok(r) ? n - 2 : 0);
		if (type == 1)
			port = member(&one, &actor);
		else if (type == 2)
			(void)member(&one, &partner);
		rd_skip_rest(&one);
	}
	if (!rd_ok(r))
		return;
	f->object = (struct fact_object){ .space = SPACE_NAME,
		.first = port,
		.count = 1 };
	if (partner.n == 6)
		fact_textf(f, "%02x:%02x:%02x:%02x:%02x:%02x", partner.p[0],
		    partner.p[1], partner.p[2], partner.p[3], partner.p[4],
		    partner.p[5]);
	say_own_mac(d, actor);
}

static void
lacp_parse(struct rd *r, struct dissect *d)
{
	uint32_t subtype = rd_u8(r);

	d->ctx.response = false;
	if (!rd_ok(r))
		return;
	if (subtype == S_LACP) {
		rd_skip(r, 1);
		aggregation(r, d);
	} else {
		(void)dissect_op(d, subtype);
	}
	if (proto_op_find(d->proto, subtype) == NULL)
		rd_opaque_rest(r);
	rd_skip_rest(r);
}

const struct proto proto_lacp = {
	.name = "lacp",
	.title = "Slow protocols: link aggregation, marker, OAM",
	.spec = "IEEE 802.1AX-2020, IEEE 802.3-2018 clause 57",
	.depth = "LACP: systems and ports; the others are named",
	.slot = PROTO_SLOT,
	.ether = { 0x8809 },
	.parse = lacp_parse,
	PROTO_OPS(ops),
};
