/*
 * mrp.c - Media Redundancy Protocol: the manager of a ring watches it and
 * opens or closes it.
 *
 * IEC 62439-2:2021 clause 8.  Ethertype 88E3.
 *
 *	+---------+  +------+--------+- - -+
 *	| version |  | type | length | data| ... until type 0
 *	+---------+  +------+--------+- - -+
 *	  be16         u8     u8
 *
 * Op is the type of the first entry that is not the common one.  Text: the
 * state of the ring, or the sender's part in it.  FACT_NEGATIVE: the ring is
 * open.  Seq is the sequence number.
 */
#include "say.h"

enum {
	MRP_END,
	MRP_COMMON,
	MRP_TEST,
	MRP_TOPOLOGY,
	MRP_LINK_DOWN,
	MRP_LINK_UP,
	MRP_IN_TEST,
	MRP_IN_TOPOLOGY,
	MRP_IN_LINK_DOWN,
	MRP_IN_LINK_UP,
	MRP_IN_POLL,
	MRP_OPTION = 0x7f
};

static const struct proto_op ops[] = {
	{ MRP_TEST, FACT_DIAGNOSE, RISK_NONE, "test" },
	{ MRP_TOPOLOGY, FACT_REPORT, RISK_NONE, "topology change" },
	{ MRP_LINK_DOWN, FACT_REPORT, RISK_NONE, "link down" },
	{ MRP_LINK_UP, FACT_REPORT, RISK_NONE, "link up" },
	{ MRP_IN_TEST, FACT_DIAGNOSE, RISK_NONE, "interconnection test" },
	{ MRP_IN_TOPOLOGY, FACT_REPORT, RISK_NONE,
	    "interconnection topology change" },
	{ MRP_IN_LINK_DOWN, FACT_REPORT, RISK_NONE,
	    "interconnection link down" },
	{ MRP_IN_LINK_UP, FACT_REPORT, RISK_NONE, "interconnection link up" },
	{ MRP_IN_POLL, FACT_DIAGNOSE, RISK_NONE,
	    "interconnection status poll" },
	{ MRP_OPTION, FACT_SESSION, RISK_NONE, "option" },
};

struct mrp_state {
	bool known; /* this manager was said already */
};

static void
manager(struct dissect *d, uint32_t priority, const char *of)
{
	struct mrp_state *st = d->state;

	if (st->known)
		return;
	st->known = true;
	dissect_identf(d, TRAIT_DESCRIPTION,
	    "manager of an MRP %s, priority %u", of, priority);
}

/* Test: who manages, and whether the ring is closed. */
static void
test(struct rd *r, struct dissect *d, uint32_t type)
{
	uint32_t priority = rd_be16(r), state;
	struct fact *f;

	rd_skip(r, 8); /* source address, role of the port */
	state = rd_be16(r);
	if (!rd_ok(r))
		return;
	if (state == 0)
		d->ctx.flags |= FACT_NEGATIVE;
	f = dissect_op(d, type);
	say_named(f,
	    state == 0 ? SPAN_LIT("ring open") : SPAN_LIT("ring closed"));
	if (type == MRP_TEST)
		manager(d, priority, "ring");
	rd_skip_rest(r);
}

static void
entry(struct rd *r, struct dissect *d, uint32_t type)
{
	if (type == MRP_TEST || type == MRP_IN_TEST) {
		test(r, d, type);
		return;
	}
	(void)dissect_op(d, type);
	if (type == MRP_OPTION || type > MRP_IN_POLL)
		rd_opaque_rest(r); /* of the maker */
	rd_skip_rest(r);
}

static void
mrp_parse(struct rd *r, struct dissect *d)
{
	uint32_t n = 0;

	rd_skip(r, 2);
	d->ctx.response = false;
	while (rd_more(r)) {
		uint32_t type = rd_u8(r);
		struct rd in;

		if (type == MRP_END) {
			(void)rd_u8(r); /* its length, 0 */
			break;
		}
		in = rd_sub_u8(r);
		if (type == MRP_COMMON) {
			d->ctx.seq = rd_be16(&in);
			rd_skip_rest(&in); /* domain */
		} else if (n++ == 0) {
			entry(&in, d, type);
		} else {
			rd_opaque_rest(&in);
		}
	}
	rd_require(r, n > 0 || !rd_ok(r), "says nothing");
	rd_skip_rest(r);
}

static uint32_t
mrp_frame(struct span s, const struct dissect *d)
{
	(void)d;
	return s.p[0] == 0 && s.p[1] <= 2 ? s.n : FRAME_NOT_MINE;
}

const struct proto proto_mrp = {
	.name = "mrp",
	.title = "Media Redundancy Protocol",
	.spec = "IEC 62439-2:2021, 8",
	.depth = "all messages, ring state and manager; entries of makers by "
		 "name",
	.slot = PROTO_SLOT,
	.ot = true,
	.ether = { 0x88e3 },
	.frame = mrp_frame,
	.frame_min = 4,
	.parse = mrp_parse,
	.state_size = sizeof(struct mrp_state),
	PROTO_OPS(ops),
};
