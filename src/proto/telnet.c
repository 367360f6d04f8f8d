/*
 * telnet.c - Telnet.
 *
 * RFC 854, options RFC 855; terminal type RFC 1091, environment RFC 1572,
 * line mode RFC 1184, end of record RFC 885.
 *
 *	text, or IAC (255) and a command:
 *	IAC WILL|WONT|DO|DONT option		251 to 254
 *	IAC SB option ... IAC SE		250 ... 240
 *	IAC command				236 to 249
 *
 * Op is the command; object first = option.  Text is passed over and not
 * said; op 0 stands for the first text of each end.  A server's prompt for a
 * name or password makes what the client sends next a login (op 1, 2), without
 * its text; a refusal is its error.
 */
#include "proto.h"
#include "text.h"

#define IAC 255u
#define SUB_MAX 2048u
#define PORT 23u

enum command {
	OP_TEXT = 0,
	OP_NAME = 1,
	OP_PASSWORD = 2,
	C_FIRST = 236, /* end of file, RFC 1184 */
	C_SE = 240,
	C_SB = 250,
	C_WILL = 251,
	C_DONT = 254,
};

enum option {
	O_TERMINAL = 24,
	O_ENVIRON = 39,
};

static const struct proto_op ops[] = {
	{ 0, FACT_SESSION, RISK_NONE, "text" },
	{ 1, FACT_LOGIN, RISK_NONE, "login name" },
	{ 2, FACT_LOGIN, RISK_NONE, "password" },
	{ 236, FACT_SESSION, RISK_NONE, "end of file" },
	{ 237, FACT_SESSION, RISK_NONE, "suspend process" },
	{ 238, FACT_SESSION, RISK_NONE, "abort process" },
	{ 239, FACT_SESSION, RISK_NONE, "end of record" },
	{ 240, FACT_SESSION, RISK_NONE, "subnegotiation end" },
	{ 241, FACT_SESSION, RISK_NONE, "no operation" },
	{ 242, FACT_SESSION, RISK_NONE, "data mark" },
	{ 243, FACT_SESSION, RISK_NONE, "break" },
	{ 244, FACT_SESSION, RISK_NONE, "interrupt process" },
	{ 245, FACT_SESSION, RISK_NONE, "abort output" },
	{ 246, FACT_DIAGNOSE, RISK_NONE, "are you there" },
	{ 247, FACT_SESSION, RISK_NONE, "erase character" },
	{ 248, FACT_SESSION, RISK_NONE, "erase line" },
	{ 249, FACT_SESSION, RISK_NONE, "go ahead" },
	{ 250, FACT_SESSION, RISK_NONE, "subnegotiation" },
	{ 251, FACT_SESSION, RISK_NONE, "will" },
	{ 252, FACT_SESSION, RISK_NONE, "wont" },
	{ 253, FACT_SESSION, RISK_NONE, "do" },
	{ 254, FACT_SESSION, RISK_NONE, "dont" },
};

struct state {
	bool spoke[2];
	uint8_t asked; /* OP_NAME or OP_PASSWORD: what the server waits for */
	uint8_t given; /* what the client gave last */
};

/* Length of the command at the start, which is IAC. */
static uint32_t
command_length(struct span s)
{
	if (s.n < 2)
		return FRAME_NEED_MORE;
	if (s.p[1] >= C_WILL && s.p[1] <= C_DONT)
		return s.n < 3 ? FRAME_NEED_MORE : 3;
	if (s.p[1] != C_SB)
		return s.p[1] >= C_FIRST && s.p[1] != IAC ? 2 : FRAME_NOT_MINE;
	for (uint32_t i = 2; i + 1 < s.n && i < SUB_MAX; i++) {
		if (s.p[i] != IAC)
			continue;
		if (s.p[i + 1] == C_SE)
			return i + 2;
		i++;
	}
	return s.n < SUB_MAX ? FRAME_NEED_MORE : FRAME_NOT_MINE;
}

/* Text runs up to the next command; IAC IAC in it is one byte of text. */
static uint32_t
text_length(struct span s)
{
	uint32_t at = 0;

	while (at < s.n) {
		at += span_find(span_from(s, at), IAC);
		if (at + 1 >= s.n || s.p[at + 1] != IAC)
			break;
		at += 2;
	}
	return at < s.n ? at : s.n;
}

static uint32_t
telnet_frame(struct span s, const struct dissect *d)
{
	uint32_t n = text_length(s);

	(void)d;
	return n > 0 ? n : command_length(s);
}

