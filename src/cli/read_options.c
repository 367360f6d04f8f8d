/* read_options.c - the command line of sightglass read, and its tables. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "options.h"
#include "output.h"
#include "read.h"

enum {
	OPT_FORMAT,
	OPT_TABLE,
	OPT_OUTPUT,
	OPT_FACTS,
	OPT_ALL,
	OPT_NO_ALERTS,
	OPT_STATE,
	OPT_MODE,
	OPT_LEARN_SCALE,
	OPT_LEARN_UNTIL,
	OPT_SET,
	OPT_COLOR,
	OPT_QUIET,
	OPT_HELP,
};

static const struct option_row rows[] = {
	[OPT_FORMAT] = { "format", 'f', "FORMAT",
	    "text (the default), json (JSON Lines) or csv" },
	[OPT_TABLE] = { "table", 't', "TABLE",
	    "csv: which table; devices is the default" },
	[OPT_OUTPUT] = { "output", 'o', "FOLDER",
	    "csv: every table, as a file in this folder" },
	[OPT_FACTS] = { "facts", 0, NULL,
	    "json: every single fact, before the rest" },
	[OPT_ALL] = { "all", 'a', NULL, "text: cut no list short" },
	[OPT_NO_ALERTS] = { "no-alerts", 0, NULL,
	    "only what is there: no learning, no alerts; faster" },
	[OPT_STATE] = { "state", 'S', "FOLDER",
	    "go on from this state and keep it; made if need be" },
	[OPT_MODE] = { "mode", 0, "MODE",
	    "of a fresh state: learning (the default), dynamic, operational" },
	[OPT_LEARN_SCALE] = { "learn-scale", 0, "N",
	    "learn N times faster, for captures shorter than weeks" },
	[OPT_LEARN_UNTIL] = { "learn-until", 0, "TIME",
	    "learn up to this time of the capture, then alert" },
	[OPT_SET] = { "set", 's', "KEY=VALUE", "change a setting, see below" },
	[OPT_COLOR] = { "color", 0, "WHEN", "auto, always or never" },
	[OPT_QUIET] = { "quiet", 'q', NULL, "show no progress" },
	[OPT_HELP] = { "help", 'h', NULL, "this text" },
	{ NULL, 0, NULL, NULL },
};

static const char *const format_names[] = { "text", "json", "csv", NULL };

static int
help(const struct options *o)
{
	static struct out out;

	options_help(o);
	(void)printf("\ntables (--table):\n");
	for (uint32_t i = 0; i < n_csv_tables; i++)
		(void)printf("  %-18s %s\n", csv_tables[i].name,
		    csv_tables[i].what);
	if (fflush(stdout) != 0)
		return EXIT_INTERNAL;
	out_open(&out, STDOUT_FILENO);
	config_help(&out, KEY_OF_READ);
	return output_end(&out);
}

static int
choose_table(struct read_options *r, const struct options *o)
{
	const char *names[16];
	uint32_t n = 0;
	int i;

	for (; n < n_csv_tables && n + 1 < sizeof(names) / sizeof(names[0]);
	     n++)
		names[n] = csv_tables[n].name;
	names[n] = NULL;
	i = options_choice(o, "table", names);
	if (i < 0)
		return EXIT_USAGE;
	r->table = &csv_tables[i];
	return READ_GO;
}

static int
add_path(struct read_options *r, const char *path)
{
	if (r->n_paths == CAPTURE_FILES_MAX) {
		complain("read: more than %d files at a time",
		    CAPTURE_FILES_MAX);
		return EXIT_USAGE;
	}
	r->path[r->n_paths++] = path;
	return READ_GO;
}

static int
choose_format(struct read_options *r, const struct options *o)
{
	int i = options_choice(o, "format", format_names);

	if (i < 0)
		return EXIT_USAGE;
	r->format = (enum format)i;
	return READ_GO;
}

static int
choose_mode(struct read_options *r, const struct options *o)
{
	const char *names[MODE_COUNT + 1] = { NULL };
	int i;

	for (uint32_t m = 0; m < MODE_COUNT; m++)
		names[m] = mode_name((enum mode)m);
	i = options_choice(o, "mode", names);
	if (i < 0)
		return EXIT_USAGE;
	r->mode = (enum mode)i;
	return READ_GO;
}

#define SCALE_MOST 100000u /* two weeks in twelve seconds */

static int
choose_scale(struct read_options *r, const char *value)
{
	char *end;
	unsigned long n = strtoul(value, &end, 10);

	if (*value < '0' || *value > '9' || *end != '\0' || n == 0 ||
	    n > SCALE_MOST) {
		complain("read: --learn-scale %s: must be a number from 1 to "
			 "%u",
		    value, SCALE_MOST);
		return EXIT_USAGE;
	}
	r->learn_scale = (uint32_t)n;
	return READ_GO;
}

