/*
 * fuzz_windows.c - Windows endpoints that answer anything: the first byte says
 * what the rest is of: a conversation (each line of zeros ends an answer), an
 * answer of HTTP, the challenge of NTLM, a sealed message, a script's file.
 */
#include <stdint.h>
#include <stdlib.h>

#include "../src/windows/http.h"
#include "../src/windows/seal.h"
#include "../src/windows/windows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* Whatever comes, an item's texts are whole UTF-8 of one line. */
static void
is_clean(const char *text)
{
	const uint8_t *p = (const uint8_t *)text;
	uint32_t left = (uint32_t)strlen(text), c, size;

	for (; left > 0; p += size, left -= size) {
		size = utf8_take(p, left, &c);
		must(size > 0 && c >= ' ' && c != 0x7f);
	}
}

static void
on_item(void *ctx, const struct windows_item *item)
{
	(void)ctx;
	must(item->kind < WINDOWS_KIND_COUNT && item->name[0] != '\0');
	is_clean(item->name);
	is_clean(item->value);
	is_clean(item->detail);
}

static void
converse(struct span s)
{
	static struct windows_talk t;
	static const uint8_t id[16];
	uint8_t bytes[TALK_REQUEST];
	char why[TALK_WHY];

	windows_talk_begin(&t, "https://10.1.2.3:5986/wsman", UINT64_MAX);
	t.got = on_item;
	for (;;) {
		struct wr w = WR(bytes);
		uint32_t n = span_find(s, 0);

		if (!windows_talk_next(&t, id, &w) ||
		    !windows_talk_heard(&t, span_first(s, n), why))
			return;
		s = span_from(s, n + 1);
	}
}

static void
read_http(struct span s)
{
	static uint8_t room[HTTP_BODY];
	static struct http_answer a;
	const char *why;

	if (http_read(s, false, room, &a, &why) == HTTP_WHOLE)
		must(a.length <= s.n && a.body.n <= HTTP_BODY);
	(void)http_read(s, true, room, &a, &why);
}

static void
challenge(struct span s, bool sealed)
{
	static uint8_t bytes[1u << 16], answer[NTLM_MESSAGE];
	struct ntlm_credentials who = { .user = "u",
		.domain = "d",
		.password = "p",
		.target = "HTTP/10.1.2.3" };
	struct wr w = WR(answer);
	struct span plain;
	static struct ntlm c;

	ntlm_negotiate(&c, &w);
	w.n = 0;
	if (!sealed) {
		(void)ntlm_authenticate(&c, s, &who, &w);
		return;
	}
	s = span_first(s, sizeof(bytes));
	if (s.n > 0)
		memcpy(bytes, s.p, s.n);
	(void)seal_take(&c, bytes, s.n, &plain);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span s = SPAN(data + 1, (uint32_t)n - 1);
	static struct windows_file f;

	if (n == 0)
		return 0;
	switch (data[0] % 5) {
	case 0:
		converse(s);
		break;
	case 1:
		read_http(s);
		break;
	case 2:
		challenge(s, false);
		break;
	case 3:
		challenge(s, true);
		break;
	default:
		(void)windows_read_file(s, &f, on_item, NULL);
	}
	return 0;
}
