/*
 * tcp.c - TCP segments into ordered bytes (RFC 9293, seen from beside).
 *
 * We see what passes the mirror, not what arrives: segments may be missing
 * for ever, doubled, or out of order, and the start may not have been seen.
 * Segments that come early wait, within bounds, for the hole to be filled;
 * then the hole is a gap and the stream goes on behind it.
 */
#include <string.h>

#include "private.h"

#define EARLY_MAX 64u /* segments that wait, per direction */
#define HOLE_WAIT (TICK_SECOND) /* packet time */

static int32_t
seq_diff(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b);
}

/* ------------------------------------------------------- retransmissions */

/* Enough of a sum to tell other content; 0 stays "not known". */
static uint16_t
short_sum(uint32_t sum)
{
	const uint16_t n = (uint16_t)(sum * UINT32_C(2654435761) >> 16);

	return sum == 0 || n != 0 ? n : 1;
}

static void
remember_sent(struct half *h, uint32_t seq, uint32_t len, uint32_t sum)
{
	unsigned i = !h->sent_last;

	h->sent_last = i != 0;
	h->sent_seq[i] = seq;
	h->sent_len[i] = (uint16_t)len;
	h->sent_sum[i] = short_sum(sum);
}

/*
 * Bytes sent again, perhaps with more behind them: the same, as far as we can
 * still tell?  The sums of the last segments are compared; older ones are
 * given the benefit of the doubt.
 */
static bool
is_changed(const struct half *h, const struct packet *p)
{
	for (unsigned i = 0; i < SENT_KEPT; i++) {
		uint32_t len = h->sent_len[i];

		if (len > 0 && h->sent_seq[i] == p->seq &&
		    len <= p->payload.n && p->payload_sum != 0 &&
		    h->sent_sum[i] != 0 &&
		    short_sum(decode_sum(span_first(p->payload, len))) !=
			h->sent_sum[i])
			return true;
	}
	return false;
}

/*
 * A segment made before what its sender said last: it confirms less than that
 * end has confirmed since, and what it carries was confirmed long ago.  Nobody
 * retransmits so: a retransmission confirms what is due now.
 */
static bool
is_replayed(const struct half *from, const struct half *to,
    const struct packet *p)
{
	return (p->tcp_flags & TCP_ACK) != 0 && from->confirms &&
	    to->confirms && seq_diff(from->confirmed, p->ack) > 0 &&
	    seq_diff(to->confirmed, p->seq + p->payload_wire) >= 0;
}

/*
 * What its sender never made: it confirms less than every segment did that was
 * sent from there on.  Old ones of an earlier connection look so, and forged
 * ones.
 */
static bool
is_stranger(const struct half *from, const struct packet *p)
{
	return seq_diff(p->seq, from->confirmed_at) > 0;
}

static void
count_replayed(struct flows *fs, struct flow *f, unsigned side,
    const struct packet *p)
{
	const struct half *h = &f->half[side];

	if (!is_replayed(h, &f->half[!side], p))
		return;
	if (is_stranger(h, p))
		f->talk.strange++;
	else
		f->talk.replayed++;
	fs->disorder = true;
}

static bool
count_again(struct flows *fs, const struct half *h, const struct packet *p)
{
	bool changed = is_changed(h, p);

	fs->counts.retransmitted++;
	fs->counts.conflicting += changed;
	return changed;
}

/* ------------------------------------------------------ early segments */

static void
drop_first(struct flows *fs, struct flow *f, struct half *h)
{
	struct segment *s = h->early;

	h->early = s->next;
	h->n_early--;
	f->n_early--;
	bufs_put(fs->bufs, s, sizeof(*s) + s->len);
}

/* Both copies are in hand: note a difference, keep the one the rule says. */
static void
merge_copy(struct flows *fs, struct segment *s, struct span bytes)
{
	uint32_t n = s->len < bytes.n ? s->len : bytes.n;

	fs->counts.retransmitted++;
	if (n == 0 || memcmp(s->bytes, bytes.p, n) == 0)
		return;
	fs->counts.conflicting++;
	if (fs->config.last_copy)
		memcpy(s->bytes, bytes.p, n);
}

/* Bytes that wait for their turn. */
static uint32_t
waiting(const struct half *h)
{
	uint32_t n = 0;

	for (const struct segment *s = h->early; s != NULL; s = s->next)
		n += s->len;
	return n;
}

