/*
 * sv.c - Sampled Values: currents and voltages as a stream.
 *
 * IEC 61850-9-2 clause 8 and Annex A, IEC 61869-9 clause 6.
 *
 *	+-------+--------+-----------+-----------+------+- - - -
 *	| APPID | length | reserved1 | reserved2 | 0x60 | savPdu
 *	+-------+--------+-----------+-----------+------+- - - -
 *	  be16    be16     be16: bit   be16        BER
 *	          (all)    15 simulated
 *
 *	savPdu	[0] noASDU [1] security [2] { 0x30 ASDU ... }
 *	ASDU	[0] svID [1] datSet [2] smpCnt [3] confRev [4] refrTm
 *		[5] smpSynch [6] smpRate [7] samples [8] smpMod
 *
 * 64 octets of samples are the data set of 9-2 LE and 61869-9: currents of
 * three phases and neutral, then voltages, each int32 and 32 bits of
 * quality.  Others are told by their bytes: channels of int32 and UtcTime.
 * Inside R-SV (IEC 61850-90-5) the PDU comes without the head.
 *
 * Unit is the APPID.  Op 1 is a message: the text is svID of the first ASDU;
 * object (space DATASET): area is smpSynch, first smpCnt of the first ASDU,
 * count the number of ASDUs, sub the low 16 bits of confRev; num is refrTm in
 * nanoseconds where given; code the largest size of a phase current: of the
 * eight-channel data set, of the first number of each ASDU in others.
 * FACT_TEST: simulated.  Of a VALUE, area is a hash of svID (16 bits), first
 * the channel, sub 0 a sample and 1 its quality.
 */
#include "../base/hash.h"
#include "iec61850_head.h"
#include "mms_data.h"

#define OP_SV 1u
#define LE_SAMPLES 64u
#define TIMED 12u /* int32 and UtcTime */
#define YEAR_2000 946684800u

static const struct proto_op ops[] = {
	{ OP_SV, FACT_REPORT, RISK_NONE, "sampled values" },
};

struct sv_state {
	bool introduced;
	bool timed; /* samples of a number and its time were seen */
};

struct asdu {
	struct span id;
	uint32_t count, revision, synch;
	int64_t t;
	bool has_t;
	struct span samples;
};

static void
asdu_field(struct asdu *a, uint32_t tag, struct span s)
{
	switch (tag) {
	case BER_CONTEXT(0):
		a->id = s;
		break;
	case BER_CONTEXT(2):
		a->count = (uint32_t)ber_uint_of(s);
		break;
	case BER_CONTEXT(3):
		a->revision = (uint32_t)ber_uint_of(s);
		break;
	case BER_CONTEXT(4):
		a->t = mms_utc_time_of(s);
		a->has_t = true;
		break;
	case BER_CONTEXT(5):
		a->synch = (uint32_t)ber_uint_of(s);
		break;
	case BER_CONTEXT(7):
		a->samples = s;
		break;
	default: /* datSet, smpRate, smpMod */
		break;
	}
}

/* A channel of a stream, whatever the sample's number: what its value is
 * learned by.  The area tells streams with the same APPID apart. */
static struct fact_object
channel_of(const struct asdu *a, uint32_t channel)
{
	return (struct fact_object){ .space = SPACE_DATASET,
		.area = (uint32_t)hash_bytes(a->id.p, a->id.n, 0) & 0xffff,
		.first = channel,
		.count = 1 };
}

static void
say_value(struct dissect *d, const struct asdu *a, uint32_t channel, int32_t v)
{
	struct fact *f = dissect_value(d, OP_SV, channel_of(a, channel));

	f->num_type = NUM_INT;
	f->num.i = v;
	fact_text(f, a->id);
}

static void
say_samples(struct dissect *d, const struct rd *r, const struct asdu *a)
{
	struct rd in = rd_over(r, a->samples);
	struct fact_object at = channel_of(a, 0);

	for (at.sub = 1; rd_more(&in); at.first++) {
		say_value(d, a, at.first, (int32_t)rd_be32(&in));
		dissect_value_uint(d, OP_SV, at, rd_be32(&in));
	}
}

/*
 * Channels of a number and its time: the layout is in the project, but all
 * times of one sample, and of the ASDUs of one message, are the same, which
 * other layouts do not do by chance.
 */
static bool
is_timed(struct dissect *d, struct span s, struct span before)
{
	struct sv_state *st = d->state;

	if (s.n < TIMED || s.n % TIMED != 0 ||
	    ber_uint_of(span_first(span_from(s, 4), 4)) <= YEAR_2000)
		return false;
	for (uint32_t i = TIMED; i < s.n; i += TIMED)
		if (memcmp(s.p + i + 4, s.p + 4, TIMED - 4) != 0)
			return false;
	if (st != NULL && before.n == s.n &&
	    memcmp(before.p + 4, s.p + 4, TIMED - 4) == 0)
		st->timed = true;
	return s.n > TIMED || (st != NULL && st->timed);
}

