/*
 * pop3.c - Post Office Protocol, version 3.
 *
 * RFC 1939; RFC 2449 (CAPA), RFC 2595 (STLS), RFC 5034 (AUTH).
 *
 *	command [SP argument] CRLF	"+OK" text CRLF, "-ERR" text CRLF
 *	after some, lines up to one with a point alone
 *
 * Op is the row of the command; an answer carries that of the command it
 * answers.  Mail itself is passed over.  Pair: the n-th command.
 */
#include "mail.h"

enum command {
	C_USER = 1,
	C_PASS = 2,
	C_LIST = 4,
	C_RETR = 5,
	C_TOP = 10,
	C_UIDL = 11,
	C_APOP = 12,
	C_CAPA = 13,
	C_AUTH = 14,
	C_STLS = 15,
};

static const struct proto_op ops[] = {
	{ 0, FACT_SESSION, RISK_NONE, "greeting" },
	{ C_USER, FACT_LOGIN, RISK_NONE, "USER" },
	{ C_PASS, FACT_LOGIN, RISK_NONE, "PASS" },
	{ 3, FACT_DISCOVER, RISK_NONE, "STAT" },
	{ C_LIST, FACT_DISCOVER, RISK_NONE, "LIST" },
	{ C_RETR, FACT_READ, RISK_NONE, "RETR" },
	{ 6, FACT_FILE, RISK_FILE, "DELE" },
	{ 7, FACT_SESSION, RISK_NONE, "NOOP" },
	{ 8, FACT_SESSION, RISK_NONE, "RSET" },
	{ 9, FACT_SESSION, RISK_NONE, "QUIT" },
	{ C_TOP, FACT_READ, RISK_NONE, "TOP" },
	{ C_UIDL, FACT_DISCOVER, RISK_NONE, "UIDL" },
	{ C_APOP, FACT_LOGIN, RISK_NONE, "APOP" },
	{ C_CAPA, FACT_DISCOVER, RISK_NONE, "CAPA" },
	{ C_AUTH, FACT_LOGIN, RISK_NONE, "AUTH" },
	{ C_STLS, FACT_SESSION, RISK_NONE, "STLS" },
	{ 16, FACT_SESSION, RISK_NONE, "LAST" },
	{ 17, FACT_SESSION, RISK_NONE, "UTF8" },
};
#define N_OPS (sizeof(ops) / sizeof(ops[0]))

static struct span
word_of(struct span line)
{
	uint32_t n = 0;

	while (n < line.n && n < 8 && text_is_alpha(line.p[n]))
		n++;
	return span_first(line, n >= 3 && n <= 4 ? n : 0);
}

static bool
is_answer(struct span s)
{
	return span_starts(s, SPAN_LIT("+OK")) ||
	    span_starts(s, SPAN_LIT("-ERR")) || span_starts(s, SPAN_LIT("+ "));
}

static uint32_t
pop3_frame(struct span s, const struct dissect *d)
{
	const struct mail_state *st = d->state;
	uint32_t n = mail_tls_length(s, st);

	if (n != FRAME_NOT_MINE)
		return n;
	if (!d->to_server && st->in_list)
		return mail_data_length(s);
	n = mail_line_length(s);
	if (n == FRAME_NEED_MORE || n == FRAME_NOT_MINE)
		return n;
	if (d->to_server)
		return st->in_login || word_of(s).n > 0 ? n : FRAME_NOT_MINE;
	return is_answer(s) ? n : FRAME_NOT_MINE;
}

static enum claim
pop3_claim(struct span s, const struct dissect *d)
{
	if (d->via != VIA_TCP || s.n < 5 || !mail_is_text(s))
		return mail_may_be(s, d, 110) ? CLAIM_WEAK : CLAIM_NO;
	if (text_starts(s, "+ok ") &&
	    (text_find(span_first(s, 128), "pop") < s.n ||
		span_find(span_first(s, 128), '<') < 128))
		return text_find(span_first(s, 128), "pop") < 128 ? CLAIM_STRONG
								  : CLAIM_WEAK;
	return mail_may_be(s, d, 110) ? CLAIM_WEAK : CLAIM_NO;
}

static enum way
pop3_way(struct span s)
{
	return is_answer(s) ? WAY_RESPONSE : WAY_REQUEST;
}

static bool
lists(uint32_t op, struct span argument)
{
	return op == C_RETR || op == C_TOP || op == C_CAPA ||
	    ((op == C_LIST || op == C_UIDL) && argument.n == 0) ||
	    (op == C_AUTH && argument.n == 0);
}

static void
command(struct rd *r, struct dissect *d)
{
	struct mail_state *st = d->state;
	struct span line, word, argument;
	struct fact *f;
	uint32_t op;

	if (st->in_login) {
		rd_secret(r, rd_left(r));
		mail_ask(d, st, C_AUTH);
		return;
	}
	line = text_rd_line(r);
	word = word_of(line);
	rd_require(r, !rd_ok(r) || word.n > 0, "not a command");
	if (!rd_ok(r))
		return;
	op = mail_find(ops, N_OPS, word);
	argument = text_trim(span_from(line, word.n));
	st->op = (uint16_t)(lists(op, argument) ? op : 0);
	st->wants_tls = op == C_STLS;
	mail_ask(d, st, op);
	f = dissect_op(d, op);
	if (op == C_USER)
		say_named(f, argument);
	else if (op == C_APOP)
		say_named(f, text_word(&argument));
	if (op == C_PASS) {
		dissect_content_login(d, st->asked, SPAN(NULL, 0), argument);
		mail_clear_login(d, "POP3 login without encryption");
	}
}

static void
answer(struct rd *r, struct dissect *d)
{
	struct mail_state *st = d->state;
	struct span line, text;
	uint32_t op;

	if (st->in_list) {
		struct span ahead = rd_ahead(r, rd_have(r));

		st->in_list =
		    rd_left(r) > 3 || ahead.n == 0 || ahead.p[0] != '.';
		rd_skip_rest(r);
		return;
	}
	line = text_rd_line(r);
	rd_require(r, !rd_ok(r) || is_answer(line), "not an answer");
	if (!rd_ok(r))
		return;
	text = text_trim(span_from(line, span_find(line, ' ')));
	op = mail_answered(d, st);
	st->in_login = op == C_AUTH && line.n > 1 && line.p[1] == ' ';
	if (line.p[0] == '-') {
		(void)dissect_error(d, op, 0);
		return;
	}
	fact_text(dissect_op(d, op), text);
	if (op == 0)
		dissect_ident(d, TRAIT_APPLICATION,
		    span_first(text, span_find(text, '<')));
	st->in_list = op != 0 && op == st->op;
	st->is_tls = st->wants_tls && op == C_STLS;
}

static void
pop3_parse(struct rd *r, struct dissect *d)
{
	struct mail_state *st = d->state;

	d->ctx.response = !d->to_server;
	if (st->is_tls)
		dissect_inner(d, &proto_tls, r);
	else if (d->to_server)
		command(r, d);
	else
		answer(r, d);
}

const struct proto proto_pop3 = {
	.name = "pop3",
	.title = "Post Office Protocol, version 3",
	.spec = "RFC 1939, RFC 2449, RFC 2595, RFC 5034",
	.depth = "commands and answers; programs, users; mail itself is passed "
		 "over",
	.slot = PROTO_SLOT,
	.tcp = { 110 },
	.claim = pop3_claim,
	.way = pop3_way,
	.frame = pop3_frame,
	.frame_min = 3,
	.parse = pop3_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct mail_state),
};
