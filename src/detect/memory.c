/*
 * memory.c - what detectors remember: cells by key, bounded.
 *
 * Sets of eight cells; a key belongs to one set, so that finding it costs one
 * cache line, and a small cell another.  In a full set the cell that was
 * longest not asked for makes room.  The hash takes no random seed, as who
 * makes room for whom shows.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../base/reserve.h"
#include "private.h"

#define WAYS 8u

struct cell {
	_Alignas(64) uint32_t last; /* second it was asked for */
	uint32_t lives;
	_Alignas(16) uint8_t bytes[MEMORY_CELL];
};
_Static_assert(sizeof(struct cell) == 128, "two cache lines");

struct set {
	_Alignas(64) uint64_t tag[WAYS]; /* 0: never used */
	struct cell cell[WAYS];
};

struct memory {
	uint32_t sets; /* power of two */
	struct set *set;
	uint32_t n_touched, touched[MEMORY_TOUCHED]; /* set * WAYS + way */
	uint64_t apart; /* mixed into every key */
};

struct memory *
memory_new(uint32_t max)
{
	struct memory *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->sets = 1;
	while (m->sets * WAYS < max && m->sets < 1u << 24)
		m->sets *= 2;
	m->set = reserve(m->sets * sizeof(*m->set));
	if (m->set == NULL) {
		free(m);
		return NULL;
	}
	return m;
}

void
memory_free(struct memory *m)
{
	if (m == NULL)
		return;
	release(m->set, m->sets * sizeof(*m->set));
	free(m);
}

void
memory_apart(struct memory *m, uint64_t number)
{
	m->apart = number << 32 | (m->apart & UINT32_MAX);
}

/* Cells of before are never found again, and make room as they age. */
void
memory_forget(struct memory *m)
{
	m->apart = (m->apart & ~(uint64_t)UINT32_MAX) |
	    (uint32_t)((uint32_t)m->apart + 1);
}

static uint64_t
tag_of(const struct memory *m, uint32_t what, uint64_t key)
{
	uint64_t tag = key_mix(key ^ m->apart, what + 1);

	return tag != 0 ? tag : 1;
}

static struct set *
set_of(struct memory *m, uint64_t tag)
{
	return &m->set[(tag >> 32) & (m->sets - 1)];
}

static uint32_t
second(struct tick t)
{
	return (uint32_t)(t.ns / TICK_SECOND);
}

/* A clock that stepped back does not end a life. */
static bool
over(const struct set *s, uint32_t way, uint32_t now)
{
	const struct cell *c = &s->cell[way];

	return now > c->last && now - c->last > c->lives;
}

static uint32_t
find(const struct set *s, uint64_t tag)
{
	uint32_t way = 0;

	while (way < WAYS && s->tag[way] != tag)
		way++;
	return way;
}

/* A cell nobody uses, or else the one that was asked for longest ago. */
static uint32_t
make_room(const struct set *s, uint32_t now)
{
	uint32_t oldest = 0;

	for (uint32_t way = 0; way < WAYS; way++) {
		if (s->tag[way] == 0 || over(s, way, now))
			return way;
		if (s->cell[way].last < s->cell[oldest].last)
			oldest = way;
	}
	return oldest;
}

void *
memory_cell(struct memory *m, uint32_t what, uint64_t key, struct tick now,
    uint32_t lives)
{
	uint64_t tag = tag_of(m, what, key);
	struct set *s = set_of(m, tag);
	struct cell *c;
	uint32_t way = find(s, tag), at = second(now);
	bool known = way < WAYS && !over(s, way, at);

	if (way == WAYS)
		way = make_room(s, at);
	c = &s->cell[way];
	if (m->n_touched < MEMORY_TOUCHED)
		m->touched[m->n_touched++] =
		    (uint32_t)(s - m->set) * WAYS + way;
	if (!known)
		memset(c->bytes, 0, MEMORY_CELL);
	if (s->tag[way] != tag)
		s->tag[way] = tag;
	if (!known || at > c->last)
		c->last = at;
	if (c->lives != lives)
		c->lives = lives;
	return c->bytes;
}

void
memory_watch(struct memory *m)
{
	memset(m->touched, 0xff, sizeof(m->touched));
	m->n_touched = 0;
}

const uint32_t *
memory_touched(const struct memory *m)
{
	return m->touched;
}

void
memory_ahead(const struct memory *m, const uint32_t cell[MEMORY_TOUCHED])
{
	for (uint32_t i = 0; i < MEMORY_TOUCHED; i++) {
		const struct set *s = &m->set[cell[i] / WAYS & (m->sets - 1)];

		if (cell[i] == UINT32_MAX)
			break;
		__builtin_prefetch(s->tag);
		__builtin_prefetch(&s->cell[cell[i] % WAYS], 1);
	}
}

void *
memory_peek(struct memory *m, uint32_t what, uint64_t key, struct tick now)
{
	uint64_t tag = tag_of(m, what, key);
	struct set *s = set_of(m, tag);
	uint32_t way = find(s, tag);

	if (way == WAYS || over(s, way, second(now)))
		return NULL;
	return s->cell[way].bytes;
}

