/*
 * model.c - what the baseline of the state knows, loaded to be asked.
 *
 * One, for everybody in turn; loaded anew when the state has changed since, but
 * not more often than every few seconds.
 */
#include <stdlib.h>
#include <string.h>

#include "private.h"

#define FRESH 10 /* seconds */

struct models {
	pthread_mutex_t lock;
	char state[4096];
	struct store *db;
	struct model now;
	int64_t loaded, version; /* of the database's data */
	_Atomic bool stale;
};

struct models *
models_new(const char *state)
{
	struct models *ms = calloc(1, sizeof(*ms));

	if (ms == NULL)
		return NULL;
	(void)pthread_mutex_init(&ms->lock, NULL);
	(void)snprintf(ms->state, sizeof(ms->state), "%s", state);
	return ms;
}

static void
drop(struct models *ms)
{
	if (ms->now.baseline != NULL)
		baseline_free(ms->now.baseline);
	if (ms->now.assets != NULL)
		assets_free(ms->now.assets);
	ms->now = (struct model){ .assets = NULL };
}

void
models_free(struct models *ms)
{
	if (ms == NULL)
		return;
	drop(ms);
	if (ms->db != NULL)
		store_close(ms->db);
	(void)pthread_mutex_destroy(&ms->lock);
	free(ms);
}

static int64_t
data_version(struct models *ms)
{
	sqlite3_stmt *s = NULL;
	int64_t v = -1;

	if (sqlite3_prepare_v2(store_db(ms->db), "PRAGMA data_version", -1, &s,
		NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		v = sqlite3_column_int64(s, 0);
	(void)sqlite3_finalize(s);
	return v;
}

/* No novelties are found where no packets come. */
static void
ignore(void *ctx, const struct novelty *n)
{
	(void)ctx;
	(void)n;
}

static bool
load(struct models *ms, char error[static STORE_ERROR])
{
	struct baseline_config c = BASELINE_CONFIG_DEFAULT;
	struct baseline_listener l = { .novelty = ignore };
	struct model *m = &ms->now;

	drop(ms);
	if (ms->db == NULL)
		ms->db = store_open(ms->state, STORE_READING, error);
	if (ms->db == NULL)
		return false;
	ms->stale = false;
	ms->version = data_version(ms);
	ms->loaded = now_seconds();
	m->assets = assets_new(ASSETS_MAX);
	c.secret = strtoull(store_get(ms->db, "baseline.secret"), NULL, 16);
	m->learn_scale =
	    (uint32_t)strtoul(store_get(ms->db, "learn.scale"), NULL, 10);
	if (m->learn_scale == 0)
		m->learn_scale = 1;
	c.learn_scale = m->learn_scale;
	if (m->assets != NULL && store_load_assets(ms->db, m->assets))
		m->baseline = baseline_new(&c, m->assets, &l);
	if (m->baseline != NULL && store_load_baseline(ms->db, m->baseline))
		return true;
	(void)snprintf(error, STORE_ERROR, "the baseline: %s",
	    store_error(ms->db));
	drop(ms);
	return false;
}

struct model *
model_take(struct request *rq)
{
	struct models *ms = rq->server->models;
	char error[STORE_ERROR];

	(void)pthread_mutex_lock(&ms->lock);
	if (ms->now.baseline != NULL && !ms->stale &&
	    (now_seconds() - ms->loaded < FRESH ||
		data_version(ms) == ms->version))
		return &ms->now;
	if (load(ms, error))
		return &ms->now;
	(void)pthread_mutex_unlock(&ms->lock);
	fail_store(rq, error);
	return NULL;
}

void
model_give(struct request *rq)
{
	(void)pthread_mutex_unlock(&rq->server->models->lock);
}

void
models_stale(struct models *ms)
{
	ms->stale = true;
}

struct store *
model_store(struct models *ms)
{
	return ms->db;
}
