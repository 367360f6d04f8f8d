/*
 * jail.c - who a process is, and that it can be nothing else any more.
 *
 * Capabilities by the kernel's interface (capabilities(7)): all sets are
 * emptied, the bounding set too where we may.
 */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "private.h"

const struct process_row processes[PROCESS_COUNT] = {
#define PROCESS(sym, name, has, does, may_not) { name, has, does, may_not },
#include "processes.def"
#undef PROCESS
};

bool
jail_fail(char error[static JAIL_ERROR], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(error, JAIL_ERROR, fmt, ap);
	va_end(ap);
	return false;
}

bool
jail_become(const char *user, char error[static JAIL_ERROR])
{
	const struct passwd *pw;

	if (user == NULL || user[0] == '\0' || geteuid() != 0)
		return true;
	errno = 0;
	pw = getpwnam(user);
	if (pw == NULL)
		return jail_fail(error, "there is no user %s", user);
	if (initgroups(user, pw->pw_gid) != 0 ||
	    setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) != 0 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) != 0)
		return jail_fail(error, "cannot become %s: %s", user,
		    strerror(errno));
	return true;
}

static bool
drop_capabilities(char error[static JAIL_ERROR])
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[2];

	memset(none, 0, sizeof(none));
	for (unsigned long c = 0; c < 64; c++)
		(void)prctl(PR_CAPBSET_DROP, c, 0, 0, 0);
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return syscall(SYS_capset, &head, none) == 0 ||
	    jail_fail(error, "capabilities cannot be dropped: %s",
		strerror(errno));
}

/* No dumps, and nobody of the same user may look in. */
static bool
close_up(char error[static JAIL_ERROR])
{
	const struct rlimit none = { 0, 0 };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
	    setrlimit(RLIMIT_CORE, &none) != 0)
		return jail_fail(error, "cannot be locked in: %s",
		    strerror(errno));
	return true;
}

/* Threads are the web's only. */
static bool
limit(enum process p, char error[static JAIL_ERROR])
{
	const struct rlimit none = { 0, 0 };

	if (p != PROCESS_WEB && setrlimit(RLIMIT_NPROC, &none) != 0)
		return jail_fail(error, "cannot be limited: %s",
		    strerror(errno));
	return true;
}

bool
jail_enter(enum process p, const struct jail *j, char error[static JAIL_ERROR],
    char warning[static JAIL_ERROR])
{
	int abi = 0;

	warning[0] = '\0';
	if (!drop_capabilities(error) || !close_up(error) || !limit(p, error) ||
	    !landlock_enter(j, &abi, error) || !seccomp_enter(p, error))
		return false;
	if (abi == 0)
		(void)jail_fail(warning,
		    "this kernel has no Landlock: files are kept closed by "
		    "system calls and users alone");
	return true;
}

bool
jail_drop(char error[static JAIL_ERROR])
{
	return drop_capabilities(error) && close_up(error);
}

bool
jail_enter_main(char error[static JAIL_ERROR])
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
	    ? seccomp_enter_main(error)
	    : jail_fail(error, "cannot be locked in: %s", strerror(errno));
}
