/*
 * event.h - what detection looks at, and the words for it.
 *
 * A fact, a flow that begins or ends, or a novelty of the baseline, with who
 * it is between.  fields.def names what conditions can ask; the schema is
 * that of built-in detections and of custom rules alike.
 */
#ifndef DETECT_EVENT_H
#define DETECT_EVENT_H

#include "../rules/rules.h"
#include "alert.h"

struct end_keys;

struct event {
	enum event_kind kind;
	struct tick at;
	const struct fact *fact; /* EVENT_FACT, and NOVELTY from one */
	const struct talk *talk; /* NULL: a novelty of no flow in hand */
	const struct novelty *novelty; /* EVENT_NOVELTY */
	/* NULL where not confirmed, or none */
	const struct asset *client, *server;
	const struct end_keys *keys; /* of the ends; NULL: to be made */
};

enum field {
#define FIELD(sym, name, ...) FIELD_##sym,
#include "fields.def"
#undef FIELD
	FIELD_COUNT
};

extern const struct rule_schema event_schema;

/* The fields of an alert: what exclusions and lists ask about. */
extern const struct rule_schema alert_schema; /* subject: struct alert */

#endif
