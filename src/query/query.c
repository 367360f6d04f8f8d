/*
 * query.c - see query.h: a row as the subject of a condition, and the statement
 * that gives the rows.
 */
#include "private.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../base/nearest.h"
#include "../report/csv.h"

void
query_fail(struct query_error *e, const char *about, uint32_t at,
    const char *fmt, ...)
{
	va_list args;

	e->at = at;
	e->about = about;
	va_start(args, fmt);
	(void)vsnprintf(e->text, sizeof(e->text), fmt, args);
	va_end(args);
}

struct span
list_text(sqlite3_stmt *stmt, uint32_t i)
{
	const unsigned char *p = sqlite3_column_text(stmt, (int)i);
	int n = sqlite3_column_bytes(stmt, (int)i);

	return (struct span){ .p = p, .n = p != NULL ? (uint32_t)n : 0 };
}

static bool
place_of_word(const struct list_column *c, struct span s, uint32_t *ret)
{
	const char *w;

	for (uint32_t i = 0; (w = c->word(i)) != NULL; i++)
		if (strlen(w) == s.n &&
		    strncasecmp(w, (const char *)s.p, s.n) == 0) {
			*ret = i;
			return true;
		}
	return false;
}

/* The same, remembered. */
static bool
known_word(struct list_row *r, uint32_t column, struct span s, uint32_t *ret)
{
	uint32_t at = (column * 31 + s.n + (s.n > 0 ? s.p[0] * 7u : 0) +
			  (s.n > 1 ? s.p[s.n - 1] * 3u : 0)) %
	    LIST_WORDS;

	if (s.n == 0 || s.n >= sizeof(r->word[at].text))
		return place_of_word(&r->list->column[column], s, ret);
	if (r->word[at].column == column && r->word[at].text[s.n] == '\0' &&
	    memcmp(r->word[at].text, s.p, s.n) == 0) {
		*ret = r->word[at].place;
		return true;
	}
	if (!place_of_word(&r->list->column[column], s, ret))
		return false;
	memset(r->word[at].text, 0, sizeof(r->word[at].text));
	memcpy(r->word[at].text, s.p, s.n);
	r->word[at].column = column;
	r->word[at].place = *ret;
	return true;
}

static int
value_type(const struct list_row *r, uint32_t field)
{
	return r->value != NULL ? sqlite3_value_type(r->value[r->place[field]])
				: sqlite3_column_type(r->stmt, (int)field);
}

static double
value_number(const struct list_row *r, uint32_t field)
{
	return r->value != NULL
	    ? sqlite3_value_double(r->value[r->place[field]])
	    : sqlite3_column_double(r->stmt, (int)field);
}

static bool
value_yes(const struct list_row *r, uint32_t field)
{
	return r->value != NULL
	    ? sqlite3_value_int(r->value[r->place[field]]) != 0
	    : sqlite3_column_int(r->stmt, (int)field) != 0;
}

static struct span
value_text(const struct list_row *r, uint32_t field)
{
	const unsigned char *p;
	int n;

	if (r->value == NULL)
		return list_text(r->stmt, field);
	p = sqlite3_value_text(r->value[r->place[field]]);
	n = sqlite3_value_bytes(r->value[r->place[field]]);
	return (struct span){ .p = p, .n = p != NULL ? (uint32_t)n : 0 };
}

/* One address, or two with a blank between: either will do. */
static bool
get_addr(struct list_row *r, struct span text, struct rule_value *ret)
{
	uint32_t n = 0;

	while (n < text.n && text.p[n] != ' ')
		n++;
	ret->u.addr = &r->addr;
	ret->u.other = NULL;
	if (n < text.n && rule_addr(span_from(text, n + 1), &r->other))
		ret->u.other = &r->other;
	if (rule_addr(span_first(text, n), &r->addr))
		return true;
	ret->u.addr = &r->other;
	return ret->u.other != NULL;
}

static bool
get(const void *subject, uint32_t field, struct rule_value *ret)
{
	/* the address handed out lies in the row: one at a time */
	struct list_row *r = (struct list_row *)(uintptr_t)subject;
	const struct list_column *c = &r->list->column[field];

	if (value_type(r, field) == SQLITE_NULL)
		return false;
	switch (c->type) {
	case RULE_BOOL:
		ret->u.yes = value_yes(r, field);
		return true;
	case RULE_NUMBER:
		ret->u.number = value_number(r, field);
		return true;
	case RULE_NAME:
		return known_word(r, field, value_text(r, field), &ret->u.name);
	case RULE_TEXT:
		ret->u.text = value_text(r, field);
		return true;
	case RULE_ADDR:
		return get_addr(r, value_text(r, field), ret);
	case RULE_TIME:
		return rule_moment(value_text(r, field), &ret->u.time);
	case RULE_TYPE_COUNT:
		break;
	}
	return false;
}

