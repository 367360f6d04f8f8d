/*
 * list.h - every list of the command line: one view of the state database,
 * the same options everywhere.
 *
 *	--format text|json|csv --where CONDITION --sort FIELD,-FIELD
 *	--group FIELD --limit N --all --state FOLDER
 *
 * The columns are the fields of the condition language (docs/rules.md), the
 * keys of JSON and the headings of CSV.
 */
#ifndef CLI_LIST_H
#define CLI_LIST_H

#include "../report/table.h"
#include "../rules/rules.h"
#include "../store/store.h"
#include "options.h"

struct sqlite3_stmt;

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

struct list {
	const char *noun; /* "alerts", for messages */
	const char *view;
	const struct list_column *column;
	uint32_t n;
	uint32_t hidden; /* of them, the last ones: only to ask for; such an
			  * address may be two, "A B", and a range may go
			  * round, as hours do */
	const char *order; /* unless --sort says so: "last desc, number" */
	const char *none; /* said when there is nothing: "no alerts" */
	/* One row as a line of JSON; NULL: its columns. */
	void (*json)(struct out *, struct store *, struct sqlite3_stmt *);
	/* One row for people beneath its line in the table; NULL: nothing. */
	enum ink (*ink)(struct sqlite3_stmt *);
};

/* In a view: nanoseconds as a time, 0 as nothing. */
#define LIST_TIME(column)                                                  \
	"iif(" column " = 0, null, strftime('%Y-%m-%dT%H:%M:%SZ', " column \
	" / 1000000000, 'unixepoch')) as " column

enum list_option {
	LIST_OPT_STATE,
	LIST_OPT_FORMAT,
	LIST_OPT_WHERE,
	LIST_OPT_SORT,
	LIST_OPT_GROUP,
	LIST_OPT_LIMIT,
	LIST_OPT_ALL,
	LIST_OPT_COLOR,
	LIST_OPT_HELP,
	LIST_OPT_COUNT
};
/* The first rows of a command's table of options; its own follow. */
#define LIST_OPTION_ROWS                                                     \
	[LIST_OPT_STATE] = { "state", 'S', "FOLDER",                         \
		"the state; default " STATE_FOLDER },                        \
	[LIST_OPT_FORMAT] = { "format", 'f', "FORMAT",                       \
		"text (the default), json (JSON Lines) or csv" },            \
	[LIST_OPT_WHERE] = { "where", 'w', "CONDITION",                      \
		"only what fulfils it, see docs/rules.md" },                 \
	[LIST_OPT_SORT] = { "sort", 0, "FIELDS",                             \
		"by these, separated by commas; '-' in front: downwards" },  \
	[LIST_OPT_GROUP] = { "group", 0, "FIELD", "count by this instead" }, \
	[LIST_OPT_LIMIT] = { "limit", 'n', "N", "at most so many" },         \
	[LIST_OPT_ALL] = { "all", 'a', NULL, "text: cut no list short" },    \
	[LIST_OPT_COLOR] = { "color", 0, "WHEN", "auto, always or never" },  \
	[LIST_OPT_HELP] = { "help", 'h', NULL, "this text" }

#define STATE_FOLDER "/var/lib/sightglass"

struct list_request {
	const char *state, *where, *sort, *group;
	int format; /* 0 text, 1 json, 2 csv */
	int colour;
	uint64_t limit; /* 0: none given */
	bool all;
};
#define LIST_REQUEST ((struct list_request){ .state = STATE_FOLDER })

/* Take one option below LIST_OPT_COUNT; false after complaining.  Not for
 * LIST_OPT_HELP. */
bool list_take(struct list_request *, const struct options *, int option);
/* Open the state, print, close; the exit status. */
int list_print(const struct list *, const struct list_request *);
/*
 * The first column, a number, of every row for which the condition holds:
 * how many, of which at most `most` are put into ret; -1 after complaining.
 */
int64_t list_select(const struct list *, struct store *, const char *where,
    uint32_t *ret, uint32_t most);
/* --help: the options, examples, the columns; the exit status. */
int list_help(const struct list *, const struct options *,
    const char *examples);

#endif
