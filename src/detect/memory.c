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
	uint64_t tag; /* as in the set, so that a guess needs no more */
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
	uint64_t apart; /* mixed into every key */
	/* cells, as set * WAYS + way: asked for, and what will be */
	uint32_t n_touched, touched[MEMORY_TOUCHED], guess[MEMORY_TOUCHED];
};

struct memory *
memory_new(uint32_t max)
{
	struct memory *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->n_touched = MEMORY_TOUCHED;
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
	uint64_t tag = cell_key(key ^ m->apart, what + 1);

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
over(const struct cell *c, uint32_t now)
{
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
		if (s->tag[way] == 0 || over(&s->cell[way], now))
			return way;
		if (s->cell[way].last < s->cell[oldest].last)
			oldest = way;
	}
	return oldest;
}

static struct cell *
cell_at(const struct memory *m, uint32_t number)
{
	return &m->set[number / WAYS & (m->sets - 1)].cell[number % WAYS];
}

/* Its number; one that is not there takes the place of another. */
static uint32_t
look_up(struct memory *m, uint64_t tag, uint32_t now)
{
	struct set *s = set_of(m, tag);
	uint32_t way = find(s, tag);
	struct cell *c;

	if (way == WAYS) {
		way = make_room(s, now);
		c = &s->cell[way];
		s->tag[way] = c->tag = tag;
		c->last = now;
		memset(c->bytes, 0, MEMORY_CELL);
	}
	return (uint32_t)(s - m->set) * WAYS + way;
}

void *
memory_cell(struct memory *m, uint32_t what, uint64_t key, struct tick now,
    uint32_t lives)
{
	const uint64_t tag = tag_of(m, what, key);
	const uint32_t at = second(now), i = m->n_touched;
	uint32_t number = i < MEMORY_TOUCHED ? m->guess[i] : UINT32_MAX;
	struct cell *c = cell_at(m, number);

	if (number == UINT32_MAX || c->tag != tag) {
		number = look_up(m, tag, at);
		c = cell_at(m, number);
	}
	if (i < MEMORY_TOUCHED)
		m->touched[m->n_touched++] = number;
	if (over(c, at)) {
		memset(c->bytes, 0, MEMORY_CELL);
		c->last = at;
	}
	if (at > c->last)
		c->last = at;
	if (c->lives != lives)
		c->lives = lives;
	return c->bytes;
}

void
memory_watch(struct memory *m, const uint32_t guess[MEMORY_TOUCHED])
{
	memcpy(m->guess, guess, sizeof(m->guess));
	memset(m->touched, 0xff, sizeof(m->touched));
	m->n_touched = 0;
}

void
memory_unwatch(struct memory *m, uint32_t ret_cell[MEMORY_TOUCHED])
{
	memcpy(ret_cell, m->touched, sizeof(m->touched));
	m->n_touched = MEMORY_TOUCHED;
}

void
memory_ahead(const struct memory *m, const uint32_t cell[MEMORY_TOUCHED])
{
	for (uint32_t i = 0; i < MEMORY_TOUCHED; i++) {
		if (cell[i] == UINT32_MAX)
			break;
		__builtin_prefetch(cell_at(m, cell[i]), 1);
	}
}

void *
memory_peek(struct memory *m, uint32_t what, uint64_t key, struct tick now)
{
	uint64_t tag = tag_of(m, what, key);
	struct set *s = set_of(m, tag);
	uint32_t way = find(s, tag);

	if (way == WAYS || over(&s->cell[way], second(now)))
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
