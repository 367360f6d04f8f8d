/*
 * stepped.c - linked into a sightglass whose time of day, and that of its
 * frames, is so many seconds later than it is as a file says
 * (SIGHTGLASS_STEPPED, eight bytes): the clock that all of a machine shares
 * cannot be set for a test.  The file is mapped before a process locks itself
 * in.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "../../src/capture/live.h"

int __real_clock_gettime(clockid_t, struct timespec *);
int __wrap_clock_gettime(clockid_t, struct timespec *);
bool __real_live_next(struct live *, int timeout_ms, struct frame *ret);
bool __wrap_live_next(struct live *, int timeout_ms, struct frame *ret);

static const int64_t *by;

__attribute__((constructor)) static void
begin(void)
{
	const char *path = getenv("SIGHTGLASS_STEPPED");
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *p = fd >= 0
	    ? mmap(NULL, sizeof(*by), PROT_READ, MAP_SHARED, fd, 0)
	    : MAP_FAILED;

	if (p == MAP_FAILED)
		abort();
	by = p;
	(void)close(fd);
}

static int64_t
seconds(void)
{
	return __atomic_load_n(by, __ATOMIC_RELAXED);
}

int
__wrap_clock_gettime(clockid_t id, struct timespec *ret)
{
	int rc = __real_clock_gettime(id, ret);

	if (id == CLOCK_REALTIME)
		ret->tv_sec += seconds();
	return rc;
}

bool
__wrap_live_next(struct live *l, int timeout_ms, struct frame *ret)
{
	if (!__real_live_next(l, timeout_ms, ret))
		return false;
	ret->at.ns += seconds() * TICK_SECOND;
	return true;
}
