/*
 * profinet_dcp.c - PROFINET Discovery and basic Configuration Protocol.
 *
 * IEC 61158-6-10:2023 clause 4.3.  Handed over by profinet_rt.c, which owns
 * the ethertype; starts at the frame identifier.
 *
 *	+----------+---------+------+-----+-------+--------+- - - -
 *	| frame id | service | type | Xid | delay | length | blocks
 *	+----------+---------+------+-----+-------+--------+- - - -
 *	  be16       u8        u8     be32  be16    be16
 *	  fefc hello, fefd get and set, fefe identify, feff its answer
 *
 *	block	+--------+-----------+--------+-----------+- - - +- - - -
 *		| option | suboption | length | info or   | data | to even
 *		+--------+-----------+--------+ qualifier +- - - +- - - -
 *		  u8       u8          be16     be16
 *	A get request has options and suboptions only; an identify request
 *	has no info.
 *
 * Op is the service.  Object (space PN_OPTION): area the option, sub the
 * suboption, first the info or qualifier; text is the name or address that
 * the block holds.  Pair is the Xid.  Error is the block's.
 */
#include "profinet_vendors.h"

#define SERVICE_GET 3u
#define SERVICE_SET 4u
#define SERVICE_IDENTIFY 5u
#define SERVICE_HELLO 6u
#define TYPE_UNSUPPORTED 5u

#define OPTION_IP 1u
#define OPTION_DEVICE 2u
#define OPTION_DHCP 3u
#define OPTION_CONTROL 5u
#define CONTROL_SIGNAL 3u
#define CONTROL_RESPONSE 4u
#define CONTROL_RESET 5u
#define CONTROL_RESET_TO 6u

static const struct proto_op ops[] = {
	{ SERVICE_GET, FACT_DISCOVER, RISK_NONE, "get" },
	{ SERVICE_SET, FACT_CONFIG, RISK_CONFIGURATION, "set" },
	{ SERVICE_IDENTIFY, FACT_DISCOVER, RISK_NONE, "identify" },
	{ SERVICE_HELLO, FACT_DISCOVER, RISK_NONE, "hello" },
};

struct block {
	uint32_t option, sub, info;
	struct rd in;
};

struct dcp {
	struct dissect *d;
	uint32_t service;
	bool response;
	uint32_t n; /* blocks said */
};

static bool
is_control(const struct block *b, uint32_t sub)
{
	return b->option == OPTION_CONTROL && b->sub == sub;
}

/* The next operation: the first counts the message. */
static struct fact *
say(struct dcp *p, const struct block *b)
{
	const struct proto_op *row = proto_op_find(p->d->proto, p->service);
	struct fact *f;

	if (p->n++ == 0 || row == NULL) {
		f = dissect_op(p->d, p->service);
	} else {
		f = dissect_emit(p->d,
		    p->response ? FACT_ACK : (enum fact_kind)row->kind,
		    p->service);
		f->risk = p->response ? RISK_NONE : row->risk;
	}
	f->object = (struct fact_object){ .space = SPACE_PN_OPTION,
		.area = b->option,
		.first = b->info,
		.count = 1,
		.sub = (uint16_t)b->sub };
	return f;
}

/* --------------------------------------------------------------- requests */

static void
ip_fact_text(struct fact *f, struct span ip)
{
	char text[ADDR_TEXT_MAX];
	struct ip addr = ip_of_span(ip);

	if (f->kind != FACT_NONE && addr.len > 0)
		fact_text(f, span_text(ip_text(&addr, text)));
}

static const char *
reset_text(uint32_t qualifier)
{
	static const char *const what[] = { NULL, "application data",
		"communication parameters", "engineering parameters",
		"all stored data", "engineering parameters", NULL, NULL,
		"factory values", "reset and restore" };
	uint32_t i = qualifier >> 1;

	return i < sizeof(what) / sizeof(what[0]) && what[i] != NULL
	    ? what[i]
	    : "factory settings";
}

