/*
 * redis.c - Redis Serialization Protocol.
 *
 * Redis, "RESP protocol specification", versions 2 and 3.
 *
 *	"*" count CRLF, then each "$" length CRLF bytes CRLF	an array
 *	"+" text CRLF   "-" error CRLF   ":" number CRLF	other answers
 *	command [SP argument] CRLF				by hand
 *
 * Op is the row of the command; an answer carries that of the command it
 * answers.  The object is the first argument, the key, by name.  Pair: the
 * n-th command.
 */
#include "say.h"
#include "text.h"

#define LINE_MAX_ 65536u
#define N_MAX 1024u /* elements that are waited for */
#define OP_OTHER 0x3ffu
#define PORT 6379u

struct state {
	uint32_t asked, answered;
};

enum command {
	C_AUTH = 1,
	C_HELLO = 2,
	C_CONFIG = 3,
};

static const struct proto_op ops[] = {
	{ C_AUTH, FACT_LOGIN, RISK_NONE, "AUTH" },
	{ C_HELLO, FACT_SESSION, RISK_NONE, "HELLO" },
	{ C_CONFIG, FACT_CONFIG, RISK_CONFIGURATION, "CONFIG" },
	{ 4, FACT_READ, RISK_NONE, "GET" },
	{ 5, FACT_WRITE, RISK_NONE, "SET" },
	{ 6, FACT_FILE, RISK_NONE, "DEL" },
	{ 7, FACT_DISCOVER, RISK_NONE, "INFO" },
	{ 8, FACT_DIAGNOSE, RISK_NONE, "PING" },
	{ 9, FACT_DISCOVER, RISK_NONE, "KEYS" },
	{ 10, FACT_READ, RISK_NONE, "MGET" },
	{ 11, FACT_WRITE, RISK_NONE, "MSET" },
	{ 12, FACT_READ, RISK_NONE, "HGET" },
	{ 13, FACT_WRITE, RISK_NONE, "HSET" },
	{ 14, FACT_READ, RISK_NONE, "HGETALL" },
	{ 15, FACT_WRITE, RISK_NONE, "LPUSH" },
	{ 16, FACT_WRITE, RISK_NONE, "RPUSH" },
	{ 17, FACT_READ, RISK_NONE, "LPOP" },
	{ 18, FACT_READ, RISK_NONE, "LRANGE" },
	{ 19, FACT_WRITE, RISK_NONE, "SADD" },
	{ 20, FACT_READ, RISK_NONE, "SPOP" },
	{ 21, FACT_WRITE, RISK_NONE, "INCR" },
	{ 22, FACT_WRITE, RISK_NONE, "EXPIRE" },
	{ 23, FACT_SESSION, RISK_NONE, "SUBSCRIBE" },
	{ 24, FACT_REPORT, RISK_NONE, "PUBLISH" },
	{ 25, FACT_SESSION, RISK_NONE, "SELECT" },
	{ 26, FACT_DISCOVER, RISK_NONE, "CLIENT" },
	{ 27, FACT_FILE, RISK_FILE, "FLUSHALL" },
	{ 28, FACT_FILE, RISK_FILE, "FLUSHDB" },
	{ 29, FACT_CONFIG, RISK_CONFIGURATION, "SLAVEOF" },
	{ 30, FACT_CONFIG, RISK_CONFIGURATION, "REPLICAOF" },
	{ 31, FACT_PROGRAM, RISK_PROGRAM, "EVAL" },
	{ 32, FACT_PROGRAM, RISK_PROGRAM, "MODULE" },
	{ 33, FACT_FILE, RISK_FILE, "SAVE" },
	{ 34, FACT_CONTROL, RISK_MODE, "SHUTDOWN" },
	{ 35, FACT_DIAGNOSE, RISK_NONE, "MONITOR" },
	{ 36, FACT_SESSION, RISK_NONE, "QUIT" },
	{ 37, FACT_DISCOVER, RISK_NONE, "COMMAND" },
	{ 38, FACT_DISCOVER, RISK_NONE, "SCAN" },
	{ 39, FACT_READ, RISK_NONE, "EXISTS" },
	{ 40, FACT_SESSION, RISK_NONE, "ECHO" },
	{ OP_OTHER, FACT_SESSION, RISK_NONE, "other command" },
};
#define N_OPS (sizeof(ops) / sizeof(ops[0]))

