/*
 * cip.c - Common Industrial Protocol: explicit messages.
 *
 * ODVA, The CIP Networks Library volume 1, chapter 2 (message router), 3
 * (connection manager), 5 (identity), appendix A to C (services, status,
 * paths, data types); Rockwell Automation 1756-PM020 (tags).
 *
 *	request   | service | words | path, 2 * words | data
 *	reply     | service | 0x80 | 0 | status | words | status words | data
 *
 * Op is the service without the reply bit; what it means hangs on the class
 * of the path, so many classes have rows of their own (cip_ops.h), and of a
 * common service kind and risk follow the family of the class; the text names
 * the class.  Objects: area = class, first = instance, sub =
 * attribute.  Tags: area = FNV-1a hash of the name in lower case, first =
 * index in an array, count = elements, text = the name.  Unit is the slot or
 * node where a message was sent on to another module.
 *
 * A multiple service packet says itself and then each service in it; an
 * unconnected send says itself and then what it carries.
 */
#include "cip.h"
#include "cip_identity.h"
#include "cip_ops.h"
#include "cip_path.h"
#include "cip_tables.h"
#include "cip_value.h"
#include "proto.h"

#include <stdio.h>

#define REPLY 0x80u
#define NEST_MAX 4u /* services inside services */
#define STATUS_PARTIAL 0x06u
#define STATUS_EMBEDDED 0x1eu

/* --------------------------------------------------------- what it all means
 */

static const struct {
	uint8_t get, set, set_risk;
} meaning[FAMILY_COUNT] = {
	[FAMILY_DATA] = { FACT_READ, FACT_WRITE, RISK_WRITE },
	[FAMILY_DISCOVER] = { FACT_DISCOVER, FACT_CONFIG, RISK_CONFIGURATION },
	[FAMILY_SETUP] = { FACT_CONFIG, FACT_CONFIG, RISK_CONFIGURATION },
	[FAMILY_STATUS] = { FACT_DIAGNOSE, FACT_CONFIG, RISK_CONFIGURATION },
	[FAMILY_MACHINE] = { FACT_READ, FACT_CONTROL, RISK_CONTROL },
	[FAMILY_SAFETY] = { FACT_DIAGNOSE, FACT_CONFIG, RISK_SECURITY },
	[FAMILY_SECURITY] = { FACT_CONFIG, FACT_CONFIG, RISK_SECURITY },
	[FAMILY_CLOCK] = { FACT_TIME, FACT_TIME, RISK_TIME },
	[FAMILY_FILE] = { FACT_FILE, FACT_FILE, RISK_FILE },
	[FAMILY_PROGRAM] = { FACT_DIAGNOSE, FACT_PROGRAM, RISK_PROGRAM },
};

static uint32_t
family_of(const struct path *p, const struct class_row *row)
{
	if (p->n_symbols > 0)
		return FAMILY_DATA;
	if (row != NULL)
		return row->family;
	/* public classes are data, a maker's own could be anything */
	return p->class_id < 0x64 ? FAMILY_DATA : FAMILY_STATUS;
}

static void
set_kind(struct fact *f, uint32_t kind, uint32_t risk)
{
	f->kind = (uint8_t)kind;
	f->risk = (uint8_t)risk;
}

static void
classify_common(struct fact *f, uint32_t service, uint32_t family)
{
	switch (service) {
	case SV_GET_ALL:
	case SV_GET_LIST:
	case SV_GET_ONE:
	case SV_GET_MEMBER:
	case SV_FIND_NEXT:
		set_kind(f, meaning[family].get, RISK_NONE);
		break;
	case SV_SET_ALL:
	case SV_SET_LIST:
	case SV_SET_ONE:
	case SV_SET_MEMBER:
	case SV_APPLY:
	case SV_RESTORE:
	case SV_SAVE:
	case SV_INSERT_MEMBER:
	case SV_REMOVE_MEMBER:
		set_kind(f, meaning[family].set, meaning[family].set_risk);
		break;
	default:
		break;
	}
}

/*
 * A request's kind and risk where its class has no row, and its class or tag.
 * Kinds nobody wants are asked for by the row's kind, which may differ from
 * what the class makes of it: what is not wanted after all is harmless.
 */
