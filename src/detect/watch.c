/* watch.c - what the functions that watch the network have in common. */
#include "watch.h"

#include <string.h>

#include "../base/hash.h"

const struct addr watch_nobody = { .has_mac = false };

uint32_t
watch_limit(struct detect *d, enum alert_id row, uint32_t *ret_within)
{
	const struct alert_setting *s = detect_setting(d, row);

	*ret_within = s->within;
	return s->count;
}

bool
watch_opens(struct detect *d, const struct talk *t)
{
	const struct packet *p = detect_now(d);
	uint32_t flags;

	if (t->via != VIA_TCP || p == NULL || p->via != VIA_TCP)
		return false;
	flags = p->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST);
	/* without ACK: also the odd flags that port scanners send */
	return flags == TCP_SYN || (flags == 0 && p->payload_wire == 0);
}

uint64_t
watch_service(const struct talk *t)
{
	return key_mix(addr_key(&t->server),
	    (uint64_t)t->via << 16 | t->server_port);
}

uint64_t
watch_text(const struct fact *f)
{
	return hash_bytes(f->text, f->text_len, 0);
}

/* ----------------------------------------------------------- not too often */

#define ON (2u * ALERT_COUNT) /* beside what the row counts */
#define ON_SECONDS 600u
#define REST (TICK_SECOND / 10)

struct raised {
	int64_t at;
	uint32_t held;
	bool ever;
};

bool
watch_due(struct detect *d, enum alert_id row, uint64_t key, struct tick now,
    uint32_t *ret_count)
{
	struct raised *r = memory_cell(detect_memory(d), ON + (uint32_t)row,
	    key, now, ON_SECONDS);

	r->held++;
	if (r->ever && now.ns >= r->at && now.ns - r->at < REST)
		return false;
	*ret_count = r->held;
	*r = (struct raised){ .at = now.ns, .ever = true };
	return true;
}

bool
watch_is_on(struct detect *d, enum alert_id row, uint64_t key, struct tick now)
{
	return memory_peek(detect_memory(d), ON + (uint32_t)row, key, now) !=
	    NULL;
}

/* ---------------------------------------------------------------- silence */

#define WAITING 5u

struct waiting {
	uint8_t n, next;
	uint8_t len[WAITING];
	uint16_t port[WAITING];
	uint8_t ip[WAITING][16];
};
_Static_assert(sizeof(struct waiting) <= MEMORY_CELL, "fits a cell");

static bool
waits(const struct waiting *w, const struct silence *s)
{
	for (uint32_t i = 0; i < w->n; i++)
		if (w->port[i] == s->port && w->len[i] == s->target->ip.len &&
		    memcmp(w->ip[i], s->target->ip.b, w->len[i]) == 0)
			return true;
	return false;
}

/* Puts the target in; the one it pushes out is *ret_old. */
static bool
push(struct waiting *w, const struct silence *s, struct addr *ret_old,
    uint16_t *ret_port)
{
	const bool full = w->n == WAITING;
	uint32_t at = w->next;

	if (full) {
		*ret_old = (struct addr){ .ip.len = w->len[at] };
		memcpy(ret_old->ip.b, w->ip[at], sizeof(ret_old->ip.b));
		*ret_port = w->port[at];
	} else {
		w->n++;
	}
	w->len[at] = s->target->ip.len;
	w->port[at] = s->port;
	memcpy(w->ip[at], s->target->ip.b, sizeof(w->ip[at]));
	w->next = (uint8_t)((at + 1) % WAITING);
	return full;
}

uint32_t
watch_silent(struct detect *d, const struct silence *s, struct tick now)
{
	/* rows count next to what they wait with */
	const uint32_t queue = ALERT_COUNT + s->row;
	struct memory *m = detect_memory(d);
	struct waiting *w;
	struct addr old;
	uint32_t within;
	uint16_t port;

	(void)watch_limit(d, s->row, &within);
	w = memory_cell(m, queue, s->who, now, within);
	if (s->target->ip.len == 0 || waits(w, s) || !push(w, s, &old, &port))
		return 0;
	if (asset_of(detect_assets(d), &old, s->vlan) != ASSET_NONE)
		return 0;
	return memory_distinct(m, s->row, s->who, key_mix(addr_key(&old), port),
	    now, within);
}
