/*
 * amqp.c - Advanced Message Queuing Protocol, 0-9-1 and 1.0.
 *
 * AMQP 0-9-1 (2008) with RabbitMQ's extensions; OASIS AMQP 1.0 (ISO/IEC
 * 19464): transport clause 2, security clause 5.
 *
 *	opening  "AMQP" | 0 | 0 9 1, or of 1.0: 0, 2 (TLS), 3 (SASL) | 1 0 0
 *	0-9-1:   type u8 | channel be16 | size be32 | payload | 0xce
 *	method   class be16 | method be16 | arguments
 *	1.0:     size be32 | offset u8 | type u8 | channel be16 | ...
 *	         0x00 0x53 performative | list
 *
 * Op of 0-9-1 is class << 8 | method; of its other frames the type as variant
 * 2; of 1.0 the performative as variant 1; of the opening variant 3.  The
 * object is a queue, exchange or address by name.
 */
#include "say.h"
#include "text.h"

#define PORT 5672u
#define FRAME_END 0xceu
#define FRAME_LARGEST 0x1000000u

enum frame {
	F_METHOD = 1,
	F_HEADER = 2,
	F_BODY = 3,
	F_HEARTBEAT = 8,
};

enum method {
	M_START = 10 << 8 | 10,
	M_START_OK = 10 << 8 | 11,
	M_OPEN = 10 << 8 | 40,
	M_CLOSE = 10 << 8 | 50,
	M_CHANNEL_CLOSE = 20 << 8 | 40,
	M_CONSUME = 60 << 8 | 20,
	M_PUBLISH = 60 << 8 | 40,
	M_RETURN = 60 << 8 | 50,
	M_DELIVER = 60 << 8 | 60,
};

enum performative {
	P_OPEN = 0x10,
	P_ATTACH = 0x12,
	P_TRANSFER = 0x14,
	P_CLOSE = 0x18,
	P_MECHANISMS = 0x40,
	P_INIT = 0x41,
	P_OUTCOME = 0x44,
};

#define M(class, method) ((class) << 8 | (method))
#define NEW(code) FACT_OP(1, code)
#define OTHER(type) FACT_OP(2, type)
#define OPENING FACT_OP(3, 0)

