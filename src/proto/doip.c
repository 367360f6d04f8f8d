/*
 * doip.c - Diagnostics over Internet Protocol.
 *
 * ISO 13400-2:2019.  TCP and UDP 13400, big endian:
 *
 *	+---------+----------+------+--------+- - - - -
 *	| version | ~version | type | length | payload
 *	+---------+----------+------+--------+- - - - -
 *	    u8        u8       u16    u32
 *
 * Op is the payload type.  Unit is the logical address of the vehicle's end: a
 * diagnostic message says who is asked, and who answers.
 */
#include "say.h"

#define PORT 13400u
#define HEAD 8u
#define LENGTH_MAX 0x100000u /* larger than any that is in use */

enum type {
	T_NACK = 0,
	T_IDENTIFY = 1,
	T_ANNOUNCE = 4,
	T_ACTIVATE = 5,
	T_ACTIVATED = 6,
	T_ALIVE = 7,
	T_ALIVE_ANSWER = 8,
	T_STATUS = 0x4001,
	T_STATUS_ANSWER = 0x4002,
	T_POWER = 0x4003,
	T_POWER_ANSWER = 0x4004,
	T_DIAGNOSE = 0x8001,
	T_DIAGNOSE_ACK = 0x8002,
	T_DIAGNOSE_NACK = 0x8003,
};

static const struct proto_op ops[] = {
	{ T_NACK, FACT_SESSION, RISK_NONE, "negative acknowledgement" },
	{ T_IDENTIFY, FACT_DISCOVER, RISK_NONE, "vehicle identification" },
	{ 2, FACT_DISCOVER, RISK_NONE, "vehicle identification by EID" },
	{ 3, FACT_DISCOVER, RISK_NONE, "vehicle identification by VIN" },
	{ T_ANNOUNCE, FACT_REPORT, RISK_NONE, "vehicle announcement" },
	{ T_ACTIVATE, FACT_SESSION, RISK_NONE, "routing activation" },
	{ T_ACTIVATED, FACT_SESSION, RISK_NONE, "routing activation response" },
	{ T_ALIVE, FACT_SESSION, RISK_NONE, "alive check" },
	{ T_ALIVE_ANSWER, FACT_SESSION, RISK_NONE, "alive check response" },
	{ T_STATUS, FACT_DIAGNOSE, RISK_NONE, "entity status" },
	{ T_STATUS_ANSWER, FACT_DIAGNOSE, RISK_NONE, "entity status response" },
	{ T_POWER, FACT_DIAGNOSE, RISK_NONE, "power mode" },
	{ T_POWER_ANSWER, FACT_DIAGNOSE, RISK_NONE, "power mode response" },
	{ T_DIAGNOSE, FACT_SESSION, RISK_NONE, "diagnostic message" },
	{ T_DIAGNOSE_ACK, FACT_SESSION, RISK_NONE, "diagnostic message taken" },
	{ T_DIAGNOSE_NACK, FACT_SESSION, RISK_NONE,
	    "diagnostic message refused" },
};

static uint32_t
type_of(struct span s)
{
	return (uint32_t)s.p[2] << 8 | s.p[3];
}

static uint32_t
doip_frame(struct span s, const struct dissect *d)
{
	uint32_t n = (uint32_t)s.p[4] << 24 | (uint32_t)s.p[5] << 16 |
	    (uint32_t)s.p[6] << 8 | s.p[7];

	(void)d;
	if ((s.p[0] ^ s.p[1]) != 0xff || n > LENGTH_MAX)
		return FRAME_NOT_MINE;
	return n + HEAD;
}

/* The version is of 2010, 2012, 2019 or later, or any, to be told. */
static enum claim
doip_claim(struct span s, const struct dissect *d)
{
	if (s.n < HEAD || doip_frame(s, d) == FRAME_NOT_MINE)
		return CLAIM_NO;
	if ((s.p[0] == 0 || s.p[0] > 4) && s.p[0] != 0xff)
		return CLAIM_NO;
	return proto_op_find(&proto_doip, type_of(s)) != NULL ? CLAIM_STRONG
							      : CLAIM_WEAK;
}

static enum way
doip_way(struct span s)
{
	switch (s.n >= HEAD ? type_of(s) : 0) {
	case T_IDENTIFY:
	case 2:
	case 3:
	case T_ACTIVATE:
	case T_ALIVE_ANSWER: /* the vehicle asks for it */
	case T_STATUS:
	case T_POWER:
		return WAY_REQUEST;
	case T_ANNOUNCE:
	case T_ACTIVATED:
	case T_ALIVE:
	case T_STATUS_ANSWER:
	case T_POWER_ANSWER:
	case T_DIAGNOSE_ACK:
	case T_DIAGNOSE_NACK:
		return WAY_RESPONSE;
	default:
		return WAY_UNKNOWN;
	}
}

/* Vehicle's number 17, address be16, EID 6 (a MAC address), group 6, what is
 * to be done u8, synchronised u8 (may be missing). */
