/*
 * icmpv6.c - Internet Control Message Protocol for IPv6.
 *
 * RFC 4443; neighbour discovery RFC 4861, its options RFC 8106 (DNS), RFC
 * 4191 (routes); multicast listeners RFC 2710 and RFC 3810; inverse
 * discovery RFC 3122; RPL RFC 6550.
 *
 *	+------+------+----------+- - - - - - - - - - - - - - - - - -
 *	| type | code | checksum | by type, then options of discovery:
 *	+------+------+----------+ type u8, length u8 (times 8), data
 *	  u8     u8     be16
 *
 * Op is the type.  Pair of an echo is identifier << 16 | sequence.  What
 * reports trouble is an ERROR whose code is the ICMPv6 code and whose object
 * names where the quoted packet was bound for.
 */
#include "say.h"

#define OPTION_SOURCE 1
#define OPTION_TARGET 2
#define OPTION_PREFIX 3
#define OPTION_DNS 25

#define TYPE_ECHO 128
#define TYPE_ECHO_REPLY 129
#define TYPE_ROUTER_ADVERTISEMENT 134
#define TYPE_NEIGHBOUR_SOLICITATION 135
#define TYPE_NEIGHBOUR_ADVERTISEMENT 136
#define TYPE_REDIRECT 137

static const struct proto_op ops[] = {
	{ 1, FACT_DIAGNOSE, RISK_NONE, "destination unreachable" },
	{ 2, FACT_DIAGNOSE, RISK_NONE, "packet too big" },
	{ 3, FACT_DIAGNOSE, RISK_NONE, "time exceeded" },
	{ 4, FACT_DIAGNOSE, RISK_NONE, "parameter problem" },
	{ 128, FACT_DIAGNOSE, RISK_NONE, "echo request" },
	{ 129, FACT_DIAGNOSE, RISK_NONE, "echo reply" },
	{ 130, FACT_DISCOVER, RISK_NONE, "multicast listener query" },
	{ 131, FACT_SESSION, RISK_NONE, "multicast listener report" },
	{ 132, FACT_SESSION, RISK_NONE, "multicast listener done" },
	{ 133, FACT_DISCOVER, RISK_NONE, "router solicitation" },
	{ 134, FACT_DISCOVER, RISK_NONE, "router advertisement" },
	{ 135, FACT_DISCOVER, RISK_NONE, "neighbour solicitation" },
	{ 136, FACT_DISCOVER, RISK_NONE, "neighbour advertisement" },
	{ 137, FACT_CONFIG, RISK_CONFIGURATION, "redirect" },
	{ 138, FACT_CONFIG, RISK_CONFIGURATION, "router renumbering" },
	{ 139, FACT_DISCOVER, RISK_NONE, "node information query" },
	{ 140, FACT_DISCOVER, RISK_NONE, "node information response" },
	{ 141, FACT_DISCOVER, RISK_NONE, "inverse neighbour solicitation" },
	{ 142, FACT_DISCOVER, RISK_NONE, "inverse neighbour advertisement" },
	{ 143, FACT_SESSION, RISK_NONE, "version 2 multicast listener report" },
	{ 144, FACT_DISCOVER, RISK_NONE, "home agent discovery request" },
	{ 145, FACT_DISCOVER, RISK_NONE, "home agent discovery reply" },
	{ 146, FACT_DISCOVER, RISK_NONE, "mobile prefix solicitation" },
	{ 147, FACT_DISCOVER, RISK_NONE, "mobile prefix advertisement" },
	{ 148, FACT_DISCOVER, RISK_NONE, "certification path solicitation" },
	{ 149, FACT_DISCOVER, RISK_NONE, "certification path advertisement" },
	{ 151, FACT_DISCOVER, RISK_NONE, "multicast router advertisement" },
	{ 152, FACT_DISCOVER, RISK_NONE, "multicast router solicitation" },
	{ 153, FACT_DISCOVER, RISK_NONE, "multicast router termination" },
	{ 155, FACT_SESSION, RISK_NONE, "rpl control" },
	{ 157, FACT_DISCOVER, RISK_NONE, "duplicate address request" },
	{ 158, FACT_DISCOVER, RISK_NONE, "duplicate address confirmation" },
	{ 160, FACT_DIAGNOSE, RISK_NONE, "extended echo request" },
	{ 161, FACT_DIAGNOSE, RISK_NONE, "extended echo reply" },
};

