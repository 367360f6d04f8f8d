/*
 * knxnet_ip.c - KNXnet/IP, building automation.
 *
 * ISO 22510:2019 / KNX 3.8.1 (core), 3.8.2 (core services), 3.8.3 (device
 * management), 3.8.4 (tunnelling), 3.8.5 (routing), 3.8.9 (secure).
 *
 *	+------+------+---------+--------+- - - - - - - - - - - -
 *	| 0x06 | 0x10 | service | length | body, by service
 *	+------+------+---------+--------+- - - - - - - - - - - -
 *	  u8     u8     be16      be16, all of it
 *
 *	cEMI (tunnelling, routing, device management)
 *	+------+------------+---------+------+----+--------+------------------
 *	| code | more, u8 n | control | from | to | length | TPCI, APCI, data
 *	+------+------------+---------+------+----+--------+------------------
 *	  u8     n octets     2 octets  be16   be16  u8      length + 1 octets
 *
 * Op is the service; what it carries is said besides: variant 1 is a service
 * of the application layer, variant 2 a cEMI message without one.  Pair is
 * channel << 8 | sequence, unit of what is carried the individual address of
 * its sender.  Objects: a group address, or area = individual address, first
 * = memory address or property, sub = object.  The type of a group's value is
 * not in the message: what has one, two or four octets is said as a number
 * without sign.
 */
#include "knx_tables.h"
#include "say.h"
#include "text.h"

#define HEAD 6u

/* --------------------------------------------------------------- framing */

static uint32_t
knx_frame(struct span s, const struct dissect *d)
{
	uint32_t n = (uint32_t)s.p[4] << 8 | s.p[5];

	(void)d;
	return s.p[0] == HEAD && s.p[1] == 0x10 && n >= HEAD ? n
							     : FRAME_NOT_MINE;
}

static uint32_t
service_of(struct span s)
{
	return (uint32_t)s.p[2] << 8 | s.p[3];
}

/* An address of UDP or TCP follows the header. */
static bool
is_hpai(struct span s)
{
	return s.n >= HEAD + 8 && s.p[HEAD] == 8 &&
	    (s.p[HEAD + 1] == 1 || s.p[HEAD + 1] == 2);
}

static enum claim
knx_claim(struct span s, const struct dissect *d)
{
	uint32_t n = s.n >= HEAD ? knx_frame(s, d) : FRAME_NOT_MINE;

	if (n == FRAME_NOT_MINE)
		return CLAIM_NO;
	return (n == s.n || is_hpai(s)) && service_of(s) > 0xff &&
		proto_op_find(&proto_knxnet_ip, service_of(s)) != NULL
	    ? CLAIM_STRONG
	    : CLAIM_WEAK;
}

static bool
is_answer(uint32_t service)
{
	switch (service) {
	case 0x0202:
	case 0x0204:
	case 0x0206:
	case 0x0208:
	case 0x020a:
	case 0x020c:
	case 0x0311:
	case 0x0421:
	case 0x0423:
	case 0x0741:
	case 0x0952:
	case 0x0954:
		return true;
	default:
		return false;
	}
}

static enum way
knx_way(struct span s)
{
	uint32_t service = s.n >= HEAD ? service_of(s) : 0;

	if (service == 0x0420 && s.n > HEAD + 4)
		return s.p[HEAD + 4] == 0x11 ? WAY_REQUEST : WAY_RESPONSE;
	if (service >> 8 != 2 || service == 0x0209 || service == 0x020a)
		return WAY_UNKNOWN;
	return is_answer(service) ? WAY_RESPONSE : WAY_REQUEST;
}

/* ------------------------------------------------------------ description */

/* Medium, status, address, project, serial, group, MAC, name. */
static void
read_device(struct rd *r, struct dissect *d)
{
	uint32_t address;
	struct span serial, mac, name;

	rd_skip(r, 2);
	address = rd_be16(r);
	rd_skip(r, 2);
	serial = rd_span(r, 6);
	rd_skip(r, 4);
	mac = rd_span(r, 6);
	name = rd_span(r, 30);
	if (!rd_ok(r))
		return;
	name = text_trim(span_first(name, span_find(name, 0)));
	dissect_ident(d, TRAIT_NAME, name);
	dissect_identf(d, TRAIT_SERIAL, "%02x%02x%02x%02x%02x%02x", serial.p[0],
	    serial.p[1], serial.p[2], serial.p[3], serial.p[4], serial.p[5]);
	dissect_identf(d, TRAIT_DESCRIPTION, "KNX address %u.%u.%u",
	    address >> 12, address >> 8 & 15, address & 255);
	say_own_mac(d, mac);
}

