/*
 * modbus_pdu.h - the Modbus protocol data unit, whatever carries it.
 *
 * MODBUS Application Protocol Specification V1.1b3.
 *
 *	+----------+- - - - - - - -
 *	| function | data			function | 80h: exception, code
 *	+----------+- - - - - - - -
 *	  u8
 *
 * All numbers are big-endian.  Objects: first = address, count = how many;
 * file records: area = file, first = record; diagnostics and encapsulated
 * interfaces: sub = subfunction or interface type; a mask write's values: sub
 * 1 the AND mask, 2 the OR mask.  Included by modbus.c and modbus_rtu.c only.
 */
#ifndef PROTO_MODBUS_PDU_H
#define PROTO_MODBUS_PDU_H

#include "proto.h"

#define FC_DIAGNOSTICS 8u
#define FC_SERVER_ID 17u
#define FC_ENCAPSULATED 43u
#define FC_UMAS 90u
#define MEI_CANOPEN 13u
#define MEI_IDENTIFY 14u

static const struct proto_op ops[] = {
	{ 1, FACT_READ, RISK_NONE, "read coils" },
	{ 2, FACT_READ, RISK_NONE, "read discrete inputs" },
	{ 3, FACT_READ, RISK_NONE, "read holding registers" },
	{ 4, FACT_READ, RISK_NONE, "read input registers" },
	{ 5, FACT_WRITE, RISK_WRITE, "write single coil" },
	{ 6, FACT_WRITE, RISK_WRITE, "write single register" },
	{ 7, FACT_DIAGNOSE, RISK_NONE, "read exception status" },
	{ 8, FACT_DIAGNOSE, RISK_NONE, "diagnostics" },
	{ 9, FACT_PROGRAM, RISK_PROGRAM, "program 484" },
	{ 10, FACT_PROGRAM, RISK_NONE, "poll 484" },
	{ 11, FACT_DIAGNOSE, RISK_NONE, "get comm event counter" },
	{ 12, FACT_DIAGNOSE, RISK_NONE, "get comm event log" },
	{ 13, FACT_PROGRAM, RISK_PROGRAM, "program 584/984" },
	{ 14, FACT_PROGRAM, RISK_NONE, "poll 584/984" },
	{ 15, FACT_WRITE, RISK_WRITE, "write multiple coils" },
	{ 16, FACT_WRITE, RISK_WRITE, "write multiple registers" },
	{ 17, FACT_DISCOVER, RISK_NONE, "report server id" },
	{ 18, FACT_PROGRAM, RISK_PROGRAM, "program 884/m84" },
	{ 19, FACT_CONTROL, RISK_RESET, "reset comm link" },
	{ 20, FACT_FILE, RISK_NONE, "read file record" },
	{ 21, FACT_FILE, RISK_FILE, "write file record" },
	{ 22, FACT_WRITE, RISK_WRITE, "mask write register" },
	{ 23, FACT_WRITE, RISK_WRITE, "read/write multiple registers" },
	{ 24, FACT_READ, RISK_NONE, "read fifo queue" },
	{ 40, FACT_PROGRAM, RISK_PROGRAM, "program (concept)" },
	{ 41, FACT_PROGRAM, RISK_PROGRAM, "reserved 41" },
	{ 42, FACT_PROGRAM, RISK_PROGRAM, "reserved 42" },
	{ 43, FACT_DISCOVER, RISK_NONE, "encapsulated interface transport" },
	{ 90, FACT_PROGRAM, RISK_PROGRAM, "umas" },
	{ 91, FACT_PROGRAM, RISK_PROGRAM, "reserved 91" },
	{ 100, FACT_READ, RISK_NONE, "scattered register read" },
	{ 125, FACT_PROGRAM, RISK_FIRMWARE, "firmware replacement" },
	{ 126, FACT_PROGRAM, RISK_PROGRAM, "program 584/984 (126)" },
	{ 127, FACT_DIAGNOSE, RISK_NONE, "report local address" },
};

