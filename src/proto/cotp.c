/*
 * cotp.c - ISO transport over TCP: TPKT framing and the COTP inside it.
 *
 * RFC 1006, RFC 2126 (TPKT); ISO/IEC 8073 | ITU-T X.224 (COTP), clause 13.
 *
 *	+----+----+--------+----+---------+- - - - - -+- - - - - -
 *	| 03 | 00 | length | LI | code    | header    | user data
 *	+----+----+--------+----+---------+- - - - - -+- - - - - -
 *	  u8   u8   be16     u8   high nibble  LI - 1 bytes
 *
 *	CR, CC	dst-ref be16, src-ref be16, class; parameters (code, len, ...)
 *	DR	dst-ref, src-ref, reason; parameters
 *	DT	class 0, 1: EOT and number u8; else dst-ref first
 *
 * Length counts the whole packet.  Op is the TPDU's code with the low nibble
 * (credit) zero.  The name of a connection is "calling > called" transport
 * selectors.  Siemens writes rack and slot of the called CPU into the last
 * octet of its selector (rack << 5 | slot): that is the unit of a connection.
 * Pieces of user data are joined by EOT.  An empty DT keeps a connection
 * alive.
 *
 * Remote Desktop rides on the same two layers; it is left to its own
 * dissector.
 */
#include "cotp.h"
#include "proto.h"

#define TPKT_HEADER 4u
#define LONGEST_HEADER 254u

enum code {
	CODE_ED = 0x10,
	CODE_EA = 0x20,
	CODE_UD = 0x40,
	CODE_RJ = 0x50,
	CODE_AK = 0x60,
	CODE_ER = 0x70,
	CODE_DR = 0x80,
	CODE_DC = 0xc0,
	CODE_CC = 0xd0,
	CODE_CR = 0xe0,
	CODE_DT = 0xf0,
};

static const struct proto_op ops[] = {
	{ CODE_ED, FACT_SESSION, RISK_NONE, "expedited data" },
	{ CODE_EA, FACT_SESSION, RISK_NONE, "expedited data acknowledgement" },
	{ CODE_UD, FACT_SESSION, RISK_NONE, "unit data" },
	{ CODE_RJ, FACT_SESSION, RISK_NONE, "reject" },
	{ CODE_AK, FACT_SESSION, RISK_NONE, "data acknowledgement" },
	{ CODE_ER, FACT_SESSION, RISK_NONE, "tpdu error" },
	{ CODE_DR, FACT_SESSION, RISK_NONE, "disconnect request" },
	{ CODE_DC, FACT_SESSION, RISK_NONE, "disconnect confirm" },
	{ CODE_CC, FACT_SESSION, RISK_NONE, "connection confirm" },
	{ CODE_CR, FACT_SESSION, RISK_NONE, "connection request" },
	{ CODE_DT, FACT_SESSION, RISK_NONE, "data" },
};

#define TSAP_MAX 20u

struct tsap {
	uint8_t n;
	uint8_t b[TSAP_MAX];
};

struct cotp_state {
	uint64_t inner[COTP_INNER_STATE / 8];
	struct tsap calling, called;
	uint8_t open[2]; /* pieces of user data wait, by direction */
	bool said_module;
	bool tls; /* all that follows are records, or parts of them */
};

_Static_assert(sizeof(struct cotp_state) <= PROTO_STATE_MAX, "per flow");

/* --------------------------------------------------------------- framing */

/* A header length that fits the TPDU code, as X.224 13.3 to 13.12 have it. */
static bool
header_fits(uint32_t li, uint32_t octet)
{
	switch (octet & 0xf0) {
	case CODE_CR:
	case CODE_CC:
	case CODE_DR:
		return li >= 6;
	case CODE_DC:
		return li >= 5;
	case CODE_DT:
		return octet <= 0xf1 && (li == 2 || (li >= 4 && li <= 11));
	case CODE_ED:
	case CODE_EA:
	case CODE_AK:
	case CODE_RJ:
	case CODE_ER:
		return li >= 4 && li <= 40;
	case CODE_UD:
		return li >= 1;
	default:
		return false;
	}
}

static uint32_t
cotp_frame(struct span s, const struct dissect *d)
{
	uint32_t length = (uint32_t)s.p[2] << 8 | s.p[3];

	(void)d;
	if (s.p[0] != 3 || s.p[1] != 0 || length < TPKT_HEADER + 2 ||
	    s.p[4] == 0 || s.p[4] > LONGEST_HEADER ||
	    TPKT_HEADER + 1u + s.p[4] > length || !header_fits(s.p[4], s.p[5]))
		return FRAME_NOT_MINE;
	return length;
}

/* -------------------------------------------------------- whose flow it is */

#define RDP_PORT 3389

/* Parameters of a connection TPDU that only Remote Desktop sends: a cookie
 * or routing token line, or its negotiation structure. */
