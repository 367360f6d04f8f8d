/* keys.c - who an event is between, and what it is counted over. */
#include <string.h>

#include "../base/hash.h"
#include "../proto/proto.h"
#include "private.h"

const struct addr *
event_end(const struct event *e, bool server)
{
	const struct asset *a = server ? e->server : e->client;

	if (e->talk != NULL)
		return server ? &e->talk->server : &e->talk->client;
	return a != NULL ? &a->addr : NULL;
}

uint8_t
event_proto(const struct event *e)
{
	if (e->fact != NULL)
		return e->fact->proto;
	return e->talk != NULL ? e->talk->proto : PROTO_UNKNOWN;
}

uint64_t
key_mix(uint64_t a, uint64_t b)
{
	uint64_t both[2] = { a, b };

	return hash_bytes(both, sizeof(both), 0);
}

uint64_t
addr_key(const struct addr *a)
{
	if (a->ip.len > 0)
		return hash_bytes(a->ip.b, a->ip.len, a->ip.len);
	return a->has_mac ? hash_bytes(a->mac.b, sizeof(a->mac.b), 1) : 0;
}

uint64_t
pair_key(const struct event *e)
{
	return key_of(e, PER_PAIR);
}

static uint64_t
object_key(const struct event *e)
{
	const struct fact *f = e->fact;
	uint32_t at[5];

	if (f == NULL)
		return 0;
	at[0] = f->has_unit ? f->unit + 1 : 0;
	at[1] = f->object.space;
	at[2] = f->object.area;
	at[3] = f->object.first;
	at[4] = f->object.sub;
	return hash_bytes(at, sizeof(at), 0);
}

static uint64_t
end_key(const struct event *e, bool server)
{
	const struct addr *a;

	if (e->keys != NULL)
		return e->keys->end[server];
	a = event_end(e, server);
	return a != NULL ? addr_key(a) : 0;
}

/* MAC addresses are no part of the key where there is an IP address. */
static bool
same_end(const struct addr *a, const struct addr *b)
{
	return a->ip.len > 0 ? ip_same(&a->ip, &b->ip)
			     : b->ip.len == 0 && a->has_mac == b->has_mac &&
		mac_same(&a->mac, &b->mac);
}

struct end_keys *
keys_of_flow(struct detect *d, const struct talk *t)
{
	struct end_keys *k = &d->keys[t->flow % END_KEYS];

	if (k->flow == t->flow && same_end(&k->client, &t->client))
		return k;
	k->flow = t->flow;
	k->client = t->client;
	k->end[0] = addr_key(&t->client);
	k->end[1] = addr_key(&t->server);
	k->pair = key_mix(k->end[0], k->end[1]);
	memset(k->touched, 0xff, sizeof(k->touched));
	return k;
}

uint64_t
key_of(const struct event *e, enum per per)
{
	switch (per) {
	case PER_PAIR:
		return e->keys != NULL
		    ? e->keys->pair
		    : key_mix(end_key(e, false), end_key(e, true));
	case PER_CLIENT:
		return end_key(e, false);
	case PER_SERVER:
		return end_key(e, true);
	case PER_FLOW:
		return e->talk != NULL
		    ? key_mix(e->talk->flow, end_key(e, false))
		    : 0;
	case PER_OBJECT:
		return key_mix(end_key(e, true), object_key(e));
	case PER_ALL:
	case PER_COUNT:
		break;
	}
	return 0;
}

uint64_t
item_of(const struct event *e, enum distinct distinct)
{
	const struct fact *f = e->fact;

	switch (distinct) {
	case DISTINCT_SERVER:
		return key_of(e, PER_SERVER);
	case DISTINCT_CLIENT:
		return key_of(e, PER_CLIENT);
	case DISTINCT_PORT:
		return key_mix(key_of(e, PER_SERVER),
		    e->talk != NULL
			? (uint64_t)e->talk->via << 32 | e->talk->server_port
			: 0);
	case DISTINCT_OBJECT:
		return key_of(e, PER_OBJECT);
	case DISTINCT_OP:
		return f != NULL ? f->op : 0;
	case DISTINCT_TEXT:
		return f != NULL ? hash_bytes(f->text, f->text_len, 0) : 0;
	case DISTINCT_NOTHING:
	case DISTINCT_COUNT:
		break;
	}
	return 0;
}
