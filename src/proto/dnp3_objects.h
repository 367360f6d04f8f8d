/*
 * dnp3_objects.h - the objects behind an object header of DNP3 and what is
 * said of them: IEEE 1815-2012 annex A.  Points by the table of layouts;
 * attributes, files, authentication and strings by what they tell of their
 * own length.  Included by dnp3.c only.
 */
#ifndef PROTO_DNP3_OBJECTS_H
#define PROTO_DNP3_OBJECTS_H

#include "proto.h"

#include <stdio.h>

#include "dnp3_tables.h"

#define FC_OPEN 25u
#define FC_AUTH 32u
#define FC_AUTH_ERROR 33u
#define FC_RESPONSE 129u
#define ERROR_CONTROL 256u
#define ERROR_FILE 512u
#define ERROR_AUTH 768u

/* One application fragment as it is being read. */
struct app {
	uint32_t function;
	uint32_t classes; /* of a read or an assignment, bit 0 is class 0 */
	struct fact *op; /* the read's fact: text follows at the end */
	bool said;
};

struct header {
	uint32_t group, variation;
	uint32_t prefix; /* qualifier's prefix code */
	uint32_t first, count;
	bool sized; /* each object tells its size */
	bool data; /* objects follow, not only their names */
};

/* --------------------------------------------------------- saying objects */

static struct fact_object
object_of(const struct header *h, uint32_t index, uint32_t count)
{
	return (struct fact_object){ .area = h->group,
		.first = index,
		.count = count,
		.sub = (uint16_t)h->variation,
		.space = SPACE_DNP3_POINT };
}

static bool
is_response(const struct app *a)
{
	return a->function >= FC_RESPONSE;
}

static bool
is_control(const struct app *a)
{
	return a->function >= 3 && a->function <= 6;
}

/* The request's fact, with the kind the object gives it. */
static struct fact *
say_op(struct dissect *d, struct app *a, struct fact_object at)
{
	struct fact *f = dissect_op(d, a->function);

	a->said = true;
	f->object = at;
	if (f->kind == FACT_NONE)
		return f;
	for (uint32_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		if (meanings[i].function != a->function ||
		    meanings[i].group != at.area)
			continue;
		f->kind = meanings[i].kind;
		f->risk = meanings[i].risk;
		break;
	}
	return f;
}

/* Refusals that the objects of a response carry. */
static void
say_refused(struct dissect *d, const struct app *a, struct fact_object at,
    uint32_t code, struct span text)
{
	struct fact *f = dissect_error(d, a->function, code);

	f->object = at;
	f->flags |= FACT_NEGATIVE;
	fact_text(f, text);
}

static void
say_status(struct dissect *d, const struct app *a, struct fact_object at,
    uint32_t status)
{
	const uint32_t n = sizeof(status_names) / sizeof(status_names[0]);

	status &= 0x7f;
	if (!is_response(a) || status == 0)
		return;
	say_refused(d, a, at, ERROR_CONTROL + status,
	    span_text(status < n ? status_names[status] : "undefined"));
}

/* --------------------------------------------------------- fixed objects */

