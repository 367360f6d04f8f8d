/*
 * devices.c - the list of devices for people.
 *
 * The inventory numbers its devices anew each time.  The number people see
 * stays: a device is the one that had one of its addresses before.  When two
 * turn out to be one, the first keeps its number, and what people said of the
 * other goes along where nobody said anything of the first.
 */
#include <stdlib.h>
#include <string.h>

#include "../base/hash.h"
#include "private.h"

/* ----------------------------------------------------------- known addresses
 */

int
compare_known(const void *a, const void *b)
{
	const struct known_addr *x = a, *y = b;
	int r = x->len - y->len;

	r = r != 0 ? r : x->vlan - y->vlan;
	return r != 0 ? r : memcmp(x->b, y->b, sizeof(x->b));
}

bool
know(struct known *k, const struct known_addr *a)
{
	if (k->n == k->cap) {
		uint32_t cap = k->cap > 0 ? 2 * k->cap : 1024;
		struct known_addr *p = realloc(k->of, cap * sizeof(p[0]));

		if (p == NULL)
			return false;
		k->of = p;
		k->cap = cap;
	}
	k->of[k->n++] = *a;
	return true;
}

void
sort_known(struct known *k)
{
	if (k->n > 0)
		qsort(k->of, k->n, sizeof(k->of[0]), compare_known);
	k->loaded = true;
}

struct known_addr
known_ip(const struct device_addr *a)
{
	struct known_addr k;

	memset(&k, 0, sizeof(k));
	memcpy(k.b, a->addr.ip.b, a->addr.ip.len);
	k.len = a->addr.ip.len;
	k.vlan = a->vlan;
	return k;
}

struct known_addr
known_mac(const struct device_addr *a)
{
	struct known_addr k;

	memset(&k, 0, sizeof(k));
	memcpy(k.b, a->addr.mac.b, 6);
	k.len = 6;
	return k;
}

/* An address of a device, as IP address and as MAC. */
static bool
know_both(struct known *k, const struct device_addr *a, uint32_t device)
{
	struct known_addr one;
	bool ok = true;

	if (a->addr.ip.len > 0) {
		one = known_ip(a);
		one.device = device;
		ok = know(k, &one);
	}
	if (ok && a->addr.has_mac) {
		one = known_mac(a);
		one.device = device;
		ok = know(k, &one);
	}
	return ok;
}

static bool
got_address(void *ctx, const void *row)
{
	const struct device_child *c = row;

	return know_both(ctx, &c->addr, c->device);
}

bool
load_known(struct store *st)
{
	struct device_child row;

	if (st->known.loaded)
		return true;
	st->known.n = 0;
	if (!store_each(st, TABLE_DEVICE_ADDRESS, "ORDER BY device, place", 0,
		&row, sizeof(row), got_address, &st->known))
		return false;
	sort_known(&st->known);
	return true;
}

/* ------------------------------------------------------------------ matching
 */

struct merge { /* a device that had an address of another */
	uint32_t from, into;
};

struct saving {
	struct store *store;
	const struct inventory *inventory;
	struct assets *assets;
	uint8_t *taken; /* by number */
	uint32_t n_taken;
	struct merge *merge;
	uint32_t n_merge, merge_cap;
	struct known fresh;
	struct device_person *person; /* by device, ascending */
	uint32_t n_person, person_cap;
};

static bool
is_taken(const struct saving *s, uint32_t device)
{
	return device >= s->n_taken || s->taken[device] != 0;
}

static void
note_merge(struct saving *s, uint32_t from, uint32_t into)
{
	struct merge *p = s->merge;

	if (s->n_merge == s->merge_cap) {
		s->merge_cap = s->merge_cap > 0 ? 2 * s->merge_cap : 64;
		p = realloc(p, s->merge_cap * sizeof(p[0]));
		if (p == NULL) {
			s->merge_cap = s->n_merge;
			return;
		}
		s->merge = p;
	}
	s->merge[s->n_merge++] = (struct merge){ .from = from, .into = into };
}

/* The devices that had the address; the first not taken is *ret, the others
 * are found to be the same. */
static void
match_one(struct saving *s, const struct known_addr *want, uint32_t *ret)
{
	const struct known *k = &s->store->known;
	const struct known_addr *at = k->n > 0
	    ? bsearch(want, k->of, k->n, sizeof(k->of[0]), compare_known)
	    : NULL;

	if (at == NULL)
		return;
	while (at > k->of && compare_known(at - 1, want) == 0)
		at--;
	for (; at < k->of + k->n && compare_known(at, want) == 0; at++) {
		if (is_taken(s, at->device))
			continue;
		if (*ret == 0)
			*ret = at->device;
		else if (at->device != *ret)
			note_merge(s, at->device, *ret);
	}
}