/* RFC 3339, or seconds since 1970 as captures count them. */
static int
choose_until(struct read_options *r, const char *value)
{
	char *end;
	double seconds = strtod(value, &end);

	if (end != value && *end == '\0' && seconds > 0 && seconds < 9e9)
		r->learn_until.ns = (int64_t)(seconds * (double)TICK_SECOND);
	else if (!rule_moment(span_text(value), &r->learn_until)) {
		complain("read: --learn-until %s: must be a time such as "
			 "2026-11-20T12:00:00Z, or seconds since 1970",
		    value);
		return EXIT_USAGE;
	}
	return READ_GO;
}

static int
choose_setting(struct read_options *r, const char *text)
{
	char error[CONFIG_ERROR];

	if (config_set_pair(&r->config, text, error))
		return READ_GO;
	complain("read: --set %s", error);
	return EXIT_USAGE;
}

static int
take(struct read_options *r, const struct options *o, int option, int *colour)
{
	switch (option) {
	case OPT_FORMAT:
		return choose_format(r, o);
	case OPT_TABLE:
		return choose_table(r, o);
	case OPT_OUTPUT:
		r->folder = o->value;
		return READ_GO;
	case OPT_FACTS:
		r->facts = true;
		return READ_GO;
	case OPT_ALL:
		r->style.all = true;
		return READ_GO;
	case OPT_NO_ALERTS:
		r->inventory_only = true;
		return READ_GO;
	case OPT_STATE:
		r->state = o->value;
		return READ_GO;
	case OPT_MODE:
		return choose_mode(r, o);
	case OPT_LEARN_SCALE:
		return choose_scale(r, o->value);
	case OPT_LEARN_UNTIL:
		return choose_until(r, o->value);
	case OPT_SET:
		return choose_setting(r, o->value);
	case OPT_COLOR:
		*colour = options_choice(o, "color", colour_names);
		return *colour >= 0 ? READ_GO : EXIT_USAGE;
	case OPT_QUIET:
		r->quiet = true;
		return READ_GO;
	case OPT_HELP:
		return help(o);
	case OPTION_ARGUMENT:
		return add_path(r, o->value);
	default:
		return EXIT_USAGE;
	}
}

/* Options that only mean something together. */
static int
check(struct read_options *r)
{
	const char *wrong = NULL;

	if (r->facts && r->format != FORMAT_JSON)
		wrong = "--facts needs --format json";
	else if (r->table != NULL && r->format != FORMAT_CSV)
		wrong = "--table needs --format csv";
	else if (r->folder != NULL && r->format != FORMAT_CSV)
		wrong = "--output needs --format csv";
	else if (r->folder != NULL && r->table != NULL)
		wrong = "--output writes every table: leave --table out";
	else if (r->inventory_only && r->state != NULL)
		wrong = "--no-alerts leaves nothing for a --state to keep";
	else if (r->n_paths == 0)
		wrong = "which file? ('-' is standard input)";
	if (wrong != NULL) {
		complain("read: %s", wrong);
		return EXIT_USAGE;
	}
	if (r->table == NULL)
		r->table = &csv_tables[0];
	return READ_GO;
}

int
read_options_take(struct read_options *r, int argc, char **argv)
{
	struct options o = {
		.command = "read",
		.synopsis = "[options] FILE...",
		.about =
		    "Analyse capture files: pcap, pcapng or snoop, plain "
		    "or packed with gzip or zstd;\n'-' is standard input.  "
		    "Several files are one timeline, in time order.",
		.row = rows,
		.argc = argc,
		.argv = argv,
		.at = 1,
	};
	int colour = 0, option, status;

	config_init(&r->config);
	while ((option = options_next(&o)) != OPTION_END) {
		status = take(r, &o, option, &colour);
		if (status != READ_GO)
			return status;
	}
	output_style(&r->style, colour);
	return check(r);
}

/* ------------------------------------------------------- tables as files */

static int
write_table(const char *folder, const struct csv_table *t, struct out *o,
    const struct findings *f)
{
	char path[4096];
	int fd, status;

	if (snprintf(path, sizeof(path), "%s/%s.csv", folder, t->name) >=
	    (int)sizeof(path)) {
		complain("%s: the path is too long", folder);
		return EXIT_USAGE;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0) {
		complain("%s: %s", path, strerror(errno));
		return EXIT_INTERNAL;
	}
	out_open(o, fd);
	t->put(o, f);
	status = output_end(o);
	if (close(fd) != 0 && status == EXIT_DONE) {
		complain("%s: %s", path, strerror(errno));
		status = EXIT_INTERNAL;
	}
	return status;
}

int
read_write_tables(const char *folder, struct out *o, const struct findings *f)
{
	if (mkdir(folder, 0755) != 0 && errno != EEXIST) {
		complain("%s: %s", folder, strerror(errno));
		return EXIT_INTERNAL;
	}
	for (uint32_t i = 0; i < n_csv_tables; i++) {
		int status = write_table(folder, &csv_tables[i], o, f);

		if (status != EXIT_DONE)
			return status;
	}
	return EXIT_DONE;
}
