/*
 * cdp.c - Cisco Discovery Protocol.
 *
 * Cisco's; described in its "Frame Formats" documentation, versions 1 and 2.
 *
 *	+---------+-----+----------+-- ... repeated --+
 *	| version | ttl | checksum | type | len | value
 *	+---------+-----+----------+-- ... -----------+
 *	  u8        u8    be16       be16   be16, header included
 *
 * Op is 1.  The object is the sender by its device identifier.
 */
#include "say.h"
#include "text.h"

#define OP_ANNOUNCE 1u
#define SNAP_CDP 0x000c2000u
#define ETHERTYPE_CDP 0x2000 /* on Cisco HDLC */

#define CAN_ROUTE 0x01u
#define CAN_BRIDGE 0x02u
#define CAN_SWITCH 0x08u
#define CAN_PHONE 0x80u

static const struct proto_op ops[] = {
	{ OP_ANNOUNCE, FACT_REPORT, RISK_NONE, "announcement" },
};

/* Number of addresses; each: protocol by type and length, address. */
static void
addresses(struct rd *v, struct dissect *d)
{
	static const uint8_t ip6[] = { 0xaa, 0xaa, 0x03, 0, 0, 0, 0x86, 0xdd };
	uint32_t n = rd_count(v, rd_be32(v), 5);

	for (uint32_t i = 0; i < n && rd_ok(v); i++) {
		uint32_t type = rd_u8(v);
		struct span p = rd_span(v, rd_u8(v));
		struct span a = rd_span(v, rd_be16(v));

		if (type == 1 && p.n == 1 && p.p[0] == 0xcc && a.n == 4)
			say_own_ip(d, a);
		else if (type == 2 && span_is(p, SPAN(ip6, 8)) && a.n == 16)
			say_own_ip(d, a);
	}
	rd_skip_rest(v);
}

static void
capabilities(struct rd *v, struct dissect *d)
{
	uint32_t can = rd_be32(v);

	say_number(d, OP_ANNOUNCE, "capabilities", can);
	if ((can & CAN_PHONE) != 0)
		dissect_ident_role(d, ABOUT_SENDER, ROLE_PHONE);
	else if ((can & (CAN_SWITCH | CAN_BRIDGE)) != 0)
		dissect_ident_role(d, ABOUT_SENDER, ROLE_SWITCH);
	else if ((can & CAN_ROUTE) != 0)
		dissect_ident_role(d, ABOUT_SENDER, ROLE_ROUTER);
}

/* "..., Version 12.2(25)SEE2, ..." among the text. */
static void
software(struct rd *v, struct dissect *d)
{
	struct span s = rd_span(v, rd_left(v)), version;
	uint32_t n = 0;

	dissect_ident(d, TRAIT_DESCRIPTION, s);
	version = span_from(s, text_find(s, "version "));
	version = span_from(version, 8);
	while (n < version.n && version.p[n] > ' ' && version.p[n] != ',')
		n++;
	dissect_ident(d, TRAIT_FIRMWARE, span_first(version, n));
}

static void
platform(struct rd *v, struct dissect *d)
{
	struct span s = rd_span(v, rd_left(v));

	if (text_starts(s, "cisco")) {
		dissect_ident(d, TRAIT_VENDOR, SPAN_LIT("Cisco"));
		s = text_trim(span_from(s, 5));
	}
	dissect_ident(d, TRAIT_MODEL, s);
}

static void
labelled(struct rd *v, struct dissect *d, const char *label)
{
	say_text(d, OP_ANNOUNCE, label, rd_span(v, rd_left(v)));
}

static void
tlv(struct rd *v, struct dissect *d, struct fact *f, uint32_t type)
{
	switch (type) {
	case 0x01: {
		struct span s = rd_span(v, rd_left(v));

		say_named(f, s);
		dissect_ident(d, TRAIT_NAME, s);
		break;
	}
	case 0x02:
	case 0x16: /* management */
		addresses(v, d);
		break;
	case 0x03:
		dissect_ident(d, TRAIT_PORT, rd_span(v, rd_left(v)));
		break;
	case 0x04:
		capabilities(v, d);
		break;
	case 0x05:
		software(v, d);
		break;
	case 0x06:
		platform(v, d);
		break;
	case 0x09:
		labelled(v, d, "vtp domain");
		break;
	case 0x0a:
		say_number(d, OP_ANNOUNCE, "native vlan", rd_be16(v));
		break;
	case 0x0b:
		say_number(d, OP_ANNOUNCE, "full duplex", rd_u8(v));
		break;
	case 0x0e: /* voice VLAN: one byte, then the identifier */
		rd_skip(v, 1);
		if (rd_left(v) >= 2)
			say_number(d, OP_ANNOUNCE, "voice vlan", rd_be16(v));
		break;
	case 0x14:
		labelled(v, d, "system name");
		break;
	case 0x17: /* one byte of kind */
		rd_skip(v, 1);
		dissect_ident(d, TRAIT_LOCATION, rd_span(v, rd_left(v)));
		break;
	case 0x07: /* prefixes, hello, power, trust, radio, object id ... */
	case 0x08:
	case 0x0f:
	case 0x10:
	case 0x11:
	case 0x12:
	case 0x13:
	case 0x15:
	case 0x18:
	case 0x19:
	case 0x1a:
		break;
	default:
		rd_opaque_rest(v);
	}
	rd_skip_rest(v);
}

static void
cdp_parse(struct rd *r, struct dissect *d)
{
	uint32_t version = rd_u8(r);
	struct fact *f;

	d->ctx.response = false;
	rd_skip(r, 3); /* time to live, checksum */
	rd_require(r, version <= 3 || !rd_ok(r), "no such version");
	f = dissect_op(d, OP_ANNOUNCE);
	while (rd_left(r) >= 4) {
		uint32_t type = rd_be16(r), n = rd_be16(r);
		struct rd v;

		rd_require(r, n >= 4 || !rd_ok(r), "TLV shorter than itself");
		v = rd_sub(r, n >= 4 ? n - 4 : 0);
		tlv(&v, d, f, type);
	}
	rd_skip_rest(r);
}

const struct proto proto_cdp = {
	.name = "cdp",
	.title = "Cisco Discovery Protocol",
	.spec = "Cisco, versions 1 and 2",
	.depth = "identity, addresses, port, platform, software, VLANs, VTP "
		 "domain; power and radio TLVs are stepped over",
	.slot = PROTO_SLOT,
	.ether = { ETHERTYPE_CDP },
	.snap = { SNAP_CDP },
	.parse = cdp_parse,
	PROTO_OPS(ops),
};
