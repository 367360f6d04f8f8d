/*
 * names.c - sightglass names: what ports and VLANs are called, and the names
 * outside that are allowed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "list.h"
#include "state.h"
#include "values.h"
#include "verbs.h"

static const struct option_row rows[] = {
	LIST_OPTION_ROWS,
	{ NULL, 0, NULL, NULL },
};

static const char *const verbs[] = { "list", "add", "delete", NULL };
enum verb {
	VERB_LIST,
	VERB_ADD,
	VERB_DELETE
};

struct request {
	struct list_request list;
	struct said words;
};

/* --------------------------------------------------------- what is spoken of
 */

struct thing {
	enum kind {
		THING_PORT,
		THING_VLAN,
		THING_DOMAIN
	} kind;
	struct port_name port;
	struct vlan_name vlan;
	struct allowed_domain domain;
};

static bool
read_number(const char *text, unsigned long most, uint16_t *ret)
{
	uint64_t n;
	bool good = value_number(text, most, &n);

	*ret = (uint16_t)n;
	return good;
}

static bool
is_domain(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	size_t n = strlen(text);

	return n > 0 && n < sizeof(((struct allowed_domain *)0)->name) &&
	    strpbrk(text, letters) != NULL &&
	    strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_.*") == n;
}

static bool
read_thing(const char *word, struct thing *ret)
{
	char low[512];
	size_t i = 0;

	for (; word[i] != '\0' && i + 1 < sizeof(low); i++)
		low[i] = word[i] >= 'A' && word[i] <= 'Z'
		    ? (char)(word[i] | 0x20)
		    : word[i];
	low[i] = '\0';
	*ret = (struct thing){ .kind = THING_PORT };
	ret->port.via = strncmp(low, "udp/", 4) == 0 ? VIA_UDP : VIA_TCP;
	if ((strncmp(low, "tcp/", 4) == 0 || strncmp(low, "udp/", 4) == 0) &&
	    read_number(low + 4, 65535, &ret->port.port))
		return true;
	ret->kind = THING_VLAN;
	if (strncmp(low, "vlan/", 5) == 0 &&
	    read_number(low + 5, 4094, &ret->vlan.vlan))
		return true;
	ret->kind = THING_DOMAIN;
	if (is_domain(low)) {
		memcpy(ret->domain.name, low, i + 1);
		return true;
	}
	complain("names: '%s': must be tcp/502, udp/161, vlan/30, or a domain "
		 "such as *.example.com",
	    word);
	return false;
}

static bool
put(struct state *s, struct thing *t)
{
	switch (t->kind) {
	case THING_PORT:
		return store_put_port_name(s->store, &t->port);
	case THING_VLAN:
		return store_put_vlan_name(s->store, &t->vlan);
	case THING_DOMAIN:
		break;
	}
	t->domain.added = s->now;
	return store_put_domain(s->store, &t->domain);
}

static bool
drop(struct state *s, const struct thing *t)
{
	switch (t->kind) {
	case THING_PORT:
		return store_delete_port_name(s->store, t->port.via,
		    t->port.port);
	case THING_VLAN:
		return store_delete_vlan_name(s->store, t->vlan.vlan);
	case THING_DOMAIN:
		break;
	}
	return store_delete_domain(s->store, t->domain.name);
}

static const char *
thing_text(const struct thing *t, char *dst, size_t cap)
{
	switch (t->kind) {
	case THING_PORT:
		(void)snprintf(dst, cap, "%s/%u",
		    via_name((enum via)t->port.via), t->port.port);
		return dst;
	case THING_VLAN:
		(void)snprintf(dst, cap, "vlan/%u", t->vlan.vlan);
		return dst;
	case THING_DOMAIN:
		break;
	}
	return t->domain.name;
}

/* ------------------------------------------------------------------ changing
 */

static bool
call(struct thing *t, const char *name)
{
	char *dst = t->kind == THING_PORT ? t->port.name
	    : t->kind == THING_VLAN       ? t->vlan.name
					  : t->domain.comment;
	size_t cap = t->kind == THING_PORT ? sizeof(t->port.name)
	    : t->kind == THING_VLAN        ? sizeof(t->vlan.name)
					   : sizeof(t->domain.comment);

	if (name == NULL && t->kind != THING_DOMAIN)
		complain("names: add %s: what is it called?",
		    t->kind == THING_PORT ? "PORT NAME" : "VLAN NAME");
	else if (name != NULL && strlen(name) >= cap)
		complain("names: a name of more than %zu bytes", cap - 1);
	else
		return snprintf(dst, cap, "%s", name != NULL ? name : "") >= 0;
	return false;
}

