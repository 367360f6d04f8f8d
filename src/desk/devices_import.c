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
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../base/nearest.h"
#include "csv.h"
#include "private.h"

#define TEXT_MOST ((size_t)16 << 20)
#define TOLD 6u /* errors told in full */

enum kind {
	IS_ID,
	IS_ADDRESS,
	IS_TEXT,
	IS_ROLE,
	IS_LEVEL,
	IS_MARK,
	IS_FOUND, /* what was found: people cannot say it */
};

/* Names as in the export, and what people call them. */
static const struct column {
	const char *name;
	const char *field; /* of a request's device; NULL: none */
	enum kind kind;
} columns[] = {
	{ "id", NULL, IS_ID },
	{ "no", NULL, IS_ID },
	{ "addresses", NULL, IS_ADDRESS },
	{ "address", NULL, IS_ADDRESS },
	{ "macs", NULL, IS_ADDRESS },
	{ "mac", NULL, IS_ADDRESS },
	{ "name", "name", IS_TEXT },
	{ "role", "role", IS_ROLE },
	{ "purdue", "level", IS_LEVEL },
	{ "level", "level", IS_LEVEL },
	{ "comment", "comment", IS_TEXT },
	{ "description", "comment", IS_TEXT },
	{ "authorized", "authorized", IS_MARK },
	{ "important", "important", IS_MARK },
	{ "scanner", "scanner", IS_MARK },
	{ "programming", "programming", IS_MARK },
	{ "fragile", "fragile", IS_MARK },
	{ "vendor", NULL, IS_FOUND },
	{ "model", NULL, IS_FOUND },
	{ "firmware", NULL, IS_FOUND },
	{ "serial", NULL, IS_FOUND },
	{ "order_number", NULL, IS_FOUND },
	{ "hardware", NULL, IS_FOUND },
	{ "os", NULL, IS_FOUND },
	{ "mode", NULL, IS_FOUND },
	{ "servers", NULL, IS_FOUND },
	{ "clients", NULL, IS_FOUND },
	{ "ot", NULL, IS_FOUND },
	{ "packets", NULL, IS_FOUND },
	{ "bytes", NULL, IS_FOUND },
	{ "first", NULL, IS_FOUND },
	{ "last", NULL, IS_FOUND },
};
#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

static const char *
column_name(uint32_t i)
{
	return i < N_COLUMNS ? columns[i].name : NULL;
}

struct import {
	struct work *w;
	struct csv csv;
	struct csv_record record;
	const struct column *of[CSV_CELLS]; /* of a cell; NULL: not taken */
	uint32_t n; /* columns of the table */
	json_t *by_address; /* address: [device, ...] */
	json_t *lines; /* device: the line it was on */
	sqlite3_stmt *now; /* a device as it is exported */
	json_t *request; /* what is to be changed: [{id, ...}] */
	json_t *changes; /* the same for people */
	json_t *ignored; /* columns */
	uint32_t rows, errors;
	size_t n_told;
	char told[640];
};

/* ------------------------------------------------------------------- errors */

/* Always false; the import goes on to find others. */
static bool wrong(struct import *, uint32_t column, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static bool
wrong(struct import *m, uint32_t column, const char *fmt, ...)
{
	char why[256], where[96] = "";
	va_list ap;
	int n;

	if (m->errors++ >= TOLD)
		return false;
	va_start(ap, fmt);
	(void)vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	if (column < m->n && m->of[column] != NULL)
		(void)snprintf(where, sizeof(where),
		    ", column %" PRIu32 " (%s)", column + 1,
		    m->of[column]->name);
	n = snprintf(m->told + m->n_told, sizeof(m->told) - m->n_told,
	    "\nline %" PRIu32 "%s: %s", m->record.line, where, why);
	if (n > 0 && m->n_told + (size_t)n < sizeof(m->told))
		m->n_told += (size_t)n;
	return false;
}

static bool
tell_errors(struct import *m)
{
	char more[48] = "";

	if (m->errors > TOLD)
		(void)snprintf(more, sizeof(more), "\n… and %" PRIu32 " more",
		    m->errors - TOLD);
	return work_fail(m->w, "input", "text",
	    "%" PRIu32 " error%s; nothing was imported%s%s", m->errors,
	    m->errors == 1 ? "" : "s", m->told, more);
}

/* --------------------------------------------------------------------- head */

static const struct column *
find_column(const char *name)
{
	for (size_t i = 0; i < N_COLUMNS; i++)
		if (strcasecmp(columns[i].name, name) == 0)
			return &columns[i];
	return NULL;
}

static bool
head_cell(struct import *m, uint32_t i)
{
	const char *name = m->record.cell[i], *near;
	const struct column *c = find_column(name);

	for (uint32_t k = 0; c != NULL && c->field != NULL && k < i; k++)
		if (m->of[k] != NULL && m->of[k]->field == c->field)
			return wrong(m, CSV_CELLS, "column '%.40s' comes twice",
			    name);
	if (c != NULL && c->kind != IS_FOUND) {
		m->of[i] = c;
		return true;
	}
	near = c == NULL ? nearest(name, column_name) : NULL;
	if (near != NULL)
		return wrong(m, CSV_CELLS,
		    "no column '%.40s'; did you mean %s?", name, near);
	if (name[0] != '\0')
		(void)json_array_append_new(m->ignored, json_string(name));
	return true;
}

static bool
has_kind(const struct import *m, enum kind kind)
{
	for (uint32_t i = 0; i < m->n; i++)
		if (m->of[i] != NULL && m->of[i]->kind == kind)
			return true;
	return false;
}

static bool
read_head(struct import *m)
{
	if (!csv_next(&m->csv, &m->record))
		return m->csv.error[0] == '\0' &&
		    wrong(m, CSV_CELLS, "the table is empty");
	m->n = m->record.n;
	for (uint32_t i = 0; i < m->n; i++)
		(void)head_cell(m, i);
	if (m->errors == 0 && !has_kind(m, IS_ADDRESS) && !has_kind(m, IS_ID))
		return wrong(m, CSV_CELLS,
		    "no column 'addresses' or 'id': which device is a line?");
	return m->errors == 0;
}

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

static const char *
cell_at(const struct import *m, uint32_t i)
{
	return i < m->record.n ? m->record.cell[i] : "";
}

static bool
read_number(struct import *m, uint32_t i, json_int_t *ret)
{
	const char *text = cell_at(m, i);
	char *end;

	if (text[0] == '\0')
		return true;
	errno = 0;
	*ret = strtoll(text, &end, 10);
	return (*end == '\0' && errno == 0 && *ret > 0) ||
	    wrong(m, i, "'%.40s' is no number of a device", text);
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
			find_all(m, cell_at(m, i), &f);
		}
	*ret = f.listed || !f.addressed ? f.asked : f.device;
	if (f.several && !f.listed)
		return wrong(m, at, "several devices have these addresses");
	if (*ret == 0 && f.addressed)
		return wrong(m, at, "no device has '%.80s'", cell_at(m, at));
	return *ret != 0 ||
	    wrong(m, CSV_CELLS, "which device? neither address nor number");
}

