/*
 * tds.c - Tabular Data Stream: Microsoft SQL Server and Sybase.
 *
 * [MS-TDS] 2.2.
 *
 *	+------+--------+--------+------+--------+--------+-- by type
 *	| type | status | length | spid | packet | window |
 *	+------+--------+--------+------+--------+--------+--
 *	  u8     u8       be16     be16   u8       u8
 *	4 the server's: tokens u8, by token; 16 login: length le32, ... from
 *	36 on offset le16 and characters le16 of texts in UTF-16; 18 prelogin:
 *	option u8, offset be16, length be16, until ff; or TLS
 *
 * Op is the type.  A message of several packets is named by each of them.
 */
#include "ntlmssp.h"
#include "say.h"
#include "tls.h"

#define HEAD 8u
#define PORT 1433u

enum type {
	T_BATCH = 1,
	T_CALL = 3,
	T_RESPONSE = 4,
	T_LOGIN = 16,
	T_SSPI = 17,
	T_PRELOGIN = 18,
};

enum token {
	K_ERROR = 0xaa,
	K_INFO = 0xab,
	K_LOGIN = 0xad,
	K_CHANGE = 0xe3,
	K_SSPI = 0xed,
};

struct state {
	struct tls_state tls; /* first: proto_tls works on it */
	bool logged; /* the login's answer was seen */
	uint8_t goes_on[2]; /* a message is not at its end, by to_server */
};

static const struct proto_op ops[] = {
	{ 1, FACT_READ, RISK_NONE, "sql batch" },
	{ 2, FACT_LOGIN, RISK_NONE, "login, before 7.0" },
	{ 3, FACT_READ, RISK_NONE, "remote procedure call" },
	{ T_RESPONSE, FACT_REPORT, RISK_NONE, "response" },
	{ 6, FACT_CONTROL, RISK_NONE, "attention" },
	{ 7, FACT_WRITE, RISK_NONE, "bulk load" },
	{ 8, FACT_LOGIN, RISK_NONE, "federated token" },
	{ 14, FACT_SESSION, RISK_NONE, "transaction manager" },
	{ 15, FACT_READ, RISK_NONE, "query, 5.0" },
	{ T_LOGIN, FACT_LOGIN, RISK_NONE, "login" },
	{ T_SSPI, FACT_LOGIN, RISK_NONE, "sspi" },
	{ T_PRELOGIN, FACT_SESSION, RISK_NONE, "prelogin" },
};

static uint32_t
tds_frame(struct span s, const struct dissect *d)
{
	uint32_t n = (uint32_t)s.p[2] << 8 | s.p[3];

	(void)d;
	if (tls_record_length(s) != FRAME_NOT_MINE && s.p[0] >= 20)
		return tls_record_length(s); /* encrypted from the login on */
	return n >= HEAD && n <= 32767 && s.p[0] >= 1 && s.p[0] <= 18 &&
		(s.p[1] & 0xe0) == 0
	    ? n
	    : FRAME_NOT_MINE;
}

/* A prelogin whose first option is the version, or TLS; a login whose own
 * length is that of its packet. */
static enum claim
tds_claim(struct span s, const struct dissect *d)
{
	uint32_t n;

	if (d->via != VIA_TCP || s.n < 5)
		return CLAIM_NO;
	n = (uint32_t)s.p[2] << 8 | s.p[3];
	if (s.p[0] == T_PRELOGIN && s.p[1] == 1 && s.n >= 14 && n >= 20 &&
	    ((s.p[8] == 0 && s.p[9] == 0 && s.p[11] == 0 && s.p[12] == 6) ||
		(s.p[8] == 22 && s.p[9] == 3)))
		return CLAIM_STRONG;
	if (s.p[0] == T_LOGIN && s.p[1] == 1 && s.n >= 12 &&
	    (uint32_t)(s.p[8] | s.p[9] << 8) + HEAD == n && s.p[10] == 0)
		return CLAIM_STRONG;
	if (d->talk->server_port != PORT) /* one packet, and no more */
		return n == s.n && n > HEAD && s.p[0] <= T_RESPONSE &&
			s.p[0] != 0 && s.p[1] <= 1 && s.p[7] == 0
		    ? CLAIM_WEAK
		    : CLAIM_NO;
	return tds_frame(s, d) != FRAME_NOT_MINE ? CLAIM_WEAK : CLAIM_NO;
}

static enum way
tds_way(struct span s)
{
	return s.n < 1             ? WAY_UNKNOWN
	    : s.p[0] == T_RESPONSE ? WAY_RESPONSE
	    : s.p[0] <= T_PRELOGIN ? WAY_REQUEST
				   : WAY_UNKNOWN;
}

/* ---------------------------------------------------------------- client */

/* A text by the offset and length at `at`. */
static struct span
text_at(struct span s, uint32_t at, uint32_t unit)
{
	uint32_t off, n;

	if (at + 4 > s.n)
		return SPAN(NULL, 0);
	off = s.p[at] | (uint32_t)s.p[at + 1] << 8;
	n = (s.p[at + 2] | (uint32_t)s.p[at + 3] << 8) * unit;
	return off <= s.n && n <= s.n - off ? SPAN(s.p + off, n)
					    : SPAN(NULL, 0);
}

static void
say_wide(struct dissect *d, enum trait trait, struct span s)
{
	if (s.n > 0)
		fact_text16(dissect_ident_about(d, ABOUT_SENDER, trait, s), s);
}