static const struct point *
point_find(uint32_t group, uint32_t variation)
{
	uint32_t lo = 0, hi = sizeof(points) / sizeof(points[0]);
	uint32_t want = group << 8 | variation;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;
		uint32_t has =
		    (uint32_t)points[mid].group << 8 | points[mid].variation;

		if (has == want)
			return &points[mid];
		if (has < want)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* What the flag octet says besides "online". */
static void
say_flags(struct fact *f, uint32_t flags, uint32_t form)
{
	static const char *const names[] = { "restart", "comm lost",
		"remote forced", "local forced", "over range",
		"reference error" };
	uint32_t last = form == FORM_DOUBLE ? 5 : 6, n = 0;
	char text[FACT_TEXT_MAX];

	if (f->kind == FACT_NONE)
		return;
	text[0] = '\0';
	if ((flags & 1) == 0)
		n = (uint32_t)snprintf(text, sizeof(text), "offline");
	for (uint32_t i = 1; i <= last; i++) {
		const char *name =
		    i == 5 && form <= FORM_DOUBLE ? "chatter" : names[i - 1];

		if ((flags >> i & 1) == 0 || (i == 6 && form == FORM_STATE))
			continue;
		n += (uint32_t)snprintf(text + n, sizeof(text) - n, "%s%s",
		    n > 0 ? ", " : "", name);
	}
	fact_text(f, span_text(text));
}

static void
say_crob(struct rd *r, struct dissect *d, struct app *a, struct fact_object at)
{
	uint32_t code = rd_u8(r), count = rd_u8(r);
	uint32_t on = rd_le32(r), off = rd_le32(r), status = rd_u8(r);

	if (!rd_ok(r))
		return;
	if (is_control(a)) {
		struct fact *f = say_op(d, a, at);

		fact_textf(f, "%s%s%s%s, count %u, on %u ms, off %u ms",
		    crob_ops[code & 15], crob_trips[code >> 6],
		    (code & 0x20) != 0 ? " clear" : "",
		    (code & 0x10) != 0 ? " queue" : "", count, on, off);
	}
	say_status(d, a, at, status);
	dissect_value_uint(d, a->function, at, code);
}

static void
say_setpoint(struct rd *r, struct dissect *d, struct app *a,
    struct fact_object at, uint32_t form)
{
	struct fact *f;
	double real = 0;
	int64_t whole = 0;
	bool is_real = form == FORM_SET_F32 || form == FORM_SET_F64;
	uint32_t status;

	if (form == FORM_SET_S32)
		whole = (int32_t)rd_le32(r);
	else if (form == FORM_SET_S16)
		whole = (int16_t)rd_le16(r);
	else
		real = form == FORM_SET_F32 ? rd_lef32(r) : rd_lef64(r);
	status = rd_u8(r);
	if (!rd_ok(r))
		return;
	if (is_control(a)) {
		f = say_op(d, a, at);
		if (is_real)
			fact_textf(f, "set to %.9g", real);
		else
			fact_textf(f, "set to %lld", (long long)whole);
	}
	say_status(d, a, at, status);
	if (is_real)
		dissect_value_real(d, a->function, at, real);
	else
		dissect_value_int(d, a->function, at, whole);
}

/* Values whose flag octet, if any, has been read. */
static struct fact *
say_number(struct rd *r, struct dissect *d, uint32_t op, struct fact_object at,
    uint32_t form, uint32_t flags)
{
	struct fact *f = dissect_value(d, op, at);

	f->num_type = NUM_UINT;
	switch (form) {
	case FORM_STATE:
		f->num_type = NUM_BOOL;
		f->num.u = flags >> 7;
		break;
	case FORM_DOUBLE:
		f->num.u = flags >> 6;
		break;
	case FORM_BIT:
		f->num_type = NUM_BOOL;
		f->num.u = rd_u8(r) & 1;
		break;
	case FORM_BIT2:
		f->num.u = rd_u8(r) & 3;
		break;
	case FORM_U8:
		f->num.u = rd_u8(r);
		break;
	case FORM_U16:
		f->num.u = rd_le16(r);
		break;
	case FORM_U32:
		f->num.u = rd_le32(r);
		break;
	case FORM_S16:
		f->num_type = NUM_INT;
		f->num.i = (int16_t)rd_le16(r);
		break;
	case FORM_S32:
		f->num_type = NUM_INT;
		f->num.i = (int32_t)rd_le32(r);
		break;
	case FORM_F32:
		f->num_type = NUM_REAL;
		f->num.r = rd_lef32(r);
		break;
	case FORM_F64:
		f->num_type = NUM_REAL;
		f->num.r = rd_lef64(r);
		break;
	case FORM_STATISTIC:
		rd_skip(r, 2); /* association */
		f->num.u = rd_le32(r);
		break;
	default:
		f->num.u = rd_le48(r);
		break;
	}
	return f;
}

static void
read_point(struct rd *r, struct dissect *d, struct app *a,
    const struct point *p, struct fact_object at)
{
	uint32_t flags = p->flag != 0 ? rd_u8(r) : 1;
	struct rd body = rd_sub(r, form_sizes[p->form]);
	struct fact *f;

	rd_skip(r, p->time);
	if (p->form == FORM_CROB) {
		say_crob(&body, d, a, at);
	} else if (p->form >= FORM_SET_S32 && p->form <= FORM_SET_F64) {
		say_setpoint(&body, d, a, at, p->form);
	} else if (p->form < FORM_BUFFER || p->form == FORM_STATISTIC) {
		f = say_number(&body, d, a->function, at, p->form, flags);
		if (p->flag != 0 && (flags & 0x3f) != 1)
			say_flags(f, flags, p->form);
	}
}

static uint32_t
read_index(struct rd *r, uint32_t prefix, uint32_t otherwise)
{
	switch (prefix) {
	case 1:
		return rd_u8(r);
	case 2:
		return rd_le16(r);
	case 3:
		return rd_le32(r);
	default:
		return otherwise;
	}
}

/* Points without flags: several to an octet. */
static void
read_packed(struct rd *r, struct dissect *d, const struct app *a,
    const struct header *h, uint32_t width)
{
	uint32_t octets = (uint32_t)(((uint64_t)h->count * width + 7) / 8);
	struct span bits;

	if ((d->wanted & FACT_MASK(FACT_VALUE)) == 0) {
		rd_skip(r, octets);
		return;
	}
	bits = rd_span(r, octets);
	for (uint32_t i = 0; i < h->count && rd_ok(r); i++) {
		struct fact_object at = object_of(h, h->first + i, 1);
		bool low = bits_lsb_get(bits, i * width);
		bool high = bits_lsb_get(bits, i * width + width - 1);

		if (width == 1)
			dissect_value_bool(d, a->function, at, low);
		else
			dissect_value_uint(d, a->function, at,
			    (high ? 2u : 0u) | (low ? 1u : 0u));
	}
}

static void
read_points(struct rd *r, struct dissect *d, struct app *a,
    const struct header *h, const struct point *p)
{
	uint32_t index = h->prefix == 3 ? 4 : h->prefix;
	uint32_t size = (uint32_t)p->flag + form_sizes[p->form] + p->time;
	bool wanted = (d->wanted & FACT_MASK(FACT_VALUE)) != 0 ||
	    p->form == FORM_CROB ||
	    (p->form >= FORM_SET_S32 && p->form <= FORM_SET_F64);

	if (index == 0 && (p->form == FORM_BIT || p->form == FORM_BIT2)) {
		if ((uint64_t)h->count > (uint64_t)rd_left(r) * 8)
			rd_bad(r, "more points than octets");
		else
			read_packed(r, d, a, h, p->form == FORM_BIT ? 1 : 2);
		return;
	}
	if (index + size == 0 || rd_count(r, h->count, index + size) == 0)
		return;
	if (!wanted) {
		rd_skip(r, h->count * (index + size));
		return;
	}
	for (uint32_t i = 0; i < h->count && rd_ok(r); i++) {
		uint32_t at = read_index(r, h->prefix, h->first + i);

		read_point(r, d, a, p, object_of(h, at, 1));
	}
}

/* --------------------------------------------- objects of their own length */

/* Group 0: type, length, value. */
static void
read_attribute(struct rd *r, struct dissect *d, const struct app *a,
    const struct header *h)
{
	uint32_t type = rd_u8(r), n = rd_u8(r);
	struct rd body = rd_sub(r, n);
	enum about about = is_response(a) ? ABOUT_SENDER : ABOUT_RECEIVER;
	char text[FACT_TEXT_MAX * 3];
	struct span s;

	if (type == 2 && (n == 1 || n == 2 || n == 4)) {
		dissect_value_uint(d, a->function, object_of(h, h->first, 1),
		    n == 1       ? rd_u8(&body)
			: n == 2 ? rd_le16(&body)
				 : rd_le32(&body));
		return;
	}
	if (type != 1) {
		rd_skip_rest(&body);
		return;
	}
	s = rd_span_rest(&body);
	for (uint32_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]);
	     i++) {
		if (attributes[i].variation != h->variation || s.n == 0 ||
		    (d->wanted & FACT_MASK(FACT_IDENT)) == 0)
			continue;
		(void)snprintf(text, sizeof(text), "%s%.*s",
		    attributes[i].before, (int)(s.n < 96 ? s.n : 96),
		    (const char *)s.p);
		(void)dissect_ident_about(d, about,
		    (enum trait)attributes[i].trait, span_text(text));
	}
}

