/*
 * rhythm.c - one rhythm: what is learned of its intervals, and what is not as
 * learned.
 */
#include <inttypes.h>
#include <stdio.h>

#include "period.h"

#define LEARN_SECONDS (3 * 86400)
#define LEARN_INTERVALS 200u
#define STRANGE_MINUTES 30u
#define LEAST_MINUTES 10
#define STRANGE_INTERVALS 10u
#define TELL_AGAIN_MINUTES 60u
#define STEADY_PERCENT 95u
#define SECOND_SHARE 50u /* one interval in so many */

/* ----------------------------------------------------------------- learning */

uint32_t
rhythm_bucket(const struct periods *p, int64_t gap)
{
	uint32_t b;

	if (gap <= 0)
		return 0;
	b = p->first_of[63 - __builtin_clzll((uint64_t)gap)];
	while (b < BUCKETS - 1 && gap >= p->edge[b + 1])
		b++;
	return b;
}

/* The bucket below which so many percent of the intervals lie. */
static uint32_t
quantile(const struct rhythm *r, uint64_t percent)
{
	uint64_t all = 0, below = 0;

	for (uint32_t b = 0; b < BUCKETS; b++)
		all += r->hist[b];
	for (uint32_t b = 0; b < BUCKETS; b++) {
		below += r->hist[b];
		if (below * 100 >= all * percent)
			return b;
	}
	return BUCKETS - 1;
}

int64_t
rhythm_median(const struct periods *p, const struct rhythm *r)
{
	uint32_t b = quantile(r, 50);

	return (p->edge[b] + p->edge[b + 1]) / 2;
}

/* Half in one bucket, or the middle half narrower than half of the median. */
static bool
is_periodic(const struct periods *p, const struct rhythm *r)
{
	uint64_t all = 0;

	for (uint32_t b = 0; b < BUCKETS; b++)
		all += r->hist[b];
	if (2ull * r->hist[r->mode] > all)
		return true;
	return 2 * (p->edge[quantile(r, 75)] - p->edge[quantile(r, 25)]) <
	    rhythm_median(p, r);
}

/* Of the spans that people set, the roundest that lies in it. */
static int64_t
roundest(int64_t from, int64_t to)
{
	static const int64_t marks[] = { 1000, 500, 200, 100, 50, 30, 20, 15,
		10, 5, 3, 2, 1 };
	int64_t ten = 1;

	while (ten * 1000 < from)
		ten *= 10;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		int64_t unit = ten * marks[i];

		if ((from + unit - 1) / unit * unit < to)
			return (from + unit - 1) / unit * unit;
	}
	return from;
}

int64_t
rhythm_cycle(const struct periods *p, const struct rhythm *r)
{
	uint64_t all = 0;
	uint32_t b = 0;

	for (uint32_t i = 0; i < BUCKETS; i++) {
		all += r->hist[i];
		if (r->hist[i] > r->hist[b])
			b = i;
	}
	if (all < BASELINE_CYCLE_LEAST || b == 0 || 2ull * r->hist[b] <= all)
		return 0;
	return roundest(p->edge[b], p->edge[b + 1]);
}

static uint8_t
most_common(const struct rhythm *r)
{
	uint8_t best = 0;

	for (uint8_t b = 1; b < BUCKETS; b++)
		if (r->hist[b] > r->hist[best])
			best = b;
	return best;
}

static uint32_t
minute_limit(uint32_t most)
{
	return most < UINT32_MAX / 2 ? most + most / 2 + 5 : UINT32_MAX;
}

int64_t
rhythm_age(const struct rhythm *r)
{
	return r->last != NEVER ? r->age + (r->last - r->first) : r->age;
}

static bool
is_steady(const struct periods *p, const struct rhythm *r)
{
	int64_t window = p->config.window_seconds * TICK_SECOND;
	int64_t all =
	    rhythm_age(r) / (window > 0 ? window : 3600 * TICK_SECOND);

	return (int64_t)r->windows * 100 >= all * STEADY_PERCENT;
}

static void
set_flag(struct rhythm *r, uint8_t flag, bool on)
{
	r->flags = (uint8_t)(on ? r->flags | flag : r->flags & ~flag);
}

