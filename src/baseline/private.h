/*
 * private.h - what the files of the baseline share.
 *
 * keytable.c	keys by tuple: index, chains of neighbours, room
 * words.c	texts and small records as numbers
 * tuple.c	which keys a fact makes; tuple_hash.c: by number,
 *		names.c: names in them
 * observe.c	what is done with a key that was seen
 * room.c	keys that go
 * trail.c	what is remembered of a flow
 * window.c	windows, days, admission
 * statistic.c	the accuracy of a scenario
 * rules.c	what is done each day
 * allow.c	what people allowed
 * text.c	keys and findings in words
 * state.c	saving and loading
 * curve.c	what was new each day
 * review.c	what people should look at
 * export.c	as text; import.c, diff.c: back, and compared
 */
#ifndef BASELINE_PRIVATE_H
#define BASELINE_PRIVATE_H

#include "baseline.h"
#include "estimators.h"

/* A row of scenarios.def. */
struct scenario_row {
	const char *name, *id;
	char tier;
	uint8_t days; /* at least */
	struct {
		uint8_t windows, days;
	} look, change; /* to admit */
	double budget;
	int8_t interval;
	const char *title;
};
extern const struct scenario_row scenario_rows[SCENARIO_COUNT];

/* What stands in a p[] of a key: how it is shown, written and read. */
enum part {
	PART_NONE,
	PART_NUMBER,
	PART_HEX,
	PART_PROTO, /* index into protos[]; bit 8: from the server */
	PART_OP, /* of the protocol in p[0] */
	PART_UNIT, /* UINT32_MAX: none */
	PART_WORD,
	PART_AREA, /* a word: struct area */
	PART_FIRST, /* of an interval, or the word of a name */
	PART_LAST,
	PART_VIA,
	PART_TRAIT, /* enum trait, or enum attribute */
	PART_RISK,
	PART_PORT, /* PORT_DYNAMIC: any of those */
	PART_MAC, /* high 32 bits of it; the next has the low 16 */
	PART_DETAIL, /* of an attribute: hops, a protocol */
	PART_LOGIN, /* 0 asked, 1 refused */
	PART_WAY, /* 0 reads, 1 changes */
	PART_OUT, /* 0 out, 1 in, 2 a name */
	PART_CODE, /* of an error, or CODE_INDICATION | bit */
	PART_COUNT
};
struct part_row {
	const char *name; /* "unit" */
	enum part part;
};
extern const struct part_row scenario_parts[SCENARIO_COUNT][5];

#define PART_FROM_SERVER 0x100u
#define PORT_DYNAMIC 0x10000u
#define CODE_INDICATION 0x10000u /* a bit of DNP3's, and no error */
#define UNIT_NONE UINT32_MAX

/* What is known of a device besides its traits. */
enum attribute {
	ATTRIBUTE_MAC = 0x100,
	ATTRIBUTE_TTL,
	ATTRIBUTE_SERVES, /* an industrial protocol; p[1] */
	ATTRIBUTE_ASKS,
	ATTRIBUTE_SAYS, /* to its neighbours on layer 2 */
};

struct area { /* interned as bytes: no padding */
	uint32_t area;
	uint32_t count; /* where it is not an extent */
	uint16_t sub, space;
	uint32_t named; /* the object is p[3], a word */
};

/* A key about to be looked up. */
struct tuple {
	uint32_t client, server;
	uint32_t p[5];
	uint8_t scenario, flags;
	uint8_t n_late; /* words that nobody said before */
	struct {
		uint8_t part;
		uint8_t len;
		uint8_t bytes[100];
	} late[2];
};
#define TUPLES_MAX 8u

/* ----------------------------------------------------------------- words.c */

struct words;
struct words *words_new(uint32_t max, size_t bytes);
void words_free(struct words *);
/* 0: nobody said it yet. */
uint32_t words_find(const struct words *, struct span);
/* When there is no room: a number without text, the same for the same. */
uint32_t words_put(struct words *, struct span);
struct span words_at(const struct words *, uint32_t id);
bool words_set(struct words *, uint32_t id, struct span);
uint32_t words_count(const struct words *);

/* -------------------------------------------------------------- keytable.c */

struct keytable;
#define KEY_NOWHERE UINT32_MAX
struct keytable *keytable_new(uint32_t max);
void keytable_free(struct keytable *);
uint32_t keytable_find(const struct keytable *, uint64_t hash,
    const struct tuple *);
