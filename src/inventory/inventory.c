/* inventory.c - see inventory.h: what goes in. */
#include "inventory.h"

#include <stdlib.h>
#include <string.h>

#include "../base/hash.h"
#include "../base/reserve.h"
#include "private.h"

#define SAID_PER_NODE 4u
#define UNITS_PER_NODE 2u
#define TIES_PER_NODE 1u

struct inventory *
inventory_new(uint32_t max_nodes, const char *oui)
{
	struct inventory *v = calloc(1, sizeof(*v));
	uint32_t slots = 64;

	if (v == NULL)
		return NULL;
	while (slots < 2 * max_nodes)
		slots *= 2;
	v->oui = oui;
	v->max = max_nodes;
	v->said_max = max_nodes * SAID_PER_NODE;
	v->unit_max = max_nodes * UNITS_PER_NODE;
	v->tie_max = max_nodes * TIES_PER_NODE;
	v->slot_mask = slots - 1;
	v->slot = reserve(slots * sizeof(v->slot[0]));
	v->node = reserve(v->max * sizeof(v->node[0]));
	v->said = reserve(v->said_max * sizeof(v->said[0]));
	v->unit = reserve(v->unit_max * sizeof(v->unit[0]));
	v->tie = reserve(v->tie_max * sizeof(v->tie[0]));
	v->device = reserve(v->max * sizeof(v->device[0]));
	if (v->slot != NULL && v->node != NULL && v->said != NULL &&
	    v->unit != NULL && v->tie != NULL && v->device != NULL)
		return v;
	inventory_free(v);
	return NULL;
}

void
inventory_free(struct inventory *v)
{
	if (v == NULL)
		return;
	inventory_free(v->settled_copy);
	vendors_free(v);
	if (!v->borrows)
		free(v->grouped);
	release(v->slot, (v->slot_mask + 1) * sizeof(v->slot[0]));
	release(v->node, v->max * sizeof(v->node[0]));
	release(v->said, v->said_max * sizeof(v->said[0]));
	release(v->unit, v->unit_max * sizeof(v->unit[0]));
	release(v->tie, v->tie_max * sizeof(v->tie[0]));
	release(v->device, v->max * sizeof(v->device[0]));
	free(v);
}

bool
inventory_knows(const struct inventory *v, const struct device_addr *a)
{
	return node_find(v, a) != NULL;
}

bool
inventory_group(struct inventory *v, const struct grouped *g, uint32_t n)
{
	struct grouped *copy = NULL;

	if (n > INVENTORY_GROUPED)
		return false;
	if (n > 0) {
		copy = malloc(n * sizeof(*g));
		if (copy == NULL)
			return false;
		memcpy(copy, g, n * sizeof(*g));
	}
	free(v->grouped);
	v->grouped = copy;
	v->n_grouped = n;
	return true;
}

/* ------------------------------------------------------------------- facts */

static const struct addr *
sender_of(const struct fact *f, const struct talk *t)
{
	return f->from_server ? &t->server : &t->client;
}

/* The node a fact of identity is about. */
static struct node *
subject_of(struct inventory *v, const struct fact *f, const struct talk *t)
{
	switch ((enum about)f->about) {
	case ABOUT_SENDER:
		return node_of(v, sender_of(f, t), t->vlan);
	case ABOUT_RECEIVER:
		return node_of(v, f->from_server ? &t->client : &t->server,
		    t->vlan);
	case ABOUT_ADDR:
	case ABOUT_COUNT:
		break;
	}
	if (ip_same(&f->addr.ip, &sender_of(f, t)->ip) && f->addr.ip.len > 0)
		return node_of(v, sender_of(f, t), t->vlan);
	return node_of(v, &f->addr, t->vlan);
}

/*
 * Two addresses of one device.  Both in the fact: they are bound to each other
 * from now on (ARP, DHCP ...).  One: the sender's own, which it has besides the
 * one it sends from.
 */
static void
on_address(struct inventory *v, const struct fact *f, const struct talk *t)
{
	const struct addr *sender = sender_of(f, t);
	struct node *n, *m;

	if (f->addr.has_mac && f->addr.ip.len > 0) {
		n = node_bind(v, &f->addr.ip, t->vlan, &f->addr.mac);
		m = node_of_mac(v, &f->addr.mac);
		if (n == NULL || m == NULL || !sender->has_mac ||
		    !mac_same(&f->addr.mac, &sender->mac))
			return;
		n->sent = m->sent = true; /* it says so of itself */
		node_seen(n, f->at, f->at);
		node_seen(m, f->at, f->at);
		return;
	}
	if (ip_is_loopback(&f->addr.ip))
		return;
	n = node_of(v, sender, t->vlan);
	m = node_of(v, &f->addr, t->vlan);
	if (n != NULL && m != NULL)
		node_tie(v, n, m);
}

