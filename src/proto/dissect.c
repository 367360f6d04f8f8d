/*
 * dissect.c - what a protocol may say, and the one way a message enters it:
 * parsed once, judged once, and then kept, marked, or replaced by the fault.
 */
#include "proto.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "join.h"

#define DEPTH_MAX 8u

/* ------------------------------------------------------------ saying facts */

/*
 * All but the text, which text_len guards.  In pieces that are a few stores
 * each: for all at once compilers take an instruction that repeats, and it
 * takes longer to start than the stores do.
 */
static inline void
blank_fact(struct fact *f)
{
	enum {
		ALL = offsetof(struct fact, text),
		PIECE = 32
	};
	uint8_t *p = (uint8_t *)f;

	_Static_assert(ALL >= 3 * PIECE && ALL <= 4 * PIECE, "four pieces");
	memset(p, 0, PIECE);
	memset(p + PIECE, 0, PIECE);
	memset(p + 2 * PIECE, 0, PIECE);
	memset(p + ALL - PIECE, 0, PIECE);
}

struct fact *
dissect_emit(struct dissect *d, enum fact_kind kind, uint32_t op)
{
	struct fact *f = &d->nobody;

	d->deepest = d->proto;
	if ((d->wanted & FACT_MASK(kind)) == 0)
		return f;
	if (d->n == d->cap) {
		d->n_cut++;
		return f;
	}
	f = &d->fact[d->n++];
	blank_fact(f);
	f->proto = d->proto->slot->id;
	f->kind = (uint8_t)kind;
	f->op = op;
	f->unit = d->ctx.unit;
	f->has_unit = d->ctx.has_unit;
	f->pair = d->ctx.pair;
	f->has_pair = d->ctx.has_pair;
	f->seq = d->ctx.seq;
	f->flags = d->ctx.flags;
	f->response = d->ctx.response;
	f->from_server = !d->to_server;
	f->flow = d->flow;
	f->at = d->now;
	if (d->group)
		f->flags |= FACT_BROADCAST;
	return f;
}

/* The fact by which its message is counted, once a message and protocol. */
static struct fact *
emit_counted(struct dissect *d, enum fact_kind kind, uint32_t op)
{
	struct fact *f = dissect_emit(d, kind, op);

	f->is_message = true;
	d->op = op;
	return f;
}

struct fact *
dissect_op(struct dissect *d, uint32_t op)
{
	const struct proto_op *row = proto_op_find(d->proto, op);
	struct fact *f;

	if (row == NULL) {
		d->n_unknown++;
		return emit_counted(d, FACT_UNKNOWN, op);
	}
	if (d->ctx.response)
		return emit_counted(d, FACT_ACK, op);
	f = emit_counted(d, (enum fact_kind)row->kind, op);
	f->risk = row->risk;
	return f;
}

struct fact *
dissect_error(struct dissect *d, uint32_t op, uint32_t code)
{
	struct fact *f = emit_counted(d, FACT_ERROR, op);

	f->code = code;
	return f;
}

struct fact *
dissect_value(struct dissect *d, uint32_t op, struct fact_object at)
{
	struct fact *f = dissect_emit(d, FACT_VALUE, op);

	f->object = at;
	return f;
}

void
dissect_value_int(struct dissect *d, uint32_t op, struct fact_object at,
    int64_t v)
{
	struct fact *f = dissect_value(d, op, at);

	f->num_type = NUM_INT;
	f->num.i = v;
}

void
dissect_value_uint(struct dissect *d, uint32_t op, struct fact_object at,
    uint64_t v)
{
	struct fact *f = dissect_value(d, op, at);

	f->num_type = NUM_UINT;
	f->num.u = v;
}

void
dissect_value_real(struct dissect *d, uint32_t op, struct fact_object at,
    double v)
{
	struct fact *f = dissect_value(d, op, at);

	f->num_type = NUM_REAL;
	f->num.r = v;
}

void
dissect_value_bool(struct dissect *d, uint32_t op, struct fact_object at,
    bool v)
{
	struct fact *f = dissect_value(d, op, at);

	f->num_type = NUM_BOOL;
	f->num.u = v;
}

