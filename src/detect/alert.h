/*
 * alert.h - what an alert is: its row, and one that was raised.
 *
 * A row of alerts/<engine>.def is the whole of an alert: engine, severity,
 * texts, technique, threshold, and where it is not code, the condition in the
 * language of rules.h.  Documentation, lists, settings and the tests that
 * must exist come from it.  See docs/add-an-alert.md.
 */
#ifndef DETECT_ALERT_H
#define DETECT_ALERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../baseline/baseline.h"
#include "../model/fact.h"
#include "../model/talk.h"

enum engine {
	ENGINE_POLICY,
	ENGINE_PROTOCOL,
	ENGINE_MALWARE,
	ENGINE_ANOMALY,
	ENGINE_OPERATIONAL,
	ENGINE_COUNT
};
const char *engine_name(uint32_t);

enum severity {
	SEVERITY_WARNING,
	SEVERITY_MINOR,
	SEVERITY_MAJOR,
	SEVERITY_CRITICAL,
	SEVERITY_COUNT
};
const char *severity_name(uint32_t);

enum category {
#define CATEGORY(sym, name) CATEGORY_##sym,
#include "categories.def"
#undef CATEGORY
	CATEGORY_COUNT
};
const char *category_name(uint32_t);

enum alert_status {
	STATUS_NEW,
	STATUS_ACTIVE,
	STATUS_CLOSED,
	STATUS_COUNT
};
const char *alert_status_name(uint32_t);

/* What a row looks at. */
enum event_kind {
	EVENT_FACT,
	EVENT_BEGIN, /* a flow's first packet */
	EVENT_END, /* a flow ended, or was counted */
	EVENT_NOVELTY, /* something the baseline does not know */
	EVENT_COUNT
};
const char *event_name(uint32_t);

/* Over what matches are counted together. */
enum per {
	PER_PAIR, /* client and server */
	PER_CLIENT,
	PER_SERVER,
	PER_FLOW,
	PER_OBJECT, /* server, unit, space, area and first */
	PER_ALL,
	PER_COUNT
};

/* What is counted. */
enum distinct {
	DISTINCT_NOTHING, /* every match */
	DISTINCT_SERVER,
	DISTINCT_CLIENT,
	DISTINCT_PORT, /* server and port */
	DISTINCT_OBJECT,
	DISTINCT_OP,
	DISTINCT_TEXT,
	DISTINCT_COUNT
};

/*
 * One cause, one alert.  What is new in general words is listed by what
 * already speaks of it, if that is as grave: by an alert that opens it.
 */
enum cause {
	CAUSE_NONE,
	CAUSE_MESSAGE, /* that the same message raised */
	CAUSE_PAIR, /* that is open between the same two, or MESSAGE */
	CAUSE_TRIP, /* of a false trip, whose effect on currents it is */
};

struct alert_row {
	const char *slug; /* stable; from the symbol, '-' for '_' */
	const char *ref; /* "POL-89" in the catalogue of alerts, or NULL */
	const char *detector; /* "6" in the list of detectors, or NULL */
	const char *title;
	uint8_t engine, severity, category;
	char tier; /* 'A' no baseline can justify it, 'B' learned, 'C' weak */
	bool learnable, aggregated;
	bool off; /* by default */
	bool anywhere; /* speaks also where no OT is involved */
	bool code; /* raised by a function, not by a condition */
	uint8_t opens, joins; /* enum cause: lists others, or is listed */
	uint8_t listens; /* enum event_kind of the condition */
	uint8_t per, distinct;
	uint32_t count, within; /* so many within so many seconds; 0: once */
	uint32_t count_least, count_most; /* what may be set */
	const char *unit; /* of count: "requests", "hosts" */
	const char *techniques; /* techniques.def, "T0836 T1692.001"; or "" */
	const char *when; /* rules.h, over the fields of event.h */
	/* In a plant engineer's words.  {client} {server} {op} {object}
	 * {value} {count} {text} {user} {code} {unit} {proto} {port} are filled
	 * in. */
	const char *meaning; /* what it is and why it matters */
	const char *advice; /* what to do about it */
};

enum alert_id {
#define ALERT(sym, ...) ALERT_##sym,
#include "alerts/all.def"
#undef ALERT
	ALERT_COUNT
};
extern const struct alert_row alert_rows[ALERT_COUNT];
const char *alert_slug(uint32_t id);
uint32_t alert_find(const char *slug); /* ALERT_COUNT: none */

#define TECHNIQUE_TEXT 80
/* The name of a technique of n letters, "T0836"; NULL: there is none. */
const char *technique_name(const char *id, size_t n);
/* Takes the next off a row's list, with its name; false: none is left. */
bool technique_next(const char **list, char *text, size_t cap);

#define ALERT_TIMES 64
#define ALERT_FRAMES 16
#define ALERT_TEXT 512
#define ALERT_VIOLATIONS 10
#define ALERT_KEYS 32

/* An end of an alert: kept as address, for the asset may change. */
struct alert_end {
	uint32_t asset;
	struct addr addr; /* ip.len 0 and no MAC: none */
	uint16_t port;
};

struct violation { /* one of an aggregated alert's list */
	uint64_t hash; /* of what tells it from the others */
	struct tick first, last;
	uint32_t count;
	char text[160];
};

/*
 * An alert that was raised, folded with its repeats: the same row between
 * the same ends, as long as it is not closed.
 */
struct alert {
	uint32_t number; /* from 1, the store's; 0 not yet */
	uint16_t row; /* enum alert_id */
	uint8_t severity, status;
	bool muted;
	bool changed; /* since it was last saved */
	bool seen; /* raised or seen again in this run */
	bool swapped; /* the source is the server */
	struct alert_end source, destination;
	uint8_t proto;
	uint16_t vlan;
	struct tick first, last;
	uint32_t count;
	uint64_t fold; /* what counts as the same */
	struct key key; /* scenario key of the first; state KEY_NONE: none */
	uint32_t n_keys; /* of all that were folded, as far as there is room */
	uint64_t keys[ALERT_KEYS]; /* hashes */
	struct fact because; /* a copy; kind FACT_NONE: no fact */
	uint32_t n_times, n_frames, n_violations, violations_left_out;
	struct tick times[ALERT_TIMES]; /* spread over first .. last */
	struct {
		uint16_t file;
		uint32_t number;
	} frames[ALERT_FRAMES];
	struct violation violation[ALERT_VIOLATIONS];
	double per_day; /* such alerts expected, at most; < 0 not known */
	char title[96]; /* of a custom rule; else empty: the row's */
	char text[ALERT_TEXT]; /* the one sentence of facts */
};

#endif
