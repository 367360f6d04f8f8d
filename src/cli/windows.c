/*
 * windows.c - sightglass active windows: Windows endpoints, as whom they are
 * asked, what they said.
 */
#include "windows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "active.h"
#include "ask.h"
#include "cli.h"
#include "list.h"
#include "output.h"
#include "state.h"
#include "values.h"
#include "verbs.h"

enum {
	OPT_RANGE = LIST_OPT_COUNT,
	OPT_USER,
	OPT_PASSWORD,
	OPT_PLAIN,
	OPT_PORT,
	OPT_TRUST,
	OPT_KIND,
	OPT_OWNER,
	OPT_REASON,
	OPT_UNTIL,
	OPT_HOURS,
	OPT_EVERY,
	OPT_TIMES,
	OPT_INTERFACE,
	OPT_DUE,
	OPT_ADDRESS,
};

static const struct option_row rows[] = {
	LIST_OPTION_ROWS,
	[OPT_RANGE] = { "range", 'r', "RANGE",
	    "add: 10.1.2.0/24, 10.1.2.3-10.1.2.9, one address; may be "
	    "repeated" },
	[OPT_USER] = { "user", 'u', "USER",
	    "add: DOMAIN\\USER, USER@DOMAIN, or USER of the endpoint itself" },
	[OPT_PASSWORD] = { "password-file", 0, "FILE",
	    "add, password: its first line; else asked for" },
	[OPT_PLAIN] = { "http", 0, NULL,
	    "add: by HTTP (5985) with sealed messages, where there is no "
	    "HTTPS" },
	[OPT_PORT] = { "port", 'p', "PORT", "add: instead of 5986 or 5985" },
	[OPT_TRUST] = { "trust", 0, "HOW",
	    "add: certificates: first (what it shows first, the default), "
	    "pinned (only what 'pin' said), or a file of authorities" },
	[OPT_KIND] = { "kind", 'k', "KIND",
	    "add: only this; may be repeated: os, hardware, address, update, "
	    "program, service, user, antivirus, usb" },
	[OPT_OWNER] = { "owner", 0, "WHO", "add: who answers for it" },
	[OPT_REASON] = { "reason", 0, "TEXT", "add: why" },
	[OPT_UNTIL] = { "until", 0, "TIME", "add: when it ends" },
	[OPT_HOURS] = { "hours", 0, "CONDITION",
	    "add: when it may happen, such as 'hour in 18..22', UTC" },
	[OPT_EVERY] = { "every", 0, "HOURS",
	    "add: again after so many hours; else when told to" },
	[OPT_TIMES] = { "times", 0, "LIST",
	    "add: at these times of the day, such as 06:00,18:30, UTC" },
	[OPT_INTERFACE] = { "interface", 'i', "NAME",
	    "scan: leave by this one, never by a monitoring port" },
	[OPT_DUE] = { "due", 0, NULL,
	    "scan: only what its schedule says; for a timer" },
	[OPT_ADDRESS] = { "address", 0, "ADDRESS",
	    "scan: this one only; import: whose file it is" },
	{ NULL, 0, NULL, NULL },
};

static const char *const verbs[] = { "list", "ranges", "add", "import-ranges",
	"password", "unblock", "on", "off", "remove", "show", "scan", "results",
	"key", "pin", "import", NULL };
