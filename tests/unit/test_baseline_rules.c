/* test_baseline_rules.c - the statistic, promotion, change, devices that come
 * late. */
#include "baseline_plant.h"

#include <math.h>

#include "../../src/baseline/estimators.h"

/* Numbers that look random and are always the same. */
static uint64_t seed = 1;

static uint32_t
dice(uint32_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)((seed >> 33) % n);
}

/* --------------------------------------------------------------- statistic */

static double
poisson_at_most(uint32_t n, double mean)
{
	double term = exp(-mean), sum = term;

	for (uint32_t i = 1; i <= n; i++)
		sum += term *= mean / i;
	return sum;
}

/* The mean of which n or fewer have a chance of one in ten, by halving. */
static double
limit_by_halving(uint32_t n)
{
	double low = 0, high = 400;

	for (unsigned i = 0; i < 100; i++) {
		const double mid = (low + high) / 2;

		if (poisson_at_most(n, mid) > 0.1)
			low = mid;
		else
			high = mid;
	}
	return low;
}

static void
test_limit(void)
{
	for (uint32_t n = 0; n < 200; n++)
		CHECK(fabs(at_most_90(n) - limit_by_halving(n)) <
		    0.01 + 0.002 * n);
	CHECK(fabs(at_most_90(0) - 2.3026) < 0.01);
}

#define WINDOWS 200u
#define OBJECTS 120u

/* Leave each window out in turn: would it have brought something new? */
static uint32_t
leave_one_out(uint8_t seen[OBJECTS][WINDOWS])
{
	uint32_t alerts = 0;

	for (uint32_t w = 0; w < WINDOWS; w++) {
		bool alert = false;

		for (uint32_t o = 0; o < OBJECTS; o++) {
			uint32_t elsewhere = 0;

			for (uint32_t i = 0; i < WINDOWS; i++)
				elsewhere += i != w && seen[o][i];
			alert |= seen[o][w] && elsewhere == 0;
		}
		alerts += alert;
	}
	return alerts;
}

static void
test_single_windows(void)
{
	static uint8_t seen[OBJECTS][WINDOWS];
	struct plant *p = plant_new(&BASELINE_CONFIG_DEFAULT);
	struct scenario_report r;
	uint32_t once = 0, all = 0;

	plant_add(p, 2, 0, START);
	for (uint32_t w = 0; w < WINDOWS; w++) {
		for (uint32_t o = 0; o < OBJECTS; o++) {
			struct fact f = plant_request(p, 3, 0, 1,
			    START + w * HOUR + o * TICK_SECOND);

			/* some often, some rarely */
			if (dice(2 + o * 6) != 0)
				continue;
			seen[o][w] = 1;
			f.unit = o;
			plant_say(p, 1, 2, &f);
		}
		plant_ask(p, 1, 2, 4, 0, 1, START + w * HOUR + HOUR / 2);
	}
	for (uint32_t o = 0; o < OBJECTS; o++) {
		uint32_t n = 0;

		for (uint32_t w = 0; w < WINDOWS; w++)
			n += seen[o][w];
		once += n == 1;
		all += n;
	}
	baseline_report(p->base, SCENARIO_FUNCTION, &r);
	CHECK_INT(r.windows, WINDOWS);
	CHECK(r.single > 5);
	CHECK_INT(r.single, leave_one_out(seen));
	CHECK(fabs(r.per_day - 24.0 * r.single / WINDOWS) < 1e-9);
	CHECK(fabs(r.at_most - 24.0 * limit_by_halving(r.single) / WINDOWS) <
	    0.05);
	CHECK(fabs(r.missing - (double)once / (all + WINDOWS)) < 1e-9);
	CHECK(!r.ready);
	CHECK(strstr(r.reason, "of 14 days") != NULL);
	plant_free(p);
}

/* Windows in which packets were lost prove nothing. */
static void
test_lost(void)
{
	struct plant *p = plant_new(&BASELINE_CONFIG_DEFAULT);
	struct scenario_report r;

	plant_add(p, 2, 0, START);
	for (uint32_t w = 0; w < 48; w++) {
		plant_ask(p, 1, 2, 3, 0, 1, START + w * HOUR);
		if (w == 20) {
			plant_ask(p, 1, 2, 43, 0, 1, START + w * HOUR);
			baseline_lost(p->base,
			    (struct tick){ START + w * HOUR }, 100);
		}
	}
	baseline_report(p->base, SCENARIO_FUNCTION, &r);
	CHECK_INT(r.windows, 47);
	CHECK_INT(r.single, 0);
	plant_free(p);
}

