/*
 * s7comm_plus.c - S7comm-plus: S7-1200, S7-1500 and their engineering tools.
 *
 * Unpublished; known from open implementations (S7CommPlus driver, Snap7).
 * Inside COTP.
 *
 *	+----+---------+--------+- - - - - - - -+------+- - - - - -+---------
 *	| 72 | version | length | digest        | data             | trailer
 *	+----+---------+--------+- - - - - - - -+------+- - - - - -+---------
 *	  u8   u8        be16     u8 length, that  length octets     72 v 0000
 *	                          many: version 3
 *
 *	request		31 0000 function 0000 sequence session flags ...
 *	answer		32 (or 02) 0000 function 0000 sequence flags result ...
 *	notification	33 subscription ...
 *
 * Version 1 opens a session, 2 and 3 use it; FEh are system events, FFh keeps
 * alive.  After InitSSL the user data are TLS records.
 *
 * Op is the function; of a notification 33h, of a version without functions
 * the version, of TLS 16h.  Objects: first = object identifier, sub =
 * attribute; none is the session itself; of variables area = data block (0:
 * inputs, outputs and so on by space), first = the first local identifier.
 * Pair is the sequence number.
 */
#include "cotp.h"
#include "proto.h"

#define OP_NOTIFY 0x33u
#define OP_TLS 0x16u
#define OP_EXPLORE 0x4bbu
#define OP_CREATE 0x4cau
#define OP_DELETE 0x4d4u
#define OP_SET 0x4f2u
#define OP_SET_MULTI 0x542u
#define OP_GET_MULTI 0x54cu
#define OP_INVOKE 0x56bu
#define OP_SUBSTREAM 0x586u
#define OP_INIT_SSL 0x5b3u

/* Setting this attribute of this object starts and stops the CPU. */
#define OBJECT_CPU 52
#define ATTRIBUTE_STATE 2167
/* Numbers that clients give to what they create for themselves. */
#define GIVEN_FIRST 0x70000000u
#define GIVEN 0x10000000u

static const struct proto_op ops[] = {
	{ OP_TLS, FACT_SESSION, RISK_NONE, "encrypted" },
	{ OP_NOTIFY, FACT_REPORT, RISK_NONE, "notification" },
	{ 0xfe, FACT_REPORT, RISK_NONE, "system event" },
	{ 0xff, FACT_SESSION, RISK_NONE, "keep alive" },
	{ 0x4b1, FACT_DIAGNOSE, RISK_NONE, "error" },
	{ OP_EXPLORE, FACT_DISCOVER, RISK_NONE, "explore" },
	{ OP_CREATE, FACT_PROGRAM, RISK_PROGRAM, "create object" },
	{ OP_DELETE, FACT_PROGRAM, RISK_PROGRAM, "delete object" },
	{ OP_SET, FACT_WRITE, RISK_WRITE, "set variable" },
	{ 0x4fc, FACT_READ, RISK_NONE, "get variable" },
	{ 0x506, FACT_CONFIG, RISK_CONFIGURATION, "add link" },
	{ 0x51a, FACT_CONFIG, RISK_CONFIGURATION, "remove link" },
	{ 0x524, FACT_READ, RISK_NONE, "get link" },
	{ OP_SET_MULTI, FACT_WRITE, RISK_WRITE, "set multi variables" },
	{ OP_GET_MULTI, FACT_READ, RISK_NONE, "get multi variables" },
	{ 0x556, FACT_PROGRAM, RISK_PROGRAM, "begin sequence" },
	{ 0x560, FACT_PROGRAM, RISK_PROGRAM, "end sequence" },
	{ OP_INVOKE, FACT_CONTROL, RISK_CONTROL, "invoke" },
	{ 0x57c, FACT_PROGRAM, RISK_PROGRAM, "set variable substreamed" },
	{ OP_SUBSTREAM, FACT_READ, RISK_NONE, "get variable substreamed" },
	{ 0x590, FACT_READ, RISK_NONE, "get variables address" },
	{ 0x59a, FACT_SESSION, RISK_NONE, "abort" },
	{ 0x5a9, FACT_DIAGNOSE, RISK_NONE, "error 2" },
	{ OP_INIT_SSL, FACT_SESSION, RISK_NONE, "init ssl" },
};

