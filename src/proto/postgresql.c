/*
 * postgresql.c - PostgreSQL's frontend/backend protocol, version 3.
 *
 * PostgreSQL 16 documentation, chapter 55.
 *
 *	first from the client: length be32, 196608 (3.0), name 0 value 0 ... 0;
 *	or length 8, 80877103 asks for TLS (answered by 'S' or 'N' alone),
 *	80877104 for GSSAPI; length 16, 80877102 cancels
 *	+------+--------+-- by type
 *	| type | length |
 *	+------+--------+--
 *	  u8     be32, without the type
 *
 * Op is the type, of the server's plus 256; 512 startup, 513 TLS asked for,
 * 514 its answer, 515 cancel.  The object is the user by name, or the first
 * word of a statement.
 */
#include "say.h"
#include "text.h"
#include "tls.h"

#define SERVER 256u
#define OP_STARTUP 512u
#define OP_TLS 513u
#define OP_TLS_ANSWER 514u
#define OP_CANCEL 515u
#define CODE_STARTUP 0x00030000u
#define CODE_CANCEL 80877102u
#define CODE_TLS 80877103u
#define CODE_GSS 80877104u
#define PORT 5432u
#define LENGTH_MAX (1u << 30)

struct state {
	struct tls_state tls; /* first: proto_tls works on it */
	bool asked_tls, is_tls;
};

#define SAID(code, what)                                      \
	{                                                     \
		SERVER + (code), FACT_REPORT, RISK_NONE, what \
	}
static const struct proto_op ops[] = {
	{ 'B', FACT_SESSION, RISK_NONE, "bind" },
	{ 'C', FACT_SESSION, RISK_NONE, "close" },
	{ 'D', FACT_DISCOVER, RISK_NONE, "describe" },
	{ 'E', FACT_READ, RISK_NONE, "execute" },
	{ 'F', FACT_READ, RISK_NONE, "function call" },
	{ 'H', FACT_SESSION, RISK_NONE, "flush" },
	{ 'P', FACT_READ, RISK_NONE, "parse" },
	{ 'Q', FACT_READ, RISK_NONE, "query" },
	{ 'S', FACT_SESSION, RISK_NONE, "sync" },
	{ 'X', FACT_SESSION, RISK_NONE, "terminate" },
	{ 'c', FACT_SESSION, RISK_NONE, "copy done" },
	{ 'd', FACT_WRITE, RISK_NONE, "copy data" },
	{ 'f', FACT_SESSION, RISK_NONE, "copy failed" },
	{ 'p', FACT_LOGIN, RISK_NONE, "password" },
	SAID('1', "parse complete"),
	SAID('2', "bind complete"),
	SAID('3', "close complete"),
	SAID('A', "notification"),
	SAID('C', "command complete"),
	SAID('D', "data row"),
	SAID('E', "error"),
	SAID('G', "copy in"),
	SAID('H', "copy out"),
	SAID('I', "empty query"),
	SAID('K', "key of the backend"),
	SAID('N', "notice"),
	SAID('R', "authentication"),
	SAID('S', "parameter status"),
	SAID('T', "row description"),
	SAID('V', "function result"),
	SAID('W', "copy both"),
	SAID('Z', "ready for query"),
	SAID('c', "copy done"),
	SAID('d', "copy data"),
	SAID('n', "no data"),
	SAID('s', "portal suspended"),
	SAID('t', "parameter description"),
	SAID('v', "negotiate version"),
	{ OP_STARTUP, FACT_LOGIN, RISK_NONE, "startup" },
	{ OP_TLS, FACT_SESSION, RISK_NONE, "encryption request" },
	{ OP_TLS_ANSWER, FACT_SESSION, RISK_NONE, "encryption answer" },
	{ OP_CANCEL, FACT_CONTROL, RISK_NONE, "cancel" },
};
#undef SAID

static uint32_t
be32_at(struct span s, uint32_t at)
{
	return (uint32_t)s.p[at] << 24 | (uint32_t)s.p[at + 1] << 16 |
	    (uint32_t)s.p[at + 2] << 8 | s.p[at + 3];
}

static bool
is_startup(struct span s)
{
	uint32_t n = s.n >= 8 ? be32_at(s, 0) : 0;
	uint32_t code = s.n >= 8 ? be32_at(s, 4) : 0;

	return (code == CODE_STARTUP && n >= 9 && n <= 10000) ||
	    ((code == CODE_TLS || code == CODE_GSS) && n == 8) ||
	    (code == CODE_CANCEL && n == 16);
}

static bool
is_typed(struct span s, bool to_server)
{
	static const char client[] = "BCDEFHPQSXcdfp";
	static const char server[] = "123ACDEGHIKNRSTVWZcdnstv";
	uint32_t n = s.n >= 5 ? be32_at(s, 1) : 0;

	return n >= 4 && n < LENGTH_MAX && s.p[0] != 0 &&
	    strchr(to_server ? client : server, s.p[0]) != NULL;
}

static uint32_t
postgresql_frame(struct span s, const struct dissect *d)
{
	const struct state *st = d->state;

	if (st->is_tls)
		return tls_record_length(s);
	if (!d->to_server && st->asked_tls)
		return 1;
	if (s.n < 5)
		return FRAME_NEED_MORE;
	if (d->to_server && s.p[0] == 0) {
		if (s.n < 8)
			return FRAME_NEED_MORE;
		return is_startup(s) ? be32_at(s, 0) : FRAME_NOT_MINE;
	}
	return is_typed(s, d->to_server) ? be32_at(s, 1) + 1 : FRAME_NOT_MINE;
}

