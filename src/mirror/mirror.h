/*
 * mirror.h - is the mirror any good?
 *
 * What a sensor does not see it cannot judge, and most sensors that miss
 * something stand at a mirror that is half right.  So each capture point (a
 * port, an ERSPAN session, an RSPAN VLAN) is measured all the time, and what is
 * wrong is said with its cause and what to change (findings.def, makes.def).
 *
 *	frame ─▶ decode ─▶ mirror_packet ─▶ flow ─▶ mirror_fact
 *	                       └ a copy of a frame seen before: goes no further
 *
 * Time is the packet's; for a silent link mirror_clock() brings it.  All memory
 * is reserved at birth.
 */
#ifndef MIRROR_MIRROR_H
#define MIRROR_MIRROR_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/out.h"
#include "../model/fact.h"
#include "../model/packet.h"
#include "../model/talk.h"

#define MIRROR_PORTS 16u /* more are counted with the last */
#define MIRROR_POINTS 64u
#define MIRROR_SESSIONS 32u
#define MIRROR_NAME 48

/* How traffic comes to a port, as people say; the words of port.def. */
enum mirror_kind {
	MIRROR_SPAN,
	MIRROR_RSPAN,
	MIRROR_ERSPAN,
	MIRROR_TAP,
	MIRROR_TAP_RX,
	MIRROR_TAP_TX,
	MIRROR_ESXI,
	MIRROR_HYPER_V,
	MIRROR_ANY, /* nobody said */
};

struct mirror_port_config {
	char name[MIRROR_NAME]; /* "": the port has no name */
	uint8_t kind; /* enum mirror_kind */
	uint16_t rspan_vlan; /* 0: none */
	uint32_t n_session; /* ERSPAN; 0: any session is welcome */
	struct {
		uint16_t id;
		char name[MIRROR_NAME];
	} session[MIRROR_SESSIONS];
};

/* What only the capturing system knows of a port (capture/live.h). */
struct mirror_link {
	bool live; /* false: from a file, nothing of this is known */
	bool up; /* there, switched on, with a link */
	bool full_duplex, may_send;
	char driver[32];
	uint32_t mbit; /* 0 unknown */
	uint64_t kernel_dropped, nic_missed, nic_damaged, sent;
	uint64_t late; /* frames of other ports were older */
};

struct mirrors;

struct mirrors *mirror_new(void); /* NULL: out of memory */
void mirror_free(struct mirrors *);
void mirror_port(struct mirrors *, unsigned port,
    const struct mirror_port_config *);
void mirror_link(struct mirrors *, unsigned port, const struct mirror_link *);

/* What is known of a packet before it is its turn. */
struct mirror_place {
	uint64_t copy, pair; /* hashes; 0: it is not looked for */
	bool rspan; /* it came in a known RSPAN VLAN */
};
/* Takes the tag of a known RSPAN VLAN off, and fetches what comes next. */
void mirror_ahead(const struct mirrors *, struct packet *,
    struct mirror_place *ret);
/* False: the mirror has sent it before, it must not count again. */
bool mirror_packet(struct mirrors *, const struct packet *,
    const struct mirror_place *);
/* What came of the packet: facts, and holes that became certain by it. */
void mirror_fact(struct mirrors *, const struct fact *, const struct talk *);
void mirror_holes(struct mirrors *, uint64_t holes);
/* Lost by the sensor itself: flows, bytes there was no room for; a total. */
void mirror_ours(struct mirrors *, uint64_t lost);
void mirror_clock(struct mirrors *, struct tick now);
/* Somebody set the clock: what was before lies as long ago as it did. */
void mirror_clock_set(struct mirrors *, int64_t by_ns);

/* ---------------------------------------------------------------- verdict */

enum mirror_grade {
	MIRROR_GOOD,
	MIRROR_NOTE, /* something to know, nothing to mend */
	MIRROR_WARNING,
	MIRROR_BAD,
};
const char *mirror_grade_name(enum mirror_grade);

enum finding_id {
#define FINDING(sym, name, grade, words, cause, advice) FINDING_##sym,
#include "findings.def"
#undef FINDING
	FINDING_COUNT
};

struct mirror_finding {
	enum finding_id id;
	char figure[96]; /* "34.2 % of the frames" */
};

struct finding_row {
	const char *name;
	enum mirror_grade grade;
	const char *words; /* what is so */
	const char *cause, *advice;
};
extern const struct finding_row finding_rows[FINDING_COUNT];

#define MIRROR_TEXT 256
const char *mirror_finding_text(const struct mirror_finding *,
    char dst[static MIRROR_TEXT]);

/* What to change on the makes people have; NULL ends. */
struct make_advice {
	enum finding_id id;
	const char *make, *change;
};
extern const struct make_advice make_advices[];
extern const uint32_t n_make_advices;

#define MIRROR_FINDINGS 16u
#define MIRROR_LIST 12u

struct mirror_verdict {
	unsigned port;
	bool is_session; /* part of a port: ERSPAN or RSPAN */
	uint16_t id; /* of the session, or the RSPAN VLAN */
	char name[96]; /* "port 0", "ERSPAN II session 7 of 10.0.0.1" */
	char how[32]; /* "span", "erspan-2" */
	bool live, up;
	uint64_t packets, bytes; /* in all */
	double packets_second, bits_second; /* over the time looked at */
	double utilisation; /* of the link, in its busiest second; 0 unknown */
	/* shares, 0 to 1, of what was looked at (live: five minutes) */
	double unicast, multicast, broadcast, arp, copies, one_way, tagged, cut,
	    damaged, industrial;
	uint64_t conversations; /* of TCP, that one_way is a share of */
	/* lost, and where: packets as far as sequence numbers tell */
	uint64_t lost_before, lost_tunnel, lost_nic, lost_kernel, lost_ours;
	uint64_t numbered; /* messages by which lost_before was told */
	double skew_us; /* between two halves of a TAP; 0 unknown */
	uint32_t n_vlans, n_subnets;
	uint16_t vlan[MIRROR_LIST];
	struct ip subnet[MIRROR_LIST]; /* /24 of IPv4 */
	uint32_t n_protos;
	uint8_t proto[MIRROR_LIST]; /* industrial, of protos[] */
	enum mirror_grade grade;
	uint32_t n_findings;
	struct mirror_finding finding[MIRROR_FINDINGS]; /* worst first */
};

unsigned mirror_points(const struct mirrors *);
/* False: nothing is known of that point, as it is a port without packets. */
bool mirror_verdict(struct mirrors *, unsigned point,
    struct mirror_verdict *ret);
/* Of a live port: whether it has been silent, for how long. */
bool mirror_is_silent(const struct mirrors *, unsigned port, int64_t *ret_ns);

/* The verdict as one JSON object: `mirror` of the contract. */
void mirror_json(struct out *, const struct mirror_verdict *);

#endif
