/*
 * hislip.c - High-Speed LAN Instrument Protocol.
 *
 * IVI-6.1 revision 2.0; what it carries is SCPI-1999 and IEEE 488.2 text.
 * TCP 4880, two connections per session, big endian:
 *
 *	+-----+-----+------+---------+-----------+--------+- - - - -
 *	| 'H' | 'S' | type | control | parameter | length | payload
 *	+-----+-----+------+---------+-----------+--------+- - - - -
 *	                u8      u8       u32        u64
 *
 * Op is the type.  The text of data is its first line; a query ends with '?',
 * all else sets something.  Pair is the message's number, which the answer
 * repeats.
 */
#include "say.h"
#include "text.h"

#define PORT 4880u
#define HEAD 16u

enum type {
	T_INIT = 0,
	T_INIT_ANSWER = 1,
	T_FATAL = 2,
	T_ERROR = 3,
	T_DATA = 6,
	T_DATA_END = 7,
	T_VENDOR = 128,
};

static const struct proto_op ops[] = {
	{ 0, FACT_SESSION, RISK_NONE, "initialize" },
	{ 1, FACT_SESSION, RISK_NONE, "initialize response" },
	{ 2, FACT_SESSION, RISK_NONE, "fatal error" },
	{ 3, FACT_SESSION, RISK_NONE, "error" },
	{ 4, FACT_SESSION, RISK_NONE, "async lock" },
	{ 5, FACT_SESSION, RISK_NONE, "async lock response" },
	{ 6, FACT_WRITE, RISK_WRITE, "data" },
	{ 7, FACT_WRITE, RISK_WRITE, "data end" },
	{ 8, FACT_SESSION, RISK_NONE, "device clear complete" },
	{ 9, FACT_SESSION, RISK_NONE, "device clear acknowledge" },
	{ 10, FACT_CONFIG, RISK_MODE, "async remote local control" },
	{ 11, FACT_CONFIG, RISK_NONE, "async remote local response" },
	{ 12, FACT_CONTROL, RISK_CONTROL, "trigger" },
	{ 13, FACT_SESSION, RISK_NONE, "interrupted" },
	{ 14, FACT_SESSION, RISK_NONE, "async interrupted" },
	{ 15, FACT_SESSION, RISK_NONE, "async maximum message size" },
	{ 16, FACT_SESSION, RISK_NONE, "async maximum message size response" },
	{ 17, FACT_SESSION, RISK_NONE, "async initialize" },
	{ 18, FACT_SESSION, RISK_NONE, "async initialize response" },
	{ 19, FACT_CONTROL, RISK_RESET, "async device clear" },
	{ 20, FACT_REPORT, RISK_NONE, "async service request" },
	{ 21, FACT_DIAGNOSE, RISK_NONE, "async status query" },
	{ 22, FACT_DIAGNOSE, RISK_NONE, "async status response" },
	{ 23, FACT_SESSION, RISK_NONE, "async device clear acknowledge" },
	{ 24, FACT_DIAGNOSE, RISK_NONE, "async lock info" },
	{ 25, FACT_DIAGNOSE, RISK_NONE, "async lock info response" },
	{ 26, FACT_DIAGNOSE, RISK_NONE, "get descriptors" },
	{ 27, FACT_DIAGNOSE, RISK_NONE, "get descriptors response" },
	{ 28, FACT_SESSION, RISK_NONE, "start TLS" },
	{ 29, FACT_SESSION, RISK_NONE, "async start TLS" },
	{ 30, FACT_SESSION, RISK_NONE, "async start TLS response" },
	{ 31, FACT_SESSION, RISK_NONE, "end TLS" },
	{ 32, FACT_SESSION, RISK_NONE, "async end TLS" },
	{ 33, FACT_SESSION, RISK_NONE, "async end TLS response" },
	{ 34, FACT_LOGIN, RISK_NONE, "get SASL mechanism list" },
	{ 35, FACT_LOGIN, RISK_NONE, "get SASL mechanism list response" },
	{ 36, FACT_LOGIN, RISK_NONE, "authentication start" },
	{ 37, FACT_LOGIN, RISK_NONE, "authentication exchange" },
	{ 38, FACT_LOGIN, RISK_NONE, "authentication result" },
};

/* The upper half of the length is 0 in all that is sane. */
static uint32_t
hislip_frame(struct span s, const struct dissect *d)
{
	uint32_t n = (uint32_t)s.p[12] << 24 | (uint32_t)s.p[13] << 16 |
	    (uint32_t)s.p[14] << 8 | s.p[15];

	(void)d;
	if (s.p[0] != 'H' || s.p[1] != 'S' || s.p[8] != 0 || s.p[9] != 0 ||
	    s.p[10] != 0 || s.p[11] != 0 || n > UINT32_MAX / 2)
		return FRAME_NOT_MINE;
	return n + HEAD;
}