static const struct proto_op ops[] = {
	{ M_START, FACT_LOGIN, RISK_NONE, "connection start" },
	{ M_START_OK, FACT_LOGIN, RISK_NONE, "connection start-ok" },
	{ M(10, 20), FACT_LOGIN, RISK_NONE, "connection secure" },
	{ M(10, 21), FACT_LOGIN, RISK_NONE, "connection secure-ok" },
	{ M(10, 30), FACT_SESSION, RISK_NONE, "connection tune" },
	{ M(10, 31), FACT_SESSION, RISK_NONE, "connection tune-ok" },
	{ M_OPEN, FACT_SESSION, RISK_NONE, "connection open" },
	{ M(10, 41), FACT_SESSION, RISK_NONE, "connection open-ok" },
	{ M_CLOSE, FACT_SESSION, RISK_NONE, "connection close" },
	{ M(10, 51), FACT_SESSION, RISK_NONE, "connection close-ok" },
	{ M(10, 60), FACT_SESSION, RISK_NONE, "connection blocked" },
	{ M(10, 61), FACT_SESSION, RISK_NONE, "connection unblocked" },
	{ M(10, 70), FACT_CONFIG, RISK_SECURITY, "connection update-secret" },
	{ M(10, 71), FACT_CONFIG, RISK_NONE, "connection update-secret-ok" },
	{ M(20, 10), FACT_SESSION, RISK_NONE, "channel open" },
	{ M(20, 11), FACT_SESSION, RISK_NONE, "channel open-ok" },
	{ M(20, 20), FACT_SESSION, RISK_NONE, "channel flow" },
	{ M(20, 21), FACT_SESSION, RISK_NONE, "channel flow-ok" },
	{ M_CHANNEL_CLOSE, FACT_SESSION, RISK_NONE, "channel close" },
	{ M(20, 41), FACT_SESSION, RISK_NONE, "channel close-ok" },
	{ M(30, 10), FACT_LOGIN, RISK_NONE, "access request" },
	{ M(30, 11), FACT_LOGIN, RISK_NONE, "access request-ok" },
	{ M(40, 10), FACT_CONFIG, RISK_CONFIGURATION, "exchange declare" },
	{ M(40, 11), FACT_CONFIG, RISK_NONE, "exchange declare-ok" },
	{ M(40, 20), FACT_CONFIG, RISK_CONFIGURATION, "exchange delete" },
	{ M(40, 21), FACT_CONFIG, RISK_NONE, "exchange delete-ok" },
	{ M(40, 30), FACT_CONFIG, RISK_CONFIGURATION, "exchange bind" },
	{ M(40, 31), FACT_CONFIG, RISK_NONE, "exchange bind-ok" },
	{ M(40, 40), FACT_CONFIG, RISK_CONFIGURATION, "exchange unbind" },
	{ M(40, 51), FACT_CONFIG, RISK_NONE, "exchange unbind-ok" },
	{ M(50, 10), FACT_CONFIG, RISK_CONFIGURATION, "queue declare" },
	{ M(50, 11), FACT_CONFIG, RISK_NONE, "queue declare-ok" },
	{ M(50, 20), FACT_CONFIG, RISK_CONFIGURATION, "queue bind" },
	{ M(50, 21), FACT_CONFIG, RISK_NONE, "queue bind-ok" },
	{ M(50, 30), FACT_CONTROL, RISK_RESET, "queue purge" },
	{ M(50, 31), FACT_CONTROL, RISK_NONE, "queue purge-ok" },
	{ M(50, 40), FACT_CONFIG, RISK_CONFIGURATION, "queue delete" },
	{ M(50, 41), FACT_CONFIG, RISK_NONE, "queue delete-ok" },
	{ M(50, 50), FACT_CONFIG, RISK_CONFIGURATION, "queue unbind" },
	{ M(50, 51), FACT_CONFIG, RISK_NONE, "queue unbind-ok" },
	{ M(60, 10), FACT_SESSION, RISK_NONE, "basic qos" },
	{ M(60, 11), FACT_SESSION, RISK_NONE, "basic qos-ok" },
	{ M_CONSUME, FACT_READ, RISK_NONE, "basic consume" },
	{ M(60, 21), FACT_READ, RISK_NONE, "basic consume-ok" },
	{ M(60, 30), FACT_SESSION, RISK_NONE, "basic cancel" },
	{ M(60, 31), FACT_SESSION, RISK_NONE, "basic cancel-ok" },
	{ M_PUBLISH, FACT_REPORT, RISK_NONE, "basic publish" },
	{ M_RETURN, FACT_REPORT, RISK_NONE, "basic return" },
	{ M_DELIVER, FACT_REPORT, RISK_NONE, "basic deliver" },
	{ M(60, 70), FACT_READ, RISK_NONE, "basic get" },
	{ M(60, 71), FACT_READ, RISK_NONE, "basic get-ok" },
	{ M(60, 72), FACT_READ, RISK_NONE, "basic get-empty" },
	{ M(60, 80), FACT_SESSION, RISK_NONE, "basic ack" },
	{ M(60, 90), FACT_SESSION, RISK_NONE, "basic reject" },
	{ M(60, 100), FACT_SESSION, RISK_NONE, "basic recover-async" },
	{ M(60, 110), FACT_SESSION, RISK_NONE, "basic recover" },
	{ M(60, 111), FACT_SESSION, RISK_NONE, "basic recover-ok" },
	{ M(60, 120), FACT_SESSION, RISK_NONE, "basic nack" },
	{ M(85, 10), FACT_SESSION, RISK_NONE, "confirm select" },
	{ M(85, 11), FACT_SESSION, RISK_NONE, "confirm select-ok" },
	{ M(90, 10), FACT_SESSION, RISK_NONE, "tx select" },
	{ M(90, 11), FACT_SESSION, RISK_NONE, "tx select-ok" },
	{ M(90, 20), FACT_SESSION, RISK_NONE, "tx commit" },
	{ M(90, 21), FACT_SESSION, RISK_NONE, "tx commit-ok" },
	{ M(90, 30), FACT_SESSION, RISK_NONE, "tx rollback" },
	{ M(90, 31), FACT_SESSION, RISK_NONE, "tx rollback-ok" },
	{ NEW(P_OPEN), FACT_SESSION, RISK_NONE, "open" },
	{ NEW(0x11), FACT_SESSION, RISK_NONE, "begin" },
	{ NEW(P_ATTACH), FACT_SESSION, RISK_NONE, "attach" },
	{ NEW(0x13), FACT_SESSION, RISK_NONE, "flow" },
	{ NEW(P_TRANSFER), FACT_REPORT, RISK_NONE, "transfer" },
	{ NEW(0x15), FACT_SESSION, RISK_NONE, "disposition" },
	{ NEW(0x16), FACT_SESSION, RISK_NONE, "detach" },
	{ NEW(0x17), FACT_SESSION, RISK_NONE, "end" },
	{ NEW(P_CLOSE), FACT_SESSION, RISK_NONE, "close" },
	{ NEW(P_MECHANISMS), FACT_LOGIN, RISK_NONE, "sasl mechanisms" },
	{ NEW(P_INIT), FACT_LOGIN, RISK_NONE, "sasl init" },
	{ NEW(0x42), FACT_LOGIN, RISK_NONE, "sasl challenge" },
	{ NEW(0x43), FACT_LOGIN, RISK_NONE, "sasl response" },
	{ NEW(P_OUTCOME), FACT_LOGIN, RISK_NONE, "sasl outcome" },
	{ OTHER(F_HEADER), FACT_REPORT, RISK_NONE, "content header" },
	{ OTHER(F_BODY), FACT_REPORT, RISK_NONE, "content body" },
	{ OTHER(F_HEARTBEAT), FACT_SESSION, RISK_NONE, "heartbeat" },
	{ OPENING, FACT_SESSION, RISK_NONE, "protocol header" },
};

