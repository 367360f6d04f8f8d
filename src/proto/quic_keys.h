/*
 * quic_keys.h - the keys of QUIC's Initial packets, which are no secret: they
 * are made from what stands in the packet and a salt in the standard.
 *
 * RFC 9001, clauses 5.2 (keys), 5.3 (packets), 5.4 (headers); RFC 9369,
 * clause 3.3 (version 2).  AES, GCM and HMAC are nettle's, which allocates
 * nothing.  Private to quic.c.
 */
#ifndef PROTO_QUIC_KEYS_H
#define PROTO_QUIC_KEYS_H

#include <nettle/aes.h>
#include <nettle/gcm.h>
#include <nettle/hmac.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "../base/span.h"

#define QUIC_V1 0x00000001u
#define QUIC_V2 0x6b3343cfu
#define QUIC_TAG 16u
#define QUIC_HEAD_MAX 512u

struct quic_keys {
	uint8_t key[16], iv[12], header[16];
};

/* The salt of the version; NULL: none that is known. */
static inline const uint8_t *
quic_salt(uint32_t version)
{
	static const uint8_t v1[20] = { 0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59,
		0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad,
		0xcc, 0xbb, 0x7f, 0x0a };
	static const uint8_t v2[20] = { 0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00,
		0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb,
		0xf9, 0xbd, 0x2e, 0xd9 };
	static const uint8_t draft29[20] = { 0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93,
		0xd2, 0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0,
		0x43, 0x90, 0xa8, 0x99 };
	static const uint8_t draft23[20] = { 0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e,
		0xbb, 0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65,
		0xbe, 0xf9, 0xf5, 0x02 };
	uint32_t draft = version >> 8 == 0xff0000 ? version & 255 : 0;

	if (version == QUIC_V1)
		return v1;
	if (version == QUIC_V2)
		return v2;
	if (version == 0xfaceb002u || (draft >= 29 && draft <= 32))
		return version == 0xfaceb002u ? draft23 : draft29;
	return draft >= 23 && draft <= 28 ? draft23 : draft >= 33 ? v1 : NULL;
}

static inline void
quic_hmac(const uint8_t *key, uint32_t n_key, struct span a, struct span b,
    uint8_t ret[static 32])
{
	struct hmac_sha256_ctx c;

	hmac_sha256_set_key(&c, n_key, key);
	if (a.n > 0)
		hmac_sha256_update(&c, a.n, a.p);
	if (b.n > 0)
		hmac_sha256_update(&c, b.n, b.p);
	hmac_sha256_digest(&c, 32, ret);
}

/* HKDF-Expand-Label of TLS 1.3 (RFC 8446, 7.1), at most 32 bytes. */
static inline void
quic_expand(const uint8_t secret[static 32], const char *label, uint8_t *dst,
    uint32_t n)
{
	uint8_t info[64] = { 0, (uint8_t)n }, block[32];
	uint32_t at = 3, size = (uint32_t)strlen(label);

	info[2] = (uint8_t)(6 + size);
	memcpy(info + at, "tls13 ", 6);
	at += 6;
	memcpy(info + at, label, size);
	at += size;
	info[at++] = 0;
	info[at++] = 1; /* the first block of RFC 5869, 2.3 */
	quic_hmac(secret, 32, SPAN(info, at), SPAN(NULL, 0), block);
	memcpy(dst, block, n);
}

static inline void
quic_make_keys(struct quic_keys *k, uint32_t version, struct span id,
    bool client)
{
	uint8_t initial[32], secret[32];
	bool two = version == QUIC_V2;

	quic_hmac(quic_salt(version), 20, id, SPAN(NULL, 0), initial);
	quic_expand(initial, client ? "client in" : "server in", secret, 32);
	quic_expand(secret, two ? "quicv2 key" : "quic key", k->key, 16);
	quic_expand(secret, two ? "quicv2 iv" : "quic iv", k->iv, 12);
	quic_expand(secret, two ? "quicv2 hp" : "quic hp", k->header, 16);
}

/*
 * Open a packet whose number begins at `at`: the contents in dst, which holds
 * as many bytes as the packet.  Their length, 0 if the keys do not fit.
 */
static inline uint32_t
quic_open(const struct quic_keys *k, struct span packet, uint32_t at,
    uint8_t *dst)
{
	uint8_t head[QUIC_HEAD_MAX], mask[16], iv[12], tag[QUIC_TAG];
	struct aes128_ctx aes;
	struct gcm_aes128_ctx gcm;
	uint32_t n_number, n;

	if (at + 4 > QUIC_HEAD_MAX || packet.n < at + 4 + QUIC_TAG)
		return 0;
	aes128_set_encrypt_key(&aes, k->header);
	aes128_encrypt(&aes, 16, mask, packet.p + at + 4);
	memcpy(head, packet.p, at + 4);
	head[0] ^= mask[0] & 0x0f;
	n_number = (head[0] & 3u) + 1;
	memcpy(iv, k->iv, sizeof(iv));
	for (uint32_t i = 0; i < n_number; i++) {
		head[at + i] ^= mask[1 + i];
		iv[12 - n_number + i] ^= head[at + i];
	}
	n = packet.n - at - n_number - QUIC_TAG;
	gcm_aes128_set_key(&gcm, k->key);
	gcm_aes128_set_iv(&gcm, sizeof(iv), iv);
	gcm_aes128_update(&gcm, at + n_number, head);
	gcm_aes128_decrypt(&gcm, n, dst, packet.p + at + n_number);
	gcm_aes128_digest(&gcm, sizeof(tag), tag);
	return memcmp(tag, packet.p + packet.n - QUIC_TAG, QUIC_TAG) == 0 ? n
									  : 0;
}

#endif
