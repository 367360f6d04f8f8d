/*
 * enip.c - EtherNet/IP encapsulation.
 *
 * ODVA, The CIP Networks Library volume 2 (EtherNet/IP Adaptation of CIP),
 * chapter 2.  TCP and UDP 44818, little endian:
 *
 *	+---------+--------+---------+--------+---------+---------+- - - -
 *	| command | length | session | status | context | options | data
 *	+---------+--------+---------+--------+---------+---------+- - - -
 *	   u16       u16      u32       u32      8 bytes   u32      length
 *
 * Most data are items (common packet format): u16 count, then u16 type, u16
 * length and that many bytes each.  Op is the command, the pair is the sender
 * context folded to 32 bits.  What an unconnected (0xb2) or connected (0xb1)
 * item holds is given to CIP with a pair of its own: of a connection, the
 * connection's number << 16 | its sequence count.
 */
#include "cip.h"
#include "proto.h"

#define HEAD 24u
#define LENGTH_MAX 65511u /* 65535 with the head, clause 2-3 */

enum command {
	CMD_NOP = 0x0000,
	CMD_LEGACY = 0x0001,
	CMD_LIST_SERVICES = 0x0004,
	CMD_LIST_IDENTITY = 0x0063,
	CMD_LIST_INTERFACES = 0x0064,
	CMD_REGISTER = 0x0065,
	CMD_UNREGISTER = 0x0066,
	CMD_SEND_RR = 0x006f,
	CMD_SEND_UNIT = 0x0070,
	CMD_INDICATE = 0x0072,
	CMD_CANCEL = 0x0073,
	CMD_START_DTLS = 0x00c8,
};

enum item {
	ITEM_NULL = 0x0000,
	ITEM_LEGACY = 0x0001,
	ITEM_IDENTITY = 0x000c,
	ITEM_SECURITY = 0x0086,
	ITEM_CAPABILITY = 0x0087,
	ITEM_USAGE = 0x0088,
	ITEM_CONNECTED_ADDRESS = 0x00a1,
	ITEM_CONNECTED = 0x00b1,
	ITEM_UNCONNECTED = 0x00b2,
	ITEM_SERVICE = 0x0100,
	ITEM_SOCKADDR_OT = 0x8000,
	ITEM_SOCKADDR_TO = 0x8001,
	ITEM_SEQUENCED = 0x8002,
	ITEM_UNCONNECTED_UDP = 0x8003,
};

static const struct proto_op ops[] = {
	{ CMD_NOP, FACT_SESSION, RISK_NONE, "nop" },
	{ CMD_LEGACY, FACT_DISCOVER, RISK_NONE, "legacy list targets" },
	{ CMD_LIST_SERVICES, FACT_DISCOVER, RISK_NONE, "list services" },
	{ CMD_LIST_IDENTITY, FACT_DISCOVER, RISK_NONE, "list identity" },
	{ CMD_LIST_INTERFACES, FACT_DISCOVER, RISK_NONE, "list interfaces" },
	{ CMD_REGISTER, FACT_SESSION, RISK_NONE, "register session" },
	{ CMD_UNREGISTER, FACT_SESSION, RISK_NONE, "unregister session" },
	{ CMD_SEND_RR, FACT_SESSION, RISK_NONE, "send request reply data" },
	{ CMD_SEND_UNIT, FACT_SESSION, RISK_NONE, "send unit data" },
	{ CMD_INDICATE, FACT_SESSION, RISK_NONE, "indicate status" },
	{ CMD_CANCEL, FACT_SESSION, RISK_NONE, "cancel" },
	{ CMD_START_DTLS, FACT_SESSION, RISK_NONE, "start dtls" },
};

static uint32_t
le16_at(struct span s, uint32_t i)
{
	return (uint32_t)s.p[i] | (uint32_t)s.p[i + 1] << 8;
}

static uint32_t
le32_at(struct span s, uint32_t i)
{
	return le16_at(s, i) | le16_at(s, i + 2) << 16;
}

static bool
is_command(uint32_t command)
{
	switch (command) {
	case CMD_NOP:
	case CMD_LEGACY:
	case CMD_LIST_SERVICES:
	case CMD_LIST_IDENTITY:
	case CMD_LIST_INTERFACES:
	case CMD_REGISTER:
	case CMD_UNREGISTER:
	case CMD_SEND_RR:
	case CMD_SEND_UNIT:
	case CMD_INDICATE:
	case CMD_CANCEL:
	case CMD_START_DTLS:
		return true;
	default:
		return false;
	}
}

