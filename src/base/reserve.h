/*
 * reserve.h - address space for a table of fixed size, touched only as used.
 *
 * Zero at first.  NULL when the address space cannot be had; release(NULL) is
 * fine.  Any thread.
 */
#ifndef BASE_RESERVE_H
#define BASE_RESERVE_H

#include <stddef.h>
#include <sys/mman.h>

static inline void *
reserve(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p != MAP_FAILED ? p : NULL;
}

/* `bytes` as given to reserve(). */
static inline void
release(void *p, size_t bytes)
{
	if (p != NULL)
		(void)munmap(p, bytes);
}

#endif
