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
	/* Of flow_fetch(): facts may follow; what is kept of the flow can be
	 * fetched (step 0), then what that leads to.  NULL: nobody does. */
	void (*ahead)(void *ctx, const struct talk *, bool from_server,
	    unsigned step);
	/* A fact; `talk` is the flow it belongs to. */
	void (*fact)(void *ctx, const struct fact *, struct talk *);
	/* A flow ends, or changes its proto or direction: what it counted
	 * since the last call is in talk->packets and bytes, cleared after. */
	void (*tally)(void *ctx, struct talk *);
	/* A flow goes on: what it counted so far, of which told_... was told
	 * before.  By flow_tell() only; NULL: nobody asks. */
	void (*sofar)(void *ctx, struct talk *);
	/* talk's replayed, strange or gaps grew, or its packet carried its
	 * route.  NULL: nobody asks. */
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

/*
 * Ends in the order of their bytes, so that both directions have one key.
 * Ends are IP addresses and ports, or MAC addresses.  No padding: compared
 * and hashed as bytes.
 */
struct flow_key {
	uint8_t end[2][16];
	uint16_t port[2];
	uint32_t service;
	uint32_t session; /* of the mirror */
	uint32_t tunnel;
	uint16_t vlan, inner_vlan;
	uint8_t via;
	uint8_t kind; /* 4, 6: IP; 2: MAC */
	uint16_t zero;
};
_Static_assert(sizeof(struct flow_key) == 56, "no padding");

/* Where a packet's flow stands in the table. */
struct flow_place {
	struct flow_key key;
	uint32_t hash;
	uint32_t flow; /* number in the table plus one; 0: it is new */
	uint8_t side; /* of the key, on which the sender stands */
	bool made; /* false: the packet has none, or not yet */
	bool speaks; /* there are bytes for its protocol */
};

/* NULL when memory is out.  proto_init() must have been called. */
struct flows *flow_new(const struct flow_config *,
    const struct flow_listener *);
void flow_free(struct flows *);

/* `p` is used up: a datagram completed by it is decoded in its place.  Returns
 * the flow it counted in, until the next call; NULL: none. */
const struct talk *flow_packet(struct flows *, struct packet *p);
/*
 * The same for several packets in hand: flow_place() for each, then
 * flow_fetch() with step 0 for each, with step 1 and so on, so that what a
 * step looks at was fetched into the cache by the one before; then
 * flow_placed().  Only that changes anything, in the order of the packets,
 * which stay as they are until then.
 */
#define FLOW_STEPS 4u
void flow_place(const struct flows *, const struct packet *,
    struct flow_place *ret);
void flow_fetch(const struct flows *, struct flow_place *, unsigned step);
const struct talk *flow_placed(struct flows *, struct packet *,
    struct flow_place *);
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
