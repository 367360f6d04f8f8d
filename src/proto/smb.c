/*
 * smb.c - Server Message Block, version 1 (CIFS).
 *
 * [MS-CIFS] 2.2, [MS-SMB] 2.2.
 *
 *	0xff "SMB" | command u8 | status le32 | flags u8 | flags2 le16 |
 *	pid high le16, signature 8, reserved 2, tid, pid, uid, mid le16
 *	then: word count u8 | words le16 ... | byte count le16 | bytes
 *
 * Op is the command; of a chain (AndX) each command says its own.  Object:
 * the file or share by name, sub = subcommand of a transaction.  Pair is the
 * multiplex identifier with the process identifier above it.  Passwords and
 * their responses are passed over.
 *
 * Offsets in a message count from its header and may only lead forward here;
 * byte counts that exceed the message are taken as all that is left, as long
 * writes wrap them round.
 */
#include "smb.h"

#include "ntlmssp.h"
#include "proto.h"
#include "text.h"

#define FLAG_RESPONSE 0x80u
#define FLAG2_EXTENDED 0x0800u
#define FLAG2_NT_STATUS 0x4000u
#define FLAG2_UNICODE 0x8000u
#define CHAIN_MAX 8u
#define ANDX_NONE 0xffu

enum command {
	C_CREATE_DIRECTORY = 0x00,
	C_DELETE_DIRECTORY = 0x01,
	C_OPEN = 0x02,
	C_CREATE = 0x03,
	C_CLOSE = 0x04,
	C_DELETE = 0x06,
	C_RENAME = 0x07,
	C_QUERY_INFO = 0x08,
	C_SET_INFO = 0x09,
	C_CREATE_NEW = 0x0f,
	C_CHECK_DIRECTORY = 0x10,
	C_LOCKING = 0x24,
	C_TRANSACTION = 0x25,
	C_OPEN_ANDX = 0x2d,
	C_READ_ANDX = 0x2e,
	C_WRITE_ANDX = 0x2f,
	C_TRANSACTION2 = 0x32,
	C_TREE_CONNECT = 0x70,
	C_NEGOTIATE = 0x72,
	C_SESSION_SETUP = 0x73,
	C_LOGOFF = 0x74,
	C_TREE_ANDX = 0x75,
	C_NT_TRANSACT = 0xa0,
	C_NT_CREATE = 0xa2,
	C_NT_RENAME = 0xa5,
};

