/*
 * snmp.c - Simple Network Management Protocol.
 *
 * RFC 1157 (version 1), RFC 3416 (PDUs of version 2c and 3), RFC 3412 and
 * RFC 3414 (version 3 and its user-based security).
 *
 *	1, 2c:	SEQUENCE { version, community, PDU }
 *	3:	SEQUENCE { version, SEQUENCE { id, size, flags, model },
 *		OCTET STRING of the security model's parameters,
 *		SEQUENCE { engine, context, PDU } or, encrypted, OCTET STRING }
 *	PDU:	[n] { request id, error status, error index,
 *		SEQUENCE OF SEQUENCE { name, value } }
 *	trap of version 1: [4] { enterprise, address, generic, specific, time,
 *		SEQUENCE OF ... }
 *
 * Op is the PDU's tag number; 256 for one that is encrypted.  The object is
 * the first variable by its object identifier, its count how many there are.
 * Requests also say LOGIN: the community or user by name, the version as
 * area.  Pair is the request identifier.
 */
#include "ber.h"
#include "say.h"
#include "snmp_tables.h"
#include "sysdescr.h"

#define PORT 161
#define PORT_TRAP 162

#define PDU_GET 0u
#define PDU_RESPONSE 2u
#define PDU_SET 3u
#define PDU_TRAP1 4u
#define PDU_BULK 5u
#define PDU_INFORM 6u
#define PDU_TRAP2 7u
#define PDU_REPORT 8u
#define PDU_ENCRYPTED 256u

#define FLAG_ENCRYPTED 2u
#define MODEL_USER 3u
#define VARIABLES_MAX 128u

static const struct proto_op ops[] = {
	{ PDU_GET, FACT_READ, RISK_NONE, "get-request" },
	{ 1, FACT_READ, RISK_NONE, "get-next-request" },
	{ PDU_RESPONSE, FACT_READ, RISK_NONE, "get-response" },
	{ PDU_SET, FACT_CONFIG, RISK_CONFIGURATION, "set-request" },
	{ PDU_TRAP1, FACT_REPORT, RISK_NONE, "trap" },
	{ PDU_BULK, FACT_READ, RISK_NONE, "get-bulk-request" },
	{ PDU_INFORM, FACT_REPORT, RISK_NONE, "inform-request" },
	{ PDU_TRAP2, FACT_REPORT, RISK_NONE, "snmpv2-trap" },
	{ PDU_REPORT, FACT_REPORT, RISK_NONE, "report" },
	{ PDU_ENCRYPTED, FACT_SESSION, RISK_NONE, "encrypted" },
};

struct message {
	uint32_t version; /* 1, 2 or 3 */
	struct span user; /* community or user */
	struct span engine; /* whose authority it is */
};

/* --------------------------------------------------------------- identity */

