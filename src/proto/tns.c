/*
 * tns.c - Transparent Network Substrate: Oracle's databases.
 *
 * No standard: as Wireshark, packet-tns.c, and its packets show it.
 *
 *	+--------+----------+------+-------+----------+-- by type
 *	| length | checksum | type | flags | checksum |
 *	+--------+----------+------+-------+----------+--
 *	  be16     be16       u8     u8      be16
 *	from version 315 on, once accepted: length be32 without a checksum
 *	connect: version be16, ..., at 24 length and offset (be16) of
 *	"(DESCRIPTION=(CONNECT_DATA=(CID=(PROGRAM=...)(HOST=...)(USER=...))..."
 *
 * Op is the type.  The object of a connect is the service by name.
 */
#include "say.h"
#include "text.h"

#define HEAD 8u
#define PORT 1521u
#define VERSION_LARGE 315u

enum type {
	T_CONNECT = 1,
	T_ACCEPT = 2,
	T_REFUSE = 4,
	T_REDIRECT = 5,
	T_LAST = 15,
};

struct state {
	bool large; /* lengths of four bytes */
};

static const struct proto_op ops[] = {
	{ T_CONNECT, FACT_SESSION, RISK_NONE, "connect" },
	{ T_ACCEPT, FACT_SESSION, RISK_NONE, "accept" },
	{ 3, FACT_SESSION, RISK_NONE, "acknowledge" },
	{ T_REFUSE, FACT_SESSION, RISK_NONE, "refuse" },
	{ T_REDIRECT, FACT_SESSION, RISK_NONE, "redirect" },
	{ 6, FACT_READ, RISK_NONE, "data" },
	{ 7, FACT_SESSION, RISK_NONE, "null" },
	{ 9, FACT_SESSION, RISK_NONE, "abort" },
	{ 11, FACT_SESSION, RISK_NONE, "resend" },
	{ 12, FACT_SESSION, RISK_NONE, "marker" },
	{ 13, FACT_SESSION, RISK_NONE, "attention" },
	{ 14, FACT_SESSION, RISK_NONE, "control" },
	{ T_LAST, FACT_SESSION, RISK_NONE, "data descriptor" },
};

static uint32_t
tns_frame(struct span s, const struct dissect *d)
{
	const struct state *st = d->state;
	uint32_t n = (uint32_t)s.p[0] << 8 | s.p[1];

	if (s.p[4] < T_CONNECT || s.p[4] > T_LAST || (s.p[6] | s.p[7]) != 0)
		return FRAME_NOT_MINE;
	if (st->large && n == 0)
		n = (uint32_t)s.p[2] << 8 | s.p[3];
	else if (st->large && (s.p[2] | s.p[3]) != 0)
		n = n << 16 | (uint32_t)s.p[2] << 8 | s.p[3];
	return n >= HEAD && n < 1u << 24 ? n : FRAME_NOT_MINE;
}

static enum claim
tns_claim(struct span s, const struct dissect *d)
{
	uint32_t version;

	if (d->via != VIA_TCP || s.n < HEAD || s.p[4] < T_CONNECT ||
	    s.p[4] > T_LAST || (s.p[6] | s.p[7]) != 0)
		return CLAIM_NO;
	version = s.n >= 10 ? (uint32_t)s.p[8] << 8 | s.p[9] : 0;
	if (s.p[4] == T_CONNECT && (s.p[2] | s.p[3]) == 0 && version >= 300 &&
	    version < 330 && ((uint32_t)s.p[0] << 8 | s.p[1]) <= s.n)
		return CLAIM_STRONG;
	return d->talk->server_port == PORT ? CLAIM_WEAK : CLAIM_NO;
}

static enum way
tns_way(struct span s)
{
	return s.n < HEAD                              ? WAY_UNKNOWN
	    : s.p[4] == T_CONNECT                      ? WAY_REQUEST
	    : s.p[4] == T_ACCEPT || s.p[4] == T_REFUSE ? WAY_RESPONSE
						       : WAY_UNKNOWN;
}

/* "value" of the first "(NAME=value)". */
static struct span
value_of(struct span s, const char *name)
{
	uint32_t at = text_find(s, name);

	s = span_from(s, at < s.n ? at + (uint32_t)strlen(name) : s.n);
	return span_first(s, span_find(s, ')'));
}

static void
connect(struct rd *r, struct dissect *d)
{
	struct span s = rd_ahead(r, rd_have(r)), text;
	struct fact *f = dissect_op(d, T_CONNECT);
	uint32_t off;

	if (s.n < 20) {
		rd_skip_rest(r);
		return;
	}
	off = (uint32_t)s.p[18] << 8 | s.p[19];
	text = span_from(s, off >= HEAD ? off - HEAD : 0);
	say_named(f, value_of(text, "(service_name="));
	if (f->text_len == 0)
		say_named(f, value_of(text, "(sid="));
	dissect_ident(d, TRAIT_APPLICATION, value_of(text, "(program="));
	text = span_from(text, text_find(text, "(cid="));
	dissect_ident(d, TRAIT_NAME, value_of(text, "(host="));
	dissect_ident(d, TRAIT_USER, value_of(text, "(user="));
	rd_skip_rest(r);
}

static void
accept(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;
	uint32_t version = rd_be16(r);

	(void)dissect_op(d, T_ACCEPT);
	if (!rd_ok(r))
		return;
	say_number(d, T_ACCEPT, "version", version);
	st->large = version >= VERSION_LARGE;
	rd_skip_rest(r);
}

/* Who refused, why (u8 each), then "(DESCRIPTION=(ERR=12505)...". */
static void
refuse(struct rd *r, struct dissect *d)
{
	struct span s = rd_ahead(r, rd_have(r));

	(void)dissect_error(d, T_REFUSE, text_number(value_of(s, "(err=")));
	rd_skip_rest(r);
}

static void
tns_parse(struct rd *r, struct dissect *d)
{
	uint32_t type;

	d->ctx.response = !d->to_server;
	rd_skip(r, 4);
	type = rd_u8(r);
	rd_skip(r, 3);
	if (!rd_ok(r))
		return;
	if (type == T_CONNECT)
		connect(r, d);
	else if (type == T_ACCEPT)
		accept(r, d);
	else if (type == T_REFUSE)
		refuse(r, d);
	else
		(void)dissect_op(d, type);
	rd_skip_rest(r);
}

const struct proto proto_tns = {
	.name = "tns",
	.title = "Transparent Network Substrate: Oracle",
	.spec = "Oracle; not published",
	.depth =
	    "all packet types; services, programs, hosts, users, refusals; "
	    "data is counted",
	.slot = PROTO_SLOT,
	.tcp = { PORT, 1526 },
	.server_role = ROLE_DATABASE,
	.claim = tns_claim,
	.way = tns_way,
	.frame = tns_frame,
	.frame_min = HEAD,
	.parse = tns_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct state),
};
