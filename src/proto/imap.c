/*
 * imap.c - Internet Message Access Protocol.
 *
 * RFC 3501, RFC 9051; RFC 2971 (ID), RFC 4959 (initial response).
 *
 *	tag SP command [SP arguments] CRLF
 *	"*" SP what CRLF		unasked, or before the end of an answer
 *	tag SP "OK" or "NO" or "BAD" SP text CRLF	"+" SP text CRLF
 *	a line that ends in {n} goes on with n bytes and another line
 *
 * Op is the row of the command; 0 the greeting and what is said unasked.  The
 * object is the mailbox or user by name.  Mail itself is passed over.  Pair:
 * a hash of the tag.
 */
#include "mail.h"

enum command {
	C_LOGIN = 1,
	C_AUTHENTICATE = 2,
	C_STARTTLS = 3,
	C_SELECT = 7,
	C_EXAMINE = 8,
	C_ID = 27,
};

static const struct proto_op ops[] = {
	{ 0, FACT_SESSION, RISK_NONE, "untagged" },
	{ C_LOGIN, FACT_LOGIN, RISK_NONE, "LOGIN" },
	{ C_AUTHENTICATE, FACT_LOGIN, RISK_NONE, "AUTHENTICATE" },
	{ C_STARTTLS, FACT_SESSION, RISK_NONE, "STARTTLS" },
	{ 4, FACT_DISCOVER, RISK_NONE, "CAPABILITY" },
	{ 5, FACT_SESSION, RISK_NONE, "NOOP" },
	{ 6, FACT_SESSION, RISK_NONE, "LOGOUT" },
	{ C_SELECT, FACT_FILE, RISK_NONE, "SELECT" },
	{ C_EXAMINE, FACT_FILE, RISK_NONE, "EXAMINE" },
	{ 9, FACT_FILE, RISK_FILE, "CREATE" },
	{ 10, FACT_FILE, RISK_FILE, "DELETE" },
	{ 11, FACT_FILE, RISK_FILE, "RENAME" },
	{ 12, FACT_SESSION, RISK_NONE, "SUBSCRIBE" },
	{ 13, FACT_SESSION, RISK_NONE, "UNSUBSCRIBE" },
	{ 14, FACT_DISCOVER, RISK_NONE, "LIST" },
	{ 15, FACT_DISCOVER, RISK_NONE, "LSUB" },
	{ 16, FACT_DISCOVER, RISK_NONE, "STATUS" },
	{ 17, FACT_FILE, RISK_FILE, "APPEND" },
	{ 18, FACT_SESSION, RISK_NONE, "CHECK" },
	{ 19, FACT_SESSION, RISK_NONE, "CLOSE" },
	{ 20, FACT_FILE, RISK_FILE, "EXPUNGE" },
	{ 21, FACT_DISCOVER, RISK_NONE, "SEARCH" },
	{ 22, FACT_READ, RISK_NONE, "FETCH" },
	{ 23, FACT_FILE, RISK_FILE, "STORE" },
	{ 24, FACT_FILE, RISK_FILE, "COPY" },
	{ 25, FACT_READ, RISK_NONE, "UID" },
	{ 26, FACT_SESSION, RISK_NONE, "IDLE" },
	{ C_ID, FACT_DISCOVER, RISK_NONE, "ID" },
	{ 28, FACT_DISCOVER, RISK_NONE, "NAMESPACE" },
	{ 29, FACT_SESSION, RISK_NONE, "ENABLE" },
	{ 30, FACT_SESSION, RISK_NONE, "UNSELECT" },
	{ 31, FACT_FILE, RISK_FILE, "MOVE" },
	{ 32, FACT_DISCOVER, RISK_NONE, "GETQUOTAROOT" },
	{ 33, FACT_SESSION, RISK_NONE, "COMPRESS" },
	{ 34, FACT_DISCOVER, RISK_NONE, "XLIST" },
	{ 35, FACT_SESSION, RISK_NONE, "DONE" },
};
#define N_OPS (sizeof(ops) / sizeof(ops[0]))

