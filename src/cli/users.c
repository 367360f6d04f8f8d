/*
 * users.c - sightglass users: who may use the console, from the machine itself.
 *
 * Whoever can write the state directory may do this: it is how an account is
 * recovered whose password or second factor is lost.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../people/people.h"
#include "../report/csv.h"
#include "../report/table.h"
#include "ask.h"
#include "cli.h"
#include "list.h"
#include "output.h"
#include "state.h"
#include "users_directory.h"
#include "verbs.h"

#define USERS_MOST 1000u
#define PASSWORD_MOST 256u

enum {
	OPT_STATE,
	OPT_FORMAT,
	OPT_ROLE,
	OPT_CONFIG,
	OPT_SET,
	OPT_COLOR,
	OPT_HELP
};

static const struct option_row rows[] = {
	[OPT_STATE] = { "state", 'S', "FOLDER",
	    "the state; default " STATE_FOLDER },
	[OPT_FORMAT] = { "format", 'f', "FORMAT",
	    "list: text (the default), json (JSON Lines) or csv" },
	[OPT_ROLE] = { "role", 'r', "ROLE",
	    "add: read-only, analyst or admin (the default)" },
	[OPT_CONFIG] = { "config", 'c', "FILE",
	    "directory: the settings; default " CONFIG_FILE },
	[OPT_SET] = { "set", 's', "KEY=VALUE",
	    "directory: a setting over those of the file; may be repeated" },
	[OPT_COLOR] = { "color", 0, "WHEN", "auto, always or never" },
	[OPT_HELP] = { "help", 'h', NULL, "this text" },
	{ NULL, 0, NULL, NULL },
};

static const char *const format_names[] = { "text", "json", "csv", NULL };
static const char *const role_names[] = { "read-only", "analyst", "admin",
	NULL };
static const char *const verbs[] = { "list", "add", "reset", "role", "lock",
	"unlock", "delete", "directory", NULL };
enum verb {
	VERB_LIST,
	VERB_ADD,
	VERB_RESET,
	VERB_ROLE,
	VERB_LOCK,
	VERB_UNLOCK,
	VERB_DELETE,
	VERB_DIRECTORY,
};
static const struct verb_form forms[] = {
	[VERB_LIST] = { "list", 0, 1 },
	[VERB_ADD] = { "add NAME", 2, 2 },
	[VERB_RESET] = { "reset NAME", 2, 2 },
	[VERB_ROLE] = { "role NAME ROLE", 3, 3 },
	[VERB_LOCK] = { "lock NAME", 2, 2 },
	[VERB_UNLOCK] = { "unlock NAME", 2, 2 },
	[VERB_DELETE] = { "delete NAME", 2, 2 },
	[VERB_DIRECTORY] = { "directory test NAME, or directory password", 2,
	    3 },
};

struct request {
	const char *state;
	bool state_said;
	int format, colour, role;
	struct said words;
	struct directory_request directory;
};

/* -------------------------------------------------------------------- list */

static const char *
day(int64_t seconds, char dst[static TIME_TEXT_MAX])
{
	if (seconds == 0) {
		dst[0] = '\0';
		return dst;
	}
	(void)time_text((struct tick){ seconds * TICK_SECOND }, dst);
	dst[10] = ' ';
	dst[16] = '\0';
	return dst;
}

static void
put_json(struct out *o, const struct person *p)
{
	json_open(o, '{');
	json_text(o, "name", p->name);
	json_text(o, "role", access_name(p->access));
	json_bool(o, "outside", p->outside);
	json_bool(o, "totp", p->totp);
	json_bool(o, "locked", p->locked);
	if (p->last > 0)
		json_time(o, "last", (struct tick){ p->last * TICK_SECOND });
	else
		json_none(o, "last");
	json_close(o, '}');
	out_char(o, '\n');
}

