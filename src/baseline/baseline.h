/*
 * baseline.h - what is normal: learning, dynamic, operational.
 *
 * Facts and flows come in with the assets they are between; each makes one
 * key per scenario it concerns (scenarios.def).  Keys are counted by window
 * (one hour of packet time, less when learning is scaled) and admitted when
 * seen often enough.  What is not known is a novelty, handed to the listener
 * at once; whether it may alert is the scenario's state to say.
 *
 * docs/decisions/baseline.md has the statistic, the rules and their limits.
 *
 * Memory is reserved at birth and capped.  Time is the packet's, made
 * monotonic: a clock that steps back does not reopen a window.  One thread.
 */
#ifndef BASELINE_BASELINE_H
#define BASELINE_BASELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../asset/asset.h"
#include "../base/out.h"
#include "../model/fact.h"
#include "../model/talk.h"

enum scenario {
#define SCENARIO(sym, name, ...) SCENARIO_##sym,
#include "scenarios.def"
#undef SCENARIO
	SCENARIO_COUNT
};
struct scenario_name {
	const char *id, *name, *title;
};
extern const struct scenario_name scenario_names[SCENARIO_COUNT];

enum mode {
	MODE_LEARNING,
	MODE_DYNAMIC,
	MODE_OPERATIONAL,
	MODE_COUNT
};
const char *mode_name(enum mode);

enum scenario_state {
	STATE_LEARN, /* collects */
	STATE_WATCH, /* dynamic: what would alert is counted, not said */
	STATE_OPER, /* alerts */
	STATE_EXTEND, /* dynamic: traffic changed, learning goes on */
	STATE_PARKED, /* cannot be learned within its budget: people decide */
	STATE_COUNT
};
const char *scenario_state_name(enum scenario_state);

enum key_state {
	KEY_NONE,
	KEY_CANDIDATE,
	KEY_LEARNED,
	KEY_USER, /* a person said so */
	KEY_STALE, /* not seen for long */
	KEY_DENIED, /* always alerts */
	KEY_TOMB, /* un-learned */
	KEY_STATE_COUNT
};
const char *key_state_name(enum key_state);

/*
 * One thing seen: the scenario's tuple.  What the p[] mean is told by
 * scenarios.def and baseline_key_text(); texts are interned.
 */
struct key {
	uint64_t hash; /* keyed with the sensor's secret */
	uint32_t client, server; /* assets; 0 where the scenario has none */
	uint32_t p[5];
	uint32_t first_window, last_window; /* since the baseline's epoch */
	uint32_t count; /* saturating */
	uint32_t hours; /* bits 0..23 hour of day, 24..30 weekday, UTC */
	uint16_t windows; /* distinct ones, saturating */
	uint8_t days;
	uint8_t scenario; /* enum scenario */
	uint8_t state; /* enum key_state */
	uint8_t flags; /* KEY_... */
	uint16_t extra; /* timing or value block + 1, 0 none */
};
_Static_assert(sizeof(struct key) == 64, "a cache line");
#define KEY_WRITE 1u /* changes the plant */
#define KEY_ENGINEER 2u /* programs, configures, stops */
#define KEY_FLOOD 4u
#define KEY_TAINTED 8u
#define KEY_CHANGED 16u /* since the last save */
#define KEY_FAIL 32u /* a refused one: never admitted */
#define KEY_HARD 64u /* tier A: only people admit it */
#define KEY_FIRST 128u /* the first word on the matter: no change */

/* Why something is not as usual. */
enum why {
	WHY_NEW, /* never seen */
	WHY_CANDIDATE, /* seen, but not often enough to be normal */
	WHY_STALE, /* was normal long ago */
	WHY_DENIED,
	WHY_UNLEARNED,
	WHY_RANGE, /* value outside what was learned */
	WHY_STEP, /* value moved faster */
	WHY_SILENT, /* periodic traffic stopped */
	WHY_FAST, /* came more often */
	WHY_PERIOD, /* cycle time changed */
	WHY_VOLUME, /* more or less bytes */
	WHY_ORDER, /* messages in a new order */
	WHY_HOUR, /* at a time of day it never happens */
	WHY_CHANGE, /* the scenario's traffic changed: learning extended */
	WHY_COUNT
};
const char *why_name(enum why);

