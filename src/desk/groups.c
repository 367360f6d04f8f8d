/*
 * groups.c - what people say of addresses: those of a group are one device.
 * The groups of the state, as they are and as they shall be.
 */
#include <stdlib.h>
#include <string.h>

#include "private.h"

/* ---------------------------------------------------------------- addresses */

static bool
is_at(const struct device_addr *a, const struct device_addr *b)
{
	return a->vlan == b->vlan && ip_same(&a->addr.ip, &b->addr.ip) &&
	    a->addr.has_mac == b->addr.has_mac &&
	    (!a->addr.has_mac || mac_same(&a->addr.mac, &b->addr.mac));
}

/* The MAC of an address by itself. */
struct device_addr
mac_alone(const struct device_addr *a)
{
	return (struct device_addr){ .addr.mac = a->addr.mac,
		.addr.has_mac = true,
		.vlan = TALK_NO_VLAN };
}

json_t *
address_json(const struct device_addr *a)
{
	char ip[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX];
	json_t *j = json_object();

	if (a->addr.ip.len > 0)
		(void)json_object_set_new(j, "ip",
		    json_string(ip_text(&a->addr.ip, ip)));
	if (a->addr.has_mac)
		(void)json_object_set_new(j, "mac",
		    json_string(mac_text(&a->addr.mac, mac)));
	if (a->vlan != TALK_NO_VLAN)
		(void)json_object_set_new(j, "vlan", json_integer(a->vlan));
	return j;
}

static bool
read_part(struct work *w, const char *field, bool ip, struct addr *to)
{
	const char *text;
	struct addr a;

	if (!work_text(w, field, "", 64, &text))
		return false;
	if (text[0] == '\0')
		return true;
	if (!rule_addr(span_text(text), &a) || (a.ip.len > 0) != ip)
		return work_fail(w, "bad", field, "'%.64s' is no %s address",
		    text, ip ? "IP" : "MAC");
	if (ip)
		to->ip = a.ip;
	else
		to->mac = a.mac;
	to->has_mac |= !ip;
	return true;
}

bool
read_address(struct work *w, const json_t *one, struct device_addr *ret)
{
	const json_t *whole = w->q;
	int64_t vlan = 0;
	bool ok;

	*ret = (struct device_addr){ 0 };
	w->q = one;
	ok = read_part(w, "ip", true, &ret->addr) &&
	    read_part(w, "mac", false, &ret->addr) &&
	    work_whole(w, "vlan", TALK_NO_VLAN, 0, TALK_NO_VLAN, &vlan);
	w->q = whole;
	ret->vlan = (uint16_t)(ok ? vlan : 0);
	return ok &&
	    (ret->addr.ip.len > 0 || ret->addr.has_mac ||
		work_fail(w, "bad", "addresses", "an address is empty"));
}

/* ------------------------------------------------------------------- groups */

static struct grouped *
group_at(struct grouped *all, uint32_t n, const struct device_addr *a)
{
	for (uint32_t i = 0; i < n; i++)
		if (is_at(&all[i].at, a))
			return &all[i];
	return NULL;
}

/* Group 0: of none; taken out at the end. */
bool
groups_put(struct work *w, struct joining *j, const struct device_addr *a,
    uint32_t group)
{
	struct grouped *g = group_at(j->is, j->n_is, a);

	if (g == NULL && j->n_is == INVENTORY_GROUPED)
		return work_fail(w, "conflict", NULL,
		    "more addresses of devices that were merged or split "
		    "than the sensor looks through (%u)",
		    INVENTORY_GROUPED);
	if (g == NULL) {
		g = &j->is[j->n_is++];
		g->at = *a;
	}
	g->group = group;
	return true;
}

/* Whole groups move, so that what is not listed just now goes along. */
static bool
move_group(struct work *w, struct joining *j, const struct device_addr *a,
    uint32_t to)
{
	const struct grouped *g = group_at(j->is, j->n_is, a);
	const uint32_t from = g != NULL ? g->group : 0;

	for (uint32_t i = 0; from != 0 && i < j->n_is; i++)
		if (j->is[i].group == from)
			j->is[i].group = to;
	return groups_put(w, j, a, to);
}

bool
groups_move(struct work *w, struct joining *j, const struct device_addr *a,
    uint32_t to)
{
	const struct device_addr mac = mac_alone(a);

	return move_group(w, j, a, to) &&
	    (!a->addr.has_mac || move_group(w, j, &mac, to));
}

uint32_t
groups_new(const struct joining *j)
{
	uint32_t most = 0;

	for (uint32_t i = 0; i < j->n_is; i++)
		most = j->is[i].group > most ? j->is[i].group : most;
	return most + 1;
}

bool
groups_begin(struct work *w, struct joining *j)
{
	if (!store_get_groups(w->d->store, j->was, INVENTORY_GROUPED,
		&j->n_was))
		return work_fail_store(w);
	memcpy(j->is, j->was, sizeof(j->is));
	j->n_is = j->n_was;
	return true;
}

static int
by_group(const void *a, const void *b)
{
	const struct grouped *x = a, *y = b;

	return x->group < y->group ? -1 : x->group > y->group;
}

static void
put_was(json_t *list, const struct grouped *g, uint32_t group)
{
	json_t *one = address_json(&g->at);

	(void)json_object_set_new(one, "group", json_integer(group));
	(void)json_array_append_new(list, one);
}

/* What puts the groups back: those that are not as they were. */
json_t *
groups_back(struct joining *j)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < j->n_was; i++) {
		const struct grouped *is =
		    group_at(j->is, j->n_is, &j->was[i].at);

		if (is == NULL || is->group != j->was[i].group)
			put_was(list, &j->was[i], j->was[i].group);
	}
	for (uint32_t i = 0; i < j->n_is; i++)
		if (group_at(j->was, j->n_was, &j->is[i].at) == NULL)
			put_was(list, &j->is[i], 0);
	return list;
}

/* The list as it is now, made of what the engine knows and people say. */
bool
groups_apply(struct work *w, struct joining *j)
{
	struct inventory *v = w->d->inventory, *settled;
	uint32_t n = 0;

	for (uint32_t i = 0; i < j->n_is; i++)
		if (j->is[i].group != 0)
			j->is[n++] = j->is[i];
	j->n_is = n;
	qsort(j->is, n, sizeof(j->is[0]), by_group);
	settled = inventory_group(v, j->is, n) ? inventory_settled(v) : NULL;
	if (settled == NULL)
		return work_fail(w, "failed", NULL, "out of memory");
	return (store_put_groups(w->d->store, j->is, n) &&
		   store_save_devices(w->d->store, settled, w->d->assets)) ||
	    work_fail_store(w);
}