static void
put_csv(struct out *o, const struct person *p)
{
	char text[TIME_TEXT_MAX];
	const char *cell[] = { p->name, access_name(p->access),
		p->outside ? "yes" : "no", p->totp ? "yes" : "no",
		p->locked ? "yes" : "no", day(p->last, text) };

	for (size_t i = 0; i < sizeof(cell) / sizeof(cell[0]); i++)
		csv_span(o, span_text(cell[i]));
	csv_end(o);
}

static void
put_text(struct table *t, const struct person *p)
{
	char text[TIME_TEXT_MAX];

	table_row(t);
	table_text(t, p->name);
	table_text(t, access_name(p->access));
	table_text(t, p->outside ? "directory" : "here");
	table_text(t, p->totp ? "yes" : "");
	table_text(t, p->locked ? "yes" : "");
	table_text(t, day(p->last, text));
}

static int
list(struct people *people, const struct request *q)
{
	static struct person all[USERS_MOST];
	static struct out out;
	static const struct column head[] = { { "Name", false, false },
		{ "Role", false, false }, { "Password", false, false },
		{ "2nd factor", false, false }, { "Locked", false, false },
		{ "Last", false, false } };
	struct text_style style = { .all = true };
	uint32_t n = people_list(people, all, USERS_MOST);
	struct table t;

	output_style(&style, q->colour);
	out_open(&out, STDOUT_FILENO);
	table_open(&t, head, sizeof(head) / sizeof(head[0]));
	if (q->format == 2)
		out_text(&out, "name,role,outside,totp,locked,last\r\n");
	for (uint32_t i = 0; i < n; i++) {
		if (q->format == 1)
			put_json(&out, &all[i]);
		else if (q->format == 2)
			put_csv(&out, &all[i]);
		else
			put_text(&t, &all[i]);
	}
	if (q->format == 0 && n == 0)
		out_text(&out, "no users\n");
	else if (q->format == 0)
		table_put(&out, &t, &style);
	table_close(&t);
	return output_end(&out);
}

/* ------------------------------------------------------------------ changing
 */

/* Piped in: one line; else made up, and shown this once. */
static bool
get_password(char dst[static PASSWORD_MOST], bool *ret_made)
{
	static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789";
	size_t n = 0;

	*ret_made = isatty(STDIN_FILENO) == 1;
	if (!*ret_made) {
		if (fgets(dst, PASSWORD_MOST, stdin) != NULL) {
			dst[strcspn(dst, "\r\n")] = '\0';
			return true;
		}
		*ret_made = true; /* nothing there: as if it were a terminal */
	}
	for (int i = 0; i < 20; i++) {
		if (i > 0 && i % 5 == 0)
			dst[n++] = '-';
		dst[n++] = letters[randombytes_uniform(sizeof(letters) - 1)];
	}
	dst[n] = '\0';
	return true;
}

static bool
set_password(struct people *people, const struct request *q, bool add,
    enum access a)
{
	char password[PASSWORD_MOST];
	const char *name = q->words.word[1];
	int64_t now = state_now().ns / TICK_SECOND;
	bool made, good;

	if (!get_password(password, &made))
		return false;
	good = add ? people_add(people, name, a, password, now)
		   : people_set_password(people, name, password, NULL, now) &&
		people_set_totp(people, name, NULL) &&
		people_set_locked(people, name, false);
	if (good && made)
		(void)printf("password: %s\n", password);
	sodium_memzero(password, sizeof(password));
	return good;
}

static bool
change(struct people *people, const struct request *q, int verb)
{
	const char *name = q->words.word[1];
	enum access a = (enum access)(q->role + ACCESS_READ);

	switch (verb) {
	case VERB_ADD:
		return set_password(people, q, true, a);
	case VERB_RESET:
		return set_password(people, q, false, a);
	case VERB_ROLE:
		return people_set_access(people, name,
		    access_find(q->words.word[2]));
	case VERB_LOCK:
	case VERB_UNLOCK:
		return people_set_locked(people, name, verb == VERB_LOCK);
	default:
		return people_delete(people, name);
	}
}

