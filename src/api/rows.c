/*
 * rows.c - lists: a page as JSON with a cursor to the next, or all of it as
 * CSV; only those fields that were asked for.
 *
 * Items are written whole, and the members that were not asked for are left
 * out afterwards: a list has one way to write a row, here and on the command
 * line.
 */
#include <stdlib.h>
#include <string.h>

#include "../report/csv.h"
#include "private.h"

#define PAGE 100
#define PAGE_MOST 1000

/* ------------------------------------------------------------- members */

/* The end of a JSON string that begins at i. */
static uint32_t
past_string(struct span s, uint32_t i)
{
	for (i++; i < s.n && s.p[i] != '"'; i++)
		i += s.p[i] == '\\';
	return i + 1;
}

/* The end of any value: to the comma or bracket that closes it. */
static uint32_t
past_value(struct span s, uint32_t i)
{
	uint32_t depth = 0;

	while (i < s.n) {
		uint8_t c = s.p[i];

		if (c == '"') {
			i = past_string(s, i);
			continue;
		}
		if (depth == 0 && (c == ',' || c == '}' || c == ']'))
			return i;
		if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
		i++;
	}
	return i;
}

/* The next member of an object: "name":value, from *at; false at its end. */
static bool
next_member(struct span s, uint32_t *at, struct span *ret_name,
    struct span *ret_value, struct span *ret_all)
{
	uint32_t from = *at, name, value;

	if (from >= s.n || s.p[from] == '}')
		return false;
	from += s.p[from] == ',' || s.p[from] == '{';
	if (from >= s.n || s.p[from] != '"')
		return false;
	name = past_string(s, from);
	value = past_value(s, name + 1);
	*ret_name = SPAN(s.p + from + 1, name - from - 2);
	*ret_value = SPAN(s.p + name + 1, value - name - 1);
	*ret_all = SPAN(s.p + from, value - from);
	*at = value;
	return true;
}

/* Whether a list of words with commas has the name. */
static bool
is_asked(const char *fields, struct span name)
{
	while (*fields != '\0') {
		size_t n = strcspn(fields, ",");

		if (n == name.n && memcmp(fields, name.p, n) == 0)
			return true;
		fields += n + (fields[n] == ',');
	}
	return false;
}

static void
choose(struct out *o, struct span object, const char *fields)
{
	struct span name, value, all;
	bool comma = false;
	uint32_t at = 0;

	out_char(o, '{');
	while (next_member(object, &at, &name, &value, &all)) {
		if (!is_asked(fields, name))
			continue;
		if (comma)
			out_char(o, ',');
		comma = true;
		out_bytes(o, all.p, all.n);
	}
	out_char(o, '}');
}

static bool
check_fields(struct request *rq, const char *fields)
{
	const struct schema *s = schema_find(rq->route->gives);

	while (fields != NULL && *fields != '\0') {
		size_t n = strcspn(fields, ",");

		if (s != NULL && !schema_has(s, fields, n)) {
			fail(rq, 422, "unknown-field", "fields",
			    "There is no field '%.*s'; the schema %s of "
			    "openapi.json has them.",
			    (int)(n < 64 ? n : 64), fields, s->name);
			return false;
		}
		fields += n + (fields[n] == ',');
	}
	return true;
}

static bool
read_format(struct request *rq, bool *ret_csv)
{
	const char *format = param(rq, "format");

	*ret_csv = format != NULL && strcmp(format, "csv") == 0;
	if (format == NULL || *ret_csv || strcmp(format, "json") == 0)
		return true;
	fail(rq, 422, "format", "format", "There are json and csv.");
	return false;
}

static void
set_csv(struct request *rq, const char *noun)
{
	rq->type = "text/csv; charset=utf-8; header=present";
	add_header(rq, "Content-Disposition",
	    "attachment; filename=\"sightglass-%s.csv\"", noun);
}

/* ------------------------------------------------------- lists of the state */

struct putting {
	struct request *rq;
	const struct list *list;
	const char *fields;
	bool csv;
	struct list_more more;
	struct out item;
};

static void
put_item(struct putting *p, sqlite3_stmt *row)
{
	struct buffer *b = &p->rq->reader->item;
	struct out *o = &p->item;

	b->n = 0;
	out_open_sink(o, buffer_sink, b);
	if (p->list->json != NULL)
		p->list->json(o, &p->more, sqlite3_column_int64(row, 0));
	else
		list_put_json(o, p->list, row);
	(void)out_flush(o);
	while (b->n > 0 && b->p[b->n - 1] == '\n')
		b->n--;
	if (b->n == 0 || b->n > UINT32_MAX)
		return;
	json_item(p->rq->out);
	if (p->fields == NULL)
		out_bytes(p->rq->out, b->p, b->n);
	else
		choose(p->rq->out, SPAN((const uint8_t *)b->p, (uint32_t)b->n),
		    p->fields);
}

static bool
put_row(void *ctx, sqlite3_stmt *row)
{
	struct putting *p = ctx;
	const struct list *l = p->list;

	if (!p->csv) {
		put_item(p, row);
		return !p->rq->reader->text.failed;
	}
	for (uint32_t i = 0; i < l->n - l->hidden; i++)
		if (p->fields == NULL ||
		    is_asked(p->fields, span_text(l->column[i].name)))
			csv_span(p->rq->out, list_text(row, i));
	csv_end(p->rq->out);
	return !p->rq->reader->text.failed;
}

static bool
has_column(const struct list *l, const char *name, size_t n)
{
	for (uint32_t i = 0; i < l->n - l->hidden; i++)
		if (strlen(l->column[i].name) == n &&
		    memcmp(l->column[i].name, name, n) == 0)
			return true;
	return false;
}

