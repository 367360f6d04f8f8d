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
 * attribute; none is the session itself.  Pair is the sequence number.
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
#define OP_INVOKE 0x56bu
#define OP_SUBSTREAM 0x586u
#define OP_INIT_SSL 0x5b3u

/* Setting this attribute of this object starts and stops the CPU. */
#define OBJECT_CPU 52
#define ATTRIBUTE_STATE 2167

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
	{ 0x54c, FACT_READ, RISK_NONE, "get multi variables" },
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

struct plus_state {
	uint8_t open[2]; /* a message in pieces, by direction */
};

_Static_assert(sizeof(struct plus_state) <= COTP_INNER_STATE, "inside COTP");

/* Seven bits an octet, most significant first, bit 7: more follow. */
static uint64_t
vlq(struct rd *r)
{
	uint64_t v = 0;

	for (uint32_t i = 0; i < 9 && rd_more(r); i++) {
		uint32_t b = rd_u8(r);

		v = v << 7 | (b & 0x7f);
		if ((b & 0x80) == 0)
			break;
	}
	return v;
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

static bool
names_object(uint32_t op)
{
	return op == OP_EXPLORE || op == OP_CREATE || op == OP_DELETE ||
	    op == OP_SET || op == OP_SET_MULTI || op == OP_INVOKE ||
	    op == OP_SUBSTREAM || op == 0x57c;
}

static void
request(struct rd *r, struct dissect *d, uint32_t op, uint32_t seq)
{
	uint32_t session = rd_be32(r);
	struct fact *f;

	rd_skip(r, 1); /* transport flags */
	f = dissect_op(d, op);
	dissect_remember(d, (struct ask){ .pair = seq, .op = op });
	if (!names_object(op) || rd_left(r) < 4)
		return;
	f->object = (struct fact_object){ .space = SPACE_S7_SYMBOL,
		.first = rd_be32(r),
		.count = 1 };
	if (op == OP_SET)
		set_variable(r, f);
	if (f->object.first == session)
		f->object = (struct fact_object){ .space = SPACE_NONE };
	/* 285: the class of sessions; a session removes itself */
	if ((op == OP_CREATE && f->object.first == 285) ||
	    (op == OP_DELETE && f->object.space == SPACE_NONE))
		is_session(f);
}

static void
answer(struct rd *r, struct dissect *d, uint32_t op, uint32_t seq)
{
	struct span rest;
	uint64_t result;
	int16_t error;

	(void)dissect_recall(d, seq);
	rd_skip(r, 1); /* transport flags */
	result = vlq(r);
	error = (int16_t)(uint16_t)result;
	if (error < 0)
		(void)dissect_error(d, op, (uint32_t)result & 0xffff);
	else
		(void)dissect_op(d, op);
	if (op != OP_CREATE && op != OP_SUBSTREAM)
		return;
	rest = rd_ahead(r, rd_have(r));
	if ((d->wanted & FACT_MASK(FACT_IDENT)) == 0)
		return;
	if (op == OP_CREATE)
		find_version(d, rest);
	else
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
	.depth = "functions, sessions, objects addressed, identity; values "
		 "opaque, TLS marked as encrypted",
	.slot = PROTO_SLOT,
	.ot = true,
	.server_role = ROLE_PLC,
	.parse = s7comm_plus_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct plus_state),
};
