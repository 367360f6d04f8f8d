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

#include "x509.h"

#define HEADER 8u
#define SIZE_MAX_ (1u << 24)
#define NEST_MAX 6u
#define SHOWN 4u /* elements of an array that are said */
#define AREA_HANDLE 0x10000u
#define AREA_PLACE 0x10001u
#define ATTRIBUTE_VALUE 13u
#define BAD_STATUS 0x80000000u

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
say_node(struct ua *u, struct node n, uint32_t attribute, uint32_t count)
{
	struct fact *f = dissect_op(u->d, u->op);

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

/* ------------------------------------------------- what is known of a node */

static struct node
node_at(struct place p)
{
	return (struct node){ .area = p.area, .first = p.first };
}

static void
keep_item(struct ua *u, uint32_t handle, struct node n, uint32_t attribute)
{
	struct ua_state *s = u->s;
	uint32_t k = s->next_item;

	for (uint32_t i = 0; i < N_ITEMS; i++)
		if (s->items[i].handle == handle && s->items[i].at.sub != 0)
			k = i;
	s->items[k].handle = handle;
	s->items[k].at = (struct place){ .first = n.first,
		.area = (uint16_t)n.area,
		.sub = (uint16_t)attribute };
	if (k == s->next_item)
		s->next_item = (uint8_t)((k + 1) % N_ITEMS);
}

static void
read_notified_value(struct rd *r, struct ua *u)
{
	uint32_t handle = rd_le32(r), attribute = 0;
	struct node at = { .area = AREA_HANDLE, .first = handle };

	for (uint32_t i = 0; i < N_ITEMS; i++) {
		if (u->s->items[i].handle != handle ||
		    u->s->items[i].at.sub == 0)
			continue;
		at = node_at(u->s->items[i].at);
		attribute = u->s->items[i].at.sub;
	}
	read_data_value(r, u, at, attribute, 0);
}

/* --------------------------------------------------- descriptions, identity */

static void
read_application(struct rd *r, struct ua *u, bool say)
{
	struct span uri = read_string(r), product = read_string(r);
	struct span name = read_localized(r);

	rd_skip(r, 4);
	skip_string(r); /* gateway */
	skip_string(r); /* discovery profile */
	skip_strings(r); /* discovery URLs */
	if (!rd_ok(r) || !say)
		return;
	dissect_ident(u->d, TRAIT_UUID, uri);
	dissect_ident(u->d, TRAIT_DESCRIPTION, product);
	dissect_ident(u->d, TRAIT_APPLICATION, name);
}

/* Which kinds of user token an endpoint takes, one bit each. */
static uint32_t
read_tokens(struct rd *r)
{
	uint32_t n = read_count(r, 20), kinds = 0;

	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		uint32_t kind;

		skip_string(r);
		kind = rd_le32(r);
		kinds |= kind < 4 ? 1u << kind : 0;
		skip_string(r);
		skip_string(r);
		skip_string(r);
	}
	return kinds;
}

static void
read_endpoint(struct rd *r, struct ua *u, bool first)
{
	struct span certificate, policy;
	uint32_t mode, tokens;

	skip_string(r); /* URL */
	read_application(r, u, first);
	certificate = read_string(r);
	mode = rd_le32(r);
	policy = policy_name(read_string(r));
	tokens = read_tokens(r);
	skip_string(r);
	rd_skip(r, 1);
	if (!rd_ok(r))
		return;
	if (first)
		say_certificate(u, certificate);
	dissect_identf(u->d, TRAIT_SECURITY, "%.*s, %s%s%s%s%s",
	    (int)span_first(policy, 40).n, (const char *)policy.p,
	    mode_name(mode), (tokens & 1) != 0 ? ", anonymous" : "",
	    (tokens & 2) != 0 ? ", user name" : "",
	    (tokens & 4) != 0 ? ", certificate" : "",
	    (tokens & 8) != 0 ? ", issued token" : "");
}

/* --------------------------------------------------------------- requests */

static void
read_find_servers(struct rd *r, struct ua *u)
{
	struct span url = read_string(r);

	say_url(dissect_op(u->d, u->op), url);
	rd_skip_rest(r);
}

static void
read_register_server(struct rd *r, struct ua *u)
{
	struct span uri = read_string(r), product = read_string(r);
	struct span name = SPAN(NULL, 0);
	uint32_t n = read_count(r, 1);

	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		struct span text = read_localized(r);

		name = i == 0 ? text : name;
	}
	say_url(dissect_op(u->d, u->op), uri);
	rd_skip_rest(r);
	if (!rd_ok(r))
		return;
	dissect_ident(u->d, TRAIT_UUID, uri);
	dissect_ident(u->d, TRAIT_DESCRIPTION, product);
	dissect_ident(u->d, TRAIT_APPLICATION, name);
}

