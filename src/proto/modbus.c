/*
 * modbus.c - Modbus/TCP.
 *
 * MODBUS Messaging on TCP/IP Implementation Guide V1.0b, 3.1.3; the same over
 * UDP.
 *
 *	+-------------+-------------+--------+------+- - - - - - - -
 *	| transaction | protocol: 0 | length | unit | PDU: modbus_pdu.h
 *	+-------------+-------------+--------+------+- - - - - - - -
 *	  be16          be16          be16     u8     length - 1 octets
 *
 * Op is the function code, without the exception bit.  Pair is the
 * transaction; a response belongs to the request of the same transaction and
 * unit.  UMAS, function 90, is its own protocol.
 */
#include "modbus_pdu.h"

#define MBAP 6u
#define LENGTH_MAX 254u
#define LENGTH_MAX_UMAS 2048u

static uint32_t
modbus_frame(struct span s, const struct dissect *d)
{
	uint32_t length = (uint32_t)s.p[4] << 8 | s.p[5];

	(void)d;
	/* function 0 is none, but sent by those who try them all */
	if (s.p[2] != 0 || s.p[3] != 0 || length < 2 ||
	    ((s.p[7] & 0x7f) == 0 && s.n != MBAP + length) ||
	    length > (s.p[7] == FC_UMAS ? LENGTH_MAX_UMAS : LENGTH_MAX))
		return FRAME_NOT_MINE;
	return MBAP + length;
}

/* Whether the length agrees with what the function makes of its data. */
static bool
fits(struct span s, uint32_t length, bool response)
{
	uint32_t n = modbus_pdu_length(span_from(s, MBAP + 1), response);

	return n == 0 ? s.p[7] > 24 && s.p[7] < 0x80 : n == length - 1;
}

static enum claim
modbus_claim(struct span s, const struct dissect *d)
{
	uint32_t n;

	if (s.n < MBAP + 2)
		return CLAIM_NO;
	n = modbus_frame(s, d);
	if (n == FRAME_NOT_MINE)
		return CLAIM_NO;
	if (proto_expects(&proto_modbus, d->via, d->talk->server_port) ||
	    proto_expects(&proto_modbus, d->via, d->talk->client_port))
		return CLAIM_WEAK;
	if (proto_op_find(&proto_modbus, s.p[7] & 0x7f) == NULL ||
	    (!fits(s, n - MBAP, false) && !fits(s, n - MBAP, true)))
		return CLAIM_NO;
	return CLAIM_WEAK;
}

/* The shape of a message tells often who sent it. */
static enum way
modbus_way(struct span s)
{
	uint32_t length;
	bool asks, answers;

	if (s.n < MBAP + 3 || s.p[2] != 0 || s.p[3] != 0)
		return WAY_UNKNOWN;
	length = (uint32_t)s.p[4] << 8 | s.p[5];
	if (s.p[7] > 0x80)
		return length == 3 ? WAY_RESPONSE : WAY_UNKNOWN;
	if (s.p[7] == FC_UMAS)
		return s.n > 9 && s.p[9] < 0xfd ? WAY_REQUEST : WAY_RESPONSE;
	if (s.p[7] > 24)
		return WAY_UNKNOWN;
	asks = fits(s, length, false);
	answers = fits(s, length, true);
	if (asks == answers)
		return WAY_UNKNOWN;
	return asks ? WAY_REQUEST : WAY_RESPONSE;
}

static void
modbus_parse(struct rd *r, struct dissect *d)
{
	uint32_t transaction = rd_be16(r), unit;

	rd_skip(r, 4); /* protocol, length */
	unit = rd_u8(r);
	dissect_pair(d, transaction);
	dissect_unit(d, unit);
	modbus_pdu(r, d, transaction | unit << 16);
}

const struct proto proto_modbus = {
	.name = "modbus",
	.title = "Modbus/TCP",
	.spec = "MODBUS Application Protocol V1.1b3, TCP/IP Guide V1.0b",
	.depth = "all functions with addresses and values both ways, "
		 "diagnostics, identification; vendor functions by name",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { 502 },
	.udp = { 502 },
	.client_role = ROLE_HMI,
	.server_role = ROLE_CONTROLLER,
	.claim = modbus_claim,
	.way = modbus_way,
	.frame = modbus_frame,
	.frame_min = MBAP + 2,
	.parse = modbus_parse,
	PROTO_OPS(ops),
	PROTO_CODES(codes),
};
