/*
 * period.h - inside of the table of rhythms: period.c keeps it, rhythm.c
 * learns and judges one, silence.c waits.
 *
 * Time here is live time: the packets' without the spells in which nothing at
 * all was captured.
 */
#ifndef BASELINE_PERIOD_H
#define BASELINE_PERIOD_H

#include "places.h"

#define BUCKETS 64u
#define MINUTE (60 * TICK_SECOND)
#define NEVER INT64_MIN
#define LATER INT64_MAX

enum rhythm_flag {
	RHYTHM_READY = 1, /* learned enough: judged */
	RHYTHM_PERIODIC = 2, /* has a cycle */
	RHYTHM_STEADY = 4, /* no window without it: silence can be judged */
	RHYTHM_LATE = 8, /* link: overdue, waiting whether others are too */
	RHYTHM_SILENT = 16, /* link: said so */
	RHYTHM_FAST = 32, /* said so */
	RHYTHM_STRAYED = 64, /* said that the cycle changed */
	RHYTHM_BUSY = 128, /* seen since it was saved */
};

struct rhythm {
	/* what every message touches */
	_Alignas(64) int64_t last; /* NEVER: not since we began */
	int64_t longest; /* gap learned */
	uint32_t minute, in_minute; /* the current one, and how many in it */
	uint32_t limit; /* of in_minute; UINT32_MAX while learning */
	uint32_t n; /* intervals, saturating */
	uint32_t link; /* its link; 0: it is one */
	uint32_t window; /* last seen in */
	uint16_t on, off; /* intervals near the cycle, and not, lately */
	uint8_t mode; /* bucket of the cycle */
	uint8_t over; /* bit per minute, latest lowest: more than `limit` */
	uint8_t flags; /* RHYTHM_... */
	uint8_t proto;
	uint32_t off_buckets; /* sum of the buckets of `off` */
	uint32_t most; /* in a minute, learned */
	struct { /* intervals not yet in `hist`, which lies elsewhere */
		uint8_t bucket, n;
	} late[2];
	uint32_t strange; /* minute since which it is not as learned; 0 none */
	/* the rest */
	int64_t first; /* of this run */
	int64_t age; /* learned in earlier runs */
	int64_t worst_gap; /* not learned, for periods_accept() */
	uint32_t worst_minute;
	uint32_t fast_since; /* minute it was first said */
	uint32_t fast_told; /* minute it was last said */
	uint32_t windows; /* seen in */
	uint32_t strange_n, strange_buckets;
	uint32_t peer; /* link: the other direction */
	uint32_t floor; /* seconds: of the protocol's own timer */
	uint16_t hist[BUCKETS];
};
_Static_assert(sizeof(struct rhythm) == 256, "four cache lines");
_Static_assert(offsetof(struct rhythm, first) == 64, "see above");

#define LATE_MAX 1024u

enum tell_whom {
	TELL_LINK, /* one link */
	TELL_REPLY, /* its answers; it is still asked */
	TELL_CLIENT, /* all links of the client */
	TELL_SERVER,
	TELL_ALL,
};

struct tell {
	uint32_t link, links; /* one of them, how many */
	enum tell_whom whom;
	int64_t gap;
};

struct periods {
	struct places places;
	struct rhythm *rhythm;
	int64_t *due; /* when to look for silence; LATER: not */
	int64_t edge[BUCKETS + 1]; /* of the buckets, nanoseconds */
	uint8_t first_of[64]; /* bucket of the power of two */
	struct estimator_config config;
	struct shadow shadow;
	int64_t clock; /* latest live time */
	int64_t dead; /* packet time in which nothing was captured */
	int64_t lost_at; /* live time of the last loss */
	int64_t next_look;
	int64_t soonest; /* of `due` */
	uint32_t minute;
	uint32_t ready, saved_window;
	bool begun;
	uint32_t n_late, n_tell, told;
	int64_t late_since; /* when the first of them was overdue */
	uint32_t late[LATE_MAX]; /* overdue, waiting for others */
	struct tell tell[LATE_MAX]; /* to be said */
	struct finding spare; /* a second one, which is not said */
};

/* silence.c */

/* Live time goes on to that of the moment: judges a step without packets. */
void silence_clock(struct periods *, const struct moment *);
/* The link spoke, having been late or silent. */
void silence_ended(struct periods *, uint32_t link, int64_t live);
/* Look out for its silence, or do not. */
void silence_watch(struct periods *, uint32_t link);
/* Seconds of the protocol's own timers. */
uint32_t silence_floor(uint8_t proto);

/* rhythm.c */
uint32_t rhythm_bucket(const struct periods *, int64_t gap);
/* The roundest span in the bucket of its cycle; 0: it has none. */
int64_t rhythm_cycle(const struct periods *, const struct rhythm *);
int64_t rhythm_median(const struct periods *, const struct rhythm *);
int64_t rhythm_age(const struct rhythm *);
void rhythm_count(struct rhythm *, uint32_t bucket);
/* All intervals counted are in `hist`. */
void rhythm_settle(struct rhythm *);
/* Once a window: what kind of rhythm is it? */
void rhythm_judge(struct periods *, uint32_t at);
/* A new minute, and too many in this one: true with a finding. */
bool rhythm_minute(struct periods *, uint32_t at, const struct moment *,
    struct finding *ret);
bool rhythm_fast(struct periods *, uint32_t at, const struct moment *,
    struct finding *ret);
void rhythm_learn_speed(struct rhythm *);
void rhythm_learn_cycle(struct rhythm *);
struct finding rhythm_finding(const struct periods *, uint32_t at, enum why,
    struct tick now);

static inline bool
rhythm_has(const struct rhythm *r, uint8_t flag)
{
	return (r->flags & flag) != 0;
}

static inline bool
rhythm_judged(const struct rhythm *r)
{
	return rhythm_has(r, RHYTHM_READY) && rhythm_has(r, RHYTHM_STEADY);
}

#endif
