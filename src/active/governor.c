/*
 * governor.c - whether a device may be asked, and when.
 *
 * Told of all that is sent and of all that comes of it; holds no socket and
 * no clock.  What it knows of devices stands in a ledger (ledger.h), which all
 * processes that ask have in common: a device that one of them asks is not
 * asked by another, and their rates count together.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger.h"
#include "private.h"

#define ALONE (600 * TICK_SECOND) /* a device is left, at least */
#define FIRST_ANSWERS 3u /* that tell how fast a device usually is */
#define SLOWER_NUM 6 /* left alone when slower than 6/5 of that ... */
#define SLOWER_DEN 5
#define SLACK (TICK_SECOND / 100) /* ... and by more than 10 ms */
#define SLACK_SEEN (TICK_SECOND / 5000) /* of many answers: 0.2 ms */
#define AGAIN (TICK_SECOND / 20) /* until an answer may have come */
#define QUIET_MOST (5 * TICK_SECOND) /* longest wait for a quiet moment */
#define SET_BACK (5 * TICK_SECOND) /* no process comes so late */
#define WAITERS 64u /* devices that wait for one at a time */

struct waiter { /* for a quiet moment */
	struct ip ip;
	struct tick since;
};

struct governor {
	struct ledger *ledger;
	struct active_limits limits;
	struct tick begins; /* nobody is asked before */
	uint8_t kind;
	char stopped[128];
	uint32_t n_left_alone; /* since it was made */
	struct waiter waiter[WAITERS];
};

static int64_t
at_least(int64_t asked, int64_t least)
{
	return asked > least ? asked : least;
}

static struct governor *
make(struct ledger *l, const struct active_limits *asked,
    const struct active_limits *least)
{
	struct governor *g = calloc(1, sizeof(*g));

	if (g == NULL) {
		ledger_close(l);
		return NULL;
	}
	g->ledger = l;
	g->limits = (struct active_limits){
		.device_gap = at_least(asked->device_gap, least->device_gap),
		.subnet_gap = at_least(asked->subnet_gap, least->subnet_gap),
		.gap = at_least(asked->gap, least->gap),
		.timeout = at_least(asked->timeout, TICK_SECOND / 2),
	};
	return g;
}

struct governor *
governor_new(const struct active_limits *asked,
    const struct active_limits *least)
{
	struct ledger *l = ledger_new();

	return l != NULL ? make(l, asked, least) : NULL;
}

struct governor *
governor_open(const char *dir, const struct active_limits *asked,
    const struct active_limits *least, uint8_t kind, struct tick now,
    char *ret_error, size_t cap)
{
	bool is_new = false;
	struct ledger *l = ledger_open(dir, &is_new, ret_error, cap);
	struct governor *g = l != NULL ? make(l, asked, least) : NULL;

	if (g == NULL)
		return NULL;
	g->kind = kind;
	if (is_new)
		g->begins.ns =
		    now.ns + g->limits.timeout + g->limits.device_gap;
	return g;
}

void
governor_free(struct governor *g)
{
	if (g == NULL)
		return;
	ledger_close(g->ledger);
	free(g);
}

static void
leave_alone(struct governor *g, struct ledger_device *d, struct tick now)
{
	if (!d->left_alone) {
		g->n_left_alone++;
		d->alone = now;
	}
	d->left_alone = true;
}

const char *
governor_why_text(enum governor_why why)
{
	static const char *const texts[GOVERNOR_WHY_COUNT] = {
		[GOVERNOR_GO] = "may be asked",
		[GOVERNOR_OUTSTANDING] = "its answer is awaited",
		[GOVERNOR_TOO_SOON] = "a pause lies between two requests",
		[GOVERNOR_BUSY] = "waits for a quiet moment of the device",
		[GOVERNOR_LEFT_ALONE] =
		    "left alone for ten minutes: it answered late or not",
		[GOVERNOR_MARKED] = "marked: it must not be asked",
		[GOVERNOR_STOPPED] = "asking was stopped",
		[GOVERNOR_FULL] = "more devices than there is room for",
	};

	return texts[why];
}

/* --------------------------------------------------------------------- asking
 */

/* A fifth slower than usual, and enough to be measured. */
static bool
is_slower(int64_t now, int64_t usual, int64_t slack)
{
	return usual > 0 && now * SLOWER_DEN > usual * SLOWER_NUM &&
	    now - usual > slack;
}

static struct tick
later(struct tick a, struct tick b)
{
	return a.ns > b.ns ? a : b;
}

