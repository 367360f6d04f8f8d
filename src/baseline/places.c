/*
 * places.c - numbered places, windows that would have alerted, saved bytes.
 */
#include <math.h>

#include "../base/hash.h"
#include "../base/reserve.h"
#include "places.h"

static size_t
slots_bytes(const struct places *p)
{
	return ((size_t)p->mask + 1) * sizeof(*p->slot);
}

bool
places_open(struct places *p, uint32_t max)
{
	uint32_t slots = 16;

	while (slots / 2 < max)
		slots *= 2;
	*p = (struct places){ .max = max, .mask = slots - 1 };
	p->ident = reserve(((size_t)max + 1) * sizeof(*p->ident));
	p->taken = reserve(((size_t)max + 1) * sizeof(*p->taken));
	p->slot = reserve(slots_bytes(p));
	return p->ident != NULL && p->taken != NULL && p->slot != NULL;
}

void
places_close(struct places *p)
{
	release(p->ident, ((size_t)p->max + 1) * sizeof(*p->ident));
	release(p->taken, ((size_t)p->max + 1) * sizeof(*p->taken));
	release(p->slot, slots_bytes(p));
}

/* Where it stands, or the empty slot where it would. */
static uint32_t *
slot_of(const struct places *p, const struct ident *id)
{
	uint64_t at = hash_bytes(id, sizeof(*id), hash_seed);

	for (;; at++) {
		uint32_t *slot = &p->slot[at & p->mask];

		if (*slot == 0 ||
		    memcmp(&p->ident[*slot], id, sizeof(*id)) == 0)
			return slot;
	}
}

uint32_t
places_of(struct places *p, const struct ident *id, bool *ret_new)
{
	uint32_t *slot = slot_of(p, id);

	*ret_new = false;
	if (*slot != 0)
		return *slot;
	if (p->n >= p->max) {
		p->left_out++;
		return 0;
	}
	*slot = ++p->n;
	p->ident[p->n] = *id;
	p->taken[p->n] = true;
	*ret_new = true;
	return p->n;
}

bool
places_put(struct places *p, uint32_t number, const struct ident *id)
{
	uint32_t *slot = slot_of(p, id);

	if (number == 0 || number > p->max || p->taken[number] || *slot != 0)
		return false;
	*slot = number;
	p->ident[number] = *id;
	p->taken[number] = true;
	if (p->n < number)
		p->n = number;
	return true;
}

/* ------------------------------------------------------------------ shadow */

static void
bit_put(uint64_t *words, uint32_t window, bool on)
{
	uint32_t at = window % ESTIMATOR_WINDOWS;
	uint64_t bit = UINT64_C(1) << (at % 64);

	words[at / 64] = on ? words[at / 64] | bit : words[at / 64] & ~bit;
}

static void
shadow_forget(struct shadow *s, uint32_t from, uint32_t to)
{
	uint32_t n = to - from;

	for (uint32_t i = 1; i <= n && i <= ESTIMATOR_WINDOWS; i++) {
		bit_put(s->counted, from + i, false);
		bit_put(s->hit, from + i, false);
	}
}

bool
shadow_clock(struct shadow *s, const struct moment *m, bool ready)
{
	bool ended = s->begun && m->window > s->window;

	if (!s->begun) {
		s->window = m->window;
		s->begun = true;
	}
	if (!ended) {
		s->ready = s->ready || ready;
		s->lost = s->lost || m->lost;
		return false;
	}
	if (s->ready && !s->lost)
		bit_put(s->counted, s->window, true);
	shadow_forget(s, s->window, m->window);
	s->window = m->window;
	s->ready = ready;
	s->lost = m->lost;
	return true;
}

void
shadow_hit(struct shadow *s)
{
	bit_put(s->hit, s->window, true);
}

double
at_most_90(uint32_t n)
{
	/* half of the 0.9 quantile of chi squared with 2n + 2 degrees */
	static const double exact[] = { 2.30, 3.89, 5.32, 6.68, 7.99, 9.27,
		10.53, 11.77, 12.99, 14.21, 15.41, 16.60, 17.78, 18.96, 20.13,
		21.29 };
	double k = n + 1.0;
	double root;

	if (n < sizeof(exact) / sizeof(exact[0]))
		return exact[n];
	/* Wilson and Hilferty */
	root = 1.0 - 1.0 / (9.0 * k) + 1.2815516 / (3.0 * sqrt(k));
	return k * root * root * root;
}

static uint32_t
bits_of(const uint64_t *a, const uint64_t *b)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < SHADOW_WORDS; i++)
		n += (uint32_t)__builtin_popcountll(a[i] & b[i]);
	return n;
}

void
shadow_report(const struct shadow *s, uint32_t window_seconds,
    struct estimator_report *ret)
{
	double a_day = 86400.0 / (window_seconds > 0 ? window_seconds : 3600);

	ret->windows = bits_of(s->counted, s->counted);
	ret->single = bits_of(s->counted, s->hit);
	ret->per_day = -1;
	ret->at_most = -1;
	if (ret->windows == 0)
		return;
	ret->per_day = a_day * ret->single / ret->windows;
	ret->at_most = a_day * at_most_90(ret->single) / ret->windows;
}

/* ------------------------------------------------------------------ blocks */

void
put_ident(struct block *b, const struct ident *id)
{
	for (unsigned i = 0; i < 6; i++)
		put_le(b, id->part[i], 4);
}

struct ident
rd_ident(struct rd *r)
{
	struct ident id = { .part = { 0 } };

	for (unsigned i = 0; i < 6; i++)
		id.part[i] = rd_le32(r);
	return id;
}

void
put_shadow(struct block *b, const struct shadow *s)
{
	for (unsigned i = 0; i < SHADOW_WORDS; i++) {
		put_le(b, s->counted[i], 8);
		put_le(b, s->hit[i], 8);
	}
	put_le(b, s->window, 4);
}

void
rd_shadow(struct rd *r, struct shadow *ret)
{
	*ret = (struct shadow){ .begun = true };
	for (unsigned i = 0; i < SHADOW_WORDS; i++) {
		ret->counted[i] = rd_le64(r);
		ret->hit[i] = rd_le64(r);
	}
	ret->window = rd_le32(r);
}

static bool
save_one(const struct saver *s, uint32_t number,
    const struct baseline_sink *sink)
{
	struct block b;

	b.byte[0] = s->version;
	b.n = 1;
	if (!s->pack(s->ctx, number, &b))
		return true;
	if (!sink->block(sink->ctx, s->kind, number, SPAN(b.byte, b.n)))
		return false;
	s->saved(s->ctx, number);
	return true;
}

bool
save_places(const struct saver *s, uint32_t n, const struct baseline_sink *sink)
{
	for (uint32_t i = 0; i <= n; i++)
		if (!save_one(s, i, sink))
			return false;
	return true;
}

bool
block_open(struct rd *r, struct rd_state *state, struct span bytes,
    uint8_t version)
{
	*r = rd_open(state, bytes, bytes.n);
	return rd_u8(r) == version && rd_ok(r);
}

bool
block_done(struct rd *r)
{
	rd_end(r);
	return rd_ok(r);
}
