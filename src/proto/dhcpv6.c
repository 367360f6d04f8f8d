/*
 * dhcpv6.c - Dynamic Host Configuration Protocol for IPv6.
 *
 * RFC 8415; names RFC 4704, DNS servers RFC 3646, lease query RFC 5007.
 *
 *	client, server			relay
 *	+------+-------------+		+------+------+------+------+
 *	| type | transaction |		| type | hops | link | peer |
 *	+------+-------------+		+------+------+------+------+
 *	  u8     be24			  u8     u8     16     16
 *	options: code be16, length be16, value
 *
 *	DUID: type be16; 1 hardware be16, time be32, address; 3 hardware be16,
 *	address; 2 enterprise be32, identifier; 4 UUID
 *
 * Op is the message type.  The object is the client by name.  Pair is the
 * transaction.  What a relay carries is a message inside it.
 */
#include "say.h"

#define PORT_CLIENT 546
#define PORT_SERVER 547

#define REPLY 7u
#define RELAY_FORWARD 12u
#define RELAY_REPLY 13u

enum option {
	OPT_CLIENT = 1,
	OPT_SERVER = 2,
	OPT_NA = 3,
	OPT_TA = 4,
	OPT_ADDRESS = 5,
	OPT_LIST = 6,
	OPT_RELAYED = 9,
	OPT_STATUS = 13,
	OPT_CLASS = 16,
	OPT_DNS = 23,
	OPT_DOMAINS = 24,
	OPT_FQDN = 39,
	OPT_NAMED = 40,
};

static const struct proto_op ops[] = {
	{ 1, FACT_DISCOVER, RISK_NONE, "solicit" },
	{ 2, FACT_DISCOVER, RISK_NONE, "advertise" },
	{ 3, FACT_SESSION, RISK_NONE, "request" },
	{ 4, FACT_SESSION, RISK_NONE, "confirm" },
	{ 5, FACT_SESSION, RISK_NONE, "renew" },
	{ 6, FACT_SESSION, RISK_NONE, "rebind" },
	{ REPLY, FACT_SESSION, RISK_NONE, "reply" },
	{ 8, FACT_SESSION, RISK_NONE, "release" },
	{ 9, FACT_SESSION, RISK_NONE, "decline" },
	{ 10, FACT_CONFIG, RISK_CONFIGURATION, "reconfigure" },
	{ 11, FACT_DISCOVER, RISK_NONE, "information request" },
	{ RELAY_FORWARD, FACT_SESSION, RISK_NONE, "relay forward" },
	{ RELAY_REPLY, FACT_SESSION, RISK_NONE, "relay reply" },
	{ 14, FACT_DISCOVER, RISK_NONE, "lease query" },
	{ 15, FACT_DISCOVER, RISK_NONE, "lease query reply" },
	{ 16, FACT_DISCOVER, RISK_NONE, "lease query done" },
	{ 17, FACT_DISCOVER, RISK_NONE, "lease query data" },
	{ 18, FACT_CONFIG, RISK_CONFIGURATION, "reconfigure request" },
	{ 19, FACT_CONFIG, RISK_NONE, "reconfigure reply" },
	{ 20, FACT_DISCOVER, RISK_NONE, "dhcpv4 query" },
	{ 21, FACT_DISCOVER, RISK_NONE, "dhcpv4 response" },
	{ 22, FACT_DISCOVER, RISK_NONE, "active lease query" },
	{ 23, FACT_SESSION, RISK_NONE, "start tls" },
};

struct told {
	struct span option[OPT_NAMED]; /* the last of each */
	struct ip address; /* the first that was leased */
	bool direct; /* not through a relay: the sender speaks for itself */
};

static bool
is_response(uint32_t type)
{
	return type == 2 || type == REPLY || type == RELAY_REPLY ||
	    (type >= 15 && type <= 17) || type == 19 || type == 21;
}

/* The hardware address in a DUID; empty when it holds none. */
static struct span
duid_mac(struct span s)
{
	uint32_t type = s.n >= 4 ? (uint32_t)s.p[0] << 8 | s.p[1] : 0;
	uint32_t hardware = s.n >= 4 ? (uint32_t)s.p[2] << 8 | s.p[3] : 0;

	s = span_from(s, type == 1 ? 8 : 4);
	return (type == 1 || type == 3) && hardware == 1 && s.n == 6
	    ? s
	    : SPAN(NULL, 0);
}

