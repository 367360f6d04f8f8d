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
 * of the path, so kind and risk are decided here (cip_tables.h), and the text
 * says class and service.  Objects: area = class, first = instance, sub =
 * attribute.  Tags: area = FNV-1a hash of the name in lower case, first =
 * index in an array, count = elements, text = the name.  Unit is the slot or
 * node where a message was sent on to another module.
 *
 * A multiple service packet says itself and then each service in it; an
 * unconnected send says itself and then what it carries.
 */
#include "cip.h"
#include "cip_tables.h"
#include "proto.h"

#include <stdio.h>

#define REPLY 0x80u
#define NEST_MAX 4u /* services inside services */
#define VALUES_MAX 64u
#define SYMBOLS_MAX 32u

enum service {
	SV_GET_ALL = 0x01,
	SV_SET_ALL = 0x02,
	SV_GET_LIST = 0x03,
	SV_SET_LIST = 0x04,
	SV_RESET = 0x05,
	SV_MULTIPLE = 0x0a,
	SV_APPLY = 0x0d,
	SV_GET_ONE = 0x0e,
	SV_SET_ONE = 0x10,
	SV_FIND_NEXT = 0x11,
	SV_RESTORE = 0x15,
	SV_SAVE = 0x16,
	SV_GET_MEMBER = 0x18,
	SV_SET_MEMBER = 0x19,
	SV_INSERT_MEMBER = 0x1a,
	SV_REMOVE_MEMBER = 0x1b,
	SV_LAST_COMMON = 0x31,
	SV_PCCC = 0x4b,
	SV_READ_TAG = 0x4c,
	SV_WRITE_TAG = 0x4d,
	SV_CLOSE = 0x4e,
	SV_SEND = 0x52,
	SV_WRITE_FRAGMENT = 0x53,
	SV_OPEN = 0x54,
	SV_OPEN_LARGE = 0x5b,
};

enum class_id {
	CLASS_IDENTITY = 0x01,
	CLASS_ASSEMBLY = 0x04,
	CLASS_MANAGER = 0x06,
	CLASS_PROGRAM_NAME = 0x64,
	CLASS_PCCC = 0x67,
	CLASS_SYMBOL = 0x6b,
	CLASS_TCPIP = 0xf5,
	CLASS_ETHERNET = 0xf6,
	CLASS_NONE = 0xfffe,
};

#define STATUS_PARTIAL 0x06u
#define STATUS_EMBEDDED 0x1eu