static const struct proto_op ops[] = {
	{ 0x00, FACT_FILE, RISK_FILE, "create directory" },
	{ 0x01, FACT_FILE, RISK_FILE, "delete directory" },
	{ 0x02, FACT_FILE, RISK_NONE, "open" },
	{ 0x03, FACT_FILE, RISK_FILE, "create" },
	{ 0x04, FACT_FILE, RISK_NONE, "close" },
	{ 0x05, FACT_FILE, RISK_NONE, "flush" },
	{ 0x06, FACT_FILE, RISK_FILE, "delete" },
	{ 0x07, FACT_FILE, RISK_FILE, "rename" },
	{ 0x08, FACT_FILE, RISK_NONE, "query information" },
	{ 0x09, FACT_FILE, RISK_FILE, "set information" },
	{ 0x0a, FACT_FILE, RISK_NONE, "read" },
	{ 0x0b, FACT_FILE, RISK_FILE, "write" },
	{ 0x0c, FACT_FILE, RISK_NONE, "lock byte range" },
	{ 0x0d, FACT_FILE, RISK_NONE, "unlock byte range" },
	{ 0x0e, FACT_FILE, RISK_FILE, "create temporary" },
	{ 0x0f, FACT_FILE, RISK_FILE, "create new" },
	{ 0x10, FACT_FILE, RISK_NONE, "check directory" },
	{ 0x11, FACT_SESSION, RISK_NONE, "process exit" },
	{ 0x12, FACT_FILE, RISK_NONE, "seek" },
	{ 0x13, FACT_FILE, RISK_NONE, "lock and read" },
	{ 0x14, FACT_FILE, RISK_FILE, "write and unlock" },
	{ 0x1a, FACT_FILE, RISK_NONE, "read raw" },
	{ 0x1b, FACT_FILE, RISK_NONE, "read multiplexed" },
	{ 0x1c, FACT_FILE, RISK_NONE, "read multiplexed secondary" },
	{ 0x1d, FACT_FILE, RISK_FILE, "write raw" },
	{ 0x1e, FACT_FILE, RISK_FILE, "write multiplexed" },
	{ 0x1f, FACT_FILE, RISK_FILE, "write multiplexed secondary" },
	{ 0x20, FACT_FILE, RISK_NONE, "write complete" },
	{ 0x21, FACT_DISCOVER, RISK_NONE, "query server" },
	{ 0x22, FACT_FILE, RISK_FILE, "set information 2" },
	{ 0x23, FACT_FILE, RISK_NONE, "query information 2" },
	{ 0x24, FACT_FILE, RISK_NONE, "locking andx" },
	{ 0x25, FACT_FILE, RISK_NONE, "transaction" },
	{ 0x26, FACT_FILE, RISK_NONE, "transaction secondary" },
	{ 0x27, FACT_FILE, RISK_NONE, "ioctl" },
	{ 0x28, FACT_FILE, RISK_NONE, "ioctl secondary" },
	{ 0x29, FACT_FILE, RISK_FILE, "copy" },
	{ 0x2a, FACT_FILE, RISK_FILE, "move" },
	{ 0x2b, FACT_DIAGNOSE, RISK_NONE, "echo" },
	{ 0x2c, FACT_FILE, RISK_FILE, "write and close" },
	{ 0x2d, FACT_FILE, RISK_NONE, "open andx" },
	{ 0x2e, FACT_FILE, RISK_NONE, "read andx" },
	{ 0x2f, FACT_FILE, RISK_FILE, "write andx" },
	{ 0x30, FACT_FILE, RISK_FILE, "new file size" },
	{ 0x31, FACT_SESSION, RISK_NONE, "close and tree disconnect" },
	{ 0x32, FACT_FILE, RISK_NONE, "transaction 2" },
	{ 0x33, FACT_FILE, RISK_NONE, "transaction 2 secondary" },
	{ 0x34, FACT_FILE, RISK_NONE, "find close 2" },
	{ 0x35, FACT_FILE, RISK_NONE, "find notify close" },
	{ 0x70, FACT_SESSION, RISK_NONE, "tree connect" },
	{ 0x71, FACT_SESSION, RISK_NONE, "tree disconnect" },
	{ 0x72, FACT_SESSION, RISK_NONE, "negotiate" },
	{ 0x73, FACT_SESSION, RISK_NONE, "session setup andx" },
	{ 0x74, FACT_SESSION, RISK_NONE, "logoff andx" },
	{ 0x75, FACT_SESSION, RISK_NONE, "tree connect andx" },
	{ 0x7e, FACT_SESSION, RISK_NONE, "security package andx" },
	{ 0x80, FACT_DISCOVER, RISK_NONE, "query information disk" },
	{ 0x81, FACT_FILE, RISK_NONE, "search" },
	{ 0x82, FACT_FILE, RISK_NONE, "find" },
	{ 0x83, FACT_FILE, RISK_NONE, "find unique" },
	{ 0x84, FACT_FILE, RISK_NONE, "find close" },
	{ 0xa0, FACT_FILE, RISK_NONE, "nt transact" },
	{ 0xa1, FACT_FILE, RISK_NONE, "nt transact secondary" },
	{ 0xa2, FACT_FILE, RISK_NONE, "nt create andx" },
	{ 0xa4, FACT_SESSION, RISK_NONE, "nt cancel" },
	{ 0xa5, FACT_FILE, RISK_FILE, "nt rename" },
	{ 0xc0, FACT_FILE, RISK_FILE, "open print file" },
	{ 0xc1, FACT_FILE, RISK_FILE, "write print file" },
	{ 0xc2, FACT_FILE, RISK_NONE, "close print file" },
	{ 0xc3, FACT_FILE, RISK_NONE, "get print queue" },
	{ 0xd8, FACT_FILE, RISK_NONE, "read bulk" },
	{ 0xd9, FACT_FILE, RISK_FILE, "write bulk" },
	{ 0xda, FACT_FILE, RISK_FILE, "write bulk data" },
	{ 0xfe, FACT_FILE, RISK_NONE, "invalid" },
	{ 0xff, FACT_SESSION, RISK_NONE, "no andx command" },
};

