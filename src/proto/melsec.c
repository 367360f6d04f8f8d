/*
 * melsec.c - Mitsubishi's controllers: SLMP (MC protocol, frames 3E and 4E,
 * binary and ASCII, and CC-Link IE TSN's), frame 1E, MELSOFT.
 *
 * Mitsubishi SH-080008 chapters 4, 5, 8; CLPA BAP-C3001; MELSOFT is
 * unpublished, see melsec_tables.h.
 *
 *	request	50 00		      network  PC  IO    station  length
 *		54 00  serial  00 00  u8       u8  le16  u8       le16
 *		68 00  serial  00 00  ...   and three octets before the length
 *		then	+-------+---------+------------+- - -
 *			| timer | command | subcommand | data
 *			+-------+---------+------------+- - -
 *	answer	D0, D4, E8; then	end code le16, data
 *	in ASCII all numbers are hexadecimal digits, the highest first
 *
 *	1E	subheader  PC  timer  device number, code, points, 0
 *		u8         u8  le16   le32           le16  u8
 *
 *	MELSOFT	57 xx, answer D7 xx, 17 octets, length le16, command header:
 *		1C, answer 9C; u8; how long u8; u8 ... command be16,
 *		reference le16, data length le16, data
 *
 * Op is the command, see the tables.  Unit is the station (or the IO number,
 * where it is not the controller itself); pair the serial number of 4E.
 * Object (space MELSEC_DEVICE): area is the device code of 3E, first the
 * number, count the points; text is the device's name.  Of MELSOFT area is
 * 65536 + its own code: what it calls a device is not known.
 */
#include "../base/hex.h"
#include "melsec_tables.h"
#include "say.h"

#define OWN_CPU 0x3ffu
#define MELSOFT_HEAD 21u
#define POINTS_MAX 64u /* of which values are said */

struct mc { /* a message: numbers are read by number() */
	struct rd *r;
	struct dissect *d;
	uint32_t op, sub;
	bool ascii, response;
};

struct melsec_state { /* the last request: answers of 3E and 1E name none */
	struct fact_object at;
	uint32_t op, sub;
	uint16_t due; /* octets of data in the answer to a 1E */
	bool asked;
};

/* ---------------------------------------------------------------- numbers */

static uint32_t
digits(struct rd *r, uint32_t n)
{
	uint32_t v = 0;

	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		uint32_t x = hex_digit(rd_u8(r));

		rd_require(r, x < 16 || !rd_ok(r), "no hexadecimal digit");
		v = v << 4 | (x & 15);
	}
	return v;
}

static uint32_t
number(struct mc *m, uint32_t octets)
{
	uint32_t v = 0;

	if (m->ascii)
		return digits(m->r, 2 * octets);
	for (uint32_t i = 0; i < octets; i++)
		v |= (uint32_t)rd_u8(m->r) << (8 * i);
	return v;
}

/* ---------------------------------------------------------------- devices */

static const struct melsec_device *
device_of(uint32_t code)
{
	for (uint32_t i = 0; i < N_MELSEC_DEVICES; i++)
		if (melsec_devices[i].code == code)
			return &melsec_devices[i];
	return NULL;
}

static uint32_t
device_named(struct span s)
{
	for (uint32_t i = 0; i < N_MELSEC_DEVICES; i++)
		if (s.n >= 2 && s.p[0] == (uint8_t)melsec_devices[i].name[0] &&
		    (s.p[1] == (uint8_t)melsec_devices[i].name[1] ||
			(s.p[1] == ' ' && melsec_devices[i].name[1] == '*')))
			return melsec_devices[i].code;
	return 0;
}

static bool
in_hex(uint32_t code)
{
	return code == 0x9c || code == 0x9d || code == 0xa0 || code == 0xb4 ||
	    code == 0xa1 || code == 0xb5 || code == 0xa2 || code == 0xa3 ||
	    code == 0xb0;
}

static uint32_t
decimal(struct rd *r, uint32_t n)
{
	uint32_t v = 0;

	for (uint32_t i = 0; i < n && rd_ok(r); i++)
		v = v * 10 + (hex_digit(rd_u8(r)) % 10);
	return v;
}

