/* object.c - what a query brought, and the items that become of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ntlm.h"
#include "windows.h"

void
object_add(struct windows_object *o, const char *name, const char *value)
{
	uint32_t i = 0;
	size_t n;

	while (i < o->n && strcmp(o->of[i].name, name) != 0)
		i++;
	if (i == OBJECT_FIELDS || strlen(name) >= OBJECT_NAME)
		return;
	if (i == o->n) {
		o->n++;
		(void)snprintf(o->of[i].name, OBJECT_NAME, "%s", name);
		o->of[i].value[0] = '\0';
	}
	n = strlen(o->of[i].value);
	(void)snprintf(o->of[i].value + n, OBJECT_VALUE - n, "%s%s",
	    n > 0 ? ", " : "", value);
}

const char *
object_get(const struct windows_object *o, const char *name)
{
	for (uint32_t i = 0; i < o->n; i++)
		if (strcmp(o->of[i].name, name) == 0)
			return o->of[i].value;
	return NULL;
}

/* ----------------------------------------------------------- values, plainer
 */

/* "20211103120000.500000+060" of DMTF (DSP0004 5.2.4) as "2021-11-03 12:00". */
static bool
is_dmtf_time(const char *s)
{
	return strspn(s, "0123456789") == 14 && s[14] == '.' && strlen(s) == 25;
}

/*
 * productState of the Security Center: no document says what its bits are; as
 * seen on Windows 7 to 11, the second digit of the middle byte says whether it
 * is on, the last byte whether it is out of date.
 */
static void
product_state(const char *s, char *dst, size_t cap)
{
	unsigned long v = strtoul(s, NULL, 10);
	unsigned on = v >> 12 & 0xf, old = v >> 4 & 0xf;

	(void)snprintf(dst, cap, "%s, %s (%s)", on == 1 ? "on" : "off",
	    old == 0 ? "up to date" : "out of date", s);
}

/* "Disk&Ven_SanDisk&Prod_Ultra&Rev_1.00" as "SanDisk Ultra 1.00", the serial
 * number "4C53&0" as "4C53": how Windows names what was plugged in. */
static void
usb_name(const char *s, char *dst, size_t cap)
{
	static const char *const marks[] = { "&Ven_", "&Prod_", "&Rev_" };
	const char *first = strstr(s, marks[0]);
	size_t n = 0;

	for (s = first != NULL ? first : s; *s != '\0' && n + 1 < cap; s++) {
		size_t skip = 0;

		for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
			if (strncmp(s, marks[i], strlen(marks[i])) == 0)
				skip = strlen(marks[i]);
		if (skip == 0 && strcmp(s, "&0") == 0)
			break;
		if (skip > 0)
			s += skip - 1;
		if (skip == 0 || n > 0)
			dst[n++] = (char)(skip > 0 || *s == '_' ? ' ' : *s);
	}
	dst[n] = '\0';
}

/* "11/3/2026", as updates say it, as "2026-11-03". */
static bool
american_date(const char *s, char *dst, size_t cap)
{
	unsigned long n[3];
	char *end;

	for (int i = 0; i < 3; i++) {
		n[i] = strtoul(s, &end, 10);
		if (end == s || *s < '0' || *s > '9' ||
		    *end != (i < 2 ? '/' : '\0'))
			return false;
		s = end + 1;
	}
	if (n[0] > 12 || n[1] > 31 || n[2] < 1990 || n[2] > 2999)
		return false;
	(void)snprintf(dst, cap, "%04lu-%02lu-%02lu", n[2], n[0], n[1]);
	return true;
}

/* "2026-11-30T06:00:00Z" to the minute. */
static bool
is_time(const char *s)
{
	return strlen(s) >= 20 && s[4] == '-' && s[7] == '-' && s[10] == 'T';
}

