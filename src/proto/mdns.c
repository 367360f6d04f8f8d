/*
 * mdns.c - Multicast DNS and service discovery.
 *
 * RFC 6762, RFC 6763.  The message is drawn in dns_message.h; the top bit of
 * a record's class means that others are to forget what they knew.
 */
#include "dns_message.h"

#define PORT 5353

static const struct proto_op ops[] = { DNS_OPS };

static void
mdns_parse(struct rd *r, struct dissect *d)
{
	dns_message(r, d, DNS_MULTICAST);
}

/* Off its port: what is sent to its groups. */
static enum claim
mdns_claim(struct span s, const struct dissect *d)
{
	if (say_on_port(d, PORT))
		return CLAIM_WEAK;
	return dns_is_header(s) &&
		(say_in_group(d, SPAN_LIT("\xe0\0\0\xfb")) ||
		    say_in_group(d,
			SPAN_LIT("\xff\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\xfb")))
	    ? CLAIM_STRONG
	    : CLAIM_NO;
}

const struct proto proto_mdns = {
	.name = "mdns",
	.title = "Multicast DNS",
	.spec = "RFC 6762, RFC 6763",
	.depth = "questions and the common records; names, models and roles "
		 "that devices announce",
	.slot = PROTO_SLOT,
	.udp = { PORT },
	.claim = mdns_claim,
	.way = dns_way,
	.parse = mdns_parse,
	PROTO_OPS(ops),
	PROTO_CODES(codes),
};
