/* private.h - shared by the files of detect/ only. */
#ifndef DETECT_PRIVATE_H
#define DETECT_PRIVATE_H

#include "../base/hash.h"
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
/*
 * Which cells are asked for, so that they are fetched before they are asked
 * for again, and found where they were: begin with what was asked for the last
 * time (UINT32_MAX: nothing), end with what it was this time; fetch that.
 */
#define MEMORY_TOUCHED 4u
void memory_watch(struct memory *, const uint32_t guess[MEMORY_TOUCHED]);
void memory_unwatch(struct memory *, uint32_t ret_cell[MEMORY_TOUCHED]);
void memory_ahead(const struct memory *, const uint32_t cell[MEMORY_TOUCHED]);
/* From now on what was remembered under another number is not known. */
void memory_apart(struct memory *, uint64_t number);
void memory_forget(struct memory *); /* all of it */
/* Matches within the last so many seconds, this one included. */
uint32_t memory_count(struct memory *, uint32_t what, uint64_t key,
    struct tick now, uint32_t within);
/* Different items within the last so many seconds: exact to 24, then
 * estimated within 15 %. */
uint32_t memory_distinct(struct memory *, uint32_t what, uint64_t key,
    uint64_t item, struct tick now, uint32_t within);

/* What is remembered of a flow, to be faster. */
struct end_keys {
	_Alignas(64) struct addr client; /* to see that it was not turned */
	uint32_t flow;
	uint64_t end[2], pair;
	/* cells that its last fact from either end asked for */
	uint32_t touched[2][MEMORY_TOUCHED];
};
#define END_KEYS 65536u /* by number of the flow */

/* Hashes of what things are counted over. */
uint64_t addr_key(const struct addr *);
uint64_t pair_key(const struct event *);
uint64_t key_of(const struct event *, enum per);
uint64_t key_mix(uint64_t, uint64_t);
/* The same where nothing but a cell hangs on it, which is faster. */
static inline uint64_t
cell_key(uint64_t a, uint64_t b)
{
	return hash_mix(a, b);
}
/* Those of the flow, which are remembered. */
struct end_keys *keys_of_flow(struct detect *, const struct talk *);

/* What is told apart in counting. */
uint64_t item_of(const struct event *, enum distinct);
/* The client's (or server's) address; NULL where the event has none. */
const struct addr *event_end(const struct event *, bool server);
uint8_t event_proto(const struct event *);

/* ----------------------------------------------------- fold.c: open alerts */

/*
 * Alerts by fold, capped; in order of first sight.  When all are in use the
 * oldest warning of some makes room, else nothing does.
 */
struct folds;

struct folds *folds_new(uint32_t max);
void folds_free(struct folds *);
/* The open one; NULL: none.  A closed one is forgotten. */
struct alert *folds_find(struct folds *, uint64_t fold);
/* A copy is kept; NULL: no room. */
struct alert *folds_add(struct folds *, const struct alert *);
/* Whether the listener is to hear of it: once a second of packet time. */
bool folds_due(struct folds *, const struct alert *, struct tick now);
uint32_t folds_count(const struct folds *);
struct alert *folds_at(const struct folds *, uint32_t i);
uint64_t folds_left_out(const struct folds *);

/* Forgets the closed ones that are saved. */
void folds_sweep(struct folds *);

/* Adds one more sight to an alert. */
void alert_time(struct alert *, struct tick);
void alert_frame(struct alert *, uint16_t file, uint32_t number);
/* The entry when it is a new one, whose text is still to be written. */
struct violation *alert_violation(struct alert *, uint64_t hash, struct tick);

/* ------------------------------------------------- sentence.c: facts in words
 */

/* A text that grows to its cap, always NUL-terminated. */
struct words {
	char *p;
	size_t n, cap;
};
struct words words_in(char *dst, size_t cap);
void words_add(struct words *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void words_addr(struct words *, const struct addr *);

void words_op(struct words *, const struct fact *);
void words_place(struct words *, const struct fact *); /* the object */
void words_value(struct words *, const struct fact *);
/* "write single register (unit 1, holding 100)": operation and object. */
void words_what(struct words *, const struct fact *);
/* The one sentence but for its full stop; `key` is what the baseline says of
 * a novelty's key. */
void event_sentence(struct words *, const struct event *, struct span key);

/* A mistake in our own tables: says so and aborts. */
_Noreturn void mistake(const char *what, const char *which, const char *text);

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

/* --------------------------------------------------------------- detect.c */

struct run { /* of entries: rows, then detectors from ALERT_COUNT on */
	uint32_t from, n;
};

/*
 * Facts that are alike in what most conditions ask: which of the run's entries
 * can concern them.  Found when first asked for, one place per hash.
 */
#define CLASS_BITS 10u
#define CLASSES (1u << CLASS_BITS)
#define CLASS_WORDS 2u

struct fact_class {
	uint64_t key[2]; /* 0: nobody's yet */
	uint64_t tries[CLASS_WORDS]; /* bits by place in the run */
	uint64_t holds[CLASS_WORDS]; /* of these, whose condition is true */
};

struct detect {
	struct assets *assets;
	struct baseline *baseline;
	struct detect_listener listener;
	struct memory *memory;
	struct folds *folds;
	const struct packet *now;
	const char *played; /* the capture it comes from; NULL: alive */
	struct tick swept; /* when closed alerts were forgotten */
	struct rule *rule[ALERT_COUNT];
	struct alert_setting setting[ALERT_COUNT];
	bool engine_off[ENGINE_COUNT];
	/* which entries an event concerns */
	uint16_t *entry;
	uint32_t n_entry;
	struct run *fact, *end; /* [proto * FACT_COUNT + kind], [proto] */
	struct run begin, novelty[SCENARIO_COUNT];
	uint16_t opener[ALERT_COUNT]; /* rows that list others */
	uint32_t n_openers;
	struct fact_class *classes; /* CLASSES */
	struct end_keys *keys; /* END_KEYS */
	struct alert scratch; /* what is being raised */
	struct out out; /* scratch for words of the baseline */
};

/* Tables of who listens to what; dispatch.c. */
bool dispatch_build(struct detect *);
/* What of the fact's run it can concern: entries by place, CLASS_WORDS * 64
 * of them; any further is to be tried. */
const struct fact_class *dispatch_fact(struct detect *, const struct run *,
    const struct event *);

/* How a row's counting led to a finding. */
struct counted {
	uint32_t n; /* 0: it was not counted */
	uint8_t per, distinct;
};
void raise_counted(struct detect *, const struct event *,
    const struct finding *, const struct counted *);
bool detect_focus(const struct detect *, const struct event *);

/* sequence.c: bytes were sent again, or are missing. */
void sequence_disorder(struct detect *, const struct event *);
void sequence_routed(struct detect *, const struct event *);

struct memory *detect_memory(struct detect *);
struct assets *detect_assets(struct detect *);
const struct packet *detect_now(struct detect *); /* NULL between packets */
/* Whether the row is on: for work that costs. */
bool detect_wants(const struct detect *, enum alert_id);

#endif
