/*
 * opcua_pubsub.c - OPC UA PubSub in its binary form, UADP.
 *
 * IEC 62541-14:2020 (OPC 10000-14), 7.2.2: network messages over UDP, over
 * Ethernet (B62C) and in MQTT; field encodings 7.2.2.3.4, built-in types
 * IEC 62541-6 clause 5.2.
 *
 *	+---------+---------+-----------+------------+-------------+--
 *	| version | flags 1 | publisher | group      | data set    | security
 *	| + flags | flags 2 | id        | header     | writers     | payload
 *	+---------+---------+-----------+------------+-------------+--
 *	  u8        optional, as the flags say
 *	data set message: flags u8, [flags u8], [sequence u16], [time u64],
 *	[picoseconds u16], [status u16], [versions u32 u32], fields
 *
 * Numbers are little-endian.  Op is the type of the first data set message,
 * or what else the network message is.  Unit is the group of writers.
 * Objects (space DATASET): area = group << 16 | writer, first = field.
 */
#include "say.h"

#define PORT 4840
#define SIGNATURE 32u /* HMAC-SHA-256 of both policies: IEC 62541-7 */

enum op {
	KEY_FRAME = 0,
	DELTA_FRAME = 1,
	EVENT = 2,
	KEEP_ALIVE = 3,
	PROBE = 0x10,
	ANNOUNCEMENT = 0x20,
	CHUNK = 0x30,
	SECRET = 0x31,
};

static const struct proto_op ops[] = {
	{ KEY_FRAME, FACT_REPORT, RISK_NONE, "key frame" },
	{ DELTA_FRAME, FACT_REPORT, RISK_NONE, "delta frame" },
	{ EVENT, FACT_REPORT, RISK_NONE, "event" },
	{ KEEP_ALIVE, FACT_SESSION, RISK_NONE, "keep alive" },
	{ PROBE, FACT_DISCOVER, RISK_NONE, "discovery probe" },
	{ ANNOUNCEMENT, FACT_DISCOVER, RISK_NONE, "discovery announcement" },
	{ CHUNK, FACT_REPORT, RISK_NONE, "chunk" },
	{ SECRET, FACT_REPORT, RISK_NONE, "encrypted message" },
};

struct message {
	struct dissect *d;
	uint32_t group, type;
	uint32_t n_writers;
	struct span writers; /* u16 each */
	bool chunk, is_signed, secret, promoted;
	bool said; /* its operation */
};

/* ------------------------------------------------------------------ values */

/* Octets of a built-in type of fixed length; 0: none, or not fixed. */
static uint32_t
size_of_type(uint32_t type)
{
	static const uint8_t size[] = { 0, 1, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 0,
		8, 16, 0, 0, 0, 0, 4 };

	return type < sizeof(size) ? size[type] : 0;
}

static bool
is_counted(uint32_t type) /* String, ByteString, XmlElement */
{
	return type == 12 || type == 15 || type == 16;
}

static void
number(struct rd *r, struct dissect *d, uint32_t type, struct fact_object at)
{
	switch (type) {
	case 1:
		dissect_value_bool(d, KEY_FRAME, at, rd_u8(r) != 0);
		break;
	case 2:
		dissect_value_int(d, KEY_FRAME, at, (int8_t)rd_u8(r));
		break;
	case 4:
		dissect_value_int(d, KEY_FRAME, at, (int16_t)rd_le16(r));
		break;
	case 6:
		dissect_value_int(d, KEY_FRAME, at, (int32_t)rd_le32(r));
		break;
	case 8:
		dissect_value_int(d, KEY_FRAME, at, (int64_t)rd_le64(r));
		break;
	case 10:
		dissect_value_real(d, KEY_FRAME, at, (double)rd_lef32(r));
		break;
	case 11:
		dissect_value_real(d, KEY_FRAME, at, rd_lef64(r));
		break;
	case 3:
		dissect_value_uint(d, KEY_FRAME, at, rd_u8(r));
		break;
	case 5:
		dissect_value_uint(d, KEY_FRAME, at, rd_le16(r));
		break;
	case 7:
		dissect_value_uint(d, KEY_FRAME, at, rd_le32(r));
		break;
	case 9:
		dissect_value_uint(d, KEY_FRAME, at, rd_le64(r));
		break;
	default: /* times, identifiers, status */
		rd_skip(r, size_of_type(type));
		break;
	}
}

