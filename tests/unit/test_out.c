/* test_out.c - what is written is what was meant, and a full disk is noticed.
 */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../src/base/out.h"
#include "../../src/model/fact.h"

static struct out o;
static char got[4096];

static void
start(void)
{
	out_open(&o, -1);
}

/* What has been written since start(). */
static const char *
text(void)
{
	memcpy(got, o.buf, o.n);
	got[o.n] = '\0';
	return got;
}

static void
test_numbers(void)
{
	start();
	out_u64(&o, 0);
	out_char(&o, ' ');
	out_u64(&o, UINT64_MAX);
	out_char(&o, ' ');
	out_i64(&o, INT64_MIN);
	CHECK_STR(text(), "0 18446744073709551615 -9223372036854775808");
	start();
	out_real(&o, 0.1);
	out_char(&o, ' ');
	out_real(&o, -2.5e300);
	out_char(&o, ' ');
	out_real(&o, (double)INFINITY);
	out_char(&o, ' ');
	out_real(&o, (double)NAN);
	CHECK_STR(text(), "0.1 -2.5e+300 null null");
}

static void
test_time(void)
{
	char t[TIME_TEXT_MAX];

	CHECK_STR(time_text((struct tick){ 0 }, t),
	    "1970-01-01T00:00:00.000000000Z");
	CHECK_STR(time_text((struct tick){ -1 }, t),
	    "1969-12-31T23:59:59.999999999Z");
	CHECK_STR(time_text((struct tick){ INT64_MAX }, t),
	    "2262-04-11T23:47:16.854775807Z");
	CHECK_STR(time_text((struct tick){ INT64_MIN }, t),
	    "1677-09-21T00:12:43.145224192Z");
}

static void
test_json(void)
{
	start();
	json_open(&o, '{');
	json_text(&o, "a", "x\"\\\n\x01");
	json_key(&o, "b");
	json_open(&o, '[');
	json_item(&o);
	out_u64(&o, 1);
	json_item(&o);
	json_open(&o, '{');
	json_close(&o, '}');
	json_close(&o, ']');
	json_bool(&o, "c", true);
	json_none(&o, "d");
	json_close(&o, '}');
	CHECK_STR(text(),
	    "{\"a\":\"x\\\"\\\\\\u000a\\u0001\",\"b\":[1,{}],\"c\":true,"
	    "\"d\":null}");
}

static void
test_full_disk(void)
{
	int fd = open("/dev/full", O_WRONLY);

	if (fd < 0)
		return;
	out_open(&o, fd);
	out_text(&o, "something");
	CHECK(!out_flush(&o));
	CHECK_INT(o.error, ENOSPC);
	for (unsigned i = 0; i < 200000; i++)
		out_char(&o, 'x'); /* goes nowhere, and does not end */
	CHECK(!out_flush(&o));
	CHECK_INT(o.error, ENOSPC);
	(void)close(fd);
}

/* -------------------------------------------------------- text in facts */

static const char *
cleaned(const char *s, uint32_t n)
{
	static char plain[FACT_TEXT_MAX + 1];
	struct fact f = { .kind = FACT_IDENT };

	fact_text(&f, SPAN((const uint8_t *)s, n));
	memcpy(plain, f.text, f.text_len);
	plain[f.text_len] = '\0';
	return plain;
}
#define CLEAN(lit) cleaned(lit, sizeof(lit) - 1)

/* Device text is hostile: it may not end a line, turn a terminal, or lie. */
static void
test_hostile_text(void)
{
	CHECK_STR(CLEAN("plc-1"), "plc-1");
	CHECK_STR(CLEAN("pl\033[2Jc\r\n"), "pl.[2Jc..");
	CHECK_STR(CLEAN("pump  \0\0\0"), "pump");
	CHECK_STR(CLEAN("M\xc3\xbcnchen"), "M\xc3\xbcnchen");
	CHECK_STR(CLEAN("M\xfcnchen"), "M.nchen");
	CHECK_STR(CLEAN("\xc0\xaf\xed\xa0\x80\xf5\x80"), ".......");
	CHECK_STR(CLEAN("a\xe2\x80\xae"
			"b"),
	    "a.b"); /* right-to-left override */
	CHECK_STR(CLEAN("a\xc2\x9b"
			"b"),
	    "a.b"); /* C1 control */
}

static void
test_long_text(void)
{
	char s[200];
	struct fact f = { .kind = FACT_IDENT };

	memset(s, 'x', sizeof(s));
	memcpy(s + FACT_TEXT_MAX - 1, "\xc3\xbc", 2); /* across the edge */
	fact_text(&f, SPAN((const uint8_t *)s, sizeof(s)));
	CHECK_INT(f.text_len, FACT_TEXT_MAX - 1);
	CHECK(f.flags == FACT_CUT);
	f = (struct fact){ .kind = FACT_NONE };
	fact_text(&f, SPAN_LIT("nobody listens"));
	CHECK_INT(f.text_len, 0);
}

static void
test_utf16(void)
{
	static const uint8_t name[] = { 'P', 0, 0xfc, 0, 0x3d, 0xd8, 0x00, 0xde,
		0x00, 0xd8, 'x', 0 };
	struct fact f = { .kind = FACT_IDENT };

	fact_text16(&f, SPAN(name, sizeof(name)));
	CHECK_INT(f.text_len, 1 + 2 + 4 + 1 + 1);
	CHECK(memcmp(f.text, "P\xc3\xbc\xf0\x9f\x98\x80.x", 9) == 0);
}

int
main(void)
{
	test_numbers();
	test_time();
	test_json();
	test_full_disk();
	test_hostile_text();
	test_long_text();
	test_utf16();
	return check_done();
}
