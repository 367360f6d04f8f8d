/* node.c - addresses seen, found by hash. */
#include <string.h>

#include "../base/hash.h"
#include "private.h"

struct node_key { /* no padding */
	uint8_t bytes[16];
	uint16_t vlan;
	uint8_t len, zero;
};

static struct node_key
key_of(const struct ip *ip, const struct mac *mac, uint16_t vlan)
{
	struct node_key k;

	memset(&k, 0, sizeof(k));
	if (ip != NULL)
		memcpy(k.bytes, ip->b, ip->len);
	else
		memcpy(k.bytes, mac->b, 6);
	k.len = ip != NULL ? ip->len : 0;
	k.vlan = vlan;
	return k;
}

static bool
is_key(const struct node *n, const struct node_key *k)
{
	if (n->ip.len != k->len || n->vlan != k->vlan)
		return false;
	return memcmp(k->bytes, k->len > 0 ? n->ip.b : n->mac.b,
		   k->len > 0 ? k->len : 6) == 0;
}

static struct node *
find(const struct inventory *v, const struct node_key *k, uint32_t *ret_slot)
{
	uint32_t i = (uint32_t)hash_bytes(k, sizeof(*k), 0) & v->slot_mask;

	for (; v->slot[i] != 0; i = (i + 1) & v->slot_mask)
		if (is_key(&v->node[v->slot[i] - 1], k))
			return &v->node[v->slot[i] - 1];
	*ret_slot = i;
	return NULL;
}

static struct node *
find_or_add(struct inventory *v, const struct ip *ip, const struct mac *mac,
    uint16_t vlan)
{
	struct node_key k = key_of(ip, mac, vlan);
	uint32_t slot = 0;
	struct node *n = find(v, &k, &slot);

	if (n != NULL)
		return n;
	if (v->n == v->max) {
		v->left_out++;
		return NULL;
	}
	n = &v->node[v->n++];
	v->slot[slot] = v->n;
	if (ip != NULL)
		n->ip = *ip;
	else
		n->mac = *mac;
	n->vlan = vlan;
	n->first.ns = INT64_MAX;
	n->last.ns = INT64_MIN;
	return n;
}

struct node *
node_of_ip(struct inventory *v, const struct ip *ip, uint16_t vlan)
{
	if (ip->len == 0 || ip_is_zero(ip) || ip_is_group(ip))
		return NULL;
	return find_or_add(v, ip, NULL, vlan);
}

struct node *
node_of_mac(struct inventory *v, const struct mac *mac)
{
	if (mac_is_group(mac) || mac_is_zero(mac))
		return NULL;
	return find_or_add(v, NULL, mac, TALK_NO_VLAN);
}

struct node *
node_of(struct inventory *v, const struct addr *a, uint16_t vlan)
{
	if (a->ip.len > 0 && !ip_is_zero(&a->ip))
		return node_of_ip(v, &a->ip, vlan);
	return a->has_mac ? node_of_mac(v, &a->mac) : NULL;
}

struct node *
node_find_mac(const struct inventory *v, const struct mac *mac)
{
	struct node_key k = key_of(NULL, mac, TALK_NO_VLAN);
	uint32_t slot;

	return find(v, &k, &slot);
}

void
node_seen(struct node *n, struct tick first, struct tick last)
{
	if (first.ns < n->first.ns)
		n->first = first;
	if (last.ns > n->last.ns)
		n->last = last;
}

/* The address was seen with, or is bound to, this MAC. */
void
node_link(struct inventory *v, struct node *n, const struct mac *mac,
    bool bound)
{
	struct link *place = NULL;
	struct node *m;

	for (uint32_t i = 0; i < NODE_MACS && place == NULL; i++)
		if (!n->link[i].used || mac_same(&n->link[i].mac, mac))
			place = &n->link[i];
	m = place != NULL ? node_of_mac(v, mac) : NULL;
	if (m == NULL)
		return;
	if (!place->used) {
		place->used = true;
		place->mac = *mac;
		m->behind4 += n->ip.len == 4;
		m->behind6 += n->ip.len == 16 && !ip_is_link_local(&n->ip);
	}
	if (bound && !place->bound) {
		place->bound = true;
		m->bound4 += n->ip.len == 4;
	}
	place->frames++;
}
