/*
 * rd.h - bounded reader for bytes we do not trust.
 *
 * A reader walks forward over one message.  It never moves back, never
 * allocates, never reads outside the bytes it was opened on.
 *
 * Two lengths bound every read:
 *	left	what an enclosing length field promises
 *	have	what was captured (or has arrived) of it; have <= left
 * Running past `left` means the sender lied: RD_BAD.  Running past `have`
 * means we do not hold the bytes (snap length): RD_SHORT.
 *
 * Failure is sticky and shared: a reader and every sub-reader cut from it
 * point at one struct rd_state.  After the first failure all reads return
 * zero and all loops on rd_more() end, so a parser is written as a straight
 * list of fields and judged once, by its caller.
 *
 * The state also keeps the visibility ledger of the message: bytes stepped
 * over by rd_opaque() (nobody knows) and rd_secret() (encrypted).  What was
 * read, borrowed or passed by rd_skip() counts as understood; what is left
 * at the end counts as skipped.
 */
#ifndef BASE_RD_H
#define BASE_RD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "span.h"

#define RD_MAX_DEPTH 32

enum rd_status {
	RD_OK = 0,
	RD_SHORT, /* promised, but not in hand */
	RD_BAD, /* breaks the protocol's own rules */
};

struct rd_state {
	const char *why; /* static text, NULL while RD_OK */
	uint32_t off; /* where in the outermost message */
	enum rd_status status;
	uint32_t opaque; /* bytes stepped over without understanding */
	uint32_t secret; /* bytes that are encrypted */
};

struct rd {
	const uint8_t *p;
	struct rd_state *state;
	uint32_t have;
	uint32_t left;
	uint32_t off;
	uint32_t depth;
};

/* Open a reader on `bytes`, of a message said to be `promised` bytes long. */
static inline struct rd
rd_open(struct rd_state *state, struct span bytes, uint32_t promised)
{
	*state = (struct rd_state){ .status = RD_OK };
	return (struct rd){
		.p = bytes.p,
		.state = state,
		.have = bytes.n < promised ? bytes.n : promised,
		.left = promised,
	};
}

/*
 * A reader on bytes that were put together elsewhere (dissect_join()), whose
 * failures are `r`'s failures.
 */
static inline struct rd
rd_over(const struct rd *r, struct span bytes)
{
	return (struct rd){
		.p = bytes.p,
		.state = r->state,
		.have = bytes.n,
		.left = bytes.n,
		.off = r->off,
		.depth = r->depth + 1,
	};
}

static inline bool
rd_ok(const struct rd *r)
{
	return r->state->status == RD_OK;
}

/* The first failure wins; later ones are its consequences. */
static inline void
rd_fail_at(struct rd *r, enum rd_status status, const char *why)
{
	if (rd_ok(r)) {
		r->state->why = why;
		r->state->off = r->off;
		r->state->status = status;
	}
}

/* Declare the message malformed.  `why` is static text: "odd count" */
static inline void
rd_bad(struct rd *r, const char *why)
{
	rd_fail_at(r, RD_BAD, why);
}

static inline void
rd_require(struct rd *r, bool holds, const char *why)
{
	if (!holds)
		rd_bad(r, why);
}

/* Bytes promised and not yet read; 0 after a failure. */
static inline uint32_t
rd_left(const struct rd *r)
{
	return rd_ok(r) ? r->left : 0;
}

/* Bytes in hand and not yet read; 0 after a failure. */
static inline uint32_t
rd_have(const struct rd *r)
{
	return rd_ok(r) ? r->have : 0;
}

/* Loop condition: something is left and nothing has failed. */
static inline bool
rd_more(const struct rd *r)
{
	return rd_left(r) > 0;
}

static inline void
rd_advance(struct rd *r, uint32_t n)
{
	uint32_t step = n < r->have ? n : r->have;

	if (step > 0)
		r->p += step;
	r->have -= step;
	r->left -= n;
	r->off += n;
}

