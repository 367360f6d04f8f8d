/*
 * packet.h - one frame as it was captured, and what decoding made of it.
 *
 * Both are views: valid until the next capture_next(); spans point into the
 * capture's buffer.
 */
#ifndef MODEL_PACKET_H
#define MODEL_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/span.h"
#include "../base/tick.h"
#include "addr.h"
#include "talk.h"

struct frame {
	struct tick at;
	struct span bytes; /* captured */
	uint32_t wire_len; /* bytes on the wire */
	uint32_t number; /* in its file, from 1 */
	uint16_t file; /* index of the input */
	uint16_t link; /* LINKTYPE_ number */
	uint8_t
	    fcs_len; /* bytes of frame check sequence at the end, if known */
	uint8_t direction; /* as captured: 0 unknown, 1 in, 2 out */
	uint16_t port; /* where it was captured: of a sensor its monitoring
			* port, of files the interface */
	uint32_t interface; /* index within its file */
};

enum note_bit {
#define NOTE(sym, name, damage, what) NOTE_BIT_##sym,
#include "notes.def"
#undef NOTE
	NOTE_COUNT
};
enum note {
#define NOTE(sym, name, damage, what) NOTE_##sym = 1 << NOTE_BIT_##sym,
#include "notes.def"
#undef NOTE
};

/* How the traffic came to us, taken off before it is looked at. */
enum encap {
#define ENCAP(sym, name) ENCAP_##sym,
#include "encaps.def"
#undef ENCAP
	ENCAP_COUNT
};

#define PACKET_VLANS 4

/* A mirror session's own header (ERSPAN I, II, III). */
struct mirror {
	uint8_t type; /* 0 none, 1, 2, 3 */
	uint8_t direction; /* type III: 0 ingress, 1 egress; else 0 */
	uint16_t session; /* 10 bits; type I has none: 0 */
	uint16_t vlan; /* VLAN of the mirrored port */
	uint32_t port; /* type II: index; type III: platform port or 0 */
	uint32_t sequence; /* of the GRE header */
	bool has_sequence;
	uint64_t time; /* type III: raw time stamp, granularity below */
	uint8_t granularity;
	struct ip from, to; /* ends of the tunnel */
};

/*
 * What is hot stands first.  What does not apply is zero.
 */
struct packet {
	const struct frame *frame;
	struct tick at;
	uint32_t notes; /* NOTE_... */
	uint32_t encaps; /* 1 << ENCAP_...: what was taken off */

	struct span payload; /* captured */
	uint32_t payload_wire; /* bytes promised by the headers */
	uint32_t payload_sum; /* of TCP and UDP: ones' complement sum of the
			       * captured payload in 32 bits, in the machine's
			       * byte order: a cheap fingerprint */

	/* what stands directly below the payload: TCP, UDP, IP protocol,
	 * ethertype, LLC SAP ...; VIA_NONE when nothing usable was found */
	uint32_t service; /* see enum via */
	uint8_t via;

	/* link; an end that the link layer does not name is zero.  None for
	 * IP inside an IP tunnel: the addresses below belong to others. */
	bool has_mac;
	struct mac src_mac, dst_mac;
	uint8_t n_vlan; /* tags kept, outermost first */
	uint8_t vlan_pcp[PACKET_VLANS]; /* priorities */
	uint16_t vlan[PACKET_VLANS]; /* identifiers (12 bits) */

	/* network; ip.len is 0 for traffic that is not IP */
	struct ip src_ip, dst_ip;
	uint8_t ttl;
	uint8_t ip_proto;
	uint16_t ip_id; /* IPv4: of the datagram */
	uint16_t src_port, dst_port;

	/* TCP */
	uint16_t window;
	uint8_t tcp_flags; /* CWR ECE URG ACK PSH RST SYN FIN, bit 7 to 0 */
	uint32_t seq, ack;

	/* fragment of an IP datagram: nothing above is known yet but ip_proto;
	 * `payload` is the fragment */
	struct {
		uint32_t id;
		uint32_t off; /* bytes */
		bool more;
		bool is;
		bool detour; /* IPv6: on its way to another stop */
	} frag;

	uint32_t tunnel; /* identifies the tunnel for the flow key, the same in
			  * both directions; 0 none.  A mirror is none. */

	/* redundancy: PRP trailer or HSR tag */
	struct {
		uint16_t seq;
		uint8_t lan; /* PRP: 0xa, 0xb; HSR: path identifier */
		bool is;
	} red;

	struct mirror mirror;
	struct ip tunnel_src, tunnel_dst; /* ends of the innermost tunnel */
};

#define TCP_FIN 0x01u
#define TCP_SYN 0x02u
#define TCP_RST 0x04u
#define TCP_PSH 0x08u
#define TCP_ACK 0x10u

/* Sent to a multicast or broadcast address. */
static inline bool
packet_to_group(const struct packet *p)
{
	return (p->has_mac && mac_is_group(&p->dst_mac)) ||
	    ip_is_group(&p->dst_ip);
}

const char *note_name(enum note_bit);
const char *encap_name(enum encap);

#endif
