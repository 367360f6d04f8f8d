/*
 * ftp.c - File Transfer Protocol, the control connection.
 *
 * RFC 959; security RFC 2228 and 4217; RFC 2389, 2428, 3659, 775.
 *
 *	command [SP argument] CRLF		from the client
 *	code SP text CRLF			from the server, or
 *	code "-" text CRLF ... code SP text CRLF
 *
 * Op is the row of the command; an answer carries that of the command it
 * answers, 0 where there is none (the greeting).  Object: the file or user by
 * name.  The text of PASS and ACCT is never looked at.  Pair: the n-th command
 * of the flow.  After AUTH TLS was accepted the rest is TLS, unless lines come
 * back (CCC); what TLS hid of the count of commands is taken as answered.
 */
#include "proto.h"
#include "text.h"
#include "tls.h"

#define LINE_MAX_ 4096u
#define OP_GREETING 0u
#define OP_NOBODY 0x3ffu /* a command nobody defined */
#define PORT 21u

enum command {
	C_USER = 1,
	C_PASS = 2,
	C_ACCT = 3,
	C_SYST = 28,
	C_AUTH = 33,
};

static const struct proto_op ops[] = {
	{ 0, FACT_SESSION, RISK_NONE, "greeting" },
	{ 1, FACT_LOGIN, RISK_NONE, "USER" },
	{ 2, FACT_LOGIN, RISK_NONE, "PASS" },
	{ 3, FACT_LOGIN, RISK_NONE, "ACCT" },
	{ 4, FACT_FILE, RISK_NONE, "CWD" },
	{ 5, FACT_FILE, RISK_NONE, "CDUP" },
	{ 6, FACT_FILE, RISK_NONE, "SMNT" },
	{ 7, FACT_SESSION, RISK_NONE, "REIN" },
	{ 8, FACT_SESSION, RISK_NONE, "QUIT" },
	{ 9, FACT_SESSION, RISK_NONE, "PORT" },
	{ 10, FACT_SESSION, RISK_NONE, "PASV" },
	{ 11, FACT_SESSION, RISK_NONE, "TYPE" },
	{ 12, FACT_SESSION, RISK_NONE, "STRU" },
	{ 13, FACT_SESSION, RISK_NONE, "MODE" },
	{ 14, FACT_FILE, RISK_NONE, "RETR" },
	{ 15, FACT_FILE, RISK_FILE, "STOR" },
	{ 16, FACT_FILE, RISK_FILE, "STOU" },
	{ 17, FACT_FILE, RISK_FILE, "APPE" },
	{ 18, FACT_SESSION, RISK_NONE, "ALLO" },
	{ 19, FACT_SESSION, RISK_NONE, "REST" },
	{ 20, FACT_FILE, RISK_FILE, "RNFR" },
	{ 21, FACT_FILE, RISK_FILE, "RNTO" },
	{ 22, FACT_SESSION, RISK_NONE, "ABOR" },
	{ 23, FACT_FILE, RISK_FILE, "DELE" },
	{ 24, FACT_FILE, RISK_FILE, "RMD" },
	{ 25, FACT_FILE, RISK_FILE, "MKD" },
	{ 26, FACT_FILE, RISK_NONE, "PWD" },
	{ 27, FACT_FILE, RISK_NONE, "LIST" },
	{ 28, FACT_DISCOVER, RISK_NONE, "SYST" },
	{ 29, FACT_FILE, RISK_NONE, "NLST" },
	{ 30, FACT_CONFIG, RISK_CONFIGURATION, "SITE" },
	{ 31, FACT_DIAGNOSE, RISK_NONE, "STAT" },
	{ 32, FACT_DISCOVER, RISK_NONE, "HELP" },
	{ 33, FACT_SESSION, RISK_NONE, "AUTH" },
	{ 34, FACT_SESSION, RISK_NONE, "ADAT" },
	{ 35, FACT_SESSION, RISK_NONE, "PROT" },
	{ 36, FACT_SESSION, RISK_NONE, "PBSZ" },
	{ 37, FACT_SESSION, RISK_NONE, "CCC" },
	{ 38, FACT_SESSION, RISK_NONE, "MIC" },
	{ 39, FACT_SESSION, RISK_NONE, "CONF" },
	{ 40, FACT_SESSION, RISK_NONE, "ENC" },
	{ 41, FACT_DISCOVER, RISK_NONE, "FEAT" },
	{ 42, FACT_SESSION, RISK_NONE, "OPTS" },
	{ 43, FACT_SESSION, RISK_NONE, "EPRT" },
	{ 44, FACT_SESSION, RISK_NONE, "EPSV" },
	{ 45, FACT_FILE, RISK_NONE, "MDTM" },
	{ 46, FACT_FILE, RISK_NONE, "SIZE" },
	{ 47, FACT_FILE, RISK_NONE, "MLST" },
	{ 48, FACT_FILE, RISK_NONE, "MLSD" },
	{ 49, FACT_SESSION, RISK_NONE, "NOOP" },
	{ 50, FACT_FILE, RISK_NONE, "XPWD" },
	{ 51, FACT_FILE, RISK_NONE, "XCWD" },
	{ 52, FACT_FILE, RISK_NONE, "XCUP" },
	{ 53, FACT_FILE, RISK_FILE, "XMKD" },
	{ 54, FACT_FILE, RISK_FILE, "XRMD" },
	{ 55, FACT_SESSION, RISK_NONE, "LANG" },
	{ 56, FACT_SESSION, RISK_NONE, "HOST" },
	{ 57, FACT_SESSION, RISK_NONE, "CLNT" },
	{ 58, FACT_FILE, RISK_FILE, "MFMT" },
	{ 59, FACT_FILE, RISK_FILE, "MFCT" },
	{ 60, FACT_FILE, RISK_FILE, "MFF" },
	{ 61, FACT_FILE, RISK_NONE, "HASH" },
	{ 62, FACT_FILE, RISK_NONE, "XCRC" },
	{ 63, FACT_FILE, RISK_NONE, "XMD5" },
	{ 64, FACT_FILE, RISK_NONE, "XSHA1" },
	{ 65, FACT_SESSION, RISK_NONE, "LPRT" },
	{ 66, FACT_SESSION, RISK_NONE, "LPSV" },
	{ 67, FACT_SESSION, RISK_NONE, "MAIL" },
};
#define N_OPS (sizeof(ops) / sizeof(ops[0]))

