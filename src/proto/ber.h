/*
 * ber.h - ASN.1 Basic Encoding Rules, read through the bounded reader.
 *
 * ITU-T X.690 (ISO/IEC 8825-1), clause 8.
 *
 *	+------------+- - - - - - - +--------+- - - - - +- - - - -+
 *	| identifier | more of a    | length | more of  | contents
 *	|   octet    | high tag     |        | the long |
 *	+------------+- - - - - - - +--------+- - - - - +- - - - -+
 *	 cc p nnnnn    base 128       0nnnnnnn short, 1nnnnnnn: n octets
 *	 class, constructed, number   follow, 0x80: until two zero octets
 *
 * ber_next() cuts the next element off a reader; its contents are a reader of
 * their own, so that a structure is read as nested loops:
 *
 *	while (rd_more(&r)) {
 *		struct ber e = ber_next(&r);
 *
 *		switch (e.tag) {
 *		case BER_CONTEXT(0):
 *			id = ber_uint(&e);
 *
 * The indefinite form is understood: its end is looked for once per element.
 * DER (certificates) is a subset.  Nothing here recurses.
 */
#ifndef PROTO_BER_H
#define PROTO_BER_H

#include <stdio.h>

#include "../base/rd.h"

/* Tags as one number: class in the top two bits, without the constructed
 * bit, which says how and not what. */
#define BER_UNIVERSAL(n) (0u << 30 | (uint32_t)(n))
#define BER_APPLICATION(n) (1u << 30 | (uint32_t)(n))
#define BER_CONTEXT(n) (2u << 30 | (uint32_t)(n))
#define BER_PRIVATE(n) (3u << 30 | (uint32_t)(n))
#define BER_NUMBER(tag) ((tag)&0x3fffffffu)
#define BER_CLASS(tag) ((tag)&0xc0000000u)

#define BER_EOC BER_UNIVERSAL(0)
#define BER_BOOLEAN BER_UNIVERSAL(1)
#define BER_INTEGER BER_UNIVERSAL(2)
#define BER_BIT_STRING BER_UNIVERSAL(3)
#define BER_OCTET_STRING BER_UNIVERSAL(4)
#define BER_NULL BER_UNIVERSAL(5)
#define BER_OID BER_UNIVERSAL(6)
#define BER_EXTERNAL BER_UNIVERSAL(8)
#define BER_ENUMERATED BER_UNIVERSAL(10)
#define BER_UTF8 BER_UNIVERSAL(12)
#define BER_SEQUENCE BER_UNIVERSAL(16)
#define BER_SET BER_UNIVERSAL(17)
#define BER_PRINTABLE BER_UNIVERSAL(19)
#define BER_T61 BER_UNIVERSAL(20)
#define BER_IA5 BER_UNIVERSAL(22)
#define BER_UTC_TIME BER_UNIVERSAL(23)
#define BER_GENERALIZED_TIME BER_UNIVERSAL(24)
#define BER_GRAPHIC BER_UNIVERSAL(25)
#define BER_VISIBLE BER_UNIVERSAL(26)
#define BER_BMP BER_UNIVERSAL(30)

#define BER_OID_TEXT 96

struct ber {
	uint32_t tag; /* BER_CONTEXT(3) ... */
	bool constructed;
	struct rd in; /* the contents */
};

struct ber_bits {
	struct span bytes; /* most significant bit first */
	uint32_t n; /* bits that count */
};

/* The rest of an identifier whose number does not fit the first octet. */
static inline uint32_t
ber_high_tag(struct rd *r)
{
	uint32_t n = 0, b;

	for (uint32_t i = 0; i < 4; i++) {
		b = rd_u8(r);
		n = n << 7 | (b & 0x7f);
		if ((b & 0x80) == 0)
			return n;
	}
	rd_bad(r, "BER tag number too large");
	return 0;
}

/*
 * Where the contents of the indefinite form end in captured bytes: the offset
 * of its two zero octets, or s.n when they are not there.
 */
static inline uint32_t
ber_find_end(struct span s)
{
	uint32_t at = 0, depth = 0, n, k;

	while (at + 2 <= s.n) {
		if (s.p[at] == 0 && s.p[at + 1] == 0) {
			if (depth == 0)
				return at;
			depth--;
			at += 2;
			continue;
		}
		if ((s.p[at++] & 0x1f) == 0x1f)
			while (at < s.n && (s.p[at++] & 0x80) != 0)
				;
		if (at >= s.n)
			break;
		n = s.p[at++];
		if (n == 0x80) {
			depth++;
			continue;
		}
		if (n > 0x80) {
			k = n & 0x7f;
			if (k > 4 || k > s.n - at)
				break;
			for (n = 0; k > 0; k--)
				n = n << 8 | s.p[at++];
		}
		if (n > s.n - at)
			break;
		at += n;
	}
	return s.n;
}

/* Cut the contents of an element of the indefinite form. */
static inline struct rd
ber_sub_open(struct rd *r)
{
	uint32_t end = ber_find_end(SPAN(r->p, rd_have(r)));
	struct rd in;

	if (end == rd_have(r)) /* cut off, or the end was left out */
		return rd_sub_rest(r);
	in = rd_sub(r, end);
	rd_skip(r, 2);
	return in;
}

