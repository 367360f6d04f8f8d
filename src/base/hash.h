/* hash.h - hash of a few bytes for our own tables (XXH3).  Seeded once per
 * process by the caller where outsiders could aim at the table. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

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
