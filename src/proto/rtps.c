/*
 * rtps.c - Real-Time Publish-Subscribe, the wire protocol of DDS.
 *
 * OMG DDSI-RTPS 2.5; security: DDS-Security 1.1; discovery: its clause 9.6.
 *
 *	"RTPS" | version u8 u8 | vendor be16 | prefix of the participant 12
 *	+------+-------+--------------+- - - -
 *	| kind | flags | length u16   | by kind		once or more
 *	+------+-------+--------------+- - - -
 *	  u8     u8      0: to the end; flag 1: little endian
 *	DATA: flags u16, offset u16, reader 4, writer 4, number 8,
 *	      [quality of service: parameters], [encapsulation u16, u16, data]
 *
 * Op is the kind; facts are of each part, the first counts as the message.
 * The object is the writer's identifier, with the topic by name where
 * discovery tells it.
 */
#include "say.h"

#define HEAD 20u
#define WRITER_PARTICIPANT 0x000100c2u
#define WRITER_PUBLICATION 0x000003c2u
#define WRITER_SUBSCRIPTION 0x000004c2u

enum kind {
	K_PAD = 0x01,
	K_INFO_TS = 0x09,
	K_DATA = 0x15,
	K_DATA_FRAG = 0x16,
	K_SECURE = 0x30,
	K_SECURE_LAST = 0x34,
};

enum parameter {
	PID_SENTINEL = 0x0001,
	PID_TOPIC = 0x0005,
	PID_TYPE = 0x0007,
	PID_ENTITY_NAME = 0x0062,
	PID_IDENTITY_TOKEN = 0x1001,
};

static const struct proto_op ops[] = {
	{ 0x00, FACT_SESSION, RISK_NONE, "header extension" },
	{ K_PAD, FACT_SESSION, RISK_NONE, "pad" },
	{ 0x02, FACT_REPORT, RISK_NONE, "data (version 1)" },
	{ 0x03, FACT_REPORT, RISK_NONE, "no-key data (version 1)" },
	{ 0x06, FACT_SESSION, RISK_NONE, "acknowledge" },
	{ 0x07, FACT_SESSION, RISK_NONE, "heartbeat" },
	{ 0x08, FACT_SESSION, RISK_NONE, "gap" },
	{ K_INFO_TS, FACT_SESSION, RISK_NONE, "timestamp" },
	{ 0x0c, FACT_SESSION, RISK_NONE, "source" },
	{ 0x0d, FACT_SESSION, RISK_NONE, "reply address, IPv4" },
	{ 0x0e, FACT_SESSION, RISK_NONE, "destination" },
	{ 0x0f, FACT_SESSION, RISK_NONE, "reply address" },
	{ 0x12, FACT_SESSION, RISK_NONE, "fragment acknowledge" },
	{ 0x13, FACT_SESSION, RISK_NONE, "fragment heartbeat" },
	{ K_DATA, FACT_REPORT, RISK_NONE, "data" },
	{ K_DATA_FRAG, FACT_REPORT, RISK_NONE, "data fragment" },
	{ K_SECURE, FACT_REPORT, RISK_NONE, "secured body" },
	{ 0x31, FACT_SESSION, RISK_NONE, "secured prefix" },
	{ 0x32, FACT_SESSION, RISK_NONE, "secured postfix" },
	{ 0x33, FACT_SESSION, RISK_NONE, "secured message prefix" },
	{ K_SECURE_LAST, FACT_SESSION, RISK_NONE, "secured message postfix" },
};

struct state {
	uint16_t told[2]; /* vendor that each end named */
};

static enum claim
rtps_claim(struct span s, const struct dissect *d)
{
	(void)d;
	return s.n >= HEAD && span_starts(s, SPAN_LIT("RTPS")) && s.p[4] <= 2
	    ? CLAIM_STRONG
	    : CLAIM_NO;
}

/* As the DDS Foundation lists them. */
static void
say_product(struct dissect *d, uint32_t vendor, uint32_t version)
{
	static const char *const names[] = { [0x01] = "RTI Connext DDS",
		[0x02] = "ADLINK OpenSplice DDS",
		[0x03] = "OCI OpenDDS",
		[0x04] = "MilSoft Mil-DDS",
		[0x05] = "Kongsberg InterCOM DDS",
		[0x06] = "TwinOaks CoreDX DDS",
		[0x0a] = "RTI Connext DDS Micro",
		[0x0f] = "eProsima Fast DDS",
		[0x10] = "Eclipse Cyclone DDS" };
	struct state *st = d->state;
	uint32_t i = vendor & 0xffu;

	if (st->told[d->to_server] == vendor)
		return;
	st->told[d->to_server] = (uint16_t)vendor;
	if (vendor >> 8 == 1 && i < sizeof(names) / sizeof(names[0]) &&
	    names[i] != NULL)
		dissect_identf(d, TRAIT_APPLICATION, "%s, RTPS %u.%u", names[i],
		    version >> 8, version & 0xffu);
}

/* ------------------------------------------------- numbers of either order */

static uint32_t
rd_u16(struct rd *r, bool little)
{
	return little ? rd_le16(r) : rd_be16(r);
}

static uint32_t
rd_u32(struct rd *r, bool little)
{
	return little ? rd_le32(r) : rd_be32(r);
}

/* Length with the closing NUL, which the text of a fact loses. */
static struct span
rd_name(struct rd *r, bool little)
{
	return rd_span(r, rd_u32(r, little));
}

