/*
 * netflow.c - NetFlow and IPFIX: routers that tell who talked with whom.
 *
 * Cisco, "NetFlow Export Datagram Formats" (1, 5, 7, 8); RFC 3954 (9), RFC
 * 7011 (IPFIX, 10).
 *
 *	version be16 | count be16, IPFIX: length | 1 to 9: uptime be32 | time
 *	be32 | ... | sequence be32 | source be32; then sets: identifier be16,
 *	length be16 with its head; 0, 2: templates, 256 and above: data
 *
 * Op is the version.  How many records or sets there are is a value.
 */
#include "say.h"

static const struct proto_op ops[] = {
	{ 1, FACT_REPORT, RISK_NONE, "flows, version 1" },
	{ 5, FACT_REPORT, RISK_NONE, "flows, version 5" },
	{ 7, FACT_REPORT, RISK_NONE, "flows, version 7" },
	{ 8, FACT_REPORT, RISK_NONE, "flows, version 8" },
	{ 9, FACT_REPORT, RISK_NONE, "flows, version 9" },
	{ 10, FACT_REPORT, RISK_NONE, "flows, ipfix" },
};

/* Of the old versions the length follows from the count, of IPFIX it is
 * there; version 9 has a set with a plausible head. */
/* Sets of version 9, each of templates or by a template, up to the end; the
 * clock of the exporter is not before 2000. */
static bool
is_sets(struct span s)
{
	uint32_t at = 20, sets = 0;

	for (; at + 4 <= s.n; sets++) {
		uint32_t id = (uint32_t)s.p[at] << 8 | s.p[at + 1];
		uint32_t n = (uint32_t)s.p[at + 2] << 8 | s.p[at + 3];

		if ((id > 1 && id < 256) || n < 8)
			return false;
		at += n;
	}
	return s.p[8] >= 0x38 && sets > 0 && at == s.n;
}

static enum claim
netflow_claim(struct span s, const struct dissect *d)
{
	uint32_t n = s.n >= 24 ? (uint32_t)s.p[2] << 8 | s.p[3] : 0;

	if (d->via != VIA_UDP || s.n < 24 || s.p[0] != 0 || n == 0)
		return CLAIM_NO;
	switch (s.p[1]) {
	case 1:
		return n <= 24 && s.n == 16 + n * 52 ? CLAIM_STRONG : CLAIM_NO;
	case 5:
		return n <= 30 && s.n == 24 + n * 48 ? CLAIM_STRONG : CLAIM_NO;
	case 7:
		return n <= 28 && s.n == 24 + n * 52 ? CLAIM_STRONG : CLAIM_NO;
	case 9:
		if (n < 256 && is_sets(s))
			return CLAIM_STRONG;
		return proto_expects(&proto_netflow, VIA_UDP,
			   d->talk->server_port) &&
			n < 256
		    ? CLAIM_WEAK
		    : CLAIM_NO;
	case 10:
		return n == s.n && s.p[16] == 0 ? CLAIM_STRONG : CLAIM_NO;
	}
	return CLAIM_NO;
}

static void
sets(struct rd *r, struct dissect *d, uint32_t version)
{
	uint32_t templates = 0, data = 0;

	while (rd_left(r) >= 4) {
		uint32_t id = rd_be16(r), n = rd_be16(r);

		rd_require(r, !rd_ok(r) || n >= 4, "set shorter than its head");
		rd_skip(r, rd_ok(r) ? n - 4 : 0);
		templates += id < 256;
		data += id >= 256;
	}
	rd_skip_rest(r);
	if (!rd_ok(r))
		return;
	say_number(d, version, "templates", templates);
	say_number(d, version, "data sets", data);
}

static void
netflow_parse(struct rd *r, struct dissect *d)
{
	uint32_t version = rd_be16(r), n = rd_be16(r);

	d->ctx.response = false;
	if (!rd_ok(r))
		return;
	(void)dissect_op(d, version);
	if (version == 9) {
		rd_skip(r, 16);
		sets(r, d, version);
	} else if (version == 10) {
		rd_skip(r, 12);
		sets(r, d, version);
	} else {
		say_number(d, version, "records", n);
	}
	rd_skip_rest(r);
	dissect_ident_role(d, ABOUT_SENDER, ROLE_ROUTER);
}

const struct proto proto_netflow = {
	.name = "netflow",
	.title = "NetFlow and IPFIX",
	.spec = "Cisco: NetFlow export; RFC 3954, RFC 7011",
	.depth = "versions 1, 5, 7, 8, 9 and IPFIX: records and sets are "
		 "counted",
	.slot = PROTO_SLOT,
	.udp = { 2055, 4739, 9995, 9996, 2056 },
	.claim = netflow_claim,
	.parse = netflow_parse,
	PROTO_OPS(ops),
};
