/*
 * ieee802154.c - low-rate wireless networks.
 *
 * IEEE 802.15.4-2015 clause 7 (frame versions 0 and 1); captured with its
 * check sequence (link type 195) and without (230).
 *
 *	frame control le16 | sequence u8 | network le16, to 2 or 8 |
 *	[network le16,] from 2 or 8 | [security 5 to 14] | payload | [FCS le16]
 *
 * Op is the frame type; of a command it is the command, as variant 1.  Unit is
 * the sender's short address; the object whom it is for (first), in which
 * network (area).  Zigbee is handed on.
 */
#include "say.h"

#define LINKTYPE_WITH_FCS 195u
#define LINKTYPE_WITHOUT 230u

enum type {
	T_BEACON,
	T_DATA,
	T_ACK,
	T_COMMAND,
};

#define CMD(n) FACT_OP(1, n)

static const struct proto_op ops[] = {
	{ T_BEACON, FACT_SESSION, RISK_NONE, "beacon" },
	{ T_DATA, FACT_SESSION, RISK_NONE, "data" },
	{ T_ACK, FACT_SESSION, RISK_NONE, "acknowledgement" },
	{ CMD(1), FACT_SESSION, RISK_NONE, "association request" },
	{ CMD(2), FACT_SESSION, RISK_NONE, "association response" },
	{ CMD(3), FACT_SESSION, RISK_NONE, "disassociation" },
	{ CMD(4), FACT_SESSION, RISK_NONE, "data request" },
	{ CMD(5), FACT_SESSION, RISK_NONE, "network identifier conflict" },
	{ CMD(6), FACT_SESSION, RISK_NONE, "orphan" },
	{ CMD(7), FACT_DISCOVER, RISK_NONE, "beacon request" },
	{ CMD(8), FACT_CONFIG, RISK_CONFIGURATION, "coordinator realignment" },
	{ CMD(9), FACT_SESSION, RISK_NONE, "guaranteed time slot request" },
};

struct address {
	uint32_t mode; /* 0 none, 2 short, 3 long */
	uint32_t network, number;
	uint64_t eui;
};

static void
address(struct rd *r, struct address *a, bool network)
{
	if (a->mode == 0)
		return;
	rd_require(r, a->mode != 1, "reserved addressing mode");
	if (network)
		a->network = rd_le16(r);
	if (a->mode == 2)
		a->number = rd_le16(r);
	else
		a->eui = rd_le64(r);
}

/* Control u8, counter le32, key source of 0, 1, 5 or 9 bytes. */
static uint32_t
security(struct rd *r)
{
	static const uint8_t key[4] = { 0, 1, 5, 9 };
	uint32_t control = rd_u8(r);

	rd_skip(r, 4u + key[BITS(control, 4, 3)]);
	return BITS(control, 2, 0);
}

/* Check sums of 4, 8 or 16 bytes; levels from 4 on encrypt. */
static void
payload(struct rd *r, struct dissect *d, struct fact *f, uint32_t type)
{
	struct span head = rd_ahead(r, 1);

	if (type == T_COMMAND && head.n == 1) {
		const struct proto_op *row =
		    proto_op_find(d->proto, CMD(head.p[0]));

		rd_skip(r, 1);
		f->op = CMD(head.p[0]);
		if (f->kind != FACT_NONE)
			f->kind = row != NULL ? row->kind : FACT_UNKNOWN;
		f->risk = row != NULL ? row->risk : RISK_NONE;
		rd_skip_rest(r);
	} else if (type == T_DATA && rd_more(r)) {
		dissect_inner(d, &proto_zigbee, r);
	} else {
		rd_skip_rest(r);
	}
}

static void
say_ends(struct dissect *d, struct fact *f, const struct address *to,
    const struct address *from)
{
	f->object = (struct fact_object){ .space = SPACE_WPAN,
		.area = to->mode != 0 ? to->network : from->network,
		.first = to->mode == 3 ? (uint32_t)to->eui : to->number,
		.count = to->mode != 0 };
	if (from->mode == 3)
		dissect_identf(d, TRAIT_UUID, "EUI-64 %016llx",
		    (unsigned long long)from->eui);
}

static void
ieee802154_parse(struct rd *r, struct dissect *d)
{
	uint32_t control = rd_le16(r), type = BITS(control, 2, 0), level = 0;
	struct address to = { .mode = BITS(control, 11, 10) };
	struct address from = { .mode = BITS(control, 15, 14) };
	bool fcs = d->talk->service != LINKTYPE_WITHOUT;
	struct rd body;
	struct fact *f;

	rd_require(r, !rd_ok(r) || BITS(control, 13, 12) < 2,
	    "frame version is not known");
	rd_require(r, !rd_ok(r) || type <= T_COMMAND,
	    "frame type is not known");
	rd_skip(r, 1);
	address(r, &to, true);
	from.network = to.network;
	address(r, &from, BITS(control, 6, 6) == 0 || to.mode == 0);
	if (BITS(control, 3, 3) != 0)
		level = security(r);
	rd_require(r, !rd_ok(r) || !fcs || rd_left(r) >= 2,
	    "no check sequence");
	body = rd_sub(r, rd_left(r) - (fcs && rd_ok(r) ? 2 : 0));
	if (!rd_ok(r))
		return;
	d->ctx.response = type == T_ACK;
	if (from.mode == 2)
		dissect_unit(d, from.number);
	f = dissect_op(d, type == T_COMMAND ? CMD(4) : type);
	say_ends(d, f, &to, &from);
	if (level >= 4)
		rd_secret(&body, rd_left(&body));
	else
		payload(&body, d, f, type);
	rd_skip(r, fcs ? 2 : 0);
}

const struct proto proto_ieee802154 = {
	.name = "ieee802154",
	.title = "IEEE 802.15.4, low-rate wireless networks",
	.spec = "IEEE 802.15.4-2015, clause 7",
	.depth = "frames and commands of versions 0 and 1 with their "
		 "addresses; Zigbee inside",
	.slot = PROTO_SLOT,
	.ot = true,
	.carrier = true,
	.serial = { LINKTYPE_WITH_FCS, LINKTYPE_WITHOUT },
	.parse = ieee802154_parse,
	PROTO_OPS(ops),
};