static void
say_timed(struct dissect *d, const struct rd *r, const struct asdu *a,
    bool values)
{
	struct rd in = rd_over(r, a->samples);

	for (uint32_t i = 0; values && rd_more(&in); i++) {
		say_value(d, a, i, (int32_t)rd_be32(&in));
		rd_skip(&in, TIMED - 4);
	}
}

/* A data set whose layout is in the project only: a number comes first. */
static void
pass_samples(struct dissect *d, const struct rd *r, const struct asdu *a,
    bool values)
{
	struct rd in = rd_over(r, a->samples);

	if (values && a->samples.n >= 4)
		say_value(d, a, 0, (int32_t)rd_be32(&in));
	rd_opaque_rest(&in);
}

static uint32_t
size_at(struct span s, uint32_t at)
{
	uint32_t v;

	if (s.n < at + 4)
		return 0;
	v = (uint32_t)s.p[at] << 24 | (uint32_t)s.p[at + 1] << 16 |
	    (uint32_t)s.p[at + 2] << 8 | s.p[at + 3];
	return (v & 0x80000000u) != 0 ? ~v + 1 : v;
}

/* The largest of the phases in hand; they take turns, so that it is steady. */
static uint32_t
current_of(const struct asdu *a)
{
	const uint32_t phases = a->samples.n == LE_SAMPLES ? 3 : 1;
	uint32_t most = 0;

	for (uint32_t i = 0; i < phases; i++) {
		uint32_t size = size_at(a->samples, i * 8);

		most = size > most ? size : most;
	}
	return most;
}

static struct fact *
say_first(struct dissect *d, const struct asdu *a, uint32_t n)
{
	struct sv_state *st = d->state;
	struct fact *f = dissect_op(d, OP_SV);

	f->object = (struct fact_object){ .space = SPACE_DATASET,
		.area = a->synch,
		.first = a->count,
		.count = n,
		.sub = (uint16_t)a->revision };
	if (a->has_t) {
		f->num_type = NUM_INT;
		f->num.i = a->t;
	}
	fact_text(f, a->id);
	if (st != NULL && !st->introduced) {
		st->introduced = true;
		dissect_ident(d, TRAIT_NAME, a->id);
		dissect_ident_role(d, ABOUT_SENDER, ROLE_MERGING);
	}
	return f;
}

/* All ASDUs when the samples are wanted; the first one tells the rest. */
static void
asdus(struct rd *r, struct dissect *d, uint32_t n)
{
	const bool values = (d->wanted & FACT_MASK(FACT_VALUE)) != 0;
	struct span before = { NULL, 0 };
	struct fact *first = NULL;
	bool all = values;

	for (uint32_t i = 0; rd_more(r) && (i == 0 || all); i++) {
		struct ber one = ber_next(r);
		struct asdu a = { .count = 0 };
		struct span rest, s;
		uint32_t tag;

		rest = rd_ahead(&one.in, rd_have(&one.in));
		while (ber_walk(&rest, &tag, &s))
			asdu_field(&a, tag, s);
		rd_skip(&one.in, rd_have(&one.in) - rest.n);
		while (rd_more(&one.in)) {
			struct ber e = ber_next(&one.in);

			s = ber_span(&e);
			if (rd_ok(r))
				asdu_field(&a, e.tag, s);
		}
		if (i == 0)
			first = say_first(d, &a, n);
		all = values || a.samples.n != LE_SAMPLES;
		if (first != NULL && current_of(&a) > first->code)
			first->code = current_of(&a);
		if (a.samples.n == LE_SAMPLES && values)
			say_samples(d, r, &a);
		else if (is_timed(d, a.samples, before))
			say_timed(d, r, &a, values);
		else if (a.samples.n != LE_SAMPLES)
			pass_samples(d, r, &a, values);
		before = a.samples;
	}
}

static void
sv_pdu(struct rd *r, struct dissect *d)
{
	uint32_t n = 0;

	while (rd_more(r)) {
		struct ber e = ber_next(r);

		if (e.tag == BER_CONTEXT(0))
			n = (uint32_t)ber_uint(&e);
		else if (e.tag == BER_CONTEXT(2))
			asdus(&e.in, d, n);
	}
}

static void
sv_parse(struct rd *r, struct dissect *d)
{
	struct rd in;
	struct ber pdu;

	d->ctx.response = false;
	in = iec61850_head(r, d);
	pdu = ber_next(&in);
	rd_require(&in, pdu.tag == BER_APPLICATION(0), "not a savPdu");
	sv_pdu(&pdu.in, d);
}

const struct proto proto_sv = {
	.name = "sv",
	.title = "Sampled Values",
	.spec = "IEC 61850-9-2:2011, IEC 61869-9:2016",
	.depth = "all fields; samples and quality of the eight-channel data "
		 "set, samples of channels with a time",
	.slot = PROTO_SLOT,
	.ot = true,
	.ether = { 0x88ba },
	.client_role = ROLE_MERGING,
	.server_role = ROLE_IED,
	.parse = sv_parse,
	.state_size = sizeof(struct sv_state),
	PROTO_OPS(ops),
};
