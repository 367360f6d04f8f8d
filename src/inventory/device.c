/* device.c - what comes out: devices, with the best of what is known. */
#include <stdio.h>
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

void
inventory_settle(struct inventory *v)
{
	join_nodes(v);
	if (v->oui != NULL)
		vendor_guess(v);
	v->n_device = 0;
	v->n_internet = 0;
	for (uint32_t i = 0; i < v->n; i++) {
		v->n_internet += v->node[i].internet && v->node[i].sent;
		if (v->node[i].root != i || !is_device(v, i))
			continue;
		role_guess(v, i);
		v->device[v->n_device++] = i;
	}
	qsort_r(v->device, v->n_device, sizeof(v->device[0]), by_first, v);
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

/*
 * Roles in the order in which one wins over another where both are guessed:
 * what controls a process over what watches it, over what serves offices.
 */
static const uint8_t role_order[] = { ROLE_SAFETY, ROLE_ENGINEERING, ROLE_IED,
	ROLE_MERGING, ROLE_PMU, ROLE_RTU, ROLE_PLC, ROLE_DRIVE, ROLE_IO,
	ROLE_BUILDING, ROLE_METER, ROLE_SENSOR, ROLE_CONTROLLER, ROLE_GATEWAY,
	ROLE_OPC, ROLE_HISTORIAN, ROLE_SCADA, ROLE_HMI, ROLE_ROUTER,
	ROLE_FIREWALL, ROLE_SWITCH, ROLE_WIRELESS, ROLE_DIRECTORY,
	ROLE_DATABASE, ROLE_NAME, ROLE_TIME, ROLE_PRINTER, ROLE_CAMERA,
	ROLE_PHONE, ROLE_SERVER, ROLE_WORKSTATION };

static uint32_t
role_rank(enum role role)
{
	uint32_t i = 0;

	while (i < sizeof(role_order) && role_order[i] != role)
		i++;
	return i;
}

static enum role
role_of(const struct evidence *e)
{
	return role_find(SPAN((const uint8_t *)e->text, e->text_len));
}

/* Whether x says more than y: source, then role, then how often, then first. */
static int
compare_evidence(const struct evidence *x, const struct evidence *y)
{
	if (x->trait != y->trait)
		return x->trait < y->trait ? -1 : 1;
	if (x->source != y->source)
		return x->source > y->source ? -1 : 1;
	if (x->trait == TRAIT_ROLE && role_of(x) != role_of(y))
		return role_rank(role_of(x)) < role_rank(role_of(y)) ? -1 : 1;
	if (x->trait == TRAIT_MODE && x->last.ns != y->last.ns)
		return x->last.ns > y->last.ns ? -1 : 1;
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

/* The MAC that an IP address was joined by; NULL when it was none. */
static const struct mac *
mac_of(const struct inventory *v, const struct node *n)
{
	for (uint32_t i = 0; i < NODE_MACS && n->link[i].used; i++) {
		const struct node *m = node_find_mac(v, &n->link[i].mac);

		if (m != NULL && m->root == n->root)
			return &n->link[i].mac;
	}
	return NULL;
}

static void
insert_addr(const struct inventory *v, struct device *d, const struct node *n)
{
	struct device_addr a = { .addr = { .ip = n->ip }, .vlan = n->vlan };
	const struct mac *mac = n->ip.len == 0 ? &n->mac : mac_of(v, n);

	if (mac != NULL) {
		a.addr.mac = *mac;
		a.addr.has_mac = true;
	}
	if (d->n_addr < DEVICE_ADDRS)
		d->addr[d->n_addr++] = a;
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

/* A MAC stands by itself only where no IP address goes with it. */
static void
fold_addresses(struct device *d)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < d->n_addr; i++)
		if (d->addr[i].addr.ip.len > 0 ||
		    !has_ip(d, &d->addr[i].addr.mac))
			d->addr[n++] = d->addr[i];
	d->n_addr = n;
}

static int
by_unit(const void *a, const void *b)
{
	const struct module *x = a, *y = b;

	if (x->proto != y->proto)
		return strcmp(protos[x->proto]->name, protos[y->proto]->name);
	if (x->text_len != y->text_len &&
	    (x->text_len == 0 || y->text_len == 0))
		return x->text_len == 0 ? -1 : 1;
	if (x->unit != y->unit)
		return x->unit < y->unit ? -1 : 1;
	if (x->text_len != y->text_len)
		return x->text_len < y->text_len ? -1 : 1;
	return memcmp(x->text, y->text, x->text_len);
}

static void
add_units(const struct inventory *v, struct device *d, const struct node *n)
{
	for (uint32_t at = n->units; at != 0 && d->n_module < DEVICE_MODULES;
	     at = v->unit[at - 1].next)
		d->module[d->n_module++] =
		    (struct module){ .proto = v->unit[at - 1].proto,
			    .unit = v->unit[at - 1].unit };
}

static void
add_module(struct device *d, const struct evidence *e)
{
	struct module *m;

	if (d->n_module == DEVICE_MODULES)
		return;
	m = &d->module[d->n_module++];
	*m = (struct module){ .proto = e->proto, .text_len = e->text_len };
	memcpy(m->text, e->text, e->text_len);
}

static void
add_node(const struct inventory *v, struct device *d, const struct node *n)
{
	insert_addr(v, d, n);
	add_units(v, d, n);
	for (uint32_t at = n->said; at != 0; at = v->said[at - 1].next) {
		const struct evidence *e = &v->said[at - 1].e;

		if (e->trait == TRAIT_MODULE)
			add_module(d, e);
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

static int
by_addr(const void *a, const void *b)
{
	const struct device_addr *x = a, *y = b;
	struct node m = { .ip = x->addr.ip,
		.mac = x->addr.mac,
		.vlan = x->vlan };
	struct node n = { .ip = y->addr.ip,
		.mac = y->addr.mac,
		.vlan = y->vlan };

	return compare_nodes(&m, &n);
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
	fold_addresses(d);
	qsort(d->addr, d->n_addr, sizeof(d->addr[0]), by_addr);
	qsort(d->module, d->n_module, sizeof(d->module[0]), by_unit);
	conclude(d);
}
