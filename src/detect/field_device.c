/*
 * field_device.c - a controller or field device that appeared after learning.
 *
 * That a new device is one is not known when it is first seen, but when it
 * first answers in an industrial protocol.
 */
#include "../proto/proto.h"
#include "private.h"

#define REMEMBERED (30u * 86400u)

/* Late, in its first days, and nobody said that it belongs here. */
static bool
is_stranger(const struct asset *a, struct tick now)
{
	return a != NULL && (a->flags & ASSET_LATE) != 0 &&
	    (a->flags & ASSET_CONTROLLER) != 0 &&
	    (a->flags & (ASSET_AUTHORIZED | ASSET_INTERNET | ASSET_GROUP)) ==
	    0 &&
	    now.ns < a->learns_until.ns;
}

static void
say_stranger(struct detect *d, const struct event *e)
{
	static const struct addr nobody;
	char text[256];
	struct words w = words_in(text, sizeof(text));

	words_addr(&w, event_end(e, true));
	words_add(&w, " answers in %s as a controller or field device, ",
	    protos[e->fact->proto]->title);
	words_add(&w, "and was first seen after learning ended; it answered ");
	words_addr(&w, event_end(e, false));
	detect_raise(d, e,
	    &(struct finding){ .row = ALERT_field_device_new,
		.swap = true,
		.destination = &nobody,
		.text = text });
}

void
detector_field_device(struct detect *d, const struct event *e)
{
	bool *said;

	if (!e->fact->from_server || !is_stranger(e->server, e->at))
		return;
	said = memory_cell(d->memory, ALERT_field_device_new, e->server->id,
	    e->at, REMEMBERED);
	if (*said)
		return;
	*said = true;
	say_stranger(d, e);
}
