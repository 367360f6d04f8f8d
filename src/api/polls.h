/*
 * polls.h - who asks whom in which cycle, as the baseline knows, for the map.
 *
 * Kept for a minute: the baseline of a running sensor changes all the time.
 */
#ifndef API_POLLS_H
#define API_POLLS_H

#include "ends.h"

struct poll {
	int64_t device; /* asked by it, or asking */
	int64_t ns;
};
struct polls {
	int64_t until; /* ns */
	uint32_t n, cap;
	struct poll *of; /* by device, each cycle once, shortest first */
};

/* Under the lock of the map; NULL: nothing is known. */
const struct polls *polls_of(struct request *, const struct ends *);
void polls_free(struct polls *);

#endif
