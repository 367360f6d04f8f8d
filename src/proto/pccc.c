/*
 * pccc.c - Programmable Controller Communication Commands.
 *
 * Rockwell Automation 1770-RM516 (DF1 Protocol and Command Set), chapters 6
 * to 8; carried by class 0x67 of CIP, and by CSPv4.
 *
 *	command  | cmd | sts | tns u16 | fnc, of cmd 06, 07 and 0f | data
 *	reply    | cmd | 0x40 | sts | tns u16 | ext sts, if sts is 0xf0 | data
 *
 * Op is cmd << 8 | fnc, or cmd << 8 | 0xff where there is no function code;
 * the pair is the transaction number, by which a reply's function is known.
 * Objects: area = file type << 16 | file number, first = element, sub =
 * sub-element, count = elements; of physical addresses only count, in bytes.
 */
#include "proto.h"

#include <stdio.h>

#define REPLY 0x40u
#define NO_FNC 0xffu
#define VALUES_MAX 64u

#define OP(cmd, fnc) ((uint32_t)(cmd) << 8 | (fnc))

static const struct proto_op ops[] = {
	{ OP(0x00, NO_FNC), FACT_WRITE, RISK_WRITE, "protected write" },
	{ OP(0x01, NO_FNC), FACT_READ, RISK_NONE, "unprotected read" },
	{ OP(0x02, NO_FNC), FACT_WRITE, RISK_WRITE, "protected bit write" },
	{ OP(0x04, NO_FNC), FACT_PROGRAM, RISK_NONE, "physical read" },
	{ OP(0x05, NO_FNC), FACT_WRITE, RISK_WRITE, "unprotected bit write" },
	{ OP(0x06, 0x00), FACT_DIAGNOSE, RISK_NONE, "echo" },
	{ OP(0x06, 0x01), FACT_DIAGNOSE, RISK_NONE,
	    "read diagnostic counters" },
	{ OP(0x06, 0x02), FACT_CONFIG, RISK_CONFIGURATION, "set variables" },
	{ OP(0x06, 0x03), FACT_DIAGNOSE, RISK_NONE, "diagnostic status" },
	{ OP(0x06, 0x04), FACT_CONFIG, RISK_CONFIGURATION, "set timeout" },
	{ OP(0x06, 0x05), FACT_CONFIG, RISK_CONFIGURATION, "set naks" },
	{ OP(0x06, 0x06), FACT_CONFIG, RISK_CONFIGURATION, "set enqs" },
	{ OP(0x06, 0x07), FACT_DIAGNOSE, RISK_NONE,
	    "reset diagnostic counters" },
	{ OP(0x06, 0x08), FACT_CONFIG, RISK_CONFIGURATION,
	    "set data table size" },
	{ OP(0x06, 0x09), FACT_CONFIG, RISK_NONE, "read link parameters" },
	{ OP(0x06, 0x0a), FACT_CONFIG, RISK_CONFIGURATION,
	    "set link parameters" },
	{ OP(0x07, 0x00), FACT_CONTROL, RISK_CONTROL, "disable outputs" },
	{ OP(0x07, 0x01), FACT_CONTROL, RISK_CONTROL, "enable outputs" },
	{ OP(0x07, 0x03), FACT_CONTROL, RISK_MODE, "enable plc scanning" },
	{ OP(0x07, 0x04), FACT_PROGRAM, RISK_PROGRAM, "enter download mode" },
	{ OP(0x07, 0x05), FACT_PROGRAM, RISK_PROGRAM,
	    "exit download or upload mode" },
	{ OP(0x07, 0x06), FACT_PROGRAM, RISK_NONE, "enter upload mode" },
	{ OP(0x08, NO_FNC), FACT_WRITE, RISK_WRITE, "unprotected write" },
	{ OP(0x0f, 0x00), FACT_WRITE, RISK_WRITE, "word range write" },
	{ OP(0x0f, 0x01), FACT_READ, RISK_NONE, "word range read" },
	{ OP(0x0f, 0x02), FACT_WRITE, RISK_WRITE, "bit write" },
	{ OP(0x0f, 0x03), FACT_FILE, RISK_PROGRAM, "file write" },
	{ OP(0x0f, 0x04), FACT_FILE, RISK_NONE, "file read" },
	{ OP(0x0f, 0x05), FACT_PROGRAM, RISK_PROGRAM, "download request" },
	{ OP(0x0f, 0x06), FACT_PROGRAM, RISK_NONE, "upload" },
	{ OP(0x0f, 0x07), FACT_CONTROL, RISK_MODE, "shutdown" },
	{ OP(0x0f, 0x08), FACT_PROGRAM, RISK_PROGRAM, "physical write" },
	{ OP(0x0f, 0x09), FACT_PROGRAM, RISK_NONE, "physical read" },
	{ OP(0x0f, 0x0a), FACT_CONTROL, RISK_RESET, "restart request" },
	{ OP(0x0f, 0x11), FACT_PROGRAM, RISK_PROGRAM, "get edit resource" },
	{ OP(0x0f, 0x12), FACT_PROGRAM, RISK_PROGRAM, "return edit resource" },
	{ OP(0x0f, 0x17), FACT_PROGRAM, RISK_NONE, "read bytes physical" },
	{ OP(0x0f, 0x18), FACT_PROGRAM, RISK_PROGRAM, "write bytes physical" },
	{ OP(0x0f, 0x26), FACT_WRITE, RISK_WRITE, "read modify write" },
	{ OP(0x0f, 0x29), FACT_PROGRAM, RISK_NONE, "read section size" },
	{ OP(0x0f, 0x3a), FACT_CONTROL, RISK_MODE, "set cpu mode" },
	{ OP(0x0f, 0x41), FACT_CONTROL, RISK_FORCE, "disable forces" },
	{ OP(0x0f, 0x50), FACT_PROGRAM, RISK_PROGRAM, "download all request" },
	{ OP(0x0f, 0x52), FACT_PROGRAM, RISK_PROGRAM, "download completed" },
	{ OP(0x0f, 0x53), FACT_PROGRAM, RISK_PROGRAM, "upload all request" },
	{ OP(0x0f, 0x55), FACT_PROGRAM, RISK_PROGRAM, "upload completed" },
	{ OP(0x0f, 0x57), FACT_PROGRAM, RISK_RESET, "initialize memory" },
	{ OP(0x0f, 0x5e), FACT_CONFIG, RISK_CONFIGURATION,
	    "modify plc-2 compatibility file" },
	{ OP(0x0f, 0x67), FACT_WRITE, RISK_WRITE, "typed write" },
	{ OP(0x0f, 0x68), FACT_READ, RISK_NONE, "typed read" },
	{ OP(0x0f, 0x79), FACT_WRITE, RISK_WRITE, "read modify write n" },
	{ OP(0x0f, 0x80), FACT_CONTROL, RISK_MODE, "change mode" },
	{ OP(0x0f, 0x81), FACT_FILE, RISK_NONE, "open file" },
	{ OP(0x0f, 0x82), FACT_FILE, RISK_NONE, "close file" },
	{ OP(0x0f, 0x88), FACT_PROGRAM, RISK_PROGRAM,
	    "execute multiple commands" },
	{ OP(0x0f, 0x8f), FACT_CONFIG, RISK_CONFIGURATION,
	    "apply port configuration" },
	{ OP(0x0f, 0xa1), FACT_READ, RISK_NONE,
	    "protected typed logical read, two fields" },
	{ OP(0x0f, 0xa2), FACT_READ, RISK_NONE,
	    "protected typed logical read, three fields" },
	{ OP(0x0f, 0xa7), FACT_FILE, RISK_NONE, "protected typed file read" },
	{ OP(0x0f, 0xa9), FACT_WRITE, RISK_WRITE,
	    "protected typed logical write, two fields" },
	{ OP(0x0f, 0xaa), FACT_WRITE, RISK_WRITE,
	    "protected typed logical write, three fields" },
	{ OP(0x0f, 0xab), FACT_WRITE, RISK_WRITE,
	    "protected typed logical masked write" },
	{ OP(0x0f, 0xaf), FACT_FILE, RISK_FILE, "protected typed file write" },
};

