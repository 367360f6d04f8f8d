/*
 * bacnet.c - BACnet/IP and BACnet over Ethernet.
 *
 * ANSI/ASHRAE 135: annex J (BACnet/IP), clause 6 (network layer), clauses 13
 * to 17 (services), 20 (encoding), 7 (ISO 8802-3).
 *
 *	UDP 47808  | 0x81 | function | length | ... network part
 *	LLC 0x82   network part
 *	network    | 1 | control | net, address it goes to | net, address it
 *		   comes from | hops | message type, or application part
 *	application| type, flags | ... | invoke id | service | parameters
 *
 * Op is the service choice, an unconfirmed service as FACT_OP(1, choice): both
 * count from 0.  From 0x200 on, op is the function of the
 * link part, from 0x300 on the type of network message.  Objects: area =
 * object type, first = instance, sub = property (85 where a service means no
 * other), count = array index, 0 where none is given.  Unit and pair hold the
 * network and address behind a router as well.
 */
#include "bacnet_object.h"
#include "bacnet_ops.h"
#include "bacnet_service.h"
#include "bacnet_tables.h"
#include "proto.h"

#include <stdio.h>

enum pdu {
	PDU_CONFIRMED,
	PDU_UNCONFIRMED,
	PDU_SIMPLE_ACK,
	PDU_COMPLEX_ACK,
	PDU_SEGMENT_ACK,
	PDU_ERROR,
	PDU_REJECT,
	PDU_ABORT,
};

/* --------------------------------------------------------- application part */
static void
parse_unconfirmed(struct rd *r, struct dissect *d, const struct origin *o)
{
	uint32_t service;
	struct fact *f;

	rd_skip(r, 1);
	service = rd_u8(r);
	if (!rd_ok(r))
		return;
	d->ctx.response = false;
	f = dissect_op(d, OP_UNCONFIRMED(service));
	unconfirmed_body(r, d, o, service, f);
}

/*
 * The device behind a router that a message is for, or from: network << 8 |
 * station on a field bus; longer addresses are folded.
 */
static uint32_t
fold(uint32_t network, struct span address)
{
	uint32_t h = network;

	if (address.n == 1)
		return network << 8 | address.p[0];
	for (uint32_t i = 0; i < address.n; i++)
		h = h * 31 + address.p[i];
	return h;
}

struct segment {
	bool is, first, more;
	uint32_t number;
};

static struct segment
read_segment(struct rd *r, uint32_t flags)
{
	struct segment s = { .is = (flags & 8) != 0, .more = (flags & 4) != 0 };

	if (s.is) {
		s.number = rd_u8(r);
		rd_skip(r, 1); /* window */
		s.first = s.number == 0;
	}
	return s;
}

/* All of the parameters: of one message, or of its segments joined. */
static bool
join_segment(struct rd *r, struct dissect *d, const struct segment *s,
    struct rd *ret_body)
{
	struct span piece, whole;

	if (!s->is) {
		*ret_body = rd_sub_rest(r);
		return rd_ok(r);
	}
	piece = rd_span(r, rd_left(r));
	if (!rd_ok(r) ||
	    !dissect_join(d, d->ctx.pair, s->first, !s->more, piece, &whole))
		return false;
	*ret_body = rd_over(r, whole);
	return true;
}

static void
parse_confirmed(struct rd *r, struct dissect *d, const struct origin *o,
    uint32_t where)
{
	uint32_t flags = rd_u8(r), invoke, service;
	struct segment s;
	struct rd body;
	struct fact *f;

	rd_skip(r, 1); /* what the client can take */
	invoke = rd_u8(r);
	s = read_segment(r, flags);
	service = rd_u8(r);
	if (!rd_ok(r))
		return;
	dissect_pair(d, where << 8 | invoke);
	d->ctx.response = false;
	f = dissect_op(d, service);
	f->object = (struct fact_object){ .space = SPACE_NONE };
	if (join_segment(r, d, &s, &body)) {
		if (f->kind != FACT_UNKNOWN)
			request_body(&body, d, o, service, f);
		rd_opaque_rest(&body);
	}
	if (!s.is || !s.more)
		dissect_remember(d,
		    (struct ask){ .pair = d->ctx.pair,
			.op = service,
			.at = f->object });
}

