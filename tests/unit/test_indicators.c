/*
 * test_indicators.c - the table of what is known to be bad, and the formats
 * read into it: every form of a value, each format, and that what is wrong is
 * named and leaves the table as it was.
 */
#include "../../src/malware/indicators.h"

#include "check.h"

static const struct tick now = { .ns = 1700000000 * TICK_SECOND };

static struct span
lit(const char *s)
{
	return span_text(s);
}

static void
expect_value(uint32_t type, const char *text, const char *want)
{
	struct indicator x = { .type = INDICATOR_COUNT };
	bool good = indicator_value(type, lit(text), &x);

	if (want == NULL) {
		check_true(!good, text, __FILE__, __LINE__);
		return;
	}
	check_true(good, text, __FILE__, __LINE__);
	CHECK_STR(x.value, want);
}

static void
test_values(void)
{
	const uint32_t any = INDICATOR_COUNT;

	expect_value(any, "10.1.2.3", "10.1.2.3");
	expect_value(any, " 10.1[.]2.3 ", "10.1.2.3");
	expect_value(any, "10.1.2.3/16", "10.1.0.0/16");
	expect_value(any, "10.1.2.3/32", "10.1.2.3");
	expect_value(any, "2001:DB8::1", "2001:db8::1");
	expect_value(any, "2001:db8:1:2::/48", "2001:db8:1::/48");
	expect_value(INDICATOR_IP, "10.1.2.3/33", NULL);
	expect_value(INDICATOR_IP, "0.0.0.0/0", NULL);
	expect_value(INDICATOR_IP, "10.1.2.300", NULL);
	expect_value(any, "Bad.Example.", "bad.example");
	expect_value(any, "*.bad.example", "bad.example");
	expect_value(any, "bad[.]example", "bad.example");
	expect_value(any, "nodots", NULL);
	expect_value(any, "two..dots", NULL);
	expect_value(any, "a b.example", NULL);
	expect_value(any, "hxxp://Bad.Example:80/A/b?c=D",
	    "bad.example/A/b?c=D");
	expect_value(any, "http://bad.example", "bad.example/");
	expect_value(INDICATOR_URL, "bad.example:8080/x", "bad.example:8080/x");
	expect_value(INDICATOR_URL, "/wp-admin/x.php", "/wp-admin/x.php");
	expect_value(INDICATOR_URL, "/", NULL);
	expect_value(any, "44D88612FEA8A8F36DE82E1278ABB02F",
	    "44d88612fea8a8f36de82e1278abb02f");
	expect_value(any, "3395856ce81f2b7382dee72602f798b642f14140",
	    "3395856ce81f2b7382dee72602f798b642f14140");
	expect_value(INDICATOR_HASH, "3395856ce81f2b7382dee72602f798b642f141",
	    NULL);
	expect_value(any, "", NULL);
}

static bool
add(struct indicators *t, const char *value, const char *list, int64_t expires)
{
	struct indicator x = { .row = INDICATOR_ROW_OF_TYPE, .added = now };

	if (!indicator_value(INDICATOR_COUNT, lit(value), &x))
		return false;
	(void)snprintf(x.list, sizeof(x.list), "%s", list);
	(void)snprintf(x.comment, sizeof(x.comment), "of %s", list);
	x.expires.ns = expires;
	return indicators_add(t, &x);
}

/* The value found for an address, "" for none. */
static const char *
find_ip(const struct indicators *t, const char *text)
{
	static struct indicator x;
	struct indicator parsed;
	uint8_t b[16] = { 0 };
	struct ip ip;

	CHECK(indicator_value(INDICATOR_IP, lit(text), &parsed));
	if (strchr(text, ':') == NULL) {
		unsigned v[4];

		CHECK_INT(sscanf(text, "%u.%u.%u.%u", &v[0], &v[1], &v[2],
			      &v[3]),
		    4);
		for (uint32_t i = 0; i < 4; i++)
			b[i] = (uint8_t)v[i];
		ip = ip4_of(b);
	} else { /* "2001:db8:X::Y" */
		unsigned x2 = 0, y = 0;

		CHECK_INT(sscanf(text, "2001:db8:%x::%x", &x2, &y), 2);
		b[0] = 0x20;
		b[1] = 0x01;
		b[2] = 0x0d;
		b[3] = 0xb8;
		b[4] = (uint8_t)(x2 >> 8);
		b[5] = (uint8_t)x2;
		b[14] = (uint8_t)(y >> 8);
		b[15] = (uint8_t)y;
		ip = ip6_of(b);
	}
	return indicators_find_ip(t, &ip, now, &x) ? x.value : "";
}

