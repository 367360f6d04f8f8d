/* lines.h - reading fixtures: lines and the bytes they spell. */
#ifndef PROTO_LINES_H
#define PROTO_LINES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX_ 262144

static inline uint32_t
hex_nibble(int c)
{
	return c <= '9' ? (uint32_t)(c - '0') : (uint32_t)((c | 32) - 'a' + 10);
}

static inline bool
is_hex(int c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
	    (c >= 'A' && c <= 'F');
}

static inline uint32_t
read_quoted(const char **at, uint8_t *dst)
{
	uint32_t n = 0;
	const char *s = *at;

	for (; *s != '\0' && *s != '"'; s++) {
		if (*s != '\\') {
			dst[n++] = (uint8_t)*s;
			continue;
		}
		s++;
		if (*s == 'x' && is_hex(s[1]) && is_hex(s[2])) {
			dst[n++] =
			    (uint8_t)(hex_nibble(s[1]) << 4 | hex_nibble(s[2]));
			s += 2;
		} else {
			dst[n++] = *s == 'n' ? '\n'
			    : *s == 'r'      ? '\r'
			    : *s == 't'      ? '\t'
			    : *s == '0'      ? '\0'
					     : (uint8_t)*s;
		}
	}
	*at = *s == '"' ? s + 1 : s;
	return n;
}

static inline uint32_t
read_bytes(const char *s, uint8_t *dst)
{
	uint32_t n = 0;

	while (*s != '\0') {
		if (*s == '"') {
			s++;
			n += read_quoted(&s, dst + n);
		} else if (is_hex(s[0]) && is_hex(s[1])) {
			dst[n++] =
			    (uint8_t)(hex_nibble(s[0]) << 4 | hex_nibble(s[1]));
			s += 2;
		} else {
			s++;
		}
	}
	return n;
}

/* A line, joined with those it goes on in; false at the end. */
static inline bool
read_line(FILE *in, char *line)
{
	size_t n = 0;

	for (;;) {
		if (fgets(line + n, (int)(LINE_MAX_ - n), in) == NULL)
			return n > 0;
		n += strlen(line + n);
		if (n > 0 && line[n - 1] == '\n')
			line[--n] = '\0';
		if (n == 0 || line[n - 1] != '\\')
			return true;
		line[--n] = ' ';
		n++;
	}
}

#endif
