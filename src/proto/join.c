/* join.c - see join.h.  A small open-addressed table of growing buffers. */
#include "join.h"

#include <stdlib.h>
#include <string.h>

#include "../base/bufs.h"
#include "../base/hash.h"
#include "proto.h"

#define DONE_MAX 16u /* whole messages out of pieces, in one message */
#define WAYS 8u /* slots a key may live in */

struct slot {
	struct join_key key;
	uint8_t *buf;
	uint32_t room, n;
	uint64_t touched;
};

struct joins {
	struct bufs *bufs;
	uint64_t now; /* counts calls: age without a clock */
	struct joins_counts counts;
	uint32_t n_open;
	struct {
		uint8_t *buf;
		uint32_t room;
	} done[DONE_MAX]; /* handed out; a piece may lie in one of them */
	uint32_t n_done;
	struct slot slot[JOINS_MAX];
};

static void
drop(struct joins *j, struct slot *s)
{
	bufs_put(j->bufs, s->buf, s->room);
	*s = (struct slot){ .buf = NULL };
	j->n_open--;
}

struct joins *
joins_new(struct bufs *bufs)
{
	struct joins *j = calloc(1, sizeof(*j));

	if (j != NULL)
		j->bufs = bufs;
	return j;
}

void
joins_free(struct joins *j)
{
	free(j);
}

void
joins_release(struct joins *j)
{
	for (uint32_t i = 0; i < j->n_done; i++)
		bufs_put(j->bufs, j->done[i].buf, j->done[i].room);
	j->n_done = 0;
}

void
joins_drain(struct joins *j)
{
	for (uint32_t i = 0; j->n_open > 0 && i < JOINS_MAX; i++)
		if (j->slot[i].buf != NULL)
			drop(j, &j->slot[i]);
	joins_release(j);
}

struct joins_counts
joins_counts(const struct joins *j)
{
	return j->counts;
}

static bool
key_same(const struct join_key *a, const struct join_key *b)
{
	return a->flow == b->flow && a->key == b->key &&
	    a->proto_way == b->proto_way;
}

/* The key's slot; if it has none, an idle one or the oldest of its ways. */
static struct slot *
find(struct joins *j, struct join_key key, bool *ret_found)
{
	uint32_t base = (uint32_t)hash_bytes(&key, sizeof(key), 0) &
	    (JOINS_MAX - 1) & ~(WAYS - 1);
	struct slot *oldest = &j->slot[base];

	*ret_found = true;
	for (uint32_t i = 0; i < WAYS; i++) {
		struct slot *s = &j->slot[base + i];

		if (s->buf != NULL && key_same(&s->key, &key))
			return s;
		if (oldest->buf != NULL &&
		    (s->buf == NULL || s->touched < oldest->touched))
			oldest = s;
	}
	*ret_found = false;
	return oldest;
}

static bool
append(struct joins *j, struct slot *s, struct span piece)
{
	if (piece.n > JOIN_LIMIT - s->n) {
		j->counts.too_long++;
		return false;
	}
	if (s->n + piece.n > s->room) {
		uint32_t want =
		    2 * s->room > s->n + piece.n ? 2 * s->room : s->n + piece.n;
		uint32_t room = (uint32_t)bufs_room(want);
		uint8_t *buf = bufs_get(j->bufs, room);

		if (buf == NULL) {
			j->counts.too_long++;
			return false;
		}
		memcpy(buf, s->buf, s->n);
		bufs_put(j->bufs, s->buf, s->room);
		s->buf = buf;
		s->room = room;
	}
	if (piece.n > 0)
		memcpy(s->buf + s->n, piece.p, piece.n);
	s->n += piece.n;
	return true;
}

static bool
start(struct joins *j, struct slot *s, struct join_key key)
{
	if (s->buf != NULL) {
		j->counts.evicted += !key_same(&s->key, &key);
		drop(j, s);
	}
	s->room = (uint32_t)bufs_room(1024);
	s->buf = bufs_get(j->bufs, s->room);
	s->key = key;
	s->n = 0;
	j->n_open += s->buf != NULL;
	return s->buf != NULL;
}

bool
joins_add(struct joins *j, struct join_key key, bool first, bool last,
    struct span piece, struct span *ret_whole)
{
	struct slot *s;
	bool found;

	if (first && last) {
		*ret_whole = piece;
		return true;
	}
	s = find(j, key, &found);
	if (!found && !first) {
		j->counts.orphans++;
		return false;
	}
	if ((first && !start(j, s, key)) || !append(j, s, piece)) {
		if (s->buf != NULL)
			drop(j, s);
		return false;
	}
	s->touched = ++j->now;
	if (!last)
		return false;
	if (j->n_done == DONE_MAX) {
		j->counts.too_long++;
		drop(j, s);
		return false;
	}
	j->counts.whole++;
	j->done[j->n_done].buf = s->buf;
	j->done[j->n_done].room = s->room;
	j->n_done++;
	*ret_whole = SPAN(s->buf, s->n);
	*s = (struct slot){ .buf = NULL };
	j->n_open--;
	return true;
}

bool
dissect_join(struct dissect *d, uint32_t key, bool first, bool last,
    struct span piece, struct span *ret_whole)
{
	struct join_key k = { .flow = d->flow,
		.key = key,
		.proto_way = (uint32_t)d->proto->slot->id << 1 | d->to_server };

	return joins_add(d->joins, k, first, last, piece, ret_whole);
}
