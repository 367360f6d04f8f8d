/*
 * sinec_h1.c - SINEC AP (H1): fetch and write of S5 and of S7's
 * communication processors, over TCP.
 *
 * Siemens C79000-G8976-C152 (CP 1430) and the manuals of FETCH/WRITE.
 *
 *	+----+----+----+----------+-----------------------------------+----
 *	| 'S' 'S5'| 10 | 01 03 op | 03 08 type DB first, length  be16 | FF 02
 *	+----+----+----+----------+-----------------------------------+----
 *	answer: 01 03 op, 0F 03 error, FF 07 and five octets
 *	16 octets, then the data of a write or of a fetch's answer
 *
 * Op is that of the request: 3 write, 5 fetch.  Objects are those of S7
 * (spaces db, marker, s7-input ...): area the data block, first the first
 * word (of DB, counters, timers) or octet, count how many.
 */
#include "say.h"

#define HEAD 16u
#define H1_WRITE 3u
#define H1_FETCH 5u

static const struct proto_op ops[] = {
	{ H1_WRITE, FACT_WRITE, RISK_WRITE, "write" },
	{ H1_FETCH, FACT_READ, RISK_NONE, "fetch" },
};

/* By type, from 1; octets of an item. */
static const struct {
	uint8_t space, size;
} areas[] = { { SPACE_S7_SYSTEM, 2 }, { SPACE_S7_DB, 2 },
	{ SPACE_S7_MARKER, 1 }, { SPACE_S7_INPUT, 1 }, { SPACE_S7_OUTPUT, 1 },
	{ SPACE_S7_PERIPHERY, 1 }, { SPACE_S7_COUNTER, 2 },
	{ SPACE_S7_TIMER, 2 }, { SPACE_S7_SYSTEM, 2 }, { SPACE_S7_SYSTEM, 2 },
	{ SPACE_S7_DI, 2 } };

#define N_AREAS (sizeof(areas) / sizeof(areas[0]))
#define VALUES_MAX 64u

struct h1_state {
	struct fact_object at; /* of the last fetch */
	uint32_t op, due; /* octets that its answer brings */
	uint8_t size;
};

static void
values(struct rd *r, struct dissect *d, uint32_t op, struct fact_object at,
    uint32_t size)
{
	uint32_t n = at.count < VALUES_MAX ? at.count : VALUES_MAX;

	at.count = 1;
	for (uint32_t i = 0; i < n && rd_more(r); i++, at.first++)
		dissect_value_uint(d, op, at,
		    size == 2 ? rd_be16(r) : rd_u8(r));
	rd_skip_rest(r);
}

static void
request(struct rd *r, struct dissect *d, uint32_t op)
{
	struct h1_state *st = d->state;
	struct fact_object at = { .count = 0 };
	uint32_t type, size;

	rd_skip(r, 1); /* length of the block, told by its kind */
	type = rd_u8(r);
	at.area = rd_u8(r);
	at.first = rd_be16(r);
	at.count = rd_be16(r);
	rd_skip(r, 2);
	at.space = areas[type < N_AREAS ? type : 0].space;
	size = areas[type < N_AREAS ? type : 0].size;
	if (!rd_ok(r))
		return;
	*st = (struct h1_state){ .at = at, .op = op, .size = (uint8_t)size };
	st->due = op == H1_FETCH ? at.count * size : 0;
	dissect_op(d, op)->object = at;
	if (op == H1_WRITE)
		values(r, d, op, at, size);
}

static void
answer(struct rd *r, struct dissect *d, uint32_t op)
{
	struct h1_state *st = d->state;
	uint32_t error;

	rd_skip(r, 1);
	error = rd_u8(r);
	rd_skip(r, 7);
	if (!rd_ok(r))
		return;
	if (error != 0)
		(void)dissect_error(d, op, error);
	else
		(void)dissect_op(d, op);
	if (error == 0 && op == H1_FETCH && st->op == op)
		values(r, d, op, st->at, st->size);
	st->due = 0;
	rd_opaque_rest(r);
}

static void
sinec_h1_parse(struct rd *r, struct dissect *d)
{
	uint32_t op, block;

	rd_skip(r, 5);
	op = rd_u8(r);
	block = rd_u8(r);
	d->ctx.response = op % 2 == 0;
	if (block == 3)
		request(r, d, op);
	else
		answer(r, d, d->ctx.response ? op - 1 : op);
}

static uint32_t
sinec_h1_frame(struct span s, const struct dissect *d)
{
	static const uint8_t magic[] = { 'S', '5', HEAD, 0x01, 0x03 };
	const struct h1_state *st = d->state;
	uint32_t op = s.p[5], type = s.p[8];
	uint32_t size = areas[type < N_AREAS ? type : 0].size;

	if (!span_starts(s, SPAN(magic, sizeof(magic))) || op < H1_WRITE ||
	    op > 6 || s.p[6] != (op % 2 == 0 ? 0x0f : 0x03))
		return FRAME_NOT_MINE;
	if (op == H1_WRITE)
		return HEAD + size * ((uint32_t)s.p[12] << 8 | s.p[13]);
	return op == 6 && s.p[8] == 0 ? HEAD + st->due : HEAD;
}

static enum claim
sinec_h1_claim(struct span s, const struct dissect *d)
{
	return s.n >= HEAD && sinec_h1_frame(s, d) != FRAME_NOT_MINE
	    ? CLAIM_STRONG
	    : CLAIM_NO;
}

static enum way
sinec_h1_way(struct span s)
{
	return s.n < 6        ? WAY_UNKNOWN
	    : s.p[5] % 2 == 0 ? WAY_RESPONSE
			      : WAY_REQUEST;
}

const struct proto proto_sinec_h1 = {
	.name = "sinec-h1",
	.title = "SINEC H1 (Siemens FETCH and WRITE)",
	.spec = "Siemens, manuals of FETCH/WRITE (S5-compatible)",
	.depth = "all messages, areas with values",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { 2000 },
	.client_role = ROLE_UNKNOWN,
	.server_role = ROLE_PLC,
	.claim = sinec_h1_claim,
	.way = sinec_h1_way,
	.frame = sinec_h1_frame,
	.frame_min = HEAD,
	.parse = sinec_h1_parse,
	.state_size = sizeof(struct h1_state),
	PROTO_OPS(ops),
};
