/*
 * profinet_rt.c - PROFINET real time: cyclic data, alarms, clock
 * synchronisation, fragments.  Owns the ethertype; frames of DCP are handed
 * to profinet_dcp.c.
 *
 * IEC 61158-6-10:2023 clauses 4.3 to 4.7.
 *
 *	+----------+- - - - - - - - -+-------+--------+----------+
 *	| frame id | process data    | cycle | status | transfer | cyclic
 *	+----------+- - - - - - - - -+-------+--------+----------+
 *	  be16                         be16    u8       u8, at the end
 *	  0100-0fff class 3, 8000-bfff class 2, c000-fbff class 1
 *
 *	+----------+-----+-----+------+-------+------+-----+--------+- - -
 *	| fc01     | dst | src | type | flags | send | ack | length | block
 *	| fe01     |     |     |      |       |      |     |        |
 *	+----------+-----+-----+------+-------+------+-----+--------+- - -
 *	  high, low  be16  be16  u8     u8      be16   be16  be16
 *	  type: 1 data, 2 refusal, 3 acknowledgement, 4 error
 *
 *	0020 0080 ff00 ff20 ff40-ff43: PTCP: 20 octets, then entries of
 *	7 bits type and 9 bits length
 *
 * Op is the first frame identifier of its kind.  Object of cyclic data (space
 * PN_FRAME): first is the frame identifier, count the length, area the cycle
 * counter, sub data status << 8 | transfer status; FACT_NEGATIVE: the data
 * are not valid or a problem is shown.  Of an alarm (space PN_RECORD): area
 * API, first slot, count subslot, sub the alarm type, whose name is the text;
 * pair is the send sequence number.  Of PTCP: first the sequence number.
 */
#include "proto.h"

#define OP_PTCP_SYNC_FU 0x0020u
#define OP_PTCP_SYNC 0x0080u
#define OP_CLASS_3 0x0100u
#define OP_CLASS_2 0x8000u
#define OP_CLASS_1 0xc000u
#define OP_ALARM_HIGH 0xfc01u
#define OP_ALARM_LOW 0xfe01u
#define OP_RSI 0xfe02u
#define OP_PTCP_ANNOUNCE 0xff00u
#define OP_PTCP_FOLLOW 0xff20u
#define OP_PTCP_DELAY 0xff40u
#define OP_FRAGMENT 0xff80u
#define DCP_FIRST 0xfefcu
#define DCP_LAST 0xfeffu

#define STATUS_VALID 0x04u
#define STATUS_RUN 0x10u
#define STATUS_GOOD 0x20u

static const struct proto_op ops[] = {
	{ OP_PTCP_SYNC_FU, FACT_TIME, RISK_NONE, "ptcp sync with follow-up" },
	{ OP_PTCP_SYNC, FACT_TIME, RISK_NONE, "ptcp sync" },
	{ OP_CLASS_3, FACT_REPORT, RISK_NONE, "cyclic data class 3" },
	{ OP_CLASS_2, FACT_REPORT, RISK_NONE, "cyclic data class 2" },
	{ OP_CLASS_1, FACT_REPORT, RISK_NONE, "cyclic data class 1" },
	{ OP_ALARM_HIGH, FACT_REPORT, RISK_NONE, "alarm high" },
	{ OP_ALARM_LOW, FACT_REPORT, RISK_NONE, "alarm low" },
	{ OP_RSI, FACT_CONFIG, RISK_NONE, "remote service interface" },
	{ OP_PTCP_ANNOUNCE, FACT_TIME, RISK_NONE, "ptcp announce" },
	{ OP_PTCP_FOLLOW, FACT_TIME, RISK_NONE, "ptcp follow-up" },
	{ OP_PTCP_DELAY, FACT_TIME, RISK_NONE, "ptcp delay request" },
	{ OP_PTCP_DELAY + 1, FACT_TIME, RISK_NONE,
	    "ptcp delay response with follow-up" },
	{ OP_PTCP_DELAY + 2, FACT_TIME, RISK_NONE,
	    "ptcp delay follow-up response" },
	{ OP_PTCP_DELAY + 3, FACT_TIME, RISK_NONE, "ptcp delay response" },
	{ OP_FRAGMENT, FACT_REPORT, RISK_NONE, "fragment" },
};

struct rt_state {
	uint8_t status[2]; /* last data status, by direction */
	bool seen[2];
};

/* ------------------------------------------------------------- cyclic data */