struct fact *
dissect_ident_about(struct dissect *d, enum about about, enum trait trait,
    struct span text)
{
	struct fact *f;

	if (text.n == 0)
		return &d->nobody;
	f = dissect_emit(d, FACT_IDENT, d->op);
	f->about = (uint8_t)about;
	f->trait = (uint8_t)trait;
	fact_text(f, text);
	return f;
}

void
dissect_ident(struct dissect *d, enum trait trait, struct span text)
{
	(void)dissect_ident_about(d, ABOUT_SENDER, trait, text);
}

void
dissect_identf(struct dissect *d, enum trait trait, const char *fmt, ...)
{
	char text[FACT_TEXT_MAX + 16];
	va_list args;
	int n;

	if ((d->wanted & FACT_MASK(FACT_IDENT)) == 0)
		return;
	va_start(args, fmt);
	n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (n > 0)
		dissect_ident(d, trait, span_text(text));
}

void
dissect_ident_role(struct dissect *d, enum about about, enum role role)
{
	(void)dissect_ident_about(d, about, TRAIT_ROLE,
	    span_text(role_name(role)));
}

void
dissect_ident_of(struct dissect *d, struct addr addr, enum trait trait,
    struct span text)
{
	struct fact *f;

	if (text.n == 0 && trait != TRAIT_ADDRESS)
		return;
	f = dissect_emit(d, FACT_IDENT, d->op);
	f->about = ABOUT_ADDR;
	f->trait = (uint8_t)trait;
	f->addr = addr;
	fact_text(f, text);
}

/* -------------------------------------------------------- bytes of files */

static struct content *
new_content(struct dissect *d, enum content_what what, uint32_t id)
{
	struct content *c;

	if (!d->wants_content || d->n_content == N_STAGED_CONTENT)
		return NULL;
	c = &d->content[d->n_content++];
	*c = (struct content){ .what = (uint8_t)what,
		.id = id,
		.to_server = d->to_server,
		.at = d->now };
	return c;
}

void
dissect_content(struct dissect *d, uint32_t id, uint64_t offset, uint64_t total,
    struct span bytes, uint32_t missing)
{
	struct content *c = new_content(d, CONTENT_BYTES, id);

	if (c == NULL)
		return;
	c->offset = offset;
	c->total = total;
	c->bytes = bytes;
	c->missing = missing;
}

void
dissect_content_name(struct dissect *d, uint32_t id, struct span name,
    struct span place)
{
	struct content *c = new_content(d, CONTENT_NAME, id);

	if (c == NULL)
		return;
	c->name = name;
	c->place = place;
}

void
dissect_content_asked(struct dissect *d, uint32_t ask, struct span name,
    bool wide)
{
	struct content *c = new_content(d, CONTENT_NAME, 0);

	if (c == NULL)
		return;
	c->other = ask;
	c->name = name;
	c->wide = wide;
}

void
dissect_content_is(struct dissect *d, uint32_t id, uint32_t ask, uint64_t total)
{
	struct content *c = new_content(d, CONTENT_IS, id);

	if (c == NULL)
		return;
	c->other = ask;
	c->total = total;
}

void
dissect_content_end(struct dissect *d, uint32_t id)
{
	(void)new_content(d, CONTENT_END, id);
}

void
dissect_content_call(struct dissect *d, uint32_t opnum, const char *interface,
    struct span arguments)
{
	struct content *c = new_content(d, CONTENT_CALL, opnum);

	if (c == NULL)
		return;
	c->name = span_text(interface);
	c->bytes = arguments;
}

void
dissect_content_login(struct dissect *d, uint32_t pair, struct span user,
    struct span password)
{
	struct content *c = new_content(d, CONTENT_LOGIN, pair);

	if (c == NULL)
		return;
	c->name = user;
	c->place = password;
}

/* ------------------------------------------------------ question and answer */

void
dissect_remember(struct dissect *d, struct ask ask)
{
	if (d->n_asks == N_STAGED_ASKS)
		return;
	d->asks[d->n_asks].ask = ask;
	d->asks[d->n_asks].proto = d->proto->slot->id;
	d->n_asks++;
}