static bool
is_rdp(struct span param)
{
	if (span_starts(param, SPAN_LIT("Cookie:")) ||
	    span_starts(param, SPAN_LIT("tsv:")))
		return true;
	return param.n >= 4 && param.p[0] >= 1 && param.p[0] <= 3 &&
	    param.p[2] == 8 && param.p[3] == 0;
}

static enum claim
claim_connection(struct span s)
{
	struct span param = span_from(s, TPKT_HEADER + 7);
	uint32_t left = s.p[4] - 6u;

	if (is_rdp(param))
		return CLAIM_NO;
	if (left == 0)
		return CLAIM_WEAK;
	if (param.n < 2)
		return CLAIM_WEAK;
	if ((param.p[0] & 0xf0) != 0xc0 && (param.p[0] & 0xf0) != 0x80)
		return CLAIM_NO;
	return param.p[1] + 2u <= left ? CLAIM_STRONG : CLAIM_NO;
}

/* What the first octets of user data are: NULL where nobody is known. */
static const struct proto *
who_is_inside(struct span s)
{
	static const uint8_t session[] = { 0x01, 0x05, 0x07, 0x08, 0x09, 0x0a,
		0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x19, 0x1a };

	if (s.n < 2)
		return NULL;
	if (s.p[0] == 0x32)
		return &proto_s7comm;
	/* S7comm-plus, or the TLS records that follow its InitSSL */
	if (s.p[0] == 0x72 || (s.p[0] >= 0x14 && s.p[0] <= 0x17 && s.p[1] == 3))
		return &proto_s7comm_plus;
	/* an MMS PDU without the layers between */
	if (s.p[0] >= 0x80 && s.p[0] <= 0xad)
		return &proto_mms;
	if (memchr(session, s.p[0], sizeof(session)) != NULL)
		return &proto_mms;
	return NULL;
}

/* User data that are surely of a protocol that ISO transport carries. */
static enum claim
claim_data(struct span s)
{
	struct span user = span_from(s, TPKT_HEADER + 1u + s.p[4]);
	const struct proto *in = who_is_inside(user);

	if (user.n < 4)
		return CLAIM_WEAK;
	if (in == &proto_s7comm)
		return user.p[1] <= 7 && user.p[1] >= 1 && user.p[2] == 0
		    ? CLAIM_STRONG
		    : CLAIM_NO;
	if (in == &proto_s7comm_plus)
		return user.p[1] <= 3 || user.p[1] >= 0xfe ? CLAIM_STRONG
							   : CLAIM_NO;
	/* session SPDU of no parameters twice, or one whose length fits */
	if (span_starts(user, SPAN_LIT("\x01\x00\x01\x00")))
		return CLAIM_STRONG;
	return in != NULL && user.p[1] + 2u <= user.n ? CLAIM_WEAK : CLAIM_NO;
}

static enum claim
claim_by_code(struct span s)
{
	switch (s.p[5] & 0xf0) {
	case CODE_CR:
	case CODE_CC:
		return claim_connection(s);
	case CODE_DT:
		return claim_data(s);
	default:
		return CLAIM_WEAK;
	}
}

static enum claim
cotp_claim(struct span s, const struct dissect *d)
{
	enum claim claim;

	if (d->via != VIA_TCP || d->talk->server_port == RDP_PORT ||
	    d->talk->client_port == RDP_PORT)
		return CLAIM_NO;
	if (s.n == TPKT_HEADER) /* some send it alone; the rest will tell */
		return span_starts(s, SPAN_LIT("\x03\0\0")) &&
			s.p[3] >= TPKT_HEADER + 3
		    ? CLAIM_STRONG
		    : CLAIM_NO;
	if (s.n < TPKT_HEADER + 3 || cotp_frame(s, d) == FRAME_NOT_MINE)
		return CLAIM_NO;
	claim = claim_by_code(s);
	/* users of raw ISO-on-TCP send what they like */
	if (claim == CLAIM_NO && (s.p[5] & 0xf0) == CODE_DT &&
	    (d->talk->server_port == 102 || d->talk->client_port == 102))
		return CLAIM_WEAK;
	return claim;
}

/* S7 says in its own header who asks; a CPU asks for pieces of a download. */
static enum way
way_s7(struct span user)
{
	bool asks, piece;
	uint32_t function;

	if (user.n < 13 || user.p[0] != 0x32)
		return WAY_UNKNOWN;
	if (user.p[1] == 7 && user.n > 15)
		return user.p[15] >> 4 == 4 ? WAY_REQUEST : WAY_RESPONSE;
	asks = user.p[1] == 1;
	if (!asks && user.p[1] != 3)
		return WAY_UNKNOWN;
	function = user.p[asks ? 10 : 12];
	piece = function == 0x1b || function == 0x1c;
	return asks != piece ? WAY_REQUEST : WAY_RESPONSE;
}

