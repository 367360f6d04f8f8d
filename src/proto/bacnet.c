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
 * Op is the service choice.  Confirmed and unconfirmed services count from 0
 * each, so where both exist the name of the op names both, and kind, risk and
 * text are those of the one meant.  From 0x200 on, op is the function of the
 * link part, from 0x300 on the type of network message.  Objects: area =
 * object type, first = instance, sub = property (85 where a service means no
 * other), count = array index, 0 where none is given.  Unit and pair hold the
 * network and address behind a router as well.
 */
#include "bacnet_tables.h"
#include "bacnet_value.h"
#include "proto.h"

#define OP_BVLC 0x200u
#define OP_NETWORK 0x300u
#define OP_SEGMENT_ACK 0x104u

#define VALUES_MAX 64u
#define LIST_MAX 512u /* objects and properties of one message */

#define TYPE_DEVICE 8u
#define PROPERTY_ANY 0xffffu
#define PRESENT_VALUE 85u

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

static const struct proto_op ops[] = {
	{ 0, FACT_CONTROL, RISK_CONTROL, "i-am or acknowledge alarm" },
	{ 1, FACT_REPORT, RISK_NONE, "i-have or confirmed cov notification" },
	{ 2, FACT_REPORT, RISK_NONE, "cov or confirmed event notification" },
	{ 3, FACT_DIAGNOSE, RISK_NONE,
	    "event notification or get alarm summary" },
	{ 4, FACT_DIAGNOSE, RISK_NONE,
	    "private transfer or get enrollment summary" },
	{ 5, FACT_READ, RISK_NONE, "text message or subscribe cov" },
	{ 6, FACT_FILE, RISK_NONE, "time synchronization or read file" },
	{ 7, FACT_FILE, RISK_FILE, "who-has or write file" },
	{ 8, FACT_CONFIG, RISK_CONFIGURATION, "who-is or add list element" },
	{ 9, FACT_CONFIG, RISK_CONFIGURATION,
	    "utc time synchronization or remove list element" },
	{ 10, FACT_CONFIG, RISK_CONFIGURATION, "write group or create object" },
	{ 11, FACT_CONFIG, RISK_CONFIGURATION,
	    "cov notification multiple or delete object" },
	{ 12, FACT_READ, RISK_NONE, "read property" },
	{ 13, FACT_READ, RISK_NONE, "who-am-i or read property conditional" },
	{ 14, FACT_READ, RISK_NONE, "read property multiple" },
	{ 15, FACT_WRITE, RISK_WRITE, "write property" },
	{ 16, FACT_WRITE, RISK_WRITE, "write property multiple" },
	{ 17, FACT_CONTROL, RISK_MODE, "device communication control" },
	{ 18, FACT_CONFIG, RISK_NONE, "confirmed private transfer" },
	{ 19, FACT_REPORT, RISK_NONE, "confirmed text message" },
	{ 20, FACT_CONTROL, RISK_RESET, "reinitialize device" },
	{ 21, FACT_SESSION, RISK_NONE, "vt open" },
	{ 22, FACT_SESSION, RISK_NONE, "vt close" },
	{ 23, FACT_SESSION, RISK_NONE, "vt data" },
	{ 24, FACT_LOGIN, RISK_NONE, "authenticate" },
	{ 25, FACT_LOGIN, RISK_NONE, "request key" },
	{ 26, FACT_READ, RISK_NONE, "read range" },
	{ 27, FACT_CONTROL, RISK_CONTROL, "life safety operation" },
	{ 28, FACT_READ, RISK_NONE, "subscribe cov property" },
	{ 29, FACT_DIAGNOSE, RISK_NONE, "get event information" },
	{ 30, FACT_READ, RISK_NONE, "subscribe cov property multiple" },
	{ 31, FACT_REPORT, RISK_NONE, "confirmed cov notification multiple" },
	{ 32, FACT_REPORT, RISK_NONE, "confirmed audit notification" },
	{ 33, FACT_DIAGNOSE, RISK_NONE, "audit log query" },
	{ 34, FACT_LOGIN, RISK_NONE, "auth request" },
	{ OP_SEGMENT_ACK, FACT_SESSION, RISK_NONE, "segment ack" },
	{ OP_BVLC + 0, FACT_SESSION, RISK_NONE, "bvlc result" },
	{ OP_BVLC + 1, FACT_CONFIG, RISK_CONFIGURATION,
	    "write broadcast distribution table" },
	{ OP_BVLC + 2, FACT_CONFIG, RISK_NONE,
	    "read broadcast distribution table" },
	{ OP_BVLC + 3, FACT_CONFIG, RISK_NONE,
	    "read broadcast distribution table ack" },
	{ OP_BVLC + 4, FACT_SESSION, RISK_NONE, "forwarded npdu" },
	{ OP_BVLC + 5, FACT_CONFIG, RISK_CONFIGURATION,
	    "register foreign device" },
	{ OP_BVLC + 6, FACT_CONFIG, RISK_NONE, "read foreign device table" },
	{ OP_BVLC + 7, FACT_CONFIG, RISK_NONE,
	    "read foreign device table ack" },
	{ OP_BVLC + 8, FACT_CONFIG, RISK_CONFIGURATION,
	    "delete foreign device table entry" },
	{ OP_BVLC + 9, FACT_SESSION, RISK_NONE, "distribute broadcast" },
	{ OP_BVLC + 10, FACT_SESSION, RISK_NONE, "original unicast npdu" },
	{ OP_BVLC + 11, FACT_SESSION, RISK_NONE, "original broadcast npdu" },
	{ OP_BVLC + 12, FACT_SESSION, RISK_NONE, "secure bvll" },
	{ OP_NETWORK + 0x00, FACT_DISCOVER, RISK_NONE,
	    "who-is-router-to-network" },
	{ OP_NETWORK + 0x01, FACT_DISCOVER, RISK_NONE,
	    "i-am-router-to-network" },
	{ OP_NETWORK + 0x02, FACT_DISCOVER, RISK_NONE,
	    "i-could-be-router-to-network" },
	{ OP_NETWORK + 0x03, FACT_DIAGNOSE, RISK_NONE,
	    "reject-message-to-network" },
	{ OP_NETWORK + 0x04, FACT_DIAGNOSE, RISK_NONE,
	    "router-busy-to-network" },
	{ OP_NETWORK + 0x05, FACT_DIAGNOSE, RISK_NONE,
	    "router-available-to-network" },
	{ OP_NETWORK + 0x06, FACT_CONFIG, RISK_CONFIGURATION,
	    "initialize-routing-table" },
	{ OP_NETWORK + 0x07, FACT_CONFIG, RISK_NONE,
	    "initialize-routing-table-ack" },
	{ OP_NETWORK + 0x08, FACT_CONFIG, RISK_CONFIGURATION,
	    "establish-connection-to-network" },
	{ OP_NETWORK + 0x09, FACT_CONFIG, RISK_CONFIGURATION,
	    "disconnect-connection-to-network" },
	{ OP_NETWORK + 0x0a, FACT_LOGIN, RISK_NONE, "challenge-request" },
	{ OP_NETWORK + 0x0b, FACT_SESSION, RISK_NONE, "security-payload" },
	{ OP_NETWORK + 0x0c, FACT_SESSION, RISK_NONE, "security-response" },
	{ OP_NETWORK + 0x0d, FACT_CONFIG, RISK_NONE, "request-key-update" },
	{ OP_NETWORK + 0x0e, FACT_CONFIG, RISK_SECURITY, "update-key-set" },
	{ OP_NETWORK + 0x0f, FACT_CONFIG, RISK_SECURITY,
	    "update-distribution-key" },
	{ OP_NETWORK + 0x10, FACT_CONFIG, RISK_NONE, "request-master-key" },
	{ OP_NETWORK + 0x11, FACT_CONFIG, RISK_SECURITY, "set-master-key" },
	{ OP_NETWORK + 0x12, FACT_DISCOVER, RISK_NONE,
	    "what-is-network-number" },
	{ OP_NETWORK + 0x13, FACT_DISCOVER, RISK_NONE, "network-number-is" },
};

