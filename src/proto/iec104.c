/*
 * iec104.c - IEC 60870-5-104, telecontrol over TCP.
 *
 * IEC 60870-5-104:2006 clause 5 (APCI) and 60870-5-101:2003 clause 7 (ASDU).
 *
 *	+------+--------+-------------------+- - - - - - - - - - - - - - -
 *	| 0x68 | length | control, 4 octets | ASDU (I format only)
 *	+------+--------+-------------------+- - - - - - - - - - - - - - -
 *	control  I  N(S)<<1, N(R)<<1	S  0x01 0 N(R)<<1	U  one bit of
 *six
 *	+------+-----------+------------+-----+---------+ +-----+---------+
 *	| type | SQ, count | T P/N COT  | OA  | CA      | | IOA | element |...
 *	+------+-----------+------------+-----+---------+ +-----+---------+
 *	  u8      u8           u8         u8    le16        le24
 *
 * Op is the type identification; of U format 256 + the first control octet.
 * S format only acknowledges and says nothing.  Unit is the common address,
 * the object the first information object address and how many there are.
 * Pair is type << 24 | IOA, which joins a command with its confirmation; the
 * standard has no transaction number.  Seq of what came in I format is
 * 2^31 | N(S) << 15 | N(R).  Field sizes of -101 (COT 1, CA 1, IOA 1 or 2
 * octets) are tried only where those of -104 do not fit the length.
 * TIME facts carry milliseconds since 1970 in the sender's own time zone.
 */
#include "proto.h"

#include <stdio.h>

#include "iec104_elements.h"

#define START 0x68
#define COT_REQUEST 5u
#define COT_ACTIVATION 6u
#define COT_DEACTIVATION 8u
#define COT_TERMINATION 10u
#define COT_UNKNOWN_FIRST 44u
#define COT_UNKNOWN_LAST 47u
#define GROUP_ADDRESS 0xffffu

/* --------------------------------------------------------------- framing */

static bool
is_u_octet(uint32_t c)
{
	return c == 0x07 || c == 0x0b || c == 0x13 || c == 0x23 || c == 0x43 ||
	    c == 0x83;
}

static bool
apci_is_good(const uint8_t *p)
{
	uint32_t length = p[1];

	if (p[0] != START || length < 4 || length > 253)
		return false;
	if ((p[2] & 1) == 0)
		return (p[4] & 1) == 0 && length >= 8;
	if ((p[2] & 3) == 1)
		return length == 4 && p[2] == 1 && p[3] == 0 && (p[4] & 1) == 0;
	return length == 4 && is_u_octet(p[2]) && p[3] == 0 && p[4] == 0 &&
	    p[5] == 0;
}

static uint32_t
iec104_frame(struct span s, const struct dissect *d)
{
	(void)d;
	if (!apci_is_good(s.p))
		return FRAME_NOT_MINE;
	if ((s.p[2] & 1) == 0 && s.n >= 7 && s.p[6] == 0)
		return FRAME_NOT_MINE;
	return s.p[1] + 2u;
}

/* Bytes of an ASDU by its type and sizes; 0 when they vary. */
static uint32_t
asdu_size(uint32_t type, uint32_t vsq, struct sizes z)
{
	const struct layout *l = &layouts[type & 127];
	uint32_t n = vsq & 0x7f, head = 2u + z.cot + z.ca;
	uint32_t element = (uint32_t)l->size + l->time;

	if (type >= TYPE_MAX || l->form == FORM_NONE ||
	    l->form == FORM_OPAQUE || type == 125)
		return 0;
	return (vsq & 0x80) != 0 ? head + z.ioa + n * element
				 : head + n * (z.ioa + element);
}

/* The sizes that make the ASDU exactly as long as it is; -104's else. */
static struct sizes
sizes_of(uint32_t type, uint32_t vsq, uint32_t length)
{
	const struct sizes standard = { 2, 2, 3 };
	uint32_t want = asdu_size(type, vsq, standard);

	if (want == 0 || want == length)
		return standard;
	for (uint32_t k = 0; k < 12; k++) {
		struct sizes z = { (uint8_t)(2 - (k & 1)),
			(uint8_t)(2 - (k >> 1 & 1)), (uint8_t)(3 - k / 4) };

		if (asdu_size(type, vsq, z) == length)
			return z;
	}
	return standard;
}

static enum claim
claim_asdu(struct span s)
{
	const struct sizes standard = { 2, 2, 3 };
	uint32_t type = s.p[6], vsq = s.p[7], cot = s.p[8] & 0x3f;
	uint32_t end = s.p[1] + 2u, length = s.p[1] - 4u;
	bool ends = s.n <= end || s.p[end] == START;

	if ((vsq & 0x7f) == 0 || cot == 0 || cot > COT_UNKNOWN_LAST || !ends)
		return CLAIM_NO;
	if (asdu_size(type, vsq, standard) == length)
		return CLAIM_STRONG;
	if (type < TYPE_MAX && layouts[type].form == FORM_NONE)
		return CLAIM_NO;
	/* private types, segments of files, other sizes: whole, at least */
	return s.n == end &&
		(asdu_size(type, vsq, standard) == 0 ||
		    asdu_size(type, vsq, sizes_of(type, vsq, length)) == length)
	    ? CLAIM_WEAK
	    : CLAIM_NO;
}