static bool
put_csv_head(struct putting *p)
{
	const struct list *l = p->list;

	for (const char *f = p->fields; f != NULL && *f != '\0';) {
		size_t n = strcspn(f, ",");

		if (!has_column(l, f, n)) {
			fail(p->rq, 422, "unknown-field", "fields",
			    "There is no column '%.*s' in CSV.",
			    (int)(n < 64 ? n : 64), f);
			return false;
		}
		f += n + (f[n] == ',');
	}
	set_csv(p->rq, l->noun);
	for (uint32_t i = 0; i < l->n - l->hidden; i++)
		if (p->fields == NULL ||
		    is_asked(p->fields, span_text(l->column[i].name)))
			csv_span(p->rq->out, span_text(l->column[i].name));
	csv_end(p->rq->out);
	return true;
}

static void
put_page_end(struct out *o, const struct page *page)
{
	json_close(o, ']');
	if (page->next[0] != '\0')
		json_text(o, "next", page->next);
	else
		json_none(o, "next");
	json_u64(o, "total", (uint64_t)page->total);
	json_close(o, '}');
}

static void
fail_query(struct request *rq, const struct query_error *e)
{
	if (e->about == NULL)
		fail_store(rq, e->text);
	else if (strcmp(e->about, "where") == 0)
		fail(rq, 422, "where", "where", "byte %u: %s", e->at, e->text);
	else
		fail(rq, 422, e->about, e->about, "%s", e->text);
}

void
rows_run(struct request *rq)
{
	struct page_request q = { .where = param(rq, "where"),
		.sort = param(rq, "sort"),
		.cursor = param(rq, "cursor") };
	struct putting *p = calloc(1, sizeof(*p));
	struct query_error e;
	struct page page;
	int64_t limit = PAGE;

	if (p == NULL) {
		fail(rq, 500, "memory", NULL, "Out of memory.");
		return;
	}
	*p = (struct putting){ .rq = rq,
		.list = rq->route->list,
		.fields = param(rq, "fields"),
		.more.store = rq->reader->db };
	if (!read_format(rq, &p->csv) ||
	    (!p->csv && !check_fields(rq, p->fields)) ||
	    !param_number(rq, "limit", 1, p->csv ? UINT32_MAX - 1 : PAGE_MOST,
		&limit) ||
	    (p->csv && !put_csv_head(p))) {
		free(p);
		return;
	}
	q.keys = p->list->json != NULL && !p->csv;
	q.limit = p->csv && param(rq, "limit") == NULL ? 0 : (uint32_t)limit;
	if (!p->csv) {
		json_open(rq->out, '{');
		json_key(rq->out, "items");
		json_open(rq->out, '[');
	}
	if (!list_page(p->list, rq->reader->db, &q, put_row, p, &page, &e))
		fail_query(rq, &e);
	else if (!p->csv)
		put_page_end(rq->out, &page);
	list_more_end(&p->more);
	free(p);
}

/* ------------------------------------------------------------ other lists */

bool
items_begin(struct items *it, struct request *rq)
{
	int64_t limit = INT64_MAX;

	it->rq = rq;
	it->n = it->total = 0;
	it->fields = param(rq, "fields");
	it->out = rq->out;
	if (!read_format(rq, &it->csv) || !check_fields(rq, it->fields) ||
	    !param_number(rq, "limit", 1, INT64_MAX - 1, &limit))
		return false;
	it->most = (uint64_t)limit;
	if (!it->csv) {
		json_open(rq->out, '{');
		json_key(rq->out, "items");
		json_open(rq->out, '[');
	}
	return true;
}

struct out *
items_next(struct items *it)
{
	it->total++;
	if (it->n == it->most)
		return NULL;
	it->n++;
	it->rq->reader->item.n = 0;
	out_open_sink(&it->item, buffer_sink, &it->rq->reader->item);
	return &it->item;
}

static void
put_cell(struct out *o, struct span value)
{
	json_t *v = json_loadb((const char *)value.p, value.n,
	    JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

	if (json_is_string(v))
		csv_span(o,
		    SPAN((const uint8_t *)json_string_value(v),
			(uint32_t)json_string_length(v)));
	else if (json_is_null(v))
		csv_span(o, SPAN_LIT(""));
	else
		csv_span(o, value);
	json_decref(v);
}

static void
put_cells(struct items *it, struct span object, bool heads)
{
	struct span name, value, all;
	uint32_t at = 0;

	while (next_member(object, &at, &name, &value, &all)) {
		if (it->fields != NULL && !is_asked(it->fields, name))
			continue;
		if (heads)
			csv_span(it->out, name);
		else
			put_cell(it->out, value);
	}
	csv_end(it->out);
}

void
items_end(struct items *it)
{
	struct buffer *b = &it->rq->reader->item;
	struct span object;

	(void)out_flush(&it->item);
	while (b->n > 0 && b->p[b->n - 1] == '\n')
		b->n--;
	if (b->n == 0 || b->n > UINT32_MAX)
		return;
	object = SPAN((const uint8_t *)b->p, (uint32_t)b->n);
	if (it->csv) {
		if (it->n == 1)
			put_cells(it, object, true);
		put_cells(it, object, false);
		return;
	}
	json_item(it->out);
	if (it->fields != NULL)
		choose(it->out, object, it->fields);
	else
		out_bytes(it->out, object.p, object.n);
}

void
items_finish(struct items *it)
{
	if (it->csv) {
		set_csv(it->rq, it->rq->route->tag);
		return;
	}
	json_close(it->out, ']');
	json_none(it->out, "next");
	json_u64(it->out, "total", it->total);
	json_close(it->out, '}');
}
