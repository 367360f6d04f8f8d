/* private.h - shared by the files of asset/ only. */
#ifndef ASSET_PRIVATE_H
#define ASSET_PRIVATE_H

#include "../proto/proto.h"
#include "asset.h"

#define GUESSES 65536u
#define HOPS 16384u
#define MEMOS 65536u
#define NETWORKS 256u
#define NAME_OUTSIDE 0x80u
#define PACKETS_TO_BELIEVE 3u

struct name_key { /* no padding */
	uint8_t b[16];
	uint8_t len; /* of an IP address, perhaps NAME_OUTSIDE; 0 a MAC */
	uint8_t zero[3];
};

struct name {
	struct name_key key;
	uint32_t asset; /* 0: free */
};

struct guess { /* an address not believed yet */
	uint32_t tag, packets;
};

struct hop { /* a MAC that sent from public addresses */
	struct mac mac;
	uint8_t used; /* 1: from `ip` only, 2: from several */
	struct ip ip;
};

struct memo { /* assets of a flow */
	uint32_t flow, id[2];
	uint16_t turn; /* client's port: changes when the flow is turned */
	uint16_t said; /* 1 << server's fact: the flags are set */
};

struct assets {
	uint32_t max, n, slots, names;
	uint64_t left_out;
	struct asset *asset; /* [0] unused */
	struct name *name;
	struct guess *guess;
	struct hop *hop;
	struct memo *memo;
	void (*on_new)(void *, struct asset *);
	void *on_new_ctx;
	uint32_t n_networks;
	bool any_dhcp;
	struct network network[NETWORKS];
};

/* ------------------------------------------------------------- names, name.c
 */

struct name_key name_ip(const struct ip *, bool outside);
struct name_key name_mac(const struct mac *);
/* The name that stands for an address, sent with such a time to live. */
struct name_key name_of(struct assets *, const struct addr *, uint8_t ttl);
/* The asset of that name; 0: none. */
uint32_t name_find(const struct assets *, const struct name_key *);
void name_bind(struct assets *, const struct name_key *, uint32_t asset);

#endif
