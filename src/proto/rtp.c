/*
 * rtp.c - Real-time Transport Protocol and its control protocol.
 *
 * RFC 3550 clauses 5 and 6, RFC 3551 (payload types).
 *
 *	RTP	version 2, padding 1, extension 1, sources 4 bits | marker 1,
 *		payload type 7 bits | sequence be16 | time be32 | source be32
 *	RTCP	version 2, padding 1, count 5 bits | type u8 | words be16 |
 *		source be32 | by type; several in one datagram
 *
 * Op is the payload type of RTP (0 to 127) and the packet type of RTCP (192
 * on).  Unit is the source, seq the sequence.  The names of a source
 * description are values.
 */
#include "say.h"

#define RTCP_FIRST 192u
#define RTCP_LAST 213u
#define T_DESCRIPTION 202u
#define PORT 5004u

#define AUDIO(code, what)                          \
	{                                          \
		code, FACT_REPORT, RISK_NONE, what \
	}
static const struct proto_op ops[] = {
	AUDIO(0, "PCMU audio"),
	AUDIO(3, "GSM audio"),
	AUDIO(4, "G.723 audio"),
	AUDIO(5, "DVI4 8 kHz audio"),
	AUDIO(6, "DVI4 16 kHz audio"),
	AUDIO(7, "LPC audio"),
	AUDIO(8, "PCMA audio"),
	AUDIO(9, "G.722 audio"),
	AUDIO(10, "L16 stereo audio"),
	AUDIO(11, "L16 audio"),
	AUDIO(12, "QCELP audio"),
	AUDIO(13, "comfort noise"),
	AUDIO(14, "MPEG audio"),
	AUDIO(15, "G.728 audio"),
	AUDIO(16, "DVI4 11 kHz audio"),
	AUDIO(17, "DVI4 22 kHz audio"),
	AUDIO(18, "G.729 audio"),
	AUDIO(25, "CelB video"),
	AUDIO(26, "JPEG video"),
	AUDIO(28, "nv video"),
	AUDIO(31, "H.261 video"),
	AUDIO(32, "MPEG video"),
	AUDIO(33, "MPEG-2 transport stream"),
	AUDIO(34, "H.263 video"),
#define DYNAMIC(code) AUDIO(code, "dynamic payload type")
#define DYNAMIC4(n) \
	DYNAMIC(n), DYNAMIC((n) + 1), DYNAMIC((n) + 2), DYNAMIC((n) + 3)
	DYNAMIC4(96),
	DYNAMIC4(100),
	DYNAMIC4(104),
	DYNAMIC4(108),
	DYNAMIC4(112),
	DYNAMIC4(116),
	DYNAMIC4(120),
	DYNAMIC4(124),
	AUDIO(192, "full intra-frame request"),
	AUDIO(193, "negative acknowledgement"),
	AUDIO(200, "sender report"),
	AUDIO(201, "receiver report"),
	AUDIO(T_DESCRIPTION, "source description"),
	{ 203, FACT_SESSION, RISK_NONE, "goodbye" },
	AUDIO(204, "application-defined"),
	AUDIO(205, "transport feedback"),
	AUDIO(206, "payload feedback"),
	AUDIO(207, "extended report"),
#undef DYNAMIC4
#undef DYNAMIC
#undef AUDIO
};

static bool
is_control(struct span s)
{
	return s.n >= 8 && s.p[0] >> 6 == 2 && s.p[1] >= RTCP_FIRST &&
	    s.p[1] <= RTCP_LAST;
}

/* A report as long as the count of its blocks says; RFC 3550, 6.4. */
static bool
is_report(struct span s)
{
	uint32_t blocks = s.p[0] & 31u, words = (uint32_t)s.p[2] << 8 | s.p[3];

	if (!is_control(s) || (words + 1) * 4 > s.n)
		return false;
	return (s.p[1] == 200 && words == 6 + 6 * blocks) ||
	    (s.p[1] == 201 && words == 1 + 6 * blocks);
}

