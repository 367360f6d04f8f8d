/*
 * seal.c - see seal.h.
 *
 *	--Encrypted Boundary
 *	<tab>Content-Type: application/HTTP-SPNEGO-session-encrypted
 *	<tab>OriginalContent: type=application/soap+xml;charset=UTF-8;Length=N
 *	--Encrypted Boundary
 *	<tab>Content-Type: application/octet-stream
 *	length of the signature (4, little endian), signature, N sealed bytes
 *	--Encrypted Boundary--
 */
#include "seal.h"

#include <stdio.h>

#define MARK "--Encrypted Boundary"
#define STREAM "Content-Type: application/octet-stream\r\n"

static void
put(struct wr *w, const char *text)
{
	wr_bytes(w, text, (uint32_t)strlen(text));
}

void
seal_put(struct ntlm *c, struct wr *w, struct span plain)
{
	uint8_t signature[NTLM_SIGNATURE] = { 0 };
	char length[16];
	uint32_t at;

	(void)snprintf(length, sizeof(length), "%u", plain.n);
	put(w,
	    MARK "\r\n\tContent-Type: "
		 "application/HTTP-SPNEGO-session-encrypted\r\n"
		 "\tOriginalContent: "
		 "type=application/soap+xml;charset=UTF-8;Length=");
	put(w, length);
	put(w, "\r\n" MARK "\r\n\t" STREAM);
	wr_le32(w, NTLM_SIGNATURE);
	at = w->n;
	wr_bytes(w, signature, sizeof(signature));
	wr_bytes(w, plain.p, plain.n);
	if (!w->full) {
		ntlm_seal(c, w->p + at + NTLM_SIGNATURE, plain.n, signature);
		memcpy(w->p + at, signature, sizeof(signature));
	}
	put(w, MARK "--\r\n");
}

/* Behind where `what` stands; s.n: nowhere. */
static uint32_t
behind(struct span s, struct span what)
{
	for (uint32_t i = 0; i + what.n <= s.n; i++)
		if (memcmp(s.p + i, what.p, what.n) == 0)
			return i + what.n;
	return s.n;
}

static uint32_t
number(struct span s)
{
	uint32_t v = 0;

	for (uint32_t i = 0; i < s.n && i < 7; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			break;
		v = 10 * v + s.p[i] - '0';
	}
	return v;
}

bool
seal_take(struct ntlm *c, uint8_t *p, uint32_t n, struct span *ret)
{
	struct span s = SPAN(p, n);
	uint32_t plain = number(span_from(s, behind(s, SPAN_LIT("Length="))));
	uint32_t at = behind(s, SPAN_LIT(STREAM));
	struct rd_state state;
	struct rd r = rd_open(&state, span_from(s, at), n - at);
	uint32_t size = rd_le32(&r);
	struct span signature = rd_span(&r, NTLM_SIGNATURE);
	struct span sealed = rd_span(&r, plain);

	if (!rd_ok(&r) || size != NTLM_SIGNATURE || plain == 0)
		return false;
	*ret = sealed;
	return ntlm_unseal(c, p + (sealed.p - p), sealed.n, signature.p);
}
