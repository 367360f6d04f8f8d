/* polls.c - see polls.h. */
#include "polls.h"

#include <stdlib.h>

#define KEEP_NS (60 * TICK_SECOND)

struct gathering {
	struct polls *polls;
	const struct model *model;
	const struct ends *ends;
};

static void
add(struct polls *p, int64_t device, int64_t ns)
{
	if (device <= 0)
		return;
	if (p->n == p->cap) {
		uint32_t cap = p->cap > 0 ? 2 * p->cap : 256;
		struct poll *more = realloc(p->of, cap * sizeof(*more));

		if (more == NULL)
			return;
		p->of = more;
		p->cap = cap;
	}
	p->of[p->n++] = (struct poll){ device, ns };
}

static int64_t
device_of(const struct gathering *g, uint32_t asset)
{
	const struct asset *a = asset_at(g->model->assets, asset);
	char text[ADDR_TEXT_MAX];

	if (a == NULL || (a->flags & (ASSET_GROUP | ASSET_INTERNET)) != 0)
		return END_NONE;
	return ends_find(g->ends, span_text(addr_text(&a->addr, text)));
}

static void
got(void *ctx, const struct cycle *c)
{
	struct gathering *g = ctx;

	add(g->polls, device_of(g, c->client), c->ns);
	add(g->polls, device_of(g, c->server), c->ns);
}

static int
by_device(const void *a, const void *b)
{
	const struct poll *x = a, *y = b;

	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	return x->ns < y->ns ? -1 : x->ns > y->ns;
}

static void
sort(struct polls *p)
{
	uint32_t n = 0;

	if (p->n > 0)
		qsort(p->of, p->n, sizeof(p->of[0]), by_device);
	for (uint32_t i = 0; i < p->n; i++)
		if (n == 0 || by_device(&p->of[i], &p->of[n - 1]) != 0)
			p->of[n++] = p->of[i];
	p->n = n;
}

const struct polls *
polls_of(struct request *rq, const struct ends *ends)
{
	struct polls **p = &rq->server->polls;
	int64_t now = now_tick().ns;
	struct gathering g = { .ends = ends };

	if (*p != NULL && now < (*p)->until && now > (*p)->until - KEEP_NS)
		return *p;
	if (*p == NULL)
		*p = calloc(1, sizeof(**p));
	g.model = *p != NULL ? model_take(rq) : NULL;
	if (g.model == NULL)
		return NULL;
	g.polls = *p;
	(*p)->n = 0;
	baseline_cycles(g.model->baseline, got, &g);
	model_give(rq);
	sort(*p);
	(*p)->until = now + KEEP_NS;
	return *p;
}

void
polls_free(struct polls *p)
{
	if (p != NULL)
		free(p->of);
	free(p);
}
