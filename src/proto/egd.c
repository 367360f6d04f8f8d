/*
 * egd.c - GE Ethernet Global Data, production of process data.
 *
 * GE GFK-1541 (Ethernet Global Data), GFK-2224 chapter 4.
 *
 *	+------+---------+---------+----------+----------+------+------+
 *	| 0Dh  | version | request | producer | exchange | time | time |
 *	|      |  1      |         |          |          |  s   |  ns  |
 *	+------+---------+---------+----------+----------+------+------+
 *	  u8     u8        le16      4 octets   le32       le32   le32
 *	+--------+-----------+----------+- - - - - -
 *	| status | signature | reserved | data, up to 1400 octets
 *	+--------+-----------+----------+- - - - - -
 *	  le32     le32        le32
 *
 * Op is the type of the PDU.  Seq is the request number, the object the
 * exchange: first = its number, area = the producer as a number, sub = the
 * configuration's signature.  What the data means only the configuration
 * knows: it is not understood.
 */
#include "proto.h"

#define HEAD 32u

static const struct proto_op ops[] = {
	{ 13, FACT_REPORT, RISK_NONE, "data production" },
};

static enum claim
egd_claim(struct span s, const struct dissect *d)
{
	(void)d;
	if (s.n < HEAD || s.p[0] != 13 || s.p[1] != 1 || s.n > HEAD + 1400)
		return CLAIM_NO;
	/* nanoseconds below 10^9, reserved zero */
	if (s.p[19] >= 0x3c || s.p[28] != 0 || s.p[29] != 0 || s.p[30] != 0 ||
	    s.p[31] != 0)
		return CLAIM_NO;
	return CLAIM_WEAK;
}

static enum way
egd_way(struct span s)
{
	(void)s;
	return WAY_REQUEST; /* the producer sends, nobody answers */
}

static void
egd_parse(struct rd *r, struct dissect *d)
{
	struct fact_object at = { .space = SPACE_EGD_EXCHANGE, .count = 1 };
	uint32_t type = rd_u8(r), version = rd_u8(r), request = rd_le16(r);
	uint32_t producer = rd_be32(r), status, seconds;
	struct fact *f;

	at.area = producer;
	at.first = rd_le32(r);
	seconds = rd_le32(r);
	rd_skip(r, 4);
	status = rd_le32(r);
	at.sub = (uint16_t)rd_le32(r);
	rd_skip(r, 4);
	rd_require(r, type == 13 && version == 1, "no such PDU");
	if (!rd_ok(r))
		return;
	d->ctx.seq = request;
	d->ctx.response = false;
	f = dissect_op(d, type);
	f->object = at;
	f->num_type = NUM_UINT;
	f->num.u = (uint64_t)seconds * 1000;
	if ((status & 0xffff) > 1) /* 0 produced at once, 1 no new data */
		fact_textf(f, "status %u", status & 0xffff);
	rd_opaque_rest(r);
}

const struct proto proto_egd = {
	.name = "egd",
	.title = "GE Ethernet Global Data",
	.spec = "GE GFK-1541, GFK-2224 chapter 4",
	.depth = "producer, exchange, status, signature and time; the data's "
		 "layout is in the configuration alone: opaque",
	.slot = PROTO_SLOT,
	.ot = true,
	.udp = { 18246 },
	.client_role = ROLE_PLC,
	.claim = egd_claim,
	.way = egd_way,
	.parse = egd_parse,
	PROTO_OPS(ops),
};
