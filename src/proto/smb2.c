/*
 * smb2.c - Server Message Block, versions 2 and 3.
 *
 * [MS-SMB2] 2.2.
 *
 *	0xfe "SMB" | 64 le16 | credit charge 2 | status le32 | command le16 |
 *	credits 2 | flags le32 | next le32 | message id le64 |
 *	process and tree le32 each, or async id le64 | session le64 |
 *	signature 16
 *	0xfd "SMB": signature 16, nonce 16, size le32, ... encrypted message
 *	0xfc "SMB": compressed message
 *
 * Op is the command of each message of a compound.  Object: file or share by
 * name; sub = information class of a query or setting, low half of a control
 * code in first.  Pair is the message identifier.  Offsets in a message count
 * from its header and may only lead forward here.
 */
#include "smb.h"

#include "ntlmssp.h"
#include "proto.h"

#define HEADER 64u
#define HEAD_READ 24u /* of it up to the message identifier */
#define COMPOUND_MAX 64u
#define FLAG_RESPONSE 1u
#define OP_ENCRYPTED 0x100u
#define OP_COMPRESSED 0x101u

enum command {
	C_NEGOTIATE = 0,
	C_SESSION_SETUP = 1,
	C_TREE_CONNECT = 3,
	C_CREATE = 5,
	C_CLOSE = 6,
	C_READ = 8,
	C_WRITE = 9,
	C_IOCTL = 11,
	C_QUERY_DIRECTORY = 14,
	C_QUERY_INFO = 16,
	C_SET_INFO = 17,
	C_OPLOCK = 18,
};

static const struct proto_op ops[] = {
	{ 0, FACT_SESSION, RISK_NONE, "negotiate" },
	{ 1, FACT_SESSION, RISK_NONE, "session setup" },
	{ 2, FACT_SESSION, RISK_NONE, "logoff" },
	{ 3, FACT_SESSION, RISK_NONE, "tree connect" },
	{ 4, FACT_SESSION, RISK_NONE, "tree disconnect" },
	{ 5, FACT_FILE, RISK_NONE, "create" },
	{ 6, FACT_FILE, RISK_NONE, "close" },
	{ 7, FACT_FILE, RISK_NONE, "flush" },
	{ 8, FACT_FILE, RISK_NONE, "read" },
	{ 9, FACT_FILE, RISK_FILE, "write" },
	{ 10, FACT_FILE, RISK_NONE, "lock" },
	{ 11, FACT_FILE, RISK_NONE, "ioctl" },
	{ 12, FACT_SESSION, RISK_NONE, "cancel" },
	{ 13, FACT_DIAGNOSE, RISK_NONE, "echo" },
	{ 14, FACT_FILE, RISK_NONE, "query directory" },
	{ 15, FACT_FILE, RISK_NONE, "change notify" },
	{ 16, FACT_FILE, RISK_NONE, "query info" },
	{ 17, FACT_FILE, RISK_FILE, "set info" },
	{ 18, FACT_FILE, RISK_NONE, "oplock break" },
	{ 19, FACT_SESSION, RISK_NONE, "server to client notification" },
	{ OP_ENCRYPTED, FACT_SESSION, RISK_NONE, "encrypted message" },
	{ OP_COMPRESSED, FACT_SESSION, RISK_NONE, "compressed message" },
};

struct smb2 { /* of one message of a compound */
	uint32_t base, command, status;
	struct smb_place at; /* file from its identifier */
	bool response;
};

/* Bytes at an offset from the header; empty when they lie elsewhere. */
static struct span
bytes_at(const struct smb2 *m, struct rd *r, uint32_t offset, uint32_t n)
{
	uint32_t at = r->off - m->base;

	if (!rd_ok(r) || n == 0 || offset < at || offset - at > rd_left(r) ||
	    n > rd_left(r) - (offset - at))
		return SPAN(NULL, 0);
	rd_skip(r, offset - at);
	return rd_span(r, n);
}

static bool
data_at(const struct smb2 *m, struct rd *r, uint32_t offset, uint32_t n,
    struct dissect *d)
{
	uint32_t at = r->off - m->base;
	struct rd data;

	if (!rd_ok(r) || n == 0 || offset < at || offset - at > rd_left(r))
		return false;
	rd_skip(r, offset - at);
	data = rd_sub(r, n < rd_left(r) ? n : rd_left(r));
	return smb_data(&data, d, &m->at);
}

/* Volatile and persistent half, folded. */
static uint32_t
file_id(struct rd *r)
{
	uint64_t a = rd_le64(r), b = rd_le64(r);

	a ^= b;
	return (uint32_t)(a ^ a >> 32);
}