/* -------------------------------------------------------------- discovery */

struct found {
	struct span topic, type, name;
	bool secured;
};

static void
parameters(struct rd *r, bool little, struct found *found)
{
	while (rd_more(r)) {
		uint32_t pid = rd_u16(r, little), n = rd_u16(r, little);
		struct rd p;

		if (pid == PID_SENTINEL)
			break;
		p = rd_sub(r, n);
		if (pid == PID_TOPIC)
			found->topic = rd_name(&p, little);
		else if (pid == PID_TYPE)
			found->type = rd_name(&p, little);
		else if (pid == PID_ENTITY_NAME)
			found->name = rd_name(&p, little);
		else if (pid == PID_IDENTITY_TOKEN)
			found->secured = true;
		rd_skip_rest(&p);
	}
}

/* Encapsulation 2 and 3 are parameter lists, of big and little endian. */
static void
discovery(struct rd *r, struct dissect *d, struct fact *f, uint32_t writer)
{
	uint32_t form = rd_be16(r);
	struct found found = { .secured = false };

	rd_skip(r, 2);
	if (form != 2 && form != 3) {
		rd_opaque_rest(r);
		return;
	}
	parameters(r, form == 3, &found);
	rd_skip_rest(r);
	if (!rd_ok(r))
		return;
	if (f->kind != FACT_NONE)
		f->kind = FACT_DISCOVER;
	if (found.topic.n > 0) {
		f->object.space = SPACE_TOPIC;
		fact_text(f, found.topic);
	}
	if (found.type.n > 0)
		say_text(d, K_DATA,
		    writer == WRITER_PUBLICATION ? "publishes" : "subscribes",
		    found.type);
	if (writer != WRITER_PARTICIPANT)
		return;
	dissect_ident(d, TRAIT_NAME, found.name);
	if (found.secured)
		dissect_ident(d, TRAIT_SECURITY, SPAN_LIT("DDS security"));
}

/* ------------------------------------------------------------------- parts */

#define FLAG_LITTLE 1u
#define FLAG_QOS 2u
#define FLAG_DATA 4u
#define FLAG_KEY 8u

static void
data(struct rd *r, struct dissect *d, struct fact *f, uint32_t flags)
{
	bool little = (flags & FLAG_LITTLE) != 0;
	struct found inlined = { .secured = false };
	uint32_t skip, writer;

	rd_skip(r, 2);
	skip = rd_u16(r, little);
	rd_skip(r, 4);
	writer = rd_be32(r);
	rd_skip(r, 8);
	rd_skip(r, skip > 16 ? skip - 16 : 0);
	f->object = (struct fact_object){ .space = SPACE_DATASET,
		.first = writer,
		.count = 1 };
	if ((flags & FLAG_QOS) != 0)
		parameters(r, little, &inlined);
	if ((flags & (FLAG_DATA | FLAG_KEY)) == 0 || !rd_more(r))
		return;
	if (writer == WRITER_PARTICIPANT || writer == WRITER_PUBLICATION ||
	    writer == WRITER_SUBSCRIPTION)
		discovery(r, d, f, writer);
	else
		rd_opaque_rest(r);
}

/* Where a part ends: 0 means with the message, but for the two that may be
 * empty. */
static struct rd
part_of(struct rd *r, uint32_t kind, uint32_t n)
{
	if (n == 0 && kind != K_PAD && kind != K_INFO_TS)
		return rd_sub_rest(r);
	return rd_sub(r, n);
}

static void
part(struct rd *r, struct dissect *d, bool first)
{
	uint32_t kind = rd_u8(r), flags = rd_u8(r);
	struct rd body =
	    part_of(r, kind, rd_u16(r, (flags & FLAG_LITTLE) != 0));
	struct fact *f;

	if (!rd_ok(r))
		return;
	f = dissect_op(d, kind);
	f->is_message = first;
	if (kind == K_DATA)
		data(&body, d, f, flags);
	if (kind >= K_SECURE && kind <= K_SECURE_LAST)
		rd_secret(&body, rd_left(&body));
	else if (kind == K_DATA_FRAG ||
	    proto_op_find(&proto_rtps, kind) == NULL)
		rd_opaque_rest(&body);
	else
		rd_skip_rest(&body);
}

static void
rtps_parse(struct rd *r, struct dissect *d)
{
	uint32_t version, vendor;
	bool first = true;

	rd_skip(r, 4);
	version = rd_be16(r);
	vendor = rd_be16(r);
	rd_skip(r, 12);
	if (!rd_ok(r))
		return;
	d->ctx.response = false;
	do {
		part(r, d, first);
		if (first && rd_ok(r))
			say_product(d, vendor, version);
		first = false;
	} while (rd_more(r));
}

const struct proto proto_rtps = {
	.name = "rtps",
	.title = "Real-Time Publish-Subscribe (DDS)",
	.spec = "OMG DDSI-RTPS 2.5, DDS-Security 1.1",
	.depth = "all parts; participants, topics and types of discovery, "
		 "product; data of the topics need their types and are not "
		 "looked into",
	.slot = PROTO_SLOT,
	.ot = true,
	.udp = { 7400, 7401, 7410, 7411, 7412, 7413 },
	.claim = rtps_claim,
	.parse = rtps_parse,
	.state_size = sizeof(struct state),
	PROTO_OPS(ops),
};
