/* file.c - lines of a configuration file, in and out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

#define LINE 512u

struct reading {
	struct config *config;
	char port[64]; /* of the section; "": none */
	bool skip; /* the section's head was wrong */
};

static char *
trim(char *s)
{
	size_t n;

	s += strspn(s, " \t\r");
	n = strlen(s);
	while (n > 0 && strchr(" \t\r", s[n - 1]) != NULL)
		s[--n] = '\0';
	return s;
}

/* A value in quotes may hold "#" and blanks at its ends. */
static bool
unquote(char **value, char error[static CONFIG_ERROR])
{
	char *s = *value, *end;

	if (*s == '"') {
		end = strchr(s + 1, '"');
		if (end == NULL)
			return config_fail(error, "the quote is not closed");
		*end = '\0';
		if (*trim(end + 1) != '\0' && *trim(end + 1) != '#')
			return config_fail(error,
			    "something follows the closing quote");
		*value = s + 1;
		return true;
	}
	s[strcspn(s, "#")] = '\0';
	*value = trim(s);
	return true;
}

/* "[port enp3s0]", "[general]" */
static bool
section(struct reading *r, char *s, char error[static CONFIG_ERROR])
{
	char *end = strchr(s, ']'), *name;

	r->skip = true;
	if (end == NULL)
		return config_fail(error, "a section ends in ]");
	*end = '\0';
	name = trim(s + 1);
	if (strcmp(name, "general") == 0) {
		r->port[0] = '\0';
		r->skip = false;
		return true;
	}
	if (strncmp(name, "port ", 5) != 0)
		return config_fail(error,
		    "[%.40s]: no such section; there are [port INTERFACE] and "
		    "[general]",
		    name);
	name = trim(name + 5);
	if (config_port(r->config, name) == NULL)
		return config_fail(error,
		    "port %.20s: cannot be an interface's name, or there are "
		    "more than %d ports",
		    name, CONFIG_PORTS);
	(void)snprintf(r->port, sizeof(r->port), "%s", name);
	r->skip = false;
	return true;
}

static bool
one_line(struct reading *r, char *line, char error[static CONFIG_ERROR])
{
	char *s = trim(line), *equals, *value;

	if (*s == '\0' || *s == '#')
		return true;
	if (*s == '[')
		return section(r, s, error);
	if (r->skip)
		return true; /* its head was complained of */
	equals = strchr(s, '=');
	if (equals == NULL)
		return config_fail(error, "%.60s: must be key = value", s);
	*equals = '\0';
	s = trim(s);
	value = trim(equals + 1);
	if (!unquote(&value, error))
		return false;
	if (r->port[0] != '\0')
		return config_set_of_port(r->config, r->port, s, value, error);
	return config_set(r->config, s, value, error);
}

uint32_t
config_read(struct config *c, struct span text,
    void (*wrong)(void *ctx, uint32_t line, const char *error), void *ctx)
{
	struct reading r = { .config = c };
	char line[LINE], error[CONFIG_ERROR];
	uint32_t number = 0, n_wrong = 0;

	for (uint32_t at = 0; at < text.n;) {
		const uint8_t *from = text.p + at;
		const uint8_t *end = memchr(from, '\n', text.n - at);
		size_t n = end != NULL ? (size_t)(end - from) : text.n - at;
		bool ok;

		number++;
		at += (uint32_t)n + 1;
		if (n >= sizeof(line) || memchr(from, '\0', n) != NULL) {
			ok = config_fail(error, "too long, or not text");
		} else {
			memcpy(line, from, n);
			line[n] = '\0';
			ok = one_line(&r, line, error);
		}
		n_wrong += !ok;
		if (!ok && wrong != NULL)
			wrong(ctx, number, error);
	}
	return n_wrong;
}

void
config_overlay(struct config *c, struct span text)
{
	struct config *said = malloc(sizeof(*said));

	if (said == NULL)
		return;
	*said = *c;
	(void)config_read(said, text, NULL, NULL);
	for (uint32_t i = 0; i < CONF_COUNT; i++)
		if (config_may_change((enum config_key)i))
			c->number[i] = said->number[i];
	free(said);
}

/* -------------------------------------------------------------------- out */

struct writing {
	char *dst;
	uint32_t n, cap;
};

static void put(struct writing *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
put(struct writing *w, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (w->n >= w->cap)
		return;
	va_start(ap, fmt);
	n = vsnprintf(w->dst + w->n, w->cap - w->n, fmt, ap);
	va_end(ap);
	w->n += n > 0 ? (uint32_t)n : 0;
}

static void
put_port(struct writing *w, const struct port_config *p)
{
	put(w, "[port %s]\nkind = %s\n", p->interface,
	    port_kind_name((enum port_kind)p->kind));
	if (p->name[0] != '\0')
		put(w, "name = \"%s\"\n", p->name);
	if (p->description[0] != '\0')
		put(w, "description = \"%s\"\n", p->description);
	if (p->rspan_vlan != 0)
		put(w, "rspan.vlan = %u\n", (unsigned)p->rspan_vlan);
	if (p->address[0] != '\0')
		put(w, "address = %s\n", p->address);
	for (uint32_t i = 0; i < p->n_session; i++)
		put(w, "erspan.%u = \"%s\"\n", (unsigned)p->session[i].id,
		    p->session[i].name);
}

uint32_t
config_write(const struct config *c, char *dst, uint32_t cap)
{
	struct writing w = { .dst = dst, .cap = cap };
	char value[CONFIG_TEXT];

	for (uint32_t i = 0; i < CONF_COUNT; i++) {
		config_value(c, i, value);
		if (strcmp(value, config_keys[i].initial) != 0)
			put(&w, "%s = \"%s\"\n", config_keys[i].name, value);
	}
	for (uint32_t i = 0; i < c->n_port; i++)
		put_port(&w, &c->port[i]);
	return w.n < cap ? w.n : 0;
}
