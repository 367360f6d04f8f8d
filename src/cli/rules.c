/*
 * rules.c - sightglass rules: exclusions, maintenance windows and alerts of
 * one's own.
 *
 * A rule is tried before it is kept: an exclusion on the alerts of the state,
 * a custom rule on captures, or on the frames kept as evidence.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "cli.h"
#include "output.h"
#include "pick.h"
#include "rules_test.h"
#include "values.h"
#include "verbs.h"

enum {
	OPT_FROM = LIST_OPT_COUNT,
	OPT_UNTIL,
	OPT_SEVERITY,
	OPT_MESSAGE,
};

static const struct option_row rows[] = {
	LIST_OPTION_ROWS,
	[OPT_FROM] = { "from", 0, "TIME", "add: not before" },
	[OPT_UNTIL] = { "until", 0, "TIME", "add: not after" },
	[OPT_SEVERITY] = { "severity", 0, "LEVEL",
	    "add custom: critical, major (the default), minor, warning" },
	[OPT_MESSAGE] = { "message", 'm', "TEXT",
	    "add custom: what the alert says; {client}, {server}, {op}, "
	    "{object} ... are filled in" },
	{ NULL, 0, NULL, NULL },
};

enum verb {
	VERB_LIST,
	VERB_ADD,
	VERB_TEST,
	VERB_ON,
	VERB_OFF,
	VERB_DELETE,
	VERB_FIELDS
};
static const char *const verbs[] = { "list", "add", "test", "on", "off",
	"delete", "fields", NULL };

#define WORDS 64u

struct request {
	struct list_request list;
	enum verb verb;
	struct person_rule rule;
	uint32_t n_word;
	const char *word[WORDS];
};

/* ------------------------------------------------------------------ arguments
 */

static int
find_kind(const char *name)
{
	for (uint32_t i = 0; i < PERSON_KIND_COUNT; i++)
		if (strcmp(person_rule_kind_name(i), name) == 0)
			return (int)i;
	complain("rules: '%s': there are exclude, maintenance and custom",
	    name);
	return -1;
}

static bool
take_kind(struct request *q, const char *name)
{
	int kind = find_kind(name);

	q->rule.kind = (uint8_t)(kind < 0 ? 0 : kind);
	return kind >= 0;
}

static json_t *
request_of(const char *verb, const struct request *q)
{
	const struct person_rule *r = &q->rule;
	json_t *request = ask_new(verb);

	ask_text(request, "kind", person_rule_kind_name(r->kind));
	ask_text(request, "name", r->name);
	ask_text(request, "text", r->text);
	ask_text(request, "message", r->message);
	ask_text(request, "severity", severity_name(r->severity));
	ask_time(request, "from", r->from);
	ask_time(request, "until", r->until);
	return request;
}

static bool
take_condition(struct request *q, const char *text)
{
	if (strlen(text) < sizeof(q->rule.text)) {
		(void)snprintf(q->rule.text, sizeof(q->rule.text), "%s", text);
		return true;
	}
	complain("rules: a condition of more than %zu bytes",
	    sizeof(q->rule.text) - 1);
	return false;
}

static int
test(struct request *q)
{
	if (q->n_word < 2 || !take_kind(q, q->word[0])) {
		if (q->n_word < 2)
			complain("rules: test KIND CONDITION [CAPTURE...]");
		return EXIT_USAGE;
	}
	if (!take_condition(q, q->word[1]))
		return EXIT_USAGE;
	if (q->rule.kind == PERSON_CUSTOM)
		return q->n_word > 2
		    ? rule_test_on_captures(&q->rule, q->word + 2,
			  q->n_word - 2)
		    : rule_test_on_evidence(&q->rule, q->list.state);
	return ask("rules", q->list.state, request_of("rules.test", q));
}

static int
add(struct request *q)
{
	if (q->n_word != 3) {
		complain("rules: add KIND NAME CONDITION");
		return EXIT_USAGE;
	}
	if (!take_kind(q, q->word[0]) || !take_condition(q, q->word[2]))
		return EXIT_USAGE;
	(void)snprintf(q->rule.name, sizeof(q->rule.name), "%s", q->word[1]);
	return ask("rules", q->list.state, request_of("rules.add", q));
}

static int
switch_one(const struct request *q, uint32_t id)
{
	json_t *request = ask_new("rules.change");

	(void)json_object_set_new(request, "id", json_integer(id));
	(void)json_object_set_new(request, "on",
	    json_boolean(q->verb == VERB_ON));
	return ask("rules", q->list.state, request);
}

