/* timeline.c - sightglass timeline: who did what, and when. */
#include <stdio.h>

#include "cli.h"
#include "list.h"

static const struct option_row rows[] = {
	LIST_OPTION_ROWS,
	{ NULL, 0, NULL, NULL },
};

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
			return list_help(&list_timeline, &o, "");
		if (option == OPTION_ARGUMENT)
			complain("timeline: '%s' is one too many", o.value);
		if (option < 0 || !list_take(&q, &o, option))
			return EXIT_USAGE;
	}
	return list_print(&list_timeline, &q);
}
