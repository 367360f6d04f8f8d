/*
 * socks.c - SOCKS, versions 4, 4a and 5: a proxy that carries anything.
 *
 * RFC 1928, RFC 1929 (user and password); version 4: Koblas; 4a: Lee.
 *
 *	5: 05 count, methods		05 method
 *	   [01 user, password each with its length u8	01 status]
 *	   05 command 00 kind address port be16		05 reply 00 ...
 *	4: 04 command port be16 address 4 user 00 [host 00]
 *						00 code port address
 *
 * Op is the command (1 connect, 2 bind, 3 UDP), 16 the choice of methods, 17
 * a login.  The object is where the client wants to go, by name.  Of what
 * passes after that TLS is looked into, and nothing else.
 */
#include "say.h"
#include "tls.h"

#define OP_METHODS 16u
#define OP_LOGIN 17u

enum phase {
	PHASE_START,
	PHASE_LOGIN,
	PHASE_REQUEST,
	PHASE_DATA,
};

struct state {
	struct tls_state tls; /* first: proto_tls works on it */
	uint8_t phase[2]; /* enum phase, by to_server */
	uint8_t op; /* what was asked for */
};

static const struct proto_op ops[] = {
	{ 1, FACT_SESSION, RISK_NONE, "connect" },
	{ 2, FACT_SESSION, RISK_NONE, "bind" },
	{ 3, FACT_SESSION, RISK_NONE, "udp associate" },
	{ OP_METHODS, FACT_SESSION, RISK_NONE, "methods" },
	{ OP_LOGIN, FACT_LOGIN, RISK_NONE, "login" },
};

/* Kind of an address of version 5 and what follows, with the port. */
static uint32_t
address_size(struct span s)
{
	if (s.n < 2)
		return FRAME_NEED_MORE;
	return s.p[0] == 1 ? 7
	    : s.p[0] == 4  ? 19
	    : s.p[0] == 3  ? 4u + s.p[1]
			   : FRAME_NOT_MINE;
}

static uint32_t
request_size(struct span s)
{
	uint32_t n = address_size(span_from(s, 3));

	return n == FRAME_NEED_MORE || n == FRAME_NOT_MINE ? n : 3 + n;
}

/* Version 4: a user that ends in zero, then perhaps a host likewise. */
static uint32_t
request4_size(struct span s)
{
	uint32_t user = span_find(span_from(s, 8), 0), host = 0;

	if (s.n < 9 || user + 8 >= s.n)
		return s.n < 512 ? FRAME_NEED_MORE : FRAME_NOT_MINE;
	if ((s.p[4] | s.p[5] | s.p[6]) == 0 && s.p[7] != 0) {
		struct span rest = span_from(s, 9 + user);

		host = span_find(rest, 0) + 1;
		if (host > rest.n)
			return s.n < 512 ? FRAME_NEED_MORE : FRAME_NOT_MINE;
	}
	return 9 + user + host;
}

static uint32_t
login_size(struct span s)
{
	uint32_t user = s.p[1];

	if (s.p[0] != 1)
		return FRAME_NOT_MINE;
	return s.n < user + 3 ? FRAME_NEED_MORE : user + 3 + s.p[user + 2];
}

static uint32_t
client_size(struct span s, uint32_t phase)
{
	if (phase == PHASE_START && s.p[0] == 4)
		return s.p[1] == 1 || s.p[1] == 2 ? request4_size(s)
						  : FRAME_NOT_MINE;
	if (phase == PHASE_START)
		return s.p[0] == 5 && s.p[1] > 0 ? 2u + s.p[1] : FRAME_NOT_MINE;
	if (phase == PHASE_LOGIN && s.p[0] == 1)
		return login_size(s);
	return s.p[0] == 5 && s.p[1] >= 1 && s.p[1] <= 3 ? request_size(s)
							 : FRAME_NOT_MINE;
}

static uint32_t
server_size(struct span s, uint32_t phase)
{
	if (phase == PHASE_START)
		return s.p[0] == 0 ? 8 : s.p[0] == 5 ? 2 : FRAME_NOT_MINE;
	if (phase == PHASE_LOGIN)
		return 2;
	return s.p[0] == 5 ? request_size(s) : FRAME_NOT_MINE;
}

static uint32_t
socks_frame(struct span s, const struct dissect *d)
{
	const struct state *st = d->state;
	uint32_t phase = st->phase[d->to_server];

	if (phase == PHASE_DATA) {
		uint32_t n = tls_record_length(s);

		return n == FRAME_NOT_MINE || n == FRAME_NEED_MORE ? s.n : n;
	}
	return d->to_server ? client_size(s, phase) : server_size(s, phase);
}

static enum claim
socks_claim(struct span s, const struct dissect *d)
{
	const struct state *st = d->state;

	if (d->via != VIA_TCP || s.n < 2)
		return CLAIM_NO;
	if (st->phase[0] != PHASE_START || st->phase[1] != PHASE_START)
		return CLAIM_WEAK; /* its beginning was seen */
	if (!d->to_server)
		return (s.n == 2 && s.p[0] == 5 &&
			   (s.p[1] <= 2 || s.p[1] == 0xff)) ||
			(s.n == 8 && s.p[0] == 0 && s.p[1] >= 90 &&
			    s.p[1] <= 93)
		    ? CLAIM_WEAK
		    : CLAIM_NO;
	if (s.p[0] == 5 && s.p[1] >= 1 && s.p[1] <= 8 && s.n == 2u + s.p[1])
		return s.p[2] <= 2 ? CLAIM_WEAK : CLAIM_NO;
	return s.p[0] == 4 && (s.p[1] == 1 || s.p[1] == 2) && s.n >= 9 &&
		s.p[s.n - 1] == 0 && request4_size(s) == s.n
	    ? CLAIM_WEAK
	    : CLAIM_NO;
}

