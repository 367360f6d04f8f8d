/*
 * devices_import.c - a table of devices, as the export writes it, back again.
 *
 * A line's device is the one with its addresses; where the table has none, or
 * several devices have them, the one with its number.  What is as it was
 * changes nothing, so a table that comes back as it went is nothing at all.
 * An empty cell is "as found".  All of it is taken, or nothing: every line is
 * looked at first, and what is wrong is told with line and column.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "devices_import.h"

#define TEXT_MOST ((size_t)16 << 20)

/* --------------------------------------------------------------- the device */

static void
know_address(struct import *m, const char *text, json_int_t device)
{
	json_t *list = json_object_get(m->by_address, text);

	if (list == NULL) {
		list = json_array();
		(void)json_object_set_new(m->by_address, text, list);
	}
	(void)json_array_append_new(list, json_integer(device));
}

static bool
load_addresses(struct import *m)
{
	sqlite3_stmt *s = NULL;
	bool ok =
	    sqlite3_prepare_v2(store_db(m->w->d->store),
		"SELECT ip, mac, device FROM device_address JOIN v_device "
		"ON id = device",
		-1, &s, NULL) == SQLITE_OK;

	while (ok && sqlite3_step(s) == SQLITE_ROW)
		for (int i = 0; i < 2; i++)
			if (sqlite3_column_type(s, i) == SQLITE_TEXT)
				know_address(m,
				    (const char *)sqlite3_column_text(s, i),
				    sqlite3_column_int64(s, 2));
	(void)sqlite3_finalize(s);
	return ok;
}

struct found {
	json_int_t asked; /* the line's number, 0: none */
	json_int_t device; /* 0: none */
	bool listed; /* what has the addresses is the one asked for */
	bool several, addressed;
};

static void
find_one(const struct import *m, const char *address, struct found *f)
{
	const json_t *list = json_object_get(m->by_address, address), *one;
	size_t i;

	json_array_foreach(list, i, one) {
		json_int_t id = json_integer_value(one);

		f->several |= f->device != 0 && f->device != id;
		f->device = f->device == 0 ? id : f->device;
		f->listed |= id == f->asked;
	}
}

static void
find_all(const struct import *m, const char *cell, struct found *f)
{
	char text[64];

	while (*(cell += strspn(cell, " ,;\n")) != '\0') {
		size_t n = strcspn(cell, " ,;\n");

		f->addressed = true;
		(void)snprintf(text, sizeof(text), "%.*s", (int)n, cell);
		for (char *c = text; *c != '\0'; c++)
			if (*c >= 'A' && *c <= 'F')
				*c = (char)(*c | 0x20);
		find_one(m, text, f);
		cell += n;
	}
}

static bool
read_number(struct import *m, uint32_t i, json_int_t *ret)
{
	const char *text = devices_table_cell(m, i);
	char *end;

	if (text[0] == '\0')
		return true;
	errno = 0;
	*ret = strtoll(text, &end, 10);
	return (*end == '\0' && errno == 0 && *ret > 0) ||
	    devices_table_wrong(m, i, "'%.40s' is no number of a device", text);
}

/* The line's device; false after telling. */
static bool
find_device(struct import *m, json_int_t *ret)
{
	struct found f = { 0 };
	uint32_t at = CSV_CELLS;

	for (uint32_t i = 0; i < m->n; i++)
		if (m->of[i] != NULL && m->of[i]->kind == IS_ID &&
		    !read_number(m, i, &f.asked))
			return false;
	for (uint32_t i = 0; i < m->n; i++)
		if (m->of[i] != NULL && m->of[i]->kind == IS_ADDRESS) {
			at = at == CSV_CELLS ? i : at;
			find_all(m, devices_table_cell(m, i), &f);
		}
	*ret = f.listed || !f.addressed ? f.asked : f.device;
	if (f.several && !f.listed)
		return devices_table_wrong(m, at,
		    "several devices have these addresses");
	if (*ret == 0 && f.addressed)
		return devices_table_wrong(m, at, "no device has '%.80s'",
		    devices_table_cell(m, at));
	return *ret != 0 ||
	    devices_table_wrong(m, CSV_CELLS,
		"which device? neither address nor number");
}

/* ------------------------------------------------------------------- a line */

