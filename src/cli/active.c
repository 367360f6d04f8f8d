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
	OPT_USER,
	OPT_HASH,
	OPT_PASSWORDS,
	OPT_OWNER,
	OPT_REASON,
	OPT_UNTIL,
	OPT_HOURS,
	OPT_EVERY,
	OPT_TIMES,
	OPT_ONCE,
	OPT_LABELS,
	OPT_ONLY,
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
	[OPT_USER] = { "user", 0, "NAME", "grant: SNMPv3: as this user" },
	[OPT_HASH] = { "hash", 0, "sha|sha256",
	    "grant: SNMPv3: how it is proved; else sha" },
	[OPT_PASSWORDS] = { "passwords", 0, "FILE",
	    "grant: SNMPv3: two lines, of proof and of encryption (AES); - is "
	    "standard input" },
	[OPT_SERVER] = { "server", 0, "ADDRESS",
	    "reverse-dns: the name server that is asked" },
	[OPT_OWNER] = { "owner", 0, "WHO", "grant: who answers for it" },
	[OPT_REASON] = { "reason", 0, "TEXT", "grant: why" },
	[OPT_UNTIL] = { "until", 0, "TIME", "grant: when it ends" },
	[OPT_HOURS] = { "hours", 0, "CONDITION",
	    "grant: when it may happen, such as 'hour in 18..22', UTC" },
	[OPT_EVERY] = { "every", 0, "HOURS",
	    "grant: again after so many hours; else when told to" },
	[OPT_TIMES] = { "times", 0, "LIST",
	    "grant: at these times of the day, such as 06:00,18:30, UTC" },
	[OPT_ONCE] = { "once", 0, "TIME", "grant: once, at this time" },
	[OPT_LABELS] = { "labels", 0, "N",
	    "grant: reverse-dns: labels of names that are kept; else all" },
	[OPT_ONLY] = { "only", 0, "ADDRESS",
	    "run: this address of the grant alone" },
	[OPT_INTERFACE] = { "interface", 'i', "NAME",
	    "run: leave by this one, never by a monitoring port" },
	{ NULL, 0, NULL, NULL },
};

static const char *const verbs[] = { "list", "methods", "plan", "show", "grant",
	"revoke", "run", "status", "results", "stop", "resume", NULL };
enum verb {
	VERB_LIST,
	VERB_METHODS,
	VERB_PLAN,
	VERB_SHOW,
	VERB_GRANT,
	VERB_REVOKE,
	VERB_RUN,
	VERB_STATUS,
	VERB_RESULTS,
	VERB_STOP,
	VERB_RESUME
};

struct request {
	struct list_request list;
	enum verb verb;
	struct asking a;
	uint32_t n_range;
	const char *range[RANGES];
	const char *interface, *until, *times, *once, *only, *passwords;
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

