/*
 * mms_request.h - confirmed requests of ISO 9506-2:2003 clause 7, and what a
 * write means by its functional constraint (IEC 61850-7-2 clause 12.3.3.2);
 * for mms.c only, whose head says what the facts mean.
 */
#ifndef PROTO_MMS_REQUEST_H
#define PROTO_MMS_REQUEST_H

#include "mms_names.h"

/* ---------------------------------------------------------------- requests */

/* What a write does, by the functional constraint of IEC 61850-7-2. */
static const struct {
	char fc[3];
	uint8_t kind, risk;
} constraints[] = {
	{ "CO", FACT_CONTROL, RISK_CONTROL }, /* control */
	{ "SE", FACT_CONFIG, RISK_CONFIGURATION }, /* setting group, edited */
	{ "SG", FACT_CONFIG, RISK_CONFIGURATION }, /* setting group */
	{ "SP", FACT_CONFIG, RISK_CONFIGURATION }, /* set point */
	{ "CF", FACT_CONFIG, RISK_CONFIGURATION }, /* configuration */
	{ "DC", FACT_CONFIG, RISK_CONFIGURATION }, /* description */
	{ "GO", FACT_CONFIG, RISK_CONFIGURATION }, /* GOOSE control */
	{ "GS", FACT_CONFIG, RISK_CONFIGURATION }, /* GSSE control */
	{ "MS", FACT_CONFIG, RISK_CONFIGURATION }, /* sampled values */
	{ "US", FACT_CONFIG, RISK_CONFIGURATION }, /* the same, unicast */
	{ "SV", FACT_WRITE, RISK_FORCE }, /* substitution */
	{ "BL", FACT_CONTROL, RISK_FORCE }, /* blocking */
	{ "RP", FACT_CONFIG, RISK_NONE }, /* report control: a client */
	{ "BR", FACT_CONFIG, RISK_NONE }, /* subscribes, which is usual */
	{ "LG", FACT_CONFIG, RISK_NONE }, /* log control */
};

static void
mark(struct fact *f, uint8_t kind, uint8_t risk)
{
	if (f->kind == FACT_NONE)
		return;
	f->kind = kind;
	f->risk = risk;
}

static void
judge_tase2(struct fact *f, uint32_t op, struct span item)
{
	if (op == OP_READ && ends(item, "_SBO"))
		mark(f, FACT_CONTROL, RISK_CONTROL);
	if (op == OP_WRITE && has(item, "Transfer_Set"))
		mark(f, FACT_CONFIG, RISK_NONE);
	else if (op == OP_WRITE && !has(item, "Transfer_Report"))
		mark(f, FACT_CONTROL, RISK_CONTROL);
}

static void
judge(const struct osi *o, struct fact *f, uint32_t op, struct span item)
{
	struct span fc = span_from(item, span_find(item, '$') + 1);

	if (o->st->tase2)
		judge_tase2(f, op, item);
	if (span_find(fc, '$') != 2)
		return;
	if (op == OP_READ && span_starts(fc, SPAN_LIT("CO$")) &&
	    ends(fc, "$SBO"))
		mark(f, FACT_CONTROL, RISK_CONTROL); /* reading selects */
	for (uint32_t i = 0; op == OP_WRITE && i < COUNT(constraints); i++)
		if (memcmp(fc.p, constraints[i].fc, 2) == 0)
			mark(f, constraints[i].kind, constraints[i].risk);
}

/* Say a request about what it names, and keep that for the answer. */
static void
say_names(struct osi *o, uint32_t op, const struct names *names,
    struct ask *ask)
{
	uint8_t text[FACT_TEXT_MAX];
	struct dissect *d = o->d;
	struct span s;

	for (uint32_t i = 0; i < names->n && i < N_NAMES; i++) {
		const struct proto_op *row = proto_op_find(d->proto, op);
		struct fact *f = i == 0 || row == NULL
		    ? dissect_op(d, op)
		    : dissect_emit(d, (enum fact_kind)row->kind, op);

		if (i > 0 && row != NULL)
			f->risk = row->risk;
		s = name_text(&names->at[i], text);
		f->object = ask->at;
		f->object.count = i == 0 ? names->n : 1;
		fact_text(f, s);
		if (op == OP_READ || op == OP_WRITE) {
			judge(o, f, op, names->at[i].item);
			know_tase2(o, names->at[i].item);
		}
		if (i == 0)
			keep(&o->st->asked[o->st->next_asked], ask->pair, s);
	}
	o->st->next_asked = (uint8_t)((o->st->next_asked + 1u) % N_KEPT);
}

static void
say_request(struct osi *o, uint32_t op, const struct names *names, uint32_t n,
    uint32_t class)
{
	struct ask ask = { .pair = o->d->ctx.pair,
		.op = op,
		.extra = { class },
		.at = { .space = SPACE_MMS_NAME, .first = n, .count = 1 } };
	struct fact *f;

	if (op == 46 || (op >= OP_FILE_OPEN && op <= 77))
		ask.at.space = SPACE_FILE;
	if (names->n > 0) {
		say_names(o, op, names, &ask);
	} else {
		f = dissect_op(o->d, op);
		f->object = ask.at;
		if (op == 73 || op == 74)
			fact_text(f, kept(&o->st->file, n));
	}
	ask.at.count = names->n > 0 ? names->n : 1;
	dissect_remember(o->d, ask);
}

