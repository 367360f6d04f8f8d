/*
 * ge_srtp.c - GE SRTP, service requests to GE (Emerson) PACSystems and
 * Series 90 controllers.
 *
 * Unpublished over TCP; services and status as of SNP in GE GFK-0529; layout
 * after Denton et al., Leveraging the SRTP protocol for over-the-network
 * memory acquisition of a GE Fanuc Series 90-30, 2017, and captures.
 *
 *	+------+---+----------+--------+- - - - - +------+------+
 *	| type | 0 | sequence | length | 0 ...    | time | 0, n | kind |
 *	+------+---+----------+--------+- - - - - +------+------+------+
 *	  0 u8       2 le16     4 le16              26 hms  30 u8  31 u8
 *	+------+------+---------+---------+----------+- - - - - - - +
 *	| from | to   | packet  | of      | 42 mailbox, by kind     |
 *	+------+------+---------+---------+----------+- - - - - - - +
 *	  32     36     40 u8     41 u8     14 octets, then `length` of text
 *
 *	kind C0h request: service, selector, offset le16, length le16, data
 *	kind 80h request with text: packet, of, service, selector, offset,
 *		length at 48; data follows the mailbox
 *	kind D4h answer: status, 0, up to 6 octets of data
 *	kind 94h answer with text; D1h refused: status, minor status
 *	both ending with control program, privilege, sweep le16, status le16
 *
 * Op is the service, in answers that of the question; types 0 and 1 (opening)
 * have the variant 1.  Pair is the sequence.  Objects: area = selector of the
 * memory, first = offset, of bit memories in bits, counting from 0.
 */
#include "proto.h"

#define HEAD 56u
#define MAILBOX 42u

enum {
	TYPE_OPEN,
	TYPE_OPENED,
	TYPE_REQUEST,
	TYPE_RESPONSE,
};

enum {
	KIND_TEXT_REQUEST = 0x80,
	KIND_TEXT_ANSWER = 0x94,
	KIND_REQUEST = 0xc0,
	KIND_REFUSED = 0xd1,
	KIND_ANSWER = 0xd4,
};

#define FRAME_OP(type) FACT_OP(1, type)

enum {
	READ_SYSTEM = 0x04,
	READ_TASK,
	READ_BLOCK,
	WRITE_SYSTEM,
	WRITE_TASK,
	WRITE_BLOCK,
	CONTROLLER_TYPE = 0x43,
};

static const struct proto_op ops[] = {
	{ 0x00, FACT_DIAGNOSE, RISK_NONE, "plc short status" },
	{ 0x03, FACT_DISCOVER, RISK_NONE, "return control program names" },
	{ READ_SYSTEM, FACT_READ, RISK_NONE, "read system memory" },
	{ READ_TASK, FACT_READ, RISK_NONE, "read task memory" },
	{ READ_BLOCK, FACT_PROGRAM, RISK_NONE, "read program block memory" },
	{ WRITE_SYSTEM, FACT_WRITE, RISK_WRITE, "write system memory" },
	{ WRITE_TASK, FACT_WRITE, RISK_WRITE, "write task memory" },
	{ WRITE_BLOCK, FACT_PROGRAM, RISK_PROGRAM,
	    "write program block memory" },
	{ 0x20, FACT_LOGIN, RISK_NONE, "programmer logon" },
	{ 0x21, FACT_LOGIN, RISK_SECURITY, "change plc cpu privilege level" },
	{ 0x22, FACT_CONFIG, RISK_CONFIGURATION, "set control id" },
	{ 0x23, FACT_CONTROL, RISK_MODE, "set plc run or stop" },
	{ 0x24, FACT_TIME, RISK_TIME, "set plc time and date" },
	{ 0x25, FACT_TIME, RISK_NONE, "return plc time and date" },
	{ 0x38, FACT_DIAGNOSE, RISK_NONE, "return fault table" },
	{ 0x39, FACT_CONTROL, RISK_CONTROL, "clear fault table" },
	{ 0x3f, FACT_PROGRAM, RISK_PROGRAM, "program store (upload)" },
	{ 0x40, FACT_PROGRAM, RISK_PROGRAM, "program load (download)" },
	{ CONTROLLER_TYPE, FACT_DISCOVER, RISK_NONE,
	    "return controller type and id" },
	{ 0x44, FACT_CONTROL, RISK_FORCE, "toggle force system memory" },
	{ FRAME_OP(TYPE_OPEN), FACT_SESSION, RISK_NONE, "open" },
	{ FRAME_OP(TYPE_OPENED), FACT_SESSION, RISK_NONE, "opened" },
	{ FRAME_OP(TYPE_REQUEST), FACT_SESSION, RISK_NONE, "request" },
	{ FRAME_OP(TYPE_RESPONSE), FACT_SESSION, RISK_NONE, "response" },
};

