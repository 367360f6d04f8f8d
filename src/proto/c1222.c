/*
 * c1222.c - ANSI C12.22, meters of electricity.
 *
 * IEEE 1703-2012 / ANSI C12.22-2012 clause 5 (EPSEM services, ACSE).
 *
 *	60h, length, elements of ACSE: A2 called title, A4 called invocation,
 *	A6 calling title, A8 calling invocation, AC authentication, BE user
 *	information: 28h { 81h EPSEM }
 *
 *	EPSEM
 *	+-------+- - - - - - - -+ +--------+---------+- - - - -+ ... - - - -+
 *	| flags | class, 4, if  | | length | service | data    |     MAC, 4 |
 *	|       | flag 10h      | |        |         |         |            |
 *	+-------+- - - - - - - -+ +--------+---------+- - - - -+ ... - - - -+
 *	flags: security 0Ch (0 clear, 4 authenticated, 8 ciphered), response 03h
 *
 * Op is the service, in the answer that of the question or, where none was
 * seen, the result with variant 1.  Pair is the invocation of who asked.
 * Objects: area = table, first = offset, count = octets.
 */
#include "ber.h"
#include "proto.h"

#define RESULT(code) FACT_OP(1, code)

enum {
	FULL_READ = 0x30,
	PARTIAL_READ = 0x3f,
	FULL_WRITE,
	PARTIAL_WRITE = 0x4f,
	LOGON,
	SECURITY,
};

static const struct proto_op ops[] = {
	{ 0x20, FACT_DISCOVER, RISK_NONE, "identify" },
	{ 0x21, FACT_SESSION, RISK_NONE, "terminate" },
	{ 0x22, FACT_SESSION, RISK_NONE, "disconnect" },
	{ 0x24, FACT_CONFIG, RISK_CONFIGURATION, "deregister" },
	{ 0x25, FACT_DISCOVER, RISK_NONE, "resolve" },
	{ 0x26, FACT_DISCOVER, RISK_NONE, "trace" },
	{ 0x27, FACT_CONFIG, RISK_CONFIGURATION, "register" },
	{ FULL_READ, FACT_READ, RISK_NONE, "full read" },
	{ 0x3e, FACT_READ, RISK_NONE, "default read" },
	{ PARTIAL_READ, FACT_READ, RISK_NONE, "partial read, offset" },
	{ FULL_WRITE, FACT_WRITE, RISK_WRITE, "full write" },
	{ 0x4e, FACT_WRITE, RISK_WRITE, "default write" },
	{ PARTIAL_WRITE, FACT_WRITE, RISK_WRITE, "partial write, offset" },
	{ LOGON, FACT_LOGIN, RISK_NONE, "logon" },
	{ SECURITY, FACT_LOGIN, RISK_NONE, "security" },
	{ 0x52, FACT_SESSION, RISK_NONE, "logoff" },
	{ 0x53, FACT_LOGIN, RISK_NONE, "authenticate" },
	{ 0x60, FACT_SESSION, RISK_NONE, "negotiate" },
	{ 0x70, FACT_SESSION, RISK_NONE, "wait" },
	{ 0x71, FACT_CONFIG, RISK_NONE, "timing setup" },
	{ RESULT(0), FACT_SESSION, RISK_NONE, "ok" },
	{ FACT_OP(2, 0), FACT_SESSION, RISK_NONE, "ciphered" },
};

#define OP_CIPHERED FACT_OP(2, 0)

static uint32_t
c1222_frame(struct span s, const struct dissect *d)
{
	(void)d;
	if (s.p[0] != 0x60)
		return FRAME_NOT_MINE;
	if (s.p[1] < 0x80)
		return s.p[1] + 2u;
	if (s.p[1] == 0x81)
		return s.p[2] + 3u;
	return s.p[1] == 0x82 ? ((uint32_t)s.p[2] << 8 | s.p[3]) + 4u
			      : FRAME_NOT_MINE;
}

/* The user's information at its end, EPSEM with flags that are set so. */
static enum claim
c1222_claim(struct span s, const struct dissect *d)
{
	uint32_t n = s.n >= 8 ? c1222_frame(s, d) : FRAME_NOT_MINE, at;

	if (n == FRAME_NOT_MINE || n != s.n)
		return CLAIM_NO;
	at = s.p[1] < 0x80 ? 2 : s.p[1] == 0x81 ? 3 : 4;
	return s.p[at] == 0xa1 || s.p[at] == 0xa2 || s.p[at] == 0xa4 ||
		s.p[at] == 0xa6 || s.p[at] == 0xa8
	    ? CLAIM_WEAK
	    : CLAIM_NO;
}

/* -------------------------------------------------------------- services */

static struct fact_object
read_table(struct rd *r, uint32_t service)
{
	struct fact_object at = { .space = SPACE_METER_TABLE };

	if (service == 0x3e || service == 0x4e)
		return at;
	at.area = rd_be16(r);
	if (service == PARTIAL_READ || service == PARTIAL_WRITE)
		at.first = rd_be24(r);
	if (service != FULL_READ)
		at.count = rd_be16(r);
	return at;
}

