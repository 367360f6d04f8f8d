/*
 * dcerpc.c - remote procedure calls, of Windows (DCOM, OPC Classic) and, in
 * the connectionless form, of PROFINET.
 *
 * The Open Group C706 clause 12, [MS-RPCE] 2.2; ORPC [MS-DCOM] 2.2.
 *
 *	connection-oriented, integers in the byte order of drep:
 *	+---+-------+------+-------+------+----------+------+---------+
 *	| 5 | minor | type | flags | drep | fragment | auth | call id |
 *	+---+-------+------+-------+------+----------+------+---------+
 *	 u8  u8      u8     u8      4      u16 (all)  u16    u32
 *	request	+------+---------+-------+- - - - - - - -+- - - +- - -
 *		| hint | context | opnum | object 16,    | stub | auth
 *		+------+---------+-------+ flag 0x80     +- - - +- - -
 *		 u32    u16       u16
 *	bind	+------+------+-------+---+- - - - - - - - - - - - - -
 *		| xmit | recv | group | n | context, n transfers,
 *		+------+------+-------+---+ interface 20, transfers 20
 *		 u16    u16    u32     u8, 3 reserved
 *
 *	connectionless: 80 octets
 *	+---+------+-------+-------+------+--------+--------+-----------+
 *	| 4 | type | flags | flags | drep | serial | object | interface |
 *	+---+------+-------+-------+------+--------+--------+-----------+
 *	 u8  u8     u8      u8      3      u8       16       16
 *	+----------+------+---------+----------+-------+------+------+
 *	| activity | boot | version | sequence | opnum | hint | hint |
 *	+----------+------+---------+----------+-------+------+------+
 *	 16         u32    u32       u32        u16     u16    u16
 *	+--------+----------+------+--------+- - -
 *	| length | fragment | auth | serial | stub
 *	+--------+----------+------+--------+- - -
 *	 u16      u16        u8     u8
 *
 * Op of a call is the number of its interface in dcerpc_tables.h << 16 |
 * opnum, so that each has its own name and risk; OP_CALL where the call or
 * the interface is not known, and PDUs that are no calls have their own.
 * Object (space INTERFACE): area the interface's number (0: not known), first
 * the opnum, sub the context; text is name and identifier of the interface.
 * Pair is the call identifier or sequence number.  Error is the status of a
 * fault, the reason of a refused bind.  What is carried for PROFINET speaks
 * under its own name; connectionless fragments are put together for it.
 */
#include "dcerpc.h"

#include "dcerpc_tables.h"
#include "ntlmssp.h"

#define CO_HEADER 16u
#define CL_HEADER 80u

#define CO_FIRST 0x01u
#define CO_OBJECT 0x80u
#define CL_LAST 0x02u
#define CL_FRAGMENT 0x04u

enum pdu {
	PDU_REQUEST = 0,
	PDU_RESPONSE = 2,
	PDU_FAULT = 3,
	PDU_REJECT = 6, /* connectionless */
	PDU_BIND = 11,
	PDU_BIND_ACK = 12,
	PDU_BIND_NAK = 13,
	PDU_ALTER = 14,
	PDU_ALTER_ACK = 15,
	PDU_AUTH3 = 16,
	PDU_LAST = 19,
};

struct uuid {
	uint32_t a;
	uint16_t b, c;
	uint8_t d[8];
};

#define N_CONTEXTS 8u
struct dcerpc_state {
	struct {
		struct uuid uuid;
		uint16_t id;
		bool used;
		uint8_t interface;
	} context[N_CONTEXTS];
	uint8_t next;
};

_Static_assert(sizeof(struct dcerpc_state) <= DCERPC_STATE, "as promised");

struct pdu_head {
	uint32_t type, flags, fragment, auth;
	bool little;
};

/* ------------------------------------------------------------ interfaces */

static struct uuid
rd_uuid(struct rd *r, bool little)
{
	struct uuid u = { .a = dcerpc_u32(r, little) };
	struct span s;

	u.b = (uint16_t)dcerpc_u16(r, little);
	u.c = (uint16_t)dcerpc_u16(r, little);
	s = rd_span(r, 8);
	if (s.n == 8)
		memcpy(u.d, s.p, 8);
	return u;
}

static uint32_t
interface_of(const struct uuid *u)
{
	for (uint32_t i = IF_NONE + 1; i < IF_COUNT; i++)
		if (interfaces[i].a == u->a && interfaces[i].b == u->b &&
		    interfaces[i].c == u->c &&
		    memcmp(interfaces[i].d, u->d, 8) == 0)
			return i;
	return IF_NONE;
}

