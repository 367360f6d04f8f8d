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
 *	host announcement: 1, update u8, period le32, name 16, version u8 u8,
 *	server type le32, browser version u8 u8, signature le16, comment
 *
 * Op is the datagram's type; of the browser 256 | its command.  The object is
 * the destination by name.
 */
#include "dns_message.h"
#include "netbios.h"

#define DIRECT_UNIQUE 0x10u
#define BROADCAST 0x12u
#define ERROR_ 0x13u
#define BROWSER 256u

#define SMB_TRANSACTION 0x25u
#define SMB_HEAD 32u
#define SMB_WORDS 17u

#define TYPE_SQL 0x4u
#define TYPE_CONTROLLERS 0x18u
#define TYPE_PRINT 0x200u
#define TYPE_NT 0x1000u
#define TYPE_NT_SERVER 0x8000u

static const struct proto_op ops[] = {
	{ DIRECT_UNIQUE, FACT_SESSION, RISK_NONE, "direct datagram" },
	{ 0x11, FACT_SESSION, RISK_NONE, "direct group datagram" },
	{ BROADCAST, FACT_SESSION, RISK_NONE, "broadcast datagram" },
	{ ERROR_, FACT_SESSION, RISK_NONE, "datagram error" },
	{ 0x14, FACT_DISCOVER, RISK_NONE, "query request" },
	{ 0x15, FACT_DISCOVER, RISK_NONE, "positive query response" },
	{ 0x16, FACT_DISCOVER, RISK_NONE, "negative query response" },
	{ BROWSER | 1, FACT_REPORT, RISK_NONE, "host announcement" },
	{ BROWSER | 2, FACT_DISCOVER, RISK_NONE, "announcement request" },
	{ BROWSER | 8, FACT_SESSION, RISK_NONE, "election request" },
	{ BROWSER | 9, FACT_DISCOVER, RISK_NONE, "backup list request" },
	{ BROWSER | 10, FACT_REPORT, RISK_NONE, "backup list response" },
	{ BROWSER | 11, FACT_SESSION, RISK_NONE, "become backup" },
	{ BROWSER | 12, FACT_REPORT, RISK_NONE, "domain announcement" },
	{ BROWSER | 13, FACT_REPORT, RISK_NONE, "master announcement" },
	{ BROWSER | 14, FACT_SESSION, RISK_NONE, "reset state" },
	{ BROWSER | 15, FACT_REPORT, RISK_NONE, "local master announcement" },
};

/* ----------------------------------------------------------------- browser */

static void
say_system(struct dissect *d, uint32_t major, uint32_t minor, uint32_t type)
{
	static const struct {
		uint32_t version;
		const char *name;
	} rows[] = { { 0x0400, "Windows NT 4.0" }, { 0x0500, "Windows 2000" },
		{ 0x0501, "Windows XP" },
		{ 0x0502, "Windows XP x64 or Server 2003" },
		{ 0x0600, "Windows Vista or Server 2008" },
		{ 0x0601, "Windows 7 or Server 2008 R2" },
		{ 0x0602, "Windows 8 or Server 2012" },
		{ 0x0603, "Windows 8.1 or Server 2012 R2" },
		{ 0x0a00, "Windows 10 or Server 2016" } };

	for (uint32_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((type & TYPE_NT) != 0 &&
		    rows[i].version == (major << 8 | minor))
			dissect_ident(d, TRAIT_OS, span_text(rows[i].name));
}

static void
say_type(struct dissect *d, uint32_t type)
{
	enum role role = ROLE_UNKNOWN;

	if ((type & TYPE_CONTROLLERS) != 0)
		role = ROLE_DIRECTORY;
	else if ((type & TYPE_SQL) != 0)
		role = ROLE_DATABASE;
	else if ((type & TYPE_NT_SERVER) != 0)
		role = ROLE_SERVER;
	else if ((type & TYPE_NT) != 0 && (type & TYPE_PRINT) == 0)
		role = ROLE_WORKSTATION;
	if (role != ROLE_UNKNOWN)
		dissect_ident_role(d, ABOUT_SENDER, role);
}

/* Host, domain and local master announcements have one form. */
static void
announcement(struct rd *r, struct dissect *d, uint32_t command)
{
	uint32_t major, minor, type;
	struct span name, comment;

	rd_skip(r, 5); /* update count, period */
	name = rd_span(r, 16);
	name = span_first(name, span_find(name, 0));
	major = rd_u8(r);
	minor = rd_u8(r);
	type = rd_le32(r);
	rd_skip(r, 4);
	comment = rd_span_rest(r);
	comment = span_first(comment, span_find(comment, 0));
	if (!rd_ok(r))
		return;
	if (command == 12) { /* the domain, and the master by name */
		dissect_ident(d, TRAIT_DOMAIN, name);
		dissect_ident(d, TRAIT_NAME, comment);
		return;
	}
	dissect_ident(d, TRAIT_NAME, name);
	say_system(d, major, minor, type);
	say_number(d, BROWSER | command, "server type", type);
	say_type(d, type);
	dissect_ident(d, TRAIT_DESCRIPTION, comment);
}

static struct fact *
browser(struct rd *r, struct dissect *d, struct span to)
{
	uint32_t command = rd_u8(r);
	struct fact *f;

	if (!rd_ok(r))
		return &d->nobody;
	f = dissect_op(d, BROWSER | command);
	if (command == 1 || command == 15) /* announced to one's own domain */
		dissect_ident(d, TRAIT_DOMAIN, to);
	if (command == 1 || command == 12 || command == 15)
		announcement(r, d, command);
	else
		rd_skip_rest(r); /* elections, lists: no identity */
	return f;
}

/* ---------------------------------------------------------------- datagram */

/* Step to the mailslot's data; false when it is no browser's. */
static bool
find_browser(struct rd *r)
{
	static const uint8_t magic[] = { 0xff, 'S', 'M', 'B' };
	uint32_t data, at, n;
	struct span name = rd_span(r, 4);

	if (!span_is(name, SPAN(magic, 4)) || rd_u8(r) != SMB_TRANSACTION)
		return false;
	rd_skip(r, SMB_HEAD - 5);
	if (rd_u8(r) < SMB_WORDS)
		return false;
	rd_skip(r, 24);
	data = rd_le16(r); /* where the data stands, from the SMB header */
	rd_skip(r, 8); /* setup: count, operation, priority, class */
	rd_skip(r, 2); /* bytes */
	at = SMB_HEAD + 1 + 24 + 2 + 8 + 2;
	name = rd_ahead(r, rd_have(r));
	n = span_find(name, 0);
	if (n == name.n || n > 64 || data < at + n + 1)
		return false;
	name = rd_span(r, n);
	rd_skip(r, data - at - n);
	return text_is(name, "\\mailslot\\browse") ||
	    text_is(name, "\\mailslot\\lanman");
}

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
	if (rd_left(r) > SMB_HEAD && find_browser(r))
		f = browser(r, d, netbios_text(&to));
	else
		f = dissect_op(d, op);
	netbios_object(f, &to);
	netbios_say(d, *say_sender(d), true, false, &from);
	rd_opaque_rest(r);
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

const struct proto proto_nbdgm = {
	.name = "nbdgm",
	.title = "NetBIOS Datagram Service",
	.spec = "RFC 1002 clause 4.4, [MS-BRWS]",
	.depth = "names of both ends; browser announcements with system, "
		 "server type and comment; other mailslots are opaque",
	.slot = PROTO_SLOT,
	.passive = true,
	.udp = { 138 },
	.parse = nbdgm_parse,
	PROTO_OPS(ops),
};
