/*
 * mms_pdu.h - the PDUs of ISO 9506-2:2003 clause 7: responses, errors and
 * reports, and which PDU is which; for mms.c only, whose head says what the
 * facts mean.
 */
#ifndef PROTO_MMS_PDU_H
#define PROTO_MMS_PDU_H

#include "mms_request.h"

/* --------------------------------------------------------------- responses */

#define N_STRINGS 8u

/* The first strings of a value. */
static uint32_t
strings_of(struct ber e, struct span ret[static N_STRINGS])
{
	uint32_t n = 0;

	if (e.tag == BER_CONTEXT(10)) {
		ret[n++] = ber_span(&e);
		return n;
	}
	while (mms_has_parts(&e) && n < N_STRINGS && rd_more(&e.in)) {
		struct ber part = ber_next(&e.in);

		if (part.tag != BER_CONTEXT(10))
			break;
		ret[n++] = ber_span(&part);
	}
	return n;
}

/* IEC 61850-7-3: attributes of the name plates, and where the plate is read
 * as a whole, their order in LPL and DPL. */
static const struct {
	const char *attribute;
	uint8_t trait;
} plate[] = {
	{ "$vendor", TRAIT_VENDOR },
	{ "$swRev", TRAIT_FIRMWARE },
	{ "$hwRev", TRAIT_HARDWARE },
	{ "$serNum", TRAIT_SERIAL },
	{ "$model", TRAIT_MODEL },
	{ "$location", TRAIT_LOCATION },
	{ "$d", TRAIT_DESCRIPTION },
	{ "$configRev", TRAIT_DESCRIPTION },
};

static void
say_plate(struct osi *o, struct span name, const struct ber *e)
{
	static const uint8_t dpl[] = { TRAIT_VENDOR, TRAIT_HARDWARE,
		TRAIT_FIRMWARE, TRAIT_SERIAL, TRAIT_MODEL, TRAIT_LOCATION };
	static const uint8_t lpl[] = { TRAIT_VENDOR, TRAIT_FIRMWARE,
		TRAIT_DESCRIPTION };
	bool phy = has(name, "$PhyNam"), lln = has(name, "LLN0$DC$NamPlt");
	struct span s[N_STRINGS];
	uint32_t n;

	if (!phy && !lln)
		return;
	n = strings_of(*e, s);
	if (n == 1) {
		for (uint32_t i = 0; i < COUNT(plate); i++)
			if (ends(name, plate[i].attribute))
				dissect_ident(o->d, (enum trait)plate[i].trait,
				    s[0]);
		return;
	}
	/* optional attributes may be left out: of fewer than five, only the
	 * first of a device's plate is sure */
	if (phy && n < 5)
		n = n > 0 ? 1 : 0;
	for (uint32_t i = 0; phy && i < n && i < COUNT(dpl); i++)
		dissect_ident(o->d, (enum trait)dpl[i], s[i]);
	for (uint32_t i = 0; lln && i < n && i < COUNT(lpl); i++)
		dissect_ident(o->d, (enum trait)lpl[i], s[i]);
}

static void
fact_error_text(struct fact *f, const char *error, struct span name)
{
	if (f->kind == FACT_NONE)
		return;
	if (name.n == 0)
		fact_text(f, span_text(error));
	else
		fact_textf(f, "%s: %.*s", error, (int)name.n,
		    (const char *)name.p);
}

/* A list of results: all refused is an error, some is a mark on the answer. */
static void
say_failures(struct fact *f, uint32_t failed, uint32_t n, uint32_t code,
    struct span name)
{
	if (failed == 0 || f->kind == FACT_NONE)
		return;
	f->flags |= FACT_NEGATIVE;
	if (failed < n)
		return;
	f->kind = FACT_ERROR;
	f->code = ERROR_ACCESS | code;
	fact_error_text(f,
	    code < COUNT(access_errors) ? access_errors[code] : "refused",
	    name);
}

static void
results(struct osi *o, uint32_t op, struct rd *r, struct fact *f,
    struct span name, bool one)
{
	bool values = (o->d->wanted & FACT_MASK(FACT_VALUE)) != 0;
	uint32_t n = 0, failed = 0, code = 0;

	for (; rd_more(r); n++) {
		struct ber e = ber_next(r);
		struct fact_object at = { .space = SPACE_MMS_NAME,
			.first = n,
			.count = 1 };

		if (e.tag == BER_CONTEXT(0)) {
			code = (uint32_t)ber_uint(&e);
			failed++;
			continue;
		}
		if (op == OP_WRITE)
			continue;
		if (n == 0 && one)
			say_plate(o, name, &e);
		if (values)
			mms_tree(o->d, &e, op, at,
			    n == 0 ? name : SPAN(NULL, 0));
	}
	say_failures(f, failed, n, code, name);
}

static void
identify_response(struct dissect *d, struct rd *r)
{
	static const uint8_t traits[] = { TRAIT_VENDOR, TRAIT_MODEL,
		TRAIT_FIRMWARE };

	while (rd_more(r)) {
		struct ber e = ber_next(r);

		if (BER_CLASS(e.tag) == BER_CONTEXT(0) && BER_NUMBER(e.tag) < 3)
			dissect_ident(d, (enum trait)traits[BER_NUMBER(e.tag)],
			    ber_span(&e));
	}
}

