/*
 * lldp.c - Link Layer Discovery Protocol.
 *
 * IEEE 802.1AB-2016 clause 8; organisational TLVs: IEEE 802.1Q annex D,
 * IEEE 802.3 clause 79, ANSI/TIA-1057 (media endpoints), IEC 61158-6-10
 * (PROFINET).
 *
 *	+----------------+- - - - - - -+ ...	+------+------+
 *	| type 7 | len 9 | value       |	| 0    | 0    | end
 *	+----------------+- - - - - - -+ ...	+------+------+
 *	first chassis (1), port (2), time to live (3); organisational (127):
 *	OUI 3, subtype u8, value
 *
 * Op is 1, or 2 when the time to live is 0: the sender leaves.  The object is
 * the sender by name: system name, else chassis.
 */
#include "say.h"
#include "sysdescr.h"

#define OP_ADVERTISE 1u
#define OP_SHUTDOWN 2u

#define OUI_8021 0x0080c2u
#define OUI_8023 0x00120fu
#define OUI_MED 0x0012bbu
#define OUI_PROFINET 0x000ecfu

#define CAN_STATION 0x80u /* station only */

#define ID_MAC_CHASSIS 4u
#define ID_ADDRESS_CHASSIS 5u
#define ID_MAC_PORT 3u
#define ID_ADDRESS_PORT 4u

static const struct proto_op ops[] = {
	{ OP_ADVERTISE, FACT_REPORT, RISK_NONE, "advertisement" },
	{ OP_SHUTDOWN, FACT_REPORT, RISK_NONE, "shutdown" },
};

struct heard {
	struct fact *f;
	uint32_t op;
	struct span name;
	char chassis[ADDR_TEXT_MAX];
	struct span local; /* chassis by a name of the sender's choosing */
	bool profinet;
};

/* ---------------------------------------------------------- mandatory TLVs */

/* Network address of IANA's family: 1 IPv4, 2 IPv6. */
static struct ip
address_read(struct rd *v)
{
	uint32_t family = rd_u8(v);
	struct ip ip = ip_of_span(rd_span(v, rd_left(v)));

	return (family == 1 && ip.len == 4) || (family == 2 && ip.len == 16)
	    ? ip
	    : (struct ip){ .len = 0 };
}

static void
chassis(struct rd *v, struct dissect *d, struct heard *h)
{
	uint32_t kind = rd_u8(v);
	struct span s;

	if (kind == ID_ADDRESS_CHASSIS) {
		struct ip ip = address_read(v);

		(void)ip_text(&ip, h->chassis);
		say_own_address(d, (struct addr){ .ip = ip });
		return;
	}
	s = rd_span(v, rd_left(v));
	if (kind == ID_MAC_CHASSIS && s.n == 6) {
		struct mac mac;

		memcpy(mac.b, s.p, 6);
		(void)mac_text(&mac, h->chassis);
		say_own_mac(d, s);
	} else {
		h->local = s;
	}
}

static void
port(struct rd *v, struct dissect *d)
{
	uint32_t kind = rd_u8(v);
	char text[ADDR_TEXT_MAX];
	struct span s;

	if (kind == ID_ADDRESS_PORT) {
		struct ip ip = address_read(v);

		dissect_ident(d, TRAIT_PORT, span_text(ip_text(&ip, text)));
		return;
	}
	s = rd_span(v, rd_left(v));
	if (kind == ID_MAC_PORT && s.n == 6) {
		struct mac mac;

		memcpy(mac.b, s.p, 6);
		say_own_mac(d, s);
		dissect_ident(d, TRAIT_PORT, span_text(mac_text(&mac, text)));
	} else {
		dissect_ident(d, TRAIT_PORT, s);
	}
}

/* ----------------------------------------------------------- optional TLVs */

/*
 * Of what is enabled, the most telling.  A station that bridges as well has
 * two ports, and is not there to switch.
 */