static uint32_t
number_of(struct saving *s, const struct device *d)
{
	uint32_t number = 0;

	for (uint32_t i = 0; i < d->n_addr; i++) {
		struct known_addr one = known_ip(&d->addr[i]);

		if (d->addr[i].addr.ip.len > 0)
			match_one(s, &one, &number);
	}
	for (uint32_t i = 0; i < d->n_addr; i++) {
		struct known_addr one = known_mac(&d->addr[i]);

		if (d->addr[i].addr.has_mac)
			match_one(s, &one, &number);
	}
	if (number == 0)
		return s->store->next_device++;
	s->taken[number] = 1;
	return number;
}

/* ------------------------------------------------------- what people set */

static bool
got_person(void *ctx, const void *row)
{
	struct saving *s = ctx;

	if (s->n_person == s->person_cap) {
		uint32_t cap = s->person_cap > 0 ? 2 * s->person_cap : 64;
		struct device_person *p =
		    realloc(s->person, cap * sizeof(p[0]));

		if (p == NULL)
			return store_fail(s->store, "no memory");
		s->person = p;
		s->person_cap = cap;
	}
	memcpy(&s->person[s->n_person++], row, sizeof(s->person[0]));
	return true;
}

static const struct device_person *
person_of(const struct saving *s, uint32_t device)
{
	uint32_t lo = 0, hi = s->n_person;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (s->person[mid].device == device)
			return &s->person[mid];
		if (s->person[mid].device < device)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* Flags that are set, and that are not, by what a person said. */
static void
flags_of(const struct device_person *p, uint32_t *ret_on, uint32_t *ret_off)
{
	const struct {
		int8_t said;
		uint32_t flag;
	} all[] = { { p->important, ASSET_IMPORTANT },
		{ p->scanner, ASSET_SCANNER },
		{ p->programming, ASSET_PROGRAMMING },
		{ p->authorized, ASSET_AUTHORIZED } };

	*ret_on = *ret_off = 0;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (all[i].said == 1)
			*ret_on |= all[i].flag;
		else if (all[i].said == 0 || all[i].flag != ASSET_AUTHORIZED)
			*ret_off |= all[i].flag;
	}
}

/* The fast path sees devices as assets: a new address of a device that
 * people marked is marked too. */
static void
mark_asset(const struct saving *s, uint32_t asset,
    const struct device_person *p)
{
	struct asset *a = asset_at(s->assets, asset);
	uint32_t on, off, flags;

	if (a == NULL || p == NULL)
		return;
	flags_of(p, &on, &off);
	flags = (a->flags & ~off) | on;
	if (flags != a->flags)
		a->flags = flags | ASSET_CHANGED;
}

/* ------------------------------------------------------------------- writing
 */

/* The asset that is this device's own: addresses outside share one. */
static uint32_t
own_asset(const struct saving *s, const struct device_addr *a)
{
	const uint32_t id = asset_of(s->assets, &a->addr, a->vlan);
	const struct asset *x = asset_at(s->assets, id);

	return x == NULL || (x->flags & ASSET_INTERNET) != 0 ? ASSET_NONE : id;
}

static bool
put_addresses(struct saving *s, const struct device *d)
{
	const struct device_person *p = person_of(s, d->id);
	struct device_child c = { .device = d->id };

	for (; c.place < d->n_addr; c.place++) {
		c.addr = d->addr[c.place];
		c.asset = own_asset(s, &c.addr);
		mark_asset(s, c.asset, p);
		if (!know_both(&s->fresh, &c.addr, d->id) ||
		    !store_row(s->store, TABLE_DEVICE_ADDRESS, &c))
			return false;
	}
	return store_do(s->store, STATEMENT_DEVICE_ADDRESSES_GONE, "ii",
	    (int64_t)d->id, (int64_t)c.place);
}

static bool
put_evidence(struct saving *s, const struct device *d)
{
	struct device_child c = { .device = d->id };

	for (; c.place < d->n_evidence; c.place++) {
		c.evidence = *d->evidence[c.place];
		if (!store_row(s->store, TABLE_DEVICE_EVIDENCE, &c))
			return false;
	}
	return store_do(s->store, STATEMENT_DEVICE_EVIDENCE_GONE, "ii",
	    (int64_t)d->id, (int64_t)c.place);
}

static bool
put_modules(struct saving *s, const struct device *d)
{
	struct device_child c = { .device = d->id };

	for (; c.place < d->n_module; c.place++) {
		c.module = d->module[c.place];
		if (!store_row(s->store, TABLE_DEVICE_MODULE, &c))
			return false;
	}
	return store_do(s->store, STATEMENT_DEVICE_PARTS_GONE, "ii",
	    (int64_t)d->id, (int64_t)c.place);
}

