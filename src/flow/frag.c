/*
 * frag.c - IP fragments put together (RFC 791 3.2, RFC 8200 4.5).
 *
 * A fixed number of datagrams at a time; the oldest makes room.  Fragments
 * may overlap: what differs is counted, and the first or last copy is kept by
 * the flow engine's rule.
 */
#include <stdlib.h>
#include <string.h>

#include "../base/hash.h"
#include "private.h"

#define DATAGRAMS 256u
#define PIECES 96u
#define DATAGRAM_MAX 65535u
#define WAIT (30 * TICK_SECOND)

struct frag_key {
	uint8_t src[16], dst[16];
	uint32_t id;
	uint16_t vlan;
	uint8_t proto, len;
};

struct datagram {
	struct frag_key key;
	struct tick first;
	uint8_t *bytes;
	uint32_t room, end; /* end: total length, 0 while unknown */
	uint32_t top; /* highest byte seen */
	uint32_t n;
	struct {
		uint32_t from, to;
	} piece[PIECES]; /* sorted, disjoint */
	bool used;
};

struct frags {
	struct bufs *bufs;
	struct flow_counts *counts;
	uint8_t *done;
	uint32_t done_room;
	struct datagram d[DATAGRAMS];
};

struct frags *
frags_new(struct bufs *bufs, struct flow_counts *counts)
{
	struct frags *fs = calloc(1, sizeof(*fs));

	if (fs == NULL)
		return NULL;
	fs->bufs = bufs;
	fs->counts = counts;
	return fs;
}

void
frags_free(struct frags *fs)
{
	free(fs);
}

static void
drop(struct frags *fs, struct datagram *d)
{
	bufs_put(fs->bufs, d->bytes, d->room);
	d->bytes = NULL;
	d->used = false;
}

static struct frag_key
key_of(const struct packet *p)
{
	struct frag_key k;

	memset(&k, 0, sizeof(k));
	memcpy(k.src, p->src_ip.b, 16);
	memcpy(k.dst, p->dst_ip.b, 16);
	k.id = p->frag.id;
	k.vlan = p->n_vlan > 0 ? p->vlan[0] : TALK_NO_VLAN;
	k.proto = p->ip_proto;
	k.len = p->src_ip.len;
	return k;
}

/* The datagram's place: its own, an idle one, or that of the oldest. */
static struct datagram *
find(struct frags *fs, const struct frag_key *k, struct tick now)
{
	uint32_t base =
	    (uint32_t)hash_bytes(k, sizeof(*k), 0) & (DATAGRAMS - 1) & ~7u;
	struct datagram *place = &fs->d[base];

	for (uint32_t i = 0; i < 8; i++) {
		struct datagram *d = &fs->d[base + i];

		if (d->used && tick_since(now, d->first) > WAIT) {
			fs->counts->fragments_lost += d->n;
			drop(fs, d);
		}
		if (d->used && memcmp(&d->key, k, sizeof(*k)) == 0)
			return d;
		if (place->used && (!d->used || d->first.ns < place->first.ns))
			place = d;
	}
	if (place->used) {
		fs->counts->fragments_lost += place->n;
		drop(fs, place);
	}
	memset(place, 0, sizeof(*place));
	place->key = *k;
	place->first = now;
	place->used = true;
	return place;
}

static bool
make_room(struct frags *fs, struct datagram *d, uint32_t want)
{
	uint8_t *bytes;

	if (want <= d->room)
		return true;
	bytes = bufs_get(fs->bufs, want);
	if (bytes == NULL) {
		fs->counts->buffers_full++;
		return false;
	}
	if (d->bytes != NULL)
		memcpy(bytes, d->bytes, d->top);
	bufs_put(fs->bufs, d->bytes, d->room);
	d->bytes = bytes;
	d->room = (uint32_t)bufs_room(want);
	return true;
}

/* Copy the part of [from, to) that is new or, by rule, newer. */
static void
put_bytes(struct frags *fs, struct datagram *d, uint32_t from, struct span s,
    bool last_copy)
{
	uint32_t to = from + s.n, at = from;

	for (uint32_t i = 0; i <= d->n && at < to; i++) {
		uint32_t f = i < d->n ? d->piece[i].from : to;
		uint32_t t = i < d->n ? d->piece[i].to : to;

		if (f > to)
			f = t = to;
		if (at < f) {
			memcpy(d->bytes + at, s.p + (at - from), f - at);
			at = f;
		}
		t = t < to ? t : to;
		if (at >= t)
			continue;
		if (memcmp(d->bytes + at, s.p + (at - from), t - at) != 0) {
			fs->counts->fragments_conflicting++;
			if (last_copy)
				memcpy(d->bytes + at, s.p + (at - from),
				    t - at);
		}
		at = t;
	}
}

/* Note that [from, to) is there, joining what touches. */
static bool
put_piece(struct datagram *d, uint32_t from, uint32_t to)
{
	uint32_t i = 0, k;

	while (i < d->n && d->piece[i].to < from)
		i++;
	for (k = i; k < d->n && d->piece[k].from <= to; k++) {
		from = d->piece[k].from < from ? d->piece[k].from : from;
		to = d->piece[k].to > to ? d->piece[k].to : to;
	}
	if (k == i && d->n == PIECES)
		return false;
	memmove(&d->piece[i + 1], &d->piece[k],
	    (d->n - k) * sizeof(d->piece[0]));
	d->n = d->n - (k - i) + 1;
	d->piece[i].from = from;
	d->piece[i].to = to;
	return true;
}

bool
frags_packet(struct frags *fs, struct packet *p, bool last_copy)
{
	struct frag_key key = key_of(p);
	uint32_t from = p->frag.off, to = from + p->payload.n;
	struct datagram *d;

	bufs_put(fs->bufs, fs->done, fs->done_room);
	fs->done = NULL;
	fs->counts->fragments++;
	if (to > DATAGRAM_MAX || p->payload.n < p->payload_wire) {
		fs->counts->fragments_lost++;
		return false;
	}
	d = find(fs, &key, p->at);
	if (!make_room(fs, d, to > 2048 ? to : 2048)) {
		drop(fs, d);
		return false;
	}
	put_bytes(fs, d, from, p->payload, last_copy);
	d->top = to > d->top ? to : d->top;
	if (!put_piece(d, from, to)) {
		fs->counts->fragments_lost += d->n;
		drop(fs, d);
		return false;
	}
	if (!p->frag.more && d->end == 0)
		d->end = to;
	if (d->end == 0 || d->n != 1 || d->piece[0].from != 0 ||
	    d->piece[0].to < d->end)
		return false;
	fs->counts->datagrams++;
	fs->done = d->bytes;
	fs->done_room = d->room;
	d->bytes = NULL;
	d->used = false;
	decode_datagram(p, SPAN(fs->done, d->end));
	return true;
}
