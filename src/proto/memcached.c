/*
 * memcached.c - Memcached: text and binary protocol.
 *
 * memcached's doc/protocol.txt and "BinaryProtocolRevamped".
 *
 *	text	command SP key ... CRLF [bytes CRLF]; over UDP after request
 *		be16, part be16, parts be16, 0
 *	binary	80 or 81, op u8, key be16, extras u8, type u8, status be16,
 *		body be32, opaque be32, cas 8, body
 *
 * Op is the row of the command or the op of the binary protocol plus 256; 0
 * an answer in text.  The object is the key by name.
 */
#include "say.h"
#include "text.h"

#define PORT 11211u
#define BINARY 256u
#define HEAD 24u
#define LINE_MAX_ 2048u

static const struct proto_op ops[] = {
	{ 0, FACT_REPORT, RISK_NONE, "answer" },
	{ 1, FACT_READ, RISK_NONE, "get" },
	{ 2, FACT_READ, RISK_NONE, "gets" },
	{ 3, FACT_WRITE, RISK_NONE, "set" },
	{ 4, FACT_WRITE, RISK_NONE, "add" },
	{ 5, FACT_WRITE, RISK_NONE, "replace" },
	{ 6, FACT_WRITE, RISK_NONE, "append" },
	{ 7, FACT_WRITE, RISK_NONE, "prepend" },
	{ 8, FACT_WRITE, RISK_NONE, "cas" },
	{ 9, FACT_WRITE, RISK_NONE, "delete" },
	{ 10, FACT_WRITE, RISK_NONE, "incr" },
	{ 11, FACT_WRITE, RISK_NONE, "decr" },
	{ 12, FACT_WRITE, RISK_NONE, "touch" },
	{ 13, FACT_DIAGNOSE, RISK_NONE, "stats" },
	{ 14, FACT_FILE, RISK_FILE, "flush_all" },
	{ 15, FACT_DISCOVER, RISK_NONE, "version" },
	{ 16, FACT_SESSION, RISK_NONE, "quit" },
	{ BINARY + 0, FACT_READ, RISK_NONE, "binary get" },
	{ BINARY + 1, FACT_WRITE, RISK_NONE, "binary set" },
	{ BINARY + 2, FACT_WRITE, RISK_NONE, "binary add" },
	{ BINARY + 3, FACT_WRITE, RISK_NONE, "binary replace" },
	{ BINARY + 4, FACT_WRITE, RISK_NONE, "binary delete" },
	{ BINARY + 7, FACT_SESSION, RISK_NONE, "binary quit" },
	{ BINARY + 8, FACT_FILE, RISK_FILE, "binary flush" },
	{ BINARY + 10, FACT_DIAGNOSE, RISK_NONE, "binary no-op" },
	{ BINARY + 11, FACT_DISCOVER, RISK_NONE, "binary version" },
	{ BINARY + 16, FACT_DIAGNOSE, RISK_NONE, "binary stat" },
	{ BINARY + 32, FACT_LOGIN, RISK_NONE, "binary sasl list" },
	{ BINARY + 33, FACT_LOGIN, RISK_NONE, "binary sasl auth" },
};
#define N_TEXT 17u

static uint32_t
find(struct span word)
{
	for (uint32_t i = 1; i < N_TEXT; i++)
		if (text_is(word, ops[i].name))
			return ops[i].code;
	return 0;
}

static struct span
first_word(struct span s)
{
	uint32_t n = 0;

	while (n < s.n && n < 12 && (text_is_alpha(s.p[n]) || s.p[n] == '_'))
		n++;
	return span_first(s, n);
}

static bool
is_binary(struct span s)
{
	return s.n >= HEAD && (s.p[0] == 0x80 || s.p[0] == 0x81) &&
	    s.p[5] == 0 && s.p[1] <= 0x3f;
}

/* The data of a store: the fourth word after the command. */
static uint32_t
data_of(struct span line)
{
	struct span rest = line;

	for (uint32_t i = 0; i < 4; i++)
		(void)text_word(&rest);
	return text_number(rest) + 2;
}

