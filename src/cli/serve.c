/*
 * serve.c - sightglass serve: the console and the API of a state directory,
 * without a sensor.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../api/api.h"
#include "../config/config.h"
#include "../directory/directory.h"
#include "../store/store.h"
#include "cli.h"
#include "descriptions.h"
#include "options.h"
#include "serve_decoder.h"
#include "state.h"

enum {
	OPT_STATE,
	OPT_PORT,
	OPT_SET,
	OPT_HELP
};

static const struct option_row rows[] = {
	[OPT_STATE] = { "state", 'S', "FOLDER",
	    "the state; default the setting state" },
	[OPT_PORT] = { "port", 'p', "N", "port; 0: any that is free" },
	[OPT_SET] = { "set", 's', "KEY=VALUE",
	    "any setting, such as web.address" },
	[OPT_HELP] = { "help", 'h', NULL, "this text" },
	{ NULL, 0, NULL, NULL },
};

struct request {
	struct config config;
	const char *state;
	uint64_t port;
};

static void
say(void *ctx, const char *line)
{
	(void)ctx;
	(void)fprintf(stderr, "%s\n", line);
}

static bool
take(struct request *q, const struct options *o, int option)
{
	char error[CONFIG_ERROR], *end;

	switch (option) {
	case OPT_STATE:
		q->state = o->value;
		return true;
	case OPT_PORT:
		q->port = strtoul(o->value, &end, 10);
		if (*o->value >= '0' && *o->value <= '9' && *end == '\0' &&
		    q->port <= 65535)
			return true;
		complain("serve: --port %s: must be a number up to 65535",
		    o->value);
		return false;
	case OPT_SET:
		if (config_set_pair(&q->config, o->value, error)) {
			q->port = q->config.number[CONF_WEB_PORT];
			return true;
		}
		complain("serve: --set %s: %s", o->value, error);
		return false;
	case OPTION_ARGUMENT:
		complain("serve: '%s' is one too many", o->value);
		return false;
	default:
		return false;
	}
}

static int directory = -1; /* to ask it by; -1: there is none */

static bool
look_up(void *ctx, const struct directory_question *q,
    struct directory_answer *ret, const atomic_bool *stop)
{
	(void)ctx;
	return directory >= 0 &&
	    (q == NULL || directory_ask(directory, q, ret, stop));
}

/* Before there are threads and sockets that a child would have, too. */
static bool
start_directory(struct request *q)
{
	char why[DIRECTORY_WHY];

	if (q->config.number[CONF_DIRECTORY] == 0)
		return true;
	directory = directory_start(&q->config, why);
	if (directory < 0)
		complain("serve: directory: %s", why);
	return directory >= 0;
}

/* An older state is brought up to date; from then on it is only read. */
static bool
look_at_state(const char *folder)
{
	char error[STORE_ERROR];
	struct store *db = store_open(folder, STORE_READING, error);

	if (db == NULL)
		db = store_open(folder, STORE_WRITING, error);
	if (db == NULL) {
		complain("serve: %s", error);
		return false;
	}
	store_close(db);
	return true;
}

/* Never freed: it is used to the end. */
static bool
take_pem(const struct request *q, struct api_config *c)
{
	char error[CONFIG_ERROR] = "";

	if (q->config.text[CONF_WEB_CERTIFICATE][0] != '\0')
		c->chain = config_file(&q->config, CONF_WEB_CERTIFICATE,
		    API_PEM_MOST, error);
	c->key = c->chain; /* or in one file */
	if (error[0] == '\0' && q->config.text[CONF_WEB_KEY][0] != '\0')
		c->key =
		    config_file(&q->config, CONF_WEB_KEY, API_PEM_MOST, error);
	if (error[0] != '\0')
		complain("serve: %s", error);
	return error[0] == '\0';
}

static int
serve(struct request *q)
{
	char home[4200], error[API_ERROR];
	struct api_config c = { .version = SIGHTGLASS_VERSION,
		.state = q->state,
		.home = home,
		.socket = -1,
		.address = q->config.text[CONF_WEB_ADDRESS],
		.port = (uint16_t)q->port,
		.settings = &q->config,
		.standalone = true,
		.say = say,
		.decode = serve_decode,
		.look_up = look_up };

	(void)snprintf(home, sizeof(home), "%s/console", q->state);
	if (q->state != q->config.text[CONF_STATE])
		(void)snprintf(q->config.text[CONF_STATE], CONFIG_TEXT, "%.*s",
		    (int)CONFIG_TEXT - 1, q->state);
	serve_decoder_settings(&q->config);
	if (!look_at_state(q->state) || !take_pem(q, &c) ||
	    !start_directory(q) ||
	    !descriptions_load(config_path(&q->config, CONF_PROTOCOLS)))
		return EXIT_INPUT;
	if (api_main(&c, error))
		return EXIT_DONE;
	complain("serve: %s", error);
	return EXIT_INPUT;
}

int
cmd_serve(int argc, char **argv)
{
	struct options o = {
		.command = "serve",
		.synopsis = "[options]",
		.about = "Serve the console and the API of a state, by HTTPS, "
			 "without a sensor.",
		.row = rows,
		.argc = argc,
		.argv = argv,
		.at = 1,
	};
	static struct request q;
	int option;

	config_init(&q.config);
	q.state = q.config.text[CONF_STATE];
	q.port = q.config.number[CONF_WEB_PORT];
	while ((option = options_next(&o)) != OPTION_END) {
		if (option == OPT_HELP) {
			options_help(&o);
			return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INTERNAL;
		}
		if (option == OPTION_WRONG || !take(&q, &o, option))
			return EXIT_USAGE;
	}
	return serve(&q);
}
