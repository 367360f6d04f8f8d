/*
 * windows_import.c - files: results that were collected on an endpoint, and
 * ranges with their credentials as CSV.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "cli.h"
#include "file.h"
#include "state.h"
#include "windows.h"
#include "windows_child.h"

/* ------------------------------------------------------------------- results
 */

static void
on_item(void *ctx, const struct windows_item *item)
{
	(void)json_array_append_new(ctx, windows_item_json(item));
}

static bool
whose(const struct windows_file *f, const char *path, const struct ip *as,
    struct ip *ret)
{
	*ret = as->len > 0 ? *as : f->ip[0];
	if (ret->len > 0)
		return true;
	complain("active: %s says no address of the endpoint; --address gives "
		 "it",
	    path);
	return false;
}

static int
put_file(struct windows_sink *k, const char *path, const struct windows_file *f,
    const struct ip *as, json_t *items)
{
	char text[ADDR_TEXT_MAX];
	json_t *request;
	struct ip ip;

	if (!whose(f, path, as, &ip)) {
		json_decref(items);
		return EXIT_INPUT;
	}
	request = ask_new("windows.took");
	ask_text(request, "ip", ip_text(&ip, text));
	if (f->host[0] != '\0')
		ask_text(request, "name", f->host);
	ask_time(request, "at", f->at);
	(void)json_object_set_new(request, "items", items);
	return windows_sink_put(k, request) ? EXIT_DONE : EXIT_INPUT;
}

int
windows_import(const char *state, const char *path, const struct ip *as)
{
	struct windows_file f;
	struct windows_sink *k;
	struct span text;
	char *bytes = file_read(path, FILE_MOST, &text);
	json_t *items = json_array();
	bool good;
	int status;

	if (bytes == NULL) {
		json_decref(items);
		return EXIT_INPUT;
	}
	good = windows_read_file(text, &f, on_item, items);
	free(bytes);
	if (!good)
		complain("active: %s:%" PRIu32 ": %s; nothing was taken from "
			 "it",
		    path, f.line, f.error);
	k = good ? windows_sink_open(state) : NULL;
	if (k == NULL) {
		json_decref(items);
		return EXIT_INPUT;
	}
	status = put_file(k, path, &f, as, items);
	return windows_sink_close(k) ? status : EXIT_INTERNAL;
}

/* --------------------------------------------------------------------- ranges
 */

#define COLUMNS 5u
#define CELL 256u
#define ROWS_MOST 64u
#define CSV_MOST (1u << 20)

struct csv {
	const char *path;
	uint32_t line;
	char cell[COLUMNS][CELL];
	uint32_t n;
};

static bool
wrong(const struct csv *c, const char *what)
{
	complain("active: %s:%" PRIu32 ": %s; no range was added", c->path,
	    c->line, what);
	return false;
}

/* One cell (RFC 4180: quoted, "" is a quote); *s begins behind it. */
static bool
take_cell(struct csv *c, struct span *s)
{
	bool quoted = s->n > 0 && s->p[0] == '"', open = quoted;
	uint32_t i = quoted, n = 0;

	for (; i < s->n && (open || s->p[i] != ','); i++) {
		if (quoted && s->p[i] == '"') {
			if (open && i + 1 < s->n && s->p[i + 1] == '"')
				i++;
			else {
				open = false;
				continue;
			}
		}
		if (n + 1 >= CELL)
			return wrong(c, "a cell is too long");
		c->cell[c->n][n++] = (char)s->p[i];
	}
	c->cell[c->n][n] = '\0';
	*s = span_from(*s, i);
	return !open || wrong(c, "a quote is not closed");
}

static bool
take_row(struct csv *c, struct span s)
{
	c->n = 0;
	for (;;) {
		if (c->n == COLUMNS)
			return wrong(c, "more than five columns");
		if (!take_cell(c, &s))
			return false;
		c->n++;
		if (s.n == 0)
			break;
		s = span_from(s, 1);
		if (s.n == 0 && c->n < COLUMNS)
			c->cell[c->n++][0] = '\0';
	}
	return c->n == COLUMNS ||
	    wrong(c, "not the five columns FROM,TO,USER,PASSWORD,DISABLE");
}

static bool
is_head(const struct csv *c)
{
	static const char *const names[COLUMNS] = { "FROM", "TO", "USER",
		"PASSWORD", "DISABLE" };

	for (uint32_t i = 0; i < COLUMNS; i++)
		if (strcasecmp(c->cell[i], names[i]) != 0)
			return false;
	return true;
}

/* "DOMAIN\user" apart. */
static void
take_user(const char *text, struct windows_range *r)
{
	const char *back = strchr(text, '\\');

	(void)snprintf(r->user, sizeof(r->user), "%.*s",
	    (int)sizeof(r->user) - 1, back != NULL ? back + 1 : text);
	(void)snprintf(r->domain, sizeof(r->domain), "%.*s",
	    back != NULL ? (int)(back - text) : 0, text);
	if (strcmp(r->domain, ".") == 0)
		r->domain[0] = '\0';
}

static bool
range_of(const struct csv *c, struct windows_range *r)
{
	struct active_range range;

	(void)snprintf(r->ranges, sizeof(r->ranges), "%s%s%s", c->cell[0],
	    c->cell[1][0] != '\0' ? "-" : "", c->cell[1]);
	take_user(c->cell[2], r);
	r->on = strcasecmp(c->cell[4], "false") == 0 || c->cell[4][0] == '\0';
	if (!active_range_read(r->ranges, &range))
		return wrong(c, "FROM and TO are no addresses");
	if (r->user[0] == '\0' || c->cell[3][0] == '\0')
		return wrong(c, "USER or PASSWORD is missing");
	return r->on || strcasecmp(c->cell[4], "true") == 0 ||
	    wrong(c, "DISABLE is true or false");
}

/* All rows are read before the first is added. */
static bool
read_rows(struct csv *c, struct span s, const struct windows_range *like,
    const char *state, const char *until, json_t *ret)
{
	struct windows_range r;
	json_t *one;

	while (s.n > 0) {
		uint32_t n = span_find(s, '\n');
		struct span line = span_first(s, n);

		s = span_from(s, n + 1);
		c->line++;
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (c->line == 1 && span_starts(line, SPAN_LIT("\xef\xbb\xbf")))
			line = span_from(line, 3);
		if (line.n == 0)
			continue;
		r = *like;
		if (!take_row(c, line))
			return false;
		if (c->line == 1 && is_head(c))
			continue;
		if (!range_of(c, &r))
			return false;
		one = windows_add_request(state, &r, until, c->cell[3]);
		if (one == NULL)
			return false;
		(void)json_array_append_new(ret, one);
		if (json_array_size(ret) > ROWS_MOST)
			return wrong(c, "more than 64 ranges");
	}
	return json_array_size(ret) > 0 || wrong(c, "there are no ranges");
}

int
windows_import_ranges(const char *state, const char *path,
    const struct windows_range *like, const char *until)
{
	static struct csv c;
	struct span text;
	char *bytes = file_read(path, CSV_MOST, &text);
	json_t *all = json_array(), *one;
	int status = EXIT_INPUT;
	size_t i;

	if (bytes != NULL) {
		c = (struct csv){ .path = path };
		if (read_rows(&c, text, like, state, until, all))
			status = EXIT_DONE;
		vault_wipe(bytes, text.n);
		vault_wipe(&c, sizeof(c));
		free(bytes);
	}
	json_array_foreach(all, i, one)
		if (status == EXIT_DONE)
			status = ask("active", state, json_incref(one));
	json_decref(all);
	return status;
}
