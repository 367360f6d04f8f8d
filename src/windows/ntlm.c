/*
 * ntlm.c - see ntlm.h.
 *
 *	negotiate 1 --->
 *	          <--- challenge 2: nonce, what the server is
 *	authenticate 3 --->
 *
 * Each begins with "NTLMSSP\0" and its number; texts and blobs stand behind,
 * found by length, room and offset ([MS-NLMP] 2.2.1).
 */
#include "ntlm.h"

#include <nettle/hmac.h>
#include <nettle/md4.h>
#include <nettle/md5.h>
#include <string.h>

/* 2.2.2.5 */
#define UNICODE 0x00000001u
#define REQUEST_TARGET 0x00000004u
#define SIGN 0x00000010u
#define SEAL 0x00000020u
#define NTLM 0x00000200u
#define ALWAYS_SIGN 0x00008000u
#define EXTENDED 0x00080000u
#define TARGET_INFO 0x00800000u
#define VERSION 0x02000000u
#define KEY_128 0x20000000u
#define KEY_EXCHANGE 0x40000000u
#define KEY_56 0x80000000u
#define WANTED                                                          \
	(UNICODE | REQUEST_TARGET | SIGN | SEAL | NTLM | ALWAYS_SIGN |  \
	    EXTENDED | TARGET_INFO | VERSION | KEY_128 | KEY_EXCHANGE | \
	    KEY_56)
#define NEEDED \
	(UNICODE | NTLM | EXTENDED | TARGET_INFO | KEY_128 | KEY_EXCHANGE)

/* 2.2.2.1 */
#define AV_END 0
#define AV_FLAGS 6
#define AV_TIME 7
#define AV_TARGET 9
#define AV_BINDING 10
#define HAS_MIC 2u

#define HEAD 88u /* of authenticate, with version and integrity code */
#define MIC_AT 72u
#define INFO_MOST 2048u

static void
hmac(const uint8_t key[static NTLM_KEY], struct span a, struct span b,
    uint8_t ret[static NTLM_KEY])
{
	struct hmac_md5_ctx c;

	hmac_md5_set_key(&c, NTLM_KEY, key);
	hmac_md5_update(&c, a.n, a.p);
	hmac_md5_update(&c, b.n, b.p);
	hmac_md5_digest(&c, NTLM_KEY, ret);
}

static void
put_head(struct wr *w, uint32_t number)
{
	wr_bytes(w, "NTLMSSP", 8);
	wr_le32(w, number);
}

/* Any: 10.0, NTLMSSP_REVISION_W2K3 (2.2.2.10). */
static void
put_version(struct wr *w)
{
	WR_HEX(w, 10, 0, 0, 0, 0, 0, 0, 15);
}

void
ntlm_negotiate(struct ntlm *c, struct wr *w)
{
	struct wr own = WR(c->first);

	put_head(&own, 1);
	wr_le32(&own, WANTED);
	for (uint32_t i = 0; i < 4; i++) /* no domain, no workstation */
		wr_le32(&own, 0);
	put_version(&own);
	c->n_first = own.n;
	wr_bytes(w, own.p, own.n);
}

/* ---------------------------------------------------------------- challenge */

struct challenge {
	uint32_t flags;
	uint8_t nonce[8];
	struct span info;
};

static bool
read_challenge(struct span s, struct challenge *ret)
{
	struct rd_state state;
	struct rd r = rd_open(&state, s, s.n);
	struct span head = rd_span(&r, 8);
	uint32_t number = rd_le32(&r), n, at;
	struct span nonce;

	rd_skip(&r, 8); /* name of the target */
	ret->flags = rd_le32(&r);
	nonce = rd_span(&r, 8);
	rd_skip(&r, 8);
	n = rd_le16(&r);
	rd_skip(&r, 2);
	at = rd_le32(&r);
	if (!rd_ok(&r) || number != 2 ||
	    !span_is(head, SPAN_LIT("NTLMSSP\0")) ||
	    (ret->flags & NEEDED) != NEEDED || at > s.n || n > s.n - at ||
	    n > INFO_MOST)
		return false;
	memcpy(ret->nonce, nonce.p, 8);
	ret->info = SPAN(s.p + at, n);
	return true;
}

/* The next pair; false at the end.  Bad ones end it, too. */
static bool
next_pair(struct rd *r, uint16_t *id, struct span *value)
{
	uint32_t n;

	*id = rd_le16(r);
	n = rd_le16(r);
	*value = rd_span(r, n);
	return rd_ok(r) && *id != AV_END;
}

static bool
find_time(struct span info, uint64_t *ret)
{
	struct rd_state state;
	struct rd r = rd_open(&state, info, info.n);
	struct span value;
	uint16_t id;

	while (next_pair(&r, &id, &value))
		if (id == AV_TIME && value.n == 8) {
			r = rd_open(&state, value, 8);
			*ret = rd_le64(&r);
			return true;
		}
	return false;
}

