/* private.h - shared by the files of inventory/ only. */
#ifndef INVENTORY_PRIVATE_H
#define INVENTORY_PRIVATE_H

#include "inventory.h"

#define NONE UINT32_MAX
#define NODE_MACS 4
#define NODE_LIVES 4 /* MACs that one IP address may move between */
#define NODE_TIES 16
#define NODE_PEERS 4
#define NODE_ALIKE 8 /* evidence of one trait and source */
#define NODE_PARTS 32 /* parts that a device says it has */
#define NODE_FOLDED 256 /* evidence of all addresses of a device */
#define NODE_OUTSIDE 8 /* evidence of an address outside */
#define DOUBT_MINUTES 64u
#define CACHE 4096u /* direct-mapped, for what is said again and again */

/* A source MAC that an IP address was seen with. */
struct link {
	struct mac mac;
	bool used;
	bool bound; /* ARP, ND or DHCP says they belong together */
	bool direct; /* of its packets, some have not crossed a router */
	bool crossed; /* and some have */
	uint32_t frames;
};

/*
 * An address: IP within a VLAN, or MAC.  An IP address that moves to another
 * MAC (a new lease, a stand-by that takes over) becomes a new node: the old
 * one keeps its history.
 */
struct node {
	struct ip ip; /* len 0: a MAC node */
	struct mac mac;
	uint16_t vlan;
	bool sent; /* sent traffic, or is bound by one that did */
	bool heard; /* somebody is in conversation with it */
	bool internet; /* public, and not a local MAC's */
	bool owned; /* after settling: joined to its MAC */
	bool programs; /* changes programs or firmware of others */
	bool stranger; /* sent a packet or two that nobody answered */
	uint8_t n_peer;
	struct link link[NODE_MACS];
	uint32_t peer[NODE_PEERS]; /* industrial servers it asks, of many */
	uint32_t behind4, behind6; /* MAC: distinct addresses seen behind it */
	uint32_t routed4,
	    routed6; /* MAC: of those, how many crossed a router */
	uint32_t direct; /* MAC: of those, how many have not */
	uint32_t bound4; /* MAC: IPv4 addresses bound to it */
	uint32_t said; /* evidence, index + 1 */
	uint32_t units; /* units that answer, index + 1 */
	uint32_t ties; /* addresses that it says are its own, index + 1 */
	uint32_t older; /* IP: the node it was before it moved, index + 1 */
	uint8_t as_client[PROTO_MAX / 8], as_server[PROTO_MAX / 8];
	struct tick first, last;
	uint64_t packets, bytes;
	uint32_t claim; /* settling: device that says it is its own + 1 */
	uint32_t group; /* settling: of a root, as people say; 0: none */
	uint32_t root; /* after settling: representative of its device */
	uint32_t next; /* after settling: next node of the same device + 1 */
};

struct said {
	struct evidence e;
	uint32_t next;
};

struct tie {
	uint32_t to, next;
};

struct unit {
	uint32_t unit, next;
	uint8_t proto;
};

struct inventory {
	bool asking; /* by us */
	uint32_t max, n;
	uint32_t said_max, n_said, unit_max, n_unit, tie_max, n_tie;
	uint64_t left_out;
	struct { /* a flood of invented senders makes no devices: node.c */
		bool asks; /* what is looked at now: nobody answered it */
		uint32_t now; /* its minute, of these */
		struct minute {
			int64_t minute;
			uint32_t n; /* strangers */
			bool flood;
		} minute[DOUBT_MINUTES];
	} doubt;
	struct node *node;
	struct said *said;
	struct unit *unit;
	struct tie *tie;
	uint32_t *slot; /* index + 1 */
	uint32_t slot_mask;
	uint32_t *device; /* root nodes in order */
	uint32_t n_device;
	uint64_t n_internet;
	bool settled; /* nodes are no longer as they were seen */
	struct grouped *grouped; /* what people say; ascending by group */
	uint32_t n_grouped;
	const char *oui;
	struct vendors *vendors; /* the registry in memory, or NULL */
	bool borrows; /* the vendors and groups are another's */
	struct inventory *settled_copy; /* or NULL */
	struct {
		uint32_t flow, said; /* said: index + 1 */
		uint8_t about;
		bool way;
	} cache[CACHE];
	struct {
		uint32_t flow, unit;
		uint8_t proto;
	} unit_seen[CACHE];
	struct {
		uint32_t flow;
		uint8_t proto;
	} inner_seen[CACHE];
};

/* node.c: NULL for groups, zero addresses, and when full */
/* The IP address: the life of it that belongs to the MAC, if there are
 * several and `mac` is not NULL; else the latest. */
struct node *node_of_ip(struct inventory *, const struct ip *, uint16_t vlan,
    const struct mac *mac);
struct node *node_of_mac(struct inventory *, const struct mac *);
/* The device end: by IP address where there is one, else by MAC. */
struct node *node_of(struct inventory *, const struct addr *, uint16_t vlan);
struct node *node_find_mac(const struct inventory *, const struct mac *);
/* The node that such an address means: an IP address with a MAC is that MAC's
 * life of it, or one that is bound to none; NULL: not seen. */
struct node *node_find(const struct inventory *, const struct device_addr *);
/* The IP address was seen with this MAC. */
struct link *node_link(struct inventory *, struct node *, const struct mac *);
/* What is looked at next comes from this flow: nodes that it makes are
 * doubted where nobody answered it. */
void node_doubt(struct inventory *, const struct talk *, struct tick);
/* It was in an exchange, or there is no flood: it is there. */
bool node_sends(const struct inventory *, struct node *);
/* From now on the IP address is this MAC's. */
struct node *node_bind(struct inventory *, const struct ip *, uint16_t vlan,
    const struct mac *);
/* `of` says that `own` is one of its addresses, too. */
void node_tie(struct inventory *, struct node *of, struct node *own);
void node_peer(struct inventory *, struct node *, const struct node *server);
void node_seen(struct node *, struct tick first, struct tick last);
/* Of the lives of its address the one that is found. */
bool node_is_latest(const struct inventory *, const struct node *);
/* The next node, from an earlier run; there is room. */
struct node *node_restore(struct inventory *, const struct addr *,
    uint16_t vlan, bool latest);

/* evidence.c: index + 1 of the evidence, 0 when full */
uint32_t evidence_add(struct inventory *, struct node *,
    const struct evidence *);
/* What was said of `n` moves to another node of the same device. */
void evidence_fold(struct inventory *, struct node *into, struct node *n);
/* Whether something of the kind is known already. */
bool evidence_has(const struct inventory *, const struct node *, enum trait,
    enum source);
void unit_add(struct inventory *, struct node *, uint8_t proto, uint32_t unit);

/* join.c: which nodes are one device */
void join_nodes(struct inventory *);

/* role.c: what we conclude ourselves, as evidence */
void role_guess(struct inventory *, uint32_t root);

uint32_t role_rank(enum role); /* of two guesses, the lower one wins */

/* vendor.c: vendors by MAC prefix, as evidence */
void vendor_guess(struct inventory *);
void vendors_free(struct inventory *);

#endif
