/*
 * indicators.c - sightglass indicators: lists of addresses, domains, URLs and
 * hashes that are known to be bad.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../malware/malware.h"
#include "ask.h"
#include "cli.h"
#include "file.h"
#include "list.h"
#include "state.h"
#include "verbs.h"

#define IMPORT_MAX ((size_t)1 << 30)
#define DAYS_MOST 3650

enum {
	OPT_LIST = LIST_OPT_COUNT,
	OPT_AS,
	OPT_EXPIRES,
	OPT_REPLACE,
};

static const struct option_row rows[] = {
	LIST_OPTION_ROWS,
	[OPT_LIST] = { "list", 'l', "NAME",
	    "import: the list's name; default the file's" },
	[OPT_AS] = { "as", 0, "FORMAT",
	    "import: auto (the default), csv, plain, stix or misp" },
	[OPT_EXPIRES] = { "expires", 'e', "DAYS",
	    "import: for so long, where the file does not say; else for ever" },
	[OPT_REPLACE] = { "replace", 0, NULL,
	    "import: what the list had before goes" },
	{ NULL, 0, NULL, NULL },
};

static const char *const verbs[] = { "list", "count", "import", "delete",
	"test", NULL };
enum verb {
	VERB_LIST,
	VERB_COUNT,
	VERB_IMPORT,
	VERB_DELETE,
	VERB_TEST
};

struct request {
	struct list_request list;
	int format; /* enum import_format */
	const char *name;
	bool replace;
	uint32_t days; /* 0: for ever */
	struct said words;
};

/* -------------------------------------------------------------------- import
 */

/* "lists/bad.csv" is bad.csv. */
static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return strcmp(path, "-") == 0 ? "stdin"
	    : slash != NULL           ? slash + 1
				      : path;
}

static int
import(const struct request *q)
{
	const char *name =
	    q->name != NULL ? q->name : base_name(q->words.word[1]);
	json_t *request;
	struct span text;
	char *whole;

	if (strlen(name) >= INDICATOR_LIST || name[0] == '\0') {
		complain("indicators: --list: a name of 1 to %d bytes",
		    INDICATOR_LIST - 1);
		return EXIT_USAGE;
	}
	whole = file_read(q->words.word[1], IMPORT_MAX, &text);
	if (whole == NULL)
		return EXIT_INPUT;
	request = ask_new("indicators.import");
	ask_file(request, "text", text);
	free(whole);
	ask_text(request, "list", name);
	ask_text(request, "from", q->words.word[1]);
	ask_text(request, "format", import_format_name((uint32_t)q->format));
	(void)json_object_set_new(request, "days", json_integer(q->days));
	(void)json_object_set_new(request, "replace", json_boolean(q->replace));
	return ask("indicators", q->list.state, request);
}

static int
delete_list(const struct request *q)
{
	json_t *request = ask_new("indicators.delete");

	ask_text(request, "list", q->words.word[1]);
	return ask("indicators", q->list.state, request);
}

/* ---------------------------------------------------------------------- test
 */

static uint32_t
hex_bytes(const char *text, uint8_t *dst, uint32_t cap)
{
	static const char digits[] = "0123456789abcdef";
	uint32_t n = 0;

	for (; n < cap && text[0] != '\0' && text[1] != '\0'; text += 2) {
		const char *high = strchr(digits, text[0]);
		const char *low = strchr(digits, text[1]);

		if (high == NULL || low == NULL)
			break;
		dst[n++] = (uint8_t)((high - digits) << 4 | (low - digits));
	}
	return n;
}

static bool
find(const struct indicators *all, const struct indicator *asked,
    struct tick now, struct indicator *ret)
{
	struct span value = span_text(asked->value);
	uint32_t slash = (uint32_t)strcspn(asked->value, "/");
	struct addr addr;
	uint8_t sum[32];

	switch ((enum indicator_type)asked->type) {
	case INDICATOR_IP:
		return rule_addr(span_first(value, slash), &addr) &&
		    indicators_find_ip(all, &addr.ip, now, ret);
	case INDICATOR_DOMAIN:
		return indicators_find_domain(all, value, now, ret);
	case INDICATOR_URL:
		return indicators_find_url(all, span_first(value, slash),
			   span_from(value, slash), now, ret) ||
		    indicators_find_domain(all, span_first(value, slash), now,
			ret);
	case INDICATOR_HASH:
		return indicators_find_hash(all,
		    SPAN(sum, hex_bytes(asked->value, sum, sizeof(sum))), now,
		    ret);
	case INDICATOR_COUNT:
		break;
	}
	return false;
}

