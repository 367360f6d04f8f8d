/*
 * nbss.c - NetBIOS session service, and SMB directly over TCP.
 *
 * RFC 1001, RFC 1002 clause 4.3; directly over TCP port 445: [MS-SMB2] 2.1.
 *
 *	type u8 | length be24 (on port 139: 7 bits zero, 17 of length) | ...
 *
 * Op is the packet type.  A session message says nothing of itself: it is the
 * SMB message inside that speaks.  The names of a session request are encoded
 * as two letters a byte (RFC 1001, 14.1); the sixteenth byte is a suffix.
 */
#include "proto.h"
#include "smb.h"

enum type {
	T_MESSAGE = 0x00,
	T_REQUEST = 0x81,
	T_POSITIVE = 0x82,
	T_NEGATIVE = 0x83,
	T_RETARGET = 0x84,
	T_KEEPALIVE = 0x85,
};

static const struct proto_op ops[] = {
	{ T_REQUEST, FACT_SESSION, RISK_NONE, "session request" },
	{ T_POSITIVE, FACT_SESSION, RISK_NONE, "positive session response" },
	{ T_NEGATIVE, FACT_SESSION, RISK_NONE, "negative session response" },
	{ T_RETARGET, FACT_SESSION, RISK_NONE, "retarget session response" },
	{ T_KEEPALIVE, FACT_SESSION, RISK_NONE, "session keep alive" },
};

#define MESSAGE_MIN 32u /* the header of SMB 1 */
#define NAME_CODED 32u

/* 0xff, 0xfe, 0xfd (encrypted) or 0xfc (compressed), "SMB" */
static bool
is_smb(struct span s)
{
	return s.n >= 4 && s.p[0] >= 0xfc && s.p[1] == 'S' && s.p[2] == 'M' &&
	    s.p[3] == 'B';
}

static uint32_t
nbss_frame(struct span s, const struct dissect *d)
{
	uint32_t n = (uint32_t)s.p[1] << 16 | (uint32_t)s.p[2] << 8 | s.p[3];

	(void)d;
	switch (s.p[0]) {
	case T_MESSAGE:
		if (s.n < 8)
			return FRAME_NEED_MORE;
		return is_smb(span_from(s, 4)) && n >= MESSAGE_MIN
		    ? n + 4
		    : FRAME_NOT_MINE;
	case T_REQUEST:
		return n >= 4 && n <= 512 ? n + 4 : FRAME_NOT_MINE;
	case T_POSITIVE:
	case T_KEEPALIVE:
		return n == 0 ? 4 : FRAME_NOT_MINE;
	case T_NEGATIVE:
		return n == 1 ? 5 : FRAME_NOT_MINE;
	case T_RETARGET:
		return n == 6 ? 10 : FRAME_NOT_MINE;
	}
	return FRAME_NOT_MINE;
}

static enum claim
nbss_claim(struct span s, const struct dissect *d)
{
	uint32_t n = s.n >= 4 ? nbss_frame(s, d) : FRAME_NOT_MINE;

	if (n == FRAME_NOT_MINE || n == FRAME_NEED_MORE || d->via != VIA_TCP)
		return CLAIM_NO;
	if (s.p[0] == T_MESSAGE)
		return CLAIM_STRONG;
	if (s.p[0] == T_REQUEST)
		return n == 72 && s.n >= 5 && s.p[4] == NAME_CODED
		    ? CLAIM_STRONG
		    : CLAIM_NO;
	return CLAIM_WEAK;
}

static enum way
nbss_way(struct span s)
{
	if (s.n < 21)
		return s.n > 0 && s.p[0] == T_REQUEST ? WAY_REQUEST
						      : WAY_UNKNOWN;
	if (s.p[0] != T_MESSAGE || !is_smb(span_from(s, 4)))
		return s.p[0] == T_REQUEST ? WAY_REQUEST : WAY_UNKNOWN;
	if (s.p[4] == 0xff)
		return (s.p[13] & 0x80) != 0 ? WAY_RESPONSE : WAY_REQUEST;
	if (s.p[4] == 0xfe)
		return (s.p[20] & 1) != 0 ? WAY_RESPONSE : WAY_REQUEST;
	return WAY_UNKNOWN;
}

/* Read an encoded name; the suffix is left off. */
static struct span
read_name(struct rd *r, uint8_t dst[static 16])
{
	uint32_t n = rd_u8(r), len = 0;
	struct span s = rd_span(r, n);

	while (rd_more(r) && n != 0) { /* scope, RFC 1001 14.1 */
		n = rd_u8(r);
		rd_skip(r, n);
	}
	if (s.n != NAME_CODED)
		return SPAN(dst, 0);
	for (uint32_t i = 0; i < 15; i++) {
		dst[i] = (uint8_t)((uint32_t)(s.p[2 * i] - 'A' + 256) << 4 |
		    ((uint32_t)(s.p[2 * i + 1] - 'A' + 256) & 15));
		if (dst[i] != ' ' && dst[i] != 0)
			len = i + 1;
	}
	return SPAN(dst, len);
}

static void
session_request(struct rd *r, struct dissect *d)
{
	uint8_t called[16], calling[16];
	struct span to = read_name(r, called), from = read_name(r, calling);
	struct fact *f;

	d->ctx.response = false;
	f = dissect_op(d, T_REQUEST);
	f->object = (struct fact_object){ .space = SPACE_NAME, .count = 1 };
	fact_text(f, to);
	if (to.n > 0 && to.p[0] != '*')
		(void)dissect_ident_about(d, ABOUT_RECEIVER, TRAIT_NAME, to);
	dissect_ident(d, TRAIT_NAME, from);
}

static void
session_message(struct rd *r, struct dissect *d)
{
	struct span head = rd_ahead(r, 1);

	if (head.n == 1 && head.p[0] == 0xff)
		dissect_inner(d, &proto_smb, r);
	else if (head.n == 1)
		dissect_inner(d, &proto_smb2, r);
	else
		(void)rd_u8(r); /* fails: not captured */
}

static void
nbss_parse(struct rd *r, struct dissect *d)
{
	uint32_t type = rd_u8(r);
	struct rd body = rd_sub(r, rd_be24(r));

	if (!rd_ok(r))
		return;
	switch (type) {
	case T_MESSAGE:
		session_message(&body, d);
		return;
	case T_REQUEST:
		session_request(&body, d);
		return;
	case T_NEGATIVE:
		d->ctx.response = true;
		(void)dissect_error(d, T_REQUEST, rd_u8(&body));
		return;
	case T_POSITIVE:
	case T_RETARGET:
		d->ctx.response = true;
		(void)dissect_op(d, type);
		return;
	case T_KEEPALIVE:
		d->ctx.response = false;
		(void)dissect_op(d, type);
		return;
	}
	rd_bad(r, "packet type");
}

const struct proto proto_nbss = {
	.name = "nbss",
	.title = "NetBIOS session service",
	.spec = "RFC 1002 4.3, [MS-SMB2] 2.1",
	.depth = "all packet types; names of both ends",
	.slot = PROTO_SLOT,
	.carrier = true,
	.tcp = { 445, 139 },
	.server_role = ROLE_UNKNOWN,
	.claim = nbss_claim,
	.way = nbss_way,
	.frame = nbss_frame,
	.frame_min = 4,
	.message_max = 16384,
	.parse = nbss_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct smb_state),
};
