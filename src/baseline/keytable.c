/*
 * keytable.c - keys by tuple.
 *
 * Keys stand in one dense array in the order they came, so that a scan reads
 * memory straight through and what is put out never depends on the secret.
 * An index of slots finds them by hash (linear probing, at most half full); a
 * second index strings neighbours (the same pair, or the objects of one area)
 * into chains.  Removed places are used again, the last first.
 */
#include "../base/reserve.h"
#include "private.h"

#include <stdlib.h>

struct keytable {
	uint32_t max, top, n, free, slot_mask;
	struct key *key;
	uint32_t *slot; /* place + 1 */
	uint32_t *chain; /* place + 1 of the chain's first */
	uint32_t *link; /* place + 1 of the next; of free ones too */
	uint64_t *chained; /* chain of each key */
	uint64_t *gone;
	uint32_t n_gone;
};

struct keytable *
keytable_new(uint32_t max)
{
	struct keytable *t = calloc(1, sizeof(*t));
	uint32_t slots = 64;

	if (t == NULL)
		return NULL;
	while (slots < 2 * max)
		slots *= 2;
	t->max = max;
	t->slot_mask = slots - 1;
	t->key = reserve((size_t)max * sizeof(t->key[0]));
	t->slot = reserve((size_t)slots * sizeof(t->slot[0]));
	t->chain = reserve((size_t)slots * sizeof(t->chain[0]));
	t->link = reserve((size_t)max * sizeof(t->link[0]));
	t->chained = reserve((size_t)max * sizeof(t->chained[0]));
	t->gone = reserve((size_t)max * sizeof(t->gone[0]));
	if (t->key == NULL || t->slot == NULL || t->chain == NULL ||
	    t->link == NULL || t->chained == NULL || t->gone == NULL) {
		keytable_free(t);
		return NULL;
	}
	return t;
}

void
keytable_free(struct keytable *t)
{
	size_t slots;

	if (t == NULL)
		return;
	slots = (size_t)t->slot_mask + 1;
	release(t->key, (size_t)t->max * sizeof(t->key[0]));
	release(t->slot, slots * sizeof(t->slot[0]));
	release(t->chain, slots * sizeof(t->chain[0]));
	release(t->link, (size_t)t->max * sizeof(t->link[0]));
	release(t->chained, (size_t)t->max * sizeof(t->chained[0]));
	release(t->gone, (size_t)t->max * sizeof(t->gone[0]));
	free(t);
}

struct key *
keytable_at(const struct keytable *t, uint32_t at)
{
	return &t->key[at];
}

uint32_t
keytable_top(const struct keytable *t)
{
	return t->top;
}

uint32_t
keytable_count(const struct keytable *t)
{
	return t->n;
}

uint32_t
keytable_max(const struct keytable *t)
{
	return t->max;
}

/* An interval may have grown since the key got its hash. */
static bool
is_of(const struct key *k, const struct tuple *t)
{
	if (k->scenario != t->scenario || k->client != t->client ||
	    k->server != t->server ||
	    memcmp(k->p, t->p, 3 * sizeof(k->p[0])) != 0)
		return false;
	if (scenario_has_interval(t->scenario))
		return k->p[3] <= t->p[3] && k->p[4] >= t->p[4];
	return k->p[3] == t->p[3] && k->p[4] == t->p[4];
}

uint32_t
keytable_find(const struct keytable *t, uint64_t hash,
    const struct tuple *tuple)
{
	uint32_t i = (uint32_t)hash & t->slot_mask;
	const struct key *k;

	for (; t->slot[i] != 0; i = (i + 1) & t->slot_mask) {
		k = &t->key[t->slot[i] - 1];
		if (k->hash == hash && is_of(k, tuple))
			return t->slot[i] - 1;
	}
	return KEY_NOWHERE;
}

uint32_t
keytable_by_hash(const struct keytable *t, uint64_t hash)
{
	uint32_t i = (uint32_t)hash & t->slot_mask;

	for (; t->slot[i] != 0; i = (i + 1) & t->slot_mask)
		if (t->key[t->slot[i] - 1].hash == hash)
			return t->slot[i] - 1;
	return KEY_NOWHERE;
}

static uint32_t *
chain_head(const struct keytable *t, uint64_t chain)
{
	return &t->chain[(uint32_t)(chain >> 32) & t->slot_mask];
}

uint32_t
keytable_add(struct keytable *t, const struct key *k, uint64_t chain)
{
	uint32_t i, at, *head = chain_head(t, chain);

	if (t->free != 0) {
		at = t->free - 1;
		t->free = t->link[at];
	} else if (t->top < t->max) {
		at = t->top++;
	} else {
		return KEY_NOWHERE;
	}
	t->key[at] = *k;
	t->chained[at] = chain;
	t->link[at] = *head;
	*head = at + 1;
	i = (uint32_t)k->hash & t->slot_mask;
	while (t->slot[i] != 0)
		i = (i + 1) & t->slot_mask;
	t->slot[i] = at + 1;
	t->n++;
	return at;
}

/* Close the gap at slot i: what was pushed past it moves back. */
static void
close_gap(struct keytable *t, uint32_t i)
{
	uint32_t j = i, home;

	for (;;) {
		t->slot[i] = 0;
		do {
			j = (j + 1) & t->slot_mask;
			if (t->slot[j] == 0)
				return;
			home = (uint32_t)t->key[t->slot[j] - 1].hash &
			    t->slot_mask;
		} while (
		    ((j - home) & t->slot_mask) < ((j - i) & t->slot_mask));
		t->slot[i] = t->slot[j];
		i = j;
	}
}

void
keytable_remove(struct keytable *t, uint32_t at)
{
	uint32_t i = (uint32_t)t->key[at].hash & t->slot_mask;
	uint32_t *link = chain_head(t, t->chained[at]);

	while (t->slot[i] != at + 1)
		i = (i + 1) & t->slot_mask;
	close_gap(t, i);
	while (*link != at + 1)
		link = &t->link[*link - 1];
	*link = t->link[at];
	keytable_forget(t, t->key[at].hash);
	memset(&t->key[at], 0, sizeof(t->key[at])); /* KEY_NONE */
	t->link[at] = t->free;
	t->free = at + 1;
	t->n--;
}

uint32_t
keytable_chain(const struct keytable *t, uint64_t chain)
{
	return *chain_head(t, chain) - 1; /* none: KEY_NOWHERE */
}

uint32_t
keytable_next(const struct keytable *t, uint32_t at)
{
	return t->link[at] - 1;
}

void
keytable_forget(struct keytable *t, uint64_t hash)
{
	if (t->n_gone < t->max)
		t->gone[t->n_gone++] = hash;
}

uint32_t
keytable_gone(const struct keytable *t, const uint64_t **ret)
{
	*ret = t->gone;
	return t->n_gone;
}

void
keytable_gone_clear(struct keytable *t)
{
	t->n_gone = 0;
}