static const char *
find_domain(const struct indicators *t, const char *name)
{
	static struct indicator x;

	return indicators_find_domain(t, lit(name), now, &x) ? x.value : "";
}

static const char *
find_url(const struct indicators *t, const char *host, const char *path)
{
	static struct indicator x;

	return indicators_find_url(t, lit(host), lit(path), now, &x) ? x.value
								     : "";
}

static void
test_lookup(void)
{
	struct indicators *t = indicators_new(100);

	CHECK(add(t, "10.1.2.3", "a", 0));
	CHECK(add(t, "10.1.0.0/16", "a", 0));
	CHECK(add(t, "192.0.0.0/9", "a", 0));
	CHECK(add(t, "2001:db8:5::/48", "a", 0));
	CHECK(add(t, "2001:db8:5::9", "a", 0));
	CHECK(add(t, "2001:d00::/24", "a", 0));
	CHECK_STR(find_ip(t, "10.1.2.3"), "10.1.2.3");
	CHECK_STR(find_ip(t, "10.1.2.4"), "10.1.0.0/16");
	CHECK_STR(find_ip(t, "10.2.2.4"), "");
	CHECK_STR(find_ip(t, "192.127.2.4"), "192.0.0.0/9");
	CHECK_STR(find_ip(t, "192.128.2.4"), "");
	CHECK_STR(find_ip(t, "2001:db8:5::9"), "2001:db8:5::9");
	CHECK_STR(find_ip(t, "2001:db8:5::a"), "2001:db8:5::/48");
	CHECK_STR(find_ip(t, "2001:db8:6::a"), "2001:d00::/24");
	CHECK(add(t, "bad.example", "a", 0));
	CHECK_STR(find_domain(t, "Bad.Example"), "bad.example");
	CHECK_STR(find_domain(t, "www.bad.example."), "bad.example");
	CHECK_STR(find_domain(t, "notbad.example"), "");
	CHECK_STR(find_domain(t, "example"), "");
	CHECK(add(t, "http://bad.example/a", "a", 0));
	CHECK(indicators_count(t) == 8);
	CHECK_STR(find_url(t, "BAD.example:80", "/a"), "bad.example/a");
	CHECK_STR(find_url(t, "bad.example", "/a?x=1"), "bad.example/a");
	CHECK_STR(find_url(t, "bad.example", "/A"), "");
	CHECK_STR(find_url(t, "other.example", "/a"), "");
	CHECK_STR(find_url(t, "", "/a"), "");
	indicators_free(t);
}

static void
test_paths_and_hashes(void)
{
	struct indicators *t = indicators_new(100);
	struct indicator x = { .row = 7 };
	uint8_t sum[20] = { 0x33, 0x95, 0x85 };

	CHECK(indicator_value(INDICATOR_URL, lit("/evil.php?id=1"), &x));
	CHECK(indicators_add(t, &x));
	CHECK_STR(find_url(t, "any.example", "/evil.php?id=1"),
	    "/evil.php?id=1");
	CHECK_STR(find_url(t, "any.example", "/evil.php"), "");
	CHECK(!indicators_have_hash(t, 20));
	CHECK(!indicators_find_hash(t, SPAN(sum, 20), now, &x));
	CHECK(add(t, "3395850000000000000000000000000000000000", "h", 0));
	CHECK(indicators_have_hash(t, 20) && !indicators_have_hash(t, 16));
	CHECK(indicators_find_hash(t, SPAN(sum, 20), now, &x));
	CHECK_STR(x.list, "h");
	CHECK_STR(x.comment, "of h");
	CHECK_INT(x.row, INDICATOR_ROW_OF_TYPE);
	sum[19] = 1;
	CHECK(!indicators_find_hash(t, SPAN(sum, 20), now, &x));
	indicators_free(t);
}

