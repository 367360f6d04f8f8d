/* rows.h - the lines of a CSV file that people wrote, cell by cell. */
#ifndef CLI_ROWS_H
#define CLI_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/span.h"

#define ROW_CELLS 8u
#define ROW_CELL 256u

struct rows {
	struct span rest;
	uint32_t line; /* of the row at hand, from 1 */
	uint32_t n; /* its cells */
	char cell[ROW_CELLS][ROW_CELL];
	const char *error; /* why the row could not be read */
};

/* The next row with anything in it; '#' begins a comment.  False at the end,
 * or with an error. */
bool rows_next(struct rows *);

#endif
