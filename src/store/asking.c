/* asking.c - what may be asked of devices, and what was. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "private.h"

bool
store_put_asking(struct store *st, struct asking *a)
{
	bool is_new = a->id == 0;

	if (is_new)
		a->id = st->next_asking++;
	if (store_row(st, TABLE_ASKING, a))
		return true;
	if (is_new)
		a->id = 0;
	return false;
}

struct looking {
	bool (*got)(void *ctx, const struct asking *);
	void *ctx;
};

static bool
got_row(void *ctx, const void *row)
{
	const struct looking *l = ctx;

	return l->got(l->ctx, row);
}

bool
store_each_asking(struct store *st,
    bool (*got)(void *ctx, const struct asking *), void *ctx)
{
	struct looking l = { .got = got, .ctx = ctx };
	struct asking row;

	return store_each(st, TABLE_ASKING, "ORDER BY id", 0, &row, sizeof(row),
	    got_row, &l);
}

static bool
copy_row(void *ctx, const void *row)
{
	memcpy(ctx, row, sizeof(struct asking));
	return true;
}

bool
store_get_asking(struct store *st, uint32_t id, struct asking *ret)
{
	struct asking row;

	memset(ret, 0, sizeof(*ret));
	if (!store_each(st, TABLE_ASKING, "WHERE id = ?1", id, &row,
		sizeof(row), copy_row, ret))
		return false;
	return (ret->id == id && id != 0) ||
	    store_fail(st, "there is no grant %u in %s", id, st->dir);
}

bool
store_delete_asking(struct store *st, uint32_t id)
{
	return store_do(st, STATEMENT_ASKING_GONE, "i", (int64_t)id);
}

/* ------------------------------------------------------------- what came of it
 */

/* False: there is none, or it cannot be read. */
static bool
last_time(struct store *st, const struct asked_address *of,
    struct asked_address *ret)
{
	char sql[1024], text[ADDR_TEXT_MAX];
	sqlite3_stmt *s = NULL;
	bool found;

	if (!row_select_sql(&tables[TABLE_ASKED],
		"WHERE method = ?1 AND ip = ?2", sql, sizeof(sql)) ||
	    sqlite3_prepare_v2(st->db, sql, -1, &s, NULL) != SQLITE_OK)
		return false;
	memset(ret, 0, sizeof(*ret));
	(void)sqlite3_bind_text(s, 1, of->method, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(s, 2, ip_text(&of->ip, text), -1,
	    SQLITE_STATIC);
	found = sqlite3_step(s) == SQLITE_ROW &&
	    row_read(s, &tables[TABLE_ASKED], ret) == ROW_OK;
	(void)sqlite3_finalize(s);
	return found;
}

/* An address that says nothing this time has not changed. */
bool
store_put_asked_of(struct store *st, struct asked_address *a, bool was_asked)
{
	struct asked_address was;

	if (last_time(st, a, &was)) {
		if (!was_asked)
			return true;
		memcpy(a->before, was.before, sizeof(a->before));
		a->changed = was.changed;
		if (a->found[0] == '\0') {
			memcpy(a->found, was.found, sizeof(a->found));
		} else if (was.found[0] != '\0' &&
		    strcmp(a->found, was.found) != 0) {
			memcpy(a->before, was.found, sizeof(a->before));
			a->changed = a->at;
		}
	}
	return store_row(st, TABLE_ASKED, a);
}
