/*
 * live.h - frames from network interfaces, as they pass.
 *
 *	             supervisor                                engine
 *	interface ── socket, ring, promiscuous ──descriptor──▶ the ring, mapped
 *	    └─────── name, link, counters ─────────board─────▶ the same, read
 *
 * The supervisor needs CAP_NET_RAW and CAP_NET_ADMIN; the engine needs the
 * descriptors and mmap, poll and getsockopt.  The supervisor keeps its own
 * copy of each descriptor: so a ring outlives the engine (a new one goes on
 * where the old one was killed), and an interface that goes and comes back is
 * bound again without either of them being started anew.
 *
 * A port listens and never sends: no ARP, no IPv6, no address, no pause
 * frames, and a queue that throws away what anybody else would send.
 *
 * The ring is PACKET_MMAP's version 3 (linux: networking/packet_mmap.rst).
 */
#ifndef CAPTURE_LIVE_H
#define CAPTURE_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "../model/packet.h"

#define LIVE_PORTS_MAX 16u
#define LIVE_NAME_MAX 16 /* IFNAMSIZ */
#define LIVE_ERROR_MAX 192

struct live_config {
	char name[LIVE_NAME_MAX]; /* of the interface */
	uint32_t ring_bytes; /* 0: LIVE_RING */
	bool hardware_time; /* time stamps of the card, where it has them */
	bool damaged; /* ask the card for damaged frames, too */
	bool as_is; /* leave the interface's settings alone */
	/* an address where a tunnel (ERSPAN) ends; the port then answers ARP,
	 * and is silent about the tunnel.  len 0: none, as it should be */
	struct ip address;
	uint8_t prefix;
};

#define LIVE_RING (64u * 1024u * 1024u)
#define LIVE_RETIRE 10u /* ms: a block is handed over at the latest */

#define LIVE_CARD_MAX 6u
/* What is known of a port, by the supervisor; counted since it was opened. */
struct live_status {
	char name[LIVE_NAME_MAX]; /* as configured */
	char now[LIVE_NAME_MAX]; /* as it is called now; "": it is not there */
	char driver[32];
	char problem[LIVE_ERROR_MAX]; /* "" or why nothing can come */
	bool present, up, carrier, promiscuous, full_duplex;
	bool hardware_time; /* the card stamps */
	bool fcs; /* frames come with their check sequence */
	bool may_send; /* it has an address, and answers ARP for it */
	uint32_t mbit; /* speed of the link, 0 unknown */
	uint32_t mtu;
	uint32_t binds; /* how often it was found and bound */
	uint32_t block_bytes, blocks; /* of the ring; 0: no port here */
	uint64_t packets, bytes; /* by the interface's own count */
	uint64_t sent; /* frames that left by it: there should be none */
	uint64_t missed; /* the card had no room for them */
	uint64_t damaged; /* check sequence, length, alignment */
	/* rx_dropped: by the driver; but also what nobody but us wanted, as a
	 * tagged frame that reached us: no sign of loss by itself */
	uint64_t dropped;
	/* the card's own names for frames it did not hand over, and how many;
	 * mostly they are in `missed` and `dropped`, too */
	struct live_card {
		char name[24];
		uint64_t n;
	} card[LIVE_CARD_MAX];
	uint32_t n_card;
};

/* ----------------------------------------------------------- supervisor */

/*
 * A page that many processes read and one writes.  NULL with a sentence.
 * The descriptor is handed on; readers map it for reading.
 */
struct live_board;
struct live_board *live_board_new(char ret_error[static LIVE_ERROR_MAX]);
int live_board_fd(const struct live_board *);
void live_board_free(struct live_board *);

/*
 * A socket with a ring.  The interface need not exist yet.  NULL with a
 * sentence when not permitted or out of memory; what is wrong with the
 * interface itself stands in the status, and live_port_tend() tries again.
 */
struct live_port;
struct live_port *live_port_open(const struct live_config *,
    char ret_error[static LIVE_ERROR_MAX]);
void live_port_close(struct live_port *);
int live_port_fd(const struct live_port *);
/*
 * Look at the interface: bind it when it has come (back), follow it when it
 * was renamed, read its counters; write what is found on the board.  Once a
 * second, and whenever live_notices_read() says that something changed.
 * True when the port went, came, or changed its name or its link.
 */
bool live_port_tend(struct live_port *, struct live_board *, unsigned port);
/* Take the port off the board. */
void live_board_clear(struct live_board *, unsigned port);

/* Changes of interfaces: a descriptor to poll, -1 with errno. */
int live_notices_open(void);
bool live_notices_read(int fd); /* true: something changed */

/* --------------------------------------------------- engine and recorder */

struct live;

struct live *live_attach(int board_fd, char ret_error[static LIVE_ERROR_MAX]);
void live_detach(struct live *); /* NULL is fine; closes nothing */
/* Map the ring of a port the supervisor has put on the board.  What another
 * process had in its hands when it died is handed out again first. */
bool live_attach_port(struct live *, unsigned port, int fd,
    char ret_error[static LIVE_ERROR_MAX]);
void live_detach_port(struct live *, unsigned port);
/* Also come back from waiting when this descriptor can be read. */
void live_also(struct live *, int fd);

/*
 * The next frame of all ports, in order of time: a frame waits for frames of
 * other ports that may be older, twice LIVE_RETIRE at most.  It is valid until
 * the next call.  False when nothing came within timeout_ms (-1: for ever) or
 * the other descriptor has something.
 *
 * frame.port and .file are the port, .number counts in it from 1.
 */
bool live_next(struct live *, int timeout_ms, struct frame *ret);
/* How often a process died with the frame just handed out in its hands. */
uint32_t live_deaths(const struct live *);

struct live_counts {
	uint64_t packets, bytes; /* handed out; bytes on the wire */
	uint64_t dropped; /* by the kernel: the ring was full */
	uint64_t freezes; /* times it was full */
	uint64_t late; /* frames older than one handed out before */
	uint64_t resumed; /* frames handed out again, see above */
	uint64_t tags; /* VLAN tags put back that the card had taken off */
	uint32_t waiting; /* of 1000 parts of the ring, now: full blocks */
};
/* At least once a minute: the kernel counts in 32 bits. */
void live_counts(struct live *, unsigned port, struct live_counts *ret);
/* The supervisor's view; false: no such port. */
bool live_status(const struct live *, unsigned port, struct live_status *ret);

#endif
