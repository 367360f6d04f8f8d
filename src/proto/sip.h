/*
 * sip.h - the messages of SIP and RTSP: a start line, header fields, a body.
 *
 * RFC 3261 clause 7, RFC 2326 clauses 4 to 7.
 *
 *	method SP target SP version CRLF	version SP status SP text CRLF
 *	*( name ":" value CRLF ) CRLF [body: Content-Length bytes]
 *
 * Private to those two dissectors.
 */
#ifndef PROTO_SIP_H
#define PROTO_SIP_H

#include "say.h"
#include "text.h"

#define SIP_HEAD_MAX 16384u

struct sip_head {
	uint32_t size; /* with its empty line; 0: its end is not in hand */
	uint32_t status; /* 0: a request */
	uint32_t sequence, length;
	struct span method, target, text;
	struct span from, to, agent, server, auth, type, warning;
};

static inline bool
sip_is_status(struct span s, struct span version)
{
	return s.n >= version.n + 5 && span_starts(s, version) &&
	    s.p[version.n] == ' ' && s.p[version.n + 1] >= '1' &&
	    s.p[version.n + 1] <= '6' && text_is_digit(s.p[version.n + 2]) &&
	    text_is_digit(s.p[version.n + 3]);
}

/* "METHOD target VERSION" */
static inline bool
sip_is_request(struct span line, struct span version)
{
	uint32_t n = span_find(span_first(line, 16), ' ');

	if (n < 3 || n >= 16 || line.n < n + 3 + version.n)
		return false;
	for (uint32_t i = 0; i < n; i++)
		if ((line.p[i] < 'A' || line.p[i] > 'Z') && line.p[i] != '_')
			return false;
	return line.p[line.n - version.n - 1] == ' ' &&
	    span_is(span_from(line, line.n - version.n), version);
}

/* The beginning of a request line: "METHOD scheme:..." */
static inline bool
sip_begins(struct span s, const char *scheme)
{
	uint32_t n = span_find(span_first(s, 16), ' ');

	return n >= 3 && n < 16 && span_find(s, '\n') == s.n &&
	    text_starts(span_from(s, n + 1), scheme);
}

static inline void
sip_field(struct sip_head *h, struct span name, struct span value)
{
	const struct {
		const char *name, *brief;
		struct span *to;
	} table[] = {
		{ "from", "f", &h->from },
		{ "to", "t", &h->to },
		{ "user-agent", "", &h->agent },
		{ "server", "", &h->server },
		{ "authorization", "", &h->auth },
		{ "proxy-authorization", "", &h->auth },
		{ "content-type", "c", &h->type },
	};

	if (text_is(name, "content-length") || text_is(name, "l"))
		h->length = text_number(value);
	else if (text_is(name, "cseq"))
		h->sequence = text_number(value);
	for (uint32_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (text_is(name, table[i].name) ||
		    (name.n == 1 && text_is(name, table[i].brief)))
			*table[i].to = value;
}

/* False: no start line stands here. */
static inline bool
sip_read(struct span s, struct span version, struct sip_head *h)
{
	struct span all = span_first(s, SIP_HEAD_MAX), rest = all;
	struct span line = text_line(&rest);

	*h = (struct sip_head){ .size = 0 };
	if (sip_is_status(line, version)) {
		h->status = text_number(span_from(line, version.n + 1));
		h->text = text_trim(span_from(line, version.n + 4));
	} else if (sip_is_request(line, version)) {
		h->target = span_first(line, line.n - version.n - 1);
		h->method = text_word(&h->target);
	} else {
		return false;
	}
	while (rest.n > 0) {
		bool ended = span_find(rest, '\n') < rest.n;
		uint32_t colon;

		line = text_line(&rest);
		if (ended && line.n == 0) {
			h->size = all.n - rest.n;
			break;
		}
		colon = span_find(line, ':');
		sip_field(h, text_trim(span_first(line, colon)),
		    text_trim(span_from(line, colon + 1)));
	}
	return true;
}

static inline uint32_t
sip_length(struct span s, struct span version)
{
	struct sip_head h;

	if (s.n < 16 ||
	    (span_find(span_first(s, SIP_HEAD_MAX), '\n') == s.n && s.n < 2048))
		return FRAME_NEED_MORE;
	if (!sip_read(s, version, &h))
		return FRAME_NOT_MINE;
	if (h.size == 0)
		return s.n < SIP_HEAD_MAX ? FRAME_NEED_MORE : FRAME_NOT_MINE;
	return h.size + (h.length < 1u << 24 ? h.length : 0);
}

/* "someone" of "Some One" <sip:someone@somewhere>;tag=1 */
static inline struct span
sip_user(struct span s)
{
	uint32_t at = text_find(s, "sip:");

	s = at < s.n ? span_from(s, at + 4) : span_from(s, s.n);
	for (uint32_t i = 0; i < s.n; i++)
		if (s.p[i] == '>' || s.p[i] == ';' || s.p[i] == ' ')
			return span_first(s, i);
	return s;
}

static inline struct span
sip_quoted(struct span s, const char *name)
{
	uint32_t at = text_find(s, name);

	s = span_from(s, at < s.n ? at + (uint32_t)strlen(name) : s.n);
	return span_first(s, span_find(s, '"'));
}

/* An answer's number is its own row where there is one, else that of its
 * class. */
static inline uint32_t
sip_status(const struct dissect *d, uint32_t status)
{
	return proto_op_find(d->proto, status) != NULL ? status
						       : status / 100 * 100;
}

#endif
