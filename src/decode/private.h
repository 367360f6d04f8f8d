/*
 * private.h - what the files of this folder share: the walk over a frame.
 *
 * A walk stands at the next header.  As in base/rd.h two lengths bound it:
 * `left` is what the enclosing headers promise, `have` what was captured of
 * it, have <= left.  take() is the only way forward; where it answers NULL the
 * walk is over and the step returns.  A step takes one header off, says in
 * the packet what stands below, and names the step that goes on.
 *
 * Before a step reads anything, via and service already say what the bytes at
 * hand are; so wherever a walk ends, they are the payload of what is said.
 */
#ifndef DECODE_PRIVATE_H
#define DECODE_PRIVATE_H

#include "decode.h"

/* One row per header that can be taken off: symbol, function. */
#define LAYERS(X)                                                          \
	X(ETHER, ether) /* Ethernet frame, from the destination address */ \
	X(VLAN, vlan)                                                      \
	X(LLC, llc)                                                        \
	X(HSR, hsr)                                                        \
	X(MACSEC, macsec)                                                  \
	X(PPPOE, pppoe)                                                    \
	X(PPP, ppp)                                                        \
	X(BACKBONE, backbone)                                              \
	X(FABRIC, fabric)                                                  \
	X(TRUSTSEC, trustsec)                                              \
	X(MPLS, mpls)                                                      \
	X(LINUX, linux) /* cooked, version 1 */                            \
	X(LINUX2, linux2)                                                  \
	X(LOOPBACK, loopback)                                              \
	X(RAW, raw) /* IP of either version */                             \
	X(SERIAL_PPP, serial_ppp)                                          \
	X(HDLC, hdlc)                                                      \
	X(RELAY, relay)                                                    \
	X(ARCNET, arcnet)                                                  \
	X(ARCNET_LINUX, arcnet_linux)                                      \
	X(SLIP, slip)                                                      \
	X(ATM, atm)                                                        \
	X(CLIP, clip)                                                      \
	X(SUN_ATM, sun_atm)                                                \
	X(INFINIBAND, infiniband)                                          \
	X(NFLOG, nflog)                                                    \
	X(PKTAP, pktap)                                                    \
	X(IPNET, ipnet)                                                    \
	X(JUNIPER, juniper)                                                \
	X(DSA, dsa)                                                        \
	X(EDSA, edsa)                                                      \
	X(BROADCOM, broadcom)                                              \
	X(BROADCOM_FIRST, broadcom_first)                                  \
	X(WLAN, wlan)                                                      \
	X(RADIOTAP, radiotap)                                              \
	X(PPI, ppi)                                                        \
	X(PRISM, prism)                                                    \
	X(IP4, ip4)                                                        \
	X(IP6, ip6)                                                        \
	X(IP6_SKIP, ip6_skip) /* hop-by-hop, routing, destination */       \
	X(IP6_FRAGMENT, ip6_fragment)                                      \
	X(AUTH, auth)                                                      \
	X(ESP, esp)                                                        \
	X(IP_IN_IP, ip_in_ip)                                              \
	X(ETHER_IP, ether_ip)                                              \
	X(MPLS_IP, mpls_ip)                                                \
	X(TCP, tcp)                                                        \
	X(UDP, udp)                                                        \
	X(SCTP, sctp)                                                      \
	X(ICMP, icmp)                                                      \
	X(ICMP6, icmp6)                                                    \
	X(GRE, gre)                                                        \
	X(VXLAN_GPE, vxlan_gpe)                                            \
	X(VXLAN, vxlan)                                                    \
	X(GENEVE, geneve)                                                  \
	X(GTP, gtp)                                                        \
	X(TEREDO, teredo)                                                  \
	X(LISP, lisp)                                                      \
	X(CAPWAP, capwap)                                                  \
	X(NSH, nsh)                                                        \
	X(MPLS_UDP, mpls_udp)                                              \
	X(PIM, pim)                                                        \
	X(L2TP, l2tp)                                                      \
	X(L2TP_IP, l2tp_ip)

enum layer {
	LAYER_END, /* the rest is payload */
#define LAYER(sym, function) LAYER_##sym,
	LAYERS(LAYER)
#undef LAYER
	LAYER_COUNT
};

struct walk {
	const uint8_t *at;
	uint32_t have, left;
	struct packet *p;
	enum layer layer; /* next step */
	uint32_t depth;
	uint8_t fcs_len; /* of the frame at hand */
	bool bounded; /* a length field has narrowed `left` */
	bool trimmed; /* the mirror says it cut the frame off */
	bool padded; /* 802.11 header padded to four bytes */
	bool turned; /* the words of the 802.11 header are */
	bool detour; /* dst_ip is not where the datagram ends */
};

#define LAYER(sym, function) void step_##function(struct walk *);
LAYERS(LAYER)
#undef LAYER

/* ---------------------------------------------------------------- bytes */