static uint32_t
memcached_frame(struct span s, const struct dissect *d)
{
	uint32_t n, op;

	if (d->via == VIA_UDP)
		return s.n;
	if (s.p[0] == 0x80 || s.p[0] == 0x81) {
		if (s.n < HEAD)
			return FRAME_NEED_MORE;
		n = (uint32_t)s.p[9] << 16 | (uint32_t)s.p[10] << 8 | s.p[11];
		return is_binary(s) && s.p[8] == 0 ? HEAD + n : FRAME_NOT_MINE;
	}
	n = span_find(span_first(s, LINE_MAX_), '\n');
	if (n == s.n || n == LINE_MAX_)
		return s.n < LINE_MAX_ ? FRAME_NEED_MORE : FRAME_NOT_MINE;
	if (!d->to_server)
		return n + 1;
	op = find(first_word(s));
	return op == 0           ? FRAME_NOT_MINE
	    : op >= 3 && op <= 8 ? n + 1 + data_of(span_first(s, n))
				 : n + 1;
}

static enum claim
memcached_claim(struct span s, const struct dissect *d)
{
	bool ours = say_on_port(d, PORT);

	if (d->via == VIA_UDP) {
		if (!ours || s.n < 10 || (s.p[6] | s.p[7]) != 0)
			return CLAIM_NO;
		return CLAIM_WEAK;
	}
	if (!ours)
		return CLAIM_NO;
	return is_binary(s) || (s.n >= 4 && s.p[0] >= ' ' && s.p[0] < 0x7f)
	    ? CLAIM_WEAK
	    : CLAIM_NO;
}

static void
binary(struct rd *r, struct dissect *d)
{
	uint32_t magic = rd_u8(r), op = BINARY + rd_u8(r), key = rd_be16(r);
	uint32_t extras = rd_u8(r), status;
	struct fact *f;

	rd_skip(r, 1);
	status = rd_be16(r);
	rd_skip(r, 4);
	dissect_pair(d, rd_be32(r));
	rd_skip(r, 8);
	if (!rd_ok(r))
		return;
	d->ctx.response = magic == 0x81;
	if (d->ctx.response && status != 0) {
		(void)dissect_error(d, op, status);
	} else {
		f = dissect_op(d, op);
		rd_skip(r, extras);
		if (key > 0)
			say_named(f, rd_span(r, key));
	}
	rd_skip_rest(r);
}

static void
memcached_parse(struct rd *r, struct dissect *d)
{
	struct span head, line;
	uint32_t op;
	struct fact *f;

	d->ctx.response = !d->to_server;
	if (d->via == VIA_UDP)
		rd_skip(r, 8);
	head = rd_ahead(r, 1);
	if (head.n == 1 && head.p[0] >= 0x80) {
		binary(r, d);
		return;
	}
	line = text_rd_line(r);
	if (!rd_ok(r))
		return;
	op = d->to_server ? find(first_word(line)) : 0;
	f = dissect_op(d, op);
	if (text_starts(line, "version ") && !d->to_server)
		dissect_identf(d, TRAIT_APPLICATION, "memcached %.*s",
		    (int)(line.n - 8 < 32 ? line.n - 8 : 32),
		    (const char *)line.p + 8);
	(void)text_word(&line);
	if (d->to_server && line.n > 0)
		say_named(f, text_word(&line));
	rd_skip_rest(r);
}

const struct proto proto_memcached = {
	.name = "memcached",
	.title = "Memcached",
	.spec = "memcached: doc/protocol.txt",
	.depth = "commands of both protocols, keys, versions; values are "
		 "counted",
	.slot = PROTO_SLOT,
	.tcp = { PORT },
	.udp = { PORT },
	.server_role = ROLE_DATABASE,
	.claim = memcached_claim,
	.frame = memcached_frame,
	.frame_min = 4,
	.parse = memcached_parse,
	PROTO_OPS(ops),
};
