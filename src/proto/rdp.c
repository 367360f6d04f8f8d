/*
 * rdp.c - Remote Desktop Protocol, up to where it becomes secret.
 *
 * [MS-RDPBCGR] 2.2.1; TPKT RFC 1006; X.224 (07/96) clause 13; MCS T.125,
 * GCC T.124; fast path [MS-RDPBCGR] 2.2.8.1.2 and 2.2.9.1.2.
 *
 *	3 | 0 | length be16 | X.224 length u8 | type u8 | ...
 *	CR 0xe0, CC 0xd0: references 4, class 1, "Cookie: mstshash=NAME" CRLF,
 *		negotiation: type u8 | flags u8 | 8 le16 | protocols le32
 *	DT 0xf0: end mark 1, MCS: 0x7f65 connect initial, 0x7f66 response,
 *		else choice in the upper six bits of a byte
 *
 * Op is the X.224 type; 0x100 + tag of an MCS connect (0x65, 0x66); 0x200 +
 * choice of another MCS unit.  When TLS was agreed on the rest is TLS; else
 * the payload of MCS data is secret.  Client and server data blocks are found
 * behind the GCC keys "Duca" and "McDn".
 */
#include "proto.h"
#include "text.h"
#include "tls.h"

#define PORT 3389u
#define OP_CONNECT 0x100u
#define OP_UNIT 0x200u
#define BLOCKS_MAX 16u

enum type {
	T_DISCONNECT = 0x80,
	T_CONFIRM = 0xd0,
	T_REQUEST = 0xe0,
	T_DATA = 0xf0,
};

enum unit {
	U_DISCONNECT = 8,
	U_SEND_REQUEST = 25,
	U_SEND_INDICATION = 26,
};

static const struct proto_op ops[] = {
	{ 0x80, FACT_SESSION, RISK_NONE, "disconnect request" },
	{ 0xd0, FACT_SESSION, RISK_NONE, "connection confirm" },
	{ 0xe0, FACT_SESSION, RISK_NONE, "connection request" },
	{ 0x165, FACT_SESSION, RISK_NONE, "mcs connect initial" },
	{ 0x166, FACT_SESSION, RISK_NONE, "mcs connect response" },
	{ 0x201, FACT_SESSION, RISK_NONE, "erect domain request" },
	{ 0x208, FACT_SESSION, RISK_NONE, "disconnect provider ultimatum" },
	{ 0x20a, FACT_SESSION, RISK_NONE, "attach user request" },
	{ 0x20b, FACT_SESSION, RISK_NONE, "attach user confirm" },
	{ 0x20e, FACT_SESSION, RISK_NONE, "channel join request" },
	{ 0x20f, FACT_SESSION, RISK_NONE, "channel join confirm" },
	{ 0x219, FACT_SESSION, RISK_NONE, "send data request" },
	{ 0x21a, FACT_SESSION, RISK_NONE, "send data indication" },
};

struct state {
	struct tls_state tls; /* first: proto_tls works on it */
	bool spoke; /* a TPKT was seen: fast path may follow */
};

/* ---------------------------------------------------------------- framing */

static uint32_t
fast_path_length(struct span s)
{
	uint32_t n;

	if (s.n < 3)
		return FRAME_NEED_MORE;
	n = s.p[1];
	if ((n & 0x80) != 0)
		n = (n & 0x7f) << 8 | s.p[2];
	return n >= 3 ? n : FRAME_NOT_MINE;
}

static uint32_t
rdp_frame(struct span s, const struct dissect *d)
{
	const struct state *st = d->state;
	uint32_t n = (uint32_t)s.p[2] << 8 | s.p[3];

	if (s.p[0] == 3 && s.p[1] == 0)
		return n >= 7 ? n : FRAME_NOT_MINE;
	if (s.p[0] >= 20 && s.p[0] <= 24 && s.p[1] == 3)
		return tls_record_length(s);
	return st->spoke && (s.p[0] & 3) == 0 ? fast_path_length(s)
					      : FRAME_NOT_MINE;
}

/* The negotiation block that ends a CR or CC, or nothing. */
static bool
is_negotiation(struct span s, uint32_t type)
{
	return s.n >= 8 && (s.p[0] == type || s.p[0] == 3) && s.p[2] == 8 &&
	    s.p[3] == 0 && s.p[5] == 0 && s.p[6] == 0 && s.p[7] == 0;
}

static enum claim
rdp_claim(struct span s, const struct dissect *d)
{
	uint32_t type;
	struct span rest;

	if (d->via != VIA_TCP || s.n < 7 || s.p[0] != 3 || s.p[1] != 0)
		return CLAIM_NO;
	type = s.p[5];
	rest = span_from(span_first(s, (uint32_t)s.p[2] << 8 | s.p[3]), 11);
	if ((type != T_REQUEST && type != T_CONFIRM) ||
	    s.p[4] + 5u != ((uint32_t)s.p[2] << 8 | s.p[3]))
		return d->talk->server_port == PORT && type == T_DATA
		    ? CLAIM_WEAK
		    : CLAIM_NO;
	if (type == T_REQUEST &&
	    (text_starts(rest, "cookie: msts") || is_negotiation(rest, 1)))
		return CLAIM_STRONG;
	if (type == T_CONFIRM && is_negotiation(rest, 2))
		return CLAIM_STRONG;
	return rest.n == 0 && d->talk->server_port == PORT ? CLAIM_WEAK
							   : CLAIM_NO;
}