static void
test_lists(void)
{
	struct indicators *t = indicators_new(4);
	struct indicator x;

	/* expired; then another list has it too */
	CHECK(add(t, "10.0.0.1", "old", now.ns - 1));
	CHECK_STR(find_ip(t, "10.0.0.1"), "");
	CHECK(add(t, "10.0.0.1", "new", now.ns + 1));
	CHECK_STR(find_ip(t, "10.0.0.1"), "10.0.0.1");
	CHECK_INT(indicators_count(t), 2);
	CHECK(add(t, "10.0.0.1", "new", 0)); /* again: replaced */
	CHECK_INT(indicators_count(t), 2);
	CHECK(add(t, "10.0.0.2", "new", 0) && add(t, "10.0.0.3", "new", 0));
	CHECK(!add(t, "10.0.0.4", "new", 0)); /* full */
	CHECK_INT(indicators_left_out(t), 1);
	CHECK(indicators_remove(t, INDICATOR_IP, "10.0.0.2", "new"));
	CHECK(!indicators_remove(t, INDICATOR_IP, "10.0.0.2", "new"));
	CHECK(!indicators_remove(t, INDICATOR_IP, "10.0.0.3", "old"));
	CHECK_STR(find_ip(t, "10.0.0.2"), "");
	CHECK(add(t, "10.0.0.4", "new", 0));
	CHECK_STR(find_ip(t, "10.0.0.4"), "10.0.0.4");
	CHECK_INT(indicators_remove_list(t, "new"), 3);
	CHECK_INT(indicators_count(t), 1);
	CHECK_STR(find_ip(t, "10.0.0.3"), "");
	for (uint32_t i = 0, n = 0; indicators_at(t, i, &x, &i); n++) {
		CHECK_STR(x.value, "10.0.0.1");
		CHECK_STR(x.list, "old");
		CHECK_INT(n, 0);
	}
	indicators_free(t);
}

/* A long run of changes against the simplest table there is. */
static void
test_model(void)
{
	struct indicators *t = indicators_new(300);
	bool has[512] = { false };
	uint32_t r = 1;

	for (uint32_t i = 0; i < 200000; i++) {
		uint32_t k;
		char text[32];

		r = r * 1664525 + 1013904223;
		k = r >> 23;
		(void)snprintf(text, sizeof(text), "h%u.example", k);
		if ((r >> 9 & 1) != 0) {
			if (add(t, text, "m", 0))
				has[k] = true;
		} else {
			CHECK(indicators_remove(t, INDICATOR_DOMAIN, text,
				  "m") == has[k]);
			has[k] = false;
		}
		if (i % 64 == 0)
			CHECK((find_domain(t, text)[0] != '\0') == has[k]);
	}
	for (uint32_t k = 0; k < 512; k++) {
		char text[32];

		(void)snprintf(text, sizeof(text), "h%u.example", k);
		CHECK((find_domain(t, text)[0] != '\0') == has[k]);
	}
	indicators_free(t);
}

/* ------------------------------------------------------------------ formats */

static struct import_report
import(struct indicators *t, const char *text, enum import_format f, bool good)
{
	struct import_report r;
	struct tick never = { .ns = 0 };

	CHECK(
	    indicators_import(t, lit(text), f, "list", now, never, &r) == good);
	if (good)
		CHECK_STR(r.error, "");
	return r;
}

static void
test_plain(void)
{
	struct indicators *t = indicators_new(100);
	struct import_report r;

	r = import(t,
	    "# a list\n\n10.0.0.1\n10.0.0.2 # scanner\r\n"
	    "0.0.0.0 bad.example\n; more\nhxxp://x.example/y,why\n",
	    IMPORT_AUTO, true);
	CHECK_INT(r.format, IMPORT_PLAIN);
	CHECK_INT(r.taken, 4);
	CHECK_INT(indicators_count(t), 4);
	CHECK_STR(find_domain(t, "bad.example"), "bad.example");
	CHECK_STR(find_url(t, "x.example", "/y"), "x.example/y");
	r = import(t, "10.0.0.9\n10.0.0.8\nno value\n", IMPORT_PLAIN, false);
	CHECK_STR(r.error,
	    "line 3: 'no' is neither an address or network, a domain, a URL "
	    "nor a hash (MD5, SHA-1, SHA-256)");
	CHECK_INT(indicators_count(t), 4); /* all or nothing */
	indicators_free(t);
}