/* Bytes that follow a line, when it ends in {n} or {n+}. */
static uint32_t
literal(struct span line)
{
	uint32_t i = line.n;

	while (i > 0 && (line.p[i - 1] == '\r' || line.p[i - 1] == '\n'))
		i--;
	if (i < 3 || line.p[i - 1] != '}')
		return 0;
	i--;
	if (line.p[i - 1] == '+')
		i--;
	while (i > 0 && text_is_digit(line.p[i - 1]))
		i--;
	return i > 0 && line.p[i - 1] == '{' ? text_number(span_from(line, i))
					     : 0;
}

static bool
is_tag(struct span s)
{
	for (uint32_t i = 0; i < s.n; i++)
		if (!text_is_alpha(s.p[i]) && !text_is_digit(s.p[i]) &&
		    s.p[i] != '.' && s.p[i] != '*' && s.p[i] != '+' &&
		    s.p[i] != '-' && s.p[i] != '_')
			return false;
	return s.n >= 1 && s.n <= 24;
}

static uint32_t
imap_frame(struct span s, const struct dissect *d)
{
	const struct mail_state *st = d->state;
	uint32_t n = mail_tls_length(s, st), at = 0, more;

	if (n != FRAME_NOT_MINE)
		return n;
	if (!(d->to_server && (st->in_login || st->in_data)) &&
	    !is_tag(span_first(s, span_find(span_first(s, 32), ' '))) &&
	    span_find(span_first(s, 32), '\n') >= 32)
		return s.n < 32 ? FRAME_NEED_MORE : FRAME_NOT_MINE;
	for (uint32_t i = 0; i < 64; i++) {
		n = mail_line_length(span_from(s, at));
		if (n == FRAME_NEED_MORE || n == FRAME_NOT_MINE)
			return n;
		more = literal(span_first(span_from(s, at), n));
		if (more == 0)
			return at + n;
		if (more >= s.n - at - n)
			return more > 1u << 24 ? FRAME_NOT_MINE
					       : FRAME_NEED_MORE;
		at += n + more;
	}
	return at;
}

static uint32_t
command_of(struct span line, struct span *ret_argument)
{
	struct span rest = line, word;

	(void)text_word(&rest);
	word = text_word(&rest);
	while (word.n > 0 && word.p[word.n - 1] < ' ')
		word.n--;
	*ret_argument = rest;
	return mail_find(ops, N_OPS, word);
}

static enum claim
imap_claim(struct span s, const struct dissect *d)
{
	struct span line = span_first(s, span_find(span_first(s, 512), '\n'));
	struct span argument;

	if (d->via != VIA_TCP || line.n == s.n || !mail_is_text(s))
		return mail_may_be(s, d, 143) ? CLAIM_WEAK : CLAIM_NO;
	if (text_starts(s, "* ok ") || text_starts(s, "* preauth "))
		return text_find(line, "imap") < line.n ? CLAIM_STRONG
							: CLAIM_WEAK;
	if (mail_may_be(s, d, 143))
		return CLAIM_WEAK;
	if (!is_tag(span_first(line, span_find(line, ' '))))
		return CLAIM_NO;
	return text_is_digit(s.p[span_find(line, ' ') - 1]) &&
		command_of(line, &argument) != MAIL_NOBODY
	    ? CLAIM_WEAK
	    : CLAIM_NO;
}

static enum way
imap_way(struct span s)
{
	struct span argument;

	if (s.n >= 2 && (s.p[0] == '*' || s.p[0] == '+') && s.p[1] == ' ')
		return WAY_RESPONSE;
	return command_of(span_first(s, span_find(s, '\n')), &argument) !=
		MAIL_NOBODY
	    ? WAY_REQUEST
	    : WAY_UNKNOWN;
}

static uint32_t
hash(struct span tag)
{
	uint32_t h = 2166136261u;

	for (uint32_t i = 0; i < tag.n; i++)
		h = (h ^ tag.p[i]) * 16777619u;
	return h;
}

/* A word, or what stands between double quotes. */
static struct span
quoted(struct span *s)
{
	struct span q;

	*s = text_trim(*s);
	if (s->n == 0 || s->p[0] != '"')
		return text_word(s);
	q = span_from(*s, 1);
	q = span_first(q, span_find(q, '"'));
	*s = text_trim(span_from(*s, q.n + 2));
	return q;
}

