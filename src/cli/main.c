/* main.c - the command line: finds the subcommand. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "../base/hash.h"
#include "../main/main.h"
#include "../proto/proto.h"
#include "cli.h"

#ifndef SIGHTGLASS_VERSION
#error "the build says which version this is"
#endif

static const struct {
	const char *name;
	int (*run)(int, char **);
	const char *what;
} commands[] = {
#define CMD_GROUP(title)
#define CMD(name, fn, what) { (name), (fn), (what) },
#include "commands.def"
#undef CMD
#undef CMD_GROUP
};
#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

const char *
command_name(uint32_t n)
{
	return n < N_COMMANDS ? commands[n].name : NULL;
}

static void
usage(FILE *to)
{
	(void)fprintf(to,
	    "usage: sightglass COMMAND [options]\n\n"
	    "Passive security sensor for industrial networks.\n\n");
#define CMD_GROUP(title) (void)fprintf(to, "%s:\n", title);
#define CMD(name, fn, what) (void)fprintf(to, "  %-12s %s\n", name, what);
#include "commands.def"
#undef CMD
#undef CMD_GROUP
	(void)fprintf(to,
	    "\nFor example:  sightglass read plant.pcap\n"
	    "Details:      sightglass help COMMAND, man sightglass\n");
}

static int
run(int argc, char **argv)
{
	const char *near;

	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(argv[0], commands[i].name) == 0)
			return commands[i].run(argc, argv);
	near = nearest(argv[0], command_name);
	if (near != NULL)
		complain("no command '%s'; did you mean %s?", argv[0], near);
	else
		complain("no command '%s'; see 'sightglass help'", argv[0]);
	return EXIT_USAGE;
}

static int
printed(void)
{
	if (fflush(stdout) == 0)
		return EXIT_DONE;
	complain("cannot write");
	return EXIT_INTERNAL;
}

int
cmd_help(int argc, char **argv)
{
	char *of[] = { argv[argc > 1], (char[]){ "--help" }, NULL };

	if (argc > 1 && strcmp(of[0], "help") != 0)
		return run(2, of);
	usage(stdout);
	return printed();
}

int
cmd_version(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	(void)printf("sightglass %s\n", SIGHTGLASS_VERSION);
	return printed();
}

int
main(int argc, char **argv)
{
	char *help[] = { (char[]){ "help" }, NULL };
	int role;

	(void)signal(SIGPIPE, SIG_DFL); /* `| head` ends us quietly */
	hash_seed_random();
	proto_init();
	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
		return cmd_version(argc - 1, argv + 1);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return argc > 2 ? cmd_help(argc - 1, argv + 1)
				: cmd_help(1, help);
	if (strcmp(argv[1], "--privileges") == 0)
		return cmd_privileges(argc - 1, argv + 1);
	role = run_role(argv[1], SIGHTGLASS_VERSION);
	return role >= 0 ? role : run(argc - 1, argv + 1);
}
