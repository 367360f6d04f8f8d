/*
 * join.c - which addresses are one device.
 *
 * An IP address belongs to a MAC when ARP, neighbour discovery or DHCP says
 * so, unless that MAC answers for others (proxy ARP).  Without that: when its
 * packets come from that MAC and have not crossed a router (their time to live
 * is one that systems start with), and the MAC is not one that stands for many.
 * So a router keeps its own addresses and not those behind it.
 *
 * What a device says of its other addresses is believed where no other device
 * says the same.  One address in two VLANs is one device unless different
 * MACs own the two.
 *
 * What people say of addresses (groups) wins over all of it.
 */
#include <stdlib.h>
#include <string.h>

#include "private.h"

#define OWN_MAX 4u /* addresses without a binding that one MAC may own */
#define BOUND_MAX 8u /* bound IPv4 addresses before it is a proxy */

static uint32_t
index_of(const struct inventory *v, const struct node *n)
{
	return (uint32_t)(n - v->node);
}

static uint32_t
root_of(struct inventory *v, uint32_t i)
{
	while (v->node[i].root != i) {
		v->node[i].root = v->node[v->node[i].root].root;
		i = v->node[i].root;
	}
	return i;
}

static void
unite(struct inventory *v, uint32_t a, uint32_t b)
{
	const uint32_t ra = root_of(v, a), rb = root_of(v, b);
	const uint32_t low = ra < rb ? ra : rb, high = ra < rb ? rb : ra;
	struct node *to = &v->node[low], *from = &v->node[high];

	if (to->group != 0 && from->group != 0 && to->group != from->group)
		return; /* people say that they are two */
	from->root = low;
	if (from->group != 0)
		to->group = from->group;
}

/* What people say goes first: nothing found afterwards joins two groups. */
static void
join_groups(struct inventory *v)
{
	uint32_t group = 0, first = NONE;

	for (uint32_t i = 0; i < v->n_grouped; i++) {
		const struct grouped *g = &v->grouped[i];
		struct node *n = node_find(v, &g->at);

		if (g->group != group)
			first = NONE;
		group = g->group;
		if (n == NULL || n->group != 0)
			continue;
		n->group = group;
		if (first == NONE)
			first = index_of(v, n);
		unite(v, first, index_of(v, n));
	}
}

/* -------------------------------------------------------------- IP and MAC */

static bool
is_crossed(const struct link *l)
{
	return l->crossed && !l->direct;
}

static void
count_routed(const struct node *n, const struct link *l, struct node *m,
    uint32_t add)
{
	if (is_crossed(l)) {
		m->routed4 += n->ip.len == 4 ? add : 0;
		m->routed6 += n->ip.len == 16 ? add : 0;
	}
}

/* How many addresses behind each MAC have crossed a router, or not. */
static void
count_behind(struct inventory *v)
{
	for (uint32_t i = 0; i < v->n; i++) {
		const struct node *n = &v->node[i];

		for (uint32_t k = 0; k < NODE_MACS && n->link[k].used; k++) {
			struct node *m = node_find_mac(v, &n->link[k].mac);

			if (m == NULL)
				continue;
			m->direct += n->link[k].direct;
			count_routed(n, &n->link[k], m, 1);
		}
	}
}

/* Of the links that are bound, or direct, the one most was seen of. */
static const struct link *
best_link(const struct node *n, bool bound)
{
	const struct link *best = NULL;

	for (uint32_t i = 0; i < NODE_MACS && n->link[i].used; i++)
		if ((bound ? n->link[i].bound : n->link[i].direct) &&
		    (best == NULL || n->link[i].frames > best->frames))
			best = &n->link[i];
	return best;
}

/* Whether it is its own address that the MAC answers for. */
static bool
owns_bound(const struct node *m, const struct node *n, const struct link *l)
{
	if (n->ip.len == 4 && m->bound4 > BOUND_MAX)
		return l->direct;
	return !is_crossed(l) || m->direct == 0;
}

static bool
owns_unbound(const struct node *m, const struct node *n)
{
	uint32_t behind = n->ip.len == 4 ? m->behind4 : m->behind6;
	uint32_t routed = n->ip.len == 4 ? m->routed4 : m->routed6;

	if (n->internet) /* plants do use public addresses of others */
		return behind <= 1 && m->routed4 + m->routed6 == 0;
	if (ip_is_link_local(&n->ip) || behind <= 1)
		return true;
	return behind - routed <= (routed > 0 ? 1 : OWN_MAX);
}

static void
own(struct inventory *v, struct node *n, const struct link *l, struct node *m)
{
	n->owned = true;
	n->internet = false;
	count_routed(n, l, m, UINT32_MAX); /* minus one: it is no stranger */
	unite(v, index_of(v, n), index_of(v, m));
}

static void
join_bound(struct inventory *v, struct node *n)
{
	const struct link *l = best_link(n, true);
	struct node *m = l != NULL ? node_find_mac(v, &l->mac) : NULL;

	if (m != NULL && owns_bound(m, n, l))
		own(v, n, l, m);
}

