/*
 * ja4.h - JA4, the fingerprint of a TLS client hello, by its public
 * definition (FoxIO, JA4 technical details; BSD licence).
 *
 *	t13d1516h2_8daaf6152771_e5627efa2ab1
 *	|| | | |  |            extensions in order of number but SNI and ALPN,
 *	|| | | |  |            "_", signature algorithms as sent: SHA-256
 *	|| | | |  ciphers in order of number: SHA-256, first 12 digits
 *	|| | | first and last character of the first ALPN value, or 00
 *	|| | how many ciphers and extensions, two digits each
 *	|| d: names a host, i: does not
 *	|highest version offered
 *	t: over TCP, d: DTLS, q: QUIC
 *
 * JA4S is that of the server's answer.  Values reserved by GREASE (RFC 8701) do
 *not count.  Private to tls.c.
 */
#ifndef PROTO_JA4_H
#define PROTO_JA4_H

#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>

#include "../base/span.h"

#define JA4_LIST 192u /* a hello with more has no fingerprint */
#define JA4_TEXT 37u

struct ja4_list {
	uint16_t v[JA4_LIST];
	uint32_t n; /* all that were offered, kept or not */
};

static inline bool
ja4_is_grease(uint32_t v)
{
	return (v & 0x0f0f) == 0x0a0a && v >> 8 == (v & 0xff);
}

static inline void
ja4_add(struct ja4_list *l, uint32_t v)
{
	if (ja4_is_grease(v))
		return;
	if (l->n < JA4_LIST)
		l->v[l->n] = (uint16_t)v;
	l->n++;
}

static inline void
ja4_sort(struct ja4_list *l)
{
	for (uint32_t i = 1; i < l->n; i++) {
		uint16_t v = l->v[i];
		uint32_t k = i;

		for (; k > 0 && l->v[k - 1] > v; k--)
			l->v[k] = l->v[k - 1];
		l->v[k] = v;
	}
}

/* Append the values in hexadecimal with commas between. */
static inline uint32_t
ja4_join(char *dst, uint32_t n, const struct ja4_list *l)
{
	static const char digits[] = "0123456789abcdef";

	for (uint32_t i = 0; i < l->n; i++) {
		if (i > 0)
			dst[n++] = ',';
		dst[n++] = digits[l->v[i] >> 12];
		dst[n++] = digits[l->v[i] >> 8 & 15];
		dst[n++] = digits[l->v[i] >> 4 & 15];
		dst[n++] = digits[l->v[i] & 15];
	}
	return n;
}

static inline void
ja4_digest(char ret[static 13], const char *text, uint32_t n)
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	memcpy(ret, "000000000000", 13);
	if (n == 0)
		return;
	(void)crypto_hash_sha256(hash, (const unsigned char *)text, n);
	for (uint32_t i = 0; i < 6; i++)
		(void)snprintf(ret + 2 * i, 3, "%02x", hash[i]);
}

static inline bool
ja4_is_alnum(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z');
}

static inline void
ja4_alpn(char ret[static 3], struct span alpn)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t a, b;

	memcpy(ret, "00", 3);
	if (alpn.n == 0)
		return;
	a = alpn.p[0];
	b = alpn.p[alpn.n - 1];
	if (ja4_is_alnum(a) && ja4_is_alnum(b)) {
		ret[0] = (char)a;
		ret[1] = (char)b;
	} else {
		ret[0] = digits[a >> 4];
		ret[1] = digits[b & 15];
	}
}

static inline const char *
ja4_version(uint32_t v, bool datagrams)
{
	if (datagrams)
		return v >= 0x0304 ? "d3" : v == 0x0303 ? "d2" : "d1";
	switch (v) {
	case 0x0304:
		return "13";
	case 0x0303:
		return "12";
	case 0x0302:
		return "11";
	case 0x0301:
		return "10";
	case 0x0300:
		return "s3";
	case 0x0002:
		return "s2";
	}
	return "00";
}

/*
 * JA4S, of the server's hello: t130200_1301_234ea6891581 is transport and
 * version, extensions, ALPN; the cipher; the extensions as sent, SHA-256.
 */
static inline bool
ja4_server_text(const struct ja4_list *extensions, uint32_t version,
    uint32_t cipher, struct span first_alpn, char over,
    char ret[static JA4_TEXT])
{
	char text[JA4_LIST * 5 + 16], c[13], alpn[3];

	if (extensions->n > JA4_LIST)
		return false;
	ja4_digest(c, text, ja4_join(text, 0, extensions));
	ja4_alpn(alpn, first_alpn);
	(void)snprintf(ret, JA4_TEXT, "%c%s%02u%s_%04x_%s",
	    over != 0 ? over : 't', ja4_version(version, over == 'd'),
	    extensions->n < 99 ? extensions->n : 99, alpn, cipher & 0xffff, c);
	return true;
}

struct ja4_hello {
	struct ja4_list ciphers, extensions, signatures;
	struct span alpn; /* first value */
	uint32_t version; /* highest */
	char over; /* 0 TCP, 'd' DTLS, 'q' QUIC */
	bool has_name;
};

/* Sorts the lists; false when the hello is too long to fingerprint. */
static inline bool
ja4_text(struct ja4_hello *h, char ret[static JA4_TEXT])
{
	char text[JA4_LIST * 10 + 16], b[13], c[13], alpn[3];
	struct ja4_list *x = &h->extensions;
	uint32_t n, n_ext = x->n, kept = 0;

	if (h->ciphers.n > JA4_LIST || x->n > JA4_LIST ||
	    h->signatures.n > JA4_LIST)
		return false;
	ja4_sort(&h->ciphers);
	ja4_digest(b, text, ja4_join(text, 0, &h->ciphers));
	for (uint32_t i = 0; i < x->n; i++)
		if (x->v[i] != 0x0000 && x->v[i] != 0x0010)
			x->v[kept++] = x->v[i];
	x->n = kept;
	ja4_sort(x);
	n = ja4_join(text, 0, x);
	if (n > 0 && h->signatures.n > 0) {
		text[n++] = '_';
		n = ja4_join(text, n, &h->signatures);
	}
	ja4_digest(c, text, n);
	ja4_alpn(alpn, h->alpn);
	(void)snprintf(ret, JA4_TEXT, "%c%s%c%02u%02u%s_%s_%s",
	    h->over != 0 ? h->over : 't',
	    ja4_version(h->version, h->over == 'd'), h->has_name ? 'd' : 'i',
	    h->ciphers.n < 99 ? h->ciphers.n : 99, n_ext < 99 ? n_ext : 99,
	    alpn, b, c);
	return true;
}

#endif
