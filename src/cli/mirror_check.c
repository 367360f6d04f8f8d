/*
 * mirror_check.c - sightglass mirror check: a plan beside what arrives.
 *
 * Each check is a question that the verdict's row answers; what it cannot tell
 * (which ports the switch took) is not claimed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../report/table.h"
#include "cli.h"
#include "file.h"
#include "mirror.h"
#include "output.h"

#define PLAN_BYTES 1048576u

enum result {
	RESULT_YES,
	RESULT_NO,
	RESULT_WARNING,
};

struct checking {
	struct out *out;
	const struct text_style *style;
	bool json;
	unsigned failed;
};

static const char *
word(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s != NULL ? s : "";
}

static void
say(struct checking *c, enum result result, const char *id, const char *text)
{
	static const char *const names[] = { "yes", "no", "warning" };
	static const enum ink inks[] = { INK_GREEN, INK_RED, INK_YELLOW };
	char label[16];

	c->failed += result == RESULT_NO;
	if (c->json) {
		json_open(c->out, '{');
		json_text(c->out, "type", "check");
		json_text(c->out, "id", id);
		json_text(c->out, "result", names[result]);
		json_text(c->out, "text", text);
		json_close(c->out, '}');
		out_char(c->out, '\n');
		return;
	}
	(void)snprintf(label, sizeof(label), "%-8s", names[result]);
	ink(c->out, c->style, inks[result], label);
	outf(c->out, "%s\n", text);
}

/* ----------------------------------------------------------- what arrives */

static bool
is_session(const json_t *p)
{
	return json_is_true(json_object_get(p, "session"));
}

/* The point that the plan is about; NULL: it is not there. */
static const json_t *
find(const json_t *row, const json_t *plan)
{
	const char *method = word(plan, "method");
	json_int_t session =
	    json_integer_value(json_object_get(plan, "session"));
	char id[32];
	size_t i;
	json_t *p;

	(void)snprintf(id, sizeof(id), "session %" PRId64 " ",
	    (int64_t)session);
	json_array_foreach(row, i, p) {
		const char *how = word(p, "how");

		if (strcmp(method, "erspan") == 0 && is_session(p) &&
		    strncmp(how, "erspan", 6) == 0 &&
		    (strstr(word(p, "name"), id) != NULL ||
			json_integer_value(json_object_get(p, "id")) ==
			    session))
			return p;
		if (strcmp(method, "rspan") == 0 && is_session(p) &&
		    strcmp(how, "rspan") == 0)
			return p;
		if (strcmp(method, "erspan") != 0 &&
		    strcmp(method, "rspan") != 0 && !is_session(p) &&
		    json_integer_value(json_object_get(p, "packets")) > 0)
			return p;
	}
	return NULL;
}

static bool
has_finding(const json_t *p, const char *id)
{
	size_t i;
	json_t *f;

	json_array_foreach(json_object_get(p, "findings"), i, f)
		if (strcmp(word(f, "id"), id) == 0)
			return true;
	return false;
}

static bool
has_vlan(const json_t *p, json_int_t vlan)
{
	size_t i;
	json_t *v;

	json_array_foreach(json_object_get(p, "vlans"), i, v)
		if (json_integer_value(v) == vlan)
			return true;
	return false;
}

/* ------------------------------------------------------------------- checks */

static void
check_vlans(struct checking *c, const json_t *plan, const json_t *p)
{
	char text[160];
	size_t i;
	json_t *v;

	json_array_foreach(json_object_get(plan, "vlans"), i, v) {
		json_int_t vlan = json_integer_value(v);
		bool seen = has_vlan(p, vlan);

		(void)snprintf(text, sizeof(text),
		    seen ? "VLAN %" PRId64 " arrives"
			 : "VLAN %" PRId64 " does not arrive, or without tag",
		    (int64_t)vlan);
		say(c, seen ? RESULT_YES : RESULT_NO, "vlan", text);
	}
}

static void
check_both_ends(struct checking *c, const json_t *p)
{
	if (json_integer_value(json_object_get(p, "conversations")) == 0)
		say(c, RESULT_WARNING, "both-ends",
		    "no conversation of TCP yet: whether both ends are heard "
		    "is not known");
	else if (has_finding(p, "one-way"))
		say(c, RESULT_NO, "both-ends",
		    "of conversations only one end is heard");
	else
		say(c, RESULT_YES, "both-ends",
		    "both ends of conversations are heard");
}

