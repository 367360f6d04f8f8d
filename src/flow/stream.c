/*
 * stream.c - ordered bytes of one direction, cut into messages.
 *
 * Messages are parsed where they lie in the packet; only the start of one
 * whose end is still to come is copied (`held`).  Of a message longer than
 * its protocol cares for, the head is held and the rest passed over (`skip`).
 * After a gap, and after bytes that are no message, the next place is sought
 * where a whole message stands.
 */
#include <string.h>

#include "guess.h"
#include "private.h"

#define MESSAGE_MAX 65536u
#define SCAN_MAX 2048u /* places tried for a message in one run of bytes */

static uint32_t
message_max(const struct flows *fs, const struct proto *p)
{
	uint32_t max = p->message_max > 0 ? p->message_max : MESSAGE_MAX;

	return max < fs->config.flow_buffer_bytes
	    ? max
	    : (uint32_t)fs->config.flow_buffer_bytes;
}

static void
forget_held(struct flows *fs, struct half *h)
{
	bufs_put(fs->bufs, h->held, h->room);
	h->held = NULL;
	h->n_held = h->room = h->promised = 0;
	h->deliver = false;
}

static void
count_skipped(struct flows *fs, const struct flow *f, uint32_t n)
{
	fs->ledger[f->owner].bytes_seen += n;
	fs->ledger[f->owner].bytes_skipped += n;
}

/* Append to what is held; false (and counted) when there is no room. */
static bool
hold(struct flows *fs, struct half *h, struct span s)
{
	if (h->n_held + s.n > h->room) {
		size_t want = h->n_held + s.n;
		uint8_t *held;

		want = want < 256 ? 256 : want;
		held = bufs_get(fs->bufs, want);
		if (held == NULL) {
			fs->counts.buffers_full++;
			return false;
		}
		if (h->n_held > 0)
			memcpy(held, h->held, h->n_held);
		bufs_put(fs->bufs, h->held, h->room);
		h->held = held;
		h->room = (uint32_t)bufs_room(want);
	}
	if (s.n > 0)
		memcpy(h->held + h->n_held, s.p, s.n);
	h->n_held += s.n;
	return true;
}

static uint32_t
frame_of(struct flows *fs, struct flow *f, unsigned side, const struct proto *p,
    struct span s)
{
	if (p->frame == NULL)
		return s.n;
	if (s.n < p->frame_min || s.n == 0)
		return FRAME_NEED_MORE;
	message_context(fs, f, side);
	fs->d.proto = p;
	return p->frame(s, &fs->d);
}

/* Whether `s` starts with a message that another, or nothing, follows. */
static bool
stands_here(struct flows *fs, struct flow *f, unsigned side,
    const struct proto *p, struct span s, bool at_start)
{
	uint32_t n = frame_of(fs, f, side, p, s);

	if (n == FRAME_NOT_MINE || n == FRAME_NEED_MORE)
		return false;
	if (n >= s.n)
		return n == s.n || at_start;
	return frame_of(fs, f, side, p, span_from(s, n)) != FRAME_NOT_MINE;
}

/* Where in `s` the next message stands; s.n when there is none. */
static uint32_t
seek(struct flows *fs, struct flow *f, unsigned side, const struct proto *p,
    struct span s)
{
	uint32_t last = s.n < SCAN_MAX ? s.n : SCAN_MAX;

	for (uint32_t off = 0; off < last; off++)
		if (stands_here(fs, f, side, p, span_from(s, off), off == 0))
			return off;
	return s.n;
}

/* Begin to hold what is left of a run: a message that goes on. */
static void
keep_rest(struct flows *fs, struct flow *f, unsigned side,
    const struct proto *p, struct span s, uint32_t promised)
{
	struct half *h = &f->half[side];
	uint32_t max = message_max(fs, p);
	struct span head = span_first(s, max);

	if (promised == FRAME_NEED_MORE && s.n >= max) {
		count_skipped(fs, f, s.n);
		h->lost_sync = true;
		return;
	}
	if (!hold(fs, h, head)) {
		count_skipped(fs, f, s.n);
		h->lost_sync = true;
		return;
	}
	h->promised = promised;
	if (promised > max) {
		h->skip = promised - s.n;
		h->deliver = true;
		if (fs->listener.content != NULL && f->known != KNOWN_WEAK)
			message_preview(fs, f, side, s, promised);
	}
}

/* Bytes for whoever looks into files. */
static void
look(struct flows *fs, struct flow *f, unsigned side, enum content_what what,
    struct span s, uint32_t wire)
{
	struct half *h = &f->half[side];
	struct content c = { .what = (uint8_t)what,
		.to_server = side == f->client_side,
		.first =
		    h->tries == 1 && f->known == KNOWN_NOT && f->rejected == 0,
		.bytes = s,
		.missing = wire - s.n,
		.at = fs->origin.at };

