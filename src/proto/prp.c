/*
 * prp.c - supervision frames of PRP and HSR: nodes say that they are there.
 * Tags and trailers of these are taken off in decoding.
 *
 * IEC 62439-3:2021 clauses 4.3 and 5.7.  Ethertype 88FB.
 *
 *	+---------------+----------+  +------+--------+- - -+
 *	| path, version | sequence |  | type | length | MAC | ... until 0
 *	+---------------+----------+  +------+--------+- - -+
 *	  4, 12 bits      be16          u8     u8
 *
 * Op is the type of the first entry; its text the node's address.  Seq is the
 * sequence number.
 */
#include "say.h"

enum {
	PRP_DISCARD = 20,
	PRP_ACCEPT,
	PRP_OLD,
	PRP_HSR,
	PRP_REDBOX = 30,
	PRP_VIRTUAL
};

static const struct proto_op ops[] = {
	{ PRP_DISCARD, FACT_REPORT, RISK_NONE, "PRP node, duplicate discard" },
	{ PRP_ACCEPT, FACT_REPORT, RISK_NONE, "PRP node, duplicate accept" },
	{ PRP_OLD, FACT_REPORT, RISK_NONE, "PRP node" },
	{ PRP_HSR, FACT_REPORT, RISK_NONE, "HSR node" },
	{ PRP_REDBOX, FACT_REPORT, RISK_NONE, "RedBox" },
	{ PRP_VIRTUAL, FACT_REPORT, RISK_NONE, "virtual node" },
};

struct prp_state {
	bool known; /* a RedBox was said already */
};

static void
name_mac(struct fact *f, struct span s)
{
	struct mac mac = { .b = { 0 } };
	char text[MAC_TEXT_MAX];

	if (s.n != 6 || f->kind == FACT_NONE)
		return;
	memcpy(mac.b, s.p, 6);
	say_named(f, span_text(mac_text(&mac, text)));
}

static void
prp_parse(struct rd *r, struct dissect *d)
{
	struct prp_state *st = d->state;
	uint32_t n = 0;

	rd_skip(r, 2);
	d->ctx.seq = rd_be16(r);
	d->ctx.response = false;
	while (rd_left(r) >= 2) {
		uint32_t type = rd_u8(r);
		struct rd in = rd_sub_u8(r);
		struct span mac;

		if (type == 0)
			break;
		mac = rd_span(&in, rd_left(&in) >= 6 ? 6 : 0);
		if (n++ == 0)
			name_mac(dissect_op(d, type), mac);
		else if (type == PRP_REDBOX && !st->known)
			dissect_ident(d, TRAIT_DESCRIPTION,
			    SPAN_LIT("RedBox of a redundant network"));
		st->known |= type == PRP_REDBOX;
		rd_skip_rest(&in);
	}
	rd_require(r, n > 0 || !rd_ok(r), "names no node");
	rd_skip_rest(r);
}

static uint32_t
prp_frame(struct span s, const struct dissect *d)
{
	(void)d;
	return (s.p[0] & 15) == 0 && s.p[1] <= 2 ? s.n : FRAME_NOT_MINE;
}

const struct proto proto_prp = {
	.name = "prp",
	.title = "PRP and HSR supervision",
	.spec = "IEC 62439-3:2021, 4.3 and 5.7",
	.depth = "all entries",
	.slot = PROTO_SLOT,
	.ot = true,
	.ether = { 0x88fb },
	.frame = prp_frame,
	.frame_min = 6,
	.parse = prp_parse,
	.state_size = sizeof(struct prp_state),
	PROTO_OPS(ops),
};
