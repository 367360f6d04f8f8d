/*
 * active_sensor.c - asking by the sensor that runs: begun, looked at, stopped.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "active.h"
#include "ask.h"
#include "cli.h"
#include "state.h"

#define FRESH 10 /* seconds */

/* What the sensor says of it; NULL: none runs. */
static json_t *
read_live(const char *state, char *ret_halted, size_t cap)
{
	static const char sql[] = "select json from live where key = 'asking' "
				  "and at > ?1";
	char error[STORE_ERROR];
	struct store *st = store_open(state, STORE_READING, error);
	sqlite3_stmt *s = NULL;
	json_t *live = NULL;

	if (st == NULL)
		return NULL;
	(void)snprintf(ret_halted, cap, "%s", store_get(st, DESK_HALTED));
	if (sqlite3_prepare_v2(store_db(st), sql, -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_bind_int64(s, 1, state_now().ns - FRESH * TICK_SECOND) ==
		SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		live = json_loads((const char *)sqlite3_column_text(s, 0), 0,
		    NULL);
	(void)sqlite3_finalize(s);
	store_close(st);
	return live;
}

static int64_t
number(const json_t *live, const char *key)
{
	return json_integer_value(json_object_get(live, key));
}

bool
active_by_sensor(const char *state)
{
	char halted[200];
	json_t *live = ask_has_sensor(state)
	    ? read_live(state, halted, sizeof(halted))
	    : NULL;
	bool on = json_is_true(json_object_get(live, "on"));

	json_decref(live);
	return on;
}

int
active_status(const char *state)
{
	char halted[200] = "";
	json_t *live = read_live(state, halted, sizeof(halted));
	const char *waits = json_string_value(json_object_get(live, "waits"));

	if (live == NULL)
		(void)printf("no sensor runs; 'active run' asks from here\n");
	else if (!json_is_true(json_object_get(live, "on")))
		(void)printf("the sensor does not ask: active is off\n");
	else if (number(live, "grant") != 0)
		(void)printf("grant %" PRId64 ": %" PRId64 " of %" PRId64
			     " addresses done, %" PRId64
			     " conversations, %" PRId64
			     " answers, since %" PRId64 " s\n",
		    number(live, "grant"), number(live, "done"),
		    number(live, "of"), number(live, "sent"),
		    number(live, "answers"), number(live, "seconds"));
	else
		(void)printf("nothing is being asked%s%s\n",
		    waits != NULL && waits[0] != '\0' ? ": " : "",
		    waits != NULL ? waits : "");
	if (halted[0] != '\0')
		(void)printf("stopped: %s; 'active resume' lets it go on\n",
		    halted);
	json_decref(live);
	return EXIT_DONE;
}

/* ------------------------------------------------------------------- stopping
 */

/* Of another process that asks with this state; false: there is none. */
static bool
stop_process(const char *state, int *ret_status)
{
	char path[4096], text[32] = "";
	long pid;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/active.pid", state);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0) {
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	(void)!pread(fd, text, sizeof(text) - 1, 0);
	(void)close(fd);
	pid = strtol(text, NULL, 10);
	*ret_status = pid > 1 && kill((pid_t)pid, SIGTERM) == 0 ? EXIT_DONE
								: EXIT_INTERNAL;
	if (*ret_status != EXIT_DONE)
		complain("active: process %ld: %s", pid, strerror(errno));
	return true;
}

int
active_stop(const char *state, const char *reason)
{
	int status = EXIT_DONE;
	bool one = stop_process(state, &status);
	json_t *request;

	if (one)
		(void)printf("stopped\n");
	if (!ask_has_sensor(state)) {
		if (!one)
			(void)printf("nothing is being asked\n");
		return status;
	}
	request = ask_new("active.stop");
	ask_text(request, "reason", reason);
	return ask("active", state, request);
}
