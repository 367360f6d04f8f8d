/*
 * lontalk.c - LonTalk over IP (CN/IP).
 *
 * ISO/IEC 14908-1:2012 (LPDU to APDU), ISO/IEC 14908-4 / EIA-852 (over IP).
 *
 *	+--------+---------+------+-----------+-------+--------+---------+
 *	| length | version | type | more head | flags | vendor | session |
 *	+--------+---------+------+-----------+-------+--------+---------+
 *	  be16     u8 1      u8     u8          u8      be16     be32
 *	+----------+-----------+- - - - - -+
 *	| sequence | timestamp | body      |
 *	+----------+-----------+- - - - - -+
 *	  be32       be32
 *
 *	body of type 1: priority and backlog u8; format u8 (version 2, PDU 2,
 *	address 2, length of domain 2 bits); subnet and node of the sender;
 *	receiver by format; domain; transaction; code and data
 *
 * Length counts all of it.  Op is the code of network management (60h) and
 * diagnosis (50h); of the packet with variant 1; what has no code of its own
 * with variant 2.  Seq is the sequence, pair the transaction with the
 * sender's node, unit subnet << 7 | node of the receiver, or the group.
 * Objects: first = selector of a network variable.
 */
#include "lontalk_tables.h"

#define HEAD 20u

enum pdu {
	PDU_TRANSPORT,
	PDU_SESSION,
	PDU_AUTHENTICATION,
	PDU_APPLICATION,
};

struct message {
	enum pdu pdu;
	uint32_t type; /* of transport or session */
	uint32_t transaction;
	uint32_t from, to; /* subnet << 7 | node */
};

static uint32_t
length_of(struct span s)
{
	return (uint32_t)s.p[0] << 8 | s.p[1];
}

static enum claim
lontalk_claim(struct span s, const struct dissect *d)
{
	(void)d;
	if (s.n < HEAD || length_of(s) != s.n || s.p[2] != 1 ||
	    proto_op_find(&proto_lontalk, PACKET(s.p[3])) == NULL ||
	    HEAD + s.p[4] * 4u > s.n)
		return CLAIM_NO;
	/* a datagram with its own length and a known type: the vendor is most
	 * often 0, the standard's */
	return s.p[6] == 0 && s.p[7] == 0 ? CLAIM_STRONG : CLAIM_WEAK;
}

/* -------------------------------------------------------- network layer */

static uint32_t
read_node(struct rd *r)
{
	uint32_t subnet = rd_u8(r);

	return subnet << 7 | (rd_u8(r) & 0x7f);
}

static void
read_addresses(struct rd *r, struct message *m, uint32_t format)
{
	struct span ahead = rd_ahead(r, 2);
	bool plain = ahead.n == 2 && (ahead.p[1] & 0x80) != 0;

	m->from = read_node(r);
	switch (format) {
	case 0: /* all of a subnet */
	case 1: /* a group */
		m->to = rd_u8(r);
		break;
	case 2:
		if (plain) {
			m->to = read_node(r);
		} else { /* answer to a group: node, group, member */
			m->to = read_node(r);
			rd_skip(r, 2);
		}
		break;
	default: /* a subnet, and who there by its neuron's number */
		m->to = (uint32_t)rd_u8(r) << 7;
		rd_skip(r, 6);
		break;
	}
}

/* ------------------------------------------------------ application layer */

static void
read_variable(struct rd *r, struct dissect *d, const struct message *m)
{
	struct fact_object at = { .space = SPACE_LON_VARIABLE, .count = 1 };
	bool poll = m->pdu == PDU_SESSION;
	uint32_t op = OTHER(poll ? NV_POLL : NV_UPDATE), n;

	at.first = rd_be16(r) & 0x3fff;
	dissect_op(d, op)->object = at;
	n = rd_left(r);
	if (n == 1)
		dissect_value_uint(d, op, at, rd_u8(r));
	else if (n == 2)
		dissect_value_uint(d, op, at, rd_be16(r));
	else if (n == 4)
		dissect_value_uint(d, op, at, rd_be32(r));
	rd_opaque_rest(r); /* a structure: its type is not told */
}

/* Answers have the low bits of the code that they answer. */
static void
read_answer(struct rd *r, struct dissect *d, const struct ask *ask)
{
	uint32_t code = rd_u8(r);
	uint32_t op = ask != NULL ? ask->op : OTHER(ANSWER);
	bool managed = op >= 0x50 && op < 0x80;

	if (managed && (code == (op & 0x1f) || code == (op & 0x0f) + 0x10u))
		(void)dissect_error(d, op, code);
	else
		(void)dissect_op(d, op);
	if (op == 0x61 && rd_have(r) >= 6) {
		struct span s = rd_span(r, 6);

		if (s.n == 6)
			dissect_identf(d, TRAIT_MODULE,
			    "neuron %02x%02x%02x%02x%02x%02x", s.p[0], s.p[1],
			    s.p[2], s.p[3], s.p[4], s.p[5]);
	}
	if (managed)
		rd_skip_rest(r);
	rd_opaque_rest(r);
}

