/*
 * asset.c - see asset.h: which addresses are devices, and what is known of
 * each.  name.c says which asset an address names.
 *
 * What is not confirmed yet is counted in a table of fixed ways, where the
 * new pushes out the old: it can be flooded without harm.
 */
#include "asset.h"

#include <stdlib.h>

#include "../base/hash.h"
#include "../base/reserve.h"
#include "private.h"

#define NAMES_PER_ASSET 3u

static uint32_t
power_of_two(uint32_t least)
{
	uint32_t n = 64;

	while (n < least)
		n <<= 1;
	return n;
}

struct assets *
assets_new(uint32_t max)
{
	struct assets *as = calloc(1, sizeof(*as));

	if (as == NULL)
		return NULL;
	as->max = max;
	as->slots = power_of_two(max * NAMES_PER_ASSET);
	as->asset = reserve((max + (size_t)1) * sizeof(*as->asset));
	as->name = reserve(as->slots * sizeof(*as->name));
	as->guess = reserve(GUESSES * sizeof(*as->guess));
	as->hop = reserve(HOPS * sizeof(*as->hop));
	as->memo = reserve(MEMOS * sizeof(*as->memo));
	if (as->asset != NULL && as->name != NULL && as->guess != NULL &&
	    as->hop != NULL && as->memo != NULL)
		return as;
	assets_free(as);
	return NULL;
}

void
assets_free(struct assets *as)
{
	if (as == NULL)
		return;
	release(as->asset, (as->max + (size_t)1) * sizeof(*as->asset));
	release(as->name, as->slots * sizeof(*as->name));
	release(as->guess, GUESSES * sizeof(*as->guess));
	release(as->hop, HOPS * sizeof(*as->hop));
	release(as->memo, MEMOS * sizeof(*as->memo));
	free(as);
}

/* ---------------------------------------------------------------- confirming
 */

static bool
is_group(const struct addr *a)
{
	return a->ip.len != 0 ? ip_is_group(&a->ip) : mac_is_group(&a->mac);
}

static struct asset *
make(struct assets *as, const struct name_key *k, const struct addr *a,
    uint16_t vlan, struct tick at)
{
	struct asset *x;

	if (as->n == as->max) {
		as->left_out++;
		return NULL;
	}
	x = &as->asset[++as->n];
	x->id = as->n;
	x->addr = *a;
	x->vlan = vlan;
	x->first = x->last = at;
	x->flags |= ASSET_CHANGED;
	if ((k->len & NAME_OUTSIDE) != 0)
		x->flags |= ASSET_INTERNET;
	if (is_group(a))
		x->flags |= ASSET_GROUP;
	name_bind(as, k, x->id);
	if (as->on_new != NULL)
		as->on_new(as->on_new_ctx, x);
	return x;
}

/* So many more packets from an address nobody vouches for: enough? */
static bool
enough(struct assets *as, const struct name_key *k, uint32_t packets)
{
	uint64_t h = hash_bytes(k, sizeof(*k), 0);
	struct guess *g = &as->guess[h & (GUESSES - 1)];

	if (g->tag != (uint32_t)(h >> 32)) {
		g->tag = (uint32_t)(h >> 32);
		g->packets = 0;
	}
	g->packets += packets;
	return g->packets >= PACKETS_TO_BELIEVE;
}

struct end {
	const struct addr *addr;
	uint8_t ttl;
	bool vouched; /* it took part in an exchange */
	bool group; /* spoken to: multicast, broadcast */
	uint32_t packets; /* that it sent since we looked last */
};

/* No router stands between: the MAC address is its own. */
static bool
is_near(const struct end *e)
{
	const struct ip *ip = &e->addr->ip;

	return e->addr->has_mac && ip->len != 0 && !ip_is_group(ip) &&
	    !mac_is_group(&e->addr->mac) &&
	    (ttl_is_fresh(e->ttl) || (e->ttl != 0 && ip_is_link_local(ip)));
}

/* The device that its MAC address already stands for: one without an IP
 * address yet, or any where this one is only good for the link. */
static struct asset *
known_by_mac(const struct assets *as, const struct end *e)
{
	const struct name_key k = name_mac(&e->addr->mac);
	struct asset *x = asset_at(as, name_find(as, &k));

	return x != NULL &&
		(x->addr.ip.len == 0 || ip_is_link_local(&e->addr->ip))
	    ? x
	    : NULL;
}

static uint32_t
asset_near(struct assets *as, const struct name_key *k, const struct end *e,
    const struct talk *t)
{
	const struct name_key km = name_mac(&e->addr->mac);
	struct asset *x = known_by_mac(as, e);

	if (x != NULL) {
		name_bind(as, k, x->id);
		if (x->addr.ip.len == 0)
			x->addr.ip = e->addr->ip;
		x->flags |= ASSET_CHANGED;
		return x->id;
	}
	x = make(as, k, e->addr, t->vlan, t->last);
	if (x == NULL)
		return ASSET_NONE;
	if ((k->len & NAME_OUTSIDE) == 0 && name_find(as, &km) == 0)
		name_bind(as, &km, x->id);
	return x->id;
}

