/*
 * syslog.c - Syslog.
 *
 * RFC 5424 (format), RFC 3164 (the older one), RFC 5426 (UDP), RFC 6587
 * (TCP: counted "83 <34>1 ..." or a line each).
 *
 *	<priority>1 time host application process message-id data text
 *	<priority>Mmm dd hh:mm:ss host tag: text	(or an ISO 8601 time)
 *
 * Priority is facility * 8 + severity.  Op is the severity, the object the
 * facility (first) and the application by name; the text is a VALUE.
 */
#include "say.h"
#include "text.h"

#define LINE_MAX_ 8192u
#define PORT 514
#define PORT_TCP 601

static const struct proto_op ops[] = {
	{ 0, FACT_REPORT, RISK_NONE, "emergency" },
	{ 1, FACT_REPORT, RISK_NONE, "alert" },
	{ 2, FACT_REPORT, RISK_NONE, "critical" },
	{ 3, FACT_REPORT, RISK_NONE, "error" },
	{ 4, FACT_REPORT, RISK_NONE, "warning" },
	{ 5, FACT_REPORT, RISK_NONE, "notice" },
	{ 6, FACT_REPORT, RISK_NONE, "informational" },
	{ 7, FACT_REPORT, RISK_NONE, "debug" },
};

/* "<165>": bytes it takes, 0 when it is none. */
static uint32_t
priority_size(struct span s)
{
	uint32_t n = 1;

	if (s.n < 3 || s.p[0] != '<')
		return 0;
	while (n < s.n && n < 4 && text_is_digit(s.p[n]))
		n++;
	if (n == 1 || n >= s.n || s.p[n] != '>' ||
	    text_number(span_from(s, 1)) > 191)
		return 0;
	return n + 1;
}

/* A name, not an address: those that forward put anything here. */
static void
say_host(struct dissect *d, struct span host)
{
	bool name = false;

	for (uint32_t i = 0; i < host.n; i++) {
		if (host.p[i] == ':' || host.p[i] <= ' ')
			return;
		name |= text_is_alpha(host.p[i]);
	}
	if (name)
		dissect_ident(d, TRAIT_NAME, host);
}

static struct span
structured(struct dissect *d, struct span s, struct span *ret_app)
{
	struct span host, app;

	(void)text_word(&s); /* version */
	(void)text_word(&s); /* time */
	host = text_word(&s);
	app = text_word(&s);
	(void)text_word(&s); /* process */
	(void)text_word(&s); /* message identifier */
	say_host(d, host);
	if (!span_is(app, SPAN_LIT("-")))
		*ret_app = app;
	if (s.n >= 2 && s.p[0] == '-' && s.p[1] == ' ')
		s = span_from(s, 2);
	return s;
}

/* Whether it begins "2016-05-24T09:50:52", as some programs write it. */
static bool
is_iso_time(struct span s)
{
	return s.n >= 20 && text_is_digit(s.p[0]) && s.p[4] == '-' &&
	    s.p[7] == '-' && s.p[10] == 'T' && s.p[13] == ':';
}

/* "Oct 11 22:14:15 host tag: text"; anything else is text. */
static struct span
plain(struct dissect *d, struct span s, struct span *ret_app)
{
	struct span text, tag;
	uint32_t n = 0;

	if (is_iso_time(s)) {
		(void)text_word(&s);
		text = s;
	} else if (s.n >= 16 && text_is_alpha(s.p[0]) && s.p[3] == ' ' &&
	    s.p[6] == ' ' && s.p[9] == ':' && s.p[12] == ':' &&
	    s.p[15] == ' ') {
		text = s = span_from(s, 16);
	} else {
		return s;
	}
	tag = text_word(&s);
	if (tag.n > 0 && tag.p[tag.n - 1] == ':')
		return text; /* the host was left out */
	say_host(d, tag);
	while (n < s.n &&
	    (text_is_alpha(s.p[n]) || text_is_digit(s.p[n]) || s.p[n] == '-' ||
		s.p[n] == '_' || s.p[n] == '/'))
		n++;
	if (n > 0 && n < s.n && (s.p[n] == ':' || s.p[n] == '['))
		*ret_app = span_first(s, n);
	return s;
}