/*
 * About the client: by the hardware address of its DUID.  That may be of
 * another of its interfaces, which still is the same device.
 */
static void
say_client(struct dissect *d, const struct told *t, enum trait trait,
    struct span text)
{
	struct span mac = duid_mac(t->option[OPT_CLIENT]);
	struct addr addr = { .has_mac = true };

	if (mac.n == 6) {
		memcpy(addr.mac.b, mac.p, 6);
		dissect_ident_of(d, addr, trait, text);
	} else if (!d->ctx.response && t->direct) {
		dissect_ident(d, trait, text);
	}
}

/* DNS labels; those of the client's name need not end. */
static uint32_t
labels(struct span s, uint8_t dst[static 256])
{
	uint32_t n = 0;

	while (s.n > 0 && s.p[0] > 0 && s.p[0] < 64 && s.p[0] < s.n &&
	    n + s.p[0] + 1 < 255) {
		uint32_t k = s.p[0];

		if (n > 0)
			dst[n++] = '.';
		memcpy(dst + n, s.p + 1, k);
		n += k;
		s = span_from(s, k + 1);
	}
	return n;
}

/* Option 16: enterprise be32, then texts of be16 length. */
static void
say_class(struct dissect *d, const struct told *t)
{
	struct span s = span_from(t->option[OPT_CLASS], 4);
	char text[FACT_TEXT_MAX + 16];
	uint32_t n;

	if (s.n < 3 || !say_wanted(d, FACT_IDENT))
		return;
	n = (uint32_t)s.p[0] << 8 | s.p[1];
	s = span_first(span_from(s, 2), n < FACT_TEXT_MAX ? n : FACT_TEXT_MAX);
	memcpy(text, "dhcpv6 class ", 13);
	memcpy(text + 13, s.p, s.n);
	say_client(d, t, TRAIT_FINGERPRINT,
	    SPAN((const uint8_t *)text, s.n + 13));
}

static void
say_list(struct dissect *d, const struct told *t)
{
	struct span s = t->option[OPT_LIST];
	char text[FACT_TEXT_MAX + 8];
	uint32_t n;

	if (s.n < 2 || !say_wanted(d, FACT_IDENT))
		return;
	n = (uint32_t)snprintf(text, sizeof(text), "dhcpv6 options ");
	for (uint32_t i = 0; i + 2 <= s.n && n + 7 < sizeof(text); i += 2)
		n += (uint32_t)snprintf(text + n, sizeof(text) - n, "%s%u",
		    i > 0 ? "," : "",
		    (unsigned)((uint32_t)s.p[i] << 8 | s.p[i + 1]));
	say_client(d, t, TRAIT_FINGERPRINT,
	    SPAN((const uint8_t *)text, n < sizeof(text) ? n : 0));
}

static void
say_dns(struct dissect *d, struct span s)
{
	for (uint32_t i = 0; i + 16 <= s.n && i < 64; i += 16)
		say_role_of_ip(d, ip6_of(s.p + i), ROLE_NAME);
}

/* Addresses stand inside the association: IAID, times, options. */
static void
association(struct rd *o, struct told *t, uint32_t head)
{
	rd_skip(o, head);
	while (rd_left(o) >= 4) {
		uint32_t code = rd_be16(o);
		struct rd v = rd_sub_be16(o);
		struct ip ip;

		if (code != OPT_ADDRESS)
			continue;
		ip = ip_of_span(rd_span(&v, 16));
		if (t->address.len == 0 && ip.len != 0)
			t->address = ip;
	}
}

static void
options(struct rd *r, struct dissect *d, struct told *t)
{
	while (rd_left(r) >= 4) {
		uint32_t code = rd_be16(r);
		struct rd v = rd_sub_be16(r);

		if (code == OPT_RELAYED)
			dissect_inner(d, &proto_dhcpv6, &v);
		else if (code == OPT_NA)
			association(&v, t, 12);
		else if (code == OPT_TA)
			association(&v, t, 4);
		else if (code < OPT_NAMED)
			t->option[code] = rd_span(&v, rd_left(&v));
	}
	rd_skip_rest(r);
}

