/*
 * mail.h - what the protocols of mail (SMTP, POP3, IMAP) have in common:
 * lines, commands in a table, answers in their order, and the turn to TLS.
 *
 * Private to those dissectors.
 */
#ifndef PROTO_MAIL_H
#define PROTO_MAIL_H

#include "say.h"
#include "text.h"
#include "tls.h"

#define MAIL_LINE_MAX 8192u
#define MAIL_NOBODY 0x3ffu /* a command nobody defined */

struct mail_state {
	struct tls_state tls; /* first: proto_tls works on it */
	uint32_t asked, answered;
	uint32_t left; /* bytes of a message that go on, by the client */
	uint16_t op; /* of the command that waits for more lines */
	bool wants_tls, is_tls;
	bool in_data; /* the client's lines are a message */
	bool in_list; /* the server's lines are a listing */
	bool in_login; /* the client's lines are secrets */
};

/* Length of the line with its end, or FRAME_... */
static inline uint32_t
mail_line_length(struct span s)
{
	uint32_t n = span_find(span_first(s, MAIL_LINE_MAX), '\n');

	if (n < s.n && n < MAIL_LINE_MAX)
		return n + 1;
	return s.n < MAIL_LINE_MAX ? FRAME_NEED_MORE : FRAME_NOT_MINE;
}

/* Lines up to the one that holds a point alone, or as many as are in hand. */
static inline uint32_t
mail_data_length(struct span s)
{
	uint32_t at = 0, n;

	while (at < s.n) {
		n = span_find(span_from(s, at), '\n');
		if (n == s.n - at)
			break;
		if (s.p[at] == '.' &&
		    (n == 1 || (n == 2 && s.p[at + 1] == '\r')))
			return at == 0 ? n + 1 : at;
		at += n + 1;
	}
	return at > 0 ? at : s.n < MAIL_LINE_MAX ? FRAME_NEED_MORE : s.n;
}

static inline bool
mail_is_point(struct span line)
{
	return line.n == 1 && line.p[0] == '.';
}

/* Text and nothing else, as far as the line goes. */
static inline bool
mail_is_text(struct span s)
{
	for (uint32_t i = 0; i < s.n && s.p[i] != '\n'; i++)
		if (s.p[i] < ' ' && s.p[i] != '\r' && s.p[i] != '\t')
			return false;
	return true;
}

/* On its own port what is text, or TLS, may be the midst of one. */
static inline bool
mail_may_be(struct span s, const struct dissect *d, uint16_t port)
{
	return d->via == VIA_TCP && d->talk->server_port == port &&
	    (mail_is_text(s) ||
		(s.n >= 5 && tls_record_length(s) != FRAME_NOT_MINE));
}

/* The row whose name is this word, whatever its case. */
static inline uint32_t
mail_find(const struct proto_op *ops, uint32_t n, struct span word)
{
	for (uint32_t i = 0; i < n; i++) {
		struct span name = span_text(ops[i].name);
		uint32_t k = 0;

		if (name.n != word.n || ops[i].code == 0)
			continue;
		while (k < word.n &&
		    text_lower(word.p[k]) == text_lower(name.p[k]))
			k++;
		if (k == word.n)
			return ops[i].code;
	}
	return MAIL_NOBODY;
}

static inline void
mail_ask(struct dissect *d, struct mail_state *st, uint32_t op)
{
	st->asked++;
	dissect_pair(d, st->asked);
	dissect_remember(d, (struct ask){ .pair = st->asked, .op = op });
}

/* Which command is answered; 0, the greeting, when none is open. */
static inline uint32_t
mail_answered(struct dissect *d, struct mail_state *st)
{
	const struct ask *ask;

	if (st->answered == st->asked)
		return 0;
	st->answered++;
	dissect_pair(d, st->answered);
	ask = dissect_recall(d, st->answered);
	return ask != NULL ? ask->op : 0;
}

static inline void
mail_clear_login(struct dissect *d, const char *what)
{
	(void)dissect_ident_about(d, ABOUT_RECEIVER, TRAIT_SECURITY,
	    span_text(what));
}

/* The record if the conversation turned to TLS, else FRAME_NOT_MINE. */
static inline uint32_t
mail_tls_length(struct span s, const struct mail_state *st)
{
	return st->is_tls ? tls_record_length(s) : FRAME_NOT_MINE;
}

#endif
