/*
 * kerberos.c - Kerberos, version 5.
 *
 * RFC 4120, clause 5; error codes 7.5.9.  Over TCP a length be32 stands
 * before each message.
 *
 *	[APPLICATION n] SEQUENCE
 *	requests	[1] 5, [2] type, [3] proofs, [4] body: [1] client, [2]
 *			realm, [3] service, [8] ciphers
 *	tickets		[0] 5, [1] type, [3] realm, [4] client, [5] ticket,
 *			[6] secret
 *	errors		[6] code, [7] realm, [8] client, [9] realm, [10]
 *			service
 *
 * Op is the type.  The object is the client of a login, the service of a
 * ticket, by name.  Ciphers that are broken are a trait of the security.
 */
#include "ber.h"
#include "say.h"

#define PORT 88u

enum type {
	T_AS_REQUEST = 10,
	T_AS_REPLY = 11,
	T_TGS_REQUEST = 12,
	T_TGS_REPLY = 13,
	T_ERROR = 30,
};

static const struct proto_op ops[] = {
	{ T_AS_REQUEST, FACT_LOGIN, RISK_NONE, "login request" },
	{ T_AS_REPLY, FACT_LOGIN, RISK_NONE, "login reply" },
	{ T_TGS_REQUEST, FACT_SESSION, RISK_NONE, "ticket request" },
	{ T_TGS_REPLY, FACT_SESSION, RISK_NONE, "ticket reply" },
	{ 14, FACT_LOGIN, RISK_NONE, "application request" },
	{ 15, FACT_LOGIN, RISK_NONE, "application reply" },
	{ 20, FACT_SESSION, RISK_NONE, "safe message" },
	{ 21, FACT_SESSION, RISK_NONE, "private message" },
	{ 22, FACT_SESSION, RISK_NONE, "forwarded credentials" },
	{ T_ERROR, FACT_SESSION, RISK_NONE, "error" },
};

/* The tag of a known message, and its type inside, right behind. */
static bool
is_message(struct span s)
{
	uint32_t n = s.n >= 16 ? s.p[0] & 0x1f : 0, at = 1;

	if (s.n < 16 || s.p[0] >> 5 != 3 ||
	    !((n >= 10 && n <= 15) || (n >= 20 && n <= 22) || n == 30))
		return false;
	/* two lengths: of the message and of its sequence */
	at += s.p[at] < 0x80 ? 1u : 1u + (s.p[at] & 3);
	if (s.p[at] != 0x30)
		return false;
	at++;
	at += s.p[at] < 0x80 ? 1u : 1u + (s.p[at] & 3);
	return at + 5 <= s.n && (s.p[at] == 0xa0 || s.p[at] == 0xa1) &&
	    memcmp(s.p + at + 1, "\x03\x02\x01\x05", 4) == 0;
}

static uint32_t
kerberos_frame(struct span s, const struct dissect *d)
{
	uint32_t n;

	if (d->via == VIA_UDP)
		return s.n;
	n = (uint32_t)s.p[1] << 16 | (uint32_t)s.p[2] << 8 | s.p[3];
	if (s.p[0] != 0 || n < 16 || n > 1u << 20)
		return FRAME_NOT_MINE;
	if (s.n >= 5 && s.p[4] >> 5 != 3)
		return FRAME_NOT_MINE;
	return n + 4;
}

static enum claim
kerberos_claim(struct span s, const struct dissect *d)
{
	if (d->via == VIA_TCP)
		s = span_from(s, 4);
	return is_message(s) ? CLAIM_STRONG : CLAIM_NO;
}

static enum way
kerberos_way(struct span s)
{
	uint32_t n;

	if (s.n >= 5 && s.p[0] == 0)
		s = span_from(s, 4);
	n = s.n > 0 && s.p[0] >> 5 == 3 ? s.p[0] & 0x1fu : 0;
	return n == T_AS_REQUEST || n == T_TGS_REQUEST || n == 14 ? WAY_REQUEST
	    : n == T_AS_REPLY || n == T_TGS_REPLY || n == T_ERROR ? WAY_RESPONSE
								  : WAY_UNKNOWN;
}

struct said {
	char client[64], realm[64], service[64];
	uint32_t code, cipher; /* error; the first that is offered */
};

static void
copy(char dst[static 64], struct span s, const char *between)
{
	size_t at = strlen(dst);

	if (s.n > 0)
		(void)snprintf(dst + at, 64 - at, "%s%.*s",
		    at > 0 ? between : "", (int)(s.n < 63 ? s.n : 63),
		    (const char *)s.p);
}

/* PrincipalName: [0] type, [1] a sequence of strings. */
static void
principal(struct rd *r, char dst[static 64])
{
	struct rd name = ber_enter(r, BER_SEQUENCE, "name is no sequence");

	dst[0] = '\0';
	while (rd_more(&name)) {
		struct ber e = ber_next(&name);
		struct rd list;

		if (e.tag == BER_CONTEXT(1)) {
			list = ber_enter(&e.in, BER_SEQUENCE,
			    "name is no sequence");
			while (rd_more(&list)) {
				struct ber part = ber_next(&list);

				copy(dst, ber_span(&part), "/");
			}
		}
		rd_skip_rest(&e.in);
	}
}

static void
text(struct rd *r, char dst[static 64])
{
	struct ber e = ber_next(r);

	dst[0] = '\0';
	copy(dst, ber_span(&e), "");
}