static enum way
rdp_way(struct span s)
{
	if (s.n < 6 || s.p[0] != 3)
		return WAY_UNKNOWN;
	return s.p[5] == T_REQUEST ? WAY_REQUEST
	    : s.p[5] == T_CONFIRM  ? WAY_RESPONSE
				   : WAY_UNKNOWN;
}

/* ------------------------------------------------------------- connecting */

/* The list of what the client would accept, or the one that was chosen. */
static const char *
protocol_name(uint32_t bits)
{
	if ((bits & 8) != 0)
		return "CredSSP early user authorisation";
	if ((bits & 2) != 0)
		return "CredSSP";
	if ((bits & 4) != 0)
		return "RDSTLS";
	return (bits & 1) != 0 ? "TLS" : "standard RDP security";
}

static void
say_cookie(struct dissect *d, struct span line)
{
	struct fact *f;

	if (!text_starts(line, "cookie: mstshash="))
		return;
	line = span_from(line, 17);
	if (line.n == 0)
		return;
	f = dissect_emit(d, FACT_LOGIN, T_REQUEST);
	f->object = (struct fact_object){ .space = SPACE_NAME, .count = 1 };
	fact_text(f, line);
}

static void
connection_request(struct rd *r, struct dissect *d)
{
	struct fact *f;
	struct span head;

	d->ctx.response = false;
	f = dissect_op(d, T_REQUEST);
	dissect_remember(d, (struct ask){ .op = T_REQUEST });
	rd_skip(r, 5);
	head = rd_ahead(r, 1);
	if (head.n == 1 && text_lower(head.p[0]) == 'c')
		say_cookie(d, text_rd_line(r));
	head = rd_ahead(r, 1);
	if (head.n == 0 || head.p[0] != 1 || rd_left(r) < 8) {
		rd_skip_rest(r);
		return;
	}
	rd_skip(r, 4);
	fact_text(f, span_text(protocol_name(rd_le32(r))));
	rd_skip_rest(r);
}

static void
connection_confirm(struct rd *r, struct dissect *d)
{
	uint32_t type = 0, value = 0;

	d->ctx.response = true;
	(void)dissect_recall(d, 0);
	rd_skip(r, 5);
	if (rd_left(r) >= 8) {
		type = rd_u8(r);
		rd_skip(r, 3);
		value = rd_le32(r);
	}
	rd_skip_rest(r);
	if (!rd_ok(r))
		return;
	if (type == 3) {
		(void)dissect_error(d, T_REQUEST, value);
		return;
	}
	fact_text(dissect_op(d, T_CONFIRM), span_text(protocol_name(value)));
	dissect_identf(d, TRAIT_SECURITY, "remote desktop: %s",
	    protocol_name(value));
}

/* ------------------------------------------------------------ data blocks */

/* Client core data, 2.2.1.3.2: after the header of 4. */
static void
client_core(struct rd *b, struct dissect *d)
{
	uint32_t keyboard, build;
	struct span name;
	struct fact *f;

	if (rd_left(b) < 52)
		return;
	rd_skip(b, 12);
	keyboard = rd_le32(b);
	build = rd_le32(b);
	name = rd_span(b, 32);
	for (uint32_t i = 0; i + 1 < name.n; i += 2)
		if (name.p[i] == 0 && name.p[i + 1] == 0)
			name = span_first(name, i);
	f = dissect_ident_about(d, ABOUT_SENDER, TRAIT_NAME, name);
	if (name.n > 0)
		fact_text16(f, name);
	if (rd_ok(b))
		dissect_identf(d, TRAIT_APPLICATION,
		    "RDP client build %u, keyboard 0x%04x", build, keyboard);
}

/* Channel definitions, 2.2.1.3.4: eight characters and options each. */
static void
client_channels(struct rd *b, struct fact *f)
{
	uint32_t n = rd_left(b) >= 4 ? rd_le32(b) : 0, len = 0;
	uint8_t names[FACT_TEXT_MAX];

	for (uint32_t i = 0; i < n && i < 31 && rd_left(b) >= 12; i++) {
		struct span name = rd_span(b, 8);

		name = span_first(name, span_find(name, 0));
		rd_skip(b, 4);
		if (len + name.n + 1 > sizeof(names))
			break;
		if (name.n > 0)
			memcpy(names + len, name.p, name.n);
		len += name.n;
		names[len++] = ' ';
	}
	fact_text(f, SPAN(names, len));
}