static void
read_open_channel(struct rd *r, struct ua *u)
{
	uint32_t renew, mode, lifetime;

	rd_skip(r, 4);
	renew = rd_le32(r);
	mode = rd_le32(r);
	skip_string(r); /* nonce */
	lifetime = rd_le32(r);
	fact_textf(dissect_op(u->d, u->op), "%s, %s, %u ms",
	    renew == 1 ? "renew" : "issue", mode_name(mode), lifetime);
}

static void
read_create_session(struct rd *r, struct ua *u)
{
	struct fact *f = dissect_op(u->d, u->op);
	struct span name, certificate;

	read_application(r, u, true);
	skip_string(r); /* server URI */
	skip_string(r); /* endpoint URL */
	name = read_string(r);
	skip_string(r); /* nonce */
	certificate = read_string(r);
	rd_skip(r, 12);
	if (!rd_ok(r))
		return;
	f->object = (struct fact_object){ .space = SPACE_NAME, .count = 1 };
	fact_text(f, name);
	say_certificate(u, certificate);
}

static void
say_user_name(struct rd *r, struct ua *u, struct fact *f)
{
	struct span user, password, algorithm;

	skip_string(r); /* policy */
	user = read_string(r);
	password = read_string(r);
	algorithm = read_string(r);
	if (!rd_ok(r))
		return;
	fact_text(f, user);
	dissect_ident(u->d, TRAIT_USER, user);
	if (password.n > 0 && algorithm.n == 0)
		dissect_ident(u->d, TRAIT_SECURITY,
		    SPAN_LIT("password sent in the clear"));
}

static void
say_user(struct rd *r, struct ua *u, struct fact *f, uint32_t token)
{
	switch (token) {
	case 321:
		fact_text(f, SPAN_LIT("anonymous"));
		break;
	case 324:
		say_user_name(r, u, f);
		break;
	case 327:
		fact_text(f, SPAN_LIT("by certificate"));
		skip_string(r);
		say_certificate(u, read_string(r));
		break;
	case 940:
		fact_text(f, SPAN_LIT("by issued token"));
		break;
	default:
		break;
	}
	rd_skip_rest(r);
}

static void
read_activate_session(struct rd *r, struct ua *u)
{
	struct fact *f = dissect_op(u->d, u->op);
	struct rd body;
	uint32_t n, token;

	skip_string(r); /* signature: algorithm, octets */
	skip_string(r);
	n = read_count(r, 8);
	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		skip_string(r);
		skip_string(r);
	}
	skip_strings(r); /* locales */
	token = read_extension(r, &body);
	say_user(&body, u, f, token);
	rd_skip_rest(r);
}

static void
read_add_nodes(struct rd *r, struct ua *u)
{
	uint32_t n = read_count(r, 16);

	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		struct node node;
		struct span name;
		struct fact *f;

		(void)read_node(r); /* parent */
		(void)read_node(r); /* reference */
		node = read_node(r);
		rd_skip(r, 2);
		name = read_string(r);
		rd_skip(r, 4);
		skip_extension(r);
		(void)read_node(r);
		if (!rd_ok(r))
			break;
		f = say_node(u, node, 0, 1);
		fact_text(f, name);
	}
	if (n == 0)
		(void)dissect_op(u->d, u->op);
}

static void
read_add_references(struct rd *r, struct ua *u)
{
	uint32_t n = read_count(r, 15);

	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		struct node node = read_node(r);

		(void)read_node(r);
		rd_skip(r, 1);
		skip_string(r);
		(void)read_node(r);
		rd_skip(r, 4);
		if (rd_ok(r))
			(void)say_node(u, node, 0, 1);
	}
	if (n == 0)
		(void)dissect_op(u->d, u->op);
}

static void
read_delete_nodes(struct rd *r, struct ua *u)
{
	uint32_t n = read_count(r, 3);

	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		struct node node = read_node(r);

		rd_skip(r, 1);
		if (rd_ok(r))
			(void)say_node(u, node, 0, 1);
	}
	if (n == 0)
		(void)dissect_op(u->d, u->op);
}

static void
read_delete_references(struct rd *r, struct ua *u)
{
	uint32_t n = read_count(r, 8);

	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		struct node node = read_node(r);

		(void)read_node(r);
		rd_skip(r, 1);
		(void)read_node(r);
		rd_skip(r, 1);
		if (rd_ok(r))
			(void)say_node(u, node, 0, 1);
	}
	if (n == 0)
		(void)dissect_op(u->d, u->op);
}

/* An array that begins with nodes: the first and how many. */
static void
read_first_node(struct rd *r, struct ua *u)
{
	uint32_t n = read_count(r, 2);
	struct node node = { .name = SPAN(NULL, 0) };

	if (n > 0)
		node = read_node(r);
	(void)say_node(u, node, 0, n);
	rd_skip_rest(r);
}

