/*
 * tls.c - Transport Layer Security, up to where it becomes secret.
 *
 * SSL 3.0 RFC 6101, TLS 1.0 RFC 2246, 1.1 RFC 4346, 1.2 RFC 5246, 1.3
 * RFC 8446; extensions RFC 6066 (server name), RFC 7301 (ALPN), heartbeat
 * RFC 6520; the SSL 2.0 compatible hello RFC 5246 appendix E.2.
 *
 *	record:     type u8 | version be16 | length be16 | fragment
 *	handshake:  type u8 | length be24 | body	may span records
 *	SSL 2.0:    0x80 | length 15 bits, 1, version be16, ...
 *
 * Op is the handshake type; 0x100 + record type for the other records.
 * A client hello is named after the server it asks for (space name), a server
 * hello after what was agreed on.  Application data and the change of keys say
 * nothing.  After a
 * ChangeCipherSpec the rest of that direction is secret, but for a hello in
 * the clear, which follows a retry.
 */
#include "tls.h"

#include "ja4.h"
#include "proto.h"
#include "tls_ot.h"
#include "x509.h"

enum record {
	R_CHANGE = 20,
	R_ALERT = 21,
	R_HANDSHAKE = 22,
	R_DATA = 23,
	R_HEARTBEAT = 24,
};

enum handshake {
	H_CLIENT_HELLO = 1,
	H_SERVER_HELLO = 2,
	H_CERTIFICATE = 11,
};

#define OP_RECORD 0x100u
#define HANDSHAKE_MAX 0x30000u
#define ASK 1u /* pair of a hello and its answer */

static const struct proto_op ops[] = {
	{ 0, FACT_SESSION, RISK_NONE, "hello request" },
	{ 1, FACT_SESSION, RISK_NONE, "client hello" },
	{ 2, FACT_SESSION, RISK_NONE, "server hello" },
	{ 3, FACT_SESSION, RISK_NONE, "hello verify request" },
	{ 4, FACT_SESSION, RISK_NONE, "new session ticket" },
	{ 5, FACT_SESSION, RISK_NONE, "end of early data" },
	{ 6, FACT_SESSION, RISK_NONE, "hello retry request" },
	{ 8, FACT_SESSION, RISK_NONE, "encrypted extensions" },
	{ 11, FACT_SESSION, RISK_NONE, "certificate" },
	{ 12, FACT_SESSION, RISK_NONE, "server key exchange" },
	{ 13, FACT_SESSION, RISK_NONE, "certificate request" },
	{ 14, FACT_SESSION, RISK_NONE, "server hello done" },
	{ 15, FACT_SESSION, RISK_NONE, "certificate verify" },
	{ 16, FACT_SESSION, RISK_NONE, "client key exchange" },
	{ 20, FACT_SESSION, RISK_NONE, "finished" },
	{ 21, FACT_SESSION, RISK_NONE, "certificate url" },
	{ 22, FACT_SESSION, RISK_NONE, "certificate status" },
	{ 23, FACT_SESSION, RISK_NONE, "supplemental data" },
	{ 24, FACT_SESSION, RISK_NONE, "key update" },
	{ 25, FACT_SESSION, RISK_NONE, "compressed certificate" },
	{ 67, FACT_SESSION, RISK_NONE, "next protocol" },
	{ OP_RECORD + R_ALERT, FACT_SESSION, RISK_NONE, "alert" },
	{ OP_RECORD + R_HEARTBEAT, FACT_DIAGNOSE, RISK_NONE, "heartbeat" },
};

/* ---------------------------------------------------------------- framing */

static bool
is_old_hello(struct span s)
{
	return s.n >= 11 && (s.p[0] & 0x80) != 0 && s.p[2] == 1 &&
	    ((s.p[3] == 0 && s.p[4] == 2) || (s.p[3] == 3 && s.p[4] <= 3)) &&
	    ((uint32_t)(s.p[0] & 0x7f) << 8 | s.p[1]) ==
	    9u + ((uint32_t)s.p[5] << 8 | s.p[6]) +
		((uint32_t)s.p[7] << 8 | s.p[8]) +
		((uint32_t)s.p[9] << 8 | s.p[10]);
}

