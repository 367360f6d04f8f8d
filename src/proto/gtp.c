/*
 * gtp.c - GPRS Tunnelling Protocol, its control messages: private mobile
 * networks.
 *
 * 3GPP TS 29.060 (version 1), TS 29.274 (version 2), TS 32.295 (GTP').
 *
 *	1: flags u8 (version 3 bits, 1, 0, E, S, PN), type u8, length be16,
 *	   tunnel be32, [sequence be16, packet u8, next u8]
 *	2: flags u8 (version 3 bits, P, T), type u8, length be16, [tunnel
 *	   be32], sequence be24, 0
 *
 * Op is the type, of version 2 with FACT_OP() 2.  Unit is the tunnel, pair
 * the sequence.  User data (GTP-U) is decoded as what it carries.
 */
#include "say.h"

#define DATA 255u
#define TWO(n) FACT_OP(2, n)

#define ROW(code, what)                             \
	{                                           \
		code, FACT_SESSION, RISK_NONE, what \
	}
static const struct proto_op ops[] = {
	{ 1, FACT_DIAGNOSE, RISK_NONE, "echo request" },
	{ 2, FACT_DIAGNOSE, RISK_NONE, "echo response" },
	ROW(3, "version not supported"),
	ROW(4, "node alive request"),
	ROW(5, "node alive response"),
	ROW(6, "redirection request"),
	ROW(7, "redirection response"),
	ROW(16, "create context request"),
	ROW(17, "create context response"),
	ROW(18, "update context request"),
	ROW(19, "update context response"),
	ROW(20, "delete context request"),
	ROW(21, "delete context response"),
	ROW(22, "initiate context activation request"),
	ROW(23, "initiate context activation response"),
	ROW(26, "error indication"),
	ROW(27, "notification request"),
	ROW(28, "notification response"),
	ROW(31, "extension headers supported"),
	ROW(32, "routeing information request"),
	ROW(33, "routeing information response"),
	ROW(36, "failure report request"),
	ROW(37, "failure report response"),
	ROW(48, "identification request"),
	ROW(49, "identification response"),
	ROW(50, "context request"),
	ROW(51, "context response"),
	ROW(52, "context acknowledge"),
	ROW(53, "forward relocation request"),
	ROW(54, "forward relocation response"),
	ROW(55, "forward relocation complete"),
	ROW(56, "relocation cancel request"),
	ROW(57, "relocation cancel response"),
	ROW(240, "data record transfer request"),
	ROW(241, "data record transfer response"),
	ROW(254, "end marker"),
	{ DATA, FACT_REPORT, RISK_NONE, "user data" },
	{ TWO(1), FACT_DIAGNOSE, RISK_NONE, "echo request" },
	{ TWO(2), FACT_DIAGNOSE, RISK_NONE, "echo response" },
	ROW(TWO(3), "version not supported"),
	ROW(TWO(32), "create session request"),
	ROW(TWO(33), "create session response"),
	ROW(TWO(34), "modify bearer request"),
	ROW(TWO(35), "modify bearer response"),
	ROW(TWO(36), "delete session request"),
	ROW(TWO(37), "delete session response"),
	ROW(TWO(38), "change notification request"),
	ROW(TWO(39), "change notification response"),
	ROW(TWO(64), "modify bearer command"),
	ROW(TWO(65), "modify bearer failure"),
	ROW(TWO(66), "delete bearer command"),
	ROW(TWO(67), "delete bearer failure"),
	ROW(TWO(68), "bearer resource command"),
	ROW(TWO(69), "bearer resource failure"),
	ROW(TWO(70), "downlink data failure"),
	ROW(TWO(95), "create bearer request"),
	ROW(TWO(96), "create bearer response"),
	ROW(TWO(97), "update bearer request"),
	ROW(TWO(98), "update bearer response"),
	ROW(TWO(99), "delete bearer request"),
	ROW(TWO(100), "delete bearer response"),
	ROW(TWO(128), "identification request"),
	ROW(TWO(129), "identification response"),
	ROW(TWO(130), "context request"),
	ROW(TWO(131), "context response"),
	ROW(TWO(132), "context acknowledge"),
	ROW(TWO(133), "forward relocation request"),
	ROW(TWO(134), "forward relocation response"),
	ROW(TWO(149), "detach notification"),
	ROW(TWO(150), "detach acknowledge"),
	ROW(TWO(170), "release access bearers request"),
	ROW(TWO(171), "release access bearers response"),
	ROW(TWO(176), "downlink data notification"),
	ROW(TWO(177), "downlink data acknowledge"),
};
#undef ROW

