/*
 * silence.c - links that fell silent.
 *
 * A link is overdue after twice its longest gap learned, five of its usual
 * intervals, or its protocol's own timer, whichever is longest; only links
 * that were never away for a whole window are judged.  What is overdue waits
 * a little for others: a client or server whose links all went silent is one
 * finding, and so is everything at once, which is no plant's doing but the
 * mirror's or the sensor's.
 *
 * A spell in which nothing at all was captured is cut out of the live time:
 * nobody is blamed for it, and no gap is learned from it.
 */
#include <stdio.h>

#include "../proto/proto.h"
#include "period.h"

#define LOOK_EVERY TICK_SECOND
#define HOLD (20 * TICK_SECOND) /* what is overdue waits so long for others */
#define STEP_JUDGED (5 * TICK_SECOND) /* nothing for so long: look closer */
#define STEP_DEAD (600 * TICK_SECOND) /* is learned no gap from */
#define STEP_OFF (3600 * TICK_SECOND) /* is not judged: the sensor was off */
#define ALL_LEAST 4u /* fewer links are no network */
#define CLIENT_LEAST 3u /* so many links of a client are its silence */
#define SERVER_LEAST 2u

uint32_t
silence_floor(uint8_t proto)
{
	static const struct {
		const char *proto;
		uint32_t seconds;
	} timers[] = {
		{ "iec104", 40 }, /* twice t3 */
		{ "goose", 5 },
		{ "r-goose", 5 },
		{ "sv", 5 },
		{ "profinet-rt", 5 },
		{ "cip-io", 5 },
	};
	const char *name = proto < n_protos ? protos[proto]->name : "";

	for (uint32_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++)
		if (strcmp(timers[i].proto, name) == 0)
			return timers[i].seconds;
	return 10;
}

static int64_t
patience(const struct periods *p, const struct rhythm *r)
{
	int64_t most = r->floor * TICK_SECOND;
	int64_t five = 5 * rhythm_median(p, r);

	if (most < five)
		most = five;
	return most < 2 * r->longest ? 2 * r->longest : most;
}

static int64_t
due_of(const struct periods *p, const struct rhythm *r)
{
	int64_t from = r->last > p->lost_at ? r->last : p->lost_at;

	return from + patience(p, r);
}

static void
set_due(struct periods *p, uint32_t link, int64_t due)
{
	p->due[link] = due;
	if (p->soonest > due)
		p->soonest = due;
}

void
silence_watch(struct periods *p, uint32_t link)
{
	const struct rhythm *r = &p->rhythm[link];

	if ((r->flags & (RHYTHM_LATE | RHYTHM_SILENT)) != 0)
		return;
	set_due(p, link,
	    rhythm_judged(r) && r->last != NEVER ? due_of(p, r) : LATER);
}

void
silence_ended(struct periods *p, uint32_t link, int64_t live)
{
	struct rhythm *r = &p->rhythm[link];

	if (r->worst_gap < live - r->last)
		r->worst_gap = live - r->last;
	r->flags &= (uint8_t) ~(RHYTHM_LATE | RHYTHM_SILENT);
	set_due(p, link, live + patience(p, r));
}

/* ------------------------------------------------------ what is to be said */

static bool
is_late(const struct rhythm *r)
{
	return (r->flags & RHYTHM_LATE) != 0;
}

static void
tell(struct periods *p, uint32_t link, enum tell_whom whom, uint32_t links,
    int64_t gap)
{
	if (p->n_tell < LATE_MAX)
		p->tell[p->n_tell++] = (struct tell){ link, links, whom, gap };
}

/* Links that are judged, and were not silent before. */
static uint32_t
count_judged(const struct periods *p)
{
	uint32_t n = 0;

	for (uint32_t i = 1; i <= p->places.n; i++) {
		const struct rhythm *r = &p->rhythm[i];

		n += r->link == 0 && rhythm_judged(r) && r->last != NEVER &&
		    (r->flags & RHYTHM_SILENT) == 0;
	}
	return n;
}

static bool
is_everything(uint32_t late, uint32_t of)
{
	return late >= ALL_LEAST && late * 5 >= of * 4;
}

/* From waiting to silent. */
static void
fall_silent(struct periods *p, uint32_t link)
{
	struct rhythm *r = &p->rhythm[link];

	r->flags = (uint8_t)((r->flags & ~RHYTHM_LATE) | RHYTHM_SILENT);
}

static void
forget_late(struct periods *p)
{
	for (uint32_t i = 0; i < p->n_late; i++)
		fall_silent(p, p->late[i]);
	p->n_late = 0;
}

