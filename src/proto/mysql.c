/*
 * mysql.c - the client/server protocol of MySQL and MariaDB.
 *
 * MySQL internals, "Client/Server Protocol"; MariaDB knowledge base, "Clients
 * & Servers".
 *
 *	+--------+----------+-- first from the server: version 0a, text 0,
 *	| length | sequence |   connection le32, ...; then the client's login,
 *	+--------+----------+   OK 00 or error ff; then commands: code u8, ...
 *	  le24     u8
 *
 * Op is the command; 256 the greeting, 257 the login, 258
 * one that asks for TLS.  The statement itself is
 * not kept, but its first word.  After a login that asks for TLS the rest is
 * TLS.  Pair: the n-th command.
 */
#include "say.h"
#include "text.h"
#include "tls.h"

#define OP_GREETING 256u
#define OP_LOGIN 257u
#define OP_TLS 258u
#define C_QUERY 3u
#define C_INIT_DB 2u
#define FLAG_SSL 0x0800u
#define PORT 3306u
#define LENGTH_MAX 0x00ffffffu

enum phase {
	PHASE_GREETING,
	PHASE_LOGIN,
	PHASE_PROOF,
	PHASE_COMMANDS,
	PHASE_TLS,
};

struct state {
	struct tls_state tls; /* first: proto_tls works on it */
	uint32_t asked;
	uint8_t phase;
	bool waits; /* a command has no answer yet */
};

static const struct proto_op ops[] = {
	{ 1, FACT_SESSION, RISK_NONE, "quit" },
	{ C_INIT_DB, FACT_SESSION, RISK_NONE, "use database" },
	{ C_QUERY, FACT_READ, RISK_NONE, "query" },
	{ 4, FACT_DISCOVER, RISK_NONE, "list fields" },
	{ 5, FACT_FILE, RISK_FILE, "create database" },
	{ 6, FACT_FILE, RISK_FILE, "drop database" },
	{ 7, FACT_SESSION, RISK_NONE, "refresh" },
	{ 8, FACT_CONTROL, RISK_MODE, "shutdown" },
	{ 9, FACT_DIAGNOSE, RISK_NONE, "statistics" },
	{ 10, FACT_DIAGNOSE, RISK_NONE, "process info" },
	{ 12, FACT_CONTROL, RISK_NONE, "kill" },
	{ 13, FACT_DIAGNOSE, RISK_NONE, "debug" },
	{ 14, FACT_DIAGNOSE, RISK_NONE, "ping" },
	{ 17, FACT_LOGIN, RISK_NONE, "change user" },
	{ 18, FACT_SESSION, RISK_NONE, "binlog dump" },
	{ 21, FACT_SESSION, RISK_NONE, "register replica" },
	{ 22, FACT_READ, RISK_NONE, "prepare" },
	{ 23, FACT_READ, RISK_NONE, "execute" },
	{ 24, FACT_READ, RISK_NONE, "send long data" },
	{ 25, FACT_SESSION, RISK_NONE, "close statement" },
	{ 26, FACT_SESSION, RISK_NONE, "reset statement" },
	{ 27, FACT_SESSION, RISK_NONE, "set option" },
	{ 28, FACT_READ, RISK_NONE, "fetch" },
	{ 31, FACT_SESSION, RISK_NONE, "reset connection" },
	{ OP_GREETING, FACT_SESSION, RISK_NONE, "greeting" },
	{ OP_LOGIN, FACT_LOGIN, RISK_NONE, "login" },
	{ OP_TLS, FACT_SESSION, RISK_NONE, "encryption request" },
};

static uint32_t
packet_length(struct span s)
{
	uint32_t n = s.p[0] | (uint32_t)s.p[1] << 8 | (uint32_t)s.p[2] << 16;

	return n > 0 && n < LENGTH_MAX ? n + 4 : FRAME_NOT_MINE;
}

static uint32_t
mysql_frame(struct span s, const struct dissect *d)
{
	const struct state *st = d->state;

	if (st->phase == PHASE_TLS)
		return tls_record_length(s);
	return packet_length(s);
}

/* Version 10, a number with a point, ended by zero. */
static bool
is_greeting(struct span s)
{
	return s.n >= 40 && s.p[3] == 0 && s.p[4] == 10 &&
	    text_is_digit(s.p[5]) &&
	    span_find(span_first(span_from(s, 5), 4), '.') < 4 &&
	    span_find(span_first(span_from(s, 5), 64), 0) < 64 &&
	    packet_length(s) >= 40 && packet_length(s) < 512;
}

static enum claim
mysql_claim(struct span s, const struct dissect *d)
{
	if (d->via != VIA_TCP || s.n < 5)
		return CLAIM_NO;
	if (is_greeting(s))
		return CLAIM_STRONG;
	if (d->talk->server_port != PORT)
		return CLAIM_NO;
	return packet_length(s) != FRAME_NOT_MINE ||
		tls_record_length(s) != FRAME_NOT_MINE
	    ? CLAIM_WEAK
	    : CLAIM_NO;
}

static enum way
mysql_way(struct span s)
{
	return is_greeting(s) ? WAY_RESPONSE : WAY_UNKNOWN;
}

