/*
 * r_goose.c - routable GOOSE and Sampled Values.
 *
 * IEC TR 61850-90-5 clause 8.2; the transport octets are ISO 8602.
 *
 *	+----+----+----+----+----+----+-------------+-------------+-----
 *	| 01 | 40 | SI | LI | 80 | LI | SPDU length | SPDU number |
 *	+----+----+----+----+----+----+-------------+-------------+-----
 *	 UD TPDU   a0 tunnelled, a1      be32          be32
 *	           GOOSE, a2 SV, a3 management
 *	-----+---------+------------+----------+--------+--------+
 *	     | version | key's time | next key | key id | IV len | IV
 *	-----+---------+------------+----------+--------+--------+
 *	       be16      be32         be16       be32     u8
 *	+----------------+------+------------+-------+--------+------
 *	| payload length | type | simulation | APPID | length | APDU ...
 *	+----------------+------+------------+-------+--------+------
 *	  be32             81 GOOSE, 82 SV,    be16    be16
 *	                   83 tunnelled, 84 management
 *	then optionally 85, length, HMAC
 *
 * Op is the session identifier.  Unit is the APPID; first of the object is
 * the SPDU number, area the identifier of the key (0: not signed).  What is
 * inside speaks under its own name.
 */
#include "proto.h"

#define SI_TUNNEL 0xa0u
#define SI_MANAGEMENT 0xa3u
#define COMMON_HEADER 0x80u
#define PAYLOAD_GOOSE 0x81u
#define PAYLOAD_SV 0x82u
#define SIGNATURE 0x85u

static const struct proto_op ops[] = {
	{ SI_TUNNEL, FACT_REPORT, RISK_NONE, "tunnelled" },
	{ 0xa1, FACT_REPORT, RISK_NONE, "goose" },
	{ 0xa2, FACT_REPORT, RISK_NONE, "sampled values" },
	{ SI_MANAGEMENT, FACT_CONFIG, RISK_NONE, "management" },
};

/* Payloads one after another: each is handed to its protocol. */
static void
payloads(struct rd *r, struct dissect *d)
{
	while (rd_more(r)) {
		uint32_t type = rd_u8(r);
		bool simulation = rd_u8(r) != 0;
		struct rd apdu;

		dissect_unit(d, rd_be16(r));
		apdu = rd_sub_be16(r);
		d->ctx.flags =
		    (uint8_t)(simulation ? d->ctx.flags | FACT_TEST
					 : d->ctx.flags & ~FACT_TEST);
		if (type == PAYLOAD_GOOSE)
			dissect_inner(d, &proto_goose, &apdu);
		else if (type == PAYLOAD_SV)
			dissect_inner(d, &proto_sv, &apdu);
		else
			rd_opaque_rest(&apdu);
	}
}

static void
r_goose_parse(struct rd *r, struct dissect *d)
{
	uint32_t si, number, key;
	struct fact *f;
	struct rd head, in;
	void *state = d->state;

	rd_require(r, rd_be16(r) == 0x0140, "not a UD TPDU");
	si = rd_u8(r);
	head = rd_sub_u8(r);
	rd_require(&head, rd_u8(&head) == COMMON_HEADER, "no common header");
	in = rd_sub_u8(&head);
	rd_skip(&in, 4); /* length */
	number = rd_be32(&in);
	rd_skip(&in, 2 + 4 + 2); /* version, times of the key */
	key = rd_be32(&in);
	d->ctx.response = false;
	f = dissect_op(d, si);
	f->object = (struct fact_object){ .space = SPACE_DATASET,
		.area = key,
		.first = number,
		.count = 1 };
	in = rd_sub(r, rd_be32(r));
	d->state = NULL; /* ours is not theirs */
	if (key == 0 || si != SI_TUNNEL)
		payloads(&in, d);
	d->state = state;
	if (rd_more(r)) {
		rd_require(r, rd_u8(r) == SIGNATURE, "no signature");
		rd_skip(r, rd_u8(r));
	}
	rd_skip_rest(r);
}

static enum claim
r_goose_claim(struct span s, const struct dissect *d)
{
	if (d->via != VIA_UDP || s.n < 8 || s.p[0] != 1 || s.p[1] != 0x40)
		return CLAIM_NO;
	if (s.p[2] < SI_TUNNEL || s.p[2] > SI_MANAGEMENT)
		return CLAIM_NO;
	return s.p[4] == COMMON_HEADER && s.p[5] + 2u <= s.p[3] ? CLAIM_STRONG
								: CLAIM_NO;
}

const struct proto proto_r_goose = {
	.name = "r-goose",
	.title = "Routable GOOSE and Sampled Values",
	.spec = "IEC TR 61850-90-5:2012, 8.2",
	.depth = "session head; GOOSE and Sampled Values inside; signatures "
		 "are not checked",
	.slot = PROTO_SLOT,
	.ot = true,
	.carrier = true,
	.udp = { 102 },
	.client_role = ROLE_IED,
	.server_role = ROLE_IED,
	.claim = r_goose_claim,
	.parse = r_goose_parse,
	PROTO_OPS(ops),
};
