/*
 * plan.c - names, lists that people type, and whether a plan is one.
 */
#include "plan.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

static const struct {
	const char *name, *what;
} methods[METHOD_COUNT] = {
#define METHOD(sym, name, what) [METHOD_##sym] = { name, what },
#include "methods.def"
#undef METHOD
};

static const struct {
	const char *name, *title, *origin;
} makes[MAKE_COUNT] = {
#define MAKE(sym, name, title, origin) [MAKE_##sym] = { name, title, origin },
#include "makes.def"
#undef MAKE
};

static const char *const directions[DIRECTION_COUNT] = { "rx", "tx", "both" };

const char *
plan_method_name(uint32_t i)
{
	return i < METHOD_COUNT ? methods[i].name : NULL;
}

const char *
plan_method_what(uint32_t i)
{
	return i < METHOD_COUNT ? methods[i].what : NULL;
}

const char *
plan_make_name(uint32_t i)
{
	return i < MAKE_COUNT ? makes[i].name : NULL;
}

const char *
plan_make_title(uint32_t i)
{
	return i < MAKE_COUNT ? makes[i].title : NULL;
}

const char *
plan_make_origin(uint32_t i)
{
	return i < MAKE_COUNT ? makes[i].origin : NULL;
}

const char *
plan_direction_name(uint32_t i)
{
	return i < DIRECTION_COUNT ? directions[i] : NULL;
}

/* ------------------------------------------------------------- addresses */

void
plan_address(const char *text, char dst[static PLAN_WORD])
{
	size_t n = strcspn(text, "/");

	(void)snprintf(dst, PLAN_WORD, "%.*s", (int)n, text);
}

static bool
parse(const char *text, uint32_t *ret_ip, int *ret_prefix)
{
	char ip[PLAN_WORD], *end;
	const char *slash = strchr(text, '/');
	struct in_addr a;
	long bits = 32;

	plan_address(text, ip);
	if (inet_pton(AF_INET, ip, &a) != 1)
		return false;
	if (slash != NULL) {
		bits = strtol(slash + 1, &end, 10);
		if (end == slash + 1 || *end != '\0' || bits < 0 || bits > 32)
			return false;
	}
	*ret_ip = ntohl(a.s_addr);
	*ret_prefix = slash != NULL ? (int)bits : -1;
	return true;
}

bool
plan_address_ok(const char *text, bool prefix)
{
	uint32_t ip;
	int bits;

	return parse(text, &ip, &bits) && (!prefix || bits >= 0);
}

bool
plan_same_subnet(const char *a, const char *b)
{
	uint32_t x, y;
	int p, q, bits;

	if (!parse(a, &x, &p) || !parse(b, &y, &q))
		return false;
	bits = p < 0 ? q : q < 0 || p < q ? p : q;
	if (bits < 0)
		bits = 24;
	return bits == 0 || (x ^ y) >> (32 - bits) == 0;
}

/* ------------------------------------------------------------------- lists */

static bool
refuse(char error[static PLAN_ERROR], const char *what, const char *text)
{
	(void)snprintf(error, PLAN_ERROR, "%s: '%.80s'", what, text);
	return false;
}

/* What would end the command it is put into, or begin another. */
static bool
is_plain(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) &&
		    strchr("/.-_: #", s[i]) == NULL)
			return false;
	return n > 0 && n < PLAN_WORD;
}

bool
plan_sources(struct plan *p, const char *text,
    char ret_error[static PLAN_ERROR])
{
	for (const char *s = text; *s != '\0';) {
		size_t n = strcspn(s, ","), lead = strspn(s, " ");

		if (lead >= n || !is_plain(s + lead, n - lead))
			return refuse(ret_error, "cannot be a port", s);
		if (p->n_source == PLAN_LIST)
			return refuse(ret_error, "more than 64 ports", s);
		(void)snprintf(p->source[p->n_source++], PLAN_WORD, "%.*s",
		    (int)(n - lead), s + lead);
		s += n + (s[n] == ',');
	}
	return true;
}

