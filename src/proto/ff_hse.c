/*
 * ff_hse.c - FOUNDATION Fieldbus HSE: field device access, system management,
 * fieldbus messages, redundancy.
 *
 * Fieldbus Foundation FF-588 (field device access agent), FF-589 (system
 * management), FF-803.
 *
 *	+---------+---------+-----------------+---------+---------+--------+
 *	| version | options | protocol | kind | service | address | length |
 *	+---------+---------+-----------------+---------+---------+--------+
 *	  u8        u8        6, 2 bits         u8        be32      be32, all
 *	kind	0 request, 1 response, 2 error
 *	options	bits 7, 6, 5, 3: the trailer has message number, invoke
 *		identifier (be32), time (8), control (be32)
 *
 * Op is protocol << 8 | service, whose bit 7 is set of those that are
 * confirmed.  Object (space FF_INDEX): first is the index, sub the subindex.
 * Pair is the invoke identifier.
 */
#include "say.h"

#define HEAD 12u
#define FDA(s) (0x100u | (s))
#define SM(s) (0x200u | (s))
#define FMS(s) (0x300u | (s))
#define LAN(s) (0x400u | (s))
#define C 0x80u /* confirmed */

static const struct proto_op ops[] = {
	{ FDA(C | 1), FACT_SESSION, RISK_NONE, "FDA open session" },
	{ FDA(C | 3), FACT_SESSION, RISK_NONE, "FDA idle" },
	{ SM(1), FACT_DISCOVER, RISK_NONE, "SM find tag query" },
	{ SM(2), FACT_DISCOVER, RISK_NONE, "SM find tag reply" },
	{ SM(16), FACT_DISCOVER, RISK_NONE, "SM device annunciation" },
	{ SM(C | 3), FACT_DISCOVER, RISK_NONE, "SM identify" },
	{ SM(C | 12), FACT_CONFIG, RISK_CONFIGURATION, "SM clear address" },
	{ SM(C | 14), FACT_CONFIG, RISK_CONFIGURATION,
	    "SM set assignment info" },
	{ SM(C | 15), FACT_CONFIG, RISK_CONFIGURATION,
	    "SM clear assignment info" },
	{ FMS(0), FACT_REPORT, RISK_NONE, "FMS information report" },
	{ FMS(1), FACT_REPORT, RISK_NONE, "FMS unsolicited status" },
	{ FMS(2), FACT_REPORT, RISK_NONE, "FMS event notification" },
	{ FMS(16), FACT_REPORT, RISK_NONE,
	    "FMS information report with subindex" },
	{ FMS(17), FACT_REPORT, RISK_NONE, "FMS information report on change" },
	{ FMS(18), FACT_REPORT, RISK_NONE,
	    "FMS information report on change with subindex" },
	{ FMS(112), FACT_SESSION, RISK_NONE, "FMS abort" },
	{ FMS(C | 0), FACT_DIAGNOSE, RISK_NONE, "FMS status" },
	{ FMS(C | 1), FACT_DISCOVER, RISK_NONE, "FMS identify" },
	{ FMS(C | 2), FACT_READ, RISK_NONE, "FMS read" },
	{ FMS(C | 3), FACT_WRITE, RISK_WRITE, "FMS write" },
	{ FMS(C | 4), FACT_DISCOVER, RISK_NONE, "FMS get OD" },
	{ FMS(C | 7), FACT_CONFIG, RISK_CONFIGURATION,
	    "FMS define variable list" },
	{ FMS(C | 8), FACT_CONFIG, RISK_CONFIGURATION,
	    "FMS delete variable list" },
	{ FMS(C | 9), FACT_PROGRAM, RISK_PROGRAM,
	    "FMS initiate download sequence" },
	{ FMS(C | 10), FACT_PROGRAM, RISK_PROGRAM, "FMS download segment" },
	{ FMS(C | 11), FACT_PROGRAM, RISK_PROGRAM,
	    "FMS terminate download sequence" },
	{ FMS(C | 12), FACT_PROGRAM, RISK_NONE,
	    "FMS initiate upload sequence" },
	{ FMS(C | 13), FACT_PROGRAM, RISK_NONE, "FMS upload segment" },
	{ FMS(C | 14), FACT_PROGRAM, RISK_NONE,
	    "FMS terminate upload sequence" },
	{ FMS(C | 15), FACT_PROGRAM, RISK_PROGRAM,
	    "FMS request domain download" },
	{ FMS(C | 16), FACT_PROGRAM, RISK_NONE, "FMS request domain upload" },
	{ FMS(C | 17), FACT_PROGRAM, RISK_PROGRAM,
	    "FMS create program invocation" },
	{ FMS(C | 18), FACT_PROGRAM, RISK_PROGRAM,
	    "FMS delete program invocation" },
	{ FMS(C | 19), FACT_CONTROL, RISK_MODE, "FMS start" },
	{ FMS(C | 20), FACT_CONTROL, RISK_MODE, "FMS stop" },
	{ FMS(C | 21), FACT_CONTROL, RISK_MODE, "FMS resume" },
	{ FMS(C | 22), FACT_CONTROL, RISK_RESET, "FMS reset" },
	{ FMS(C | 23), FACT_CONTROL, RISK_MODE, "FMS kill" },
	{ FMS(C | 24), FACT_CONFIG, RISK_CONFIGURATION,
	    "FMS alter event condition monitoring" },
	{ FMS(C | 25), FACT_CONTROL, RISK_CONTROL,
	    "FMS acknowledge event notification" },
	{ FMS(C | 28), FACT_CONFIG, RISK_CONFIGURATION, "FMS initiate put OD" },
	{ FMS(C | 29), FACT_CONFIG, RISK_CONFIGURATION, "FMS put OD" },
	{ FMS(C | 30), FACT_CONFIG, RISK_CONFIGURATION,
	    "FMS terminate put OD" },
	{ FMS(C | 31), FACT_PROGRAM, RISK_PROGRAM,
	    "FMS generic initiate download sequence" },
	{ FMS(C | 32), FACT_PROGRAM, RISK_PROGRAM,
	    "FMS generic download segment" },
	{ FMS(C | 33), FACT_PROGRAM, RISK_PROGRAM,
	    "FMS generic terminate download sequence" },
	{ FMS(C | 82), FACT_READ, RISK_NONE, "FMS read with subindex" },
	{ FMS(C | 83), FACT_WRITE, RISK_WRITE, "FMS write with subindex" },
	{ FMS(C | 96), FACT_SESSION, RISK_NONE, "FMS initiate" },
	{ LAN(1), FACT_DIAGNOSE, RISK_NONE, "LAN diagnostic message" },
	{ LAN(C | 1), FACT_CONFIG, RISK_NONE, "LAN get information" },
	{ LAN(C | 2), FACT_CONFIG, RISK_CONFIGURATION, "LAN put information" },
	{ LAN(C | 3), FACT_DIAGNOSE, RISK_NONE, "LAN get statistics" },
};

