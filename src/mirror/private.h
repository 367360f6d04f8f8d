/* private.h - shared by the files of mirror/ only: a point and its counts. */
#ifndef MIRROR_PRIVATE_H
#define MIRROR_PRIVATE_H

#include <string.h>

#include "../base/hash.h"
#include "mirror.h"

/* What is counted at each point; verdicts look at the last few minutes of
 * it. */
enum count {
	COUNT_PACKETS,
	COUNT_BYTES,
	COUNT_UNICAST,
	COUNT_MULTICAST,
	COUNT_BROADCAST,
	COUNT_ARP,
	COUNT_PROCESS, /* of layer 2, to groups by their nature */
	COUNT_TAGGED,
	COUNT_TWICE_TAGGED,
	COUNT_MIRRORED, /* ERSPAN taken off */
	COUNT_SPLIT_TUNNEL, /* fragments of a tunnel's packets */
	COUNT_CUT,
	COUNT_OVERLONG, /* promise more than the frame holds */
	COUNT_BAD_FCS,
	COUNT_RUNT,
	COUNT_BAD_SUM,
	COUNT_COPIES, /* of the following four */
	COUNT_COPIES_GROUP, /* of multicasts and broadcasts */
	COUNT_COPIES_PORT, /* seen at another port */
	COUNT_COPIES_ROUTED, /* on another side of a router */
	COUNT_COPIES_TAG, /* once with and once without its tag */
	COUNT_BACKWARD, /* dated clearly before the one before */
	COUNT_TCP,
	COUNT_TCP_DATA,
	COUNT_EARLY_ACK, /* confirmed before it was seen */
	COUNT_TALKS, /* pairs that spoke TCP, in each minute */
	COUNT_ONE_WAY, /* of them: one end only */
	COUNT_ONLY_CLIENT,
	COUNT_MESSAGES,
	COUNT_INDUSTRIAL,
	COUNT_HOLES, /* in TCP streams */
	COUNT_NUMBERED, /* messages with a number of their own */
	COUNT_MISSING, /* numbers that never came */
	COUNT_TUNNEL, /* packets of a numbered tunnel */
	COUNT_TUNNEL_MISSING,
	COUNT_TUNNEL_ORDER, /* that came late after all */
	COUNT_KERNEL, /* by mirror_link: */
	COUNT_NIC,
	COUNT_SENT,
	COUNT_OURS,
	COUNTS
};

#define WINDOW (60 * TICK_SECOND)
#define WINDOWS 5u /* a verdict looks at so many, and what came since */
#define PROTOS 256u
#define SUBNETS 32u

enum point_kind {
	POINT_NONE,
	POINT_PORT,
	POINT_ERSPAN,
	POINT_RSPAN,
};

/* An IPv4 /24 of which hosts asked for each other: local to this wire. */
struct subnet {
	uint8_t net[3];
	uint8_t host[2]; /* two that asked */
	uint8_t n_hosts; /* up to 2 */
	bool is_part; /* of a larger network: asks outside its /24, too */
};

struct point {
	uint8_t kind; /* enum point_kind */
	uint8_t port;
	uint8_t type; /* of ERSPAN */
	bool known; /* a session that was expected */
	uint16_t session, vlan;
	struct ip from;
	uint64_t count[COUNTS];
	uint64_t before[WINDOWS][COUNTS];
	uint32_t n_before;
	struct tick first, last, window, window_first[WINDOWS];
	int64_t second; /* being added up: when it began */
	uint64_t second_bytes, peak_bytes, peak_before;
	uint32_t sequence;
	bool has_sequence;
	int64_t skew_sum;
	uint32_t n_skew;
	uint32_t tag; /* of all frames, so far: TAG_NONE, TAG_MANY */
	uint64_t vlans[4096 / 64];
	uint64_t protos[PROTOS / 64];
	struct subnet subnet[SUBNETS];
	uint32_t n_subnet;
};

#define TAG_NONE UINT32_MAX
#define TAG_MANY (UINT32_MAX - 1)

/* Who sends to whom; those of whom MAC addresses are only known by them. */
static inline uint64_t
mac_word(const struct mac *m)
{
	uint32_t low;
	uint16_t high;

	memcpy(&low, m->b, 4);
	memcpy(&high, m->b + 4, 2);
	return (uint64_t)high << 32 | low;
}

static inline uint64_t
ip_word(const struct ip *ip)
{
	uint64_t low, high;
	uint32_t v4;

	/* no wider than it was just written, which would be waited for */
	memcpy(&v4, ip->b, 4);
	if (ip->len == 4)
		return v4;
	memcpy(&low, ip->b, 8);
	memcpy(&high, ip->b + 8, 8);
	return hash_mix(low, high);
}

static inline uint64_t
ends_hash(const struct packet *p)
{
	return p->src_ip.len > 0
	    ? hash_mix(ip_word(&p->src_ip), ip_word(&p->dst_ip))
	    : hash_mix(mac_word(&p->src_mac), mac_word(&p->dst_mac));
}

/* copies.c */
#define COPIES_SLOTS 8192u
struct copies;
struct copies *copies_new(void);
void copies_free(struct copies *);
enum copy {
	COPY_NOT,
	COPY_SAME,
	COPY_PORT,
	COPY_ROUTED,
	COPY_TAG,
};
/* The frame's place among the last ones, fetched; 0: it has none. */
uint64_t copies_hash(const struct copies *, const struct packet *);
/* *ret_drop: the mirror is known to double, so this one does not count. */
enum copy copies_seen(struct copies *, const struct packet *, uint64_t hash,
    unsigned point, bool *ret_drop);

/* pairs.c: ends that speak TCP */
struct pairs;
struct pairs *pairs_new(void);
void pairs_free(struct pairs *);
/* The place of its ends, fetched for the point; 0: it is not TCP. */
uint64_t pairs_hash(const struct pairs *, const struct packet *,
    unsigned point);
/* Of one that has a place. */
void pairs_packet(struct pairs *, struct point *, unsigned point,
    const struct packet *, uint64_t hash);
/* Count and forget what the last window saw of a point. */
void pairs_sweep(struct pairs *, struct point *points, unsigned point);
/* The same without forgetting, into count[]. */
void pairs_look(const struct pairs *, unsigned point,
    uint64_t count[static COUNTS]);

/* order.c: numbers that protocols count */
struct orders;
struct orders *orders_new(void);
void orders_free(struct orders *);
/* The packet will come: its number's place is fetched. */
void orders_ahead(const struct orders *, const struct packet *);
void orders_packet(struct orders *, struct point *, const struct packet *);
/* The first fact of a message. */
void orders_fact(struct orders *, struct point *, const struct fact *,
    const struct talk *);
/* The next number of a sequence; how many are missing before it. */
void orders_tunnel(struct point *, uint32_t sequence);

struct mirrors {
	struct point point[MIRROR_POINTS];
	unsigned n; /* points used; the first MIRROR_PORTS are the ports */
	struct mirror_port_config config[MIRROR_PORTS];
	struct mirror_link link[MIRROR_PORTS];
	struct copies *copies;
	struct pairs *pairs;
	struct orders *orders;
	struct tick now;
	struct point *here[2]; /* points of the packet at hand */
	unsigned n_here;
	uint64_t ours;
};

#endif
