/* message.c - one message, from the flow to its protocol to the listener. */
#include <string.h>

#include "private.h"

void
message_context(struct flows *fs, struct flow *f, unsigned side)
{
	struct dissect *d = &fs->d;

	d->talk = &f->talk;
	d->via = f->talk.via;
	d->to_server = side == f->client_side;
	d->group = fs->origin.group;
	d->state = f->state != NULL ? f->state : fs->blank;
	d->pending = f->pending;
	d->flow = f->talk.flow;
	d->now = fs->origin.at;
	d->n = 0;
	if (d->note != NULL)
		*d->note = f->owner;
}

static void
hand_out(struct flows *fs, struct flow *f)
{
	struct dissect *d = &fs->d;

	for (uint32_t i = 0; i < d->n; i++) {
		struct fact *fact = &d->fact[i];

		fact->frame = fs->origin.frame;
		fact->file = fs->origin.file;
		if (fs->origin.duplicate)
			fact->flags |= FACT_DUPLICATE;
		fs->listener.fact(fs->listener.ctx, fact, &f->talk);
	}
	d->n = 0;
	for (uint32_t i = 0; i < d->n_content; i++)
		fs->listener.content(fs->listener.ctx, &d->content[i],
		    &f->talk);
	d->n_content = 0;
}

/*
 * The conversation of a carrier (COTP, DCE/RPC) is named after what it
 * carries, once that is seen.
 */
static void
name_after_inner(const struct flows *fs, struct flow *f, const struct proto *p)
{
	const struct proto *inner =
	    fs->d.n_inner > 0 ? fs->d.inner[0].proto : NULL;

	if (!p->carrier || inner == NULL || inner->carrier ||
	    f->talk.proto == inner->slot->id)
		return;
	f->talk.proto = inner->slot->id;
}

/*
 * Whether the protocol takes the message, without leaving a trace: no facts,
 * no ledger, no state.
 */
enum rd_status
message_try(struct flows *fs, struct flow *f, unsigned side,
    const struct proto *p, struct span s, uint32_t promised)
{
	uint64_t state[PROTO_STATE_MAX / 8] = { 0 };
	struct dissect *d = &fs->d;
	enum rd_status status;

	message_context(fs, f, side);
	if (f->state != NULL)
		memcpy(state, f->state, p->state_size);
	d->state = state;
	d->pending = NULL;
	d->flow = 0;
	d->wanted = 0;
	d->wants_content = false;
	d->ledger = fs->trial;
	status = proto_message(p, s, promised, d, true);
	d->ledger = fs->ledger;
	d->wanted = fs->config.wanted;
	d->wants_content = fs->listener.content != NULL;
	return status;
}

/*
 * A message too long to be held until it is whole: what its beginning says of
 * files is handed out now, so that its other bytes can follow as they come.
 */
void
message_preview(struct flows *fs, struct flow *f, unsigned side, struct span s,
    uint32_t promised)
{
	const struct proto *p = protos[f->owner];
	uint64_t state[PROTO_STATE_MAX / 8] = { 0 };
	struct pending pending;
	struct dissect *d = &fs->d;

	message_context(fs, f, side);
	if (f->state != NULL)
		memcpy(state, f->state, p->state_size);
	if (f->pending != NULL)
		pending = *f->pending;
	d->state = state;
	d->pending = f->pending != NULL ? &pending : NULL;
	d->flow = 0;
	d->wanted = 0;
	d->ledger = fs->trial;
	(void)proto_message(p, s, promised, d, false);
	d->ledger = fs->ledger;
	d->wanted = fs->config.wanted;
	d->n = 0;
	hand_out(fs, f);
}

/* A flow whose protocol is not certain yet: does this message settle it? */
static bool
settle(struct flows *fs, struct flow *f, unsigned side, struct span s,
    uint32_t promised)
{
	enum rd_status status =
	    message_try(fs, f, side, protos[f->owner], s, promised);

	if (status == RD_BAD) {
		message_reject(fs, f);
		return false;
	}
	if (status == RD_OK)
		f->half[side].good = true;
	if (f->known == KNOWN_WEAK && !(f->half[0].good && f->half[1].good))
		return false;
	message_believe(fs, f);
	return true;
}

/*
 * Values are many and change slowly.  Which messages are passed over hangs on
 * their number, not on the clock alone: masters ask in rounds.
 */