/* A head of zeros is a nop, and more often a run of zeros in something else:
 * believed where it ends the bytes, or another command follows. */
static bool
is_zero_run(struct span s)
{
	static const uint8_t zeros[HEAD];
	struct span next = span_from(s, HEAD);

	if (memcmp(s.p, zeros, HEAD) != 0 || next.n < 2)
		return false;
	return le16_at(next, 0) == CMD_NOP || !is_command(le16_at(next, 0));
}

/* Options are zero in every message there is (clause 2-3.6). */
static uint32_t
enip_frame(struct span s, const struct dissect *d)
{
	uint32_t length;

	(void)d;
	if (s.n < HEAD)
		return FRAME_NEED_MORE;
	length = le16_at(s, 2);
	if (!is_command(le16_at(s, 0)) || length > LENGTH_MAX ||
	    le32_at(s, 8) > 0xffff || le32_at(s, 20) != 0 || is_zero_run(s))
		return FRAME_NOT_MINE;
	return HEAD + length;
}

static bool
is_data_item(uint32_t type)
{
	return type == ITEM_CONNECTED || type == ITEM_UNCONNECTED;
}

static bool
on_port(const struct dissect *d)
{
	return d->talk != NULL &&
	    (d->talk->server_port == 44818 || d->talk->client_port == 44818);
}

/* Interface handle 0 and an address and a data item, in that order. */
static enum claim
claim_items(struct span s)
{
	uint32_t address;

	if (s.n < HEAD + 16 || le16_at(s, 2) < 16)
		return CLAIM_WEAK;
	if (le32_at(s, HEAD) != 0)
		return CLAIM_NO;
	if (le16_at(s, HEAD + 6) < 1 || le16_at(s, HEAD + 6) > 8)
		return CLAIM_NO;
	address = le16_at(s, HEAD + 8);
	if (address == ITEM_NULL && le16_at(s, HEAD + 10) == 0)
		return is_data_item(le16_at(s, HEAD + 12)) ? CLAIM_STRONG
							   : CLAIM_NO;
	return address == ITEM_CONNECTED_ADDRESS && le16_at(s, HEAD + 10) == 4
	    ? CLAIM_STRONG
	    : CLAIM_NO;
}

static enum claim
enip_claim(struct span s, const struct dissect *d)
{
	uint32_t length, status;

	if (s.n < HEAD || enip_frame(s, d) == FRAME_NOT_MINE)
		return CLAIM_NO;
	length = le16_at(s, 2);
	status = le32_at(s, 8);
	switch (le16_at(s, 0)) {
	case CMD_REGISTER:
		if (s.n < HEAD + 4 || length != 4)
			return status != 0 ? CLAIM_WEAK : CLAIM_NO;
		return le32_at(s, HEAD) == 1 ? CLAIM_STRONG : CLAIM_WEAK;
	case CMD_SEND_RR:
	case CMD_SEND_UNIT:
		return claim_items(s);
	case CMD_LEGACY:
	case CMD_LIST_SERVICES:
	case CMD_LIST_IDENTITY:
	case CMD_LIST_INTERFACES:
		if (length == 0 && le32_at(s, 4) == 0 && status == 0)
			return CLAIM_WEAK;
		return s.n >= HEAD + 2 && le16_at(s, HEAD) <= 16 ? CLAIM_WEAK
								 : CLAIM_NO;
	default: /* too plain to believe anywhere else */
		return on_port(d) ? CLAIM_WEAK : CLAIM_NO;
	}
}

static enum way
way_of_items(struct span s)
{
	uint32_t at = HEAD + 8;

	if (s.n < HEAD + 16)
		return WAY_UNKNOWN;
	at += 4 + le16_at(s, at + 2); /* address item */
	if (s.n < at + 7 || !is_data_item(le16_at(s, at)))
		return WAY_UNKNOWN;
	at += le16_at(s, at) == ITEM_CONNECTED ? 6 : 4;
	return (s.p[at] & 0x80) != 0 ? WAY_RESPONSE : WAY_REQUEST;
}

static enum way
enip_way(struct span s)
{
	if (s.n < HEAD)
		return WAY_UNKNOWN;
	if (le32_at(s, 8) != 0)
		return WAY_RESPONSE;
	switch (le16_at(s, 0)) {
	case CMD_REGISTER:
		return le32_at(s, 4) == 0 ? WAY_REQUEST : WAY_RESPONSE;
	case CMD_UNREGISTER:
		return WAY_REQUEST;
	case CMD_LEGACY:
	case CMD_LIST_SERVICES:
	case CMD_LIST_IDENTITY:
	case CMD_LIST_INTERFACES:
		return le16_at(s, 2) == 0 ? WAY_REQUEST : WAY_RESPONSE;
	case CMD_SEND_RR:
	case CMD_SEND_UNIT:
		return way_of_items(s);
	default:
		return WAY_UNKNOWN;
	}
}

