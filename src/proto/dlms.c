/*
 * dlms.c - DLMS/COSEM, meters of electricity, gas, water and heat.
 *
 * IEC 62056-5-3:2017 (application layer), 62056-6-2 (objects), 62056-46 (HDLC
 * over TCP), 62056-47 (wrapper).
 *
 *	wrapper (TCP, UDP)
 *	+---------+------+----+--------+- - - -
 *	| version | from | to | length | APDU
 *	+---------+------+----+--------+- - - -
 *	  be16 1    be16   be16 be16
 *
 *	HDLC
 *	+----+--------+----+------+---------+-----+- - - - - -+-----+----+
 *	| 7E | format | to | from | control | HCS | LLC, APDU | FCS | 7E |
 *	+----+--------+----+------+---------+-----+- - - - - -+-----+----+
 *	       be16     1, 2 or 4           only with information
 *	format: 1010, segmented, length of 11 bits (without the flags)
 *
 * Op is the tag of the APDU, of a set or an action with a variant where the
 * class of its object makes it dangerous; of HDLC the control octet without
 * P/F and variant 32.  Pair is the invocation, unit the address of the meter.
 * Objects: area = class, first = the last four octets of the logical name,
 * count = the first two, sub = attribute or method; the name is in the text.
 */
#include "dlms_tables.h"

#include <stdio.h>

#include "ber.h"
#include "crc.h"
#include "dlms_data.h"

#define WRAP 8u
#define FLAG 0x7eu
#define DEVICE_NAME 0x2a0000ffu /* 0.0.42.0.0.255 */

enum {
	GET = 0xc0,
	EVENT = 0xc2,
	GET_RESPONSE = 0xc4,
	SET_RESPONSE,
	ACTION_RESPONSE = 0xc7,
};

struct memory {
	struct fact_object at; /* of the last question */
	bool open[2]; /* a segmented message goes on, by direction */
};

/* --------------------------------------------------------------- framing */

static bool
is_hdlc(struct span s)
{
	return s.n >= 3 && s.p[0] == FLAG && s.p[1] >> 4 == 0xa;
}

static uint32_t
hdlc_length(struct span s)
{
	return ((uint32_t)(s.p[1] & 7) << 8 | s.p[2]) + 2;
}

static uint32_t
dlms_frame(struct span s, const struct dissect *d)
{
	uint32_t n;

	(void)d;
	if (s.p[0] == FLAG) {
		n = hdlc_length(s);
		return is_hdlc(s) && n >= 9 ? n : FRAME_NOT_MINE;
	}
	if (s.p[0] != 0 || s.p[1] != 1)
		return FRAME_NOT_MINE;
	n = (uint32_t)s.p[6] << 8 | s.p[7];
	return n > 0 ? WRAP + n : FRAME_NOT_MINE;
}

static bool
fcs_is_good(struct span s)
{
	return s.p[s.n - 1] == FLAG &&
	    crc_x25(SPAN(s.p + 1, s.n - 4)) ==
	    ((uint32_t)s.p[s.n - 2] << 8 | s.p[s.n - 3]);
}

static enum claim
dlms_claim(struct span s, const struct dissect *d)
{
	uint32_t n = s.n >= WRAP ? dlms_frame(s, d) : FRAME_NOT_MINE;

	if (n == FRAME_NOT_MINE)
		return CLAIM_NO;
	if (s.p[0] == FLAG)
		return n <= s.n && fcs_is_good(span_first(s, n)) ? CLAIM_STRONG
								 : CLAIM_WEAK;
	return n == s.n && n > WRAP + 1 &&
		proto_op_find(&proto_dlms, s.p[WRAP]) != NULL
	    ? CLAIM_STRONG
	    : CLAIM_WEAK;
}

static bool
is_answer(uint32_t tag)
{
	switch (tag) {
	case 0x08:
	case 0x0c:
	case 0x0d:
	case 0x0e:
	case 0x28:
	case 0x2c:
	case 0x2d:
	case 0x61:
	case 0x63:
	case GET_RESPONSE:
	case SET_RESPONSE:
	case ACTION_RESPONSE:
	case 0xcc:
	case 0xcd:
	case 0xcf:
	case 0xd4:
	case 0xd5:
	case 0xd7:
	case 0xd8:
	case 0xda:
		return true;
	default:
		return false;
	}
}

/* --------------------------------------------------------------- objects */

struct named {
	struct fact_object at;
	uint8_t name[6];
};