static enum claim
telnet_claim(struct span s, const struct dissect *d)
{
	uint32_t at = 0, n = 0;

	if (d->via != VIA_TCP)
		return CLAIM_NO;
	while (at + 3 <= s.n && s.p[at] == IAC && s.p[at + 1] >= C_WILL &&
	    s.p[at + 1] <= C_DONT && s.p[at + 2] < 50) {
		at += 3;
		n++;
	}
	if (n >= 2)
		return CLAIM_STRONG;
	return n == 1 || d->talk->server_port == PORT ? CLAIM_WEAK : CLAIM_NO;
}

/* A variable's value after its name: VAR 0 or USERVAR 3, VALUE 1. */
static void
say_user(struct dissect *d, struct span env)
{
	uint32_t at = text_find(env, "user\x01");
	struct span value = span_from(env, at + 5);
	uint32_t n = 0;
	struct fact *f;

	if (at == env.n || value.n == 0)
		return;
	while (n < value.n && value.p[n] > 3 && value.p[n] != IAC)
		n++;
	f = dissect_emit(d, FACT_LOGIN, OP_NAME);
	f->object = (struct fact_object){ .space = SPACE_NAME, .count = 1 };
	fact_text(f, span_first(value, n));
}

static void
command(struct rd *r, struct dissect *d)
{
	uint32_t code, option = 0, n;
	struct span body = { NULL, 0 };
	struct fact *f;

	rd_skip(r, 1);
	code = rd_u8(r);
	if (code >= C_SB && code <= C_DONT)
		option = rd_u8(r);
	if (code == C_SB) {
		n = rd_left(r);
		body = rd_span(r, n > 2 ? n - 2 : 0);
		rd_skip_rest(r);
	}
	rd_require(r, code >= C_FIRST && code != IAC, "no such command");
	if (!rd_ok(r))
		return;
	d->ctx.response = false;
	f = dissect_op(d, code);
	f->object.first = option;
	f->object.count = code >= C_SB;
	if (code != C_SB || body.n < 2 || body.p[0] != 0)
		return;
	if (option == O_TERMINAL)
		fact_text(f, span_from(body, 1));
	else if (option == O_ENVIRON)
		say_user(d, body);
}

static bool
ends_with(struct span s, const char *lower)
{
	struct span tail = span_text(lower);

	s = text_trim(s);
	return s.n >= tail.n && text_starts(span_from(s, s.n - tail.n), lower);
}

static void
server_text(struct dissect *d, struct span s)
{
	struct state *st = d->state;
	struct span tail = s.n > 64 ? span_from(s, s.n - 64) : s;

	if (st->given != 0 &&
	    (text_find(s, "incorrect") < s.n || text_find(s, "denied") < s.n ||
		text_find(s, "failed") < s.n ||
		text_find(s, "invalid") < s.n)) {
		(void)dissect_error(d, st->given, 1);
		st->given = 0;
	}
	if (ends_with(tail, "login:") || ends_with(tail, "username:") ||
	    ends_with(tail, "user name:") || ends_with(tail, "user:"))
		st->asked = OP_NAME;
	else if (ends_with(tail, "password:"))
		st->asked = OP_PASSWORD;
}

static void
text(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;
	struct span s = rd_ahead(r, rd_have(r));

	rd_skip_rest(r);
	if (!st->spoke[d->to_server]) {
		st->spoke[d->to_server] = true;
		(void)dissect_op(d, OP_TEXT);
	}
	if (!d->to_server) {
		server_text(d, s);
	} else if (st->asked != 0) {
		(void)dissect_op(d, st->asked);
		st->given = st->asked;
		st->asked = 0;
		(void)dissect_ident_about(d, ABOUT_RECEIVER, TRAIT_SECURITY,
		    SPAN_LIT("Telnet login without encryption"));
	}
}

static void
telnet_parse(struct rd *r, struct dissect *d)
{
	struct span head = rd_ahead(r, 2);

	if (head.n < 2 && rd_left(r) >= 2)
		(void)rd_span(r, 2); /* fails: not captured */
	else if (head.n == 2 && head.p[0] == IAC && head.p[1] != IAC)
		command(r, d);
	else
		text(r, d);
}

const struct proto proto_telnet = {
	.name = "telnet",
	.title = "Telnet",
	.spec = "RFC 854, RFC 855, RFC 1091, RFC 1572",
	.depth = "all commands and options; logins; text is passed over",
	.slot = PROTO_SLOT,
	.tcp = { PORT },
	.claim = telnet_claim,
	.frame = telnet_frame,
	.frame_min = 1,
	.parse = telnet_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct state),
};
