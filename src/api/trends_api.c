/* trends_api.c - counts for dashboards, who programmed what, subnets seen. */
#include <stdlib.h>
#include <string.h>

#include "brief.h"
#include "handlers.h"

enum form {
	FORM_ITEMS,
	FORM_POINTS, /* one a day */
	FORM_HOURS, /* points, one an hour */
};

static const struct widget {
	const char *id;
	enum form form;
	const char *help, *sql;
} widgets[] = {
#define WIDGET(id, form, help, sql) { id, FORM_##form, help, sql },
#include "trends.def"
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
	(void)sqlite3_bind_int64(s, 2, limit);
	json_open(rq->out, '{');
	json_text(rq->out, "widget", w->id);
	json_text(rq->out, "text", w->help);
	if (w->form != FORM_ITEMS) {
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
				    widgets[i].form == FORM_ITEMS ? "items"
								  : "points");
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

/* Requests that change programs, firmware, modes or settings, by who made
 * them; `may`: marked as one that may program. */
void
h_programming(struct request *rq)
{
	put_list(rq,
	    reader_ask(rq->reader,
		"with a as (select coalesce(ip, mac) as at, min(device) as "
		"device "
		"from device_address group by 1) select o.id, v.client, "
		"nullif(c.name, '') as client_name, c.id as client_device, "
		"v.server, nullif(s.name, '') as server_name, s.id as "
		"server_device, o.proto, op_name(o.proto, o.op) as operation, "
		"o.risk, o.count, coalesce(c.programming, 0) as may, "
		"v.first, v.last from operation o join v_conversation v on "
		"v.id = o.conversation left join a x on x.at = v.client left "
		"join v_device c on c.id = x.device left join a y on y.at = "
		"v.server left join v_device s on s.id = y.device where o.risk "
		"in ('program', 'firmware', 'mode', 'configuration', "
		"'security', 'reset', 'force') order by v.last_ns desc, o.id "
		"desc"));
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
