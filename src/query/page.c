/*
 * page.c - a page of a list; see query.h.
 *
 * The condition is asked of every row, by a function in the statement, with
 * only those columns that it needs; only rows that fulfil it are sorted, and
 * what the page shows is then fetched row by row, where the list can seek.  So
 * a filter over 100 000 alerts does not format 100 000 alerts.
 *
 * A cursor is base64url of a JSON array: a hash of what was asked for, the
 * total, and the values of the last row's sort keys.
 */
#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "../base/hash.h"
#include "private.h"

#define KEYS 8u

struct sort {
	uint32_t n;
	struct {
		uint32_t column;
		bool down;
	} key[KEYS];
};

struct paging {
	const struct list *list;
	struct store *store;
	const struct page_request *asked;
	struct query_error *error;
	struct sort sort;
	struct rule_field fields[LIST_COLUMNS];
	struct rule_schema schema;
	struct rule *rule;
	json_t *after; /* the values of a cursor; NULL: from the start */
	uint64_t hash; /* of what is asked for */
	bool seeks;
	struct sqlite3_stmt *scan, *one;
	struct list_row row; /* what the condition is asked of */
};

/* ------------------------------------------------------------------- order */

static bool
add_sort(struct paging *p, const char *name, size_t n, bool down)
{
	int i = list_find(p->list, name, n, p->error);

	if (i < 0)
		return false;
	for (uint32_t k = 0; k < p->sort.n; k++)
		if (p->sort.key[k].column == (uint32_t)i)
			return true; /* the first word on it counts */
	if (p->sort.n == KEYS) {
		query_fail(p->error, "sort", 0, "at most %u fields", KEYS);
		return false;
	}
	p->sort.key[p->sort.n].column = (uint32_t)i;
	p->sort.key[p->sort.n++].down = down;
	return true;
}

static bool
read_sort(struct paging *p, const char *text)
{
	while (text != NULL && *text != '\0') {
		size_t n = strcspn(text, ",");
		bool down = *text == '-';

		if (!add_sort(p, text + down, n - down, down))
			return false;
		text += n + (text[n] == ',');
	}
	return true;
}

/* What was asked for, and what makes it an order of all rows. */
static bool
find_sort(struct paging *p)
{
	const struct list *l = p->list;

	return read_sort(p,
		   p->asked->sort != NULL ? p->asked->sort : l->sort) &&
	    read_sort(p, l->key != NULL ? l->key : l->column[0].name);
}

/* ------------------------------------------------------------------ cursor */

static void
hash_asked(struct paging *p)
{
	const char *part[] = { p->list->noun, p->asked->where, p->asked->sort };

	for (uint32_t i = 0; i < 3; i++)
		if (part[i] != NULL)
			p->hash = hash_bytes(part[i], strlen(part[i]) + 1,
			    p->hash + i);
	p->hash >>= 12; /* fits a number of JSON */
}