static void
read_browse(struct rd *r, struct ua *u)
{
	(void)read_node(r); /* view */
	rd_skip(r, 8 + 4 + 4);
	read_first_node(r, u);
}

/* ReadValueId; returns the attribute. */
static uint32_t
read_value_id(struct rd *r, struct node *ret)
{
	uint32_t attribute;

	*ret = read_node(r);
	attribute = rd_le32(r);
	skip_string(r); /* index range */
	rd_skip(r, 2);
	skip_string(r); /* data encoding */
	return attribute;
}

static void
read_read(struct rd *r, struct ua *u)
{
	uint32_t n, k = u->s->next_read;

	rd_skip(r, 8 + 4);
	n = read_count(r, 16);
	u->s->reads[k].request = u->request;
	u->s->reads[k].n = 0;
	u->s->next_read = (uint8_t)((k + 1) % N_READS);
	for (uint32_t i = 0; i < n && i < N_PLACES && rd_ok(r); i++) {
		struct node node;
		uint32_t attribute = read_value_id(r, &node);

		u->s->reads[k].at[i] = (struct place){ .first = node.first,
			.area = (uint16_t)node.area,
			.sub = (uint16_t)attribute };
		u->s->reads[k].n = i + 1;
		if (i == 0)
			(void)say_node(u, node, attribute, n);
	}
	if (n == 0)
		(void)dissect_op(u->d, u->op);
	rd_skip_rest(r);
}

static void
read_history_read(struct rd *r, struct ua *u)
{
	skip_extension(r);
	rd_skip(r, 4 + 1);
	read_first_node(r, u);
}

static void
read_write(struct rd *r, struct ua *u)
{
	uint32_t n = read_count(r, 11);

	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		struct node node = read_node(r);
		uint32_t attribute = rd_le32(r);

		skip_string(r); /* index range */
		if (!rd_ok(r))
			break;
		(void)say_node(u, node, attribute, 1);
		read_data_value(r, u, node, attribute, 0);
	}
	if (n == 0)
		(void)dissect_op(u->d, u->op);
}

static void
read_call(struct rd *r, struct ua *u)
{
	uint32_t n = read_count(r, 8);

	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		struct node method;
		uint32_t arguments;

		(void)read_node(r); /* object */
		method = read_node(r);
		if (!rd_ok(r))
			break;
		(void)say_node(u, method, 0, 1);
		arguments = read_count(r, 1);
		for (uint32_t k = 0; k < arguments && rd_ok(r); k++)
			read_variant(r, u, method, 0, 0);
	}
	if (n == 0)
		(void)dissect_op(u->d, u->op);
}

static void
read_create_items(struct rd *r, struct ua *u)
{
	uint32_t n;

	rd_skip(r, 4 + 4);
	n = read_count(r, 40);
	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		struct node node;
		uint32_t attribute = read_value_id(r, &node), handle;

		rd_skip(r, 4);
		handle = rd_le32(r);
		rd_skip(r, 8);
		skip_extension(r); /* filter */
		rd_skip(r, 4 + 1);
		if (!rd_ok(r))
			break;
		if (i == 0)
			(void)say_node(u, node, attribute, n);
		keep_item(u, handle, node, attribute);
	}
	if (n == 0)
		(void)dissect_op(u->d, u->op);
}

/* -------------------------------------------------------------- responses */

/* The fact of an answer, some of whose results may be bad. */
static void
say_results(struct ua *u, uint32_t bad)
{
	if (bad == 0)
		(void)dissect_op(u->d, u->op);
	else
		dissect_error(u->d, u->op, bad)->flags |= FACT_NEGATIVE;
}

static void
read_codes(struct rd *r, struct ua *u)
{
	uint32_t n = read_count(r, 4), bad = 0;

	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		uint32_t code = rd_le32(r);

		bad = bad == 0 && code >= BAD_STATUS ? code : bad;
	}
	say_results(u, bad);
	rd_skip_rest(r);
}

static void
read_add_results(struct rd *r, struct ua *u)
{
	uint32_t n = read_count(r, 6), bad = 0;

	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		uint32_t code = rd_le32(r);

		(void)read_node(r);
		bad = bad == 0 && code >= BAD_STATUS ? code : bad;
	}
	say_results(u, bad);
	rd_skip_rest(r);
}

static void
read_call_results(struct rd *r, struct ua *u)
{
	uint32_t n = read_count(r, 16);

	say_results(u,
	    n > 0 && rd_ahead(r, 4).n == 4 && (rd_ahead(r, 4).p[3] & 0x80) != 0
		? rd_le32(r)
		: 0);
	rd_skip_rest(r); /* output arguments have no node */
}

static void
read_servers(struct rd *r, struct ua *u)
{
	uint32_t n;

	(void)dissect_op(u->d, u->op);
	n = read_count(r, 20);
	for (uint32_t i = 0; i < n && rd_ok(r); i++) /* else: of others */
		read_application(r, u, n == 1);
}