/* Their answers are the next number; a few go one way only. */
static bool
is_response(uint32_t version, uint32_t type)
{
	if (type < 16 || type >= 240)
		return type == 2 || type == 5 || type == 7 || type == 241;
	if (version == 2)
		return (type < 64 && type % 2 == 1) ||
		    (type >= 95 && type <= 100 && type % 2 == 0) ||
		    type == 129 || type == 131 || type == 134 || type == 150 ||
		    type == 171 || type == 177;
	return type == 17 || type == 19 || type == 21 || type == 23 ||
	    type == 28 || type == 33 || type == 37 || type == 49 ||
	    type == 51 || type == 54 || type == 57;
}

/* A message of version 2 with a tunnel: of elements, up to its end. */
static bool
is_elements(struct span s)
{
	uint32_t n = s.n >= 12 ? (uint32_t)s.p[2] << 8 | s.p[3] : 0, at = 12;

	if (s.p[0] != 0x48 || n + 4 != s.n || s.p[11] != 0 ||
	    proto_op_find(&proto_gtp, TWO(s.p[1])) == NULL)
		return false;
	while (at + 4 <= s.n)
		at += 4 + ((uint32_t)s.p[at + 1] << 8 | s.p[at + 2]);
	return at == s.n;
}

static enum claim
gtp_claim(struct span s, const struct dissect *d)
{
	uint32_t version = s.n >= 8 ? s.p[0] >> 5 : 7, n;

	if (d->via != VIA_UDP || version > 2)
		return CLAIM_NO;
	if (!say_on_port(d, 2123) && !say_on_port(d, 2152) &&
	    !say_on_port(d, 3386))
		return version == 2 && is_elements(s) ? CLAIM_STRONG : CLAIM_NO;
	n = (uint32_t)s.p[2] << 8 | s.p[3];
	if (version == 2) /* another message may follow it */
		return (s.p[0] & 3) == 0 &&
			(n + 4 == s.n || ((s.p[0] & 16) != 0 && n + 4 < s.n))
		    ? CLAIM_WEAK
		    : CLAIM_NO;
	if ((s.p[0] & 16) == 0) /* GTP' has a head of 6 or 20 bytes */
		return n + 6 == s.n || n + 20 == s.n ? CLAIM_WEAK : CLAIM_NO;
	return n + (version == 0 ? 20 : 8) == s.n ? CLAIM_WEAK : CLAIM_NO;
}

static enum way
gtp_way(struct span s)
{
	if (s.n < 8)
		return WAY_UNKNOWN;
	return is_response(s.p[0] >> 5, s.p[1]) ? WAY_RESPONSE : WAY_REQUEST;
}

/* The rest of the message, whose length does not count its first bytes. */
static void
message(struct rd *r, struct dissect *d, uint32_t flags, uint32_t type)
{
	uint32_t version = flags >> 5, pair = 0;

	if (version == 0 || (version == 1 && (flags & 0x10) == 0)) {
		pair = rd_be16(r);
	} else if (version == 1) {
		dissect_unit(d, rd_be32(r));
		if ((flags & 7) != 0) {
			pair = rd_be16(r);
			rd_skip(r, 2);
		}
	} else {
		if ((flags & 8) != 0)
			dissect_unit(d, rd_be32(r));
		pair = rd_be24(r);
	}
	if (!rd_ok(r))
		return;
	dissect_pair(d, pair);
	d->ctx.response = is_response(version, type);
	if (d->ctx.response)
		(void)dissect_recall(d, pair);
	else if (type != DATA)
		dissect_remember(d, (struct ask){ .pair = pair, .op = type });
	type = version == 2 ? TWO(type) : type;
	(void)dissect_op(d, type);
	if (type == DATA || proto_op_find(d->proto, type) == NULL)
		rd_opaque_rest(r);
	rd_skip_rest(r);
}

static void
gtp_parse(struct rd *r, struct dissect *d)
{
	uint32_t flags, type, n;
	struct rd one;

	do {
		flags = rd_u8(r);
		type = rd_u8(r);
		n = rd_be16(r);
		rd_require(r, !rd_ok(r) || flags >> 5 <= 2, "version above 2");
		/* of version 2 another may follow: P */
		one = flags >> 5 == 2 ? rd_sub(r, n) : rd_sub_rest(r);
		message(&one, d, flags, type);
	} while (rd_left(r) >= 8 && flags >> 5 == 2 && (flags & 16) != 0);
	rd_skip_rest(r);
}

const struct proto proto_gtp = {
	.name = "gtp",
	.title = "GPRS Tunnelling Protocol",
	.spec = "3GPP TS 29.060, TS 29.274, TS 32.295",
	.depth = "all message types of versions 1 and 2; information elements "
		 "are stepped over",
	.slot = PROTO_SLOT,
	.udp = { 2123, 2152, 3386 },
	.claim = gtp_claim,
	.way = gtp_way,
	.parse = gtp_parse,
	PROTO_OPS(ops),
};
