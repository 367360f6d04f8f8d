/*
 * groups.c - which addresses are one device, as people say, and the numbers
 * that devices get by it.
 *
 * The list of devices is made from the inventory (devices.c), which obeys the
 * groups.  Which number a device has follows from the addresses that are
 * known: so a number is moved by moving what is known.
 */
#include <string.h>

#include "private.h"

/* ------------------------------------------------------------------- groups */

struct getting {
	struct grouped *of;
	uint32_t n, cap;
};

static bool
got_group(void *ctx, const void *row)
{
	struct getting *g = ctx;

	if (g->n < g->cap)
		g->of[g->n++] = ((const struct group_row *)row)->grouped;
	return true;
}

bool
store_get_groups(struct store *st, struct grouped *ret, uint32_t cap,
    uint32_t *ret_n)
{
	struct getting g = { .of = ret, .cap = cap };
	struct group_row row;
	bool ok = store_each(st, TABLE_DEVICE_GROUP, "ORDER BY grp, place", 0,
	    &row, sizeof(row), got_group, &g);

	*ret_n = g.n;
	return ok;
}

bool
store_load_groups(struct store *st, struct inventory *v)
{
	static struct grouped all[INVENTORY_GROUPED];
	uint32_t n;

	return store_get_groups(st, all, INVENTORY_GROUPED, &n) &&
	    (inventory_group(v, all, n) ||
		store_fail(st, "no memory for the groups of devices"));
}

bool
store_put_groups(struct store *st, const struct grouped *g, uint32_t n)
{
	bool began = store_enter(st), ok = st->in_batch;

	for (uint32_t i = 0; ok && i < n; i++) {
		struct group_row row = { .place = i + 1, .grouped = g[i] };

		ok = store_row(st, TABLE_DEVICE_GROUP, &row);
	}
	ok = ok &&
	    store_do(st, STATEMENT_DEVICE_GROUPS_GONE, "i", (int64_t)n + 1);
	return store_leave(st, began, ok);
}

/* ---------------------------------------------------------------- addresses */

struct addresses {
	struct device_addr *of;
	uint32_t n;
};

static bool
got_address(void *ctx, const void *row)
{
	struct addresses *a = ctx;

	if (a->n < DEVICE_ADDRS)
		a->of[a->n++] = ((const struct device_child *)row)->addr;
	return true;
}

bool
store_get_addresses(struct store *st, uint32_t device, struct device_addr *ret,
    uint32_t *ret_n)
{
	struct addresses a = { .of = ret };
	struct device_child row;
	bool ok = store_each(st, TABLE_DEVICE_ADDRESS,
	    "WHERE device = ?1 ORDER BY place", device, &row, sizeof(row),
	    got_address, &a);

	*ret_n = a.n;
	return ok;
}

/* ------------------------------------------------------------------ numbers */

uint32_t
store_new_device(struct store *st)
{
	return st->next_device++;
}

/* From now on who has the address is the device. */
static bool
claim(struct known *k, struct known_addr one)
{
	bool found = false;

	for (uint32_t i = 0; i < k->n; i++)
		if (compare_known(&k->of[i], &one) == 0) {
			k->of[i].device = one.device;
			found = true;
		}
	return found || know(k, &one);
}

bool
store_number_device(struct store *st, uint32_t device,
    const struct device_addr *a, uint32_t n)
{
	bool ok = load_known(st);

	for (uint32_t i = 0; ok && i < n; i++) {
		struct known_addr ip = known_ip(&a[i]);
		struct known_addr mac = known_mac(&a[i]);

		ip.device = mac.device = device;
		ok = (a[i].addr.ip.len == 0 || claim(&st->known, ip)) &&
		    (!a[i].addr.has_mac || claim(&st->known, mac));
	}
	sort_known(&st->known);
	return ok || store_fail(st, "no memory for the list of devices");
}

static void
forget_addresses(struct known *k, uint32_t device)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < k->n; i++)
		if (k->of[i].device != device)
			k->of[n++] = k->of[i];
	k->n = n;
}

bool
store_drop_device(struct store *st, uint32_t device)
{
	bool began = store_enter(st), ok = st->in_batch && load_known(st);

	if (ok)
		forget_addresses(&st->known, device);
	for (unsigned k = 0; ok && k < DEVICE_PARTS; k++) {
		uint64_t *was = digest_at(&st->parts[k], device);

		ok = was != NULL;
		if (ok)
			*was = 0; /* it may come back */
	}
	ok = ok && store_do(st, STATEMENT_PERSON_GONE, "i", (int64_t)device) &&
	    store_do(st, STATEMENT_DEVICE_GONE, "i", (int64_t)device);
	return store_leave(st, began, ok);
}