static struct named
read_object(struct rd *r)
{
	struct named o = { .at = { .space = SPACE_COSEM } };
	struct span name;

	o.at.area = rd_be16(r);
	name = rd_span(r, 6);
	o.at.sub = rd_u8(r);
	if (rd_ok(r)) {
		memcpy(o.name, name.p, 6);
		o.at.count = (uint32_t)name.p[0] << 8 | name.p[1];
		o.at.first = (uint32_t)name.p[2] << 24 |
		    (uint32_t)name.p[3] << 16 | (uint32_t)name.p[4] << 8 |
		    name.p[5];
	}
	return o;
}

static void
say_object(struct fact *f, const struct named *o)
{
	f->object = o->at;
	fact_textf(f, "%u.%u.%u.%u.%u.%u", o->name[0], o->name[1], o->name[2],
	    o->name[3], o->name[4], o->name[5]);
}

static enum about_class
about_of(uint32_t class, uint32_t sub, uint32_t tag)
{
	switch (class) {
	case 8:
		return ON_CLOCK;
	case 9:
		return ON_SCRIPT;
	case 12: /* association: secret, keys */
	case 15:
		return tag == ACTION || sub == 7 ? ON_SECURITY : ON_OTHER;
	case 18:
		return ON_IMAGE;
	case 64:
		return ON_SECURITY;
	case 70:
		return ON_DISCONNECT;
	default:
		return ON_OTHER;
	}
}

static bool
is_printable(struct span s)
{
	for (uint32_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			return false;
	return s.n > 0;
}

/* Eight octets: three letters of the maker, and a number. */
static void
say_title(struct dissect *d, struct span s)
{
	if (s.n != 8)
		return;
	for (uint32_t i = 0; i < 3; i++)
		if (s.p[i] < 'A' || s.p[i] > 'Z')
			return;
	dissect_identf(d, TRAIT_SERIAL, "%.3s%02x%02x%02x%02x%02x",
	    (const char *)s.p, s.p[3], s.p[4], s.p[5], s.p[6], s.p[7]);
}

/* What the value of well-known objects says of the meter. */
static void
say_identity(struct dissect *d, struct fact_object at, struct span text)
{
	static const struct {
		uint32_t count, first;
		enum trait trait;
	} rows[] = { { 0x0000, 0x600100ff, TRAIT_SERIAL },
		{ 0x0100, 0x000000ff, TRAIT_SERIAL },
		{ 0x0100, 0x000200ff, TRAIT_FIRMWARE } };

	if (at.area != 1 || at.sub != 2 || text.n == 0)
		return;
	/* the logical device name: three letters of the maker, and a number */
	if (at.count == 0 && at.first == DEVICE_NAME) {
		if (text.n >= 8)
			dissect_identf(d, TRAIT_DESCRIPTION, "DLMS maker %.3s",
			    (const char *)text.p);
		if (is_printable(text))
			dissect_ident(d, TRAIT_NAME, text);
		else
			say_title(d, text);
		return;
	}
	for (uint32_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].count == at.count && rows[i].first == at.first)
			dissect_ident(d, rows[i].trait, text);
}

static void
read_value(struct rd *r, struct dissect *d, uint32_t op, struct fact_object at)
{
	struct dlms_value v;
	struct fact *f;

	if (!dlms_data(r, &v) || !v.simple)
		return;
	if (!is_printable(v.text) && v.num_type == NUM_NONE) {
		if (d->ctx.response)
			say_identity(d, at, v.text);
		return; /* a time, bits, octets */
	}
	f = dissect_value(d, op, at);
	f->num_type = (uint8_t)v.num_type;
	if (v.num_type == NUM_REAL)
		f->num.r = v.real;
	else
		f->num.i = v.i;
	fact_text(f, v.text);
	if (d->ctx.response)
		say_identity(d, at, v.text);
}

/* -------------------------------------------------------------- questions */

/* Selective access, if any: selector and its parameters. */
static void
read_selection(struct rd *r)
{
	struct dlms_value v;

	if (rd_u8(r) != 0) {
		rd_skip(r, 1);
		(void)dlms_data(r, &v);
	}
}

/* One object of a question, and of a set or an action its data. */
static void
read_question(struct rd *r, struct dissect *d, uint32_t tag, bool first)
{
	struct memory *m = d->state;
	struct named o = read_object(r);
	uint32_t op = tag;
	const struct proto_op *row;
	struct fact *f;

	if (!rd_ok(r))
		return;
	if (tag == SET || tag == ACTION)
		op = FACT_OP(about_of(o.at.area, o.at.sub, tag), tag);
	if (first) {
		f = dissect_op(d, op);
		m->at = o.at;
	} else {
		row = proto_op_find(d->proto, op);
		f = dissect_emit(d,
		    row != NULL ? (enum fact_kind)row->kind : FACT_READ, op);
		f->risk = row != NULL ? row->risk : RISK_NONE;
	}
	say_object(f, &o);
	if (tag != ACTION)
		read_selection(r);
}

