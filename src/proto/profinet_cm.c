/*
 * profinet_cm.c - PROFINET context manager: connecting to, parameterising
 * and reading devices, in the stubs of DCE/RPC (UDP 34964).
 *
 * IEC 61158-6-10:2023 clauses 5.1 and 5.2.
 *
 *	request	+--------------+-------------+-----+--------+--------+- - -
 *		| args maximum | args length | max | offset | actual | blocks
 *		+--------------+-------------+-----+--------+--------+- - -
 *	answer	+--------+-------------+-----+--------+--------+- - -
 *		| status | args length | max | offset | actual | blocks
 *		+--------+-------------+-----+--------+--------+- - -
 *		  u32 each, in the byte order of the call
 *	block	+------+--------+---------+- - - -
 *		| type | length | version | body		all be16
 *		+------+--------+---------+- - - -
 *
 * Op is the operation of the call: 0 connect, 1 release, 2 read, 3 write,
 * 4 control, 5 read implicit.  Object (space PN_RECORD): area API, first
 * slot, count subslot, sub record index; of a connect area is the type of
 * the relation and the text the station's name; of a control the text is the
 * command.  Each record of a multiple write is a fact.  Connections for
 * cyclic data are SESSION facts (space PN_FRAME): first the frame identifier,
 * area 1 input or 2 output, count the length, sub the reduction ratio.  Error
 * is PNIOStatus.
 *
 * Devices answer from another port than the one that was asked, so that the
 * answer is another flow's: it repeats the operation and, in its blocks, the
 * object, and is not looked for among what was asked.
 */
#include "dcerpc.h"
#include "profinet_vendors.h"

#define OP_CONNECT 0u
#define OP_READ 2u
#define OP_WRITE 3u
#define OP_CONTROL 4u
#define OP_READ_IMPLICIT 5u

#define INDEX_MULTIPLE_WRITE 0xe040u
#define MAX_IDENTS 64u

static const struct proto_op ops[] = {
	{ OP_CONNECT, FACT_SESSION, RISK_NONE, "connect" },
	{ 1, FACT_SESSION, RISK_NONE, "release" },
	{ OP_READ, FACT_READ, RISK_NONE, "read" },
	{ OP_WRITE, FACT_CONFIG, RISK_CONFIGURATION, "write" },
	{ OP_CONTROL, FACT_SESSION, RISK_NONE, "control" },
	{ OP_READ_IMPLICIT, FACT_READ, RISK_NONE, "read implicit" },
};

enum block_type {
	BLOCK_WRITE = 0x0008,
	BLOCK_READ = 0x0009,
	BLOCK_REAL_IDENT = 0x0013,
	BLOCK_IM0 = 0x0020,
	BLOCK_IM1 = 0x0021,
	BLOCK_IM2 = 0x0022,
	BLOCK_IM3 = 0x0023,
	BLOCK_AR = 0x0101,
	BLOCK_IOCR = 0x0102,
	BLOCK_ALARM_CR = 0x0103,
	BLOCK_EXPECTED = 0x0104,
	BLOCK_CONTROL_FIRST = 0x0110,
	BLOCK_CONTROL_LAST = 0x0118,
	BLOCK_MODULE_DIFF = 0x8104,
};

#define BLOCK_ANSWER 0x8000u

struct cm {
	struct dissect *d;
	const struct dcerpc_call *call;
	struct fact *f; /* the operation, once said */
	uint32_t idents;
	uint32_t slot, subslot, index; /* of the record being read */
};

/* The operation with its object: the first time it counts the message. */
static struct fact *
say(struct cm *c, struct fact_object at)
{
	const struct proto_op *row = proto_op_find(c->d->proto, c->call->opnum);
	struct fact *f;

	if (c->f != NULL && c->f->kind == FACT_ERROR) {
		f = c->f;
	} else if (c->f == NULL || row == NULL) {
		f = dissect_op(c->d, c->call->opnum);
	} else {
		f = dissect_emit(c->d,
		    c->d->ctx.response ? FACT_ACK : (enum fact_kind)row->kind,
		    c->call->opnum);
		f->risk = c->d->ctx.response ? RISK_NONE : row->risk;
	}
	if (c->f == NULL)
		c->f = f;
	f->object = at;
	return f;
}

