/*
 * units.c - time stamps of pcapng interfaces (if_tsresol, if_tsoffset).
 *
 * A time stamp counts units of 10^-n or 2^-n seconds, n up to 127, in 64
 * bits.  Ours is 63 bits of nanoseconds: what lies beyond (the year 2262)
 * stays at the end rather than wrap round into the past.
 */
#include "private.h"

#define FINE_MAX 28u /* 10^(28 - 9) is the last divisor of 64 bits */
#define BINARY 0x80u
#define FRACTION_BITS 34u /* kept: 2^34 * 10^9 is below 2^64 */

static int64_t
add_saturated(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return b < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

static uint64_t
binary_ns(uint64_t units, uint32_t shift)
{
	uint64_t seconds = shift < 64 ? units >> shift : 0;
	uint64_t frac =
	    shift < 64 ? units & ((UINT64_C(1) << shift) - 1) : units;

	if (seconds > INT64_MAX / TICK_SECOND)
		return UINT64_MAX;
	if (shift > FRACTION_BITS) {
		shift -= FRACTION_BITS;
		frac = shift < 64 ? frac >> shift : 0;
		shift = FRACTION_BITS;
	}
	return seconds * (uint64_t)TICK_SECOND +
	    (frac * (uint64_t)TICK_SECOND >> shift);
}

int64_t
units_ns(const struct iface *i, uint64_t units)
{
	uint64_t ns;

	if (i->mul != 0) {
		if (__builtin_mul_overflow(units, i->mul, &ns))
			ns = UINT64_MAX;
	} else if (i->div != 0) {
		ns = units / i->div;
	} else {
		ns = binary_ns(units, i->shift);
	}
	return add_saturated(ns > INT64_MAX ? INT64_MAX : (int64_t)ns,
	    i->offset);
}

void
units_set(struct iface *i, uint8_t resolution)
{
	uint32_t n = resolution & ~BINARY;

	i->mul = 0;
	i->div = 0;
	i->shift = n;
	if ((resolution & BINARY) != 0)
		return;
	if (n > FINE_MAX) {
		i->shift = 127; /* 64 bits of it are less than 1 ns */
		return;
	}
	if (n <= 9)
		for (i->mul = 1; n < 9; n++)
			i->mul *= 10;
	else
		for (i->div = 1; n > 9; n--)
			i->div *= 10;
}
