/*
 * ldap.c - messages of LDAP (RFC 4511, section 4; X.690).
 *
 *	SEQUENCE { messageID INTEGER, protocolOp [APPLICATION n] ...,
 *	    [0] controls }
 */
#include "ldap.h"

#include <stdio.h>
#include <strings.h>

#include "../proto/ber.h"

#define START_TLS "1.3.6.1.4.1.1466.20037"

enum {
	TAG_BOOLEAN = 0x01,
	TAG_INTEGER = 0x02,
	TAG_STRING = 0x04,
	TAG_ENUM = 0x0a,
	TAG_SEQUENCE = 0x30,
	OP_BIND = 0x60,
	OP_UNBIND = 0x42,
	OP_SEARCH = 0x63,
	OP_EXTENDED = 0x77,
	FILTER_OR = 0xa1,
	FILTER_EQUAL = 0xa3,
	FILTER_RULE = 0xa9,
	CONTEXT_0 = 0x80,
	CONTEXT_1 = 0x81,
	CONTEXT_2 = 0x82,
	CONTEXT_3 = 0x83,
};

/* ----------------------------------------------------------------- writing */

static void
begin(struct ldap_put *p)
{
	p->at = sizeof(p->p);
	p->full = false;
}

static void
put_bytes(struct ldap_put *p, const void *bytes, size_t n)
{
	if (n > p->at) {
		p->full = true;
		return;
	}
	p->at -= (uint32_t)n;
	if (n > 0)
		memcpy(p->p + p->at, bytes, n);
}

static void
put_byte(struct ldap_put *p, uint32_t b)
{
	const uint8_t byte = (uint8_t)b;

	put_bytes(p, &byte, 1);
}

/* Tag and length in front of all that was written since `end`. */
static void
put_head(struct ldap_put *p, uint32_t tag, uint32_t end)
{
	uint32_t n = end - p->at, octets = 0;

	if (n < 0x80) {
		put_byte(p, n);
	} else {
		for (; n > 0; n >>= 8, octets++)
			put_byte(p, n & 0xff);
		put_byte(p, 0x80 | octets);
	}
	put_byte(p, tag);
}

static void
put_text(struct ldap_put *p, uint32_t tag, const char *text)
{
	uint32_t end = p->at;

	put_bytes(p, text, strlen(text));
	put_head(p, tag, end);
}

/* Not negative, below 2^31. */
static void
put_number(struct ldap_put *p, uint32_t tag, uint32_t n)
{
	uint32_t end = p->at;

	do {
		put_byte(p, n & 0xff);
		n >>= 8;
	} while (n > 0);
	if (p->at < sizeof(p->p) && (p->p[p->at] & 0x80) != 0)
		put_byte(p, 0);
	put_head(p, tag, end);
}

static void
put_message(struct ldap_put *p, uint32_t id)
{
	put_number(p, TAG_INTEGER, id);
	put_head(p, TAG_SEQUENCE, sizeof(p->p));
}

void
ldap_bind(struct ldap_put *p, uint32_t id, const char *name,
    const char *password)
{
	begin(p);
	put_text(p, CONTEXT_0, password);
	put_text(p, TAG_STRING, name);
	put_number(p, TAG_INTEGER, 3); /* the version */
	put_head(p, OP_BIND, sizeof(p->p));
	put_message(p, id);
}

void
ldap_start_tls(struct ldap_put *p, uint32_t id)
{
	begin(p);
	put_text(p, CONTEXT_0, START_TLS);
	put_head(p, OP_EXTENDED, sizeof(p->p));
	put_message(p, id);
}

void
ldap_unbind(struct ldap_put *p, uint32_t id)
{
	begin(p);
	put_head(p, OP_UNBIND, sizeof(p->p));
	put_message(p, id);
}

