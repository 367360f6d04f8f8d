/*
 * ike.c - Internet Key Exchange, which sets up IPsec.
 *
 * RFC 2408, RFC 2409 (version 1), RFC 7296 clause 3 (version 2), RFC 3948 (in
 * UDP with ESP beside it), RFC 6407 (group key management).
 *
 *	+-----------+-----------+------+---------+----------+-------+
 *	| initiator | responder | next | version | exchange | flags |
 *	+-----------+-----------+------+---------+----------+-------+
 *	  8           8           u8     4 + 4     u8         u8
 *	| message be32 | length be32 | payloads: next u8, flags u8, length
 *	be16 with its head, value
 *
 *	port 4500: 4 zero bytes before it; else ESP; or ff alone, to keep the
 *	address translation alive
 *
 * Op is the exchange type; 256 a keepalive, 257 an ESP packet.  What is in
 * clear and tells of a program (vendor identifiers) or of who asks (the
 * identity of aggressive mode) is said.  Pair: the message identifier.
 */
#include "say.h"
#include "text.h"

#define HEAD 28u
#define PORT_NAT 4500u
#define OP_KEEPALIVE 256u
#define OP_ESP 257u
#define X_AGGRESSIVE 4u
#define FLAG1_ENCRYPTED 0x01u
#define FLAG2_RESPONSE 0x20u

enum payload {
	P1_SA = 1,
	P1_IDENTITY = 5,
	P1_NOTIFY = 11,
	P1_VENDOR = 13,
	P2_NOTIFY = 41,
	P2_VENDOR = 43,
	P2_SECRET = 46,
	P2_SECRET_PART = 53,
};

static const struct proto_op ops[] = {
	{ 0, FACT_SESSION, RISK_NONE, "none" },
	{ 1, FACT_SESSION, RISK_NONE, "base" },
	{ 2, FACT_SESSION, RISK_NONE, "identity protection" },
	{ 3, FACT_SESSION, RISK_NONE, "authentication only" },
	{ X_AGGRESSIVE, FACT_SESSION, RISK_NONE, "aggressive" },
	{ 5, FACT_SESSION, RISK_NONE, "informational" },
	{ 6, FACT_SESSION, RISK_NONE, "transaction" },
	{ 32, FACT_SESSION, RISK_NONE, "quick mode" },
	{ 33, FACT_SESSION, RISK_NONE, "new group mode" },
	{ 34, FACT_SESSION, RISK_NONE, "ike sa init" },
	{ 35, FACT_SESSION, RISK_NONE, "ike auth" },
	{ 36, FACT_SESSION, RISK_NONE, "create child sa" },
	{ 37, FACT_SESSION, RISK_NONE, "informational, version 2" },
	{ 38, FACT_SESSION, RISK_NONE, "ike session resume" },
	{ 39, FACT_SESSION, RISK_NONE, "gsa authentication" },
	{ 40, FACT_SESSION, RISK_NONE, "gsa registration" },
	{ 41, FACT_SESSION, RISK_NONE, "gsa rekey" },
	{ 43, FACT_SESSION, RISK_NONE, "ike intermediate" },
	{ 44, FACT_SESSION, RISK_NONE, "ike followup key exchange" },
	{ OP_KEEPALIVE, FACT_SESSION, RISK_NONE, "keepalive" },
	{ OP_ESP, FACT_SESSION, RISK_NONE, "encrypted packet" },
};

static bool
is_ike(struct span s)
{
	uint32_t version = s.n >= HEAD ? s.p[17] >> 4 : 0;
	uint32_t n = s.n < HEAD ? 0
				: (uint32_t)s.p[24] << 24 |
		(uint32_t)s.p[25] << 16 | (uint32_t)s.p[26] << 8 | s.p[27];

	if ((version != 1 && version != 2) || n < HEAD || n > 0xffff)
		return false;
	for (uint32_t i = 0; i < 8; i++)
		if (s.p[i] != 0)
			return (version == 1 ? s.p[18] <= 33
					     : s.p[18] >= 34 && s.p[18] <= 44);
	return false;
}

static bool
on_nat_port(const struct dissect *d)
{
	return say_on_port(d, PORT_NAT);
}

/* The four zero bytes of RFC 3948, 2.2. */
static bool
has_marker(struct span s)
{
	return s.n >= 4 && (s.p[0] | s.p[1] | s.p[2] | s.p[3]) == 0;
}

static enum claim
ike_claim(struct span s, const struct dissect *d)
{
	if (d->via != VIA_UDP)
		return CLAIM_NO;
	if (is_ike(s) || (has_marker(s) && is_ike(span_from(s, 4))))
		return CLAIM_STRONG;
	if (!on_nat_port(d))
		return CLAIM_NO;
	return (s.n == 1 && s.p[0] == 0xff) || (s.n >= 16 && !has_marker(s))
	    ? CLAIM_WEAK
	    : CLAIM_NO;
}

static enum way
ike_way(struct span s)
{
	uint32_t responder = 0;

	if (has_marker(s))
		s = span_from(s, 4);
	if (!is_ike(s))
		return WAY_UNKNOWN;
	for (uint32_t i = 8; i < 16; i++)
		responder |= s.p[i];
	if (responder == 0)
		return WAY_REQUEST;
	return s.p[18] == 34 && (s.p[19] & FLAG2_RESPONSE) != 0 ? WAY_RESPONSE
								: WAY_UNKNOWN;
}

