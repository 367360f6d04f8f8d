/*
 * iec101.c - IEC 60870-5-101 and -103 in the frames of their serial lines
 * (FT1.2), carried in TCP.
 *
 * IEC 60870-5-2:1992 clause 3 (link), 60870-5-101:2003 clause 7, -103:1997
 * clause 7.
 *
 *	+----+---+---+----+---------+---------+- - - +-----+----+
 *	| 68 | L | L | 68 | control | address | ASDU | sum | 16 |
 *	+----+---+---+----+---------+---------+- - - +-----+----+
 *	                    u8        1 or 2           of L octets
 *	+----+---------+---------+-----+----+	+----+
 *	| 10 | control | address | sum | 16 |	| E5 |
 *	+----+---------+---------+-----+----+	+----+
 *	control: 40h from the primary station, function in bits 3 to 0
 *
 * Whether an ASDU is of -101, and which of its sizes are used, is told by its
 * length; one that fits none of these, but the fixed sizes of -103, is of
 * -103.
 *
 * Op is the type identification; of frames without ASDU variant 1 with the
 * link function (10h: of the secondary), of -103 variant 2.  Unit is the
 * link's address or, where there is an ASDU, its common address.  Objects as
 * of iec104; of -103 first is function type << 8 | information number.
 */
#include <stdio.h>

#include "proto.h"

#define LINK(code) FACT_OP(1, code)
#define T103(code) FACT_OP(2, code)
#define OP_SINGLE LINK(0xe5)

#define IEC_LINK_OPS                                                          \
	{ LINK(0x00), FACT_SESSION, RISK_NONE, "reset remote link" },         \
	    { LINK(0x01), FACT_SESSION, RISK_NONE, "reset user process" },    \
	    { LINK(0x02), FACT_SESSION, RISK_NONE, "test link" },             \
	    { LINK(0x03), FACT_SESSION, RISK_NONE, "send confirmed data" },   \
	    { LINK(0x04), FACT_SESSION, RISK_NONE, "send unconfirmed data" }, \
	    { LINK(0x07), FACT_SESSION, RISK_NONE, "reset frame count" },     \
	    { LINK(0x08), FACT_SESSION, RISK_NONE, "request access demand" }, \
	    { LINK(0x09), FACT_SESSION, RISK_NONE, "request link status" },   \
	    { LINK(0x0a), FACT_SESSION, RISK_NONE, "request class 1 data" },  \
	    { LINK(0x0b), FACT_SESSION, RISK_NONE, "request class 2 data" },  \
	    { LINK(0x10), FACT_SESSION, RISK_NONE, "link acknowledge" },      \
	    { LINK(0x11), FACT_SESSION, RISK_NONE, "link busy" },             \
	    { LINK(0x18), FACT_SESSION, RISK_NONE, "link data" },             \
	    { LINK(0x19), FACT_SESSION, RISK_NONE, "link no data" },          \
	    { LINK(0x1b), FACT_SESSION, RISK_NONE, "link status" },           \
	    { LINK(0x1e), FACT_SESSION, RISK_NONE, "link not functioning" },  \
	    { LINK(0x1f), FACT_SESSION, RISK_NONE, "link not used" },         \
	    { OP_SINGLE, FACT_SESSION, RISK_NONE, "single character" },       \
	    { T103(1), FACT_REPORT, RISK_NONE, "103 message with time" },     \
	    { T103(2), FACT_REPORT, RISK_NONE,                                \
		    "103 message with relative time" },                       \
	    { T103(3), FACT_REPORT, RISK_NONE, "103 measurands I" },          \
	    { T103(4), FACT_REPORT, RISK_NONE,                                \
		    "103 measurands with relative time" },                    \
	    { T103(5), FACT_DISCOVER, RISK_NONE, "103 identification" },      \
	    { T103(6), FACT_TIME, RISK_TIME, "103 time synchronization" },    \
	    { T103(7), FACT_READ, RISK_NONE, "103 general interrogation" },   \
	    { T103(8), FACT_REPORT, RISK_NONE, "103 end of interrogation" },  \
	    { T103(9), FACT_REPORT, RISK_NONE, "103 measurands II" },         \
	    { T103(10), FACT_READ, RISK_NONE, "103 generic data" },           \
	    { T103(11), FACT_DISCOVER, RISK_NONE,                             \
		    "103 generic identification" },                           \
	    { T103(20), FACT_CONTROL, RISK_CONTROL, "103 general command" },  \
	    { T103(21), FACT_CONFIG, RISK_CONFIGURATION,                      \
		    "103 generic command" },                                  \
	    { T103(23), FACT_REPORT, RISK_NONE, "103 list of disturbances" }, \
	    { T103(24), FACT_READ, RISK_NONE, "103 order disturbance data" }, \
	    { T103(25), FACT_READ, RISK_NONE,                                 \
		    "103 acknowledge disturbance data" },                     \
	    { T103(26), FACT_REPORT, RISK_NONE, "103 disturbance ready" },    \
	    { T103(27), FACT_REPORT, RISK_NONE, "103 channel ready" },        \
	    { T103(28), FACT_REPORT, RISK_NONE, "103 tags ready" },           \
	    { T103(29), FACT_REPORT, RISK_NONE, "103 tags" },                 \
	    { T103(30), FACT_REPORT, RISK_NONE, "103 disturbance values" },   \
	    { T103(31), FACT_REPORT, RISK_NONE, "103 end of transmission" },

