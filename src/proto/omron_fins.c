/*
 * omron_fins.c - FINS, Factory Interface Network Service of Omron's
 * controllers, over UDP and TCP.
 *
 * Omron W227 and W342 (commands), W420 chapter 7 (FINS/TCP).
 *
 *	TCP	+--------+--------+---------+-------+- - -
 *		| "FINS" | length | command | error | frame (command 2)
 *		+--------+--------+---------+-------+- - -
 *		  4        be32     be32      be32
 *
 *	+-----+-----+-----+-----+-----+-----+-----+-----+-----+-----+
 *	| ICF | RSV | GCT | DNA | DA1 | DA2 | SNA | SA1 | SA2 | SID |
 *	+-----+-----+-----+-----+-----+-----+-----+-----+-----+-----+
 *	| command   | answer: end code, be16 | data
 *	+-----------+-  -  -  -  -  -  -  -  +- - -
 *	ICF: bit 6 an answer, bit 0 none is wanted
 *
 * Op is the command, both octets; of TCP's header see the tables.  Unit is
 * the node that serves; pair is SID and that node.  Object (space FINS_AREA):
 * area is the memory area's code, first the address, sub the bit, count the
 * items; text is the area's name.
 */
#include "omron_fins_tables.h"
#include "say.h"

#define TCP_HEAD 16u
#define FINS_HEAD 12u
#define FRAME_SEND 2u
#define FINS_MAX 2048u /* of data in one frame, with room */

struct fins {
	struct dissect *d;
	uint32_t op;
	bool response;
};

/* ---------------------------------------------------------------- memory */

static struct fact_object
area_of(struct rd *r)
{
	struct fact_object at = { .space = SPACE_FINS_AREA, .count = 1 };

	at.area = rd_u8(r);
	at.first = rd_be16(r);
	at.sub = rd_u8(r);
	return at;
}

static void
name_area(struct fact *f, struct fact_object at)
{
	const char *name = fins_area(at.area);

	f->object = at;
	if (name != NULL)
		fact_text(f, span_text(name));
}

static void
item(struct fins *p, struct rd *r, struct fact_object at)
{
	uint32_t size = fins_item_size(at.area), v;

	at.count = 1;
	if (size == 1) {
		dissect_value_bool(p->d, p->op, at, (rd_u8(r) & 1) != 0);
		return;
	}
	v = size == 2 ? rd_be16(r) : rd_be32(r);
	dissect_value_uint(p->d, p->op, at, v);
}

/* Items in a row: bits count within their word. */
static void
items(struct fins *p, struct rd *r, struct fact_object at)
{
	uint32_t n = at.count;

	for (uint32_t i = 0; i < n && rd_more(r); i++) {
		item(p, r, at);
		if (at.area >= 0x80 || at.area == 1 || at.area == 9) {
			at.first++;
		} else if (at.sub++ == 15) {
			at.sub = 0;
			at.first++;
		}
	}
}

static void
forced(struct fins *p, struct rd *r, struct fact *f)
{
	uint32_t n = rd_be16(r);

	for (uint32_t i = 0; i < n && rd_more(r); i++) {
		uint32_t how = rd_be16(r);
		struct fact_object at = area_of(r);

		if (i == 0)
			name_area(f, at);
		if (how <= 1)
			dissect_value_bool(p->d, p->op, at, how == 1);
	}
}

static void
many(struct fins *p, struct rd *r, struct fact *f, struct ask *ask)
{
	for (uint32_t i = 0; rd_left(r) >= 4; i++) {
		struct fact_object at = area_of(r);

		if (i == 0) {
			name_area(f, at);
			ask->at = at;
		} else {
			name_area(dissect_emit(p->d, FACT_READ, p->op), at);
		}
		if (i == 1)
			ask->at.count = 0; /* more than one: no addresses */
	}
}

/* -------------------------------------------------------------- requests */

static void
name_file(struct fact *f, struct rd *r)
{
	rd_skip(r, 2); /* disk */
	if (rd_left(r) < 12)
		return;
	fact_text(f, rd_span(r, 12));
	f->object.space = SPACE_FILE;
	f->object.count = 1;
}

