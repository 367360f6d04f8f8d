/*
 * powerlink.c - Ethernet POWERLINK: a managing node polls its controlled
 * nodes in turn.
 *
 * EPSG DS 301 V1.3.0 clauses 4.6, 6.3, 7.3.  Ethertype 88AB, and UDP 3819 for
 * the asynchronous part.
 *
 *	+------+-------------+--------+- - - -
 *	| type | destination | source | by type
 *	+------+-------------+--------+- - - -
 *	  u8     u8            u8
 *	1 start of cycle, 3 poll request, 4 response, 5 start of the
 *	asynchronous part, 6 asynchronous: service u8, data
 *
 *	SDO	+-----+-----+---+---+-------------+-------+---------+------+
 *		| seq | seq | 0 | 0 | transaction | flags | command | size |
 *		+-----+-----+---+---+-------------+-------+---------+------+
 *		 u8    u8    u16 u8  u8            u8      u8        le16, 0
 *
 * Op is the message type; of asynchronous services variant 1, of network
 * management commands variant 2, of SDO commands variant 3.  Unit is the node
 * asked, or that answers.  Object of SDO (space DICTIONARY): first is the
 * index, sub the subindex; of process data count is octets.
 */
#include "say.h"

enum {
	EPL_SOC = 1,
	EPL_PREQ = 3,
	EPL_PRES,
	EPL_SOA,
	EPL_ASND
};

#define ASYNC(service) FACT_OP(1, service)
#define NMT(command) FACT_OP(2, command)
#define SDO(command) FACT_OP(3, command)

enum {
	ASYNC_IDENT = 1,
	ASYNC_STATUS,
	ASYNC_REQUEST,
	ASYNC_COMMAND,
	ASYNC_SDO
};

