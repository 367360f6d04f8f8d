/*
 * fuzz_indicators.c - lists of indicators of any content, in every format
 * (the first byte chooses).
 *
 * Checks what callers rely on: an import that fails says why and changes
 * nothing; one that succeeds can be repeated, and everything in the table is
 * in the one way we write it.
 */
#include <stdlib.h>
#include <string.h>

#include "../src/malware/indicators.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
check_table(const struct indicators *t)
{
	struct indicator x, again;
	uint32_t n = 0;

	for (uint32_t i = 0; indicators_at(t, i, &x, &i); n++) {
		must(indicator_value(x.type, span_text(x.value), &again));
		must(strcmp(x.value, again.value) == 0 && x.type == again.type);
	}
	must(n == indicators_count(t));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct indicators *t = indicators_new(256);
	struct import_report r;
	struct tick now = { .ns = 1 }, never = { .ns = 0 };
	struct span text = SPAN(data + 1, (uint32_t)n - 1);
	uint32_t count;
	bool good;

	if (n == 0) {
		indicators_free(t);
		return 0;
	}
	must(t != NULL);
	good = indicators_import(t, text,
	    (enum import_format)(data[0] % IMPORT_COUNT), "a", now, never, &r);
	must(good == (r.error[0] == '\0'));
	count = indicators_count(t);
	must(good ? count <= r.taken : count == 0);
	check_table(t);
	if (good)
		must(
		    indicators_import(t, text, r.format, "a", now, never, &r) &&
		    indicators_count(t) == count);
	must(indicators_remove_list(t, "a") == count);
	must(indicators_count(t) == 0);
	indicators_free(t);
	return 0;
}
