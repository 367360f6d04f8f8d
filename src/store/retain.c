/*
 * retain.c - what is old makes room.
 *
 * By age first, then by size, oldest first; alerts that are open, and their
 * frames, never.  All of the database's part is one transaction.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "private.h"

#define DAY_NS (86400 * TICK_SECOND)

/* One statement with one or two numbers; how many rows it changed. */
static bool
run(struct store *st, const char *sql, int64_t a, int64_t b, int *ret_changed)
{
	sqlite3_stmt *s = NULL;
	bool ok;

	ok = sqlite3_prepare_v2(st->db, sql, -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_bind_int64(s, 1, a) == SQLITE_OK &&
	    (sqlite3_bind_parameter_count(s) < 2 ||
		sqlite3_bind_int64(s, 2, b) == SQLITE_OK) &&
	    sqlite3_step(s) == SQLITE_DONE;
	if (!ok)
		(void)store_fail_db(st, "removing what is old");
	(void)sqlite3_finalize(s);
	*ret_changed = ok ? sqlite3_changes(st->db) : 0;
	return ok;
}

static int64_t
before(struct tick now, uint32_t days)
{
	return now.ns - (int64_t)days * DAY_NS;
}

/* ------------------------------------------------------------------- by age */

static bool
close_quiet(struct store *st, const struct retention *r, struct tick now)
{
	int changed;

	return run(st,
		   "INSERT INTO timeline (at, who, what, about, text) "
		   "SELECT ?2, 'sensor', 'close', 'alert ' || number, "
		   "'quiet for a long time: ' || slug FROM alert "
		   "WHERE status <> 'closed' AND last < ?1 ORDER BY number",
		   before(now, r->close_days), now.ns, &changed) &&
	    run(st,
		"UPDATE alert SET status = 'closed' "
		"WHERE status <> 'closed' AND last < ?1",
		before(now, r->close_days), 0, &changed);
}

static bool
remove_traffic(struct store *st, const struct retention *r, struct tick now)
{
	const struct {
		int64_t seconds;
		uint32_t days;
	} spans[] = {
		{ 60, r->minutes_days },
		{ 3600, r->hours_days },
		{ 86400, r->days_days },
	};
	int changed;

	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++)
		if (!run(st,
			"DELETE FROM traffic WHERE seconds = ?2 AND what IN "
			"('all', 'port', 'protocol', 'device') AND at < ?1",
			before(now, spans[i].days), spans[i].seconds, &changed))
			return false;
	return true;
}

static bool
remove_old(struct store *st, const struct retention *r, struct tick now)
{
	int changed;

	return run(st,
		   "DELETE FROM alert WHERE status = 'closed' AND last < ?1",
		   before(now, r->alert_days), 0, &changed) &&
	    run(st, "INSERT INTO retaining VALUES (?1)",
		before(now, r->timeline_days), 0, &changed) &&
	    run(st, "DELETE FROM timeline WHERE at < ?1",
		before(now, r->timeline_days), 0, &changed) &&
	    run(st, "DELETE FROM conversation WHERE last < ?1",
		before(now, r->conv_days), 0, &changed) &&
	    remove_traffic(st, r, now);
}

/* ------------------------------------------------------------------ by size */

static int64_t
bytes_used(struct store *st)
{
	int64_t pages = store_number(st, "PRAGMA page_count", 0, 0);
	int64_t empty = store_number(st, "PRAGMA freelist_count", 0, 0);
	int64_t size = store_number(st, "PRAGMA page_size", 0, 4096);

	return (pages - empty) * size;
}

/* The oldest of each kind, a handful at a time, until it fits. */
static bool
shrink(struct store *st, uint64_t most)
{
	static const char *const oldest[] = {
		"DELETE FROM alert WHERE number IN (SELECT number FROM alert "
		"WHERE status = 'closed' ORDER BY last LIMIT ?1)",
		"DELETE FROM conversation WHERE id IN (SELECT id FROM "
		"conversation ORDER BY last LIMIT ?1)",
		"DELETE FROM timeline WHERE id IN (SELECT id FROM timeline "
		"ORDER BY at LIMIT ?1)",
		/* the oldest minutes and hours */
		"DELETE FROM traffic WHERE seconds = 60 AND what IN ('all', "
		"'port', 'protocol', 'device') AND at <= (SELECT max(at) FROM "
		"(SELECT at FROM traffic WHERE seconds = 60 AND what = 'all' "
		"ORDER BY at LIMIT ?1 / 50))",
		"DELETE FROM traffic WHERE seconds = 3600 AND what IN ('all', "
		"'port', 'protocol', 'device') AND at <= (SELECT max(at) FROM "
		"(SELECT at FROM traffic WHERE seconds = 3600 AND what = 'all' "
		"ORDER BY at LIMIT ?1 / 500))",
	};
	int changed, all = 1;

	if (!run(st, "UPDATE retaining SET before = ?1", INT64_MAX, 0,
		&changed))
		return false;
	while (all > 0 && bytes_used(st) > (int64_t)most) {
		all = 0;
		for (size_t i = 0; i < sizeof(oldest) / sizeof(oldest[0]);
		     i++) {
			if (!run(st, oldest[i], 1000, 0, &changed))
				return false;
			all += changed;
		}
	}
	return true;
}

