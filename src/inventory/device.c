/* device.c - what comes out: devices, with the best of what is known. */
#include <stdlib.h>
#include <string.h>

#include "private.h"

/* ----------------------------------------------------------------- settling */

static bool
is_device(const struct inventory *v, uint32_t root)
{
	bool there = false, only_internet = true;

	for (uint32_t at = root + 1; at != 0; at = v->node[at - 1].next) {
		const struct node *n = &v->node[at - 1];

		there |= n->sent || n->heard;
		only_internet &= n->internet;
	}
	return there && !only_internet;
}

static int
compare_nodes(const struct node *x, const struct node *y)
{
	uint32_t xl = x->ip.len > 0 ? x->ip.len : 17u; /* MACs last */
	uint32_t yl = y->ip.len > 0 ? y->ip.len : 17u;
	int r;

	if (xl != yl)
		return xl < yl ? -1 : 1;
	r = xl == 17 ? memcmp(x->mac.b, y->mac.b, 6)
		     : memcmp(x->ip.b, y->ip.b, xl);
	if (r != 0)
		return r;
	return x->vlan < y->vlan ? -1 : x->vlan > y->vlan;
}

static const struct node *
first_of(const struct inventory *v, uint32_t root)
{
	const struct node *best = &v->node[root];

	for (uint32_t at = best->next; at != 0; at = v->node[at - 1].next)
		if (compare_nodes(&v->node[at - 1], best) < 0)
			best = &v->node[at - 1];
	return best;
}

static int
by_first(const void *a, const void *b, void *ctx)
{
	const struct inventory *v = ctx;

	return compare_nodes(first_of(v, *(const uint32_t *)a),
	    first_of(v, *(const uint32_t *)b));
}

static void
fold(struct inventory *v, uint32_t root)
{
	struct node *n = &v->node[root];

	for (uint32_t at = n->next; at != 0; at = v->node[at - 1].next)
		evidence_fold(v, n, &v->node[at - 1]);
}

void
inventory_settle(struct inventory *v)
{
	join_nodes(v);
	if (v->oui != NULL || v->vendors != NULL)
		vendor_guess(v);
	v->settled = true;
	v->n_device = 0;
	v->n_internet = 0;
	for (uint32_t i = 0; i < v->n; i++) {
		v->n_internet += v->node[i].internet && v->node[i].sent;
		if (v->node[i].root != i || !is_device(v, i))
			continue;
		role_guess(v, i);
		fold(v, i);
		v->device[v->n_device++] = i;
	}
	qsort_r(v->device, v->n_device, sizeof(v->device[0]), by_first, v);
}

/* What was seen; what is concluded from it is made anew. */
static void
copy_seen(struct inventory *to, const struct inventory *v)
{
	to->n = v->n;
	to->n_said = v->n_said;
	to->n_unit = v->n_unit;
	to->n_tie = v->n_tie;
	to->left_out = v->left_out;
	to->vendors = v->vendors;
	to->grouped = v->grouped;
	to->n_grouped = v->n_grouped;
	to->borrows = true;
	memcpy(to->slot, v->slot, (v->slot_mask + 1) * sizeof(v->slot[0]));
	memcpy(to->node, v->node, v->n * sizeof(v->node[0]));
	memcpy(to->said, v->said, v->n_said * sizeof(v->said[0]));
	memcpy(to->unit, v->unit, v->n_unit * sizeof(v->unit[0]));
	memcpy(to->tie, v->tie, v->n_tie * sizeof(v->tie[0]));
}

struct inventory *
inventory_settled(struct inventory *v)
{
	if (v->settled_copy == NULL)
		v->settled_copy = inventory_new(v->max, v->oui);
	if (v->settled_copy == NULL)
		return NULL;
	copy_seen(v->settled_copy, v);
	inventory_settle(v->settled_copy);
	return v->settled_copy;
}

uint32_t
inventory_count(const struct inventory *v)
{
	return v->n_device;
}

