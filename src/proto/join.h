/*
 * join.h - putting together messages that a protocol sends in pieces.
 *
 * At most JOINS_MAX are open at a time; the one longest untouched makes room.
 * Behind dissect_join(); one per worker.
 */
#ifndef PROTO_JOIN_H
#define PROTO_JOIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/span.h"

#define JOINS_MAX 1024u
#define JOIN_LIMIT (256u * 1024u)

struct bufs;
struct joins;

struct join_key {
	uint32_t flow;
	uint32_t key; /* the protocol's */
	uint32_t proto_way; /* protocol << 1 | direction */
};

struct joins_counts {
	uint64_t whole, evicted, orphans, too_long;
};

/* `bufs` is borrowed.  NULL when memory is out. */
struct joins *joins_new(struct bufs *bufs);
void joins_free(struct joins *);
/* Give all buffers back: nothing is open afterwards. */
void joins_drain(struct joins *);
/*
 * As dissect_join(); *ret_whole is good until joins_release().  A piece may
 * itself lie in what an earlier call put together (COTP carries S7 fragments).
 */
bool joins_add(struct joins *, struct join_key, bool first, bool last,
    struct span piece, struct span *ret_whole);
/* The message is done with what was put together for it. */
void joins_release(struct joins *);
struct joins_counts joins_counts(const struct joins *);

#endif
