/*
 * table.c - aligned columns for people.
 *
 * A table is filled cell by cell, then put out: columns are as wide as their
 * widest cell, those without any content are left out; where that is wider than
 * the terminal, the columns that may shrink are cut, the widest first.  Colour
 * is marked in a cell's text by a byte below INK_MARKS (text from outside holds
 * no control characters), so that cutting need not know escape sequences.
 */
#include "shared.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GAP 2u
#define INK_MARKS 16u /* byte 1 + enum ink; 1 + INK_PLAIN ends it */
#define SHRINK_LEAST 8u

static const char *const escapes[] = {
	[INK_PLAIN] = "\033[0m",
	[INK_DIM] = "\033[2m",
	[INK_BOLD] = "\033[1m",
	[INK_RED] = "\033[1;31m",
	[INK_YELLOW] = "\033[33m",
	[INK_GREEN] = "\033[32m",
};

/* ----------------------------------------------------------------- filling */

void
table_open(struct table *t, const struct column *column, uint32_t n)
{
	*t = (struct table){ .column = column, .n_columns = n };
}

void
table_close(struct table *t)
{
	free(t->row);
	free(t->text);
}

void
table_row(struct table *t)
{
	t->at = 0;
	if (t->n_rows == t->rows_cap) {
		uint32_t cap = t->rows_cap > 0 ? 2 * t->rows_cap : 64;
		void *row = realloc(t->row, cap * sizeof(t->row[0]));

		t->failed |= row == NULL;
		if (row == NULL)
			return;
		t->row = row;
		t->rows_cap = cap;
	}
	memset(&t->row[t->n_rows++], 0, sizeof(t->row[0]));
}

static void
append(struct table *t, const void *p, size_t n)
{
	if (t->n_text + n > t->text_cap) {
		size_t cap = 2 * t->text_cap + n + 4096;
		void *text = cap < UINT32_MAX ? realloc(t->text, cap) : NULL;

		t->failed |= text == NULL;
		if (text == NULL)
			return;
		t->text = text;
		t->text_cap = cap;
	}
	if (n > 0)
		memcpy(t->text + t->n_text, p, n);
	t->n_text += n;
}

void
cell_begin(struct table *t)
{
	if (!t->failed)
		t->row[t->n_rows - 1][t->at].at = (uint32_t)t->n_text;
}

void
cell_span(struct table *t, struct span s)
{
	if (!t->failed)
		append(t, s.p, s.n);
}

void
cell_text(struct table *t, const char *s)
{
	cell_span(t, span_text(s));
}

void
cell_inked(struct table *t, enum ink colour, const char *s)
{
	const uint8_t on = (uint8_t)(1 + colour), off = 1 + INK_PLAIN;

	cell_span(t, SPAN(&on, 1));
	cell_text(t, s);
	cell_span(t, SPAN(&off, 1));
}

void
cell_u64(struct table *t, uint64_t v)
{
	char text[COUNT_TEXT_MAX];

	cell_text(t, count_text(v, text));
}

void
cell_end(struct table *t)
{
	struct cell *c;

	if (t->failed)
		return;
	c = &t->row[t->n_rows - 1][t->at++];
	c->n = (uint32_t)t->n_text - c->at;
}

void
table_span(struct table *t, struct span s)
{
	cell_begin(t);
	cell_span(t, s);
	cell_end(t);
}

void
table_text(struct table *t, const char *s)
{
	table_span(t, span_text(s));
}

void
table_u64(struct table *t, uint64_t v)
{
	char text[COUNT_TEXT_MAX];

	table_text(t, count_text(v, text));
}

/* ----------------------------------------------------------------- measure */

/* Bytes of the character at the start; our text is valid UTF-8. */
static uint32_t
char_len(struct span s)
{
	uint8_t c = s.p[0];
	uint32_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	return n < s.n ? n : s.n;
}

/*
 * Columns of the character: none for marks and combining accents, two for
 * East Asian wide ones (the large blocks only).
 */
static uint32_t
char_width(struct span s)
{
	uint32_t n = char_len(s), c;

	if (n == 1)
		return s.p[0] >= INK_MARKS ? 1 : 0;
	if (n == 2) {
		c = (s.p[0] & 0x1fu) << 6 | (s.p[1] & 0x3fu);
		return c >= 0x300 && c < 0x370 ? 0 : 1;
	}
	if (n == 4)
		return 2;
	c = (s.p[0] & 0x0fu) << 12 | (s.p[1] & 0x3fu) << 6 | (s.p[2] & 0x3fu);
	return (c >= 0x1100 && c < 0x1160) || (c >= 0x2e80 && c < 0xa4d0) ||
		(c >= 0xac00 && c < 0xd7a4) || (c >= 0xf900 && c < 0xfb00) ||
		(c >= 0xff00 && c < 0xff61)
	    ? 2
	    : 1;
}

uint32_t
text_width(struct span s)
{
	uint32_t w = 0;

	for (; s.n > 0; s = span_from(s, char_len(s)))
		w += char_width(s);
	return w;
}

static struct span
cell_of(const struct table *t, uint32_t row, uint32_t column)
{
	const struct cell *c = &t->row[row][column];

	return c->n > 0 ? SPAN((const uint8_t *)t->text + c->at, c->n)
			: span_text("");
}