static void
interface_text(struct fact *f, uint32_t interface, const struct uuid *u)
{
	if (f->kind == FACT_NONE)
		return;
	fact_textf(f, "%s%s%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x",
	    interfaces[interface].name, interface == IF_NONE ? "" : " ", u->a,
	    u->b, u->c, u->d[0], u->d[1], u->d[2], u->d[3], u->d[4], u->d[5],
	    u->d[6], u->d[7]);
}

static void
learn(struct dcerpc_state *st, uint32_t id, struct uuid u, uint32_t interface)
{
	uint32_t at = 0;

	if (st == NULL)
		return;
	while (at < N_CONTEXTS &&
	    (!st->context[at].used || st->context[at].id != id))
		at++;
	if (at == N_CONTEXTS) {
		at = st->next % N_CONTEXTS;
		st->next = (uint8_t)((at + 1) % N_CONTEXTS);
	}
	st->context[at].used = true;
	st->context[at].id = (uint16_t)id;
	st->context[at].uuid = u;
	st->context[at].interface = (uint8_t)interface;
}

/* The call's operation: one of the table's, or just a call. */
static uint32_t
op_of_call(const struct dissect *d, uint32_t interface, uint32_t opnum)
{
	uint32_t op = OP_OF(interface, opnum);

	return interface != IF_NONE && opnum < 0x10000 &&
		proto_op_find(d->proto, op) != NULL
	    ? op
	    : OP_CALL;
}

/* ----------------------------------------------------- connection-oriented */

/* The last octets of a PDU prove who speaks. */
static void
co_auth(struct dissect *d, struct rd *r, const struct pdu_head *h, uint32_t op)
{
	uint32_t type = rd_u8(r);

	rd_skip(r, 7); /* level, padding, context */
	if (type == 9 || type == 10) /* SPNEGO, NTLM */
		ntlmssp_say(d, op, rd_span(r, h->auth));
	else
		rd_secret(r, h->auth);
}

/* The body of a PDU without its verifier, which *ret_auth gets. */
static struct rd
co_body(struct rd *r, const struct pdu_head *h, struct rd *ret_auth)
{
	uint32_t n = rd_left(r), trailer = h->auth > 0 ? h->auth + 8 : 0;
	struct rd body;

	rd_require(r, trailer <= n, "verifier longer than the fragment");
	body = rd_sub(r, trailer <= n ? n - trailer : 0);
	*ret_auth = rd_sub_rest(r);
	return body;
}

static void
co_request(struct dissect *d, struct rd *r, const struct pdu_head *h)
{
	const struct dcerpc_state *st = d->state;
	struct fact_object at = { .space = SPACE_INTERFACE, .count = 1 };
	struct uuid uuid = { .a = 0 };
	bool known = false;
	struct fact *f;
	uint32_t op;

	rd_skip(r, 4);
	at.sub = (uint16_t)dcerpc_u16(r, h->little);
	at.first = dcerpc_u16(r, h->little);
	if ((h->flags & CO_OBJECT) != 0)
		rd_skip(r, 16);
	for (uint32_t i = 0; st != NULL && i < N_CONTEXTS; i++)
		if (st->context[i].used && st->context[i].id == at.sub) {
			at.area = st->context[i].interface;
			uuid = st->context[i].uuid;
			known = true;
		}
	op = op_of_call(d, at.area, at.first);
	if ((h->flags & CO_FIRST) == 0)
		op = OP_PDU + PDU_REQUEST;
	else
		dissect_remember(d,
		    (struct ask){ .pair = d->ctx.pair, .op = op, .at = at });
	f = dissect_op(d, op);
	f->object = at;
	if (known)
		interface_text(f, at.area, &uuid);
	/* NetprPathCanonicalize and NetprPathCompare, [MS-SRVS] 3.1.4.30 */
	if (at.area == IF_SRVSVC && (at.first == 31 || at.first == 32))
		dissect_content_call(d, at.first, interfaces[at.area].name,
		    rd_ahead(r, rd_have(r)));
	rd_opaque_rest(r);
}

static void
co_response(struct dissect *d, struct rd *r, const struct pdu_head *h)
{
	const struct ask *ask;
	struct fact *f;
	uint32_t status;

	d->ctx.response = true;
	if ((h->flags & CO_FIRST) == 0 && h->type == PDU_RESPONSE) {
		(void)dissect_op(d, OP_PDU + PDU_RESPONSE);
		rd_opaque_rest(r);
		return;
	}
	rd_skip(r, 4 + 2 + 2);
	ask = dissect_recall(d, d->ctx.pair);
	if (h->type == PDU_FAULT) {
		status = dcerpc_u32(r, h->little);
		f = dissect_error(d, ask != NULL ? ask->op : OP_CALL, status);
	} else {
		f = dissect_op(d, ask != NULL ? ask->op : OP_CALL);
	}
	if (ask != NULL)
		f->object = ask->at;
	rd_opaque_rest(r);
}

