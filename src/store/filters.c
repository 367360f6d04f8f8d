/*
 * filters.c - capture filters that people added, as rows of `setting`: there
 * are a few, and who opens the state with another version passes them over.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "private.h"

static void
take(sqlite3_stmt *s, int column, char *dst, size_t cap)
{
	const char *text = (const char *)sqlite3_column_text(s, column);

	(void)snprintf(dst, cap, "%s", text != NULL ? text : "");
}

bool
store_filters(struct store *st, struct said_filter *ret, uint32_t *ret_n)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(st->db,
	    "SELECT CAST(substr(key, 8) AS INTEGER) AS number, value ->> 'of', "
	    "value ->> 'take', value ->> 'condition' FROM setting WHERE key "
	    "GLOB 'filter.[1-9]*' AND json_valid(value) ORDER BY number",
	    -1, &s, NULL);

	*ret_n = 0;
	while (rc == SQLITE_OK && *ret_n < STORE_FILTERS &&
	    (rc = sqlite3_step(s)) == SQLITE_ROW) {
		struct said_filter *f = &ret[(*ret_n)++];

		f->number = (uint32_t)sqlite3_column_int64(s, 0);
		take(s, 1, f->of, sizeof(f->of));
		take(s, 2, f->take, sizeof(f->take));
		take(s, 3, f->condition, sizeof(f->condition));
		rc = SQLITE_OK;
	}
	(void)sqlite3_finalize(s);
	return rc == SQLITE_OK || rc == SQLITE_DONE ||
	    store_fail_db(st, "reading capture filters");
}

bool
store_put_filter(struct store *st, const struct said_filter *f, struct tick at)
{
	char key[24], when[TIME_TEXT_MAX], *text;
	json_t *j;
	bool ok;

	(void)snprintf(key, sizeof(key), "filter.%u", f->number);
	if (f->condition[0] == '\0')
		return store_put(st, key, "");
	j = json_pack("{s:s, s:s, s:s, s:s}", "of", f->of, "take", f->take,
	    "condition", f->condition, "at", time_text(at, when));
	text = j != NULL ? json_dumps(j, JSON_COMPACT) : NULL;
	ok = text != NULL ? store_put(st, key, text)
			  : store_fail(st, "out of memory");
	free(text);
	json_decref(j);
	return ok;
}