static void
test_csv(void)
{
	struct indicators *t = indicators_new(5);
	struct import_report r;
	struct indicator x;

	r = import(t,
	    "Type,Value,Comment\nip,10.0.0.1,\"a, b\"\n"
	    "domain, bad.example\nurl,/evil.php,x\n"
	    "sha256,275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aab"
	    "f651fd0f,EICAR\n",
	    IMPORT_AUTO, true);
	CHECK_INT(r.format, IMPORT_CSV);
	CHECK_INT(r.taken, 4);
	CHECK(indicators_at(t, 0, &x, &(uint32_t){ 0 }));
	CHECK_STR(x.comment, "a, b");
	CHECK_STR(x.list, "list");
	r = import(t, "ip,10.0.0.1\nmail,a@b", IMPORT_CSV, false);
	CHECK_STR(r.error,
	    "line 2: 'mail' is no type; there are ip, domain, url, hash");
	r = import(t, "ip,bad.example\n", IMPORT_CSV, false);
	CHECK_STR(r.error, "line 1: 'bad.example' is no address or network");
	r = import(t, "ip,10.1.0.1\nip,10.1.0.2\n", IMPORT_CSV, false);
	CHECK_STR(r.error, "2 indicators do not fit beside the 4 there are");
	CHECK_INT(indicators_count(t), 4);
	indicators_free(t);
}

#define BUNDLE(pattern)                                             \
	"{\"type\":\"bundle\",\"objects\":[{\"type\":\"malware\"}," \
	"{\"type\":\"indicator\",\"name\":\"Some\","                \
	"\"pattern_type\":\"stix\","                                \
	"\"valid_until\":\"2030-01-02T03:04:05.6Z\","               \
	"\"pattern\":\"" pattern "\"}]}"

static void
test_stix(void)
{
	struct indicators *t = indicators_new(100);
	struct import_report r;
	struct indicator x;

	r = import(t,
	    BUNDLE("[ipv4-addr:value = '10.0.0.1'] OR [domain-name:value = "
		   "'bad.example' AND file:name = 'x.exe']"),
	    IMPORT_AUTO, true);
	CHECK_INT(r.format, IMPORT_STIX);
	CHECK_INT(r.taken, 2);
	CHECK_INT(r.passed_over, 1);
	CHECK_STR(r.name[0].name, "file:name");
	CHECK(indicators_at(t, 0, &x, &(uint32_t){ 0 }));
	CHECK_STR(x.comment, "Some");
	CHECK(x.expires.ns == INT64_C(1893553445) * TICK_SECOND);
	r = import(t,
	    BUNDLE(
		"([file:hashes.'SHA-256' = '275a021bbfb6489e54d471899f7db9d1"
		"663fc695ec2fe2a2c4538aabf651fd0f' OR (file:hashes.MD5 = "
		"'44d88612fea8a8f36de82e1278abb02f')] FOLLOWEDBY "
		"[url:value IN ('http://u.example/a', 'http://u.example/b')])"
		" WITHIN 600 SECONDS"),
	    IMPORT_STIX, true);
	CHECK_INT(r.taken, 4);
	CHECK_STR(find_url(t, "u.example", "/b"), "u.example/b");
	r = import(t,
	    BUNDLE("[ipv4-addr:value ISSUBSET '10.9.0.0/16' AND "
		   "domain-name:value NOT = 'good.example' OR "
		   "domain-name:value LIKE 'b%' OR network-traffic:dst_port = "
		   "443 OR domain-name:value != 'ok.example']"),
	    IMPORT_STIX, true);
	CHECK_INT(r.taken, 1);
	CHECK_INT(r.passed_over, 4);
	CHECK_STR(r.name[0].name, "domain-name:value NOT");
	CHECK_STR(r.name[1].name, "domain-name:value LIKE");
	CHECK_STR(r.name[2].name, "network-traffic:dst_port");
	CHECK_STR(r.name[3].name, "domain-name:value !=");
	CHECK_STR(find_ip(t, "10.9.8.7"), "10.9.0.0/16");
	CHECK_STR(find_domain(t, "good.example"), "");
	indicators_free(t);
}