/* Number and code; those of iQ-R are longer (subcommand bit 1). */
static struct fact_object
device(struct mc *m)
{
	struct fact_object at = { .space = SPACE_MELSEC_DEVICE, .count = 1 };
	bool wide = (m->sub & 2) != 0;

	if (!m->ascii) {
		at.first = wide ? rd_le32(m->r) : rd_le24(m->r);
		at.area = wide ? rd_le16(m->r) : rd_u8(m->r);
		return at;
	}
	at.area = device_named(rd_span(m->r, wide ? 4 : 2));
	at.first = in_hex(at.area) ? digits(m->r, wide ? 8 : 6)
				   : decimal(m->r, wide ? 8 : 6);
	return at;
}

static void
name_device(struct fact *f, struct fact_object at)
{
	const struct melsec_device *dev = device_of(at.area);

	f->object = at;
	if (dev != NULL)
		fact_textf(f, "%.*s", dev->name[1] == '*' ? 1 : 2, dev->name);
}

static bool
is_bits(const struct mc *m)
{
	return (m->sub & 1) != 0;
}

/* Points in a row: words, or bits of which two share an octet. */
static void
points(struct mc *m, struct fact_object at)
{
	uint32_t n = at.count < POINTS_MAX ? at.count : POINTS_MAX, pair = 0;

	at.count = 1;
	for (uint32_t i = 0; i < n && rd_more(m->r); i++, at.first++) {
		if (!is_bits(m)) {
			dissect_value_uint(m->d, m->op, at, number(m, 2));
			continue;
		}
		if (m->ascii) {
			dissect_value_bool(m->d, m->op, at, rd_u8(m->r) == '1');
			continue;
		}
		if (i % 2 == 0)
			pair = rd_u8(m->r);
		dissect_value_bool(m->d, m->op, at,
		    (pair >> (i % 2 == 0 ? 4 : 0) & 1) != 0);
	}
}

/* Another operation of the same message. */
static struct fact *
also(struct mc *m)
{
	const struct proto_op *row = proto_op_find(m->d->proto, m->op);
	struct fact *f = dissect_emit(m->d,
	    row != NULL ? (enum fact_kind)row->kind : FACT_UNKNOWN, m->op);

	if (row != NULL)
		f->risk = row->risk;
	return f;
}

/* Single points, each by its device; with values when they are written. */
static void
random_points(struct mc *m, struct fact *f, bool write)
{
	uint32_t words = number(m, 1);
	uint32_t doubles = write && is_bits(m) ? 0 : number(m, 1);

	for (uint32_t i = 0; i < words + doubles && rd_more(m->r); i++) {
		struct fact_object at = device(m);
		uint32_t size = is_bits(m) ? 1 : i < words ? 2 : 4;

		name_device(i == 0 ? f : also(m), at);
		if (write)
			dissect_value_uint(m->d, m->op, at, number(m, size));
	}
}

static void
blocks(struct mc *m, struct fact *f, bool write)
{
	uint32_t n = number(m, 1);

	n += number(m, 1);
	for (uint32_t i = 0; i < n && rd_more(m->r); i++) {
		struct fact_object at = device(m);

		at.count = number(m, 2);
		name_device(i == 0 ? f : also(m), at);
		if (write)
			rd_skip(m->r, at.count * (m->ascii ? 4 : 2));
	}
}

/* --------------------------------------------------------------- requests */

static void
request(struct mc *m, struct melsec_state *st)
{
	struct fact *f = dissect_op(m->d, m->op);

	if (st != NULL)
		*st = (struct melsec_state){ .op = m->op,
			.sub = m->sub,
			.asked = true };
	if ((m->sub & 0x80) != 0) /* devices beyond a unit: not followed */
		return;
	switch (m->op) {
	case 0x0401:
	case 0x1401: {
		struct fact_object at = device(m);

		at.count = number(m, 2);
		name_device(f, at);
		if (st != NULL)
			st->at = at;
		if (m->op == 0x1401)
			points(m, at);
		break;
	}
	case 0x0403:
	case 0x0801:
		random_points(m, f, false);
		break;
	case 0x1402:
		random_points(m, f, true);
		break;
	case 0x0406:
	case 0x1406:
		blocks(m, f, m->op == 0x1406);
		break;
	default:
		break;
	}
}

static struct span
trimmed(struct span s)
{
	while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == 0))
		s.n--;
	return s;
}

static void
say_type(struct dissect *d, struct rd *r, uint32_t n)
{
	struct span name = trimmed(rd_span(r, n));

	dissect_ident(d, TRAIT_VENDOR, SPAN_LIT("Mitsubishi Electric"));
	dissect_ident(d, TRAIT_MODEL, name);
	dissect_ident_role(d, ABOUT_SENDER, ROLE_PLC);
}

