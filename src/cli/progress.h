/*
 * progress.h - how far reading has come, on a terminal.
 *
 * One line on standard error, rewritten about four times a second and
 * cleared at the end; nothing when that is not a terminal.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "../capture/capture.h"

#define PROGRESS_EVERY 4096u /* packets between two looks at the clock */

struct progress {
	bool on;
	bool shown;
	int64_t began, last; /* nanoseconds of the monotonic clock */
};

void progress_begin(struct progress *, bool wanted);
void progress_step(struct progress *, const struct capture *, uint64_t packets);
void progress_end(struct progress *);

#endif
