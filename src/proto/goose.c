/*
 * goose.c - Generic Object Oriented Substation Events.
 *
 * IEC 61850-8-1 Annex A and C; management (GSE) clause 18.2.
 *
 *	+-------+--------+-----------+-----------+------+- - - - -
 *	| APPID | length | reserved1 | reserved2 | 0x61 | goosePdu
 *	+-------+--------+-----------+-----------+------+- - - - -
 *	  be16    be16     be16: bit   be16        BER; 0x60: management
 *	          (all)    15 simulated
 *
 *	goosePdu  [0] gocbRef [1] timeAllowedtoLive [2] datSet [3] goID
 *		  [4] t [5] stNum [6] sqNum [7] simulation [8] confRev
 *		  [9] ndsCom [10] numDatSetEntries [11] allData
 *
 * Inside R-GOOSE (IEC 61850-90-5) the PDU comes without the head.
 *
 * Unit is the APPID.  Op 1 is a message: the text is gocbRef; object (space
 * DATASET): area is timeAllowedtoLive in milliseconds, first stNum, count
 * sqNum, sub the low 16 bits of confRev; num is the time t in nanoseconds;
 * code is a hash of datSet and allData, so that a change without a new stNum
 * shows; seq is 2^31 | how many booleans of the data are true.  FACT_TEST:
 *simulation; FACT_NEGATIVE: needs commissioning.  Of a VALUE, area is the hash
 *of gocbRef, first the place in the data set, sub the leaf of a structure.  Ops
 *16 and up are the management services.
 */
#include "../base/hash.h"
#include "iec61850_head.h"
#include "mms_data.h"

#define OP_GOOSE 1u
#define OP_MANAGE 16u

static const struct proto_op ops[] = {
	{ OP_GOOSE, FACT_REPORT, RISK_NONE, "goose" },
	{ OP_MANAGE, FACT_UNKNOWN, RISK_NONE, "management" },
	{ OP_MANAGE + 1, FACT_DISCOVER, RISK_NONE, "get go reference" },
	{ OP_MANAGE + 2, FACT_DISCOVER, RISK_NONE, "get goose element number" },
	{ OP_MANAGE + 3, FACT_DISCOVER, RISK_NONE, "get gs reference" },
	{ OP_MANAGE + 4, FACT_DISCOVER, RISK_NONE, "get gsse data offset" },
	{ OP_MANAGE + 5, FACT_DISCOVER, RISK_NONE, "not supported" },
};

struct goose_state {
	uint64_t introduced; /* hash of the gocbRef that was */
};

/* All fields but goID, simulation, ndsCom and (tolerated) the data must be
 * there. */
#define MANDATORY 0x577u

struct goose {
	uint32_t seen; /* bit per tag */
	struct span ref, dataset;
	uint32_t live, st, sq, revision;
	int64_t t;
	bool simulation, commission;
	struct span data;
};

/* The name of the logical device is the publisher's own. */
static void
introduce(struct dissect *d, struct span ref)
{
	struct goose_state *st = d->state;
	uint64_t hash = hash_bytes(ref.p, ref.n, 1);

	if (st == NULL || st->introduced == hash)
		return;
	st->introduced = hash;
	dissect_ident(d, TRAIT_NAME, span_first(ref, span_find(ref, '/')));
	dissect_ident_role(d, ABOUT_SENDER, ROLE_IED);
}

static void
goose_field(struct goose *g, uint32_t tag, struct span s)
{
	switch (tag) {
	case BER_CONTEXT(0):
		g->ref = s;
		break;
	case BER_CONTEXT(1):
		g->live = (uint32_t)ber_uint_of(s);
		break;
	case BER_CONTEXT(2):
		g->dataset = s;
		break;
	case BER_CONTEXT(4):
		g->t = mms_utc_time_of(s);
		break;
	case BER_CONTEXT(5):
		g->st = (uint32_t)ber_uint_of(s);
		break;
	case BER_CONTEXT(6):
		g->sq = (uint32_t)ber_uint_of(s);
		break;
	case BER_CONTEXT(7):
		g->simulation = ber_uint_of(s) != 0;
		break;
	case BER_CONTEXT(8):
		g->revision = (uint32_t)ber_uint_of(s);
		break;
	case BER_CONTEXT(9):
		g->commission = ber_uint_of(s) != 0;
		break;
	case BER_CONTEXT(11):
		g->data = s;
		break;
	default: /* goID, number of entries, signature */
		break;
	}
	if (BER_NUMBER(tag) < 32)
		g->seen |= 1u << BER_NUMBER(tag);
}