/* Group 70: file control.  Offsets count from the object's start. */
static void
read_file_command(struct rd *r, struct dissect *d, struct app *a,
    struct fact_object at)
{
	uint32_t length, mode = 0;
	struct fact *f;

	rd_skip(r, 2); /* offset of the name: it follows */
	length = rd_le16(r);
	if (at.sub == 2) { /* user name, password */
		rd_skip(r, 2 + 2 + 4);
	} else if (at.sub == 3) {
		rd_skip(r, 6 + 2 + 4 + 4);
		mode = rd_le16(r);
		rd_skip(r, 2 + 2);
	} else {
		rd_skip(r, 2 + 4 + 6 + 2 + 2);
	}
	if (!rd_ok(r) || is_response(a)) {
		rd_skip_rest(r);
		return;
	}
	f = say_op(d, a, at);
	fact_text(f, rd_span(r, length));
	if (a->function == FC_OPEN && (mode == 2 || mode == 3))
		f->risk = RISK_FILE;
	rd_skip_rest(r); /* the password */
}

static void
read_file(struct rd *r, struct dissect *d, struct app *a, struct fact_object at)
{
	uint32_t status = 0;

	if (at.sub == 2 || at.sub == 3 || at.sub == 7) {
		read_file_command(r, d, a, at);
		return;
	}
	if (at.sub == 8) {
		struct span name = rd_span_rest(r);

		if (!is_response(a))
			fact_text(say_op(d, a, at), name);
		return;
	}
	rd_skip(r, 8); /* handle, size or block */
	if (at.sub == 4) {
		rd_skip(r, 4);
		status = rd_u8(r);
	} else if (at.sub == 6) {
		status = rd_u8(r);
	}
	if (!rd_ok(r))
		return;
	if (!is_response(a))
		(void)say_op(d, a, at);
	else if (status != 0)
		say_refused(d, a, at, ERROR_FILE + status, rd_span_rest(r));
	rd_skip_rest(r);
}

