/*
 * gate.c - how often a password may be tried; see people.h.
 *
 * A fixed table of counters in memory, each with the time it was last touched;
 * the longest untouched of four places makes room.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/hash.h"
#include "people.h"

#define PLACES 16384u
#define WAYS 4u
#define HOUR 3600

/* Free tries; then a wait that doubles up to its most. */
static const struct rule {
	uint32_t free;
	int64_t first, most;
} rules[] = {
	{ 5, 30, HOUR }, /* one source, one account */
	{ 20, 60, HOUR }, /* one source, any account */
	{ 50, 60, HOUR }, /* one account, sources it never came from */
};
enum {
	BY_PAIR,
	BY_SOURCE,
	BY_ACCOUNT,
	RULES,
	/* counted by themselves: what a directory was asked */
	ASKED_KNOWN = RULES,
	ASKED_OTHERS
};
#define ASKED_WINDOW 1800

struct count {
	uint64_t of; /* hash of whom; 0 free */
	uint32_t failures;
	int64_t at, until;
};

struct gate {
	pthread_mutex_t lock;
	struct count count[PLACES];
};

struct gate *
gate_new(void)
{
	struct gate *g = calloc(1, sizeof(*g));

	if (g != NULL)
		(void)pthread_mutex_init(&g->lock, NULL);
	return g;
}

void
gate_free(struct gate *g)
{
	if (g == NULL)
		return;
	(void)pthread_mutex_destroy(&g->lock);
	free(g);
}

static uint64_t
who(int rule, const char *source, const char *user)
{
	char text[256];
	int n = snprintf(text, sizeof(text), "%d|%s|%s", rule,
	    rule >= BY_ACCOUNT ? "" : source, rule == BY_SOURCE ? "" : user);

	return hash_bytes(text,
		   (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1,
		   hash_seed) |
	    1;
}

/* The one of that hash; NULL, or one made for it. */
static struct count *
find(struct gate *g, uint64_t of, bool make)
{
	struct count *set = &g->count[of / 2 % (PLACES / WAYS) * WAYS];
	struct count *oldest = &set[0];

	for (uint32_t i = 0; i < WAYS; i++) {
		if (set[i].of == of)
			return &set[i];
		if (set[i].at < oldest->at)
			oldest = &set[i];
	}
	if (!make)
		return NULL;
	*oldest = (struct count){ .of = of };
	return oldest;
}

int64_t
gate_wait(struct gate *g, const char *source, const char *user, bool known,
    int64_t now)
{
	int64_t wait = 0;

	(void)pthread_mutex_lock(&g->lock);
	for (int i = 0; i < RULES; i++) {
		const struct count *c = find(g, who(i, source, user), false);

		if (c == NULL || (i == BY_ACCOUNT && known))
			continue;
		if (c->until - now > wait)
			wait = c->until - now;
	}
	(void)pthread_mutex_unlock(&g->lock);
	return wait;
}

void
gate_failed(struct gate *g, const char *source, const char *user, bool known,
    int64_t now)
{
	(void)pthread_mutex_lock(&g->lock);
	for (int i = 0; i < RULES; i++) {
		struct count *c = find(g, who(i, source, user), true);
		const struct rule *r = &rules[i];
		int64_t wait = r->first;

		if (i == BY_ACCOUNT && known)
			continue;
		if (now - c->at > HOUR) /* long ago: forgiven */
			c->failures = 0;
		c->at = now;
		if (++c->failures < r->free)
			continue;
		for (uint32_t k = r->free; k < c->failures && wait < r->most;
		     k++)
			wait *= 2;
		c->until = now + (wait < r->most ? wait : r->most);
	}
	(void)pthread_mutex_unlock(&g->lock);
}

void
gate_passed(struct gate *g, const char *source, const char *user)
{
	struct count *c;

	(void)pthread_mutex_lock(&g->lock);
	c = find(g, who(BY_PAIR, source, user), false);
	if (c != NULL)
		*c = (struct count){ .of = 0 };
	(void)pthread_mutex_unlock(&g->lock);
}

int64_t
gate_hand_on(struct gate *g, const char *user, bool known, uint32_t most,
    int64_t now)
{
	uint32_t share = known ? most / 2 : most - most / 2;
	struct count *c;
	int64_t wait = 0;

	(void)pthread_mutex_lock(&g->lock);
	c = find(g, who(known ? ASKED_KNOWN : ASKED_OTHERS, "", user), true);
	if (c->until <= now)
		c->failures = 0;
	if (c->failures >= share) {
		wait = c->until - now;
	} else {
		c->failures++;
		c->at = now;
		c->until = now + ASKED_WINDOW;
	}
	(void)pthread_mutex_unlock(&g->lock);
	return wait;
}

void
gate_take_back(struct gate *g, const char *user, bool known, bool right)
{
	(void)pthread_mutex_lock(&g->lock);
	for (int i = ASKED_KNOWN; i <= ASKED_OTHERS; i++) {
		struct count *c = find(g, who(i, "", user), false);

		if (c == NULL)
			continue;
		if (right)
			*c = (struct count){ .of = 0 };
		else if ((i == ASKED_KNOWN) == known && c->failures > 0)
			c->failures--;
	}
	(void)pthread_mutex_unlock(&g->lock);
}
