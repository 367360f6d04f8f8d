/*
 * tuple_hash.c - tuples by number: hash, chain, and the wider ones.
 */
#include "../base/hash.h"
#include "private.h"

/* Spaces where first and count are an interval of equal items; elsewhere
 * the count is something else, and part of what the object is. */
static const bool extent[SPACE_COUNT] = {
	[SPACE_COIL] = true,
	[SPACE_DISCRETE] = true,
	[SPACE_HOLDING] = true,
	[SPACE_INPUT] = true,
	[SPACE_UMAS_BLOCK] = true,
	[SPACE_S7_DB] = true,
	[SPACE_S7_DI] = true,
	[SPACE_S7_LOCAL] = true,
	[SPACE_S7_INPUT] = true,
	[SPACE_S7_OUTPUT] = true,
	[SPACE_S7_MARKER] = true,
	[SPACE_S7_PERIPHERY] = true,
	[SPACE_S7_COUNTER] = true,
	[SPACE_S7_TIMER] = true,
	[SPACE_S7_SYSTEM] = true,
	[SPACE_DNP3_POINT] = true,
	[SPACE_IEC_OBJECT] = true,
	[SPACE_PCCC_FILE] = true,
	[SPACE_DESCRIBED] = true,
	[SPACE_FINS_AREA] = true,
	[SPACE_MELSEC_DEVICE] = true,
};

bool
space_extends(uint32_t space)
{
	return space < SPACE_COUNT && extent[space];
}

uint64_t
tuple_hash(const struct baseline *b, const struct tuple *t)
{
	uint32_t words[8] = { t->scenario, t->client, t->server };

	memcpy(words + 3, t->p, sizeof(t->p));
	return hash_bytes(words, sizeof(words), b->config.secret);
}

/* Objects are chained by area, all others by pair. */
uint64_t
tuple_chain(const struct tuple *t)
{
	uint32_t words[6] = { UINT32_MAX, t->client, t->server };

	if (scenario_has_interval(t->scenario)) {
		words[0] = t->scenario;
		memcpy(words + 3, t->p, 3 * sizeof(t->p[0]));
	}
	return hash_bytes(words, sizeof(words), hash_seed);
}

void
tuple_of_key(const struct key *k, struct tuple *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->client = k->client;
	ret->server = k->server;
	memcpy(ret->p, k->p, sizeof(ret->p));
	ret->scenario = k->scenario;
	ret->flags =
	    k->flags & (KEY_WRITE | KEY_ENGINEER | KEY_FAIL | KEY_HARD);
}

static bool
area_of(const struct baseline *b, uint32_t word, struct area *ret)
{
	struct span s = words_at(b->words, word);

	if (s.n != sizeof(*ret))
		return false;
	memcpy(ret, s.p, sizeof(*ret));
	return true;
}

bool
key_named(const struct baseline *b, const struct key *k)
{
	struct area a;

	return !area_of(b, k->p[2], &a) || a.named != 0 ||
	    !space_extends(a.space);
}

/*
 * One step wider: objects to blocks of 256, files to their directory.  False
 * where there is nothing wider that still says something.
 */
bool
tuple_widen(struct baseline *b, struct tuple *t)
{
	struct area a;

	if (t->scenario == SCENARIO_FILE && (t->p[2] != 0 || t->n_late > 0)) {
		t->p[2] = 0;
		while (t->n_late > 0 && t->late[t->n_late - 1].part == 2)
			t->n_late--;
		return true;
	}
	if (!scenario_has_interval(t->scenario) || t->n_late > 0 ||
	    !area_of(b, t->p[2], &a) || a.named != 0)
		return false;
	t->p[3] &= ~255u;
	t->p[4] |= 255u;
	return true;
}