/* As the list shows it and the export writes it. */
static const char *
shown(struct import *m, const char *field)
{
	const char *name = strcmp(field, "level") == 0 ? "purdue" : field;

	for (int i = 0; i < sqlite3_column_count(m->now); i++)
		if (strcmp(sqlite3_column_name(m->now, i), name) == 0) {
			const unsigned char *t = sqlite3_column_text(m->now, i);

			return t != NULL ? (const char *)t : "";
		}
	return "";
}

static bool
is_as_shown(enum kind kind, const char *cell, const char *now,
    const json_t *value)
{
	if (strcmp(cell, now) == 0 || strcmp(csv_plain(cell), now) == 0)
		return true;
	if (kind == IS_MARK && json_is_boolean(value))
		return json_is_true(value) == (now[0] == '1');
	return kind == IS_LEVEL && json_is_real(value) && now[0] != '\0' &&
	    !(json_real_value(value) > strtod(now, NULL)) &&
	    !(json_real_value(value) < strtod(now, NULL));
}

static void
note_change(struct import *m, json_t *fields, uint32_t i, const char *now)
{
	(void)json_array_append_new(fields,
	    json_pack("{s:s, s:s, s:s}", "field", m->of[i]->name, "from", now,
		"to", csv_plain(devices_table_cell(m, i))));
}

/* What the line changes of its device, into `entry`. */
static bool
compare(struct import *m, json_t *entry, const json_t *said, json_t *fields)
{
	bool ok = true;

	for (uint32_t i = 0; i < m->n; i++) {
		const struct column *c = m->of[i];
		const char *now;
		json_t *value;

		if (c == NULL || c->field == NULL)
			continue;
		now = shown(m, c->field);
		if (strcmp(devices_table_cell(m, i), now) == 0)
			continue;
		if (!devices_table_value(m, i, &value)) {
			ok = false;
			continue;
		}
		if (is_as_shown(c->kind, devices_table_cell(m, i), now,
			value) ||
		    (json_is_null(value) &&
			json_is_null(json_object_get(said, c->field)))) {
			json_decref(value);
			continue;
		}
		note_change(m, fields, i, now);
		(void)json_object_set_new(entry, c->field, value);
	}
	return ok;
}

/* The column that says the field which the desk refuses. */
static uint32_t
column_of(const struct import *m, const char *field)
{
	for (uint32_t i = 0; i < m->n; i++)
		if (field != NULL && m->of[i] != NULL &&
		    m->of[i]->field != NULL &&
		    strcmp(m->of[i]->field, field) == 0)
			return i;
	return CSV_CELLS;
}

/* Whether the desk would take it. */
static bool
would_take(struct import *m, const json_t *entry, struct device_person *p)
{
	struct work *w = m->w;
	const json_t *whole = w->q;
	bool ok;

	w->q = entry;
	ok = device_person_take(w, p);
	w->q = whole;
	if (ok)
		return true;
	w->code = NULL;
	return devices_table_wrong(m, column_of(m, w->field), "%s", w->message);
}

static void
add_change(struct import *m, json_int_t id, json_t *entry, json_t *fields)
{
	const char *name = shown(m, "name");

	(void)json_array_append(m->request, entry);
	(void)json_array_append_new(m->changes,
	    json_pack("{s:I, s:I, s:s, s:O}", "line",
		(json_int_t)m->record.line, "id", id, "device",
		name[0] != '\0' ? name : shown(m, "addresses"), "fields",
		fields));
}

static bool
change_of(struct import *m, json_int_t id, struct device_person *p)
{
	json_t *entry = json_pack("{s:I}", "id", id), *fields = json_array();
	json_t *said = device_person_json(p);
	bool ok = compare(m, entry, said, fields) && would_take(m, entry, p);

	if (ok && json_array_size(fields) > 0)
		add_change(m, id, entry, fields);
	json_decref(entry);
	json_decref(fields);
	json_decref(said);
	return ok;
}

static bool
is_twice(struct import *m, json_int_t id)
{
	char key[24];
	const json_t *line;

	(void)snprintf(key, sizeof(key), "%" JSON_INTEGER_FORMAT, id);
	line = json_object_get(m->lines, key);
	if (line != NULL)
		return !devices_table_wrong(m, CSV_CELLS,
		    "device %s is on line %" JSON_INTEGER_FORMAT " already",
		    key, json_integer_value(line));
	(void)json_object_set_new(m->lines, key,
	    json_integer((json_int_t)m->record.line));
	return false;
}

