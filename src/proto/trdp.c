/*
 * trdp.c - Train Real-time Data Protocol: process data and messages between
 * the devices of a train.
 *
 * IEC 61375-2-3:2015 annex A.  Process data UDP 17224, messages UDP and TCP
 * 17225.
 *
 *	+----------+---------+------+--------+-----+-----+--------+- - -
 *	| sequence | version | type | com id | etb | op  | length | by type
 *	+----------+---------+------+--------+-----+-----+--------+- - -
 *	  be32       be16      be16   be32     be32  be32  be32
 *	process data: reserved, reply com id, reply address, FCS; 40 octets
 *	message: status, session 16, timeout, source 32, destination 32, FCS;
 *	116 octets
 *
 * Op is the message type, two letters.  Object (space COMID): first is the
 * communication identifier, count the octets of data.  Text of a message is
 * its destination.  Seq is the sequence counter.
 */
#include "say.h"

#define HEAD_DATA 40u
#define HEAD_MESSAGE 116u
#define TYPE(a, b) ((uint32_t)(a) << 8 | (b))

static const struct proto_op ops[] = {
	{ TYPE('M', 'c'), FACT_SESSION, RISK_NONE, "message confirm" },
	{ TYPE('M', 'e'), FACT_SESSION, RISK_NONE, "message error" },
	{ TYPE('M', 'n'), FACT_REPORT, RISK_NONE, "message notification" },
	{ TYPE('M', 'p'), FACT_READ, RISK_NONE, "message reply" },
	{ TYPE('M', 'q'), FACT_READ, RISK_NONE,
	    "message reply, confirm wanted" },
	{ TYPE('M', 'r'), FACT_READ, RISK_NONE, "message request" },
	{ TYPE('P', 'd'), FACT_REPORT, RISK_NONE, "process data" },
	{ TYPE('P', 'e'), FACT_SESSION, RISK_NONE, "process data error" },
	{ TYPE('P', 'p'), FACT_READ, RISK_NONE, "process data pulled" },
	{ TYPE('P', 'r'), FACT_READ, RISK_NONE, "process data request" },
};

static bool
is_response(uint32_t type)
{
	return type == TYPE('M', 'p') || type == TYPE('M', 'q') ||
	    type == TYPE('P', 'p');
}

static void
trdp_parse(struct rd *r, struct dissect *d)
{
	uint32_t type, com, n, status = 0;
	struct span to = SPAN(NULL, 0);
	struct fact *f;

	d->ctx.seq = rd_be32(r);
	rd_skip(r, 2);
	type = rd_be16(r);
	com = rd_be32(r);
	rd_skip(r, 8); /* topography counters */
	n = rd_be32(r);
	if (type >> 8 == 'M') {
		status = rd_be32(r);
		rd_skip(r, 16 + 4 + 32);
		to = rd_span(r, 32);
		rd_skip(r, 4);
	} else {
		rd_skip(r, 16);
	}
	rd_require(r, n <= rd_left(r), "data longer than the message");
	if (!rd_ok(r))
		return;
	d->ctx.response = is_response(type);
	f = type == TYPE('M', 'e') ? dissect_error(d, type, status)
				   : dissect_op(d, type);
	f->object = (struct fact_object){ .space = SPACE_COMID,
		.first = com,
		.count = n };
	fact_text(f, span_first(to, span_find(to, 0)));
	rd_skip_rest(r); /* data: their layout is in the project */
}

static uint32_t
be32(struct span s, uint32_t at)
{
	return (uint32_t)s.p[at] << 24 | (uint32_t)s.p[at + 1] << 16 |
	    (uint32_t)s.p[at + 2] << 8 | s.p[at + 3];
}

static uint32_t
trdp_frame(struct span s, const struct dissect *d)
{
	uint32_t type = TYPE(s.p[6], s.p[7]), n = be32(s, 20);
	uint32_t head = s.p[6] == 'M' ? HEAD_MESSAGE : HEAD_DATA;

	(void)d;
	if (s.p[4] != 1 || s.p[5] > 1 || n > 65388 ||
	    proto_op_find(&proto_trdp, type) == NULL)
		return FRAME_NOT_MINE;
	return head + (n + 3) / 4 * 4;
}

static enum claim
trdp_claim(struct span s, const struct dissect *d)
{
	return s.n >= HEAD_DATA && trdp_frame(s, d) == s.n ? CLAIM_STRONG
							   : CLAIM_NO;
}

const struct proto proto_trdp = {
	.name = "trdp",
	.title = "Train Real-time Data Protocol",
	.spec = "IEC 61375-2-3:2015, annex A",
	.depth = "all messages; data are not split, as their layout is in the "
		 "project",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { 17225 },
	.udp = { 17224, 17225 },
	.client_role = ROLE_CONTROLLER,
	.server_role = ROLE_CONTROLLER,
	.claim = trdp_claim,
	.frame = trdp_frame,
	.frame_min = 24,
	.parse = trdp_parse,
	PROTO_OPS(ops),
};