enum unconfirmed {
	UN_I_AM,
	UN_I_HAVE,
	UN_COV,
	UN_EVENT,
	UN_PRIVATE,
	UN_TEXT,
	UN_TIME,
	UN_WHO_HAS,
	UN_WHO_IS,
	UN_UTC,
	UN_WRITE_GROUP,
	UN_COV_MULTIPLE,
	UN_AUDIT,
	UN_WHO_AM_I,
	UN_YOU_ARE,
	UN_COUNT
};

static const struct {
	uint8_t kind, risk;
	const char *name;
} unconfirmed[UN_COUNT] = {
	{ FACT_DISCOVER, RISK_NONE, "i-am" },
	{ FACT_DISCOVER, RISK_NONE, "i-have" },
	{ FACT_REPORT, RISK_NONE, "cov notification" },
	{ FACT_REPORT, RISK_NONE, "event notification" },
	{ FACT_CONFIG, RISK_NONE, "private transfer" },
	{ FACT_REPORT, RISK_NONE, "text message" },
	{ FACT_TIME, RISK_TIME, "time synchronization" },
	{ FACT_DISCOVER, RISK_NONE, "who-has" },
	{ FACT_DISCOVER, RISK_NONE, "who-is" },
	{ FACT_TIME, RISK_TIME, "utc time synchronization" },
	{ FACT_WRITE, RISK_WRITE, "write group" },
	{ FACT_REPORT, RISK_NONE, "cov notification multiple" },
	{ FACT_REPORT, RISK_NONE, "audit notification" },
	{ FACT_DISCOVER, RISK_NONE, "who-am-i" },
	{ FACT_CONFIG, RISK_CONFIGURATION, "you-are" },
};

