/* main.c - the command line: finds the subcommand. */
#include <stdio.h>
#include <string.h>

#include "../proto/proto.h"
#include "cli.h"

static const struct {
	const char *name;
	int (*run)(int, char **);
	const char *what;
} commands[] = {
#define CMD(name, fn, what) { (name), (fn), (what) },
#include "commands.def"
#undef CMD
};

int
main(int argc, char **argv)
{
	proto_init();
	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]);
	     i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	return EXIT_USAGE;
}
