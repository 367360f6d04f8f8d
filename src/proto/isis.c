/*
 * isis.c - Intermediate System to Intermediate System.
 *
 * ISO/IEC 10589, clause 9; RFC 1195 (addresses), RFC 5301 (host names).
 *
 *	+----+------+---+---------+------+---------+---+-------+-- by type
 *	| 83 | head | 1 | id size | type | version | 0 | areas |
 *	+----+------+---+---------+------+---------+---+-------+--
 *	then TLVs: type u8, length u8, value
 *
 * Op is the type (5 bits).  The object is the system by name
 * ("1921.6800.1001") that sends a hello or made the link state PDU; host
 * names and areas are values.
 */
#include "say.h"

#define NLPID 0x83u

enum type {
	T_HELLO1 = 15,
	T_HELLO2 = 16,
	T_HELLO_P2P = 17,
	T_LSP1 = 18,
	T_LSP2 = 20,
};

static const struct proto_op ops[] = {
	{ T_HELLO1, FACT_DISCOVER, RISK_NONE, "level 1 hello" },
	{ T_HELLO2, FACT_DISCOVER, RISK_NONE, "level 2 hello" },
	{ T_HELLO_P2P, FACT_DISCOVER, RISK_NONE, "point to point hello" },
	{ T_LSP1, FACT_REPORT, RISK_NONE, "level 1 link state" },
	{ T_LSP2, FACT_REPORT, RISK_NONE, "level 2 link state" },
	{ 24, FACT_REPORT, RISK_NONE, "level 1 complete sequence numbers" },
	{ 25, FACT_REPORT, RISK_NONE, "level 2 complete sequence numbers" },
	{ 26, FACT_REPORT, RISK_NONE, "level 1 partial sequence numbers" },
	{ 27, FACT_REPORT, RISK_NONE, "level 2 partial sequence numbers" },
};

static enum claim
isis_claim(struct span s, const struct dissect *d)
{
	s = span_from(s, d->via == VIA_ETHER);
	return s.n >= 1 && s.p[0] == NLPID ? CLAIM_STRONG : CLAIM_NO;
}

static void
say_system(struct fact *f, struct span id)
{
	f->object = SAY_NAMED;
	if (id.n >= 6)
		fact_textf(f, "%02x%02x.%02x%02x.%02x%02x", id.p[0], id.p[1],
		    id.p[2], id.p[3], id.p[4], id.p[5]);
}

/* The rest of the fixed part, after 8 bytes; its length is in the header. */
static void
fixed(struct rd *r, struct fact *f, uint32_t type)
{
	if (type <= T_HELLO_P2P) {
		rd_skip(r, 1);
		say_system(f, rd_span(r, 6));
	} else if (type <= T_LSP2) {
		rd_skip(r, 4);
		say_system(f, rd_span(r, 6));
	} else {
		rd_skip(r, 2);
		say_system(f, rd_span(r, 6));
	}
	rd_skip_rest(r);
}

static void
tlvs(struct rd *r, struct dissect *d, uint32_t type)
{
	while (rd_left(r) >= 2) {
		uint32_t tlv = rd_u8(r);
		struct rd one = rd_sub_u8(r);

		if (tlv == 137)
			say_text(d, type, "host name", rd_span_rest(&one));
		while (tlv == 132 && type <= T_HELLO_P2P && rd_left(&one) >= 4)
			say_own_ip(d, rd_span(&one, 4));
		if (tlv == 10 && rd_left(&one) > 0 && rd_u8(&one) == 1)
			dissect_ident(d, TRAIT_SECURITY,
			    SPAN_LIT("IS-IS with a password in clear"));
		rd_skip_rest(&one);
	}
	rd_skip_rest(r);
}

static void
isis_parse(struct rd *r, struct dissect *d)
{
	uint32_t id, head, type;
	struct rd part;
	struct fact *f;

	d->ctx.response = false;
	rd_skip(r, d->via == VIA_ETHER ? 1 : 0); /* padding of HDLC */
	id = rd_u8(r);
	head = rd_u8(r);
	rd_require(r, !rd_ok(r) || (id == NLPID && head >= 8), "not IS-IS");
	rd_skip(r, 2);
	type = rd_u8(r) & 0x1f;
	rd_skip(r, 3);
	if (!rd_ok(r))
		return;
	f = dissect_op(d, type);
	part = rd_sub(r, head - 8);
	if (proto_op_find(d->proto, type) == NULL) {
		rd_opaque_rest(&part);
		rd_opaque_rest(r);
		return;
	}
	fixed(&part, f, type);
	tlvs(r, d, type);
	dissect_ident_role(d, ABOUT_SENDER, ROLE_ROUTER);
}

const struct proto proto_isis = {
	.name = "isis",
	.title = "Intermediate System to Intermediate System",
	.spec = "ISO/IEC 10589, RFC 1195, RFC 5301",
	.depth = "all types; systems, host names, addresses of interfaces; "
		 "link states are stepped over",
	.slot = PROTO_SLOT,
	.llc = { 0xfe },
	.ether = { 0xfefe },
	.client_role = ROLE_ROUTER,
	.claim = isis_claim,
	.parse = isis_parse,
	PROTO_OPS(ops),
};