static bool
read_cursor(struct paging *p, struct page *ret)
{
	char text[CURSOR_TEXT];
	size_t n;
	json_t *all;

	if (p->asked->cursor == NULL)
		return true;
	if (sodium_base642bin((unsigned char *)text, sizeof(text),
		p->asked->cursor, strlen(p->asked->cursor), NULL, &n, NULL,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
		n = 0;
	all = json_loadb(text, n, 0, NULL);
	if (json_array_size(all) == p->sort.n + 2 &&
	    json_integer_value(json_array_get(all, 0)) == (json_int_t)p->hash) {
		ret->total = json_integer_value(json_array_get(all, 1));
		p->after = all;
		return true;
	}
	json_decref(all);
	query_fail(p->error, "cursor", 0,
	    "this is no cursor of this list with this condition and order");
	return false;
}

static json_t *
value_of(struct sqlite3_stmt *s, int column)
{
	switch (sqlite3_column_type(s, column)) {
	case SQLITE_INTEGER:
		return json_integer(sqlite3_column_int64(s, column));
	case SQLITE_FLOAT:
		return json_real(sqlite3_column_double(s, column));
	case SQLITE_TEXT:
		return json_stringn((const char *)sqlite3_column_text(s,
					column),
		    (size_t)sqlite3_column_bytes(s, column));
	default:
		return json_null();
	}
}

/* Of the row at hand. */
static void
write_cursor(struct paging *p, struct page *ret)
{
	json_t *all = json_array();
	char text[CURSOR_TEXT];
	size_t n;

	(void)json_array_append_new(all, json_integer((json_int_t)p->hash));
	(void)json_array_append_new(all, json_integer(ret->total));
	for (uint32_t i = 0; i < p->sort.n; i++)
		(void)json_array_append_new(all,
		    value_of(p->scan, (int)(p->list->n + i)));
	n = json_dumpb(all, text, sizeof(text), JSON_COMPACT);
	json_decref(all);
	ret->next[0] = '\0';
	if (n > 0 && n < sizeof(text) / 4 * 3 - 2)
		(void)sodium_bin2base64(ret->next, sizeof(ret->next),
		    (const unsigned char *)text, n,
		    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* --------------------------------------------------------------------- SQL */

static void
add_key(struct sql *s, const struct paging *p, uint32_t i)
{
	const struct list_column *c = &p->list->column[p->sort.key[i].column];

	if (c->type == RULE_TIME && p->list->ns)
		sql_add(s, "\"%s_ns\"", c->name);
	else
		sql_add_key(s, c);
}

/* After the row of the cursor: equal in the first keys, beyond it in one.
 * NULL comes first upwards, last downwards. */
static void
add_after(struct sql *s, const struct paging *p)
{
	sql_add(s, "(");
	for (uint32_t i = 0; i < p->sort.n; i++) {
		bool none = json_is_null(json_array_get(p->after, i + 2));
		bool down = p->sort.key[i].down;

		sql_add(s, "%s(", i > 0 ? " or " : "");
		for (uint32_t k = 0; k < i; k++) {
			add_key(s, p, k);
			sql_add(s, " is ?%" PRIu32 " and ", k + 1);
		}
		add_key(s, p, i);
		if (none)
			sql_add(s,
			    down ? " is not null and 0" : " is not null");
		else
			sql_add(s, " %c ?%" PRIu32, down ? '<' : '>', i + 1);
		if (!none && down) {
			sql_add(s, " or (");
			for (uint32_t k = 0; k < i; k++) {
				add_key(s, p, k);
				sql_add(s, " is ?%" PRIu32 " and ", k + 1);
			}
			add_key(s, p, i);
			sql_add(s, " is null)");
		}
		sql_add(s, ")");
	}
	sql_add(s, ")");
}

static void
bind_after(const struct paging *p)
{
	for (uint32_t i = 0; i < p->sort.n; i++) {
		const json_t *v = json_array_get(p->after, i + 2);
		int at = (int)i + 1;

		if (json_is_integer(v))
			(void)sqlite3_bind_int64(p->scan, at,
			    json_integer_value(v));
		else if (json_is_real(v))
			(void)sqlite3_bind_double(p->scan, at,
			    json_real_value(v));
		else if (json_is_string(v))
			(void)sqlite3_bind_text(p->scan, at,
			    json_string_value(v), -1, SQLITE_TRANSIENT);
	}
}

static bool
prepare(struct paging *p, const struct sql *s, struct sqlite3_stmt **ret)
{
	if (sqlite3_prepare_v2(store_db(p->store), s->text, -1, ret, NULL) ==
	    SQLITE_OK)
		return true;
	query_fail(p->error, NULL, 0, "%s", sqlite3_errmsg(store_db(p->store)));
	return false;
}

/* "list_matches(?, columns the condition asks for)" */
static void
add_condition(struct sql *s, struct paging *p)
{
	uint8_t n = 1;

	sql_add(s, "list_matches(?%u", KEYS + 1);
	for (uint32_t i = 0; i < p->list->n; i++)
		if (rule_asks(p->rule, i)) {
			p->row.place[i] = n++;
			sql_add(s, ", \"%s\"", p->list->column[i].name);
		}
	sql_add(s, ")");
}

/* A condition looks at all rows: they come as they lie, and what is left is
 * sorted; the plus keeps an index from giving the order. */
static void
add_order(struct sql *s, const struct paging *p)
{
	for (uint32_t i = 0; i < p->sort.n; i++) {
		sql_add(s, "%s%s", i > 0 ? ", " : " order by ",
		    p->rule != NULL ? "+" : "");
		add_key(s, p, i);
		sql_add(s, "%s", p->sort.key[i].down ? " desc" : "");
	}
}

static bool
prepare_scan(struct paging *p)
{
	const struct list *l = p->list;
	struct sql s = { .n = 0 };

	sql_add(&s, "select ");
	for (uint32_t i = 0; i < l->n; i++)
		if (!p->seeks || (i == 0 && p->asked->keys))
			sql_add(&s, "\"%s\", ", l->column[i].name);
		else
			sql_add(&s, "null, ");
	for (uint32_t i = 0; i < p->sort.n; i++) {
		sql_add(&s, "%s", i > 0 ? ", " : "");
		add_key(&s, p, i);
	}
	sql_add(&s, " from %s", l->view);
	if (p->after != NULL || p->rule != NULL)
		sql_add(&s, " where ");
	if (p->after != NULL)
		add_after(&s, p);
	if (p->rule != NULL) {
		sql_add(&s, "%s", p->after != NULL ? " and " : "");
		add_condition(&s, p);
	}
	add_order(&s, p);
	if (p->rule == NULL && p->asked->limit > 0)
		sql_add(&s, " limit %" PRIu32, p->asked->limit + 1);
	if (!prepare(p, &s, &p->scan))
		return false;
	p->row.list = l;
	p->row.rule = p->rule;
	if (p->after != NULL)
		bind_after(p);
	return p->rule == NULL ||
	    sqlite3_bind_pointer(p->scan, KEYS + 1, &p->row, LIST_POINTER,
		NULL) == SQLITE_OK;
}

static bool
prepare_one(struct paging *p)
{
	const struct list *l = p->list;
	struct sql s = { .n = 0 };

	if (!p->seeks || p->asked->keys)
		return true;
	sql_add(&s, "select ");
	for (uint32_t i = 0; i < l->n; i++)
		sql_add(&s, "%s\"%s\"", i > 0 ? ", " : "", l->column[i].name);
	sql_add(&s, " from %s where \"%s\" = ?1", l->view,
	    l->key != NULL ? l->key : l->column[0].name);
	return prepare(p, &s, &p->one);
}

static bool
count_all(struct paging *p, struct page *ret)
{
	struct sql s = { .n = 0 };
	struct sqlite3_stmt *stmt;

	sql_add(&s, "select count(*) from %s",
	    p->list->rows != NULL ? p->list->rows : p->list->view);
	if (!prepare(p, &s, &stmt))
		return false;
	if (sqlite3_step(stmt) == SQLITE_ROW)
		ret->total = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return true;
}

/* -------------------------------------------------------------------- rows */

/* The value of the list's key in the row at hand: it is sorted by. */
static int64_t
key_of(const struct paging *p)
{
	const char *key =
	    p->list->key != NULL ? p->list->key : p->list->column[0].name;

	for (uint32_t i = 0; i < p->sort.n; i++)
		if (strcmp(p->list->column[p->sort.key[i].column].name, key) ==
		    0)
			return sqlite3_column_int64(p->scan,
			    (int)(p->list->n + i));
	return 0;
}

static bool
hand_out(struct paging *p, bool (*row)(void *, struct sqlite3_stmt *),
    void *ctx)
{
	bool more = true;

	if (!p->seeks || p->asked->keys)
		return row(ctx, p->scan);
	(void)sqlite3_bind_int64(p->one, 1, key_of(p));
	if (sqlite3_step(p->one) == SQLITE_ROW)
		more = row(ctx, p->one);
	(void)sqlite3_reset(p->one);
	return more;
}

static bool
scan(struct paging *p, bool (*row)(void *, struct sqlite3_stmt *), void *ctx,
    struct page *ret)
{
	bool counts = p->rule != NULL && p->after == NULL, full = false;
	uint32_t limit = p->asked->limit;
	int rc;

	if (counts)
		ret->total = 0;
	while ((rc = sqlite3_step(p->scan)) == SQLITE_ROW) {
		if (counts)
			ret->total++;
		if (limit > 0 && ret->n == limit) {
			full = true;
			if (!counts)
				break;
			continue;
		}
		ret->n++;
		if (!hand_out(p, row, ctx))
			return true;
		if (limit > 0 && ret->n == limit)
			write_cursor(p, ret);
	}
	if (!full)
		ret->next[0] = '\0';
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		return true;
	query_fail(p->error, NULL, 0, "%s", sqlite3_errmsg(store_db(p->store)));
	return false;
}

/* The cursor was written before all was counted. */
static void
correct_total(struct paging *p, struct page *ret)
{
	unsigned char text[CURSOR_TEXT];
	size_t n;
	json_t *all;

	if (ret->next[0] == '\0' || p->rule == NULL || p->after != NULL ||
	    sodium_base642bin(text, sizeof(text), ret->next, strlen(ret->next),
		NULL, &n, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
		return;
	all = json_loadb((const char *)text, n, 0, NULL);
	(void)json_array_set_new(all, 1, json_integer(ret->total));
	n = json_dumpb(all, (char *)text, sizeof(text), JSON_COMPACT);
	json_decref(all);
	if (n > 0 && n < sizeof(text) / 4 * 3 - 2)
		(void)sodium_bin2base64(ret->next, sizeof(ret->next), text, n,
		    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool
list_page(const struct list *l, struct store *store,
    const struct page_request *asked,
    bool (*row)(void *, struct sqlite3_stmt *), void *ctx, struct page *ret,
    struct query_error *error)
{
	struct paging p = { .list = l,
		.store = store,
		.asked = asked,
		.error = error,
		.seeks = l->seek && asked->limit > 0 };
	bool good;

	*ret = (struct page){ .n = 0 };
	if (asked->where != NULL) {
		p.rule =
		    list_compile(l, p.fields, &p.schema, asked->where, error);
		if (p.rule == NULL)
			return false;
	}
	hash_asked(&p);
	good = find_sort(&p) && read_cursor(&p, ret) &&
	    (p.rule != NULL || p.after != NULL || count_all(&p, ret)) &&
	    prepare_scan(&p) && prepare_one(&p) && scan(&p, row, ctx, ret);
	if (good)
		correct_total(&p, ret);
	(void)sqlite3_finalize(p.scan);
	(void)sqlite3_finalize(p.one);
	json_decref(p.after);
	rule_free(p.rule);
	return good;
}
