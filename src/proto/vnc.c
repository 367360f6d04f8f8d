/*
 * vnc.c - Remote Framebuffer, the protocol of VNC.
 *
 * RFC 6143; security types, messages: IANA registry "Remote Framebuffer".
 *
 *	"RFB 003.008\n"			both
 *	number u8 | security types	server (3.3: type be32)
 *	security type u8		client
 *	VNC authentication: challenge 16, response 16
 *	security result be32 [length be32 | reason]
 *	shared u8			client
 *	width be16 | height be16 | pixel format 16 | length be32 | name
 *	messages: type u8 ...
 *
 * Op is the client's message type; 0x100 and up for the steps above.  Which
 * keys are pressed is not said.  What the server shows, and anything behind a
 * security type that encrypts, is passed.
 */
#include "proto.h"
#include "text.h"

#define VERSION_SIZE 12u
#define CUT_MAX 0x100000u

enum step {
	OP_VERSION = 0x100,
	OP_SECURITY = 0x101, /* types offered, type chosen */
	OP_CHALLENGE = 0x102, /* and response */
	OP_RESULT = 0x103,
	OP_INIT = 0x104, /* of client, of server */
};

enum phase {
	P_VERSION,
	P_SECURITY,
	P_CHALLENGE,
	P_RESULT,
	P_INIT,
	P_NORMAL,
	P_OPAQUE,
};

enum security {
	S_NONE = 1,
	S_VNC = 2,
};

struct state {
	uint8_t phase[2]; /* enum phase, by to_server */
	uint8_t minor; /* of the version agreed on: 3, 7 or 8 */
	uint8_t type; /* security type chosen */
};

static const struct proto_op ops[] = {
	{ 0, FACT_SESSION, RISK_NONE, "set pixel format" },
	{ 2, FACT_SESSION, RISK_NONE, "set encodings" },
	{ 3, FACT_READ, RISK_NONE, "framebuffer update request" },
	{ 4, FACT_SESSION, RISK_NONE, "key event" },
	{ 5, FACT_SESSION, RISK_NONE, "pointer event" },
	{ 6, FACT_SESSION, RISK_NONE, "client cut text" },
	{ 150, FACT_SESSION, RISK_NONE, "enable continuous updates" },
	{ 248, FACT_SESSION, RISK_NONE, "client fence" },
	{ 251, FACT_SESSION, RISK_NONE, "set desktop size" },
	{ 255, FACT_SESSION, RISK_NONE, "qemu client message" },
	{ OP_VERSION, FACT_SESSION, RISK_NONE, "version" },
	{ OP_SECURITY, FACT_SESSION, RISK_NONE, "security type" },
	{ OP_CHALLENGE, FACT_LOGIN, RISK_NONE, "authentication" },
	{ OP_RESULT, FACT_LOGIN, RISK_NONE, "security result" },
	{ OP_INIT, FACT_SESSION, RISK_NONE, "init" },
};

/* ---------------------------------------------------------------- framing */

static bool
is_version(struct span s)
{
	return s.n >= VERSION_SIZE && memcmp(s.p, "RFB 00", 6) == 0 &&
	    text_is_digit(s.p[6]) && s.p[7] == '.' && text_is_digit(s.p[8]) &&
	    text_is_digit(s.p[9]) && text_is_digit(s.p[10]) && s.p[11] == '\n';
}

static uint32_t
be32_at(struct span s, uint32_t at)
{
	return (uint32_t)s.p[at] << 24 | (uint32_t)s.p[at + 1] << 16 |
	    (uint32_t)s.p[at + 2] << 8 | s.p[at + 3];
}

/* A reason, be32 and text, at `at`. */
static uint32_t
with_text(struct span s, uint32_t at)
{
	if (s.n < at + 4)
		return FRAME_NEED_MORE;
	return be32_at(s, at) <= CUT_MAX ? at + 4 + be32_at(s, at)
					 : FRAME_NOT_MINE;
}

static uint32_t
security_length(struct span s, const struct state *st)
{
	if (st->minor >= 7)
		return s.p[0] != 0 ? 1u + s.p[0] : with_text(s, 1);
	if (s.n < 4)
		return FRAME_NEED_MORE;
	return be32_at(s, 0) != 0 ? 4 : with_text(s, 4);
}

static uint32_t
result_length(struct span s, const struct state *st)
{
	if (s.n < 4)
		return FRAME_NEED_MORE;
	return be32_at(s, 0) != 0 && st->minor >= 8 ? with_text(s, 4) : 4;
}

