/*
 * play.c - capture files, played back while the ports are watched.
 *
 * Somebody else opened the file; its descriptor came with the request.  Frames
 * of the ports come first: those of the file are worked on when no port has
 * any.  The time of a frame is when it is due, counted from the request as it
 * was from the first frame of the file (docs/decisions/running.md); pauses are
 * at most a minute.  The page holds how far it came: a file whose frame ended
 * the engine is not tried again.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "../desk/desk.h"
#include "private.h"

#define SOME 64u /* frames between two looks at the ports */
#define LONGEST (60 * TICK_SECOND) /* pause within a file */
#define BEHIND (TICK_SECOND / 10) /* then it is late, and goes on from now */
#define ROW "playback"

static const char *const states[] = { "none", "playing", "done", "stopped",
	"failed" };

/* --------------------------------------------------------------------- end */

static void
finish(struct watcher *e, enum play_state state)
{
	struct playback *p = &e->play;
	const struct capture_file *f = capture_file(p->capture, 0);

	p->bytes = f->at;
	if (f->damaged)
		(void)snprintf(p->error, sizeof(p->error), "%s", f->error);
	p->state = state == PLAY_DONE && f->damaged ? PLAY_FAILED : state;
	p->alerts = sensor_played(e->sensor);
	capture_close(p->capture);
	p->capture = NULL;
	p->told = false;
	e->page->played = 0;
	e->told = 0; /* soon */
	say(SAY_INFO, "%s: %s after %" PRIu64 " frames%s%s", p->name,
	    states[p->state], p->frames, p->error[0] != '\0' ? ": " : "",
	    p->error);
}

void
play_end(struct watcher *e)
{
	if (e->play.capture == NULL)
		return;
	finish(e, PLAY_STOPPED);
	(void)snprintf(e->play.error, sizeof(e->play.error),
	    "the sensor was told to end");
	if (store_begin(e->store)) {
		play_tell(e, time_of_day());
		(void)store_commit(e->store);
	}
}

/* ------------------------------------------------------------------ frames */

/* The next frame, and when it is due; the end of the file otherwise. */
static void
look_ahead(struct watcher *e)
{
	struct playback *p = &e->play;
	int64_t was = p->next.at.ns, pause;

	if (!capture_next(p->capture, &p->next)) {
		finish(e, PLAY_DONE);
		return;
	}
	pause = p->next.at.ns - was;
	if (pause < 0)
		pause = 0;
	if (pause > LONGEST)
		pause = LONGEST;
	if (p->speed > 0)
		p->due += pause / p->speed;
}

static void
one_frame(struct watcher *e, int64_t at)
{
	struct playback *p = &e->play;
	const struct played as = { .name = p->name,
		.number = p->number,
		.recorded = p->next.at,
		.learns = p->learns };
	struct frame f = p->next;

	f.at.ns = at;
	f.port = 0;
	e->page->played = ++p->frames;
	if (!sensor_play(e->sensor, &f, &as)) {
		(void)snprintf(p->error, sizeof(p->error), "out of memory");
		finish(e, PLAY_FAILED);
		return;
	}
	look_ahead(e);
}

void
play_some(struct watcher *e)
{
	struct playback *p = &e->play;

	for (uint32_t i = 0; i < SOME && p->capture != NULL; i++) {
		int64_t now = time_of_day().ns;

		/* the ports had more to do, or the clock was set */
		if (p->speed == 0 || p->due < now - BEHIND ||
		    p->due > now + LONGEST)
			p->due = now;
		if (p->due > now)
			return;
		one_frame(e, p->due);
	}
}

int
play_pause(const struct watcher *e, int most_ms)
{
	int64_t ms;

	if (e->play.capture == NULL)
		return most_ms;
	if (e->play.speed == 0)
		return 0;
	ms = (e->play.due - time_of_day().ns) / 1000000;
	return ms < 0 ? 0 : ms < most_ms ? (int)ms : most_ms;
}

/* -------------------------------------------------------------------- desk */