/* Once a window: what kind of rhythm is it? */
void
rhythm_judge(struct periods *p, uint32_t at)
{
	struct rhythm *r = &p->rhythm[at];

	rhythm_settle(r);
	if (r->n < LEARN_INTERVALS ||
	    rhythm_age(r) < learn_span(LEARN_SECONDS, p->config.learn_scale))
		return;
	if (!rhythm_has(r, RHYTHM_READY))
		p->ready++;
	if (!rhythm_has(r, RHYTHM_STRAYED) && r->strange == 0)
		r->mode = most_common(r);
	set_flag(r, RHYTHM_READY, true);
	set_flag(r, RHYTHM_PERIODIC, is_periodic(p, r));
	set_flag(r, RHYTHM_STEADY, is_steady(p, r));
	/* a few minutes do not tell how many there are in one */
	r->limit = rhythm_age(r) >= LEAST_MINUTES * MINUTE
	    ? minute_limit(r->most)
	    : UINT32_MAX;
	if (r->link == 0)
		silence_watch(p, at);
}

static void
put_late(struct rhythm *r, unsigned which)
{
	uint16_t *n = &r->hist[r->late[which].bucket];

	if (*n > UINT16_MAX - UINT8_MAX)
		for (uint32_t i = 0; i < BUCKETS; i++)
			r->hist[i] /= 2;
	*n = (uint16_t)(*n + r->late[which].n);
	r->late[which].n = 0;
}

void
rhythm_settle(struct rhythm *r)
{
	put_late(r, 0);
	put_late(r, 1);
}

/* Most intervals fall into one of the two buckets of the ones before. */
static void
count_late(struct rhythm *r, uint32_t b)
{
	unsigned which = r->late[0].bucket == b ? 0 : 1;

	if (r->late[which].bucket != b) {
		put_late(r, 1);
		r->late[1] = r->late[0];
		which = 0;
		r->late[0].n = 0;
		r->late[0].bucket = (uint8_t)b;
	}
	if (++r->late[which].n == UINT8_MAX)
		put_late(r, which);
}

void
rhythm_count(struct rhythm *r, uint32_t b)
{
	if (r->strange == 0)
		count_late(r, b);
	if (r->n < UINT32_MAX)
		r->n++;
	if (b + 1 < r->mode || b > r->mode + 1u) {
		r->off = (uint16_t)(r->off + (r->off < UINT16_MAX));
		r->off_buckets += b;
	} else {
		r->on = (uint16_t)(r->on + (r->on < UINT16_MAX));
	}
}

/* ------------------------------------------------------------------ judging */

struct finding
rhythm_finding(const struct periods *p, uint32_t at, enum why why,
    struct tick now)
{
	const struct ident *id = &p->places.ident[at];

	return (struct finding){ .why = why,
		.client = id->part[0],
		.server = id->part[1],
		.proto = (uint8_t)id->part[2],
		.op = id->part[3],
		.links = 1,
		.at = now };
}

static double
seconds(int64_t ns)
{
	return (double)ns / (double)TICK_SECOND;
}

static uint32_t
learn_minutes(const struct periods *p)
{
	int64_t span = learn_span(LEARN_SECONDS, p->config.learn_scale);

	return (uint32_t)(span / MINUTE) + 1;
}

/* Its cycle becomes what it was lately. */
void
rhythm_learn_cycle(struct rhythm *r)
{
	if (r->strange_n > 0)
		r->mode = (uint8_t)(r->strange_buckets / r->strange_n);
	rhythm_settle(r);
	memset(r->hist, 0, sizeof(r->hist));
	r->hist[r->mode] = LEARN_INTERVALS;
	r->strange = 0;
	r->strange_n = r->strange_buckets = 0;
	set_flag(r, RHYTHM_STRAYED, false);
}

void
rhythm_learn_speed(struct rhythm *r)
{
	if (r->most < r->worst_minute)
		r->most = r->worst_minute;
	if (rhythm_has(r, RHYTHM_READY))
		r->limit = minute_limit(r->most);
	r->over = 0;
	r->worst_minute = 0;
	set_flag(r, RHYTHM_FAST, false);
}

/* More in this minute than ever: again so within three minutes? */
bool
rhythm_fast(struct periods *p, uint32_t at, const struct moment *m,
    struct finding *ret)
{
	char time[24];
	struct rhythm *r = &p->rhythm[at];
	struct rhythm *link = &p->rhythm[r->link != 0 ? r->link : at];

