/*
 * conv.c - see conv.h.
 *
 * A flow keeps its row's number in talk->note, so that the hot path looks
 * nothing up; a row's operations are a short list whose last hit moves to the
 * front.
 */
#include "conv.h"

#include <stdlib.h>
#include <string.h>

#include "../base/hash.h"
#include "../base/reserve.h"
#include "../proto/proto.h"
#include "save.h"

#define OPS_PER_CONV 4u /* on average, of all */

struct conv_key { /* no padding */
	uint8_t client[16], server[16];
	uint8_t client_kind, server_kind;
	uint8_t via, proto;
	uint16_t port, vlan;
	uint32_t session, service;
};

struct convs {
	uint32_t max, n, ops_max, n_ops;
	uint64_t left_out;
	uint32_t *slot; /* index + 1 */
	uint32_t slot_mask;
	struct conv *conv;
	struct conv_op *op;
	uint32_t *order;
	uint32_t n_order;
};

static size_t
slot_bytes(const struct convs *cs)
{
	return ((size_t)cs->slot_mask + 1) * sizeof(cs->slot[0]);
}

struct convs *
convs_new(uint32_t max)
{
	struct convs *cs = calloc(1, sizeof(*cs));
	uint32_t slots = 64;

	if (cs == NULL)
		return NULL;
	while (slots < 2 * max)
		slots *= 2;
	cs->max = max;
	cs->ops_max = max * OPS_PER_CONV;
	cs->slot_mask = slots - 1;
	cs->slot = reserve(slot_bytes(cs));
	cs->conv = reserve(max * sizeof(cs->conv[0]));
	cs->op = reserve(cs->ops_max * sizeof(cs->op[0]));
	cs->order = reserve(max * sizeof(cs->order[0]));
	if (cs->slot == NULL || cs->conv == NULL || cs->op == NULL ||
	    cs->order == NULL) {
		convs_free(cs);
		return NULL;
	}
	return cs;
}

void
convs_free(struct convs *cs)
{
	if (cs == NULL)
		return;
	release(cs->slot, slot_bytes(cs));
	release(cs->conv, cs->max * sizeof(cs->conv[0]));
	release(cs->op, cs->ops_max * sizeof(cs->op[0]));
	release(cs->order, cs->max * sizeof(cs->order[0]));
	free(cs);
}

static uint8_t
key_end(uint8_t dst[16], const struct addr *a)
{
	if (a->ip.len > 0)
		memcpy(dst, a->ip.b, a->ip.len);
	else
		memcpy(dst, a->mac.b, 6);
	return a->ip.len > 0 ? a->ip.len : 2;
}

static struct conv_key
key_of(const struct talk *t)
{
	struct conv_key k;

	memset(&k, 0, sizeof(k));
	k.client_kind = key_end(k.client, &t->client);
	k.server_kind = key_end(k.server, &t->server);
	k.via = t->via;
	k.proto = t->proto;
	k.port = t->server_port;
	k.vlan = t->vlan;
	k.session = t->session;
	k.service = t->service;
	return k;
}

static bool
key_matches(const struct conv *c, const struct conv_key *k,
    const struct talk *t)
{
	return c->proto == t->proto && c->port == t->server_port &&
	    c->via == t->via && c->vlan == t->vlan &&
	    c->session == t->session && c->service == t->service &&
	    c->client.ip.len == t->client.ip.len &&
	    c->server.ip.len == t->server.ip.len &&
	    memcmp(k->client,
		c->client.ip.len > 0 ? c->client.ip.b : c->client.mac.b,
		c->client.ip.len > 0 ? c->client.ip.len : 6) == 0 &&
	    memcmp(k->server,
		c->server.ip.len > 0 ? c->server.ip.b : c->server.mac.b,
		c->server.ip.len > 0 ? c->server.ip.len : 6) == 0;
}

/* The talk's row, made if need be; NULL when the table is full. */
static struct conv *
find(struct convs *cs, const struct talk *t)
{
	struct conv_key k = key_of(t);
	uint32_t i =
	    (uint32_t)hash_bytes(&k, sizeof(k), hash_seed) & cs->slot_mask;
	struct conv *c;

	for (; cs->slot[i] != 0; i = (i + 1) & cs->slot_mask)
		if (key_matches(&cs->conv[cs->slot[i] - 1], &k, t))
			return &cs->conv[cs->slot[i] - 1];
	if (cs->n == cs->max)
		return NULL;
	c = &cs->conv[cs->n++];
	cs->slot[i] = cs->n;
	c->client = t->client;
	c->server = t->server;
	c->port = t->server_port;
	c->vlan = t->vlan;
	c->session = t->session;
	c->service = t->service;
	c->via = t->via;
	c->proto = t->proto;
	c->first = t->first;
	c->last = t->last;
	return c;
}

