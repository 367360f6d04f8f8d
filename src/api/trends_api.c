/* trends_api.c - counts for dashboards, subnets seen. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "brief.h"
#include "ends.h"
#include "handlers.h"
#include "tally.h"

enum form {
	FORM_ITEMS,
	FORM_POINTS, /* one a day */
	FORM_HOURS, /* points, one an hour */
	FORM_SUMS, /* items, summed here */
	FORM_DEVICE_SUMS,
};

static const struct widget {
	const char *id;
	enum form form;
	const char *help, *sql, *item;
} widgets[] = {
#define WIDGET(id, form, help, sql) { id, FORM_##form, help, sql, NULL },
#define SUMS(id, help, sql, item) { id, FORM_SUMS, help, sql, item },
#define DEVICE_SUMS(id, help, sql, item) \
	{ id, FORM_DEVICE_SUMS, help, sql, item },
#include "trends.def"
#undef DEVICE_SUMS
#undef SUMS
#undef WIDGET
};
#define N_WIDGETS (sizeof(widgets) / sizeof(widgets[0]))

static void
put_points(struct out *o, sqlite3_stmt *s)
{
	json_key(o, "items");
	json_open(o, '[');
	while (s != NULL && sqlite3_step(s) == SQLITE_ROW) {
		json_item(o);
		json_open(o, '{');
		json_time(o, "at", (struct tick){ sqlite3_column_int64(s, 0) });
		put_column(o, s, 1);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static bool
is_points(const struct widget *w)
{
	return w->form == FORM_POINTS || w->form == FORM_HOURS;
}

static void
add_device(struct tally *t, const struct ends *ends, struct span address,
    uint64_t n)
{
	int64_t device = ends_find(ends, address);
	char text[24];

	if (device <= 0)
		return;
	(void)snprintf(text, sizeof(text), "%" PRId64, device);
	tally_add(t, span_text(text), n, 0);
}

static void
sum(struct tally *t, const struct ends *ends, sqlite3_stmt *s)
{
	while (sqlite3_step(s) == SQLITE_ROW) {
		struct span a = list_text(s, 0);

		if (ends == NULL) {
			tally_add(t, a, (uint64_t)sqlite3_column_int64(s, 1),
			    0);
			continue;
		}
		add_device(t, ends, a, (uint64_t)sqlite3_column_int64(s, 2));
		add_device(t, ends, list_text(s, 1),
		    (uint64_t)sqlite3_column_int64(s, 2));
	}
}

static void
put_sum(struct request *rq, const char *sql, struct span text, uint64_t n)
{
	sqlite3_stmt *s = reader_ask(rq->reader, sql);

	if (s == NULL)
		return;
	(void)sqlite3_bind_text(s, 1, (const char *)text.p, (int)text.n,
	    SQLITE_STATIC);
	(void)sqlite3_bind_int64(s, 2, (int64_t)n);
	if (sqlite3_step(s) != SQLITE_ROW)
		return;
	json_item(rq->out);
	put_columns(rq->out, s);
}

static void
put_sums(struct request *rq, const struct widget *w, sqlite3_stmt *s,
    int64_t limit)
{
	struct ends *ends =
	    w->form == FORM_DEVICE_SUMS ? ends_load(rq->reader) : NULL;
	struct tally t = { .n = 0 };

	if (ends != NULL || w->form == FORM_SUMS)
		sum(&t, ends, s);
	tally_sort(&t);
	json_key(rq->out, "items");
	json_open(rq->out, '[');
	for (uint32_t i = 0; i < t.n && i < limit; i++)
		put_sum(rq, w->item, tally_text(&t, i), t.of[i].sum);
	json_close(rq->out, ']');
	tally_free(&t);
	ends_free(ends);
}

void
h_trends(struct request *rq)
{
	const char *id = param(rq, "widget");
	struct tick from = { 0 };
	int64_t limit = 10;
	const struct widget *w = NULL;
	sqlite3_stmt *s;

	for (size_t i = 0; id != NULL && i < N_WIDGETS; i++)
		if (strcmp(widgets[i].id, id) == 0)
			w = &widgets[i];
	if (w == NULL) {
		fail(rq, id == NULL ? 422 : 404, "widget", "widget",
		    "There is no such widget; GET /trends/widgets lists them.");
		return;
	}
	if (!param_time(rq, "from", &from) ||
	    !param_number(rq, "limit", 1, 1000, &limit))
		return;
	s = reader_ask(rq->reader, w->sql);
	if (s == NULL) {
		fail_store(rq, sqlite3_errmsg(store_db(rq->reader->db)));
		return;
	}
	(void)sqlite3_bind_int64(s, 1, from.ns);
	if (w->item == NULL)
		(void)sqlite3_bind_int64(s, 2, limit);
	json_open(rq->out, '{');
	json_text(rq->out, "widget", w->id);
	json_text(rq->out, "text", w->help);
	if (w->item != NULL) {
		put_sums(rq, w, s, limit);
	} else if (is_points(w)) {
		json_u64(rq->out, "step", w->form == FORM_HOURS ? 3600 : 86400);
		put_points(rq->out, s);
	} else {
		put_rows(rq->out, "items", s);
	}
	json_close(rq->out, '}');
}

void
h_widgets(struct request *rq)
{
	struct items *it = calloc(1, sizeof(*it));
	struct out *o;

	if (it != NULL && items_begin(it, rq)) {
		for (size_t i = 0; i < N_WIDGETS; i++)
			if ((o = items_next(it)) != NULL) {
				json_open(o, '{');
				json_text(o, "id", widgets[i].id);
				json_text(o, "text", widgets[i].help);
				json_text(o, "form",
				    is_points(&widgets[i]) ? "points"
							   : "items");
				json_close(o, '}');
				items_end(it);
			}
		items_finish(it);
	}
	free(it);
}

/* All rows of a statement as items. */
static void
put_list(struct request *rq, sqlite3_stmt *s)
{
	struct items *it = calloc(1, sizeof(*it));

	if (s == NULL)
		fail_store(rq, sqlite3_errmsg(store_db(rq->reader->db)));
	else if (it != NULL && items_begin(it, rq)) {
		while (sqlite3_step(s) == SQLITE_ROW) {
			struct out *o = items_next(it);

			if (o == NULL)
				continue;
			put_columns(o, s);
			items_end(it);
		}
		items_finish(it);
	}
	free(it);
}

void
h_networks_seen(struct request *rq)
{
	put_list(rq,
	    reader_ask(rq->reader,
		"select rtrim(rtrim(a.ip, '0123456789'), '.') || '.0/24' as "
		"network, count(distinct v.id) as devices, count(distinct "
		"iif(v.ot, v.id, null)) as ot_devices from device_address a "
		"join v_device v on v.id = a.device where a.ip is not null and "
		"instr(a.ip, ':') = 0 group by 1 order by devices desc, 1"));
}
