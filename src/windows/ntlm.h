/*
 * ntlm.h - NTLMv2 as a client, with signing and sealing ([MS-NLMP]).
 *
 * Nothing weaker: no LM, no NTLMv1, always extended session security, 128
 * bits, key exchange; the integrity code wherever the server gives its time.
 * The answer is bound to the certificate of the connection where there is one
 * (RFC 5929, tls-server-end-point), so that it is of no use to somebody in
 * between.  One thread; wipe the struct when done.
 */
#ifndef WINDOWS_NTLM_H
#define WINDOWS_NTLM_H

#include <nettle/arcfour.h>
#include <stdbool.h>
#include <stdint.h>

#include "../base/rd.h"
#include "../base/wr.h"

#define NTLM_MESSAGE 4096u /* bytes of one, at most */
#define NTLM_KEY 16u
#define NTLM_SIGNATURE 16u

struct ntlm_credentials {
	const char *user, *domain, *password; /* UTF-8; domain may be "" */
	const char *target; /* service principal name: "HTTP/10.1.2.3" */
	struct span binding; /* of the channel, see above; n 0: none */
	/* what must be random, 8 and 16 bytes */
	uint8_t challenge[8], session[NTLM_KEY];
	uint64_t time; /* of day, as FILETIME; where the server does not say */
};

struct ntlm_way { /* one direction */
	uint8_t sign[NTLM_KEY];
	struct arcfour_ctx seal;
	uint32_t seq;
};

struct ntlm {
	uint8_t first[64]; /* the message that began it */
	uint32_t n_first;
	struct ntlm_way out, in;
};

/* The first message. */
void ntlm_negotiate(struct ntlm *, struct wr *);
/* The server's challenge, answered; false: it is none, or what we need is not
 * on offer. */
bool ntlm_authenticate(struct ntlm *, struct span challenge,
    const struct ntlm_credentials *, struct wr *);
/* In place; the signature goes before or comes with it. */
void ntlm_seal(struct ntlm *, uint8_t *, uint32_t n,
    uint8_t ret_signature[static NTLM_SIGNATURE]);
bool ntlm_unseal(struct ntlm *, uint8_t *, uint32_t n,
    const uint8_t signature[static NTLM_SIGNATURE]);

/* UTF-8 as UTF-16 little endian; what is no UTF-8 is passed over. */
void utf16_put(struct wr *, const char *text, bool upper);
/* One character of UTF-8 (RFC 3629): its bytes, 0: none begins here. */
uint32_t utf8_take(const uint8_t *, uint32_t left, uint32_t *ret);

#endif
