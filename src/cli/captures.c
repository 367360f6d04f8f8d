/*
 * captures.c - sightglass captures: capture files, played back into the sensor
 * that runs.
 *
 * The sensor may open no files: the descriptor goes along with the request.
 * How far it is stands in the row `playback` of what is true now.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ask.h"
#include "cli.h"
#include "list.h"
#include "output.h"
#include "state.h"
#include "values.h"
#include "verbs.h"

#define LOOK_MS 200
#define SILENT_LOOKS (30000 / LOOK_MS)

enum {
	OPT_STATE,
	OPT_SPEED,
	OPT_LEARN,
	OPT_FORMAT,
	OPT_QUIET,
	OPT_HELP
};

static const struct option_row rows[] = {
	[OPT_STATE] = { "state", 'S', "FOLDER",
	    "the sensor's state; default " STATE_FOLDER },
	[OPT_SPEED] = { "speed", 0, "N",
	    "times as fast as it was, or max; rates may then be wrong" },
	[OPT_LEARN] = { "learn", 0, NULL,
	    "it counts for what is normal; else it is only looked at" },
	[OPT_FORMAT] = { "format", 'f', "FORMAT",
	    "of show: text (the default) or json" },
	[OPT_QUIET] = { "quiet", 'q', NULL, "no progress" },
	[OPT_HELP] = { "help", 'h', NULL, "this text" },
	{ NULL, 0, NULL, NULL },
};

enum verb {
	VERB_SHOW,
	VERB_PLAY,
	VERB_STOP
};
static const char *const verbs[] = { "show", "play", "stop", NULL };
static const struct verb_form forms[] = { { "show", 1, 1 },
	{ "play FILE...", 2, VERB_WORDS }, { "stop", 1, 1 } };
static const char *const format_names[] = { "text", "json", NULL };

struct request {
	const char *state;
	uint64_t speed;
	bool learns, quiet;
	int format;
	struct said said;
};

/* As the sensor tells it. */
struct told {
	int64_t number, frames, alerts;
	double part;
	char name[208], state[16], error[400];
	char *json; /* the whole row */
};

static volatile sig_atomic_t stopped;

static void
on_signal(int number)
{
	(void)number;
	stopped = 1;
}

/* --------------------------------------------------------------------- row */

static void
take_text(sqlite3_stmt *q, int column, char *dst, size_t cap)
{
	const char *text = (const char *)sqlite3_column_text(q, column);

	(void)snprintf(dst, cap, "%s", text != NULL ? text : "");
}

/* False: nothing is played, or ever was since the sensor began. */
static bool
look(const struct state *s, struct told *ret)
{
	sqlite3_stmt *q = NULL;
	bool found = sqlite3_prepare_v2(store_db(s->store),
			 "select json ->> 'number', json ->> 'frames', "
			 "json ->> 'alerts', json ->> 'progress', "
			 "json ->> 'name', json ->> 'state', json ->> 'error', "
			 "json from live where key = 'playback'",
			 -1, &q, NULL) == SQLITE_OK &&
	    sqlite3_step(q) == SQLITE_ROW;

	if (found) {
		ret->number = sqlite3_column_int64(q, 0);
		ret->frames = sqlite3_column_int64(q, 1);
		ret->alerts = sqlite3_column_int64(q, 2);
		ret->part = sqlite3_column_double(q, 3);
		take_text(q, 4, ret->name, sizeof(ret->name));
		take_text(q, 5, ret->state, sizeof(ret->state));
		take_text(q, 6, ret->error, sizeof(ret->error));
		free(ret->json);
		ret->json = strdup((const char *)sqlite3_column_text(q, 7));
	}
	(void)sqlite3_finalize(q);
	return found;
}

static int
show(const struct request *q)
{
	struct told t = { .number = 0 };
	struct state s;
	bool found;

	if (!state_open(&s, "captures", q->state, STATE_STORE))
		return EXIT_INPUT;
	found = look(&s, &t);
	state_close(&s);
	if (q->format == 1)
		(void)printf("%s\n", found && t.json != NULL ? t.json : "null");
	else if (!found)
		(void)printf("nothing was played since the sensor began\n");
	else
		(void)printf("%s: %s, %.0f %%, %" PRId64 " frames%s%s\n",
		    t.name, t.state, 100 * t.part, t.frames,
		    t.error[0] != '\0' ? ": " : "", t.error);
	free(t.json);
	return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INTERNAL;
}

/* ------------------------------------------------------------------ playing */

static const char *
last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

static void
put_progress(const struct request *q, const struct told *t)
{
	if (!q->quiet && isatty(STDERR_FILENO) == 1)
		(void)fprintf(stderr,
		    "\r\033[K%3.0f %%  %s, %" PRId64 " frames", 100 * t->part,
		    t->name, t->frames);
}