uint64_t
inventory_internet(const struct inventory *v)
{
	return v->n_internet;
}

uint64_t
inventory_left_out(const struct inventory *v)
{
	return v->left_out;
}

/* ------------------------------------------------------------------ filling */

static enum role
role_of(const struct evidence *e)
{
	return role_find(SPAN((const uint8_t *)e->text, e->text_len));
}

/*
 * Any computer says that it is a workstation or a server: what it serves tells
 * more, though it is a guess.
 */
static bool
is_plain(const struct evidence *e)
{
	enum role role = role_of(e);

	return role == ROLE_WORKSTATION || role == ROLE_SERVER ||
	    role == ROLE_UNKNOWN;
}

/* What is said without naming a part goes first, then the lowest part. */
static uint64_t
unit_rank(const struct evidence *e)
{
	return e->has_unit ? (uint64_t)e->unit + 1 : 0;
}

/* Whether x says more than y: source, then role, then for the whole device or
 * a part, then how often, then first. */
static int
compare_evidence(const struct evidence *x, const struct evidence *y)
{
	if (x->trait != y->trait)
		return x->trait < y->trait ? -1 : 1;
	if (x->trait == TRAIT_ROLE && is_plain(x) != is_plain(y))
		return is_plain(x) ? 1 : -1;
	if (x->source != y->source)
		return x->source > y->source ? -1 : 1;
	if (x->trait == TRAIT_ROLE && role_of(x) != role_of(y))
		return role_rank(role_of(x)) < role_rank(role_of(y)) ? -1 : 1;
	if (x->trait == TRAIT_MODE && x->last.ns != y->last.ns)
		return x->last.ns > y->last.ns ? -1 : 1;
	if (unit_rank(x) != unit_rank(y))
		return unit_rank(x) < unit_rank(y) ? -1 : 1;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	if (x->frame != y->frame)
		return x->frame < y->frame ? -1 : 1;
	if (x->text_len != y->text_len)
		return x->text_len < y->text_len ? -1 : 1;
	return memcmp(x->text, y->text, x->text_len);
}

static void
insert_evidence(struct device *d, const struct evidence *e)
{
	uint32_t i = d->n_evidence;

	d->left_out += i == DEVICE_EVIDENCE;
	if (i == DEVICE_EVIDENCE &&
	    compare_evidence(e, d->evidence[i - 1]) >= 0)
		return;
	if (i == DEVICE_EVIDENCE)
		i--;
	else
		d->n_evidence++;
	for (; i > 0 && compare_evidence(e, d->evidence[i - 1]) < 0; i--)
		d->evidence[i] = d->evidence[i - 1];
	d->evidence[i] = e;
}

/* ---------------------------------------------------------------- addresses */

static int
compare_addr(const struct device_addr *x, const struct device_addr *y)
{
	struct node m = { .ip = x->addr.ip,
		.mac = x->addr.mac,
		.vlan = x->vlan };
	struct node n = { .ip = y->addr.ip,
		.mac = y->addr.mac,
		.vlan = y->vlan };

	return compare_nodes(&m, &n);
}

static void
insert_addr(struct device *d, struct device_addr a)
{
	uint32_t i = d->n_addr;

	d->left_out += i == DEVICE_ADDRS;
	if (i == DEVICE_ADDRS && compare_addr(&a, &d->addr[i - 1]) >= 0)
		return;
	if (i == DEVICE_ADDRS)
		i--;
	else
		d->n_addr++;
	for (; i > 0 && compare_addr(&a, &d->addr[i - 1]) < 0; i--)
		d->addr[i] = d->addr[i - 1];
	d->addr[i] = a;
}

/* The MAC that goes with an IP address; NULL when it is none of the device's.
 */
