/* save.c - see save.h: nodes and what is known of them, out and in again. */
#include "save.h"

#include <string.h>

#include "../base/hash.h"
#include "private.h"

_Static_assert(SAVED_LINKS == NODE_MACS && SAVED_PEERS == NODE_PEERS,
    "a saved node has room for all of a node's");

/* ---------------------------------------------------------------------- out */

static uint64_t
digest_of(const struct saved_node *s)
{
	return hash_bytes(s, sizeof(*s), 1) | 1;
}

static void
fill_node(const struct inventory *v, uint32_t i, struct saved_node *s)
{
	const struct node *n = &v->node[i];

	memset(s, 0, sizeof(*s));
	s->id = i + 1;
	s->older = n->older;
	s->latest = node_is_latest(v, n);
	s->addr.ip.len = n->ip.len;
	memcpy(s->addr.ip.b, n->ip.b, sizeof(n->ip.b));
	s->addr.mac = n->mac;
	s->addr.has_mac = n->ip.len == 0;
	s->vlan = n->vlan;
	s->sent = n->sent;
	s->heard = n->heard;
	s->programs = n->programs;
	s->behind4 = n->behind4;
	s->behind6 = n->behind6;
	s->bound4 = n->bound4;
	memcpy(s->as_client, n->as_client, sizeof(s->as_client));
	memcpy(s->as_server, n->as_server, sizeof(s->as_server));
	s->first = n->first;
	s->last = n->last;
	s->packets = n->packets;
	s->bytes = n->bytes;
	for (; s->n_link < NODE_MACS && n->link[s->n_link].used; s->n_link++) {
		const struct link *l = &n->link[s->n_link];
		struct saved_link *to = &s->link[s->n_link];

		to->addr.mac = l->mac;
		to->addr.has_mac = true;
		to->bound = l->bound;
		to->direct = l->direct;
		to->crossed = l->crossed;
		to->frames = l->frames;
	}
	for (; s->n_peer < n->n_peer; s->n_peer++)
		s->peer[s->n_peer] = n->peer[s->n_peer] + 1;
}

static bool
save_node(const struct inventory *v, uint32_t i, const struct save_sink *to)
{
	struct saved_node s;

	fill_node(v, i, &s);
	return !to->wants(to->ctx, SAVED_NODE, s.id, digest_of(&s)) ||
	    to->row(to->ctx, SAVED_NODE, &s);
}

static bool
save_evidence(const struct inventory *v, uint32_t node,
    const struct save_sink *to)
{
	for (uint32_t at = v->node[node].said; at != 0;
	     at = v->said[at - 1].next) {
		struct saved_evidence s = { .id = at,
			.node = node + 1,
			.e = v->said[at - 1].e };
		/* All else of it never changes, but when one takes the place
		 * of another: then the moments do. */
		uint64_t digest = hash_bytes(s.e.text, s.e.text_len,
				      s.e.count ^ (uint64_t)s.e.last.ns << 8 ^
					  (uint64_t)s.e.first.ns) |
		    1;

		if (to->wants(to->ctx, SAVED_EVIDENCE, s.id, digest) &&
		    !to->row(to->ctx, SAVED_EVIDENCE, &s))
			return false;
	}
	return true;
}

static bool
save_units(const struct inventory *v, uint32_t node, const struct save_sink *to)
{
	for (uint32_t at = v->node[node].units; at != 0;
	     at = v->unit[at - 1].next) {
		struct saved_unit s = { .id = at,
			.node = node + 1,
			.unit = v->unit[at - 1].unit,
			.proto = v->unit[at - 1].proto };

		if (to->wants(to->ctx, SAVED_UNIT, s.id, 1) &&
		    !to->row(to->ctx, SAVED_UNIT, &s))
			return false;
	}
	return true;
}

static bool
save_ties(const struct inventory *v, uint32_t node, const struct save_sink *to)
{
	for (uint32_t at = v->node[node].ties; at != 0;
	     at = v->tie[at - 1].next) {
		struct saved_tie s = { .id = at,
			.node = node + 1,
			.own = v->tie[at - 1].to + 1 };

		if (to->wants(to->ctx, SAVED_TIE, s.id, 1) &&
		    !to->row(to->ctx, SAVED_TIE, &s))
			return false;
	}
	return true;
}

bool
inventory_save(const struct inventory *v, const struct save_sink *to)
{
	if (v->settled)
		return false;
	for (uint32_t i = 0; i < v->n; i++)
		if (!save_node(v, i, to))
			return false;
	for (uint32_t i = 0; i < v->n; i++)
		if (!save_evidence(v, i, to) || !save_units(v, i, to) ||
		    !save_ties(v, i, to))
			return false;
	return true;
}

/* ----------------------------------------------------------------------- in */

