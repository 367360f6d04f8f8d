/*
 * iec61850_head.h - what stands before a GOOSE or SV PDU on Ethernet
 * (IEC 61850-8-1 annex C, 61850-9-2 annex C).
 *
 *	APPID 2 | length 2 | reserved 1: S, CRC 2 | reserved 2: 2 | APDU
 *
 * The length counts from the APPID.  S: simulated.  With a signature
 * (IEC 62351-6) reserved 1 has the length of the extension that follows the
 * APDU, and reserved 2 a check sum of the head.  In their routable forms
 * (IEC 61850-90-5, UDP) the session has taken the head off.
 */
#ifndef PROTO_IEC61850_HEAD_H
#define PROTO_IEC61850_HEAD_H

#include "proto.h"

static inline struct rd
iec61850_head(struct rd *r, struct dissect *d)
{
	const uint32_t header = 8, simulated = 0x8000, extension = 0xff;
	uint32_t length, reserved, sum;
	struct rd apdu;

	if (d->via == VIA_UDP)
		return rd_sub_rest(r);
	dissect_unit(d, rd_be16(r));
	length = rd_be16(r);
	reserved = rd_be16(r);
	sum = rd_be16(r);
	if ((reserved & simulated) != 0)
		d->ctx.flags |= FACT_TEST;
	rd_require(r, length > header, "length less than the header");
	apdu = rd_sub(r, rd_ok(r) ? length - header : 0);
	if ((reserved & extension) != 0 && sum != 0 && rd_more(r))
		dissect_ident(d, TRAIT_SECURITY,
		    SPAN_LIT("GOOSE or SV signed (IEC 62351-6)"));
	rd_skip_rest(r); /* padding of the link layer */
	return apdu;
}

#endif