struct state {
	struct tls_state tls; /* first: proto_tls works on it */
	uint32_t asked, answered;
	uint16_t listing; /* code of an answer of several lines */
	bool wants_tls, is_tls;
};

/* ---------------------------------------------------------------- framing */

static bool
same_word(struct span s, const char *upper)
{
	uint32_t i = 0;

	for (; i < s.n && upper[i] != '\0'; i++)
		if (text_lower(s.p[i]) != text_lower((uint8_t)upper[i]))
			return false;
	return i == s.n && upper[i] == '\0';
}

static uint32_t
command_find(struct span word)
{
	for (uint32_t i = 1; i < N_OPS; i++)
		if (same_word(word, ops[i].name))
			return ops[i].code;
	return OP_NOBODY;
}

/* A word of letters, then a blank or the end of the line. */
static struct span
command_word(struct span s)
{
	uint32_t n = 0;

	while (n < s.n && n < 8 &&
	    (text_is_alpha(s.p[n]) || (n > 2 && text_is_digit(s.p[n]))))
		n++;
	if (n < 3 || n == 8 ||
	    (n < s.n && s.p[n] != ' ' && s.p[n] != '\r' && s.p[n] != '\n'))
		n = 0;
	return span_first(s, n);
}

/* Code of an answer line, 0 if it is none. */
static uint32_t
answer_code(struct span s)
{
	if (s.n < 4 || s.p[0] < '1' || s.p[0] > '6' || s.p[1] > '7' ||
	    !text_is_digit(s.p[1]) || !text_is_digit(s.p[2]) ||
	    (s.p[3] != ' ' && s.p[3] != '-' && s.p[3] != '\r' &&
		s.p[3] != '\n'))
		return 0;
	return text_number(SPAN(s.p, 3));
}