enum verb {
	VERB_LIST,
	VERB_RANGES,
	VERB_ADD,
	VERB_IMPORT_RANGES,
	VERB_PASSWORD,
	VERB_UNBLOCK,
	VERB_ON,
	VERB_OFF,
	VERB_REMOVE,
	VERB_SHOW,
	VERB_SCAN,
	VERB_RESULTS,
	VERB_KEY,
	VERB_PIN,
	VERB_IMPORT
};
static const struct verb_form forms[] = {
	{ "list", 0, 1 },
	{ "ranges", 1, 1 },
	{ "add --range RANGE... --user USER --owner WHO --reason TEXT --until "
	  "TIME",
	    1, 1 },
	{ "import-ranges FILE --owner WHO --reason TEXT --until TIME", 2, 2 },
	{ "password NUMBER", 2, 2 },
	{ "unblock NUMBER", 2, 2 },
	{ "on NUMBER...", 2, VERB_WORDS },
	{ "off NUMBER...", 2, VERB_WORDS },
	{ "remove NUMBER...", 2, VERB_WORDS },
	{ "show [NUMBER]", 1, 2 },
	{ "scan [NUMBER...]", 1, VERB_WORDS },
	{ "results [ADDRESS]", 1, 2 },
	{ "key", 1, 1 },
	{ "pin ADDRESS [SHA-256]", 2, 3 },
	{ "import FILE...", 2, VERB_WORDS },
};

struct request {
	struct list_request list;
	struct said said;
	enum verb verb;
	struct windows_range r;
	uint32_t n_range;
	const char *password_file, *until, *interface;
	bool due;
	struct ip address;
	struct picked picked;
};

uint64_t
windows_kinds(const char *kinds)
{
	uint64_t bits = 0;

	for (uint32_t i = 0; i < WINDOWS_KIND_COUNT; i++) {
		const char *name = windows_kind_name(i), *at = kinds;
		size_t n = strlen(name);

		while (at != NULL && strncmp(at, name, n) != 0) {
			at = strchr(at, ' ');
			at = at != NULL ? at + 1 : NULL;
		}
		if (at != NULL && (at[n] == ' ' || at[n] == '\0'))
			bits |= UINT64_C(1) << i;
	}
	return bits != 0 ? bits : UINT64_MAX;
}

/* ---------------------------------------------------------------------- ranges
 */

static json_t *
words(const char *text)
{
	json_t *list = json_array();

	while (*text != '\0') {
		size_t n = strcspn(text, " ");

		if (n > 0)
			(void)json_array_append_new(list,
			    json_stringn(text, n));
		text += n;
		text += strspn(text, " ");
	}
	return list;
}

json_t *
windows_add_request(const char *state, const struct windows_range *r,
    const char *until, const char *password)
{
	char sealed[VAULT_SEALED];
	json_t *q;

	if (!windows_seal(state, r, password, sealed))
		return NULL;
	q = ask_new("windows.add");
	(void)json_object_set_new(q, "ranges", words(r->ranges));
	if (r->kinds[0] != '\0')
		(void)json_object_set_new(q, "kinds", words(r->kinds));
	ask_text(q, "user", r->user);
	ask_text(q, "domain", r->domain);
	ask_text(q, "sealed", sealed);
	ask_text(q, "trust", r->trust);
	ask_text(q, "hours", r->hours);
	ask_text(q, "times", r->times);
	ask_text(q, "owner", r->owner);
	ask_text(q, "reason", r->reason);
	if (until != NULL)
		ask_text(q, "until", until);
	(void)json_object_set_new(q, "plain", json_boolean(r->plain));
	(void)json_object_set_new(q, "on", json_boolean(r->on));
	(void)json_object_set_new(q, "port", json_integer(r->port));
	(void)json_object_set_new(q, "every", json_integer(r->every));
	return q;
}

static int
add(struct request *q)
{
	char password[VAULT_TEXT];
	json_t *request;

	if (q->n_range == 0 || q->r.user[0] == '\0') {
		complain("active: %s", forms[VERB_ADD].usage);
		return EXIT_USAGE;
	}
	if (!windows_get_password(q->password_file, password))
		return EXIT_INPUT;
	request = windows_add_request(q->list.state, &q->r, q->until, password);
	vault_wipe(password, sizeof(password));
	return request != NULL ? ask("active", q->list.state, request)
			       : EXIT_INPUT;
}

