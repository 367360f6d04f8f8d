/*
 * decode.h - from a frame to addresses, ports and payload.
 *
 * Takes off link layers, tags and tunnels from the outside in (at most
 * DECODE_DEPTH headers), keeps what they said about the mirror, and stops at
 * the innermost transport payload.  Never fails: what cannot be read is noted
 * in packet.notes, what is left is the payload of the last header that could.
 *
 * Hermetic and without state, so one frame always decodes the same.
 */
#ifndef DECODE_DECODE_H
#define DECODE_DECODE_H

#include "../model/packet.h"

#define DECODE_DEPTH 16

/* LINKTYPE_ numbers, https://www.tcpdump.org/linktypes.html */
void decode_frame(const struct frame *, struct packet *ret);

/*
 * Go on with a datagram put together from fragments: `whole` is the IP
 * payload, `p` the packet of the last fragment (its frag is cleared).
 */
void decode_datagram(struct packet *p, struct span whole);

/* What packet.payload_sum is of a payload that starts with these bytes. */
uint32_t decode_sum(struct span);

/* Whether LINKTYPE_ is decoded; others are only counted. */
bool decode_link_known(uint16_t link);

#endif
