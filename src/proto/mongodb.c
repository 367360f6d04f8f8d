/*
 * mongodb.c - MongoDB's wire protocol.
 *
 * MongoDB manual, "MongoDB Wire Protocol"; BSON 1.1.
 *
 *	+--------+---------+--------+------+-- by op, all little endian
 *	| length | request | answer | op   |
 *	+--------+---------+--------+------+--
 *	  le32     le32      le32     le32
 *	2013: flags le32, sections: kind u8 (0: a document), ...
 *	2004: flags le32, collection 0, skip le32, count le32, a document
 *	document: length le32, elements: kind u8, name 0, value
 *
 * Op is the op code.  The object is the first element of the document, which
 * is the command, by name.  Pair: the number of the request.
 */
#include "say.h"
#include "text.h"

#define HEAD 16u
#define PORT 27017u
#define LENGTH_MAX 48000000u

enum op {
	O_REPLY = 1,
	O_QUERY = 2004,
	O_COMPRESSED = 2012,
	O_MESSAGE = 2013,
};

static const struct proto_op ops[] = {
	{ O_REPLY, FACT_REPORT, RISK_NONE, "reply" },
	{ 2001, FACT_WRITE, RISK_NONE, "update" },
	{ 2002, FACT_WRITE, RISK_NONE, "insert" },
	{ O_QUERY, FACT_READ, RISK_NONE, "query" },
	{ 2005, FACT_READ, RISK_NONE, "get more" },
	{ 2006, FACT_WRITE, RISK_NONE, "delete" },
	{ 2007, FACT_SESSION, RISK_NONE, "kill cursors" },
	{ 2010, FACT_READ, RISK_NONE, "command" },
	{ 2011, FACT_REPORT, RISK_NONE, "command reply" },
	{ O_COMPRESSED, FACT_READ, RISK_NONE, "compressed message" },
	{ O_MESSAGE, FACT_READ, RISK_NONE, "message" },
};

static uint32_t
le32_at(struct span s, uint32_t at)
{
	return s.p[at] | (uint32_t)s.p[at + 1] << 8 |
	    (uint32_t)s.p[at + 2] << 16 | (uint32_t)s.p[at + 3] << 24;
}

static uint32_t
mongodb_frame(struct span s, const struct dissect *d)
{
	uint32_t n = le32_at(s, 0), op = le32_at(s, 12);

	(void)d;
	return n > HEAD && n <= LENGTH_MAX &&
		(op == O_REPLY || (op >= 2001 && op <= 2013))
	    ? n
	    : FRAME_NOT_MINE;
}

static enum claim
mongodb_claim(struct span s, const struct dissect *d)
{
	return d->via == VIA_TCP && s.n >= HEAD &&
		mongodb_frame(s, d) != FRAME_NOT_MINE &&
		le32_at(s, 12) != O_REPLY
	    ? CLAIM_STRONG
	    : d->via == VIA_TCP && s.n >= HEAD &&
		mongodb_frame(s, d) != FRAME_NOT_MINE
	    ? CLAIM_WEAK
	    : CLAIM_NO;
}

static struct span
text0(struct rd *r)
{
	struct span s = rd_span(r, span_find(rd_ahead(r, rd_have(r)), 0));

	rd_skip(r, rd_more(r) ? 1 : 0);
	return s;
}

/* The first element's name, and a text it may have. */
static void
document(struct rd *r, struct dissect *d, struct fact *f)
{
	uint32_t kind;
	struct span name;

	rd_skip(r, 4);
	kind = rd_u8(r);
	if (kind == 0)
		return;
	name = text0(r);
	if (!d->ctx.response)
		say_named(f, name);
	if (!d->ctx.response &&
	    (text_is(name, "saslstart") || text_is(name, "authenticate")))
		(void)dissect_ident_about(d, ABOUT_RECEIVER, TRAIT_SECURITY,
		    SPAN_LIT("MongoDB without encryption"));
}

static void
mongodb_parse(struct rd *r, struct dissect *d)
{
	uint32_t request, answer, op;
	struct fact *f;

	rd_skip(r, 4);
	request = rd_le32(r);
	answer = rd_le32(r);
	op = rd_le32(r);
	if (!rd_ok(r))
		return;
	d->ctx.response = answer != 0 || op == O_REPLY;
	dissect_pair(d, d->ctx.response ? answer : request);
	if (d->ctx.response)
		(void)dissect_recall(d, answer);
	else
		dissect_remember(d, (struct ask){ .pair = request, .op = op });
	f = dissect_op(d, op);
	if (op == O_MESSAGE) {
		rd_skip(r, 4);
		if (rd_u8(r) == 0)
			document(r, d, f);
	} else if (op == O_QUERY) {
		rd_skip(r, 4);
		say_text(d, op, "collection", text0(r));
		rd_skip(r, 8);
		document(r, d, f);
	} else if (op == O_COMPRESSED) {
		rd_opaque_rest(r);
	}
	rd_skip_rest(r);
}

const struct proto proto_mongodb = {
	.name = "mongodb",
	.title = "MongoDB",
	.spec = "MongoDB manual: Wire Protocol",
	.depth = "all op codes, commands by name; documents are counted",
	.slot = PROTO_SLOT,
	.tcp = { PORT, 27018, 27019 },
	.server_role = ROLE_DATABASE,
	.claim = mongodb_claim,
	.frame = mongodb_frame,
	.frame_min = HEAD,
	.parse = mongodb_parse,
	PROTO_OPS(ops),
};
