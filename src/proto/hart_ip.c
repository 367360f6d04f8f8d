/*
 * hart_ip.c - HART-IP, field instruments over TCP and UDP.
 *
 * HCF_SPEC-085 (network management, HART-IP), HCF_SPEC-081 (token-passing data
 * link layer), HCF_SPEC-127 (universal commands).
 *
 *	+---------+------+----+--------+----------+--------+- - - - - - -
 *	| version | type | id | status | sequence | length | body, by id
 *	+---------+------+----+--------+----------+--------+- - - - - - -
 *	  1 or 2    u8     u8   u8       be16       be16, all of it
 *
 *	token-passing PDU (id 3)
 *	+-----------+---------+-----------+---------+-------+- - - -+-----+
 *	| delimiter | address | expansion | command | count | data  | xor |
 *	+-----------+---------+-----------+---------+-------+- - - -+-----+
 *	  u8          1 or 5    0 to 3      u8        u8
 *
 *	direct PDU (id 4): device status u8, extended status u8, then
 *	command be16, count u8, data, again and again
 *
 * Data of an answer begins with response code and device status.  Op is the
 * command (of command 31 the number in its data); of a message without one
 * the variant is 1 and the code its id.  Pair is the sequence number, unit the
 * polling address or the lower three octets of the long address.  Objects:
 * first = device variable code (244 percent of range, 245 loop current, 246 to
 * 249 primary to quaternary), area = unit code.
 */
#include <math.h>

#include "hart_tables.h"

#define HEAD 8u

enum {
	ID_INITIATE,
	ID_CLOSE,
	ID_KEEP_ALIVE,
	ID_TOKEN,
	ID_DIRECT,
	ID_AUDIT,
};

enum {
	TYPE_REQUEST,
	TYPE_RESPONSE,
	TYPE_PUBLISH,
	TYPE_NAK = 15,
};

enum {
	CMD_EXTENDED = 31,
	VAR_PERCENT = 244,
	VAR_CURRENT,
	VAR_PRIMARY,
};

/* Who the server itself is: learned from the first device that answers. */
struct own {
	uint8_t known;
	uint32_t unit;
};

/* --------------------------------------------------------------- framing */

static uint32_t
hart_ip_frame(struct span s, const struct dissect *d)
{
	uint32_t n = (uint32_t)s.p[6] << 8 | s.p[7];
	bool fits = true;

	(void)d;
	if (s.p[0] < 1 || s.p[0] > 2 || n < HEAD || s.p[2] > ID_AUDIT ||
	    (s.p[1] > TYPE_PUBLISH && s.p[1] != TYPE_NAK) || n > 4096)
		return FRAME_NOT_MINE;
	switch (s.p[2]) {
	case ID_CLOSE:
	case ID_KEEP_ALIVE:
		fits = n <= HEAD + 1;
		break;
	case ID_TOKEN:
		fits = n >= HEAD + 5 || s.p[1] == TYPE_NAK || s.p[3] != 0;
		break;
	default:
		break;
	}
	return fits ? n : FRAME_NOT_MINE;
}

/* Whether a token-passing PDU has the length and the checksum it says. */
static bool
pdu_is_good(struct span s)
{
	uint32_t at, sum = 0;

	if (s.n < 5)
		return false;
	at = 1 + ((s.p[0] & 0x80) != 0 ? 5u : 1u) + BITS(s.p[0], 6, 5);
	if (at + 3 > s.n || at + 3u + s.p[at + 1] != s.n)
		return false;
	for (uint32_t i = 0; i < s.n; i++)
		sum ^= s.p[i];
	return sum == 0;
}

/* Kind of client 0 or 1, and a time-out below three days. */
static bool
is_initiate(struct span s, uint32_t n)
{
	return n == HEAD + 5 && s.n == n && s.p[1] <= TYPE_RESPONSE &&
	    s.p[2] == ID_INITIATE && s.p[3] == 0 && s.p[8] <= 1 &&
	    s.p[9] < 0x10;
}

