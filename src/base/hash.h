/*
 * hash.h - hash of a few bytes for our own tables (XXH3).
 *
 * Tables whose chains grow take hash_seed, so that nobody outside can aim at
 * one chain; it never shows in what is put out.  Tables of fixed ways, where
 * who makes room for whom does show, take 0.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Zero, for tests, until hash_seed_random(): once, at start. */
extern uint64_t hash_seed;
void hash_seed_random(void);

/*
 * Two words into one, by multiplication: for keys that are a few numbers, of
 * which a table of fixed ways is made.  As little an obstacle to somebody who
 * aims at a place as hash_bytes() with a known seed.
 */
__extension__ typedef unsigned __int128 hash_product;

static inline uint64_t
hash_mix(uint64_t a, uint64_t b)
{
	const hash_product product =
	    (hash_product)(a ^ 0x9e3779b97f4a7c15u) * (b ^ 0xd6e8feb86659fd93u);

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* clang: the library marks its inline functions unused; we do use one. */
#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wused-but-marked-unused"
#endif
static inline uint64_t
hash_bytes(const void *p, size_t n, uint64_t seed)
{
	return XXH3_64bits_withSeed(p, n, seed);
}
#ifdef __clang__
#pragma clang diagnostic pop
#endif

#endif