static uint32_t
answered_mask(const struct dissect *d)
{
	uint32_t mask = 0;

	for (uint32_t i = 0; i < d->n_answered; i++)
		mask |= 1u << d->answered[i];
	return mask;
}

/* The newest wins: a pair that is used again means the later request. */
const struct ask *
dissect_recall(struct dissect *d, uint32_t pair)
{
	const struct pending *q = d->pending;
	uint32_t left = q != NULL ? q->used & ~answered_mask(d) : 0;
	uint32_t best = N_PENDING;

	for (; left != 0; left &= left - 1) {
		uint32_t i = (uint32_t)__builtin_ctz(left);

		if (q->slot[i].ask.pair == pair &&
		    q->slot[i].proto == d->proto->slot->id &&
		    (best == N_PENDING ||
			q->slot[i].order > q->slot[best].order))
			best = i;
	}
	if (best == N_PENDING) {
		d->ctx.flags |= FACT_UNSOLICITED;
		d->n_unsolicited++;
		return NULL;
	}
	if (d->n_answered < N_STAGED_ASKS)
		d->answered[d->n_answered++] = (uint16_t)best;
	return &q->slot[best].ask;
}

/* The lowest free slot, or the oldest's, whose answer was never seen. */
static uint32_t
pending_slot(struct dissect *d, struct pending *q)
{
	uint32_t all = (1u << N_PENDING) - 1, oldest = 0;

	if (q->used != all)
		return (uint32_t)__builtin_ctz(~q->used);
	for (uint32_t i = 1; i < N_PENDING; i++)
		if (q->slot[i].order < q->slot[oldest].order)
			oldest = i;
	d->ledger[q->slot[oldest].proto].unanswered++;
	return oldest;
}

/* Apply what a message that is kept did to its flow. */
static void
commit_pending(struct dissect *d)
{
	struct pending *q = d->pending;

	if (q == NULL)
		return;
	q->used &= ~answered_mask(d);
	for (uint32_t i = 0; i < d->n_asks; i++) {
		uint32_t k = pending_slot(d, q);

		q->slot[k].ask = d->asks[i].ask;
		q->slot[k].proto = d->asks[i].proto;
		q->slot[k].order = ++q->asked;
		q->used |= 1u << k;
	}
}

/* ---------------------------------------------------------------- messages */

static uint32_t
minus(uint32_t a, uint32_t b)
{
	return a > b ? a - b : 0;
}

static void
note(struct dissect *d, const struct proto *p)
{
	if (d->note != NULL)
		*d->note = p->slot->id;
}

void
dissect_inner(struct dissect *d, const struct proto *p, struct rd *r)
{
	const struct dissect_context outer = d->ctx;
	const struct dissect_bytes around = d->taken;
	const struct proto *outer_proto = d->proto;
	const uint32_t unknown = d->n_unknown, at = d->n_inner;
	struct dissect_bytes all = { .seen = rd_left(r),
		.opaque = r->state->opaque,
		.secret = r->state->secret };

	if (d->depth >= DEPTH_MAX || at == N_STAGED_INNER ||
	    dissect_is_off(d, p->slot->id)) {
		rd_opaque_rest(r);
		return;
	}
	d->n_inner++;
	d->depth++;
	d->proto = d->deepest = p;
	d->taken = (struct dissect_bytes){ .seen = 0 };
	note(d, p);
	p->parse(r, d);
	note(d, outer_proto);
	rd_opaque_rest(r);
	all.opaque = r->state->opaque - all.opaque;
	all.secret = r->state->secret - all.secret;
	d->inner[at].proto = p;
	d->inner[at].unknown = d->n_unknown != unknown;
	d->inner[at].own = (struct dissect_bytes){
		.seen = minus(all.seen, d->taken.seen),
		.opaque = minus(all.opaque, d->taken.opaque),
		.secret = minus(all.secret, d->taken.secret),
	};
	d->taken = (struct dissect_bytes){ .seen = around.seen + all.seen,
		.opaque = around.opaque + all.opaque,
		.secret = around.secret + all.secret };
	d->depth--;
	d->proto = outer_proto;
	d->ctx = outer;
}

