/*
 * umas.c - UMAS, the programming protocol of Schneider's Modicon controllers.
 *
 * Unpublished; known from Kaspersky's report of 2022, the open descriptions of
 * Apache PLC4X and others.  Inside Modbus function 90.
 *
 *	+---------+-----------+- - - - -		request
 *	| session | function  | data
 *	+---------+-----------+- - - - -
 *	+---------+-----------+- - - - -		response
 *	| session | FEh / FDh | data, or the error
 *	+---------+-----------+- - - - -
 *
 * Numbers are little-endian.  Op is the function, in the response that of the
 * request, or FEh / FDh where none was seen.  Objects: area = block, first =
 * offset, count.
 */
#include "proto.h"

#define ANSWER_OK 0xfeu
#define ANSWER_ERROR 0xfdu

static const struct proto_op ops[] = {
	{ 0x01, FACT_SESSION, RISK_NONE, "init comm" },
	{ 0x02, FACT_DISCOVER, RISK_NONE, "read id" },
	{ 0x03, FACT_DISCOVER, RISK_NONE, "read project info" },
	{ 0x04, FACT_DIAGNOSE, RISK_NONE, "read plc info" },
	{ 0x06, FACT_DISCOVER, RISK_NONE, "read card info" },
	{ 0x0a, FACT_DIAGNOSE, RISK_NONE, "repeat" },
	{ 0x10, FACT_LOGIN, RISK_PROGRAM, "take plc reservation" },
	{ 0x11, FACT_LOGIN, RISK_NONE, "release plc reservation" },
	{ 0x12, FACT_SESSION, RISK_NONE, "keep alive" },
	{ 0x20, FACT_READ, RISK_NONE, "read memory block" },
	{ 0x21, FACT_WRITE, RISK_WRITE, "write memory block" },
	{ 0x22, FACT_READ, RISK_NONE, "read variables" },
	{ 0x23, FACT_WRITE, RISK_WRITE, "write variables" },
	{ 0x24, FACT_READ, RISK_NONE, "read coils and registers" },
	{ 0x25, FACT_WRITE, RISK_WRITE, "write coils and registers" },
	{ 0x26, FACT_READ, RISK_NONE, "data dictionary" },
	{ 0x30, FACT_PROGRAM, RISK_PROGRAM, "initialize upload" },
	{ 0x31, FACT_PROGRAM, RISK_PROGRAM, "upload block" },
	{ 0x32, FACT_PROGRAM, RISK_PROGRAM, "end upload" },
	{ 0x33, FACT_PROGRAM, RISK_PROGRAM, "initialize download" },
	{ 0x34, FACT_PROGRAM, RISK_PROGRAM, "download block" },
	{ 0x35, FACT_PROGRAM, RISK_PROGRAM, "end download" },
	{ 0x39, FACT_PROGRAM, RISK_PROGRAM, "read ethernet master data" },
	{ 0x40, FACT_CONTROL, RISK_MODE, "start plc" },
	{ 0x41, FACT_CONTROL, RISK_MODE, "stop plc" },
	{ 0x50, FACT_DIAGNOSE, RISK_NONE, "monitor plc" },
	{ 0x58, FACT_DIAGNOSE, RISK_NONE, "check plc" },
	{ 0x6d, FACT_SESSION, RISK_NONE, "security service" },
	{ 0x70, FACT_READ, RISK_NONE, "read io object" },
	{ 0x71, FACT_WRITE, RISK_WRITE, "write io object" },
	{ 0x72, FACT_DIAGNOSE, RISK_NONE, "io object service 72h" },
	{ 0x73, FACT_DIAGNOSE, RISK_NONE, "get module status" },
	{ ANSWER_ERROR, FACT_UNKNOWN, RISK_NONE, "error" },
	{ ANSWER_OK, FACT_UNKNOWN, RISK_NONE, "success" },
};

static uint32_t
umas_key(const struct dissect *d)
{
	return d->ctx.pair | d->ctx.unit << 16;
}

/* --------------------------------------------------------------- requests */

/* Range, block, offset, unknown, octets; data of a write. */
static void
memory_block(struct rd *r, struct fact *f, struct ask *ask)
{
	if (rd_left(r) < 9)
		return;
	rd_skip(r, 1);
	ask->at.space = SPACE_UMAS_BLOCK;
	ask->at.area = rd_le16(r);
	ask->at.first = rd_le16(r);
	rd_skip(r, 2);
	ask->at.count = rd_le16(r);
	f->object = ask->at;
}

/* What stands in memory; of what type is in the project, not on the wire. */
static void
octets(struct rd *r, uint32_t n)
{
	rd_skip(r, n < rd_left(r) ? n : rd_left(r));
}

/* Octets of a variable's type, by the low nibble of its description. */
static uint32_t
variable_size(uint32_t index)
{
	static const uint8_t size[4] = { 0, 1, 2, 4 };

	return index < 4 ? size[index] : 1;
}

