/*
 * mms.c - Manufacturing Message Specification, and the OSI layers below it
 * down to the transport: one TSDU is one message.
 *
 * Session ISO 8327-1 clause 8, presentation ISO 8823-1 clause 8, ACSE
 * ISO 8650-1 clause 9, MMS ISO 9506-2:2003; used by IEC 61850-8-1 and
 * IEC 60870-6-503 (TASE.2, ICCP).
 *
 *	session	+----+----+- - - - - - - -+----+----+
 *	SPDUs	| SI | LI | parameters    | 01 | 00 | user data
 *		+----+----+- - - - - - - -+----+----+
 *		connection: user data is parameter 193; data: 01 00 01 00
 *	presentation	0x31 { [2] { [4] contexts, user data } }, or just
 *	user data	0x61 { 0x30 { context identifier, [0] value } }
 *	ACSE	0x60 AARQ 0x61 AARE 0x62 RLRQ 0x63 RLRE 0x64 ABRT,
 *		[30] user information holds the MMS PDU
 *	MMS	a0 { invoke identifier, [service] }	confirmed request
 *		a1 response, a2 error, a3 unconfirmed, a4 reject, a5-a7
 *		cancel, a8-aa initiate, ab-ad conclude
 *
 * Op is the tag of the confirmed service, FACT_OP(1, 0) of an information
 * report; what is no service has the numbers of mms_tables.h.  The name of a
 *variable or domain is text: "domain/item", "item" of the device, "@item" of
 *the association; count is how many were named, first the handle of a file or
 * upload.  Of a report (space DATASET) first is the sequence number and sub
 * the low bits of the configuration revision.  Of a value, first is its place
 * in the list and sub counts the leaves of a structure.  Error codes:
 * class << 8 | code of a service error, 0x2000 | code of a data access
 * error, reason << 8 | code of a reject, result << 8 | diagnostic of ACSE.
 * A write to $CO$ operates, one to $SE$, $SG$, $SP$ or $CF$ configures.
 */
#include "mms_pdu.h"

/* -------------------------------------------------------------------- ACSE */

static void data_value(struct osi *o, uint32_t context, struct rd *r);

/* EXTERNAL: references, then [0] the value itself or [1] its octets. */
static void
external(struct osi *o, struct rd *r)
{
	uint32_t context = 0;

	while (rd_more(r)) {
		struct ber e = ber_next(r);

		if (e.tag == BER_INTEGER)
			context = (uint32_t)ber_uint(&e);
		else if (e.tag == BER_CONTEXT(0) || e.tag == BER_CONTEXT(1))
			data_value(o, context, &e.in);
	}
}

static void
user_information(struct osi *o, struct rd *r)
{
	while (rd_more(r)) {
		struct ber e = ber_next(r);

		if (e.tag == BER_EXTERNAL)
			external(o, &e.in);
	}
}

/* Inside the tag of a choice: the contents of its one element. */
static struct span
choice(struct ber *e)
{
	struct ber in = *e;

	if (e->constructed && rd_more(&e->in))
		in = ber_next(&e->in);
	return ber_span(&in);
}

static uint32_t
choice_number(struct ber *e)
{
	struct span s = choice(e);

	return s.n > 0 ? s.p[s.n - 1] : 0;
}

/* Diagnostic: [1] user or [2] provider { INTEGER }. */
static uint32_t
diagnostic(struct ber *e)
{
	struct ber in = ber_next(&e->in);

	return choice_number(&in);
}

static void
acse_associate(struct osi *o, struct ber *e, bool request)
{
	switch (BER_NUMBER(e->tag)) {
	case 2:
		if (request)
			o->called = choice(e);
		else
			o->result = choice_number(e);
		break;
	case 3:
		if (!request)
			o->diagnostic = diagnostic(e);
		break;
	case 6:
		if (request)
			o->calling = choice(e);
		break;
	case 11:
		if (request)
			o->mechanism = ber_span(e);
		break;
	case 12:
		if (request) {
			o->has_secret = true;
			rd_skip_rest(&e->in);
		}
		break;
	default:
		break;
	}
}

static void
acse(struct osi *o, struct rd *r)
{
	struct ber apdu = ber_next(r);

	o->acse = BER_NUMBER(apdu.tag);
	rd_require(r, o->acse <= 4, "not an ACSE APDU");
	o->has_acse = true;
	while (rd_more(&apdu.in)) {
		struct ber e = ber_next(&apdu.in);

		if (e.tag == BER_CONTEXT(30))
			user_information(o, &e.in);
		else if (o->acse <= 1 && BER_CLASS(e.tag) == BER_CONTEXT(0))
			acse_associate(o, &e, o->acse == 0);
	}
}