static uint32_t
server_length(struct span s, const struct state *st)
{
	switch (st->phase[0]) {
	case P_SECURITY:
		return security_length(s, st);
	case P_CHALLENGE:
		return 16;
	case P_RESULT:
		return result_length(s, st);
	case P_INIT:
		return with_text(s, 20);
	}
	return s.n;
}

/* Extended keys, and sound: an operation, of which 2 names a format. */
static uint32_t
qemu_length(struct span s)
{
	if (s.n < 4)
		return FRAME_NEED_MORE;
	if (s.p[1] == 1)
		return s.p[2] == 0 && s.p[3] == 2 ? 10 : 4;
	return s.p[1] == 0 ? 12 : s.n;
}

static uint32_t
client_length(struct span s)
{
	switch (s.p[0]) {
	case 0:
		return 20;
	case 2:
		return s.n < 4 ? FRAME_NEED_MORE
			       : 4u + 4u * ((uint32_t)s.p[2] << 8 | s.p[3]);
	case 3:
	case 150:
		return 10;
	case 4:
		return 8;
	case 5:
		return 6;
	case 6: /* a negative length: extended clipboard */
		if (s.n < 8)
			return FRAME_NEED_MORE;
		return (s.p[4] & 0x80) != 0 ? 8 + (0u - be32_at(s, 4)) % CUT_MAX
		    : be32_at(s, 4) <= CUT_MAX ? 8 + be32_at(s, 4)
					       : s.n;
	case 248:
		return s.n < 9 ? FRAME_NEED_MORE : 9u + s.p[8];
	case 251:
		return s.n < 8 ? FRAME_NEED_MORE : 8u + 16u * s.p[6];
	case 255:
		return qemu_length(s);
	}
	return s.n;
}

/* Neither end's version was seen: the conversation was joined in its midst. */
static uint32_t
version_length(struct span s, uint32_t peer)
{
	if (is_version(s))
		return VERSION_SIZE;
	if (s.n < VERSION_SIZE &&
	    span_starts(SPAN_LIT("RFB 00"), span_first(s, 6)))
		return FRAME_NEED_MORE;
	return peer == P_VERSION ? s.n : FRAME_NOT_MINE;
}

static uint32_t
vnc_frame(struct span s, const struct dissect *d)
{
	const struct state *st = d->state;

	switch (st->phase[d->to_server]) {
	case P_VERSION:
		return version_length(s, st->phase[!d->to_server]);
	case P_OPAQUE:
		return s.n;
	}
	if (!d->to_server)
		return server_length(s, st);
	switch (st->phase[1]) {
	case P_SECURITY:
	case P_INIT:
		return 1;
	case P_CHALLENGE:
		return 16;
	}
	return client_length(s);
}

static enum claim
vnc_claim(struct span s, const struct dissect *d)
{
	if (d->via != VIA_TCP)
		return CLAIM_NO;
	if (is_version(s))
		return CLAIM_STRONG;
	return proto_expects(&proto_vnc, VIA_TCP, d->talk->server_port)
	    ? CLAIM_WEAK
	    : CLAIM_NO;
}

/* ----------------------------------------------------------- handshaking */

static void
version(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;
	struct span s = rd_span(r, VERSION_SIZE);
	uint32_t minor;

	rd_require(r, is_version(s) || !rd_ok(r), "not a version");
	if (!rd_ok(r))
		return;
	fact_text(dissect_op(d, OP_VERSION), span_first(span_from(s, 4), 7));
	minor = text_number(SPAN(s.p + 8, 3));
	minor = minor >= 8 ? 8 : minor == 7 ? 7 : 3;
	if (!d->to_server)
		dissect_identf(d, TRAIT_APPLICATION, "RFB %.7s",
		    (const char *)s.p + 4);
	if (st->minor == 0 || minor < st->minor)
		st->minor = (uint8_t)minor; /* the lower one holds */
	st->phase[d->to_server] = P_SECURITY;
	if (d->to_server && st->minor < 7)
		st->phase[1] = P_INIT; /* 3.3: the server chooses */
}

static void
choose(struct dissect *d, uint32_t type)
{
	struct state *st = d->state;

	st->type = (uint8_t)type;
	if (type == S_VNC) {
		st->phase[0] = st->phase[1] = P_CHALLENGE;
	} else if (type == S_NONE) {
		st->phase[0] = st->minor >= 8 ? P_RESULT : P_INIT;
		st->phase[1] = P_INIT;
		(void)dissect_ident_about(d,
		    d->to_server ? ABOUT_RECEIVER : ABOUT_SENDER,
		    TRAIT_SECURITY, SPAN_LIT("VNC without a password"));
	} else {
		st->phase[0] = st->phase[1] = P_OPAQUE;
	}
}

