/*
 * words.c - texts and small records as numbers.
 *
 * A word is stored once and keeps its number for ever, also in later runs.
 * When there is no room for another, it gets a number made of its hash, with
 * the top bit set: keys still tell it from others, only its text is lost.
 */
#include "../base/hash.h"
#include "../base/reserve.h"
#include "private.h"

#include <stdlib.h>

#define WORD_HASHED 0x80000000u

struct words {
	uint32_t max, n, slot_mask;
	size_t cap, used;
	uint32_t *at; /* per word: offset + 1 of its length byte; 0 none */
	uint32_t *slot; /* word */
	uint8_t *bytes; /* length, then the bytes */
};

struct words *
words_new(uint32_t max, size_t bytes)
{
	struct words *w = calloc(1, sizeof(*w));
	uint32_t slots = 64;

	if (w == NULL)
		return NULL;
	while (slots < 2 * max)
		slots *= 2;
	w->max = max;
	w->cap = bytes < UINT32_MAX ? bytes : UINT32_MAX - 1;
	w->slot_mask = slots - 1;
	w->at = reserve(((size_t)max + 1) * sizeof(w->at[0]));
	w->slot = reserve((size_t)slots * sizeof(w->slot[0]));
	w->bytes = reserve(w->cap);
	if (w->at == NULL || w->slot == NULL || w->bytes == NULL) {
		words_free(w);
		return NULL;
	}
	return w;
}

void
words_free(struct words *w)
{
	if (w == NULL)
		return;
	release(w->at, ((size_t)w->max + 1) * sizeof(w->at[0]));
	release(w->slot, ((size_t)w->slot_mask + 1) * sizeof(w->slot[0]));
	release(w->bytes, w->cap);
	free(w);
}

struct span
words_at(const struct words *w, uint32_t id)
{
	uint32_t at = id > 0 && id <= w->n ? w->at[id] : 0;

	if (at == 0)
		return SPAN(NULL, 0);
	return SPAN(w->bytes + at, w->bytes[at - 1]);
}

/* The place of the word in the index, or of the gap where it belongs. */
static uint32_t *
slot_of(const struct words *w, struct span s)
{
	uint32_t i = (uint32_t)hash_bytes(s.p, s.n, hash_seed) & w->slot_mask;

	while (w->slot[i] != 0 && !span_is(words_at(w, w->slot[i]), s))
		i = (i + 1) & w->slot_mask;
	return &w->slot[i];
}

static uint32_t
hashed(struct span s)
{
	return WORD_HASHED | (uint32_t)hash_bytes(s.p, s.n, 0);
}

uint32_t
words_find(const struct words *w, struct span s)
{
	uint32_t id;

	s = span_first(s, UINT8_MAX);
	id = *slot_of(w, s);
	return id != 0 || w->n < w->max ? id : hashed(s);
}

bool
words_set(struct words *w, uint32_t id, struct span s)
{
	uint32_t *slot;

	if (id == 0 || id > w->max || s.n > UINT8_MAX || w->at[id] != 0 ||
	    w->used + s.n + 1 > w->cap)
		return false;
	slot = slot_of(w, s);
	if (*slot != 0)
		return false;
	*slot = id;
	w->bytes[w->used] = (uint8_t)s.n;
	if (s.n > 0)
		memcpy(w->bytes + w->used + 1, s.p, s.n);
	w->at[id] = (uint32_t)w->used + 1;
	w->used += s.n + 1;
	if (id > w->n)
		w->n = id;
	return true;
}

uint32_t
words_put(struct words *w, struct span s)
{
	uint32_t id;

	s = span_first(s, UINT8_MAX);
	id = *slot_of(w, s);
	if (id != 0)
		return id;
	return words_set(w, w->n + 1, s) ? w->n : hashed(s);
}

uint32_t
words_count(const struct words *w)
{
	return w->n;
}