static void
answer(struct mc *m, struct melsec_state *st)
{
	uint32_t code = number(m, 2);

	m->op = st != NULL && st->asked ? st->op : 0;
	m->sub = st != NULL ? st->sub : 0;
	if (st == NULL || !st->asked)
		m->d->ctx.flags |= FACT_UNSOLICITED;
	if (code != 0) {
		(void)dissect_error(m->d, m->op, code);
		rd_skip_rest(m->r);
	} else {
		if (m->op != 0)
			(void)dissect_op(m->d, m->op);
		else
			(void)dissect_emit(m->d, FACT_ACK, 0);
		if (m->op == 0x0401)
			points(m, st->at);
		else if (m->op == 0x0101 && rd_left(m->r) >= 16)
			say_type(m->d, m->r, 16);
	}
	if (st != NULL)
		st->asked = false;
}

/* What is left of a command that is known by name alone. */
static void
rest(struct mc *m)
{
	static const uint16_t read_whole[] = { 0x0101, 0x0401, 0x0403, 0x0406,
		0x0801, 0x1001, 0x1002, 0x1003, 0x1005, 0x1006, 0x1401, 0x1402,
		0x1406, 0x1617, 0x1630, 0x1631 };

	for (uint32_t i = 0; i < sizeof(read_whole) / sizeof(read_whole[0]);
	     i++)
		if (m->op == read_whole[i])
			rd_skip_rest(m->r);
	rd_opaque_rest(m->r);
}

/* ------------------------------------------------------------ 3E, 4E, TSN */

static uint32_t
with_sub(uint32_t command, uint32_t sub)
{
	return command == 0x4020 && sub <= 11 ? SUB(sub, command) : command;
}

static void
slmp(struct rd *r, struct dissect *d)
{
	struct melsec_state *st = d->state;
	struct span head = rd_ahead(r, 1);
	struct mc m = { .r = r, .d = d };
	uint32_t sub, io, station, n;
	struct rd body;

	m.ascii = head.n == 1 && head.p[0] >= '0';
	if (head.n == 1 &&
	    (head.p[0] == 0x50 || head.p[0] == 0x54 || head.p[0] == 0x68))
		m.ascii = false;
	if (head.n == 1 && head.p[0] >= 0xd0)
		m.ascii = false;
	sub = m.ascii ? digits(r, 4) >> 8 : rd_le16(r) & 0xff;
	if (sub != 0x50 && sub != 0xd0) {
		dissect_pair(d, number(&m, 2));
		(void)number(&m, 2);
	}
	m.response = (sub & 0x80) != 0;
	(void)number(&m, 2); /* network, PC */
	io = number(&m, 2);
	station = number(&m, 1);
	if (sub == 0x68 || sub == 0xe8)
		rd_skip(r, 3);
	n = number(&m, 2);
	body = rd_sub(r, n);
	m.r = &body;
	d->ctx.response = m.response;
	if (io != OWN_CPU || station != 0)
		dissect_unit(d, io != OWN_CPU ? io : station);
	if (sub == 0xe8) { /* names its command, unlike the others */
		(void)number(&m, 2);
		m.op = number(&m, 2);
		m.sub = number(&m, 2);
		d->ctx.response = false;
		(void)dissect_op(d, with_sub(m.op, m.sub));
	} else if (m.response) {
		answer(&m, st);
	} else {
		(void)number(&m, 2); /* timer */
		m.op = number(&m, 2);
		m.sub = number(&m, 2);
		m.op = with_sub(m.op, m.sub);
		request(&m, st);
	}
	rest(&m);
}

/* --------------------------------------------------------------------- 1E */

static uint32_t
old_device(uint32_t code)
{
	for (uint32_t i = 0; i < N_MELSEC_DEVICES; i++)
		if (melsec_devices[i].old == code && code != 0)
			return melsec_devices[i].code;
	return 0;
}

/* Octets that `points` of this access take. */
static uint32_t
old_size(uint32_t sub, uint32_t n)
{
	if (n == 0)
		n = 256;
	return sub == 0 || sub == 2 ? (n + 1) / 2 : 2 * n;
}

