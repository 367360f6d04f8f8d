/*
 * sip.c - Session Initiation Protocol: telephones and paging.
 *
 * RFC 3261; further methods RFC 3262, 3265, 3311, 3428, 3515, 3903, 6086;
 * what is agreed on RFC 4566 (SDP).  The message is drawn in sip.h.
 *
 * Op of a request is the row of its method, of an answer its status.  The
 * object of a request is its target; who calls whom, and the media agreed on,
 * are values.  Pair: the sequence of CSeq.
 */
#include "sip.h"

#define VERSION SPAN_LIT("SIP/2.0")

enum method {
	M_REGISTER = 6,
	N_METHODS = 14,
};

static const struct proto_op ops[] = {
	{ 1, FACT_SESSION, RISK_NONE, "INVITE" },
	{ 2, FACT_SESSION, RISK_NONE, "ACK" },
	{ 3, FACT_SESSION, RISK_NONE, "BYE" },
	{ 4, FACT_SESSION, RISK_NONE, "CANCEL" },
	{ 5, FACT_DISCOVER, RISK_NONE, "OPTIONS" },
	{ M_REGISTER, FACT_LOGIN, RISK_NONE, "REGISTER" },
	{ 7, FACT_SESSION, RISK_NONE, "PRACK" },
	{ 8, FACT_SESSION, RISK_NONE, "SUBSCRIBE" },
	{ 9, FACT_REPORT, RISK_NONE, "NOTIFY" },
	{ 10, FACT_REPORT, RISK_NONE, "PUBLISH" },
	{ 11, FACT_REPORT, RISK_NONE, "INFO" },
	{ 12, FACT_SESSION, RISK_NONE, "REFER" },
	{ 13, FACT_REPORT, RISK_NONE, "MESSAGE" },
	{ N_METHODS, FACT_SESSION, RISK_NONE, "UPDATE" },
	{ 100, FACT_REPORT, RISK_NONE, "trying" },
	{ 180, FACT_REPORT, RISK_NONE, "ringing" },
	{ 183, FACT_REPORT, RISK_NONE, "session progress" },
	{ 200, FACT_REPORT, RISK_NONE, "ok" },
	{ 202, FACT_REPORT, RISK_NONE, "accepted" },
	{ 300, FACT_REPORT, RISK_NONE, "multiple choices" },
	{ 302, FACT_REPORT, RISK_NONE, "moved temporarily" },
	{ 400, FACT_REPORT, RISK_NONE, "bad request" },
	{ 401, FACT_REPORT, RISK_NONE, "unauthorized" },
	{ 403, FACT_REPORT, RISK_NONE, "forbidden" },
	{ 404, FACT_REPORT, RISK_NONE, "not found" },
	{ 407, FACT_REPORT, RISK_NONE, "proxy authentication required" },
	{ 408, FACT_REPORT, RISK_NONE, "request timeout" },
	{ 480, FACT_REPORT, RISK_NONE, "temporarily unavailable" },
	{ 481, FACT_REPORT, RISK_NONE, "no such call" },
	{ 486, FACT_REPORT, RISK_NONE, "busy here" },
	{ 487, FACT_REPORT, RISK_NONE, "request terminated" },
	{ 500, FACT_REPORT, RISK_NONE, "server internal error" },
	{ 503, FACT_REPORT, RISK_NONE, "service unavailable" },
	{ 600, FACT_REPORT, RISK_NONE, "busy everywhere" },
	{ 603, FACT_REPORT, RISK_NONE, "decline" },
};

static uint32_t
method_find(struct span word)
{
	for (uint32_t i = 0; i < N_METHODS; i++)
		if (span_is(word, span_text(ops[i].name)))
			return ops[i].code;
	return 0;
}

static uint32_t
sip_frame(struct span s, const struct dissect *d)
{
	struct span rest = s, line;

	if (d->via != VIA_UDP)
		return sip_length(s, VERSION);
	line = text_line(&rest);
	return sip_is_status(line, VERSION) || sip_is_request(line, VERSION)
	    ? s.n
	    : FRAME_NOT_MINE;
}

