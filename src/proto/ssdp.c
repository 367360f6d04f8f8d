/*
 * ssdp.c - Simple Service Discovery Protocol.
 *
 * UPnP Device Architecture 2.0, clause 1; HTTP/1.1 messages without a body in
 * UDP datagrams (draft-cai-ssdp-v1-03).
 *
 *	M-SEARCH * HTTP/1.1	who is there?
 *	NOTIFY * HTTP/1.1	I am here (ssdp:alive), I go (ssdp:byebye)
 *	HTTP/1.1 200 OK		I am here, as you asked
 *
 * Op is the row of the method, or the status code of an answer.  Object: the
 * search target or notification type (ST, NT) by name.
 */
#include "proto.h"
#include "text.h"

#define OP_SEARCH 1u
#define OP_NOTIFY 2u
#define OP_ANSWER 200u
#define HEADERS_MAX 64u

static const struct proto_op ops[] = {
	{ OP_SEARCH, FACT_DISCOVER, RISK_NONE, "M-SEARCH" },
	{ OP_NOTIFY, FACT_DISCOVER, RISK_NONE, "NOTIFY" },
	{ OP_ANSWER, FACT_DISCOVER, RISK_NONE, "200" },
};

struct head {
	struct span target, server, usn;
};

static uint32_t
op_of(struct span s)
{
	if (span_starts(s, SPAN_LIT("M-SEARCH * HTTP/1.")))
		return OP_SEARCH;
	if (span_starts(s, SPAN_LIT("NOTIFY * HTTP/1.")))
		return OP_NOTIFY;
	if (span_starts(s, SPAN_LIT("HTTP/1.")) && s.n >= 12 &&
	    span_is(SPAN(s.p + 8, 4), SPAN_LIT(" 200")))
		return OP_ANSWER;
	return 0;
}

static enum claim
ssdp_claim(struct span s, const struct dissect *d)
{
	if (d->via != VIA_UDP || op_of(s) == 0)
		return CLAIM_NO;
	if (op_of(s) != OP_ANSWER)
		return CLAIM_STRONG;
	return text_find(s, "\nst:") < s.n || text_find(s, "\nusn:") < s.n
	    ? CLAIM_STRONG
	    : CLAIM_WEAK;
}

static enum way
ssdp_way(struct span s)
{
	return op_of(s) == OP_ANSWER ? WAY_RESPONSE
	    : op_of(s) != 0          ? WAY_REQUEST
				     : WAY_UNKNOWN;
}

static void
header_field(struct head *h, struct span line)
{
	uint32_t colon = span_find(line, ':');
	struct span name = text_trim(span_first(line, colon));
	struct span value = text_trim(span_from(line, colon + 1));

	if (text_is(name, "st") || text_is(name, "nt"))
		h->target = value;
	else if (text_is(name, "server") || text_is(name, "user-agent"))
		h->server = value;
	else if (text_is(name, "usn"))
		h->usn = value;
}

/* "uuid:..." up to the "::" before the type. */
static void
say_uuid(struct dissect *d, struct span usn)
{
	if (!text_starts(usn, "uuid:"))
		return;
	usn = span_from(usn, 5);
	dissect_ident(d, TRAIT_UUID, span_first(usn, span_find(usn, ':')));
}

static void
ssdp_parse(struct rd *r, struct dissect *d)
{
	struct span line = text_rd_line(r);
	uint32_t op = op_of(line);
	struct head h = { .usn = SPAN(NULL, 0) };
	struct fact *f;

	rd_require(r, op != 0 || !rd_ok(r), "no start line");
	if (!rd_ok(r))
		return;
	d->ctx.response = op == OP_ANSWER;
	f = dissect_op(d, op);
	for (uint32_t i = 0; i < HEADERS_MAX && rd_more(r); i++) {
		line = text_rd_line(r);
		if (line.n == 0)
			break;
		header_field(&h, line);
	}
	f->object = (struct fact_object){ .space = SPACE_NAME, .count = 1 };
	fact_text(f, h.target);
	dissect_ident(d, TRAIT_APPLICATION, h.server);
	say_uuid(d, h.usn);
	rd_skip_rest(r);
}

const struct proto proto_ssdp = {
	.name = "ssdp",
	.title = "Simple Service Discovery Protocol",
	.spec = "UPnP Device Architecture 2.0, 1; draft-cai-ssdp-v1-03",
	.depth = "all messages; targets, programs, unique identifiers",
	.slot = PROTO_SLOT,
	.udp = { 1900 },
	.claim = ssdp_claim,
	.way = ssdp_way,
	.parse = ssdp_parse,
	PROTO_OPS(ops),
};