static uint32_t
find(struct span word)
{
	for (uint32_t i = 0; i < N_OPS - 1; i++) {
		struct span name = span_text(ops[i].name);
		uint32_t k = 0;

		while (k < word.n && k < name.n &&
		    text_lower(word.p[k]) == text_lower(name.p[k]))
			k++;
		if (k == word.n && k == name.n)
			return ops[i].code;
	}
	return OP_OTHER;
}

/* ---------------------------------------------------------------- framing */

static uint32_t
line_length(struct span s)
{
	uint32_t n = span_find(span_first(s, LINE_MAX_), '\n');

	if (n < s.n && n < LINE_MAX_)
		return n + 1;
	return s.n < LINE_MAX_ ? FRAME_NEED_MORE : FRAME_NOT_MINE;
}

/* Type, digits (or -1), CRLF. */
static bool
is_count(struct span line)
{
	uint32_t i = 1;

	if (line.n > 1 && line.p[1] == '-')
		return line.n >= 5 && line.p[2] == '1';
	while (i < line.n && text_is_digit(line.p[i]))
		i++;
	return i > 1 && i < 11 && i + 1 < line.n && line.p[i] == '\r';
}

static bool
is_simple(uint8_t type)
{
	return type == '+' || type == '-' || type == ':' || type == '_' ||
	    type == ',' || type == '#' || type == '(';
}

static bool
is_bulk(uint8_t type)
{
	return type == '$' || type == '=' || type == '!';
}

static bool
is_aggregate(uint8_t type)
{
	return type == '*' || type == '%' || type == '~' || type == '>';
}

/* Length of the element at the front; *todo grows by what it holds. */
static uint32_t
element_length(struct span s, uint32_t *todo)
{
	uint32_t n = line_length(s), count;

	if (n == FRAME_NEED_MORE || n == FRAME_NOT_MINE)
		return n;
	if (is_simple(s.p[0]))
		return n;
	if (!is_count(span_first(s, n)))
		return FRAME_NOT_MINE;
	count = s.p[1] == '-' ? 0 : text_number(span_from(s, 1));
	if (is_bulk(s.p[0]))
		return s.p[1] == '-' ? n : n + count + 2;
	if (!is_aggregate(s.p[0]))
		return FRAME_NOT_MINE;
	*todo += s.p[0] == '%' ? count * 2 : count;
	return n;
}

static uint32_t
redis_frame(struct span s, const struct dissect *d)
{
	uint32_t at = 0, todo = 1;

	if (d->to_server && text_is_alpha(s.p[0]))
		return line_length(s);
	for (uint32_t i = 0; todo > 0; i++) {
		uint32_t n;

		if (i > N_MAX || at >= s.n)
			return i > N_MAX ? at : FRAME_NEED_MORE;
		n = element_length(span_from(s, at), &todo);
		if (n == FRAME_NEED_MORE || n == FRAME_NOT_MINE)
			return n;
		todo--;
		if (n > s.n - at && todo > 0)
			return FRAME_NEED_MORE;
		at += n;
	}
	return at;
}

static enum claim
redis_claim(struct span s, const struct dissect *d)
{
	uint32_t n = span_find(span_first(s, 16), '\n');
	struct span rest;

	if (d->via != VIA_TCP || s.n < 4)
		return CLAIM_NO;
	if (s.p[0] == '*' && n < s.n && n < 16 &&
	    is_count(span_first(s, n + 1))) {
		rest = span_from(s, n + 1);
		return rest.n > 4 && (is_bulk(rest.p[0]) || rest.p[0] == ':')
		    ? CLAIM_STRONG
		    : CLAIM_WEAK;
	}
	if (d->talk->server_port != PORT)
		return CLAIM_NO;
	return is_simple(s.p[0]) || is_bulk(s.p[0]) || is_aggregate(s.p[0]) ||
		text_is_alpha(s.p[0])
	    ? CLAIM_WEAK
	    : CLAIM_NO;
}

