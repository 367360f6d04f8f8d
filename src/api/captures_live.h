/* captures_live.h - a capture that was sent, played back by the sensor. */
#ifndef API_CAPTURES_LIVE_H
#define API_CAPTURES_LIVE_H

#include "private.h"

#define STATE_MOST 600

struct live_play {
	uint32_t id; /* of the capture */
	char name[208], who[80];
	int64_t speed; /* times as fast as it was; 0: as fast as it goes */
	bool learns;
};

/*
 * Until it has ended, or *stop becomes true; *part is kept up to date.  `state`
 * becomes "done", "stopped" or "failed: why".  Waits while another is played.
 */
void live_play(struct server *, const struct live_play *, const char *path,
    const _Atomic bool *stop, _Atomic double *part, char state[STATE_MOST]);

#endif
