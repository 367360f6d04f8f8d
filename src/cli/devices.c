/*
 * devices.c - sightglass devices: the inventory of a state, one in full, and
 * what people say of a device.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../desk/csv.h"
#include "ask.h"
#include "cli.h"
#include "devices.h"
#include "file.h"
#include "output.h"
#include "pick.h"
#include "state.h"
#include "verbs.h"

enum {
	OPT_DRY_RUN = LIST_OPT_COUNT,
};

#define TABLE_MOST ((size_t)16 << 20)

static const struct option_row rows[] = {
	LIST_OPTION_ROWS,
	[OPT_DRY_RUN] = { "dry-run", 0, NULL,
	    "import: say what it would change, change nothing" },
	{ NULL, 0, NULL, NULL },
};

/* ------------------------------------------------------------ what people say
 */

enum verb {
	VERB_LIST,
	VERB_SHOW,
	VERB_NAME,
	VERB_ROLE,
	VERB_LEVEL,
	VERB_COMMENT,
	VERB_MARK,
	VERB_UNMARK,
	VERB_DELETE,
	VERB_MERGE,
	VERB_SPLIT,
	VERB_UNDO,
	VERB_IMPORT,
};

static const char *const verbs[] = { "list", "show", "name", "role", "level",
	"comment", "mark", "unmark", "delete", "merge", "split", "undo",
	"import", NULL };
static const char *const marks[] = { "authorized", "important", "scanner",
	"programming", "fragile", NULL };

struct request {
	struct list_request list;
	enum verb verb;
	const char *argument; /* name, role, level, comment, mark */
	struct picked picked;
	bool dry_run;
	json_t *addresses; /* split: those of the new device */
};

static bool
needs_argument(enum verb v)
{
	return (v >= VERB_NAME && v <= VERB_UNMARK) || v == VERB_IMPORT;
}

/* Names the field and gives its value, as the desk knows them. */
static bool
put_change(json_t *request, const struct request *q)
{
	const char *field = verbs[q->verb];
	char *end;
	double level;

	switch (q->verb) {
	case VERB_NAME:
	case VERB_ROLE:
	case VERB_COMMENT:
		ask_text(request, field, q->argument);
		return true;
	case VERB_LEVEL:
		level = strtod(q->argument, &end);
		(void)json_object_set_new(request, field,
		    end != q->argument && *end == '\0' ? json_real(level)
						       : json_string(""));
		return true;
	case VERB_MARK:
	case VERB_UNMARK:
		if (verbs_find("devices: mark", q->argument, marks) < 0)
			return false;
		(void)json_object_set_new(request, q->argument,
		    json_boolean(q->verb == VERB_MARK));
		return true;
	case VERB_SPLIT:
		(void)json_object_set_new(request, "id",
		    json_integer(q->picked.number[0]));
		return json_object_set(request, "addresses", q->addresses) == 0;
	case VERB_DELETE:
	case VERB_LIST:
	case VERB_SHOW:
	case VERB_MERGE:
	case VERB_UNDO:
	case VERB_IMPORT:
		break;
	}
	return true;
}

static const char *
desk_verb(enum verb v)
{
	return v == VERB_DELETE ? "devices.delete"
	    : v == VERB_MERGE   ? "devices.merge"
	    : v == VERB_SPLIT   ? "devices.split"
	    : v == VERB_UNDO    ? "devices.undo"
				: "devices.change";
}

static int
change(const struct request *q)
{
	json_t *request = ask_new(desk_verb(q->verb));

	if (q->picked.n > 0 && q->verb != VERB_SPLIT)
		ask_numbers(request, "ids", &q->picked);
	if (put_change(request, q))
		return ask("devices", q->list.state, request);
	json_decref(request);
	return EXIT_USAGE;
}

static int
import(const struct request *q)
{
	struct span text;
	char *whole = file_read(q->argument, TABLE_MOST, &text);
	json_t *request;
	struct csv table;

	if (whole == NULL)
		return EXIT_INPUT;
	csv_open(&table, text); /* a request is UTF-8 */
	if (table.error[0] != '\0') {
		complain("devices: %s: %s; nothing was imported", q->argument,
		    table.error);
		free(whole);
		return EXIT_INPUT;
	}
	request = ask_new("devices.import");
	ask_file(request, "text", text);
	(void)json_object_set_new(request, "dry_run", json_boolean(q->dry_run));
	free(whole);
	return ask("devices", q->list.state, request);
}

