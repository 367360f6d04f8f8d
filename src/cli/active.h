/* active.h - sightglass active, for its own files only. */
#ifndef CLI_ACTIVE_H
#define CLI_ACTIVE_H

#include "../active/active.h"
#include "../desk/desk.h"
#include "pick.h"

/* sightglass active windows; argv[0] is "windows". */
int cmd_active_windows(int argc, char **argv);

/* One command asks at a time: a descriptor that holds the lock, -1 after
 * complaining.  `active stop` finds it by that. */
int active_lock(const char *state);
/* Ask devices now, by these grants (none named: by all that may be used now);
 * the exit status. */
int active_run(const char *state, const char *interface,
    const struct picked *grants);
/* The two lines of a file ("-": standard input) into a->sealed, for the key of
 * the state, which is made if need be; false after complaining. */
bool active_seal(const char *state, const char *path, struct asking *a);
/* Whether a sensor runs with the state that does so by itself. */
bool active_by_sensor(const char *state);
int active_status(const char *state);
/* End what another process is asking, and the sensor; the exit status. */
int active_stop(const char *state, const char *reason);

#endif