static void
remember(struct dissect *d, uint32_t tag, uint32_t invocation)
{
	const struct memory *m = d->state;

	dissect_remember(d,
	    (struct ask){ .pair = invocation, .op = tag, .at = m->at });
}

static bool
is_secret(struct fact_object at, uint32_t tag)
{
	return tag != GET && about_of(at.area, at.sub, tag) == ON_SECURITY;
}

/* Choice, invocation, then by choice: one, next, several, in blocks. */
static void
read_request(struct rd *r, struct dissect *d, uint32_t tag)
{
	struct memory *m = d->state;
	uint32_t choice = rd_u8(r), invocation = rd_u8(r) & 15, n;

	if (!rd_ok(r))
		return;
	dissect_pair(d, invocation);
	if (choice == 1) {
		read_question(r, d, tag, true);
		if (is_secret(m->at, tag))
			rd_skip_rest(r); /* passwords and keys are not kept */
		else if (tag == SET || (tag == ACTION && rd_u8(r) != 0))
			read_value(r, d, tag, m->at);
	} else if (tag == GET && choice == 3) {
		n = rd_count(r, rd_u8(r), 10);
		for (uint32_t i = 0; i < n && rd_ok(r); i++)
			read_question(r, d, tag, i == 0);
		m->at = (struct fact_object){ .space = SPACE_NONE };
	} else if (tag == SET && choice == 2) {
		read_question(r, d, tag, true);
		rd_skip_rest(r); /* a block */
	} else {
		(void)dissect_op(d, tag);
		if ((tag == GET && choice == 2) || (tag == SET && choice == 3))
			rd_skip_rest(r); /* next, or a block */
	}
	rd_opaque_rest(r);
	remember(d, tag, invocation);
}

/* ---------------------------------------------------------------- answers */

static struct fact *
say_answer(struct dissect *d, uint32_t tag, uint32_t error)
{
	return error != 0 ? dissect_error(d, tag, error) : dissect_op(d, tag);
}

static uint32_t
read_length(struct rd *r)
{
	uint32_t n = rd_u8(r);

	return n == 0x81 ? rd_u8(r) : n == 0x82 ? rd_be16(r) : n;
}

static void
read_get_response(struct rd *r, struct dissect *d, uint32_t choice,
    uint32_t invocation, struct fact_object at)
{
	bool last = true;
	uint32_t block = 0, n;
	struct span whole;
	struct rd all;

	if (choice == 2) {
		last = rd_u8(r) != 0;
		block = rd_be32(r);
	}
	if (choice == 3) {
		(void)say_answer(d, GET_RESPONSE, 0);
		n = rd_count(r, rd_u8(r), 2);
		at = (struct fact_object){ .space = SPACE_NONE };
		for (uint32_t i = 0; i < n && rd_ok(r); i++) {
			if (rd_u8(r) == 0)
				read_value(r, d, GET_RESPONSE, at);
			else
				rd_skip(r, 1);
		}
		return;
	}
	if (rd_u8(r) != 0) {
		say_answer(d, GET_RESPONSE, rd_u8(r))->object = at;
		return;
	}
	say_answer(d, GET_RESPONSE, 0)->object = at;
	if (choice == 1) {
		read_value(r, d, GET_RESPONSE, at);
		return;
	}
	n = read_length(r);
	if (dissect_join(d, 0x100 | invocation, block == 1, last, rd_span(r, n),
		&whole) &&
	    rd_ok(r)) {
		all = rd_over(r, whole);
		read_value(&all, d, GET_RESPONSE, at);
	}
}

static void
read_response(struct rd *r, struct dissect *d, uint32_t tag)
{
	const struct memory *m = d->state;
	uint32_t choice = rd_u8(r), invocation = rd_u8(r) & 15;
	const struct ask *ask;
	struct fact_object at;

	if (!rd_ok(r))
		return;
	dissect_pair(d, invocation);
	ask = dissect_recall(d, invocation);
	at = ask != NULL ? ask->at : m->at;
	if (tag == GET_RESPONSE) {
		read_get_response(r, d, choice, invocation, at);
	} else if (choice == 1) {
		say_answer(d, tag, rd_u8(r))->object = at;
		if (tag == ACTION_RESPONSE && rd_more(r) && rd_u8(r) != 0) {
			if (rd_u8(r) == 0)
				read_value(r, d, tag, at);
			else
				rd_skip(r, 1);
		}
	} else {
		(void)say_answer(d, tag, 0);
		rd_skip_rest(r); /* numbers of blocks, results */
	}
	rd_opaque_rest(r);
}

