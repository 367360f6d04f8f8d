/*
 * risk_talk.c - see risk.h: what conversations say against devices.
 *
 * One pass over all of them.  What is counted once for a device (an address, a
 * client) is known by a hash of both: two in 2^64 that collide are one too few.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../base/hash.h"
#include "ends.h"
#include "risk.h"
#include "shares.h"

#define ERRORS_MANY 10
#define PROTO_WORDS ((PROTO_MAX + 63) / 64)

static const char *const in_clear[] = { "telnet", "ftp", "tftp", "vnc" };
#define CLEAR (sizeof(in_clear) / sizeof(in_clear[0]))

struct heard { /* of a device */
	uint32_t internet, smb, clients;
	uint32_t clear; /* bits: in_clear */
	uint64_t protos[PROTO_WORDS]; /* it is operated by */
	uint64_t errors, malformed;
};

struct talk_pass {
	const struct assessment *of;
	struct ends *ends;
	struct heard *heard; /* as in of */
	uint64_t *seen; /* hashes, 0 free */
	uint32_t n_seen, mask;
	struct proto_names names;
};

/* --------------------------------------------------------------- once each */

static uint64_t *
slot_of(uint64_t *seen, uint32_t mask, uint64_t hash)
{
	uint32_t at = (uint32_t)(hash >> 32) & mask;

	while (seen[at] != 0 && seen[at] != hash)
		at = (at + 1) & mask;
	return &seen[at];
}

static bool
grow(struct talk_pass *p)
{
	uint32_t mask = p->mask > 0 ? 2 * p->mask + 1 : 4095;
	uint64_t *seen = calloc((size_t)mask + 1, sizeof(*seen));

	if (seen == NULL)
		return false;
	for (uint32_t i = 0; p->mask > 0 && i <= p->mask; i++)
		if (p->seen[i] != 0)
			*slot_of(seen, mask, p->seen[i]) = p->seen[i];
	free(p->seen);
	p->seen = seen;
	p->mask = mask;
	return true;
}

/* True the first time that it comes with this device. */
static bool
is_new(struct talk_pass *p, enum risk_talk t, const struct device_risk *d,
    struct span other)
{
	uint64_t hash =
	    hash_bytes(other.p, other.n, hash_seed + (uint64_t)d->id * 8 + t) |
	    1;
	uint64_t *slot;

	if (2 * p->n_seen >= p->mask && !grow(p))
		return false;
	slot = slot_of(p->seen, p->mask, hash);
	if (*slot != 0)
		return false;
	*slot = hash;
	p->n_seen++;
	return true;
}

/* -------------------------------------------------------------- what is said
 */

static uint32_t
net_of(struct span ip)
{
	uint32_t n = ip.n;

	while (n > 0 && ip.p[n - 1] != '.')
		n--;
	return n;
}

/* Of IPv4: not in one /24. */
static bool
is_elsewhere(struct span a, struct span b)
{
	uint32_t n = net_of(a);

	return n > 0 && (n != net_of(b) || memcmp(a.p, b.p, n) != 0);
}

static struct heard *
heard_of(struct talk_pass *p, const struct device_risk *d)
{
	return d != NULL ? &p->heard[d - p->of->of] : NULL;
}

static void
hear_ends(struct talk_pass *p, const struct device_risk *own, int64_t other,
    struct span other_ip, bool smb)
{
	struct heard *h = heard_of(p, own);

	if (h == NULL)
		return;
	if (smb)
		h->smb++;
	if (other == END_INTERNET && is_new(p, RISK_INTERNET, own, other_ip))
		h->internet++;
}

static void
hear_server(struct talk_pass *p, const struct device_risk *d, sqlite3_stmt *s)
{
	struct span client = list_text(s, 0), proto = list_text(s, 2);
	uint64_t errors = (uint64_t)sqlite3_column_int64(s, 3);
	uint64_t malformed = (uint64_t)sqlite3_column_int64(s, 4);
	uint32_t i = proto_names_find(&p->names, proto);
	struct heard *h = heard_of(p, d);

	for (uint32_t k = 0; k < CLEAR; k++)
		if (proto.n == strlen(in_clear[k]) &&
		    memcmp(proto.p, in_clear[k], proto.n) == 0)
			h->clear |= 1u << k;
	if (errors > ERRORS_MANY || malformed > 0) {
		h->errors += errors;
		h->malformed += malformed;
	}
	if (!d->ot || i >= n_protos || !protos[i]->ot ||
	    !is_elsewhere(client, list_text(s, 1)))
		return;
	h->protos[i / 64] |= UINT64_C(1) << i % 64;
	if (is_new(p, RISK_OTHER_SUBNET, d, client))
		h->clients++;
}