static bool
is_auth(const struct app *a)
{
	return a->function == FC_AUTH || a->function == FC_AUTH_ERROR;
}

/* Group 120: secure authentication. */
static void
say_auth(struct dissect *d, struct app *a, struct fact_object at)
{
	const uint32_t n = sizeof(auth_names) / sizeof(auth_names[0]);
	struct fact *f = say_op(d, a, at);

	if (at.sub < n)
		fact_text(f, span_text(auth_names[at.sub]));
	if (at.sub == 6 || at.sub >= 10)
		f->risk = RISK_SECURITY;
}

static void
read_auth(struct rd *r, struct dissect *d, struct app *a, struct fact_object at)
{
	if (is_auth(a) && !a->said)
		say_auth(d, a, at);
	if (at.sub == 7) {
		uint32_t code;

		rd_skip(r, 4 + 2 + 2);
		code = rd_u8(r);
		rd_skip(r, 6);
		if (rd_ok(r))
			say_refused(d, a, at, ERROR_AUTH + code,
			    rd_span_rest(r));
	}
	rd_skip_rest(r); /* challenges, keys, message authentication codes */
}

/* Objects behind a size. */
static void
read_sized(struct rd *r, struct dissect *d, struct app *a,
    const struct header *h)
{
	for (uint32_t i = 0; i < h->count && rd_more(r); i++) {
		uint32_t size = read_index(r, h->prefix - 3, 0);
		struct rd body = rd_sub(r, size);
		struct fact_object at = object_of(h, h->first + i, 1);

		if (h->group == 70)
			read_file(&body, d, a, at);
		else if (h->group == 120)
			read_auth(&body, d, a, at);
		else
			rd_opaque_rest(&body);
	}
}

/* Groups 110 to 115: the variation is the length. */
static void
read_strings(struct rd *r, struct dissect *d, const struct app *a,
    const struct header *h)
{
	uint32_t index = h->prefix == 3 ? 4 : h->prefix;

	if (index + h->variation == 0)
		return;
	(void)rd_count(r, h->count, index + h->variation);
	for (uint32_t i = 0; i < h->count && rd_ok(r); i++) {
		uint32_t at = read_index(r, h->prefix, h->first + i);
		struct span text = rd_span(r, h->variation);

		if (rd_ok(r))
			fact_text(dissect_value(d, a->function,
				      object_of(h, at, 1)),
			    text);
	}
}

#endif
