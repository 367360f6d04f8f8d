/*
 * governor.c - whether a device may be asked, and when.
 *
 * Told of all that is sent and of all that comes of it; holds no socket and
 * no clock.  Devices and subnets are found by hash; a device is never
 * forgotten in a run, so that one which was left alone stays so.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/hash.h"
#include "private.h"

#define MARK UINT64_C(0x676f7665726e6f72)
#define SLOTS 16384u /* of devices and of subnets; power of two */
#define MOST (SLOTS * 3 / 4)
#define FIRST_ANSWERS 3u /* that tell how fast a device usually is */
#define SLOWER_NUM 6 /* left alone when slower than 6/5 of that ... */
#define SLOWER_DEN 5
#define SLACK (TICK_SECOND / 100) /* ... and by more than 10 ms */
#define SLACK_SEEN (TICK_SECOND / 5000) /* of many answers: 0.2 ms */
#define AGAIN (TICK_SECOND / 20) /* until an answer may have come */
#define QUIET_MOST (5 * TICK_SECOND) /* longest wait for a quiet moment */

struct device {
	struct ip ip; /* len 0: free */
	struct tick sent, freed; /* last question, last end of one */
	struct tick alone; /* since, where left_alone */
	struct tick waited; /* for a quiet moment, since */
	int64_t usual; /* ns, mean of the first answers */
	uint32_t answers;
	bool outstanding, left_alone, asked;
};

struct subnet {
	struct ip net;
	struct tick sent;
	bool used;
};

struct governor {
	uint64_t mark; /* MARK: it is one */
	struct active_limits limits;
	struct tick begins; /* nobody is asked before */
	struct tick sent; /* to anybody */
	bool any;
	uint32_t n_device, n_subnet, n_left_alone;
	char stopped[128];
	struct device device[SLOTS];
	struct subnet subnet[SLOTS];
};

static int64_t
at_least(int64_t asked, int64_t least)
{
	return asked > least ? asked : least;
}

static void
set_limits(struct governor *g, const struct active_limits *asked,
    const struct active_limits *least)
{
	g->limits = (struct active_limits){
		.device_gap = at_least(asked->device_gap, least->device_gap),
		.subnet_gap = at_least(asked->subnet_gap, least->subnet_gap),
		.gap = at_least(asked->gap, least->gap),
		.timeout = at_least(asked->timeout, TICK_SECOND / 2),
	};
}

struct governor *
governor_new(const struct active_limits *asked,
    const struct active_limits *least, struct tick begins)
{
	struct governor *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return NULL;
	g->mark = MARK;
	g->begins = begins;
	set_limits(g, asked, least);
	return g;
}

static void
leave_alone(struct governor *g, struct device *d, struct tick now)
{
	if (!d->left_alone) {
		g->n_left_alone++;
		d->alone = now;
	}
	d->left_alone = true;
}

size_t
governor_size(void)
{
	return sizeof(struct governor);
}

struct governor *
governor_adopt(void *room, const struct active_limits *asked,
    const struct active_limits *least, struct tick begins, struct tick now)
{
	struct governor *g = room;

	if (g->mark != MARK)
		memset(g, 0, sizeof(*g));
	g->mark = MARK;
	g->begins = begins;
	g->stopped[0] = '\0';
	set_limits(g, asked, least);
	for (uint32_t i = 0; i < SLOTS; i++) {
		struct device *d = &g->device[i];

		if (!d->outstanding)
			continue;
		d->outstanding = false;
		d->freed = now;
		leave_alone(g, d, now);
	}
	return g;
}

int64_t
governor_grace(const struct active_limits *l)
{
	return l->timeout + l->device_gap;
}

void
governor_free(struct governor *g)
{
	free(g);
}

const char *
governor_why_text(enum governor_why why)
{
	static const char *const texts[GOVERNOR_WHY_COUNT] = {
		[GOVERNOR_GO] = "may be asked",
		[GOVERNOR_OUTSTANDING] = "its answer is awaited",
		[GOVERNOR_TOO_SOON] = "a pause lies between two requests",
		[GOVERNOR_BUSY] = "waits for a quiet moment of the device",
		[GOVERNOR_LEFT_ALONE] = "left alone: it answered late or not",
		[GOVERNOR_MARKED] = "marked: it must not be asked",
		[GOVERNOR_STOPPED] = "asking was stopped",
		[GOVERNOR_FULL] = "more devices than there is room for",
	};

	return texts[why];
}

/* -------------------------------------------------------------------- finding
 */

/* NULL: there is no room. */
static struct device *
device_of(struct governor *g, const struct ip *ip)
{
	uint32_t at =
	    (uint32_t)hash_bytes(ip->b, sizeof(ip->b), 0) & (SLOTS - 1);

	while (g->device[at].ip.len != 0 &&
	    memcmp(&g->device[at].ip, ip, sizeof(*ip)) != 0)
		at = (at + 1) & (SLOTS - 1);
	if (g->device[at].ip.len != 0)
		return &g->device[at];
	if (g->n_device == MOST)
		return NULL;
	g->n_device++;
	g->device[at].ip = *ip;
	return &g->device[at];
}

