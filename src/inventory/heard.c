/*
 * heard.c - what of an address came by itself, without being asked by us.
 */
#include <string.h>

#include "private.h"

/* Our own packets are left out before they get here. */
static bool
is_heard(const struct node *n)
{
	return n->packets > 0 || n->heard;
}

bool
inventory_heard(const struct inventory *v, const struct ip *ip, bool *ret_near)
{
	uint32_t bytes = ip->len == 16 ? 8 : 3;
	bool heard = false;

	*ret_near = false;
	for (uint32_t i = 0; i < v->n; i++) {
		const struct node *n = &v->node[i];

		if (n->ip.len != ip->len || !is_heard(n) ||
		    memcmp(n->ip.b, ip->b, bytes) != 0)
			continue;
		*ret_near = true;
		heard = heard || memcmp(&n->ip, ip, sizeof(*ip)) == 0;
	}
	return heard;
}

bool
inventory_said(const struct inventory *v, const struct ip *ip, enum trait trait,
    char *dst, size_t cap)
{
	const struct evidence *best = NULL;

	for (uint32_t i = 0; i < v->n; i++) {
		const struct node *n = &v->node[i];

		if (memcmp(&n->ip, ip, sizeof(*ip)) != 0)
			continue;
		for (uint32_t at = n->said; at != 0;
		     at = v->said[at - 1].next) {
			const struct evidence *e = &v->said[at - 1].e;

			if (e->trait == trait && e->source == SOURCE_SELF &&
			    !e->has_unit &&
			    (best == NULL || e->last.ns > best->last.ns))
				best = e;
		}
	}
	if (best == NULL || best->text_len >= cap)
		return false;
	memcpy(dst, best->text, best->text_len);
	dst[best->text_len] = '\0';
	return true;
}
