/*
 * radius.c - Remote Authentication Dial In User Service.
 *
 * RFC 2865, RFC 2866 (accounting), RFC 5176 (dynamic authorization), RFC 5997
 * (status); as network access control (IEEE 802.1X) uses it.
 *
 *	+------+------------+--------+---------------+- - - - - - - - - - -
 *	| code | identifier | length | authenticator | attributes: type u8,
 *	+------+------------+--------+---------------+ length u8, value
 *	  u8     u8           be16     16
 *
 * Op is the code.  The object of a login is the user by name.  Pair is the
 * identifier.  A supplicant's addresses (Calling-Station-Id, Framed-IP) are
 * evidence that they are one device's.
 */
#include "../base/hex.h"
#include "say.h"
#include "text.h"

#define HEAD 20u
#define REJECT 3u
#define ACCOUNTING 4u

enum attribute {
	ATTR_USER = 1,
	ATTR_FRAMED_IP = 8,
	ATTR_REPLY = 18,
	ATTR_CALLED = 30,
	ATTR_CALLING = 31,
	ATTR_NAS_NAME = 32,
	N_ATTRS = 33,
};

static const struct proto_op ops[] = {
	{ 1, FACT_LOGIN, RISK_NONE, "access request" },
	{ 2, FACT_LOGIN, RISK_NONE, "access accept" },
	{ REJECT, FACT_LOGIN, RISK_NONE, "access reject" },
	{ ACCOUNTING, FACT_REPORT, RISK_NONE, "accounting request" },
	{ 5, FACT_REPORT, RISK_NONE, "accounting response" },
	{ 11, FACT_LOGIN, RISK_NONE, "access challenge" },
	{ 12, FACT_DIAGNOSE, RISK_NONE, "status server" },
	{ 13, FACT_DIAGNOSE, RISK_NONE, "status client" },
	{ 40, FACT_SESSION, RISK_NONE, "disconnect request" },
	{ 41, FACT_SESSION, RISK_NONE, "disconnect acknowledgement" },
	{ 42, FACT_SESSION, RISK_NONE, "disconnect refusal" },
	{ 43, FACT_CONFIG, RISK_SECURITY, "change of authorization" },
	{ 44, FACT_CONFIG, RISK_SECURITY,
	    "change of authorization acknowledgement" },
	{ 45, FACT_CONFIG, RISK_SECURITY, "change of authorization refusal" },
};

static bool
is_response(uint32_t code)
{
	return code == 2 || code == REJECT || code == 5 || code == 11 ||
	    code == 41 || code == 42 || code == 44 || code == 45;
}

static bool
is_refusal(uint32_t code)
{
	return code == REJECT || code == 42 || code == 45;
}

/* "00-1C-06-00-00-A1", with any separator, perhaps ":network" behind. */
static bool
mac_of_text(struct span s, uint8_t dst[static 6])
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s.n && n < 12; i++) {
		uint8_t c = s.p[i];
		uint32_t v = hex_digit(c);

		if (v == 16 && c != '-' && c != ':' && c != '.')
			return false;
		if (v == 16)
			continue;
		dst[n / 2] = (uint8_t)(n % 2 == 0 ? v << 4 : dst[n / 2] | v);
		n++;
	}
	return n == 12;
}

static void
attributes(struct rd *r, struct span attr[static N_ATTRS])
{
	while (rd_more(r)) {
		uint32_t type = rd_u8(r), n = rd_u8(r);
		struct span s;

		rd_require(r, n >= 2 || !rd_ok(r),
		    "attribute shorter than itself");
		s = rd_span(r, rd_ok(r) ? n - 2 : 0);
		if (rd_ok(r) && type < N_ATTRS)
			attr[type] = s;
	}
}

static void
say_all(struct dissect *d, uint32_t op, const struct span attr[static N_ATTRS])
{
	uint8_t mac[6] = { 0 };

	if (!d->ctx.response)
		dissect_ident(d, TRAIT_NAME, attr[ATTR_NAS_NAME]);
	if (mac_of_text(attr[ATTR_CALLING], mac))
		say_binding(d, SPAN(mac, 6), ip_of_span(attr[ATTR_FRAMED_IP]));
	if (attr[ATTR_CALLING].n > 0)
		say_text(d, op, "calling station", attr[ATTR_CALLING]);
	if (attr[ATTR_CALLED].n > 0)
		say_text(d, op, "called station", attr[ATTR_CALLED]);
	if (attr[ATTR_REPLY].n > 0)
		say_text(d, op, "message", attr[ATTR_REPLY]);
}

static void
radius_parse(struct rd *r, struct dissect *d)
{
	struct span attr[N_ATTRS] = { { .n = 0 } };
	uint32_t code = rd_u8(r), id = rd_u8(r), n = rd_be16(r);
	struct rd list;
	struct fact *f;

	rd_require(r, !rd_ok(r) || n >= HEAD, "length less than the header");
	list = rd_sub(r, rd_ok(r) ? n - 4 : 0);
	rd_skip(&list, 16);
	d->ctx.response = is_response(code);
	if (!rd_ok(r))
		return;
	dissect_pair(d, id);
	if (d->ctx.response)
		(void)dissect_recall(d, id);
	else
		dissect_remember(d, (struct ask){ .pair = id, .op = code });
	f = is_refusal(code) ? dissect_error(d, code, 0) : dissect_op(d, code);
	f->object = SAY_NAMED;
	attributes(&list, attr);
	say_named(f, attr[ATTR_USER]);
	say_all(d, code, attr);
	rd_skip_rest(r); /* padding */
}

static enum way
radius_way(struct span s)
{
	if (s.n < 1)
		return WAY_UNKNOWN;
	return is_response(s.p[0]) ? WAY_RESPONSE : WAY_REQUEST;
}

/* Elsewhere the attributes, two or more, must fill it to the octet. */
static enum claim
radius_claim(struct span s, const struct dissect *d)
{
	uint32_t at = HEAD, n = 0;

	if (proto_expects(&proto_radius, VIA_UDP, d->talk->server_port) ||
	    proto_expects(&proto_radius, VIA_UDP, d->talk->client_port))
		return CLAIM_WEAK;
	if (s.n < HEAD || ((uint32_t)s.p[2] << 8 | s.p[3]) != s.n ||
	    proto_op_find(&proto_radius, s.p[0]) == NULL)
		return CLAIM_NO;
	for (; at + 2 <= s.n && s.p[at + 1] >= 2; n++)
		at += s.p[at + 1];
	if (at != s.n || (n == 0 && s.n != HEAD))
		return CLAIM_NO;
	return n >= 2 ? CLAIM_STRONG : CLAIM_WEAK;
}

const struct proto proto_radius = {
	.name = "radius",
	.title = "Remote Authentication Dial In User Service",
	.spec = "RFC 2865, RFC 2866, RFC 5176",
	.depth = "all codes; user, access server, addresses of the "
		 "supplicant; other attributes are stepped over",
	.slot = PROTO_SLOT,
	.udp = { 1812, 1813, 1645, 1646, 3799, 1700 },
	.server_role = ROLE_SERVER,
	.claim = radius_claim,
	.way = radius_way,
	.parse = radius_parse,
	PROTO_OPS(ops),
};