/* Interfaces that are offered to be spoken in numbered contexts. */
static void
co_bind(struct dissect *d, struct rd *r, const struct pdu_head *h, uint32_t op)
{
	bool first = true;
	uint32_t n;

	rd_skip(r, 2 + 2 + 4);
	n = rd_u8(r);
	rd_skip(r, 3);
	for (; n > 0 && rd_more(r); n--) {
		uint32_t id = dcerpc_u16(r, h->little), transfers = rd_u8(r);
		struct uuid uuid;
		uint32_t interface;
		struct fact *f;

		rd_skip(r, 1);
		uuid = rd_uuid(r, h->little);
		rd_skip(r, 4 + transfers * 20);
		if (!rd_ok(r))
			break;
		interface = interface_of(&uuid);
		learn(d->state, id, uuid, interface);
		f = first ? dissect_op(d, op)
			  : dissect_emit(d, FACT_SESSION, op);
		first = false;
		f->object = (struct fact_object){ .space = SPACE_INTERFACE,
			.area = interface,
			.count = 1,
			.sub = (uint16_t)id };
		interface_text(f, interface, &uuid);
	}
	if (first)
		(void)dissect_op(d, op);
	dissect_remember(d, (struct ask){ .pair = d->ctx.pair, .op = op });
	rd_skip_rest(r);
}

/* The answer: refused when no context was accepted. */
static void
co_bind_ack(struct dissect *d, struct rd *r, const struct pdu_head *h,
    uint32_t op)
{
	uint32_t start = rd_left(r), n, accepted = 0, reason = 0;

	d->ctx.response = true;
	(void)dissect_recall(d, d->ctx.pair);
	if (h->type == PDU_BIND_NAK) {
		(void)dissect_error(d, op, dcerpc_u16(r, h->little));
		rd_skip_rest(r);
		return;
	}
	rd_skip(r, 2 + 2 + 4);
	rd_skip(r, dcerpc_u16(r, h->little));
	rd_skip(r, (0u - (start - rd_left(r))) & 3); /* to a multiple of 4 */
	n = rd_u8(r);
	rd_skip(r, 3);
	for (uint32_t i = 0; i < n && rd_more(r); i++) {
		uint32_t result = dcerpc_u16(r, h->little);

		reason = dcerpc_u16(r, h->little);
		accepted += result != 2;
		rd_skip(r, 20);
	}
	if (rd_ok(r) && n > 0 && accepted == 0)
		(void)dissect_error(d, op, reason);
	else
		(void)dissect_op(d, op);
	rd_skip_rest(r);
}

static void
co_pdu(struct dissect *d, struct rd *r, const struct pdu_head *h)
{
	uint32_t op = OP_PDU + h->type;

	d->ctx.response = false;
	switch (h->type) {
	case PDU_REQUEST:
		co_request(d, r, h);
		break;
	case PDU_RESPONSE:
	case PDU_FAULT:
		co_response(d, r, h);
		break;
	case PDU_BIND:
	case PDU_ALTER:
		co_bind(d, r, h, op);
		break;
	case PDU_BIND_ACK:
	case PDU_BIND_NAK:
		co_bind_ack(d, r, h, OP_PDU + PDU_BIND);
		break;
	case PDU_ALTER_ACK:
		co_bind_ack(d, r, h, OP_PDU + PDU_ALTER);
		break;
	default:
		(void)dissect_op(d, op);
		rd_skip_rest(r);
		break;
	}
}

static void
co_parse(struct rd *r, struct dissect *d)
{
	struct pdu_head h = { .type = 0 };
	struct rd body, auth, all;

	rd_skip(r, 2);
	h.type = rd_u8(r);
	h.flags = rd_u8(r);
	h.little = (rd_u8(r) & 0x10) != 0;
	rd_skip(r, 3);
	h.fragment = dcerpc_u16(r, h.little);
	h.auth = dcerpc_u16(r, h.little);
	dissect_pair(d, dcerpc_u32(r, h.little));
	rd_require(r, h.fragment >= CO_HEADER, "fragment less than its head");
	rd_require(r, h.type <= PDU_LAST, "no such PDU");
	if (!rd_ok(r))
		return;
	all = rd_sub(r, h.fragment - CO_HEADER);
	body = co_body(&all, &h, &auth);
	co_pdu(d, &body, &h);
	if (rd_left(&auth) > 8)
		co_auth(d, &auth, &h, OP_PDU + h.type);
}