/* False when nobody can say where it ends. */
static bool
variant(struct rd *r, struct dissect *d, struct fact_object at)
{
	uint32_t form = rd_u8(r), type = form & 63, size = size_of_type(type);
	bool array = (form & 0x80) != 0;
	uint32_t n = 1;

	if (type == 0)
		return true; /* null */
	if (size == 0 && !is_counted(type))
		return false;
	if (array)
		n = rd_count(r, rd_le32(r), size > 0 ? size : 4);
	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		uint32_t length = size > 0 ? 0 : rd_le32(r);

		if (size == 0) /* -1 is null */
			rd_skip(r, length == UINT32_MAX ? 0 : length);
		else if (array)
			rd_skip(r, size);
		else
			number(r, d, type, at);
	}
	if ((form & 0x40) != 0)
		rd_skip(r, rd_count(r, rd_le32(r), 4) * 4);
	return rd_ok(r);
}

static bool
data_value(struct rd *r, struct dissect *d, struct fact_object at)
{
	static const uint8_t size[] = { 0, 4, 8, 8, 2, 2 };
	uint32_t mask = rd_u8(r);

	if ((mask & 1) != 0 && !variant(r, d, at))
		return false;
	for (uint32_t i = 1; i < sizeof(size); i++)
		if ((mask >> i & 1) != 0)
			rd_skip(r, size[i]);
	return rd_ok(r);
}

/* ---------------------------------------------------------------- data sets */

/* Without the description of the data set, raw fields are octets. */
static void
fields(struct rd *r, struct dissect *d, uint32_t type, uint32_t encoding,
    struct fact_object at)
{
	uint32_t n;

	if (encoding == 1 || encoding == 3 || type > DELTA_FRAME) {
		rd_opaque_rest(r);
		return;
	}
	n = rd_count(r, rd_le16(r), 1);
	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		at.first = type == DELTA_FRAME ? rd_le16(r) : i;
		if (!(encoding == 0 ? variant(r, d, at) : data_value(r, d, at)))
			break;
	}
	rd_opaque_rest(r);
}

static void
data_set(struct rd *r, struct message *m, uint32_t writer)
{
	struct fact_object at = { .space = SPACE_DATASET,
		.area = m->group << 16 | writer,
		.count = 1 };
	uint32_t flags = rd_u8(r), more = (flags & 0x80) != 0 ? rd_u8(r) : 0;
	uint32_t type = more & 15;
	struct fact *f;

	if ((flags & 8) != 0)
		m->d->ctx.seq = rd_le16(r);
	rd_skip(r, (more & 16) != 0 ? 8 : 0);
	rd_skip(r, (more & 32) != 0 ? 2 : 0);
	rd_skip(r, (flags & 16) != 0 ? 2 : 0);
	rd_skip(r, (flags & 32) != 0 ? 4 : 0);
	rd_skip(r, (flags & 64) != 0 ? 4 : 0);
	if (!rd_ok(r))
		return;
	f = m->said ? dissect_emit(m->d, FACT_REPORT, type)
		    : dissect_op(m->d, type);
	m->said = true;
	f->object = at;
	if ((flags & 1) == 0 || type == KEEP_ALIVE)
		rd_skip_rest(r); /* not valid: nobody may use it */
	else
		fields(r, m->d, type, BITS(flags, 2, 1), at);
}

static void
data_sets(struct rd *r, struct message *m)
{
	struct span sizes = SPAN(NULL, 0);

	if (m->n_writers > 1)
		sizes = rd_span(r, m->n_writers * 2);
	for (uint32_t i = 0; (i < m->n_writers || i == 0) && rd_more(r); i++) {
		uint32_t size = rd_left(r), writer = 0;
		struct rd one;

		if (i * 2 + 1 < sizes.n)
			size =
			    (uint32_t)sizes.p[i * 2 + 1] << 8 | sizes.p[i * 2];
		if (i * 2 + 1 < m->writers.n)
			writer = (uint32_t)m->writers.p[i * 2 + 1] << 8 |
			    m->writers.p[i * 2];
		one = rd_sub(r, size);
		data_set(&one, m, writer);
	}
}

/* ------------------------------------------------------------------ headers */

static void
publisher(struct rd *r, struct dissect *d, uint32_t type)
{
	static const uint8_t size[] = { 1, 2, 4, 8 };
	uint64_t id = 0;
	struct span s;

	rd_require(r, type <= 4, "publisher of an unknown kind");
	if (type >= 4) {
		dissect_ident(d, TRAIT_UUID, rd_span(r, rd_le32(r)));
		return;
	}
	s = rd_span(r, size[type]);
	for (uint32_t i = s.n; i-- > 0;)
		id = id << 8 | s.p[i];
	if (s.n > 0)
		dissect_identf(d, TRAIT_UUID, "publisher %llu",
		    (unsigned long long)id);
}

