/*
 * crimson.c - Crimson 3, the programming port of Red Lion panels.
 *
 * Unpublished; as seen in captures and in Digital Bond's Redpoint.
 *
 *	+--------+----------+------+- - - - -
 *	| length | register | code | data
 *	+--------+----------+------+- - - - -
 *	  be16     be16       be16   length - 4 octets
 *
 * Op is the code.  Of registers, 012Ah (model) and 012Bh (maker) are known.
 */
#include "proto.h"

#define HEAD 6u
#define REGISTER_MODEL 0x012au
#define REGISTER_MAKER 0x012bu
#define CODE_TEXT 0x0300u
#define CODE_ASK 0x1a00u
#define CODE_ASK_MAKER 0x1b00u

static const struct proto_op ops[] = {
	{ CODE_TEXT, FACT_DISCOVER, RISK_NONE, "text" },
	{ CODE_ASK, FACT_DISCOVER, RISK_NONE, "ask for model" },
	{ CODE_ASK_MAKER, FACT_DISCOVER, RISK_NONE, "ask for maker" },
};

static uint32_t
crimson_frame(struct span s, const struct dissect *d)
{
	uint32_t n = (uint32_t)s.p[0] << 8 | s.p[1];

	(void)d;
	return n >= 4 && n < 4096 ? n + 2 : FRAME_NOT_MINE;
}

/* Only who asks for its name is told by content. */
static enum claim
crimson_claim(struct span s, const struct dissect *d)
{
	if (s.n < HEAD || s.n != crimson_frame(s, d))
		return CLAIM_NO;
	if (s.p[2] == 1 && (s.p[3] == 0x2a || s.p[3] == 0x2b) &&
	    (s.p[4] == 3 || s.p[4] == 0x1a || s.p[4] == 0x1b) && s.p[5] == 0)
		return CLAIM_STRONG;
	return d->talk->server_port == 789 ? CLAIM_WEAK : CLAIM_NO;
}

static void
crimson_parse(struct rd *r, struct dissect *d)
{
	uint32_t length = rd_be16(r), where = rd_be16(r), code = rd_be16(r);
	const struct ask *ask = NULL;
	struct rd data;

	rd_require(r, length >= 4, "shorter than its header");
	data = rd_sub(r, length - 4);
	if (!rd_ok(r))
		return;
	dissect_pair(d, where);
	if (d->ctx.response)
		ask = dissect_recall(d, where);
	else
		dissect_remember(d, (struct ask){ .pair = where, .op = code });
	(void)dissect_op(d, ask != NULL ? ask->op : code);
	if (d->ctx.response && code == CODE_TEXT && rd_more(&data)) {
		struct span s = rd_span_rest(&data);

		if (where == REGISTER_MAKER)
			dissect_ident(d, TRAIT_VENDOR, s);
		else if (where == REGISTER_MODEL)
			dissect_ident(d, TRAIT_MODEL, s);
	}
	rd_opaque_rest(&data);
}

const struct proto proto_crimson = {
	.name = "crimson",
	.title = "Red Lion Crimson 3",
	.spec = "unpublished; captures and Digital Bond Redpoint",
	.depth = "frames; maker and model; other codes are not known: opaque",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { 789 },
	.client_role = ROLE_ENGINEERING,
	.server_role = ROLE_HMI,
	.claim = crimson_claim,
	.frame = crimson_frame,
	.frame_min = 2,
	.parse = crimson_parse,
	PROTO_OPS(ops),
};
