/*
 * learn.c - sightglass learn: what an alert found is normal, how far that
 * reaches, and taking it back.
 *
 * An alert of the baseline is learned as a key with more or less of it left
 * open (the levels of the lattice).  One that no baseline justifies, but a
 * person may, becomes an exclusion of exactly that alert between these ends,
 * for a while.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "allows.h"
#include "cli.h"
#include "pick.h"
#include "state.h"
#include "values.h"

#define EXPIRES_DAYS 90 /* of an exception from what is never normal */
#define DAYS_MOST 3650
#define DAY_NS (INT64_C(86400) * TICK_SECOND)

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

static struct tick
expiry(const struct state *s, uint32_t days)
{
	struct tick never = { 0 };
	struct tick then = { s->now.ns + (int64_t)days * DAY_NS };

	return days > 0 ? then : never;
}

/* What no baseline justifies: exactly this, for a while. */
static int
except(struct state *s, const struct request *q, struct alert *a,
    bool *ret_changed)
{
	struct person_rule r = { .kind = PERSON_EXCLUDE,
		.on = true,
		.from = { 0 },
		.until = expiry(s, q->days > 0 ? q->days : EXPIRES_DAYS) };
	char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];
	int64_t before;

	if (a->source.addr.ip.len == 0 && !a->source.addr.has_mac) {
		complain("learn: alert %" PRIu32 " names no source: mute it, "
			 "or write a rule",
		    a->number);
		return EXIT_USAGE;
	}
	(void)snprintf(r.name, sizeof(r.name), "learned from alert %" PRIu32,
	    a->number);
	(void)snprintf(r.text, sizeof(r.text), "name = \"%s\" and source = %s",
	    alert_slug(a->row), addr_text(&a->source.addr, from));
	if (a->destination.addr.ip.len != 0 || a->destination.addr.has_mac) {
		size_t n = strlen(r.text);

		(void)snprintf(r.text + n, sizeof(r.text) - n,
		    " and destination = %s",
		    addr_text(&a->destination.addr, to));
	}
	if (q->level > 0 || q->deny) {
		complain("learn: alert %" PRIu32 " needs no baseline: it can "
			 "only be excluded as it is, without --%s",
		    a->number, q->deny ? "deny" : "level");
		return EXIT_USAGE;
	}
	before = state_number(s,
	    "select id from rule where text = ?1 and kind = 'exclude' and "
	    "enabled and (until = 0 or until > unixepoch() * 1000000000)",
	    r.text);
	if (before > 0) {
		(void)printf("alert %" PRIu32
			     ": excluded already (rule %" PRId64 ")\n",
		    a->number, before);
		return EXIT_DONE;
	}
	if (q->dry_run) {
		(void)printf("would exclude: %s\n", r.text);
		return EXIT_DONE;
	}
	*ret_changed = true;
	a->status = STATUS_CLOSED;
	if (!store_put_rule(s->store, &r) || !store_put_alert(s->store, a)) {
		complain("learn: %s", store_error(s->store));
		return EXIT_INTERNAL;
	}
	(void)printf("alert %" PRIu32 ": excluded for %" PRIu32
		     " days: %s; 'rules delete %" PRIu32 "' takes it back\n",
	    a->number, q->days > 0 ? q->days : EXPIRES_DAYS, r.text, r.id);
	return EXIT_DONE;
}

static bool
put_allows(struct state *s, const struct request *q, const struct alert *a,
    struct allows *w)
{
	for (uint32_t i = 0; i < w->n; i++) {
		w->of[i].deny = q->deny;
		w->of[i].expires = expiry(s, q->days);
		if (!store_put_allow(s->store, &w->of[i], a->number, s->who,
			q->reason != NULL ? q->reason : "", s->now))
			return false;
	}
	return true;
}

