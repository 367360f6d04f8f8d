/* rand.c - chance: a stream of numbers per actor, from the seed and a name. */
#include <math.h>

#include "plant.h"

static uint64_t
mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

struct rng
rng_of(uint64_t seed, const char *name, uint32_t number)
{
	uint64_t s = mix(seed + 0x9e3779b97f4a7c15ull);

	for (; *name != '\0'; name++)
		s = mix(s ^ (uint8_t)*name);
	return (struct rng){ .s = mix(s + number) };
}

uint32_t
rng_u32(struct rng *r)
{
	r->s += 0x9e3779b97f4a7c15ull;
	return (uint32_t)(mix(r->s) >> 32);
}

uint32_t
rng_below(struct rng *r, uint32_t n)
{
	return (uint32_t)((uint64_t)rng_u32(r) * n >> 32);
}

double
rng_part(struct rng *r)
{
	return rng_u32(r) / 4294967296.0;
}

uint64_t
rng_wait(struct rng *r, uint64_t mean)
{
	return (uint64_t)(-log(1.0 - rng_part(r)) * (double)mean) + 1;
}

uint64_t
rng_about(struct rng *r, uint64_t mean)
{
	return mean - mean / 10 +
	    (mean / 5 * (uint64_t)(rng_u32(r) >> 12) >> 20);
}

uint32_t
value_now(const struct plant *p, uint32_t which)
{
	uint64_t base = mix(which + 1);

	return (uint32_t)(100 + base % 900 +
	    mix(base ^ p->now / (20 * SECOND)) % 20);
}
