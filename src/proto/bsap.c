/*
 * bsap.c - BSAP, Bristol (Emerson) controllers, over UDP and serial lines
 * that are carried in UDP.
 *
 * Emerson D301401X012, BSAP Communications Application Programmer's
 * Reference; the message header over IP, which is not published, as found in
 * captures and in open dissectors.
 *
 *	over IP
 *	+------+-------+------+----------+----------+ +--------+- - - - -
 *	| 0x0e | count | type | sequence | answered | | length | function
 *	+------+-------+------+----------+----------+ +--------+- - - - -
 *	  le16   le16    le16   le32       le32         le32, itself too
 *
 *	function: 0Ch, sequence le32, then of a question destination function
 *	and node status, and of both the data of the remote data base (RDB)
 *
 *	serial: DLE STX, address, serial number, [to le16, from le16, control
 *	when bit 7 of the address is set,] destination function, sequence le16,
 *	source function, node status, data, DLE ETX, CRC le16
 *
 *	RDB question: function, field selectors, security, count, names or
 *	addresses; answer: error, count, the fields that were selected
 *
 * Op is the RDB function; with variant 1 the code of an RDB extension, with
 * 2 a message without function (its type), with 3 the destination function
 * of others.  Pair is the sequence of the application.  Objects: first =
 * address (MSD) of the signal, or area = FNV-1a hash of the name in the text.
 */
#include "crc.h"
#include "proto.h"

#define DLE 0x10u
#define STX 0x02u
#define ETX 0x03u
#define HEAD 14u

enum {
	FUNCTION_PC = 0x03,
	FUNCTION_RDB = 0xa0,
	FUNCTION_EXTENSION = 0xa1,
};

enum {
	TYPE_POLL = 0,
	TYPE_CONTINUED = 1,
	TYPE_RESPONSE = 5,
	TYPE_REQUEST = 6,
};

#define EXT(code) FACT_OP(1, code)
#define MSG(type) FACT_OP(2, type)
#define OTHER(function) FACT_OP(3, function)

static const struct proto_op ops[] = {
	{ 0x00, FACT_READ, RISK_NONE, "read signal by address" },
	{ 0x02, FACT_READ, RISK_NONE, "read logical by address" },
	{ 0x04, FACT_READ, RISK_NONE, "read signal by name" },
	{ 0x06, FACT_READ, RISK_NONE, "read logical by name" },
	{ 0x0c, FACT_READ, RISK_NONE, "read signal by list, start" },
	{ 0x0d, FACT_READ, RISK_NONE, "read signal by list, continue" },
	{ 0x0e, FACT_READ, RISK_NONE, "read logical by list, start" },
	{ 0x0f, FACT_READ, RISK_NONE, "read logical by list, continue" },
	{ 0x80, FACT_WRITE, RISK_WRITE, "write signal by address" },
	{ 0x84, FACT_WRITE, RISK_WRITE, "write signal by name" },
	{ 0x8c, FACT_WRITE, RISK_WRITE, "write signal by list, start" },
	{ 0x8d, FACT_WRITE, RISK_WRITE, "write signal by list, continue" },
	{ EXT(0x0101), FACT_CONTROL, RISK_RESET, "reset system" },
	{ EXT(0x0102), FACT_DIAGNOSE, RISK_CONFIGURATION, "diagnostics reset" },
	{ EXT(0x0201), FACT_TIME, RISK_NONE, "read date and time" },
	{ EXT(0x0202), FACT_TIME, RISK_NONE, "read date" },
	{ EXT(0x0203), FACT_TIME, RISK_NONE, "read time" },
	{ EXT(0x0281), FACT_TIME, RISK_TIME, "write date and time" },
	{ EXT(0x0400), FACT_CONFIG, RISK_CONFIGURATION,
	    "change local node address" },
	{ MSG(TYPE_POLL), FACT_SESSION, RISK_NONE, "poll" },
	{ MSG(TYPE_CONTINUED), FACT_SESSION, RISK_NONE, "continued" },
	{ MSG(TYPE_RESPONSE), FACT_SESSION, RISK_NONE, "response" },
	{ MSG(TYPE_REQUEST), FACT_SESSION, RISK_NONE, "request" },
	{ OTHER(0x03), FACT_SESSION, RISK_NONE, "programming port" },
	{ OTHER(0x85), FACT_SESSION, RISK_NONE, "poll" },
};

/* Bits of the field selectors. */
enum {
	FIELD_TYPE = 0x80,
	FIELD_VALUE = 0x40,
	FIELD_UNITS = 0x20,
	FIELD_ADDRESS = 0x10,
	FIELD_NAMES = 0x0e, /* texts of varying length */
	FIELD_VERSION = 0x01, /* in the second octet */
};

