/* store.c - batches, errors and what all other files of store/ stand on. */
#include "store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "private.h"

#define QUEUE_KEPT ((size_t)16 << 20) /* of an empty one */

static const char *const statements[STATEMENT_COUNT] = {
#define STATEMENT(sym, sql) [STATEMENT_##sym] = (sql),
#include "statements.def"
#undef STATEMENT
};

/* -------------------------------------------------------------------- errors
 */

bool
store_fail(struct store *st, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(st->error, sizeof(st->error), fmt, ap);
	va_end(ap);
	return false;
}

const char *
store_error(const struct store *st)
{
	return st->error;
}

bool
store_damaged(struct store *st, const char *how)
{
	st->damaged = true;
	return store_fail(st,
	    "%s is damaged (%.200s); nothing was changed. Move %s aside to "
	    "begin anew, or put back a copy of it",
	    st->path, how, st->dir);
}

/* Whether the disk, or a quota, or a limit of the process says no. */
static bool
is_no_room(int code)
{
	return (code & 0xff) == SQLITE_FULL || code == SQLITE_IOERR_WRITE ||
	    code == SQLITE_IOERR_TRUNCATE || code == SQLITE_IOERR_SHMSIZE;
}

bool
store_fail_db(struct store *st, const char *doing)
{
	int code =
	    st->db != NULL ? sqlite3_extended_errcode(st->db) : SQLITE_NOMEM;
	int rc = code & 0xff;
	const char *text =
	    st->db != NULL ? sqlite3_errmsg(st->db) : "no memory";

	if (rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB)
		return store_damaged(st, text);
	if (is_no_room(code))
		return store_fail(st,
		    "%s: no room on the disk (%s); %u changes are kept in "
		    "memory and written when there is room",
		    st->path, text, st->queue.rows);
	if (rc == SQLITE_BUSY)
		return store_fail(st,
		    "%s is in use by another program; end it and try again",
		    st->path);
	return store_fail(st, "%s: %s: %s", st->path, doing, text);
}

/* ----------------------------------------------------------------- plain SQL
 */

sqlite3 *
store_db(struct store *st)
{
	return st->db;
}