static int
show(struct state *s, const struct picked *p)
{
	static struct out out;

	out_open(&out, 1);
	for (uint32_t i = 0; i < p->n; i++) {
		if (device_show(&out, s->store, p->number[i]))
			continue;
		(void)out_flush(&out);
		complain("devices: there is no device %" PRIu32, p->number[i]);
		return EXIT_INPUT;
	}
	return output_end(&out);
}

static int
act(struct request *q)
{
	struct state s;
	bool picked;
	int status = EXIT_DONE;

	if (!state_open(&s, "devices", q->list.state, STATE_STORE))
		return EXIT_INPUT;
	picked = q->list.where == NULL ||
	    pick_where(&q->picked, &list_devices, s.store, q->list.where);
	if (picked && q->verb == VERB_SHOW)
		status = show(&s, &q->picked);
	state_close(&s);
	if (!picked)
		return EXIT_USAGE;
	if (q->verb == VERB_SHOW)
		return status;
	if (q->verb == VERB_SPLIT && q->picked.n != 1) {
		complain("devices: split NUMBER ADDRESS...");
		return EXIT_USAGE;
	}
	if (q->picked.n > 0)
		return change(q);
	(void)printf("%s: 0 devices\n", verbs[q->verb]);
	return EXIT_DONE;
}

/* ----------------------------------------------------------------- arguments
 */

static bool
take_argument(struct request *q, uint32_t n, const char *text)
{
	int i;

	if (n > 0 && needs_argument(q->verb) && q->argument == NULL) {
		q->argument = text;
		return true;
	}
	if (q->verb == VERB_SPLIT && n > 1)
		return json_array_append_new(q->addresses, json_string(text)) ==
		    0;
	if (n > 0)
		return pick_number(&q->picked, "devices", text);
	q->verb = VERB_SHOW;
	if (text[0] >= '0' && text[0] <= '9')
		return pick_number(&q->picked, "devices", text);
	i = verbs_find("devices", text, verbs);
	q->verb = (enum verb)(i < 0 ? 0 : i);
	return i >= 0;
}

static const char examples[] =
    "\n"
    "  devices --where 'role = plc and not authorized'\n"
    "  devices show 12\n"
    "  devices name 'Boiler 2' 12\n"
    "  devices role plc 12;  devices level 1 12\n"
    "  devices mark authorized 12 14..20\n"
    "  devices mark scanner 31      may scan\n"
    "  devices mark programming 7   may program controllers\n"
    "  devices mark fragile 8       must never be asked\n"
    "  devices delete 12            until it is seen again\n"
    "  devices merge 12 31          they are one, number 12\n"
    "  devices split 12 10.1.0.7    this address of it is another device\n"
    "  devices --format csv >devices.csv;  devices import devices.csv\n"
    "  devices undo                 the last change of devices\n";

int
cmd_devices(int argc, char **argv)
{
	struct options o = {
		.command = "devices",
		.synopsis = "[options] [VERB] [VALUE] [NUMBER...]",
		.about = "List devices, look at one, and say what is known of "
			 "it better.",
		.row = rows,
		.argc = argc,
		.argv = argv,
		.at = 1,
	};
	static struct request q;
	uint32_t n = 0;
	int option;

	q = (struct request){ .list = LIST_REQUEST, .addresses = json_array() };
	while ((option = options_next(&o)) != OPTION_END) {
		if (option == LIST_OPT_HELP)
			return list_help(&list_devices, &o, examples);
		if (option == OPT_DRY_RUN) {
			q.dry_run = true;
			continue;
		}
		if (option == OPTION_WRONG ||
		    !(option == OPTION_ARGUMENT
			    ? take_argument(&q, n++, o.value)
			    : list_take(&q.list, &o, option)))
			return EXIT_USAGE;
	}
	if (q.verb == VERB_LIST)
		return list_print(&list_devices, &q.list);
	if (needs_argument(q.verb) && q.argument == NULL) {
		complain("devices: %s %s", verbs[q.verb],
		    q.verb == VERB_IMPORT ? "FILE" : "VALUE NUMBER...");
		return EXIT_USAGE;
	}
	if (q.verb == VERB_IMPORT)
		return import(&q);
	if (q.verb == VERB_UNDO)
		return change(&q);
	if (!picks_any(&q.picked, &q.list, "devices", verbs[q.verb]))
		return EXIT_USAGE;
	return act(&q);
}