/* Cut the contents of an element, its length being next. */
static inline struct rd
ber_sub(struct rd *r)
{
	uint32_t n = rd_u8(r), k;

	if (n < 0x80)
		return rd_sub(r, n);
	if (n == 0x80)
		return ber_sub_open(r);
	k = n & 0x7f;
	rd_require(r, k <= 8, "BER length of more than 8 octets");
	for (n = 0; k > 0 && rd_ok(r); k--) {
		rd_require(r, n < 1u << 24, "BER length too large");
		n = n << 8 | rd_u8(r);
	}
	return rd_sub(r, n);
}

/* The usual element: a tag in one octet, a short length, all of it in hand. */
static inline bool
ber_is_plain(const struct rd *r)
{
	return rd_have(r) >= 2 && (r->p[0] & 0x1f) != 0x1f &&
	    r->p[1] <= r->have - 2 && r->p[1] < 0x80 && r->depth < RD_MAX_DEPTH;
}

/* The next element; one with tag BER_EOC and no contents after a failure. */
static inline struct ber
ber_next(struct rd *r)
{
	uint32_t id, number;
	struct ber e;

	if (ber_is_plain(r)) {
		id = r->p[0];
		e.in = *r;
		rd_advance(&e.in, 2);
		e.in.have = e.in.left = r->p[1];
		e.in.depth++;
		rd_advance(r, 2 + e.in.left);
		number = id & 0x1f;
	} else {
		id = rd_u8(r);
		number = id & 0x1f;
		if (number == 0x1f)
			number = ber_high_tag(r);
		e.in = ber_sub(r);
	}
	e.tag = (id & 0xc0) << 24 | number;
	e.constructed = (id & 0x20) != 0;
	return e;
}

/* The contents of the next element, which must have this tag. */
static inline struct rd
ber_enter(struct rd *r, uint32_t tag, const char *why)
{
	struct ber e = ber_next(r);

	rd_require(r, e.tag == tag, why);
	return e.in;
}

/* The tag of what comes next if it is in hand and in one octet, without
 * stepping over it; else BER_EOC. */
static inline uint32_t
ber_ahead(const struct rd *r)
{
	struct span s = rd_ahead(r, 1);

	return s.n == 1 ? ((uint32_t)s.p[0] & 0xc0) << 24 | (s.p[0] & 0x1f)
			: BER_EOC;
}

/* The contents as they are: strings, object identifiers. */
static inline struct span
ber_span(struct ber *e)
{
	return rd_span(&e->in, rd_left(&e->in));
}

/* An integer's octets: the low 64 bits of what may be longer. */
static inline uint64_t
ber_uint_of(struct span s)
{
	uint64_t v = 0;

	for (uint32_t i = 0; i < s.n; i++)
		v = v << 8 | s.p[i];
	return v;
}

static inline uint64_t
ber_uint(struct ber *e)
{
	return ber_uint_of(ber_span(e));
}

static inline int64_t
ber_int(struct ber *e)
{
	struct span s = ber_span(e);
	uint64_t v = s.n > 0 && s.p[0] >= 0x80 ? UINT64_MAX : 0;

	for (uint32_t i = 0; i < s.n; i++)
		v = v << 8 | s.p[i];
	return (int64_t)v;
}

static inline bool
ber_bool(struct ber *e)
{
	return ber_uint(e) != 0;
}

static inline struct ber_bits
ber_bits(struct ber *e)
{
	uint32_t unused = rd_u8(&e->in);
	struct span s = ber_span(e);

	rd_require(&e->in, unused <= 7 && (s.n > 0 || unused == 0),
	    "BER bit string with an impossible count of unused bits");
	return (struct ber_bits){ .bytes = s,
		.n = rd_ok(&e->in) ? s.n * 8 - unused : 0 };
}

static inline bool
ber_bit(struct ber_bits b, uint32_t i)
{
	return i < b.n && (b.bytes.p[i / 8] >> (7 - i % 8) & 1) != 0;
}

/*
 * An object identifier's contents as "1.3.6.1.4"; cut at a whole arc when it
 * does not fit.  Returns dst.
 */
static inline const char *
ber_oid_text(struct span oid, char dst[static BER_OID_TEXT])
{
	uint32_t at = 0, arc = 0;
	bool first = true;
	int n;

	dst[0] = '\0';
	for (uint32_t i = 0; i < oid.n; i++) {
		arc = arc << 7 | (oid.p[i] & 0x7f);
		if ((oid.p[i] & 0x80) != 0)
			continue;
		if (first) {
			uint32_t top = arc < 80 ? arc / 40 : 2;

			n = snprintf(dst, BER_OID_TEXT, "%u.%u", top,
			    arc - top * 40);
		} else {
			n = snprintf(dst + at, BER_OID_TEXT - at, ".%u", arc);
		}
		if (n < 0 || at + (uint32_t)n >= BER_OID_TEXT) {
			dst[at] = '\0';
			break;
		}
		at += (uint32_t)n;
		arc = 0;
		first = false;
	}
	return dst;
}

/*
 * For protocols that send thousands of messages a second: walk over elements
 * that are plain and all in hand, without a reader of their own.  False at the
 * first that is not; what is left of *rest then is for ber_next().
 */
static inline bool
ber_walk(struct span *rest, uint32_t *ret_tag, struct span *ret)
{
	const uint8_t *p = rest->p;

	if (rest->n < 2 || (p[0] & 0x1f) == 0x1f || p[1] >= 0x80 ||
	    p[1] > rest->n - 2)
		return false;
	*ret_tag = ((uint32_t)p[0] & 0xc0) << 24 | (p[0] & 0x1f);
	*ret = SPAN(p + 2, p[1]);
	*rest = SPAN(p + 2 + p[1], rest->n - 2 - p[1]);
	return true;
}

#endif
