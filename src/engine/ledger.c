/*
 * ledger.c - the visibility ledger: per port, protocol and second what was
 * seen, understood, skipped, encrypted and lost; and the same of the hour.
 *
 * An hour that is over is a row of live, "ledger.hour.START", which the keeper
 * signs and chains.  The running one is written every few seconds, so that an
 * engine that is started anew goes on with it; frames that the one before had
 * looked at but not written down are counted as unrecorded.
 */
#include <inttypes.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../proto/proto.h"
#include "private.h"

#define HOUR (3600 * TICK_SECOND)
#define WRITE_EVERY 5 /* seconds */
#define NOW_KEY "ledger.now"

struct hour_port {
	bool there;
	char name[48];
	uint64_t frames, dropped, lost, unrecorded;
	uint64_t total; /* frames since main began, when it was written */
	uint32_t seconds_up, seconds_lossy;
	struct ledger proto[PROTO_MAX];
};

struct hour {
	int64_t begin; /* ns; 0: none yet */
	uint32_t seconds; /* that were looked at */
	uint32_t unwritten; /* seconds */
	bool known; /* what the engine before wrote was looked for */
	struct hour_port port[LIVE_PORTS_MAX];
	struct ledger last[LIVE_PORTS_MAX][PROTO_MAX]; /* as of last second */
};

/* The columns that are told, by name. */
static const struct {
	const char *name;
	size_t at;
} columns[] = {
	{ "seen", offsetof(struct ledger, bytes_seen) },
	{ "understood", offsetof(struct ledger, bytes_understood) },
	{ "skipped", offsetof(struct ledger, bytes_skipped) },
	{ "encrypted", offsetof(struct ledger, bytes_encrypted) },
	{ "lost", offsetof(struct ledger, bytes_lost) },
	{ "messages", offsetof(struct ledger, messages) },
	{ "malformed", offsetof(struct ledger, malformed) },
	{ "truncated", offsetof(struct ledger, truncated) },
	{ "unknown", offsetof(struct ledger, unknown) },
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static uint64_t *
column(struct ledger *l, size_t i)
{
	return (uint64_t *)(void *)((uint8_t *)l + columns[i].at);
}

struct hour *
hour_new(void)
{
	return calloc(1, sizeof(struct hour));
}

static const char *
port_name(const struct watcher *e, unsigned i, const struct live_status *st)
{
	return i < e->config.n_port && e->config.port[i].name[0] != '\0'
	    ? e->config.port[i].name
	    : st->name;
}

/* ----------------------------------------------------------------- as JSON */

static bool
is_empty(struct ledger *l)
{
	for (size_t i = 0; i < COLUMNS; i++)
		if (*column(l, i) != 0)
			return false;
	return true;
}

static json_t *
protocols_json(struct ledger *of)
{
	json_t *all = json_object();

	for (uint32_t p = 0; p < n_protos; p++) {
		json_t *one;

		if (is_empty(&of[p]))
			continue;
		one = json_object();
		for (size_t i = 0; i < COLUMNS; i++)
			if (*column(&of[p], i) != 0)
				(void)json_object_set_new(one, columns[i].name,
				    json_integer(
					(json_int_t)*column(&of[p], i)));
		(void)json_object_set_new(all,
		    p == PROTO_UNKNOWN ? "unknown" : protos[p]->name, one);
	}
	return all;
}

static json_t *
port_json(struct hour_port *p, unsigned i)
{
	return json_pack("{s:i, s:s, s:I, s:I, s:I, s:I, s:I, s:i, s:i, s:o}",
	    "port", (int)i, "name", p->name, "frames", (json_int_t)p->frames,
	    "dropped", (json_int_t)p->dropped, "lost", (json_int_t)p->lost,
	    "unrecorded", (json_int_t)p->unrecorded, "total",
	    (json_int_t)p->total, "seconds_up", (int)p->seconds_up,
	    "seconds_lossy", (int)p->seconds_lossy, "protocols",
	    protocols_json(p->proto));
}

static json_t *
hour_json(struct hour *h)
{
	json_t *ports = json_array();
	char text[TIME_TEXT_MAX];

	for (unsigned i = 0; i < LIVE_PORTS_MAX; i++)
		if (h->port[i].there)
			(void)json_array_append_new(ports,
			    port_json(&h->port[i], i));
	return json_pack("{s:s, s:I, s:i, s:o}", "hour",
	    time_text((struct tick){ h->begin }, text), "begin",
	    (json_int_t)h->begin, "seconds", (int)h->seconds, "ports", ports);
}

static void
put(struct watcher *e, const char *key, struct tick at, json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);

	if (text != NULL)
		(void)store_put_live(e->store, key, at, text);
	free(text);
	json_decref(value);
}

/* ------------------------------------------------------- what was before us */

static void
read_protocols(const json_t *all, struct ledger *of)
{
	for (uint32_t p = 0; p < n_protos; p++) {
		const json_t *one = json_object_get(all,
		    p == PROTO_UNKNOWN ? "unknown" : protos[p]->name);

		for (size_t i = 0; one != NULL && i < COLUMNS; i++)
			*column(&of[p], i) = (uint64_t)json_integer_value(
			    json_object_get(one, columns[i].name));
	}
}

static uint64_t
number(const json_t *of, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(of, key));
}