static void
parse_ack(struct rd *r, struct dissect *d, const struct origin *o,
    uint32_t where, bool complex)
{
	uint32_t flags = rd_u8(r), invoke = rd_u8(r), service;
	struct segment s = { .is = false };
	const struct ask *ask = NULL;
	struct rd body;
	struct fact *f;

	if (complex)
		s = read_segment(r, flags);
	service = rd_u8(r);
	if (!rd_ok(r))
		return;
	dissect_pair(d, where << 8 | invoke);
	d->ctx.response = true;
	if (!s.is || !s.more)
		ask = dissect_recall(d, d->ctx.pair);
	f = dissect_op(d, service);
	if (ask != NULL)
		f->object = ask->at;
	if (!complex || !join_segment(r, d, &s, &body))
		return;
	ack_body(&body, d, o, service, f);
	rd_opaque_rest(&body);
}

/*
 * Error: class and code, in a context of their own for some services.
 * Reject and abort: a reason.
 */
static void
parse_error(struct rd *r, struct dissect *d, uint32_t where)
{
	uint32_t invoke, service, class_id, code;
	const struct ask *ask;
	struct fact *f;

	rd_skip(r, 1);
	invoke = rd_u8(r);
	service = rd_u8(r);
	dissect_pair(d, where << 8 | invoke);
	d->ctx.response = true;
	if (at_opening(r, 0))
		(void)read_tag(r);
	class_id = app_uint(r, TAG_ENUMERATED);
	code = app_uint(r, TAG_ENUMERATED);
	rd_skip_rest(r);
	if (!rd_ok(r))
		return;
	ask = dissect_recall(d, d->ctx.pair);
	f = dissect_error(d, service, code);
	if (ask != NULL)
		f->object = ask->at;
	say_error(f, class_id, code);
}

static void
parse_refusal(struct rd *r, struct dissect *d, uint32_t where, bool abort)
{
	uint32_t invoke, reason;
	const struct ask *ask;
	const char *name;
	struct fact *f;

	rd_skip(r, 1);
	invoke = rd_u8(r);
	reason = rd_u8(r);
	if (!rd_ok(r))
		return;
	dissect_pair(d, where << 8 | invoke);
	d->ctx.response = true;
	ask = dissect_recall(d, d->ctx.pair);
	f = dissect_error(d, ask != NULL ? ask->op : OP_SEGMENT_ACK, reason);
	if (ask != NULL)
		f->object = ask->at;
	name = abort ? NAME_IN(abort_reasons, reason)
		     : NAME_IN(reject_reasons, reason);
	if (f->kind != FACT_NONE)
		fact_textf(f, "%s: %s", abort ? "abort" : "reject",
		    or_unknown(name));
}

static void
parse_segment_ack(struct rd *r, struct dissect *d, uint32_t where)
{
	uint32_t flags = rd_u8(r), invoke = rd_u8(r);

	rd_skip(r, 2);
	if (!rd_ok(r))
		return;
	dissect_pair(d, where << 8 | invoke);
	d->ctx.response = (flags & 1) != 0;
	(void)dissect_op(d, OP_SEGMENT_ACK);
}

static void
parse_apdu(struct rd *r, struct dissect *d, const struct origin *o, uint32_t to,
    uint32_t from)
{
	int head = ahead(r);

	if (head < 0) {
		rd_require(r, !rd_ok(r), "no application part");
		return;
	}
	switch ((uint32_t)head >> 4) {
	case PDU_CONFIRMED:
		parse_confirmed(r, d, o, to);
		break;
	case PDU_UNCONFIRMED:
		parse_unconfirmed(r, d, o);
		break;
	case PDU_SIMPLE_ACK:
	case PDU_COMPLEX_ACK:
		parse_ack(r, d, o, from,
		    (uint32_t)head >> 4 == PDU_COMPLEX_ACK);
		break;
	case PDU_SEGMENT_ACK:
		parse_segment_ack(r, d, (head & 1) != 0 ? from : to);
		break;
	case PDU_ERROR:
		parse_error(r, d, from);
		break;
	case PDU_REJECT:
		parse_refusal(r, d, from, false);
		break;
	case PDU_ABORT:
		parse_refusal(r, d, (head & 1) != 0 ? from : to, true);
		break;
	default:
		rd_bad(r, "reserved type of message");
		break;
	}
}

/* ------------------------------------------------------------ network part */

