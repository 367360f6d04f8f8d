/*
 * opcua.c - OPC UA, binary encoding over TCP.
 *
 * IEC 62541-6 (OPC 10000-6) clauses 5.2 (encoding), 6.7 (secure conversation)
 * and 7.1 (connection protocol); services: IEC 62541-4.
 *
 *	+------+-------+------+- - - - - - - - - - - - - - - - - - - - - -
 *	| type | chunk | size | HEL ACK ERR RHE: their fields
 *	+------+-------+------+- - - - - - - - - - - - - - - - - - - - - -
 *	  3      C F A   le32
 *	MSG CLO: channel, token | sequence, request | piece of the message
 *	OPN: channel, policy URI, certificate, thumbprint | sequence, request
 *	     | message
 *	message: NodeId of the service | request or response header | body
 *
 * Op is the service's numeric identifier; what has none is listed in
 * opcua_tables.h from 0x10001 on.  Pair is the request identifier.  A request
 * that changes something is one operation for each node.
 *
 * Object: area = namespace, first = numeric identifier, or 2^31 + hash of an
 * identifier that is no number (its text stands beside it where the message
 * has it), sub = attribute.  A value whose node was asked for before we
 * listened: area 65536, first = client handle; area 65537, first = place in
 * the answer.
 *
 * A channel with a security policy is signed or encrypted as well; which, only
 * the encrypted OPN says, so every first chunk is looked at: behind the
 * sequence header stands a service or it does not.
 */
#include "proto.h"

#include <stdio.h>

#include "opcua_requests.h"
#include "opcua_responses.h"
#include "opcua_tables.h"
#include "opcua_types.h"

#define HEADER 8u
#define SIZE_MAX_ (1u << 24)

/* ---------------------------------------------------------------- messages */

