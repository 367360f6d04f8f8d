/* list.c - see list.h. */
#include "list.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "../report/csv.h"
#include "cli.h"
#include "output.h"

#define ROWS_SHOWN 60u
#define SQL_MAX 8192u
#define GROUPS 4096u
#define VALUE_MAX 256u

/* ----------------------------------------------------------------- options */

static const char *const format_names[] = { "text", "json", "csv", NULL };

static bool
take_limit(struct list_request *r, const struct options *o)
{
	char *end;

	r->limit = strtoull(o->value, &end, 10);
	if (*o->value >= '0' && *o->value <= '9' && *end == '\0' &&
	    r->limit > 0)
		return true;
	complain("%s: --limit %s: must be a number above 0", o->command,
	    o->value);
	return false;
}

bool
list_take(struct list_request *r, const struct options *o, int option)
{
	switch (option) {
	case LIST_OPT_STATE:
		r->state = o->value;
		return true;
	case LIST_OPT_FORMAT:
		r->format = options_choice(o, "format", format_names);
		return r->format >= 0;
	case LIST_OPT_WHERE:
		r->where = o->value;
		return true;
	case LIST_OPT_SORT:
		r->sort = o->value;
		return true;
	case LIST_OPT_GROUP:
		r->group = o->value;
		return true;
	case LIST_OPT_LIMIT:
		return take_limit(r, o);
	case LIST_OPT_ALL:
		r->all = true;
		return true;
	case LIST_OPT_COLOR:
		r->colour = options_choice(o, "color", colour_names);
		return r->colour >= 0;
	default:
		return false;
	}
}

void
list_help(const struct list *l)
{
	(void)printf("\nfields:\n");
	for (uint32_t i = 0; i < l->n; i++)
		(void)printf("  %-18s %s\n", l->column[i].name,
		    l->column[i].help);
}

/* --------------------------------------------------- a row as a rule's subject
 */

struct row {
	const struct list *list;
	sqlite3_stmt *stmt;
	struct addr addr, other; /* what get() hands out */
};

static struct span
text_of(sqlite3_stmt *stmt, uint32_t i)
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

/* One address, or two with a blank between: either will do. */
static bool
get_addr(struct row *r, struct span text, struct rule_value *ret)
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
	struct row *r = (struct row *)(uintptr_t)subject;
	const struct list_column *c = &r->list->column[field];
	struct span text;

	if (sqlite3_column_type(r->stmt, (int)field) == SQLITE_NULL)
		return false;
	text = text_of(r->stmt, field);
	switch (c->type) {
	case RULE_BOOL:
		ret->u.yes = sqlite3_column_int(r->stmt, (int)field) != 0;
		return true;
	case RULE_NUMBER:
		ret->u.number = sqlite3_column_double(r->stmt, (int)field);
		return true;
	case RULE_NAME:
		return place_of_word(c, text, &ret->u.name);
	case RULE_TEXT:
		ret->u.text = text;
		return true;
	case RULE_ADDR:
		return get_addr(r, text, ret);
	case RULE_TIME:
		return rule_moment(text, &ret->u.time);
	case RULE_TYPE_COUNT:
		break;
	}
	return false;
}

static struct rule *
compile(const struct list *l, struct rule_field *fields,
    struct rule_schema *schema, const char *text)
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
	if (rule == NULL) {
		complain("%s: --where: %s", l->noun, e.text);
		(void)fprintf(stderr, "  %s\n  %*s^\n", text, (int)e.at, "");
	}
	return rule;
}

/* --------------------------------------------------------------------- SQL */

static const struct list *asked; /* by nearest() */

static const char *
column_name(uint32_t i)
{
	return i < asked->n ? asked->column[i].name : NULL;
}

/* A column by name, or -1 after complaining. */
static int
find_column(const struct list *l, const char *option, const char *name,
    size_t n)
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
		complain("%s: --%s: no field '%s'; did you mean %s?", l->noun,
		    option, typed, near);
	else
		complain("%s: --%s: no field '%s'; see 'sightglass help %s'",
		    l->noun, option, typed, l->noun);
	return -1;
}