#define RING 20u

struct plus_state {
	struct fact_object ring[RING]; /* variables asked for, answers due */
	uint32_t head; /* counts all ever put */
	uint8_t open[2]; /* a message in pieces, by direction */
};

_Static_assert(sizeof(struct plus_state) <= COTP_INNER_STATE, "inside COTP");

/* Seven bits an octet, most significant first, bit 7: more follow; the ninth
 * octet of a long number is whole. */
static uint64_t
vlq_from(struct rd *r, uint64_t v)
{
	for (uint32_t i = 0; i < 9 && rd_more(r); i++) {
		uint32_t b = rd_u8(r);

		if (i == 8)
			return v << 8 | b;
		v = v << 7 | (b & 0x7f);
		if ((b & 0x80) == 0)
			break;
	}
	return v;
}

static uint64_t
vlq(struct rd *r)
{
	return vlq_from(r, 0);
}

/* Bit 6 of the first octet is the sign. */
static int64_t
vlq_signed(struct rd *r)
{
	struct span first = rd_ahead(r, 1);
	bool negative = first.n > 0 && (first.p[0] & 0x40) != 0;

	return (int64_t)vlq_from(r, negative ? UINT64_MAX : 0);
}

/* ---------------------------------------------------------------- identity */

static bool
is_print(uint8_t c)
{
	return c >= 0x20 && c < 0x7f;
}

static struct span
trim(struct span s)
{
	while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == 0))
		s.n--;
	return s;
}

/* "1;6ES7 215-1BG40-0XB0 ;V4.2": a counted string of a CPU. */
static bool
say_version(struct dissect *d, struct span s)
{
	uint32_t first = span_find(s, ';'), second;
	struct span rest = span_from(s, first + 1);

	second = span_find(rest, ';');
	for (uint32_t i = 0; i < s.n; i++)
		if (!is_print(s.p[i]))
			return false;
	if (first != 1 || second >= rest.n || rest.p[0] != '6')
		return false;
	dissect_ident(d, TRAIT_VENDOR, SPAN_LIT("Siemens"));
	dissect_ident(d, TRAIT_ORDER, trim(span_first(rest, second)));
	dissect_ident(d, TRAIT_FIRMWARE, trim(span_from(rest, second + 1)));
	return true;
}

static void
find_version(struct dissect *d, struct span s)
{
	/* type 15h (string), length, text */
	for (uint32_t i = 0; i + 12 < s.n; i++) {
		uint32_t n = s.p[i + 1];

		if (s.p[i] == 0x15 && s.p[i + 3] == ';' && n >= 10 && n < 64 &&
		    i + 2 + n <= s.n &&
		    say_version(d, span_first(span_from(s, i + 2), n)))
			return;
	}
}

/* Identification and maintenance record 0: order, serial, versions. */
static void
find_im0(struct dissect *d, struct span s)
{
	static const uint8_t head[] = { 0x00, 0x20, 0x00, 0x38, 0x01, 0x00 };

	for (uint32_t i = 0; i + 50 <= s.n; i++) {
		struct span im = span_from(s, i);

		if (!span_starts(im, SPAN(head, sizeof(head))))
			continue;
		if (im.p[6] == 0 && im.p[7] == 0x2a)
			dissect_ident(d, TRAIT_VENDOR, SPAN_LIT("Siemens"));
		dissect_ident(d, TRAIT_ORDER,
		    trim(span_first(span_from(im, 8), 20)));
		dissect_ident(d, TRAIT_SERIAL,
		    trim(span_first(span_from(im, 28), 16)));
		dissect_identf(d, TRAIT_HARDWARE, "%u",
		    (uint32_t)im.p[44] << 8 | im.p[45]);
		if (is_print(im.p[46]))
			dissect_identf(d, TRAIT_FIRMWARE, "%c%u.%u.%u",
			    im.p[46], im.p[47], im.p[48], im.p[49]);
		return;
	}
}

