/*
 * mode.c - sightglass mode: learning, dynamic or operational, and how far
 * each scenario has come.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../report/table.h"
#include "ask.h"
#include "cli.h"
#include "list.h"
#include "output.h"
#include "state.h"

#define DAY INT64_C(86400)

enum {
	OPT_STATE,
	OPT_FORCE,
	OPT_FORMAT,
	OPT_COLOR,
	OPT_HELP
};

static const struct option_row rows[] = {
	[OPT_STATE] = { "state", 'S', "FOLDER",
	    "the state; default " STATE_FOLDER },
	[OPT_FORCE] = { "force", 0, NULL,
	    "also before two weeks were learned" },
	[OPT_FORMAT] = { "format", 'f', "FORMAT",
	    "text (the default) or json" },
	[OPT_COLOR] = { "color", 0, "WHEN", "auto, always or never" },
	[OPT_HELP] = { "help", 'h', NULL, "this text" },
	{ NULL, 0, NULL, NULL },
};

static const char *const format_names[] = { "text", "json", NULL };

struct request {
	const char *state, *mode;
	bool force;
	int format, colour;
};

/* ------------------------------------------------------------------ showing */

static void
span_of(int64_t seconds, char *dst, size_t cap)
{
	if (seconds < 0)
		(void)snprintf(dst, cap, "not known yet");
	else if (seconds >= 2 * DAY)
		(void)snprintf(dst, cap, "%" PRId64 " days", seconds / DAY);
	else if (seconds >= 7200)
		(void)snprintf(dst, cap, "%" PRId64 " hours", seconds / 3600);
	else
		(void)snprintf(dst, cap, "%" PRId64 " min", seconds / 60);
}

static void
put_scenario(struct table *t, uint32_t i, const struct scenario_report *r)
{
	char text[64];

	table_row(t);
	table_text(t, scenario_names[i].title);
	table_text(t, scenario_state_name(r->state));
	table_u64(t, r->learned);
	table_u64(t, r->candidates);
	table_u64(t, r->windows);
	(void)snprintf(text, sizeof(text), "%.2f", r->per_day);
	table_text(t, text);
	(void)snprintf(text, sizeof(text), "%.2f", r->at_most);
	table_text(t, text);
	(void)snprintf(text, sizeof(text), "%.2f", r->budget);
	table_text(t, text);
	cell_begin(t);
	if (r->ready)
		cell_inked(t, INK_GREEN, "ready");
	else
		cell_text(t, r->reason);
	cell_end(t);
}

/* "If you switched now: 0.4 alerts a day, at most 1.1." */
static void
put_forecast(struct out *o, struct baseline *b)
{
	double now = 0, most = 0;
	uint32_t ready = 0;

	for (uint32_t i = 0; i < SCENARIO_COUNT; i++) {
		struct scenario_report r;

		baseline_report(b, (enum scenario)i, &r);
		now += r.per_day;
		most += r.at_most;
		ready += r.ready;
	}
	outf(o,
	    "If all scenarios alerted from now on: %.1f alerts a day, "
	    "at most %.1f (sum of the limits of each).\n",
	    now, most);
	outf(o, "Within their budget: %" PRIu32 " of %u scenarios.\n", ready,
	    (unsigned)SCENARIO_COUNT);
}

static void
put_text(struct out *o, struct state *s, const struct text_style *style)
{
	static const struct column head[] = { { "Scenario", false, false },
		{ "State", false, false }, { "Learned", true, false },
		{ "Candidates", true, false }, { "Windows", true, false },
		{ "A day", true, false }, { "At most", true, false },
		{ "Budget", true, false }, { "", false, true } };
	struct table t;
	char age[32];

	span_of(baseline_mode_age(s->baseline), age, sizeof(age));
	out_text(o, "Mode  ");
	ink(o, style, INK_BOLD, mode_name(baseline_mode(s->baseline)));
	outf(o, ", for %s\n", age);
	if (s->learn_scale > 1)
		outf(o, "Learning is compressed %" PRIu32 " times.\n",
		    s->learn_scale);
	put_forecast(o, s->baseline);
	out_char(o, '\n');
	table_open(&t, head, sizeof(head) / sizeof(head[0]));
	for (uint32_t i = 0; i < SCENARIO_COUNT; i++) {
		struct scenario_report r;

		baseline_report(s->baseline, (enum scenario)i, &r);
		put_scenario(&t, i, &r);
	}
	table_put(o, &t, style);
	table_close(&t);
}

