/*
 * smtp.c - Simple Mail Transfer Protocol.
 *
 * RFC 5321; extensions RFC 3207 (STARTTLS), RFC 4954 (AUTH), RFC 3030 (BDAT).
 *
 *	command [SP argument] CRLF	code SP text CRLF, or code "-" text
 *	after DATA: lines up to one with a point alone; after BDAT n: n bytes
 *
 * Op is the row of the command; an answer carries that of the command it
 * answers.  The object is who sends or receives, or the host that greets, by
 * name.  Mail itself is passed over.  Pair: the n-th command.
 */
#include "mail.h"

enum command {
	C_HELO = 1,
	C_EHLO = 2,
	C_MAIL = 3,
	C_RCPT = 4,
	C_DATA = 5,
	C_AUTH = 12,
	C_STARTTLS = 13,
	C_BDAT = 14,
};

static const struct proto_op ops[] = {
	{ 0, FACT_SESSION, RISK_NONE, "greeting" },
	{ C_HELO, FACT_SESSION, RISK_NONE, "HELO" },
	{ C_EHLO, FACT_SESSION, RISK_NONE, "EHLO" },
	{ C_MAIL, FACT_REPORT, RISK_NONE, "MAIL" },
	{ C_RCPT, FACT_REPORT, RISK_NONE, "RCPT" },
	{ C_DATA, FACT_REPORT, RISK_NONE, "DATA" },
	{ 6, FACT_SESSION, RISK_NONE, "RSET" },
	{ 7, FACT_DISCOVER, RISK_NONE, "VRFY" },
	{ 8, FACT_DISCOVER, RISK_NONE, "EXPN" },
	{ 9, FACT_DISCOVER, RISK_NONE, "HELP" },
	{ 10, FACT_SESSION, RISK_NONE, "NOOP" },
	{ 11, FACT_SESSION, RISK_NONE, "QUIT" },
	{ C_AUTH, FACT_LOGIN, RISK_NONE, "AUTH" },
	{ C_STARTTLS, FACT_SESSION, RISK_NONE, "STARTTLS" },
	{ C_BDAT, FACT_REPORT, RISK_NONE, "BDAT" },
	{ 15, FACT_SESSION, RISK_NONE, "ETRN" },
	{ 16, FACT_SESSION, RISK_NONE, "TURN" },
	{ 17, FACT_SESSION, RISK_NONE, "LHLO" },
	{ 18, FACT_SESSION, RISK_NONE, "XCLIENT" },
	{ 19, FACT_SESSION, RISK_NONE, "X-ANONYMOUSTLS" },
	{ 20, FACT_SESSION, RISK_NONE, "XEXCH50" },
};
#define N_OPS (sizeof(ops) / sizeof(ops[0]))

static struct span
word_of(struct span line)
{
	uint32_t n = 0;

	while (n < line.n && n < 16 &&
	    (text_is_alpha(line.p[n]) || line.p[n] == '-'))
		n++;
	if (n < 4 ||
	    (n < line.n && line.p[n] != ' ' && line.p[n] != '\r' &&
		line.p[n] != '\n'))
		n = 0;
	return span_first(line, n);
}

static uint32_t
code_of(struct span s)
{
	if (s.n < 4 || s.p[0] < '2' || s.p[0] > '5' || s.p[1] > '5' ||
	    !text_is_digit(s.p[1]) || !text_is_digit(s.p[2]) ||
	    (s.p[3] != ' ' && s.p[3] != '-' && s.p[3] != '\r' &&
		s.p[3] != '\n'))
		return 0;
	return text_number(SPAN(s.p, 3));
}

static uint32_t
smtp_frame(struct span s, const struct dissect *d)
{
	const struct mail_state *st = d->state;
	uint32_t n = mail_tls_length(s, st);

	if (n != FRAME_NOT_MINE)
		return n;
	if (d->to_server && st->left > 0)
		return st->left;
	if (d->to_server && st->in_data)
		return mail_data_length(s);
	n = mail_line_length(s);
	if (n == FRAME_NEED_MORE || n == FRAME_NOT_MINE)
		return n;
	if (d->to_server)
		return st->in_login || word_of(s).n > 0 ? n : FRAME_NOT_MINE;
	return code_of(s) != 0 ? n : FRAME_NOT_MINE;
}

static enum claim
smtp_claim(struct span s, const struct dissect *d)
{
	uint32_t n = mail_line_length(s), op;
	struct span line;

	if (d->via != VIA_TCP || n == FRAME_NEED_MORE || n == FRAME_NOT_MINE ||
	    !mail_is_text(s))
		return mail_may_be(s, d, 25) ? CLAIM_WEAK : CLAIM_NO;
	line = span_first(s, n);
	if (code_of(s) == 220 &&
	    (text_find(line, "smtp") < n || text_find(line, "mail") < n))
		return CLAIM_STRONG;
	op = mail_find(ops, N_OPS, word_of(s));
	if (op == C_EHLO || (op == C_MAIL && text_starts(s, "mail from:")) ||
	    (op == C_RCPT && text_starts(s, "rcpt to:")))
		return CLAIM_STRONG;
	if (op == C_HELO || code_of(s) == 220)
		return CLAIM_WEAK;
	return mail_may_be(s, d, 25) ? CLAIM_WEAK : CLAIM_NO;
}