static void
old_request(struct mc *m, struct melsec_state *st, uint32_t sub)
{
	struct fact_object at = { .space = SPACE_MELSEC_DEVICE };
	struct fact *f;

	rd_skip(m->r, 3); /* PC, timer */
	f = dissect_op(m->d, m->op);
	*st = (struct melsec_state){ .op = m->op, .asked = true };
	if (sub > 3) {
		rd_skip_rest(m->r);
		return;
	}
	at.first = rd_le32(m->r);
	at.area = old_device(rd_le16(m->r));
	at.count = rd_u8(m->r);
	rd_skip(m->r, 1);
	name_device(f, at);
	st->at = at;
	st->due = sub < 2 ? (uint16_t)old_size(sub, at.count) : 0;
	if (sub >= 2)
		points(m, at);
	rd_skip_rest(m->r);
}

static void
frame_1e(struct rd *r, struct dissect *d)
{
	struct melsec_state *st = d->state;
	uint32_t sub = rd_u8(r), code;
	struct mc m = { .r = r, .d = d, .op = FRAME_1E(sub & 0x7f) };

	m.sub = (sub & 0x7f) == 0 || (sub & 0x7f) == 2;
	d->ctx.response = (sub & 0x80) != 0;
	if (!d->ctx.response) {
		old_request(&m, st, sub);
		return;
	}
	code = rd_u8(r);
	if (code != 0) {
		(void)dissect_error(d, m.op, code);
	} else {
		(void)dissect_op(d, m.op);
		if (st->asked && st->op == m.op && st->due > 0)
			points(&m, st->at);
	}
	st->asked = false;
	rd_skip_rest(r);
}

/* ---------------------------------------------------------------- MELSOFT */

#define MELSOFT_READ 0x0410u
#define MELSOFT_WRITE 0x1410u
#define MELSOFT_DEVICE 65536u

static void
melsoft_values(struct rd *r, struct dissect *d, uint32_t op,
    struct fact_object at)
{
	uint32_t n = at.count < POINTS_MAX ? at.count : POINTS_MAX;

	if (rd_left(r) != 2 * at.count)
		return; /* bits */
	at.count = 1;
	for (uint32_t i = 0; i < n && rd_more(r); i++, at.first++)
		dissect_value_uint(d, op, at, rd_le16(r));
	rd_skip_rest(r);
}

/* Where, as far as the captures tell: code, number, points. */
static void
melsoft_device(struct rd *r, struct dissect *d, struct fact *f, struct ask *ask)
{
	struct fact_object at = { .space = SPACE_MELSEC_DEVICE };

	rd_opaque(r, 12);
	at.area = MELSOFT_DEVICE | rd_le16(r);
	at.first = rd_le32(r);
	rd_opaque(r, 4);
	at.count = rd_le16(r);
	f->object = at;
	ask->at = at;
	if (FACT_OP_CODE(ask->op) == MELSOFT_WRITE)
		melsoft_values(r, d, ask->op, at);
}

static void
melsoft_data(struct rd *r, struct dissect *d, uint32_t command, uint32_t status)
{
	uint32_t pair = d->ctx.pair, op = MELSOFT(command);
	struct ask ask = { .pair = pair, .op = op };
	const struct ask *asked;
	struct fact *f;

	if (!d->ctx.response) {
		f = dissect_op(d, op);
		if ((command == MELSOFT_READ || command == MELSOFT_WRITE) &&
		    rd_left(r) >= 24)
			melsoft_device(r, d, f, &ask);
		dissect_remember(d, ask);
		return;
	}
	asked = dissect_recall(d, pair);
	if (status != 0) {
		(void)dissect_error(d, op, status);
		return;
	}
	(void)dissect_op(d, op);
	if (command == MELSOFT_READ && asked != NULL && rd_left(r) >= 2) {
		rd_skip(r, 2);
		melsoft_values(r, d, op, asked->at);
	}
}

static void
melsoft(struct rd *r, struct dissect *d)
{
	uint32_t first = rd_u8(r), kind, n, status = 0, command, reference;
	struct rd body, head;

	rd_skip(r, MELSOFT_HEAD - 3);
	body = rd_sub_le16(r);
	kind = rd_u8(&body);
	rd_skip(&body, 1);
	n = rd_u8(&body);
	rd_require(r,
	    !rd_ok(r) || (n >= 2 && kind == (first == 0x57 ? 0x1c : 0x9c)),
	    "no command header");
	rd_skip(&body, 1);
	head = rd_sub(&body, n - 2);
	if (first == 0xd7)
		status = rd_be16(&head);
	rd_skip_rest(&head);
	command = rd_be16(&body);
	reference = rd_le16(&body);
	if (!rd_ok(r))
		return;
	d->ctx.response = first == 0xd7;
	dissect_pair(d, reference);
	melsoft_data(&body, d, command, status);
	rd_opaque_rest(&body);
}