static const struct proto_op ops[] = {
	{ 0x01, FACT_READ, RISK_NONE, "get attributes all" },
	{ 0x02, FACT_WRITE, RISK_WRITE, "set attributes all" },
	{ 0x03, FACT_READ, RISK_NONE, "get attribute list" },
	{ 0x04, FACT_WRITE, RISK_WRITE, "set attribute list" },
	{ 0x05, FACT_CONTROL, RISK_RESET, "reset" },
	{ 0x06, FACT_CONTROL, RISK_MODE, "start" },
	{ 0x07, FACT_CONTROL, RISK_MODE, "stop" },
	{ 0x08, FACT_CONFIG, RISK_CONFIGURATION, "create" },
	{ 0x09, FACT_CONFIG, RISK_CONFIGURATION, "delete" },
	{ 0x0a, FACT_SESSION, RISK_NONE, "multiple service packet" },
	{ 0x0d, FACT_CONFIG, RISK_CONFIGURATION, "apply attributes" },
	{ 0x0e, FACT_READ, RISK_NONE, "get attribute single" },
	{ 0x10, FACT_WRITE, RISK_WRITE, "set attribute single" },
	{ 0x11, FACT_DISCOVER, RISK_NONE, "find next object instance" },
	{ 0x14, FACT_DIAGNOSE, RISK_NONE, "error response" },
	{ 0x15, FACT_CONFIG, RISK_CONFIGURATION, "restore" },
	{ 0x16, FACT_CONFIG, RISK_CONFIGURATION, "save" },
	{ 0x17, FACT_SESSION, RISK_NONE, "no operation" },
	{ 0x18, FACT_READ, RISK_NONE, "get member" },
	{ 0x19, FACT_WRITE, RISK_WRITE, "set member" },
	{ 0x1a, FACT_CONFIG, RISK_CONFIGURATION, "insert member" },
	{ 0x1b, FACT_CONFIG, RISK_CONFIGURATION, "remove member" },
	{ 0x1c, FACT_TIME, RISK_NONE, "group sync" },
	{ 0x1d, FACT_DISCOVER, RISK_NONE, "get connection point members" },
	{ 0x4b, FACT_CONFIG, RISK_NONE, "execute pccc" },
	{ 0x4c, FACT_CONFIG, RISK_NONE, "read tag" },
	{ 0x4d, FACT_CONFIG, RISK_NONE, "write tag" },
	{ 0x4e, FACT_CONFIG, RISK_NONE, "forward close" },
	{ 0x4f, FACT_CONFIG, RISK_NONE, "object service 0x4f" },
	{ 0x50, FACT_CONFIG, RISK_NONE, "object service 0x50" },
	{ 0x51, FACT_CONFIG, RISK_NONE, "object service 0x51" },
	{ 0x52, FACT_CONFIG, RISK_NONE, "unconnected send" },
	{ 0x53, FACT_CONFIG, RISK_NONE, "write tag fragmented" },
	{ 0x54, FACT_CONFIG, RISK_NONE, "forward open" },
	{ 0x55, FACT_CONFIG, RISK_NONE, "get instance attribute list" },
	{ 0x56, FACT_CONFIG, RISK_NONE, "get connection data" },
	{ 0x57, FACT_CONFIG, RISK_NONE, "search connection data" },
	{ 0x58, FACT_CONFIG, RISK_NONE, "object service 0x58" },
	{ 0x59, FACT_CONFIG, RISK_NONE, "object service 0x59" },
	{ 0x5a, FACT_CONFIG, RISK_NONE, "get connection owner" },
	{ 0x5b, FACT_CONFIG, RISK_NONE, "large forward open" },
	{ 0x5c, FACT_CONFIG, RISK_NONE, "object service 0x5c" },
	{ 0x5d, FACT_CONFIG, RISK_NONE, "object service 0x5d" },
	{ 0x5e, FACT_CONFIG, RISK_NONE, "object service 0x5e" },
	{ 0x5f, FACT_CONFIG, RISK_NONE, "object service 0x5f" },
	{ 0x60, FACT_CONFIG, RISK_NONE, "object service 0x60" },
	{ 0x61, FACT_CONFIG, RISK_NONE, "object service 0x61" },
	{ 0x62, FACT_CONFIG, RISK_NONE, "object service 0x62" },
	{ 0x63, FACT_CONFIG, RISK_NONE, "object service 0x63" },
};

#define COUNT(table) ((uint32_t)(sizeof(table) / sizeof((table)[0])))

