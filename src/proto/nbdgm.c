/*
 * nbdgm.c - NetBIOS Datagram Service, and the browser protocol inside it.
 *
 * RFC 1002 clause 4.4; mailslots [MS-MAIL] 2.2; browser [MS-BRWS] 2.2.
 *
 *	+------+-------+------+-----------+-------------+--------+--------+
 *	| type | flags | id   | source IP | source port | length | offset |
 *	+------+-------+------+-----------+-------------+--------+--------+
 *	  u8     u8      be16   4           be16          be16     be16
 *	source name, destination name (DNS form), data: an SMB transaction
 *	that writes to a mailslot
 *
 * Op is the datagram's type; of the browser 256 | its command (browser.h).  The
 * object is the destination by name.  The transaction is said as SMB besides.
 */
#include "browser.h"
#include "dns_message.h"
#include "netbios.h"

#define PORT 138
#define NAMES_AT 14u
#define DIRECT_UNIQUE 0x10u
#define BROADCAST 0x12u
#define ERROR_ 0x13u

static const struct proto_op ops[] = { { DIRECT_UNIQUE, FACT_SESSION, RISK_NONE,
					   "direct datagram" },
	{ 0x11, FACT_SESSION, RISK_NONE, "direct group datagram" },
	{ BROADCAST, FACT_SESSION, RISK_NONE, "broadcast datagram" },
	{ ERROR_, FACT_SESSION, RISK_NONE, "datagram error" },
	{ 0x14, FACT_DISCOVER, RISK_NONE, "query request" },
	{ 0x15, FACT_DISCOVER, RISK_NONE, "positive query response" },
	{ 0x16, FACT_DISCOVER, RISK_NONE, "negative query response" },
	BROWSER_OPS };

/* ---------------------------------------------------------------- datagram */

static void
datagram(struct rd *r, struct dissect *d, uint32_t op)
{
	const struct dns_view v = { .bytes = SPAN(r->p, rd_have(r)),
		.off = r->off };
	struct netbios_name from, to;
	struct dns_name name;
	struct fact *f;

	rd_skip(r, 4); /* length, offset */
	dns_name(r, &v, &name);
	netbios_decode(SPAN(name.text, name.n), &from);
	dns_name(r, &v, &name);
	netbios_decode(SPAN(name.text, name.n), &to);
	f = mailslot(*r, d, op, netbios_text(&to));
	netbios_object(f, &to);
	netbios_say(d, *say_sender(d), true, false, &from);
	mailslot_smb(r, d);
}

static void
nbdgm_parse(struct rd *r, struct dissect *d)
{
	uint32_t type = rd_u8(r);

	d->ctx.response = false;
	rd_require(r, (type >= DIRECT_UNIQUE && type <= 0x16) || !rd_ok(r),
	    "no such datagram type");
	rd_skip(r, 9); /* flags, identifier, source */
	if (!rd_ok(r))
		return;
	if (type <= BROADCAST)
		datagram(r, d, type);
	else if (type == ERROR_)
		(void)dissect_error(d, type, rd_u8(r));
	else
		(void)dissect_op(d, type);
	rd_skip_rest(r);
}

/* Off its port: the name of the sender where it stands in a datagram. */
static enum claim
nbdgm_claim(struct span s, const struct dissect *d)
{
	if (say_on_port(d, PORT))
		return CLAIM_WEAK;
	return s.n > NAMES_AT && s.p[0] >= DIRECT_UNIQUE &&
		s.p[0] <= BROADCAST && netbios_is_label(span_from(s, NAMES_AT))
	    ? CLAIM_STRONG
	    : CLAIM_NO;
}

const struct proto proto_nbdgm = {
	.name = "nbdgm",
	.title = "NetBIOS Datagram Service",
	.spec = "RFC 1002 clause 4.4, [MS-BRWS]",
	.depth = "names of both ends; browser announcements with system, "
		 "server type and comment; other mailslots are opaque",
	.slot = PROTO_SLOT,
	.udp = { PORT },
	.claim = nbdgm_claim,
	.parse = nbdgm_parse,
	PROTO_OPS(ops),
};
