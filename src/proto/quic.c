/*
 * quic.c - QUIC, up to where it becomes secret.
 *
 * RFC 9000 clause 17 (packets) and 19 (frames), RFC 9001 (with TLS), RFC 9369
 * (version 2); Google's first QUIC is named by its version.
 *
 *	long	1, 1, type 2 bits, 4 bits | version be32 | destination u8 and
 *		bytes | source u8 and bytes | by type: an Initial has a token
 *		(length as a variable number), all but a Retry a length, the
 *		packet's number and contents
 *	short	0, 1, ... : secret
 *	gQUIC	flags u8 with bits 0 and 3 | connection 8 | "Q0", two digits
 *
 * Op is the type: 0 Initial, 1 0-RTT, 2 Handshake, 3 Retry, 4 version
 * negotiation, 5 gQUIC; 6 a version that is not known.  What the Initial of
 * either side says is handed to TLS as its own record would carry it; its keys
 * are public (quic_keys.h).  The object is the destination connection
 * identifier in hexadecimal.
 */
#include "quic_keys.h"
#include "say.h"
#include "tls.h"

#define PORT 443u
#define ID_MAX 20u
#define HELLO_MAX 4096u
#define PACKET_MAX_ 2048u

enum packet {
	P_INITIAL,
	P_EARLY,
	P_HANDSHAKE,
	P_RETRY,
	P_NEGOTIATION,
	P_GOOGLE,
	P_UNKNOWN,
};

struct state {
	struct tls_state tls; /* first: proto_tls works on it */
	uint8_t id[ID_MAX]; /* the keys are made from it */
	uint8_t n_id;
	bool has_id;
	uint32_t next[2]; /* how far TLS has come, by to_server */
};

static const struct proto_op ops[] = {
	{ P_INITIAL, FACT_SESSION, RISK_NONE, "initial" },
	{ P_EARLY, FACT_SESSION, RISK_NONE, "0-rtt" },
	{ P_HANDSHAKE, FACT_SESSION, RISK_NONE, "handshake" },
	{ P_RETRY, FACT_SESSION, RISK_NONE, "retry" },
	{ P_NEGOTIATION, FACT_SESSION, RISK_NONE, "version negotiation" },
	{ P_GOOGLE, FACT_SESSION, RISK_NONE, "google quic" },
	{ P_UNKNOWN, FACT_SESSION, RISK_NONE, "version not known" },
};

static uint32_t
be32_at(struct span s, uint32_t at)
{
	return (uint32_t)s.p[at] << 24 | (uint32_t)s.p[at + 1] << 16 |
	    (uint32_t)s.p[at + 2] << 8 | s.p[at + 3];
}

/* Versions of the IETF, and of others who keep to its packets. */
static bool
is_version(uint32_t v)
{
	return v == QUIC_V1 || v == QUIC_V2 ||
	    (v >> 8 == 0xff0000 && (v & 255) >= 11 && (v & 255) <= 40) ||
	    v >> 4 == 0xfaceb00 || (v >> 24 == 'Q' && (v >> 16 & 255) == '0') ||
	    (v >> 24 == 'T' && (v >> 16 & 255) == '0');
}

static bool
is_google(struct span s)
{
	return s.n >= 14 && (s.p[0] & 0xc9) == 0x09 && s.p[9] == 'Q' &&
	    s.p[10] == '0' && s.p[11] >= '0' && s.p[11] <= '9' &&
	    s.p[12] >= '0' && s.p[12] <= '9';
}

/* Q046 has a long header whose identifiers have their lengths in one byte. */
static bool
is_google46(struct span s)
{
	return s.n >= 4 && (s.p[0] & 0x80) != 0 &&
	    memcmp(s.p + 1, "Q04", 3) == 0;
}

/* Versions that are there to be refused: RFC 9000, 15. */
static bool
is_reserved(uint32_t v)
{
	return (v & 0x0f0f0f0fu) == 0x0a0a0a0au;
}

static bool
is_long(struct span s)
{
	uint32_t n;

	if (s.n < 7 || (s.p[0] & 0x80) == 0 || s.p[5] > ID_MAX)
		return false;
	n = 6u + s.p[5];
	return n < s.n && s.p[n] <= ID_MAX && n + s.p[n] < s.n;
}