/* ---------------------------------------------------------------- framing */

enum kind {
	KIND_NONE,
	KIND_3E,
	KIND_4E,
	KIND_TSN,
	KIND_MELSOFT,
	KIND_1E
};

/* Length of the header up to its length field, in octets of binary. */
static const uint8_t heads[] = { 0, 9, 13, 16, MELSOFT_HEAD, 0 };

static bool
good_io(uint32_t io)
{
	return io == OWN_CPU || (io >= 0x3d0 && io <= 0x3e3) || io <= 0x1ff;
}

static enum kind
binary_kind(struct span s)
{
	if (s.n < 9)
		return KIND_NONE;
	if ((s.p[0] == 0x50 || s.p[0] == 0xd0) && s.p[1] == 0)
		return KIND_3E;
	if ((s.p[0] == 0x54 || s.p[0] == 0xd4) && s.p[1] == 0)
		return KIND_4E;
	if ((s.p[0] == 0x68 || s.p[0] == 0xe8) && s.p[1] == 0)
		return KIND_TSN;
	if ((s.p[0] == 0x57 || s.p[0] == 0xd7) && s.p[1] <= 1 &&
	    s.p[5] == 0x11 && s.p[6] == 0x11)
		return KIND_MELSOFT;
	return KIND_NONE;
}

static uint32_t
u16(struct span s, uint32_t at)
{
	return at + 2 <= s.n ? (uint32_t)s.p[at + 1] << 8 | s.p[at] : 0;
}

/* Length of a binary message, 0 when it cannot be one. */
static uint32_t
binary_length(struct span s, enum kind k)
{
	uint32_t head = heads[k], n, io;

	if (s.n < head)
		return FRAME_NEED_MORE;
	n = u16(s, head - 2);
	if (k == KIND_MELSOFT)
		return n >= 8 ? head + n : FRAME_NOT_MINE;
	io = u16(s, k == KIND_3E ? 4 : 8);
	if (!good_io(io) || n < 2 ||
	    (k != KIND_3E && (s.p[4] != 0 || s.p[5] != 0)))
		return FRAME_NOT_MINE;
	return head + n;
}

static uint32_t
ascii_number(struct span s, uint32_t at, uint32_t n)
{
	uint32_t v = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t x = at + i < s.n ? hex_digit(s.p[at + i]) : 16;

		if (x > 15)
			return UINT32_MAX;
		v = v << 4 | x;
	}
	return v;
}

/* In digits: 3E and 4E. */
static uint32_t
ascii_length(struct span s)
{
	uint32_t sub, head, n;

	if (s.n < 4)
		return (s.p[0] == '5' || s.p[0] == 'D') &&
			(s.p[1] == '0' || s.p[1] == '4')
		    ? FRAME_NEED_MORE
		    : FRAME_NOT_MINE;
	sub = ascii_number(s, 0, 4);
	if (sub != 0x5000 && sub != 0xd000 && sub != 0x5400 && sub != 0xd400)
		return FRAME_NOT_MINE;
	head = (sub & 0x400) != 0 ? 26 : 18;
	if (s.n < head)
		return FRAME_NEED_MORE;
	n = ascii_number(s, head - 4, 4);
	if (n == UINT32_MAX || n < 4 || n > 8192 ||
	    !good_io(ascii_number(s, head - 10, 4)))
		return FRAME_NOT_MINE;
	return head + n;
}

/* A 1E request tells its length, an answer hangs on what was asked. */
static uint32_t
old_length(struct span s, const struct dissect *d)
{
	const struct melsec_state *st = d->state;
	uint32_t sub = s.p[0] & 0x7f;

	if ((s.p[0] & 0x80) != 0) {
		if (!st->asked || st->op != FRAME_1E(sub))
			return FRAME_NOT_MINE;
		return s.p[1] == 0x5b ? 4
		    : s.p[1] != 0     ? 2
				      : 2u + st->due + (sub == 0x15 ? 2u : 0u);
	}
	if (sub >= 0x13 && sub <= 0x15)
		return 4;
	if (sub > 3)
		return FRAME_NOT_MINE;
	if (s.n < 12)
		return FRAME_NEED_MORE;
	if (old_device(u16(s, 8)) == 0 || s.p[11] != 0)
		return FRAME_NOT_MINE;
	return 12 + (sub >= 2 ? old_size(sub, s.p[10]) : 0);
}