static void
capabilities(struct rd *v, struct dissect *d, struct heard *h)
{
	static const struct {
		uint32_t bit;
		enum role role;
	} rows[] = { { 4, ROLE_ROUTER }, { 3, ROLE_WIRELESS },
		{ 5, ROLE_PHONE }, { 2, ROLE_SWITCH } };
	uint32_t enabled;

	rd_skip(v, 2);
	enabled = rd_be16(v);
	say_number(d, h->op, "capabilities", enabled);
	if ((enabled & CAN_STATION) != 0)
		return;
	for (uint32_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if ((enabled & 1u << rows[i].bit) != 0) {
			dissect_ident_role(d, ABOUT_SENDER, rows[i].role);
			return;
		}
	}
}

static void
management(struct rd *v, struct dissect *d)
{
	struct rd at = rd_sub_u8(v);
	uint32_t family = rd_u8(&at);
	struct span s = rd_span(&at, rd_left(&at));

	if ((family == 1 && s.n == 4) || (family == 2 && s.n == 16))
		say_own_ip(d, s);
	else if (family == 6 && s.n == 6)
		say_own_mac(d, s);
	rd_skip_rest(v); /* interface number, object identifier */
}

static void
ieee8021(struct rd *v, struct dissect *d, struct heard *h, uint32_t subtype)
{
	switch (subtype) {
	case 1:
		say_number(d, h->op, "port vlan", rd_be16(v));
		break;
	case 3: {
		uint32_t id = rd_be16(v);
		struct rd name = rd_sub_u8(v);

		say_number(d, h->op, "vlan", id);
		say_text(d, h->op, "vlan name", rd_span(&name, rd_left(&name)));
		break;
	}
	case 6:
		say_number(d, h->op, "management vlan", rd_be16(v));
		break;
	default:
		break; /* protocols, aggregation, congestion, classes */
	}
	rd_skip_rest(v);
}

static void
ieee8023(struct rd *v, struct dissect *d, struct heard *h, uint32_t subtype)
{
	if (subtype == 1) {
		rd_skip(v, 3);
		say_number(d, h->op, "mau type", rd_be16(v));
	} else if (subtype == 4) {
		say_number(d, h->op, "maximum frame", rd_be16(v));
	}
	rd_skip_rest(v);
}

static void
med(struct rd *v, struct dissect *d, struct heard *h, uint32_t subtype)
{
	static const uint8_t traits[] = { [5] = TRAIT_HARDWARE,
		[6] = TRAIT_FIRMWARE,
		[7] = TRAIT_APPLICATION,
		[8] = TRAIT_SERIAL,
		[9] = TRAIT_VENDOR,
		[10] = TRAIT_MODEL };

	if (subtype == 1) {
		rd_skip(v, 2);
		if (rd_left(v) >= 1 && rd_u8(v) == 3)
			dissect_ident_role(d, ABOUT_SENDER, ROLE_PHONE);
	} else if (subtype >= 5 && subtype <= 10) {
		dissect_ident(d, (enum trait)traits[subtype],
		    rd_span(v, rd_left(v)));
	} else if (subtype == 11) {
		say_text(d, h->op, "asset", rd_span(v, rd_left(v)));
	}
	rd_skip_rest(v);
}

/* IEC 61158-6-10: delays, port status, alias, redundancy, chassis address. */
static void
profinet(struct rd *v, struct dissect *d, struct heard *h, uint32_t subtype)
{
	h->profinet = true;
	switch (subtype) {
	case 2:
		say_number(d, h->op, "rt class 2", rd_be16(v));
		if (rd_left(v) >= 2)
			say_number(d, h->op, "rt class 3", rd_be16(v));
		break;
	case 3:
		say_text(d, h->op, "alias", rd_span(v, rd_left(v)));
		break;
	case 4: /* media redundancy domain */
		if (rd_left(v) == 18) {
			rd_skip(v, 16);
			say_number(d, h->op, "mrp port status", rd_be16(v));
		}
		break;
	case 5:
		say_own_mac(d, rd_span(v, rd_left(v)));
		break;
	default:
		break;
	}
	rd_skip_rest(v);
}

