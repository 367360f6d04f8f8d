/*
 * stun.c - Session Traversal Utilities for NAT, and TURN.
 *
 * RFC 8489 (STUN), RFC 3489 (classic), RFC 8656 (TURN), RFC 7983 (what else
 * shares the port).
 *
 *	+------+--------+----------+----------------+  attributes: type be16,
 *	| type | length | 2112a442 | transaction 12 |  length be16, value,
 *	+------+--------+----------+----------------+  padded to four
 *	  be16   be16     be32
 *	channel data: channel be16 (4000 to 4fff), length be16, data
 *
 * Op is the type as it stands; 0x4000 channel data.  Other bytes of the same
 * flow are handed to DTLS and RTP by their first byte.  Pair: the first four
 * bytes of the transaction.
 */
#include "say.h"
#include "tls.h"

#define HEAD 20u
#define COOKIE "\x21\x12\xa4\x42"
#define PORT 3478u
#define CHANNEL 0x4000u

enum attribute {
	A_MAPPED = 0x0001,
	A_USER = 0x0006,
	A_ERROR = 0x0009,
	A_REALM = 0x0014,
	A_XOR_MAPPED = 0x0020,
	A_SOFTWARE = 0x8022,
};

#define SESSION(code, what)                         \
	{                                           \
		code, FACT_SESSION, RISK_NONE, what \
	}
static const struct proto_op ops[] = {
	{ 0x0001, FACT_DISCOVER, RISK_NONE, "binding request" },
	SESSION(0x0002, "shared secret request"),
	SESSION(0x0003, "allocate request"),
	SESSION(0x0004, "refresh request"),
	SESSION(0x0008, "create permission request"),
	SESSION(0x0009, "channel bind request"),
	SESSION(0x000a, "connect request"),
	SESSION(0x000b, "connection bind request"),
	SESSION(0x0011, "binding indication"),
	SESSION(0x0014, "refresh indication"),
	SESSION(0x0016, "send indication"),
	SESSION(0x0017, "data indication"),
	SESSION(0x001c, "connection attempt indication"),
	SESSION(0x0101, "binding success"),
	SESSION(0x0102, "shared secret success"),
	SESSION(0x0103, "allocate success"),
	SESSION(0x0104, "refresh success"),
	SESSION(0x0108, "create permission success"),
	SESSION(0x0109, "channel bind success"),
	SESSION(0x010a, "connect success"),
	SESSION(0x010b, "connection bind success"),
	SESSION(0x0111, "binding error"),
	SESSION(0x0112, "shared secret error"),
	SESSION(0x0113, "allocate error"),
	SESSION(0x0114, "refresh error"),
	SESSION(0x0118, "create permission error"),
	SESSION(0x0119, "channel bind error"),
	SESSION(0x011a, "connect error"),
	SESSION(0x011b, "connection bind error"),
	SESSION(CHANNEL, "channel data"),
};
#undef SESSION

static uint32_t
be16_at(struct span s, uint32_t at)
{
	return (uint32_t)s.p[at] << 8 | s.p[at + 1];
}

static bool
is_stun(struct span s)
{
	return s.n >= HEAD && s.p[0] < 2 && s.p[3] % 4 == 0 &&
	    memcmp(s.p + 4, COOKIE, 4) == 0;
}

static bool
is_classic(struct span s)
{
	uint32_t type = s.n >= HEAD ? be16_at(s, 0) : 0;

	return (type == 0x0001 || type == 0x0101 || type == 0x0111) &&
	    be16_at(s, 2) == s.n - HEAD;
}

static bool
is_channel(struct span s)
{
	return s.n >= 4 && s.p[0] >= 0x40 && s.p[0] < 0x50;
}

/* Over TCP with a length before it: RFC 4571. */
static bool
is_framed(struct span s)
{
	return s.n >= HEAD + 2 && is_stun(span_from(s, 2)) &&
	    be16_at(s, 0) == HEAD + be16_at(s, 4);
}

static uint32_t
stun_frame(struct span s, const struct dissect *d)
{
	uint32_t n;

	if (d->via == VIA_UDP)
		return s.n;
	if (is_framed(s))
		return 2 + be16_at(s, 0);
	n = be16_at(s, 2);
	if (is_channel(s))
		return 4 + (n + 3) / 4 * 4;
	if (is_stun(s))
		return HEAD + n;
	return s.n < HEAD + 2 && s.p[0] < 2 ? FRAME_NEED_MORE : FRAME_NOT_MINE;
}

