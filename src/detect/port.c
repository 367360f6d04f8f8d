/*
 * port.c - monitoring ports that fall silent, and come back.
 *
 * Told once a second by who owns the ports; one alert a spell of silence, and
 * one when it is over.
 */
#include <inttypes.h>

#include "watch.h"

#define LIVES (30u * 86400u)

struct port_state {
	bool is_silent;
	int64_t since;
};
_Static_assert(sizeof(struct port_state) <= MEMORY_CELL, "fits a cell");

static void
say(struct detect *d, const struct port_report *p, enum alert_id row,
    const char *what, int64_t seconds)
{
	struct event e = { .kind = EVENT_BEGIN, .at = p->at };
	char text[160];
	struct words w = words_in(text, sizeof(text));

	words_add(&w, "%s %s for %" PRId64 " s", p->name, what, seconds);
	detect_raise(d, &e,
	    &(struct finding){ .row = row,
		.text = text,
		.source = &watch_nobody,
		.destination = &watch_nobody,
		.extra = p->port + 1 });
}

void
detect_port(struct detect *d, const struct port_report *p)
{
	struct port_state *s = memory_cell(detect_memory(d), ALERT_port_silent,
	    p->port, p->at, LIVES);
	uint32_t within, limit = watch_limit(d, ALERT_port_silent, &within);

	if (p->silent_s >= limit && !s->is_silent) {
		s->is_silent = true;
		s->since = p->at.ns - p->silent_s * TICK_SECOND;
		say(d, p, ALERT_port_silent, "has been silent", p->silent_s);
	} else if (p->silent_s < limit && s->is_silent) {
		s->is_silent = false;
		say(d, p, ALERT_port_traffic_again,
		    "has traffic again; it was silent",
		    (p->at.ns - s->since) / TICK_SECOND);
	}
}