static struct fact *
say(struct dissect *d, const struct smb2 *m)
{
	if (m->response && smb_is_error(m->status))
		return dissect_error(d, m->command, m->status);
	return dissect_op(d, m->command);
}

/* --------------------------------------------------------------- sessions */

static void
say_guid(struct dissect *d, struct span g)
{
	uint32_t any = 0;

	for (uint32_t i = 0; i < g.n; i++)
		any |= g.p[i];
	if (g.n != 16 || any == 0)
		return;
	dissect_identf(d, TRAIT_UUID,
	    "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x"
	    "%02x",
	    g.p[3], g.p[2], g.p[1], g.p[0], g.p[5], g.p[4], g.p[7], g.p[6],
	    g.p[8], g.p[9], g.p[10], g.p[11], g.p[12], g.p[13], g.p[14],
	    g.p[15]);
}

static const char *
dialect_name(uint32_t v)
{
	switch (v) {
	case 0x0202:
		return "SMB 2.0.2";
	case 0x0210:
		return "SMB 2.1";
	case 0x02ff:
		return "SMB 2.?";
	case 0x0300:
		return "SMB 3.0";
	case 0x0302:
		return "SMB 3.0.2";
	case 0x0311:
		return "SMB 3.1.1";
	}
	return "SMB ?";
}

static void
negotiate_request(struct rd *r, struct dissect *d, const struct smb2 *m)
{
	struct fact *f = say(d, m);
	uint32_t n = rd_le16(r), top = 0;

	rd_skip(r,
	    8 + 16 + 8); /* many clients roll their GUID anew each time */
	n = rd_count(r, n, 2);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t v = rd_le16(r);

		top = v > top ? v : top;
	}
	fact_text(f, span_text(dialect_name(top)));
}

static void
negotiate_response(struct rd *r, struct dissect *d, const struct smb2 *m)
{
	struct fact *f = say(d, m);
	uint32_t mode, dialect, offset, n;

	if (smb_is_error(m->status))
		return;
	mode = rd_le16(r);
	dialect = rd_le16(r);
	rd_skip(r, 2);
	say_guid(d, rd_span(r, 16));
	rd_skip(r, 16 + 16);
	offset = rd_le16(r);
	n = rd_le16(r);
	fact_text(f, span_text(dialect_name(dialect)));
	if (rd_ok(r) && (mode & 2) == 0)
		dissect_ident(d, TRAIT_SECURITY,
		    SPAN_LIT("SMB signing not required"));
	rd_skip(r, 4);
	ntlmssp_say(d, m->command, bytes_at(m, r, offset, n));
}

static void
session_setup_request(struct rd *r, struct dissect *d, const struct smb2 *m)
{
	uint32_t offset, n;

	(void)say(d, m);
	rd_skip(r, 10);
	offset = rd_le16(r);
	n = rd_le16(r);
	rd_skip(r, 8);
	ntlmssp_say(d, m->command, bytes_at(m, r, offset, n));
}

static void
session_setup_response(struct rd *r, struct dissect *d, const struct smb2 *m)
{
	struct fact *f = say(d, m);
	uint32_t flags, offset, n;

	if (smb_is_error(m->status))
		return;
	flags = rd_le16(r);
	offset = rd_le16(r);
	n = rd_le16(r);
	if ((flags & 3) != 0)
		fact_text(f,
		    (flags & 1) != 0 ? SPAN_LIT("guest")
				     : SPAN_LIT("anonymous"));
	ntlmssp_say(d, m->command, bytes_at(m, r, offset, n));
}

static void
tree_connect_request(struct rd *r, struct dissect *d, const struct smb2 *m)
{
	struct fact *f = say(d, m);
	uint32_t offset, n;

	rd_skip(r, 2);
	offset = rd_le16(r);
	n = rd_le16(r);
	smb_object(f, SPACE_SHARE, bytes_at(m, r, offset, n), true);
}

/* ------------------------------------------------------------------ files */

/* CreateDisposition 1 opens what exists; option 0x1000 deletes on close. */
static void
create_request(struct rd *r, struct dissect *d, const struct smb2 *m)
{
	struct fact *f = say(d, m);
	uint32_t how, options, offset, n;
	struct span name;

	rd_skip(r, 34);
	how = rd_le32(r);
	options = rd_le32(r);
	offset = rd_le16(r);
	n = rd_le16(r);
	rd_skip(r, 8);
	if (how != 1 || (options & 0x1000) != 0)
		f->risk = RISK_FILE;
	name = bytes_at(m, r, offset, n);
	smb_object(f, SPACE_FILE, name, true);
	dissect_content_asked(d, d->ctx.pair + 1, name, true);
}

