/*
 * mirror.c - sightglass mirror: the verdict on each capture point, as the
 * running sensor last wrote it (or read, of what it read last).
 */
#include "mirror.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../report/table.h"
#include "cli.h"
#include "list.h"
#include "output.h"
#include "state.h"
#include "values.h"
#include "verbs.h"

#define WIDTH 64u

enum {
	OPT_STATE,
	OPT_FORMAT,
	OPT_METHOD,
	OPT_MAKE,
	OPT_SOURCE,
	OPT_VLAN,
	OPT_DIRECTION,
	OPT_DESTINATION,
	OPT_SESSION,
	OPT_REMOTE_VLAN,
	OPT_TO,
	OPT_FROM,
	OPT_MANAGEMENT,
	OPT_MACHINE,
	OPT_INTERFACE,
	OPT_MULTICAST,
	OPT_SECONDS,
	OPT_ADD,
	OPT_INCLUDE,
	OPT_REMOVE,
	OPT_COLOR,
	OPT_HELP
};

static const struct option_row rows[] = {
	[OPT_STATE] = { "state", 'S', "FOLDER",
	    "the state; default " STATE_FOLDER },
	[OPT_FORMAT] = { "format", 'f', "FORMAT",
	    "text (the default) or json" },
	[OPT_METHOD] = { "method", 'm', "METHOD",
	    "plan: span, rspan, erspan, tap, tap-two, esxi or hyper-v" },
	[OPT_MAKE] = { "make", 0, "MAKE", "plan: of the switch or TAP" },
	[OPT_SOURCE] = { "source", 0, "PORTS",
	    "plan: what is mirrored, as the switch calls it, separated by "
	    "commas" },
	[OPT_VLAN] = { "vlan", 0, "LIST", "plan: VLANs instead, as 10,20-25" },
	[OPT_DIRECTION] = { "direction", 0, "WHICH",
	    "plan: rx (the default), tx or both" },
	[OPT_DESTINATION] = { "destination", 0, "PORT",
	    "plan: where the sensor is connected; of virtual switches their "
	    "name" },
	[OPT_SESSION] = { "session", 0, "N", "plan: number of the session, 1" },
	[OPT_REMOTE_VLAN] = { "remote-vlan", 0, "N",
	    "plan: the VLAN of RSPAN" },
	[OPT_TO] = { "to", 0, "ADDRESS/PREFIX",
	    "plan: where the ERSPAN tunnel ends" },
	[OPT_FROM] = { "from", 0, "ADDRESS", "plan: where it begins" },
	[OPT_MANAGEMENT] = { "management", 0, "ADDRESS/PREFIX",
	    "plan: the sensor's other address, to compare" },
	[OPT_MACHINE] = { "machine", 0, "NAME",
	    "plan: the sensor's virtual machine" },
	[OPT_INTERFACE] = { "interface", 'i', "NAME",
	    "plan: the sensor's port; of a two-port TAP both, with a comma" },
	[OPT_MULTICAST] = { "multicast", 0, NULL,
	    "plan: the network uses multicast" },
	[OPT_SECONDS] = { "seconds", 0, "N",
	    "filter: how long live traffic is looked at, 5" },
	[OPT_ADD] = { "add", 0, "OF",
	    "filter: it counts from now on, of all, inventory, baseline or "
	    "alerts" },
	[OPT_INCLUDE] = { "include", 0, NULL,
	    "filter: what it is not true of is left out" },
	[OPT_REMOVE] = { "remove", 0, "N",
	    "filter: the one of that number counts no more" },
	[OPT_COLOR] = { "color", 0, "WHEN", "auto, always or never" },
	[OPT_HELP] = { "help", 'h', NULL, "this text" },
	{ NULL, 0, NULL, NULL },
};

static const char *const format_names[] = { "text", "json", NULL };
static const char *const verb_names[] = { "show", "plan", "check", "filter",
	NULL };

/* ------------------------------------------------------------------ the row */

json_t *
mirror_row(const char *folder)
{
	sqlite3_stmt *q = NULL;
	json_error_t error;
	json_t *row = NULL;
	struct state s;
	bool there = false;

	if (!state_open(&s, "mirror", folder, STATE_STORE))
		return NULL;
	if (sqlite3_prepare_v2(store_db(s.store),
		"select json from live where key = 'mirror'", -1, &q,
		NULL) == SQLITE_OK &&
	    sqlite3_step(q) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(q, 0);

		there = true;
		row = json_loads(text != NULL ? text : "", 0, &error);
	}
	(void)sqlite3_finalize(q);
	state_close(&s);
	if (!there)
		complain("mirror: nothing was captured or read into %s yet",
		    folder);
	else if (!json_is_array(row))
		complain("mirror: what stands in %s is not understood", folder);
	if (there && json_is_array(row))
		return row;
	json_decref(row);
	return NULL;
}