static void
group_header(struct rd *r, struct message *m)
{
	uint32_t flags = rd_u8(r);

	if ((flags & 1) != 0) {
		m->group = rd_le16(r);
		dissect_unit(m->d, m->group);
	}
	rd_skip(r, (flags & 2) != 0 ? 4 : 0);
	rd_skip(r, (flags & 4) != 0 ? 2 : 0);
	if ((flags & 8) != 0)
		m->d->ctx.seq = rd_le16(r);
}

static void
security_header(struct rd *r, struct message *m)
{
	uint32_t flags = rd_u8(r);

	rd_skip(r, 4); /* token */
	rd_skip(r, rd_u8(r)); /* nonce */
	rd_skip(r, (flags & 4) != 0 ? 2 : 0);
	m->is_signed = (flags & 1) != 0;
	m->secret = (flags & 2) != 0;
}

/* All up to the payload. */
static void
headers(struct rd *r, struct message *m)
{
	uint32_t first = rd_u8(r), second, third;

	rd_require(r, !rd_ok(r) || (first & 15) == 1, "not of version 1");
	second = (first & 0x80) != 0 ? rd_u8(r) : 0;
	third = (second & 0x80) != 0 ? rd_u8(r) : 0;
	m->type = BITS(third, 4, 2);
	m->chunk = (third & 1) != 0;
	if ((first & 0x10) != 0)
		publisher(r, m->d, second & 7);
	rd_skip(r, (second & 8) != 0 ? 16 : 0);
	if ((first & 0x20) != 0)
		group_header(r, m);
	if ((first & 0x40) != 0 && m->type == 0) {
		m->n_writers = m->chunk ? 1 : rd_u8(r);
		m->writers = rd_span(r, m->n_writers * 2);
	}
	rd_skip(r, (second & 32) != 0 ? 8 : 0);
	rd_skip(r, (second & 64) != 0 ? 2 : 0);
	if ((third & 2) != 0)
		rd_opaque(r, rd_le16(r)); /* promoted fields */
	if ((second & 16) != 0)
		security_header(r, m);
	else
		dissect_ident(m->d, TRAIT_SECURITY,
		    SPAN_LIT("OPC UA PubSub neither signed nor encrypted"));
}

static void
opcua_pubsub_parse(struct rd *r, struct dissect *d)
{
	static const uint8_t discovery[] = { [1] = PROBE, [2] = ANNOUNCEMENT };
	struct message m = { .d = d };
	struct rd payload;

	d->ctx.response = false;
	headers(r, &m);
	if (!rd_ok(r))
		return;
	rd_require(r, m.type <= 2, "no such type of message");
	if (m.secret) {
		(void)dissect_op(d, SECRET);
		rd_secret(r, rd_left(r));
		return;
	}
	payload = rd_sub(r,
	    m.is_signed && rd_left(r) >= SIGNATURE ? rd_left(r) - SIGNATURE
						   : rd_left(r));
	rd_skip_rest(r);
	if (m.type == 0 && !m.chunk) {
		data_sets(&payload, &m);
	} else if (m.type <= 2) {
		(void)dissect_op(d, m.chunk ? CHUNK : discovery[m.type]);
		m.said = true;
	}
	if (!m.said && rd_ok(r))
		(void)dissect_op(d, KEEP_ALIVE); /* a group without data */
	rd_opaque_rest(&payload);
}

/* Off its port: what is sent to the group for discovery. */
static enum claim
opcua_pubsub_claim(struct span s, const struct dissect *d)
{
	if (s.n < 2 || (s.p[0] & 15) != 1)
		return CLAIM_NO;
	if (d->via != VIA_UDP || say_on_port(d, PORT))
		return CLAIM_WEAK;
	return say_in_group(d, SPAN_LIT("\xe0\0\x02\x0e")) ? CLAIM_STRONG
							   : CLAIM_NO;
}

const struct proto proto_opcua_pubsub = {
	.name = "opcua-pubsub",
	.title = "OPC UA PubSub (UADP)",
	.spec = "IEC 62541-14:2020, 7.2.2",
	.depth = "network messages of all types with publisher, group, writers "
		 "and security; data sets with values where fields carry "
		 "their type; raw fields and discovery's lists are opaque",
	.slot = PROTO_SLOT,
	.ot = true,
	.udp = { PORT },
	.ether = { 0xb62c },
	.claim = opcua_pubsub_claim,
	.parse = opcua_pubsub_parse,
	PROTO_OPS(ops),
};
