/* test_period.c - rhythms: silence, speed, cycle; and quiet on usual traffic.
 */
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "estimator.h"

#define MODBUS 1u
#define DAY 86400.0

static struct moment
moment_at(double seconds)
{
	return (struct moment){ .at = { (int64_t)(seconds * 1e9) },
		.window = (uint32_t)(seconds / 3600) };
}

static struct periods *
table(void)
{
	return periods_new(&(struct estimator_config){ .max = 4096,
	    .learn_scale = 1,
	    .window_seconds = 3600 });
}

/* What was found, by kind. */
static unsigned found[WHY_COUNT], found_all;
static struct finding last_found;

static void
note(const struct finding *f)
{
	found[f->why]++;
	found_all += f->all;
	last_found = *f;
}

static void
reset(void)
{
	memset(found, 0, sizeof(found));
	found_all = 0;
}

static void
clock_to(struct periods *p, const struct moment *m)
{
	struct finding f;

	while (periods_clock(p, m, &f))
		note(&f);
}

static void
say_at(struct periods *p, uint32_t entry, double at)
{
	struct moment m = moment_at(at);
	struct finding f;

	clock_to(p, &m);
	if (periods_seen(p, entry, &m, &f))
		note(&f);
}

/* `n` links asked in turn every `cycle` seconds, with a jitter. */
static void
poll(struct periods *p, const uint32_t *entry, unsigned n, double from,
    double until, double cycle)
{
	for (double t = from; t < until; t += cycle)
		for (unsigned i = 0; i < n; i++)
			say_at(p, entry[i],
			    t + cycle * (i + 0.1 * chance()) / n);
}

static void
links(struct periods *p, uint32_t *entry, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		entry[i] = periods_entry(p, 1, 10 + i, MODBUS, 3, false);
}

static void
test_entries(void)
{
	struct periods *p = table();
	uint32_t e = periods_entry(p, 1, 2, MODBUS, 3, false);

	CHECK(e != 0);
	CHECK_INT(periods_entry(p, 1, 2, MODBUS, 3, false), e);
	CHECK(periods_entry(p, 1, 2, MODBUS, 3, true) != e);
	CHECK(periods_entry(p, 1, 2, MODBUS, 4, false) != e);
	for (uint32_t i = 0; i < 5000; i++)
		(void)periods_entry(p, 7, i, MODBUS, 3, false);
	CHECK_INT(periods_entry(p, 8, 1, MODBUS, 3, false), 0);
	periods_free(p);
}

static void
test_silence(void)
{
	struct periods *p = table();
	uint32_t e[6];

	reset();
	links(p, e, 6);
	poll(p, e, 6, 0, 4 * DAY, 2);
	CHECK_INT(found[WHY_SILENT] + found[WHY_FAST] + found[WHY_PERIOD], 0);
	/* one link of six stops */
	poll(p, e + 1, 5, 4 * DAY, 4 * DAY + 120, 2);
	CHECK_INT(found[WHY_SILENT], 1);
	CHECK_INT(last_found.client, 1);
	CHECK_INT(last_found.server, 10);
	CHECK(last_found.value > 20 && last_found.value < 60);
	CHECK(!last_found.all);
	/* and stays away: said once; then comes back and stops again */
	poll(p, e + 1, 5, 4 * DAY + 120, 4 * DAY + 4000, 2);
	CHECK_INT(found[WHY_SILENT], 1);
	poll(p, e, 6, 4 * DAY + 4000, 4 * DAY + 5000, 2);
	poll(p, e + 1, 5, 4 * DAY + 5000, 4 * DAY + 5100, 2);
	CHECK_INT(found[WHY_SILENT], 2);
	periods_free(p);
}

/* A client with five links dies among others: one finding. */
static void
test_client_silent(void)
{
	struct periods *p = table();
	uint32_t e[12];

	reset();
	for (unsigned i = 0; i < 12; i++)
		e[i] =
		    periods_entry(p, i < 5 ? 1 : 2, 10 + i, MODBUS, 3, false);
	poll(p, e, 12, 0, 4 * DAY, 10);
	poll(p, e + 5, 7, 4 * DAY, 4 * DAY + 300, 10);
	CHECK_INT(found[WHY_SILENT], 1);
	CHECK_INT(last_found.links, 5);
	CHECK_INT(last_found.client, 1);
	CHECK_INT(last_found.server, 0);
	periods_free(p);
}

/* The mirror is down: said once, and nobody is blamed. */
static void
test_all_silent(void)
{
	struct periods *p = table();
	uint32_t e[40];

	reset();
	links(p, e, 40);
	poll(p, e, 40, 0, 4 * DAY, 10);
	/* not a packet for two minutes */
	poll(p, e, 40, 4 * DAY + 120, 4 * DAY + 1000, 10);
	CHECK_INT(found_all, 1);
	CHECK_INT(found[WHY_SILENT], 1);
	CHECK_INT(last_found.client, 0);
	/* all but one, which is nobody's fault either */
	poll(p, e, 1, 4 * DAY + 1000, 4 * DAY + 1200, 10);
	CHECK_INT(found_all, 2);
	CHECK_INT(found[WHY_SILENT], 2);
	/* a day without a sensor */
	poll(p, e, 40, 5 * DAY + 1200, 5 * DAY + 2000, 10);
	CHECK_INT(found_all, 3);
	CHECK_INT(found[WHY_SILENT], 3);
	periods_free(p);
}

