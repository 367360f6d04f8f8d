/*
 * cip_io.c - CIP implicit (I/O) messages.
 *
 * ODVA, CIP Networks Library volume 2, clause 2-6: UDP 2222, little endian,
 * a common packet without the encapsulation head:
 *
 *	+-------+--------+----+---------------+----------+--------+-----+- - -
 *	| count | 0x8002 | 8  | connection id | sequence | 0x00b1 | len | data
 *	+-------+--------+----+---------------+----------+--------+-----+- - -
 *	   u16     u16    u16        u32          u32       u16     u16
 *
 * Object: class 05h (connection), first = connection identifier.  What the
 * data mean is agreed on in a forward open on another flow, and in the
 * device's data sheet: opaque.
 */
#include "proto.h"

#define SEQUENCED 0x8002u
#define CONNECTED 0x00b1u
#define CLASS_CONNECTION 0x05u

static const struct proto_op ops[] = {
	{ CONNECTED, FACT_REPORT, RISK_NONE, "i/o data" },
};

static uint32_t
le16_at(struct span s, uint32_t i)
{
	return (uint32_t)s.p[i] | (uint32_t)s.p[i + 1] << 8;
}

static enum claim
cip_io_claim(struct span s, const struct dissect *d)
{
	(void)d;
	if (s.n < 18 || le16_at(s, 2) != SEQUENCED || le16_at(s, 4) != 8)
		return CLAIM_NO;
	if (le16_at(s, 0) < 2 || le16_at(s, 0) > 4 ||
	    le16_at(s, 14) != CONNECTED)
		return CLAIM_NO;
	return CLAIM_STRONG;
}

static void
cip_io_parse(struct rd *r, struct dissect *d)
{
	uint32_t n = rd_le16(r), type = rd_le16(r), length = rd_le16(r);
	struct fact_object at = { .space = SPACE_CIP_OBJECT,
		.area = CLASS_CONNECTION,
		.count = 1 };

	rd_require(r, n >= 2 && type == SEQUENCED && length == 8,
	    "no sequenced address");
	at.first = rd_le32(r);
	rd_skip(r, 4); /* sequence */
	type = rd_le16(r);
	length = rd_le16(r);
	rd_require(r, type == CONNECTED, "no connected data");
	if (!rd_ok(r))
		return;
	d->ctx.response = false;
	dissect_op(d, CONNECTED)->object = at;
	rd_opaque(r, length);
	rd_skip_rest(r); /* socket addresses */
}

const struct proto proto_cip_io = {
	.name = "cip-io",
	.title = "CIP implicit messages",
	.spec = "ODVA CIP Networks Library volume 2, clause 2-6",
	.depth = "connection and rhythm; data are known by their size",
	.slot = PROTO_SLOT,
	.ot = true,
	.udp = { 2222 },
	.claim = cip_io_claim,
	.parse = cip_io_parse,
	PROTO_OPS(ops),
};