static enum claim
hislip_claim(struct span s, const struct dissect *d)
{
	if (s.n < HEAD || hislip_frame(s, d) == FRAME_NOT_MINE)
		return CLAIM_NO;
	return proto_op_find(&proto_hislip, s.p[2]) != NULL ||
		s.p[2] >= T_VENDOR
	    ? CLAIM_STRONG
	    : CLAIM_WEAK;
}

static enum way
hislip_way(struct span s)
{
	switch (s.n >= HEAD ? s.p[2] : T_VENDOR) {
	case T_INIT:
	case 4:
	case 8:
	case 10:
	case 12:
	case 15:
	case 17:
	case 19:
	case 21:
	case 24:
	case 26:
	case 28:
	case 29:
	case 31:
	case 32:
	case 34:
	case 36:
		return WAY_REQUEST;
	case T_INIT_ANSWER:
	case 5:
	case 9:
	case 11:
	case 13:
	case 14:
	case 16:
	case 18:
	case 20:
	case 22:
	case 23:
	case 25:
	case 27:
	case 30:
	case 33:
	case 35:
	case 38:
		return WAY_RESPONSE;
	default:
		return WAY_UNKNOWN;
	}
}

/* "Maker,Model,Serial,Firmware" (IEEE 488.2, 10.14). */
static void
introduce(struct dissect *d, struct span s)
{
	static const enum trait traits[] = { TRAIT_VENDOR, TRAIT_MODEL,
		TRAIT_SERIAL, TRAIT_FIRMWARE };

	s = text_line(&s);
	for (uint32_t i = 0; i < 4 && s.n > 0; i++) {
		uint32_t n = i < 3 ? span_find(s, ',') : s.n;
		struct span part = text_trim(span_first(s, n));

		if (!span_is(part, SPAN_LIT("0"))) /* "not available" */
			dissect_ident(d, traits[i], part);
		s = span_from(s, n + 1);
	}
}

#define ASKED_IDENTITY 1u

static void
from_client(struct rd *r, struct dissect *d, uint32_t type, uint32_t id)
{
	struct span s = rd_ahead(r, rd_have(r)), line;
	struct fact *f = dissect_op(d, type);

	line = text_trim(text_line(&s));
	fact_text(f, line);
	f->object = SAY_NAMED;
	if (line.n > 0 && line.p[line.n - 1] == '?' && f->kind != FACT_NONE)
		f->kind = FACT_READ;
	if (line.n > 0 && line.p[line.n - 1] == '?')
		f->risk = RISK_NONE;
	else if (text_is(line, "*rst"))
		f->risk = RISK_RESET;
	dissect_remember(d,
	    (struct ask){ .pair = id,
		.op = type,
		.extra = { text_is(line, "*idn?") ? ASKED_IDENTITY : 0, 0 } });
	rd_skip_rest(r);
}

/* An answer in several parts is joined to its question by the first. */
static void
from_server(struct rd *r, struct dissect *d, uint32_t type, uint32_t id)
{
	const struct ask *a = dissect_recall(d, id);
	struct span s = rd_ahead(r, rd_have(r)), line;

	(void)dissect_op(d, type);
	if (a != NULL && a->extra[0] == ASKED_IDENTITY)
		introduce(d, s);
	line = text_line(&s);
	if (line.n > 0 && line.p[0] != '#') /* not a block of binary data */
		say_text(d, type, "answer", line);
	rd_skip_rest(r);
}

static void
hislip_parse(struct rd *r, struct dissect *d)
{
	uint32_t type, control, id, n;
	struct rd body;

	rd_skip(r, 2);
	type = rd_u8(r);
	control = rd_u8(r);
	id = rd_be32(r);
	rd_skip(r, 4);
	n = rd_be32(r);
	body = rd_sub(r, n);
	if (!rd_ok(r))
		return;
	d->ctx.response =
	    hislip_way(SPAN((const uint8_t[HEAD]){ [2] = (uint8_t)type },
		HEAD)) == WAY_RESPONSE;
	if (type == T_DATA || type == T_DATA_END) {
		d->ctx.response = !d->to_server;
		dissect_pair(d, id);
		if (d->to_server)
			from_client(&body, d, type, id);
		else
			from_server(&body, d, type, id);
		return;
	}
	if (type == T_FATAL || type == T_ERROR)
		fact_text(dissect_error(d, type, control),
		    rd_ahead(&body, rd_have(&body)));
	else if (type == T_INIT)
		say_named(dissect_op(d, type), rd_ahead(&body, rd_have(&body)));
	else
		(void)dissect_op(d, type);
	if (type >= 39)
		rd_opaque_rest(&body);
	else
		rd_skip_rest(&body);
}

const struct proto proto_hislip = {
	.name = "hislip",
	.title = "High-Speed LAN Instrument Protocol",
	.spec = "IVI-6.1 revision 2.0; IEEE 488.2",
	.depth = "all messages; commands and queries as text, what an "
		 "instrument is; binary blocks are not looked into",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { PORT },
	.claim = hislip_claim,
	.way = hislip_way,
	.frame = hislip_frame,
	.frame_min = HEAD,
	.parse = hislip_parse,
	PROTO_OPS(ops),
};