/* ----------------------------------------------------------------- saying */

/* The next string of an array. */
static struct span
next(struct rd *r)
{
	struct span line = text_rd_line(r), s;

	if (line.n < 2 || line.p[0] != '$' || line.p[1] == '-')
		return SPAN(NULL, 0);
	s = rd_span(r, text_number(span_from(line, 1)));
	rd_skip(r, 2);
	return s;
}

static void
login(struct dissect *d, struct fact *f, struct span first, struct span second)
{
	if (second.n > 0)
		say_named(f, first);
	dissect_content_login(d, d->ctx.pair,
	    second.n > 0 ? first : SPAN(NULL, 0),
	    second.n > 0 ? second : first);
	(void)dissect_ident_about(d, ABOUT_RECEIVER, TRAIT_SECURITY,
	    SPAN_LIT("Redis login without encryption"));
}

static void
command(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;
	struct span line = text_rd_line(r), word, first, second = { NULL, 0 };
	uint32_t count, op;
	struct fact *f;

	if (!rd_ok(r))
		return;
	if (line.n > 0 && line.p[0] == '*') {
		count = text_number(span_from(line, 1));
		word = count > 0 ? next(r) : SPAN(NULL, 0);
		first = count > 1 ? next(r) : SPAN(NULL, 0);
		second = count > 2 ? next(r) : SPAN(NULL, 0);
	} else {
		word = text_word(&line);
		first = text_word(&line);
		second = line;
	}
	if (!rd_ok(r))
		return;
	op = find(word);
	st->asked++;
	dissect_pair(d, st->asked);
	dissect_remember(d, (struct ask){ .pair = st->asked, .op = op });
	f = dissect_op(d, op);
	if (op == C_AUTH)
		login(d, f, first, second);
	else if (op == OP_OTHER)
		fact_text(f, word);
	else if (first.n > 0)
		say_named(f, first);
	rd_skip_rest(r);
}

/* "redis_version:7.0.15" in what INFO answers. */
static void
say_version(struct dissect *d, struct span s)
{
	uint32_t at = text_find(s, "redis_version:");

	if (at < s.n) {
		s = span_from(s, at);
		s = text_line(&s);
		dissect_identf(d, TRAIT_APPLICATION, "Redis %.*s",
		    (int)(s.n - 14 < 32 ? s.n - 14 : 32),
		    (const char *)s.p + 14);
	}
}

static void
answer(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;
	struct span s = rd_ahead(r, rd_have(r)), line = text_rd_line(r);
	const struct ask *ask = NULL;
	uint32_t op = OP_OTHER;

	if (!rd_ok(r))
		return;
	if (st->answered != st->asked) {
		st->answered++;
		dissect_pair(d, st->answered);
		ask = dissect_recall(d, st->answered);
		op = ask != NULL ? ask->op : OP_OTHER;
	}
	if (line.n > 0 && line.p[0] == '-')
		fact_text(dissect_error(d, op, 0), span_from(line, 1));
	else
		(void)dissect_op(d, op);
	say_version(d, s);
	rd_skip_rest(r);
}

static void
redis_parse(struct rd *r, struct dissect *d)
{
	d->ctx.response = !d->to_server;
	if (d->to_server)
		command(r, d);
	else
		answer(r, d);
}

const struct proto proto_redis = {
	.name = "redis",
	.title = "Redis",
	.spec = "Redis: RESP protocol specification",
	.depth = "commands, keys, logins, errors, version; values are counted",
	.slot = PROTO_SLOT,
	.tcp = { PORT },
	.server_role = ROLE_DATABASE,
	.claim = redis_claim,
	.frame = redis_frame,
	.frame_min = 1,
	.parse = redis_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct state),
};