/* --------------------------------------------------------------- framing */

static bool
is_serial(struct span s)
{
	return s.n >= 10 && s.p[0] == DLE && s.p[1] == STX &&
	    s.p[s.n - 4] == DLE && s.p[s.n - 3] == ETX;
}

/* The octets between the marks, doubled DLEs halved, and the ETX. */
static uint32_t
unstuffed(struct span s, uint8_t *dst, uint32_t cap)
{
	uint32_t n = 0;

	for (uint32_t i = 2; i + 4 < s.n && n < cap; i++) {
		dst[n++] = s.p[i];
		if (s.p[i] == DLE && s.p[i + 1] == DLE)
			i++;
	}
	if (n < cap)
		dst[n++] = ETX;
	return n;
}

static bool
crc_is_good(struct span s, struct span inner)
{
	return (crc_x25(inner) ^ 0xffff) ==
	    ((uint32_t)s.p[s.n - 1] << 8 | s.p[s.n - 2]);
}

static uint32_t
le32_at(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[1] << 8 | p[0];
}

static enum claim
claim_ip(struct span s)
{
	uint32_t count, type;

	if (s.n < HEAD || s.p[0] != HEAD || s.p[1] != 0 || s.p[3] != 0 ||
	    s.p[5] != 0)
		return CLAIM_NO;
	count = s.p[2];
	type = s.p[4];
	if (count == 0)
		return s.n == HEAD && type == 0 ? CLAIM_WEAK : CLAIM_NO;
	if (s.n < HEAD + 9 || s.p[HEAD + 4] != 0x0c ||
	    (type != TYPE_CONTINUED && type != TYPE_RESPONSE &&
		type != TYPE_REQUEST && (type & 0x80) == 0))
		return CLAIM_NO;
	if (count == 1 && le32_at(s.p + HEAD) + HEAD != s.n)
		return CLAIM_NO;
	return CLAIM_STRONG;
}

static enum claim
bsap_claim(struct span s, const struct dissect *d)
{
	uint8_t inner[512];

	(void)d;
	if (!is_serial(s))
		return claim_ip(s);
	return crc_is_good(s, SPAN(inner, unstuffed(s, inner, sizeof(inner))))
	    ? CLAIM_STRONG
	    : CLAIM_WEAK;
}

static enum way
bsap_way(struct span s)
{
	if (is_serial(s)) {
		uint32_t at = (s.p[2] & 0x80) != 0 ? 9 : 4;

		if (s.n < at + 6)
			return WAY_UNKNOWN;
		return s.p[at] == FUNCTION_PC ? WAY_RESPONSE : WAY_REQUEST;
	}
	if (s.n < HEAD || s.p[2] == 0)
		return WAY_UNKNOWN;
	return s.p[4] == TYPE_REQUEST || (s.p[4] & 0x80) != 0 ? WAY_REQUEST
							      : WAY_RESPONSE;
}

/* --------------------------------------------------------------- signals */

static struct span
read_name(struct rd *r)
{
	struct span s = rd_ahead(r, rd_have(r));
	uint32_t n = span_find(s, 0);

	s = rd_span(r, n);
	if (rd_more(r))
		rd_skip(r, 1);
	return s;
}

static uint32_t
hash_name(struct span s)
{
	uint32_t hash = 2166136261u;

	for (uint32_t i = 0; i < s.n; i++)
		hash = (hash ^ s.p[i]) * 16777619u;
	return hash;
}

/* What a write puts: a number of the field, and what belongs to it. */
static void
read_written(struct rd *r, struct dissect *d, uint32_t op,
    struct fact_object at, struct fact *f)
{
	static const char *const words[] = { "", "alarm enable",
		"alarm disable", "control enable", "control disable",
		"manual enable", "manual disable", "set questionable",
		"clear questionable", "on", "off" };
	uint32_t field = rd_u8(r);

	if (field == 9 || field == 10) {
		dissect_value_bool(d, op, at, field == 9);
	} else if (field == 11) {
		dissect_value_real(d, op, at, rd_lef32(r));
	} else if (field > 0 && field < 11) {
		if (f->text_len == 0)
			fact_text(f, span_text(words[field]));
	} else {
		rd_opaque_rest(r);
	}
}

static struct fact *
next_fact(struct dissect *d, uint32_t op, struct fact *f, uint32_t i)
{
	const struct proto_op *row = proto_op_find(d->proto, op);

	if (i == 0 || row == NULL)
		return f;
	f = dissect_emit(d, (enum fact_kind)row->kind, op);
	f->risk = row->risk;
	return f;
}

