/*
 * dhcp.c - Dynamic Host Configuration Protocol, and BOOTP.
 *
 * RFC 2131, RFC 951; options RFC 2132, client name RFC 4702, lease query RFC
 * 4388, force renew RFC 3203.
 *
 *	+----+-------+------+------+-----+------+-------+--------+--------+
 *	| op | htype | hlen | hops | xid | secs | flags | ciaddr | yiaddr |
 *	+----+-------+------+------+-----+------+-------+--------+--------+
 *	  u8   u8      u8     u8     be32  be16   be16    4        4
 *	siaddr 4, giaddr 4, chaddr 16, sname 64, file 128, cookie be32
 *	63825363, options: code u8, length u8, value; 0 pad, 255 end
 *
 * Op is the message type of option 53; 256 + op for BOOTP without it.  The
 * object is the client by name, as far as it says one.  Pair is the xid; an
 * answer is often broadcast and then belongs to another flow, so it is not
 * called unasked for.
 */
#include "say.h"

#define COOKIE 0x63825363u
#define BOOTP 256u
#define BOOTREPLY 2u
#define HTYPE_ETHERNET 1u
#define NAMED_OPTIONS 82u

#define NAK 6u
#define ACK 5u
#define FORCE_RENEW 9u
#define LEASE_QUERY 10u
#define LEASE_ACTIVE 13u

enum option {
	OPT_ROUTER = 3,
	OPT_DNS = 6,
	OPT_HOST = 12,
	OPT_DOMAIN = 15,
	OPT_NTP = 42,
	OPT_REQUESTED = 50,
	OPT_LEASE = 51,
	OPT_OVERLOAD = 52,
	OPT_TYPE = 53,
	OPT_SERVER = 54,
	OPT_LIST = 55,
	OPT_MESSAGE = 56,
	OPT_CLASS = 60,
	OPT_CLIENT = 61,
	OPT_FQDN = 81,
};

static const struct proto_op ops[] = {
	{ 1, FACT_DISCOVER, RISK_NONE, "discover" },
	{ 2, FACT_DISCOVER, RISK_NONE, "offer" },
	{ 3, FACT_SESSION, RISK_NONE, "request" },
	{ 4, FACT_SESSION, RISK_NONE, "decline" },
	{ ACK, FACT_SESSION, RISK_NONE, "ack" },
	{ NAK, FACT_SESSION, RISK_NONE, "nak" },
	{ 7, FACT_SESSION, RISK_NONE, "release" },
	{ 8, FACT_DISCOVER, RISK_NONE, "inform" },
	{ FORCE_RENEW, FACT_CONFIG, RISK_CONFIGURATION, "force renew" },
	{ LEASE_QUERY, FACT_DISCOVER, RISK_NONE, "lease query" },
	{ 11, FACT_DISCOVER, RISK_NONE, "lease unassigned" },
	{ 12, FACT_DISCOVER, RISK_NONE, "lease unknown" },
	{ LEASE_ACTIVE, FACT_DISCOVER, RISK_NONE, "lease active" },
	{ 14, FACT_DISCOVER, RISK_NONE, "bulk lease query" },
	{ 15, FACT_DISCOVER, RISK_NONE, "lease query done" },
	{ 16, FACT_DISCOVER, RISK_NONE, "active lease query" },
	{ 17, FACT_DISCOVER, RISK_NONE, "lease query status" },
	{ 18, FACT_SESSION, RISK_NONE, "tls" },
	{ BOOTP | 1, FACT_DISCOVER, RISK_NONE, "bootp request" },
	{ BOOTP | 2, FACT_DISCOVER, RISK_NONE, "bootp reply" },
};

struct lease {
	uint32_t type; /* option 53, 0 none */
	struct ip ciaddr, yiaddr;
	struct span mac; /* of the client, if it is one */
	struct span option[NAMED_OPTIONS]; /* the last of each */
	bool whole; /* all that there is was read */
};

/* ------------------------------------------------------------------ reading */

static void
options(struct rd *r, struct lease *l)
{
	while (rd_more(r)) {
		uint32_t code = rd_u8(r), n;
		struct span s;

		if (code == 0)
			continue;
		if (code == 255)
			break;
		n = rd_u8(r);
		s = rd_span(r, n);
		if (!rd_ok(r))
			return;
		if (code < NAMED_OPTIONS)
			l->option[code] = s;
		if (code == OPT_TYPE && n == 1)
			l->type = s.p[0];
	}
	rd_skip_rest(r); /* padding */
}

/* Options may go on in the fields for file and server name. */
static void
overloaded(const struct lease *l, struct rd *sname, struct rd *file,
    struct lease *into)
{
	struct span s = l->option[OPT_OVERLOAD];
	uint32_t where = s.n == 1 ? s.p[0] : 0;

	if ((where & 1) != 0)
		options(file, into);
	if ((where & 2) != 0)
		options(sname, into);
}