/* ------------------------------------------------------------------- items */

/* struct sockaddr_in, big endian: family, port, address, zeros. */
static struct ip
read_sockaddr(struct rd *r, uint32_t *ret_port)
{
	struct ip ip;

	rd_skip(r, 2);
	*ret_port = rd_be16(r);
	ip = ip_of_span(rd_span(r, 4));
	rd_skip_rest(r);
	return ip;
}

static void
parse_identity_item(struct rd *r, struct dissect *d)
{
	struct addr addr = { .has_mac = false };
	uint32_t port;
	struct rd sock;

	rd_skip(r, 2); /* protocol version */
	sock = rd_sub(r, 16);
	addr.ip = read_sockaddr(&sock, &port);
	cip_identity_read(r, d, 0);
	/* behind address translation, or with several interfaces */
	if (rd_ok(r) && addr.ip.len == 4 && !ip_is_zero(&addr.ip))
		dissect_ident_of(d, addr, TRAIT_ADDRESS, SPAN(NULL, 0));
}

/* What came before the identity item: version, 0, address, address as text. */
static void
parse_legacy_item(struct rd *r, struct dissect *d)
{
	struct addr addr = { .has_mac = false };
	uint32_t port;
	struct rd sock;

	rd_skip(r, 4);
	sock = rd_sub(r, 16);
	addr.ip = read_sockaddr(&sock, &port);
	rd_skip_rest(r);
	if (rd_ok(r) && addr.ip.len == 4 && !ip_is_zero(&addr.ip))
		dissect_ident_of(d, addr, TRAIT_ADDRESS, SPAN(NULL, 0));
}

/* Version, capability flags, 16 bytes of name. */
static void
parse_service_item(struct rd *r, struct dissect *d)
{
	uint32_t flags;
	struct span name;

	rd_skip(r, 2);
	flags = rd_le16(r);
	name = rd_span(r, 16);
	rd_skip_rest(r);
	if (name.n > 0)
		dissect_identf(d, TRAIT_APPLICATION, "%.*s%s%s",
		    (int)span_find(name, 0), (const char *)name.p,
		    (flags & 0x20) != 0 ? ", TCP" : "",
		    (flags & 0x100) != 0 ? ", UDP class 0 and 1" : "");
}

static void
parse_security_item(struct rd *r, struct dissect *d)
{
	uint32_t profiles = rd_le16(r), cip = rd_u8(r), eip = rd_u8(r);

	rd_skip_rest(r);
	if (rd_ok(r))
		dissect_identf(d, TRAIT_SECURITY,
		    "CIP Security profiles 0x%04x, state %u, EtherNet/IP "
		    "security state %u",
		    profiles, cip, eip);
}

/* The connection this identifier belongs to, from 1; 0 unknown. */
static uint32_t
find_conn(const struct cip_flow *flow, uint32_t id)
{
	for (uint32_t i = 0; i < CIP_CONNS; i++)
		if (id != 0 &&
		    (flow->conn[i].to_target == id ||
			flow->conn[i].to_origin == id))
			return i + 1;
	return 0;
}

/* Transport class 3: a sequence count before the message. */
static void
parse_connected(struct rd *r, struct dissect *d, uint32_t id)
{
	struct cip_flow *flow = d->state;
	const struct dissect_context outer = d->ctx;
	uint32_t conn = find_conn(flow, id);

	dissect_pair(d, conn << 16 | rd_le16(r));
	flow->route = conn > 0 ? flow->conn[conn - 1].route : 0;
	if (rd_more(r))
		dissect_inner(d, &proto_cip, r);
	d->ctx = outer;
}

static void
parse_unconnected(struct rd *r, struct dissect *d)
{
	struct cip_flow *flow = d->state;

	flow->route = 0;
	if (rd_more(r))
		dissect_inner(d, &proto_cip, r);
}