enum confirmed {
	CO_ACKNOWLEDGE_ALARM = 0,
	CO_COV = 1,
	CO_EVENT = 2,
	CO_ALARM_SUMMARY = 3,
	CO_ENROLLMENT_SUMMARY = 4,
	CO_SUBSCRIBE_COV = 5,
	CO_READ_FILE = 6,
	CO_WRITE_FILE = 7,
	CO_ADD_ELEMENT = 8,
	CO_REMOVE_ELEMENT = 9,
	CO_CREATE = 10,
	CO_DELETE = 11,
	CO_READ = 12,
	CO_READ_MULTIPLE = 14,
	CO_WRITE = 15,
	CO_WRITE_MULTIPLE = 16,
	CO_COMMUNICATION = 17,
	CO_PRIVATE = 18,
	CO_TEXT = 19,
	CO_REINITIALIZE = 20,
	CO_READ_RANGE = 26,
	CO_LIFE_SAFETY = 27,
	CO_SUBSCRIBE_PROPERTY = 28,
	CO_EVENT_INFORMATION = 29,
	CO_COV_MULTIPLE = 31,
};

/* Who a message is from, below the address of its packet. */
struct origin {
	struct addr forwarded; /* by a broadcast manager; none if len is 0 */
	struct span address; /* on a network behind a router */
	uint32_t network;
	bool routed;
};

/* -------------------------------------------------------------- small words */

#define COUNT(table) ((uint32_t)(sizeof(table) / sizeof((table)[0])))
#define NAME_IN(table, i) ((i) < COUNT(table) ? (table)[i] : NULL)

static const char *
or_unknown(const char *name)
{
	return name != NULL ? name : "proprietary";
}

