/*
 * query.h - lists: one view of the state database each, with what can be asked
 * of it.
 *
 * The columns are the fields of the condition language (docs/rules.md), the
 * keys of JSON and the headings of CSV.  The command line and the API show the
 * same lists (lists.h).
 */
#ifndef QUERY_QUERY_H
#define QUERY_QUERY_H

#include "../report/table.h"
#include "../rules/rules.h"
#include "../store/store.h"

struct sqlite3_stmt;
struct sqlite3_value;

struct list_column {
	const char *name; /* of the view's column */
	const char *head; /* in the table; NULL: not shown there */
	enum rule_type type;
	bool ordered; /* RULE_NAME: sorted by place, not by letter */
	bool shrink; /* may be cut where the terminal is narrow */
	const char *(*word)(uint32_t i); /* RULE_NAME */
	const char *help;
};

#define LIST_COLUMNS 40u

/* What is asked besides, while rows are put: statements are kept. */
#define LIST_MORE 12u
struct list_more {
	struct store *store;
	struct alert *alert; /* room for one; allocated when needed */
	const char *sql[LIST_MORE];
	struct sqlite3_stmt *stmt[LIST_MORE];
};

struct list {
	const char *noun; /* "alerts", for messages */
	const char *view;
	const struct list_column *column;
	uint32_t n;
	uint32_t hidden; /* of them, the last ones: only to ask for; such an
			  * address may be two, "A B", and a range may go
			  * round, as hours do */
	const char *order; /* unless --sort says so: "last desc, number" */
	const char *sort; /* the same for pages: "-last" */
	const char *key; /* what tells rows apart: "number"; NULL: column 0 */
	const char *rows; /* a table with as many rows as the view; or NULL */
	bool ns; /* the view has nanoseconds, last_ns, beside each time */
	bool seek; /* one row is found by its key, a number, at once */
	const char *none; /* said when there is nothing: "no alerts" */
	const char *brief; /* of this column's words tables show the first, and
			    * how many more there are */
	/* One row as a line of JSON, by its first column; NULL: its columns. */
	void (*json)(struct out *, struct list_more *, int64_t key);
	/* One row for people beneath its line in the table; NULL: nothing. */
	enum ink (*ink)(struct sqlite3_stmt *);
};

/* In a view: nanoseconds as a time, 0 as nothing. */
#define LIST_TIME(column)                                                  \
	"iif(" column " = 0, null, strftime('%Y-%m-%dT%H:%M:%SZ', " column \
	" / 1000000000, 'unixepoch')) as " column

/* ---------------------------------------------------------------- the rows */

#define LIST_VALUE 256u /* bytes of a cell that are looked at */
#define QUERY_ERROR 256u

/* Why it cannot be: a sentence, and the byte of the condition. */
struct query_error {
	uint32_t at;
	const char *about; /* "where", "sort", "cursor"; NULL: the database */
	char text[QUERY_ERROR];
};

/* What a condition is asked of: a row at hand, or the values of a call of
 * list_matches(). */
#define LIST_WORDS 64u
struct list_row {
	const struct list *list;
	struct sqlite3_stmt *stmt;
	struct sqlite3_value **value; /* instead of stmt; NULL: none */
	uint8_t place[LIST_COLUMNS]; /* of a column among the values */
	const struct rule *rule; /* of list_matches() */
	struct addr addr, other; /* handed out as a value */
	struct { /* words that were looked up: the same come again */
		char text[24]; /* "": none */
		uint32_t column, place;
	} word[LIST_WORDS];
};

/* The condition; `fields` has room for LIST_COLUMNS and, like the schema, has
 * to outlive it.  NULL with an error. */
struct rule *list_compile(const struct list *, struct rule_field *fields,
    struct rule_schema *, const char *text, struct query_error *);
/* The statement, its columns those of the list, in the order asked for
 * ("-last,severity", NULL: the list's own); NULL with an error. */
struct sqlite3_stmt *list_prepare(const struct list *, struct store *,
    const char *sort, struct query_error *);
/* A column by name, or -1 with an error. */
int list_find(const struct list *, const char *name, size_t n,
    struct query_error *);
/* Makes list_matches() and op_name() known to the connection: pages ask them.
 */
bool list_functions(struct store *);
/* The text of a column, empty when it has none. */
struct span list_text(struct sqlite3_stmt *, uint32_t i);
/* One row as its columns: JSON without the end of the line, CSV with it. */
void list_put_json(struct out *, const struct list *, struct sqlite3_stmt *);
void list_put_csv(struct out *, const struct list *, struct sqlite3_stmt *);
void list_put_csv_head(struct out *, const struct list *);
/* A literal's statement, begun anew with ?1; NULL: it does not compile. */
struct sqlite3_stmt *list_ask(struct list_more *, const char *sql, int64_t key);
void list_more_end(struct list_more *);
/*
 * The first column, a number, of every row for which the condition holds:
 * how many, of which at most `most` are put into ret; -1 with an error.
 */
int64_t list_select(const struct list *, struct store *, const char *where,
    uint32_t *ret, uint32_t most, struct query_error *);

/* ----------------------------------------------------------- page.c: pages */

/*
 * A page of a list.  The cursor names the last row of the page before by what
 * it is sorted by, so that rows that come and go shift nothing.
 */
struct page_request {
	const char *where, *sort, *cursor; /* or NULL */
	uint32_t limit; /* 0: all there is */
	bool keys; /* the callback asks for the first column only */
};
#define CURSOR_TEXT 2048u
struct page {
	int64_t total; /* rows that fulfil the condition, on the first page */
	uint32_t n;
	char next[CURSOR_TEXT]; /* empty: this was the last */
};
/* The callback has each row with the columns of the list; false ends it. */
bool list_page(const struct list *, struct store *, const struct page_request *,
    bool (*row)(void *ctx, struct sqlite3_stmt *), void *ctx, struct page *ret,
    struct query_error *);

#endif