static void
parse_item(struct rd *r, struct dissect *d, uint32_t type, uint32_t *conn_id)
{
	switch (type) {
	case ITEM_IDENTITY:
		parse_identity_item(r, d);
		break;
	case ITEM_LEGACY:
		parse_legacy_item(r, d);
		break;
	case ITEM_SERVICE:
		parse_service_item(r, d);
		break;
	case ITEM_SECURITY:
		parse_security_item(r, d);
		break;
	case ITEM_CONNECTED_ADDRESS:
	case ITEM_SEQUENCED:
		*conn_id = rd_le32(r);
		break;
	case ITEM_CONNECTED:
		parse_connected(r, d, *conn_id);
		break;
	case ITEM_UNCONNECTED:
	case ITEM_UNCONNECTED_UDP:
		parse_unconnected(r, d);
		break;
	case ITEM_NULL:
	case ITEM_CAPABILITY:
	case ITEM_USAGE:
	case ITEM_SOCKADDR_OT:
	case ITEM_SOCKADDR_TO:
		rd_skip_rest(r);
		break;
	default:
		rd_opaque_rest(r);
		break;
	}
	rd_skip_rest(r);
}

static void
parse_items(struct rd *r, struct dissect *d)
{
	uint32_t conn_id = 0, n = rd_count(r, rd_le16(r), 4);

	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		uint32_t type = rd_le16(r);
		struct rd item = rd_sub_le16(r);

		parse_item(&item, d, type, &conn_id);
	}
}

/* ---------------------------------------------------------------- messages */

static const char *
status_name(uint32_t status)
{
	switch (status) {
	case 0x01:
		return "invalid command";
	case 0x02:
		return "no memory";
	case 0x03:
		return "incorrect data";
	case 0x64:
		return "invalid session handle";
	case 0x65:
		return "invalid length";
	case 0x69:
		return "unsupported protocol version";
	case 0x6a:
		return "service not allowed on this port";
	default:
		return "unknown status";
	}
}

/* Which end speaks is told by the message where it can be. */
static bool
is_response(const struct dissect *d, uint32_t command, uint32_t length,
    uint32_t session, uint32_t status)
{
	if (status != 0)
		return true;
	switch (command) {
	case CMD_LEGACY:
	case CMD_LIST_SERVICES:
	case CMD_LIST_IDENTITY:
	case CMD_LIST_INTERFACES:
		return length > 0;
	case CMD_REGISTER:
		return session != 0;
	case CMD_NOP:
	case CMD_UNREGISTER:
		return false;
	default:
		return d->ctx.response;
	}
}

static void
parse_data(struct rd *r, struct dissect *d, uint32_t command)
{
	switch (command) {
	case CMD_SEND_RR:
	case CMD_SEND_UNIT:
		rd_skip(r, 6); /* interface handle, timeout */
		parse_items(r, d);
		break;
	case CMD_LEGACY:
	case CMD_LIST_SERVICES:
	case CMD_LIST_IDENTITY:
	case CMD_LIST_INTERFACES:
	case CMD_START_DTLS:
		parse_items(r, d);
		break;
	case CMD_REGISTER:
		rd_skip(r, 4); /* version, option flags */
		break;
	default:
		break;
	}
	rd_skip_rest(r);
}

static void
enip_parse(struct rd *r, struct dissect *d)
{
	uint32_t command = rd_le16(r), length = rd_le16(r);
	uint32_t session = rd_le32(r), status = rd_le32(r);
	uint32_t context = rd_le32(r) ^ rd_le32(r);
	struct rd data;

	rd_skip(r, 4);
	if (!rd_ok(r))
		return;
	data = rd_sub(r, length);
	dissect_pair(d, context);
	d->ctx.response = is_response(d, command, length, session, status);
	if (status != 0)
		fact_text(dissect_error(d, command, status),
		    span_text(status_name(status)));
	else
		(void)dissect_op(d, command);
	if (rd_more(&data))
		parse_data(&data, d, command);
}

const struct proto proto_enip = {
	.name = "enip",
	.title = "EtherNet/IP encapsulation",
	.spec = "ODVA CIP Networks Library volume 2, chapter 2",
	.depth = "all commands, items and errors; identity, services, "
		 "security; connections followed",
	.slot = PROTO_SLOT,
	.ot = true,
	.carrier = true,
	.tcp = { 44818 },
	.udp = { 44818 },
	.client_role = ROLE_UNKNOWN, /* whoever looks around */
	.server_role = ROLE_CONTROLLER,
	.claim = enip_claim,
	.way = enip_way,
	.frame = enip_frame,
	.frame_min = HEAD,
	.parse = enip_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct cip_flow),
};

_Static_assert(sizeof(struct cip_flow) <= PROTO_STATE_MAX, "too big");