static uint32_t
line_length(struct span s)
{
	uint32_t n = span_find(span_first(s, LINE_MAX_), '\n');

	if (n < s.n && n < LINE_MAX_)
		return n + 1;
	return s.n < LINE_MAX_ ? FRAME_NEED_MORE : FRAME_NOT_MINE;
}

/* Telnet's IAC IP, IAC DM before ABOR (RFC 959, 4.1.3). */
static struct span
skip_telnet(struct span s)
{
	while (s.n >= 2 && s.p[0] >= 0xf0)
		s = span_from(s, s.p[1] >= 0xf0 ? 2 : 1);
	return s;
}

static uint32_t
ftp_frame(struct span s, const struct dissect *d)
{
	const struct state *st = d->state;
	uint32_t n = line_length(s);

	if (st->is_tls && tls_record_length(s) != FRAME_NOT_MINE)
		return tls_record_length(s);
	if (n == FRAME_NEED_MORE || n == FRAME_NOT_MINE)
		return n;
	if (d->to_server)
		return command_word(skip_telnet(s)).n > 0 ? n : FRAME_NOT_MINE;
	return st->listing != 0 || answer_code(s) != 0 ? n : FRAME_NOT_MINE;
}

static enum claim
claim_answer(struct span s, uint32_t code, const struct dissect *d)
{
	struct span line = span_first(s, line_length(s) - 1);

	if (text_find(line, "smtp") < line.n ||
	    text_find(line, "mail") < line.n)
		return CLAIM_NO;
	if ((code == 220 && text_find(line, "ftp") < line.n) ||
	    text_starts(line, "227 entering passive mode") ||
	    text_starts(line, "229 entering extended passive mode"))
		return CLAIM_STRONG;
	return code == 220 || d->talk->server_port == PORT ? CLAIM_WEAK
							   : CLAIM_NO;
}