/* ---------------------------------------------------------------- framing */

static uint32_t
be32_at(struct span s, uint32_t at)
{
	return (uint32_t)s.p[at] << 24 | (uint32_t)s.p[at + 1] << 16 |
	    (uint32_t)s.p[at + 2] << 8 | s.p[at + 3];
}

static bool
is_old(uint8_t first)
{
	return first == F_METHOD || first == F_HEADER || first == F_BODY ||
	    first == F_HEARTBEAT;
}

static uint32_t
amqp_frame(struct span s, const struct dissect *d)
{
	uint32_t n;

	(void)d;
	if (span_starts(s, SPAN_LIT("AMQP")))
		return 8;
	if (is_old(s.p[0])) {
		n = be32_at(s, 3);
		if (n > FRAME_LARGEST ||
		    (s.n >= n + 8 && s.p[n + 7] != FRAME_END))
			return FRAME_NOT_MINE;
		return n + 8;
	}
	n = be32_at(s, 0); /* offset counts words, at least two; AMQP or SASL */
	return n >= 8 && n <= FRAME_LARGEST && s.p[4] >= 2 && s.p[5] <= 1 &&
		s.p[4] * 4u <= n
	    ? n
	    : FRAME_NOT_MINE;
}

static enum claim
amqp_claim(struct span s, const struct dissect *d)
{
	uint32_t n;

	if (s.n < 8)
		return CLAIM_NO;
	if (span_starts(s, SPAN_LIT("AMQP")))
		return s.p[4] <= 3 && s.p[5] <= 1 ? CLAIM_STRONG : CLAIM_NO;
	n = amqp_frame(s, d);
	if (n == FRAME_NOT_MINE)
		return CLAIM_NO;
	/* a whole frame of the old form, or a performative */
	if (is_old(s.p[0]) && n <= s.n)
		return CLAIM_WEAK;
	if (s.p[0] == 0 && s.n >= 11 &&
	    (n == 8 || (s.p[4] == 2 && s.p[8] == 0 && s.p[9] == 0x53)))
		return CLAIM_WEAK;
	return say_on_port(d, PORT) ? CLAIM_WEAK : CLAIM_NO;
}

