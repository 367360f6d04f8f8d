/*
 * dns.c - Domain Name System.
 *
 * RFC 1035, RFC 2136, RFC 6891, RFC 7766.  The message is drawn in
 * dns_message.h; over TCP a be16 of its length stands before it.
 *
 * Pair is the message's identifier.
 */
#include "dns_message.h"
#include "netbios.h"

#define PORT 53

static const struct proto_op ops[] = { DNS_OPS };

/* A header as questions and answers have it. */
static bool
is_header(struct span s)
{
	uint32_t opcode, questions;

	if (s.n < DNS_HEAD)
		return false;
	opcode = s.p[2] >> 3 & 15u;
	questions = (uint32_t)s.p[4] << 8 | s.p[5];
	return opcode <= 6 && opcode != 3 && questions <= 1 &&
	    (s.p[3] & 0x40) == 0;
}

/* Where a readable name at `at` ends, its zero included; 0 when it is none. */
static uint32_t
name_end(struct span s, uint32_t at)
{
	uint32_t labels = 0;

	while (at < s.n && s.p[at] != 0 && s.p[at] < 64) {
		uint32_t n = s.p[at];

		if (n >= s.n - at)
			return 0;
		for (uint32_t i = at + 1; i <= at + n; i++)
			if (s.p[i] <= 0x20 || s.p[i] >= 0x7f)
				return 0;
		at += n + 1;
		labels++;
	}
	return labels > 0 && at < s.n && s.p[at] == 0 ? at + 1 : 0;
}

/*
 * Off its port: exactly one question for a readable name, class Internet.
 * Nothing else looks like it when the message ends there, or goes on as
 * records do: EDNS after a question, a pointer to the name in an answer.
 */
static enum claim
judge(struct span s)
{
	static const uint8_t edns[] = { 0, 0, 41 };
	bool response = s.n > 2 && (s.p[2] & 0x80) != 0;
	uint32_t at;
	bool root;
	struct span rest;

	if (netbios_is_label(span_from(s, DNS_HEAD)))
		return CLAIM_NO; /* its name service */
	if (!is_header(s) || (s.p[2] & 0x78) != 0 || s.p[4] != 0 ||
	    s.p[5] != 1 || s.p[8] != 0 || s.p[10] != 0)
		return CLAIM_NO;
	if (!response && (s.p[6] | s.p[7] | s.p[9] | (s.p[3] & 15)) != 0)
		return CLAIM_NO;
	root = s.n > DNS_HEAD && s.p[DNS_HEAD] == 0;
	at = root ? DNS_HEAD + 1 : name_end(s, DNS_HEAD);
	if (at == 0 || at + 4 > s.n || s.p[at] > 1 ||
	    (s.p[at] | s.p[at + 1]) == 0 || s.p[at + 2] != 0 ||
	    s.p[at + 3] != DNS_IN)
		return CLAIM_NO;
	rest = span_from(s, at + 4);
	if ((rest.n == 0 && !root) || span_starts(rest, SPAN(edns, 3)) ||
	    (response && rest.p[0] == 0xc0))
		return CLAIM_STRONG;
	return CLAIM_WEAK;
}

static uint32_t
dns_frame(struct span s, const struct dissect *d)
{
	uint32_t n;

	if (d->via != VIA_TCP)
		return s.n;
	n = (uint32_t)s.p[0] << 8 | s.p[1];
	if (n < DNS_HEAD ||
	    (s.n >= DNS_HEAD + 2 && !is_header(span_from(s, 2))))
		return FRAME_NOT_MINE;
	return n + 2;
}

static enum claim
dns_claim(struct span s, const struct dissect *d)
{
	if (say_on_port(d, PORT))
		return d->via != VIA_TCP && dns_is_header(s) ? CLAIM_STRONG
							     : CLAIM_WEAK;
	if (d->via != VIA_TCP)
		return judge(s);
	if (s.n < 2)
		return CLAIM_NO;
	return judge(
	    span_first(span_from(s, 2), (uint32_t)s.p[0] << 8 | s.p[1]));
}

/* Over TCP the length stands before: its high byte is small, and the QR bit
 * two bytes on. */
static enum way
way(struct span s)
{
	uint32_t n = s.n >= 2 ? (uint32_t)s.p[0] << 8 | s.p[1] : 0;

	return dns_way(n > 0 && n + 2 == s.n ? span_from(s, 2) : s);
}

static void
dns_parse(struct rd *r, struct dissect *d)
{
	if (d->via == VIA_TCP)
		rd_skip(r, 2);
	dns_message(r, d, DNS_UNICAST);
}

const struct proto proto_dns = {
	.name = "dns",
	.title = "Domain Name System",
	.spec = "RFC 1035, RFC 2136, RFC 6891, RFC 7766",
	.depth = "all opcodes, questions and the common records; names of "
		 "private addresses; keys and signatures are stepped over",
	.slot = PROTO_SLOT,
	.tcp = { PORT },
	.udp = { PORT },
	.server_role = ROLE_NAME,
	.claim = dns_claim,
	.way = way,
	.frame = dns_frame,
	.frame_min = 2,
	.parse = dns_parse,
	PROTO_OPS(ops),
	PROTO_CODES(codes),
};
