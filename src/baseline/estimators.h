/*
 * estimators.h - what counting windows cannot learn: values, rhythm, order,
 * volume, hours of work.
 *
 * Five tables of the same make.  An entry is one thing that has a habit (a
 * tag, a link, a conversation); *_entry() finds or makes it by plain numbers
 * and gives its place, which stays the same: callers remember it.  0 is no
 * entry (the table is full): every call takes it and does nothing.
 *
 * *_seen() learns, and once the entry has learned enough says true when what
 * it saw is not as usual, with a finding.  What it says is what it would say
 * were the scenario operational: whether anybody hears it is the caller's.
 * How often it said so is in the report, and is what the caller judges the
 * scenario by.
 *
 * All memory is reserved at birth.  No clock: a moment is the packet's, and
 * one before the last counts as the last.  One thread.
 */
#ifndef BASELINE_ESTIMATORS_H
#define BASELINE_ESTIMATORS_H

#include "baseline.h"

struct moment {
	struct tick at;
	uint32_t window; /* index of the baseline's window; never goes back */
	bool lost; /* packets were lost in this window: gaps mean nothing */
};

struct estimator_config {
	uint32_t max; /* entries; 0: the default of the table */
	uint32_t learn_scale; /* minimum spans are divided by it, >= 1 */
	uint32_t window_seconds; /* how long a window is */
};

struct finding {
	enum why why;
	bool all; /* SILENT: everything at once, so the mirror or the sensor
		   * is what went silent; client and server are 0 */
	uint8_t proto;
	uint32_t client, server; /* 0: several (SILENT), or none */
	uint32_t op; /* PERIOD_LINK: the link as a whole */
	uint32_t links; /* SILENT: how many at once, else 1 */
	struct tick at;
	double value, least, most;
	char text[160]; /* what was normal, in words */
};

/* For the scenario's report. */
struct estimator_report {
	uint32_t entries, ready; /* ready: learned enough to judge */
	uint32_t excluded; /* cannot be learned: counters, noise, no rhythm */
	uint64_t left_out; /* no room */
	uint32_t windows; /* counted, in which something was ready; at most
			   * the last ESTIMATOR_WINDOWS: T */
	uint32_t single; /* of those, with a finding: W1 */
	double per_day, at_most; /* single a day; its 90 % upper limit */
};
#define ESTIMATOR_WINDOWS 336u
/* 90 % upper limit of a Poisson mean of which n were counted. */
double at_most_90(uint32_t n);

/* Blocks of baseline_sink: one per entry, numbered as the entry. */
enum estimator_block {
	BLOCK_PERIOD = 16,
	BLOCK_VALUE,
	BLOCK_VOLUME,
	BLOCK_HOURS,
	BLOCK_SEQUENCE, /* one per conversation */
	BLOCK_TRIGRAM, /* of its trigrams */
};
/*
 * *_save() hands out what changed since it was last saved; an entry that is
 * only busy is handed out once a window, unless `all`: at the end.  False:
 * the sink refused; what was refused is handed out again.  *_load() comes
 * before anything else, and is false for a block that it does not know.
 */

/* ------------------------------------------------------- rhythm (period.c) */

/*
 * Intervals between messages of one kind (a function) and of a link as a
 * whole, each direction by itself.  Silence is judged for links, too fast and
 * change of cycle for both.
 */
struct periods;
#define PERIOD_LINK UINT32_MAX /* op: any */

struct periods *periods_new(const struct estimator_config *); /* 65 536 */
void periods_free(struct periods *);
/* The function's entry; that of its link is made with it. */
uint32_t periods_entry(struct periods *, uint32_t client, uint32_t server,
    uint8_t proto, uint32_t op, bool from_server);
/* That entry will be seen in a moment: fetch it into the cache, and once it
 * has come, that of its link. */
void periods_ahead(const struct periods *, uint32_t entry);
void periods_soon(const struct periods *, uint32_t entry);
/* One message: the function's entry and its link's. */
bool periods_seen(struct periods *, uint32_t entry, const struct moment *,
    struct finding *ret);
/* Time passed.  True: one finding; call again until false. */
bool periods_clock(struct periods *, const struct moment *,
    struct finding *ret);
/* A person says that the last finding is normal. */
void periods_accept(struct periods *, uint32_t entry);
void periods_each(const struct periods *,
    void (*got)(void *ctx, const struct cycle *), void *ctx);
void periods_report(const struct periods *, struct estimator_report *ret);
bool periods_save(struct periods *, const struct baseline_sink *, bool all);
bool periods_load(struct periods *, uint64_t id, struct span);