struct status { /* said last */
	uint8_t known, state, privilege;
};

/* --------------------------------------------------------------- framing */

static uint32_t
ge_srtp_frame(struct span s, const struct dissect *d)
{
	(void)d;
	if (s.p[0] > TYPE_RESPONSE || s.p[1] != 0)
		return FRAME_NOT_MINE;
	return HEAD + ((uint32_t)s.p[5] << 8 | s.p[4]);
}

static bool
is_kind(uint32_t type, uint32_t kind)
{
	return type == TYPE_REQUEST
	    ? kind == KIND_REQUEST || kind == KIND_TEXT_REQUEST
	    : kind == KIND_ANSWER || kind == KIND_TEXT_ANSWER ||
		kind == KIND_REFUSED;
}

/* The first octets of an opening are all there is to it: zero but the type. */
static bool
is_opening(struct span s)
{
	for (uint32_t i = 1; i < HEAD; i++)
		if (s.p[i] != 0 && i != 8)
			return false;
	return s.n == HEAD && s.p[0] <= TYPE_OPENED;
}

static enum claim
ge_srtp_claim(struct span s, const struct dissect *d)
{
	(void)d;
	if (s.n < HEAD || s.p[1] != 0)
		return CLAIM_NO;
	if (s.p[0] <= TYPE_OPENED)
		return is_opening(s) ? CLAIM_WEAK : CLAIM_NO;
	if (s.p[0] > TYPE_RESPONSE || s.p[17] != 1 || !is_kind(s.p[0], s.p[31]))
		return CLAIM_NO;
	/* packets are counted from 1; what lies between is zero */
	if (s.p[40] == 0 || s.p[40] > s.p[41] || s.p[10] != 0 || s.p[12] != 0 ||
	    s.p[14] != 0)
		return CLAIM_NO;
	return CLAIM_STRONG;
}

static enum way
ge_srtp_way(struct span s)
{
	if (s.n < 1)
		return WAY_UNKNOWN;
	return s.p[0] == TYPE_OPEN || s.p[0] == TYPE_REQUEST ? WAY_REQUEST
							     : WAY_RESPONSE;
}

/* ---------------------------------------------------------------- values */

/* Selectors: words 8 to 12, octets 10h to 38h, bits 46h to 56h. */
static uint32_t
bits_of(uint32_t selector)
{
	return selector < 0x10 ? 16 : selector < 0x40 ? 8 : 1;
}

static void
read_values(struct rd *r, struct dissect *d, uint32_t op, struct fact_object at)
{
	uint32_t bits = bits_of(at.area), n = at.count;
	uint32_t skip = bits == 1 ? at.first % 8 : 0;

	at.count = 1;
	if (bits == 1) {
		struct span s = rd_span_rest(r);

		for (uint32_t i = 0; i < n && (i + skip) / 8 < s.n; i++) {
			dissect_value_bool(d, op, at,
			    bits_lsb_get(s, i + skip));
			at.first++;
		}
		return;
	}
	for (; n > 0 && rd_left(r) >= bits / 8; n--, at.first++)
		dissect_value_uint(d, op, at,
		    bits == 16 ? rd_le16(r) : rd_u8(r));
}

static bool
is_access(uint32_t service)
{
	return service >= READ_SYSTEM && service <= WRITE_BLOCK;
}

/* -------------------------------------------------------------- questions */

/*
 * Service, selector, offset, length; data lies in `text` or in what is left
 * of the mailbox.
 */
static void
read_question(struct rd *box, struct rd *text, struct dissect *d, uint32_t pair)
{
	uint32_t service = rd_u8(box), selector = rd_u8(box);
	struct ask ask = { .pair = pair, .op = service };
	struct fact *f = dissect_op(d, service);

	if (is_access(service)) {
		ask.at.space = SPACE_GE_MEMORY;
		ask.at.area = selector;
		ask.at.first = rd_le16(box);
		ask.at.count = rd_le16(box);
		f->object = ask.at;
		if (service == WRITE_SYSTEM)
			read_values(rd_left(text) > 0 ? text : box, d, service,
			    ask.at);
	} else if (service == 0x21 || service == 0x23) {
		fact_textf(f, "%u", selector);
	} else if (service == 0x20 && rd_left(text) > 0) {
		fact_text(f, rd_span_rest(text));
	}
	if (proto_op_find(d->proto, service) != NULL) {
		rd_skip_rest(box);
		rd_skip_rest(text); /* programs, times */
	}
	dissect_remember(d, ask);
}

/* ---------------------------------------------------------------- answers */

