/*
 * opcua_types.h - the built-in types of OPC UA and what is said of values.
 *
 * IEC 62541-6 clause 5.2.  Strings and arrays begin with a signed length, -1
 * for null; a NodeId with its form; a Variant with type, array and dimension
 * bits; a DataValue, a DiagnosticInfo and a LocalizedText with a mask of what
 * follows.  Included by opcua.c only.
 */
#ifndef PROTO_OPCUA_TYPES_H
#define PROTO_OPCUA_TYPES_H

#include "proto.h"

#include <stdio.h>

#include "x509.h"

#define NEST_MAX 6u
#define SHOWN 4u /* elements of an array that are said */
#define AREA_HANDLE 0x10000u
#define AREA_PLACE 0x10001u
#define ATTRIBUTE_VALUE 13u
#define BAD_STATUS 0x80000000u
#define TYPE_UINT16 5u /* of a variant */
#define TYPE_LOCALIZED 21u

enum policy {
	POLICY_UNKNOWN,
	POLICY_NONE,
	POLICY_OTHER
};

struct place { /* a node and attribute, small enough to keep */
	uint32_t first;
	uint16_t area, sub;
};

#define N_READS 2u
#define N_PLACES 12u
#define N_ITEMS 18u

struct ua_state { /* of one connection */
	uint8_t policy; /* enum policy */
	uint8_t signature; /* octets at the end of every signed chunk */
	uint8_t next_read, next_item;
	bool said_mode; /* whether messages are signed or encrypted too */
	bool open[2]; /* a message of several chunks, by direction */
	bool secret[2]; /* and it is encrypted */
	uint32_t open_request[2];
	struct {
		uint32_t request, n;
		struct place at[N_PLACES];
	} reads[N_READS];
	struct {
		uint32_t handle;
		struct place at;
	} items[N_ITEMS];
};

_Static_assert(sizeof(struct ua_state) <= PROTO_STATE_MAX, "see proto.h");

/* One message as it is being read. */
struct ua {
	struct dissect *d;
	struct ua_state *s;
	uint32_t op, request;
	bool quiet; /* values are read for their length only */
	bool said; /* its operation */
};

struct node {
	uint32_t area, first;
	struct span name;
};

/* ------------------------------------------------------------ built-in types
 */

static uint32_t
read_length(struct rd *r)
{
	uint32_t n = rd_le32(r);

	return n >= BAD_STATUS ? 0 : n; /* -1 is null */
}

/* Length of an array whose elements are at least `size` octets long. */
static uint32_t
read_count(struct rd *r, uint32_t size)
{
	return rd_count(r, read_length(r), size);
}

static struct span
read_string(struct rd *r)
{
	return rd_span(r, read_length(r));
}

static void
skip_string(struct rd *r)
{
	rd_skip(r, read_length(r));
}

static void
skip_strings(struct rd *r)
{
	uint32_t n = read_count(r, 4);

	for (uint32_t i = 0; i < n && rd_ok(r); i++)
		skip_string(r);
}

static struct span
read_localized(struct rd *r)
{
	uint32_t mask = rd_u8(r);
	struct span text = SPAN(NULL, 0);

	if ((mask & 1) != 0)
		skip_string(r);
	if ((mask & 2) != 0)
		text = read_string(r);
	return text;
}

static uint32_t
hash_of(struct span s)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (uint32_t i = 0; i < s.n; i++)
		h = (h ^ s.p[i]) * 16777619u;
	return h | 1u << 31;
}