static void
classify(struct fact *f, const struct path *p)
{
	const uint32_t service = FACT_OP_CODE(f->op);
	const bool own = FACT_OP_VARIANT(f->op) != 0;
	const struct class_row *row =
	    p->n_symbols > 0 ? NULL : find_class(p->class_id);
	uint32_t family = family_of(p, row);

	if (!own && service <= SV_LAST_COMMON)
		classify_common(f, service, family);
	else if (!own && family == FAMILY_PROGRAM)
		set_kind(f, FACT_PROGRAM, RISK_NONE);
	else if (!own && family == FAMILY_STATUS)
		set_kind(f, FACT_DIAGNOSE, RISK_NONE);
	if (p->n_symbols > 0)
		fact_text(f, SPAN(p->tag, p->tag_len));
	else if (row != NULL)
		fact_text(f, span_text(row->name));
	else if (p->class_id != CLASS_NONE)
		fact_textf(f, "class 0x%02x", p->class_id);
}

static void
say_unit(struct dissect *d, uint32_t route)
{
	if (route != 0)
		dissect_unit(d, route & 0xffff);
}

/* ---------------------------------------------------------------- requests */

/* Where a service stands: how deep, as which of a packet, sent on whereto. */
struct where {
	uint32_t depth;
	uint32_t route;
	uint32_t item; /* index in a multiple service packet */
	bool embedded;
};

static void parse_message(struct rd *, struct dissect *, struct where);

static void
remember_embedded(struct cip_flow *flow, const struct where *w,
    struct fact_object at)
{
	if (w->item >= CIP_EMBEDDED)
		return;
	if (at.space == SPACE_CIP_TAG) {
		flow->multi.item[w->item].class_id = CIP_IS_TAG;
		flow->multi.item[w->item].instance = at.area;
		flow->multi.item[w->item].attribute = (uint16_t)at.first;
	} else {
		flow->multi.item[w->item].class_id = (uint16_t)at.area;
		flow->multi.item[w->item].instance = at.first;
		flow->multi.item[w->item].attribute = at.sub;
	}
	if (flow->multi.n <= w->item)
		flow->multi.n = w->item + 1;
}

static void
remember(struct dissect *d, const struct where *w, uint32_t op,
    const struct path *p, struct fact_object at)
{
	struct cip_flow *flow = d->state;

	if (w->embedded) {
		remember_embedded(flow, w, at);
		return;
	}
	dissect_remember(d,
	    (struct ask){ .pair = d->ctx.pair,
		.op = op,
		.extra = { w->route, 0 },
		.at = at });
	if (p->n_symbols > 0) {
		flow->tag_pair = d->ctx.pair;
		flow->tag_len = (uint16_t)p->tag_len;
		memcpy(flow->tag, p->tag, p->tag_len);
	}
}

/*
 * Services in a packet: u16 count, u16 offset of each from the count on, then
 * the services.
 */
static void
parse_multiple(struct rd *r, struct dissect *d, struct where w)
{
	const struct dissect_context outer = d->ctx;
	uint32_t n = rd_count(r, rd_le16(r), 4);
	struct rd offsets = rd_sub(r, n * 2);
	uint32_t at, skip = 2 + n * 2;

	if (n == 0 || !rd_ok(r))
		return;
	at = rd_le16(&offsets);
	rd_require(r, at >= skip, "service inside the list of offsets");
	rd_skip(r, at - skip);
	w.depth++;
	w.embedded = true;
	for (w.item = 0; w.item < n && rd_more(r); w.item++) {
		uint32_t end =
		    w.item + 1 < n ? rd_le16(&offsets) : at + rd_left(r);
		struct rd one;

		rd_require(r, end >= at, "offsets go backwards");
		if (!rd_ok(r))
			return;
		one = rd_sub(r, end - at);
		parse_message(&one, d, w);
		d->ctx = outer;
		at = end;
	}
}

static void
request_multiple(struct rd *r, struct dissect *d, const struct where *w)
{
	struct cip_flow *flow = d->state;

	if (!w->embedded) {
		flow->multi.pair = d->ctx.pair;
		flow->multi.n = 0;
	}
	parse_multiple(r, d, *w);
}

/*
 * Unconnected send: u8 priority, u8 ticks, u16 length, message (padded), u8
 * words of route, u8 reserved, route.
 */