	if (!make_plan(q, &p) ||
	    (q->passwords != NULL &&
		!active_seal(q->list.state, q->passwords, &q->a)))
		return EXIT_USAGE;
	request = ask_new("active.grant");
	ask_text(request, "user", q->a.user);
	ask_text(request, "sealed", q->a.sealed);
	if (q->a.hash[0] != '\0')
		ask_text(request, "hash", q->a.hash);
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
	if (q->times != NULL)
		ask_text(request, "times", q->times);
	if (q->once != NULL)
		ask_text(request, "once", q->once);
	(void)json_object_set_new(request, "labels", json_integer(q->a.labels));
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

/* By the sensor that runs, where it does so; else from here. */
static int
ask_now(struct request *q)
{
	json_t *request;

	if (!active_by_sensor(q->list.state)) {
		if (q->only == NULL)
			return active_run(q->list.state, q->interface,
			    &q->picked);
		complain("active: --only: the sensor does not ask by itself; "
			 "grant that address alone");
		return EXIT_USAGE;
	}
	if (q->picked.n == 0) {
		complain("active: run NUMBER...; 'active' lists them");
		return EXIT_USAGE;
	}
	request = ask_new("active.run");
	ask_numbers(request, "ids", &q->picked);
	if (q->only != NULL)
		ask_text(request, "only", q->only);
	return ask("active", q->list.state, request);
}

/* ------------------------------------------------------------------- arguments
 */

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
take_range(struct request *q, const char *text)
{
	if (q->n_range == RANGES) {
		complain("active: more than %u ranges", RANGES);
		return false;
	}
	q->range[q->n_range++] = text;
	return true;
}

static bool
take_server(struct request *q, const char *text)
{
	struct addr addr;

	if (!rule_addr(span_text(text), &addr) || addr.ip.len == 0) {
		complain("active: --server %s: no address", text);
		return false;
	}
	q->a.server = addr.ip;
	return true;
}

/* Numbers; false after complaining. */
static bool
take_count(struct request *q, const struct options *o, int option)
{
	static const uint64_t most[] = { [OPT_PORT] = 65535,
		[OPT_STATION] = 65535,
		[OPT_LABELS] = 127,
		[OPT_EVERY] = 2160 };
	uint64_t n;

	if (!value_count("active", rows[option].name, o->value, most[option],
		&n))
		return false;
	if (option == OPT_PORT)
		q->a.port = (uint16_t)n;
	else if (option == OPT_STATION)
		q->a.station = (uint16_t)n;
	else if (option == OPT_LABELS)
		q->a.labels = (uint32_t)n;
	else
		q->a.every = (uint32_t)n * 3600;
	return true;
}

/* Texts with room of their own; and where the option's is kept. */
static bool
take_word(struct request *q, const struct options *o, int option)
{
	const struct {
		int option;
		char *dst;
		size_t cap;
		const char **at;
	} words[] = {
		{ OPT_METHOD, q->a.method, sizeof(q->a.method), NULL },
		{ OPT_COMMUNITY, q->a.community, sizeof(q->a.community), NULL },
		{ OPT_OWNER, q->a.owner, sizeof(q->a.owner), NULL },
		{ OPT_REASON, q->a.reason, sizeof(q->a.reason), NULL },
		{ OPT_USER, q->a.user, sizeof(q->a.user), NULL },
		{ OPT_HASH, q->a.hash, sizeof(q->a.hash), NULL },
		{ OPT_PASSWORDS, NULL, 0, &q->passwords },
		{ OPT_HOURS, q->a.hours, sizeof(q->a.hours), NULL },
		{ OPT_UNTIL, NULL, 0, &q->until },
		{ OPT_TIMES, NULL, 0, &q->times },
		{ OPT_ONCE, NULL, 0, &q->once },
		{ OPT_ONLY, NULL, 0, &q->only },
		{ OPT_INTERFACE, NULL, 0, &q->interface },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (words[i].option != option)
			continue;
		if (words[i].at == NULL)
			return value_text("active", rows[option].name, o->value,
			    words[i].dst, words[i].cap);
		*words[i].at = o->value;
		return true;
	}
	return list_take(&q->list, o, option);
}

static bool
takes_ranges(const struct request *q)
{
	return q->verb == VERB_PLAN || q->verb == VERB_SHOW ||
	    q->verb == VERB_GRANT;
}

static bool
take(struct request *q, const struct options *o, int option, uint32_t *n)
{
	switch (option) {
	case OPT_RANGE:
		return take_range(q, o->value);
	case OPT_PORT:
	case OPT_STATION:
	case OPT_LABELS:
	case OPT_EVERY:
		return take_count(q, o, option);
	case OPT_SERVER:
		return take_server(q, o->value);
	case OPTION_ARGUMENT:
		return *n > 0 && takes_ranges(q)
		    ? take_range(q, o->value)
		    : take_argument(q, (*n)++, o->value);
	case OPTION_WRONG:
		return false;
	default:
		return take_word(q, o, option);
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
		return ask_now(q);
	case VERB_STATUS:
		return active_status(q->list.state);
	case VERB_RESULTS:
		return list_print(&list_asked, &q->list);
	case VERB_STOP:
		return active_stop(q->list.state, q->a.reason);
	case VERB_RESUME:
		return ask("active", q->list.state, ask_new("active.resume"));
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
    "  active status                       how far it is\n"
    "  active results                      what came of it\n"
    "  active stop                         stop at once\n"
    "  active resume                       let it go on\n"
    "  active revoke 1\n"
    "  active windows --help               Windows endpoints, with "
    "credentials\n\n"
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

	if (argc > 1 && strcmp(argv[1], "windows") == 0)
		return cmd_active_windows(argc - 1, argv + 1);
	q = (struct request){ .list = LIST_REQUEST, .a.on = true };
	while ((option = options_next(&o)) != OPTION_END) {
		if (option == LIST_OPT_HELP)
			return list_help(&list_asking, &o, examples);
		if (!take(&q, &o, option, &n))
			return EXIT_USAGE;
	}
	return run(&q);
}
