/* bufs.c - see bufs.h.  Each size class takes chunks of the region as it
 * needs them and keeps a free list threaded through the free buffers. */
#include "bufs.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reserve.h"

#define CHUNK (256u * 1024u)

struct node {
	struct node *next;
};

struct bufs {
	uint8_t *base;
	size_t cap, top, used;
	struct node *idle[BUFS_CLASSES];
};

struct bufs *
bufs_new(size_t cap_bytes)
{
	struct bufs *b = calloc(1, sizeof(*b));
	void *base;

	if (b == NULL)
		return NULL;
	b->cap = cap_bytes - cap_bytes % CHUNK;
	base = reserve(b->cap);
	if (base == NULL) {
		free(b);
		return NULL;
	}
	b->base = base;
	return b;
}

void
bufs_free(struct bufs *b)
{
	if (b == NULL)
		return;
	release(b->base, b->cap);
	free(b);
}

static unsigned
class_of(size_t n)
{
	unsigned c = 0;

	while ((size_t)BUFS_MIN << c < n)
		c++;
	return c;
}

size_t
bufs_room(size_t n)
{
	return (size_t)BUFS_MIN << class_of(n);
}

/* Cut a fresh chunk into buffers of class c. */
static bool
refill(struct bufs *b, unsigned c)
{
	size_t size = (size_t)BUFS_MIN << c;

	if (b->cap - b->top < CHUNK)
		return false;
	for (size_t off = 0; off + size <= CHUNK; off += size) {
		struct node *node = (struct node *)(void *)(b->base + b->top +
		    CHUNK - size - off);

		node->next = b->idle[c];
		b->idle[c] = node;
	}
	b->top += CHUNK;
	return true;
}

void *
bufs_get(struct bufs *b, size_t n)
{
	unsigned c = class_of(n);
	struct node *node;

	if (n > BUFS_MAX || (b->idle[c] == NULL && !refill(b, c)))
		return NULL;
	node = b->idle[c];
	b->idle[c] = node->next;
	b->used += (size_t)BUFS_MIN << c;
	return node;
}

void
bufs_put(struct bufs *b, void *p, size_t n)
{
	unsigned c = class_of(n);
	struct node *node = p;

	if (p == NULL)
		return;
	node->next = b->idle[c];
	b->idle[c] = node;
	b->used -= (size_t)BUFS_MIN << c;
}

size_t
bufs_used(const struct bufs *b)
{
	return b->used;
}
