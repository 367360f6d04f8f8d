/*
 * table.c - from a packet's ends to its flow.
 *
 * Flows live in one array reserved at birth; a table of (hash, index) with
 * linear probing finds them.  Two lists, newest first, hold them by how long
 * they may idle; a flow is moved to the head at most once a second, so that
 * the order is right to a second and the list costs nothing per packet.
 */
#include <stdlib.h>
#include <string.h>

#include "../base/hash.h"
#include "../base/reserve.h"
#include "private.h"

#define SLOTS_MIN 1024u

static const int64_t idle_ns[LIST_COUNT] = {
	[LIST_LONG] = 3600 * TICK_SECOND,
	[LIST_SHORT] = 120 * TICK_SECOND,
};

/* Slots there is room for: twice the flows, so that probing stays short. */
static uint32_t
slots_max(const struct flows *fs)
{
	uint32_t slots = SLOTS_MIN;

	while (slots < 2 * fs->config.flows_max)
		slots *= 2;
	return slots;
}

bool
table_init(struct flows *fs)
{
	fs->slot_mask = SLOTS_MIN - 1;
	fs->flow = reserve(fs->config.flows_max * sizeof(fs->flow[0]));
	fs->slot = reserve(slots_max(fs) * sizeof(fs->slot[0]));
	fs->idle = NOBODY;
	for (uint32_t i = 0; i < LIST_COUNT; i++)
		fs->head[i] = fs->tail[i] = NOBODY;
	return fs->flow != NULL && fs->slot != NULL;
}

void
table_fini(struct flows *fs)
{
	release(fs->flow, fs->config.flows_max * sizeof(fs->flow[0]));
	release(fs->slot, slots_max(fs) * sizeof(fs->slot[0]));
}

/* ------------------------------------------------------------------ lists */

static void
list_take(struct flows *fs, struct flow *f)
{
	if (f->prev != NOBODY)
		fs->flow[f->prev].next = f->next;
	else
		fs->head[f->list] = f->next;
	if (f->next != NOBODY)
		fs->flow[f->next].prev = f->prev;
	else
		fs->tail[f->list] = f->prev;
}

static void
list_give(struct flows *fs, struct flow *f, enum list list)
{
	uint32_t i = (uint32_t)(f - fs->flow);

	f->list = (uint8_t)list;
	f->prev = NOBODY;
	f->next = fs->head[list];
	if (f->next != NOBODY)
		fs->flow[f->next].prev = i;
	else
		fs->tail[list] = i;
	fs->head[list] = i;
}

void
table_relist(struct flows *fs, struct flow *f, enum list list)
{
	list_take(fs, f);
	list_give(fs, f, list);
}

/* -------------------------------------------------------------------- hash */

/* Read in the pieces it was written in: a wider one would have to be waited
 * for. */
static uint64_t
end_word(const struct flow_key *k, unsigned side)
{
	const uint8_t *b = k->end[side];
	uint64_t low, high;
	uint32_t four;
	uint16_t two;

	if (k->kind == 6) {
		memcpy(&low, b, 8);
		memcpy(&high, b + 8, 8);
		return hash_mix(low ^ hash_seed, high);
	}
	memcpy(&four, b, 4);
	memcpy(&two, b + 4, 2);
	return k->kind == 4 ? four : (uint64_t)two << 32 | four;
}

/* Mixed with the seed before each product, so that who does not know it cannot
 * make one zero. */
static uint32_t
key_hash(const struct flow_key *k)
{
	uint64_t h =
	    hash_mix(end_word(k, 0) ^ hash_seed, end_word(k, 1) ^ ~hash_seed);

	h = hash_mix(h ^
		((uint64_t)k->port[0] << 48 | (uint64_t)k->port[1] << 32 |
		    k->service),
	    hash_seed ^
		((uint64_t)k->vlan << 48 | (uint64_t)k->inner_vlan << 32 |
		    (uint64_t)k->via << 8 | k->kind));
	if ((k->session | k->tunnel) != 0)
		h = hash_mix(h ^ ((uint64_t)k->session << 32 | k->tunnel),
		    hash_seed);
	return (uint32_t)h;
}

/* ------------------------------------------------------------------- slots */

/*
 * In the table an index is stored plus one, so that fresh (zero) memory is an
 * empty table.
 */
static void
slot_add(struct flows *fs, uint32_t hash, uint32_t index)
{
	uint32_t i = hash & fs->slot_mask;

	while (fs->slot[i].index != 0)
		i = (i + 1) & fs->slot_mask;
	fs->slot[i].hash = hash;
	fs->slot[i].index = index + 1;
}