/* Privilege and state of the controller, when they are other than before. */
static void
say_status(struct dissect *d, uint32_t privilege, uint32_t word)
{
	static const char *const states[8] = { "run", "run, outputs disabled",
		"stop", "stop, faulted", "halted", "suspended",
		"stop, i/o enabled", NULL };
	struct status *st = d->state;
	uint32_t state = word >> 12;

	if (st->known != 0 && st->state == state && st->privilege == privilege)
		return;
	*st = (struct status){ .known = 1,
		.state = (uint8_t)state,
		.privilege = (uint8_t)privilege };
	if (state < 8 && states[state] != NULL)
		dissect_ident(d, TRAIT_MODE, span_text(states[state]));
	dissect_identf(d, TRAIT_SECURITY, "privilege level %u", privilege);
}

/* Eight characters of name, major and minor type of the controller. */
static void
read_controller(struct rd *text, struct dissect *d)
{
	struct span name = rd_span(text, 8);
	uint32_t major = rd_u8(text), minor = rd_u8(text);

	if (!rd_ok(text))
		return;
	name = span_first(name, span_find(name, 0));
	dissect_ident(d, TRAIT_VENDOR, SPAN_LIT("GE"));
	dissect_ident(d, TRAIT_NAME, name);
	dissect_identf(d, TRAIT_MODEL, "controller type %u.%u", major, minor);
	rd_skip_rest(text);
}

static void
read_answer(struct rd *box, struct rd *text, struct dissect *d, uint32_t kind,
    uint32_t pair)
{
	const struct ask *ask = dissect_recall(d, pair);
	uint32_t op = ask != NULL ? ask->op : FRAME_OP(TYPE_RESPONSE);
	uint32_t status = rd_u8(box), minor = rd_u8(box), privilege;
	struct rd data = rd_sub(box, 6);
	bool refused = kind == KIND_REFUSED;
	struct fact *f = refused ? dissect_error(d, op, status << 8 | minor)
				 : dissect_op(d, op);

	rd_skip(box, 1); /* control program */
	privilege = rd_u8(box);
	rd_skip(box, 2); /* sweep */
	say_status(d, privilege, rd_le16(box));
	if (refused) {
		rd_skip_rest(&data);
		return;
	}
	if (ask == NULL) {
		rd_opaque_rest(&data);
		rd_opaque_rest(text);
		return;
	}
	f->object = ask->at;
	if (op == READ_SYSTEM)
		read_values(kind == KIND_TEXT_ANSWER ? text : &data, d, op,
		    ask->at);
	else if (op == CONTROLLER_TYPE && rd_left(text) >= 10)
		read_controller(text, d);
	rd_skip_rest(&data);
	if (is_access(op) || op == 0x3f)
		rd_skip_rest(text); /* memory of programs: no values */
	rd_opaque_rest(text);
}

/* --------------------------------------------------------------- messages */

static void
ge_srtp_parse(struct rd *r, struct dissect *d)
{
	uint32_t type = rd_u8(r), pair, length, kind;
	struct rd box, text;

	rd_skip(r, 1);
	pair = rd_le16(r);
	length = rd_le16(r);
	rd_skip(r, 25);
	kind = rd_u8(r);
	rd_skip(r, MAILBOX - 32);
	box = rd_sub(r, HEAD - MAILBOX);
	text = rd_sub(r, length);
	rd_require(r, type <= TYPE_RESPONSE, "no such type");
	if (!rd_ok(r))
		return;
	d->ctx.response = type == TYPE_OPENED || type == TYPE_RESPONSE;
	if (type <= TYPE_OPENED) {
		(void)dissect_op(d, FRAME_OP(type));
		return;
	}
	dissect_pair(d, pair);
	if (type == TYPE_RESPONSE) {
		read_answer(&box, &text, d, kind, pair);
	} else if (kind == KIND_REQUEST || kind == KIND_TEXT_REQUEST) {
		if (kind == KIND_TEXT_REQUEST)
			rd_skip(&box, 8); /* 0, packet, of */
		read_question(&box, &text, d, pair);
	} else {
		(void)dissect_op(d, FRAME_OP(TYPE_REQUEST));
	}
	rd_opaque_rest(&text);
}

const struct proto proto_ge_srtp = {
	.name = "ge-srtp",
	.title = "GE SRTP controllers",
	.spec = "GE GFK-0529 (services); layout after Denton et al. 2017",
	.depth = "known services, system memory with values both ways, state "
		 "and privilege; task memory, programs and faults passed over",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { 18245 },
	.client_role = ROLE_HMI,
	.server_role = ROLE_PLC,
	.claim = ge_srtp_claim,
	.way = ge_srtp_way,
	.frame = ge_srtp_frame,
	.frame_min = 6,
	.parse = ge_srtp_parse,
	.state_size = sizeof(struct status),
	PROTO_OPS(ops),
};