/* Take what is too much from the widest that may shrink. */
static void
shrink(const struct table *t, uint32_t *width, uint32_t room)
{
	for (;;) {
		uint32_t sum = 0, widest = t->n_columns;

		for (uint32_t i = 0; i < t->n_columns; i++) {
			sum += width[i] > 0 ? width[i] + GAP : 0;
			if (t->column[i].shrink && width[i] > SHRINK_LEAST &&
			    (widest == t->n_columns ||
				width[i] > width[widest]))
				widest = i;
		}
		if (sum <= room + GAP || widest == t->n_columns)
			return;
		width[widest]--;
	}
}

static void
measure(const struct table *t, const struct text_style *style,
    uint32_t width[TABLE_COLUMNS])
{
	memset(width, 0, TABLE_COLUMNS * sizeof(width[0]));
	for (uint32_t r = 0; r < t->n_rows; r++)
		for (uint32_t i = 0; i < t->n_columns; i++) {
			uint32_t w = text_width(cell_of(t, r, i));

			width[i] = w > width[i] ? w : width[i];
		}
	for (uint32_t i = 0; i < t->n_columns; i++) {
		uint32_t w = text_width(span_text(t->column[i].head));

		if (width[i] > 0 && width[i] < w)
			width[i] = w;
	}
	if (style->width > 0)
		shrink(t, width, style->width);
}

/* ----------------------------------------------------------------- writing */

static void
pad(struct out *o, uint32_t n)
{
	while (n-- > 0)
		out_char(o, ' ');
}

void
ink(struct out *o, const struct text_style *style, enum ink colour,
    const char *s)
{
	if (style->colour)
		out_text(o, escapes[colour]);
	out_text(o, s);
	if (style->colour)
		out_text(o, escapes[INK_PLAIN]);
}

/* As much of the cell as fits; what is cut ends in an ellipsis. */
static void
put_cut(struct out *o, struct span s, uint32_t room, bool colour)
{
	bool cut = text_width(s) > room;
	uint32_t left = cut ? room - 1 : room;

	while (s.n > 0) {
		uint32_t n = char_len(s), w = char_width(s);

		if (s.p[0] < INK_MARKS) {
			if (colour)
				out_text(o, escapes[s.p[0] - 1]);
		} else if (w <= left) {
			out_bytes(o, s.p, n);
			left -= w;
		} else {
			left = 0; /* marks still end their colour */
		}
		s = span_from(s, n);
	}
	if (cut)
		out_text(o, "\xe2\x80\xa6");
}

static void
put_row(struct out *o, const struct table *t, uint32_t row,
    const uint32_t *width, const struct text_style *style)
{
	uint32_t last = t->n_columns, owed = 0;

	while (last > 0 && t->row[row][last - 1].n == 0)
		last--; /* no blanks at the end of a line */
	for (uint32_t i = 0; i < last; i++) {
		struct span s = cell_of(t, row, i);
		uint32_t w = text_width(s);

		if (width[i] == 0)
			continue;
		w = w < width[i] ? w : width[i];
		pad(o, owed + (t->column[i].right ? width[i] - w : 0));
		put_cut(o, s, width[i], style->colour);
		owed = GAP + (t->column[i].right ? 0 : width[i] - w);
	}
	out_char(o, '\n');
}

static void
put_head(struct out *o, const struct table *t, const uint32_t *width,
    const struct text_style *style)
{
	uint32_t owed = 0;

	if (style->colour)
		out_text(o, escapes[INK_DIM]);
	for (uint32_t i = 0; i < t->n_columns; i++) {
		struct span s = span_text(t->column[i].head);
		uint32_t w = text_width(s);

		if (width[i] == 0)
			continue;
		w = w < width[i] ? w : width[i];
		pad(o, owed + (t->column[i].right ? width[i] - w : 0));
		put_cut(o, s, width[i], false);
		owed = GAP + (t->column[i].right ? 0 : width[i] - w);
	}
	if (style->colour)
		out_text(o, escapes[INK_PLAIN]);
	out_char(o, '\n');
}

void
table_put(struct out *o, const struct table *t, const struct text_style *style)
{
	uint32_t width[TABLE_COLUMNS];

	if (t->failed) {
		out_text(o, "(out of memory)\n");
		return;
	}
	measure(t, style, width);
	put_head(o, t, width, style);
	for (uint32_t i = 0; i < t->n_rows; i++)
		put_row(o, t, i, width, style);
}

/* ----------------------------------------------------------------- numbers */

const char *
count_text(uint64_t v, char dst[static COUNT_TEXT_MAX])
{
	char digits[24];
	size_t n = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, v);
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			dst[k++] = ',';
		dst[k++] = digits[i];
	}
	dst[k] = '\0';
	return dst;
}

const char *
size_text(uint64_t v, char dst[static COUNT_TEXT_MAX])
{
	static const char *const units[] = { "kB", "MB", "GB", "TB", "PB",
		"EB" };
	unsigned u = 0;
	double d = (double)v / 1000;

	if (v < 1000) {
		(void)snprintf(dst, COUNT_TEXT_MAX, "%u B", (unsigned)v);
		return dst;
	}
	for (; d >= 999.95 && u < 5; u++)
		d /= 1000;
	(void)snprintf(dst, COUNT_TEXT_MAX, "%.1f %s", d, units[u]);
	return dst;
}
