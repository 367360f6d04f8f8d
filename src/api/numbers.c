/* numbers.c - see numbers.h. */
#include "numbers.h"

#include <stdlib.h>

#include "../base/hash.h"

static uint64_t
slot_of(const struct numbers *p, int64_t id)
{
	uint64_t at = hash_mix((uint64_t)id, 1) & p->mask;

	while (p->slot[at].id != 0 && p->slot[at].id != id)
		at = (at + 1) & p->mask;
	return at;
}

bool
numbers_begin(struct numbers *p, uint32_t n)
{
	uint64_t slots = 64;

	while (slots < 2 * (uint64_t)n)
		slots *= 2;
	p->slot = calloc(slots, sizeof(*p->slot));
	p->mask = slots - 1;
	return p->slot != NULL;
}

void
numbers_put(struct numbers *p, int64_t id, uint32_t place)
{
	uint64_t at;

	if (p->slot == NULL)
		return;
	at = slot_of(p, id);
	p->slot[at].id = id;
	p->slot[at].place = place;
}

uint32_t
numbers_find(const struct numbers *p, int64_t id)
{
	uint64_t at;

	if (p->slot == NULL || id <= 0)
		return NUMBER_NONE;
	at = slot_of(p, id);
	return p->slot[at].id == id ? p->slot[at].place : NUMBER_NONE;
}

void
numbers_free(struct numbers *p)
{
	free(p->slot);
	p->slot = NULL;
}