static void
request(struct fins *p, struct rd *r, struct ask *ask)
{
	struct fact *f = dissect_op(p->d, p->op);
	uint32_t mode;

	switch (p->op) {
	case 0x0101:
	case 0x0102:
	case 0x0103:
		ask->at = area_of(r);
		ask->at.count = rd_be16(r);
		name_area(f, ask->at);
		if (p->op == 0x0102)
			items(p, r, ask->at);
		else if (p->op == 0x0103)
			item(p, r, ask->at);
		break;
	case 0x0104:
		many(p, r, f, ask);
		break;
	case 0x0105:
		name_area(f, area_of(r));
		break;
	case 0x0401:
		rd_skip(r, rd_left(r) >= 2 ? 2 : 0);
		mode = rd_more(r) ? rd_u8(r) : 2;
		fact_text(f, mode == 4 ? SPAN_LIT("run") : SPAN_LIT("monitor"));
		break;
	case 0x2202:
	case 0x2203:
		name_file(f, r);
		break;
	case 0x2301:
		forced(p, r, f);
		break;
	default:
		break;
	}
}

/* --------------------------------------------------------------- answers */

/* Up to the first NUL, without blanks behind. */
static struct span
until_nul(struct span s)
{
	return span_first(s, span_find(s, 0));
}

static void
say_units(struct dissect *d, struct rd *r)
{
	uint32_t n = rd_u8(r) & 0x7f;

	for (uint32_t i = 0; i < n && rd_left(r) >= 21; i++) {
		uint32_t unit = rd_u8(r);
		struct span model = until_nul(rd_span(r, 20));

		if (model.n > 0)
			dissect_identf(d, TRAIT_MODULE, "unit %u: %.*s", unit,
			    (int)model.n, (const char *)model.p);
	}
}

static void
say_status(struct dissect *d, struct rd *r)
{
	static const char *const modes[] = { "program", "debug", "monitor",
		NULL, "run" };
	uint32_t status = rd_u8(r), mode = rd_u8(r);

	if (!rd_ok(r))
		return;
	if (status == 0)
		dissect_ident(d, TRAIT_MODE, SPAN_LIT("stop"));
	else if (mode <= 4 && modes[mode] != NULL)
		dissect_ident(d, TRAIT_MODE, span_text(modes[mode]));
}

static void
say_controller(struct dissect *d, struct rd *r)
{
	dissect_ident(d, TRAIT_VENDOR, SPAN_LIT("Omron"));
	dissect_ident(d, TRAIT_MODEL, until_nul(rd_span(r, 20)));
	dissect_ident(d, TRAIT_FIRMWARE, until_nul(rd_span(r, 20)));
	dissect_ident_role(d, ABOUT_SENDER, ROLE_PLC);
}

/* Area and value of each. */
static void
many_values(struct fins *p, struct rd *r, struct fact_object at)
{
	while (rd_left(r) >= 2) {
		uint32_t area = rd_u8(r);

		if (at.space == SPACE_FINS_AREA && at.count == 1 &&
		    area == at.area)
			item(p, r, at);
		else
			rd_skip(r, fins_item_size(area));
	}
}

static void
answer(struct fins *p, struct rd *r, const struct ask *ask)
{
	uint32_t code = rd_be16(r);

	if ((code & 0x7f3f) != 0) {
		(void)dissect_error(p->d, p->op, code);
		return;
	}
	(void)dissect_op(p->d, p->op);
	if (p->op == 0x0101 && ask != NULL)
		items(p, r, ask->at);
	else if (p->op == 0x0104 && ask != NULL)
		many_values(p, r, ask->at);
	else if (p->op == 0x0501 && rd_left(r) >= 40)
		say_controller(p->d, r);
	else if (p->op == 0x0502)
		say_units(p->d, r);
	else if (p->op == 0x0601)
		say_status(p->d, r);
}

/* -------------------------------------------------------------- messages */

