/* buffer.c - bytes that grow, base64 for URLs, the time of day. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "private.h"

void
buffer_put(struct buffer *b, const void *p, size_t n)
{
	size_t cap = b->cap > 0 ? b->cap : 4096;
	char *more;

	if (b->failed || n == 0)
		return;
	if (n > BUFFER_MOST - b->n) {
		b->failed = true;
		return;
	}
	while (cap < b->n + n)
		cap *= 2;
	if (cap > b->cap) {
		more = realloc(b->p, cap);
		if (more == NULL) {
			b->failed = true;
			return;
		}
		b->p = more;
		b->cap = cap;
	}
	memcpy(b->p + b->n, p, n);
	b->n += n;
}

void
buffer_sink(void *buffer, const void *p, size_t n)
{
	buffer_put(buffer, p, n);
}

void
buffer_free(struct buffer *b)
{
	free(b->p);
	*b = (struct buffer){ .p = NULL };
}

/* How many bytes follow the first of a character, or -1 (RFC 3629). */
static int
following(const unsigned char *s, size_t n)
{
	if (s[0] < 0x80)
		return 0;
	if (s[0] >= 0xc2 && s[0] < 0xe0)
		return 1;
	if (s[0] >= 0xe0 && s[0] < 0xf0) {
		if (n > 1 &&
		    ((s[0] == 0xe0 && s[1] < 0xa0) ||
			(s[0] == 0xed && s[1] >= 0xa0)))
			return -1;
		return 2;
	}
	if (s[0] >= 0xf0 && s[0] < 0xf5) {
		if (n > 1 &&
		    ((s[0] == 0xf0 && s[1] < 0x90) ||
			(s[0] == 0xf4 && s[1] >= 0x90)))
			return -1;
		return 3;
	}
	return -1;
}

bool
text_is_utf8(const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text;

	while (n > 0) {
		int more = following(s, n);

		if (more < 0 || (size_t)more >= n)
			return false;
		for (int i = 1; i <= more; i++)
			if ((s[i] & 0xc0) != 0x80)
				return false;
		s += more + 1;
		n -= (size_t)more + 1;
	}
	return true;
}

void
base64_url(char *dst, size_t cap, const void *p, size_t n)
{
	(void)sodium_bin2base64(dst, cap, p, n,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

int
base64_bytes(void *dst, size_t cap, const char *text)
{
	size_t n;

	if (sodium_base642bin(dst, cap, text, strlen(text), NULL, &n, NULL,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
		return -1;
	return (int)n;
}

struct tick
now_tick(void)
{
	struct timespec now = { .tv_sec = 0 };

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (struct tick){ (int64_t)now.tv_sec * TICK_SECOND + now.tv_nsec };
}

int64_t
now_seconds(void)
{
	return now_tick().ns / TICK_SECOND;
}

const char *
seconds_text(int64_t seconds, char dst[static TIME_TEXT_MAX])
{
	(void)time_text((struct tick){ seconds * TICK_SECOND }, dst);
	dst[19] = 'Z';
	dst[20] = '\0';
	return dst;
}
