/* cli.h - the subcommands; each is given its own arguments, argv[0] its
 * name, and returns the exit status of the contract. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stddef.h>
#include <stdint.h>

#include "../base/nearest.h"

enum exit_status {
	EXIT_DONE = 0, /* analysed */
	EXIT_INPUT = 1, /* a file could not be read whole */
	EXIT_USAGE = 2,
	EXIT_INTERNAL = 3,
};

/* ------------------------------------------------------------ subcommands */

#define CMD_GROUP(title)
#define CMD(name, fn, what) int fn(int argc, char **argv);
#include "commands.def"
#undef CMD
#undef CMD_GROUP

/* --privileges: what each process may do; --try: it is tried. */
int cmd_privileges(int argc, char **argv);

/* The n-th name of some list; NULL ends it. */
const char *command_name(uint32_t n);

/* ------------------------------------------------- complaints, on stderr */

/* "sightglass: ..." and a newline. */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
