/* test_rules.c - the language of conditions: what is so, and what is wrong. */
#include "check.h"

#include <math.h>

#include "../../src/base/out.h"
#include "../../src/rules/rules.h"

/* ------------------------------------------------------ a subject and words */

struct subject {
	bool has_yes, has_number, has_name, has_text, has_time;
	bool yes;
	double number;
	uint32_t color, day;
	const char *text;
	struct addr source, other;
	bool two;
	int64_t time;
	uint32_t hour;
};

enum {
	YES,
	NUMBER,
	COLOR,
	LEVEL,
	TEXT,
	SOURCE,
	EITHER,
	TIME,
	HOUR,
	DAY,
	N
};

static const char *
color_word(uint32_t i)
{
	static const char *const w[] = { "red", "green", "deep-blue",
		"Sea green", NULL };

	return w[i];
}

static const char *
level_word(uint32_t i)
{
	static const char *const w[] = { "warning", "minor", "major",
		"critical", NULL };

	return w[i];
}

static const char *
day_word(uint32_t i)
{
	static const char *const w[] = { "mon", "tue", "wed", "thu", "fri",
		"sat", "sun", NULL };

	return w[i];
}

static bool
get_addr(const struct addr *a, struct rule_value *ret)
{
	ret->u.addr = a;
	return a->ip.len > 0 || a->has_mac;
}

static bool
get(const void *subject, uint32_t field, struct rule_value *ret)
{
	const struct subject *s = subject;

	switch (field) {
	case YES:
		ret->u.yes = s->yes;
		return s->has_yes;
	case NUMBER:
		ret->u.number = s->number;
		return s->has_number;
	case COLOR:
	case LEVEL:
		ret->u.name = s->color;
		return s->has_name;
	case TEXT:
		ret->u.text = span_text(s->text != NULL ? s->text : "");
		return s->text != NULL;
	case SOURCE:
		return get_addr(&s->source, ret);
	case EITHER:
		ret->u.other = &s->other;
		return get_addr(&s->source, ret);
	case TIME:
		ret->u.time.ns = s->time;
		return s->has_time;
	case HOUR:
		ret->u.number = s->hour;
		return true;
	default:
		ret->u.name = s->day;
		return true;
	}
}

static const struct rule_field fields[N] = {
	[YES] = { "client.yes", RULE_BOOL, false, false, "help", NULL },
	[NUMBER] = { "number", RULE_NUMBER, false, false, "help", NULL },
	[COLOR] = { "color", RULE_NAME, false, false, "help", color_word },
	[LEVEL] = { "level", RULE_NAME, true, false, "help", level_word },
	[TEXT] = { "text", RULE_TEXT, false, false, "help", NULL },
	[SOURCE] = { "source", RULE_ADDR, false, false, "help", NULL },
	[EITHER] = { "either", RULE_ADDR, false, false, "help", NULL },
	[TIME] = { "time", RULE_TIME, false, false, "help", NULL },
	[HOUR] = { "hour", RULE_NUMBER, false, true, "help", NULL },
	[DAY] = { "weekday", RULE_NAME, true, true, "help", day_word },
};
static const struct rule_schema schema = { "a thing", fields, N, get };

/* 2026-11-20T08:30:00.5Z, a Friday */
#define MORNING INT64_C(1795163400500000000)
static const struct subject full = { .has_yes = true,
	.has_number = true,
	.has_name = true,
	.has_time = true,
	.yes = true,
	.number = 16,
	.color = 2,
	.text = "setup \"A\".EXE",
	.source = { .ip = { { 10, 1, 2, 3 }, 4 },
	    .mac = { { 0x00, 0x1b, 0x1b, 4, 5, 6 } },
	    .has_mac = true },
	.other = { .ip = { { 0x20, 1, 0xd, 0xb8, [15] = 1 }, 16 } },
	.time = MORNING,
	.hour = 23,
	.day = 4 };
static const struct subject empty = { .hour = 3, .day = 6 };

static struct rule *
compile(const char *text)
{
	struct rule_error e;
	struct rule *r = rule_compile(&schema, span_text(text), &e);

	if (r == NULL)
		(void)printf("%s: byte %u: %s\n", text, e.at, e.text);
	return r;
}

/* ------------------------------------------------------------ what is so */