static void
fins(struct rd *r, struct dissect *d)
{
	struct fins p = { .d = d };
	uint32_t icf = rd_u8(r), da1, sa1, node, sid;
	const struct ask *ask = NULL;

	rd_skip(r, 3); /* reserved, gateways, network */
	da1 = rd_u8(r);
	rd_skip(r, 2);
	sa1 = rd_u8(r);
	rd_skip(r, 1);
	sid = rd_u8(r);
	p.op = rd_be16(r);
	if (!rd_ok(r))
		return;
	p.response = (icf & 0x40) != 0;
	d->ctx.response = p.response;
	node = p.response ? sa1 : da1;
	dissect_unit(d, node);
	dissect_pair(d, p.op << 16 | node << 8 | sid);
	if (p.response) {
		ask = dissect_recall(d, d->ctx.pair);
		answer(&p, r, ask);
	} else {
		struct ask mine = { .pair = d->ctx.pair, .op = p.op };

		request(&p, r, &mine);
		if ((icf & 1) == 0)
			dissect_remember(d, mine);
	}
	if (proto_op_find(d->proto, p.op) != NULL)
		rd_skip_rest(r);
	else
		rd_opaque_rest(r);
}

static void
omron_fins_parse(struct rd *r, struct dissect *d)
{
	uint32_t command, error;

	if (d->via != VIA_TCP) {
		fins(r, d);
		return;
	}
	rd_skip(r, 8);
	command = rd_be32(r);
	error = rd_be32(r);
	if (command == FRAME_SEND && error == 0 && rd_left(r) >= FINS_HEAD) {
		fins(r, d);
		return;
	}
	d->ctx.response = command == 1 || command == 3;
	if (error != 0)
		(void)dissect_error(d, FINS_TCP(command & 0xff), error);
	else
		(void)dissect_op(d,
		    FINS_TCP(command == 1 ? 0 : command & 0xff));
	rd_skip_rest(r);
}

static bool
good_fins(struct span s, bool expected)
{
	uint32_t op;

	if (s.n < FINS_HEAD || (s.p[0] & 0x3e) != 0 || s.p[1] != 0 ||
	    s.p[2] > 7 || s.p[3] > 127 || s.p[6] > 127)
		return false;
	if ((s.p[0] & 0x40) != 0 && s.n < FINS_HEAD + 2)
		return false;
	op = (uint32_t)s.p[10] << 8 | s.p[11];
	return expected || proto_op_find(&proto_omron_fins, op) != NULL;
}

static bool
good_tcp(struct span s)
{
	return span_starts(s, SPAN_LIT("FINS")) && s.n >= 12 && s.p[4] == 0 &&
	    s.p[5] == 0 && s.p[8] == 0 && s.p[9] == 0 && s.p[10] == 0 &&
	    s.p[11] <= 6;
}

static enum claim
omron_fins_claim(struct span s, const struct dissect *d)
{
	if (d->via == VIA_TCP)
		return good_tcp(s) ? CLAIM_STRONG : CLAIM_NO;
	return good_fins(s, say_on_port(d, 9600)) ? CLAIM_WEAK : CLAIM_NO;
}

static uint32_t
omron_fins_frame(struct span s, const struct dissect *d)
{
	uint32_t n;

	if (d->via != VIA_TCP)
		return (s.p[0] & 0x3e) == 0 && s.p[1] == 0 && s.p[2] <= 7
		    ? s.n
		    : FRAME_NOT_MINE;
	n = (uint32_t)s.p[6] << 8 | s.p[7];
	return good_tcp(s) && n >= 8 && n <= FINS_MAX + TCP_HEAD + FINS_HEAD
	    ? n + 8
	    : FRAME_NOT_MINE;
}

static enum way
omron_fins_way(struct span s)
{
	if (span_starts(s, SPAN_LIT("FINS"))) {
		if (s.n >= 12 && s.p[11] <= 1)
			return s.p[11] == 0 ? WAY_REQUEST : WAY_RESPONSE;
		s = span_from(s, TCP_HEAD);
	}
	if (s.n < FINS_HEAD)
		return WAY_UNKNOWN;
	return (s.p[0] & 0x40) != 0 ? WAY_RESPONSE : WAY_REQUEST;
}

