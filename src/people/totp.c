/*
 * totp.c - time-based one-time passwords (RFC 6238 over RFC 4226: HMAC-SHA-1,
 * six digits, steps of 30 seconds); secrets in base32 (RFC 4648, 6).
 */
#include <gnutls/crypto.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "people.h"

#define STEP 30
#define RAW 20

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

void
totp_secret(char dst[static TOTP_SECRET])
{
	uint8_t raw[RAW];
	size_t n = 0;

	randombytes_buf(raw, sizeof(raw));
	for (size_t bit = 0; bit < 8 * sizeof(raw); bit += 5) {
		unsigned v = 0;

		for (size_t i = bit; i < bit + 5; i++)
			v = v << 1 | ((unsigned)raw[i / 8] >> (7 - i % 8) & 1u);
		dst[n++] = letters[v];
	}
	dst[n] = '\0';
	sodium_memzero(raw, sizeof(raw));
}

static size_t
from_base32(uint8_t dst[static RAW * 2], const char *text)
{
	uint32_t bits = 0;
	unsigned held = 0;
	size_t n = 0;

	for (; *text != '\0' && n < RAW * 2; text++) {
		const char *at = strchr(letters, *text);

		if (at == NULL)
			return 0;
		bits = bits << 5 | (uint32_t)(at - letters);
		held += 5;
		if (held >= 8) {
			held -= 8;
			dst[n++] = (uint8_t)(bits >> held);
		}
	}
	return n;
}

bool
totp_code(const char *secret, int64_t step, uint32_t *ret)
{
	uint8_t key[RAW * 2], text[8], sum[20];
	size_t n = from_base32(key, secret), at;

	for (int i = 0; i < 8; i++)
		text[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
	if (n == 0 ||
	    gnutls_hmac_fast(GNUTLS_MAC_SHA1, key, n, text, sizeof(text), sum) <
		0)
		return false;
	at = sum[19] & 15u;
	*ret = ((uint32_t)(sum[at] & 0x7f) << 24 | (uint32_t)sum[at + 1] << 16 |
		   (uint32_t)sum[at + 2] << 8 | sum[at + 3]) %
	    1000000;
	sodium_memzero(key, sizeof(key));
	return true;
}

int64_t
totp_step(const char *secret, const char *code, int64_t now, int64_t last)
{
	int64_t found = -1;

	if (strlen(code) != 6)
		return -1;
	for (int64_t step = now / STEP - 1; step <= now / STEP + 1; step++) {
		char want[16];
		uint32_t number;

		if (!totp_code(secret, step, &number))
			return -1;
		(void)snprintf(want, sizeof(want), "%06u", number);
		if (sodium_memcmp(want, code, 6) == 0 && step > last)
			found = step;
	}
	return found;
}