static const char *
maker_name(uint32_t number)
{
	uint32_t lo = 0, hi = sizeof(snmp_makers) / sizeof(snmp_makers[0]);

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (snmp_makers[mid].number == number)
			return snmp_makers[mid].name;
		if (snmp_makers[mid].number < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	return "";
}

/* The number after 1.3.6.1.4.1; 0 when it is another branch. */
static uint32_t
enterprise_of(struct span oid)
{
	static const uint8_t branch[] = { 0x2b, 6, 1, 4, 1 };
	uint32_t v = 0;

	if (!span_starts(oid, SPAN(branch, sizeof(branch))))
		return 0;
	for (uint32_t i = sizeof(branch); i < oid.n && i < 10; i++) {
		v = v << 7 | (oid.p[i] & 0x7f);
		if ((oid.p[i] & 0x80) == 0)
			return v;
	}
	return 0;
}

static void
say_maker(struct dissect *d, uint32_t number)
{
	dissect_ident(d, TRAIT_VENDOR, span_text(maker_name(number)));
}

/* RFC 3411 SnmpEngineID: maker be32 with the top bit, format u8, by format. */
static void
say_engine(struct dissect *d, struct span s)
{
	struct span rest = span_from(s, 5);

	if (s.n < 5 || (s.p[0] & 0x80) == 0)
		return;
	say_maker(d,
	    (s.p[0] & 0x7fu) << 24 | (uint32_t)s.p[1] << 16 |
		(uint32_t)s.p[2] << 8 | s.p[3]);
	if (s.p[4] == 3)
		say_own_mac(d, rest);
	else if ((s.p[4] == 1 && rest.n == 4) || (s.p[4] == 2 && rest.n == 16))
		say_own_ip(d, rest);
}

/*
 * ENTITY-MIB numbers the parts; the chassis is the first as a rule.  What
 * others are is told with their number.
 */
static void
say_part(struct dissect *d, const struct snmp_object *o, struct span instance,
    struct span text)
{
	char line[FACT_TEXT_MAX + 8];
	int n;

	if (text.n == 0)
		return;
	if (instance.n == 1 && instance.p[0] <= 1) {
		dissect_ident(d, (enum trait)o->trait, text);
		return;
	}
	if (instance.n == 0 || !say_wanted(d, FACT_IDENT))
		return;
	n = snprintf(line, sizeof(line), "%u: %s %.*s",
	    (unsigned)instance.p[instance.n - 1], o->name,
	    (int)(text.n < 64 ? text.n : 64), (const char *)text.p);
	if (n > 0)
		dissect_ident(d, TRAIT_MODULE, span_text(line));
}

static void
say_object(struct dissect *d, struct span oid, const struct ber *value,
    struct span s)
{
	for (uint32_t i = 0; i < sizeof(snmp_objects) / sizeof(snmp_objects[0]);
	     i++) {
		const struct snmp_object *o = &snmp_objects[i];

		if (!span_starts(oid, SPAN(o->oid, o->n)))
			continue;
		if (o->what == SAYS_VENDOR && value->tag == BER_OID)
			say_maker(d, enterprise_of(s));
		else if (o->what == SAYS_OWN_IP &&
		    value->tag == BER_APPLICATION(0))
			say_own_ip(d, s);
		if (value->tag != BER_OCTET_STRING)
			return;
		if (o->trait == TRAIT_DESCRIPTION)
			sysdescr_say(d, s);
		else if (o->what == SAYS_TEXT)
			dissect_ident(d, (enum trait)o->trait, s);
		else if (o->what == SAYS_PART)
			say_part(d, o, span_from(oid, o->n), s);
		else if (o->what == SAYS_OWN_MAC)
			say_own_mac(d, s);
		return;
	}
}

/* -------------------------------------------------------------- variables */

static bool
is_text(struct span s)
{
	for (uint32_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 && s.p[i] != '\r' && s.p[i] != '\n' &&
		    s.p[i] != '\t' && (s.p[i] != 0 || i + 1 < s.n))
			return false;
	return true;
}

static void
name_variable(struct fact *f, struct span oid)
{
	char text[BER_OID_TEXT];

	f->object.space = SPACE_OID;
	if (f->kind != FACT_NONE)
		fact_text(f, span_text(ber_oid_text(oid, text)));
}

/* "1.3.6.1.2.1.1.5.0=plc-7", or a number with the name as text. */
static void
say_value(struct dissect *d, uint32_t op, struct span oid, const struct ber *e,
    struct span s)
{
	char text[BER_OID_TEXT], other[BER_OID_TEXT], ip[ADDR_TEXT_MAX];
	struct ber copy = *e;
	struct ip addr;
	struct fact *f;

	if (!say_wanted(d, FACT_VALUE))
		return;
	(void)ber_oid_text(oid, text);
	if (e->tag == BER_OCTET_STRING && is_text(s)) {
		say_text(d, op, text, s);
	} else if (e->tag == BER_OID) {
		say_text(d, op, text, span_text(ber_oid_text(s, other)));
	} else if (e->tag == BER_APPLICATION(0) && s.n == 4) {
		addr = ip4_of(s.p);
		say_text(d, op, text, span_text(ip_text(&addr, ip)));
	} else {
		f = dissect_value(d, op, SAY_NAMED);
		fact_text(f, span_text(text));
		if (e->tag == BER_INTEGER) {
			f->num_type = NUM_INT;
			f->num.i = ber_int(&copy);
		} else if (BER_CLASS(e->tag) == BER_APPLICATION(0) &&
		    s.n <= 9 && e->tag != BER_APPLICATION(4)) {
			f->num_type = NUM_UINT;
			f->num.u = ber_uint(&copy);
		}
	}
}

/* Names and values; `says`: the sender's own values, worth looking at. */
static void
variables(struct rd *list, struct dissect *d, uint32_t op, struct fact *f,
    bool says)
{
	uint32_t n = 0;

	for (; rd_more(list) && n < VARIABLES_MAX; n++) {
		struct rd v =
		    ber_enter(list, BER_SEQUENCE, "variable is not a sequence");
		struct rd oid_in =
		    ber_enter(&v, BER_OID, "variable has no name");
		struct span oid = rd_span(&oid_in, rd_left(&oid_in)), s;
		struct ber value = ber_next(&v), copy = value;

		s = ber_span(&copy);
		if (!rd_ok(list))
			break;
		if (n == 0)
			name_variable(f, oid);
		if (says || op == PDU_SET)
			say_value(d, op, oid, &value, s);
		if (says && value.tag != BER_NULL)
			say_object(d, oid, &value, s);
	}
	f->object.count = n;
	rd_skip_rest(list);
}

/* -------------------------------------------------------------------- PDUs */

static void
say_login(struct dissect *d, const struct message *m, uint32_t op)
{
	struct fact *f = dissect_emit(d, FACT_LOGIN, op);

	f->object = (struct fact_object){ .space = SPACE_NAME,
		.area = m->version,
		.count = 1 };
	fact_text(f, m->user);
}

/* An answer shows what the device still speaks. */
static void
say_weak(struct dissect *d, const struct message *m)
{
	if (m->version < 3)
		dissect_ident(d, TRAIT_SECURITY,
		    m->version == 1 ? SPAN_LIT("SNMP version 1, unencrypted")
				    : SPAN_LIT("SNMP version 2c, unencrypted"));
}

static void
trap1(struct rd *r, struct dissect *d, const struct message *m)
{
	struct rd in = ber_enter(r, BER_OID, "trap without enterprise"), list;
	struct span enterprise = rd_span(&in, rd_left(&in));
	struct ber generic, specific;
	uint32_t kind, code;
	struct fact *f;

	(void)ber_next(r); /* address: through a proxy not the sender's */
	generic = ber_next(r);
	specific = ber_next(r);
	kind = (uint32_t)ber_uint(&generic);
	code = (uint32_t)ber_uint(&specific);
	(void)ber_next(r); /* time */
	d->ctx.response = false;
	f = dissect_op(d, PDU_TRAP1);
	say_login(d, m, PDU_TRAP1);
	if (rd_ok(r))
		say_maker(d, enterprise_of(enterprise));
	list = ber_enter(r, BER_SEQUENCE, "no variables");
	variables(&list, d, PDU_TRAP1, f, true);
	if (rd_ok(r))
		name_variable(f, enterprise);
	f->object.area = kind;
	f->object.sub = (uint16_t)code;
}

/* usmStats: what was not right with a message of version 3; being out of
 * time and asking who one is belong to its beginning. */
static uint32_t
report_error(struct span s)
{
	static const uint8_t stats[] = { 0x2b, 6, 1, 6, 3, 15, 1, 1 };
	uint32_t which;

	if (!span_starts(s, SPAN(stats, sizeof(stats))) || s.n <= sizeof(stats))
		return 0;
	which = s.p[sizeof(stats)];
	return which == 2 || which == 4 ? 0 : which;
}

/* The first variable's name, without stepping over it. */
static struct span
first_name(struct rd list)
{
	struct span s = rd_ahead(&list, rd_have(&list));
	uint32_t at = 0;

	for (uint32_t i = 0; i < 2; i++) {
		if (s.n < at + 2 || s.p[at] != (i == 0 ? 0x30 : 0x06))
			return SPAN(s.p, 0);
		at += s.p[at + 1] == 0x81 ? 3 : s.p[at + 1] == 0x82 ? 4 : 2;
	}
	return at <= s.n ? span_first(span_from(s, at), s.p[at - 1])
			 : SPAN(s.p, 0);
}

/* Whether the answer's variables are the sender's own: those that confirm an
 * inform repeat what the other end said. */
static bool
join(struct dissect *d, uint32_t op, uint32_t pair)
{
	const struct ask *ask;

	dissect_pair(d, pair);
	if (d->ctx.response) {
		ask = dissect_recall(d, pair);
		return op == PDU_RESPONSE && !say_on_port(d, PORT_TRAP) &&
		    (ask == NULL || ask->op != PDU_INFORM);
	}
	if (op != PDU_TRAP2)
		dissect_remember(d, (struct ask){ .pair = pair, .op = op });
	return op == PDU_INFORM || op == PDU_TRAP2;
}

static void
pdu(struct rd *r, struct dissect *d, const struct message *m, uint32_t op)
{
	struct ber id = ber_next(r), status = ber_next(r), at = ber_next(r);
	uint32_t pair = (uint32_t)ber_int(&id);
	uint32_t error = (uint32_t)ber_uint(&status);
	struct rd list = ber_enter(r, BER_SEQUENCE, "no variables");
	struct fact *f;
	bool says;

	rd_require(r, !rd_ok(r) || id.tag == BER_INTEGER, "no request id");
	rd_skip_rest(&at.in);
	d->ctx.response = op == PDU_RESPONSE || op == PDU_REPORT;
	if (!rd_ok(r))
		return;
	says = join(d, op, pair);
	if (op == PDU_REPORT)
		error = report_error(first_name(list));
	f = d->ctx.response && error != 0 ? dissect_error(d, op, error)
					  : dissect_op(d, op);
	if (!d->ctx.response)
		say_login(d, m, op);
	else if (error == 0)
		say_weak(d, m);
	if (d->ctx.response || op == PDU_TRAP2) /* whose authority it is */
		say_engine(d, m->engine);
	variables(&list, d, op, f, says && error == 0);
}

/* The choice of PDUs. */
static void
pdus(struct rd *r, struct dissect *d, const struct message *m)
{
	struct ber e = ber_next(r);
	uint32_t op = BER_NUMBER(e.tag);

	rd_require(r, !rd_ok(r) || BER_CLASS(e.tag) == BER_CONTEXT(0),
	    "no PDU");
	if (!rd_ok(r))
		return;
	if (op == PDU_TRAP1)
		trap1(&e.in, d, m);
	else if (op <= PDU_REPORT)
		pdu(&e.in, d, m, op);
	else
		(void)dissect_op(d, op);
	rd_opaque_rest(&e.in);
}

/* -------------------------------------------------------------- version 3 */

/* RFC 3414 2.4: engine, boots, time, user, two more. */
static void
user_model(struct rd *params, struct message *m)
{
	struct rd s = ber_enter(params, BER_SEQUENCE,
	    "security parameters are no sequence");
	struct ber e = ber_next(&s);

	m->engine = ber_span(&e);
	(void)ber_next(&s);
	(void)ber_next(&s);
	e = ber_next(&s);
	m->user = ber_span(&e);
	rd_skip_rest(&s);
}

static void
say_encrypted(struct rd *body, struct dissect *d, const struct message *m)
{
	d->ctx.response = !d->to_server;
	(void)dissect_op(d, PDU_ENCRYPTED);
	if (!d->ctx.response)
		say_login(d, m, PDU_ENCRYPTED);
	else
		say_engine(d, m->engine);
	rd_secret(body, rd_left(body));
}

static void
version3(struct rd *r, struct dissect *d, struct message *m)
{
	struct rd head = ber_enter(r, BER_SEQUENCE, "no header of version 3");
	struct rd params, scoped;
	struct ber e;
	uint32_t flags, model;

	(void)ber_next(&head); /* identifier */
	(void)ber_next(&head); /* size */
	e = ber_next(&head);
	flags = (uint32_t)ber_uint(&e);
	e = ber_next(&head);
	model = (uint32_t)ber_uint(&e);
	params = ber_enter(r, BER_OCTET_STRING, "no security parameters");
	if (model == MODEL_USER)
		user_model(&params, m);
	rd_skip_rest(&params);
	e = ber_next(r);
	if (!rd_ok(r))
		return;
	if ((flags & FLAG_ENCRYPTED) != 0 || e.tag == BER_OCTET_STRING) {
		say_encrypted(&e.in, d, m);
		return;
	}
	rd_require(r, e.tag == BER_SEQUENCE, "no scoped PDU");
	scoped = e.in;
	(void)ber_next(&scoped); /* engine */
	(void)ber_next(&scoped); /* context */
	pdus(&scoped, d, m);
}

/* ----------------------------------------------------------------- message */

static void
snmp_parse(struct rd *r, struct dissect *d)
{
	struct rd in = ber_enter(r, BER_SEQUENCE, "not a sequence");
	struct ber e = ber_next(&in);
	struct message m = { .version = (uint32_t)ber_uint(&e) };

	rd_require(r, !rd_ok(r) || (e.tag == BER_INTEGER && m.version <= 3),
	    "no such version");
	if (!rd_ok(r))
		return;
	if (m.version == 3) {
		version3(&in, d, &m);
	} else {
		m.version++;
		e = ber_next(&in);
		rd_require(r, !rd_ok(r) || e.tag == BER_OCTET_STRING,
		    "no community");
		m.user = ber_span(&e);
		pdus(&in, d, &m);
	}
	rd_skip_rest(r);
}

/* Length of a BER length at `at` and its value; 0 when it is odd. */
static uint32_t
short_length(struct span s, uint32_t at, uint32_t *ret_n)
{
	if (at >= s.n)
		return 0;
	*ret_n = s.p[at];
	if (s.p[at] < 0x80)
		return 1;
	if (s.p[at] == 0x81 && at + 1 < s.n) {
		*ret_n = s.p[at + 1];
		return 2;
	}
	if (s.p[at] == 0x82 && at + 2 < s.n) {
		*ret_n = (uint32_t)s.p[at + 1] << 8 | s.p[at + 2];
		return 3;
	}
	return 0;
}

/* Where the PDU's tag stands in versions 1 and 2c; 0 when it does not. */
static uint32_t
find_pdu(struct span s)
{
	uint32_t n, at = 1, k = short_length(s, at, &n);

	if (s.n < 8 || s.p[0] != 0x30 || k == 0 || n > s.n - 1 - k)
		return 0;
	at += k;
	if (at + 4 > s.n || s.p[at] != 2 || s.p[at + 1] != 1 ||
	    s.p[at + 2] > 1 || s.p[at + 3] != 4)
		return 0;
	at += 4;
	k = short_length(s, at, &n);
	return k != 0 && n < s.n - at - k ? at + k + n : 0;
}

/* A sequence up to the end; version 3, and a sequence whose first numbers are
 * an identifier and a size. */
static bool
is_version3(struct span s)
{
	uint32_t n, k = short_length(s, 1, &n), at = 1 + k;

	return k != 0 && s.p[0] == 0x30 && at + n == s.n && s.n >= at + 7 &&
	    s.p[at] == 2 && s.p[at + 1] == 1 && s.p[at + 2] == 3 &&
	    s.p[at + 3] == 0x30 && s.p[at + 4] >= 10 && s.p[at + 4] <= 20 &&
	    s.p[at + 5] == 2 && s.p[at + 6] >= 1 && s.p[at + 6] <= 4;
}

/*
 * Off its ports: version, community and the tag of a PDU in their places, and
 * all lengths end where the datagram does.
 */
static enum claim
snmp_claim(struct span s, const struct dissect *d)
{
	uint32_t at, k, n;

	if (say_on_port(d, PORT) || say_on_port(d, PORT_TRAP))
		return CLAIM_WEAK;
	if (is_version3(s))
		return CLAIM_STRONG;
	at = find_pdu(s);
	if (at == 0 || s.p[at] < 0xa0 || s.p[at] > 0xa8)
		return CLAIM_NO;
	k = short_length(s, at + 1, &n);
	return k != 0 && at + 1 + k + n == s.n ? CLAIM_STRONG : CLAIM_WEAK;
}

static enum way
snmp_way(struct span s)
{
	uint32_t at = find_pdu(s);

	if (at == 0)
		return WAY_UNKNOWN;
	return s.p[at] == 0xa0 + PDU_RESPONSE || s.p[at] == 0xa0 + PDU_REPORT
	    ? WAY_RESPONSE
	    : WAY_REQUEST;
}

/* RFC 3416, 3. */
static const struct proto_code codes[] = {
	{ 1, "tooBig" },
	{ 2, "noSuchName" },
	{ 3, "badValue" },
	{ 4, "readOnly" },
	{ 5, "genErr" },
	{ 6, "noAccess" },
	{ 7, "wrongType" },
	{ 8, "wrongLength" },
	{ 9, "wrongEncoding" },
	{ 10, "wrongValue" },
	{ 11, "noCreation" },
	{ 12, "inconsistentValue" },
	{ 13, "resourceUnavailable" },
	{ 14, "commitFailed" },
	{ 15, "undoFailed" },
	{ 16, "authorizationError" },
	{ 17, "notWritable" },
	{ 18, "inconsistentName" },
};

const struct proto proto_snmp = {
	.name = "snmp",
	.title = "Simple Network Management Protocol",
	.spec = "RFC 1157, RFC 3416, RFC 3412, RFC 3414",
	.depth = "versions 1, 2c and 3, all PDUs, variables with values; "
		 "system and entity objects as identity; encrypted PDUs are "
		 "counted as such",
	.slot = PROTO_SLOT,
	.udp = { PORT, PORT_TRAP },
	.claim = snmp_claim,
	.way = snmp_way,
	.parse = snmp_parse,
	PROTO_OPS(ops),
	PROTO_CODES(codes),
};
