/*
 * triage.h - what people decided about alerts, applied as they are raised.
 *
 * Mutes, exclusion rules, maintenance windows and custom rules.  Exclusions
 * are conditions over an alert (alert_schema), custom rules over an event
 * (event_schema); both are compiled once.  What was learned is the
 * baseline's (struct allow).
 *
 * All of it is asked when an alert is new: one that is open already goes on
 * until it is closed.  An alert of a maintenance window is kept as a warning
 * whose title begins with the window's name, the ticket: sorted and filtered
 * by it, the work of one day is one group.  What triage knows grows only by
 * what people add; an event costs a look into a table unless a custom rule
 * may match it.  One thread.
 */
#ifndef TRIAGE_TRIAGE_H
#define TRIAGE_TRIAGE_H

#include "../detect/detect.h"

enum person_rule_kind {
	PERSON_EXCLUDE, /* no alert, no entry in the timeline */
	PERSON_MAINTENANCE, /* kept, but under one ticket */
	PERSON_CUSTOM, /* raises an alert of its own */
	PERSON_KIND_COUNT
};
const char *person_rule_kind_name(uint32_t);

struct person_rule { /* a row of the store */
	uint32_t id;
	uint8_t kind; /* enum person_rule_kind */
	bool on;
	uint8_t severity; /* CUSTOM */
	struct tick from, until; /* 0: always */
	char name[96];
	char text[RULE_TEXT_MAX]; /* the condition */
	char message[256]; /* CUSTOM: with {client} and the like */
	uint64_t hits; /* since it was made; changed by triage */
	struct tick last_hit;
};

#define TRIAGE_RULES 1000u
#define TRIAGE_MUTES 100000u

struct triage;

struct triage *triage_new(void);
void triage_free(struct triage *);
/* False, with *ret_error, when the condition does not parse, or there are
 * TRIAGE_RULES. */
bool triage_add(struct triage *, const struct person_rule *,
    struct rule_error *ret_error);
/* The same traffic is not spoken of, by fold of the alert; false: there are
 * TRIAGE_MUTES. */
bool triage_mute(struct triage *, uint64_t fold);
void triage_unmute(struct triage *, uint64_t fold);
/* Whether facts of the protocol concern anything here. */
bool triage_hears(const struct triage *, uint8_t proto);
/* A name outside that is allowed, see names.h: neither asking for it nor
 * speaking with what DNS answers for it is an alert of the Internet.  False:
 * there are ALLOWED_NAMES. */
bool triage_domain(struct triage *, const char *pattern);

/* As detect's listener: false keeps quiet.  Sets title and text of what a
 * custom rule raised. */
bool triage_admit(struct triage *, struct alert *);
/* Custom rules: raises what matches. */
void triage_event(struct triage *, struct detect *, const struct event *);
/* The rules, with their hits; NULL after the last. */
const struct person_rule *triage_at(const struct triage *, uint32_t i);

#endif
