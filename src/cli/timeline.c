/* timeline.c - sightglass timeline: who did what, and when. */
#include <stdio.h>

#include "cli.h"
#include "list.h"

static const struct option_row rows[] = {
	LIST_OPTION_ROWS,
	{ NULL, 0, NULL, NULL },
};

static const char *
what_word(uint32_t i)
{
	static const char *const words[] = {
#define TIMELINE(sym, word, meaning) word,
#include "../store/timeline.def"
#undef TIMELINE
		NULL
	};

	return words[i];
}

static const struct list_column columns[] = {
	{ "at", "When", RULE_TIME, false, false, NULL, "when it happened" },
	{ "who", "Who", RULE_TEXT, false, false, NULL,
	    "sensor, or cli: and the system's user" },
	{ "what", "What", RULE_NAME, false, false, what_word,
	    "mode, alert, close, learn, rule ..." },
	{ "about", "About", RULE_TEXT, false, true, NULL,
	    "the alert, device or rule" },
	{ "text", "", RULE_TEXT, false, true, NULL, "the rest" },
	{ "id", NULL, RULE_NUMBER, false, false, NULL, "its number" },
};

static const struct list list = { .noun = "timeline",
	.view = "v_timeline",
	.column = columns,
	.n = sizeof(columns) / sizeof(columns[0]),
	.order = "id desc",
	.none = "nothing happened yet" };

int
cmd_timeline(int argc, char **argv)
{
	struct options o = {
		.command = "timeline",
		.synopsis = "[options]",
		.about = "Who did what, and when: the newest first.  Nothing "
			 "in it can be changed.",
		.row = rows,
		.argc = argc,
		.argv = argv,
		.at = 1,
	};
	struct list_request q = LIST_REQUEST;
	int option;

	while ((option = options_next(&o)) != OPTION_END) {
		if (option == LIST_OPT_HELP)
			return list_help(&list, &o, "");
		if (option == OPTION_ARGUMENT)
			complain("timeline: '%s' is one too many", o.value);
		if (option < 0 || !list_take(&q, &o, option))
			return EXIT_USAGE;
	}
	return list_print(&list, &q);
}