uint32_t keytable_by_hash(const struct keytable *, uint64_t hash);
/* KEY_NOWHERE when full. */
uint32_t keytable_add(struct keytable *, const struct key *, uint64_t chain);
void keytable_remove(struct keytable *, uint32_t at);
struct key *keytable_at(const struct keytable *, uint32_t at);
uint32_t keytable_top(const struct keytable *); /* places ever used */
uint32_t keytable_count(const struct keytable *);
uint32_t keytable_max(const struct keytable *);
/* Neighbours: those added with the same chain, and some others. */
uint32_t keytable_chain(const struct keytable *, uint64_t chain);
uint32_t keytable_next(const struct keytable *, uint32_t at);
/* Hashes of what was removed since they were cleared. */
/* A key of that hash is not here: its row is to go. */
void keytable_forget(struct keytable *, uint64_t hash);
uint32_t keytable_gone(const struct keytable *, const uint64_t **ret);
void keytable_gone_clear(struct keytable *);

/* ------------------------------------------------------------ the baseline */

#define DAY_WINDOWS 24u
#define WEEK_WINDOWS (7u * DAY_WINDOWS)
#define NOVEL_CLIENTS 64u
#define DAYS_KEPT 28u
#define ATTRIBUTED 16u
#define MASKS_MAX 8u
#define EXTENSION_WINDOWS WEEK_WINDOWS
#define EXTENSIONS_MAX 3u

struct scenario_data {
	enum scenario_state state;
	uint32_t since; /* window of the state's begin */
	uint32_t until; /* of EXTEND, and of LEARN by hand; 0 open */
	uint32_t extensions;
	bool by_hand, acknowledged, told; /* told: of the change going on */
	bool generalised;
	double cusum, expected; /* groups a day */
	double per_day; /* alerts at most, as counted last; -1: too early */
	uint32_t shadow[DAYS_KEPT]; /* groups a day, by day % DAYS_KEPT */
	struct { /* who brought what is new today */
		uint32_t client, n;
	} who[ATTRIBUTED];
	bool changed;
	/* of the window that runs: not saved */
	uint32_t n_novel, novel[NOVEL_CLIENTS];
	/* the report's cache */
	uint32_t keys, candidates, learned, single, single_week;
	uint32_t judged; /* windows its estimator could speak in */
	uint64_t seen, once;
};

struct overlay { /* what an asset is to the baseline */
	uint32_t learns_until; /* window; 0 no */
	uint32_t held; /* bits of scenarios */
	uint32_t groups; /* novel ones while it learns, after its first day */
	uint32_t last_group; /* window + 1 */
	uint8_t rounds;
	uint32_t taint_until; /* window; 0: not tainted */
	bool changed, relearn;
};
#define OVERLAYS 65536u

struct bucket { /* new keys of one client in one scenario */
	uint32_t second;
	uint16_t tokens, keys;
	uint32_t overflow; /* window + 1 */
};

struct memo {
	uint64_t sig;
	uint32_t stamp;
	uint32_t key; /* the most telling one */
	uint32_t period, value, sequence, hours;
};
_Static_assert(sizeof(struct memo) == 32, "two in a cache line");
#define MEMOS 262144u
#define MEMO_WAYS 4u

/* The latest of a flow, which lie together; numbers of flows ascend. */
struct front {
	_Alignas(64) struct memo memo[MEMO_WAYS];
};
#define FRONTS 65536u

struct allow_slot {
	struct allow allow;
	uint32_t next; /* + 1 */
	bool used;
};
#define ALLOWS_MAX 65536u
#define ALLOW_BUCKETS 65536u

#define WINDOW_BITS 65536u /* remembered */

struct trail_slot {
	uint32_t flow;
	struct trail trail;
	uint32_t window; /* counted last */
	uint64_t bytes; /* of the flow, counted */
};
#define TRAILS 65536u

/* renumber.c: from the protocols of a saved baseline to ours */
#define RENUMBER_MAX 256u
#define RENUMBER_GONE UINT32_MAX

struct renumber {
	bool differs;
	uint32_t to[RENUMBER_MAX];
};
bool renumber_save(const struct baseline_sink *, uint32_t kind);
bool renumber_load(struct renumber *, struct span names);
/* False: it is about a protocol we do not know. */
bool renumber_key(const struct renumber *, struct key *);

struct baseline {
	struct renumber renumber;
	bool protos_saved;
	struct baseline_config config;
	struct assets *assets;
	struct baseline_listener listener;
	struct keytable *keys;
	struct words *words;
	struct bucket *buckets; /* OVERLAYS * SCENARIO_COUNT */
	struct overlay *overlay;
	uint32_t *spoke; /* per key: second it last made a novelty, + 1 */
	struct memo *memo;
	struct front *front;
	uint32_t stamp;
	uint64_t version, scanned; /* of what a scan would count */
	bool expects; /* per_day of the scenarios is counted */

