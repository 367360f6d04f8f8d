/*
 * ntlmssp.h - what an NTLM message tells: [MS-NLMP] 2.2.1.
 *
 *	"NTLMSSP\0" | type le32 | fields: length le16, space le16, offset le32
 *	1 NEGOTIATE	flags 12; domain 16, workstation 24 (OEM); version 32
 *	2 CHALLENGE	target name 12, flags 20, challenge 24, target
 *			information 40, version 48
 *	3 AUTHENTICATE	LM 12, NT 20, domain 28, user 36, workstation 44,
 *			key 52, flags 60, version 64
 *
 * Private to the dissectors whose logins carry it (SMB, HTTP).  Offsets are
 * the sender's words: each is held against the span.  A blob that makes no
 * sense says nothing; it is not for us to call its message malformed.
 */
#ifndef PROTO_NTLMSSP_H
#define PROTO_NTLMSSP_H

#include "proto.h"

#define NTLM_UNICODE 0x00000001u
#define NTLM_VERSION 0x02000000u
#define NTLM_REVISION 0x0f000000u /* three bytes reserved, revision 15 */

static inline uint32_t
ntlmssp_le16(struct span s, uint32_t at)
{
	return at + 2 <= s.n ? (uint32_t)(s.p[at] | s.p[at + 1] << 8) : 0;
}

static inline uint32_t
ntlmssp_le32(struct span s, uint32_t at)
{
	return ntlmssp_le16(s, at) | ntlmssp_le16(s, at + 2) << 16;
}

/* The bytes that a length and offset at `at` name; none if they lie. */
static inline struct span
ntlmssp_field(struct span s, uint32_t at)
{
	uint32_t n = ntlmssp_le16(s, at), off = ntlmssp_le32(s, at + 4);

	if (off > s.n || n > s.n - off)
		return SPAN(s.p, 0);
	return SPAN(s.p + off, n);
}

static inline void
ntlmssp_ident(struct dissect *d, enum trait trait, struct span text, bool wide)
{
	struct fact *f = dissect_ident_about(d, ABOUT_SENDER, trait, text);

	if (wide && text.n > 0)
		fact_text16(f, text);
}

