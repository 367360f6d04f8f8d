/*
 * roc_plus.c - ROC Plus and ROC, Emerson's flow computers and RTUs.
 *
 * Emerson, ROC Plus Protocol Specifications Manual (D301180X012), chapter 2;
 * of the older ROC Protocol User Manual (A4199) the opcodes by name.
 *
 *	+-----------+-----------+--------+--------+- - - - -+-----+
 *	| to: unit, | from: the | opcode | length | data    | CRC |
 *	| group     | same      |        |        |         |     |
 *	+-----------+-----------+--------+--------+- - - - -+-----+
 *	  u8 u8       u8 u8       u8       u8       length    le16
 *
 * The CRC is that of Modbus.  Numbers are little-endian.  Nothing but the
 * direction tells a question from its answer.  Op is the opcode; of file
 * transfer the variant is its command.  Pair is made of both addresses; unit
 * is that of the ROC.  Objects: area = point type, first = point (logical)
 * number, sub = parameter.  In answers of several parameters the length of
 * each hangs on its type, which is not told: such data is not understood.
 */
#include "crc.h"
#include "roc.h"
#include "text.h"

#define HEAD 6u
#define TAIL 2u

#define SYSTEM_POINT 91u /* point type of the system variables */
#define STATION_NAME 2u

/* --------------------------------------------------------------- framing */

static uint32_t
roc_frame(struct span s, const struct dissect *d)
{
	(void)d;
	return HEAD + s.p[5] + TAIL;
}

static bool
crc_is_good(struct span s)
{
	return crc_modbus(span_first(s, s.n - TAIL), 0xffff) ==
	    ((uint32_t)s.p[s.n - 1] << 8 | s.p[s.n - 2]);
}

static enum claim
roc_claim(struct span s, const struct dissect *d)
{
	uint32_t n = s.n >= HEAD + TAIL ? roc_frame(s, d) : 0;

	if (n == 0 || n > s.n || !crc_is_good(span_first(s, n)))
		return CLAIM_NO;
	return n == s.n && proto_op_find(&proto_roc_plus, s.p[4]) != NULL
	    ? CLAIM_STRONG
	    : CLAIM_WEAK;
}

/* -------------------------------------------------------------- identity */

static void
say_mode(struct dissect *d, uint32_t mode)
{
	static const char *const names[3] = { "firmware update", "run",
		"test" };

	if (mode < 3)
		dissect_ident(d, TRAIT_MODE, span_text(names[mode]));
}

/* The answer to opcode 6. */
static void
read_configuration(struct rd *r, struct dissect *d)
{
	uint32_t mode = rd_u8(r);

	rd_skip_rest(r); /* port, access, type, how many points of each type */
	if (!rd_ok(r))
		return;
	dissect_ident(d, TRAIT_VENDOR, SPAN_LIT("Emerson"));
	say_mode(d, mode);
}

/* ---------------------------------------------------------------- points */

/* One value: a byte, a word, or four bytes that are most likely a float. */
static void
say_parameter(struct dissect *d, uint32_t op, struct fact_object at,
    struct span s)
{
	if (s.n == 1)
		dissect_value_uint(d, op, at, s.p[0]);
	else if (s.n == 2)
		dissect_value_uint(d, op, at, (uint32_t)s.p[1] << 8 | s.p[0]);
	else if (s.n == 4)
		dissect_value_real(d, op, at,
		    f32_of((uint32_t)s.p[3] << 24 | (uint32_t)s.p[2] << 16 |
			(uint32_t)s.p[1] << 8 | s.p[0]));
	else if (s.n > 4)
		fact_text(dissect_value(d, op, at), s);
}

static struct fact_object
read_tlp(struct rd *r)
{
	struct fact_object at = { .space = SPACE_ROC_POINT, .count = 1 };

	at.area = rd_u8(r);
	at.first = rd_u8(r);
	at.sub = rd_u8(r);
	return at;
}

/* Opcodes 180 and 181: count, then points, with data in 181 and answers. */
static void
read_parameters(struct rd *r, struct dissect *d, uint32_t op, struct fact *f)
{
	bool data = d->ctx.response ? op == 180 : op == 181;
	uint32_t n;

	if (!rd_more(r))
		return;
	n = rd_u8(r);
	for (uint32_t i = 0; i < n && rd_left(r) >= 3; i++) {
		struct fact_object at = read_tlp(r);

		if (i > 0 && !d->ctx.response) {
			f = dissect_emit(d, op == 180 ? FACT_READ : FACT_WRITE,
			    op);
			f->risk = op == 180 ? RISK_NONE : RISK_WRITE;
		}
		if (i == 0 || !d->ctx.response)
			f->object = at;
		if (data && n > 1)
			return;
		if (data) {
			struct span s = rd_span_rest(r);

			say_parameter(d, op, at, s);
			if (at.area == SYSTEM_POINT && at.sub == STATION_NAME &&
			    d->ctx.response)
				dissect_ident(d, TRAIT_NAME, text_trim(s));
		}
	}
}

/* Opcodes 166 and 167: type, point, how many, first parameter, data. */
static void
read_single(struct rd *r, uint32_t op, const struct dissect *d, struct fact *f)
{
	struct fact_object at = { .space = SPACE_ROC_POINT };

	if (rd_left(r) < 4)
		return;
	at.area = rd_u8(r);
	at.first = rd_u8(r);
	at.count = rd_u8(r);
	at.sub = rd_u8(r);
	f->object = at;
	if (d->ctx.response == (op == 167))
		rd_skip_rest(r); /* packed by the types of the parameters */
}

