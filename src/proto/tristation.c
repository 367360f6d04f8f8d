/*
 * tristation.c - TriStation, engineering of Triconex safety controllers.
 *
 * Unpublished; known from the analysis of TRITON (FireEye 2018, Nozomi
 * Networks 2018) and from captures.
 *
 *	+------+---------+--------+- - - - - - - - - - - -+-----+
 *	| type | channel | length | command (type 5)      | CRC |
 *	+------+---------+--------+- - - - - - - - - - - -+-----+
 *	  u8     u8        le16     length                  le16
 *
 *	+-----------+------------+---------+--------+-------+-----+--------+- -
 *	| direction | connection | command | number | -     | sum | length |
 *data
 *	+-----------+------------+---------+--------+-------+-----+--------+- -
 *	  u8 0 asks   u8           u8        u8       le16    le16  le16, from
 *	     1 answers                                              direction on
 *
 * The CRC is CRC-16/ARC.  Op is the command, in the answer that of the
 * question; of frames without command the variant is 1 and the code the type.
 * Pair is the number.  Programs come in pieces: area = identifier, first =
 * offset, count = pieces of four octets.
 */
#include "crc.h"
#include "text.h"
#include "tristation_tables.h"

#define HEAD 4u
#define TAIL 2u
#define COMMAND_HEAD 10u

#define TYPE_COMMAND 5u
#define TYPE_LAST 11u
#define ANSWER_REFUSED 100u
#define ANSWER_FIRST 100u
#define ANSWER_CP_STATUS 108u

struct status { /* said last, so that it is not said with each poll */
	uint8_t known, key, run;
};

static uint32_t
le16_at(const uint8_t *p)
{
	return (uint32_t)p[1] << 8 | p[0];
}

static bool
crc_is_good(struct span s)
{
	return s.n >= HEAD + TAIL &&
	    crc_modbus(span_first(s, s.n - TAIL), 0) ==
	    le16_at(s.p + s.n - TAIL);
}

static enum claim
tristation_claim(struct span s, const struct dissect *d)
{
	(void)d;
	if (s.n < HEAD + TAIL || s.p[0] == 0 || s.p[0] > TYPE_LAST)
		return CLAIM_NO;
	/* a ping is told with another checksum; a command has its length */
	if (le16_at(s.p + 2) + HEAD + TAIL != s.n)
		return CLAIM_NO;
	if (s.n > HEAD + TAIL && crc_is_good(s))
		return CLAIM_STRONG;
	return CLAIM_WEAK;
}

static enum way
tristation_way(struct span s)
{
	if (s.n < HEAD + 1)
		return WAY_UNKNOWN;
	if (s.p[0] == TYPE_COMMAND)
		return s.p[4] == 0 ? WAY_REQUEST : WAY_RESPONSE;
	return s.p[0] == 1 || s.p[0] == 4 ? WAY_REQUEST
	    : s.p[0] == 6                 ? WAY_UNKNOWN
					  : WAY_RESPONSE;
}

/* ------------------------------------------------------------ the answers */

/* Key switch and program, said when they differ from what was said last. */
static void
say_status(struct dissect *d, uint32_t key, uint32_t run)
{
	static const char *const keys[4] = { "key: stop", "key: program",
		"key: run", "key: remote" };
	static const char *const runs[3] = { "run", "stop", "pause" };
	struct status *st = d->state;

	if (st->known != 0 && st->key == key && st->run == run)
		return;
	*st = (struct status){ .known = 1,
		.key = (uint8_t)key,
		.run = (uint8_t)run };
	if (run < 3)
		dissect_ident(d, TRAIT_MODE, span_text(runs[run]));
	if (key < 4)
		dissect_ident(d, TRAIT_SECURITY, span_text(keys[key]));
}

/* Control program status: load, key switch, program, memory, project. */
static void
read_cp_status(struct rd *r, struct dissect *d)
{
	struct status before = *(struct status *)d->state;
	uint32_t key, run, minor, major;
	struct span name;

	rd_skip(r, 7);
	key = rd_u8(r);
	run = rd_u8(r);
	rd_skip(r, 70 - 23);
	minor = rd_le16(r);
	major = rd_le16(r);
	rd_skip(r, 4); /* when it was built */
	name = rd_span(r, 10);
	name = span_first(name, span_find(name, 0));
	rd_skip_rest(r);
	if (!rd_ok(r))
		return;
	say_status(d, key, run);
	if (before.known == 0) {
		dissect_ident(d, TRAIT_VENDOR, SPAN_LIT("Triconex"));
		dissect_ident_role(d, ABOUT_SENDER, ROLE_SAFETY);
		if (name.n > 0)
			dissect_identf(d, TRAIT_DESCRIPTION,
			    "project %.*s %u.%u", (int)name.n,
			    (const char *)name.p, major, minor);
	}
}