static void
networks_text(struct rd *r, struct fact *f)
{
	char text[FACT_TEXT_MAX];
	uint32_t n = 0;

	while (rd_left(r) >= 2 && n + 7 < sizeof(text))
		n += (uint32_t)snprintf(text + n, 8, "%s%u", n > 0 ? " " : "",
		    rd_be16(r));
	if (n > 0 && rd_ok(r))
		fact_text(f, SPAN((const uint8_t *)text, n));
}

static void
parse_network_message(struct rd *r, struct dissect *d)
{
	uint32_t type = rd_u8(r);
	struct fact *f;

	if (type >= 0x80)
		rd_skip(r, 2); /* vendor */
	if (!rd_ok(r))
		return;
	d->ctx.response = false;
	f = dissect_op(d, OP_NETWORK + type);
	switch (type) {
	case 0x00:
	case 0x01:
	case 0x04:
	case 0x05:
		networks_text(r, f);
		if (type == 0x01)
			dissect_ident_role(d, ABOUT_SENDER, ROLE_GATEWAY);
		rd_skip_rest(r);
		break;
	case 0x0a:
	case 0x0b:
	case 0x0e:
	case 0x0f:
	case 0x11:
		rd_secret(r, rd_left(r));
		break;
	default:
		rd_skip_rest(r);
		break;
	}
}

static void
parse_npdu(struct rd *r, struct dissect *d, struct origin *o)
{
	uint32_t version = rd_u8(r), control = rd_u8(r), n, to = 0, from = 0;

	rd_require(r, !rd_ok(r) || version == 1, "version is not 1");
	if ((control & 0x20) != 0) {
		uint32_t network = rd_be16(r);
		struct span address;

		n = rd_u8(r);
		address = rd_span(r, n);
		to = network != 0xffff ? fold(network, address) : 0;
	}
	if ((control & 0x08) != 0) {
		o->network = rd_be16(r);
		n = rd_u8(r);
		o->address = rd_span(r, n);
		o->routed = true;
		from = fold(o->network, o->address);
	}
	if ((control & 0x20) != 0)
		rd_skip(r, 1); /* hops */
	if (!rd_ok(r))
		return;
	if (to != 0 || from != 0)
		dissect_unit(d, from != 0 ? from : to);
	if ((control & 0x80) != 0)
		parse_network_message(r, d);
	else
		parse_apdu(r, d, o, to, from);
}

/* --------------------------------------------------------------- link part */

static void
parse_result(struct rd *r, struct dissect *d)
{
	static const char *const what[] = {
		"done",
		"write broadcast distribution table",
		"read broadcast distribution table",
		"register foreign device",
		"read foreign device table",
		"delete foreign device table entry",
		"distribute broadcast",
	};
	uint32_t code = rd_be16(r);
	struct fact *f;

	if (!rd_ok(r))
		return;
	d->ctx.response = true;
	if (code == 0) {
		(void)dissect_op(d, OP_BVLC);
		return;
	}
	f = dissect_error(d, OP_BVLC, code);
	fact_text(f, span_text(or_unknown(NAME_IN(what, code >> 4))));
}

/* Of tables and registrations: the addresses they name, as text. */
static void
parse_table(struct rd *r, struct dissect *d, uint32_t function)
{
	const uint32_t size = function == 8 ? 6 : 10;
	struct fact *f;

	d->ctx.response = function == 3 || function == 7;
	f = dissect_op(d, OP_BVLC + function);
	if (function == 5) {
		uint32_t seconds = rd_be16(r);

		fact_textf(f, "for %u s", seconds);
	}
	if (function == 2 || function == 5 || function == 6 ||
	    f->kind == FACT_NONE || rd_left(r) < size) {
		rd_skip_rest(r);
		return;
	}
	for (uint32_t i = 0; i < 4 && rd_left(r) >= size; i++) {
		struct ip ip = ip_of_span(rd_span(r, 4));
		uint32_t port = rd_be16(r);
		char text[ADDR_TEXT_MAX], all[FACT_TEXT_MAX];

		rd_skip(r, size - 6);
		if (!rd_ok(r))
			return;
		(void)snprintf(all, sizeof(all), "%.*s%s%s:%u", f->text_len,
		    f->text, f->text_len > 0 ? " " : "", ip_text(&ip, text),
		    port);
		fact_text(f, span_text(all));
	}
	rd_skip_rest(r);
}