/* The line in the timeline; what was done stays done without it. */
static void
note(const struct request *q, int verb)
{
	json_t *request = ask_new("note");
	char text[128];

	(void)snprintf(text, sizeof(text), "%s %s", verbs[verb],
	    q->words.n > 2 ? q->words.word[2] : "");
	ask_text(request, "what", "user");
	ask_text(request, "about", q->words.word[1]);
	ask_text(request, "text", text);
	if (ask("users", q->state, request) != EXIT_DONE)
		complain("users: the timeline has no line of it");
}

static int
act(const struct request *q, int verb)
{
	static const struct people_limits limits = { 1800, 43200 };
	char home[4200], error[PEOPLE_ERROR], path[4200];
	struct people *people;
	int status = EXIT_DONE;

	(void)snprintf(path, sizeof(path), "%s/state.db", q->state);
	(void)snprintf(home, sizeof(home), "%s/console", q->state);
	if (access(path, F_OK) != 0) {
		complain("users: %s: no state of Sightglass here", q->state);
		return EXIT_INPUT;
	}
	people = people_open(home, &limits, error);
	if (people == NULL) {
		complain("users: %s", error);
		return EXIT_INPUT;
	}
	if (verb == VERB_LIST) {
		status = list(people, q);
	} else if (!change(people, q, verb)) {
		complain("users: %s: %s", q->words.word[1],
		    people_error(people));
		status = EXIT_INPUT;
	}
	people_close(people);
	if (status == EXIT_DONE && verb != VERB_LIST) {
		(void)printf("%s: %s\n", verbs[verb], q->words.word[1]);
		note(q, verb);
	}
	return status;
}

static const char examples[] =
    "\n"
    "  users                        who there is\n"
    "  users add anna --role analyst\n"
    "  users reset anna             a new password, no second factor, "
    "unlocked\n"
    "  users role anna read-only;  users lock anna;  users delete anna\n"
    "  users directory test anna    what the LDAP directory says of anna\n"
    "  users directory password     that of its service account, to keep\n"
    "\n"
    "A password is read from standard input; from a terminal one is made up\n"
    "and shown this once.\n";

static bool
take(struct request *q, const struct options *o, int option)
{
	switch (option) {
	case OPT_STATE:
		q->state = o->value;
		q->state_said = true;
		return true;
	case OPT_FORMAT:
		q->format = options_choice(o, "format", format_names);
		return q->format >= 0;
	case OPT_ROLE:
		q->role = options_choice(o, "role", role_names);
		return q->role >= 0;
	case OPT_CONFIG:
		q->directory.path = o->value;
		q->directory.named = true;
		return true;
	case OPT_SET:
		return directory_add(&q->directory, o->value);
	case OPT_COLOR:
		q->colour = options_choice(o, "color", colour_names);
		return q->colour >= 0;
	case OPTION_ARGUMENT:
		return verbs_add(&q->words, "users", o->value);
	default:
		return false;
	}
}

int
cmd_users(int argc, char **argv)
{
	struct options o = {
		.command = "users",
		.synopsis = "[options] [VERB] [NAME] [ROLE]",
		.about = "Who may use the console and the API, and recovery "
			 "from the machine itself.",
		.row = rows,
		.argc = argc,
		.argv = argv,
		.at = 1,
	};
	struct request q = { .state = STATE_FOLDER,
		.role = 2,
		.directory.path = CONFIG_FILE };
	int option, verb;

	while ((option = options_next(&o)) != OPTION_END) {
		if (option == OPT_HELP) {
			options_help(&o);
			(void)fputs(examples, stdout);
			return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INTERNAL;
		}
		if (!take(&q, &o, option))
			return EXIT_USAGE;
	}
	verb = verbs_formed(&q.words, "users", verbs, forms);
	if (verb == VERB_ROLE && access_find(q.words.word[2]) == ACCESS_COUNT) {
		complain("users: there are read-only, analyst and admin");
		return EXIT_USAGE;
	}
	if (verb == VERB_DIRECTORY)
		return directory_do(&q.directory, &q.words,
		    q.state_said ? q.state : NULL, q.format);
	return verb < 0 ? EXIT_USAGE : act(&q, verb);
}
