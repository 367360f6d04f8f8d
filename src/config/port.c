/* port.c - what is said of a port: its name, how traffic comes to it. */
#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "../base/nearest.h"
#include "private.h"

static const struct {
	const char *name, *help;
} kinds[PORT_KIND_COUNT] = {
#define PORT_KIND(sym, name, help) { name, help },
#include "port.def"
#undef PORT_KIND
};

enum {
	PORT_KEY_NAME,
	PORT_KEY_DESCRIPTION,
	PORT_KEY_KIND,
	PORT_KEY_RSPAN_VLAN,
	PORT_KEY_ERSPAN,
	PORT_KEY_ADDRESS,
};

const struct port_key config_port_keys[] = {
	[PORT_KEY_NAME] = { "name", "text", "what people call the port" },
	[PORT_KEY_DESCRIPTION] = { "description", "text",
	    "where it leads, which cable" },
	[PORT_KEY_KIND] = { "kind", "see below", "how traffic comes to it" },
	[PORT_KEY_RSPAN_VLAN] = { "rspan.vlan", "1 to 4094",
	    "the VLAN of the mirror itself, which is none of the traffic's" },
	[PORT_KEY_ERSPAN] = { "erspan.N", "text",
	    "the name of ERSPAN session N, 0 to 1023; of unknown sessions "
	    "packets are counted and shown" },
	[PORT_KEY_ADDRESS] = { "address", "IPv4/prefix",
	    "where ERSPAN tunnels end; the port then answers ARP. In another "
	    "subnet than the management" },
};
const uint32_t n_config_port_keys =
    sizeof(config_port_keys) / sizeof(config_port_keys[0]);

const char *
port_kind_name(enum port_kind kind)
{
	return kinds[kind].name;
}

const char *
port_kind_help(enum port_kind kind)
{
	return kinds[kind].help;
}

static const char *
kind_name(uint32_t i)
{
	return i < PORT_KIND_COUNT ? kinds[i].name : NULL;
}

static const char *
port_key_name(uint32_t i)
{
	return i < n_config_port_keys ? config_port_keys[i].name : NULL;
}