static void
status_response(struct dissect *d, struct rd *r)
{
	while (rd_more(r)) {
		struct ber e = ber_next(r);
		uint32_t v = (uint32_t)ber_uint(&e);

		if (e.tag == BER_CONTEXT(1) && v < COUNT(physical_status))
			dissect_ident(d, TRAIT_MODE,
			    span_text(physical_status[v]));
	}
}

/* Domains are the logical devices of an IED. */
static void
name_list_response(struct dissect *d, struct rd *r, const struct ask *ask)
{
	bool domains = ask != NULL && ask->extra[0] == CLASS_DOMAIN;
	struct ber list;

	if (!domains || !find(r, BER_CONTEXT(0), &list))
		return;
	for (uint32_t i = 0; i < N_NAMES && rd_more(&list.in); i++) {
		struct ber e = ber_next(&list.in);

		dissect_ident(d, TRAIT_MODULE, ber_span(&e));
	}
}

static void
file_open_response(struct osi *o, struct rd *r, struct fact *f,
    struct span name)
{
	struct ber e;

	if (!find(r, BER_CONTEXT(0), &e))
		return;
	f->object.first = (uint32_t)ber_uint(&e);
	keep(&o->st->file, f->object.first, name);
}

static void
service_response(struct osi *o, uint32_t op, struct ber *s)
{
	struct dissect *d = o->d;
	const struct ask *ask = dissect_recall(d, d->ctx.pair);
	struct span name = SPAN(NULL, 0);
	struct fact *f = dissect_op(d, op);
	struct ber e;

	if (ask != NULL) {
		name = asked_name(o->st, ask->pair);
		f->object = ask->at;
		if (op == 73 || op == 74)
			name = kept(&o->st->file, ask->at.first);
	}
	fact_text(f, name);
	switch (op) {
	case 0:
		status_response(d, &s->in);
		break;
	case OP_NAME_LIST:
		name_list_response(d, &s->in, ask);
		break;
	case 2:
		identify_response(d, &s->in);
		break;
	case OP_READ:
		if (find(&s->in, BER_CONTEXT(1), &e))
			results(o, op, &e.in, f, name,
			    ask != NULL && ask->at.count == 1);
		break;
	case OP_WRITE:
		results(o, op, &s->in, f, name, true);
		break;
	case OP_FILE_OPEN:
		file_open_response(o, &s->in, f, name);
		break;
	default:
		break;
	}
	rd_skip_rest(&s->in);
}

/* ------------------------------------------------------------------ errors */

/* ServiceError: [0] { [class] code }, [1] more, [2] text. */
static uint32_t
service_error(struct rd *r, struct span *ret_text)
{
	uint32_t code = 0;

	*ret_text = SPAN(NULL, 0);
	while (rd_more(r)) {
		struct ber e = ber_next(r);

		if (e.tag == BER_CONTEXT(0) && e.constructed) {
			struct ber class = ber_next(&e.in);

			code = BER_NUMBER(class.tag) << 8 |
			    ((uint32_t)ber_uint(&class) & 0xff);
		} else if (e.tag == BER_CONTEXT(2)) {
			*ret_text = ber_span(&e);
		}
	}
	return code;
}

static const char *
error_text(uint32_t code)
{
	uint32_t class = code >> 8, k = code & 0xff;
	const char *s = NULL;

	if (class < COUNT(error_classes) && k < ERROR_CODES)
		s = error_classes[class].code[k];
	return s != NULL ? s : "refused";
}

static void
say_error(struct osi *o, uint32_t op, uint32_t code, const char *why)
{
	struct dissect *d = o->d;
	const struct ask *ask = NULL;
	struct span name = SPAN(NULL, 0);
	struct fact *f;

	d->ctx.response = true;
	if (d->ctx.has_pair)
		ask = dissect_recall(d, d->ctx.pair);
	if (ask != NULL) {
		op = ask->op;
		name = asked_name(o->st, ask->pair);
	}
	f = dissect_error(d, op, code);
	if (ask != NULL)
		f->object = ask->at;
	fact_error_text(f, why, name);
}

/* Confirmed error, cancel error: identifier and reason. */
static void
error_pdu(struct osi *o, struct rd *r, uint32_t op)
{
	uint32_t code = 0;
	struct span text = SPAN(NULL, 0);

	while (rd_more(r)) {
		struct ber e = ber_next(r);

		if (e.tag == BER_CONTEXT(0) && !e.constructed)
			dissect_pair(o->d, (uint32_t)ber_uint(&e));
		else if (e.constructed)
			code = service_error(&e.in, &text);
	}
	say_error(o, op, code, error_text(code));
}