/* --------------------------------------------------------------- relations */

static void
say_binding(struct dissect *d, struct span mac)
{
	struct addr addr = d->to_server ? d->talk->client : d->talk->server;

	if (mac.n != 6 || addr.ip.len == 0)
		return;
	memcpy(addr.mac.b, mac.p, 6);
	addr.has_mac = true;
	if (!mac_is_group(&addr.mac) && !mac_is_zero(&addr.mac))
		dissect_ident_of(d, addr, TRAIT_ADDRESS, SPAN(NULL, 0));
}

/* Application relation: who connects, and as what. */
static void
ar_request(struct cm *c, struct rd *r)
{
	struct dissect *d = c->d;
	uint32_t type = rd_be16(r), vendor;
	struct span mac, name;
	struct fact *f;

	rd_skip(r, 16 + 2); /* identifier, session key */
	mac = rd_span(r, 6);
	rd_skip(r, 14); /* object identifier: ends in device and vendor */
	vendor = rd_be16(r);
	rd_skip(r, 4 + 2 + 2); /* properties, time-out, port */
	name = rd_span(r, rd_be16(r));
	f = say(c,
	    (struct fact_object){ .space = SPACE_PN_RECORD,
		.area = type,
		.count = 1 });
	fact_text(f, name);
	if (!rd_ok(r))
		return;
	dissect_ident(d, TRAIT_NAME, name);
	if (vendor != 0)
		pn_say_vendor(d, vendor);
	say_binding(d, mac);
	dissect_ident_role(d, ABOUT_SENDER,
	    type == 6 ? ROLE_ENGINEERING : ROLE_PLC);
	dissect_ident_role(d, ABOUT_RECEIVER, ROLE_IO);
}

static void
ar_response(struct cm *c, struct rd *r)
{
	uint32_t type = rd_be16(r);

	rd_skip(r, 16 + 2);
	say_binding(c->d, rd_span(r, 6));
	(void)say(c,
	    (struct fact_object){ .space = SPACE_PN_RECORD,
		.area = type,
		.count = 1 });
}

/* Connection for cyclic data. */
static void
iocr_request(struct cm *c, struct rd *r)
{
	struct fact_object at = { .space = SPACE_PN_FRAME };

	at.area = rd_be16(r);
	rd_skip(r, 2 + 2 + 4); /* reference, ethertype, properties */
	at.count = rd_be16(r);
	at.first = rd_be16(r);
	rd_skip(r, 2); /* send clock */
	at.sub = rd_be16(r);
	if (rd_ok(r) && c->f != NULL)
		dissect_emit(c->d, FACT_SESSION, c->call->opnum)->object = at;
	rd_skip_rest(r);
}

static void
say_module(struct cm *c, enum about about, uint32_t slot, uint32_t subslot,
    uint32_t module, uint32_t submodule, const char *state)
{
	struct fact *f;

	if (++c->idents > MAX_IDENTS)
		return;
	f = dissect_ident_about(c->d, about, TRAIT_MODULE, SPAN_LIT("slot"));
	if (f->kind == FACT_NONE)
		return;
	if (subslot == UINT32_MAX)
		fact_textf(f, "slot %u module 0x%08x%s%s", slot, module,
		    state[0] != '\0' ? ": " : "", state);
	else
		fact_textf(f, "slot %u.%u module 0x%08x submodule 0x%08x", slot,
		    subslot, module, submodule);
}

