/*
 * s7comm_plus.c - S7comm-plus: S7-1200, S7-1500 and their engineering tools.
 *
 * Unpublished; known from open implementations (S7CommPlus driver, Snap7) and
 * from captures.  Inside COTP.
 *
 *	+----+---------+--------+- - - - - - - -+------+- - - - - -+---------
 *	| 72 | version | length | digest        | data             | trailer
 *	+----+---------+--------+- - - - - - - -+------+- - - - - -+---------
 *	  u8   u8        be16     u8 length, that  length octets     72 v 0000
 *	                          many: version 3
 *
 *	request		31 0000 function 0000 sequence session flags ...
 *	answer		32 (or 02) 0000 function 0000 sequence flags result ...
 *	notification	33 subscription 0400 ...
 *
 * Version 1 opens a session, 2 and 3 use it; FEh are system events, FFh keeps
 * alive.  After InitSSL the user data are TLS records.  Behind the data of a
 * function: in requests the qualifier (4e8h and values), a number that counts
 * for the integrity, in version 2 of some the digest (32 octets), zeros.
 *
 * What follows a function is read by grammar.  Where it is not as it is known
 * the rest is passed over, and what was read stands: other firmware may say
 * more than we know.
 *
 * Op is the function; of a notification 33h, of a version without functions
 * the version, of TLS 16h, of the first digest of a flow 20h.  Objects: first
 * = object identifier, sub = attribute or member of a structure; none is the
 * session itself; of variables area = data block (0: inputs, outputs and so
 * on by space), first = the first local identifier, sub = element of an array
 * from 1, or member; of notifications area = subscription, first = item; of
 * blocks area = class, first = number, sub = attribute.  Pair is the
 * sequence number.
 */
#include "cotp.h"
#include "s7comm_plus_answer.h"
#include "s7comm_plus_request.h"

#define DIGEST 32u

/* What all ends in: a number that counts, in version 2 the digest, zeros. */
static void
ending(struct rd *r, struct plus_message *m)
{
	uint32_t left = rd_left(r);
	struct span s;

	if (left > DIGEST && left - DIGEST - 1 <= 5 && rd_have(r) == left) {
		s = rd_ahead(r, left);
		m->digest = s.p[left - DIGEST - 1] == DIGEST;
		if (m->digest) {
			rd_skip_rest(r);
			return;
		}
	}
	s = rd_ahead(r, left);
	if (left > 4 && s.n > 0 && s.p[0] != 0)
		(void)vlq(r);
	for (left = rd_left(r); left > 0; left--)
		if (rd_u8(r) != 0)
			rd_bad(r, "more than is known");
}

/*
 * What follows is read by its grammar; where that does not fit, the rest is
 * passed over.
 */
static void
by_grammar(struct rd *r, struct plus_message *m,
    void (*what)(struct rd *, struct plus_message *))
{
	struct rd_state st;
	struct rd t = rd_open(&st, rd_ahead(r, rd_have(r)), rd_left(r));

	what(&t, m);
	ending(&t, m);
	if (st.status == RD_SHORT) {
		rd_fail_at(r, RD_SHORT, st.why);
		return;
	}
	rd_skip(r, st.status == RD_OK ? rd_left(r) : st.off);
	rd_opaque_rest(r);
}

static void
request_of(struct rd *r, struct plus_message *m)
{
	m->session = rd_be32(r);
	m->ask.op = m->op;
	rd_skip(r, 1); /* transport flags */
	m->f = dissect_op(m->d, m->op);
	if (names_object(m->op) && rd_left(r) >= 4)
		m->f->object = (struct fact_object){ .space = SPACE_S7_SYMBOL,
			.first = rd_be32(r),
			.count = 1 };
	by_grammar(r, m, request);
	if (is_own(m, m->f->object))
		m->f->object = (struct fact_object){ .area = 0 };
	dissect_remember(m->d, m->ask);
}

static void
answer_of(struct rd *r, struct plus_message *m)
{
	const struct ask *ask = dissect_recall(m->d, m->ask.pair);
	uint64_t result;

	rd_skip(r, 1); /* transport flags */
	result = vlq(r);
	if (ask != NULL)
		m->ask = *ask;
	if ((int16_t)(uint16_t)result < 0)
		m->f = dissect_error(m->d, m->op, (uint32_t)result & 0xffff);
	else
		m->f = dissect_op(m->d, m->op);
	by_grammar(r, m, answer);
}

static void
notification_of(struct rd *r, struct plus_message *m)
{
	m->d->ctx.response = false;
	m->op = m->sink.op = OP_NOTIFY;
	m->f = dissect_op(m->d, m->op);
	m->f->object = (struct fact_object){ .space = SPACE_S7_SYMBOL,
		.first = rd_be32(r),
		.count = 1 };
	by_grammar(r, m, notification);
}

/* Once a flow, of the CPU: whether who is between can change what is said. */
static void
say_security(struct dissect *d, struct plus_state *st, uint32_t op,
    struct span how)
{
	if (st->said || d->to_server)
		return;
	st->said = true;
	if (op != OP_TLS)
		(void)dissect_emit(d, FACT_SESSION, op);
	dissect_ident(d, TRAIT_SECURITY, how);
}