/* --------------------------------------------------------------- variables */

/* Where a variable is: area 8A0Eh << 16 | data block, or 50h and up. */
static struct fact_object
place(uint64_t area, uint64_t lid)
{
	static const uint8_t spaces[] = { SPACE_S7_INPUT, SPACE_S7_OUTPUT,
		SPACE_S7_MARKER, SPACE_S7_COUNTER, SPACE_S7_TIMER };
	struct fact_object o = { .space = SPACE_S7_SYMBOL, .count = 1 };

	o.first = (uint32_t)lid;
	if (area >> 16 == 0x8a0e)
		o.area = area & 0xffff;
	else if (area >= 0x50 && area <= 0x54)
		o.space = spaces[area - 0x50];
	else
		o.area = (uint32_t)area;
	return o;
}

/* Checksum of the symbol, area, how many identifiers, part, identifiers. */
static struct fact_object
variable(struct rd *r)
{
	uint64_t area, n, lid = 0;

	(void)vlq(r);
	area = vlq(r);
	n = vlq(r);
	for (uint64_t i = 0; i < n && rd_more(r); i++) {
		uint64_t id = vlq(r);

		if (i == 1)
			lid = id;
	}
	return place(area, lid);
}

/* How many variables, how many fields, the variables. */
static void
variables(struct rd *r, struct dissect *d, uint32_t op, struct fact *f,
    struct plus_state *st)
{
	const struct proto_op *row = proto_op_find(d->proto, op);
	uint64_t n = vlq(r);

	(void)vlq(r);
	for (uint64_t i = 0; i < n && rd_more(r); i++) {
		struct fact_object o = variable(r);

		if (!rd_ok(r))
			return;
		if (i > 0 && row != NULL) {
			f = dissect_emit(d, (enum fact_kind)row->kind, op);
			f->risk = row->risk;
		}
		f->object = o;
		st->ring[st->head++ % RING] = o;
	}
}

/* One value; false: of a type that is passed over, and what follows too. */
static bool
scalar(struct rd *r, struct dissect *d, uint32_t op, struct fact_object o)
{
	uint32_t flags = rd_u8(r), type = rd_u8(r);

	if (flags != 0)
		return false; /* arrays */
	switch (type) {
	case 0x01:
		dissect_value_bool(d, op, o, rd_u8(r) != 0);
		return true;
	case 0x02: /* usint, byte */
	case 0x0a:
		dissect_value_uint(d, op, o, rd_u8(r));
		return true;
	case 0x03: /* uint, word */
	case 0x0b:
		dissect_value_uint(d, op, o, rd_be16(r));
		return true;
	case 0x04: /* udint, ulint */
	case 0x05:
		dissect_value_uint(d, op, o, vlq(r));
		return true;
	case 0x06:
		dissect_value_int(d, op, o, (int8_t)rd_u8(r));
		return true;
	case 0x07:
		dissect_value_int(d, op, o, (int16_t)rd_be16(r));
		return true;
	case 0x08: /* dint, lint, time span */
	case 0x09:
	case 0x11:
		dissect_value_int(d, op, o, vlq_signed(r));
		return true;
	case 0x0c:
		dissect_value_uint(d, op, o, rd_be32(r));
		return true;
	case 0x0d:
	case 0x10: /* time stamp */
		dissect_value_uint(d, op, o, rd_be64(r));
		return true;
	case 0x0e:
		dissect_value_real(d, op, o, rd_bef32(r));
		return true;
	case 0x0f:
		dissect_value_real(d, op, o, rd_bef64(r));
		return true;
	case 0x15: {
		uint64_t n = vlq(r);

		if (n > rd_left(r))
			return false;
		fact_text(dissect_value(d, op, o), rd_span(r, (uint32_t)n));
		return true;
	}
	default:
		return false;
	}
}

