/*
 * fuzz_estimators.c - the saved blocks of the baseline's estimators.
 *
 * The first byte says whose block it is, the second its number; then each
 * table works with what it took, and saves it.
 */
#include <stdlib.h>

#include "../src/baseline/estimators.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static bool
drop(void *ctx, uint32_t kind, uint64_t id, struct span bytes)
{
	(void)ctx;
	return kind != 0 && id <= UINT32_MAX && bytes.n > 0;
}

static const struct estimator_config small = { .max = 64,
	.learn_scale = 3600,
	.window_seconds = 1 };
static const struct baseline_sink sink = { .block = drop };

static struct moment
later(unsigned i)
{
	return (struct moment){ .at = { i * 100 * (TICK_SECOND / 1000) },
		.window = i / 10 };
}

static void
use_periods(uint64_t id, struct span bytes)
{
	struct periods *p = periods_new(&small);
	struct finding f;

	if (p == NULL)
		abort();
	(void)periods_load(p, id, bytes);
	for (unsigned i = 0; i < 100; i++) {
		struct moment m = later(i);
		uint32_t e = periods_entry(p, i % 3, 2, 1, i % 2, false);

		while (periods_clock(p, &m, &f))
			;
		(void)periods_seen(p, e, &m, &f);
	}
	(void)periods_save(p, &sink, true);
	periods_free(p);
}

static void
use_values(uint64_t id, struct span bytes)
{
	struct values *v = values_new(&small);
	struct fact_object o = { .area = 0 };
	struct finding f;

	if (v == NULL)
		abort();
	(void)values_load(v, id, bytes);
	for (unsigned i = 0; i < 100; i++) {
		struct moment m = later(i);
		uint32_t e = values_entry(v, i % 3, 1, 0, &o);

		(void)values_seen(v, e, i * 1e3, i % 2 == 0, &m, &f);
		values_accept(v, e);
	}
	(void)values_save(v, &sink, true);
	values_free(v);
}

static void
use_sequences(uint32_t kind, uint64_t id, struct span bytes)
{
	struct sequences *s = sequences_new(&small);
	struct trail trail = { 0 };
	struct finding f;

	if (s == NULL)
		abort();
	(void)sequences_load(s, kind, id, bytes);
	for (unsigned i = 0; i < 100; i++) {
		struct moment m = later(i);

		(void)sequences_seen(s, sequences_entry(s, i % 3, 1, 1), &trail,
		    sequence_symbol(false, i % 5, 0, 0), &m, &f);
	}
	(void)sequences_save(s, &sink, true);
	sequences_free(s);
}

static void
use_volumes(uint64_t id, struct span bytes)
{
	struct volumes *v = volumes_new(&small);
	struct finding f;

	if (v == NULL)
		abort();
	(void)volumes_load(v, id, bytes);
	for (unsigned i = 0; i < 100; i++) {
		struct moment m = later(i);
		uint32_t e = volumes_entry(v, i % 3, 2, 1);

		(void)volumes_seen(v, e, 1u << i % 32, &m, &f);
		volumes_accept(v, e);
	}
	(void)volumes_save(v, &sink, true);
	volumes_free(v);
}

static void
use_hours(uint64_t id, struct span bytes)
{
	struct hours *h = hours_new(&small);
	struct finding f;

	if (h == NULL)
		abort();
	(void)hours_load(h, id, bytes);
	for (unsigned i = 0; i < 100; i++) {
		struct moment m = later(i);

		(void)hours_seen(h, hours_entry(h, i % 3, 1), &m, &f);
	}
	(void)hours_save(h, &sink, true);
	hours_free(h);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span bytes = SPAN(p + 2, (uint32_t)n - 2);

	if (n < 2 || n > 4096)
		return 0;
	switch (p[0] % 6) {
	case 0:
		use_periods(p[1], bytes);
		break;
	case 1:
		use_values(p[1], bytes);
		break;
	case 2:
		use_sequences(BLOCK_SEQUENCE, p[1], bytes);
		break;
	case 3:
		use_sequences(BLOCK_TRIGRAM, p[1], bytes);
		break;
	case 4:
		use_volumes(p[1], bytes);
		break;
	default:
		use_hours(p[1], bytes);
		break;
	}
	return 0;
}
