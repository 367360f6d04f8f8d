/*
 * active.h - asking devices, within a safety budget.
 *
 * The only code that sends to the plant (docs/decisions/active.md).  Methods
 * are rows of methods.def; a plan says what would be asked; the governor says
 * whether and when; a probe does it.  Requests only read.
 *
 * Method, plan and governor have no socket and no clock.  One thread.
 */
#ifndef ACTIVE_ACTIVE_H
#define ACTIVE_ACTIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/rd.h"
#include "../base/tick.h"
#include "../base/wr.h"
#include "../model/addr.h"
#include "../model/talk.h"
#include "usm.h"

/* ------------------------------------------------------------------ methods */

#define ACTIVE_REQUEST_MAX 1024u
#define ACTIVE_ANSWER_MAX 65536u
#define ACTIVE_MEMO 160u

/* What an Admin may say of a method, besides whom to ask. */
struct active_options {
	uint16_t port; /* 0: the method's own */
	uint16_t station; /* Modbus unit identifier, DNP3 address ...: 1 */
	char community[64]; /* SNMP */
	char user[33]; /* SNMPv3; "": version 2c, with the community */
	enum usm_hash hash;
	char auth[128], priv[128]; /* passwords of the user */
	struct ip server; /* of methods that ask one about the targets */
};

/* One conversation with one device, as far as it has come. */
struct inquiry {
	struct ip target; /* who is asked, or asked about */
	bool by_stream; /* an answer was cut: once more, by TCP */
	struct active_options options;
	uint32_t step; /* requests made so far */
	uint32_t number[4]; /* session handles and the like, from answers */
	uint8_t memo[ACTIVE_MEMO]; /* the next object of a table */
	uint32_t n_memo;
	struct usm usm; /* SNMPv3 */
	/* what the last answer said where it was encrypted, as a message that
	 * is not; n_plain 0: it was not */
	uint8_t plain[USM_PDU + 64];
	uint32_t n_plain;
	bool denied; /* it does not know us */
};

struct active_method {
	const char *name; /* "modbus-identity" */
	const char *title;
	const char *proto; /* whose messages the answers are; NULL: none */
	uint8_t via; /* VIA_TCP, VIA_UDP; VIA_IP: ICMP; VIA_ETHER: layer 2 */
	uint16_t port;
	uint32_t requests; /* of one device, at most */
	const char *standard; /* clause */
	const char *caution; /* what is known to go wrong */
	/* The next request; false: there is none, the conversation ends. */
	bool (*ask)(struct inquiry *, struct wr *);
	/* An answer, one whole message; false: not what may follow, the
	 * conversation ends and nothing is kept of this answer.  NULL: any. */
	bool (*heard)(struct inquiry *, struct span answer);
	/* Bytes of the answer that begins here, 0: not known yet, UINT32_MAX:
	 * cannot be one.  NULL: a datagram is one. */
	uint32_t (*whole)(struct span);
	bool of_server; /* options.server is asked about the target */
};

extern const struct active_method active_methods[];
extern const unsigned active_method_count;
const struct active_method *active_method_find(const char *name);
const char *active_method_name(uint32_t i); /* NULL: no more */

/* --------------------------------------------------------------------- plan */

#define ACTIVE_RANGES 64u
#define ACTIVE_TARGETS 4096u /* addresses of a grant, at most */

struct active_range {
	struct ip first, last; /* of one family */
};

struct active_limits { /* can be set lower, not higher */
	int64_t device_gap; /* ns between two requests of one device */
	int64_t subnet_gap; /* ... of one /24 or /64 */
	int64_t gap; /* ... of all */
	int64_t timeout; /* ns until a request counts as not answered */
};
#define ACTIVE_LIMITS                                           \
	((struct active_limits){ .device_gap = 2 * TICK_SECOND, \
	    .subnet_gap = TICK_SECOND / 2,                      \
	    .gap = TICK_SECOND / 5,                             \
	    .timeout = 3 * TICK_SECOND })

