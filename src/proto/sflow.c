/*
 * sflow.c - sFlow: switches that send samples of what they see.
 *
 * sflow.org, "sFlow Version 5".
 *
 *	version be32 | kind of address be32 (1, 2) | agent 4 or 16 | sub-agent
 *	be32 (from 5 on) | sequence be32 | uptime be32 | count be32 | samples:
 *	kind be32 (maker 20 bits, format 12), length be32, value
 *
 * Op is the version.  How many samples of each kind are values.
 */
#include "say.h"

static const struct proto_op ops[] = {
	{ 2, FACT_REPORT, RISK_NONE, "samples, version 2" },
	{ 4, FACT_REPORT, RISK_NONE, "samples, version 4" },
	{ 5, FACT_REPORT, RISK_NONE, "samples, version 5" },
};

static uint32_t
word_at(struct span s, uint32_t at)
{
	return at + 4 <= s.n
	    ? (uint32_t)s.p[at] << 24 | (uint32_t)s.p[at + 1] << 16 |
		(uint32_t)s.p[at + 2] << 8 | s.p[at + 3]
	    : 0;
}

/* As many samples of version 5 as are promised end where it ends. */
static bool
fills(struct span s)
{
	uint32_t at = s.p[7] == 1 ? 24 : 36, n = word_at(s, at);

	if (s.p[3] != 5 || n > s.n / 8)
		return false;
	for (at += 4; n > 0 && at + 8 <= s.n; n--) {
		uint32_t size = word_at(s, at + 4);

		if (size > s.n)
			return false;
		at += 8 + size;
	}
	return n == 0 && at == s.n;
}

static enum claim
sflow_claim(struct span s, const struct dissect *d)
{
	if (d->via != VIA_UDP || s.n < 28 ||
	    (s.p[0] | s.p[1] | s.p[2] | s.p[4] | s.p[5] | s.p[6]) != 0)
		return CLAIM_NO;
	return (s.p[3] == 2 || s.p[3] == 4 || s.p[3] == 5) &&
		(s.p[7] == 1 || s.p[7] == 2)
	    ? say_on_port(d, 6343) || fills(s) ? CLAIM_STRONG : CLAIM_WEAK
	    : CLAIM_NO;
}

static void
samples(struct rd *r, struct dissect *d, uint32_t n)
{
	uint32_t flows = 0, counters = 0;

	for (uint32_t i = 0; i < n && rd_left(r) >= 8; i++) {
		uint32_t kind = rd_be32(r), size = rd_be32(r);

		flows += kind == 1 || kind == 3;
		counters += kind == 2 || kind == 4;
		rd_skip(r, size);
	}
	if (!rd_ok(r))
		return;
	say_number(d, 5, "flow samples", flows);
	say_number(d, 5, "counter samples", counters);
}

static void
sflow_parse(struct rd *r, struct dissect *d)
{
	uint32_t version = rd_be32(r), kind = rd_be32(r), n;
	struct span agent;

	d->ctx.response = false;
	rd_require(r, !rd_ok(r) || kind == 1 || kind == 2,
	    "address of an unknown kind");
	agent = rd_span(r, !rd_ok(r) ? 0 : kind == 1 ? 4 : 16);
	rd_skip(r, version >= 5 ? 4 : 0);
	d->ctx.seq = rd_be32(r);
	rd_skip(r, 4);
	n = rd_be32(r);
	if (!rd_ok(r))
		return;
	(void)dissect_op(d, version);
	say_own_ip(d, agent);
	dissect_ident_role(d, ABOUT_SENDER, ROLE_SWITCH);
	if (version == 5)
		samples(r, d, n);
	rd_skip_rest(r);
}

const struct proto proto_sflow = {
	.name = "sflow",
	.title = "sFlow",
	.spec = "sflow.org: sFlow Version 5",
	.depth = "versions 2, 4, 5: agents; samples of version 5 are counted",
	.slot = PROTO_SLOT,
	.udp = { 6343 },
	.claim = sflow_claim,
	.parse = sflow_parse,
	PROTO_OPS(ops),
};