/* Who logs in how; called when all is read. */
static void
say_login(struct osi *o)
{
	char oid[BER_OID_TEXT];
	const char *how = "authentication value";
	struct fact *f;

	if (o->acse != 0 || (o->mechanism.n == 0 && !o->has_secret))
		return;
	if (span_is(o->mechanism, SPAN_LIT("\x52\x03\x01")))
		how = "password";
	else if (o->mechanism.n > 0)
		how = ber_oid_text(o->mechanism, oid);
	o->d->ctx.response = false;
	f = dissect_emit(o->d, FACT_LOGIN, OP_ACSE);
	fact_text(f, span_text(how));
}

static void
say_acse(struct osi *o)
{
	struct dissect *d = o->d;

	d->ctx.response = o->acse == 1 || o->acse == 3;
	if (o->acse == 1 && o->result != 0)
		(void)dissect_error(d, OP_ACSE, o->result << 8 | o->diagnostic);
	else
		(void)dissect_op(d, OP_ACSE + (o->acse & ~1u));
}

/* ------------------------------------------------------------ presentation */

static void
learn_context(struct osi *o, struct rd *r)
{
	struct ber id = ber_next(r), name = ber_next(r);
	struct span oid = ber_span(&name);
	enum context kind = CONTEXT_OTHER;
	uint32_t at = o->st->next_context % N_CONTEXTS;

	if (span_is(oid, SPAN_LIT("\x52\x01\x00\x01")))
		kind = CONTEXT_ACSE;
	else if (span_starts(oid, SPAN_LIT("\x28\xca\x22\x02")))
		kind = CONTEXT_MMS;
	o->st->context[at].id = (uint16_t)ber_uint(&id);
	o->st->context[at].kind = (uint8_t)kind;
	o->st->next_context = (uint8_t)((at + 1) % N_CONTEXTS);
}

static enum context
context_kind(const struct mms_state *st, uint32_t id)
{
	for (uint32_t i = 0; i < N_CONTEXTS; i++)
		if (st->context[i].id == id &&
		    st->context[i].kind != CONTEXT_UNKNOWN)
			return (enum context)st->context[i].kind;
	return CONTEXT_UNKNOWN;
}

/* ACSE's tags are of the application class, those of MMS of the context
 * class: where the contexts were not seen being agreed, that tells. */
static void
data_value(struct osi *o, uint32_t context, struct rd *r)
{
	uint32_t class = BER_CLASS(ber_ahead(r));

	if (context_kind(o->st, context) == CONTEXT_OTHER)
		rd_opaque_rest(r);
	else if (class == BER_APPLICATION(0))
		acse(o, r);
	else if (class == BER_CONTEXT(0))
		mms_pdu(o, r);
	else if (rd_left(r) > rd_have(r))
		(void)rd_span(r, rd_left(r)); /* not captured */
	else
		rd_opaque_rest(r);
}

/* PDV lists: { [transfer syntax,] context, [0] value or [1] octets }. */
static void
fully_encoded(struct osi *o, struct rd *r)
{
	while (rd_more(r)) {
		struct rd pdv = ber_enter(r, BER_SEQUENCE, "not a PDV list");
		uint32_t context = 0;

		while (rd_more(&pdv)) {
			struct ber e = ber_next(&pdv);

			if (e.tag == BER_INTEGER)
				context = (uint32_t)ber_uint(&e);
			else if (e.tag == BER_CONTEXT(0) ||
			    e.tag == BER_CONTEXT(1))
				data_value(o, context, &e.in);
		}
	}
}

static void
normal_mode(struct osi *o, struct rd *r)
{
	while (rd_more(r)) {
		struct ber e = ber_next(r);

		if (e.tag == BER_CONTEXT(4)) {
			o->st->next_context = 0;
			while (rd_more(&e.in)) {
				struct rd item = ber_enter(&e.in, BER_SEQUENCE,
				    "not a presentation context");

				learn_context(o, &item);
			}
		} else if (e.tag == BER_APPLICATION(1)) {
			fully_encoded(o, &e.in);
		} else if (e.tag == BER_APPLICATION(0)) {
			rd_opaque_rest(&e.in);
		}
	}
}

