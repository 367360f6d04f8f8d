/* test_fold.c - open alerts: found again, capped, times and frames spread. */
#include <stdlib.h>

#include "../../src/detect/private.h"

#include "check.h"

#define S(x) ((struct tick){ .ns = (int64_t)(x)*TICK_SECOND })

static struct alert made; /* large */

static struct alert *
add(struct folds *t, uint64_t fold, int64_t at, uint8_t severity)
{
	made = (struct alert){ .fold = fold,
		.first = S(at),
		.last = S(at),
		.severity = severity };
	return folds_add(t, &made);
}

static void
found_again(void)
{
	struct folds *t = folds_new(8);

	/* folds that share a slot */
	for (uint64_t i = 0; i < 8; i++)
		CHECK(add(t, i << 32 | 3, 10, SEVERITY_MAJOR) != NULL);
	for (uint64_t i = 0; i < 8; i++)
		CHECK(folds_find(t, i << 32 | 3) == folds_at(t, (uint32_t)i));
	CHECK(folds_find(t, 9ull << 32 | 3) == NULL);
	/* a closed one is forgotten, the others are still found */
	folds_find(t, 2ull << 32 | 3)->status = STATUS_CLOSED;
	CHECK(folds_find(t, 2ull << 32 | 3) == NULL);
	CHECK_INT(folds_count(t), 7);
	for (uint64_t i = 3; i < 8; i++)
		CHECK(
		    folds_find(t, i << 32 | 3) == folds_at(t, (uint32_t)i - 1));
	/* full of what matters: nothing makes room */
	CHECK(add(t, 100, 20, SEVERITY_MAJOR) != NULL);
	CHECK(add(t, 101, 21, SEVERITY_CRITICAL) == NULL);
	CHECK_INT(folds_left_out(t), 1);
	folds_free(t);
}

static void
room(void)
{
	struct folds *t = folds_new(4);

	(void)add(t, 1, 10, SEVERITY_MAJOR);
	(void)add(t, 2, 30, SEVERITY_WARNING);
	(void)add(t, 3, 20, SEVERITY_WARNING);
	(void)add(t, 4, 40, SEVERITY_WARNING);
	CHECK(add(t, 5, 50, SEVERITY_WARNING) != NULL);
	CHECK(folds_find(t, 3) == NULL);
	CHECK(folds_find(t, 2) != NULL && folds_find(t, 5) != NULL);
	CHECK_INT(folds_left_out(t), 1);
	CHECK(folds_at(t, 3) == folds_find(t, 5));
	folds_find(t, 1)->status = STATUS_CLOSED;
	folds_at(t, 0)->changed = true;
	folds_sweep(t);
	CHECK_INT(folds_count(t), 4);
	folds_at(t, 0)->changed = false;
	folds_sweep(t);
	CHECK_INT(folds_count(t), 3);
	folds_free(t);
}

/* Against a plain array: random adding, closing, finding. */
static void
churn(void)
{
	struct folds *t = folds_new(32);
	bool there[64] = { false };
	uint32_t seed = 1;

	for (uint32_t k = 0; k < 20000; k++) {
		uint32_t i;

		seed = seed * 1664525u + 1013904223u;
		i = seed >> 16 & 63;
		if (there[i]) {
			folds_find(t, i % 7 + (uint64_t)i * 4096)->status =
			    STATUS_CLOSED;
			CHECK(
			    folds_find(t, i % 7 + (uint64_t)i * 4096) == NULL);
			there[i] = false;
		} else {
			there[i] = add(t, i % 7 + (uint64_t)i * 4096, k,
				       SEVERITY_MAJOR) != NULL;
		}
		for (i = 0; i < 64; i++)
			CHECK((folds_find(t, i % 7 + (uint64_t)i * 4096) !=
				  NULL) == there[i]);
	}
	for (uint32_t i = 1; i < folds_count(t); i++)
		CHECK(folds_at(t, i - 1)->first.ns < folds_at(t, i)->first.ns);
	folds_free(t);
}

static void
sights(void)
{
	struct alert *a = calloc(1, sizeof(*a));
	struct violation *v = NULL;

	for (int64_t i = 0; i < 1000; i++) {
		alert_time(a, S(1000 + i * 10));
		alert_frame(a, 1, (uint32_t)i + 1);
		alert_frame(a, 1, (uint32_t)i + 1);
	}
	alert_time(a, S(3000)); /* the clock stepped back */
	CHECK_INT(a->n_times, ALERT_TIMES);
	CHECK_INT(a->times[0].ns, S(1000).ns);
	CHECK_INT(a->times[ALERT_TIMES - 1].ns, S(10990).ns);
	for (uint32_t i = 1; i < ALERT_TIMES; i++)
		CHECK(tick_since(a->times[i], a->times[i - 1]) > 0 &&
		    tick_since(a->times[i], a->times[i - 1]) <=
			700 * TICK_SECOND);
	CHECK_INT(a->n_frames, ALERT_FRAMES);
	CHECK_INT(a->frames[7].number, 8);
	CHECK_INT(a->frames[8].number, 993);
	CHECK_INT(a->frames[15].number, 1000);
	for (uint64_t i = 1; i <= 12; i++)
		v = alert_violation(a, i, S(5));
	CHECK(v == NULL);
	CHECK_INT(a->n_violations, ALERT_VIOLATIONS);
	CHECK_INT(a->violations_left_out, 2);
	CHECK(alert_violation(a, 3, S(9)) == NULL);
	CHECK_INT(a->violation[2].count, 2);
	CHECK_INT(a->violation[2].last.ns, S(9).ns);
	free(a);
}

static void
due(void)
{
	struct folds *t = folds_new(4);
	struct alert *a = add(t, 1, 10, SEVERITY_MAJOR);

	CHECK(!folds_due(t, a, (struct tick){ .ns = S(10).ns + 999 }));
	CHECK(folds_due(t, a, S(11)));
	CHECK(!folds_due(t, a, S(11)));
	CHECK(folds_due(t, a, S(5)));
	folds_free(t);
}

/* One row does not take the places of the others. */
static void
share(void)
{
	struct folds *t = folds_new(1024);

	for (uint64_t i = 0; i < 128; i++)
		CHECK(add(t, i + 1, 10, SEVERITY_MAJOR) != NULL);
	CHECK(add(t, 500, 20, SEVERITY_MAJOR) == NULL);
	CHECK_INT(folds_left_out(t), 1);
	made.row = 1;
	CHECK(folds_add(t, &made) != NULL);
	folds_find(t, 7)->status = STATUS_CLOSED;
	CHECK(folds_find(t, 7) == NULL);
	CHECK(add(t, 501, 30, SEVERITY_MAJOR) != NULL);
	folds_free(t);
}

int
main(void)
{
	share();
	found_again();
	room();
	churn();
	sights();
	due();
	return check_done();
}