/* --------------------------------------------------------------- promotion */

#define DEVICES 40u
#define NOISY 5u /* of them bring nine tenths of what is new */

struct site {
	struct plant *p;
	uint32_t never; /* a unit that nobody used yet */
	double tail; /* bursts a day */
	int promoted; /* day, of FUNCTION */
	uint32_t after; /* spoken by it since, groups */
};

static void
say_unit(struct plant *p, uint32_t client, uint32_t server, uint32_t unit,
    int64_t at)
{
	struct fact f = plant_request(p, 3, 0, 1, at);

	f.unit = unit;
	plant_say(p, client, server, &f);
}

static void
site_hour(struct site *s, uint32_t hour)
{
	const int64_t at = START + hour * HOUR;

	for (uint32_t d = 1; d < DEVICES; d++)
		for (uint32_t k = 0; k < 3; k++)
			say_unit(s->p, d, DEVICES, k, at + k * TICK_SECOND);
	for (uint32_t k = 0; k < 6; k++) /* once a week, and once a month */
		if (hour % 168 == 20 * k)
			say_unit(s->p, 10 + k, DEVICES, 10 + k, at);
	if (dice(24000) < (uint32_t)(s->tail * 1000)) {
		const uint32_t who =
		    dice(10) > 0 ? 1 + dice(NOISY) : 1 + dice(DEVICES - 1);
		const uint32_t spoken = s->p->by_scenario[SCENARIO_FUNCTION];

		for (uint32_t n = 1 + dice(6); n > 0; n--)
			say_unit(s->p, who, DEVICES, s->never++, at + HOUR / 2);
		s->after += s->promoted >= 0 &&
		    s->p->by_scenario[SCENARIO_FUNCTION] > spoken;
	}
}

/* Runs days [from, to); dynamic from day 14 on. */
static void
site_run(struct site *s, uint32_t from, uint32_t to)
{
	struct scenario_report r;

	for (uint32_t h = from * 24; h < to * 24; h++) {
		if (h == 14 * 24)
			baseline_set_mode(s->p->base, MODE_DYNAMIC);
		site_hour(s, h);
		if (s->promoted >= 0 || h % 24 != 1)
			continue;
		baseline_report(s->p->base, SCENARIO_FUNCTION, &r);
		if (r.state == STATE_OPER)
			s->promoted = (int)h / 24;
	}
}

static struct site
site_new(double tail)
{
	struct site s = { .tail = tail, .never = 100, .promoted = -1 };

	s.p = plant_new(&BASELINE_CONFIG_DEFAULT);
	plant_add(s.p, DEVICES, 0, START);
	return s;
}

static void
test_promotion(void)
{
	static const struct {
		double tail;
		int first, last; /* day */
		double rate; /* spoken a day afterwards, at most */
	} rows[] = {
		{ 0.0, 14, 17, 0.01 },
		{ 0.05, 14, 30, 0.3 },
		{ 0.2, 14, 40, 0.5 },
		{ 0.5, 14, 45, 0.5 },
		{ 2.0, 14, 60, 0.7 },
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct site s = site_new(rows[i].tail);
		struct scenario_report r;

		site_run(&s, 0, 84);
		baseline_report(s.p->base, SCENARIO_FUNCTION, &r);
		if (s.promoted < rows[i].first || s.promoted > rows[i].last)
			(void)printf("tail %g: day %d, state %s, %u held: %s\n",
			    rows[i].tail, s.promoted,
			    scenario_state_name(r.state), r.held, r.reason);
		CHECK(s.promoted >= rows[i].first);
		CHECK(s.promoted <= rows[i].last);
		CHECK(r.held <= 5);
		CHECK(s.after / (84.0 - s.promoted) <= rows[i].rate);
		plant_free(s.p);
	}
}