static void
presentation(struct osi *o, struct rd *r)
{
	while (rd_more(r)) {
		struct ber e = ber_next(r), mode;

		switch (e.tag) {
		case BER_SET: /* CP, CPA */
			if (find(&e.in, BER_CONTEXT(2), &mode))
				normal_mode(o, &mode.in);
			break;
		case BER_SEQUENCE: /* CPR, ARP */
		case BER_CONTEXT(0): /* ARU */
			normal_mode(o, &e.in);
			break;
		case BER_APPLICATION(1):
			fully_encoded(o, &e.in);
			break;
		default:
			rd_opaque_rest(&e.in);
			break;
		}
	}
}

/* ----------------------------------------------------------------- session */

#define SI_ABORT 25u
#define PI_REASON 50u
#define PGI_USER_DATA 193u
#define PGI_USER_DATA_LONG 194u

static struct rd
session_sub(struct rd *r)
{
	uint32_t n = rd_u8(r);

	return rd_sub(r, n == 0xff ? rd_be16(r) : n);
}

/* ARU: a widespread library counts two octets too many in its head, while
 * what encloses it is right; what encloses it is believed. */
static void
abort_data(struct osi *o, struct rd *r)
{
	struct span head = rd_ahead(r, 2);

	if (head.n < 2 || head.p[0] != 0xa0 || head.p[1] >= 0x80) {
		presentation(o, r);
		return;
	}
	rd_skip(r, 2);
	normal_mode(o, r);
}

static void
session_parameters(struct osi *o, struct rd *r, uint32_t si)
{
	while (rd_more(r)) {
		uint32_t code = rd_u8(r);
		struct rd in = session_sub(r);

		if (code == PGI_USER_DATA && si == SI_ABORT)
			abort_data(o, &in);
		else if (code == PGI_USER_DATA || code == PGI_USER_DATA_LONG)
			presentation(o, &in);
		else if (code == PI_REASON && rd_more(&in))
			o->reason = rd_u8(&in);
	}
}

static void
say_session(struct osi *o, uint32_t si)
{
	struct dissect *d = o->d;

	d->ctx.response = si == 14 || si == 10 || si == 26;
	switch (si) {
	case 12: /* refuse */
		d->ctx.response = true;
		(void)dissect_error(d, OP_SPDU_CN, o->reason);
		break;
	case 8: /* not finished */
		d->ctx.response = true;
		(void)dissect_error(d, OP_SESSION + 9, o->reason);
		break;
	case 10: /* disconnect answers finish */
	case 14: /* accept answers connect */
	case 26: /* abort accept answers abort */
		(void)dissect_op(d, OP_SESSION + si - 1);
		break;
	default:
		(void)dissect_op(d, OP_SESSION + si);
		break;
	}
}

/* Tokens (1, 2) stand before another SPDU; then 1 is data transfer, whose
 * user data is what follows its parameters. */
static uint32_t
session(struct osi *o, struct rd *r)
{
	uint32_t si = rd_u8(r);
	struct rd in = session_sub(r);

	if ((si == 1 || si == 2) && rd_more(r)) {
		si = rd_u8(r);
		in = session_sub(r);
	}
	session_parameters(o, &in, si);
	if (si == 1)
		presentation(o, r);
	return si;
}

static void
mms_parse(struct rd *r, struct dissect *d)
{
	struct osi o = { .d = d, .st = d->state };
	struct span head = rd_ahead(r, 1);
	uint32_t si;

	if (head.n == 1 && head.p[0] >= 0x80) { /* no layers between */
		mms_pdu(&o, r);
		return;
	}
	si = session(&o, r);
	if (!rd_ok(r))
		return;
	if (o.has_acse)
		say_login(&o);
	if (o.said)
		return;
	if (o.has_acse)
		say_acse(&o);
	else
		say_session(&o, si);
}

const struct proto proto_mms = {
	.name = "mms",
	.title = "Manufacturing Message Specification",
	.spec = "ISO 9506-2:2003, ISO 8327-1, ISO 8823-1, ISO 8650-1, "
		"IEC 61850-8-1, IEC 60870-6-503",
	.depth = "session to ACSE; all services and errors by name of object; "
		 "values of read, write and report; IEC 61850 controls",
	.slot = PROTO_SLOT,
	.ot = true,
	.client_role = ROLE_SCADA,
	.server_role = ROLE_IED,
	.parse = mms_parse,
	.state_size = sizeof(struct mms_state),
	PROTO_OPS(ops),
};