static const struct proto_op ops[] = {
	{ EPL_SOC, FACT_TIME, RISK_NONE, "start of cycle" },
	{ EPL_PREQ, FACT_REPORT, RISK_NONE, "poll request" },
	{ EPL_PRES, FACT_REPORT, RISK_NONE, "poll response" },
	{ EPL_SOA, FACT_SESSION, RISK_NONE, "start of asynchronous" },
	{ 7, FACT_SESSION, RISK_NONE, "active managing node indication" },
	{ 13, FACT_SESSION, RISK_NONE, "asynchronous invite" },
	{ ASYNC(ASYNC_IDENT), FACT_DISCOVER, RISK_NONE, "ident response" },
	{ ASYNC(ASYNC_STATUS), FACT_DIAGNOSE, RISK_NONE, "status response" },
	{ ASYNC(ASYNC_REQUEST), FACT_SESSION, RISK_NONE, "NMT request" },
	{ NMT(0x21), FACT_CONTROL, RISK_MODE, "NMT start node" },
	{ NMT(0x22), FACT_CONTROL, RISK_MODE, "NMT stop node" },
	{ NMT(0x23), FACT_CONTROL, RISK_MODE, "NMT enter pre-operational 2" },
	{ NMT(0x24), FACT_CONTROL, RISK_MODE, "NMT enable ready to operate" },
	{ NMT(0x28), FACT_CONTROL, RISK_RESET, "NMT reset node" },
	{ NMT(0x29), FACT_CONTROL, RISK_RESET, "NMT reset communication" },
	{ NMT(0x2a), FACT_CONTROL, RISK_RESET, "NMT reset configuration" },
	{ NMT(0x2b), FACT_CONTROL, RISK_RESET, "NMT software reset" },
	{ NMT(0x2d), FACT_CONFIG, RISK_CONFIGURATION,
	    "NMT dynamic node allocation" },
	{ NMT(0x41), FACT_CONTROL, RISK_MODE, "NMT start nodes" },
	{ NMT(0x42), FACT_CONTROL, RISK_MODE, "NMT stop nodes" },
	{ NMT(0x43), FACT_CONTROL, RISK_MODE, "NMT nodes pre-operational 2" },
	{ NMT(0x44), FACT_CONTROL, RISK_MODE, "NMT nodes ready to operate" },
	{ NMT(0x48), FACT_CONTROL, RISK_RESET, "NMT reset nodes" },
	{ NMT(0x49), FACT_CONTROL, RISK_RESET, "NMT reset communications" },
	{ NMT(0x4a), FACT_CONTROL, RISK_RESET, "NMT reset configurations" },
	{ NMT(0x4b), FACT_CONTROL, RISK_RESET, "NMT software resets" },
	{ NMT(0x62), FACT_CONFIG, RISK_CONFIGURATION, "NMT set host name" },
	{ NMT(0x63), FACT_CONFIG, RISK_NONE, "NMT flush ARP entry" },
	{ NMT(0x80), FACT_REPORT, RISK_NONE, "NMT configured nodes" },
	{ NMT(0x90), FACT_REPORT, RISK_NONE, "NMT active nodes" },
	{ NMT(0x91), FACT_REPORT, RISK_NONE, "NMT pre-operational 1 nodes" },
	{ NMT(0x92), FACT_REPORT, RISK_NONE, "NMT pre-operational 2 nodes" },
	{ NMT(0x93), FACT_REPORT, RISK_NONE, "NMT ready nodes" },
	{ NMT(0x94), FACT_REPORT, RISK_NONE, "NMT operational nodes" },
	{ NMT(0x95), FACT_REPORT, RISK_NONE, "NMT stopped nodes" },
	{ NMT(0xa0), FACT_REPORT, RISK_NONE, "NMT new emergency" },
	{ NMT(0xb0), FACT_TIME, RISK_TIME, "NMT time" },
	{ NMT(0xff), FACT_SESSION, RISK_NONE, "NMT invalid service" },
	{ SDO(0x00), FACT_SESSION, RISK_NONE, "sdo acknowledge" },
	{ SDO(0x01), FACT_CONFIG, RISK_CONFIGURATION, "sdo write by index" },
	{ SDO(0x02), FACT_CONFIG, RISK_NONE, "sdo read by index" },
	{ SDO(0x03), FACT_CONFIG, RISK_CONFIGURATION,
	    "sdo write all by index" },
	{ SDO(0x04), FACT_CONFIG, RISK_NONE, "sdo read all by index" },
	{ SDO(0x05), FACT_CONFIG, RISK_CONFIGURATION, "sdo write by name" },
	{ SDO(0x06), FACT_CONFIG, RISK_NONE, "sdo read by name" },
	{ SDO(0x20), FACT_FILE, RISK_FIRMWARE, "sdo file write" },
	{ SDO(0x21), FACT_FILE, RISK_NONE, "sdo file read" },
	{ SDO(0x31), FACT_CONFIG, RISK_CONFIGURATION, "sdo write multiple" },
	{ SDO(0x32), FACT_CONFIG, RISK_NONE, "sdo read multiple" },
	{ SDO(0x70), FACT_SESSION, RISK_NONE, "sdo maximum segment size" },
	{ SDO(0x71), FACT_CONFIG, RISK_NONE, "sdo link name to index" },
};

struct epl_state {
	uint8_t status; /* last said of the node that answers */
};

static const char *
status_name(uint32_t status)
{
	switch (status) {
	case 0x1c:
		return "not active";
	case 0x1d:
		return "pre-operational 1";
	case 0x5d:
		return "pre-operational 2";
	case 0x6d:
		return "ready to operate";
	case 0xfd:
		return "operational";
	case 0x4d:
		return "stopped";
	case 0x1e:
		return "basic ethernet";
	default:
		return NULL;
	}
}

static void
say_status(struct dissect *d, uint32_t status)
{
	struct epl_state *st = d->state;

	if (st->status == status || status_name(status) == NULL)
		return;
	st->status = (uint8_t)status;
	dissect_ident(d, TRAIT_MODE, span_text(status_name(status)));
}