static const char *
find_name(const struct named *table, uint32_t n, uint32_t number)
{
	uint32_t lo = 0, hi = n;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (table[mid].number == number)
			return table[mid].name;
		if (table[mid].number < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static const struct class_row *
find_class(uint32_t number)
{
	uint32_t lo = 0, hi = COUNT(classes);

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (classes[mid].number == number)
			return &classes[mid];
		if (classes[mid].number < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static const struct class_service *
find_class_service(uint32_t service, uint32_t class_id)
{
	const uint32_t want = service << 16 | class_id;
	uint32_t lo = 0, hi = COUNT(class_services);

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;
		uint32_t key = (uint32_t)class_services[mid].service << 16 |
		    class_services[mid].class_id;

		if (key == want)
			return &class_services[mid];
		if (key < want)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* ------------------------------------------------------------------- paths */

struct path {
	uint32_t class_id, instance, attribute;
	uint32_t index[3]; /* members since the last symbol */
	uint32_t n_index, n_symbols;
	uint32_t route;
	uint32_t tag_len;
	uint8_t tag[CIP_TAG_MAX];
};

static void
tag_put(struct path *p, const uint8_t *s, uint32_t n)
{
	if (n > CIP_TAG_MAX - p->tag_len)
		n = CIP_TAG_MAX - p->tag_len;
	if (n > 0)
		memcpy(p->tag + p->tag_len, s, n);
	p->tag_len += n;
}

static void
tag_put_index(struct path *p)
{
	for (uint32_t i = 0; i < p->n_index; i++) {
		char text[16];
		int n =
		    snprintf(text, sizeof(text), "%c%u%s", i == 0 ? '[' : ',',
			p->index[i], i + 1 == p->n_index ? "]" : "");

		tag_put(p, (const uint8_t *)text, (uint32_t)n);
	}
	p->n_index = 0;
}

static void
tag_put_symbol(struct path *p, struct span symbol)
{
	if (p->n_index > 0)
		tag_put_index(p);
	if (p->n_symbols++ > 0)
		tag_put(p, (const uint8_t *)".", 1);
	tag_put(p, symbol.p, symbol.n);
}

/* Port segment: the first says where the message leaves this device. */
static void
read_port(struct rd *r, struct path *p, uint32_t head)
{
	uint32_t port = head & 0x0f, link;

	if ((head & 0x10) != 0) { /* a link address of several bytes */
		uint32_t n = rd_u8(r);

		if (port == 15)
			port = rd_le16(r);
		rd_skip(r, n + (n & 1));
		link = n;
	} else {
		if (port == 15)
			port = rd_le16(r);
		link = rd_u8(r);
	}
	if (p->route == 0)
		p->route = CIP_ROUTED | (port & 0x7fff) << 16 | link;
}

/* Logical value: 8 bits, or padded and 16 or 32 bits. */
static uint32_t
read_logical(struct rd *r, uint32_t format)
{
	switch (format) {
	case 0:
		return rd_u8(r);
	case 1:
		rd_skip(r, 1);
		return rd_le16(r);
	case 2:
		rd_skip(r, 1);
		return rd_le32(r);
	default:
		rd_bad(r, "reserved format in path");
		return 0;
	}
}

static void
read_logical_segment(struct rd *r, struct path *p, uint32_t head)
{
	uint32_t type = BITS(head, 4, 2), format = BITS(head, 1, 0), value;

	if (head == 0x34) { /* electronic key: format, then its size */
		value = rd_u8(r);
		rd_skip(r, value == 5 ? 12 : 8);
		return;
	}
	if (type == 7) { /* extended logical */
		rd_skip(r, 1);
		rd_skip(r, format == 2 ? 4 : 2);
		return;
	}
	value = read_logical(r, format);
	switch (type) {
	case 0:
		p->class_id = value;
		break;
	case 1:
	case 3: /* connection point */
		p->instance = value;
		break;
	case 2:
		if (p->n_index < 3)
			p->index[p->n_index++] = value;
		break;
	case 4:
		p->attribute = value;
		break;
	default:
		break;
	}
}

static void
read_segment(struct rd *r, struct path *p)
{
	uint32_t head = rd_u8(r), n;

	switch (head >> 5) {
	case 0:
		read_port(r, p, head);
		break;
	case 1:
		read_logical_segment(r, p, head);
		break;
	case 2: /* network: one byte, or words where bit 4 is set */
		n = rd_u8(r);
		rd_skip(r, (head & 0x10) != 0 ? n * 2 : 0);
		break;
	case 3: /* symbol of up to 31 characters */
		n = head & 0x1f;
		tag_put_symbol(p, rd_span(r, n));
		rd_skip(r, (n & 1) == 0 && rd_more(r) ? 1 : 0);
		break;
	case 4:
		n = rd_u8(r);
		if (head == 0x91) { /* extended symbol */
			tag_put_symbol(p, rd_span(r, n));
			rd_skip(r, n & 1);
		} else {
			rd_skip(r, n * 2);
		}
		break;
	default: /* data types: nothing after them can be told apart */
		rd_opaque_rest(r);
		break;
	}
}

static void
read_path(struct rd *r, struct path *p)
{
	p->class_id = CLASS_NONE;
	p->instance = p->attribute = 0;
	p->n_index = p->n_symbols = p->tag_len = p->route = 0;
	for (uint32_t i = 0; i < SYMBOLS_MAX && rd_more(r); i++)
		read_segment(r, p);
	rd_opaque_rest(r);
	if (p->n_index > 1)
		tag_put_index(p);
}

static uint32_t
hash_tag(const struct path *p)
{
	uint32_t h = 2166136261u;

	for (uint32_t i = 0; i < p->tag_len; i++) {
		uint8_t c = p->tag[i];

		if (c >= 'A' && c <= 'Z')
			c = (uint8_t)(c | 0x20);
		h = (h ^ c) * 16777619u;
	}
	return h;
}

static struct fact_object
object_of(const struct path *p)
{
	if (p->n_symbols > 0)
		return (struct fact_object){ .space = SPACE_CIP_TAG,
			.area = hash_tag(p),
			.first = p->n_index > 0 ? p->index[0] : 0,
			.count = 1 };
	return (struct fact_object){ .space = SPACE_CIP_OBJECT,
		.area = p->class_id == CLASS_NONE ? 0 : p->class_id,
		.first = p->instance,
		.count = 1,
		.sub = (uint16_t)p->attribute };
}

/* ---------------------------------------------------------------- identity */

struct identity {
	uint32_t vendor, type, product, major, minor, status, serial, state;
	struct span name;
};

static struct identity
read_identity(struct rd *r)
{
	struct identity id = { .state = 255 };

	id.vendor = rd_le16(r);
	id.type = rd_le16(r);
	id.product = rd_le16(r);
	id.major = rd_u8(r);
	id.minor = rd_u8(r);
	id.status = rd_le16(r);
	id.serial = rd_le32(r);
	id.name = rd_span(r, rd_u8(r));
	if (rd_more(r))
		id.state = rd_u8(r);
	rd_skip_rest(r);
	return id;
}

static const struct device_type *
find_device_type(uint32_t number)
{
	for (uint32_t i = 0; i < COUNT(device_types); i++)
		if (device_types[i].number == number)
			return &device_types[i];
	return NULL;
}

static void
say_vendor(struct dissect *d, uint32_t vendor)
{
	const char *name = find_name(vendors, COUNT(vendors), vendor);

	if (name != NULL)
		dissect_ident(d, TRAIT_VENDOR, span_text(name));
	else
		dissect_identf(d, TRAIT_VENDOR, "ODVA vendor %u", vendor);
}

static void
say_revision(struct dissect *d, uint32_t vendor, uint32_t major, uint32_t minor)
{
	if (vendor == 1) /* as Rockwell writes it: 20.013 */
		dissect_identf(d, TRAIT_FIRMWARE, "%u.%03u", major, minor);
	else
		dissect_identf(d, TRAIT_FIRMWARE, "%u.%u", major, minor);
}

/*
 * A communications adapter is the head of remote I/O, but for the bridges of
 * a ControlLogix chassis (1756-), which stand beside the controller.
 */
static void
say_device_type(struct dissect *d, const struct identity *id)
{
	const struct device_type *type = find_device_type(id->type);

	dissect_identf(d, TRAIT_DESCRIPTION, "%s, product code %u",
	    type != NULL ? type->name : "device", id->product);
	if (id->type == 0x0c && span_starts(id->name, SPAN_LIT("1756-")))
		return;
	if (type != NULL && type->role != ROLE_UNKNOWN)
		dissect_ident_role(d, ABOUT_SENDER, (enum role)type->role);
}

static void
say_state(struct dissect *d, const struct identity *id)
{
	static const char *const states[] = { NULL, "self test", "standby",
		"operational", "major recoverable fault",
		"major unrecoverable fault" };

	if (id->state >= 1 && id->state <= 5)
		dissect_ident(d, TRAIT_MODE, span_text(states[id->state]));
	else if (BITS(id->status, 7, 4) == 1)
		dissect_ident(d, TRAIT_MODE, SPAN_LIT("firmware update"));
	else if (BITS(id->status, 7, 4) == 5)
		dissect_ident(d, TRAIT_MODE, SPAN_LIT("major fault"));
}

static void
say_device(struct dissect *d, const struct identity *id)
{
	say_vendor(d, id->vendor);
	dissect_ident(d, TRAIT_MODEL, id->name);
	say_revision(d, id->vendor, id->major, id->minor);
	if (id->serial != 0)
		dissect_identf(d, TRAIT_SERIAL, "%08x", id->serial);
	say_device_type(d, id);
	say_state(d, id);
}

/* A module of the sender: where it stands, and what it is. */
static void
say_module(struct dissect *d, const struct identity *id, uint32_t route)
{
	const struct device_type *type = find_device_type(id->type);
	const char *vendor = find_name(vendors, COUNT(vendors), id->vendor);
	const uint32_t port = route >> 16 & 0x7fff, link = route & 0xffff;
	char where[32];

	if (port == 1)
		(void)snprintf(where, sizeof(where), "slot %u", link);
	else
		(void)snprintf(where, sizeof(where), "port %u node %u", port,
		    link);
	dissect_identf(d, TRAIT_MODULE,
	    "%s: %.*s, revision %u.%03u, serial %08x, %s", where,
	    (int)(id->name.n < 32 ? id->name.n : 32), (const char *)id->name.p,
	    id->major, id->minor, id->serial,
	    vendor != NULL ? vendor : "unknown vendor");
	if (type != NULL && type->role == ROLE_PLC)
		dissect_ident_role(d, ABOUT_SENDER, ROLE_PLC);
}

void
cip_identity_read(struct rd *r, struct dissect *d, uint32_t route)
{
	struct identity id = read_identity(r);

	if (!rd_ok(r) || (d->wanted & FACT_MASK(FACT_IDENT)) == 0)
		return;
	if (route == 0)
		say_device(d, &id);
	else if (id.name.n > 0)
		say_module(d, &id, route);
}

/* Attribute of the identity object: false where its size is not known. */
static bool
read_identity_attribute(struct rd *r, struct dissect *d, uint32_t attribute,
    bool say)
{
	uint32_t a, b;
	struct span name;

	switch (attribute) {
	case 1:
		a = rd_le16(r);
		if (say && rd_ok(r))
			say_vendor(d, a);
		return true;
	case 2:
	case 3:
	case 5:
		rd_skip(r, 2);
		return true;
	case 4:
		a = rd_u8(r);
		b = rd_u8(r);
		if (say && rd_ok(r))
			say_revision(d, 0, a, b);
		return true;
	case 6:
		a = rd_le32(r);
		if (say && rd_ok(r))
			dissect_identf(d, TRAIT_SERIAL, "%08x", a);
		return true;
	case 7:
		name = rd_span(r, rd_u8(r));
		if (say)
			dissect_ident(d, TRAIT_MODEL, name);
		return true;
	default:
		return false;
	}
}

/* ------------------------------------------------------------------ values */

/* Size of a value of an elementary data type, 0 where it has no fixed one. */
static uint32_t
type_size(uint32_t type)
{
	switch (type) {
	case 0xc1: /* BOOL */
	case 0xc2: /* SINT */
	case 0xc6: /* USINT */
	case 0xd1: /* BYTE */
		return 1;
	case 0xc3: /* INT */
	case 0xc7: /* UINT */
	case 0xcd: /* DATE */
	case 0xd2: /* WORD */
	case 0xd8: /* ITIME */
	case 0xdd: /* ENGUNIT */
		return 2;
	case 0xc4: /* DINT */
	case 0xc8: /* UDINT */
	case 0xca: /* REAL */
	case 0xcc: /* STIME */
	case 0xce: /* TIME_OF_DAY */
	case 0xd3: /* DWORD */
	case 0xd6: /* FTIME */
	case 0xdb: /* TIME */
		return 4;
	case 0xcf: /* DATE_AND_TIME */
		return 6;
	case 0xc5: /* LINT */
	case 0xc9: /* ULINT */
	case 0xcb: /* LREAL */
	case 0xd4: /* LWORD */
	case 0xd7: /* LTIME */
	case 0xdf: /* LTIME or DATE_AND_TIME of 64 bits */
		return 8;
	default:
		return 0;
	}
}

static uint64_t
read_uint(struct rd *r, uint32_t size)
{
	switch (size) {
	case 1:
		return rd_u8(r);
	case 2:
		return rd_le16(r);
	case 4:
		return rd_le32(r);
	case 6:
		return rd_le48(r);
	default:
		return rd_le64(r);
	}
}

static int64_t
sign_extend(uint64_t v, uint32_t size)
{
	const uint32_t shift = 64 - size * 8;

	return (int64_t)(v << shift) >> shift;
}

static void
say_value(struct dissect *d, uint32_t op, struct fact_object at, uint32_t type,
    uint64_t v, struct span name)
{
	struct fact *f = dissect_value(d, op, at);

	switch (type) {
	case 0xc1:
		f->num_type = NUM_BOOL;
		f->num.u = v != 0;
		break;
	case 0xc2:
	case 0xc3:
	case 0xc4:
	case 0xc5:
	case 0xd6:
	case 0xd7:
	case 0xd8:
	case 0xdb:
		f->num_type = NUM_INT;
		f->num.i = sign_extend(v, type_size(type));
		break;
	case 0xca:
		f->num_type = NUM_REAL;
		f->num.r = f32_of((uint32_t)v);
		break;
	case 0xcb:
		f->num_type = NUM_REAL;
		f->num.r = f64_of(v);
		break;
	default:
		f->num_type = NUM_UINT;
		f->num.u = v;
		break;
	}
	fact_text(f, name);
}

/* Text types: characters after a count of one or two bytes. */
static void
read_text_value(struct rd *r, struct dissect *d, uint32_t op,
    struct fact_object at, uint32_t type)
{
	struct span text = rd_span(r, type == 0xd0 ? rd_le16(r) : rd_u8(r));

	if (rd_ok(r))
		fact_text(dissect_value(d, op, at), text);
}

static void
read_values(struct rd *r, struct dissect *d, uint32_t op, struct fact_object at,
    struct span name)
{
	uint32_t type = rd_le16(r), size = type_size(type);

	if (type == 0xd0 || type == 0xda) {
		read_text_value(r, d, op, at, type);
		rd_skip_rest(r);
		return;
	}
	if (op == SV_WRITE_TAG || op == SV_WRITE_FRAGMENT)
		rd_skip(r, type == 0x02a0 ? 4 : 2); /* handle, elements */
	if (op == SV_WRITE_FRAGMENT || size == 0) {
		rd_opaque_rest(r);
		return;
	}
	if ((d->wanted & FACT_MASK(FACT_VALUE)) != 0)
		for (uint32_t i = 0; i < VALUES_MAX && rd_left(r) >= size;
		     i++) {
			uint64_t v = read_uint(r, size);

			at.count = 1;
			if (rd_ok(r))
				say_value(d, op, at, type, v, name);
			at.first++;
		}
	rd_skip_rest(r);
}

/*
 * An attribute on its own: the message does not tell its type, so small ones
 * are shown as numbers, and the data of assemblies is not understood.
 */
static void
read_attribute(struct rd *r, struct dissect *d, uint32_t op,
    struct fact_object at)
{
	uint32_t size = rd_left(r);

	if (at.area == CLASS_ASSEMBLY ||
	    (size != 1 && size != 2 && size != 4 && size != 8)) {
		rd_opaque_rest(r);
		return;
	}
	if ((d->wanted & FACT_MASK(FACT_VALUE)) != 0) {
		uint64_t v = read_uint(r, size);

		if (rd_ok(r))
			dissect_value_uint(d, op, at, v);
	}
	rd_skip_rest(r);
}

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
 * A request's kind, risk and name.  Kinds nobody wants are asked for by the
 * row's kind, which may differ from what the class makes of it: what is not
 * wanted after all is harmless.
 */
static void
classify(struct fact *f, uint32_t service, const struct path *p)
{
	uint32_t key = p->n_symbols > 0 ? CLASS_TAG : p->class_id;
	const struct class_service *own = find_class_service(service, key);
	const struct class_row *row =
	    p->n_symbols > 0 ? NULL : find_class(p->class_id);
	uint32_t family = family_of(p, row);

	if (own != NULL)
		set_kind(f, own->kind, own->risk);
	else if (service <= SV_LAST_COMMON)
		classify_common(f, service, family);
	else if (family == FAMILY_PROGRAM)
		set_kind(f, FACT_PROGRAM, RISK_NONE);
	else if (family == FAMILY_STATUS)
		set_kind(f, FACT_DIAGNOSE, RISK_NONE);
	if (p->n_symbols > 0)
		fact_text(f, SPAN(p->tag, p->tag_len));
	else if (row != NULL && service <= SV_LAST_COMMON)
		fact_text(f, span_text(row->name));
	else if (row != NULL && own != NULL)
		fact_textf(f, "%s: %s", row->name, own->name);
	else if (row != NULL)
		fact_textf(f, "%s: service 0x%02x", row->name, service);
	else if (p->class_id != CLASS_NONE)
		fact_textf(f, "class 0x%02x: service 0x%02x", p->class_id,
		    service);
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
remember(struct dissect *d, const struct where *w, uint32_t service,
    const struct path *p, struct fact_object at)
{
	struct cip_flow *flow = d->state;

	if (w->embedded) {
		remember_embedded(flow, w, at);
		return;
	}
	dissect_remember(d,
	    (struct ask){ .pair = d->ctx.pair,
		.op = service,
		.extra = { w->route, 0 },
		.at = at });
	if (p->n_symbols > 0) {
		flow->tag_pair = d->ctx.pair;
		flow->tag_len = p->tag_len;
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
request_open(struct rd *r, struct dissect *d, struct fact *f, bool large)
{
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
		.op = large ? SV_OPEN_LARGE : SV_OPEN,
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
request_connection(struct rd *r, struct dissect *d, uint32_t service,
    struct where w, struct fact *f)
{
	switch (service) {
	case SV_SEND:
		request_send(r, d, w);
		break;
	case SV_OPEN:
	case SV_OPEN_LARGE:
		request_open(r, d, f, service == SV_OPEN_LARGE);
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
request_tag(struct rd *r, struct dissect *d, uint32_t service, struct fact *f,
    struct span name)
{
	struct fact_object at = f->object;

	switch (service) {
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
		read_values(r, d, service, at, name);
		break;
	default:
		rd_opaque_rest(r);
		break;
	}
}

static void
request_body(struct rd *r, struct dissect *d, uint32_t service, struct where w,
    struct fact *f, const struct path *p)
{
	const struct fact_object at = object_of(p);

	if (at.space == SPACE_CIP_OBJECT && at.area == CLASS_MANAGER &&
	    service > SV_LAST_COMMON) {
		request_connection(r, d, service, w, f);
	} else if (service == SV_MULTIPLE) {
		request_multiple(r, d, &w);
	} else if (service > SV_LAST_COMMON && is_tag_class(&at)) {
		request_tag(r, d, service, f, SPAN(p->tag, p->tag_len));
	} else if (service == SV_PCCC && at.area == CLASS_PCCC) {
		parse_pccc(r, d);
	} else if (service == SV_GET_LIST || service == SV_SET_LIST) {
		request_attribute_list(r, d, service, f);
	} else if (service == SV_SET_ONE) {
		read_attribute(r, d, service, at);
	} else if (service == SV_GET_ALL || service == SV_GET_ONE ||
	    service == SV_RESET) {
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

	read_path(&sub, &p);
	if (!rd_ok(r))
		return;
	d->ctx.response = false;
	say_unit(d, w.route);
	at = object_of(&p);
	f = dissect_op(d, service);
	f->object = at;
	if (f->kind != FACT_NONE && f->kind != FACT_UNKNOWN)
		classify(f, service, &p);
	/* what carries others is remembered by what it carries */
	if (p.class_id != CLASS_MANAGER ||
	    (service != SV_SEND && service != SV_OPEN &&
		service != SV_OPEN_LARGE))
		remember(d, &w, service, &p, at);
	request_body(r, d, service, w, f, &p);
}

/* ----------------------------------------------------------------- replies */

/* What is known of the request a reply belongs to. */
struct known {
	struct fact_object at; /* space 0: nothing */
	uint32_t route, class_id;
	struct span name;
};

static struct known
recall_embedded(const struct cip_flow *flow, const struct where *w,
    uint32_t pair)
{
	struct known k = { .route = w->route };

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
	return k;
}

static struct known
recall(struct dissect *d, const struct where *w, uint32_t service)
{
	const struct cip_flow *flow = d->state;
	struct known k = { .route = w->route };
	const struct ask *ask;

	if (w->embedded)
		return recall_embedded(flow, w, d->ctx.pair);
	ask = dissect_recall(d, d->ctx.pair);
	if (ask == NULL || (ask->op != service && service != SV_SEND))
		return k;
	k.route = ask->extra[0];
	k.class_id = ask->extra[1];
	k.at = ask->at;
	if (k.at.space == SPACE_CIP_TAG && flow->tag_pair == d->ctx.pair)
		k.name = SPAN(flow->tag, flow->tag_len);
	return k;
}

static void
say_error(struct dissect *d, uint32_t service, uint32_t status,
    uint32_t extended, const struct known *k)
{
	struct fact *f = dissect_error(d, service, status);
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

static void
reply_body(struct rd *r, struct dissect *d, uint32_t service, struct where w,
    const struct known *k)
{
	if (service == SV_MULTIPLE) {
		w.route = k->route;
		parse_multiple(r, d, w);
	} else if (is_tag_class(&k->at) &&
	    (service == SV_READ_TAG || service == SV_SEND) && rd_left(r) >= 2) {
		read_values(r, d, service, k->at, k->name);
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
		say_error(d, service, status, extended, &k);
	} else {
		struct fact *f = dissect_op(d, service);

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
	.parse = cip_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct cip_flow),
};