static const struct service *
service_find(uint32_t id)
{
	uint32_t lo = 0, hi = sizeof(services) / sizeof(services[0]);

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (services[mid].id == id)
			return &services[mid];
		if (services[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static void
skip_request_header(struct rd *r)
{
	(void)read_node(r); /* authentication token */
	rd_skip(r, 8 + 4 + 4);
	skip_string(r); /* audit entry */
	rd_skip(r, 4);
	skip_extension(r);
}

/* Returns the service's result. */
static uint32_t
read_response_header(struct rd *r)
{
	uint32_t result;

	rd_skip(r, 8 + 4);
	result = rd_le32(r);
	skip_diagnostic(r);
	skip_strings(r);
	skip_extension(r);
	return result;
}

static void
read_answer(struct rd *r, struct ua *u, const struct service *s)
{
	const struct ask *ask = dissect_recall(u->d, u->request);
	uint32_t result = read_response_header(r);
	char name[16];

	if (!rd_ok(r))
		return;
	if (result >= BAD_STATUS || s->id == 397) {
		struct fact *f = dissect_error(u->d, u->op, result);

		u->said = true;
		f->flags |= FACT_NEGATIVE;
		if (ask != NULL)
			fact_text(f,
			    span_text(
				proto_op_name(u->d->proto, ask->op, name)));
		rd_skip_rest(r);
	} else if (s->read != NULL) {
		s->read(r, u);
	} else {
		(void)say_op(u);
		rd_skip_rest(r);
	}
}

static void
read_request(struct rd *r, struct ua *u, const struct service *s)
{
	dissect_remember(u->d, (struct ask){ .pair = u->request, .op = u->op });
	skip_request_header(r);
	if (!rd_ok(r))
		return;
	if (s->read != NULL) {
		s->read(r, u);
	} else {
		(void)say_op(u);
		rd_skip_rest(r);
	}
}

static void
read_message(struct rd *r, struct dissect *d, uint32_t request)
{
	struct node type = read_node(r);
	struct ua u = { .d = d,
		.s = d->state,
		.op = type.first,
		.request = request };
	const struct service *s = service_find(type.first);

	if (!rd_ok(r))
		return;
	dissect_pair(d, request);
	if (s == NULL || type.area != 0) {
		(void)dissect_op(d, type.area == 0 ? type.first : 0);
		rd_opaque_rest(r);
		return;
	}
	d->ctx.response = s->response;
	if (s->response)
		read_answer(r, &u, s);
	else
		read_request(r, &u, s);
	/* cut off before its body: the service is known all the same */
	if (r->state->status == RD_SHORT && !u.said)
		(void)say_op(&u);
}

/* ------------------------------------------------------------ conversation */

/* Octets of the signature of a policy by its name. */
static uint8_t
signature_of(struct span policy)
{
	return span_starts(policy, SPAN_LIT("Basic128Rsa15")) ||
		span_is(policy, SPAN_LIT("Basic256"))
	    ? 20
	    : 32;
}

/* IEC 62541-7: deprecated since 1.04, as they rest on SHA-1. */
static bool
is_withdrawn(struct span policy)
{
	return span_is(policy, SPAN_LIT("Basic128Rsa15")) ||
	    span_is(policy, SPAN_LIT("Basic256"));
}

/* Behind a sequence header: a service's identifier, in the clear? */
static bool
is_plain(struct span s)
{
	uint32_t id;

	if (s.n < 12 || s.p[8] != 1 || s.p[9] != 0)
		return false;
	id = (uint32_t)s.p[10] | (uint32_t)s.p[11] << 8;
	return service_find(id) != NULL;
}

static void
say_encrypted(struct rd *r, struct dissect *d, uint32_t op)
{
	(void)dissect_op(d, op);
	rd_secret(r, rd_left(r));
}

static void
read_abort(struct rd *r, struct dissect *d, uint32_t request)
{
	uint32_t code = rd_le32(r);
	struct span reason = read_string(r);

	if (!rd_ok(r))
		return;
	dissect_pair(d, request);
	if (d->ctx.response)
		(void)dissect_recall(d, request);
	fact_text(dissect_error(d, OP_ABORT, code), reason);
}

/* One chunk of a message in the clear. */
static void
read_chunk(struct rd *r, struct dissect *d, uint32_t chunk)
{
	struct ua_state *s = d->state;
	uint32_t way = d->to_server ? 0 : 1, request;
	bool first, last = chunk == 'F';
	struct span whole;
	struct rd body;

	rd_skip(r, 4); /* sequence number */
	request = rd_le32(r);
	if (s->policy == POLICY_OTHER && rd_left(r) > s->signature) {
		body = rd_sub(r, rd_left(r) - s->signature);
		rd_skip_rest(r);
	} else {
		body = rd_sub_rest(r);
	}
	first = !s->open[way] || s->open_request[way] != request;
	s->open[way] = chunk == 'C';
	s->open_request[way] = request;
	s->secret[way] = false;
	if (chunk == 'A') {
		read_abort(&body, d, request);
	} else if (first && last) {
		read_message(&body, d, request);
		rd_skip_rest(&body); /* a signature of unknown policy */
	} else {
		whole = rd_span_rest(&body);
		if (!rd_ok(r))
			return;
		if (!dissect_join(d, request, first, last, whole, &whole)) {
			dissect_pair(d, request);
			(void)dissect_op(d, OP_CHUNK);
			return;
		}
		body = rd_over(r, whole);
		read_message(&body, d, request);
	}
}

/* The open message that names the mode is encrypted: it shows in the next. */
static void
say_mode(struct dissect *d, struct ua_state *s, bool secret)
{
	if (d->to_server || s->policy != POLICY_OTHER || s->said_mode)
		return;
	s->said_mode = true;
	dissect_ident(d, TRAIT_SECURITY,
	    secret ? SPAN_LIT("OPC UA signed and encrypted")
		   : SPAN_LIT("OPC UA signed, not encrypted"));
}

/* MSG and CLO. */
static void
read_secured(struct rd *r, struct dissect *d, uint32_t chunk, uint32_t op)
{
	struct ua_state *s = d->state;
	uint32_t way = d->to_server ? 0 : 1;
	bool secret, first;

	rd_skip(r, 4 + 4); /* channel, token */
	if (s->policy != POLICY_NONE && rd_have(r) < 12 && rd_left(r) >= 12) {
		(void)rd_span(r, 12); /* cut off before it tells */
		return;
	}
	first = !s->open[way];
	secret = s->policy != POLICY_NONE && rd_have(r) >= 12 &&
	    !is_plain(rd_ahead(r, 12)) && (first || s->secret[way]);
	if (!secret) {
		read_chunk(r, d, chunk);
	} else {
		s->open[way] = s->secret[way] = chunk == 'C';
		say_encrypted(r, d, chunk == 'C' ? OP_CHUNK : op);
	}
	say_mode(d, s, secret);
}

static void
read_opn(struct rd *r, struct dissect *d)
{
	struct ua_state *s = d->state;
	struct ua u = { .d = d, .s = s };
	struct span policy, certificate;
	uint32_t request;

	rd_skip(r, 4);
	policy = policy_name(read_string(r));
	certificate = read_string(r);
	skip_string(r); /* thumbprint of the receiver's */
	if (!rd_ok(r))
		return;
	if (policy.n == 0 || span_is(policy, SPAN_LIT("None"))) {
		s->policy = POLICY_NONE;
		rd_skip(r, 4);
		request = rd_le32(r);
		read_message(r, d, request);
	} else {
		s->policy = POLICY_OTHER;
		s->signature = signature_of(policy);
		fact_text(dissect_op(d, d->to_server ? 446 : 449), policy);
		rd_secret(r, rd_left(r));
	}
	if (!rd_ok(r))
		return;
	if (d->ctx.response)
		dissect_identf(d, TRAIT_SECURITY, "policy %.*s%s",
		    (int)(policy.n > 0 ? span_first(policy, 40).n : 4),
		    policy.n > 0 ? (const char *)policy.p : "None",
		    is_withdrawn(policy) ? " (withdrawn)" : "");
	say_certificate(&u, certificate);
}

static void
read_hello(struct rd *r, struct dissect *d)
{
	struct span url;

	rd_skip(r, 5 * 4);
	url = read_string(r);
	if (!rd_ok(r))
		return;
	*(struct ua_state *)d->state = (struct ua_state){ .policy = 0 };
	d->ctx.response = false;
	say_url(dissect_op(d, OP_HELLO), url);
}

static void
read_reverse_hello(struct rd *r, struct dissect *d)
{
	struct span uri = read_string(r), url = read_string(r);

	if (!rd_ok(r))
		return;
	d->ctx.response = false;
	say_url(dissect_op(d, OP_REVERSE_HELLO), url);
	dissect_ident(d, TRAIT_UUID, uri);
}

static void
read_acknowledge(struct rd *r, struct dissect *d)
{
	rd_skip(r, 5 * 4);
	d->ctx.response = true;
	if (rd_ok(r))
		(void)dissect_op(d, OP_ACKNOWLEDGE);
}

static void
read_error(struct rd *r, struct dissect *d)
{
	uint32_t code = rd_le32(r);
	struct span reason = read_string(r);

	if (rd_ok(r))
		fact_text(dissect_error(d, OP_ERROR, code), reason);
}

#define TYPE3(a, b, c) \
	((uint32_t)(a) << 16 | (uint32_t)(b) << 8 | (uint32_t)(c))

static bool
head_is_good(const uint8_t *p)
{
	uint32_t size = (uint32_t)p[4] | (uint32_t)p[5] << 8 |
	    (uint32_t)p[6] << 16 | (uint32_t)p[7] << 24;

	if (size > SIZE_MAX_)
		return false;
	switch (TYPE3(p[0], p[1], p[2])) {
	case TYPE3('H', 'E', 'L'):
		return p[3] == 'F' && size >= 32 && size <= 8192;
	case TYPE3('A', 'C', 'K'):
		return p[3] == 'F' && size >= 28 && size <= 64;
	case TYPE3('E', 'R', 'R'):
	case TYPE3('R', 'H', 'E'):
		return p[3] == 'F' && size >= 16 && size <= 16384;
	case TYPE3('O', 'P', 'N'):
		return p[3] == 'F' && size >= 32;
	case TYPE3('M', 'S', 'G'):
	case TYPE3('C', 'L', 'O'):
		return (p[3] == 'F' || p[3] == 'C' || p[3] == 'A') &&
		    size >= 24;
	default:
		return false;
	}
}

static uint32_t
opcua_frame(struct span s, const struct dissect *d)
{
	(void)d;
	if (!head_is_good(s.p))
		return FRAME_NOT_MINE;
	return (uint32_t)s.p[4] | (uint32_t)s.p[5] << 8 |
	    (uint32_t)s.p[6] << 16;
}

static enum claim
opcua_claim(struct span s, const struct dissect *d)
{
	(void)d;
	return s.n >= HEADER && head_is_good(s.p) ? CLAIM_STRONG : CLAIM_NO;
}

static enum way
opcua_way(struct span s)
{
	const struct service *service = NULL;

	if (s.n < HEADER)
		return WAY_UNKNOWN;
	if (span_starts(s, SPAN_LIT("HEL")))
		return WAY_REQUEST;
	if (span_starts(s, SPAN_LIT("ACK")) || span_starts(s, SPAN_LIT("RHE")))
		return WAY_RESPONSE;
	if (span_starts(s, SPAN_LIT("CLO")))
		return WAY_REQUEST;
	if (span_starts(s, SPAN_LIT("MSG")) && s.n >= 28 &&
	    is_plain(span_from(s, 16)))
		service =
		    service_find((uint32_t)s.p[26] | (uint32_t)s.p[27] << 8);
	if (service == NULL)
		return WAY_UNKNOWN;
	return service->response ? WAY_RESPONSE : WAY_REQUEST;
}

static void
opcua_parse(struct rd *r, struct dissect *d)
{
	struct span head = rd_span(r, HEADER);

	if (head.n == 0)
		return;
	rd_require(r, head_is_good(head.p), "no message header");
	if (!rd_ok(r))
		return;
	switch (TYPE3(head.p[0], head.p[1], head.p[2])) {
	case TYPE3('H', 'E', 'L'):
		read_hello(r, d);
		break;
	case TYPE3('A', 'C', 'K'):
		read_acknowledge(r, d);
		break;
	case TYPE3('E', 'R', 'R'):
		read_error(r, d);
		break;
	case TYPE3('R', 'H', 'E'):
		read_reverse_hello(r, d);
		break;
	case TYPE3('O', 'P', 'N'):
		read_opn(r, d);
		break;
	case TYPE3('C', 'L', 'O'):
		read_secured(r, d, head.p[3], 452);
		break;
	default:
		read_secured(r, d, head.p[3], OP_ENCRYPTED);
		break;
	}
}

const struct proto proto_opcua = {
	.name = "opcua",
	.title = "OPC UA binary",
	.spec = "IEC 62541-4 and 62541-6",
	.depth = "connection, secure channel and every service; nodes, values, "
		 "methods, users, certificates, endpoints; bodies of queries "
		 "and browse results are passed over",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { 4840, 4843, 12001, 48010, 53530 },
	.client_role = ROLE_SCADA,
	.server_role = ROLE_OPC,
	.claim = opcua_claim,
	.way = opcua_way,
	.frame = opcua_frame,
	.frame_min = HEADER,
	.parse = opcua_parse,
	PROTO_OPS(ops),
	PROTO_CODES(codes),
	.state_size = sizeof(struct ua_state),
};
