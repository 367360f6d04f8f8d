/*
 * sercos3.c - SERCOS III: master data and answer telegrams of a drives' ring.
 *
 * IEC 61158-4-19, -6-19 (CP 16/3).  Ethertype 88CD.
 *
 *	+---------+-------+-------+- - - -
 *	| type    | phase | CRC   | by phase
 *	+---------+-------+-------+- - - -
 *	  u8        u8      4
 *	type	bit 7 second channel, bit 6 answer (AT), bits 3-0 number
 *	phase	bit 7 change, bits 3-0: 0 to 4
 *
 * In phases 1 and 2 the first telegram holds a service channel of six octets
 * per device: control le16 (bit 0 handshake, 1 write, 2 end, 5-3 element),
 * information le32; in 3 and 4 their places are in the project.
 *
 * Op is 0 of a master's telegram, 1 of an answer, 2 of a change of phase, 3
 * and 4 of a parameter opened or written.  Object of telegrams: first is the
 * number, area the phase; of parameters (space IDN) first is the identifier,
 * which stands in the text of an opened one; unit is the device.
 */
#include "say.h"

enum {
	SERCOS_MDT,
	SERCOS_AT,
	SERCOS_PHASE,
	SERCOS_OPEN,
	SERCOS_WRITE
};

static const struct proto_op ops[] = {
	{ SERCOS_MDT, FACT_REPORT, RISK_NONE, "master data telegram" },
	{ SERCOS_AT, FACT_REPORT, RISK_NONE, "answer telegram" },
	{ SERCOS_PHASE, FACT_CONTROL, RISK_MODE, "phase change" },
	{ SERCOS_OPEN, FACT_CONFIG, RISK_NONE, "open parameter" },
	{ SERCOS_WRITE, FACT_CONFIG, RISK_CONFIGURATION, "write parameter" },
};

#define DEVICES 128u
#define ELEMENT_IDN 1u
#define ELEMENT_DATA 7u
#define CLASS_1_RESET 99u

struct sercos_state {
	uint8_t handshake[DEVICES / 8]; /* last seen, by device */
	uint16_t idn[DEVICES / 2]; /* opened last, of the first devices */
	uint8_t phase;
	bool seen;
};

static void
name_idn(struct fact *f, uint32_t idn)
{
	f->object = (struct fact_object){ .space = SPACE_IDN,
		.first = idn,
		.count = 1 };
	fact_textf(f, "%c-%u-%04u", (idn & 0x8000) != 0 ? 'P' : 'S',
	    BITS(idn, 14, 12), idn & 0xfff);
}

/* What one device is told, when its handshake turns. */
static void
told(struct dissect *d, struct sercos_state *st, uint32_t device,
    uint32_t control, uint32_t information)
{
	uint32_t element = BITS(control, 5, 3);
	uint32_t known = device < DEVICES / 2 ? st->idn[device] : 0;
	struct fact *f;

	dissect_unit(d, device);
	if (element == ELEMENT_IDN) {
		if (device < DEVICES / 2)
			st->idn[device] = (uint16_t)information;
		f = dissect_emit(d, FACT_CONFIG, SERCOS_OPEN);
		name_idn(f, information & 0xffff);
	} else if (element == ELEMENT_DATA && (control & 2) != 0) {
		f = dissect_emit(d, FACT_CONFIG, SERCOS_WRITE);
		f->risk = RISK_CONFIGURATION;
		if (known == CLASS_1_RESET && f->kind != FACT_NONE) {
			f->kind = FACT_CONTROL;
			f->risk = RISK_RESET;
		}
		name_idn(f, known);
		dissect_value_uint(d, SERCOS_WRITE, f->object, information);
	}
}

static void
service_channels(struct rd *r, struct dissect *d)
{
	struct sercos_state *st = d->state;

	for (uint32_t i = 0; i < DEVICES && rd_left(r) >= 6; i++) {
		uint32_t control = rd_le16(r), information = rd_le32(r);
		uint8_t bit = (uint8_t)(1u << (i % 8));
		bool was = (st->handshake[i / 8] & bit) != 0;

		if (!rd_ok(r) || was == ((control & 1) != 0))
			continue;
		st->handshake[i / 8] ^= bit;
		told(d, st, i, control, information);
	}
}

static void
sercos3_parse(struct rd *r, struct dissect *d)
{
	struct sercos_state *st = d->state;
	uint32_t type = rd_u8(r), phase = rd_u8(r), telegram = type & 15;
	bool answer = (type & 0x40) != 0;
	uint32_t op = answer ? SERCOS_AT : SERCOS_MDT;
	struct fact *f;

	rd_skip(r, 4);
	if (!rd_ok(r))
		return;
	d->ctx.response = answer;
	if (!answer && ((phase & 0x80) != 0) &&
	    (!st->seen || st->phase != phase))
		op = SERCOS_PHASE;
	if (!answer) {
		st->seen = true;
		st->phase = (uint8_t)phase;
	}
	f = dissect_op(d, op);
	f->object = (struct fact_object){ .space = SPACE_ECAT_LOGICAL,
		.area = phase & 15,
		.first = telegram,
		.count = rd_left(r) };
	if (op == SERCOS_PHASE)
		fact_textf(f, "to phase %u", phase & 15);
	if (!answer && telegram == 0 &&
	    ((phase & 15) == 1 || (phase & 15) == 2))
		service_channels(r, d);
	rd_skip_rest(r);
}

static uint32_t
sercos3_frame(struct span s, const struct dissect *d)
{
	(void)d;
	return (s.p[1] & 15) <= 4 ? s.n : FRAME_NOT_MINE;
}

const struct proto proto_sercos3 = {
	.name = "sercos3",
	.title = "SERCOS III",
	.spec = "IEC 61158-4-19 and -6-19",
	.depth = "telegrams, phases and their change; parameters opened and "
		 "written in phases 1 and 2; in phases 3 and 4 the layout is "
		 "in the project",
	.slot = PROTO_SLOT,
	.ot = true,
	.ether = { 0x88cd },
	.client_role = ROLE_CONTROLLER,
	.server_role = ROLE_DRIVE,
	.frame = sercos3_frame,
	.frame_min = 6,
	.parse = sercos3_parse,
	.state_size = sizeof(struct sercos_state),
	PROTO_OPS(ops),
};

_Static_assert(sizeof(struct sercos_state) <= PROTO_STATE_MAX, "too big");