/* Servers that many ask, such as those of names, bear more. */
#define ACTIVE_SERVER_LIMITS                                    \
	((struct active_limits){ .device_gap = TICK_SECOND / 5, \
	    .subnet_gap = TICK_SECOND / 5,                      \
	    .gap = TICK_SECOND / 5,                             \
	    .timeout = 3 * TICK_SECOND })

struct active_plan {
	const struct active_method *method; /* NULL: addresses alone count */
	struct active_options options;
	struct active_limits limits;
	uint32_t n_range;
	struct active_range range[ACTIVE_RANGES];
	uint64_t addresses, requests;
	int64_t shortest; /* ns, at the limits, when everybody answers */
};

/* "10.1.2.0/24", "10.1.2.3-10.1.2.9" or one address; false when it is none. */
bool active_range_read(const char *text, struct active_range *ret);
/*
 * Takes a range in.  Ranges that overlap count once.  False, with a sentence,
 * when there are too many addresses (and how many there would be), or it is
 * no address to be asked (multicast, broadcast).
 */
bool active_plan_add(struct active_plan *, const struct active_range *,
    char *ret_error, size_t cap);
/* Ranges as an Admin writes them, spaces between, and sums and duration with
 * them; false, with a sentence, at the first that is none or is too large. */
bool active_plan_read(struct active_plan *, const char *ranges, char *ret_error,
    size_t cap);
/* Sums and duration. */
void active_plan_finish(struct active_plan *);
/* Whether an address lies in one of the ranges. */
bool active_plan_holds(const struct active_plan *, const struct ip *);
/* The i-th address; false after the last. */
bool active_plan_target(const struct active_plan *, uint64_t i, struct ip *ret);

/* ----------------------------------------------------------------- governor */

enum governor_why { /* why not now */
	GOVERNOR_GO,
	GOVERNOR_OUTSTANDING, /* its answer is awaited */
	GOVERNOR_TOO_SOON, /* a pause lies between two requests */
	GOVERNOR_BUSY, /* its own traffic: not a quiet moment */
	GOVERNOR_LEFT_ALONE, /* it answered late, badly or not at all */
	GOVERNOR_MARKED, /* fragile, or a safety controller */
	GOVERNOR_STOPPED, /* everybody is */
	GOVERNOR_FULL, /* more devices than there is room for */
	GOVERNOR_WHY_COUNT
};
const char *governor_why_text(enum governor_why);

/* What the passive side knows of a device; zero where it knows nothing. */
struct device_pulse {
	bool marked; /* must not be asked */
	int64_t usual, recent; /* ns from question to answer of its polls */
	int64_t noise; /* ns by which these differ by chance */
	struct tick last; /* of its own traffic */
	int64_t quiet; /* ns its own traffic usually leaves between */
};

struct governor;

/*
 * Rates above those of `least` (ACTIVE_LIMITS, or ACTIVE_SERVER_LIMITS where
 * servers are asked) are brought down to them.  Knows of its own questions
 * only: of a test.
 */
struct governor *governor_new(const struct active_limits *,
    const struct active_limits *least);
/*
 * The same, with what is known of each device in DIR/active.ledger, in common
 * with all processes that ask: who was asked by one that ended before the
 * answer is left alone.  Where that file is new, nobody is asked before
 * whatever was asked without it is answered or given up.  `kind`: how fast a
 * device answers is compared among questions of the same kind.  NULL with a
 * sentence.  A process that forks opens it anew.
 */
struct governor *governor_open(const char *dir, const struct active_limits *,
    const struct active_limits *least, uint8_t kind, struct tick now,
    char *ret_error, size_t cap);
enum { /* kinds */
	GOVERNOR_DEVICES,
	GOVERNOR_SERVERS,
	GOVERNOR_WINDOWS
};
void governor_free(struct governor *);

/*
 * May it be asked now?  GOVERNOR_GO, or why not and from when on it is worth
 * asking again (INT64_MAX: not in this run).  A yes counts as sent: the caller
 * does so at once, says when, and what came of it.
 */