static struct conv_op *
find_op(struct convs *cs, struct conv *c, uint8_t proto, uint32_t op,
    uint8_t kind)
{
	uint32_t *link = &c->ops, at, n = 0;
	struct conv_op *o;

	for (; *link != 0; n++, link = &cs->op[*link - 1].next) {
		o = &cs->op[*link - 1];
		if (o->op != op || o->proto != proto || o->kind != kind)
			continue;
		at = *link; /* to the front */
		*link = o->next;
		o->next = c->ops;
		c->ops = at;
		return o;
	}
	if (cs->n_ops == cs->ops_max || n == CONV_OPS_MAX)
		return NULL;
	o = &cs->op[cs->n_ops++];
	*o = (struct conv_op){ .next = c->ops,
		.op = op,
		.proto = proto,
		.kind = kind };
	c->ops = cs->n_ops;
	return o;
}

/* Move what was said under the carrier's name to the name found since. */
static void
rename_conv(struct convs *cs, struct conv *from, struct conv *to)
{
	uint32_t at = from->ops;

	while (at != 0) {
		struct conv_op *o = &cs->op[at - 1], *same;

		at = o->next;
		same = find_op(cs, to, o->proto, o->op, o->kind);
		if (same == NULL) {
			to->ops_left_out += o->count;
			o->count = 0;
			continue;
		}
		same->count += o->count;
		if (o->risk > same->risk)
			same->risk = o->risk;
		o->count = 0; /* nobody's any more */
	}
	from->ops = 0;
	to->errors += from->errors;
	from->errors = 0;
}

static struct conv *
conv_of(struct convs *cs, struct talk *t)
{
	struct conv *c, *old = NULL;

	if (t->note != 0) {
		c = &cs->conv[t->note - 1];
		if (c->proto == t->proto)
			return c;
		old = c;
	}
	c = find(cs, t);
	if (c == NULL) {
		cs->left_out++;
		return NULL;
	}
	if (old != NULL && old->packets[0] + old->packets[1] == 0)
		rename_conv(cs, old, c);
	t->note = (uint32_t)(c - cs->conv) + 1;
	return c;
}

void
convs_fact(struct convs *cs, const struct fact *f, struct talk *t)
{
	struct conv *c;
	struct conv_op *o;

	if (!f->is_message && f->kind != FACT_MALFORMED)
		return;
	if ((f->flags & FACT_DUPLICATE) != 0)
		return;
	c = conv_of(cs, t);
	if (c == NULL)
		return;
	c->errors += f->kind == FACT_ERROR;
	c->malformed += f->kind == FACT_MALFORMED;
	if (!fact_kind_counts((enum fact_kind)f->kind))
		return;
	o = find_op(cs, c, f->proto, f->op, f->kind);
	if (o == NULL) {
		c->ops_left_out++;
		return;
	}
	o->count++;
	o->risk = f->risk > o->risk ? f->risk : o->risk;
}

void
convs_ahead(const struct convs *cs, const struct talk *t)
{
	const struct conv *c = &cs->conv[t->note - (t->note != 0)];

	__builtin_prefetch(&c->proto);
	__builtin_prefetch(&c->errors, 1);
}

/* Of a flow what was not told before; the conversation. */
static struct conv *
add_flow(struct convs *cs, struct talk *t)
{
	struct conv *c;

	if (t->packets[0] + t->packets[1] == 0)
		return NULL;
	c = conv_of(cs, t);
	if (c == NULL)
		return NULL;
	for (unsigned i = 0; i < 2; i++) {
		c->packets[i] += t->packets[i] - t->told_packets[i];
		c->bytes[i] += t->bytes[i] - t->told_bytes[i];
	}
	c->odd_port |= t->odd_port;
	c->sure |= t->sure;
	if (t->first.ns < c->first.ns)
		c->first = t->first;
	if (t->last.ns > c->last.ns)
		c->last = t->last;
	return c;
}

void
convs_sofar(struct convs *cs, struct talk *t)
{
	(void)add_flow(cs, t);
}

void
convs_tally(struct convs *cs, struct talk *t)
{
	struct conv *c = add_flow(cs, t);

	if (c != NULL)
		c->flows++;
}

/* ------------------------------------------------------------------ reading */

uint32_t
convs_count(const struct convs *cs)
{
	return cs->n_order;
}

uint64_t
convs_left_out(const struct convs *cs)
{
	return cs->left_out;
}

static int
compare_addr(const struct addr *a, const struct addr *b)
{
	if (a->ip.len != b->ip.len)
		return a->ip.len < b->ip.len ? -1 : 1;
	if (a->ip.len > 0)
		return memcmp(a->ip.b, b->ip.b, a->ip.len);
	return memcmp(a->mac.b, b->mac.b, 6);
}

static int
compare_u32(uint32_t a, uint32_t b)
{
	return a < b ? -1 : a > b;
}

