/* private.h - shared by the files of engine/ only. */
#ifndef ENGINE_PRIVATE_H
#define ENGINE_PRIVATE_H

#include <jansson.h>

#include "../capture/capture.h"
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
	int file; /* that came with it; -1: none */
};

enum play_state {
	PLAY_NONE, /* nothing was, since the engine began */
	PLAY_PLAYING,
	PLAY_DONE,
	PLAY_STOPPED, /* by people */
	PLAY_FAILED, /* damaged, or it ended the engine */
};

/* A capture file that is played back, or was last. */
struct playback {
	enum play_state state;
	bool told; /* as it is now */
	struct capture *capture; /* NULL unless it is played */
	char name[208], who[80];
	int64_t speed; /* times as fast as it was; 0: as fast as it goes */
	bool learns;
	uint32_t number; /* from 1 */
	struct frame next;
	int64_t due; /* time of day of the next frame, ns */
	struct tick begun;
	uint64_t frames, bytes, size; /* bytes: read of the file */
	uint32_t alerts;
	char error[320];
};

struct second { /* of a port */
	bool there, up;
	uint64_t seen, dropped, lost; /* frames; lost: with those dropped */
};

struct device_pulse; /* src/active */

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
	int file; /* came for the next question; -1: none */
	uint64_t file_of; /* its number */
	int play_file; /* of the question at hand, until taken; -1: none */
	struct playback play;
	uint32_t trials, trial_seconds; /* of filters: number of the last */
	int64_t trial_until; /* monotonic ms; 0: none runs */
	struct trial_result trial;
	struct store *store; /* NULL: nothing is kept */
	struct sensor *sensor;
	struct live *live;
	int board;
	int port_fd[LIVE_PORTS_MAX]; /* -1: none */
	uint64_t kernel_dropped[LIVE_PORTS_MAX]; /* of this engine's time */
	uint64_t missed[LIVE_PORTS_MAX], seen[LIVE_PORTS_MAX]; /* as told */
	struct second second[LIVE_PORTS_MAX];
	struct hour *hour; /* of the ledger */
	struct asking_view *asking; /* asking.c's own */
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

/* play.c: files that are played back */
struct desk_player;
extern const struct desk_player player; /* ctx: a struct watcher with file */
/* How long may be waited for live frames before the next of the file, ms. */
int play_pause(const struct watcher *, int most_ms);
/* The frames of the file that are due, a few. */
void play_some(struct watcher *);
void play_tell(struct watcher *, struct tick now);
void play_end(struct watcher *); /* the sensor ends */
/* The engine before this one ended while it played. */
void play_recover(struct watcher *);

/* trial.c: capture filters tried; as the desk asks for it */
struct desk_trial;
uint32_t trial_begin(void *ctx, const struct desk_trial *, char *ret_error,
    size_t cap);
void trial_tell(struct watcher *, struct tick now, int64_t ms);

/* tell.c: what is true now, once a second */
void tell(struct watcher *, int64_t ms);
/* A row of live; the value is taken over. */
void tell_row(struct watcher *, const char *key, struct tick, json_t *value);

struct hour;
struct hour *hour_new(void); /* NULL: memory is out */
/* ledger.c: what a port could see in the last second */
void ledger_second(struct watcher *, unsigned port, const struct live_status *,
    uint64_t seen, uint64_t dropped, uint64_t lost);
void ledger_tell(struct watcher *, struct tick now);

/* asking.c: what the probe does, and what it must know */
void asking_take(struct watcher *, const struct leash_message *);
void asking_begin(struct watcher *);
void asking_tend(struct watcher *, int64_t ms);
/* As the sensor's listener: false: a packet of our own asking. */
/* What is seen of a device that `own` will ask now, beside the probe: its
 * packets are ours for half a minute.  Whether another scanner was seen. */
bool asking_look(struct watcher *, const struct ip *own, const struct ip *,
    uint16_t port, struct device_pulse *ret);
bool asking_packet(void *watcher, const struct packet *);
void asking_raised(void *watcher, const struct alert *, bool is_new);
json_t *asking_json(struct watcher *, int64_t ms);

/* frame.c: one frame, and what is done with one that kills */
void frame_work(struct watcher *, const struct frame *);

#endif
