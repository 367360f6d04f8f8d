/*
 * http.c - Hypertext Transfer Protocol 1.0 and 1.1.
 *
 * RFC 9110 (semantics), RFC 9112 (messages); methods of WebDAV RFC 4918 and
 * 3253, SUBSCRIBE and NOTIFY of UPnP; basic login RFC 7617, digest RFC 7616,
 * NTLM [MS-NTHT].
 *
 *	method SP target SP HTTP/1.x CRLF	HTTP/1.x SP status SP text CRLF
 *	*( name ":" value CRLF )
 *	CRLF
 *	body: none, Content-Length bytes, chunks, or all until the close
 *
 * Op of a request is the row of its method below, of a response its status
 * code.  Object: url by name, host and path; a query that carries a secret is
 * left out.  A body that cannot be told to end (until the close, or chunks
 * without end) follows its header as messages that say nothing, as does what
 * flows after CONNECT or an upgrade.
 *
 * What SOAP is to do follows as a fact of its own, by name.
 *
 * Pair: the n-th request of the flow.  Code of a request: the size of its
 * header, number of fields << 24 (at most 127), bit 31 for what no field may
 * hold.
 */
#include "../base/hex.h"
#include "http_tables.h"
#include "ntlmssp.h"
#include "text.h"

#define METHOD_MAX 20u
#define HEAD_MAX 65536u
#define CHUNKED_MAX 57344u /* of body that is waited for */
#define CHUNKS_MAX 1024u
#define OUTSTANDING_MAX 8u
#define LENGTH_MAX 0xfffffff0u

enum method {
	M_GET = 1,
	M_HEAD = 2,
	M_CONNECT = 6,
};

enum mode {
	MODE_HEAD, /* a header comes next */
	MODE_CHUNKS, /* the chunks of a body */
	MODE_CLOSE, /* a body until the close, or a new header */
	MODE_TUNNEL, /* another protocol from here on */
};

struct state {
	uint8_t mode[2]; /* enum mode, by to_server */
	uint8_t heads, connects; /* bit n % 8: request n was that method */
	uint32_t asked, answered;
	uint32_t body[2], at[2]; /* by to_server: whose body goes on, where */
};

struct head {
	uint32_t size; /* header with its empty line; 0: end not in hand */
	uint32_t method; /* row of a request; 0 unknown method */
	uint32_t status; /* of a response; 0: it is a request */
	struct span target;
	struct span host, agent, server, type, auth, offer, action;
	uint32_t length, fields;
	bool has_length, chunked;
	bool illegal; /* control characters, two lengths */
};

/* ------------------------------------------------------------- start line */

static bool
is_token(struct span s)
{
	for (uint32_t i = 0; i < s.n; i++)
		if (!text_is_alpha(s.p[i]) && s.p[i] != '-' && s.p[i] != '_')
			return false;
	return s.n >= 3 && s.n <= 20;
}

static uint32_t
method_find(struct span word)
{
	for (uint32_t i = 0; i < N_METHODS; i++)
		if (span_is(word, span_text(ops[i].name)))
			return ops[i].code;
	return 0;
}

static bool
is_status_line(struct span s)
{
	return s.n >= 12 && memcmp(s.p, "HTTP/1.", 7) == 0 &&
	    text_is_digit(s.p[7]) && s.p[8] == ' ' && text_is_digit(s.p[9]) &&
	    text_is_digit(s.p[10]) && text_is_digit(s.p[11]) && s.p[9] != '0' &&
	    (s.n == 12 || !text_is_digit(s.p[12]));
}

/* "METHOD target HTTP/1.x"; the target may hold blanks from sloppy clients. */
static bool
split_request(struct span line, struct span *ret_word, struct span *ret_target)
{
	struct span rest = line;
	struct span word = text_word(&rest);

	if (rest.n < 10 || !is_token(word) ||
	    memcmp(rest.p + rest.n - 9, " HTTP/1.", 8) != 0 ||
	    !text_is_digit(rest.p[rest.n - 1]))
		return false;
	*ret_word = word;
	*ret_target = text_trim(span_first(rest, rest.n - 9));
	return true;
}

/* What a target can begin with. */
static bool
is_target(uint8_t c)
{
	return c == '/' || c == '*' || c == '[' || text_is_alpha(c) ||
	    text_is_digit(c);
}