struct novelty {
	enum scenario scenario;
	enum why why;
	bool speak; /* the scenario's state says it may alert */
	bool tier_a; /* no baseline can justify it */
	struct tick at;
	uint32_t client, server; /* assets, either may be ASSET_NONE */
	const struct fact *fact; /* NULL: not from one */
	const struct talk *talk; /* NULL: from no flow in hand */
	const struct key *key; /* NULL where there was no room for it */
	/* for the explanation */
	double value, least, most; /* what was, and between what it used to */
	double per_day; /* such alerts expected, upper bound; < 0 unknown */
	uint32_t learned_windows; /* watched so far; hours, unless scaled */
	bool scaled;
	char text[160]; /* what was normal, in words; may be empty */
};

struct baseline_config {
	uint32_t keys_max; /* power of two; default 1 << 20 */
	uint32_t
	    learn_scale; /* minimum spans and windows divided by it, >= 1 */
	double alerts_per_day; /* budget of all scenarios together, 5 */
	uint64_t secret; /* of the hash; kept in the state */
	bool values; /* VALUE facts will come (S09) */
};
#define BASELINE_CONFIG_DEFAULT                          \
	((struct baseline_config){ .keys_max = 1u << 20, \
	    .learn_scale = 1,                            \
	    .alerts_per_day = 5.0 })

struct baseline_listener {
	void *ctx;
	void (*novelty)(void *ctx, const struct novelty *);
};

struct baseline;

struct baseline *baseline_new(const struct baseline_config *, struct assets *,
    const struct baseline_listener *);
void baseline_free(struct baseline *);

/* As a flow listener, with the assets of the talk. */
void baseline_fact(struct baseline *, const struct fact *, const struct talk *,
    uint32_t client, uint32_t server);
/* A fact of the flow may come soon: what it will need is fetched. */
void baseline_ahead(const struct baseline *, const struct talk *);
/* The same, once that has come; and once more. */
void baseline_soon(const struct baseline *, const struct talk *);
void baseline_later(const struct baseline *, const struct talk *);
void baseline_begin(struct baseline *, const struct talk *, uint32_t client,
    uint32_t server);
void baseline_tally(struct baseline *, const struct talk *, uint32_t client,
    uint32_t server);
void baseline_new_asset(struct baseline *, const struct asset *);
/*
 * What comes from now on is not of this plant's present (a capture that is
 * played back): what is new in it is said as ever, and nothing is counted,
 * learned or timed.  A device that is new to it is marked ASSET_PLAYED; when
 * it is met alive, it is to be told with baseline_new_asset() once more.
 */
void baseline_guest(struct baseline *, bool on);
/* Packet time: windows, days, silence.  Cheap when nothing is due. */
void baseline_clock(struct baseline *, struct tick);
/* Somebody set the clock that packets are stamped by: their time jumps by so
 * many nanoseconds, the baseline's goes on. */
void baseline_clock_set(struct baseline *, int64_t by);
/* The sensor lost packets in this window: it does not count. */
void baseline_lost(struct baseline *, struct tick, uint64_t packets);
/* An alert that no baseline justifies is open for this asset: what it does
 * is tainted until it is cleared, or for
 * a week after the last word of it. */
void baseline_taint(struct baseline *, uint32_t asset, bool tainted);
bool baseline_is_tainted(const struct baseline *, uint32_t asset);

/* ----------------------------------------------------------- what people do */

enum mode baseline_mode(const struct baseline *);
/* Whether values of the server by that protocol were learned, so that unusual
 * ones will be told.  Looks through all tags: for when a stream begins. */
bool baseline_judges_values(const struct baseline *, uint32_t server,
    uint8_t proto);