static inline uint32_t
be16(const uint8_t *b)
{
	return (uint32_t)b[0] << 8 | b[1];
}

static inline uint32_t
be32(const uint8_t *b)
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	    (uint32_t)b[2] << 8 | b[3];
}

static inline uint32_t
le16(const uint8_t *b)
{
	return (uint32_t)b[1] << 8 | b[0];
}

static inline uint32_t
le32(const uint8_t *b)
{
	return (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 |
	    (uint32_t)b[1] << 8 | b[0];
}

/* Note why n bytes cannot be had, and end the walk. */
void walk_short(struct walk *, uint32_t n);

/* The next n bytes, stepped over; NULL ends the walk. */
static inline const uint8_t *
take(struct walk *w, uint32_t n)
{
	const uint8_t *at = w->at;

	if (n > w->have) {
		walk_short(w, n);
		return NULL;
	}
	w->at += n;
	w->have -= n;
	w->left -= n;
	return at;
}

/* The next n bytes without stepping over them; NULL when not in hand. */
static inline const uint8_t *
ahead(const struct walk *w, uint32_t n)
{
	return n <= w->have ? w->at : NULL;
}

/* Note a length that cannot be kept; true when the mirror explains it. */
bool walk_overlong(struct walk *, uint32_t n);

/* A length field says that n bytes follow. */
static inline void
limit(struct walk *w, uint32_t n)
{
	if (n > w->left && !walk_overlong(w, n))
		return;
	w->bounded = true;
	w->left = n;
	if (w->have > n)
		w->have = n;
}

/* All of it was captured. */
static inline bool
whole(const struct walk *w)
{
	return w->have == w->left;
}

/* ------------------------------------------------------------- going on */

/* End here, with one more thing to say. */
static inline void
stop(struct walk *w, uint32_t notes)
{
	w->p->notes |= notes;
	w->layer = LAYER_END;
}

void go_ethertype(struct walk *, uint32_t type);
void go_llc(struct walk *);
void go_protocol(struct walk *, uint32_t number); /* above IP */
void go_tunnel_port(struct walk *); /* above UDP */

/* Whether a link type has a first step. */
enum layer layer_of_link(uint16_t link);
/* A header of the capturing system has named the link type. */
void go_link(struct walk *, uint32_t link);

/* Check and take off the frame check sequence of the frame at hand. */
void take_fcs(struct walk *);

/*
 * Enter a tunnel: `id` tells tunnels of one kind apart and is the same in
 * both directions.  tunnel_between() tells them apart by their ends.
 */
void tunnel_enter(struct walk *, enum encap, uint32_t id);
void tunnel_between(struct walk *, enum encap);
/* What follows is a frame, or a datagram, of somebody else. */
void go_inner_ether(struct walk *);
void go_inner_ip(struct walk *, uint32_t ethertype);
/* The one or the other: 6558 is a frame. */
void go_inner_type(struct walk *, uint32_t ethertype);

/* Whether the bytes at `off` could be what they are taken for. */
bool looks_ether(const struct walk *, uint32_t off);
bool looks_ip4(const struct walk *, uint32_t off);
bool looks_ip6(const struct walk *, uint32_t off);
bool looks_ppp(const struct walk *, uint32_t off);

/* ----------------------------------------------------------------- sums */

/*
 * Internet checksum, RFC 1071, in the machine's byte order: ones' complement
 * addition does not care about order or width.  Halves of 64-bit words are
 * added into 64 bits, which cannot overflow for any frame.
 */
static inline uint64_t
sum_halves(uint64_t v)
{
	return (v & 0xffffffff) + (v >> 32);
}

static inline uint64_t
sum_load8(const uint8_t *b)
{
	uint64_t v;

	memcpy(&v, b, sizeof(v));
	return sum_halves(v);
}

/* The fixed part of an IPv4 or TCP header. */
static inline uint64_t
sum_load20(const uint8_t *b)
{
	uint32_t v;

	memcpy(&v, b + 16, sizeof(v));
	return sum_load8(b) + sum_load8(b + 8) + v;
}

uint64_t sum_add(uint64_t sum, const uint8_t *, uint32_t n);

static inline uint32_t
sum_fold32(uint64_t sum)
{
	return (uint32_t)sum_halves(sum_halves(sum));
}

static inline uint32_t
sum_fold16(uint64_t sum)
{
	uint32_t s = sum_fold32(sum);

	s = (s & 0xffff) + (s >> 16);
	return (s & 0xffff) + (s >> 16);
}

/* CRC-32 of IEEE 802.3 and CRC-32C of SCTP (RFC 9260 appendix A): go on from
 * `crc`, which starts and ends inverted. */
uint32_t crc32_ieee(uint32_t crc, const uint8_t *, uint32_t n);
uint32_t crc32_castagnoli(uint32_t crc, const uint8_t *, uint32_t n);

#endif