/* The signals of a question. */
static void
read_signals(struct rd *r, struct dissect *d, uint32_t op, struct fact *f,
    uint32_t n)
{
	bool named = (op & 0x7f) == 0x04 || (op & 0x7f) == 0x06;
	bool writes = op >= 0x80;

	for (uint32_t i = 0; i < n && rd_more(r); i++) {
		struct fact_object at = { .space = SPACE_BSAP_SIGNAL,
			.count = 1 };

		f = next_fact(d, op, f, i);
		if (named) {
			struct span name = read_name(r);

			at.area = hash_name(name);
			fact_text(f, name);
		} else {
			at.first = rd_le16(r);
		}
		f->object = at;
		if (writes)
			read_written(r, d, op, at, f);
	}
}

static void
read_question(struct rd *r, struct dissect *d, uint32_t pair)
{
	uint32_t op = rd_u8(r), n = 0;
	struct ask ask = { .pair = pair, .op = op };
	struct fact *f = dissect_op(d, op);

	if (op < 0x80) {
		uint32_t which = rd_u8(r);

		for (uint32_t i = 0; i < 4; i++)
			if ((which >> i & 1) != 0)
				ask.extra[0] |= (uint32_t)rd_u8(r) << 8 * i;
	}
	switch (op) {
	case 0x00:
	case 0x02:
	case 0x80:
		rd_skip(r, 2); /* version of the addresses */
		rd_skip(r, 1); /* security level */
		n = rd_u8(r);
		break;
	case 0x04:
	case 0x06:
	case 0x84:
		rd_skip(r, 1);
		n = rd_u8(r);
		break;
	default:
		break;
	}
	ask.extra[1] = n;
	if (n > 0)
		read_signals(r, d, op, f, n);
	ask.at = f->object;
	if (op == 0x0c || op == 0x0d || op == 0x0e || op == 0x0f ||
	    op == 0x8c || op == 0x8d)
		rd_skip_rest(r); /* security, list, start, count */
	rd_opaque_rest(r);
	dissect_remember(d, ask);
}

/* One signal of an answer, by the fields that were asked for. */
static void
read_fields(struct rd *r, struct dissect *d, const struct ask *ask,
    struct fact_object at, bool logical)
{
	uint32_t fields = ask->extra[0], op = ask->op, value = 0;

	if ((fields & FIELD_TYPE) != 0)
		logical = (rd_u8(r) & 3) != 2;
	if ((fields & FIELD_VALUE) != 0)
		value = logical ? rd_u8(r) : rd_le32(r);
	if ((fields & FIELD_UNITS) != 0)
		rd_skip(r, 6);
	if ((fields & FIELD_ADDRESS) != 0)
		at = (struct fact_object){ .space = SPACE_BSAP_SIGNAL,
			.first = rd_le16(r),
			.count = 1 };
	if ((fields >> 8 & FIELD_VERSION) != 0)
		rd_skip(r, 2);
	if (!rd_ok(r) || (fields & FIELD_VALUE) == 0)
		return;
	if (logical)
		dissect_value_bool(d, op, at, (value & 1) != 0);
	else
		dissect_value_real(d, op, at, f32_of(value));
}

static bool
is_fixed(uint32_t fields)
{
	return fields != 0 && (fields & FIELD_NAMES) == 0 &&
	    (fields >> 8 & ~(uint32_t)FIELD_VERSION) == 0;
}

static void
read_answer(struct rd *r, struct dissect *d, uint32_t pair)
{
	const struct fact_object unnamed = { .space = SPACE_BSAP_SIGNAL };
	const struct ask *ask = dissect_recall(d, pair);
	uint32_t error = rd_u8(r), n = 0, op = ask != NULL ? ask->op : 0;
	struct fact *f;

	if ((error & 0x7f) != 0 && ask != NULL) {
		(void)dissect_error(d, op, error);
		rd_skip_rest(r);
		return;
	}
	f = ask != NULL ? dissect_op(d, op) : dissect_op(d, MSG(TYPE_RESPONSE));
	if (ask == NULL || op >= 0x80) {
		rd_opaque_rest(r);
		return;
	}
	f->object = ask->at;
	if (rd_more(r))
		n = rd_u8(r);
	/* without the type its size must tell: a logical is one octet */
	if (is_fixed(ask->extra[0]) &&
	    ((ask->extra[0] & FIELD_TYPE) != 0 || n == 1))
		for (uint32_t i = 0; i < n && rd_more(r); i++)
			read_fields(r, d, ask, n == 1 ? ask->at : unnamed,
			    rd_left(r) < 4);
	rd_opaque_rest(r);
}

