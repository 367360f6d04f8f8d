/*
 * learn.c - sightglass learn: what an alert found is normal, how far that
 * reaches, and taking it back.
 *
 * The doing is src/desk/learn.c.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "cli.h"
#include "pick.h"
#include "state.h"
#include "values.h"

#define LEVELS 6u
#define DAYS_MOST 3650

enum {
	OPT_LEVEL = LIST_OPT_COUNT,
	OPT_EXPIRES,
	OPT_REASON,
	OPT_DENY,
	OPT_DRY_RUN,
};

static const struct option_row rows[] = {
	LIST_OPTION_ROWS,
	[OPT_LEVEL] = { "level", 'l', "0..5",
	    "how much more is normal too; 0 (the default): exactly this" },
	[OPT_EXPIRES] = { "expires", 'e', "DAYS",
	    "for so long; else for ever, or 90 days where it is never normal" },
	[OPT_REASON] = { "reason", 'r', "TEXT", "why, for the timeline" },
	[OPT_DENY] = { "deny", 0, NULL, "the opposite: always alert" },
	[OPT_DRY_RUN] = { "dry-run", 0, NULL,
	    "show what each level would allow, change nothing" },
	{ NULL, 0, NULL, NULL },
};

static const struct list_column columns[] = {
	{ "id", "No", RULE_NUMBER, false, false, NULL,
	    "its number, for learn undo" },
	{ "scenario", "Scenario", RULE_TEXT, false, false, NULL,
	    "scenario of the baseline" },
	{ "deny", "Denied", RULE_BOOL, false, false, NULL,
	    "always alerts instead" },
	{ "alert", "Alert", RULE_NUMBER, false, false, NULL,
	    "the alert it came from" },
	{ "who", "Who", RULE_TEXT, false, false, NULL, "who said so" },
	{ "at", "When", RULE_TIME, false, false, NULL, "when" },
	{ "expires", "Until", RULE_TIME, false, false, NULL,
	    "empty: for ever" },
	{ "reason", "Reason", RULE_TEXT, false, true, NULL, "why" },
	{ "text", "What", RULE_TEXT, false, true, NULL,
	    "the alert's sentence" },
};

/* The view of what was learned, with the sentence of its alert. */
#define VIEW                                                              \
	"(select w.id, w.scenario, w.deny, w.alert, w.who, "              \
	"strftime('%Y-%m-%dT%H:%M:%SZ', w.at / 1000000000, 'unixepoch') " \
	"as at, iif(w.expires = 0, null, strftime('%Y-%m-%dT%H:%M:%SZ', " \
	"w.expires / 1000000000, 'unixepoch')) as expires, w.reason, "    \
	"coalesce(a.text, '') as text from allow w left join alert a on " \
	"a.number = w.alert)"

static const struct list learned = { .noun = "learn",
	.view = VIEW,
	.column = columns,
	.n = sizeof(columns) / sizeof(columns[0]),
	.order = "id",
	.none = "nothing was learned by hand" };

struct request {
	struct list_request list;
	bool wants_list, undo, deny, dry_run;
	unsigned level;
	uint32_t days; /* 0: not said */
	const char *reason;
	struct picked picked;
};

/* --------------------------------------------------------------------- doing
 */

static int
show_levels(const struct request *q)
{
	int status = EXIT_DONE;

	for (uint32_t i = 0; i < q->picked.n && status == EXIT_DONE; i++) {
		json_t *request = ask_new("learn.levels");

		(void)json_object_set_new(request, "number",
		    json_integer(q->picked.number[i]));
		status = ask("learn", q->list.state, request);
	}
	return status;
}

static int
learn(const struct request *q)
{
	json_t *request = ask_new(q->undo ? "learn.undo" : "learn.allow");

	ask_numbers(request, q->undo ? "ids" : "numbers", &q->picked);
	(void)json_object_set_new(request, "level", json_integer(q->level));
	(void)json_object_set_new(request, "days", json_integer(q->days));
	(void)json_object_set_new(request, "deny", json_boolean(q->deny));
	if (q->reason != NULL)
		ask_text(request, "reason", q->reason);
	return ask("learn", q->list.state, request);
}

static int
act(struct request *q)
{
	struct state s;
	bool picked = true;
	int status;

	if (q->list.where != NULL) {
		if (!state_open(&s, "learn", q->list.state, STATE_STORE))
			return EXIT_INPUT;
		picked = pick_where(&q->picked, &list_alerts, s.store,
		    q->list.where);
		state_close(&s);
	}
	if (!picked)
		return EXIT_USAGE;
	status = q->dry_run ? show_levels(q) : learn(q);
	if (status != EXIT_DONE && q->picked.n > 1 && !q->dry_run)
		complain("learn: nothing was changed");
	return status;
}

/* ----------------------------------------------------------------- arguments
 */

static bool
take_number(const char *option, const char *value, unsigned long most,
    uint32_t *ret)
{
	uint64_t n;

	if (!value_number(value, most, &n)) {
		complain("learn: --%s %s: must be a number up to %lu", option,
		    value, most);
		return false;
	}
	*ret = (uint32_t)n;
	return true;
}

static bool
take_argument(struct request *q, uint32_t n, const char *text)
{
	if (n == 0 && strcmp(text, "list") == 0)
		q->wants_list = true;
	else if (n == 0 && strcmp(text, "undo") == 0)
		q->undo = true;
	else
		return pick_number(&q->picked, "learn", text);
	return true;
}

static bool
take(struct request *q, const struct options *o, int option, uint32_t *n)
{
	switch (option) {
	case OPT_LEVEL:
		return take_number("level", o->value, LEVELS - 1, &q->level);
	case OPT_EXPIRES:
		return take_number("expires", o->value, DAYS_MOST, &q->days);
	case OPT_REASON:
		q->reason = o->value;
		return true;
	case OPT_DENY:
		q->deny = true;
		return true;
	case OPT_DRY_RUN:
		q->dry_run = true;
		return true;
	case OPTION_ARGUMENT:
		return take_argument(q, (*n)++, o->value);
	case OPTION_WRONG:
		return false;
	default:
		return list_take(&q->list, o, option);
	}
}

int
cmd_learn(int argc, char **argv)
{
	struct options o = {
		.command = "learn",
		.synopsis = "[options] NUMBER... | list | undo NUMBER...",
		.about = "Say that what an alert found is normal: the same "
			 "traffic raises no new alert.\n'list' shows what was "
			 "learned by hand, 'undo' takes it back.",
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
		if (option == LIST_OPT_HELP) {
			options_help(&o);
			return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INTERNAL;
		}
		if (!take(&q, &o, option, &n))
			return EXIT_USAGE;
	}
	if (q.wants_list)
		return list_print(&learned, &q.list);
	if (q.undo && (q.picked.n == 0 || q.list.where != NULL)) {
		complain("learn: undo NUMBER...; 'sightglass learn list' shows "
			 "them");
		return EXIT_USAGE;
	}
	if (q.picked.n == 0 && q.list.where == NULL) {
		complain("learn: which alert? 'sightglass alerts' lists them");
		return EXIT_USAGE;
	}
	return act(&q);
}