	/* time: see window.c */
	bool begun;
	int64_t epoch, window_ns, shift, now, next_second;
	int64_t epoch_seen; /* the first packet */
	uint32_t behind;
	struct tick at; /* of the packet in hand */
	uint32_t window, day, last_day;
	uint8_t counted[WINDOW_BITS / 8], lossy[WINDOW_BITS / 8];
	uint8_t weeks[WEEK_WINDOWS]; /* hour of week: weeks it was counted in */
	uint32_t n_counted;
	bool window_lost;
	bool guest; /* what comes is looked at only */

	enum mode mode;
	uint32_t mode_since; /* window */
	int64_t mode_ns;
	uint32_t learned_windows; /* counted ones spent learning */
	bool changed; /* the head block */
	struct scenario_data scenario[SCENARIO_COUNT];
	uint8_t novel[SCENARIO_COUNT][WINDOW_BITS / 8];

	struct allow_slot *allow;
	uint32_t n_allow, allow_free;
	uint32_t *allow_bucket; /* + 1 */
	struct {
		uint32_t n;
		struct {
			uint8_t any;
			bool range;
			uint32_t count;
		} mask[MASKS_MAX];
	} masks[SCENARIO_COUNT];
	int64_t allow_expires; /* the next one; INT64_MAX none */

	struct periods *periods;
	struct values *values;
	struct sequences *sequences;
	struct volumes *volumes;
	struct hours *hours;
	struct trail_slot *trails;
	struct finding found; /* scratch */

	uint32_t words_saved;
	bool finished; /* the next save is complete */
	uint32_t fresh; /* key made last: its count says so already */
	uint32_t swept; /* window + 1 of the last search for room */
	uint32_t *per_client; /* OVERLAYS: scratch of that search */
	struct baseline_counts counts;
};

/* ---------------------------------------------------------------- tuple.c */

/*
 * Keys of a fact, at most TUPLES_MAX each: those of the link and of the
 * function are the same for many facts, and for those of a client that asks
 * only.
 */
uint32_t tuples_of_link(struct baseline *, const struct fact *,
    const struct talk *, uint32_t client, uint32_t server, struct tuple *);
typedef uint32_t tuples_of(struct baseline *, const struct fact *,
    const struct talk *, uint32_t client, uint32_t server, struct tuple *);
uint32_t tuples_of_function(struct baseline *, const struct fact *,
    const struct talk *, uint32_t client, uint32_t server, struct tuple *);
uint32_t tuples_of_fact(struct baseline *, const struct fact *,
    const struct talk *, uint32_t client, uint32_t server, struct tuple *);
uint32_t tuples_of_begin(struct baseline *, const struct talk *,
    uint32_t client, uint32_t server, struct tuple *);
uint32_t tuples_of_tally(struct baseline *, const struct talk *,
    uint32_t client, uint32_t server, struct tuple *);
uint64_t tuple_hash(const struct baseline *, const struct tuple *);
uint64_t tuple_chain(const struct tuple *);
/* First and count of its objects are an interval. */
bool space_extends(uint32_t space);
bool scenario_has_interval(unsigned scenario);
void tuple_of_key(const struct key *, struct tuple *ret);
bool key_named(const struct baseline *, const struct key *);
/* The tuple made wider, for clients that do too many things. */
bool tuple_widen(struct baseline *, struct tuple *);

/* ---------------------------------------------------------------- names.c */

/* Of a path: one case, one slash, one '#' for any number. */
uint32_t name_path(struct span, uint8_t dst[FACT_TEXT_MAX]);
/* It runs, or is part of a program. */
bool name_is_active(struct span);
struct span name_domain(struct span);
bool name_has_letter(struct span);

/* ----------------------------------------------------------------- room.c */

void drop_key(struct baseline *, uint32_t at);
/* Of its client's quota. */
void give_back(struct baseline *, const struct key *);
bool make_room(struct baseline *);

/* -------------------------------------------------------------- observe.c */

struct sight {
	const struct fact *fact;
	const struct talk *talk;
	uint32_t spanned; /* windows before this one it was there too */
};
/* True when it needs no second look in this window. *ret_key: its place. */
bool observe(struct baseline *, struct tuple *, const struct sight *,
    uint32_t *ret_key);
void say_novelty(struct baseline *, struct novelty *);
void say_finding(struct baseline *, enum scenario, const struct finding *,
    const struct sight *);
/* Whether a novelty of it may speak. */
bool may_speak(const struct baseline *, enum scenario, uint32_t client,
    uint32_t server, uint8_t flags);
