/*
 * ethercat_mailbox.h - what masters and slaves of EtherCAT exchange through
 * the mailbox.
 *
 * ETG.1000.4 clause 5.6 and ETG.1000.6 clause 5.
 *
 *	+--------+---------+---------+----------+- - - -
 *	| length | address | channel | 0 cnt type| service
 *	+--------+---------+---------+----------+- - - -
 *	  le16     le16      u8        1, 3, 4 bits
 *
 *	type  0 error, 1 AoE, 2 EoE, 3 CoE, 4 FoE, 5 SoE, 15 of the vendor
 *
 * Private to ethercat.c.
 */
#ifndef PROTO_ETHERCAT_MAILBOX_H
#define PROTO_ETHERCAT_MAILBOX_H

#include "ethercat_tables.h"
#include "say.h"

#define MAILBOX_HEAD 6u
#define COE_SDO_REQUEST 2u
#define COE_SDO_RESPONSE 3u
#define COE_INFORMATION 8u
#define SDO_UPLOAD COE(0x202)
#define SDO_DOWNLOAD COE(0x201)

/* ------------------------------------------------------------------- CoE */

/* What a device says of itself in CANopen's way, by index. */
static inline void
coe_identity(struct dissect *d, uint32_t index, uint32_t sub, struct span text,
    uint32_t number)
{
	static const char *const whats[] = { "name", "hardware", "software" };
	static const char *const ids[] = { NULL, "vendor", "product",
		"revision", "serial" };

	if (index >= 0x1008 && index <= 0x100a && text.n > 0)
		dissect_identf(d, TRAIT_MODULE, "station %u: %s %.*s",
		    d->ctx.unit, whats[index - 0x1008], (int)text.n,
		    (const char *)text.p);
	else if (index == 0x1018 && sub >= 1 && sub <= 4 && text.n == 0)
		dissect_identf(d, TRAIT_MODULE, "station %u: %s 0x%08x",
		    d->ctx.unit, ids[sub], number);
}

static inline struct span
printable(struct span s)
{
	uint32_t n = 0;

	while (n < s.n && s.p[n] >= 0x20 && s.p[n] < 0x7f)
		n++;
	for (uint32_t i = n; i < s.n; i++)
		if (s.p[i] != 0)
			return span_first(s, 0);
	return span_first(s, n);
}

static inline uint64_t
little(struct span s)
{
	uint64_t v = 0;

	for (uint32_t i = 0; i < s.n && i < 8; i++)
		v |= (uint64_t)s.p[i] << (8 * i);
	return v;
}

/* Bytes of an object: text where it is text, a number where it is short. */
static inline void
coe_value(struct dissect *d, uint32_t op, struct fact_object at, struct span s)
{
	struct span text = printable(s);
	bool named = at.first >= 0x1008 && at.first <= 0x100a;

	if (s.n == 0)
		return;
	if (text.n > 0 && (named || s.n > 8))
		fact_text(dissect_value(d, op, at), text);
	else if (s.n <= 8)
		dissect_value_uint(d, op, at, little(s));
	if (d->ctx.response)
		coe_identity(d, at.first, at.sub,
		    named ? text : span_first(text, 0), (uint32_t)little(s));
}

static inline void
sdo_data(struct rd *r, struct dissect *d, uint32_t op, struct fact_object at,
    uint32_t head)
{
	uint32_t n;

	if ((head & 2) != 0) { /* in the four octets themselves */
		n = (head & 1) != 0 ? 4 - BITS(head, 3, 2) : 4;
		coe_value(d, op, at, rd_span(r, n));
		rd_skip_rest(r);
		return;
	}
	n = rd_le32(r);
	if (n > rd_left(r))
		n = rd_left(r); /* segments follow */
	coe_value(d, op, at, rd_span(r, n));
	rd_skip_rest(r);
}

static inline void
sdo_danger(struct fact *f, uint32_t index)
{
	uint32_t n = sizeof(ecat_objects) / sizeof(ecat_objects[0]);

	if (f->kind == FACT_NONE || f->risk == RISK_NONE)
		return;
	for (uint32_t i = 0; i < n; i++)
		if (index >= ecat_objects[i].first &&
		    index <= ecat_objects[i].last) {
			f->kind = ecat_objects[i].kind;
			f->risk = ecat_objects[i].risk;
		}
}

/* Command of an answer to that of its request. */
static inline uint32_t
sdo_command(uint32_t specifier, bool response)
{
	static const uint8_t asked[] = { 3, 0, 2, 1, 4, 5, 6, 7 };

	return response ? asked[specifier] : specifier;
}