static void
syslog_parse(struct rd *r, struct dissect *d)
{
	struct span s = rd_span_rest(r), app = SPAN(NULL, 0);
	uint32_t n, priority;
	struct fact *f;

	d->ctx.response = false;
	if (s.n > 0 && text_is_digit(s.p[0])) /* counted */
		(void)text_word(&s);
	n = priority_size(s);
	rd_require(r, n > 0 || s.n < 5, "no priority");
	if (n == 0)
		return;
	priority = text_number(span_from(s, 1));
	f = dissect_op(d, priority & 7);
	s = span_from(s, n);
	s = s.n > 1 && s.p[0] == '1' && s.p[1] == ' ' ? structured(d, s, &app)
						      : plain(d, s, &app);
	say_named(f, app);
	f->object.first = priority >> 3;
	dissect_ident(d, TRAIT_APPLICATION, app);
	if (say_wanted(d, FACT_VALUE))
		say_named(dissect_value(d, priority & 7, SAY_NAMED),
		    text_trim(s));
}

/* Counted, or up to the end of the line. */
static uint32_t
syslog_frame(struct span s, const struct dissect *d)
{
	uint32_t n = 0, length;

	if (d->via != VIA_TCP)
		return s.n;
	if (s.p[0] == '<') {
		n = span_find(span_first(s, LINE_MAX_), '\n');
		if (s.n >= 6 && priority_size(s) == 0)
			return FRAME_NOT_MINE;
		return n < s.n         ? n + 1
		    : s.n >= LINE_MAX_ ? FRAME_NOT_MINE
				       : FRAME_NEED_MORE;
	}
	while (n < s.n && n < 5 && text_is_digit(s.p[n]))
		n++;
	length = text_number(span_first(s, n));
	if (n == s.n && n < 5)
		return FRAME_NEED_MORE;
	if (n == 0 || n >= s.n || s.p[n] != ' ' || length < 3)
		return FRAME_NOT_MINE;
	if (s.n >= n + 7 && priority_size(span_from(s, n + 1)) == 0)
		return FRAME_NOT_MINE;
	return n + 1 + length;
}

/* Text up to the end of the datagram, but for what ends a line. */
static bool
is_line(struct span s)
{
	while (s.n > 0 &&
	    (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r' || s.p[s.n - 1] == 0))
		s.n--;
	for (uint32_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ' && s.p[i] != '\t' && s.p[i] != '\n')
			return false;
	return s.n >= 16 && s.p[0] != '<';
}

static enum claim
syslog_claim(struct span s, const struct dissect *d)
{
	uint32_t n = 0;

	while (d->via == VIA_TCP && n < s.n && n < 5 && text_is_digit(s.p[n]))
		n++;
	if (n > 0 && n < s.n && s.p[n] == ' ')
		s = span_from(s, n + 1);
	n = priority_size(s);
	if (n == 0)
		return CLAIM_NO;
	s = span_from(s, n);
	if (say_on_port(d, PORT) || say_on_port(d, PORT_TCP))
		return CLAIM_WEAK;
	if (s.n < 16)
		return CLAIM_NO;
	if (d->via == VIA_UDP && is_line(s))
		return CLAIM_STRONG;
	if (s.p[0] == '1' && s.p[1] == ' ' && s.p[6] == '-' && s.p[9] == '-')
		return CLAIM_STRONG;
	return text_is_alpha(s.p[0]) && s.p[3] == ' ' && s.p[6] == ' ' &&
		s.p[9] == ':' && s.p[12] == ':'
	    ? CLAIM_STRONG
	    : CLAIM_NO;
}

const struct proto proto_syslog = {
	.name = "syslog",
	.title = "Syslog",
	.spec = "RFC 5424, RFC 3164, RFC 6587",
	.depth = "priority, host, application and text of both formats",
	.slot = PROTO_SLOT,
	.tcp = { PORT, PORT_TCP },
	.udp = { PORT },
	.server_role = ROLE_SERVER,
	.claim = syslog_claim,
	.frame = syslog_frame,
	.frame_min = 1,
	.message_max = 16384,
	.parse = syslog_parse,
	PROTO_OPS(ops),
};