/* NodeId, and ExpandedNodeId with its two optional fields. */
static struct node
read_node(struct rd *r)
{
	struct node n = { .name = SPAN(NULL, 0) };
	uint32_t form = rd_u8(r);

	if ((form & 0x3f) == 1)
		n.area = rd_u8(r);
	else if ((form & 0x3f) != 0)
		n.area = rd_le16(r);
	switch (form & 0x3f) {
	case 0:
		n.first = rd_u8(r);
		break;
	case 1:
		n.first = rd_le16(r);
		break;
	case 2:
		n.first = rd_le32(r);
		break;
	case 3:
		n.name = read_string(r);
		n.first = hash_of(n.name);
		break;
	case 4:
		n.first = hash_of(rd_span(r, 16));
		break;
	case 5:
		n.first = hash_of(read_string(r));
		break;
	default:
		rd_bad(r, "unknown form of node identifier");
		break;
	}
	if ((form & 0x80) != 0)
		skip_string(r);
	if ((form & 0x40) != 0)
		rd_skip(r, 4);
	return n;
}

static void
skip_diagnostic(struct rd *r)
{
	uint32_t mask;

	do { /* the inner ones stand at the end of the outer: a chain */
		mask = rd_u8(r);
		for (uint32_t i = 0; i < 4; i++)
			if ((mask >> i & 1) != 0)
				rd_skip(r, 4);
		if ((mask & 0x10) != 0)
			skip_string(r);
		if ((mask & 0x20) != 0)
			rd_skip(r, 4);
	} while ((mask & 0x40) != 0 && rd_ok(r));
}

/* Cut out the body; returns the type's identifier in namespace 0, or 0. */
static uint32_t
read_extension(struct rd *r, struct rd *ret_body)
{
	struct node type = read_node(r);
	uint32_t encoding = rd_u8(r);

	rd_require(r, encoding <= 2, "unknown encoding of an extension");
	*ret_body = rd_sub(r, encoding != 0 ? read_length(r) : 0);
	return type.area == 0 && encoding == 1 ? type.first : 0;
}

static void
skip_extension(struct rd *r)
{
	struct rd body;

	(void)read_extension(r, &body);
	rd_skip_rest(&body);
}

/* ------------------------------------------------------------------ saying */

static struct fact_object
object_of(struct node n, uint32_t attribute, uint32_t count)
{
	return (struct fact_object){ .area = n.area,
		.first = n.first,
		.count = count,
		.sub = (uint16_t)attribute,
		.space = SPACE_UA_NODE };
}

static struct fact *
say_op(struct ua *u)
{
	u->said = true;
	return dissect_op(u->d, u->op);
}

static struct fact *
say_node(struct ua *u, struct node n, uint32_t attribute, uint32_t count)
{
	struct fact *f = say_op(u);

	f->object = object_of(n, attribute, count);
	fact_text(f, n.name);
	return f;
}

static bool
wants(const struct ua *u, enum fact_kind kind)
{
	return (u->d->wanted & FACT_MASK(kind)) != 0;
}

static void
say_url(struct fact *f, struct span url)
{
	f->object = (struct fact_object){ .space = SPACE_URL, .count = 1 };
	fact_text(f, url);
}

static void
say_certificate(struct ua *u, struct span der)
{
	struct x509 x;

	if (der.n == 0 || !wants(u, FACT_IDENT))
		return;
	x509_read(der, &x);
	dissect_ident(u->d, TRAIT_CERTIFICATE,
	    x.subject.common.n > 0 ? x.subject.common : x.subject.organisation);
}

/* What stands behind the # of a policy's URI. */
static struct span
policy_name(struct span uri)
{
	uint32_t at = span_find(uri, '#');

	return at < uri.n ? span_from(uri, at + 1) : uri;
}

static const char *
mode_name(uint32_t mode)
{
	return mode == 1 ? "not signed"
	    : mode == 2  ? "signed"
	    : mode == 3  ? "signed and encrypted"
			 : "mode unknown";
}

/* ----------------------------------------------------------------- values */

static void read_data_value(struct rd *r, struct ua *u, struct node at,
    uint32_t attribute, uint32_t depth);

/* BuildInfo of a server: part 5, 12.4. */
static void
read_build_info(struct rd *r, struct ua *u)
{
	skip_string(r); /* product URI */
	dissect_ident(u->d, TRAIT_VENDOR, read_string(r));
	dissect_ident(u->d, TRAIT_MODEL, read_string(r));
	dissect_ident(u->d, TRAIT_FIRMWARE, read_string(r));
	skip_string(r); /* build number */
	rd_skip(r, 8);
}

