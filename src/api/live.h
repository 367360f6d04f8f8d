/* live.h - what the running sensor says once a second (table live). */
#ifndef API_LIVE_H
#define API_LIVE_H

#include "private.h"

#define LIVE_FRESH 10 /* seconds */

/* Something was said within LIVE_FRESH seconds. */
bool live_is_fresh(struct reader *);
/* The object of a key as a member; null when it is old or not there. */
void live_put(struct request *, const char *member, const char *key);
/* Every number in it, for Prometheus. */
void live_put_metrics(struct request *);

#endif