struct smb { /* of one message */
	uint32_t base; /* where its header begins */
	uint32_t command; /* of the block at hand */
	uint32_t status;
	bool response, wide, extended;
	uint32_t pair;
	uint32_t n_words;
	struct smb_place at; /* of a read, write or transaction */
};

/* --------------------------------------------------------------- elements */

static uint32_t
position(const struct smb *m, const struct rd *r)
{
	return r->off - m->base;
}

/* Go forward to an offset from the header; false when it leads elsewhere. */
static bool
go_to(const struct smb *m, struct rd *r, uint32_t offset)
{
	uint32_t at = position(m, r);

	if (!rd_ok(r) || offset < at || offset - at > rd_left(r))
		return false;
	rd_skip(r, offset - at);
	return true;
}

static void
align(const struct smb *m, struct rd *r)
{
	if (m->wide && (position(m, r) & 1) != 0 && rd_more(r))
		rd_skip(r, 1);
}

static struct span
narrow(struct rd *r)
{
	struct span s = rd_ahead(r, rd_have(r));
	uint32_t n = span_find(s, 0);

	if (n == s.n && rd_left(r) > s.n)
		return rd_span(r, s.n + 1); /* fails: not captured */
	s = rd_span(r, n);
	if (rd_more(r))
		rd_skip(r, 1);
	return s;
}

/* A NUL-terminated string; the last one may come without its end. */
static struct span
string_here(const struct smb *m, struct rd *r)
{
	struct span s;
	uint32_t n = 0;

	if (!m->wide)
		return narrow(r);
	s = rd_ahead(r, rd_have(r));
	while (n + 1 < s.n && (s.p[n] != 0 || s.p[n + 1] != 0))
		n += 2;
	if (n + 1 >= s.n && rd_left(r) > s.n)
		return rd_span(r, s.n + 1); /* fails: not captured */
	s = rd_span(r, n);
	rd_skip(r, rd_left(r) < 2 ? rd_left(r) : 2);
	return s;
}

static struct span
string(const struct smb *m, struct rd *r)
{
	align(m, r);
	return string_here(m, r);
}

/* A string after its format byte (4: path), [MS-CIFS] 2.2.1.1. */
static struct span
path(const struct smb *m, struct rd *r)
{
	if (rd_more(r))
		rd_skip(r, 1);
	return string(m, r);
}

/* The fact of the block at hand. */
static struct fact *
say(struct dissect *d, const struct smb *m)
{
	if (m->response && smb_is_error(m->status))
		return dissect_error(d, m->command, m->status);
	return dissect_op(d, m->command);
}

/* --------------------------------------------------------------- sessions */

static void
negotiate_request(struct rd *b, struct dissect *d, const struct smb *m)
{
	struct span last = { NULL, 0 };
	struct fact *f = say(d, m);

	for (uint32_t i = 0; i < 64 && rd_more(b); i++) {
		rd_skip(b, 1);
		last = narrow(b);
	}
	fact_text(f, last);
}

static void
negotiate_response(struct rd *w, struct rd *b, struct dissect *d,
    const struct smb *m)
{
	struct fact *f = say(d, m);
	uint32_t index = rd_left(w) >= 2 ? rd_le16(w) : 0xffff;
	uint32_t mode, challenge;

	if (index == 0xffff || m->n_words != 17)
		return;
	mode = rd_u8(w);
	rd_skip(w, 30);
	challenge = rd_u8(w);
	fact_textf(f, "dialect %u", index);
	dissect_ident(d, TRAIT_SECURITY,
	    (mode & 8) != 0 ? SPAN_LIT("SMB 1")
			    : SPAN_LIT("SMB 1 without required signing"));
	if (m->extended) {
		rd_skip(b, 16 < rd_left(b) ? 16 : rd_left(b));
		ntlmssp_say(d, m->command, rd_span_rest(b));
		return;
	}
	rd_skip(b, challenge < rd_left(b) ? challenge : rd_left(b));
	/* these alone are not aligned */
	smb_ident(d, TRAIT_DOMAIN, string_here(m, b), m->wide);
	smb_ident(d, TRAIT_NAME, string_here(m, b), m->wide);
}

