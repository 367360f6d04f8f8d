/*
 * wire.h - the frames of a case: Ethernet, IP, TCP and UDP with right
 * checksums, from ends that are written as text.
 */
#ifndef ALERTS_WIRE_H
#define ALERTS_WIRE_H

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/model/packet.h"

#define FRAME_MAX_ 65700u

struct wire_end {
	struct ip ip;
	struct mac mac;
	uint16_t port;
};

struct conn { /* one `flow` of a case */
	bool used, begun; /* begun: the handshake was made */
	uint8_t via; /* enum via */
	uint8_t ttl;
	uint16_t vlan; /* TALK_NO_VLAN */
	uint32_t service;
	struct wire_end end[2]; /* [0] client */
	uint32_t seq[2];
};

struct bytes {
	uint8_t *b;
	uint32_t n;
};

static inline void
put(struct bytes *d, const void *p, uint32_t n)
{
	if (n > 0)
		memcpy(d->b + d->n, p, n);
	d->n += n;
}

static inline void
put16(struct bytes *d, uint32_t v)
{
	uint8_t b[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	put(d, b, 2);
}

static inline void
put32(struct bytes *d, uint32_t v)
{
	put16(d, v >> 16);
	put16(d, v);
}

/* ---------------------------------------------------------- ends as text */

static inline bool
read_mac(const char *s, struct mac *ret)
{
	unsigned b[6];
	int n = 0;

	if (sscanf(s, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3],
		&b[4], &b[5], &n) != 6)
		return false;
	for (unsigned i = 0; i < 6; i++)
		ret->b[i] = (uint8_t)b[i];
	return s[n] == '\0';
}

static inline bool
is_public(const struct ip *ip)
{
	return !ip_is_private(ip) && !ip_is_group(ip) && !ip_is_zero(ip);
}

/* The link address an IP address is reached at; what is outside is behind
 * the router. */
static inline struct mac
mac_of_ip(const struct ip *ip)
{
	struct mac m = { { 2, 0, 0, 0, 0, 0xfe } };

	if (ip->len == 4 && (ip->b[3] == 255 || ip->b[0] == 255)) {
		memset(m.b, 0xff, 6);
	} else if (ip->len == 4 && ip_is_group(ip)) {
		m = (struct mac){ { 1, 0, 0x5e, ip->b[1] & 0x7f, ip->b[2],
		    ip->b[3] } };
	} else if (ip_is_group(ip)) {
		m.b[0] = m.b[1] = 0x33;
		memcpy(m.b + 2, ip->b + 12, 4);
	} else if (!is_public(ip)) {
		memcpy(m.b + 2, ip->len == 4 ? ip->b : ip->b + 12, 4);
	}
	return m;
}

/* "10.0.0.5:40000", "10.0.0.5@02:00:00:00:00:05:80", "[fe80::1]:80", or a
 * MAC address; the port may be missing. */
static inline bool
read_end(const char *s, struct wire_end *ret)
{
	char host[64];
	const char *stop = s + strcspn(s, *s == '[' ? "]" : "@:");
	size_t n;
	bool own = false;

	*ret = (struct wire_end){ .port = 0 };
	if (read_mac(s, &ret->mac))
		return true;
	if (*s == '[')
		s++;
	n = (size_t)(stop - s);
	if (n >= sizeof(host))
		return false;
	memcpy(host, s, n);
	host[n] = '\0';
	ret->ip.len = strchr(host, ':') != NULL ? 16 : 4;
	if (inet_pton(ret->ip.len == 4 ? AF_INET : AF_INET6, host, ret->ip.b) !=
	    1)
		return false;
	if (*stop == ']')
		stop++;
	if (*stop == '@') {
		char mac[18];

		if (strlen(stop + 1) < 17)
			return false;
		memcpy(mac, stop + 1, 17);
		mac[17] = '\0';
		own = read_mac(mac, &ret->mac);
		stop += 18;
	}
	if (!own)
		ret->mac = mac_of_ip(&ret->ip);
	if (*stop == ':')
		ret->port = (uint16_t)strtoul(stop + 1, NULL, 10);
	return *stop == ':' || *stop == '\0';
}

static inline enum via
read_via(const char *s)
{
	static const char *const names[] = { "", "tcp", "udp", "sctp", "ip",
		"ether", "llc", "snap" };

	for (unsigned i = 1; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(s, names[i]) == 0)
			return (enum via)i;
	return VIA_NONE;
}