/* ------------------------------------------------------------ process data */

static void
poll(struct rd *r, struct dissect *d, uint32_t type)
{
	uint32_t status = rd_u8(r), n;
	struct fact *f;

	(void)rd_be32(r); /* flags, version of the layout */
	n = rd_le16(r);
	if (!rd_ok(r))
		return;
	f = dissect_op(d, type);
	f->object =
	    (struct fact_object){ .space = SPACE_ECAT_LOGICAL, .count = n };
	if (type == EPL_PRES)
		say_status(d, status);
	rd_skip(r, n); /* what they are is in the project */
}

/* --------------------------------------------------------------- identity */

static void
ident(struct rd *r, struct dissect *d)
{
	struct addr addr = *say_sender(d);
	uint32_t vendor, product, revision, serial, status, ip;
	uint8_t ip_octets[4];
	struct span name;

	rd_skip(r, 2);
	status = rd_u8(r);
	rd_skip(r, 21); /* versions, features, sizes, times */
	rd_skip(r, 2); /* kind of device is before its profile */
	vendor = rd_le32(r);
	product = rd_le32(r);
	revision = rd_le32(r);
	serial = rd_le32(r);
	rd_skip(r, 24); /* of the maker; dates */
	ip = rd_le32(r);
	ip_octets[0] = (uint8_t)(ip >> 24);
	ip_octets[1] = (uint8_t)(ip >> 16);
	ip_octets[2] = (uint8_t)(ip >> 8);
	ip_octets[3] = (uint8_t)ip;
	addr.ip = ip_of_span(SPAN(ip_octets, 4));
	rd_skip(r, 8);
	name = rd_span(r, 32);
	if (!rd_ok(r))
		return;
	say_status(d, status);
	dissect_identf(d, TRAIT_DESCRIPTION, "POWERLINK vendor 0x%08x", vendor);
	dissect_identf(d, TRAIT_MODEL, "product 0x%08x", product);
	dissect_identf(d, TRAIT_FIRMWARE, "0x%08x", revision);
	if (serial != 0)
		dissect_identf(d, TRAIT_SERIAL, "%u", serial);
	dissect_ident(d, TRAIT_NAME, span_first(name, span_find(name, 0)));
	if (say_usable_ip(&addr.ip))
		dissect_ident_of(d, addr, TRAIT_ADDRESS, SPAN(NULL, 0));
	rd_skip_rest(r);
}

/* -------------------------------------------------------------------- SDO */

static void
sdo_object(struct rd *r, struct dissect *d, struct fact *f, uint32_t op)
{
	struct fact_object at = { .space = SPACE_DICTIONARY, .count = 1 };
	uint32_t n;

	at.first = rd_le16(r);
	at.sub = rd_u8(r);
	rd_skip(r, rd_left(r) > 0 ? 1 : 0);
	f->object = at;
	n = rd_left(r);
	if (op == SDO(1) && n > 0 && n <= 4) {
		struct span s = rd_span(r, n);
		uint32_t v = 0;

		for (uint32_t i = 0; i < s.n; i++)
			v |= (uint32_t)s.p[i] << (8 * i);
		dissect_value_uint(d, op, at, v);
	}
}