/* -------------------------------------------------------- values (value.c) */

struct values;

struct values *values_new(const struct estimator_config *); /* 131 072 */
void values_free(struct values *);
uint32_t values_entry(struct values *, uint32_t server, uint8_t proto,
    uint32_t unit, const struct fact_object *);
/* `written`: a client sets it, rather than a server tells it. */
bool values_seen(struct values *, uint32_t entry, double value, bool written,
    const struct moment *, struct finding *ret);
/* Operational: what was there for as long as could be while `learned` is
 * judged, though that be less than two weeks, `since` then. */
void values_judge(struct values *, int64_t learned, int64_t since);
/* At least one tag of the server is judged. */
bool values_judges(const struct values *, uint32_t server, uint8_t proto);
void values_accept(struct values *, uint32_t entry);
void values_report(const struct values *, struct estimator_report *ret);
bool values_save(struct values *, const struct baseline_sink *, bool all);
bool values_load(struct values *, uint64_t id, struct span);

enum value_model { /* what a tag was found to be */
	VALUE_LEARNING,
	VALUE_CONSTANT,
	VALUE_ENUM, /* at most 16 values */
	VALUE_RANGE,
	VALUE_COUNTER, /* only ever moves one way: not judged */
	VALUE_NOISY, /* said too much: not judged */
	VALUE_MODEL_COUNT
};
const char *value_model_name(uint32_t);
struct value_view { /* one entry, for lists */
	uint32_t server, unit;
	uint8_t proto;
	struct fact_object object;
	enum value_model model;
	uint32_t samples;
	double least, most, step, last;
};
/* Entries 1 .. entries of the report. */
bool values_at(const struct values *, uint32_t entry, struct value_view *ret);

/* -------------------------------------------------------- order (sequence.c)
 */

/*
 * Trigrams of symbols (direction, function, object class) per conversation.
 * The trail is the flow's own: zero at its birth.
 */
struct sequences;
struct trail {
	uint32_t before, last;
};

/* Conversations 16 384, trigrams 262 144 in all and 4 096 each. */
struct sequences *sequences_new(const struct estimator_config *);
void sequences_free(struct sequences *);
uint32_t sequences_entry(struct sequences *, uint32_t client, uint32_t server,
    uint8_t proto);
uint32_t sequence_symbol(bool from_server, uint32_t op, uint32_t sub,
    uint32_t area); /* never 0 */
/* One will be seen soon: what it needs is fetched. */
void sequences_ahead(const struct sequences *, uint32_t entry);
bool sequences_seen(struct sequences *, uint32_t entry, struct trail *,
    uint32_t symbol, const struct moment *, struct finding *ret);
void sequences_report(const struct sequences *, struct estimator_report *ret);
bool sequences_save(struct sequences *, const struct baseline_sink *, bool all);
bool sequences_load(struct sequences *, uint32_t kind, uint64_t id,
    struct span);

/* -------------------------------------------------------- volume (volume.c) */

struct volumes;

struct volumes *volumes_new(const struct estimator_config *); /* 65 536 */
void volumes_free(struct volumes *);
uint32_t volumes_entry(struct volumes *, uint32_t client, uint32_t server,
    uint8_t proto);
/* So many more bytes, both ways. */
bool volumes_seen(struct volumes *, uint32_t entry, uint64_t bytes,
    const struct moment *, struct finding *ret);
/* A person says that the last finding is normal. */
void volumes_accept(struct volumes *, uint32_t entry);
void volumes_report(const struct volumes *, struct estimator_report *ret);
bool volumes_save(struct volumes *, const struct baseline_sink *, bool all);
bool volumes_load(struct volumes *, uint64_t id, struct span);

/* ------------------------------------------------- hours of work (hours.c) */

struct hours;

struct hours *hours_new(const struct estimator_config *); /* 16 384 */
void hours_free(struct hours *);
/* `class_`: what kind of human work, the caller's number. */
uint32_t hours_entry(struct hours *, uint32_t client, uint32_t class_);
/* Days pass, also those on which nobody works. */
void hours_clock(struct hours *, const struct moment *);
bool hours_seen(struct hours *, uint32_t entry, const struct moment *,
    struct finding *ret);
void hours_report(const struct hours *, struct estimator_report *ret);
bool hours_save(struct hours *, const struct baseline_sink *, bool all);
bool hours_load(struct hours *, uint64_t id, struct span);

#endif