static void
read_server_status(struct rd *r, struct ua *u)
{
	static const char *const states[] = { "running", "failed",
		"no configuration", "suspended", "shutdown", "test",
		"communication fault", "unknown" };
	uint32_t state;

	rd_skip(r, 16);
	state = rd_le32(r);
	if (rd_ok(r) && state < sizeof(states) / sizeof(states[0]))
		dissect_ident(u->d, TRAIT_MODE, span_text(states[state]));
	read_build_info(r, u);
}

static void
read_structure(struct rd *r, struct ua *u)
{
	struct rd body;
	uint32_t type = read_extension(r, &body);

	if (u->d->ctx.response && type == 340)
		read_build_info(&body, u);
	else if (u->d->ctx.response && type == 864)
		read_server_status(&body, u);
	rd_skip_rest(&body);
}

/* Text values; those of the server's own description are its identity. */
static void
say_text(struct ua *u, struct node at, uint32_t attribute, struct span text)
{
	struct fact *f;

	if (u->quiet)
		return;
	if (u->d->ctx.response && at.area == 0 &&
	    attribute == ATTRIBUTE_VALUE) {
		if (at.first == 2261)
			dissect_ident(u->d, TRAIT_MODEL, text);
		else if (at.first == 2263)
			dissect_ident(u->d, TRAIT_VENDOR, text);
		else if (at.first == 2264)
			dissect_ident(u->d, TRAIT_FIRMWARE, text);
	}
	f = dissect_value(u->d, u->op, object_of(at, attribute, 1));
	if (at.name.n == 0)
		fact_text(f, text);
	else
		fact_textf(f, "%.*s = %.*s", (int)span_first(at.name, 96).n,
		    (const char *)at.name.p, (int)span_first(text, 96).n,
		    (const char *)text.p);
}

static void
say_number(struct ua *u, struct node at, uint32_t attribute, enum num_type type,
    uint64_t bits)
{
	struct fact *f;

	if (u->quiet)
		return;
	f = dissect_value(u->d, u->op, object_of(at, attribute, 1));
	f->num_type = (uint8_t)type;
	f->num.u = bits;
	fact_text(f, at.name);
}

static void
say_real(struct ua *u, struct node at, uint32_t attribute, double real)
{
	struct fact *f;

	if (u->quiet)
		return;
	f = dissect_value(u->d, u->op, object_of(at, attribute, 1));
	f->num_type = NUM_REAL;
	f->num.r = real;
	fact_text(f, at.name);
}

/* Ticks of 100 ns since 1601 as milliseconds since 1970. */
static uint64_t
unix_ms(uint64_t ticks)
{
	return ticks / 10000 - 11644473600000u;
}

/* Numbers; false when the type is none. */
static bool
read_number(struct rd *r, struct ua *u, uint32_t type, struct node at,
    uint32_t attribute)
{
	enum num_type kind = NUM_INT;
	uint64_t bits;

	switch (type) {
	case 1:
		kind = NUM_BOOL;
		bits = rd_u8(r) != 0;
		break;
	case 2:
		bits = (uint64_t)(int8_t)rd_u8(r);
		break;
	case 3:
		kind = NUM_UINT;
		bits = rd_u8(r);
		break;
	case 4:
		bits = (uint64_t)(int16_t)rd_le16(r);
		break;
	case 5:
		kind = NUM_UINT;
		bits = rd_le16(r);
		break;
	case 6:
		bits = (uint64_t)(int32_t)rd_le32(r);
		break;
	case 7:
	case 19: /* status code */
		kind = NUM_UINT;
		bits = rd_le32(r);
		break;
	case 8:
		bits = rd_le64(r);
		break;
	case 9:
		kind = NUM_UINT;
		bits = rd_le64(r);
		break;
	case 10:
		say_real(u, at, attribute, rd_lef32(r));
		return true;
	case 11:
		say_real(u, at, attribute, rd_lef64(r));
		return true;
	case 13:
		bits = unix_ms(rd_le64(r));
		break;
	default:
		return false;
	}
	say_number(u, at, attribute, kind, bits);
	return true;
}