/* What was queued since the mark is taken back where it is as last time. */
static bool
as_before(struct saving *s, unsigned part, uint32_t device, size_t mark,
    uint32_t rows)
{
	struct store *st = s->store;
	uint64_t *was = digest_at(&st->parts[part], device);
	uint64_t is;

	if (was == NULL)
		return store_fail(st, "no memory for the list of devices");
	is = hash_bytes(st->queue.p + mark, st->queue.n - mark, 0) | 1;
	if (*was == is) {
		st->queue.n = mark;
		st->queue.rows = rows;
	}
	*was = is;
	return true;
}

static bool
put_device(struct saving *s, uint32_t i)
{
	static bool (*const parts[DEVICE_PARTS])(struct saving *,
	    const struct device *) = { put_addresses, put_evidence,
		put_modules };
	struct device d;

	inventory_at(s->inventory, i, &d);
	d.id = number_of(s, &d);
	if (!store_row(s->store, TABLE_DEVICE, &d))
		return false;
	for (unsigned k = 0; k < DEVICE_PARTS; k++) {
		size_t mark = s->store->queue.n;
		uint32_t rows = s->store->queue.rows;

		if (!parts[k](s, &d) || !as_before(s, k, d.id, mark, rows))
			return false;
	}
	return true;
}

static bool
end_merged(struct saving *s)
{
	for (uint32_t i = 0; i < s->n_merge; i++) {
		const struct merge *m = &s->merge[i];

		if (is_taken(s, m->from))
			continue; /* it is another one's, or merged already */
		s->taken[m->from] = 1;
		if (!store_do(s->store, STATEMENT_PERSON_MOVED, "ii",
			(int64_t)m->from, (int64_t)m->into) ||
		    !store_do(s->store, STATEMENT_PERSON_GONE, "i",
			(int64_t)m->from) ||
		    !store_do(s->store, STATEMENT_DEVICE_GONE, "i",
			(int64_t)m->from))
			return false;
	}
	return true;
}

/* Devices that did not come up this time keep what they had. */
static bool
keep_others(struct saving *s)
{
	const struct known *k = &s->store->known;

	for (uint32_t i = 0; i < k->n; i++)
		if (!is_taken(s, k->of[i].device) &&
		    !know(&s->fresh, &k->of[i]))
			return false;
	return true;
}

static bool
put_all(struct saving *s)
{
	struct store *st = s->store;
	struct device_person person;
	uint32_t n = inventory_count(s->inventory);

	if (!store_each(st, TABLE_DEVICE_PERSON, "ORDER BY device", 0, &person,
		sizeof(person), got_person, s))
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (!put_device(s, i))
			return false;
	if (!end_merged(s) || !keep_others(s))
		return false;
	free(st->known.of);
	st->known = s->fresh;
	s->fresh = (struct known){ 0 };
	sort_known(&st->known);
	return true;
}

bool
store_save_devices(struct store *st, const struct inventory *v,
    struct assets *as)
{
	struct saving s = { .store = st, .inventory = v, .assets = as };
	bool began = store_enter(st), ok = st->in_batch;

	ok = ok && load_known(st);
	s.n_taken = st->next_device;
	s.taken = ok ? calloc(s.n_taken, 1) : NULL;
	if (ok && s.taken == NULL)
		ok = store_fail(st, "no memory for the list of devices");
	ok = ok && put_all(&s);
	free(s.taken);
	free(s.merge);
	free(s.person);
	free(s.fresh.of);
	return store_leave(st, began, ok);
}

/* -------------------------------------------------------------------- people
 */

bool
store_put_person(struct store *st, const struct device_person *p)
{
	bool began = store_enter(st), ok = st->in_batch;
	uint32_t on, off;

	flags_of(p, &on, &off);
	ok = ok && store_row(st, TABLE_DEVICE_PERSON, p) &&
	    store_do(st, STATEMENT_ASSET_FLAGS, "iii", (int64_t)p->device,
		(int64_t)off, (int64_t)on);
	return store_leave(st, began, ok);
}

static bool
copy_person(void *ctx, const void *row)
{
	memcpy(ctx, row, sizeof(struct device_person));
	return true;
}

bool
store_get_person(struct store *st, uint32_t device, struct device_person *ret)
{
	struct device_person row;

	*ret = DEVICE_PERSON_NONE;
	ret->device = device;
	return store_each(st, TABLE_DEVICE_PERSON, "WHERE device = ?1", device,
	    &row, sizeof(row), copy_person, ret);
}