static void
request_send(struct rd *r, struct dissect *d, struct where w)
{
	const struct dissect_context outer = d->ctx;
	uint32_t n;
	struct rd message;

	rd_skip(r, 2);
	n = rd_le16(r);
	message = rd_sub(r, n);
	rd_skip(r, n & 1);
	if (rd_have(r) == rd_left(r) && rd_more(r)) { /* else cut off */
		struct path route;
		uint32_t words = rd_u8(r);
		struct rd path;

		rd_skip(r, 1);
		path = rd_sub(r, words * 2);
		read_path(&path, &route);
		w.route = route.route;
	}
	w.depth++;
	parse_message(&message, d, w);
	rd_skip_rest(r);
	d->ctx = outer;
}

struct opening {
	uint32_t to_target, to_origin, vendor, origin, serial;
	uint32_t rpi_out, rpi_in; /* microseconds */
	uint32_t transport;
};

static struct opening
read_opening(struct rd *r, bool large)
{
	struct opening o;

	rd_skip(r, 2); /* priority, ticks */
	o.to_target = rd_le32(r);
	o.to_origin = rd_le32(r);
	o.serial = rd_le16(r);
	o.vendor = rd_le16(r);
	o.origin = rd_le32(r);
	rd_skip(r, 4); /* timeout multiplier, reserved */
	o.rpi_out = rd_le32(r);
	rd_skip(r, large ? 4 : 2);
	o.rpi_in = rd_le32(r);
	rd_skip(r, large ? 4 : 2);
	o.transport = rd_u8(r);
	return o;
}

/* Who opens what: enough to see a second originator. */
static void
say_opening(struct fact *f, const struct opening *o, const struct path *p)
{
	char via[40] = "";

	if (f->kind == FACT_NONE)
		return;
	if (p->route != 0)
		(void)snprintf(via, sizeof(via), " by port %u link %u",
		    p->route >> 16 & 0x7fff, p->route & 0xffff);
	fact_textf(f, "to 0x%02x/%u%s, class %u, from %u/%08x, %u and %u us",
	    p->class_id, p->instance, via, BITS(o->transport, 3, 0), o->vendor,
	    o->origin, o->rpi_out, o->rpi_in);
}

static void
request_open(struct rd *r, struct dissect *d, struct fact *f, uint32_t op)
{
	const bool large = FACT_OP_CODE(op) == SV_OPEN_LARGE;
	struct opening o = read_opening(r, large);
	uint32_t words = rd_u8(r);
	struct rd sub = rd_sub(r, words * 2);
	struct path p;

	read_path(&sub, &p);
	rd_skip_rest(r);
	if (!rd_ok(r))
		return;
	say_opening(f, &o, &p);
	dissect_remember(d,
	    (struct ask){ .pair = d->ctx.pair,
		.op = op,
		.extra = { p.route, p.class_id },
		.at = f->object });
}

static void
request_close(struct rd *r, struct dissect *d)
{
	struct cip_flow *flow = d->state;
	uint32_t serial;

	rd_skip(r, 2);
	serial = rd_le16(r);
	rd_skip_rest(r);
	for (uint32_t i = 0; i < CIP_CONNS && rd_ok(r); i++)
		if (flow->conn[i].serial == serial)
			flow->conn[i] = (struct cip_conn){ .serial = 0 };
}

/* Requester: length with itself, vendor, serial number; then the command. */
static void
parse_pccc(struct rd *r, struct dissect *d)
{
	uint32_t n = rd_u8(r);

	rd_require(r, n >= 1, "requester of no length");
	rd_skip(r, n - 1);
	if (rd_more(r))
		dissect_inner(d, &proto_pccc, r);
}

static void
request_attribute_list(struct rd *r, struct dissect *d, uint32_t service,
    struct fact *f)
{
	uint32_t n = rd_le16(r), first = n > 0 ? rd_le16(r) : 0;

	f->object.sub = (uint16_t)first;
	f->object.count = n > 0 ? n : 1;
	if (service == SV_SET_LIST && n == 1)
		read_attribute(r, d, service, f->object);
	else if (service == SV_SET_LIST)
		rd_opaque_rest(r);
	rd_skip_rest(r);
}

static void
request_connection(struct rd *r, struct dissect *d, uint32_t op, struct where w,
    struct fact *f)
{
	switch (FACT_OP_CODE(op)) {
	case SV_SEND:
		request_send(r, d, w);
		break;
	case SV_OPEN:
	case SV_OPEN_LARGE:
		request_open(r, d, f, op);
		break;
	case SV_CLOSE:
		request_close(r, d);
		break;
	default:
		rd_skip_rest(r);
		break;
	}
}