/* A known method, a blank and the beginning of a target. */
static bool
looks_like_request(struct span s)
{
	uint32_t n = span_find(span_first(s, 20), ' ');

	if (n + 1 >= s.n || n >= 20 || method_find(span_first(s, n)) == 0)
		return false;
	return is_target(s.p[n + 1]);
}

/* Too little to tell, but it could become a request or status line. */
static bool
may_become_start(struct span s)
{
	uint32_t n = 0;

	if (text_may_start(s, SPAN_LIT("HTTP/1.")) ||
	    (s.n < 12 && span_starts(s, SPAN_LIT("HTTP/1."))))
		return true;
	while (n < s.n && n < METHOD_MAX &&
	    ((s.p[n] >= 'A' && s.p[n] <= 'Z') || s.p[n] == '-' ||
		s.p[n] == '_'))
		n++;
	if (n == s.n)
		return n < METHOD_MAX;
	return n > 0 && s.p[n] == ' ' && span_find(s, '\n') == s.n &&
	    (n + 1 == s.n || is_target(s.p[n + 1]));
}

/* Could a start line begin here, as far as it is in hand? */
static bool
may_start(struct span s)
{
	uint32_t end = span_find(span_first(s, HEAD_MAX), '\n');
	struct span word, target, line = span_first(s, end);

	if (is_status_line(s))
		return true;
	if (end == s.n)
		return looks_like_request(s);
	line = text_line(&line);
	return split_request(line, &word, &target);
}

/* ----------------------------------------------------------------- header */

/* RFC 9110, 5.5: no control character but the tab; 9112, 5.1: a name is a
 * token, and no blank stands before the colon. */
static bool
is_illegal(struct span name, struct span value)
{
	for (uint32_t i = 0; i < value.n; i++)
		if ((value.p[i] < 0x20 && value.p[i] != '\t') ||
		    value.p[i] == 0x7f)
			return true;
	for (uint32_t i = 0; i < name.n; i++)
		if (name.p[i] <= 0x20 || name.p[i] >= 0x7f)
			return true;
	return name.n == 0;
}

static void
header_field(struct head *h, struct span name, struct span value)
{
	h->fields++;
	switch (name.n > 0 ? text_lower(name.p[0]) : 0) {
	case 'c':
		if (text_is(name, "content-length")) {
			h->illegal = h->illegal ||
			    (h->has_length && h->length != text_number(value));
			h->has_length = value.n > 0 && value.n < 10 &&
			    text_is_digit(value.p[0]);
			h->length = text_number(value);
		} else if (text_is(name, "content-type")) {
			h->type = value;
		}
		break;
	case 't':
		if (text_is(name, "transfer-encoding"))
			h->chunked = text_find(value, "chunked") < value.n;
		break;
	case 'h':
		if (text_is(name, "host"))
			h->host = value;
		break;
	case 'u':
		if (text_is(name, "user-agent"))
			h->agent = value;
		break;
	case 's':
		if (text_is(name, "server"))
			h->server = value;
		else if (text_is(name, "soapaction"))
			h->action = value;
		break;
	case 'a':
		if (text_is(name, "authorization"))
			h->auth = value;
		break;
	case 'p':
		if (text_is(name, "proxy-authorization"))
			h->auth = value;
		else if (text_is(name, "proxy-authenticate"))
			h->offer = value;
		break;
	case 'w':
		if (text_is(name, "www-authenticate"))
			h->offer = value;
		break;
	}
}

/* False: no start line here. */
static bool
read_head(struct span s, struct head *h)
{
	struct span all = span_first(s, HEAD_MAX), rest = all, word;
	struct span line = text_line(&rest);

	*h = (struct head){ .size = 0 };
	if (is_status_line(line))
		h->status = text_number(SPAN(line.p + 9, 3));
	else if (split_request(line, &word, &h->target))
		h->method = method_find(word);
	else
		return false;
	while (rest.n > 0) {
		bool ended = span_find(rest, '\n') < rest.n;
		uint32_t colon;

		line = text_line(&rest);
		if (!ended)
			break;
		if (line.n == 0) {
			h->size = all.n - rest.n;
			break;
		}
		colon = span_find(line, ':');
		if (line.p[0] != ' ' && line.p[0] != '\t') /* goes on */
			h->illegal = h->illegal || colon == line.n ||
			    is_illegal(span_first(line, colon),
				text_trim(span_from(line, colon + 1)));
		header_field(h, span_first(line, colon),
		    text_trim(span_from(line, colon + 1)));
	}
	return true;
}

/* ---------------------------------------------------------------- framing */

