/* private.h - shared by the files of flow/ only. */
#ifndef FLOW_PRIVATE_H
#define FLOW_PRIVATE_H

#include "../base/bufs.h"
#include "../decode/decode.h"
#include "../proto/join.h"
#include "flow.h"

#define NOBODY UINT32_MAX /* no flow */
#define STAGE_MAX 2048 /* facts one message may make */

/* A segment that came before its turn, sorted by sequence number. */
struct segment {
	struct segment *next;
	struct tick at;
	uint32_t seq, len, wire;
	uint32_t frame;
	uint16_t file;
	uint8_t bytes[];
};

#define SENT_KEPT                                                   \
	2 /* segments remembered, to tell a harmless retransmission \
	   * from one with other content */

/*
 * One direction of a flow: TCP's view, and the message being put together.
 * One cache line.
 */
struct half {
	uint32_t next; /* sequence number expected */
	uint32_t skip; /* bytes of the message to pass before it is whole */
	struct segment *early; /* came before their turn */
	uint8_t *held; /* start of a message whose end is still to come */
	uint32_t n_held, room;
	uint32_t promised; /* its length; 0 while frame() cannot tell */
	uint32_t sent_seq[SENT_KEPT];
	uint16_t sent_len[SENT_KEPT], sent_sum[SENT_KEPT]; /* 0: not known */
	uint8_t n_early;
	uint8_t tries; /* attempts at identification with its data */
	uint8_t unseen; /* enum unseen, or since when: tcp.c */
	bool sent_last : 1; /* which of the two was remembered last */
	bool begun : 1; /* `next` is valid */
	bool fin : 1;
	bool lost_sync : 1; /* a gap: find the next message */
	bool good : 1; /* a good message was seen */
	bool deliver : 1; /* hand over `held` when skip is used up */
	bool confirms : 1; /* `confirmed` is valid */
	uint32_t confirmed; /* highest acknowledgement number sent */
	uint32_t confirmed_at; /* sequence number it was first sent with */
};
_Static_assert(sizeof(struct half) == 64, "a cache line");

enum known {
	KNOWN_NOT, /* no protocol yet */
	KNOWN_MAYBE, /* a candidate whose first message is incomplete */
	KNOWN_WEAK, /* off its port: silent until a good message each way */
	KNOWN_SURE,
	KNOWN_NEVER, /* gave up: counted only */
};

/* In the order in which packets touch it. */
struct flow {
	_Alignas(64) struct flow_key key;
	uint8_t client_side;
	uint8_t known; /* enum known */
	uint8_t owner; /* the protocol that is given the messages; talk.proto
			* may be one it carries */
	uint8_t rejected; /* a protocol that turned out wrong */
	uint8_t n_early; /* segments that wait, of both halves */
	uint8_t list; /* enum list */
	bool used, closed;
	struct half half[2]; /* by side of the key */
	struct talk talk;
	void *state; /* the protocol's, or NULL */
	struct pending *pending;
	struct tick touched; /* when it was moved to the head of the list */
	struct tick valued; /* when its values were told last */
	uint32_t next, prev; /* in its list, newest first */
};
/* Idle ones are many: what a flow takes is what a sensor can watch. */
_Static_assert(sizeof(struct flow) == 384, "six cache lines");

/* Where the bytes being handed over came from. */
struct origin {
	struct tick at;
	uint32_t frame;
	uint16_t file;
	bool duplicate;
	bool group;
};

/* Flows by how long they may idle. */
enum list {
	LIST_LONG, /* TCP and layer 2 */
	LIST_SHORT, /* datagrams, and TCP that has ended */
	LIST_COUNT
};

struct frags;
struct dups;
struct guesses;