static int
compare(const void *a, const void *b, void *ctx)
{
	const struct convs *cs = ctx;
	const uint32_t *ia = a, *ib = b;
	const struct conv *x = &cs->conv[*ia], *y = &cs->conv[*ib];
	int r = compare_addr(&x->client, &y->client);

	r = r != 0 ? r : compare_addr(&x->server, &y->server);
	r = r != 0 ? r : strcmp(protos[x->proto]->name, protos[y->proto]->name);
	r = r != 0 ? r : compare_u32(x->port, y->port);
	r = r != 0 ? r : compare_u32(x->service, y->service);
	r = r != 0 ? r : compare_u32(x->vlan, y->vlan);
	r = r != 0 ? r : compare_u32(x->session, y->session);
	return r != 0 ? r : compare_u32(*ia, *ib);
}

/* Rows left empty when their flows found a better name are not shown. */
void
convs_sort(struct convs *cs)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < cs->n; i++)
		if (cs->conv[i].packets[0] + cs->conv[i].packets[1] > 0)
			cs->order[n++] = i;
	cs->n_order = n;
	qsort_r(cs->order, n, sizeof(cs->order[0]), compare, cs);
}

const struct conv *
convs_at(const struct convs *cs, uint32_t i)
{
	return &cs->conv[cs->order[i]];
}

const struct conv_op *
convs_op(const struct convs *cs, uint32_t index)
{
	return &cs->op[index];
}

/* ---------------------------------------------------------------- continued */

static uint64_t
digest_of(const struct conv *c)
{
	const uint64_t what[] = { (uint64_t)c->first.ns, (uint64_t)c->last.ns,
		c->flows, c->packets[0], c->packets[1], c->bytes[0],
		c->bytes[1], c->errors, c->malformed, c->ops_left_out };

	return hash_bytes(what, sizeof(what), 0) | 1;
}

static bool
save_ops(const struct convs *cs, uint32_t conv, const struct save_sink *to)
{
	for (uint32_t at = cs->conv[conv].ops; at != 0;
	     at = cs->op[at - 1].next) {
		struct saved_op s = { .id = at,
			.conv = conv + 1,
			.o = cs->op[at - 1] };
		uint64_t digest = s.o.count << 8 ^ s.o.risk ^ (uint64_t)1 << 63;

		if (to->wants(to->ctx, SAVED_OP, s.id, digest) &&
		    !to->row(to->ctx, SAVED_OP, &s))
			return false;
	}
	return true;
}

bool
convs_save(const struct convs *cs, const struct save_sink *to)
{
	for (uint32_t i = 0; i < cs->n; i++) {
		struct saved_conv s = { .id = i + 1, .c = cs->conv[i] };

		if (s.c.packets[0] + s.c.packets[1] + s.c.ops == 0)
			continue;
		if (to->wants(to->ctx, SAVED_CONV, s.id, digest_of(&s.c)) &&
		    !to->row(to->ctx, SAVED_CONV, &s))
			return false;
	}
	for (uint32_t i = 0; i < cs->n_ops; i++)
		if (cs->op[i].count == 0 && !to->gone(to->ctx, SAVED_OP, i + 1))
			return false;
	for (uint32_t i = 0; i < cs->n; i++)
		if (!save_ops(cs, i, to))
			return false;
	return true;
}

static struct talk
talk_of(const struct conv *c)
{
	return (struct talk){ .client = c->client,
		.server = c->server,
		.server_port = c->port,
		.vlan = c->vlan,
		.session = c->session,
		.service = c->service,
		.via = c->via,
		.proto = c->proto,
		.first = c->first,
		.last = c->last };
}

/* At its old number; gaps stay empty. */
static bool
load_conv(struct convs *cs, const struct saved_conv *s)
{
	struct talk t = talk_of(&s->c);
	struct conv *c;

	if (s->id <= cs->n || s->c.proto >= n_protos || s->c.via >= VIA_COUNT)
		return false;
	if (s->id > cs->max) {
		cs->left_out++;
		return true;
	}
	cs->n = s->id - 1;
	c = find(cs, &t);
	if (c == NULL || (uint32_t)(c - cs->conv) != s->id - 1)
		return false; /* the same twice */
	*c = s->c;
	c->ops = 0;
	return true;
}

static bool
load_op(struct convs *cs, const struct saved_op *s)
{
	struct conv *c;

	if (s->id <= cs->n_ops || s->conv == 0 || s->o.proto >= n_protos ||
	    s->o.kind >= FACT_COUNT || s->o.risk >= RISK_COUNT)
		return false;
	if (s->id > cs->ops_max || s->conv > cs->n) {
		cs->left_out++;
		return true;
	}
	c = &cs->conv[s->conv - 1];
	cs->n_ops = s->id;
	cs->op[s->id - 1] = s->o;
	cs->op[s->id - 1].next = c->ops;
	c->ops = s->id;
	return true;
}

bool
convs_load(struct convs *cs, enum saved_kind kind, const void *row)
{
	if (kind == SAVED_CONV)
		return load_conv(cs, row);
	return kind == SAVED_OP && load_op(cs, row);
}