static uint32_t
tls_frame(struct span s, const struct dissect *d)
{
	(void)d;
	if (s.n >= 1 && (s.p[0] & 0x80) != 0) {
		if (s.n < 11)
			return FRAME_NEED_MORE;
		return is_old_hello(s)
		    ? 2 + ((uint32_t)(s.p[0] & 0x7f) << 8 | s.p[1])
		    : FRAME_NOT_MINE;
	}
	return tls_record_length(s);
}

static bool
is_hello(struct span s, uint32_t record)
{
	return s.n >= 11 && (s.p[5] == 1 || s.p[5] == 2) && s.p[6] == 0 &&
	    s.p[9] == 3 && s.p[10] <= 4 && record >= 5 + 4 + 38;
}

static enum claim
tls_claim(struct span s, const struct dissect *d)
{
	uint32_t n = tls_frame(s, d), next;

	if (d->via == VIA_UDP || n == FRAME_NOT_MINE || n == FRAME_NEED_MORE)
		return CLAIM_NO;
	if ((s.p[0] & 0x80) != 0 || (s.p[0] == R_HANDSHAKE && is_hello(s, n)))
		return CLAIM_STRONG;
	if (s.p[2] == 4 || (s.p[0] == R_CHANGE && (n != 6 || s.n < 6)))
		return CLAIM_NO;
	next =
	    s.n >= n + 5 ? tls_record_length(span_from(s, n)) : FRAME_NEED_MORE;
	if (next == FRAME_NOT_MINE)
		return CLAIM_NO;
	if (next != FRAME_NEED_MORE)
		return CLAIM_STRONG;
	return n > 5 ? CLAIM_WEAK : CLAIM_NO;
}

static enum way
tls_way(struct span s)
{
	if (is_old_hello(s))
		return WAY_REQUEST;
	if (s.n < 6 || s.p[0] != R_HANDSHAKE)
		return WAY_UNKNOWN;
	return s.p[5] == H_CLIENT_HELLO ? WAY_REQUEST
	    : s.p[5] == H_SERVER_HELLO  ? WAY_RESPONSE
					: WAY_UNKNOWN;
}

/* ----------------------------------------------------------------- hellos */

static const char *
version_name(uint32_t v)
{
	switch (v) {
	case 0x0002:
		return "SSL 2.0";
	case 0x0300:
		return "SSL 3.0";
	case 0x0301:
		return "TLS 1.0";
	case 0x0302:
		return "TLS 1.1";
	case 0x0303:
		return "TLS 1.2";
	case 0x0304:
		return "TLS 1.3";
	}
	return v >> 8 == 0x7f ? "TLS 1.3 draft" : "TLS ?";
}

static void
say_weak(struct dissect *d, uint32_t version, const char *what)
{
	if (version <= 0x0302)
		dissect_identf(d, TRAIT_SECURITY, "%s %s", what,
		    version_name(version));
}

/* What the server chose: of a plant's service always, else when it is weak. */
static void
say_strength(struct dissect *d, uint32_t version, uint32_t cipher)
{
	const char *service = tls_service_name(d);
	enum tls_strength strength = tls_strength_of(cipher);

	if (service != NULL)
		dissect_identf(d, TRAIT_SECURITY, "%s over %s, %s", service,
		    version_name(version), tls_strength_name(strength));
	else if (strength != TLS_ENCRYPTS)
		dissect_identf(d, TRAIT_SECURITY, "accepts TLS %s",
		    tls_strength_name(strength));
}

struct hello {
	struct ja4_hello *ja4; /* NULL: nobody asks */
	struct span name, alpn;
	uint32_t version;
};