static const struct mac *
mac_of(const struct inventory *v, const struct node *n)
{
	const struct link *best = NULL;

	for (uint32_t i = 0; i < NODE_MACS && n->link[i].used; i++) {
		const struct link *l = &n->link[i];
		const struct node *m = node_find_mac(v, &l->mac);

		if (m != NULL && m->root == n->root &&
		    (best == NULL || l->bound > best->bound))
			best = l;
	}
	return best != NULL ? &best->mac : NULL;
}

static bool
has_ip(const struct device *d, const struct mac *m)
{
	for (uint32_t i = 0; i < d->n_addr; i++)
		if (d->addr[i].addr.ip.len > 0 && d->addr[i].addr.has_mac &&
		    mac_same(&d->addr[i].addr.mac, m))
			return true;
	return false;
}

static void
add_address(const struct inventory *v, struct device *d, const struct node *n)
{
	struct device_addr a = { .addr = { .ip = n->ip }, .vlan = n->vlan };
	const struct mac *mac = n->ip.len == 0 ? &n->mac : mac_of(v, n);

	if (mac != NULL) {
		a.addr.mac = *mac;
		a.addr.has_mac = true;
	}
	insert_addr(d, a);
}

/* A MAC stands by itself only where no IP address goes with it. */
static void
add_addresses(const struct inventory *v, struct device *d, uint32_t root)
{
	for (uint32_t at = root + 1; at != 0; at = v->node[at - 1].next)
		if (v->node[at - 1].ip.len > 0)
			add_address(v, d, &v->node[at - 1]);
	for (uint32_t at = root + 1; at != 0; at = v->node[at - 1].next)
		if (v->node[at - 1].ip.len == 0 &&
		    !has_ip(d, &v->node[at - 1].mac))
			add_address(v, d, &v->node[at - 1]);
}

/* ------------------------------------------------------------------ modules */

static int
by_module(const void *a, const void *b)
{
	const struct module *x = a, *y = b;

	if (x->proto != y->proto)
		return strcmp(protos[x->proto]->name, protos[y->proto]->name);
	if (x->has_unit != y->has_unit)
		return x->has_unit ? -1 : 1;
	if (x->unit != y->unit)
		return x->unit < y->unit ? -1 : 1;
	if (x->text_len != y->text_len)
		return x->text_len < y->text_len ? -1 : 1;
	return memcmp(x->text, y->text, x->text_len);
}

static void
set_text(struct module *m, const struct evidence *e)
{
	m->text_len = e->text_len;
	memcpy(m->text, e->text, e->text_len);
}

/* What a unit says it is. */
static const struct evidence *
said_of_unit(const struct inventory *v, const struct node *n,
    const struct unit *u)
{
	static const uint8_t traits[] = { TRAIT_MODEL, TRAIT_ORDER,
		TRAIT_NAME };

	for (uint32_t i = 0; i < sizeof(traits); i++) {
		uint32_t at = n->said;

		for (; at != 0; at = v->said[at - 1].next) {
			const struct evidence *e = &v->said[at - 1].e;

			if (e->has_unit && e->unit == u->unit &&
			    e->proto == u->proto && e->trait == traits[i] &&
			    e->source == SOURCE_SELF)
				return e;
		}
	}
	return NULL;
}

static struct module *
new_module(struct device *d, uint8_t proto)
{
	struct module *m = &d->module[d->n_module];

	if (d->n_module == DEVICE_MODULES) {
		d->left_out++;
		return NULL;
	}
	d->n_module++;
	*m = (struct module){ .proto = proto };
	return m;
}

static bool
is_only_unit(const struct inventory *v, const struct node *n, uint8_t proto)
{
	uint32_t count = 0;

	for (uint32_t at = n->units; at != 0; at = v->unit[at - 1].next)
		count += v->unit[at - 1].proto == proto;
	return count == 1;
}

static bool
has_unit(const struct device *d, const struct unit *u)
{
	for (uint32_t i = 0; i < d->n_module; i++)
		if (d->module[i].has_unit && d->module[i].unit == u->unit &&
		    d->module[i].proto == u->proto)
			return true;
	return false;
}