/*
 * One chunk: size line, data, line end; the last one with its trailer.
 * Length of it all, FRAME_NEED_MORE or FRAME_NOT_MINE.
 */
static uint32_t
chunk_length(struct span s, bool *ret_last)
{
	uint32_t end = span_find(span_first(s, 256), '\n'), size = 0, i = 0;

	for (; i < s.n && i < 8 && hex_digit(s.p[i]) < 16; i++)
		size = size << 4 | hex_digit(s.p[i]);
	if ((i == 0 && s.n > 0) || size > 0x7fffffff)
		return FRAME_NOT_MINE;
	if (end == s.n || end == 256)
		return s.n < 256 ? FRAME_NEED_MORE : FRAME_NOT_MINE;
	*ret_last = size == 0;
	if (size > 0)
		return s.n > end + 1 + size && s.p[end + 1 + size] == '\n'
		    ? end + 1 + size + 1
		    : end + 1 + size + 2;
	for (uint32_t at = end + 1; at < s.n && at < HEAD_MAX;) {
		uint32_t n = span_find(span_from(s, at), '\n');

		if (n == s.n - at)
			break;
		if (n == 0 || (n == 1 && s.p[at] == '\r'))
			return at + n + 1;
		at += n + 1;
	}
	return s.n < HEAD_MAX ? FRAME_NEED_MORE : FRAME_NOT_MINE;
}

/* All chunks, when they are in hand; FRAME_NOT_MINE: go on piece by piece. */
static uint32_t
chunks_length(struct span s)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < CHUNKS_MAX; i++) {
		bool last = false;
		uint32_t n = chunk_length(span_from(s, at), &last);

		if (n == FRAME_NEED_MORE || n == FRAME_NOT_MINE || n > s.n - at)
			return n != FRAME_NOT_MINE && s.n < CHUNKED_MAX
			    ? FRAME_NEED_MORE
			    : FRAME_NOT_MINE;
		at += n;
		if (last)
			return at;
	}
	return FRAME_NOT_MINE;
}

static uint32_t
request_bit(uint32_t n)
{
	return 1u << (n % OUTSTANDING_MAX);
}

static bool
has_body(const struct head *h, const struct state *st)
{
	uint32_t bit = request_bit(st->answered);

	if (h->status == 0)
		return h->chunked || (h->has_length && h->length > 0);
	if (h->status < 200 || h->status == 204 || h->status == 304)
		return false;
	if (st->answered == st->asked)
		return true;
	return (st->heads & bit) == 0 &&
	    ((st->connects & bit) == 0 || h->status >= 300);
}

static uint32_t
message_length(struct span s, const struct head *h, const struct state *st)
{
	uint32_t body;

	if (!has_body(h, st))
		return h->size;
	if (h->chunked) {
		body = chunks_length(span_from(s, h->size));
		if (body == FRAME_NEED_MORE)
			return FRAME_NEED_MORE;
		return body == FRAME_NOT_MINE ? h->size : h->size + body;
	}
	if (!h->has_length)
		return h->size;
	return h->length < LENGTH_MAX - h->size ? h->size + h->length
						: LENGTH_MAX;
}

static uint32_t
http_frame(struct span s, const struct dissect *d)
{
	const struct state *st = d->state;
	uint32_t mode = st->mode[d->to_server];
	struct head h;
	bool last;

	if (mode == MODE_TUNNEL)
		return s.n;
	if (!may_start(s)) {
		if (mode == MODE_CLOSE)
			return s.n;
		if (mode == MODE_CHUNKS)
			return chunk_length(s, &last);
		return s.n < HEAD_MAX && may_become_start(s) ? FRAME_NEED_MORE
							     : FRAME_NOT_MINE;
	}
	if (!read_head(s, &h))
		return s.n < HEAD_MAX ? FRAME_NEED_MORE : FRAME_NOT_MINE;
	if (h.size == 0)
		return s.n < HEAD_MAX ? FRAME_NEED_MORE : FRAME_NOT_MINE;
	return message_length(s, &h, st);
}

static enum claim
http_claim(struct span s, const struct dissect *d)
{
	uint32_t end = span_find(span_first(s, 4096), '\n');
	struct span word, target, line = span_first(s, end);

	if (d->via == VIA_UDP)
		return CLAIM_NO;
	if (is_status_line(s))
		return CLAIM_STRONG;
	if (end == s.n || end == 4096)
		return looks_like_request(s) ? CLAIM_WEAK : CLAIM_NO;
	line = text_line(&line);
	return split_request(line, &word, &target) ? CLAIM_STRONG : CLAIM_NO;
}

