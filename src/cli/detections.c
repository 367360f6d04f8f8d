/*
 * detections.c - sightglass detections: every alert there is, what it means,
 * and what a person set about it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../report/csv.h"
#include "../report/table.h"
#include "ask.h"
#include "cli.h"
#include "list.h"
#include "output.h"
#include "state.h"
#include "values.h"
#include "verbs.h"

enum {
	OPT_STATE,
	OPT_FORMAT,
	OPT_ENGINE,
	OPT_COLOR,
	OPT_HELP
};

static const struct option_row rows[] = {
	[OPT_STATE] = { "state", 'S', "FOLDER",
	    "the state whose settings are changed; default " STATE_FOLDER },
	[OPT_FORMAT] = { "format", 'f', "FORMAT",
	    "text (the default), json (JSON Lines) or csv" },
	[OPT_ENGINE] = { "engine", 0, "ENGINE",
	    "only policy, protocol, malware, anomaly or operational" },
	[OPT_COLOR] = { "color", 0, "WHEN", "auto, always or never" },
	[OPT_HELP] = { "help", 'h', NULL, "this text" },
	{ NULL, 0, NULL, NULL },
};

static const char *const format_names[] = { "text", "json", "csv", NULL };

struct request {
	const char *state;
	int format, colour, engine; /* -1: all */
	uint32_t n_word;
	const char *word[4]; /* VERB SLUG VALUE */
};

/* ------------------------------------------------------------------ the list
 */

static const char *
mode_of(const struct alert_row *r)
{
	if (r->off)
		return "off";
	return r->tier == 'B' ? "learned" : "on";
}

static void
threshold_text(const struct alert_row *r, char *dst, size_t cap)
{
	dst[0] = '\0';
	if (r->count > 1)
		(void)snprintf(dst, cap, "%" PRIu32 " %s in %" PRIu32 " s",
		    r->count, r->unit != NULL ? r->unit : "times", r->within);
}

static void
put_text(struct out *o, const struct request *q)
{
	static const struct column head[] = { { "Name", false, true },
		{ "Ref", false, false }, { "Engine", false, false },
		{ "Severity", false, false }, { "Tier", false, false },
		{ "", false, false }, { "ATT&CK", false, true },
		{ "Threshold", false, true }, { "What", false, true } };
	struct text_style style = { .all = true };
	struct table t;
	char text[64], tier[2] = "";

	output_style(&style, q->colour);
	table_open(&t, head, sizeof(head) / sizeof(head[0]));
	for (uint32_t i = 0; i < ALERT_COUNT; i++) {
		const struct alert_row *r = &alert_rows[i];

		if (q->engine >= 0 && r->engine != q->engine)
			continue;
		tier[0] = r->tier;
		threshold_text(r, text, sizeof(text));
		table_row(&t);
		table_text(&t, alert_slug(i));
		table_text(&t, r->ref != NULL ? r->ref : "");
		table_text(&t, engine_name(r->engine));
		table_text(&t, severity_name(r->severity));
		table_text(&t, tier);
		table_text(&t, mode_of(r));
		table_text(&t, r->techniques);
		table_text(&t, text);
		table_text(&t, r->title);
	}
	table_put(o, &t, &style);
	table_close(&t);
}

static void
put_json_row(struct out *o, uint32_t i)
{
	const struct alert_row *r = &alert_rows[i];
	char tier[2] = { r->tier, '\0' };

	json_open(o, '{');
	json_text(o, "id", alert_slug(i));
	if (r->ref != NULL)
		json_text(o, "ref", r->ref);
	else
		json_none(o, "ref");
	if (r->detector != NULL)
		json_text(o, "detector", r->detector);
	else
		json_none(o, "detector");
	json_text(o, "title", r->title);
	json_text(o, "engine", engine_name(r->engine));
	json_text(o, "severity", severity_name(r->severity));
	json_text(o, "category", category_name(r->category));
	json_text(o, "tier", tier);
	json_bool(o, "learnable", r->learnable);
	json_bool(o, "aggregated", r->aggregated);
	json_bool(o, "on", !r->off);
	json_text(o, "techniques", r->techniques);
	json_u64(o, "count", r->count);
	json_u64(o, "within", r->within);
	json_u64(o, "count_least", r->count_least);
	json_u64(o, "count_most", r->count_most);
	json_text(o, "unit", r->unit != NULL ? r->unit : "");
	json_text(o, "condition", r->when != NULL ? r->when : "");
	json_text(o, "meaning", r->meaning);
	json_text(o, "advice", r->advice);
	json_close(o, '}');
	out_char(o, '\n');
}

