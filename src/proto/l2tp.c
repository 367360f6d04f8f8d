/*
 * l2tp.c - Layer Two Tunneling Protocol, its control messages.
 *
 * RFC 2661 (version 2), RFC 3931 (version 3).
 *
 *	+--------------+--------+---------+---------+----+----+
 *	| flags, 2 or 3| length | tunnel  | session | Ns | Nr |	control: c802
 *	+--------------+--------+---------+---------+----+----+	or c803
 *	  be16           be16     be16      be16      be16 be16
 *				 3: connection be32
 *	then attributes: flags and length (10 bits) be16, vendor be16, type
 *	be16, value; the first is the message type
 *
 * Op is the message type, 0 an acknowledgement, 256 data that could not be
 * taken for what it carries.  Unit is the tunnel.
 */
#include "say.h"

#define FLAG_CONTROL 0x8000u
#define FLAG_LENGTH 0x4000u
#define HIDDEN 0x4000u
#define OP_DATA 256u

enum attribute {
	A_TYPE = 0,
	A_RESULT = 1,
	A_HOST = 7,
	A_VENDOR = 8,
};

static const struct proto_op ops[] = {
	{ 0, FACT_SESSION, RISK_NONE, "acknowledgement" },
	{ 1, FACT_SESSION, RISK_NONE, "start control connection request" },
	{ 2, FACT_SESSION, RISK_NONE, "start control connection reply" },
	{ 3, FACT_SESSION, RISK_NONE, "start control connection connected" },
	{ 4, FACT_SESSION, RISK_NONE, "stop control connection" },
	{ 6, FACT_SESSION, RISK_NONE, "hello" },
	{ 7, FACT_SESSION, RISK_NONE, "outgoing call request" },
	{ 8, FACT_SESSION, RISK_NONE, "outgoing call reply" },
	{ 9, FACT_SESSION, RISK_NONE, "outgoing call connected" },
	{ 10, FACT_SESSION, RISK_NONE, "incoming call request" },
	{ 11, FACT_SESSION, RISK_NONE, "incoming call reply" },
	{ 12, FACT_SESSION, RISK_NONE, "incoming call connected" },
	{ 14, FACT_SESSION, RISK_NONE, "call disconnect" },
	{ 15, FACT_REPORT, RISK_NONE, "wan error" },
	{ 16, FACT_SESSION, RISK_NONE, "set link information" },
	{ 20, FACT_SESSION, RISK_NONE, "explicit acknowledgement" },
	{ OP_DATA, FACT_SESSION, RISK_NONE, "data" },
};

static enum claim
l2tp_claim(struct span s, const struct dissect *d)
{
	if (d->via != VIA_UDP || s.n < 12)
		return CLAIM_NO;
	if (s.p[0] == 0xc8 && (s.p[1] == 2 || s.p[1] == 3) &&
	    ((uint32_t)s.p[2] << 8 | s.p[3]) == s.n)
		return CLAIM_STRONG;
	return say_on_port(d, 1701) && (s.p[1] & 15) >= 2 && (s.p[1] & 15) <= 3
	    ? CLAIM_WEAK
	    : CLAIM_NO;
}

static void
attributes(struct rd *r, struct dissect *d)
{
	uint32_t op = 0;
	bool first = true;

	if (!rd_more(r))
		(void)dissect_op(d, 0);
	while (rd_more(r)) {
		uint32_t head = rd_be16(r), n = head & 0x3ff, vendor, type;
		struct rd one;

		rd_require(r, !rd_ok(r) || n >= 6,
		    "attribute shorter than its head");
		one = rd_sub(r, rd_ok(r) ? n - 2 : 0);
		vendor = rd_be16(&one);
		type = rd_be16(&one);
		if (first) {
			rd_require(&one, !rd_ok(&one) || type == A_TYPE,
			    "the message type comes first");
			op = rd_be16(&one);
			if (rd_ok(r))
				(void)dissect_op(d, op);
		} else if ((head & HIDDEN) != 0) {
			rd_secret(&one, rd_left(&one));
		} else if (vendor == 0 && type == A_HOST) {
			dissect_ident(d, TRAIT_NAME, rd_span_rest(&one));
		} else if (vendor == 0 && type == A_VENDOR) {
			dissect_ident(d, TRAIT_VENDOR, rd_span_rest(&one));
		} else if (vendor == 0 && type == A_RESULT) {
			say_number(d, op, "result", rd_be16(&one));
		}
		first = false;
		rd_skip_rest(&one);
	}
}

static void
l2tp_parse(struct rd *r, struct dissect *d)
{
	uint32_t flags = rd_be16(r), n;
	struct rd body;

	d->ctx.response = false;
	if ((flags & FLAG_CONTROL) == 0) {
		if (rd_ok(r))
			(void)dissect_op(d, OP_DATA);
		rd_opaque_rest(r);
		return;
	}
	rd_require(r, !rd_ok(r) || (flags & FLAG_LENGTH) != 0,
	    "control without a length");
	n = rd_be16(r);
	rd_require(r, !rd_ok(r) || n >= 12, "length less than the header");
	body = rd_sub(r, rd_ok(r) ? n - 4 : 0);
	if ((flags & 15) == 3) {
		dissect_unit(d, rd_be32(&body));
	} else {
		dissect_unit(d, rd_be16(&body));
		rd_skip(&body, 2);
	}
	rd_skip(&body, 4);
	if (rd_ok(r))
		attributes(&body, d);
	rd_skip_rest(r);
}

const struct proto proto_l2tp = {
	.name = "l2tp",
	.title = "Layer Two Tunneling Protocol",
	.spec = "RFC 2661, RFC 3931",
	.depth = "all control messages; hosts, vendors; data is decoded as "
		 "what it carries",
	.slot = PROTO_SLOT,
	.udp = { 1701 },
	.claim = l2tp_claim,
	.parse = l2tp_parse,
	PROTO_OPS(ops),
};