static void
set_control(struct fact *f, const struct block *b)
{
	static const char *const names[] = { NULL, "start transaction",
		"end transaction", "signal" };

	if (f->kind == FACT_NONE)
		return;
	if (b->sub == CONTROL_RESET || b->sub == CONTROL_RESET_TO) {
		f->kind = FACT_CONTROL;
		f->risk = RISK_RESET;
		fact_text(f,
		    span_text(b->sub == CONTROL_RESET ? "factory settings"
						      : reset_text(b->info)));
		return;
	}
	f->risk = RISK_NONE;
	if (b->sub == CONTROL_SIGNAL)
		f->kind = FACT_DIAGNOSE;
	if (b->sub > 0 && b->sub <= CONTROL_SIGNAL)
		fact_text(f, span_text(names[b->sub]));
}

/* What is set or asked for: names and addresses as text. */
static void
request_block(struct dcp *p, struct block *b)
{
	struct fact *f = say(p, b);

	if (b->option == OPTION_CONTROL && p->service == SERVICE_SET)
		set_control(f, b);
	else if (b->option == OPTION_IP && b->sub >= 2 && rd_left(&b->in) >= 4)
		ip_fact_text(f, rd_span(&b->in, 4));
	else if (b->option == OPTION_DEVICE &&
	    (b->sub == 1 || b->sub == 2 || b->sub == 6))
		fact_text(f, rd_span(&b->in, rd_left(&b->in)));
	rd_skip_rest(&b->in);
}

/* ---------------------------------------------------------------- identity */

static void
say_address(struct dissect *d, struct rd *r)
{
	struct addr addr = d->to_server ? d->talk->client : d->talk->server;
	struct span ip = rd_span(r, 4);
	struct ip gateway;
	char text[ADDR_TEXT_MAX];

	rd_skip(r, 4); /* mask */
	gateway = ip_of_span(rd_span(r, 4));
	addr.ip = ip_of_span(ip);
	if (!rd_ok(r) || ip_is_zero(&addr.ip))
		return;
	dissect_ident_of(d, addr, TRAIT_ADDRESS, SPAN(NULL, 0));
	if (!ip_is_zero(&gateway) && !ip_same(&gateway, &addr.ip))
		dissect_ident(d, TRAIT_GATEWAY,
		    span_text(ip_text(&gateway, text)));
}

/* IEC 61158-6-10 DeviceRoleDetails: 1 device, 2 controller, 8 supervisor. */
static void
say_role(struct dissect *d, uint32_t bits)
{
	if ((bits & 2) != 0)
		dissect_ident_role(d, ABOUT_SENDER, ROLE_PLC);
	else if ((bits & 8) != 0)
		dissect_ident_role(d, ABOUT_SENDER, ROLE_ENGINEERING);
	else if ((bits & 1) != 0)
		dissect_ident_role(d, ABOUT_SENDER, ROLE_IO);
}

static void
say_device(struct dissect *d, struct block *b)
{
	struct rd *r = &b->in;
	uint32_t vendor, device;

	switch (b->sub) {
	case 1:
		dissect_ident(d, TRAIT_MODEL, rd_span(r, rd_left(r)));
		break;
	case 2:
		dissect_ident(d, TRAIT_NAME, rd_span(r, rd_left(r)));
		break;
	case 3:
		vendor = rd_be16(r);
		device = rd_be16(r);
		if (!rd_ok(r))
			break;
		pn_say_vendor(d, vendor);
		dissect_identf(d, TRAIT_DESCRIPTION,
		    "PROFINET device 0x%04x:0x%04x", vendor, device);
		break;
	case 4:
		say_role(d, rd_u8(r));
		break;
	case 6:
		dissect_ident(d, TRAIT_DESCRIPTION, rd_span(r, rd_left(r)));
		break;
	case 8:
		vendor = rd_be16(r);
		device = rd_be16(r);
		if (rd_ok(r))
			dissect_identf(d, TRAIT_DESCRIPTION,
			    "PROFINET OEM device 0x%04x:0x%04x", vendor,
			    device);
		break;
	default: /* options, instance, gateway, RSI properties */
		break;
	}
}

