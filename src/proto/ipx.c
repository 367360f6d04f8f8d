/*
 * ipx.c - Internetwork Packet Exchange, and the SMB that Windows sends in it.
 *
 * Novell IPX Router Specification (107-000029-001) chapter 1; NetBIOS over
 * IPX as NWLink has it.
 *
 *	checksum 2 | length 2 | hops 1 | packet type 1 |
 *	to:   network 4, node 6, socket 2 |
 *	from: network 4, node 6, socket 2 | data
 *
 *	NetBIOS datagram (socket 0x455)
 *	connection control 1 | type 1: 0x0b | from, name 16 | to, name 16 | SMB
 *
 *	NWLink name management (sockets 0x551, 0x553)
 *	[ networks crossed 32, packet type 0x14 ] | opcode 1: 0xfc mailslot |
 *	name type 1 | message id 2 | to, name 16 | from, name 16 | SMB
 *
 * Op is the well-known socket spoken to or from, 0 where neither is known; of
 * the browser 256 | its command (browser.h).
 * Unit: the network of the receiver.  Data of sockets other than these two
 * kinds of SMB is passed as opaque.
 */
#include "browser.h"
#include "netbios.h"
#include "smb.h"

#define HEAD 30u
#define SOCKET_FIRST 0x0451u /* of those that are well known */
#define SOCKET_NETBIOS 0x0455u
#define SOCKET_SMB_SERVER 0x0550u
#define SOCKET_SMB_CLIENT 0x0552u
#define SOCKET_SMB_NAME 0x0551u
#define SOCKET_SMB_MAILSLOT 0x0553u
#define DIRECTED_DATAGRAM 0x0b
#define MAILSLOT_WRITE 0xfc
#define TYPE_BROADCAST 0x14 /* packet type: passed on, with its route */
#define ROUTE 32u

static const struct proto_op ops[] = {
	{ 0, FACT_SESSION, RISK_NONE, "data" },
	BROWSER_OPS{ 0x0451, FACT_FILE, RISK_NONE, "netware core protocol" },
	{ 0x0452, FACT_DISCOVER, RISK_NONE, "service advertising" },
	{ 0x0453, FACT_DISCOVER, RISK_NONE, "routing information" },
	{ SOCKET_NETBIOS, FACT_SESSION, RISK_NONE, "netbios" },
	{ 0x0456, FACT_DIAGNOSE, RISK_NONE, "diagnostics" },
	{ 0x0457, FACT_SESSION, RISK_NONE, "serialization" },
	{ SOCKET_SMB_SERVER, FACT_SESSION, RISK_NONE, "smb to the server" },
	{ SOCKET_SMB_NAME, FACT_DISCOVER, RISK_NONE, "smb name query" },
	{ SOCKET_SMB_CLIENT, FACT_SESSION, RISK_NONE, "smb to the client" },
	{ SOCKET_SMB_MAILSLOT, FACT_REPORT, RISK_NONE, "smb mailslot" },
};

static bool
is_known(uint32_t socket)
{
	return socket >= SOCKET_FIRST && proto_op_find(&proto_ipx, socket);
}

static uint32_t
known_socket(uint32_t to, uint32_t from)
{
	return is_known(to) ? to : is_known(from) ? from : 0;
}

/* A datagram between names: the browser's announcement, or SMB. */
static void
datagram(struct rd *r, struct dissect *d, uint32_t socket,
    const struct netbios_name *to, const struct netbios_name *from)
{
	if (!rd_ok(r))
		return;
	netbios_object(mailslot(*r, d, socket, netbios_text(to)), to);
	dissect_ident(d, TRAIT_NAME, netbios_text(from));
	mailslot_smb(r, d);
}

static void
netbios(struct rd *r, struct dissect *d)
{
	struct netbios_name to, from;
	uint32_t type;

	rd_skip(r, 1);
	type = rd_u8(r);
	if (rd_ok(r) && type != DIRECTED_DATAGRAM) {
		(void)dissect_op(d, SOCKET_NETBIOS);
		return;
	}
	netbios_rd(r, &from);
	netbios_rd(r, &to);
	datagram(r, d, SOCKET_NETBIOS, &to, &from);
}

static void
name_management(struct rd *r, struct dissect *d, uint32_t socket, bool routed)
{
	struct netbios_name to, from;
	uint32_t opcode;

	rd_skip(r, routed ? ROUTE : 0);
	opcode = rd_u8(r);
	rd_skip(r, 3); /* name type, message id */
	netbios_rd(r, &to);
	netbios_rd(r, &from);
	if (rd_ok(r) && opcode != MAILSLOT_WRITE)
		netbios_object(dissect_op(d, socket), &to);
	else
		datagram(r, d, socket, &to, &from);
}

static void
ipx_parse(struct rd *r, struct dissect *d)
{
	uint32_t length, type, to, from, socket;
	struct rd in;

	rd_skip(r, 2);
	length = rd_be16(r);
	rd_skip(r, 1);
	type = rd_u8(r);
	dissect_unit(d, rd_be32(r));
	rd_skip(r, 6);
	to = rd_be16(r);
	rd_skip(r, 10);
	from = rd_be16(r);
	rd_require(r, length >= HEAD, "length less than the header");
	in = rd_sub(r, rd_ok(r) ? length - HEAD : 0);
	rd_skip_rest(r); /* padding of the link layer */
	if (!rd_ok(r))
		return;
	socket = known_socket(to, from);
	if (socket == SOCKET_NETBIOS) {
		netbios(&in, d);
	} else if (socket == SOCKET_SMB_NAME || socket == SOCKET_SMB_MAILSLOT) {
		name_management(&in, d, socket, type == TYPE_BROADCAST);
	} else {
		(void)dissect_op(d, socket);
		if (smb_is_v1(rd_ahead(&in, 4)))
			dissect_inner(d, &proto_smb, &in);
	}
	rd_opaque_rest(&in);
}

static enum way
ipx_way(struct span s)
{
	uint32_t to, from;

	if (s.n < HEAD)
		return WAY_UNKNOWN;
	to = (uint32_t)(s.p[16] << 8 | s.p[17]);
	from = (uint32_t)(s.p[28] << 8 | s.p[29]);
	if (to == SOCKET_SMB_SERVER || from == SOCKET_SMB_CLIENT)
		return WAY_REQUEST;
	return to == SOCKET_SMB_CLIENT || from == SOCKET_SMB_SERVER
	    ? WAY_RESPONSE
	    : WAY_UNKNOWN;
}

const struct proto proto_ipx = {
	.name = "ipx",
	.title = "Internetwork Packet Exchange",
	.spec = "Novell 107-000029-001",
	.depth = "networks, nodes and sockets; NetBIOS names; SMB in it; NCP, "
		 "SAP, RIP and SPX are named only",
	.slot = PROTO_SLOT,
	.carrier = true,
	.ether = { 0x8137 },
	.llc = { 0xe0, 0xff },
	.way = ipx_way,
	.parse = ipx_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct smb_state),
};