static enum way
cotp_way(struct span s)
{
	if (s.n < TPKT_HEADER + 3 || s.p[0] != 3)
		return WAY_UNKNOWN;
	switch (s.p[5] & 0xf0) {
	case CODE_CR:
		return WAY_REQUEST;
	case CODE_CC:
		return WAY_RESPONSE;
	case CODE_DT:
		return way_s7(span_from(s, TPKT_HEADER + 1u + s.p[4]));
	default:
		return WAY_UNKNOWN;
	}
}

/* ------------------------------------------------------------- connections */

static void
keep_tsap(struct tsap *t, struct span s)
{
	t->n = (uint8_t)(s.n < TSAP_MAX ? s.n : TSAP_MAX);
	if (t->n > 0)
		memcpy(t->b, s.p, t->n);
}

/* As text where it is text, else in hex. */
static uint32_t
put_tsap(char *dst, const struct tsap *t)
{
	static const char hex[] = "0123456789abcdef";
	bool text = t->n > 0;
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->n; i++)
		text = text && t->b[i] >= 0x20 && t->b[i] < 0x7f;
	for (uint32_t i = 0; i < t->n; i++) {
		if (text) {
			dst[n++] = (char)t->b[i];
			continue;
		}
		dst[n++] = hex[t->b[i] >> 4];
		dst[n++] = hex[t->b[i] & 15];
	}
	return n;
}

static void
name_connection(struct fact *f, const struct cotp_state *st)
{
	char text[TSAP_MAX * 4 + 8];
	uint32_t n;

	if (f->kind == FACT_NONE || (st->calling.n == 0 && st->called.n == 0))
		return;
	f->object = (struct fact_object){ .space = SPACE_NAME, .count = 1 };
	n = put_tsap(text, &st->calling);
	memcpy(text + n, " > ", 3);
	n += 3;
	n += put_tsap(text + n, &st->called);
	fact_text(f, SPAN((const uint8_t *)text, n));
}

/* Siemens: connection type (1 PG, 2 OP, 3 basic, 10h and up configured),
 * then rack << 5 | slot. */
static bool
tsap_is_s7(const struct tsap *t)
{
	return t->n == 2 &&
	    ((t->b[0] >= 1 && t->b[0] <= 3) ||
		(t->b[0] >= 0x10 && t->b[0] <= 0xdf));
}

/* S7-1200 and 1500 are called by what the caller is. */
static void
say_client(struct dissect *d, const struct cotp_state *st)
{
	struct span called = SPAN(st->called.b, st->called.n);

	if (span_is(called, SPAN_LIT("SIMATIC-ROOT-ES")))
		dissect_ident_role(d, ABOUT_RECEIVER, ROLE_ENGINEERING);
	else if (span_is(called, SPAN_LIT("SIMATIC-ROOT-HMI")))
		dissect_ident_role(d, ABOUT_RECEIVER, ROLE_HMI);
}

static void
parameters(struct rd *r, struct cotp_state *st)
{
	while (rd_more(r)) {
		uint32_t code = rd_u8(r);
		struct rd value = rd_sub_u8(r);

		if (code == 0xc1)
			keep_tsap(&st->calling,
			    rd_span(&value, rd_left(&value)));
		else if (code == 0xc2)
			keep_tsap(&st->called,
			    rd_span(&value, rd_left(&value)));
		/* size, checksum, version, options, times: known, not used */
		rd_skip_rest(&value);
	}
}

static void
connection_request(struct rd *r, struct dissect *d, struct cotp_state *st)
{
	uint32_t src;
	struct fact *f;

	*st = (struct cotp_state){ .said_module = false };
	rd_skip(r, 2);
	src = rd_be16(r);
	rd_skip(r, 1); /* class and options */
	parameters(r, st);
	d->ctx.response = false;
	dissect_pair(d, src);
	if (tsap_is_s7(&st->called))
		dissect_unit(d, st->called.b[1]);
	f = dissect_op(d, CODE_CR);
	name_connection(f, st);
	/* one connection a flow: some confirm another reference */
	dissect_remember(d, (struct ask){ .pair = 0, .op = CODE_CR });
}

static void
connection_confirm(struct rd *r, struct dissect *d, struct cotp_state *st)
{
	uint32_t dst = rd_be16(r);

	rd_skip(r, 3); /* source reference, class */
	parameters(r, st);
	d->ctx.response = true;
	dissect_pair(d, dst);
	(void)dissect_recall(d, 0);
	if (tsap_is_s7(&st->called))
		dissect_unit(d, st->called.b[1]);
	name_connection(dissect_op(d, CODE_CC), st);
	say_client(d, st);
}

