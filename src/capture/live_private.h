/*
 * live_private.h - shared by the live_*.c of this folder: the page between
 * supervisor and engine, what is written into a block of the ring beside the
 * kernel's own, and questions to the kernel about interfaces.
 */
#ifndef CAPTURE_LIVE_PRIVATE_H
#define CAPTURE_LIVE_PRIVATE_H

#include <stdatomic.h>

#include "live.h"

struct board {
	struct board_row {
		atomic_uint version; /* odd while it is written */
		atomic_bool carrier;
		struct live_status status;
	} row[LIVE_PORTS_MAX];
};

void board_put(struct live_board *, unsigned port, const struct live_status *);
const struct board *board_map(int fd); /* NULL with errno */
bool board_get(const struct board *, unsigned port, struct live_status *ret);

/*
 * The private area of a block (tp_sizeof_priv).  It outlives the engine: who
 * attaches next learns how far the last one had come.
 */
struct block_note {
	uint32_t begun, done; /* frames handed out; of them finished */
	uint32_t deaths; /* processes that died with the last of them */
	uint32_t zero;
};

/* An interface, as the kernel describes it. */
struct link {
	int index; /* 0: there is none */
	char name[LIVE_NAME_MAX];
	unsigned flags; /* IFF_... */
	uint32_t mtu;
	uint32_t promiscuity;
	bool carrier;
	bool no_ipv6; /* makes itself no address */
	bool no_exit; /* what is to leave by it is thrown away */
	uint64_t rx_packets, rx_bytes, tx_packets;
	uint64_t missed, damaged, dropped;
};

/* Either by index or, where that is 0, by name.  False when there is none. */
bool link_find(int netlink, int index, const char *name, struct link *ret);
/* Addresses people gave it: ret_text is the first of them. */
bool link_has_address(int netlink, int index, const struct ip *but,
    char ret_text[static 64]);
bool link_add_address(int netlink, int index, const struct ip *,
    uint8_t prefix);
void link_drop_address(int netlink, int index, const struct ip *,
    uint8_t prefix);
/* Set flags of `mask` to those of `flags`. */
bool link_set(int netlink, int index, unsigned flags, unsigned mask);
/* The kernel makes itself no IPv6 address on it, and says nothing. */
bool link_no_ipv6(int netlink, const struct link *);
bool link_shut(int netlink, int index, bool shut); /* see no_exit */
int link_netlink(void); /* -1 with errno */

/* live_card.c: of the card; `fd` is any socket. */
void card_describe(int fd, struct live_status *);
/* Frames one by one as they came, no pause frames; what cannot be set stays. */
bool card_prepare(int fd, const char *name, bool damaged); /* with FCS? */
/* A command of ethtool; false: the card cannot. */
bool card_ask(int fd, const char *name, void *command);
/* How many strings of a set (ETH_SS_FEATURES ...) there are, at most `most`. */
uint32_t card_count(int fd, const char *name, uint32_t set, uint32_t most);
/* live_drops.c: its counters of frames that were not handed over, as it counts
 * them since it was made. */
uint32_t card_drops(int fd, const char *name,
    struct live_card ret[static LIVE_CARD_MAX]);
bool card_passes_fcs(int fd, const char *name);
bool card_stamps(int fd, const char *name); /* switch its time stamps on */

#endif