static bool
retain_rows(struct store *st, const struct retention *r, struct tick now)
{
	int changed;

	if (!store_exec(st, "removing what is old", "BEGIN IMMEDIATE"))
		return false;
	if (close_quiet(st, r, now) && remove_old(st, r, now) &&
	    shrink(st, r->database_bytes) &&
	    run(st, "DELETE FROM retaining WHERE before <= ?1", INT64_MAX, 0,
		&changed) &&
	    run(st,
		"DELETE FROM operation WHERE ?1 AND conversation NOT IN "
		"(SELECT id FROM conversation)",
		1, 0, &changed) &&
	    store_exec(st, "removing what is old", "COMMIT"))
		return true;
	(void)sqlite3_exec(st->db, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

/* ------------------------------------------------------------------ evidence
 */

enum owner {
	OWNER_NONE,
	OWNER_CLOSED,
	OWNER_OPEN
};

struct kept {
	uint32_t number;
	enum owner owner;
	int64_t last; /* of its alert */
	uint64_t bytes;
};

struct kept_list {
	struct kept *of;
	size_t n, cap;
	uint64_t bytes;
};

static bool
keep(struct kept_list *l, const struct kept *k)
{
	if (l->n == l->cap) {
		size_t cap = l->cap > 0 ? 2 * l->cap : 256;
		struct kept *p = realloc(l->of, cap * sizeof(p[0]));

		if (p == NULL)
			return false;
		l->of = p;
		l->cap = cap;
	}
	l->of[l->n++] = *k;
	l->bytes += k->bytes;
	return true;
}

static bool
look_at(struct store *st, int dir, const char *name, struct kept_list *l)
{
	struct kept k = { .number = evidence_number(name) };
	struct stat is;
	int64_t owner;

	if (k.number == 0 || fstatat(dir, name, &is, AT_SYMLINK_NOFOLLOW) != 0)
		return true;
	k.bytes = (uint64_t)is.st_size;
	owner = store_number(st,
	    "SELECT iif(status = 'closed', 1, 2) FROM alert WHERE number = ?1",
	    k.number, 0);
	k.owner = owner == 0 ? OWNER_NONE
	    : owner == 1     ? OWNER_CLOSED
			     : OWNER_OPEN;
	if (k.owner != OWNER_NONE)
		k.last = store_number(st,
		    "SELECT last FROM alert WHERE number = ?1", k.number, 0);
	return keep(l, &k);
}

static int
by_age(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;

	if (x->owner != y->owner)
		return x->owner < y->owner ? -1 : 1;
	if (x->last != y->last)
		return x->last < y->last ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

/* Frames whose alert is gone go; then the oldest, while it is too much. */
static bool
remove_files(struct store *st, struct kept_list *l, uint64_t most)
{
	char path[EVIDENCE_PATH];

	if (l->n > 0)
		qsort(l->of, l->n, sizeof(l->of[0]), by_age);
	for (size_t i = 0; i < l->n; i++) {
		const struct kept *k = &l->of[i];

		if (k->owner == OWNER_OPEN ||
		    (k->owner == OWNER_CLOSED && l->bytes <= most))
			break;
		evidence_path(st, k->number, path);
		if (unlink(path) != 0 && errno != ENOENT)
			return store_fail(st, "%s cannot be removed: %s", path,
			    strerror(errno));
		l->bytes -= k->bytes;
	}
	return true;
}

static bool
retain_evidence(struct store *st, uint64_t most)
{
	struct kept_list l = { 0 };
	char path[STORE_PATH];
	struct dirent *e;
	bool ok = true;
	DIR *d;

	(void)snprintf(path, sizeof(path), "%s/evidence", st->dir);
	d = opendir(path);
	if (d == NULL)
		return errno == ENOENT ||
		    store_fail(st, "%s: %s", path, strerror(errno));
	while (ok && (e = readdir(d)) != NULL)
		ok = look_at(st, dirfd(d), e->d_name, &l);
	ok = ok && remove_files(st, &l, most);
	(void)closedir(d);
	free(l.of);
	return ok;
}

bool
store_retain(struct store *st, const struct retention *r, struct tick now)
{
	if (!st->writes || st->in_batch)
		return store_fail(st,
		    "old data is removed by the writer, between batches");
	st->error[0] = '\0';
	return store_flush(st) && retain_rows(st, r, now) &&
	    retain_evidence(st, r->evidence_bytes) &&
	    store_exec(st, "giving room back", "PRAGMA incremental_vacuum");
}
