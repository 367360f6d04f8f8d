/*
 * events.c - GET /events: server-sent events (WHATWG HTML, 9.2).
 *
 * One thread looks at the database once a second and tells all who listen what
 * is new: lines of the timeline, alerts seen again, devices, what is live.  The
 * id of an event is the timeline's, so that who comes back (Last-Event-ID)
 * hears what was missed.  A connection waits suspended, and costs no thread.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "brief.h"
#include "handlers.h"
#include "live.h"

#define LISTENERS 64u
#define WAITING ((size_t)1 << 20) /* bytes; who is slower is let go */
#define LIFE 3600 /* seconds; browsers come back by themselves */
#define QUIET 15 /* seconds after which a comment keeps the line open */
#define MISSED 1000 /* lines told to who comes back */

struct listener {
	struct listener *next;
	struct events *events;
	struct MHD_Connection *link;
	struct buffer text;
	size_t done;
	bool suspended, ended;
	bool by_token;
	uint8_t session[SECRET_HASH];
	int64_t began, spoken, after; /* after: what it has heard */
};

struct events {
	struct server *server;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t end;
	bool ending, started;
	struct listener *first;
	uint32_t n;
	int64_t line, device, alert, live; /* told up to here */
	bool primed;
};

/* ---------------------------------------------------------------- listeners */

/* Locked. */
static void
wake(struct listener *l)
{
	if (!l->suspended)
		return;
	l->suspended = false;
	MHD_resume_connection(l->link);
}

static void
tell(struct listener *l, const struct buffer *b, int64_t now)
{
	if (b->n == 0 || l->ended)
		return;
	buffer_put(&l->text, b->p, b->n);
	if (l->text.failed || l->text.n - l->done > WAITING)
		l->ended = true;
	l->spoken = now;
	wake(l);
}

static ssize_t
read_events(void *cls, uint64_t pos, char *dst, size_t cap)
{
	struct listener *l = cls;
	ssize_t ret = 0;
	size_t n;

	(void)pos;
	(void)pthread_mutex_lock(&l->events->lock);
	n = l->text.n - l->done;
	if (n > cap)
		n = cap;
	if (n > 0) {
		memcpy(dst, l->text.p + l->done, n);
		l->done += n;
		if (l->done == l->text.n)
			l->done = l->text.n = 0;
		ret = (ssize_t)n;
	} else if (!l->ended && !l->events->ending) {
		l->suspended = true;
		MHD_suspend_connection(l->link);
	} else {
		ret = MHD_CONTENT_READER_END_OF_STREAM;
	}
	(void)pthread_mutex_unlock(&l->events->lock);
	return ret;
}

static void
forget(void *cls)
{
	struct listener *l = cls, **at;
	struct events *ev = l->events;

	(void)pthread_mutex_lock(&ev->lock);
	for (at = &ev->first; *at != NULL && *at != l;)
		at = &(*at)->next;
	if (*at == l) {
		*at = l->next;
		ev->n--;
	}
	(void)pthread_mutex_unlock(&ev->lock);
	buffer_free(&l->text);
	free(l);
}

/* ------------------------------------------------------------- what is new */

static const char *
event_of(const char *what)
{
	static const char *const alert[] = { "alert", "close", "reopen",
		"active", "mute", "unmute", "learn", "unlearn", "comment",
		NULL };

	for (uint32_t i = 0; alert[i] != NULL; i++)
		if (strcmp(alert[i], what) == 0)
			return "alert";
	if (strcmp(what, "device") == 0 || strcmp(what, "remove") == 0)
		return "device";
	if (strcmp(what, "mode") == 0)
		return "mode";
	if (strcmp(what, "fault") == 0 || strcmp(what, "start") == 0 ||
	    strcmp(what, "stop") == 0)
		return "health";
	return "change";
}

static void
put_event(struct out *o, int64_t id, const char *event)
{
	if (id > 0)
		outf(o, "id: %" PRId64 "\n", id);
	outf(o, "event: %s\ndata: ", event);
	o->comma = false;
}

