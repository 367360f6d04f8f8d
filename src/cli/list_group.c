/* list_group.c - see list_group.h. */
#include "list_group.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../report/csv.h"

#define GROUPS 4096u

struct group {
	char value[LIST_VALUE];
	uint64_t count;
};

struct list_groups {
	uint32_t n;
	struct group of[GROUPS];
};

struct list_groups *
list_groups_new(void)
{
	return calloc(1, sizeof(struct list_groups));
}

static int
by_count(const void *left, const void *right)
{
	const struct group *a = left, *b = right;

	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	return strcmp(a->value, b->value);
}

void
list_groups_count(struct list_groups *g, struct span text)
{
	char value[LIST_VALUE];
	uint32_t i = 0;

	(void)snprintf(value, sizeof(value), "%.*s", (int)text.n,
	    text.n > 0 ? (const char *)text.p : "");
	while (i < g->n && strcmp(g->of[i].value, value) != 0)
		i++;
	if (i == GROUPS)
		i--; /* the rest, under the last */
	else if (i == g->n)
		memcpy(g->of[g->n++].value, value, sizeof(value));
	g->of[i].count++;
}

static void
put_json(struct out *o, const char *name, const struct group *g)
{
	json_open(o, '{');
	json_text(o, name, g->value);
	json_u64(o, "count", g->count);
	json_close(o, '}');
	out_char(o, '\n');
}

static void
put_csv(struct out *o, const struct group *g)
{
	char count[COUNT_TEXT_MAX];

	csv_span(o, span_text(g->value));
	(void)snprintf(count, sizeof(count), "%" PRIu64, g->count);
	csv_span(o, span_text(count));
	csv_end(o);
}

void
list_groups_put(struct list_groups *g, const char *name,
    const struct list_request *r, const struct text_style *style, struct out *o)
{
	const struct column head[] = { { name, false, true },
		{ "count", true, false } };
	struct table t;

	qsort(g->of, g->n, sizeof(g->of[0]), by_count);
	table_open(&t, head, 2);
	if (r->format == 2)
		outf(o, "%s,count\r\n", name);
	for (uint32_t i = 0; i < g->n; i++) {
		if (r->format == 1) {
			put_json(o, name, &g->of[i]);
		} else if (r->format == 2) {
			put_csv(o, &g->of[i]);
		} else {
			table_row(&t);
			table_text(&t, g->of[i].value);
			table_u64(&t, g->of[i].count);
		}
	}
	if (r->format == 0)
		table_put(o, &t, style);
	table_close(&t);
}
