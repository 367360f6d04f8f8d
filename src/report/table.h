/*
 * table.h - aligned columns for people, and how numbers are written.
 *
 * See table.c.  Text from outside must hold no control characters.
 */
#ifndef REPORT_TABLE_H
#define REPORT_TABLE_H

#include "report.h"

enum ink {
	INK_PLAIN,
	INK_DIM,
	INK_BOLD,
	INK_RED,
	INK_YELLOW,
	INK_GREEN
};

#define TABLE_COLUMNS 16u

struct column {
	const char *head;
	bool right; /* numbers */
	bool shrink; /* may be cut where the terminal is narrow */
};

struct cell {
	uint32_t at, n; /* in table.text */
};

struct table {
	const struct column *column;
	uint32_t n_columns;
	uint32_t n_rows, rows_cap;
	struct cell (*row)[TABLE_COLUMNS];
	char *text;
	size_t n_text, text_cap;
	uint32_t at; /* next column of the last row */
	bool failed; /* memory is out */
};

void table_open(struct table *, const struct column *, uint32_t n);
void table_close(struct table *);
void table_row(struct table *);
/* Fill the next cell: begin, add pieces, end. */
void cell_begin(struct table *);
void cell_span(struct table *, struct span);
void cell_text(struct table *, const char *);
void cell_inked(struct table *, enum ink, const char *);
void cell_u64(struct table *, uint64_t); /* digits grouped */
void cell_end(struct table *);
/* The whole cell at once. */
void table_text(struct table *, const char *);
void table_span(struct table *, struct span);
void table_u64(struct table *, uint64_t);
void table_put(struct out *, const struct table *, const struct text_style *);

void ink(struct out *, const struct text_style *, enum ink, const char *);
/* "1,234,567" */
#define COUNT_TEXT_MAX 28
const char *count_text(uint64_t, char dst[static COUNT_TEXT_MAX]);
/* "12.3 MB" */
const char *size_text(uint64_t, char dst[static COUNT_TEXT_MAX]);
uint32_t text_width(struct span); /* columns on a terminal */

enum ink severity_ink(uint32_t severity);

#endif
