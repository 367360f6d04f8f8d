/* list.c - see list.h: the options, and the rows as text, JSON or CSV. */
#include "list.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "list_group.h"
#include "output.h"
#include "values.h"

#define ROWS_SHOWN 60u

/* ----------------------------------------------------------------- options */

static const char *const format_names[] = { "text", "json", "csv", NULL };

static bool
take_limit(struct list_request *r, const struct options *o)
{
	if (value_number(o->value, UINT64_MAX, &r->limit) && r->limit > 0)
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

int
list_help(const struct list *l, const struct options *o, const char *examples)
{
	options_help(o);
	(void)printf("%s\nfields:\n", examples);
	for (uint32_t i = 0; i < l->n; i++)
		(void)printf("  %-18s %s\n", l->column[i].name,
		    l->column[i].help);
	return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INTERNAL;
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
	struct list_more more;
};

static void
put_json(struct printing *p, sqlite3_stmt *stmt)
{
	if (p->list->json != NULL) {
		p->list->json(p->out, &p->more, sqlite3_column_int64(stmt, 0));
		return;
	}
	list_put_json(p->out, p->list, stmt);
	out_char(p->out, '\n');
}

/* "10.1.0.7 +2": the first word, and how many there are besides. */
static void
put_first(struct table *t, struct span text)
{
	const uint8_t *end = memchr(text.p, ' ', text.n);
	char more[32];
	uint32_t n = 0;

	cell_span(t,
	    end == NULL ? text : SPAN(text.p, (uint32_t)(end - text.p)));
	for (uint32_t i = 0; i < text.n; i++)
		n += text.p[i] == ' ';
	(void)snprintf(more, sizeof(more), " +%" PRIu32, n);
	if (n > 0)
		cell_text(t, more);
}

static void
put_cell(struct printing *p, sqlite3_stmt *stmt, uint32_t i)
{
	const struct list_column *c = &p->list->column[i];
	struct span text = list_text(stmt, i);
	char copy[LIST_VALUE];

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
	} else if (p->list->brief != NULL && !p->request->all &&
	    strcmp(c->name, p->list->brief) == 0) {
		put_first(&p->table, text);
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
		list_put_csv(p->out, p->list, stmt);
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
	list_put_csv_head(p->out, l);
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

/* ----------------------------------------------------------------- the whole
 */

static int
step_all(struct printing *p, sqlite3_stmt *stmt, const struct rule *rule,
    int group, struct list_groups *groups)
{
	struct list_row row = { .list = p->list, .stmt = stmt };
	int r;

	while ((r = sqlite3_step(stmt)) == SQLITE_ROW) {
		if (rule != NULL && !rule_matches(rule, &row))
			continue;
		if (groups != NULL)
			list_groups_count(groups,
			    list_text(stmt, (uint32_t)group));
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
	struct list_groups *groups = group >= 0 ? list_groups_new() : NULL;
	struct query_error e;
	sqlite3_stmt *stmt =
	    list_prepare(p->list, p->store, p->request->sort, &e);
	int status = EXIT_USAGE;

	if (stmt == NULL)
		complain("%s: --sort: %s", p->list->noun, e.text);
	if (stmt != NULL && group >= 0 && groups == NULL) {
		status = EXIT_INTERNAL;
	} else if (stmt != NULL) {
		if (groups == NULL)
			begin(p);
		status = step_all(p, stmt, rule, group, groups);
		if (groups == NULL)
			finish(p);
		else
			list_groups_put(groups, p->list->column[group].name,
			    p->request, &p->style, p->out);
	}
	(void)sqlite3_finalize(stmt);
	free(groups);
	return status;
}

struct rule *
list_condition(const struct list *l, struct rule_field *fields,
    struct rule_schema *schema, const char *text)
{
	struct query_error e;
	struct rule *rule = list_compile(l, fields, schema, text, &e);

	if (rule != NULL)
		return rule;
	complain("%s: --where: %s", l->noun, e.text);
	(void)fprintf(stderr, "  %s\n  %*s^\n", text, (int)e.at, "");
	return NULL;
}

static int
find_group(const struct list *l, const char *name)
{
	struct query_error e;
	int i = list_find(l, name, strlen(name), &e);

	if (i < 0)
		complain("%s: --group: %s", l->noun, e.text);
	return i;
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
		rule = list_condition(l, fields, &schema, r->where);
		if (rule == NULL)
			return EXIT_USAGE;
	}
	if (r->group != NULL)
		group = find_group(l, r->group);
	p.store = group < 0 && r->group != NULL
	    ? NULL
	    : store_open(r->state, STORE_READING, error);
	if (p.store == NULL) {
		if (group >= 0 || r->group == NULL)
			complain("%s", error);
		rule_free(rule);
		return group < 0 && r->group != NULL ? EXIT_USAGE : EXIT_INPUT;
	}
	p.more.store = p.store;
	p.style.all = r->all;
	output_style(&p.style, r->colour);
	out_open(&out, STDOUT_FILENO);
	status = print_all(&p, rule, group);
	written = output_end(&out);
	list_more_end(&p.more);
	store_close(p.store);
	rule_free(rule);
	return status != EXIT_DONE ? status : written;
}
