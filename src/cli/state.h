/*
 * state.h - the state as commands look at it: the store, and what of it the
 * baseline knows.  Changes are asked of the desk (ask.h).
 */
#ifndef CLI_STATE_H
#define CLI_STATE_H

#include "../store/store.h"

struct state {
	const char *command; /* for messages */
	struct store *store;
	struct assets *assets;
	struct baseline *baseline; /* NULL unless asked for */
	uint32_t learn_scale; /* of the baseline */
	struct tick now; /* the latest packet's time, or today's */
};

enum state_need {
	STATE_STORE, /* alerts, rules, devices */
	STATE_BASELINE, /* and the keys */
};

/* "cli:" and the system's user; the time of day. */
const char *state_user(void);
struct tick state_now(void);

/* False after complaining: exit EXIT_INPUT. */
bool state_open(struct state *, const char *command, const char *folder,
    enum state_need);
void state_close(struct state *);

#endif