/* Octets of the trailer by the options. */
static uint32_t
trailer(uint32_t options)
{
	return ((options & 0x80) != 0 ? 4u : 0) +
	    ((options & 0x40) != 0 ? 4u : 0) +
	    ((options & 0x20) != 0 ? 8u : 0) + ((options & 0x08) != 0 ? 4u : 0);
}

/* Announced, or asked: which device, its tag. */
static void
device(struct rd *r, struct dissect *d)
{
	struct span id, tag;

	rd_skip(r, 8 + 16); /* states, indices, address */
	id = rd_span(r, 32);
	tag = rd_span(r, 32);
	if (!rd_ok(r))
		return;
	dissect_ident(d, TRAIT_UUID, id);
	dissect_ident(d, TRAIT_NAME, tag);
}

/* Maker, model, revision: 32 octets each. */
static void
identity(struct rd *r, struct dissect *d)
{
	dissect_ident(d, TRAIT_VENDOR, rd_span(r, 32));
	dissect_ident(d, TRAIT_MODEL, rd_span(r, 32));
	dissect_ident(d, TRAIT_FIRMWARE, rd_span(r, 32));
}

static bool
has_index(uint32_t op)
{
	return op == FMS(C | 2) || op == FMS(C | 3) || op == FMS(C | 82) ||
	    op == FMS(C | 83) || op == FMS(0) || op == FMS(16) ||
	    op == FMS(17) || op == FMS(18) || op == FMS(C | 4);
}

