/*
 * modbus_rtu.c - Modbus RTU frames in TCP or UDP, as serial servers send them.
 *
 * MODBUS over Serial Line V1.02, 2.5.1.
 *
 *	+---------+- - - - - - - - - - -+-----------+
 *	| address | PDU: modbus_pdu.h   | CRC-16    |
 *	+---------+- - - - - - - - - - -+-----------+
 *	  u8                              little-endian
 *
 * A frame has no length: it ends where, after as many octets as its function
 * has in a request or a response, the checksum is right.  Nothing joins a
 * response to its request but the order, so the address and the function do;
 * pair counts the requests.  Op as of modbus.
 */
#include "modbus_pdu.h"

#define ADDRESS 1u
#define CRC 2u
#define FRAME_MIN (ADDRESS + 1 + CRC)
#define FRAME_MAX 256u

struct rtu_state {
	uint32_t requests;
};

static uint16_t
crc16(struct span s)
{
	/* of one nibble, polynomial A001h */
	static const uint16_t table[16] = { 0x0000, 0xcc01, 0xd801, 0x1400,
		0xf001, 0x3c00, 0x2800, 0xe401, 0xa001, 0x6c00, 0x7800, 0xb401,
		0x5000, 0x9c01, 0x8801, 0x4400 };
	uint32_t crc = 0xffff;

	for (uint32_t i = 0; i < s.n; i++) {
		crc ^= s.p[i];
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return (uint16_t)crc;
}

static bool
ends_at(struct span s, uint32_t n)
{
	uint32_t crc;

	if (n < FRAME_MIN || n > s.n)
		return false;
	crc = crc16(span_first(s, n - CRC));
	return s.p[n - 2] == (crc & 0xff) && s.p[n - 1] == crc >> 8;
}

/* Octets of a frame of this kind; 0 where its function does not tell. */
static uint32_t
length_as(struct span s, bool response)
{
	uint32_t n = modbus_pdu_length(span_from(s, ADDRESS), response);

	return n > 0 ? ADDRESS + n + CRC : 0;
}

static uint32_t
rtu_frame(struct span s, const struct dissect *d)
{
	uint32_t asks = length_as(s, false), answers = length_as(s, true);
	uint32_t fc = s.p[1];
	bool shapeless = asks == 0 || answers == 0 || fc == FC_DIAGNOSTICS;
	bool known = proto_op_find(&proto_modbus_rtu, fc & 0x7f) != NULL;

	(void)d;
	if ((fc & 0x7f) == 0)
		return FRAME_NOT_MINE;
	if (ends_at(s, asks))
		return asks;
	if (ends_at(s, answers))
		return answers;
	/* functions without a known shape: one frame a segment */
	if (shapeless && s.n <= FRAME_MAX && ends_at(s, s.n))
		return s.n;
	if (asks > s.n || answers > s.n ||
	    (shapeless && s.n < FRAME_MAX && known))
		return FRAME_NEED_MORE;
	return FRAME_NOT_MINE;
}

/*
 * Others end in the same checksum (ROC): the shape must be right as well, and
 * elsewhere than on its own ports an answer of the right shape must follow.
 */
static enum claim
rtu_claim(struct span s, const struct dissect *d)
{
	bool home =
	    proto_expects(&proto_modbus_rtu, d->via, d->talk->server_port) ||
	    proto_expects(&proto_modbus_rtu, d->via, d->talk->client_port);
	uint32_t n;

	if (s.n < FRAME_MIN || s.p[0] > 247)
		return CLAIM_NO;
	n = rtu_frame(s, d);
	if (n == FRAME_NOT_MINE || n == FRAME_NEED_MORE)
		return CLAIM_NO;
	if (n != length_as(s, false) && n != length_as(s, true))
		return home ? CLAIM_WEAK : CLAIM_NO;
	return home && n == s.n ? CLAIM_STRONG : CLAIM_WEAK;
}

static enum way
rtu_way(struct span s)
{
	bool asks, answers;

	if (s.n < FRAME_MIN)
		return WAY_UNKNOWN;
	asks = ends_at(s, length_as(s, false));
	answers = ends_at(s, length_as(s, true));
	if (asks == answers)
		return WAY_UNKNOWN;
	return asks ? WAY_REQUEST : WAY_RESPONSE;
}

static void
rtu_parse(struct rd *r, struct dissect *d)
{
	struct rtu_state *st = d->state;
	uint32_t unit = rd_u8(r), fc;
	struct rd pdu;

	rd_require(r, rd_left(r) >= 1 + CRC, "too short for a frame");
	pdu = rd_sub(r, rd_left(r) > CRC ? rd_left(r) - CRC : 0);
	fc = rd_ahead(&pdu, 1).n > 0 ? rd_ahead(&pdu, 1).p[0] & 0x7fu : 0;
	if (!d->ctx.response)
		st->requests++;
	dissect_pair(d, st->requests);
	dissect_unit(d, unit);
	modbus_pdu(&pdu, d, unit << 8 | fc);
	rd_skip(r, CRC); /* frame() has checked it */
}

const struct proto proto_modbus_rtu = {
	.name = "modbus-rtu",
	.title = "Modbus RTU over TCP or UDP",
	.spec = "MODBUS over Serial Line V1.02; Application Protocol V1.1b3",
	.depth = "as Modbus/TCP; checksum required, paired by order",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { 4001, 10001, 502 },
	.udp = { 4001, 10001, 502 },
	.client_role = ROLE_HMI,
	.server_role = ROLE_GATEWAY,
	.claim = rtu_claim,
	.way = rtu_way,
	.frame = rtu_frame,
	.frame_min = FRAME_MIN,
	.parse = rtu_parse,
	PROTO_OPS(ops),
	PROTO_CODES(codes),
	.state_size = sizeof(struct rtu_state),
};
