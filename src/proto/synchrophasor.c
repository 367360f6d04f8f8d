/*
 * synchrophasor.c - IEEE C37.118.2, measurements of phasor units.
 *
 * IEEE C37.118.2-2011 clause 6: tables 2 (common), 4 (header), 5 and 7 (data),
 * 8 to 13 (configuration 1 to 3), 14 and 15 (command).  IEEE C37.118-2005 is
 * the same without configuration 3.
 *
 *	+------+---------+------+--------+-----+---------+- - - - -+-----+
 *	| 0xAA | type,   | size | IDCODE | SOC | FRACSEC | by type | CRC |
 *	|      | version |      |        |     |         |         |     |
 *	+------+---------+------+--------+-----+---------+- - - - -+-----+
 *	  u8     u8        be16   be16     be32  be32                be16
 *
 * Op is the frame type; of commands the variant is the low octet of CMD, and
 * of those that users define 0.  Unit is the IDCODE of the stream.  Objects:
 * area = IDCODE of the phasor unit, first = index of the channel, sub = part:
 * 0 magnitude or value, 1 angle in radians, 2 real, 3 imaginary; of frequency
 * 0 Hz, 1 Hz/s.  What a data frame holds is told by configuration 2 or 3 of
 * the same flow; without it, data is not understood.
 */
#include "proto.h"

#include <stdio.h>

#include "crc.h"
#include "text.h"

#define SYNC 0xaau
#define HEAD 14u
#define TAIL 2u

enum type {
	TYPE_DATA,
	TYPE_HEADER,
	TYPE_CFG1,
	TYPE_CFG2,
	TYPE_COMMAND,
	TYPE_CFG3,
};

enum {
	CMD_OFF = 1,
	CMD_ON,
	CMD_HEADER,
	CMD_CFG1,
	CMD_CFG2,
	CMD_CFG3,
	CMD_EXTENDED = 8,
};
#define OP_CMD(cmd) FACT_OP(cmd, TYPE_COMMAND)

static const struct proto_op ops[] = {
	{ TYPE_DATA, FACT_REPORT, RISK_NONE, "data" },
	{ TYPE_HEADER, FACT_DISCOVER, RISK_NONE, "header" },
	{ TYPE_CFG1, FACT_DISCOVER, RISK_NONE, "configuration 1" },
	{ TYPE_CFG2, FACT_DISCOVER, RISK_NONE, "configuration 2" },
	{ TYPE_COMMAND, FACT_CONTROL, RISK_CONTROL, "user-defined command" },
	{ TYPE_CFG3, FACT_DISCOVER, RISK_NONE, "configuration 3" },
	{ OP_CMD(CMD_OFF), FACT_SESSION, RISK_CONTROL, "data off" },
	{ OP_CMD(CMD_ON), FACT_SESSION, RISK_NONE, "data on" },
	{ OP_CMD(CMD_HEADER), FACT_DISCOVER, RISK_NONE, "send header" },
	{ OP_CMD(CMD_CFG1), FACT_DISCOVER, RISK_NONE, "send configuration 1" },
	{ OP_CMD(CMD_CFG2), FACT_DISCOVER, RISK_NONE, "send configuration 2" },
	{ OP_CMD(CMD_CFG3), FACT_DISCOVER, RISK_NONE, "send configuration 3" },
	{ OP_CMD(CMD_EXTENDED), FACT_CONTROL, RISK_CONFIGURATION,
	    "extended frame" },
};

/* What is kept of a configuration: enough to read data frames. */
#define N_PMU 50u
#define N_SCALE 45u

enum { /* bits of FORMAT; the last is ours, the only bit of FNOM */
	FORMAT_POLAR = 1,
	FORMAT_PHASOR_FLOAT = 2,
	FORMAT_ANALOG_FLOAT = 4,
	FORMAT_FREQ_FLOAT = 8,
	FORMAT_50HZ = 16,
};

struct unit {
	uint16_t id;
	uint8_t format, phasors, analogs, digitals;
};

struct stream {
	uint16_t id; /* IDCODE of the frames it is about */
	uint8_t units; /* 0: none seen */
	uint8_t scales;
	struct unit unit[N_PMU];
	float scale[N_SCALE]; /* of the phasors, in order */
};