/*
 * The table grows with the flows, so that few of them live in few cache
 * lines.  The address space for the largest is reserved from the start.
 */
static void
slots_grow(struct flows *fs)
{
	const uint32_t slots = fs->slot_mask + 1;

	if (2 * fs->n_used < slots || slots >= slots_max(fs))
		return;
	memset(fs->slot, 0, slots * sizeof(fs->slot[0]));
	fs->slot_mask = 2 * slots - 1;
	for (uint32_t i = 0; i < fs->n_fresh; i++)
		if (fs->flow[i].used)
			slot_add(fs, key_hash(&fs->flow[i].key), i);
}

/* Remove, and close the hole so that probing still finds the others. */
static void
slot_remove(struct flows *fs, uint32_t hash, uint32_t index)
{
	uint32_t i = hash & fs->slot_mask, hole;

	while (fs->slot[i].index != index + 1)
		i = (i + 1) & fs->slot_mask;
	hole = i;
	for (;;) {
		uint32_t home;

		i = (i + 1) & fs->slot_mask;
		if (fs->slot[i].index == 0)
			break;
		home = fs->slot[i].hash & fs->slot_mask;
		if (((i - home) & fs->slot_mask) < ((i - hole) & fs->slot_mask))
			continue;
		fs->slot[hole] = fs->slot[i];
		hole = i;
	}
	fs->slot[hole].index = 0;
}

/* -------------------------------------------------------------------- keys */

static int
order(const struct packet *p)
{
	int by_end;

	if (p->src_ip.len == 4)
		by_end = memcmp(p->src_ip.b, p->dst_ip.b, 4);
	else if (p->src_ip.len > 0)
		by_end = memcmp(p->src_ip.b, p->dst_ip.b, p->src_ip.len);
	else
		by_end = memcmp(p->src_mac.b, p->dst_mac.b, 6);
	return by_end != 0 ? by_end : (int)p->src_port - (int)p->dst_port;
}

/* Fill in the key; the side (0 or 1) on which the sender stands. */
static unsigned
key_of(const struct packet *p, struct flow_key *k)
{
	unsigned side = order(p) > 0;

	memset(k, 0, sizeof(*k));
	if (p->src_ip.len == 4) {
		memcpy(k->end[side], p->src_ip.b, 4);
		memcpy(k->end[!side], p->dst_ip.b, 4);
		k->kind = 4;
	} else if (p->src_ip.len > 0) {
		memcpy(k->end[side], p->src_ip.b, 16);
		memcpy(k->end[!side], p->dst_ip.b, 16);
		k->kind = 6;
	} else {
		memcpy(k->end[side], p->src_mac.b, 6);
		memcpy(k->end[!side], p->dst_mac.b, 6);
		k->kind = 2;
	}
	k->port[side] = p->src_port;
	k->port[!side] = p->dst_port;
	k->via = p->via;
	k->service = p->service;
	k->vlan = p->n_vlan > 0 ? p->vlan[0] : TALK_NO_VLAN;
	k->inner_vlan = p->n_vlan > 1 ? p->vlan[1] : TALK_NO_VLAN;
	if (p->mirror.type != 0)
		k->session = (uint32_t)p->mirror.type << 16 | p->mirror.session;
	k->tunnel = p->tunnel;
	return side;
}

/* As words: every packet comes this way. */
static bool
key_same(const struct flow_key *a, const struct flow_key *b)
{
	const uint8_t *p = (const uint8_t *)a, *q = (const uint8_t *)b;
	uint64_t other = 0, x, y;

	for (size_t i = 0; i < sizeof(*a); i += 8) {
		memcpy(&x, p + i, 8);
		memcpy(&y, q + i, 8);
		other |= x ^ y;
	}
	return other == 0;
}

/* ------------------------------------------------------------------- flows */

static uint32_t
flow_take(struct flows *fs)
{
	uint32_t i = fs->idle;

	if (i != NOBODY) {
		fs->idle = fs->flow[i].next;
		return i;
	}
	if (fs->n_fresh < fs->config.flows_max)
		return fs->n_fresh++;
	i = fs->tail[LIST_SHORT] != NOBODY ? fs->tail[LIST_SHORT]
					   : fs->tail[LIST_LONG];
	fs->counts.evicted++;
	table_end(fs, &fs->flow[i]);
	return flow_take(fs);
}

