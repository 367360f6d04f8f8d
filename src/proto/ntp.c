/*
 * ntp.c - Network Time Protocol.
 *
 * RFC 5905 (version 4), RFC 1305 (3), RFC 4330 (simple); control messages
 * (mode 6) RFC 9327; mode 7 is the private one of the reference program.
 *
 *	+----+---------+------+---------+------+-----------+- - - - - - - - -
 *	| LI | version | mode | stratum | poll | precision | root delay, root
 *	+----+---------+------+---------+------+-----------+ dispersion, refer-
 *	  2    3         3      u8        u8     i8          ence, 4 times of 8
 *
 *	mode 6: R E M opcode 5, sequence, status, association, offset, count
 *	mode 7: R M version mode, A sequence 7, implementation, request
 *
 * Op is the mode.  The object of control messages is the opcode, of private
 * ones the request code, as first.  Pair of a question is the low half of the
 * client's transmit time, which the server repeats.
 */
#include "say.h"

#define MODE_CLIENT 3u
#define MODE_SERVER 4u
#define MODE_BROADCAST 5u
#define MODE_CONTROL 6u
#define MODE_PRIVATE 7u
#define SIZE 48u
#define PORT 123
#define UNIX_EPOCH 2208988800u /* 1970 in seconds since 1900 */
#define DAY 86400u

static const struct proto_op ops[] = {
	{ 0, FACT_TIME, RISK_NONE, "reserved" },
	{ 1, FACT_TIME, RISK_NONE, "symmetric active" },
	{ 2, FACT_TIME, RISK_NONE, "symmetric passive" },
	{ MODE_CLIENT, FACT_TIME, RISK_NONE, "client" },
	{ MODE_SERVER, FACT_TIME, RISK_NONE, "server" },
	{ MODE_BROADCAST, FACT_TIME, RISK_NONE, "broadcast" },
	{ MODE_CONTROL, FACT_DIAGNOSE, RISK_NONE, "control" },
	{ MODE_PRIVATE, FACT_DIAGNOSE, RISK_NONE, "private" },
};

/* Whose clock: four letters at stratum 0 and 1, else an address. */
static void
reference(struct dissect *d, uint32_t op, uint32_t stratum, struct span id)
{
	char text[ADDR_TEXT_MAX];
	struct ip ip;

	if (id.n != 4 || !say_wanted(d, FACT_VALUE))
		return;
	ip = ip4_of(id.p);
	if (ip_is_zero(&ip))
		return;
	say_text(d, op, "reference",
	    stratum <= 1 ? id : span_text(ip_text(&ip, text)));
}

static void
time_message(struct rd *r, struct dissect *d, uint32_t mode)
{
	uint32_t stratum = rd_u8(r), origin, sent;
	struct span id;

	rd_skip(r, 10); /* poll, precision, root delay, root dispersion */
	id = rd_span(r, 4);
	rd_skip(r, 12);
	origin = rd_be32(r);
	rd_skip(r, 8 + 4);
	sent = rd_be32(r);
	d->ctx.response = mode == MODE_SERVER;
	if (rd_ok(r) && mode == MODE_CLIENT) {
		dissect_pair(d, sent);
		dissect_remember(d, (struct ask){ .pair = sent, .op = mode });
	} else if (rd_ok(r) && mode == MODE_SERVER) {
		dissect_pair(d, origin);
		(void)dissect_recall(d, origin);
	}
	if (mode == MODE_SERVER && stratum == 0 && rd_ok(r)) /* RFC 5905 7.4 */
		say_named(dissect_error(d, mode, 0), id);
	else
		(void)dissect_op(d, mode);
	if (mode == MODE_SERVER || mode == MODE_BROADCAST) {
		/* that SCADA servers and switches answer, too, is no word
		 * of what they are; a clock of one's own is */
		if (rd_ok(r) &&
		    (stratum == 1 ||
			(mode == MODE_BROADCAST && stratum - 1 < 15)))
			dissect_ident_role(d, ABOUT_SENDER, ROLE_TIME);
		say_number(d, mode, "stratum", stratum);
		reference(d, mode, stratum, id);
	}
	rd_skip_rest(r); /* extensions, authenticator */
}

static const char *
control_name(uint32_t opcode)
{
	static const char *const names[] = { [1] = "read status",
		[2] = "read variables",
		[3] = "write variables",
		[4] = "read clock variables",
		[5] = "write clock variables",
		[6] = "set trap",
		[7] = "trap",
		[8] = "configure",
		[9] = "export configuration",
		[10] = "read recently used",
		[11] = "read ordered list",
		[12] = "request nonce",
		[31] = "unset trap" };

	return opcode < 32 && names[opcode] != NULL ? names[opcode] : "";
}

