/*
 * devices.c - sightglass devices: the inventory of a state, one in full, and
 * what people say of a device.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "output.h"
#include "pick.h"
#include "state.h"
#include "verbs.h"

static const struct option_row rows[] = {
	LIST_OPTION_ROWS,
	{ NULL, 0, NULL, NULL },
};

/* -------------------------------------------------------------- one in full */

static void
put_rows(struct out *o, struct store *db, const char *title, const char *sql,
    uint32_t id)
{
	sqlite3_stmt *s = NULL;
	bool begun = false;

	if (sqlite3_prepare_v2(store_db(db), sql, -1, &s, NULL) != SQLITE_OK)
		return;
	(void)sqlite3_bind_int64(s, 1, id);
	while (sqlite3_step(s) == SQLITE_ROW) {
		if (!begun)
			outf(o, "\n%s\n", title);
		begun = true;
		out_text(o, " ");
		for (int i = 0; i < sqlite3_column_count(s); i++) {
			const unsigned char *text = sqlite3_column_text(s, i);

			if (text != NULL && text[0] != '\0')
				outf(o, " %s", text);
		}
		out_char(o, '\n');
	}
	(void)sqlite3_finalize(s);
}

static bool
put_device(struct out *o, struct store *db, uint32_t id)
{
	sqlite3_stmt *s = NULL;
	bool found;

	if (sqlite3_prepare_v2(store_db(db),
		"select * from v_device where id = ?1", -1, &s,
		NULL) != SQLITE_OK)
		return false;
	(void)sqlite3_bind_int64(s, 1, id);
	found = sqlite3_step(s) == SQLITE_ROW;
	for (int i = 0; found && i < sqlite3_column_count(s); i++) {
		const char *name = sqlite3_column_name(s, i);
		const unsigned char *text = sqlite3_column_text(s, i);

		if (text != NULL && text[0] != '\0' &&
		    strstr(name, "_ns") == NULL)
			outf(o, "%-13s %s\n", name, text);
	}
	(void)sqlite3_finalize(s);
	if (!found)
		return false;
	put_rows(o, db, "Parts",
	    "select proto, iif(unit is null, '', 'unit ' || unit), text from "
	    "device_module where device = ?1 order by place",
	    id);
	put_rows(o, db, "Evidence",
	    "select trait || ':', text, '(' || source || ' ' || proto || "
	    "iif(frame > 0, ', frame ' || frame, '') || ')' from "
	    "device_evidence where device = ?1 order by place",
	    id);
	put_rows(o, db, "Open alerts",
	    "select a.number, a.severity, a.text from alert a where a.status "
	    "<> 'closed' and exists (select 1 from device_address x where "
	    "x.device = ?1 and x.asset in (a.source_asset, "
	    "a.destination_asset)) order by a.number",
	    id);
	return true;
}

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
};

static const char *const verbs[] = { "list", "show", "name", "role", "level",
	"comment", "mark", "unmark", "delete", NULL };
static const char *const marks[] = { "authorized", "important", "scanner",
	"programming", NULL };

struct request {
	struct list_request list;
	enum verb verb;
	const char *argument; /* name, role, level, comment, mark */
	struct picked picked;
};

static bool
needs_argument(enum verb v)
{
	return v != VERB_LIST && v != VERB_SHOW && v != VERB_DELETE;
}

static bool
mark(struct device_person *p, const char *what, bool yes)
{
	int8_t *flag[] = { &p->authorized, &p->important, &p->scanner,
		&p->programming };

	for (uint32_t i = 0; marks[i] != NULL; i++)
		if (strcmp(marks[i], what) == 0) {
			*flag[i] = yes;
			return true;
		}
	complain("devices: mark '%s': there are authorized, important, scanner "
		 "and programming",
	    what);
	return false;
}

static bool
set_level(struct device_person *p, const char *text)
{
	char *end;
	double level = strtod(text, &end);

	if (end == text || *end != '\0' || !(level >= 0 && level <= 5)) {
		complain("devices: level '%s': must be a Purdue level from 0 "
			 "to 5, such as 3.5",
		    text);
		return false;
	}
	p->purdue = (uint8_t)(level * 10 + 0.5);
	return true;
}