static enum claim
iec104_claim(struct span s, const struct dissect *d)
{
	(void)d;
	if (s.n < 6 || !apci_is_good(s.p))
		return CLAIM_NO;
	if ((s.p[2] & 1) != 0)
		return s.n == 6 || s.p[6] == START ? CLAIM_STRONG : CLAIM_NO;
	if (s.n < 10)
		return CLAIM_NO;
	return claim_asdu(s);
}

static bool
is_monitored(uint32_t type)
{
	return type <= 41 || type == 70;
}

static enum way
iec104_way(struct span s)
{
	uint32_t type, cot;

	if (s.n < 6 || s.p[0] != START)
		return WAY_UNKNOWN;
	if ((s.p[2] & 3) == 3) {
		if (s.p[2] == 0x07 || s.p[2] == 0x13)
			return WAY_REQUEST;
		return s.p[2] == 0x0b || s.p[2] == 0x23 ? WAY_RESPONSE
							: WAY_UNKNOWN;
	}
	if ((s.p[2] & 1) != 0 || s.n < 9)
		return WAY_UNKNOWN;
	type = s.p[6];
	cot = s.p[8] & 0x3f;
	if (is_monitored(type))
		return WAY_RESPONSE;
	if (type >= 120 || cot > COT_UNKNOWN_LAST)
		return WAY_UNKNOWN;
	return cot == COT_ACTIVATION || cot == COT_DEACTIVATION ||
		cot == COT_REQUEST
	    ? WAY_REQUEST
	    : WAY_RESPONSE;
}

/* ---------------------------------------------------------------- saying */

static void
say_number(struct fact *f, const struct reading *v)
{
	f->num_type = (uint8_t)v->num_type;
	if (v->num_type == NUM_REAL)
		f->num.r = v->real;
	else
		f->num.i = v->i;
}

