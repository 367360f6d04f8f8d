/*
 * momentary.c - buttons that no hand pressed.
 *
 * A panel sets a bit when its button is touched and clears it when it is let
 * go: a tenth of a second later at best.  A program that takes the panel's
 * part does both as fast as the controller answers.
 */
#include <stdio.h>

#include "watch.h"

#define QUIET                                                          \
	(2 * TICK_SECOND) /* what is written all the time is no button \
			   */

struct press {
	struct tick at;
	uint64_t value;
	uint64_t client;
	bool known, fresh; /* after a while without a write */
};
_Static_assert(sizeof(struct press) <= MEMORY_CELL, "fits a cell");

/* One bit was set, and nothing else changed, when it was cleared again. */
static bool
is_release(uint64_t before, uint64_t now)
{
	uint64_t gone = before & ~now;

	return gone != 0 && (gone & (gone - 1)) == 0 && (now & ~before) == 0;
}

static uint64_t
place_of(const struct event *e)
{
	return key_mix(key_of(e, PER_OBJECT), e->fact->object.sub);
}

static void
raise_press(struct detect *d, const struct event *e, int64_t lasted)
{
	char text[256];
	struct words w = words_in(text, sizeof(text));

	words_addr(&w, event_end(e, false));
	words_add(&w, " set a bit (");
	words_place(&w, e->fact);
	words_add(&w, ") of ");
	words_addr(&w, event_end(e, true));
	words_add(&w, " and cleared it %lld ms later",
	    (long long)(lasted / (TICK_SECOND / 1000)));
	detect_raise(d, e,
	    &(struct finding){ .row = ALERT_momentary_command, .text = text });
}

void
detector_momentary(struct detect *d, const struct event *e)
{
	const uint32_t row = ALERT_momentary_command;
	const struct fact *f = e->fact;
	uint32_t within, longest;
	struct press *p, now;
	int64_t lasted;

	if (f->response || f->from_server ||
	    (f->num_type != NUM_UINT && f->num_type != NUM_BOOL &&
		f->num_type != NUM_INT))
		return;
	longest = watch_limit(d, row, &within);
	p = memory_cell(detect_memory(d), row, place_of(e), e->at, 60);
	lasted = tick_since(e->at, p->at);
	if (p->known && lasted == 0 && p->value == f->num.u)
		return; /* the same message says it twice */
	now = (struct press){ .at = e->at,
		.value = f->num.u,
		.client = addr_key(&e->talk->client),
		.known = true,
		.fresh = !p->known || lasted > QUIET };
	if (p->known && p->fresh && p->client == now.client && lasted >= 0 &&
	    lasted < (int64_t)longest * (TICK_SECOND / 1000) &&
	    is_release(p->value, now.value))
		raise_press(d, e, lasted);
	*p = now;
}
