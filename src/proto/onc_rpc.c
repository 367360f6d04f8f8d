/*
 * onc_rpc.c - ONC remote procedure calls, with the port mapper.
 *
 * RFC 5531 clauses 9 and 11, RFC 1833 (programs and ports).
 *
 *	over TCP: be32, the top bit of the last fragment, its length
 *	call	xid, 0, 2, program, version, procedure, who, proof
 *	reply	xid, 1, 0, proof, status, results; or xid, 1, 1, why refused
 *	who and proof: kind be32, length be32, bytes; kind 1: stamp, machine,
 *	user, group, groups
 *
 * Op is the procedure of the port mapper; 0x100 a call to another program,
 * which its text names.  NFS and its helpers are handed on to nfs.c.  Pair is
 * the xid.
 */
#include "onc_rpc.h"

#include "say.h"

#define LAST 0x80000000u
#define PORTMAP 100000u
#define OP_CALL 0x100u
#define CALL 0u
#define REPLY 1u
#define AUTH_UNIX 1u
#define PORT 111u

static const struct proto_op ops[] = {
	{ 0, FACT_DIAGNOSE, RISK_NONE, "null" },
	{ 1, FACT_CONFIG, RISK_NONE, "set" },
	{ 2, FACT_CONFIG, RISK_NONE, "unset" },
	{ 3, FACT_DISCOVER, RISK_NONE, "get port" },
	{ 4, FACT_DISCOVER, RISK_NONE, "dump" },
	{ 5, FACT_SESSION, RISK_NONE, "call" },
	{ 6, FACT_SESSION, RISK_NONE, "broadcast" },
	{ 7, FACT_TIME, RISK_NONE, "get time" },
	{ 9, FACT_DISCOVER, RISK_NONE, "get version address" },
	{ 11, FACT_DISCOVER, RISK_NONE, "get address list" },
	{ 12, FACT_DIAGNOSE, RISK_NONE, "get statistics" },
	{ OP_CALL, FACT_SESSION, RISK_NONE, "other program" },
};

static const struct {
	uint32_t number;
	const char *name;
} programs[] = {
	{ 100000, "portmapper" },
	{ 100001, "rstatd" },
	{ 100002, "rusersd" },
	{ 100003, "nfs" },
	{ 100004, "ypserv" },
	{ 100005, "mountd" },
	{ 100007, "ypbind" },
	{ 100008, "walld" },
	{ 100009, "yppasswdd" },
	{ 100011, "rquotad" },
	{ 100012, "sprayd" },
	{ 100021, "nlockmgr" },
	{ 100024, "status" },
	{ 100068, "cmsd" },
	{ 100083, "ttdbserverd" },
	{ 100227, "nfs_acl" },
	{ 395180, "vxi-11 async" },
	{ 395183, "vxi-11 core" },
	{ 395185, "vxi-11 interrupt" },
};

