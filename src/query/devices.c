/* devices.c - see lists.h: one device as JSON. */
#include <sqlite3.h>
#include <string.h>

#include "lists.h"

static void
put_value(struct out *o, struct sqlite3_stmt *s, int i)
{
	const char *name = sqlite3_column_name(s, i);

	if (sqlite3_column_type(s, i) == SQLITE_NULL) {
		json_none(o, name);
	} else if (sqlite3_column_type(s, i) == SQLITE_TEXT) {
		json_span(o, name, list_text(s, (uint32_t)i));
	} else {
		json_key(o, name);
		if (sqlite3_column_type(s, i) == SQLITE_FLOAT)
			out_real(o, sqlite3_column_double(s, i));
		else
			out_i64(o, sqlite3_column_int64(s, i));
	}
}

/* An array of objects, one a row. */
static void
put_rows(struct out *o, const char *key, struct sqlite3_stmt *s)
{
	json_key(o, key);
	json_open(o, '[');
	while (s != NULL && sqlite3_step(s) == SQLITE_ROW) {
		json_item(o);
		json_open(o, '{');
		for (int i = 0; i < sqlite3_column_count(s); i++)
			put_value(o, s, i);
		json_close(o, '}');
	}
	json_close(o, ']');
}

/* "dns modbus" as an array. */
static void
put_words(struct out *o, const char *key, struct span words)
{
	json_key(o, key);
	json_open(o, '[');
	while (words.n > 0) {
		uint32_t n = span_find(words, ' ');

		if (n > 0) {
			json_item(o);
			json_put_string(o, span_first(words, n));
		}
		words = span_from(words, n + 1);
	}
	json_close(o, ']');
}

#define MARKS 4
#define FIRST_MARK 13

static bool
put_device(struct out *o, struct list_more *m, int64_t id)
{
	struct sqlite3_stmt *s = list_ask(m,
	    "select id, nullif(name, '') as name, nullif(vendor, '') as "
	    "vendor, nullif(model, '') as model, nullif(firmware, '') as "
	    "firmware, nullif(hardware, '') as hardware, nullif(serial, '') "
	    "as serial, nullif(order_number, '') as \"order\", nullif(os, '') "
	    "as os, nullif(mode, '') as mode, role, purdue, comment, "
	    "authorized, important, scanner, programming, ot, clients, "
	    "servers, first_ns, last_ns, packets, bytes from v_device where "
	    "id = ?1",
	    id);

	if (s == NULL || sqlite3_step(s) != SQLITE_ROW)
		return false;
	json_open(o, '{');
	json_text(o, "type", "device");
	for (int i = 0; i < FIRST_MARK; i++)
		put_value(o, s, i);
	for (int i = FIRST_MARK; i < FIRST_MARK + MARKS; i++)
		json_bool(o, sqlite3_column_name(s, i),
		    sqlite3_column_int(s, i) != 0);
	json_bool(o, "industrial", sqlite3_column_int(s, 17) != 0);
	json_key(o, "protocols");
	json_open(o, '{');
	put_words(o, "client", list_text(s, 18));
	put_words(o, "server", list_text(s, 19));
	json_close(o, '}');
	json_time(o, "first", (struct tick){ sqlite3_column_int64(s, 20) });
	json_time(o, "last", (struct tick){ sqlite3_column_int64(s, 21) });
	put_value(o, s, 22);
	put_value(o, s, 23);
	put_rows(o, "addresses",
	    list_ask(m,
		"select mac, ip, vlan from device_address where device = ?1 "
		"order by place",
		id));
	s = list_ask(m,
	    "with x as (select asset from device_address where device = ?1 and "
	    "asset <> 0) select count(*) as alerts from (select number from "
	    "alert where status <> 'closed' and source_asset in (select asset "
	    "from x) union select number from alert where status <> 'closed' "
	    "and destination_asset in (select asset from x))",
	    id);
	if (s != NULL && sqlite3_step(s) == SQLITE_ROW)
		put_value(o, s, 0);
	return true;
}

void
list_device_json(struct out *o, struct list_more *m, int64_t id)
{
	if (!put_device(o, m, id))
		return;
	json_close(o, '}');
	out_char(o, '\n');
}

static void
put_evidence(struct out *o, struct sqlite3_stmt *s)
{
	json_item(o);
	json_open(o, '{');
	for (int i = 0; i < 7; i++)
		put_value(o, s, i);
	for (int i = 7; i < 9; i++)
		if (sqlite3_column_int64(s, 5) > 0) /* ours have no frame */
			json_time(o, sqlite3_column_name(s, i),
			    (struct tick){ sqlite3_column_int64(s, i) });
		else
			json_none(o, sqlite3_column_name(s, i));
	json_close(o, '}');
}

bool
device_json_whole(struct out *o, struct list_more *m, int64_t id)
{
	struct sqlite3_stmt *s;

	if (!put_device(o, m, id))
		return false;
	put_rows(o, "modules",
	    list_ask(m,
		"select proto, unit, text from device_module where device = "
		"?1 order by place",
		id));
	s = list_ask(m,
	    "select trait, text, source, nullif(proto, 'unknown') as proto, "
	    "iif(frame > 0, file, null) as "
	    "file, iif(frame > 0, frame, null) as frame, count, first, last "
	    "from device_evidence where device = ?1 order by place",
	    id);
	json_key(o, "evidence");
	json_open(o, '[');
	while (s != NULL && sqlite3_step(s) == SQLITE_ROW)
		put_evidence(o, s);
	json_close(o, ']');
	s = list_ask(m, "select left_out from device where id = ?1", id);
	if (s != NULL && sqlite3_step(s) == SQLITE_ROW)
		put_value(o, s, 0);
	return true;
}