static void
read_list16(struct rd *r, struct ja4_list *list)
{
	while (rd_left(r) >= 2) {
		uint32_t v = rd_be16(r);

		if (list != NULL)
			ja4_add(list, v);
	}
	rd_skip_rest(r);
}

static void
read_server_name(struct rd *r, struct hello *h)
{
	struct rd list;

	if (!rd_more(r))
		return; /* a server's confirmation */
	list = rd_sub_be16(r);
	while (rd_more(&list)) {
		uint32_t type = rd_u8(&list);
		struct span name = rd_span(&list, rd_be16(&list));

		if (type == 0 && h->name.n == 0)
			h->name = name;
	}
}

static void
read_alpn(struct rd *r, struct hello *h)
{
	struct rd list = rd_sub_be16(r);

	h->alpn = rd_span(&list, rd_more(&list) ? rd_u8(&list) : 0);
	rd_skip_rest(&list);
}

/* A client offers a list, a server names one. */
static void
read_versions(struct rd *r, struct hello *h, bool client)
{
	struct rd list = client ? rd_sub_u8(r) : rd_sub(r, rd_left(r));
	uint32_t top = 0;

	while (rd_left(&list) >= 2) {
		uint32_t v = rd_be16(&list);

		if (v >= 0xfefc && v <= 0xfeff) /* as DTLS writes them */
			v = v == 0xfefc   ? 0x0304
			    : v == 0xfefd ? 0x0303
					  : 0x0302;
		if (!ja4_is_grease(v) && v >> 8 != 0x7f && v > top)
			top = v;
	}
	if (top != 0)
		h->version = top;
}

static void
read_extension(struct rd *x, uint32_t type, struct hello *h, bool client)
{
	struct rd list;

	switch (type) {
	case 0x0000:
		if (h->ja4 != NULL)
			h->ja4->has_name = true;
		read_server_name(x, h);
		break;
	case 0x000d:
		list = rd_sub_be16(x);
		read_list16(&list, h->ja4 != NULL ? &h->ja4->signatures : NULL);
		break;
	case 0x0010:
		read_alpn(x, h);
		break;
	case 0x002b:
		read_versions(x, h, client);
		break;
	}
	rd_skip_rest(x);
}

static void
read_extensions(struct rd *r, struct hello *h, bool client)
{
	struct rd list;

	if (!rd_more(r))
		return; /* before RFC 3546 there were none */
	list = rd_sub_be16(r);
	while (rd_more(&list)) {
		uint32_t type = rd_be16(&list);
		struct rd x = rd_sub_be16(&list);

		if (h->ja4 != NULL && rd_ok(&list))
			ja4_add(&h->ja4->extensions, type);
		read_extension(&x, type, h, client);
	}
}

static void
say_client_hello(struct dissect *d, struct hello *h)
{
	struct fact *f;
	char text[JA4_TEXT];

	d->ctx.response = false;
	f = dissect_op(d, H_CLIENT_HELLO);
	f->object = (struct fact_object){ .space = SPACE_NAME, .count = 1 };
	fact_text(f, h->name);
	dissect_remember(d, (struct ask){ .pair = ASK, .op = H_CLIENT_HELLO });
	say_weak(d, h->version, "offers at most");
	if (h->ja4 == NULL)
		return;
	h->ja4->alpn = h->alpn;
	h->ja4->version = h->version;
	h->ja4->over = ((const struct tls_state *)d->state)->over;
	if (ja4_text(h->ja4, text))
		dissect_identf(d, TRAIT_FINGERPRINT, "ja4=%s", text);
}