static void
say_place(struct fact *f, struct span host, struct ip ip, uint32_t port)
{
	char text[ADDR_TEXT_MAX];

	f->object = SAY_NAMED;
	if (host.n > 0)
		fact_textf(f, "%.*s:%u", (int)(host.n < 80 ? host.n : 80),
		    (const char *)host.p, port);
	else if (f->kind != FACT_NONE)
		fact_textf(f, "%s:%u", ip_text(&ip, text), port);
}

static void
request4(struct rd *r, struct dissect *d, struct state *st)
{
	uint32_t port, zeros;
	struct span ip, user, host = SPAN(NULL, 0);
	struct fact *f;

	rd_skip(r, 1);
	st->op = rd_u8(r);
	port = rd_be16(r);
	ip = rd_span(r, 4);
	user = rd_span(r, span_find(rd_ahead(r, rd_have(r)), 0));
	rd_skip(r, 1);
	zeros = ip.n == 4 ? (uint32_t)(ip.p[0] | ip.p[1] | ip.p[2]) : 1;
	if (zeros == 0 && ip.p[3] != 0) {
		host = rd_span(r, span_find(rd_ahead(r, rd_have(r)), 0));
		rd_skip(r, 1);
	}
	if (!rd_ok(r))
		return;
	f = dissect_op(d, st->op);
	say_place(f, host, ip_of_span(ip), port);
	if (user.n > 0)
		say_text(d, st->op, "user", user);
	st->phase[1] = PHASE_DATA;
}

/* Command or reply, 00, kind, address, port. */
static void
request5(struct rd *r, struct dissect *d, struct state *st)
{
	uint32_t code, kind, port;
	struct span s;
	struct fact *f;

	rd_skip(r, 1);
	code = rd_u8(r);
	rd_skip(r, 1);
	kind = rd_u8(r);
	s = rd_span(r, kind == 3 ? rd_u8(r) : kind == 4 ? 16 : 4);
	port = rd_be16(r);
	if (!rd_ok(r))
		return;
	if (d->to_server)
		st->op = (uint8_t)code;
	f = !d->to_server && code != 0 ? dissect_error(d, st->op, code)
				       : dissect_op(d, st->op);
	say_place(f, kind == 3 ? s : SPAN(NULL, 0), ip_of_span(s), port);
	st->phase[d->to_server] = PHASE_DATA;
}

static void
client(struct rd *r, struct dissect *d, struct state *st)
{
	struct span head = rd_ahead(r, 1), user, password;

	if (st->phase[1] == PHASE_START && head.n == 1 && head.p[0] == 4) {
		request4(r, d, st);
	} else if (st->phase[1] == PHASE_START) {
		(void)dissect_op(d, OP_METHODS);
		st->phase[1] = PHASE_LOGIN;
		rd_skip_rest(r);
	} else if (head.n == 1 && head.p[0] == 1) {
		rd_skip(r, 1);
		user = rd_span(r, rd_u8(r));
		password = rd_span(r, rd_u8(r));
		if (!rd_ok(r))
			return;
		say_named(dissect_op(d, OP_LOGIN), user);
		dissect_content_login(d, 1, user, password);
		(void)dissect_ident_about(d, ABOUT_RECEIVER, TRAIT_SECURITY,
		    SPAN_LIT("SOCKS login without encryption"));
		st->phase[1] = PHASE_REQUEST;
	} else {
		request5(r, d, st);
	}
}

static void
server(struct rd *r, struct dissect *d, struct state *st)
{
	uint32_t first, code;

	if (st->phase[0] == PHASE_REQUEST) {
		request5(r, d, st);
		return;
	}
	first = rd_u8(r);
	code = rd_u8(r);
	if (!rd_ok(r))
		return;
	if (st->phase[0] == PHASE_LOGIN) {
		if (code != 0)
			(void)dissect_error(d, OP_LOGIN, code);
		else
			(void)dissect_op(d, OP_LOGIN);
		st->phase[0] = PHASE_REQUEST;
	} else if (first == 5) {
		say_number(d, OP_METHODS, "method", code);
		(void)dissect_op(d, OP_METHODS);
		st->phase[0] = code == 2 ? PHASE_LOGIN : PHASE_REQUEST;
	} else {
		if (code != 90)
			(void)dissect_error(d, st->op, code);
		else
			(void)dissect_op(d, st->op);
		st->phase[0] = PHASE_DATA;
	}
	rd_skip_rest(r);
}

static void
socks_parse(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;

	d->ctx.response = !d->to_server;
	if (st->phase[d->to_server] == PHASE_DATA &&
	    tls_record_length(rd_ahead(r, 5)) == rd_left(r))
		dissect_inner(d, &proto_tls, r);
	else if (st->phase[d->to_server] == PHASE_DATA)
		rd_opaque_rest(r);
	else if (d->to_server)
		client(r, d, st);
	else
		server(r, d, st);
}

const struct proto proto_socks = {
	.name = "socks",
	.title = "SOCKS proxy",
	.spec = "RFC 1928, RFC 1929; version 4: Koblas",
	.depth =
	    "versions 4, 4a, 5: places asked for, logins, outcome; of what "
	    "passes then only TLS is looked into",
	.slot = PROTO_SLOT,
	.tcp = { 1080 },
	.claim = socks_claim,
	.frame = socks_frame,
	.frame_min = 2,
	.parse = socks_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct state),
};