/* Answers stop where questions do. */
static bool
follows(const struct periods *p, uint32_t link)
{
	const struct rhythm *r = &p->rhythm[link];

	return p->places.ident[link].part[4] != 0 && r->peer != 0 &&
	    (p->rhythm[r->peer].flags & (RHYTHM_LATE | RHYTHM_SILENT)) != 0;
}

/* Keep those that still wait, and are not told by another; how many waited. */
static uint32_t
still_late(struct periods *p)
{
	uint32_t waited = 0, n = 0;

	for (uint32_t i = 0; i < p->n_late; i++)
		waited += is_late(&p->rhythm[p->late[i]]);
	for (uint32_t i = 0; i < p->n_late; i++) {
		uint32_t link = p->late[i];

		if (!is_late(&p->rhythm[link]))
			continue;
		if (follows(p, link))
			fall_silent(p, link);
		else
			p->late[n++] = link;
	}
	p->n_late = n;
	return waited;
}

/* How many of those waiting share an end with it; told as one. */
static uint32_t
sharing(const struct periods *p, uint32_t link, uint32_t end)
{
	uint32_t n = 0, id = p->places.ident[link].part[end];

	for (uint32_t i = 0; i < p->n_late; i++)
		n += is_late(&p->rhythm[p->late[i]]) &&
		    p->places.ident[p->late[i]].part[end] == id;
	return n;
}

static void
silence_sharing(struct periods *p, uint32_t link, uint32_t end)
{
	uint32_t id = p->places.ident[link].part[end];

	for (uint32_t i = 0; i < p->n_late; i++)
		if (p->places.ident[p->late[i]].part[end] == id)
			fall_silent(p, p->late[i]);
}

static void
tell_group(struct periods *p, uint32_t link)
{
	int64_t gap = p->clock - p->rhythm[link].last;
	uint32_t of_client = sharing(p, link, 0);
	uint32_t of_server = sharing(p, link, 1);

	if (of_client >= CLIENT_LEAST && of_client > of_server) {
		tell(p, link, TELL_CLIENT, of_client, gap);
		silence_sharing(p, link, 0);
	} else if (of_server >= SERVER_LEAST) {
		tell(p, link, TELL_SERVER, of_server, gap);
		silence_sharing(p, link, 1);
	} else {
		tell(p, link,
		    p->places.ident[link].part[4] != 0 ? TELL_REPLY : TELL_LINK,
		    1, gap);
		fall_silent(p, link);
	}
}

static void
decide(struct periods *p)
{
	uint32_t judged = count_judged(p);
	uint32_t waited = still_late(p);

	if (p->n_late > 0 && is_everything(waited, judged)) {
		tell(p, p->late[0], TELL_ALL, waited,
		    p->clock - p->rhythm[p->late[0]].last);
		forget_late(p);
		return;
	}
	for (uint32_t i = 0; i < p->n_late; i++)
		if (is_late(&p->rhythm[p->late[i]]))
			tell_group(p, p->late[i]);
	p->n_late = 0;
}

/* ----------------------------------------------------------------- looking */

static void
look_at(struct periods *p, uint32_t link)
{
	struct rhythm *r = &p->rhythm[link];
	int64_t due = rhythm_judged(r) ? due_of(p, r) : LATER;

	if (due > p->clock || p->n_late == LATE_MAX) {
		p->due[link] = due > p->clock ? due : p->clock + HOLD;
		return;
	}
	if (p->n_late == 0 || p->late_since > due)
		p->late_since = due;
	p->due[link] = LATER;
	r->flags |= RHYTHM_LATE;
	p->late[p->n_late++] = link;
}

static void
look(struct periods *p)
{
	if (p->soonest <= p->clock) {
		p->soonest = LATER;
		for (uint32_t i = 1; i <= p->places.n; i++) {
			if (p->due[i] <= p->clock)
				look_at(p, i);
			if (p->soonest > p->due[i])
				p->soonest = p->due[i];
		}
	}
	if (p->n_late > 0 && p->clock - p->late_since >= HOLD)
		decide(p);
}

/* ------------------------------------------------------ nothing was captured
 */

/* Links for which a spell of nothing until then would alone be too long. */
static uint32_t
count_overdue(const struct periods *p, int64_t live)
{
	uint32_t n = 0;

	for (uint32_t i = 1; i <= p->places.n; i++) {
		const struct rhythm *r = &p->rhythm[i];

		n += r->link == 0 && rhythm_judged(r) && r->last != NEVER &&
		    (r->flags & RHYTHM_SILENT) == 0 &&
		    patience(p, r) <= live - p->clock;
	}
	return n;
}

