/*
 * join.c - which addresses are one device.
 *
 * An IP address belongs to a MAC when ARP, neighbour discovery or DHCP says
 * so.  Without that: when its packets come from that MAC and have not crossed
 * a router (their time to live is one that systems start with), and the MAC
 * is not one that stands for many.  So a router keeps its own addresses and
 * not those behind it.
 *
 * One address in two VLANs is one device unless different MACs are bound to
 * the two.
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
	a = root_of(v, a);
	b = root_of(v, b);
	if (a < b)
		v->node[b].root = a;
	else
		v->node[a].root = b;
}

static const struct link *
bound_link(const struct node *n)
{
	const struct link *best = NULL;

	for (uint32_t i = 0; i < NODE_MACS && n->link[i].used; i++)
		if (n->link[i].bound &&
		    (best == NULL || n->link[i].frames > best->frames))
			best = &n->link[i];
	return best;
}

/* The MAC the address's packets come from, if it can be its own. */
static struct node *
own_mac(const struct inventory *v, const struct node *n)
{
	struct node *m;
	uint32_t behind;

	if (!n->link[0].used || n->link[1].used || !n->direct)
		return NULL;
	m = node_find_mac(v, &n->link[0].mac);
	if (m == NULL)
		return NULL;
	behind = n->ip.len == 4 ? m->behind4 : m->behind6;
	if (n->internet) /* plants do use public addresses of others */
		return behind <= 1 && m->routed == 0 ? m : NULL;
	if (ip_is_link_local(&n->ip) || behind <= 1)
		return m;
	return behind - m->routed <= (m->routed > 0 ? 1 : OWN_MAX) ? m : NULL;
}

static void
join_to_mac(struct inventory *v, struct node *n)
{
	const struct link *bound = bound_link(n);
	struct node *m = NULL;

	if (bound != NULL)
		m = node_find_mac(v, &bound->mac);
	if (m != NULL && m->bound4 > BOUND_MAX && n->ip.len == 4)
		m = NULL; /* answers for others */
	if (m == NULL && bound == NULL)
		m = own_mac(v, n);
	if (m == NULL)
		return;
	n->internet = false;
	unite(v, index_of(v, n), index_of(v, m));
}

/* How many addresses behind each MAC have crossed a router. */
static void
count_routed(struct inventory *v)
{
	for (uint32_t i = 0; i < v->n; i++) {
		const struct node *n = &v->node[i];

		if (n->ip.len == 0 || n->direct)
			continue;
		for (uint32_t k = 0; k < NODE_MACS && n->link[k].used; k++) {
			struct node *m = node_find_mac(v, &n->link[k].mac);

			if (m != NULL)
				m->routed++;
		}
	}
}

static bool
are_bound_apart(const struct node *a, const struct node *b)
{
	const struct link *x = bound_link(a), *y = bound_link(b);

	return x != NULL && y != NULL && !mac_same(&x->mac, &y->mac);
}

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

/* The same address in several VLANs: neighbours in the order of addresses. */
static void
join_vlans(struct inventory *v)
{
	uint32_t *order = v->device, n = 0;

	for (uint32_t i = 0; i < v->n; i++)
		if (v->node[i].ip.len > 0)
			order[n++] = i;
	qsort_r(order, n, sizeof(order[0]), by_ip, v);
	for (uint32_t i = 1; i < n; i++) {
		const struct node *x = &v->node[order[i - 1]];
		const struct node *y = &v->node[order[i]];

		if (ip_same(&x->ip, &y->ip) && !are_bound_apart(x, y))
			unite(v, order[i - 1], order[i]);
	}
}

void
join_nodes(struct inventory *v)
{
	for (uint32_t i = 0; i < v->n; i++) {
		struct node *n = &v->node[i];

		n->root = i;
		n->next = 0;
		n->routed = 0;
		n->internet = n->ip.len > 0 && !ip_is_private(&n->ip);
	}
	count_routed(v);
	for (uint32_t i = 0; i < v->n; i++)
		if (v->node[i].ip.len > 0)
			join_to_mac(v, &v->node[i]);
	join_vlans(v);
	for (uint32_t i = v->n; i-- > 0;) {
		uint32_t root = root_of(v, i);

		v->node[i].root = root;
		if (root == i)
			continue;
		v->node[i].next = v->node[root].next;
		v->node[root].next = i + 1;
	}
}
