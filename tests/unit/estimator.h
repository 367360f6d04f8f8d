/* estimator.h - what the tests of estimators share: chance that is the same
 * each time, and the blocks that an estimator saved. */
#ifndef TEST_ESTIMATOR_H
#define TEST_ESTIMATOR_H

#include <string.h>

#include "../../src/baseline/estimators.h"

static uint64_t dice = 1;

static inline double
chance(void)
{
	dice = dice * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (double)(dice >> 11) / 9007199254740992.0;
}

#define KEPT_BLOCKS 64u

struct kept {
	unsigned n;
	struct {
		uint64_t id;
		uint32_t kind, size;
		uint8_t byte[1024];
	} block[KEPT_BLOCKS];
};

/* A sink's block(); ctx is a struct kept. */
static inline bool
keep(void *ctx, uint32_t kind, uint64_t id, struct span bytes)
{
	struct kept *k = ctx;

	if (k->n == KEPT_BLOCKS || bytes.n > sizeof(k->block[0].byte))
		return false;
	k->block[k->n].id = id;
	k->block[k->n].kind = kind;
	k->block[k->n].size = bytes.n;
	memcpy(k->block[k->n++].byte, bytes.p, bytes.n);
	return true;
}

static inline struct span
kept_span(const struct kept *k, unsigned i)
{
	return SPAN(k->block[i].byte, k->block[i].size);
}

#endif
