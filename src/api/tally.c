/* tally.c - see tally.h. */
#include "tally.h"

#include <stdlib.h>
#include <string.h>

#include "../base/hash.h"

struct span
tally_text(const struct tally *t, uint32_t i)
{
	return SPAN((const uint8_t *)t->text.p + t->of[i].at, t->of[i].n);
}

static uint32_t
slot_of(const struct tally *t, struct span text)
{
	uint32_t at = (uint32_t)hash_bytes(text.p, text.n, hash_seed) & t->mask;

	for (; t->slot[at] != 0; at = (at + 1) & t->mask) {
		struct span is = tally_text(t, t->slot[at] - 1);

		if (is.n == text.n && memcmp(is.p, text.p, is.n) == 0)
			break;
	}
	return at;
}

static bool
grow(struct tally *t)
{
	uint32_t cap = t->cap > 0 ? 2 * t->cap : 256;
	struct tally_row *of = realloc(t->of, cap * sizeof(*of));
	uint32_t *slot = calloc((size_t)cap * 2, sizeof(*slot));

	t->of = of != NULL ? of : t->of;
	if (of == NULL || slot == NULL) {
		free(slot);
		return false;
	}
	free(t->slot);
	t->slot = slot;
	t->cap = cap;
	t->mask = 2 * cap - 1;
	for (uint32_t i = 0; i < t->n; i++)
		t->slot[slot_of(t, tally_text(t, i))] = i + 1;
	return true;
}

void
tally_add(struct tally *t, struct span text, uint64_t sum, uint64_t part)
{
	uint32_t at;

	if (t->n == t->cap && !grow(t))
		return;
	at = slot_of(t, text);
	if (t->slot[at] == 0) {
		size_t begin = t->text.n;

		buffer_put(&t->text, text.p, text.n);
		if (t->text.failed)
			return;
		t->of[t->n++] = (struct tally_row){ begin, text.n, 0, 0 };
		t->slot[at] = t->n;
	}
	t->of[t->slot[at] - 1].sum += sum;
	t->of[t->slot[at] - 1].part += part;
}

static int
most_first(const void *a, const void *b, void *ctx)
{
	const struct tally_row *x = a, *y = b;
	const char *text = ctx;
	int order;

	if (x->sum != y->sum)
		return x->sum > y->sum ? -1 : 1;
	order = memcmp(text + x->at, text + y->at, x->n < y->n ? x->n : y->n);
	return order != 0 ? order : x->n < y->n ? -1 : x->n > y->n;
}

void
tally_sort(struct tally *t)
{
	if (t->n > 1)
		qsort_r(t->of, t->n, sizeof(t->of[0]), most_first, t->text.p);
}

void
tally_free(struct tally *t)
{
	free(t->of);
	free(t->slot);
	buffer_free(&t->text);
	*t = (struct tally){ .n = 0 };
}
