/*
 * run.c - a described protocol at work: its fields are passed once, in order,
 * through the bounded reader, and say what their meanings say.
 *
 * The description is found from the protocol that the engine names in
 * dissect.proto; nothing else outlives a call.
 */
#include <stddef.h>

#include "../proto/say.h"
#include "private.h"

_Static_assert(offsetof(struct described, proto) == 0, "see of()");

static const struct described *
of(const struct dissect *d)
{
	const void *p = d->proto;

	return p;
}

/* ---------------------------------------------------------------- numbers */

static uint64_t
number_at(const struct field *f, const uint8_t *p)
{
	uint64_t v = 0;

	for (uint32_t i = 0; i < f->width; i++)
		v = v << 8 | p[f->little ? f->width - 1u - i : i];
	return v;
}

static bool
constants_hold(const struct described *x, struct span s)
{
	for (uint32_t i = 0; i < x->n_header; i++) {
		const struct field *f = &x->field[i];

		if (f->meaning == MEAN_IS && f->offset + f->width <= s.n &&
		    memcmp(s.p + f->offset, f->constant, f->width) != 0)
			return false;
	}
	return true;
}

/* ---------------------------------------------------------------- framing */

uint32_t
described_frame(struct span s, const struct dissect *d)
{
	const struct described *x = of(d);
	const struct field *f = &x->field[x->length];
	uint64_t n;

	if (!constants_hold(x, s))
		return FRAME_NOT_MINE;
	if (x->fixed > 0)
		return x->fixed;
	if (!x->has_length) /* a datagram is a message */
		return s.n;
	if (s.n < f->offset + f->width)
		return FRAME_NEED_MORE;
	n = number_at(f, s.p + f->offset);
	if (n > MESSAGE_MAX)
		return FRAME_NOT_MINE;
	n += f->all ? 0u : (uint64_t)f->offset + f->width;
	n = (uint64_t)((int64_t)n + f->adjust);
	return n >= x->header_size && n <= MESSAGE_MAX ? (uint32_t)n
						       : FRAME_NOT_MINE;
}

static uint32_t
op_at(const struct described *x, struct span s)
{
	const struct field *f = &x->field[x->operation];
	uint32_t v = (uint32_t)number_at(f, s.p + f->offset);

	return v & f->mask & ~f->answer;
}

/* Four bytes that never differ are like nothing else; two, and an operation
 * that is described, may be believed elsewhere; less on its own port only. */
enum claim
described_claim(struct span s, const struct dissect *d)
{
	const struct described *x = of(d);
	enum via via = (enum via)d->via;
	bool known;

	if (s.n < x->header_size || described_frame(s, d) == FRAME_NOT_MINE)
		return CLAIM_NO;
	if (x->constants >= 4)
		return CLAIM_STRONG;
	known = x->has_op && proto_op_find(&x->proto, op_at(x, s)) != NULL;
	if (x->constants >= 2 && known)
		return CLAIM_WEAK;
	return proto_expects(&x->proto, via, d->talk->server_port) ||
		proto_expects(&x->proto, via, d->talk->client_port) ||
		proto_expects(&x->proto, via, d->talk->service)
	    ? CLAIM_WEAK
	    : CLAIM_NO;
}

/* ---------------------------------------------------------------- messages */

struct passing {
	const struct described *x;
	struct fact *fact; /* the operation's, once it is said */
	struct fact_object at;
	struct span name; /* of the object */
	uint64_t number[BODY_FIELDS]; /* of each field; the header's first */
	uint32_t n;
	uint32_t op, pair, error;
	bool has_object, has_error;
};

