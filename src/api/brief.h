/* brief.h - pieces of JSON from rows. */
#ifndef API_BRIEF_H
#define API_BRIEF_H

#include "private.h"

#define ALERT_BRIEF \
	"number, severity, status, title, source, destination, first, last"

/* A column, a row, all rows: members named like the columns. */
void put_column(struct out *, sqlite3_stmt *, int i);
void put_columns(struct out *, sqlite3_stmt *);
void put_rows(struct out *, const char *key, sqlite3_stmt *);

#endif