static bool
keep_early(struct flows *fs, struct flow *f, struct half *h,
    const struct packet *p, uint32_t seq)
{
	const struct span bytes = p->payload;
	const uint32_t wire = p->payload_wire;
	struct segment **at = &h->early, *s;

	while (*at != NULL && seq_diff((*at)->seq, seq) < 0)
		at = &(*at)->next;
	if (*at != NULL && (*at)->seq == seq && (*at)->wire >= wire) {
		merge_copy(fs, *at, bytes);
		return true;
	}
	if (h->n_early >= EARLY_MAX ||
	    waiting(h) + bytes.n > fs->config.flow_buffer_bytes ||
	    bytes.n > BUFS_MAX - sizeof(*s))
		return false;
	s = bufs_get(fs->bufs, sizeof(*s) + bytes.n);
	if (s == NULL) {
		fs->counts.buffers_full++;
		return false;
	}
	s->at = p->at;
	s->seq = seq;
	s->len = bytes.n;
	s->wire = wire;
	s->frame = fs->origin.frame;
	s->file = fs->origin.file;
	if (bytes.n > 0)
		memcpy(s->bytes, bytes.p, bytes.n);
	s->next = *at;
	*at = s;
	h->n_early++;
	f->n_early++;
	fs->counts.reordered++;
	return true;
}

/* Bytes whose turn it is; what was already handed over is cut off. */
static void
hand_over(struct flows *fs, struct flow *f, unsigned side, struct span bytes,
    uint32_t seq, uint32_t wire)
{
	struct half *h = &f->half[side];
	uint32_t old = (uint32_t)seq_diff(h->next, seq);

	if (old >= wire)
		return;
	h->next = seq + wire;
	stream_bytes(fs, f, side, span_from(bytes, old), wire - old);
}

/* Hand over what waited and whose turn it is now. */
static void
drain(struct flows *fs, struct flow *f, unsigned side)
{
	struct half *h = &f->half[side];
	struct origin now;

	if (h->early == NULL)
		return;
	now = fs->origin;
	while (h->early != NULL && seq_diff(h->early->seq, h->next) <= 0) {
		struct segment *s = h->early;

		fs->origin.at = s->at;
		fs->origin.frame = s->frame;
		fs->origin.file = s->file;
		hand_over(fs, f, side, SPAN(s->bytes, s->len), s->seq, s->wire);
		drop_first(fs, f, h);
	}
	fs->origin = now;
}

/* When the other end confirmed what did not pass here, in quarters of a
 * second; or that this was told. */
enum unseen {
	UNSEEN_NOT,
	UNSEEN_SINCE,
	UNSEEN_TOLD = 255
};
#define UNSEEN_TURN (UNSEEN_TOLD - UNSEEN_SINCE)

/* Bytes did not pass.  Nobody is told twice. */
static void
count_gap(struct flows *fs, struct flow *f, struct half *h, uint32_t lost)
{
	fs->counts.gaps++;
	fs->counts.gap_bytes += lost;
	if (h->unseen != UNSEEN_TOLD) {
		f->talk.gaps++;
		fs->disorder = true;
	}
	h->unseen = UNSEEN_NOT;
}

/*
 * The other end confirms more than has passed, and still does after the time
 * that a mirror needs to bring it: it got what we did not.  Said now, as what
 * comes next on the way may take minutes.  One byte more is a FIN or a probe.
 */
static void
watch_unseen(struct flows *fs, struct flow *f, struct half *h,
    const struct packet *p)
{
	uint32_t now, waited;

	if ((p->tcp_flags & TCP_ACK) == 0 || seq_diff(p->ack, h->next) <= 1) {
		h->unseen = UNSEEN_NOT;
		return;
	}
	if (h->unseen == UNSEEN_TOLD || h->sent_len[h->sent_last] == 0)
		return; /* only where this direction passes here at all */
	now = (uint32_t)(p->at.ns / (HOLE_WAIT / 4) % UNSEEN_TURN);
	if (h->unseen == UNSEEN_NOT) {
		h->unseen = (uint8_t)(UNSEEN_SINCE + now);
		return;
	}
	waited = (now + UNSEEN_TURN + UNSEEN_SINCE - h->unseen) % UNSEEN_TURN;
	if (waited <= 4)
		return;
	h->unseen = UNSEEN_TOLD;
	f->talk.gaps++;
	fs->disorder = true;
}

/* The hole before the first waiting segment will not be filled. */
static void
give_up_hole(struct flows *fs, struct flow *f, unsigned side)
{
	struct half *h = &f->half[side];
	uint32_t lost = (uint32_t)seq_diff(h->early->seq, h->next);

	count_gap(fs, f, h, lost);
	h->next = h->early->seq;
	stream_gap(fs, f, side, lost);
	drain(fs, f, side);
}

void
tcp_flush(struct flows *fs, struct flow *f)
{
	for (unsigned side = 0; side < 2; side++) {
		while (f->half[side].early != NULL)
			give_up_hole(fs, f, side);
		stream_end(fs, f, side);
	}
}

/* ------------------------------------------------------------- segments */

