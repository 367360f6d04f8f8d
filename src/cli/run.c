/* run.c - sightglass run: the sensor, until it is told to stop. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../config/config.h"
#include "../main/main.h"
#include "../process/process.h"
#include "../sensor/sensor.h"
#include "cli.h"
#include "options.h"
#include "output.h"
#include "settings_file.h"

#define SETS 128u

enum {
	OPT_CONFIG,
	OPT_INTERFACE,
	OPT_SET,
	OPT_HELP
};

static const struct option_row rows[] = {
	[OPT_CONFIG] = { "config", 'c', "FILE",
	    "the settings; default " CONFIG_FILE },
	[OPT_INTERFACE] = { "interface", 'i', "NAME",
	    "watch this interface too; may be repeated" },
	[OPT_SET] = { "set", 's', "KEY=VALUE",
	    "change a setting, see below; counts more than the file" },
	[OPT_HELP] = { "help", 'h', NULL, "this text" },
	{ NULL, 0, NULL, NULL },
};

struct request {
	const char *path;
	bool named; /* on the command line: it must be there */
	const char *interface[CONFIG_PORTS];
	uint32_t n_interface;
	const char *set[SETS];
	uint32_t n_set;
};

/* Filters that do not parse are left out. */
static bool
look_at_filters(struct config *c)
{
	char error[FILTER_ERROR + 64];
	enum config_key key;
	bool ok = true;

	while (!filters_check(c, &key, error, sizeof(error))) {
		complain("run: %s", error);
		c->text[key][0] = '\0';
		ok = false;
	}
	return ok;
}

static bool
read_settings(void *ctx, struct config *c)
{
	const struct request *r = ctx;
	char error[CONFIG_ERROR];
	bool ok;

	config_init(c);
	ok = settings_from_file(c, r->path, r->named);
	for (uint32_t i = 0; i < r->n_set; i++)
		if (!config_set_pair(c, r->set[i], error)) {
			complain("run: --set %s", error);
			ok = false;
		}
	for (uint32_t i = 0; i < r->n_interface; i++)
		if (config_port(c, r->interface[i]) == NULL) {
			complain("run: %s: cannot be an interface's name",
			    r->interface[i]);
			ok = false;
		}
	return look_at_filters(c) && ok;
}

static int
help(const struct options *o)
{
	static struct out out;

	options_help(o);
	if (fflush(stdout) != 0)
		return EXIT_INTERNAL;
	out_open(&out, STDOUT_FILENO);
	config_help(&out, KEY_OF_RUN);
	return output_end(&out);
}

#define RUN_GO (-1)

static int
take(struct request *r, const struct options *o, int option)
{
	switch (option) {
	case OPT_CONFIG:
		r->path = o->value;
		r->named = true;
		return RUN_GO;
	case OPT_INTERFACE:
		if (r->n_interface == CONFIG_PORTS) {
			complain("run: more than %d ports", CONFIG_PORTS);
			return EXIT_USAGE;
		}
		r->interface[r->n_interface++] = o->value;
		return RUN_GO;
	case OPT_SET:
		if (r->n_set == SETS) {
			complain("run: more than %u times --set", SETS);
			return EXIT_USAGE;
		}
		r->set[r->n_set++] = o->value;
		return RUN_GO;
	case OPT_HELP:
		return help(o);
	case OPTION_ARGUMENT:
		complain("run: takes no argument (%s)", o->value);
		return EXIT_USAGE;
	default:
		return EXIT_USAGE;
	}
}

/* What is wrong on the command line ends it; in the file it is said and the
 * rest counts. */
static bool
is_sound(struct request *r)
{
	static struct config c;
	struct request of_line = *r;

	of_line.path = "/nonexistent";
	of_line.named = false;
	if (!read_settings(&of_line, &c))
		return false;
	if (!r->named || access(r->path, R_OK) == 0)
		return true;
	complain("%s: cannot be read", r->path);
	return false;
}

int
cmd_run(int argc, char **argv)
{
	static struct request r = { .path = CONFIG_FILE };
	const struct run_settings settings = { .ctx = &r,
		.read = read_settings };
	struct options o = {
		.command = "run",
		.synopsis = "[options]",
		.about = "The sensor: watches interfaces from now on, keeps "
			 "what it finds in the state\ndirectory, and serves "
			 "console and API.  TERM stops it, HUP reads the "
			 "settings anew.",
		.row = rows,
		.argc = argc,
		.argv = argv,
		.at = 1,
	};
	int option, status;

	while ((option = options_next(&o)) != OPTION_END) {
		status = take(&r, &o, option);
		if (status != RUN_GO)
			return status;
	}
	return is_sound(&r) ? run_sensor(&settings) : EXIT_USAGE;
}

/* ----------------------------------------------------------- --privileges */

int
cmd_privileges(int argc, char **argv)
{
	static struct out out;
	bool json = false, tries = false;
	uint32_t through = 0;
	int status;

	for (int i = 1; i < argc; i++) {
		json |= strcmp(argv[i], "--format=json") == 0 ||
		    strcmp(argv[i], "json") == 0;
		tries |= strcmp(argv[i], "--try") == 0;
	}
	out_open(&out, STDOUT_FILENO);
	if (tries)
		through = privileges_try(&out);
	else if (json)
		privileges_json(&out);
	else
		privileges_text(&out);
	status = output_end(&out);
	return status == EXIT_DONE && through > 0 ? EXIT_INPUT : status;
}
