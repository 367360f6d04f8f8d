/*
 * flow.h - from packets to messages: conversations, ordered bytes, protocols.
 *
 * A flow is a pair of ends (addresses, ports or service, VLAN, mirror
 * session, tunnel).  TCP segments and IP fragments are put in order here,
 * once, for all protocols; the protocol is found by content; every whole
 * message goes through proto_message() and its facts to the listener.
 *
 * All memory is reserved at birth and capped: when something is full, the
 * longest idle makes room and that is counted.  One thread; time is the
 * packet's.
 */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../model/fact.h"
#include "../model/packet.h"
#include "../model/talk.h"
#include "../proto/proto.h"

struct flow_config {
	uint32_t flows_max; /* at once */
	size_t buffer_bytes; /* for bytes that wait: reassembly, fragments */
	size_t flow_buffer_bytes; /* of it, at most this much per direction */
	bool last_copy; /* of bytes sent twice with different content, believe
			 * the later one where both are in hand */
	uint32_t first_id; /* flows are numbered from the one after it: two
			    * that tell the same listeners must not meet */
	uint32_t wanted; /* FACT_MASK() of the kinds the listener wants */
	uint8_t *note; /* the protocol whose parser is at work is written
			* there, 0 when none is; NULL: nobody asks */
	const uint64_t *off; /* a bit a protocol: those not to be parsed;
			      * NULL: none */
	bool values_sampled; /* VALUE facts: of what is written all, of what is
			      * answered or reported one message a second and
			      * flow, and one in 32 beyond */
};

#define FLOW_CONFIG_DEFAULT                        \
	((struct flow_config){ .flows_max = 65536, \
	    .buffer_bytes = 16u << 20,             \
	    .flow_buffer_bytes = 256u << 10,       \
	    .wanted = FACT_MASK_ALL })

/* Called from within flow_packet() and flow_finish(). */
struct flow_listener {
	void *ctx;
	/* The first packet of a flow was counted; what it says comes after.
	 * NULL: nobody cares. */
	void (*begin)(void *ctx, struct talk *);
	/* A packet with bytes for its protocol; facts may follow.  What they
	 * will need can be fetched meanwhile.  NULL: nobody does. */
	void (*ahead)(void *ctx, const struct talk *);
	/* A fact; `talk` is the flow it belongs to. */
	void (*fact)(void *ctx, const struct fact *, struct talk *);
	/* A flow ends, or changes its proto or direction: what it counted
	 * since the last call is in talk->packets and bytes, cleared after. */
	void (*tally)(void *ctx, struct talk *);
	/* A flow goes on: what it counted so far, of which told_... was told
	 * before.  By flow_tell() only; NULL: nobody asks. */
	void (*sofar)(void *ctx, struct talk *);
	/* One of talk's last four grew.  NULL: nobody asks. */
	void (*disorder)(void *ctx, struct talk *);
	/* Bytes of files, and of streams that no protocol claims; after the
	 * facts of their message.  NULL: nobody looks, and it costs nothing. */
	void (*content)(void *ctx, const struct content *, struct talk *);
};

struct flow_counts {
	uint64_t packets, payload_bytes;
	uint64_t flows, evicted,
	    expired; /* flows begun, pushed out, timed out */
	uint64_t fragments, datagrams, fragments_lost, fragments_conflicting;
	uint64_t retransmitted, conflicting, reordered, keep_alives;
	uint64_t gaps, gap_bytes, buffers_full, resyncs;
	uint64_t duplicates; /* PRP, HSR */
	uint64_t odd_ports; /* flows whose port is usual for another protocol */
	uint64_t no_flow; /* packets without a usable header */
};

struct flows;

/* NULL when memory is out.  proto_init() must have been called. */
struct flows *flow_new(const struct flow_config *,
    const struct flow_listener *);
void flow_free(struct flows *);

/* `p` is used up: a datagram completed by it is decoded in its place.  Returns
 * the flow it counted in, until the next call; NULL: none. */
const struct talk *flow_packet(struct flows *, struct packet *p);
/* No packet came: time passes all the same. */
void flow_clock(struct flows *, struct tick now);
/* Somebody set the clock by so many nanoseconds: flows were as long ago. */
void flow_clock_set(struct flows *, int64_t by);
/* Tell listener.sofar of all flows that went on; of those whose protocol is
 * not known, only when they are a minute old. */
void flow_tell(struct flows *);
/* Every flow that goes on: what it counted since its last tally. */
void flow_each(const struct flows *, void (*)(void *ctx, const struct talk *),
    void *ctx);
/* End of input: hand out what waits, end all flows. */
void flow_finish(struct flows *);

const struct flow_counts *flow_counts(const struct flows *);
/* n_protos rows. */
/* What was inferred of flows that nobody claims: guess.h. */
struct guesses;
const struct guesses *flow_guesses(const struct flows *);
const struct ledger *flow_ledger(const struct flows *); /* of all ports */
#define FLOW_PORTS 16u
const struct ledger *flow_ledger_of(const struct flows *, unsigned port);

#endif
