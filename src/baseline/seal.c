/* seal.c - see seal.h. */
#include "seal.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define HEAD "#signed key="
#define WHAT "sightglass baseline export\n"
#define SIGNATURE_HEX (2 * crypto_sign_BYTES)
#define MESSAGE_MAX 512u

_Static_assert(EXPORT_SECRET == crypto_sign_SECRETKEYBYTES &&
	EXPORT_PUBLIC == crypto_sign_PUBLICKEYBYTES,
    "keys are as long");

/* What is signed: 0 where it is too long. */
static size_t
message(const struct line_chain *chain, struct span said, uint8_t *dst)
{
	const size_t head = strlen(WHAT), hex = strlen(chain->hex);

	if (head + hex + 1 + said.n > MESSAGE_MAX)
		return 0;
	memcpy(dst, WHAT, head);
	memcpy(dst + head, chain->hex, hex);
	dst[head + hex] = '\n';
	memcpy(dst + head + hex + 1, said.p, said.n);
	return head + hex + 1 + said.n;
}

/* A quote or control character would end the name. */
static void
put_name(char *dst, size_t cap, const char *name)
{
	(void)snprintf(dst, cap, "%s", name);
	for (; *dst != '\0'; dst++)
		if (*dst == '"' || (unsigned char)*dst < ' ')
			*dst = '\'';
}

bool
export_seal_put(const struct line_chain *chain, const struct export_seal *seal,
    struct out *out)
{
	char line[256], key[2 * EXPORT_PUBLIC + 1], hex[SIGNATURE_HEX + 1];
	char at[TIME_TEXT_MAX], name[EXPORT_NAME];
	uint8_t text[MESSAGE_MAX], signature[crypto_sign_BYTES];
	uint8_t public[EXPORT_PUBLIC];
	size_t n;

	(void)crypto_sign_ed25519_sk_to_pk(public, seal->secret);
	(void)sodium_bin2hex(key, sizeof(key), public, sizeof(public));
	put_name(name, sizeof(name), seal->name);
	(void)snprintf(line, sizeof(line), HEAD "%s as=\"%s\" at=%.19s", key,
	    name, time_text(seal->at, at));
	n = message(chain, span_text(line), text);
	if (n == 0 ||
	    crypto_sign_detached(signature, NULL, text, n, seal->secret) != 0)
		return false;
	(void)sodium_bin2hex(hex, sizeof(hex), signature, sizeof(signature));
	outf(out, "%s %s\n", line, hex);
	return true;
}

bool
export_seal_is(struct span line)
{
	return span_starts(line, SPAN_LIT("#signed "));
}

static bool
from_hex(struct span hex, uint8_t *ret, size_t n)
{
	size_t got = 0;

	return sodium_hex2bin(ret, n, (const char *)hex.p, hex.n, NULL, &got,
		   NULL) == 0 &&
	    got == n && hex.n == 2 * n;
}

static void
copy(char *dst, size_t cap, struct span s)
{
	(void)snprintf(dst, cap, "%.*s", (int)s.n, (const char *)s.p);
}

/* ' as="NAME" at=TIME' */
static bool
read_said(struct span s, struct import_result *ret)
{
	uint32_t end;

	if (!span_starts(s, SPAN_LIT(" as=\"")))
		return false;
	s = span_from(s, 5);
	end = span_find(s, '"');
	copy(ret->signer, sizeof(ret->signer), span_first(s, end));
	s = span_from(s, end);
	if (!span_starts(s, SPAN_LIT("\" at=")))
		return false;
	copy(ret->signed_at, sizeof(ret->signed_at), span_from(s, 5));
	return true;
}

bool
export_seal_check(const struct line_chain *chain, struct span line,
    struct import_result *ret)
{
	const uint32_t head = sizeof(HEAD) - 1, key = 2 * EXPORT_PUBLIC;
	uint8_t text[MESSAGE_MAX], signature[crypto_sign_BYTES];
	struct span said;
	size_t n;

	if (!span_starts(line, SPAN_LIT(HEAD)) ||
	    line.n < head + key + SIGNATURE_HEX + 1 ||
	    line.p[line.n - SIGNATURE_HEX - 1] != ' ')
		return false;
	said = span_first(line, line.n - SIGNATURE_HEX - 1);
	n = message(chain, said, text);
	if (n == 0 ||
	    !from_hex(span_from(line, line.n - SIGNATURE_HEX), signature,
		sizeof(signature)) ||
	    !from_hex(span_first(span_from(line, head), key), ret->key,
		EXPORT_PUBLIC))
		return false;
	ret->is_signed = read_said(span_from(said, head + key), ret) &&
	    crypto_sign_verify_detached(signature, text, n, ret->key) == 0;
	return ret->is_signed;
}
