/*
 * pim.c - Protocol Independent Multicast, version 2.
 *
 * RFC 7761 clause 4.9 (sparse mode), RFC 3973 (dense mode), RFC 5059
 * (bootstrap), RFC 5015 (bidirectional).
 *
 *	+--------------+---+----------+-- by type
 *	| version type | 0 | checksum |
 *	+--------------+---+----------+--
 *	  4 + 4 bits
 *
 * Op is the type.  Hello options: type be16, length be16, value; the priority
 * and further addresses of the router are said.  Of joins and prunes the
 * groups are values.
 */
#include "say.h"

enum type {
	T_HELLO = 0,
	T_REGISTER_STOP = 2,
	T_JOIN = 3,
};

static const struct proto_op ops[] = {
	{ T_HELLO, FACT_DISCOVER, RISK_NONE, "hello" },
	{ 1, FACT_REPORT, RISK_NONE, "register" },
	{ T_REGISTER_STOP, FACT_SESSION, RISK_NONE, "register stop" },
	{ T_JOIN, FACT_SESSION, RISK_NONE, "join or prune" },
	{ 4, FACT_REPORT, RISK_NONE, "bootstrap" },
	{ 5, FACT_REPORT, RISK_NONE, "assert" },
	{ 6, FACT_SESSION, RISK_NONE, "graft" },
	{ 7, FACT_SESSION, RISK_NONE, "graft acknowledgement" },
	{ 8, FACT_REPORT, RISK_NONE, "candidate rendezvous point" },
	{ 9, FACT_REPORT, RISK_NONE, "state refresh" },
	{ 10, FACT_REPORT, RISK_NONE, "designated forwarder election" },
	{ 12, FACT_REPORT, RISK_NONE, "flooding" },
};

/* Encoded addresses, 4.9.1: family u8, encoding u8, `more`, the address. */
static struct ip
encoded(struct rd *r, uint32_t more)
{
	uint32_t family = rd_u8(r);

	rd_require(r, !rd_ok(r) || family == 1 || family == 2,
	    "address of an unknown family");
	rd_skip(r, 1 + more);
	return ip_of_span(rd_span(r, !rd_ok(r) ? 0 : family == 1 ? 4 : 16));
}

static void
hello(struct rd *r, struct dissect *d)
{
	while (rd_left(r) >= 4) {
		uint32_t type = rd_be16(r);
		struct rd one = rd_sub_be16(r);

		if (type == 19 && rd_left(&one) == 4)
			say_number(d, T_HELLO, "priority", rd_be32(&one));
		while (type == 24 && rd_more(&one)) {
			struct ip ip = encoded(&one, 0);

			say_own_address(d, (struct addr){ .ip = ip });
		}
		rd_skip_rest(&one);
	}
}

static void
joins(struct rd *r, struct dissect *d)
{
	uint32_t n;

	(void)encoded(r, 0); /* neighbour */
	rd_skip(r, 1);
	n = rd_u8(r);
	rd_skip(r, 2);
	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		struct ip group = encoded(r, 2);
		uint32_t sources = rd_be16(r) + (uint32_t)rd_be16(r);
		char text[ADDR_TEXT_MAX];

		for (uint32_t k = 0; k < sources && rd_ok(r); k++)
			(void)encoded(r, 2);
		if (rd_ok(r) && say_wanted(d, FACT_VALUE))
			say_text(d, T_JOIN, "group",
			    span_text(ip_text(&group, text)));
	}
}

static void
pim_parse(struct rd *r, struct dissect *d)
{
	uint32_t head = rd_u8(r), type = head & 15;

	d->ctx.response = false;
	rd_require(r, !rd_ok(r) || head >> 4 == 2, "not version 2");
	rd_skip(r, 3);
	if (!rd_ok(r))
		return;
	(void)dissect_op(d, type);
	if (type == T_HELLO)
		hello(r, d);
	else if (type == T_JOIN)
		joins(r, d);
	rd_skip_rest(r);
	dissect_ident_role(d, ABOUT_SENDER, ROLE_ROUTER);
}

const struct proto proto_pim = {
	.name = "pim",
	.title = "Protocol Independent Multicast",
	.spec = "RFC 7761, RFC 3973, RFC 5059, RFC 5015",
	.depth = "version 2, all types; priorities, groups; a register's "
		 "packet is decoded as such",
	.slot = PROTO_SLOT,
	.ip = { 103 },
	.client_role = ROLE_ROUTER,
	.parse = pim_parse,
	PROTO_OPS(ops),
};
