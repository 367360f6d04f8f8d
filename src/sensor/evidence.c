/*
 * evidence.c - see evidence.h.
 *
 * A ring of bytes holds the latest frames, a ring of notes says where each
 * lies.  Taken frames wait as pcapng (draft-ietf-opsawg-pcapng) until the
 * batch is written:
 *
 *	section header | interface | packet, with a comment on the first
 *
 * one section each time, so that sections can simply follow each other.
 */
#include "evidence.h"

#include <stdlib.h>
#include <string.h>

#include "../base/hash.h"

#define NOTES 8192u /* frames held back */
#define RING_BYTES (8u << 20)
#define WAITING 512u /* alerts between two batches */
#define WAITING_BYTES (8u << 20)
#define BLOCK_SECTION 0x0a0d0d0au
#define BLOCK_INTERFACE 1u
#define BLOCK_PACKET 6u
#define OPTION_COMMENT 1u
#define OPTION_RESOLUTION 9u
#define AGAIN_MAX 8u /* times an alert's evidence grows */

struct held {
	uint64_t ends; /* hash of both, whichever way */
	struct tick at;
	uint64_t off; /* bytes ever put before it */
	uint32_t n, wire_len;
	uint16_t link;
};

struct waiting {
	uint64_t fold;
	uint32_t off, n;
};

struct evidence_ring {
	uint64_t frames, bytes; /* ever put */
	struct held note[NOTES];
	uint8_t ring[RING_BYTES];
	uint32_t n_waiting, n_bytes;
	struct waiting waiting[WAITING];
	uint8_t out[WAITING_BYTES];
	uint64_t left_out;
};

struct evidence_ring *
evidence_new(void)
{
	return calloc(1, sizeof(struct evidence_ring));
}

void
evidence_free(struct evidence_ring *r)
{
	free(r);
}

/* ------------------------------------------------------------------ holding */

static uint64_t
end_hash(const struct ip *ip, const struct mac *mac)
{
	return ip->len != 0 ? hash_bytes(ip->b, ip->len, 0)
			    : hash_bytes(mac->b, 6, 0);
}

void
evidence_frame(struct evidence_ring *r, const struct packet *p)
{
	struct span bytes = p->frame->bytes;
	size_t at = r->bytes % RING_BYTES, head = RING_BYTES - at;
	struct held *n;

	if (bytes.n > RING_BYTES / 8)
		bytes.n = RING_BYTES / 8;
	if (bytes.n <= head) {
		memcpy(r->ring + at, bytes.p, bytes.n);
	} else {
		memcpy(r->ring + at, bytes.p, head);
		memcpy(r->ring, bytes.p + head, bytes.n - head);
	}
	n = &r->note[r->frames++ % NOTES];
	*n = (struct held){ .ends = end_hash(&p->src_ip, &p->src_mac) +
		    end_hash(&p->dst_ip, &p->dst_mac),
		.at = p->at,
		.off = r->bytes,
		.n = (uint32_t)bytes.n,
		.wire_len = p->frame->wire_len,
		.link = p->frame->link };
	r->bytes += bytes.n;
}

/* ------------------------------------------------------------------ pcapng */

static bool
put(struct evidence_ring *r, const void *p, size_t n)
{
	if (n > WAITING_BYTES - r->n_bytes)
		return false;
	memcpy(r->out + r->n_bytes, p, n);
	r->n_bytes += (uint32_t)n;
	return true;
}

static bool
put32(struct evidence_ring *r, uint32_t v)
{
	return put(r, &v, 4); /* the section says which byte order */
}

static bool
put16(struct evidence_ring *r, uint16_t v)
{
	return put(r, &v, 2);
}

static bool
pad(struct evidence_ring *r, size_t n)
{
	static const uint8_t zero[4];

	return put(r, zero, (4 - n % 4) % 4);
}

