/* mutes.h - the set of what is muted: folds of alerts.  Reserved at birth. */
#ifndef TRIAGE_MUTES_H
#define TRIAGE_MUTES_H

#include <stdbool.h>
#include <stdint.h>

struct mutes;

struct mutes *mutes_new(uint32_t max);
void mutes_free(struct mutes *);
/* False: full.  True also when it is in already. */
bool mutes_add(struct mutes *, uint64_t fold);
void mutes_drop(struct mutes *, uint64_t fold);
bool mutes_has(const struct mutes *, uint64_t fold);

#endif