#include "iec104_elements.h"

#define LONG_START 0x68u
#define SHORT_START 0x10u
#define SINGLE 0xe5u
#define END 0x16u
#define PRIMARY 0x40u
#define COT_ACTIVATION 6u
#define COT_DEACTIVATION 8u
#define COT_LAST 47u

/* ------------------------------------------------------------- the frames */

static uint32_t
sum_of(struct span s)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < s.n; i++)
		sum += s.p[i];
	return sum & 0xff;
}

/* A frame that is all there: its checksum and end. */
static bool
is_whole(struct span s, uint32_t from, uint32_t n)
{
	return s.n >= from + n + 2 && s.p[from + n + 1] == END &&
	    sum_of(span_first(span_from(s, from), n)) == s.p[from + n];
}

static uint32_t
iec101_frame(struct span s, const struct dissect *d)
{
	(void)d;
	if (s.p[0] == SINGLE)
		return 1;
	if (s.p[0] == SHORT_START) {
		if (s.n < 5)
			return FRAME_NEED_MORE;
		if (is_whole(s, 1, 2))
			return 5;
		return s.n < 6          ? FRAME_NEED_MORE
		    : is_whole(s, 1, 3) ? 6
					: FRAME_NOT_MINE;
	}
	if (s.p[0] != LONG_START)
		return FRAME_NOT_MINE;
	if (s.n < 4)
		return FRAME_NEED_MORE;
	return s.p[1] == s.p[2] && s.p[3] == LONG_START && s.p[1] >= 3
	    ? s.p[1] + 6u
	    : FRAME_NOT_MINE;
}

/* --------------------------------------------------------------- the ASDU */

static uint32_t
size_with(uint32_t type, uint32_t vsq, struct sizes z)
{
	const struct layout *l = &layouts[type & 127];
	uint32_t n = vsq & 0x7f, head = 2u + z.cot + z.ca;
	uint32_t element = (uint32_t)l->size + l->time;

	return (vsq & 0x80) != 0 ? head + z.ioa + n * element
				 : head + n * (z.ioa + element);
}

/* Sizes in use, the most usual first. */
static const struct sizes usual[] = { { 1, 1, 2 }, { 2, 2, 3 }, { 1, 2, 2 },
	{ 2, 1, 2 }, { 2, 2, 2 }, { 1, 1, 3 }, { 1, 2, 3 }, { 2, 1, 3 },
	{ 1, 1, 1 }, { 1, 2, 1 }, { 2, 1, 1 }, { 2, 2, 1 } };

#define N_SIZES ((uint32_t)(sizeof(usual) / sizeof(usual[0])))

/* What stations tell has other causes than what they are told. */
static bool
good_cause(uint32_t type, uint32_t cause)
{
	if (type <= 41)
		return (cause >= 1 && cause <= 5) || cause == 11 ||
		    cause == 12 || (cause >= 20 && cause <= 41);
	return cause >= 1 && cause <= COT_LAST;
}

/* Sizes of -101 with which the octets behind the control field, link address
 * included, are as long as they are. */
static bool
fits_101(struct span s, uint32_t address, struct sizes *ret_sizes)
{
	uint32_t n = s.n - address, type, vsq, cause;

	if (s.n < address + 6)
		return false;
	type = s.p[address];
	vsq = s.p[address + 1];
	cause = s.p[address + 2] & 0x3f;
	if (type >= TYPE_MAX || (vsq & 0x7f) == 0 || !good_cause(type, cause) ||
	    layouts[type].form == FORM_NONE ||
	    layouts[type].form == FORM_OPAQUE)
		return false;
	for (uint32_t k = 0; k < 2 * N_SIZES; k++) {
		const struct sizes *z = &usual[k % N_SIZES];
		uint32_t at = address + 2 + z->cot;

		if (size_with(type, vsq, *z) != n ||
		    (k < N_SIZES && s.p[at] != s.p[0]))
			continue; /* first where the link's address recurs */
		*ret_sizes = *z;
		return true;
	}
	return false;
}