void count_novel(struct baseline *, enum scenario, uint32_t client,
    uint32_t server);

/* ---------------------------------------------------------------- trail.c */

struct trail_slot *trail_of(struct baseline *, const struct talk *);
/* Bytes between the two, as a flow goes on and when it ends. */
void count_volume(struct baseline *, struct trail_slot *, const struct talk *,
    uint32_t client, uint32_t server);
void count_volume_at_end(struct baseline *, const struct talk *,
    uint32_t client, uint32_t server);

/* --------------------------------------------------------------- window.c */

static inline bool
bit_is(const uint8_t *bits, uint32_t i)
{
	return (bits[i % WINDOW_BITS / 8] >> (i % 8) & 1) != 0;
}

static inline void
bit_set(uint8_t *bits, uint32_t i, bool on)
{
	uint8_t *byte = &bits[i % WINDOW_BITS / 8];

	*byte = (uint8_t)(on ? *byte | 1u << i % 8 : *byte & ~(1u << i % 8));
}

bool asset_tainted(const struct baseline *, uint32_t asset);
bool may_admit(const struct baseline *, const struct key *, bool scaled_down);
void admit(struct baseline *, uint32_t at);
/* Everything that meets the rule scaled down to what could be shown. */
void admit_what_was_shown(struct baseline *);
/* What is learned by looking on; ASSET_NONE: of all. */
void admit_of(struct baseline *, uint32_t asset, int scenario);
bool asset_learns(const struct baseline *, uint32_t asset);
bool asset_held(const struct baseline *, enum scenario, uint32_t asset);
struct overlay *overlay_of(const struct baseline *, uint32_t asset);
void forget_memo(struct baseline *);
struct moment moment_now(const struct baseline *);
struct tick window_time(const struct baseline *, uint32_t window);

/* ------------------------------------------------------------ statistic.c */

/* Without keys whose client is one of `without`. */
uint32_t single_windows(const struct baseline *, enum scenario,
    const uint32_t *without, uint32_t n);
/* The client with most windows of its own; ASSET_NONE: none has three. */
uint32_t most_single_client(struct baseline *, enum scenario,
    const uint32_t *without, uint32_t n);
/* Of the last week, in which something was new that nobody learns. */
uint32_t recent_windows(const struct baseline *, enum scenario,
    const uint32_t *without, uint32_t n);
void scan_scenarios(struct baseline *); /* once a window */
/* What each may cost a day, for the sentences of its alerts: counted by what
 * passes, never when somebody looks or saves. */
void count_expected(struct baseline *);
uint32_t scenario_windows(const struct baseline *, enum scenario);
double scenario_budget(const struct baseline *, enum scenario);
uint32_t counted_lately(const struct baseline *, uint32_t windows);
bool scenario_estimated(enum scenario); /* its windows are in novel[] */
bool estimator_figures(const struct baseline *, enum scenario,
    struct estimator_report *ret);

/* ---------------------------------------------------------------- rules.c */

void rules_daily(struct baseline *);
void watch_all(struct baseline *);
void rules_window(struct baseline *);

/* ---------------------------------------------------------------- allow.c */

enum allowed {
	ALLOWED_NO,
	ALLOWED_YES,
	ALLOWED_DENIED
};
enum allowed allowed(const struct baseline *, const struct tuple *);
void allow_expire(struct baseline *);

/* ---------------------------------------------------------------- habit.c */

struct habit {
	const struct key *most; /* the function seen in most windows; NULL */
	bool writes; /* at least once, before this window */
	bool changes; /* and is known to write or to set up */
};
struct habit habit_of(const struct baseline *, const struct tuple *);
/* The two know each other well, and the client never changed anything. */
bool habit_is_to_look(const struct baseline *, const struct tuple *);

/* ----------------------------------------------------------------- text.c */

/* The object of the key is a name rather than a number. */
bool key_by_name(const struct baseline *, const struct key *);
const char *attribute_name(uint32_t p);
struct text { /* cut at cap */
	char *p;
	size_t n, cap;
};
void textf(struct text *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void text_part(const struct baseline *, const struct key *, unsigned part,
    struct text *);
void text_asset(const struct baseline *, uint32_t asset, struct text *);

/* What was normal, in words, of a key that is not. */
void explain(const struct baseline *, const struct tuple *, enum why, char *dst,
    size_t cap);

/* --------------------------------------------------------------- state.c */

/* The estimators, for the baseline's window; false: no memory. */
bool estimators_new(struct baseline *);
void estimators_free(struct baseline *);
void set_window_length(struct baseline *);

#endif
