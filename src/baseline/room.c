/*
 * room.c - keys that go: when the table is full, or nobody needs them.
 */
#include "private.h"

void
give_back(struct baseline *b, const struct key *k)
{
	struct bucket *bucket =
	    &b->buckets[(k->client < OVERLAYS ? k->client : 0) *
		    SCENARIO_COUNT +
		k->scenario];

	if (bucket->keys > 0)
		bucket->keys--;
}

/* The client with most candidates makes room: those seen in one window. */
static uint32_t
greediest(struct baseline *b)
{
	uint32_t most = 0, client = 0;

	memset(b->per_client, 0, OVERLAYS * sizeof(b->per_client[0]));
	for (uint32_t i = 0; i < keytable_top(b->keys); i++) {
		const struct key *k = keytable_at(b->keys, i);
		uint32_t c = k->client < OVERLAYS ? k->client : 0;

		if (k->state == KEY_CANDIDATE && ++b->per_client[c] > most) {
			most = b->per_client[c];
			client = c;
		}
	}
	return client;
}

void
drop_key(struct baseline *b, uint32_t at)
{
	const struct key *k = keytable_at(b->keys, at);

	b->counts.keys--;
	give_back(b, k);
	if (k->state == KEY_CANDIDATE)
		b->counts.candidates--;
	if (k->state == KEY_LEARNED)
		b->counts.learned--;
	b->spoke[at] = 0;
	b->version++;
	keytable_remove(b->keys, at);
}

/* Once a window at most: flooded candidates, then single ones of who has
 * most.  What was learned, or said by people, stays. */
bool
make_room(struct baseline *b)
{
	const uint32_t enough = keytable_max(b->keys) / 64 + 1;
	uint32_t freed = 0, client;

	if (b->swept == b->window + 1)
		return false;
	b->swept = b->window + 1;
	for (uint32_t i = 0; i < keytable_top(b->keys) && freed < enough; i++) {
		const struct key *k = keytable_at(b->keys, i);

		if (k->state == KEY_CANDIDATE && (k->flags & KEY_FLOOD) != 0) {
			drop_key(b, i);
			freed++;
		}
	}
	client = greediest(b);
	for (uint32_t i = 0; i < keytable_top(b->keys) && freed < enough; i++) {
		const struct key *k = keytable_at(b->keys, i);

		if (k->state == KEY_CANDIDATE && k->windows <= 1 &&
		    (k->client < OVERLAYS ? k->client : 0) == client &&
		    k->last_window < b->window) {
			drop_key(b, i);
			freed++;
		}
	}
	forget_memo(b);
	return freed > 0;
}
