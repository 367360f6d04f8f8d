/* out.c - see out.h. */
#include "out.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void
out_open(struct out *o, int fd)
{
	o->fd = fd;
	o->sink = NULL;
	o->ctx = NULL;
	o->error = 0;
	o->n = 0;
	o->comma = false;
}

void
out_open_sink(struct out *o, void (*sink)(void *, const void *, size_t),
    void *ctx)
{
	out_open(o, -1);
	o->sink = sink;
	o->ctx = ctx;
}

bool
out_flush(struct out *o)
{
	size_t done = 0;

	if (o->sink != NULL) {
		o->sink(o->ctx, o->buf, o->n);
		done = o->n;
	}
	while (done < o->n && o->error == 0) {
		ssize_t n = write(o->fd, o->buf + done, o->n - done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			o->error = errno;
	}
	o->n = 0;
	return o->error == 0;
}

void
out_char(struct out *o, char c)
{
	if (o->n == OUT_BUFFER)
		(void)out_flush(o);
	o->buf[o->n++] = c;
}

void
out_bytes(struct out *o, const void *p, size_t n)
{
	const char *at = p;

	while (n > 0) {
		size_t room = OUT_BUFFER - o->n, take = n < room ? n : room;

		memcpy(o->buf + o->n, at, take);
		o->n += take;
		at += take;
		n -= take;
		if (o->n == OUT_BUFFER)
			(void)out_flush(o);
	}
}

void
out_text(struct out *o, const char *s)
{
	out_bytes(o, s, strlen(s));
}

void
out_u64(struct out *o, uint64_t v)
{
	char digits[20];
	size_t n = sizeof(digits);

	do {
		digits[--n] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	out_bytes(o, digits + n, sizeof(digits) - n);
}

void
out_i64(struct out *o, int64_t v)
{
	if (v < 0)
		out_char(o, '-');
	out_u64(o, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void
out_real(struct out *o, double v)
{
	char text[40];

	if (!isfinite(v)) {
		out_text(o, "null");
		return;
	}
	for (int digits = 6; digits <= 17; digits++) {
		(void)snprintf(text, sizeof(text), "%.*g", digits, v);
		if (!islessgreater(strtod(text, NULL), v))
			break;
	}
	out_text(o, text);
}

void
outf(struct out *o, const char *fmt, ...)
{
	char text[1024];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (n > 0)
		out_bytes(o, text,
		    (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

/* ------------------------------------------------------------------- time */

static void
put_digits(char *dst, unsigned width, uint64_t v)
{
	while (width-- > 0) {
		dst[width] = (char)('0' + v % 10);
		v /= 10;
	}
}

const char *
time_text(struct tick t, char dst[static TIME_TEXT_MAX])
{
	int64_t ns = t.ns % TICK_SECOND;
	time_t s = (time_t)(t.ns / TICK_SECOND - (ns < 0));
	struct tm tm;

	ns += ns < 0 ? TICK_SECOND : 0;
	(void)gmtime_r(&s, &tm); /* int64_t nanoseconds: 1677 to 2262 */
	memcpy(dst, "0000-00-00T00:00:00.000000000Z", 31);
	put_digits(dst, 4, (uint64_t)tm.tm_year + 1900);
	put_digits(dst + 5, 2, (uint64_t)tm.tm_mon + 1);
	put_digits(dst + 8, 2, (uint64_t)tm.tm_mday);
	put_digits(dst + 11, 2, (uint64_t)tm.tm_hour);
	put_digits(dst + 14, 2, (uint64_t)tm.tm_min);
	put_digits(dst + 17, 2, (uint64_t)tm.tm_sec);
	put_digits(dst + 20, 9, (uint64_t)ns);
	return dst;
}

/* ------------------------------------------------------------------- JSON */

void
json_item(struct out *o)
{
	if (o->comma)
		out_char(o, ',');
	o->comma = true;
}

void
json_open(struct out *o, char bracket)
{
	out_char(o, bracket);
	o->comma = false;
}

void
json_close(struct out *o, char bracket)
{
	out_char(o, bracket);
	o->comma = true;
}

void
json_key(struct out *o, const char *key)
{
	json_item(o);
	out_char(o, '"');
	out_text(o, key);
	out_text(o, "\":");
}

void
json_put_string(struct out *o, struct span s)
{
	static const char hex[] = "0123456789abcdef";
	uint32_t from = 0;

	out_char(o, '"');
	for (uint32_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		out_bytes(o, s.p + from, i - from);
		from = i + 1;
		out_char(o, '\\');
		if (c >= 0x20) {
			out_char(o, (char)c);
		} else {
			out_text(o, "u00");
			out_char(o, hex[c >> 4]);
			out_char(o, hex[c & 15]);
		}
	}
	if (s.n > from)
		out_bytes(o, s.p + from, s.n - from);
	out_char(o, '"');
}

void
json_text(struct out *o, const char *key, const char *value)
{
	json_span(o, key, span_text(value));
}

void
json_span(struct out *o, const char *key, struct span value)
{
	json_key(o, key);
	json_put_string(o, value);
}

void
json_u64(struct out *o, const char *key, uint64_t v)
{
	json_key(o, key);
	out_u64(o, v);
}

void
json_bool(struct out *o, const char *key, bool v)
{
	json_key(o, key);
	out_text(o, v ? "true" : "false");
}

void
json_none(struct out *o, const char *key)
{
	json_key(o, key);
	out_text(o, "null");
}

void
json_time(struct out *o, const char *key, struct tick t)
{
	char text[TIME_TEXT_MAX];

	json_text(o, key, time_text(t, text));
}