/* The range, as it is; false after complaining. */
static bool
get_range(const struct request *q, uint32_t id, struct windows_range *ret)
{
	char error[STORE_ERROR];
	struct store *st = store_open(q->list.state, STORE_READING, error);
	bool ok = st != NULL && store_get_windows_range(st, id, ret);

	if (!ok)
		complain("active: %s", st != NULL ? store_error(st) : error);
	if (st != NULL)
		store_close(st);
	return ok;
}

static int
change(const struct request *q, uint32_t id)
{
	char password[VAULT_TEXT], sealed[VAULT_SEALED];
	json_t *request = ask_new("windows.change");
	struct windows_range r;

	(void)json_object_set_new(request, "id", json_integer(id));
	if (q->verb == VERB_ON || q->verb == VERB_OFF)
		(void)json_object_set_new(request, "on",
		    json_boolean(q->verb == VERB_ON));
	else if (q->verb == VERB_UNBLOCK)
		(void)json_object_set_new(request, "unblock", json_true());
	else if (get_range(q, id, &r) &&
	    windows_get_password(q->password_file, password) &&
	    windows_seal(q->list.state, &r, password, sealed))
		ask_text(request, "sealed", sealed);
	vault_wipe(password, sizeof(password));
	if (q->verb == VERB_PASSWORD && json_object_size(request) < 3) {
		json_decref(request);
		return EXIT_INPUT;
	}
	return ask("active", q->list.state, request);
}

static int
change_all(const struct request *q)
{
	int status = EXIT_DONE;

	for (uint32_t i = 0; i < q->picked.n && status == EXIT_DONE; i++)
		status = change(q, q->picked.number[i]);
	return status;
}

static int
remove_all(const struct request *q)
{
	json_t *request = ask_new("windows.remove");

	ask_numbers(request, "ids", &q->picked);
	return ask("active", q->list.state, request);
}

static int
pin(const struct request *q)
{
	json_t *request = ask_new("windows.pin");
	char lower[96];
	size_t n = 0;

	/* with colons and capitals, too: as openssl and Windows show it */
	for (const char *p = q->said.n > 2 ? q->said.word[2] : "";
	     *p != '\0' && n + 1 < sizeof(lower); p++)
		if (*p != ':' && *p != ' ')
			lower[n++] =
			    (char)(*p >= 'A' && *p <= 'F' ? *p + 32 : *p);
	lower[n] = '\0';
	ask_text(request, "ip", q->said.word[1]);
	ask_text(request, "pin", lower);
	return ask("active", q->list.state, request);
}

/* ---------------------------------------------------------------------- bytes
 */

static int
show(const struct request *q)
{
	static struct active_plan p;
	static struct out out;
	struct windows_target t = { .port = q->r.port, .plain = q->r.plain };
	struct windows_range r = q->r;
	char error[256];
	unsigned requests = 4; /* who it is, signing in, a second part */

	if (q->picked.n > 0 && !get_range(q, q->picked.number[0], &r))
		return EXIT_INPUT;
	if (r.ranges[0] == '\0')
		(void)snprintf(r.ranges, sizeof(r.ranges), "192.0.2.1");
	if (!desk_windows_plan(&r, &p, error, sizeof(error))) {
		complain("active: %s", error);
		return EXIT_USAGE;
	}
	(void)active_plan_target(&p, 0, &t.ip);
	t.port = r.port;
	t.plain = r.plain;
	t.kinds = windows_kinds(r.kinds);
	for (uint32_t i = 0; i < windows_query_count; i++)
		requests += !windows_queries[i].instead &&
		    (t.kinds >> windows_queries[i].item[0].kind & 1) != 0;
	out_open(&out, STDOUT_FILENO);
	outf(&out,
	    "To each of %" PRIu64
	    " addresses, one at a time; here as to the first.  %s\n"
	    "About %u requests each, two seconds apart (programs one by one: "
	    "up to %u): about %" PRIu64 " min, if everybody answers.\n"
	    "Identifiers of messages are random, and zero here.\n\n",
	    p.addresses,
	    r.plain ? "After signing in all bodies are sealed."
		    : "All of it is within TLS.",
	    requests, TALK_REQUESTS, p.addresses * requests * 2 / 60 + 1);
	windows_show(&out, &t);
	return output_end(&out);
}