/* Seconds of packet time since the mode began, and of learning in all. */
int64_t baseline_mode_age(const struct baseline *);
/*
 * Switch.  Dynamic: every scenario is watched.  Operational: every scenario
 * alerts from now on, ready or not.  Learning: starts collecting again, what
 * was learned stays.
 */
void baseline_set_mode(struct baseline *, enum mode);
/* One scenario by hand: STATE_LEARN for so many hours (then WATCH),
 * STATE_WATCH, STATE_OPER. */
void baseline_set_scenario(struct baseline *, enum scenario,
    enum scenario_state, uint32_t hours);

struct scenario_report { /* what the user is shown */
	enum scenario_state state;
	uint32_t keys, candidates, learned;
	uint32_t windows; /* counted, T */
	uint32_t single; /* windows with something seen only there, W1 */
	double per_day; /* alerts a day if switched now */
	double at_most; /* 90 % upper limit */
	double budget; /* a day */
	double missing; /* Good-Turing mass of what was not seen yet */
	int64_t ready_in; /* seconds until it meets its budget; -1 unknown */
	uint32_t held; /* assets held back */
	bool ready;
	char reason[160]; /* why not yet, in words */
};
void baseline_report(struct baseline *, enum scenario,
    struct scenario_report *ret);

/*
 * Of each of the last days of packet time, the one that runs last, how often a
 * device did something new: what would have alerted, had the scenario.  The
 * oldest first; returns how many, and when the first began.
 */
#define BASELINE_DAYS 28u
uint32_t baseline_curve(const struct baseline *, enum scenario,
    uint32_t ret[static BASELINE_DAYS], struct tick *ret_from);
/* How long such a day is: less than one where learning is compressed. */
int64_t baseline_day_seconds(const struct baseline *);

/*
 * What a person allowed: a key with parts left open.  Bits of `any`: 0 client,
 * 1 server, 2.. p[0..].  Interval: p[low]..p[high] where `range` is set.
 */
struct allow {
	uint32_t id; /* the store's */
	uint8_t scenario;
	uint8_t any;
	bool deny; /* the opposite: always alert */
	uint32_t client, server;
	uint32_t p[5];
	uint32_t until_p; /* last value of the scenario's interval part */
	struct tick expires; /* 0: never */
};
#define ALLOW_CLIENT 1u
#define ALLOW_SERVER 2u
#define ALLOW_P(i) (4u << (i))
/* The levels of the lattice, narrowest first: 0 the exact key .. 5 any
 * client.  False where the level does not exist for the scenario. */
bool allow_of_key(const struct key *, unsigned level, struct allow *ret);
const char *allow_level_text(const struct key *, unsigned level);
bool baseline_allow(struct baseline *, const struct allow *);
void baseline_unallow(struct baseline *, uint32_t id);
void baseline_unallow_all(struct baseline *);
bool allow_covers(const struct allow *, const struct key *);
/* One key: learn, deny, un-learn. */
bool baseline_set_key(struct baseline *, uint64_t hash, enum key_state);

/* ------------------------------------------------------- looking and saving */

const struct key *baseline_next(const struct baseline *, uint32_t *cursor);
const struct key *baseline_find(const struct baseline *, uint64_t hash);
/* "modbus unit 1 fc 3 read holding registers, registers 0..99" */
void baseline_key_text(const struct baseline *, const struct key *,
    struct out *);
/*
 * What comes again and again: requests of one function that were seen in a
 * cycle, each told once, in the order they were found.  The cycle is known to
 * a third only; what is told is the roundest span in it.
 */
#define BASELINE_CYCLE_LEAST 20u /* intervals before it is told */
struct cycle {
	uint32_t client, server; /* assets */
	uint8_t proto;
	uint32_t op;
	int64_t ns;
};
void baseline_cycles(const struct baseline *,
    void (*got)(void *ctx, const struct cycle *), void *ctx);
/* A text interned by the baseline, by number; empty when there is none. */
struct span baseline_word(const struct baseline *, uint32_t id);