static const struct {
	uint8_t type, size; /* bytes of an element that is one number */
	const char *name; /* as addresses are written: N7:0 */
} file_types[] = {
	{ 0x22, 0, "LAD" },
	{ 0x82, 2, "O" },
	{ 0x83, 2, "I" },
	{ 0x84, 2, "S" },
	{ 0x85, 2, "B" },
	{ 0x86, 0, "T" },
	{ 0x87, 0, "C" },
	{ 0x88, 0, "R" },
	{ 0x89, 2, "N" },
	{ 0x8a, 4, "F" },
	{ 0x8b, 2, "O" },
	{ 0x8c, 2, "I" },
	{ 0x8d, 0, "ST" },
	{ 0x8e, 2, "A" },
	{ 0x8f, 2, "D" },
	{ 0x91, 4, "L" },
	{ 0xa1, 2, "output force " },
	{ 0xa2, 2, "input force " },
};
#define N_FILE_TYPES (sizeof(file_types) / sizeof(file_types[0]))

#define TYPE_FLOAT 0x8au
#define TYPE_LADDER 0x22u
#define TYPE_OUTPUT_FORCE 0xa1u
#define TYPE_INPUT_FORCE 0xa2u

static bool
has_function(uint32_t cmd)
{
	return cmd == 0x06 || cmd == 0x07 || cmd == 0x0f;
}

