/* span.h - a borrowed run of bytes.  Never owned, never NUL-terminated. */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct span {
	const uint8_t *p;
	uint32_t n;
};

#define SPAN(ptr, len) ((struct span){ .p = (ptr), .n = (len) })
#define SPAN_LIT(lit) SPAN((const uint8_t *)(lit), (uint32_t)sizeof(lit) - 1)

static inline struct span
span_text(const char *s)
{
	return SPAN((const uint8_t *)s, (uint32_t)strlen(s));
}

/* The bytes from `off` on; empty when there are none. */
static inline struct span
span_from(struct span s, uint32_t off)
{
	return off < s.n ? SPAN(s.p + off, s.n - off) : SPAN(s.p, 0);
}

static inline struct span
span_first(struct span s, uint32_t n)
{
	return SPAN(s.p, n < s.n ? n : s.n);
}

static inline bool
span_is(struct span s, struct span t)
{
	return s.n == t.n && (s.n == 0 || memcmp(s.p, t.p, s.n) == 0);
}

static inline bool
span_starts(struct span s, struct span head)
{
	return s.n >= head.n && memcmp(s.p, head.p, head.n) == 0;
}

/* Where byte `c` first stands, or s.n. */
static inline uint32_t
span_find(struct span s, uint8_t c)
{
	const void *at = s.n > 0 ? memchr(s.p, c, s.n) : NULL;

	return at != NULL ? (uint32_t)((const uint8_t *)at - s.p) : s.n;
}

#endif