/* The only link there is. */
static void
test_lone_silent(void)
{
	struct periods *p = table();
	uint32_t e = periods_entry(p, 1, 2, MODBUS, 3, false);

	reset();
	poll(p, &e, 1, 0, 4 * DAY, 5);
	say_at(p, e, 4 * DAY + 139);
	CHECK_INT(found[WHY_SILENT], 1);
	CHECK_INT(found_all, 0);
	poll(p, &e, 1, 4 * DAY + 140, 4 * DAY + 1000, 5);
	say_at(p, e, 4 * DAY + 1600);
	CHECK_INT(found[WHY_SILENT], 2);
	periods_free(p);
}

static void
test_loss(void)
{
	struct periods *p = table();
	uint32_t e[3];
	struct moment m;

	reset();
	links(p, e, 3);
	poll(p, e, 3, 0, 4 * DAY, 2);
	for (unsigned i = 0; i < 100; i++) {
		m = moment_at(4 * DAY + i);
		m.lost = true;
		clock_to(p, &m);
	}
	poll(p, e, 3, 4 * DAY + 100, 4 * DAY + 200, 2);
	CHECK_INT(found[WHY_SILENT], 0);
	/* and was not learned as a usual gap */
	poll(p, e + 1, 2, 4 * DAY + 200, 4 * DAY + 300, 2);
	CHECK_INT(found[WHY_SILENT], 1);
	periods_free(p);
}

static void
test_fast(void)
{
	struct periods *p = table();
	uint32_t e[2];

	reset();
	links(p, e, 2);
	poll(p, e, 2, 0, 4 * DAY, 2);
	/* one busy minute is none */
	for (unsigned i = 0; i < 100; i++)
		say_at(p, e[0], 4 * DAY + 60 + i * 0.5);
	poll(p, e, 2, 4 * DAY + 120, 4 * DAY + 600, 2);
	CHECK_INT(found[WHY_FAST], 0);
	/* two are */
	for (unsigned i = 0; i < 360; i++)
		say_at(p, e[0], 4 * DAY + 600 + i * 0.5);
	CHECK_INT(found[WHY_FAST], 1);
	CHECK(last_found.value > last_found.most);
	CHECK_INT(last_found.server, 10);
	/* a person says it is normal */
	periods_accept(p, e[0]);
	periods_accept(p, periods_entry(p, 1, 10, MODBUS, PERIOD_LINK, false));
	for (unsigned i = 0; i < 20000; i++)
		say_at(p, e[0], 4 * DAY + 800 + i * 0.5);
	CHECK_INT(found[WHY_FAST], 1);
	periods_free(p);
}

static void
test_cycle(void)
{
	struct periods *p = table();
	uint32_t e[2];

	reset();
	links(p, e, 2);
	poll(p, e, 2, 0, 4 * DAY, 2);
	poll(p, e, 1, 4 * DAY, 4 * DAY + 1500, 4);
	CHECK_INT(found[WHY_PERIOD], 0);
	poll(p, e, 1, 4 * DAY + 1500, 4 * DAY + 3000, 4);
	CHECK_INT(found[WHY_PERIOD], 1);
	CHECK(last_found.value > 3 && last_found.value < 5);
	CHECK(last_found.least <= 2 && last_found.most >= 2);
	/* it stays: learned after as long as learning took */
	poll(p, e, 1, 4 * DAY + 3000, 8 * DAY, 4);
	CHECK_INT(found[WHY_PERIOD], 1);
	poll(p, e, 1, 8 * DAY, 8 * DAY + 3000, 2);
	CHECK_INT(found[WHY_PERIOD], 2);
	periods_free(p);
}

/* Random arrivals of all speeds, for two weeks: how much is said? */
static void
test_poisson(void)
{
	enum {
		LINKS = 60,
		DAYS = 14
	};
	struct periods *p = table();
	struct estimator_report r;
	double next[LINKS];
	uint32_t e[LINKS];

	reset();
	links(p, e, LINKS);
	for (unsigned i = 0; i < LINKS; i++)
		next[i] = chance();
	for (double now = 0; now < DAYS * DAY; now += 1) {
		for (unsigned i = 0; i < LINKS; i++)
			for (; next[i] < now + 1;
			     next[i] -= log(1 - chance()) * (1 + i * 10))
				say_at(p, e[i], next[i] > now ? next[i] : now);
	}
	periods_report(p, &r);
	CHECK_INT(r.entries, 3 * LINKS);
	CHECK(r.ready >= 2 * (LINKS - 2));
	CHECK_INT(found[WHY_PERIOD], 0);
	CHECK_INT(found[WHY_FAST], 0);
	CHECK(found[WHY_SILENT] <= 2); /* in 11 days of 60 links */
	CHECK(r.windows > 240);
	CHECK(r.at_most < 0.5);
	(void)printf("poisson: %u silences; at most %.2f a day\n",
	    found[WHY_SILENT], r.at_most);
	periods_free(p);
}