/* ------------------------------------------------------------------- answer */

/* MD5 of the bindings as GSS-API lays them out (RFC 4121 4.1.1.2). */
static void
put_binding(struct wr *w, struct span binding)
{
	static const uint8_t nobody[16];
	uint8_t n[4] = { (uint8_t)binding.n, (uint8_t)(binding.n >> 8) };
	uint8_t hash[MD5_DIGEST_SIZE];
	struct md5_ctx c;

	if (binding.n == 0)
		return;
	md5_init(&c);
	md5_update(&c, sizeof(nobody), nobody);
	md5_update(&c, sizeof(n), n);
	md5_update(&c, binding.n, binding.p);
	md5_digest(&c, sizeof(hash), hash);
	wr_le16(w, AV_BINDING);
	wr_le16(w, sizeof(hash));
	wr_bytes(w, hash, sizeof(hash));
}

static void
put_target(struct wr *w, const char *target)
{
	uint32_t at = w->n + 2;

	wr_le16(w, AV_TARGET);
	wr_le16(w, 0);
	utf16_put(w, target, false);
	w->p[at] = (uint8_t)(w->n - at - 2);
	w->p[at + 1] = (uint8_t)((w->n - at - 2) >> 8);
}

/* What the server said of itself, and what we add (3.1.5.1.2). */
static void
put_info(struct wr *w, struct span info, bool mic,
    const struct ntlm_credentials *who)
{
	struct rd_state state;
	struct rd r = rd_open(&state, info, info.n);
	struct span value;
	uint16_t id;

	while (next_pair(&r, &id, &value)) {
		if (id == AV_FLAGS || id == AV_TARGET || id == AV_BINDING)
			continue;
		wr_le16(w, id);
		wr_le16(w, value.n);
		wr_bytes(w, value.p, value.n);
	}
	if (mic) {
		wr_le16(w, AV_FLAGS);
		wr_le16(w, 4);
		wr_le32(w, HAS_MIC);
	}
	put_binding(w, who->binding);
	put_target(w, who->target);
	wr_le32(w, AV_END);
}

/* 3.3.2: NTOWFv2 */
static void
key_of(const struct ntlm_credentials *who, uint8_t ret[static NTLM_KEY])
{
	uint8_t bytes[1024], hash[MD4_DIGEST_SIZE];
	struct wr w = WR(bytes);
	struct md4_ctx c;

	utf16_put(&w, who->password, false);
	md4_init(&c);
	md4_update(&c, w.n, w.p);
	md4_digest(&c, sizeof(hash), hash);
	w.n = 0;
	utf16_put(&w, who->user, true);
	utf16_put(&w, who->domain, false);
	hmac(hash, wr_span(&w), SPAN(bytes, 0), ret);
	explicit_bzero(bytes, sizeof(bytes));
	explicit_bzero(hash, sizeof(hash));
}

/* The proof and what it proves: `response` has 16 bytes free in front. */
static void
put_response(struct wr *w, const struct challenge *c, uint64_t time, bool mic,
    const struct ntlm_credentials *who, uint8_t ret_base[static NTLM_KEY])
{
	uint8_t key[NTLM_KEY], proof[NTLM_KEY];
	uint32_t at = w->n;

	memset(proof, 0, sizeof(proof));
	wr_bytes(w, proof, sizeof(proof));
	WR_HEX(w, 1, 1, 0, 0, 0, 0, 0, 0); /* 2.2.2.7 */
	wr_le32(w, (uint32_t)time);
	wr_le32(w, (uint32_t)(time >> 32));
	wr_bytes(w, who->challenge, sizeof(who->challenge));
	wr_le32(w, 0);
	put_info(w, c->info, mic, who);
	wr_le32(w, 0);
	key_of(who, key);
	hmac(key, SPAN(c->nonce, 8), SPAN(w->p + at + 16, w->n - at - 16),
	    proof);
	memcpy(w->p + at, proof, sizeof(proof));
	hmac(key, SPAN(proof, sizeof(proof)), SPAN(proof, 0), ret_base);
	explicit_bzero(key, sizeof(key));
}

static void
put_field(struct wr *head, struct wr *body, struct span value)
{
	wr_le16(head, value.n);
	wr_le16(head, value.n);
	wr_le32(head, HEAD + body->n);
	wr_bytes(body, value.p, value.n);
}

static void
put_text(struct wr *head, struct wr *body, const char *text)
{
	uint8_t bytes[512];
	struct wr w = WR(bytes);

	utf16_put(&w, text, false);
	put_field(head, body, wr_span(&w));
}

/* ---------------------------------------------------------------- the keys */

static void
derive(const uint8_t session[static NTLM_KEY], const char *magic,
    uint8_t ret[static NTLM_KEY])
{
	struct md5_ctx c;

	md5_init(&c);
	md5_update(&c, NTLM_KEY, session);
	md5_update(&c, strlen(magic) + 1, (const uint8_t *)magic);
	md5_digest(&c, NTLM_KEY, ret);
}