static void
check_direction(struct checking *c, const json_t *plan, const json_t *p)
{
	bool twice = has_finding(p, "duplicates") ||
	    has_finding(p, "duplicates-multicast");

	if (!twice)
		say(c, RESULT_YES, "once", "no frame comes twice");
	else if (strcmp(word(plan, "direction"), "rx") == 0)
		say(c, RESULT_NO, "once",
		    "frames come twice, though receive only was planned: the "
		    "switch mirrors transmit, too, or another session does");
	else
		say(c, RESULT_WARNING, "once",
		    "frames come twice, as both directions were planned: "
		    "receive only is enough");
}

static void
check_findings(struct checking *c, const json_t *p)
{
	static const char *const told[] = { "one-way", "duplicates",
		"duplicates-multicast", NULL };
	size_t i;
	json_t *f;

	json_array_foreach(json_object_get(p, "findings"), i, f) {
		bool known = false;

		for (size_t k = 0; told[k] != NULL; k++)
			known |= strcmp(told[k], word(f, "id")) == 0;
		if (!known && strcmp(word(f, "severity"), "note") != 0)
			say(c,
			    strcmp(word(f, "severity"), "bad") == 0
				? RESULT_NO
				: RESULT_WARNING,
			    word(f, "id"), word(f, "text"));
	}
}

static void
check_point(struct checking *c, const json_t *plan, const json_t *p)
{
	char text[200];
	bool unicast =
	    json_number_value(json_object_get(json_object_get(p, "shares"),
		"unicast")) > 0.02;

	(void)snprintf(text, sizeof(text),
	    "%s arrives by %s: %" PRId64 " packets", word(plan, "method"),
	    word(p, "name"),
	    (int64_t)json_integer_value(json_object_get(p, "packets")));
	say(c, RESULT_YES, "arrives", text);
	say(c, unicast ? RESULT_YES : RESULT_NO, "unicast",
	    unicast ? "traffic between others is there"
		    : "nothing but broadcasts and multicasts is there");
	check_vlans(c, plan, p);
	check_both_ends(c, p);
	check_direction(c, plan, p);
	say(c,
	    json_array_size(json_object_get(p, "industrial")) > 0
		? RESULT_YES
		: RESULT_WARNING,
	    "industrial",
	    json_array_size(json_object_get(p, "industrial")) > 0
		? "industrial protocols are among it"
		: "no industrial protocol that is understood is among it");
	check_findings(c, p);
}

static void
check_missing(struct checking *c, const json_t *plan, const json_t *row)
{
	size_t i;
	json_t *p;

	say(c, RESULT_NO, "arrives", "what was planned does not arrive");
	json_array_foreach(row, i, p)
		if (is_session(p))
			say(c, RESULT_WARNING, "other-session",
			    word(p, "name"));
	if (strcmp(word(plan, "method"), "rspan") == 0)
		say(c, RESULT_WARNING, "rspan-unnamed",
		    "RSPAN is told by rspan.vlan of the port: is it set?");
}

static json_t *
read_plan(const char *path)
{
	json_error_t error;
	struct span text;
	json_t *plan;
	char *whole = file_read(path, PLAN_BYTES, &text);

	if (whole == NULL)
		return NULL;
	plan = json_loadb((const char *)text.p, text.n, 0, &error);
	free(whole);
	if (plan != NULL && strcmp(word(plan, "type"), "plan") == 0)
		return plan;
	complain("mirror: %s is no plan (sightglass mirror plan --format "
		 "json)",
	    path);
	json_decref(plan);
	return NULL;
}

int
mirror_check(const struct mirror_request *q)
{
	static struct out out;
	struct text_style style = { .all = true };
	struct checking c = { .out = &out, .style = &style, .json = q->json };
	json_t *plan = read_plan(q->file), *row;
	const json_t *p;
	int status;

	row = plan != NULL ? mirror_row(q->state) : NULL;
	if (row == NULL) {
		json_decref(plan);
		return EXIT_INPUT;
	}
	output_style(&style, q->colour);
	out_open(&out, STDOUT_FILENO);
	p = find(row, plan);
	if (p != NULL)
		check_point(&c, plan, p);
	else
		check_missing(&c, plan, row);
	json_decref(row);
	json_decref(plan);
	status = output_end(&out);
	return status == EXIT_DONE && c.failed > 0 ? EXIT_INPUT : status;
}