static void
sdo(struct rd *r, struct dissect *d, uint32_t to)
{
	uint32_t transaction, flags, op, n;
	struct fact *f;
	struct rd in;

	rd_skip(r, 5); /* sequence layer, reserved */
	transaction = rd_u8(r);
	flags = rd_u8(r);
	op = SDO(rd_u8(r));
	n = rd_le16(r);
	rd_skip(r, 2);
	in = rd_sub(r, n);
	if (!rd_ok(r))
		return;
	d->ctx.response = (flags & 0x80) != 0;
	if (!d->ctx.response)
		dissect_unit(d, to);
	dissect_pair(d, transaction);
	if ((flags & 0x40) != 0) {
		(void)dissect_error(d, op,
		    rd_left(&in) >= 4 ? rd_le32(&in) : 0);
	} else {
		f = dissect_op(d, op);
		if ((flags & 0x30) == 0x10)
			rd_skip(&in, rd_left(&in) >= 4 ? 4 : 0);
		if (!d->ctx.response && op >= SDO(1) && op <= SDO(4) &&
		    (flags & 0x30) <= 0x10 && rd_left(&in) >= 3)
			sdo_object(&in, d, f, op);
	}
	rd_skip_rest(&in);
	rd_skip_rest(r);
}

/* ------------------------------------------------------------ asynchronous */

static void
async(struct rd *r, struct dissect *d, uint32_t to)
{
	uint32_t service = rd_u8(r), command;

	switch (service) {
	case ASYNC_SDO:
		sdo(r, d, to);
		break;
	case ASYNC_COMMAND:
		command = rd_u8(r);
		d->ctx.response = false;
		dissect_unit(d, to);
		(void)dissect_op(d, NMT(command));
		rd_skip_rest(r);
		break;
	case ASYNC_IDENT:
		d->ctx.response = true;
		(void)dissect_op(d, ASYNC(service));
		ident(r, d);
		break;
	case ASYNC_STATUS:
		d->ctx.response = true;
		(void)dissect_op(d, ASYNC(service));
		rd_skip(r, 2);
		command = rd_u8(r);
		if (rd_ok(r))
			say_status(d, command);
		rd_skip_rest(r);
		break;
	default:
		d->ctx.response = false;
		(void)dissect_op(d, ASYNC(service));
		if (service == ASYNC_REQUEST)
			rd_skip_rest(r);
		rd_opaque_rest(r);
		break;
	}
}

static void
powerlink_parse(struct rd *r, struct dissect *d)
{
	uint32_t type = rd_u8(r) & 0x7f, to = rd_u8(r), from = rd_u8(r);

	if (!rd_ok(r))
		return;
	d->ctx.response = type == EPL_PRES;
	dissect_unit(d, type == EPL_PRES || type == EPL_ASND ? from : to);
	if (type == EPL_ASND) {
		async(r, d, to);
		return;
	}
	if (type == EPL_PREQ || type == EPL_PRES)
		poll(r, d, type);
	else
		(void)dissect_op(d, type);
	if (proto_op_find(d->proto, type) == NULL)
		rd_opaque_rest(r);
	rd_skip_rest(r);
}

static uint32_t
powerlink_frame(struct span s, const struct dissect *d)
{
	uint32_t type = s.p[0] & 0x7fu;

	(void)d;
	return type >= 1 && type <= 13 && type != 2 ? s.n : FRAME_NOT_MINE;
}

static enum way
powerlink_way(struct span s)
{
	uint32_t type = s.n > 0 ? s.p[0] & 0x7fu : 0;

	return type == EPL_PRES ? WAY_RESPONSE
	    : type == EPL_PREQ  ? WAY_REQUEST
				: WAY_UNKNOWN;
}

const struct proto proto_powerlink = {
	.name = "powerlink",
	.title = "Ethernet POWERLINK",
	.spec = "EPSG DS 301 V1.3.0, 4.6, 6.3, 7.3",
	.depth = "all messages, network management commands, SDO with objects, "
		 "identity and state of nodes; process data are not split, as "
		 "their layout is in the project",
	.slot = PROTO_SLOT,
	.ot = true,
	.ether = { 0x88ab },
	.udp = { 3819 },
	.client_role = ROLE_CONTROLLER,
	.server_role = ROLE_IO,
	.way = powerlink_way,
	.frame = powerlink_frame,
	.frame_min = 4,
	.parse = powerlink_parse,
	.state_size = sizeof(struct epl_state),
	PROTO_OPS(ops),
};
