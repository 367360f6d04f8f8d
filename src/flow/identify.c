/*
 * identify.c - which protocol a flow speaks.
 *
 * Told by content, never by the port alone.  A protocol that is usual on the
 * port is believed after one good message; elsewhere one whose first bytes
 * are like nothing else (CLAIM_STRONG) is too; one that merely fits
 * (CLAIM_WEAK) must show a good message each way before anything it says is
 * believed.  Layer-2 and IP services are named by their number, and the
 * content may still object.
 */
#include "private.h"

#define FEW 32u /* bytes that may be too few for a claim() to tell */
#define TRIES 8u /* packets with data, per direction */

/* How well a protocol fits the bytes, best last. */
enum fit {
	FIT_NOT,
	FIT_NUMBER, /* nonsense, under the number of the protocol */
	FIT_WEAK, /* a good message, elsewhere */
	FIT_PORT_PART, /* start of a message, on its port */
	FIT_STRONG_PART,
	FIT_STRONG,
	FIT_PORT,
};

static bool
is_expected(const struct proto *p, const struct talk *t)
{
	enum via via = (enum via)t->via;

	if (via != VIA_TCP && via != VIA_UDP)
		return proto_expects(p, via, t->service);
	return proto_expects(p, via, t->server_port) ||
	    (!t->sure && proto_expects(p, via, t->client_port));
}

static bool
travels(const struct proto *p, enum via via)
{
	return (via == VIA_TCP && (p->tcp[0] != 0)) ||
	    (via == VIA_UDP && p->udp[0] != 0);
}

/* Layer-2 and IP services: the number is in the frame to name them, and
 * nobody else has it. */
static bool
is_numbered(const struct flow *f)
{
	return f->talk.via != VIA_TCP && f->talk.via != VIA_UDP &&
	    f->talk.via != VIA_SCTP && f->talk.via != VIA_NONE;
}

static enum fit
fit_of(struct flows *fs, struct flow *f, unsigned side, const struct proto *p,
    struct span s, uint32_t wire)
{
	bool expected = is_expected(p, &f->talk), strong = false;
	uint32_t n = s.n;
	enum rd_status status;

	if (dissect_is_off(&fs->d, p->slot->id))
		return FIT_NOT;
	if (!expected &&
	    (p->claim == NULL || !travels(p, (enum via)f->talk.via)))
		return FIT_NOT;
	message_context(fs, f, side);
	fs->d.proto = p;
	if (fs->d.note != NULL)
		*fs->d.note = p->slot->id;
	if (p->claim != NULL) {
		enum claim claim = p->claim(s, &fs->d);

		/* a few bytes on its own port: frame() has the say */
		if (claim == CLAIM_NO &&
		    (!expected || f->talk.via != VIA_TCP || s.n >= FEW))
			return FIT_NOT;
		strong = claim == CLAIM_STRONG;
	}
	if (p->frame != NULL)
		n = s.n < p->frame_min ? FRAME_NEED_MORE : p->frame(s, &fs->d);
	else
		n = wire;
	if (n == FRAME_NOT_MINE)
		return FIT_NOT;
	if (f->talk.via != VIA_TCP) {
		n = stream_datagram_len(n, s, wire);
		if (n > wire && n != FRAME_NEED_MORE)
			return strong && expected ? FIT_STRONG : FIT_NOT;
	}
	if (n == FRAME_NEED_MORE || (n > s.n && f->talk.via == VIA_TCP))
		return strong  ? FIT_STRONG_PART
		    : expected ? FIT_PORT_PART
			       : FIT_NOT;
	status = message_try(fs, f, side, p, span_first(s, n), n);
	/* its own start and checks, on its own port, but nonsense inside */
	if (status == RD_BAD && strong && expected && n != 0)
		return FIT_STRONG;
	if (status == RD_BAD && is_numbered(f))
		return FIT_NUMBER;
	if (status == RD_BAD || (status == RD_SHORT && !expected && !strong))
		return FIT_NOT;
	return expected ? FIT_PORT : strong ? FIT_STRONG : FIT_WEAK;
}

/* Let the bytes say who is the client, unless the handshake or port did. */
static void
settle_way(struct flow *f, unsigned side, const struct proto *p, struct span s)
{
	enum way way = p->way != NULL ? p->way(s) : WAY_UNKNOWN;
	enum via via = (enum via)f->talk.via;

	if (f->talk.sure || via != f->key.via || way == WAY_UNKNOWN)
		return;
	if (proto_expects(p, via, f->talk.server_port) &&
	    !proto_expects(p, via, f->talk.client_port))
		return;
	if ((way == WAY_REQUEST) != (side == f->client_side))
		talk_turn(f);
	f->talk.sure = true;
}

void
identify(struct flows *fs, struct flow *f, unsigned side, struct span s,
    uint32_t wire)
{
	static const enum known then[] = {
		[FIT_NUMBER] = KNOWN_SURE,
		[FIT_WEAK] = KNOWN_WEAK,
		[FIT_PORT_PART] = KNOWN_MAYBE,
		[FIT_STRONG_PART] = KNOWN_MAYBE,
		[FIT_STRONG] = KNOWN_SURE,
		[FIT_PORT] = KNOWN_SURE,
	};
	enum fit best = FIT_NOT;
	const struct proto *found = NULL;

	if (s.n == 0)
		return;
	for (uint32_t i = 1; i < n_protos && best < FIT_PORT; i++) {
		enum fit fit;

		if (i == f->rejected)
			continue;
		fit = fit_of(fs, f, side, protos[i], s, wire);
		if (fit > best) {
			best = fit;
			found = protos[i];
		}
	}
	if (found != NULL) {
		settle_way(f, side, found, s);
		(void)message_adopt(fs, f, found, then[best]);
		return;
	}
	f->half[side].tries++;
	if (f->half[0].tries + f->half[1].tries >= TRIES &&
	    (f->half[side].tries >= TRIES ||
		(f->half[0].tries >= TRIES / 2 &&
		    f->half[1].tries >= TRIES / 2)))
		f->known = KNOWN_NEVER;
}
