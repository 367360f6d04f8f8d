/*
 * test_governor.c - whatever is configured and however devices behave: one
 * request at a time, never faster than the limits, and those that were left
 * alone stay so.
 */
#include "../../src/active/active.h"
#include "check.h"

#define DEVICES 40u
#define STEPS 20000u

static uint64_t seed = 0x9e3779b97f4a7c15u;

static uint32_t
draw(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 33) % below;
}

static struct ip
ip_at(uint32_t i)
{
	return ip4_of(
	    (const uint8_t[]){ 10, 0, (uint8_t)(i % 3), (uint8_t)(1 + i) });
}

struct device {
	struct tick sent, freed, due; /* due: when it answers */
	bool outstanding, alone, silent, marked;
	uint32_t asked;
	int64_t takes;
};

struct world {
	struct device d[DEVICES];
	struct tick now, last, last_of[3];
	bool any, of[3];
	struct governor *g;
	uint32_t sent;
};

static void
make_world(struct world *w)
{
	const struct active_limits least = ACTIVE_LIMITS;
	const int64_t s = TICK_SECOND;
	struct active_limits wild = { .device_gap = (int64_t)draw(5) * s - s,
		.subnet_gap = (int64_t)draw(2000000000) - s,
		.gap = (int64_t)draw(1000000000) - s / 2,
		.timeout = (int64_t)draw(4) * s };

	memset(w, 0, sizeof(*w));
	w->now.ns = INT64_C(1800000000) * s;
	w->g = governor_new(&wild, &least);
	for (uint32_t i = 0; i < DEVICES; i++) {
		w->d[i].silent = draw(8) == 0;
		w->d[i].marked = draw(10) == 0;
		w->d[i].takes = (int64_t)(1 + draw(80)) * 1000000;
	}
}

/* What must hold of a request that goes out now. */
static void
check_sent(const struct world *w, uint32_t i)
{
	const struct active_limits l = ACTIVE_LIMITS;
	const struct device *d = &w->d[i];

	CHECK(!d->outstanding && !d->alone && !d->marked);
	CHECK(!w->any || w->now.ns - w->last.ns >= l.gap);
	CHECK(
	    !w->of[i % 3] || w->now.ns - w->last_of[i % 3].ns >= l.subnet_gap);
	CHECK(d->asked == 0 || w->now.ns - d->sent.ns >= l.device_gap);
	CHECK(d->asked == 0 || w->now.ns - d->freed.ns >= l.device_gap);
}

static void
ask_one(struct world *w, uint32_t i)
{
	struct device *d = &w->d[i];
	struct device_pulse pulse = { .marked = d->marked };
	struct ip ip = ip_at(i);
	struct tick when;
	enum governor_why why;

	if (draw(3) == 0) { /* polled by others */
		pulse.usual = 20000000;
		pulse.recent = 15000000 + (int64_t)draw(6000000);
		pulse.quiet = TICK_SECOND;
		pulse.last.ns = w->now.ns - (int64_t)draw(1500000000);
	}
	why = governor_may(w->g, &ip, &pulse, w->now, &when);
	CHECK(why == GOVERNOR_GO || when.ns > w->now.ns);
	if (why != GOVERNOR_GO) {
		d->alone |= why == GOVERNOR_LEFT_ALONE;
		return;
	}
	check_sent(w, i);
	governor_sent(w->g, &ip, w->now);
	w->sent++;
	d->asked++;
	d->outstanding = true;
	d->sent = w->last = w->last_of[i % 3] = w->now;
	w->any = w->of[i % 3] = true;
	d->due.ns = w->now.ns + d->takes;
}

static void
let_answer(struct world *w, uint32_t i)
{
	struct device *d = &w->d[i];
	struct ip ip = ip_at(i);
	bool fails = draw(60) == 0;

	if (!d->outstanding || w->now.ns < d->due.ns ||
	    (d->silent && w->now.ns < d->sent.ns + 3 * TICK_SECOND))
		return;
	if (draw(40) == 0)
		d->takes *= 2; /* it becomes slower */
	d->outstanding = false;
	d->freed = w->now;
	if (d->silent || fails) {
		governor_failed(w->g, &ip, w->now);
		d->alone = true;
	} else if (!governor_answered(w->g, &ip, w->now)) {
		d->alone = true;
	}
}