static void
parse_bvlc(struct rd *r, struct dissect *d)
{
	uint32_t type = rd_u8(r), function = rd_u8(r), length = rd_be16(r);
	struct origin o = { .routed = false };
	struct rd rest;

	rd_require(r, !rd_ok(r) || (type == 0x81 && length >= 4),
	    "not BACnet/IP");
	rest = rd_sub(r, length >= 4 ? length - 4 : 0);
	rd_skip_rest(r);
	if (!rd_ok(r))
		return;
	switch (function) {
	case 0:
		parse_result(&rest, d);
		break;
	case 4: /* forwarded: the address it came from */
		o.forwarded.ip = ip_of_span(rd_span(&rest, 4));
		rd_skip(&rest, 2);
		parse_npdu(&rest, d, &o);
		break;
	case 9:
	case 10:
	case 11:
		parse_npdu(&rest, d, &o);
		break;
	case 12:
		(void)dissect_op(d, OP_BVLC + function);
		rd_secret(&rest, rd_left(&rest));
		break;
	default:
		if (function < 9)
			parse_table(&rest, d, function);
		else
			(void)dissect_op(d, OP_BVLC + function);
		break;
	}
	rd_opaque_rest(&rest);
}

static void
bacnet_parse(struct rd *r, struct dissect *d)
{
	struct origin o = { .routed = false };

	if (d->via == VIA_UDP)
		parse_bvlc(r, d);
	else
		parse_npdu(r, d, &o);
	rd_skip_rest(r); /* padding of the link layer */
}

/* Where the application part begins, or 0. */
static uint32_t
find_apdu(struct span s, uint32_t at)
{
	uint32_t control;

	if (s.n < at + 2 || s.p[at] != 1)
		return 0;
	control = s.p[at + 1];
	at += 2;
	if ((control & 0x80) != 0)
		return 0;
	if ((control & 0x20) != 0)
		at = s.n > at + 2 ? at + 3 + s.p[at + 2] : s.n;
	if ((control & 0x08) != 0)
		at = s.n > at + 2 ? at + 3 + s.p[at + 2] : s.n;
	at += (control & 0x20) != 0 ? 1 : 0;
	return at < s.n ? at : 0;
}

static uint32_t
npdu_offset(struct span s)
{
	if (s.n < 4 || s.p[0] != 0x81)
		return 0;
	return s.p[1] == 4 ? 10 : s.p[1] >= 9 && s.p[1] <= 11 ? 4 : s.n;
}

static enum way
bacnet_way(struct span s)
{
	uint32_t at = find_apdu(s, npdu_offset(s));

	if (at == 0)
		return WAY_UNKNOWN;
	switch (s.p[at] >> 4) {
	case PDU_CONFIRMED:
		return WAY_REQUEST;
	case PDU_SIMPLE_ACK:
	case PDU_COMPLEX_ACK:
	case PDU_ERROR:
	case PDU_REJECT:
		return WAY_RESPONSE;
	default:
		return WAY_UNKNOWN;
	}
}

static enum claim
bacnet_claim(struct span s, const struct dissect *d)
{
	uint32_t at;

	if (d->via != VIA_UDP)
		return s.n >= 3 && s.p[0] == 1 && (s.p[1] & 0x50) == 0
		    ? CLAIM_WEAK
		    : CLAIM_NO;
	if (s.n < 4 || s.p[0] != 0x81 || s.p[1] > 12 ||
	    ((uint32_t)s.p[2] << 8 | s.p[3]) != s.n)
		return CLAIM_NO;
	at = npdu_offset(s);
	if (at + 2 > s.n)
		return CLAIM_WEAK;
	return s.p[at] == 1 && (s.p[at + 1] & 0x50) == 0 ? CLAIM_STRONG
							 : CLAIM_NO;
}

const struct proto proto_bacnet = {
	.name = "bacnet",
	.title = "BACnet/IP and BACnet over Ethernet",
	.spec = "ANSI/ASHRAE 135, annex J, clauses 6, 7, 13 to 17, 20",
	.depth = "all services, network and link messages; objects, "
		 "properties, values, errors; segments joined; identity",
	.slot = PROTO_SLOT,
	.ot = true,
	.udp = { 47808, 47809, 47810, 47811, 47812, 47813, 47814, 47815 },
	.llc = { 0x82 },
	.client_role = ROLE_UNKNOWN,
	.server_role = ROLE_BUILDING,
	.claim = bacnet_claim,
	.way = bacnet_way,
	.parse = bacnet_parse,
	PROTO_OPS(ops),
};
