/* cli.h - the subcommands; each is given its own arguments, argv[0] its
 * name, and returns the exit status of the contract. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

enum exit_status {
	EXIT_DONE = 0, /* analysed */
	EXIT_INPUT = 1, /* a file could not be read whole */
	EXIT_USAGE = 2,
	EXIT_INTERNAL = 3,
};

#define CMD(name, fn, what) int fn(int argc, char **argv);
#include "commands.def"
#undef CMD

#endif