static const char *
program_name(uint32_t number)
{
	for (uint32_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (programs[i].number == number)
			return programs[i].name;
	return NULL;
}

static uint32_t
be32_at(struct span s, uint32_t at)
{
	return at + 4 > s.n
	    ? 0xffffffffu
	    : (uint32_t)s.p[at] << 24 | (uint32_t)s.p[at + 1] << 16 |
		(uint32_t)s.p[at + 2] << 8 | s.p[at + 3];
}

static bool
is_call(struct span s)
{
	return s.n >= 40 && be32_at(s, 4) == CALL && be32_at(s, 8) == 2 &&
	    be32_at(s, 12) >= 100000 && be32_at(s, 12) < 0x60000000u &&
	    be32_at(s, 16) <= 16 && be32_at(s, 20) <= 255 &&
	    be32_at(s, 28) <= 400;
}

static bool
is_reply(struct span s)
{
	return s.n >= 20 && be32_at(s, 4) == REPLY &&
	    ((be32_at(s, 8) == 0 && s.n >= 24 && be32_at(s, 16) <= 400 &&
		 be32_at(s, 12) <= 6) ||
		(be32_at(s, 8) == 1 && be32_at(s, 12) <= 1));
}

static uint32_t
onc_rpc_frame(struct span s, const struct dissect *d)
{
	uint32_t mark = be32_at(s, 0), n = mark & ~LAST;

	if (d->via == VIA_UDP)
		return s.n;
	if (n < 20 || n > 1u << 24 ||
	    (s.n >= 12 && be32_at(s, 8) != CALL && be32_at(s, 8) != REPLY))
		return FRAME_NOT_MINE;
	return n + 4;
}

static enum claim
onc_rpc_claim(struct span s, const struct dissect *d)
{
	if (d->via == VIA_TCP)
		s = (be32_at(s, 0) & LAST) != 0 ? span_from(s, 4)
						: span_first(s, 0);
	if (is_call(s))
		return CLAIM_STRONG;
	return is_reply(s) ? CLAIM_WEAK : CLAIM_NO;
}

static enum way
onc_rpc_way(struct span s)
{
	if (is_call(s) || is_call(span_from(s, 4)))
		return WAY_REQUEST;
	return is_reply(s) || is_reply(span_from(s, 4)) ? WAY_RESPONSE
							: WAY_UNKNOWN;
}

/* Who asks: stamp be32, machine, user be32. */
static void
credentials(struct rd *r, struct dissect *d, struct span *ret_machine)
{
	uint32_t kind = rd_be32(r), n = rd_be32(r);
	struct rd body = rd_sub(r, n);

	(void)d;
	if (kind == AUTH_UNIX && rd_left(&body) >= 16) {
		rd_skip(&body, 4);
		*ret_machine = onc_rpc_bytes(&body);
	}
	rd_skip_rest(&body);
	n = (4 - n % 4) % 4;
	rd_skip(r, n);
}

static void
portmap(struct rd *r, struct dissect *d, uint32_t procedure)
{
	struct fact *f = dissect_op(d, procedure);
	uint32_t program;
	const char *name;

	if (procedure >= 1 && procedure <= 3 && rd_left(r) >= 4) {
		program = rd_be32(r);
		name = program_name(program);
		f->object = SAY_NAMED;
		if (name != NULL)
			fact_text(f, span_text(name));
		else
			fact_textf(f, "%u", program);
	}
}

static void
call(struct rd *r, struct dissect *d, uint32_t xid)
{
	struct ask ask = { .pair = xid };
	struct span machine = { NULL, 0 };
	uint32_t program, version, procedure;
	const char *name;
	struct fact *f;

	rd_skip(r, 4);
	program = rd_be32(r);
	version = rd_be32(r);
	procedure = rd_be32(r);
	credentials(r, d, &machine);
	rd_skip(r, 4);
	rd_skip(r, (rd_be32(r) + 3u) & ~3u);
	if (!rd_ok(r))
		return;
	d->ctx.response = false;
	ask.op = program == PORTMAP ? procedure : OP_CALL;
	ask.extra[0] = program;
	ask.extra[1] = version << 16 | procedure;
	dissect_remember(d, ask);
	if (onc_rpc_is_nfs(program)) {
		onc_rpc_nfs(d, r, program, ask.extra[1], false);
	} else if (program == PORTMAP) {
		portmap(r, d, procedure);
	} else {
		f = dissect_op(d, OP_CALL);
		name = program_name(program);
		f->object = SAY_NAMED;
		fact_textf(f, "%s version %u procedure %u",
		    name != NULL ? name : "", version, procedure);
		f->object.area = program;
		f->object.first = procedure;
	}
	dissect_ident(d, TRAIT_NAME, machine);
	rd_skip_rest(r);
}

static void
reply(struct rd *r, struct dissect *d, uint32_t xid)
{
	const struct ask *ask = dissect_recall(d, xid);
	uint32_t refused = rd_be32(r), op = ask != NULL ? ask->op : OP_CALL;
	uint32_t status;

	d->ctx.response = true;
	if (refused != 0) {
		status = rd_be32(r);
		(void)dissect_error(d, op, 16 + status);
		rd_skip_rest(r);
		return;
	}
	rd_skip(r, 4);
	rd_skip(r, (rd_be32(r) + 3u) & ~3u);
	status = rd_be32(r);
	if (!rd_ok(r))
		return;
	if (status != 0)
		(void)dissect_error(d, op, status);
	else if (ask != NULL && onc_rpc_is_nfs(ask->extra[0]))
		onc_rpc_nfs(d, r, ask->extra[0], ask->extra[1], true);
	else
		(void)dissect_op(d, op);
	rd_skip_rest(r);
}

static void
onc_rpc_parse(struct rd *r, struct dissect *d)
{
	uint32_t xid, kind;

	if (d->via == VIA_TCP)
		rd_skip(r, 4);
	xid = rd_be32(r);
	kind = rd_be32(r);
	rd_require(r, !rd_ok(r) || kind <= REPLY, "neither call nor reply");
	dissect_pair(d, xid);
	if (!rd_ok(r))
		return;
	if (kind == CALL)
		call(r, d, xid);
	else
		reply(r, d, xid);
}

const struct proto proto_onc_rpc = {
	.name = "onc-rpc",
	.title = "ONC remote procedure calls, with the port mapper",
	.spec = "RFC 5531, RFC 1833",
	.depth =
	    "calls and replies of any program, machines that ask, the "
	    "port mapper; arguments of programs other than NFS are counted",
	.slot = PROTO_SLOT,
	.carrier = true,
	.tcp = { PORT, 2049 },
	.udp = { PORT, 2049, 635, 1058 },
	.claim = onc_rpc_claim,
	.way = onc_rpc_way,
	.frame = onc_rpc_frame,
	.frame_min = 4,
	.parse = onc_rpc_parse,
	PROTO_OPS(ops),
};