static bool
read_line(struct import *m)
{
	struct device_person p;
	json_int_t id = 0;
	bool ok;

	m->rows++;
	if (m->record.n > m->n)
		return devices_table_wrong(m, CSV_CELLS,
		    "%" PRIu32 " cells, but the table has %" PRIu32 " columns",
		    m->record.n, m->n);
	if (!find_device(m, &id) || is_twice(m, id))
		return false;
	(void)sqlite3_bind_int64(m->now, 1, id);
	ok = sqlite3_step(m->now) == SQLITE_ROW
	    ? store_get_person(m->w->d->store, (uint32_t)id, &p) &&
		change_of(m, id, &p)
	    : devices_table_wrong(m, CSV_CELLS,
		  "there is no device %" JSON_INTEGER_FORMAT, id);
	(void)sqlite3_reset(m->now);
	return ok;
}

/* ----------------------------------------------------------------- together */

static bool
read_table(struct import *m, const char *text)
{
	csv_open(&m->csv, span_text(text));
	if (devices_table_head(m)) {
		if (!load_addresses(m) ||
		    sqlite3_prepare_v2(store_db(m->w->d->store),
			"SELECT name, role, purdue, comment, authorized, "
			"important, scanner, programming, fragile, addresses "
			"FROM v_device WHERE id = ?1",
			-1, &m->now, NULL) != SQLITE_OK)
			return work_fail(m->w, "failed", NULL,
			    "the devices cannot be read");
		while (csv_next(&m->csv, &m->record))
			(void)read_line(m);
	}
	if (m->csv.error[0] != '\0')
		return work_fail(m->w, "input", "text",
		    "%s; nothing was imported", m->csv.error);
	return m->errors == 0 || devices_table_tell(m);
}

static void
say_changes(struct import *m)
{
	json_t *one, *field;
	size_t i, k;

	json_array_foreach(m->changes, i, one) {
		work_say(m->w, "device %" JSON_INTEGER_FORMAT " %s:",
		    json_integer_value(json_object_get(one, "id")),
		    json_string_value(json_object_get(one, "device")));
		json_array_foreach(json_object_get(one, "fields"), k, field)
			work_say(m->w, "%s %s '%s' → '%s'", k > 0 ? "," : "",
			    json_string_value(json_object_get(field, "field")),
			    json_string_value(json_object_get(field, "from")),
			    json_string_value(json_object_get(field, "to")));
		work_say(m->w, "\n");
	}
}

static bool
reply(struct import *m, bool dry)
{
	const size_t n = json_array_size(m->changes);

	if (dry)
		say_changes(m);
	work_say(m->w, "%s: %zu of %" PRIu32 " device%s\n",
	    dry ? "would change" : "changed", n, m->rows,
	    m->rows == 1 ? "" : "s");
	return work_put(m->w, "changed", json_integer((json_int_t)n)) &&
	    work_put(m->w, "rows", json_integer(m->rows)) &&
	    work_put(m->w, "changes", json_incref(m->changes)) &&
	    work_put(m->w, "ignored", json_incref(m->ignored));
}

static bool
apply(struct import *m)
{
	json_t *before = json_array();
	bool ok = device_change_listed(m->w, m->request, before) &&
	    device_undo(m->w,
		json_pack("{s:s, s:O}", "verb", "devices.change", "devices",
		    before));

	json_decref(before);
	return ok;
}

bool
devices_import(struct work *w)
{
	static struct import m;
	const char *text;
	bool dry, ok;

	if (!work_text(w, "text", NULL, TEXT_MOST, &text) ||
	    !work_yes(w, "dry_run", false, &dry))
		return false;
	m = (struct import){ .w = w,
		.by_address = json_object(),
		.lines = json_object(),
		.request = json_array(),
		.changes = json_array(),
		.ignored = json_array() };
	ok = read_table(&m, text) &&
	    (dry || json_array_size(m.request) == 0 || apply(&m)) &&
	    reply(&m, dry);
	(void)sqlite3_finalize(m.now);
	json_decref(m.by_address);
	json_decref(m.lines);
	json_decref(m.request);
	json_decref(m.changes);
	json_decref(m.ignored);
	return ok;
}
