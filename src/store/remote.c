/*
 * remote.c - a store whose rows another process writes.
 *
 *	engine: rows, frames ──▶ shipment 7, 8, 9 ──▶ keeper: one transaction,
 *	            ▲                                  with the number 7
 *	            └────────── 7 is written ────────────────┘
 *
 * A shipment is kept until it is acknowledged, and sent again to a keeper
 * that was started anew.  The number of the last one stands in the database,
 * written in the same transaction: what comes twice is written once.  Frames
 * of alerts are appended to files before that; a first shipment, which may
 * have come before, is compared with how the files end (evidence.c).
 *
 * The other side is not trusted: its bytes are checked before they are used,
 * and can only be rows of our tables and values of our statements.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

#define BATCH_KEY "keeper.batch"

/* ------------------------------------------------------------------ engine */

/* The path as a URI of SQLite's: what has a meaning there is escaped. */
static bool
uri_of(const char *path, char *dst, size_t cap)
{
	size_t n = 0;

	(void)snprintf(dst, cap, "file:");
	n = strlen(dst);
	for (; *path != '\0' && n + 40 < cap; path++) {
		bool plain = strchr("?#%", *path) == NULL;

		(void)snprintf(dst + n, cap - n, plain ? "%c" : "%%%02x",
		    (unsigned char)*path);
		n += strlen(dst + n);
	}
	(void)snprintf(dst + n, cap - n, "?readonly_shm=1");
	return *path == '\0';
}

/* A first look opens all files that any later one needs. */
static bool
begin_reading(struct store *st)
{
	char uri[STORE_PATH + 64];

	if (!uri_of(st->path, uri, sizeof(uri)))
		return store_fail(st, "%s: the name is too long", st->path);
	if (!store_connect(st, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI))
		return false;
	if (store_number(st, "PRAGMA user_version", 0, -1) != STORE_VERSION)
		return store_fail(st, "%s is not ready to be read", st->path);
	return store_next_numbers(st);
}

struct store *
store_remote(const char *dir, uint64_t last, char ret_error[static STORE_ERROR])
{
	struct store *st = calloc(1, sizeof(*st));

	ret_error[0] = '\0';
	if (st == NULL || strlen(dir) >= sizeof(st->dir)) {
		(void)snprintf(ret_error, STORE_ERROR, "out of memory");
		free(st);
		return NULL;
	}
	st->lock = -1;
	memcpy(st->dir, dir, strlen(dir) + 1);
	(void)snprintf(st->path, sizeof(st->path), "%s/state.db", dir);
	st->remote = st->writes = true;
	st->shipping.number = last;
	if (begin_reading(st))
		return st;
	memcpy(ret_error, st->error, STORE_ERROR);
	store_close(st);
	return NULL;
}

bool
remote_flush(struct store *st)
{
	struct shipping *s = &st->shipping;
	struct shipment *new;
	size_t n = st->queue.n + st->frames.n;

	if (n == 0)
		return true;
	new = n <= UINT32_MAX ? malloc(sizeof(*new) + n) : NULL;
	if (new == NULL)
		return store_fail(st, "no memory for what is to be written");
	*new = (struct shipment){ .number = ++s->number,
		.rows = (uint32_t)st->queue.n,
		.frames = (uint32_t)st->frames.n };
	memcpy(new->bytes, st->queue.p, st->queue.n);
	if (st->frames.n > 0)
		memcpy(new->bytes + st->queue.n, st->frames.p, st->frames.n);
	*(s->first == NULL ? &s->first : &s->last->next) = new;
	s->last = new;
	s->bytes += n;
	st->queue.n = st->frames.n = 0;
	st->queue.rows = 0;
	return true;
}

const struct shipment *
store_shipment(const struct store *st, uint64_t after)
{
	const struct shipment *s = st->shipping.first;

	while (s != NULL && s->number <= after)
		s = s->next;
	return s;
}

