/* habit.c - what two devices usually do with each other. */
#include "private.h"

#define NEIGHBOURS 256u /* keys of the same pair that are looked at */

struct habit
habit_of(const struct baseline *b, const struct tuple *t)
{
	struct tuple pair = { .client = t->client,
		.server = t->server,
		.scenario = SCENARIO_FUNCTION };
	struct habit h = { .most = NULL };
	uint32_t at = keytable_chain(b->keys, tuple_chain(&pair));

	for (uint32_t n = 0; at != KEY_NOWHERE && n < NEIGHBOURS; n++) {
		const struct key *k = keytable_at(b->keys, at);

		at = keytable_next(b->keys, at);
		if (k->scenario != SCENARIO_FUNCTION ||
		    k->client != t->client || k->server != t->server ||
		    k->state == KEY_DENIED || k->state == KEY_TOMB ||
		    k->first_window == b->window)
			continue;
		h.writes |= (k->flags & KEY_WRITE) != 0;
		h.changes |= (k->flags & (KEY_WRITE | KEY_ENGINEER)) != 0 &&
		    k->state != KEY_CANDIDATE;
		if (h.most == NULL || k->windows > h.most->windows ||
		    (k->windows == h.most->windows && k->p[2] < h.most->p[2]))
			h.most = k;
	}
	return h;
}

bool
habit_is_to_look(const struct baseline *b, const struct tuple *t)
{
	const struct habit h = habit_of(b, t);

	return h.most != NULL && h.most->state != KEY_CANDIDATE &&
	    h.most->windows >= DAY_WINDOWS && !h.changes;
}
