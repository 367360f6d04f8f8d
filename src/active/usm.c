/*
 * usm.c - see usm.h.
 *
 *	SEQUENCE
 *	  3                                                 version
 *	  SEQUENCE  msgID, msgMaxSize, msgFlags, 3          header
 *	  OCTET STRING                                      security parameters
 *	    SEQUENCE  engine, boots, time, user, proof, salt
 *	  OCTET STRING                                      encrypted:
 *	    SEQUENCE  engine, "", PDU
 *
 * The proof is an HMAC over the whole message with the proof's bytes zero; AES
 * is used as CFB with 128 bits.
 */
#include "usm.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <nettle/aes.h>
#include <nettle/cfb.h>
#include <string.h>

#define FLAG_AUTH 1u
#define FLAG_PRIV 2u
#define FLAG_REPORTABLE 4u
#define REPORT 0xa8u
#define MODEL_USM 3u
#define PASSWORD_LENGTH 1048576u /* bytes that are hashed (RFC 3414 A.2) */
#define PROOF_MAX 24u
#define MESSAGE 1500u
#define HEADER 256u

static const struct {
	const char *name;
	gnutls_digest_algorithm_t digest;
	gnutls_mac_algorithm_t mac;
	uint32_t size, proof;
} hashes[USM_HASHES] = {
	[USM_SHA1] = { "sha", GNUTLS_DIG_SHA1, GNUTLS_MAC_SHA1, 20, 12 },
	[USM_SHA256] = { "sha256", GNUTLS_DIG_SHA256, GNUTLS_MAC_SHA256, 32,
	    24 },
};

const char *
usm_hash_name(uint32_t i)
{
	return i < USM_HASHES ? hashes[i].name : NULL;
}

/* ----------------------------------------------------------------------- keys
 */

/* RFC 3414 A.2: the password, over and over, then with the engine. */
static bool
make_key(const struct usm *u, enum usm_hash h, const char *password,
    uint8_t ret[static USM_KEY])
{
	gnutls_hash_hd_t hd;
	uint8_t chunk[64], first[USM_KEY];
	size_t n = strlen(password), at = 0;

	if (n == 0 || gnutls_hash_init(&hd, hashes[h].digest) != 0)
		return false;
	for (uint32_t done = 0; done < PASSWORD_LENGTH;
	     done += (uint32_t)sizeof(chunk)) {
		for (uint32_t i = 0; i < sizeof(chunk); i++)
			chunk[i] = (uint8_t)password[at++ % n];
		at %= n;
		(void)gnutls_hash(hd, chunk, sizeof(chunk));
	}
	gnutls_hash_deinit(hd, first);
	if (gnutls_hash_init(&hd, hashes[h].digest) != 0)
		return false;
	(void)gnutls_hash(hd, first, hashes[h].size);
	(void)gnutls_hash(hd, u->engine, u->n_engine);
	(void)gnutls_hash(hd, first, hashes[h].size);
	gnutls_hash_deinit(hd, ret);
	return true;
}

/* In place. */
static void
crypt(const struct usm *u, uint8_t iv[static AES_BLOCK_SIZE], uint8_t *p,
    uint32_t n, bool sealing)
{
	struct aes128_ctx aes;

	aes128_set_encrypt_key(&aes, u->priv);
	if (sealing)
		cfb_encrypt(&aes, (nettle_cipher_func *)aes128_encrypt,
		    AES_BLOCK_SIZE, iv, n, p, p);
	else
		cfb_decrypt(&aes, (nettle_cipher_func *)aes128_encrypt,
		    AES_BLOCK_SIZE, iv, n, p, p);
}

static void
make_iv(uint32_t boots, uint32_t time, const uint8_t salt[static 8],
    uint8_t ret[static AES_BLOCK_SIZE])
{
	struct wr w = { .p = ret, .cap = AES_BLOCK_SIZE };

	wr_be32(&w, boots);
	wr_be32(&w, time);
	wr_bytes(&w, salt, 8);
}

static bool
prove(const struct usm *u, enum usm_hash h, const uint8_t *p, uint32_t n,
    uint8_t ret[static USM_KEY])
{
	return gnutls_hmac_fast(hashes[h].mac, u->auth, hashes[h].size, p, n,
		   ret) == 0;
}

/* -------------------------------------------------------------------- writing
 */

void
usm_head(struct wr *w, uint32_t tag, uint32_t n)
{
	wr_u8(w, tag);
	if (n >= 256)
		wr_u8(w, 0x82);
	else if (n >= 128)
		wr_u8(w, 0x81);
	if (n >= 256)
		wr_u8(w, n >> 8);
	wr_u8(w, n & 0xff);
}

static void
put_string(struct wr *w, uint32_t tag, const void *p, uint32_t n)
{
	usm_head(w, tag, n);
	wr_bytes(w, p, n);
}