/* Omron W342, 5-1-3: main and sub response code. */
static const struct proto_code codes[] = {
	{ 0x0001, "service interrupted" },
	{ 0x0101, "local node is not in the network" },
	{ 0x0103, "retries failed" },
	{ 0x0201, "destination node is not in the network" },
	{ 0x0202, "no such unit" },
	{ 0x0204, "destination node busy" },
	{ 0x0205, "response timed out" },
	{ 0x0301, "communications controller error" },
	{ 0x0302, "CPU unit error" },
	{ 0x0304, "wrong unit number" },
	{ 0x0401, "undefined command" },
	{ 0x0402, "not supported by this model or version" },
	{ 0x0501, "destination is not in the routing table" },
	{ 0x0502, "no routing tables" },
	{ 0x0503, "routing table error" },
	{ 0x0504, "too many relays" },
	{ 0x1001, "command too long" },
	{ 0x1002, "command too short" },
	{ 0x1003, "elements and data disagree" },
	{ 0x1004, "command format error" },
	{ 0x1005, "header error" },
	{ 0x1101, "no such memory area" },
	{ 0x1102, "access size error" },
	{ 0x1103, "address out of range" },
	{ 0x1104, "address range exceeded" },
	{ 0x1106, "no such program" },
	{ 0x1109, "relational error" },
	{ 0x110a, "duplicate data access" },
	{ 0x110b, "response too long" },
	{ 0x110c, "parameter error" },
	{ 0x2002, "protected" },
	{ 0x2003, "no such table" },
	{ 0x2004, "no such data" },
	{ 0x2005, "no such program" },
	{ 0x2006, "no such file" },
	{ 0x2007, "data does not match" },
	{ 0x2101, "read-only" },
	{ 0x2102, "write-protected" },
	{ 0x2103, "cannot be registered" },
	{ 0x2105, "no such program" },
	{ 0x2106, "no such file" },
	{ 0x2107, "file exists already" },
	{ 0x2108, "cannot be changed" },
	{ 0x2201, "not while executing" },
	{ 0x2202, "not while running" },
	{ 0x2203, "not while in PROGRAM mode" },
	{ 0x2204, "not while in DEBUG mode" },
	{ 0x2205, "not while in MONITOR mode" },
	{ 0x2206, "not while in RUN mode" },
	{ 0x2207, "node is not the polling node" },
	{ 0x2208, "step cannot be executed" },
	{ 0x2301, "no such file device" },
	{ 0x2302, "no such memory" },
	{ 0x2303, "no clock" },
	{ 0x2502, "memory error" },
	{ 0x2503, "I/O setting error" },
	{ 0x2504, "too many I/O points" },
	{ 0x2505, "CPU bus error" },
	{ 0x2506, "I/O duplication" },
	{ 0x2507, "I/O bus error" },
	{ 0x2601, "not protected" },
	{ 0x2602, "wrong password" },
	{ 0x2604, "protected" },
	{ 0x2605, "service is executing already" },
	{ 0x2606, "service is stopped" },
	{ 0x2607, "no right to execute" },
	{ 0x2608, "settings not complete" },
	{ 0x2609, "necessary items not set" },
	{ 0x260a, "number is defined already" },
	{ 0x260b, "error cannot be cleared" },
	{ 0x3001, "no access right" },
	{ 0x4001, "service aborted" },
};

const struct proto proto_omron_fins = {
	.name = "omron-fins",
	.title = "Omron FINS",
	.spec = "Omron W227, W342 chapter 5; FINS/TCP: W420 chapter 7",
	.depth = "all commands; memory areas with values; forced bits; "
		 "controller model, version, units and mode",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { 9600 },
	.udp = { 9600 },
	.client_role = ROLE_UNKNOWN,
	.server_role = ROLE_PLC,
	.claim = omron_fins_claim,
	.way = omron_fins_way,
	.frame = omron_fins_frame,
	.frame_min = 12,
	.parse = omron_fins_parse,
	PROTO_OPS(ops),
	PROTO_CODES(codes),
};
