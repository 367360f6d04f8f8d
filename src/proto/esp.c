/*
 * esp.c - Encapsulating Security Payload of IPsec.
 *
 * RFC 4303, clause 2.  What is not encrypted (RFC 2410) is decoded as what
 * it is and does not come here.
 *
 *	+-----+----------+- - - - - -
 *	| SPI | sequence | encrypted
 *	+-----+----------+- - - - - -
 *	  be32  be32
 *
 * Op 0; unit is the security parameter index, seq the sequence.
 */
#include "say.h"

static const struct proto_op ops[] = {
	{ 0, FACT_SESSION, RISK_NONE, "encrypted packet" },
};

static void
esp_parse(struct rd *r, struct dissect *d)
{
	d->ctx.response = false;
	dissect_unit(d, rd_be32(r));
	d->ctx.seq = rd_be32(r);
	if (rd_ok(r))
		(void)dissect_op(d, 0);
	rd_secret(r, rd_left(r));
}

const struct proto proto_esp = {
	.name = "esp",
	.title = "Encapsulating Security Payload",
	.spec = "RFC 4303",
	.depth = "security parameter index, sequence; the rest is secret",
	.slot = PROTO_SLOT,
	.ip = { 50 },
	.parse = esp_parse,
	PROTO_OPS(ops),
};