static void
say_protected(const struct plus_message *m)
{
	if (m->digest)
		say_security(m->d, m->st, OP_PROTECTED,
		    SPAN_LIT("S7comm-plus with a digest of each message"));
	else if (m->op != OP_CREATE && m->op != OP_SET_MULTI &&
	    m->op != OP_INIT_SSL)
		say_security(m->d, m->st, OP_UNPROTECTED,
		    SPAN_LIT("S7comm-plus without protection"));
}

static void
message(struct rd *r, struct dissect *d, bool digest)
{
	uint32_t opcode = rd_u8(r);
	struct plus_message m = { .d = d, .st = d->state, .digest = digest };

	m.sink.d = d;
	if (opcode == 0x33) {
		notification_of(r, &m);
	} else {
		rd_skip(r, 2);
		m.op = m.sink.op = rd_be16(r);
		rd_skip(r, 2);
		m.ask.pair = rd_be16(r);
		dissect_pair(d, m.ask.pair);
		d->ctx.response = opcode == 0x32 || opcode == 0x02;
		if (opcode == 0x31)
			request_of(r, &m);
		else if (d->ctx.response)
			answer_of(r, &m);
		else /* no opcode of the protocol */
			(void)dissect_op(d, opcode << 16);
	}
	say_protected(&m);
	rd_opaque_rest(r);
}

static void
tls_whole(struct rd *r, struct dissect *d, bool first)
{
	struct plus_state *st = d->state;
	uint16_t *missing = &st->record[d->to_server];
	struct span all;
	uint32_t n = *missing < rd_left(r) ? *missing : rd_left(r);
	struct span piece = rd_span(r, n);
	struct rd whole;

	if (!rd_ok(r))
		return;
	*missing = (uint16_t)(*missing - n);
	if (!dissect_join(d, 0x7201, first, *missing == 0, piece, &all))
		return;
	whole = rd_over(r, all);
	dissect_inner(d, &proto_tls, &whole);
}

/* Records, which may end in later data. */
static void
tls(struct rd *r, struct dissect *d)
{
	struct plus_state *st = d->state;

	d->ctx.response = false;
	(void)dissect_op(d, OP_TLS);
	say_security(d, st, OP_TLS, SPAN_LIT("S7comm-plus over TLS"));
	if (st->record[d->to_server] > 0)
		tls_whole(r, d, false);
	while (rd_left(r) > 0) {
		uint32_t n = tls_record_length(rd_ahead(r, 5));

		if (n == FRAME_NEED_MORE || n == FRAME_NOT_MINE) {
			if (rd_have(r) < 5 && rd_left(r) >= 5)
				rd_fail_at(r, RD_SHORT, "not captured");
			rd_opaque_rest(r);
			return;
		}
		st->record[d->to_server] = (uint16_t)n;
		tls_whole(r, d, true);
	}
}

static void
without_function(struct rd *r, struct dissect *d, uint32_t version)
{
	d->ctx.response = false;
	(void)dissect_op(d, version);
	rd_opaque_rest(r);
}

/* Without the trailer it goes on in the next. */
static void
piece(struct rd *r, struct dissect *d, struct plus_state *st, bool last,
    bool digest)
{
	uint8_t *open = &st->open[d->to_server];
	struct span s = rd_span(r, rd_left(r));
	bool first = *open == 0;
	struct rd whole;

	if (!rd_ok(r))
		return;
	*open = !last;
	if (!dissect_join(d, 0x7200, first, last, s, &s))
		return;
	whole = rd_over(r, s);
	message(&whole, d, digest);
}

static void
s7comm_plus_parse(struct rd *r, struct dissect *d)
{
	struct plus_state *st = d->state;
	struct span first = rd_ahead(r, 1);
	uint32_t magic, version;
	struct rd body;

	if (st->record[d->to_server] > 0 ||
	    (first.n > 0 && first.p[0] >= 0x14 && first.p[0] <= 0x17)) {
		tls(r, d);
		return;
	}
	magic = rd_u8(r);
	rd_require(r, magic == 0x72, "not S7comm-plus");
	version = rd_u8(r);
	rd_require(r, version <= 3 || version >= 0xfe, "no such version");
	if (version == OP_KEEP_ALIVE) {
		rd_skip(r, 2); /* number */
		without_function(r, d, version);
		return;
	}
	body = rd_sub_be16(r);
	if (version == OP_EVENT) {
		without_function(&body, d, version);
		return;
	}
	if (version == 3)
		rd_skip(&body, rd_u8(&body)); /* digest */
	if (rd_left(r) > 0 && st->open[d->to_server] == 0)
		message(&body, d, version == 3);
	else
		piece(&body, d, st, rd_left(r) > 0, version == 3);
	rd_skip_rest(r); /* trailer */
}

const struct proto proto_s7comm_plus = {
	.name = "s7comm-plus",
	.title = "Siemens S7comm-plus",
	.spec = "unpublished; after open implementations and captures",
	.depth = "functions with all they carry: objects, attributes, blocks, "
		 "variables, values, arrays, structures, notifications; "
		 "identity, sessions, integrity; code and comments of blocks "
		 "by length; TLS marked as encrypted",
	.slot = PROTO_SLOT,
	.ot = true,
	.client_role = ROLE_HMI,
	.server_role = ROLE_PLC,
	.parse = s7comm_plus_parse,
	PROTO_OPS(plus_ops),
	.state_size = sizeof(struct plus_state),
};
