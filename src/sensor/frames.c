/*
 * frames.c - the work on frames.
 *
 * Most of the time would go to waiting for memory: what is kept of a flow lies
 * in a dozen places, each found through the one before.  So of the frames in
 * hand all are decoded first, then step by step what each will need is fetched
 * into the cache, and then they are worked on one after the other.
 */
#include "../decode/decode.h"
#include "private.h"

static void
look_ahead(struct sensor *s, const struct frame *frame, unsigned n)
{
	/* without alerts little is kept of a flow */
	const unsigned steps = s->config.inventory_only ? 2 : FLOW_STEPS;

	for (unsigned i = 0; i < n; i++) {
		struct hand *h = &s->hand[i];

		decode_frame(&frame[i], &h->packet);
		mirror_ahead(s->mirror, &h->packet, &h->mirror);
		flow_place(s->flows, &h->packet, &h->flow);
	}
	for (unsigned step = 0; step < steps; step++)
		for (unsigned i = 0; i < n; i++)
			flow_fetch(s->flows, &s->hand[i].flow, step);
}

static void
count_traffic(struct sensor *s, const struct packet *p, const struct talk *t)
{
	uint32_t client = ASSET_NONE, server = ASSET_NONE;

	if (t != NULL)
		assets_of_talk(s->assets, t, &client, &server);
	traffic_packet(s->traffic, p, t != NULL ? t->proto : PROTO_UNKNOWN,
	    client, server);
	if (!traffic_is_full(s->traffic) || !store_begin(s->store))
		return;
	if (!traffic_save(s->traffic, s->store) || !store_commit(s->store)) {
		(void)sensor_fail(s, store_error(s->store));
		store_rollback(s->store);
	}
}

/* Holes in streams became certain: where the packet at hand came from. */
static void
to_flow(struct sensor *s, struct hand *h)
{
	const uint64_t holes = flow_counts(s->flows)->gaps;
	const struct talk *t = flow_placed(s->flows, &h->packet, &h->flow);

	if (flow_counts(s->flows)->gaps != holes)
		mirror_holes(s->mirror, flow_counts(s->flows)->gaps - holes);
	if (s->traffic != NULL)
		count_traffic(s, &h->packet, t);
}

static void
end_learning(struct sensor *s, struct tick at)
{
	s->config.learn_until.ns = 0;
	baseline_set_mode(s->baseline, MODE_OPERATIONAL);
	if (s->store != NULL)
		(void)diary_modes(&s->diary, s->baseline, s->store, at);
}

static void
work(struct sensor *s, struct hand *h)
{
	const struct packet *p = &h->packet;
	const struct tick at = p->at;

	if (!mirror_packet(s->mirror, p, &h->mirror))
		return;
	if (s->config.packet != NULL && !s->config.packet(s->config.ctx, p))
		return;
	if (at.ns > s->latest.ns)
		s->latest = at;
	if (s->config.inventory_only) {
		to_flow(s, h);
		return;
	}
	if (s->config.learn_until.ns != 0 && at.ns >= s->config.learn_until.ns)
		end_learning(s, at);
	baseline_clock(s->baseline, at);
	detect_clock(s->detect, at);
	if (s->ring != NULL)
		evidence_frame(s->ring, p);
	detect_packet(s->detect, p);
	to_flow(s, h);
	detect_packet(s->detect, NULL);
}

void
sensor_frames(struct sensor *s, const struct frame *frame, unsigned n)
{
	look_ahead(s, frame, n);
	for (unsigned i = 0; i < n; i++)
		work(s, &s->hand[i]);
}

void
sensor_frame(struct sensor *s, const struct frame *frame)
{
	sensor_frames(s, frame, 1);
}
