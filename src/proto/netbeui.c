/*
 * netbeui.c - NetBIOS Frames (NetBEUI), NetBIOS right above the link layer.
 *
 * IBM LAN Technical Reference, SC30-3587, chapter 5.
 *
 *	LLC	DSAP 0xf0
 *	all	| length le16 | 0xef ff | command | data1 | data2 le16 |
 *		| transmit correlator le16 | response correlator le16 |
 *	length 44 (numberless)	| to, name 16 | from, name 16 | data
 *	length 14 (session)	| to u8 | from u8 | data
 *
 * Op is the command; of the browser 256 | its command (browser.h).  Data of
 * datagrams and sessions is SMB.  The object is the name asked for, claimed or
 * addressed.
 */
#include "browser.h"
#include "netbios.h"
#include "smb.h"

#define HEAD 12u
#define HEAD_NAMES 44u
#define HEAD_SESSION 14u

enum {
	NBF_ADD_GROUP = 0x00,
	NBF_ADD_NAME = 0x01,
	NBF_CONFLICT = 0x02,
	NBF_STATUS = 0x03,
	NBF_DATAGRAM = 0x08,
	NBF_BROADCAST = 0x09,
	NBF_NAME_QUERY = 0x0a,
	NBF_NAME_IN_USE = 0x0d,
	NBF_RECOGNIZED = 0x0e,
	NBF_STATUS_RESPONSE = 0x0f,
	NBF_ACK = 0x14,
	NBF_DATA_MIDDLE = 0x15,
	NBF_DATA_LAST = 0x16,
	NBF_CONFIRM = 0x17,
	NBF_END = 0x18,
	NBF_INITIALIZE = 0x19,
};

static const struct proto_op ops[] = { { NBF_ADD_GROUP, FACT_DISCOVER,
					   RISK_NONE, "add group name query" },
	{ NBF_ADD_NAME, FACT_DISCOVER, RISK_NONE, "add name query" },
	{ NBF_CONFLICT, FACT_DIAGNOSE, RISK_NONE, "name in conflict" },
	{ NBF_STATUS, FACT_DISCOVER, RISK_NONE, "status query" },
	{ 0x07, FACT_DIAGNOSE, RISK_NONE, "terminate trace" },
	{ NBF_DATAGRAM, FACT_SESSION, RISK_NONE, "datagram" },
	{ NBF_BROADCAST, FACT_SESSION, RISK_NONE, "broadcast datagram" },
	{ NBF_NAME_QUERY, FACT_DISCOVER, RISK_NONE, "name query" },
	{ NBF_NAME_IN_USE, FACT_DISCOVER, RISK_NONE, "add name response" },
	{ NBF_RECOGNIZED, FACT_DISCOVER, RISK_NONE, "name recognized" },
	{ NBF_STATUS_RESPONSE, FACT_DISCOVER, RISK_NONE, "status response" },
	{ 0x13, FACT_DIAGNOSE, RISK_NONE, "terminate trace" },
	{ NBF_ACK, FACT_SESSION, RISK_NONE, "data ack" },
	{ NBF_DATA_MIDDLE, FACT_SESSION, RISK_NONE, "data first or middle" },
	{ NBF_DATA_LAST, FACT_SESSION, RISK_NONE, "data only or last" },
	{ NBF_CONFIRM, FACT_SESSION, RISK_NONE, "session confirm" },
	{ NBF_END, FACT_SESSION, RISK_NONE, "session end" },
	{ NBF_INITIALIZE, FACT_SESSION, RISK_NONE, "session initialize" },
	{ 0x1a, FACT_SESSION, RISK_NONE, "no receive" },
	{ 0x1b, FACT_SESSION, RISK_NONE, "receive outstanding" },
	{ 0x1c, FACT_SESSION, RISK_NONE, "receive continue" },
	{ 0x1f, FACT_SESSION, RISK_NONE, "session alive" }, BROWSER_OPS };