/* "plant.pcap: 356 frames, 3 new alerts" */
static int
put_end(const struct request *q, const struct told *t)
{
	const bool failed = strcmp(t->state, "failed") == 0;

	if (!q->quiet && isatty(STDERR_FILENO) == 1)
		(void)fprintf(stderr, "\r\033[K");
	if (t->error[0] != '\0')
		complain("captures: %s: %s", t->name, t->error);
	(void)printf("%s: %" PRId64 " frame%s%s, %" PRId64 " new alert%s\n",
	    t->name, t->frames, t->frames == 1 ? "" : "s",
	    failed                              ? " until then"
		: strcmp(t->state, "done") == 0 ? ""
						: ", stopped",
	    t->alerts, t->alerts == 1 ? "" : "s");
	return failed ? EXIT_INPUT : EXIT_DONE;
}

/* Until the row says that it is no longer played. */
static int
follow(const struct request *q, const struct state *s, int64_t number)
{
	const struct timespec pause = { .tv_nsec = LOOK_MS * 1000000L };
	struct told t = { .number = 0 };
	unsigned silent = 0;
	bool told = false;
	int status = EXIT_INPUT;

	while (silent < SILENT_LOOKS) {
		if (stopped && !told) {
			told = true;
			(void)ask("captures", q->state,
			    ask_new("captures.stop"));
		}
		if (!look(s, &t) || t.number != number) {
			silent++;
		} else if (strcmp(t.state, "playing") != 0) {
			status = put_end(q, &t);
			break;
		} else {
			silent = 0;
			put_progress(q, &t);
		}
		(void)nanosleep(&pause, NULL);
	}
	if (silent == SILENT_LOOKS)
		complain("captures: the sensor says no more of it");
	free(t.json);
	return status;
}

static json_t *
begin(const struct request *q, const char *path, int *ret_status)
{
	json_t *request = ask_new("captures.play"), *answer;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0) {
		complain("captures: %s: %s", path, strerror(errno));
		json_decref(request);
		*ret_status = EXIT_INPUT;
		return NULL;
	}
	ask_text(request, "name", last_part(path));
	(void)json_object_set_new(request, "speed",
	    json_integer((json_int_t)q->speed));
	(void)json_object_set_new(request, "learn", json_boolean(q->learns));
	answer = ask_answer("captures", q->state, request, fd, ret_status);
	(void)close(fd);
	return answer;
}

static int
play_one(const struct request *q, const struct state *s, const char *path)
{
	int status;
	json_t *answer = begin(q, path, &status);

	if (answer != NULL)
		status = follow(q, s,
		    json_integer_value(json_object_get(answer, "number")));
	json_decref(answer);
	return status;
}

static int
play(const struct request *q)
{
	struct sigaction act = { .sa_handler = on_signal };
	int status = EXIT_DONE, one;
	struct state s;

	if (!state_open(&s, "captures", q->state, STATE_STORE))
		return EXIT_INPUT;
	(void)sigaction(SIGINT, &act, NULL);
	(void)sigaction(SIGTERM, &act, NULL);
	for (uint32_t i = 1; i < q->said.n && !stopped; i++) {
		one = play_one(q, &s, q->said.word[i]);
		if (one != EXIT_DONE)
			status = one;
		if (one == EXIT_USAGE)
			break; /* the others would be refused, too */
	}
	state_close(&s);
	return fflush(stdout) == 0 ? status : EXIT_INTERNAL;
}

/* ------------------------------------------------------------- command line */

static bool
take_speed(struct request *q, const char *text)
{
	if (strcmp(text, "max") == 0) {
		q->speed = 0;
		return true;
	}
	if (value_number(text, 1000, &q->speed) && q->speed > 0)
		return true;
	complain("captures: --speed %s: must be a whole number up to 1000, or "
		 "max",
	    text);
	return false;
}

static bool
take(struct request *q, const struct options *o, int option)
{
	switch (option) {
	case OPT_STATE:
		q->state = o->value;
		return true;
	case OPT_SPEED:
		return take_speed(q, o->value);
	case OPT_LEARN:
		q->learns = true;
		return true;
	case OPT_FORMAT:
		q->format = options_choice(o, "--format", format_names);
		return q->format >= 0;
	case OPT_QUIET:
		q->quiet = true;
		return true;
	case OPTION_ARGUMENT:
		return verbs_add(&q->said, "captures", o->value);
	default:
		return false;
	}
}

int
cmd_captures(int argc, char **argv)
{
	struct options o = {
		.command = "captures",
		.synopsis = "[options] [show | play FILE... | stop]",
		.about = "Play capture files back into the sensor that runs, "
			 "as if a port brought them,\nor say how far it is. "
			 "Interrupting it stops the playback.  Without a "
			 "sensor,\n`sightglass read --state FOLDER FILE` reads "
			 "a file into a state.",
		.row = rows,
		.argc = argc,
		.argv = argv,
		.at = 1,
	};
	static struct request q = { .state = STATE_FOLDER, .speed = 1 };
	int option;

	while ((option = options_next(&o)) != OPTION_END) {
		if (option == OPT_HELP) {
			options_help(&o);
			return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INTERNAL;
		}
		if (option == OPTION_WRONG || !take(&q, &o, option))
			return EXIT_USAGE;
	}
	switch (verbs_formed(&q.said, "captures", verbs, forms)) {
	case VERB_SHOW:
		return show(&q);
	case VERB_PLAY:
		return play(&q);
	case VERB_STOP:
		return ask("captures", q.state, ask_new("captures.stop"));
	default:
		return EXIT_USAGE;
	}
}