struct flows {
	struct flow_config config;
	struct flow_listener listener;
	struct flow_counts counts;
	struct ledger *ledger; /* of the port the packet came by */
	struct ledger of_port[FLOW_PORTS][PROTO_MAX];
	struct ledger *all; /* their sum, when asked for */
	struct ledger trial[PROTO_MAX]; /* of what is not believed */
	struct flow *flow; /* flows_max of them */
	uint32_t n_fresh; /* never used from here on */
	uint32_t n_used;
	struct tick expired; /* when idle flows were last looked for */
	uint32_t idle; /* first of the free ones, linked by `next` */
	struct slot {
		uint32_t hash, index;
	} * slot; /* open addressing; index is plus one, 0 is empty */
	uint32_t slot_mask;
	uint32_t head[LIST_COUNT], tail[LIST_COUNT];
	uint32_t next_id;
	bool fresh; /* the flow found last was begun for it */
	struct bufs *bufs;
	struct joins *joins;
	struct frags *frags;
	struct dups *dups;
	struct guesses *guesses;
	struct dissect d;
	bool disorder; /* while a packet is handled: to be told */
	uint64_t blank[PROTO_STATE_MAX / 8]; /* state of a flow without one:
					      * zero, nobody writes it */
	struct origin origin;
	struct fact stage[STAGE_MAX];
};

/* table.c */
bool table_init(struct flows *);
void table_fini(struct flows *);
/* The packet's flow, begun if need be. */
struct flow *table_find(struct flows *, const struct packet *,
    const struct flow_place *);
void table_end(struct flows *, struct flow *);
void table_relist(struct flows *, struct flow *, enum list);
void table_expire(struct flows *, struct tick now);
void table_end_all(struct flows *);
void table_each(struct flows *, void (*)(struct flows *, struct flow *));

/* talk.c */
void talk_begin(struct flows *, struct flow *, const struct packet *,
    unsigned side);
/* The other end is the client after all. */
void talk_turn(struct flow *);
void talk_tally(struct flows *, struct flow *);
void talk_tell(struct flows *, struct flow *);

/* tcp.c */
void tcp_packet(struct flows *, struct flow *, unsigned side,
    const struct packet *);
/* Hand out what still waits, with its gaps. */
void tcp_flush(struct flows *, struct flow *);

/* stream.c: ordered bytes of one direction */
void stream_bytes(struct flows *, struct flow *, unsigned side, struct span s,
    uint32_t wire);
void stream_gap(struct flows *, struct flow *, unsigned side, uint32_t n);
/* Forget what is held. */
void stream_end(struct flows *, struct flow *, unsigned side);
void stream_datagram(struct flows *, struct flow *, unsigned side,
    struct span s, uint32_t wire);
uint32_t stream_datagram_len(uint32_t n, struct span s, uint32_t wire);

/* message.c */
void message_run(struct flows *, struct flow *, unsigned side, struct span s,
    uint32_t promised);
enum rd_status message_try(struct flows *, struct flow *, unsigned side,
    const struct proto *, struct span s, uint32_t promised);
void message_preview(struct flows *, struct flow *, unsigned side,
    struct span s, uint32_t promised);
void message_context(struct flows *, struct flow *, unsigned side);
/* Give the flow to a protocol, certain or not yet. */
bool message_adopt(struct flows *, struct flow *, const struct proto *,
    enum known);
void message_believe(struct flows *, struct flow *);
void message_reject(struct flows *, struct flow *);
void message_drop(struct flows *, struct flow *);
/* A message of a flow nobody claims, of which the operation was inferred. */
void message_inferred(struct flows *, struct flow *, unsigned side,
    uint32_t op);

/* identify.c */
void identify(struct flows *, struct flow *, unsigned side, struct span s,
    uint32_t wire);

/* frag.c */
struct frags *frags_new(struct bufs *, struct flow_counts *);
void frags_free(struct frags *);
/* True when the datagram is whole: `p` then holds it. */
bool frags_packet(struct frags *, struct packet *p, bool last_copy);

/* dup.c */
struct dups *dups_new(void);
void dups_free(struct dups *);
bool dups_seen(struct dups *, const struct packet *);

#endif
