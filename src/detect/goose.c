/*
 * goose.c - whether a GOOSE stream is what one publisher sends.
 *
 * IEC 61850-8-1, 18.1: a change of the data raises stNum by one and starts
 * sqNum at 0; repetitions raise sqNum only, and come before the time allowed
 * to live is over.  A subscriber trips a breaker on what it is told, and
 * believes whatever has the higher stNum: what breaks these rules is either a
 * failing publisher or somebody else.
 *
 * The mirror may lose frames: missing ones are forgiven, some every hour, and
 * the copy of PRP, HSR or a second mirror is known by its being the same.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../base/hash.h"
#include "watch.h"

#define OP_GOOSE 1u
#define NUMBERED (1u << 31) /* fact.seq */
#define LIVES 3600u
#define FORGIVEN 3u /* missing messages an hour */
#define COPY_NS (20 * TICK_SECOND / 1000)
#define ALIVE (60 * TICK_SECOND)
#define STILL 8u /* repetitions, of which none may move the time */
#define SETTLED 3u /* messages before a stream is judged */

struct stream {
	uint32_t st, sq, data, live; /* of the last message */
	uint32_t set; /* booleans that were true */
	int64_t t, at;
	struct mac from, to;
	uint16_t revision;
	uint8_t seen; /* saturating */
	uint8_t missing; /* within the hour that began at `hour` */
	bool early; /* the last message had new data and the old stNum */
	uint16_t still, moves; /* repetitions with the same time, another */
	int64_t hour;
	int64_t moved; /* when another MAC address came */
	uint32_t old_st, old_sq; /* before stNum fell, until it is settled */
	uint8_t fell; /* messages since, 0: it did not */
};
_Static_assert(sizeof(struct stream) <= MEMORY_CELL, "fits a cell");

struct message {
	const struct event *e;
	const struct addr *from, *to;
	uint32_t st, sq, data;
	int64_t t, at;
};

static void
say(struct detect *d, const struct message *m, enum alert_id row,
    const char *what, const struct stream *was)
{
	const struct fact *f = m->e->fact;
	char text[320];
	struct words w = words_in(text, sizeof(text));

	words_addr(&w, event_end(m->e, false));
	words_add(&w,
	    " published %.*s with stNum %u and sqNum %u after %u and %u: %s",
	    (int)f->text_len, f->text, m->st, m->sq, was->st, was->sq, what);
	detect_raise(d, m->e,
	    &(struct finding){ .row = row,
		.text = text,
		.violation = what,
		.source = m->from,
		.destination = m->to,
		.extra = watch_text(f) });
}

/* Missing messages: the mirror's, unless there are more of them. */
static void
miss(struct detect *d, const struct message *m, struct stream *s, uint32_t n)
{
	if (m->at - s->hour > 3600 * TICK_SECOND || m->at < s->hour) {
		s->hour = m->at;
		s->missing = 0;
	}
	s->missing = (uint8_t)(n > 250u - s->missing ? 250u : s->missing + n);
	if (s->missing > FORGIVEN)
		say(d, m, ALERT_goose_missing, "messages are missing", s);
}

/*
 * The publisher keeps the time of a state, as it should.  Some send the time
 * of the message instead, and take data and stNum apart as well.
 */
static bool
is_strict(const struct stream *s)
{
	return s->still >= STILL && s->moves * STILL < s->still;
}

/* The same state again. */
static void
repetition(struct detect *d, const struct message *m, struct stream *s)
{
	const bool moved = m->t != s->t, strict = is_strict(s);

	s->still = (uint16_t)(s->still + (!moved && s->still < UINT16_MAX));
	s->moves = (uint16_t)(s->moves + (moved && s->moves < UINT16_MAX));
	if (s->early && strict)
		say(d, m, ALERT_goose_sequence,
		    "the data changed without a new stNum", s);
	s->early = !s->early && m->data != s->data;
	if (s->early)
		return; /* wait for the next one */
	if (moved && strict)
		say(d, m, ALERT_goose_sequence,
		    "the time changed without a new stNum", s);
	else if (m->sq > s->sq + 1)
		miss(d, m, s, m->sq - s->sq - 1);
	else if (m->sq <= s->sq && !(m->sq <= 1 && s->sq > UINT32_MAX - 2))
		say(d, m, ALERT_goose_sequence, "sqNum went back", s);
}