static int64_t
put_lines(struct reader *r, struct out *o, int64_t after)
{
	sqlite3_stmt *s = reader_ask(r,
	    "select id, at_ns, who, what, about, text from v_timeline where "
	    "id > ?1 order by id limit 1000");

	if (s == NULL)
		return after;
	(void)sqlite3_bind_int64(s, 1, after);
	while (sqlite3_step(s) == SQLITE_ROW) {
		const char *what = (const char *)sqlite3_column_text(s, 3);
		const char *about = (const char *)sqlite3_column_text(s, 4);

		after = sqlite3_column_int64(s, 0);
		put_event(o, after, event_of(what));
		json_open(o, '{');
		for (int i = 2; i < 6; i++)
			put_column(o, s, i);
		json_time(o, "at", (struct tick){ sqlite3_column_int64(s, 1) });
		if (strncmp(about, "alert ", 6) == 0)
			json_u64(o, "number", strtoull(about + 6, NULL, 10));
		else if (strncmp(about, "device ", 7) == 0)
			json_u64(o, "id", strtoull(about + 7, NULL, 10));
		json_close(o, '}');
		out_text(o, "\n\n");
	}
	return after;
}

/* Numbers of rows beyond, as one event; the greatest value. */
static int64_t
put_numbers(struct out *o, sqlite3_stmt *s, int64_t after, const char *event,
    const char *key)
{
	bool begun = false;

	if (s == NULL)
		return after;
	(void)sqlite3_bind_int64(s, 1, after);
	while (sqlite3_step(s) == SQLITE_ROW) {
		if (!begun) {
			put_event(o, 0, event);
			json_open(o, '{');
			json_key(o, key);
			json_open(o, '[');
		}
		begun = true;
		json_item(o);
		out_i64(o, sqlite3_column_int64(s, 0));
		if (sqlite3_column_int64(s, 1) > after)
			after = sqlite3_column_int64(s, 1);
	}
	if (begun) {
		json_close(o, ']');
		json_close(o, '}');
		out_text(o, "\n\n");
	}
	return after;
}

static int64_t
put_live(struct reader *r, struct out *o, int64_t after)
{
	sqlite3_stmt *s = reader_ask(r,
	    "select key, at, json from live where at > ?1 order by at");

	if (s == NULL)
		return after;
	(void)sqlite3_bind_int64(s, 1, after);
	while (sqlite3_step(s) == SQLITE_ROW) {
		const char *key = (const char *)sqlite3_column_text(s, 0);
		struct span json = list_text(s, 2);

		if (sqlite3_column_int64(s, 1) > after)
			after = sqlite3_column_int64(s, 1);
		if (memchr(json.p, '\n', json.n) != NULL)
			continue;
		put_event(o, 0,
		    strcmp(key, "traffic") == 0      ? "traffic"
			: strcmp(key, "mirror") == 0 ? "mirror"
			: strcmp(key, "asking") == 0 ? "asking"
						     : "health");
		json_open(o, '{');
		json_text(o, "key", key);
		json_key(o, "now");
		out_bytes(o, json.p, json.n);
		o->comma = true;
		json_close(o, '}');
		out_text(o, "\n\n");
	}
	return after;
}

static void
prime(struct events *ev, struct reader *r)
{
	ev->line =
	    reader_number(r, "select coalesce(max(id), 0) from timeline", 0);
	ev->device =
	    reader_number(r, "select coalesce(max(id), 0) from device", 0);
	ev->alert =
	    reader_number(r, "select coalesce(max(last), 0) from alert", 0);
	ev->primed = true;
}

static void
look(struct events *ev, struct reader *r)
{
	if (!ev->primed) {
		prime(ev, r);
		return;
	}
	ev->line = put_lines(r, &r->out, ev->line);
	ev->device = put_numbers(&r->out,
	    reader_ask(r, "select id, id from device where id > ?1 limit 1000"),
	    ev->device, "device", "new");
	ev->alert = put_numbers(&r->out,
	    reader_ask(r,
		"select number, last from alert where last > ?1 limit 1000"),
	    ev->alert, "alert", "seen");
	ev->live = put_live(r, &r->out, ev->live);
	(void)out_flush(&r->out);
}

/* Locked: who listens on, and who does no longer. */
static void
tell_all(struct events *ev, const struct buffer *b, bool check)
{
	int64_t now = now_seconds();
	struct buffer dot = { .p = (char[]){ ":\n\n" }, .n = 3 };

	for (struct listener *l = ev->first; l != NULL; l = l->next) {
		tell(l, b, now);
		if (now - l->spoken >= QUIET)
			tell(l, &dot, now);
		if (now - l->began >= LIFE ||
		    (check && !l->by_token &&
			!people_is_alive(ev->server->people, l->session,
			    now))) {
			l->ended = true;
			wake(l);
		}
	}
}

