/*
 * sv.c - whether a stream of sampled values is what one merging unit sends.
 *
 * IEC 61850-9-2, 8.5: smpCnt goes up by one with every sample and begins anew
 * at 0 once a second; the other fields do not change while the unit runs.
 * Frames that the mirror lost are forgiven: at thousands a second some are.
 */
#include <stdio.h>
#include <string.h>

#include "../base/hash.h"
#include "../proto/proto.h"
#include "watch.h"

#define OP_SV 1u
#define LIVES 600u
#define SETTLED 16u
#define ALIVE (5 * TICK_SECOND)
#define COPY_NS (TICK_SECOND / 1000)
#define JUMP 8u
#define SHIFTS 3u /* disorder within a minute that is no mirror's fault */

struct samples {
	struct mac from;
	uint16_t revision;
	uint8_t seen; /* saturating */
	uint8_t shifts;
	uint32_t count; /* smpCnt */
	uint32_t before; /* the one before it last began anew; 0 none */
	int64_t at, minute, moved;
	uint32_t level; /* usual size of the current, times 256 */
	uint16_t unusual; /* messages in a row */
	uint8_t n; /* ASDUs */
};
_Static_assert(sizeof(struct samples) <= MEMORY_CELL, "fits a cell");

static void
say(struct detect *d, const struct event *e, enum alert_id row,
    const char *what, const struct samples *was)
{
	const struct fact *f = e->fact;
	char text[256];
	struct words w = words_in(text, sizeof(text));

	words_addr(&w, event_end(e, false));
	words_add(&w, " published %.*s with smpCnt %u after %u: %s",
	    (int)f->text_len, f->text, f->object.first, was->count, what);
	detect_raise(d, e,
	    &(struct finding){ .row = row,
		.text = text,
		.violation = what,
		.extra = watch_text(f) });
}

/* One frame out of order may be the mirror's doing; several are not. */
static void
shifted(struct detect *d, const struct event *e, struct samples *s,
    const char *what)
{
	if (e->at.ns - s->minute > 60 * TICK_SECOND || e->at.ns < s->minute) {
		s->minute = e->at.ns;
		s->shifts = 0;
	}
	s->shifts = (uint8_t)(s->shifts + (s->shifts < 255));
	if (s->shifts >= SHIFTS)
		say(d, e, ALERT_sv_sequence, what, s);
}

static void
judge(struct detect *d, const struct event *e, struct samples *s)
{
	const uint32_t count = e->fact->object.first;

	if (count > s->count) {
		/* on, as if it had never begun anew */
		if (s->before != 0 && count - s->count > JUMP &&
		    count - s->before <= JUMP)
			shifted(d, e, s, "two sample counters in turn");
		return; /* the next one, or some were lost */
	}
	s->before = s->count;
	if (count == s->count)
		shifted(d, e, s, "a sample comes twice");
	else if (s->count - count < s->count / 2)
		shifted(d, e, s, "the sample counter goes back");
}

static void
publisher(struct detect *d, const struct event *e, struct samples *s)
{
	const struct fact *f = e->fact;
	const struct mac *from = &e->talk->client.mac;

	if (!mac_same(&s->from, from)) {
		if (e->at.ns - s->at < ALIVE && s->moved != 0 &&
		    e->at.ns - s->moved < ALIVE)
			say(d, e, ALERT_sv_second_publisher, "two publishers",
			    s);
		s->moved = e->at.ns;
	}
	if (s->revision != f->object.sub)
		say(d, e, ALERT_sv_configuration,
		    "the configuration revision changed", s);
	else if (s->n != (uint8_t)f->object.count)
		say(d, e, ALERT_sv_configuration,
		    "the number of samples in a message changed", s);
}

/* --------------------------------------------------------------- currents */

#define LEVEL 256u
#define SLOWNESS 64 /* messages over which the usual is averaged */
#define SMALL 16u /* differences that are noise */
#define STAYS 1024u /* messages after which the unusual is usual */
#define BREAK (2 * TICK_SECOND)
#define ASK (TICK_SECOND / 4)

static bool
is_unusual(const struct samples *s, uint32_t now)
{
	const uint32_t level = s->level / LEVEL;

	return now > 2 * level + SMALL || level > 2 * (uint64_t)now + SMALL;
}

/* What was learned in an earlier run is as good as having watched. */
static void
ask_baseline(struct detect *d, const struct event *e, struct currents *c)
{
	if (e->at.ns - c->first >= CURRENTS_SETTLED ||
	    e->at.ns - c->asked < ASK || e->server == NULL)
		return;
	c->asked = e->at.ns;
	if (baseline_judges_values(d->baseline, e->server->id, e->fact->proto))
		c->first -= CURRENTS_SETTLED;
}

static void
watch_level(struct detect *d, const struct event *e, struct samples *s)
{
	const uint32_t now =
	    e->fact->code < UINT32_MAX / LEVEL / 4 ? e->fact->code : 0;
	struct currents *c = memory_cell(detect_memory(d),
	    ALERT_goose_trip_without_fault, e->talk->vlan, e->at, LIVES);

	if (c->last == 0 || e->at.ns - c->last > BREAK || e->at.ns < c->first)
		*c = (struct currents){ .first = e->at.ns };
	c->last = e->at.ns;
	ask_baseline(d, e, c);
	if (s->seen == 0 || s->unusual > STAYS) {
		s->level = now * LEVEL;
		s->unusual = 0;
	} else if (is_unusual(s, now)) {
		s->unusual++;
		c->disturbed = e->at.ns;
	} else {
		s->unusual = 0;
		s->level = (uint32_t)((int64_t)s->level +
		    ((int64_t)now * LEVEL - (int64_t)s->level) / SLOWNESS);
	}
}

/* The baseline knows more than one level: what was usual in weeks. */
void
detector_currents(struct detect *d, const struct event *e)
{
	struct currents *c;

	if (e->novelty->scenario != SCENARIO_VALUE || e->fact == NULL ||
	    e->talk == NULL || e->fact->op != OP_SV ||
	    strcmp(protos[e->fact->proto]->name, "sv") != 0)
		return;
	c = watch_currents(d, e->talk->vlan, e->at);
	if (c != NULL)
		c->disturbed = e->at.ns;
}

struct currents *
watch_currents(struct detect *d, uint16_t vlan, struct tick now)
{
	return memory_peek(detect_memory(d), ALERT_goose_trip_without_fault,
	    vlan, now);
}

void
detector_sv(struct detect *d, const struct event *e)
{
	const struct fact *f = e->fact;
	const struct talk *t = e->talk;
	struct samples *s;

	if (f->op != OP_SV || !f->is_message ||
	    (f->flags & FACT_DUPLICATE) != 0 || t->via != VIA_ETHER)
		return;
	s = memory_cell(detect_memory(d), ALERT_sv_sequence,
	    cell_key(watch_text(f), (uint64_t)f->unit << 16 | t->vlan), e->at,
	    LIVES);
	if (s->seen > 0 && s->count == f->object.first &&
	    e->at.ns - s->at < COPY_NS && mac_same(&s->from, &t->client.mac))
		return; /* seen by two mirrors */
	if (s->seen >= SETTLED) {
		publisher(d, e, s);
		judge(d, e, s);
	}
	watch_level(d, e, s);
	s->count = f->object.first;
	s->at = e->at.ns;
	s->from = t->client.mac;
	s->revision = f->object.sub;
	s->n = (uint8_t)f->object.count;
	s->seen = (uint8_t)(s->seen + (s->seen < 255));
}
