/*
 * names.c - sightglass names: what ports and VLANs are called, and the names
 * outside that are allowed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "cli.h"
#include "list.h"
#include "state.h"
#include "values.h"
#include "verbs.h"

static const struct option_row rows[] = {
	LIST_OPTION_ROWS,
	{ NULL, 0, NULL, NULL },
};

static const char *const verbs[] = { "list", "add", "delete", NULL };
enum verb {
	VERB_LIST,
	VERB_ADD,
	VERB_DELETE
};

struct request {
	struct list_request list;
	struct said words;
};

static int
add(const struct request *q)
{
	json_t *request = ask_new("names.add");

	ask_text(request, "what", q->words.word[1]);
	if (q->words.n > 2)
		ask_text(request, "name", q->words.word[2]);
	return ask("names", q->list.state, request);
}

static int
delete_all(const struct request *q)
{
	json_t *request = ask_new("names.delete"), *list = json_array();

	for (uint32_t i = 1; i < q->words.n; i++)
		(void)json_array_append_new(list,
		    json_string(q->words.word[i]));
	(void)json_object_set_new(request, "what", list);
	return ask("names", q->list.state, request);
}

/* ----------------------------------------------------------------- arguments
 */

static int
run(struct request *q)
{
	int verb = verbs_said(&q->words, "names", verbs);

	if (verb < 0)
		return EXIT_USAGE;
	if (verb == VERB_LIST && q->words.n < 2)
		return list_print(&list_names, &q->list);
	if (verb == VERB_LIST || q->words.n < 2 ||
	    (verb == VERB_ADD && q->words.n > 3)) {
		complain("names: usage: names list | add WHAT [NAME] | delete "
			 "WHAT...");
		return EXIT_USAGE;
	}
	return verb == VERB_ADD ? add(q) : delete_all(q);
}

static const char examples[] =
    "\n"
    "  names add tcp/5020 'Boiler gateway'\n"
    "  names add vlan/30 'Cell 3'\n"
    "  names add '*.vendor.example' 'remote support'   no "
    "alert for it\n"
    "  names delete vlan/30\n\n"
    "A domain is a name, or has * wildcards; *.example.com is "
    "example.com and all\nbelow it.  Asking for an allowed "
    "name is no alert, nor is speaking with an\naddress that "
    "DNS answered for it.\n";

int
cmd_names(int argc, char **argv)
{
	struct options o = {
		.command = "names",
		.synopsis = "[options] [VERB ...]",
		.about = "What ports and VLANs are called, and the names in "
			 "the Internet that are allowed.",
		.row = rows,
		.argc = argc,
		.argv = argv,
		.at = 1,
	};
	static struct request q;
	int option;

	q = (struct request){ .list = LIST_REQUEST };
	while ((option = options_next(&o)) != OPTION_END) {
		if (option == LIST_OPT_HELP)
			return list_help(&list_names, &o, examples);
		if (option == OPTION_WRONG ||
		    !(option == OPTION_ARGUMENT
			    ? verbs_add(&q.words, "names", o.value)
			    : list_take(&q.list, &o, option)))
			return EXIT_USAGE;
	}
	return run(&q);
}