static bool
set_role(struct device_person *p, const char *text)
{
	if (role_find(span_text(text)) == ROLE_UNKNOWN) {
		complain("devices: no role '%s'; for example plc, rtu, ied, "
			 "hmi, scada-server, engineering-station, historian, "
			 "switch, workstation",
		    text);
		return false;
	}
	(void)snprintf(p->role, sizeof(p->role), "%s", text);
	return true;
}

static bool
change(struct device_person *p, const struct request *q, struct tick last)
{
	switch (q->verb) {
	case VERB_NAME:
		(void)snprintf(p->name, sizeof(p->name), "%s", q->argument);
		return true;
	case VERB_ROLE:
		return set_role(p, q->argument);
	case VERB_LEVEL:
		return set_level(p, q->argument);
	case VERB_COMMENT:
		(void)snprintf(p->comment, sizeof(p->comment), "%s",
		    q->argument);
		return true;
	case VERB_MARK:
	case VERB_UNMARK:
		return mark(p, q->argument, q->verb == VERB_MARK);
	case VERB_DELETE:
		p->hidden = last;
		return true;
	case VERB_LIST:
	case VERB_SHOW:
		break;
	}
	return false;
}

static int
change_one(struct state *s, const struct request *q, uint32_t id)
{
	struct device_person p = DEVICE_PERSON_NONE;
	struct tick last; /* it is back when seen after */
	char about[32];

	if (!store_get_person(s->store, id, &p)) {
		complain("devices: %s", store_error(s->store));
		return EXIT_INPUT;
	}
	(void)snprintf(about, sizeof(about), "%" PRIu32, id);
	last.ns =
	    state_number(s, "select last from device where id = ?1 + 0", about);
	if (!change(&p, q, last))
		return EXIT_USAGE;
	(void)snprintf(about, sizeof(about), "device %" PRIu32, id);
	if (store_put_person(s->store, &p) &&
	    state_note(s, q->verb == VERB_DELETE ? "remove" : "device", about,
		"%s%s%s", verbs[q->verb], q->argument != NULL ? " " : "",
		q->argument != NULL ? q->argument : ""))
		return EXIT_DONE;
	complain("devices: %s", store_error(s->store));
	return EXIT_INTERNAL;
}

static int
show(struct state *s, const struct picked *p)
{
	static struct out out;

	out_open(&out, 1);
	for (uint32_t i = 0; i < p->n; i++) {
		if (put_device(&out, s->store, p->number[i]))
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
	int status = EXIT_DONE;

	if (!state_open(&s, "devices", q->list.state,
		q->verb == VERB_SHOW ? STORE_READING : STORE_WRITING,
		STATE_STORE))
		return EXIT_INPUT;
	if (q->list.where != NULL &&
	    !pick_where(&q->picked, &list_devices, s.store, q->list.where))
		status = EXIT_USAGE;
	if (status == EXIT_DONE && q->verb == VERB_SHOW) {
		status = show(&s, &q->picked);
		state_close(&s);
		return status;
	}
	for (uint32_t i = 0; i < q->picked.n && status == EXIT_DONE; i++)
		status = change_one(&s, q, q->picked.number[i]);
	if (status == EXIT_DONE)
		status = state_save(&s);
	if (status == EXIT_DONE)
		(void)printf("%s: %" PRIu32 " device%s\n", verbs[q->verb],
		    q->picked.n, q->picked.n == 1 ? "" : "s");
	state_close(&s);
	return status;
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
    "  devices delete 12            until it is seen again\n";

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

	q = (struct request){ .list = LIST_REQUEST };
	while ((option = options_next(&o)) != OPTION_END) {
		if (option == LIST_OPT_HELP)
			return list_help(&list_devices, &o, examples);
		if (option == OPTION_WRONG ||
		    !(option == OPTION_ARGUMENT
			    ? take_argument(&q, n++, o.value)
			    : list_take(&q.list, &o, option)))
			return EXIT_USAGE;
	}
	if (q.verb == VERB_LIST)
		return list_print(&list_devices, &q.list);
	if (needs_argument(q.verb) && q.argument == NULL) {
		complain("devices: %s VALUE NUMBER...", verbs[q.verb]);
		return EXIT_USAGE;
	}
	if (!picks_any(&q.picked, &q.list, "devices", verbs[q.verb]))
		return EXIT_USAGE;
	return act(&q);
}
