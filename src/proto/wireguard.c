/*
 * wireguard.c - the WireGuard tunnel.
 *
 * Donenfeld, "WireGuard: Next Generation Kernel Network Tunnel", clause 5.4.
 *
 *	1 initiation	type le32, sender le32, key 32, secrets 76: 148 bytes
 *	2 response	type le32, sender le32, receiver le32, key 32, ...: 92
 *	3 cookie reply	type le32, receiver le32, nonce 24, secret 32: 64
 *	4 data		type le32, receiver le32, counter le64, secret
 *
 *	Tailscale finds its peers beside it: "TS", f0 9f 92 ac, key 32, nonce
 *	24, secret
 *
 * Op is the type; 256 Tailscale's discovery.  Seq is the counter.
 */
#include "say.h"

#define OP_DISCOVERY 256u
#define DISCOVERY SPAN_LIT("TS\xf0\x9f\x92\xac")

enum type {
	T_INITIATION = 1,
	T_RESPONSE = 2,
	T_COOKIE = 3,
	T_DATA = 4,
};

static const struct proto_op ops[] = {
	{ T_INITIATION, FACT_SESSION, RISK_NONE, "handshake initiation" },
	{ T_RESPONSE, FACT_SESSION, RISK_NONE, "handshake response" },
	{ T_COOKIE, FACT_SESSION, RISK_NONE, "cookie reply" },
	{ T_DATA, FACT_SESSION, RISK_NONE, "data" },
	{ OP_DISCOVERY, FACT_DISCOVER, RISK_NONE, "tailscale discovery" },
};

static uint32_t
size_of(uint32_t type)
{
	static const uint8_t sizes[] = { 0, 148, 92, 64 };

	return type < T_DATA ? sizes[type] : 0;
}

static enum claim
wireguard_claim(struct span s, const struct dissect *d)
{
	if (d->via == VIA_UDP && s.n >= 62 && span_starts(s, DISCOVERY))
		return CLAIM_STRONG;
	if (d->via != VIA_UDP || s.n < 32 || s.p[0] < 1 || s.p[0] > 4 ||
	    (s.p[1] | s.p[2] | s.p[3]) != 0)
		return CLAIM_NO;
	if (s.p[0] < T_DATA)
		return s.n == size_of(s.p[0]) ? CLAIM_STRONG : CLAIM_NO;
	return s.n % 16 == 0 && (s.p[14] | s.p[15]) == 0 ? CLAIM_WEAK
							 : CLAIM_NO;
}

static enum way
wireguard_way(struct span s)
{
	return s.n < 1               ? WAY_UNKNOWN
	    : s.p[0] == T_INITIATION ? WAY_REQUEST
	    : s.p[0] == T_RESPONSE   ? WAY_RESPONSE
				     : WAY_UNKNOWN;
}

static void
wireguard_parse(struct rd *r, struct dissect *d)
{
	uint32_t size = rd_left(r), type;

	if (span_starts(rd_ahead(r, 2), SPAN_LIT("TS"))) {
		d->ctx.response = false;
		(void)dissect_op(d, OP_DISCOVERY);
		dissect_ident(d, TRAIT_APPLICATION, SPAN_LIT("Tailscale"));
		rd_skip(r, 6);
		rd_secret(r, rd_left(r));
		return;
	}
	type = rd_le32(r);
	rd_require(r,
	    !rd_ok(r) || (type == T_DATA ? size >= 32 : size == size_of(type)),
	    "length is not that of the type");
	if (type == T_INITIATION)
		d->ctx.response = false;
	else if (type == T_RESPONSE)
		d->ctx.response = true;
	if (type == T_DATA) {
		rd_skip(r, 4);
		d->ctx.seq = (uint32_t)rd_le64(r);
		d->ctx.response = false;
	}
	if (rd_ok(r))
		(void)dissect_op(d, type);
	rd_secret(r, rd_left(r));
}

const struct proto proto_wireguard = {
	.name = "wireguard",
	.title = "WireGuard",
	.spec = "Donenfeld: WireGuard, clause 5.4",
	.depth = "all types; the rest is secret",
	.slot = PROTO_SLOT,
	.udp = { 51820 },
	.claim = wireguard_claim,
	.way = wireguard_way,
	.parse = wireguard_parse,
	PROTO_OPS(ops),
};