static void
read_port(const struct watcher *e, const json_t *from, struct hour *h)
{
	uint64_t i = number(from, "port");
	const char *name = json_string_value(json_object_get(from, "name"));
	struct hour_port *p = &h->port[i % LIVE_PORTS_MAX];
	uint64_t now = e->page->frames[i % LIVE_PORTS_MAX] / 2;

	p->there = true;
	(void)snprintf(p->name, sizeof(p->name), "%s",
	    name != NULL ? name : "");
	p->frames = number(from, "frames");
	p->dropped = number(from, "dropped");
	p->lost = number(from, "lost");
	p->unrecorded = number(from, "unrecorded");
	p->total = number(from, "total");
	p->seconds_up = (uint32_t)number(from, "seconds_up");
	p->seconds_lossy = (uint32_t)number(from, "seconds_lossy");
	read_protocols(json_object_get(from, "protocols"), p->proto);
	/* of the same main: what it had looked at since is not in it */
	if (now > p->total && p->total > 0)
		p->unrecorded += now - p->total;
}

static void
go_on(struct watcher *e, struct hour *h)
{
	sqlite3_stmt *s = NULL;
	json_error_t error;
	json_t *was = NULL;
	size_t i;
	json_t *port;

	if (sqlite3_prepare_v2(store_db(e->store),
		"SELECT json FROM live WHERE key = '" NOW_KEY "'", -1, &s,
		NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		was = json_loads((const char *)sqlite3_column_text(s, 0), 0,
		    &error);
	(void)sqlite3_finalize(s);
	if (was != NULL) {
		h->begin = (int64_t)number(was, "begin");
		h->seconds = (uint32_t)number(was, "seconds");
		json_array_foreach(json_object_get(was, "ports"), i, port) {
			read_port(e, port, h);
		}
	}
	json_decref(was);
}

/* ------------------------------------------------------------------ seconds */

void
ledger_second(struct watcher *e, unsigned i, const struct live_status *st,
    uint64_t seen, uint64_t dropped, uint64_t lost)
{
	struct second *s = &e->second[i];

	*s = (struct second){ .there = true,
		.up = st->present && st->up,
		.seen = seen,
		.dropped = dropped,
		.lost = lost };
	(void)snprintf(e->hour->port[i].name, sizeof(e->hour->port[i].name),
	    "%.47s", port_name(e, i, st));
	detect_second(sensor_detect(e->sensor), time_of_day(), i,
	    port_name(e, i, st), seen, lost);
}

/* What was added to each column in this second. */
static void
difference(struct ledger *now, struct ledger *last, struct ledger *ret)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		*column(ret, i) = *column(now, i) - *column(last, i);
		*column(last, i) = *column(now, i);
	}
}

static void
add_second(struct watcher *e, unsigned i, struct tick now)
{
	struct hour_port *p = &e->hour->port[i];
	const struct ledger *all = flow_ledger_of(sensor_flows(e->sensor), i);
	struct second *s = &e->second[i];
	struct ledger in[PROTO_MAX];
	char key[32];

	memset(in, 0, sizeof(in));
	for (uint32_t k = 0; k < n_protos; k++) {
		struct ledger is = all[k];

		difference(&is, &e->hour->last[i][k], &in[k]);
		for (size_t c = 0; c < COLUMNS; c++)
			*column(&p->proto[k], c) += *column(&in[k], c);
	}
	p->there = true;
	p->frames += s->seen;
	p->dropped += s->dropped;
	p->lost += s->lost;
	p->seconds_up += s->up;
	p->seconds_lossy += s->lost > 0;
	p->total = e->page->frames[i] / 2;
	(void)snprintf(key, sizeof(key), "ledger.%u", i);
	put(e, key, now,
	    json_pack("{s:i, s:s, s:I, s:I, s:I, s:b, s:o}", "port", (int)i,
		"name", p->name, "frames", (json_int_t)s->seen, "dropped",
		(json_int_t)s->dropped, "lost", (json_int_t)s->lost, "up",
		s->up, "protocols", protocols_json(in)));
	s->there = false;
}

/* The hour is over: the keeper signs it.  What stands there as the running hour
 * is the next one at once: an engine that is started anew would go on with this
 * one, and close it again. */
static void
close_hour(struct watcher *e, struct tick now)
{
	struct hour *h = e->hour;
	char key[48];

	(void)snprintf(key, sizeof(key), "ledger.hour.%" PRId64, h->begin);
	put(e, key, (struct tick){ h->begin }, hour_json(h));
	h->seconds = 0;
	memset(h->port, 0, sizeof(h->port));
	h->begin = now.ns - now.ns % HOUR;
	h->unwritten = WRITE_EVERY;
}

void
ledger_tell(struct watcher *e, struct tick now)
{
	struct hour *h = e->hour;

	if (!h->known)
		go_on(e, h);
	h->known = true;
	if (h->begin == 0)
		h->begin = now.ns - now.ns % HOUR;
	if (now.ns < h->begin || now.ns >= h->begin + HOUR)
		close_hour(e, now);
	h->seconds++;
	for (unsigned i = 0; i < LIVE_PORTS_MAX; i++)
		if (e->second[i].there)
			add_second(e, i, now);
	if (++h->unwritten < WRITE_EVERY)
		return;
	h->unwritten = 0;
	put(e, NOW_KEY, now, hour_json(h));
}
