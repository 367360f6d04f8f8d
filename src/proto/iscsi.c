/*
 * iscsi.c - Internet Small Computer Systems Interface: disks over the network.
 *
 * RFC 7143, clause 11.
 *
 *	+-----------+-------+---+---------+--------+-----+------+- - - - - - -
 *	| op 6 bits | flags |   | headers | data   | LUN | task | 48 in all
 *	+-----------+-------+---+---------+--------+-----+------+- - - - - - -
 *	  u8          u8     2   u8 words  be24     8     be32
 *	then headers, data padded to four
 *
 * Op is the op code.  A login tells initiator and target as "name=value";
 * pair is the task.
 */
#include "say.h"
#include "text.h"

#define HEAD 48u
#define PORT 3260u

enum op {
	O_COMMAND = 0x01,
	O_LOGIN = 0x03,
	O_LOGIN_RESPONSE = 0x23,
};

static const struct proto_op ops[] = {
	{ 0x00, FACT_DIAGNOSE, RISK_NONE, "nop out" },
	{ O_COMMAND, FACT_FILE, RISK_NONE, "scsi command" },
	{ 0x02, FACT_CONTROL, RISK_NONE, "task management" },
	{ O_LOGIN, FACT_LOGIN, RISK_NONE, "login" },
	{ 0x04, FACT_DISCOVER, RISK_NONE, "text" },
	{ 0x05, FACT_FILE, RISK_FILE, "data out" },
	{ 0x06, FACT_SESSION, RISK_NONE, "logout" },
	{ 0x10, FACT_SESSION, RISK_NONE, "acknowledgement" },
	{ 0x20, FACT_DIAGNOSE, RISK_NONE, "nop in" },
	{ 0x21, FACT_REPORT, RISK_NONE, "scsi response" },
	{ 0x22, FACT_REPORT, RISK_NONE, "task management response" },
	{ O_LOGIN_RESPONSE, FACT_LOGIN, RISK_NONE, "login response" },
	{ 0x24, FACT_REPORT, RISK_NONE, "text response" },
	{ 0x25, FACT_REPORT, RISK_NONE, "data in" },
	{ 0x26, FACT_SESSION, RISK_NONE, "logout response" },
	{ 0x31, FACT_REPORT, RISK_NONE, "ready to transfer" },
	{ 0x32, FACT_REPORT, RISK_NONE, "asynchronous message" },
	{ 0x3f, FACT_SESSION, RISK_NONE, "reject" },
};

static uint32_t
iscsi_frame(struct span s, const struct dissect *d)
{
	uint32_t n = (uint32_t)s.p[5] << 16 | (uint32_t)s.p[6] << 8 | s.p[7];
	uint32_t op = s.p[0] & 0x3f;

	(void)d;
	if ((s.p[0] & 0x80) != 0 ||
	    !(op <= 6 || op == 0x10 || (op >= 0x20 && op <= 0x26) ||
		op == 0x31 || op == 0x32 || op == 0x3f) ||
	    n > 1u << 20)
		return FRAME_NOT_MINE;
	return HEAD + s.p[4] * 4u + (n + 3) / 4 * 4;
}

static enum claim
iscsi_claim(struct span s, const struct dissect *d)
{
	if (d->via != VIA_TCP || s.n < 8)
		return CLAIM_NO;
	if (s.n > HEAD + 16 && (s.p[0] & 0x3f) == O_LOGIN && s.p[4] == 0 &&
	    text_find(span_first(span_from(s, HEAD), 256), "initiatorname=") <
		256)
		return CLAIM_STRONG;
	return say_on_port(d, PORT) && iscsi_frame(s, d) != FRAME_NOT_MINE
	    ? CLAIM_WEAK
	    : CLAIM_NO;
}

static enum way
iscsi_way(struct span s)
{
	return s.n < 1                ? WAY_UNKNOWN
	    : (s.p[0] & 0x3f) >= 0x20 ? WAY_RESPONSE
				      : WAY_REQUEST;
}

/* "InitiatorName=iqn..." and others, each ended by zero. */
static void
pairs(struct rd *r, struct dissect *d, struct fact *f)
{
	while (rd_more(r)) {
		struct span all = rd_ahead(r, rd_have(r));
		uint32_t n = span_find(all, 0);
		struct span one = rd_span(r, n);

		rd_skip(r, rd_more(r) ? 1 : 0);
		if (text_starts(one, "targetname="))
			say_named(f, span_from(one, 11));
		else if (text_starts(one, "initiatorname="))
			dissect_ident(d, TRAIT_UUID, span_from(one, 14));
		else if (text_starts(one, "authmethod=none"))
			(void)dissect_ident_about(d, ABOUT_RECEIVER,
			    TRAIT_SECURITY,
			    SPAN_LIT("iSCSI without authentication"));
	}
}

static void
iscsi_parse(struct rd *r, struct dissect *d)
{
	uint32_t op = rd_u8(r) & 0x3f, words, n, task, status;
	struct span head;
	struct rd data;
	struct fact *f;

	rd_skip(r, 3);
	words = rd_u8(r);
	n = rd_be24(r);
	rd_skip(r, 8);
	task = rd_be32(r);
	head = rd_span(r, 28);
	rd_skip(r, words * 4);
	data = rd_sub(r, n);
	if (!rd_ok(r))
		return;
	d->ctx.response = op >= 0x20;
	dissect_pair(d, task);
	if (op >= 0x20 && op <= 0x26 && op != 0x25)
		(void)dissect_recall(d, task);
	else if (op <= 6 && op != 5)
		dissect_remember(d, (struct ask){ .pair = task, .op = op });
	status =
	    op == O_LOGIN_RESPONSE ? (uint32_t)head.p[16] << 8 | head.p[17] : 0;
	f = status != 0 ? dissect_error(d, op, status) : dissect_op(d, op);
	if (op == O_LOGIN || op == 0x04)
		pairs(&data, d, f);
	rd_skip_rest(&data);
	rd_skip_rest(r);
}

const struct proto proto_iscsi = {
	.name = "iscsi",
	.title = "Internet Small Computer Systems Interface",
	.spec = "RFC 7143",
	.depth = "all op codes; initiators, targets, outcome of logins; SCSI "
		 "itself and data are counted",
	.slot = PROTO_SLOT,
	.tcp = { PORT },
	.server_role = ROLE_SERVER,
	.claim = iscsi_claim,
	.way = iscsi_way,
	.frame = iscsi_frame,
	.frame_min = 8,
	.parse = iscsi_parse,
	PROTO_OPS(ops),
};
