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

struct page *
page_map(int fd)
{
	void *p = mmap(NULL, sizeof(struct page), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);

	return p != MAP_FAILED ? p : NULL;
}

struct page *
page_new(int *ret_fd)
{
	struct page *p = NULL;
	int fd = memfd_create("sightglass-page", MFD_CLOEXEC);

	if (fd >= 0 && ftruncate(fd, sizeof(*p)) == 0)
		p = page_map(fd);
	if (p == NULL && fd >= 0)
		(void)close(fd);
	*ret_fd = fd;
	return p;
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
