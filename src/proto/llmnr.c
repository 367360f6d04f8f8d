/*
 * llmnr.c - Link-Local Multicast Name Resolution.
 *
 * RFC 4795.  The message is drawn in dns_message.h.  A question goes to a
 * group, the answer comes from whom it concerns: the two are different flows.
 */
#include "dns_message.h"

#define PORT 5355

static const struct proto_op ops[] = { DNS_OPS };

static void
llmnr_parse(struct rd *r, struct dissect *d)
{
	dns_message(r, d, DNS_LINK_LOCAL);
}

/* Off its port: what is sent to its groups. */
static enum claim
llmnr_claim(struct span s, const struct dissect *d)
{
	if (say_on_port(d, PORT))
		return CLAIM_WEAK;
	return dns_is_header(s) &&
		(say_in_group(d, SPAN_LIT("\xe0\0\0\xfc")) ||
		    say_in_group(d,
			SPAN_LIT("\xff\x02\0\0\0\0\0\0\0\0\0\0\0\x01\0\x03")))
	    ? CLAIM_STRONG
	    : CLAIM_NO;
}

const struct proto proto_llmnr = {
	.name = "llmnr",
	.title = "Link-Local Multicast Name Resolution",
	.spec = "RFC 4795",
	.depth = "questions and answers; names of private addresses",
	.slot = PROTO_SLOT,
	.udp = { PORT },
	.claim = llmnr_claim,
	.way = dns_way,
	.parse = llmnr_parse,
	PROTO_OPS(ops),
	PROTO_CODES(codes),
};
