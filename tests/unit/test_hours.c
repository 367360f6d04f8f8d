/* test_hours.c - hours of work: usual ones, and one in the night. */
#include "check.h"
#include "estimator.h"

#define HOUR 3600.0
#define DAY 86400.0

static struct hours *
table(uint32_t scale)
{
	return hours_new(&(struct estimator_config){ .max = 256,
	    .learn_scale = scale,
	    .window_seconds = 3600 / scale });
}

static unsigned said;
static struct finding last_found;

/* Time runs `scale` times as fast as hours tell. */
static double scale = 1;

static struct moment
moment_at(double at)
{
	return (struct moment){ .at = { (int64_t)(at / scale * 1e9) },
		.window = (uint32_t)(at / HOUR) };
}

static void
work(struct hours *h, uint32_t entry, double at)
{
	struct moment m = moment_at(at);

	said += hours_seen(h, entry, &m, &last_found);
}

static bool
is_weekend(double day)
{
	return ((unsigned)day + 3) % 7 >= 5;
}

/* At work between seven and five; now and then on a weekend's morning. */
static void
usual(struct hours *h, uint32_t entry, unsigned from, unsigned until,
    bool weekends)
{
	for (unsigned day = from; day < until; day++) {
		struct moment m = moment_at(day * DAY);

		hours_clock(h, &m);
		for (double hour = 7; hour < 17; hour++) {
			if (is_weekend(day) &&
			    (!weekends || hour > 12 || chance() > 0.1))
				continue;
			if (chance() < 0.3)
				work(h, entry, day * DAY + hour * HOUR);
		}
	}
}

static void
test_night(double faster)
{
	struct hours *h;
	struct estimator_report r;
	uint32_t e;

	scale = faster;
	h = table((uint32_t)faster);
	e = hours_entry(h, 1, 10);
	said = 0;
	CHECK_INT(hours_entry(h, 1, 10), e);
	CHECK(hours_entry(h, 1, 11) != e);
	usual(h, e, 0, 27, false);
	/* a Wednesday night, before it is learned; and after */
	work(h, e, 27 * DAY + 2 * HOUR);
	CHECK_INT(said, 0);
	usual(h, e, 28, 55, false);
	CHECK_INT(said, 0);
	CHECK(!is_weekend(56));
	work(h, e, 56 * DAY + 13 * HOUR);
	CHECK_INT(said, 0);
	work(h, e, 56 * DAY + 22 * HOUR);
	CHECK_INT(said, 1);
	CHECK_INT(last_found.why, WHY_HOUR);
	CHECK_INT(last_found.client, 1);
	CHECK_INT(last_found.op, 10);
	CHECK(last_found.value > 21.5 && last_found.value < 22.5);
	CHECK(strstr(last_found.text, "weekdays") != NULL);
	/* the same hour is said once */
	work(h, e, 56 * DAY + 22.5 * HOUR);
	CHECK_INT(said, 1);
	work(h, e, 56 * DAY + 23 * HOUR);
	hours_report(h, &r);
	CHECK_INT(r.ready, 1);
	CHECK_INT(r.entries, 2);
	CHECK_INT(r.single, 1);
	hours_free(h);
}

static void
test_usual(void)
{
	enum {
		PEOPLE = 50
	};
	struct hours *h;
	struct estimator_report r;

	scale = 1;
	h = table(1);
	said = 0;
	for (unsigned day = 0; day < 84; day++)
		for (uint32_t i = 0; i < PEOPLE; i++)
			usual(h, hours_entry(h, i + 1, 10), day, day + 1,
			    i % 5 == 0);
	hours_report(h, &r);
	CHECK_INT(r.ready, PEOPLE);
	(void)printf("usual: %u findings of %d people in 56 days\n", said,
	    PEOPLE);
	CHECK(said <= 14);
	hours_free(h);
}

/* Once in a while at any hour: too little to tell. */
static void
test_seldom(void)
{
	struct hours *h;
	uint32_t e;

	scale = 1;
	h = table(1);
	e = hours_entry(h, 1, 10);
	said = 0;
	for (unsigned day = 0; day < 60; day += 15)
		work(h, e, day * DAY + 10 * HOUR);
	work(h, e, 60 * DAY + 3 * HOUR);
	CHECK_INT(said, 0);
	hours_free(h);
}

/* ------------------------------------------------------------------ saving */

static void
test_saving(void)
{
	static struct kept k, again;
	struct baseline_sink sink = { .ctx = &k, .block = keep };
	struct baseline_sink second = { .ctx = &again, .block = keep };
	struct hours *h, *g;
	uint32_t e;

	scale = 1;
	h = table(1);
	g = table(1);
	e = hours_entry(h, 1, 10);
	said = 0;
	usual(h, e, 0, 50, false);
	CHECK(hours_save(h, &sink, true));
	CHECK_INT(k.n, 2);
	for (unsigned i = 0; i < k.n; i++) {
		struct span s = kept_span(&k, i);

		CHECK_INT(k.block[i].kind, BLOCK_HOURS);
		CHECK(hours_load(g, k.block[i].id, s));
		CHECK(
		    !hours_load(g, k.block[i].id + 5, span_first(s, s.n - 1)));
	}
	CHECK_INT(hours_entry(g, 1, 10), e);
	work(g, e, 56 * DAY + 22 * HOUR);
	CHECK_INT(said, 1);
	CHECK(hours_save(h, &second, true));
	CHECK_INT(again.n, 1);
	hours_free(h);
	hours_free(g);
}

int
main(void)
{
	test_night(1);
	test_night(60);
	test_usual();
	test_seldom();
	test_saving();
	return check_done();
}
