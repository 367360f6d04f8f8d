/*
 * asked.c - what was sent to devices and came back, DIR/asked.pcapng.
 *
 * Several processes append to it, under its lock.  When it is half of what may
 * be kept, it becomes asked.1.pcapng, and what that was is forgotten.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/vault.h"
#include "private.h"

#define MOST_USUAL (UINT64_C(256) << 20)
#define TRIES 50
#define TRY_MS 10

static bool
is_still(int fd, const char *path)
{
	struct stat open_one, named;

	return fstat(fd, &open_one) == 0 && lstat(path, &named) == 0 &&
	    open_one.st_ino == named.st_ino && open_one.st_dev == named.st_dev;
}

/* Locked, and still the one of that name; -1 with errno. */
static int
open_locked(const struct store *st, const char *path)
{
	for (int i = 0; i < TRIES; i++) {
		int fd =
		    open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		bool locked;

		if (fd < 0)
			return -1;
		vault_give_to_owner(fd, st->dir);
		locked = flock(fd, LOCK_EX | LOCK_NB) == 0;
		if (locked && is_still(fd, path))
			return fd;
		(void)close(fd);
		if (!locked)
			(void)poll(NULL, 0, TRY_MS);
	}
	errno = EBUSY;
	return -1;
}

/* Whether a whole block ends there: else whoever wrote it died, and how far it
 * is good has to be looked for. */
static bool
ends_well(int fd, off_t size)
{
	uint8_t b[4];
	uint32_t n;

	if (size < 12 || pread(fd, b, 4, size - 4) != 4)
		return size == 0;
	n = (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
	    (uint32_t)b[3] << 24;
	return n >= 12 && (off_t)n <= size && n % 4 == 0 &&
	    pread(fd, b, 4, size - n + 4) == 4 &&
	    n ==
	    ((uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
		(uint32_t)b[3] << 24);
}

/* All, or as it was. */
static bool
append(int fd, off_t size, struct span s)
{
	if (!ends_well(fd, size))
		return evidence_append_to(fd, s, false);
	for (uint32_t done = 0; done < s.n;) {
		ssize_t n =
		    pwrite(fd, s.p + done, s.n - done, size + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			(void)!ftruncate(fd, size);
			return false;
		}
		done += (uint32_t)n;
	}
	return true;
}

static bool
keep(struct store *st, const char *path, struct span section)
{
	uint64_t most = strtoull(store_get(st, STORE_ASKED_MOST), NULL, 10);
	char older[EVIDENCE_PATH];
	int fd = open_locked(st, path);
	struct stat is;
	bool ok;

	if (most == 0)
		most = MOST_USUAL;
	(void)snprintf(older, sizeof(older), "%s/asked.1.pcapng", st->dir);
	if (fd >= 0 && fstat(fd, &is) == 0 && is.st_size > 0 &&
	    (uint64_t)is.st_size + section.n > most / 2) {
		ok = rename(path, older) == 0;
		(void)close(fd);
		fd = ok ? open_locked(st, path) : -1;
	}
	ok = fd >= 0 && fstat(fd, &is) == 0 && append(fd, is.st_size, section);
	if (fd >= 0)
		(void)close(fd);
	return ok;
}

bool
store_put_asked(struct store *st, const struct store_frame *f, uint32_t n,
    const char *comment)
{
	char path[EVIDENCE_PATH];
	struct span section;
	uint8_t *whole = evidence_section(st, f, n, comment, &section);
	bool ok;

	if (whole == NULL)
		return false;
	(void)snprintf(path, sizeof(path), "%s/asked.pcapng", st->dir);
	ok = keep(st, path, section);
	if (!ok)
		(void)store_fail(st, "%s: what was asked cannot be kept: %s",
		    path, strerror(errno));
	free(whole);
	return ok;
}
