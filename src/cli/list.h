/*
 * list.h - every list of the command line (query/lists.h): the same options
 * everywhere.
 *
 *	--format text|json|csv --where CONDITION --sort FIELD,-FIELD
 *	--group FIELD --limit N --all --state FOLDER
 */
#ifndef CLI_LIST_H
#define CLI_LIST_H

#include "../query/lists.h"
#include "options.h"

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
/* The condition as a rule (list_compile), what is wrong with it complained
 * of. */
struct rule *list_condition(const struct list *, struct rule_field *fields,
    struct rule_schema *, const char *text);
/* --help: the options, examples, the columns; the exit status. */
int list_help(const struct list *, const struct options *,
    const char *examples);

#endif
