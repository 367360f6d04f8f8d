/*
 * bacnet_value.h - tags and values of BACnet, ANSI/ASHRAE 135 clause 20.2.
 *
 *	| number 4 | context 1 | length 3 | ...
 *
 * Number 15: the number follows.  Length 5: the length follows in one byte, or
 * after 254 in two, after 255 in four; 6 opens and 7 closes a constructed
 *value. Included by bacnet.c only.
 */
#ifndef PROTO_BACNET_VALUE_H
#define PROTO_BACNET_VALUE_H

#include "proto.h"

#include <stdio.h>

#define NEST_MAX 12u /* constructed values inside one another */
#define TEXT_MAX 192u

enum tag_type {
	TAG_NULL,
	TAG_BOOLEAN,
	TAG_UNSIGNED,
	TAG_SIGNED,
	TAG_REAL,
	TAG_DOUBLE,
	TAG_OCTETS,
	TAG_TEXT,
	TAG_BITS,
	TAG_ENUMERATED,
	TAG_DATE,
	TAG_TIME,
	TAG_OBJECT,
	TAG_COUNT
};

struct tag {
	uint32_t number, length;
	bool context, opening, closing;
};

static struct tag
read_tag(struct rd *r)
{
	uint32_t head = rd_u8(r), length = head & 7;
	struct tag t = { .number = head >> 4, .context = (head & 8) != 0 };

	if (t.number == 15)
		t.number = rd_u8(r);
	t.opening = t.context && length == 6;
	t.closing = t.context && length == 7;
	if (length == 5) {
		length = rd_u8(r);
		if (length == 254)
			length = rd_be16(r);
		else if (length == 255)
			length = rd_be32(r);
	} else if (length > 5) {
		length = 0;
		rd_require(r, t.context, "reserved length in a tag");
	}
	t.length = length;
	return t;
}

/* The first byte of what follows, or -1: then it was the end, or not captured.
 */
static int
ahead(struct rd *r)
{
	struct span s = rd_ahead(r, 1);

	if (s.n == 1)
		return s.p[0];
	if (rd_more(r))
		(void)rd_u8(r);
	return -1;
}

static bool
at_context(struct rd *r, uint32_t n)
{
	int c = ahead(r);

	return c >= 0 && (uint32_t)c >> 4 == n && (c & 8) != 0 && (c & 7) < 6;
}

static bool
at_opening(struct rd *r, uint32_t n)
{
	return ahead(r) == (int)(n << 4 | 0x0e);
}

static bool
at_closing(struct rd *r, uint32_t n)
{
	return ahead(r) == (int)(n << 4 | 0x0f);
}

static uint64_t
read_bytes_uint(struct rd *r, uint32_t n)
{
	uint64_t v = 0;

	rd_require(r, n <= 8, "number of more than eight bytes");
	for (uint32_t i = 0; i < n && rd_ok(r); i++)
		v = v << 8 | rd_u8(r);
	return v;
}

static int64_t
read_bytes_int(struct rd *r, uint32_t n)
{
	uint64_t v = read_bytes_uint(r, n);

	if (n == 0 || n >= 8)
		return (int64_t)v;
	return (int64_t)(v << (64 - n * 8)) >> (64 - n * 8);
}

/* A context field: absent is malformed, or `other` where it is optional. */
static uint32_t
context_uint(struct rd *r, uint32_t n)
{
	if (!at_context(r, n)) {
		rd_require(r, !rd_ok(r), "a field is missing");
		return 0;
	}
	return (uint32_t)read_bytes_uint(r, read_tag(r).length);
}

static uint32_t
context_uint_or(struct rd *r, uint32_t n, uint32_t other)
{
	return at_context(r, n) ? context_uint(r, n) : other;
}

/* An application value of that type; absent is malformed. */
static struct tag
expect(struct rd *r, enum tag_type type)
{
	struct tag t = read_tag(r);

	rd_require(r, !rd_ok(r) || (!t.context && t.number == type),
	    "a value of another type");
	return t;
}

static uint32_t
app_uint(struct rd *r, enum tag_type type)
{
	return (uint32_t)read_bytes_uint(r, expect(r, type).length);
}

static void
skip_value(struct rd *r, const struct tag *t)
{
	if (t->opening || t->closing ||
	    (!t->context && t->number == TAG_BOOLEAN))
		return;
	rd_skip(r, t->length);
}

/* Step over a constructed value whose opening tag has been read. */
static void
skip_constructed(struct rd *r)
{
	uint32_t depth = 1;

	while (depth > 0 && rd_more(r)) {
		struct tag t = read_tag(r);

		if (t.opening)
			depth++;
		else if (t.closing)
			depth--;
		else if (t.context)
			rd_opaque(r, t.length);
		else
			skip_value(r, &t);
	}
	rd_require(r, !rd_ok(r) || depth == 0, "a value is not closed");
}

/* Step over context field n, simple or constructed, if it is there. */
static void
skip_field(struct rd *r, uint32_t n)
{
	if (at_opening(r, n)) {
		(void)read_tag(r);
		skip_constructed(r);
	} else if (at_context(r, n)) {
		struct tag t = read_tag(r);

		rd_skip(r, t.length);
	}
}

