/*
 * csv.h - a table of people, read record by record (RFC 4180).
 *
 * What spreadsheets make of it is understood: a mark of byte order, a comma,
 * semicolon or tab between cells (the first line tells), quotes, lines within
 * quotes, the apostrophe that keeps a spreadsheet from running a cell.  The
 * text must be UTF-8.
 *
 * Bounded: a record has at most CSV_CELLS cells and CSV_RECORD bytes.
 */
#ifndef DESK_CSV_H
#define DESK_CSV_H

#include <stdbool.h>

#include "../base/span.h"

#define CSV_CELLS 64u
#define CSV_RECORD 16384u
#define CSV_ERROR 160

struct csv {
	struct span rest;
	uint32_t line; /* of what comes next, from 1 */
	char between; /* ',', ';' or tab */
	char error[CSV_ERROR]; /* "": none; says the line */
};

struct csv_record {
	uint32_t line, n; /* where it begins; cells */
	const char *cell[CSV_CELLS]; /* in `text`, without quotes */
	char text[CSV_RECORD];
};

void csv_open(struct csv *, struct span text);
/* The next record that is not empty; false at the end, or with an error. */
bool csv_next(struct csv *, struct csv_record *ret);
/* A cell as it was before it was made safe for spreadsheets. */
const char *csv_plain(const char *cell);

#endif