/* ------------------------------------------------------------- counting */

#define STEPS 20u /* a window is counted in twentieths */

struct counter {
	int64_t step; /* the newest */
	uint32_t n[STEPS];
};
_Static_assert(sizeof(struct counter) <= MEMORY_CELL, "fits a cell");

static int64_t
step_of(struct tick now, uint32_t within, uint32_t parts)
{
	int64_t length = (int64_t)within * TICK_SECOND / parts;

	return now.ns / (length > 0 ? length : 1);
}

/* The twentieths that have begun since become empty. */
static void
counter_turn(struct counter *c, int64_t step)
{
	if (step - c->step >= STEPS)
		memset(c->n, 0, sizeof(c->n));
	else
		for (int64_t i = c->step + 1; i <= step; i++)
			c->n[i % STEPS] = 0;
	c->step = step;
}

uint32_t
memory_count(struct memory *m, uint32_t what, uint64_t key, struct tick now,
    uint32_t within)
{
	struct counter *c = memory_cell(m, what, key, now, within);
	int64_t step = step_of(now, within, STEPS);
	uint32_t sum = 0;

	if (step > c->step)
		counter_turn(c, step);
	c->n[c->step % STEPS]++;
	for (uint32_t i = 0; i < STEPS; i++)
		sum += c->n[i];
	return sum;
}

/* ------------------------------------------------------ counting different */

/*
 * Up to EXACT items are kept as 24 bits of their hash and the 64th of the
 * window they were last seen in.  More are a bitmap for each half of the
 * window, read by linear counting (Whang, Vander-Zanden, Taylor 1990).
 */
#define EXACT 24u
#define PARTS 64u
#define WORDS 6u
#define BITMAP (WORDS * 64u)

struct distinct_cell {
	uint32_t half; /* number of the newest half */
	uint8_t n;
	bool many;
	union {
		uint32_t item[EXACT]; /* hash << 8 | part */
		uint64_t bit[2][WORDS]; /* of the half, and the one before */
	} u;
};
_Static_assert(sizeof(struct distinct_cell) <= MEMORY_CELL, "fits a cell");

static void
bit_set(uint64_t *bits, uint32_t hash)
{
	uint32_t i = hash % BITMAP;

	bits[i / 64] |= UINT64_C(1) << (i % 64);
}

static void
drop_old(struct distinct_cell *c, uint8_t part)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < c->n; i++) {
		uint8_t age = (uint8_t)(part - (uint8_t)c->u.item[i]);

		/* three quarters round are a clock that stepped back */
		if (age < PARTS || age >= 192)
			c->u.item[kept++] = c->u.item[i];
	}
	c->n = (uint8_t)kept;
}

static void
to_bitmap(struct distinct_cell *c, uint8_t part)
{
	uint32_t item[EXACT];

	memcpy(item, c->u.item, sizeof(item));
	memset(&c->u, 0, sizeof(c->u));
	for (uint32_t i = 0; i < c->n; i++) {
		uint8_t age = (uint8_t)(part - (uint8_t)item[i]);

		bit_set(c->u.bit[age >= PARTS / 2 && age < 192], item[i] >> 8);
	}
	c->many = true;
}

/* False: there is no room, and it is new. */
static bool
few(struct distinct_cell *c, uint32_t hash, uint8_t part)
{
	uint32_t i = 0;

	drop_old(c, part);
	while (i < c->n && c->u.item[i] >> 8 != hash)
		i++;
	if (i == EXACT)
		return false;
	c->u.item[i] = hash << 8 | part;
	if (i == c->n)
		c->n++;
	return true;
}

static uint32_t
many(struct distinct_cell *c, uint32_t hash, uint32_t half)
{
	uint32_t set = 0;

	if (half > c->half) {
		if (half == c->half + 1)
			memcpy(c->u.bit[1], c->u.bit[0], sizeof(c->u.bit[1]));
		else
			memset(c->u.bit[1], 0, sizeof(c->u.bit[1]));
		memset(c->u.bit[0], 0, sizeof(c->u.bit[0]));
		c->half = half;
	}
	bit_set(c->u.bit[0], hash);
	for (uint32_t i = 0; i < WORDS; i++)
		set += (uint32_t)__builtin_popcountll(
		    c->u.bit[0][i] | c->u.bit[1][i]);
	if (set == BITMAP)
		set--;
	return (uint32_t)lround(
	    -(double)BITMAP * log(1.0 - (double)set / BITMAP));
}

uint32_t
memory_distinct(struct memory *m, uint32_t what, uint64_t key, uint64_t item,
    struct tick now, uint32_t within)
{
	struct distinct_cell *c = memory_cell(m, what, key, now, within);
	uint32_t hash = (uint32_t)(key_mix(item, 0) >> 40);
	uint8_t part = (uint8_t)step_of(now, within, PARTS);
	uint32_t half = (uint32_t)step_of(now, within, 2);

	if (!c->many && few(c, hash, part)) {
		c->half = half;
		return c->n;
	}
	if (!c->many)
		to_bitmap(c, part);
	return many(c, hash, half);
}
