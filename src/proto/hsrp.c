/*
 * hsrp.c - Cisco's Hot Standby Router Protocol.
 *
 * RFC 2281 (versions 0 and 1); version 2 as Cisco documents its TLVs.
 *
 *	1: +---------+----+-------+-------+------+----------+-------+---+
 *	   | version | op | state | hello | hold | priority | group | 0 |
 *	   +---------+----+-------+-------+------+----------+-------+---+
 *	   | password 8 | address 4		advertise (op 3): type be16,
 *						length be16, state ...
 *	2: type u8, length u8: 1 group state: version, op, state, IP version,
 *	   group be16, router 6, priority be32, hello be32, hold be32,
 *	   address 16; 2 interface state; 3 password 8; 4 MD5
 *
 * Op is the op code.  Unit is the group, the object the shared address by
 * name; state and priority are values.  The password is never looked at, but
 * for whether it is that of delivery.
 */
#include "say.h"

#define OP_ADVERTISE 3u
#define TLV_GROUP 1u
#define TLV_INTERFACE 2u
#define TLV_TEXT 3u
#define GROUP_SIZE 40u
#define PORT 1985
#define PORT_6 2029

static const struct proto_op ops[] = {
	{ 0, FACT_REPORT, RISK_NONE, "hello" },
	{ 1, FACT_CONFIG, RISK_NONE, "coup" },
	{ 2, FACT_REPORT, RISK_NONE, "resign" },
	{ OP_ADVERTISE, FACT_REPORT, RISK_NONE, "advertise" },
};

static void
say_password(struct dissect *d, struct span password)
{
	if (password.n == 0)
		return;
	if (span_starts(password, SPAN_LIT("cisco\0")))
		dissect_ident(d, TRAIT_SECURITY,
		    SPAN_LIT("HSRP with the password of delivery"));
	else
		dissect_ident(d, TRAIT_SECURITY,
		    SPAN_LIT("HSRP with a password in clear"));
}

static void
version1(struct rd *r, struct dissect *d)
{
	uint32_t op, state, priority;
	struct span password;
	struct ip ip;
	struct fact *f;

	rd_skip(r, 1);
	op = rd_u8(r);
	if (op == OP_ADVERTISE) {
		(void)dissect_op(d, op);
		rd_skip_rest(r);
		return;
	}
	state = rd_u8(r);
	rd_skip(r, 2);
	priority = rd_u8(r);
	dissect_unit(d, rd_u8(r));
	rd_skip(r, 1);
	password = rd_span(r, 8);
	ip = ip_of_span(rd_span(r, 4));
	if (!rd_ok(r))
		return;
	f = dissect_op(d, op);
	say_named_ip(f, &ip);
	say_number(d, op, "state", state);
	say_number(d, op, "priority", priority);
	say_password(d, password);
	rd_skip_rest(r); /* MD5 of later releases */
}

static void
group_state(struct rd *r, struct dissect *d)
{
	uint32_t op, state, family, priority;
	struct ip ip;
	struct fact *f;

	rd_skip(r, 1);
	op = rd_u8(r);
	state = rd_u8(r);
	family = rd_u8(r);
	dissect_unit(d, rd_be16(r));
	rd_skip(r, 6);
	priority = rd_be32(r);
	rd_skip(r, 8);
	ip = ip_of_span(rd_span(r, family == 6 ? 16 : 4));
	rd_skip(r, family == 6 ? 0 : 12);
	if (!rd_ok(r))
		return;
	f = dissect_op(d, op);
	say_named_ip(f, &ip);
	say_number(d, op, "state", state);
	say_number(d, op, "priority", priority);
}

static void
version2(struct rd *r, struct dissect *d)
{
	while (rd_more(r)) {
		uint32_t type = rd_u8(r);
		struct rd one = rd_sub_u8(r);

		if (type == TLV_GROUP)
			group_state(&one, d);
		else if (type == TLV_INTERFACE)
			(void)dissect_op(d, OP_ADVERTISE);
		else if (type == TLV_TEXT)
			say_password(d, rd_span(&one, 8));
		rd_skip_rest(&one);
	}
}

static bool
is_version2(struct span s)
{
	return s.n >= 2 &&
	    ((s.p[0] == TLV_GROUP && s.p[1] == GROUP_SIZE) ||
		(s.p[0] == TLV_INTERFACE && s.p[1] == 4) || s.p[0] > 2);
}

static void
hsrp_parse(struct rd *r, struct dissect *d)
{
	d->ctx.response = false;
	if (is_version2(rd_ahead(r, 2)))
		version2(r, d);
	else
		version1(r, d);
	dissect_ident_role(d, ABOUT_SENDER, ROLE_ROUTER);
}

/* Off its port: what routers tell the groups of routers. */
static enum claim
hsrp_claim(struct span s, const struct dissect *d)
{
	if (say_on_port(d, PORT) || say_on_port(d, PORT_6))
		return CLAIM_WEAK;
	if (say_in_group(d, SPAN_LIT("\xe0\0\0\x02")))
		return s.n >= 20 && s.p[0] == 0 && s.p[1] < OP_ADVERTISE &&
			s.p[2] <= 16 && s.p[4] >= s.p[3] && s.p[7] == 0
		    ? CLAIM_STRONG
		    : CLAIM_NO;
	if (say_in_group(d, SPAN_LIT("\xe0\0\0\x66")) ||
	    say_in_group(d, SPAN_LIT("\xff\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\x66")))
		return is_version2(s) ? CLAIM_STRONG : CLAIM_NO;
	return CLAIM_NO;
}

const struct proto proto_hsrp = {
	.name = "hsrp",
	.title = "Hot Standby Router Protocol",
	.spec = "RFC 2281; version 2: Cisco",
	.depth = "versions 1 and 2: group, state, priority, address",
	.slot = PROTO_SLOT,
	.udp = { PORT, PORT_6 },
	.client_role = ROLE_ROUTER,
	.claim = hsrp_claim,
	.parse = hsrp_parse,
	PROTO_OPS(ops),
};