static struct subnet *
subnet_of(struct governor *g, const struct ip *ip)
{
	struct ip net = *ip;
	uint32_t at;

	memset(net.b + (ip->len == 16 ? 8 : 3), 0, ip->len == 16 ? 8 : 1);
	at = (uint32_t)hash_bytes(net.b, sizeof(net.b), 1) & (SLOTS - 1);
	while (g->subnet[at].used &&
	    memcmp(&g->subnet[at].net, &net, sizeof(net)) != 0)
		at = (at + 1) & (SLOTS - 1);
	if (g->subnet[at].used)
		return &g->subnet[at];
	if (g->n_subnet == MOST)
		return NULL;
	g->n_subnet++;
	g->subnet[at].net = net;
	return &g->subnet[at];
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

/* When the pauses of device, subnet and all are over. */
static struct tick
pause_over(const struct governor *g, const struct device *d,
    const struct subnet *s)
{
	struct tick t = g->begins;

	if (g->any)
		t = later(t, after(g->sent, g->limits.gap));
	if (s->used)
		t = later(t, after(s->sent, g->limits.subnet_gap));
	if (d->asked)
		t = later(t,
		    after(later(d->sent, d->freed), g->limits.device_gap));
	return t;
}

/*
 * Between two polls, as far from both as can be: in the second quarter of the
 * pause that they usually leave.  Nobody waits for ever.
 */
static bool
is_busy(struct device *d, const struct device_pulse *p, struct tick now,
    struct tick *ret_when)
{
	int64_t since = now.ns - p->last.ns;

	if (p->quiet <= 0 || p->last.ns == 0 || since < 0 ||
	    (since >= p->quiet / 4 && since <= p->quiet / 2) ||
	    since > 2 * p->quiet) {
		d->waited.ns = 0;
		return false;
	}
	if (d->waited.ns == 0)
		d->waited = now;
	if (now.ns - d->waited.ns > QUIET_MOST) {
		d->waited.ns = 0;
		return false;
	}
	*ret_when = since < p->quiet / 4
	    ? after(p->last, p->quiet / 4)
	    : after(p->last, p->quiet + p->quiet / 4);
	if (ret_when->ns <= now.ns) /* the next one is late */
		*ret_when = after(now, p->quiet / 4);
	return true;
}

enum governor_why
governor_may(struct governor *g, const struct ip *ip,
    const struct device_pulse *pulse, struct tick now, struct tick *ret_when)
{
	const struct tick never = { INT64_MAX };
	struct device *d;
	struct subnet *s;
	struct tick when;

	*ret_when = never;
	if (g->stopped[0] != '\0')
		return GOVERNOR_STOPPED;
	d = device_of(g, ip);
	s = subnet_of(g, ip);
	if (d == NULL || s == NULL)
		return GOVERNOR_FULL;
	if (pulse->marked)
		return GOVERNOR_MARKED;
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
	return is_busy(d, pulse, now, ret_when) ? GOVERNOR_BUSY : GOVERNOR_GO;
}

void
governor_sent(struct governor *g, const struct ip *ip, struct tick now)
{
	struct device *d = device_of(g, ip);
	struct subnet *s = subnet_of(g, ip);

	g->sent = now;
	g->any = true;
	if (d != NULL) {
		d->sent = now;
		d->outstanding = d->asked = true;
	}
	if (s != NULL) {
		s->sent = now;
		s->used = true;
	}
}

/* The mean of the first answers is what is usual. */
static void
learn(struct device *d, int64_t took)
{
	if (d->answers >= FIRST_ANSWERS)
		return;
	d->usual = (d->usual * d->answers + took) / (d->answers + 1);
	d->answers++;
}

bool
governor_answered(struct governor *g, const struct ip *ip, struct tick now)
{
	struct device *d = device_of(g, ip);
	int64_t took;

	if (d == NULL || !d->outstanding)
		return false;
	d->outstanding = false;
	d->freed = now;
	took = now.ns - d->sent.ns;
	if (d->answers > 0 && is_slower(took, d->usual, SLACK))
		leave_alone(g, d, now);
	learn(d, took);
	return !d->left_alone && g->stopped[0] == '\0';
}

void
governor_over(struct governor *g, const struct ip *ip, struct tick now)
{
	struct device *d = device_of(g, ip);

	if (d == NULL || !d->outstanding)
		return;
	d->outstanding = false;
	d->freed = now;
}

void
governor_failed(struct governor *g, const struct ip *ip, struct tick now)
{
	struct device *d = device_of(g, ip);

	if (d == NULL)
		return;
	d->outstanding = false;
	d->freed = now;
	leave_alone(g, d, now);
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

uint32_t
governor_left_alone(const struct governor *g)
{
	return g->n_left_alone;
}

void
governor_forgive(struct governor *g, struct tick before)
{
	for (uint32_t i = 0; i < SLOTS; i++) {
		struct device *d = &g->device[i];

		if (!d->left_alone || d->outstanding ||
		    d->alone.ns >= before.ns)
			continue;
		d->left_alone = false;
		d->answers = 0; /* how fast it is is learned anew */
		d->usual = 0;
		g->n_left_alone--;
	}
}

void
governor_relearn(struct governor *g, const struct ip *ip)
{
	struct device *d = device_of(g, ip);

	if (d != NULL)
		d->answers = 0;
}