void
store_acknowledge(struct store *st, uint64_t number)
{
	struct shipping *s = &st->shipping;

	while (s->first != NULL && s->first->number <= number) {
		struct shipment *gone = s->first;

		s->first = gone->next;
		s->bytes -= (size_t)gone->rows + gone->frames;
		free(gone);
	}
	if (s->first == NULL)
		s->last = NULL;
}

uint64_t
store_shipped(const struct store *st)
{
	return st->shipping.number;
}

size_t
store_waiting(const struct store *st)
{
	return st->shipping.bytes;
}

void
remote_free(struct store *st)
{
	store_acknowledge(st, UINT64_MAX);
}

/* ------------------------------------------------------------------ keeper */

uint64_t
store_batch(struct store *st)
{
	if (!st->batch_known)
		st->batch = strtoull(store_get(st, BATCH_KEY), NULL, 10);
	st->batch_known = true;
	return st->batch;
}

static bool
copy_into(struct queue *q, struct span s, uint32_t rows)
{
	uint8_t *p = q->p;

	if (s.n > q->cap) {
		p = realloc(q->p, s.n);
		if (p == NULL)
			return false;
		q->p = p;
		q->cap = s.n;
	}
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	q->n = s.n;
	q->rows = rows;
	return true;
}

/* Frames are one blob an entry, and whole blocks of pcapng. */
static bool
frames_fit(struct span s)
{
	for (uint32_t at = 0, size, n; at < s.n; at += size) {
		memcpy(&size, s.p + at, sizeof(size));
		memcpy(&n, s.p + at + 4, sizeof(n));
		if (size < 13 || n == 0 || s.p[at + 8] != VALUE_BLOB)
			return false;
		memcpy(&n, s.p + at + 9, sizeof(n));
		if (n % 4 != 0 || n != size - 13)
			return false;
	}
	return true;
}

static void
drop_batch(struct store *st)
{
	st->queue.n = st->frames.n = 0;
	st->queue.rows = 0;
	st->in_batch = false;
}

static bool
take_batch(struct store *st, uint64_t number, struct span rows,
    struct span frames, bool *ret_bad)
{
	uint32_t n_rows = 0, n_frames = 0;
	char text[24];

	if (!queue_check(rows, STATEMENT_COUNT, &n_rows) ||
	    !queue_check(frames, UINT32_MAX, &n_frames) ||
	    !frames_fit(frames)) {
		rows = frames = SPAN(NULL, 0);
		*ret_bad = true;
	}
	if (!copy_into(&st->queue, rows, n_rows) ||
	    !copy_into(&st->frames, frames, n_frames))
		return store_fail(st, "no memory for a batch");
	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	st->in_batch = true;
	return store_put(st, BATCH_KEY, text);
}

bool
store_apply(struct store *st, uint64_t number, struct span rows,
    struct span frames)
{
	bool ok, bad = false;

	if (number <= store_batch(st))
		return true;
	drop_batch(st);
	st->error[0] = '\0';
	if (!take_batch(st, number, rows, frames, &bad)) {
		drop_batch(st);
		return false;
	}
	st->in_batch = false;
	ok = store_flush(st);
	/* what the tables refuse, and frames without room, are said and left:
	 * the rest is written */
	if (st->queue.n > 0) {
		drop_batch(st);
		return false;
	}
	st->frames.n = 0;
	st->batch = number;
	st->again = false;
	if (bad)
		(void)store_fail(st,
		    "batch %llu was none: nothing of it was written",
		    (unsigned long long)number);
	return ok || st->error[0] != '\0';
}

/* -------------------------------------------------------------------- live */

bool
store_put_live(struct store *st, const char *key, struct tick at,
    const char *json)
{
	return store_do(st, STATEMENT_LIVE, "tit", key, at.ns, json);
}

bool
store_clear_live(struct store *st)
{
	return store_do(st, STATEMENT_LIVE_GONE, "");
}