static bool
is_tag_class(const struct fact_object *at)
{
	return at->space == SPACE_CIP_TAG || at->area == CLASS_SYMBOL;
}

static void
request_tag(struct rd *r, struct dissect *d, uint32_t op, struct fact *f,
    struct span name)
{
	struct fact_object at = f->object;

	switch (FACT_OP_CODE(op)) {
	case SV_READ_TAG:
	case SV_SEND: /* read tag fragmented: and u32 offset */
		f->object.count = rd_le16(r);
		rd_skip_rest(r);
		break;
	case SV_WRITE_TAG:
	case SV_WRITE_FRAGMENT:
		if (rd_left(r) >= 4) {
			struct rd ahead = *r;

			rd_skip(&ahead, 2);
			f->object.count = rd_le16(&ahead);
		}
		read_values(r, d, op, at, name);
		break;
	default:
		rd_opaque_rest(r);
		break;
	}
}

static void
request_body(struct rd *r, struct dissect *d, uint32_t op, struct where w,
    struct fact *f, const struct path *p)
{
	const uint32_t service = FACT_OP_CODE(op);
	const struct fact_object at = object_of(p);

	if (at.space == SPACE_CIP_OBJECT && at.area == CLASS_MANAGER &&
	    service > SV_LAST_COMMON) {
		request_connection(r, d, op, w, f);
	} else if (service == SV_MULTIPLE) {
		request_multiple(r, d, &w);
	} else if (service > SV_LAST_COMMON && is_tag_class(&at)) {
		request_tag(r, d, op, f, SPAN(p->tag, p->tag_len));
	} else if (service == SV_PCCC && at.area == CLASS_PCCC) {
		parse_pccc(r, d);
	} else if (service == SV_GET_LIST || service == SV_SET_LIST) {
		request_attribute_list(r, d, service, f);
	} else if (service == SV_SET_ONE) {
		read_attribute(r, d, service, at);
	} else if (service == SV_GET_ALL || service == SV_GET_ONE ||
	    service == SV_RESET ||
	    /* a piece of the image, as it is */
	    (at.area == CLASS_STORAGE && service == SV_WRITE_TAG)) {
		rd_skip_rest(r);
	} else {
		rd_opaque_rest(r);
	}
}

static void
parse_request(struct rd *r, struct dissect *d, struct where w, uint32_t service)
{
	uint32_t words = rd_u8(r);
	struct rd sub = rd_sub(r, words * 2);
	struct fact_object at;
	struct path p;
	struct fact *f;
	uint32_t op;

	read_path(&sub, &p);
	if (!rd_ok(r))
		return;
	d->ctx.response = false;
	say_unit(d, w.route);
	at = object_of(&p);
	op = op_on(service, &at);
	f = dissect_op(d, op);
	f->object = at;
	if (f->kind != FACT_NONE && f->kind != FACT_UNKNOWN)
		classify(f, &p);
	/* what carries others is remembered by what it carries */
	if (p.class_id != CLASS_MANAGER ||
	    (service != SV_SEND && service != SV_OPEN &&
		service != SV_OPEN_LARGE))
		remember(d, &w, op, &p, at);
	request_body(r, d, op, w, f, &p);
}

/* ----------------------------------------------------------------- replies */

/* What is known of the request a reply belongs to. */
struct known {
	struct fact_object at; /* space 0: nothing */
	uint32_t op, route, class_id;
	struct span name;
};

static struct known
recall_embedded(const struct cip_flow *flow, const struct where *w,
    uint32_t pair, uint32_t service)
{
	struct known k = { .route = w->route, .op = service };

	if (flow->multi.pair != pair || w->item >= flow->multi.n ||
	    w->item >= CIP_EMBEDDED)
		return k;
	k.at.count = 1;
	if (flow->multi.item[w->item].class_id == CIP_IS_TAG) {
		k.at.space = SPACE_CIP_TAG;
		k.at.area = flow->multi.item[w->item].instance;
		k.at.first = flow->multi.item[w->item].attribute;
	} else {
		k.at.space = SPACE_CIP_OBJECT;
		k.at.area = flow->multi.item[w->item].class_id;
		k.at.first = flow->multi.item[w->item].instance;
		k.at.sub = flow->multi.item[w->item].attribute;
	}
	k.op = op_on(service, &k.at);
	return k;
}