/* Whether the fact is about the one who sends it. */
static bool
is_own(const struct fact *f, const struct talk *t)
{
	const struct addr *sender = sender_of(f, t);

	if (f->about != ABOUT_ADDR)
		return f->about == ABOUT_SENDER;
	if (f->addr.ip.len > 0)
		return ip_same(&f->addr.ip, &sender->ip);
	return f->addr.has_mac && sender->has_mac &&
	    mac_same(&f->addr.mac, &sender->mac);
}

/* An address does for a name where there is no other: it is not one. */
static bool
is_address_text(const struct fact *f)
{
	uint32_t marks = 0;

	for (uint32_t i = 0; i < f->text_len; i++) {
		char c = f->text[i];

		if (c == '.' || c == ':')
			marks++;
		else if (c < '0' || c > '9')
			return false;
	}
	return marks == f->text_len || marks >= 3;
}

static uint32_t
cache_place(const struct fact *f)
{
	uint64_t h = hash_bytes(f->text, f->text_len, f->flow);

	return (uint32_t)(h ^ (uint64_t)f->trait * 0x9e37u ^
		   (uint64_t)f->from_server << 9) %
	    CACHE;
}

/* Repeats are counted without looking for the device. */
static bool
is_repeated(struct inventory *v, const struct fact *f, uint32_t place)
{
	struct evidence *old;

	if (v->cache[place].said == 0 || v->cache[place].flow != f->flow ||
	    v->cache[place].about != f->about ||
	    v->cache[place].way != f->from_server)
		return false;
	old = &v->said[v->cache[place].said - 1].e;
	if (old->trait != f->trait || old->proto != f->proto ||
	    old->has_unit != f->has_unit || old->unit != f->unit ||
	    old->text_len != f->text_len ||
	    memcmp(old->text, f->text, f->text_len) != 0)
		return false;
	old->count++;
	old->last = f->at;
	return true;
}

static void
on_ident(struct inventory *v, const struct fact *f, const struct talk *t)
{
	uint32_t place = cache_place(f), at;
	struct evidence e;
	struct node *n;

	if (f->about != ABOUT_ADDR && is_repeated(v, f, place))
		return;
	if (f->text_len == 0 || (f->trait == TRAIT_NAME && is_address_text(f)))
		return;
	n = subject_of(v, f, t);
	if (n == NULL)
		return;
	memset(&e, 0, offsetof(struct evidence, text));
	e.trait = f->trait;
	e.source = !is_own(f, t) ? SOURCE_OTHERS
	    : v->asking          ? SOURCE_ASKED
				 : SOURCE_SELF;
	e.proto = f->proto;
	e.text_len = f->text_len;
	e.has_unit = f->has_unit;
	e.unit = f->unit;
	e.file = f->file;
	e.frame = f->frame;
	e.first = e.last = f->at;
	memcpy(e.text, f->text, f->text_len);
	at = evidence_add(v, n, &e);
	if (f->about == ABOUT_ADDR)
		return;
	v->cache[place].said = at;
	v->cache[place].flow = f->flow;
	v->cache[place].about = f->about;
	v->cache[place].way = f->from_server;
}

static uint32_t
unit_place(const struct fact *f)
{
	return (f->unit * 0x9e3779b1u ^ f->flow * 0x85ebca6bu ^ f->proto) %
	    CACHE;
}

void
inventory_soon(const struct inventory *v, const struct fact *f)
{
	if (f->has_unit && f->from_server)
		__builtin_prefetch(&v->unit_seen[unit_place(f)]);
}

/* A unit that answers stands behind the server. */
static void
on_unit(struct inventory *v, const struct fact *f, const struct talk *t)
{
	uint32_t place = unit_place(f);
	struct node *n;

	if (v->unit_seen[place].flow == f->flow &&
	    v->unit_seen[place].unit == f->unit &&
	    v->unit_seen[place].proto == f->proto)
		return;
	v->unit_seen[place].flow = f->flow;
	v->unit_seen[place].unit = f->unit;
	v->unit_seen[place].proto = f->proto;
	n = node_of(v, &t->server, t->vlan);
	if (n != NULL)
		unit_add(v, n, f->proto, f->unit);
}

static void
set_bit(uint8_t *bits, uint32_t i)
{
	bits[i / 8] = (uint8_t)(bits[i / 8] | 1u << (i % 8));
}

/*
 * A protocol within the one that the conversation is named after: asked and
 * answered, both ends speak it.
 */
