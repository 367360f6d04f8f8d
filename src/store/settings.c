/*
 * settings.c - what people set while the sensor runs, as a file beside the
 * database: for who starts the sensor, and reads no database.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "private.h"

#define TEXT_MOST 16384u

/* "key = value" lines, in order of their keys; false: it cannot be read. */
static bool
settings_text(struct store *st, char dst[static TEXT_MOST])
{
	sqlite3_stmt *s = NULL;
	size_t n = 0;
	int rc = sqlite3_prepare_v2(st->db,
	    "SELECT substr(key, 6), value FROM setting WHERE key GLOB 'conf.*' "
	    "AND value <> '' ORDER BY key",
	    -1, &s, NULL);

	dst[0] = '\0';
	while (
	    rc == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW && n < TEXT_MOST)
		n += (size_t)snprintf(dst + n, TEXT_MOST - n, "%s = \"%s\"\n",
		    (const char *)sqlite3_column_text(s, 0),
		    (const char *)sqlite3_column_text(s, 1));
	(void)sqlite3_finalize(s);
	return rc == SQLITE_OK && n < TEXT_MOST;
}

static bool
is_written(const char *path, const char *text)
{
	char now[TEXT_MOST] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = fd >= 0 ? read(fd, now, sizeof(now) - 1) : 0;

	if (fd >= 0)
		(void)close(fd);
	return n >= 0 && (size_t)n == strlen(text) &&
	    memcmp(now, text, (size_t)n) == 0;
}

/* Whole or not at all. */
static bool
write_whole(struct store *st, const char *path, const char *text)
{
	char temp[STORE_PATH + 40];
	size_t n = strlen(text);
	int fd;

	(void)snprintf(temp, sizeof(temp), "%s.new", path);
	(void)unlink(temp);
	fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0 && write(fd, text, n) == (ssize_t)n && fsync(fd) == 0 &&
	    close(fd) == 0 && rename(temp, path) == 0)
		return true;
	return store_fail(st, "%s: %s", path, strerror(errno));
}

bool
store_write_settings(struct store *st, bool *ret_changed)
{
	char path[STORE_PATH + 32], text[TEXT_MOST];

	*ret_changed = false;
	(void)snprintf(path, sizeof(path), "%s/" STORE_SETTINGS, st->dir);
	if (!settings_text(st, text))
		return store_fail(st, "the settings cannot be read");
	if (is_written(path, text))
		return true;
	*ret_changed = true;
	return write_whole(st, path, text);
}
