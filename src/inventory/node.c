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
	else if (mac != NULL)
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

/* Where in the table it stands, or would. */
static uint32_t
place_of(const struct inventory *v, const struct node_key *k)
{
	uint32_t i =
	    (uint32_t)hash_bytes(k, sizeof(*k), hash_seed) & v->slot_mask;

	while (v->slot[i] != 0 && !is_key(&v->node[v->slot[i] - 1], k))
		i = (i + 1) & v->slot_mask;
	return i;
}

/* ------------------------------------------------------- invented senders */

#define STRANGERS 64u /* new ones a minute, spoken to nobody but one */
#define STRANGERS_AFTER 8u /* in the minute after a flood */
#define MINUTE (60 * TICK_SECOND)
#define FEW 3u /* packets: who sends as many is there */

/* Those of this minute so far were no devices, but part of it. */
static void
begin_flood(struct inventory *v, struct minute *m)
{
	m->flood = true;
	for (uint32_t i = 0; i < v->n; i++)
		if (v->node[i].stranger &&
		    v->node[i].last.ns / MINUTE == m->minute)
			v->node[i].sent = false;
}

/* Flows end in any order: each minute counts for itself. */
static struct minute *
minute_of(struct inventory *v, int64_t minute)
{
	return &v->doubt.minute[(uint64_t)minute % DOUBT_MINUTES];
}

static bool
admits_stranger(struct inventory *v)
{
	struct minute *m = &v->doubt.minute[v->doubt.now];
	const struct minute *before = minute_of(v, m->minute - 1);
	const bool flooded = before->flood && before->minute == m->minute - 1;

	if (m->flood)
		return false;
	if (++m->n <= (flooded ? STRANGERS_AFTER : STRANGERS))
		return true;
	begin_flood(v, m);
	return false;
}

void
node_doubt(struct inventory *v, const struct talk *t, struct tick at)
{
	const int64_t minute = at.ns / MINUTE;
	struct minute *m = minute_of(v, minute);

	v->doubt.asks = (t->via == VIA_TCP || t->via == VIA_UDP) &&
	    t->packets[1] == 0 && t->packets[0] < FEW &&
	    !ip_is_group(&t->server.ip) &&
	    !(t->server.has_mac && mac_is_group(&t->server.mac));
	v->doubt.now = (uint32_t)(m - v->doubt.minute);
	if (m->minute != minute)
		*m = (struct minute){ .minute = minute };
}

bool
node_sends(const struct inventory *v, struct node *n)
{
	if (!v->doubt.asks)
		n->stranger = false;
	return !n->stranger || !v->doubt.minute[v->doubt.now].flood;
}

static struct node *
add(struct inventory *v, const struct ip *ip, const struct mac *mac,
    uint16_t vlan)
{
	struct node *n;

	if (v->n == v->max || (v->doubt.asks && !admits_stranger(v))) {
		v->left_out++;
		return NULL;
	}
	n = &v->node[v->n++];
	n->stranger = v->doubt.asks;
	if (ip != NULL)
		n->ip = *ip;
	else
		n->mac = *mac;
	n->vlan = vlan;
	n->first.ns = INT64_MAX;
	n->last.ns = INT64_MIN;
	return n;
}

/* Its slot is in *ret_slot. */
static struct node *
find_or_add(struct inventory *v, const struct ip *ip, const struct mac *mac,
    uint16_t vlan, uint32_t *ret_slot)
{
	struct node_key k = key_of(ip, mac, vlan);
	uint32_t slot = place_of(v, &k);
	struct node *n;

	*ret_slot = slot;
	if (v->slot[slot] != 0)
		return &v->node[v->slot[slot] - 1];
	n = add(v, ip, mac, vlan);
	if (n != NULL)
		v->slot[slot] = v->n;
	return n;
}

static struct link *
find_link(struct node *n, const struct mac *mac)
{
	for (uint32_t i = 0; i < NODE_MACS && n->link[i].used; i++)
		if (mac_same(&n->link[i].mac, mac))
			return &n->link[i];
	return NULL;
}

static bool
is_bound(const struct node *n)
{
	for (uint32_t i = 0; i < NODE_MACS && n->link[i].used; i++)
		if (n->link[i].bound)
			return true;
	return false;
}

/* The life that belongs to the MAC; *ret_link leads to it. */
static struct node *
life_of(const struct inventory *v, struct node *n, const struct mac *mac,
    uint32_t **ret_link)
{
	uint32_t *link = NULL;

	for (;;) {
		struct link *l = find_link(n, mac);

		*ret_link = link;
		if (l != NULL && l->bound)
			return n;
		if (n->older == 0)
			return NULL;
		link = &n->older;
		n = &v->node[n->older - 1];
	}
}

struct node *
node_of_ip(struct inventory *v, const struct ip *ip, uint16_t vlan,
    const struct mac *mac)
{
	uint32_t slot, *link;
	struct node *n, *life;

	if (ip->len == 0 || ip_is_zero(ip) || ip_is_group(ip))
		return NULL;
	n = find_or_add(v, ip, NULL, vlan, &slot);
	if (n == NULL || n->older == 0 || mac == NULL)
		return n;
	life = life_of(v, n, mac, &link);
	return life != NULL ? life : n;
}

struct node *
node_of_mac(struct inventory *v, const struct mac *mac)
{
	uint32_t slot;

	if (mac_is_group(mac) || mac_is_zero(mac))
		return NULL;
	return find_or_add(v, NULL, mac, TALK_NO_VLAN, &slot);
}