/* ------------------------------------------------------------------- showing
 */

void
mirror_words(struct out *o, const char *label, const char *text)
{
	size_t n = strlen(text);

	while (n > 0) {
		size_t take = n;

		if (n > WIDTH) {
			take = WIDTH;
			while (take > 0 && text[take] != ' ')
				take--;
			if (take == 0)
				take = WIDTH;
		}
		outf(o, "    %-9s ", label);
		out_bytes(o, text, take);
		out_char(o, '\n');
		label = "";
		text += take;
		n -= take;
		while (n > 0 && *text == ' ') {
			text++;
			n--;
		}
	}
}

static const char *
word(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s != NULL ? s : "";
}

static double
share(const json_t *o, const char *key)
{
	return json_number_value(
	    json_object_get(json_object_get(o, "shares"), key));
}

static uint64_t
lost(const json_t *o, const char *key)
{
	return (uint64_t)json_integer_value(
	    json_object_get(json_object_get(o, "lost"), key));
}

static enum ink
grade_ink(const char *grade)
{
	return strcmp(grade, "bad") == 0    ? INK_RED
	    : strcmp(grade, "warning") == 0 ? INK_YELLOW
	    : strcmp(grade, "good") == 0    ? INK_GREEN
					    : INK_DIM;
}

static void
cell_percent(struct table *t, double v)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%.1f %%", 100 * v);
	table_text(t, text);
}

static void
put_row(struct table *t, const json_t *p)
{
	uint64_t gone = lost(p, "before") + lost(p, "tunnel") + lost(p, "nic") +
	    lost(p, "kernel") + lost(p, "sensor");
	char text[48];

	table_row(t);
	cell_begin(t);
	cell_text(t, json_is_true(json_object_get(p, "session")) ? "  " : "");
	cell_text(t, word(p, "name"));
	cell_end(t);
	table_text(t, word(p, "how"));
	cell_begin(t);
	cell_inked(t, grade_ink(word(p, "verdict")), word(p, "verdict"));
	cell_end(t);
	table_u64(t,
	    (uint64_t)json_integer_value(json_object_get(p, "packets")));
	(void)snprintf(text, sizeof(text), "%.1f",
	    json_number_value(json_object_get(p, "packets_second")));
	table_text(t, text);
	(void)snprintf(text, sizeof(text), "%.2f",
	    json_number_value(json_object_get(p, "bits_second")) / 1e6);
	table_text(t, text);
	cell_percent(t, share(p, "unicast"));
	cell_percent(t, share(p, "arp"));
	cell_percent(t, share(p, "one_way"));
	cell_percent(t, share(p, "duplicate"));
	cell_percent(t, share(p, "industrial"));
	table_u64(t, gone);
}

static void
put_lost(struct out *o, const json_t *p)
{
	static const struct {
		const char *key, *where;
	} places[] = { { "before", "at the switch or TAP" },
		{ "tunnel", "in the tunnel" }, { "nic", "by the card" },
		{ "kernel", "by the kernel" }, { "sensor", "by the sensor" } };
	bool begun = false;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		uint64_t n = lost(p, places[i].key);

		if (n == 0)
			continue;
		outf(o, "%s%llu %s",
		    begun ? ", " : "  lost: ", (unsigned long long)n,
		    places[i].where);
		begun = true;
	}
	if (begun)
		out_char(o, '\n');
}

static void
put_list(struct out *o, const char *label, const json_t *list)
{
	size_t i;
	json_t *item;

	if (json_array_size(list) == 0)
		return;
	outf(o, "  %s:", label);
	json_array_foreach(list, i, item) {
		if (json_is_string(item))
			outf(o, " %s", json_string_value(item));
		else
			outf(o, " %lld", (long long)json_integer_value(item));
	}
	out_char(o, '\n');
}

static void
put_finding(struct out *o, const struct text_style *s, const json_t *f)
{
	char text[320];
	json_t *make;
	size_t i;

	(void)snprintf(text, sizeof(text), "  %-8s", word(f, "severity"));
	ink(o, s, grade_ink(word(f, "severity")), text);
	outf(o, "%s\n", word(f, "text"));
	mirror_words(o, "because", word(f, "cause"));
	mirror_words(o, "change", word(f, "advice"));
	json_array_foreach(json_object_get(f, "makes"), i, make) {
		(void)snprintf(text, sizeof(text), "%s: %s", word(make, "make"),
		    word(make, "change"));
		mirror_words(o, "", text);
	}
}

