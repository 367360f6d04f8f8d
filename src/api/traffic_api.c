/* traffic_api.c - how much passed in each minute, hour and day. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "brief.h"
#include "handlers.h"
#include "live.h"

static const struct {
	const char *name;
	int64_t seconds, last; /* so many are shown unless asked */
} steps[] = {
	{ "minute", 60, 1440 },
	{ "hour", 3600, 720 },
	{ "day", 86400, 400 },
};
#define STEPS (sizeof(steps) / sizeof(steps[0]))

/* `by`, and what gives each of the `top` keys a name. */
static const struct {
	const char *name, *sql;
} parts[] = {
	{ "all",
	    "select at, '' as key, '' as name, null as device, packets, bytes "
	    "from traffic where seconds = ?1 and what = 'all' and at >= ?2 and "
	    "at < ?3 and ?4 and ?5 is null order by at" },
#define SERIES(what, chosen, named)                                           \
	"with top as (select key, sum(bytes) as n from traffic where "        \
	"seconds = ?1 and what = '" what                                      \
	"' and at >= ?2 and at < ?3 and " chosen                              \
	" group by key order by n desc limit ?4), "                           \
	"named as (select top.key, " named ") select t.at, coalesce(n.key, "  \
	"'') as key, coalesce(n.name, 'the rest') as name, n.device, "        \
	"sum(t.packets) as packets, sum(t.bytes) as bytes from traffic t "    \
	"left join named n on n.key = t.key where t.seconds = ?1 and t.what " \
	"= '" what "' and t.at >= ?2 and t.at < ?3 and (?5 is null or n.key " \
	"is not null) group by t.at, 2 order by t.at, bytes desc, 2"
	{ "port",
	    SERIES("port", "(?5 is null or key = cast(?5 as integer))",
		"coalesce((select json_extract(p.value, '$.name') from live l, "
		"json_each(l.json, '$.ports') p where l.key = 'ports' and "
		"json_extract(p.value, '$.port') = top.key), 'port ' || "
		"top.key) as name, null as device from top") },
	{ "protocol",
	    SERIES("protocol", "(?5 is null or key = ?5)",
		"top.key as name, null as device from top") },
	{ "device",
	    SERIES("device",
		"key > 0 and (?5 is null or key in (select asset from "
		"device_address where device = "
		"cast(?5 as integer)))",
		"coalesce(nullif(d.name, ''), a.ip, a.mac, 'the rest') as "
		"name, d.id as device from top left join asset a on a.id = "
		"top.key left join v_device d on d.id = (select min(device) "
		"from device_address x where x.asset = top.key and top.key > "
		"0)") },
};
#define PARTS (sizeof(parts) / sizeof(parts[0]))

static bool
read_step(struct request *rq, size_t *ret)
{
	const char *text = param(rq, "step");

	for (*ret = 0; *ret < STEPS; ++*ret)
		if (strcmp(steps[*ret].name, text != NULL ? text : "hour") == 0)
			return true;
	fail(rq, 422, "step", "step", "'step' is minute, hour or day.");
	return false;
}

static bool
read_part(struct request *rq, size_t *ret)
{
	const char *text = param(rq, "by");

	for (*ret = 0; *ret < PARTS; ++*ret)
		if (strcmp(parts[*ret].name, text != NULL ? text : "all") == 0)
			return true;
	fail(rq, 422, "by", "by", "'by' is all, port, protocol or device.");
	return false;
}

/* Where a sensor runs until now, else until the newest there is: that may be
 * of a capture. */
static int64_t
newest(struct request *rq, size_t step)
{
	const int64_t ns = steps[step].seconds * TICK_SECOND;
	int64_t at = 0, now = now_tick().ns;
	sqlite3_stmt *s = reader_ask(rq->reader,
	    "select max(at) from traffic where seconds = ?1 and what = 'all'");

	if (s != NULL) {
		(void)sqlite3_bind_int64(s, 1, steps[step].seconds);
		if (sqlite3_step(s) == SQLITE_ROW)
			at = sqlite3_column_int64(s, 0);
		(void)sqlite3_reset(s);
	}
	return live_is_fresh(rq->reader) && now > at ? now - now % ns + ns
						     : at + ns;
}

static bool
read_range(struct request *rq, size_t step, struct tick *from, struct tick *to)
{
	const int64_t ns = steps[step].seconds * TICK_SECOND;
	int64_t last = steps[step].last;

	*from = *to = (struct tick){ 0 };
	if (!param_time(rq, "from", from) || !param_time(rq, "to", to) ||
	    !param_number(rq, "last", 1, 10000, &last))
		return false;
	if (param(rq, "to") == NULL)
		to->ns = newest(rq, step);
	if (param(rq, "from") == NULL)
		from->ns = to->ns - last * ns;
	/* of the span that it is in, the whole */
	from->ns -= from->ns % ns;
	return true;
}

static void
put_part(struct out *o, sqlite3_stmt *s, size_t step)
{
	json_open(o, '{');
	json_time(o, "at", (struct tick){ sqlite3_column_int64(s, 0) });
	json_u64(o, "seconds", (uint64_t)steps[step].seconds);
	json_span(o, "key", list_text(s, 1));
	for (int i = 2; i < sqlite3_column_count(s); i++)
		put_column(o, s, i);
	json_close(o, '}');
}

void
h_traffic_history(struct request *rq)
{
	struct items *it = calloc(1, sizeof(*it));
	const char *key = param(rq, "key");
	struct tick from, to;
	size_t step, part;
	int64_t top = 8;
	sqlite3_stmt *s;

	if (it == NULL || !read_step(rq, &step) || !read_part(rq, &part) ||
	    !param_number(rq, "top", 1, 100, &top) ||
	    !read_range(rq, step, &from, &to) || !items_begin(it, rq)) {
		free(it);
		return;
	}
	s = reader_ask(rq->reader, parts[part].sql);
	if (s == NULL) {
		fail_store(rq, sqlite3_errmsg(store_db(rq->reader->db)));
		free(it);
		return;
	}
	(void)sqlite3_bind_int64(s, 1, steps[step].seconds);
	(void)sqlite3_bind_int64(s, 2, from.ns);
	(void)sqlite3_bind_int64(s, 3, to.ns);
	(void)sqlite3_bind_int64(s, 4, top);
	if (key != NULL)
		(void)sqlite3_bind_text(s, 5, key, -1, SQLITE_STATIC);
	while (sqlite3_step(s) == SQLITE_ROW) {
		struct out *o = items_next(it);

		if (o == NULL)
			continue;
		put_part(o, s, step);
		items_end(it);
	}
	items_finish(it);
	free(it);
}
