/*
 * niagara_fox.c - Fox, the protocol of Tridium's Niagara building stations.
 *
 * Unpublished; as seen in captures and in Digital Bond's Redpoint.
 *
 *	fox a 1 -1 fox hello\n		kind, number, number answered,
 *	{\n				channel, command
 *	fox.version=s:1.0\n		name=type:value, a line each
 *	...
 *	};;\n
 *
 * Op is a number of ours for command and channel that are known; others are
 * `frame`.  Pair is the number.  Values of binary kind are not understood.
 */
#include "proto.h"
#include "text.h"

#define LONGEST 65536u

enum op {
	OP_FRAME,
	OP_HELLO,
	OP_CHALLENGE,
	OP_LOGIN,
	OP_LOGGED_IN,
	OP_REFUSED,
	OP_BYE,
};

static const struct proto_op ops[] = {
	{ OP_FRAME, FACT_SESSION, RISK_NONE, "frame" },
	{ OP_HELLO, FACT_DISCOVER, RISK_NONE, "hello" },
	{ OP_CHALLENGE, FACT_SESSION, RISK_NONE, "challenge" },
	{ OP_LOGIN, FACT_LOGIN, RISK_NONE, "login" },
	{ OP_LOGGED_IN, FACT_SESSION, RISK_NONE, "logged in" },
	{ OP_REFUSED, FACT_SESSION, RISK_NONE, "rejected" },
	{ OP_BYE, FACT_SESSION, RISK_NONE, "bye" },
};

static enum claim
fox_claim(struct span s, const struct dissect *d)
{
	(void)d;
	return s.n >= 8 && span_starts(s, SPAN_LIT("fox ")) && s.p[5] == ' ' &&
		(s.p[4] == 'a' || s.p[4] == 's' || s.p[4] == 'r')
	    ? CLAIM_STRONG
	    : CLAIM_NO;
}

/* Up to "};;\n". */
static uint32_t
fox_frame(struct span s, const struct dissect *d)
{
	(void)d;
	if (!span_starts(s, SPAN_LIT("fox ")))
		return FRAME_NOT_MINE;
	for (uint32_t i = 0; i + 4 <= s.n && i < LONGEST; i++)
		if (s.p[i] == '}' && s.p[i + 1] == ';' && s.p[i + 2] == ';' &&
		    s.p[i + 3] == '\n')
			return i + 4;
	return s.n < LONGEST ? FRAME_NEED_MORE : FRAME_NOT_MINE;
}

static struct span
next_word(struct span *line)
{
	struct span word = span_first(*line, span_find(*line, ' '));

	*line = span_from(*line, word.n + 1);
	return word;
}

