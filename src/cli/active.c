/*
 * active.c - sightglass active: asking devices, by whose leave, and what it
 * would be.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../report/table.h"
#include "active.h"
#include "ask.h"
#include "cli.h"
#include "list.h"
#include "output.h"
#include "state.h"
#include "values.h"
#include "verbs.h"

#define RANGES 32u

enum {
	OPT_METHOD = LIST_OPT_COUNT,
	OPT_RANGE,
	OPT_PORT,
	OPT_STATION,
	OPT_COMMUNITY,
	OPT_SERVER,
	OPT_OWNER,
	OPT_REASON,
	OPT_UNTIL,
	OPT_HOURS,
	OPT_EVERY,
	OPT_INTERFACE,
};

static const struct option_row rows[] = {
	LIST_OPTION_ROWS,
	[OPT_METHOD] = { "method", 'm', "METHOD", "what to ask, see methods" },
	[OPT_RANGE] = { "range", 'r', "RANGE",
	    "whom: 10.1.2.0/24, 10.1.2.3-10.1.2.9, one address; may be "
	    "repeated" },
	[OPT_PORT] = { "port", 'p', "PORT", "instead of the method's own" },
	[OPT_STATION] = { "station", 0, "N",
	    "Modbus unit, DNP3 address, S7 slot; else the usual one" },
	[OPT_COMMUNITY] = { "community", 0, "TEXT", "SNMP; else public" },
	[OPT_SERVER] = { "server", 0, "ADDRESS",
	    "reverse-dns: the name server that is asked" },
	[OPT_OWNER] = { "owner", 0, "WHO", "grant: who answers for it" },
	[OPT_REASON] = { "reason", 0, "TEXT", "grant: why" },
	[OPT_UNTIL] = { "until", 0, "TIME", "grant: when it ends" },
	[OPT_HOURS] = { "hours", 0, "CONDITION",
	    "grant: when it may happen, such as 'hour in 18..22', UTC" },
	[OPT_EVERY] = { "every", 0, "HOURS",
	    "grant: again after so many hours; else when told to" },
	[OPT_INTERFACE] = { "interface", 'i', "NAME",
	    "run: leave by this one, never by a monitoring port" },
	{ NULL, 0, NULL, NULL },
};

static const char *const verbs[] = { "list", "methods", "plan", "show", "grant",
	"revoke", "run", "stop", NULL };
enum verb {
	VERB_LIST,
	VERB_METHODS,
	VERB_PLAN,
	VERB_SHOW,
	VERB_GRANT,
	VERB_REVOKE,
	VERB_RUN,
	VERB_STOP
};

struct request {
	struct list_request list;
	enum verb verb;
	struct asking a;
	uint32_t n_range;
	const char *range[RANGES];
	const char *interface, *until;
	struct picked picked;
};

/* ------------------------------------------------------------------- methods
 */

static int
methods(const struct request *q)
{
	static const struct column head[] = { { "Method", false, false },
		{ "Asks", false, true }, { "Port", true, false },
		{ "Requests", true, false }, { "Standard", false, true },
		{ "Known to go wrong", false, true } };
	static struct out out;
	struct text_style style = { .all = true };
	struct table t;

	out_open(&out, STDOUT_FILENO);
	output_style(&style, q->list.colour);
	table_open(&t, head, sizeof(head) / sizeof(head[0]));
	for (unsigned i = 0; i < active_method_count; i++) {
		const struct active_method *m = &active_methods[i];
		char port[24] = "";

		if (q->list.format == 1) {
			json_open(&out, '{');
			json_text(&out, "name", m->name);
			json_text(&out, "title", m->title);
			json_text(&out, "via", via_name((enum via)m->via));
			json_u64(&out, "port", m->port);
			json_u64(&out, "requests", m->requests);
			json_text(&out, "standard", m->standard);
			json_text(&out, "caution", m->caution);
			json_close(&out, '}');
			out_char(&out, '\n');
			continue;
		}
		if (m->port != 0)
			(void)snprintf(port, sizeof(port), "%s/%u",
			    via_name((enum via)m->via), m->port);
		table_row(&t);
		table_text(&t, m->name);
		table_text(&t, m->title);
		table_text(&t, port);
		table_u64(&t, m->requests);
		table_text(&t, m->standard);
		table_text(&t, m->caution);
	}
	if (q->list.format != 1)
		table_put(&out, &t, &style);
	table_close(&t);
	return output_end(&out);
}