static void
create_response(struct rd *r, struct dissect *d, const struct smb2 *m)
{
	uint64_t total;

	(void)say(d, m);
	if (smb_is_error(m->status) || rd_have(r) < 86)
		return;
	rd_skip(r, 46);
	total = rd_le64(r);
	rd_skip(r, 8);
	dissect_content_is(d, file_id(r), d->ctx.pair + 1, total);
}

static void
close_request(struct rd *r, struct dissect *d, const struct smb2 *m)
{
	(void)say(d, m);
	if (rd_have(r) < 22)
		return;
	rd_skip(r, 6);
	dissect_content_end(d, file_id(r));
}

static void
read_response(struct rd *r, struct dissect *d, struct smb2 *m)
{
	uint32_t offset, n;

	(void)say(d, m);
	if (smb_is_error(m->status))
		return;
	m->at.is_file = true;
	offset = rd_u8(r);
	rd_skip(r, 1);
	n = rd_le32(r);
	rd_skip(r, 8);
	(void)data_at(m, r, offset, n, d);
}

static void
write_request(struct rd *r, struct dissect *d, struct smb2 *m)
{
	struct fact *f = say(d, m);
	uint32_t offset, n;

	offset = rd_le16(r);
	n = rd_le32(r);
	m->at.offset = smb_offset(rd_le64(r));
	m->at.is_file = true;
	m->at.file = file_id(r);
	rd_skip(r, 4 + 4 + 2 + 2 + 4);
	if (data_at(m, r, offset, n, d))
		f->risk = RISK_NONE; /* the call inside has its own */
}

/* The layout is the same both ways, but for what lies between. */
static void
ioctl(struct rd *r, struct dissect *d, struct smb2 *m)
{
	struct fact *f = say(d, m);
	uint32_t code, offset, n;

	if (m->response && smb_is_error(m->status))
		return;
	rd_skip(r, 2);
	code = rd_le32(r);
	f->object = (struct fact_object){ .space = SPACE_FILE,
		.first = code,
		.count = 1 };
	m->at.file = file_id(r);
	offset = rd_le32(r);
	n = rd_le32(r);
	if (m->response) {
		offset = rd_le32(r);
		n = rd_le32(r);
		rd_skip(r, 8);
	} else {
		rd_skip(r, 24);
	}
	if (code == 0x0011c017) /* FSCTL_PIPE_TRANSCEIVE */
		(void)data_at(m, r, offset, n, d);
}

static void
query_directory_request(struct rd *r, struct dissect *d, const struct smb2 *m)
{
	struct fact *f = say(d, m);
	uint32_t class = rd_u8(r), offset, n;

	rd_skip(r, 1 + 4 + 16);
	offset = rd_le16(r);
	n = rd_le16(r);
	rd_skip(r, 4);
	smb_object(f, SPACE_FILE, bytes_at(m, r, offset, n), true);
	f->object.sub = (uint16_t) class;
}

static void
query_info_request(struct rd *r, struct dissect *d, const struct smb2 *m)
{
	struct fact *f = say(d, m);
	uint32_t type = rd_u8(r), class = rd_u8(r);

	f->object = (struct fact_object){ .space = SPACE_FILE,
		.area = type,
		.sub = (uint16_t) class };
}

/* FileRenameInformation, [MS-FSCC] 2.4.42.2. */
static void
set_info_request(struct rd *r, struct dissect *d, const struct smb2 *m)
{
	struct fact *f = say(d, m);
	uint32_t type = rd_u8(r), class = rd_u8(r), n = rd_le32(r), offset, len;
	struct span info;

	offset = rd_le16(r);
	rd_skip(r, 2 + 4 + 16);
	f->object = (struct fact_object){ .space = SPACE_FILE,
		.area = type,
		.sub = (uint16_t) class };
	if (type != 1 || class != 10)
		return;
	info = bytes_at(m, r, offset, n);
	if (info.n < 20)
		return;
	len = (uint32_t)(info.p[16] | info.p[17] << 8);
	smb_object(f, SPACE_FILE, span_first(span_from(info, 20), len), true);
}

/* --------------------------------------------------------------- messages */