static const struct {
	const char *text;
	bool full, empty;
} rows[] = {
	{ "client.yes", true, false },
	{ "not client.yes", false, true },
	{ "has client.yes", true, false },
	{ "has number and not has text", false, false },
	{ "not has number", false, true },
	/* numbers */
	{ "number = 16", true, false },
	{ "number = 0x10", true, false },
	{ "number = 16.0", true, false },
	{ "number = 1.6e1", true, false },
	{ "number = -16", false, false },
	{ "number != 16", false, false },
	{ "number != 17", true, false },
	{ "not number = 17", true, true },
	{ "number < 16", false, false },
	{ "number < 16.5", true, false },
	{ "number <= 16", true, false },
	{ "number > 15.999", true, false },
	{ "number > 16", false, false },
	{ "number >= 16", true, false },
	{ "number > -1", true, false },
	{ "number in (1, 5..9, 15..17)", true, false },
	{ "number in (1, 5..9)", false, false },
	{ "number in 16..16", true, false },
	{ "number in -5..15", false, false },
	{ "number not in (1, 5..9)", true, false },
	{ "number not in 15..17", false, false },
	{ "number in 16", true, false },
	{ "number=16", true, false },
	{ "number>=0x10 and number<0x11", true, false },
	/* names */
	{ "color = deep-blue", true, false },
	{ "color = DEEP-BLUE", true, false },
	{ "color = \"deep-blue\"", true, false },
	{ "color != red", true, false },
	{ "color in (red, green)", false, false },
	{ "color in (red, deep-blue)", true, false },
	{ "color = \"Sea green\"", false, false },
	{ "level >= major", true, false },
	{ "level > major", false, false },
	{ "level < critical", true, false },
	{ "level <= minor", false, false },
	{ "level in minor..critical", true, false },
	/* texts */
	{ "text = \"setup \\\"A\\\".EXE\"", true, false },
	{ "text = \"setup \\\"a\\\".exe\"", false, false },
	{ "text != \"other\"", true, false },
	{ "text ~ \"*.exe\"", true, false },
	{ "text ~ \"SETUP*\"", true, false },
	{ "text ~ \"setup ?A?.exe\"", true, false },
	{ "text ~ \"*.dll\"", false, false },
	{ "text in (\"x\", \"setup \\\"A\\\".EXE\")", true, false },
	{ "text not in (\"x\")", true, false },
	{ "text ~ \"\"", false, false },
	/* addresses */
	{ "source = 10.1.2.3", true, false },
	{ "source != 10.1.2.3", false, false },
	{ "source != 10.1.2.4", true, false },
	{ "source in 10.1.0.0/16", true, false },
	{ "source = 10.1.0.0/16", true, false },
	{ "source in 10.1.99.99/16", true, false },
	{ "source in 10.2.0.0/16", false, false },
	{ "source in 0.0.0.0/0", true, false },
	{ "source in (192.168.0.0/24, 10.1.2.2..10.1.2.4)", true, false },
	{ "source in 10.1.2.4..10.1.2.9", false, false },
	{ "source in 10.1.2.0/30", true, false },
	{ "source in 10.1.2.4/30", false, false },
	{ "source = 00:1b:1b:04:05:06", true, false },
	{ "source = 00:1B:1b", true, false },
	{ "source in (00:1b:1c, 00:1b)", true, false },
	{ "source = 00:1b:1c", false, false },
	{ "source = ::/0", false, false },
	{ "source in 2001:db8::/32", false, false },
	{ "either in 2001:db8::/32", true, false },
	{ "either = 2001:db8::1", true, false },
	{ "either in 10.0.0.0/8", true, false },
	{ "either != 10.1.2.3", false, false },
	{ "either != 10.1.2.4", true, false },
	{ "either not in (10.9.0.0/16, 2001:db8::1)", false, false },
	/* times */
	{ "time > 2026-11-19", true, false },
	{ "time > 2026-11-20", false, false },
	{ "time >= 2026-11-20", true, false },
	{ "time <= 2026-11-20", true, false },
	{ "time < 2026-11-20", false, false },
	{ "time = 2026-11-20", true, false },
	{ "time != 2026-11-20", false, false },
	{ "time in 2026-11-01..2026-11-20", true, false },
	{ "time < 2026-11-20T08:30:00.5Z", false, false },
	{ "time = 2026-11-20T08:30:00.5Z", true, false },
	{ "time = 2026-11-20T10:30:00.500000000+02:00", true, false },
	{ "time = 2026-11-20T00:30:00.5-08:00", true, false },
	{ "time < 2026-11-20t08:30:01z", true, false },
	{ "time > 2024-02-29", true, false },
	{ "hour in 22..6", true, true },
	{ "hour in 8..17", false, false },
	{ "hour in 4..22", false, false },
	{ "weekday in mon..fri", true, false },
	{ "weekday in sat..mon", false, true },
	{ "weekday in (mon, sun)", false, true },
	/* joined */
	{ "number = 1 or color = red or client.yes", true, false },
	{ "number = 16 and color = red or client.yes", true, false },
	{ "number = 16 and (color = red or client.yes)", true, false },
	{ "number = 1 and color = red or hour = 3", false, true },
	{ "number = 1 and (color = red or hour = 3)", false, false },
	{ "not number = 1 and color = deep-blue", true, false },
	{ "not (number = 1 or color = red)", true, true },
	{ "not not client.yes", true, false },
	{ "NOT client.yes OR HAS text AND number IN (16)", true, true },
	{ "((((number = 16))))", true, false },
	{ "  number\n=\t16 ", true, false },
};

