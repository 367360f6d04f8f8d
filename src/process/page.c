/* page.c - the page of memory that main, engine and keeper share; the time;
 * lines for the journal. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "../base/tick.h"
#include "process.h"

void *
shared_map(int fd, size_t size, bool writes)
{
	void *p = mmap(NULL, size, writes ? PROT_READ | PROT_WRITE : PROT_READ,
	    MAP_SHARED, fd, 0);

	return p != MAP_FAILED ? p : NULL;
}

void *
shared_new(size_t size, int *ret_fd)
{
	void *p = NULL;
	int fd = memfd_create("sightglass", MFD_CLOEXEC);

	if (fd >= 0 && ftruncate(fd, (off_t)size) == 0)
		p = shared_map(fd, size, true);
	if (p == NULL && fd >= 0) {
		(void)close(fd);
		fd = -1;
	}
	*ret_fd = fd;
	return p;
}

struct page *
page_map(int fd)
{
	return shared_map(fd, sizeof(struct page), true);
}

struct page *
page_new(int *ret_fd)
{
	return shared_new(sizeof(struct page), ret_fd);
}

int64_t
monotonic_ms(void)
{
	struct timespec now = { .tv_sec = 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct tick
time_of_day(void)
{
	struct timespec now = { .tv_sec = 0 };

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (struct tick){ (int64_t)now.tv_sec * TICK_SECOND + now.tv_nsec };
}

/* ------------------------------------------------------------- the journal */

static enum process whose;
static enum say_level most = SAY_INFO;

void
say_as(enum process p, enum say_level level)
{
	whose = p;
	most = level;
}

void
say(enum say_level level, const char *fmt, ...)
{
	static const char *const marks[] = { "<3>", "<6>", "<7>" };
	bool journal = getenv("JOURNAL_STREAM") != NULL;
	char text[1024];
	va_list ap;

	if (level > most)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* one write: lines of several processes do not mix */
	(void)dprintf(STDERR_FILENO, "%ssightglass %s: %s\n",
	    journal ? marks[level] : "", processes[whose].name, text);
}
