/*
 * landlock.c - files: what is not named is not there.
 *
 * The kernel's interface by number (linux: userspace-api/landlock.rst), as
 * the headers of the C library here know only its beginnings; what this
 * kernel can do is asked at run time.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "private.h"

#define CALL_CREATE 444
#define CALL_ADD_RULE 445
#define CALL_RESTRICT 446
#define CREATE_VERSION 1u
#define RULE_PATH_BENEATH 1

#define FS_WRITE_FILE (1ull << 1)
#define FS_READ_FILE (1ull << 2)
#define FS_READ_DIR (1ull << 3)
#define FS_REMOVE_DIR (1ull << 4)
#define FS_REMOVE_FILE (1ull << 5)
#define FS_MAKE_DIR (1ull << 7)
#define FS_MAKE_REG (1ull << 8)
#define FS_OF_1 ((1ull << 13) - 1)
#define FS_REFER (1ull << 13) /* 2 */
#define FS_TRUNCATE (1ull << 14) /* 3 */
#define FS_IOCTL_DEV (1ull << 15) /* 5 */
#define NET_TCP 3ull /* 4: bind, connect */
#define SCOPES 3ull /* 6: abstract sockets, signals */

struct ruleset {
	uint64_t fs, net, scoped;
};

int
landlock_abi(void)
{
	long abi = syscall(CALL_CREATE, NULL, 0, CREATE_VERSION);

	return abi > 0 ? (int)abi : 0;
}

static uint64_t
fs_of(int abi)
{
	return FS_OF_1 | (abi >= 2 ? FS_REFER : 0) |
	    (abi >= 3 ? FS_TRUNCATE : 0) | (abi >= 5 ? FS_IOCTL_DEV : 0);
}

static bool
show(int rules, const struct jail_path *p, uint64_t handled,
    char error[static JAIL_ERROR])
{
	const uint64_t file = FS_READ_FILE | FS_WRITE_FILE | FS_TRUNCATE;
	struct {
		uint64_t allowed;
		int32_t fd;
	} rule = { .allowed = FS_READ_FILE | FS_READ_DIR };
	uint8_t packed[12];
	struct stat is;
	bool ok;

	rule.fd = open(p->path, O_PATH | O_CLOEXEC);
	if (rule.fd < 0)
		return true; /* not there: nothing to show */
	if (p->writes)
		rule.allowed |= FS_WRITE_FILE | FS_REMOVE_DIR | FS_REMOVE_FILE |
		    FS_MAKE_DIR | FS_MAKE_REG | FS_TRUNCATE | FS_REFER;
	rule.allowed &= handled;
	if (fstat(rule.fd, &is) == 0 && !S_ISDIR(is.st_mode))
		rule.allowed &= file;
	/* the kernel's structure has no gap at its end */
	memcpy(packed, &rule.allowed, 8);
	memcpy(packed + 8, &rule.fd, 4);
	ok = syscall(CALL_ADD_RULE, rules, RULE_PATH_BENEATH, packed, 0) == 0;
	if (!ok)
		(void)jail_fail(error, "%s: %s", p->path, strerror(errno));
	(void)close(rule.fd);
	return ok;
}

bool
landlock_enter(const struct jail *j, int *ret_abi,
    char error[static JAIL_ERROR])
{
	int abi = landlock_abi(), rules;
	struct ruleset set = { .fs = fs_of(abi),
		.net = abi >= 4 ? NET_TCP : 0,
		.scoped = abi >= 6 ? SCOPES : 0 };
	size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
	bool ok = true;

	*ret_abi = abi;
	if (abi == 0)
		return true;
	rules = (int)syscall(CALL_CREATE, &set, size, 0);
	if (rules < 0)
		return jail_fail(error, "files cannot be closed off: %s",
		    strerror(errno));
	for (uint32_t i = 0; ok && i < j->n_path; i++)
		ok = show(rules, &j->path[i], set.fs, error);
	if (ok && syscall(CALL_RESTRICT, rules, 0) != 0)
		ok = jail_fail(error, "files cannot be closed off: %s",
		    strerror(errno));
	(void)close(rules);
	return ok;
}
