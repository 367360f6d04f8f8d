/* networks.h - sightglass networks, for its own files only. */
#ifndef CLI_NETWORKS_H
#define CLI_NETWORKS_H

#include <stdbool.h>
#include <stdint.h>

#include "list.h"
#include "state.h"

/* The networks that devices are in, printed; the exit status. */
int networks_seen(struct state *, const struct list_request *);

#endif