static int
test_one(struct state *s, const struct indicators *all, const char *word)
{
	struct indicator asked, found;

	if (!indicator_value(INDICATOR_COUNT, span_text(word), &asked)) {
		complain("indicators: '%s' is no address, domain, URL or hash",
		    word);
		return EXIT_USAGE;
	}
	if (!find(all, &asked, s->now, &found)) {
		(void)printf("%s: not listed\n", asked.value);
		return EXIT_DONE;
	}
	(void)printf("%s: %s %s of %s%s%s\n", asked.value,
	    indicator_type_name(found.type), found.value, found.list,
	    found.comment[0] != '\0' ? ": " : "", found.comment);
	return EXIT_DONE;
}

/* Those that are built in too. */
static int
test(struct state *s, const struct said *w)
{
	struct malware_config c = MALWARE_CONFIG_DEFAULT;
	char error[MALWARE_ERROR];
	struct malware *m = malware_new(&c, s->assets, NULL, error);
	int status = EXIT_DONE;

	if (m == NULL) {
		complain("indicators: %s", error);
		return EXIT_INTERNAL;
	}
	if (!store_load_indicators(s->store, malware_indicators(m))) {
		complain("indicators: %s", store_error(s->store));
		status = EXIT_INPUT;
	}
	for (uint32_t i = 1; i < w->n && status == EXIT_DONE; i++)
		status = test_one(s, malware_indicators(m), w->word[i]);
	malware_free(m);
	return status;
}

/* ----------------------------------------------------------------- arguments
 */

static int
test_all(const struct request *q)
{
	struct state s;
	int status;

	if (!state_open(&s, "indicators", q->list.state, STATE_STORE))
		return EXIT_INPUT;
	status = test(&s, &q->words);
	state_close(&s);
	return status;
}

static int
run(struct request *q)
{
	static const struct verb_form forms[] = { { "list", 1, 1 },
		{ "count", 1, 1 }, { "import FILE", 2, 2 },
		{ "delete LIST", 2, 2 }, { "test VALUE...", 2, VERB_WORDS } };
	int verb = verbs_formed(&q->words, "indicators", verbs, forms);

	if (verb < 0)
		return EXIT_USAGE;
	if (verb == VERB_LIST || verb == VERB_COUNT)
		return list_print(verb == VERB_LIST ? &list_indicators
						    : &list_indicator_counts,
		    &q->list);
	if (verb == VERB_TEST)
		return test_all(q);
	return verb == VERB_IMPORT ? import(q) : delete_list(q);
}

static bool
take(struct request *q, const struct options *o, int option)
{
	static const char *formats[IMPORT_COUNT + 1];
	char *end;

	switch (option) {
	case OPT_LIST:
		q->name = o->value;
		return true;
	case OPT_AS:
		for (uint32_t i = 0; i < IMPORT_COUNT; i++)
			formats[i] = import_format_name(i);
		q->format = options_choice(o, "as", formats);
		return q->format >= 0;
	case OPT_EXPIRES:
		q->days = (uint32_t)strtoul(o->value, &end, 10);
		if (*end == '\0' && q->days > 0 && q->days <= DAYS_MOST)
			return true;
		complain("indicators: --expires %s: must be 1 to %d days",
		    o->value, DAYS_MOST);
		return false;
	case OPT_REPLACE:
		return q->replace = true;
	case OPTION_ARGUMENT:
		return verbs_add(&q->words, "indicators", o->value);
	case OPTION_WRONG:
		return false;
	default:
		return list_take(&q->list, o, option);
	}
}

static const char examples[] =
    "\n"
    "  indicators count                 lists, and how many\n"
    "  indicators import feed.json --list cert --replace\n"
    "  indicators test 203.0.113.7      is it listed?\n"
    "  indicators delete cert\n\n"
    "CSV is type,value,comment; plain is one value a line.  A "
    "bad line, and nothing\nis imported.\n";

int
cmd_indicators(int argc, char **argv)
{
	struct options o = {
		.command = "indicators",
		.synopsis = "[options] [VERB ...]",
		.about = "Lists of addresses, domains, URLs and hashes of "
			 "files that are known to be bad.",
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
			return list_help(&list_indicators, &o, examples);
		if (!take(&q, &o, option))
			return EXIT_USAGE;
	}
	return run(&q);
}