static void
emit_fault(struct dissect *d, enum fact_kind kind, const struct rd_state *state)
{
	struct fact *f;

	d->proto = d->deepest;
	f = dissect_emit(d, kind, d->op);
	f->code = state->off;
	fact_text(f, span_text(state->why));
}

/*
 * The bytes of one protocol's part of a message.  A part inside another has
 * been taken off the enclosing one, so that the sum over protocols is the
 * traffic.
 */
static void
account(struct dissect *d, const struct proto *p, struct dissect_bytes own,
    bool unknown)
{
	struct ledger *l = &d->ledger[p->slot->id];
	uint32_t opaque = own.opaque < own.seen ? own.opaque : own.seen;
	uint32_t secret = minus(own.seen, opaque);

	secret = own.secret < secret ? own.secret : secret;
	l->messages++;
	l->unknown += unknown;
	l->bytes_seen += own.seen;
	l->bytes_skipped += opaque;
	l->bytes_encrypted += secret;
	l->bytes_understood += own.seen - opaque - secret;
}

static void
account_good(struct dissect *d, const struct proto *p, uint32_t bytes,
    const struct rd_state *state)
{
	bool inner_unknown = false;

	for (uint32_t i = 0; i < d->n_inner; i++) {
		account(d, d->inner[i].proto, d->inner[i].own,
		    d->inner[i].unknown);
		inner_unknown |= d->inner[i].unknown;
	}
	account(d, p,
	    (struct dissect_bytes){ .seen = minus(bytes, d->taken.seen),
		.opaque = minus(state->opaque, d->taken.opaque),
		.secret = minus(state->secret, d->taken.secret) },
	    d->n_unknown > 0 && !inner_unknown);
	d->ledger[d->deepest->slot->id].facts_cut += d->n_cut;
	d->ledger[d->deepest->slot->id].unsolicited += d->n_unsolicited;
}

static void
begin(struct dissect *d, const struct proto *p)
{
	note(d, p);
	d->proto = p;
	d->deepest = p;
	d->ctx = (struct dissect_context){ .response = !d->to_server };
	d->taken = (struct dissect_bytes){ .seen = 0 };
	d->n_asks = d->n_answered = d->n_inner = 0;
	d->n_unknown = d->n_unsolicited = d->n_cut = d->depth = 0;
	d->op = 0;
	d->n_content = 0;
	d->nobody.kind = FACT_NONE;
}

enum rd_status
proto_message(const struct proto *p, struct span bytes, uint32_t promised,
    struct dissect *d, bool trial)
{
	/* only the state's bytes are copied, and only those copied back */
	uint8_t saved[PROTO_STATE_MAX] __attribute__((uninitialized));
	struct rd_state state;
	struct rd r = rd_open(&state, bytes, promised);
	const uint32_t mark = d->n;
	struct ledger *l = &d->ledger[p->slot->id];

	if (p->state_size > 0)
		memcpy(saved, d->state, p->state_size);
	begin(d, p);
	p->parse(&r, d);
	rd_opaque_rest(&r);
	joins_release(d->joins);
	if (state.status != RD_OK && trial) {
		d->n = mark;
		if (p->state_size > 0)
			memcpy(d->state, saved, p->state_size);
		return state.status;
	}
	switch (state.status) {
	case RD_OK:
		account_good(d, p, promised, &state);
		commit_pending(d);
		break;
	case RD_SHORT: /* what was read before the cut stands */
		emit_fault(d, FACT_TRUNCATED, &state);
		commit_pending(d);
		l->messages++;
		l->truncated++;
		l->bytes_seen += promised;
		l->bytes_understood += bytes.n < promised ? bytes.n : promised;
		l->bytes_lost +=
		    promised - (bytes.n < promised ? bytes.n : promised);
		break;
	case RD_BAD: /* nothing a malformed message says is believed */
		d->n = mark;
		d->n_content = 0;
		if (p->state_size > 0)
			memcpy(d->state, saved, p->state_size);
		emit_fault(d, FACT_MALFORMED, &state);
		d->ledger[d->deepest->slot->id].malformed++;
		l->messages++;
		l->bytes_seen += promised;
		l->bytes_skipped += promised;
		break;
	}
	return state.status;
}
