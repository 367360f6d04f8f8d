/* private.h - shared by the files of query/ only. */
#ifndef QUERY_PRIVATE_H
#define QUERY_PRIVATE_H

#include "query.h"

struct sqlite3_context;
/* programming.c: op_name(proto, op) of SQL, what an operation is called. */
void programming_op_name(struct sqlite3_context *, int,
    struct sqlite3_value **);

#define SQL_MAX 16384u
#define LIST_POINTER "list-row" /* what list_matches() takes first */

struct sql {
	char text[SQL_MAX];
	size_t n;
};

void sql_add(struct sql *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* What a column is sorted by. */
void sql_add_key(struct sql *, const struct list_column *);

/* `about`: which of what was asked for is wrong, NULL: nothing of it. */
void query_fail(struct query_error *, const char *about, uint32_t at,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
