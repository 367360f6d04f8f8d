/*
 * self.c - alerts about the sensor itself: what it could not see, and what
 * harmed it.  Raised by whoever runs it, not by traffic.
 */
#include <inttypes.h>
#include <stdio.h>

#include "watch.h"

/* Outside of any flow: an event of its own, between nobody. */
static void
raise_self(struct detect *d, enum alert_id row, struct tick at, uint64_t extra,
    uint32_t count, const char *text)
{
	const struct event e = { .kind = EVENT_NOVELTY, .at = at };

	detect_raise(d, &e,
	    &(struct finding){ .row = row,
		.text = text,
		.extra = extra,
		.count = count,
		.source = &watch_nobody,
		.destination = &watch_nobody });
}

void
detect_second(struct detect *d, struct tick at, uint32_t port, const char *name,
    uint64_t seen, uint64_t lost)
{
	const uint32_t row = ALERT_visibility_gap;
	uint32_t within, least, n;
	char text[200];

	if (lost == 0)
		return;
	least = watch_limit(d, row, &within);
	n = memory_count(detect_memory(d), row, (uint64_t)port + 1, at, within);
	if (n < least)
		return;
	(void)snprintf(text, sizeof(text),
	    "Port %.48s lost packets in %u of the last %u s; in the last one "
	    "%" PRIu64 " of %" PRIu64,
	    name, n, within, lost, seen + lost);
	raise_self(d, row, at, (uint64_t)port + 1, 1, text);
}

void
detect_clock_set(struct detect *d, struct tick now, int64_t by)
{
	const int64_t s = ((by > 0 ? by : -by) + TICK_SECOND / 2) / TICK_SECOND;
	char text[200];

	memory_forget(detect_memory(d));
	(void)snprintf(text, sizeof(text),
	    "The sensor's clock was set %s by %" PRId64 " h %" PRId64
	    " min %" PRId64 " s: times before and after do not fit together",
	    by > 0 ? "forward" : "back", s / 3600, s / 60 % 60, s % 60);
	raise_self(d, ALERT_sensor_clock, now, 0, 1, text);
}

void
detect_set_aside(struct detect *d, struct tick at, const char *text)
{
	raise_self(d, ALERT_frame_set_aside, at, 0, 1, text);
}