static void
test_stix_faults(void)
{
	static const struct {
		const char *text, *error;
	} table[] = {
		{ BUNDLE("[ipv4-addr:value = 'x']"),
		    "objects[1].pattern: a value does not fit its kind" },
		{ BUNDLE("[ipv4-addr:value '1.2.3.4']"),
		    "objects[1].pattern: an operator is missing" },
		{ BUNDLE("[ipv4-addr:value = '1.2.3.4'"),
		    "objects[1].pattern: ']', AND or OR is missing" },
		{ BUNDLE("[ipv4-addr:value = 5]"),
		    "objects[1].pattern: a value must be text in quotes" },
		{ BUNDLE("nothing"), "objects[1].pattern: no '['" },
		{ "{\"objects\":[{}]}", "objects[0]: no type" },
		{ "{\"objects\":[{\"type\":\"indicator\"}]}",
		    "objects[0]: no pattern" },
	};
	struct indicators *t = indicators_new(100);

	for (uint32_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		CHECK_STR(import(t, table[i].text, IMPORT_AUTO, false).error,
		    table[i].error);
	CHECK(strncmp(import(t, "{\"objects\":\n[}", IMPORT_AUTO, false).error,
		  "line 2, column 2: ", 18) == 0);
	CHECK_INT(indicators_count(t), 0);
	indicators_free(t);
}

static void
test_misp(void)
{
	struct indicators *t = indicators_new(100);
	struct import_report r;
	struct indicator x;

	r = import(t,
	    "{\"response\":[{\"Event\":{\"info\":\"Campaign\",\"Attribute\":["
	    "{\"type\":\"ip-dst\",\"value\":\"10.0.0.1\",\"to_ids\":true},"
	    "{\"type\":\"filename|md5\",\"value\":"
	    "\"a.exe|44d88612fea8a8f36de82e1278abb02f\"},"
	    "{\"type\":\"domain|ip\",\"value\":\"bad.example|10.0.0.2\","
	    "\"comment\":\"its own\"},"
	    "{\"type\":\"ip-src\",\"value\":\"10.0.0.3\",\"to_ids\":false},"
	    "{\"type\":\"email-src\",\"value\":\"a@b\"}],"
	    "\"Object\":[{\"Attribute\":[{\"type\":\"url\","
	    "\"value\":\"http://u.example/x\"}]}]}}]}",
	    IMPORT_AUTO, true);
	CHECK_INT(r.format, IMPORT_MISP);
	CHECK_INT(r.taken, 5);
	CHECK_INT(r.passed_over, 2);
	CHECK_STR(r.name[0].name, "not for detection (to_ids)");
	CHECK_STR(r.name[1].name, "email-src");
	CHECK_STR(find_ip(t, "10.0.0.3"), "");
	CHECK(indicators_at(t, 0, &x, &(uint32_t){ 0 }));
	CHECK_STR(x.comment, "Campaign");
	CHECK(indicators_find_domain(t, lit("bad.example"), now, &x));
	CHECK_STR(x.comment, "its own");
	r = import(t,
	    "{\"Event\":{\"Attribute\":[{\"type\":\"md5\",\"value\":\"x\"}]}}",
	    IMPORT_MISP, false);
	CHECK_STR(r.error, "Event 0, Attribute 0: 'x' is no md5");
	r = import(t, "{\"a\":1}", IMPORT_MISP, false);
	CHECK_STR(r.error, "Event 0: no list \"Attribute\"");
	CHECK_INT(indicators_count(t), 5);
	indicators_free(t);
}

int
main(void)
{
	test_values();
	test_lookup();
	test_paths_and_hashes();
	test_lists();
	test_model();
	test_plain();
	test_csv();
	test_stix();
	test_stix_faults();
	test_misp();
	return check_done();
}