static uint32_t
number(struct rd *r)
{
	struct ber e = ber_next(r);

	return (uint32_t)ber_uint(&e);
}

static void
request_body(struct rd *r, struct said *said)
{
	struct rd body = ber_enter(r, BER_SEQUENCE, "body is no sequence");

	while (rd_more(&body)) {
		struct ber e = ber_next(&body);
		struct rd list;

		if (e.tag == BER_CONTEXT(1)) {
			principal(&e.in, said->client);
		} else if (e.tag == BER_CONTEXT(2)) {
			text(&e.in, said->realm);
		} else if (e.tag == BER_CONTEXT(3)) {
			principal(&e.in, said->service);
		} else if (e.tag == BER_CONTEXT(8)) {
			list = ber_enter(&e.in, BER_SEQUENCE,
			    "ciphers are no sequence");
			said->cipher = rd_more(&list) ? number(&list) : 0;
			rd_skip_rest(&list);
		}
		rd_skip_rest(&e.in);
	}
}

/* Which field of the three kinds of message tells what. */
static void
field(struct ber *e, uint32_t type, struct said *said)
{
	static const struct {
		uint8_t request, reply, error;
	} at[] = { { 0xff, 3, 7 }, { 0xff, 4, 8 }, { 0xff, 0xff, 10 },
		{ 4, 0xff, 0xff }, { 0xff, 0xff, 6 } };
	bool request = type == T_AS_REQUEST || type == T_TGS_REQUEST;
	uint32_t n = BER_NUMBER(e->tag), what = 0;

	if (!request && type != T_AS_REPLY && type != T_TGS_REPLY &&
	    type != T_ERROR)
		return;
	for (; what < sizeof(at) / sizeof(at[0]); what++)
		if (n ==
		    (request                  ? at[what].request
			    : type == T_ERROR ? at[what].error
					      : at[what].reply))
			break;
	switch (what) {
	case 0:
		text(&e->in, said->realm);
		break;
	case 1:
		principal(&e->in, said->client);
		break;
	case 2:
		principal(&e->in, said->service);
		break;
	case 3:
		request_body(&e->in, said);
		break;
	case 4:
		said->code = number(&e->in);
		break;
	}
}

/* A client that ends in "$" is a computer of the domain. */
static void
say_client(struct dissect *d, uint32_t type, const struct said *said)
{
	size_t n = strlen(said->client);

	if (type == T_AS_REQUEST && n > 1 && said->client[n - 1] == '$')
		dissect_ident(d, TRAIT_NAME,
		    SPAN((const uint8_t *)said->client, (uint32_t)n - 1));
	if (type == T_AS_REQUEST)
		dissect_ident(d, TRAIT_DOMAIN, span_text(said->realm));
	if (d->ctx.response && type != T_ERROR)
		dissect_ident_role(d, ABOUT_SENDER, ROLE_DIRECTORY);
	if (said->cipher == 1 || said->cipher == 3)
		dissect_ident(d, TRAIT_SECURITY,
		    SPAN_LIT("Kerberos prefers DES"));
	else if (said->cipher == 23 || said->cipher == 24)
		dissect_ident(d, TRAIT_SECURITY,
		    SPAN_LIT("Kerberos prefers RC4"));
}

static void
say(struct dissect *d, uint32_t type, const struct said *said)
{
	struct fact *f;

	d->ctx.response = type == T_AS_REPLY || type == T_TGS_REPLY ||
	    type == T_ERROR || type == 15;
	if (d->ctx.response)
		(void)dissect_recall(d, 1);
	else if (type == T_AS_REQUEST || type == T_TGS_REQUEST)
		dissect_remember(d, (struct ask){ .pair = 1, .op = type });
	f = type == T_ERROR ? dissect_error(d, type, said->code)
			    : dissect_op(d, type);
	f->object = SAY_NAMED;
	if (type == T_TGS_REQUEST)
		fact_text(f, span_text(said->service));
	else if (said->client[0] != '\0')
		fact_textf(f, "%.60s@%.34s", said->client, said->realm);
	say_client(d, type, said);
}

static void
kerberos_parse(struct rd *r, struct dissect *d)
{
	struct said said = { .code = 0 };
	struct ber message;
	struct rd list;
	uint32_t type;

	if (d->via == VIA_TCP)
		rd_skip(r, 4);
	message = ber_next(r);
	rd_require(r, !rd_ok(r) || BER_CLASS(message.tag) == BER_APPLICATION(0),
	    "not a message");
	type = BER_NUMBER(message.tag);
	list = ber_enter(&message.in, BER_SEQUENCE, "not a sequence");
	while (rd_more(&list)) {
		struct ber e = ber_next(&list);

		field(&e, type, &said);
		rd_skip_rest(&e.in);
	}
	if (rd_ok(r) || r->state->status == RD_SHORT)
		say(d, type, &said);
	rd_skip_rest(r);
}

const struct proto proto_kerberos = {
	.name = "kerberos",
	.title = "Kerberos, version 5",
	.spec = "RFC 4120",
	.depth = "all messages; users, computers, services, outcome, ciphers "
		 "preferred; tickets are secret",
	.slot = PROTO_SLOT,
	.tcp = { PORT },
	.udp = { PORT },
	.claim = kerberos_claim,
	.way = kerberos_way,
	.frame = kerberos_frame,
	.frame_min = 4,
	.parse = kerberos_parse,
	PROTO_OPS(ops),
};