static void
login(struct dissect *d, struct fact *f, struct span argument)
{
	struct span user = quoted(&argument);

	if (user.n > 0 && user.p[0] == '{')
		return; /* as a literal */
	say_named(f, user);
	dissect_content_login(d, d->ctx.pair, user, quoted(&argument));
	mail_clear_login(d, "IMAP login without encryption");
}

static void
command(struct rd *r, struct dissect *d)
{
	struct mail_state *st = d->state;
	struct span line = text_rd_line(r), argument, rest = line, tag;
	struct fact *f;
	uint32_t op;

	if (!rd_ok(r))
		return;
	if (st->in_login) {
		st->in_login = false; /* a secret: nothing is said */
		rd_skip_rest(r);
		return;
	}
	tag = text_word(&rest);
	if (rest.n == 0 && text_is(tag, "done")) {
		(void)dissect_op(d, 35);
		return;
	}
	op = command_of(line, &argument);
	rd_require(r, rest.n > 0 && is_tag(tag), "not a command");
	if (!rd_ok(r))
		return;
	dissect_pair(d, hash(tag));
	dissect_remember(d, (struct ask){ .pair = hash(tag), .op = op });
	f = dissect_op(d, op);
	st->op = (uint16_t)op;
	if (op == C_LOGIN)
		login(d, f, argument);
	else if (op == C_SELECT || op == C_EXAMINE)
		say_named(f, quoted(&argument));
	else if (op == C_ID)
		dissect_ident(d, TRAIT_APPLICATION, argument);
	rd_skip_rest(r);
}

static void
untagged(struct dissect *d, struct span line)
{
	struct span rest = span_from(line, 2), word;
	struct fact *f = dissect_op(d, 0);

	word = text_word(&rest);
	fact_text(f, word);
	if (text_is(word, "ok") &&
	    ((struct mail_state *)d->state)->asked == 0) {
		if (rest.n > 0 && rest.p[0] == '[')
			rest = text_trim(
			    span_from(rest, span_find(rest, ']') + 1));
		dissect_ident(d, TRAIT_APPLICATION, rest);
	} else if (text_is(word, "id")) {
		dissect_ident(d, TRAIT_APPLICATION, rest);
	}
}

static void
answer(struct rd *r, struct dissect *d)
{
	struct mail_state *st = d->state;
	struct span line = text_rd_line(r), rest = line, tag, word;
	const struct ask *ask;
	uint32_t op;

	rd_require(r, !rd_ok(r) || line.n >= 2, "not an answer");
	if (!rd_ok(r))
		return;
	tag = text_word(&rest);
	if (tag.n == 1 && (tag.p[0] == '*' || tag.p[0] == '+')) {
		if (tag.p[0] == '*')
			untagged(d, line);
		st->in_login = tag.p[0] == '+' && st->op == C_AUTHENTICATE;
		st->in_data = false;
		st->asked = 1;
		rd_skip_rest(r);
		return;
	}
	dissect_pair(d, hash(tag));
	ask = dissect_recall(d, hash(tag));
	op = ask != NULL ? ask->op : 0;
	word = text_word(&rest);
	if (text_is(word, "no") || text_is(word, "bad"))
		(void)dissect_error(d, op, 0);
	else
		fact_text(dissect_op(d, op), rest);
	st->in_login = false;
	st->is_tls = op == C_STARTTLS && text_is(word, "ok");
	rd_skip_rest(r);
}

static void
imap_parse(struct rd *r, struct dissect *d)
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

const struct proto proto_imap = {
	.name = "imap",
	.title = "Internet Message Access Protocol",
	.spec = "RFC 3501, RFC 9051, RFC 2971",
	.depth = "commands and answers; programs, users, mailboxes; mail "
		 "itself is passed over",
	.slot = PROTO_SLOT,
	.tcp = { 143, 220 },
	.claim = imap_claim,
	.way = imap_way,
	.frame = imap_frame,
	.frame_min = 3,
	.parse = imap_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct mail_state),
};
