/*
 * ptp.c - Precision Time Protocol: clocks of a network agree.
 *
 * IEEE 1588-2019 clauses 13 to 15 (version 2), 1588-2002 annex D (version 1),
 * IEEE 802.1AS-2020 clause 10, IEEE C37.238.  Ethertype 88F7, UDP 319 and 320.
 *
 *	+---------+----------+--------+--------+----+-------+------------+
 *	| sdo type| version  | length | domain | .. | flags | correction |
 *	+---------+----------+--------+--------+----+-------+------------+
 *	  4, 4      4, 4       be16     u8       u8   be16    be64
 *	+------+----------------+------+----------+---------+----------+- -
 *	| be32 | clock identity | port | sequence | control | interval | body
 *	+------+----------------+------+----------+---------+----------+- -
 *	         8                be16   be16       u8        u8
 *
 * Op is the message type (of version 1 the control field, variant 1).  Unit
 * is the domain, pair the sequence number.  The text of an announce is the
 * identity of the grandmaster, that of a management message what it is about
 * (its object: first).
 */
#include "say.h"

#define PORT_EVENT 319
#define PORT_GENERAL 320
#define PADDING_6 2u /* behind it, over IPv6: annex E */
#define HEAD 34u
#define HEAD_1 40u
#define IDENTITY 8u

enum {
	SYNC,
	DELAY_REQ,
	PDELAY_REQ,
	PDELAY_RESP,
	FOLLOW_UP = 8,
	DELAY_RESP,
	PDELAY_FOLLOW_UP,
	ANNOUNCE,
	SIGNALING,
	MANAGEMENT
};

#define V1(code) FACT_OP(1, code)

static const struct proto_op ops[] = {
	{ SYNC, FACT_TIME, RISK_NONE, "sync" },
	{ DELAY_REQ, FACT_TIME, RISK_NONE, "delay request" },
	{ PDELAY_REQ, FACT_TIME, RISK_NONE, "peer delay request" },
	{ PDELAY_RESP, FACT_TIME, RISK_NONE, "peer delay response" },
	{ FOLLOW_UP, FACT_TIME, RISK_NONE, "follow-up" },
	{ DELAY_RESP, FACT_TIME, RISK_NONE, "delay response" },
	{ PDELAY_FOLLOW_UP, FACT_TIME, RISK_NONE,
	    "peer delay response follow-up" },
	{ ANNOUNCE, FACT_TIME, RISK_NONE, "announce" },
	{ SIGNALING, FACT_SESSION, RISK_NONE, "signaling" },
	{ MANAGEMENT, FACT_CONFIG, RISK_CONFIGURATION, "management" },
	{ V1(0), FACT_TIME, RISK_NONE, "version 1 sync" },
	{ V1(1), FACT_TIME, RISK_NONE, "version 1 delay request" },
	{ V1(2), FACT_TIME, RISK_NONE, "version 1 follow-up" },
	{ V1(3), FACT_TIME, RISK_NONE, "version 1 delay response" },
	{ V1(4), FACT_CONFIG, RISK_CONFIGURATION, "version 1 management" },
};

struct ptp_state {
	uint8_t master[2][IDENTITY]; /* last announced, by direction */
};