static inline void
coe_sdo(struct rd *r, struct dissect *d, bool response)
{
	uint32_t head = rd_u8(r), command = sdo_command(head >> 5, response);
	uint32_t op = COE(0x200) | command;
	struct fact_object at = { .space = SPACE_DICTIONARY, .count = 1 };
	struct fact *f;

	if (command == 0 || command == 3) {
		(void)dissect_op(d, op);
		rd_skip_rest(r); /* a piece of an object */
		return;
	}
	at.first = rd_le16(r);
	at.sub = rd_u8(r);
	if (command == 4) {
		f = response ? dissect_error(d, op, rd_le32(r))
			     : dissect_op(d, op);
		f->object = at;
		rd_skip_rest(r);
		return;
	}
	f = dissect_op(d, op);
	f->object = at;
	sdo_danger(f, at.first);
	if ((command == 2 && response) || (command == 1 && !response))
		sdo_data(r, d, op, at, head);
	else
		rd_skip_rest(r);
}

static inline void
coe_information(struct rd *r, struct dissect *d)
{
	uint32_t code = rd_u8(r) & 0x7f, op;
	struct fact *f;

	rd_skip(r, 3); /* reserved, fragments left */
	d->ctx.response = code == 2 || code == 4 || code == 6 || code == 7;
	op = COE(0x800) | (code == 7 || !d->ctx.response ? code : code - 1);
	f = code == 7 ? dissect_error(d, op, rd_le32(r)) : dissect_op(d, op);
	if (code >= 1 && code <= 6 && rd_left(r) >= 2)
		f->object = (struct fact_object){ .space = SPACE_DICTIONARY,
			.first = rd_le16(r),
			.count = 1 };
	rd_skip_rest(r);
}

static inline void
coe(struct rd *r, struct dissect *d)
{
	uint32_t service = rd_le16(r) >> 12;
	struct fact *f;

	switch (service) {
	case 1:
		d->ctx.response = false;
		f = dissect_op(d, COE(0x100));
		f->object = (struct fact_object){ .space = SPACE_DICTIONARY,
			.first = rd_le16(r),
			.count = 1 };
		rd_skip_rest(r);
		break;
	case COE_SDO_REQUEST:
	case COE_SDO_RESPONSE:
		d->ctx.response = service == COE_SDO_RESPONSE;
		coe_sdo(r, d, d->ctx.response);
		break;
	case COE_INFORMATION:
		coe_information(r, d);
		break;
	default:
		d->ctx.response = false;
		(void)dissect_op(d, COE(service << 8));
		rd_skip_rest(r);
		break;
	}
}

/* ------------------------------------------------------------ FoE and SoE */

static inline void
foe(struct rd *r, struct dissect *d)
{
	uint32_t op = rd_u8(r), number;
	struct fact *f;

	rd_skip(r, 1);
	number = rd_le32(r); /* password, packet or error */
	f = op == 5 ? dissect_error(d, FOE(op), number)
		    : dissect_op(d, FOE(op));
	if (op == 1 || op == 2) {
		struct span name = rd_span_rest(r);

		say_named(f, name);
		f->object.space = SPACE_FILE;
		dissect_content_name(d, d->ctx.unit + 1, name, SPAN(NULL, 0));
	} else if (op == 5) {
		fact_text(f, rd_span_rest(r));
	}
	rd_skip_rest(r);
}

/* "S-0-0099": set and number of a parameter, of the standard or product. */
static inline void
soe_name(struct fact *f, uint32_t idn)
{
	f->object = (struct fact_object){ .space = SPACE_IDN,
		.first = idn,
		.count = 1 };
	fact_textf(f, "%c-%u-%04u", (idn & 0x8000) != 0 ? 'P' : 'S',
	    BITS(idn, 14, 12), idn & 0xfff);
}

static inline void
soe(struct rd *r, struct dissect *d)
{
	uint32_t head = rd_u8(r), code = head & 7, idn, op;
	struct fact *f;

	rd_skip(r, 1); /* elements */
	idn = rd_le16(r);
	d->ctx.response = code == 2 || code == 4;
	op = SOE(d->ctx.response ? code - 1 : code);
	f = (head & 0x10) != 0 ? dissect_error(d, op, rd_le16(r))
			       : dissect_op(d, op);
	if ((head & 8) == 0) /* else it counts fragments */
		soe_name(f, idn);
	if (code == 3 && idn == 99 && f->kind != FACT_NONE) {
		f->kind = FACT_CONTROL;
		f->risk = RISK_RESET;
	}
	if ((code == 2 || code == 3) && rd_left(r) > 0 && rd_left(r) <= 4)
		dissect_value_uint(d, op, f->object,
		    little(rd_span(r, rd_left(r))));
	rd_skip_rest(r);
}