static void
test_match(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rule *r = compile(rows[i].text), *again;
		char text[RULE_TEXT_MAX], twice[RULE_TEXT_MAX];

		CHECK(r != NULL);
		if (r == NULL)
			continue;
		if (rule_matches(r, &full) != rows[i].full ||
		    rule_matches(r, &empty) != rows[i].empty)
			(void)printf("of: %s\n", rows[i].text);
		CHECK_INT(rule_matches(r, &full), rows[i].full);
		CHECK_INT(rule_matches(r, &empty), rows[i].empty);
		CHECK(rule_text(r, text, sizeof(text)) == strlen(text));
		again = compile(text);
		CHECK(again != NULL);
		if (again != NULL) {
			(void)rule_text(again, twice, sizeof(twice));
			CHECK_STR(twice, text);
			CHECK_INT(rule_matches(again, &full), rows[i].full);
			CHECK_INT(rule_matches(again, &empty), rows[i].empty);
		}
		rule_free(again);
		rule_free(r);
	}
}

/* --------------------------------------------------------- what is wrong */

static const struct {
	const char *text;
	uint32_t at;
	const char *error;
} wrong[] = {
	{ "", 0, "the condition is empty" },
	{ "  ", 0, "the condition is empty" },
	{ "nmber = 3", 0, "no field 'nmber'; did you mean number?" },
	{ "number = 3 and txt = \"\"", 15,
	    "no field 'txt'; did you mean text?" },
	{ "q = 3", 0, "no field 'q' in a thing" },
	{ "zzzzz", 0, "no field 'zzzzz' in a thing" },
	{ "color = deepblue", 8,
	    "no color 'deepblue'; did you mean deep-blue?" },
	{ "color = purple", 8, "no color 'purple'" },
	{ "color", 5, "color is a name: = != in" },
	{ "color < red", 6, "color is a name: = != in" },
	{ "color in red..green", 9, "color has no order: list the names" },
	{ "color = (", 8, "color needs a name, not '('" },
	{ "client.yes = 1", 11, "client.yes is yes or no and stands alone" },
	{ "number ~ \"3\"", 7, "number is a number: = != < > <= >= in" },
	{ "number = x", 9, "number needs a number, not 'x'" },
	{ "number = \"3\"", 9, "number needs a number, not '3'" },
	{ "number = 1.", 9, "number needs a number, not '1.'" },
	{ "number = 0x", 9, "number needs a number, not '0x'" },
	{ "number = nan", 9, "number needs a number, not 'nan'" },
	{ "number = inf", 9, "number needs a number, not 'inf'" },
	{ "number = 1e999", 9, "number needs a number, not '1e999'" },
	{ "number = 1e", 9, "number needs a number, not '1e'" },
	{ "number = +5", 9, "number needs a number, not '+5'" },
	{ "number = --5", 9, "number needs a number, not '--5'" },
	{ "number =", 8, "number needs a number, not the end" },
	{ "number = 5..6", 10, "'and' or 'or' should come before '..'" },
	{ "number in 6..5", 10, "the range ends before it begins" },
	{ "number in ()", 11, "number needs a number, not ')'" },
	{ "number in (1, 2", 15, "the list needs a comma or a )" },
	{ "number in (1 2)", 13, "the list needs a comma or a )" },
	{ "number not 3", 11, "after a field, 'not' goes with 'in'" },
	{ "text = abc", 7, "text needs a text in double quotes, not 'abc'" },
	{ "text = \"abc", 7, "the text has no closing \"" },
	{ "text = \"abc\\", 7, "the text has no closing \"" },
	{ "text = \"a\\nc\"", 9, "a \\ stands before \" or \\ only" },
	{ "text = \"a\nc\"", 9, "a control character in the text" },
	{ "text < \"a\"", 5, "text is a text: = != in ~" },
	{ "source = 10.1.2", 9,
	    "source needs an address, a network like 10.1.0.0/16 or a MAC "
	    "address, not '10.1.2'" },
	{ "source = 10.1.2.3/33", 9,
	    "source needs an address, a network like 10.1.0.0/16 or a MAC "
	    "address, not '10.1.2.3/33'" },
	{ "source = 00:1b:1", 9,
	    "source needs an address, a network like 10.1.0.0/16 or a MAC "
	    "address, not '00:1b:1'" },
	{ "source in 10.0.0.1..::1", 10,
	    "the range joins addresses of two kinds" },
	{ "source in 10.0.0.9..10.0.0.1", 10,
	    "the range ends before it begins" },
	{ "source > 10.0.0.1", 7, "source is an address: = != in" },
	{ "time > 2026-02-29", 7,
	    "time: a time is a day, 2026-11-20, or 2026-11-20T08:30:00Z" },
	{ "time > 2100-02-29", 7,
	    "time: a time is a day, 2026-11-20, or 2026-11-20T08:30:00Z" },
	{ "time > 2026-11-20T08:30:00", 7,
	    "time: a time is a day, 2026-11-20, or 2026-11-20T08:30:00Z" },
	{ "time > 2026-11-20T24:00:00Z", 7,
	    "time: a time is a day, 2026-11-20, or 2026-11-20T08:30:00Z" },
	{ "time > 1970-01-01T00:00:00+01:00", 7,
	    "time: a time is a day, 2026-11-20, or 2026-11-20T08:30:00Z" },
	{ "time > \"2026-11-20\"", 7,
	    "time: a time is a word, without quotes" },
	{ "time in 2026-11-20..2026-11-19", 8,
	    "the range ends before it begins" },
	{ "number = 1 color = red", 11,
	    "'and' or 'or' should come before 'color'" },
	{ "number = 1 and", 14, "a condition should stand here, not the end" },
	{ "and number = 1", 0, "a condition should stand here, not 'and'" },
	{ "number = 1 or or", 14, "a condition should stand here, not 'or'" },
	{ "(number = 1", 11, "the ( of byte 0 is not closed" },
	{ "number = 1)", 10, "'and' or 'or' should come before ')'" },
	{ "has", 3, "a condition should stand here, not the end" },
	{ "has has", 4, "a condition should stand here, not 'has'" },
	{ "number == 1", 8, "number needs a number, not '='" },
	{ "number = 1 && hour = 2", 11, "write and" },
	{ "number = 1 || hour = 2", 11, "write or" },
	{ "!client.yes", 0, "write not" },
	{ "text = 'x'", 7, "text goes in double quotes" },
	{ "text ~ *.exe", 7, "a pattern goes in double quotes, after ~" },
	{ "number in [1]", 10, "a list goes in parentheses" },
	{ "number = 1 ; x", 11, "this character means nothing here" },
	{ "n\xc3\xbcmber = 1", 1, "this character means nothing here" },
};

