/* baseline.h - sightglass baseline: its verbs, for its own files only. */
#ifndef CLI_BASELINE_H
#define CLI_BASELINE_H

#include <stdbool.h>

#include "../report/report.h"
#include "../rules/rules.h"
#include "output.h"
#include "state.h"

#define BASELINE_WORDS 4u

struct baseline_request {
	const char *state;
	struct addr entity;
	bool has_entity, all;
	struct tick from, until;
	uint32_t days;
	int colour;
	const char *key; /* file of who must have signed, or NULL */
	bool is_unsigned;
	uint32_t n_word;
	const char *word[BASELINE_WORDS]; /* the verb first */
};

/* ------------------------------------------------- looking, baseline_show.c */

#define BASELINE_VERB(name) \
	int name(struct state *, const struct baseline_request *, struct out *)

BASELINE_VERB(baseline_status);
BASELINE_VERB(baseline_forecast);
BASELINE_VERB(baseline_had_alerted);
BASELINE_VERB(baseline_stands_out);
BASELINE_VERB(baseline_show);
BASELINE_VERB(baseline_say_why);

/* One key as a line. */
void baseline_put_key(struct out *, const struct state *, const struct key *);
/* The device of --entity, ASSET_NONE without; false after complaining. */
bool baseline_entity(const struct state *, const struct baseline_request *,
    uint32_t *ret);
/* The key that the second word names; NULL after complaining. */
const struct key *baseline_key(struct state *, const struct baseline_request *);

/* ---------------------------------------------- changing, baseline_change.c */

int baseline_decide(const struct baseline_request *);
int baseline_unlearn_all(const struct baseline_request *);
int baseline_stage(const struct baseline_request *);
int baseline_carry_in(const struct baseline_request *);
BASELINE_VERB(baseline_export_all);
/* Two exports: needs no state. */
int baseline_compare(const struct baseline_request *, struct out *);

#undef BASELINE_VERB

#endif