/* -------------------------------------------------------------- headers */

static inline uint32_t
sum_of(uint32_t sum, const uint8_t *p, uint32_t n)
{
	for (uint32_t i = 0; i + 1 < n; i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	if (n % 2 != 0)
		sum += (uint32_t)p[n - 1] << 8;
	return sum;
}

static inline uint16_t
sum_end(uint32_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static inline void
set16(uint8_t *at, uint16_t v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

static inline void
put_ether(struct bytes *d, const struct conn *c, bool to_server, uint32_t type)
{
	put(d, c->end[to_server].mac.b, 6);
	put(d, c->end[!to_server].mac.b, 6);
	if (c->vlan != TALK_NO_VLAN) {
		put16(d, 0x8100);
		put16(d, c->vlan);
	}
	put16(d, type);
}

static inline void
put_ip(struct bytes *d, const struct conn *c, bool to_server, uint32_t proto,
    uint32_t n)
{
	static uint16_t id;
	const struct ip *from = &c->end[!to_server].ip;
	const struct ip *to = &c->end[to_server].ip;
	/* who is outside is some routers away */
	uint32_t ttl = is_public(from) && c->ttl == 64 ? 55 : c->ttl;
	uint8_t *at;

	put_ether(d, c, to_server, from->len == 4 ? 0x0800 : 0x86dd);
	at = d->b + d->n;
	if (from->len == 4) {
		put16(d, 0x4500);
		put16(d, 20 + n);
		put16(d, ++id);
		put16(d, 0);
		put16(d, ttl << 8 | proto);
		put16(d, 0);
	} else {
		put32(d, 0x60000000);
		put16(d, n);
		put16(d, proto << 8 | ttl);
	}
	put(d, from->b, from->len);
	put(d, to->b, to->len);
	if (from->len == 4)
		set16(at + 10, sum_end(sum_of(0, at, 20)));
}

static inline void
end_sum(const struct conn *c, uint8_t *at, uint32_t n, uint32_t proto,
    uint32_t where)
{
	uint32_t sum = proto + n;

	sum = sum_of(sum, c->end[0].ip.b, c->end[0].ip.len);
	sum = sum_of(sum, c->end[1].ip.b, c->end[1].ip.len);
	set16(at + where, sum_end(sum_of(sum, at, n)));
}

static inline void
put_tcp(struct bytes *d, struct conn *c, bool to_server, uint8_t flags,
    struct span data)
{
	bool counts = (flags & (TCP_SYN | TCP_FIN)) != 0;
	uint8_t *at;

	put_ip(d, c, to_server, 6, 20 + data.n);
	at = d->b + d->n;
	put16(d, c->end[!to_server].port);
	put16(d, c->end[to_server].port);
	put32(d, c->seq[to_server]);
	put32(d, (flags & TCP_ACK) != 0 ? c->seq[!to_server] : 0);
	put16(d, 0x5000u | flags);
	put16(d, 8192);
	put32(d, 0);
	put(d, data.p, data.n);
	end_sum(c, at, 20 + data.n, 6, 16);
	c->seq[to_server] += data.n + counts;
}

static inline void
put_udp(struct bytes *d, const struct conn *c, bool to_server, struct span data)
{
	uint8_t *at;

	put_ip(d, c, to_server, 17, 8 + data.n);
	at = d->b + d->n;
	put16(d, c->end[!to_server].port);
	put16(d, c->end[to_server].port);
	put16(d, 8 + data.n);
	put16(d, 0);
	put(d, data.p, data.n);
	end_sum(c, at, 8 + data.n, 17, 6);
}

/* Whatever a message of this conversation stands in but TCP. */
static inline void
put_message(struct bytes *d, struct conn *c, bool to_server, struct span data)
{
	switch (c->via) {
	case VIA_UDP:
		put_udp(d, c, to_server, data);
		return;
	case VIA_IP:
		put_ip(d, c, to_server, c->service, data.n);
		break;
	case VIA_LLC:
		put_ether(d, c, to_server, data.n + 3);
		put16(d, c->service << 8 | c->service);
		put(d, "\x03", 1);
		break;
	case VIA_SNAP:
		put_ether(d, c, to_server, data.n + 8);
		put32(d, 0xaaaa0300);
		put32(d, c->service);
		break;
	default:
		put_ether(d, c, to_server, c->service);
		break;
	}
	put(d, data.p, data.n);
}

#endif
