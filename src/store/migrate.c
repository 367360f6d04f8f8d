/*
 * migrate.c - the schema, made or brought up to date.
 *
 * All steps are one transaction: a database is of the old version or of the
 * new one, never between.  Before an old one is touched a copy is kept beside
 * it as state.db.v<N>.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "private.h"

/* Line by line: a literal may not be longer than 4095 bytes. */
static const char *const schema[] = {
#include "schema_sql.h"
};
#define LINES (sizeof(schema) / sizeof(schema[0]))

static bool
is_head(const char *line)
{
	return strncmp(line, "--- ", 4) == 0;
}

/* The lines of a section as one text, to be freed; NULL when there is none,
 * or no memory. */
static char *
section(const char *head)
{
	size_t from = 0, to, size = 1, n = 0;
	char *text;

	while (from < LINES && strcmp(schema[from], head) != 0)
		from++;
	if (from == LINES)
		return NULL;
	for (to = ++from; to < LINES && !is_head(schema[to]); to++)
		size += strlen(schema[to]);
	text = malloc(size);
	for (; text != NULL && from < to; from++) {
		size_t len = strlen(schema[from]);

		memcpy(text + n, schema[from], len);
		n += len;
	}
	if (text != NULL)
		text[n] = '\0';
	return text;
}

static bool
run_section(struct store *st, const char *head)
{
	char *sql = section(head);
	bool ok;

	if (sql == NULL)
		return store_fail(st, "no memory for the schema");
	ok = store_exec(st, "bringing it up to date", sql);
	free(sql);
	return ok;
}

static bool
run_sections(struct store *st, int version)
{
	char text[64];

	for (; version < STORE_VERSION; version++) {
		(void)snprintf(text, sizeof(text), "--- version %d\n",
		    version + 1);
		if (!run_section(st, text))
			return false;
	}
	(void)snprintf(text, sizeof(text), "PRAGMA user_version = %d",
	    STORE_VERSION);
	return run_section(st, "--- views\n") &&
	    store_exec(st, "bringing it up to date", text);
}

/* ------------------------------------------------------------------ the copy
 */

static bool
copy_into(struct store *st, const char *path)
{
	sqlite3 *to = NULL;
	sqlite3_backup *b;
	int rc = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE, NULL);

	if (rc == SQLITE_OK) {
		b = sqlite3_backup_init(to, "main", st->db, "main");
		if (b != NULL) {
			(void)sqlite3_backup_step(b, -1);
			(void)sqlite3_backup_finish(b);
		}
		rc = sqlite3_errcode(to);
	}
	if (rc != SQLITE_OK)
		(void)store_fail(st,
		    "%s: a copy cannot be made before the database is brought "
		    "up to date: %s; nothing was changed",
		    path, sqlite3_errstr(rc));
	(void)sqlite3_close(to);
	return rc == SQLITE_OK;
}

static bool
keep_copy(struct store *st, int version)
{
	char path[STORE_PATH + 32], temp[STORE_PATH + 40];
	int fd;

	(void)snprintf(path, sizeof(path), "%s.v%d", st->path, version);
	(void)snprintf(temp, sizeof(temp), "%s.new", path);
	(void)unlink(temp);
	fd = open(temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return store_fail(st, "%s: %s", temp, strerror(errno));
	(void)close(fd);
	if (copy_into(st, temp) && rename(temp, path) == 0)
		return true;
	if (st->error[0] == '\0')
		(void)store_fail(st, "%s: %s", path, strerror(errno));
	(void)unlink(temp);
	return false;
}

bool
store_migrate(struct store *st, int version)
{
	bool is_new =
	    store_number(st, "SELECT count(*) FROM sqlite_schema", 0, 0) == 0;

	if (!is_new && !keep_copy(st, version))
		return false;
	if (!store_exec(st, "bringing it up to date", "BEGIN IMMEDIATE"))
		return false;
	if (run_sections(st, version) &&
	    store_exec(st, "bringing it up to date", "COMMIT"))
		return true;
	(void)sqlite3_exec(st->db, "ROLLBACK", NULL, NULL, NULL);
	return false;
}