/* A new connection on old ends. */
static void
start_again(struct flows *fs, struct flow *f, unsigned side,
    const struct packet *p)
{
	const bool from_client = (p->tcp_flags & TCP_ACK) == 0;

	tcp_flush(fs, f);
	talk_tally(fs, f);
	message_drop(fs, f);
	memset(f->half, 0, sizeof(f->half));
	f->talk.proto = PROTO_UNKNOWN;
	f->talk.odd_port = false;
	f->closed = false;
	f->rejected = 0;
	if (from_client != (side == f->client_side))
		talk_turn(f);
	f->talk.sure = true;
	f->talk.flow = ++fs->next_id;
	f->talk.first = p->at;
	f->talk.replayed = f->talk.strange = f->talk.gaps = 0;
	table_relist(fs, f, LIST_LONG);
}

static void
on_syn(struct flows *fs, struct flow *f, unsigned side, const struct packet *p)
{
	struct half *h = &f->half[side];

	if (h->begun && h->next != p->seq + 1) {
		if ((p->tcp_flags & TCP_ACK) == 0 || f->closed ||
		    f->half[!side].next != p->ack)
			start_again(fs, f, side, p);
		h = &f->half[side];
	}
	h->begun = true;
	h->next = p->seq + 1;
	f->talk.sure = true;
}

/* After its bytes: until then it is compared with what went before. */
static void
remember_ack(struct half *h, const struct packet *p)
{
	if ((p->tcp_flags & TCP_ACK) != 0 &&
	    (!h->confirms || seq_diff(p->ack, h->confirmed) > 0)) {
		h->confirms = true;
		h->confirmed = p->ack;
		h->confirmed_at = p->seq;
	}
}

static void
on_data(struct flows *fs, struct flow *f, unsigned side, const struct packet *p)
{
	struct half *h = &f->half[side];
	uint32_t seq = p->seq + ((p->tcp_flags & TCP_SYN) != 0),
		 wire = p->payload_wire;
	int32_t ahead;

	if (!h->begun) {
		h->begun = true;
		h->next = seq;
	}
	ahead = seq_diff(seq, h->next);
	if (wire <= 1 && ahead == -1) {
		fs->counts.keep_alives++;
		return;
	}
	if (ahead < 0 && ahead + (int64_t)wire <= 0) {
		(void)count_again(fs, h, p);
		count_replayed(fs, f, side, p);
		return;
	}
	if (ahead > 0) {
		if (keep_early(fs, f, h, p, seq))
			return;
		while (h->early != NULL)
			give_up_hole(fs, f, side);
		ahead = seq_diff(seq, h->next);
		if (ahead > 0) {
			count_gap(fs, f, h, (uint32_t)ahead);
			h->next = seq;
			stream_gap(fs, f, side, (uint32_t)ahead);
		}
	}
	/* what is added to changed bytes belongs to another stream */
	if (ahead < 0 && count_again(fs, h, p) && !fs->config.last_copy)
		return;
	remember_sent(h, p->seq, wire, p->payload_sum);
	hand_over(fs, f, side, p->payload, seq, wire);
	drain(fs, f, side);
}

/* Whether to stop waiting for the hole: its time is up, or too much waits. */
static bool
hole_is_lost(const struct half *h, const struct packet *p)
{
	int64_t waited = tick_since(p->at, h->early->at);

	return waited > HOLE_WAIT || waited < 0 || h->n_early >= EARLY_MAX / 2;
}

/*
 * The other end confirms bytes behind a hole and goes on talking: it got what
 * we did not.  What waited comes before what it says now, so that questions
 * stay before their answers.
 */
static void
give_up_confirmed(struct flows *fs, struct flow *f, unsigned side, uint32_t ack)
{
	struct half *h = &f->half[side];

	while (h->early != NULL && seq_diff(ack, h->early->seq) >= 0)
		give_up_hole(fs, f, side);
}

void
tcp_packet(struct flows *fs, struct flow *f, unsigned side,
    const struct packet *p)
{
	struct half *h = &f->half[side];

	if ((p->tcp_flags & TCP_SYN) != 0)
		on_syn(fs, f, side, p);
	if (p->payload_wire > 0) {
		if (f->n_early > 0)
			give_up_confirmed(fs, f, !side, p->ack);
		on_data(fs, f, side, p);
	}
	for (unsigned i = 0; f->n_early > 0 && i < 2; i++)
		if (f->half[i].early != NULL && hole_is_lost(&f->half[i], p))
			give_up_hole(fs, f, i);
	watch_unseen(fs, f, &f->half[!side], p);
	remember_ack(h, p);
	if (fs->disorder && fs->listener.disorder != NULL)
		fs->listener.disorder(fs->listener.ctx, &f->talk);
	fs->disorder = false;
	if ((p->tcp_flags & TCP_FIN) != 0)
		h->fin = true;
	if (!f->closed &&
	    ((p->tcp_flags & TCP_RST) != 0 ||
		(f->half[0].fin && f->half[1].fin))) {
		f->closed = true;
		table_relist(fs, f, LIST_SHORT);
	}
}
