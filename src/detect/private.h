/* private.h - shared by the files of detect/ only. */
#ifndef DETECT_PRIVATE_H
#define DETECT_PRIVATE_H

#include "detect.h"

/* ------------------------------------------------ memory.c: bounded, keyed */

struct memory;

struct memory *memory_new(uint32_t max);
void memory_free(struct memory *);

/*
 * What a detector keeps about `key`: MEMORY_CELL bytes, zeroed when new,
 * gone when nobody asked for `lives` seconds.  `what` tells detectors apart
 * (their row).  Never NULL: when all are in use the oldest of a few makes
 * room.
 */
#define MEMORY_CELL 112u
void *memory_cell(struct memory *, uint32_t what, uint64_t key, struct tick now,
    uint32_t lives);
/* The same, or NULL where there is none. */
void *memory_peek(struct memory *, uint32_t what, uint64_t key,
    struct tick now);
/* Matches within the last so many seconds, this one included. */
uint32_t memory_count(struct memory *, uint32_t what, uint64_t key,
    struct tick now, uint32_t within);
/* Different items within the last so many seconds: exact to 24, then
 * estimated within 15 %. */
uint32_t memory_distinct(struct memory *, uint32_t what, uint64_t key,
    uint64_t item, struct tick now, uint32_t within);

/* Hashes of what things are counted over. */
uint64_t addr_key(const struct addr *);
uint64_t pair_key(const struct event *);
uint64_t key_of(const struct event *, enum per);
uint64_t key_mix(uint64_t, uint64_t);

/* ------------------------------------------------------- functions, by name */

/*
 * detectors.def: DETECTOR(name, events, kinds, protos) with events a mask of
 * 1 << EVENT_..., kinds a FACT_MASK() (of EVENT_FACT), protos a list of names
 * "modbus s7comm", "" for all.  Each is void detector_<name>(struct detect *,
 * const struct event *), in the file it belongs to.
 */
#define DETECTOR(name, events, kinds, protos) \
	void detector_##name(struct detect *, const struct event *);
#include "detectors.def"
#undef DETECTOR

struct memory *detect_memory(struct detect *);
struct assets *detect_assets(struct detect *);
const struct packet *detect_now(struct detect *); /* NULL between packets */
/* Whether the row is on: for work that costs. */
bool detect_wants(const struct detect *, enum alert_id);

#endif
