/*
 * pcom.c - PCOM over TCP, Unitronics controllers.
 *
 * Unitronics, Communication with the Vision PLC (PCOM protocol); the header
 * over TCP of the same maker.
 *
 *	+-------------+------+---+--------+- - - - -
 *	| transaction | mode | 0 | length | message
 *	+-------------+------+---+--------+- - - - -
 *	  le16          u8         le16
 *
 *	mode 101, ASCII: "/" or, answered, "/A", unit of two hexadecimal
 *		digits, command, parameters, checksum of two digits, CR
 *	mode 102, binary: "/_OPLC", unit u8, FEh, 1, 0 0 0, command u8, 0,
 *		detail of six octets, length le16, checksum le16, data,
 *		checksum le16, "\"
 *
 * Op is the binary command; of ASCII, with variant 1, a number of ours for the
 * letters.  Pair is the transaction, unit the controller's.  Objects: first =
 * address of the operand, count.
 */
#include "proto.h"
#include "text.h"

#define HEAD 6u
#define MODE_ASCII 101u
#define MODE_BINARY 102u
#define ANSWERED 0x80u

#define ASCII(code) FACT_OP(1, code)

static const struct proto_op ops[] = {
	{ 0x04, FACT_READ, RISK_NONE, "read data tables" },
	{ 0x0c, FACT_DISCOVER, RISK_NONE, "get plc name" },
	{ 0x44, FACT_WRITE, RISK_WRITE, "write data tables" },
	{ 0x4d, FACT_READ, RISK_NONE, "read operands" },
	{ ASCII(0), FACT_UNKNOWN, RISK_NONE, "other command" },
	{ ASCII(1), FACT_DISCOVER, RISK_NONE, "id" },
	{ ASCII(2), FACT_DISCOVER, RISK_NONE, "ug (get unit)" },
	{ ASCII(3), FACT_CONFIG, RISK_CONFIGURATION, "us (set unit)" },
	{ ASCII(4), FACT_CONTROL, RISK_RESET, "cce (reset)" },
	{ ASCII(5), FACT_CONTROL, RISK_RESET, "cci (init)" },
	{ ASCII(6), FACT_CONTROL, RISK_MODE, "ccr (run)" },
	{ ASCII(7), FACT_CONTROL, RISK_MODE, "ccs (stop)" },
	{ ASCII(8), FACT_TIME, RISK_NONE, "rc (read clock)" },
	{ ASCII(9), FACT_TIME, RISK_TIME, "sc (set clock)" },
	{ ASCII(10), FACT_READ, RISK_NONE, "rb (read bits)" },
	{ ASCII(11), FACT_READ, RISK_NONE, "re (read inputs)" },
	{ ASCII(12), FACT_READ, RISK_NONE, "ra (read outputs)" },
	{ ASCII(13), FACT_READ, RISK_NONE, "gs (read system bits)" },
	{ ASCII(14), FACT_READ, RISK_NONE, "rw (read integers)" },
	{ ASCII(15), FACT_READ, RISK_NONE, "gf (read system integers)" },
	{ ASCII(16), FACT_READ, RISK_NONE, "rnl (read longs)" },
	{ ASCII(17), FACT_READ, RISK_NONE, "rnd (read double words)" },
	{ ASCII(18), FACT_READ, RISK_NONE, "rnh (read system longs)" },
	{ ASCII(19), FACT_READ, RISK_NONE, "rnj (read system double words)" },
	{ ASCII(20), FACT_READ, RISK_NONE, "rnf (read floats)" },
	{ ASCII(30), FACT_WRITE, RISK_WRITE, "sb (write bits)" },
	{ ASCII(31), FACT_WRITE, RISK_WRITE, "sa (write outputs)" },
	{ ASCII(32), FACT_WRITE, RISK_WRITE, "ss (write system bits)" },
	{ ASCII(33), FACT_WRITE, RISK_WRITE, "sw (write integers)" },
	{ ASCII(34), FACT_WRITE, RISK_WRITE, "sf (write system integers)" },
	{ ASCII(35), FACT_WRITE, RISK_WRITE, "snl (write longs)" },
	{ ASCII(36), FACT_WRITE, RISK_WRITE, "snd (write double words)" },
	{ ASCII(37), FACT_WRITE, RISK_WRITE, "snh (write system longs)" },
	{ ASCII(38), FACT_WRITE, RISK_WRITE,
	    "snj (write system double words)" },
	{ ASCII(39), FACT_WRITE, RISK_WRITE, "snf (write floats)" },
};