static struct flow *
flow_begin(struct flows *fs, const struct flow_key *key, uint32_t hash,
    const struct packet *p, unsigned side)
{
	uint32_t i = flow_take(fs);
	struct flow *f = &fs->flow[i];

	memset(f, 0, sizeof(*f));
	f->key = *key;
	f->touched = p->at;
	slots_grow(fs);
	f->used = true;
	fs->n_used++;
	slot_add(fs, hash, i);
	list_give(fs, f,
	    key->via == VIA_UDP || key->via == VIA_IP ? LIST_SHORT : LIST_LONG);
	fs->counts.flows++;
	talk_begin(fs, f, p, side);
	fs->fresh = true;
	return f;
}

void
flow_place(const struct flows *fs, const struct packet *p,
    struct flow_place *ret)
{
	ret->made = p->via != VIA_NONE && !p->frag.is;
	ret->speaks = p->payload_wire > 0;
	ret->flow = 0;
	if (!ret->made)
		return;
	ret->side = (uint8_t)key_of(p, &ret->key);
	ret->hash = key_hash(&ret->key);
	__builtin_prefetch(&fs->slot[ret->hash & fs->slot_mask]);
}

/* In the table plus one; 0: there is none. */
static uint32_t
find(const struct flows *fs, const struct flow_place *at)
{
	uint32_t i = at->hash & fs->slot_mask;

	for (; fs->slot[i].index != 0; i = (i + 1) & fs->slot_mask)
		if (fs->slot[i].hash == at->hash &&
		    key_same(&fs->flow[fs->slot[i].index - 1].key, &at->key))
			break;
	return fs->slot[i].index;
}

static void
fetch_flow(const struct flows *fs, struct flow_place *at)
{
	uint32_t i = at->hash & fs->slot_mask;
	const struct flow *f;

	while (fs->slot[i].index != 0 && fs->slot[i].hash != at->hash)
		i = (i + 1) & fs->slot_mask;
	at->flow = fs->slot[i].index;
	if (at->flow == 0)
		return;
	f = &fs->flow[at->flow - 1];
	__builtin_prefetch(f, 1);
	__builtin_prefetch(&f->half[at->side], 1);
	__builtin_prefetch(&f->talk, 1);
	__builtin_prefetch(&f->talk.client, 1);
	__builtin_prefetch(&f->state, 1);
}

void
flow_fetch(const struct flows *fs, struct flow_place *at, unsigned step)
{
	const struct flow *f;

	if (step == 0 && at->made)
		fetch_flow(fs, at);
	if (step == 0 || at->flow == 0)
		return;
	f = &fs->flow[at->flow - 1];
	if (step == 1)
		__builtin_prefetch(f->pending, 1);
	if (at->speaks && fs->listener.ahead != NULL)
		fs->listener.ahead(fs->listener.ctx, &f->talk,
		    at->side != f->client_side, step - 1);
}

struct flow *
table_find(struct flows *fs, const struct packet *p,
    const struct flow_place *at)
{
	const uint32_t index = find(fs, at);
	struct flow *f;

	if (index == 0)
		return flow_begin(fs, &at->key, at->hash, p, at->side);
	f = &fs->flow[index - 1];
	if (tick_since(p->at, f->touched) > TICK_SECOND) {
		f->touched = p->at;
		table_relist(fs, f, (enum list)f->list);
	}
	return f;
}

void
table_end(struct flows *fs, struct flow *f)
{
	uint32_t i = (uint32_t)(f - fs->flow);

	tcp_flush(fs, f);
	talk_tally(fs, f);
	message_drop(fs, f);
	slot_remove(fs, key_hash(&f->key), i);
	list_take(fs, f);
	f->used = false;
	fs->n_used--;
	f->next = fs->idle;
	fs->idle = i;
}

/* Several times a second of packet time, and a bounded number a call. */
void
table_expire(struct flows *fs, struct tick now)
{
	if (llabs(tick_since(now, fs->expired)) < TICK_SECOND / 8)
		return;
	fs->expired = now;
	for (uint32_t l = 0; l < LIST_COUNT; l++) {
		for (uint32_t n = 0; n < 4096 && fs->tail[l] != NOBODY; n++) {
			struct flow *f = &fs->flow[fs->tail[l]];

			if (tick_since(now, f->talk.last) < idle_ns[l])
				break;
			fs->counts.expired++;
			table_end(fs, f);
		}
	}
}

void
table_each(struct flows *fs, void (*each)(struct flows *, struct flow *))
{
	for (uint32_t i = 0; i < fs->n_fresh; i++)
		if (fs->flow[i].used)
			each(fs, &fs->flow[i]);
}

void
table_end_all(struct flows *fs)
{
	for (uint32_t i = 0; i < fs->n_fresh; i++)
		if (fs->flow[i].used)
			table_end(fs, &fs->flow[i]);
}
