/*
 * dlr.c - Device Level Ring: the supervisor of an EtherNet/IP ring watches it.
 *
 * ODVA, The EtherNet/IP specification (CIP volume 2), chapter 9-5.  Ethertype
 * 80E1.
 *
 *	+----------+---------+------+------+----+----------+- - -
 *	| ring type| version | type | port | IP | sequence | by type
 *	+----------+---------+------+------+----+----------+- - -
 *	  u8         u8        u8     u8     4    be32
 *
 * Op is the frame type.  Text: the state of the ring, where it is given;
 * FACT_NEGATIVE: there is a fault.  Seq is the sequence identifier.
 */
#include "say.h"

#define HEAD 12u

enum {
	DLR_BEACON = 1,
	DLR_CHECK,
	DLR_CHECKED,
	DLR_STATUS,
	DLR_LOCATE,
	DLR_ANNOUNCE,
	DLR_SIGN_ON,
	DLR_ADVERTISE,
	DLR_FLUSH,
	DLR_LEARNING
};

static const struct proto_op ops[] = {
	{ DLR_BEACON, FACT_DIAGNOSE, RISK_NONE, "beacon" },
	{ DLR_CHECK, FACT_DIAGNOSE, RISK_NONE, "neighbour check" },
	{ DLR_CHECKED, FACT_DIAGNOSE, RISK_NONE, "neighbour check response" },
	{ DLR_STATUS, FACT_REPORT, RISK_NONE, "link or neighbour status" },
	{ DLR_LOCATE, FACT_DIAGNOSE, RISK_NONE, "locate fault" },
	{ DLR_ANNOUNCE, FACT_REPORT, RISK_NONE, "announce" },
	{ DLR_SIGN_ON, FACT_DISCOVER, RISK_NONE, "sign on" },
	{ DLR_ADVERTISE, FACT_REPORT, RISK_NONE, "advertise gateway" },
	{ DLR_FLUSH, FACT_SESSION, RISK_NONE, "flush tables" },
	{ DLR_LEARNING, FACT_SESSION, RISK_NONE, "learning update" },
};

struct dlr_state {
	bool known; /* this end was said already */
};

static void
beacon(struct rd *r, struct dissect *d, uint32_t type)
{
	struct dlr_state *st = d->state;
	uint32_t state = rd_u8(r), precedence;

	if (state == 2)
		d->ctx.flags |= FACT_NEGATIVE;
	say_named(dissect_op(d, type),
	    state == 1       ? SPAN_LIT("ring normal")
		: state == 2 ? SPAN_LIT("ring fault")
			     : SPAN_LIT("ring state unknown"));
	if (type != DLR_BEACON)
		return;
	precedence = rd_u8(r);
	if (rd_ok(r) && !st->known)
		dissect_identf(d, TRAIT_DESCRIPTION,
		    "DLR supervisor, precedence %u", precedence);
}

/* Those who signed on so far: MAC and IP address. */
static void
sign_on(struct rd *r, struct dissect *d)
{
	uint32_t n = rd_be16(r);

	dissect_op(d, DLR_SIGN_ON)->object =
	    (struct fact_object){ .space = SPACE_NAME, .count = n };
	for (uint32_t i = 0; i < n && rd_left(r) >= 10; i++) {
		struct span mac = rd_span(r, 6);

		say_binding(d, mac, ip_of_span(rd_span(r, 4)));
	}
}

static void
dlr_parse(struct rd *r, struct dissect *d)
{
	struct dlr_state *st = d->state;
	struct span ip;
	uint32_t type;

	rd_skip(r, 2);
	type = rd_u8(r);
	rd_skip(r, 1);
	ip = rd_span(r, 4);
	d->ctx.seq = rd_be32(r);
	if (!rd_ok(r))
		return;
	d->ctx.response = type == DLR_CHECKED;
	switch (type) {
	case DLR_BEACON:
	case DLR_ANNOUNCE:
		beacon(r, d, type);
		break;
	case DLR_SIGN_ON:
		sign_on(r, d);
		break;
	default:
		(void)dissect_op(d, type);
		break;
	}
	if (!st->known)
		say_own_ip(d, ip);
	st->known = true;
	if (type == 0 || type > DLR_LEARNING)
		rd_opaque_rest(r);
	rd_skip_rest(r);
}

static uint32_t
dlr_frame(struct span s, const struct dissect *d)
{
	(void)d;
	return s.p[0] == 2 && s.p[1] <= 2 && s.p[3] <= 2 ? s.n : FRAME_NOT_MINE;
}

const struct proto proto_dlr = {
	.name = "dlr",
	.title = "EtherNet/IP Device Level Ring",
	.spec = "CIP Networks Library volume 2, 9-5",
	.depth = "all frames; ring state, supervisor, participants",
	.slot = PROTO_SLOT,
	.ot = true,
	.ether = { 0x80e1 },
	.frame = dlr_frame,
	.frame_min = HEAD,
	.parse = dlr_parse,
	.state_size = sizeof(struct dlr_state),
	PROTO_OPS(ops),
};