/* Letters, our number, kind of operand, digits of a value (1: a bit). */
static const struct word {
	char letters[4];
	uint8_t op, space, digits;
} words[] = {
	{ "id", 1, SPACE_NONE, 0 },
	{ "ug", 2, SPACE_NONE, 0 },
	{ "us", 3, SPACE_NONE, 0 },
	{ "cce", 4, SPACE_NONE, 0 },
	{ "cci", 5, SPACE_NONE, 0 },
	{ "ccr", 6, SPACE_NONE, 0 },
	{ "ccs", 7, SPACE_NONE, 0 },
	{ "rc", 8, SPACE_NONE, 0 },
	{ "sc", 9, SPACE_NONE, 0 },
	{ "rb", 10, SPACE_PCOM_BIT, 1 },
	{ "re", 11, SPACE_PCOM_INPUT, 1 },
	{ "ra", 12, SPACE_PCOM_OUTPUT, 1 },
	{ "gs", 13, SPACE_PCOM_SYSTEM, 1 },
	{ "rw", 14, SPACE_PCOM_INTEGER, 4 },
	{ "gf", 15, SPACE_PCOM_SYSTEM, 4 },
	{ "rnl", 16, SPACE_PCOM_LONG, 8 },
	{ "rnd", 17, SPACE_PCOM_LONG, 8 },
	{ "rnh", 18, SPACE_PCOM_SYSTEM, 8 },
	{ "rnj", 19, SPACE_PCOM_SYSTEM, 8 },
	{ "rnf", 20, SPACE_PCOM_LONG, 0 },
	{ "sb", 30, SPACE_PCOM_BIT, 1 },
	{ "sa", 31, SPACE_PCOM_OUTPUT, 1 },
	{ "ss", 32, SPACE_PCOM_SYSTEM, 1 },
	{ "sw", 33, SPACE_PCOM_INTEGER, 4 },
	{ "sf", 34, SPACE_PCOM_SYSTEM, 4 },
	{ "snl", 35, SPACE_PCOM_LONG, 8 },
	{ "snd", 36, SPACE_PCOM_LONG, 8 },
	{ "snh", 37, SPACE_PCOM_SYSTEM, 8 },
	{ "snj", 38, SPACE_PCOM_SYSTEM, 8 },
	{ "snf", 39, SPACE_PCOM_LONG, 0 },
};

/* --------------------------------------------------------------- framing */

static uint32_t
pcom_frame(struct span s, const struct dissect *d)
{
	uint32_t n = (uint32_t)s.p[5] << 8 | s.p[4];

	(void)d;
	if ((s.p[2] != MODE_ASCII && s.p[2] != MODE_BINARY) || s.p[3] != 0 ||
	    n < 6 || n > 2048)
		return FRAME_NOT_MINE;
	return HEAD + n;
}

static enum claim
pcom_claim(struct span s, const struct dissect *d)
{
	uint32_t n = s.n > HEAD ? pcom_frame(s, d) : FRAME_NOT_MINE;

	if (n == FRAME_NOT_MINE || s.p[HEAD] != '/')
		return CLAIM_NO;
	if (s.p[2] == MODE_BINARY)
		return s.n >= HEAD + 6 &&
			span_starts(span_from(s, HEAD), SPAN_LIT("/_OPLC"))
		    ? CLAIM_STRONG
		    : CLAIM_NO;
	return n == s.n && s.p[n - 1] == '\r' ? CLAIM_STRONG : CLAIM_NO;
}

/* -------------------------------------------------------------------- hex */

static uint32_t
hex_of(struct span s)
{
	uint32_t v = 0;

	for (uint32_t i = 0; i < s.n; i++) {
		uint32_t c = text_lower(s.p[i]);

		v = v << 4 |
		    (text_is_digit((uint8_t)c)     ? c - (uint32_t)'0'
			    : c >= 'a' && c <= 'f' ? c - (uint32_t)'a' + 10
						   : 0);
	}
	return v;
}