/* Number of the variable, from 1, and its value; number 0 ends the list. */
static void
values(struct rd *r, struct dissect *d, uint32_t op,
    const struct plus_state *st, uint32_t start, uint32_t due)
{
	if (st->head - start > RING)
		return; /* overwritten by later requests */
	while (rd_left(r) >= 3) {
		uint64_t n = vlq(r);

		if (n == 0 || n > due ||
		    !scalar(r, d, op, st->ring[(start + n - 1) % RING]))
			return;
	}
}

/* ---------------------------------------------------------------- messages */

/* A session of one's own is no program; everything else created is. */
static void
is_session(struct fact *f)
{
	if (f->kind == FACT_NONE)
		return;
	f->kind = FACT_SESSION;
	f->risk = RISK_NONE;
}

/* Object, count, address: the one attribute that is set. */
static void
set_variable(struct rd *r, struct fact *f)
{
	if (rd_left(r) < 3)
		return;
	(void)vlq(r);
	f->object.sub = (uint16_t)vlq(r);
	if (f->object.first != OBJECT_CPU || f->object.sub != ATTRIBUTE_STATE ||
	    f->kind == FACT_NONE)
		return;
	f->kind = FACT_CONTROL;
	f->risk = RISK_MODE;
	fact_text(f, SPAN_LIT("operating state"));
}

/*
 * What panels create to be told of changes.  Behind the place: a value, four
 * octets, then the object: a1, its number, its class.
 */
static bool
is_subscription(const struct rd *r)
{
	struct span s = rd_ahead(r, rd_left(r) < 24 ? rd_left(r) : 24);

	for (uint32_t i = 3; i + 7 <= s.n; i++)
		if (s.p[i] == 0xa1)
			return s.p[i + 5] == 0x87 && s.p[i + 6] == 0x69;
	return false; /* 1001 = 7 << 7 | 0x69 */
}

static bool
names_object(uint32_t op)
{
	return op == OP_EXPLORE || op == OP_CREATE || op == OP_DELETE ||
	    op == OP_SET || op == OP_SET_MULTI || op == OP_GET_MULTI ||
	    op == OP_INVOKE || op == OP_SUBSTREAM || op == 0x57c;
}

/* Attributes of one object, or variables of the program. */
static void
several(struct rd *r, struct dissect *d, struct ask *ask, struct fact *f,
    struct plus_state *st)
{
	if (f->object.first != 0)
		return;
	f->object = (struct fact_object){ .space = SPACE_NONE };
	ask->extra[0] = st->head;
	variables(r, d, ask->op, f, st);
	ask->extra[1] = st->head - ask->extra[0];
	if (ask->op == OP_SET_MULTI)
		values(r, d, ask->op, st, ask->extra[0], ask->extra[1]);
}

static void
request(struct rd *r, struct dissect *d, uint32_t op, uint32_t seq)
{
	uint32_t session = rd_be32(r);
	struct ask ask = { .pair = seq, .op = op };
	struct fact *f;

	rd_skip(r, 1); /* transport flags */
	f = dissect_op(d, op);
	if (names_object(op) && rd_left(r) >= 4) {
		f->object = (struct fact_object){ .space = SPACE_S7_SYMBOL,
			.first = rd_be32(r),
			.count = 1 };
		if (op == OP_SET)
			set_variable(r, f);
		if (op == OP_SET_MULTI || op == OP_GET_MULTI)
			several(r, d, &ask, f, d->state);
		if (f->object.first == session)
			f->object = (struct fact_object){ .area = 0 };
		/* 285: where sessions are; a session removes itself */
		if ((op == OP_CREATE &&
			(f->object.first == 285 || is_subscription(r))) ||
		    (op == OP_DELETE &&
			(f->object.space == SPACE_NONE ||
			    f->object.first - GIVEN_FIRST < GIVEN)))
			is_session(f);
	}
	dissect_remember(d, ask);
}