static void
put_filter(struct ldap_put *p, const struct ldap_search *s)
{
	uint32_t all = p->at;

	for (uint32_t i = s->n; i > 0; i--) {
		uint32_t end = p->at;

		if (s->rule != NULL) {
			put_text(p, CONTEXT_3, s->any[i - 1].value);
			put_text(p, CONTEXT_2, s->any[i - 1].attribute);
			put_text(p, CONTEXT_1, s->rule);
			put_head(p, FILTER_RULE, end);
		} else {
			put_text(p, TAG_STRING, s->any[i - 1].value);
			put_text(p, TAG_STRING, s->any[i - 1].attribute);
			put_head(p, FILTER_EQUAL, end);
		}
	}
	if (s->n > 1)
		put_head(p, FILTER_OR, all);
}

void
ldap_find(struct ldap_put *p, uint32_t id, const struct ldap_search *s)
{
	uint32_t n = 0;

	begin(p);
	while (n < sizeof(s->wanted) / sizeof(s->wanted[0]) &&
	    s->wanted[n] != NULL)
		n++;
	while (n > 0)
		put_text(p, TAG_STRING, s->wanted[--n]);
	put_head(p, TAG_SEQUENCE, sizeof(p->p));
	put_filter(p, s);
	put_number(p, TAG_BOOLEAN, 0); /* values, too */
	put_number(p, TAG_INTEGER, 30); /* seconds; we end before */
	put_number(p, TAG_INTEGER, s->most);
	put_number(p, TAG_ENUM, 0); /* aliases are not followed */
	put_number(p, TAG_ENUM, s->scope);
	put_text(p, TAG_STRING, s->base);
	put_head(p, OP_SEARCH, sizeof(p->p));
	put_message(p, id);
}

/* ----------------------------------------------------------------- reading */

bool
ldap_text(struct span s, char *dst, uint32_t cap)
{
	dst[0] = '\0';
	if (s.n >= cap || (s.n > 0 && memchr(s.p, '\0', s.n) != NULL))
		return false;
	if (s.n > 0)
		memcpy(dst, s.p, s.n);
	dst[s.n] = '\0';
	return true;
}

/* For people: what a server says is not to move cursors or break lines. */
static void
plain_text(struct span s, char dst[static LDAP_TEXT])
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s.n && n < LDAP_TEXT - 1; i++)
		if (s.p[i] != '\0')
			dst[n++] = s.p[i] >= 0x20 && s.p[i] < 0x7f
			    ? (char)s.p[i]
			    : '?';
	dst[n] = '\0';
}

/* resultCode, matchedDN, diagnosticMessage ... */
static void
read_result(struct rd *r, struct ldap_message *ret)
{
	struct ber code = ber_next(r), matched, text;
	uint64_t n = ber_uint(&code);

	rd_require(r, code.tag == BER_ENUMERATED && n < 0x10000,
	    "result without its code");
	ret->code = (uint32_t)n;
	matched = ber_next(r);
	text = ber_next(r);
	rd_require(r,
	    matched.tag == BER_OCTET_STRING && text.tag == BER_OCTET_STRING,
	    "result without its text");
	plain_text(ber_span(&text), ret->text);
}

static void
read_op(struct rd *r, struct ldap_message *ret)
{
	struct ber op = ber_next(r), dn, attributes;

	switch (op.tag) {
	case BER_APPLICATION(1):
		ret->is = LDAP_BOUND;
		read_result(&op.in, ret);
		break;
	case BER_APPLICATION(4):
		ret->is = LDAP_ENTRY;
		dn = ber_next(&op.in);
		attributes = ber_next(&op.in);
		rd_require(r,
		    dn.tag == BER_OCTET_STRING &&
			attributes.tag == BER_SEQUENCE,
		    "entry without its name");
		ret->dn = ber_span(&dn);
		ret->attributes = ber_span(&attributes);
		break;
	case BER_APPLICATION(5):
		ret->is = LDAP_DONE;
		read_result(&op.in, ret);
		break;
	case BER_APPLICATION(19):
		ret->is = LDAP_REFERENCE;
		break;
	case BER_APPLICATION(24):
		ret->is = LDAP_EXTENDED;
		read_result(&op.in, ret);
		break;
	default:
		break;
	}
}