/* Writing and configuring changes the clock's set-up. */
static void
control(struct rd *r, struct dissect *d)
{
	uint32_t b = rd_u8(r), opcode = BITS(b, 4, 0), sequence = rd_be16(r);
	uint32_t status, n;
	bool error = BITS(b, 6, 6) != 0;
	struct fact *f;

	status = rd_be16(r);
	rd_skip(r, 4); /* association, offset */
	n = rd_be16(r);
	d->ctx.response = BITS(b, 7, 7) != 0;
	dissect_pair(d, sequence);
	if (rd_ok(r) && !d->ctx.response)
		dissect_remember(d, (struct ask){ .pair = sequence });
	else if (rd_ok(r) && BITS(b, 5, 5) == 0)
		(void)dissect_recall(d, sequence);
	f = d->ctx.response && error
	    ? dissect_error(d, MODE_CONTROL, status >> 8)
	    : dissect_op(d, MODE_CONTROL);
	say_named(f, span_text(control_name(opcode)));
	f->object.first = opcode;
	if (!d->ctx.response &&
	    (opcode == 3 || opcode == 5 || opcode == 8 || opcode == 9)) {
		f->kind = f->kind == FACT_NONE ? FACT_NONE : FACT_CONFIG;
		f->risk = RISK_CONFIGURATION;
	}
	rd_skip(r, n < rd_left(r) ? n : rd_left(r));
	rd_skip_rest(r); /* padding, authenticator */
}

static void
private_message(struct rd *r, struct dissect *d, uint32_t first)
{
	uint32_t sequence = rd_u8(r), request, error;
	struct fact *f;

	rd_skip(r, 1); /* implementation */
	request = rd_u8(r);
	error = rd_be16(r) >> 12;
	d->ctx.response = BITS(first, 7, 7) != 0;
	dissect_pair(d, sequence & 0x7f);
	f = d->ctx.response && error != 0
	    ? dissect_error(d, MODE_PRIVATE, error)
	    : dissect_op(d, MODE_PRIVATE);
	f->object = (struct fact_object){ .space = SPACE_NAME,
		.first = request,
		.count = 1 };
	rd_opaque_rest(r);
}

static void
ntp_parse(struct rd *r, struct dissect *d)
{
	uint32_t first = rd_u8(r), mode = BITS(first, 2, 0);

	if (!rd_ok(r))
		return;
	if (mode == MODE_CONTROL)
		control(r, d);
	else if (mode == MODE_PRIVATE)
		private_message(r, d, first);
	else
		time_message(r, d, mode);
}

static enum way
ntp_way(struct span s)
{
	uint32_t mode = s.n > 0 ? s.p[0] & 7u : 0;

	if (mode == MODE_CLIENT)
		return WAY_REQUEST;
	if (mode == MODE_SERVER)
		return WAY_RESPONSE;
	if (mode == MODE_CONTROL && s.n >= 2)
		return s.p[1] & 0x80 ? WAY_RESPONSE : WAY_REQUEST;
	if (mode == MODE_PRIVATE)
		return s.p[0] & 0x80 ? WAY_RESPONSE : WAY_REQUEST;
	return WAY_UNKNOWN;
}

/* RFC 9327, 2: as many bytes of data as its count says, padded. */
static bool
is_control(struct span s)
{
	uint32_t n = s.n >= 12 ? (uint32_t)s.p[10] << 8 | s.p[11] : 0;

	return s.n >= 12 && (s.p[0] & 0xc7u) == MODE_CONTROL &&
	    (s.p[0] >> 3) >= 2 && (s.p[0] >> 3) <= 4 && (s.p[1] & 31) <= 12 &&
	    (12 + n + 3) / 4 * 4 == s.n;
}

/* Off its port only what looks like a plain question or answer. */
/*
 * The time it was sent, in 32 bits, is the time it was seen, to a day: nothing
 * else carries that in this place.
 */
static bool
is_now(struct span s, const struct dissect *d)
{
	uint32_t mode = s.n >= SIZE ? s.p[0] & 7u : 0, sent, seen;

	if (mode == 0 || mode > 5 || (s.p[0] >> 3 & 7u) == 0 ||
	    (s.p[0] >> 3 & 7u) > 4 || s.n % 4 != 0)
		return false;
	sent = (uint32_t)s.p[40] << 24 | (uint32_t)s.p[41] << 16 |
	    (uint32_t)s.p[42] << 8 | s.p[43];
	seen = (uint32_t)(d->now.ns / TICK_SECOND) + UNIX_EPOCH;
	return sent - seen + DAY < 2 * DAY;
}

static enum claim
ntp_claim(struct span s, const struct dissect *d)
{
	uint32_t mode, version;

	if (say_on_port(d, PORT))
		return CLAIM_WEAK;
	if (is_now(s, d))
		return CLAIM_STRONG;
	if (is_control(s))
		return CLAIM_WEAK;
	if (s.n != SIZE)
		return CLAIM_NO;
	mode = s.p[0] & 7u;
	version = s.p[0] >> 3 & 7u;
	if ((mode != MODE_CLIENT && mode != MODE_SERVER) || version < 3 ||
	    version > 4 || s.p[1] > 16 || s.p[2] > 17 ||
	    (s.p[3] < 0xe0 && s.p[3] != 0))
		return CLAIM_NO;
	/* transmit time: since 1984, or of the era after 2036 not yet come */
	return s.p[40] >= 0x9d ? CLAIM_WEAK : CLAIM_NO;
}

const struct proto proto_ntp = {
	.name = "ntp",
	.title = "Network Time Protocol",
	.spec = "RFC 5905, RFC 9327",
	.depth = "all modes; stratum and reference of servers, kisses of "
		 "death; control requests by name, private ones by number",
	.slot = PROTO_SLOT,
	.udp = { PORT },
	.server_role = ROLE_TIME,
	.claim = ntp_claim,
	.way = ntp_way,
	.parse = ntp_parse,
	PROTO_OPS(ops),
};
