/*
 * watch.h - what the functions that watch the network have in common.
 * Private to detect/.
 */
#ifndef DETECT_WATCH_H
#define DETECT_WATCH_H

#include "private.h"

/* An end that nobody is: one alert for all sources, or for all targets. */
extern const struct addr watch_nobody;

/* What a person set for the row, or its own. */
uint32_t watch_limit(struct detect *, enum alert_id, uint32_t *ret_within);

static inline bool
watch_is(const struct asset *a, uint32_t flags)
{
	return a != NULL && (a->flags & flags) != 0;
}

/* The event's packet opens a TCP connection, or tries whether it could. */
bool watch_opens(struct detect *, const struct talk *);

/*
 * Whether to raise again what was raised just now: ten times a second will do,
 * however fast a scan or flood is.  *ret_count says for how many it stands.
 */
bool watch_due(struct detect *, enum alert_id, uint64_t key, struct tick,
    uint32_t *ret_count);
/* Raised within the last minutes. */
bool watch_is_on(struct detect *, enum alert_id, uint64_t key, struct tick);

/*
 * Targets that stay silent.  A target waits until a few more have been tried;
 * if it is no asset by then, it did not answer.  Returns how many different
 * ones there were within the row's time, 0 while nothing was added.
 */
struct silence {
	enum alert_id row; /* whose memory, and its limits */
	uint64_t who; /* who tries */
	const struct addr *target;
	uint16_t port; /* 0: hosts are counted, not their ports */
	uint16_t vlan;
};
uint32_t watch_silent(struct detect *, const struct silence *, struct tick);

/*
 * What the sampled values of a network showed last (sv.c), for who trips on
 * them (goose.c); NULL: none are seen.
 */
#define CURRENTS_SETTLED (10 * TICK_SECOND) /* watched so long: known */
struct currents {
	int64_t first, last; /* when samples were seen without a break */
	int64_t asked; /* when the baseline was asked whether it knows them */
	int64_t disturbed; /* when a current was last unusual, 0 never */
	int64_t tripped; /* when protection operated without that, 0 never */
};
struct currents *watch_currents(struct detect *, uint16_t vlan, struct tick);
/* The alert of a false trip that this follows from; NULL: none. */
struct alert *watch_trip_before(struct detect *, const struct event *);

/* The service of a flow, for keys. */
uint64_t watch_service(const struct talk *);
/* Hash of a short word, for keys. */
uint64_t watch_text(const struct fact *);

#endif