static void
test_wrong(void)
{
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct rule_error e;
		struct rule *r =
		    rule_compile(&schema, span_text(wrong[i].text), &e);

		CHECK(r == NULL);
		if (e.at != wrong[i].at)
			(void)printf("of: %s\n", wrong[i].text);
		CHECK_INT(e.at, wrong[i].at);
		CHECK_STR(e.text, wrong[i].error);
		rule_free(r);
	}
}

/* ------------------------------------------------------------- the limits */

static struct rule *
nested(uint32_t depth, const char *open, const char *close,
    struct rule_error *ret)
{
	static char text[RULE_TEXT_MAX];
	size_t n = 0;

	for (uint32_t i = 0; i < depth; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s", open);
	n += (size_t)snprintf(text + n, sizeof(text) - n, "client.yes");
	for (uint32_t i = 0; i < depth; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s", close);
	return rule_compile(&schema, SPAN((uint8_t *)text, (uint32_t)n), ret);
}

static void
test_limits(void)
{
	static char text[RULE_TEXT_MAX + 1];
	struct rule_error e;
	struct rule *r;
	size_t n;

	r = nested(RULE_DEPTH, "(", ")", &e);
	CHECK(r != NULL && rule_matches(r, &full));
	rule_free(r);
	r = nested(RULE_DEPTH, "not ", "", &e);
	CHECK(r != NULL && rule_matches(r, &full));
	rule_free(r);
	CHECK(nested(RULE_DEPTH + 1, "(", ")", &e) == NULL);
	CHECK_STR(e.text, "nested more than 32 deep");
	CHECK_INT(e.at, RULE_DEPTH);
	CHECK(nested(RULE_DEPTH + 1, "not ", "", &e) == NULL);

	/* as long as may be: a list that ends with what is so */
	n = (size_t)snprintf(text, sizeof(text), "number in (1");
	while (n < RULE_TEXT_MAX - 10)
		n += (size_t)snprintf(text + n, sizeof(text) - n, ",2");
	while (n < RULE_TEXT_MAX - 4)
		text[n++] = ' ';
	n += (size_t)snprintf(text + n, sizeof(text) - n, ",16)");
	CHECK_INT(n, RULE_TEXT_MAX);
	r = rule_compile(&schema, SPAN((uint8_t *)text, (uint32_t)n), &e);
	CHECK(r != NULL && rule_matches(r, &full));
	CHECK_INT(r != NULL ? rule_text(r, text, 20) : 0, 19);
	CHECK_STR(text, "number in (1, 2, 2,");
	rule_free(r);
	CHECK(rule_compile(&schema, SPAN((uint8_t *)text, RULE_TEXT_MAX + 1),
		  &e) == NULL);
	CHECK_STR(e.text, "a condition has at most 4096 bytes");
}

/* ------------------------------------------------------------------ text */

static void
test_text(void)
{
	static const char *const same[][2] = {
		{ "((number=0x10)) AND not(client.yes)",
		    "number = 16 and not client.yes" },
		{ "number = 1 and (hour = 2 or hour = 3)",
		    "number = 1 and (hour = 2 or hour = 3)" },
		{ "(number = 1 and hour = 2) or hour = 3",
		    "number = 1 and hour = 2 or hour = 3" },
		{ "not (number = 1 and hour = 2)",
		    "not (number = 1 and hour = 2)" },
		{ "number in 0.1", "number in 0.1" },
		{ "number in (-1e300, 1..2)", "number in (-1e+300, 1..2)" },
		{ "number = 4294967295", "number = 4294967295" },
		{ "color = \"SEA green\"", "color = \"Sea green\"" },
		{ "text ~ \"a\\\\b\\\"\"", "text ~ \"a\\\\b\\\"\"" },
		{ "source in 10.1.2.3/16", "source in 10.1.0.0/16" },
		{ "source = 00:1B:1B", "source = 00:1b:1b" },
		{ "source in 10.0.0.1..10.0.0.9",
		    "source in 10.0.0.1..10.0.0.9" },
		{ "source = 2001:DB8:0::1/128", "source = 2001:db8::1" },
		{ "time in 2026-11-01..2026-11-20",
		    "time in 2026-11-01..2026-11-20" },
		{ "time > 2026-11-20", "time > 2026-11-20" },
		{ "time > 2026-11-20T10:00:00+01:00",
		    "time > 2026-11-20T09:00:00.000000000Z" },
		{ "hour in 22..6", "hour in 22..6" },
	};

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct rule *r = compile(same[i][0]);
		char text[256] = "";

		if (r != NULL)
			(void)rule_text(r, text, sizeof(text));
		CHECK_STR(text, same[i][1]);
		rule_free(r);
	}
}

static void
test_glob(void)
{
	static const struct {
		const char *pattern, *text;
		bool is;
	} globs[] = {
		{ "", "", true },
		{ "", "a", false },
		{ "*", "", true },
		{ "?", "", false },
		{ "a*c", "abbbc", true },
		{ "a*c", "abbbcd", false },
		{ "*a*b*", "xxaxxbxx", true },
		{ "*ab", "aab", true },
		{ "*aab", "aaab", true },
		{ "a?c",
		    "a\xc3\xbc"
		    "c",
		    true },
		{ "a??c",
		    "a\xc3\xbc"
		    "c",
		    false },
		{ "**x", "abcx", true },
		{ "[a]", "a", false },
		{ "A@Z", "a@z", true },
		{ "@", "`", false },
	};

	for (size_t i = 0; i < sizeof(globs) / sizeof(globs[0]); i++)
		CHECK_INT(rule_glob(span_text(globs[i].pattern),
			      span_text(globs[i].text)),
		    globs[i].is);
}

static void
test_can(void)
{
	static const struct {
		const char *text;
		uint32_t field, value;
		bool can;
	} cans[] = {
		{ "color = red and number = 1", COLOR, 0, true },
		{ "color = red and number = 1", COLOR, 1, false },
		{ "color = red and number = 1", NUMBER, 1, true },
		{ "color = red and number = 1", NUMBER, 2, false },
		{ "color = red and number = 1", LEVEL, 2, true },
		{ "color = red or number = 1", COLOR, 1, true },
		{ "color = red or color = green", COLOR, 2, false },
		{ "not (color = red or number = 1)", COLOR, 0, false },
		{ "not (color = red and number = 1)", COLOR, 0, true },
		{ "not (color = red and color in (red, green))", COLOR, 0,
		    false },
		{ "color != red", COLOR, 0, false },
		{ "has color", COLOR, 3, true },
		{ "not has color", COLOR, 3, false },
		{ "client.yes", YES, 0, false },
		{ "not client.yes", YES, 0, true },
		{ "text ~ \"x\"", TEXT, 0, true },
		{ "number in (1, 5..9)", NUMBER, 7, true },
		{ "number not in (1, 5..9)", NUMBER, 7, false },
	};

	for (size_t i = 0; i < sizeof(cans) / sizeof(cans[0]); i++) {
		struct rule *r = compile(cans[i].text);

		CHECK_INT(r != NULL &&
			rule_can_match(r, cans[i].field, cans[i].value),
		    cans[i].can);
		rule_free(r);
	}
}

/* What is known of a subject by its number alone, and by its text not being
 * there. */
static void
test_guess(void)
{
	static const struct {
		const char *text;
		enum rule_guess guess;
	} guesses[] = {
		{ "number = 7", RULE_ALWAYS },
		{ "number = 8", RULE_NEVER },
		{ "number != 7", RULE_NEVER },
		{ "not number = 8", RULE_ALWAYS },
		{ "number = 7 and client.yes", RULE_PERHAPS },
		{ "number = 8 and client.yes", RULE_NEVER },
		{ "number = 7 or client.yes", RULE_ALWAYS },
		{ "number = 8 or client.yes", RULE_PERHAPS },
		{ "text ~ \"*\"", RULE_NEVER },
		{ "not text ~ \"*\"", RULE_ALWAYS },
		{ "has number and has text", RULE_NEVER },
	};
	const uint64_t known = UINT64_C(1) << NUMBER | UINT64_C(1) << TEXT;
	struct subject s = empty;

	s.has_number = true;
	s.number = 7;
	for (size_t i = 0; i < sizeof(guesses) / sizeof(guesses[0]); i++) {
		struct rule *r = compile(guesses[i].text);

		CHECK(r != NULL);
		if (r != NULL)
			CHECK_INT(rule_guess(r, known, &s), guesses[i].guess);
		rule_free(r);
	}
}

static void
test_odd_numbers(void)
{
	struct subject s = full;
	struct rule *r = compile("number < 5 or number >= 5 or number = 5");

	CHECK(rule_matches(r, &s));
	s.number = (double)NAN;
	CHECK(!rule_matches(r, &s));
	rule_free(r);
	r = compile("number != 5");
	CHECK(rule_matches(r, &s));
	s.number = (double)INFINITY;
	CHECK(rule_matches(r, &s));
	rule_free(r);
}

static void
test_fields(void)
{
	static struct out o;

	out_open(&o, -1);
	rule_fields(&schema, &o);
	o.buf[o.n] = '\0';
	CHECK(strstr(o.buf, "| `number` | number | help |\n") != NULL);
	CHECK(strstr(o.buf, "help; in this order: `mon`, `tue`") != NULL);
	CHECK(strstr(o.buf, "help: `red`, `green`, `deep-blue`") != NULL);
}

int
main(void)
{
	test_match();
	test_wrong();
	test_limits();
	test_text();
	test_glob();
	test_can();
	test_guess();
	test_odd_numbers();
	test_fields();
	return check_done();
}
