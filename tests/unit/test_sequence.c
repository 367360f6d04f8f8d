/* test_sequence.c - order of messages: learned, broken, too various. */
#include "check.h"
#include "estimator.h"

#define HOUR 3600.0
#define DAY 86400.0
#define MODBUS 1u

static struct sequences *
table(void)
{
	return sequences_new(&(struct estimator_config){ .max = 64,
	    .learn_scale = 1,
	    .window_seconds = 3600 });
}

static unsigned said;
static struct finding last_found;
static struct trail trail;

static void
message(struct sequences *s, uint32_t entry, double at, uint32_t op,
    bool answer, bool lost)
{
	struct moment m = { .at = { (int64_t)(at * 1e9) },
		.window = (uint32_t)(at / HOUR),
		.lost = lost };

	said += sequences_seen(s, entry, &trail,
	    sequence_symbol(answer, op, 0, 0), &m, &last_found);
}

/* Reads of three kinds, each answered; a write in most hours. */
static double
usual(struct sequences *s, uint32_t entry, double from, double until)
{
	for (double t = from; t < until; t += 120) {
		for (uint32_t op = 1; op <= 3; op++) {
			message(s, entry, t + op, op, false, false);
			message(s, entry, t + op + 0.5, op, true, false);
		}
		if (chance() < 0.03) {
			message(s, entry, t + 5, 16, false, false);
			message(s, entry, t + 5.5, 16, true, false);
		}
	}
	return until;
}

static void
test_symbols(void)
{
	CHECK(
	    sequence_symbol(false, 3, 0, 0) != sequence_symbol(true, 3, 0, 0));
	CHECK(
	    sequence_symbol(false, 3, 0, 1) != sequence_symbol(false, 3, 1, 0));
	CHECK(sequence_symbol(false, 0, 0, 0) != 0);
}

static void
test_order(void)
{
	struct sequences *s = table();
	uint32_t e = sequences_entry(s, 1, 2, MODBUS);
	struct estimator_report r;
	double t;

	said = 0;
	trail = (struct trail){ 0 };
	t = usual(s, e, 0, 28 * DAY);
	CHECK_INT(said, 0);
	sequences_report(s, &r);
	CHECK_INT(r.ready, 1);
	CHECK_INT(r.single, 0);
	CHECK(r.at_most < 0.3);
	/* an answer twice, as somebody in the middle would make it */
	message(s, e, t, 1, false, false);
	message(s, e, t + 1, 1, true, false);
	message(s, e, t + 2, 1, true, false);
	CHECK_INT(said, 1);
	CHECK_INT(last_found.why, WHY_ORDER);
	CHECK_INT(last_found.client, 1);
	/* said once a window */
	message(s, e, t + 3, 1, true, false);
	message(s, e, t + 4, 3, true, false);
	CHECK_INT(said, 1);
	t = usual(s, e, t + HOUR, t + 3 * HOUR);
	/* the step to what is usual was itself new */
	CHECK_INT(said, 2);
	/* a lost message is no attack */
	message(s, e, t + 1, 1, false, false);
	message(s, e, t + 2, 3, true, true);
	message(s, e, t + 3, 1, false, false);
	CHECK_INT(said, 2);
	message(s, e, t + 4, 3, true, false);
	CHECK_INT(said, 3);
	sequences_free(s);
}

/* What is said now and then has no place: it comes anywhere. */
static void
test_commands(void)
{
	struct sequences *s = table();
	uint32_t e = sequences_entry(s, 1, 2, MODBUS);
	struct estimator_report r;
	double t;

	said = 0;
	trail = (struct trail){ 0 };
	t = usual(s, e, 0, 28 * DAY);
	/* one that was never seen, before an answer */
	message(s, e, t + 1, 1, false, false);
	message(s, e, t + 1.2, 99, false, false);
	message(s, e, t + 1.5, 1, true, false);
	for (uint32_t op = 2; op <= 3; op++) {
		message(s, e, t + op, op, false, false);
		message(s, e, t + op + 0.5, op, true, false);
	}
	t = usual(s, e, t + HOUR, t + 2 * HOUR);
	CHECK_INT(said, 0);
	sequences_report(s, &r);
	CHECK_INT(r.ready, 1);
	sequences_free(s);
}

/* Anything after anything: never judged. */
static void
test_various(void)
{
	struct sequences *s = table();
	uint32_t e = sequences_entry(s, 1, 2, MODBUS);
	struct estimator_report r;

	said = 0;
	trail = (struct trail){ 0 };
	for (double t = 0; t < 28 * DAY; t += 60)
		message(s, e, t, (uint32_t)(chance() * 60), chance() < 0.5,
		    false);
	CHECK_INT(said, 0);
	sequences_report(s, &r);
	CHECK_INT(r.ready, 0);
	CHECK_INT(r.excluded, 1);
	CHECK(r.left_out > 0); /* more than 4 096 */
	sequences_free(s);
}

/* ------------------------------------------------------------------ saving */

static void
test_saving(void)
{
	static struct kept k, again;
	struct baseline_sink sink = { .ctx = &k, .block = keep };
	struct baseline_sink second = { .ctx = &again, .block = keep };
	struct sequences *s = table(), *r = table();
	uint32_t e = sequences_entry(s, 1, 2, MODBUS);

	trail = (struct trail){ 0 };
	(void)usual(s, e, 0, 28 * DAY);
	CHECK(sequences_save(s, &sink, true));
	CHECK(k.n >= 3);
	for (unsigned i = 0; i < k.n; i++) {
		struct span b = kept_span(&k, i);

		CHECK(sequences_load(r, k.block[i].kind, k.block[i].id, b));
		CHECK(!sequences_load(r, k.block[i].kind, 1u << 30, b));
	}
	CHECK_INT(sequences_entry(r, 1, 2, MODBUS), e);
	said = 0;
	trail = (struct trail){ 0 };
	(void)usual(r, e, 60 * DAY, 60 * DAY + 5 * HOUR);
	CHECK_INT(said, 0);
	message(r, e, 60 * DAY + 6 * HOUR, 2, true, false);
	CHECK_INT(said, 1);
	CHECK(sequences_save(s, &second, true));
	CHECK_INT(again.n, 1);
	sequences_free(s);
	sequences_free(r);
}

int
main(void)
{
	test_symbols();
	test_order();
	test_commands();
	test_various();
	test_saving();
	return check_done();
}