static void
join_unbound(struct inventory *v, struct node *n)
{
	const struct link *l = best_link(n, false);
	struct node *m;

	if (n->owned || l == NULL || best_link(n, true) != NULL)
		return;
	m = node_find_mac(v, &l->mac);
	if (m != NULL && owns_unbound(m, n))
		own(v, n, l, m);
}

/* ------------------------------------------------- what they say themselves */

/* An address that moves is nobody's: a claim does not say which life. */
static void
mark_moved(struct inventory *v)
{
	for (uint32_t i = 0; i < v->n; i++) {
		if (v->node[i].older == 0)
			continue;
		v->node[i].claim = NONE;
		v->node[v->node[i].older - 1].claim = NONE;
	}
}

/* Who claims each address: the device, or NONE where several do. */
static void
gather_claims(struct inventory *v)
{
	for (uint32_t i = 0; i < v->n; i++) {
		uint32_t at = v->node[i].ties, root = root_of(v, i) + 1;

		for (; at != 0; at = v->tie[at - 1].next) {
			uint32_t *claim = &v->node[v->tie[at - 1].to].claim;

			*claim = *claim == 0 || *claim == root ? root : NONE;
		}
	}
}

static void
join_claims(struct inventory *v, bool macs)
{
	for (uint32_t i = 0; i < v->n; i++)
		v->node[i].claim = 0;
	mark_moved(v);
	gather_claims(v);
	for (uint32_t i = 0; i < v->n; i++) {
		struct node *n = &v->node[i];

		if ((n->ip.len == 0) != macs || n->claim == 0 ||
		    n->claim == NONE)
			continue;
		n->internet = false;
		unite(v, i, n->claim - 1);
	}
}

/* A bridge's ports all name the bridge: MACs of one box, however many. */
static void
join_ports(struct inventory *v)
{
	for (uint32_t i = 0; i < v->n; i++) {
		uint32_t at = v->node[i].ip.len == 0 ? v->node[i].ties : 0;

		for (; at != 0; at = v->tie[at - 1].next)
			if (v->node[v->tie[at - 1].to].ip.len == 0)
				unite(v, i, v->tie[at - 1].to);
	}
}

/* ------------------------------------------------------------------- VLANs */

static int
by_ip(const void *a, const void *b, void *ctx)
{
	const struct inventory *v = ctx;
	const uint32_t *ia = a, *ib = b;
	const struct node *x = &v->node[*ia], *y = &v->node[*ib];
	int r;

	if (x->ip.len != y->ip.len)
		return x->ip.len < y->ip.len ? -1 : 1;
	r = memcmp(x->ip.b, y->ip.b, x->ip.len);
	return r != 0 ? r : *ia < *ib ? -1 : 1;
}

/* Nodes of one address: one device, unless several MACs own it. */
static void
join_alike(struct inventory *v, const uint32_t *order, uint32_t n)
{
	uint32_t owner = NONE;

	for (uint32_t i = 0; i < n; i++) {
		if (!v->node[order[i]].owned)
			continue;
		if (owner != NONE && root_of(v, owner) != root_of(v, order[i]))
			return;
		owner = order[i];
	}
	for (uint32_t i = 1; i < n; i++)
		unite(v, order[0], order[i]);
}

/* The same address in several VLANs: neighbours in the order of addresses. */
static void
join_vlans(struct inventory *v)
{
	uint32_t *order = v->device, n = 0, from = 0;

	for (uint32_t i = 0; i < v->n; i++)
		if (v->node[i].ip.len > 0)
			order[n++] = i;
	qsort_r(order, n, sizeof(order[0]), by_ip, v);
	for (uint32_t i = 1; i <= n; i++) {
		if (i < n &&
		    ip_same(&v->node[order[i]].ip, &v->node[order[from]].ip))
			continue;
		join_alike(v, order + from, i - from);
		from = i;
	}
}

/* ---------------------------------------------------------------- together */

static bool
is_outside(const struct ip *ip)
{
	return ip->len > 0 && !ip_is_private(ip) && !ip_is_loopback(ip);
}

/* The nodes of each device as a list. */
static void
list_nodes(struct inventory *v)
{
	for (uint32_t i = v->n; i-- > 0;) {
		uint32_t root = root_of(v, i);

		v->node[i].root = root;
		if (root == i)
			continue;
		v->node[i].next = v->node[root].next;
		v->node[root].next = i + 1;
	}
}

void
join_nodes(struct inventory *v)
{
	for (uint32_t i = 0; i < v->n; i++) {
		v->node[i].root = i;
		v->node[i].group = 0;
		v->node[i].internet = is_outside(&v->node[i].ip);
	}
	join_groups(v);
	count_behind(v);
	for (uint32_t i = 0; i < v->n; i++)
		if (v->node[i].ip.len > 0)
			join_bound(v, &v->node[i]);
	for (uint32_t i = 0; i < v->n; i++)
		if (v->node[i].ip.len > 0)
			join_unbound(v, &v->node[i]);
	join_ports(v);
	join_claims(v, true);
	join_claims(v, false);
	join_vlans(v);
	list_nodes(v);
}