/* What the controller expects to find in the device. */
static void
expected(struct cm *c, struct rd *r)
{
	for (uint32_t apis = rd_be16(r); apis > 0 && rd_more(r); apis--) {
		uint32_t slot, module, n;

		rd_skip(r, 4);
		slot = rd_be16(r);
		module = rd_be32(r);
		rd_skip(r, 2);
		for (n = rd_be16(r); n > 0 && rd_more(r); n--) {
			uint32_t subslot = rd_be16(r), sub = rd_be32(r);
			uint32_t type = rd_be16(r) & 3;

			rd_skip(r, type == 3 ? 12 : 6);
			if (rd_ok(r))
				say_module(c, ABOUT_RECEIVER, slot, subslot,
				    module, sub, "");
		}
	}
}

/* What it found there that is not as expected. */
static void
module_diff(struct cm *c, struct rd *r)
{
	static const char *const states[] = { "no module", "wrong module", "",
		"substitute" };

	for (uint32_t apis = rd_be16(r); apis > 0 && rd_more(r); apis--) {
		uint32_t n;

		rd_skip(r, 4);
		for (n = rd_be16(r); n > 0 && rd_more(r); n--) {
			uint32_t slot = rd_be16(r), module = rd_be32(r);
			uint32_t state = rd_be16(r);

			rd_skip(r, rd_be16(r) * 8u);
			if (rd_ok(r))
				say_module(c, ABOUT_SENDER, slot, UINT32_MAX,
				    module, 0, state < 4 ? states[state] : "");
		}
	}
}

/* ----------------------------------------------------------------- control */

static void
control(struct cm *c, struct rd *r)
{
	static const char *const commands[] = { "parameter end",
		"application ready", "release", "done", "ready for companion",
		"ready for class 3", "parameter begin" };
	uint32_t command;
	struct fact *f;

	rd_skip(r, 2 + 16 + 2 + 2); /* identifier, session, alarm sequence */
	command = rd_be16(r);
	rd_skip(r, 2);
	f = say(c,
	    (struct fact_object){ .space = SPACE_PN_RECORD, .count = 1 });
	for (uint32_t i = 0; i < 7; i++)
		if ((command >> i & 1) != 0) {
			fact_text(f, span_text(commands[i]));
			break;
		}
}

/* ----------------------------------------------------------------- records */

static void
say_record(struct cm *c, const char *prefix, struct span text)
{
	uint8_t buf[FACT_TEXT_MAX];
	struct span s = span_text(prefix);
	uint32_t n;

	while (text.n > 0 && (text.p[text.n - 1] | 0x20) == 0x20)
		text.n--;
	if (text.n == 0)
		return;
	memcpy(buf, s.p, s.n);
	n = span_first(text, FACT_TEXT_MAX - s.n).n;
	memcpy(buf + s.n, text.p, n);
	dissect_ident(c->d, TRAIT_DESCRIPTION, SPAN(buf, s.n + n));
}

static struct span
trimmed(struct span s)
{
	while (s.n > 0 && (s.p[s.n - 1] | 0x20) == 0x20)
		s.n--;
	return s;
}

/* Identification and maintenance 0.  Of the head module (slot 0) it is the
 * device's own; else it describes a module. */
static void
im0(struct cm *c, struct rd *r)
{
	struct dissect *d = c->d;
	uint32_t vendor = rd_be16(r);
	struct span order = trimmed(rd_span(r, 20));
	struct span serial = trimmed(rd_span(r, 16));
	uint32_t hardware = rd_be16(r), prefix = rd_u8(r);
	uint32_t a = rd_u8(r), b = rd_u8(r), e = rd_u8(r);

	rd_skip_rest(r); /* revision counter, profile, version, supported */
	if (!rd_ok(r))
		return;
	if (c->slot != 0) {
		dissect_identf(d, TRAIT_MODULE,
		    "slot %u.%u: %.*s, serial %.*s, %c%u.%u.%u", c->slot,
		    c->subslot, (int)order.n, (const char *)order.p,
		    (int)serial.n, (const char *)serial.p,
		    prefix >= 'A' && prefix <= 'Z' ? (int)prefix : 'V', a, b,
		    e);
		return;
	}
	pn_say_vendor(d, vendor);
	dissect_ident(d, TRAIT_ORDER, order);
	dissect_ident(d, TRAIT_SERIAL, serial);
	dissect_identf(d, TRAIT_HARDWARE, "%u", hardware);
	dissect_identf(d, TRAIT_FIRMWARE, "%c%u.%u.%u",
	    prefix >= 'A' && prefix <= 'Z' ? (int)prefix : 'V', a, b, e);
}