/* The length of the whole, from its first bytes: definite only (5.1). */
static enum ldap_read
whole_length(struct span s, uint32_t *ret)
{
	uint32_t n, octets;

	if (s.n < 2)
		return LDAP_MORE;
	if (s.p[0] != TAG_SEQUENCE || s.p[1] == 0x80)
		return LDAP_BAD;
	if (s.p[1] < 0x80) {
		*ret = 2u + s.p[1];
		return s.n >= *ret ? LDAP_WHOLE : LDAP_MORE;
	}
	octets = s.p[1] & 0x7f;
	if (octets > 4)
		return LDAP_BAD;
	if (s.n < 2 + octets)
		return LDAP_MORE;
	n = (uint32_t)ber_uint_of(SPAN(s.p + 2, octets));
	if (n > LDAP_MOST - 2 - octets)
		return LDAP_BAD;
	*ret = 2 + octets + n;
	return s.n >= *ret ? LDAP_WHOLE : LDAP_MORE;
}

enum ldap_read
ldap_read(struct span s, struct ldap_message *ret, uint32_t *ret_n)
{
	enum ldap_read whole = whole_length(s, ret_n);
	struct rd_state state;
	struct ber id;
	struct rd r, in;

	*ret = (struct ldap_message){ .is = LDAP_OTHER };
	if (whole != LDAP_WHOLE)
		return whole;
	r = rd_open(&state, span_first(s, *ret_n), *ret_n);
	in = ber_enter(&r, BER_SEQUENCE, "no message");
	id = ber_next(&in);
	rd_require(&r, id.tag == BER_INTEGER && rd_left(&id.in) <= 4,
	    "message without its number");
	ret->id = (uint32_t)ber_uint(&id);
	read_op(&in, ret);
	return rd_ok(&r) ? LDAP_WHOLE : LDAP_BAD;
}

static bool
is_named(struct span s, const char *name)
{
	return s.n == strlen(name) &&
	    strncasecmp((const char *)s.p, name, s.n) == 0;
}

bool
ldap_values(const struct ldap_message *m, const char *attribute,
    void (*each)(void *ctx, struct span value), void *ctx)
{
	struct rd_state state;
	struct rd r = rd_open(&state, m->attributes, m->attributes.n);
	uint32_t n = 0;

	while (rd_more(&r)) {
		struct rd one = ber_enter(&r, BER_SEQUENCE, "no attribute");
		struct ber type = ber_next(&one);
		struct span name = ber_span(&type);
		struct rd values = ber_enter(&one, BER_SET, "no values");

		while (rd_more(&values) && n < LDAP_VALUES) {
			struct ber v = ber_next(&values);
			struct span s = ber_span(&v);

			if (!rd_ok(&r) || !is_named(name, attribute))
				continue;
			n++;
			each(ctx, s);
		}
	}
	return rd_ok(&r);
}

const char *
ldap_code_text(uint32_t code)
{
	static const struct {
		uint32_t code;
		const char *text;
	} rows[] = { { 1, "operations error: it may want a bind first" },
		{ LDAP_TIME_LIMIT, "took longer than it allows" },
		{ LDAP_SIZE_LIMIT, "more entries than asked for" },
		{ 7, "does not know simple binds" },
		{ 8, "wants a protected connection" },
		{ 10, "refers to another server" },
		{ 13, "wants a protected connection" },
		{ LDAP_NO_SUCH_OBJECT, "there is no such entry" },
		{ LDAP_INVALID_DN, "this is no DN" },
		{ LDAP_INAPPROPRIATE, "this account has no password" },
		{ LDAP_INVALID_CREDENTIALS, "the password is wrong" },
		{ 50, "may not be read by this account" }, { 51, "is busy" },
		{ 52, "is not available" }, { 53, "is not willing" } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].code == code)
			return rows[i].text;
	return "it failed";
}