static const struct {
	uint16_t id;
	const char *name;
} managed[] = {
	{ 0x0000, "null" },
	{ 0x0001, "clock description" },
	{ 0x0002, "user description" },
	{ 0x0003, "save in non-volatile storage" },
	{ 0x0004, "reset non-volatile storage" },
	{ 0x0005, "initialize" },
	{ 0x0006, "fault log" },
	{ 0x0007, "fault log reset" },
	{ 0x2000, "default data set" },
	{ 0x2001, "current data set" },
	{ 0x2002, "parent data set" },
	{ 0x2003, "time properties data set" },
	{ 0x2004, "port data set" },
	{ 0x2005, "priority 1" },
	{ 0x2006, "priority 2" },
	{ 0x2007, "domain" },
	{ 0x2008, "slave only" },
	{ 0x2009, "announce interval" },
	{ 0x200a, "announce receipt timeout" },
	{ 0x200b, "sync interval" },
	{ 0x200c, "version number" },
	{ 0x200d, "enable port" },
	{ 0x200e, "disable port" },
	{ 0x200f, "time" },
	{ 0x2010, "clock accuracy" },
	{ 0x2011, "UTC properties" },
	{ 0x2012, "traceability properties" },
	{ 0x2013, "timescale properties" },
	{ 0x2014, "unicast negotiation" },
	{ 0x2015, "path trace list" },
	{ 0x2016, "path trace" },
	{ 0x2017, "grandmaster cluster table" },
	{ 0x2018, "unicast master table" },
	{ 0x2019, "unicast master table size" },
	{ 0x201a, "acceptable master table" },
	{ 0x201b, "acceptable master table in use" },
	{ 0x201c, "acceptable master table size" },
	{ 0x201d, "alternate master" },
	{ 0x201e, "alternate time offset" },
	{ 0x201f, "alternate time offset name" },
	{ 0x2020, "alternate time offset key" },
	{ 0x2021, "alternate time offset properties" },
	{ 0x4000, "transparent clock data set" },
	{ 0x4001, "transparent clock port data set" },
	{ 0x4002, "primary domain" },
	{ 0x6000, "delay mechanism" },
	{ 0x6001, "peer delay request interval" },
};

static void
identity_text(struct fact *f, struct span id)
{
	if (id.n == IDENTITY)
		fact_textf(f, "%02x%02x%02x.%02x%02x.%02x%02x%02x", id.p[0],
		    id.p[1], id.p[2], id.p[3], id.p[4], id.p[5], id.p[6],
		    id.p[7]);
}

/* -------------------------------------------------------------- announce */

/* Who is master, and how good: when that changes. */
static void
announce(struct rd *r, struct dissect *d, struct fact *f, struct span own)
{
	struct ptp_state *st = d->state;
	uint8_t *last = st->master[d->to_server];
	uint32_t first, class, second, steps;
	struct span master;

	rd_skip(r, 13); /* time stamp, UTC offset */
	first = rd_u8(r);
	class = rd_u8(r);
	rd_skip(r, 3); /* accuracy, variance */
	second = rd_u8(r);
	master = rd_span(r, IDENTITY);
	steps = rd_be16(r);
	rd_skip(r, 1); /* time source */
	identity_text(f, master);
	if (!rd_ok(r) || memcmp(last, master.p, IDENTITY) == 0)
		return;
	memcpy(last, master.p, IDENTITY);
	say_number(d, ANNOUNCE, "priority 1", first);
	say_number(d, ANNOUNCE, "clock class", class);
	say_number(d, ANNOUNCE, "priority 2", second);
	say_number(d, ANNOUNCE, "steps removed", steps);
	if (span_is(own, master)) {
		dissect_identf(d, TRAIT_UUID,
		    "%02x%02x%02x.%02x%02x.%02x%02x%02x", own.p[0], own.p[1],
		    own.p[2], own.p[3], own.p[4], own.p[5], own.p[6], own.p[7]);
		dissect_ident_role(d, ABOUT_SENDER, ROLE_TIME);
	}
}

/* ------------------------------------------------------------ management */

static struct span
ptp_text(struct rd *r)
{
	return rd_span(r, rd_u8(r));
}

/* Parts of "maker;model;instance" go to three traits. */
static void
say_parts(struct dissect *d, struct span s, const uint8_t traits[3])
{
	for (uint32_t i = 0; i < 3; i++) {
		uint32_t n = span_find(s, ';');

		dissect_ident(d, (enum trait)traits[i], span_first(s, n));
		s = span_from(s, n + 1);
	}
}

