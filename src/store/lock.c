/*
 * lock.c - one writer at a time.
 *
 * DIR/lock is held with flock(2) and names its holder.  It is empty again
 * after a clean end: one that is not tells that the last writer died.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "private.h"

#define WAIT_STEPS 50
#define WAIT_NS 100000000L /* 50 times: 5 s */

static bool
take(int fd)
{
	const struct timespec pause = { .tv_nsec = WAIT_NS };

	for (int i = 0; i < WAIT_STEPS; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return true;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return false;
		(void)nanosleep(&pause, NULL);
	}
	errno = EWOULDBLOCK;
	return false;
}

static bool
say_who(struct store *st, int fd)
{
	char who[128];
	ssize_t n = pread(fd, who, sizeof(who) - 1, 0);

	who[n > 0 ? n : 0] = '\0';
	who[strcspn(who, "\n")] = '\0';
	return store_fail(st,
	    "%s is being written by %s; wait until it has ended, or use "
	    "another directory",
	    st->dir, who[0] != '\0' ? who : "another process");
}

bool
store_is_written(const char *dir)
{
	char path[STORE_PATH];
	bool held;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/lock", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;
	held = flock(fd, LOCK_SH | LOCK_NB) != 0;
	(void)close(fd);
	return held;
}

bool
store_lock(struct store *st, bool *ret_unclean)
{
	char path[STORE_PATH], who[128];
	int n, fd;

	(void)snprintf(path, sizeof(path), "%s/lock", st->dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return store_fail(st, "%s: %s", path, strerror(errno));
	if (!take(fd)) {
		if (errno == EWOULDBLOCK)
			(void)say_who(st, fd);
		else
			(void)store_fail(st, "%s cannot be locked: %s", path,
			    strerror(errno));
		(void)close(fd);
		return false;
	}
	*ret_unclean = lseek(fd, 0, SEEK_END) > 0;
	n = snprintf(who, sizeof(who), "%s (process %ld)\n",
	    program_invocation_short_name, (long)getpid());
	/* On a full disk the lock has no name, but holds. */
	if (ftruncate(fd, 0) == 0 && pwrite(fd, who, (size_t)n, 0) != n)
		(void)!ftruncate(fd, 1);
	st->lock = fd;
	return true;
}

void
store_unlock(struct store *st)
{
	if (st->lock < 0)
		return;
	if (st->clean)
		(void)!ftruncate(st->lock, 0);
	(void)close(st->lock);
	st->lock = -1;
}
