/*
 * nbns.c - NetBIOS Name Service.
 *
 * RFC 1001, RFC 1002 clause 4.2: the header, questions and records of DNS
 * (dns_message.h) with names of its own (netbios.h) and two types:
 *
 *	NB (0x20)	flags be16 (G group, ONT 2), address 4; repeated
 *	NBSTAT (0x21)	count u8; each: name 15, suffix u8, flags be16;
 *			then statistics, of which the first is the MAC
 *
 * Op is the opcode, plus 16 for a question for a node's status.  The object is
 * the name asked for, claimed or released; its area the suffix.
 */
#include "dns_message.h"
#include "netbios.h"

#define PORT 137
#define TYPE_NB 0x20u
#define TYPE_NBSTAT 0x21u
#define OP_STATUS 16u
#define NAMES_MAX 64u

static const struct proto_op ops[] = {
	{ 0, FACT_DISCOVER, RISK_NONE, "query" },
	{ 5, FACT_SESSION, RISK_NONE, "registration" },
	{ 6, FACT_SESSION, RISK_NONE, "release" },
	{ 7, FACT_SESSION, RISK_NONE, "wait" },
	{ 8, FACT_SESSION, RISK_NONE, "refresh" },
	{ 9, FACT_SESSION, RISK_NONE, "refresh (alternate)" },
	{ 15, FACT_SESSION, RISK_NONE, "multi-homed registration" },
	{ OP_STATUS, FACT_DISCOVER, RISK_NONE, "node status" },
};

/* A name, which may be a pointer back into the message. */
static void
name_read(struct rd *r, const struct dns_view *v, struct netbios_name *ret)
{
	struct dns_name name;

	dns_name(r, v, &name);
	netbios_decode(SPAN(name.text, name.n), ret);
}

static void
node_status(struct rd *data, struct dissect *d)
{
	uint32_t n = rd_count(data, rd_u8(data), 18);

	for (uint32_t i = 0; i < n && rd_ok(data); i++) {
		struct span s = rd_span(data, 16);
		uint32_t flags = rd_be16(data);
		struct netbios_name name;

		if (s.n != 16)
			break;
		netbios_plain(s.p, &name);
		netbios_say(d, (struct addr){ .has_mac = false }, true,
		    BITS(flags, 15, 15) != 0, &name);
		if (say_wanted(d, FACT_VALUE))
			netbios_object(dissect_value(d, OP_STATUS, SAY_NAMED),
			    &name);
	}
	if (rd_left(data) >= 6)
		say_own_mac(d, rd_span(data, 6));
	rd_skip_rest(data);
}

/* Who holds the name: the record's addresses, one or a group's many. */
static void
holders(struct rd *data, struct dissect *d, const struct netbios_name *name)
{
	for (uint32_t i = 0; rd_left(data) >= 6 && i < NAMES_MAX; i++) {
		uint32_t flags = rd_be16(data);
		struct addr at = { .ip = ip_of_span(rd_span(data, 4)) };

		if (rd_ok(data))
			netbios_say(d, at, false, BITS(flags, 15, 15) != 0,
			    name);
	}
	rd_skip_rest(data);
}

static void
record(struct rd *r, struct dissect *d, const struct dns_view *v, bool believe)
{
	struct netbios_name name;
	uint32_t type;
	struct rd data;

	name_read(r, v, &name);
	type = rd_be16(r);
	rd_skip(r, 6); /* class, time to live */
	data = rd_sub_be16(r);
	if (type == TYPE_NBSTAT && believe)
		node_status(&data, d);
	else if (type == TYPE_NB && believe)
		holders(&data, d, &name);
	else
		rd_skip_rest(&data);
}

/* The first name the message is about, wherever it stands. */
static void
nbns_parse(struct rd *r, struct dissect *d)
{
	const struct dns_view v = { .bytes = rd_ahead(r, rd_have(r)),
		.off = r->off };
	uint32_t id = rd_be16(r), flags = rd_be16(r), op, rcode, n[4];
	struct netbios_name name = { .good = false };
	struct rd first;
	bool believe;
	struct fact *f;

	for (uint32_t i = 0; i < 4; i++)
		n[i] = rd_be16(r);
	op = BITS(flags, 14, 11);
	rcode = BITS(flags, 3, 0);
	d->ctx.response = BITS(flags, 15, 15) != 0;
	(void)rd_count(r, n[0], 5);
	(void)rd_count(r, n[1] + n[2] + n[3], 11);
	if (!rd_ok(r))
		return;
	/* of both a question and an answer the name and type come first */
	first = *r;
	if (n[0] + n[1] + n[2] + n[3] > 0) {
		name_read(&first, &v, &name);
		if (rd_be16(&first) == TYPE_NBSTAT && op == 0)
			op = OP_STATUS;
	}
	dissect_pair(d, id);
	if (d->ctx.response && !d->group && rd_ok(r))
		(void)dissect_recall(d, id);
	else if (!d->ctx.response)
		dissect_remember(d, (struct ask){ .pair = id, .op = op });
	f = d->ctx.response && rcode != 0 ? dissect_error(d, op, rcode)
					  : dissect_op(d, op);
	netbios_object(f, &name);
	for (uint32_t i = 0; i < n[0] && rd_ok(r); i++) {
		name_read(r, &v, &name);
		rd_skip(r, 4);
	}
	/* releases take back; conflicts and refusals are of others' names */
	believe = rcode == 0 && op != 6 && op != 7;
	for (uint32_t i = n[1] + n[2] + n[3]; i > 0 && rd_ok(r); i--)
		record(r, d, &v, believe);
	rd_skip_rest(r);
}

static enum claim
nbns_claim(struct span s, const struct dissect *d)
{
	if (say_on_port(d, PORT))
		return CLAIM_WEAK;
	return s.n > DNS_HEAD && netbios_is_label(span_from(s, DNS_HEAD))
	    ? CLAIM_STRONG
	    : CLAIM_NO;
}

const struct proto proto_nbns = {
	.name = "nbns",
	.title = "NetBIOS Name Service",
	.spec = "RFC 1001, RFC 1002 clause 4.2",
	.depth = "all opcodes; names with their suffixes, holders, node "
		 "status with MAC address",
	.slot = PROTO_SLOT,
	.udp = { PORT },
	.claim = nbns_claim,
	.way = dns_way,
	.parse = nbns_parse,
	PROTO_OPS(ops),
};