bool
store_exec(struct store *st, const char *doing, const char *sql)
{
	return sqlite3_exec(st->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
	    store_fail_db(st, doing);
}

int64_t
store_number(struct store *st, const char *sql, int64_t bound, int64_t none)
{
	sqlite3_stmt *s = NULL;
	int64_t n = none;
	int rc = sqlite3_prepare_v2(st->db, sql, -1, &s, NULL);

	if (rc == SQLITE_OK && sqlite3_bind_parameter_count(s) > 0)
		rc = sqlite3_bind_int64(s, 1, bound);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	if (rc == SQLITE_ROW && sqlite3_column_type(s, 0) != SQLITE_NULL)
		n = sqlite3_column_int64(s, 0);
	else if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		(void)store_fail_db(st, "reading it");
	(void)sqlite3_finalize(s);
	return n;
}

/* ------------------------------------------------------------------- reading
 */

bool
store_each(struct store *st, enum table_id table, const char *tail,
    int64_t bound, void *subject, size_t size,
    bool (*got)(void *ctx, const void *subject), void *ctx)
{
	char sql[2048];
	sqlite3_stmt *s = NULL;
	bool ok = true;
	int rc = SQLITE_DONE;

	st->error[0] = '\0';
	if (!row_select_sql(&tables[table], tail, sql, sizeof(sql)) ||
	    sqlite3_prepare_v2(st->db, sql, -1, &s, NULL) != SQLITE_OK)
		return store_fail_db(st, "reading it");
	if (sqlite3_bind_parameter_count(s) > 0)
		(void)sqlite3_bind_int64(s, 1, bound);
	while (ok && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		enum row_is is;

		memset(subject, 0, size);
		is = row_read(s, &tables[table], subject);
		if (is == ROW_BAD)
			ok = store_damaged(st, tables[table].name);
		else if (is == ROW_OK)
			ok = got(ctx, subject);
	}
	if (ok && rc != SQLITE_DONE)
		ok = store_fail_db(st, "reading it");
	(void)sqlite3_finalize(s);
	return ok;
}

/* ------------------------------------------------------------------- writing
 */

static sqlite3_stmt *
statement_of(struct store *st, uint32_t id)
{
	char sql[4096];
	const char *text = statements[id];

	if (st->stmt[id] != NULL)
		return st->stmt[id];
	if (id < TABLE_COUNT && row_insert_sql(&tables[id], sql, sizeof(sql)))
		text = sql;
	if (text == NULL ||
	    sqlite3_prepare_v3(st->db, text, -1, SQLITE_PREPARE_PERSISTENT,
		&st->stmt[id], NULL) != SQLITE_OK)
		return NULL;
	return st->stmt[id];
}

/* Trying again would not help. */
static bool
is_refusal(int rc)
{
	rc &= 0xff;
	return rc == SQLITE_CONSTRAINT || rc == SQLITE_RANGE ||
	    rc == SQLITE_MISMATCH || rc == SQLITE_TOOBIG;
}

/* One entry; what the database's rules refuse is left out and said. */
static bool
write_entry(struct store *st, size_t *at, bool *ret_refused)
{
	sqlite3_stmt *s = statement_of(st, queue_statement(&st->queue, *at));
	int rc;

	if (s == NULL)
		return store_fail_db(st, "writing to it");
	rc = queue_bind(&st->queue, at, s);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	if (rc != SQLITE_DONE) {
		*ret_refused |= is_refusal(rc);
		(void)store_fail_db(st, "writing to it");
	}
	(void)sqlite3_reset(s);
	(void)sqlite3_clear_bindings(s);
	return rc == SQLITE_DONE || is_refusal(rc);
}

static void
forget(struct queue *q)
{
	q->n = 0;
	q->rows = 0;
	if (q->cap <= QUEUE_KEPT)
		return;
	free(q->p);
	q->p = NULL;
	q->cap = 0;
}

static bool
write_queue(struct store *st, bool *ret_refused)
{
	bool ok = store_exec(st, "writing to it", "BEGIN IMMEDIATE");

	if (!ok)
		return false;
	for (size_t at = 0; ok && at < st->queue.n;)
		ok = write_entry(st, &at, ret_refused);
	ok = ok && store_exec(st, "writing to it", "COMMIT");
	if (ok)
		forget(&st->queue);
	else /* an error, if SQLite has done so already */
		(void)sqlite3_exec(st->db, "ROLLBACK", NULL, NULL, NULL);
	return ok;
}

bool
store_flush(struct store *st)
{
	bool refused = false, kept;

	if (st->damaged)
		return store_fail(st,
		    "%s is damaged: nothing is written any more", st->path);
	if (st->remote)
		return remote_flush(st);
	/* Frames first: an alert that is there has its frames. */
	kept = evidence_flush(st);
	if (st->queue.n > 0 && !write_queue(st, &refused))
		return false;
	return kept && !refused;
}

bool
store_begin(struct store *st)
{
	if (!st->writes)
		return store_fail(st, "%s is open for reading only", st->path);
	if (st->in_batch)
		return store_fail(st, "a batch was begun already");
	st->error[0] = '\0';
	st->in_batch = true;
	st->mark = st->queue.n;
	st->mark_rows = st->queue.rows;
	st->mark_frames = st->frames.n;
	return true;
}

bool
store_commit(struct store *st)
{
	if (!st->in_batch)
		return store_fail(st, "no batch was begun");
	st->in_batch = false;
	return store_flush(st);
}

static void
forget_all(struct digests *d)
{
	if (d->n > 0)
		memset(d->of, 0, d->n * sizeof(d->of[0]));
}

/* What was queued is not known to be written: it is all written again. */
static void
forget_digests(struct store *st)
{
	for (uint32_t i = 0; i < SAVED_COUNT; i++)
		forget_all(&st->seen[i]);
	for (uint32_t i = 0; i < DEVICE_PARTS; i++)
		forget_all(&st->parts[i]);
}

void
store_rollback(struct store *st)
{
	if (!st->in_batch)
		return;
	st->in_batch = false;
	if (st->queue.n > st->mark)
		forget_digests(st);
	st->known.loaded = false;
	if (st->queue.n > st->mark) {
		st->queue.n = st->mark;
		st->queue.rows = st->mark_rows;
	}
	if (st->frames.n > st->mark_frames)
		st->frames.n = st->mark_frames;
}

bool
store_enter(struct store *st)
{
	return !st->in_batch && store_begin(st);
}

/* Outside a batch what fails is not done, and not kept either. */
bool
store_leave(struct store *st, bool began, bool ok)
{
	if (!began)
		return ok;
	if (ok && store_commit(st))
		return true;
	st->in_batch = true;
	store_rollback(st);
	return false;
}

static bool
queued(struct store *st, bool began)
{
	bool ok = !st->queue.full;

	if (!ok)
		(void)store_fail(st,
		    "%s: %u changes wait already and there is no memory for "
		    "more: they are lost until there is room on the disk",
		    st->path, st->queue.rows);
	return store_leave(st, began, ok);
}

bool
store_row(struct store *st, enum table_id table, const void *subject)
{
	bool began = store_enter(st);

	if (!st->in_batch)
		return false;
	queue_row(&st->queue, &tables[table], table, subject);
	return queued(st, began);
}

bool
store_do(struct store *st, enum statement_id id, const char *types, ...)
{
	bool began = store_enter(st);
	va_list ap;

	if (!st->in_batch)
		return false;
	va_start(ap, types);
	queue_values(&st->queue, id, types, ap);
	va_end(ap);
	return queued(st, began);
}

/* ------------------------------------------------------------------ settings
 */

const char *
store_get(struct store *st, const char *key)
{
	sqlite3_stmt *s = NULL;
	const char *text = NULL;

	free(st->text);
	st->text = NULL;
	if (sqlite3_prepare_v2(st->db,
		"SELECT value FROM setting WHERE key = ?1", -1, &s,
		NULL) == SQLITE_OK &&
	    sqlite3_bind_text(s, 1, key, -1, SQLITE_STATIC) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		text = (const char *)sqlite3_column_text(s, 0);
	else if (sqlite3_errcode(st->db) != SQLITE_DONE)
		(void)store_fail_db(st, "reading it");
	if (text != NULL)
		st->text = strdup(text);
	(void)sqlite3_finalize(s);
	return st->text != NULL ? st->text : "";
}

bool
store_put(struct store *st, const char *key, const char *value)
{
	return store_do(st, STATEMENT_SETTING, "tt", key, value);
}

/* ---------------------------------------------------------------------- end */

void
store_close(struct store *st)
{
	if (st == NULL)
		return;
	if (st->in_batch)
		store_rollback(st);
	/* What could not be written was said to be lost. */
	st->clean = st->writes && !st->damaged && st->queue.n == 0;
	remote_free(st);
	for (uint32_t i = 0; i < STATEMENT_COUNT; i++)
		(void)sqlite3_finalize(st->stmt[i]);
	(void)sqlite3_close(st->db);
	store_unlock(st);
	for (uint32_t i = 0; i < SAVED_COUNT; i++)
		free(st->seen[i].of);
	for (uint32_t i = 0; i < DEVICE_PARTS; i++)
		free(st->parts[i].of);
	free(st->known.of);
	free(st->queue.p);
	free(st->frames.p);
	free(st->text);
	free(st);
}