static void
read_code(struct rd *r, struct dissect *d)
{
	uint32_t code = rd_u8(r);

	if (code >= 0x50)
		(void)dissect_op(d, code);
	else
		(void)dissect_op(d, OTHER(code < 0x40 ? APPLICATION : FOREIGN));
	if (code >= 0x50 && proto_op_find(d->proto, code) != NULL)
		rd_skip_rest(r); /* addresses, keys, memory */
	rd_opaque_rest(r);
}

static void
read_apdu(struct rd *r, struct dissect *d, const struct message *m)
{
	uint32_t pair =
	    m->transaction << 16 | (d->ctx.response ? m->to : m->from);
	struct span ahead = rd_ahead(r, 1);
	const struct ask *ask = NULL;
	bool variable = ahead.n == 1 && (ahead.p[0] & 0x80) != 0;

	if (m->pdu != PDU_APPLICATION)
		dissect_pair(d, pair);
	if (d->ctx.response)
		ask = dissect_recall(d, pair);
	if (variable)
		read_variable(r, d, m);
	else if (d->ctx.response)
		read_answer(r, d, ask);
	else
		read_code(r, d);
	if (m->pdu == PDU_SESSION && !d->ctx.response)
		dissect_remember(d,
		    (struct ask){ .pair = pair,
			.op = variable ? OTHER(NV_POLL)
			    : ahead.n == 1 && ahead.p[0] >= 0x50
			    ? ahead.p[0]
			    : OTHER(APPLICATION) });
}

static void
read_lpdu(struct rd *r, struct dissect *d)
{
	static const uint8_t domain[4] = { 0, 1, 3, 6 };
	struct message m = { .transaction = 0 };
	uint32_t format, head;

	rd_skip(r, 1);
	format = rd_u8(r);
	m.pdu = (enum pdu)BITS(format, 5, 4);
	read_addresses(r, &m, BITS(format, 3, 2));
	rd_skip(r, domain[format & 3]);
	if (!rd_ok(r))
		return;
	dissect_unit(d, m.to);
	if (m.pdu == PDU_AUTHENTICATION) {
		(void)dissect_op(d, OTHER(AUTHENTICATION));
		rd_skip_rest(r); /* challenge, reply */
		return;
	}
	if (m.pdu != PDU_APPLICATION) {
		head = rd_u8(r);
		m.type = BITS(head, 6, 4);
		m.transaction = head & 15;
		if (m.type >= 4) /* reminder: who has answered */
			rd_skip(r, rd_u8(r));
	}
	d->ctx.response = m.type == 2;
	if (!rd_more(r))
		(void)dissect_op(d, OTHER(TRANSPORT));
	else
		read_apdu(r, d, &m);
}

static void
lontalk_parse(struct rd *r, struct dissect *d)
{
	uint32_t length = rd_be16(r), version = rd_u8(r), type = rd_u8(r);
	uint32_t more = rd_u8(r);
	struct rd body;

	rd_skip(r, 7);
	d->ctx.seq = rd_be32(r);
	rd_skip(r, 4);
	rd_require(r, version == 1 && length >= HEAD, "no such packet");
	body = rd_sub(r, length - HEAD);
	rd_skip(&body, more * 4);
	if (!rd_ok(r))
		return;
	if (type == 1 && rd_left(&body) >= 5) {
		read_lpdu(&body, d);
	} else {
		d->ctx.response = type == 0x70 || type == 7;
		(void)dissect_op(d, PACKET(type));
		if (proto_op_find(d->proto, PACKET(type)) != NULL)
			rd_skip_rest(&body); /* members, routes, counts */
	}
	rd_opaque_rest(&body);
}

const struct proto proto_lontalk = {
	.name = "lontalk",
	.title = "LonTalk over IP (CN/IP)",
	.spec = "ISO/IEC 14908-1:2012, 14908-4 (EIA-852)",
	.depth =
	    "packets, addresses, network management and diagnosis by name; "
	    "network variables by selector with values up to four octets; "
	    "other variables and application messages opaque",
	.slot = PROTO_SLOT,
	.ot = true,
	.udp = { 1628, 1629, 2540, 2541 },
	.client_role = ROLE_BUILDING,
	.server_role = ROLE_BUILDING,
	.claim = lontalk_claim,
	.parse = lontalk_parse,
	PROTO_OPS(ops),
};