static void
read_endpoints(struct rd *r, struct ua *u)
{
	uint32_t n;

	(void)dissect_op(u->d, u->op);
	n = read_count(r, 40);
	for (uint32_t i = 0; i < n && rd_ok(r); i++)
		read_endpoint(r, u, i == 0);
}

static void
read_channel(struct rd *r, struct ua *u)
{
	(void)dissect_op(u->d, u->op);
	rd_skip(r, 4 + 4 + 4 + 8 + 4);
	skip_string(r); /* nonce */
}

static void
read_session(struct rd *r, struct ua *u)
{
	uint32_t n;

	(void)dissect_op(u->d, u->op);
	(void)read_node(r);
	(void)read_node(r);
	rd_skip(r, 8);
	skip_string(r); /* nonce */
	say_certificate(u, read_string(r));
	n = read_count(r, 40);
	if (n > 0) {
		skip_string(r);
		read_application(r, u, true);
	}
	rd_skip_rest(r);
}

/* The nodes that a read asked for, or NULL. */
static const struct place *
places_of(const struct ua *u, uint32_t *ret_n)
{
	for (uint32_t i = 0; i < N_READS; i++) {
		if (u->s->reads[i].n == 0 ||
		    u->s->reads[i].request != u->request)
			continue;
		*ret_n = u->s->reads[i].n;
		return u->s->reads[i].at;
	}
	*ret_n = 0;
	return NULL;
}

/* Whether one of them is the server's status or build information. */
static bool
tells_identity(const struct place *at, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (at[i].area == 0 && at[i].first >= 2256 &&
		    at[i].first <= 2266)
			return true;
	return false;
}

static void
read_values(struct rd *r, struct ua *u)
{
	const struct place *at;
	uint32_t known, n;

	(void)dissect_op(u->d, u->op);
	at = places_of(u, &known);
	if (!wants(u, FACT_VALUE) && !tells_identity(at, known)) {
		rd_skip_rest(r);
		return;
	}
	n = read_count(r, 1);
	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		struct node node = { .area = AREA_PLACE, .first = i };

		if (i < known)
			node = node_at(at[i]);
		read_data_value(r, u, node, i < known ? at[i].sub : 0, 0);
	}
	rd_skip_rest(r); /* diagnostics */
}

/* The same of events: their fields have no node. */
static void
read_notification(struct rd *r, struct ua *u)
{
	struct rd body;
	uint32_t type = read_extension(r, &body), n;

	if (type == 811) {
		n = read_count(&body, 5);
		for (uint32_t i = 0; i < n && rd_ok(r); i++)
			read_notified_value(&body, u);
	} else if (type == 820) {
		uint32_t status = rd_le32(&body);

		if (rd_ok(r) && status >= BAD_STATUS)
			say_results(u, status);
	}
	rd_skip_rest(&body);
}

static void
read_republication(struct rd *r, struct ua *u)
{
	uint32_t n;

	if (u->op != 829)
		(void)dissect_op(u->d, u->op);
	rd_skip(r, 4 + 8);
	n = read_count(r, 3);
	for (uint32_t i = 0; i < n && rd_ok(r); i++)
		read_notification(r, u);
	rd_skip_rest(r);
}

static void
read_publication(struct rd *r, struct ua *u)
{
	(void)dissect_op(u->d, u->op);
	if (!wants(u, FACT_VALUE)) {
		rd_skip_rest(r);
		return;
	}
	rd_skip(r, 4); /* subscription */
	rd_skip(r, read_count(r, 4) * 4);
	rd_skip(r, 1);
	read_republication(r, u);
}

#include "opcua_tables.h"

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

		f->flags |= FACT_NEGATIVE;
		if (ask != NULL)
			fact_text(f,
			    span_text(
				proto_op_name(u->d->proto, ask->op, name)));
		rd_skip_rest(r);
	} else if (s->read != NULL) {
		s->read(r, u);
	} else {
		(void)dissect_op(u->d, u->op);
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
		(void)dissect_op(u->d, u->op);
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
		if (!rd_ok(r) ||
		    !dissect_join(d, request, first, last, whole, &whole))
			return;
		body = rd_over(r, whole);
		read_message(&body, d, request);
	}
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
		return;
	}
	s->open[way] = s->secret[way] = chunk == 'C';
	if (chunk == 'F')
		say_encrypted(r, d, op);
	else
		rd_secret(r, rd_left(r));
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
		dissect_identf(d, TRAIT_SECURITY, "policy %.*s",
		    (int)(policy.n > 0 ? span_first(policy, 40).n : 4),
		    policy.n > 0 ? (const char *)policy.p : "None");
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
	.state_size = sizeof(struct ua_state),
};
