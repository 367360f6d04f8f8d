/*
 * esis.c - End System to Intermediate System.
 *
 * ISO 9542, clause 7.
 *
 *	+----+--------+---------+---+------+---------+----------+
 *	| 82 | length | version | 0 | type | holding | checksum |
 *	+----+--------+---------+---+------+---------+----------+
 *	  u8   u8       u8 = 1        u8     be16      be16
 *	then addresses: count u8, each length u8 and address
 *
 * Op is the type (5 bits).  The object is the first address, by name.
 */
#include "say.h"

#define NLPID 0x82u
#define T_END 2u
#define T_ROUTER 4u
#define T_REDIRECT 6u

static const struct proto_op ops[] = {
	{ T_END, FACT_DISCOVER, RISK_NONE, "end system hello" },
	{ T_ROUTER, FACT_DISCOVER, RISK_NONE, "intermediate system hello" },
	{ T_REDIRECT, FACT_CONFIG, RISK_NONE, "redirect" },
};

static enum claim
esis_claim(struct span s, const struct dissect *d)
{
	s = span_from(s, d->via == VIA_ETHER);
	return s.n >= 1 && s.p[0] == NLPID ? CLAIM_STRONG : CLAIM_NO;
}

static void
say_address(struct fact *f, struct span s)
{
	char text[2 * 20 + 1] = "";

	for (uint32_t i = 0; i < s.n && i < 20; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", s.p[i]);
	say_named(f, span_text(text));
}

static void
esis_parse(struct rd *r, struct dissect *d)
{
	uint32_t id, n, type;
	struct rd body;
	struct fact *f;

	d->ctx.response = false;
	rd_skip(r, d->via == VIA_ETHER ? 1 : 0); /* padding of HDLC */
	id = rd_u8(r);
	n = rd_u8(r);
	rd_require(r, !rd_ok(r) || (id == NLPID && n >= 9), "not ES-IS");
	body = rd_sub(r, rd_ok(r) ? n - 2 : 0);
	rd_skip(&body, 2);
	type = rd_u8(&body) & 0x1f;
	rd_skip(&body, 4);
	if (!rd_ok(r))
		return;
	f = dissect_op(d, type);
	if (type == T_END)
		rd_skip(&body, 1); /* how many */
	if (type == T_END || type == T_ROUTER || type == T_REDIRECT)
		say_address(f, rd_span(&body, rd_u8(&body)));
	if (type == T_ROUTER)
		dissect_ident_role(d, ABOUT_SENDER, ROLE_ROUTER);
	rd_skip_rest(&body);
	rd_skip_rest(r);
}

const struct proto proto_esis = {
	.name = "esis",
	.title = "End System to Intermediate System",
	.spec = "ISO 9542",
	.depth = "all types; the first address",
	.slot = PROTO_SLOT,
	.llc = { 0xfe },
	.ether = { 0xfefe },
	.claim = esis_claim,
	.parse = esis_parse,
	PROTO_OPS(ops),
};