static void
on_inner(struct inventory *v, const struct fact *f, const struct talk *t)
{
	uint32_t place = (f->flow * 0x85ebca6bu ^ f->proto) % CACHE;
	struct node *client, *server;

	if (v->inner_seen[place].flow == f->flow &&
	    v->inner_seen[place].proto == f->proto)
		return;
	v->inner_seen[place].flow = f->flow;
	v->inner_seen[place].proto = f->proto;
	client = node_of(v, &t->client, t->vlan);
	server = node_of(v, &t->server, t->vlan);
	if (client != NULL)
		set_bit(client->as_client, f->proto);
	if (server != NULL)
		set_bit(server->as_server, f->proto);
}

static void
on_risk(struct inventory *v, const struct fact *f, const struct talk *t)
{
	struct node *n = NULL;

	if (!f->from_server && !f->response &&
	    (f->risk == RISK_PROGRAM || f->risk == RISK_FIRMWARE) &&
	    protos[f->proto]->ot)
		n = node_of(v, &t->client, t->vlan);
	if (n != NULL)
		n->programs = true;
}

void
inventory_fact(struct inventory *v, const struct fact *f, const struct talk *t)
{
	node_doubt(v, t, f->at);
	if (f->kind == FACT_IDENT) {
		if (f->trait == TRAIT_ADDRESS)
			on_address(v, f, t);
		else
			on_ident(v, f, t);
		return;
	}
	if (f->from_server && f->is_message &&
	    (f->kind == FACT_ACK || f->kind == FACT_REPORT) &&
	    protos[f->proto]->ot) {
		if (f->has_unit)
			on_unit(v, f, t);
		if (f->proto != t->proto && t->proto != PROTO_UNKNOWN &&
		    !protos[f->proto]->carrier)
			on_inner(v, f, t);
	}
	if (f->risk != RISK_NONE)
		on_risk(v, f, t);
}

void
inventory_asked(struct inventory *v, const struct fact *f, const struct talk *t)
{
	struct node *n;

	if (!f->from_server)
		return;
	v->asking = true;
	n = node_of(v, &t->server, t->vlan);
	if (n != NULL) {
		n->sent |= node_sends(v, n);
		node_seen(n, f->at, f->at);
		if (t->proto != PROTO_UNKNOWN)
			set_bit(n->as_server, t->proto);
	}
	if (f->kind == FACT_IDENT)
		inventory_fact(v, f, t);
	v->asking = false;
}

/* ------------------------------------------------------------------- flows */

/* What is seen of one end.  An address that never answers (a scan's target)
 * leaves nothing behind; one that is in conversation does, though we may see
 * only the other's half of it. */
static struct node *
tally_end(struct inventory *v, const struct talk *t, bool server)
{
	const struct addr *a = server ? &t->server : &t->client;
	bool sends = t->packets[server] > 0;
	struct node *n;

	if (!sends &&
	    (t->via != VIA_TCP || t->packets[!server] < 3 ||
		t->proto == PROTO_UNKNOWN))
		return NULL;
	n = node_of(v, a, t->vlan);
	if (n == NULL)
		return NULL;
	n->sent |= node_sends(v, n) && sends;
	n->heard |= !sends;
	n->packets += t->packets[server] - t->told_packets[server];
	n->bytes += t->bytes[server] - t->told_bytes[server];
	node_seen(n, t->first, t->last);
	set_bit(server ? n->as_server : n->as_client, t->proto);
	return n;
}

/* The MAC its packets come from. */
static void
tally_mac(struct inventory *v, const struct talk *t, struct node *n,
    bool server)
{
	const struct addr *a = server ? &t->server : &t->client;
	struct link *l;
	struct node *m;

	if (n == NULL || !a->has_mac || a->ip.len == 0 || n->ip.len == 0 ||
	    t->packets[server] == 0)
		return;
	l = node_link(v, n, &a->mac);
	m = node_of_mac(v, &a->mac);
	if (l != NULL && ttl_is_fresh(t->ttl[server]))
		l->direct = true;
	else if (l != NULL)
		l->crossed = true;
	if (m == NULL)
		return;
	m->sent |= node_sends(v, m);
	node_seen(m, t->first, t->last);
}

void
inventory_tally(struct inventory *v, const struct talk *t)
{
	struct node *client, *server;

	node_doubt(v, t, t->last);
	client = tally_end(v, t, false);
	server = tally_end(v, t, true);
	tally_mac(v, t, client, false);
	tally_mac(v, t, server, true);
	if (client != NULL && server != NULL && protos[t->proto]->ot)
		node_peer(v, client, server);
}
