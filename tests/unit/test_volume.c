/* test_volume.c - bytes per link: usual ones, twice too many, here to stay. */
#include <math.h>

#include "check.h"
#include "estimator.h"

#define HOUR 3600.0
#define DAY 86400.0

static double
normal(void)
{
	return sqrt(-2 * log(1 - chance())) * cos(6.283185307179586 * chance());
}

static struct volumes *
table(void)
{
	return volumes_new(&(struct estimator_config){ .max = 1024,
	    .learn_scale = 1,
	    .window_seconds = 3600 });
}

static unsigned said;
static struct finding last_found;

static void
count(struct volumes *v, uint32_t entry, double at, double bytes)
{
	struct moment m = { .at = { (int64_t)(at * 1e9) },
		.window = (uint32_t)(at / HOUR) };

	said += volumes_seen(v, entry, (uint64_t)bytes, &m, &last_found);
}

/* Hours with usual bytes: more at work than at night. */
static void
usual(struct volumes *v, uint32_t entry, double from, double until)
{
	for (double t = from; t < until; t += HOUR) {
		double hour = fmod(t / HOUR, 24);
		double mean = hour > 6 && hour < 18 ? 1e7 : 1e6;

		for (unsigned i = 0; i < 10; i++)
			count(v, entry, t + i * 300,
			    mean / 10 * exp(0.4 * normal()));
	}
}

static void
test_usual(void)
{
	enum {
		LINKS = 100,
		DAYS = 42
	};
	struct volumes *v = table();
	struct estimator_report r;

	said = 0;
	for (double t = 0; t < DAYS * DAY; t += DAY)
		for (uint32_t i = 0; i < LINKS; i++)
			usual(v, volumes_entry(v, 1, i + 2, 1), t, t + DAY);
	CHECK_INT(said, 0);
	volumes_report(v, &r);
	CHECK_INT(r.entries, LINKS);
	CHECK_INT(r.ready, LINKS);
	CHECK_INT(r.single, 0);
	CHECK(r.at_most > 0 && r.at_most < 0.3);
	volumes_free(v);
}

static void
test_too_many(void)
{
	struct volumes *v = table();
	uint32_t e = volumes_entry(v, 1, 2, 1);
	double t = 21 * DAY;

	said = 0;
	usual(v, e, 0, t);
	/* one hour is none */
	count(v, e, t, 1e8);
	usual(v, e, t + HOUR, t + 5 * HOUR);
	CHECK_INT(said, 0);
	/* two are one finding, within the second */
	count(v, e, t + 5 * HOUR, 2e8);
	count(v, e, t + 6 * HOUR, 1e7);
	CHECK_INT(said, 0);
	count(v, e, t + 6 * HOUR + 60, 2e8);
	CHECK_INT(said, 1);
	CHECK_INT(last_found.why, WHY_VOLUME);
	CHECK_INT(last_found.server, 2);
	CHECK(last_found.value > last_found.most);
	CHECK(last_found.most > 3e6 && last_found.most < 2e8);
	count(v, e, t + 7 * HOUR, 2e8);
	CHECK_INT(said, 1);
	/* learned after a day of it */
	for (unsigned i = 8; i < 24 * 14; i++)
		count(v, e, t + i * HOUR, 2e8);
	usual(v, e, t + 14 * DAY, t + 15 * DAY);
	for (unsigned i = 0; i < 24; i++)
		count(v, e, t + 15 * DAY + i * HOUR, 2e8);
	CHECK_INT(said, 1);
	volumes_free(v);
}

static void
test_accept(void)
{
	struct volumes *v = table();
	uint32_t e = volumes_entry(v, 1, 2, 1);
	double t = 21 * DAY;

	said = 0;
	usual(v, e, 0, t);
	count(v, e, t, 2e8);
	count(v, e, t + HOUR, 2e8);
	CHECK_INT(said, 1);
	volumes_accept(v, e);
	usual(v, e, t + 2 * HOUR, t + 10 * HOUR);
	count(v, e, t + 10 * HOUR, 2e8);
	count(v, e, t + 11 * HOUR, 2e8);
	CHECK_INT(said, 1);
	count(v, e, t + 12 * HOUR, 2e9);
	count(v, e, t + 13 * HOUR, 2e9);
	CHECK_INT(said, 2);
	volumes_free(v);
}

/* ------------------------------------------------------------------ saving */

static void
test_saving(void)
{
	static struct kept k, again;
	struct baseline_sink sink = { .ctx = &k, .block = keep };
	struct baseline_sink second = { .ctx = &again, .block = keep };
	struct volumes *v = table(), *w = table();
	uint32_t e = volumes_entry(v, 1, 2, 1);

	said = 0;
	usual(v, e, 0, 21 * DAY);
	CHECK(volumes_save(v, &sink, true));
	CHECK_INT(k.n, 2);
	for (unsigned i = 0; i < k.n; i++) {
		struct span s = kept_span(&k, i);

		CHECK_INT(k.block[i].kind, BLOCK_VOLUME);
		CHECK(!volumes_load(w, k.block[i].id, span_first(s, s.n - 1)));
		CHECK(volumes_load(w, k.block[i].id, s));
	}
	CHECK_INT(volumes_entry(w, 1, 2, 1), e);
	count(w, e, 50 * DAY, 2e8);
	count(w, e, 50 * DAY + HOUR, 2e8);
	CHECK_INT(said, 1);
	CHECK(volumes_save(v, &second, true));
	CHECK_INT(again.n, 1);
	volumes_free(v);
	volumes_free(w);
}

int
main(void)
{
	test_usual();
	test_too_many();
	test_accept();
	test_saving();
	return check_done();
}