/* ---------------------------------------------------------------------- plan
 */

static bool
make_plan(struct request *q, struct active_plan *ret)
{
	char error[256];
	size_t n = 0;

	if (q->a.method[0] == '\0' || q->n_range == 0) {
		complain("active: %s --method METHOD --range RANGE...",
		    verbs[q->verb]);
		return false;
	}
	if (active_method_find(q->a.method) == NULL) {
		const char *near = nearest(q->a.method, active_method_name);

		complain("active: no method '%s'%s%s; 'active methods' lists "
			 "them",
		    q->a.method, near != NULL ? "; did you mean " : "",
		    near != NULL ? near : "");
		return false;
	}
	for (uint32_t i = 0; i < q->n_range && n < sizeof(q->a.ranges); i++)
		n += (size_t)snprintf(q->a.ranges + n, sizeof(q->a.ranges) - n,
		    "%s%s", i > 0 ? " " : "", q->range[i]);
	if (n < sizeof(q->a.ranges) &&
	    desk_asking_plan(&q->a, ret, error, sizeof(error)))
		return true;
	complain("active: %s",
	    n < sizeof(q->a.ranges) ? error : "too many ranges");
	return false;
}

static const char *
span_text_of(int64_t ns, char *dst, size_t cap)
{
	int64_t s = (ns + TICK_SECOND - 1) / TICK_SECOND;

	if (s < 120)
		(void)snprintf(dst, cap, "%" PRId64 " s", s);
	else if (s < 7200)
		(void)snprintf(dst, cap, "%" PRId64 " min", s / 60);
	else
		(void)snprintf(dst, cap, "%" PRId64 " h %" PRId64 " min",
		    s / 3600, s % 3600 / 60);
	return dst;
}

static void
put_plan_json(struct out *o, const struct active_plan *p)
{
	json_open(o, '{');
	json_text(o, "type", "plan");
	json_text(o, "method", p->method->name);
	json_text(o, "via", via_name((enum via)p->method->via));
	json_u64(o, "port",
	    p->options.port != 0 ? p->options.port : p->method->port);
	json_u64(o, "addresses", p->addresses);
	json_u64(o, "requests_per_device", p->method->requests);
	json_u64(o, "requests", p->requests);
	json_u64(o, "seconds", (uint64_t)(p->shortest / TICK_SECOND) + 1);
	json_u64(o, "device_gap_ms",
	    (uint64_t)(p->limits.device_gap / 1000000));
	json_u64(o, "subnet_gap_ms",
	    (uint64_t)(p->limits.subnet_gap / 1000000));
	json_u64(o, "gap_ms", (uint64_t)(p->limits.gap / 1000000));
	json_text(o, "caution", p->method->caution);
	json_close(o, '}');
	out_char(o, '\n');
}

static int
plan(struct request *q)
{
	static struct active_plan p;
	static struct out out;
	char first[ADDR_TEXT_MAX], last[ADDR_TEXT_MAX], took[32];

	if (!make_plan(q, &p))
		return EXIT_USAGE;
	out_open(&out, STDOUT_FILENO);
	if (q->list.format == 1) {
		put_plan_json(&out, &p);
		return output_end(&out);
	}
	outf(&out, "Asks        %s: %s\n", p.method->name, p.method->title);
	for (uint32_t i = 0; i < p.n_range; i++)
		outf(&out, "%s%s%s%s\n",
		    i == 0 ? "Whom        " : "            ",
		    ip_text(&p.range[i].first, first),
		    memcmp(&p.range[i].first, &p.range[i].last,
			sizeof(struct ip)) != 0
			? " to "
			: "",
		    memcmp(&p.range[i].first, &p.range[i].last,
			sizeof(struct ip)) != 0
			? ip_text(&p.range[i].last, last)
			: "");
	outf(&out,
	    "How many    %" PRIu64 " address%s, at most %" PRIu32
	    " request%s each: %" PRIu64 "\n",
	    p.addresses, p.addresses == 1 ? "" : "es", p.method->requests,
	    p.method->requests == 1 ? "" : "s", p.requests);
	outf(&out,
	    "How fast    one at a time of a device, %.1f s apart; %.1f a "
	    "second of a subnet, %.1f of all\n",
	    (double)p.limits.device_gap / TICK_SECOND,
	    (double)TICK_SECOND / (double)p.limits.subnet_gap,
	    (double)TICK_SECOND / (double)p.limits.gap);
	outf(&out, "How long    %s, if everybody answers\n",
	    span_text_of(p.shortest, took, sizeof(took)));
	outf(&out, "Standard    %s\nCaution     %s\n", p.method->standard,
	    p.method->caution);
	return output_end(&out);
}

