/*
 * someip.c - Scalable service-Oriented MiddlewarE over IP, and its service
 * discovery.
 *
 * AUTOSAR FO R22-11: PRS_SOMEIPProtocol, PRS_SOMEIPServiceDiscoveryProtocol.
 * Big endian; length counts from the client on:
 *
 *	+---------+--------+--------+--------+---------+---+-----------+------+--------+
 *	| service | method | length | client | session | 1 | interface | type |
 *return |
 *	+---------+--------+--------+--------+---------+---+-----------+------+--------+
 *	   u16       u16      u32      u16      u16     u8      u8        u8 u8
 *	type 0x20 set: offset u28, reserved u3, more u1; a piece (SOME/IP-TP)
 *	discovery: flags u8, 3, length, entries of 16, length, options
 *	entry: type, options 1 and 2, numbers of them u4 u4, service, instance,
 *	       major, lifetime u24, minor u32 or counter and event group
 *
 * Op is the type of the message; of discovery the type of the entry, as
 * variant 1.  The object is service and method (area, first), of an entry
 * service and event group, sub the instance.  Pair is the session.  What a
 * call does is the maker's own: no risk is claimed.
 */
#include "say.h"

#define HEAD 16u
#define PORT 30490u
#define LENGTH_MAX 0x100000u
#define TP 0x20u
#define SERVICE_SD 0xffffu
#define METHOD_SD 0x8100u

enum type {
	T_REQUEST = 0x00,
	T_NOTIFY = 0x02,
	T_RESPONSE = 0x80,
	T_ERROR = 0x81,
};

enum entry {
	E_FIND = 0,
	E_OFFER = 1,
	E_SUBSCRIBE = 6,
	E_SUBSCRIBED = 7,
	E_STOP = 0x100, /* our own: a lifetime of 0 takes it back */
};

static const struct proto_op ops[] = {
	{ 0x00, FACT_CONTROL, RISK_NONE, "request" },
	{ 0x01, FACT_CONTROL, RISK_NONE, "request without return" },
	{ 0x02, FACT_REPORT, RISK_NONE, "notification" },
	{ 0x20, FACT_CONTROL, RISK_NONE, "request, piece" },
	{ 0x21, FACT_CONTROL, RISK_NONE, "request without return, piece" },
	{ 0x22, FACT_REPORT, RISK_NONE, "notification, piece" },
	{ 0x40, FACT_SESSION, RISK_NONE, "request acknowledgement" },
	{ 0x41, FACT_SESSION, RISK_NONE,
	    "request without return acknowledgement" },
	{ 0x42, FACT_SESSION, RISK_NONE, "notification acknowledgement" },
	{ 0x80, FACT_CONTROL, RISK_NONE, "response" },
	{ 0x81, FACT_CONTROL, RISK_NONE, "error" },
	{ 0xa0, FACT_CONTROL, RISK_NONE, "response, piece" },
	{ 0xa1, FACT_CONTROL, RISK_NONE, "error, piece" },
	{ 0xc0, FACT_SESSION, RISK_NONE, "response acknowledgement" },
	{ 0xc1, FACT_SESSION, RISK_NONE, "error acknowledgement" },
	{ FACT_OP(1, E_FIND), FACT_DISCOVER, RISK_NONE, "find service" },
	{ FACT_OP(1, E_OFFER), FACT_REPORT, RISK_NONE, "offer service" },
	{ FACT_OP(1, E_SUBSCRIBE), FACT_SESSION, RISK_NONE,
	    "subscribe event group" },
	{ FACT_OP(1, E_SUBSCRIBED), FACT_SESSION, RISK_NONE,
	    "subscribe event group acknowledgement" },
	{ FACT_OP(1, E_STOP | E_OFFER), FACT_REPORT, RISK_NONE,
	    "stop offering service" },
	{ FACT_OP(1, E_STOP | E_SUBSCRIBE), FACT_SESSION, RISK_NONE,
	    "stop subscribing event group" },
	{ FACT_OP(1, E_STOP | E_SUBSCRIBED), FACT_SESSION, RISK_NONE,
	    "subscribe event group refusal" },
};

static uint32_t
be32_at(struct span s, uint32_t at)
{
	return (uint32_t)s.p[at] << 24 | (uint32_t)s.p[at + 1] << 16 |
	    (uint32_t)s.p[at + 2] << 8 | s.p[at + 3];
}

static uint32_t
someip_frame(struct span s, const struct dissect *d)
{
	uint32_t n = be32_at(s, 4);

	(void)d;
	if (n < 8 || n > LENGTH_MAX || s.p[12] != 1 ||
	    proto_op_find(&proto_someip, s.p[14]) == NULL)
		return FRAME_NOT_MINE;
	return n + 8;
}

/* Whether messages, at most eight, fill the datagram to its last byte. */
static bool
fills(struct span s, const struct dissect *d)
{
	for (uint32_t i = 0; i < 8 && s.n >= HEAD; i++) {
		uint32_t n = someip_frame(s, d);

		if (n == FRAME_NOT_MINE || n > s.n)
			return false;
		s = span_from(s, n);
	}
	return s.n == 0;
}

