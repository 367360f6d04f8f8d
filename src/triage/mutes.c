/*
 * mutes.c - see mutes.h.
 *
 * Open addressing; a fold is a hash already.  Zero marks an empty slot, so
 * the fold zero is kept as one.
 */
#include "mutes.h"

#include <stdlib.h>

#include "../base/reserve.h"

struct mutes {
	uint64_t *slot;
	uint32_t slots; /* a power of two, at least twice `max` */
	uint32_t n, max;
};

struct mutes *
mutes_new(uint32_t max)
{
	struct mutes *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->max = max;
	m->slots = 4;
	while (m->slots < 2 * max)
		m->slots *= 2;
	m->slot = reserve(m->slots * sizeof(*m->slot));
	if (m->slot != NULL)
		return m;
	free(m);
	return NULL;
}

void
mutes_free(struct mutes *m)
{
	if (m == NULL)
		return;
	release(m->slot, m->slots * sizeof(*m->slot));
	free(m);
}

static uint64_t
kept_as(uint64_t fold)
{
	return fold != 0 ? fold : 1;
}

/* Where it stands, or would. */
static uint32_t
place_of(const struct mutes *m, uint64_t kept)
{
	uint32_t at = (uint32_t)kept & (m->slots - 1);

	while (m->slot[at] != 0 && m->slot[at] != kept)
		at = (at + 1) & (m->slots - 1);
	return at;
}

bool
mutes_has(const struct mutes *m, uint64_t fold)
{
	return m->n > 0 && m->slot[place_of(m, kept_as(fold))] != 0;
}

bool
mutes_add(struct mutes *m, uint64_t fold)
{
	uint32_t at = place_of(m, kept_as(fold));

	if (m->slot[at] != 0)
		return true;
	if (m->n == m->max)
		return false;
	m->slot[at] = kept_as(fold);
	m->n++;
	return true;
}

/* Those behind are put in anew, so that no search ends at the hole. */
void
mutes_drop(struct mutes *m, uint64_t fold)
{
	uint32_t at = place_of(m, kept_as(fold));

	if (m->slot[at] == 0)
		return;
	m->slot[at] = 0;
	m->n--;
	for (at = (at + 1) & (m->slots - 1); m->slot[at] != 0;
	     at = (at + 1) & (m->slots - 1)) {
		uint64_t moved = m->slot[at];

		m->slot[at] = 0;
		m->slot[place_of(m, moved)] = moved;
	}
}
