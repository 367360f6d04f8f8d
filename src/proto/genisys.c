/*
 * genisys.c - Genisys, code lines of railway signalling.
 *
 * Union Switch & Signal (now Alstom), GENISYS protocol in service manual
 * SM-6700; as implemented in open dissectors.
 *
 *	+--------+---------+- - - - - - - - - - - - - -+------+------+
 *	| header | station | address, value; ...       | CRC  | 0xf6 |
 *	+--------+---------+- - - - - - - - - - - - - -+------+------+
 *	  F1..FE   u8                                    le16
 *
 * Octets from F0 on stand escaped in between: F0h and their low nibble.  An
 * acknowledgement, and a poll that is not secure, have no CRC; it is that of
 * Modbus.  Op is the header.  Unit is the station.  Objects: first = address
 * of an octet of eight controls or indications; from E0h on of modes.
 */
#include "crc.h"
#include "proto.h"

#define ESCAPE 0xf0u
#define END 0xf6u
#define LONGEST 600u

enum {
	ACKNOWLEDGE = 0xf1,
	INDICATION,
	CHECKBACK,
	COMMON_CONTROL = 0xf9,
	ACK_AND_POLL,
	POLL,
	CONTROL,
	RECALL,
	EXECUTE,
};

static const struct proto_op ops[] = {
	{ ACKNOWLEDGE, FACT_SESSION, RISK_NONE, "acknowledge" },
	{ INDICATION, FACT_REPORT, RISK_NONE, "indication data" },
	{ CHECKBACK, FACT_REPORT, RISK_NONE, "control data checkback" },
	{ COMMON_CONTROL, FACT_CONTROL, RISK_CONTROL, "common control" },
	{ ACK_AND_POLL, FACT_READ, RISK_NONE, "acknowledge and poll" },
	{ POLL, FACT_READ, RISK_NONE, "poll" },
	{ CONTROL, FACT_CONTROL, RISK_CONTROL, "control data" },
	{ RECALL, FACT_READ, RISK_NONE, "recall" },
	{ EXECUTE, FACT_CONTROL, RISK_CONTROL, "execute controls" },
};

static bool
is_header(uint32_t c)
{
	return (c >= ACKNOWLEDGE && c <= CHECKBACK) ||
	    (c >= COMMON_CONTROL && c <= EXECUTE);
}

/*
 * Header to CRC, the escapes resolved.  Some senders do not escape the CRC: an
 * F0h that is the last octet stands for itself.
 */
static uint32_t
plain(struct span s, uint8_t *dst, uint32_t cap)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i + 1 < s.n && n < cap; i++) {
		if (s.p[i] == ESCAPE && i + 2 < s.n)
			dst[n++] = (uint8_t)(0xf0 | (s.p[++i] & 15));
		else
			dst[n++] = s.p[i];
	}
	return n;
}

static bool
has_crc(uint32_t header, uint32_t n)
{
	return header != ACKNOWLEDGE && !(header == POLL && n == 2);
}

static bool
crc_is_good(struct span s)
{
	return s.n >= 4 &&
	    crc_modbus(span_first(s, s.n - 2), 0xffff) ==
	    ((uint32_t)s.p[s.n - 1] << 8 | s.p[s.n - 2]);
}

/* Whether all of it, up to its end mark, is a message. */
static bool
is_whole(struct span s)
{
	uint8_t message[LONGEST];
	uint32_t n = plain(s, message, sizeof(message));

	return !has_crc(s.p[0], n) || crc_is_good(SPAN(message, n));
}

/*
 * An end mark within the two octets before another may be part of a CRC that
 * is not escaped; so may other octets from F1h on.
 */
static uint32_t
genisys_frame(struct span s, const struct dissect *d)
{
	uint32_t end = 1;

	(void)d;
	if (!is_header(s.p[0]))
		return FRAME_NOT_MINE;
	while (end < s.n && end < LONGEST && s.p[end] <= ESCAPE)
		end++;
	if (end >= LONGEST || end < 2)
		return end < s.n ? FRAME_NOT_MINE : FRAME_NEED_MORE;
	for (uint32_t i = end; i < s.n && i < end + 3; i++)
		if (s.p[i] == END && is_whole(span_first(s, i + 1)))
			return i + 1;
	if (end < s.n && s.p[end] == END)
		return end + 1;
	return end + 3 > s.n ? FRAME_NEED_MORE : FRAME_NOT_MINE;
}

static enum claim
genisys_claim(struct span s, const struct dissect *d)
{
	uint8_t message[LONGEST];
	uint32_t n = s.n >= 3 ? genisys_frame(s, d) : FRAME_NOT_MINE, m;

	if (n == FRAME_NOT_MINE || n == FRAME_NEED_MORE)
		return CLAIM_NO;
	m = plain(span_first(s, n), message, sizeof(message));
	if (!has_crc(s.p[0], m))
		return m == 2 && n == s.n ? CLAIM_WEAK : CLAIM_NO;
	if (!crc_is_good(SPAN(message, m)))
		return d->talk->server_port == 10001 ? CLAIM_WEAK : CLAIM_NO;
	return n == s.n ? CLAIM_STRONG : CLAIM_WEAK;
}

static enum way
genisys_way(struct span s)
{
	if (s.n < 1)
		return WAY_UNKNOWN;
	return s.p[0] <= CHECKBACK ? WAY_RESPONSE : WAY_REQUEST;
}

static void
read_octets(struct rd *m, struct dissect *d, uint32_t op, struct fact *f)
{
	struct fact_object at = { .space = SPACE_GENISYS, .count = 1 };

	for (uint32_t i = 0; rd_left(m) >= 2; i++) {
		at.first = rd_u8(m);
		if (i == 0)
			f->object = at;
		f->object.count = i + 1;
		dissect_value_uint(d, op, at, rd_u8(m));
	}
}

static void
genisys_parse(struct rd *r, struct dissect *d)
{
	uint8_t message[LONGEST];
	uint32_t promised = rd_left(r), header, n;
	struct span all = rd_span(r, promised);
	struct rd m;
	struct fact *f;

	if (!rd_ok(r))
		return;
	n = plain(all, message, sizeof(message));
	rd_require(r, n >= 2 && is_header(message[0]), "no such header");
	if (!rd_ok(r))
		return;
	header = message[0];
	if (has_crc(header, n)) {
		rd_require(r, crc_is_good(SPAN(message, n)), "wrong checksum");
		n -= 2;
	}
	m = rd_over(r, SPAN(message, n));
	rd_skip(&m, 1);
	dissect_unit(d, rd_u8(&m));
	if (!rd_ok(r))
		return;
	d->ctx.response = header <= CHECKBACK;
	if (d->ctx.response)
		(void)dissect_recall(d, d->ctx.unit);
	else if (header != COMMON_CONTROL)
		dissect_remember(d,
		    (struct ask){ .pair = d->ctx.unit, .op = header });
	f = dissect_op(d, header);
	read_octets(&m, d, header, f);
	rd_opaque_rest(&m);
}

const struct proto proto_genisys = {
	.name = "genisys",
	.title = "Genisys railway signalling",
	.spec = "US&S SM-6700 (GENISYS)",
	.depth = "all messages, controls and indications with values",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { 10001 },
	.udp = { 10001 },
	.client_role = ROLE_SCADA,
	.server_role = ROLE_CONTROLLER,
	.claim = genisys_claim,
	.way = genisys_way,
	.frame = genisys_frame,
	.frame_min = 2,
	.parse = genisys_parse,
	PROTO_OPS(ops),
};
