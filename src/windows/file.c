/*
 * file.c - what a script collected on an endpoint; the format is in
 * windows.h.  It comes from outside: bounded, and what is wrong with it is
 * said with its line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/out.h"
#include "../rules/rules.h"
#include "ntlm.h"
#include "windows.h"

#define LINE_MOST 4096u
#define OBJECTS_MOST 20000u

struct reading {
	struct windows_file *f;
	const struct windows_query *query; /* of the section; NULL: none that
					    * is known */
	bool in_section;
	uint32_t objects;
	struct windows_object o;
	void (*got)(void *ctx, const struct windows_item *);
	void *ctx;
};

static bool
wrong(struct reading *r, const char *what)
{
	(void)snprintf(r->f->error, sizeof(r->f->error), "%s", what);
	return false;
}

/* -------------------------------------------------------------------- UTF-16
 */

static void
put_utf8(struct wr *w, uint32_t c)
{
	if (c < 0x80) {
		wr_u8(w, c);
	} else if (c < 0x800) {
		wr_u8(w, 0xc0 | c >> 6);
		wr_u8(w, 0x80 | (c & 0x3f));
	} else {
		if (c >= 0x10000) {
			wr_u8(w, 0xf0 | c >> 18);
			wr_u8(w, 0x80 | (c >> 12 & 0x3f));
		} else {
			wr_u8(w, 0xe0 | c >> 12);
		}
		wr_u8(w, 0x80 | (c >> 6 & 0x3f));
		wr_u8(w, 0x80 | (c & 0x3f));
	}
}

/* w has room for three bytes a unit. */
static void
from_utf16(struct span s, bool big, struct wr *w)
{
	uint32_t high = 0;

	for (uint32_t i = 0; i + 1 < s.n; i += 2) {
		uint32_t c = (uint32_t)s.p[i + !big] << 8 | s.p[i + big];

		if (c >= 0xd800 && c < 0xdc00) {
			high = c;
			continue;
		}
		if (high != 0 && c >= 0xdc00 && c < 0xe000)
			c = 0x10000 + ((high - 0xd800) << 10) + (c - 0xdc00);
		high = 0;
		put_utf8(w, c >= 0xd800 && c < 0xe000 ? '.' : c);
	}
}

/* ---------------------------------------------------------------- its objects
 */

/* Addresses of its own, as "10.0.0.1, fe80::1": those that can be reached. */
static void
note_addresses(struct windows_file *f, const char *list)
{
	while (list != NULL && *list != '\0') {
		size_t n = strcspn(list, ", ");
		struct addr a;

		if (rule_addr(SPAN((const uint8_t *)list, (uint32_t)n), &a) &&
		    a.ip.len > 0 && !(a.ip.len == 16 && a.ip.b[0] == 0xfe) &&
		    !(a.ip.len == 4 && a.ip.b[0] == 169 && a.ip.b[1] == 254) &&
		    f->n_ip < sizeof(f->ip) / sizeof(f->ip[0]))
			f->ip[f->n_ip++] = a.ip;
		list += n;
		list += strspn(list, ", ");
	}
}

static bool
end_object(struct reading *r)
{
	if (r->o.n == 0 || r->query == NULL) {
		r->o.n = 0;
		return true;
	}
	if (++r->objects > OBJECTS_MOST)
		return wrong(r, "more objects than a Windows can have");
	if (strcmp(r->query->name, "Win32_NetworkAdapterConfiguration") == 0)
		note_addresses(r->f, object_get(&r->o, "IPAddress"));
	if (strcmp(r->query->name, "Win32_ComputerSystem") == 0 &&
	    object_get(&r->o, "Name") != NULL)
		(void)snprintf(r->f->host, sizeof(r->f->host), "%.*s",
		    (int)sizeof(r->f->host) - 1, object_get(&r->o, "Name"));
	windows_items_of(r->query, &r->o, r->got, r->ctx);
	r->o.n = 0;
	return true;
}

/* {"10.0.0.1","fe80::1"} of wmic as 10.0.0.1, fe80::1: the quotes make room. */
static void
plain_list(char *value)
{
	size_t n = strlen(value), to = 0;

	if (n < 4 || value[0] != '{' || value[1] != '"' || value[n - 1] != '}')
		return;
	for (size_t i = 1; i + 1 < n; i++) {
		if (value[i] == '"')
			continue;
		value[to++] = value[i];
		if (value[i] == ',' && value[i - 1] == '"')
			value[to++] = ' ';
	}
	value[to] = '\0';
}