struct sql {
	char text[SQL_MAX];
	size_t n;
};

static void add(struct sql *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
add(struct sql *s, const char *fmt, ...)
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
static void
add_key(struct sql *s, const struct list_column *c, bool down)
{
	const char *w;

	if (!c->ordered || c->word == NULL) {
		add(s, "\"%s\"%s", c->name, down ? " desc" : "");
		return;
	}
	add(s, "case \"%s\"", c->name);
	for (uint32_t i = 0; (w = c->word(i)) != NULL; i++)
		add(s, " when '%s' then %" PRIu32, w, i);
	add(s, " end%s", down ? " desc" : "");
}

static bool
add_order(struct sql *s, const struct list *l, const char *sort)
{
	const char *comma = "";

	if (sort == NULL) {
		add(s, " order by %s", l->order);
		return true;
	}
	add(s, " order by ");
	while (*sort != '\0') {
		size_t n = strcspn(sort, ",");
		bool down = *sort == '-';
		int i = find_column(l, "sort", sort + down, n - down);

		if (i < 0)
			return false;
		add(s, "%s", comma);
		add_key(s, &l->column[i], down);
		comma = ", ";
		sort += n + (sort[n] == ',');
	}
	return true;
}

static sqlite3_stmt *
prepare(const struct list *l, struct store *db, const char *sort)
{
	struct sql s = { .n = 0 };
	sqlite3_stmt *stmt = NULL;

	add(&s, "select ");
	for (uint32_t i = 0; i < l->n; i++)
		add(&s, "%s\"%s\"", i > 0 ? ", " : "", l->column[i].name);
	add(&s, " from %s", l->view);
	if (!add_order(&s, l, sort))
		return NULL;
	if (sqlite3_prepare_v2(store_db(db), s.text, -1, &stmt, NULL) !=
	    SQLITE_OK)
		complain("%s: %s", l->noun, sqlite3_errmsg(store_db(db)));
	return stmt;
}

/* ------------------------------------------------------------------ printing
 */

struct printing {
	const struct list *list;
	const struct list_request *request;
	struct store *store;
	struct out *out;
	struct text_style style;
	struct table table;
	struct column head[TABLE_COLUMNS];
	uint32_t shown[TABLE_COLUMNS]; /* columns of the table */
	uint32_t n_shown;
	uint64_t rows, left_out;
};

static bool
is_real(const struct printing *p, sqlite3_stmt *stmt, uint32_t i)
{
	return p->list->column[i].type == RULE_NUMBER &&
	    sqlite3_column_type(stmt, (int)i) == SQLITE_FLOAT;
}

static void
json_column(struct printing *p, sqlite3_stmt *stmt, uint32_t i)
{
	const struct list_column *c = &p->list->column[i];

	if (sqlite3_column_type(stmt, (int)i) == SQLITE_NULL) {
		json_none(p->out, c->name);
	} else if (c->type == RULE_BOOL) {
		json_bool(p->out, c->name,
		    sqlite3_column_int(stmt, (int)i) != 0);
	} else if (is_real(p, stmt, i)) {
		json_key(p->out, c->name);
		out_real(p->out, sqlite3_column_double(stmt, (int)i));
	} else if (c->type == RULE_NUMBER) {
		json_key(p->out, c->name);
		out_i64(p->out, sqlite3_column_int64(stmt, (int)i));
	} else {
		json_span(p->out, c->name, text_of(stmt, i));
	}
}

static void
put_json(struct printing *p, sqlite3_stmt *stmt)
{
	if (p->list->json != NULL) {
		p->list->json(p->out, p->store, stmt);
		return;
	}
	json_open(p->out, '{');
	for (uint32_t i = 0; i < p->list->n - p->list->hidden; i++)
		json_column(p, stmt, i);
	json_close(p->out, '}');
	out_char(p->out, '\n');
}

static void
put_csv(struct printing *p, sqlite3_stmt *stmt)
{
	for (uint32_t i = 0; i < p->list->n - p->list->hidden; i++)
		csv_span(p->out, text_of(stmt, i));
	csv_end(p->out);
}

static void
put_cell(struct printing *p, sqlite3_stmt *stmt, uint32_t i)
{
	const struct list_column *c = &p->list->column[i];
	struct span text = text_of(stmt, i);
	char copy[VALUE_MAX];

	cell_begin(&p->table);
	if (c->type == RULE_BOOL) {
		cell_text(&p->table,
		    sqlite3_column_int(stmt, (int)i) != 0 ? "yes" : "");
	} else if (c->type == RULE_TIME && text.n >= 19) {
		(void)snprintf(copy, sizeof(copy), "%.10s %.8s",
		    (const char *)text.p, (const char *)text.p + 11);
		cell_text(&p->table, copy);
	} else if (i == p->shown[0] && p->list->ink != NULL) {
		(void)snprintf(copy, sizeof(copy), "%.*s", (int)text.n,
		    (const char *)text.p);
		cell_inked(&p->table, p->list->ink(stmt), copy);
	} else {
		cell_span(&p->table, text);
	}
	cell_end(&p->table);
}

static void
put_row(struct printing *p, sqlite3_stmt *stmt)
{
	uint64_t most = p->request->limit;

	p->rows++;
	if (most == 0 && p->request->format == 0 && !p->request->all)
		most = ROWS_SHOWN;
	if (most != 0 && p->rows > most) {
		p->left_out++;
		return;
	}
	if (p->request->format == 1) {
		put_json(p, stmt);
	} else if (p->request->format == 2) {
		put_csv(p, stmt);
	} else {
		table_row(&p->table);
		for (uint32_t i = 0; i < p->n_shown; i++)
			put_cell(p, stmt, p->shown[i]);
	}
}

static void
begin(struct printing *p)
{
	const struct list *l = p->list;

	for (uint32_t i = 0; i < l->n && p->n_shown < TABLE_COLUMNS; i++) {
		if (l->column[i].head == NULL)
			continue;
		p->head[p->n_shown] =
		    (struct column){ .head = l->column[i].head,
			    .right = l->column[i].type == RULE_NUMBER,
			    .shrink = l->column[i].shrink };
		p->shown[p->n_shown++] = i;
	}
	table_open(&p->table, p->head, p->n_shown);
	if (p->request->format != 2)
		return;
	for (uint32_t i = 0; i < l->n - l->hidden; i++)
		csv_span(p->out, span_text(l->column[i].name));
	csv_end(p->out);
}

static void
finish(struct printing *p)
{
	char count[COUNT_TEXT_MAX];

	if (p->request->format == 0) {
		if (p->rows == 0)
			outf(p->out, "%s\n", p->list->none);
		else
			table_put(p->out, &p->table, &p->style);
		if (p->left_out > 0)
			outf(p->out, "\xe2\x80\xa6 and %s more%s\n",
			    count_text(p->left_out, count),
			    p->request->limit == 0 ? " (--all)" : "");
	}
	table_close(&p->table);
}

/* ------------------------------------------------------------------ grouping
 */

struct group {
	char value[VALUE_MAX];
	uint64_t count;
};

static int
by_count(const void *left, const void *right)
{
	const struct group *a = left, *b = right;

	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	return strcmp(a->value, b->value);
}

static void
count_in(struct group *groups, uint32_t *n, struct span text)
{
	char value[VALUE_MAX];
	uint32_t i = 0;

	(void)snprintf(value, sizeof(value), "%.*s", (int)text.n,
	    text.n > 0 ? (const char *)text.p : "");
	while (i < *n && strcmp(groups[i].value, value) != 0)
		i++;
	if (i == GROUPS)
		i--; /* the rest, under the last */
	else if (i == *n)
		memcpy(groups[(*n)++].value, value, sizeof(value));
	groups[i].count++;
}

static void
put_groups(struct printing *p, const char *name, struct group *groups,
    uint32_t n)
{
	const struct column head[] = { { name, false, true },
		{ "count", true, false } };
	char count[COUNT_TEXT_MAX];

	qsort(groups, n, sizeof(*groups), by_count);
	table_open(&p->table, head, 2);
	if (p->request->format == 2)
		outf(p->out, "%s,count\r\n", name);
	for (uint32_t i = 0; i < n; i++) {
		if (p->request->format == 1) {
			json_open(p->out, '{');
			json_text(p->out, name, groups[i].value);
			json_u64(p->out, "count", groups[i].count);
			json_close(p->out, '}');
			out_char(p->out, '\n');
		} else if (p->request->format == 2) {
			csv_span(p->out, span_text(groups[i].value));
			(void)snprintf(count, sizeof(count), "%" PRIu64,
			    groups[i].count);
			csv_span(p->out, span_text(count));
			csv_end(p->out);
		} else {
			table_row(&p->table);
			table_text(&p->table, groups[i].value);
			table_u64(&p->table, groups[i].count);
		}
	}
	if (p->request->format == 0)
		table_put(p->out, &p->table, &p->style);
	table_close(&p->table);
}

/* ----------------------------------------------------------------- the whole
 */

static int
step_all(struct printing *p, sqlite3_stmt *stmt, const struct rule *rule,
    int group, struct group *groups, uint32_t *n_groups)
{
	struct row row = { .list = p->list, .stmt = stmt };
	int r;

	while ((r = sqlite3_step(stmt)) == SQLITE_ROW) {
		if (rule != NULL && !rule_matches(rule, &row))
			continue;
		if (group >= 0)
			count_in(groups, n_groups,
			    text_of(stmt, (uint32_t)group));
		else
			put_row(p, stmt);
	}
	if (r == SQLITE_DONE)
		return EXIT_DONE;
	complain("%s: %s", p->list->noun, sqlite3_errmsg(store_db(p->store)));
	return EXIT_INTERNAL;
}

static int
print_all(struct printing *p, const struct rule *rule, int group)
{
	struct group *groups = NULL;
	uint32_t n = 0;
	sqlite3_stmt *stmt = prepare(p->list, p->store, p->request->sort);
	int status;

	if (stmt == NULL)
		return EXIT_USAGE;
	if (group >= 0)
		groups = calloc(GROUPS, sizeof(*groups));
	else
		begin(p);
	if (group >= 0 && groups == NULL) {
		(void)sqlite3_finalize(stmt);
		return EXIT_INTERNAL;
	}
	status = step_all(p, stmt, rule, group, groups, &n);
	(void)sqlite3_finalize(stmt);
	if (group >= 0)
		put_groups(p, p->list->column[group].name, groups, n);
	else
		finish(p);
	free(groups);
	return status;
}

int
list_print(const struct list *l, const struct list_request *r)
{
	static struct out out;
	struct rule_field fields[LIST_COLUMNS];
	struct rule_schema schema;
	struct printing p = { .list = l, .request = r, .out = &out };
	struct rule *rule = NULL;
	char error[STORE_ERROR];
	int status, written, group = -1;

	if (r->where != NULL) {
		rule = compile(l, fields, &schema, r->where);
		if (rule == NULL)
			return EXIT_USAGE;
	}
	if (r->group != NULL)
		group = find_column(l, "group", r->group, strlen(r->group));
	p.store = group < 0 && r->group != NULL
	    ? NULL
	    : store_open(r->state, STORE_READING, error);
	if (p.store == NULL) {
		if (group >= 0 || r->group == NULL)
			complain("%s", error);
		rule_free(rule);
		return group < 0 && r->group != NULL ? EXIT_USAGE : EXIT_INPUT;
	}
	p.style.all = r->all;
	output_style(&p.style, r->colour);
	out_open(&out, STDOUT_FILENO);
	status = print_all(&p, rule, group);
	written = output_end(&out);
	store_close(p.store);
	rule_free(rule);
	return status != EXIT_DONE ? status : written;
}

int64_t
list_select(const struct list *l, struct store *db, const char *where,
    uint32_t *ret, uint32_t most)
{
	struct rule_field fields[LIST_COLUMNS];
	struct rule_schema schema;
	struct rule *rule = compile(l, fields, &schema, where);
	sqlite3_stmt *stmt = rule != NULL ? prepare(l, db, NULL) : NULL;
	struct row row = { .list = l, .stmt = stmt };
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