static uint32_t
put_utf8(char *dst, uint32_t at, uint32_t c)
{
	if (c < 0x80) {
		dst[at++] = (char)c;
	} else if (c < 0x800) {
		dst[at++] = (char)(0xc0 | c >> 6);
		dst[at++] = (char)(0x80 | (c & 0x3f));
	} else {
		dst[at++] = (char)(0xe0 | c >> 12);
		dst[at++] = (char)(0x80 | (c >> 6 & 0x3f));
		dst[at++] = (char)(0x80 | (c & 0x3f));
	}
	return at;
}

/*
 * Text as UTF-8: character set 0 is that, 4 is UCS-2, 5 is ISO 8859-1, 1 a
 * code page, told by two bytes; others are shown as they are.
 */
static struct span
read_text(struct rd *r, uint32_t length, char dst[static TEXT_MAX])
{
	uint32_t set, at = 0, width;
	struct span s;

	if (length == 0)
		return SPAN(NULL, 0);
	set = rd_u8(r);
	s = rd_span(r, length - 1);
	if (set == 1)
		return span_from(s, 2);
	if (set != 4 && set != 5)
		return s;
	width = set == 4 ? 2 : 1;
	for (uint32_t i = 0; i + width <= s.n && at + 3 < TEXT_MAX; i += width)
		at = put_utf8(dst, at,
		    set == 4 ? (uint32_t)s.p[i] << 8 | s.p[i + 1] : s.p[i]);
	return SPAN((const uint8_t *)dst, at);
}

static void
date_text(struct fact *f, struct span s)
{
	if (s.n == 4)
		fact_textf(f, "%04u-%02u-%02u", s.p[0] + 1900u, s.p[1], s.p[2]);
}

static void
time_text(struct fact *f, struct span s)
{
	if (s.n == 4)
		fact_textf(f, "%02u:%02u:%02u.%02u", s.p[0], s.p[1], s.p[2],
		    s.p[3]);
}

static void
bits_text(struct fact *f, struct span s)
{
	char text[65];
	uint32_t n = 0;

	for (uint32_t i = 8; s.n > 0 && i < s.n * 8 - (s.p[0] & 7u) && n < 64;
	     i++)
		text[n++] = (s.p[i / 8] >> (7 - i % 8) & 1) != 0 ? '1' : '0';
	text[n] = '\0';
	fact_text(f, span_text(text));
}

static void
octets_text(struct fact *f, struct span s)
{
	char text[65];
	uint32_t n = 0;

	for (uint32_t i = 0; i < s.n && i < 32; i++)
		n += (uint32_t)snprintf(text + n, 3, "%02x", s.p[i]);
	text[n] = '\0';
	fact_text(f, span_text(text));
}

static void
set_uint(struct fact *f, uint64_t v)
{
	f->num_type = NUM_UINT;
	f->num.u = v;
}

static void
set_real(struct fact *f, double v)
{
	f->num_type = NUM_REAL;
	f->num.r = v;
}

/* Types of four bytes or text: into the text of the fact. */
static void
read_value_text(struct rd *r, struct fact *f, const struct tag *t)
{
	char utf8[TEXT_MAX];
	struct span s;

	if (t->number == TAG_TEXT) {
		s = read_text(r, t->length, utf8);
		fact_text(f, s);
		return;
	}
	s = rd_span(r, t->length);
	if (!rd_ok(r) || f->kind == FACT_NONE)
		return;
	if (t->number == TAG_DATE)
		date_text(f, s);
	else if (t->number == TAG_TIME)
		time_text(f, s);
	else if (t->number == TAG_BITS)
		bits_text(f, s);
	else
		octets_text(f, s);
}

/* An application value whose tag has been read, into a VALUE fact. */
static void
read_value(struct rd *r, struct fact *f, const struct tag *t)
{
	switch ((enum tag_type)t->number) {
	case TAG_NULL:
		fact_text(f, SPAN_LIT("null"));
		rd_skip(r, t->length);
		break;
	case TAG_BOOLEAN:
		f->num_type = NUM_BOOL;
		f->num.u = t->length & 1;
		break;
	case TAG_UNSIGNED:
	case TAG_ENUMERATED:
		set_uint(f, read_bytes_uint(r, t->length));
		break;
	case TAG_SIGNED:
		f->num_type = NUM_INT;
		f->num.i = read_bytes_int(r, t->length);
		break;
	case TAG_REAL:
		rd_require(r, t->length == 4, "real of another size");
		set_real(f, rd_bef32(r));
		break;
	case TAG_DOUBLE:
		rd_require(r, t->length == 8, "double of another size");
		set_real(f, rd_bef64(r));
		break;
	case TAG_OBJECT:
		rd_require(r, t->length == 4, "identifier of another size");
		set_uint(f, rd_be32(r));
		if (rd_ok(r))
			fact_textf(f, "object %u:%u",
			    (uint32_t)(f->num.u >> 22),
			    (uint32_t)(f->num.u & 0x3fffff));
		break;
	case TAG_OCTETS:
	case TAG_TEXT:
	case TAG_BITS:
	case TAG_DATE:
	case TAG_TIME:
		read_value_text(r, f, t);
		break;
	case TAG_COUNT:
	default:
		rd_opaque(r, t->length);
		break;
	}
}

#endif