/* -------------------------------------------------------------------- lines
 */

/* "20261130100000.000000+060": local, and minutes that it is ahead of UTC
 * (DSP0004 5.2.4). */
static bool
dmtf_time(const char *s, struct tick *ret)
{
	char text[32];
	long ahead;
	bool ok;

	if (strlen(s) != 25 || strspn(s, "0123456789") != 14 || s[14] != '.' ||
	    strspn(s + 22, "0123456789") != 3 || (s[21] != '+' && s[21] != '-'))
		return false;
	(void)snprintf(text, sizeof(text), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", s,
	    s + 4, s + 6, s + 8, s + 10, s + 12);
	ok = rule_moment(span_text(text), ret);
	ahead = strtol(s + 21, NULL, 10);
	ret->ns -= ok ? (int64_t)ahead * 60 * TICK_SECOND : 0;
	return ok;
}

static bool
take_head(struct reading *r, const char *name, const char *value)
{
	if (strcmp(name, "LocalDateTime") == 0)
		return dmtf_time(value, &r->f->at) ||
		    wrong(r,
			"LocalDateTime is no time such as "
			"20261130100000.000000+060");
	if (strcmp(name, "Time") != 0)
		return true;
	return rule_moment(span_text(value), &r->f->at) ||
	    wrong(r, "Time is no time such as 2026-11-30T10:00:00Z");
}

static bool
take_line(struct reading *r, char *line)
{
	size_t n = strlen(line);
	char *equals = strchr(line, '=');

	if (n == 0)
		return end_object(r);
	if (line[0] == '[' && line[n - 1] == ']') {
		if (!end_object(r))
			return false;
		r->in_section = true;
		r->query = windows_query_find(
		    SPAN((const uint8_t *)line + 1, (uint32_t)n - 2));
		return true;
	}
	if (equals == NULL || equals == line)
		return wrong(r,
		    "neither a [section] nor a NAME=VALUE: is it cut?");
	*equals = '\0';
	if (!r->in_section)
		return take_head(r, line, equals + 1);
	plain_list(equals + 1);
	object_add(&r->o, line, equals + 1);
	return true;
}

/* The line without its end and blanks around it; false: too long. */
static bool
copy_line(struct span s, char dst[static LINE_MOST])
{
	while (s.n > 0 && s.p[s.n - 1] <= ' ')
		s.n--;
	while (s.n > 0 && s.p[0] <= ' ')
		s = span_from(s, 1);
	if (s.n >= LINE_MOST)
		return false;
	for (uint32_t i = 0; i < s.n; i++)
		dst[i] = (char)(s.p[i] == 0 ? ' ' : s.p[i]);
	dst[s.n] = '\0';
	return true;
}

static bool
read_lines(struct reading *r, struct span s)
{
	static char line[LINE_MOST];
	bool begun = false;

	while (s.n > 0) {
		uint32_t n = span_find(s, '\n');

		r->f->line++;
		if (!copy_line(span_first(s, n), line))
			return wrong(r, "longer than any line of ours");
		s = span_from(s, n + 1);
		if (!begun && line[0] == '\0')
			continue;
		if (!begun && strcmp(line, "Sightglass-Windows 1") != 0)
			return wrong(r,
			    "a file of ours begins 'Sightglass-Windows 1'");
		if (begun && !take_line(r, line))
			return false;
		begun = true;
	}
	if (!begun)
		return wrong(r, "it is empty");
	return end_object(r);
}

bool
windows_read_file(struct span s, struct windows_file *ret,
    void (*got)(void *ctx, const struct windows_item *), void *ctx)
{
	struct reading r = { .f = ret, .got = got, .ctx = ctx };
	bool big = span_starts(s, SPAN_LIT("\xfe\xff")), ok;
	struct wr w = { .n = 0 };

	*ret = (struct windows_file){ .line = 0 };
	if (s.n > FILE_MOST)
		return wrong(&r, "larger than any file of ours");
	if (!big && !span_starts(s, SPAN_LIT("\xff\xfe")))
		return read_lines(&r,
		    span_starts(s, SPAN_LIT("\xef\xbb\xbf")) ? span_from(s, 3)
							     : s);
	w.cap = s.n / 2 * 3 + 4;
	w.p = malloc(w.cap);
	if (w.p == NULL)
		return wrong(&r, "out of memory");
	from_utf16(span_from(s, 2), big, &w);
	ok = read_lines(&r, wr_span(&w));
	free(w.p);
	return ok;
}
