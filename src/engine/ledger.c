/*
 * ledger.c - the visibility ledger: per port, protocol and second what was
 * seen, understood, skipped, encrypted and lost; and the same of the hour,
 * which the keeper signs when it is over.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../proto/proto.h"
#include "private.h"

static const char *
port_name(const struct watcher *e, unsigned i, const struct live_status *st)
{
	return i < e->config.n_port && e->config.port[i].name[0] != '\0'
	    ? e->config.port[i].name
	    : st->name;
}

void
ledger_second(struct watcher *e, unsigned i, const struct live_status *st,
    uint64_t seen, uint64_t dropped, uint64_t lost)
{
	struct second *s = &e->second[i];

	*s = (struct second){ .there = true,
		.up = st->present && st->up,
		.seen = seen,
		.dropped = dropped,
		.lost = lost };
	detect_second(sensor_detect(e->sensor), time_of_day(), i,
	    port_name(e, i, st), seen, lost);
}

void
ledger_tell(struct watcher *e, struct tick now)
{
	(void)e;
	(void)now;
}