/*
 * Saving: everything changed since the last call is handed out, as keys, and
 * as numbered blocks of bytes whose inside is the baseline's own business
 * (scenarios, timing, values, words).  Loading is the same backwards, before
 * the first fact; a block of another version is refused.
 */
struct baseline_sink {
	void *ctx;
	bool (*key)(void *ctx, const struct key *);
	bool (*gone)(void *ctx, uint64_t hash);
	bool (*block)(void *ctx, uint32_t kind, uint64_t id, struct span);
};
bool baseline_save(struct baseline *, const struct baseline_sink *);
/* No more packets: the next save is complete, counters of the running window
 * and all.  Blocks of kind 1 are loaded first, the others by kind. */
void baseline_finish(struct baseline *);
bool baseline_load_key(struct baseline *, const struct key *);
bool baseline_load_block(struct baseline *, uint32_t kind, uint64_t id,
    struct span);

/* ------------------------------------------------------ reviewing, carrying */

/* One key that people should look at before what was learned counts. */
struct review {
	const struct key *key;
	uint32_t rank; /* the higher, the sooner */
	const char *why; /* "only this device writes to it" */
};
/* The most telling first; how many there are, at most cap of them filled in. */
uint32_t baseline_review(const struct baseline *, struct review *ret,
    uint32_t cap);

/* What the last days would have brought, had the baseline alerted then. */
struct preview {
	enum scenario scenario;
	uint32_t client; /* asset */
	uint32_t groups; /* alerts: one a window */
	uint32_t keys;
	const struct key *example;
};
/* Most groups first; how many were filled in. */
uint32_t baseline_preview(const struct baseline *, uint32_t days,
    struct preview *ret, uint32_t cap);

/* Why a key is (not) normal, in a sentence or two. */
void baseline_why(const struct baseline *, const struct key *, char *dst,
    size_t cap);

/* Un-learn what an asset (ASSET_NONE: any) began between the two; how many. */
uint32_t baseline_forget(struct baseline *, uint32_t asset, struct tick from,
    struct tick until);

#define EXPORT_SECRET 64u /* bytes of an Ed25519 key */
#define EXPORT_PUBLIC 32u
#define EXPORT_NAME 64u /* with its NUL */

struct export_seal { /* who signs */
	const uint8_t *secret; /* EXPORT_SECRET bytes, of the caller */
	const char *name; /* of the sensor */
	struct tick at;
};

/*
 * As text: one key a line, in order, each with the hash of itself and all
 * before it, so that a line that was changed, taken out or put in shows; and
 * signed, so that nobody else can have made it.  Without a seal it is not.
 * False: no memory.
 */
bool baseline_export(const struct baseline *, const struct export_seal *,
    struct out *);

struct import_result {
	uint32_t line; /* the first bad one, from 1; 0: none */
	const char *error; /* what is wrong with it */
	uint32_t added, known; /* keys */
	uint32_t strangers; /* of devices that are not known here */
	bool is_signed; /* with `key`, by who says it is `signer` */
	uint8_t key[EXPORT_PUBLIC];
	char signer[EXPORT_NAME], signed_at[32];
};

/* What another sensor learned, as candidates.  One bad line, and nothing is
 * imported; nor if it is not signed by that key (NULL: it need not be). */
bool baseline_import(struct baseline *, struct span text, const uint8_t *by,
    struct import_result *ret);

struct diff_counts {
	uint32_t added, gone, changed;
};
/* Between two exports: + new, - no longer there, ~ state or interval changed.
 * False: no memory. */
bool baseline_diff(struct span before, struct span after, struct out *,
    struct diff_counts *ret);

struct baseline_counts {
	uint64_t keys, candidates, learned;
	uint64_t full; /* keys for which there was no room */
	uint64_t flooded; /* keys not stored, as one client made too many */
	uint64_t novelties, spoken;
};
const struct baseline_counts *baseline_counts(const struct baseline *);

#endif