/* ------------------------------------------------------------------- arguments
 */

static bool
append(const char *option, const char *value, char *dst, size_t cap)
{
	size_t n = strlen(dst);

	return value_text("active", option, value, dst + n + (n > 0),
		   cap - n - (n > 0)) &&
	    (n == 0 || (dst[n] = ' ') != 0);
}

static bool
take_user(const char *value, struct windows_range *r)
{
	const char *back = strchr(value, '\\');
	size_t n = back != NULL ? (size_t)(back - value) : 0;

	if (!value_text("active", "user", back != NULL ? back + 1 : value,
		r->user, sizeof(r->user)) ||
	    n >= sizeof(r->domain))
		return false;
	(void)snprintf(r->domain, sizeof(r->domain), "%.*s", (int)n, value);
	if (strcmp(r->domain, ".") == 0) /* the endpoint's own */
		r->domain[0] = '\0';
	return true;
}

static bool
take_address(const char *value, struct ip *ret)
{
	struct addr a;

	if (!rule_addr(span_text(value), &a) || a.ip.len == 0) {
		complain("active: '%s' is no address", value);
		return false;
	}
	*ret = a.ip;
	return true;
}

static bool
take(struct request *q, const struct options *o, int option)
{
	struct windows_range *r = &q->r;
	uint64_t number = 0;

	switch (option) {
	case OPT_RANGE:
		q->n_range++;
		return append("range", o->value, r->ranges, sizeof(r->ranges));
	case OPT_USER:
		return take_user(o->value, r);
	case OPT_PASSWORD:
		q->password_file = o->value;
		return true;
	case OPT_PLAIN:
		return r->plain = true;
	case OPT_PORT:
		if (!value_count("active", "port", o->value, 65535, &number))
			return false;
		r->port = (uint16_t)number;
		return true;
	case OPT_TRUST:
		return value_text("active", "trust", o->value, r->trust,
		    sizeof(r->trust));
	case OPT_KIND:
		return append("kind", o->value, r->kinds, sizeof(r->kinds));
	case OPT_OWNER:
		return value_text("active", "owner", o->value, r->owner,
		    sizeof(r->owner));
	case OPT_REASON:
		return value_text("active", "reason", o->value, r->reason,
		    sizeof(r->reason));
	case OPT_UNTIL:
		q->until = o->value;
		return true;
	case OPT_HOURS:
		return value_text("active", "hours", o->value, r->hours,
		    sizeof(r->hours));
	case OPT_EVERY:
		if (!value_count("active", "every", o->value, 2160, &number))
			return false;
		r->every = (uint32_t)number * 3600;
		return true;
	case OPT_TIMES:
		return value_text("active", "times", o->value, r->times,
		    sizeof(r->times));
	case OPT_INTERFACE:
		q->interface = o->value;
		return true;
	case OPT_DUE:
		return q->due = true;
	case OPT_ADDRESS:
		return take_address(o->value, &q->address);
	case OPTION_ARGUMENT:
		return verbs_add(&q->said, "active windows", o->value);
	case OPTION_WRONG:
		return false;
	default:
		return list_take(&q->list, o, option);
	}
}

/* Words that are numbers of ranges. */
static bool
pick(struct request *q)
{
	bool numbers = q->verb >= VERB_PASSWORD && q->verb <= VERB_SCAN;

	for (uint32_t i = 1; numbers && i < q->said.n; i++)
		if (!pick_number(&q->picked, "active", q->said.word[i]))
			return false;
	return true;
}

/* ----------------------------------------------------------------------- verbs
 */

