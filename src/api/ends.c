/* ends.c - see ends.h. */
#include "ends.h"

#include <stdlib.h>

#include "../base/hash.h"

struct end {
	uint64_t hash; /* of the address: nobody outside knows the seed */
	int64_t device; /* 0: the slot is free */
};

struct ends {
	uint64_t mask;
	struct end end[];
};

static struct end *
slot_of(const struct ends *e, uint64_t hash)
{
	struct end *all = (struct end *)(uintptr_t)e->end;
	uint64_t at = hash & e->mask;

	while (all[at].device != 0 && all[at].hash != hash)
		at = (at + 1) & e->mask;
	return &all[at];
}

static uint64_t
hash_of(struct span s)
{
	return hash_bytes(s.p, s.n, hash_seed);
}

/* Of several devices that had it the first. */
static void
fill(struct ends *e, struct reader *r)
{
	sqlite3_stmt *s = reader_ask(r,
	    "select coalesce(ip, mac), device from device_address where ip is "
	    "not null or mac is not null order by device desc");
	uint64_t n = 0;

	while (s != NULL && sqlite3_step(s) == SQLITE_ROW && n < e->mask / 2) {
		uint64_t hash = hash_of(list_text(s, 0));

		n++;
		*slot_of(e, hash) =
		    (struct end){ hash, sqlite3_column_int64(s, 1) };
	}
}

struct ends *
ends_load(struct reader *r)
{
	uint64_t slots = 1024;
	int64_t n = reader_number(r, "select count(*) from device_address", 0);
	struct ends *e;

	while (slots < 2 * (uint64_t)n + 2)
		slots *= 2;
	e = calloc(1, sizeof(*e) + slots * sizeof(e->end[0]));
	if (e == NULL)
		return NULL;
	e->mask = slots - 1;
	fill(e, r);
	return e;
}

void
ends_free(struct ends *e)
{
	free(e);
}

int64_t
ends_find(const struct ends *e, struct span address)
{
	const struct end *at = slot_of(e, hash_of(address));
	struct addr a;

	if (at->device != 0)
		return at->device;
	return rule_addr(address, &a) && addr_is_public(&a) ? END_INTERNET
							    : END_NONE;
}
