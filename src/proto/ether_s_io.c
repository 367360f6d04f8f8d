/*
 * ether_s_io.c - SAIA Ether-S-I/O, remote inputs and outputs.
 *
 * Saia-Burgess Controls 26-739 as in open dissectors.
 *
 *	+--------+------+---------+--------+-------------+
 *	| "ESIO" | type | version | length | transaction |
 *	+--------+------+---------+--------+-------------+
 *	           be16   be16      be16     be16
 *	type 1	telegram be32, station be32, count u8, flags u8, then count
 *		transfers: identifier be32, destination be32, length be16, data
 *	type 2	status type be16, length be16, station be32, status u8,
 *		lost u8, diagnostics u8, flags u8
 *
 * Length counts all of it.  Op is the type, seq the transaction, unit the
 * station.  Objects: area = destination, first = identifier of a transfer,
 * count = octets.  What the octets mean the configuration alone knows: up to
 * eight are said as they stand.
 */
#include "proto.h"

#include <stdio.h>

#define HEAD 12u

static const struct proto_op ops[] = {
	{ 1, FACT_REPORT, RISK_NONE, "data transfer" },
	{ 2, FACT_REPORT, RISK_NONE, "status" },
};

static enum claim
esio_claim(struct span s, const struct dissect *d)
{
	(void)d;
	return s.n >= HEAD && span_starts(s, SPAN_LIT("ESIO")) ? CLAIM_STRONG
							       : CLAIM_NO;
}

static enum way
esio_way(struct span s)
{
	(void)s;
	return WAY_REQUEST; /* who sends is who reports */
}

static void
read_transfer(struct rd *r, struct dissect *d, struct fact *f, uint32_t i)
{
	struct fact_object at = { .space = SPACE_ESIO_TRANSFER };
	char text[24];
	struct span s;

	at.first = rd_be32(r);
	at.area = rd_be32(r);
	at.count = rd_be16(r);
	s = rd_span(r, at.count);
	if (!rd_ok(r))
		return;
	if (i == 0)
		f->object = at;
	for (uint32_t k = 0; k < s.n && k < 8; k++)
		(void)snprintf(text + 2 * k, sizeof(text) - 2 * k, "%02x",
		    s.p[k]);
	if (s.n > 0)
		fact_text(dissect_value(d, 1, at), span_text(text));
}

static void
esio_parse(struct rd *r, struct dissect *d)
{
	uint32_t type, length, count, status;
	struct fact *f;

	rd_skip(r, 4);
	type = rd_be16(r);
	rd_skip(r, 2);
	length = rd_be16(r);
	d->ctx.seq = rd_be16(r);
	rd_require(r, length >= HEAD, "shorter than its header");
	d->ctx.response = false;
	if (!rd_ok(r))
		return;
	if (type == 1) {
		rd_skip(r, 4);
		dissect_unit(d, rd_be32(r));
		count = rd_u8(r);
		rd_skip(r, 1);
		f = dissect_op(d, type);
		for (uint32_t i = 0; i < count && rd_more(r); i++)
			read_transfer(r, d, f, i);
	} else if (type == 2 && rd_left(r) >= 12) {
		rd_skip(r, 4);
		dissect_unit(d, rd_be32(r));
		f = dissect_op(d, type);
		status = rd_u8(r);
		fact_textf(f, "status %u, lost %u", status, rd_u8(r));
		rd_skip(r, 2);
	} else {
		(void)dissect_op(d, type);
	}
	rd_opaque_rest(r);
}

const struct proto proto_ether_s_io = {
	.name = "ether-s-io",
	.title = "SAIA Ether-S-I/O",
	.spec = "Saia-Burgess 26-739, as in open dissectors",
	.depth =
	    "data transfers by identifier and length, first octets as they "
	    "stand; status",
	.slot = PROTO_SLOT,
	.ot = true,
	.udp = { 6060 },
	.client_role = ROLE_PLC,
	.claim = esio_claim,
	.way = esio_way,
	.parse = esio_parse,
	PROTO_OPS(ops),
};
