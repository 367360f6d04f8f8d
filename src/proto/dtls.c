/*
 * dtls.c - Datagram Transport Layer Security.
 *
 * RFC 6347 (1.0 and 1.2), RFC 9147 (1.3).
 *
 *	record     type u8, version be16, epoch be16, sequence 48 bits, length
 *		   be16, fragment; 1.3 encrypted: 001 and five bits of flags
 *	handshake  type u8, length be24, message be16, offset be24, length
 *		   be24, body
 *
 * A handshake message that lies in one record and in clear is handed to TLS
 * as its own record would carry it: without the message's number and offset,
 * and the hello of a client without its cookie.  What this file says itself
 * is what TLS has not: op is the handshake type of a piece of a message, 3 a
 * hello verify request, 256 + record type of a record that is none of these.
 */
#include "say.h"
#include "tls.h"

#define R_CHANGE 20u
#define R_ALERT 21u
#define R_HANDSHAKE 22u
#define H_CLIENT_HELLO 1u
#define H_VERIFY 3u
#define OP_RECORD 256u
#define HEAD 13u
#define PIECE_MAX 2048u /* of a handshake message handed on */

static const struct proto_op ops[] = {
	{ 1, FACT_SESSION, RISK_NONE, "part of a client hello" },
	{ 2, FACT_SESSION, RISK_NONE, "part of a server hello" },
	{ H_VERIFY, FACT_SESSION, RISK_NONE, "hello verify request" },
	{ 4, FACT_SESSION, RISK_NONE, "part of a session ticket" },
	{ 11, FACT_SESSION, RISK_NONE, "part of a certificate" },
	{ 12, FACT_SESSION, RISK_NONE, "part of a server key exchange" },
	{ 13, FACT_SESSION, RISK_NONE, "part of a certificate request" },
	{ 14, FACT_SESSION, RISK_NONE, "part of a server hello done" },
	{ 15, FACT_SESSION, RISK_NONE, "part of a certificate verify" },
	{ 16, FACT_SESSION, RISK_NONE, "part of a client key exchange" },
	{ 20, FACT_SESSION, RISK_NONE, "part of a finished" },
	{ OP_RECORD + R_ALERT, FACT_SESSION, RISK_NONE, "alert" },
	{ OP_RECORD + 25, FACT_SESSION, RISK_NONE, "connection identifier" },
};

static bool
is_record(struct span s)
{
	return s.n >= HEAD && s.p[0] >= R_CHANGE && s.p[0] <= 26 &&
	    ((s.p[1] == 0xfe && (s.p[2] == 0xff || s.p[2] == 0xfd)) ||
		(s.p[1] == 1 && s.p[2] == 0));
}

static uint32_t
record_size(struct span s)
{
	return HEAD + ((uint32_t)s.p[11] << 8 | s.p[12]);
}

static enum claim
dtls_claim(struct span s, const struct dissect *d)
{
	uint32_t n;

	if (d->via != VIA_UDP)
		return CLAIM_NO;
	if (!is_record(s)) /* of 1.3, encrypted */
		return s.n >= 13 && s.p[0] >> 5 == 1 &&
			(say_on_port(d, 4433) || say_on_port(d, 5684))
		    ? CLAIM_WEAK
		    : CLAIM_NO;
	n = record_size(s);
	if (n == s.n || (n < s.n && is_record(span_from(s, n))))
		return s.p[1] == 0xfe ? CLAIM_STRONG : CLAIM_WEAK;
	return CLAIM_NO;
}

static enum way
dtls_way(struct span s)
{
	if (!is_record(s) || s.n < HEAD + 1 || s.p[0] != R_HANDSHAKE)
		return WAY_UNKNOWN;
	return s.p[HEAD] == H_CLIENT_HELLO            ? WAY_REQUEST
	    : s.p[HEAD] == 2 || s.p[HEAD] == H_VERIFY ? WAY_RESPONSE
						      : WAY_UNKNOWN;
}

/* The version as TLS writes it. */
static uint8_t
minor(uint8_t ours)
{
	return ours == 0xfd ? 3 : 2;
}