static uint32_t
asset_of_end(struct assets *as, const struct end *e, const struct talk *t)
{
	struct name_key k = name_of(as, e->addr, e->ttl);
	uint32_t id = name_find(as, &k);
	struct asset *x;

	if (id != 0)
		return id;
	if ((e->addr->ip.len != 0 && ip_is_zero(&e->addr->ip)) ||
	    (is_group(e->addr) && !e->group))
		return ASSET_NONE;
	if (!e->vouched && !e->group && !enough(as, &k, e->packets))
		return ASSET_NONE;
	if (is_near(e) && k.len != 0)
		return asset_near(as, &k, e, t);
	x = make(as, &k, e->addr, t->vlan, t->last);
	return x != NULL ? x->id : ASSET_NONE;
}

/*
 * A server that answered is there; a client is when it went on after the
 * answer (TCP), or sent several times.
 */
static void
look(struct assets *as, const struct talk *t, uint32_t sent[2], uint32_t id[2])
{
	bool answered = t->packets[1] > 0 && t->packets[0] > 0;
	struct end client = { .addr = &t->client,
		.ttl = t->ttl[0],
		.vouched = (answered && t->packets[0] > 1) ||
		    t->packets[0] >= PACKETS_TO_BELIEVE,
		.packets = sent[0] };
	struct end server = { .addr = &t->server,
		.ttl = t->ttl[1],
		.vouched = answered || t->packets[1] >= PACKETS_TO_BELIEVE,
		.group = is_group(&t->server),
		.packets = sent[1] };

	id[0] = asset_of_end(as, &client, t);
	id[1] = asset_of_end(as, &server, t);
}

void
assets_of_talk(struct assets *as, const struct talk *t, uint32_t *ret_client,
    uint32_t *ret_server)
{
	struct memo *m = &as->memo[t->flow & (MEMOS - 1)];
	uint32_t none[2] = { 0, 0 };
	const bool known = m->flow == t->flow && m->turn == t->client_port;

	if (!known)
		*m = (struct memo){ .flow = t->flow, .turn = t->client_port };
	if (!known || m->id[0] == 0 || m->id[1] == 0)
		look(as, t, none, m->id);
	*ret_client = m->id[0];
	*ret_server = m->id[1];
}

uint32_t
asset_of(struct assets *as, const struct addr *a, uint16_t vlan)
{
	struct name_key k = name_of(as, a, 0);

	(void)vlan;
	return name_find(as, &k);
}

struct asset *
asset_at(const struct assets *as, uint32_t id)
{
	return id != 0 && id <= as->n ? &as->asset[id] : NULL;
}

uint32_t
assets_count(const struct assets *as)
{
	return as->n;
}

uint64_t
assets_left_out(const struct assets *as)
{
	return as->left_out;
}

void
assets_on_new(struct assets *as, void (*fn)(void *, struct asset *), void *ctx)
{
	as->on_new = fn;
	as->on_new_ctx = ctx;
}

/* ------------------------------------------------------------ as a listener */

static void
forget_memo(struct assets *as, const struct talk *t)
{
	as->memo[t->flow & (MEMOS - 1)].flow = 0;
}

void
assets_begin(struct assets *as, const struct talk *t)
{
	uint32_t sent[2] = { 1, 0 }, id[2];

	look(as, t, sent, id);
	as->memo[t->flow & (MEMOS - 1)] = (struct memo){ .flow = t->flow,
		.turn = t->client_port,
		.id = { id[0], id[1] } };
}

static void
touch(struct assets *as, uint32_t id, const struct addr *a, uint8_t ttl,
    const struct talk *t)
{
	struct asset *x = asset_at(as, id);

	if (x == NULL)
		return;
	if (t->last.ns > x->last.ns)
		x->last = t->last;
	if (x->ttl == 0)
		x->ttl = ttl;
	if (a->has_mac && !x->addr.has_mac) {
		x->addr.mac = a->mac;
		x->addr.has_mac = true;
	}
	x->flags |= ASSET_CHANGED;
}

void
assets_tally(struct assets *as, const struct talk *t)
{
	uint32_t sent[2] = { t->packets[0], t->packets[1] }, id[2];

	if (sent[0] > 0)
		sent[0]--; /* the first was counted when the flow began */
	look(as, t, sent, id);
	if (t->packets[0] > 0)
		touch(as, id[0], &t->client, t->ttl[0], t);
	if (t->packets[1] > 0)
		touch(as, id[1], &t->server, t->ttl[1], t);
	forget_memo(as, t);
}

