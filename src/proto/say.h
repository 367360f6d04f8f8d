/*
 * say.h - short forms of the facts that the dissectors of network services
 * (LLDP, CDP, STP, DHCP, DNS, NetBIOS, ICMP, SNMP ...) have in common.
 *
 * Private to those dissectors.  Everything that costs is left out when nobody
 * listens.
 */
#ifndef PROTO_SAY_H
#define PROTO_SAY_H

#include <stdio.h>

#include "proto.h"

#define SAY_NAMED ((struct fact_object){ .space = SPACE_NAME, .count = 1 })

static inline bool
say_wanted(const struct dissect *d, enum fact_kind kind)
{
	return (d->wanted & FACT_MASK(kind)) != 0;
}

/* Where the message came from. */
static inline const struct addr *
say_sender(const struct dissect *d)
{
	return d->to_server ? &d->talk->client : &d->talk->server;
}

/* Whether one end of the flow uses this port. */
static inline bool
say_on_port(const struct dissect *d, uint16_t port)
{
	return d->talk->server_port == port || d->talk->client_port == port;
}

/*
 * Whether one end is this group, of 4 or 16 bytes: addresses that IANA gave
 * one protocol tell it from others on whatever port.
 */
static inline bool
say_in_group(const struct dissect *d, struct span group)
{
	const struct ip ip = ip_of_span(group);

	return ip_same(&d->talk->server.ip, &ip) ||
	    ip_same(&d->talk->client.ip, &ip);
}

static inline bool
say_usable_ip(const struct ip *ip)
{
	return ip->len != 0 && !ip_is_zero(ip) && !ip_is_group(ip) &&
	    !ip_is_loopback(ip);
}

static inline bool
say_usable_mac(const struct mac *mac)
{
	return !mac_is_zero(mac) && !mac_is_group(mac);
}

/* The sender has this address too: `addr` holds a MAC or an IP address. */
static inline void
say_own_address(struct dissect *d, struct addr addr)
{
	char text[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX];
	struct fact *f;

	if (!say_wanted(d, FACT_IDENT) ||
	    !(addr.has_mac ? say_usable_mac(&addr.mac)
			   : say_usable_ip(&addr.ip)))
		return;
	f = dissect_ident_about(d, ABOUT_SENDER, TRAIT_ADDRESS,
	    span_text(addr.has_mac ? mac_text(&addr.mac, mac)
				   : ip_text(&addr.ip, text)));
	f->addr = addr;
}

static inline void
say_own_ip(struct dissect *d, struct span s)
{
	say_own_address(d, (struct addr){ .ip = ip_of_span(s) });
}

static inline void
say_own_mac(struct dissect *d, struct span s)
{
	struct addr addr = { .has_mac = true };

	if (s.n != 6)
		return;
	memcpy(addr.mac.b, s.p, 6);
	say_own_address(d, addr);
}

/* These two addresses are one device's. */
static inline void
say_binding(struct dissect *d, struct span mac, struct ip ip)
{
	struct addr addr = { .ip = ip, .has_mac = true };

	if (mac.n != 6)
		return;
	memcpy(addr.mac.b, mac.p, 6);
	if (say_usable_ip(&ip) && say_usable_mac(&addr.mac))
		dissect_ident_of(d, addr, TRAIT_ADDRESS, SPAN(NULL, 0));
}

/* Something about whoever is at this IP address. */
static inline void
say_of_ip(struct dissect *d, struct ip ip, enum trait trait, struct span text)
{
	if (say_usable_ip(&ip))
		dissect_ident_of(d, (struct addr){ .ip = ip }, trait, text);
}

static inline void
say_role_of_ip(struct dissect *d, struct ip ip, enum role role)
{
	say_of_ip(d, ip, TRAIT_ROLE, span_text(role_name(role)));
}

/* The object of a fact is what is named so. */
static inline void
say_named(struct fact *f, struct span name)
{
	f->object = SAY_NAMED;
	fact_text(f, name);
}

static inline void
say_named_ip(struct fact *f, const struct ip *ip)
{
	char text[ADDR_TEXT_MAX];

	f->object = SAY_NAMED;
	if (f->kind != FACT_NONE)
		fact_text(f, span_text(ip_text(ip, text)));
}

/* VALUE facts: a labelled number or text. */
static inline void
say_number(struct dissect *d, uint32_t op, const char *label, uint64_t v)
{
	struct fact *f;

	if (!say_wanted(d, FACT_VALUE))
		return;
	f = dissect_value(d, op, SAY_NAMED);
	f->num_type = NUM_UINT;
	f->num.u = v;
	fact_text(f, span_text(label));
}

static inline void
say_text(struct dissect *d, uint32_t op, const char *label, struct span s)
{
	char line[FACT_TEXT_MAX + 8];
	uint32_t n = (uint32_t)strlen(label), m = s.n;

	if (!say_wanted(d, FACT_VALUE) || n + 2 > sizeof(line))
		return;
	memcpy(line, label, n);
	line[n++] = '=';
	m = m < sizeof(line) - n ? m : (uint32_t)sizeof(line) - n;
	if (m > 0)
		memcpy(line + n, s.p, m);
	fact_text(dissect_value(d, op, SAY_NAMED),
	    SPAN((const uint8_t *)line, n + m));
}

#endif
