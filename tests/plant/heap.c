/* heap.c - what happens next: events by time, equal ones in order of birth. */
#include <stdlib.h>

#include "plant.h"

static bool
before(const struct event *a, const struct event *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

void
heap_add(struct heap *h, uint64_t at, event_fn *fn, void *arg)
{
	struct event e = { .at = at,
		.order = h->order++,
		.fn = fn,
		.arg = arg };
	uint32_t i = h->n++;

	if (h->n > h->max) {
		h->max = h->max == 0 ? 1024 : h->max * 2;
		h->e = realloc(h->e, h->max * sizeof(*h->e));
		if (h->e == NULL)
			abort();
	}
	while (i > 0 && before(&e, &h->e[(i - 1) / 4])) {
		h->e[i] = h->e[(i - 1) / 4];
		i = (i - 1) / 4;
	}
	h->e[i] = e;
}

/* The earliest of up to four children; n when there is none. */
static uint32_t
child(const struct heap *h, uint32_t i)
{
	uint32_t best = i * 4 + 1, last = i * 4 + 4;

	for (uint32_t k = best + 1; k <= last && k < h->n; k++)
		if (before(&h->e[k], &h->e[best]))
			best = k;
	return best < h->n ? best : h->n;
}

bool
heap_take(struct heap *h, struct event *ret)
{
	struct event e;
	uint32_t i = 0, k;

	if (h->n == 0)
		return false;
	*ret = h->e[0];
	e = h->e[--h->n];
	while ((k = child(h, i)) < h->n && before(&h->e[k], &e)) {
		h->e[i] = h->e[k];
		i = k;
	}
	h->e[i] = e;
	return true;
}
