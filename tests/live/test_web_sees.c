/*
 * test_web_sees.c - the console's process, locked in as it is, in a state
 * directory: it reads the database and the evidence, writes what is its own,
 * and may not open the private keys beside them.
 */
#include "../unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/main/web_sees.h"
#include "../../src/process/private.h"

static char state[] = "/tmp/web_seesXXXXXX";

static const char *
at(const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", state, name);
	return path;
}

static void
make(const char *name)
{
	int fd = open(at(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	CHECK(fd >= 0 && write(fd, "secret", 6) == 6 && close(fd) == 0);
}

static bool
opens(const char *name, int flags)
{
	int fd = open(at(name), flags | O_CLOEXEC, 0600);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

static bool
refused(const char *name, int flags)
{
	return !opens(name, flags) && errno == EACCES;
}

/* As the web: how many went otherwise. */
static int
tries(void)
{
	char error[JAIL_ERROR], warning[JAIL_ERROR];
	struct web_sees sees;
	struct jail jail;

	web_sees(&sees, state, &jail);
	if (!jail_enter(PROCESS_WEB, &jail, error, warning))
		return 100;
	return !opens("state.db", O_RDONLY) + !opens("state.db-wal", O_RDONLY) +
	    !opens("evidence/1.pcapng", O_RDONLY) +
	    !opens("vault.pub", O_RDONLY) + !opens("console/users.db", O_RDWR) +
	    !opens("console/new", O_RDWR | O_CREAT) +
	    !refused("vault.key", O_RDONLY) + !refused("ledger.key", O_RDONLY) +
	    !refused("settings.conf", O_RDONLY) + !refused("state.db", O_RDWR) +
	    !refused("evidence/1.pcapng", O_WRONLY) +
	    !refused("new", O_WRONLY | O_CREAT);
}

static void
test_jail(void)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(tries());
	CHECK(child > 0 && waitpid(child, &status, 0) == child);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void
test_files(void)
{
	struct web_files was, is;

	web_files_of(state, &was);
	web_files_of(state, &is);
	CHECK(web_files_same(&was, &is));
	/* a copy put in its place, as when a damaged one is set aside */
	make("other");
	CHECK(system("mv \"$STATE/other\" \"$STATE/state.db\"") == 0);
	web_files_of(state, &is);
	CHECK(!web_files_same(&was, &is));
}

int
main(void)
{
	static const char *const files[] = { "state.db", "state.db-wal",
		"state.db-shm", "vault.key", "vault.pub", "ledger.key",
		"settings.conf", "lock" };

	CHECK(mkdtemp(state) != NULL && setenv("STATE", state, 1) == 0);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		make(files[i]);
	CHECK(mkdir(at("evidence"), 0700) == 0 &&
	    mkdir(at("console"), 0700) == 0);
	make("evidence/1.pcapng");
	make("console/users.db");
	test_files();
	if (landlock_abi() > 0)
		test_jail();
	CHECK(system("rm -rf \"$STATE\"") == 0);
	return check_done();
}