static enum claim
quic_claim(struct span s, const struct dissect *d)
{
	const struct state *st = d->state;
	uint32_t version;

	if (d->via != VIA_UDP || s.n < 14)
		return CLAIM_NO;
	if (is_google(s) || is_google46(s))
		return CLAIM_STRONG;
	if (st->has_id) /* it goes on: a short header has no mark */
		return CLAIM_WEAK;
	if (is_long(s)) {
		version = be32_at(s, 1);
		if (is_version(version))
			return CLAIM_STRONG;
		if (is_reserved(version) && s.n >= 1200)
			return CLAIM_STRONG;
		return version == 0 && s.p[5] + s.p[6 + s.p[5]] >= 8 &&
			(s.n - 7 - s.p[5] - s.p[6 + s.p[5]]) % 4 == 0
		    ? CLAIM_WEAK
		    : CLAIM_NO;
	}
	return CLAIM_NO;
}

static enum way
quic_way(struct span s)
{
	return is_google(s) ? WAY_REQUEST : WAY_UNKNOWN;
}

static uint32_t
type_of(uint32_t head, uint32_t version)
{
	uint32_t type = head >> 4 & 3;

	return version == QUIC_V2 ? (type + 3) & 3 : type;
}

/* RFC 9000, 16: the top two bits say how long the number is. */
static uint32_t
variable(struct rd *r)
{
	uint32_t first = rd_u8(r);

	switch (first >> 6) {
	case 0:
		return first;
	case 1:
		return (first & 0x3f) << 8 | rd_u8(r);
	case 2:
		return (first & 0x3f) << 24 | rd_be24(r);
	}
	rd_skip(r, 3);
	return rd_be32(r);
}

/* --------------------------------------------------- inside an Initial */

struct hello {
	uint8_t b[HELLO_MAX + 5];
	uint32_t from, to; /* what the packet holds of the stream */
	uint32_t n; /* bytes put in, without what came twice */
};

static void
crypto(struct rd *r, struct hello *h)
{
	uint32_t offset = variable(r), n = variable(r);
	struct span s = rd_span(r, n);

	if (!rd_ok(r) || s.n == 0 || offset > HELLO_MAX ||
	    s.n > HELLO_MAX - offset)
		return;
	memcpy(h->b + 5 + offset, s.p, s.n);
	h->from = offset < h->from ? offset : h->from;
	h->to = offset + s.n > h->to ? offset + s.n : h->to;
	h->n += s.n;
}

static void
acknowledgement(struct rd *r, bool counts)
{
	uint32_t ranges;

	(void)variable(r);
	(void)variable(r);
	ranges = variable(r);
	(void)variable(r);
	for (uint32_t i = 0; i < ranges && rd_ok(r); i++) {
		(void)variable(r);
		(void)variable(r);
	}
	for (uint32_t i = 0; i < 3 && counts; i++)
		(void)variable(r);
}

/* The frames that an Initial may hold (RFC 9000, 12.4). */
static void
frames(struct rd *r, struct dissect *d, struct hello *h)
{
	while (rd_more(r)) {
		uint32_t type = rd_u8(r);

		if (type == 0 || type == 1)
			continue;
		if (type == 2 || type == 3) {
			acknowledgement(r, type == 3);
		} else if (type == 6) {
			crypto(r, h);
		} else if (type == 0x1c) {
			(void)dissect_error(d, P_INITIAL, variable(r));
			rd_skip_rest(r);
		} else {
			rd_skip_rest(r);
		}
	}
}

/* The next piece of the stream, dressed as a record of TLS. */
static void
hand_on(struct rd *r, struct dissect *d, struct hello *h)
{
	struct state *st = d->state;
	uint32_t n = h->to - h->from, at = h->from;
	struct rd tls;

	if (h->to <= h->from || h->n < n || at != st->next[d->to_server])
		return;
	st->next[d->to_server] = h->to;
	st->tls.over = 'q';
	h->b[at] = 22;
	h->b[at + 1] = 3;
	h->b[at + 2] = 1;
	h->b[at + 3] = (uint8_t)(n >> 8);
	h->b[at + 4] = (uint8_t)n;
	tls = rd_over(r, SPAN(h->b + at, n + 5));
	dissect_inner(d, &proto_tls, &tls);
}

static uint32_t
open_with(const struct dissect *d, uint32_t version, struct span id,
    struct span packet, uint32_t at, uint8_t *dst)
{
	struct quic_keys keys;

	quic_make_keys(&keys, version, id, d->to_server);
	return quic_open(&keys, packet, at, dst);
}

/* The keys hang on the identifier that the client chose first, or that a
 * Retry gave it. */
static void
initial(struct rd *r, struct dissect *d, uint32_t version, struct span id,
    struct span packet, uint32_t at)
{
	struct state *st = d->state;
	uint8_t plain[PACKET_MAX_];
	struct hello h = { .from = HELLO_MAX };
	struct rd inner;
	uint32_t n = 0;