/* Diagnostics: what is not here reads a counter or echoes. */
static const struct diagnostic {
	uint16_t code;
	uint8_t kind, risk;
	const char *name;
} diagnostics[] = {
	{ 0, FACT_DIAGNOSE, RISK_NONE, "return query data" },
	{ 1, FACT_CONTROL, RISK_RESET, "restart communications" },
	{ 2, FACT_DIAGNOSE, RISK_NONE, "return diagnostic register" },
	{ 3, FACT_CONFIG, RISK_CONFIGURATION, "change ascii delimiter" },
	{ 4, FACT_CONTROL, RISK_MODE, "force listen only mode" },
	{ 10, FACT_CONTROL, RISK_RESET, "clear counters" },
	{ 11, FACT_DIAGNOSE, RISK_NONE, "bus message count" },
	{ 12, FACT_DIAGNOSE, RISK_NONE, "bus communication error count" },
	{ 13, FACT_DIAGNOSE, RISK_NONE, "bus exception error count" },
	{ 14, FACT_DIAGNOSE, RISK_NONE, "server message count" },
	{ 15, FACT_DIAGNOSE, RISK_NONE, "server no response count" },
	{ 16, FACT_DIAGNOSE, RISK_NONE, "server nak count" },
	{ 17, FACT_DIAGNOSE, RISK_NONE, "server busy count" },
	{ 18, FACT_DIAGNOSE, RISK_NONE, "bus character overrun count" },
	{ 20, FACT_CONTROL, RISK_NONE, "clear overrun counter" },
	{ 21, FACT_DIAGNOSE, RISK_NONE, "modbus plus statistics" },
};

static uint8_t
modbus_space(uint32_t fc)
{
	switch (fc) {
	case 1:
	case 5:
	case 15:
		return SPACE_COIL;
	case 2:
		return SPACE_DISCRETE;
	case 4:
		return SPACE_INPUT;
	case 20:
	case 21:
		return SPACE_RECORD;
	case 24:
		return SPACE_FIFO;
	default:
		return SPACE_HOLDING;
	}
}

static bool
modbus_wants_values(const struct dissect *d)
{
	return (d->wanted & FACT_MASK(FACT_VALUE)) != 0;
}

/* Registers to the end. */
static void
modbus_registers(struct rd *r, struct dissect *d, uint32_t fc,
    struct fact_object at)
{
	if (!modbus_wants_values(d)) {
		rd_skip_rest(r);
		return;
	}
	at.count = 1;
	while (rd_left(r) >= 2) {
		uint32_t v = rd_be16(r);

		if (!rd_ok(r))
			return;
		dissect_value_uint(d, fc, at, v);
		at.first++;
	}
	rd_skip_rest(r);
}

/* Bits to the end, at most `at.count` of them. */
static void
modbus_bits(struct rd *r, struct dissect *d, uint32_t fc, struct fact_object at)
{
	uint32_t n = at.count;
	struct span bits;

	if (!modbus_wants_values(d)) {
		rd_skip_rest(r);
		return;
	}
	bits = rd_span(r, rd_left(r));
	at.count = 1;
	for (uint32_t i = 0; i < n && i / 8 < bits.n; i++) {
		dissect_value_bool(d, fc, at, bits_lsb_get(bits, i));
		at.first++;
	}
}

/* Bytes that a count announces; what goes beyond it is not the message's. */
static struct rd
modbus_counted(struct rd *r)
{
	uint32_t n = rd_u8(r);

	return rd_sub(r, n);
}

static void
modbus_diagnostic(struct fact *f, uint32_t sub)
{
	f->object = (struct fact_object){ .sub = (uint16_t)sub };
	if (f->kind == FACT_NONE)
		return;
	for (uint32_t i = 0; i < sizeof(diagnostics) / sizeof(diagnostics[0]);
	     i++) {
		if (diagnostics[i].code != sub)
			continue;
		fact_text(f, span_text(diagnostics[i].name));
		if (f->kind == FACT_ACK)
			return;
		f->kind = diagnostics[i].kind;
		f->risk = diagnostics[i].risk;
	}
}

/* --------------------------------------------------------------- requests */

/* File records: reference type 6, file, record, length, data of writes. */
static void
modbus_records(struct rd *r, struct dissect *d, uint32_t fc, struct fact *f,
    struct fact_object *ret_first)
{
	struct rd list = modbus_counted(r);
	struct fact *first = f;

	while (rd_left(&list) >= 7) {
		struct fact_object o = { .space = SPACE_RECORD };
		struct rd data;

		rd_require(&list, rd_u8(&list) == 6, "reference type is not 6");
		o.area = rd_be16(&list);
		o.first = rd_be16(&list);
		o.count = rd_be16(&list);
		if (!rd_ok(r))
			return;
		if (f == NULL) {
			f = dissect_emit(d,
			    first->response ? FACT_ACK : FACT_FILE, fc);
			f->risk = first->risk;
		}
		f->object = o;
		if (f == first)
			*ret_first = o;
		f = NULL;
		if (fc != 21)
			continue;
		data = rd_sub(&list, o.count * 2);
		modbus_registers(&data, d, fc, o);
	}
}