static struct tick
after(struct tick t, int64_t ns)
{
	return (struct tick){ t.ns + ns };
}

/* Of a clock that was set back: what has yet to come is now.  Not what another
 * process told while we came to it. */
static void
not_later(struct tick *t, struct tick now)
{
	if (t->ns - now.ns > SET_BACK)
		*t = now;
}

static void
mind_clock(struct governor *g, struct ledger_device *d, struct ledger_subnet *s,
    struct tick now)
{
	not_later(ledger_sent(g->ledger), now);
	not_later(&s->sent, now);
	not_later(&d->sent, now);
	not_later(&d->freed, now);
	not_later(&d->alone, now);
}

/* When the pauses of device, subnet and all are over. */
static struct tick
pause_over(const struct governor *g, const struct ledger_device *d,
    const struct ledger_subnet *s)
{
	struct tick t = g->begins, all = *ledger_sent(g->ledger);

	if (all.ns != 0)
		t = later(t, after(all, g->limits.gap));
	if (s->used)
		t = later(t, after(s->sent, g->limits.subnet_gap));
	if (d->asked)
		t = later(t,
		    after(later(d->sent, d->freed), g->limits.device_gap));
	return t;
}

/* Since when this one waits for a quiet moment; 0: it does not yet. */
static struct tick *
waits_since(struct governor *g, const struct ip *ip)
{
	struct waiter *oldest = &g->waiter[0];

	for (uint32_t i = 0; i < WAITERS; i++) {
		struct waiter *w = &g->waiter[i];

		if (memcmp(&w->ip, ip, sizeof(*ip)) == 0)
			return &w->since;
		if (w->since.ns < oldest->since.ns)
			oldest = w;
	}
	*oldest = (struct waiter){ .ip = *ip };
	return &oldest->since;
}

/*
 * Between two polls, as far from both as can be: in the second quarter of the
 * pause that they usually leave.  Nobody waits for ever.
 */
static bool
is_busy(struct governor *g, const struct ip *ip, const struct device_pulse *p,
    struct tick now, struct tick *ret_when)
{
	int64_t since = now.ns - p->last.ns;
	struct tick *waits = waits_since(g, ip);

	if (p->quiet <= 0 || p->last.ns == 0 || since < 0 ||
	    (since >= p->quiet / 4 && since <= p->quiet / 2) ||
	    since > 2 * p->quiet) {
		waits->ns = 0;
		return false;
	}
	if (waits->ns == 0)
		*waits = now;
	if (now.ns - waits->ns > QUIET_MOST) {
		waits->ns = 0;
		return false;
	}
	*ret_when = since < p->quiet / 4
	    ? after(p->last, p->quiet / 4)
	    : after(p->last, p->quiet + p->quiet / 4);
	if (ret_when->ns <= now.ns) /* the next one is late */
		*ret_when = after(now, p->quiet / 4);
	return true;
}

/* Whose process ended while it waited for an answer: nobody knows what became
 * of the question, so the device is left alone. */
static void
look_for_owner(struct governor *g, struct ledger_device *d, struct tick now)
{
	if (!d->outstanding || ledger_lives(g->ledger, d->owner))
		return;
	d->outstanding = false;
	d->freed = now;
	leave_alone(g, d, now);
}

/* Whatever was the matter may be over. */
static void
forgive(struct ledger_device *d, struct tick now)
{
	if (!d->left_alone || d->outstanding || now.ns - d->alone.ns < ALONE)
		return;
	d->left_alone = false;
	d->answers = 0; /* how fast it is is learned anew */
	d->usual = 0;
}

static void
is_sent(struct governor *g, struct ledger_device *d, struct ledger_subnet *s,
    struct tick now)
{
	*ledger_sent(g->ledger) = now;
	d->sent = s->sent = now;
	d->outstanding = d->asked = s->used = true;
	d->owner = ledger_owner(g->ledger);
	if (d->kind != g->kind)
		d->answers = 0; /* takes its own time */
	d->kind = g->kind;
}

static enum governor_why
judge(struct governor *g, const struct ip *ip, const struct device_pulse *pulse,
    struct tick now, struct tick *ret_when)
{
	struct ledger_device *d = ledger_device(g->ledger, ip, now);
	struct ledger_subnet *s = ledger_subnet(g->ledger, ip, now);
	struct tick when;

