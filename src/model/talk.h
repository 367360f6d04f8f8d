/*
 * talk.h - who talks with whom: the part of a flow that the stages after it
 * may see.  Lives as long as the flow; listeners copy what they keep.
 */
#ifndef MODEL_TALK_H
#define MODEL_TALK_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/tick.h"
#include "addr.h"

/* How a message travels: what stands directly below it. */
enum via {
	VIA_NONE,
	VIA_TCP,
	VIA_UDP,
	VIA_SCTP,
	VIA_IP, /* service: IP protocol number */
	VIA_ETHER, /* service: ethertype */
	VIA_LLC, /* service: DSAP */
	VIA_SNAP, /* service: OUI << 16 | protocol identifier, low 32 bits */
	VIA_SERIAL, /* service: link type */
	VIA_COUNT
};
const char *via_name(enum via); /* "tcp", "ether" ... */

#define TALK_NO_VLAN UINT16_MAX

struct talk {
	/* what every packet counts in: one cache line */
	struct tick last;
	uint64_t bytes[2]; /* [0] client to server; on the wire */
	uint32_t packets[2];
	uint8_t ttl[2]; /* of the first IP packet each way, 0 none */
	uint8_t via; /* enum via */
	uint8_t proto; /* index into protos[]; PROTO_UNKNOWN until known */
	bool sure; /* direction known, not guessed */
	bool odd_port : 1; /* the port is usual for another protocol */
	bool routed : 1; /* a packet carried its route (RFC 5095) */
	uint16_t vlan; /* outermost 802.1Q identifier, or TALK_NO_VLAN */
	uint32_t flow; /* id of the flow; never used twice in a row */
	uint32_t note; /* the listener's own: 0 at birth and when client or
			* server change */
	uint16_t client_port, server_port;
	uint32_t service; /* by via; 0 for TCP, UDP, SCTP */
	struct tick first;
	/* the rest */
	struct addr client, server;
	/* of packets and bytes: what flow_tell() has told already */
	uint64_t told_bytes[2];
	uint32_t told_packets[2];
	uint32_t session; /* of the mirror (ERSPAN), 0 none */
	/* of TCP, since the connection began: segments that were sent before
	 * what the same end had already said; such that it cannot have sent;
	 * holes that were not filled */
	uint32_t replayed, strange, gaps;
};

#endif
