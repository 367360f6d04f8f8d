/* test_value.c - values of tags: what they are found to be, what is said. */
#include <math.h>

#include "check.h"
#include "estimator.h"

#define DAY 86400.0

static double
normal(void)
{
	double r = sqrt(-2 * log(1 - chance()));

	return r * cos(6.283185307179586 * chance());
}

static struct values *
table(void)
{
	return values_new(&(struct estimator_config){ .max = 1024,
	    .learn_scale = 1,
	    .window_seconds = 3600 });
}

static uint32_t
tag(struct values *v, uint32_t n)
{
	struct fact_object o = { .area = 1, .first = n, .count = 1 };

	return values_entry(v, 5, 1, 1, &o);
}

static unsigned said;
static struct finding last_found;

static void
sample(struct values *v, uint32_t entry, double at, double value, bool written)
{
	struct moment m = { .at = { (int64_t)(at * 1e9) },
		.window = (uint32_t)(at / 3600) };

	said += values_seen(v, entry, value, written, &m, &last_found);
}

static struct value_view
view(const struct values *v, uint32_t entry)
{
	struct value_view view = { 0 };

	CHECK(values_at(v, entry, &view));
	return view;
}

static void
test_kinds(void)
{
	struct values *v = table();
	static const double steps[] = { 1, 2, 8 };

	said = 0;
	for (double t = 0; t < 20 * DAY; t += 600) {
		unsigned n = (unsigned)(t / 600);

		sample(v, tag(v, 0), t, 42, false);
		sample(v, tag(v, 1), t, steps[n / 7 % 3], false);
		sample(v, tag(v, 2), t, n, false);
		sample(v, tag(v, 3), t, 100 + 50 * sin(t / DAY * 6.28), false);
		sample(v, tag(v, 4), t, 20 + floor(6 * chance()) / 2, false);
	}
	CHECK_INT(said, 0);
	CHECK_INT(view(v, tag(v, 0)).model, VALUE_CONSTANT);
	CHECK_INT(view(v, tag(v, 1)).model, VALUE_ENUM);
	CHECK_INT(view(v, tag(v, 2)).model, VALUE_COUNTER);
	CHECK_INT(view(v, tag(v, 3)).model, VALUE_RANGE);
	CHECK_INT(view(v, tag(v, 4)).model, VALUE_ENUM);
	CHECK_STR(value_model_name(VALUE_ENUM), "enum");
	values_free(v);
}

/* A counter that wraps stays within what it has shown. */
static void
test_counter(void)
{
	struct values *v = table();
	uint32_t e = tag(v, 0);

	said = 0;
	for (unsigned n = 0; n < 40 * 1440; n++)
		sample(v, e, n * 60.0, n % 1000, false);
	CHECK_INT(view(v, e).model, VALUE_COUNTER);
	sample(v, e, 40 * DAY, 123456, true);
	CHECK_INT(said, 0);
	values_free(v);
}

static void
learn(struct values *v)
{
	for (double t = 0; t < 20 * DAY; t += 600) {
		unsigned n = (unsigned)(t / 600);

		sample(v, tag(v, 0), t, 42, false);
		sample(v, tag(v, 1), t, n / 9 % 2 == 0 ? 1 : 5, true);
		sample(v, tag(v, 3), t, 100 + 50 * sin(t / DAY * 6.28), false);
	}
}

static void
test_said(void)
{
	struct values *v = table();
	double t = 20 * DAY;

	said = 0;
	learn(v);
	CHECK_INT(said, 0);
	/* a client writes what it never wrote: at once */
	sample(v, tag(v, 1), t, 3, true);
	CHECK_INT(said, 1);
	CHECK_INT(last_found.why, WHY_RANGE);
	CHECK(strstr(last_found.text, "one of 2 values") != NULL);
	CHECK_INT(last_found.server, 5);
	sample(v, tag(v, 1), t + 1, 3, true);
	CHECK_INT(said, 1);
	/* a monitored one: not for a glitch, but for three in a row */
	sample(v, tag(v, 3), t, 500, false);
	sample(v, tag(v, 3), t + 600, 100, false);
	sample(v, tag(v, 3), t + 1200, 500, false);
	sample(v, tag(v, 3), t + 1800, 500, false);
	CHECK_INT(said, 1);
	sample(v, tag(v, 3), t + 2400, 500, false);
	CHECK_INT(said, 2);
	CHECK(last_found.most > 150 && last_found.most < 180);
	CHECK(last_found.value > 499);
	/* within the margin */
	for (unsigned i = 0; i < 5; i++)
		sample(v, tag(v, 3), t + 3000 + i * 600, 155, false);
	CHECK_INT(said, 2);
	/* a constant that moves */
	for (unsigned i = 0; i < 5; i++)
		sample(v, tag(v, 0), t + i * 600, 41, false);
	CHECK_INT(said, 3);
	/* which somebody agrees to */
	values_accept(v, tag(v, 0));
	for (unsigned i = 0; i < 5; i++)
		sample(v, tag(v, 0), t + 3000 + i * 600, 40 + i % 2, false);
	CHECK_INT(said, 3);
	for (unsigned i = 0; i < 5; i++)
		sample(v, tag(v, 0), t + 9000 + i * 600, 40, false);
	CHECK_INT(said, 4);
	values_free(v);
}