_Static_assert(sizeof(struct stream) <= PROTO_STATE_MAX, "fits a flow");

/* --------------------------------------------------------------- framing */

/* Whether a frame, all of it in hand, ends with its CRC. */
static bool
crc_is_good(struct span s)
{
	return crc_ccitt(span_first(s, s.n - TAIL), 0xffff) ==
	    ((uint32_t)s.p[s.n - 2] << 8 | s.p[s.n - 1]);
}

static uint32_t
synchrophasor_frame(struct span s, const struct dissect *d)
{
	uint32_t n = (uint32_t)s.p[2] << 8 | s.p[3], type = s.p[1] >> 4;
	uint32_t version = s.p[1] & 15;

	(void)d;
	if (s.p[0] != SYNC || type > TYPE_CFG3 || version == 0 || version > 3 ||
	    n < HEAD + TAIL + (type == TYPE_HEADER ? 0u : 2u))
		return FRAME_NOT_MINE;
	return n;
}

static enum claim
synchrophasor_claim(struct span s, const struct dissect *d)
{
	uint32_t n;

	if (s.n < HEAD + TAIL)
		return CLAIM_NO;
	n = synchrophasor_frame(s, d);
	if (n == FRAME_NOT_MINE)
		return CLAIM_NO;
	return n <= s.n && crc_is_good(span_first(s, n)) ? CLAIM_STRONG
							 : CLAIM_WEAK;
}

static enum way
synchrophasor_way(struct span s)
{
	if (s.n < 2 || s.p[0] != SYNC)
		return WAY_UNKNOWN;
	return s.p[1] >> 4 == TYPE_COMMAND ? WAY_REQUEST : WAY_RESPONSE;
}

/* ---------------------------------------------------------------- saying */

static struct fact_object
object_at(enum space space, uint32_t id, uint32_t index, uint32_t part)
{
	return (struct fact_object){ .space = (uint16_t)space,
		.area = id,
		.first = index,
		.count = 1,
		.sub = (uint16_t)part };
}

/* The whole second: what FRACSEC counts is told by the configuration. */
static void
say_time(struct fact *f, uint32_t soc)
{
	f->num_type = NUM_UINT;
	f->num.u = (uint64_t)soc * 1000;
}

/* STAT, as far as it is not what it should be. */
static uint32_t
say_stat(char *text, uint32_t cap, uint32_t id, uint32_t stat)
{
	static const char *const error[4] = { "", ", error in the unit",
		", test mode", ", error" };
	static const char *const trigger[8] = { "manual", "magnitude low",
		"magnitude high", "phase angle", "frequency", "df/dt",
		"reserved", "digital" };
	const char *why =
	    BITS(stat, 3, 0) < 8 ? trigger[BITS(stat, 2, 0)] : "user-defined";
	int n = snprintf(text, cap, "unit %u%s%s%s%s%s", id, error[stat >> 14],
	    (stat & 0x2000) != 0 ? ", not in sync" : "",
	    (stat & 0x0400) != 0 ? ", configuration will change" : "",
	    (stat & 0x0800) != 0 ? ", trigger " : "",
	    (stat & 0x0800) != 0 ? why : "");

	return n > 0 ? (uint32_t)n : 0;
}

/* ------------------------------------------------------------------ data */

static double
read_number(struct rd *r, bool is_float, bool is_signed)
{
	uint32_t v;

	if (is_float)
		return rd_bef32(r);
	v = rd_be16(r);
	return is_signed ? (double)(int16_t)v : (double)v;
}

static void
read_phasor(struct rd *r, struct dissect *d, const struct unit *u, uint32_t i,
    double scale)
{
	bool polar = (u->format & FORMAT_POLAR) != 0;
	bool wide = (u->format & FORMAT_PHASOR_FLOAT) != 0;
	double a = read_number(r, wide, !polar), b = read_number(r, wide, true);

	if (!wide && scale > 0) {
		a *= scale;
		b *= polar ? 1 : scale;
	}
	if (!wide && polar)
		b /= 10000;
	dissect_value_real(d, TYPE_DATA,
	    object_at(SPACE_PMU_PHASOR, u->id, i, polar ? 0 : 2), a);
	dissect_value_real(d, TYPE_DATA,
	    object_at(SPACE_PMU_PHASOR, u->id, i, polar ? 1 : 3), b);
}