/* Server security data, 2.2.1.4.3. */
static void
server_security(struct rd *b, struct dissect *d)
{
	uint32_t method, level;

	if (rd_left(b) < 8)
		return;
	method = rd_le32(b);
	level = rd_le32(b);
	if (rd_ok(b))
		dissect_identf(d, TRAIT_SECURITY,
		    "RDP encryption method %u, level %u", method, level);
}

static void
blocks(struct rd *r, struct dissect *d, struct fact *f)
{
	for (uint32_t i = 0; i < BLOCKS_MAX && rd_left(r) >= 4; i++) {
		uint32_t type = rd_le16(r), n = rd_le16(r);
		struct rd b;

		if (n < 4 || n - 4 > rd_left(r))
			break;
		b = rd_sub(r, n - 4);
		if (type == 0xc001)
			client_core(&b, d);
		else if (type == 0xc003)
			client_channels(&b, f);
		else if (type == 0x0c02)
			server_security(&b, d);
		rd_skip_rest(&b);
	}
	rd_opaque_rest(r);
}

/* Step behind a GCC key and the length that follows it. */
static bool
behind_key(struct rd *r, const char *key)
{
	struct span s = rd_ahead(r, rd_have(r));

	s = span_first(s, 512);
	for (uint32_t i = 0; i + 6 <= s.n; i++) {
		if (memcmp(s.p + i, key, 4) != 0)
			continue;
		rd_skip(r, i + 4);
		if ((rd_u8(r) & 0x80) != 0)
			rd_skip(r, 1);
		return rd_ok(r);
	}
	return false;
}

static void
mcs_connect(struct rd *r, struct dissect *d)
{
	uint32_t tag;
	struct fact *f;

	rd_skip(r, 1);
	tag = rd_u8(r);
	rd_require(r, tag == 0x65 || tag == 0x66 || !rd_ok(r), "MCS tag");
	if (!rd_ok(r))
		return;
	d->ctx.response = tag == 0x66;
	dissect_pair(d, 1);
	if (tag == 0x65)
		dissect_remember(d,
		    (struct ask){ .pair = 1, .op = OP_CONNECT + tag });
	else
		(void)dissect_recall(d, 1);
	f = dissect_op(d, OP_CONNECT + tag);
	if (rd_have(r) < rd_left(r))
		(void)rd_span(r, rd_left(r)); /* fails: not captured */
	if (behind_key(r, tag == 0x65 ? "Duca" : "McDn"))
		blocks(r, d, f);
	else
		rd_opaque_rest(r);
}

static void
mcs_unit(struct rd *r, struct dissect *d)
{
	uint32_t choice = rd_u8(r) >> 2;

	if (!rd_ok(r))
		return;
	d->ctx.response = choice == 11 || choice == 15;
	(void)dissect_op(d, OP_UNIT + choice);
	if (choice == U_SEND_REQUEST || choice == U_SEND_INDICATION)
		rd_secret(r, rd_left(r));
	else
		rd_skip_rest(r);
}

/* ---------------------------------------------------------------- messages */

static void
tpkt(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;
	uint32_t type, head;
	struct span first;

	rd_skip(r, 4);
	head = rd_u8(r);
	type = rd_u8(r) & 0xf0;
	if (!rd_ok(r))
		return;
	st->spoke = true;
	rd_require(r, head >= 2, "X.224 header too short");
	switch (type) {
	case T_REQUEST:
		connection_request(r, d);
		return;
	case T_CONFIRM:
		connection_confirm(r, d);
		return;
	case T_DISCONNECT:
		d->ctx.response = false;
		(void)dissect_op(d, T_DISCONNECT);
		rd_skip_rest(r);
		return;
	case T_DATA:
		rd_skip(r, head - 1);
		first = rd_ahead(r, 1);
		if (first.n == 1 && first.p[0] == 0x7f)
			mcs_connect(r, d);
		else
			mcs_unit(r, d);
		return;
	}
	rd_bad(r, "X.224 type");
}

static void
rdp_parse(struct rd *r, struct dissect *d)
{
	struct span head = rd_ahead(r, 1);

	if (head.n == 0)
		(void)rd_u8(r);
	else if (head.p[0] == 3)
		tpkt(r, d);
	else if (head.p[0] >= 20 && head.p[0] <= 24)
		dissect_inner(d, &proto_tls, r);
	else
		rd_secret(r, rd_left(r)); /* fast path */
}

const struct proto proto_rdp = {
	.name = "rdp",
	.title = "Remote Desktop Protocol",
	.spec = "[MS-RDPBCGR] 2.2.1, T.125",
	.depth = "connecting: users, names, channels; the rest is secret",
	.slot = PROTO_SLOT,
	.tcp = { PORT },
	.claim = rdp_claim,
	.way = rdp_way,
	.frame = rdp_frame,
	.frame_min = 5,
	.parse = rdp_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct state),
};