static void
say_all(struct dissect *d, struct told *t, uint32_t type, struct fact *f)
{
	uint8_t name[256];
	uint32_t n = labels(span_from(t->option[OPT_FQDN], 1), name);
	char text[ADDR_TEXT_MAX];
	struct span domain = t->option[OPT_DOMAINS];

	say_named(f, SPAN(name, n));
	say_client(d, t, TRAIT_NAME, SPAN(name, n));
	if (!d->ctx.response) {
		say_class(d, t);
		say_list(d, t);
	}
	if (say_wanted(d, FACT_VALUE) && t->address.len != 0)
		say_text(d, type, "address",
		    span_text(ip_text(&t->address, text)));
	if (!d->ctx.response || type != REPLY)
		return;
	if (t->direct)
		say_own_mac(d, duid_mac(t->option[OPT_SERVER]));
	if (t->address.len != 0) {
		say_binding(d, duid_mac(t->option[OPT_CLIENT]), t->address);
		say_of_ip(d, t->address, TRAIT_LEASE, SPAN_LIT("dhcpv6"));
	}
	n = labels(domain, name);
	say_client(d, t, TRAIT_DOMAIN, SPAN(name, n));
	say_dns(d, t->option[OPT_DNS]);
}

/* Status of the whole message: be16, 0 success. */
static uint32_t
status_of(const struct told *t)
{
	struct span s = t->option[OPT_STATUS];

	return s.n >= 2 ? (uint32_t)s.p[0] << 8 | s.p[1] : 0;
}

static void
dhcpv6_parse(struct rd *r, struct dissect *d)
{
	uint32_t type = rd_u8(r), pair, status;
	struct told t = { .direct = r->depth == 0 };
	struct fact *f;

	if (!rd_ok(r))
		return;
	d->ctx.response = is_response(type);
	if (type == RELAY_FORWARD || type == RELAY_REPLY) {
		rd_skip(r, 1 + 16 + 16);
		(void)dissect_op(d, type);
		options(r, d, &t);
		return;
	}
	pair = rd_be24(r);
	dissect_pair(d, pair);
	if (type == 20 || type == 21 || proto_op_find(d->proto, type) == NULL) {
		(void)dissect_op(d, type);
		rd_opaque_rest(r);
		return;
	}
	options(r, d, &t);
	status = status_of(&t);
	f = d->ctx.response && status != 0 ? dissect_error(d, type, status)
					   : dissect_op(d, type);
	say_all(d, &t, type, f);
}

static enum way
dhcpv6_way(struct span s)
{
	if (s.n < 1)
		return WAY_UNKNOWN;
	return is_response(s.p[0]) ? WAY_RESPONSE : WAY_REQUEST;
}

/*
 * Off its ports: options up to the last byte, one of which names the client,
 * the server, or holds what a relay carries.
 */
static enum claim
dhcpv6_claim(struct span s, const struct dissect *d)
{
	bool relay =
	    s.n > 0 && (s.p[0] == RELAY_FORWARD || s.p[0] == RELAY_REPLY);
	uint32_t at = relay ? 34 : 4;
	bool named = false;

	if (say_on_port(d, PORT_CLIENT) || say_on_port(d, PORT_SERVER))
		return CLAIM_WEAK;
	if (s.n == 0 || proto_op_find(&proto_dhcpv6, s.p[0]) == NULL)
		return CLAIM_NO;
	while (at + 4 <= s.n) {
		uint32_t code = (uint32_t)s.p[at] << 8 | s.p[at + 1];
		uint32_t n = (uint32_t)s.p[at + 2] << 8 | s.p[at + 3];

		if (code == 0 || code > 255)
			return CLAIM_NO;
		named = named ||
		    (relay ? code == OPT_RELAYED && n >= 4
			   : code <= OPT_SERVER && n >= 6);
		at += 4 + n;
	}
	return at == s.n && named ? CLAIM_STRONG : CLAIM_NO;
}

const struct proto proto_dhcpv6 = {
	.name = "dhcpv6",
	.title = "Dynamic Host Configuration Protocol for IPv6",
	.spec = "RFC 8415, RFC 3646, RFC 4704",
	.depth = "all message types, relays unwrapped; DUID, addresses, "
		 "names, vendor class, DNS; DHCPv4 inside is opaque",
	.slot = PROTO_SLOT,
	.udp = { PORT_CLIENT, PORT_SERVER },
	.server_role = ROLE_SERVER,
	.claim = dhcpv6_claim,
	.way = dhcpv6_way,
	.parse = dhcpv6_parse,
	PROTO_OPS(ops),
};