static void
hear(struct talk_pass *p, sqlite3_stmt *s)
{
	struct span client = list_text(s, 0), server = list_text(s, 1);
	struct span proto = list_text(s, 2);
	int64_t a = ends_find(p->ends, client), b = ends_find(p->ends, server);
	const struct device_risk *x = risk_device(p->of, a);
	const struct device_risk *y = risk_device(p->of, b);
	bool smb = proto.n == 3 && memcmp(proto.p, "smb", 3) == 0;

	hear_ends(p, x, b, server, smb);
	if (y == NULL)
		return;
	if (y != x)
		hear_ends(p, y, a, client, smb);
	hear_server(p, y, s);
}

/* ----------------------------------------------------------------- telling */

static void
add_word(char *dst, size_t cap, const char *word)
{
	size_t n = strlen(dst);

	(void)snprintf(dst + n, cap - n, "%s%s", n > 0 ? "," : "", word);
}

static void
clear_text(const struct heard *h, char dst[static 256])
{
	dst[0] = '\0';
	for (uint32_t k = 0; k < CLEAR; k++)
		if ((h->clear >> k & 1u) != 0)
			add_word(dst, 256, in_clear[k]);
}

static void
operated_text(const struct heard *h, char dst[static 256])
{
	char words[200] = "";

	for (uint32_t i = 0; i < n_protos; i++)
		if ((h->protos[i / 64] >> i % 64 & 1) != 0)
			add_word(words, sizeof(words), protos[i]->name);
	(void)snprintf(dst, 256, "by %" PRIu32 " addresses, in %s", h->clients,
	    words);
}

/* False: it is not said of the device. */
static bool
text_of(const struct heard *h, enum risk_talk t, char dst[static 256])
{
	switch (t) {
	case RISK_INTERNET:
		(void)snprintf(dst, 256, "with %" PRIu32 " public addresses",
		    h->internet);
		return h->internet > 0;
	case RISK_SMB1:
		(void)snprintf(dst, 256, "with %" PRIu32 " others", h->smb);
		return h->smb > 0;
	case RISK_CLEARTEXT:
		clear_text(h, dst);
		return h->clear != 0;
	case RISK_OTHER_SUBNET:
		operated_text(h, dst);
		return h->clients > 0;
	case RISK_REFUSED:
		(void)snprintf(dst, 256,
		    "%" PRIu64 " refused, %" PRIu64 " malformed", h->errors,
		    h->malformed);
		return h->errors > 0 || h->malformed > 0;
	case RISK_NO_TALK:
	case RISK_TALKS:
		break;
	}
	return false;
}

void
risk_talk(struct reader *r, const struct assessment *of,
    void (*tell)(void *, struct device_risk *, enum risk_talk, const char *),
    void *ctx)
{
	struct talk_pass p = { .of = of,
		.ends = ends_load(r),
		.heard = calloc((size_t)of->n + 1, sizeof(*p.heard)) };
	sqlite3_stmt *s = reader_ask(r,
	    "select client_ip, server_ip, proto, errors, malformed from "
	    "conversation where client_ip is not null and server_ip is not "
	    "null");
	char text[256];

	proto_names_make(&p.names);
	while (p.ends != NULL && p.heard != NULL && s != NULL &&
	    sqlite3_step(s) == SQLITE_ROW)
		hear(&p, s);
	for (uint32_t i = 0; p.heard != NULL && i < of->n; i++)
		for (uint32_t t = RISK_NO_TALK + 1; t < RISK_TALKS; t++)
			if (text_of(&p.heard[i], (enum risk_talk)t, text))
				tell(ctx, &of->of[i], (enum risk_talk)t, text);
	ends_free(p.ends);
	free(p.heard);
	free(p.seen);
}