/* Of -103: one octet each for address, type, qualifier, cause, device. */
static bool
fits_103(struct span s)
{
	static const uint8_t least[] = { [1] = 12,
		[2] = 16,
		[3] = 8,
		[4] = 16,
		[5] = 19,
		[6] = 13,
		[7] = 7,
		[8] = 7,
		[9] = 8,
		[10] = 9,
		[11] = 9,
		[20] = 8,
		[21] = 9,
		[23] = 6,
		[24] = 10,
		[25] = 10,
		[26] = 16,
		[27] = 16,
		[28] = 10,
		[29] = 10,
		[30] = 12,
		[31] = 10 };
	uint32_t type = s.n > 4 ? s.p[1] : 0;

	return type < sizeof(least) && least[type] != 0 &&
	    s.n >= least[type] + 1u && s.p[3] != 0 && (s.p[2] & 0x7f) > 0;
}

static struct fact_object
object_at(uint32_t area, uint32_t first, uint32_t count)
{
	return (struct fact_object){ .area = area,
		.first = first,
		.count = count,
		.space = SPACE_IEC_OBJECT };
}

static uint32_t
sized(struct rd *r, uint32_t size)
{
	return size == 1 ? rd_u8(r) : size == 2 ? rd_le16(r) : rd_le24(r);
}

static void
value(struct dissect *d, uint32_t op, struct fact_object at,
    const struct reading *v)
{
	struct fact *f;

	if (v->num_type == NUM_NONE)
		return;
	f = dissect_value(d, op, at);
	f->num_type = (uint8_t)v->num_type;
	if (v->num_type == NUM_REAL)
		f->num.r = v->real;
	else
		f->num.i = v->i;
	if (v->word != NULL)
		fact_text(f, span_text(v->word));
}

static void
asdu_101(struct rd *r, struct dissect *d, struct sizes z)
{
	struct asdu a = { .sizes = z, .type = rd_u8(r) };
	uint32_t vsq = rd_u8(r), cause = rd_u8(r);
	struct fact *f = NULL;

	a.count = vsq & 0x7f;
	a.sequence = (vsq & 0x80) != 0;
	a.cot = cause & 0x3f;
	a.negative = (cause & 0x40) != 0;
	if (z.cot == 2)
		rd_skip(r, 1);
	dissect_unit(d, sized(r, z.ca));
	a.layout = &layouts[a.type & 127];
	if ((cause & 0x80) != 0)
		d->ctx.flags |= FACT_TEST;
	d->ctx.response = a.type >= 45 && a.type < 120 &&
	    a.cot != COT_ACTIVATION && a.cot != COT_DEACTIVATION;
	for (uint32_t i = 0; i < a.count && rd_ok(r); i++) {
		uint32_t ioa =
		    i == 0 || !a.sequence ? sized(r, z.ioa) : a.ioa + i;
		struct reading v;

		if (i == 0) {
			a.ioa = ioa;
			f = d->ctx.response && a.negative
			    ? dissect_error(d, a.type, a.cot)
			    : dissect_op(d, a.type);
			f->object = object_at(a.type, ioa, a.count);
		}
		read_element(r, &a, &v);
		value(d, a.type, object_at(a.type, ioa, 1), &v);
		if (f != NULL && i == 0 && a.type >= 45 && v.word != NULL)
			fact_text(f, span_text(v.word));
		else if (f != NULL && i == 0 && a.type >= 45 &&
		    v.text[0] != '\0')
			fact_text(f, span_text(v.text));
	}
}

static void
asdu_103(struct rd *r, struct dissect *d, bool primary)
{
	uint32_t type = rd_u8(r), function, number;
	struct fact_object at;
	struct fact *f;

	rd_skip(r, 2);
	dissect_unit(d, rd_u8(r));
	function = rd_u8(r);
	number = rd_u8(r);
	if (!rd_ok(r))
		return;
	at = object_at(type, function << 8 | number, 1);
	d->ctx.response = false;
	if (!primary && (type == 6 || type == 10))
		d->ctx.response = true;
	f = dissect_op(d, T103(type));
	f->object = at;
	if ((type == 1 || type == 2 || type == 20) && rd_more(r)) {
		uint32_t state = rd_u8(r) & 3;

		dissect_value_uint(d, T103(type), at, state);
		if (type == 20)
			fact_text(f,
			    state == 2       ? SPAN_LIT("on")
				: state == 1 ? SPAN_LIT("off")
					     : SPAN_LIT("not permitted"));
	} else if (type == 5 && rd_left(r) >= 9) {
		rd_skip(r, 1);
		dissect_ident(d, TRAIT_MODEL, rd_span(r, 8));
	}
	rd_skip_rest(r);
}

