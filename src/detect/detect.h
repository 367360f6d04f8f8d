/*
 * detect.h - from events to alerts.
 *
 * Every event is tried against the rows that listen to it: conditions that
 * count (so many within so long, over the same pair, client ...), functions
 * for what a condition cannot say (files of detect/ named after what they
 * watch).  What is found is folded with its repeats and handed on.
 *
 * Memory is reserved at birth and capped: counters whose window has passed
 * make room first, then the oldest.  Time is the packet's.  One thread.
 */
#ifndef DETECT_DETECT_H
#define DETECT_DETECT_H

#include <stdbool.h>
#include <stdint.h>

#include "../asset/asset.h"
#include "../base/out.h"
#include "../model/packet.h"
#include "alert.h"
#include "event.h"

/* What a person set for a row; initially as the row says. */
struct alert_setting {
	bool on;
	uint8_t severity;
	uint32_t count, within;
	/* policy alerts: 0 as its scenario, else by hand */
	uint8_t by_hand; /* enum alert_by_hand */
	struct tick until; /* BY_HAND_LEARN */
};
enum alert_by_hand {
	BY_HAND_NO,
	BY_HAND_LEARN,
	BY_HAND_DYNAMIC,
	BY_HAND_OPERATIONAL,
	BY_HAND_COUNT
};

/*
 * What a finding says besides the event it was found in.  Zero where the
 * event says it: the ends, the protocol and the texts come from there.
 */
struct finding {
	enum alert_id row;
	const char *text; /* the sentence; NULL: made from the row and event */
	const char *violation; /* what tells it from others; NULL: the event */
	uint32_t count; /* how many it stands for; 0: 1 */
	uint64_t extra; /* folds apart what has the same ends; 0 */
	bool swap; /* the server is the source */
	bool any_destination; /* one alert, whatever the destination */
	const struct addr *source, *destination; /* instead of the event's */
};

struct detect;

struct detect_listener {
	void *ctx;
	/*
	 * Asked before an alert is kept: false keeps quiet (muted, excluded,
	 * learned).  May change title, severity and text.
	 */
	bool (*admit)(void *ctx, struct alert *);
	/* A new one, or one that was seen again after a second or more.  The
	 * alert is the engine's: copy it. */
	void (*raised)(void *ctx, struct alert *, bool is_new);
};

struct detect *detect_new(struct assets *, struct baseline *,
    const struct detect_listener *);
void detect_free(struct detect *);

/* As a flow listener, after assets and baseline; and the baseline's. */
void detect_fact(struct detect *, const struct fact *, const struct talk *,
    uint32_t client, uint32_t server);
/* A fact of the flow may come soon: what it will need is fetched. */
void detect_ahead(const struct detect *, const struct talk *);
/* The same, once that has come, for a fact of that end. */
void detect_soon(const struct detect *, const struct talk *, bool from_server);
void detect_begin(struct detect *, const struct talk *, uint32_t client,
    uint32_t server);
void detect_end(struct detect *, const struct talk *, uint32_t client,
    uint32_t server);
void detect_novelty(struct detect *, const struct novelty *);
/* TCP out of order, as the flows say (flow_listener.disorder). */
void detect_disorder(struct detect *, const struct talk *, uint32_t client,
    uint32_t server);
/* Every frame, before its facts: which one alerts are to name; NULL after
 * it, as a packet lives no longer. */
void detect_packet(struct detect *, const struct packet *);
void detect_clock(struct detect *, struct tick);
/* What comes from now on is played back from a capture of that name, which
 * must live as long; NULL: it is alive again.  Alerts say so, and are not
 * folded with those of live traffic; what is counted and remembered is that
 * playback's own, by its number. */
void detect_played(struct detect *, const char *name, uint32_t number);

/*
 * Somebody set the sensor's clock by so many nanoseconds: said as an alert.
 * What was counted and remembered is forgotten, as differences to it would be
 * wrong.
 */
void detect_clock_set(struct detect *, struct tick now, int64_t by);

/* A monitoring port, once a second: how long nothing came by it. */
struct port_report {
	struct tick at;
	unsigned port;
	const char *name;
	int64_t silent_s;
};
void detect_port(struct detect *, const struct port_report *);

/*
 * About the sensor itself, by whoever runs it.  Once a second for each port:
 * frames that were seen, and that were there and could not be seen.  And: a
 * frame that ended the process again and again is not looked at any more.
 */
void detect_second(struct detect *, struct tick, uint32_t port,
    const char *name, uint64_t seen, uint64_t lost);
void detect_set_aside(struct detect *, struct tick, const char *text);
/*
 * About a device that was asked: firmware as it says and as it was seen; what
 * a Windows machine has and did not have (n 0: nothing; names for people);
 * whether its own traffic was ever heard, and that of others of its subnet.
 */
void detect_asked_firmware(struct detect *, struct tick, const struct ip *,
    const char *asked, const char *seen);
void detect_asked_more(struct detect *, struct tick, const struct ip *,
    bool services, uint32_t n, const char *names);
void detect_asked_unheard(struct detect *, struct tick, const struct ip *,
    bool heard, bool near);

/* For the files of detect/ and for malware: raise. */
void detect_raise(struct detect *, const struct event *,
    const struct finding *);

struct alert_setting *detect_setting(struct detect *, enum alert_id);
/* Engines can be switched off as a whole. */
void detect_engine(struct detect *, enum engine, bool on);

/* Open alerts, in order of first sight. */
uint32_t detect_count(const struct detect *);
struct alert *detect_at(const struct detect *, uint32_t i);
/* From an earlier run: an open alert goes on. */
bool detect_restore(struct detect *, const struct alert *);
uint64_t detect_left_out(const struct detect *);
/* What the source of such an alert does while it is open is not to be
 * learned. */
bool alert_taints(uint32_t row);

/*
 * Texts with {client} {server} {op} {object} {value} {count} {text} {user}
 * {code} {unit} {proto} {port} in them, filled in; cut at cap.
 */
void alert_fill(char *dst, size_t cap, const struct alert *, const char *form);
/* Whether every {word} of the text is one of these. */
bool alert_form_ok(const char *form);
/* The row's meaning, filled in.  (The sentence of facts is alert.text.) */
void alert_sentence(struct out *, const struct alert *);

#endif