static void
test_world(void)
{
	static struct world w;

	make_world(&w);
	for (uint32_t n = 0; n < STEPS; n++) {
		w.now.ns += (int64_t)draw(60000000);
		ask_one(&w, draw(DEVICES));
		let_answer(&w, draw(DEVICES));
	}
	CHECK(w.sent > DEVICES);
	for (uint32_t i = 0; i < DEVICES; i++)
		CHECK(!w.d[i].marked || w.d[i].asked == 0);
	governor_free(w.g);
}

/* A fifth slower, and it is left alone; 10 ms are not a fifth of much. */
static void
test_slower(void)
{
	const struct active_limits l = ACTIVE_LIMITS;
	const struct device_pulse none = { .marked = false };
	struct governor *g = governor_new(&l, &l);
	struct ip ip = ip_at(1);
	struct tick now = { TICK_SECOND }, when;
	static const int64_t took[] = { 100, 102, 98, 115, 125 };

	for (unsigned i = 0; i < 5; i++) {
		CHECK_INT(governor_may(g, &ip, &none, now, &when), GOVERNOR_GO);
		governor_sent(g, &ip, now);
		CHECK_INT(governor_may(g, &ip, &none, now, &when),
		    GOVERNOR_OUTSTANDING);
		now.ns += took[i] * 1000000;
		CHECK(governor_answered(g, &ip, now) == (i < 4));
		now.ns += 2 * TICK_SECOND;
	}
	CHECK_INT(governor_may(g, &ip, &none, now, &when), GOVERNOR_LEFT_ALONE);
	CHECK_INT(governor_left_alone(g), 1);
	governor_free(g);
}

/* Its polls take longer since we ask, or come right now. */
static void
test_pulse(void)
{
	const struct active_limits l = ACTIVE_LIMITS;
	struct device_pulse p = { .usual = 50000000,
		.recent = 55000000,
		.quiet = TICK_SECOND };
	struct governor *g = governor_new(&l, &l);
	struct tick now = { 100 * TICK_SECOND }, when;
	struct ip ip = ip_at(1);

	p.last = now;
	CHECK_INT(governor_may(g, &ip, &p, now, &when), GOVERNOR_BUSY);
	CHECK_INT(when.ns, now.ns + TICK_SECOND / 4);
	now = when;
	CHECK_INT(governor_may(g, &ip, &p, now, &when), GOVERNOR_GO);
	p.recent = 61000000;
	CHECK_INT(governor_may(g, &ip, &p, now, &when), GOVERNOR_LEFT_ALONE);
	governor_free(g);
}

static void
test_stop(void)
{
	const struct active_limits l = ACTIVE_LIMITS;
	const struct device_pulse none = { .marked = false };
	struct governor *g = governor_new(&l, &l);
	struct tick now = { TICK_SECOND }, when;
	struct ip ip = ip_at(1);

	CHECK(governor_stopped(g) == NULL);
	governor_stop(g, "an alert");
	CHECK_STR(governor_stopped(g), "an alert");
	CHECK_INT(governor_may(g, &ip, &none, now, &when), GOVERNOR_STOPPED);
	CHECK_INT(when.ns, INT64_MAX);
	governor_free(g);
}

/* Two processes: one that comes late with its time does not shorten the pause
 * that the other's answer began; a clock that was set back ends none either,
 * nor does it wait for ever. */
static void
test_late(void)
{
	const struct active_limits l = ACTIVE_LIMITS;
	const struct device_pulse none = { .marked = false };
	const struct ip ip = ip_at(1);
	struct governor *g = governor_new(&l, &l);
	struct tick now = { 1000 * TICK_SECOND }, when;

	CHECK_INT(governor_may(g, &ip, &none, now, &when), GOVERNOR_GO);
	now.ns += TICK_SECOND;
	CHECK(governor_answered(g, &ip, now));
	now.ns -= TICK_SECOND / 2; /* looked at its clock before that */
	CHECK_INT(governor_may(g, &ip, &none, now, &when), GOVERNOR_TOO_SOON);
	CHECK_INT(when.ns - now.ns, l.device_gap + TICK_SECOND / 2);
	now.ns -= 500 * TICK_SECOND;
	CHECK_INT(governor_may(g, &ip, &none, now, &when), GOVERNOR_TOO_SOON);
	CHECK_INT(when.ns - now.ns, l.device_gap);
	governor_free(g);
}

int
main(void)
{
	for (unsigned i = 0; i < 40; i++)
		test_world();
	test_slower();
	test_pulse();
	test_stop();
	test_late();
	return check_done();
}