static void
put_number(struct out *o, const char *key, double v)
{
	json_key(o, key);
	out_real(o, v);
}

static void
put_json(struct out *o, struct state *s)
{
	json_open(o, '{');
	json_text(o, "type", "mode");
	json_text(o, "mode", mode_name(baseline_mode(s->baseline)));
	json_key(o, "age_seconds");
	out_i64(o, baseline_mode_age(s->baseline));
	json_u64(o, "learn_scale", s->learn_scale);
	json_key(o, "scenarios");
	json_open(o, '[');
	for (uint32_t i = 0; i < SCENARIO_COUNT; i++) {
		struct scenario_report r;

		baseline_report(s->baseline, (enum scenario)i, &r);
		json_item(o);
		json_open(o, '{');
		json_text(o, "id", scenario_names[i].id);
		json_text(o, "name", scenario_names[i].name);
		json_text(o, "title", scenario_names[i].title);
		json_text(o, "state", scenario_state_name(r.state));
		json_u64(o, "keys", r.keys);
		json_u64(o, "learned", r.learned);
		json_u64(o, "candidates", r.candidates);
		json_u64(o, "windows", r.windows);
		json_u64(o, "single", r.single);
		put_number(o, "per_day", r.per_day);
		put_number(o, "at_most", r.at_most);
		put_number(o, "budget", r.budget);
		put_number(o, "missing", r.missing);
		json_key(o, "ready_in");
		out_i64(o, r.ready_in);
		json_u64(o, "held", r.held);
		json_bool(o, "ready", r.ready);
		json_text(o, "reason", r.reason);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_close(o, '}');
	out_char(o, '\n');
}

static int
show(const struct request *q)
{
	static struct out out;
	struct text_style style = { .all = true };
	struct state s;
	int status;

	if (!state_open(&s, "mode", q->state, STATE_BASELINE))
		return EXIT_INPUT;
	output_style(&style, q->colour);
	out_open(&out, STDOUT_FILENO);
	if (q->format == 1)
		put_json(&out, &s);
	else
		put_text(&out, &s, &style);
	status = output_end(&out);
	state_close(&s);
	return status;
}

/* ------------------------------------------------------------------ setting
 */

static int
set(const struct request *q)
{
	json_t *request = ask_new("mode.set");

	ask_text(request, "mode", q->mode);
	(void)json_object_set_new(request, "force", json_boolean(q->force));
	return ask("mode", q->state, request);
}

int
cmd_mode(int argc, char **argv)
{
	struct options o = {
		.command = "mode",
		.synopsis = "[options] [learning|dynamic|operational]",
		.about =
		    "Show how far learning has come, or set the mode.\n\n"
		    "learning     everything seen is normal; policy alerts "
		    "are silent\ndynamic      each scenario begins to "
		    "alert when its baseline is accurate\noperational  "
		    "everything alerts",
		.row = rows,
		.argc = argc,
		.argv = argv,
		.at = 1,
	};
	struct request q = { .state = STATE_FOLDER };
	int option;

	while ((option = options_next(&o)) != OPTION_END) {
		if (option == OPT_HELP) {
			options_help(&o);
			return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INTERNAL;
		}
		if (option == OPTION_WRONG)
			return EXIT_USAGE;
		if (option == OPTION_ARGUMENT && q.mode != NULL) {
			complain("mode: '%s' is one too many", o.value);
			return EXIT_USAGE;
		}
		if (option == OPTION_ARGUMENT)
			q.mode = o.value;
		else if (option == OPT_STATE)
			q.state = o.value;
		else if (option == OPT_FORCE)
			q.force = true;
		else if (option == OPT_FORMAT)
			q.format = options_choice(&o, "format", format_names);
		else
			q.colour = options_choice(&o, "color", colour_names);
		if (q.format < 0 || q.colour < 0)
			return EXIT_USAGE;
	}
	return q.mode == NULL ? show(&q) : set(&q);
}