	if (fs->listener.content != NULL)
		fs->listener.content(fs->listener.ctx, &c, &f->talk);
}

/* Parse messages where they lie; what cannot end here is held. */
static void
run(struct flows *fs, struct flow *f, unsigned side, struct span s)
{
	struct half *h = &f->half[side];

	while (s.n > 0 && f->known != KNOWN_NOT) {
		const struct proto *p = protos[f->owner];
		uint32_t n;

		if (h->lost_sync) {
			uint32_t off = seek(fs, f, side, p, s);

			count_skipped(fs, f, off);
			s = span_from(s, off);
			if (s.n == 0)
				return;
			h->lost_sync = false;
		}
		n = frame_of(fs, f, side, p, s);
		if (n == FRAME_NOT_MINE && f->known != KNOWN_SURE) {
			message_reject(fs, f);
			count_skipped(fs, f, s.n);
			return;
		}
		if (n == FRAME_NOT_MINE) {
			fs->counts.resyncs++;
			fs->ledger[f->owner].malformed++;
			h->lost_sync = true;
			count_skipped(fs, f, 1);
			s = span_from(s, 1);
			continue;
		}
		if (n == FRAME_NEED_MORE || n > s.n) {
			keep_rest(fs, f, side, p, s, n);
			return;
		}
		message_run(fs, f, side, span_first(s, n), n);
		s = span_from(s, n);
	}
}

/* A held message is whole. */
static void
run_held(struct flows *fs, struct flow *f, unsigned side)
{
	struct half *h = &f->half[side];
	struct half whole = *h;

	h->held = NULL;
	h->n_held = h->room = h->promised = 0;
	h->deliver = false;
	/* what a long one says of files was handed out when it began */
	fs->d.wants_content = fs->listener.content != NULL && !whole.deliver;
	message_run(fs, f, side, SPAN(whole.held, whole.n_held),
	    whole.promised);
	fs->d.wants_content = fs->listener.content != NULL;
	forget_held(fs, &whole);
}

/*
 * Go on with what is held: exactly the bytes it lacks are copied, so that the
 * rest of the packet is parsed where it lies.  Returns the bytes used.
 */
static uint32_t
run_on(struct flows *fs, struct flow *f, unsigned side, struct span s)
{
	struct half *h = &f->half[side];
	const struct proto *p = protos[f->owner];
	uint32_t lacks = h->promised > h->n_held ? h->promised - h->n_held : 0;
	uint32_t take = h->promised == FRAME_NEED_MORE ? s.n : lacks;
	uint8_t *old;
	uint32_t n, room;

	take = take < s.n ? take : s.n;
	if (h->n_held + take > message_max(fs, p) ||
	    !hold(fs, h, span_first(s, take))) {
		count_skipped(fs, f, h->n_held);
		forget_held(fs, h);
		h->lost_sync = true;
		return 0;
	}
	if (h->promised != FRAME_NEED_MORE) {
		if (h->n_held == h->promised)
			run_held(fs, f, side);
		return take;
	}
	/* the length was not known: look again at all of it */
	old = h->held;
	n = h->n_held;
	room = h->room;
	h->held = NULL;
	h->n_held = h->room = 0;
	run(fs, f, side, SPAN(old, n));
	bufs_put(fs->bufs, old, room);
	return take;
}

static uint32_t
pass(struct flows *fs, struct flow *f, unsigned side, struct span s, uint32_t n)
{
	struct half *h = &f->half[side];

	n = n < h->skip ? n : h->skip;
	h->skip -= n;
	if (h->deliver)
		look(fs, f, side, CONTENT_MORE, span_first(s, n), n);
	if (h->skip == 0 && h->deliver)
		run_held(fs, f, side);
	return n;
}

/*
 * The packet ends before the message it holds does: what is there is parsed,
 * the rest of the message is passed over.
 */
static void
run_cut(struct flows *fs, struct flow *f, unsigned side, uint32_t missing)
{
	struct half *h = &f->half[side];

	if (h->held != NULL && !h->deliver && h->promised > h->n_held) {
		uint32_t rest = h->promised - h->n_held;

		run_held(fs, f, side);
		h->skip = rest;
	}
	stream_gap(fs, f, side, missing);
}

#define INFERRED_MOST 32u /* messages in a run of bytes */

/*
 * Nobody's bytes: what could be inferred of their messages.  Of a flow that
 * identification gave up, `skip` is what the next bytes still owe to the last
 * message.
 */