/* 3.4.5.2, 3.4.5.3 */
static void
begin_way(struct ntlm_way *way, const uint8_t session[static NTLM_KEY],
    const char *sign, const char *seal)
{
	uint8_t key[NTLM_KEY];

	derive(session, sign, way->sign);
	derive(session, seal, key);
	arcfour_set_key(&way->seal, NTLM_KEY, key);
	way->seq = 0;
	explicit_bzero(key, sizeof(key));
}

static void
begin_ways(struct ntlm *c, const uint8_t session[static NTLM_KEY])
{
	begin_way(&c->out, session,
	    "session key to client-to-server signing key magic constant",
	    "session key to client-to-server sealing key magic constant");
	begin_way(&c->in, session,
	    "session key to server-to-client signing key magic constant",
	    "session key to server-to-client sealing key magic constant");
}

static void
put_mic(const struct ntlm *c, struct span challenge, struct wr *w, uint32_t at,
    const uint8_t session[static NTLM_KEY])
{
	struct hmac_md5_ctx h;

	hmac_md5_set_key(&h, NTLM_KEY, session);
	hmac_md5_update(&h, c->n_first, c->first);
	hmac_md5_update(&h, challenge.n, challenge.p);
	hmac_md5_update(&h, w->n - at, w->p + at);
	hmac_md5_digest(&h, NTLM_KEY, w->p + at + MIC_AT);
}

bool
ntlm_authenticate(struct ntlm *c, struct span challenge,
    const struct ntlm_credentials *who, struct wr *ret)
{
	uint8_t response[INFO_MOST + 1024], rest[NTLM_MESSAGE], base[NTLM_KEY];
	uint8_t exchanged[NTLM_KEY];
	static const uint8_t no_lm[24];
	struct wr r = WR(response), body = WR(rest);
	struct arcfour_ctx rc4;
	struct challenge ch;
	uint32_t at = ret->n;
	uint64_t time = who->time;
	bool mic;

	if (!read_challenge(challenge, &ch))
		return false;
	mic = find_time(ch.info, &time);
	put_response(&r, &ch, time, mic, who, base);
	arcfour_set_key(&rc4, NTLM_KEY, base);
	arcfour_crypt(&rc4, NTLM_KEY, exchanged, who->session);
	put_head(ret, 3);
	put_field(ret, &body, SPAN(no_lm, sizeof(no_lm)));
	put_field(ret, &body, wr_span(&r));
	put_text(ret, &body, who->domain);
	put_text(ret, &body, who->user);
	put_text(ret, &body, "");
	put_field(ret, &body, SPAN(exchanged, sizeof(exchanged)));
	wr_le32(ret, ch.flags & WANTED);
	put_version(ret);
	for (uint32_t i = 0; i < 4; i++)
		wr_le32(ret, 0);
	wr_bytes(ret, body.p, body.n);
	if (r.full || body.full || ret->full)
		return false;
	if (mic)
		put_mic(c, challenge, ret, at, who->session);
	begin_ways(c, who->session);
	explicit_bzero(base, sizeof(base));
	return true;
}

/* ------------------------------------------------------------------ sealing */

/* 3.4.4.2; the stream has gone over the message before. */
static void
signature(struct ntlm_way *way, const uint8_t sum[static NTLM_KEY],
    uint8_t ret[static NTLM_SIGNATURE])
{
	const uint8_t version[4] = { 1 };

	memcpy(ret, version, 4);
	arcfour_crypt(&way->seal, 8, ret + 4, sum);
	for (uint32_t i = 0; i < 4; i++)
		ret[12 + i] = (uint8_t)(way->seq >> 8 * i);
	way->seq++;
}

static void
sum_of(const struct ntlm_way *way, const uint8_t *p, uint32_t n,
    uint8_t ret[static NTLM_KEY])
{
	uint8_t seq[4];

	for (uint32_t i = 0; i < 4; i++)
		seq[i] = (uint8_t)(way->seq >> 8 * i);
	hmac(way->sign, SPAN(seq, 4), SPAN(p, n), ret);
}

void
ntlm_seal(struct ntlm *c, uint8_t *p, uint32_t n,
    uint8_t ret_signature[static NTLM_SIGNATURE])
{
	uint8_t sum[NTLM_KEY];

	sum_of(&c->out, p, n, sum);
	arcfour_crypt(&c->out.seal, n, p, p);
	signature(&c->out, sum, ret_signature);
}

bool
ntlm_unseal(struct ntlm *c, uint8_t *p, uint32_t n,
    const uint8_t given[static NTLM_SIGNATURE])
{
	uint8_t sum[NTLM_KEY], own[NTLM_SIGNATURE];

	arcfour_crypt(&c->in.seal, n, p, p);
	sum_of(&c->in, p, n, sum);
	signature(&c->in, sum, own);
	return memcmp(own, given, sizeof(own)) == 0;
}