static void
read_frequency(struct rd *r, struct dissect *d, const struct unit *u)
{
	bool wide = (u->format & FORMAT_FREQ_FLOAT) != 0;
	double hz = read_number(r, wide, true);
	double rate = read_number(r, wide, true);

	if (!wide) {
		hz = hz / 1000 + ((u->format & FORMAT_50HZ) != 0 ? 50 : 60);
		rate /= 100;
	}
	dissect_value_real(d, TYPE_DATA,
	    object_at(SPACE_PMU_FREQUENCY, u->id, 0, 0), hz);
	dissect_value_real(d, TYPE_DATA,
	    object_at(SPACE_PMU_FREQUENCY, u->id, 0, 1), rate);
}

static uint32_t
unit_size(const struct unit *u)
{
	uint32_t f = u->format;

	return 2u + u->phasors * ((f & FORMAT_PHASOR_FLOAT) != 0 ? 8u : 4u) +
	    ((f & FORMAT_FREQ_FLOAT) != 0 ? 8u : 4u) +
	    u->analogs * ((f & FORMAT_ANALOG_FLOAT) != 0 ? 4u : 2u) +
	    u->digitals * 2u;
}

static void
read_unit(struct rd *r, struct dissect *d, const struct stream *st,
    const struct unit *u, uint32_t *scale)
{
	for (uint32_t i = 0; i < u->phasors; i++, (*scale)++)
		read_phasor(r, d, u, i,
		    *scale < st->scales ? (double)st->scale[*scale] : 0);
	read_frequency(r, d, u);
	for (uint32_t i = 0; i < u->analogs; i++)
		dissect_value_real(d, TYPE_DATA,
		    object_at(SPACE_PMU_ANALOG, u->id, i, 0),
		    read_number(r, (u->format & FORMAT_ANALOG_FLOAT) != 0,
			true));
	for (uint32_t i = 0; i < u->digitals; i++)
		dissect_value_uint(d, TYPE_DATA,
		    object_at(SPACE_PMU_DIGITAL, u->id, i, 0), rd_be16(r));
}

static void
read_data(struct rd *r, struct dissect *d, const struct stream *st,
    uint32_t soc)
{
	struct fact *f;
	char text[FACT_TEXT_MAX];
	uint32_t want = 0, scale = 0;

	d->ctx.response = false; /* comes unasked */
	f = dissect_op(d, TYPE_DATA);
	say_time(f, soc);
	for (uint32_t i = 0; i < st->units; i++)
		want += unit_size(&st->unit[i]);
	if (want == 0 || st->id != d->ctx.unit || want != rd_left(r)) {
		rd_opaque_rest(r);
		return;
	}
	for (uint32_t i = 0; i < st->units && rd_ok(r); i++) {
		const struct unit *u = &st->unit[i];
		uint32_t stat = rd_be16(r);

		if ((stat & 0xec00) != 0 && f->text_len == 0 &&
		    f->kind != FACT_NONE)
			fact_text(f,
			    SPAN((uint8_t *)text,
				say_stat(text, sizeof(text), u->id, stat)));
		if (stat >> 14 == 2)
			f->flags |= FACT_TEST;
		read_unit(r, d, st, u, &scale);
	}
}

/* ---------------------------------------------------------- configuration */

struct counts {
	uint32_t phasors, analogs, digitals;
};

/* 16 octets, or in configuration 3 as many as the first says. */
static struct span
read_name(struct rd *r, bool three)
{
	return text_trim(rd_span(r, three ? rd_u8(r) : 16));
}

/* Names of the channels, each as a value of the channel. */
static void
read_channels(struct rd *r, struct dissect *d, uint32_t op, uint32_t id,
    const struct counts *n, bool three)
{
	const struct {
		enum space space;
		uint32_t n, names;
	} part[3] = { { SPACE_PMU_PHASOR, n->phasors, 1 },
		{ SPACE_PMU_ANALOG, n->analogs, 1 },
		{ SPACE_PMU_DIGITAL, n->digitals, 16 } };

	for (uint32_t k = 0; k < 3; k++)
		for (uint32_t i = 0; i < part[k].n * part[k].names && rd_ok(r);
		     i++) {
			struct span name = read_name(r, three);

			if (name.n > 0)
				fact_text(dissect_value(d, op,
					      object_at(part[k].space, id,
						  i / part[k].names,
						  i % part[k].names)),
				    name);
		}
}