/* A new state. */
static void
change(struct detect *d, const struct message *m, struct stream *s)
{
	const bool early = s->early;

	s->early = false;
	if (m->st - s->st > 1) {
		if (m->st - s->st > 1 + FORGIVEN)
			say(d, m, ALERT_goose_sequence, "stNum jumped ahead",
			    s);
		else
			miss(d, m, s, m->st - s->st);
		return;
	}
	/* a repetition overtook the change: some relays do that */
	if (m->data == s->data && !early && is_strict(s))
		say(d, m, ALERT_goose_sequence,
		    "a new stNum, but the data are the same", s);
	if (m->t < s->t)
		say(d, m, ALERT_goose_sequence,
		    "a new stNum with an earlier time", s);
	if (m->sq > 1)
		miss(d, m, s, m->sq - 1);
}

#define FOLLOWED 4u /* messages after which the old count is dead */

/*
 * stNum fell.  If the old count goes on as well, two publish; if it does not,
 * the publisher itself counts from elsewhere now.
 */
static void
fall(struct stream *s)
{
	s->old_st = s->st;
	s->old_sq = s->sq;
	s->fell = 1;
}

/* True: the message belongs to the count from before. */
static bool
goes_on(const struct message *m, const struct stream *s)
{
	return m->st == s->old_st
	    ? m->sq > s->old_sq && m->sq - s->old_sq <= 1 + FORGIVEN
	    : m->st > s->old_st && m->st - s->old_st <= 1 + FORGIVEN;
}

static void
recount(struct detect *d, const struct message *m, struct stream *s)
{
	const uint32_t row = ALERT_goose_recount;
	uint32_t within, least = watch_limit(d, row, &within);

	s->fell = 0;
	if (memory_count(detect_memory(d), row,
		key_mix(watch_text(m->e->fact), m->e->talk->vlan), m->e->at,
		within) >= least)
		say(d, m, row, "it counts on from there", s);
}

/* False: the message is of the old count, and nothing more is to be said. */
static bool
after_fall(struct detect *d, const struct message *m, struct stream *s)
{
	if (goes_on(m, s)) {
		say(d, m, ALERT_goose_sequence,
		    "stNum went back, and the old count goes on", s);
		s->fell = 0;
		return false;
	}
	if (++s->fell > FOLLOWED)
		recount(d, m, s);
	return true;
}

static void
judge(struct detect *d, const struct message *m, struct stream *s)
{
	const int64_t live = (int64_t)s->live * TICK_SECOND / 1000;

	if (s->fell > 0 && !after_fall(d, m, s))
		return;
	if (m->st == s->st) {
		repetition(d, m, s);
	} else if (m->st > s->st) {
		change(d, m, s);
	} else if (m->st <= 1 && m->sq <= 1) {
		say(d, m, ALERT_goose_restart, "the publisher began anew", s);
		return;
	} else {
		fall(s);
	}
	if (s->live > 0 && m->at - s->at > 2 * live)
		say(d, m, ALERT_goose_late,
		    "silent for more than twice its time allowed to live", s);
}

/* Sent by another than before, to another group, by another configuration. */
static void
publisher(struct detect *d, const struct message *m, struct stream *s)
{
	const struct fact *f = m->e->fact;

	if (!mac_same(&s->from, &m->from->mac)) {
		/* a spare that took over is silent before it speaks */
		if (m->at - s->at < ALIVE && s->moved != 0 &&
		    m->at - s->moved < ALIVE)
			say(d, m, ALERT_goose_second_publisher,
			    "two publishers", s);
		s->moved = m->at;
	}
	if (s->revision != f->object.sub)
		say(d, m, ALERT_goose_configuration,
		    "the configuration revision changed", s);
	else if (!mac_same(&s->to, &m->to->mac))
		say(d, m, ALERT_goose_configuration,
		    "sent to another group address", s);
}

