/*
 * networks.c - sightglass networks: what people know of the plant's subnets,
 * and which were seen.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "cli.h"
#include "file.h"
#include "networks.h"
#include "rows.h"
#include "verbs.h"

#define IMPORT_MAX ((size_t)1 << 20)

enum {
	OPT_OT = LIST_OPT_COUNT,
	OPT_IT,
	OPT_INSIDE,
	OPT_DHCP,
	OPT_NAME,
};

static const struct option_row rows[] = {
	LIST_OPTION_ROWS,
	[OPT_OT] = { "ot", 0, NULL, "add: industrial (private ones are)" },
	[OPT_IT] = { "it", 0, NULL, "add: office, not industrial" },
	[OPT_INSIDE] = { "inside", 0, NULL, "add: looks public, but is ours" },
	[OPT_DHCP] = { "dhcp", 0, NULL,
	    "add: devices change addresses, follow the MAC" },
	[OPT_NAME] = { "name", 0, "TEXT", "add: what it is called" },
	{ NULL, 0, NULL, NULL },
};

static const char *const verbs[] = { "list", "add", "delete", "seen", "import",
	"export", NULL };
enum verb {
	VERB_LIST,
	VERB_ADD,
	VERB_DELETE,
	VERB_SEEN,
	VERB_IMPORT,
	VERB_EXPORT
};

struct request {
	struct list_request list;
	int verb;
	bool ot, it, inside, dhcp;
	const char *name;
	struct said words;
};

/* ------------------------------------------------------------------ changing
 */

static json_t *
network_json(const char *network, const char *name, bool ot, bool dhcp)
{
	return json_pack("{s:s, s:s, s:b, s:b}", "network", network, "name",
	    name, "ot", (int)ot, "dhcp", (int)dhcp);
}

static int
put(const struct request *q, json_t *list)
{
	json_t *request = ask_new("networks.put");

	(void)json_object_set_new(request, "networks", list);
	return ask("networks", q->list.state, request);
}

static int
add(const struct request *q)
{
	json_t *list = json_array();
	json_t *one = network_json(q->words.word[1],
	    q->name != NULL ? q->name : "", !q->it, q->dhcp);

	if (q->inside)
		(void)json_object_set_new(one, "inside", json_true());
	(void)json_array_append_new(list, one);
	return put(q, list);
}

static int
delete_all(const struct request *q)
{
	json_t *request = ask_new("networks.delete"), *list = json_array();

	for (uint32_t i = 1; i < q->words.n; i++)
		(void)json_array_append_new(list,
		    json_string(q->words.word[i]));
	(void)json_object_set_new(request, "networks", list);
	return ask("networks", q->list.state, request);
}

/* ------------------------------------------------------------------- carrying
 */

static bool
read_yes(const char *cell, bool *ret)
{
	*ret = strcmp(cell, "1") == 0 || strcmp(cell, "yes") == 0;
	return *ret || strcmp(cell, "0") == 0 || strcmp(cell, "no") == 0 ||
	    cell[0] == '\0';
}

/* network,name,ot,inside,dhcp; NULL, or what is wrong. */
static const char *
read_row(const struct rows *r, json_t *list)
{
	struct network n = { .ot = true };
	json_t *one;

	if (!network_read(r->cell[0], &n.ip, &n.bits))
		return "no network, such as 10.1.0.0/16";
	n.inside = ip_is_private(&n.ip);
	if (r->n > 5)
		return "more than network,name,ot,inside,dhcp";
	if (r->n > 1 && strlen(r->cell[1]) >= sizeof(n.name))
		return "the name is too long";
	if ((r->n > 2 && !read_yes(r->cell[2], &n.ot)) ||
	    (r->n > 3 && !read_yes(r->cell[3], &n.inside)) ||
	    (r->n > 4 && !read_yes(r->cell[4], &n.dhcp)))
		return "ot, inside and dhcp are 1 or 0, yes or no";
	if (!n.inside)
		return "public, and not said to be inside";
	one =
	    network_json(r->cell[0], r->n > 1 ? r->cell[1] : "", n.ot, n.dhcp);
	(void)json_object_set_new(one, "inside", json_true());
	(void)json_array_append_new(list, one);
	return NULL;
}