/* Conversion factors; those of phasors are kept. */
static void
read_scales(struct rd *r, struct stream *st, const struct counts *n, bool three)
{
	for (uint32_t i = 0; i < n->phasors && rd_ok(r); i++) {
		double scale;

		if (three) {
			rd_skip(r, 4); /* flags */
			scale = rd_bef32(r);
			rd_skip(r, 4); /* offset of the angle */
		} else {
			scale = (rd_be32(r) & 0xffffff) * 1e-5;
		}
		if (st->scales < N_SCALE)
			st->scale[st->scales++] = (float)scale;
	}
	rd_skip(r, n->analogs * (three ? 8 : 4));
	rd_skip(r, n->digitals * 4);
}

static void
say_unit(struct dissect *d, uint32_t id, struct span name, bool only)
{
	if (only)
		dissect_ident(d, TRAIT_NAME, name);
	dissect_identf(d, TRAIT_MODULE, "phasor unit %u %.*s", id,
	    (int)(name.n < 64 ? name.n : 64), (const char *)name.p);
}

static void
say_uuid(struct dissect *d, struct span s)
{
	char text[33];

	for (uint32_t i = 0; i < s.n; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", s.p[i]);
	if (s.n == 16)
		dissect_ident(d, TRAIT_UUID, span_text(text));
}

/* Where it stands, unless it does not say (not a number, or infinite). */
static void
read_place(struct rd *r, struct dissect *d)
{
	double lat = rd_bef32(r), lon = rd_bef32(r);

	rd_skip(r, 4 + 1 + 4 + 4); /* elevation, class, window, delay */
	if (rd_ok(r) && lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180)
		dissect_identf(d, TRAIT_LOCATION, "%.5f %.5f", lat, lon);
}

static void
keep_unit(struct stream *st, uint32_t id, uint32_t format,
    const struct counts *n, bool *fits)
{
	if (st->units == N_PMU || n->phasors > 255 || n->analogs > 255 ||
	    n->digitals > 255) {
		*fits = false;
		return;
	}
	st->unit[st->units++] = (struct unit){ .id = (uint16_t)id,
		.format = (uint8_t)format,
		.phasors = (uint8_t)n->phasors,
		.analogs = (uint8_t)n->analogs,
		.digitals = (uint8_t)n->digitals };
}

static void
read_station(struct rd *r, struct dissect *d, struct stream *st, uint32_t op,
    bool only, bool *fits)
{
	bool three = op == TYPE_CFG3;
	struct span name = read_name(r, three), uuid = SPAN(NULL, 0);
	uint32_t id = rd_be16(r), format;
	struct counts n;

	if (three)
		uuid = rd_span(r, 16);
	format = rd_be16(r) & 15;
	n.phasors = rd_be16(r);
	n.analogs = rd_be16(r);
	n.digitals = rd_be16(r);
	if (!rd_ok(r))
		return;
	say_unit(d, id, name, only);
	if (only)
		say_uuid(d, uuid);
	read_channels(r, d, op, id, &n, three);
	read_scales(r, st, &n, three);
	if (three)
		read_place(r, d);
	if ((rd_be16(r) & 1) != 0)
		format |= FORMAT_50HZ;
	rd_skip(r, 2); /* count of changes */
	keep_unit(st, id, format, &n, fits);
}

/* From TIME_BASE to DATA_RATE. */
static void
read_stations(struct rd *r, struct dissect *d, uint32_t op)
{
	struct stream st = { .id = (uint16_t)d->ctx.unit };
	uint32_t n;
	bool fits = true;

	rd_skip(r, 4);
	n = rd_count(r, rd_be16(r), 30);
	rd_require(r, n > 0, "no phasor unit");
	for (uint32_t i = 0; i < n && rd_ok(r); i++)
		read_station(r, d, &st, op, n == 1, &fits);
	rd_skip(r, 2);
	if (!rd_ok(r) || op == TYPE_CFG1)
		return;
	if (!fits)
		st.units = 0;
	memcpy(d->state, &st, sizeof(st));
}

/* Configuration 3 comes in pieces: 0 the only one, 1 the first, FFFFh last. */
static void
read_cfg3(struct rd *r, struct dissect *d)
{
	uint32_t piece = rd_be16(r);
	struct span whole;
	struct rd all;

	if (piece == 0) {
		read_stations(r, d, TYPE_CFG3);
	} else if (dissect_join(d, d->ctx.unit, piece == 1, piece == 0xffff,
		       rd_span_rest(r), &whole) &&
	    rd_ok(r)) {
		all = rd_over(r, whole);
		read_stations(&all, d, TYPE_CFG3);
	}
}

/* --------------------------------------------------------------- messages */

/* The frame that a command asks for; 0: none. */
static uint32_t
answer_of(uint32_t cmd)
{
	return cmd == CMD_HEADER ? TYPE_HEADER
	    : cmd == CMD_CFG1    ? TYPE_CFG1
	    : cmd == CMD_CFG2    ? TYPE_CFG2
	    : cmd == CMD_CFG3    ? TYPE_CFG3
				 : 0;
}

static void
read_command(struct rd *r, struct dissect *d)
{
	uint32_t cmd = rd_be16(r);
	struct fact *f;

	d->ctx.response = false;
	if (cmd >> 8 == 0) { /* 0 is none: a row that is not there */
		(void)dissect_op(d, OP_CMD(cmd != 0 ? cmd : 255));
	} else {
		f = dissect_op(d, TYPE_COMMAND);
		fact_textf(f, "command %04x", cmd);
	}
	if (answer_of(cmd) != 0)
		dissect_remember(d,
		    (struct ask){ .pair = answer_of(cmd), .op = OP_CMD(cmd) });
	rd_opaque_rest(r); /* the user's own */
}

static void
read_answer(struct rd *r, struct dissect *d, uint32_t type)
{
	d->ctx.response = true;
	if (type != TYPE_CFG3 || rd_ahead(r, 2).n == 0 ||
	    (r->p[0] | r->p[1]) == 0 || (r->p[0] == 0 && r->p[1] == 1))
		(void)dissect_recall(d, type);
	(void)dissect_op(d, type);
	if (type == TYPE_HEADER)
		dissect_ident(d, TRAIT_DESCRIPTION, rd_span_rest(r));
	else if (type == TYPE_CFG3)
		read_cfg3(r, d);
	else
		read_stations(r, d, type);
}

static void
synchrophasor_parse(struct rd *r, struct dissect *d)
{
	struct span all = rd_ahead(r, rd_left(r));
	uint32_t sync = rd_u8(r), type = rd_u8(r) >> 4, size = rd_be16(r);
	uint32_t soc;
	struct rd body;

	rd_require(r, sync == SYNC && type <= TYPE_CFG3, "no such frame");
	rd_require(r, size >= HEAD + TAIL, "shorter than its header");
	dissect_unit(d, rd_be16(r));
	soc = rd_be32(r);
	rd_skip(r, 4); /* FRACSEC */
	body = rd_sub(r, size - HEAD - TAIL);
	rd_skip(r, TAIL);
	if (!rd_ok(r))
		return;
	rd_require(r, all.n != size || crc_is_good(all), "wrong checksum");
	if (type == TYPE_COMMAND)
		read_command(&body, d);
	else if (type == TYPE_DATA)
		read_data(&body, d, d->state, soc);
	else
		read_answer(&body, d, type);
}

const struct proto proto_synchrophasor = {
	.name = "synchrophasor",
	.title = "IEEE C37.118 synchrophasors",
	.spec = "IEEE C37.118.2-2011 clause 6",
	.depth = "all frame types; stations, channels, phasors, frequency, "
		 "analogs and digitals with values where the configuration "
		 "was seen in the same flow; data of extended frames opaque",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { 4712 },
	.udp = { 4713, 4712 },
	.client_role = ROLE_SCADA,
	.server_role = ROLE_PMU,
	.claim = synchrophasor_claim,
	.way = synchrophasor_way,
	.frame = synchrophasor_frame,
	.frame_min = 4,
	.parse = synchrophasor_parse,
	.state_size = sizeof(struct stream),
	PROTO_OPS(ops),
};
