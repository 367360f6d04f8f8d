/* state.c - see state.h. */
#include "state.h"

#include <pwd.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

const char *
state_user(void)
{
	static char who[80];
	const struct passwd *pw = getpwuid(getuid());

	if (pw != NULL)
		(void)snprintf(who, sizeof(who), "cli:%.60s", pw->pw_name);
	else
		(void)snprintf(who, sizeof(who), "cli:%u", (unsigned)getuid());
	return who;
}

struct tick
state_now(void)
{
	struct timespec now = { .tv_sec = 0 };

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (struct tick){ (int64_t)now.tv_sec * TICK_SECOND + now.tv_nsec };
}

/* No novelties are found where no packets come. */
static void
ignore(void *ctx, const struct novelty *n)
{
	(void)ctx;
	(void)n;
}

static bool
open_baseline(struct state *s)
{
	struct baseline_config c = BASELINE_CONFIG_DEFAULT;
	struct baseline_listener l = { .novelty = ignore };

	c.secret = strtoull(store_get(s->store, "baseline.secret"), NULL, 16);
	c.learn_scale =
	    (uint32_t)strtoul(store_get(s->store, "learn.scale"), NULL, 10);
	if (c.learn_scale == 0)
		c.learn_scale = 1;
	s->learn_scale = c.learn_scale;
	s->baseline = baseline_new(&c, s->assets, &l);
	if (s->baseline == NULL) {
		complain("%s: out of memory", s->command);
		return false;
	}
	if (store_load_baseline(s->store, s->baseline))
		return true;
	complain("%s: %s", s->command, store_error(s->store));
	return false;
}

bool
state_open(struct state *s, const char *command, const char *folder,
    enum store_for how, enum state_need need)
{
	char error[STORE_ERROR], path[4096];
	bool is_new;

	*s = (struct state){ .command = command,
		.now = state_now(),
		.who = state_user() };
	(void)snprintf(path, sizeof(path), "%s/state.db", folder);
	is_new = how == STORE_MAKING && access(path, F_OK) != 0;
	s->store = store_open(folder, how, error);
	if (s->store == NULL) {
		complain("%s: %s", command, error);
		return false;
	}
	if (is_new)
		complain("%s: %s is a new state", command, folder);
	s->assets = assets_new(ASSETS_MAX);
	if (s->assets == NULL || !store_load_assets(s->store, s->assets)) {
		complain("%s: %s", command, store_error(s->store));
		state_close(s);
		return false;
	}
	if (need == STATE_BASELINE && !open_baseline(s)) {
		state_close(s);
		return false;
	}
	if (how == STORE_READING || store_begin(s->store))
		return true;
	complain("%s: %s", command, store_error(s->store));
	state_close(s);
	return false;
}

int
state_save(struct state *s)
{
	if ((s->baseline == NULL ||
		store_save_baseline(s->store, s->baseline)) &&
	    store_save_assets(s->store, s->assets) && store_commit(s->store))
		return EXIT_DONE;
	complain("%s: nothing was changed: %s", s->command,
	    store_error(s->store));
	store_rollback(s->store);
	return EXIT_INTERNAL;
}

void
state_close(struct state *s)
{
	if (s->baseline != NULL)
		baseline_free(s->baseline);
	assets_free(s->assets);
	if (s->store != NULL)
		store_close(s->store);
}

int64_t
state_number(struct state *s, const char *sql, const char *text)
{
	sqlite3_stmt *q = NULL;
	int64_t n = -1;

	if (sqlite3_prepare_v2(store_db(s->store), sql, -1, &q, NULL) !=
	    SQLITE_OK)
		return -1;
	if (text != NULL)
		(void)sqlite3_bind_text(q, 1, text, -1, SQLITE_STATIC);
	if (sqlite3_step(q) == SQLITE_ROW)
		n = sqlite3_column_int64(q, 0);
	(void)sqlite3_finalize(q);
	return n;
}

bool
state_note(struct state *s, const char *what, const char *about,
    const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (store_note(s->store, s->now, s->who, what, about, text))
		return true;
	complain("%s: %s", s->command, store_error(s->store));
	return false;
}