static uint32_t
data_hash(const struct goose *g)
{
	uint64_t h = hash_bytes(g->dataset.p, g->dataset.n, 2);

	return (uint32_t)hash_bytes(g->data.p, g->data.n, h);
}

/* Of the data set itself, not of what is nested in it. */
static uint32_t
count_true(const struct goose *g)
{
	struct span rest = g->data, s;
	uint32_t tag, n = 0;

	while (ber_walk(&rest, &tag, &s))
		n += tag == BER_CONTEXT(3) && s.n == 1 && s.p[0] != 0;
	return n;
}

static void
say_values(struct dissect *d, const struct rd *r, const struct goose *g)
{
	struct rd list = rd_over(r, g->data);
	struct fact_object at = { .space = SPACE_DATASET,
		.area = (uint32_t)hash_bytes(g->ref.p, g->ref.n, 1),
		.count = 1 };

	for (; rd_more(&list); at.first++) {
		struct ber e = ber_next(&list);

		mms_tree(d, &e, OP_GOOSE, at, SPAN(NULL, 0));
	}
}

static void
goose_pdu(struct rd *r, struct dissect *d)
{
	struct goose g = { .live = 0 };
	struct span rest, s;
	struct fact *f;
	uint32_t tag;

	rest = rd_ahead(r, rd_have(r));
	while (ber_walk(&rest, &tag, &s))
		goose_field(&g, tag, s);
	rd_skip(r, rd_have(r) - rest.n);
	while (rd_more(r)) {
		struct ber e = ber_next(r);

		s = ber_span(&e);
		if (rd_ok(r))
			goose_field(&g, e.tag, s);
	}
	rd_require(r, (g.seen & MANDATORY) == MANDATORY,
	    "a mandatory field is missing");
	if (g.simulation)
		d->ctx.flags |= FACT_TEST;
	if (g.commission)
		d->ctx.flags |= FACT_NEGATIVE;
	f = dissect_op(d, OP_GOOSE);
	f->object = (struct fact_object){ .space = SPACE_DATASET,
		.area = g.live,
		.first = g.st,
		.count = g.sq,
		.sub = (uint16_t)g.revision };
	f->num_type = NUM_INT;
	f->num.i = g.t;
	fact_text(f, g.ref);
	if (!rd_ok(r))
		return;
	introduce(d, g.ref);
	if (f->kind != FACT_NONE)
		f->code = data_hash(&g);
	f->seq = 1u << 31 | count_true(&g);
	if ((d->wanted & FACT_MASK(FACT_VALUE)) != 0)
		say_values(d, r, &g);
}

/* { [0] stateID, [1] requests or [2] responses { [service] ... } } */
static void
management(struct rd *r, struct dissect *d)
{
	uint32_t op = OP_MANAGE;

	while (rd_more(r)) {
		struct ber e = ber_next(r);

		if (e.tag == BER_CONTEXT(0)) {
			dissect_pair(d, (uint32_t)ber_uint(&e));
		} else if (rd_more(&e.in)) {
			d->ctx.response = e.tag == BER_CONTEXT(2);
			op = OP_MANAGE + BER_NUMBER(ber_next(&e.in).tag);
		}
	}
	(void)dissect_op(d, op);
}

static void
goose_parse(struct rd *r, struct dissect *d)
{
	struct rd in;
	struct ber pdu;

	d->ctx.response = false;
	in = iec61850_head(r, d);
	pdu = ber_next(&in);
	if (!rd_ok(&in))
		return;
	if (pdu.tag == BER_APPLICATION(1))
		goose_pdu(&pdu.in, d);
	else if (pdu.tag == BER_APPLICATION(0))
		management(&pdu.in, d);
	else
		rd_bad(&in, "neither goosePdu nor gseMngtPdu");
}

const struct proto proto_goose = {
	.name = "goose",
	.title = "GOOSE, substation events",
	.spec = "IEC 61850-8-1:2011, Annexes A and C",
	.depth = "all fields; values of the data set; management services",
	.slot = PROTO_SLOT,
	.ot = true,
	.ether = { 0x88b8, 0x88b9 },
	.client_role = ROLE_IED,
	.server_role = ROLE_IED,
	.parse = goose_parse,
	.state_size = sizeof(struct goose_state),
	PROTO_OPS(ops),
};