static enum claim
stun_claim(struct span s, const struct dissect *d)
{
	if (d->via == VIA_TCP && is_framed(s))
		return CLAIM_STRONG;
	if (is_stun(s))
		return d->via == VIA_TCP || be16_at(s, 2) == s.n - HEAD
		    ? CLAIM_STRONG
		    : CLAIM_NO;
	if (is_classic(s))
		return CLAIM_WEAK;
	if (!say_on_port(d, PORT))
		return CLAIM_NO;
	return is_channel(s) ||
		(s.n >= 12 && (s.p[0] >= 0x80 || (s.p[0] >= 20 && s.p[0] < 26)))
	    ? CLAIM_WEAK
	    : CLAIM_NO;
}

static enum way
stun_way(struct span s)
{
	if (!is_stun(s) && !is_classic(s))
		return WAY_UNKNOWN;
	return s.p[0] == 1 ? WAY_RESPONSE : WAY_REQUEST;
}

/* Family u8 behind a zero, port be16, address; the newer form is XORed with
 * the cookie. */
static void
mapped(struct rd *r, struct dissect *d, uint32_t op, bool plain)
{
	uint32_t family;
	uint8_t b[4];
	struct span s;
	struct ip ip;
	char text[ADDR_TEXT_MAX];

	rd_skip(r, 1);
	family = rd_u8(r);
	rd_skip(r, 2);
	if (family != 1 || !rd_ok(r))
		return;
	s = rd_span(r, 4);
	if (!rd_ok(r) || !say_wanted(d, FACT_VALUE))
		return;
	for (uint32_t i = 0; i < 4; i++)
		b[i] = (uint8_t)(s.p[i] ^ (plain ? 0 : (uint8_t)COOKIE[i]));
	ip = ip_of_span(SPAN(b, 4));
	say_text(d, op, "seen as", span_text(ip_text(&ip, text)));
}

static void
attribute(struct rd *r, struct dissect *d, uint32_t op, uint32_t type)
{
	if (type == A_MAPPED || type == A_XOR_MAPPED)
		mapped(r, d, op, type == A_MAPPED);
	else if (type == A_SOFTWARE)
		dissect_ident(d, TRAIT_APPLICATION, rd_span_rest(r));
	else if (type == A_USER)
		say_text(d, op, "user", rd_span_rest(r));
	else if (type == A_REALM)
		say_text(d, op, "realm", rd_span_rest(r));
	rd_skip_rest(r);
}

static void
message(struct rd *r, struct dissect *d)
{
	uint32_t op = rd_be16(r), n = rd_be16(r), pair;
	struct rd list;

	rd_skip(r, 4);
	pair = rd_be32(r);
	rd_skip(r, 8);
	list = rd_sub(r, n);
	if (!rd_ok(r))
		return;
	dissect_pair(d, pair);
	d->ctx.response = (op & 0x0100) != 0;
	if (d->ctx.response)
		(void)dissect_recall(d, pair);
	else if ((op & 0x0010) == 0)
		dissect_remember(d, (struct ask){ .pair = pair, .op = op });
	if ((op & 0x0110) == 0x0110)
		(void)dissect_error(d, op, 0);
	else
		(void)dissect_op(d, op);
	while (rd_left(&list) >= 4) {
		uint32_t type = rd_be16(&list), size = rd_be16(&list);
		struct rd one = rd_sub(&list, size);

		attribute(&one, d, op, type);
		rd_skip(&list,
		    (4 - size % 4) % 4 < rd_left(&list) ? (4 - size % 4) % 4
							: rd_left(&list));
	}
	rd_skip_rest(&list);
	rd_skip_rest(r);
}

static void
stun_parse(struct rd *r, struct dissect *d)
{
	struct span head = rd_ahead(r, 1);
	uint32_t first = head.n == 1 ? head.p[0] : 0;

	if (d->via == VIA_TCP && is_framed(rd_ahead(r, rd_have(r)))) {
		rd_skip(r, 2);
		message(r, d);
		return;
	}
	if (first >= 0x80 && first < 0xc0) {
		dissect_inner(d, &proto_rtp, r);
	} else if (first >= 20 && first < 64) {
		dissect_inner(d, &proto_dtls, r);
	} else if (first >= 0x40 && first < 0x50) {
		dissect_unit(d, rd_be16(r));
		if (rd_ok(r))
			(void)dissect_op(d, CHANNEL);
		rd_skip(r, 2);
		rd_opaque_rest(r);
	} else {
		rd_require(r, first < 2,
		    "neither STUN nor what shares its port");
		message(r, d);
	}
}

const struct proto proto_stun = {
	.name = "stun",
	.title = "Session Traversal Utilities for NAT, with TURN",
	.spec = "RFC 8489, RFC 3489, RFC 8656, RFC 7983",
	.depth = "all types of STUN and TURN; addresses seen, users, programs; "
		 "DTLS and RTP on the same port",
	.slot = PROTO_SLOT,
	.tcp = { PORT },
	.udp = { PORT, 3479, 19302 },
	.claim = stun_claim,
	.way = stun_way,
	.frame = stun_frame,
	.frame_min = 4,
	.parse = stun_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct tls_state),
};
