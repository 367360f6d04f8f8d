/*
 * asset.h - who is who while packets pass.
 *
 * The inventory says at the end what each device is; detection cannot wait so
 * long.  An asset is the same thing seen from the fast path: a small number
 * that stands for a device, found by its address in one lookup, that stays
 * the same when DHCP moves the device to another address.
 *
 * An address exists as an asset after it was confirmed: it answered, or it
 * both sent and received, or it spoke in more than one window.  Until then it
 * is ASSET_NONE: a million spoofed sources are no assets.  Addresses of the
 * Internet share one asset per /24 (IPv6 /48) and port-less role; multicast
 * and broadcast addresses have one each.
 *
 * Capped; what does not fit is counted.  One thread.
 */
#ifndef ASSET_ASSET_H
#define ASSET_ASSET_H

#include <stdbool.h>
#include <stdint.h>

#include "../model/fact.h"
#include "../model/talk.h"

#define ASSET_NONE 0u

enum asset_flag {
	ASSET_AUTHORIZED = 1, /* people, or learning, say it belongs here */
	ASSET_IMPORTANT = 2,
	ASSET_SCANNER = 4, /* may scan */
	ASSET_PROGRAMMING = 8, /* may program controllers */
	ASSET_OT = 16, /* speaks an industrial protocol */
	ASSET_CONTROLLER = 32, /* serves an industrial protocol */
	ASSET_SAFETY = 64, /* a safety controller */
	ASSET_INTERNET = 128, /* outside */
	ASSET_GROUP = 256, /* multicast, broadcast */
	ASSET_ROUTER = 512, /* many addresses stand behind it */
	ASSET_LATE = 1024, /* first seen after learning ended */
	ASSET_CHANGED = 2048, /* flags or times to be saved */
	ASSET_BY_MAC = 4096, /* its MAC address leads to it */
	ASSET_PLAYED = 8192, /* met in what was played back only */
};

struct asset {
	uint32_t id; /* from 1; never used for another, also in later runs */
	uint32_t flags;
	struct addr addr; /* the IP address last used, if any; and the MAC */
	uint16_t vlan; /* TALK_NO_VLAN */
	uint8_t role; /* enum role, as far as known now */
	uint8_t ttl; /* usual time to live, 0 not known */
	struct tick first, last;
	struct tick learns_until; /* a late one's own learning; 0: none */
};

#define ASSETS_MAX 65536u /* unless set otherwise */

struct assets;

struct assets *assets_new(uint32_t max);
void assets_free(struct assets *);

/*
 * The asset at an address, ASSET_NONE while it is not confirmed.  Addresses
 * within `talk` should come through assets_of_talk(), which remembers.
 */
uint32_t asset_of(struct assets *, const struct addr *, uint16_t vlan);
void assets_of_talk(struct assets *, const struct talk *, uint32_t *ret_client,
    uint32_t *ret_server);
/* NULL for ASSET_NONE. Valid until assets_free(). */
struct asset *asset_at(const struct assets *, uint32_t id);
uint32_t assets_count(const struct assets *); /* ids 1 .. count */
uint64_t assets_left_out(const struct assets *);

/* A fact of the flow may come soon: what it will need is fetched. */
void assets_ahead(const struct assets *, const struct talk *);

/* As a flow listener: confirms, and learns what a fact says about whom. */
void assets_fact(struct assets *, const struct fact *, const struct talk *);
void assets_begin(struct assets *, const struct talk *);
void assets_tally(struct assets *, const struct talk *);

/* Called once for each new asset, in the call that confirms it. */
void assets_on_new(struct assets *, void (*)(void *ctx, struct asset *),
    void *ctx);
/* From an earlier run, before anything else; ids ascending. */
bool assets_restore(struct assets *, const struct asset *);

/* ------------------------------------------------------------- networks */

/*
 * What people said about addresses.  Without a word from anybody private
 * addresses are inside and OT, others are the Internet.
 */
struct network {
	struct ip ip;
	uint8_t bits; /* length of the prefix */
	bool inside; /* public-looking but ours, or ours anyway */
	bool ot;
	bool dhcp; /* devices move: follow the MAC */
	char name[64];
};
bool assets_network(struct assets *, const struct network *);
void assets_no_networks(struct assets *); /* they are told anew */
bool asset_is_internet(const struct assets *, const struct ip *);
bool asset_is_ot_net(const struct assets *, const struct ip *);

#endif