/* ------------------------------------------------------------------- 0-9-1 */

static struct span
rd_short(struct rd *r)
{
	return rd_span(r, rd_u8(r));
}

static struct span
rd_long(struct rd *r)
{
	return rd_span(r, rd_be32(r));
}

/* Bytes of a value of a table, by its letter; those with a length of their
 * own excepted. */
static uint32_t
width_of(uint32_t letter)
{
	switch (letter) {
	case 't':
	case 'b':
	case 'B':
		return 1;
	case 's':
	case 'U':
	case 'u':
		return 2;
	case 'I':
	case 'i':
	case 'f':
		return 4;
	case 'D':
		return 5;
	case 'L':
	case 'l':
	case 'd':
	case 'T':
		return 8;
	default:
		return 0;
	}
}

/* Product, version and platform are what each end says it is. */
static void
peer_properties(struct rd *r, struct dissect *d)
{
	struct rd table = rd_sub(r, rd_be32(r));
	struct span product = SPAN(NULL, 0), version = SPAN(NULL, 0);

	while (rd_more(&table)) {
		struct span name = rd_short(&table), value = SPAN(NULL, 0);
		uint32_t letter = rd_u8(&table);

		if (letter == 'S' || letter == 'x')
			value = rd_long(&table);
		else if (letter == 'F' || letter == 'A')
			rd_skip(&table, rd_be32(&table));
		else if (width_of(letter) > 0)
			rd_skip(&table, width_of(letter));
		else if (letter != 'V')
			rd_opaque_rest(&table);
		if (text_is(name, "product"))
			product = value;
		else if (text_is(name, "version"))
			version = value;
	}
	if (rd_ok(r) && product.n > 0)
		dissect_identf(d, TRAIT_APPLICATION, "%.*s %.*s",
		    (int)span_first(product, 48).n, (const char *)product.p,
		    (int)span_first(version, 24).n, (const char *)version.p);
}

/* "\0user\0password"; RFC 4616. */
static void
plain_login(struct dissect *d, struct fact *f, struct span s)
{
	struct span user = span_from(s, span_find(s, '\0') + 1), password;
	uint32_t n = span_find(user, '\0');

	password = span_from(user, n + 1);
	user = span_first(user, n);
	say_named(f, user);
	dissect_ident(d, TRAIT_USER, user);
	dissect_content_login(d, d->ctx.pair, user, password);
	(void)dissect_ident_about(d, ABOUT_RECEIVER, TRAIT_SECURITY,
	    SPAN_LIT("AMQP login without encryption"));
}

static void
start_ok(struct rd *r, struct dissect *d, struct fact *f)
{
	struct span mechanism, response;

	peer_properties(r, d);
	mechanism = rd_short(r);
	response = rd_long(r);
	if (rd_ok(r) && text_is(mechanism, "plain"))
		plain_login(d, f, response);
	(void)rd_short(r);
}

/* Whether the method's first name is of a queue, an exchange or the like;
 * most begin with 16 reserved bits. */
static void
say_target(struct rd *r, struct fact *f, uint32_t method)
{
	struct span name, key;

	switch (method) {
	case M(40, 10):
	case M(40, 20):
	case M(50, 10):
	case M(50, 20):
	case M(50, 30):
	case M(50, 40):
	case M(50, 50):
	case M_CONSUME:
	case M(60, 70):
		rd_skip(r, 2);
		name = rd_short(r);
		say_named(f, name);
		break;
	case M_PUBLISH:
		rd_skip(r, 2);
		name = rd_short(r);
		key = rd_short(r);
		f->object =
		    (struct fact_object){ .space = SPACE_TOPIC, .count = 1 };
		if (rd_ok(r))
			fact_textf(f, "%.*s/%.*s", (int)span_first(name, 40).n,
			    (const char *)name.p, (int)span_first(key, 50).n,
			    (const char *)key.p);
		break;
	case M_DELIVER:
		(void)rd_short(r); /* consumer */
		rd_skip(r, 9);
		name = rd_short(r);
		key = rd_short(r);
		f->object =
		    (struct fact_object){ .space = SPACE_TOPIC, .count = 1 };
		if (rd_ok(r))
			fact_textf(f, "%.*s/%.*s", (int)span_first(name, 40).n,
			    (const char *)name.p, (int)span_first(key, 50).n,
			    (const char *)key.p);
		break;
	case M_OPEN:
		say_named(f, rd_short(r));
		break;
	}
	rd_skip_rest(r);
}

