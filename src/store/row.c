/*
 * row.c - between structs and rows, by the columns of a table.
 *
 * What comes out of a file is not believed: a number that does not fit, a
 * text that is too long or an address that is none makes the row bad.
 */
#include <arpa/inet.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../base/hex.h"
#include "private.h"

/* ------------------------------------------------------------------- values */

static uint64_t
get_uint(const uint8_t *p, uint32_t size)
{
	uint16_t two;
	uint32_t four;
	uint64_t eight;

	switch (size) {
	case 1:
		return *p;
	case 2:
		memcpy(&two, p, sizeof(two));
		return two;
	case 4:
		memcpy(&four, p, sizeof(four));
		return four;
	default:
		memcpy(&eight, p, sizeof(eight));
		return eight;
	}
}

static void
put_uint(uint8_t *p, uint32_t size, uint64_t v)
{
	uint8_t one = (uint8_t)v;
	uint16_t two = (uint16_t)v;
	uint32_t four = (uint32_t)v;

	memcpy(p,
	    size == 1       ? (const void *)&one
		: size == 2 ? (const void *)&two
		: size == 4 ? (const void *)&four
			    : (const void *)&v,
	    size);
}

static struct value
int_value(int64_t i)
{
	return (struct value){ .type = VALUE_INT, .i = i };
}

static struct value
real_value(double r)
{
	return (
	    struct value){ .type = isnan(r) ? VALUE_NULL : VALUE_REAL, .r = r };
}

static struct value
text_value(const char *p, size_t n)
{
	return (struct value){ .type = VALUE_TEXT, .p = p, .n = (uint32_t)n };
}

static struct value
maybe_text(const char *p)
{
	return p != NULL ? text_value(p, strlen(p)) : (struct value){ 0 };
}

static struct value
maybe_int(bool has, int64_t i)
{
	return has ? int_value(i) : (struct value){ 0 };
}

static struct value
addr_value(const struct col *c, const uint8_t *p,
    char scratch[static VALUE_SCRATCH])
{
	struct addr a;
	struct ip ip;

	if (c->type == COL_IP) {
		memcpy(&ip, p, sizeof(ip));
		return ip.len > 0 ? maybe_text(ip_text(&ip, scratch))
				  : (struct value){ 0 };
	}
	memcpy(&a, p, sizeof(a));
	return a.has_mac ? maybe_text(mac_text(&a.mac, scratch))
			 : (struct value){ 0 };
}

static struct value
protos_value(const uint8_t *bits, char scratch[static VALUE_SCRATCH])
{
	size_t n = 0;

	for (uint32_t i = 0; i < n_protos; i++) {
		size_t len = strlen(protos[i]->name);

		if ((bits[i / 8] >> (i % 8) & 1) == 0 ||
		    n + len + 2 > VALUE_SCRATCH)
			continue;
		if (n > 0)
			scratch[n++] = ' ';
		memcpy(scratch + n, protos[i]->name, len);
		n += len;
	}
	return text_value(scratch, n);
}

static struct value
number_value(const uint8_t *p, uint8_t type)
{
	double r;

	memcpy(&r, p, sizeof(r));
	if (type == NUM_REAL)
		return real_value(r);
	return maybe_int(type != NUM_NONE, (int64_t)get_uint(p, 8));
}

static struct value
said_value(const uint8_t *p)
{
	const struct evidence *e;

	memcpy(&e, p, sizeof(e));
	return e != NULL ? text_value(e->text, e->text_len)
			 : (struct value){ 0 };
}

static struct value
string_value(const uint8_t *p)
{
	const char *s;

	memcpy(&s, p, sizeof(s));
	return maybe_text(s);
}

/* Out of range is NULL, which the table then refuses. */
static struct value
word_value(const struct col *c, uint32_t i)
{
	if (c->type == COL_PROTO)
		return maybe_text(i < n_protos ? protos[i]->name : NULL);
	return maybe_text(i < c->words->n ? c->words->name(i) : NULL);
}