static void
add_units(const struct inventory *v, struct device *d, const struct node *n)
{
	for (uint32_t at = n->units; at != 0; at = v->unit[at - 1].next) {
		const struct unit *u = &v->unit[at - 1];
		const struct evidence *e;
		struct module *m;

		if (is_only_unit(v, n, u->proto) || has_unit(d, u))
			continue;
		m = new_module(d, u->proto);
		if (m == NULL)
			continue;
		m->has_unit = true;
		m->unit = u->unit;
		e = said_of_unit(v, n, u);
		if (e != NULL)
			set_text(m, e);
	}
}

static void
add_part(struct device *d, const struct evidence *e)
{
	struct module *m;

	for (uint32_t i = 0; i < d->n_module; i++) {
		m = &d->module[i];
		if (!m->has_unit && m->proto == e->proto &&
		    m->text_len == e->text_len &&
		    memcmp(m->text, e->text, e->text_len) == 0)
			return;
	}
	m = new_module(d, e->proto);
	if (m != NULL)
		set_text(m, e);
}

/* ----------------------------------------------------------------- together */

static void
add_node(const struct inventory *v, struct device *d, const struct node *n)
{
	add_units(v, d, n);
	for (uint32_t at = n->said; at != 0; at = v->said[at - 1].next) {
		const struct evidence *e = &v->said[at - 1].e;

		if (e->trait == TRAIT_MODULE)
			add_part(d, e);
		else
			insert_evidence(d, e);
	}
	for (uint32_t i = 0; i < sizeof(d->as_client); i++) {
		d->as_client[i] |= n->as_client[i];
		d->as_server[i] |= n->as_server[i];
	}
	d->packets += n->packets;
	d->bytes += n->bytes;
	if (n->first.ns < d->first.ns)
		d->first = n->first;
	if (n->last.ns > d->last.ns)
		d->last = n->last;
}

static const struct evidence *
best_of(const struct device *d, enum trait trait)
{
	for (uint32_t i = 0; i < d->n_evidence; i++)
		if (d->evidence[i]->trait == trait)
			return d->evidence[i];
	return NULL;
}

static bool
speaks_ot(const struct device *d)
{
	for (uint32_t i = 1; i < n_protos; i++)
		if (protos[i]->ot &&
		    ((d->as_client[i / 8] | d->as_server[i / 8]) >> (i % 8) &
			1) != 0)
			return true;
	return false;
}

static void
conclude(struct device *d)
{
	d->name = best_of(d, TRAIT_NAME);
	d->vendor = best_of(d, TRAIT_VENDOR);
	d->model = best_of(d, TRAIT_MODEL);
	d->firmware = best_of(d, TRAIT_FIRMWARE);
	d->hardware = best_of(d, TRAIT_HARDWARE);
	d->serial = best_of(d, TRAIT_SERIAL);
	d->order = best_of(d, TRAIT_ORDER);
	d->os = best_of(d, TRAIT_OS);
	d->mode = best_of(d, TRAIT_MODE);
	d->role_why = best_of(d, TRAIT_ROLE);
	d->role = d->role_why != NULL ? role_of(d->role_why) : ROLE_UNKNOWN;
	d->purdue = role_purdue(d->role);
	d->ot = role_is_ot(d->role) || speaks_ot(d);
}

void
inventory_at(const struct inventory *v, uint32_t i, struct device *d)
{
	uint32_t root = v->device[i];

	memset(d, 0, sizeof(*d));
	d->id = i + 1;
	d->first.ns = INT64_MAX;
	d->last.ns = INT64_MIN;
	for (uint32_t at = root + 1; at != 0; at = v->node[at - 1].next)
		add_node(v, d, &v->node[at - 1]);
	add_addresses(v, d, root);
	qsort(d->module, d->n_module, sizeof(d->module[0]), by_module);
	conclude(d);
}