static void
say_type(struct dissect *d, uint32_t type)
{
	static const struct {
		uint8_t type;
		const char *name;
	} table[] = { { 1, "none" }, { 2, "vnc" }, { 5, "ra2" }, { 6, "ra2ne" },
		{ 16, "tight" }, { 17, "ultra" }, { 18, "tls" },
		{ 19, "vencrypt" }, { 20, "sasl" }, { 30, "apple" },
		{ 129, "ra256" } };
	struct fact *f = dissect_op(d, OP_SECURITY);

	for (uint32_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].type == type)
			fact_text(f, span_text(table[i].name));
}

static void
refused(struct rd *r, struct dissect *d, uint32_t op, uint32_t code)
{
	(void)dissect_error(d, op, code);
	rd_skip_rest(r);
}

static void
offer(struct rd *r, struct dissect *d)
{
	const struct state *st = d->state;
	uint32_t n = st->minor >= 7 ? rd_u8(r) : rd_be32(r);

	if (!rd_ok(r))
		return;
	if (n == 0) {
		refused(r, d, OP_SECURITY, 0);
	} else if (st->minor < 7) {
		say_type(d, n);
		choose(d, n);
	} else {
		(void)dissect_op(d, OP_SECURITY);
		rd_skip_rest(r);
	}
}

static void
result(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;
	uint32_t code = rd_be32(r);

	if (!rd_ok(r))
		return;
	if (code != 0) {
		refused(r, d, OP_RESULT, code);
		return;
	}
	(void)dissect_op(d, OP_RESULT);
	st->phase[0] = P_INIT;
}

static void
server_init(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;
	struct fact *f = dissect_op(d, OP_INIT);
	uint32_t width = rd_be16(r), height = rd_be16(r);
	struct span name;

	rd_skip(r, 16);
	name = rd_span(r, rd_be32(r));
	if (!rd_ok(r))
		return;
	fact_textf(f, "%u x %u", width, height);
	dissect_ident(d, TRAIT_NAME, name);
	st->phase[0] = P_NORMAL;
}

static void
server(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;

	switch (st->phase[0]) {
	case P_SECURITY:
		offer(r, d);
		return;
	case P_CHALLENGE:
		(void)dissect_op(d, OP_CHALLENGE);
		rd_skip_rest(r);
		st->phase[0] = P_RESULT;
		return;
	case P_RESULT:
		result(r, d);
		return;
	case P_INIT:
		server_init(r, d);
		return;
	}
	rd_opaque_rest(r);
}

static void
client(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;
	uint32_t type;

	switch (st->phase[1]) {
	case P_SECURITY:
		type = rd_u8(r);
		if (!rd_ok(r))
			return;
		say_type(d, type);
		choose(d, type);
		return;
	case P_CHALLENGE:
		(void)dissect_op(d, OP_CHALLENGE);
		rd_skip_rest(r);
		st->phase[1] = P_INIT;
		return;
	case P_INIT:
		(void)dissect_op(d, OP_INIT);
		rd_skip(r, 1);
		st->phase[1] = P_NORMAL;
		return;
	}
	type = rd_u8(r);
	if (!rd_ok(r))
		return;
	(void)dissect_op(d, type);
	if (proto_op_find(d->proto, type) != NULL) {
		rd_skip_rest(r);
	} else { /* where the next begins, nobody knows */
		st->phase[1] = P_OPAQUE;
		rd_opaque_rest(r);
	}
}

static bool
begins_version(const struct rd *r)
{
	struct span s = rd_ahead(r, rd_have(r) < 6 ? rd_have(r) : 6);

	return rd_left(r) == VERSION_SIZE && span_starts(SPAN_LIT("RFB 00"), s);
}

static void
vnc_parse(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;
	bool first = st->phase[d->to_server] == P_VERSION;

	d->ctx.response = !d->to_server;
	if (first && st->phase[!d->to_server] == P_VERSION &&
	    !begins_version(r))
		st->phase[0] = st->phase[1] = P_OPAQUE;
	if (st->phase[d->to_server] == P_VERSION)
		version(r, d);
	else if (st->phase[d->to_server] == P_OPAQUE)
		rd_opaque_rest(r);
	else if (d->to_server)
		client(r, d);
	else
		server(r, d);
}

const struct proto proto_vnc = {
	.name = "vnc",
	.title = "Remote Framebuffer (VNC)",
	.spec = "RFC 6143",
	.depth = "handshake, login, all messages of the client",
	.slot = PROTO_SLOT,
	.tcp = { 5900, 5901, 5902, 5903, 5904, 5905, 5906 },
	.claim = vnc_claim,
	.frame = vnc_frame,
	.frame_min = 1,
	.parse = vnc_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct state),
};
