/* active.h - sightglass active, for its own files only. */
#ifndef CLI_ACTIVE_H
#define CLI_ACTIVE_H

#include "../active/active.h"
#include "../desk/desk.h"
#include "pick.h"

/* Ask devices now, by these grants (none named: by all that may be used now);
 * the exit status. */
int active_run(const char *state, const char *interface,
    const struct picked *grants);
/* End what another process is asking; the exit status. */
int active_stop(const char *state);

#endif