static void
request(struct rd *r, struct dissect *d, struct smb2 *m)
{
	switch (m->command) {
	case C_NEGOTIATE:
		negotiate_request(r, d, m);
		return;
	case C_SESSION_SETUP:
		session_setup_request(r, d, m);
		return;
	case C_TREE_CONNECT:
		tree_connect_request(r, d, m);
		return;
	case C_CREATE:
		create_request(r, d, m);
		return;
	case C_CLOSE:
		close_request(r, d, m);
		return;
	case C_READ:
		(void)say(d, m);
		rd_skip(r, 6);
		m->at.offset = smb_offset(rd_le64(r));
		m->at.file = file_id(r);
		return;
	case C_WRITE:
		write_request(r, d, m);
		return;
	case C_IOCTL:
		ioctl(r, d, m);
		return;
	case C_QUERY_DIRECTORY:
		query_directory_request(r, d, m);
		return;
	case C_QUERY_INFO:
		query_info_request(r, d, m);
		return;
	case C_SET_INFO:
		set_info_request(r, d, m);
		return;
	}
	(void)say(d, m);
}

static void
response(struct rd *r, struct dissect *d, struct smb2 *m)
{
	if (m->status == STATUS_PENDING) {
		(void)say(d, m);
		return;
	}
	switch (m->command) {
	case C_NEGOTIATE:
		negotiate_response(r, d, m);
		return;
	case C_SESSION_SETUP:
		session_setup_response(r, d, m);
		return;
	case C_CREATE:
		create_response(r, d, m);
		return;
	case C_READ:
		read_response(r, d, m);
		return;
	case C_IOCTL:
		ioctl(r, d, m);
		return;
	}
	(void)say(d, m);
}

static void
answers(struct dissect *d, struct smb2 *m, uint32_t id)
{
	const struct ask *ask = NULL;

	if (m->command == C_OPLOCK && id == UINT32_MAX)
		d->ctx.flags |= FACT_UNSOLICITED;
	else if (m->status != STATUS_PENDING)
		ask = dissect_recall(d, id);
	if (ask != NULL)
		m->at = (struct smb_place){ .file = ask->extra[0],
			.offset = ask->extra[1] };
}

/* One message of a compound. */
static void
message(struct rd *r, struct dissect *d)
{
	struct smb2 m = { .base = r->off };
	uint32_t flags, next, id;
	struct rd body;

	rd_require(r, rd_be32(r) == 0xfe534d42 || !rd_ok(r), "no header");
	rd_require(r, rd_le16(r) == HEADER || !rd_ok(r), "header size");
	rd_skip(r, 2);
	m.status = rd_le32(r);
	m.command = rd_le16(r);
	rd_skip(r, 2);
	flags = rd_le32(r);
	next = rd_le32(r);
	m.response = (flags & FLAG_RESPONSE) != 0;
	rd_require(r, next == 0 || next >= HEADER, "next message too near");
	body = rd_sub(r, next != 0 ? next - HEAD_READ : rd_left(r));
	id = (uint32_t)rd_le64(&body);
	rd_skip(&body, 32);
	if (!rd_ok(&body))
		return;
	/* structure size */
	rd_skip(&body, rd_left(&body) < 2 ? rd_left(&body) : 2);
	d->ctx.flags = 0;
	d->ctx.response = m.response;
	dissect_pair(d, id);
	if (m.response) {
		answers(d, &m, id);
		response(&body, d, &m);
	} else {
		request(&body, d, &m);
		dissect_remember(d,
		    (struct ask){ .pair = id,
			.op = m.command,
			.extra = { m.at.file, m.at.offset } });
	}
	rd_skip_rest(&body);
}

static void
encrypted(struct rd *r, struct dissect *d)
{
	(void)dissect_op(d, OP_ENCRYPTED);
	rd_skip(r, 52);
	rd_secret(r, rd_left(r));
}

static void
smb2_parse(struct rd *r, struct dissect *d)
{
	struct span magic = rd_ahead(r, 1);

	if (magic.n == 1 && magic.p[0] == 0xfd) {
		encrypted(r, d);
		return;
	}
	if (magic.n == 1 && magic.p[0] == 0xfc) {
		(void)dissect_op(d, OP_COMPRESSED);
		rd_opaque_rest(r);
		return;
	}
	for (uint32_t i = 0; i < COMPOUND_MAX && rd_more(r); i++)
		message(r, d);
}

const struct proto proto_smb2 = {
	.name = "smb2",
	.title = "Server Message Block 2 and 3",
	.spec = "[MS-SMB2] 2.2",
	.depth = "all commands; logins, systems, shares, files, pipes",
	.slot = PROTO_SLOT,
	.parse = smb2_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct smb_state),
};