static bool
is_reply(uint32_t type)
{
	return type == TYPE_ECHO_REPLY || type == 140 || type == 142 ||
	    type == 145 || type == 158 || type == 161;
}

static bool
is_question(uint32_t type)
{
	return type == TYPE_ECHO || type == 139 || type == 141 || type == 144 ||
	    type == 157 || type == 160;
}

/* "2001:db8::7 udp 161" of the IPv6 header quoted in an error. */
static void
name_quoted(struct fact *f, struct span s)
{
	char text[ADDR_TEXT_MAX];
	struct ip dst;

	if (f->kind == FACT_NONE || s.n < 40 || s.p[0] >> 4 != 6)
		return;
	dst = ip6_of(s.p + 24);
	(void)ip_text(&dst, text);
	if (s.n >= 44 && (s.p[6] == 6 || s.p[6] == 17))
		fact_textf(f, "%s %s %u", text, s.p[6] == 6 ? "tcp" : "udp",
		    (unsigned)s.p[42] << 8 | s.p[43]);
	else
		fact_textf(f, "%s protocol %u", text, (unsigned)s.p[6]);
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
prefix_option(struct rd *o, struct dissect *d, uint32_t type)
{
	uint32_t bits = rd_u8(o);
	struct ip ip;
	char text[ADDR_TEXT_MAX], line[ADDR_TEXT_MAX + 16];

	rd_skip(o, 13);
	ip = ip_of_span(rd_span(o, 16));
	if (!rd_ok(o) || !say_wanted(d, FACT_VALUE))
		return;
	(void)snprintf(line, sizeof(line), "%s/%u", ip_text(&ip, text),
	    (unsigned)bits);
	say_text(d, type, "prefix", span_text(line));
}

static void
dns_option(struct rd *o, struct dissect *d)
{
	rd_skip(o, 6);
	while (rd_left(o) >= 16)
		say_role_of_ip(d, ip_of_span(rd_span(o, 16)), ROLE_NAME);
}

/*
 * Options; a link-layer address belongs to `owner`: to the sender of the
 * message, or to the target it speaks of.
 */
static void
options(struct rd *r, struct dissect *d, uint32_t type, struct ip target)
{
	while (rd_more(r)) {
		uint32_t kind = rd_u8(r), words = rd_u8(r);
		struct rd o;

		rd_require(r, words > 0 || !rd_ok(r), "option without length");
		o = rd_sub(r, words > 0 ? words * 8 - 2 : 0);
		if (kind == OPTION_SOURCE && words == 1)
			say_binding(d, rd_span(&o, 6), say_sender(d)->ip);
		else if (kind == OPTION_TARGET && words == 1)
			say_binding(d, rd_span(&o, 6), target);
		else if (kind == OPTION_PREFIX && words == 4)
			prefix_option(&o, d, type);
		else if (kind == OPTION_DNS && words >= 3)
			dns_option(&o, d);
	}
}

static void
discovery(struct rd *r, struct dissect *d, uint32_t type)
{
	struct ip target = { .len = 0 };
	struct fact *f;

	if (type == TYPE_NEIGHBOUR_ADVERTISEMENT) {
		uint32_t flags = rd_u8(r);

		rd_skip(r, 3);
		d->ctx.response = BITS(flags, 6, 6) != 0; /* solicited */
		f = dissect_op(d, type);
		if (rd_ok(r) && BITS(flags, 7, 7) != 0)
			dissect_ident_role(d, ABOUT_SENDER, ROLE_ROUTER);
	} else {
		rd_skip(r, 4);
		f = dissect_op(d, type);
	}
	if (type >= TYPE_NEIGHBOUR_SOLICITATION) {
		target = ip_of_span(rd_span(r, 16));
		say_named_ip(f, &target);
	}
	options(r, d, type, target);
}

static void
router_advertisement(struct rd *r, struct dissect *d, uint32_t type)
{
	uint32_t lifetime;

	rd_skip(r, 2); /* hop limit; managed and other configuration */
	lifetime = rd_be16(r);
	rd_skip(r, 8); /* reachable and retransmit time */
	(void)dissect_op(d, type);
	if (rd_ok(r) && lifetime > 0)
		dissect_ident_role(d, ABOUT_SENDER, ROLE_ROUTER);
	options(r, d, type, (struct ip){ .len = 0 });
}

static void
redirect(struct rd *r, struct dissect *d, uint32_t type)
{
	struct fact *f = dissect_op(d, type);
	struct ip target, dst;
	char to[ADDR_TEXT_MAX], via[ADDR_TEXT_MAX];

	rd_skip(r, 4);
	target = ip_of_span(rd_span(r, 16));
	dst = ip_of_span(rd_span(r, 16));
	f->object = SAY_NAMED;
	if (rd_ok(r) && f->kind != FACT_NONE)
		fact_textf(f, "%s via %s", ip_text(&dst, to),
		    ip_text(&target, via));
	options(r, d, type, target);
}

/* RFC 3810 5.2 */
static void
report2(struct rd *r, struct dissect *d, uint32_t type)
{
	struct fact *f = dissect_op(d, type);
	uint32_t n;

	rd_skip(r, 2);
	n = rd_count(r, rd_be16(r), 20);
	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		uint32_t kind = rd_u8(r), aux = rd_u8(r), sources = rd_be16(r);
		struct ip group = ip_of_span(rd_span(r, 16));
		char text[ADDR_TEXT_MAX];

		rd_skip(r, sources * 16);
		rd_skip(r, aux * 4);
		if (!rd_ok(r))
			break;
		if (i == 0)
			say_named_ip(f, &group);
		if (say_wanted(d, FACT_VALUE))
			say_number(d, type, ip_text(&group, text), kind);
	}
	f->object.space = SPACE_NAME;
	f->object.count = n;
	rd_skip_rest(r);
}

