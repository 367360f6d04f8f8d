/* networks.h - sightglass networks, for its own files only. */
#ifndef CLI_NETWORKS_H
#define CLI_NETWORKS_H

#include <stdbool.h>
#include <stdint.h>

#include "list.h"
#include "state.h"

#define NETWORKS_MOST 256u /* as many as the sensor looks through */

/* "10.1.0.0/16", "10.1.2.3", the rest of it zero; false when it is none. */
bool network_read(const char *text, struct ip *ret, uint8_t *ret_bits);
/* dst, "10.1.0.0/16" in it. */
const char *network_text(const struct ip *, unsigned bits, char *dst,
    size_t cap);
/* The networks that devices are in, printed; the exit status. */
int networks_seen(struct state *, const struct list_request *);

#endif
