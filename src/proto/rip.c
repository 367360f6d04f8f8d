/*
 * rip.c - Routing Information Protocol, and RIPng for IPv6.
 *
 * RFC 1058 (version 1), RFC 2453 (version 2), RFC 2080 (RIPng), RFC 2091
 * (triggered).
 *
 *	+---------+---------+------+  entries of 20 bytes, on port 520:
 *	| command | version | 0    |  family be16, tag be16, address, mask,
 *	+---------+---------+------+  next hop, metric be32
 *	  u8        u8        be16    on port 521: prefix 16, tag be16, length
 *				      u8, metric u8
 *
 * Op is the command.  Routes are values whose number is the metric.
 */
#include "say.h"

#define PORT 520
#define NG_PORT 521u
#define FAMILY_IP 2u
#define FAMILY_PROOF 0xffffu

static const struct proto_op ops[] = {
	{ 1, FACT_DISCOVER, RISK_NONE, "request" },
	{ 2, FACT_REPORT, RISK_NONE, "response" },
	{ 3, FACT_CONFIG, RISK_NONE, "trace on" },
	{ 4, FACT_CONFIG, RISK_NONE, "trace off" },
	{ 6, FACT_DISCOVER, RISK_NONE, "poll" },
	{ 9, FACT_DISCOVER, RISK_NONE, "update request" },
	{ 10, FACT_REPORT, RISK_NONE, "update response" },
	{ 11, FACT_SESSION, RISK_NONE, "update acknowledgement" },
};

static void
say_route(struct dissect *d, uint32_t op, struct ip ip, uint32_t bits,
    uint32_t metric)
{
	char text[ADDR_TEXT_MAX], line[ADDR_TEXT_MAX + 8];

	if (!say_wanted(d, FACT_VALUE))
		return;
	(void)snprintf(line, sizeof(line), "%s/%u", ip_text(&ip, text), bits);
	say_number(d, op, line, metric);
}

static void
entry(struct rd *r, struct dissect *d, uint32_t op, uint32_t version)
{
	uint32_t family = rd_be16(r), tag = rd_be16(r), mask, metric;
	struct ip ip = ip_of_span(rd_span(r, 4));

	mask = rd_be32(r);
	rd_skip(r, 4);
	metric = rd_be32(r);
	if (!rd_ok(r))
		return;
	if (family == FAMILY_PROOF && tag == 2)
		dissect_ident(d, TRAIT_SECURITY,
		    SPAN_LIT("RIP with a password in clear"));
	else if (family == FAMILY_IP)
		say_route(d, op, ip,
		    version == 1 ? 0 : (uint32_t)__builtin_popcount(mask),
		    metric);
}

static void
entry_ng(struct rd *r, struct dissect *d, uint32_t op)
{
	struct ip ip = ip_of_span(rd_span(r, 16));
	uint32_t bits, metric;

	rd_skip(r, 2);
	bits = rd_u8(r);
	metric = rd_u8(r);
	if (rd_ok(r))
		say_route(d, op, ip, bits, metric);
}

static void
rip_parse(struct rd *r, struct dissect *d)
{
	bool ng = say_on_port(d, NG_PORT);
	uint32_t op = rd_u8(r), version = rd_u8(r);

	d->ctx.response = false;
	rd_require(r, !rd_ok(r) || version <= 2, "version above 2");
	rd_skip(r, 2);
	if (!rd_ok(r))
		return;
	(void)dissect_op(d, op);
	while (rd_left(r) >= 20) {
		if (ng)
			entry_ng(r, d, op);
		else
			entry(r, d, op, version);
	}
	rd_skip_rest(r);
	if (op == 2)
		dissect_ident_role(d, ABOUT_SENDER, ROLE_ROUTER);
}

/* Off its ports: entries of the families there are, with metrics that can
 * be. */
static enum claim
rip_claim(struct span s, const struct dissect *d)
{
	if (say_on_port(d, PORT) || say_on_port(d, NG_PORT))
		return CLAIM_WEAK;
	if (s.n < 24 || (s.n - 4) % 20 != 0 || s.p[0] == 0 || s.p[0] > 2 ||
	    s.p[1] == 0 || s.p[1] > 2 || (s.p[2] | s.p[3]) != 0)
		return CLAIM_NO;
	for (uint32_t at = 4; at < s.n; at += 20) {
		uint32_t family = (uint32_t)s.p[at] << 8 | s.p[at + 1];

		if (family == FAMILY_PROOF)
			continue;
		if ((family != 0 && family != FAMILY_IP) ||
		    (s.p[at + 16] | s.p[at + 17] | s.p[at + 18]) != 0 ||
		    s.p[at + 19] > 16)
			return CLAIM_NO;
	}
	return CLAIM_STRONG;
}

const struct proto proto_rip = {
	.name = "rip",
	.title = "Routing Information Protocol",
	.spec = "RFC 1058, RFC 2453, RFC 2080",
	.depth = "versions 1, 2 and RIPng, all commands; routes",
	.slot = PROTO_SLOT,
	.udp = { PORT, NG_PORT },
	.claim = rip_claim,
	.parse = rip_parse,
	PROTO_OPS(ops),
};