/* The answers end in -ok; what is asked and by whom the standard says. */
static bool
is_answer(uint32_t method)
{
	uint32_t m = method & 0xffu;

	return m % 10 == 1 || method == M(60, 72) || method == M(60, 80) ||
	    method == M(60, 120);
}

static void
method(struct rd *r, struct dissect *d, uint32_t channel, uint32_t op)
{
	uint32_t number = op & 0xffu, pair;
	struct fact *f;

	d->ctx.response = is_answer(op);
	pair = channel << 16 | (op - (op & 0xffu) % 10);
	if (d->ctx.response && number < 80)
		(void)dissect_recall(d,
		    op == M(60, 72) ? channel << 16 | M(60, 70) : pair);
	else if (!d->ctx.response)
		dissect_remember(d, (struct ask){ .pair = pair, .op = op });
	if (op == M_CLOSE || op == M_CHANNEL_CLOSE || op == M_RETURN) {
		uint32_t code = rd_be16(r);

		f = code >= 300 && code != 320 ? dissect_error(d, op, code)
					       : dissect_op(d, op);
		fact_text(f, rd_short(r));
		rd_skip_rest(r);
		return;
	}
	f = dissect_op(d, op);
	if (op == M_START) {
		rd_skip(r, 2);
		peer_properties(r, d);
		say_text(d, op, "mechanisms", rd_long(r));
		dissect_ident_role(d, ABOUT_SENDER, ROLE_SERVER);
		rd_skip_rest(r);
	} else if (op == M_START_OK) {
		start_ok(r, d, f);
	} else if (proto_op_find(&proto_amqp, op) != NULL) {
		say_target(r, f, op);
	} else {
		rd_opaque_rest(r);
	}
}

static void
old_frame(struct rd *r, struct dissect *d)
{
	uint32_t type = rd_u8(r), channel = rd_be16(r);
	struct rd body = rd_sub(r, rd_be32(r));
	uint32_t class = 0, number = 0, end;

	if (type == F_METHOD) {
		class = rd_be16(&body);
		number = rd_be16(&body);
	}
	if (!rd_ok(r))
		return;
	dissect_pair(d, channel);
	if (class > 255 || number > 255) {
		rd_skip_rest(&body);
	} else if (type == F_METHOD) {
		method(&body, d, channel, class << 8 | number);
	} else {
		d->ctx.response = false;
		(void)dissect_op(d, OTHER(type));
		if (type == F_BODY)
			rd_opaque_rest(&body);
		else
			rd_skip_rest(&body);
	}
	end = rd_u8(r);
	rd_require(r, !rd_ok(r) || end == FRAME_END, "no frame end");
	rd_require(r, class < 256 && number < 256, "method number");
}

/* --------------------------------------------------------------------- 1.0 */

/* Clause 1.6: the constructor's upper half says how wide a value is. */
static struct span
value(struct rd *r)
{
	uint32_t code = rd_u8(r);

	switch (code >> 4) {
	case 0x4:
		return SPAN(NULL, 0);
	case 0x5:
		return rd_span(r, 1);
	case 0x6:
		return rd_span(r, 2);
	case 0x7:
		return rd_span(r, 4);
	case 0x8:
		return rd_span(r, 8);
	case 0x9:
		return rd_span(r, 16);
	case 0xa:
	case 0xc:
	case 0xe:
		return rd_span(r, rd_u8(r));
	case 0xb:
	case 0xd:
	case 0xf:
		return rd_span(r, rd_be32(r));
	default: /* described: descriptor, then the value */
		rd_opaque_rest(r);
		return SPAN(NULL, 0);
	}
}

