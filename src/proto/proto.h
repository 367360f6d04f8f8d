/*
 * proto.h - what a protocol is.
 *
 * A protocol is one file that defines one `const struct proto`, one line in
 * protos.def and one fixture.  frame() finds where the next message ends;
 * parse() is handed exactly one message.  Buffering, reassembly, gaps,
 * resynchronising, truncation, malformed input and identification are the
 * engine's business.  See docs/add-a-protocol.md.
 *
 * A dissector is hermetic: it reads through struct rd, says what it learned
 * through the dissect_*() calls below, and touches nothing else: no clock, no
 * allocation, no input or output, no variable that outlives the call but
 * `dissect.state`.  Thread: the flow's worker.
 */
#ifndef PROTO_PROTO_H
#define PROTO_PROTO_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/rd.h"
#include "../model/content.h"
#include "../model/fact.h"
#include "../model/talk.h"

struct dissect;
struct joins;

/* What frame() answers besides a length (which counts from the start of the
 * span, header included, and may exceed it). */
#define FRAME_NEED_MORE 0u /* cannot tell yet */
#define FRAME_NOT_MINE UINT32_MAX /* cannot be a message of this protocol */

/* How sure the first bytes make us that a flow is of this protocol. */
enum claim {
	CLAIM_NO,
	CLAIM_WEAK, /* could be: believed on its own port, elsewhere after a
		     * good message each way */
	CLAIM_STRONG, /* nothing else looks like this */
};

enum way {
	WAY_UNKNOWN,
	WAY_REQUEST, /* sent by a client */
	WAY_RESPONSE, /* sent by a server */
};

struct proto_op { /* one row per function code the protocol defines */
	uint32_t code; /* rows are in ascending order of code; FACT_OP() */
	uint8_t kind; /* enum fact_kind of the request */
	uint8_t risk; /* enum risk of the request */
	const char *name; /* lower case, the standard's term */
};

struct proto_slot { /* filled in by proto_init(), constant afterwards */
	uint8_t id; /* index into protos[] */
	uint16_t index[256]; /* row + 1 of the op codes below 256 */
};
#define PROTO_SLOT (&(struct proto_slot){ .id = 0 })

#define PROTO_PORTS 12
#define PROTO_STATE_MAX 512

/* An error code, as a FACT_ERROR has it, and what the standard calls it. */
struct proto_code {
	uint32_t code;
	const char *name;
};

struct proto {
	const char *name; /* lower case with hyphens, as in the contract */
	const char *title;
	const char *spec; /* standard, edition, clause */
	const char *depth; /* one line for the table of protocols: how far it
			    * is understood */
	struct proto_slot *slot; /* = PROTO_SLOT */
	bool ot; /* industrial; else IT around it */
	bool carrier; /* conversations are named after what it carries */

	/* Where it is expected.  All zero: only inside another protocol. */
	uint16_t tcp[PROTO_PORTS], udp[PROTO_PORTS];
	uint32_t ether[4]; /* ethertypes */
	uint32_t llc[2]; /* DSAPs */
	uint32_t snap[4]; /* OUI << 16 | protocol identifier, low 32 bits */
	uint32_t ip[2]; /* IP protocol numbers */
	uint32_t serial[2]; /* link types (LINKTYPE_ numbers) */

	/* What the ends of a conversation are, where no better is known. */
	uint8_t client_role, server_role; /* enum role */

	/*
	 * First bytes of a flow: is it ours?  NULL: only on its own ports,
	 * decided by frame() and parse().
	 */
	enum claim (*claim)(struct span, const struct dissect *);
	/* Which end sent these bytes, if they tell.  NULL: they never do. */
	enum way (*way)(struct span);
	/*
	 * Length of the message at the start of the span.  Called with at
	 * least frame_min bytes.  NULL: a datagram is a message.
	 */
	uint32_t (*frame)(struct span, const struct dissect *);
	uint16_t frame_min;
	/*
	 * Bytes of one message that parse() wants to see; a longer message is
	 * handed over with have = this, left = its length.  0: 64 KiB.
	 */
	uint32_t message_max;
	void (*parse)(struct rd *, struct dissect *);

	const struct proto_op *op;
	uint32_t n_op;
	const struct proto_code *code; /* of errors; may be none */
	uint32_t n_code;
	uint32_t state_size; /* bytes per flow, zeroed at its birth; at most
			      * PROTO_STATE_MAX; rolled back with a message
			      * that turns out malformed */
};

#define PROTO_OPS(table) \
	.op = (table), .n_op = sizeof(table) / sizeof((table)[0])
#define PROTO_CODES(table) \
	.code = (table), .n_code = sizeof(table) / sizeof((table)[0])

/* ------------------------------------------------------------ the table */

#ifndef PROTOS_DEF
#define PROTOS_DEF "protos.def"
#endif
#define PROTO(sym) extern const struct proto proto_##sym;
#include PROTOS_DEF
#undef PROTO

#define PROTO_UNKNOWN 0 /* protos[0]: what nobody claims */
#define PROTO_MAX 200