static void
systems(struct rd *b, struct dissect *d, const struct smb *m)
{
	struct span os = string(m, b), program = string(m, b);
	uint32_t least = m->wide ? 6 : 3; /* less names nothing */

	if (os.n >= least)
		smb_ident(d, TRAIT_OS, os, m->wide);
	if (program.n >= least)
		smb_ident(d, TRAIT_APPLICATION, program, m->wide);
}

static void
setup_blob(struct rd *b, uint32_t n, struct dissect *d, const struct smb *m)
{
	ntlmssp_say(d, m->command, rd_span(b, n < rd_left(b) ? n : rd_left(b)));
	systems(b, d, m);
}

static void
session_setup_request(struct rd *w, struct rd *b, struct dissect *d,
    const struct smb *m)
{
	uint32_t secret;
	struct span user, domain;

	(void)say(d, m);
	rd_skip(w, m->n_words >= 10 ? 10 : rd_left(w));
	if (m->n_words == 12) {
		setup_blob(b, rd_le16(w), d, m);
		return;
	}
	if (m->n_words != 13 && m->n_words != 10)
		return;
	secret = rd_le16(w);
	if (m->n_words == 13)
		secret += rd_le16(w);
	rd_skip(b, secret < rd_left(b) ? secret : rd_left(b));
	user = string(m, b);
	domain = string(m, b);
	if (rd_ok(b))
		ntlmssp_login(d, m->command, domain, user, m->wide);
	systems(b, d, m);
}

static void
session_setup_response(struct rd *w, struct rd *b, struct dissect *d,
    const struct smb *m)
{
	struct fact *f = say(d, m);
	uint32_t action = rd_left(w) >= 2 ? rd_le16(w) : 0;

	if ((action & 1) != 0)
		fact_text(f, SPAN_LIT("guest"));
	if (m->n_words == 4) {
		setup_blob(b, rd_le16(w), d, m);
	} else if (m->n_words == 3) {
		systems(b, d, m);
		smb_ident(d, TRAIT_DOMAIN, string(m, b), m->wide);
	}
}

static void
tree_andx_request(struct rd *w, struct rd *b, struct dissect *d,
    const struct smb *m)
{
	struct fact *f = say(d, m);
	uint32_t secret = 0;

	if (rd_left(w) >= 4) {
		rd_skip(w, 2);
		secret = rd_le16(w);
	}
	rd_skip(b, secret < rd_left(b) ? secret : rd_left(b));
	smb_object(f, SPACE_SHARE, string(m, b), m->wide);
}

/* ------------------------------------------------------------------ files */

static void
name_in_bytes(struct rd *b, struct dissect *d, const struct smb *m,
    enum space space)
{
	struct fact *f = say(d, m);

	smb_object(f, space, path(m, b), m->wide);
}

/* CreateDisposition and CreateOptions, [MS-CIFS] 2.2.4.64.1. */
static void
nt_create_request(struct rd *w, struct rd *b, struct dissect *d,
    const struct smb *m)
{
	struct fact *f = say(d, m);
	uint32_t how, options;
	struct span name;

	if (rd_left(w) < 44)
		return;
	rd_skip(w, 31);
	how = rd_le32(w);
	options = rd_le32(w);
	if (how != 1 || (options & 0x1000) != 0)
		f->risk = RISK_FILE;
	name = string(m, b);
	smb_object(f, SPACE_FILE, name, m->wide);
	dissect_content_asked(d, m->pair + 1, name, m->wide);
}

/* Which file it is, how long; [MS-CIFS] 2.2.4.64.2. */
static void
nt_create_response(struct rd *w, struct dissect *d, const struct smb *m)
{
	uint32_t file;

	(void)say(d, m);
	if (rd_have(w) < 59)
		return;
	rd_skip(w, 1);
	file = rd_le16(w);
	rd_skip(w, 48);
	dissect_content_is(d, file, m->pair + 1, rd_le64(w));
}

static void
open_andx_response(struct rd *w, struct dissect *d, const struct smb *m)
{
	uint32_t file;

	(void)say(d, m);
	if (rd_have(w) < 12)
		return;
	file = rd_le16(w);
	rd_skip(w, 6);
	dissect_content_is(d, file, m->pair + 1, rd_le32(w));
}

