/*
 * bgp.c - Border Gateway Protocol 4.
 *
 * RFC 4271, clause 4; capabilities RFC 5492, AS numbers of four bytes
 * RFC 6793, route refresh RFC 2918, long messages RFC 8654.
 *
 *	+-----------------+--------+------+-- by type
 *	| marker 16 * ff  | length | type |
 *	+-----------------+--------+------+--
 *	  16                be16     u8
 *
 * Op is the type.  An OPEN is named after the sender's identifier; its AS
 * number, and the IPv4 prefixes of an UPDATE, are values.  Path attributes
 * are stepped over.
 */
#include "say.h"

#define HEAD 19u
#define CAPABILITY 2u
#define AS4 65u

enum type {
	T_OPEN = 1,
	T_UPDATE = 2,
	T_NOTIFICATION = 3,
};

static const struct proto_op ops[] = {
	{ T_OPEN, FACT_SESSION, RISK_NONE, "open" },
	{ T_UPDATE, FACT_REPORT, RISK_CONFIGURATION, "update" },
	{ T_NOTIFICATION, FACT_SESSION, RISK_NONE, "notification" },
	{ 4, FACT_SESSION, RISK_NONE, "keepalive" },
	{ 5, FACT_DISCOVER, RISK_NONE, "route refresh" },
	{ 6, FACT_SESSION, RISK_NONE, "capability" },
};

static uint32_t
bgp_frame(struct span s, const struct dissect *d)
{
	uint32_t n = (uint32_t)s.p[16] << 8 | s.p[17];

	(void)d;
	for (uint32_t i = 0; i < 16; i++)
		if (s.p[i] != 0xff)
			return FRAME_NOT_MINE;
	return n >= HEAD && s.p[18] >= 1 && s.p[18] <= 6 ? n : FRAME_NOT_MINE;
}

static enum claim
bgp_claim(struct span s, const struct dissect *d)
{
	return d->via == VIA_TCP && s.n >= HEAD &&
		bgp_frame(s, d) != FRAME_NOT_MINE
	    ? CLAIM_STRONG
	    : CLAIM_NO;
}

/* Of the capabilities only the long AS number says who it is. */
static uint32_t
read_parameters(struct rd *r, uint32_t as)
{
	struct rd list = rd_sub_u8(r);

	while (rd_more(&list)) {
		uint32_t type = rd_u8(&list);
		struct rd one = rd_sub_u8(&list);

		while (type == CAPABILITY && rd_more(&one)) {
			uint32_t code = rd_u8(&one);
			struct rd value = rd_sub_u8(&one);

			if (code == AS4 && rd_left(&value) == 4)
				as = rd_be32(&value);
		}
	}
	return as;
}

static void
opening(struct rd *r, struct dissect *d)
{
	struct fact *f = dissect_op(d, T_OPEN);
	struct ip id;
	uint32_t as;

	rd_skip(r, 1); /* version */
	as = rd_be16(r);
	rd_skip(r, 2); /* hold time */
	id = ip_of_span(rd_span(r, 4));
	if (!rd_ok(r))
		return;
	say_named_ip(f, &id);
	say_number(d, T_OPEN, "autonomous system", read_parameters(r, as));
}

static void
prefixes(struct rd *r, struct dissect *d, const char *label)
{
	while (rd_more(r)) {
		uint32_t bits = rd_u8(r);
		struct span s;
		uint8_t b[4] = { 0 };
		char text[24];

		rd_require(r, bits <= 32, "prefix longer than an address");
		s = rd_span(r, rd_ok(r) ? (bits + 7) / 8 : 0);
		if (!rd_ok(r) || !say_wanted(d, FACT_VALUE))
			continue;
		if (s.n > 0)
			memcpy(b, s.p, s.n);
		(void)snprintf(text, sizeof(text), "%u.%u.%u.%u/%u", b[0], b[1],
		    b[2], b[3], bits);
		say_text(d, T_UPDATE, label, span_text(text));
	}
}

static void
update(struct rd *r, struct dissect *d)
{
	struct rd withdrawn = rd_sub_be16(r), attributes;

	(void)dissect_op(d, T_UPDATE);
	if (rd_more(&withdrawn) && rd_ahead(&withdrawn, 4).n == 4 &&
	    rd_ahead(&withdrawn, 4).p[0] == 0 && rd_left(&withdrawn) % 4 != 0)
		rd_skip_rest(&withdrawn); /* with path identifiers, RFC 7911 */
	prefixes(&withdrawn, d, "withdrawn");
	attributes = rd_sub_be16(r);
	rd_skip_rest(&attributes);
	if (rd_ahead(r, 4).n == 4 && rd_ahead(r, 3).p[0] == 0 &&
	    rd_ahead(r, 3).p[1] == 0)
		rd_skip_rest(r); /* path identifiers again */
	prefixes(r, d, "announced");
}

static void
bgp_parse(struct rd *r, struct dissect *d)
{
	uint32_t type;

	d->ctx.response = false;
	rd_skip(r, 18);
	type = rd_u8(r);
	if (!rd_ok(r))
		return;
	if (type == T_OPEN) {
		opening(r, d);
	} else if (type == T_UPDATE) {
		update(r, d);
	} else if (type == T_NOTIFICATION) {
		(void)dissect_error(d, type, rd_be16(r));
		rd_skip_rest(r);
	} else {
		(void)dissect_op(d, type);
		rd_skip_rest(r);
	}
	dissect_ident_role(d, ABOUT_SENDER, ROLE_ROUTER);
}

const struct proto proto_bgp = {
	.name = "bgp",
	.title = "Border Gateway Protocol 4",
	.spec = "RFC 4271, RFC 5492, RFC 6793",
	.depth = "all types; identifiers, AS numbers, IPv4 prefixes, errors; "
		 "path attributes are stepped over",
	.slot = PROTO_SLOT,
	.tcp = { 179 },
	.client_role = ROLE_ROUTER,
	.server_role = ROLE_ROUTER,
	.claim = bgp_claim,
	.frame = bgp_frame,
	.frame_min = HEAD,
	.parse = bgp_parse,
	PROTO_OPS(ops),
};