/* One byte, or 0xff and two (clause 7, addressing). */
static uint32_t
read_field(struct rd *r)
{
	uint32_t v = rd_u8(r);

	return v == 0xff ? rd_le16(r) : v;
}

static uint32_t
element_size(uint32_t type)
{
	for (uint32_t i = 0; i < N_FILE_TYPES; i++)
		if (file_types[i].type == type)
			return file_types[i].size;
	return 0;
}

static const char *
file_type_name(uint32_t type)
{
	for (uint32_t i = 0; i < N_FILE_TYPES; i++)
		if (file_types[i].type == type)
			return file_types[i].name;
	return NULL;
}

/* ------------------------------------------------------------------ values */

static void
read_values(struct rd *r, struct dissect *d, uint32_t op, struct fact_object at)
{
	uint32_t type = at.area >> 16, size = element_size(type);

	if (size == 0 || at.sub != 0) { /* a structure, or a part of one */
		rd_opaque_rest(r);
		return;
	}
	at.count = 1;
	if ((d->wanted & FACT_MASK(FACT_VALUE)) != 0)
		for (uint32_t i = 0; i < VALUES_MAX && rd_left(r) >= size;
		     i++, at.first++) {
			if (size == 2)
				dissect_value_int(d, op, at,
				    (int16_t)rd_le16(r));
			else if (type == TYPE_FLOAT)
				dissect_value_real(d, op, at, rd_lef32(r));
			else
				dissect_value_int(d, op, at,
				    (int32_t)rd_le32(r));
		}
	rd_skip_rest(r);
}

/* ---------------------------------------------------------------- requests */

/*
 * Protected typed logical: u8 bytes, file number, u8 type, element and, with
 * three fields, sub-element.
 */
static struct fact_object
read_logical(struct rd *r, bool three)
{
	uint32_t bytes = rd_u8(r), file = read_field(r), type = rd_u8(r);
	uint32_t element = read_field(r), part = three ? read_field(r) : 0;
	uint32_t size = element_size(type);

	return (struct fact_object){ .space = SPACE_PCCC_FILE,
		.area = type << 16 | file,
		.first = element,
		.count = size > 0 && bytes >= size ? bytes / size : 1,
		.sub = (uint16_t)part };
}

/*
 * PLC-5 system address in logical binary: a byte whose bits say which levels
 * follow, the lowest first; or "\0$" and text to a NUL.
 */
static struct fact_object
read_system_address(struct rd *r, struct span *ret_text)
{
	struct fact_object at = { .space = SPACE_PCCC_FILE, .count = 1 };
	uint32_t mask = rd_u8(r), level[8] = { 0 };

	if (mask == 0) {
		uint32_t n = 0;
		struct span rest;

		rd_skip(r, 1); /* '$' */
		rest = rd_ahead(r, rd_have(r));
		n = span_find(rest, 0);
		*ret_text = rd_span(r, n);
		if (rd_more(r))
			rd_skip(r, 1);
		return at;
	}
	for (uint32_t i = 0; i < 8; i++)
		if ((mask >> i & 1) != 0)
			level[i] = read_field(r);
	at.area = level[1];
	at.first = level[2];
	at.sub = (uint16_t)level[3];
	return at;
}

/* What a request touches, and what it says besides. */
struct request {
	struct fact_object at;
	struct span text;
	uint32_t mode;
	bool has_mode;
};

