/*
 * mstp.c - BACnet MS/TP: the token ring on RS-485 below BACnet.
 *
 * ANSI/ASHRAE 135 clause 9, as captured on the line (link type 165), and as
 * Cimetrics' U+4 adapter sends it over Ethernet (SNAP 00-10-90, 1), with a
 * time and a byte of its own in place of the preamble.
 *
 *	| 0x55 0xff | type | to | from | length u16 | crc | data | crc u16 |
 *
 * Op is the frame type, unit the station a frame is from.
 */
#include "proto.h"

#define LINKTYPE_MSTP 165u
#define SNAP_CIMETRICS 0x10900001u /* low 32 bits of OUI and identifier */

enum frame_type {
	FRAME_TOKEN,
	FRAME_POLL,
	FRAME_POLL_REPLY,
	FRAME_TEST,
	FRAME_TEST_REPLY,
	FRAME_DATA_REPLY, /* expects one */
	FRAME_DATA,
	FRAME_POSTPONED,
};

static const struct proto_op ops[] = {
	{ FRAME_TOKEN, FACT_SESSION, RISK_NONE, "token" },
	{ FRAME_POLL, FACT_SESSION, RISK_NONE, "poll for master" },
	{ FRAME_POLL_REPLY, FACT_SESSION, RISK_NONE,
	    "reply to poll for master" },
	{ FRAME_TEST, FACT_DIAGNOSE, RISK_NONE, "test request" },
	{ FRAME_TEST_REPLY, FACT_DIAGNOSE, RISK_NONE, "test response" },
	{ FRAME_DATA_REPLY, FACT_SESSION, RISK_NONE, "data expecting reply" },
	{ FRAME_DATA, FACT_SESSION, RISK_NONE, "data not expecting reply" },
	{ FRAME_POSTPONED, FACT_SESSION, RISK_NONE, "reply postponed" },
};

static bool
has_network_part(uint32_t type)
{
	return type == FRAME_DATA_REPLY || type == FRAME_DATA;
}

static void
mstp_parse(struct rd *r, struct dissect *d)
{
	uint32_t type, from, length;
	struct rd data;

	rd_skip(r, d->via == VIA_SERIAL ? 2 : 3);
	type = rd_u8(r);
	rd_skip(r, 1);
	from = rd_u8(r);
	length = rd_be16(r);
	rd_skip(r, 1);
	if (!rd_ok(r))
		return;
	dissect_unit(d, from);
	d->ctx.response = type == FRAME_POLL_REPLY || type == FRAME_TEST_REPLY;
	(void)dissect_op(d, type);
	data = rd_sub(r, length);
	if (has_network_part(type) && rd_more(&data))
		dissect_inner(d, &proto_bacnet, &data);
	else
		rd_opaque_rest(&data);
	rd_skip_rest(r); /* check sum, padding */
}

const struct proto proto_mstp = {
	.name = "mstp",
	.title = "BACnet MS/TP",
	.spec = "ANSI/ASHRAE 135 clause 9",
	.depth = "all frame types; BACnet inside",
	.slot = PROTO_SLOT,
	.ot = true,
	.carrier = true,
	.snap = { SNAP_CIMETRICS },
	.serial = { LINKTYPE_MSTP },
	.client_role = ROLE_BUILDING,
	.server_role = ROLE_BUILDING,
	.parse = mstp_parse,
	PROTO_OPS(ops),
};
