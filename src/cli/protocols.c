/* protocols.c - sightglass protocols: what is understood, and how far. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../config/config.h"
#include "../report/report.h"
#include "cli.h"
#include "descriptions.h"
#include "options.h"
#include "output.h"

enum {
	OPT_FORMAT,
	OPT_SET,
	OPT_COLOR,
	OPT_HELP
};

static const struct option_row rows[] = {
	[OPT_FORMAT] = { "format", 'f', "FORMAT",
	    "text (the default), json (JSON Lines) or csv" },
	[OPT_SET] = { "set", 's', "KEY=VALUE",
	    "protocols=FOLDER: also those that are described there" },
	[OPT_COLOR] = { "color", 0, "WHEN", "auto, always or never" },
	[OPT_HELP] = { "help", 'h', NULL, "this text" },
	{ NULL, 0, NULL, NULL },
};

static const char *const format_names[] = { "text", "json", "csv", NULL };

static int
list(int format, int colour)
{
	static struct out out;
	struct text_style style = { .all = true };

	output_style(&style, colour);
	out_open(&out, STDOUT_FILENO);
	if (format == 0)
		report_protocols_text(&out, &style);
	else if (format == 1)
		report_protocols_json(&out);
	else
		report_protocols_csv(&out);
	return output_end(&out);
}

int
cmd_protocols(int argc, char **argv)
{
	struct options o = {
		.command = "protocols",
		.synopsis = "[options]\n"
			    "       sightglass protocols check DESCRIPTION "
			    "FILE...\n"
			    "       sightglass protocols infer FILE...",
		.about = "List the protocols that are understood, where they "
			 "are expected, and how far\nthey are understood.  "
			 "check compares a description with captures, infer "
			 "drafts\ndescriptions of what nobody knows in them.",
		.row = rows,
		.argc = argc,
		.argv = argv,
		.at = 1,
	};
	static struct config config;
	char error[CONFIG_ERROR];
	int format = 0, colour = 0, option;

	if (argc > 1 && strcmp(argv[1], "check") == 0)
		return protocols_check(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "infer") == 0)
		return protocols_infer(argc - 1, argv + 1);
	config_init(&config);

	while ((option = options_next(&o)) != OPTION_END) {
		if (option == OPT_HELP) {
			options_help(&o);
			return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INTERNAL;
		}
		if (option == OPTION_ARGUMENT)
			complain("protocols: '%s' is one too many", o.value);
		if (option == OPTION_ARGUMENT || option == OPTION_WRONG)
			return EXIT_USAGE;
		if (option == OPT_SET &&
		    !config_set_pair(&config, o.value, error)) {
			complain("protocols: %s", error);
			return EXIT_USAGE;
		}
		if (option == OPT_SET)
			continue;
		if (option == OPT_FORMAT)
			format = options_choice(&o, "format", format_names);
		else
			colour = options_choice(&o, "color", colour_names);
		if (format < 0 || colour < 0)
			return EXIT_USAGE;
	}
	if (!descriptions_load(config_path(&config, CONF_PROTOCOLS)))
		return EXIT_INPUT;
	return list(format, colour);
}