/* A copy of the hello without its cookie; its length, 0 if it makes none. */
static uint32_t
without_cookie(struct span body, uint8_t *dst)
{
	uint32_t at = 34, n;

	if (body.n < at + 2 || body.p[at] > body.n - at - 2)
		return 0;
	at += 1u + body.p[at];
	n = 1u + body.p[at];
	if (n > body.n - at)
		return 0;
	memcpy(dst, body.p, at);
	memcpy(dst + at, body.p + at + n, body.n - at - n);
	return body.n - n;
}

/* A whole message, in the dress of a record of TLS. */
static void
hand_on(struct rd *r, struct dissect *d, uint32_t type, struct span body)
{
	uint8_t b[PIECE_MAX + 9] = { 22, 3, 1 };
	uint32_t n = body.n;
	struct rd tls;

	if (type == H_CLIENT_HELLO) {
		n = without_cookie(body, b + 9);
		rd_require(r, n > 0, "hello ends before its cookie");
		if (n == 0)
			return;
	} else if (n > 0) {
		memcpy(b + 9, body.p, n);
	}
	if ((type == H_CLIENT_HELLO || type == 2) && n >= 2 && b[9] == 0xfe) {
		b[10] = minor(b[10]);
		b[9] = 3;
	}
	b[3] = (uint8_t)((n + 4) >> 8);
	b[4] = (uint8_t)(n + 4);
	b[5] = (uint8_t)type;
	b[7] = (uint8_t)(n >> 8);
	b[8] = (uint8_t)n;
	((struct tls_state *)d->state)->over = 'd';
	tls = rd_over(r, SPAN(b, n + 9));
	dissect_inner(d, &proto_tls, &tls);
}

static void
handshake(struct rd *r, struct dissect *d)
{
	while (rd_more(r)) {
		uint32_t type = rd_u8(r), n = rd_be24(r), offset, piece;
		struct span body;

		rd_skip(r, 2);
		offset = rd_be24(r);
		piece = rd_be24(r);
		rd_require(r, !rd_ok(r) || offset + piece <= n,
		    "piece ends behind its message");
		body = rd_span(r, piece);
		if (!rd_ok(r))
			return;
		if (piece == n && n <= PIECE_MAX && type != H_VERIFY)
			hand_on(r, d, type, body);
		else
			(void)dissect_op(d, type);
	}
}

static void
record(struct rd *r, struct dissect *d)
{
	uint32_t type = rd_u8(r), epoch;
	struct rd body;

	rd_skip(r, 2);
	epoch = rd_be16(r);
	rd_skip(r, 6);
	body = rd_sub_be16(r);
	if (!rd_ok(r))
		return;
	if (type == R_HANDSHAKE && epoch == 0) {
		handshake(&body, d);
	} else if (type == R_ALERT && epoch == 0 && rd_left(&body) == 2) {
		(void)dissect_error(d, OP_RECORD + type, rd_be16(&body) & 255);
	} else if (type == R_CHANGE) {
		rd_skip_rest(&body);
	} else {
		if (type == 25)
			(void)dissect_op(d, OP_RECORD + type);
		rd_secret(&body, rd_left(&body));
	}
}

static void
dtls_parse(struct rd *r, struct dissect *d)
{
	d->ctx.response = !d->to_server;
	while (rd_more(r)) {
		struct span head = rd_ahead(r, 1);

		if (head.n == 1 && head.p[0] >> 5 == 1) {
			rd_secret(r, rd_left(r)); /* 1.3, encrypted */
			return;
		}
		rd_require(r,
		    head.n == 0 || (head.p[0] >= R_CHANGE && head.p[0] <= 26),
		    "not a record");
		record(r, d);
	}
}

const struct proto proto_dtls = {
	.name = "dtls",
	.title = "Datagram Transport Layer Security",
	.spec = "RFC 6347, RFC 9147",
	.depth = "hellos, names, JA4, certificates, alerts; pieces of a "
		 "message are named; the rest is secret",
	.slot = PROTO_SLOT,
	.udp = { 4433, 5684, 443, 2221 },
	.claim = dtls_claim,
	.way = dtls_way,
	.parse = dtls_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct tls_state),
};