/* Run or stop of the provider, when it changes. */
static void
say_mode(struct dissect *d, uint8_t status)
{
	struct rt_state *st = d->state;
	uint32_t way = d->to_server ? 0 : 1;

	if (st->seen[way] &&
	    ((st->status[way] ^ status) & (STATUS_RUN | STATUS_VALID)) == 0)
		return;
	st->seen[way] = true;
	st->status[way] = status;
	if ((status & STATUS_VALID) != 0)
		dissect_ident(d, TRAIT_MODE,
		    (status & STATUS_RUN) != 0 ? SPAN_LIT("run")
					       : SPAN_LIT("stop"));
}

static void
cyclic(struct rd *r, struct dissect *d, uint32_t id, uint32_t op)
{
	uint32_t n = rd_left(r) > 4 ? rd_left(r) - 4 : 0;
	uint32_t cycle, status, transfer;
	struct fact *f;

	rd_skip(r, n);
	cycle = rd_be16(r);
	status = rd_u8(r);
	transfer = rd_u8(r);
	if (rd_ok(r) &&
	    ((status & STATUS_VALID) == 0 || (status & STATUS_GOOD) == 0))
		d->ctx.flags |= FACT_NEGATIVE;
	f = dissect_op(d, op);
	f->object = (struct fact_object){ .space = SPACE_PN_FRAME,
		.area = cycle,
		.first = id,
		.count = n,
		.sub = (uint16_t)(status << 8 | transfer) };
	if (rd_ok(r))
		say_mode(d, (uint8_t)status);
}

/* ------------------------------------------------------------------ alarms */

static const char *const alarm_types[] = { NULL, "diagnosis appears", "process",
	"pull", "plug", "status", "update", "redundancy",
	"controlled by supervisor", "released", "plug wrong submodule",
	"return of submodule", "diagnosis disappears",
	"multicast communication mismatch", "port data change notification",
	"sync data changed notification",
	"isochronous mode problem notification",
	"network component problem notification",
	"time data changed notification",
	"dynamic frame packing problem notification",
	"mrpd problem notification", "system redundancy",
	"multiple interface mismatch", NULL, NULL, NULL, NULL, NULL, NULL, NULL,
	"upload and retrieval notification", "pull module" };

#define N_ALARM_TYPES (sizeof(alarm_types) / sizeof(alarm_types[0]))

static void
alarm_block(struct rd *r, struct dissect *d, uint32_t op)
{
	uint32_t type = rd_be16(r), alarm, api, slot, subslot;
	struct rd in = rd_sub_be16(r);
	struct fact *f;

	rd_skip(&in, 2); /* version */
	alarm = rd_be16(&in);
	api = rd_be32(&in);
	slot = rd_be16(&in);
	subslot = rd_be16(&in);
	d->ctx.response = (type & 0x8000) != 0;
	f = dissect_op(d, op);
	f->object = (struct fact_object){ .space = SPACE_PN_RECORD,
		.area = api,
		.first = slot,
		.count = subslot,
		.sub = (uint16_t)alarm };
	if (alarm < N_ALARM_TYPES && alarm_types[alarm] != NULL)
		fact_text(f, span_text(alarm_types[alarm]));
	rd_skip_rest(&in);
}

static void
alarm_frame(struct rd *r, struct dissect *d, uint32_t op)
{
	uint32_t type, send;
	struct rd in;

	rd_skip(r, 4); /* end points */
	type = rd_u8(r) & 15;
	rd_skip(r, 1);
	send = rd_be16(r);
	rd_skip(r, 2);
	in = rd_sub_be16(r);
	rd_skip_rest(r); /* padding */
	dissect_pair(d, send);
	d->ctx.response = type != 1;
	switch (type) {
	case 1:
		alarm_block(&in, d, op);
		break;
	case 4:
		(void)dissect_error(d, op, rd_be32(&in));
		break;
	default:
		(void)dissect_op(d, op);
		break;
	}
	rd_opaque_rest(&in);
}

/* -------------------------------------------------------------------- PTCP */

#define PTCP_END 0u
#define PTCP_SUBDOMAIN 1u
#define PTCP_HEAD 20u

/* The clock's master is named in the subdomain's entry. */
static void
ptcp_subdomain(struct rd *r, struct fact *f)
{
	struct mac mac = { .b = { 0 } };
	struct span s = rd_span(r, 6);
	char text[MAC_TEXT_MAX];

	if (s.n != 6 || f->kind == FACT_NONE)
		return;
	memcpy(mac.b, s.p, 6);
	fact_text(f, span_text(mac_text(&mac, text)));
}

