/* private.h - shared by the files of inventory/ only. */
#ifndef INVENTORY_PRIVATE_H
#define INVENTORY_PRIVATE_H

#include "inventory.h"

#define NONE UINT32_MAX
#define NODE_MACS 4
#define CACHE 4096u /* direct-mapped, for what is said again and again */

/* A source MAC that an IP address was seen with. */
struct link {
	struct mac mac;
	bool used;
	bool bound; /* ARP, ND or DHCP says they belong together */
	uint32_t frames;
};

/* An address: IP within a VLAN, or MAC. */
struct node {
	struct ip ip; /* len 0: a MAC node */
	struct mac mac;
	uint16_t vlan;
	bool sent; /* sent traffic, or is bound by one that did */
	bool heard; /* somebody is in conversation with it */
	bool internet; /* public, and not bound to a local MAC */
	bool direct; /* its packets have not crossed a router */
	bool programs; /* changes programs or firmware of others */
	struct link link[NODE_MACS];
	uint32_t behind4, behind6; /* MAC: distinct addresses seen behind it */
	uint32_t bound4; /* MAC: IPv4 addresses bound to it */
	uint32_t routed; /* MAC: of those behind it, how many are not direct */
	uint32_t said; /* evidence, index + 1 */
	uint32_t units; /* units that answer, index + 1 */
	uint8_t as_client[PROTO_MAX / 8], as_server[PROTO_MAX / 8];
	struct tick first, last;
	uint64_t packets, bytes;
	uint32_t root; /* after settling: representative of its device */
	uint32_t next; /* after settling: next node of the same device + 1 */
};

struct said {
	struct evidence e;
	uint32_t next;
};

struct unit {
	uint32_t unit, next;
	uint8_t proto;
};

struct inventory {
	uint32_t max, n;
	uint32_t said_max, n_said, unit_max, n_unit;
	uint64_t left_out;
	struct node *node;
	struct said *said;
	struct unit *unit;
	uint32_t *slot; /* index + 1 */
	uint32_t slot_mask;
	uint32_t *device; /* root nodes in order */
	uint32_t n_device;
	uint64_t n_internet;
	const char *oui;
	struct {
		uint32_t flow, said; /* said: index + 1 */
		uint8_t proto, trait;
		bool way;
	} cache[CACHE];
	struct {
		uint32_t flow, unit;
		uint8_t proto;
	} unit_seen[CACHE];
};

/* node.c */
struct node *node_of_ip(struct inventory *, const struct ip *, uint16_t vlan);
struct node *node_of_mac(struct inventory *, const struct mac *);
/* The device end: by IP address where there is one, else by MAC; NULL for
 * groups, zero addresses, and when full. */
struct node *node_of(struct inventory *, const struct addr *, uint16_t vlan);
struct node *node_find_mac(const struct inventory *, const struct mac *);
void node_link(struct inventory *, struct node *ip_node, const struct mac *,
    bool bound);
void node_seen(struct node *, struct tick first, struct tick last);

/* evidence.c: index + 1 of the evidence, 0 when full */
uint32_t evidence_add(struct inventory *, struct node *,
    const struct evidence *);
void unit_add(struct inventory *, struct node *, uint8_t proto, uint32_t unit);

/* join.c: which nodes are one device */
void join_nodes(struct inventory *);

/* role.c: what we conclude ourselves, as evidence */
void role_guess(struct inventory *, uint32_t root);

/* vendor.c: vendors by MAC prefix, as evidence */
void vendor_guess(struct inventory *);

#endif