/* Blocks of length, type and content. */
static void
read_blocks(struct rd *r, struct dissect *d)
{
	while (rd_more(r)) {
		uint32_t n = rd_u8(r), type;
		struct rd block;

		rd_require(r, n >= 2, "block shorter than its head");
		block = rd_sub(r, n - 1);
		type = rd_u8(&block);
		if (type == 1 && rd_left(&block) >= 52)
			read_device(&block, d);
		else if (type == 0xfe)
			rd_opaque_rest(&block); /* the maker's own */
	}
}

/* ----------------------------------------------------- application layer */

/* Codes of four bits have data in the other six. */
static uint32_t
apci_of(uint32_t bits)
{
	uint32_t high = bits & 0x3c0;

	if (high == 0x2c0 || high == 0x3c0 || bits == 0x381)
		return bits;
	return high == 0x1c0 && (bits & 0x3f) >= 8 ? bits : high;
}

static void
say_group_value(struct rd *r, struct dissect *d, uint32_t op,
    struct fact_object at, uint32_t small)
{
	uint32_t n = rd_left(r);

	if (n == 0)
		dissect_value_uint(d, op, at, small);
	else if (n == 1)
		dissect_value_uint(d, op, at, rd_u8(r));
	else if (n == 2)
		dissect_value_uint(d, op, at, rd_be16(r));
	else if (n == 4)
		dissect_value_uint(d, op, at, rd_be32(r));
	else
		fact_text(dissect_value(d, op, at), rd_span_rest(r));
}

static struct fact_object
object_of(struct rd *r, uint32_t apci, uint32_t to, bool group)
{
	struct fact_object at = { .space = SPACE_KNX_DEVICE, .area = to };

	if (group && apci < 0x0c0)
		return (struct fact_object){ .space = SPACE_KNX_GROUP,
			.first = to,
			.count = 1 };
	if ((apci & 0x3f0) == 0x200 || apci == 0x240 || apci == 0x280) {
		if (rd_left(r) >= 2)
			at.first = rd_be16(r);
	} else if (apci >= 0x3d5 && apci <= 0x3d9 && rd_left(r) >= 2) {
		at.sub = rd_u8(r);
		at.first = rd_u8(r);
	}
	return at;
}

/* What others on the bus did is reported; asked for is what a client does. */
static void
read_apdu(struct rd *r, struct dissect *d, uint32_t code, uint32_t to,
    bool group)
{
	uint32_t bits = rd_be16(r), apci = apci_of(bits & 0x3ff);
	uint32_t op = APCI(apci);
	struct fact_object at = object_of(r, apci, to, group);
	struct fact *f;

	if (!rd_ok(r))
		return;
	d->ctx.response = code == 0x2e;
	f = dissect_op(d, op);
	f->object = at;
	if (code == 0x29 && f->kind == FACT_WRITE) {
		f->kind = FACT_REPORT;
		f->risk = RISK_NONE;
	}
	if (apci == 0x3f1)
		rd_secret(r, rd_left(r));
	else if ((apci == 0x040 || apci == 0x080) && group)
		say_group_value(r, d, op, at, bits & 0x3f);
	else if (proto_op_find(d->proto, op) != NULL)
		rd_skip_rest(r); /* memory, properties, keys */
	rd_opaque_rest(r);
}

static void
read_data(struct rd *r, struct dissect *d, uint32_t code)
{
	uint32_t control, to, n;
	struct rd more = rd_sub_u8(r), tpdu;

	rd_skip_rest(&more);
	rd_skip(r, 1);
	control = rd_u8(r);
	dissect_unit(d, rd_be16(r));
	to = rd_be16(r);
	n = rd_u8(r);
	tpdu = rd_sub(r, n + 1);
	if (!rd_ok(r))
		return;
	if (n > 0) {
		read_apdu(&tpdu, d, code, to, (control & 0x80) != 0);
	} else { /* connect, disconnect, acknowledge */
		d->ctx.response = code == 0x2e;
		(void)dissect_op(d, CEMI(code));
		rd_skip_rest(&tpdu);
	}
}

static void
read_cemi(struct rd *r, struct dissect *d)
{
	uint32_t code = rd_u8(r);
	struct fact *f;

	if (!rd_ok(r))
		return;
	if (code == 0x11 || code == 0x29 || code == 0x2e) {
		read_data(r, d, code);
		return;
	}
	d->ctx.response = code == 0xf5 || code == 0xfa || code == 0xfb;
	f = dissect_op(d, CEMI(code));
	if (code >= 0xf5 && code != 0xff && rd_left(r) >= 4) {
		f->object.space = SPACE_KNX_DEVICE;
		f->object.sub = rd_be16(r); /* kind of object */
		rd_skip(r, 1);
		f->object.first = rd_u8(r);
		rd_skip_rest(r);
	}
	rd_opaque_rest(r);
}