/* Read ranges first, so that a plain read says READ, a mixed one WRITE. */
static void
modbus_read_write(struct rd *r, struct dissect *d, struct ask *ask)
{
	struct fact_object to = { .space = SPACE_HOLDING };
	struct fact *f = dissect_op(d, ask->op);
	struct rd data;

	ask->at.first = rd_be16(r);
	ask->at.count = rd_be16(r);
	to.first = rd_be16(r);
	to.count = rd_be16(r);
	f->object = to;
	dissect_emit(d, FACT_READ, ask->op)->object = ask->at;
	data = modbus_counted(r);
	modbus_registers(&data, d, ask->op, to);
}

static void
modbus_mask_write(struct rd *r, struct dissect *d, struct fact_object at)
{
	uint32_t and = rd_be16(r), or = rd_be16(r);

	if (!rd_ok(r))
		return;
	at.sub = 1;
	dissect_value_uint(d, 22, at, and);
	at.sub = 2;
	dissect_value_uint(d, 22, at, or);
}

/* One or many: what is written follows the address. */
static void
modbus_write(struct rd *r, struct dissect *d, struct ask *ask)
{
	struct fact *f = dissect_op(d, ask->op);
	struct rd data;

	ask->at.first = rd_be16(r);
	ask->at.count = 1;
	f->object = ask->at;
	switch (ask->op) {
	case 5:
	case 6: {
		uint32_t v = rd_be16(r);

		if (!rd_ok(r))
			return;
		if (ask->op == 5)
			dissect_value_bool(d, 5, ask->at, v >= 0x100);
		else
			dissect_value_uint(d, 6, ask->at, v);
		break;
	}
	case 22:
		modbus_mask_write(r, d, ask->at);
		break;
	default:
		ask->at.count = rd_be16(r);
		f->object = ask->at;
		data = modbus_counted(r);
		if (ask->op == 15)
			modbus_bits(&data, d, 15, ask->at);
		else
			modbus_registers(&data, d, 16, ask->at);
		break;
	}
}

static void
modbus_encapsulated(struct rd *r, struct dissect *d, struct ask *ask)
{
	struct fact *f = dissect_op(d, FC_ENCAPSULATED);
	uint32_t mei = rd_u8(r);

	ask->at = (struct fact_object){ .sub = (uint16_t)mei };
	if (mei == MEI_IDENTIFY) {
		rd_skip(r, 1); /* access code: stream or one object */
		ask->at.first = rd_u8(r);
	} else if (f->kind != FACT_NONE && !d->ctx.response) {
		/* a tunnel into CANopen writes as well as reads */
		f->kind = mei == MEI_CANOPEN ? FACT_WRITE : FACT_UNKNOWN;
		f->risk = mei == MEI_CANOPEN ? RISK_CONFIGURATION : RISK_NONE;
	}
	f->object = ask->at;
	rd_opaque_rest(r);
}

static void
modbus_request(struct rd *r, struct dissect *d, uint32_t fc, uint32_t key)
{
	struct ask ask = { .pair = key, .op = fc };
	struct fact *f;

	ask.at.space = modbus_space(fc);
	switch (fc) {
	case 1:
	case 2:
	case 3:
	case 4:
		f = dissect_op(d, fc);
		ask.at.first = rd_be16(r);
		ask.at.count = rd_be16(r);
		f->object = ask.at;
		break;
	case 5:
	case 6:
	case 15:
	case 16:
	case 22:
		modbus_write(r, d, &ask);
		break;
	case FC_DIAGNOSTICS:
		ask.at = (struct fact_object){ .sub = rd_be16(r) };
		modbus_diagnostic(dissect_op(d, fc), ask.at.sub);
		break;
	case 20:
	case 21:
		modbus_records(r, d, fc, dissect_op(d, fc), &ask.at);
		break;
	case 23:
		modbus_read_write(r, d, &ask);
		break;
	case 24:
		f = dissect_op(d, fc);
		ask.at.first = rd_be16(r);
		f->object = ask.at;
		break;
	case FC_ENCAPSULATED:
		modbus_encapsulated(r, d, &ask);
		break;
	default:
		ask.at.space = SPACE_NONE;
		(void)dissect_op(d, fc);
		break;
	}
	dissect_remember(d, ask);
}

/* -------------------------------------------------------------- responses */

/* The identity of what answers: the device, or one behind a gateway. */
static void
modbus_identity(struct dissect *d, enum trait trait, struct span text)
{
	if (d->ctx.unit <= 1 || d->ctx.unit == 255)
		dissect_ident(d, trait, text);
	else if (text.n > 0)
		dissect_identf(d, TRAIT_MODULE, "unit %u: %.*s", d->ctx.unit,
		    (int)(text.n < 80 ? text.n : 80), (const char *)text.p);
}