static struct span
text0(struct rd *r)
{
	struct span s = rd_span(r, span_find(rd_ahead(r, rd_have(r)), 0));

	rd_skip(r, rd_more(r) ? 1 : 0);
	return s;
}

static void
greeting(struct rd *r, struct dissect *d, struct state *st)
{
	struct span version;

	rd_skip(r, 1);
	version = text0(r);
	if (!rd_ok(r))
		return;
	(void)dissect_op(d, OP_GREETING);
	dissect_identf(d, TRAIT_APPLICATION, "%s %.*s",
	    text_find(version, "mariadb") < version.n ? "MariaDB" : "MySQL",
	    (int)(version.n < 64 ? version.n : 64), (const char *)version.p);
	rd_skip_rest(r);
	st->phase = PHASE_LOGIN;
}

/* Flags le32, largest packet le32, character set u8, 23 reserved, user 0. */
static void
login(struct rd *r, struct dissect *d, struct state *st)
{
	uint32_t flags = rd_le32(r);
	struct fact *f;

	rd_skip(r, 28);
	if (!rd_ok(r))
		return;
	if (!rd_more(r) && (flags & FLAG_SSL) != 0) {
		(void)dissect_op(d, OP_TLS);
		st->phase = PHASE_TLS;
		return;
	}
	f = dissect_op(d, OP_LOGIN);
	say_named(f, text0(r));
	rd_secret(r, rd_left(r));
	(void)dissect_ident_about(d, ABOUT_RECEIVER, TRAIT_SECURITY,
	    SPAN_LIT("MySQL without encryption"));
	st->phase = PHASE_PROOF;
}

static void
error(struct rd *r, struct dissect *d, uint32_t op)
{
	rd_skip(r, 1);
	(void)dissect_error(d, op, rd_le16(r));
	rd_skip_rest(r);
}

static void
proof(struct rd *r, struct dissect *d, struct state *st)
{
	struct span head = rd_ahead(r, 1);
	uint32_t first = head.n == 1 ? head.p[0] : 0;

	if (d->to_server) {
		rd_secret(r, rd_left(r));
		return;
	}
	if (first == 0xff) {
		error(r, d, OP_LOGIN);
	} else if (first == 0 && rd_ok(r)) {
		(void)dissect_op(d, OP_LOGIN);
		st->phase = PHASE_COMMANDS;
	}
	rd_skip_rest(r);
}

static void
command(struct rd *r, struct dissect *d, struct state *st)
{
	uint32_t op = rd_u8(r);
	struct span text;
	struct fact *f;

	if (!rd_ok(r))
		return;
	st->asked++;
	st->waits = true;
	dissect_pair(d, st->asked);
	dissect_remember(d, (struct ask){ .pair = st->asked, .op = op });
	f = dissect_op(d, op);
	if (op == C_QUERY || op == 22) {
		text = text_trim(rd_ahead(r, rd_have(r)));
		say_named(f, text_word(&text));
	} else if (op == C_INIT_DB) {
		say_named(f, rd_ahead(r, rd_have(r)));
	} else if (proto_op_find(d->proto, op) == NULL) {
		rd_opaque_rest(r);
	}
	rd_skip_rest(r);
}

/* The first packet of an answer; rows follow it and say nothing. */
static void
answer(struct rd *r, struct dissect *d, struct state *st)
{
	struct span head = rd_ahead(r, 1);
	const struct ask *ask;
	uint32_t op;

	if (st->waits && head.n == 1) {
		st->waits = false;
		dissect_pair(d, st->asked);
		ask = dissect_recall(d, st->asked);
		op = ask != NULL ? ask->op : C_QUERY;
		if (head.p[0] == 0xff)
			error(r, d, op);
		else
			(void)dissect_op(d, op);
	}
	rd_skip_rest(r);
}

static void
mysql_parse(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;
	struct span head;

	d->ctx.response = !d->to_server;
	if (st->phase == PHASE_TLS) {
		dissect_inner(d, &proto_tls, r);
		return;
	}
	rd_skip(r, 4);
	head = rd_ahead(r, 1);
	if (st->phase == PHASE_GREETING && d->to_server)
		st->phase = PHASE_COMMANDS; /* joined in its midst */
	if (st->phase == PHASE_GREETING && head.n == 1 && head.p[0] == 10)
		greeting(r, d, st);
	else if (st->phase == PHASE_GREETING && head.n == 1 &&
	    head.p[0] == 0xff)
		error(r, d, OP_GREETING);
	else if (st->phase == PHASE_LOGIN && d->to_server)
		login(r, d, st);
	else if (st->phase == PHASE_PROOF)
		proof(r, d, st);
	else if (d->to_server)
		command(r, d, st);
	else
		answer(r, d, st);
}

const struct proto proto_mysql = {
	.name = "mysql",
	.title = "MySQL and MariaDB",
	.spec = "MySQL internals: Client/Server Protocol",
	.depth = "versions, users, outcome of logins, commands and the first "
		 "word of a statement; results are counted",
	.slot = PROTO_SLOT,
	.tcp = { PORT },
	.server_role = ROLE_DATABASE,
	.claim = mysql_claim,
	.way = mysql_way,
	.frame = mysql_frame,
	.frame_min = 5,
	.parse = mysql_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct state),
};