static void
announcement(struct rd *r, struct dissect *d)
{
	struct span vin = rd_span(r, 17), eid;
	uint32_t address = rd_be16(r);

	eid = rd_span(r, 6);
	rd_skip(r, 6 + 1);
	if (!rd_ok(r))
		return;
	dissect_unit(d, address);
	d->ctx.response = false;
	(void)dissect_op(d, T_ANNOUNCE);
	if (vin.p[0] != 0 && vin.p[0] != 0xff)
		dissect_identf(d, TRAIT_UUID, "VIN %.17s", (const char *)vin.p);
	if (eid.p[0] != 0xff)
		say_own_mac(d, eid);
	dissect_ident_role(d, ABOUT_SENDER, ROLE_GATEWAY);
}

/* Tester be16, kind u8, 4 reserved, 4 the maker's (may be missing). */
static void
activate(struct rd *r, struct dissect *d)
{
	uint32_t tester = rd_be16(r), kind = rd_u8(r);
	struct fact *f;

	d->ctx.response = false;
	f = dissect_op(d, T_ACTIVATE);
	f->object = (struct fact_object){ .space = SPACE_NAME,
		.area = kind,
		.first = tester,
		.count = 1 };
	if (rd_ok(r))
		dissect_remember(d,
		    (struct ask){ .pair = T_ACTIVATE,
			.op = T_ACTIVATE,
			.at = f->object });
}

/* 0x10 is active, 0x11 active once confirmed. */
static void
activated(struct rd *r, struct dissect *d)
{
	uint32_t tester = rd_be16(r), entity = rd_be16(r), code = rd_u8(r);
	struct fact *f;

	if (!rd_ok(r))
		return;
	d->ctx.response = true;
	dissect_unit(d, entity);
	(void)dissect_recall(d, T_ACTIVATE);
	f = code < 0x10 ? dissect_error(d, T_ACTIVATED, code)
			: dissect_op(d, T_ACTIVATED);
	f->object = (struct fact_object){ .space = SPACE_NAME,
		.first = tester,
		.count = 1 };
}

static void
diagnose(struct rd *r, struct dissect *d)
{
	uint32_t from = rd_be16(r), to = rd_be16(r);
	struct span sid = rd_ahead(r, 1);

	if (!rd_ok(r))
		return;
	/* bit 6 of the service tells an answer (ISO 14229-1) */
	d->ctx.response = sid.n == 1 && (sid.p[0] & 0x40) != 0;
	dissect_unit(d, d->ctx.response ? from : to);
	(void)dissect_op(d, T_DIAGNOSE);
	dissect_inner(d, &proto_uds, r);
}

/* Who was asked, who asked, code; the message may be repeated. */
static void
acknowledge(struct rd *r, struct dissect *d, uint32_t type)
{
	uint32_t from = rd_be16(r), code;

	rd_skip(r, 2);
	code = rd_u8(r);
	if (!rd_ok(r))
		return;
	d->ctx.response = true;
	dissect_unit(d, from);
	if (type == T_DIAGNOSE_NACK)
		(void)dissect_error(d, type, code);
	else
		(void)dissect_op(d, type);
}

static void
others(struct rd *r, struct dissect *d, uint32_t type)
{
	d->ctx.response = type == T_ALIVE_ANSWER || type == T_STATUS_ANSWER ||
	    type == T_POWER_ANSWER;
	if (type == T_NACK)
		(void)dissect_error(d, type, rd_u8(r));
	else
		(void)dissect_op(d, type);
	if (proto_op_find(&proto_doip, type) != NULL)
		rd_skip_rest(r);
	else
		rd_opaque_rest(r);
}

static void
doip_parse(struct rd *r, struct dissect *d)
{
	uint32_t type;
	struct rd body;

	rd_skip(r, 2);
	type = rd_be16(r);
	body = rd_sub(r, rd_be32(r));
	if (!rd_ok(r))
		return;
	switch (type) {
	case T_ANNOUNCE:
		announcement(&body, d);
		break;
	case T_ACTIVATE:
		activate(&body, d);
		break;
	case T_ACTIVATED:
		activated(&body, d);
		break;
	case T_DIAGNOSE:
		diagnose(&body, d);
		break;
	case T_DIAGNOSE_ACK:
	case T_DIAGNOSE_NACK:
		acknowledge(&body, d, type);
		break;
	default:
		others(&body, d, type);
		break;
	}
	rd_skip_rest(&body);
}

const struct proto proto_doip = {
	.name = "doip",
	.title = "Diagnostics over Internet Protocol",
	.spec = "ISO 13400-2:2019",
	.depth = "all payload types; vehicle, addresses, routing, UDS inside",
	.slot = PROTO_SLOT,
	.ot = true,
	.carrier = true,
	.tcp = { PORT },
	.udp = { PORT },
	.client_role = ROLE_ENGINEERING,
	.server_role = ROLE_GATEWAY,
	.claim = doip_claim,
	.way = doip_way,
	.frame = doip_frame,
	.frame_min = HEAD,
	.parse = doip_parse,
	PROTO_OPS(ops),
};
