/*
 * llmnr.c - Link-Local Multicast Name Resolution.
 *
 * RFC 4795.  The message is drawn in dns_message.h.  A question goes to a
 * group, the answer comes from whom it concerns: the two are different flows.
 */
#include "dns_message.h"

static const struct proto_op ops[] = { DNS_OPS };

static void
llmnr_parse(struct rd *r, struct dissect *d)
{
	dns_message(r, d, DNS_LINK_LOCAL);
}

const struct proto proto_llmnr = {
	.name = "llmnr",
	.title = "Link-Local Multicast Name Resolution",
	.spec = "RFC 4795",
	.depth = "questions and answers; names of private addresses",
	.slot = PROTO_SLOT,
	.udp = { 5355 },
	.way = dns_way,
	.parse = llmnr_parse,
	PROTO_OPS(ops),
	PROTO_CODES(codes),
};
