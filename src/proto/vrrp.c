/*
 * vrrp.c - Virtual Router Redundancy Protocol, and CARP on the same number.
 *
 * RFC 3768 (version 2), RFC 5798 (version 3); CARP is OpenBSD's, ip_carp.h.
 *
 *	+--------------+-------+----------+-------+-------------+----------+
 *	| version type | group | priority | count | 2: kind u8, | checksum |
 *	| 4 + 4 bits   |       |          |       | interval u8 |          |
 *	+--------------+-------+----------+-------+-------------+----------+
 *	| addresses: 4 or 16 each, as of the packet | 2: proof 8
 *
 *	CARP: 21, group, skew, 7, 0, interval, checksum, counter 8, digest 20
 *
 * Op is the type; 16 is CARP's advertisement.  Unit is the group, the object
 * the first address that is shared, by name; the priority is a value.
 */
#include "say.h"

#define T_ADVERTISEMENT 1u
#define OP_CARP 16u
#define CARP_SIZE 36u

static const struct proto_op ops[] = {
	{ T_ADVERTISEMENT, FACT_REPORT, RISK_NONE, "advertisement" },
	{ OP_CARP, FACT_REPORT, RISK_NONE, "carp advertisement" },
};

static void
carp(struct rd *r, struct dissect *d)
{
	rd_skip(r, 1);
	dissect_unit(d, rd_u8(r));
	(void)dissect_op(d, OP_CARP);
	say_number(d, OP_CARP, "skew", rd_u8(r));
	rd_skip(r, 5);
	rd_secret(r, 28);
}

static void
addresses(struct rd *r, struct dissect *d, struct fact *f, uint32_t count,
    uint32_t size, uint32_t op)
{
	for (uint32_t i = 0; i < count && rd_left(r) >= size; i++) {
		struct ip ip = ip_of_span(rd_span(r, size));
		char text[ADDR_TEXT_MAX];

		if (i == 0)
			say_named_ip(f, &ip);
		else if (say_wanted(d, FACT_VALUE))
			say_text(d, op, "address",
			    span_text(ip_text(&ip, text)));
	}
}

static void
vrrp_parse(struct rd *r, struct dissect *d)
{
	struct span all = rd_ahead(r, 5);
	uint32_t head, version, priority, count, kind, type;
	bool six = say_sender(d)->ip.len == 16;
	struct fact *f;

	d->ctx.response = false;
	if (all.n == 5 && all.p[0] == 0x21 && all.p[3] == 7 && all.p[4] == 0 &&
	    rd_left(r) == CARP_SIZE) {
		carp(r, d);
		return;
	}
	head = rd_u8(r);
	version = head >> 4;
	type = head & 15;
	rd_require(r, !rd_ok(r) || (version >= 2 && version <= 3),
	    "neither version 2 nor 3");
	dissect_unit(d, rd_u8(r));
	priority = rd_u8(r);
	count = rd_u8(r);
	kind = rd_u8(r);
	rd_skip(r, 3);
	if (!rd_ok(r))
		return;
	f = dissect_op(d, type);
	say_number(d, type, "priority", priority);
	addresses(r, d, f, count, six ? 16 : 4, type);
	rd_skip_rest(r); /* proof, padding */
	dissect_ident_role(d, ABOUT_SENDER, ROLE_ROUTER);
	if (version == 2 && kind == 1)
		dissect_ident(d, TRAIT_SECURITY,
		    SPAN_LIT("VRRP with a password in clear"));
}

const struct proto proto_vrrp = {
	.name = "vrrp",
	.title = "Virtual Router Redundancy Protocol",
	.spec = "RFC 3768, RFC 5798",
	.depth = "advertisements: group, priority, addresses; CARP's are named",
	.slot = PROTO_SLOT,
	.ip = { 112 },
	.client_role = ROLE_ROUTER,
	.parse = vrrp_parse,
	PROTO_OPS(ops),
};
