/*
 * tacacs.c - TACACS+: who may log in to switches and routers.
 *
 * RFC 8907, clause 4.
 *
 *	+---------+------+----------+-------+---------+--------+-- secret, but
 *	| version | type | sequence | flags | session | length |   when flag 1
 *	+---------+------+----------+-------+---------+--------+-- is set
 *	  c0, c1    u8     u8         u8      be32      be32
 *
 * Op is the type.  Pair is the session.  Of what is not encrypted the user of
 * a login, its outcome and the command that is asked for are said.
 */
#include "say.h"

#define HEAD 12u
#define LENGTH_MAX 65536u
#define FLAG_CLEAR 1u
#define PORT 49u

enum type {
	T_LOGIN = 1,
	T_COMMAND = 2,
	T_ACCOUNT = 3,
};

static const struct proto_op ops[] = {
	{ T_LOGIN, FACT_LOGIN, RISK_NONE, "authentication" },
	{ T_COMMAND, FACT_SESSION, RISK_NONE, "authorization" },
	{ T_ACCOUNT, FACT_REPORT, RISK_NONE, "accounting" },
};

static uint32_t
tacacs_frame(struct span s, const struct dissect *d)
{
	uint32_t n = (uint32_t)s.p[8] << 24 | (uint32_t)s.p[9] << 16 |
	    (uint32_t)s.p[10] << 8 | s.p[11];

	(void)d;
	return (s.p[0] == 0xc0 || s.p[0] == 0xc1) && s.p[1] >= T_LOGIN &&
		s.p[1] <= T_ACCOUNT && s.p[2] > 0 && (s.p[3] & ~5u) == 0 &&
		n >= 5 && n <= LENGTH_MAX
	    ? HEAD + n
	    : FRAME_NOT_MINE;
}

static enum claim
tacacs_claim(struct span s, const struct dissect *d)
{
	if (d->via != VIA_TCP || s.n < HEAD ||
	    tacacs_frame(s, d) == FRAME_NOT_MINE)
		return CLAIM_NO;
	return s.p[2] == 1 && tacacs_frame(s, d) == s.n ? CLAIM_STRONG
							: CLAIM_WEAK;
}

static enum way
tacacs_way(struct span s)
{
	return s.n < 3        ? WAY_UNKNOWN
	    : s.p[2] % 2 == 1 ? WAY_REQUEST
			      : WAY_RESPONSE;
}

/* Action, privilege, type, service u8; user, port, address, data u8 each. */
static void
start(struct rd *r, struct dissect *d)
{
	uint32_t user, rest;
	struct fact *f = dissect_op(d, T_LOGIN);

	rd_skip(r, 4);
	user = rd_u8(r);
	rest = rd_u8(r);
	rest += rd_u8(r);
	rd_skip(r, 1);
	say_named(f, rd_span(r, user));
	rd_skip(r, rest);
	rd_secret(r, rd_left(r));
}

static void
clear(struct rd *r, struct dissect *d, uint32_t type, uint32_t sequence)
{
	uint32_t status;

	dissect_ident(d, TRAIT_SECURITY,
	    SPAN_LIT("TACACS+ without encryption"));
	if (type == T_LOGIN && sequence == 1) {
		start(r, d);
	} else if (d->ctx.response) {
		status = rd_u8(r);
		if ((type == T_LOGIN && status == 2) ||
		    (type == T_COMMAND && status >= 16) ||
		    (type == T_ACCOUNT && status == 2))
			(void)dissect_error(d, type, status);
		else
			(void)dissect_op(d, type);
	} else {
		(void)dissect_op(d, type);
	}
}

static void
tacacs_parse(struct rd *r, struct dissect *d)
{
	uint32_t type, sequence, flags, session;

	rd_skip(r, 1);
	type = rd_u8(r);
	sequence = rd_u8(r);
	flags = rd_u8(r);
	session = rd_be32(r);
	rd_skip(r, 4);
	if (!rd_ok(r))
		return;
	dissect_pair(d, session);
	d->ctx.response = sequence % 2 == 0;
	if (d->ctx.response)
		(void)dissect_recall(d, session);
	else
		dissect_remember(d,
		    (struct ask){ .pair = session, .op = type });
	if ((flags & FLAG_CLEAR) != 0) {
		clear(r, d, type, sequence);
		rd_skip_rest(r);
	} else {
		(void)dissect_op(d, type);
		rd_secret(r, rd_left(r));
	}
}

const struct proto proto_tacacs = {
	.name = "tacacs",
	.title = "TACACS+",
	.spec = "RFC 8907",
	.depth = "all types; in clear: users and outcome; the rest is secret",
	.slot = PROTO_SLOT,
	.tcp = { PORT },
	.server_role = ROLE_SERVER,
	.claim = tacacs_claim,
	.way = tacacs_way,
	.frame = tacacs_frame,
	.frame_min = HEAD,
	.parse = tacacs_parse,
	PROTO_OPS(ops),
};
