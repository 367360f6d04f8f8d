/*
 * devices_import.h - a table of devices that is taken in, shared by the two
 * files that do: what its columns say (devices_table.c), and what that changes
 * (devices_import.c).
 */
#ifndef DESK_DEVICES_IMPORT_H
#define DESK_DEVICES_IMPORT_H

#include <sqlite3.h>

#include "csv.h"
#include "private.h"

enum kind {
	IS_ID,
	IS_ADDRESS,
	IS_TEXT,
	IS_ROLE,
	IS_LEVEL,
	IS_MARK,
	IS_FOUND, /* what was found: people cannot say it */
};

struct column { /* names as in the export, and what people call them */
	const char *name;
	const char *field; /* of a request's device; NULL: none */
	enum kind kind;
};

struct import {
	struct work *w;
	struct csv csv;
	struct csv_record record;
	const struct column *of[CSV_CELLS]; /* of a cell; NULL: not taken */
	uint32_t n; /* columns of the table */
	json_t *by_address; /* address: [device, ...] */
	json_t *lines; /* device: the line it was on */
	sqlite3_stmt *now; /* a device as it is exported */
	json_t *request; /* what is to be changed: [{id, ...}] */
	json_t *changes; /* the same for people */
	json_t *ignored; /* columns */
	uint32_t rows, errors;
	size_t n_told;
	char told[640];
};

/* Always false; the import goes on to find others.  CSV_CELLS: no column. */
bool devices_table_wrong(struct import *, uint32_t column, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* False, with all that was wrong. */
bool devices_table_tell(struct import *);
/* The first line: which columns there are; false after telling. */
bool devices_table_head(struct import *);
bool devices_table_has(const struct import *, enum kind);
/* Empty where the line is shorter. */
const char *devices_table_cell(const struct import *, uint32_t i);
/* What the cell says, as a request does; null: as found.  False after telling.
 */
bool devices_table_value(struct import *, uint32_t i, json_t **ret);

#endif
