/*
 * tally.h - sums by a text, in one pass over many rows: what GROUP BY does,
 * but without sorting them all.
 */
#ifndef API_TALLY_H
#define API_TALLY_H

#include "private.h"

struct tally_row {
	size_t at; /* of the text */
	uint32_t n; /* bytes of it */
	uint64_t sum, part;
};
struct tally { /* begins zeroed */
	struct tally_row *of;
	uint32_t n, cap;
	uint32_t *slot; /* index and 1, 0 free */
	uint32_t mask;
	struct buffer text;
};

/* A text that is new when memory is out is left out. */
void tally_add(struct tally *, struct span text, uint64_t sum, uint64_t part);
/* Most first, then by text; no more is added afterwards. */
void tally_sort(struct tally *);
/* Until the next tally_add(). */
struct span tally_text(const struct tally *, uint32_t i);
void tally_free(struct tally *);

#endif