static enum way
smtp_way(struct span s)
{
	if (code_of(s) != 0)
		return WAY_RESPONSE;
	return mail_find(ops, N_OPS, word_of(s)) != MAIL_NOBODY ? WAY_REQUEST
								: WAY_UNKNOWN;
}

/* --------------------------------------------------------------- commands */

/* "FROM:<someone@somewhere>" without what surrounds the address. */
static struct span
address(struct span s)
{
	s = text_trim(span_from(s, span_find(s, ':') + 1));
	if (s.n > 0 && s.p[0] == '<')
		s = span_from(s, 1);
	return span_first(s, span_find(s, '>'));
}

/* AUTH PLAIN: nothing, NUL, user, NUL, password, in base64. */
static void
login(struct dissect *d, struct mail_state *st, struct fact *f,
    struct span argument)
{
	struct span method = text_word(&argument), plain;
	uint8_t raw[192];
	uint32_t at;

	st->in_login = true;
	if (!text_is(method, "plain") && !text_is(method, "login"))
		return;
	mail_clear_login(d, "SMTP login without encryption");
	if (argument.n == 0)
		return;
	plain = text_base64(argument, raw, sizeof(raw));
	if (text_is(method, "plain")) {
		at = span_find(plain, 0);
		plain = span_from(plain, at + 1);
		plain = span_first(plain, span_find(plain, 0));
	}
	say_named(f, plain);
}

static void
command(struct rd *r, struct dissect *d)
{
	struct mail_state *st = d->state;
	struct span line = text_rd_line(r), word, argument;
	uint32_t op;
	struct fact *f;

	if (!rd_ok(r))
		return;
	word = word_of(line);
	rd_require(r, word.n > 0, "not a command");
	if (!rd_ok(r))
		return;
	op = mail_find(ops, N_OPS, word);
	argument = text_trim(span_from(line, word.n));
	mail_ask(d, st, op);
	f = dissect_op(d, op);
	st->wants_tls = op == C_STARTTLS;
	st->op = (uint16_t)op;
	if (op == C_HELO || op == C_EHLO) {
		say_named(f, argument);
		dissect_ident(d, TRAIT_NAME, argument);
	} else if (op == C_MAIL || op == C_RCPT) {
		say_named(f, address(argument));
	} else if (op == C_AUTH) {
		login(d, st, f, argument);
	} else if (op == C_BDAT) {
		st->left = text_number(argument);
	}
}

static void
more(struct rd *r, struct dissect *d)
{
	struct mail_state *st = d->state;
	struct span ahead = rd_ahead(r, 3);

	if (st->left > 0) {
		st->left -= rd_left(r) < st->left ? rd_left(r) : st->left;
	} else if (st->in_data && rd_left(r) <= 3 && ahead.n > 0 &&
	    ahead.p[0] == '.') {
		st->in_data = false;
		mail_ask(d, st, C_DATA);
	} else if (st->in_login) {
		rd_secret(r, rd_left(r));
		mail_ask(d, st, C_AUTH);
	}
	rd_skip_rest(r);
}

/* ---------------------------------------------------------------- answers */

static void
answer(struct rd *r, struct dissect *d)
{
	struct mail_state *st = d->state;
	struct span line = text_rd_line(r), text;
	uint32_t code = line.n == 3 ? text_number(line) : code_of(line), op;

	rd_require(r, !rd_ok(r) || code != 0, "not an answer");
	if (!rd_ok(r))
		return;
	text = text_trim(span_from(line, 4));
	if (line.n > 3 && line.p[3] == '-') {
		if (st->asked == 0 && !st->in_list)
			dissect_ident(d, TRAIT_APPLICATION, text);
		st->in_list = true;
		return;
	}
	op = mail_answered(d, st);
	if (code >= 400)
		(void)dissect_error(d, op, code);
	else
		fact_text(dissect_op(d, op), text);
	if (op == 0 && code == 220 && !st->in_list)
		dissect_ident(d, TRAIT_APPLICATION, text);
	st->in_list = false;
	st->in_data = op == C_DATA && code == 354;
	st->in_login = op == C_AUTH && code == 334;
	st->is_tls = st->wants_tls && op == C_STARTTLS && code == 220;
}

static void
smtp_parse(struct rd *r, struct dissect *d)
{
	struct mail_state *st = d->state;

	d->ctx.response = !d->to_server;
	if (st->is_tls)
		dissect_inner(d, &proto_tls, r);
	else if (!d->to_server)
		answer(r, d);
	else if (st->in_data || st->left > 0 || st->in_login)
		more(r, d);
	else
		command(r, d);
}

const struct proto proto_smtp = {
	.name = "smtp",
	.title = "Simple Mail Transfer Protocol",
	.spec = "RFC 5321, RFC 3207, RFC 4954, RFC 3030",
	.depth = "commands and answers; programs, users, who writes to whom; "
		 "mail itself is passed over",
	.slot = PROTO_SLOT,
	.tcp = { 25, 587, 2525 },
	.claim = smtp_claim,
	.way = smtp_way,
	.frame = smtp_frame,
	.frame_min = 1,
	.parse = smtp_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct mail_state),
};