static void
read_answer(struct rd *r, struct dissect *d, uint32_t code, uint32_t number)
{
	const struct ask *ask = dissect_recall(d, number);
	uint32_t op = ask != NULL ? ask->op : code;
	struct fact *f;

	if (code == ANSWER_REFUSED) {
		(void)dissect_error(d, op, rd_left(r) >= 2 ? rd_le16(r) : 0);
		rd_skip_rest(r);
		return;
	}
	f = ask != NULL ? dissect_op(d, op) : dissect_emit(d, FACT_ACK, op);
	f->is_message = true;
	if (code == ANSWER_CP_STATUS && rd_left(r) >= 76) {
		read_cp_status(r, d);
	} else if (code == 162 || code == 163) { /* pieces of the program */
		if (ask != NULL)
			f->object = ask->at;
		rd_skip_rest(r);
	}
	rd_opaque_rest(r);
}

/* ---------------------------------------------------------- the questions */

/* Identifier, next, whole pieces, offset, how many words follow; words. */
static struct fact_object
read_piece(struct rd *r)
{
	struct fact_object at = { .space = SPACE_TRISTATION };

	at.area = rd_le16(r);
	rd_skip(r, 4);
	at.first = rd_le16(r);
	at.count = rd_le16(r);
	return at;
}

/*
 * What TRITON's implant takes from the status of a main processor (FireEye
 * 2018; its scripts): which, 255 for all processors, size, address, data.
 * The tool's own question has no body.
 */
static void
read_status_question(struct rd *r, struct fact *f)
{
	static const struct {
		uint8_t code;
		const char *name;
	} orders[] = { { 23, "read memory" }, { 65, "write memory" },
		{ 249, "execute" } };
	uint32_t code;

	if (rd_left(r) < 6)
		return;
	code = rd_u8(r);
	for (uint32_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		if (orders[i].code == code)
			fact_text(f, span_text(orders[i].name));
}

static void
read_question(struct rd *r, struct dissect *d, uint32_t op, uint32_t number)
{
	struct fact *f = dissect_op(d, op);
	struct ask ask = { .pair = number, .op = op };

	if ((op == 0 || op == 1) && rd_left(r) >= 10) {
		struct span name = rd_span(r, 10);

		fact_text(f, span_first(name, span_find(name, 0)));
		rd_skip_rest(r); /* versions, the project's new name */
	} else if ((op == 55 || op == 56) && rd_left(r) >= 10) {
		ask.at = f->object = read_piece(r);
		rd_skip_rest(r); /* machine code */
	} else if (op == 29) {
		read_status_question(r, f);
	} else if ((op == 65 || op == 66) && rd_left(r) >= 4) {
		ask.at.space = SPACE_TRISTATION;
		ask.at.area = rd_le16(r);
		ask.at.first = rd_le16(r);
		f->object = ask.at;
		rd_skip_rest(r);
	}
	rd_opaque_rest(r);
	dissect_remember(d, ask);
}

/* --------------------------------------------------------------- messages */

static void
read_command(struct rd *r, struct dissect *d)
{
	uint32_t direction = rd_u8(r), code, number, length;

	dissect_unit(d, rd_u8(r));
	code = rd_u8(r);
	number = rd_u8(r);
	rd_skip(r, 4); /* unknown, sum */
	length = rd_le16(r);
	rd_require(r, length >= COMMAND_HEAD, "command shorter than its head");
	if (!rd_ok(r))
		return;
	dissect_pair(d, number);
	d->ctx.response = direction != 0;
	if (d->ctx.response && code >= ANSWER_FIRST)
		read_answer(r, d, code, number);
	else
		read_question(r, d, code, number);
}

static void
tristation_parse(struct rd *r, struct dissect *d)
{
	struct span all = rd_ahead(r, rd_left(r));
	uint32_t type = rd_u8(r), length;
	struct rd body;

	rd_skip(r, 1);
	length = rd_le16(r);
	body = rd_sub(r, length);
	rd_skip(r, TAIL);
	rd_require(r, type > 0 && type <= TYPE_LAST, "no such frame");
	if (!rd_ok(r))
		return;
	if (type == TYPE_COMMAND) {
		rd_require(r, all.n == 0 || crc_is_good(all), "wrong checksum");
		read_command(&body, d);
		return;
	}
	d->ctx.response = type == 2 || type == 3 || (type >= 7);
	if (type >= 7) {
		(void)dissect_error(d, FRAME_OP(1), type);
	} else {
		if (type == 1 || type == 4)
			dissect_remember(d,
			    (struct ask){ .pair = FRAME_OP(type),
				.op = FRAME_OP(type) });
		else if (type == 2)
			(void)dissect_recall(d, FRAME_OP(1));
		else if (type == 3)
			(void)dissect_recall(d, FRAME_OP(4));
		(void)dissect_op(d, FRAME_OP(type));
	}
	rd_opaque_rest(&body);
}

const struct proto proto_tristation = {
	.name = "tristation",
	.title = "TriStation of Triconex safety controllers",
	.spec = "unpublished; analyses of TRITON by FireEye and Nozomi, 2018",
	.depth = "all commands by name, refusals, control program status with "
		 "key switch, pieces of programs; other answers opaque",
	.slot = PROTO_SLOT,
	.ot = true,
	.udp = { 1502 },
	.client_role = ROLE_ENGINEERING,
	.server_role = ROLE_SAFETY,
	.claim = tristation_claim,
	.way = tristation_way,
	.parse = tristation_parse,
	.state_size = sizeof(struct status),
	PROTO_OPS(ops),
};