static int
results(struct request *q)
{
	static char where[256];

	if (q->said.n > 1 && q->list.where == NULL) {
		if (!take_address(q->said.word[1], &q->address))
			return EXIT_USAGE;
		(void)snprintf(where, sizeof(where), "ip = '%s'",
		    q->said.word[1]);
		q->list.where = where;
	}
	return list_print(&list_windows_facts, &q->list);
}

static int
import(const struct request *q)
{
	int status = EXIT_DONE, one;

	for (uint32_t i = 1; i < q->said.n; i++) {
		one =
		    windows_import(q->list.state, q->said.word[i], &q->address);
		status = one != EXIT_DONE ? one : status;
	}
	return status;
}

static int
run(struct request *q)
{
	const struct windows_order order = { .state = q->list.state,
		.interface = q->interface,
		.ranges = &q->picked,
		.due = q->due,
		.only = q->address };

	switch (q->verb) {
	case VERB_RANGES:
		return list_print(&list_windows_ranges, &q->list);
	case VERB_ADD:
		return add(q);
	case VERB_IMPORT_RANGES:
		return windows_import_ranges(q->list.state, q->said.word[1],
		    &q->r, q->until);
	case VERB_PASSWORD:
	case VERB_UNBLOCK:
	case VERB_ON:
	case VERB_OFF:
		return change_all(q);
	case VERB_REMOVE:
		return remove_all(q);
	case VERB_SHOW:
		return show(q);
	case VERB_SCAN:
		return windows_scan(&order);
	case VERB_RESULTS:
		return results(q);
	case VERB_KEY:
		return windows_make_key(q->list.state);
	case VERB_PIN:
		return pin(q);
	case VERB_IMPORT:
		return import(q);
	case VERB_LIST:
		break;
	}
	return list_print(&list_windows_hosts, &q->list);
}

static const char examples[] =
    "\n"
    "  active windows add -r 10.1.2.0/24 -u 'PLANT\\sensor' --owner 'J. Doe' "
    "\\\n"
    "      --reason audit --until 2027-01-31 --every 24\n"
    "                                      asks for the password\n"
    "  active windows import-ranges ranges.csv --owner ... --until ...\n"
    "                                      FROM,TO,USER,PASSWORD,DISABLE\n"
    "  active windows ranges               what may be asked, as whom\n"
    "  active windows show 1               every byte, before it is sent\n"
    "  active windows scan 1               ask now, one at a time\n"
    "  active windows                      the endpoints, how it ended\n"
    "  active windows results 10.1.2.3     what is known of one\n"
    "  active windows results --where 'news = new' --format csv\n"
    "  active windows password 1           another password\n"
    "  active windows key                  makes the key, for the console\n"
    "  active stop                         stop asking at once\n"
    "  active windows import HMI-7.txt     a file collected by the scripts of\n"
    "                                      /usr/share/sightglass/windows\n\n"
    "What Windows needs to be ready, and the least rights of the account: "
    "docs/windows.md.\nA password that is refused is not tried again.\n";

int
cmd_active_windows(int argc, char **argv)
{
	struct options o = {
		.command = "active windows",
		.synopsis = "[options] [VERB] [WORD...]",
		.about = "Ask Windows endpoints what they are made of, over "
			 "WS-Management: system, updates,\nprograms, services, "
			 "users, antivirus, USB storage.",
		.row = rows,
		.argc = argc,
		.argv = argv,
		.at = 1,
	};
	static struct request q;
	int option, verb;

	q = (struct request){ .list = LIST_REQUEST,
		.r = { .on = true, .trust = "first" } };
	while ((option = options_next(&o)) != OPTION_END) {
		if (option == LIST_OPT_HELP)
			return list_help(&list_windows_facts, &o, examples);
		if (!take(&q, &o, option))
			return EXIT_USAGE;
	}
	verb = verbs_formed(&q.said, "active windows", verbs, forms);
	if (verb < 0)
		return EXIT_USAGE;
	q.verb = (enum verb)verb;
	return pick(&q) ? run(&q) : EXIT_USAGE;
}