static int
allow(struct state *s, const struct request *q, struct alert *a)
{
	struct allows w;
	int64_t closed;

	if (q->dry_run) {
		(void)printf("alert %" PRIu32 ": %s\n", a->number, a->text);
		allows_put_levels(s, a);
		return EXIT_DONE;
	}
	if (!allows_find(s, a, q->level, &w)) {
		complain("learn: alert %" PRIu32 " has no level %u; "
			 "--dry-run shows which there are",
		    a->number, q->level);
		return EXIT_USAGE;
	}
	closed = q->deny ? 0 : allows_alerts(s, &w, true);
	if (closed < 0 || !put_allows(s, q, a, &w)) {
		complain("learn: %s", store_error(s->store));
		return EXIT_INTERNAL;
	}
	(void)printf("alert %" PRIu32 ": %s: %s; %" PRId64
		     " alert%s closed; 'learn undo %" PRIu32,
	    a->number, q->deny ? "never normal" : "normal from now on",
	    allow_level_text(&a->key, q->level), closed, closed == 1 ? "" : "s",
	    w.of[0].id);
	if (w.n > 1)
		(void)printf("..%" PRIu32, w.of[w.n - 1].id);
	(void)printf("' takes it back\n");
	return EXIT_DONE;
}

static int
learn_one(struct state *s, const struct request *q, uint32_t number)
{
	static struct alert a;
	bool changed = false;
	char about[32];
	int status;

	if (!store_get_alert(s->store, number, &a)) {
		complain("learn: %s", store_error(s->store));
		return EXIT_INPUT;
	}
	if (!alert_rows[a.row].learnable && !q->deny) {
		complain("learn: alert %" PRIu32 " (%s) cannot be learned: it "
			 "is never normal. Close or mute it",
		    number, alert_title(&a));
		return EXIT_USAGE;
	}
	status = a.key.state == KEY_NONE ? except(s, q, &a, &changed)
					 : allow(s, q, &a);
	changed = changed || a.key.state != KEY_NONE;
	(void)snprintf(about, sizeof(about), "alert %" PRIu32, number);
	if (status == EXIT_DONE && !q->dry_run && changed &&
	    !state_note(s, q->deny ? "deny" : "learn", about,
		"%s%slevel %u of %s: %s", q->reason != NULL ? q->reason : "",
		q->reason != NULL ? "; " : "", q->level, alert_slug(a.row),
		a.text))
		status = EXIT_INTERNAL;
	return status;
}

static int
undo_one(struct state *s, uint32_t id)
{
	char about[32];

	char number[16];

	(void)snprintf(about, sizeof(about), "learned %" PRIu32, id);
	(void)snprintf(number, sizeof(number), "%" PRIu32, id);
	if (state_number(s, "select count(*) from allow where id = ?1 + 0",
		number) == 0) {
		complain("learn: there is no %" PRIu32 "; 'sightglass learn "
			 "list' shows what there is",
		    id);
		return EXIT_INPUT;
	}
	if (!store_delete_allow(s->store, id)) {
		complain("learn: %s", store_error(s->store));
		return EXIT_INPUT;
	}
	if (!state_note(s, "unlearn", about, "taken back"))
		return EXIT_INTERNAL;
	(void)printf("learned %" PRIu32 ": taken back; the same traffic alerts "
		     "again\n",
	    id);
	return EXIT_DONE;
}

static int
act(struct request *q)
{
	struct state s;
	int status = EXIT_DONE;

	if (!state_open(&s, "learn", q->list.state,
		q->dry_run ? STORE_READING : STORE_WRITING, STATE_BASELINE))
		return EXIT_INPUT;
	if (q->list.where != NULL &&
	    !pick_where(&q->picked, &list_alerts, s.store, q->list.where))
		status = EXIT_USAGE;
	for (uint32_t i = 0; i < q->picked.n && status == EXIT_DONE; i++)
		status = q->undo ? undo_one(&s, q->picked.number[i])
				 : learn_one(&s, q, q->picked.number[i]);
	if (status == EXIT_DONE && !q->dry_run)
		status = state_save(&s);
	else if (status != EXIT_DONE && q->picked.n > 1)
		complain("learn: nothing was changed");
	state_close(&s);
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