/* Modules that are there: version 1.0 has one API, unsaid. */
static void
real_identification(struct cm *c, struct rd *r, uint32_t version)
{
	uint32_t apis = (version & 0xff) > 0 ? rd_be16(r) : 1;

	for (; apis > 0 && rd_more(r); apis--) {
		uint32_t slots;

		if ((version & 0xff) > 0)
			rd_skip(r, 4);
		for (slots = rd_be16(r); slots > 0 && rd_more(r); slots--) {
			uint32_t slot = rd_be16(r), module = rd_be32(r);

			rd_skip(r, rd_be16(r) * 6u);
			if (rd_ok(r))
				say_module(c, ABOUT_SENDER, slot, UINT32_MAX,
				    module, 0, "");
		}
	}
}

/* A block of a record's data. */
static void
record_block(struct cm *c, struct rd *r, uint32_t type, uint32_t version)
{
	switch (type) {
	case BLOCK_IM0:
		im0(c, r);
		break;
	case BLOCK_IM1:
		say_record(c, "function ", rd_span(r, 32));
		dissect_ident(c->d, TRAIT_LOCATION, trimmed(rd_span(r, 22)));
		break;
	case BLOCK_IM2:
		say_record(c, "installed ", rd_span(r, 16));
		break;
	case BLOCK_IM3:
		say_record(c, "", rd_span(r, 54));
		break;
	case BLOCK_REAL_IDENT:
		real_identification(c, r, version);
		break;
	default:
		rd_opaque_rest(r);
		break;
	}
}

/* Records of a device's own (below 0x8000) have a layout of their own. */
static void
record_data(struct cm *c, struct rd *r)
{
	if (c->index < 0x8000) {
		rd_opaque_rest(r);
		return;
	}
	while (rd_left(r) >= 6) {
		uint32_t type = rd_be16(r), n = rd_be16(r), version;
		struct rd in;

		if (n < 2 || n > rd_left(r))
			break;
		in = rd_sub(r, n);
		version = rd_be16(&in);
		record_block(c, &in, type, version);
	}
	rd_opaque_rest(r);
}

/* Head of a read or write, and in a write or an answer, the data behind. */
static void
record(struct cm *c, struct rd *head, struct rd *r, uint32_t type)
{
	struct fact_object at = { .space = SPACE_PN_RECORD };
	bool answer = (type & BLOCK_ANSWER) != 0;
	bool write = (type & ~BLOCK_ANSWER) == BLOCK_WRITE;
	uint32_t n;
	struct rd data;
	struct fact *f;

	rd_skip(head, 2 + 16); /* sequence, identifier of the relation */
	at.area = rd_be32(head);
	at.first = c->slot = rd_be16(head);
	at.count = c->subslot = rd_be16(head);
	rd_skip(head, 2);
	at.sub = rd_be16(head);
	c->index = at.sub;
	n = rd_be32(head);
	f = say(c, at);
	if (answer && write) {
		uint32_t status;

		rd_skip(head, 4);
		status = rd_be32(head);
		if (rd_ok(head) && status != 0 && f->kind == FACT_ACK) {
			f->kind = FACT_ERROR;
			f->code = status;
		}
	}
	rd_skip_rest(head);
	if (write == answer || c->index == INDEX_MULTIPLE_WRITE)
		return; /* nothing follows, or records do */
	data = rd_sub(r, n < rd_left(r) ? n : rd_left(r));
	record_data(c, &data);
	if ((n & 3) != 0 && rd_more(r))
		rd_skip(r, 4 - (n & 3) < rd_left(r) ? 4 - (n & 3) : rd_left(r));
}