static void
close_request(struct rd *w, struct dissect *d, const struct smb *m)
{
	(void)say(d, m);
	if (rd_have(w) >= 2)
		dissect_content_end(d, rd_le16(w));
}

/* OpenMode: more than "open if it exists" makes or empties a file. */
static void
open_andx_request(struct rd *w, struct rd *b, struct dissect *d,
    const struct smb *m)
{
	struct fact *f = say(d, m);
	struct span name;

	if (rd_left(w) < 26)
		return;
	rd_skip(w, 12);
	if ((rd_le16(w) & 0x12) != 0)
		f->risk = RISK_FILE;
	name = string(m, b);
	smb_object(f, SPACE_FILE, name, m->wide);
	dissect_content_asked(d, m->pair + 1, name, m->wide);
}

/* Data of a read or write, at an offset from the header; true: a pipe's. */
static bool
file_data(struct rd *b, uint32_t offset, uint32_t n, struct dissect *d,
    const struct smb *m)
{
	struct rd data;

	if (n == 0 || !go_to(m, b, offset))
		return false;
	data = rd_sub(b, n < rd_left(b) ? n : rd_left(b));
	return smb_data(&data, d, &m->at);
}

static void
write_andx_request(struct rd *w, struct rd *b, struct dissect *d, struct smb *m)
{
	struct fact *f = say(d, m);
	uint32_t n, offset;

	if (rd_left(w) < 20)
		return;
	m->at = (struct smb_place){ .file = rd_le16(w), .is_file = true };
	m->at.offset = rd_le32(w);
	rd_skip(w, 8);
	n = (uint32_t)rd_le16(w) << 16;
	n |= rd_le16(w);
	offset = rd_le16(w);
	if (file_data(b, offset, n, d, m))
		f->risk = RISK_NONE; /* the call inside has its own */
}

static void
read_andx_response(struct rd *w, struct rd *b, struct dissect *d, struct smb *m)
{
	uint32_t n, offset;

	(void)say(d, m);
	if (rd_left(w) < 12)
		return;
	m->at.is_file = true;
	rd_skip(w, 6);
	n = rd_le16(w);
	offset = rd_le16(w);
	n |= rd_le32(w) << 16;
	(void)file_data(b, offset, n, d, m);
}

/* ----------------------------------------------------------- transactions */

struct transaction {
	uint32_t params, params_at, data, data_at, total;
	uint32_t sub; /* subcommand */
	uint32_t file; /* identifier, of a named pipe */
};

static void
read_transaction(struct rd *w, const struct smb *m, struct transaction *t)
{
	uint32_t setup;

	*t = (struct transaction){ .sub = 0 };
	if (rd_left(w) < (m->response ? 20u : 28u))
		return;
	rd_skip(w, 2);
	t->total = rd_le16(w);
	rd_skip(w, m->response ? 2 : 14);
	t->params = rd_le16(w);
	t->params_at = rd_le16(w);
	if (m->response)
		rd_skip(w, 2);
	t->data = rd_le16(w);
	t->data_at = rd_le16(w);
	if (m->response)
		rd_skip(w, 2);
	setup = rd_u8(w);
	rd_skip(w, 1);
	if (setup > 0 && rd_left(w) >= 2)
		t->sub = rd_le16(w);
	if (setup > 1 && rd_left(w) >= 2)
		t->file = rd_le16(w);
}

static void
transaction(struct rd *w, struct rd *b, struct dissect *d, struct smb *m)
{
	struct transaction t;
	struct span name = { NULL, 0 };
	struct fact *f = say(d, m);

	read_transaction(w, m, &t);
	if (!m->response) {
		name = string(m, b);
		smb_object(f, SPACE_FILE, name, m->wide);
		f->object.sub = (uint16_t)t.sub;
		m->at.file = t.file;
	}
	/* what the browser announces is read by who carries it */
	if (t.total == t.data && !text_is(name, "\\mailslot\\browse"))
		(void)file_data(b, t.data_at, t.data, d, m);
}

