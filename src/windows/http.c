/* http.c - see http.h. */
#include "http.h"

#include <stdio.h>

#include "../base/hex.h"

static void
put(struct wr *w, const char *text)
{
	wr_bytes(w, text, (uint32_t)strlen(text));
}

void
http_put(struct wr *w, const struct http_post *p)
{
	char length[32];

	(void)snprintf(length, sizeof(length), "%u", p->body.n);
	put(w, "POST /wsman HTTP/1.1\r\nHost: ");
	put(w, p->host);
	put(w, "\r\nUser-Agent: Sightglass\r\nContent-Type: ");
	put(w, p->type);
	put(w, "\r\nContent-Length: ");
	put(w, length);
	if (p->identify)
		put(w, "\r\nWSMANIDENTIFY: unauthenticated");
	if (p->masked) {
		put(w, "\r\nAuthorization: masked");
	} else if (p->token != NULL) {
		put(w, "\r\nAuthorization: Negotiate ");
		put(w, p->token);
	}
	put(w, "\r\n\r\n");
	wr_bytes(w, p->body.p, p->body.n);
}

/* ---------------------------------------------------------------- the answer
 */

struct reading {
	struct http_answer *a;
	bool chunked, has_length;
	uint32_t content;
	const char *why;
};

static bool
odd(struct reading *r, const char *why)
{
	r->why = why;
	return false;
}

static int
is_odd(struct reading *r, const char *why)
{
	r->why = why;
	return -1;
}

/* A line without its end; false: it has none yet. */
static bool
take_line(struct span *s, struct span *ret)
{
	uint32_t n = span_find(*s, '\n');

	if (n == s->n)
		return false;
	*ret = span_first(*s, n > 0 && s->p[n - 1] == '\r' ? n - 1 : n);
	*s = span_from(*s, n + 1);
	return true;
}

static uint8_t
lower(uint8_t c)
{
	return (uint8_t)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static bool
is_alike(struct span s, const char *word)
{
	uint32_t n = (uint32_t)strlen(word);

	for (uint32_t i = 0; i < n; i++)
		if (i >= s.n || lower(s.p[i]) != (uint8_t)word[i])
			return false;
	return true;
}

static struct span
trimmed(struct span s)
{
	while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = span_from(s, 1);
	while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

static bool
number(struct span s, uint32_t base, uint32_t *ret)
{
	uint32_t v = 0, i = 0;

	for (; i < s.n; i++) {
		uint32_t d = hex_digit(s.p[i]);

		if (d >= base)
			break;
		v = v * base + d;
		if (v > HTTP_BODY)
			return false;
	}
	*ret = v;
	return i > 0 && (i == s.n || s.p[i] == ';');
}

static void
take_negotiate(struct http_answer *a, struct span value)
{
	struct span token = trimmed(span_from(value, 9));

	if (!is_alike(value, "negotiate") ||
	    (value.n > 9 && value.p[9] != ' ' && value.p[9] != ','))
		return;
	a->negotiate = true;
	token = span_first(token, span_find(token, ','));
	if (token.n < sizeof(a->token) && token.n > 0)
		(void)snprintf(a->token, sizeof(a->token), "%.*s", (int)token.n,
		    (const char *)token.p);
}

static bool
field(struct reading *r, struct span line)
{
	uint32_t colon = span_find(line, ':');
	struct span value = trimmed(span_from(line, colon + 1));

	if (colon == line.n)
		return odd(r, "a line of its head is none");
	if (is_alike(line, "content-length:")) {
		r->has_length = true;
		return number(value, 10, &r->content) ||
		    odd(r, "its length is too much, or none");
	}
	if (is_alike(line, "transfer-encoding:"))
		r->chunked = is_alike(value, "chunked");
	else if (is_alike(line, "connection:"))
		r->a->closes = is_alike(value, "close");
	else if (is_alike(line, "content-type:"))
		r->a->sealed = is_alike(value, "multipart/encrypted");
	else if (is_alike(line, "www-authenticate:"))
		take_negotiate(r->a, value);
	return true;
}

static bool
first_line(struct reading *r, struct span line)
{
	if (!is_alike(line, "http/1.") || line.n < 12 ||
	    !number(SPAN(line.p + 9, 3), 10, &r->a->status))
		return odd(r, "no answer of HTTP");
	return true;
}

/* 1: all of it, *rest is what follows; 0: not yet; -1: odd. */
static int
read_head(struct reading *r, struct span *rest)
{
	struct span line;
	uint32_t whole = rest->n;

	if (!take_line(rest, &line))
		return whole > HTTP_HEAD ? is_odd(r, "its head does not end")
					 : 0;
	if (!first_line(r, line))
		return -1;
	while (take_line(rest, &line)) {
		if (line.n == 0) {
			r->a->head = whole - rest->n;
			return 1;
		}
		if (!field(r, line))
			return -1;
		if (whole - rest->n > HTTP_HEAD)
			return is_odd(r, "its head does not end");
	}
	return whole > HTTP_HEAD ? is_odd(r, "its head does not end") : 0;
}

/* The same of the chunks; they are copied into room. */
static int
read_chunks(struct reading *r, struct span *rest, uint8_t *room)
{
	struct span line;
	uint32_t n = 0, size;

	while (take_line(rest, &line)) {
		if (!number(trimmed(line), 16, &size) || size > HTTP_BODY - n)
			return is_odd(r, "a chunk is too long, or none");
		if (rest->n < size + 2)
			return 0;
		if (size > 0)
			memcpy(room + n, rest->p, size);
		n += size;
		*rest = span_from(*rest, size);
		if (!take_line(rest, &line))
			return 0;
		if (line.n > 0)
			return is_odd(r, "a chunk is longer than it says");
		if (size == 0) {
			r->a->body = SPAN(room, n);
			return 1;
		}
	}
	return rest->n > 64 ? is_odd(r, "no length of a chunk") : 0;
}

static int
read_body(struct reading *r, struct span *rest, bool closed, uint8_t *room)
{
	uint32_t n = r->has_length ? r->content : closed ? rest->n : 0;

	if (r->chunked)
		return read_chunks(r, rest, room);
	if (!r->has_length && !closed && r->a->status != 204)
		return rest->n > HTTP_BODY ? is_odd(r, "too long") : 0;
	if (rest->n < n)
		return 0;
	if (n > HTTP_BODY)
		return is_odd(r, "too long");
	if (n > 0)
		memcpy(room, rest->p, n);
	r->a->body = SPAN(room, n);
	*rest = span_from(*rest, n);
	return 1;
}

enum http_is
http_read(struct span s, bool closed, uint8_t *room, struct http_answer *ret,
    const char **ret_why)
{
	struct reading r = { .a = ret, .why = "it hung up" };
	struct span rest = s;
	int is;

	*ret = (struct http_answer){ .status = 0 };
	is = read_head(&r, &rest);
	if (is > 0)
		is = read_body(&r, &rest, closed, room);
	*ret_why = r.why;
	if (is > 0) {
		ret->length = s.n - rest.n;
		return HTTP_WHOLE;
	}
	return is < 0 || closed ? HTTP_ODD : HTTP_MORE;
}