static int
change(const struct request *q)
{
	static struct picked picked;
	json_t *request;
	int status = EXIT_DONE;

	picked.n = 0;
	for (uint32_t i = 0; i < q->n_word; i++)
		if (!pick_number(&picked, "rules", q->word[i]))
			return EXIT_USAGE;
	if (picked.n == 0) {
		complain("rules: %s: which? 'sightglass rules' lists them",
		    verbs[q->verb]);
		return EXIT_USAGE;
	}
	if (q->verb == VERB_DELETE) {
		request = ask_new("rules.delete");
		ask_numbers(request, "ids", &picked);
		return ask("rules", q->list.state, request);
	}
	for (uint32_t i = 0; i < picked.n && status == EXIT_DONE; i++)
		status = switch_one(q, picked.number[i]);
	return status;
}

static bool
take_word(struct request *q, uint32_t n, const char *text)
{
	int i;

	if (n > 0) {
		if (q->n_word < WORDS)
			q->word[q->n_word++] = text;
		return q->n_word < WORDS;
	}
	i = verbs_find("rules", text, verbs);
	q->verb = (enum verb)(i < 0 ? 0 : i);
	return i >= 0;
}

static bool
take_severity(struct request *q, const struct options *o)
{
	const char *names[SEVERITY_COUNT + 1] = { NULL };
	int i;

	for (uint32_t k = 0; k < SEVERITY_COUNT; k++)
		names[k] = severity_name(k);
	i = options_choice(o, "severity", names);
	q->rule.severity = (uint8_t)(i < 0 ? 0 : i);
	return i >= 0;
}

static bool
take(struct request *q, const struct options *o, int option, uint32_t *n)
{
	switch (option) {
	case OPT_FROM:
		return value_time("rules", "from", o->value, &q->rule.from);
	case OPT_UNTIL:
		return value_time("rules", "until", o->value, &q->rule.until);
	case OPT_SEVERITY:
		return take_severity(q, o);
	case OPT_MESSAGE:
		(void)snprintf(q->rule.message, sizeof(q->rule.message), "%s",
		    o->value);
		return true;
	case OPTION_ARGUMENT:
		return take_word(q, (*n)++, o->value);
	case OPTION_WRONG:
		return false;
	default:
		return list_take(&q->list, o, option);
	}
}

/* The words of conditions, as a table in Markdown. */
static int
fields(const struct request *q)
{
	static const char *const of[] = { "event", "alert", NULL };
	static struct out out;
	int i = q->n_word == 1 ? verbs_find("rules", q->word[0], of) : -1;

	if (q->n_word != 1)
		complain("rules: fields event (custom rules) or fields alert "
			 "(exclusions, maintenance)");
	if (i < 0)
		return EXIT_USAGE;
	out_open(&out, STDOUT_FILENO);
	rule_fields(i == 0 ? &event_schema : &alert_schema, &out);
	return output_end(&out);
}

static int
run(struct request *q)
{
	switch (q->verb) {
	case VERB_LIST:
		return list_print(&list_rules, &q->list);
	case VERB_ADD:
		return add(q);
	case VERB_TEST:
		return test(q);
	case VERB_FIELDS:
		return fields(q);
	case VERB_ON:
	case VERB_OFF:
	case VERB_DELETE:
		break;
	}
	return change(q);
}

int
cmd_rules(int argc, char **argv)
{
	struct options o = {
		.command = "rules",
		.synopsis = "[options] [VERB ...]",
		.about =
		    "Exclusions, maintenance windows and alerts of your own; "
		    "docs/rules.md has the language.\n\n"
		    "  rules test exclude 'name = \"port-scan\" and source = "
		    "10.0.0.5'\n"
		    "  rules add exclude 'Nessus on Sundays' 'name ~ "
		    "\"*scan*\" "
		    "and source = 10.0.0.5 and weekday = sun'\n"
		    "  rules add maintenance 'Line 2 overhaul' 'either in "
		    "10.2.0.0/16' --until 2026-12-01\n"
		    "  rules test custom 'proto = modbus and risk = write and "
		    "first in 400..499' plant.pcap\n"
		    "  rules add custom 'Setpoint of the boiler' 'proto = "
		    "modbus and risk = write and first in 400..499'\n"
		    "      -m '{client} wrote {object} on {server}'\n"
		    "  rules off 3;  rules on 3;  rules delete 3\n"
		    "  rules fields event;  rules fields alert    the words "
		    "there are",
		.row = rows,
		.argc = argc,
		.argv = argv,
		.at = 1,
	};
	static struct request q;
	uint32_t n = 0;
	int option;

	q = (struct request){ .list = LIST_REQUEST,
		.rule = { .on = true, .severity = SEVERITY_MAJOR } };
	while ((option = options_next(&o)) != OPTION_END) {
		if (option == LIST_OPT_HELP)
			return list_help(&list_rules, &o, "");
		if (!take(&q, &o, option, &n))
			return EXIT_USAGE;
	}
	return run(&q);
}
