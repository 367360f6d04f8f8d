/*
 * stp.c - Spanning Tree Protocol: STP, RSTP, MSTP and PVST+.
 *
 * IEEE 802.1D-2004 clause 9.3 (BPDUs), IEEE 802.1Q-2014 clause 14 (MSTP);
 * PVST+ is Cisco's: the same BPDU per VLAN in a SNAP frame, with a TLV that
 * names the VLAN.
 *
 *	+----------+---------+------+-------+------+------+--------+------+
 *	| protocol | version | type | flags | root | cost | bridge | port |
 *	+----------+---------+------+-------+------+------+--------+------+
 *	  be16 = 0   u8        u8     u8      8      be32   8        be16
 *	+-----+---------+-------+-------+- - - - - - - - - - - - - - - - -
 *	| age | maximum | hello | delay | version 1 length u8, MSTP: be16
 *	+-----+---------+-------+-------+- - - - - - - - - - - - - - - - -
 *	  be16, in 1/256 s                length and instances
 *
 * Op is the BPDU type (0 configuration, 2 rapid, 128 topology change
 * notification), plus 256 when the topology change flag is set.  The object
 * is the root bridge by name, "priority/MAC"; its first is the port
 * identifier, its area the VLAN of PVST+.  Cost and bridge are values.
 */
#include "say.h"

#define TYPE_CONFIG 0u
#define TYPE_RAPID 2u
#define TYPE_NOTIFICATION 128u
#define CHANGE 256u /* topology change flag */
#define SNAP_PVST 0x000c010bu

static const struct proto_op ops[] = {
	{ TYPE_CONFIG, FACT_REPORT, RISK_NONE, "configuration" },
	{ TYPE_RAPID, FACT_REPORT, RISK_NONE, "rapid" },
	{ TYPE_NOTIFICATION, FACT_REPORT, RISK_NONE,
	    "topology change notification" },
	{ TYPE_CONFIG | CHANGE, FACT_REPORT, RISK_NONE,
	    "configuration, topology change" },
	{ TYPE_RAPID | CHANGE, FACT_REPORT, RISK_NONE,
	    "rapid, topology change" },
};

struct bridge {
	uint32_t priority; /* with the 12 bits of system identifier */
	struct span mac;
};

static struct bridge
bridge_read(struct rd *r)
{
	struct bridge b = { .priority = rd_be16(r) };

	b.mac = rd_span(r, 6);
	return b;
}

/* "32768/00:1c:06:00:00:a1"; empty without an address. */
static struct span
bridge_text(struct bridge b, char dst[static 32])
{
	char mac[MAC_TEXT_MAX];
	struct mac m;
	int n;

	if (b.mac.n != 6)
		return SPAN(NULL, 0);
	memcpy(m.b, b.mac.p, 6);
	n = snprintf(dst, 32, "%u/%s", b.priority, mac_text(&m, mac));
	return SPAN((const uint8_t *)dst, n > 0 ? (uint32_t)n : 0);
}

/* IEEE 802.1Q 14.6: configuration name and the instances. */
static void
mstp(struct rd *r, struct dissect *d, uint32_t op)
{
	uint32_t n = rd_be16(r);
	struct rd ext = rd_sub(r, n < rd_left(r) ? n : rd_left(r));

	/* before the standard, switches wrote other lengths and contents */
	if (n < 51 || rd_left(&ext) < 51)
		return;
	rd_skip(&ext, 1);
	say_text(d, op, "region", rd_span(&ext, 32));
	say_number(d, op, "revision", rd_be16(&ext));
	rd_skip_rest(&ext); /* digest, internal root, instances */
}

/* The VLAN of PVST+: type 0, length 2, identifier. */
static uint32_t
pvst_vlan(struct rd *r)
{
	uint32_t type, n;

	if (rd_left(r) < 6)
		return 0;
	type = rd_be16(r);
	n = rd_be16(r);
	return type == 0 && n == 2 ? rd_be16(r) : 0;
}

static void
configuration(struct rd *r, struct dissect *d, uint32_t version, uint32_t type)
{
	uint32_t flags = rd_u8(r), op = type | (flags & 1 ? CHANGE : 0), cost;
	struct bridge root = bridge_read(r), bridge;
	struct fact *f = dissect_op(d, op);
	char text[32];

	cost = rd_be32(r);
	bridge = bridge_read(r);
	f->object = (struct fact_object){ .space = SPACE_NAME,
		.first = rd_be16(r),
		.count = 1 };
	rd_skip(r, 8); /* times */
	if (f->kind != FACT_NONE)
		fact_text(f, bridge_text(root, text));
	if (say_wanted(d, FACT_VALUE)) {
		say_text(d, op, "bridge", bridge_text(bridge, text));
		say_number(d, op, "root path cost", cost);
	}
	if (rd_ok(r))
		say_own_mac(d, bridge.mac);
	if (version >= 2 && rd_more(r))
		rd_skip(r, 1); /* version 1 has nothing more to say */
	if (version >= 3 && rd_left(r) >= 2 &&
	    !(d->via == VIA_SNAP && d->talk->service == SNAP_PVST))
		mstp(r, d, op);
	else if (d->via == VIA_SNAP)
		f->object.area = pvst_vlan(r);
}

static void
stp_parse(struct rd *r, struct dissect *d)
{
	uint32_t protocol = rd_be16(r), version = rd_u8(r), type = rd_u8(r);

	d->ctx.response = false;
	rd_require(r, protocol == 0, "not a spanning tree");
	if (!rd_ok(r))
		return;
	if (type == TYPE_CONFIG || type == TYPE_RAPID)
		configuration(r, d, version, type);
	else
		(void)dissect_op(d, type);
	if (type != TYPE_CONFIG && type != TYPE_RAPID &&
	    type != TYPE_NOTIFICATION)
		rd_opaque_rest(r);
	rd_skip_rest(r); /* padding of the link layer */
	dissect_ident_role(d, ABOUT_SENDER, ROLE_SWITCH);
}

const struct proto proto_stp = {
	.name = "stp",
	.title = "Spanning Tree Protocol",
	.spec = "IEEE 802.1D-2004 clause 9.3, IEEE 802.1Q-2014 clause 14",
	.depth = "STP, RSTP, PVST+: root, bridge, cost, port, topology change; "
		 "MSTP: region",
	.slot = PROTO_SLOT,
	.llc = { 0x42 },
	.snap = { SNAP_PVST },
	.parse = stp_parse,
	PROTO_OPS(ops),
};
