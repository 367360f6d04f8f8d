/*
 * codesys.c - runtimes of CODESYS, versions 2 and 3.
 *
 * Unpublished; known from the headers that 3S publishes for components, from
 * Kaspersky's "Security research: CODESYS Runtime" (2019), Tenable's and
 * nmap's scripts, and Redpoint's codesys-v2-discover.
 *
 *	version 3 over TCP	00 01 17 E8, length le32 (with these eight)
 *	router	+----+-----------+------+---------+----+---------+
 *		| C5 | hops head | info | service | id | lengths | addresses
 *		+----+-----------+------+---------+----+---------+
 *		  u8   5, 3 bits   u8     u8        u8   4, 4 bits, words; to
 *		four octets
 *		service 1, 2 address; 3, 4 names; 40h channels
 *	channel	+------+-------+---------+-------+-----+- - - - - - - - - -
 *		| type | flags | channel | block | ack | size, CRC (first)
 *		+------+-------+---------+-------+-----+- - - - - - - - - -
 *		  u8     u8      le16      le32    le32  le32, le32
 *	service	+---------+------+-------+--------+---------+------+- -
 *		| CD55    | head | group | number | session | size | tags
 *		| 7557 secure    |       |        |         |      |
 *		+---------+------+-------+--------+---------+------+- -
 *		  le16      le16   le16    le16     le32      le32
 *		tag: number, length (seven bits an octet); 80h: tags inside
 *
 *	version 2	BB BB, length le32, service u8, data
 *
 * Op is the service, group << 8 | number (an answer's group has bit 7); of
 * others see codesys_tables.h.  Unit is the channel, pair the block.  Text is
 * the group of a service whose number has no name.
 */
#include "codesys_tables.h"
#include "say.h"

#define TCP_HEAD 8u
#define V2_HEAD 6u
#define SERVICE_ADDRESS_REQUEST 1u
#define SERVICE_ADDRESS_ANSWER 2u
#define SERVICE_NAMES 3u
#define SERVICE_NAMES_ANSWER 4u
#define SERVICE_CHANNEL 0x40u
#define PLAIN 0xcd55u
#define SECURE 0x7557u

static const uint8_t magic[] = { 0x00, 0x01, 0x17, 0xe8 };

/* ---------------------------------------------------------- name service */

/* UTF-16 with its NUL. */
static void
say_wide(struct dissect *d, struct rd *r, uint32_t n, enum trait trait)
{
	struct span s = rd_span(r, 2 * n);

	rd_skip(r, 2);
	if (s.n > 0)
		fact_text16(dissect_ident_about(d, ABOUT_SENDER, trait,
				SPAN_LIT("?")),
		    s);
}

static void
identification(struct rd *r, struct dissect *d)
{
	uint32_t parent, node, device, vendor, version, serial;
	struct span s;

	rd_skip(r, 4); /* channels, byte order */
	parent = rd_le16(r);
	node = rd_le16(r);
	device = rd_le16(r);
	vendor = rd_le16(r);
	rd_skip(r, 8); /* type and identifier of the target */
	version = rd_le32(r);
	rd_skip(r, 4);
	serial = rd_u8(r);
	rd_skip(r, 11 + parent); /* the maker's data are last */
	say_wide(d, r, node, TRAIT_NAME);
	say_wide(d, r, device, TRAIT_MODEL);
	say_wide(d, r, vendor, TRAIT_VENDOR);
	s = rd_span(r, serial);
	if (!rd_ok(r))
		return;
	dissect_ident(d, TRAIT_SERIAL, s);
	dissect_identf(d, TRAIT_FIRMWARE, "%u.%u.%u.%u", version >> 24,
	    version >> 16 & 255, version >> 8 & 255, version & 255);
	rd_skip_rest(r);
}

static void
names(struct rd *r, struct dissect *d, bool response)
{
	uint32_t type = rd_le16(r), version = rd_le16(r), request = rd_le32(r);

	if (!rd_ok(r))
		return;
	d->ctx.response = response;
	dissect_pair(d, request);
	(void)dissect_op(d, NS(response ? 0xc202 : type));
	if (response && type == 0xc280 && version == 0x400 && rd_left(r) >= 38)
		identification(r, d);
	rd_opaque_rest(r);
}

/* ------------------------------------------------------------- services */

static uint32_t
varint(struct rd *r)
{
	uint32_t v = 0;

	for (uint32_t i = 0; i < 5; i++) {
		uint32_t b = rd_u8(r);

		v |= (b & 0x7f) << (7 * i);
		if ((b & 0x80) == 0)
			break;
	}
	return v;
}

static bool
is_text(struct span s)
{
	uint32_t n = span_find(s, 0);

	if (n < 3)
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			return false;
	return true;
}

struct tags {
	struct span name; /* the first text */
	uint32_t depth;
};

