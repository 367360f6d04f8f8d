/*
 * frame.c - one frame is worked on, counted exactly once.
 *
 * The page holds twice the frames done of each port, plus one while one is in
 * hand.  The ring holds the frame until the next is asked for.  So whoever
 * comes after an engine that died knows whether the frame it is handed was
 * done (then it is passed over) or not (then it is tried once more).  One
 * that killed twice is set aside as evidence, and the protocol whose parser
 * it died in is switched off.
 */
#include <inttypes.h>
#include <stdio.h>

#include "../proto/proto.h"
#include "private.h"

#define DEATHS_MOST 2u

static bool
was_done(const struct watcher *e, const struct frame *f)
{
	return live_deaths(e->live) > 0 && f->port < PAGE_PORTS &&
	    (e->page->frames[f->port] & 1) == 0;
}

static void
set_aside(struct watcher *e, const struct frame *f)
{
	uint8_t proto = e->died_in < n_protos ? e->died_in : 0;
	char text[200];

	e->page->set_aside[f->port]++;
	if (proto != PROTO_UNKNOWN)
		e->page->off[proto / 64] |= UINT64_C(1) << (proto % 64);
	(void)snprintf(text, sizeof(text),
	    "A frame of %u bytes ended the engine twice; it was set "
	    "aside%s%s%s",
	    f->wire_len, proto != PROTO_UNKNOWN ? ", and the parser of " : "",
	    proto != PROTO_UNKNOWN ? protos[proto]->name : "",
	    proto != PROTO_UNKNOWN ? " is switched off" : "");
	say(SAY_ERROR, "%s", text);
	sensor_set_aside(e->sensor, f, text);
}

void
frame_work(struct watcher *e, const struct frame *f)
{
	uint64_t *count = &e->page->frames[f->port % PAGE_PORTS];

	e->last_frame = f->at;
	if (was_done(e, f))
		return;
	__atomic_store_n(count, *count | 1, __ATOMIC_RELAXED);
	if (live_deaths(e->live) >= DEATHS_MOST)
		set_aside(e, f);
	else
		sensor_frame(e->sensor, f);
	__atomic_store_n(count, (*count | 1) + 1, __ATOMIC_RELAXED);
}