static bool
put_heads(struct evidence_ring *r, uint16_t link)
{
	static const uint8_t nanoseconds = 9;

	return put32(r, BLOCK_SECTION) && put32(r, 28) &&
	    put32(r, 0x1a2b3c4d) && put16(r, 1) && put16(r, 0) &&
	    put32(r, UINT32_MAX) && put32(r, UINT32_MAX) && put32(r, 28) &&
	    put32(r, BLOCK_INTERFACE) && put32(r, 32) && put16(r, link) &&
	    put16(r, 0) && put32(r, 0) && put16(r, OPTION_RESOLUTION) &&
	    put16(r, 1) && put(r, &nanoseconds, 1) && pad(r, 1) &&
	    put32(r, 0) && put32(r, 32);
}

static bool
put_frame(struct evidence_ring *r, const struct held *n, const char *comment)
{
	uint32_t c = (uint32_t)strlen(comment);
	uint32_t options = c > 0 ? 4 + ((c + 3) & ~3u) + 4 : 0;
	uint32_t len = 32 + ((n->n + 3) & ~3u) + options;
	uint64_t ns = (uint64_t)n->at.ns;
	size_t at = n->off % RING_BYTES, head = RING_BYTES - at;

	if (len > WAITING_BYTES - r->n_bytes)
		return false;
	(void)(put32(r, BLOCK_PACKET) && put32(r, len) && put32(r, 0) &&
	    put32(r, (uint32_t)(ns >> 32)) && put32(r, (uint32_t)ns) &&
	    put32(r, n->n) && put32(r, n->wire_len) &&
	    put(r, r->ring + at, n->n <= head ? n->n : head) &&
	    put(r, r->ring, n->n <= head ? 0 : n->n - head) && pad(r, n->n));
	if (c > 0)
		(void)(put16(r, OPTION_COMMENT) && put16(r, (uint16_t)c) &&
		    put(r, comment, c) && pad(r, c) && put32(r, 0));
	return put32(r, len);
}

/* ------------------------------------------------------------------- taking */

/* Frames between the ends, newest first; the one in hand in any case. */
static uint32_t
gather(const struct evidence_ring *r, uint64_t ends, uint32_t most,
    const struct held *ret[static ALERT_FRAMES])
{
	uint64_t kept = r->frames < NOTES ? r->frames : NOTES;
	uint32_t n = 0;

	for (uint64_t i = 0; i < kept && n < most; i++) {
		const struct held *f = &r->note[(r->frames - 1 - i) % NOTES];

		if (r->bytes - f->off > RING_BYTES)
			break; /* overwritten, and so are those before it */
		if ((i == 0 || f->ends == ends) &&
		    (n == 0 || f->link == ret[0]->link))
			ret[n++] = f;
	}
	return n;
}

void
evidence_take(struct evidence_ring *r, const struct alert *a, bool is_new)
{
	const struct held *frame[ALERT_FRAMES];
	uint64_t ends = end_hash(&a->source.addr.ip, &a->source.addr.mac) +
	    end_hash(&a->destination.addr.ip, &a->destination.addr.mac);
	uint32_t n, before = r->n_bytes;

	if (r->frames == 0 || (!is_new && a->count > AGAIN_MAX))
		return;
	n = gather(r, ends, is_new ? ALERT_FRAMES : 1, frame);
	if (n == 0 || r->n_waiting == WAITING ||
	    !put_heads(r, frame[0]->link)) {
		r->left_out++;
		r->n_bytes = before;
		return;
	}
	while (n-- > 0)
		if (!put_frame(r, frame[n], n == 0 ? a->text : ""))
			break;
	r->waiting[r->n_waiting++] = (struct waiting){ .fold = a->fold,
		.off = before,
		.n = r->n_bytes - before };
}

static uint32_t
number_of(const struct detect *d, uint64_t fold)
{
	for (uint32_t i = detect_count(d); i-- > 0;)
		if (detect_at(d, i)->fold == fold)
			return detect_at(d, i)->number;
	return 0;
}

bool
evidence_save(struct evidence_ring *r, const struct detect *d,
    struct store *store)
{
	for (uint32_t i = 0; i < r->n_waiting; i++) {
		const struct waiting *w = &r->waiting[i];
		uint32_t number = number_of(d, w->fold);

		if (number != 0 &&
		    !store_put_evidence(store, number,
			(struct span){ .p = r->out + w->off, .n = w->n }))
			return false;
	}
	r->n_waiting = 0;
	r->n_bytes = 0;
	return true;
}
