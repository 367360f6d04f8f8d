/*
 * networks.c - sightglass networks: what people know of the plant's subnets,
 * and which were seen.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static bool
read_word(const char *text, struct network *ret)
{
	if (network_read(text, &ret->ip, &ret->bits))
		return true;
	complain("networks: '%s' is no network: such as 10.1.0.0/16", text);
	return false;
}

/* ------------------------------------------------------------------ changing
 */

static bool
put(struct state *s, const struct network *n)
{
	char text[64];

	(void)network_text(&n->ip, n->bits, text, sizeof(text));
	if (store_put_network(s->store, n) &&
	    state_note(s, "network", text, "%s%s%s%s%s",
		n->ot ? "industrial" : "office", n->inside ? ", inside" : "",
		n->dhcp ? ", DHCP" : "", n->name[0] != '\0' ? ": " : "",
		n->name))
		return true;
	complain("networks: %s", store_error(s->store));
	return false;
}

static bool
has_room(struct state *s, uint32_t more)
{
	if (state_number(s, "select count(*) from network", NULL) + more <=
	    NETWORKS_MOST)
		return true;
	complain("networks: more than %u networks", NETWORKS_MOST);
	return false;
}

static int
add(struct state *s, const struct request *q)
{
	struct network n = { .dhcp = q->dhcp, .ot = !q->it };
	char text[64];

	if (!read_word(q->words.word[1], &n))
		return EXIT_USAGE;
	n.inside = q->inside || ip_is_private(&n.ip);
	(void)network_text(&n.ip, n.bits, text, sizeof(text));
	if (!n.inside) {
		complain("networks: %s is public: --inside if it is yours",
		    text);
		return EXIT_USAGE;
	}
	if (q->name != NULL &&
	    snprintf(n.name, sizeof(n.name), "%s", q->name) >=
		(int)sizeof(n.name)) {
		complain("networks: --name: at most %zu bytes",
		    sizeof(n.name) - 1);
		return EXIT_USAGE;
	}
	if (!has_room(s, 1))
		return EXIT_USAGE;
	if (!put(s, &n))
		return EXIT_INTERNAL;
	(void)printf("%s added\n", text);
	return state_save(s);
}

static int
delete_one(struct state *s, const char *word)
{
	struct network n;
	char text[64];

	if (!read_word(word, &n))
		return EXIT_USAGE;
	(void)network_text(&n.ip, n.bits, text, sizeof(text));
	if (state_number(s,
		"select count(*) from network where ip || '/' || bits = ?1",
		text) == 0) {
		complain("networks: there is no %s; 'sightglass networks' "
			 "lists them",
		    text);
		return EXIT_INPUT;
	}
	if (store_delete_network(s->store, &n.ip, n.bits) &&
	    state_note(s, "network", text, "deleted"))
		return EXIT_DONE;
	complain("networks: %s", store_error(s->store));
	return EXIT_INTERNAL;
}

static int
delete_all(struct state *s, const struct request *q)
{
	int status = EXIT_DONE;

	for (uint32_t i = 1; i < q->words.n && status == EXIT_DONE; i++)
		status = delete_one(s, q->words.word[i]);
	if (status == EXIT_DONE)
		status = state_save(s);
	if (status == EXIT_DONE)
		(void)printf("%u network%s deleted\n", q->words.n - 1,
		    q->words.n == 2 ? "" : "s");
	return status;
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
read_row(const struct rows *r, struct network *n)
{
	*n = (struct network){ .ot = true };
	if (!network_read(r->cell[0], &n->ip, &n->bits))
		return "no network, such as 10.1.0.0/16";
	n->inside = ip_is_private(&n->ip);
	if (r->n > 5)
		return "more than network,name,ot,inside,dhcp";
	if (r->n > 1 &&
	    snprintf(n->name, sizeof(n->name), "%s", r->cell[1]) >=
		(int)sizeof(n->name))
		return "the name is too long";
	if ((r->n > 2 && !read_yes(r->cell[2], &n->ot)) ||
	    (r->n > 3 && !read_yes(r->cell[3], &n->inside)) ||
	    (r->n > 4 && !read_yes(r->cell[4], &n->dhcp)))
		return "ot, inside and dhcp are 1 or 0, yes or no";
	return n->inside ? NULL : "public, and not said to be inside";
}

/* How many, all of them good; -1 after complaining. */
static int64_t
read_file(const char *path, struct span text, struct network *ret)
{
	struct rows r = { .rest = text };
	const char *wrong = NULL;
	uint32_t n = 0;

	while (wrong == NULL && rows_next(&r)) {
		if (r.line == 1 && strcmp(r.cell[0], "network") == 0)
			continue;
		wrong = n == NETWORKS_MOST ? "too many networks"
					   : read_row(&r, &ret[n++]);
	}
	if (wrong == NULL)
		wrong = r.error;
	if (wrong == NULL)
		return n;
	complain("%s: line %" PRIu32 ": %s; nothing was imported", path, r.line,
	    wrong);
	return -1;
}

static int
import(struct state *s, const struct request *q)
{
	static struct network all[NETWORKS_MOST];
	struct span text;
	char *whole = file_read(q->words.word[1], IMPORT_MAX, &text);
	int64_t n = whole != NULL ? read_file(q->words.word[1], text, all) : -1;

	free(whole);
	if (n < 0)
		return EXIT_INPUT;
	if (!has_room(s, (uint32_t)n))
		return EXIT_USAGE;
	for (int64_t i = 0; i < n; i++)
		if (!put(s, &all[i]))
			return EXIT_INTERNAL;
	(void)printf("%" PRId64 " networks imported\n", n);
	return state_save(s);
}

/* ------------------------------------------------------------------ arguments
 */

static int
act(struct request *q)
{
	struct state s;
	int status;

	if (!state_open(&s, "networks", q->list.state,
		q->verb == VERB_SEEN         ? STORE_READING
		    : q->verb == VERB_DELETE ? STORE_WRITING
					     : STORE_MAKING,
		STATE_STORE))
		return EXIT_INPUT;
	status = q->verb == VERB_SEEN ? networks_seen(&s, &q->list)
	    : q->verb == VERB_ADD     ? add(&s, q)
	    : q->verb == VERB_DELETE  ? delete_all(&s, q)
				      : import(&s, q);
	state_close(&s);
	return status;
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
