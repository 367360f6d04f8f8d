/*
 * addr.h - where something is reached: a MAC address, an IP address, or both.
 *
 * An IPv4 address stands in the first four bytes of `ip` and the rest is
 * zero, so that addresses are compared as plain bytes.
 */
#ifndef MODEL_ADDR_H
#define MODEL_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/span.h"

#define ADDR_TEXT_MAX 46 /* "ffff:...:255.255.255.255" and the NUL */
#define MAC_TEXT_MAX 18

struct mac {
	uint8_t b[6];
};

struct ip {
	uint8_t b[16];
	uint8_t len; /* 0 none, 4 or 16 */
};

struct addr {
	struct ip ip;
	struct mac mac;
	bool has_mac;
};

static inline struct ip
ip4_of(const uint8_t *p)
{
	struct ip ip = { .len = 4 };

	memcpy(ip.b, p, 4);
	return ip;
}

static inline struct ip
ip6_of(const uint8_t *p)
{
	struct ip ip = { .len = 16 };

	memcpy(ip.b, p, 16);
	return ip;
}

/* From the bytes of a message; no address unless there are 4 or 16. */
static inline struct ip
ip_of_span(struct span s)
{
	if (s.n == 4)
		return ip4_of(s.p);
	if (s.n == 16)
		return ip6_of(s.p);
	return (struct ip){ .len = 0 };
}

static inline bool
ip_same(const struct ip *a, const struct ip *b)
{
	return a->len == b->len && memcmp(a->b, b->b, a->len) == 0;
}

static inline bool
mac_same(const struct mac *a, const struct mac *b)
{
	return memcmp(a->b, b->b, 6) == 0;
}

/* Group bit: multicast and broadcast. */
static inline bool
mac_is_group(const struct mac *m)
{
	return (m->b[0] & 1) != 0;
}

static inline bool
mac_is_zero(const struct mac *m)
{
	static const struct mac zero;

	return mac_same(m, &zero);
}

bool ip_is_zero(const struct ip *); /* 0.0.0.0 or :: */
bool ip_is_group(const struct ip *); /* multicast or limited broadcast */
bool ip_is_loopback(const struct ip *);
bool ip_is_link_local(const struct ip *);
/* Meant for use inside: RFC 1918, 2544, 6598, 3927, 4193, 4291. */
bool ip_is_private(const struct ip *);

/*
 * Times to live that systems start with, 30 of Siemens controllers among them,
 * and 1 of what must not be routed: such a packet crossed no router.
 */
bool ttl_is_fresh(uint8_t ttl);

/* The first `bits` bits are alike; false for different families. */
bool ip_in_prefix(const struct ip *, const struct ip *prefix, unsigned bits);

/* Text without ambiguity: RFC 5952 for IPv6; "" for no address. */
const char *ip_text(const struct ip *, char dst[static ADDR_TEXT_MAX]);
const char *mac_text(const struct mac *, char dst[static MAC_TEXT_MAX]);
/* IP, else MAC; "" for none. */
const char *addr_text(const struct addr *, char dst[static ADDR_TEXT_MAX]);

#endif