	if (r->worst_minute < r->in_minute)
		r->worst_minute = r->in_minute;
	if ((r->over & 1) != 0)
		return false;
	r->over |= 1;
	if ((r->over & 6) == 0)
		return false;
	if (rhythm_has(link, RHYTHM_FAST) &&
	    r->minute - link->fast_told < TELL_AGAIN_MINUTES)
		return false;
	if (!rhythm_has(link, RHYTHM_FAST))
		link->fast_since = r->minute;
	set_flag(link, RHYTHM_FAST, true);
	link->fast_told = r->minute;
	*ret = rhythm_finding(p, at, WHY_FAST, m->at);
	ret->value = r->in_minute;
	ret->most = r->limit;
	(void)snprintf(ret->text, sizeof(ret->text),
	    "at most %" PRIu32 " a minute in %s", r->most,
	    span_words(rhythm_age(r), time));
	return true;
}

/* Forget that it was too fast, or learn it when it is here to stay. */
static void
still_fast(struct periods *p, struct rhythm *r)
{
	struct rhythm *link = r->link != 0 ? &p->rhythm[r->link] : r;

	if (r->over == 0) {
		if (r == link &&
		    r->minute - r->fast_told > TELL_AGAIN_MINUTES + 5)
			set_flag(r, RHYTHM_FAST, false);
		return;
	}
	if (rhythm_has(link, RHYTHM_FAST) &&
	    r->minute - link->fast_since > learn_minutes(p))
		rhythm_learn_speed(r);
}

static bool
cycle_changed(struct periods *p, uint32_t at, const struct moment *m,
    struct finding *ret)
{
	struct rhythm *r = &p->rhythm[at];
	uint32_t now = r->strange_buckets / r->strange_n;

	if (r->minute - r->strange > learn_minutes(p) + STRANGE_MINUTES) {
		rhythm_learn_cycle(r);
		return false;
	}
	if (rhythm_has(r, RHYTHM_STRAYED) ||
	    r->minute - r->strange < STRANGE_MINUTES ||
	    r->strange_n < STRANGE_INTERVALS ||
	    (now + 2 > r->mode && now < r->mode + 2u))
		return false;
	set_flag(r, RHYTHM_STRAYED, true);
	*ret = rhythm_finding(p, at, WHY_PERIOD, m->at);
	ret->value = seconds((p->edge[now] + p->edge[now + 1]) / 2);
	ret->least = seconds(p->edge[r->mode]);
	ret->most = seconds(p->edge[r->mode + 1]);
	(void)snprintf(ret->text, sizeof(ret->text),
	    "every %.3g to %.3g s in %.1f days", ret->least, ret->most,
	    seconds(rhythm_age(r)) / 86400);
	return true;
}

/*
 * It has more than one: screens ask slower at night.  Such a cycle has a
 * share of what was learned.
 */
static bool
is_second_cycle(const struct rhythm *r, uint32_t bucket)
{
	uint32_t all = 0, here = 0;

	for (uint32_t b = 0; b < BUCKETS; b++) {
		all += r->hist[b];
		here += b + 1 >= bucket && b <= bucket + 1 ? r->hist[b] : 0;
	}
	return here * SECOND_SHARE >= all;
}

/* Are its intervals lately those of its cycle? */
static bool
strayed(struct periods *p, uint32_t at, const struct moment *m,
    struct finding *ret)
{
	struct rhythm *r = &p->rhythm[at];
	uint32_t on = r->on, off = r->off, buckets = r->off_buckets;

	if (on + off < 3)
		return false;
	r->on = r->off = 0;
	r->off_buckets = 0;
	if (r->link == 0 || !rhythm_has(r, RHYTHM_PERIODIC) || off < 3 * on ||
	    is_second_cycle(r, buckets / off)) {
		set_flag(r, RHYTHM_STRAYED, false);
		r->strange = r->strange_n = r->strange_buckets = 0;
		return false;
	}
	if (r->strange == 0)
		r->strange = r->minute;
	if (r->strange_n < UINT16_MAX) {
		r->strange_n += off;
		r->strange_buckets += buckets;
	}
	return cycle_changed(p, at, m, ret);
}

bool
rhythm_minute(struct periods *p, uint32_t at, const struct moment *m,
    struct finding *ret)
{
	struct rhythm *r = &p->rhythm[at];
	uint32_t past = p->minute - r->minute;

	if ((r->over & 1) == 0 && r->most < r->in_minute)
		r->most = r->in_minute;
	r->over = (uint8_t)(past < 8 ? r->over << past : 0);
	r->in_minute = 0;
	r->minute = p->minute;
	if (rhythm_has(r, RHYTHM_READY))
		still_fast(p, r);
	return strayed(p, at, m, ret);
}
