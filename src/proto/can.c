/*
 * can.c - Controller Area Network, as SocketCAN captures it and over Ethernet.
 *
 * ISO 11898-1:2015; LINKTYPE_CAN_SOCKETCAN (227); diagnostics in single frames
 * ISO 15765-2, identifiers ISO 15765-4.
 *
 *	SocketCAN  flags u3 identifier u29 (be32) | length u8 | FD flags u8 |
 *	           2 reserved | data
 *	Ethernet   "ISO11898" | version u8 | frames u8 | identifier le32 |
 *	           length u8 | data ...	(UDP)
 *
 * Op is what a frame is.  The object is the identifier (first; sub 1: of 29
 * bits).  Of several frames over Ethernet the first is read: how the others
 * are aligned is not published.  Unit of a diagnostic message is the control
 * unit's address, of 11 bits the identifier it is asked by.
 */
#include "say.h"

#define LINKTYPE_SOCKETCAN 227u
#define FLAG_LONG 0x80000000u
#define FLAG_REMOTE 0x40000000u
#define FLAG_ERROR 0x20000000u
#define ID_SHORT 0x7ffu
#define ID_LONG 0x1fffffffu

enum op {
	OP_DATA,
	OP_REMOTE,
	OP_ERROR,
	OP_FD,
	OP_XL,
};

static const struct proto_op ops[] = {
	{ OP_DATA, FACT_REPORT, RISK_NONE, "data frame" },
	{ OP_REMOTE, FACT_READ, RISK_NONE, "remote frame" },
	{ OP_ERROR, FACT_REPORT, RISK_NONE, "error frame" },
	{ OP_FD, FACT_REPORT, RISK_NONE, "FD data frame" },
	{ OP_XL, FACT_REPORT, RISK_NONE, "XL data frame" },
};

static enum claim
can_claim(struct span s, const struct dissect *d)
{
	if (d->via == VIA_SERIAL)
		return s.n >= 8 ? CLAIM_WEAK : CLAIM_NO;
	return s.n >= 15 && span_starts(s, SPAN_LIT("ISO11898")) ? CLAIM_STRONG
								 : CLAIM_NO;
}

/* Questions 0x7df and 0x7e0 on, answers 0x7e8 on; of 29 bits target and
 * source in 0x18da and 0x18db. */
static bool
is_diagnostic(uint32_t id, bool is_long)
{
	if (is_long)
		return id >> 16 == 0x18da || id >> 16 == 0x18db;
	return id == 0x7df || (id >= 0x7e0 && id <= 0x7ef);
}

/* The control unit that is asked, or answers: testers are 0xf1. */
static uint32_t
unit_of(uint32_t id, bool is_long)
{
	if (!is_long)
		return id >= 0x7e8 ? id - 8 : id;
	return (id >> 8 & 0xff) == 0xf1 ? id & 0xff : id >> 8 & 0xff;
}

/* A whole message in one frame: its upper half is 0, its lower the length. */
static void
diagnostic(struct rd *r, struct dissect *d, uint32_t unit)
{
	struct span head = rd_ahead(r, 2);
	struct rd in;

	if (head.n < 2 || head.p[0] == 0 || head.p[0] > 7 ||
	    head.p[0] >= rd_left(r))
		return;
	rd_skip(r, 1);
	in = rd_sub(r, head.p[0]);
	dissect_unit(d, unit);
	dissect_inner(d, &proto_uds, &in);
}

static void
say_frame(struct rd *r, struct dissect *d, uint32_t op, uint32_t id,
    bool is_long)
{
	struct fact *f;

	d->ctx.response = false;
	f = dissect_op(d, op);
	f->object = (struct fact_object){ .space = SPACE_CAN_ID,
		.first = id,
		.count = 1,
		.sub = is_long };
	if (op == OP_DATA && is_diagnostic(id, is_long))
		diagnostic(r, d, unit_of(id, is_long));
	rd_opaque_rest(r);
}

static void
ethernet(struct rd *r, struct dissect *d)
{
	uint32_t id, n;
	struct rd data;

	rd_skip(r, 8 + 2);
	id = rd_le32(r) & ID_LONG;
	n = rd_u8(r);
	rd_require(r, !rd_ok(r) || n <= 8, "more than eight bytes of data");
	data = rd_sub(r, n < rd_left(r) ? n : rd_left(r));
	if (rd_ok(r))
		say_frame(&data, d, OP_DATA, id, id > ID_SHORT);
	rd_opaque_rest(r);
}

static void
can_parse(struct rd *r, struct dissect *d)
{
	uint32_t id, n, flags, op = OP_DATA;
	struct rd data;

	if (d->via != VIA_SERIAL) {
		ethernet(r, d);
		return;
	}
	id = rd_be32(r);
	n = rd_u8(r);
	flags = rd_u8(r);
	rd_skip(r, 2);
	if ((n & 0x80) != 0) { /* XL: of another layout */
		(void)dissect_op(d, OP_XL);
		rd_opaque_rest(r);
		return;
	}
	data = rd_sub(r, n < rd_left(r) ? n : rd_left(r));
	if (!rd_ok(r))
		return;
	if ((id & FLAG_ERROR) != 0)
		op = OP_ERROR;
	else if ((id & FLAG_REMOTE) != 0)
		op = OP_REMOTE;
	else if ((flags & 4) != 0 || n > 8)
		op = OP_FD;
	say_frame(&data, d, op, id & ID_LONG, (id & FLAG_LONG) != 0);
	rd_skip_rest(r); /* padding */
}

const struct proto proto_can = {
	.name = "can",
	.title = "Controller Area Network",
	.spec = "ISO 11898-1:2015, ISO 15765-2; LINKTYPE_CAN_SOCKETCAN",
	.depth = "all frames with their identifiers; diagnostics (UDS) in "
		 "single frames; over Ethernet the first frame of a datagram",
	.slot = PROTO_SLOT,
	.ot = true,
	.udp = { 11898 },
	.serial = { LINKTYPE_SOCKETCAN },
	.claim = can_claim,
	.parse = can_parse,
	PROTO_OPS(ops),
};