static void
clock_description(struct rd *r, struct dissect *d)
{
	static const uint8_t product[] = { TRAIT_VENDOR, TRAIT_MODEL,
		TRAIT_SERIAL };
	static const uint8_t revision[] = { TRAIT_HARDWARE, TRAIT_FIRMWARE,
		TRAIT_APPLICATION };

	rd_skip(r, 2); /* clock type */
	(void)ptp_text(r); /* physical layer */
	rd_skip(r, rd_be16(r)); /* its address */
	rd_skip(r, 2); /* network protocol */
	rd_skip(r, rd_be16(r)); /* and address */
	rd_skip(r, 4); /* maker's OUI */
	say_parts(d, ptp_text(r), product);
	say_parts(d, ptp_text(r), revision);
	dissect_ident(d, TRAIT_DESCRIPTION, ptp_text(r));
	rd_skip_rest(r);
}

/* Get, set, response, command, acknowledge. */
static void
mean(struct fact *f, uint32_t action, uint32_t id)
{
	if (f->kind == FACT_NONE || f->kind == FACT_ACK)
		return;
	if (action == 0) {
		f->kind = FACT_DISCOVER;
		f->risk = RISK_NONE;
	} else if (id == 0x200f) {
		f->kind = FACT_TIME;
		f->risk = RISK_TIME;
	} else if (id == 4 || id == 5) {
		f->kind = FACT_CONTROL;
		f->risk = RISK_RESET;
	}
}

static void
management_tlv(struct rd *r, struct dissect *d, struct fact *f, uint32_t action)
{
	uint32_t type = rd_be16(r), id;
	struct rd in = rd_sub_be16(r);

	if (type == 2) { /* error status */
		uint32_t error = rd_be16(&in);

		if (f->kind != FACT_NONE)
			f->kind = FACT_ERROR;
		f->code = error;
	}
	id = rd_be16(&in);
	f->object = (struct fact_object){ .space = SPACE_NAME,
		.first = id,
		.count = 1 };
	for (uint32_t i = 0; i < sizeof(managed) / sizeof(managed[0]); i++)
		if (managed[i].id == id)
			fact_text(f, span_text(managed[i].name));
	if (type == 1) {
		mean(f, action, id);
		if (action == 2 && id == 1)
			clock_description(&in, d);
		else if (action == 2 && id == 2)
			dissect_ident(d, TRAIT_DESCRIPTION, ptp_text(&in));
	}
	rd_skip_rest(&in);
}

static void
management(struct rd *r, struct dissect *d)
{
	uint32_t action;
	struct fact *f;

	rd_skip(r, 12); /* target, hops */
	action = rd_u8(r) & 15;
	rd_skip(r, 1);
	d->ctx.response = action == 2 || action == 4;
	f = dissect_op(d, MANAGEMENT);
	if (rd_more(r))
		management_tlv(r, d, f, action);
}

/* -------------------------------------------------------------- messages */

/* What may follow the body. */
static void
tlvs(struct rd *r)
{
	while (rd_left(r) >= 4) {
		uint32_t type = rd_be16(r);
		struct rd in = rd_sub_be16(r);

		if (type == 3 || type >= 0x2000)
			rd_opaque_rest(&in); /* of an organisation */
		else
			rd_skip_rest(&in);
	}
	rd_skip_rest(r);
}

static void
version_2(struct rd *r, struct dissect *d)
{
	static const uint8_t sizes[16] = { [SYNC] = 10,
		[DELAY_REQ] = 10,
		[PDELAY_REQ] = 20,
		[PDELAY_RESP] = 20,
		[FOLLOW_UP] = 10,
		[DELAY_RESP] = 20,
		[PDELAY_FOLLOW_UP] = 20,
		[SIGNALING] = 10 };
	uint32_t type = rd_u8(r) & 15, length, domain, sequence;
	struct span own;
	struct fact *f;
	struct rd body;

	rd_skip(r, 1);
	length = rd_be16(r);
	rd_require(r, !rd_ok(r) || length >= HEAD, "shorter than its header");
	body = rd_sub(r, length - 4);
	rd_skip_rest(r); /* padding */
	domain = rd_u8(&body);
	rd_skip(&body, 15);
	own = rd_span(&body, IDENTITY);
	rd_skip(&body, 2);
	sequence = rd_be16(&body);
	rd_skip(&body, 2);
	if (!rd_ok(r))
		return;
	dissect_unit(d, domain);
	dissect_pair(d, sequence);
	d->ctx.response = type == PDELAY_RESP || type == DELAY_RESP ||
	    type == PDELAY_FOLLOW_UP;
	if (type == MANAGEMENT) {
		management(&body, d);
	} else {
		f = dissect_op(d, type);
		if (type == ANNOUNCE)
			announce(&body, d, f, own);
		else
			rd_skip(&body, sizes[type]);
	}
	if (proto_op_find(d->proto, type) == NULL)
		rd_opaque_rest(&body);
	tlvs(&body);
}