static uint32_t
be32_of(struct span s)
{
	return s.n == 4 ? (uint32_t)s.p[0] << 24 | (uint32_t)s.p[1] << 16 |
		(uint32_t)s.p[2] << 8 | s.p[3]
			: 0;
}

/* ------------------------------------------------------------------- saying */

/* About the client: by its hardware address, whoever is speaking. */
static void
say_client(struct dissect *d, const struct lease *l, enum trait trait,
    struct span text)
{
	struct addr addr = { .ip = l->ciaddr, .has_mac = true };

	if (text.n == 0 || !say_wanted(d, FACT_IDENT))
		return;
	if (!say_usable_ip(&addr.ip))
		addr.ip = (struct ip){ .len = 0 };
	if (l->mac.n == 6) {
		memcpy(addr.mac.b, l->mac.p, 6);
		dissect_ident_of(d, addr, trait, text);
	} else if (!d->ctx.response) {
		dissect_ident(d, trait, text);
	}
}

/* "1,3,6,15": what it asks for, in its order, tells the system apart. */
static void
say_list(struct dissect *d, const struct lease *l)
{
	struct span s = l->option[OPT_LIST];
	char text[FACT_TEXT_MAX + 8];
	uint32_t n;

	if (s.n == 0 || !say_wanted(d, FACT_IDENT))
		return;
	n = (uint32_t)snprintf(text, sizeof(text), "dhcp options ");
	for (uint32_t i = 0; i < s.n && n + 5 < sizeof(text); i++)
		n += (uint32_t)snprintf(text + n, sizeof(text) - n, "%s%u",
		    i > 0 ? "," : "", (unsigned)s.p[i]);
	say_client(d, l, TRAIT_FINGERPRINT,
	    SPAN((const uint8_t *)text, n < sizeof(text) ? n : 0));
}

static void
say_class(struct dissect *d, const struct lease *l)
{
	struct span s = l->option[OPT_CLASS];
	char text[FACT_TEXT_MAX + 16];

	if (s.n == 0 || !say_wanted(d, FACT_IDENT))
		return;
	s = span_first(s, FACT_TEXT_MAX);
	memcpy(text, "dhcp class ", 11);
	memcpy(text + 11, s.p, s.n);
	say_client(d, l, TRAIT_FINGERPRINT,
	    SPAN((const uint8_t *)text, s.n + 11));
}

/*
 * Option 81: flags, two bytes of the past, the name as text or (flag E) as
 * DNS labels.
 */