/* What a codec makes of 10 or 20 ms; a video or dynamic type can be any. */
static bool
is_media(struct span s)
{
	uint32_t type = s.p[1] & 0x7f, n = s.n - 12;

	if (s.p[0] != 0x80 && s.p[0] != 0x90)
		return false;
	if (s.p[0] == 0x90)
		return type >= 96 && n >= 24;
	switch (type) {
	case 0:
	case 8:
	case 9:
		return n == 80 || n == 160 || n == 240 || n == 320;
	case 3:
		return n == 33;
	case 18:
		return n == 10 || n == 20 || n == 40;
	case 26:
	case 33:
		return n >= 188;
	}
	return type >= 96 && n >= 20;
}

static enum claim
rtp_claim(struct span s, const struct dissect *d)
{
	if (d->via != VIA_UDP || s.n < 8 || s.p[0] >> 6 != 2)
		return CLAIM_NO;
	if (is_control(s))
		return is_report(s) ? CLAIM_STRONG : CLAIM_WEAK;
	return s.n >= 12 && (is_media(s) || say_on_port(d, PORT)) ? CLAIM_WEAK
								  : CLAIM_NO;
}

/* Sources, each: be32, then items: type u8, length u8, text; 0 ends. */
static void
description(struct rd *r, struct dissect *d)
{
	rd_skip(r, 4);
	while (rd_left(r) >= 2) {
		uint32_t item = rd_u8(r);
		struct span text;

		if (item == 0)
			break;
		text = rd_span(r, rd_u8(r));
		if (rd_ok(r) && item == 1)
			say_text(d, T_DESCRIPTION, "name", text);
		else if (rd_ok(r) && item == 6)
			dissect_ident(d, TRAIT_APPLICATION, text);
	}
	rd_skip_rest(r);
}

static void
control(struct rd *r, struct dissect *d)
{
	bool first = true;

	while (is_control(rd_ahead(r, 8)) || (first && rd_ok(r))) {
		struct rd one;
		uint32_t type;

		rd_skip(r, 1);
		type = rd_u8(r);
		one = rd_sub(r, 4u * rd_be16(r));
		if (!rd_ok(r))
			return;
		if (rd_ahead(&one, 4).n == 4 && type != T_DESCRIPTION)
			dissect_unit(d, rd_be32(&one));
		(void)dissect_op(d, type);
		if (type == T_DESCRIPTION)
			description(&one, d);
		rd_skip_rest(&one);
		first = false;
	}
	rd_secret(r, rd_left(r)); /* index and proof of SRTCP, RFC 3711 */
}

static void
media(struct rd *r, struct dissect *d)
{
	uint32_t head = rd_u8(r), type = rd_u8(r) & 0x7f;

	rd_require(r, !rd_ok(r) || head >> 6 == 2, "not version 2");
	d->ctx.seq = rd_be16(r);
	rd_skip(r, 4);
	dissect_unit(d, rd_be32(r));
	if (rd_ok(r))
		(void)dissect_op(d, type);
	rd_skip(r, (head & 15) * 4);
	rd_skip_rest(r);
}

static void
rtp_parse(struct rd *r, struct dissect *d)
{
	struct span head = rd_ahead(r, 2);

	d->ctx.response = false;
	if (head.n == 2 && head.p[1] >= RTCP_FIRST && head.p[1] <= RTCP_LAST)
		control(r, d);
	else
		media(r, d);
}

const struct proto proto_rtp = {
	.name = "rtp",
	.title = "Real-time Transport Protocol, with RTCP",
	.spec = "RFC 3550, RFC 3551",
	.depth = "payload types, sources, sequence; RTCP by type, names; what "
		 "is heard and seen is passed over",
	.slot = PROTO_SLOT,
	.udp = { PORT, 5005 },
	.claim = rtp_claim,
	.parse = rtp_parse,
	PROTO_OPS(ops),
};
