/*
 * state.h - the state as commands change it: the store, and what of it the
 * baseline knows.
 *
 * A command opens it, changes something, and state_close() writes it: all in
 * one transaction with its line in the timeline.
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
	const char *who; /* "cli:" and the system's user */
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
    enum store_for, enum state_need);
/* Write what was changed; the exit status, after complaining. */
int state_save(struct state *);
void state_close(struct state *);
/* A number by SQL, with a text as ?1 or NULL; -1 when there is none. */
int64_t state_number(struct state *, const char *sql, const char *text);
/* A line in the timeline. */
bool state_note(struct state *, const char *what, const char *about,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