struct value
row_value(const struct col *c, const void *subject,
    char scratch[static VALUE_SCRATCH])
{
	const uint8_t *p = (const uint8_t *)subject + c->at;
	const uint8_t *aux = (const uint8_t *)subject + c->aux;
	const char *text = (const char *)p;
	double r;

	switch (c->type) {
	case COL_UINT:
	case COL_BOOL:
	case COL_TICK:
		return int_value((int64_t)get_uint(p, c->size));
	case COL_REAL:
		memcpy(&r, p, sizeof(r));
		return real_value(r);
	case COL_CHAR:
		return text_value(text, 1);
	case COL_TEXT:
		return text_value(text, strnlen(text, c->size));
	case COL_TEXT_OR:
		return maybe_text(text[0] != '\0' ? text : NULL);
	case COL_STRING:
		return string_value(p);
	case COL_TEXT_N:
		return text_value(text, *aux);
	case COL_IP:
	case COL_MAC:
		return addr_value(c, p, scratch);
	case COL_VLAN:
		return maybe_int(get_uint(p, 2) != TALK_NO_VLAN,
		    (int64_t)get_uint(p, 2));
	case COL_MAYBE:
		return maybe_int(*aux != 0, (int64_t)get_uint(p, c->size));
	case COL_PURDUE:
		return maybe_int(*p != 255, *p);
	case COL_TICK_OR:
		return maybe_int(get_uint(p, 8) != 0, (int64_t)get_uint(p, 8));
	case COL_BOOL_OR:
		return maybe_int(*p <= 1, *p);
	case COL_WORD:
	case COL_PROTO:
		return word_value(c, (uint32_t)get_uint(p, c->size));
	case COL_PROTOS:
		return protos_value(p, scratch);
	case COL_NUMBER:
		return number_value(p, *aux);
	case COL_SAID:
		return said_value(p);
	}
	return (struct value){ 0 };
}

/* ------------------------------------------------------------------ reading */

bool
ip_of_text(const char *text, struct ip *ret)
{
	uint8_t b[16];

	if (inet_pton(AF_INET, text, b) == 1)
		*ret = ip4_of(b);
	else if (inet_pton(AF_INET6, text, b) == 1)
		*ret = ip6_of(b);
	else
		return false;
	return true;
}