static const char *
vendor_name(uint32_t number)
{
	uint32_t lo = 0, hi = COUNT(vendors);

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (vendors[mid].number == number)
			return vendors[mid].name;
		if (vendors[mid].number < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static struct fact_object
object_of(uint32_t id, uint32_t property)
{
	return (struct fact_object){ .space = SPACE_BACNET_OBJECT,
		.area = id >> 22,
		.first = id & 0x3fffff,
		.sub = (uint16_t)(property < PROPERTY_ANY ? property
							  : PROPERTY_ANY) };
}

/* "analog-output 3 present-value", and more. */
static void
say_object(struct fact *f, struct fact_object at, const char *more)
{
	const char *type = NAME_IN(object_types, at.area);
	const char *property = NAME_IN(property_names, at.sub);

	f->object = at;
	if (at.sub == PROPERTY_ANY)
		f->object.sub = 0;
	if (f->kind == FACT_NONE)
		return;
	fact_textf(f, "%s%s%u%s%s%s%s", type != NULL ? type : "object-type-",
	    type != NULL ? " " : "", at.first,
	    at.sub == PROPERTY_ANY ? "" : " ",
	    at.sub == PROPERTY_ANY ? "" : or_unknown(property),
	    more[0] != '\0' ? " " : "", more);
}

/* ---------------------------------------------------------------- identity */

static void
address_text(const struct origin *o, char dst[static 32])
{
	uint32_t n = (uint32_t)snprintf(dst, 32, "%u:", o->network);

	for (uint32_t i = 0; i < o->address.n && i < 7; i++)
		n += (uint32_t)snprintf(dst + n, 32 - n, "%02x",
		    o->address.p[i]);
}

/*
 * About the device that speaks: the sender of the packet, the one whose
 * broadcast was forwarded, or one behind the router that sent it.
 */
static void
say_ident(struct dissect *d, const struct origin *o, enum trait trait,
    struct span text)
{
	char where[32];

	if ((d->wanted & FACT_MASK(FACT_IDENT)) == 0 || text.n == 0)
		return;
	if (o->routed) {
		address_text(o, where);
		dissect_identf(d, TRAIT_MODULE, "%s %s %.*s", where,
		    fact_trait_name(trait), (int)(text.n < 64 ? text.n : 64),
		    (const char *)text.p);
	} else if (o->forwarded.ip.len != 0) {
		dissect_ident_of(d, o->forwarded, trait, text);
	} else {
		dissect_ident(d, trait, text);
	}
}

static void
say_device(struct dissect *d, const struct origin *o, uint32_t instance)
{
	char text[32];
	int n;

	if ((d->wanted & FACT_MASK(FACT_IDENT)) == 0)
		return;
	n = snprintf(text, sizeof(text), "bacnet device %u", instance);
	say_ident(d, o, TRAIT_UUID, SPAN((const uint8_t *)text, (uint32_t)n));
}

static void
say_vendor(struct dissect *d, const struct origin *o, uint32_t number)
{
	const char *name = vendor_name(number);
	char text[32];

	if ((d->wanted & FACT_MASK(FACT_IDENT)) == 0)
		return;
	(void)snprintf(text, sizeof(text), "BACnet vendor %u", number);
	say_ident(d, o, TRAIT_VENDOR, span_text(name != NULL ? name : text));
}

/* What a property of the device object says of the device. */
static enum trait
trait_of(uint32_t property)
{
	switch (property) {
	case 12:
		return TRAIT_APPLICATION;
	case 28:
		return TRAIT_DESCRIPTION;
	case 44:
		return TRAIT_FIRMWARE;
	case 58:
		return TRAIT_LOCATION;
	case 70:
		return TRAIT_MODEL;
	case 77:
		return TRAIT_NAME;
	case 121:
		return TRAIT_VENDOR;
	case 372:
		return TRAIT_SERIAL;
	default:
		return TRAIT_COUNT;
	}
}

/* Looks ahead at the value of a property that was read from a device. */
static void
learn_property(struct rd r, struct dissect *d, const struct origin *o,
    struct fact_object at)
{
	enum trait trait = trait_of(at.sub);
	char utf8[TEXT_MAX];
	struct tag t;

	if (at.area != TYPE_DEVICE || (trait == TRAIT_COUNT && at.sub != 120))
		return;
	t = read_tag(&r);
	if (!rd_ok(&r) || t.context || t.length > rd_have(&r))
		return;
	if (trait != TRAIT_COUNT && t.number == TAG_TEXT)
		say_ident(d, o, trait, read_text(&r, t.length, utf8));
	else if (at.sub == 120 && t.number == TAG_UNSIGNED && t.length <= 4)
		say_vendor(d, o, (uint32_t)read_bytes_uint(&r, t.length));
}

/* ------------------------------------------------------------------ values */

/*
 * What stands between the opening and the closing tag n: each application
 * value becomes a fact; what carries context tags inside is passed.
 */
static void
read_any(struct rd *r, struct dissect *d, uint32_t op, struct fact_object at,
    uint32_t n)
{
	const bool wanted = (d->wanted & FACT_MASK(FACT_VALUE)) != 0;
	uint32_t depth = 1, said = 0;
	struct tag t = read_tag(r);

	rd_require(r, !rd_ok(r) || (t.opening && t.number == n),
	    "a value is missing");
	while (depth > 0 && rd_more(r)) {
		t = read_tag(r);
		if (t.opening) {
			rd_require(r, depth < NEST_MAX, "values nest too deep");
			depth++;
		} else if (t.closing) {
			depth--;
		} else if (t.context) {
			rd_opaque(r, t.length);
		} else if (wanted && said++ < VALUES_MAX) {
			read_value(r, dissect_value(d, op, at), &t);
		} else {
			skip_value(r, &t);
		}
	}
	rd_require(r, !rd_ok(r) || depth == 0, "a value is not closed");
}

/* The same, and what it says of the device when it was read from it. */
static void
read_property_value(struct rd *r, struct dissect *d, const struct origin *o,
    uint32_t op, struct fact_object at, uint32_t n)
{
	if (d->ctx.response && at.area == TYPE_DEVICE && rd_have(r) > 1) {
		struct rd inside = *r;

		rd_skip(&inside, 1);
		if (rd_have(&inside) > 6 ||
		    rd_have(&inside) == rd_left(&inside))
			learn_property(inside, d, o, at);
	}
	read_any(r, d, op, at, n);
}

static struct fact_object
read_reference(struct rd *r, uint32_t object_tag)
{
	uint32_t id = context_uint(r, object_tag);
	struct fact_object at;

	at = object_of(id, context_uint(r, object_tag + 1));
	at.count = context_uint_or(r, object_tag + 2, 0);
	return at;
}

/* ---------------------------------------------------------------- requests */

/* Turning the process value of an output, or of its owner's program. */
static void
weigh_write(struct fact *f, struct fact_object at)
{
	if (f->kind != FACT_WRITE)
		return;
	switch (at.sub) {
	case PRESENT_VALUE:
	case 108: /* setpoint */
	case 104: /* relinquish-default */
	case 87: /* priority-array */
		return;
	case 81: /* out-of-service: cut off from what is real */
		f->risk = RISK_FORCE;
		return;
	case 90: /* program-change */
		f->kind = FACT_CONTROL;
		f->risk = RISK_PROGRAM;
		return;
	case 160: /* mode and silenced of life safety objects */
	case 163:
		f->kind = FACT_CONTROL;
		f->risk = RISK_CONTROL;
		return;
	case 56: /* local-date, local-time */
	case 57:
		f->kind = FACT_TIME;
		f->risk = RISK_TIME;
		return;
	default:
		f->kind = FACT_CONFIG;
		f->risk = RISK_CONFIGURATION;
		return;
	}
}

static void
request_write(struct rd *r, struct dissect *d, const struct origin *o,
    struct fact *f)
{
	struct fact_object at = read_reference(r, 0);
	uint32_t priority;
	char text[24] = "";

	read_property_value(r, d, o, CO_WRITE, at, 3);
	priority = context_uint_or(r, 4, 0);
	if (priority != 0)
		(void)snprintf(text, sizeof(text), "priority %u", priority);
	weigh_write(f, at);
	say_object(f, at, text);
}

/* Property, index, value and priority of one object, with tags from 0 on. */
static void
read_property_values(struct rd *r, struct dissect *d, const struct origin *o,
    uint32_t op, uint32_t id, struct fact *f, bool first)
{
	for (uint32_t i = 0; i < LIST_MAX && at_context(r, 0); i++) {
		struct fact_object at = object_of(id, context_uint(r, 0));

		at.count = context_uint_or(r, 1, 0);
		if (first && i == 0) {
			if (op == CO_WRITE_MULTIPLE)
				weigh_write(f, at);
			say_object(f, at, "");
		}
		read_property_value(r, d, o, op, at, 2);
		skip_field(r, 3); /* priority */
	}
}

static void
request_write_multiple(struct rd *r, struct dissect *d, const struct origin *o,
    struct fact *f)
{
	for (uint32_t i = 0; i < LIST_MAX && rd_more(r); i++) {
		uint32_t id = context_uint(r, 0);

		rd_require(r, at_opening(r, 1), "a list is missing");
		(void)read_tag(r);
		read_property_values(r, d, o, CO_WRITE_MULTIPLE, id, f, i == 0);
		rd_require(r, at_closing(r, 1), "a list is not closed");
		(void)read_tag(r);
	}
}

static void
request_read_multiple(struct rd *r, struct fact *f)
{
	for (uint32_t i = 0; i < LIST_MAX && rd_more(r); i++) {
		uint32_t id = context_uint(r, 0);
		uint32_t property = PROPERTY_ANY, index = 0;

		rd_require(r, at_opening(r, 1), "a list is missing");
		(void)read_tag(r);
		if (at_context(r, 0)) {
			property = context_uint(r, 0);
			index = context_uint_or(r, 1, 0);
		}
		if (i == 0 && rd_ok(r)) {
			struct fact_object at = object_of(id, property);

			at.count = index;
			say_object(f, at, "");
		}
		skip_constructed(r);
	}
}

/* Process, device, object, time left, list of values. */
static void
read_cov(struct rd *r, struct dissect *d, const struct origin *o, uint32_t op,
    struct fact *f)
{
	uint32_t id;

	(void)context_uint(r, 0);
	say_device(d, o, context_uint(r, 1) & 0x3fffff);
	id = context_uint(r, 2);
	(void)context_uint(r, 3);
	say_object(f, object_of(id, PRESENT_VALUE), "");
	rd_require(r, at_opening(r, 4), "a list is missing");
	(void)read_tag(r);
	read_property_values(r, d, o, op, id, f, false);
	rd_require(r, at_closing(r, 4), "a list is not closed");
	(void)read_tag(r);
}

static const char *
event_state(uint32_t state)
{
	static const char *const names[] = { "normal", "fault", "offnormal",
		"high-limit", "low-limit", "life-safety-alarm" };

	return NAME_IN(names, state);
}

/*
 * Process, device, object, time stamp, class, priority, type, message, kind,
 * acknowledge, from, to, values.
 */
static void
read_event(struct rd *r, struct dissect *d, const struct origin *o,
    struct fact *f)
{
	struct fact_object at;
	uint32_t priority, to;
	char text[64];

	(void)context_uint(r, 0);
	say_device(d, o, context_uint(r, 1) & 0x3fffff);
	at = object_of(context_uint(r, 2), PROPERTY_ANY);
	skip_field(r, 3);
	(void)context_uint(r, 4);
	priority = context_uint(r, 5);
	(void)context_uint(r, 6);
	for (uint32_t n = 7; n <= 10; n++)
		skip_field(r, n);
	to = context_uint(r, 11);
	skip_field(r, 12);
	(void)snprintf(text, sizeof(text), "to %s, priority %u",
	    or_unknown(event_state(to)), priority);
	if (rd_ok(r))
		say_object(f, at, text);
}

/* Object, then a place in it: of a stream or of records; data to write. */
static void
read_file(struct rd *r, struct fact *f, bool write)
{
	struct fact_object at =
	    object_of(app_uint(r, TAG_OBJECT), PROPERTY_ANY);
	struct tag t = read_tag(r), number;
	char text[48];
	int64_t start;
	uint32_t count = 0;

	rd_require(r, !rd_ok(r) || t.opening, "a place is missing");
	number = expect(r, TAG_SIGNED);
	start = read_bytes_int(r, number.length);
	if (t.number == 1 || !write)
		count = app_uint(r, TAG_UNSIGNED);
	skip_constructed(r);
	(void)snprintf(text, sizeof(text), "%s %lld",
	    t.number == 1 ? "record" : "byte", (long long)start);
	if (!rd_ok(r))
		return;
	say_object(f, at, text);
	f->object.count = count;
}

/* Object type or identifier, and values to begin with. */
static void
request_create(struct rd *r, struct dissect *d, const struct origin *o,
    struct fact *f)
{
	uint32_t id;

	rd_require(r, at_opening(r, 0), "an object is missing");
	(void)read_tag(r);
	id = at_context(r, 0) ? context_uint(r, 0) << 22 : context_uint(r, 1);
	rd_require(r, at_closing(r, 0), "a choice is not closed");
	(void)read_tag(r);
	say_object(f, object_of(id, PROPERTY_ANY), "");
	if (at_opening(r, 1)) {
		(void)read_tag(r);
		read_property_values(r, d, o, CO_CREATE, id, f, false);
		rd_require(r, at_closing(r, 1), "a list is not closed");
		(void)read_tag(r);
	}
}

static void
request_communication(struct rd *r, struct fact *f)
{
	static const char *const what[] = { "enable", "disable",
		"disable initiation" };
	uint32_t minutes = context_uint_or(r, 0, 0), state = context_uint(r, 1);

	if (at_context(r, 2)) /* password */
		skip_field(r, 2);
	if (rd_ok(r) && f->kind != FACT_NONE)
		fact_textf(f, minutes != 0 ? "%s for %u min" : "%s",
		    or_unknown(NAME_IN(what, state)), minutes);
}

static void
request_reinitialize(struct rd *r, struct fact *f)
{
	static const char *const what[] = { "coldstart", "warmstart",
		"start backup", "end backup", "start restore", "end restore",
		"abort restore", "activate changes" };
	uint32_t state = context_uint(r, 0);

	skip_field(r, 1); /* password */
	fact_text(f, span_text(or_unknown(NAME_IN(what, state))));
	if (f->kind != FACT_CONTROL)
		return;
	if (state == 2 || state == 3) { /* a copy of all its settings */
		f->kind = FACT_FILE;
		f->risk = RISK_NONE;
	} else if (state >= 4 && state <= 6) {
		f->risk = RISK_PROGRAM;
	} else if (state == 7) {
		f->risk = RISK_CONFIGURATION;
	}
}

static void
request_life_safety(struct rd *r, struct fact *f)
{
	uint32_t operation, id;
	char text[24];

	(void)context_uint(r, 0);
	skip_field(r, 1); /* who asks */
	operation = context_uint(r, 2);
	id = context_uint_or(r, 3, 0);
	(void)snprintf(text, sizeof(text), "operation %u", operation);
	if (rd_ok(r))
		say_object(f, object_of(id, PROPERTY_ANY), text);
}

static void
read_private(struct rd *r, struct fact *f)
{
	uint32_t vendor = context_uint(r, 0), service = context_uint(r, 1);
	const char *name = vendor_name(vendor);

	if (rd_ok(r) && f->kind != FACT_NONE)
		fact_textf(f, "vendor %u %s, service %u", vendor,
		    name != NULL ? name : "", service);
	rd_opaque_rest(r);
}

static void
read_message_text(struct rd *r, struct fact *f)
{
	char utf8[TEXT_MAX];
	struct tag t;

	(void)context_uint(r, 0); /* device */
	skip_field(r, 1); /* class */
	(void)context_uint(r, 2); /* priority */
	rd_require(r, at_context(r, 3), "a text is missing");
	t = read_tag(r);
	fact_text(f, read_text(r, t.length, utf8));
}

/* Services that begin with process and object, or object and property. */
static void
request_other(struct rd *r, struct fact *f, uint32_t service)
{
	switch (service) {
	case CO_ACKNOWLEDGE_ALARM:
	case CO_SUBSCRIBE_COV:
	case CO_SUBSCRIBE_PROPERTY:
		(void)context_uint(r, 0);
		say_object(f,
		    object_of(context_uint(r, 1),
			service == CO_SUBSCRIBE_COV ? PRESENT_VALUE
						    : PROPERTY_ANY),
		    "");
		rd_skip_rest(r);
		break;
	case CO_DELETE:
		say_object(f, object_of(app_uint(r, TAG_OBJECT), PROPERTY_ANY),
		    "");
		break;
	case CO_READ_RANGE:
	case CO_ADD_ELEMENT:
	case CO_REMOVE_ELEMENT:
		say_object(f, read_reference(r, 0), "");
		rd_skip_rest(r);
		break;
	case CO_EVENT_INFORMATION:
	case CO_ALARM_SUMMARY:
	case CO_ENROLLMENT_SUMMARY:
		rd_skip_rest(r);
		break;
	default:
		rd_opaque_rest(r);
		break;
	}
}

static void
request_body(struct rd *r, struct dissect *d, const struct origin *o,
    uint32_t service, struct fact *f)
{
	switch (service) {
	case CO_READ:
		say_object(f, read_reference(r, 0), "");
		break;
	case CO_READ_MULTIPLE:
		request_read_multiple(r, f);
		break;
	case CO_WRITE:
		request_write(r, d, o, f);
		break;
	case CO_WRITE_MULTIPLE:
		request_write_multiple(r, d, o, f);
		break;
	case CO_COV:
		read_cov(r, d, o, CO_COV, f);
		break;
	case CO_EVENT:
		read_event(r, d, o, f);
		break;
	case CO_READ_FILE:
	case CO_WRITE_FILE:
		read_file(r, f, service == CO_WRITE_FILE);
		break;
	case CO_CREATE:
		request_create(r, d, o, f);
		break;
	case CO_COMMUNICATION:
		request_communication(r, f);
		break;
	case CO_PRIVATE:
		read_private(r, f);
		break;
	case CO_TEXT:
		read_message_text(r, f);
		break;
	case CO_REINITIALIZE:
		request_reinitialize(r, f);
		break;
	case CO_LIFE_SAFETY:
		request_life_safety(r, f);
		break;
	default:
		request_other(r, f, service);
		break;
	}
}

/* --------------------------------------------------------- acknowledgements */

/* Class and code of an error, as text. */
static void
say_error(struct fact *f, uint32_t class_id, uint32_t code)
{
	if (f->kind != FACT_NONE)
		fact_textf(f, "%s: %s",
		    or_unknown(NAME_IN(error_classes, class_id)),
		    or_unknown(NAME_IN(error_codes, code)));
}

/* One property of a multiple read: its value, or why there is none. */
static void
ack_one_property(struct rd *r, struct dissect *d, const struct origin *o,
    uint32_t id)
{
	struct fact_object at = object_of(id, context_uint(r, 2));

	at.count = context_uint_or(r, 3, 0);
	if (at_opening(r, 4)) {
		read_property_value(r, d, o, CO_READ_MULTIPLE, at, 4);
		return;
	}
	rd_require(r, at_opening(r, 5), "neither value nor error");
	(void)read_tag(r);
	skip_constructed(r);
}

static void
ack_read_multiple(struct rd *r, struct dissect *d, const struct origin *o)
{
	for (uint32_t i = 0; i < LIST_MAX && rd_more(r); i++) {
		uint32_t id = context_uint(r, 0);

		rd_require(r, at_opening(r, 1), "a list is missing");
		(void)read_tag(r);
		for (uint32_t k = 0; k < LIST_MAX && at_context(r, 2); k++)
			ack_one_property(r, d, o, id);
		rd_require(r, at_closing(r, 1), "a list is not closed");
		(void)read_tag(r);
	}
}

static void
ack_read(struct rd *r, struct dissect *d, const struct origin *o,
    struct fact *f)
{
	struct fact_object at = read_reference(r, 0);

	if (rd_ok(r))
		say_object(f, at, "");
	read_property_value(r, d, o, CO_READ, at, 3);
}

static void
ack_read_range(struct rd *r, struct dissect *d, struct fact *f)
{
	struct fact_object at = read_reference(r, 0);

	if (rd_ok(r))
		say_object(f, at, "");
	skip_field(r, 3); /* first, last, more */
	(void)context_uint(r, 4);
	if (at_opening(r, 5))
		read_any(r, d, CO_READ_RANGE, at, 5);
	rd_skip_rest(r);
}

/* Objects in an event state: a fact each. */
static void
ack_event_information(struct rd *r, struct dissect *d)
{
	rd_require(r, at_opening(r, 0), "a list is missing");
	(void)read_tag(r);
	for (uint32_t i = 0; i < LIST_MAX && at_context(r, 0); i++) {
		uint32_t id = context_uint(r, 0), state = context_uint(r, 1);
		struct fact *f = dissect_value(d, CO_EVENT_INFORMATION,
		    object_of(id, 36)); /* event-state */

		set_uint(f, state);
		for (uint32_t n = 2; n <= 6; n++)
			skip_field(r, n);
	}
	rd_require(r, at_closing(r, 0), "a list is not closed");
	rd_skip_rest(r);
}

static void
ack_body(struct rd *r, struct dissect *d, const struct origin *o,
    uint32_t service, struct fact *f)
{
	switch (service) {
	case CO_READ:
		ack_read(r, d, o, f);
		break;
	case CO_READ_MULTIPLE:
		ack_read_multiple(r, d, o);
		break;
	case CO_READ_RANGE:
		ack_read_range(r, d, f);
		break;
	case CO_EVENT_INFORMATION:
		ack_event_information(r, d);
		break;
	case CO_CREATE:
		say_object(f, object_of(app_uint(r, TAG_OBJECT), PROPERTY_ANY),
		    "");
		break;
	case CO_READ_FILE:
	case CO_WRITE_FILE:
	case CO_ALARM_SUMMARY:
	case CO_ENROLLMENT_SUMMARY:
		rd_skip_rest(r);
		break;
	default:
		rd_opaque_rest(r);
		break;
	}
}

/* ------------------------------------------------------------- unconfirmed */

static void
read_i_am(struct rd *r, struct dissect *d, const struct origin *o,
    struct fact *f)
{
	uint32_t id = app_uint(r, TAG_OBJECT), vendor;

	(void)app_uint(r, TAG_UNSIGNED); /* largest message */
	(void)app_uint(r, TAG_ENUMERATED); /* segmentation */
	vendor = app_uint(r, TAG_UNSIGNED);
	if (!rd_ok(r))
		return;
	say_object(f, object_of(id, PROPERTY_ANY), "i-am");
	say_device(d, o, id & 0x3fffff);
	say_vendor(d, o, vendor);
}

static void
read_i_have(struct rd *r, struct dissect *d, const struct origin *o,
    struct fact *f)
{
	uint32_t device = app_uint(r, TAG_OBJECT);
	uint32_t id = app_uint(r, TAG_OBJECT);
	char utf8[TEXT_MAX];
	struct tag t = expect(r, TAG_TEXT);
	struct span name = read_text(r, t.length, utf8);

	if (!rd_ok(r))
		return;
	f->object = object_of(id, 0);
	fact_text(f, name);
	say_device(d, o, device & 0x3fffff);
}

static void
read_range_of_devices(struct rd *r, struct fact *f, const char *what)
{
	uint32_t low = 0, high = 0x3fffff;

	if (at_context(r, 0)) {
		low = context_uint(r, 0);
		high = context_uint(r, 1);
	}
	f->object = object_of(TYPE_DEVICE << 22 | (low & 0x3fffff), 0);
	if (rd_ok(r) && f->kind != FACT_NONE)
		fact_textf(f, "%s %u to %u", what, low, high);
}

static void
read_who_has(struct rd *r, struct fact *f)
{
	char utf8[TEXT_MAX];

	read_range_of_devices(r, f, "who-has");
	if (at_context(r, 2)) {
		say_object(f, object_of(context_uint(r, 2), PROPERTY_ANY),
		    "who-has");
	} else if (at_context(r, 3)) {
		struct tag t = read_tag(r);
		struct span name = read_text(r, t.length, utf8);

		fact_text(f, name);
	}
}

static void
read_time(struct rd *r, struct fact *f)
{
	struct span date, time;

	date = rd_span(r, expect(r, TAG_DATE).length);
	time = rd_span(r, expect(r, TAG_TIME).length);
	if (rd_ok(r) && f->kind != FACT_NONE && date.n == 4 && time.n == 4)
		fact_textf(f, "%04u-%02u-%02u %02u:%02u:%02u",
		    date.p[0] + 1900u, date.p[1], date.p[2], time.p[0],
		    time.p[1], time.p[2]);
}

/* Vendor, model, serial number: a device without an instance yet. */
static void
read_who_am_i(struct rd *r, struct dissect *d, const struct origin *o, bool own)
{
	uint32_t vendor = app_uint(r, TAG_UNSIGNED);
	char utf8[2][TEXT_MAX];
	struct span model, serial;
	struct tag t = expect(r, TAG_TEXT);

	model = read_text(r, t.length, utf8[0]);
	t = expect(r, TAG_TEXT);
	serial = read_text(r, t.length, utf8[1]);
	if (rd_ok(r) && own) {
		say_vendor(d, o, vendor);
		say_ident(d, o, TRAIT_MODEL, model);
		say_ident(d, o, TRAIT_SERIAL, serial);
	}
	rd_skip_rest(r);
}

static void
unconfirmed_body(struct rd *r, struct dissect *d, const struct origin *o,
    uint32_t service, struct fact *f)
{
	switch ((enum unconfirmed)service) {
	case UN_I_AM:
		read_i_am(r, d, o, f);
		break;
	case UN_I_HAVE:
		read_i_have(r, d, o, f);
		break;
	case UN_COV:
		read_cov(r, d, o, UN_COV, f);
		break;
	case UN_EVENT:
		read_event(r, d, o, f);
		break;
	case UN_PRIVATE:
		read_private(r, f);
		break;
	case UN_TEXT:
		read_message_text(r, f);
		break;
	case UN_TIME:
	case UN_UTC:
		read_time(r, f);
		break;
	case UN_WHO_HAS:
		read_who_has(r, f);
		break;
	case UN_WHO_IS:
		read_range_of_devices(r, f, "who-is");
		break;
	case UN_WHO_AM_I:
	case UN_YOU_ARE:
		read_who_am_i(r, d, o, service == UN_WHO_AM_I);
		break;
	case UN_WRITE_GROUP:
	case UN_COV_MULTIPLE:
	case UN_AUDIT:
	case UN_COUNT:
	default:
		rd_opaque_rest(r);
		break;
	}
	rd_skip_rest(r);
}

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
	f = dissect_op(d, service);
	if (f->kind != FACT_NONE) {
		f->kind = service < UN_COUNT ? unconfirmed[service].kind
					     : FACT_UNKNOWN;
		f->risk =
		    service < UN_COUNT ? unconfirmed[service].risk : RISK_NONE;
		if (service < UN_COUNT)
			fact_text(f, span_text(unconfirmed[service].name));
	}
	unconfirmed_body(r, d, o, service, f);
}

/* --------------------------------------------------------- application part */

/* The device behind a router that a message is for, or from. */
static uint32_t
fold(uint32_t network, struct span address)
{
	uint32_t h = network;

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