static void
version_1(struct rd *r, struct dissect *d)
{
	uint32_t control, sequence;

	rd_skip(r, 30);
	sequence = rd_be16(r);
	control = rd_u8(r);
	rd_skip(r, HEAD_1 - 33);
	if (!rd_ok(r))
		return;
	dissect_pair(d, sequence);
	d->ctx.response = control == 3;
	(void)dissect_op(d, V1(control));
	rd_skip_rest(r);
}

static void
ptp_parse(struct rd *r, struct dissect *d)
{
	struct span s = rd_ahead(r, 2);

	d->ctx.response = false;
	if (s.n == 2 && (s.p[1] & 15) == 1)
		version_1(r, d);
	else
		version_2(r, d);
}

static uint32_t
ptp_frame(struct span s, const struct dissect *d)
{
	uint32_t version = s.p[1] & 15;

	(void)d;
	if (version == 1)
		return s.n >= HEAD_1 && s.p[0] == 0 && s.p[32] <= 5
		    ? s.n
		    : FRAME_NOT_MINE;
	return version == 2 && ((uint32_t)s.p[2] << 8 | s.p[3]) >= HEAD
	    ? s.n
	    : FRAME_NOT_MINE;
}

/* Off its ports: the length it gives is its own, and of the types there are,
 * sent to the groups of the protocol. */
static enum claim
ptp_claim(struct span s, const struct dissect *d)
{
	uint32_t length = s.n >= 4 ? (uint32_t)s.p[2] << 8 | s.p[3] : 0;

	if (d->via != VIA_UDP || say_on_port(d, PORT_EVENT) ||
	    say_on_port(d, PORT_GENERAL))
		return CLAIM_WEAK;
	if (s.n < HEAD || ptp_frame(s, d) == FRAME_NOT_MINE)
		return CLAIM_NO;
	if (say_in_group(d, SPAN_LIT("\xe0\0\x01\x81")) ||
	    say_in_group(d, SPAN_LIT("\xe0\0\0\x6b")) ||
	    say_in_group(d,
		SPAN_LIT("\xff\x0e\0\0\0\0\0\0\0\0\0\0\0\0\x01\x81")))
		return CLAIM_STRONG;
	return (s.p[1] & 15) == 2 &&
		proto_op_find(&proto_ptp, s.p[0] & 15) != NULL &&
		(length == s.n || length + PADDING_6 == s.n)
	    ? CLAIM_WEAK
	    : CLAIM_NO;
}

const struct proto proto_ptp = {
	.name = "ptp",
	.title = "Precision Time Protocol",
	.spec = "IEEE 1588-2019, 13 to 15; 1588-2002; IEEE 802.1AS-2020",
	.depth = "all messages; grandmaster and its quality; management with "
		 "what it sets, clock descriptions; TLVs of organisations "
		 "are passed over",
	.slot = PROTO_SLOT,
	.ot = true,
	.udp = { PORT_EVENT, PORT_GENERAL },
	.ether = { 0x88f7 },
	.claim = ptp_claim,
	.frame = ptp_frame,
	.frame_min = HEAD,
	.parse = ptp_parse,
	.state_size = sizeof(struct ptp_state),
	PROTO_OPS(ops),
};