static void
put_csv(struct out *o, const struct request *q)
{
	static const char *const head[] = { "id", "ref", "engine", "severity",
		"tier", "on", "learnable", "aggregated", "techniques",
		"threshold", "title", "meaning", "advice" };
	char text[64], tier[2] = "";

	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
		csv_span(o, span_text(head[i]));
	csv_end(o);
	for (uint32_t i = 0; i < ALERT_COUNT; i++) {
		const struct alert_row *r = &alert_rows[i];
		const char *cell[] = { alert_slug(i),
			r->ref != NULL ? r->ref : "", engine_name(r->engine),
			severity_name(r->severity), tier, r->off ? "no" : "yes",
			r->learnable ? "yes" : "no",
			r->aggregated ? "yes" : "no", r->techniques, text,
			r->title, r->meaning, r->advice };

		if (q->engine >= 0 && r->engine != q->engine)
			continue;
		tier[0] = r->tier;
		threshold_text(r, text, sizeof(text));
		for (size_t k = 0; k < sizeof(cell) / sizeof(cell[0]); k++)
			csv_span(o, span_text(cell[k]));
		csv_end(o);
	}
}

static int
list(const struct request *q)
{
	static struct out out;

	out_open(&out, STDOUT_FILENO);
	if (q->format == 0)
		put_text(&out, q);
	else if (q->format == 2)
		put_csv(&out, q);
	else
		for (uint32_t i = 0; i < ALERT_COUNT; i++)
			if (q->engine < 0 || alert_rows[i].engine == q->engine)
				put_json_row(&out, i);
	return output_end(&out);
}

/* --------------------------------------------------------------- one in full
 */

static const char *
slug_name(uint32_t i)
{
	return i < ALERT_COUNT ? alert_slug(i) : NULL;
}

static uint32_t
find(const char *slug)
{
	uint32_t i = alert_find(slug);
	const char *near = nearest(slug, slug_name);

	if (i == ALERT_COUNT && near != NULL)
		complain("detections: no detection '%s'; did you mean %s?",
		    slug, near);
	else if (i == ALERT_COUNT)
		complain("detections: no detection '%s'; 'sightglass "
			 "detections' lists them",
		    slug);
	return i;
}

static void
put_techniques(struct out *o, const char *list)
{
	const char *label = "ATT&CK";
	char text[TECHNIQUE_TEXT];

	while (technique_next(&list, text, sizeof(text))) {
		outf(o, "%-11s %s\n", label, text);
		label = "";
	}
}

static int
show(const struct request *q, uint32_t i)
{
	static struct out out;
	const struct alert_row *r = &alert_rows[i];
	struct text_style style = { .all = true };
	char text[64];

	output_style(&style, q->colour);
	out_open(&out, STDOUT_FILENO);
	if (q->format == 1) {
		put_json_row(&out, i);
		return output_end(&out);
	}
	ink(&out, &style, INK_BOLD, r->title);
	outf(&out, "\n\n%s\n\n%s\n\n", r->meaning, r->advice);
	outf(&out, "name        %s\n", alert_slug(i));
	if (r->ref != NULL)
		outf(&out, "catalogue   %s\n", r->ref);
	outf(&out, "engine      %s\nseverity    %s\ncategory    %s\n",
	    engine_name(r->engine), severity_name(r->severity),
	    category_name(r->category));
	outf(&out, "tier        %c\nlearnable   %s\n", r->tier,
	    r->learnable ? "yes" : "no");
	threshold_text(r, text, sizeof(text));
	if (text[0] != '\0')
		outf(&out,
		    "threshold   %s (may be set from %" PRIu32 " to %" PRIu32
		    ")\n",
		    text, r->count_least, r->count_most);
	outf(&out, "by default  %s\n", mode_of(r));
	put_techniques(&out, r->techniques);
	if (r->when != NULL)
		outf(&out, "condition   %s\n", r->when);
	return output_end(&out);
}

/* ------------------------------------------------------------------- settings
 */

static const char *const verbs[] = { "on", "off", "severity", "threshold",
	"learning", "dynamic", "operational", "default", NULL };
enum verb {
	VERB_ON,
	VERB_OFF,
	VERB_SEVERITY,
	VERB_THRESHOLD,
	VERB_LEARNING,
	VERB_DYNAMIC,
	VERB_OPERATIONAL,
	VERB_DEFAULT
};