static bool
wants_values(struct flows *fs, struct flow *f)
{
	const struct talk *t = &f->talk;
	uint32_t number = t->packets[0] + t->packets[1];

	if (fs->d.to_server && !fs->d.group)
		return true;
	if (tick_since(fs->origin.at, f->valued) < TICK_SECOND &&
	    tick_since(f->valued, fs->origin.at) < TICK_SECOND &&
	    (number * 2654435761u) >> 27 != 0)
		return false;
	f->valued = fs->origin.at;
	return true;
}

void
message_run(struct flows *fs, struct flow *f, unsigned side, struct span s,
    uint32_t promised)
{
	const struct proto *p = protos[f->owner];

	if (f->known != KNOWN_SURE && !settle(fs, f, side, s, promised)) {
		fs->ledger[PROTO_UNKNOWN].messages++;
		fs->ledger[PROTO_UNKNOWN].bytes_seen += promised;
		fs->ledger[PROTO_UNKNOWN].bytes_skipped += promised;
		return;
	}
	message_context(fs, f, side);
	if (fs->config.values_sampled && !wants_values(fs, f))
		fs->d.wanted &= ~FACT_MASK(FACT_VALUE);
	(void)proto_message(p, s, promised, &fs->d, false);
	fs->d.wanted = fs->config.wanted;
	name_after_inner(fs, f, p);
	hand_out(fs, f);
}

/* The listener's port is usual for another protocol than the one spoken. */
static bool
is_odd(const struct flow *f, const struct proto *p)
{
	enum via via = (enum via)f->talk.via;

	if ((via != VIA_TCP && via != VIA_UDP) ||
	    proto_expects(p, via, f->talk.server_port))
		return false;
	for (uint32_t i = 1; i < n_protos; i++)
		if (proto_expects(protos[i], via, f->talk.server_port))
			return true;
	return false;
}

bool
message_adopt(struct flows *fs, struct flow *f, const struct proto *p,
    enum known known)
{
	if (p->state_size > 0) {
		f->state = bufs_get(fs->bufs, p->state_size);
		if (f->state == NULL) {
			fs->counts.buffers_full++;
			return false;
		}
		memset(f->state, 0, p->state_size);
	}
	f->owner = p->slot->id;
	f->known = (uint8_t)known;
	if (known == KNOWN_SURE)
		message_believe(fs, f);
	return true;
}

void
message_believe(struct flows *fs, struct flow *f)
{
	const struct proto *p = protos[f->owner];

	f->known = KNOWN_SURE;
	f->talk.proto = p->slot->id;
	f->talk.note = 0;
	f->talk.odd_port = is_odd(f, p);
	fs->counts.odd_ports += f->talk.odd_port;
	f->pending = bufs_get(fs->bufs, sizeof(*f->pending));
	if (f->pending != NULL)
		memset(f->pending, 0, sizeof(*f->pending));
	else
		fs->counts.buffers_full++;
}

void
message_drop(struct flows *fs, struct flow *f)
{
	const struct proto *p = protos[f->owner];

	for (uint32_t i = 0; f->pending != NULL && i < N_PENDING; i++)
		if ((f->pending->used >> i & 1) != 0)
			fs->ledger[f->pending->slot[i].proto].unanswered++;
	bufs_put(fs->bufs, f->state, p->state_size);
	bufs_put(fs->bufs, f->pending, sizeof(*f->pending));
	f->state = NULL;
	f->pending = NULL;
	f->owner = PROTO_UNKNOWN;
	f->known = KNOWN_NOT;
}

void
message_inferred(struct flows *fs, struct flow *f, unsigned side, uint32_t op)
{
	struct dissect *d = &fs->d;
	struct fact *fact;

	message_context(fs, f, side);
	d->proto = protos[PROTO_UNKNOWN];
	d->ctx = (struct dissect_context){ .response = !d->to_server };
	d->n_content = 0;
	fact = dissect_emit(d, FACT_UNKNOWN, op);
	fact->is_message = true;
	hand_out(fs, f);
}

/* The candidate was wrong: the flow is nobody's again. */
void
message_reject(struct flows *fs, struct flow *f)
{
	f->rejected = f->owner;
	message_drop(fs, f);
	for (unsigned side = 0; side < 2; side++) {
		f->half[side].good = false;
		stream_end(fs, f, side);
	}
}