static uint32_t
play(void *ctx, const struct desk_play *q, const char *who, bool *ret_busy,
    char *ret_error, size_t cap)
{
	struct watcher *e = ctx;
	struct playback *p = &e->play;
	int fd = e->play_file;

	*ret_busy = p->capture != NULL;
	if (*ret_busy || fd < 0) {
		(void)snprintf(ret_error, cap, "%s%s", *ret_busy ? p->name : "",
		    *ret_busy ? " is being played" : "no file came along");
		return 0;
	}
	e->play_file = -1;
	*p = (struct playback){ .state = PLAY_PLAYING,
		.number = p->number + 1,
		.speed = q->speed,
		.learns = q->learns,
		.begun = time_of_day() };
	(void)snprintf(p->name, sizeof(p->name), "%s", q->name);
	(void)snprintf(p->who, sizeof(p->who), "%s", who);
	p->capture = capture_open_descriptor(fd, p->name);
	p->due = p->begun.ns;
	if (p->capture != NULL && capture_next(p->capture, &p->next)) {
		p->size = capture_file(p->capture, 0)->size;
		return p->number;
	}
	(void)snprintf(ret_error, cap, "%s: %s", p->name,
	    p->capture == NULL ? "out of memory"
		: capture_file(p->capture, 0)->damaged
		? capture_file(p->capture, 0)->error
		: "there are no frames in it");
	capture_close(p->capture);
	p->capture = NULL;
	p->state = PLAY_NONE;
	return 0;
}

static bool
stop(void *ctx, char *ret_name, size_t cap)
{
	struct watcher *e = ctx;

	if (e->play.capture == NULL)
		return false;
	(void)snprintf(ret_name, cap, "%s", e->play.name);
	finish(e, PLAY_STOPPED);
	return true;
}

const struct desk_player player = { .play = play, .stop = stop };

/* --------------------------------------------------------------------- row */

void
play_tell(struct watcher *e, struct tick now)
{
	struct playback *p = &e->play;
	double part;

	if (p->state == PLAY_NONE || p->told)
		return;
	if (p->capture != NULL)
		p->bytes = capture_file(p->capture, 0)->at;
	part = p->size > 0 ? (double)p->bytes / (double)p->size : 0;
	p->told = p->capture == NULL;
	tell_row(e, ROW, now,
	    json_pack("{s:I, s:s, s:s, s:I, s:I, s:I, s:f, s:I, s:b, s:s, s:I, "
		      "s:I, s:s}",
		"number", (json_int_t)p->number, "name", p->name, "state",
		states[p->state], "frames", (json_int_t)p->frames, "bytes",
		(json_int_t)p->bytes, "size", (json_int_t)p->size, "progress",
		p->state == PLAY_DONE ? 1.0 : part, "speed",
		(json_int_t)p->speed, "learn", (int)p->learns, "who", p->who,
		"begun", (json_int_t)p->begun.ns, "alerts",
		(json_int_t)p->alerts, "error", p->error));
}

/* As its row says; false: there is none. */
static bool
read_row(struct watcher *e)
{
	struct playback *p = &e->play;
	sqlite3_stmt *s = NULL;
	bool found = false;

	if (sqlite3_prepare_v2(store_db(e->store),
		"SELECT json_extract(json, '$.name'), "
		"json_extract(json, '$.number'), "
		"json_extract(json, '$.size'), json_extract(json, '$.bytes'), "
		"json_extract(json, '$.begun') FROM live WHERE key = '" ROW "'",
		-1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW &&
	    sqlite3_column_type(s, 0) == SQLITE_TEXT) {
		(void)snprintf(p->name, sizeof(p->name), "%s",
		    (const char *)sqlite3_column_text(s, 0));
		p->number = (uint32_t)sqlite3_column_int64(s, 1);
		p->size = (uint64_t)sqlite3_column_int64(s, 2);
		p->bytes = (uint64_t)sqlite3_column_int64(s, 3);
		p->begun.ns = sqlite3_column_int64(s, 4);
		found = true;
	}
	(void)sqlite3_finalize(s);
	return found;
}

void
play_recover(struct watcher *e)
{
	struct playback *p = &e->play;

	if (e->store == NULL || !read_row(e) || e->page->played == 0)
		return;
	p->state = PLAY_FAILED;
	p->frames = e->page->played;
	e->page->played = 0;
	(void)snprintf(p->error, sizeof(p->error),
	    "the engine ended at frame %" PRIu64
	    ", which may be the reason; it was not played further",
	    p->frames);
	say(SAY_ERROR, "%s: %s", p->name, p->error);
	(void)sensor_note(e->sensor, time_of_day(), "sensor", "fault", p->name,
	    p->error);
}