struct node *
node_of(struct inventory *v, const struct addr *a, uint16_t vlan)
{
	if (a->ip.len > 0 && !ip_is_zero(&a->ip))
		return node_of_ip(v, &a->ip, vlan, a->has_mac ? &a->mac : NULL);
	return a->has_mac ? node_of_mac(v, &a->mac) : NULL;
}

struct node *
node_find_mac(const struct inventory *v, const struct mac *mac)
{
	struct node_key k = key_of(NULL, mac, TALK_NO_VLAN);
	uint32_t i = v->slot[place_of(v, &k)];

	return i != 0 ? &v->node[i - 1] : NULL;
}

static struct node *
find_ip(const struct inventory *v, const struct ip *ip, uint16_t vlan)
{
	struct node_key k = key_of(ip, NULL, vlan);
	uint32_t i = v->slot[place_of(v, &k)];

	return i != 0 ? &v->node[i - 1] : NULL;
}

struct node *
node_find(const struct inventory *v, const struct device_addr *a)
{
	struct node *n, *life;
	uint32_t *link;

	if (a->addr.ip.len == 0)
		return node_find_mac(v, &a->addr.mac);
	n = find_ip(v, &a->addr.ip, a->vlan);
	if (n == NULL || !a->addr.has_mac)
		return n;
	life = life_of(v, n, &a->addr.mac, &link);
	return life != NULL || is_bound(n) ? life : n;
}

void
node_seen(struct node *n, struct tick first, struct tick last)
{
	if (first.ns < n->first.ns)
		n->first = first;
	if (last.ns > n->last.ns)
		n->last = last;
}

struct link *
node_link(struct inventory *v, struct node *n, const struct mac *mac)
{
	struct link *l = find_link(n, mac);
	struct node *m;

	for (uint32_t i = 0; i < NODE_MACS && l == NULL; i++)
		if (!n->link[i].used)
			l = &n->link[i];
	m = l != NULL ? node_of_mac(v, mac) : NULL;
	if (m == NULL)
		return NULL;
	l->frames++;
	if (l->used)
		return l;
	l->used = true;
	l->mac = *mac;
	m->behind4 += n->ip.len == 4;
	m->behind6 += n->ip.len == 16 && !ip_is_link_local(&n->ip);
	return l;
}

/* A new life of the address, which becomes the latest. */
static struct node *
move(struct inventory *v, struct node *n, uint32_t slot)
{
	uint32_t lives = 1;
	struct node *fresh;

	for (uint32_t at = n->older; at != 0; at = v->node[at - 1].older)
		lives++;
	if (lives == NODE_LIVES) {
		v->left_out++;
		return n;
	}
	fresh = add(v, &n->ip, NULL, n->vlan);
	if (fresh == NULL)
		return n;
	fresh->older = (uint32_t)(n - v->node) + 1;
	v->slot[slot] = v->n;
	return fresh;
}

struct node *
node_bind(struct inventory *v, const struct ip *ip, uint16_t vlan,
    const struct mac *mac)
{
	uint32_t slot, *from = NULL;
	struct node *n, *life;
	struct link *l;

	if (ip->len == 0 || ip_is_zero(ip) || ip_is_group(ip) ||
	    ip_is_loopback(ip) || mac_is_group(mac) || mac_is_zero(mac))
		return NULL;
	n = find_or_add(v, ip, NULL, vlan, &slot);
	if (n == NULL)
		return NULL;
	life = life_of(v, n, mac, &from);
	if (life == NULL) {
		life = is_bound(n) ? move(v, n, slot) : n;
	} else if (from != NULL) { /* back again: it is the latest now */
		uint32_t at = *from;

		*from = life->older;
		life->older = v->slot[slot];
		v->slot[slot] = at;
	}
	l = node_link(v, life, mac);
	if (l != NULL && !l->bound) {
		l->bound = true;
		node_find_mac(v, mac)->bound4 += ip->len == 4;
	}
	return life;
}

void
node_tie(struct inventory *v, struct node *of, struct node *own)
{
	uint32_t to = (uint32_t)(own - v->node), count = 0;

	if (of == own)
		return;
	for (uint32_t at = of->ties; at != 0; at = v->tie[at - 1].next) {
		if (v->tie[at - 1].to == to)
			return;
		count++;
	}
	if (count == NODE_TIES || v->n_tie == v->tie_max) {
		v->left_out++;
		return;
	}
	v->tie[v->n_tie++] = (struct tie){ .to = to, .next = of->ties };
	of->ties = v->n_tie;
}

void
node_peer(struct inventory *v, struct node *n, const struct node *server)
{
	uint32_t index = (uint32_t)(server - v->node);

	for (uint32_t i = 0; i < n->n_peer; i++)
		if (n->peer[i] == index)
			return;
	if (n->n_peer < NODE_PEERS)
		n->peer[n->n_peer++] = index;
}

bool
node_is_latest(const struct inventory *v, const struct node *n)
{
	struct node_key k =
	    key_of(n->ip.len > 0 ? &n->ip : NULL, &n->mac, n->vlan);

	return v->slot[place_of(v, &k)] == (uint32_t)(n - v->node) + 1;
}

struct node *
node_restore(struct inventory *v, const struct addr *a, uint16_t vlan,
    bool latest)
{
	const struct ip *ip = a->ip.len > 0 ? &a->ip : NULL;
	struct node_key k = key_of(ip, &a->mac, vlan);
	uint32_t slot = place_of(v, &k);
	struct node *n = add(v, ip, &a->mac, vlan);

	if (n != NULL && (latest || v->slot[slot] == 0))
		v->slot[slot] = v->n;
	return n;
}