/* How many bytes of parameters stand before the name; -1: no name. */
static int
name_after(uint32_t sub)
{
	switch (sub) {
	case 0: /* open 2 */
		return 28;
	case 1: /* find first 2 */
		return 12;
	case 5: /* query path information */
	case 6: /* set path information */
		return 6;
	case 13: /* create directory */
		return 4;
	case 16: /* get DFS referral */
		return 2;
	}
	return -1;
}

static uint8_t
transaction2_risk(uint32_t sub)
{
	return sub == 4 || sub == 6 || sub == 8 || sub == 13 ? RISK_FILE
							     : RISK_NONE;
}

static void
transaction2(struct rd *w, struct rd *b, struct dissect *d, const struct smb *m)
{
	struct transaction t;
	struct fact *f = say(d, m);
	struct rd params;
	int skip;

	read_transaction(w, m, &t);
	if (m->response)
		return;
	f->object.space = SPACE_FILE;
	f->object.sub = (uint16_t)t.sub;
	f->risk = transaction2_risk(t.sub);
	skip = name_after(t.sub);
	if (skip < 0 || (uint32_t)skip > t.params || !go_to(m, b, t.params_at))
		return;
	params = rd_sub(b, t.params < rd_left(b) ? t.params : rd_left(b));
	if ((uint32_t)skip > rd_left(&params))
		return;
	rd_skip(&params, (uint32_t)skip);
	smb_object(f, SPACE_FILE, string(m, &params), m->wide);
}

static void
nt_transact(struct rd *w, struct dissect *d, const struct smb *m)
{
	struct fact *f = say(d, m);

	if (m->response || rd_left(w) < 38)
		return;
	rd_skip(w, 36);
	f->object.space = SPACE_FILE;
	f->object.sub = rd_le16(w);
	if (f->object.sub == 1 || f->object.sub == 3 || f->object.sub == 5)
		f->risk = RISK_FILE;
}

/* ----------------------------------------------------------------- blocks */

static void
request(struct rd *w, struct rd *b, struct dissect *d, struct smb *m)
{
	switch (m->command) {
	case C_NEGOTIATE:
		negotiate_request(b, d, m);
		return;
	case C_SESSION_SETUP:
		session_setup_request(w, b, d, m);
		return;
	case C_TREE_ANDX:
		tree_andx_request(w, b, d, m);
		return;
	case C_TREE_CONNECT:
		name_in_bytes(b, d, m, SPACE_SHARE);
		return;
	case C_CREATE_DIRECTORY:
	case C_DELETE_DIRECTORY:
	case C_OPEN:
	case C_CREATE:
	case C_DELETE:
	case C_RENAME:
	case C_QUERY_INFO:
	case C_SET_INFO:
	case C_CREATE_NEW:
	case C_CHECK_DIRECTORY:
	case C_NT_RENAME:
		name_in_bytes(b, d, m, SPACE_FILE);
		return;
	case C_NT_CREATE:
		nt_create_request(w, b, d, m);
		return;
	case C_OPEN_ANDX:
		open_andx_request(w, b, d, m);
		return;
	case C_WRITE_ANDX:
		write_andx_request(w, b, d, m);
		return;
	case C_CLOSE:
		close_request(w, d, m);
		return;
	case C_READ_ANDX:
		(void)say(d, m);
		m->at.file = rd_left(w) >= 2 ? rd_le16(w) : 0;
		m->at.offset = rd_left(w) >= 4 ? rd_le32(w) : 0;
		return;
	case C_TRANSACTION:
		transaction(w, b, d, m);
		return;
	case C_TRANSACTION2:
		transaction2(w, b, d, m);
		return;
	case C_NT_TRANSACT:
		nt_transact(w, d, m);
		return;
	}
	(void)say(d, m);
}

static void
response(struct rd *w, struct rd *b, struct dissect *d, struct smb *m)
{
	switch (m->command) {
	case C_NEGOTIATE:
		negotiate_response(w, b, d, m);
		return;
	case C_SESSION_SETUP:
		session_setup_response(w, b, d, m);
		return;
	case C_NT_CREATE:
		nt_create_response(w, d, m);
		return;
	case C_OPEN_ANDX:
		open_andx_response(w, d, m);
		return;
	case C_READ_ANDX:
		read_andx_response(w, b, d, m);
		return;
	case C_TRANSACTION:
		transaction(w, b, d, m);
		return;
	}
	(void)say(d, m);
}

