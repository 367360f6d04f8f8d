/*
 * mms_data.h - values as MMS encodes them; GOOSE does the same.
 *
 * ISO 9506-2 clause 14.4.2 (Data), IEC 61850-8-1 clause 8.1.3 (floating
 * point, UTC time).  Tags are of the context class:
 *
 *	1 array     5 integer    10 visible string   14 boolean array
 *	2 structure 6 unsigned   11 generalized time 15 object identifier
 *	3 boolean   7 float      12 binary time      16 MMS string
 *	4 bit string 9 octets    13 BCD              17 UTC time
 *
 * A float is one octet (width of the exponent) and the IEEE 754 number.  UTC
 * time is be32 seconds, be24 fraction, u8 quality; binary time be32
 * milliseconds of the day and, optionally, be16 days since 1984-01-01.  Both
 * become nanoseconds since 1970.
 */
#ifndef PROTO_MMS_DATA_H
#define PROTO_MMS_DATA_H

#include "ber.h"
#include "proto.h"

#define MMS_DATA_DEPTH 10
#define MMS_1984 INT64_C(441763200) /* seconds from 1970 to 1984 */

static inline int64_t
mms_utc_time(struct rd *r)
{
	int64_t seconds = rd_be32(r);
	int64_t fraction = rd_be24(r);

	rd_skip_rest(r); /* quality of the clock */
	return seconds * TICK_SECOND + ((fraction * TICK_SECOND) >> 24);
}

/* The same from octets; 0 where there are too few. */
static inline int64_t
mms_utc_time_of(struct span s)
{
	int64_t seconds, fraction;

	if (s.n < 7)
		return 0;
	seconds = (int64_t)ber_uint_of(span_first(s, 4));
	fraction = (int64_t)ber_uint_of(SPAN(s.p + 4, 3));
	return seconds * TICK_SECOND + ((fraction * TICK_SECOND) >> 24);
}

static inline int64_t
mms_binary_time(struct rd *r)
{
	int64_t ms = rd_be32(r);
	int64_t days = rd_left(r) >= 2 ? rd_be16(r) : 0;

	rd_skip_rest(r);
	return (days > 0 ? (MMS_1984 + days * 86400) * TICK_SECOND : 0) +
	    ms * 1000000;
}

static inline double
mms_float(struct rd *r)
{
	uint32_t exponent = rd_u8(r);

	if (exponent == 11 && rd_left(r) == 8)
		return rd_bef64(r);
	if (rd_left(r) == 4)
		return rd_bef32(r);
	rd_opaque_rest(r);
	return 0;
}

/* Bits as a number, the first bit the most significant; 64 at most. */
static inline uint64_t
mms_bit_string(struct ber *e)
{
	struct ber_bits bits = ber_bits(e);
	uint64_t v = 0;

	for (uint32_t i = 0; i < bits.n && i < 64; i++)
		v = v << 1 | ber_bit(bits, i);
	return v;
}

static inline void
mms_octets(struct fact *f, struct span s)
{
	static const char digit[] = "0123456789abcdef";
	char text[64];
	uint32_t n = 0;

	for (uint32_t i = 0; i < s.n && i < sizeof(text) / 2; i++) {
		text[n++] = digit[s.p[i] >> 4];
		text[n++] = digit[s.p[i] & 15];
	}
	fact_text(f, SPAN((const uint8_t *)text, n));
}

/* One value that has no parts.  Text is the value of a string, and the name
 * of what has a number. */
static inline void
mms_value(struct dissect *d, struct ber *e, uint32_t op, struct fact_object at,
    struct span name)
{
	struct fact *f = dissect_value(d, op, at);

	f->num_type = NUM_UINT;
	switch (e->tag) {
	case BER_CONTEXT(3):
		f->num_type = NUM_BOOL;
		f->num.u = ber_bool(e);
		break;
	case BER_CONTEXT(4):
	case BER_CONTEXT(14):
		f->num.u = mms_bit_string(e);
		break;
	case BER_CONTEXT(5):
		f->num_type = NUM_INT;
		f->num.i = ber_int(e);
		break;
	case BER_CONTEXT(6):
	case BER_CONTEXT(13):
		f->num.u = ber_uint(e);
		break;
	case BER_CONTEXT(7):
		f->num_type = NUM_REAL;
		f->num.r = mms_float(&e->in);
		break;
	case BER_CONTEXT(12):
		f->num_type = NUM_INT;
		f->num.i = mms_binary_time(&e->in);
		break;
	case BER_CONTEXT(17):
		f->num_type = NUM_INT;
		f->num.i = mms_utc_time(&e->in);
		break;
	case BER_CONTEXT(9):
		f->num_type = NUM_NONE;
		mms_octets(f, ber_span(e));
		return;
	case BER_CONTEXT(10):
	case BER_CONTEXT(11):
	case BER_CONTEXT(16):
		f->num_type = NUM_NONE;
		fact_text(f, ber_span(e));
		return;
	default:
		f->num_type = NUM_NONE;
		rd_opaque_rest(&e->in);
		break;
	}
	fact_text(f, name);
}

/* Arrays and structures have parts. */
static inline bool
mms_has_parts(const struct ber *e)
{
	return e->tag == BER_CONTEXT(1) || e->tag == BER_CONTEXT(2);
}

/*
 * All values of a list, through arrays and structures; `at.sub` counts them.
 * Deeper than MMS_DATA_DEPTH they are passed as opaque.
 */
static inline void
mms_values(struct dissect *d, struct rd *list, uint32_t op,
    struct fact_object at, struct span name)
{
	struct rd stack[MMS_DATA_DEPTH];
	uint32_t depth = 0;

	stack[0] = rd_sub_rest(list);
	while (rd_ok(list)) {
		struct ber e;

		if (!rd_more(&stack[depth])) {
			if (depth == 0)
				return;
			depth--;
			continue;
		}
		e = ber_next(&stack[depth]);
		if (!mms_has_parts(&e)) {
			mms_value(d, &e, op, at, name);
			at.sub++;
		} else if (depth + 1 == MMS_DATA_DEPTH) {
			rd_opaque_rest(&e.in);
		} else {
			stack[++depth] = e.in;
		}
	}
}

/* One value, whatever it is. */
static inline void
mms_tree(struct dissect *d, struct ber *e, uint32_t op, struct fact_object at,
    struct span name)
{
	if (mms_has_parts(e))
		mms_values(d, &e->in, op, at, name);
	else
		mms_value(d, e, op, at, name);
}

#endif