static uint32_t
width_of(const struct passing *p, const struct field *f, const struct rd *r)
{
	uint64_t n;

	if (f->width_is == WIDTH_BYTES)
		return f->width;
	if (f->width_is == WIDTH_REST)
		return rd_left(r);
	n = p->number[f->from];
	return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

static void
put_number(struct fact *v, const struct field *f, uint64_t n)
{
	uint32_t unused = 64u - 8u * f->width;

	if (f->form == FORM_REAL) {
		v->num_type = NUM_REAL;
		v->num.r = f->width == 4 ? f32_of((uint32_t)n) : f64_of(n);
	} else if (f->form == FORM_INT) {
		v->num_type = NUM_INT;
		v->num.i = (int64_t)(n << unused) >> unused;
	} else {
		v->num_type = NUM_UINT;
		v->num.u = n;
	}
}

static void
say_value(struct dissect *d, const struct passing *p, const struct field *f,
    uint64_t n)
{
	struct fact *v = dissect_value(d, p->op, p->at);

	put_number(v, f, n);
	v->object.count = 1;
	if (p->name.n > 0)
		fact_text(v, p->name);
	else if (f->meaning == MEAN_VALUE)
		fact_text(v, span_text(f->name));
}

/* The last field of a message: as many as there are. */
static void
values(struct rd *r, struct dissect *d, struct passing *p,
    const struct field *f)
{
	const uint32_t first = p->at.first;

	while (rd_left(r) >= f->width) {
		struct span s = rd_span(r, f->width);

		if (!rd_ok(r))
			return;
		say_value(d, p, f, number_at(f, s.p));
		p->at.first++;
	}
	p->at.first = first;
}

static void
meaning(struct dissect *d, struct passing *p, const struct field *f, uint64_t n)
{
	switch ((enum meaning)f->meaning) {
	case MEAN_UNIT:
		dissect_unit(d, (uint32_t)n);
		break;
	case MEAN_PAIR:
		dissect_pair(d, (uint32_t)n);
		p->pair = (uint32_t)n;
		break;
	case MEAN_OPERATION:
		p->op = (uint32_t)n & f->mask & ~f->answer;
		if (f->answer != 0)
			d->ctx.response = (n & f->answer) != 0;
		break;
	case MEAN_ANSWER:
		d->ctx.response = ((uint32_t)n & f->mask) == f->answer;
		break;
	case MEAN_AREA:
		p->at.area = (uint32_t)n;
		p->has_object = true;
		break;
	case MEAN_OBJECT:
		p->at.first = (uint32_t)n;
		p->has_object = true;
		break;
	case MEAN_SUB:
		p->at.sub = (uint16_t)n;
		break;
	case MEAN_COUNT:
		p->at.count = (uint32_t)n;
		break;
	case MEAN_ERROR:
		p->error = (uint32_t)n;
		p->has_error = true;
		break;
	case MEAN_VALUE:
		say_value(d, p, f, n);
		break;
	case MEAN_SKIP:
	case MEAN_IS:
	case MEAN_LENGTH:
	case MEAN_NAME:
	case MEAN_VALUES:
	case MEAN_TEXT:
	case MEAN_IDENTITY:
	case MEAN_SECRET:
	case MEAN_OPAQUE:
	case N_MEANINGS:
		break;
	}
}

/* Fields that are no numbers. */
static void
run_of_bytes(struct rd *r, struct dissect *d, struct passing *p,
    const struct field *f, uint32_t width)
{
	struct span s;

	if (f->meaning == MEAN_SECRET) {
		rd_secret(r, width);
	} else if (f->meaning == MEAN_OPAQUE) {
		rd_opaque(r, width);
	} else if (f->meaning == MEAN_NAME) {
		p->name = rd_span(r, width);
		p->name = span_first(p->name, span_find(p->name, '\0'));
	} else if (f->meaning == MEAN_TEXT) {
		s = rd_span(r, width);
		if (rd_ok(r))
			say_text(d, p->op, f->name, s);
	} else if (f->meaning == MEAN_IDENTITY) {
		s = rd_span(r, width);
		if (rd_ok(r))
			dissect_ident(d, (enum trait)f->trait,
			    span_first(s, span_find(s, '\0')));
	} else {
		rd_skip(r, width);
	}
}

static bool
is_number(const struct field *f)
{
	return f->width_is == WIDTH_BYTES && f->width <= 8 &&
	    f->meaning != MEAN_SECRET && f->meaning != MEAN_OPAQUE &&
	    f->meaning != MEAN_NAME && f->meaning != MEAN_TEXT &&
	    f->meaning != MEAN_IDENTITY;
}

static void
field(struct rd *r, struct dissect *d, struct passing *p, const struct field *f)
{
	uint64_t n = 0;
	struct span s;

	if (f->meaning == MEAN_VALUES) {
		values(r, d, p, f);
	} else if (is_number(f)) {
		s = rd_span(r, f->width);
		if (!rd_ok(r))
			return;
		n = number_at(f, s.p);
		rd_require(r,
		    f->meaning != MEAN_IS ||
			memcmp(s.p, f->constant, f->width) == 0,
		    "a constant field differs");
		meaning(d, p, f, n);
	} else {
		run_of_bytes(r, d, p, f, width_of(p, f, r));
	}
	if (p->n < BODY_FIELDS)
		p->number[p->n++] = n;
}

static const struct body *
body_of(const struct described *x, uint32_t op, bool response)
{
	uint32_t way = response ? WAY_BIT_RESPONSE : WAY_BIT_REQUEST;

	for (uint32_t i = 0; i < x->n_body; i++)
		if (x->body[i].op == op && (x->body[i].ways & way) != 0)
			return &x->body[i];
	return NULL;
}

/* An answer is about what was asked, where it does not say so itself. */
static void
join(struct dissect *d, struct passing *p)
{
	uint32_t pair = p->x->has_pair ? p->pair : 1u << 31 | p->op;
	const struct ask *a;

	if (!d->ctx.response)
		return;
	a = dissect_recall(d, pair);
	if (a != NULL)
		p->at = a->at;
}

static void
remember(struct dissect *d, const struct passing *p)
{
	if (!d->ctx.response)
		dissect_remember(d,
		    (struct ask){ .pair = p->x->has_pair ? p->pair
							 : 1u << 31 | p->op,
			.op = p->op,
			.at = p->at });
}

/* A refusal is known when the field that says so was read. */
static void
settle(struct dissect *d, const struct passing *p)
{
	struct fact *f = p->fact;

	if (f->kind == FACT_NONE)
		return;
	if (p->has_object || d->ctx.response || p->name.n > 0)
		f->object = p->at;
	fact_text(f, p->name);
	if (d->ctx.response && p->has_error && p->error != 0) {
		f->kind = FACT_ERROR;
		f->code = p->error;
	}
}

/* A refusal may say no more than that. */
static bool
ends_refused(const struct rd *r, const struct dissect *d,
    const struct passing *p)
{
	return d->ctx.response && p->error != 0 && !rd_more(r);
}

void
described_parse(struct rd *r, struct dissect *d)
{
	struct passing p = { .x = of(d),
		.at = { .space = SPACE_DESCRIBED, .count = 1 } };
	const struct described *x = p.x;
	const struct body *b;

	for (uint32_t i = 0; i < x->n_header; i++)
		field(r, d, &p, &x->field[i]);
	if (!rd_ok(r))
		return;
	join(d, &p);
	p.fact = dissect_op(d, p.op);
	b = body_of(x, p.op, d->ctx.response);
	for (uint32_t i = 0; b != NULL && i < b->n && !ends_refused(r, d, &p);
	     i++)
		field(r, d, &p, &x->field[b->first + i]);
	if (!rd_ok(r))
		return;
	settle(d, &p);
	remember(d, &p);
	rd_opaque_rest(r);
}