/* State, quality and time of a value, as far as there is something to say. */
static void
say_text(struct fact *f, const struct reading *v)
{
	static const struct {
		uint8_t bit;
		const char *name;
	} marks[] = { { 0x80, "invalid" }, { 0x40, "not topical" },
		{ 0x20, "substituted" }, { 0x10, "blocked" },
		{ 0x01, "overflow" } };
	char text[FACT_TEXT_MAX];
	size_t n = 0;

	if (f->kind == FACT_NONE ||
	    (v->word == NULL && v->text[0] == '\0' && v->quality == 0))
		return;
	n += (size_t)snprintf(text, sizeof(text), "%s",
	    v->word != NULL ? v->word : v->text);
	for (uint32_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if ((v->quality & marks[i].bit) != 0)
			n += (size_t)snprintf(text + n, sizeof(text) - n,
			    "%s%s", n > 0 ? ", " : "", marks[i].name);
	fact_text(f, span_text(text));
}

static struct fact_object
object_at(const struct asdu *a, uint32_t ioa, uint32_t count)
{
	return (struct fact_object){ .area = a->type,
		.first = ioa,
		.count = count,
		.space = SPACE_IEC_OBJECT };
}

static void
say_value(struct dissect *d, const struct asdu *a, uint32_t ioa,
    const struct reading *v)
{
	struct fact *f;

	if (v->num_type == NUM_NONE)
		return;
	f = dissect_value(d, a->type, object_at(a, ioa, 1));
	say_number(f, v);
	say_text(f, v);
}

static bool
is_response(const struct asdu *a, const struct dissect *d)
{
	if (a->type >= 120)
		return !d->to_server;
	if (is_monitored(a->type))
		return a->cot == COT_REQUEST;
	if (a->type == TYPE_READ)
		return a->cot >= COT_UNKNOWN_FIRST;
	return a->cot != COT_ACTIVATION && a->cot != COT_DEACTIVATION;
}

static void
join(struct dissect *d, const struct asdu *a)
{
	uint32_t pair = a->type << 24 | (a->ioa & 0xffffff);

	if (is_monitored(a->type) || a->type >= 120)
		return;
	dissect_pair(d, pair);
	if (!d->ctx.response)
		dissect_remember(d,
		    (struct ask){ .pair = pair,
			.op = a->type,
			.at = object_at(a, a->ioa, a->count) });
	else if (a->cot != COT_TERMINATION && a->cot < 20)
		(void)dissect_recall(d, pair);
}

/* The fact the message is counted by. */
static struct fact *
say_op(struct dissect *d, const struct asdu *a)
{
	bool unknown =
	    a->cot >= COT_UNKNOWN_FIRST && a->cot <= COT_UNKNOWN_LAST;
	struct fact *f;

	if (d->ctx.response && (a->negative || unknown)) {
		d->ctx.flags |= FACT_NEGATIVE;
		f = dissect_error(d, a->type, a->cot);
	} else {
		f = dissect_op(d, a->type);
	}
	f->object = object_at(a, a->ioa, a->count);
	return f;
}

/* Commands say in words what they ask for; clocks, what time it is. */
static void
say_command(struct fact *f, const struct asdu *a, const struct reading *v)
{
	if (is_monitored(a->type) && a->type != 70)
		return;
	if (a->cot == COT_DEACTIVATION || a->cot == COT_DEACTIVATION + 1)
		fact_text(f, SPAN_LIT("cancel"));
	else
		say_text(f, v);
	if (a->layout->form == FORM_CLOCK && v->time != 0) {
		f->num_type = NUM_UINT;
		f->num.u = v->time;
	}
}

/* --------------------------------------------------------------- reading */

static uint32_t
read_sized(struct rd *r, uint32_t size)
{
	return size == 1 ? rd_u8(r) : size == 2 ? rd_le16(r) : rd_le24(r);
}

static void
read_objects(struct rd *r, struct dissect *d, struct asdu *a)
{
	uint32_t element = (uint32_t)a->layout->size + a->layout->time;
	struct fact *f = NULL;
	uint32_t ioa = 0;

	for (uint32_t i = 0; i < a->count && rd_ok(r); i++) {
		ioa = i == 0 || !a->sequence ? read_sized(r, a->sizes.ioa)
					     : ioa + 1;
		if (i == 0) {
			a->ioa = ioa;
			join(d, a);
			f = say_op(d, a);
		}
		if (f != NULL && f->kind != FACT_NONE && i == 0 &&
		    !is_monitored(a->type)) {
			struct reading v;

			read_element(r, a, &v);
			say_command(f, a, &v);
			say_value(d, a, ioa, &v);
		} else if ((d->wanted & FACT_MASK(FACT_VALUE)) == 0 &&
		    a->type != 70) {
			rd_skip(r, element);
		} else {
			struct reading v;

			read_element(r, a, &v);
			if (f != NULL && a->type == 70)
				say_command(f, a, &v);
			say_value(d, a, ioa, &v);
		}
	}
	if (f == NULL)
		(void)say_op(d, a);
	if (a->type == 125)
		rd_skip_rest(r); /* the segment */
}

static void
read_asdu(struct rd *r, struct dissect *d)
{
	uint32_t length = rd_left(r), vsq, cause;
	struct asdu a = { .type = rd_u8(r) };

	vsq = rd_u8(r);
	a.sizes = sizes_of(a.type, vsq, length);
	a.count = vsq & 0x7f;
	a.sequence = (vsq & 0x80) != 0;
	cause = rd_u8(r);
	a.cot = cause & 0x3f;
	a.negative = (cause & 0x40) != 0;
	if (a.sizes.cot == 2)
		rd_skip(r, 1); /* originator */
	a.ca = read_sized(r, a.sizes.ca);
	if (!rd_ok(r))
		return;
	dissect_unit(d, a.ca);
	if ((cause & 0x80) != 0)
		d->ctx.flags |= FACT_TEST;
	if (a.ca == (a.sizes.ca == 2 ? GROUP_ADDRESS : 0xffu))
		d->ctx.flags |= FACT_BROADCAST;
	a.layout = &layouts[a.type & 127];
	d->ctx.response = is_response(&a, d);
	if (a.type >= TYPE_MAX || a.layout->form == FORM_NONE ||
	    a.layout->form == FORM_OPAQUE) {
		(void)dissect_op(d, a.type);
		rd_opaque_rest(r);
		return;
	}
	read_objects(r, d, &a);
}

static void
read_u(struct dissect *d, uint32_t control)
{
	d->ctx.response = control == 0x0b || control == 0x23 || control == 0x83;
	(void)dissect_op(d, OP_U | control);
}

static void
iec104_parse(struct rd *r, struct dissect *d)
{
	uint32_t start = rd_u8(r), length = rd_u8(r), control, received;
	struct rd apdu;

	rd_require(r, start == START, "no start octet");
	rd_require(r, length >= 4, "APDU too short");
	apdu = rd_sub(r, length);
	control = rd_le16(&apdu);
	received = rd_le16(&apdu);
	if (!rd_ok(r))
		return;
	if ((control & 1) == 0) {
		d->ctx.seq = 1u << 31 | control >> 1 << 15 | received >> 1;
		read_asdu(&apdu, d);
		rd_opaque_rest(&apdu);
	} else if ((control & 3) == 3) {
		rd_require(r, is_u_octet(control & 0xff), "unknown U format");
		if (rd_ok(r))
			read_u(d, control & 0xff);
	}
}

const struct proto proto_iec104 = {
	.name = "iec104",
	.title = "IEC 60870-5-104 telecontrol",
	.spec = "IEC 60870-5-104:2006 and 60870-5-101:2003 clause 7",
	.depth = "all type identifications 1 to 127 with values, quality, "
		 "causes and command qualifiers; security types (-5-7) by name",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { 2404 },
	.client_role = ROLE_SCADA,
	.server_role = ROLE_RTU,
	.claim = iec104_claim,
	.way = iec104_way,
	.frame = iec104_frame,
	.frame_min = 6,
	.parse = iec104_parse,
	PROTO_OPS(ops),
};
