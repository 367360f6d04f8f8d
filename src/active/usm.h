/*
 * usm.h - SNMPv3 messages with the user-based security model: who we are is
 * proved, and what is said is private.
 *
 * RFC 3412 6 (message), RFC 3414 (model, keys, SHA-1), RFC 3826 (AES-128),
 * RFC 7860 (SHA-256).  One for each conversation; no clock: the engine's time
 * is what its last answer said.
 */
#ifndef ACTIVE_USM_H
#define ACTIVE_USM_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/rd.h"
#include "../base/wr.h"

#define USM_ENGINE 32u /* bytes of an engine's identifier, at most */
#define USM_KEY 32u
#define USM_PDU 4096u

enum usm_hash {
	USM_SHA1, /* usmHMACSHAAuthProtocol */
	USM_SHA256, /* usmHMAC192SHA256AuthProtocol */
	USM_HASHES
};
const char *usm_hash_name(uint32_t); /* "sha", "sha256"; NULL: no more */

struct usm {
	uint8_t engine[USM_ENGINE];
	uint32_t n_engine; /* 0: not known yet */
	uint32_t boots, time; /* as it said last */
	uint8_t auth[USM_KEY], priv[USM_KEY];
	uint64_t salt;
	uint32_t id; /* of the last message */
};

/* The question for the engine's identifier, boots and time (RFC 3414 4). */
void usm_discover(struct usm *, struct wr *);
/* Its answer; the keys are made of the passwords for that engine. */
bool usm_discovered(struct usm *, struct span, enum usm_hash,
    const char *auth_password, const char *priv_password);
/* A PDU, proved and encrypted.  False: it is too long. */
bool usm_wrap(struct usm *, enum usm_hash, const char *user, struct span pdu,
    struct wr *);
enum usm_verdict {
	USM_GOOD,
	USM_DENIED, /* it does not know the user, or the password is wrong */
	USM_ODD, /* not an answer to the last message, or not proved */
};
/* An answer: its PDU, in `ret` (cap bytes), *ret_n of them. */
enum usm_verdict usm_unwrap(struct usm *, enum usm_hash, struct span,
    uint8_t *ret, uint32_t cap, uint32_t *ret_n);

/* Tag and length of a TLV of BER whose contents, n bytes, follow. */
void usm_head(struct wr *, uint32_t tag, uint32_t n);
/* The contents of the next TLV of BER with that tag; false when it is another.
 */
bool usm_inside(struct rd *, uint32_t tag, struct rd *ret);

#endif
