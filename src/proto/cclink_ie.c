/*
 * cclink_ie.c - CC-Link IE Field and Control: a token ring's own frames.
 *
 * CLPA BAP-C2005 is not public.  The names are those of NTT's parser for
 * Zeek; which type has which name was told by how often each stands in the
 * capture that comes with it: sure for transient 1, parameter check and
 * offset, a guess by their order for the others.
 * Ethertype 890F.
 *
 *	+------+-----+---------+-----------+--------+---------+- - -
 *	| type | ... | network | node type | number | version | data
 *	+------+-----+---------+-----------+--------+---------+- - -
 *	  u8     2     2         1           be16     u8: 0 Control, 1 Field
 *
 * Op is the type.  Object (space CC_STATION): first is the sender's number.
 * Text tells Control from Field.  Data are not understood.
 */
#include "proto.h"

#define HEAD 9u

static const struct proto_op ops[] = {
	{ 0x10, FACT_SESSION, RISK_NONE, "persuasion" },
	{ 0x11, FACT_DIAGNOSE, RISK_NONE, "test data" },
	{ 0x12, FACT_DIAGNOSE, RISK_NONE, "test data acknowledge" },
	{ 0x13, FACT_SESSION, RISK_NONE, "setup" },
	{ 0x14, FACT_SESSION, RISK_NONE, "setup acknowledge" },
	{ 0x15, FACT_SESSION, RISK_NONE, "token" },
	{ 0x1c, FACT_SESSION, RISK_NONE, "timer" },
	{ 0x20, FACT_DIAGNOSE, RISK_NONE, "my status" },
	{ 0x22, FACT_SESSION, RISK_NONE, "transient 1" },
	{ 0x23, FACT_SESSION, RISK_NONE, "transient acknowledge" },
	{ 0x25, FACT_SESSION, RISK_NONE, "transient 2" },
	{ 0x26, FACT_SESSION, RISK_NONE, "IP transient" },
	{ 0x28, FACT_CONFIG, RISK_NONE, "parameter check" },
	{ 0x29, FACT_CONFIG, RISK_CONFIGURATION, "parameter" },
	{ 0x40, FACT_TIME, RISK_NONE, "measure" },
	{ 0x41, FACT_TIME, RISK_NONE, "measure acknowledge" },
	{ 0x42, FACT_TIME, RISK_NONE, "offset" },
	{ 0x43, FACT_TIME, RISK_NONE, "update" },
	{ 0x82, FACT_REPORT, RISK_NONE, "cyclic data RWw" },
	{ 0x83, FACT_REPORT, RISK_NONE, "cyclic data RY" },
	{ 0x84, FACT_REPORT, RISK_NONE, "cyclic data RWr" },
	{ 0x85, FACT_REPORT, RISK_NONE, "cyclic data RX" },
};

static void
cclink_ie_parse(struct rd *r, struct dissect *d)
{
	uint32_t type = rd_u8(r), number, version;
	struct fact *f;

	rd_opaque(r, 5);
	number = rd_be16(r);
	version = rd_u8(r);
	if (!rd_ok(r))
		return;
	d->ctx.response = type == 0x12 || type == 0x14 || type == 0x41;
	f = dissect_op(d, type);
	f->object = (struct fact_object){ .space = SPACE_CC_STATION,
		.first = number,
		.count = 1 };
	if (version <= 1)
		fact_text(f,
		    version == 0 ? SPAN_LIT("Control") : SPAN_LIT("Field"));
	rd_opaque_rest(r);
}

static uint32_t
cclink_ie_frame(struct span s, const struct dissect *d)
{
	(void)d;
	return s.n >= HEAD ? s.n : FRAME_NOT_MINE;
}

const struct proto proto_cclink_ie = {
	.name = "cclink-ie",
	.title = "CC-Link IE Field and Control",
	.spec = "not public; names of NTT's parser for Zeek",
	.depth = "frames by name and sender; their data are not understood",
	.slot = PROTO_SLOT,
	.ot = true,
	.ether = { 0x890f },
	.client_role = ROLE_CONTROLLER,
	.server_role = ROLE_IO,
	.frame = cclink_ie_frame,
	.frame_min = HEAD,
	.parse = cclink_ie_parse,
	PROTO_OPS(ops),
};
