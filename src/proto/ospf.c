/*
 * ospf.c - Open Shortest Path First.
 *
 * RFC 2328 appendix A (version 2), RFC 5340 appendix A (version 3).
 *
 *	+---------+------+--------+--------+------+----------+- - - - - - - -
 *	| version | type | length | router | area | checksum | 2: kind be16,
 *	+---------+------+--------+--------+------+----------+ proof 8
 *	  u8        u8     be16     4        4      be16       3: instance, 0
 *
 * Op is the type.  A message is named after its router; the area, and of a
 * hello the designated router and its neighbours, are values.  What is
 * advertised about links is counted.
 */
#include "say.h"

enum type {
	T_HELLO = 1,
	T_DESCRIPTION = 2,
	T_REQUEST = 3,
	T_UPDATE = 4,
	T_ACK = 5,
};

static const struct proto_op ops[] = {
	{ T_HELLO, FACT_DISCOVER, RISK_NONE, "hello" },
	{ T_DESCRIPTION, FACT_REPORT, RISK_NONE, "database description" },
	{ T_REQUEST, FACT_DISCOVER, RISK_NONE, "link state request" },
	{ T_UPDATE, FACT_REPORT, RISK_NONE, "link state update" },
	{ T_ACK, FACT_REPORT, RISK_NONE, "link state acknowledgement" },
};

static void
say_ip(struct dissect *d, uint32_t op, const char *label, struct span s)
{
	struct ip ip = ip_of_span(s);
	char text[ADDR_TEXT_MAX];

	if (say_wanted(d, FACT_VALUE) && !ip_is_zero(&ip))
		say_text(d, op, label, span_text(ip_text(&ip, text)));
}

/* Both versions: 20 bytes, then the neighbours. */
static void
hello(struct rd *r, struct dissect *d)
{
	rd_skip(r, 12); /* mask or interface, intervals, options, priority */
	say_ip(d, T_HELLO, "designated router", rd_span(r, 4));
	rd_skip(r, 4);
	while (rd_left(r) >= 4)
		say_ip(d, T_HELLO, "neighbour", rd_span(r, 4));
}

static void
say_proof(struct dissect *d, uint32_t kind)
{
	if (kind == 0)
		dissect_ident(d, TRAIT_SECURITY,
		    SPAN_LIT("OSPF without authentication"));
	else if (kind == 1)
		dissect_ident(d, TRAIT_SECURITY,
		    SPAN_LIT("OSPF with a password in clear"));
}

static void
ospf_parse(struct rd *r, struct dissect *d)
{
	uint32_t version = rd_u8(r), type = rd_u8(r), n = rd_be16(r), kind = 2;
	struct ip router;
	struct rd body;
	struct fact *f;

	d->ctx.response = false;
	rd_require(r, !rd_ok(r) || version == 2 || version == 3,
	    "neither version 2 nor 3");
	rd_require(r, !rd_ok(r) || n >= (version == 2 ? 24u : 16u),
	    "length less than the header");
	body = rd_sub(r, rd_ok(r) ? n - 4 : 0);
	router = ip_of_span(rd_span(&body, 4));
	if (!rd_ok(r))
		return;
	f = dissect_op(d, type);
	say_named_ip(f, &router);
	say_ip(d, type, "area", rd_span(&body, 4));
	rd_skip(&body, 2);
	if (version == 2)
		kind = rd_be16(&body);
	rd_skip(&body, version == 2 ? 8 : 2);
	if (type == T_HELLO)
		hello(&body, d);
	else if (type == T_UPDATE)
		say_number(d, type, "advertisements", rd_be32(&body));
	if (type < T_HELLO || type > T_ACK)
		rd_opaque_rest(&body);
	rd_skip_rest(&body);
	rd_skip_rest(r); /* digest, signalling of the link (RFC 5613) */
	dissect_ident_role(d, ABOUT_SENDER, ROLE_ROUTER);
	if (version == 2 && type == T_HELLO)
		say_proof(d, kind);
}

const struct proto proto_ospf = {
	.name = "ospf",
	.title = "Open Shortest Path First",
	.spec = "RFC 2328, RFC 5340",
	.depth = "versions 2 and 3, all types; routers, areas, neighbours, "
		 "authentication; link states are counted",
	.slot = PROTO_SLOT,
	.ip = { 89 },
	.client_role = ROLE_ROUTER,
	.parse = ospf_parse,
	PROTO_OPS(ops),
};