static void
client_hello(struct rd *r, struct dissect *d)
{
	struct ja4_hello ja4;
	struct hello h = { .ja4 = NULL };
	struct rd list;

	if ((d->wanted & FACT_MASK(FACT_IDENT)) != 0) {
		ja4.ciphers.n = ja4.extensions.n = ja4.signatures.n = 0;
		ja4.has_name = false;
		h.ja4 = &ja4;
	}
	h.version = rd_be16(r);
	rd_skip(r, 32);
	rd_skip(r, rd_u8(r));
	list = rd_sub_be16(r);
	read_list16(&list, h.ja4 != NULL ? &ja4.ciphers : NULL);
	rd_skip(r, rd_u8(r)); /* compression methods */
	read_extensions(r, &h, true);
	if (rd_ok(r))
		say_client_hello(d, &h);
	else
		(void)dissect_op(d, H_CLIENT_HELLO);
}

static void
server_hello(struct rd *r, struct dissect *d)
{
	struct tls_state *st = d->state;
	struct hello h = { .version = rd_be16(r) };
	struct ja4_hello ja4;
	char text[JA4_TEXT];
	uint32_t cipher;
	struct fact *f;

	ja4.extensions.n = ja4.signatures.n = 0;
	if ((d->wanted & FACT_MASK(FACT_IDENT)) != 0)
		h.ja4 = &ja4;
	d->ctx.response = true;
	rd_skip(r, 32);
	if (h.version >> 8 != 0x7f) /* early drafts had no session */
		rd_skip(r, rd_u8(r));
	cipher = rd_be16(r);
	if (h.version >> 8 != 0x7f)
		rd_skip(r, 1);
	read_extensions(r, &h, false);
	(void)dissect_recall(d, ASK);
	f = dissect_op(d, H_SERVER_HELLO);
	if (!rd_ok(r))
		return;
	st->version = (uint16_t)h.version;
	fact_textf(f, "%s, cipher 0x%04x%s%.*s", version_name(h.version),
	    cipher, h.alpn.n > 0 ? ", " : "",
	    (int)(h.alpn.n < 32 ? h.alpn.n : 32), (const char *)h.alpn.p);
	say_weak(d, h.version, "accepts");
	say_strength(d, h.version, cipher);
	if (h.ja4 != NULL &&
	    ja4_server_text(&ja4.extensions, h.version, cipher, h.alpn,
		st->over, text))
		dissect_identf(d, TRAIT_FINGERPRINT, "ja4s=%s", text);
}

/* The hello of SSL 2.0, still sent by some to say they know 3.0 too. */
static void
old_hello(struct rd *r, struct dissect *d)
{
	uint32_t version;

	rd_skip(r, 3);
	version = rd_be16(r);
	rd_skip_rest(r);
	d->ctx.response = false;
	(void)dissect_op(d, H_CLIENT_HELLO);
	dissect_remember(d, (struct ask){ .pair = ASK, .op = H_CLIENT_HELLO });
	say_weak(d, version, "offers at most");
	dissect_ident(d, TRAIT_SECURITY, SPAN_LIT("sends an SSL 2.0 hello"));
}

/* ------------------------------------------------------------ certificate */

/* YYMMDD... or YYYYMMDD... as YYYY-MM-DD; RFC 5280, 4.1.2.5 for the century. */
static const char *
date_text(struct span s, char dst[static 11])
{
	const char *century = s.n > 0 && s.p[0] >= '5' ? "19" : "20";
	bool whole = s.n >= 15;

	memcpy(dst, "?", 2);
	if (s.n < 8)
		return dst;
	(void)snprintf(dst, 11, "%.*s%c%c-%c%c-%c%c", whole ? 0 : 2, century,
	    s.p[0], s.p[1], s.p[2], s.p[3], s.p[4], s.p[5]);
	if (whole)
		(void)snprintf(dst, 11, "%.4s-%.2s-%.2s", (const char *)s.p,
		    (const char *)s.p + 4, (const char *)s.p + 6);
	return dst;
}

static struct span
display(const struct x509_name *n)
{
	return span_first(n->common.n > 0 ? n->common : n->organisation, 40);
}

