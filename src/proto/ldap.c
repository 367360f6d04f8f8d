/*
 * ldap.c - Lightweight Directory Access Protocol, and CLDAP over UDP.
 *
 * RFC 4511, clause 4; SASL RFC 4513; what domain controllers tell about
 * themselves [MS-ADTS] 6.3.
 *
 *	SEQUENCE { message INTEGER, operation [APPLICATION n], controls [0] }
 *	after a SASL login with its own protection: length be32, secret
 *
 * Op is the number of the operation's tag.  The object is what is searched,
 * changed or who logs in, by name.  Pair: the message identifier.
 */
#include "ber.h"
#include "ntlmssp.h"
#include "say.h"
#include "text.h"
#include "tls.h"

#define PORT 389u
#define LENGTH_MAX (1u << 24)

enum op {
	O_BIND = 0,
	O_BIND_RESPONSE = 1,
	O_UNBIND = 2,
	O_SEARCH = 3,
	O_ENTRY = 4,
	O_DONE = 5,
	O_EXTENDED = 23,
	O_EXTENDED_RESPONSE = 24,
};

struct state {
	struct tls_state tls; /* first: proto_tls works on it */
	bool wants_tls, is_tls;
};

static const struct proto_op ops[] = {
	{ O_BIND, FACT_LOGIN, RISK_NONE, "bind" },
	{ O_BIND_RESPONSE, FACT_LOGIN, RISK_NONE, "bind response" },
	{ O_UNBIND, FACT_SESSION, RISK_NONE, "unbind" },
	{ O_SEARCH, FACT_DISCOVER, RISK_NONE, "search" },
	{ O_ENTRY, FACT_REPORT, RISK_NONE, "search entry" },
	{ O_DONE, FACT_REPORT, RISK_NONE, "search done" },
	{ 6, FACT_CONFIG, RISK_SECURITY, "modify" },
	{ 7, FACT_REPORT, RISK_NONE, "modify response" },
	{ 8, FACT_CONFIG, RISK_SECURITY, "add" },
	{ 9, FACT_REPORT, RISK_NONE, "add response" },
	{ 10, FACT_CONFIG, RISK_SECURITY, "delete" },
	{ 11, FACT_REPORT, RISK_NONE, "delete response" },
	{ 12, FACT_CONFIG, RISK_SECURITY, "rename" },
	{ 13, FACT_REPORT, RISK_NONE, "rename response" },
	{ 14, FACT_DISCOVER, RISK_NONE, "compare" },
	{ 15, FACT_REPORT, RISK_NONE, "compare response" },
	{ 16, FACT_SESSION, RISK_NONE, "abandon" },
	{ 19, FACT_REPORT, RISK_NONE, "search reference" },
	{ O_EXTENDED, FACT_SESSION, RISK_NONE, "extended" },
	{ O_EXTENDED_RESPONSE, FACT_REPORT, RISK_NONE, "extended response" },
	{ 25, FACT_REPORT, RISK_NONE, "intermediate response" },
};

static bool
is_response(uint32_t op)
{
	return op == 1 || op == 4 || op == 5 || op == 7 || op == 9 ||
	    op == 11 || op == 13 || op == 15 || op == 19 || op == 24 ||
	    op == 25;
}

/* Length of a definite form, and in *ret_head of its tag and length. */
static uint32_t
element_length(struct span s, uint32_t *ret_head)
{
	uint32_t k = s.n >= 2 ? s.p[1] & 0x7f : 0, n = 0;

	if (s.n < 2)
		return FRAME_NEED_MORE;
	if (s.p[1] < 0x80) {
		*ret_head = 2;
		return 2u + s.p[1];
	}
	if (k == 0 || k > 4)
		return FRAME_NOT_MINE;
	if (s.n < 2 + k)
		return FRAME_NEED_MORE;
	for (uint32_t i = 0; i < k; i++)
		n = n << 8 | s.p[2 + i];
	*ret_head = 2 + k;
	return n < LENGTH_MAX ? 2 + k + n : FRAME_NOT_MINE;
}

