/*
 * fuzz_rules.c - conditions of any text.
 *
 * What compiles is written again, compiles from that, is written the same and
 * says the same of every subject; an error points into the text.  A rule that
 * matches a subject can match its number.
 */
#include <stdint.h>
#include <stdlib.h>

#include "../src/rules/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct subject {
	uint32_t number; /* also the name's place */
	struct addr addr;
	bool whole; /* has all fields, or none */
};

static const char *
word(uint32_t i)
{
	static const char *const words[] = { "red", "green", "deep-blue",
		"Sea green", NULL };

	return words[i];
}

static const struct rule_field fields[] = {
	{ "y", RULE_BOOL, false, false, "", NULL },
	{ "n", RULE_NUMBER, false, true, "", NULL },
	{ "m", RULE_NAME, true, true, "", word },
	{ "c", RULE_NAME, false, false, "", word },
	{ "t", RULE_TEXT, false, false, "", NULL },
	{ "a", RULE_ADDR, false, false, "", NULL },
	{ "d", RULE_TIME, false, false, "", NULL },
	{ "k", RULE_NUMBER, false, false, "", NULL },
};

static bool
get(const void *subject, uint32_t field, struct rule_value *ret)
{
	const struct subject *s = subject;

	switch (fields[field].type) {
	case RULE_BOOL:
		ret->u.yes = s->number % 2 == 0;
		break;
	case RULE_NUMBER:
		ret->u.number = s->number;
		break;
	case RULE_NAME:
		ret->u.name = s->number % 4;
		break;
	case RULE_TEXT:
		ret->u.text = span_text(word(s->number % 4));
		break;
	case RULE_ADDR:
		ret->u.addr = &s->addr;
		break;
	case RULE_TIME:
		ret->u.time.ns = (int64_t)s->number * TICK_SECOND * 86400;
		break;
	case RULE_TYPE_COUNT:
		abort();
	}
	return s->whole;
}

static const struct rule_schema schema = { "a thing", fields,
	sizeof(fields) / sizeof(fields[0]), get };

static const struct subject subjects[] = {
	{ .number = 0 },
	{ .number = 0, .whole = true },
	{ .number = 2, .addr.ip = { { 10, 1, 2, 3 }, 4 }, .whole = true },
	{ .number = 7, .addr.ip = { { 0x20, 1 }, 16 }, .whole = true },
	{ .number = 20000,
	    .addr = { .mac = { { 0, 0x1b, 0x1b } }, .has_mac = true },
	    .whole = true },
};

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
same(const struct rule *a, const struct rule *b)
{
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		const struct subject *s = &subjects[i];
		bool so = rule_matches(a, s);

		must(so == rule_matches(b, s));
		if (so && s->whole)
			must(rule_can_match(a, 1, s->number) &&
			    rule_can_match(a, 2, s->number % 4));
	}
}

static void
write_again(const struct rule *r)
{
	static char once[2 * RULE_TEXT_MAX], twice[2 * RULE_TEXT_MAX];
	size_t n = rule_text(r, once, sizeof(once));
	struct rule_error e;
	struct rule *again;

	if (n > RULE_TEXT_MAX)
		return; /* written wider than it came */
	again = rule_compile(&schema, span_text(once), &e);
	must(again != NULL);
	must(rule_text(again, twice, sizeof(twice)) == n &&
	    memcmp(once, twice, n) == 0);
	same(r, again);
	rule_free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct rule_error e = { .at = 0 };
	struct rule *r = rule_compile(&schema, SPAN(data, (uint32_t)n), &e);

	if (r == NULL) {
		must(e.at <= n && e.text[0] != '\0');
		return 0;
	}
	write_again(r);
	rule_free(r);
	return 0;
}
