/*
 * coap.c - Constrained Application Protocol, and LwM2M in it.
 *
 * RFC 7252; observing RFC 7641, blocks RFC 7959, FETCH and PATCH RFC 8132;
 * OMA LwM2M 1.2 (objects 0 security, 1 server, 3 device, 5 firmware; TLV).
 *
 *	+---+---+--------+------+---------+-------+- - - - -+------+- - - -
 *	| 1 | T | tokens | code | message | token | options | 0xff | payload
 *	+---+---+--------+------+---------+-------+- - - - -+------+- - - -
 *	  2   2     4       u8     be16
 *	option: delta u4 | length u4 | further bytes of either | value
 *
 * Op is the code.  The object is the path by name; of a path of numbers, as
 * LwM2M has them, area is the object, first the instance, sub the resource.
 * An answer is joined to its question by the token.
 */
#include "../base/hash.h"
#include "say.h"
#include "text.h"

#define PORT 5683u
#define HEAD 4u
#define FIRST_RESPONSE 64u
#define FIRST_ERROR 128u
#define COAP_PATH 96u
#define FORMAT_TLV 11542u

enum code {
	C_EMPTY = 0,
	C_GET,
	C_POST,
	C_PUT,
	C_DELETE,
};

enum option {
	OPT_PATH = 11,
	OPT_FORMAT = 12,
	OPT_QUERY = 15,
};

enum object {
	OBJ_SECURITY = 0,
	OBJ_SERVER = 1,
	OBJ_DEVICE = 3,
	OBJ_FIRMWARE = 5,
};

static const struct proto_op ops[] = {
	{ C_EMPTY, FACT_SESSION, RISK_NONE, "empty" },
	{ C_GET, FACT_READ, RISK_NONE, "GET" },
	{ C_POST, FACT_CONTROL, RISK_CONTROL, "POST" },
	{ C_PUT, FACT_WRITE, RISK_WRITE, "PUT" },
	{ C_DELETE, FACT_CONFIG, RISK_CONFIGURATION, "DELETE" },
	{ 5, FACT_READ, RISK_NONE, "FETCH" },
	{ 6, FACT_WRITE, RISK_WRITE, "PATCH" },
	{ 7, FACT_WRITE, RISK_WRITE, "iPATCH" },
	{ 65, FACT_READ, RISK_NONE, "created" },
	{ 66, FACT_READ, RISK_NONE, "deleted" },
	{ 67, FACT_READ, RISK_NONE, "valid" },
	{ 68, FACT_READ, RISK_NONE, "changed" },
	{ 69, FACT_READ, RISK_NONE, "content" },
	{ 95, FACT_READ, RISK_NONE, "continue" },
	{ 128, FACT_READ, RISK_NONE, "bad request" },
	{ 129, FACT_READ, RISK_NONE, "unauthorized" },
	{ 130, FACT_READ, RISK_NONE, "bad option" },
	{ 131, FACT_READ, RISK_NONE, "forbidden" },
	{ 132, FACT_READ, RISK_NONE, "not found" },
	{ 133, FACT_READ, RISK_NONE, "method not allowed" },
	{ 134, FACT_READ, RISK_NONE, "not acceptable" },
	{ 136, FACT_READ, RISK_NONE, "request entity incomplete" },
	{ 137, FACT_READ, RISK_NONE, "conflict" },
	{ 140, FACT_READ, RISK_NONE, "precondition failed" },
	{ 141, FACT_READ, RISK_NONE, "request entity too large" },
	{ 143, FACT_READ, RISK_NONE, "unsupported content format" },
	{ 150, FACT_READ, RISK_NONE, "unprocessable entity" },
	{ 157, FACT_READ, RISK_NONE, "too many requests" },
	{ 160, FACT_READ, RISK_NONE, "internal server error" },
	{ 161, FACT_READ, RISK_NONE, "not implemented" },
	{ 162, FACT_READ, RISK_NONE, "bad gateway" },
	{ 163, FACT_READ, RISK_NONE, "service unavailable" },
	{ 164, FACT_READ, RISK_NONE, "gateway timeout" },
	{ 165, FACT_READ, RISK_NONE, "proxying not supported" },
	{ 168, FACT_READ, RISK_NONE, "hop limit reached" },
};

/* ---------------------------------------------------------------- options */

/* 13 and 14 mean that one or two bytes more follow; 15 is for the end. */
static uint32_t
extended(struct rd *r, uint32_t nibble)
{
	if (nibble == 13)
		return 13u + rd_u8(r);
	if (nibble == 14)
		return 269u + rd_be16(r);
	rd_require(r, nibble < 13, "reserved length of an option");
	return nibble;
}

struct message {
	char path[COAP_PATH + 1];
	uint32_t path_len;
	uint32_t number[3], n_number, n_parts; /* of a path of numbers */
	uint32_t format;
	struct span endpoint; /* LwM2M: "ep=" */
};