/* What a device says of itself. */
static void
identity_block(struct dcp *p, struct block *b)
{
	struct dissect *d = p->d;

	if (b->option == OPTION_IP && (b->sub == 2 || b->sub == 3) &&
	    rd_left(&b->in) >= 12)
		say_address(d, &b->in);
	else if (b->option == OPTION_DEVICE)
		say_device(d, b);
	else if (b->option == OPTION_DHCP && b->sub == 12)
		dissect_ident(d, TRAIT_NAME, rd_span(&b->in, rd_left(&b->in)));
	rd_skip_rest(&b->in);
}

/* ------------------------------------------------------------------ blocks */

/* The answer to a set: which block, and what became of it. */
static void
set_response(struct dcp *p, struct block *b)
{
	struct block about = { .option = rd_u8(&b->in) };
	uint32_t error;

	about.sub = rd_u8(&b->in);
	error = rd_u8(&b->in);
	if (error == 0) {
		(void)say(p, &about);
		return;
	}
	p->n++;
	dissect_error(p->d, SERVICE_SET, error)->object =
	    (struct fact_object){ .space = SPACE_PN_OPTION,
		    .area = about.option,
		    .count = 1,
		    .sub = (uint16_t)about.sub };
}

static bool
has_info(const struct dcp *p)
{
	return p->response || p->service == SERVICE_SET ||
	    p->service == SERVICE_HELLO;
}

static void
block(struct dcp *p, struct rd *r)
{
	struct block b = { .option = rd_u8(r) };
	uint32_t n;

	b.sub = rd_u8(r);
	if (p->service == SERVICE_GET && !p->response) {
		(void)say(p, &b);
		return;
	}
	n = rd_be16(r);
	b.in = rd_sub(r, n);
	if (n % 2 != 0 && rd_more(r))
		rd_skip(r, 1);
	if (p->response && is_control(&b, CONTROL_RESPONSE)) {
		set_response(p, &b);
		return;
	}
	if (has_info(p) && rd_left(&b.in) >= 2)
		b.info = rd_be16(&b.in);
	if (p->response || p->service == SERVICE_HELLO) {
		if (p->n == 0)
			(void)say(p, &b);
		identity_block(p, &b);
	} else {
		request_block(p, &b);
	}
}

static void
dcp_parse(struct rd *r, struct dissect *d)
{
	struct dcp p = { .d = d };
	uint32_t type, xid;
	struct rd blocks;

	rd_skip(r, 2); /* frame identifier */
	p.service = rd_u8(r);
	type = rd_u8(r);
	xid = rd_be32(r);
	rd_skip(r, 2); /* response delay */
	blocks = rd_sub_be16(r);
	rd_skip_rest(r); /* padding */
	if (rd_left(&blocks) == 0 && !rd_ok(&blocks))
		return;
	p.response = (type & 1) != 0;
	d->ctx.response = p.response;
	dissect_pair(d, xid);
	if (!p.response)
		dissect_remember(d,
		    (struct ask){ .pair = xid, .op = p.service });
	else if (p.service != SERVICE_IDENTIFY) /* asked of a group */
		(void)dissect_recall(d, xid);
	if (type == TYPE_UNSUPPORTED) {
		(void)dissect_error(d, p.service, type);
		rd_skip_rest(&blocks);
		return;
	}
	while (rd_more(&blocks))
		block(&p, &blocks);
	if (p.n == 0)
		(void)dissect_op(d, p.service);
}

const struct proto proto_profinet_dcp = {
	.name = "profinet-dcp",
	.title = "PROFINET Discovery and Configuration",
	.spec = "IEC 61158-6-10:2023, 4.3",
	.depth = "all services and blocks; names, addresses and device "
		 "identity; resets told apart",
	.slot = PROTO_SLOT,
	.ot = true,
	.client_role =
	    ROLE_UNKNOWN, /* controllers look for their devices, too */
	.server_role = ROLE_IO,
	.parse = dcp_parse,
	PROTO_OPS(ops),
};
