/*
 * evidence.c - see evidence.h.
 *
 * A ring of bytes holds the latest frames, a ring of notes says where each
 * lies.  What is taken is copied, and waits until the batch is written: the
 * store makes pcapng of it.
 */
#include "evidence.h"

#include <stdlib.h>
#include <string.h>

#include "../base/hash.h"

#define NOTES 8192u /* frames held back */
#define RING_BYTES (8u << 20)
#define WAITING 512u /* alerts between two batches */
#define WAITING_BYTES (8u << 20)
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
	uint32_t n;
	struct store_frame frame[ALERT_FRAMES]; /* oldest first, in `copy` */
	char text[ALERT_TEXT]; /* why */
};

struct evidence_ring {
	uint64_t frames, bytes; /* ever put */
	struct held note[NOTES];
	uint8_t ring[RING_BYTES];
	uint32_t n_waiting, n_bytes;
	struct waiting waiting[WAITING];
	uint8_t copy[WAITING_BYTES];
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

/* Out of the ring, where it may lie around the end. */
static bool
keep(struct evidence_ring *r, const struct held *f, struct store_frame *ret)
{
	size_t at = f->off % RING_BYTES, head = RING_BYTES - at;
	uint8_t *to = r->copy + r->n_bytes;

	if (f->n > WAITING_BYTES - r->n_bytes)
		return false;
	head = f->n < head ? f->n : head;
	memcpy(to, r->ring + at, head);
	memcpy(to + head, r->ring, f->n - head);
	r->n_bytes += f->n;
	*ret = (struct store_frame){ .at = f->at,
		.bytes = SPAN(to, f->n),
		.length = f->wire_len,
		.link = f->link };
	return true;
}

void
evidence_take(struct evidence_ring *r, const struct alert *a, bool is_new)
{
	const struct held *frame[ALERT_FRAMES];
	uint64_t ends = end_hash(&a->source.addr.ip, &a->source.addr.mac) +
	    end_hash(&a->destination.addr.ip, &a->destination.addr.mac);
	struct waiting *w;
	uint32_t n;

	if (r->frames == 0 || (!is_new && a->count > AGAIN_MAX))
		return;
	n = gather(r, ends, is_new ? ALERT_FRAMES : 1, frame);
	if (n == 0 || r->n_waiting == WAITING) {
		r->left_out++;
		return;
	}
	w = &r->waiting[r->n_waiting];
	w->fold = a->fold;
	w->n = 0;
	memcpy(w->text, a->text, sizeof(w->text));
	while (n-- > 0 && keep(r, frame[n], &w->frame[w->n]))
		w->n++;
	if (w->n > 0)
		r->n_waiting++;
	else
		r->left_out++;
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
		    !store_put_frames(store, number, w->frame, w->n, w->text))
			return false;
	}
	r->n_waiting = 0;
	r->n_bytes = 0;
	return true;
}