/* False after complaining. */
static bool
read_file(const char *path, struct span text, json_t *list)
{
	struct rows r = { .rest = text };
	const char *wrong = NULL;

	while (wrong == NULL && rows_next(&r)) {
		if (r.line == 1 && strcmp(r.cell[0], "network") == 0)
			continue;
		wrong = json_array_size(list) == DESK_NETWORKS
		    ? "too many networks"
		    : read_row(&r, list);
	}
	if (wrong == NULL)
		wrong = r.error;
	if (wrong == NULL)
		return true;
	complain("%s: line %" PRIu32 ": %s; nothing was imported", path, r.line,
	    wrong);
	return false;
}

static int
import(const struct request *q)
{
	json_t *list = json_array();
	struct span text;
	char *whole = file_read(q->words.word[1], IMPORT_MAX, &text);
	bool read = whole != NULL && read_file(q->words.word[1], text, list);

	free(whole);
	if (read && json_array_size(list) > 0)
		return put(q, list);
	json_decref(list);
	if (read)
		(void)printf("0 networks imported\n");
	return read ? EXIT_DONE : EXIT_INPUT;
}

/* ------------------------------------------------------------------ arguments
 */

static int
seen(const struct request *q)
{
	struct state s;
	int status;

	if (!state_open(&s, "networks", q->list.state, STATE_STORE))
		return EXIT_INPUT;
	status = networks_seen(&s, &q->list);
	state_close(&s);
	return status;
}

static int
act(const struct request *q)
{
	switch (q->verb) {
	case VERB_SEEN:
		return seen(q);
	case VERB_ADD:
		return add(q);
	case VERB_DELETE:
		return delete_all(q);
	default:
		return import(q);
	}
}

static int
run(struct request *q)
{
	static const struct verb_form forms[] = { { "list", 1, 1 },
		{ "add NETWORK", 2, 2 }, { "delete NETWORK...", 2, VERB_WORDS },
		{ "seen", 1, 1 }, { "import FILE", 2, 2 }, { "export", 1, 1 } };

	q->verb = verbs_formed(&q->words, "networks", verbs, forms);
	if (q->verb < 0)
		return EXIT_USAGE;
	if (q->ot && q->it) {
		complain("networks: --ot or --it, not both");
		return EXIT_USAGE;
	}
	if (q->verb == VERB_EXPORT)
		q->list.format = 2;
	if (q->verb == VERB_LIST || q->verb == VERB_EXPORT)
		return list_print(&list_networks, &q->list);
	return act(q);
}

static bool
take(struct request *q, const struct options *o, int option)
{
	switch (option) {
	case OPT_OT:
		return q->ot = true;
	case OPT_IT:
		return q->it = true;
	case OPT_INSIDE:
		return q->inside = true;
	case OPT_DHCP:
		return q->dhcp = true;
	case OPT_NAME:
		q->name = o->value;
		return true;
	case OPTION_ARGUMENT:
		return verbs_add(&q->words, "networks", o->value);
	case OPTION_WRONG:
		return false;
	default:
		return list_take(&q->list, o, option);
	}
}

static const char examples[] =
    "\n"
    "  networks                          what is known\n"
    "  networks seen                     what was seen, with "
    "devices\n"
    "  networks add 10.1.0.0/16 --name 'Line 1'\n"
    "  networks add 10.9.0.0/16 --it --dhcp --name Office\n"
    "  networks add 203.0.113.0/24 --inside\n"
    "  networks delete 10.9.0.0/16\n"
    "  networks export >networks.csv;  networks import "
    "networks.csv\n";

int
cmd_networks(int argc, char **argv)
{
	struct options o = {
		.command = "networks",
		.synopsis = "[options] [VERB ...]",
		.about = "The plant's subnets: which are industrial, which are "
			 "ours though they look public,\nand where devices "
			 "move.",
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
			return list_help(&list_networks, &o, examples);
		if (!take(&q, &o, option))
			return EXIT_USAGE;
	}
	return run(&q);
}