struct rule *
list_compile(const struct list *l, struct rule_field *fields,
    struct rule_schema *schema, const char *text, struct query_error *error)
{
	struct rule_error e;
	struct rule *rule;

	for (uint32_t i = 0; i < l->n; i++)
		fields[i] = (struct rule_field){ .name = l->column[i].name,
			.type = l->column[i].type,
			.ordered = l->column[i].ordered,
			.round = i >= l->n - l->hidden,
			.word = l->column[i].word };
	*schema = (struct rule_schema){ .what = l->noun,
		.field = fields,
		.n = l->n,
		.get = get };
	rule = rule_compile(schema, span_text(text), &e);
	if (rule == NULL)
		query_fail(error, "where", e.at, "%s", e.text);
	return rule;
}

/* list_matches(row, columns the condition asks for ...) */
static void
matches(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct list_row *r = sqlite3_value_pointer(v[0], LIST_POINTER);

	(void)n;
	if (r == NULL) {
		sqlite3_result_error(c, "list_matches: not from here", -1);
		return;
	}
	r->value = v;
	sqlite3_result_int(c, rule_matches(r->rule, r));
}

bool
list_functions(struct store *st)
{
	return sqlite3_create_function(store_db(st), "list_matches", -1,
		   SQLITE_UTF8, NULL, matches, NULL, NULL) == SQLITE_OK &&
	    sqlite3_create_function(store_db(st), "op_name", 2,
		SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, programming_op_name,
		NULL, NULL) == SQLITE_OK;
}

/* --------------------------------------------------------------------- SQL */

static _Thread_local const struct list *asked; /* by nearest() */

static const char *
column_name(uint32_t i)
{
	return i < asked->n ? asked->column[i].name : NULL;
}

int
list_find(const struct list *l, const char *name, size_t n,
    struct query_error *e)
{
	char typed[64];
	const char *near;

	for (uint32_t i = 0; i < l->n; i++)
		if (strlen(l->column[i].name) == n &&
		    memcmp(l->column[i].name, name, n) == 0)
			return (int)i;
	(void)snprintf(typed, sizeof(typed), "%.*s", (int)n, name);
	asked = l;
	near = nearest(typed, column_name);
	if (near != NULL)
		query_fail(e, "sort", 0, "no field '%s'; did you mean %s?",
		    typed, near);
	else
		query_fail(e, "sort", 0, "%s have no field '%s'", l->noun,
		    typed);
	return -1;
}

void
sql_add(struct sql *s, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(s->text + s->n, sizeof(s->text) - s->n, fmt, args);
	va_end(args);
	if (n > 0 && (size_t)n < sizeof(s->text) - s->n)
		s->n += (size_t)n;
}

/* Names that have an order are sorted by their place in it. */
void
sql_add_key(struct sql *s, const struct list_column *c)
{
	const char *w;

	if (!c->ordered || c->word == NULL) {
		sql_add(s, "\"%s\"", c->name);
		return;
	}
	sql_add(s, "case \"%s\"", c->name);
	for (uint32_t i = 0; (w = c->word(i)) != NULL; i++)
		sql_add(s, " when '%s' then %" PRIu32, w, i);
	sql_add(s, " end");
}

static bool
add_order(struct sql *s, const struct list *l, const char *sort,
    struct query_error *e)
{
	const char *comma = "";

	if (sort == NULL) {
		sql_add(s, " order by %s", l->order);
		return true;
	}
	sql_add(s, " order by ");
	while (*sort != '\0') {
		size_t n = strcspn(sort, ",");
		bool down = *sort == '-';
		int i = list_find(l, sort + down, n - down, e);

		if (i < 0)
			return false;
		sql_add(s, "%s", comma);
		sql_add_key(s, &l->column[i]);
		sql_add(s, "%s", down ? " desc" : "");
		comma = ", ";
		sort += n + (sort[n] == ',');
	}
	return true;
}