static int
add(struct state *s, const struct said *w)
{
	const char *name = w->n > 2 ? w->word[2] : NULL;
	struct thing t;
	char text[64];

	if (!read_thing(w->word[1], &t) || !call(&t, name))
		return EXIT_USAGE;
	if (t.kind == THING_DOMAIN &&
	    state_number(s, "select count(*) from domain", NULL) >= 4096) {
		complain("names: more than 4096 domains; use wildcards");
		return EXIT_USAGE;
	}
	if (!put(s, &t) ||
	    !state_note(s, "name", thing_text(&t, text, sizeof(text)), "%s",
		name != NULL ? name : "allowed")) {
		complain("names: %s", store_error(s->store));
		return EXIT_INTERNAL;
	}
	if (t.kind == THING_DOMAIN)
		(void)printf("%s: allowed\n", t.domain.name);
	else
		(void)printf("%s: %s\n", thing_text(&t, text, sizeof(text)),
		    name);
	return state_save(s);
}

static int
delete_one(struct state *s, const char *word)
{
	const char *sql = "select count(*) from (select via || '/' || port as "
			  "w from port_name union all select 'vlan/' || vlan "
			  "from vlan_name union all select name from domain) "
			  "where w = ?1";
	struct thing t;
	char text[64];

	if (!read_thing(word, &t))
		return EXIT_USAGE;
	if (state_number(s, sql, thing_text(&t, text, sizeof(text))) == 0) {
		complain("names: there is no %s; 'sightglass names' lists them",
		    thing_text(&t, text, sizeof(text)));
		return EXIT_INPUT;
	}
	if (drop(s, &t) &&
	    state_note(s, "name", thing_text(&t, text, sizeof(text)),
		"deleted"))
		return EXIT_DONE;
	complain("names: %s", store_error(s->store));
	return EXIT_INTERNAL;
}

static int
delete_all(struct state *s, const struct said *w)
{
	int status = EXIT_DONE;

	for (uint32_t i = 1; i < w->n && status == EXIT_DONE; i++)
		status = delete_one(s, w->word[i]);
	if (status == EXIT_DONE)
		status = state_save(s);
	if (status == EXIT_DONE)
		(void)printf("%u name%s deleted\n", w->n - 1,
		    w->n == 2 ? "" : "s");
	return status;
}

/* ----------------------------------------------------------------- arguments
 */

static int
run(struct request *q)
{
	struct state s;
	int status, verb = verbs_said(&q->words, "names", verbs);

	if (verb < 0)
		return EXIT_USAGE;
	if (verb == VERB_LIST && q->words.n < 2)
		return list_print(&list_names, &q->list);
	if (verb == VERB_LIST || q->words.n < 2 ||
	    (verb == VERB_ADD && q->words.n > 3)) {
		complain("names: usage: names list | add WHAT [NAME] | delete "
			 "WHAT...");
		return EXIT_USAGE;
	}
	if (!state_open(&s, "names", q->list.state,
		verb == VERB_ADD ? STORE_MAKING : STORE_WRITING, STATE_STORE))
		return EXIT_INPUT;
	status =
	    verb == VERB_ADD ? add(&s, &q->words) : delete_all(&s, &q->words);
	state_close(&s);
	return status;
}

static const char examples[] =
    "\n"
    "  names add tcp/5020 'Boiler gateway'\n"
    "  names add vlan/30 'Cell 3'\n"
    "  names add '*.vendor.example' 'remote support'   no "
    "alert for it\n"
    "  names delete vlan/30\n\n"
    "A domain is a name, or has * wildcards; *.example.com is "
    "example.com and all\nbelow it.  Asking for an allowed "
    "name is no alert, nor is speaking with an\naddress that "
    "DNS answered for it.\n";

int
cmd_names(int argc, char **argv)
{
	struct options o = {
		.command = "names",
		.synopsis = "[options] [VERB ...]",
		.about = "What ports and VLANs are called, and the names in "
			 "the Internet that are allowed.",
		.row = rows,
		.argc = argc,
		.argv = argv,
		.at = 1,
	};
	static struct request q;
	int option;

	q = (struct request){ .list = LIST_REQUEST };
	while ((option = options_next(&o)) != OPTION_END) {
		if (option == LIST_OPT_HELP)
			return list_help(&list_names, &o, examples);
		if (option == OPTION_WRONG ||
		    !(option == OPTION_ARGUMENT
			    ? verbs_add(&q.words, "names", o.value)
			    : list_take(&q.list, &o, option)))
			return EXIT_USAGE;
	}
	return run(&q);
}