static struct request
read_0f(struct rd *r, uint32_t fnc)
{
	struct request q = { .has_mode = false };

	switch (fnc) {
	case 0xa1:
	case 0xa9:
		q.at = read_logical(r, false);
		break;
	case 0xa2:
	case 0xaa:
	case 0xab:
		q.at = read_logical(r, true);
		break;
	case 0xa7:
	case 0xaf: /* size, tag, offset, file type */
		q.at.count = rd_u8(r);
		rd_skip(r, 2);
		q.at.first = rd_le16(r);
		q.at.area = (uint32_t)rd_u8(r) << 16;
		q.at.space = SPACE_PCCC_FILE;
		break;
	case 0x00:
	case 0x01:
	case 0x67:
	case 0x68: { /* u16 packet offset, u16 elements in all */
		uint32_t offset = rd_le16(r), total = rd_le16(r);

		q.at = read_system_address(r, &q.text);
		q.at.first += offset;
		q.at.count = total;
		break;
	}
	case 0x02:
	case 0x26:
	case 0x79:
		q.at = read_system_address(r, &q.text);
		break;
	case 0x81: /* memory type, file number, file type */
		rd_skip(r, 1);
		q.at.area = rd_le16(r);
		q.at.area |= (uint32_t)rd_u8(r) << 16;
		q.at.space = SPACE_PCCC_FILE;
		q.at.count = 1;
		break;
	case 0x3a:
	case 0x80:
		q.mode = rd_u8(r);
		q.has_mode = true;
		break;
	default:
		break;
	}
	return q;
}

static const char *
mode_name(uint32_t fnc, uint32_t mode)
{
	if (fnc == 0x3a)
		switch (BITS(mode, 1, 0)) {
		case 0:
			return "program";
		case 1:
			return "remote test";
		case 2:
			return "remote run";
		default:
			return "no change";
		}
	switch (mode) {
	case 1:
		return "remote program";
	case 6:
		return "remote run";
	case 7:
		return "remote test, continuous";
	case 8:
		return "remote test, single";
	case 9:
		return "remote test, debug";
	default:
		return "unknown mode";
	}
}

static bool
is_logical_write(uint32_t fnc)
{
	return fnc == 0xa9 || fnc == 0xaa;
}

/* Forcing and changing the ladder are writes to files of those types. */
static void
sharpen_risk(struct fact *f, uint32_t type)
{
	if (f->kind != FACT_WRITE)
		return;
	if (type == TYPE_OUTPUT_FORCE || type == TYPE_INPUT_FORCE)
		f->risk = RISK_FORCE;
	else if (type == TYPE_LADDER)
		f->risk = RISK_PROGRAM;
}

static void
say_request(struct dissect *d, uint32_t op, const struct request *q)
{
	struct fact *f = dissect_op(d, op);
	uint32_t type = q->at.area >> 16;
	char part[8];

	f->object = q->at;
	sharpen_risk(f, type);
	if (f->kind == FACT_NONE)
		return;
	(void)snprintf(part, sizeof(part), ".%u", q->at.sub);
	if (q->has_mode)
		fact_text(f, span_text(mode_name(op & 0xff, q->mode)));
	else if (q->text.n > 0)
		fact_text(f, q->text);
	else if (file_type_name(type) != NULL)
		fact_textf(f, "%s%u:%u%.*s", file_type_name(type),
		    q->at.area & 0xffff, q->at.first, q->at.sub != 0 ? 5 : 0,
		    part);
}

/* The basic commands: u16 address in bytes, then a size or data. */
static struct request
read_basic(struct rd *r, uint32_t cmd)
{
	struct request q = { .has_mode = false };

	q.at.space = SPACE_PCCC_FILE;
	q.at.first = rd_le16(r);
	q.at.count = cmd == 0x01 || cmd == 0x04 ? rd_u8(r) : 1;
	return q;
}

static void
parse_request(struct rd *r, struct dissect *d, uint32_t cmd, uint32_t tns)
{
	uint32_t fnc = has_function(cmd) ? rd_u8(r) : NO_FNC;
	struct request q = { .has_mode = false };

	if (cmd == 0x0f)
		q = read_0f(r, fnc);
	else if (fnc == NO_FNC)
		q = read_basic(r, cmd);
	if (!rd_ok(r))
		return;
	say_request(d, OP(cmd, fnc), &q);
	dissect_remember(d,
	    (struct ask){ .pair = tns, .op = OP(cmd, fnc), .at = q.at });
	if (cmd == 0x0f && is_logical_write(fnc))
		read_values(r, d, OP(cmd, fnc), q.at);
	else if (cmd == 0x06)
		rd_skip_rest(r);
	else
		rd_opaque_rest(r);
}

/* ----------------------------------------------------------------- replies */