sqlite3_stmt *
list_prepare(const struct list *l, struct store *db, const char *sort,
    struct query_error *e)
{
	struct sql s = { .n = 0 };
	sqlite3_stmt *stmt = NULL;

	sql_add(&s, "select ");
	for (uint32_t i = 0; i < l->n; i++)
		sql_add(&s, "%s\"%s\"", i > 0 ? ", " : "", l->column[i].name);
	sql_add(&s, " from %s", l->view);
	if (!add_order(&s, l, sort, e))
		return NULL;
	if (sqlite3_prepare_v2(store_db(db), s.text, -1, &stmt, NULL) !=
	    SQLITE_OK)
		query_fail(e, NULL, 0, "%s", sqlite3_errmsg(store_db(db)));
	return stmt;
}

/* -------------------------------------------------------------- one row */

sqlite3_stmt *
list_ask(struct list_more *m, const char *sql, int64_t key)
{
	uint32_t i = 0;

	while (i < LIST_MORE - 1 && m->sql[i] != NULL && m->sql[i] != sql)
		i++;
	if (m->sql[i] != sql) {
		(void)sqlite3_finalize(m->stmt[i]);
		m->stmt[i] = NULL;
		m->sql[i] = NULL;
		if (sqlite3_prepare_v2(store_db(m->store), sql, -1, &m->stmt[i],
			NULL) != SQLITE_OK)
			return NULL;
		m->sql[i] = sql;
	}
	(void)sqlite3_reset(m->stmt[i]);
	(void)sqlite3_bind_int64(m->stmt[i], 1, key);
	return m->stmt[i];
}

void
list_more_end(struct list_more *m)
{
	for (uint32_t i = 0; i < LIST_MORE; i++) {
		(void)sqlite3_finalize(m->stmt[i]);
		m->stmt[i] = NULL;
		m->sql[i] = NULL;
	}
	free(m->alert);
	m->alert = NULL;
}

static void
put_column(struct out *o, const struct list_column *c, sqlite3_stmt *stmt,
    uint32_t i)
{
	int type = sqlite3_column_type(stmt, (int)i);

	if (type == SQLITE_NULL) {
		json_none(o, c->name);
	} else if (c->type == RULE_BOOL) {
		json_bool(o, c->name, sqlite3_column_int(stmt, (int)i) != 0);
	} else if (c->type == RULE_NUMBER && type == SQLITE_FLOAT) {
		json_key(o, c->name);
		out_real(o, sqlite3_column_double(stmt, (int)i));
	} else if (c->type == RULE_NUMBER) {
		json_key(o, c->name);
		out_i64(o, sqlite3_column_int64(stmt, (int)i));
	} else {
		json_span(o, c->name, list_text(stmt, i));
	}
}

void
list_put_json(struct out *o, const struct list *l, sqlite3_stmt *stmt)
{
	json_open(o, '{');
	for (uint32_t i = 0; i < l->n - l->hidden; i++)
		put_column(o, &l->column[i], stmt, i);
	json_close(o, '}');
}

void
list_put_csv(struct out *o, const struct list *l, sqlite3_stmt *stmt)
{
	for (uint32_t i = 0; i < l->n - l->hidden; i++)
		csv_span(o, list_text(stmt, i));
	csv_end(o);
}

void
list_put_csv_head(struct out *o, const struct list *l)
{
	for (uint32_t i = 0; i < l->n - l->hidden; i++)
		csv_span(o, span_text(l->column[i].name));
	csv_end(o);
}

/* ----------------------------------------------------------------- selecting
 */

int64_t
list_select(const struct list *l, struct store *db, const char *where,
    uint32_t *ret, uint32_t most, struct query_error *e)
{
	struct rule_field fields[LIST_COLUMNS];
	struct rule_schema schema;
	struct rule *rule = list_compile(l, fields, &schema, where, e);
	sqlite3_stmt *stmt = rule != NULL ? list_prepare(l, db, NULL, e) : NULL;
	struct list_row row = { .list = l, .stmt = stmt };
	int64_t n = 0;

	while (stmt != NULL && sqlite3_step(stmt) == SQLITE_ROW) {
		if (!rule_matches(rule, &row))
			continue;
		if (n < most)
			ret[n] = (uint32_t)sqlite3_column_int64(stmt, 0);
		n++;
	}
	(void)sqlite3_finalize(stmt);
	rule_free(rule);
	return stmt != NULL ? n : -1;
}
