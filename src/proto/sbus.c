/*
 * sbus.c - SAIA S-Bus over UDP (Ether-S-Bus).
 *
 * Saia-Burgess Controls 26-739; the header over UDP as in open dissectors.
 *
 *	+--------+---------+------+----------+-----------+- - - - -+-----+
 *	| length | version | type | sequence | attribute | body    | CRC |
 *	+--------+---------+------+----------+-----------+- - - - -+-----+
 *	  be32     u8        u8 0   be16       u8                    be16
 *
 *	attribute	0 question: station u8, command u8, data
 *			1 answer: data
 *			2 code be16: 0 done, else refused
 *
 * Length counts all of it.  The CRC is CRC-16/XMODEM.  Op is the command; an
 * answer has none of its own, that of its question is used (variant 1 where
 * none was seen: the attribute).  Pair is the sequence, unit the station.
 */
#include "crc.h"
#include "sbus_tables.h"

#define HEAD 9u
#define TAIL 2u
#define ATTRIBUTE(code) FACT_OP(1, code)

static uint32_t
be32_at(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

static bool
crc_is_good(struct span s)
{
	return crc_ccitt(span_first(s, s.n - TAIL), 0) ==
	    ((uint32_t)s.p[s.n - 2] << 8 | s.p[s.n - 1]);
}

static enum claim
sbus_claim(struct span s, const struct dissect *d)
{
	(void)d;
	if (s.n < HEAD + TAIL || be32_at(s.p) != s.n || s.p[4] > 1 ||
	    s.p[5] != 0 || s.p[8] > 2)
		return CLAIM_NO;
	return crc_is_good(s) ? CLAIM_STRONG : CLAIM_WEAK;
}

static enum way
sbus_way(struct span s)
{
	if (s.n < HEAD)
		return WAY_UNKNOWN;
	return s.p[8] == 0 ? WAY_REQUEST : WAY_RESPONSE;
}

/* ---------------------------------------------------------------- objects */

static enum space
space_of(uint32_t command)
{
	static const uint8_t spaces[16] = { [0] = SPACE_SBUS_COUNTER,
		[2] = SPACE_SBUS_FLAG,
		[3] = SPACE_SBUS_INPUT,
		[5] = SPACE_SBUS_OUTPUT,
		[6] = SPACE_SBUS_REGISTER,
		[7] = SPACE_SBUS_TIMER,
		[10] = SPACE_SBUS_COUNTER,
		[11] = SPACE_SBUS_FLAG,
		[13] = SPACE_SBUS_OUTPUT,
		[14] = SPACE_SBUS_REGISTER,
		[15] = SPACE_SBUS_TIMER };

	return command < 16 ? (enum space)spaces[command] : SPACE_NONE;
}

static bool
is_bits(enum space space)
{
	return space == SPACE_SBUS_FLAG || space == SPACE_SBUS_INPUT ||
	    space == SPACE_SBUS_OUTPUT;
}

static void
read_values(struct rd *r, struct dissect *d, uint32_t op, struct fact_object at)
{
	uint32_t n = at.count;
	struct span bits;

	at.count = 1;
	if (!is_bits((enum space)at.space)) {
		for (; n > 0 && rd_left(r) >= 4; n--, at.first++)
			dissect_value_uint(d, op, at, rd_be32(r));
		return;
	}
	bits = rd_span_rest(r);
	for (uint32_t i = 0; i < n && i / 8 < bits.n; i++, at.first++)
		dissect_value_bool(d, op, at, bits_lsb_get(bits, i));
}

/* --------------------------------------------------------------- questions */

static void
read_question(struct rd *r, struct dissect *d, uint32_t sequence)
{
	uint32_t station = rd_u8(r), op = rd_u8(r), n;
	struct ask ask = { .pair = sequence, .op = op };
	enum space space = space_of(op);
	struct fact *f;

	if (!rd_ok(r))
		return;
	dissect_unit(d, station);
	ask.extra[0] = station;
	f = dissect_op(d, op);
	if (space != SPACE_NONE && rd_left(r) >= 3) {
		n = rd_u8(r);
		ask.at.space = (uint16_t)space;
		ask.at.first = rd_be16(r);
		ask.at.count = n + 1;
		if (op >= 10 && is_bits(space) && rd_more(r))
			ask.at.count = rd_u8(r) + 1u;
		else if (op >= 10)
			ask.at.count = rd_left(r) / 4;
		f->object = ask.at;
		if (op >= 10)
			read_values(r, d, op, ask.at);
	}
	if (proto_op_find(d->proto, op) != NULL)
		rd_skip_rest(r); /* addresses, programs, times */
	rd_opaque_rest(r);
	if (station != 255) /* all stations: nobody answers */
		dissect_remember(d, ask);
}

/* ----------------------------------------------------------------- answers */

static void
say_mode(struct dissect *d, uint32_t c)
{
	static const struct {
		char c;
		const char *word;
	} words[] = { { 'R', "run" }, { 'S', "stop" }, { 'H', "halt" },
		{ 'C', "conditional run" }, { 'D', "disconnected" } };

	for (uint32_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if ((uint32_t)words[i].c == c)
			dissect_ident(d, TRAIT_MODE, span_text(words[i].word));
}

static void
read_answer(struct rd *r, struct dissect *d, const struct ask *ask)
{
	uint32_t op = ask != NULL ? ask->op : ATTRIBUTE(1);
	struct fact *f = dissect_op(d, op);

	if (ask == NULL) {
		rd_opaque_rest(r);
		return;
	}
	f->object = ask->at;
	if (op == 32 && rd_left(r) >= 8) {
		dissect_ident(d, TRAIT_VENDOR, SPAN_LIT("Saia-Burgess"));
		dissect_ident(d, TRAIT_MODEL, rd_span(r, 5));
		dissect_ident(d, TRAIT_FIRMWARE, rd_span(r, 3));
	} else if (op >= 20 && op <= 27 && rd_more(r)) {
		say_mode(d, rd_u8(r));
	} else if (ask->at.space != SPACE_NONE && op < 10) {
		read_values(r, d, op, ask->at);
	}
	if (proto_op_find(d->proto, op) != NULL)
		rd_skip_rest(r);
	rd_opaque_rest(r);
}

static void
sbus_parse(struct rd *r, struct dissect *d)
{
	struct span all = rd_ahead(r, rd_left(r));
	uint32_t length = rd_be32(r), sequence, attribute;
	const struct ask *ask;
	struct rd body;

	rd_skip(r, 2);
	sequence = rd_be16(r);
	attribute = rd_u8(r);
	rd_require(r, length >= HEAD + TAIL, "shorter than its header");
	body = rd_sub(r, length - HEAD - TAIL);
	rd_skip(r, TAIL);
	if (!rd_ok(r))
		return;
	rd_require(r, all.n != length || crc_is_good(all), "wrong checksum");
	dissect_pair(d, sequence);
	d->ctx.response = attribute != 0;
	if (attribute == 0) {
		read_question(&body, d, sequence);
		return;
	}
	ask = dissect_recall(d, sequence);
	if (ask != NULL)
		dissect_unit(d, ask->extra[0]);
	if (attribute == 1) {
		read_answer(&body, d, ask);
	} else {
		uint32_t code = rd_be16(&body);

		if (code != 0)
			(void)dissect_error(d,
			    ask != NULL ? ask->op : ATTRIBUTE(2), code);
		else if (ask != NULL)
			dissect_op(d, ask->op)->object = ask->at;
		else
			dissect_emit(d, FACT_ACK, ATTRIBUTE(2))->is_message =
			    true;
		rd_opaque_rest(&body);
	}
}

const struct proto proto_sbus = {
	.name = "sbus",
	.title = "SAIA S-Bus",
	.spec = "Saia-Burgess 26-739; Ether-S-Bus header as in open dissectors",
	.depth = "all commands; registers, timers, counters, flags, inputs and "
		 "outputs with values both ways; identity and state; user "
		 "memory and programs passed over",
	.slot = PROTO_SLOT,
	.ot = true,
	.udp = { 5050 },
	.client_role = ROLE_HMI,
	.server_role = ROLE_PLC,
	.claim = sbus_claim,
	.way = sbus_way,
	.parse = sbus_parse,
	PROTO_OPS(ops),
};