static uint32_t
ldap_frame(struct span s, const struct dissect *d)
{
	const struct state *st = d->state;
	uint32_t head, n;

	if (st->is_tls)
		return tls_record_length(s);
	if (s.p[0] == 0x30)
		return element_length(s, &head);
	if (d->via == VIA_UDP || s.p[0] != 0)
		return FRAME_NOT_MINE;
	n = (uint32_t)s.p[1] << 16 | (uint32_t)s.p[2] << 8 | s.p[3];
	return n >= 16 ? n + 4 : FRAME_NOT_MINE;
}

/* Sequence, short integer, operation with a tag of the table. */
static enum claim
ldap_claim(struct span s, const struct dissect *d)
{
	uint32_t head = 0, at, tag;
	bool ours = say_on_port(d, PORT) || say_on_port(d, 3268);

	if (s.n < 7)
		return CLAIM_NO;
	if (ours && s.p[0] != 0x30)
		return d->via == VIA_TCP ? CLAIM_WEAK : CLAIM_NO;
	if (s.p[0] != 0x30 || element_length(s, &head) == FRAME_NOT_MINE ||
	    head + 3 > s.n || s.p[head] != 2 || s.p[head + 1] > 4)
		return CLAIM_NO;
	at = head + 2 + s.p[head + 1];
	if (at + 2 > s.n || s.p[at] >> 6 != 1 || (s.p[at] & 0x1f) > 25)
		return ours ? CLAIM_WEAK : CLAIM_NO;
	tag = s.p[at];
	/* bind: version 3, a name */
	if (tag == 0x60 && span_from(s, at).n > 8 &&
	    element_length(span_from(s, at), &head) != FRAME_NOT_MINE &&
	    at + head + 4 < s.n &&
	    memcmp(s.p + at + head, "\x02\x01\x03\x04", 4) == 0)
		return CLAIM_STRONG;
	return ours || tag == 0x63 || tag == 0x65 || tag == 0x64 ? CLAIM_WEAK
								 : CLAIM_NO;
}

static enum way
ldap_way(struct span s)
{
	uint32_t head = 0, at;

	if (s.n < 7 || s.p[0] != 0x30 ||
	    element_length(s, &head) == FRAME_NOT_MINE || head + 3 > s.n)
		return WAY_UNKNOWN;
	at = head + 2 + s.p[head + 1];
	if (at >= s.n || s.p[at] >> 6 != 1)
		return WAY_UNKNOWN;
	return is_response(s.p[at] & 0x1f) ? WAY_RESPONSE : WAY_REQUEST;
}

/* ------------------------------------------------------------- requests */

static struct span
string(struct rd *r)
{
	struct ber e = ber_next(r);

	return ber_span(&e);
}

/* Version, name, then [0] a password or [3] mechanism and credentials. */
static void
bind(struct rd *r, struct dissect *d)
{
	struct fact *f = dissect_op(d, O_BIND);
	struct span name, secret;
	struct ber e;

	(void)string(r);
	name = string(r);
	e = ber_next(r);
	if (!rd_ok(r))
		return;
	say_named(f, name.n > 0 ? name : SPAN_LIT("anonymous"));
	if (e.tag == BER_CONTEXT(0)) {
		secret = ber_span(&e);
		if (secret.n == 0)
			return;
		dissect_content_login(d, d->ctx.pair, name, secret);
		(void)dissect_ident_about(d, ABOUT_RECEIVER, TRAIT_SECURITY,
		    SPAN_LIT("LDAP login without encryption"));
	} else if (e.tag == BER_CONTEXT(3)) {
		secret = string(&e.in);
		say_text(d, O_BIND, "mechanism", secret);
		if (rd_more(&e.in))
			ntlmssp_say(d, O_BIND, string(&e.in));
	}
}

