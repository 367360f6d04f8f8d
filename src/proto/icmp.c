/*
 * icmp.c - Internet Control Message Protocol.
 *
 * RFC 792; router discovery RFC 1256, timestamps and masks RFC 950,
 * traceroute RFC 1393, extended echo RFC 8335.
 *
 *	+------+------+----------+----------------+- - - - - - -
 *	| type | code | checksum | by type        | by type
 *	+------+------+----------+----------------+- - - - - - -
 *	  u8     u8     be16       be32
 *
 * Op is the type.  Pair of a question is identifier << 16 | sequence.  What
 * reports trouble is said as an ERROR whose code is the ICMP code and whose
 * object names where the packet it quotes was bound for; the rest of the
 * quoted packet is known from its own flow.
 */
#include "say.h"

#define PROTO_TCP 6
#define PROTO_UDP 17

static const struct proto_op ops[] = {
	{ 0, FACT_DIAGNOSE, RISK_NONE, "echo reply" },
	{ 3, FACT_DIAGNOSE, RISK_NONE, "destination unreachable" },
	{ 4, FACT_DIAGNOSE, RISK_NONE, "source quench" },
	{ 5, FACT_CONFIG, RISK_CONFIGURATION, "redirect" },
	{ 8, FACT_DIAGNOSE, RISK_NONE, "echo" },
	{ 9, FACT_DISCOVER, RISK_NONE, "router advertisement" },
	{ 10, FACT_DISCOVER, RISK_NONE, "router solicitation" },
	{ 11, FACT_DIAGNOSE, RISK_NONE, "time exceeded" },
	{ 12, FACT_DIAGNOSE, RISK_NONE, "parameter problem" },
	{ 13, FACT_TIME, RISK_NONE, "timestamp" },
	{ 14, FACT_TIME, RISK_NONE, "timestamp reply" },
	{ 15, FACT_DISCOVER, RISK_NONE, "information request" },
	{ 16, FACT_DISCOVER, RISK_NONE, "information reply" },
	{ 17, FACT_DISCOVER, RISK_NONE, "address mask request" },
	{ 18, FACT_DISCOVER, RISK_NONE, "address mask reply" },
	{ 30, FACT_DIAGNOSE, RISK_NONE, "traceroute" },
	{ 40, FACT_SESSION, RISK_NONE, "photuris" },
	{ 42, FACT_DIAGNOSE, RISK_NONE, "extended echo request" },
	{ 43, FACT_DIAGNOSE, RISK_NONE, "extended echo reply" },
};

static bool
is_reply(uint32_t type)
{
	return type == 0 || type == 14 || type == 16 || type == 18 ||
	    type == 43;
}

static bool
is_question(uint32_t type)
{
	return type == 8 || type == 13 || type == 15 || type == 17 ||
	    type == 42;
}

/* "10.0.0.7 udp 161" of the IPv4 header quoted in an error. */
static void
name_quoted(struct fact *f, struct span s)
{
	char text[ADDR_TEXT_MAX];
	uint32_t size, port;
	struct ip dst;

	if (f->kind == FACT_NONE || s.n < 20 || s.p[0] >> 4 != 4)
		return;
	dst = ip4_of(s.p + 16);
	(void)ip_text(&dst, text);
	size = (s.p[0] & 15u) * 4;
	if ((s.p[9] != PROTO_TCP && s.p[9] != PROTO_UDP) || size < 20 ||
	    s.n < size + 4) {
		fact_textf(f, "%s protocol %u", text, (unsigned)s.p[9]);
		return;
	}
	port = (uint32_t)s.p[size + 2] << 8 | s.p[size + 3];
	fact_textf(f, "%s %s %u", text, s.p[9] == PROTO_TCP ? "tcp" : "udp",
	    port);
}

static void
trouble(struct rd *r, struct dissect *d, uint32_t type, uint32_t code)
{
	struct fact *f;

	d->ctx.response = true;
	f = dissect_error(d, type, code);
	f->object = SAY_NAMED;
	rd_skip(r, 4);
	name_quoted(f, rd_ahead(r, rd_have(r) < 64 ? rd_have(r) : 64));
	rd_skip_rest(r);
}

static void
redirect(struct rd *r, struct dissect *d, uint32_t type)
{
	struct fact *f = dissect_op(d, type);
	struct ip gateway = ip_of_span(rd_span(r, 4));
	struct ip dst;
	char to[ADDR_TEXT_MAX], via[ADDR_TEXT_MAX];

	rd_skip(r, 16);
	dst = ip_of_span(rd_span(r, 4));
	rd_skip_rest(r);
	f->object = SAY_NAMED;
	if (rd_ok(r) && f->kind != FACT_NONE)
		fact_textf(f, "%s via %s", ip_text(&dst, to),
		    ip_text(&gateway, via));
}

static void
advertisement(struct rd *r, struct dissect *d, uint32_t type)
{
	struct fact *f = dissect_op(d, type);
	uint32_t n = rd_u8(r), words = rd_u8(r);

	rd_skip(r, 2); /* lifetime */
	rd_require(r, n == 0 || words >= 2, "router entries too small");
	n = rd_count(r, n, words * 4);
	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		struct ip ip = ip_of_span(rd_span(r, 4));

		rd_skip(r, words * 4 - 4);
		if (i == 0)
			say_named_ip(f, &ip);
		if (rd_ok(r))
			say_role_of_ip(d, ip, ROLE_ROUTER);
	}
	rd_skip_rest(r);
	dissect_ident_role(d, ABOUT_SENDER, ROLE_ROUTER);
}

static void
question_or_answer(struct rd *r, struct dissect *d, uint32_t type)
{
	uint32_t pair = rd_be32(r);

	d->ctx.response = is_reply(type);
	if (rd_ok(r)) {
		dissect_pair(d, pair);
		if (d->ctx.response)
			(void)dissect_recall(d, pair);
		else
			dissect_remember(d,
			    (struct ask){ .pair = pair, .op = type });
	}
	(void)dissect_op(d, type);
	rd_skip_rest(r);
}

static void
icmp_parse(struct rd *r, struct dissect *d)
{
	uint32_t type = rd_u8(r), code = rd_u8(r);

	rd_skip(r, 2); /* checksum: the decoder's business */
	d->ctx.response = false;
	if (!rd_ok(r))
		return;
	if (is_question(type) || is_reply(type)) {
		question_or_answer(r, d, type);
	} else if (type == 3 || type == 4 || type == 11 || type == 12) {
		trouble(r, d, type, code);
	} else if (type == 5) {
		redirect(r, d, type);
	} else if (type == 9) {
		advertisement(r, d, type);
	} else {
		(void)dissect_op(d, type);
		if (type == 10 || type == 30)
			rd_skip_rest(r);
		else
			rd_opaque_rest(r);
	}
}

static enum way
icmp_way(struct span s)
{
	if (s.n < 1)
		return WAY_UNKNOWN;
	return is_question(s.p[0]) ? WAY_REQUEST
	    : is_reply(s.p[0])     ? WAY_RESPONSE
				   : WAY_UNKNOWN;
}

const struct proto proto_icmp = {
	.name = "icmp",
	.title = "Internet Control Message Protocol",
	.spec = "RFC 792, RFC 950, RFC 1256, RFC 8335",
	.depth = "all types; questions joined with answers; destination of the "
		 "quoted packet; routers advertised and redirected to",
	.slot = PROTO_SLOT,
	.ip = { 1 },
	.way = icmp_way,
	.parse = icmp_parse,
	PROTO_OPS(ops),
};