static void
put_point(struct out *o, const struct text_style *s, const json_t *p)
{
	json_t *f;
	size_t i;

	out_char(o, '\n');
	ink(o, s, INK_BOLD, word(p, "name"));
	out_text(o, ": ");
	ink(o, s, grade_ink(word(p, "verdict")), word(p, "verdict"));
	out_char(o, '\n');
	put_list(o, "industrial", json_object_get(p, "industrial"));
	put_list(o, "subnets", json_object_get(p, "subnets"));
	put_list(o, "VLANs", json_object_get(p, "vlans"));
	put_lost(o, p);
	json_array_foreach(json_object_get(p, "findings"), i, f)
		put_finding(o, s, f);
}

static void
put_text(struct out *o, const struct text_style *s, const json_t *row)
{
	static const struct column head[] = { { "Point", false, true },
		{ "How", false, false }, { "Verdict", false, false },
		{ "Packets", true, false }, { "a second", true, false },
		{ "Mbit/s", true, false }, { "Unicast", true, false },
		{ "ARP", true, false }, { "One-way", true, false },
		{ "Twice", true, false }, { "Industrial", true, false },
		{ "Lost", true, false } };
	struct table t;
	json_t *p;
	size_t i;

	table_open(&t, head, sizeof(head) / sizeof(head[0]));
	json_array_foreach(row, i, p)
		put_row(&t, p);
	table_put(o, &t, s);
	table_close(&t);
	json_array_foreach(row, i, p)
		put_point(o, s, p);
}

int
mirror_show(const struct mirror_request *q)
{
	static struct out out;
	struct text_style style = { .all = true };
	json_t *row = mirror_row(q->state), *p;
	size_t i;

	if (row == NULL)
		return EXIT_INPUT;
	output_style(&style, q->colour);
	out_open(&out, STDOUT_FILENO);
	if (!q->json) {
		put_text(&out, &style, row);
	} else {
		json_array_foreach(row, i, p) {
			char *text = json_dumps(p, JSON_COMPACT);

			out_text(&out, text != NULL ? text : "");
			out_char(&out, '\n');
			free(text);
		}
	}
	json_decref(row);
	return output_end(&out);
}

/* ------------------------------------------------------------------ options */

static int
choice(const char *name, const char *value, const char *(*of)(uint32_t))
{
	const char *near = nearest(value, of);

	for (uint32_t i = 0; of(i) != NULL; i++)
		if (strcmp(of(i), value) == 0)
			return (int)i;
	if (near != NULL)
		complain("mirror: no %s '%s'; did you mean %s?", name, value,
		    near);
	else
		complain("mirror: no %s '%s'; see docs/mirroring.md", name,
		    value);
	return -1;
}

static bool
take_word(char dst[static PLAN_WORD], const char *name, const char *value)
{
	if (strlen(value) >= PLAN_WORD || strpbrk(value, "'\"\n\r;") != NULL) {
		complain("mirror: --%s: '%s' is too long, or has quotes", name,
		    value);
		return false;
	}
	(void)snprintf(dst, PLAN_WORD, "%s", value);
	return true;
}

static bool
take_number(uint32_t *dst, const char *name, const char *value, uint32_t most)
{
	char *end;
	unsigned long v = strtoul(value, &end, 10);

	if (end == value || *end != '\0' || v == 0 || v > most) {
		complain("mirror: --%s: '%s' is no number from 1 to %u", name,
		    value, most);
		return false;
	}
	*dst = (uint32_t)v;
	return true;
}

static bool
take_interfaces(struct plan *p, const char *value)
{
	char first[PLAN_WORD];
	const char *comma = strchr(value, ',');

	if (comma == NULL)
		return take_word(p->interface, "interface", value);
	if (comma - value >= PLAN_WORD)
		return take_word(p->interface, "interface", value);
	(void)snprintf(first, sizeof(first), "%.*s", (int)(comma - value),
	    value);
	return take_word(p->interface, "interface", first) &&
	    take_word(p->other, "interface", comma + 1);
}

static bool
take_list(struct plan *p, const char *value,
    bool (*list)(struct plan *, const char *, char *))
{
	char error[PLAN_ERROR];

	if (list(p, value, error))
		return true;
	complain("mirror: %s", error);
	return false;
}