static void
login(struct rd *r, struct dissect *d)
{
	struct span s = rd_ahead(r, rd_have(r)), user = text_at(s, 40, 2);
	struct span database = text_at(s, 68, 2);
	struct fact *f = dissect_op(d, T_LOGIN);

	f->object = SAY_NAMED;
	if (user.n > 0) {
		fact_text16(f, user);
		(void)dissect_ident_about(d, ABOUT_RECEIVER, TRAIT_SECURITY,
		    SPAN_LIT("SQL Server login without encryption"));
	}
	say_wide(d, TRAIT_NAME, text_at(s, 36, 2));
	say_wide(d, TRAIT_APPLICATION, text_at(s, 48, 2));
	if (database.n > 0)
		fact_text16(dissect_value(d, T_LOGIN, SAY_NAMED), database);
	ntlmssp_say(d, T_LOGIN, text_at(s, 78, 1));
	rd_skip_rest(r);
}

/* ---------------------------------------------------------------- server */

static void
say_version(struct dissect *d, uint32_t version)
{
	dissect_identf(d, TRAIT_APPLICATION, "Microsoft SQL Server %u.%u.%u",
	    version >> 24, version >> 16 & 255, version & 0xffff);
}

/* Options of a prelogin: the first is the version, be32 and be16. */
static void
options(struct rd *r, struct dissect *d)
{
	struct span s = rd_ahead(r, rd_have(r));

	for (uint32_t i = 0; i + 5 <= s.n && s.p[i] != 0xff; i += 5) {
		uint32_t off = (uint32_t)s.p[i + 1] << 8 | s.p[i + 2];

		if (s.p[i] != 0 || off + 4 > s.n)
			continue;
		if (!d->to_server)
			say_version(d,
			    (uint32_t)s.p[off] << 24 |
				(uint32_t)s.p[off + 1] << 16 |
				(uint32_t)s.p[off + 2] << 8 | s.p[off + 3]);
	}
}

/* Tokens of known length; the first that is none ends it. */
static void
tokens(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;

	while (rd_left(r) >= 3) {
		struct span head = rd_ahead(r, 1);
		uint32_t token = head.n == 1 ? head.p[0] : 0;
		struct rd one;

		if (token != K_ERROR && token != K_INFO && token != K_LOGIN &&
		    token != K_CHANGE && token != K_SSPI)
			break;
		rd_skip(r, 1);
		one = rd_sub_le16(r);
		if (token == K_ERROR) {
			(void)dissect_error(d, T_RESPONSE, rd_le32(&one));
		} else if (token == K_SSPI) {
			ntlmssp_say(d, T_RESPONSE, rd_span_rest(&one));
		} else if (token == K_LOGIN) {
			struct fact *f = dissect_op(d, T_LOGIN);

			st->logged = true;
			rd_skip(&one, 5);
			f->object = SAY_NAMED;
			fact_text16(f, rd_span(&one, 2u * rd_u8(&one)));
			if (rd_ok(r))
				say_version(d, rd_be32(&one));
		}
		rd_skip_rest(&one);
	}
}

static void
response(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;
	struct span head = rd_ahead(r, 5);

	(void)dissect_op(d, T_RESPONSE);
	if (head.n == 5 && head.p[0] == 0 && head.p[1] == 0 && !st->logged)
		options(r, d);
	else if (st->goes_on[0] == 0)
		tokens(r, d);
	rd_skip_rest(r);
}

static void
packet(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;
	uint32_t type = rd_u8(r), status = rd_u8(r), n = rd_be16(r);
	struct span head;
	struct rd body;

	rd_skip(r, 4);
	rd_require(r, !rd_ok(r) || n >= HEAD, "length less than the header");
	body = rd_sub(r, rd_ok(r) ? n - HEAD : 0);
	head = rd_ahead(&body, 2);
	if (!rd_ok(r))
		return;
	if (head.n == 2 && type == T_PRELOGIN && head.p[0] >= 20 &&
	    head.p[1] == 3) {
		dissect_inner(d, &proto_tls, &body);
	} else if (type == T_LOGIN && st->goes_on[1] == 0) {
		login(&body, d);
	} else if (type == T_RESPONSE) {
		response(&body, d);
	} else if (proto_op_find(d->proto, type) == NULL) {
		(void)dissect_op(d, type);
		rd_opaque_rest(&body);
	} else {
		(void)dissect_op(d, type);
		if (type == T_BATCH || type == T_CALL)
			dissect_content_call(d, type, "sql",
			    rd_ahead(&body, rd_have(&body)));
		if (type == T_SSPI)
			ntlmssp_say(d, type, rd_ahead(&body, rd_have(&body)));
	}
	rd_skip_rest(&body);
	st->goes_on[d->to_server] = (status & 1) == 0;
}

static void
tds_parse(struct rd *r, struct dissect *d)
{
	struct span head = rd_ahead(r, 2);

	d->ctx.response = !d->to_server;
	if (head.n == 2 && head.p[0] >= 20)
		dissect_inner(d, &proto_tls, r);
	else
		packet(r, d);
}

const struct proto proto_tds = {
	.name = "tds",
	.title = "Tabular Data Stream: SQL Server, Sybase",
	.spec = "[MS-TDS]",
	.depth = "all packet types; versions, users, hosts, programs, outcome "
		 "of logins, errors; statements and rows are counted",
	.slot = PROTO_SLOT,
	.tcp = { PORT },
	.server_role = ROLE_DATABASE,
	.claim = tds_claim,
	.way = tds_way,
	.frame = tds_frame,
	.frame_min = 5,
	.parse = tds_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct state),
};