/* One variable: type, block, base offset, offset, how many of an array. */
static bool
variable(struct rd *r, uint32_t fn, struct fact_object *ret)
{
	uint32_t type = rd_u8(r), base;
	struct fact_object o = { .space = SPACE_UMAS_BLOCK, .count = 1 };

	o.area = rd_le16(r);
	if (fn == 0x22)
		rd_skip(r, 1);
	base = rd_le16(r);
	o.first = base + (fn == 0x22 ? rd_u8(r) : rd_le16(r));
	if (type >> 4 != 0)
		o.count = rd_le16(r);
	if (fn == 0x23) {
		uint32_t n = variable_size(type & 15) * o.count;

		if (n > rd_left(r))
			return false;
		rd_skip(r, n);
	}
	*ret = o;
	return rd_ok(r);
}

/* Checksum of the program, count, variables. */
static void
variables(struct rd *r, struct dissect *d, uint32_t fn, struct fact *f)
{
	uint32_t n;
	struct fact_object o;

	if (rd_left(r) < 5)
		return;
	rd_skip(r, 4);
	n = rd_u8(r);
	for (uint32_t i = 0; i < n && rd_left(r) >= 7; i++) {
		if (!variable(r, fn, &o))
			return;
		if (i > 0) {
			f = dissect_emit(d, fn == 0x22 ? FACT_READ : FACT_WRITE,
			    fn);
			f->risk = fn == 0x22 ? RISK_NONE : RISK_WRITE;
		}
		f->object = o;
	}
}

/* Unknown, and the name of who wants the controller for himself. */
static void
reservation(struct rd *r, struct fact *f)
{
	struct rd name;

	if (rd_left(r) < 5)
		return;
	rd_skip(r, 4);
	if (rd_left(r) == 0)
		return;
	name = rd_sub_u8(r);
	fact_text(f, rd_span(&name, rd_left(&name)));
}

static void
dictionary(struct rd *r, struct fact *f)
{
	if (rd_left(r) < 11)
		return;
	rd_skip(r, 7); /* record type, index, hardware */
	f->object = (struct fact_object){ .space = SPACE_UMAS_BLOCK,
		.area = rd_le16(r),
		.first = rd_le16(r) };
}

/* Blocks of a transfer: unknown, number. */
static void
transfer(struct rd *r, struct fact *f)
{
	if (rd_left(r) < 4)
		return;
	rd_skip(r, 2);
	f->object = (struct fact_object){ .space = SPACE_UMAS_BLOCK,
		.first = rd_le16(r),
		.count = 1 };
}

static void
request(struct rd *r, struct dissect *d, uint32_t fn)
{
	struct fact *f = dissect_op(d, fn);
	struct ask ask = { .pair = umas_key(d), .op = fn };

	switch (fn) {
	case 0x03:
		if (rd_left(r) > 0)
			ask.extra[0] = rd_u8(r);
		break;
	case 0x10:
		reservation(r, f);
		break;
	case 0x0a:
		rd_skip_rest(r); /* comes back as it is */
		break;
	case 0x20:
	case 0x21:
		memory_block(r, f, &ask);
		if (fn == 0x21)
			octets(r, ask.at.count);
		break;
	case 0x22:
	case 0x23:
		variables(r, d, fn, f);
		break;
	case 0x26:
		dictionary(r, f);
		break;
	case 0x31:
	case 0x34:
		transfer(r, f);
		break;
	default:
		break;
	}
	dissect_remember(d, ask);
}

/* -------------------------------------------------------------- responses */