/* The compiled ones first, then those that proto_add() was given. */
extern const struct proto *protos[PROTO_MAX];
extern uint32_t n_protos;

/* Fill in the slots; checks the tables (order, limits) and aborts on our own
 * mistakes.  Once, before anything else. */
void proto_init(void);
/*
 * One more, described in a file (src/describe): lives as long as the program.
 * After proto_init(), before anything that has a row for each.  False when
 * there is no room.
 */
bool proto_add(const struct proto *);
/* NULL when none is called so. */
const struct proto *proto_named(const char *name);
const struct proto_op *proto_op_find(const struct proto *, uint32_t code);
/* What the standard calls an error; NULL: no name. */
const char *proto_code_name(const struct proto *, uint32_t code);
/* The operation's name, or "0x2a" put into dst where there is none. */
const char *proto_op_name(const struct proto *, uint32_t code,
    char dst[static 16]);
/* Whether this port (host order) or service is usual for the protocol. */
bool proto_expects(const struct proto *, enum via, uint32_t number);

/* ---------------------------------------------------- what parse() may do */

/* A request waiting for its answer. */
struct ask {
	uint32_t pair;
	uint32_t op;
	uint32_t extra[2]; /* the dissector's own */
	struct fact_object at;
};

#define N_PENDING 16
#define N_STAGED_ASKS 8
#define N_STAGED_INNER 32
#define N_STAGED_CONTENT 64

struct pending { /* per flow: oldest overwritten */
	uint32_t used; /* bit per slot: few are, and those the lowest */
	uint32_t asked; /* beside `used`: both are touched by every question */
	struct {
		struct ask ask;
		uint32_t order; /* the higher, the later it was asked */
		uint8_t proto;
	} slot[N_PENDING];
};

struct ledger { /* per protocol: the visibility ledger */
	uint64_t bytes_seen, bytes_understood, bytes_skipped, bytes_encrypted,
	    bytes_lost;
	uint64_t messages, malformed, truncated, unknown;
	uint64_t unsolicited, unanswered;
	uint64_t facts_cut; /* facts that did not fit the staging area */
};

/* What a dissector sets and every fact emitted afterwards carries. */
struct dissect_context {
	uint32_t unit, pair, seq;
	bool has_unit, has_pair;
	bool response; /* starts as !to_server */
	uint8_t flags; /* FACT_CUT ... */
};

struct dissect_bytes {
	uint32_t seen, opaque, secret;
};

struct dissect {
	/* read by dissectors */
	const struct talk *talk; /* addresses and ports, both ends */
	bool to_server; /* the message travels from client to server */
	bool group; /* sent to a multicast or broadcast address */
	uint8_t via; /* enum via */
	void *state; /* this flow's state_size bytes */

	/* set by dissectors; restored after dissect_inner() */
	struct dissect_context ctx;

	/* the engine's; hands off */
	struct fact *fact; /* staged */
	uint32_t n, cap, n_cut;
	uint32_t wanted; /* FACT_MASK() of kinds somebody listens to */
	const struct proto *proto; /* who is emitting; of frame() and
				    * claim(): whose they are */
	const struct proto *deepest; /* who failed, or spoke last */
	struct ledger *ledger; /* one per protos[] */
	struct pending *pending; /* may be NULL: nothing to recall */
	struct joins *joins;
	uint32_t flow;
	struct tick now;
	struct {
		struct ask ask;
		uint8_t proto;
	} asks[N_STAGED_ASKS];
	uint32_t n_asks;
	uint16_t answered[N_STAGED_ASKS];
	uint32_t n_answered;
	struct {
		const struct proto *proto;
		struct dissect_bytes own;
		bool unknown;
	} inner[N_STAGED_INNER];
	uint32_t n_inner;
	struct dissect_bytes taken; /* by what lies inside the current one */
	uint8_t *note; /* who is at work is written there; NULL: nobody asks */
	const uint64_t *off; /* a bit a protocol: not to be parsed; or NULL */
	uint32_t n_unknown, n_unsolicited;
	uint32_t op; /* said last: what IDENT facts and faults carry */
	uint32_t depth;
	struct content content[N_STAGED_CONTENT];
	uint32_t n_content;
	bool wants_content; /* somebody looks into files */
	struct fact nobody; /* written to, never read: kinds nobody wants */
};

static inline bool
dissect_is_off(const struct dissect *d, uint32_t id)
{
	return d->off != NULL && (d->off[id / 64] >> (id % 64) & 1) != 0;
}

/*
 * Say something.  Never NULL: a kind nobody listens to lands in a scratch
 * fact whose kind is FACT_NONE (test that before work that costs).
 *
 * dissect_op() says an operation of the table: its kind and risk come from
 * the row; ACK when ctx.response is set; UNKNOWN when there is no row (pass
 * the rest by rd_opaque_rest() then).  Every message should say one.
 */
struct fact *dissect_op(struct dissect *, uint32_t op);
struct fact *dissect_emit(struct dissect *, enum fact_kind, uint32_t op);

