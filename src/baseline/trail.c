/*
 * trail.c - what is remembered of a flow: its last messages, and how many of
 * its bytes were counted.
 *
 * One place per flow, by its number; who comes later takes it.  A flow that
 * lost its place is counted from there on: too little rather than too much.
 */
#include "private.h"

#define STEP 65536u /* bytes that are worth counting at once */

struct trail_slot *
trail_of(struct baseline *b, const struct talk *t)
{
	struct trail_slot *s = &b->trails[t->flow % TRAILS];

	if (s->flow != t->flow)
		*s = (struct trail_slot){ .flow = t->flow,
			.window = b->window,
			.bytes = t->bytes[0] + t->bytes[1] };
	return s;
}

static void
count(struct baseline *b, const struct talk *t, uint32_t client,
    uint32_t server, uint64_t bytes)
{
	const struct moment now = moment_now(b);
	const struct sight sight = { .talk = t };
	uint32_t entry;

	if (client == ASSET_NONE || server == ASSET_NONE || bytes == 0)
		return;
	entry = volumes_entry(b->volumes, client, server, t->proto);
	if (volumes_seen(b->volumes, entry, bytes, &now, &b->found))
		say_finding(b, SCENARIO_VOLUME, &b->found, &sight);
}

void
count_volume(struct baseline *b, struct trail_slot *s, const struct talk *t,
    uint32_t client, uint32_t server)
{
	const uint64_t bytes = t->bytes[0] + t->bytes[1];

	if (bytes < s->bytes)
		s->bytes = 0; /* a new connection on old ends */
	if (bytes - s->bytes < STEP && s->window == b->window)
		return;
	count(b, t, client, server, bytes - s->bytes);
	s->bytes = bytes;
	s->window = b->window;
}

void
count_volume_at_end(struct baseline *b, const struct talk *t, uint32_t client,
    uint32_t server)
{
	struct trail_slot *s = &b->trails[t->flow % TRAILS];
	const uint64_t bytes = t->bytes[0] + t->bytes[1];

	if (s->flow == t->flow) {
		count(b, t, client, server,
		    bytes >= s->bytes ? bytes - s->bytes : bytes);
		s->bytes = 0; /* the flow's own counters begin again */
	} else if (tick_since(t->last, t->first) < b->window_ns) {
		/* of longer ones nobody knows when the bytes came */
		count(b, t, client, server, bytes);
	}
}