static enum claim
claim_command(struct span s, const struct dissect *d)
{
	static const char *const ours[] = { "PASV", "EPSV", "PORT", "EPRT",
		"CWD", "STOR", "MLSD", "TYPE", "NLST", "SYST" };
	struct span word = command_word(s);

	if (word.n == 0)
		return CLAIM_NO;
	if (command_find(word) == OP_NOBODY)
		return d->talk->server_port == PORT ? CLAIM_WEAK : CLAIM_NO;
	for (uint32_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (span_is(word, span_text(ours[i])))
			return CLAIM_STRONG;
	return d->talk->server_port == PORT || same_word(word, "USER") ||
		same_word(word, "AUTH")
	    ? CLAIM_WEAK
	    : CLAIM_NO;
}

static enum claim
ftp_claim(struct span s, const struct dissect *d)
{
	uint32_t n = line_length(s), code = answer_code(s);

	if (d->via != VIA_TCP || n == FRAME_NEED_MORE || n == FRAME_NOT_MINE)
		return CLAIM_NO;
	for (uint32_t i = 0; i + 1 < n; i++)
		if (s.p[i] < ' ' && s.p[i] != '\r' && s.p[i] != '\t')
			return CLAIM_NO;
	return code != 0 ? claim_answer(s, code, d) : claim_command(s, d);
}

static enum way
ftp_way(struct span s)
{
	if (answer_code(s) != 0)
		return WAY_RESPONSE;
	return command_find(command_word(s)) != OP_NOBODY ? WAY_REQUEST
							  : WAY_UNKNOWN;
}

/* --------------------------------------------------------------- commands */

static void
say_argument(struct fact *f, uint32_t op, struct span argument)
{
	if (op == C_PASS || op == C_ACCT || argument.n == 0)
		return;
	if (f->kind == FACT_FILE)
		f->object.space = SPACE_FILE;
	else if (op == C_USER)
		f->object.space = SPACE_NAME;
	f->object.count = f->object.space != SPACE_NONE;
	fact_text(f, argument);
}

static void
command(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;
	struct span line = skip_telnet(text_rd_line(r)), word;
	struct fact *f;
	uint32_t op;

	word = command_word(line);
	rd_require(r, word.n > 0 || !rd_ok(r), "not a command");
	if (!rd_ok(r))
		return;
	op = command_find(word);
	st->asked++;
	dissect_pair(d, st->asked);
	f = dissect_op(d, op);
	say_argument(f, op, text_trim(span_from(line, word.n)));
	dissect_remember(d, (struct ask){ .pair = st->asked, .op = op });
	st->wants_tls = op == C_AUTH;
	if (op == C_PASS)
		dissect_content_login(d, st->asked, SPAN(NULL, 0),
		    text_trim(span_from(line, word.n)));
	if (op == C_PASS)
		(void)dissect_ident_about(d, ABOUT_RECEIVER, TRAIT_SECURITY,
		    SPAN_LIT("FTP login without encryption"));
}

/* ---------------------------------------------------------------- answers */

static void
say_identity(struct dissect *d, uint32_t op, uint32_t code, struct span text)
{
	if (code == 220 && op == OP_GREETING)
		dissect_ident(d, TRAIT_APPLICATION, text);
	else if (code == 215)
		dissect_ident(d, TRAIT_OS, text);
}

/* Which command is answered; 1xx answers are followed by another. */
static uint32_t
answered_op(struct dissect *d, struct state *st, uint32_t code)
{
	const struct ask *ask = NULL;

	if (st->answered == st->asked) {
		d->ctx.flags |= code == 220 ? 0 : FACT_UNSOLICITED;
		return OP_GREETING;
	}
	dissect_pair(d, st->answered + 1);
	ask = dissect_recall(d, st->answered + 1);
	if (ask != NULL && code < 200)
		dissect_remember(d, *ask);
	if (code >= 200)
		st->answered++;
	return ask != NULL ? ask->op : OP_GREETING;
}

static void
answer(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;
	struct span line = text_rd_line(r), text;
	uint32_t code = answer_code(line), op;
	bool goes_on;

	if (!rd_ok(r))
		return;
	if (line.n == 3) /* a code and nothing else */
		code = text_number(line);
	goes_on = line.n > 3 && line.p[3] == '-';
	if (st->listing != 0 && (code != st->listing || goes_on))
		return; /* in the midst of an answer of several lines */
	rd_require(r, code != 0, "not an answer");
	text = text_trim(span_from(line, 4));
	if (goes_on) {
		st->listing = (uint16_t)code;
		if (st->asked == 0)
			say_identity(d, OP_GREETING, code, text);
		return;
	}
	op = answered_op(d, st, code);
	if (code >= 400 && code < 600)
		(void)dissect_error(d, op, code);
	else
		fact_text(dissect_op(d, op), text);
	if (st->listing == 0)
		say_identity(d, op, code, text);
	st->listing = 0;
	st->is_tls = st->wants_tls && code == 234;
}

static void
ftp_parse(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;
	struct span head = rd_ahead(r, 1);

	d->ctx.response = !d->to_server;
	if (st->is_tls && head.n == 1 && head.p[0] >= ' ')
		*st =
		    (struct state){ .asked = st->asked, .answered = st->asked };
	if (st->is_tls)
		dissect_inner(d, &proto_tls, r);
	else if (d->to_server)
		command(r, d);
	else
		answer(r, d);
}

const struct proto proto_ftp = {
	.name = "ftp",
	.title = "File Transfer Protocol",
	.spec = "RFC 959, RFC 2228, RFC 2428, RFC 3659, RFC 4217",
	.depth = "all commands and answers; users, files, programs",
	.slot = PROTO_SLOT,
	.tcp = { PORT },
	.claim = ftp_claim,
	.way = ftp_way,
	.frame = ftp_frame,
	.frame_min = 1,
	.parse = ftp_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct state),
};