static uint32_t
melsec_frame(struct span s, const struct dissect *d)
{
	enum kind k = binary_kind(s);
	uint32_t n;

	if (k != KIND_NONE)
		return binary_length(s, k);
	n = ascii_length(s);
	if (n != FRAME_NOT_MINE)
		return n;
	if (s.n < 9 && (s.p[0] | 0x87) >= 0xd0 && s.n >= 2 && s.p[1] <= 1 &&
	    s.p[0] >= 0x50)
		return FRAME_NEED_MORE;
	return old_length(s, d);
}

static bool
known_command(struct span s, uint32_t at)
{
	uint32_t op = u16(s, at), sub = u16(s, at + 2);

	return proto_op_find(&proto_melsec, with_sub(op, sub)) != NULL &&
	    op != 0 && sub < 0x100;
}

/* Has no mark of its own: on the ports that Mitsubishi names only. */
static enum claim
claim_1e(struct span s, const struct dissect *d)
{
	bool answer = (s.p[0] & 0x80) != 0;

	if (d->talk->server_port < 5000 || d->talk->server_port > 5010 ||
	    proto_op_find(&proto_melsec, FRAME_1E(s.p[0] & 0x7fu)) == NULL)
		return CLAIM_NO;
	if (answer)
		return s.p[1] == 0 || (s.p[1] >= 0x50 && s.p[1] <= 0x60)
		    ? CLAIM_WEAK
		    : CLAIM_NO;
	return (s.p[1] == 0xff || s.p[1] <= 0x40) && old_length(s, d) == s.n
	    ? CLAIM_WEAK
	    : CLAIM_NO;
}

/* Exactly one message; of requests, one of a known command. */
static enum claim
melsec_claim(struct span s, const struct dissect *d)
{
	enum kind k = binary_kind(s);
	uint32_t n;

	if (s.n < 2)
		return CLAIM_NO;
	if (k == KIND_MELSOFT)
		return binary_length(s, k) <= s.n && s.n > MELSOFT_HEAD &&
			s.p[MELSOFT_HEAD] == (s.p[0] == 0x57 ? 0x1c : 0x9c)
		    ? CLAIM_STRONG
		    : CLAIM_NO;
	if (k != KIND_NONE) {
		n = binary_length(s, k);
		if (n != s.n)
			return CLAIM_NO;
		if (s.p[0] >= 0xd0 && s.p[0] != 0xe8)
			return CLAIM_WEAK;
		return known_command(s, heads[k] + 2u) ? CLAIM_STRONG
						       : CLAIM_WEAK;
	}
	n = ascii_length(s);
	if (n != FRAME_NOT_MINE)
		return n == s.n ? CLAIM_WEAK : CLAIM_NO;
	return claim_1e(s, d);
}

static enum way
melsec_way(struct span s)
{
	enum kind k = binary_kind(s);

	if (s.n < 4 || k == KIND_TSN)
		return WAY_UNKNOWN;
	if (k == KIND_NONE && s.p[0] == 'D')
		return WAY_RESPONSE;
	return (s.p[0] & 0x80) != 0 ? WAY_RESPONSE : WAY_REQUEST;
}

static void
melsec_parse(struct rd *r, struct dissect *d)
{
	struct span s = rd_ahead(r, rd_have(r) < 26 ? rd_have(r) : 26);

	enum kind k = binary_kind(s);

	if (k == KIND_MELSOFT)
		melsoft(r, d);
	else if (k == KIND_NONE &&
	    (s.n < 2 || (hex_digit(s.p[0]) != 5 && hex_digit(s.p[0]) != 13)))
		frame_1e(r, d);
	else
		slmp(r, d);
}

const struct proto proto_melsec = {
	.name = "melsec",
	.title = "Mitsubishi MELSEC: SLMP, MC protocol, MELSOFT",
	.spec = "Mitsubishi SH-080008; CLPA BAP-C3001 (SLMP)",
	.depth = "3E, 4E, CC-Link IE TSN and 1E: all commands, devices with "
		 "values, CPU model; MELSOFT, which is unpublished: header, "
		 "login, run, stop and files by name, the rest not understood",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { 5002, 5007, 5562, 45237 },
	.udp = { 5006, 5560, 45237, 45238, 45239 },
	.client_role = ROLE_UNKNOWN,
	.server_role = ROLE_PLC,
	.claim = melsec_claim,
	.way = melsec_way,
	.frame = melsec_frame,
	.frame_min = 2,
	.parse = melsec_parse,
	.state_size = sizeof(struct melsec_state),
	PROTO_OPS(ops),
};