static void
say_certificate(struct dissect *d, struct fact *f, struct span der)
{
	struct x509 x;
	struct span by, whom;
	char from[11], until[11];

	x509_read(der, &x);
	by = display(&x.issuer);
	whom = display(&x.subject);
	fact_textf(f, "%.*s by %.*s, %s to %s", (int)whom.n,
	    (const char *)whom.p, (int)by.n, (const char *)by.p,
	    date_text(x.from, from), date_text(x.until, until));
	if (x.subject.common.n > 0 && x.subject.organisation.n > 0)
		dissect_identf(d, TRAIT_CERTIFICATE, "%.*s (%.*s)", (int)whom.n,
		    (const char *)whom.p,
		    (int)span_first(x.subject.organisation, 40).n,
		    (const char *)x.subject.organisation.p);
	else
		dissect_ident(d, TRAIT_CERTIFICATE, whom);
	if (x.role.n > 0)
		dissect_identf(d, TRAIT_SECURITY, "role %.*s (%s)",
		    (int)span_first(x.role, 40).n, (const char *)x.role.p,
		    x.role_of);
	if (x.subject.raw.n > 0 && span_is(x.subject.raw, x.issuer.raw))
		dissect_ident(d, TRAIT_SECURITY,
		    SPAN_LIT("self-signed certificate"));
}

/* The first of the chain is the sender's own. */
static void
certificate(struct rd *r, struct dissect *d)
{
	struct fact *f = dissect_op(d, H_CERTIFICATE);
	struct rd list = rd_sub(r, rd_be24(r));
	struct span der = { NULL, 0 };

	if (rd_more(&list))
		der = rd_span(&list, rd_be24(&list));
	rd_skip_rest(&list);
	if (rd_ok(r) && der.n > 0 &&
	    (d->wanted & (FACT_MASK(FACT_IDENT) | FACT_MASK(FACT_SESSION))))
		say_certificate(d, f, der);
}

/* -------------------------------------------------------------- handshake */

static void
handshake(struct rd *r, struct dissect *d)
{
	uint32_t type = rd_u8(r);
	struct rd body = rd_sub(r, rd_be24(r));
	bool response = d->ctx.response;

	if (type == H_CLIENT_HELLO)
		client_hello(&body, d);
	else if (type == H_SERVER_HELLO)
		server_hello(&body, d);
	else if (type == H_CERTIFICATE)
		certificate(&body, d);
	else if (rd_ok(r))
		(void)dissect_op(d, type);
	rd_skip_rest(&body);
	d->ctx.response = response;
}

/* Not a handshake header: what stands here is encrypted. */
static bool
is_plain(const struct rd *r, const struct dissect *d, bool secret)
{
	struct span s = rd_ahead(r, 4);
	uint32_t n;

	if (s.n < 4)
		return !secret;
	n = (uint32_t)s.p[1] << 16 | (uint32_t)s.p[2] << 8 | s.p[3];
	if (secret)
		return (s.p[0] == 1 || s.p[0] == 2) && n + 4 == rd_left(r);
	return proto_op_find(d->proto, s.p[0]) != NULL && n <= HANDSHAKE_MAX;
}

/* The next piece of a message that began in an earlier record. */
static void
handshake_goes_on(struct rd *r, struct dissect *d, bool first)
{
	struct tls_state *st = d->state;
	uint32_t *missing = &st->missing[d->to_server];
	uint32_t n = *missing < rd_left(r) ? *missing : rd_left(r);
	struct span piece = rd_span(r, n), whole;
	struct rd joined;

	if (!rd_ok(r))
		return;
	*missing -= n;
	if (!dissect_join(d, d->to_server, first, *missing == 0, piece, &whole))
		return;
	joined = rd_over(r, whole);
	handshake(&joined, d);
}