	if (packet.n > sizeof(plain) || quic_salt(version) == NULL)
		return;
	if (st->has_id)
		n = open_with(d, version, SPAN(st->id, st->n_id), packet, at,
		    plain);
	if (n == 0 && d->to_server) {
		n = open_with(d, version, id, packet, at, plain);
		if (n > 0) {
			st->has_id = true;
			st->n_id = (uint8_t)id.n;
			if (id.n > 0)
				memcpy(st->id, id.p, id.n);
			st->next[0] = st->next[1] = 0;
		}
	}
	if (n == 0)
		return;
	inner = rd_over(r, SPAN(plain, n));
	frames(&inner, d, &h);
	if (rd_ok(r))
		hand_on(r, d, &h);
}

/* ------------------------------------------------------------- packets */

static void
say_packet(struct dissect *d, uint32_t op, struct span id)
{
	struct fact *f = dissect_op(d, op);
	char text[2 * ID_MAX + 1] = "";

	for (uint32_t i = 0; i < id.n && i < ID_MAX; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", id.p[i]);
	say_named(f, span_text(text));
}

static void
say_version(struct dissect *d, uint32_t op, uint32_t version)
{
	char text[16];

	if (version >> 24 >= 'Q' && version >> 24 <= 'T')
		(void)snprintf(text, sizeof(text), "%c%c%c%c",
		    (char)(version >> 24), (char)(version >> 16),
		    (char)(version >> 8), (char)version);
	else
		(void)snprintf(text, sizeof(text), "0x%08x", version);
	say_text(d, op, "version", span_text(text));
}

static void
negotiation(struct rd *r, struct dissect *d, struct span id)
{
	d->ctx.response = true;
	say_packet(d, P_NEGOTIATION, id);
	while (rd_left(r) >= 4)
		say_version(d, P_NEGOTIATION, rd_be32(r));
	rd_skip_rest(r);
}

static void
long_packet(struct rd *r, struct dissect *d)
{
	const struct span all = rd_ahead(r, rd_have(r));
	uint32_t head = rd_u8(r), version = rd_be32(r), op, n, at;
	struct span id, packet;

	n = rd_u8(r);
	rd_require(r, n <= ID_MAX || version == 0, "identifier too long");
	id = rd_span(r, n);
	n = rd_u8(r);
	rd_skip(r, n);
	if (!rd_ok(r))
		return;
	if (version == 0) {
		negotiation(r, d, id);
		return;
	}
	op = is_version(version) || is_reserved(version)
	    ? type_of(head, version)
	    : P_UNKNOWN;
	if (op == P_UNKNOWN || op == P_RETRY) {
		d->ctx.response = op == P_RETRY;
		say_packet(d, op, id);
		rd_secret(r, rd_left(r));
		return;
	}
	if (op == P_INITIAL)
		rd_skip(r, variable(r)); /* token */
	n = variable(r);
	if (!rd_ok(r))
		return;
	d->ctx.response = !d->to_server;
	say_packet(d, op, id);
	if (op == P_INITIAL)
		say_version(d, op, version);
	at = all.n - rd_have(r);
	packet = span_first(all, at + (n < all.n ? n : all.n));
	if (op == P_INITIAL && packet.n == at + n)
		initial(r, d, version, id, packet, at);
	rd_secret(r, n);
}

static void
quic_parse(struct rd *r, struct dissect *d)
{
	struct span head = rd_ahead(r, rd_have(r) < 14 ? rd_have(r) : 14);

	if (is_google(head)) {
		rd_skip(r, 1);
		d->ctx.response = false;
		say_packet(d, P_GOOGLE, rd_span(r, 8));
		say_version(d, P_GOOGLE, rd_be32(r));
		rd_secret(r, rd_left(r));
		return;
	}
	if (is_google46(head)) {
		rd_skip(r, 1);
		d->ctx.response = !d->to_server;
		(void)dissect_op(d, P_GOOGLE);
		say_version(d, P_GOOGLE, rd_be32(r));
		rd_secret(r, rd_left(r));
		return;
	}
	/* several packets in one datagram; after them zeros or what is secret
	 */
	while (rd_more(r)) {
		head = rd_ahead(r, 1);
		if (head.n == 1 && (head.p[0] & 0x80) == 0) {
			rd_secret(r, rd_left(r));
			return;
		}
		long_packet(r, d);
	}
}

const struct proto proto_quic = {
	.name = "quic",
	.title = "QUIC",
	.spec = "RFC 9000, RFC 9001, RFC 9369",
	.depth = "versions, connections, long packets by type; hellos, names, "
		 "JA4 of Initial packets; the rest is secret",
	.slot = PROTO_SLOT,
	.udp = { PORT, 80, 853, 784, 8443 },
	.claim = quic_claim,
	.way = quic_way,
	.parse = quic_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct state),
};