static void
add_part(struct message *m, struct span s)
{
	uint32_t digits = 0;

	while (digits < s.n && text_is_digit(s.p[digits]))
		digits++;
	if (m->n_parts < 3 && m->n_number == m->n_parts && digits == s.n &&
	    s.n > 0 && s.n <= 5)
		m->number[m->n_number++] = text_number(s);
	m->n_parts++;
	if (m->path_len + 1 + s.n > COAP_PATH)
		return;
	m->path[m->path_len++] = '/';
	if (s.n > 0)
		memcpy(m->path + m->path_len, s.p, s.n);
	m->path_len += s.n;
}

static void
read_options(struct rd *r, struct message *m)
{
	uint32_t number = 0;

	while (rd_more(r)) {
		uint32_t b = rd_u8(r), delta, n;
		struct span s;

		if (b == 0xff)
			break;
		delta = extended(r, b >> 4);
		n = extended(r, b & 15u);
		s = rd_span(r, n);
		number += delta;
		if (!rd_ok(r))
			return;
		if (number == OPT_PATH)
			add_part(m, s);
		else if (number == OPT_FORMAT && s.n <= 2)
			m->format = s.n == 2 ? (uint32_t)s.p[0] << 8 | s.p[1]
			    : s.n == 1       ? s.p[0]
					     : 0;
		else if (number == OPT_QUERY && text_starts(s, "ep="))
			m->endpoint = span_from(s, 3);
	}
}

/* ------------------------------------------------------------------ LwM2M */

static bool
is_lwm2m(const struct message *m)
{
	return m->n_number > 0 && m->n_number == m->n_parts;
}

static void
lwm2m_risk(struct fact *f, const struct message *m, uint32_t code)
{
	uint32_t resource = m->n_number > 2 ? m->number[2] : UINT32_MAX;

	if (code < C_POST || code > C_DELETE)
		return;
	if (m->number[0] == OBJ_SECURITY)
		f->risk = RISK_SECURITY;
	else if (m->number[0] == OBJ_SERVER)
		f->risk = RISK_CONFIGURATION;
	else if (m->number[0] == OBJ_FIRMWARE)
		f->risk = RISK_FIRMWARE;
	else if (m->number[0] == OBJ_DEVICE && code == C_POST &&
	    (resource == 4 || resource == 5)) /* reboot, factory reset */
		f->risk = RISK_RESET;
}

/* Resources of object 3. */
static void
device_resource(struct dissect *d, uint32_t resource, struct span s)
{
	static const struct {
		uint32_t resource;
		enum trait trait;
	} table[] = {
		{ 0, TRAIT_VENDOR },
		{ 1, TRAIT_MODEL },
		{ 2, TRAIT_SERIAL },
		{ 3, TRAIT_FIRMWARE },
		{ 17, TRAIT_DESCRIPTION },
		{ 18, TRAIT_HARDWARE },
		{ 19, TRAIT_FIRMWARE },
	};

	for (uint32_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].resource == resource)
			dissect_ident(d, table[i].trait, s);
}

/* kind u2 | wide identifier u1 | bytes of length u2 | length u3 | ... */
static void
device_tlv(struct rd *r, struct dissect *d)
{
	while (rd_more(r)) {
		uint32_t head = rd_u8(r), id, n = head & 7u;

		id = BITS(head, 5, 5) != 0 ? rd_be16(r) : rd_u8(r);
		switch (BITS(head, 4, 3)) {
		case 1:
			n = rd_u8(r);
			break;
		case 2:
			n = rd_be16(r);
			break;
		case 3:
			n = rd_be24(r);
			break;
		}
		if (head >> 6 == 0) /* an instance of an object: go into it */
			continue;
		if (head >> 6 == 3)
			device_resource(d, id, rd_span(r, n));
		else
			rd_skip(r, n);
	}
}

static void
content(struct rd *r, struct dissect *d, uint32_t code,
    const struct fact_object *at, const struct message *m, bool numbers)
{
	if (code == 69 && numbers && at->area == OBJ_DEVICE &&
	    m->format == FORMAT_TLV)
		device_tlv(r, d);
	else if (code == 69 && numbers && at->area == OBJ_DEVICE &&
	    at->count == 1 && m->format == 0 && rd_more(r))
		device_resource(d, at->sub, rd_span_rest(r));
	else
		rd_opaque_rest(r);
}

/* ---------------------------------------------------------------- messages */

static struct fact_object
object_of(const struct message *m)
{
	struct fact_object at = { .space = SPACE_URL, .count = 1 };

	if (!is_lwm2m(m))
		return at;
	at.area = m->number[0];
	at.first = m->n_number > 1 ? m->number[1] : 0;
	at.sub = m->n_number > 2 ? (uint16_t)m->number[2] : 0;
	at.count = m->n_number > 2;
	return at;
}