/* As the kernel allows: up to 15 bytes, no blank, no slash. */
static bool
is_interface(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n < 16 && strcspn(name, "/ \t:") == n &&
	    strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

struct port_config *
config_port(struct config *c, const char *interface)
{
	struct port_config *p;

	for (uint32_t i = 0; i < c->n_port; i++)
		if (strcmp(c->port[i].interface, interface) == 0)
			return &c->port[i];
	if (c->n_port == CONFIG_PORTS || !is_interface(interface))
		return NULL;
	p = &c->port[c->n_port++];
	memset(p, 0, sizeof(*p));
	p->kind = PORT_ANY;
	memcpy(p->interface, interface, strlen(interface) + 1);
	return p;
}

static bool
copy(char *dst, size_t cap, const char *key, const char *value,
    char error[static CONFIG_ERROR])
{
	if (strlen(value) >= cap)
		return config_fail(error, "%s: longer than %zu characters", key,
		    cap - 1);
	memcpy(dst, value, strlen(value) + 1);
	return true;
}

static bool
set_kind(struct port_config *p, const char *value,
    char error[static CONFIG_ERROR])
{
	const char *near = nearest(value, kind_name);

	for (uint32_t i = 0; i < PORT_KIND_COUNT; i++) {
		if (strcmp(kinds[i].name, value) != 0)
			continue;
		p->kind = (uint8_t)i;
		return true;
	}
	if (near != NULL)
		return config_fail(error, "kind=%.40s: did you mean %s?", value,
		    near);
	return config_fail(error,
	    "kind=%.40s: must be span, rspan, erspan, tap, tap-rx, tap-tx, "
	    "esxi, hyper-v or any",
	    value);
}

static bool
set_vlan(struct port_config *p, const char *value,
    char error[static CONFIG_ERROR])
{
	uint64_t v;

	if (!config_number(value, false, &v) || v < 1 || v > 4094)
		return config_fail(error,
		    "rspan.vlan=%.40s: must be a number from 1 to 4094", value);
	p->rspan_vlan = (uint16_t)v;
	return true;
}

static bool
set_address(struct port_config *p, const char *value,
    char error[static CONFIG_ERROR])
{
	const char *slash = strchr(value, '/');
	char ip[24] = "";
	struct in_addr in;
	uint64_t bits;

	if (slash != NULL && slash - value < (ptrdiff_t)sizeof(ip))
		(void)snprintf(ip, sizeof(ip), "%.*s", (int)(slash - value),
		    value);
	if (inet_pton(AF_INET, ip, &in) != 1 ||
	    !config_number(slash + 1, false, &bits) || bits < 8 || bits > 31)
		return config_fail(error,
		    "address=%.40s: must be an IPv4 address with its prefix, "
		    "as 10.9.0.1/24",
		    value);
	return copy(p->address, sizeof(p->address), "address", value, error);
}

static bool
set_session(struct port_config *p, const char *id, const char *value,
    char error[static CONFIG_ERROR])
{
	struct port_session *s = NULL;
	uint64_t v;

	if (!config_number(id, false, &v) || v > 1023)
		return config_fail(error,
		    "erspan.%.40s: a session is a number from 0 to 1023", id);
	for (uint32_t i = 0; i < p->n_session; i++)
		if (p->session[i].id == v)
			s = &p->session[i];
	if (s == NULL && p->n_session == CONFIG_SESSIONS)
		return config_fail(error, "erspan.%.40s: more than %d sessions",
		    id, CONFIG_SESSIONS);
	if (s == NULL)
		s = &p->session[p->n_session++];
	s->id = (uint16_t)v;
	return copy(s->name, sizeof(s->name), "erspan", value, error);
}

bool
config_set_of_port(struct config *c, const char *interface, const char *key,
    const char *value, char error[static CONFIG_ERROR])
{
	struct port_config *p = config_port(c, interface);
	const char *near;

	if (p == NULL)
		return config_fail(error,
		    "port %.20s: cannot be an interface's name, or there are "
		    "more than %d ports",
		    interface, CONFIG_PORTS);
	if (strcmp(key, "name") == 0)
		return copy(p->name, sizeof(p->name), key, value, error);
	if (strcmp(key, "description") == 0)
		return copy(p->description, sizeof(p->description), key, value,
		    error);
	if (strcmp(key, "kind") == 0)
		return set_kind(p, value, error);
	if (strcmp(key, "rspan.vlan") == 0)
		return set_vlan(p, value, error);
	if (strcmp(key, "address") == 0)
		return set_address(p, value, error);
	if (strncmp(key, "erspan.", 7) == 0)
		return set_session(p, key + 7, value, error);
	near = nearest(key, port_key_name);
	return config_fail(error, "%.60s: no such setting of a port%s%s%s", key,
	    near != NULL ? "; did you mean " : "", near != NULL ? near : "",
	    near != NULL ? "?" : "");
}

/* Where the interface's name ends: before the longest tail that is a key. */
static const char *
tail_of(const char *key)
{
	static const char *const plain[] = { ".name", ".description", ".kind",
		".rspan.vlan", ".address" };
	const char *last = NULL;
	size_t n = strlen(key);

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		size_t k = strlen(plain[i]);

		if (n > k && strcmp(key + n - k, plain[i]) == 0)
			return key + n - k;
	}
	for (const char *at = strstr(key, ".erspan."); at != NULL;
	     at = strstr(at + 1, ".erspan."))
		last = at;
	return last != NULL ? last : strrchr(key, '.');
}

bool
config_set_port(struct config *c, const char *key, const char *value,
    char error[static CONFIG_ERROR])
{
	const char *tail = tail_of(key);
	char interface[64];

	if (tail == NULL || tail == key)
		return config_fail(error,
		    "port.%.40s: must be port.INTERFACE.KEY", key);
	(void)snprintf(interface, sizeof(interface), "%.*s", (int)(tail - key),
	    key);
	return config_set_of_port(c, interface, tail + 1, value, error);
}