/* Further than ever between two samples, and it stays. */
static void
test_step(void)
{
	struct values *v = table();
	uint32_t e = tag(v, 3);
	double t = 20 * DAY;

	said = 0;
	learn(v);
	sample(v, e, t, 145, false);
	CHECK_INT(said, 0);
	for (unsigned i = 1; i < 4; i++)
		sample(v, e, t + i * 600, 145, false);
	CHECK_INT(said, 1);
	CHECK_INT(last_found.why, WHY_STEP);
	/* after a pause it may have moved on */
	sample(v, e, t + 5 * DAY, 60, false);
	for (unsigned i = 1; i < 6; i++)
		sample(v, e, t + 5 * DAY + i * 600, 60 + i, false);
	CHECK_INT(said, 1);
	values_free(v);
}

/* Says three times what nobody agrees to: listed, not judged. */
static void
test_noisy(void)
{
	struct values *v = table();
	uint32_t e = tag(v, 3);
	struct estimator_report r;

	said = 0;
	learn(v);
	for (unsigned n = 0; n < 10; n++)
		for (unsigned i = 0; i < 10; i++)
			sample(v, e, 20 * DAY + n * 6000 + i * 600,
			    i < 5 ? 900 : 100, false);
	CHECK_INT(said, 3);
	CHECK_INT(view(v, e).model, VALUE_NOISY);
	values_report(v, &r);
	CHECK_INT(r.excluded, 1);
	CHECK_INT(r.entries, 3);
	CHECK_INT(r.ready, 3);
	CHECK(r.single >= 1 && r.single <= 6);
	values_free(v);
}

/*
 * Usual process values: a mean that swings with the day and a slow random
 * part, sampled every minute, of different resolution.
 */
static void
test_usual(void)
{
	enum {
		TAGS = 60,
		DAYS = 42
	};
	struct values *v = table();
	struct estimator_report r;
	double slow[TAGS] = { 0 };
	uint32_t e[TAGS];

	said = 0;
	for (unsigned i = 0; i < TAGS; i++)
		e[i] = tag(v, i);
	for (double t = 0; t < DAYS * DAY; t += 60) {
		for (unsigned i = 0; i < TAGS; i++) {
			double grain = i % 3 == 0 ? 0.5 : 0.001;
			double value;

			slow[i] = 0.995 * slow[i] + 0.1 * normal();
			value = 20 + (i % 5) * sin(t / DAY * 6.2831853) +
			    slow[i] * (1 + i % 7) / 3;
			sample(v, e[i], t, floor(value / grain) * grain, false);
		}
	}
	values_report(v, &r);
	(void)printf("usual: %u findings in %.0f tag-days, at most %.2f a day, "
		     "%u ready\n",
	    said, (DAYS - 14.0) * TAGS, r.at_most, r.ready);
	CHECK(r.ready > TAGS * 8 / 10);
	CHECK(said <= 3);
	CHECK(r.windows >= ESTIMATOR_WINDOWS - 1);
	CHECK(r.at_most < 0.5);
	values_free(v);
}

/* ------------------------------------------------------------------ saving */

static void
test_saving(void)
{
	static struct kept k, again;
	struct baseline_sink sink = { .ctx = &k, .block = keep };
	struct baseline_sink second = { .ctx = &again, .block = keep };
	struct values *v = table(), *w = table();
	double t = 40 * DAY;

	learn(v);
	said = 0;
	CHECK(values_save(v, &sink, true));
	CHECK_INT(k.n, 4);
	for (unsigned i = 0; i < k.n; i++) {
		struct span s = kept_span(&k, i);

		CHECK_INT(k.block[i].kind, BLOCK_VALUE);
		CHECK(s.n <= 400);
		CHECK(!values_load(w, k.block[i].id, span_first(s, s.n - 1)));
		CHECK(values_load(w, k.block[i].id, s));
	}
	CHECK_INT(view(w, tag(w, 3)).model, VALUE_RANGE);
	CHECK_INT(view(w, tag(w, 3)).samples, view(v, tag(v, 3)).samples);
	sample(w, tag(w, 1), t, 1, true);
	CHECK_INT(said, 0);
	sample(w, tag(w, 1), t, 3, true);
	CHECK_INT(said, 1);
	/* only what is new */
	CHECK(values_save(v, &second, true));
	CHECK_INT(again.n, 1);
	CHECK_INT(again.block[0].kind, BLOCK_VALUE);
	values_free(v);
	values_free(w);
}

int
main(void)
{
	test_kinds();
	test_counter();
	test_said();
	test_step();
	test_noisy();
	test_usual();
	test_saving();
	return check_done();
}