/* The sensor was off: who speaks is seen from now on. */
static void
begin_again(struct periods *p)
{
	forget_late(p);
	for (uint32_t i = 1; i <= p->places.n; i++) {
		struct rhythm *r = &p->rhythm[i];

		r->age = rhythm_age(r);
		r->last = r->first = NEVER;
		r->flags &= (uint8_t) ~(RHYTHM_LATE | RHYTHM_SILENT);
		p->due[i] = LATER;
	}
}

/* Nothing came until `live`.  True: that time is not counted. */
static bool
step_is_dead(struct periods *p, int64_t live)
{
	int64_t step = live - p->clock;
	uint32_t overdue, judged;

	if (step < STEP_JUDGED)
		return false;
	overdue = count_overdue(p, live);
	judged = overdue > 0 ? count_judged(p) : 0;
	if (is_everything(overdue, judged) ||
	    (step >= STEP_OFF && overdue > 0)) {
		tell(p, 0, TELL_ALL, overdue, step);
		for (uint32_t i = 0; i < p->n_late; i++)
			p->rhythm[p->late[i]].flags &= (uint8_t)~RHYTHM_LATE;
		p->n_late = 0;
		p->soonest = NEVER;
		for (uint32_t i = 1; i <= p->places.n; i++)
			if (p->rhythm[i].link == 0)
				silence_watch(p, i);
	} else if (step >= STEP_DEAD) {
		p->clock = live;
		look(p);
		decide(p);
	}
	if (step >= STEP_OFF)
		begin_again(p);
	return step >= STEP_DEAD || is_everything(overdue, judged);
}

void
silence_clock(struct periods *p, const struct moment *m)
{
	int64_t live = m->at.ns - p->dead;
	int64_t before = p->clock;

	if (!p->begun)
		p->clock = before = live;
	p->begun = true;
	if (live > before && step_is_dead(p, live)) {
		p->dead += live - before;
		live = before;
		p->clock = before;
	}
	if (p->clock < live)
		p->clock = live;
	(void)shadow_clock(&p->shadow, m, p->ready > 0);
	p->minute = (uint32_t)(p->clock / MINUTE);
	p->next_look = p->clock + LOOK_EVERY;
	if (p->next_look > (p->minute + INT64_C(1)) * MINUTE)
		p->next_look = (p->minute + INT64_C(1)) * MINUTE;
	look(p);
}

/* ------------------------------------------------------------------- saying */

static double
seconds(int64_t ns)
{
	return (double)ns / (double)TICK_SECOND;
}

static void
say_link(const struct periods *p, const struct tell *t, struct finding *ret)
{
	const struct rhythm *r = &p->rhythm[t->link];

	ret->most = seconds(patience(p, r));
	(void)snprintf(ret->text, sizeof(ret->text),
	    "usually every %.3g s, never longer than %.3g s in %.1f days%s",
	    seconds(rhythm_median(p, r)), seconds(r->longest),
	    seconds(rhythm_age(r)) / 86400,
	    t->whom == TELL_REPLY ? "; it is still asked" : "");
}

static struct finding
say(const struct periods *p, const struct tell *t, struct tick now)
{
	struct finding f = rhythm_finding(p, t->link, WHY_SILENT, now);

	f.value = seconds(t->gap);
	f.links = t->links;
	switch (t->whom) {
	case TELL_LINK:
	case TELL_REPLY:
		say_link(p, t, &f);
		break;
	case TELL_CLIENT:
		f.server = 0;
		(void)snprintf(f.text, sizeof(f.text),
		    "%u links of it went silent at once", t->links);
		break;
	case TELL_SERVER:
		f.client = 0;
		(void)snprintf(f.text, sizeof(f.text),
		    "%u links to it went silent at once", t->links);
		break;
	case TELL_ALL:
		f.all = true;
		f.client = f.server = 0;
		f.proto = 0;
		(void)snprintf(f.text, sizeof(f.text),
		    "every steady link (%u) went silent at once: the mirror "
		    "port or the sensor",
		    t->links);
		break;
	}
	return f;
}

bool
periods_clock(struct periods *p, const struct moment *m, struct finding *ret)
{
	if (m->at.ns - p->dead >= p->next_look || m->lost ||
	    m->window != p->shadow.window)
		silence_clock(p, m);
	if (m->lost)
		p->lost_at = p->clock;
	if (p->told >= p->n_tell) {
		p->told = p->n_tell = 0;
		return false;
	}
	*ret = say(p, &p->tell[p->told++], m->at);
	shadow_hit(&p->shadow);
	return true;
}
