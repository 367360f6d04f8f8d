/*
 * tftp.c - Trivial File Transfer Protocol.
 *
 * RFC 1350; options RFC 2347 to 2349, 7440.
 *
 *	read, write	+--------+----------+---+------+---+- options, pairs
 *			| opcode | filename | 0 | mode | 0 | of text
 *	data		+--------+-------+------ up to a block
 *	acknowledge	| opcode | block |
 *	error		+--------+-------+------+---+
 *			| opcode | code  | text | 0 |
 *			+--------+-------+------+---+
 *
 * Op is the opcode; the object of a request is the file by name.  The answer
 * comes from a port of the server's choosing: a flow of its own, recognised
 * by its first block.
 */
#include "say.h"
#include "text.h"

enum op {
	OP_READ = 1,
	OP_WRITE,
	OP_DATA,
	OP_ACK,
	OP_ERROR,
	OP_OPTIONS,
};

#define PORT 69
#define BLOCK 512u

static const struct proto_op ops[] = {
	{ OP_READ, FACT_FILE, RISK_NONE, "read request" },
	{ OP_WRITE, FACT_FILE, RISK_FILE, "write request" },
	{ OP_DATA, FACT_FILE, RISK_NONE, "data" },
	{ OP_ACK, FACT_FILE, RISK_NONE, "acknowledgement" },
	{ OP_ERROR, FACT_FILE, RISK_NONE, "error" },
	{ OP_OPTIONS, FACT_FILE, RISK_NONE, "option acknowledgement" },
};

/* Text up to its NUL; all that is left when there is none. */
static struct span
text_z(struct rd *r)
{
	struct span s = rd_ahead(r, rd_have(r));
	uint32_t n = span_find(s, 0);

	if (n < s.n) {
		s = rd_span(r, n);
		rd_skip(r, 1);
		return s;
	}
	return rd_span(r, rd_left(r));
}

static void
request(struct rd *r, struct dissect *d, uint32_t op)
{
	struct fact *f;
	struct span name;

	d->ctx.response = false;
	f = dissect_op(d, op);
	f->object = (struct fact_object){ .space = SPACE_FILE, .count = 1 };
	name = text_z(r);
	fact_text(f, name);
	say_text(d, op, "mode", text_z(r));
	rd_skip_rest(r);
}

struct state {
	uint32_t block; /* bytes of a full block; 0: the usual */
};

/* Options that were agreed on, RFC 2348. */
static void
options(struct rd *r, struct state *st)
{
	while (rd_more(r)) {
		bool is_size = text_is(text_z(r), "blksize");
		struct span value = text_z(r);

		if (is_size)
			st->block = text_number(value);
	}
}

/* A block that is not full is the last. */
static void
data(struct rd *r, struct dissect *d, struct state *st, uint32_t block)
{
	uint32_t n = rd_left(r), size;
	uint64_t at;

	if (block == 1 && st->block == 0 && n > BLOCK)
		st->block = n; /* what was agreed on was not seen */
	size = st->block > 0 ? st->block : BLOCK;
	if (block == 0 || n > size)
		return;
	at = (uint64_t)(block - 1) * size;
	dissect_content_ahead(d, 1, at, n < size ? at + n : 0, r);
	if (n < size)
		dissect_content_end(d, 1);
}

static void
tftp_parse(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;
	uint32_t op = rd_be16(r), block = 0;
	struct fact *f;

	rd_require(r, op >= OP_READ && op <= OP_OPTIONS, "no such opcode");
	if (!rd_ok(r))
		return;
	if (op == OP_READ || op == OP_WRITE) {
		request(r, d, op);
	} else if (op == OP_ERROR) {
		d->ctx.response = true;
		f = dissect_error(d, op, rd_be16(r));
		say_named(f, text_z(r));
	} else {
		d->ctx.response = op != OP_DATA || !d->to_server;
		f = dissect_op(d, op);
		f->object = (struct fact_object){ .space = SPACE_FILE };
		if (op != OP_OPTIONS)
			f->object.first = block = rd_be16(r);
		if (op == OP_DATA)
			data(r, d, st, block);
		else if (op == OP_OPTIONS)
			options(r, st);
	}
	rd_skip_rest(r);
}

/* A request: name and a mode of the three there are. */
static bool
is_request(struct span s)
{
	uint32_t n;

	s = span_from(s, 2);
	n = span_find(s, 0);
	if (n == 0 || n >= s.n || n > 255)
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (s.p[i] < 0x20)
			return false;
	s = span_from(s, n + 1);
	s = span_first(s, span_find(s, 0));
	return text_is(s, "octet") || text_is(s, "netascii") ||
	    text_is(s, "mail");
}

/* Options that are acknowledged begin with one of those there are. */
static bool
is_option(struct span s)
{
	struct span name = span_first(s, span_find(s, 0));

	return s.n > 0 && s.p[s.n - 1] == 0 &&
	    (text_is(name, "blksize") || text_is(name, "tsize") ||
		text_is(name, "timeout") || text_is(name, "windowsize") ||
		text_is(name, "multicast") || text_is(name, "rollover"));
}

/*
 * Off its port: a request, or what begins a transfer: the first block, the
 * acknowledgement of nothing or of the first block.
 */
static enum claim
tftp_claim(struct span s, const struct dissect *d)
{
	uint32_t second;

	if (s.n < 4 || s.p[0] != 0 || s.p[1] < OP_READ || s.p[1] > OP_OPTIONS)
		return CLAIM_NO;
	if ((s.p[1] == OP_READ || s.p[1] == OP_WRITE) && is_request(s))
		return CLAIM_STRONG;
	if (say_on_port(d, PORT))
		return CLAIM_WEAK;
	if (s.p[1] == OP_READ || s.p[1] == OP_WRITE)
		return CLAIM_NO;
	second = (uint32_t)s.p[2] << 8 | s.p[3];
	if (s.p[1] == OP_DATA && second == 1 && s.n == BLOCK + 4)
		return CLAIM_STRONG;
	if (s.p[1] == OP_DATA)
		return second == 1 && s.n < BLOCK + 4 ? CLAIM_WEAK : CLAIM_NO;
	if (s.p[1] == OP_ACK)
		return second <= 1 && s.n == 4 ? CLAIM_WEAK : CLAIM_NO;
	if (s.p[1] == OP_OPTIONS)
		return is_option(span_from(s, 2)) ? CLAIM_STRONG : CLAIM_NO;
	return second <= 8 && s.p[s.n - 1] == 0 ? CLAIM_WEAK : CLAIM_NO;
}

static enum way
tftp_way(struct span s)
{
	if (s.n < 2 || s.p[0] != 0)
		return WAY_UNKNOWN;
	return s.p[1] == OP_READ || s.p[1] == OP_WRITE ? WAY_REQUEST
	    : s.p[1] == OP_OPTIONS                     ? WAY_RESPONSE
						       : WAY_UNKNOWN;
}

const struct proto proto_tftp = {
	.name = "tftp",
	.title = "Trivial File Transfer Protocol",
	.spec = "RFC 1350, RFC 2347",
	.depth = "all opcodes; file names, blocks, errors",
	.slot = PROTO_SLOT,
	.udp = { PORT },
	.server_role = ROLE_SERVER,
	.claim = tftp_claim,
	.way = tftp_way,
	.parse = tftp_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct state),
};