static void
infer(struct flows *fs, struct flow *f, unsigned side, struct span s,
    uint32_t wire)
{
	struct half *h = &f->half[side];
	bool goes_on = f->known == KNOWN_NEVER && f->talk.via == VIA_TCP;
	uint32_t owed = goes_on && h->skip < wire ? h->skip : wire;
	struct guess_message m;

	if (goes_on) {
		bool all = h->skip >= wire;

		h->skip -= all ? wire : h->skip;
		if (all)
			return;
		s = span_from(s, owed);
		wire -= owed;
	}
	for (uint32_t i = 0; i < INFERRED_MOST && s.n > 0; i++) {
		if (!guess_take(fs->guesses, &f->talk, s, wire,
			side == f->client_side, fs->origin.at, &m))
			return;
		message_inferred(fs, f, side,
		    FACT_OP((m.port ^ m.port >> 8) & 0xffu, m.op));
		if (m.length >= wire) {
			if (goes_on)
				h->skip = m.length - wire;
			return;
		}
		s = span_from(s, m.length);
		wire -= m.length;
	}
}

void
stream_bytes(struct flows *fs, struct flow *f, unsigned side, struct span s,
    uint32_t wire)
{
	struct half *h = &f->half[side];
	uint32_t missing = wire > s.n ? wire - s.n : 0;

	fs->counts.payload_bytes += wire;
	if (f->known == KNOWN_NOT)
		identify(fs, f, side, s, wire);
	if (f->known == KNOWN_NOT || f->known == KNOWN_NEVER) {
		fs->ledger[PROTO_UNKNOWN].messages++;
		count_skipped(fs, f, wire);
		look(fs, f, side, CONTENT_STREAM, s, wire);
		infer(fs, f, side, s, wire);
		return;
	}
	while (s.n > 0) {
		uint32_t n;

		if (h->skip > 0)
			n = pass(fs, f, side, s, s.n);
		else if (h->held != NULL)
			n = run_on(fs, f, side, s);
		else
			break;
		s = span_from(s, n);
	}
	if (s.n > 0)
		run(fs, f, side, s);
	if (missing > 0)
		run_cut(fs, f, side, missing);
}

void
stream_gap(struct flows *fs, struct flow *f, unsigned side, uint32_t n)
{
	struct half *h = &f->half[side];

	fs->ledger[f->owner].bytes_lost += n;
	if (f->known == KNOWN_NOT || f->known == KNOWN_NEVER)
		look(fs, f, side, CONTENT_STREAM, SPAN(NULL, 0), n);
	if (f->known == KNOWN_NEVER) {
		h->skip = h->skip > n ? h->skip - n : 0;
		return;
	}
	if (h->skip >= n) { /* all inside a message that is passed over */
		(void)pass(fs, f, side, SPAN(NULL, 0), n);
		return;
	}
	h->skip = 0;
	if (h->held != NULL && h->promised > 0)
		run_held(fs, f, side);
	count_skipped(fs, f, h->n_held);
	forget_held(fs, h);
	h->lost_sync = true;
}

void
stream_end(struct flows *fs, struct flow *f, unsigned side)
{
	struct half *h = &f->half[side];

	if (h->held != NULL)
		count_skipped(fs, f, h->n_held);
	forget_held(fs, h);
	h->skip = 0;
}

/*
 * A protocol that takes all it sees of a datagram means all that was sent:
 * frame() cannot know what the capture left out.
 */
uint32_t
stream_datagram_len(uint32_t n, struct span s, uint32_t wire)
{
	return n == s.n && s.n < wire ? wire : n;
}

/* Datagrams: whole messages, one or more; nothing is kept. */
void
stream_datagram(struct flows *fs, struct flow *f, unsigned side, struct span s,
    uint32_t wire)
{
	fs->counts.payload_bytes += wire;
	if (f->known == KNOWN_NOT)
		identify(fs, f, side, s, wire);
	if (f->known == KNOWN_NOT || f->known == KNOWN_NEVER) {
		fs->ledger[PROTO_UNKNOWN].messages++;
		count_skipped(fs, f, wire);
		look(fs, f, side, CONTENT_STREAM, s, wire);
		infer(fs, f, side, s, wire);
		return;
	}
	while (wire > 0) {
		const struct proto *p = protos[f->owner];
		uint32_t n = stream_datagram_len(p->frame == NULL
			? wire
			: frame_of(fs, f, side, p, s),
		    s, wire);

		if (n == FRAME_NOT_MINE || n == FRAME_NEED_MORE) {
			fs->ledger[f->owner].malformed += n == FRAME_NOT_MINE;
			count_skipped(fs, f, wire);
			return;
		}
		n = n < wire ? n : wire; /* no more than was sent */
		message_run(fs, f, side, span_first(s, n), n);
		if (n >= wire || f->known == KNOWN_NOT)
			return;
		s = span_from(s, n);
		wire -= n;
	}
}