static void
handshake_begins(struct rd *r, struct dissect *d)
{
	struct tls_state *st = d->state;
	struct span head = rd_ahead(r, 4);
	uint32_t n;

	if (head.n < 4) {
		(void)rd_span(r, 4); /* fails: not captured */
		return;
	}
	n = 4 +
	    ((uint32_t)head.p[1] << 16 | (uint32_t)head.p[2] << 8 | head.p[3]);
	if (n <= rd_left(r)) {
		handshake(r, d);
	} else {
		st->missing[d->to_server] = n;
		handshake_goes_on(r, d, true);
	}
}

static void
handshakes(struct rd *r, struct dissect *d)
{
	struct tls_state *st = d->state;
	bool secret = st->secret[d->to_server] != 0;

	/* a whole hello begins anew, whatever was lost before it */
	if (is_plain(r, d, true))
		st->missing[d->to_server] = 0;
	while (rd_more(r)) {
		if (!secret && st->missing[d->to_server] > 0)
			handshake_goes_on(r, d, false);
		else if (!is_plain(r, d, secret))
			rd_secret(r, rd_left(r));
		else if (rd_left(r) < 4)
			rd_opaque_rest(r); /* a header in two records */
		else
			handshake_begins(r, d);
	}
}

/* ---------------------------------------------------------------- records */

static void
alert(struct rd *r, struct dissect *d)
{
	uint32_t level, what;

	if (rd_left(r) != 2) {
		rd_secret(r, rd_left(r));
		return;
	}
	level = rd_u8(r);
	what = rd_u8(r);
	if (level == 2)
		(void)dissect_error(d, OP_RECORD + R_ALERT, what);
	else
		(void)dissect_op(d, OP_RECORD + R_ALERT);
}

static void
heartbeat(struct rd *r, struct dissect *d)
{
	uint32_t type = rd_u8(r), n = rd_be16(r);

	d->ctx.response = type == 2;
	(void)dissect_op(d, OP_RECORD + R_HEARTBEAT);
	rd_require(r, n <= rd_left(r), "heartbeat claims more than it holds");
	rd_skip_rest(r);
}

static void
change(struct rd *r, struct dissect *d)
{
	struct tls_state *st = d->state;

	rd_skip_rest(r);
	st->secret[d->to_server] = 1;
	st->missing[d->to_server] = 0;
}

static void
tls_parse(struct rd *r, struct dissect *d)
{
	const struct tls_state *st = d->state;
	struct span head = rd_ahead(r, 1);
	uint32_t type;

	if (head.n == 1 && (head.p[0] & 0x80) != 0) {
		old_hello(r, d);
		return;
	}
	type = rd_u8(r);
	rd_require(r, rd_u8(r) == 3 || !rd_ok(r), "version is not 3.x");
	rd_skip(r, 3);
	if (type == R_HANDSHAKE) {
		handshakes(r, d);
	} else if (type == R_DATA || st->secret[d->to_server] != 0) {
		rd_secret(r, rd_left(r));
	} else if (type == R_ALERT) {
		alert(r, d);
	} else if (type == R_CHANGE) {
		change(r, d);
	} else if (type == R_HEARTBEAT) {
		heartbeat(r, d);
	} else {
		rd_bad(r, "record type");
	}
}

const struct proto proto_tls = {
	.name = "tls",
	.title = "Transport Layer Security",
	.spec = "RFC 8446, RFC 5246, RFC 4346, RFC 2246, RFC 6101",
	.depth = "hellos, names, JA4, JA4S, certificates with roles (Modbus, "
		 "IEC 62351-8), strength of ciphers, alerts; the rest is "
		 "secret",
	.slot = PROTO_SLOT,
	.tcp = { 443, 8443, 636, 993, 995, 802, 2221, 3782, 4911, 8883, 19998,
	    19999 },
	.claim = tls_claim,
	.way = tls_way,
	.frame = tls_frame,
	.frame_min = 5,
	.parse = tls_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct tls_state),
};