static void
organisational(struct rd *v, struct dissect *d, struct heard *h)
{
	uint32_t oui = rd_be24(v), subtype = rd_u8(v);

	if (oui == OUI_8021)
		ieee8021(v, d, h, subtype);
	else if (oui == OUI_8023)
		ieee8023(v, d, h, subtype);
	else if (oui == OUI_MED)
		med(v, d, h, subtype);
	else if (oui == OUI_PROFINET)
		profinet(v, d, h, subtype);
	else
		rd_opaque_rest(v);
}

static void
tlv(struct rd *v, struct dissect *d, struct heard *h, uint32_t type)
{
	switch (type) {
	case 4:
		say_text(d, h->op, "port description", rd_span(v, rd_left(v)));
		break;
	case 5:
		h->name = rd_span(v, rd_left(v));
		dissect_ident(d, TRAIT_NAME, h->name);
		break;
	case 6:
		sysdescr_say(d, rd_span(v, rd_left(v)));
		break;
	case 7:
		capabilities(v, d, h);
		break;
	case 8:
		management(v, d);
		break;
	case 127:
		organisational(v, d, h);
		break;
	default:
		rd_opaque_rest(v);
	}
}

/* ----------------------------------------------------------------- message */

static struct rd
next(struct rd *r, uint32_t *ret_type)
{
	uint32_t head = rd_be16(r);

	*ret_type = head >> 9;
	return rd_sub(r, head & 0x1ff);
}

static struct rd
must(struct rd *r, uint32_t want, const char *why)
{
	uint32_t type;
	struct rd v = next(r, &type);

	rd_require(r, type == want, why);
	return v;
}

/* PROFINET devices give their station's name as chassis. */
static void
conclude(struct dissect *d, struct heard *h)
{
	h->f->object = SAY_NAMED;
	if (h->name.n > 0)
		fact_text(h->f, h->name);
	else if (h->local.n > 0)
		fact_text(h->f, h->local);
	else
		fact_text(h->f, span_text(h->chassis));
	if (h->profinet && h->name.n == 0 &&
	    span_find(h->local, ' ') == h->local.n)
		dissect_ident(d, TRAIT_NAME, h->local);
}

static void
lldp_parse(struct rd *r, struct dissect *d)
{
	struct heard h = { .op = OP_ADVERTISE };
	struct rd id = must(r, 1, "first TLV is not the chassis");
	struct rd at = must(r, 2, "second TLV is not the port");
	struct rd ttl = must(r, 3, "third TLV is not the time to live");
	uint32_t type = 1;

	d->ctx.response = false;
	if (rd_be16(&ttl) == 0 && rd_ok(r))
		h.op = OP_SHUTDOWN;
	rd_skip_rest(&ttl);
	h.f = dissect_op(d, h.op);
	chassis(&id, d, &h);
	port(&at, d);
	while (type != 0 && rd_left(r) >= 2) {
		struct rd v = next(r, &type);

		if (type != 0)
			tlv(&v, d, &h, type);
	}
	conclude(d, &h);
	rd_skip_rest(r); /* padding of the link layer */
}

const struct proto proto_lldp = {
	.name = "lldp",
	.title = "Link Layer Discovery Protocol",
	.spec = "IEEE 802.1AB-2016 clause 8, ANSI/TIA-1057, IEC 61158-6-10",
	.depth = "all base TLVs; 802.1, 802.3, media endpoint inventory and "
		 "PROFINET TLVs as far as they identify",
	.slot = PROTO_SLOT,
	.ether = { 0x88cc },
	.parse = lldp_parse,
	PROTO_OPS(ops),
};