static void
modbus_device_id(struct rd *r, struct dissect *d)
{
	static const uint8_t traits[] = { TRAIT_VENDOR, TRAIT_ORDER,
		TRAIT_FIRMWARE, TRAIT_COUNT, TRAIT_MODEL, TRAIT_DESCRIPTION,
		TRAIT_APPLICATION };
	uint32_t n;

	rd_skip(r, 4); /* code, conformity, more follows, next object */
	n = rd_u8(r);
	while (n-- > 0 && rd_more(r)) {
		uint32_t id = rd_u8(r);
		struct rd value = rd_sub_u8(r);
		struct span text = rd_span(&value, rd_left(&value));

		if (!rd_ok(r))
			return;
		if (id < sizeof(traits) && traits[id] != TRAIT_COUNT)
			modbus_identity(d, traits[id], text);
	}
}

static uint32_t
modbus_printable(struct span s)
{
	uint32_t n = 0;

	while (n < s.n && s.p[n] >= 0x20 && s.p[n] < 0x7f)
		n++;
	return n;
}

/* Report server id: identifier, run indicator 0 or FFh, device's own data. */
static void
modbus_server_id(struct rd *r, struct dissect *d)
{
	struct rd data = modbus_counted(r);
	struct span s = rd_span(&data, rd_left(&data)), text;

	if (!rd_ok(r) || s.n < 2)
		return;
	if (s.p[1] == 0xff)
		dissect_ident(d, TRAIT_MODE, SPAN_LIT("run"));
	else if (s.p[1] == 0)
		dissect_ident(d, TRAIT_MODE, SPAN_LIT("stop"));
	/* many put all of it as text */
	text = modbus_printable(s) == s.n ? s : span_from(s, 2);
	text = span_first(text, modbus_printable(text));
	if (text.n >= 3)
		modbus_identity(d, TRAIT_DESCRIPTION, text);
}

/* Groups: length, reference type, data. */
static void
modbus_record_data(struct rd *r, struct dissect *d, const struct ask *ask)
{
	struct rd list = modbus_counted(r);

	while (rd_left(&list) >= 2) {
		struct rd group = rd_sub_u8(&list);

		rd_skip(&group, 1);
		if (ask != NULL)
			modbus_registers(&group, d, 20, ask->at);
		ask = NULL; /* only the first group's place is known */
	}
}

static void
modbus_fifo(struct rd *r, struct dissect *d, const struct ask *ask)
{
	struct rd data = rd_sub_be16(r);
	uint32_t n = rd_be16(&data);
	struct fact_object at = { .space = SPACE_FIFO };

	n = rd_count(&data, n, 2);
	if (ask != NULL)
		at.first = ask->at.first;
	at.count = 1;
	for (uint32_t i = 0; i < n && modbus_wants_values(d); i++) {
		at.sub = (uint16_t)i; /* place in the queue */
		dissect_value_uint(d, 24, at, rd_be16(&data));
	}
	rd_skip_rest(&data);
}

/* Counters and status of diagnostics, one to three numbers. */
static void
modbus_counters(struct rd *r, struct dissect *d, uint32_t fc, uint32_t sub)
{
	struct fact_object at = { .sub = (uint16_t)sub };

	if (fc == 7) {
		dissect_value_uint(d, fc, at, rd_u8(r));
		return;
	}
	if (fc == 12)
		rd_skip(r, 1);
	while (rd_left(r) >= 2 && at.first < 3) {
		uint32_t v = rd_be16(r);

		if (!rd_ok(r))
			return;
		dissect_value_uint(d, fc, at, v);
		at.first++;
	}
	rd_skip_rest(r);
}

static void
modbus_read_values(struct rd *r, struct dissect *d, uint32_t fc,
    const struct ask *ask)
{
	struct rd data = modbus_counted(r);

	if (ask == NULL)
		rd_skip_rest(&data); /* values of nobody knows where */
	else if (fc <= 2)
		modbus_bits(&data, d, fc, ask->at);
	else
		modbus_registers(&data, d, fc, ask->at);
}

/* The answer repeats where, and how much, was written. */
static struct fact_object
modbus_written(struct rd *r, uint32_t fc)
{
	struct fact_object at = { .space = modbus_space(fc), .count = 1 };

	at.first = rd_be16(r);
	if (fc == 15 || fc == 16)
		at.count = rd_be16(r);
	rd_skip_rest(r);
	return at;
}

