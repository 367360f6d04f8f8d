/* allows.h - what learning an alert would make normal. */
#ifndef CLI_ALLOWS_H
#define CLI_ALLOWS_H

#include <stdbool.h>
#include <stdint.h>

#include "state.h"

#define LEVELS 6u

/* What is to be normal: one permission for each thing the alert lists. */
struct allows {
	uint32_t n;
	struct allow of[ALERT_KEYS + 1];
};

/* False where the level does not exist. */
bool allows_find(const struct state *, const struct alert *, unsigned level,
    struct allows *ret);
/* Open alerts about nothing else, -1 after an error of the store; `close`
 * closes them. */
int64_t allows_alerts(struct state *, const struct allows *, bool close);
/* Each level, and what it would cover. */
void allows_put_levels(struct state *, const struct alert *);

#endif