/* The only place bytes are handed out. */
static inline const uint8_t *
rd_take(struct rd *r, uint32_t n)
{
	const uint8_t *p = r->p;

	if (!rd_ok(r))
		return NULL;
	if (n > r->left) {
		rd_bad(r, "runs past its length");
		return NULL;
	}
	if (n > r->have) {
		rd_fail_at(r, RD_SHORT, "not captured");
		return NULL;
	}
	rd_advance(r, n);
	return p;
}

/*
 * Integers.  The byte order is always in the name; zero after a failure.
 * Spelled as shifts: gcc and clang turn these into one load and a bswap.
 */
#define RD_INT(name, type, width, value)              \
	static inline type name(struct rd *r)         \
	{                                             \
		const uint8_t *p = rd_take(r, width); \
                                                      \
		return p != NULL ? (type)(value) : 0; \
	}
#define B32(i, shift) ((uint32_t)p[i] << (shift))
#define B64(i, shift) ((uint64_t)p[i] << (shift))
RD_INT(rd_u8, uint8_t, 1, p[0])
RD_INT(rd_be16, uint16_t, 2, B32(0, 8) | B32(1, 0))
RD_INT(rd_le16, uint16_t, 2, B32(1, 8) | B32(0, 0))
RD_INT(rd_be24, uint32_t, 3, B32(0, 16) | B32(1, 8) | B32(2, 0))
RD_INT(rd_le24, uint32_t, 3, B32(2, 16) | B32(1, 8) | B32(0, 0))
RD_INT(rd_be32, uint32_t, 4, B32(0, 24) | B32(1, 16) | B32(2, 8) | B32(3, 0))
RD_INT(rd_le32, uint32_t, 4, B32(3, 24) | B32(2, 16) | B32(1, 8) | B32(0, 0))
RD_INT(rd_be48, uint64_t, 6,
    B64(0, 40) | B64(1, 32) | B64(2, 24) | B64(3, 16) | B64(4, 8) | B64(5, 0))
RD_INT(rd_le48, uint64_t, 6,
    B64(5, 40) | B64(4, 32) | B64(3, 24) | B64(2, 16) | B64(1, 8) | B64(0, 0))
RD_INT(rd_be64, uint64_t, 8,
    B64(0, 56) | B64(1, 48) | B64(2, 40) | B64(3, 32) | B64(4, 24) |
	B64(5, 16) | B64(6, 8) | B64(7, 0))
RD_INT(rd_le64, uint64_t, 8,
    B64(7, 56) | B64(6, 48) | B64(5, 40) | B64(4, 32) | B64(3, 24) |
	B64(2, 16) | B64(1, 8) | B64(0, 0))
#undef B64
#undef B32
#undef RD_INT

/* IEEE 754 numbers from their bits; all are returned as double. */
static inline double
f32_of(uint32_t bits)
{
	float f;

	memcpy(&f, &bits, sizeof(f));
	return (double)f;
}

static inline double
f64_of(uint64_t bits)
{
	double d;

	memcpy(&d, &bits, sizeof(d));
	return d;
}

static inline double
rd_lef32(struct rd *r)
{
	return f32_of(rd_le32(r));
}

static inline double
rd_bef32(struct rd *r)
{
	return f32_of(rd_be32(r));
}

static inline double
rd_lef64(struct rd *r)
{
	return f64_of(rd_le64(r));
}

static inline double
rd_bef64(struct rd *r)
{
	return f64_of(rd_be64(r));
}

/* Step over n bytes whose meaning is known; they need not be captured. */
static inline void
rd_skip(struct rd *r, uint32_t n)
{
	if (!rd_ok(r))
		return;
	if (n > r->left)
		rd_bad(r, "runs past its length");
	else
		rd_advance(r, n);
}

