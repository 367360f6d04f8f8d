/* open.c - people.db is opened, or made. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "private.h"

#define VERSION 2

static const char schema[] =
    "CREATE TABLE user (name TEXT PRIMARY KEY, role TEXT NOT NULL, password "
    "TEXT NOT NULL, totp TEXT, totp_step INTEGER NOT NULL DEFAULT 0, outside "
    "INTEGER NOT NULL DEFAULT 0, locked INTEGER NOT NULL DEFAULT 0, created "
    "INTEGER NOT NULL, changed INTEGER NOT NULL, last INTEGER NOT NULL "
    "DEFAULT 0) STRICT;"
    "CREATE TABLE session (hash BLOB PRIMARY KEY, user TEXT NOT NULL "
    "REFERENCES user ON DELETE CASCADE, csrf TEXT NOT NULL, began INTEGER "
    "NOT NULL, seen INTEGER NOT NULL, source TEXT NOT NULL, agent TEXT NOT "
    "NULL) STRICT;"
    "CREATE TABLE token (id INTEGER PRIMARY KEY AUTOINCREMENT, hash BLOB NOT "
    "NULL UNIQUE, user TEXT NOT NULL REFERENCES user ON DELETE CASCADE, name "
    "TEXT NOT NULL, role TEXT NOT NULL, created INTEGER NOT NULL, expires "
    "INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE TABLE known (user TEXT NOT NULL REFERENCES user ON DELETE "
    "CASCADE, source TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (user, "
    "source)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE view (owner TEXT NOT NULL REFERENCES user ON DELETE "
    "CASCADE, noun TEXT NOT NULL, name TEXT NOT NULL, shared INTEGER NOT "
    "NULL, query TEXT NOT NULL, PRIMARY KEY (owner, noun, name)) STRICT, "
    "WITHOUT ROWID;"
    "PRAGMA user_version = 1";

/* To version 2: when a directory confirmed its users last. */
static const char upgrade[] =
    "ALTER TABLE user ADD COLUMN checked INTEGER NOT NULL DEFAULT 0;"
    "PRAGMA user_version = 2";

static _Thread_local char why[PEOPLE_ERROR];

bool
people_fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	return false;
}

const char *
people_error(const struct people *p)
{
	(void)p;
	return why;
}

bool
people_fail_db(struct people *p)
{
	return people_fail("the users' database: %s", sqlite3_errmsg(p->db));
}

static bool
open_db(struct people *p, const char *home)
{
	char path[4200];
	sqlite3_stmt *s = NULL;
	int version = 0, fd;

	if (mkdir(home, 0700) != 0 && errno != EEXIST)
		return people_fail("%.150s: %s", home, strerror(errno));
	(void)snprintf(path, sizeof(path), "%s/people.db", home);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return people_fail("%.150s: %s", path, strerror(errno));
	(void)close(fd);
	if (sqlite3_open_v2(path, &p->db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX,
		NULL) != SQLITE_OK)
		return people_fail_db(p);
	(void)sqlite3_busy_timeout(p->db, 5000);
	(void)sqlite3_db_config(p->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if (sqlite3_exec(p->db,
		"PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; PRAGMA "
		"synchronous = FULL; PRAGMA secure_delete = ON; BEGIN "
		"IMMEDIATE",
		NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(p->db, "PRAGMA user_version", -1, &s, NULL) !=
		SQLITE_OK)
		return people_fail_db(p);
	if (sqlite3_step(s) == SQLITE_ROW)
		version = sqlite3_column_int(s, 0);
	(void)sqlite3_finalize(s);
	if (version > VERSION)
		return people_fail("%.150s was written by a newer version",
		    path);
	if ((version == 0 &&
		sqlite3_exec(p->db, schema, NULL, NULL, NULL) != SQLITE_OK) ||
	    (version < VERSION &&
		sqlite3_exec(p->db, upgrade, NULL, NULL, NULL) != SQLITE_OK) ||
	    sqlite3_exec(p->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		return people_fail_db(p);
	return true;
}

struct people *
people_open(const char *home, const struct people_limits *limits,
    char ret_error[static PEOPLE_ERROR])
{
	struct people *p = calloc(1, sizeof(*p));
	pthread_mutexattr_t again;

	if (p == NULL || sodium_init() < 0) {
		(void)snprintf(ret_error, PEOPLE_ERROR, "out of memory");
		free(p);
		return NULL;
	}
	(void)pthread_mutexattr_init(&again);
	(void)pthread_mutexattr_settype(&again, PTHREAD_MUTEX_RECURSIVE);
	(void)pthread_mutex_init(&p->lock, &again);
	(void)pthread_mutexattr_destroy(&again);
	(void)pthread_mutex_init(&p->hashing, NULL);
	(void)pthread_cond_init(&p->hashed, NULL);
	p->limits = *limits;
	p->gate = gate_new();
	password_of_nobody(p->dummy);
	if (p->gate != NULL && open_db(p, home))
		return p;
	(void)snprintf(ret_error, PEOPLE_ERROR, "%s",
	    p->gate != NULL ? why : "out of memory");
	people_close(p);
	return NULL;
}

void
people_close(struct people *p)
{
	if (p == NULL)
		return;
	(void)sqlite3_close(p->db);
	gate_free(p->gate);
	(void)pthread_cond_destroy(&p->hashed);
	(void)pthread_mutex_destroy(&p->hashing);
	(void)pthread_mutex_destroy(&p->lock);
	free(p);
}

sqlite3_stmt *
people_sql(struct people *p, const char *sql)
{
	sqlite3_stmt *s = NULL;

	(void)pthread_mutex_lock(&p->lock);
	if (sqlite3_prepare_v2(p->db, sql, -1, &s, NULL) == SQLITE_OK)
		return s;
	(void)people_fail_db(p);
	(void)pthread_mutex_unlock(&p->lock);
	return NULL;
}

bool
people_done(struct people *p, sqlite3_stmt *s)
{
	int rc;

	do
		rc = sqlite3_step(s);
	while (rc == SQLITE_ROW);
	if (rc != SQLITE_DONE)
		(void)people_fail_db(p);
	(void)sqlite3_finalize(s);
	(void)pthread_mutex_unlock(&p->lock);
	return rc == SQLITE_DONE;
}

bool
people_end(struct people *p, sqlite3_stmt *s)
{
	bool good = sqlite3_finalize(s) == SQLITE_OK || people_fail_db(p);

	(void)pthread_mutex_unlock(&p->lock);
	return good;
}

bool
people_do(struct people *p, const char *sql, const char *text)
{
	sqlite3_stmt *s = people_sql(p, sql);

	if (s == NULL)
		return false;
	if (text != NULL)
		(void)sqlite3_bind_text(s, 1, text, -1, SQLITE_TRANSIENT);
	return people_done(p, s);
}

void
column_copy(sqlite3_stmt *s, int column, char *dst, size_t cap)
{
	const unsigned char *text = sqlite3_column_text(s, column);

	(void)snprintf(dst, cap, "%s", text != NULL ? (const char *)text : "");
}