static enum claim
hart_ip_claim(struct span s, const struct dissect *d)
{
	uint32_t n = s.n >= HEAD ? hart_ip_frame(s, d) : FRAME_NOT_MINE;

	if (n == FRAME_NOT_MINE)
		return CLAIM_NO;
	if (n <= s.n && s.p[2] == ID_TOKEN && s.p[3] == 0 &&
	    pdu_is_good(SPAN(s.p + HEAD, n - HEAD)))
		return CLAIM_STRONG;
	return is_initiate(s, n) ? CLAIM_STRONG : CLAIM_WEAK;
}

static enum way
hart_ip_way(struct span s)
{
	if (s.n < HEAD)
		return WAY_UNKNOWN;
	return s.p[1] == TYPE_REQUEST ? WAY_REQUEST : WAY_RESPONSE;
}

/* -------------------------------------------------------------- identity */

/* Six bits a character: 0 to 31 stand for @ to _, the rest for themselves. */
static void
say_packed(struct dissect *d, enum trait trait, struct span s)
{
	uint8_t text[32];
	uint32_t n = 0, bits = 0, have = 0;

	for (uint32_t i = 0; i < s.n && n < sizeof(text); i++) {
		bits = bits << 8 | s.p[i];
		for (have += 8; have >= 6 && n < sizeof(text); have -= 6) {
			uint32_t c = bits >> (have - 6) & 63;

			text[n++] = (uint8_t)(c < 32 ? c + 64 : c);
		}
	}
	while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '@'))
		n--;
	dissect_ident(d, trait, SPAN(text, n));
}

static const char *
maker_of(uint32_t id)
{
	for (uint32_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++)
		if (makers[i].id == id)
			return makers[i].name;
	return NULL;
}

/* The answer to commands 0, 11 and 21. */
static void
read_identity(struct rd *r, struct dissect *d)
{
	struct own *own = d->state;
	uint32_t expansion = rd_u8(r), type = rd_be16(r), protocol;
	uint32_t revision, software, hardware, unit, maker = type >> 8;

	rd_skip(r, 1); /* preambles */
	protocol = rd_u8(r);
	revision = rd_u8(r);
	software = rd_u8(r);
	hardware = rd_u8(r) >> 3;
	rd_skip(r, 1); /* flags */
	unit = rd_be24(r);
	if (rd_left(r) >= 7) {
		rd_skip(r, 5); /* preambles, variables, changes, status */
		maker = rd_be16(r);
	}
	rd_skip_rest(r); /* private label, profile */
	if (!rd_ok(r) || expansion != 254)
		return;
	if (own->known == 0)
		*own = (struct own){ .known = 1, .unit = unit };
	if (own->unit != unit) {
		dissect_identf(d, TRAIT_MODULE,
		    "HART device %04x-%06x, revision %u, software %u", type,
		    unit, revision, software);
		return;
	}
	if (maker_of(maker) != NULL)
		dissect_ident(d, TRAIT_VENDOR, span_text(maker_of(maker)));
	dissect_identf(d, TRAIT_MODEL, "HART %u device type %04x revision %u",
	    protocol, type, revision);
	dissect_identf(d, TRAIT_FIRMWARE, "%u", software);
	dissect_identf(d, TRAIT_HARDWARE, "%u", hardware);
	dissect_identf(d, TRAIT_SERIAL, "%06x", unit);
}

/* What a device says of itself, if it is the server itself that speaks. */
static void
read_texts(struct rd *r, struct dissect *d, uint32_t command)
{
	const struct own *own = d->state;
	bool self = own->known == 0 || own->unit == d->ctx.unit;

	if (!self) {
		rd_skip_rest(r);
	} else if (command == 12) {
		say_packed(d, TRAIT_DESCRIPTION, rd_span(r, 24));
	} else if (command == 13) {
		say_packed(d, TRAIT_NAME, rd_span(r, 6));
		say_packed(d, TRAIT_DESCRIPTION, rd_span(r, 12));
		rd_skip(r, 3); /* date */
	} else {
		dissect_ident(d, TRAIT_NAME, rd_span(r, 32));
	}
}

/* ---------------------------------------------------------------- values */

