/* private.h - shared by the files of engine/ only. */
#ifndef ENGINE_PRIVATE_H
#define ENGINE_PRIVATE_H

#include <jansson.h>

#include "../capture/live.h"
#include "../config/config.h"
#include "../process/leash.h"
#include "../process/process.h"
#include "../process/wire.h"
#include "../sensor/sensor.h"

#define ASKS 64u

struct question {
	uint64_t number;
	char *text; /* JSON */
};

struct second { /* of a port */
	bool there, up;
	uint64_t seen, dropped, lost; /* frames; lost: with those dropped */
};

struct watcher {
	struct config config;
	struct page *page;
	int epoll; /* leash and wire: live_next() comes back for it */
	int leash;
	struct wire wire;
	uint64_t shipped; /* last batch handed to the wire */
	bool refresh; /* the keeper changed something */
	char trouble[256]; /* why the keeper does not write, or "" */
	struct question ask[ASKS];
	uint32_t n_ask;
	struct store *store; /* NULL: nothing is kept */
	struct sensor *sensor;
	struct live *live;
	int board;
	int port_fd[LIVE_PORTS_MAX]; /* -1: none */
	uint64_t kernel_dropped[LIVE_PORTS_MAX]; /* of this engine's time */
	uint64_t missed[LIVE_PORTS_MAX], seen[LIVE_PORTS_MAX]; /* as told */
	struct second second[LIVE_PORTS_MAX];
	struct hour *hour; /* of the ledger */
	uint8_t died_in; /* the protocol whose parser ended the last engine */
	struct tick last_frame;
	int64_t told; /* monotonic ms */
	int64_t offset; /* of the time of day from the monotonic clock, ms */
	bool stopping;
	struct leash_message in; /* from main; too large for a stack */
};

/* link.c: with the keeper */
bool link_welcome(struct watcher *, uint64_t *ret_last);
/* Rows out, acknowledgements and questions in. */
void link_tend(struct watcher *);
/* Until all is written; false: it took too long. */
bool link_sync(struct watcher *, int64_t most_ms);
void link_open(struct watcher *, int fd);
void link_watch(struct watcher *); /* epoll: what it waits for */

/* answer.c: what people ask */
void answer_all(struct watcher *);

/* tell.c: what is true now, once a second */
void tell(struct watcher *, int64_t ms);

struct hour;
struct hour *hour_new(void); /* NULL: memory is out */
/* ledger.c: what a port could see in the last second */
void ledger_second(struct watcher *, unsigned port, const struct live_status *,
    uint64_t seen, uint64_t dropped, uint64_t lost);
void ledger_tell(struct watcher *, struct tick now);

/* frame.c: one frame, and what is done with one that kills */
void frame_work(struct watcher *, const struct frame *);

#endif