/* The op refused: ERROR with the protocol's error code. */
struct fact *dissect_error(struct dissect *, uint32_t op, uint32_t code);

/* VALUE facts; the object is copied. */
void dissect_value_int(struct dissect *, uint32_t op, struct fact_object,
    int64_t);
void dissect_value_uint(struct dissect *, uint32_t op, struct fact_object,
    uint64_t);
void dissect_value_real(struct dissect *, uint32_t op, struct fact_object,
    double);
void dissect_value_bool(struct dissect *, uint32_t op, struct fact_object,
    bool);
/* With a name or text; returns the fact so that fact_text() can be added. */
struct fact *dissect_value(struct dissect *, uint32_t op, struct fact_object);

/* IDENT facts.  Empty text says nothing. */
void dissect_ident(struct dissect *, enum trait, struct span);
void dissect_identf(struct dissect *, enum trait, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void dissect_ident_role(struct dissect *, enum about, enum role);
/* About another device: whoever is at `addr`. */
void dissect_ident_of(struct dissect *, struct addr, enum trait, struct span);
/* About sender or receiver. */
struct fact *dissect_ident_about(struct dissect *, enum about, enum trait,
    struct span);

/*
 * Join a response to its request: staged with the message, at most
 * N_STAGED_ASKS a message.  dissect_recall() returns NULL, and marks the
 * facts that follow FACT_UNSOLICITED, when no request with that pair was
 * seen; the pointer is good until parse() returns.
 */
void dissect_remember(struct dissect *, struct ask);
const struct ask *dissect_recall(struct dissect *, uint32_t pair);

/*
 * Hand bytes to another protocol: its facts carry its name, its bytes its
 * ledger.  d->ctx is restored afterwards.
 * Messages nested deeper than 8 are passed as opaque.
 */
void dissect_inner(struct dissect *, const struct proto *, struct rd *);

/*
 * Put together what was sent in pieces (COTP, DNP3 transport, DCE/RPC ...).
 * `key` tells several such streams of one flow and direction apart.  Pieces
 * come in order; `first` drops what was there.  True when `last` is given and
 * all is there: *ret_whole is good until parse() returns.  Pieces without a
 * first, or beyond 256 KiB, are dropped and counted.
 */
bool dissect_join(struct dissect *, uint32_t key, bool first, bool last,
    struct span piece, struct span *ret_whole);

/*
 * Bytes of a file that passes in the message, for whoever looks into files:
 * `id` tells the files of a flow apart, `total` is the length of the whole
 * file, or 0.  Spans must lie in the message itself; `missing` bytes more
 * are promised behind them.  Nothing is copied, and where nobody looks
 * nothing is done.  At most N_STAGED_CONTENT a message.
 */
void dissect_content(struct dissect *, uint32_t id, uint64_t offset,
    uint64_t total, struct span bytes, uint32_t missing);
/* All that is left of the reader, without stepping over it. */
static inline void
dissect_content_ahead(struct dissect *d, uint32_t id, uint64_t offset,
    uint64_t total, const struct rd *r)
{
	dissect_content(d, id, offset, total, rd_ahead(r, rd_have(r)),
	    rd_left(r) - rd_have(r));
}
/* The name (path) of a file, and the host where one is given. */
void dissect_content_name(struct dissect *, uint32_t id, struct span name,
    struct span place);
/*
 * The number of a file is often told after its name: the request that names
 * it is `ask`, any number but 0; its answer says which file that is.
 */
void dissect_content_asked(struct dissect *, uint32_t ask, struct span name,
    bool wide);
void dissect_content_is(struct dissect *, uint32_t id, uint32_t ask,
    uint64_t total);
/* It was closed. */
void dissect_content_end(struct dissect *, uint32_t id);
/* Arguments of a remote call that are known to be abused. */
void dissect_content_call(struct dissect *, uint32_t opnum,
    const char *interface, struct span arguments);
/*
 * A login in clear, to be compared with those that devices are delivered
 * with: never kept, never shown.  Without a password `user` is base64 of
 * both.  `pair` is the request that its answer refers to.
 */
void dissect_content_login(struct dissect *, uint32_t pair, struct span user,
    struct span password);

/* Shorthand for the context above. */
static inline void
dissect_unit(struct dissect *d, uint32_t unit)
{
	d->ctx.unit = unit;
	d->ctx.has_unit = true;
}

static inline void
dissect_pair(struct dissect *d, uint32_t pair)
{
	d->ctx.pair = pair;
	d->ctx.has_pair = true;
}

/* ----------------------------------------------------- used by the engine */

/*
 * Run one whole message through a protocol.  `bytes` is what is in hand of
 * `promised`.  Facts are staged from d->n on: kept when the message is good
 * or merely truncated, replaced by one MALFORMED fact when it is not; the
 * ledger, the pending table and the flow's state follow the same rule.
 * `trial`: a message that is not good leaves no trace at all.
 */
enum rd_status proto_message(const struct proto *, struct span bytes,
    uint32_t promised, struct dissect *, bool trial);

#endif
