/* state.c - see state.h. */
#include "state.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
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
    enum state_need need)
{
	char error[STORE_ERROR];

	*s = (struct state){ .command = command, .now = state_now() };
	s->store = store_open(folder, STORE_READING, error);
	if (s->store == NULL) {
		complain("%s: %s", command, error);
		return false;
	}
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
	return true;
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