/* ------------------------------------------------------------ association */

static const char *
mechanism_name(uint32_t id)
{
	static const char *const names[] = { "no security",
		"low level security", "high level security",
		"high level security MD5", "high level security SHA-1",
		"high level security GMAC", "high level security SHA-256",
		"high level security ECDSA" };

	return id < sizeof(names) / sizeof(names[0]) ? names[id]
						     : "unknown mechanism";
}

static void
read_aarq(struct rd *r, struct dissect *d, struct fact *f)
{
	uint32_t mechanism = 0;
	struct span secret = SPAN(NULL, 0), s;

	while (rd_more(r)) {
		struct ber e = ber_next(r);

		if (e.tag == BER_CONTEXT(11)) { /* mechanism: its last arc */
			s = rd_span_rest(&e.in);
			mechanism = s.n > 0 ? s.p[s.n - 1] : 0;
		} else if (e.tag == BER_CONTEXT(12)) {
			struct ber v = ber_next(&e.in);

			secret = rd_span_rest(&v.in);
		} else if (e.tag == BER_CONTEXT(6)) {
			struct ber v = ber_next(&e.in);

			say_title(d, rd_span_rest(&v.in));
		} else {
			rd_skip_rest(&e.in);
		}
	}
	if (!rd_ok(r))
		return;
	fact_text(f, span_text(mechanism_name(mechanism)));
	if (mechanism == 1 && secret.n > 0)
		dissect_content_login(d, d->ctx.pair, SPAN_LIT(""), secret);
}

static void
read_aare(struct rd *r, struct dissect *d)
{
	uint32_t result = 0;

	while (rd_more(r)) {
		struct ber e = ber_next(r);

		if (e.tag == BER_CONTEXT(2)) {
			struct ber v = ber_next(&e.in);

			result = (uint32_t)ber_uint(&v);
		} else if (e.tag == BER_CONTEXT(4)) {
			struct ber v = ber_next(&e.in);

			say_title(d, rd_span_rest(&v.in));
		} else {
			rd_skip_rest(&e.in);
		}
	}
	if (!rd_ok(r))
		return;
	(void)say_answer(d, 0x61, result);
}

static void
read_association(struct rd *r, struct dissect *d, uint32_t tag)
{
	struct rd body = rd_sub(r, read_length(r));
	struct fact *f;

	if (!rd_ok(r))
		return;
	if (tag == 0x60) {
		f = dissect_op(d, tag);
		read_aarq(&body, d, f);
		dissect_remember(d, (struct ask){ .pair = 0x60, .op = tag });
	} else if (tag == 0x61) {
		(void)dissect_recall(d, 0x60);
		read_aare(&body, d);
	} else {
		(void)dissect_op(d, tag);
	}
	rd_skip_rest(&body);
}

/* ------------------------------------------------------------------ APDUs */

static bool
is_ciphered(uint32_t tag)
{
	return (tag >= 0x21 && tag <= 0x2d) || (tag >= 0xc8 && tag <= 0xd7) ||
	    (tag >= 0xdb && tag <= 0xdd);
}

static void
read_apdu(struct rd *r, struct dissect *d)
{
	uint32_t tag = rd_u8(r);
	struct named o;

	if (!rd_ok(r))
		return;
	d->ctx.response = is_answer(tag);
	switch (tag) {
	case 0x60:
	case 0x61:
	case 0x62:
	case 0x63:
		read_association(r, d, tag);
		break;
	case GET:
	case SET:
	case ACTION:
		read_request(r, d, tag);
		break;
	case GET_RESPONSE:
	case SET_RESPONSE:
	case ACTION_RESPONSE:
		read_response(r, d, tag);
		break;
	case 0xd8:
		(void)dissect_error(d, tag, rd_be16(r));
		break;
	case EVENT:
		if (rd_u8(r) != 0)
			rd_skip(r, rd_u8(r)); /* when */
		o = read_object(r);
		say_object(dissect_op(d, tag), &o);
		read_value(r, d, tag, o.at);
		break;
	case 0x0f:
		rd_skip(r, 4);
		rd_skip(r, rd_u8(r)); /* when */
		(void)dissect_op(d, tag);
		read_value(r, d, tag,
		    (struct fact_object){ .space = SPACE_NONE });
		break;
	default:
		(void)dissect_op(d, tag);
		if (is_ciphered(tag))
			rd_secret(r, rd_left(r));
		break;
	}
	rd_opaque_rest(r);
}