static void
modbus_response(struct rd *r, struct dissect *d, uint32_t fc, uint32_t key)
{
	const struct ask *ask = dissect_recall(d, key);
	struct fact *f = dissect_op(d, fc);
	struct fact_object at;

	if (ask != NULL && ask->op != fc)
		ask = NULL;
	if (ask != NULL)
		f->object = ask->at;
	switch (fc) {
	case 1:
	case 2:
	case 3:
	case 4:
	case 23:
		modbus_read_values(r, d, fc, ask);
		break;
	case 5:
	case 6:
	case 15:
	case 16:
	case 22:
		f->object = modbus_written(r, fc);
		break;
	case 7:
	case 11:
	case 12:
		modbus_counters(r, d, fc, 0);
		break;
	case FC_DIAGNOSTICS: {
		uint32_t sub = rd_be16(r);

		modbus_diagnostic(f, sub);
		if (sub == 2 || (sub >= 11 && sub <= 18))
			modbus_counters(r, d, fc, sub);
		break;
	}
	case FC_SERVER_ID:
		modbus_server_id(r, d);
		break;
	case 20:
		modbus_record_data(r, d, ask);
		break;
	case 21:
		modbus_records(r, d, fc, f, &at);
		break;
	case 24:
		modbus_fifo(r, d, ask);
		break;
	case FC_ENCAPSULATED: {
		uint32_t mei = rd_u8(r);

		f->object = (struct fact_object){ .sub = (uint16_t)mei };
		if (mei == MEI_IDENTIFY)
			modbus_device_id(r, d);
		break;
	}
	default:
		break;
	}
}

/* Exceptions: Modbus Application Protocol V1.1b3, 7. */
static const struct proto_code codes[] = {
	{ 1, "illegal function" },
	{ 2, "illegal data address" },
	{ 3, "illegal data value" },
	{ 4, "server device failure" },
	{ 5, "acknowledged, takes long" },
	{ 6, "server device busy" },
	{ 8, "memory parity error" },
	{ 10, "gateway path unavailable" },
	{ 11, "gateway target does not respond" },
};

static void
modbus_exception(struct rd *r, struct dissect *d, uint32_t fc, uint32_t key)
{
	const struct ask *ask;
	struct fact *f;

	d->ctx.response = true;
	ask = dissect_recall(d, key);
	f = dissect_error(d, fc, rd_u8(r));
	if (ask != NULL && ask->op == fc)
		f->object = ask->at;
}

/*
 * One PDU to the end of `r`.  `key` finds the request of a response.  What is
 * left is unknown.
 */
static void
modbus_pdu(struct rd *r, struct dissect *d, uint32_t key)
{
	uint32_t fc = rd_u8(r);

	if (fc == FC_UMAS)
		dissect_inner(d, &proto_umas, r);
	else if (fc >= 0x80)
		modbus_exception(r, d, fc & 0x7f, key);
	else if (d->ctx.response)
		modbus_response(r, d, fc, key);
	else
		modbus_request(r, d, fc, key);
	rd_opaque_rest(r);
}

/*
 * Length of the PDU that these octets, function code first, begin: of a
 * request or of a response.  0: no telling; more: it takes at least so many.
 */
static uint32_t
modbus_pdu_length(struct span s, bool response)
{
	static const uint8_t request[25] = { 0, 5, 5, 5, 5, 5, 5, 1, 5, 0, 0, 1,
		1, 0, 0, 6, 6, 1, 0, 0, 2, 2, 7, 10, 3 };
	static const uint8_t answer[25] = { 0, 2, 2, 2, 2, 5, 5, 2, 5, 0, 0, 5,
		2, 0, 0, 5, 5, 2, 0, 0, 2, 2, 7, 2, 3 };
	uint32_t fc = s.n > 0 ? s.p[0] : 0, n;

	if (fc > 0x80)
		return response ? 2 : 0;
	if (fc == FC_ENCAPSULATED && s.n > 1 && s.p[1] == MEI_IDENTIFY &&
	    !response)
		return 4;
	if (fc > 24)
		return 0;
	n = response ? answer[fc] : request[fc];
	/* fixed, or counted by the last octet of the fixed part */
	if (n == 0 || s.n < n)
		return n;
	if (fc == 24 && response)
		return n + ((uint32_t)s.p[1] << 8 | s.p[2]);
	if (response ? n == 2 && fc != 7
		     : fc == 15 || fc == 16 || fc == 20 || fc == 21 || fc == 23)
		return n + s.p[n - 1];
	return n;
}

#endif