static inline const char *
ntlmssp_release(uint32_t build)
{
	static const struct {
		uint32_t from;
		const char *name;
	} table[] = {
		{ 26100, "11 24H2 or Server 2025" },
		{ 22000, "11" },
		{ 20348, "Server 2022" },
		{ 18362, "10" },
		{ 17763, "10 1809 or Server 2019" },
		{ 14394, "10" },
		{ 14393, "10 1607 or Server 2016" },
		{ 10240, "10" },
		{ 9600, "8.1 or Server 2012 R2" },
		{ 9200, "8 or Server 2012" },
		{ 7600, "7 or Server 2008 R2" },
		{ 6000, "Vista or Server 2008" },
		{ 3790, "Server 2003 or XP x64" },
		{ 2600, "XP" },
		{ 2195, "2000" },
	};

	for (uint32_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (build >= table[i].from)
			return table[i].name;
	return "NT";
}

/* Build 0 is what other systems fill in. */
static inline void
ntlmssp_version(struct dissect *d, struct span s, uint32_t at, uint32_t flags)
{
	uint32_t build = ntlmssp_le16(s, at + 2);

	if ((flags & NTLM_VERSION) == 0 || build == 0 ||
	    ntlmssp_le32(s, at + 4) != NTLM_REVISION)
		return;
	dissect_identf(d, TRAIT_OS, "Windows %s (%u.%u.%u)",
	    ntlmssp_release(build), s.p[at], s.p[at + 1], build);
}

/* Attribute-value pairs, [MS-NLMP] 2.2.2.1: the longer names win. */
static inline void
ntlmssp_target(struct dissect *d, struct span info)
{
	struct span av[5] = { { NULL, 0 } };

	for (uint32_t i = 0; i < 16 && info.n >= 4; i++) {
		uint32_t id = ntlmssp_le16(info, 0), n = ntlmssp_le16(info, 2);

		info = span_from(info, 4);
		if (id == 0 || n > info.n)
			break;
		if (id < 5)
			av[id] = span_first(info, n);
		info = span_from(info, n);
	}
	ntlmssp_ident(d, TRAIT_NAME, av[3].n > 0 ? av[3] : av[1], true);
	if (!span_is(av[2], av[1]) || av[1].n == 0)
		ntlmssp_ident(d, TRAIT_DOMAIN, av[4].n > 0 ? av[4] : av[2],
		    true);
}

static inline uint32_t
ntlmssp_append(uint8_t *dst, uint32_t n, uint32_t cap, struct span s)
{
	uint32_t fits = s.n < cap - n ? s.n : cap - n;

	if (fits > 0)
		memcpy(dst + n, s.p, fits);
	return n + fits;
}

/* Who logs in: domain\user; the response to the challenge is left alone. */
static inline void
ntlmssp_login(struct dissect *d, uint32_t op, struct span domain,
    struct span user, bool wide)
{
	static const struct span slash = { (const uint8_t *)"\\\0", 2 };
	struct fact *f = dissect_emit(d, FACT_LOGIN, op);
	uint8_t name[256];
	uint32_t n = 0;

	f->object = (struct fact_object){ .space = SPACE_NAME, .count = 1 };
	if (user.n == 0) {
		fact_text(f, SPAN_LIT("anonymous"));
		return;
	}
	if (domain.n > 0) {
		n = ntlmssp_append(name, n, 128, domain);
		n = ntlmssp_append(name, n, sizeof(name),
		    span_first(slash, wide ? 2 : 1));
	}
	n = ntlmssp_append(name, n, sizeof(name), user);
	if (wide)
		fact_text16(f, SPAN(name, n));
	else
		fact_text(f, SPAN(name, n));
}

/* Where "NTLMSSP" begins in a blob (bare, or inside SPNEGO); empty if not. */
static inline struct span
ntlmssp_find(struct span blob)
{
	for (uint32_t i = 0; i + 12 <= blob.n && i < 512; i++)
		if (blob.p[i] == 'N' && memcmp(blob.p + i, "NTLMSSP", 8) == 0)
			return span_from(blob, i);
	return SPAN(blob.p, 0);
}

static inline void
ntlmssp_authenticate(struct dissect *d, uint32_t op, struct span s)
{
	uint32_t flags = ntlmssp_le32(s, 60);
	bool wide = (flags & NTLM_UNICODE) != 0;
	struct span station = ntlmssp_field(s, 44);

	ntlmssp_login(d, op, ntlmssp_field(s, 28), ntlmssp_field(s, 36), wide);
	ntlmssp_ident(d, TRAIT_NAME, station, wide);
	if (s.n >= 72)
		ntlmssp_version(d, s, 64, flags);
}

/* Say what an NTLM message in a login's blob tells; `op` is the login's. */
static inline void
ntlmssp_say(struct dissect *d, uint32_t op, struct span blob)
{
	struct span s = ntlmssp_find(blob);
	uint32_t type = ntlmssp_le32(s, 8);

	if (type == 1 && s.n >= 32) {
		uint32_t flags = ntlmssp_le32(s, 12);

		ntlmssp_ident(d, TRAIT_NAME, ntlmssp_field(s, 24), false);
		if (s.n >= 40)
			ntlmssp_version(d, s, 32, flags);
	} else if (type == 2 && s.n >= 48) {
		ntlmssp_target(d, ntlmssp_field(s, 40));
		if (s.n >= 56)
			ntlmssp_version(d, s, 48, ntlmssp_le32(s, 20));
	} else if (type == 3 && s.n >= 64) {
		ntlmssp_authenticate(d, op, s);
	}
}

#endif
