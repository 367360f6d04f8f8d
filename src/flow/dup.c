/*
 * dup.c - the second copy of a frame sent twice for safety (IEC 62439-3, PRP
 * and HSR): same source, same sequence number, within a short time.
 */
#include <stdlib.h>
#include <string.h>

#include "../base/hash.h"
#include "private.h"

#define SEEN 4096u
#define WAIT (TICK_SECOND / 2) /* EntryForgetTime is 400 ms */

struct dups {
	struct {
		struct mac mac;
		uint16_t seq;
		struct tick at;
		uint8_t lan;
		bool used;
	} seen[SEEN];
};

struct dups *
dups_new(void)
{
	return calloc(1, sizeof(struct dups));
}

void
dups_free(struct dups *ds)
{
	free(ds);
}

bool
dups_seen(struct dups *ds, const struct packet *p)
{
	uint8_t key[8];
	uint32_t i;
	bool same;

	memcpy(key, p->src_mac.b, 6);
	memcpy(key + 6, &p->red.seq, 2);
	i = (uint32_t)hash_bytes(key, sizeof(key), 0) % SEEN;
	same = ds->seen[i].used && ds->seen[i].seq == p->red.seq &&
	    mac_same(&ds->seen[i].mac, &p->src_mac) &&
	    ds->seen[i].lan != p->red.lan &&
	    llabs(tick_since(p->at, ds->seen[i].at)) < WAIT;
	ds->seen[i].used = !same;
	ds->seen[i].mac = p->src_mac;
	ds->seen[i].seq = p->red.seq;
	ds->seen[i].lan = p->red.lan;
	ds->seen[i].at = p->at;
	return same;
}