static void
request(struct rd *r, struct dissect *d, uint32_t code, uint32_t pair)
{
	struct message m = { .path_len = 0 };
	struct fact_object at;
	struct fact *f;

	d->ctx.response = false;
	read_options(r, &m);
	at = object_of(&m);
	f = dissect_op(d, code);
	f->object = at;
	if (!rd_ok(r))
		return;
	fact_text(f, SPAN((const uint8_t *)m.path, m.path_len));
	if (is_lwm2m(&m))
		lwm2m_risk(f, &m, code);
	if (code == C_GET && text_is(span_text(m.path), "/.well-known/core") &&
	    f->kind != FACT_NONE)
		f->kind = FACT_DISCOVER;
	if (m.endpoint.n > 0) { /* registers, which changes nothing there */
		if (f->kind != FACT_NONE)
			f->kind = FACT_SESSION;
		f->risk = RISK_NONE;
		dissect_ident(d, TRAIT_NAME, m.endpoint);
	}
	dissect_remember(d,
	    (struct ask){ .pair = pair,
		.op = code,
		.extra = { is_lwm2m(&m), 0 },
		.at = at });
	rd_opaque_rest(r);
}

static void
response(struct rd *r, struct dissect *d, uint32_t code, uint32_t pair)
{
	struct message m = { .path_len = 0 };
	const struct ask *a = dissect_recall(d, pair);
	struct fact *f;

	d->ctx.response = true;
	read_options(r, &m);
	f = code >= FIRST_ERROR && code < 192 ? dissect_error(d, code, code)
					      : dissect_op(d, code);
	f->object =
	    a != NULL ? a->at : (struct fact_object){ .space = SPACE_URL };
	if (a != NULL)
		content(r, d, code, &a->at, &m, a->extra[0] != 0);
	else
		rd_opaque_rest(r);
}

static void
coap_parse(struct rd *r, struct dissect *d)
{
	uint32_t head = rd_u8(r), code = rd_u8(r), id = rd_be16(r);
	struct span token;

	rd_require(r, !rd_ok(r) || BITS(head, 7, 6) == 1, "version is not 1");
	rd_require(r, !rd_ok(r) || BITS(head, 3, 0) <= 8, "token too long");
	token = rd_span(r, BITS(head, 3, 0));
	if (!rd_ok(r))
		return;
	dissect_pair(d, id);
	if (code == C_EMPTY) { /* acknowledgement, reset, or "are you there" */
		d->ctx.response = BITS(head, 5, 4) >= 2;
		(void)dissect_op(d, code);
		return;
	}
	id = token.n > 0 ? (uint32_t)hash_bytes(token.p, token.n, 1) : id;
	if (code < FIRST_RESPONSE && code >> 5 == 0)
		request(r, d, code, id);
	else
		response(r, d, code, id);
}

/* -------------------------------------------------------------- identifying */

/* Whether the options hold together, and end where the message does. */
static bool
options_hold(struct span s)
{
	struct rd_state state;
	struct rd r = rd_open(&state, s, s.n);
	struct message m = { .path_len = 0 };

	read_options(&r, &m);
	return rd_ok(&r);
}

static enum claim
coap_claim(struct span s, const struct dissect *d)
{
	uint32_t n;

	if (s.n < HEAD || s.p[0] >> 6 != 1 || (s.p[0] & 15u) > 8)
		return CLAIM_NO;
	n = HEAD + (s.p[0] & 15u);
	if (s.n < n || (s.p[1] == C_EMPTY && s.n != HEAD))
		return CLAIM_NO;
	if (say_on_port(d, PORT)) /* classes of RFC 7252, 12.1 */
		return (0x35u >> (s.p[1] >> 5) & 1) != 0 ? CLAIM_WEAK
							 : CLAIM_NO;
	if (proto_op_find(&proto_coap, s.p[1]) == NULL)
		return CLAIM_NO;
	/* elsewhere not by an empty message, and whole */
	return s.p[1] != C_EMPTY && options_hold(span_from(s, n)) ? CLAIM_WEAK
								  : CLAIM_NO;
}

static enum way
coap_way(struct span s)
{
	if (s.n < 2 || s.p[1] == C_EMPTY)
		return WAY_UNKNOWN;
	return s.p[1] < 32 ? WAY_REQUEST : WAY_RESPONSE;
}

const struct proto proto_coap = {
	.name = "coap",
	.title = "Constrained Application Protocol, LwM2M",
	.spec = "RFC 7252, RFC 7641, RFC 8132; OMA LwM2M 1.2",
	.depth = "all codes, paths; LwM2M: registrations, what a device is, "
		 "reboot, reset, firmware, security; blocks are not put "
		 "together, other payloads not looked into; not over TCP",
	.slot = PROTO_SLOT,
	.ot = true,
	.udp = { PORT },
	.server_role = ROLE_UNKNOWN,
	.claim = coap_claim,
	.way = coap_way,
	.parse = coap_parse,
	PROTO_OPS(ops),
};