static const char *
status_name(uint32_t sts)
{
	static const char *const remote[16] = { NULL, "illegal command",
		"host has a problem", "remote node missing", "hardware fault",
		"addressing problem or protected", "function not allowed",
		"processor is in program mode",
		"compatibility file missing or zone problem",
		"remote node cannot buffer", "waiting for acknowledge",
		"remote node busy with a download", "waiting for acknowledge",
		NULL, NULL, "extended status" };
	static const char *const local[10] = { NULL,
		"destination out of buffers", "no acknowledge from destination",
		"duplicate token holder", "local port is disconnected",
		"application layer timed out", "duplicate node",
		"station is offline", "hardware fault", NULL };

	if (sts >> 4 != 0)
		return remote[sts >> 4];
	return sts < 10 ? local[sts] : NULL;
}

/*
 * Diagnostic status of SLC 500 and MicroLogix: mode, 0xee, two bytes of type,
 * series << 5 | revision, eleven characters of catalogue number.
 */
static void
say_processor(struct rd *r, struct dissect *d)
{
	uint32_t extender, series;
	struct span name;

	rd_skip(r, 1);
	extender = rd_u8(r);
	if (extender != 0xee) { /* PLC-5 and others: numbers only */
		rd_skip_rest(r);
		return;
	}
	rd_skip(r, 2);
	series = rd_u8(r);
	name = rd_span(r, 11);
	rd_skip_rest(r);
	if (!rd_ok(r))
		return;
	dissect_ident(d, TRAIT_VENDOR, SPAN_LIT("Rockwell Automation"));
	dissect_ident(d, TRAIT_ORDER, name);
	dissect_identf(d, TRAIT_HARDWARE, "series %c, revision code %u",
	    (char)('A' + (series >> 5)), series & 0x1f);
	dissect_ident_role(d, ABOUT_SENDER, ROLE_PLC);
}

static void
reply_data(struct rd *r, struct dissect *d, const struct ask *ask)
{
	uint32_t fnc = ask->op & 0xff;

	if (ask->op == OP(0x06, 0x03) && rd_left(r) >= 16)
		say_processor(r, d);
	else if (ask->op >> 8 == 0x0f && (fnc == 0xa1 || fnc == 0xa2))
		read_values(r, d, ask->op, ask->at);
	else
		rd_opaque_rest(r);
}

static void
say_error(struct dissect *d, uint32_t op, uint32_t sts, uint32_t ext,
    const struct ask *ask)
{
	struct fact *f = dissect_error(d, op, ext << 8 | sts);
	const char *name = status_name(sts);

	if (ask != NULL)
		f->object = ask->at;
	if (f->kind == FACT_NONE)
		return;
	if (ext != 0)
		fact_textf(f, "extended status 0x%02x", ext);
	else
		fact_text(f, span_text(name != NULL ? name : "unknown status"));
}

static void
parse_reply(struct rd *r, struct dissect *d, uint32_t cmd, uint32_t sts,
    uint32_t tns)
{
	uint32_t ext = sts == 0xf0 && rd_more(r) ? rd_u8(r) : 0, op;
	const struct ask *ask;

	if (!rd_ok(r))
		return;
	ask = dissect_recall(d, tns);
	op = ask != NULL && ask->op >> 8 == cmd ? ask->op : OP(cmd, NO_FNC);
	if (sts != 0) {
		say_error(d, op, sts, ext, ask);
		rd_opaque_rest(r);
	} else if (op != OP(cmd, NO_FNC) || !has_function(cmd)) {
		struct fact *f = dissect_op(d, op);

		if (ask != NULL)
			f->object = ask->at;
		if (ask != NULL)
			reply_data(r, d, ask);
	} else { /* of a function nobody saw asked for */
		struct fact *f = dissect_emit(d, FACT_ACK, op);

		f->is_message = true;
		rd_opaque_rest(r);
	}
}

static void
pccc_parse(struct rd *r, struct dissect *d)
{
	uint32_t cmd = rd_u8(r), sts = rd_u8(r), tns = rd_le16(r);

	if (!rd_ok(r))
		return;
	dissect_pair(d, tns);
	d->ctx.response = (cmd & REPLY) != 0;
	if ((cmd & REPLY) != 0)
		parse_reply(r, d, cmd & 0x0f, sts, tns);
	else
		parse_request(r, d, cmd & 0x0f, tns);
}

const struct proto proto_pccc = {
	.name = "pccc",
	.title = "Programmable Controller Communication Commands",
	.spec = "Rockwell Automation 1770-RM516",
	.depth = "all published functions, addresses, status; values of typed "
		 "reads and writes; processor identity",
	.slot = PROTO_SLOT,
	.ot = true,
	.client_role = ROLE_HMI,
	.server_role = ROLE_PLC,
	.parse = pccc_parse,
	PROTO_OPS(ops),
};