static struct known
recall(struct dissect *d, const struct where *w, uint32_t service)
{
	const struct cip_flow *flow = d->state;
	struct known k = { .route = w->route, .op = service };
	const struct ask *ask;

	if (w->embedded)
		return recall_embedded(flow, w, d->ctx.pair, service);
	ask = dissect_recall(d, d->ctx.pair);
	if (ask == NULL ||
	    (FACT_OP_CODE(ask->op) != service && service != SV_SEND))
		return k;
	k.op = FACT_OP_CODE(ask->op) == service
	    ? ask->op
	    : FACT_OP(CLASS_MANAGER, SV_SEND); /* of a router on the way */
	k.route = ask->extra[0];
	k.class_id = ask->extra[1];
	k.at = ask->at;
	if (k.at.space == SPACE_CIP_TAG && flow->tag_pair == d->ctx.pair)
		k.name = SPAN(flow->tag, flow->tag_len);
	return k;
}

static void
say_error(struct dissect *d, uint32_t status, uint32_t extended,
    const struct known *k)
{
	struct fact *f = dissect_error(d, k->op, status);
	const char *what = status < COUNT(general_status)
	    ? general_status[status]
	    : "unknown status";
	const char *more = status == 1
	    ? find_name(connection_status, COUNT(connection_status), extended)
	    : NULL;

	f->object = k->at;
	if (f->kind == FACT_NONE)
		return;
	if (more != NULL)
		fact_textf(f, "%s: %s", what, more);
	else if (extended != 0)
		fact_textf(f, "%s (0x%04x)", what, extended);
	else
		fact_text(f, span_text(what));
}

/* Connection identifiers, serial number, vendor, originator, intervals. */
static void
reply_open(struct rd *r, struct dissect *d, const struct known *k)
{
	struct cip_flow *flow = d->state;
	struct cip_conn conn;

	conn.to_target = rd_le32(r);
	conn.to_origin = rd_le32(r);
	conn.serial = rd_le16(r);
	conn.route = k->route;
	conn.class_id = (uint16_t)k->class_id;
	rd_skip_rest(r);
	if (!rd_ok(r))
		return;
	flow->conn[flow->next_conn % CIP_CONNS] = conn;
	flow->next_conn = (flow->next_conn + 1) % CIP_CONNS;
}

/* Number, status, value, as far as the sizes of the values are known. */
static void
reply_identity_list(struct rd *r, struct dissect *d, bool say)
{
	uint32_t n = rd_count(r, rd_le16(r), 4);

	for (uint32_t i = 0; i < n && rd_more(r); i++) {
		uint32_t attribute = rd_le16(r), status = rd_le16(r);

		if (status == 0 &&
		    !read_identity_attribute(r, d, attribute, say))
			break;
	}
	rd_opaque_rest(r);
}

static void
reply_identity(struct rd *r, struct dissect *d, uint32_t service,
    const struct known *k)
{
	bool say = k->route == 0;

	if (k->at.first != 1) { /* the class, or another instance */
		rd_opaque_rest(r);
		return;
	}
	if (service == SV_GET_ALL && rd_left(r) >= 15)
		cip_identity_read(r, d, k->route);
	else if (service == SV_GET_ONE)
		(void)read_identity_attribute(r, d, k->at.sub, say);
	else if (service == SV_GET_LIST)
		reply_identity_list(r, d, say);
	rd_opaque_rest(r);
}

/* Host name of the TCP/IP interface, address of the Ethernet link. */
static void
reply_network(struct rd *r, struct dissect *d, const struct known *k)
{
	if (k->at.area == CLASS_TCPIP && k->at.sub == 6) {
		struct span name = rd_span(r, rd_le16(r));

		if (k->route == 0)
			dissect_ident(d, TRAIT_NAME, name);
		rd_skip_rest(r);
	} else if (k->at.area == CLASS_ETHERNET && k->at.sub == 3 &&
	    rd_left(r) == 6) {
		struct addr addr = { .has_mac = true };
		struct span mac = rd_span(r, 6);

		if (mac.n == 6)
			memcpy(addr.mac.b, mac.p, 6);
		if (mac.n == 6 && k->route == 0 && !mac_is_zero(&addr.mac) &&
		    !mac_is_group(&addr.mac))
			dissect_ident_of(d, addr, TRAIT_ADDRESS, SPAN(NULL, 0));
	} else {
		read_attribute(r, d, SV_GET_ONE, k->at);
	}
}

