/*
 * play.c - captures that are played back while the sensor watches.
 *
 * Flows of their own: the same ends may talk alive at this moment, with other
 * sequence numbers.  Whatever hears of flows is the same as ever; `playing`
 * tells those few for whom it makes a difference.
 */
#include "../decode/decode.h"
#include "private.h"

#define FLOWS 16384u
#define BUFFERS ((size_t)8 << 20)
#define FIRST_ID 0x80000000u /* flows of the ports are numbered from 1 */

static bool
open_flows(struct sensor *s)
{
	const struct flow_listener listener = sensor_listener(s);
	struct flow_config c = s->config.flow;

	c.flows_max = FLOWS;
	c.buffer_bytes = BUFFERS;
	c.first_id = FIRST_ID;
	s->played = flow_new(&c, &listener);
	s->play_alerts = 0;
	return s->played != NULL;
}

static void
begin(struct sensor *s)
{
	s->playing = true;
	baseline_guest(s->baseline, !s->play.learns);
	detect_played(s->detect, s->play.name, s->play.number);
}

static void
end(struct sensor *s)
{
	s->playing = false;
	baseline_guest(s->baseline, false);
	detect_played(s->detect, NULL, 0);
}

bool
sensor_play(struct sensor *s, const struct frame *f, const struct played *play)
{
	struct packet *p = &s->hand[0].packet;

	if (s->played == NULL && !open_flows(s))
		return false;
	s->play = *play;
	begin(s);
	if (f->at.ns > s->latest.ns)
		s->latest = f->at;
	decode_frame(f, p);
	detect_clock(s->detect, p->at);
	if (s->ring != NULL) {
		p->at = play->recorded; /* as evidence it is that old */
		evidence_frame(s->ring, p);
		p->at = f->at;
	}
	detect_packet(s->detect, p);
	flow_packet(s->played, p);
	detect_packet(s->detect, NULL);
	end(s);
	return true;
}

uint32_t
sensor_played(struct sensor *s)
{
	if (s->played == NULL)
		return 0;
	begin(s);
	flow_finish(s->played);
	end(s);
	flow_free(s->played);
	s->played = NULL;
	return s->play_alerts;
}

static void
meet(struct sensor *s, uint32_t id)
{
	struct asset *a = asset_at(s->assets, id);

	if (a == NULL || (a->flags & ASSET_PLAYED) == 0)
		return;
	a->flags &= ~(uint32_t)ASSET_PLAYED;
	a->flags |= ASSET_CHANGED;
	baseline_new_asset(s->baseline, a);
}

void
sensor_meet(struct sensor *s, uint32_t client, uint32_t server)
{
	if (s->playing)
		return;
	meet(s, client);
	meet(s, server);
}