#define QUIET (2 * TICK_SECOND) /* faults are seen before they trip */

/* The name has a logical node of protection (IEC 61850-7-4) in it. */
static bool
protects(const struct fact *f)
{
	static const char *const nodes[] = { "PTRC", "PIOC", "PTOC", "PDIS",
		"PDIF", "PTUV", "PTOV", "PTEF", "PSCH", "PDOP" };

	for (uint32_t at = 0; at + 4 <= f->text_len; at++)
		for (uint32_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
			if (memcmp(f->text + at, nodes[i], 4) == 0)
				return true;
	return false;
}

/*
 * Protection operates, and no current that passes here was unusual before.
 */
static void
check_trip(struct detect *d, const struct message *m, struct stream *s)
{
	struct currents *c = watch_currents(d, m->e->talk->vlan, m->e->at);

	if (m->st == s->st || (m->e->fact->seq & ~NUMBERED) <= s->set ||
	    c == NULL || m->at - c->last > QUIET ||
	    m->at - c->first < CURRENTS_SETTLED ||
	    m->at - c->disturbed <= QUIET || !protects(m->e->fact))
		return;
	c->tripped = m->at;
	say(d, m, ALERT_goose_trip_without_fault,
	    "protection operates while the currents are as usual", s);
}

/* The breaker opens, and perhaps closes again: the currents show it. */
#define EFFECT (10 * TICK_SECOND)

struct alert *
watch_trip_before(struct detect *d, const struct event *e)
{
	const struct currents *c =
	    e->talk != NULL ? watch_currents(d, e->talk->vlan, e->at) : NULL;

	if (c == NULL || c->tripped == 0 || e->at.ns - c->tripped > EFFECT)
		return NULL;
	for (uint32_t i = 0; i < folds_count(d->folds); i++) {
		struct alert *a = folds_at(d->folds, i);

		if (a->row == ALERT_goose_trip_without_fault &&
		    a->status != STATUS_CLOSED && a->vlan == e->talk->vlan)
			return a;
	}
	return NULL;
}

static bool
is_copy(const struct message *m, const struct stream *s)
{
	return m->st == s->st && m->sq == s->sq && m->data == s->data &&
	    m->t == s->t && m->at - s->at < COPY_NS;
}

static void
remember(struct stream *s, const struct message *m)
{
	const struct fact *f = m->e->fact;

	s->st = m->st;
	s->sq = m->sq;
	s->data = m->data;
	s->t = m->t;
	s->at = m->at;
	s->set = f->seq & ~NUMBERED;
	s->live = f->object.area;
	s->from = m->from->mac;
	s->to = m->to->mac;
	s->revision = f->object.sub;
	s->seen = (uint8_t)(s->seen + (s->seen < 255));
}

void
detector_goose(struct detect *d, const struct event *e)
{
	const struct fact *f = e->fact;
	const struct talk *t = e->talk;
	struct message m;
	struct stream *s;

	if (f->op != OP_GOOSE || !f->is_message ||
	    (f->flags & FACT_DUPLICATE) != 0 || t->via != VIA_ETHER)
		return;
	m = (struct message){ .e = e,
		.from = f->from_server ? &t->server : &t->client,
		.to = f->from_server ? &t->client : &t->server,
		.st = f->object.first,
		.sq = f->object.count,
		.data = f->code,
		.t = f->num.i,
		.at = f->at.ns };
	s = memory_cell(detect_memory(d), ALERT_goose_sequence,
	    cell_key(watch_text(f), (uint64_t)f->unit << 16 | t->vlan), e->at,
	    LIVES);
	if (s->seen > 0 && is_copy(&m, s))
		return;
	if ((f->flags & FACT_TEST) != 0) {
		detect_raise(d, e,
		    &(struct finding){ .row = ALERT_goose_simulation,
			.source = m.from,
			.destination = m.to,
			.extra = watch_text(f) });
		return; /* has its own numbers */
	}
	if (s->seen >= SETTLED) {
		publisher(d, &m, s);
		judge(d, &m, s);
	}
	if (s->seen > 0)
		check_trip(d, &m, s);
	remember(s, &m);
}
