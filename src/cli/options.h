/*
 * options.h - the options of a subcommand, from a table.
 *
 * "--name value", "--name=value", "-n value", "-abc" for "-a -b -c"; options
 * and other arguments in any order; "--" ends the options, "-" alone is an
 * argument.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct option_row {
	const char *name; /* without the dashes */
	char letter; /* 0: none */
	const char *arg; /* what the value is called; NULL: takes none */
	const char *help;
};

struct options {
	const char *command;
	const char *synopsis; /* what follows the command's name */
	const char *about; /* one paragraph */
	const struct option_row *row; /* a name of NULL ends it */
	int argc, at;
	char **argv;
	bool ended; /* "--" was seen */
	const char *letters; /* that follow in "-abc" */
	const char *value; /* of the option last returned */
};

enum {
	OPTION_END = -1,
	OPTION_WRONG = -2, /* said so already: exit EXIT_USAGE */
	OPTION_ARGUMENT = -3, /* not an option: value holds it */
};

/* The row of the next option, or one of the above. */
int options_next(struct options *);
/* "sightglass read --help" to standard output. */
void options_help(const struct options *);

/* Which of the names (NULL ends them) the value is; -1 after complaining. */
int options_choice(const struct options *, const char *option,
    const char *const *names);

#endif