static uint32_t
fqdn(struct span s, uint8_t dst[static 256])
{
	bool labels = s.n > 0 && (s.p[0] & 4) != 0;
	uint32_t n = 0;

	s = span_from(s, 3);
	if (!labels) {
		s = span_first(s, 255);
		if (s.n > 0)
			memcpy(dst, s.p, s.n);
		return s.n;
	}
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

static void
say_request(struct dissect *d, const struct lease *l, struct fact *f)
{
	uint8_t name[256];
	uint32_t n = fqdn(l->option[OPT_FQDN], name);
	struct span host = l->option[OPT_HOST];

	say_named(f, host.n > 0 ? host : SPAN(name, n));
	say_client(d, l, TRAIT_NAME, host);
	if (host.n == 0 || n > host.n)
		say_client(d, l, TRAIT_NAME, SPAN(name, n));
	say_client(d, l, TRAIT_DOMAIN, l->option[OPT_DOMAIN]);
	say_class(d, l);
	say_list(d, l);
	if (l->ciaddr.len != 0)
		say_binding(d, l->mac, l->ciaddr);
}

static void
say_servers(struct dissect *d, struct span list, enum role role)
{
	for (uint32_t i = 0; i + 4 <= list.n && i < 16; i += 4)
		say_role_of_ip(d, ip4_of(list.p + i), role);
}

/* What the client was told: its address, router, domain. */
static void
say_lease(struct dissect *d, struct lease *l)
{
	char ip[ADDR_TEXT_MAX], text[ADDR_TEXT_MAX + 64];
	struct ip server = ip_of_span(l->option[OPT_SERVER]);
	struct ip router = ip_of_span(span_first(l->option[OPT_ROUTER], 4));

	if (!say_usable_ip(&l->yiaddr)) {
		if (!say_usable_ip(&l->ciaddr))
			return;
		l->yiaddr = l->ciaddr; /* answer to inform or renewal */
	}
	l->ciaddr = l->yiaddr;
	say_binding(d, l->mac, l->yiaddr);
	if (l->option[OPT_LEASE].n == 4) {
		(void)snprintf(text, sizeof(text), "%u s from %s",
		    be32_of(l->option[OPT_LEASE]), ip_text(&server, ip));
		say_client(d, l, TRAIT_LEASE, span_text(text));
	}
	if (router.len != 0)
		say_client(d, l, TRAIT_GATEWAY,
		    span_text(ip_text(&router, ip)));
	say_client(d, l, TRAIT_NAME, l->option[OPT_HOST]);
	say_client(d, l, TRAIT_DOMAIN, l->option[OPT_DOMAIN]);
}

static void
say_reply(struct dissect *d, struct lease *l, struct fact *f)
{
	say_named(f, l->option[OPT_HOST]);
	if ((l->type == ACK || l->type == LEASE_ACTIVE || l->type == 0) &&
	    say_wanted(d, FACT_IDENT))
		say_lease(d, l);
	say_servers(d, l->option[OPT_ROUTER], ROLE_ROUTER);
	say_servers(d, l->option[OPT_DNS], ROLE_NAME);
	say_servers(d, l->option[OPT_NTP], ROLE_TIME);
}

static void
say_addresses(struct dissect *d, uint32_t op, const struct lease *l)
{
	char text[ADDR_TEXT_MAX];
	struct ip asked = ip_of_span(l->option[OPT_REQUESTED]);
	struct ip server = ip_of_span(l->option[OPT_SERVER]);

	if (!say_wanted(d, FACT_VALUE))
		return;
	if (asked.len != 0)
		say_text(d, op, "requested", span_text(ip_text(&asked, text)));
	if (!ip_is_zero(&l->yiaddr))
		say_text(d, op, "given", span_text(ip_text(&l->yiaddr, text)));
	if (server.len != 0)
		say_text(d, op, "server", span_text(ip_text(&server, text)));
	if (l->option[OPT_MESSAGE].n > 0)
		say_text(d, op, "message", l->option[OPT_MESSAGE]);
}

/* ------------------------------------------------------------------ message */

static void
conclude(struct dissect *d, struct lease *l, uint32_t bootp)
{
	uint32_t op = l->type != 0 ? l->type : BOOTP | bootp;
	struct fact *f;

	if (l->type == 0 && !l->whole)
		return; /* the type may stand in what was not captured */
	if (op == FORCE_RENEW) /* a demand, though made like an answer */
		d->ctx.response = false;
	f = op == NAK ? dissect_error(d, op, 0) : dissect_op(d, op);
	if (bootp == BOOTREPLY)
		say_reply(d, l, f);
	else if (op < LEASE_QUERY || op >= BOOTP)
		say_request(d, l, f);
	else
		f->object = SAY_NAMED; /* of others it asks */
	say_addresses(d, op, l);
}

static void
dhcp_parse(struct rd *r, struct dissect *d)
{
	struct lease l = { .type = 0 };
	uint32_t op = rd_u8(r), htype = rd_u8(r), hlen = rd_u8(r), xid;
	struct rd sname, file;
	struct span chaddr;

	rd_require(r, op == 1 || op == BOOTREPLY || !rd_ok(r),
	    "neither request nor reply");
	rd_skip(r, 1);
	xid = rd_be32(r);
	rd_skip(r, 4);
	l.ciaddr = ip_of_span(rd_span(r, 4));
	l.yiaddr = ip_of_span(rd_span(r, 4));
	rd_skip(r, 8);
	chaddr = rd_span(r, 16);
	if (htype == HTYPE_ETHERNET && hlen == 6)
		l.mac = span_first(chaddr, 6);
	sname = rd_sub(r, 64);
	file = rd_sub(r, 128);
	d->ctx.response = op == BOOTREPLY;
	dissect_pair(d, xid);
	if (rd_left(r) >= 4 && rd_be32(r) == COOKIE) {
		options(r, &l);
		if (rd_ok(r))
			overloaded(&l, &sname, &file, &l);
	} else {
		rd_opaque_rest(r); /* BOOTP's vendor area */
	}
	l.whole = rd_ok(r);
	conclude(d, &l, op);
}

static enum way
dhcp_way(struct span s)
{
	if (s.n < 1)
		return WAY_UNKNOWN;
	return s.p[0] == 1        ? WAY_REQUEST
	    : s.p[0] == BOOTREPLY ? WAY_RESPONSE
				  : WAY_UNKNOWN;
}

/* Off its ports (boot servers use 4011): by the cookie. */
static enum claim
dhcp_claim(struct span s, const struct dissect *d)
{
	static const uint8_t cookie[] = { 0x63, 0x82, 0x53, 0x63 };

	if (s.n >= 240 && (s.p[0] == 1 || s.p[0] == BOOTREPLY) &&
	    memcmp(s.p + 236, cookie, 4) == 0)
		return CLAIM_STRONG;
	return say_on_port(d, 67) || say_on_port(d, 68) ? CLAIM_WEAK : CLAIM_NO;
}

const struct proto proto_dhcp = {
	.name = "dhcp",
	.title = "Dynamic Host Configuration Protocol",
	.spec = "RFC 2131, RFC 2132, RFC 4388, RFC 4702",
	.depth = "all message types; options that name, fingerprint, lease "
		 "and point to servers; others are stepped over",
	.slot = PROTO_SLOT,
	.udp = { 67, 68 },
	.server_role = ROLE_SERVER,
	.claim = dhcp_claim,
	.way = dhcp_way,
	.parse = dhcp_parse,
	PROTO_OPS(ops),
};