static void
body(struct rd *r, struct dissect *d, uint32_t op, uint32_t kind)
{
	struct fact *f;

	if (kind == 2) {
		(void)dissect_error(d, op, rd_be16(r));
		rd_skip_rest(r);
		return;
	}
	f = dissect_op(d, op);
	if (kind == 0 && has_index(op) && rd_left(r) >= 4) {
		f->object = (struct fact_object){ .space = SPACE_FF_INDEX,
			.first = rd_be32(r),
			.count = 1 };
		if ((op == FMS(C | 82) || op == FMS(C | 83) || op == FMS(16) ||
			op == FMS(18)) &&
		    rd_left(r) >= 4)
			f->object.sub = (uint16_t)rd_be32(r);
	} else if (op == SM(16) || (op == SM(C | 3) && kind == 1)) {
		device(r, d);
	} else if (op == FMS(C | 1) && kind == 1) {
		identity(r, d);
	}
	if (op == FMS(C | 2) || op == FMS(C | 3) || op == FMS(C | 82) ||
	    op == FMS(C | 83) || proto_op_find(d->proto, op) == NULL)
		rd_opaque_rest(r); /* values: their types are in the OD */
	rd_skip_rest(r);
}

/* Stands in the trailer, behind the message number. */
static void
invoke(const struct rd *r, struct dissect *d, uint32_t options, uint32_t n)
{
	uint32_t at = n - trailer(options) + ((options & 0x80) != 0 ? 4 : 0);
	struct span s = span_from(rd_ahead(r, n), at);

	if ((options & 0x40) != 0 && s.n >= 4)
		dissect_pair(d,
		    (uint32_t)s.p[0] << 24 | (uint32_t)s.p[1] << 16 |
			(uint32_t)s.p[2] << 8 | s.p[3]);
}

static void
ff_hse_parse(struct rd *r, struct dissect *d)
{
	uint32_t options, protocol, service, n, tail;
	struct rd in;

	rd_skip(r, 1);
	options = rd_u8(r);
	protocol = rd_u8(r);
	service = rd_u8(r);
	rd_skip(r, 4);
	n = rd_be32(r);
	tail = trailer(options);
	rd_require(r, !rd_ok(r) || n >= HEAD + tail, "shorter than its parts");
	if (!rd_ok(r))
		return;
	invoke(r, d, options, n - HEAD);
	in = rd_sub(r, n - HEAD - tail);
	d->ctx.response = (protocol & 3) != 0;
	body(&in, d, (protocol >> 2) << 8 | service, protocol & 3);
	rd_skip_rest(r);
}

static uint32_t
ff_hse_frame(struct span s, const struct dissect *d)
{
	uint32_t n = (uint32_t)s.p[8] << 24 | (uint32_t)s.p[9] << 16 |
	    (uint32_t)s.p[10] << 8 | s.p[11];
	uint32_t protocol = s.p[2] >> 2;

	(void)d;
	return s.p[0] == 1 && protocol >= 1 && protocol <= 4 &&
		(s.p[2] & 3) <= 2 && n >= HEAD && n < 65536
	    ? n
	    : FRAME_NOT_MINE;
}

static enum claim
ff_hse_claim(struct span s, const struct dissect *d)
{
	return s.n >= HEAD && ff_hse_frame(s, d) == s.n ? CLAIM_WEAK : CLAIM_NO;
}

static enum way
ff_hse_way(struct span s)
{
	return s.n < 3         ? WAY_UNKNOWN
	    : (s.p[2] & 3) > 0 ? WAY_RESPONSE
			       : WAY_REQUEST;
}

const struct proto proto_ff_hse = {
	.name = "ff-hse",
	.title = "FOUNDATION Fieldbus HSE",
	.spec = "Fieldbus Foundation FF-588, FF-589, FF-803",
	.depth = "all services; indices, device identifiers and tags; values "
		 "are not read, as their types are in the object dictionary",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { 1089, 1090, 1091, 3622 },
	.udp = { 1089, 1090, 1091, 3622 },
	.client_role = ROLE_UNKNOWN,
	.server_role = ROLE_CONTROLLER,
	.claim = ff_hse_claim,
	.way = ff_hse_way,
	.frame = ff_hse_frame,
	.frame_min = HEAD,
	.parse = ff_hse_parse,
	PROTO_OPS(ops),
};