	if (d == NULL || s == NULL)
		return GOVERNOR_FULL;
	mind_clock(g, d, s, now);
	look_for_owner(g, d, now);
	forgive(d, now);
	if (is_slower(pulse->recent, pulse->usual,
		pulse->noise > SLACK_SEEN ? pulse->noise : SLACK_SEEN))
		leave_alone(g, d, now);
	if (d->left_alone)
		return GOVERNOR_LEFT_ALONE;
	if (d->outstanding) {
		*ret_when = after(now, AGAIN);
		return GOVERNOR_OUTSTANDING;
	}
	when = pause_over(g, d, s);
	if (now.ns < when.ns) {
		*ret_when = when;
		return GOVERNOR_TOO_SOON;
	}
	if (is_busy(g, ip, pulse, now, ret_when))
		return GOVERNOR_BUSY;
	is_sent(g, d, s, now); /* so that nobody else does */
	return GOVERNOR_GO;
}

enum governor_why
governor_may(struct governor *g, const struct ip *ip,
    const struct device_pulse *pulse, struct tick now, struct tick *ret_when)
{
	enum governor_why why;

	ret_when->ns = INT64_MAX;
	if (g->stopped[0] != '\0')
		return GOVERNOR_STOPPED;
	if (pulse->marked)
		return GOVERNOR_MARKED;
	ledger_lock(g->ledger);
	why = judge(g, ip, pulse, now, ret_when);
	ledger_unlock(g->ledger);
	return why;
}

/* -------------------------------------------------------------------- telling
 */

/* Locked until done(); NULL: not ours, or not known. */
static struct ledger_device *
ours(struct governor *g, const struct ip *ip, struct tick now)
{
	struct ledger_device *d;

	ledger_lock(g->ledger);
	d = ledger_device(g->ledger, ip, now);
	return d != NULL && d->outstanding &&
		d->owner == ledger_owner(g->ledger)
	    ? d
	    : NULL;
}

static void
done(struct governor *g)
{
	ledger_unlock(g->ledger);
}

void
governor_sent(struct governor *g, const struct ip *ip, struct tick now)
{
	struct ledger_device *d;
	struct ledger_subnet *s;

	ledger_lock(g->ledger);
	d = ledger_device(g->ledger, ip, now);
	s = ledger_subnet(g->ledger, ip, now);
	if (d != NULL && s != NULL)
		is_sent(g, d, s, now);
	ledger_unlock(g->ledger);
}

/* The mean of the first answers is what is usual. */
static void
learn(struct ledger_device *d, int64_t took)
{
	if (d->answers >= FIRST_ANSWERS)
		return;
	d->usual = (d->usual * d->answers + took) / (d->answers + 1);
	d->answers++;
}

bool
governor_answered(struct governor *g, const struct ip *ip, struct tick now)
{
	struct ledger_device *d = ours(g, ip, now);
	bool good = d != NULL;
	int64_t took;

	if (d != NULL) {
		d->outstanding = false;
		d->freed = now;
		took = now.ns - d->sent.ns;
		if (d->answers > 0 && is_slower(took, d->usual, SLACK))
			leave_alone(g, d, now);
		learn(d, took);
		good = !d->left_alone;
	}
	done(g);
	return good && g->stopped[0] == '\0';
}

void
governor_over(struct governor *g, const struct ip *ip, struct tick now)
{
	struct ledger_device *d = ours(g, ip, now);

	if (d != NULL) {
		d->outstanding = false;
		d->freed = now;
	}
	done(g);
}

void
governor_failed(struct governor *g, const struct ip *ip, struct tick now)
{
	struct ledger_device *d = ours(g, ip, now);

	if (d == NULL) /* nor another's question is taken for answered */
		d = ledger_device(g->ledger, ip, now);
	else
		d->outstanding = false;
	if (d != NULL) {
		d->freed = now;
		leave_alone(g, d, now);
	}
	done(g);
}

void
governor_stop(struct governor *g, const char *why)
{
	if (g->stopped[0] == '\0')
		(void)snprintf(g->stopped, sizeof(g->stopped), "%s",
		    why[0] != '\0' ? why : "stopped");
}

const char *
governor_stopped(const struct governor *g)
{
	return g->stopped[0] != '\0' ? g->stopped : NULL;
}

void
governor_go_on(struct governor *g)
{
	g->stopped[0] = '\0';
}

uint32_t
governor_left_alone(const struct governor *g)
{
	return g->n_left_alone;
}

void
governor_relearn(struct governor *g, const struct ip *ip, struct tick now)
{
	struct ledger_device *d;

	ledger_lock(g->ledger);
	d = ledger_device(g->ledger, ip, now);
	if (d != NULL)
		d->answers = 0;
	ledger_unlock(g->ledger);
}