/* As short as may be, and positive. */
static void
put_int(struct wr *w, uint32_t v)
{
	uint8_t b[5] = { 0, (uint8_t)(v >> 24), (uint8_t)(v >> 16),
		(uint8_t)(v >> 8), (uint8_t)v };
	uint32_t at = 0;

	while (at < 4 && b[at] == 0 && b[at + 1] < 0x80)
		at++;
	put_string(w, 2, b + at, 5 - at);
}

static void
put_global(struct wr *w, uint32_t id, uint8_t flags)
{
	uint8_t room[32];
	struct wr in = WR(room);

	put_int(&in, id);
	put_int(&in, 65507);
	put_string(&in, 4, &flags, 1);
	put_int(&in, MODEL_USM);
	put_string(w, 0x30, in.p, in.n);
}

/* *ret_proof: where the proof's bytes are. */
static void
put_security(struct wr *w, const struct usm *u, const char *user,
    uint32_t proof, const uint8_t *salt, uint32_t *ret_proof)
{
	uint8_t room[HEADER], outer[HEADER];
	const uint8_t none[PROOF_MAX] = { 0 };
	struct wr in = WR(room), out = WR(outer);
	uint32_t at;

	put_string(&in, 4, u->engine, u->n_engine);
	put_int(&in, u->boots);
	put_int(&in, u->time);
	put_string(&in, 4, user, (uint32_t)strlen(user));
	put_string(&in, 4, none, proof);
	at = in.n - proof;
	put_string(&in, 4, salt, salt != NULL ? 8 : 0);
	put_string(&out, 0x30, in.p, in.n);
	put_string(w, 4, out.p, out.n);
	*ret_proof = w->n - in.n + at;
}

static void
put_scoped(struct wr *w, const struct usm *u, struct span pdu)
{
	uint8_t room[MESSAGE];
	struct wr in = WR(room);

	put_string(&in, 4, u->engine, u->n_engine);
	put_string(&in, 4, "", 0);
	wr_bytes(&in, pdu.p, pdu.n);
	put_string(w, 0x30, in.p, in.n);
}

/* The whole of it; *ret_proof as counted from its beginning. */
static void
put_message(struct wr *w, const struct usm *u, uint8_t flags, const char *user,
    uint32_t proof, const uint8_t *salt, const struct wr *data,
    uint32_t *ret_proof)
{
	uint8_t room[MESSAGE];
	struct wr in = WR(room);
	uint32_t before = w->n, at;

	put_int(&in, 3);
	put_global(&in, u->id, flags);
	put_security(&in, u, user, proof, salt, &at);
	if ((flags & FLAG_PRIV) != 0)
		put_string(&in, 4, data->p, data->n);
	else
		wr_bytes(&in, data->p, data->n);
	put_string(w, 0x30, in.p, in.n);
	*ret_proof = w->n - before - in.n + at;
	w->full = w->full || in.full || data->full;
}

void
usm_discover(struct usm *u, struct wr *w)
{
	/* get-request of nothing: only its report counts */
	static const uint8_t pdu[] = { 0xa0, 0x0b, 2, 1, 1, 2, 1, 0, 2, 1, 0,
		0x30, 0 };
	uint8_t room[64];
	struct wr data = WR(room);
	uint32_t at;

	u->id = 1;
	put_scoped(&data, u, SPAN(pdu, sizeof(pdu)));
	put_message(w, u, FLAG_REPORTABLE, "", 0, NULL, &data, &at);
}

bool
usm_wrap(struct usm *u, enum usm_hash h, const char *user, struct span pdu,
    struct wr *w)
{
	uint8_t room[MESSAGE], salt[8], iv[AES_BLOCK_SIZE], proof[USM_KEY];
	struct wr data = WR(room);
	uint32_t at, begins = w->n;

	u->id++;
	u->salt++;
	for (unsigned i = 0; i < 8; i++)
		salt[i] = (uint8_t)(u->salt >> (56 - 8 * i));
	put_scoped(&data, u, pdu);
	make_iv(u->boots, u->time, salt, iv);
	if (data.full)
		return false;
	crypt(u, iv, data.p, data.n, true);
	put_message(w, u, FLAG_AUTH | FLAG_PRIV | FLAG_REPORTABLE, user,
	    hashes[h].proof, salt, &data, &at);
	if (w->full || !prove(u, h, w->p + begins, w->n - begins, proof))
		return false;
	memcpy(w->p + begins + at, proof, hashes[h].proof);
	return true;
}

/* -------------------------------------------------------------------- reading
 */

bool
usm_inside(struct rd *r, uint32_t tag, struct rd *ret)
{
	uint32_t got = rd_u8(r), n = rd_u8(r);

	if (n == 0x81)
		n = rd_u8(r);
	else if (n == 0x82)
		n = rd_be16(r);
	else if (n > 0x82)
		return false;
	*ret = rd_sub(r, n);
	return rd_ok(r) && got == tag;
}

static bool
get_span(struct rd *r, uint32_t tag, struct span *ret)
{
	struct rd in;

	if (!usm_inside(r, tag, &in))
		return false;
	*ret = rd_span_rest(&in);
	return true;
}