/* Tags one within the other: the first text names what it is about. */
static void
read_tags(struct rd *r, struct tags *t)
{
	while (rd_left(r) >= 2) {
		uint32_t tag = varint(r), n = varint(r);
		struct rd in;

		if (n > rd_left(r))
			break; /* goes on in the next block */
		in = rd_sub(r, n);
		if ((tag & 0x80) != 0 && t->depth < 3) {
			t->depth++;
			read_tags(&in, t);
			t->depth--;
		} else if (t->name.n == 0 && n < 256 && rd_have(&in) == n) {
			struct span s = rd_span(&in, n);

			if (is_text(s))
				t->name = span_first(s, span_find(s, 0));
		}
		rd_skip_rest(&in);
	}
	rd_skip_rest(r);
}

static const char *
group_name(uint32_t group)
{
	for (uint32_t i = 0;
	     i < sizeof(codesys_groups) / sizeof(codesys_groups[0]); i++)
		if (codesys_groups[i].group == group)
			return codesys_groups[i].name;
	return NULL;
}

/* Applications, settings, files, commands: not users and their secrets. */
static bool
names_things(uint32_t group)
{
	return group == 2 || group == 6 || group == 8 || group == 0x11;
}

static void
service(struct rd *r, struct dissect *d)
{
	uint32_t protocol = rd_le16(r), n = rd_le16(r), group, op;
	struct rd head = rd_sub(r, n);
	struct tags t = { .depth = 0 };
	struct fact *f;

	group = rd_le16(&head);
	op = (group & 0x7f) << 8 | (rd_le16(&head) & 0xff);
	rd_skip_rest(&head);
	if (!rd_ok(r))
		return;
	d->ctx.response = (group & 0x80) != 0;
	f = dissect_op(d, op);
	if (protocol == SECURE) {
		rd_secret(r, rd_left(r));
		return;
	}
	if (proto_op_find(d->proto, op) == NULL &&
	    group_name(group & 0x7f) != NULL)
		fact_text(f, span_text(group_name(group & 0x7f)));
	read_tags(r, &t);
	if (!d->ctx.response && t.name.n > 0 && names_things(group))
		fact_text(f, t.name);
}

/* ------------------------------------------------------------- channels */

static bool
is_service(const struct rd *r)
{
	struct span s = rd_ahead(r, 2);
	uint32_t id = s.n == 2 ? (uint32_t)s.p[1] << 8 | s.p[0] : 0;

	return id == PLAIN || id == SECURE;
}

static void
block(struct rd *r, struct dissect *d, uint32_t flags)
{
	uint32_t channel = rd_le16(r), number = rd_le32(r);

	rd_skip(r, 4); /* acknowledges */
	dissect_unit(d, channel);
	dissect_pair(d, number);
	if ((flags & 1) != 0)
		rd_skip(r, 8); /* size, checksum */
	if ((flags & 1) != 0 && is_service(r)) {
		service(r, d);
		return;
	}
	d->ctx.response = (flags & 0x80) == 0;
	(void)dissect_op(d, CHANNEL(1));
	rd_opaque_rest(r); /* goes on */
}

static void
channel(struct rd *r, struct dissect *d)
{
	uint32_t type = rd_u8(r), flags;

	if (type == 1) {
		flags = rd_u8(r);
		block(r, d, flags);
		return;
	}
	if (!rd_ok(r))
		return;
	d->ctx.response = (type & 0xc0) == 0x80;
	(void)dissect_op(d, CHANNEL(d->ctx.response ? type | 0x40 : type));
	if (type == 2 || type == 3)
		d->ctx.response = false;
	rd_skip_rest(r);
}

static void
router(struct rd *r, struct dissect *d)
{
	uint32_t hops, service_id, lengths, n;

	rd_require(r, rd_u8(r) == 0xc5 || !rd_ok(r), "no router's datagram");
	hops = rd_u8(r);
	rd_skip(r, 1);
	service_id = rd_u8(r);
	rd_skip(r, 1);
	lengths = rd_u8(r);
	n = 2 * ((hops & 7) + (lengths >> 4) + (lengths & 15));
	n = (n + 3) / 4 * 4;
	rd_require(r, n >= 6 || !rd_ok(r), "header too short");
	rd_skip(r, n - 6);
	if (!rd_ok(r))
		return;
	switch (service_id) {
	case SERVICE_NAMES:
	case SERVICE_NAMES_ANSWER:
		names(r, d, service_id == SERVICE_NAMES_ANSWER);
		break;
	case SERVICE_CHANNEL:
		channel(r, d);
		break;
	default:
		d->ctx.response = service_id == SERVICE_ADDRESS_ANSWER;
		(void)dissect_op(d,
		    ADDRESS(service_id == SERVICE_ADDRESS_ANSWER
			    ? SERVICE_ADDRESS_REQUEST
			    : service_id));
		rd_opaque_rest(r);
		break;
	}
}