bool
mac_of_text(const char *text, struct mac *ret)
{
	if (strlen(text) != 17)
		return false;
	for (uint32_t i = 0; i < 6; i++) {
		uint32_t high = hex_digit((uint8_t)text[3 * i]);
		uint32_t low = hex_digit((uint8_t)text[3 * i + 1]);

		if (high > 15 || low > 15 || (i < 5 && text[3 * i + 2] != ':'))
			return false;
		ret->b[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool
read_uint(uint8_t *p, uint32_t size, int64_t v)
{
	put_uint(p, size, (uint64_t)v);
	return size == 8 || (v >= 0 && (uint64_t)v >> (8 * size) == 0);
}

static bool
read_text(uint8_t *p, uint32_t size, const char *text, uint32_t n)
{
	if (n >= size)
		return false;
	memset(p, 0, size);
	memcpy(p, text, n);
	return true;
}

static bool
read_addr(const struct col *c, uint8_t *p, const char *text)
{
	struct addr a;
	struct ip ip;
	bool ok;

	if (c->type == COL_IP) {
		ok = ip_of_text(text, &ip);
		if (ok)
			memcpy(p, &ip, sizeof(ip));
		return ok;
	}
	memcpy(&a, p, sizeof(a));
	ok = mac_of_text(text, &a.mac);
	a.has_mac = ok;
	memcpy(p, &a, sizeof(a));
	return ok;
}

/* Names this program does not know are left out. */
static void
read_protos(uint8_t *bits, uint32_t size, const char *text)
{
	memset(bits, 0, size);
	while (*text != '\0') {
		size_t n = strcspn(text, " ");
		char name[64];
		uint32_t i = n_protos;

		if (n < sizeof(name)) {
			memcpy(name, text, n);
			name[n] = '\0';
			i = proto_find(name);
		}
		if (i < n_protos)
			bits[i / 8] = (uint8_t)(bits[i / 8] | 1u << (i % 8));
		text += n + (text[n] == ' ');
	}
}

static enum row_is
read_word(const struct col *c, uint8_t *p, const char *text)
{
	uint32_t n =
	    c->type == COL_PROTO ? proto_find(text) : word_find(c->words, text);

	if (c->type == COL_PROTO && n == n_protos)
		n = PROTO_UNKNOWN;
	else if (c->type == COL_WORD && n == c->words->n)
		return ROW_UNKNOWN;
	put_uint(p, c->size, n);
	return ROW_OK;
}

static bool
read_null(const struct col *c, uint8_t *p, uint8_t *aux)
{
	const double nan_value = (double)NAN;

	if (c->type != COL_MAC) /* the IP address stands in it, too */
		memset(p, 0, c->size);
	switch (c->type) {
	case COL_REAL:
		memcpy(p, &nan_value, sizeof(nan_value));
		return true;
	case COL_NUMBER:
		if (*aux == NUM_REAL)
			memcpy(p, &nan_value, sizeof(nan_value));
		return true;
	case COL_VLAN:
		put_uint(p, 2, TALK_NO_VLAN);
		return true;
	case COL_MAYBE:
		*aux = 0;
		return true;
	case COL_PURDUE:
	case COL_BOOL_OR:
		*p = 255;
		return true;
	case COL_IP:
	case COL_MAC:
	case COL_TEXT_OR:
	case COL_TICK_OR:
		return true;
	case COL_UINT:
	case COL_BOOL:
	case COL_TICK:
	case COL_CHAR:
	case COL_TEXT:
	case COL_STRING:
	case COL_TEXT_N:
	case COL_WORD:
	case COL_PROTO:
	case COL_PROTOS:
	case COL_SAID:
		break;
	}
	return false;
}

static bool
is_of_type(const struct col *c, int type)
{
	switch (c->type) {
	case COL_UINT:
	case COL_BOOL:
	case COL_TICK:
	case COL_VLAN:
	case COL_MAYBE:
	case COL_PURDUE:
	case COL_TICK_OR:
	case COL_BOOL_OR:
		return type == SQLITE_INTEGER;
	case COL_REAL:
		return type == SQLITE_FLOAT;
	case COL_NUMBER:
		return type == SQLITE_INTEGER || type == SQLITE_FLOAT;
	case COL_CHAR:
	case COL_TEXT:
	case COL_TEXT_OR:
	case COL_TEXT_N:
	case COL_IP:
	case COL_MAC:
	case COL_WORD:
	case COL_PROTO:
	case COL_PROTOS:
		return type == SQLITE_TEXT;
	case COL_STRING:
	case COL_SAID:
		break;
	}
	return false;
}

static enum row_is
is(bool ok)
{
	return ok ? ROW_OK : ROW_BAD;
}

static enum row_is
read_number(sqlite3_stmt *s, int i, uint8_t *p, uint8_t type)
{
	double r = sqlite3_column_double(s, i);

	if (type != NUM_REAL)
		return is(read_uint(p, 8, sqlite3_column_int64(s, i)));
	memcpy(p, &r, sizeof(r));
	return ROW_OK;
}

static enum row_is
read_col(sqlite3_stmt *s, int i, const struct col *c, uint8_t *subject)
{
	uint8_t *p = subject + c->at, *aux = subject + c->aux;
	int64_t v = sqlite3_column_int64(s, i);
	double r = sqlite3_column_double(s, i);
	const char *text;
	uint32_t n;

	if (sqlite3_column_type(s, i) == SQLITE_NULL)
		return is(read_null(c, p, aux));
	if (!is_of_type(c, sqlite3_column_type(s, i)))
		return ROW_BAD;
	if (c->type == COL_NUMBER)
		return read_number(s, i, p, *aux);
	if (c->type == COL_REAL) {
		memcpy(p, &r, sizeof(r));
		return ROW_OK;
	}
	if (sqlite3_column_type(s, i) == SQLITE_INTEGER) {
		if (c->type == COL_MAYBE)
			*aux = 1;
		return is(read_uint(p, c->size, v) &&
		    ((c->type != COL_BOOL && c->type != COL_BOOL_OR) ||
			*p <= 1));
	}
	text = (const char *)sqlite3_column_text(s, i);
	n = (uint32_t)sqlite3_column_bytes(s, i);
	if (text == NULL || strlen(text) != n)
		return ROW_BAD;
	switch ((int)c->type) {
	case COL_IP:
	case COL_MAC:
		return is(read_addr(c, p, text));
	case COL_WORD:
	case COL_PROTO:
		return read_word(c, p, text);
	case COL_PROTOS:
		read_protos(p, c->size, text);
		return ROW_OK;
	case COL_CHAR:
		*p = (uint8_t)text[0];
		return is(n == 1);
	case COL_TEXT_N:
		*aux = (uint8_t)n;
		if (n <= c->size)
			memcpy(p, text, n);
		return is(n <= c->size);
	default:
		return is(read_text(p, c->size, text, n));
	}
}

enum row_is
row_read(sqlite3_stmt *s, const struct table *t, void *subject)
{
	enum row_is worst = ROW_OK;

	for (uint32_t i = 0; i < t->n; i++) {
		enum row_is r = read_col(s, (int)i, &t->col[i], subject);

		worst = r > worst ? r : worst;
	}
	return worst;
}

/* ---------------------------------------------------------------------- SQL */

struct text {
	char *p;
	size_t n, cap;
};

static void
add(struct text *t, const char *s)
{
	size_t n = strlen(s);

	if (t->n + n < t->cap)
		memcpy(t->p + t->n, s, n + 1);
	t->n += n;
}

static void
add_columns(struct text *t, const struct table *table)
{
	for (uint32_t i = 0; i < table->n; i++) {
		add(t, i > 0 ? ", \"" : "\"");
		add(t, table->col[i].name);
		add(t, "\"");
	}
}

/* Whether the column is in "alert, place". */
static bool
is_in_key(const struct table *table, const char *column)
{
	size_t n = strlen(column);
	const char *at = table->key;

	while (*at != '\0') {
		size_t len = strcspn(at, ", ");

		if (len == n && memcmp(at, column, n) == 0)
			return true;
		at += len;
		at += strspn(at, ", ");
	}
	return false;
}

/* All but the key: to set that, even to what it is, would have SQLite look
 * for rows that refer to it. */
static void
add_update(struct text *t, const struct table *table)
{
	const char *before = "UPDATE SET \"";

	for (uint32_t i = 0; i < table->n; i++) {
		const char *name = table->col[i].name;

		if (is_in_key(table, name))
			continue;
		add(t, before);
		add(t, name);
		add(t, "\" = excluded.\"");
		add(t, name);
		add(t, "\"");
		before = ", \"";
	}
	if (before[0] == 'U')
		add(t, "NOTHING");
}

bool
row_insert_sql(const struct table *table, char *dst, size_t cap)
{
	struct text t = { .p = dst, .cap = cap };

	add(&t, "INSERT INTO \"");
	add(&t, table->name);
	add(&t, "\" (");
	add_columns(&t, table);
	add(&t, ") VALUES (");
	for (uint32_t i = 0; i < table->n; i++)
		add(&t, i > 0 ? ", ?" : "?");
	add(&t, ") ON CONFLICT (");
	add(&t, table->key);
	add(&t, ") DO ");
	add_update(&t, table);
	return t.n < cap;
}

bool
row_select_sql(const struct table *table, const char *tail, char *dst,
    size_t cap)
{
	struct text t = { .p = dst, .cap = cap };

	add(&t, "SELECT ");
	add_columns(&t, table);
	add(&t, " FROM \"");
	add(&t, table->name);
	add(&t, "\" ");
	add(&t, tail);
	return t.n < cap;
}