/* Eight plain bytes are not enough: the length must be the datagram's, too.
 * Requests and events carry no code; other ends name their service. */
static enum claim
someip_claim(struct span s, const struct dissect *d)
{
	uint32_t n;

	if (s.n < HEAD)
		return CLAIM_NO;
	n = someip_frame(s, d);
	if (n == FRAME_NOT_MINE || s.p[15] > 0x5e ||
	    (s.p[14] < T_RESPONSE && s.p[15] != 0))
		return CLAIM_NO;
	if (be32_at(s, 0) == (SERVICE_SD << 16 | METHOD_SD))
		return s.p[13] == 1 && s.p[14] == T_NOTIFY ? CLAIM_STRONG
							   : CLAIM_NO;
	if (be32_at(s, 0) == 0 || s.p[13] == 0)
		return CLAIM_NO;
	if (d->via != VIA_UDP)
		return CLAIM_WEAK;
	return fills(s, d) ? CLAIM_STRONG : CLAIM_NO;
}

static enum way
someip_way(struct span s)
{
	if (s.n < HEAD || s.p[14] == T_NOTIFY || (s.p[14] & TP) != 0)
		return WAY_UNKNOWN;
	return s.p[14] >= T_RESPONSE ? WAY_RESPONSE : WAY_REQUEST;
}

/* -------------------------------------------------------------- discovery */

/* The first entry counts as the message. */
static void
entry(struct rd *r, struct dissect *d, bool first)
{
	uint32_t type = rd_u8(r), service, instance, lifetime, group;
	struct fact *f;

	rd_skip(r, 3);
	service = rd_be16(r);
	instance = rd_be16(r);
	rd_skip(r, 1); /* major version */
	lifetime = rd_be24(r);
	rd_skip(r, 2);
	group = rd_be16(r);
	d->ctx.response = type == E_SUBSCRIBED;
	if (lifetime == 0 && type != E_FIND)
		type |= E_STOP;
	f = type == (E_STOP | E_SUBSCRIBED)
	    ? dissect_error(d, FACT_OP(1, type), 0)
	    : dissect_op(d, FACT_OP(1, type));
	f->is_message = first;
	f->object = (struct fact_object){ .space = SPACE_SOMEIP_METHOD,
		.area = service,
		.first = (type & 0xffu) >= E_SUBSCRIBE ? group : 0,
		.count = 1,
		.sub = (uint16_t)instance };
}

static void
discovery(struct rd *r, struct dissect *d)
{
	struct rd list;

	rd_skip(r, 4); /* flags, reserved */
	list = rd_sub(r, rd_be32(r));
	for (bool first = true; rd_left(&list) >= 16; first = false)
		entry(&list, d, first);
	rd_skip(r, rd_be32(r)); /* options: where the services are */
	rd_require(r, rd_left(&list) == 0, "entries are not of 16 bytes");
}

/* ---------------------------------------------------------------- messages */

static void
someip_parse(struct rd *r, struct dissect *d)
{
	uint32_t service = rd_be16(r), method = rd_be16(r), client, session;
	uint32_t type, code, pair;
	struct rd body = rd_sub(r, rd_be32(r));
	struct fact *f;

	client = rd_be16(&body);
	session = rd_be16(&body);
	rd_skip(&body, 2);
	type = rd_u8(&body);
	code = rd_u8(&body);
	if (!rd_ok(r))
		return;
	dissect_pair(d, session);
	if (service == SERVICE_SD && method == METHOD_SD) {
		discovery(&body, d);
		return;
	}
	d->ctx.response = type >= T_RESPONSE;
	pair = client << 16 | session;
	if ((type & ~TP) >= T_RESPONSE)
		(void)dissect_recall(d, pair);
	f = d->ctx.response && code != 0 ? dissect_error(d, type, code)
					 : dissect_op(d, type);
	f->object = (struct fact_object){ .space = SPACE_SOMEIP_METHOD,
		.area = service,
		.first = method,
		.count = 1 };
	if (type == T_REQUEST)
		dissect_remember(d,
		    (struct ask){ .pair = pair, .op = type, .at = f->object });
	if ((type & TP) != 0)
		rd_skip(&body, 4);
	rd_opaque_rest(&body);
}

const struct proto proto_someip = {
	.name = "someip",
	.title = "SOME/IP and its service discovery",
	.spec = "AUTOSAR FO R22-11, PRS_SOMEIPProtocol and "
		"PRS_SOMEIPServiceDiscoveryProtocol",
	.depth = "all messages, services, methods, events, codes; discovery: "
		 "who offers, seeks and subscribes what; pieces are not put "
		 "together, arguments need the maker's description",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { PORT },
	.udp = { PORT },
	.claim = someip_claim,
	.way = someip_way,
	.frame = someip_frame,
	.frame_min = HEAD,
	.parse = someip_parse,
	PROTO_OPS(ops),
};
