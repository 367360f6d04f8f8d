/* ask_it.c - OPC UA, HTTP, TLS: what IT and OT share. */
#include <stdio.h>

#include "private.h"

/* ------------------------------------------------------------------- OPC UA */

#define NONE 0xffffffffu /* a text or bytes that is not there */

/* Message header: type, 'F', size to be filled in. */
static uint32_t
ua_head(struct wr *w, const char *type)
{
	uint32_t at = w->n;

	wr_text(w, type);
	wr_le32(w, 0);
	return at;
}

static void
ua_end(struct wr *w, uint32_t at)
{
	wr_patch_le32(w, at + 4, w->n - at);
}

static void
ua_text(struct wr *w, const char *s)
{
	wr_le32(w, (uint32_t)strlen(s));
	wr_text(w, s);
}

static void
ua_endpoint(struct wr *w, const struct inquiry *q)
{
	char ip[ADDR_TEXT_MAX], url[96];

	(void)snprintf(url, sizeof(url),
	    q->target.len == 4 ? "opc.tcp://%s:%u" : "opc.tcp://[%s]:%u",
	    ip_text(&q->target, ip),
	    q->options.port != 0 ? q->options.port : 4840u);
	ua_text(w, url);
}

/* RequestHeader: no session, no time, this handle, 3 s. */
static void
ua_request(struct wr *w, uint32_t type, uint32_t handle)
{
	WR_HEX(w, 1, 0);
	wr_le16(w, type);
	WR_HEX(w, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	wr_le32(w, handle);
	wr_le32(w, 0);
	wr_le32(w, NONE);
	wr_le32(w, 3000);
	WR_HEX(w, 0, 0, 0);
}

static void
ua_sequence(struct wr *w, const struct inquiry *q)
{
	wr_le32(w, q->number[0]); /* channel */
	wr_le32(w, q->number[1]); /* token */
	wr_le32(w, q->step);
	wr_le32(w, q->step);
}

static void
ua_open(struct wr *w)
{
	wr_le32(w, 0);
	ua_text(w, "http://opcfoundation.org/UA/SecurityPolicy#None");
	wr_le32(w, NONE);
	wr_le32(w, NONE);
	wr_le32(w, 1);
	wr_le32(w, 1);
	ua_request(w, 446, 1);
	wr_le32(w, 0); /* protocol version */
	wr_le32(w, 0); /* issue */
	wr_le32(w, 1); /* no security */
	wr_le32(w, NONE);
	wr_le32(w, 60000); /* ms */
}

bool
opcua_ask(struct inquiry *q, struct wr *w)
{
	uint32_t at;

	switch (q->step) {
	case 0:
		at = ua_head(w, "HELF");
		wr_le32(w, 0);
		wr_le32(w, 65536);
		wr_le32(w, 65536);
		wr_le32(w, 0);
		wr_le32(w, 0);
		ua_endpoint(w, q);
		break;
	case 1:
		at = ua_head(w, "OPNF");
		ua_open(w);
		break;
	case 2: /* GetEndpoints: no locales, no profiles */
		at = ua_head(w, "MSGF");
		ua_sequence(w, q);
		ua_request(w, 428, 2);
		ua_endpoint(w, q);
		wr_le32(w, NONE);
		wr_le32(w, NONE);
		break;
	case 3: /* CloseSecureChannel: nothing answers it */
		at = ua_head(w, "CLOF");
		ua_sequence(w, q);
		ua_request(w, 452, 3);
		break;
	default:
		return false;
	}
	ua_end(w, at);
	return true;
}

/* Of the answer to OPN: channel and token, behind policy and header. */
static bool
ua_opened(struct inquiry *q, struct span s)
{
	struct rd_state state;
	struct rd r = rd_open(&state, s, s.n);
	uint32_t n;

	rd_skip(&r, 8);
	q->number[0] = rd_le32(&r);
	for (unsigned i = 0; i < 3; i++) { /* policy, certificate, thumbprint */
		n = rd_le32(&r);
		rd_skip(&r, n == NONE ? 0 : n);
	}
	rd_skip(&r, 8 + 4 + 8 + 4 + 4 + 1); /* to string table of the header */
	n = rd_le32(&r);
	if (n != NONE && n != 0)
		return false;
	rd_skip(&r, 3 + 4 + 4); /* additional header, version, channel */
	q->number[1] = rd_le32(&r);
	return rd_ok(&r);
}

bool
opcua_heard(struct inquiry *q, struct span s)
{
	if (s.n < 8)
		return false;
	switch (q->step) {
	case 1:
		return memcmp(s.p, "ACKF", 4) == 0;
	case 2:
		return memcmp(s.p, "OPNF", 4) == 0 && ua_opened(q, s);
	default:
		return memcmp(s.p, "MSG", 3) == 0;
	}
}

/* --------------------------------------------------------------------- HTTP */

bool
http_ask(struct inquiry *q, struct wr *w)
{
	char ip[ADDR_TEXT_MAX];

	if (q->step > 0)
		return false;
	wr_text(w, "GET / HTTP/1.1\r\nHost: ");
	wr_text(w, q->target.len == 16 ? "[" : "");
	wr_text(w, ip_text(&q->target, ip));
	wr_text(w, q->target.len == 16 ? "]" : "");
	wr_text(w,
	    "\r\nUser-Agent: Sightglass\r\nAccept: text/html\r\n"
	    "Connection: close\r\n\r\n");
	return true;
}

/* ---------------------------------------------------------------------- TLS */

/* A ClientHello of TLS 1.2, in which the certificate is told in clear; the
 * conversation ends there.  RFC 5246 7.4.1.2; suites that servers of all ages
 * have, curves and signatures to go with them. */
static const uint8_t hello_suites[] = { 0xc0, 0x2b, 0xc0, 0x2c, 0xc0, 0x2f,
	0xc0, 0x30, 0xc0, 0x09, 0xc0, 0x0a, 0xc0, 0x13, 0xc0, 0x14, 0x00, 0x9c,
	0x00, 0x9d, 0x00, 0x2f, 0x00, 0x35, 0x00, 0x0a, 0x00, 0xff };
static const uint8_t hello_extensions[] = { 0, 10, 0, 8, 0, 6, 0, 23, 0, 24, 0,
	29, /* groups */
	0, 11, 0, 2, 1, 0, /* point formats */
	0, 13, 0, 14, 0, 12, 4, 3, 5, 3, 4, 1, 5, 1, 2, 1, 2, 3 };

bool
tls_ask(struct inquiry *q, struct wr *w)
{
	const uint32_t suites = sizeof(hello_suites);
	const uint32_t extensions = sizeof(hello_extensions);
	const uint32_t body = 2 + 32 + 1 + 2 + suites + 2 + 2 + extensions;

	if (q->step > 0)
		return false;
	WR_HEX(w, 22, 3, 1);
	wr_be16(w, 4 + body);
	WR_HEX(w, 1, 0);
	wr_be16(w, body);
	WR_HEX(w, 3, 3);
	wr_text(w, "Sightglass asks who you are, 1.2"); /* 32 bytes */
	wr_u8(w, 0);
	wr_be16(w, suites);
	wr_bytes(w, hello_suites, suites);
	WR_HEX(w, 1, 0);
	wr_be16(w, extensions);
	wr_bytes(w, hello_extensions, extensions);
	return true;
}

/* ---------------------------------------------------------------------- DNS */

static void
label(struct wr *w, const char *text)
{
	wr_u8(w, (uint32_t)strlen(text));
	wr_text(w, text);
}

/* "3.2.1.10.in-addr.arpa", or nibble by nibble "...ip6.arpa". */
static void
reverse_name(struct wr *w, const struct ip *ip)
{
	char text[4];

	for (unsigned i = ip->len; i-- > 0;) {
		if (ip->len == 4) {
			(void)snprintf(text, sizeof(text), "%u", ip->b[i]);
			label(w, text);
			continue;
		}
		(void)snprintf(text, sizeof(text), "%x", ip->b[i] & 15u);
		label(w, text);
		(void)snprintf(text, sizeof(text), "%x",
		    (unsigned)ip->b[i] >> 4);
		label(w, text);
	}
	label(w, ip->len == 4 ? "in-addr" : "ip6");
	label(w, "arpa");
	wr_u8(w, 0);
}

/* The identifier is made of the address: answers are taken from the server's
 * address and port only, through a connected socket. */
static uint32_t
identifier(const struct inquiry *q)
{
	const uint8_t *end = q->target.b + (q->target.len == 16 ? 16 : 4);

	return ((uint32_t)end[-2] << 8 | end[-1]) ^ (0x5367u + q->step);
}

bool
dns_ask(struct inquiry *q, struct wr *w)
{
	uint32_t at = w->n;

	if (q->step > 1 || (q->step == 1 && !q->by_stream))
		return false;
	if (q->by_stream)
		wr_be16(w, 0);
	wr_be16(w, identifier(q));
	WR_HEX(w, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0); /* recursion; a question */
	reverse_name(w, &q->target);
	WR_HEX(w, 0, 12, 0, 1); /* PTR, IN */
	if (q->by_stream)
		wr_patch_be16(w, at, w->n - at - 2);
	return true;
}

/* Cut (TC): once more, by TCP. */
bool
dns_heard(struct inquiry *q, struct span s)
{
	uint32_t off = q->by_stream ? 2 : 0, expected;

	q->step--;
	expected = identifier(q);
	q->step++;
	if (s.n < off + 12 ||
	    ((uint32_t)s.p[off] << 8 | s.p[off + 1]) != expected ||
	    (s.p[off + 2] & 0x80) == 0)
		return false;
	q->by_stream = q->by_stream || (s.p[off + 2] & 2) != 0;
	return true;
}
