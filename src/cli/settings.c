/*
 * settings.c - sightglass settings: what may be changed of the sensor while it
 * runs, and changing it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../config/config.h"
#include "ask.h"
#include "cli.h"
#include "list.h"
#include "options.h"
#include "output.h"
#include "state.h"
#include "verbs.h"

enum {
	OPT_STATE,
	OPT_HELP,
};

static const struct option_row rows[] = {
	[OPT_STATE] = { "state", 'S', "FOLDER",
	    "the state; default " STATE_FOLDER },
	[OPT_HELP] = { "help", 'h', NULL, "this text" },
	{ NULL, 0, NULL, NULL },
};

static const char *const verbs[] = { "list", "set", "reset", NULL };
enum verb {
	VERB_LIST,
	VERB_SET,
	VERB_RESET
};

/* --------------------------------------------------------------------- list */

static void
put_bounds(struct out *o, const struct key_row *k)
{
	if (k->type == KEY_IS_CHOICE)
		outf(o, "%s", k->unit);
	else
		outf(o, "%" PRIu64 " to %" PRIu64 "%s%s", k->least, k->most,
		    k->unit[0] != '\0' ? " " : "", k->unit);
}

static int
list(const char *folder)
{
	static struct out out;
	struct state s;
	char name[96];

	if (!state_open(&s, "settings", folder, STATE_STORE))
		return EXIT_INPUT;
	out_open(&out, 1);
	for (uint32_t i = 0; i < CONF_COUNT; i++) {
		const struct key_row *k = &config_keys[i];
		const char *said;

		if (!config_may_change((enum config_key)i))
			continue;
		(void)snprintf(name, sizeof(name), "conf.%s", k->name);
		said = store_get(s.store, name);
		outf(&out, "%-24s %s\n    %s%s\n    ", k->name,
		    said[0] != '\0' ? said : "as in the file", k->help,
		    k->when == KEY_AT_RESTART ? " (counts at the next start)"
					      : "");
		put_bounds(&out, k);
		outf(&out, "; at first %s\n", k->initial);
	}
	state_close(&s);
	return output_end(&out);
}

/* ----------------------------------------------------------------- changing */

static bool
put_one(json_t *settings, enum verb verb, const char *word)
{
	const char *equals = strchr(word, '=');
	char key[96];

	if (verb == VERB_RESET)
		return json_object_set_new(settings, word, json_null()) == 0;
	if (equals == NULL) {
		complain("settings: set %s: must be KEY=VALUE", word);
		return false;
	}
	(void)snprintf(key, sizeof(key), "%.*s", (int)(equals - word), word);
	return json_object_set_new(settings, key, json_string(equals + 1)) == 0;
}

static int
change(const char *folder, enum verb verb, const struct said *words)
{
	json_t *request = ask_new("settings.change"), *all = json_object();

	(void)json_object_set_new(request, "settings", all);
	for (uint32_t i = 1; i < words->n; i++)
		if (!put_one(all, verb, words->word[i])) {
			json_decref(request);
			return EXIT_USAGE;
		}
	return ask("settings", folder, request);
}

static const char examples[] =
    "\n"
    "  settings                              what may be changed, and is\n"
    "  settings set keep.alerts=180 keep.evidence=10G\n"
    "  settings reset keep.alerts            as in the file again\n\n"
    "What is set here goes over the configuration file and run --set, and "
    "stays.  What\nis opened or heard at start (state, ports, web) is the "
    "file's alone.\n";

static int
run(const char *folder, const struct said *words)
{
	int verb =
	    words->n == 0 ? VERB_LIST : verbs_said(words, "settings", verbs);

	if (verb < 0)
		return EXIT_USAGE;
	if (verb == VERB_LIST && words->n < 2)
		return list(folder);
	if (verb != VERB_LIST && words->n > 1)
		return change(folder, (enum verb)verb, words);
	complain("settings: usage: settings [list] | set KEY=VALUE... | reset "
		 "KEY...");
	return EXIT_USAGE;
}

int
cmd_settings(int argc, char **argv)
{
	struct options o = {
		.command = "settings",
		.synopsis = "[options] [VERB ...]",
		.about = "What may be changed of the sensor while it runs.",
		.row = rows,
		.argc = argc,
		.argv = argv,
		.at = 1,
	};
	static struct said words;
	const char *folder = STATE_FOLDER;
	int option;

	words.n = 0;
	while ((option = options_next(&o)) != OPTION_END) {
		if (option == OPT_HELP) {
			options_help(&o);
			(void)fputs(examples, stdout);
			return EXIT_DONE;
		}
		if (option == OPT_STATE)
			folder = o.value;
		else if (option == OPTION_WRONG ||
		    !verbs_add(&words, "settings", o.value))
			return EXIT_USAGE;
	}
	return run(folder, &words);
}
