/*
 * wr.h - bytes written to a bounded buffer, the byte order in each name.
 *
 * What does not fit is dropped and remembered in `full`; ask once, at the
 * end.
 */
#ifndef BASE_WR_H
#define BASE_WR_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "span.h"

struct wr {
	uint8_t *p;
	uint32_t n, cap;
	bool full;
};

#define WR(buffer) ((struct wr){ .p = (buffer), .cap = sizeof(buffer) })

static inline void
wr_bytes(struct wr *w, const void *p, uint32_t n)
{
	if (n > w->cap - w->n) {
		w->full = true;
		return;
	}
	if (n > 0)
		memcpy(w->p + w->n, p, n);
	w->n += n;
}

static inline void
wr_u8(struct wr *w, uint32_t v)
{
	const uint8_t b = (uint8_t)v;

	wr_bytes(w, &b, 1);
}

static inline void
wr_be16(struct wr *w, uint32_t v)
{
	wr_u8(w, v >> 8);
	wr_u8(w, v);
}

static inline void
wr_be32(struct wr *w, uint32_t v)
{
	wr_be16(w, v >> 16);
	wr_be16(w, v);
}

static inline void
wr_le16(struct wr *w, uint32_t v)
{
	wr_u8(w, v);
	wr_u8(w, v >> 8);
}

static inline void
wr_le32(struct wr *w, uint32_t v)
{
	wr_le16(w, v);
	wr_le16(w, v >> 16);
}

static inline void
wr_text(struct wr *w, const char *s)
{
	wr_bytes(w, s, (uint32_t)strlen(s));
}

/* Constants of a protocol: WR_HEX(w, 0x03, 0x00, ...). */
#define WR_HEX(w, ...)                                  \
	wr_bytes((w), (const uint8_t[]){ __VA_ARGS__ }, \
	    (uint32_t)sizeof((const uint8_t[]){ __VA_ARGS__ }))

/* A length that is known only later: its place, and filling it in. */
static inline void
wr_patch_be16(struct wr *w, uint32_t at, uint32_t v)
{
	if (at + 2 <= w->n) {
		w->p[at] = (uint8_t)(v >> 8);
		w->p[at + 1] = (uint8_t)v;
	}
}

static inline void
wr_patch_le32(struct wr *w, uint32_t at, uint32_t v)
{
	for (uint32_t i = 0; i < 4 && at + i < w->n; i++)
		w->p[at + i] = (uint8_t)(v >> (8 * i));
}

static inline struct span
wr_span(const struct wr *w)
{
	return SPAN(w->p, w->n);
}

#endif
