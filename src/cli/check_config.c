/*
 * check_config.c - sightglass check-config: what is wrong with the
 * configuration file, line by line, before the sensor has to take it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../config/config.h"
#include "../directory/directory.h"
#include "../sensor/sensor.h"
#include "cli.h"
#include "file.h"
#include "options.h"
#include "output.h"
#include "settings_file.h"

enum {
	OPT_SHOW,
	OPT_PAGE,
	OPT_QUIET,
	OPT_HELP
};

static const struct option_row rows[] = {
	[OPT_SHOW] = { "show", 's', NULL,
	    "print what is set and not as by default, as a file again" },
	[OPT_PAGE] = { "page", 0, NULL,
	    "print the table of all settings, in Markdown" },
	[OPT_QUIET] = { "quiet", 'q', NULL, "say nothing when all is well" },
	[OPT_HELP] = { "help", 'h', NULL, "this text, and all settings" },
	{ NULL, 0, NULL, NULL },
};

struct request {
	const char *path;
	bool show, quiet, page, help;
};

static int
put_table(bool page)
{
	static struct out out;

	out_open(&out, STDOUT_FILENO);
	if (page)
		config_page(&out);
	else
		config_help(&out, KEY_OF_RUN);
	return output_end(&out);
}

static int
show(const struct config *c)
{
	static char text[CONFIG_BYTES];
	uint32_t n = config_write(c, text, sizeof(text));

	return fwrite(text, 1, n, stdout) == n && fflush(stdout) == 0
	    ? EXIT_DONE
	    : EXIT_INTERNAL;
}

static int
check(const struct request *r)
{
	static struct config c;
	struct span text;
	char *whole, path[256], error[FILTER_ERROR + 64];
	enum config_key key;
	uint32_t n;

	if (access(r->path, F_OK) != 0 && strcmp(r->path, CONFIG_FILE) == 0) {
		if (!r->quiet)
			(void)printf("%s: not there: all settings are as by "
				     "default\n",
			    r->path);
		return EXIT_DONE;
	}
	whole = file_read(r->path, CONFIG_BYTES, &text);
	if (whole == NULL)
		return EXIT_INPUT;
	(void)snprintf(path, sizeof(path), "%s",
	    strcmp(r->path, "-") == 0 ? "standard input" : r->path);
	config_init(&c);
	n = config_read(&c, text, settings_wrong, path);
	free(whole);
	if (!filters_check(&c, &key, error, sizeof(error))) {
		complain("%s: %s", path, error);
		n++;
	}
	if (c.number[CONF_DIRECTORY] == 1 && directory_flaw(&c) != NULL) {
		complain("%s: %s", path, directory_flaw(&c));
		n++;
	}
	if (n > 0)
		return EXIT_INPUT;
	if (r->show)
		return show(&c);
	if (!r->quiet)
		(void)printf("%s: nothing is wrong with it, %u ports\n", path,
		    (unsigned)c.n_port);
	return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INTERNAL;
}

int
cmd_check_config(int argc, char **argv)
{
	struct request r = { .path = CONFIG_FILE };
	struct options o = { .command = "check-config",
		.synopsis = "[options] [FILE]",
		.about = "Check a configuration file (default " CONFIG_FILE
			 ", \"-\" is standard input):\nevery line that is "
			 "wrong, why, and what may have been meant.",
		.row = rows,
		.argc = argc,
		.argv = argv,
		.at = 1 };
	int option;

	while ((option = options_next(&o)) != OPTION_END) {
		if (option == OPTION_WRONG)
			return EXIT_USAGE;
		r.show |= option == OPT_SHOW;
		r.quiet |= option == OPT_QUIET;
		r.page |= option == OPT_PAGE;
		r.help |= option == OPT_HELP;
		if (option == OPTION_ARGUMENT)
			r.path = o.value;
	}
	if (r.help) {
		options_help(&o);
		return fflush(stdout) == 0 ? put_table(false) : EXIT_INTERNAL;
	}
	return r.page ? put_table(true) : check(&r);
}