static enum way
http_way(struct span s)
{
	if (is_status_line(s))
		return WAY_RESPONSE;
	return looks_like_request(s) ? WAY_REQUEST : WAY_UNKNOWN;
}

/* ----------------------------------------------------------------- saying */

static bool
has_secret(struct span query)
{
	static const char *const words[] = { "pass", "pwd", "token", "secret",
		"apikey", "api_key", "auth" };

	for (uint32_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (text_find(query, words[i]) < query.n)
			return true;
	return false;
}

static uint32_t
append(uint8_t *dst, uint32_t n, uint32_t cap, struct span s)
{
	uint32_t fits = s.n < cap - n ? s.n : cap - n;

	if (fits > 0)
		memcpy(dst + n, s.p, fits);
	return n + fits;
}

static void
say_url(struct fact *f, const struct head *h)
{
	uint8_t url[FACT_TEXT_MAX + 1];
	struct span target = h->target;
	uint32_t query = span_find(target, '?'), n = 0;

	f->object = (struct fact_object){ .space = SPACE_URL, .count = 1 };
	if (f->kind == FACT_NONE)
		return;
	if (query < target.n && has_secret(span_from(target, query)))
		target = span_first(target, query + 1);
	if (target.n > 0 && target.p[0] == '/')
		n = append(url, n, sizeof(url), h->host);
	n = append(url, n, sizeof(url), target);
	fact_text(f, SPAN(url, n));
}

static void
say_user(struct dissect *d, uint32_t op, struct span user)
{
	struct fact *f = dissect_emit(d, FACT_LOGIN, op);

	f->object = (struct fact_object){ .space = SPACE_NAME, .count = 1 };
	fact_text(f, user);
}

static void
say_login(struct dissect *d, uint32_t op, struct span auth)
{
	uint8_t raw[1024];
	struct span scheme = text_word(&auth), plain;
	uint32_t at;

	if (text_is(scheme, "basic")) {
		dissect_content_login(d, d->ctx.pair, text_trim(auth),
		    SPAN(NULL, 0));
		plain = text_base64(auth, raw, 192);
		say_user(d, op, span_first(plain, span_find(plain, ':')));
		(void)dissect_ident_about(d, ABOUT_RECEIVER, TRAIT_SECURITY,
		    SPAN_LIT("HTTP basic login without encryption"));
	} else if (text_is(scheme, "digest")) {
		at = text_find(auth, "username=\"");
		plain = span_from(auth, at + 10);
		say_user(d, op, span_first(plain, span_find(plain, '"')));
	} else if (text_is(scheme, "ntlm") || text_is(scheme, "negotiate")) {
		ntlmssp_say(d, op, text_base64(auth, raw, sizeof(raw)));
	} else {
		say_user(d, op, SPAN(NULL, 0)); /* a token names nobody */
	}
}

/* Marks begin a word. */
static bool
find_mark(struct span s, const char *mark)
{
	for (uint32_t i = 1; i < s.n; i++)
		if ((s.p[i - 1] == ' ' || s.p[i - 1] == '(') &&
		    text_starts(span_from(s, i), mark))
			return true;
	return false;
}

static void
say_system(struct dissect *d, struct span agent)
{
	static const struct {
		const char *mark, *os;
	} table[] = {
		{ "windows nt 10.0", "Windows 10 or 11" },
		{ "windows nt 6.3", "Windows 8.1 or Server 2012 R2" },
		{ "windows nt 6.2", "Windows 8 or Server 2012" },
		{ "windows nt 6.1", "Windows 7 or Server 2008 R2" },
		{ "windows nt 6.0", "Windows Vista or Server 2008" },
		{ "windows nt 5.2", "Windows Server 2003 or XP x64" },
		{ "windows nt 5.1", "Windows XP" },
		{ "windows nt 5.0", "Windows 2000" },
		{ "windows ce", "Windows CE" },
		{ "android", "Android" },
		{ "iphone os", "iOS" },
		{ "mac os x", "macOS" },
		{ "linux", "Linux" },
	};

	if ((d->wanted & FACT_MASK(FACT_IDENT)) == 0 ||
	    !text_starts(agent, "mozilla/"))
		return;
	/* the system stands in the first comment */
	agent = span_from(agent, span_find(agent, '('));
	agent = span_first(agent, span_find(span_first(agent, 120), ')'));
	for (uint32_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (find_mark(agent, table[i].mark)) {
			dissect_ident(d, TRAIT_OS, span_text(table[i].os));
			return;
		}
	}
}

/*
 * SOAP 1.1, 6.1.1: a field of its own; SOAP 1.2, part 2, 6.5: a parameter of
 * the type.  In quotes.
 */
static void
say_action(struct dissect *d, const struct head *h)
{
	struct span s = h->action;
	struct fact *f;

	if (s.n == 0 && text_starts(h->type, "application/soap+xml"))
		s = span_from(h->type, text_find(h->type, "action=") + 7);
	if (s.n > 0 && s.p[0] == '"')
		s = span_first(span_from(s, 1),
		    span_find(span_from(s, 1), '"'));
	s = span_first(s, span_find(s, ';'));
	if (s.n == 0)
		return;
	f = dissect_emit(d, FACT_CONTROL, SOAP);
	f->object =
	    (struct fact_object){ .space = SPACE_SOAP_ACTION, .count = 1 };
	fact_text(f, s);
}

static void
say_request(struct dissect *d, struct state *st, const struct head *h)
{
	uint32_t bit = request_bit(st->asked);
	struct fact *f;

	st->heads =
	    (uint8_t)((st->heads & ~bit) | (h->method == M_HEAD ? bit : 0));
	st->connects = (uint8_t)((st->connects & ~bit) |
	    (h->method == M_CONNECT ? bit : 0));
	st->asked++;
	if (st->asked - st->answered >= OUTSTANDING_MAX)
		st->answered = st->asked - 1; /* answers were lost */
	d->ctx.response = false;
	dissect_pair(d, st->asked);
	f = dissect_op(d, h->method);
	f->code = h->size | (h->fields < 127 ? h->fields : 127u) << 24 |
	    (h->illegal || (h->chunked && h->has_length) ? 1u << 31 : 0);
	say_url(f, h);
	dissect_remember(d, (struct ask){ .pair = st->asked, .op = h->method });
	say_action(d, h);
	dissect_ident(d, TRAIT_APPLICATION, h->agent);
	say_system(d, h->agent);
	if (h->auth.n > 0)
		say_login(d, h->method, h->auth);
}

/* RFC 9110, 15: an unknown status is taken as the x00 of its class. */
static uint32_t
status_op(const struct dissect *d, uint32_t status)
{
	return proto_op_find(d->proto, status) != NULL ? status
						       : status / 100 * 100;
}

static void
say_response(struct dissect *d, struct state *st, const struct head *h)
{
	uint32_t op = status_op(d, h->status);
	uint8_t raw[1024];
	struct fact *f;

	d->ctx.response = true;
	if (st->answered != st->asked) {
		dissect_pair(d, st->answered + 1);
		if (h->status >= 200)
			(void)dissect_recall(d, st->answered + 1);
	} else {
		d->ctx.flags |= FACT_UNSOLICITED;
	}
	f = h->status >= 400 ? dissect_error(d, op, h->status)
			     : dissect_op(d, op);
	fact_text(f, h->type);
	dissect_ident(d, TRAIT_APPLICATION, h->server);
	if (text_starts(h->offer, "ntlm ") ||
	    text_starts(h->offer, "negotiate "))
		ntlmssp_say(d, op,
		    text_base64(span_from(h->offer,
				    span_find(h->offer, ' ') + 1),
			raw, sizeof(raw)));
}

/* --------------------------------------------------------------- messages */

/*
 * Number of the file that a body is: the pair of an answer, and of a request
 * with the top bit set.
 */
#define BODY_OF_REQUEST 0x80000000u

static uint32_t
body_id(const struct head *h, const struct state *st)
{
	return h->status == 0           ? st->asked | BODY_OF_REQUEST
	    : st->answered != st->asked ? st->answered + 1
					: st->answered;
}

/* Length of the data of a chunk, and where it begins. */
static uint32_t
chunk_data(struct span s, uint32_t *ret_at)
{
	uint32_t size = 0;

	for (uint32_t i = 0; i < s.n && i < 8 && hex_digit(s.p[i]) < 16; i++)
		size = size << 4 | hex_digit(s.p[i]);
	*ret_at = span_find(s, '\n') + 1;
	return size;
}

/* One chunk: its data is the next part of the body. */
static void
chunk_content(struct dissect *d, struct state *st, struct span s)
{
	uint32_t at, size = chunk_data(s, &at);
	struct span data = span_first(span_from(s, at), size);

	if (size == 0) {
		dissect_content_end(d, st->body[d->to_server]);
		return;
	}
	dissect_content(d, st->body[d->to_server], st->at[d->to_server], 0,
	    data, size - data.n);
	st->at[d->to_server] += size;
}

/* A body, or the beginning of one. */
static void
body_content(struct dissect *d, struct state *st, const struct head *h,
    const struct rd *r)
{
	struct span s = rd_ahead(r, rd_have(r));

	if (!h->chunked) {
		dissect_content_ahead(d, st->body[d->to_server], 0, rd_left(r),
		    r);
		return;
	}
	for (uint32_t i = 0; i < CHUNKS_MAX && s.n > 0; i++) {
		bool last = false;
		uint32_t n = chunk_length(s, &last);

		if (n == FRAME_NEED_MORE || n == FRAME_NOT_MINE)
			return;
		chunk_content(d, st, span_first(s, n));
		s = span_from(s, n);
	}
}

/* What follows a header whose body is not part of the message. */
static uint8_t
mode_after(const struct head *h, const struct state *st, uint32_t left)
{
	if (left > h->size || !has_body(h, st))
		return MODE_HEAD;
	if (h->chunked)
		return MODE_CHUNKS;
	return h->has_length ? MODE_HEAD : MODE_CLOSE;
}

static void
parse_head(struct rd *r, struct dissect *d, const struct head *h)
{
	struct state *st = d->state;
	bool connected = h->status >= 200 && h->status < 300 &&
	    st->answered != st->asked &&
	    (st->connects & request_bit(st->answered)) != 0;

	st->mode[d->to_server] = mode_after(h, st, rd_left(r));
	rd_skip(r, h->size);
	if (h->status == 0) {
		say_request(d, st, h);
		dissect_content_name(d, st->asked, h->target, h->host);
	}
	st->body[d->to_server] = body_id(h, st);
	st->at[d->to_server] = 0;
	if (rd_more(r))
		body_content(d, st, h, r);
	if (h->status != 0)
		say_response(d, st, h);
	if (h->status == 101 || connected)
		st->mode[0] = st->mode[1] = MODE_TUNNEL;
	if (h->status >= 200 && st->answered != st->asked)
		st->answered++;
	rd_opaque_rest(r);
}

static void
parse_chunk(struct rd *r, struct dissect *d, struct state *st)
{
	struct span all = rd_ahead(r, rd_have(r)), line = text_rd_line(r);

	if (!rd_ok(r))
		return;
	if (line.n > 0 && hex_digit(line.p[0]) == 0) {
		bool zero = true;

		for (uint32_t i = 0; i < line.n && hex_digit(line.p[i]) < 16;
		     i++)
			zero = zero && line.p[i] == '0';
		if (zero)
			st->mode[d->to_server] = MODE_HEAD;
	}
	chunk_content(d, st, all);
	rd_opaque_rest(r);
}

static void
http_parse(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;
	uint32_t mode = st->mode[d->to_server];
	struct span s = rd_ahead(r, rd_have(r));
	struct head h;

	if (mode == MODE_TUNNEL) {
		rd_opaque_rest(r);
		return;
	}
	if (read_head(s, &h) && h.size > 0) {
		parse_head(r, d, &h);
		return;
	}
	if (mode == MODE_CHUNKS) {
		parse_chunk(r, d, st);
		return;
	}
	if (mode == MODE_CLOSE) {
		dissect_content_ahead(d, st->body[d->to_server],
		    st->at[d->to_server], 0, r);
		st->at[d->to_server] += rd_left(r);
		rd_opaque_rest(r);
		return;
	}
	rd_require(r, rd_have(r) < rd_left(r), "no start line or header end");
	rd_span(r, rd_left(r));
}

const struct proto proto_http = {
	.name = "http",
	.title = "Hypertext Transfer Protocol",
	.spec = "RFC 9110, RFC 9112, RFC 4918",
	.depth = "methods, status, URL, programs, logins; bodies are counted",
	.slot = PROTO_SLOT,
	.tcp = { 80, 8080, 8000, 3128, 8008, 8088, 5985, 1880 },
	.client_role = ROLE_UNKNOWN,
	.server_role = ROLE_UNKNOWN,
	.claim = http_claim,
	.way = http_way,
	.frame = http_frame,
	.frame_min = 5,
	.parse = http_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct state),
};