/* Names claimed, asked for and found; datagrams between them. */
static void
named(struct rd *r, struct dissect *d, uint32_t command)
{
	const bool claims = command == NBF_ADD_NAME || command == NBF_ADD_GROUP;
	struct netbios_name to, from;
	struct fact *f;

	netbios_rd(r, &to);
	netbios_rd(r, &from);
	if (!rd_ok(r))
		return;
	d->ctx.response = command == NBF_NAME_IN_USE ||
	    command == NBF_RECOGNIZED || command == NBF_STATUS_RESPONSE;
	if (command == NBF_DATAGRAM || command == NBF_BROADCAST)
		f = mailslot(*r, d, command, netbios_text(&to));
	else
		f = dissect_op(d, command);
	netbios_object(f, claims ? &from : &to);
	/* of a name in use the sender is who holds it, or another of a group */
	if (command != NBF_CONFLICT && command != NBF_NAME_IN_USE)
		netbios_say(d, *say_sender(d), true, command == NBF_ADD_GROUP,
		    &from);
	if (command == NBF_DATAGRAM || command == NBF_BROADCAST)
		mailslot_smb(r, d);
}

/*
 * A message in one frame is read as it is.  Several come in order; the first
 * begins as SMB does.
 */
static void
session_data(struct rd *r, struct dissect *d, uint32_t key, bool last)
{
	const bool first = smb_is_v1(rd_ahead(r, 4));
	struct span piece, whole;
	struct rd all;

	if (first && last) {
		dissect_inner(d, &proto_smb, r);
		return;
	}
	piece = rd_span(r, rd_left(r));
	if (!rd_ok(r) || !dissect_join(d, key, first, last, piece, &whole))
		return;
	all = rd_over(r, whole);
	dissect_inner(d, &proto_smb, &all);
}

static void
session(struct rd *r, struct dissect *d, uint32_t command)
{
	uint32_t to = rd_u8(r), from = rd_u8(r);

	if (!rd_ok(r))
		return;
	d->ctx.response = command == NBF_CONFIRM || command == NBF_ACK;
	(void)dissect_op(d, command);
	if (command == NBF_DATA_MIDDLE || command == NBF_DATA_LAST)
		session_data(r, d, to << 8 | from, command == NBF_DATA_LAST);
}

static void
netbeui_parse(struct rd *r, struct dissect *d)
{
	struct span head = rd_ahead(r, 4);
	uint32_t length, command;

	if (rd_left(r) < HEAD ||
	    (head.n == 4 && (head.p[2] != 0xff || head.p[3] != 0xef))) {
		rd_opaque_rest(r); /* tests and exchanges of the link layer */
		return;
	}
	length = rd_le16(r);
	rd_skip(r, 2);
	command = rd_u8(r);
	rd_skip(r, 7); /* data, correlators */
	if (!rd_ok(r))
		return;
	rd_require(r, length == HEAD_NAMES || length == HEAD_SESSION,
	    "header of another length");
	if (rd_ok(r) && length == HEAD_NAMES)
		named(r, d, command);
	else if (rd_ok(r))
		session(r, d, command);
	rd_skip_rest(r);
}

static enum way
netbeui_way(struct span s)
{
	if (s.n < HEAD_SESSION || s.p[2] != 0xff || s.p[3] != 0xef)
		return WAY_UNKNOWN;
	switch (s.p[4]) {
	case NBF_INITIALIZE:
	case NBF_NAME_QUERY:
		return WAY_REQUEST;
	case NBF_CONFIRM:
	case NBF_RECOGNIZED:
		return WAY_RESPONSE;
	case NBF_DATA_LAST: /* the flag of a reply, [MS-CIFS] 2.2.3.1 */
		if (s.n < HEAD_SESSION + 10 ||
		    !smb_is_v1(span_from(s, HEAD_SESSION)))
			return WAY_UNKNOWN;
		return (s.p[HEAD_SESSION + 9] & 0x80) != 0 ? WAY_RESPONSE
							   : WAY_REQUEST;
	default:
		return WAY_UNKNOWN;
	}
}

const struct proto proto_netbeui = {
	.name = "netbeui",
	.title = "NetBIOS Frames (NetBEUI)",
	.spec = "IBM LAN Technical Reference SC30-3587",
	.depth = "all commands; names of both ends; browser announcements; SMB "
		 "of datagrams and sessions",
	.slot = PROTO_SLOT,
	.carrier = true,
	.llc = { 0xf0 },
	.way = netbeui_way,
	.parse = netbeui_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct smb_state),
};
