/* csv.c - see csv.h. */
#include "csv.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../base/rd.h"

/* Always false, so that it can be returned. */
static bool csv_fail(struct csv *, uint32_t line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static bool
csv_fail(struct csv *c, uint32_t line, const char *fmt, ...)
{
	int n =
	    snprintf(c->error, sizeof(c->error), "line %" PRIu32 ": ", line);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(c->error + n, sizeof(c->error) - (size_t)n, fmt, ap);
	va_end(ap);
	c->rest.n = 0;
	return false;
}

/* ------------------------------------------------------------------- UTF-8 */

/* Bytes after the first that a character has; 4: it cannot be one.  RFC 3629,
 * 4; overlong forms and surrogates are told by the second byte. */
static uint32_t
bytes_after(uint8_t first)
{
	if (first < 0x80)
		return 0;
	if (first < 0xc2 || first > 0xf4)
		return 4;
	return first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
}

static bool
is_second(uint8_t first, uint8_t b)
{
	const uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	const uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;

	return b >= low && b <= high;
}

/* The line of the first byte that is not UTF-8; 0: all is. */
static uint32_t
not_utf8(struct span text)
{
	struct rd_state state;
	struct rd r = rd_open(&state, text, text.n);
	uint32_t line = 1;

	while (rd_more(&r)) {
		uint8_t first = rd_u8(&r);
		uint32_t n = bytes_after(first);

		line += first == '\n';
		if (n == 4 || rd_left(&r) < n || first == '\0')
			return line;
		for (uint32_t i = 0; i < n; i++) {
			uint8_t b = rd_u8(&r);

			if (i == 0 ? !is_second(first, b) : b >> 6 != 2)
				return line;
		}
	}
	return 0;
}

/* ------------------------------------------------------------------ opening */

/* What the first line has most of, outside of quotes. */
static char
find_between(struct span text)
{
	static const char each[] = { ',', ';', '\t' };
	uint32_t n[3] = { 0, 0, 0 }, best = 0;
	bool quoted = false;

	for (uint32_t i = 0; i < text.n; i++) {
		quoted ^= text.p[i] == '"';
		if (text.p[i] == '\n' && !quoted)
			break;
		for (uint32_t k = 0; k < 3 && !quoted; k++)
			n[k] += text.p[i] == (uint8_t)each[k];
	}
	for (uint32_t k = 1; k < 3; k++)
		if (n[k] > n[best])
			best = k;
	return each[best];
}

void
csv_open(struct csv *c, struct span text)
{
	uint32_t wrong;

	*c = (struct csv){ .line = 1 };
	if (text.n >= 2 &&
	    (memcmp(text.p, "\xff\xfe", 2) == 0 ||
		memcmp(text.p, "\xfe\xff", 2) == 0)) {
		(void)csv_fail(c, 1, "this is UTF-16; save it as CSV in UTF-8");
		return;
	}
	if (text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0)
		text = span_from(text, 3);
	wrong = not_utf8(text);
	if (wrong != 0) {
		(void)csv_fail(c, wrong,
		    "not text in UTF-8; save it as CSV in UTF-8");
		return;
	}
	c->rest = text;
	c->between = find_between(text);
}

/* ------------------------------------------------------------------ records */

struct reading {
	struct rd r;
	uint32_t used; /* of the record's text */
	uint32_t line;
};

static int
peek(struct reading *g)
{
	struct rd ahead = g->r;

	return rd_more(&ahead) ? rd_u8(&ahead) : -1;
}

static bool
keep(struct csv *c, struct csv_record *ret, struct reading *g, char byte)
{
	if (g->used == CSV_RECORD)
		return csv_fail(c, ret->line,
		    "longer than %u bytes; is a quote not closed?",
		    CSV_RECORD - 1);
	ret->text[g->used++] = byte;
	return true;
}

/* After the opening quote, to the closing one. */
static bool
quoted_part(struct csv *c, struct csv_record *ret, struct reading *g)
{
	while (rd_more(&g->r)) {
		uint8_t b = rd_u8(&g->r);

		if (b == '"' && peek(g) != '"')
			return true;
		if (b == '"')
			rd_skip(&g->r, 1);
		g->line += b == '\n';
		if (b != '\r' && !keep(c, ret, g, (char)b))
			return false;
	}
	return csv_fail(c, ret->line,
	    "a quote is opened in column %" PRIu32 " and not closed",
	    ret->n + 1);
}

/* To what ends the cell, which is read: *ret_last of the line. */
static bool
one_cell(struct csv *c, struct csv_record *ret, struct reading *g,
    bool *ret_last)
{
	const uint32_t from = g->used;
	bool quoted = false;

	if (ret->n == CSV_CELLS)
		return csv_fail(c, ret->line, "more than %u columns",
		    CSV_CELLS);
	*ret_last = true;
	while (rd_more(&g->r)) {
		uint8_t b = rd_u8(&g->r);

		if (b == '\n' || b == (uint8_t)c->between) {
			*ret_last = b == '\n';
			break;
		}
		if (b == '\r')
			continue;
		if (b == '"' && g->used == from && !quoted) {
			quoted = true;
			if (!quoted_part(c, ret, g))
				return false;
		} else if (!keep(c, ret, g, (char)b)) {
			return false;
		}
	}
	ret->cell[ret->n++] = ret->text + from;
	return keep(c, ret, g, '\0');
}

static bool
one_record(struct csv *c, struct csv_record *ret, struct reading *g)
{
	bool last = false;

	ret->n = 0;
	ret->line = g->line;
	g->used = 0;
	while (!last)
		if (!one_cell(c, ret, g, &last))
			return false;
	g->line++;
	return true;
}

static bool
is_empty(const struct csv_record *r)
{
	for (uint32_t i = 0; i < r->n; i++)
		if (r->cell[i][0] != '\0')
			return false;
	return true;
}

bool
csv_next(struct csv *c, struct csv_record *ret)
{
	while (c->rest.n > 0) {
		struct rd_state state;
		struct reading g = { .r = rd_open(&state, c->rest, c->rest.n),
			.line = c->line };

		if (!one_record(c, ret, &g))
			return false;
		c->rest = span_from(c->rest, c->rest.n - rd_left(&g.r));
		c->line = g.line;
		if (!is_empty(ret))
			return true;
	}
	return false;
}

const char *
csv_plain(const char *cell)
{
	return cell[0] == '\'' && cell[1] != '\0' &&
		strchr("=+-@", cell[1]) != NULL
	    ? cell + 1
	    : cell;
}