static void
say_variable(struct dissect *d, uint32_t op, uint32_t code, uint32_t unit,
    double value)
{
	/* not a number: the device does not have it */
	if (!isnan(value))
		dissect_value_real(d, op,
		    (struct fact_object){ .space = SPACE_HART_VARIABLE,
			.area = unit,
			.first = code,
			.count = 1 },
		    value);
}

static void
read_dynamic(struct rd *r, struct dissect *d, uint32_t op)
{
	for (uint32_t code = VAR_PRIMARY; rd_left(r) >= 5; code++) {
		uint32_t unit = rd_u8(r);

		say_variable(d, op, code, unit, rd_bef32(r));
	}
}

/* Commands 9 (with class and status) and 33. */
static void
read_slots(struct rd *r, struct dissect *d, uint32_t op, bool status)
{
	while (rd_left(r) >= (status ? 8u : 6u)) {
		uint32_t code = rd_u8(r), unit;

		rd_skip(r, status ? 1 : 0);
		unit = rd_u8(r);
		say_variable(d, op, code, unit, rd_bef32(r));
		rd_skip(r, status ? 1 : 0);
	}
	if (status)
		rd_skip_rest(r); /* time of the first slot */
}

static void
read_answer(struct rd *r, struct dissect *d, uint32_t command)
{
	switch (command) {
	case 0:
	case 11:
	case 21:
		read_identity(r, d);
		break;
	case 1:
		read_dynamic(r, d, command);
		break;
	case 2:
	case 3:
		say_variable(d, command, VAR_CURRENT, 39, rd_bef32(r));
		if (command == 2)
			say_variable(d, command, VAR_PERCENT, 57, rd_bef32(r));
		read_dynamic(r, d, command);
		break;
	case 9:
		rd_skip(r, 1); /* extended status */
		read_slots(r, d, command, true);
		break;
	case 12:
	case 13:
	case 20:
		read_texts(r, d, command);
		break;
	case 33:
		read_slots(r, d, command, false);
		break;
	case 110:
		read_dynamic(r, d, command);
		break;
	default: /* of fixed form, settings and counts */
		if (proto_op_find(d->proto, command) != NULL)
			rd_skip_rest(r);
		break;
	}
	rd_opaque_rest(r);
}

/* What is written, as far as it is a number. */
static void
read_request(struct rd *r, struct dissect *d, uint32_t command, struct fact *f)
{
	if (command == 40 && rd_left(r) == 4) {
		f->object = (struct fact_object){ .space = SPACE_HART_VARIABLE,
			.first = VAR_CURRENT,
			.count = 1 };
		say_variable(d, command, VAR_CURRENT, 39, rd_bef32(r));
	} else if (command == 79 && rd_left(r) >= 7) {
		uint32_t code = rd_u8(r), unit;

		rd_skip(r, 1); /* 0 normal, 1 the value that follows */
		unit = rd_u8(r);
		f->object = (struct fact_object){ .space = SPACE_HART_VARIABLE,
			.first = code,
			.count = 1 };
		say_variable(d, command, code, unit, rd_bef32(r));
		rd_skip_rest(r); /* status */
	} else if (command == 6 || command == 42 || command == 71) {
		if (rd_more(r))
			fact_textf(f, "%u", rd_u8(r));
	} else if (command == 22 || command == 21) {
		fact_text(f, rd_span_rest(r));
	} else if (proto_op_find(d->proto, command) != NULL) {
		rd_skip_rest(r);
	}
	rd_opaque_rest(r);
}

/* --------------------------------------------------------------- messages */

/*
 * A command with its data: `answers` when it begins with a response code, of
 * which those below 16 that are not warnings refuse.
 */
static void
read_command(struct rd *r, struct dissect *d, uint32_t command, bool answers)
{
	uint32_t code = answers && rd_more(r) ? rd_u8(r) : 0;
	struct fact *f;

	if (answers && rd_more(r))
		rd_skip(r, 1); /* device status */
	if (command == CMD_EXTENDED && rd_left(r) >= 2)
		command = rd_be16(r);
	if (!rd_ok(r))
		return;
	if (answers && code != 0 && code != 8 && code != 14) {
		(void)dissect_error(d, command, code);
		rd_opaque_rest(r);
		return;
	}
	f = dissect_op(d, command);
	if (answers && !d->ctx.response && f->kind == FACT_READ)
		f->kind = FACT_REPORT;
	if (answers)
		read_answer(r, d, command);
	else
		read_request(r, d, command, f);
}

