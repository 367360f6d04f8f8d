/*
 * openvpn.c - the OpenVPN tunnel.
 *
 * OpenVPN's ssl_pkt.h and its protocol description.
 *
 *	over TCP: length be16 before each
 *	+--------------+- data: [peer be24], secret
 *	| op    | key  |- control: session 8, [proof and replay counter, or
 *	| 5 + 3 bits   |  secret], acknowledged u8 and be32 each, [session 8],
 *	+--------------+  packet be32, TLS
 *
 * Op is the op code.  Unit is the key.  Whether the control channel is signed
 * or encrypted is not told; what follows the session is stepped over, or
 * secret.
 */
#include "say.h"

#define PORT 1194u
#define LENGTH_MAX 4096u

enum op {
	O_DATA1 = 6,
	O_RESET_CLIENT1 = 1,
	O_RESET_SERVER1 = 2,
	O_RESET_CLIENT2 = 7,
	O_RESET_SERVER2 = 8,
	O_DATA2 = 9,
	O_RESET_CLIENT3 = 10,
	O_WRAPPED = 11,
};

static const struct proto_op ops[] = {
	{ O_RESET_CLIENT1, FACT_SESSION, RISK_NONE, "hard reset client 1" },
	{ O_RESET_SERVER1, FACT_SESSION, RISK_NONE, "hard reset server 1" },
	{ 3, FACT_SESSION, RISK_NONE, "soft reset" },
	{ 4, FACT_SESSION, RISK_NONE, "control" },
	{ 5, FACT_SESSION, RISK_NONE, "acknowledgement" },
	{ O_DATA1, FACT_SESSION, RISK_NONE, "data 1" },
	{ O_RESET_CLIENT2, FACT_SESSION, RISK_NONE, "hard reset client 2" },
	{ O_RESET_SERVER2, FACT_SESSION, RISK_NONE, "hard reset server 2" },
	{ O_DATA2, FACT_SESSION, RISK_NONE, "data 2" },
	{ O_RESET_CLIENT3, FACT_SESSION, RISK_NONE, "hard reset client 3" },
	{ O_WRAPPED, FACT_SESSION, RISK_NONE, "control with wrapped key" },
};

static bool
is_op(uint8_t head)
{
	return head >> 3 >= 1 && head >> 3 <= O_WRAPPED;
}

static bool
is_data(uint32_t op)
{
	return op == O_DATA1 || op == O_DATA2;
}

static uint32_t
openvpn_frame(struct span s, const struct dissect *d)
{
	uint32_t n = (uint32_t)s.p[0] << 8 | s.p[1];

	if (d->via == VIA_UDP)
		return s.n;
	return n >= 10 && n <= LENGTH_MAX && is_op(s.p[2]) ? n + 2
							   : FRAME_NOT_MINE;
}

static bool
is_one(const uint8_t *p)
{
	return (p[0] | p[1] | p[2]) == 0 && p[3] == 1;
}

/*
 * The first packet of a client: bare, 14 bytes; signed with SHA-1 or SHA-256
 * (20, 32) and a counter of 8, which is 1; or encrypted after the counter.
 * Bare and signed end in nothing acknowledged, packet 0.
 */
static bool
is_first(struct span s)
{
	const uint8_t *end = s.p + s.n - 5;
	bool zero = (end[0] | end[1] | end[2] | end[3] | end[4]) == 0;

	if (s.p[0] != (O_RESET_CLIENT2 << 3) &&
	    s.p[0] != (O_RESET_CLIENT3 << 3))
		return false;
	if (s.n == 14)
		return zero;
	if (s.n == 42 || s.n == 54)
		return (zero && is_one(s.p + s.n - 13)) ||
		    (s.n == 54 && is_one(s.p + 9));
	return s.n > 54 && s.p[0] == (O_RESET_CLIENT3 << 3) && is_one(s.p + 9);
}

static bool
on_port(const struct dissect *d)
{
	return say_on_port(d, PORT) || say_on_port(d, PORT + 1);
}

static enum claim
openvpn_claim(struct span s, const struct dissect *d)
{
	if (d->via == VIA_TCP) {
		if (s.n < 16 || ((uint32_t)s.p[0] << 8 | s.p[1]) + 2 != s.n)
			return CLAIM_NO;
		s = span_from(s, 2);
	}
	if (s.n < 14 || !is_op(s.p[0]))
		return CLAIM_NO;
	if (on_port(d))
		return CLAIM_WEAK;
	return is_first(s) ? CLAIM_STRONG : CLAIM_NO;
}

static void
openvpn_parse(struct rd *r, struct dissect *d)
{
	uint32_t head, op;

	if (d->via == VIA_TCP)
		rd_skip(r, 2);
	head = rd_u8(r);
	op = head >> 3;
	rd_require(r, !rd_ok(r) || is_op((uint8_t)head), "not an op code");
	dissect_unit(d, head & 7);
	d->ctx.response = op == O_RESET_SERVER1 || op == O_RESET_SERVER2;
	if (rd_ok(r))
		(void)dissect_op(d, op);
	if (!is_data(op))
		rd_skip(r, 8);
	rd_secret(r, rd_left(r));
}

static enum way
openvpn_way(struct span s)
{
	uint32_t op = s.n >= 1 ? s.p[0] >> 3 : 0;

	return op == O_RESET_CLIENT2 || op == O_RESET_CLIENT3 ? WAY_REQUEST
	    : op == O_RESET_SERVER2                           ? WAY_RESPONSE
							      : WAY_UNKNOWN;
}

const struct proto proto_openvpn = {
	.name = "openvpn",
	.title = "OpenVPN",
	.spec = "OpenVPN protocol description",
	.depth = "all op codes; the rest is secret",
	.slot = PROTO_SLOT,
	.tcp = { PORT, PORT + 1 },
	.udp = { PORT, PORT + 1 },
	.claim = openvpn_claim,
	.way = openvpn_way,
	.frame = openvpn_frame,
	.frame_min = 3,
	.parse = openvpn_parse,
	PROTO_OPS(ops),
};
