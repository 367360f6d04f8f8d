/*
 * mdns.c - Multicast DNS and service discovery.
 *
 * RFC 6762, RFC 6763.  The message is drawn in dns_message.h; the top bit of
 * a record's class means that others are to forget what they knew.
 */
#include "dns_message.h"

static const struct proto_op ops[] = { DNS_OPS };

static void
mdns_parse(struct rd *r, struct dissect *d)
{
	dns_message(r, d, DNS_MULTICAST);
}

const struct proto proto_mdns = {
	.name = "mdns",
	.title = "Multicast DNS",
	.spec = "RFC 6762, RFC 6763",
	.depth = "questions and the common records; names, models and roles "
		 "that devices announce",
	.slot = PROTO_SLOT,
	.udp = { 5353 },
	.way = dns_way,
	.parse = mdns_parse,
	PROTO_OPS(ops),
	PROTO_CODES(codes),
};
