/*
 * browser.h - the browser protocol: how Windows announces itself, by NetBIOS
 * datagrams that hold an SMB transaction which writes to a mailslot.
 *
 * [MS-BRWS] 2.2, mailslots [MS-MAIL] 2.2.  For the carriers of such datagrams.
 *
 *	host announcement: 1, update u8, period le32, name 16, version u8 u8,
 *	server type le32, browser version u8 u8, signature le16, comment
 */
#ifndef PROTO_BROWSER_H
#define PROTO_BROWSER_H

#include "say.h"
#include "smb.h"
#include "text.h"

#define BROWSER 256u /* op: with the browser's command */

#define SMB_TRANSACTION 0x25u
#define SMB_HEAD 32u
#define SMB_WORDS 17u

#define TYPE_SQL 0x4u
#define TYPE_CONTROLLERS 0x18u
#define TYPE_PRINT 0x200u
#define TYPE_NT 0x1000u
#define TYPE_NT_SERVER 0x8000u

#define BROWSER_OPS                                                            \
	{ BROWSER | 1, FACT_REPORT, RISK_NONE, "host announcement" },          \
	    { BROWSER | 2, FACT_DISCOVER, RISK_NONE, "announcement request" }, \
	    { BROWSER | 8, FACT_SESSION, RISK_NONE, "election request" },      \
	    { BROWSER | 9, FACT_DISCOVER, RISK_NONE, "backup list request" },  \
	    { BROWSER | 10, FACT_REPORT, RISK_NONE, "backup list response" },  \
	    { BROWSER | 11, FACT_SESSION, RISK_NONE, "become backup" },        \
	    { BROWSER | 12, FACT_REPORT, RISK_NONE, "domain announcement" },   \
	    { BROWSER | 13, FACT_REPORT, RISK_NONE, "master announcement" },   \
	    { BROWSER | 14, FACT_SESSION, RISK_NONE, "reset state" },          \
	    { BROWSER | 15, FACT_REPORT, RISK_NONE,                            \
		    "local master announcement" },

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

/* Step to the mailslot's data; false when it is no browser's. */
static bool
find_browser(struct rd *r)
{
	uint32_t data, at, n;
	struct span name = rd_span(r, 4);

	if (!smb_is_v1(name) || rd_u8(r) != SMB_TRANSACTION)
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

/*
 * What a datagram that begins at `r` is: the browser's command, or `op`.  The
 * reader stays where it is.
 */
static struct fact *
mailslot(struct rd r, struct dissect *d, uint32_t op, struct span to)
{
	if (rd_left(&r) > SMB_HEAD && find_browser(&r))
		return browser(&r, d, to);
	return dissect_op(d, op);
}

/* Hand the SMB on, if it is one; there is no connection to remember. */
static void
mailslot_smb(struct rd *r, struct dissect *d)
{
	void *state = d->state;

	if (rd_left(r) > SMB_HEAD && smb_is_v1(rd_ahead(r, 4))) {
		d->state = NULL;
		dissect_inner(d, &proto_smb, r);
		d->state = state;
	}
	rd_opaque_rest(r);
}

#endif