static enum claim
postgresql_claim(struct span s, const struct dissect *d)
{
	if (d->via != VIA_TCP)
		return CLAIM_NO;
	if (d->to_server && is_startup(s))
		return CLAIM_STRONG;
	if (s.n >= 9 && s.p[0] == 'R' && !d->to_server && be32_at(s, 1) >= 8 &&
	    be32_at(s, 1) < 256 && be32_at(s, 5) <= 12)
		return CLAIM_WEAK;
	if (d->talk->server_port != PORT)
		return CLAIM_NO;
	return is_typed(s, d->to_server) ||
		(s.n == 1 && (s.p[0] == 'S' || s.p[0] == 'N')) ||
		(s.n >= 5 && tls_record_length(s) != FRAME_NOT_MINE)
	    ? CLAIM_WEAK
	    : CLAIM_NO;
}

static enum way
postgresql_way(struct span s)
{
	return is_startup(s) ? WAY_REQUEST : WAY_UNKNOWN;
}

static struct span
text0(struct rd *r)
{
	struct span s = rd_span(r, span_find(rd_ahead(r, rd_have(r)), 0));

	rd_skip(r, rd_more(r) ? 1 : 0);
	return s;
}

static void
startup(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;
	uint32_t code;
	struct fact *f;

	rd_skip(r, 4);
	code = rd_be32(r);
	if (!rd_ok(r))
		return;
	if (code == CODE_TLS || code == CODE_GSS) {
		(void)dissect_op(d, OP_TLS);
		st->asked_tls = true;
		return;
	}
	if (code == CODE_CANCEL) {
		(void)dissect_op(d, OP_CANCEL);
		rd_skip_rest(r);
		return;
	}
	f = dissect_op(d, OP_STARTUP);
	dissect_remember(d, (struct ask){ .pair = 1, .op = OP_STARTUP });
	while (rd_left(r) > 1) {
		struct span name = text0(r), value = text0(r);

		if (text_is(name, "user"))
			say_named(f, value);
		else if (text_is(name, "database"))
			say_text(d, OP_STARTUP, "database", value);
		else if (text_is(name, "application_name"))
			dissect_ident(d, TRAIT_APPLICATION, value);
	}
	(void)dissect_ident_about(d, ABOUT_RECEIVER, TRAIT_SECURITY,
	    SPAN_LIT("PostgreSQL without encryption"));
	rd_skip_rest(r);
}

/* Fields: kind u8, text 0; C is SQLSTATE, five letters or digits. */
static void
error(struct rd *r, struct dissect *d)
{
	struct fact *f = dissect_error(d, SERVER + 'E', 0);

	while (rd_left(r) > 1) {
		uint32_t kind = rd_u8(r);
		struct span text = text0(r);

		if (kind == 'C')
			fact_text(f, text);
	}
}

static void
server(struct rd *r, struct dissect *d, uint32_t type)
{
	uint32_t code;
	struct span name;

	if (type == 'E') {
		error(r, d);
		return;
	}
	(void)dissect_op(d, SERVER + type);
	if (type == 'R') {
		code = rd_be32(r);
		say_number(d, SERVER + type, "method", code);
		if (code == 3)
			(void)dissect_ident(d, TRAIT_SECURITY,
			    SPAN_LIT("PostgreSQL asks for passwords in clear"));
	} else if (type == 'S') {
		name = text0(r);
		if (text_is(name, "server_version")) {
			name = text0(r);
			dissect_identf(d, TRAIT_APPLICATION, "PostgreSQL %.*s",
			    (int)(name.n < 64 ? name.n : 64),
			    (const char *)name.p);
		}
	}
}

static void
client(struct rd *r, struct dissect *d, uint32_t type)
{
	struct fact *f = dissect_op(d, type);
	struct span text;

	if (type == 'p') {
		rd_secret(r, rd_left(r));
		return;
	}
	if (type == 'P')
		(void)text0(r);
	if (type == 'Q' || type == 'P') {
		text = text_trim(text0(r));
		say_named(f, text_word(&text));
	}
}

static void
postgresql_parse(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;
	struct span head = rd_ahead(r, 1);
	uint32_t type, n;
	struct rd body;

	d->ctx.response = !d->to_server;
	if (st->is_tls) {
		dissect_inner(d, &proto_tls, r);
	} else if (!d->to_server && st->asked_tls && rd_left(r) == 1) {
		type = rd_u8(r);
		if (!rd_ok(r))
			return;
		(void)dissect_op(d, OP_TLS_ANSWER);
		st->asked_tls = false;
		st->is_tls = type == 'S' || type == 'G';
	} else if (d->to_server && head.n == 1 && head.p[0] == 0) {
		startup(r, d);
	} else {
		type = rd_u8(r);
		n = rd_be32(r);
		rd_require(r, !rd_ok(r) || n >= 4, "length less than itself");
		body = rd_sub(r, rd_ok(r) ? n - 4 : 0);
		if (!rd_ok(r))
			return;
		if (d->to_server)
			client(&body, d, type);
		else
			server(&body, d, type);
		rd_skip_rest(&body);
	}
}

const struct proto proto_postgresql = {
	.name = "postgresql",
	.title = "PostgreSQL",
	.spec = "PostgreSQL 16 documentation, chapter 55",
	.depth = "all messages; users, databases, versions, errors, the first "
		 "word of a statement; rows are counted",
	.slot = PROTO_SLOT,
	.tcp = { PORT },
	.server_role = ROLE_DATABASE,
	.claim = postgresql_claim,
	.way = postgresql_way,
	.frame = postgresql_frame,
	.frame_min = 1,
	.parse = postgresql_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct state),
};