static void
ptcp(struct rd *r, struct dissect *d, uint32_t id, uint32_t op)
{
	struct fact *f;
	uint32_t sequence;

	rd_skip(r, PTCP_HEAD - 8);
	sequence = rd_be16(r);
	rd_skip(r, 6); /* padding, delay */
	if (op != OP_PTCP_DELAY && op >= OP_PTCP_DELAY)
		d->ctx.response = true;
	f = dissect_op(d, op);
	f->object = (struct fact_object){ .space = SPACE_PN_FRAME,
		.area = id,
		.first = sequence,
		.count = 1 };
	while (rd_more(r)) {
		uint32_t head = rd_be16(r);
		struct rd in = rd_sub(r, head & 0x1ff);

		if (head >> 9 == PTCP_END)
			break;
		if (head >> 9 == PTCP_SUBDOMAIN)
			ptcp_subdomain(&in, f);
	}
	rd_skip_rest(r);
}

/* ------------------------------------------------------------------ frames */

/* The operation a frame identifier belongs to; 0: reserved. */
static uint32_t
op_of(uint32_t id)
{
	static const struct {
		uint16_t first, last, op;
	} ranges[] = {
		{ 0xc000, 0xfbff, OP_CLASS_1 },
		{ 0x8000, 0xbfff, OP_CLASS_2 },
		{ 0x0100, 0x0fff, OP_CLASS_3 },
		{ 0xfc01, 0xfc01, OP_ALARM_HIGH },
		{ 0xfe01, 0xfe01, OP_ALARM_LOW },
		{ 0xfe02, 0xfe02, OP_RSI },
		{ 0x0020, 0x007f, OP_PTCP_SYNC_FU },
		{ 0x0080, 0x00ff, OP_PTCP_SYNC },
		{ 0xff00, 0xff1f, OP_PTCP_ANNOUNCE },
		{ 0xff20, 0xff3f, OP_PTCP_FOLLOW },
		{ 0xff40, 0xff40, OP_PTCP_DELAY },
		{ 0xff41, 0xff41, OP_PTCP_DELAY + 1 },
		{ 0xff42, 0xff42, OP_PTCP_DELAY + 2 },
		{ 0xff43, 0xff43, OP_PTCP_DELAY + 3 },
		{ 0xff80, 0xff8f, OP_FRAGMENT },
	};

	for (uint32_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (id >= ranges[i].first && id <= ranges[i].last)
			return ranges[i].op;
	return 0;
}

static void
rt_parse(struct rd *r, struct dissect *d)
{
	struct span head = rd_ahead(r, 2);
	uint32_t id = head.n == 2 ? (uint32_t)head.p[0] << 8 | head.p[1] : 0;
	uint32_t op;

	if (id >= DCP_FIRST && id <= DCP_LAST) {
		dissect_inner(d, &proto_profinet_dcp, r);
		return;
	}
	id = rd_be16(r);
	if (!rd_ok(r))
		return;
	d->ctx.response = false;
	op = op_of(id);
	switch (op) {
	case OP_CLASS_1:
	case OP_CLASS_2:
	case OP_CLASS_3:
		cyclic(r, d, id, op);
		break;
	case OP_ALARM_HIGH:
	case OP_ALARM_LOW:
		alarm_frame(r, d, op);
		break;
	case OP_RSI:
	case OP_FRAGMENT:
		(void)dissect_op(d, op);
		rd_opaque_rest(r);
		break;
	case 0:
		(void)dissect_op(d, id); /* no row: unknown */
		rd_opaque_rest(r);
		break;
	default:
		ptcp(r, d, id, op);
		break;
	}
}

/* Only DCP tells: the low bit of its type is the answer's. */
static enum way
rt_way(struct span s)
{
	if (s.n < 4 || s.p[0] != 0xfe || s.p[1] < 0xfc)
		return WAY_UNKNOWN;
	return (s.p[3] & 1) != 0 ? WAY_RESPONSE : WAY_REQUEST;
}

const struct proto proto_profinet_rt = {
	.name = "profinet-rt",
	.title = "PROFINET real time",
	.spec = "IEC 61158-6-10:2023, 4.3 to 4.7",
	.depth = "frame classes, cycle and data status; alarms; PTCP; process "
		 "data are not split, as their layout is in the project",
	.slot = PROTO_SLOT,
	.ot = true,
	.ether = { 0x8892 },
	.client_role = ROLE_PLC,
	.server_role = ROLE_IO,
	.way = rt_way,
	.parse = rt_parse,
	.state_size = sizeof(struct rt_state),
	PROTO_OPS(ops),
};