/* ------------------------------------------------------------ AoE and EoE */

/* The header of AMS: two addresses and ports, command, flags, length ... */
static inline void
aoe(struct rd *r, struct dissect *d)
{
	uint32_t command, flags, error;
	struct fact_object at = { .space = SPACE_ADS, .count = 1 };
	struct fact *f;

	rd_skip(r, 16);
	command = rd_le16(r);
	flags = rd_le16(r);
	rd_skip(r, 4);
	error = rd_le32(r);
	dissect_pair(d, rd_le32(r));
	d->ctx.response = (flags & 1) != 0;
	f = d->ctx.response && error != 0
	    ? dissect_error(d, AOE(command), error)
	    : dissect_op(d, AOE(command));
	if (!d->ctx.response &&
	    (command == 2 || command == 3 || command == 9)) {
		at.area = rd_le32(r);
		at.first = rd_le32(r);
		at.count = rd_le32(r);
		f->object = at;
	}
	rd_skip_rest(r);
}

static inline void
eoe(struct rd *r, struct dissect *d)
{
	uint32_t info = rd_le16(r), type = info & 15, flags;
	struct fact *f;

	rd_skip(r, 2); /* fragment, or result */
	d->ctx.response = type == 3 || type == 5;
	f = dissect_op(d, EOE(d->ctx.response ? type - 1 : type));
	if (type == 0) {
		rd_opaque_rest(r); /* part of an Ethernet frame */
		return;
	}
	if (type == 2 && rd_left(r) >= 14) {
		struct span ip;

		flags = rd_le32(r);
		rd_skip(r, 6); /* MAC address, there in any case */
		ip = rd_span(r, 4); /* last octet first */
		if ((flags & 2) != 0 && ip.n == 4)
			fact_textf(f, "%u.%u.%u.%u", ip.p[3], ip.p[2], ip.p[1],
			    ip.p[0]);
	}
	rd_skip_rest(r);
}

/* ------------------------------------------------------------- the message */

/* Whether bytes of a slave's memory are a mailbox and not process data. */
static inline bool
is_mailbox(struct span s)
{
	uint32_t n, type;

	if (s.n < MAILBOX_HEAD + 2)
		return false;
	n = (uint32_t)s.p[1] << 8 | s.p[0];
	type = s.p[5] & 15;
	if (n < 2 || n + MAILBOX_HEAD > s.n || (s.p[5] & 0x80) != 0 ||
	    (s.p[4] & 0x3f) != 0)
		return false;
	switch (type) {
	case 0:
		return n == 4 && s.p[6] == 1 && s.p[7] == 0;
	case 1:
		return n >= 32;
	case 2:
		return n >= 4 && (s.p[6] & 15) <= 7;
	case 3: {
		uint32_t service = s.p[7] >> 4;

		return n >= 3 && service >= 1 && service <= 8 &&
		    (s.p[7] & 0x0e) == 0;
	}
	case 4:
		return n >= 6 && s.p[6] >= 1 && s.p[6] <= 6 && s.p[7] == 0;
	case 5:
		return n >= 4 && (s.p[6] & 7) >= 1 && (s.p[6] & 7) <= 6;
	default:
		return false;
	}
}

static inline void
mailbox(struct rd *r, struct dissect *d)
{
	struct dissect_context was = d->ctx;
	uint32_t n = rd_le16(r), station = rd_le16(r), type;
	struct rd in;

	if (!d->ctx.has_unit)
		dissect_unit(d, station);
	rd_skip(r, 1); /* channel and priority */
	type = rd_u8(r) & 15;
	in = rd_sub(r, n);
	switch (type) {
	case 0:
		rd_skip(&in, 2);
		(void)dissect_error(d, FACT_OP(V_MAILBOX, 0), rd_le16(&in));
		break;
	case 1:
		aoe(&in, d);
		break;
	case 2:
		eoe(&in, d);
		break;
	case 3:
		coe(&in, d);
		break;
	case 4:
		foe(&in, d);
		break;
	case 5:
		soe(&in, d);
		break;
	default:
		(void)dissect_op(d, FACT_OP(V_MAILBOX, type));
		rd_opaque_rest(&in);
		break;
	}
	rd_skip_rest(r);
	d->ctx = was;
}

#endif
