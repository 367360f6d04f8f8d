/*
 * rtsp.c - Real Time Streaming Protocol: cameras.
 *
 * RFC 2326.  The message is drawn in sip.h; between messages packets of the
 * stream may stand: "$", channel u8, length be16, RTP or RTCP.
 *
 * Op of a request is the row of its method, of an answer its status; 99 a
 * packet of the stream.  Object: the url.  Pair: the sequence of CSeq.
 */
#include "sip.h"

#define VERSION SPAN_LIT("RTSP/1.0")
#define OP_PACKET 99u

enum {
	N_METHODS = 11
};

static const struct proto_op ops[] = {
	{ 1, FACT_DISCOVER, RISK_NONE, "OPTIONS" },
	{ 2, FACT_DISCOVER, RISK_NONE, "DESCRIBE" },
	{ 3, FACT_SESSION, RISK_NONE, "SETUP" },
	{ 4, FACT_SESSION, RISK_NONE, "PLAY" },
	{ 5, FACT_SESSION, RISK_NONE, "PAUSE" },
	{ 6, FACT_SESSION, RISK_NONE, "TEARDOWN" },
	{ 7, FACT_READ, RISK_NONE, "GET_PARAMETER" },
	{ 8, FACT_CONFIG, RISK_CONFIGURATION, "SET_PARAMETER" },
	{ 9, FACT_REPORT, RISK_NONE, "ANNOUNCE" },
	{ 10, FACT_FILE, RISK_NONE, "RECORD" },
	{ N_METHODS, FACT_SESSION, RISK_NONE, "REDIRECT" },
	{ OP_PACKET, FACT_REPORT, RISK_NONE, "packet of the stream" },
	{ 100, FACT_REPORT, RISK_NONE, "continue" },
	{ 200, FACT_REPORT, RISK_NONE, "ok" },
	{ 300, FACT_REPORT, RISK_NONE, "redirection" },
	{ 400, FACT_REPORT, RISK_NONE, "bad request" },
	{ 401, FACT_REPORT, RISK_NONE, "unauthorized" },
	{ 404, FACT_REPORT, RISK_NONE, "not found" },
	{ 454, FACT_REPORT, RISK_NONE, "session not found" },
	{ 461, FACT_REPORT, RISK_NONE, "unsupported transport" },
	{ 500, FACT_REPORT, RISK_NONE, "server error" },
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
rtsp_frame(struct span s, const struct dissect *d)
{
	(void)d;
	if (s.p[0] == '$')
		return 4 + ((uint32_t)s.p[2] << 8 | s.p[3]);
	return sip_length(s, VERSION);
}

static enum claim
rtsp_claim(struct span s, const struct dissect *d)
{
	struct span rest = span_first(s, 1024), line;

	if (d->via != VIA_TCP)
		return CLAIM_NO;
	if (sip_is_status(s, VERSION))
		return CLAIM_STRONG;
	if (s.n >= 4 && s.p[0] == '$')
		return d->talk->server_port == 554 && s.p[1] < 16 ? CLAIM_WEAK
								  : CLAIM_NO;
	if (s.n < 16 || s.p[0] < 'A' || s.p[0] > 'Z')
		return CLAIM_NO;
	if (sip_begins(s, "rtsp:"))
		return CLAIM_WEAK;
	line = text_line(&rest);
	return sip_is_request(line, VERSION) ? CLAIM_STRONG : CLAIM_NO;
}

static enum way
rtsp_way(struct span s)
{
	return s.n < 1 || s.p[0] == '$' ? WAY_UNKNOWN
	    : sip_is_status(s, VERSION) ? WAY_RESPONSE
					: WAY_REQUEST;
}

static void
login(struct dissect *d, uint32_t op, struct span auth)
{
	struct span user = sip_quoted(auth, "username=\"");
	uint8_t raw[192];
	struct span plain;

	if (text_starts(auth, "basic ")) {
		auth = text_trim(span_from(auth, 6));
		dissect_content_login(d, d->ctx.pair, auth, SPAN(NULL, 0));
		plain = text_base64(auth, raw, sizeof(raw));
		say_named(dissect_emit(d, FACT_LOGIN, op),
		    span_first(plain, span_find(plain, ':')));
		(void)dissect_ident_about(d, ABOUT_RECEIVER, TRAIT_SECURITY,
		    SPAN_LIT("RTSP login without encryption"));
	} else if (user.n > 0) {
		say_named(dissect_emit(d, FACT_LOGIN, op), user);
	}
}

static void
message(struct rd *r, struct dissect *d, const struct sip_head *h)
{
	uint32_t op;
	struct fact *f;

	d->ctx.response = h->status != 0;
	dissect_pair(d, h->sequence);
	if (h->status == 0) {
		op = method_find(h->method);
		f = dissect_op(d, op);
		f->object =
		    (struct fact_object){ .space = SPACE_URL, .count = 1 };
		fact_text(f, h->target);
		dissect_remember(d,
		    (struct ask){ .pair = h->sequence, .op = op });
		login(d, op, h->auth);
	} else {
		op = sip_status(d, h->status);
		(void)dissect_recall(d, h->sequence);
		f = h->status >= 400 ? dissect_error(d, op, h->status)
				     : dissect_op(d, op);
		fact_text(f, h->type.n > 0 ? h->type : h->text);
	}
	dissect_ident(d, TRAIT_APPLICATION, h->agent);
	dissect_ident(d, TRAIT_APPLICATION, h->server);
	rd_skip_rest(r);
}

static void
rtsp_parse(struct rd *r, struct dissect *d)
{
	struct span all = rd_ahead(r, rd_have(r));
	struct sip_head h;

	if (all.n > 0 && all.p[0] == '$') {
		d->ctx.response = false;
		rd_skip(r, 1);
		dissect_unit(d, rd_u8(r));
		if (rd_ok(r))
			(void)dissect_op(d, OP_PACKET);
		rd_skip_rest(r);
	} else if (sip_read(all, VERSION, &h)) {
		message(r, d, &h);
	} else if (all.n < rd_left(r)) {
		(void)rd_span(r, rd_left(r)); /* fails: cut off */
	} else {
		rd_bad(r, "not a start line");
	}
}

const struct proto proto_rtsp = {
	.name = "rtsp",
	.title = "Real Time Streaming Protocol",
	.spec = "RFC 2326",
	.depth = "methods, status, urls, programs, users; the stream is "
		 "counted",
	.slot = PROTO_SLOT,
	.tcp = { 554, 8554 },
	.server_role = ROLE_CAMERA,
	.claim = rtsp_claim,
	.way = rtsp_way,
	.frame = rtsp_frame,
	.frame_min = 4,
	.parse = rtsp_parse,
	PROTO_OPS(ops),
};
