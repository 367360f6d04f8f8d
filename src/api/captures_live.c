/*
 * captures_live.c - see captures_live.h.
 *
 * The file's descriptor goes to the engine with the request.  How far it is
 * stands in the row `playback` of what is true now.
 */
#include "captures_live.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS 250
#define SILENT_LOOKS (60000 / LOOK_MS) /* of a sensor that is no more */

struct said { /* by the row */
	int64_t number;
	char state[16], error[400];
	double part;
};

static void
pause_between_looks(void)
{
	const struct timespec t = { .tv_nsec = LOOK_MS * 1000000L };

	(void)nanosleep(&t, NULL);
}

static bool
look(struct server *sv, struct said *ret)
{
	char error[STORE_ERROR];
	struct reader *r = readers_take(sv->readers, error);
	sqlite3_stmt *s = r != NULL
	    ? reader_ask(r,
		  "select json_extract(json, '$.number'), "
		  "json_extract(json, '$.state'), "
		  "json_extract(json, '$.error'), "
		  "json_extract(json, '$.progress') from live where key = "
		  "'playback'")
	    : NULL;
	bool found = s != NULL && sqlite3_step(s) == SQLITE_ROW &&
	    sqlite3_column_type(s, 1) == SQLITE_TEXT &&
	    sqlite3_column_type(s, 2) == SQLITE_TEXT;

	if (found) {
		ret->number = sqlite3_column_int64(s, 0);
		(void)snprintf(ret->state, sizeof(ret->state), "%s",
		    (const char *)sqlite3_column_text(s, 1));
		(void)snprintf(ret->error, sizeof(ret->error), "%s",
		    (const char *)sqlite3_column_text(s, 2));
		ret->part = sqlite3_column_double(s, 3);
	}
	if (s != NULL)
		(void)sqlite3_reset(s);
	if (r != NULL)
		readers_give(sv->readers, r);
	return found;
}

/* The number of what plays; 0: refused, and `state` says why. */
static int64_t
begin(struct server *sv, const struct live_play *q, const char *path,
    const _Atomic bool *stop, char state[STATE_MOST])
{
	json_t *request = json_pack("{s:s, s:s, s:I, s:b}", "verb",
	    "captures.play", "name", q->name, "speed", (json_int_t)q->speed,
	    "learn", (int)q->learns);
	const char *code = "conflict", *why;
	int64_t number = 0;

	while (number == 0 && !*stop && strcmp(code, "conflict") == 0) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		json_t *answer =
		    fd >= 0 ? desk_ask_with(sv, request, fd, q->who) : NULL;
		const json_t *error = json_object_get(answer, "error");

		number = json_integer_value(json_object_get(answer, "number"));
		why = json_string_value(json_object_get(error, "message"));
		code = json_string_value(json_object_get(error, "code"));
		/* another one is played, from elsewhere: it waits */
		code = code != NULL && strcmp(code, "conflict") == 0
		    ? "conflict"
		    : "failed";
		(void)snprintf(state, STATE_MOST, "failed: %s",
		    fd < 0            ? "it cannot be opened"
			: why == NULL ? "the sensor does not answer"
				      : why);
		json_decref(answer);
		if (fd >= 0)
			(void)close(fd);
		if (number == 0 && strcmp(code, "conflict") == 0)
			pause_between_looks();
	}
	json_decref(request);
	return number;
}

static void
tell_to_stop(struct server *sv, const struct live_play *q)
{
	json_t *request = json_pack("{s:s}", "verb", "captures.stop");

	json_decref(desk_ask_with(sv, request, -1, q->who));
	json_decref(request);
}

void
live_play(struct server *sv, const struct live_play *q, const char *path,
    const _Atomic bool *stop, _Atomic double *part, char state[STATE_MOST])
{
	int64_t number = begin(sv, q, path, stop, state);
	struct said said = { .number = 0 };
	unsigned silent = 0;
	bool told = false;

	if (*stop && number == 0)
		(void)snprintf(state, STATE_MOST, "stopped");
	while (number != 0) {
		if (*stop && !told) {
			tell_to_stop(sv, q);
			told = true;
		}
		if (look(sv, &said) && said.number == number)
			silent = 0;
		else if (++silent > SILENT_LOOKS)
			break;
		if (said.number == number && strcmp(said.state, "playing") != 0)
			break;
		*part = said.number == number ? said.part : 0;
		pause_between_looks();
	}
	if (number == 0)
		return;
	if (strcmp(said.state, "failed") == 0 || said.number != number)
		(void)snprintf(state, STATE_MOST, "failed: %s",
		    said.number == number ? said.error
					  : "the sensor ended meanwhile");
	else
		(void)snprintf(state, STATE_MOST, "%s", said.state);
}
