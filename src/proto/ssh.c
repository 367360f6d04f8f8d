/*
 * ssh.c - Secure Shell, up to where it becomes secret.
 *
 * RFC 4253: version exchange (clause 4.2), binary packets (6), key exchange
 * (7); message numbers RFC 4250, 4.1.
 *
 *	"SSH-2.0-" software [SP comments] CR LF		once each way
 *	length be32 | padding u8 | message u8 | ...	until NEWKEYS
 *	all else: encrypted
 *
 * Op is the message number; 256 the version exchange.  The fact of a KEXINIT
 * names the algorithm preferred for the key exchange, and what each end still
 * offers of the broken ones is a trait of its security.  HASSH is a
 * fingerprint.
 */
#include <nettle/md5.h>
#include <stdio.h>

#include "proto.h"
#include "text.h"

#define BANNER_MAX 512u
#define PACKET_MAX 35000u /* RFC 4253, 6.1 */
#define OP_VERSION 256u
#define PORT 22u

enum phase {
	PHASE_BANNER,
	PHASE_PLAIN,
	PHASE_SECRET,
};

enum message {
	MSG_DISCONNECT = 1,
	MSG_KEXINIT = 20,
	MSG_NEWKEYS = 21,
};

struct state {
	uint8_t phase[2]; /* enum phase, by to_server */
};

static const struct proto_op ops[] = {
	{ 1, FACT_SESSION, RISK_NONE, "disconnect" },
	{ 2, FACT_SESSION, RISK_NONE, "ignore" },
	{ 3, FACT_SESSION, RISK_NONE, "unimplemented" },
	{ 4, FACT_SESSION, RISK_NONE, "debug" },
	{ 5, FACT_SESSION, RISK_NONE, "service request" },
	{ 6, FACT_SESSION, RISK_NONE, "service accept" },
	{ 7, FACT_SESSION, RISK_NONE, "extension information" },
	{ 20, FACT_SESSION, RISK_NONE, "key exchange init" },
	{ 21, FACT_SESSION, RISK_NONE, "new keys" },
	/* the numbers of the key exchange mean what its method says */
	{ 30, FACT_SESSION, RISK_NONE, "key exchange 30" },
	{ 31, FACT_SESSION, RISK_NONE, "key exchange 31" },
	{ 32, FACT_SESSION, RISK_NONE, "key exchange 32" },
	{ 33, FACT_SESSION, RISK_NONE, "key exchange 33" },
	{ 34, FACT_SESSION, RISK_NONE, "key exchange 34" },
	{ OP_VERSION, FACT_SESSION, RISK_NONE, "version" },
};

static uint32_t
packet_length(struct span s)
{
	uint32_t n;

	if (s.n < 4)
		return FRAME_NEED_MORE;
	n = (uint32_t)s.p[0] << 24 | (uint32_t)s.p[1] << 16 |
	    (uint32_t)s.p[2] << 8 | s.p[3];
	return n >= 6 && n <= PACKET_MAX ? n + 4 : FRAME_NOT_MINE;
}

static uint32_t
banner_length(struct span s)
{
	uint32_t n = span_find(span_first(s, BANNER_MAX), '\n');

	if (n < s.n && n < BANNER_MAX)
		return n + 1;
	return s.n < BANNER_MAX ? FRAME_NEED_MORE : FRAME_NOT_MINE;
}

static bool
is_banner(struct span s)
{
	return span_starts(s, SPAN_LIT("SSH-")) && s.n >= 8 &&
	    text_is_digit(s.p[4]) && s.p[5] == '.';
}

static uint32_t
ssh_frame(struct span s, const struct dissect *d)
{
	const struct state *st = d->state;

	if (is_banner(s))
		return banner_length(s);
	switch (st->phase[d->to_server]) {
	case PHASE_PLAIN:
		return packet_length(s);
	case PHASE_SECRET:
		return s.n;
	}
	if (s.n < 8 &&
	    (text_may_start(s, SPAN_LIT("SSH-")) ||
		span_starts(s, SPAN_LIT("SSH-"))))
		return FRAME_NEED_MORE;
	/* no banner: the conversation was joined in its midst */
	return st->phase[!d->to_server] == PHASE_PLAIN ? FRAME_NOT_MINE : s.n;
}

static enum claim
ssh_claim(struct span s, const struct dissect *d)
{
	if (d->via != VIA_TCP)
		return CLAIM_NO;
	if (is_banner(s))
		return CLAIM_STRONG;
	return d->talk->server_port == PORT && s.n >= 16 ? CLAIM_WEAK
							 : CLAIM_NO;
}