static bool
put_number(json_t *request, const char *field, const char *what,
    const char *value)
{
	uint64_t n;

	if (!value_number(value, UINT32_MAX, &n)) {
		complain("detections: %s %s: must be a number", what, value);
		return false;
	}
	(void)json_object_set_new(request, field, json_integer((json_int_t)n));
	return true;
}

static bool
put_change(json_t *request, enum verb verb, const char *value)
{
	if (value == NULL &&
	    (verb == VERB_SEVERITY || verb == VERB_THRESHOLD ||
		verb == VERB_LEARNING)) {
		complain("detections: %s NAME VALUE", verbs[verb]);
		return false;
	}
	switch (verb) {
	case VERB_ON:
	case VERB_OFF:
		(void)json_object_set_new(request, "on",
		    json_boolean(verb == VERB_ON));
		return true;
	case VERB_SEVERITY:
		ask_text(request, "severity", value);
		return true;
	case VERB_THRESHOLD:
		return put_number(request, "threshold", verbs[verb], value);
	case VERB_DEFAULT:
		(void)json_object_set_new(request, "default", json_true());
		return true;
	case VERB_LEARNING:
		ask_text(request, "mode", verbs[verb]);
		return put_number(request, "hours", "learning HOURS", value);
	case VERB_DYNAMIC:
	case VERB_OPERATIONAL:
		break;
	}
	ask_text(request, "mode", verbs[verb]);
	return true;
}

static int
set(const struct request *q, uint32_t i)
{
	int verb = verbs_find("detections", q->word[0], verbs);
	json_t *request;

	if (verb < 0)
		return EXIT_USAGE;
	request = ask_new("detections.set");
	ask_text(request, "name", alert_slug(i));
	if (put_change(request, (enum verb)verb, q->word[2]))
		return ask("detections", q->state, request);
	json_decref(request);
	return EXIT_USAGE;
}

/* ------------------------------------------------------------------ arguments
 */

static int
run(const struct request *q)
{
	uint32_t i;

	if (q->n_word == 0)
		return list(q);
	i = find(q->word[q->n_word > 1]);
	if (i == ALERT_COUNT)
		return EXIT_USAGE;
	if (q->n_word == 1 || strcmp(q->word[0], "show") == 0)
		return show(q, i);
	return set(q, i);
}

static bool
take_engine(struct request *q, const struct options *o)
{
	const char *names[ENGINE_COUNT + 1] = { NULL };

	for (uint32_t i = 0; i < ENGINE_COUNT; i++)
		names[i] = engine_name(i);
	q->engine = options_choice(o, "engine", names);
	return q->engine >= 0;
}

static bool
take(struct request *q, const struct options *o, int option)
{
	switch (option) {
	case OPT_STATE:
		q->state = o->value;
		return true;
	case OPT_FORMAT:
		q->format = options_choice(o, "format", format_names);
		return q->format >= 0;
	case OPT_ENGINE:
		return take_engine(q, o);
	case OPT_COLOR:
		q->colour = options_choice(o, "color", colour_names);
		return q->colour >= 0;
	case OPTION_ARGUMENT:
		if (q->n_word < 3) {
			q->word[q->n_word++] = o->value;
			return true;
		}
		complain("detections: '%s' is one too many", o->value);
		return false;
	default:
		return false;
	}
}

int
cmd_detections(int argc, char **argv)
{
	struct options o = {
		.command = "detections",
		.synopsis = "[options] [show|on|off|severity|threshold|"
			    "learning|dynamic|operational|default NAME "
			    "[VALUE]]",
		.about = "List every alert there is, explain one, or change "
			 "how it is raised.\n\n"
			 "  detections show modbus-exception\n"
			 "  detections off modbus-exception\n"
			 "  detections threshold port-scan 50\n"
			 "  detections severity critical arp-spoofing\n"
			 "  detections learning device-new 48    silent for so "
			 "many hours, and learns\n"
			 "  detections operational device-new    alerts from "
			 "now on, ready or not\n"
			 "  detections default device-new        as it was",
		.row = rows,
		.argc = argc,
		.argv = argv,
		.at = 1,
	};
	struct request q = { .state = STATE_FOLDER, .engine = -1 };
	int option;

	while ((option = options_next(&o)) != OPTION_END) {
		if (option == OPT_HELP) {
			options_help(&o);
			return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INTERNAL;
		}
		if (!take(&q, &o, option))
			return EXIT_USAGE;
	}
	return run(&q);
}