static bool
load_node(struct inventory *v, const struct saved_node *s)
{
	struct node *n;

	if (v->n == v->max && s->id > v->max) {
		v->left_out++;
		return true;
	}
	if (s->id != v->n + 1 || s->n_link > NODE_MACS ||
	    s->n_peer > NODE_PEERS || (s->addr.ip.len == 0) != s->addr.has_mac)
		return false;
	n = node_restore(v, &s->addr, s->vlan, s->latest);
	n->older = s->older;
	n->sent = s->sent;
	n->heard = s->heard;
	n->programs = s->programs;
	n->behind4 = s->behind4;
	n->behind6 = s->behind6;
	n->bound4 = s->bound4;
	memcpy(n->as_client, s->as_client, sizeof(n->as_client));
	memcpy(n->as_server, s->as_server, sizeof(n->as_server));
	n->first = s->first;
	n->last = s->last;
	n->packets = s->packets;
	n->bytes = s->bytes;
	for (uint32_t i = 0; i < s->n_link; i++)
		n->link[i] = (struct link){ .mac = s->link[i].addr.mac,
			.used = true,
			.bound = s->link[i].bound,
			.direct = s->link[i].direct,
			.crossed = s->link[i].crossed,
			.frames = s->link[i].frames };
	for (uint32_t i = 0; i < s->n_peer; i++)
		if (s->peer[i] > 0 && s->peer[i] <= v->max)
			n->peer[n->n_peer++] = s->peer[i] - 1;
	return true;
}

/*
 * Whether the row has a place: its node is there, the number is free and not
 * beyond the table.  Ids may have gaps.
 */
static bool
has_place(struct inventory *v, uint32_t id, uint32_t node, uint32_t max)
{
	bool fits = id <= max && node <= v->n;

	v->left_out += !fits;
	return fits;
}

static bool
load_evidence(struct inventory *v, const struct saved_evidence *s)
{
	struct said *said;

	if (s->id <= v->n_said || s->node == 0 || s->e.trait >= TRAIT_COUNT ||
	    s->e.source >= SOURCE_COUNT || s->e.proto >= n_protos ||
	    s->e.text_len > FACT_TEXT_MAX)
		return false;
	if (!has_place(v, s->id, s->node, v->said_max))
		return true;
	v->n_said = s->id;
	said = &v->said[s->id - 1];
	said->e = s->e;
	said->next = v->node[s->node - 1].said;
	v->node[s->node - 1].said = s->id;
	return true;
}

static bool
load_unit(struct inventory *v, const struct saved_unit *s)
{
	if (s->id <= v->n_unit || s->node == 0 || s->proto >= n_protos)
		return false;
	if (!has_place(v, s->id, s->node, v->unit_max))
		return true;
	v->n_unit = s->id;
	v->unit[s->id - 1] = (struct unit){ .unit = s->unit,
		.proto = s->proto,
		.next = v->node[s->node - 1].units };
	v->node[s->node - 1].units = s->id;
	return true;
}

static bool
load_tie(struct inventory *v, const struct saved_tie *s)
{
	if (s->id <= v->n_tie || s->node == 0 || s->own == 0)
		return false;
	if (s->own > v->n || !has_place(v, s->id, s->node, v->tie_max))
		return true;
	v->n_tie = s->id;
	v->tie[s->id - 1] =
	    (struct tie){ .to = s->own - 1, .next = v->node[s->node - 1].ties };
	v->node[s->node - 1].ties = s->id;
	return true;
}

bool
inventory_load(struct inventory *v, enum saved_kind kind, const void *row)
{
	switch (kind) {
	case SAVED_NODE:
		return load_node(v, row);
	case SAVED_EVIDENCE:
		return load_evidence(v, row);
	case SAVED_UNIT:
		return load_unit(v, row);
	case SAVED_TIE:
		return load_tie(v, row);
	case SAVED_CONV:
	case SAVED_OP:
	case SAVED_COUNT:
		break;
	}
	return false;
}

/* Lives lead from the latest to older ones of the same address, and end. */
static void
mend_lives(struct inventory *v, struct node *n)
{
	uint32_t lives = 1;

	for (;; lives++) {
		const struct node *older;

		if (n->older == 0)
			return;
		older = n->older <= v->n ? &v->node[n->older - 1] : NULL;
		if (older == NULL || lives == NODE_LIVES ||
		    older->vlan != n->vlan || !ip_same(&older->ip, &n->ip))
			break;
		n = &v->node[n->older - 1];
	}
	n->older = 0;
}

void
inventory_loaded(struct inventory *v)
{
	for (uint32_t i = 0; i < v->n; i++) {
		struct node *n = &v->node[i];
		uint32_t kept = 0;

		mend_lives(v, n);
		for (uint32_t k = 0; k < n->n_peer; k++)
			if (n->peer[k] < v->n)
				n->peer[kept++] = n->peer[k];
		n->n_peer = (uint8_t)kept;
	}
}