static void
say_system(struct dissect *d, struct span software)
{
	static const struct {
		const char *mark, *os;
	} table[] = {
		{ "ubuntu", "Ubuntu Linux" },
		{ "raspbian", "Raspbian Linux" },
		{ "debian", "Debian Linux" },
		{ "freebsd", "FreeBSD" },
		{ "netbsd", "NetBSD" },
		{ "for_windows", "Windows" },
		{ "cisco", "Cisco IOS" },
	};

	for (uint32_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (text_find(software, table[i].mark) < software.n)
			dissect_ident(d, TRAIT_OS, span_text(table[i].os));
}

static void
banner(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;
	struct span line = text_rd_line(r), version, software;
	uint32_t dash;
	struct fact *f;

	if (!rd_ok(r))
		return;
	version = span_from(line, 4);
	dash = span_find(version, '-');
	software = span_from(version, dash + 1);
	version = span_first(version, dash);
	f = dissect_op(d, OP_VERSION);
	fact_text(f, version);
	dissect_ident(d, TRAIT_APPLICATION, software);
	say_system(d, software);
	st->phase[d->to_server] = PHASE_PLAIN;
	if (text_starts(version, "1.") && !span_is(version, SPAN_LIT("1.99"))) {
		dissect_ident(d, TRAIT_SECURITY, SPAN_LIT("SSH version 1"));
		st->phase[d->to_server] = PHASE_SECRET; /* other packets */
	}
}

/* Broken or retired: RFC 8758, RFC 9142, RFC 8332. */
static void
say_weak(struct dissect *d, struct span list)
{
	static const char *const weak[] = { "diffie-hellman-group1-sha1",
		"arcfour", "3des-cbc", "des-cbc@ssh.com", "hmac-md5", "none," };

	list = span_first(list, 512);
	for (uint32_t i = 0; i < sizeof(weak) / sizeof(weak[0]); i++)
		if (text_find(list, weak[i]) < list.n)
			dissect_identf(d, TRAIT_SECURITY, "SSH offers %s",
			    weak[i]);
}

/*
 * HASSH (Salesforce, BSD licence): MD5 over what the sender offers of key
 * exchange, encryption, authentication and compression, ";" between; of a
 * client the lists for what it sends, of a server for what it does.
 */
static void
say_hassh(struct dissect *d, struct md5_ctx *sum)
{
	uint8_t digest[MD5_DIGEST_SIZE];
	char text[2 * MD5_DIGEST_SIZE + 1];

	md5_digest(sum, sizeof(digest), digest);
	for (uint32_t i = 0; i < sizeof(digest); i++)
		(void)snprintf(text + (size_t)2 * i, 3, "%02x", digest[i]);
	dissect_identf(d, TRAIT_FINGERPRINT, "%s=%s",
	    d->to_server ? "hassh" : "hasshServer", text);
}

static void
add_list(struct md5_ctx *sum, struct span list, bool more)
{
	if (more)
		md5_update(sum, 1, (const uint8_t *)";");
	if (list.n > 0)
		md5_update(sum, list.n, list.p);
}

/* Cookie 16; ten lists of names with their lengths; RFC 4253, 7.1. */
static void
key_exchange_init(struct rd *r, struct dissect *d)
{
	struct fact *f = dissect_op(d, MSG_KEXINIT);
	struct md5_ctx sum;

	md5_init(&sum);
	rd_skip(r, 16);
	for (uint32_t i = 0; i < 10 && rd_ok(r); i++) {
		struct span list = rd_span(r, rd_be32(r));

		if (i == 0)
			fact_text(f, span_first(list, span_find(list, ',')));
		if (i == 0 || i == 3 || i == 5)
			say_weak(d, list);
		if (i == 0 ||
		    (i > 1 && i < 8 && i % 2 == (d->to_server ? 0u : 1u)))
			add_list(&sum, list, i > 0);
	}
	if (rd_ok(r))
		say_hassh(d, &sum);
	rd_skip_rest(r);
}

static void
packet(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;
	struct rd body = rd_sub(r, rd_be32(r));
	uint32_t padding = rd_u8(&body), type;
	struct rd payload;

	rd_require(&body, padding < rd_left(&body) || !rd_ok(&body),
	    "padding fills the packet");
	payload = rd_sub(&body, rd_left(&body) - (rd_ok(&body) ? padding : 0));
	type = rd_u8(&payload);
	if (!rd_ok(r))
		return;
	if (type == MSG_KEXINIT)
		key_exchange_init(&payload, d);
	else if (type == MSG_DISCONNECT)
		(void)dissect_error(d, type, rd_be32(&payload));
	else
		(void)dissect_op(d, type);
	if (type == MSG_NEWKEYS)
		st->phase[d->to_server] = PHASE_SECRET;
	rd_skip_rest(&payload);
	rd_skip_rest(&body);
}

static void
ssh_parse(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;

	if (is_banner(rd_ahead(r, rd_have(r) < 8 ? rd_have(r) : 8))) {
		banner(r, d);
	} else if (st->phase[d->to_server] == PHASE_PLAIN) {
		packet(r, d);
	} else {
		st->phase[d->to_server] = PHASE_SECRET;
		rd_secret(r, rd_left(r));
	}
}

const struct proto proto_ssh = {
	.name = "ssh",
	.title = "Secure Shell",
	.spec = "RFC 4253, RFC 4250",
	.depth = "versions, programs, algorithms, HASSH; the rest is secret",
	.slot = PROTO_SLOT,
	.tcp = { PORT },
	.claim = ssh_claim,
	.frame = ssh_frame,
	.frame_min = 4,
	.parse = ssh_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct state),
};