/* ------------------------------------------------------------------ frames */

/* One, two or four octets, the last marked by its lowest bit. */
static uint32_t
read_address(struct rd *r)
{
	uint32_t address = 0, octet;

	for (uint32_t i = 0; i < 4; i++) {
		octet = rd_u8(r);
		address = address << 7 | octet >> 1;
		if ((octet & 1) != 0)
			break;
	}
	return address;
}

/* Octets of an I frame: LLC and APDU, possibly in segments. */
static void
read_information(struct rd *r, struct dissect *d, bool segmented)
{
	struct memory *m = d->state;
	bool *open = &m->open[d->to_server ? 0 : 1], first = !*open;
	struct span whole;
	struct rd all;

	if (first && !segmented) {
		rd_skip(r, 3);
		read_apdu(r, d);
		return;
	}
	*open = segmented;
	if (dissect_join(d, 1, first, !segmented, rd_span_rest(r), &whole) &&
	    rd_ok(r)) {
		all = rd_over(r, whole);
		rd_skip(&all, 3);
		read_apdu(&all, d);
	} else if (rd_ok(r)) {
		d->ctx.response = !d->to_server;
		(void)dissect_op(d, HDLC(0xfe));
	}
}

static void
parse_hdlc(struct rd *r, struct dissect *d)
{
	struct span all = rd_ahead(r, rd_left(r));
	uint32_t format, control, to, from;
	struct rd body;

	rd_skip(r, 1);
	format = rd_be16(r);
	rd_require(r, (format & 0x7ff) >= 7, "shorter than its header");
	body = rd_sub(r, (format & 0x7ff) - 4);
	rd_skip(r, 3);
	if (!rd_ok(r))
		return;
	rd_require(r, all.n < 9 || fcs_is_good(all), "wrong checksum");
	to = read_address(&body);
	from = read_address(&body);
	control = rd_u8(&body);
	if (!rd_ok(r))
		return;
	dissect_unit(d, d->to_server ? to : from);
	if ((control & 1) == 0 && !rd_more(&body)) {
		d->ctx.response = !d->to_server;
		(void)dissect_op(d, HDLC(0));
		return;
	}
	if ((control & 1) == 0) {
		rd_skip(&body, 2); /* HCS */
		read_information(&body, d, (format & 0x800) != 0);
		return;
	}
	control &= (control & 3) == 1 ? 0x0f : 0xef;
	d->ctx.response = control == 0x63 || control == 0x0f || control == 0x87;
	if (control == 0x83 || control == 0x43)
		dissect_remember(d,
		    (struct ask){ .pair = 0x63, .op = HDLC(control) });
	else if (d->ctx.response)
		(void)dissect_recall(d, 0x63);
	else
		d->ctx.response = !d->to_server;
	(void)dissect_op(d, HDLC(control));
	rd_skip_rest(&body); /* lengths that are negotiated */
}

static void
dlms_parse(struct rd *r, struct dissect *d)
{
	struct span head = rd_ahead(r, 1);
	uint32_t version, from, to, length;
	struct rd apdu;

	if (head.n == 1 && head.p[0] == FLAG) {
		parse_hdlc(r, d);
		return;
	}
	version = rd_be16(r);
	from = rd_be16(r);
	to = rd_be16(r);
	length = rd_be16(r);
	rd_require(r, version == 1, "no such version");
	apdu = rd_sub(r, length);
	if (!rd_ok(r))
		return;
	dissect_unit(d, d->to_server ? to : from);
	read_apdu(&apdu, d);
}

const struct proto proto_dlms = {
	.name = "dlms",
	.title = "DLMS/COSEM meters",
	.spec = "IEC 62056-5-3:2017, -6-2, -46, -47",
	.depth = "wrapper and HDLC, associations, get, set, action and reports "
		 "with objects and simple values, blocks and segments put "
		 "together; short names by name; ciphered as encrypted",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { 4059, 4060, 4061, 4062, 4063 },
	.udp = { 4059 },
	.client_role = ROLE_SCADA,
	.server_role = ROLE_METER,
	.claim = dlms_claim,
	.frame = dlms_frame,
	.frame_min = WRAP,
	.parse = dlms_parse,
	.state_size = sizeof(struct memory),
	PROTO_OPS(ops),
};