static void
question_or_answer(struct rd *r, struct dissect *d, uint32_t type)
{
	bool echo = type == TYPE_ECHO || type == TYPE_ECHO_REPLY;
	uint32_t pair = rd_be32(r);

	d->ctx.response = is_reply(type);
	if (rd_ok(r) && echo) {
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
listener(struct rd *r, struct dissect *d, uint32_t type)
{
	struct fact *f = dissect_op(d, type);
	struct ip group;

	rd_skip(r, 4);
	group = ip_of_span(rd_span(r, 16));
	say_named_ip(f, &group);
	rd_skip_rest(r);
}

static void
icmpv6_parse(struct rd *r, struct dissect *d)
{
	uint32_t type = rd_u8(r), code = rd_u8(r);

	rd_skip(r, 2);
	d->ctx.response = false;
	if (!rd_ok(r))
		return;
	if (type >= 1 && type <= 4) {
		trouble(r, d, type, code);
	} else if (is_question(type) || is_reply(type)) {
		question_or_answer(r, d, type);
	} else if (type >= 130 && type <= 132) {
		listener(r, d, type);
	} else if (type == TYPE_ROUTER_ADVERTISEMENT) {
		router_advertisement(r, d, type);
	} else if (type == TYPE_REDIRECT) {
		redirect(r, d, type);
	} else if (type >= 133 && type <= 136) {
		discovery(r, d, type);
	} else if (type == 143) {
		report2(r, d, type);
	} else {
		(void)dissect_op(d, type);
		rd_opaque_rest(r);
	}
}

static enum way
icmpv6_way(struct span s)
{
	if (s.n < 1)
		return WAY_UNKNOWN;
	return is_question(s.p[0]) ? WAY_REQUEST
	    : is_reply(s.p[0])     ? WAY_RESPONSE
				   : WAY_UNKNOWN;
}

const struct proto proto_icmpv6 = {
	.name = "icmpv6",
	.title = "Internet Control Message Protocol for IPv6",
	.spec = "RFC 4443, RFC 4861, RFC 2710, RFC 3810",
	.depth = "all types; neighbour discovery with its options, groups "
		 "joined and left, destination of the quoted packet",
	.slot = PROTO_SLOT,
	.ip = { 58 },
	.way = icmpv6_way,
	.parse = icmpv6_parse,
	PROTO_OPS(ops),
};