static void
read_question(struct rd *r, struct dissect *d, uint32_t service)
{
	struct ask ask = { .pair = d->ctx.pair, .op = service };
	struct fact *f = dissect_op(d, service);
	struct span s;

	if (service >= FULL_READ && service <= PARTIAL_WRITE) {
		ask.at = read_table(r, service);
		f->object = ask.at;
		/* table 7 is the one that starts procedures */
		if (service >= FULL_WRITE && ask.at.area == 7 &&
		    f->kind == FACT_WRITE) {
			f->kind = FACT_CONTROL;
			f->risk = RISK_CONTROL;
			if (rd_left(r) >= 2)
				fact_textf(f, "procedure %u",
				    rd_le16(r) & 0x7ffu);
		}
		rd_skip_rest(r); /* data, checksum */
	} else if (service == LOGON && rd_left(r) >= 12) {
		rd_skip(r, 2);
		fact_text(f, rd_span(r, 10));
		rd_skip_rest(r);
	} else if (service == SECURITY) {
		s = rd_span_rest(r);
		dissect_content_login(d, d->ctx.pair, SPAN_LIT(""), s);
	} else if (proto_op_find(d->proto, service) != NULL) {
		rd_skip_rest(r);
	}
	rd_opaque_rest(r);
	dissect_remember(d, ask);
}

static void
read_answer(struct rd *r, struct dissect *d, uint32_t code)
{
	const struct ask *ask = dissect_recall(d, d->ctx.pair);
	uint32_t op = ask != NULL ? ask->op : RESULT(0);
	struct fact *f;

	if (code != 0) {
		(void)dissect_error(d, op, code);
		rd_skip_rest(r);
		return;
	}
	f = dissect_op(d, op);
	if (ask != NULL)
		f->object = ask->at;
	rd_opaque_rest(r); /* the tables' layout is in other tables */
}

static uint32_t
read_length(struct rd *r)
{
	uint32_t n = rd_u8(r);

	return n == 0x81 ? rd_u8(r) : n == 0x82 ? rd_be16(r) : n;
}

static void
read_epsem(struct rd *r, struct dissect *d)
{
	uint32_t flags = rd_u8(r), security = BITS(flags, 3, 2), n, service;
	struct rd one;

	if ((flags & 0x10) != 0)
		rd_skip(r, 4);
	if (security == 2) {
		(void)dissect_op(d, OP_CIPHERED);
		rd_secret(r, rd_left(r));
		return;
	}
	n = security == 1 && rd_left(r) >= 4 ? rd_left(r) - 4 : rd_left(r);
	one = rd_sub(r, n);
	while (rd_more(&one)) {
		struct rd body = rd_sub(&one, read_length(&one));

		if (!rd_more(&body))
			break;
		service = rd_u8(&body);
		d->ctx.response = service < 0x20;
		if (service < 0x20)
			read_answer(&body, d, service);
		else
			read_question(&body, d, service);
	}
	rd_skip_rest(r); /* MAC */
}

/* ------------------------------------------------------------------- ACSE */

static uint32_t
read_number(struct ber *e)
{
	struct ber v = ber_next(&e->in);

	return (uint32_t)ber_uint(&v);
}

static void
c1222_parse(struct rd *r, struct dissect *d)
{
	struct ber message = ber_next(r), inner, epsem;
	uint32_t called = 0, calling = 0;
	bool has_called = false, seen = false;

	while (rd_more(&message.in)) {
		struct ber e = ber_next(&message.in);

		switch (e.tag) {
		case BER_CONTEXT(4):
			called = read_number(&e);
			has_called = true;
			break;
		case BER_CONTEXT(8):
			calling = read_number(&e);
			break;
		case BER_CONTEXT(30):
			inner = ber_next(&e.in);
			epsem = ber_next(&inner.in);
			dissect_pair(d, has_called ? called : calling);
			read_epsem(&epsem.in, d);
			seen = true;
			break;
		default:
			rd_skip_rest(&e.in);
			break;
		}
		rd_opaque_rest(&e.in);
	}
	rd_require(r, seen, "no user information");
}

const struct proto proto_c1222 = {
	.name = "c1222",
	.title = "ANSI C12.22 meters",
	.spec = "IEEE 1703-2012, ANSI C12.22-2012",
	.depth =
	    "all services, tables by number and offset, procedures, logons; "
	    "contents of tables opaque; ciphered as encrypted",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { 1153 },
	.udp = { 1153 },
	.client_role = ROLE_SCADA,
	.server_role = ROLE_METER,
	.claim = c1222_claim,
	.frame = c1222_frame,
	.frame_min = 4,
	.parse = c1222_parse,
	PROTO_OPS(ops),
};
