/*
 * nfs.c - Network File System, its mount protocol and its locks.
 *
 * RFC 1094 (version 2 and mount), RFC 1813 (3), RFC 7530 (4); the calls are
 * ONC RPC's, onc_rpc.c, which says program, version and procedure by the
 * context's seq.
 *
 *	version 2: handles of 32 bytes   3: handles with a length be32 before
 *	a name follows the handle of its folder: length be32, text
 *	every result begins with a status be32
 *
 * Op is version << 16 | procedure of NFS, 5 << 16 | procedure of mount, 21 <<
 * 16 | procedure of the lock manager.  The object is the file by its name.
 */
#include "onc_rpc.h"

#include "say.h"

#define V2(n) (2u << 16 | (n))
#define V3(n) (3u << 16 | (n))
#define V4(n) (4u << 16 | (n))
#define MOUNT(n) (5u << 16 | (n))
#define LOCK(n) (21u << 16 | (n))
#define HANDLE2 32u

#define ASK(code, what)                          \
	{                                        \
		code, FACT_FILE, RISK_NONE, what \
	}
#define CHANGE(code, what)                       \
	{                                        \
		code, FACT_FILE, RISK_FILE, what \
	}
static const struct proto_op ops[] = {
	{ V2(0), FACT_DIAGNOSE, RISK_NONE, "null" },
	ASK(V2(1), "getattr"),
	CHANGE(V2(2), "setattr"),
	ASK(V2(3), "root"),
	ASK(V2(4), "lookup"),
	ASK(V2(5), "readlink"),
	ASK(V2(6), "read"),
	ASK(V2(7), "writecache"),
	CHANGE(V2(8), "write"),
	CHANGE(V2(9), "create"),
	CHANGE(V2(10), "remove"),
	CHANGE(V2(11), "rename"),
	CHANGE(V2(12), "link"),
	CHANGE(V2(13), "symlink"),
	CHANGE(V2(14), "mkdir"),
	CHANGE(V2(15), "rmdir"),
	ASK(V2(16), "readdir"),
	ASK(V2(17), "statfs"),
	{ V3(0), FACT_DIAGNOSE, RISK_NONE, "null" },
	ASK(V3(1), "getattr"),
	CHANGE(V3(2), "setattr"),
	ASK(V3(3), "lookup"),
	ASK(V3(4), "access"),
	ASK(V3(5), "readlink"),
	ASK(V3(6), "read"),
	CHANGE(V3(7), "write"),
	CHANGE(V3(8), "create"),
	CHANGE(V3(9), "mkdir"),
	CHANGE(V3(10), "symlink"),
	CHANGE(V3(11), "mknod"),
	CHANGE(V3(12), "remove"),
	CHANGE(V3(13), "rmdir"),
	CHANGE(V3(14), "rename"),
	CHANGE(V3(15), "link"),
	ASK(V3(16), "readdir"),
	ASK(V3(17), "readdirplus"),
	ASK(V3(18), "fsstat"),
	ASK(V3(19), "fsinfo"),
	ASK(V3(20), "pathconf"),
	ASK(V3(21), "commit"),
	{ V4(0), FACT_DIAGNOSE, RISK_NONE, "null" },
	ASK(V4(1), "compound"),
	{ MOUNT(0), FACT_DIAGNOSE, RISK_NONE, "mount null" },
	ASK(MOUNT(1), "mount"),
	{ MOUNT(2), FACT_DISCOVER, RISK_NONE, "dump mounts" },
	ASK(MOUNT(3), "unmount"),
	ASK(MOUNT(4), "unmount all"),
	{ MOUNT(5), FACT_DISCOVER, RISK_NONE, "list exports" },
	{ MOUNT(6), FACT_DISCOVER, RISK_NONE, "list all exports" },
	{ LOCK(0), FACT_DIAGNOSE, RISK_NONE, "lock null" },
	ASK(LOCK(1), "test lock"),
	ASK(LOCK(2), "lock"),
	ASK(LOCK(3), "cancel lock"),
	ASK(LOCK(4), "unlock"),
	ASK(LOCK(5), "granted"),
};
#undef CHANGE
#undef ASK

/* Calls whose arguments are a folder's handle and a name. */
static bool
has_name(uint32_t op)
{
	switch (op) {
	case V2(4):
	case V2(9):
	case V2(10):
	case V2(11):
	case V2(13):
	case V2(14):
	case V2(15):
	case V3(3):
	case V3(8):
	case V3(9):
	case V3(10):
	case V3(11):
	case V3(12):
	case V3(13):
	case V3(14):
		return true;
	}
	return false;
}

static void
arguments(struct rd *r, struct fact *f, uint32_t op)
{
	f->object = (struct fact_object){ .space = SPACE_FILE, .count = 1 };
	if (op == MOUNT(1) || op == MOUNT(3)) {
		f->object.space = SPACE_SHARE;
		fact_text(f, onc_rpc_bytes(r));
	} else if (has_name(op)) {
		if (op >> 16 == 2)
			rd_skip(r, HANDLE2);
		else
			(void)onc_rpc_bytes(r);
		fact_text(f, onc_rpc_bytes(r));
	}
}

static void
nfs_parse(struct rd *r, struct dissect *d)
{
	uint32_t program = d->ctx.seq >> 24, version = d->ctx.seq >> 16 & 0xff;
	uint32_t op =
	    (program == 3 ? version : program) << 16 | (d->ctx.seq & 0xffff);
	uint32_t status = 0;

	d->ctx.seq = 0;
	if (!d->ctx.response) {
		arguments(r, dissect_op(d, op), op);
	} else {
		if ((op & 0xffff) != 0 && program != 21 && op != MOUNT(5) &&
		    op != MOUNT(2) && op != MOUNT(3) && rd_left(r) >= 4)
			status = rd_be32(r);
		if (status != 0)
			(void)dissect_error(d, op, status);
		else
			(void)dissect_op(d, op);
	}
	rd_skip_rest(r);
}

const struct proto proto_nfs = {
	.name = "nfs",
	.title = "Network File System, with mount and locks",
	.spec = "RFC 1094, RFC 1813, RFC 7530",
	.depth = "versions 2 and 3: all calls, names, outcome; version 4: "
		 "compounds are counted; contents are passed over",
	.slot = PROTO_SLOT,
	.server_role = ROLE_SERVER,
	.parse = nfs_parse,
	PROTO_OPS(ops),
};