static bool
add_vlans(struct plan *p, long from, long to)
{
	for (long v = from; v <= to; v++) {
		if (p->n_vlan == PLAN_LIST)
			return false;
		p->vlan[p->n_vlan++] = (uint16_t)v;
	}
	return true;
}

bool
plan_vlans(struct plan *p, const char *text, char ret_error[static PLAN_ERROR])
{
	for (const char *s = text; *s != '\0';) {
		char *end;
		long from = strtol(s, &end, 10), to = from;

		if (*end == '-')
			to = strtol(end + 1, &end, 10);
		if (end == s || (*end != ',' && *end != '\0') || from < 1 ||
		    to > 4094 || to < from)
			return refuse(ret_error,
			    "no VLANs (1 to 4094, as 10,20-25)", s);
		if (!add_vlans(p, from, to))
			return refuse(ret_error, "more than 64 VLANs", s);
		s = end + (*end == ',');
	}
	return true;
}

/* ------------------------------------------------------------------- check */

static bool
needs(char error[static PLAN_ERROR], const char *what)
{
	(void)snprintf(error, PLAN_ERROR, "%s", what);
	return false;
}

static bool
is_switch(enum plan_method m)
{
	return m == METHOD_SPAN || m == METHOD_RSPAN || m == METHOD_ERSPAN;
}

static bool
check_switch(const struct plan *p, char error[static PLAN_ERROR])
{
	if (p->n_source == 0 && p->n_vlan == 0)
		return needs(error,
		    "say what is to be mirrored: --source PORTS or --vlan "
		    "LIST");
	if (p->n_source > 0 && p->n_vlan > 0)
		return needs(error,
		    "a session has ports or VLANs as its sources, not both");
	if (p->method != METHOD_ERSPAN && p->destination[0] == '\0')
		return needs(error,
		    "say where the sensor is connected: --destination PORT");
	for (uint32_t i = 0; i < p->n_source; i++)
		if (strcmp(p->source[i], p->destination) == 0)
			return needs(error,
			    "the sensor's port cannot be a source, too");
	if (p->method == METHOD_RSPAN && p->remote_vlan == 0)
		return needs(error,
		    "say which VLAN is the mirror's: --remote-vlan N");
	for (uint32_t i = 0; i < p->n_vlan; i++)
		if (p->method == METHOD_RSPAN && p->vlan[i] == p->remote_vlan)
			return needs(error,
			    "the remote VLAN cannot be a source, too");
	return true;
}

static bool
check_tunnel(const struct plan *p, char error[static PLAN_ERROR])
{
	if (!plan_address_ok(p->to, true))
		return needs(error,
		    "say where the tunnel ends: --to ADDRESS/PREFIX of the "
		    "sensor's port");
	if (p->from[0] != '\0' && !plan_address_ok(p->from, false))
		return needs(error, "--from is no IPv4 address");
	if (p->management[0] != '\0' && !plan_address_ok(p->management, true))
		return needs(error, "--management is no ADDRESS/PREFIX");
	if (p->session > 1023)
		return needs(error, "sessions of ERSPAN are 1 to 1023");
	return true;
}

bool
plan_check(const struct plan *p, char ret_error[static PLAN_ERROR])
{
	if (!plan_has(p->method, p->make)) {
		(void)snprintf(ret_error, PLAN_ERROR,
		    "nothing is known of %s with %s",
		    plan_method_name(p->method), makes[p->make].title);
		return false;
	}
	if (is_switch(p->method) && !check_switch(p, ret_error))
		return false;
	if (p->method == METHOD_ERSPAN)
		return check_tunnel(p, ret_error);
	if ((p->method == METHOD_ESXI || p->method == METHOD_HYPER_V) &&
	    p->destination[0] == '\0')
		return needs(ret_error,
		    "say which virtual switch: --destination NAME");
	return true;
}