/* Whether the function scenario speaks of what the client does to a server. */
static bool
speaks_of(struct plant *p, uint32_t client, uint32_t server, uint8_t op,
    uint32_t unit, int64_t at)
{
	struct fact f = plant_request(p, op, 0, 1, at);
	const uint32_t before = p->by_scenario[SCENARIO_FUNCTION];

	f.unit = unit;
	plant_say(p, client, server, &f);
	return p->by_scenario[SCENARIO_FUNCTION] > before;
}

/*
 * Who is held back for all that it looks at is not heard of that, nor of what
 * it changes at a device that it hardly knows; that it changes something where
 * it only looked for weeks is said.
 */
static void
test_held_device_writes(void)
{
	struct site s = site_new(2.0);
	uint32_t held = 0;
	int64_t at = START + 84 * DAY + HOUR / 2;

	site_run(&s, 0, 84);
	for (uint32_t d = 1; d <= NOISY; d++) {
		if (speaks_of(s.p, d, DEVICES, 3, 60000, at))
			continue;
		held++;
		CHECK(!speaks_of(s.p, d, DEVICES - 1, 6, 0, at));
		CHECK(speaks_of(s.p, d, DEVICES, 6, 0, at));
	}
	CHECK(held > 0);
	plant_free(s.p);
}

/* The same where all is so noisy that the scenario is not accurate yet. */
static void
test_first_change(void)
{
	struct site s = site_new(40.0);
	struct scenario_report r;
	int64_t at = START + 15 * DAY + HOUR / 2;

	site_run(&s, 0, 15);
	baseline_report(s.p->base, SCENARIO_FUNCTION, &r);
	CHECK_INT(r.state, STATE_WATCH);
	CHECK(!speaks_of(s.p, 20, DEVICES, 3, 60000, at));
	CHECK(!speaks_of(s.p, 20, DEVICES - 1, 6, 0, at));
	CHECK(speaks_of(s.p, 20, DEVICES, 6, 0, at));
	plant_free(s.p);
}

/* Without tail everything becomes operational, and so does the sensor. */
static void
test_all_operational(void)
{
	struct site s = site_new(0);

	site_run(&s, 0, 35);
	CHECK_INT(baseline_mode(s.p->base), MODE_OPERATIONAL);
	CHECK_INT(s.p->changes, 0);
	plant_free(s.p);
}

/* Six new devices, sixty keys every hour from then on. */
static void
test_commissioning(void)
{
	struct site s = site_new(0.2);

	site_run(&s, 0, 20);
	plant_forget(s.p);
	plant_add(s.p, 6, 0, START + 20 * DAY);
	for (uint32_t h = 20 * 24; h < 40 * 24; h++) {
		for (uint32_t k = 0; k < 60; k++)
			say_unit(s.p, DEVICES + 1 + k % 6, DEVICES, 50 + k,
			    START + h * HOUR + HOUR / 3);
		site_hour(&s, h);
	}
	for (unsigned i = 0; i < SCENARIO_COUNT; i++)
		CHECK(s.p->changed[i] <= 1);
	CHECK((asset_at(s.p->assets, DEVICES + 1)->flags & ASSET_LATE) != 0);
	plant_free(s.p);
}

/* A dozen devices that were always there begin to do new things every hour:
 * said once, in each scenario. */
static void
test_change(void)
{
	struct site s = site_new(0);
	struct scenario_report r;
	uint32_t unit = 1000;

	site_run(&s, 0, 18);
	CHECK(s.promoted >= 14);
	plant_forget(s.p);
	for (uint32_t day = 18; day < 22; day++)
		for (uint32_t h = day * 24; h < day * 24 + 24; h++) {
			site_hour(&s, h);
			for (uint32_t d = 10; d < 22; d++)
				say_unit(s.p, d, DEVICES, unit++,
				    START + h * HOUR + HOUR / 3);
		}
	for (unsigned i = 0; i < SCENARIO_COUNT; i++)
		CHECK_INT(s.p->changed[i],
		    i == SCENARIO_FUNCTION || i == SCENARIO_READ);
	baseline_report(s.p->base, SCENARIO_FUNCTION, &r);
	CHECK_INT(r.state, STATE_EXTEND);
	plant_free(s.p);
}

