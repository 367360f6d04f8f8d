/* tick.h - a moment: nanoseconds since 1970-01-01 UTC, wrapped so that it
 * cannot be mixed up with a count.  Time is a field of the packet; nothing
 * below the command line asks a clock. */
#ifndef BASE_TICK_H
#define BASE_TICK_H

#include <stdint.h>

#define TICK_SECOND INT64_C(1000000000)

struct tick {
	int64_t ns;
};

static inline int64_t
tick_since(struct tick later, struct tick earlier)
{
	return later.ns - earlier.ns;
}

#endif