static void read_variant(struct rd *r, struct ua *u, struct node at,
    uint32_t attribute, uint32_t depth);

static void
read_scalar(struct rd *r, struct ua *u, uint32_t type, struct node at,
    uint32_t attribute, uint32_t depth)
{
	if (read_number(r, u, type, at, attribute))
		return;
	switch (type) {
	case 12:
	case 16:
		say_text(u, at, attribute, read_string(r));
		break;
	case 14:
		rd_skip(r, 16);
		break;
	case 17:
	case 18:
		(void)read_node(r);
		break;
	case 20:
		rd_skip(r, 2);
		say_text(u, at, attribute, read_string(r));
		break;
	case 21:
		say_text(u, at, attribute, read_localized(r));
		break;
	case 22:
		read_structure(r, u);
		break;
	case 23:
		read_data_value(r, u, at, attribute, depth + 1);
		break;
	case 24:
		read_variant(r, u, at, attribute, depth + 1);
		break;
	case 25:
		skip_diagnostic(r);
		break;
	default: /* byte strings, and types reserved as such */
		skip_string(r);
		break;
	}
}

/* Octets of a scalar, or the least of it where that varies. */
static uint32_t
size_of(uint32_t type, bool *ret_fixed)
{
	static const uint8_t sizes[] = { 0, 1, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 4,
		8, 16, 4, 4, 2, 2, 4, 6, 1, 3, 1, 1, 1 };

	*ret_fixed =
	    (type >= 1 && type <= 11) || type == 13 || type == 14 || type == 19;
	return type < sizeof(sizes) ? sizes[type] : 4;
}

static void
read_array(struct rd *r, struct ua *u, uint32_t type, struct node at,
    uint32_t attribute, uint32_t depth)
{
	uint32_t n, size;
	bool fixed, outer = u->quiet;

	rd_require(r, type != 0, "array of nothing");
	size = size_of(type, &fixed);
	n = read_count(r, size);
	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		if (i >= SHOWN && fixed) {
			rd_skip(r, (n - i) * size);
			break;
		}
		u->quiet = outer || i >= SHOWN;
		read_scalar(r, u, type, at, attribute, depth);
	}
	u->quiet = outer;
}

static void
read_variant(struct rd *r, struct ua *u, struct node at, uint32_t attribute,
    uint32_t depth)
{
	uint32_t code = rd_u8(r);

	rd_require(r, depth < NEST_MAX, "values nested too deep");
	if (!rd_ok(r))
		return;
	if ((code & 0x80) != 0)
		read_array(r, u, code & 0x3f, at, attribute, depth);
	else if ((code & 0x3f) != 0)
		read_scalar(r, u, code & 0x3f, at, attribute, depth);
	if ((code & 0x40) != 0) /* dimensions */
		rd_skip(r, read_count(r, 4) * 4);
}

static void
read_data_value(struct rd *r, struct ua *u, struct node at, uint32_t attribute,
    uint32_t depth)
{
	uint32_t mask = rd_u8(r), status = 0;

	if ((mask & 0x01) != 0)
		read_variant(r, u, at, attribute, depth);
	if ((mask & 0x02) != 0)
		status = rd_le32(r);
	rd_skip(r, (mask & 0x04) != 0 ? 8 : 0);
	rd_skip(r, (mask & 0x10) != 0 ? 2 : 0);
	rd_skip(r, (mask & 0x08) != 0 ? 8 : 0);
	rd_skip(r, (mask & 0x20) != 0 ? 2 : 0);
	if (status >= BAD_STATUS && (mask & 0x01) == 0 && rd_ok(r))
		fact_textf(dissect_value(u->d, u->op,
			       object_of(at, attribute, 1)),
		    "bad, status 0x%08x", status);
}

#endif
