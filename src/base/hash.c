/* hash.c - see hash.h. */
#include "hash.h"

#include <sys/random.h>

uint64_t hash_seed;

void
hash_seed_random(void)
{
	if (getrandom(&hash_seed, sizeof(hash_seed), 0) < 0)
		hash_seed = 0; /* as good as before */
}