/* --------------------------------------------------------------- services */

/* Length, channel, sequence, status: then cEMI, or nothing in an ack. */
static void
read_connected(struct rd *r, struct dissect *d, uint32_t service)
{
	struct rd head = rd_sub(r, 4);
	uint32_t channel, sequence, status, pair;

	rd_skip(&head, 1);
	channel = rd_u8(&head);
	sequence = rd_u8(&head);
	status = rd_u8(&head);
	if (!rd_ok(r))
		return;
	pair = channel << 8 | sequence;
	dissect_pair(d, pair);
	if (is_answer(service)) {
		(void)dissect_recall(d, pair);
		if (status != 0)
			(void)dissect_error(d, service, status);
		else
			(void)dissect_op(d, service);
		rd_skip_rest(r);
		return;
	}
	if (d->via == VIA_UDP) /* TCP acknowledges for itself */
		dissect_remember(d,
		    (struct ask){ .pair = pair, .op = service });
	(void)dissect_op(d, service);
	if (service == 0x0420 || service == 0x0310)
		read_cemi(r, d);
	else
		rd_skip_rest(r); /* a feature */
}

/* Channel, status; then who it is, and what kind of connection. */
static void
read_connection(struct rd *r, struct dissect *d, uint32_t service)
{
	uint32_t channel = rd_left(r) >= 2 ? rd_u8(r) : 0;
	uint32_t status = rd_more(r) ? rd_u8(r) : 0;

	dissect_pair(d, channel << 8);
	if (is_answer(service) && status != 0)
		(void)dissect_error(d, service, status);
	else
		(void)dissect_op(d, service);
	rd_skip_rest(r);
}

static void
read_service(struct rd *r, struct dissect *d, uint32_t service)
{
	d->ctx.response = is_answer(service);
	switch (service) {
	case 0x0202:
	case 0x020c:
		(void)dissect_op(d, service);
		rd_skip(r, 8); /* where it is */
		read_blocks(r, d);
		break;
	case 0x0204:
		(void)dissect_op(d, service);
		read_blocks(r, d);
		break;
	case 0x0206:
	case 0x0207:
	case 0x0208:
	case 0x0209:
	case 0x020a:
		read_connection(r, d, service);
		break;
	case 0x0310:
	case 0x0311:
	case 0x0420:
	case 0x0421:
	case 0x0422:
	case 0x0423:
	case 0x0424:
	case 0x0425:
		read_connected(r, d, service);
		break;
	case 0x0530:
	case 0x0533:
		(void)dissect_op(d, service);
		read_cemi(r, d);
		break;
	case 0x0950:
		(void)dissect_op(d, service);
		rd_skip(r, 16); /* session, sequence, serial, tag */
		rd_secret(r, rd_left(r));
		break;
	default:
		(void)dissect_op(d, service);
		if (proto_op_find(d->proto, service) != NULL)
			rd_skip_rest(r);
		break;
	}
}

static void
knx_parse(struct rd *r, struct dissect *d)
{
	uint32_t head = rd_u8(r), version = rd_u8(r), service = rd_be16(r);
	uint32_t length = rd_be16(r);
	struct rd body;

	rd_require(r, head == HEAD && version == 0x10, "no such version");
	rd_require(r, length >= HEAD, "shorter than its header");
	body = rd_sub(r, length - HEAD);
	if (!rd_ok(r))
		return;
	read_service(&body, d, service);
	rd_opaque_rest(&body);
}

const struct proto proto_knxnet_ip = {
	.name = "knxnet-ip",
	.title = "KNXnet/IP building automation",
	.spec = "ISO 22510:2019, KNX 3.8.1 to 3.8.9, 3.6.3, 3.3.7",
	.depth = "all services, cEMI, application layer with group values, "
		 "memory and properties by address; device description; "
		 "memory contents passed over, secure services encrypted",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { 3671 },
	.udp = { 3671 },
	.client_role = ROLE_SCADA,
	.server_role = ROLE_BUILDING,
	.claim = knx_claim,
	.way = knx_way,
	.frame = knx_frame,
	.frame_min = HEAD,
	.parse = knx_parse,
	PROTO_OPS(ops),
};