/* However it was asked for, a value reads alike. */
static void
plain_value(const char *field, const char *s, char *dst, size_t cap)
{
	if (strcmp(field, "Device") == 0 || strcmp(field, "Serial") == 0)
		usb_name(s, dst, cap);
	else if (strcmp(field, "productState") == 0)
		product_state(s, dst, cap);
	else if (is_dmtf_time(s))
		(void)snprintf(dst, cap, "%.4s-%.2s-%.2s %.2s:%.2s", s, s + 4,
		    s + 6, s + 8, s + 10);
	else if (is_time(s))
		(void)snprintf(dst, cap, "%.10s %.5s", s, s + 11);
	else if (strcasecmp(s, "true") == 0)
		(void)snprintf(dst, cap, "true");
	else if (strcasecmp(s, "false") == 0)
		(void)snprintf(dst, cap, "false");
	else if (!american_date(s, dst, cap))
		(void)snprintf(dst, cap, "%s", s);
}

static void
put_value(struct wr *w, const char *field, const char *s)
{
	char text[OBJECT_VALUE];

	plain_value(field, s, text, sizeof(text));
	wr_bytes(w, text, (uint32_t)strlen(text));
}

/* ----------------------------------------------------------------- templates
 */

/* Whole characters only, control characters become blanks, what is no UTF-8
 * '.'; ends trimmed. */
static void
finish(const struct wr *w, char *dst, uint32_t cap)
{
	uint32_t n = 0, i = 0;

	while (i < w->n) {
		uint32_t c, size = utf8_take(w->p + i, w->n - i, &c);
		bool odd = size == 0 || c < ' ' || c == 0x7f;

		size = size > 0 ? size : 1;
		if (n + size >= cap)
			break;
		if (odd)
			dst[n++] = w->p[i] < ' ' ? ' ' : '.';
		else
			memcpy(dst + n, w->p + i, size);
		n += odd ? 0 : size;
		i += size;
		if (n == 1 && dst[0] == ' ')
			n = 0;
	}
	while (n > 0 && dst[n - 1] == ' ')
		n--;
	dst[n] = '\0';
}

/* How many of its fields had something to say; *ret_fields: how many it has.
 */
static uint32_t
expand(const char *t, const struct windows_object *o, char *dst, uint32_t cap,
    uint32_t *ret_fields)
{
	uint8_t bytes[4096];
	struct wr w = WR(bytes);
	uint32_t said = 0;

	*ret_fields = 0;
	while (*t != '\0') {
		char field[OBJECT_NAME];
		const char *value;
		size_t n = strcspn(t, "{");

		wr_bytes(&w, t, (uint32_t)n);
		t += n;
		if (*t == '\0')
			break;
		n = strcspn(t, "}");
		(void)snprintf(field, sizeof(field), "%.*s", (int)n - 1, t + 1);
		t += n + 1;
		++*ret_fields;
		value = object_get(o, field);
		if (value != NULL && value[0] != '\0') {
			put_value(&w, field, value);
			said++;
		}
	}
	finish(&w, dst, cap);
	return said;
}

void
windows_items_of(const struct windows_query *q, const struct windows_object *o,
    void (*got)(void *ctx, const struct windows_item *), void *ctx)
{
	for (uint32_t i = 0; i < q->n; i++) {
		const struct windows_template *t = &q->item[i];
		struct windows_item item = { .kind = t->kind,
			.trait = t->trait };
		uint32_t names, values, details, name, value;

		name = expand(t->name, o, item.name, WINDOWS_NAME, &names);
		value = expand(t->value, o, item.value, WINDOWS_VALUE, &values);
		if (expand(t->detail, o, item.detail, WINDOWS_DETAIL,
			&details) == 0 &&
		    details > 0)
			item.detail[0] = '\0';
		if ((names > 0 && name == 0) ||
		    (names == 0 && values > 0 && value == 0) ||
		    item.name[0] == '\0')
			continue;
		got(ctx, &item);
	}
}