/* The name an engineer gave to the controller's project. */
static void
reply_program_name(struct rd *r, struct dissect *d, const struct known *k)
{
	struct span name = rd_span(r, rd_le16(r));

	if (!rd_ok(r) || name.n == 0)
		return;
	if (k->route == 0)
		dissect_ident(d, TRAIT_NAME, name);
	else
		dissect_identf(d, TRAIT_MODULE, "slot %u: program %.*s",
		    k->route & 0xffff, (int)(name.n < 64 ? name.n : 64),
		    (const char *)name.p);
	rd_skip_rest(r);
}

static void
reply_object(struct rd *r, struct dissect *d, uint32_t service,
    const struct known *k)
{
	switch (k->at.area) {
	case CLASS_IDENTITY:
		reply_identity(r, d, service, k);
		break;
	case CLASS_MANAGER:
		if ((service == SV_OPEN || service == SV_OPEN_LARGE) &&
		    rd_left(r) >= 10)
			reply_open(r, d, k);
		break;
	case CLASS_PCCC:
		if (service == SV_PCCC)
			parse_pccc(r, d);
		break;
	case CLASS_PROGRAM_NAME:
		if (service == SV_GET_ALL && rd_left(r) >= 2)
			reply_program_name(r, d, k);
		break;
	default:
		if (service == SV_GET_ONE)
			reply_network(r, d, k);
		break;
	}
	rd_opaque_rest(r);
}

/* Tags by name are what controllers have; said once a flow. */
static void
say_controller(struct dissect *d)
{
	struct cip_flow *flow = d->state;

	if (flow->told_role)
		return;
	flow->told_role = true;
	dissect_ident_role(d, ABOUT_SENDER, ROLE_PLC);
}

static void
reply_body(struct rd *r, struct dissect *d, uint32_t service, struct where w,
    const struct known *k)
{
	if (k->at.space == SPACE_CIP_TAG)
		say_controller(d);
	if (service == SV_MULTIPLE) {
		w.route = k->route;
		parse_multiple(r, d, w);
	} else if (is_tag_class(&k->at) &&
	    (service == SV_READ_TAG || service == SV_SEND) && rd_left(r) >= 2) {
		read_values(r, d, k->op, k->at, k->name);
	} else if (k->at.space == SPACE_CIP_OBJECT) {
		reply_object(r, d, service, k);
	} else {
		rd_opaque_rest(r);
	}
}

/* Partial transfer is an answer like any other: more is to be asked for. */
static bool
is_refused(uint32_t status)
{
	return status != 0 && status != STATUS_PARTIAL;
}

static void
parse_reply(struct rd *r, struct dissect *d, struct where w, uint32_t service)
{
	uint32_t status, words, extended = 0;
	struct known k;

	rd_skip(r, 1);
	status = rd_u8(r);
	words = rd_u8(r);
	if (words > 0) {
		extended = rd_le16(r);
		rd_skip(r, (words - 1) * 2);
	}
	if (!rd_ok(r))
		return;
	d->ctx.response = true;
	k = recall(d, &w, service);
	say_unit(d, k.route);
	if (is_refused(status)) {
		say_error(d, status, extended, &k);
	} else {
		struct fact *f = dissect_op(d, k.op);

		f->object = k.at;
		fact_text(f, k.name);
	}
	if (!is_refused(status) || status == STATUS_EMBEDDED)
		reply_body(r, d, service, w, &k);
	rd_skip_rest(r);
}

static void
parse_message(struct rd *r, struct dissect *d, struct where w)
{
	uint32_t service;

	if (w.depth > NEST_MAX) {
		rd_opaque_rest(r);
		return;
	}
	service = rd_u8(r);
	if (!rd_ok(r))
		return;
	if ((service & REPLY) != 0)
		parse_reply(r, d, w, service & ~REPLY);
	else
		parse_request(r, d, w, service);
}

static void
cip_parse(struct rd *r, struct dissect *d)
{
	const struct cip_flow *flow = d->state;

	parse_message(r, d, (struct where){ .route = flow->route });
}

const struct proto proto_cip = {
	.name = "cip",
	.title = "Common Industrial Protocol",
	.spec = "ODVA CIP Networks Library volume 1; Rockwell 1756-PM020",
	.depth = "all services, paths, status; tags with values; packets and "
		 "routes unwrapped; identity of device and modules",
	.slot = PROTO_SLOT,
	.ot = true,
	.client_role = ROLE_HMI,
	.server_role = ROLE_CONTROLLER,
	.parse = cip_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct cip_flow),
};