/* Step over n bytes nobody knows the meaning of. */
static inline void
rd_opaque(struct rd *r, uint32_t n)
{
	rd_skip(r, n);
	if (rd_ok(r))
		r->state->opaque += n;
}

/* Step over n encrypted bytes. */
static inline void
rd_secret(struct rd *r, uint32_t n)
{
	rd_skip(r, n);
	if (rd_ok(r))
		r->state->secret += n;
}

/* The rest, by what it is. */
static inline void
rd_skip_rest(struct rd *r)
{
	rd_skip(r, rd_left(r));
}

static inline void
rd_opaque_rest(struct rd *r)
{
	rd_opaque(r, rd_left(r));
}

/* Borrow n bytes; empty after a failure. */
static inline struct span
rd_span(struct rd *r, uint32_t n)
{
	const uint8_t *p = rd_take(r, n);

	return SPAN(p, p != NULL ? n : 0);
}

/* Borrow what is left of the captured bytes, and step over the rest too. */
static inline struct span
rd_span_rest(struct rd *r)
{
	struct span s = rd_span(r, rd_have(r));

	rd_skip(r, rd_left(r));
	return s;
}

/*
 * Look at captured bytes without stepping over them: for choices that hang
 * on what follows (an optional field told by its tag).  Empty when fewer
 * than n are in hand; never a failure.
 */
static inline struct span
rd_ahead(const struct rd *r, uint32_t n)
{
	return rd_have(r) >= n ? SPAN(r->p, n) : SPAN(r->p, 0);
}

/*
 * Cut a reader for the next n bytes and step over them.  The child cannot
 * see past n; its failures are the message's failures.
 */
static inline struct rd
rd_sub(struct rd *r, uint32_t n)
{
	struct rd sub = *r;

	if (!rd_ok(r)) {
		n = 0;
	} else if (n > r->left) {
		rd_bad(r, "length exceeds what encloses it");
		n = 0;
	} else if (r->depth >= RD_MAX_DEPTH) {
		rd_bad(r, "nested too deep");
		n = 0;
	}
	sub.left = n;
	sub.have = n < r->have ? n : r->have;
	sub.depth = r->depth + 1;
	if (rd_ok(r))
		rd_advance(r, n);
	return sub;
}

static inline struct rd
rd_sub_rest(struct rd *r)
{
	return rd_sub(r, rd_left(r));
}

/* Length-prefixed sub-readers. */
static inline struct rd
rd_sub_u8(struct rd *r)
{
	return rd_sub(r, rd_u8(r));
}

static inline struct rd
rd_sub_be16(struct rd *r)
{
	return rd_sub(r, rd_be16(r));
}

static inline struct rd
rd_sub_le16(struct rd *r)
{
	return rd_sub(r, rd_le16(r));
}

/*
 * Clamp a count from the wire: `n` items of at least `size` bytes each must
 * fit in what is left, so no loop or buffer is sized by a lie.
 */
static inline uint32_t
rd_count(struct rd *r, uint32_t n, uint32_t size)
{
	if ((uint64_t)n * size > rd_left(r))
		rd_bad(r, "count exceeds the message");
	return rd_ok(r) ? n : 0;
}

/* Everything must be consumed; leftovers are a malformation. */
static inline void
rd_end(struct rd *r)
{
	rd_require(r, rd_left(r) == 0, "trailing bytes");
}

/* Bit fields: BITS(x, 7, 4) is the high nibble of an octet. */
#define BITS(x, hi, lo) (((x) >> (lo)) & ((1u << ((hi) - (lo) + 1)) - 1u))

/* Packed points, least significant bit first (Modbus coils, DNP3 g1v1). */
static inline uint32_t
bits_packed_size(uint32_t n)
{
	return n / 8 + (n % 8 != 0);
}

static inline bool
bits_lsb_get(struct span s, uint32_t i)
{
	return i / 8 < s.n && (s.p[i / 8] >> (i % 8) & 1) != 0;
}

#endif
