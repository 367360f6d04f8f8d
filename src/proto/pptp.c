/*
 * pptp.c - Point to Point Tunneling Protocol, its control connection.
 *
 * RFC 2637, clause 2.
 *
 *	+--------+----------+----------+---------+---+-- by type
 *	| length | type = 1 | 1a2b3c4d | message | 0 |
 *	+--------+----------+----------+---------+---+--
 *	  be16     be16       be32       be16      be16
 *
 * Op is the message.  The tunnel's packets go over GRE and are decoded as
 * what they carry.
 */
#include "say.h"

static const struct proto_op ops[] = {
	{ 1, FACT_SESSION, RISK_NONE, "start control connection request" },
	{ 2, FACT_SESSION, RISK_NONE, "start control connection reply" },
	{ 3, FACT_SESSION, RISK_NONE, "stop control connection request" },
	{ 4, FACT_SESSION, RISK_NONE, "stop control connection reply" },
	{ 5, FACT_DIAGNOSE, RISK_NONE, "echo request" },
	{ 6, FACT_DIAGNOSE, RISK_NONE, "echo reply" },
	{ 7, FACT_SESSION, RISK_NONE, "outgoing call request" },
	{ 8, FACT_SESSION, RISK_NONE, "outgoing call reply" },
	{ 9, FACT_SESSION, RISK_NONE, "incoming call request" },
	{ 10, FACT_SESSION, RISK_NONE, "incoming call reply" },
	{ 11, FACT_SESSION, RISK_NONE, "incoming call connected" },
	{ 12, FACT_SESSION, RISK_NONE, "call clear request" },
	{ 13, FACT_REPORT, RISK_NONE, "call disconnect" },
	{ 14, FACT_REPORT, RISK_NONE, "wan error" },
	{ 15, FACT_SESSION, RISK_NONE, "set link information" },
};

static bool
is_answer(uint32_t op)
{
	return op == 2 || op == 4 || op == 6 || op == 8 || op == 10;
}

static uint32_t
pptp_frame(struct span s, const struct dissect *d)
{
	uint32_t n = (uint32_t)s.p[0] << 8 | s.p[1];

	(void)d;
	return n >= 12 && n <= 256 &&
		memcmp(s.p + 2, "\x00\x01\x1a\x2b\x3c\x4d", 6) == 0
	    ? n
	    : FRAME_NOT_MINE;
}

static enum claim
pptp_claim(struct span s, const struct dissect *d)
{
	return d->via == VIA_TCP && s.n >= 8 &&
		pptp_frame(s, d) != FRAME_NOT_MINE
	    ? CLAIM_STRONG
	    : CLAIM_NO;
}

static struct span
padded(struct span s)
{
	return span_first(s, span_find(s, 0));
}

static void
pptp_parse(struct rd *r, struct dissect *d)
{
	uint32_t op;

	rd_skip(r, 8);
	op = rd_be16(r);
	rd_skip(r, 2);
	if (!rd_ok(r))
		return;
	d->ctx.response = is_answer(op);
	if (d->ctx.response)
		(void)dissect_recall(d, op - 1);
	else
		dissect_remember(d, (struct ask){ .pair = op, .op = op });
	(void)dissect_op(d, op);
	if (op == 1 || op == 2) {
		rd_skip(r, 14); /* version, result, capabilities, channels */
		say_number(d, op, "firmware", rd_be16(r));
		dissect_ident(d, TRAIT_NAME, padded(rd_span(r, 64)));
		dissect_ident(d, TRAIT_VENDOR, padded(rd_span(r, 64)));
	}
	rd_skip_rest(r);
}

const struct proto proto_pptp = {
	.name = "pptp",
	.title = "Point to Point Tunneling Protocol",
	.spec = "RFC 2637",
	.depth = "all control messages; hosts, vendors",
	.slot = PROTO_SLOT,
	.tcp = { 1723 },
	.claim = pptp_claim,
	.frame = pptp_frame,
	.frame_min = 8,
	.parse = pptp_parse,
	PROTO_OPS(ops),
};
