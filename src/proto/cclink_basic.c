/*
 * cclink_basic.c - CC-Link IE Field Basic: cyclic data over UDP.
 *
 * CLPA BAP-C2010 clause 9.  UDP 61450; requests go to all stations of a group
 * at once.
 *
 *	50 00 00 FF FF 03 00, length le16, 0000, command 0E70h, 0000
 *	+---------+----+--------+----+  +-------+----+-------+
 *	| version | 0  | offset | 14 |  | state | 0  | clock |
 *	+---------+----+--------+----+  +-------+----+-------+
 *	+--------+-------+---+----------+- - -+----------+-------+---+- - -
 *	| master | group | 0 | sequence | ... | stations | state | 0 | data
 *	+--------+-------+---+----------+- - -+----------+-------+---+- - -
 *	D0 00 00 FF FF 03 00, length, 0000; version, end code, offset, 14;
 *	vendor le16, 0, model le32, version le16, 0, state, error, le32;
 *	slave le32, group, 0, sequence; data
 *
 * Op is the command.  Object (space CC_STATION): area is the group, count the
 * stations asked.  Unit is the group, pair the sequence number.
 */
#include "say.h"

#define OP_CYCLIC 0x0e70u
#define HEAD 9u

static const struct proto_op ops[] = {
	{ OP_CYCLIC, FACT_REPORT, RISK_NONE, "cyclic data" },
};

struct basic_state {
	uint8_t state[2]; /* last said, plus 1, by direction */
	bool known;
};

static void
say_state(struct dissect *d, uint32_t state)
{
	struct basic_state *st = d->state;
	uint8_t *last = &st->state[d->to_server];

	if (*last == state + 1 || state > 2)
		return;
	*last = (uint8_t)(state + 1);
	dissect_ident(d, TRAIT_MODE,
	    state == 1 ? SPAN_LIT("run") : SPAN_LIT("stop"));
}

static void
request(struct rd *r, struct dissect *d)
{
	uint32_t state, group, sequence, stations;

	rd_skip(r, 20); /* versions */
	state = rd_le16(r);
	rd_skip(r, 10); /* clock */
	rd_skip(r, 4); /* master */
	group = rd_u8(r);
	rd_skip(r, 1);
	sequence = rd_le16(r);
	rd_skip(r, 6); /* times, parameter */
	stations = rd_le16(r);
	(void)rd_le32(r);
	if (!rd_ok(r))
		return;
	dissect_unit(d, group);
	dissect_pair(d, sequence);
	dissect_op(d, OP_CYCLIC)->object =
	    (struct fact_object){ .space = SPACE_CC_STATION,
		    .area = group,
		    .count = stations };
	say_state(d, state);
	rd_skip_rest(r); /* RWw, RY: what they are is in the project */
}

static void
answer(struct rd *r, struct dissect *d)
{
	struct basic_state *st = d->state;
	uint32_t code, vendor, model, version, state, group, sequence;

	rd_skip(r, 2);
	code = rd_le16(r);
	rd_skip(r, 16);
	vendor = rd_le16(r);
	rd_skip(r, 2);
	model = rd_le32(r);
	version = rd_le16(r);
	rd_skip(r, 2);
	state = rd_le16(r);
	rd_skip(r, 10); /* error, management, slave */
	group = rd_u8(r);
	rd_skip(r, 1);
	sequence = rd_le16(r);
	if (!rd_ok(r))
		return;
	dissect_unit(d, group);
	dissect_pair(d, sequence);
	if (code != 0)
		(void)dissect_error(d, OP_CYCLIC, code);
	else
		(void)dissect_op(d, OP_CYCLIC);
	if (!st->known) {
		dissect_identf(d, TRAIT_DESCRIPTION, "CC-Link vendor 0x%04x",
		    vendor);
		dissect_identf(d, TRAIT_MODEL, "model code 0x%08x", model);
		dissect_identf(d, TRAIT_FIRMWARE, "%u", version);
		st->known = true;
	}
	say_state(d, state);
	rd_skip_rest(r);
}

static void
cclink_basic_parse(struct rd *r, struct dissect *d)
{
	uint32_t first = rd_u8(r), n;
	struct rd in;

	rd_skip(r, 6);
	n = rd_le16(r);
	in = rd_sub(r, n);
	rd_skip(&in, 2);
	d->ctx.response = first == 0xd0;
	if (d->ctx.response) {
		answer(&in, d);
	} else {
		rd_skip(&in, 4);
		request(&in, d);
	}
	rd_skip_rest(r);
}

static uint32_t
cclink_basic_frame(struct span s, const struct dissect *d)
{
	static const uint8_t fixed[] = { 0x00, 0x00, 0xff, 0xff, 0x03, 0x00 };
	uint32_t n = (uint32_t)s.p[8] << 8 | s.p[7];

	(void)d;
	if (!span_starts(span_from(s, 1), SPAN(fixed, sizeof(fixed))))
		return FRAME_NOT_MINE;
	if (s.p[0] == 0x50)
		return s.n >= 17 && s.p[11] == 0x70 && s.p[12] == 0x0e &&
			(s.p[15] == 1 || s.p[15] == 2)
		    ? n + HEAD
		    : FRAME_NOT_MINE;
	return s.p[0] == 0xd0 && s.p[9] == 0 && s.p[10] == 0 &&
		(s.p[11] == 1 || s.p[11] == 2) && s.p[12] == 0 && n >= 50
	    ? n + HEAD
	    : FRAME_NOT_MINE;
}

static enum claim
cclink_basic_claim(struct span s, const struct dissect *d)
{
	return s.n < 17 || cclink_basic_frame(s, d) != s.n ? CLAIM_NO
	    : s.p[0] == 0x50                               ? CLAIM_STRONG
							   : CLAIM_WEAK;
}

const struct proto proto_cclink_basic = {
	.name = "cclink-basic",
	.title = "CC-Link IE Field Basic",
	.spec = "CLPA BAP-C2010, 9",
	.depth = "requests and answers, groups, stations, state, vendor, model "
		 "and version; data are not split, as their layout is in the "
		 "project",
	.slot = PROTO_SLOT,
	.ot = true,
	.udp = { 61450 },
	.client_role = ROLE_CONTROLLER,
	.server_role = ROLE_IO,
	.claim = cclink_basic_claim,
	.frame = cclink_basic_frame,
	.frame_min = 17,
	.parse = cclink_basic_parse,
	.state_size = sizeof(struct basic_state),
	PROTO_OPS(ops),
};
