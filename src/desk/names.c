/* names.c - names of ports and VLANs, and domains that are allowed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

#define DOMAINS_MOST 4096

/* --------------------------------------------------------- what is spoken of
 */

struct thing {
	enum kind {
		THING_PORT,
		THING_VLAN,
		THING_DOMAIN
	} kind;
	struct port_name port;
	struct vlan_name vlan;
	struct allowed_domain domain;
};

static bool
read_number(const char *text, unsigned long most, uint16_t *ret)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	*ret = (uint16_t)n;
	return *text >= '0' && *text <= '9' && *end == '\0' && n <= most;
}

static bool
is_domain(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	size_t n = strlen(text);

	return n > 0 && n < sizeof(((struct allowed_domain *)0)->name) &&
	    strpbrk(text, letters) != NULL &&
	    strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_.*") == n;
}

static bool
read_thing(struct work *w, const char *word, struct thing *ret)
{
	char low[512];
	size_t i = 0;

	for (; word[i] != '\0' && i + 1 < sizeof(low); i++)
		low[i] = word[i] >= 'A' && word[i] <= 'Z'
		    ? (char)(word[i] | 0x20)
		    : word[i];
	low[i] = '\0';
	*ret = (struct thing){ .kind = THING_PORT };
	ret->port.via = strncmp(low, "udp/", 4) == 0 ? VIA_UDP : VIA_TCP;
	if ((strncmp(low, "tcp/", 4) == 0 || strncmp(low, "udp/", 4) == 0) &&
	    read_number(low + 4, 65535, &ret->port.port))
		return true;
	ret->kind = THING_VLAN;
	if (strncmp(low, "vlan/", 5) == 0 &&
	    read_number(low + 5, 4094, &ret->vlan.vlan))
		return true;
	ret->kind = THING_DOMAIN;
	if (is_domain(low)) {
		memcpy(ret->domain.name, low, i + 1);
		return true;
	}
	return work_fail(w, "bad", "what",
	    "'%.64s': must be tcp/502, udp/161, vlan/30, or a domain such as "
	    "*.example.com",
	    word);
}

static bool
put(struct work *w, struct thing *t)
{
	switch (t->kind) {
	case THING_PORT:
		return store_put_port_name(w->d->store, &t->port);
	case THING_VLAN:
		return store_put_vlan_name(w->d->store, &t->vlan);
	case THING_DOMAIN:
		break;
	}
	t->domain.added = w->d->now;
	return store_put_domain(w->d->store, &t->domain);
}

static bool
drop(struct work *w, const struct thing *t)
{
	switch (t->kind) {
	case THING_PORT:
		return store_delete_port_name(w->d->store, t->port.via,
		    t->port.port);
	case THING_VLAN:
		return store_delete_vlan_name(w->d->store, t->vlan.vlan);
	case THING_DOMAIN:
		break;
	}
	return store_delete_domain(w->d->store, t->domain.name);
}

static const char *
thing_text(const struct thing *t, char *dst, size_t cap)
{
	switch (t->kind) {
	case THING_PORT:
		(void)snprintf(dst, cap, "%s/%u",
		    via_name((enum via)t->port.via), t->port.port);
		return dst;
	case THING_VLAN:
		(void)snprintf(dst, cap, "vlan/%u", t->vlan.vlan);
		return dst;
	case THING_DOMAIN:
		break;
	}
	return t->domain.name;
}

/* ------------------------------------------------------------------ changing
 */

static bool
call(struct work *w, struct thing *t)
{
	char *dst = t->kind == THING_PORT ? t->port.name
	    : t->kind == THING_VLAN       ? t->vlan.name
					  : t->domain.comment;
	size_t cap = t->kind == THING_PORT ? sizeof(t->port.name)
	    : t->kind == THING_VLAN        ? sizeof(t->vlan.name)
					   : sizeof(t->domain.comment);
	const char *name;

	if (!work_has(w, "name") && t->kind != THING_DOMAIN)
		return work_fail(w, "bad", "name", "add %s: what is it called?",
		    t->kind == THING_PORT ? "PORT NAME" : "VLAN NAME");
	if (!work_text(w, "name", "", cap - 1, &name))
		return false;
	(void)snprintf(dst, cap, "%s", name);
	return true;
}

bool
names_add(struct work *w)
{
	const char *what, *name;
	struct thing t;
	char text[300];

	if (!work_text(w, "what", NULL, 300, &what) ||
	    !read_thing(w, what, &t) || !call(w, &t) ||
	    !work_text(w, "name", "", 300, &name))
		return false;
	if (t.kind == THING_DOMAIN &&
	    work_sql(w, "select count(*) from domain", NULL, 0) >= DOMAINS_MOST)
		return work_fail(w, "conflict", "what",
		    "more than %d domains; use wildcards", DOMAINS_MOST);
	if (!put(w, &t))
		return work_fail_store(w);
	(void)thing_text(&t, text, sizeof(text));
	work_say(w, "%s: %s\n", text,
	    t.kind == THING_DOMAIN ? "allowed" : name);
	return work_note(w, "name", thing_text(&t, text, sizeof(text)), "%s",
		   name[0] != '\0' ? name : "allowed") &&
	    work_put(w, "undo",
		json_pack("{s:s, s:[s]}", "verb", "names.delete", "what",
		    thing_text(&t, text, sizeof(text))));
}

static bool
delete_one(struct work *w, const char *word)
{
	const char *sql = "select count(*) from (select via || '/' || port as "
			  "w from port_name union all select 'vlan/' || vlan "
			  "from vlan_name union all select name from domain) "
			  "where w = ?1";
	struct thing t;
	char text[300];

	if (!read_thing(w, word, &t))
		return false;
	if (work_sql(w, sql, thing_text(&t, text, sizeof(text)), 0) == 0)
		return work_fail(w, "absent", "what",
		    "there is no %s; 'sightglass names' lists them",
		    thing_text(&t, text, sizeof(text)));
	return (drop(w, &t) || work_fail_store(w)) &&
	    work_note(w, "name", thing_text(&t, text, sizeof(text)), "deleted");
}

bool
names_delete(struct work *w)
{
	const json_t *list = json_object_get(w->q, "what"), *one;
	size_t i;

	if (json_array_size(list) == 0)
		return work_fail(w, "bad", "what",
		    "what: must be a list of at least one");
	json_array_foreach(list, i, one)
		if (!(json_is_string(one)
			    ? delete_one(w, json_string_value(one))
			    : work_fail(w, "bad", "what",
				  "what: must be texts")))
			return false;
	work_say(w, "%zu name%s deleted\n", i, i == 1 ? "" : "s");
	return true;
}