/* 0x45 empty, 0xc0 and 0xd0 with size and count. */
static struct rd
list(struct rd *r)
{
	uint32_t code = rd_u8(r);
	struct rd in;

	if (code == 0xc0) {
		in = rd_sub_u8(r);
		rd_skip(&in, 1);
	} else if (code == 0xd0) {
		in = rd_sub(r, rd_be32(r));
		rd_skip(&in, 4);
	} else {
		rd_require(r, code == 0x45 || !rd_ok(r), "not a list");
		in = rd_sub(r, 0);
	}
	return in;
}

static void
sasl_init(struct rd *in, struct dissect *d, struct fact *f)
{
	struct span mechanism = rd_more(in) ? value(in) : SPAN(NULL, 0);
	struct span response = rd_more(in) ? value(in) : SPAN(NULL, 0);

	if (rd_ok(in) && text_is(mechanism, "plain"))
		plain_login(d, f, response);
	else
		say_named(f, mechanism);
}

static void
performative(struct rd *r, struct dissect *d)
{
	uint32_t code;
	struct span first, head = rd_ahead(r, 2);
	struct rd in;
	struct fact *f;

	if (head.n == 2 && (head.p[0] != 0 || head.p[1] != 0x53)) {
		(void)dissect_op(d,
		    FACT_OP(1, 0)); /* described in another way */
		rd_opaque_rest(r);
		return;
	}
	rd_skip(r, 2);
	code = rd_u8(r);
	in = list(r);
	d->ctx.response = code == P_OUTCOME;
	first = (code == P_OUTCOME || code == P_OPEN || code == P_ATTACH) &&
		rd_more(&in)
	    ? value(&in)
	    : SPAN(NULL, 0);
	f = code == P_OUTCOME && first.n == 1 && first.p[0] != 0
	    ? dissect_error(d, NEW(code), first.p[0])
	    : dissect_op(d, NEW(code));
	if (code == P_INIT)
		sasl_init(&in, d, f);
	if (code == P_OPEN || code == P_ATTACH)
		say_named(f, first);
	if (code == P_OPEN && rd_ok(r))
		dissect_ident(d, TRAIT_UUID, first);
	rd_skip_rest(&in);
	rd_opaque_rest(r); /* what is transferred */
}

static void
new_frame(struct rd *r, struct dissect *d)
{
	struct rd in = rd_sub_rest(r);
	uint32_t offset, type;

	rd_skip(&in, 4);
	offset = rd_u8(&in) * 4u;
	type = rd_u8(&in);
	(void)type;
	dissect_pair(d, rd_be16(&in));
	rd_skip(&in, offset > 8 ? offset - 8 : 0);
	d->ctx.response = false;
	if (!rd_more(&in))
		(void)dissect_op(d, OTHER(F_HEARTBEAT));
	else
		performative(&in, d);
}

static void
opening(struct rd *r, struct dissect *d)
{
	uint32_t id, major, minor;

	rd_skip(r, 4);
	id = rd_u8(r);
	major = rd_u8(r);
	minor = rd_u8(r);
	fact_textf(dissect_op(d, OPENING), "%u.%u%s", major, minor,
	    id == 2       ? " over TLS"
		: id == 3 ? " with SASL"
			  : "");
	rd_skip(r, 1);
}

static void
amqp_parse(struct rd *r, struct dissect *d)
{
	struct span head = rd_ahead(r, 4);
	struct span one = rd_ahead(r, 1);

	if (head.n == 4 && span_is(head, SPAN_LIT("AMQP")))
		opening(r, d);
	else if (one.n == 1 && is_old(one.p[0]))
		old_frame(r, d);
	else
		new_frame(r, d);
}

const struct proto proto_amqp = {
	.name = "amqp",
	.title = "Advanced Message Queuing Protocol, 0-9-1 and 1.0",
	.spec = "AMQP 0-9-1; OASIS AMQP 1.0 (ISO/IEC 19464)",
	.depth = "all methods and performatives; logins, products, queues, "
		 "exchanges, keys, links; contents are not looked into",
	.slot = PROTO_SLOT,
	.tcp = { PORT },
	.server_role = ROLE_SERVER,
	.claim = amqp_claim,
	.frame = amqp_frame,
	.frame_min = 8,
	.parse = amqp_parse,
	PROTO_OPS(ops),
};
