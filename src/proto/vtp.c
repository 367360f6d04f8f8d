/*
 * vtp.c - Cisco's VLAN Trunking Protocol, versions 1 and 2.
 *
 * Cisco, "Understanding VLAN Trunk Protocol (VTP)", document 10558.
 *
 *	+---------+------+-------+---------------+-----------+-- by code
 *	| version | code | count | domain length | domain 32 |
 *	+---------+------+-------+---------------+-----------+--
 *	1 summary: revision be32, updater 4, time 12, digest 16
 *	2 subset: revision be32, VLANs: length u8 with itself, status u8, type
 *u8, name length u8, identifier be16, size be16, index be32, name
 *
 * Op is the code.  The object is the domain by name; its first is the
 * revision.  A subset changes the VLANs of every switch of the domain.
 */
#include "say.h"

#define C_SUMMARY 1u
#define C_SUBSET 2u

static const struct proto_op ops[] = {
	{ C_SUMMARY, FACT_REPORT, RISK_NONE, "summary advertisement" },
	{ C_SUBSET, FACT_CONFIG, RISK_CONFIGURATION, "subset advertisement" },
	{ 3, FACT_DISCOVER, RISK_NONE, "advertisement request" },
	{ 4, FACT_SESSION, RISK_NONE, "join" },
};

static void
vlans(struct rd *r, struct dissect *d)
{
	while (rd_left(r) >= 12) {
		uint32_t size = rd_u8(r), n, id;
		struct rd one;
		char label[40];
		struct span name;

		rd_require(r, !rd_ok(r) || size >= 12,
		    "entry shorter than its head");
		one = rd_sub(r, rd_ok(r) ? size - 1 : 0);
		rd_skip(&one, 2);
		n = rd_u8(&one);
		id = rd_be16(&one);
		rd_skip(&one, 6);
		name = rd_span(&one, n);
		rd_skip_rest(&one);
		if (!rd_ok(r) || !say_wanted(d, FACT_VALUE))
			continue;
		(void)snprintf(label, sizeof(label), "vlan %u", id);
		say_text(d, C_SUBSET, label, name);
	}
}

static void
vtp_parse(struct rd *r, struct dissect *d)
{
	uint32_t version = rd_u8(r), code = rd_u8(r), n, revision = 0;
	struct span domain;
	struct fact *f;

	d->ctx.response = false;
	rd_require(r, !rd_ok(r) || (version >= 1 && version <= 3),
	    "version above 3");
	rd_skip(r, 1);
	n = rd_u8(r);
	domain = rd_span(r, 32);
	if (!rd_ok(r))
		return;
	f = dissect_op(d, code);
	if (code == C_SUMMARY || code == C_SUBSET)
		revision = rd_be32(r);
	say_named(f, span_first(domain, n < 32 ? n : 32));
	f->object.first = revision;
	if (code == C_SUBSET && version < 3)
		vlans(r, d);
	else if (proto_op_find(d->proto, code) == NULL)
		rd_opaque_rest(r);
	rd_skip_rest(r);
	dissect_ident_role(d, ABOUT_SENDER, ROLE_SWITCH);
}

const struct proto proto_vtp = {
	.name = "vtp",
	.title = "VLAN Trunking Protocol",
	.spec = "Cisco document 10558",
	.depth = "all codes; domain, revision, VLANs",
	.slot = PROTO_SLOT,
	.snap = { 0x000c2003 },
	.parse = vtp_parse,
	PROTO_OPS(ops),
};