enum governor_why governor_may(struct governor *, const struct ip *,
    const struct device_pulse *, struct tick now, struct tick *ret_when);
void governor_sent(struct governor *, const struct ip *, struct tick now);
/* The answer came: whether it may go on with this device. */
bool governor_answered(struct governor *, const struct ip *, struct tick now);
/* The same where the time it took says nothing: its questions are not alike. */
void governor_over(struct governor *, const struct ip *, struct tick now);
/* It refused, closed, sent garbage, or did not answer: leave it alone. */
void governor_failed(struct governor *, const struct ip *, struct tick now);
/* The kill switch, another scanner, an alert: nobody is asked until
 * governor_go_on(). */
void governor_stop(struct governor *, const char *why);
const char *governor_stopped(const struct governor *); /* NULL: it is not */
void governor_go_on(struct governor *);
/* Devices that it left alone so far: for ten minutes each. */
uint32_t governor_left_alone(const struct governor *);

/* -------------------------------------------------------------------- frames
 */

#define ACTIVE_FRAME_MAX 65535u

/* One conversation as frames of raw IP (LINKTYPE_RAW), as a capture would
 * show it. */
struct trace {
	struct ip local, remote;
	uint16_t local_port, remote_port;
	uint8_t via;
	uint32_t seq, ack; /* TCP */
	uint8_t bytes[ACTIVE_FRAME_MAX];
};

/* A frame with these bytes, in t->bytes; `sent`: from us.  Length 0: too
 * long.  For TCP `flags` are those of the segment. */
struct span trace_frame(struct trace *, bool sent, uint8_t flags, struct span);

/* -------------------------------------------------------------------- probe */

enum probe_end { /* how asking a device ended */
	PROBE_ANSWERED, /* all there was to ask */
	PROBE_REFUSED, /* nobody listens there, or it hung up */
	PROBE_SILENT, /* no answer in time */
	PROBE_ODD, /* an answer that may not follow: left alone */
	PROBE_DENIED, /* user, password or right: asked once, not again */
	PROBE_SLOW, /* it answers slower than before: left alone */
	PROBE_ALONE, /* not asked: a while ago it was slow, odd or silent */
	PROBE_MARKED, /* not asked: it must not be */
	PROBE_NOT_ASKED, /* stopped before its turn */
	PROBE_END_COUNT
};
const char *probe_end_text(enum probe_end);
/* Whether a text of these says that somebody was asked. */
bool probe_text_asked(const char *);

struct probe_listener {
	void *ctx;
	/* What the passive side knows; NULL: nothing. */
	void (*pulse)(void *ctx, const struct ip *, struct device_pulse *ret);
	/* A frame that was sent to the target or received from it,
	 * LINKTYPE_RAW; valid during the call.  `passed` false: it did not
	 * pass like this: what an encrypted one said. */
	void (*frame)(void *ctx, const struct ip *target, struct tick,
	    struct span, bool passed);
	void (*ended)(void *ctx, const struct ip *, enum probe_end,
	    uint32_t answers);
	/*
	 * A socket that is being connected to whom the method asks about the
	 * target (by VIA_TCP where a stream is needed), or -1.  NULL: the
	 * probe opens it.  *ret_raw: it is a raw one, of ICMP.
	 */
	int (*dial)(void *ctx, const struct ip *target, uint8_t via,
	    bool *ret_raw);
	/* Asked every fiftieth of a second: a sentence stops everything at
	 * once; NULL: go on.  May be NULL itself. */
	const char *(*stop)(void *ctx);
};

struct probe_counts {
	uint64_t sent, answers; /* requests, answers */
	uint32_t ended[PROBE_END_COUNT]; /* devices */
};

/*
 * Ask everybody of the plan, each once, as the governor allows.  `interface`
 * is the one to leave by, or NULL.  Returns when all are through or it was
 * stopped; false, with a sentence, when there is no socket at all.
 */
bool probe_run(const struct active_plan *, struct governor *,
    const char *interface, const struct probe_listener *,
    struct probe_counts *ret, char *ret_error, size_t cap);

#endif