/* ------------------------------------------------------------ version 2 */

/* Where the answer to a login has its texts, from the start. */
static void
version_2(struct rd *r, struct dissect *d)
{
	struct span os, product;
	uint32_t op, n;
	struct rd in;

	rd_skip(r, 2);
	n = rd_le32(r);
	in = rd_sub(r, n);
	op = rd_u8(&in);
	if (!rd_ok(r))
		return;
	d->ctx.response = !d->to_server;
	(void)dissect_op(d, V2(op));
	if (!d->to_server && op == 1 && rd_left(&in) >= 154) {
		rd_skip(&in, 64 - 7);
		os = rd_span(&in, 32);
		os = span_first(os, span_find(os, 0));
		product = rd_span(&in, 32); /* release of the OS */
		product = span_first(product, span_find(product, 0));
		if (rd_ok(r))
			dissect_identf(d, TRAIT_OS, "%.*s %.*s", (int)os.n,
			    (const char *)os.p, (int)product.n,
			    (const char *)product.p);
		product = rd_span(&in, 32);
		dissect_ident(d, TRAIT_MODEL,
		    span_first(product, span_find(product, 0)));
	}
	if (op == 1)
		rd_skip_rest(&in);
	rd_opaque_rest(&in);
}

/* ------------------------------------------------------------- the flow */

static bool
is_v2(struct span s)
{
	return s.p[0] == 0xbb && s.p[1] == 0xbb;
}

static uint32_t
le32(struct span s, uint32_t at)
{
	return (uint32_t)s.p[at + 3] << 24 | (uint32_t)s.p[at + 2] << 16 |
	    (uint32_t)s.p[at + 1] << 8 | s.p[at];
}

static bool
good_router(struct span s)
{
	return s.n >= 12 && s.p[0] == 0xc5 && (s.p[1] & 7) >= 3 &&
	    (s.p[1] & 7) <= 4 &&
	    (s.p[3] <= SERVICE_NAMES_ANSWER || s.p[3] == SERVICE_CHANNEL) &&
	    s.p[3] > 0;
}

static uint32_t
codesys_frame(struct span s, const struct dissect *d)
{
	uint32_t n;

	if (d->via != VIA_TCP)
		return good_router(s) ? s.n : FRAME_NOT_MINE;
	if (is_v2(s)) {
		n = le32(s, 2);
		return n >= 1 && n < 1u << 20 ? n + V2_HEAD : FRAME_NOT_MINE;
	}
	if (s.n < TCP_HEAD)
		return span_starts(s, SPAN(magic, 4)) ? FRAME_NEED_MORE
						      : FRAME_NOT_MINE;
	n = le32(s, 4);
	return span_starts(s, SPAN(magic, 4)) && n > TCP_HEAD + 6 && n <= 4096
	    ? n
	    : FRAME_NOT_MINE;
}

static enum claim
codesys_claim(struct span s, const struct dissect *d)
{
	if (d->via != VIA_TCP)
		return good_router(s) ? CLAIM_WEAK : CLAIM_NO;
	if (s.n >= TCP_HEAD && span_starts(s, SPAN(magic, 4)))
		return codesys_frame(s, d) != FRAME_NOT_MINE ? CLAIM_STRONG
							     : CLAIM_NO;
	return s.n > V2_HEAD && is_v2(s) && codesys_frame(s, d) == s.n
	    ? CLAIM_WEAK
	    : CLAIM_NO;
}

static void
codesys_parse(struct rd *r, struct dissect *d)
{
	struct span s = rd_ahead(r, 2);

	if (s.n < 2) {
		(void)rd_be16(r);
		return;
	}
	if (d->via == VIA_TCP && is_v2(s)) {
		version_2(r, d);
		return;
	}
	if (d->via == VIA_TCP)
		rd_skip(r, TCP_HEAD);
	router(r, d);
}

const struct proto proto_codesys = {
	.name = "codesys",
	.title = "CODESYS runtimes, versions 2 and 3",
	.spec = "unpublished; 3S's component headers, Kaspersky 2019, "
		"Redpoint codesys-v2-discover",
	.depth = "version 3: names, channels, services of device, application "
		 "and files by name, others by their group; a service's first "
		 "block is read; version 2: identity, shell commands",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { 11740, 11741, 11742, 11743, 1217, 2455, 1200 },
	.udp = { 1740, 1741, 1742, 1743 },
	.client_role = ROLE_UNKNOWN,
	.server_role = ROLE_PLC,
	.claim = codesys_claim,
	.frame = codesys_frame,
	.frame_min = V2_HEAD + 1,
	.parse = codesys_parse,
	PROTO_OPS(ops),
};
