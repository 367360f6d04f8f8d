/*
 * live_board.c - a page of memory where the supervisor says what it knows of
 * each port.  One writer; a reader takes a copy again when the version moved
 * while it copied (a sequence lock).
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "live_private.h"

struct live_board {
	struct board *map;
	int fd;
};

struct live_board *
live_board_new(char ret_error[static LIVE_ERROR_MAX])
{
	struct live_board *b = calloc(1, sizeof(*b));

	if (b == NULL) {
		(void)snprintf(ret_error, LIVE_ERROR_MAX, "out of memory");
		return NULL;
	}
	b->map = MAP_FAILED;
	b->fd = memfd_create("sightglass ports", MFD_CLOEXEC);
	if (b->fd >= 0 && ftruncate(b->fd, sizeof(*b->map)) == 0)
		b->map = mmap(NULL, sizeof(*b->map), PROT_READ | PROT_WRITE,
		    MAP_SHARED, b->fd, 0);
	if (b->map == MAP_FAILED) {
		(void)snprintf(ret_error, LIVE_ERROR_MAX,
		    "no memory to share: %s", strerror(errno));
		live_board_free(b);
		return NULL;
	}
	return b;
}

int
live_board_fd(const struct live_board *b)
{
	return b->fd;
}

void
live_board_free(struct live_board *b)
{
	if (b == NULL)
		return;
	if (b->map != MAP_FAILED)
		(void)munmap(b->map, sizeof(*b->map));
	if (b->fd >= 0)
		(void)close(b->fd);
	free(b);
}

void
board_put(struct live_board *b, unsigned port, const struct live_status *st)
{
	struct board_row *row = &b->map->row[port];
	unsigned version =
	    atomic_load_explicit(&row->version, memory_order_relaxed);

	atomic_store_explicit(&row->version, version + 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	row->status = *st;
	atomic_store_explicit(&row->version, version + 2, memory_order_release);
	atomic_store_explicit(&row->carrier, st->carrier && st->up,
	    memory_order_relaxed);
}

void
live_board_clear(struct live_board *b, unsigned port)
{
	const struct live_status none = { .blocks = 0 };

	board_put(b, port, &none);
}

const struct board *
board_map(int fd)
{
	void *p =
	    mmap(NULL, sizeof(struct board), PROT_READ, MAP_SHARED, fd, 0);

	return p != MAP_FAILED ? p : NULL;
}

bool
board_get(const struct board *b, unsigned port, struct live_status *ret)
{
	const struct board_row *row = &b->row[port];
	unsigned before, after;

	/* the writer may have died half-way: take what there is */
	for (int i = 0; i < 1000; i++) {
		before =
		    atomic_load_explicit(&row->version, memory_order_acquire);
		*ret = row->status;
		atomic_thread_fence(memory_order_acquire);
		after =
		    atomic_load_explicit(&row->version, memory_order_relaxed);
		if (before == after && before % 2 == 0)
			break;
	}
	ret->name[LIVE_NAME_MAX - 1] = ret->now[LIVE_NAME_MAX - 1] = '\0';
	ret->driver[sizeof(ret->driver) - 1] = '\0';
	ret->problem[LIVE_ERROR_MAX - 1] = '\0';
	return ret->blocks != 0;
}