/* ---------------------------------------------------------------------- bytes
 */

static void
put_bytes(struct out *o, const struct wr *w)
{
	for (uint32_t i = 0; i < w->n; i++)
		outf(o, "%s%02x%s", i % 16 == 0 ? "  " : " ", w->p[i],
		    i % 16 == 15 || i + 1 == w->n ? "\n" : "");
}

/* Numbers that come from answers are zero here. */
static int
show(struct request *q)
{
	static struct active_plan p;
	static struct out out;
	struct inquiry one = { .step = 0 };
	uint8_t bytes[ACTIVE_REQUEST_MAX];
	char ip[ADDR_TEXT_MAX];

	if (!make_plan(q, &p) || !active_plan_target(&p, 0, &one.target))
		return EXIT_USAGE;
	one.options = p.options;
	out_open(&out, STDOUT_FILENO);
	outf(&out, "To %s, %s port %u%s\n",
	    ip_text(p.method->of_server ? &p.options.server : &one.target, ip),
	    via_name((enum via)p.method->via),
	    (unsigned)(p.options.port != 0 ? p.options.port : p.method->port),
	    p.addresses > 1 ? ", and the same to all others" : "");
	for (; one.step < 8; one.step++) {
		struct wr w = WR(bytes);

		if (!p.method->ask(&one, &w))
			break;
		outf(&out, "\n%" PRIu32 "  %" PRIu32 " bytes\n", one.step + 1,
		    w.n);
		put_bytes(&out, &w);
	}
	if (one.step == 8 && p.method->requests > 8)
		outf(&out,
		    "\n... and up to %" PRIu32 " more like the last, each for "
		    "the object behind the one that was answered\n",
		    p.method->requests - 8);
	out_text(&out,
	    "\nNumbers that come from answers (handles, tokens) are zero "
	    "here.\n");
	return output_end(&out);
}

/* --------------------------------------------------------------------- grants
 */

static int
grant(struct request *q)
{
	static struct active_plan p;
	char text[ADDR_TEXT_MAX];
	json_t *request, *list;

	if (!make_plan(q, &p))
		return EXIT_USAGE;
	request = ask_new("active.grant");
	list = json_array();
	for (uint32_t i = 0; i < q->n_range; i++)
		(void)json_array_append_new(list, json_string(q->range[i]));
	(void)json_object_set_new(request, "ranges", list);
	ask_text(request, "method", q->a.method);
	ask_text(request, "community", q->a.community);
	ask_text(request, "hours", q->a.hours);
	if (q->a.owner[0] != '\0')
		ask_text(request, "owner", q->a.owner);
	if (q->a.reason[0] != '\0')
		ask_text(request, "reason", q->a.reason);
	if (q->until != NULL)
		ask_text(request, "until", q->until);
	if (q->a.server.len > 0)
		ask_text(request, "server", ip_text(&q->a.server, text));
	(void)json_object_set_new(request, "port", json_integer(q->a.port));
	(void)json_object_set_new(request, "station",
	    json_integer(q->a.station));
	(void)json_object_set_new(request, "every", json_integer(q->a.every));
	return ask("active", q->list.state, request);
}

static int
revoke_all(const struct request *q)
{
	json_t *request;

	if (q->picked.n == 0) {
		complain("active: revoke NUMBER...; 'active' lists them");
		return EXIT_USAGE;
	}
	request = ask_new("active.revoke");
	ask_numbers(request, "ids", &q->picked);
	return ask("active", q->list.state, request);
}

/* ------------------------------------------------------------------- arguments
 */

static bool
take_text(const char *option, const char *value, char *dst, size_t cap)
{
	if (strlen(value) < cap) {
		(void)snprintf(dst, cap, "%s", value);
		return true;
	}
	complain("active: --%s: at most %zu bytes", option, cap - 1);
	return false;
}

static bool
take_number(const char *option, const char *value, uint64_t most, uint64_t *ret)
{
	if (value_number(value, most, ret))
		return true;
	complain("active: --%s %s: must be a number up to %" PRIu64, option,
	    value, most);
	return false;
}

static bool
take_argument(struct request *q, uint32_t n, const char *text)
{
	int i;

	if (n > 0)
		return pick_number(&q->picked, "active", text);
	i = verbs_find("active", text, verbs);
	q->verb = (enum verb)(i < 0 ? 0 : i);
	return i >= 0;
}

