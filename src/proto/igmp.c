/*
 * igmp.c - Internet Group Management Protocol.
 *
 * RFC 1112 appendix I (version 1), RFC 2236 (2), RFC 3376 (3); multicast
 * router discovery RFC 4286.
 *
 *	query, report, leave		version 3 report
 *	+------+------+----------+	+------+---+----------+---+-------+
 *	| type | time | checksum |	| 0x22 | - | checksum | - | count |
 *	+------+------+----------+	+------+---+----------+---+-------+
 *	| group                  |	| record: type, aux words, sources,
 *	+------------------------+	| group, sources * 4, aux * 4 ...
 *
 * Op is the type.  The object is the group; further groups of a version 3
 * report are VALUE facts whose number is the record type.
 */
#include "say.h"

static const struct proto_op ops[] = {
	{ 0x11, FACT_DISCOVER, RISK_NONE, "membership query" },
	{ 0x12, FACT_SESSION, RISK_NONE, "version 1 membership report" },
	{ 0x13, FACT_SESSION, RISK_NONE, "dvmrp" },
	{ 0x14, FACT_SESSION, RISK_NONE, "pim version 1" },
	{ 0x15, FACT_DIAGNOSE, RISK_NONE, "trace" },
	{ 0x16, FACT_SESSION, RISK_NONE, "version 2 membership report" },
	{ 0x17, FACT_SESSION, RISK_NONE, "leave group" },
	{ 0x1e, FACT_DIAGNOSE, RISK_NONE, "multicast traceroute response" },
	{ 0x1f, FACT_DIAGNOSE, RISK_NONE, "multicast traceroute" },
	{ 0x22, FACT_SESSION, RISK_NONE, "version 3 membership report" },
	{ 0x30, FACT_DISCOVER, RISK_NONE, "multicast router advertisement" },
	{ 0x31, FACT_DISCOVER, RISK_NONE, "multicast router solicitation" },
	{ 0x32, FACT_DISCOVER, RISK_NONE, "multicast router termination" },
};

/* RFC 3376 4.2; sources need no naming. */
static void
report3(struct rd *r, struct dissect *d, uint32_t op)
{
	struct fact *f = dissect_op(d, op);
	uint32_t n;

	rd_skip(r, 2);
	n = rd_count(r, rd_be16(r), 8);
	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		uint32_t type = rd_u8(r), aux = rd_u8(r), sources = rd_be16(r);
		struct ip group = ip_of_span(rd_span(r, 4));
		char text[ADDR_TEXT_MAX];

		rd_skip(r, sources * 4);
		rd_skip(r, aux * 4);
		if (!rd_ok(r))
			break;
		if (i == 0)
			say_named_ip(f, &group);
		if (say_wanted(d, FACT_VALUE))
			say_number(d, op, ip_text(&group, text), type);
	}
	f->object.space = SPACE_NAME;
	f->object.count = n;
	rd_skip_rest(r);
}

static void
igmp_parse(struct rd *r, struct dissect *d)
{
	uint32_t type = rd_u8(r);
	struct ip group;
	struct fact *f;

	d->ctx.response = false;
	rd_skip(r, 3);
	if (!rd_ok(r))
		return;
	if (type == 0x22) {
		report3(r, d, type);
		return;
	}
	f = dissect_op(d, type);
	if (type == 0x11 || type == 0x12 || type == 0x16 || type == 0x17) {
		group = ip_of_span(rd_span(r, 4));
		say_named_ip(f, &group);
		rd_skip_rest(r); /* sources of a version 3 query */
	} else if (type == 0x13 || type == 0x14) {
		dissect_ident_role(d, ABOUT_SENDER, ROLE_ROUTER);
		rd_opaque_rest(r);
	} else if (type == 0x30) {
		dissect_ident_role(d, ABOUT_SENDER, ROLE_ROUTER);
		rd_skip_rest(r);
	} else {
		rd_opaque_rest(r);
	}
}

const struct proto proto_igmp = {
	.name = "igmp",
	.title = "Internet Group Management Protocol",
	.spec = "RFC 1112, RFC 2236, RFC 3376, RFC 4286",
	.depth = "all types; groups joined, left and asked for",
	.slot = PROTO_SLOT,
	.ip = { 2 },
	.parse = igmp_parse,
	PROTO_OPS(ops),
};