/* ------------------------------------------------------------------ blocks */

static void
block(struct cm *c, struct rd *r)
{
	uint32_t type = rd_be16(r), n = rd_be16(r), plain;
	struct rd in = rd_sub(r, n);

	rd_skip(&in, 2); /* version */
	plain = type & ~BLOCK_ANSWER;
	if (plain == BLOCK_WRITE || plain == BLOCK_READ)
		record(c, &in, r, type);
	else if (type == BLOCK_AR)
		ar_request(c, &in);
	else if (type == (BLOCK_AR | BLOCK_ANSWER))
		ar_response(c, &in);
	else if (type == BLOCK_IOCR)
		iocr_request(c, &in);
	else if (type == BLOCK_EXPECTED)
		expected(c, &in);
	else if (type == BLOCK_MODULE_DIFF)
		module_diff(c, &in);
	else if (plain >= BLOCK_CONTROL_FIRST && plain <= BLOCK_CONTROL_LAST)
		control(c, &in);
	else if (plain == BLOCK_ALARM_CR || type == (BLOCK_IOCR | BLOCK_ANSWER))
		rd_skip_rest(&in);
	else
		rd_opaque_rest(&in);
	rd_skip_rest(&in);
}

/* Blocks stand at offsets that are multiples of four only between records of
 * a multiple write: zero octets there are filling. */
static void
blocks(struct cm *c, struct rd *r)
{
	while (rd_left(r) >= 4) {
		struct span head = rd_ahead(r, 1);

		if (head.n == 1 && head.p[0] == 0 && rd_left(r) < 6)
			break;
		block(c, r);
	}
	rd_skip_rest(r);
}

static void
say_receiver(struct cm *c)
{
	struct dissect *d = c->d;

	for (uint32_t i = 0; i < sizeof(pn_vendors) / sizeof(pn_vendors[0]);
	     i++)
		if (pn_vendors[i].id == c->call->vendor)
			(void)dissect_ident_about(d, ABOUT_RECEIVER,
			    TRAIT_VENDOR, span_text(pn_vendors[i].name));
}

static void
cm_parse(struct rd *r, struct dissect *d)
{
	const struct dcerpc_call *call = d->state;
	struct cm c = { .d = d, .call = call };
	bool little = call->little;
	uint32_t status, actual;
	struct rd in;

	d->ctx.response = call->type != DCERPC_REQUEST;
	if (call->type == DCERPC_FAULT || call->type == DCERPC_REJECT) {
		(void)dissect_error(d, call->opnum, call->status);
		rd_skip_rest(r);
		return;
	}
	status = dcerpc_u32(r, little); /* of a request: args maximum */
	rd_skip(r, 4 + 4 + 4);
	actual = dcerpc_u32(r, little);
	if (!rd_ok(r))
		return;
	if (d->ctx.response && status != 0)
		c.f = dissect_error(d, call->opnum, status);
	in = rd_sub(r, actual < rd_left(r) ? actual : rd_left(r));
	blocks(&c, &in);
	if (c.f == NULL)
		(void)dissect_op(d, call->opnum);
	if (call->opnum == OP_CONNECT && call->type == DCERPC_REQUEST)
		say_receiver(&c);
	rd_skip_rest(r);
}

const struct proto proto_profinet_cm = {
	.name = "profinet-cm",
	.title = "PROFINET context manager",
	.spec = "IEC 61158-6-10:2023, 5.1 and 5.2",
	.depth = "all operations; relations, cyclic connections, expected and "
		 "found modules, records by index, identification and "
		 "maintenance 0 to 3; device-specific records are not read",
	.slot = PROTO_SLOT,
	.ot = true,
	.client_role = ROLE_PLC,
	.server_role = ROLE_IO,
	.parse = cm_parse,
	.state_size = sizeof(struct dcerpc_call),
	PROTO_OPS(ops),
};