/* Refuses a connection when it answers a request for one. */
static void
disconnect(struct rd *r, struct dissect *d, struct cotp_state *st)
{
	uint32_t dst = rd_be16(r), src = rd_be16(r), reason = rd_u8(r);
	bool refused = src == 0 && !d->to_server;

	parameters(r, st);
	dissect_pair(d, dst);
	d->ctx.response = refused;
	if (refused) {
		(void)dissect_recall(d, 0);
		(void)dissect_error(d, CODE_CR, reason);
		return;
	}
	dissect_op(d, CODE_DR)->code = reason;
}

static void
tpdu_error(struct rd *r, struct dissect *d)
{
	uint32_t dst = rd_be16(r), cause = rd_u8(r);

	rd_skip_rest(r); /* the TPDU in question */
	dissect_pair(d, dst);
	d->ctx.response = false;
	(void)dissect_error(d, CODE_ER, cause);
}

/* -------------------------------------------------------------------- data */

/* A CPU that was spoken to through its rack and slot is where it says. */
static void
s7_module(struct dissect *d, struct cotp_state *st)
{
	uint32_t at = st->called.b[1];

	if (d->to_server || st->said_module || !tsap_is_s7(&st->called))
		return;
	st->said_module = true;
	dissect_identf(d, TRAIT_MODULE, "rack %u slot %u", at >> 5, at & 31);
}

static void
hand_on(struct rd *r, struct dissect *d, struct cotp_state *st)
{
	struct span s = rd_ahead(r, 2);
	const struct proto *in =
	    st->tls ? &proto_s7comm_plus : who_is_inside(s);

	if (in == NULL) {
		d->ctx.response = false;
		(void)dissect_op(d, CODE_DT);
		rd_opaque_rest(r);
		return;
	}
	if (in == &proto_s7comm)
		s7_module(d, st);
	if (in == &proto_s7comm_plus && s.n > 0 && s.p[0] != 0x72)
		st->tls = true;
	d->state = st->inner;
	dissect_inner(d, in, r);
	d->state = st;
}

/* A span of known length: what was not captured fails by itself. */
static void
piece(struct rd *r, struct dissect *d, struct cotp_state *st, uint32_t key,
    bool eot)
{
	uint8_t *open = &st->open[d->to_server];
	bool first = *open == 0;
	struct span all = rd_span(r, rd_left(r));
	struct rd whole;

	if (!rd_ok(r))
		return;
	*open = !eot;
	if (!dissect_join(d, key, first, eot, all, &all))
		return;
	whole = rd_over(r, all);
	hand_on(&whole, d, st);
}

static void
data(struct rd *r, struct rd *head, struct dissect *d, struct cotp_state *st)
{
	uint32_t key = 0, number;

	if (rd_left(head) > 1)
		key = rd_be16(head);
	number = rd_u8(head);
	rd_skip_rest(head); /* numbers and checksum of classes 2 to 4 */
	if (!rd_ok(r))
		return;
	if (rd_left(r) == 0 && st->open[d->to_server] == 0) {
		d->ctx.response = false;
		(void)dissect_op(d, CODE_DT);
	} else if ((number & 0x80) == 0 || st->open[d->to_server] != 0) {
		piece(r, d, st, key, (number & 0x80) != 0);
	} else {
		hand_on(r, d, st);
	}
}

static void
other(struct rd *r, struct dissect *d, uint32_t code)
{
	rd_skip_rest(r);
	d->ctx.response = false;
	(void)dissect_op(d, code);
}

static void
cotp_parse(struct rd *r, struct dissect *d)
{
	struct cotp_state *st = d->state;
	struct rd head;
	uint32_t code;

	rd_skip(r, TPKT_HEADER);
	head = rd_sub_u8(r);
	code = rd_u8(&head) & 0xf0u;
	if (code == CODE_DT) {
		data(r, &head, d, st);
		return;
	}
	if (code == CODE_CR)
		connection_request(&head, d, st);
	else if (code == CODE_CC)
		connection_confirm(&head, d, st);
	else if (code == CODE_DR)
		disconnect(&head, d, st);
	else if (code == CODE_ER)
		tpdu_error(&head, d);
	else
		other(&head, d, code);
	rd_skip_rest(r); /* user data of the connection's own TPDUs */
}

const struct proto proto_cotp = {
	.name = "cotp",
	.title = "ISO Transport over TCP (TPKT, COTP)",
	.spec = "RFC 1006, RFC 2126; ISO/IEC 8073, ITU-T X.224",
	.depth = "all TPDUs, transport selectors with rack and slot, "
		 "segmented user data joined",
	.slot = PROTO_SLOT,
	.ot = true,
	.carrier = true,
	.tcp = { 102 },
	.claim = cotp_claim,
	.way = cotp_way,
	.frame = cotp_frame,
	.frame_min = 6,
	.parse = cotp_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct cotp_state),
};