static uint32_t
name_list_request(struct rd *r, struct names *names)
{
	uint32_t class = 0;

	while (rd_more(r)) {
		struct ber e = ber_next(r), in = e;

		if (e.constructed && rd_more(&e.in))
			in = ber_next(&e.in);
		if (e.tag == BER_CONTEXT(0))
			class = (uint32_t)ber_uint(&in);
		else if (e.tag == BER_CONTEXT(1) && in.tag == BER_CONTEXT(1))
			add_name(names, (struct name){ .item = ber_span(&in) });
		else
			rd_skip_rest(&in.in);
	}
	return class;
}

static void
names_of_list(struct rd *r, struct names *names)
{
	while (rd_more(r)) {
		struct ber e = ber_next(r);

		if (e.tag != BER_CONTEXT(1))
			continue;
		while (rd_more(&e.in)) {
			struct ber name = ber_next(&e.in);

			add_name(names, object_name(&name));
		}
	}
}

/* The element with this tag, of a sequence. */
static bool
find(struct rd *r, uint32_t tag, struct ber *ret)
{
	while (rd_more(r)) {
		*ret = ber_next(r);
		if (ret->tag == tag)
			return true;
	}
	return false;
}

static void
find_name(struct ber *s, uint32_t tag, struct names *names)
{
	struct ber e;

	if (!find(&s->in, tag, &e))
		return;
	if (e.constructed && rd_more(&e.in))
		e = ber_next(&e.in);
	add_name(names, object_name(&e));
}

static void
file_names(struct ber *s, uint32_t tag, struct names *names)
{
	while (rd_more(&s->in)) {
		struct ber e = ber_next(&s->in);

		if ((e.tag == tag || e.tag == tag + 1) && e.constructed)
			add_name(names, file_name(&e));
	}
}

static void
find_ident(struct ber *s, struct names *names)
{
	struct ber e;

	if (!find(&s->in, BER_CONTEXT(0), &e))
		return;
	if (e.constructed && rd_more(&e.in))
		e = ber_next(&e.in);
	add_name(names, (struct name){ .item = ber_span(&e) });
}

/* Variables and, of a write, the values for them. */
static void
access_request(struct osi *o, uint32_t op, struct ber *s)
{
	struct names names = { .n = 0 };
	struct ber e, one;

	if (op == OP_READ) {
		if (find(&s->in, BER_CONTEXT(1), &e) && rd_more(&e.in)) {
			e = ber_next(&e.in);
			access_names(&e, &names);
		}
		say_request(o, op, &names, 0, 0);
		return;
	}
	e = ber_next(&s->in);
	access_names(&e, &names);
	say_request(o, op, &names, 0, 0);
	e = ber_next(&s->in);
	if ((o->d->wanted & FACT_MASK(FACT_VALUE)) == 0)
		return;
	for (uint32_t i = 0; rd_more(&e.in); i++) {
		uint8_t text[FACT_TEXT_MAX];
		struct span name = SPAN(NULL, 0);
		struct fact_object at = { .space = SPACE_MMS_NAME,
			.first = i,
			.count = 1 };

		if (i < names.n && i < N_NAMES && !names.is_list)
			name = name_text(&names.at[i], text);
		one = ber_next(&e.in);
		mms_tree(o->d, &one, op, at, name);
	}
}

static void
service_request(struct osi *o, uint32_t op, struct ber *s)
{
	struct names names = { .n = 0 };
	enum shape shape =
	    op < COUNT(shapes) ? (enum shape)shapes[op] : SHAPE_NONE;
	uint32_t n = 0, class = 0;
	struct ber e;

	switch (shape) {
	case SHAPE_ACCESS:
		access_request(o, op, s);
		return;
	case SHAPE_IDENT:
		add_name(&names, (struct name){ .item = ber_span(s) });
		break;
	case SHAPE_NAME:
		/* the choice is the only part, explicitly tagged */
		if (rd_more(&s->in)) {
			e = ber_next(&s->in);
			add_name(&names, object_name(&e));
		}
		break;
	case SHAPE_IDENT0:
		find_ident(s, &names);
		break;
	case SHAPE_NAME0:
		find_name(s, BER_CONTEXT(0), &names);
		break;
	case SHAPE_NAME1:
		find_name(s, BER_CONTEXT(1), &names);
		break;
	case SHAPE_NAMES1:
		names_of_list(&s->in, &names);
		break;
	case SHAPE_SEQ_NAME:
		e = ber_next(&s->in);
		add_name(&names, object_name(&e));
		break;
	case SHAPE_FILE:
		add_name(&names, file_name(s));
		break;
	case SHAPE_FILE0:
		file_names(s, BER_CONTEXT(0), &names);
		break;
	case SHAPE_FILE1:
		file_names(s, BER_CONTEXT(1), &names);
		break;
	case SHAPE_NUMBER:
		n = (uint32_t)ber_uint(s);
		break;
	case SHAPE_NAME_LIST:
		class = name_list_request(&s->in, &names);
		n = class;
		break;
	case SHAPE_NONE:
	case SHAPE_COUNT:
		break;
	}
	say_request(o, op, &names, n, class);
	rd_skip_rest(&s->in);
}

#endif