static enum op
op_of(struct span command)
{
	static const struct {
		const char *word;
		uint8_t op;
	} words[] = { { "hello", OP_HELLO }, { "challenge", OP_CHALLENGE },
		{ "login", OP_LOGIN }, { "authenticate", OP_LOGIN },
		{ "loggedin", OP_LOGGED_IN }, { "welcome", OP_LOGGED_IN },
		{ "rejected", OP_REFUSED }, { "bye", OP_BYE } };

	for (uint32_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (text_is(command, words[i].word))
			return (enum op)words[i].op;
	return OP_FRAME;
}

struct hello {
	struct span app, app_version, os, os_version;
};

static void
read_line(struct dissect *d, struct span line, enum op op, struct fact *f,
    struct hello *h)
{
	uint32_t n = span_find(line, '=');
	struct span name = span_first(line, n), v = span_from(line, n + 1);

	v = span_from(v, span_find(v, ':') + 1); /* its type */
	if (op == OP_LOGIN && text_is(name, "username")) {
		fact_text(f, v);
	} else if (op != OP_HELLO) {
		return;
	} else if (text_is(name, "app.name")) {
		h->app = v;
	} else if (text_is(name, "app.version")) {
		h->app_version = v;
	} else if (text_is(name, "os.name")) {
		h->os = v;
	} else if (text_is(name, "os.version")) {
		h->os_version = v;
	} else if (text_is(name, "hostid")) {
		dissect_ident(d, TRAIT_SERIAL, v);
	} else if (text_is(name, "station.name")) {
		dissect_ident(d, TRAIT_NAME, v);
		dissect_ident(d, TRAIT_VENDOR, SPAN_LIT("Tridium"));
		dissect_ident_role(d, ABOUT_SENDER, ROLE_BUILDING);
	} else if (text_is(name, "brandid")) {
		dissect_identf(d, TRAIT_DESCRIPTION, "Niagara, brand %.*s",
		    (int)(v.n < 64 ? v.n : 64), (const char *)v.p);
	} else if (text_is(name, "vmuuid")) {
		dissect_ident(d, TRAIT_UUID, v);
	}
}

static void
say_pair(struct dissect *d, enum trait trait, const char *before,
    struct span name, struct span version)
{
	if (name.n > 0)
		dissect_identf(d, trait, "%s%.*s %.*s", before,
		    (int)(name.n < 40 ? name.n : 40), (const char *)name.p,
		    (int)(version.n < 40 ? version.n : 40),
		    version.n > 0 ? (const char *)version.p : "");
}

static uint32_t
number_of(struct span s)
{
	uint32_t v = 0;

	for (uint32_t i = 0; i < s.n && i < 9 && text_is_digit(s.p[i]); i++)
		v = v * 10 + (s.p[i] - (uint32_t)'0');
	return v;
}

static void
fox_parse(struct rd *r, struct dissect *d)
{
	uint32_t n = rd_left(r), pair;
	struct span all = rd_ahead(r, n), line, kind, channel, answered;
	struct hello h = { .app = SPAN(NULL, 0) };
	struct fact *f;
	enum op op;

	if (all.n == 0) {
		(void)rd_span(r, n); /* not all of it was captured */
		return;
	}
	line = span_first(all, span_find(all, '\n'));
	all = span_from(all, line.n + 1);
	rd_skip(r, line.n);
	(void)next_word(&line);
	kind = next_word(&line);
	pair = number_of(next_word(&line));
	answered = next_word(&line);
	channel = next_word(&line);
	rd_require(r, kind.n == 1 && channel.n > 0, "no channel");
	if (!rd_ok(r))
		return;
	op = op_of(line);
	d->ctx.response =
	    op != OP_LOGIN && answered.n > 0 && answered.p[0] != '-';
	dissect_pair(d, pair);
	f = op == OP_REFUSED ? dissect_error(d, OP_LOGIN, 0)
			     : dissect_op(d, op);
	if (op == OP_FRAME)
		fact_textf(f, "%.*s %.*s",
		    (int)(channel.n < 40 ? channel.n : 40),
		    (const char *)channel.p, (int)(line.n < 40 ? line.n : 40),
		    line.n > 0 ? (const char *)line.p : "");
	while (all.n > 0) {
		line = span_first(all, span_find(all, '\n'));
		all = span_from(all, line.n + 1);
		read_line(d, line, op, f, &h);
	}
	if (op == OP_FRAME)
		rd_opaque_rest(r);
	else
		rd_skip_rest(r);
	say_pair(d, TRAIT_APPLICATION, "Niagara ", h.app, h.app_version);
	say_pair(d, TRAIT_OS, "", h.os, h.os_version);
}

const struct proto proto_niagara_fox = {
	.name = "niagara-fox",
	.title = "Niagara Fox building stations",
	.spec = "unpublished; captures and Digital Bond Redpoint",
	.depth =
	    "frames by channel and command, logins, and all a station "
	    "tells of itself; objects inside of other frames are not taken "
	    "apart",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { 1911 },
	.client_role = ROLE_ENGINEERING,
	.server_role = ROLE_BUILDING,
	.claim = fox_claim,
	.frame = fox_frame,
	.frame_min = 4,
	.parse = fox_parse,
	PROTO_OPS(ops),
};