/* Opcodes 10 and 11: table, first row, how many. */
static void
read_table(struct rd *r, struct fact *f)
{
	if (rd_left(r) < 3)
		return;
	f->object.space = SPACE_ROC_TABLE;
	f->object.area = rd_u8(r);
	f->object.first = rd_u8(r);
	f->object.count = rd_u8(r);
	rd_skip_rest(r); /* version, points, data by their types */
}

/* ----------------------------------------------------------------- files */

static void
read_file(struct rd *r, struct dissect *d)
{
	uint32_t command = rd_u8(r), n;
	struct fact *f = dissect_op(d, FILE_OP(command));

	if (f->kind != FACT_ACK && command == 1 && rd_left(r) >= 126) {
		if ((rd_u8(r) & 0x0e) != 0)
			f->risk = RISK_FILE; /* opened to be written */
		rd_skip(r, 100);
		fact_text(f, rd_span(r, 25));
		f->object = (struct fact_object){ .space = SPACE_FILE };
	} else if ((command == 5 || command == 6) && rd_left(r) >= 125) {
		rd_skip(r, 100);
		fact_text(f, rd_span(r, 25));
		f->object = (struct fact_object){ .space = SPACE_FILE };
	} else if ((command == 2 || command == 3) && rd_left(r) >= 13) {
		uint32_t id = rd_le32(r), total = rd_le32(r);
		uint32_t offset = rd_le32(r);

		n = rd_u8(r);
		if (n <= rd_left(r))
			dissect_content(d, id, offset, total, rd_span(r, n), 0);
	}
	if (proto_op_find(d->proto, FILE_OP(command)) != NULL)
		rd_skip_rest(r);
	rd_opaque_rest(r);
}

/* --------------------------------------------------------------- messages */

/* Operator; the password that follows is not kept. */
static void
read_login(struct rd *r, const struct dissect *d, struct fact *f)
{
	uint32_t n = rd_left(r);

	if (!d->ctx.response && (n == 6 || n == 11))
		fact_text(f, rd_span(r, 3));
	else if (!d->ctx.response && (n == 71 || n == 76))
		fact_text(f, rd_span(r, 30));
	rd_skip_rest(r);
}

/* Second, minute, hour, day, month, year, weekday. */
static void
read_clock(struct rd *r, struct fact *f)
{
	uint32_t v[5], year;

	if (rd_left(r) < 7)
		return;
	for (uint32_t i = 0; i < 5; i++)
		v[i] = rd_u8(r);
	year = rd_le16(r);
	fact_textf(f, "%u-%02u-%02u %02u:%02u:%02u", year, v[4], v[3], v[2],
	    v[1], v[0]);
	rd_skip_rest(r);
}

static void
read_by_opcode(struct rd *r, struct dissect *d, uint32_t op)
{
	struct fact *f = dissect_op(d, op);

	switch (op) {
	case 6:
		if (d->ctx.response && rd_left(r) >= 20)
			read_configuration(r, d);
		break;
	case 7:
	case 8:
		read_clock(r, f);
		break;
	case 10:
	case 11:
		read_table(r, f);
		break;
	case 17:
		read_login(r, d, f);
		break;
	case 166:
	case 167:
		read_single(r, op, d, f);
		break;
	case 180:
	case 181:
		read_parameters(r, d, op, f);
		break;
	default:
		/* logs, history and lists of fixed form, nobody's values */
		if (proto_op_find(d->proto, op) != NULL)
			rd_skip_rest(r);
		break;
	}
	rd_opaque_rest(r);
}

static void
roc_parse(struct rd *r, struct dissect *d)
{
	struct span all = rd_ahead(r, rd_left(r));
	uint32_t to = rd_be16(r), from = rd_be16(r), op = rd_u8(r), key;
	struct rd data = rd_sub_u8(r);
	const struct ask *ask;

	rd_skip(r, TAIL);
	rd_require(r, all.n < HEAD + TAIL || crc_is_good(all),
	    "wrong checksum");
	if (!rd_ok(r))
		return;
	key = d->ctx.response ? from << 16 | to : to << 16 | from;
	dissect_unit(d, key >> 24);
	dissect_pair(d, key);
	if (op == 224) { /* report by exception: nobody asked */
		d->ctx.response = false;
	} else if (!d->ctx.response) {
		dissect_remember(d, (struct ask){ .pair = key, .op = op });
	} else {
		ask = dissect_recall(d, key);
		if (op == 255) {
			(void)dissect_error(d, ask != NULL ? ask->op : op,
			    rd_more(&data) ? rd_u8(&data) : 0);
			rd_skip_rest(&data); /* offsets, further errors */
			return;
		}
	}
	if (op == 203 && rd_more(&data))
		read_file(&data, d);
	else
		read_by_opcode(&data, d, op);
}

const struct proto proto_roc_plus = {
	.name = "roc-plus",
	.title = "Emerson ROC Plus and ROC",
	.spec = "Emerson D301180X012 (ROC Plus), A4199 (ROC)",
	.depth = "all opcodes by name; points, tables, clock, logins, files, "
		 "identity; values where a message has one parameter; data of "
		 "several, history and logs not taken apart",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { 4000 },
	.udp = { 4000 },
	.client_role = ROLE_SCADA,
	.server_role = ROLE_RTU,
	.claim = roc_claim,
	.frame = roc_frame,
	.frame_min = HEAD,
	.parse = roc_parse,
	PROTO_OPS(ops),
};