static void
read_token(struct rd *r, struct dissect *d)
{
	struct span all = rd_ahead(r, rd_left(r));
	uint32_t delimiter = rd_u8(r), command, kind = delimiter & 7;
	struct rd data;

	if ((delimiter & 0x80) != 0) {
		rd_skip(r, 2);
		dissect_unit(d, rd_be24(r));
	} else {
		dissect_unit(d, rd_u8(r) & 63);
	}
	rd_skip(r, BITS(delimiter, 6, 5));
	command = rd_u8(r);
	data = rd_sub_u8(r);
	rd_skip(r, 1); /* checksum */
	rd_require(r, all.n == 0 || pdu_is_good(all), "wrong checksum");
	rd_require(r, kind == 1 || kind == 2 || kind == 6, "no such frame");
	if (!rd_ok(r))
		return;
	if (kind == 1) /* burst: nobody asked */
		d->ctx.response = false;
	read_command(&data, d, command, kind != 2);
}

static void
read_direct(struct rd *r, struct dissect *d, bool answers)
{
	rd_skip(r, 2);
	while (rd_more(r)) {
		uint32_t command = rd_be16(r);
		struct rd data = rd_sub_u8(r);

		if (!rd_ok(r))
			return;
		/* the response code, but no status of its own */
		if (answers && rd_left(&data) > 0 && rd_u8(&data) != 0) {
			(void)dissect_error(d, command, 0);
			rd_opaque_rest(&data);
			continue;
		}
		(void)dissect_op(d, command);
		if (answers)
			read_answer(&data, d, command);
		rd_opaque_rest(&data);
	}
}

static void
hart_ip_parse(struct rd *r, struct dissect *d)
{
	uint32_t version = rd_u8(r), type = rd_u8(r), id = rd_u8(r);
	uint32_t status = rd_u8(r), sequence = rd_be16(r), length = rd_be16(r);
	struct rd body;

	rd_require(r, version == 1 || version == 2, "no such version");
	rd_require(r, id <= ID_AUDIT, "no such message");
	rd_require(r, length >= HEAD, "shorter than its header");
	body = rd_sub(r, length - HEAD);
	if (!rd_ok(r))
		return;
	dissect_pair(d, sequence);
	d->ctx.response = type != TYPE_REQUEST;
	if (type == TYPE_REQUEST)
		dissect_remember(d,
		    (struct ask){ .pair = sequence, .op = MSG(id) });
	else if (type != TYPE_PUBLISH)
		(void)dissect_recall(d, sequence);
	if (type == TYPE_NAK || (type == TYPE_RESPONSE && status != 0)) {
		(void)dissect_error(d, MSG(id), status);
		rd_skip_rest(&body);
	} else if (id == ID_TOKEN) {
		read_token(&body, d);
	} else if (id == ID_DIRECT) {
		(void)dissect_op(d, MSG(id));
		read_direct(&body, d, type != TYPE_REQUEST);
	} else {
		(void)dissect_op(d, MSG(id));
		if (id == ID_INITIATE)
			rd_skip_rest(&body); /* kind of client, time-out */
	}
	rd_opaque_rest(&body);
}

const struct proto proto_hart_ip = {
	.name = "hart-ip",
	.title = "HART-IP field instruments",
	.spec = "HCF_SPEC-085, -081, -127, -151",
	.depth =
	    "sessions, token-passing and direct PDUs; universal and common "
	    "practice commands by name, identity, tags and variables with "
	    "values; settings passed over; commands of makers opaque",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { 5094 },
	.udp = { 5094, 5095 },
	.client_role = ROLE_SCADA,
	.server_role = ROLE_SENSOR,
	.claim = hart_ip_claim,
	.way = hart_ip_way,
	.frame = hart_ip_frame,
	.frame_min = HEAD,
	.parse = hart_ip_parse,
	.state_size = sizeof(struct own),
	PROTO_OPS(ops),
};