static void
long_frame(struct rd *r, struct dissect *d)
{
	uint32_t n, control, sum, address;
	struct sizes z = usual[0];
	struct span s;
	struct rd body, in;

	rd_skip(r, 1);
	n = rd_u8(r);
	rd_skip(r, 2);
	body = rd_sub(r, n);
	s = rd_ahead(&body, n);
	sum = rd_u8(r);
	rd_require(r, rd_u8(r) == END || !rd_ok(r), "no end");
	rd_require(r, s.n != n || sum_of(s) == sum || !rd_ok(r),
	    "checksum is wrong");
	control = rd_u8(&body);
	if (!rd_ok(r))
		return;
	s = rd_ahead(&body, n - 1);
	in = body;
	address = fits_101(s, 1, &z) ? 1 : fits_101(s, 2, &z) ? 2 : 0;
	if (s.n > 2 && s.p[2] == 0x81 && fits_103(s))
		address = 0; /* -101 does not number one object */
	if (address != 0) {
		rd_skip(&in, address);
		asdu_101(&in, d, z);
	} else if (fits_103(s)) {
		rd_skip(&in, 1);
		asdu_103(&in, d, (control & PRIMARY) != 0);
	} else {
		dissect_unit(d, rd_u8(&in));
		if (rd_left(&in) > 0)
			(void)dissect_op(d, rd_u8(&in));
		rd_opaque_rest(&in);
	}
}

static void
iec101_parse(struct rd *r, struct dissect *d)
{
	struct span s = rd_ahead(r, 1);
	uint32_t control, address;

	if (s.n == 1 && s.p[0] == LONG_START) {
		long_frame(r, d);
		return;
	}
	if (rd_u8(r) == SINGLE) {
		d->ctx.response = true;
		(void)dissect_op(d, OP_SINGLE);
		return;
	}
	control = rd_u8(r);
	address = rd_left(r) == 4 ? rd_le16(r) : rd_u8(r);
	rd_skip(r, 1);
	rd_require(r, rd_u8(r) == END || !rd_ok(r), "no end");
	if (!rd_ok(r))
		return;
	dissect_unit(d, address);
	d->ctx.response = false; /* each has its own operation */
	(void)dissect_op(d,
	    LINK((control & 15) | ((control & PRIMARY) != 0 ? 0 : 0x10)));
}

/* Meters (M-Bus) use these frames, too: the ASDU must fit. */
static enum claim
iec101_claim(struct span s, const struct dissect *d)
{
	struct sizes z;
	struct span in;
	uint32_t n;

	(void)d;
	if (s.n > 0 && s.p[0] == SINGLE)
		return s.n == 1 ? CLAIM_WEAK : CLAIM_NO;
	if (s.n < 5)
		return CLAIM_NO;
	if (s.p[0] == SHORT_START)
		return is_whole(s, 1, 2) || is_whole(s, 1, 3) ? CLAIM_WEAK
							      : CLAIM_NO;
	n = s.p[1];
	if (s.p[0] != LONG_START || s.p[2] != n || s.p[3] != LONG_START ||
	    n < 3 || !is_whole(s, 4, n))
		return CLAIM_NO;
	in = span_first(span_from(s, 5), n - 1);
	return fits_101(in, 1, &z) || fits_101(in, 2, &z) ? CLAIM_STRONG
	    : fits_103(in)                                ? CLAIM_WEAK
							  : CLAIM_NO;
}

static enum way
iec101_way(struct span s)
{
	uint32_t control = s.n > 4 ? s.p[s.p[0] == LONG_START ? 4 : 1] : 0;

	return s.n <= 4                ? WAY_UNKNOWN
	    : (control & PRIMARY) != 0 ? WAY_REQUEST
				       : WAY_RESPONSE;
}

const struct proto proto_iec101 = {
	.name = "iec101",
	.title = "IEC 60870-5-101 and -103 in TCP",
	.spec = "IEC 60870-5-2:1992, 60870-5-101:2003, 60870-5-103:1997",
	.depth = "link functions; -101 with values; -103 by type, function and "
		 "information number, commands, identification",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { 4002 },
	.client_role = ROLE_SCADA,
	.server_role = ROLE_RTU,
	.claim = iec101_claim,
	.way = iec101_way,
	.frame = iec101_frame,
	.frame_min = 1,
	.parse = iec101_parse,
	PROTO_OPS(ops),
};
