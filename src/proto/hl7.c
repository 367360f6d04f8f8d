/*
 * hl7.c - Health Level Seven, version 2, in its minimal lower layer (MLLP).
 *
 * HL7 2.5.1 chapter 2; HL7 transport specification, MLLP release 1.
 *
 *	0x0b | MSH|^~\&|program|place|program|place|time||type^event|id|... CR
 *	       segment|field|... CR ... | 0x1c CR
 *
 * Op is the type of message, three letters as one number ("ADT" 0x414454).
 * The object is type and event by name.  Pair is a hash of the control
 * identifier, which the acknowledgement repeats.  What is said of patients is
 * never kept.
 */
#include "../base/hash.h"
#include "say.h"
#include "text.h"

#define PORT 2575u
#define MESSAGE_MAX 0x40000u
#define TYPE(a, b, c) ((uint32_t)(a) << 16 | (uint32_t)(b) << 8 | (uint32_t)(c))
#define ACK TYPE('A', 'C', 'K')

static const struct proto_op ops[] = {
	{ ACK, FACT_SESSION, RISK_NONE, "general acknowledgement" },
	{ TYPE('A', 'D', 'R'), FACT_READ, RISK_NONE, "ADT response" },
	{ TYPE('A', 'D', 'T'), FACT_REPORT, RISK_NONE,
	    "patient administration" },
	{ TYPE('B', 'A', 'R'), FACT_REPORT, RISK_NONE, "billing account" },
	{ TYPE('B', 'P', 'S'), FACT_REPORT, RISK_NONE,
	    "blood product dispense" },
	{ TYPE('D', 'F', 'T'), FACT_REPORT, RISK_NONE,
	    "financial transaction" },
	{ TYPE('E', 'A', 'C'), FACT_CONTROL, RISK_CONTROL,
	    "automated equipment command" },
	{ TYPE('E', 'S', 'U'), FACT_REPORT, RISK_NONE,
	    "automated equipment status" },
	{ TYPE('M', 'D', 'M'), FACT_REPORT, RISK_NONE, "medical document" },
	{ TYPE('M', 'F', 'N'), FACT_CONFIG, RISK_CONFIGURATION,
	    "master file notification" },
	{ TYPE('N', 'M', 'D'), FACT_SESSION, RISK_NONE,
	    "application management data" },
	{ TYPE('O', 'M', 'G'), FACT_WRITE, RISK_WRITE,
	    "general clinical order" },
	{ TYPE('O', 'M', 'L'), FACT_WRITE, RISK_WRITE, "laboratory order" },
	{ TYPE('O', 'M', 'P'), FACT_WRITE, RISK_WRITE, "pharmacy order" },
	{ TYPE('O', 'R', 'L'), FACT_SESSION, RISK_NONE,
	    "laboratory order response" },
	{ TYPE('O', 'R', 'M'), FACT_WRITE, RISK_WRITE, "order" },
	{ TYPE('O', 'R', 'R'), FACT_SESSION, RISK_NONE, "order response" },
	{ TYPE('O', 'R', 'U'), FACT_REPORT, RISK_NONE, "observation result" },
	{ TYPE('O', 'S', 'Q'), FACT_READ, RISK_NONE, "order status query" },
	{ TYPE('O', 'U', 'L'), FACT_REPORT, RISK_NONE,
	    "unsolicited laboratory observation" },
	{ TYPE('Q', 'B', 'P'), FACT_READ, RISK_NONE, "query by parameter" },
	{ TYPE('Q', 'R', 'Y'), FACT_READ, RISK_NONE, "query" },
	{ TYPE('R', 'A', 'S'), FACT_REPORT, RISK_NONE,
	    "pharmacy administration" },
	{ TYPE('R', 'D', 'E'), FACT_WRITE, RISK_WRITE,
	    "pharmacy encoded order" },
	{ TYPE('R', 'D', 'S'), FACT_REPORT, RISK_NONE, "pharmacy dispense" },
	{ TYPE('R', 'S', 'P'), FACT_READ, RISK_NONE,
	    "segment pattern response" },
	{ TYPE('S', 'I', 'U'), FACT_REPORT, RISK_NONE,
	    "scheduling information" },
	{ TYPE('S', 'S', 'U'), FACT_REPORT, RISK_NONE, "specimen status" },
	{ TYPE('T', 'C', 'U'), FACT_CONFIG, RISK_CONFIGURATION,
	    "test code settings" },
	{ TYPE('V', 'X', 'U'), FACT_REPORT, RISK_NONE,
	    "vaccination record update" },
};