/* ------------------------------------------------------------------ saving */

static void
test_saving(void)
{
	static struct kept a, b;
	struct baseline_sink into_a = { .ctx = &a, .block = keep };
	struct baseline_sink into_b = { .ctx = &b, .block = keep };
	struct periods *p = table(), *q = table();
	uint32_t e[3], f[3];

	reset();
	links(p, e, 3);
	poll(p, e, 3, 0, 4 * DAY, 2);
	CHECK(periods_save(p, &into_a, true));
	CHECK_INT(a.n, 1 + 6); /* the replies' links were never seen */
	for (unsigned i = 0; i < a.n; i++) {
		CHECK_INT(a.block[i].kind, BLOCK_PERIOD);
		CHECK(a.block[i].size <= 400);
		CHECK(periods_load(q, a.block[i].id, kept_span(&a, i)));
	}
	CHECK(!periods_load(q, a.block[1].id, kept_span(&a, 1)));
	CHECK(!periods_load(q, 999, SPAN(a.block[1].byte, 20)));
	a.block[1].byte[0] ^= 1;
	CHECK(!periods_load(q, 999, kept_span(&a, 1)));
	a.block[1].byte[0] ^= 1;
	/* it judges at once, once it is seen again */
	links(q, f, 3);
	CHECK(memcmp(e, f, sizeof(e)) == 0);
	poll(q, e, 3, 30 * DAY, 30 * DAY + 7200, 2);
	CHECK_INT(found[WHY_SILENT], 0);
	poll(q, e + 1, 2, 30 * DAY + 7200, 30 * DAY + 7300, 2);
	CHECK_INT(found[WHY_SILENT], 1);
	/* nothing new: nothing to save but the table itself */
	CHECK(periods_save(p, &into_b, true));
	CHECK_INT(b.n, 1);
	CHECK_INT(b.block[0].kind, BLOCK_PERIOD);
	periods_free(p);
	periods_free(q);
}

/* The same twice: the same bytes. */
static void
test_same(void)
{
	static struct kept k[2];

	for (unsigned i = 0; i < 2; i++) {
		struct baseline_sink sink = { .ctx = &k[i], .block = keep };
		struct periods *p = table();
		uint32_t e[3];

		dice = 42;
		links(p, e, 3);
		poll(p, e, 3, 0, DAY, 2);
		CHECK(periods_save(p, &sink, true));
		CHECK(k[i].n > 0 && k[i].n <= 16);
		periods_free(p);
	}
	CHECK(memcmp(&k[0], &k[1], sizeof(k[0])) == 0);
}

static struct cycle told[8];
static unsigned n_told;

static void
note_cycle(void *ctx, const struct cycle *c)
{
	(void)ctx;
	if (n_told < 8)
		told[n_told] = *c;
	n_told++;
}

/* Cycles by their roundest span; what has none, and links, are not told. */
static void
test_cycles_told(void)
{
	static const double cycle[] = { 0.1, 1.5, 15, 60 };
	struct periods *p = table();
	uint32_t steady[4], random, answer;

	for (uint32_t i = 0; i < 4; i++)
		steady[i] = periods_entry(p, 1, 2 + i, MODBUS, 3, false);
	random = periods_entry(p, 1, 9, MODBUS, 3, false);
	answer = periods_entry(p, 1, 2, MODBUS, 3, true);
	for (uint32_t i = 0; i < 4; i++)
		for (unsigned k = 0; k < 300; k++)
			say_at(p, steady[i], 1000.0 * i + k * cycle[i] / 4);
	for (double t = 20000; t < 21000; t += 50 * chance() * chance())
		say_at(p, random, t);
	for (double t = 30000; t < 30100; t++)
		say_at(p, answer, t);
	n_told = 0;
	periods_each(p, note_cycle, NULL);
	CHECK_INT(n_told, 4);
	for (uint32_t i = 0; i < 4; i++) {
		CHECK_INT(told[i].client, 1);
		CHECK_INT(told[i].server, 2 + i);
		CHECK(told[i].ns > (int64_t)(cycle[i] / 4 * 0.75e9) &&
		    told[i].ns < (int64_t)(cycle[i] / 4 * 1.33e9));
	}
	CHECK_INT(told[3].ns, 15 * TICK_SECOND);
	periods_free(p);
}

int
main(void)
{
	test_entries();
	test_silence();
	test_client_silent();
	test_all_silent();
	test_lone_silent();
	test_loss();
	test_fast();
	test_cycle();
	test_poisson();
	test_saving();
	test_same();
	test_cycles_told();
	return check_done();
}
