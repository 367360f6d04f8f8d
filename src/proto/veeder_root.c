/*
 * veeder_root.c - gauges of fuel tanks (Veeder-Root TLS and compatible).
 *
 * Veeder-Root 576013-635, Serial Interface Manual for TLS-300/350.
 *
 *	+-----+---------------+------+------+--------+- - - -+-----+
 *	| SOH | security code | kind | code | device | data  | end |
 *	+-----+---------------+------+------+--------+- - - -+-----+
 *	  01h   6 digits or     I i    3      2        text    LF or ETX;
 *	        none            S s    digits digits           answers: ETX
 *
 * I and i ask, S and s set; capitals want text to be shown, small letters
 * text to be computed with.  Op is the code in decimal digits; with variant 1
 * when it is set.  9999FF1B is the answer to what is not understood.
 */
#include "proto.h"
#include "text.h"

#define SOH 0x01u
#define ETX 0x03u
#define LONGEST 16384u
#define SET(code) FACT_OP(1, code)

static const struct proto_op ops[] = {
	{ 0, FACT_UNKNOWN, RISK_NONE, "other question" },
	{ 101, FACT_DIAGNOSE, RISK_NONE, "system status" },
	{ 102, FACT_DISCOVER, RISK_NONE, "system configuration" },
	{ 111, FACT_READ, RISK_NONE, "priority alarm history" },
	{ 112, FACT_READ, RISK_NONE, "non-priority alarm history" },
	{ 201, FACT_READ, RISK_NONE, "in-tank inventory" },
	{ 202, FACT_READ, RISK_NONE, "in-tank delivery" },
	{ 203, FACT_READ, RISK_NONE, "in-tank leak test results" },
	{ 204, FACT_READ, RISK_NONE, "in-tank shift inventory" },
	{ 205, FACT_READ, RISK_NONE, "in-tank status" },
	{ 206, FACT_READ, RISK_NONE, "in-tank alarm history" },
	{ 207, FACT_READ, RISK_NONE, "in-tank leak test history" },
	{ 251, FACT_READ, RISK_NONE, "csld results" },
	{ 301, FACT_READ, RISK_NONE, "liquid sensor status" },
	{ 302, FACT_READ, RISK_NONE, "liquid sensor alarm history" },
	{ 501, FACT_TIME, RISK_NONE, "time of day" },
	{ 602, FACT_CONFIG, RISK_NONE, "tank product label" },
	{ 902, FACT_DISCOVER, RISK_NONE, "software revision" },
	{ SET(0), FACT_CONFIG, RISK_CONFIGURATION, "other setting" },
	{ SET(1), FACT_CONTROL, RISK_RESET, "system reset" },
	{ SET(501), FACT_TIME, RISK_TIME, "set time of day" },
	{ SET(602), FACT_CONFIG, RISK_CONFIGURATION, "set tank product label" },
};

/* A question ends with a line, or like an answer with ETX. */
static uint32_t
veeder_frame(struct span s, const struct dissect *d)
{
	if (s.p[0] != SOH)
		return FRAME_NOT_MINE;
	for (uint32_t i = 1; i < s.n && i < LONGEST; i++) {
		if (s.p[i] == ETX)
			return i + 1;
		if (!d->to_server)
			continue;
		if (s.p[i] == '\n')
			return i + 1;
		if (s.p[i] == '\r' && i + 1 < s.n && s.p[i + 1] != '\n')
			return i + 1;
	}
	return s.n < LONGEST ? FRAME_NEED_MORE : FRAME_NOT_MINE;
}

/* Past the line end of a text and the digits of a security code. */
static struct span
command_of(struct span s)
{
	uint32_t i = 1;

	while (i < s.n && i < 3 && (s.p[i] == '\r' || s.p[i] == '\n'))
		i++;
	if (s.n >= i + 12 && text_is_digit(s.p[i]) && text_is_alpha(s.p[i + 6]))
		i += 6;
	return span_from(s, i);
}

static bool
is_command(struct span c)
{
	uint8_t kind = c.n >= 6 ? text_lower(c.p[0]) : 0;

	if (kind != 'i' && kind != 's')
		return false;
	for (uint32_t i = 1; i < 6; i++)
		if (!text_is_digit(c.p[i]) &&
		    !(text_lower(c.p[i]) >= 'a' && text_lower(c.p[i]) <= 'f'))
			return false;
	return true;
}

static bool
is_refusal(struct span c)
{
	return span_starts(c, SPAN_LIT("9999FF1B"));
}

static enum claim
veeder_claim(struct span s, const struct dissect *d)
{
	struct span c;

	(void)d;
	if (s.n < 7 || s.p[0] != SOH)
		return CLAIM_NO;
	c = command_of(s);
	return is_command(c) ? CLAIM_STRONG
	    : is_refusal(c)  ? CLAIM_WEAK
			     : CLAIM_NO;
}

static uint32_t
code_of(struct span c)
{
	return (c.p[1] - (uint32_t)'0') * 100 + (c.p[2] - (uint32_t)'0') * 10 +
	    (c.p[3] - (uint32_t)'0');
}

/* "VERSION 131.02" somewhere in the answer to 902. */
static void
say_version(struct dissect *d, struct span s)
{
	uint32_t at = text_find(s, "version ");

	if (at == s.n)
		return;
	s = span_from(s, at + 8);
	s = span_first(s, span_find(s, '\r'));
	dissect_ident(d, TRAIT_VENDOR, SPAN_LIT("Veeder-Root"));
	dissect_ident(d, TRAIT_FIRMWARE, text_trim(s));
}

static void
veeder_parse(struct rd *r, struct dissect *d)
{
	struct span s = rd_span(r, rd_left(r)), c;
	uint32_t code, op;
	const struct ask *ask = NULL;
	struct fact *f;

	if (!rd_ok(r))
		return;
	c = command_of(s);
	d->ctx.response = !d->to_server;
	if (is_refusal(c)) {
		ask = dissect_recall(d, 0);
		(void)dissect_error(d, ask != NULL ? ask->op : 0, 0xff1b);
		return;
	}
	rd_require(r, is_command(c), "no such command");
	if (!rd_ok(r))
		return;
	code = code_of(c);
	op = text_lower(c.p[0]) == 's' ? SET(code) : code;
	if (proto_op_find(d->proto, op) == NULL)
		op = text_lower(c.p[0]) == 's' ? SET(0) : 0u;
	if (d->ctx.response)
		(void)dissect_recall(d, 0);
	else
		dissect_remember(d, (struct ask){ .pair = 0, .op = op });
	f = dissect_op(d, op);
	fact_text(f, span_first(c, 6));
	if (d->ctx.response && code == 902)
		say_version(d, c);
}

const struct proto proto_veeder_root = {
	.name = "veeder-root",
	.title = "Veeder-Root tank gauges",
	.spec = "Veeder-Root 576013-635",
	.depth =
	    "questions and settings by code, refusals, software; the texts "
	    "and numbers of reports are not taken apart",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { 10001 },
	.client_role = ROLE_SCADA,
	.server_role = ROLE_SENSOR,
	.claim = veeder_claim,
	.frame = veeder_frame,
	.frame_min = 1,
	.parse = veeder_parse,
	PROTO_OPS(ops),
};