static bool
take_plan(struct mirror_request *q, int option, const char *value)
{
	struct plan *p = &q->plan;
	uint32_t n = 0;
	int i;

	q->asks = false;
	switch (option) {
	case OPT_METHOD:
		i = choice("method", value, plan_method_name);
		p->method = i >= 0 ? (enum plan_method)i : METHOD_SPAN;
		q->has_method = true;
		return i >= 0;
	case OPT_MAKE:
		i = choice("make", value, plan_make_name);
		p->make = i >= 0 ? (enum plan_make)i : MAKE_CISCO_IOS;
		q->has_make = true;
		return i >= 0;
	case OPT_DIRECTION:
		i = choice("direction", value, plan_direction_name);
		p->direction = i >= 0 ? (enum plan_direction)i : DIRECTION_RX;
		return i >= 0;
	case OPT_SOURCE:
		return take_list(p, value, plan_sources);
	case OPT_VLAN:
		return take_list(p, value, plan_vlans);
	case OPT_DESTINATION:
		return take_word(p->destination, "destination", value);
	case OPT_SESSION:
		return take_number(&p->session, "session", value, 1023);
	case OPT_REMOTE_VLAN:
		if (!take_number(&n, "remote-vlan", value, 4094))
			return false;
		p->remote_vlan = (uint16_t)n;
		return true;
	case OPT_TO:
		return take_word(p->to, "to", value);
	case OPT_FROM:
		return take_word(p->from, "from", value);
	case OPT_MANAGEMENT:
		return take_word(p->management, "management", value);
	case OPT_MACHINE:
		return take_word(p->machine, "machine", value);
	case OPT_INTERFACE:
		return take_interfaces(p, value);
	case OPT_MULTICAST:
		p->multicast = true;
		return true;
	default:
		return false;
	}
}

static bool
no_number(const char *text)
{
	complain("mirror: --remove %s: must be the number of a capture filter",
	    text);
	return false;
}

static bool
take(struct mirror_request *q, struct said *said, const struct options *o,
    int option)
{
	int i;

	if (option == OPTION_ARGUMENT)
		return verbs_add(said, "mirror", o->value);
	if (option == OPT_STATE) {
		q->state = o->value;
		return true;
	}
	if (option == OPT_FORMAT) {
		i = options_choice(o, "format", format_names);
		q->json = i == 1;
		return i >= 0;
	}
	if (option == OPT_COLOR) {
		q->colour = options_choice(o, "color", colour_names);
		return q->colour >= 0;
	}
	if (option == OPT_SECONDS) {
		if (value_number(o->value, 60, &q->seconds) && q->seconds > 0)
			return true;
		complain("mirror: --seconds %s: must be 1 to 60", o->value);
		return false;
	}
	if (option == OPT_ADD)
		q->add = o->value;
	else if (option == OPT_INCLUDE)
		q->include = true;
	else if (option == OPT_REMOVE)
		return (value_number(o->value, UINT32_MAX, &q->remove) &&
			   q->remove > 0) ||
		    no_number(o->value);
	else
		return take_plan(q, option, o->value);
	return true;
}

int
cmd_mirror(int argc, char **argv)
{
	struct options o = {
		.command = "mirror",
		.synopsis =
		    "[options] [show | plan | check PLAN | filter [CONDITION]]",
		.about =
		    "Say whether the mirror is any good, and help to set it "
		    "up.\n\n"
		    "show   the verdict on each port and session (the "
		    "default)\n"
		    "plan   what to type at the switch; asks, where nothing is "
		    "said\n"
		    "check  compare a plan (plan --format json) with what "
		    "arrives\n"
		    "filter how much of it a capture filter would leave out, "
		    "and "
		    "those that are\n       set do; --add and --remove change "
		    "them",
		.row = rows,
		.argc = argc,
		.argv = argv,
		.at = 1,
	};
	static struct mirror_request q;
	struct said said = { .n = 0 };
	int option, verb;

	q = (struct mirror_request){ .state = STATE_FOLDER,
		.asks = true,
		.seconds = 5 };
	while ((option = options_next(&o)) != OPTION_END) {
		if (option == OPT_HELP) {
			options_help(&o);
			return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INTERNAL;
		}
		if (option == OPTION_WRONG || !take(&q, &said, &o, option))
			return EXIT_USAGE;
	}
	verb = verbs_said(&said, "mirror", verb_names);
	if (verb < 0)
		return EXIT_USAGE;
	if (said.n > (verb >= 2 ? 2u : 1u) || (verb == 2 && said.n != 2)) {
		complain(verb == 2 ? "mirror: check needs a file with a plan"
				   : "mirror: too many arguments");
		return EXIT_USAGE;
	}
	q.file = said.n == 2 ? said.word[1] : NULL;
	return verb == 0 ? mirror_show(&q)
	    : verb == 1  ? mirror_plan(&q)
	    : verb == 2  ? mirror_check(&q)
			 : mirror_filter(&q);
}