static bool
has_andx(uint32_t command)
{
	switch (command) {
	case C_LOCKING:
	case C_OPEN_ANDX:
	case C_READ_ANDX:
	case C_WRITE_ANDX:
	case C_SESSION_SETUP:
	case C_LOGOFF:
	case C_TREE_ANDX:
	case C_NT_CREATE:
		return true;
	}
	return false;
}

/* One command of the chain; the next one, or ANDX_NONE. */
static uint32_t
block(struct rd *r, struct dissect *d, struct smb *m)
{
	uint32_t next = ANDX_NONE, offset = 0, n;
	struct rd words, bytes;

	m->n_words = rd_u8(r);
	words = rd_sub(r, m->n_words * 2);
	n = rd_left(r) >= 2 ? rd_le16(r) : 0;
	if (has_andx(m->command) && rd_left(&words) >= 4) {
		next = rd_u8(&words);
		rd_skip(&words, 1);
		offset = rd_le16(&words);
	}
	/* long reads and writes do not fit the byte count */
	if (n > rd_left(r) || m->command == C_WRITE_ANDX ||
	    m->command == C_READ_ANDX)
		n = rd_left(r);
	if (next != ANDX_NONE && offset >= position(m, r) &&
	    offset - position(m, r) < n)
		n = offset - position(m, r);
	bytes = rd_sub(r, n);
	if (m->response)
		response(&words, &bytes, d, m);
	else
		request(&words, &bytes, d, m);
	rd_skip_rest(&words);
	rd_skip_rest(&bytes);
	return next != ANDX_NONE && go_to(m, r, offset) ? next : ANDX_NONE;
}

static void
header(struct rd *r, struct dissect *d, struct smb *m)
{
	uint32_t flags, flags2, high;

	m->base = r->off;
	rd_skip(r, 4);
	m->command = rd_u8(r);
	m->status = rd_le32(r);
	flags = rd_u8(r);
	flags2 = rd_le16(r);
	high = rd_le16(r);
	rd_skip(r, 8 + 2 + 2);
	high = rd_le16(r) ^ high;
	rd_skip(r, 2);
	m->pair = high << 16 | rd_le16(r);
	m->response = (flags & FLAG_RESPONSE) != 0;
	m->wide = (flags2 & FLAG2_UNICODE) != 0;
	m->extended = (flags2 & FLAG2_EXTENDED) != 0;
	/* DOS errors: class u8, reserved, code le16; mapped into the range of
	 * errors so that both read alike */
	if ((flags2 & FLAG2_NT_STATUS) == 0 && m->status != 0)
		m->status |= 0xc0000000u;
	d->ctx.response = m->response;
	dissect_pair(d, m->pair);
}

static void
answers(struct dissect *d, struct smb *m)
{
	const struct ask *ask = dissect_recall(d, m->pair);

	if (ask != NULL)
		m->at = (struct smb_place){ .file = ask->extra[0],
			.offset = ask->extra[1] };
}

static void
smb_parse(struct rd *r, struct dissect *d)
{
	struct smb m = { .base = 0 };
	uint32_t next, first;

	header(r, d, &m);
	if (!rd_ok(r))
		return;
	first = m.command;
	if (m.response)
		answers(d, &m);
	if (!rd_more(r))
		(void)say(d, &m); /* not even a count of words */
	for (uint32_t i = 0; i < CHAIN_MAX && rd_more(r); i++) {
		next = block(r, d, &m);
		if (next == ANDX_NONE)
			break;
		m.command = next;
	}
	if (!m.response)
		dissect_remember(d,
		    (struct ask){ .pair = m.pair,
			.op = first,
			.extra = { m.at.file, m.at.offset } });
	rd_skip_rest(r);
}

const struct proto proto_smb = {
	.name = "smb",
	.title = "Server Message Block 1",
	.spec = "[MS-CIFS] 2.2, [MS-SMB] 2.2",
	.depth = "all commands; logins, systems, shares, files, pipes",
	.slot = PROTO_SLOT,
	.parse = smb_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct smb_state),
};