static void *
run(void *cls)
{
	struct events *ev = cls;
	struct buffer none = { .p = NULL };
	char error[STORE_ERROR];
	struct timespec until = { .tv_sec = 0 };
	uint32_t round = 0;

	(void)pthread_mutex_lock(&ev->lock);
	while (!ev->ending) {
		struct reader *r;

		(void)clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec += 1;
		(void)pthread_cond_timedwait(&ev->end, &ev->lock, &until);
		if (ev->ending || ev->n == 0) {
			ev->primed = false;
			continue;
		}
		(void)pthread_mutex_unlock(&ev->lock);
		r = readers_take(ev->server->readers, error);
		if (r != NULL)
			look(ev, r);
		(void)pthread_mutex_lock(&ev->lock);
		tell_all(ev, r != NULL ? &r->text : &none, ++round % 8 == 0);
		if (r == NULL)
			continue;
		(void)pthread_mutex_unlock(&ev->lock);
		readers_give(ev->server->readers, r);
		(void)pthread_mutex_lock(&ev->lock);
	}
	(void)pthread_mutex_unlock(&ev->lock);
	return NULL;
}

struct events *
events_new(struct server *sv)
{
	struct events *ev = calloc(1, sizeof(*ev));

	if (ev == NULL)
		return NULL;
	ev->server = sv;
	(void)pthread_mutex_init(&ev->lock, NULL);
	(void)pthread_cond_init(&ev->end, NULL);
	ev->started = pthread_create(&ev->thread, NULL, run, ev) == 0;
	if (ev->started)
		return ev;
	free(ev);
	return NULL;
}

/* Before the server stops: nobody may wait suspended then. */
void
events_end(struct events *ev)
{
	if (ev == NULL)
		return;
	(void)pthread_mutex_lock(&ev->lock);
	ev->ending = true;
	for (struct listener *l = ev->first; l != NULL; l = l->next)
		wake(l);
	(void)pthread_cond_signal(&ev->end);
	(void)pthread_mutex_unlock(&ev->lock);
	(void)pthread_join(ev->thread, NULL);
}

void
events_free(struct events *ev)
{
	if (ev == NULL)
		return;
	(void)pthread_cond_destroy(&ev->end);
	(void)pthread_mutex_destroy(&ev->lock);
	free(ev);
}

/* ------------------------------------------------------------- the request */

/* What was missed since the id, for who comes back. */
static void
catch_up(struct request *rq, struct listener *l)
{
	const char *id = MHD_lookup_connection_value(rq->link, MHD_HEADER_KIND,
	    "Last-Event-ID");
	int64_t last = reader_number(rq->reader,
	    "select coalesce(max(id), 0) from timeline", 0);
	int64_t after = id != NULL ? strtoll(id, NULL, 10) : last;

	if (after < last - MISSED || after > last || after < 0)
		after = last - MISSED > 0 && id != NULL ? last - MISSED : last;
	out_text(rq->out, "retry: 3000\n\n");
	put_event(rq->out, after, "hello");
	out_text(rq->out, "{}\n\n");
	(void)put_lines(rq->reader, rq->out, after);
	(void)out_flush(rq->out);
	buffer_put(&l->text, rq->reader->text.p, rq->reader->text.n);
}

void
h_events(struct request *rq)
{
	struct events *ev = rq->server->events;
	struct listener *l = calloc(1, sizeof(*l));
	struct MHD_Response *r;

	if (l == NULL) {
		fail(rq, 500, "memory", NULL, "Out of memory.");
		return;
	}
	l->events = ev;
	l->link = rq->link;
	l->by_token = rq->who.by_token;
	memcpy(l->session, rq->who.session, SECRET_HASH);
	l->began = l->spoken = now_seconds();
	catch_up(rq, l);
	(void)pthread_mutex_lock(&ev->lock);
	if (ev->n >= LISTENERS) {
		(void)pthread_mutex_unlock(&ev->lock);
		buffer_free(&l->text);
		free(l);
		add_header(rq, "Retry-After", "30");
		fail(rq, 503, "busy", NULL, "Too many listen already.");
		return;
	}
	l->next = ev->first;
	ev->first = l;
	ev->n++;
	(void)pthread_mutex_unlock(&ev->lock);
	r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 16384,
	    read_events, l, forget);
	if (r == NULL)
		forget(l);
	reply_with(rq, 200, "text/event-stream; charset=utf-8", r);
}
