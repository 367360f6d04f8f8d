/*
 * baseline.c - sightglass baseline: what was learned, what people should look
 * at, and carrying it elsewhere.
 */
#include "baseline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "list.h"
#include "values.h"

enum {
	OPT_STATE,
	OPT_ENTITY,
	OPT_FROM,
	OPT_UNTIL,
	OPT_DAYS,
	OPT_ALL,
	OPT_KEY,
	OPT_UNSIGNED,
	OPT_COLOR,
	OPT_HELP
};

static const struct option_row rows[] = {
	[OPT_STATE] = { "state", 'S', "FOLDER",
	    "the state; default " STATE_FOLDER },
	[OPT_ENTITY] = { "entity", 'e', "ADDRESS",
	    "show, forget: only of this device" },
	[OPT_FROM] = { "from", 0, "TIME", "forget: learned from then on" },
	[OPT_UNTIL] = { "until", 0, "TIME", "forget: learned until then" },
	[OPT_DAYS] = { "days", 0, "N", "preview: of so many days, 7" },
	[OPT_ALL] = { "all", 'a', NULL, "cut no list short" },
	[OPT_KEY] = { "key", 'k', "FILE",
	    "import: only what the sensor signed whose ledger.pub this is" },
	[OPT_UNSIGNED] = { "unsigned", 0, NULL,
	    "export: without a signature, whoever may read the state" },
	[OPT_COLOR] = { "color", 0, "WHEN", "auto, always or never" },
	[OPT_HELP] = { "help", 'h', NULL, "this text" },
	{ NULL, 0, NULL, NULL },
};

static const struct verb {
	const char *name;
	int (*run)(struct state *, const struct baseline_request *,
	    struct out *); /* looks, or ... */
	int (*change)(const struct baseline_request *);
	const char *help;
} verbs[] = {
	{ "status", baseline_status, NULL, "how far each scenario has come" },
	{ "forecast", baseline_forecast, NULL, "when each will be ready" },
	{ "preview", baseline_had_alerted, NULL,
	    "which alerts the last days would have "
	    "made" },
	{ "review", baseline_stands_out, NULL,
	    "what people should look at before it "
	    "counts as normal" },
	{ "show", baseline_show, NULL,
	    "everything learned (--entity ADDRESS)" },
	{ "why", baseline_say_why, NULL,
	    "why a KEY, or an alert's NUMBER, is (not) "
	    "normal" },
	{ "accept", NULL, baseline_decide, "KEY: it is normal" },
	{ "deny", NULL, baseline_decide, "KEY: it is never normal" },
	{ "unlearn", NULL, baseline_decide, "KEY: it alerts again" },
	{ "forget", NULL, baseline_unlearn_all,
	    "un-learn what was learned of --entity, "
	    "--from, --until" },
	{ "scenario", NULL, baseline_stage,
	    "NAME learning HOURS | dynamic | "
	    "operational" },
	{ "export", baseline_export_all, NULL,
	    "as text, one thing a line, signed" },
	{ "import", NULL, baseline_carry_in,
	    "FILE: what another learned, as "
	    "candidates; says who signed it" },
};
#define N_VERBS (sizeof(verbs) / sizeof(verbs[0]))

static const char *
verb_name(uint32_t i)
{
	if (i < N_VERBS)
		return verbs[i].name;
	return i == N_VERBS ? "diff" : NULL;
}

static int
act(const struct verb *v, const struct baseline_request *q, struct out *o)
{
	struct state s;
	int result, written;

	if (v->change != NULL)
		return v->change(q);
	if (!state_open(&s, "baseline", q->state, STATE_BASELINE))
		return EXIT_INPUT;
	result = v->run(&s, q, o);
	written = output_end(o);
	state_close(&s);
	return result != EXIT_DONE ? result : written;
}

static int
run(const struct baseline_request *q)
{
	static struct out out;
	const char *name = q->n_word > 0 ? q->word[0] : "status";
	const char *near;
	int result, written;

	out_open(&out, STDOUT_FILENO);
	if (strcmp(name, "diff") == 0) {
		result = baseline_compare(q, &out);
		written = output_end(&out);
		return result != EXIT_DONE ? result : written;
	}
	for (size_t i = 0; i < N_VERBS; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return act(&verbs[i], q, &out);
	near = nearest(name, verb_name);
	complain("baseline: no '%s'%s%s; see 'sightglass help baseline'", name,
	    near != NULL ? "; did you mean " : "", near != NULL ? near : "");
	return EXIT_USAGE;
}

static bool
take_entity(struct baseline_request *q, const char *text)
{
	q->has_entity = rule_addr(span_text(text), &q->entity);
	if (!q->has_entity)
		complain("baseline: --entity %s: no address", text);
	return q->has_entity;
}

static bool
take(struct baseline_request *q, const struct options *o, int option)
{
	uint64_t n;

	switch (option) {
	case OPT_STATE:
		q->state = o->value;
		return true;
	case OPT_ENTITY:
		return take_entity(q, o->value);
	case OPT_FROM:
		return value_time("baseline", "from", o->value, &q->from);
	case OPT_UNTIL:
		return value_time("baseline", "until", o->value, &q->until);
	case OPT_DAYS:
		if (value_number(o->value, 400, &n) && n >= 1) {
			q->days = (uint32_t)n;
			return true;
		}
		complain("baseline: --days %s: must be 1 to 400", o->value);
		return false;
	case OPT_ALL:
		q->all = true;
		return true;
	case OPT_KEY:
		q->key = o->value;
		return true;
	case OPT_UNSIGNED:
		q->is_unsigned = true;
		return true;
	case OPT_COLOR:
		q->colour = options_choice(o, "color", colour_names);
		return q->colour >= 0;
	case OPTION_ARGUMENT:
		if (q->n_word < BASELINE_WORDS) {
			q->word[q->n_word++] = o->value;
			return true;
		}
		complain("baseline: '%s' is one too many", o->value);
		return false;
	default:
		return false;
	}
}

int
cmd_baseline(int argc, char **argv)
{
	struct options o = {
		.command = "baseline",
		.synopsis = "[options] [VERB ...]",
		.about = "What is normal: how far learning has come, what was "
			 "learned, and correcting it.",
		.row = rows,
		.argc = argc,
		.argv = argv,
		.at = 1,
	};
	struct baseline_request q = { .state = STATE_FOLDER };
	int option;

	while ((option = options_next(&o)) != OPTION_END) {
		if (option == OPT_HELP) {
			options_help(&o);
			(void)printf("\n");
			for (size_t i = 0; i < N_VERBS; i++)
				(void)printf("  %-10s %s\n", verbs[i].name,
				    verbs[i].help);
			(void)printf("  %-10s %s\n", "diff",
			    "BEFORE AFTER: between two exports");
			return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INTERNAL;
		}
		if (!take(&q, &o, option))
			return EXIT_USAGE;
	}
	return run(&q);
}