static void
reject_pdu(struct osi *o, struct rd *r)
{
	uint32_t code = 0;

	while (rd_more(r)) {
		struct ber e = ber_next(r);

		if (e.tag == BER_CONTEXT(0))
			dissect_pair(o->d, (uint32_t)ber_uint(&e));
		else
			code = BER_NUMBER(e.tag) << 8 |
			    ((uint32_t)ber_uint(&e) & 0xff);
	}
	say_error(o, OP_PDU + 4, code, "rejected");
}

/* ----------------------------------------------------------------- reports */

#define OPT_SEQUENCE 1u
#define OPT_DATASET 4u
#define OPT_REVISION 8u

/* IEC 61850-8-1 clause 17.2.2: the head of a report, as far as the dataset's
 * name and the configuration revision. */
static void
report_head(struct rd r, struct fact *f)
{
	struct ber id = ber_next(&r), e;
	struct ber_bits opt;

	if (id.tag != BER_CONTEXT(10) || ber_ahead(&r) != BER_CONTEXT(4))
		return;
	f->object.space = SPACE_DATASET;
	fact_text(f, ber_span(&id));
	e = ber_next(&r);
	opt = ber_bits(&e);
	for (uint32_t bit = OPT_SEQUENCE; bit <= OPT_REVISION; bit++) {
		/* reason and references stand behind the values */
		if (!ber_bit(opt, bit) || bit == 3 || bit == 5)
			continue;
		if (!rd_more(&r))
			return;
		e = ber_next(&r);
		if (bit == OPT_SEQUENCE)
			f->object.first = (uint32_t)ber_uint(&e);
		else if (bit == OPT_DATASET)
			fact_text(f, ber_span(&e));
		else if (bit == OPT_REVISION)
			f->object.sub = (uint16_t)ber_uint(&e);
	}
}

static void
information_report(struct osi *o, struct rd *r)
{
	struct names names = { .n = 0 };
	uint8_t text[FACT_TEXT_MAX];
	struct span name = SPAN(NULL, 0);
	struct ber e = ber_next(r);
	struct fact *f = dissect_op(o->d, OP_REPORT);

	access_names(&e, &names);
	if (names.n > 0)
		name = name_text(&names.at[0], text);
	f->object =
	    (struct fact_object){ .space = SPACE_MMS_NAME, .count = names.n };
	fact_text(f, name);
	e = ber_next(r);
	if (names.is_list && rd_more(&e.in))
		report_head(e.in, f);
	results(o, OP_REPORT, &e.in, f, name, false);
	if (f->kind == FACT_ERROR)
		mark(f, FACT_REPORT, RISK_NONE);
}

static void
unconfirmed_pdu(struct osi *o, struct rd *r)
{
	struct ber s = ber_next(r);

	if (s.tag == BER_CONTEXT(0))
		information_report(o, &s.in);
	else
		(void)dissect_op(o->d, OP_UNCONFIRMED + BER_NUMBER(s.tag));
}

/* -------------------------------------------------------------------- PDUs */

static void
confirmed_pdu(struct osi *o, struct rd *r, bool response)
{
	struct ber id = ber_next(r), s;

	rd_require(r, id.tag == BER_INTEGER, "invoke identifier missing");
	dissect_pair(o->d, (uint32_t)ber_uint(&id));
	s = ber_next(r);
	if (s.tag == BER_SEQUENCE) /* modifiers: semaphores */
		s = ber_next(r);
	rd_require(r, BER_CLASS(s.tag) == BER_CONTEXT(0),
	    "service is not of the context class");
	if (!rd_ok(r))
		return;
	if (response)
		service_response(o, BER_NUMBER(s.tag), &s);
	else
		service_request(o, BER_NUMBER(s.tag), &s);
}

static void
mms_pdu(struct osi *o, struct rd *r)
{
	struct dissect *d = o->d;
	struct ber e = ber_next(r);
	uint32_t n = BER_NUMBER(e.tag), code;
	struct span text;

	rd_require(r, BER_CLASS(e.tag) == BER_CONTEXT(0) && n <= 13,
	    "not an MMS PDU");
	if (!rd_ok(r))
		return;
	o->said = true;
	d->ctx.response = n == 1 || n == 6 || n == 9 || n == 12;
	switch (n) {
	case 0:
	case 1:
		confirmed_pdu(o, &e.in, n == 1);
		break;
	case 2:
		error_pdu(o, &e.in, OP_PDU + 2);
		break;
	case 3:
		unconfirmed_pdu(o, &e.in);
		break;
	case 4:
		reject_pdu(o, &e.in);
		break;
	case 5:
	case 6:
		dissect_pair(d, (uint32_t)ber_uint(&e));
		(void)dissect_op(d, OP_PDU + 5);
		break;
	case 7:
		error_pdu(o, &e.in, OP_PDU + 5);
		break;
	case 8:
	case 9:
		(void)dissect_op(d, OP_PDU + 8);
		rd_skip_rest(&e.in);
		break;
	case 11:
	case 12:
		(void)dissect_op(d, OP_PDU + 11);
		break;
	default: /* 10 and 13: the ServiceError itself */
		code = service_error(&e.in, &text);
		say_error(o, n == 10 ? OP_PDU + 8 : OP_PDU + 11, code,
		    error_text(code));
		break;
	}
}

#endif