/* The longest word that the text begins with. */
static const struct word *
word_of(struct span s)
{
	for (uint32_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (text_starts(s, words[i].letters))
			return &words[i];
	return NULL;
}

static void
say_values(struct dissect *d, uint32_t op, const struct word *w,
    struct fact_object at, struct span s)
{
	uint32_t n = at.count;

	at.count = 1;
	for (uint32_t i = 0; i < n && w->digits > 0 && s.n >= w->digits;
	     i++, at.first++) {
		uint32_t v = hex_of(span_first(s, w->digits));

		if (w->digits == 1)
			dissect_value_bool(d, op, at, v != 0);
		else if (w->digits == 4)
			dissect_value_int(d, op, at, (int16_t)v);
		else
			dissect_value_int(d, op, at, (int32_t)v);
		s = span_from(s, w->digits);
	}
}

/* --------------------------------------------------------------- messages */

static void
read_question(struct dissect *d, const struct word *w, uint32_t op,
    struct span s, struct fact *f)
{
	struct ask ask = { .pair = d->ctx.pair, .op = op };

	if (w->space != SPACE_NONE && s.n >= 6) {
		ask.at.space = w->space;
		ask.at.first = hex_of(span_first(s, 4));
		ask.at.count = hex_of(span_first(span_from(s, 4), 2));
		f->object = ask.at;
		if (w->op >= 30)
			say_values(d, op, w, ask.at, span_from(s, 6));
	}
	dissect_remember(d, ask);
}

static void
read_ascii(struct rd *r, struct dissect *d)
{
	struct span s = rd_span(r, rd_left(r));
	const struct word *w;
	const struct ask *ask;
	struct fact *f;
	uint32_t op;

	rd_require(r, s.n >= 6 && s.p[0] == '/' && s.p[s.n - 1] == '\r',
	    "no marks around it");
	if (!rd_ok(r))
		return;
	d->ctx.response = s.p[1] == 'A' && !d->to_server;
	s = span_from(span_first(s, s.n - 3), d->ctx.response ? 2 : 1);
	dissect_unit(d, hex_of(span_first(s, 2)));
	s = span_from(s, 2);
	w = word_of(s);
	op = ASCII(w != NULL ? w->op : 0u);
	if (d->ctx.response) {
		ask = dissect_recall(d, d->ctx.pair);
		f = dissect_op(d, w == NULL && ask != NULL ? ask->op : op);
		if (ask == NULL || w == NULL || ask->op != op)
			return; /* "CC" answers to CCR, CCS, CCE and CCI */
		f->object = ask->at;
		s = span_from(s, (uint32_t)strlen(w->letters));
		if (w->op == 1) {
			dissect_ident(d, TRAIT_VENDOR, SPAN_LIT("Unitronics"));
			dissect_ident(d, TRAIT_DESCRIPTION, s);
		} else if (w->op < 30) {
			say_values(d, op, w, ask->at, s);
		}
		return;
	}
	f = dissect_op(d, op);
	if (w == NULL)
		fact_text(f, span_first(s, 3));
	else
		read_question(d, w, op,
		    span_from(s, (uint32_t)strlen(w->letters)), f);
}

static void
read_binary(struct rd *r, struct dissect *d)
{
	uint32_t command, length;
	struct rd data;

	rd_skip(r, 6);
	if (d->ctx.response)
		rd_skip(r, 1);
	dissect_unit(d, rd_u8(r));
	rd_skip(r, d->ctx.response ? 4 : 5);
	command = rd_u8(r);
	rd_skip(r, 7);
	length = rd_le16(r);
	rd_skip(r, 2);
	data = rd_sub(r, length);
	rd_skip(r, 3);
	if (!rd_ok(r))
		return;
	if (d->ctx.response)
		(void)dissect_recall(d, d->ctx.pair);
	else
		dissect_remember(d,
		    (struct ask){ .pair = d->ctx.pair, .op = command });
	command &= ~ANSWERED;
	(void)dissect_op(d, command);
	if (command == 0x0c && d->ctx.response)
		dissect_ident(d, TRAIT_NAME, rd_span_rest(&data));
	rd_opaque_rest(&data);
}

static void
pcom_parse(struct rd *r, struct dissect *d)
{
	uint32_t transaction = rd_le16(r), mode = rd_u8(r), length;
	struct rd body;

	rd_skip(r, 1);
	length = rd_le16(r);
	body = rd_sub(r, length);
	rd_require(r, mode == MODE_ASCII || mode == MODE_BINARY,
	    "no such mode");
	if (!rd_ok(r))
		return;
	dissect_pair(d, transaction);
	if (mode == MODE_ASCII)
		read_ascii(&body, d);
	else
		read_binary(&body, d);
	rd_opaque_rest(&body);
}

const struct proto proto_pcom = {
	.name = "pcom",
	.title = "Unitronics PCOM",
	.spec = "Unitronics, Communication with the Vision PLC",
	.depth =
	    "ASCII commands with operands and values both ways, run, stop, "
	    "reset; binary commands by name, their data opaque",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { 20256 },
	.client_role = ROLE_HMI,
	.server_role = ROLE_PLC,
	.claim = pcom_claim,
	.frame = pcom_frame,
	.frame_min = HEAD,
	.parse = pcom_parse,
	PROTO_OPS(ops),
};