/* RFC 2408 wants a hash of what the maker likes; these are well known. */
static void
say_vendor(struct dissect *d, struct span id)
{
	static const struct {
		const char *mark; /* first bytes */
		const char *name;
	} table[] = {
		{ "\x88\x2f\xe5\x6d\x6f\xd2\x0d\xbc", "strongSwan" },
		{ "\x1e\x2b\x51\x69\x05\x99\x1c\x7d", "Windows IPsec" },
		{ "\x12\xf5\xf2\x8c\x45\x71\x68\xa9", "Cisco Unity" },
		{ "\x82\x99\x03\x17\x57\xa3\x60\x82", "Fortinet FortiGate" },
		{ "\xf4\xed\x19\xe0\xc1\x14\xeb\x51", "Check Point" },
	};

	if (text_printable(id))
		dissect_ident(d, TRAIT_APPLICATION, id);
	for (uint32_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (id.n >= 8 && memcmp(id.p, table[i].mark, 8) == 0)
			dissect_ident(d, TRAIT_APPLICATION,
			    span_text(table[i].name));
}

/* Type u8, protocol u8, port be16, then an address or a name; RFC 2407. */
static void
say_identity(struct rd *r, struct dissect *d, uint32_t op)
{
	uint32_t type = rd_u8(r);
	struct fact *f;
	struct span s;
	struct ip ip;

	rd_skip(r, 3);
	s = rd_span_rest(r);
	if (!rd_ok(r) || s.n == 0)
		return;
	f = dissect_emit(d, FACT_LOGIN, op);
	ip = ip_of_span(s);
	if (type == 1 && s.n == 4)
		say_named_ip(f, &ip);
	else
		say_named(f, s);
}

static void
notify(struct rd *r, struct dissect *d, uint32_t op, uint32_t version)
{
	rd_skip(r, version == 1 ? 6 : 2);
	say_number(d, op, "notification", rd_be16(r));
}

static void
payloads(struct rd *r, struct dissect *d, uint32_t op, uint32_t version,
    uint32_t next)
{
	while (next != 0 && rd_more(r)) {
		uint32_t type = next, n;
		struct rd one;

		next = rd_u8(r);
		rd_skip(r, 1);
		n = rd_be16(r);
		rd_require(r, !rd_ok(r) || n >= 4,
		    "payload shorter than its head");
		one = rd_sub(r, rd_ok(r) ? n - 4 : 0);
		if (type == P2_SECRET || type == P2_SECRET_PART) {
			rd_secret(&one, rd_left(&one));
			break;
		}
		if (type == P1_VENDOR || type == P2_VENDOR)
			say_vendor(d, rd_span_rest(&one));
		else if (type == P1_IDENTITY && version == 1)
			say_identity(&one, d, op);
		else if (type == (version == 1 ? P1_NOTIFY : P2_NOTIFY))
			notify(&one, d, op, version);
		rd_skip_rest(&one);
	}
	rd_skip_rest(r);
}

static void
message(struct rd *r, struct dissect *d)
{
	uint32_t next, version, op, flags, n;
	struct rd body;
	bool secret;

	rd_skip(r, 16);
	next = rd_u8(r);
	version = rd_u8(r) >> 4;
	op = rd_u8(r);
	flags = rd_u8(r);
	dissect_pair(d, rd_be32(r));
	n = rd_be32(r);
	rd_require(r, !rd_ok(r) || (n >= HEAD && version >= 1 && version <= 2),
	    "length or version is impossible");
	body = rd_sub(r, rd_ok(r) ? n - HEAD : 0);
	if (!rd_ok(r))
		return;
	if (version == 2)
		d->ctx.response = (flags & FLAG2_RESPONSE) != 0;
	(void)dissect_op(d, op);
	if (op == X_AGGRESSIVE && version == 1)
		dissect_ident(d, TRAIT_SECURITY,
		    SPAN_LIT("IKE aggressive mode"));
	secret = version == 1 && (flags & FLAG1_ENCRYPTED) != 0;
	if (secret)
		rd_secret(&body, rd_left(&body));
	else
		payloads(&body, d, op, version, next);
	rd_skip_rest(r);
}

static void
ike_parse(struct rd *r, struct dissect *d)
{
	struct span head = rd_ahead(r, 4);

	d->ctx.response = !d->to_server;
	if (!on_nat_port(d) && !has_marker(head)) {
		message(r, d);
	} else if (rd_left(r) == 1) {
		rd_skip(r, 1);
		(void)dissect_op(d, OP_KEEPALIVE);
	} else if (has_marker(head)) {
		rd_skip(r, 4);
		message(r, d);
	} else {
		dissect_unit(d, rd_be32(r));
		d->ctx.seq = rd_be32(r);
		if (rd_ok(r))
			(void)dissect_op(d, OP_ESP);
		rd_secret(r, rd_left(r));
	}
}

const struct proto proto_ike = {
	.name = "ike",
	.title = "Internet Key Exchange, and IPsec in UDP",
	.spec = "RFC 2408, RFC 2409, RFC 7296, RFC 3948",
	.depth = "versions 1 and 2, all exchanges; vendors, notifications, "
		 "identity of aggressive mode; the rest is secret",
	.slot = PROTO_SLOT,
	.udp = { 500, PORT_NAT, 848 },
	.claim = ike_claim,
	.way = ike_way,
	.parse = ike_parse,
	PROTO_OPS(ops),
};