static bool
is_text(struct span s)
{
	for (uint32_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			return false;
	return s.n > 0;
}

/* Counted text, its closing NUL taken off; empty when it is none. */
static struct span
counted_text(struct rd *r)
{
	uint32_t n = rd_left(r) > 0 ? rd_u8(r) : 0;
	struct span s;

	if (n > rd_left(r))
		return SPAN(NULL, 0);
	s = rd_span(r, n);
	s = span_first(s, span_find(s, 0));
	return is_text(s) ? s : SPAN(NULL, 0);
}

/* Range, identifier, model, versions, hardware, crash code, name. */
static void
identity(struct rd *r, struct dissect *d)
{
	uint32_t version, hardware;
	struct span name;

	if (rd_left(r) < 23)
		return;
	rd_skip(r, 8);
	version = rd_le16(r);
	rd_skip(r, 4);
	hardware = rd_le16(r);
	rd_skip(r, 6);
	name = counted_text(r);
	if (!rd_ok(r) || name.n == 0)
		return;
	dissect_ident(d, TRAIT_VENDOR, SPAN_LIT("Schneider Electric"));
	dissect_ident(d, TRAIT_MODEL, name);
	if (version != 0)
		dissect_identf(d, TRAIT_FIRMWARE, "V%x.%02x", version >> 8,
		    version & 0xff);
	if (hardware != 0)
		dissect_identf(d, TRAIT_HARDWARE, "%u", hardware);
}

/*
 * Unknown 18; when changed, when built: weekday, second, minute, hour, day,
 * month, year; revision; name.
 */
static void
project(struct rd *r, struct dissect *d)
{
	uint32_t minute, hour, day, month, year, revision[3];
	struct span name;

	if (rd_left(r) < 40)
		return;
	rd_skip(r, 20);
	minute = rd_u8(r);
	hour = rd_u8(r);
	day = rd_u8(r);
	month = rd_u8(r);
	year = rd_le16(r);
	rd_skip(r, 8);
	for (uint32_t i = 0; i < 3; i++)
		revision[i] = rd_u8(r);
	rd_skip(r, 1);
	name = counted_text(r);
	if (!rd_ok(r) || name.n == 0)
		return;
	dissect_identf(d, TRAIT_DESCRIPTION,
	    "project %.*s %u.%u.%u of %u-%02u-%02u %02u:%02u",
	    (int)(name.n < 48 ? name.n : 48), (const char *)name.p, revision[2],
	    revision[1], revision[0], year, month, day, hour, minute);
}

static void
card(struct rd *r, struct dissect *d)
{
	struct span name;

	if (rd_left(r) < 9)
		return;
	rd_skip(r, 7);
	name = counted_text(r);
	if (rd_ok(r) && name.n > 0)
		dissect_identf(d, TRAIT_MODULE, "memory card %.*s",
		    (int)(name.n < 64 ? name.n : 64), (const char *)name.p);
}

/* Longest message, version of the firmware, two unknown numbers, name. */
static void
greeting(struct rd *r, struct dissect *d)
{
	struct span name;

	if (rd_left(r) < 13)
		return;
	rd_skip(r, 2);
	rd_skip(r, 2); /* as the identity has it, better */
	rd_opaque(r, 8);
	name = counted_text(r);
	if (rd_ok(r))
		dissect_ident(d, TRAIT_NAME, name);
}

/* Unknown 3, count, checksums of as many parts of the project, unknown. */
static void
status_of_plc(struct rd *r)
{
	uint32_t n;

	if (rd_left(r) < 4)
		return;
	rd_opaque(r, 3);
	n = rd_u8(r);
	octets(r, n * 4);
}

static void
answer_data(struct rd *r, struct dissect *d, const struct ask *ask)
{
	switch (ask->op) {
	case 0x01:
		greeting(r, d);
		break;
	case 0x02:
		identity(r, d);
		break;
	case 0x03:
		if (ask->extra[0] == 0)
			project(r, d);
		break;
	case 0x04:
		status_of_plc(r);
		break;
	case 0x06:
		card(r, d);
		break;
	case 0x0a:
		rd_skip_rest(r);
		break;
	case 0x20: /* unknown, how many, they */
		if (rd_left(r) < 3)
			break;
		rd_opaque(r, 1);
		octets(r, rd_le16(r));
		break;
	case 0x31:
	case 0x34: /* as captures have it: unknown, how many, a piece */
		if (rd_left(r) < 4)
			break;
		rd_opaque(r, 2);
		octets(r, rd_le16(r));
		break;
	default:
		break;
	}
}

static void
response(struct rd *r, struct dissect *d, uint32_t status)
{
	const struct ask *ask = dissect_recall(d, umas_key(d));
	uint32_t op = ask != NULL ? ask->op : status;
	struct fact *f;

	if (status == ANSWER_ERROR) {
		(void)dissect_error(d, op, rd_left(r) >= 2 ? rd_le16(r) : 0);
		return;
	}
	f = dissect_op(d, op);
	if (ask == NULL)
		return;
	f->object = ask->at;
	answer_data(r, d, ask);
}

static void
umas_parse(struct rd *r, struct dissect *d)
{
	uint32_t function;

	rd_skip(r, 1); /* session: who has the controller reserved */
	function = rd_u8(r);
	if (function == ANSWER_OK || function == ANSWER_ERROR) {
		d->ctx.response = true;
		response(r, d, function);
	} else {
		d->ctx.response = false;
		request(r, d, function);
	}
	rd_opaque_rest(r);
}

const struct proto proto_umas = {
	.name = "umas",
	.title = "Schneider UMAS",
	.spec = "unpublished; after Kaspersky 2022 and Apache PLC4X",
	.depth = "all known functions, memory blocks and variables addressed, "
		 "identity; octets of memory by address and pieces of programs "
		 "by length: their types are in the project",
	.slot = PROTO_SLOT,
	.ot = true,
	.client_role = ROLE_HMI,
	.server_role = ROLE_PLC,
	.parse = umas_parse,
	PROTO_OPS(ops),
};