/* Of the filter's comparisons, those that tell who asks ([MS-ADTS] 6.3.3). */
static void
filter(struct rd *r, struct dissect *d, uint32_t depth)
{
	while (rd_more(r)) {
		struct ber e = ber_next(r);
		struct span name, value;

		if (e.tag == BER_CONTEXT(3)) {
			name = string(&e.in);
			value = string(&e.in);
			if (text_is(name, "host"))
				dissect_ident(d, TRAIT_NAME, value);
			else if (text_is(name, "user"))
				say_text(d, O_SEARCH, "user", value);
			else if (text_is(name, "dnsdomain"))
				say_text(d, O_SEARCH, "domain", value);
		} else if ((e.tag == BER_CONTEXT(0) ||
			       e.tag == BER_CONTEXT(1)) &&
		    depth < 3) {
			filter(&e.in, d, depth + 1);
		}
		rd_skip_rest(&e.in);
	}
}

static void
search(struct rd *r, struct dissect *d)
{
	struct fact *f = dissect_op(d, O_SEARCH);
	struct ber e;

	say_named(f, string(r));
	for (uint32_t i = 0; i < 5; i++)
		(void)string(r); /* scope, aliases, limits, types only */
	e = ber_next(r);
	if (e.tag == BER_CONTEXT(0) || e.tag == BER_CONTEXT(1))
		filter(&e.in, d, 0);
	rd_skip_rest(&e.in);
	rd_skip_rest(r);
}

/* ------------------------------------------------------------ answers */

/* A name with DNS's compression, counted from the start of the blob. */
static uint32_t
netlogon_name(struct span blob, uint32_t at, uint8_t *dst, uint32_t *ret_n)
{
	uint32_t end = 0, n = 0;

	for (uint32_t hops = 0; hops < 32 && at < blob.n; hops++) {
		uint32_t size = blob.p[at];

		if (size >= 0xc0 && at + 1 < blob.n) {
			end = end != 0 ? end : at + 2;
			at = (size & 0x3f) << 8 | blob.p[at + 1];
			continue;
		}
		if (size == 0 || size > 63 || size >= blob.n - at) {
			end = end != 0 ? end : at + 1;
			break;
		}
		if (n + size + 1 > 64)
			break;
		if (n > 0)
			dst[n++] = '.';
		memcpy(dst + n, blob.p + at + 1, size);
		n += size;
		at += size + 1;
	}
	*ret_n = n;
	return end;
}

/* NETLOGON_SAM_LOGON_RESPONSE_EX: op 23, flags, GUID; forest, domain, host. */
static void
netlogon(struct dissect *d, struct span blob)
{
	uint8_t name[64];
	uint32_t at = 24, n = 0;

	if (blob.n < 28 || (blob.p[0] != 23 && blob.p[0] != 25))
		return;
	at = netlogon_name(blob, at, name, &n);
	if (at == 0)
		return;
	at = netlogon_name(blob, at, name, &n);
	dissect_ident(d, TRAIT_DOMAIN, SPAN(name, n));
	if (at == 0)
		return;
	(void)netlogon_name(blob, at, name, &n);
	dissect_ident(d, TRAIT_NAME, SPAN(name, n));
	dissect_ident_role(d, ABOUT_SENDER, ROLE_DIRECTORY);
}

static void
entry(struct rd *r, struct dissect *d)
{
	struct fact *f = dissect_op(d, O_ENTRY);
	struct rd list;

	say_named(f, string(r));
	list = ber_enter(r, BER_SEQUENCE, "attributes are a sequence");
	while (rd_more(&list)) {
		struct ber one = ber_next(&list);
		struct span name = string(&one.in), value = { NULL, 0 };
		struct ber set = ber_next(&one.in);

		if (rd_more(&set.in))
			value = string(&set.in);
		rd_skip_rest(&set.in);
		rd_skip_rest(&one.in);
		if (text_is(name, "dnshostname"))
			dissect_ident(d, TRAIT_NAME, value);
		else if (text_is(name, "netlogon"))
			netlogon(d, value);
		else if (text_is(name, "vendorname"))
			dissect_ident(d, TRAIT_VENDOR, value);
	}
}