/* -------------------------------------------------------------------- cells */

static bool
is_one_of(const char *text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcasecmp(text, *words) == 0)
			return true;
	return false;
}

static bool
mark_value(struct import *m, uint32_t i, const char *text, json_t **ret)
{
	static const char *const yes[] = { "1", "yes", "true", "x", NULL };
	static const char *const no[] = { "0", "no", "false", NULL };

	if (!is_one_of(text, yes) && !is_one_of(text, no))
		return wrong(m, i, "'%.40s' must be yes or no", text);
	*ret = json_boolean(is_one_of(text, yes));
	return true;
}

/* "2.5", and "2,5" where that is how it is written. */
static bool
level_value(struct import *m, uint32_t i, const char *text, json_t **ret)
{
	char plain[16], *comma, *end;
	double level;

	(void)snprintf(plain, sizeof(plain), "%s", text);
	comma = strchr(plain, ',');
	if (comma != NULL)
		*comma = '.';
	level = strtod(plain, &end);
	if (end == plain || *end != '\0' || !(level >= 0 && level <= 5))
		return wrong(m, i, "'%.40s' must be a Purdue level, 0 to 5",
		    text);
	*ret = json_real(level);
	return true;
}

/* What the cell says, as a request does; null: as found. */
static bool
cell_value(struct import *m, uint32_t i, json_t **ret)
{
	const char *text = csv_plain(cell_at(m, i));
	const enum kind kind = m->of[i]->kind;

	*ret = NULL;
	if (text[0] == '\0' ||
	    (kind == IS_ROLE && strcmp(text, "unknown") == 0))
		*ret = json_null();
	else if (kind == IS_MARK)
		return mark_value(m, i, text, ret);
	else if (kind == IS_LEVEL)
		return level_value(m, i, text, ret);
	else
		*ret = json_string(text);
	return *ret != NULL;
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
		"to", csv_plain(cell_at(m, i))));
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
		if (strcmp(cell_at(m, i), now) == 0)
			continue;
		if (!cell_value(m, i, &value)) {
			ok = false;
			continue;
		}
		if (is_as_shown(c->kind, cell_at(m, i), now, value) ||
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
	return wrong(m, column_of(m, w->field), "%s", w->message);
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
		return !wrong(m, CSV_CELLS,
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
		return wrong(m, CSV_CELLS,
		    "%" PRIu32 " cells, but the table has %" PRIu32 " columns",
		    m->record.n, m->n);
	if (!find_device(m, &id) || is_twice(m, id))
		return false;
	(void)sqlite3_bind_int64(m->now, 1, id);
	ok = sqlite3_step(m->now) == SQLITE_ROW
	    ? store_get_person(m->w->d->store, (uint32_t)id, &p) &&
		change_of(m, id, &p)
	    : wrong(m, CSV_CELLS, "there is no device %" JSON_INTEGER_FORMAT,
		  id);
	(void)sqlite3_reset(m->now);
	return ok;
}

/* ----------------------------------------------------------------- together */

static bool
read_table(struct import *m, const char *text)
{
	csv_open(&m->csv, span_text(text));
	if (read_head(m)) {
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
	return m->errors == 0 || tell_errors(m);
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