/* ----------------------------------------------------------- a late device */

static void
test_late_device(void)
{
	struct site s = site_new(0);
	int64_t at = START + 35 * DAY;
	struct fact write;

	site_run(&s, 0, 35);
	plant_forget(s.p);
	baseline_clock(s.p->base, (struct tick){ at });
	plant_add(s.p, 1, 0, at);
	CHECK_INT(s.p->by_scenario[SCENARIO_DEVICE], 1);
	/* looking on is quiet, writing is not */
	plant_ask(s.p, DEVICES + 1, DEVICES, 3, 0, 1, at);
	CHECK_INT(s.p->spoken, 1);
	write = plant_request(s.p, 6, 0, 1, at + TICK_SECOND);
	plant_say(s.p, DEVICES + 1, DEVICES, &write);
	CHECK_INT(s.p->by_scenario[SCENARIO_WRITE], 1);
	/* after a week of nothing new it is one of them */
	for (uint32_t h = 0; h < 10 * 24; h++) {
		site_hour(&s, 35 * 24 + h);
		plant_ask(s.p, DEVICES + 1, DEVICES, 3, 0, 1, at + h * HOUR);
	}
	CHECK_INT(asset_at(s.p->assets, DEVICES + 1)->learns_until.ns, 0);
	plant_forget(s.p);
	at += 10 * DAY;
	plant_ask(s.p, DEVICES + 1, DEVICES, 3, 0, 1, at);
	CHECK_INT(s.p->spoken, 0);
	plant_ask(s.p, DEVICES + 1, DEVICES, 4, 0, 1, at);
	CHECK(s.p->spoken > 0);
	plant_free(s.p);
}

/* Half a year in which nobody watched: nothing became silent. */
static void
test_unwatched(void)
{
	struct site s = site_new(0);

	site_run(&s, 0, 35);
	plant_forget(s.p);
	say_unit(s.p, 1, DEVICES, 0, START + 220 * DAY);
	say_unit(s.p, 2, DEVICES, 1, START + 221 * DAY);
	CHECK_INT(s.p->by_why[WHY_STALE], 0);
	plant_free(s.p);
}

/* What was normal and rests for three months is said once. */
static void
test_stale(void)
{
	struct site s = site_new(0);
	int64_t at;

	site_run(&s, 0, 35);
	for (uint32_t day = 35; day < 150; day++)
		say_unit(s.p, 1, DEVICES, 0, START + day * DAY);
	at = START + 150 * DAY;
	plant_forget(s.p);
	say_unit(s.p, 2, DEVICES, 1, at);
	CHECK_INT(s.p->by_why[WHY_STALE], s.p->spoken);
	CHECK_INT(s.p->by_scenario[SCENARIO_FUNCTION], 1);
	plant_forget(s.p);
	say_unit(s.p, 2, DEVICES, 1, at + HOUR);
	CHECK_INT(s.p->spoken, 0);
	plant_free(s.p);
}

static void
test_by_hand(void)
{
	struct site s = site_new(0);
	struct scenario_report r;

	site_run(&s, 0, 3);
	baseline_set_scenario(s.p->base, SCENARIO_FUNCTION, STATE_OPER, 0);
	say_unit(s.p, 1, DEVICES, 99, START + 3 * DAY);
	CHECK_INT(s.p->by_scenario[SCENARIO_FUNCTION], 1);
	CHECK_INT(s.p->spoken, 1); /* the others learn */
	baseline_set_scenario(s.p->base, SCENARIO_FUNCTION, STATE_LEARN, 5);
	for (uint32_t h = 0; h < 7; h++)
		say_unit(s.p, 1, DEVICES, 98, START + 3 * DAY + h * HOUR);
	CHECK_INT(s.p->spoken, 1);
	baseline_report(s.p->base, SCENARIO_FUNCTION, &r);
	CHECK_INT(r.state, STATE_WATCH);
	plant_free(s.p);
}

int
main(void)
{
	test_limit();
	test_single_windows();
	test_lost();
	test_promotion();
	test_held_device_writes();
	test_first_change();
	test_all_operational();
	test_commissioning();
	test_change();
	test_late_device();
	test_stale();
	test_unwatched();
	test_by_hand();
	return check_done();
}