static void
result(struct rd *r, struct dissect *d, uint32_t op)
{
	struct state *st = d->state;
	struct ber code = ber_next(r);
	uint64_t v = ber_uint(&code);

	if (!rd_ok(r))
		return;
	if (op != O_ENTRY && op != 19)
		(void)dissect_recall(d, d->ctx.pair);
	if (v != 0 && v != 14 && v != 10 && v != 5 && v != 6)
		(void)dissect_error(d, op, (uint32_t)v);
	else
		(void)dissect_op(d, op);
	(void)string(r);
	(void)string(r);
	while (op == O_BIND_RESPONSE && rd_more(r)) {
		struct ber e = ber_next(r);

		if (e.tag == BER_CONTEXT(7))
			ntlmssp_say(d, op, ber_span(&e));
		rd_skip_rest(&e.in);
	}
	if (op == O_EXTENDED_RESPONSE)
		st->is_tls = st->wants_tls && v == 0;
	rd_skip_rest(r);
}

static void
extended(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;
	struct fact *f = dissect_op(d, O_EXTENDED);
	struct span oid = string(r);
	char text[64];
	uint32_t n = oid.n < 63 ? oid.n : 63;

	if (!rd_ok(r))
		return;
	memset(text, 0, sizeof(text));
	if (n > 0)
		memcpy(text, oid.p, n);
	f->object = (struct fact_object){ .space = SPACE_OID, .count = 1 };
	fact_text(f, span_text(text));
	st->wants_tls = strcmp(text, "1.3.6.1.4.1.1466.20037") == 0;
	rd_skip_rest(r);
}

static void
request(struct rd *r, struct dissect *d, uint32_t op)
{
	struct fact *f;

	if (op != O_UNBIND && op != 16)
		dissect_remember(d,
		    (struct ask){ .pair = d->ctx.pair, .op = op });
	if (op == O_BIND) {
		bind(r, d);
	} else if (op == O_SEARCH) {
		search(r, d);
	} else if (op == O_EXTENDED) {
		extended(r, d);
	} else {
		f = dissect_op(d, op);
		if (op == 10) /* the name is all of it */
			say_named(f, rd_span_rest(r));
		else if (op == 6 || op == 8 || op == 12 || op == 14)
			say_named(f, string(r));
	}
}

static void
ldap_parse(struct rd *r, struct dissect *d)
{
	const struct state *st = d->state;
	struct span head = rd_ahead(r, 1);
	struct rd body;
	struct ber id, op;
	uint32_t code;

	if (st->is_tls) {
		dissect_inner(d, &proto_tls, r);
		return;
	}
	if (head.n == 1 && head.p[0] != 0x30) {
		rd_secret(r, rd_left(r));
		return;
	}
	body = ber_enter(r, BER_SEQUENCE, "not a sequence");
	id = ber_next(&body);
	dissect_pair(d, (uint32_t)ber_uint(&id));
	op = ber_next(&body);
	rd_require(r, !rd_ok(r) || BER_CLASS(op.tag) == BER_APPLICATION(0),
	    "not an operation");
	code = BER_NUMBER(op.tag);
	if (!rd_ok(r))
		return;
	d->ctx.response = is_response(code);
	if (!d->ctx.response)
		request(&op.in, d, code);
	else if (code == O_ENTRY)
		entry(&op.in, d);
	else if (code == 19 || code == 25)
		(void)dissect_op(d, code);
	else
		result(&op.in, d, code);
	rd_skip_rest(&op.in);
	rd_skip_rest(&body);
	rd_skip_rest(r);
}

const struct proto proto_ldap = {
	.name = "ldap",
	.title = "Lightweight Directory Access Protocol, with CLDAP",
	.spec = "RFC 4511, RFC 4513, [MS-ADTS] 6.3",
	.depth = "all operations; users, names searched and changed, outcome, "
		 "what domain controllers tell; values are counted",
	.slot = PROTO_SLOT,
	.tcp = { PORT, 3268 },
	.udp = { PORT },
	.server_role = ROLE_DIRECTORY,
	.claim = ldap_claim,
	.way = ldap_way,
	.frame = ldap_frame,
	.frame_min = 5,
	.parse = ldap_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct state),
};