static uint32_t
hl7_frame(struct span s, const struct dissect *d)
{
	uint32_t at = 0;

	(void)d;
	if (s.p[0] != 0x0b)
		return FRAME_NOT_MINE;
	if (s.n >= 4 && !span_starts(span_from(s, 1), SPAN_LIT("MSH")))
		return FRAME_NOT_MINE;
	while (at < s.n && at < MESSAGE_MAX) {
		at += span_find(span_from(s, at), 0x1c) + 1;
		if (at < s.n && s.p[at] == '\r')
			return at + 1;
	}
	return at < MESSAGE_MAX ? FRAME_NEED_MORE : FRAME_NOT_MINE;
}

static enum claim
hl7_claim(struct span s, const struct dissect *d)
{
	(void)d;
	return s.n >= 5 && span_starts(s, SPAN_LIT("\x0bMSH")) ? CLAIM_STRONG
							       : CLAIM_NO;
}

/* Segments end with CR; field 0 is the name, and of MSH the separator itself
 * is field 1. */
static struct span
segment(struct span *rest)
{
	uint32_t n = span_find(*rest, '\r');
	struct span s = span_first(*rest, n);

	*rest = span_from(*rest, n + 1);
	return s;
}

static struct span
field(struct span s, uint32_t number, uint8_t separator)
{
	for (; number > 0; number--)
		s = span_from(s, span_find(s, separator) + 1);
	return span_first(s, span_find(s, separator));
}

static uint32_t
type_of(struct span s)
{
	return s.n >= 3 ? TYPE(s.p[0], s.p[1], s.p[2]) : 0;
}

/* AA, CA: accepted; AE, CE: error; AR, CR: refused. */
static void
say_ack(struct dissect *d, uint32_t op, struct span rest, uint8_t separator)
{
	struct span s = segment(&rest), code;

	while (s.n > 0 && !span_starts(s, SPAN_LIT("MSA")))
		s = segment(&rest);
	code = field(s, 1, separator);
	d->ctx.response = true;
	if (s.n > 0) {
		struct span id = field(s, 2, separator);
		uint32_t pair = (uint32_t)hash_bytes(id.p, id.n, 1);

		dissect_pair(d, pair);
		(void)dissect_recall(d, pair);
	}
	if (code.n == 2 && (code.p[1] == 'E' || code.p[1] == 'R'))
		(void)dissect_error(d, op, code.p[1]);
	else
		(void)dissect_op(d, op);
}

static void
say_message(struct dissect *d, struct span head, uint8_t separator)
{
	struct span what = field(head, 8, separator);
	struct span id = field(head, 9, separator);
	uint32_t pair = (uint32_t)hash_bytes(id.p, id.n, 1);
	struct fact *f;

	d->ctx.response = false;
	dissect_pair(d, pair);
	f = dissect_op(d, type_of(what));
	say_named(f, what);
	dissect_remember(d, (struct ask){ .pair = pair, .op = f->op });
}

static void
hl7_parse(struct rd *r, struct dissect *d)
{
	struct span rest, head, what;
	uint8_t separator;

	rd_skip(r, 1);
	rest = rd_span(r, rd_left(r));
	if (!rd_ok(r))
		return;
	head = segment(&rest);
	rd_require(r, head.n >= 8, "first segment is too short");
	if (!rd_ok(r))
		return;
	separator = head.p[3];
	what = field(head, 8, separator);
	if (type_of(what) == ACK || span_starts(what, SPAN_LIT("ORR")) ||
	    span_starts(what, SPAN_LIT("RSP")))
		say_ack(d, type_of(what), rest, separator);
	else
		say_message(d, head, separator);
	dissect_ident(d, TRAIT_APPLICATION, field(head, 2, separator));
	dissect_ident(d, TRAIT_LOCATION, field(head, 3, separator));
}

const struct proto proto_hl7 = {
	.name = "hl7",
	.title = "Health Level Seven, version 2 (MLLP)",
	.spec = "HL7 2.5.1 chapter 2; MLLP release 1",
	.depth = "types, events, acknowledgements, programs and places; "
		 "nothing of patients",
	.slot = PROTO_SLOT,
	.tcp = { PORT },
	.claim = hl7_claim,
	.frame = hl7_frame,
	.frame_min = 1,
	.message_max = MESSAGE_MAX,
	.parse = hl7_parse,
	PROTO_OPS(ops),
};
