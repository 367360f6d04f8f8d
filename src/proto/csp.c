/*
 * csp.c - Client Server Protocol version 4 ("AB Ethernet").
 *
 * Rockwell never published it; format as in public implementations of PLC-5E
 * and SLC 5/05 drivers.  TCP 2222, big endian:
 *
 *	+------+------+--------+---------------+--------+---------+- - - -
 *	| mode | kind | length | connection id | status | context | data
 *	+------+------+--------+---------------+--------+---------+- - - -
 *	   u8     u8     u16         u32          u32    16 bytes   length
 *
 * Mode 1 is a request, 2 a response.  Kind 1 opens the session, kind 7
 * carries PCCC behind a destination, a control byte, a source and a form:
 * 0 local; of the routed form the eleven bytes after it are passed.  Op is
 * the kind.
 */
#include "proto.h"

#define HEAD 28u
#define KIND_OPEN 1u
#define KIND_PCCC 7u

static const struct proto_op ops[] = {
	{ KIND_OPEN, FACT_SESSION, RISK_NONE, "open session" },
	{ KIND_PCCC, FACT_SESSION, RISK_NONE, "pccc" },
};

static uint32_t
csp_frame(struct span s, const struct dissect *d)
{
	uint32_t length;

	(void)d;
	if (s.n < HEAD)
		return FRAME_NEED_MORE;
	length = (uint32_t)s.p[2] << 8 | s.p[3];
	if (s.p[0] < 1 || s.p[0] > 2 ||
	    (s.p[1] != KIND_OPEN && s.p[1] != KIND_PCCC))
		return FRAME_NOT_MINE;
	if (s.p[1] == KIND_PCCC && length < 8)
		return FRAME_NOT_MINE;
	return HEAD + length;
}

static bool
on_port(const struct dissect *d)
{
	return d->talk != NULL &&
	    (d->talk->server_port == 2222 || d->talk->client_port == 2222);
}

/* Too plain a head to be believed on other ports. */
static enum claim
csp_claim(struct span s, const struct dissect *d)
{
	uint32_t n = csp_frame(s, d);

	if (n == FRAME_NOT_MINE || n == FRAME_NEED_MORE || n > 1024)
		return CLAIM_NO;
	return on_port(d) ? CLAIM_WEAK : CLAIM_NO;
}

static enum way
csp_way(struct span s)
{
	if (s.n < 1 || s.p[0] < 1 || s.p[0] > 2)
		return WAY_UNKNOWN;
	return s.p[0] == 1 ? WAY_REQUEST : WAY_RESPONSE;
}

static void
csp_parse(struct rd *r, struct dissect *d)
{
	uint32_t mode = rd_u8(r), kind = rd_u8(r), length = rd_be16(r);
	uint32_t status, form;
	struct rd data;

	rd_skip(r, 4);
	status = rd_be32(r);
	rd_skip(r, 16);
	if (!rd_ok(r))
		return;
	data = rd_sub(r, length);
	d->ctx.response = mode == 2;
	if (status != 0)
		(void)dissect_error(d, kind, status);
	else
		(void)dissect_op(d, kind);
	if (kind == KIND_PCCC && rd_more(&data)) {
		rd_skip(&data, 3);
		form = rd_u8(&data);
		if (form != 0)
			rd_skip(&data, 11);
		dissect_inner(d, &proto_pccc, &data);
	}
	rd_skip_rest(&data);
}

const struct proto proto_csp = {
	.name = "csp",
	.title = "Client Server Protocol (AB Ethernet)",
	.spec = "not published; public drivers for PLC-5E and SLC 5/05",
	.depth = "session and PCCC inside",
	.slot = PROTO_SLOT,
	.ot = true,
	.carrier = true,
	.tcp = { 2222 },
	.client_role = ROLE_HMI,
	.server_role = ROLE_PLC,
	.claim = csp_claim,
	.way = csp_way,
	.frame = csp_frame,
	.frame_min = HEAD,
	.parse = csp_parse,
	PROTO_OPS(ops),
};