/* ---------------------------------------------------------- connectionless */

#define PNIO_FIRST 0xdea00001u
#define PNIO_LAST 0xdea00004u

static bool
is_profinet(const struct uuid *u)
{
	static const uint8_t tail[] = { 0x82, 0x71, 0x00, 0xa0, 0x24, 0x42,
		0xdf, 0x7d };

	return u->a >= PNIO_FIRST && u->a <= PNIO_LAST && u->b == 0x6c97 &&
	    u->c == 0x11d1 && memcmp(u->d, tail, 8) == 0;
}

static void
hand_on(struct dissect *d, struct rd *r, struct dcerpc_call *call)
{
	void *state = d->state;

	if (call->type == PDU_FAULT || call->type == PDU_REJECT)
		call->status = dcerpc_u32(r, call->little);
	d->state = call;
	dissect_inner(d, &proto_profinet_cm, r);
	d->state = state;
}

static void
cl_call(struct dissect *d, struct rd *r, const struct dcerpc_call *call,
    const struct uuid *uuid)
{
	uint32_t interface = interface_of(uuid);
	uint32_t op = op_of_call(d, interface, call->opnum);
	struct fact *f;

	if (call->type == PDU_REQUEST)
		dissect_remember(d,
		    (struct ask){ .pair = d->ctx.pair, .op = op });
	else
		(void)dissect_recall(d, d->ctx.pair);
	if (call->type == PDU_FAULT || call->type == PDU_REJECT)
		f = dissect_error(d, op, dcerpc_u32(r, call->little));
	else
		f = dissect_op(d, op);
	f->object = (struct fact_object){ .space = SPACE_INTERFACE,
		.area = interface,
		.first = call->opnum,
		.count = 1 };
	interface_text(f, interface, uuid);
	rd_opaque_rest(r);
}

/* A call in pieces: what it says is said when the last has come. */
static void
cl_fragment(struct dissect *d, struct rd *r, struct dcerpc_call *call,
    uint32_t key, uint32_t number, uint32_t flags)
{
	uint32_t n = rd_left(r);
	struct span piece = rd_span(r, n), whole;
	struct rd in;

	if (!rd_ok(r))
		return;
	if (!dissect_join(d, key, number == 0, (flags & CL_LAST) != 0, piece,
		&whole)) {
		(void)dissect_op(d, OP_PDU_CL + call->type);
		return;
	}
	in = rd_over(r, whole);
	hand_on(d, &in, call);
}

static void
cl_body(struct dissect *d, struct rd *r, struct dcerpc_call *call,
    const struct uuid *uuid, uint32_t key, uint32_t number, uint32_t flags)
{
	bool profinet = is_profinet(uuid);

	if (call->type != PDU_REQUEST && call->type != PDU_RESPONSE &&
	    call->type != PDU_FAULT && call->type != PDU_REJECT) {
		d->ctx.response = false;
		(void)dissect_op(d, OP_PDU_CL + call->type);
		rd_skip_rest(r);
	} else if (profinet && (flags & CL_FRAGMENT) != 0) {
		cl_fragment(d, r, call, key, number, flags);
	} else if (profinet) {
		hand_on(d, r, call);
	} else {
		cl_call(d, r, call, uuid);
	}
}

static void
cl_parse(struct rd *r, struct dissect *d)
{
	struct dcerpc_call call = { .opnum = 0 };
	struct uuid object, interface, activity;
	uint32_t flags, sequence, number, n;
	struct rd body;

	rd_skip(r, 1);
	call.type = rd_u8(r);
	flags = rd_u8(r);
	rd_skip(r, 1);
	call.little = (rd_u8(r) & 0x10) != 0;
	rd_skip(r, 3);
	object = rd_uuid(r, call.little);
	interface = rd_uuid(r, call.little);
	activity = rd_uuid(r, call.little);
	rd_skip(r, 4 + 4); /* boot time, version */
	sequence = dcerpc_u32(r, call.little);
	call.opnum = dcerpc_u16(r, call.little);
	rd_skip(r, 2 + 2);
	n = dcerpc_u16(r, call.little);
	number = dcerpc_u16(r, call.little);
	rd_skip(r, 2);
	rd_require(r, call.type <= 10, "no such PDU");
	dissect_pair(d, sequence);
	d->ctx.response = call.type == PDU_RESPONSE || call.type == PDU_FAULT ||
	    call.type == PDU_REJECT;
	if (object.a == 0xdea00000u) { /* instance, device, vendor */
		call.device = (uint16_t)(object.d[4] << 8 | object.d[5]);
		call.vendor = (uint16_t)(object.d[6] << 8 | object.d[7]);
	}
	body = rd_sub(r, n);
	if (!rd_ok(r))
		return;
	cl_body(d, &body, &call, &interface, activity.a ^ sequence, number,
	    flags);
	rd_secret(r, rd_left(r)); /* verifier */
}