static bool
get_int(struct rd *r, uint32_t *ret)
{
	struct span s;

	if (!get_span(r, 2, &s) || s.n == 0 || s.n > 5)
		return false;
	*ret = 0;
	for (uint32_t i = 0; i < s.n; i++)
		*ret = *ret << 8 | s.p[i];
	return true;
}

struct parts {
	uint32_t id, boots, time;
	uint8_t flags;
	struct span engine, user, proof, salt, data; /* data: with its head */
};

static bool
get_security(struct rd *r, struct parts *ret)
{
	struct rd outer, in;

	return usm_inside(r, 4, &outer) && usm_inside(&outer, 0x30, &in) &&
	    get_span(&in, 4, &ret->engine) && get_int(&in, &ret->boots) &&
	    get_int(&in, &ret->time) && get_span(&in, 4, &ret->user) &&
	    get_span(&in, 4, &ret->proof) && get_span(&in, 4, &ret->salt);
}

static bool
take_apart(struct span s, struct parts *ret)
{
	struct rd_state state;
	struct rd whole = rd_open(&state, s, s.n), message, global;
	struct span flags;
	uint32_t version, most, model;

	if (!usm_inside(&whole, 0x30, &message) ||
	    !get_int(&message, &version) || version != 3 ||
	    !usm_inside(&message, 0x30, &global) ||
	    !get_int(&global, &ret->id) || !get_int(&global, &most) ||
	    !get_span(&global, 4, &flags) || flags.n != 1 ||
	    !get_int(&global, &model) || model != MODEL_USM ||
	    !get_security(&message, ret))
		return false;
	ret->flags = flags.p[0];
	ret->data = rd_span_rest(&message);
	return rd_ok(&message);
}

bool
usm_discovered(struct usm *u, struct span answer, enum usm_hash h,
    const char *auth, const char *priv)
{
	struct parts p;

	if (!take_apart(answer, &p) || p.id != u->id || p.engine.n == 0 ||
	    p.engine.n > USM_ENGINE)
		return false;
	memcpy(u->engine, p.engine.p, p.engine.n);
	u->n_engine = p.engine.n;
	u->boots = p.boots;
	u->time = p.time;
	return make_key(u, h, auth, u->auth) && make_key(u, h, priv, u->priv);
}

/* The proof, over the message with the proof's own bytes zero. */
static bool
is_proved(const struct usm *u, enum usm_hash h, struct span s,
    const struct parts *p)
{
	static _Thread_local uint8_t copy[65536];
	uint8_t proof[USM_KEY];
	size_t at = (size_t)(p->proof.p - s.p);

	if (p->proof.n != hashes[h].proof || s.n > sizeof(copy))
		return false;
	memcpy(copy, s.p, s.n);
	memset(copy + at, 0, p->proof.n);
	return prove(u, h, copy, s.n, proof) &&
	    gnutls_memcmp(proof, p->proof.p, p->proof.n) == 0;
}

static enum usm_verdict
open_scoped(struct span scoped, uint8_t *ret, uint32_t cap, uint32_t *ret_n)
{
	struct rd_state state;
	struct rd r = rd_open(&state, scoped, scoped.n), in;
	struct span engine, name, pdu;

	if (!usm_inside(&r, 0x30, &in) || !get_span(&in, 4, &engine) ||
	    !get_span(&in, 4, &name))
		return USM_ODD;
	pdu = rd_span_rest(&in);
	if (pdu.n == 0 || pdu.n > cap)
		return USM_ODD;
	if (pdu.p[0] == REPORT)
		return USM_DENIED;
	memcpy(ret, pdu.p, pdu.n);
	*ret_n = pdu.n;
	return USM_GOOD;
}

enum usm_verdict
usm_unwrap(struct usm *u, enum usm_hash h, struct span s, uint8_t *ret,
    uint32_t cap, uint32_t *ret_n)
{
	uint8_t room[USM_PDU], iv[AES_BLOCK_SIZE];
	struct rd_state state;
	struct rd r;
	struct parts p;
	struct span sealed;

	*ret_n = 0;
	if (!take_apart(s, &p) || p.id != u->id)
		return USM_ODD;
	if ((p.flags & FLAG_PRIV) == 0) /* a report, which need not be proved */
		return open_scoped(p.data, ret, cap, ret_n) == USM_DENIED
		    ? USM_DENIED
		    : USM_ODD;
	r = rd_open(&state, p.data, p.data.n);
	if (!is_proved(u, h, s, &p) || p.salt.n != 8 ||
	    !get_span(&r, 4, &sealed) || sealed.n > sizeof(room))
		return USM_ODD;
	memcpy(room, sealed.p, sealed.n);
	make_iv(p.boots, p.time, p.salt.p, iv);
	crypt(u, iv, room, sealed.n, false);
	u->boots = p.boots;
	u->time = p.time;
	return open_scoped(SPAN(room, sealed.n), ret, cap, ret_n);
}
