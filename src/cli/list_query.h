/* list_query.h - the rows of a list, for the files of the list only. */
#ifndef CLI_LIST_QUERY_H
#define CLI_LIST_QUERY_H

#include <sqlite3.h>

#include "list.h"

#define LIST_VALUE 256u /* bytes of a cell that are looked at */

/* What a condition is asked of. */
struct list_row {
	const struct list *list;
	sqlite3_stmt *stmt;
	struct addr addr, other; /* handed out as a value */
};

/* The condition; `fields` has room for LIST_COLUMNS and, like the schema, has
 * to outlive it.  NULL after complaining. */
struct rule *list_compile(const struct list *, struct rule_field *fields,
    struct rule_schema *, const char *text);
/* The statement, its columns those of the list; NULL after complaining. */
sqlite3_stmt *list_prepare(const struct list *, struct store *,
    const char *sort);
/* A column by name, or -1 after complaining. */
int list_find(const struct list *, const char *option, const char *name,
    size_t n);
/* The text of a column, empty when it has none. */
struct span list_text(sqlite3_stmt *, uint32_t i);

#endif