static enum claim
sip_claim(struct span s, const struct dissect *d)
{
	struct span rest = span_first(s, 1024), line;

	if (d->via != VIA_TCP && d->via != VIA_UDP)
		return CLAIM_NO;
	if (sip_is_status(s, VERSION))
		return CLAIM_STRONG;
	if (s.n < 16 || s.p[0] < 'A' || s.p[0] > 'Z')
		return CLAIM_NO;
	if (d->via == VIA_TCP && sip_begins(s, "sip:"))
		return CLAIM_WEAK;
	line = text_line(&rest);
	return sip_is_request(line, VERSION) ? CLAIM_STRONG : CLAIM_NO;
}

static enum way
sip_way(struct span s)
{
	return sip_is_status(s, VERSION) ? WAY_RESPONSE : WAY_REQUEST;
}

/* Lines of SDP: "c=IN IP4 address", "m=audio port RTP/AVP ...". */
static void
say_media(struct dissect *d, uint32_t op, struct span body)
{
	while (body.n > 0) {
		struct span line = text_line(&body);

		if (text_starts(line, "m="))
			say_text(d, op, "media", span_from(line, 2));
		else if (text_starts(line, "c="))
			say_text(d, op, "at", span_from(line, 2));
	}
}

static void
say_head(struct dissect *d, uint32_t op, const struct sip_head *h)
{
	struct fact *f;
	struct span user;

	if (h->from.n > 0)
		say_text(d, op, "from", sip_user(h->from));
	if (h->to.n > 0)
		say_text(d, op, "to", sip_user(h->to));
	dissect_ident(d, TRAIT_APPLICATION, h->agent);
	if (h->status != 0)
		dissect_ident(d, TRAIT_APPLICATION, h->server);
	user = sip_quoted(h->auth, "username=\"");
	if (user.n > 0 && h->status == 0) {
		f = dissect_emit(d, FACT_LOGIN, op);
		say_named(f, user);
	}
}

static void
sip_parse(struct rd *r, struct dissect *d)
{
	struct span all = rd_ahead(r, rd_have(r)), body;
	struct sip_head h;
	uint32_t op;
	struct fact *f;

	if (!sip_read(all, VERSION, &h)) {
		if (all.n < rd_left(r)) {
			(void)rd_span(r, rd_left(r)); /* fails: cut off */
			return;
		}
		rd_bad(r, "not a start line");
		return;
	}
	d->ctx.response = h.status != 0;
	dissect_pair(d, h.sequence);
	if (h.status == 0) {
		op = method_find(h.method);
		f = dissect_op(d, op);
		f->object =
		    (struct fact_object){ .space = SPACE_URL, .count = 1 };
		fact_text(f, h.target);
		dissect_remember(d,
		    (struct ask){ .pair = h.sequence, .op = op });
	} else {
		op = sip_status(d, h.status);
		if (h.status >= 200)
			(void)dissect_recall(d, h.sequence);
		f = h.status >= 400 ? dissect_error(d, op, h.status)
				    : dissect_op(d, op);
		fact_text(f, h.text);
	}
	say_head(d, op, &h);
	if (h.size > 0) {
		rd_skip(r, h.size);
		body = rd_ahead(r, rd_have(r));
		if (text_starts(h.type, "application/sdp"))
			say_media(d, op, body);
	}
	rd_skip_rest(r);
}

const struct proto proto_sip = {
	.name = "sip",
	.title = "Session Initiation Protocol",
	.spec = "RFC 3261, RFC 3265, RFC 3428, RFC 3515, RFC 4566",
	.depth = "methods, status, who calls whom, media of SDP, programs, "
		 "users",
	.slot = PROTO_SLOT,
	.tcp = { 5060 },
	.udp = { 5060, 5062, 5070 },
	.claim = sip_claim,
	.way = sip_way,
	.frame = sip_frame,
	.frame_min = 16,
	.parse = sip_parse,
	PROTO_OPS(ops),
};
