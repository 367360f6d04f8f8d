/*
 * places.h - what the tables of estimators.h have in common: numbered places
 * found by a few plain numbers, the count of windows that would have alerted,
 * and the bytes an entry is saved as.
 */
#ifndef BASELINE_PLACES_H
#define BASELINE_PLACES_H

#include <stdio.h>

#include "../base/rd.h"
#include "estimators.h"

/* ------------------------------------------------------------------ places */

struct ident {
	uint32_t part[6];
};

struct places {
	struct ident *ident; /* 1 .. max */
	bool *taken;
	uint32_t *slot; /* hash table of numbers, at most half full */
	uint32_t mask;
	uint32_t n, max; /* highest number taken; at most */
	uint64_t left_out;
};

bool places_open(struct places *, uint32_t max);
void places_close(struct places *);
/* The number of it, made if need be (*ret_new); 0 when full. */
uint32_t places_of(struct places *, const struct ident *, bool *ret_new);
/* Take that very number, as it was saved. */
bool places_put(struct places *, uint32_t number, const struct ident *);

/* ------------------------------------------------------------------ shadow */

#define SHADOW_WORDS ((ESTIMATOR_WINDOWS + 63) / 64)

/* Which of the last windows counted, and which had a finding. */
struct shadow {
	uint64_t counted[SHADOW_WORDS], hit[SHADOW_WORDS];
	uint32_t window; /* the current one */
	bool begun, lost, ready;
};

/* True when a window has ended with this moment.  `ready`: an entry could
 * have had a finding. */
bool shadow_clock(struct shadow *, const struct moment *, bool ready);
void shadow_hit(struct shadow *);
void shadow_report(const struct shadow *, uint32_t window_seconds,
    struct estimator_report *ret);

/* ------------------------------------------------------------------ blocks */

#define BLOCK_MAX 1024u

struct block {
	uint8_t byte[BLOCK_MAX];
	uint32_t n;
};

static inline void
put_le(struct block *b, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes && b->n < BLOCK_MAX; i++)
		b->byte[b->n++] = (uint8_t)(v >> (8 * i));
}

static inline void
put_real(struct block *b, double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	put_le(b, bits, 8);
}

void put_ident(struct block *, const struct ident *);
struct ident rd_ident(struct rd *);
void put_shadow(struct block *, const struct shadow *);
void rd_shadow(struct rd *, struct shadow *ret);

/* What a table gives to be saved.  Number 0 is the table itself. */
struct saver {
	uint32_t kind;
	uint8_t version;
	void *ctx;
	/* False: it has nothing new. */
	bool (*pack)(void *ctx, uint32_t number, struct block *);
	void (*saved)(void *ctx, uint32_t number);
};
bool save_places(const struct saver *, uint32_t n,
    const struct baseline_sink *);
/* Open a block, past its version: false when it is another's. */
bool block_open(struct rd *, struct rd_state *, struct span, uint8_t version);
/* The whole was read, and was all there was. */
bool block_done(struct rd *);

/* A span of learning, shortened as the sensor was told. */
static inline int64_t
learn_span(int64_t seconds, uint32_t scale)
{
	return seconds * TICK_SECOND / (scale > 0 ? scale : 1);
}

/* "14 days", "3 hours", "40 seconds" */
static inline const char *
span_words(int64_t ns, char dst[24])
{
	const int64_t s = ns / TICK_SECOND;

	if (s >= 2 * 86400)
		(void)snprintf(dst, 24, "%d days", (int)(s / 86400));
	else if (s >= 2 * 3600)
		(void)snprintf(dst, 24, "%d hours", (int)(s / 3600));
	else
		(void)snprintf(dst, 24, "%d seconds", (int)s);
	return dst;
}

#endif
