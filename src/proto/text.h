/*
 * text.h - lines, words and numbers of the text protocols (HTTP, SSDP, FTP,
 * SSH, Telnet).
 *
 * Private to those dissectors.  All of it is bounded by the span or reader it
 * is given; nothing is kept.
 */
#ifndef PROTO_TEXT_H
#define PROTO_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "../base/rd.h"

static inline uint8_t
text_lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static inline bool
text_is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static inline bool
text_is_alpha(uint8_t c)
{
	return text_lower(c) >= 'a' && text_lower(c) <= 'z';
}

/* Words that a person could read: ASCII and nothing else, three at least. */
static inline bool
text_printable(struct span s)
{
	for (uint32_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			return false;
	return s.n >= 3;
}

/* Compare with a word given in lower case, whatever the case of `s`. */
static inline bool
text_is(struct span s, const char *lower)
{
	uint32_t i = 0;

	for (; i < s.n && lower[i] != '\0'; i++)
		if (text_lower(s.p[i]) != (uint8_t)lower[i])
			return false;
	return i == s.n && lower[i] == '\0';
}

static inline bool
text_starts(struct span s, const char *lower)
{
	for (uint32_t i = 0; lower[i] != '\0'; i++)
		if (i >= s.n || text_lower(s.p[i]) != (uint8_t)lower[i])
			return false;
	return true;
}

/* Whether what has arrived could still become text that starts so. */
static inline bool
text_may_start(struct span s, struct span head)
{
	return s.n < head.n && span_starts(head, s);
}

/* Where `lower` first stands in `s`, or s.n; looks at the first 512 bytes. */
static inline uint32_t
text_find(struct span s, const char *lower)
{
	for (uint32_t i = 0; i < s.n && i < 512; i++)
		if (text_starts(span_from(s, i), lower))
			return i;
	return s.n;
}

static inline struct span
text_trim(struct span s)
{
	while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = SPAN(s.p + 1, s.n - 1);
	while (s.n > 0 &&
	    (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t' ||
		s.p[s.n - 1] == '\r' || s.p[s.n - 1] == '\n'))
		s.n--;
	return s;
}

/* Cut the next line, without its end, off the front of `s`. */
static inline struct span
text_line(struct span *s)
{
	uint32_t n = span_find(*s, '\n');
	struct span line = span_first(*s, n);

	*s = span_from(*s, n + 1);
	while (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

/* Cut the next word, up to a blank, off the front of `s`. */
static inline struct span
text_word(struct span *s)
{
	uint32_t n = span_find(*s, ' ');
	struct span word = span_first(*s, n);

	*s = text_trim(span_from(*s, n));
	return word;
}

/* A decimal number of at most nine digits at the front; 0 if none. */
static inline uint32_t
text_number(struct span s)
{
	uint32_t v = 0;

	for (uint32_t i = 0; i < s.n && i < 9 && text_is_digit(s.p[i]); i++)
		v = v * 10 + (uint32_t)(s.p[i] - '0');
	return v;
}

/*
 * Read a line and its end.  A message that ends without one is a line too;
 * one that was not captured up to its end fails as SHORT.
 */
static inline struct span
text_rd_line(struct rd *r)
{
	struct span s = rd_ahead(r, rd_have(r));
	uint32_t n = span_find(s, '\n');

	if (n == s.n && rd_left(r) > s.n)
		return rd_span(r, s.n + 1); /* fails */
	s = rd_span(r, n < s.n ? n + 1 : n);
	return text_line(&s);
}

static inline int
text_base64_digit(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (text_is_digit(c))
		return c - '0' + 52;
	return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

/* Decode base64 (RFC 4648) until it ends or dst is full. */
static inline struct span
text_base64(struct span s, uint8_t *dst, uint32_t cap)
{
	uint32_t n = 0, bits = 0, held = 0;

	for (uint32_t i = 0; i < s.n && n < cap; i++) {
		int v = text_base64_digit(s.p[i]);

		if (v < 0)
			break;
		bits = (bits << 6 | (uint32_t)v) & 0xffffff;
		held += 6;
		if (held >= 8) {
			held -= 8;
			dst[n++] = (uint8_t)(bits >> held);
		}
	}
	return SPAN(dst, n);
}

/* All of it a decimal number, of at most 18 bytes. */
static inline bool
text_decimal(struct span s, double *ret)
{
	double v = 0, scale = 1;
	uint32_t i = s.n > 0 && s.p[0] == '-', digits = 0;
	bool point = false;

	if (s.n > 18)
		return false;
	for (; i < s.n; i++) {
		if (s.p[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (!text_is_digit(s.p[i]))
			return false;
		v = v * 10 + (s.p[i] - '0');
		scale *= point ? 10 : 1;
		digits++;
	}
	*ret = (s.n > 0 && s.p[0] == '-' ? -v : v) / scale;
	return digits > 0;
}

#endif
