/*
 * diary.h - what the sensor does by itself, in the timeline: alerts it raises,
 * modes that change.
 */
#ifndef SENSOR_DIARY_H
#define SENSOR_DIARY_H

#include "../store/store.h"

struct diary { /* what the timeline has already */
	enum mode mode;
	uint8_t scenario[SCENARIO_COUNT];
	bool known;
};

/* A state goes on as it was: nothing to tell. */
void diary_remember(struct diary *, struct baseline *);
/* What of the modes changed since. */
bool diary_modes(struct diary *, struct baseline *, struct store *,
    struct tick);
/* A new one, with its number. */
bool diary_alert(struct store *, const struct alert *);

#endif