static bool
take(struct request *q, const struct options *o, int option, uint32_t *n)
{
	uint64_t number = 0;
	struct addr addr;

	switch (option) {
	case OPT_METHOD:
		return take_text("method", o->value, q->a.method,
		    sizeof(q->a.method));
	case OPT_RANGE:
		if (q->n_range < RANGES) {
			q->range[q->n_range++] = o->value;
			return true;
		}
		complain("active: more than %u ranges", RANGES);
		return false;
	case OPT_PORT:
	case OPT_STATION:
		if (!take_number(option == OPT_PORT ? "port" : "station",
			o->value, 65535, &number))
			return false;
		*(option == OPT_PORT ? &q->a.port : &q->a.station) =
		    (uint16_t)number;
		return true;
	case OPT_COMMUNITY:
		return take_text("community", o->value, q->a.community,
		    sizeof(q->a.community));
	case OPT_SERVER:
		if (rule_addr(span_text(o->value), &addr) && addr.ip.len > 0) {
			q->a.server = addr.ip;
			return true;
		}
		complain("active: --server %s: no address", o->value);
		return false;
	case OPT_OWNER:
		return take_text("owner", o->value, q->a.owner,
		    sizeof(q->a.owner));
	case OPT_REASON:
		return take_text("reason", o->value, q->a.reason,
		    sizeof(q->a.reason));
	case OPT_UNTIL:
		q->until = o->value;
		return true;
	case OPT_HOURS:
		return take_text("hours", o->value, q->a.hours,
		    sizeof(q->a.hours));
	case OPT_EVERY:
		if (!take_number("every", o->value, 2160, &number))
			return false;
		q->a.every = (uint32_t)number * 3600;
		return true;
	case OPT_INTERFACE:
		q->interface = o->value;
		return true;
	case OPTION_ARGUMENT:
		if (*n > 0 &&
		    (q->verb == VERB_PLAN || q->verb == VERB_SHOW ||
			q->verb == VERB_GRANT)) {
			if (q->n_range == RANGES)
				return false;
			q->range[q->n_range++] = o->value;
			return true;
		}
		return take_argument(q, (*n)++, o->value);
	case OPTION_WRONG:
		return false;
	default:
		return list_take(&q->list, o, option);
	}
}

static int
run(struct request *q)
{
	switch (q->verb) {
	case VERB_METHODS:
		return methods(q);
	case VERB_PLAN:
		return plan(q);
	case VERB_SHOW:
		return show(q);
	case VERB_GRANT:
		return grant(q);
	case VERB_REVOKE:
		return revoke_all(q);
	case VERB_RUN:
		return active_run(q->list.state, q->interface, &q->picked);
	case VERB_STOP:
		return active_stop(q->list.state);
	case VERB_LIST:
		break;
	}
	return list_print(&list_asking, &q->list);
}

static const char examples[] =
    "\n"
    "  active methods                      what can be asked\n"
    "  active plan -m modbus-identity -r 10.1.2.0/24\n"
    "  active show -m modbus-identity -r 10.1.2.3      every byte\n"
    "  active grant -m modbus-identity -r 10.1.2.0/24 --owner 'J. Doe' "
    "--reason audit --until 2027-01-31\n"
    "  active                              what may be asked, and why\n"
    "  active run 1                        ask now\n"
    "  active stop                         stop at once\n"
    "  active revoke 1\n\n"
    "Nothing is asked without a grant.  Requests only read; devices marked "
    "fragile and\nsafety controllers are never asked (devices mark fragile "
    "NUMBER).\n";

int
cmd_active(int argc, char **argv)
{
	struct options o = {
		.command = "active",
		.synopsis = "[options] [VERB] [NUMBER...]",
		.about = "Ask devices who they are, within a safety budget: "
			 "what would be asked, by whose\nleave, and doing it.",
		.row = rows,
		.argc = argc,
		.argv = argv,
		.at = 1,
	};
	static struct request q;
	uint32_t n = 0;
	int option;

	q = (struct request){ .list = LIST_REQUEST, .a.on = true };
	while ((option = options_next(&o)) != OPTION_END) {
		if (option == LIST_OPT_HELP)
			return list_help(&list_asking, &o, examples);
		if (!take(&q, &o, option, &n))
			return EXIT_USAGE;
	}
	return run(&q);
}