static void
read_extension(struct rd *r, struct dissect *d, uint32_t pair)
{
	uint32_t code = rd_le16(r);

	(void)dissect_op(d, EXT(code));
	if (d->ctx.response)
		(void)dissect_recall(d, pair);
	else
		dissect_remember(d,
		    (struct ask){ .pair = pair, .op = EXT(code) });
	rd_opaque_rest(r);
}

/* --------------------------------------------------------------- messages */

static void
read_function(struct rd *r, struct dissect *d, uint32_t function, uint32_t pair)
{
	if (function == FUNCTION_RDB && rd_more(r)) {
		if (d->ctx.response)
			read_answer(r, d, pair);
		else
			read_question(r, d, pair);
	} else if (function == FUNCTION_EXTENSION && rd_left(r) >= 2) {
		read_extension(r, d, pair);
	} else {
		(void)dissect_op(d, OTHER(function));
		rd_opaque_rest(r);
	}
}

static void
parse_ip(struct rd *r, struct dissect *d)
{
	uint32_t count, type;

	rd_skip(r, 2);
	count = rd_le16(r);
	type = rd_le16(r);
	d->ctx.seq = rd_le32(r);
	rd_skip(r, 4);
	if (!rd_ok(r))
		return;
	if (type == TYPE_RESPONSE || type == TYPE_CONTINUED)
		d->ctx.response = true;
	else if (count > 0)
		d->ctx.response = false;
	if (count == 0)
		(void)dissect_op(d, MSG(type));
	for (uint32_t i = 0; i < count && rd_more(r); i++) {
		uint32_t n = rd_le32(r), sequence;
		struct rd body;

		rd_require(r, n >= 9, "length of a function below 9");
		body = rd_sub(r, n - 4);
		rd_skip(&body, 1);
		sequence = rd_le32(&body);
		if (!rd_ok(r))
			return;
		dissect_pair(d, sequence);
		if (d->ctx.response) {
			read_function(&body, d, FUNCTION_RDB, sequence);
		} else {
			uint32_t function = rd_u8(&body);

			rd_skip(&body, 1);
			read_function(&body, d, function, sequence);
		}
	}
}

static void
parse_serial(struct rd *r, struct dissect *d, struct span all)
{
	uint8_t inner[512];
	uint32_t n = unstuffed(all, inner, sizeof(inner));
	uint32_t address, to, from, sequence;
	struct rd m = rd_over(r, SPAN(inner, n > 0 ? n - 1 : 0));

	rd_require(r, crc_is_good(all, SPAN(inner, n)), "wrong checksum");
	rd_skip_rest(r);
	address = rd_u8(&m);
	rd_skip(&m, 1);
	if ((address & 0x80) != 0)
		rd_skip(&m, 5); /* global: to, from, control */
	to = rd_u8(&m);
	sequence = rd_le16(&m);
	from = rd_u8(&m);
	rd_skip(&m, 1);
	if (!rd_ok(r))
		return;
	dissect_unit(d, address & 0x7f);
	dissect_pair(d, sequence);
	d->ctx.response = to == FUNCTION_PC && from >= 0x80;
	read_function(&m, d, d->ctx.response ? from : to, sequence);
}

static void
bsap_parse(struct rd *r, struct dissect *d)
{
	struct span all = rd_ahead(r, rd_left(r)), head = rd_ahead(r, 2);

	if (head.n == 2 && head.p[0] == DLE && head.p[1] == STX) {
		if (is_serial(all)) {
			parse_serial(r, d, all);
		} else {
			rd_skip(r, 2);
			/* not all of it is here: too short to be judged */
			(void)rd_span(r, rd_left(r));
			rd_bad(r, "no closing mark");
		}
		return;
	}
	parse_ip(r, d);
}

const struct proto proto_bsap = {
	.name = "bsap",
	.title = "BSAP of Bristol controllers",
	.spec = "Emerson D301401X012; header over IP from captures",
	.depth =
	    "over IP and serial: remote data base with signals and values, "
	    "its extensions by name; other functions and texts of signals "
	    "opaque",
	.slot = PROTO_SLOT,
	.ot = true,
	.udp = { 1234, 1235 },
	.client_role = ROLE_SCADA,
	.server_role = ROLE_RTU,
	.claim = bsap_claim,
	.way = bsap_way,
	.parse = bsap_parse,
	PROTO_OPS(ops),
};