/* "This MAC has this IP address": one device. */
static void
joined(struct assets *as, const struct addr *a, bool lease,
    const struct talk *t)
{
	struct name_key ki, km;
	uint32_t by_ip, by_mac;
	struct asset *x;

	if (a->ip.len == 0 || !a->has_mac || ip_is_zero(&a->ip) ||
	    ip_is_group(&a->ip) || mac_is_group(&a->mac))
		return;
	ki = name_ip(&a->ip, false);
	km = name_mac(&a->mac);
	by_ip = name_find(as, &ki);
	by_mac = name_find(as, &km);
	x = asset_at(as, by_mac);
	if (by_ip == 0 && x == NULL) { /* it speaks for itself: it is there */
		x = make(as, &ki, a, t->vlan, t->last);
		if (x != NULL)
			name_bind(as, &km, x->id);
	} else if (by_mac == 0) {
		x = asset_at(as, by_ip);
		if (x != NULL &&
		    (!x->addr.has_mac || mac_same(&x->addr.mac, &a->mac))) {
			name_bind(as, &km, by_ip);
			x->addr.mac = a->mac;
			x->addr.has_mac = true;
		}
	} else if (by_ip != by_mac && x != NULL &&
	    (lease || (by_ip == 0 && x->addr.ip.len == 0))) {
		name_bind(as, &ki, by_mac); /* moved here, or named at last */
		x->addr.ip = a->ip;
		x->flags |= ASSET_CHANGED;
	}
}

static void
flag(struct assets *as, uint32_t id, uint32_t flags)
{
	struct asset *x = asset_at(as, id);

	if (x != NULL && (x->flags & flags) != flags &&
	    (x->flags & (ASSET_GROUP | ASSET_INTERNET)) == 0)
		x->flags |= flags | ASSET_CHANGED;
}

static void
says_role(struct assets *as, uint32_t id, const struct fact *f)
{
	struct asset *x = asset_at(as, id);
	enum role role;

	if (x == NULL)
		return;
	role = role_find(
	    (struct span){ .p = (const uint8_t *)f->text, .n = f->text_len });
	if (role == ROLE_UNKNOWN || x->role == role)
		return;
	x->role = (uint8_t)role;
	x->flags |= ASSET_CHANGED;
	if (role == ROLE_SAFETY)
		x->flags |= ASSET_SAFETY;
	if (role_is_ot(role))
		x->flags |= ASSET_OT;
}

static void
on_ident(struct assets *as, const struct fact *f, const struct talk *t,
    const uint32_t id[2])
{
	if (f->about == ABOUT_ADDR && f->trait == TRAIT_ADDRESS &&
	    (f->flags & ~FACT_BROADCAST) == 0)
		joined(as, &f->addr, false, t);
	else if (f->about == ABOUT_ADDR && f->trait == TRAIT_LEASE)
		joined(as, &f->addr, true, t);
	else if (f->trait == TRAIT_ROLE && f->about != ABOUT_ADDR)
		says_role(as, id[f->from_server == (f->about == ABOUT_SENDER)],
		    f);
}

/* What a message of an industrial protocol says of its ends: once. */
static void
speaks_ot(struct assets *as, const struct talk *t, bool serves)
{
	struct memo *m = &as->memo[t->flow & (MEMOS - 1)];
	uint32_t id[2];

	if (m->flow == t->flow && m->turn == t->client_port &&
	    (m->said >> serves & 1) != 0)
		return;
	assets_of_talk(as, t, &id[0], &id[1]);
	flag(as, id[0], ASSET_OT);
	flag(as, id[1], serves ? ASSET_OT | ASSET_CONTROLLER : ASSET_OT);
	if (id[0] != ASSET_NONE && id[1] != ASSET_NONE)
		m->said = (uint16_t)(m->said | 1u << serves);
}

void
assets_ahead(const struct assets *as, const struct talk *t)
{
	__builtin_prefetch(&as->memo[t->flow & (MEMOS - 1)]);
}

void
assets_fact(struct assets *as, const struct fact *f, const struct talk *t)
{
	uint32_t id[2];

	if (f->kind == FACT_IDENT) {
		assets_of_talk(as, t, &id[0], &id[1]);
		on_ident(as, f, t, id);
		return;
	}
	if (!f->is_message || !protos[f->proto]->ot ||
	    f->kind == FACT_MALFORMED)
		return;
	speaks_ot(as, t, f->response || f->from_server);
}

bool
assets_restore(struct assets *as, const struct asset *from)
{
	struct asset *x;
	struct name_key k;

	if (from->id == 0 || from->id > as->max || from->id <= as->n)
		return false;
	as->n = from->id;
	x = &as->asset[from->id];
	*x = *from;
	if (x->addr.ip.len != 0) {
		k = name_ip(&x->addr.ip, (x->flags & ASSET_INTERNET) != 0);
		name_bind(as, &k, x->id);
	}
	if ((x->flags & ASSET_BY_MAC) != 0) {
		k = name_mac(&x->addr.mac);
		name_bind(as, &k, x->id);
	}
	x->flags &= ~(uint32_t)ASSET_CHANGED;
	return true;
}
