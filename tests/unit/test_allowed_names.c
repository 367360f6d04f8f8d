/*
 * test_allowed_names.c - names outside that are allowed: patterns, and what
 * DNS answers for them.
 */
#include "../../src/triage/names.h"

#include <string.h>

#include "../../src/rules/rules.h"
#include "check.h"

static struct allowed_names *names;

static bool
has(const char *name)
{
	return allowed_names_has(names, span_text(name));
}

static bool
has_ip(const char *text)
{
	struct addr a;

	CHECK(rule_addr(span_text(text), &a));
	return allowed_names_has_ip(names, &a.ip);
}

static void
answer(const char *record)
{
	allowed_names_answer(names, span_text(record));
}

static void
test_patterns(void)
{
	CHECK(!has("example.com"));
	CHECK(allowed_names_add(names, "*.example.com"));
	CHECK(allowed_names_add(names, "update.vendor.example"));
	CHECK(allowed_names_add(names, "ntp?.pool.example"));
	CHECK(has("example.com"));
	CHECK(has("www.Example.COM"));
	CHECK(has("a.b.example.com."));
	CHECK(!has("badexample.com"));
	CHECK(!has("example.com.evil.example"));
	CHECK(has("update.vendor.example"));
	CHECK(!has("www.vendor.example"));
	CHECK(!has("x.update.vendor.example"));
	CHECK(has("ntp3.pool.example"));
	CHECK(!has("ntp10.pool.example"));
	CHECK(!has(""));
	CHECK(!has("."));
	CHECK_INT(allowed_names_count(names), 3);
}

static void
test_answers(void)
{
	answer("www.example.com A 192.0.2.1");
	CHECK(has_ip("192.0.2.1"));
	CHECK(!has_ip("192.0.2.2"));
	answer("evil.example A 192.0.2.2");
	CHECK(!has_ip("192.0.2.2"));
	/* a name it is another name for is allowed as it is */
	answer("cdn.provider.example A 192.0.2.3");
	CHECK(!has_ip("192.0.2.3"));
	answer("www.example.com CNAME CDN.provider.example.");
	answer("cdn.provider.example AAAA 2001:db8::3");
	CHECK(has_ip("2001:db8::3"));
	CHECK(!has("cdn.provider.example"));
	/* what is cut short or is no address leads nowhere */
	answer("www.example.com A");
	answer("www.example.com");
	answer("");
	answer("www.example.com A 192.0.2");
	answer("www.example.com TXT 192.0.2.9x");
	CHECK(!has_ip("192.0.2.9"));
}

static void
test_bounds(void)
{
	char longest[400];

	memset(longest, 'a', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	CHECK(!allowed_names_add(names, longest));
	CHECK(!has(longest));
	while (allowed_names_count(names) < ALLOWED_NAMES)
		CHECK(allowed_names_add(names, "x.example"));
	CHECK(!allowed_names_add(names, "y.example"));
	CHECK(has("x.example"));
	CHECK(!has("y.example"));
}

int
main(void)
{
	names = allowed_names_new();
	CHECK(names != NULL);
	test_patterns();
	test_answers();
	test_bounds();
	allowed_names_free(names);
	return check_done();
}
