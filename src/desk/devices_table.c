/*
 * devices_table.c - the columns of a table of devices, and what their cells
 * say; what is wrong is told with line and column.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../base/nearest.h"
#include "devices_import.h"

#define TOLD 6u /* errors told in full */

/* Names as in the export, and what people call them. */
static const struct column columns[] = {
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

/* ------------------------------------------------------------------- errors */

bool
devices_table_wrong(struct import *m, uint32_t column, const char *fmt, ...)
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

bool
devices_table_tell(struct import *m)
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
			return devices_table_wrong(m, CSV_CELLS,
			    "column '%.40s' comes twice", name);
	if (c != NULL && c->kind != IS_FOUND) {
		m->of[i] = c;
		return true;
	}
	near = c == NULL ? nearest(name, column_name) : NULL;
	if (near != NULL)
		return devices_table_wrong(m, CSV_CELLS,
		    "no column '%.40s'; did you mean %s?", name, near);
	if (name[0] != '\0')
		(void)json_array_append_new(m->ignored, json_string(name));
	return true;
}

bool
devices_table_has(const struct import *m, enum kind kind)
{
	for (uint32_t i = 0; i < m->n; i++)
		if (m->of[i] != NULL && m->of[i]->kind == kind)
			return true;
	return false;
}

bool
devices_table_head(struct import *m)
{
	if (!csv_next(&m->csv, &m->record))
		return m->csv.error[0] == '\0' &&
		    devices_table_wrong(m, CSV_CELLS, "the table is empty");
	m->n = m->record.n;
	for (uint32_t i = 0; i < m->n; i++)
		(void)head_cell(m, i);
	if (m->errors == 0 && !devices_table_has(m, IS_ADDRESS) &&
	    !devices_table_has(m, IS_ID))
		return devices_table_wrong(m, CSV_CELLS,
		    "no column 'addresses' or 'id': which device is a line?");
	return m->errors == 0;
}

/* -------------------------------------------------------------------- cells */

const char *
devices_table_cell(const struct import *m, uint32_t i)
{
	return i < m->record.n ? m->record.cell[i] : "";
}

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
		return devices_table_wrong(m, i, "'%.40s' must be yes or no",
		    text);
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
		return devices_table_wrong(m, i,
		    "'%.40s' must be a Purdue level, 0 to 5", text);
	*ret = json_real(level);
	return true;
}

bool
devices_table_value(struct import *m, uint32_t i, json_t **ret)
{
	const char *text = csv_plain(devices_table_cell(m, i));
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
