/*
 * open.c - a state directory is opened, or refused.
 *
 * A database of a newer version is looked at read only, and left as it is.
 * One whose last writer did not end cleanly is checked first.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "private.h"

struct peek {
	int64_t application, version, tables;
	bool left; /* a change is to be taken back before it can be read */
};

static bool
make_folders(struct store *st)
{
	char path[STORE_PATH];
	int fd;

	if (mkdir(st->dir, 0700) != 0 && errno != EEXIST)
		return store_fail(st, "%s cannot be made: %s", st->dir,
		    strerror(errno));
	(void)snprintf(path, sizeof(path), "%s/evidence", st->dir);
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return store_fail(st, "%s cannot be made: %s", path,
		    strerror(errno));
	/* SQLite gives its other files the mode of this one. */
	fd = open(st->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return store_fail(st, "%s cannot be made: %s", st->path,
		    strerror(errno));
	(void)close(fd);
	return true;
}

bool
store_connect(struct store *st, const char *path, int flags)
{
	int rc = sqlite3_open_v2(path, &st->db,
	    flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

	if (rc != SQLITE_OK)
		return store_fail_db(st, "opening it");
	(void)sqlite3_busy_timeout(st->db, 5000);
	(void)sqlite3_db_config(st->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(st->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0,
	    NULL);
	return store_exec(st, "opening it",
	    "PRAGMA cell_size_check = ON; PRAGMA foreign_keys = ON; "
	    "PRAGMA synchronous = NORMAL; PRAGMA secure_delete = OFF; "
	    "PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -65536; "
	    "PRAGMA temp_store = MEMORY");
}

static bool
connect_to(struct store *st, int flags)
{
	return store_connect(st, st->path, flags);
}

static bool
look_as(struct store *st, int flags, struct peek *ret)
{
	bool ok = connect_to(st, flags);

	if (ok) {
		ret->application =
		    store_number(st, "PRAGMA application_id", 0, -1);
		ret->version = store_number(st, "PRAGMA user_version", 0, -1);
		ret->tables = store_number(st,
		    "SELECT count(*) FROM sqlite_schema", 0, -1);
		ok = ret->application >= 0 && ret->version >= 0 &&
		    ret->tables >= 0;
	}
	ret->left = !ok && sqlite3_errcode(st->db) == SQLITE_READONLY_ROLLBACK;
	(void)sqlite3_close(st->db);
	st->db = NULL;
	return ok;
}

/* Made by a process that died over it: only a writer can take back what was
 * begun. */
static bool
look(struct store *st, enum store_for how, struct peek *ret)
{
	if (look_as(st, SQLITE_OPEN_READONLY, ret))
		return true;
	if (!ret->left)
		return false;
	if (how == STORE_READING)
		return store_fail(st,
		    "%s was not made to the end; the next command that writes "
		    "to it mends it",
		    st->path);
	st->error[0] = '\0';
	return look_as(st, SQLITE_OPEN_READWRITE, ret);
}

static bool
accept_peek(struct store *st, const struct peek *p, enum store_for how)
{
	if (p->tables == 0 && p->version == 0) {
		if (how == STORE_MAKING)
			return true;
		return store_fail(st, "%s has nothing in it yet", st->path);
	}
	if (p->application != STORE_APPLICATION)
		return store_fail(st,
		    "%s is a database, but not one of Sightglass; use another "
		    "directory",
		    st->path);
	if (p->version > STORE_VERSION)
		return store_fail(st,
		    "%s was written by a newer version of Sightglass (schema "
		    "%lld, this one knows %d); nothing was changed: use the "
		    "newer version",
		    st->path, (long long)p->version, STORE_VERSION);
	if (p->version < STORE_VERSION && how == STORE_READING)
		return store_fail(st,
		    "%s was written by an older version of Sightglass (schema "
		    "%lld); it is brought up to date by the first command that "
		    "writes to it",
		    st->path, (long long)p->version);
	return true;
}

/* After a writer that did not end cleanly. */
static bool
check_whole(struct store *st)
{
	sqlite3_stmt *s = NULL;
	bool ok = false;

	if (sqlite3_prepare_v2(st->db, "PRAGMA quick_check(1)", -1, &s, NULL) ==
		SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(s, 0);

		ok = text != NULL && strcmp(text, "ok") == 0;
		if (!ok && text != NULL)
			(void)store_damaged(st, text);
	}
	if (!ok && st->error[0] == '\0')
		(void)store_fail_db(st, "checking it");
	(void)sqlite3_finalize(s);
	return ok;
}

static uint32_t
next_of(struct store *st, const char *sql)
{
	int64_t n = store_number(st, sql, 0, 0);

	return n >= 0 && n < UINT32_MAX ? (uint32_t)n + 1 : UINT32_MAX;
}

#define HIGHEST(table, column)                                              \
	"SELECT max(coalesce((SELECT max(" column ") FROM " table "), 0), " \
	"coalesce((SELECT seq FROM sqlite_sequence WHERE name = '" table    \
	"'), 0))"

bool
store_next_numbers(struct store *st)
{
	st->next_alert = next_of(st, HIGHEST("alert", "number"));
	st->next_rule = next_of(st, HIGHEST("rule", "id"));
	st->next_allow = next_of(st, HIGHEST("allow", "id"));
	st->next_asking = next_of(st, HIGHEST("asking", "id"));
	st->next_windows = next_of(st, HIGHEST("windows_range", "id"));
	st->next_device = next_of(st, HIGHEST("device", "id"));
	return st->error[0] == '\0';
}

static bool
prepare_writing(struct store *st, const struct peek *p, bool unclean,
    bool checks)
{
	bool is_new = p->tables == 0;

	if (is_new &&
	    !store_exec(st, "making it",
		"PRAGMA auto_vacuum = INCREMENTAL; "
		"PRAGMA application_id = 0x5367476c"))
		return false;
	if (!store_exec(st, "opening it", "PRAGMA journal_mode = WAL"))
		return false;
	if (unclean && !is_new && checks && !check_whole(st))
		return false;
	if (p->version < STORE_VERSION && !store_migrate(st, (int)p->version))
		return false;
	if (!store_next_numbers(st) ||
	    ((unclean || is_new) && !evidence_remove_strays(st)))
		return false;
	st->writes = true;
	return store_put_kinds(st);
}

static bool
open_all(struct store *st, enum store_for how)
{
	bool unclean = false, again = how == STORE_AGAIN;
	struct peek p;
	struct stat is;

	how = again ? STORE_MAKING : how;
	st->again = true;
	if (stat(st->path, &is) != 0 && how != STORE_MAKING)
		return store_fail(st,
		    "%s: no state of Sightglass here (%s); `sightglass read "
		    "--state DIR` makes one",
		    st->dir, strerror(errno));
	if (how == STORE_MAKING && !make_folders(st))
		return false;
	if (how != STORE_READING && !store_lock(st, &unclean))
		return false;
	if (!look(st, how, &p) || !accept_peek(st, &p, how))
		return false;
	if (!connect_to(st,
		how == STORE_READING ? SQLITE_OPEN_READONLY
				     : SQLITE_OPEN_READWRITE))
		return false;
	return how == STORE_READING || prepare_writing(st, &p, unclean, !again);
}

struct store *
store_open(const char *dir, enum store_for how,
    char ret_error[static STORE_ERROR])
{
	struct store *st = calloc(1, sizeof(*st));

	ret_error[0] = '\0';
	if (st == NULL) {
		(void)snprintf(ret_error, STORE_ERROR, "no memory");
		return NULL;
	}
	st->lock = -1;
	if (strlen(dir) >= sizeof(st->dir)) {
		(void)snprintf(ret_error, STORE_ERROR,
		    "the name of the directory is too long");
		free(st);
		return NULL;
	}
	memcpy(st->dir, dir, strlen(dir) + 1);
	(void)snprintf(st->path, sizeof(st->path), "%s/state.db", dir);
	if (open_all(st, how))
		return st;
	memcpy(ret_error, st->error, STORE_ERROR);
	store_close(st);
	return NULL;
}