static void
answer(struct rd *r, struct dissect *d, uint32_t op, uint32_t seq)
{
	const struct ask *ask = dissect_recall(d, seq);
	struct span rest;
	uint64_t result;
	int16_t error;

	rd_skip(r, 1); /* transport flags */
	result = vlq(r);
	error = (int16_t)(uint16_t)result;
	if (error < 0)
		(void)dissect_error(d, op, (uint32_t)result & 0xffff);
	else
		(void)dissect_op(d, op);
	if (op == OP_GET_MULTI && ask != NULL && ask->extra[1] > 0)
		values(r, d, op, d->state, ask->extra[0], ask->extra[1]);
	if ((d->wanted & FACT_MASK(FACT_IDENT)) == 0)
		return;
	rest = rd_ahead(r, rd_have(r));
	if (op == OP_CREATE)
		find_version(d, rest);
	else if (op == OP_SUBSTREAM)
		find_im0(d, rest);
}

static void
message(struct rd *r, struct dissect *d)
{
	uint32_t opcode = rd_u8(r), op, seq;

	if (opcode == 0x33) {
		struct fact *f;

		d->ctx.response = false;
		f = dissect_op(d, OP_NOTIFY);
		if (rd_left(r) >= 4)
			f->object = (struct fact_object){
				.space = SPACE_S7_SYMBOL,
				.first = rd_be32(r),
				.count = 1,
			};
		rd_opaque_rest(r);
		return;
	}
	rd_skip(r, 2);
	op = rd_be16(r);
	rd_skip(r, 2);
	seq = rd_be16(r);
	dissect_pair(d, seq);
	d->ctx.response = opcode == 0x32 || opcode == 0x02;
	if (opcode == 0x31)
		request(r, d, op, seq);
	else if (d->ctx.response)
		answer(r, d, op, seq);
	else
		(void)dissect_op(d,
		    opcode << 16); /* no opcode of the protocol */
	rd_opaque_rest(r);
}

static void
tls(struct rd *r, struct dissect *d)
{
	d->ctx.response = false;
	(void)dissect_op(d, OP_TLS);
	rd_secret(r, rd_left(r));
}

static void
without_function(struct rd *r, struct dissect *d, uint32_t version)
{
	d->ctx.response = false;
	(void)dissect_op(d, version);
	rd_opaque_rest(r);
}

/* Without the trailer it goes on in the next. */
static void
piece(struct rd *r, struct dissect *d, struct plus_state *st, bool last)
{
	uint8_t *open = &st->open[d->to_server];
	struct span s = rd_span(r, rd_left(r));
	bool first = *open == 0;
	struct rd whole;

	if (!rd_ok(r))
		return;
	*open = !last;
	if (!dissect_join(d, 0x7200, first, last, s, &s))
		return;
	whole = rd_over(r, s);
	message(&whole, d);
}

static void
s7comm_plus_parse(struct rd *r, struct dissect *d)
{
	struct plus_state *st = d->state;
	uint32_t magic = rd_u8(r), version;
	struct rd body;

	if (magic >= 0x14 && magic <= 0x17) {
		tls(r, d);
		return;
	}
	rd_require(r, magic == 0x72, "not S7comm-plus");
	version = rd_u8(r);
	rd_require(r, version <= 3 || version >= 0xfe, "no such version");
	if (version == 0xff) {
		without_function(r, d, version);
		return;
	}
	body = rd_sub_be16(r);
	if (version == 0xfe) {
		without_function(&body, d, version);
		return;
	}
	if (version == 3)
		rd_skip(&body, rd_u8(&body)); /* digest */
	if (rd_left(r) > 0 && st->open[d->to_server] == 0)
		message(&body, d);
	else
		piece(&body, d, st, rd_left(r) > 0);
	rd_skip_rest(r); /* trailer */
}

const struct proto proto_s7comm_plus = {
	.name = "s7comm-plus",
	.title = "Siemens S7comm-plus",
	.spec = "unpublished; after open implementations",
	.depth = "functions, objects and variables addressed, plain values, "
		 "identity; structures opaque, TLS marked as encrypted",
	.slot = PROTO_SLOT,
	.ot = true,
	.client_role = ROLE_HMI,
	.server_role = ROLE_PLC,
	.parse = s7comm_plus_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct plus_state),
};