/* --------------------------------------------------------------- the flow */

static void
dcerpc_parse(struct rd *r, struct dissect *d)
{
	struct span head = rd_ahead(r, 1);

	if (head.n == 1 && head.p[0] == 4)
		cl_parse(r, d);
	else if (head.n == 1 && head.p[0] != 5)
		rd_bad(r, "neither version 4 nor 5");
	else
		co_parse(r, d);
}

static uint32_t
u16_at(struct span s, uint32_t at, bool little)
{
	uint32_t a = s.p[at], b = s.p[at + 1];

	return little ? b << 8 | a : a << 8 | b;
}

static bool
good_drep(const uint8_t *p)
{
	return (p[0] == 0x10 || p[0] == 0x00) && p[1] <= 3 && p[2] == 0;
}

static bool
good_co(struct span s)
{
	uint32_t n, auth;
	bool little;

	if (s.p[0] != 5 || s.p[1] > 1 || s.p[2] > PDU_LAST ||
	    !good_drep(s.p + 4) || s.p[7] != 0)
		return false;
	if (s.p[2] == 1 || (s.p[2] > PDU_FAULT && s.p[2] < PDU_BIND))
		return false;
	little = s.p[4] == 0x10;
	n = u16_at(s, 8, little);
	auth = u16_at(s, 10, little);
	return n >= CO_HEADER && auth < n;
}

static bool
good_cl(struct span s)
{
	return s.n >= CL_HEADER && s.p[0] == 4 && s.p[1] <= 10 &&
	    (s.p[2] & 0x81) == 0 && (s.p[3] & 0xfd) == 0 && good_drep(s.p + 4);
}

static uint32_t
dcerpc_frame(struct span s, const struct dissect *d)
{
	(void)d;
	if (s.p[0] == 4) {
		uint32_t n;

		if (s.n < CL_HEADER)
			return FRAME_NEED_MORE;
		if (!good_cl(s))
			return FRAME_NOT_MINE;
		n = CL_HEADER + u16_at(s, 74, s.p[4] == 0x10);
		/* a verifier may follow: it ends with the datagram */
		return s.p[78] != 0 && n < s.n ? s.n : n;
	}
	return good_co(s) ? u16_at(s, 8, s.p[4] == 0x10) : FRAME_NOT_MINE;
}

static enum claim
dcerpc_claim(struct span s, const struct dissect *d)
{
	if (s.n < CO_HEADER)
		return CLAIM_NO;
	if (d->via == VIA_UDP)
		return good_cl(s) &&
			CL_HEADER + u16_at(s, 74, s.p[4] == 0x10) <= s.n
		    ? CLAIM_STRONG
		    : CLAIM_NO;
	return good_co(s) ? CLAIM_STRONG : CLAIM_NO;
}

static enum way
dcerpc_way(struct span s)
{
	uint32_t type;

	if (s.n < 4)
		return WAY_UNKNOWN;
	type = s.p[0] == 4 ? s.p[1] : s.p[2];
	switch (type) {
	case PDU_REQUEST:
	case PDU_BIND:
	case PDU_ALTER:
	case PDU_AUTH3:
		return WAY_REQUEST;
	case PDU_RESPONSE:
	case PDU_FAULT:
	case PDU_BIND_ACK:
	case PDU_BIND_NAK:
	case PDU_ALTER_ACK:
		return WAY_RESPONSE;
	default:
		return WAY_UNKNOWN;
	}
}

const struct proto proto_dcerpc = {
	.name = "dcerpc",
	.title = "DCE/RPC, DCOM, OPC Classic",
	.spec = "C706 clause 12, [MS-RPCE] 2.2, [MS-DCOM]",
	.depth = "all PDUs; interface and call by name; NTLM logins; stubs "
		 "are read for PROFINET only",
	.slot = PROTO_SLOT,
	.carrier = true,
	.tcp = { 135 },
	.udp = { 135, 34964 },
	.server_role = ROLE_SERVER,
	.claim = dcerpc_claim,
	.way = dcerpc_way,
	.frame = dcerpc_frame,
	.frame_min = CO_HEADER,
	.parse = dcerpc_parse,
	.state_size = sizeof(struct dcerpc_state),
	PROTO_OPS(ops),
};
