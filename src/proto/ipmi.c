/*
 * ipmi.c - remote management of servers: RMCP, ASF and IPMI.
 *
 * DMTF ASF 2.0 (DSP0136) clause 3.2, IPMI 2.0 revision 1.1, clauses 13, 22.
 *
 *	RMCP:  version 6, 0, sequence, class (6 ASF, 7 IPMI, 80 acknowledged)
 *	ASF:   4542 be32, type, tag, 0, length, data
 *	1.5:   authentication 0..5, sequence le32, session le32, [code 16],
 *	       length u8, message
 *	2.0:   6, kind of payload, [OEM 6], session le32, sequence le32,
 *	       length le16, payload
 *	message: to, function u6 unit u2, sum, from, sequence u6 unit u2,
 *		 command, [completion], data, sum
 *
 * Op is function << 8 | command; of ASF the type as variant 1, of payloads of
 * 2.0 that are no message their kind as variant 2.
 */
#include "say.h"

#define PORT 623u
#define CLASS_ASF 6u
#define CLASS_IPMI 7u
#define V2 6u

enum payload {
	PAY_MESSAGE = 0,
	PAY_SOL = 1,
	PAY_OEM = 2,
	PAY_OPEN = 0x10,
	PAY_OPEN_ANSWER = 0x11,
	PAY_RAKP1 = 0x12,
	PAY_RAKP4 = 0x15,
};

enum command {
	C_CONTROL = 0x0002,
	C_DEVICE = 0x0601,
	C_CAPABILITIES = 0x0638,
	C_USER_NAME = 0x0645,
};

#define ASF(type) FACT_OP(1, type)
#define PAY(type) FACT_OP(2, type)

static const struct proto_op ops[] = {
	{ 0x0000, FACT_DIAGNOSE, RISK_NONE, "get chassis capabilities" },
	{ 0x0001, FACT_DIAGNOSE, RISK_NONE, "get chassis status" },
	{ C_CONTROL, FACT_CONTROL, RISK_MODE, "chassis control" },
	{ 0x0003, FACT_CONTROL, RISK_RESET, "chassis reset" },
	{ 0x0004, FACT_DIAGNOSE, RISK_NONE, "chassis identify" },
	{ 0x0005, FACT_CONFIG, RISK_CONFIGURATION, "set chassis capabilities" },
	{ 0x0006, FACT_CONFIG, RISK_CONFIGURATION, "set power restore policy" },
	{ 0x0007, FACT_DIAGNOSE, RISK_NONE, "get system restart cause" },
	{ 0x0008, FACT_CONFIG, RISK_CONFIGURATION, "set system boot options" },
	{ 0x0009, FACT_DIAGNOSE, RISK_NONE, "get system boot options" },
	{ 0x000a, FACT_CONFIG, RISK_CONFIGURATION,
	    "set front panel button enables" },
	{ 0x000b, FACT_CONFIG, RISK_CONFIGURATION, "set power cycle interval" },
	{ 0x000f, FACT_DIAGNOSE, RISK_NONE, "get POH counter" },
	{ 0x0400, FACT_CONFIG, RISK_CONFIGURATION, "set event receiver" },
	{ 0x0401, FACT_DIAGNOSE, RISK_NONE, "get event receiver" },
	{ 0x0402, FACT_REPORT, RISK_NONE, "platform event" },
	{ 0x0412, FACT_CONFIG, RISK_CONFIGURATION,
	    "set PEF configuration parameters" },
	{ 0x0413, FACT_DIAGNOSE, RISK_NONE,
	    "get PEF configuration parameters" },
	{ 0x0420, FACT_DIAGNOSE, RISK_NONE, "get device SDR info" },
	{ 0x0421, FACT_READ, RISK_NONE, "get device SDR" },
	{ 0x0424, FACT_CONFIG, RISK_CONFIGURATION, "set sensor hysteresis" },
	{ 0x0426, FACT_CONFIG, RISK_CONFIGURATION, "set sensor thresholds" },
	{ 0x0427, FACT_READ, RISK_NONE, "get sensor thresholds" },
	{ 0x0428, FACT_CONFIG, RISK_CONFIGURATION, "set sensor event enable" },
	{ 0x042d, FACT_READ, RISK_NONE, "get sensor reading" },
	{ C_DEVICE, FACT_DISCOVER, RISK_NONE, "get device id" },
	{ 0x0602, FACT_CONTROL, RISK_RESET, "cold reset" },
	{ 0x0603, FACT_CONTROL, RISK_RESET, "warm reset" },
	{ 0x0604, FACT_DIAGNOSE, RISK_NONE, "get self test results" },
	{ 0x0605, FACT_CONTROL, RISK_MODE, "manufacturing test on" },
	{ 0x0606, FACT_CONTROL, RISK_MODE, "set ACPI power state" },
	{ 0x0607, FACT_DIAGNOSE, RISK_NONE, "get ACPI power state" },
	{ 0x0608, FACT_DISCOVER, RISK_NONE, "get device GUID" },
	{ 0x0622, FACT_CONTROL, RISK_CONTROL, "reset watchdog timer" },
	{ 0x0624, FACT_CONFIG, RISK_CONFIGURATION, "set watchdog timer" },
	{ 0x0625, FACT_DIAGNOSE, RISK_NONE, "get watchdog timer" },
	{ 0x062e, FACT_CONFIG, RISK_CONFIGURATION, "set BMC global enables" },
	{ 0x062f, FACT_DIAGNOSE, RISK_NONE, "get BMC global enables" },
	{ 0x0633, FACT_READ, RISK_NONE, "get message" },
	{ 0x0634, FACT_SESSION, RISK_NONE, "send message" },
	{ 0x0637, FACT_DISCOVER, RISK_NONE, "get system GUID" },
	{ C_CAPABILITIES, FACT_DISCOVER, RISK_NONE,
	    "get channel authentication capabilities" },
	{ 0x0639, FACT_LOGIN, RISK_NONE, "get session challenge" },
	{ 0x063a, FACT_LOGIN, RISK_NONE, "activate session" },
	{ 0x063b, FACT_LOGIN, RISK_NONE, "set session privilege level" },
	{ 0x063c, FACT_SESSION, RISK_NONE, "close session" },
	{ 0x063d, FACT_DIAGNOSE, RISK_NONE, "get session info" },
	{ 0x063f, FACT_LOGIN, RISK_NONE, "get AuthCode" },
	{ 0x0640, FACT_CONFIG, RISK_SECURITY, "set channel access" },
	{ 0x0641, FACT_DIAGNOSE, RISK_NONE, "get channel access" },
	{ 0x0642, FACT_DIAGNOSE, RISK_NONE, "get channel info" },
	{ 0x0643, FACT_CONFIG, RISK_SECURITY, "set user access" },
	{ 0x0644, FACT_DISCOVER, RISK_NONE, "get user access" },
	{ C_USER_NAME, FACT_CONFIG, RISK_SECURITY, "set user name" },
	{ 0x0646, FACT_DISCOVER, RISK_NONE, "get user name" },
	{ 0x0647, FACT_CONFIG, RISK_SECURITY, "set user password" },
	{ 0x0648, FACT_SESSION, RISK_NONE, "activate payload" },
	{ 0x0649, FACT_SESSION, RISK_NONE, "deactivate payload" },
	{ 0x064c, FACT_CONFIG, RISK_SECURITY, "set user payload access" },
	{ 0x0652, FACT_CONTROL, RISK_CONTROL, "master write-read" },
	{ 0x0654, FACT_DISCOVER, RISK_NONE, "get channel cipher suites" },
	{ 0x0656, FACT_CONFIG, RISK_SECURITY, "set channel security keys" },
	{ 0x0a10, FACT_DIAGNOSE, RISK_NONE, "get FRU inventory area info" },
	{ 0x0a11, FACT_READ, RISK_NONE, "read FRU data" },
	{ 0x0a12, FACT_CONFIG, RISK_CONFIGURATION, "write FRU data" },
	{ 0x0a20, FACT_DIAGNOSE, RISK_NONE, "get SDR repository info" },
	{ 0x0a22, FACT_SESSION, RISK_NONE, "reserve SDR repository" },
	{ 0x0a23, FACT_READ, RISK_NONE, "get SDR" },
	{ 0x0a24, FACT_CONFIG, RISK_CONFIGURATION, "add SDR" },
	{ 0x0a26, FACT_CONFIG, RISK_CONFIGURATION, "delete SDR" },
	{ 0x0a27, FACT_CONFIG, RISK_CONFIGURATION, "clear SDR repository" },
	{ 0x0a40, FACT_DIAGNOSE, RISK_NONE, "get SEL info" },
	{ 0x0a42, FACT_SESSION, RISK_NONE, "reserve SEL" },
	{ 0x0a43, FACT_READ, RISK_NONE, "get SEL entry" },
	{ 0x0a44, FACT_CONFIG, RISK_CONFIGURATION, "add SEL entry" },
	{ 0x0a46, FACT_CONFIG, RISK_CONFIGURATION, "delete SEL entry" },
	{ 0x0a47, FACT_CONFIG, RISK_CONFIGURATION, "clear SEL" },
	{ 0x0a48, FACT_TIME, RISK_NONE, "get SEL time" },
	{ 0x0a49, FACT_TIME, RISK_TIME, "set SEL time" },
	{ 0x0c01, FACT_CONFIG, RISK_CONFIGURATION,
	    "set LAN configuration parameters" },
	{ 0x0c02, FACT_DIAGNOSE, RISK_NONE,
	    "get LAN configuration parameters" },
	{ 0x0c10, FACT_CONFIG, RISK_CONFIGURATION, "set serial configuration" },
	{ 0x0c11, FACT_DIAGNOSE, RISK_NONE, "get serial configuration" },
	{ 0x0c21, FACT_CONFIG, RISK_CONFIGURATION,
	    "set SOL configuration parameters" },
	{ 0x0c22, FACT_DIAGNOSE, RISK_NONE,
	    "get SOL configuration parameters" },
	{ ASF(0x10), FACT_CONTROL, RISK_RESET, "ASF reset" },
	{ ASF(0x11), FACT_CONTROL, RISK_MODE, "ASF power-up" },
	{ ASF(0x12), FACT_CONTROL, RISK_MODE, "ASF power-down" },
	{ ASF(0x13), FACT_CONTROL, RISK_RESET, "ASF power cycle" },
	{ ASF(0x40), FACT_DISCOVER, RISK_NONE, "ASF presence pong" },
	{ ASF(0x41), FACT_DISCOVER, RISK_NONE, "ASF capabilities response" },
	{ ASF(0x42), FACT_DIAGNOSE, RISK_NONE, "ASF system state response" },
	{ ASF(0x43), FACT_SESSION, RISK_NONE, "ASF open session response" },
	{ ASF(0x44), FACT_SESSION, RISK_NONE, "ASF close session response" },
	{ ASF(0x80), FACT_DISCOVER, RISK_NONE, "ASF presence ping" },
	{ ASF(0x81), FACT_DISCOVER, RISK_NONE, "ASF capabilities request" },
	{ ASF(0x82), FACT_DIAGNOSE, RISK_NONE, "ASF system state request" },
	{ ASF(0x83), FACT_SESSION, RISK_NONE, "ASF open session request" },
	{ ASF(0x84), FACT_SESSION, RISK_NONE, "ASF close session request" },
	{ ASF(0xc0), FACT_LOGIN, RISK_NONE, "ASF RAKP message 1" },
	{ ASF(0xc1), FACT_LOGIN, RISK_NONE, "ASF RAKP message 2" },
	{ ASF(0xc2), FACT_LOGIN, RISK_NONE, "ASF RAKP message 3" },
	{ PAY(PAY_MESSAGE), FACT_SESSION, RISK_NONE, "encrypted message" },
	{ PAY(PAY_SOL), FACT_CONTROL, RISK_CONTROL, "serial over LAN" },
	{ PAY(PAY_OPEN), FACT_SESSION, RISK_NONE, "open session request" },
	{ PAY(PAY_OPEN_ANSWER), FACT_SESSION, RISK_NONE,
	    "open session response" },
	{ PAY(PAY_RAKP1), FACT_LOGIN, RISK_NONE, "RAKP message 1" },
	{ PAY(0x13), FACT_LOGIN, RISK_NONE, "RAKP message 2" },
	{ PAY(0x14), FACT_LOGIN, RISK_NONE, "RAKP message 3" },
	{ PAY(PAY_RAKP4), FACT_LOGIN, RISK_NONE, "RAKP message 4" },
};

static enum claim
ipmi_claim(struct span s, const struct dissect *d)
{
	uint32_t class;

	if (s.n < 4 || s.p[0] != 6 || s.p[1] != 0)
		return CLAIM_NO;
	class = s.p[3] & 0x1f;
	if (class == CLASS_ASF && s.n >= 12 &&
	    span_starts(span_from(s, 4), SPAN_LIT("\0\0\x11\xbe")))
		return CLAIM_STRONG;
	if (say_on_port(d, PORT) || say_on_port(d, 664))
		return class >= CLASS_ASF && class <= 8 ? CLAIM_WEAK : CLAIM_NO;
	/* outside of a session: nine zero bytes, and a length that fits */
	if (class == CLASS_IPMI && s.p[2] == 0xff && s.n >= 14 &&
	    s.p[13] + 14u == s.n &&
	    span_starts(span_from(s, 4), SPAN_LIT("\0\0\0\0\0\0\0\0\0")))
		return CLAIM_STRONG;
	return class == CLASS_IPMI && s.p[2] == 0xff && s.n >= 14 &&
		s.p[4] <= V2
	    ? CLAIM_WEAK
	    : CLAIM_NO;
}

/* -------------------------------------------------------------------- ASF */

static void
asf(struct rd *r, struct dissect *d)
{
	uint32_t enterprise = rd_be32(r), type = rd_u8(r), tag = rd_u8(r), n;
	struct rd data;

	rd_skip(r, 1);
	n = rd_u8(r);
	data = rd_sub(r, n);
	if (!rd_ok(r))
		return;
	dissect_pair(d, tag);
	d->ctx.response = BITS(type, 7, 4) == 4 || type == 0xc1;
	if (d->ctx.response)
		(void)dissect_recall(d, tag | 0x100u);
	else
		dissect_remember(d,
		    (struct ask){ .pair = tag | 0x100u, .op = ASF(type) });
	(void)dissect_op(d, ASF(type));
	if (enterprise == 4542)
		rd_skip_rest(&data);
	else
		rd_opaque_rest(&data);
}

/* ---------------------------------------------------------------- messages */

/* Device, revision, firmware u7 and decimal u8, version, support, maker
 * le24, product le16. */
static void
device(struct rd *r, struct dissect *d)
{
	uint32_t major, minor, maker, product;

	rd_skip(r, 2);
	major = rd_u8(r) & 0x7f;
	minor = rd_u8(r);
	rd_skip(r, 2);
	maker = rd_le24(r);
	product = rd_le16(r);
	if (!rd_ok(r))
		return;
	dissect_identf(d, TRAIT_FIRMWARE, "%u.%02x", major, minor);
	dissect_identf(d, TRAIT_MODEL,
	    "management controller, enterprise %u product %u", maker, product);
	dissect_ident_role(d, ABOUT_SENDER, ROLE_SERVER);
}

/* Channel, kinds of authentication, what is enabled. */
static void
capabilities(struct rd *r, struct dissect *d)
{
	uint32_t kinds, status;

	rd_skip(r, 1);
	kinds = rd_u8(r);
	status = rd_u8(r);
	if (!rd_ok(r))
		return;
	if ((kinds & 1) != 0)
		dissect_ident(d, TRAIT_SECURITY,
		    SPAN_LIT("IPMI without authentication allowed"));
	if ((status & 1) != 0)
		dissect_ident(d, TRAIT_SECURITY,
		    SPAN_LIT("IPMI anonymous login allowed"));
}

/* 0 down, 1 up, 2 cycle, 3 hard reset, 4 diagnostic interrupt, 5 shut down. */
static void
chassis(struct rd *r, struct fact *f)
{
	uint32_t what = rd_u8(r) & 15u;

	f->object = (struct fact_object){ .space = SPACE_NAME,
		.first = what,
		.count = 1 };
	if (what == 2 || what == 3)
		f->risk = RISK_RESET;
}

static void
answer(struct rd *r, struct dissect *d, uint32_t op, uint32_t pair)
{
	const struct ask *a = dissect_recall(d, pair);
	uint32_t code = rd_u8(r);
	struct fact *f =
	    code != 0 ? dissect_error(d, op, code) : dissect_op(d, op);

	if (a != NULL)
		f->object = a->at;
	if (code == 0 && op == C_DEVICE)
		device(r, d);
	else if (code == 0 && op == C_CAPABILITIES)
		capabilities(r, d);
}

static void
question(struct rd *r, struct dissect *d, uint32_t op, uint32_t pair)
{
	struct fact *f = dissect_op(d, op);
	struct span name;

	if (op == C_CONTROL)
		chassis(r, f);
	if (op == C_USER_NAME) {
		rd_skip(r, 1);
		name = rd_span(r, rd_left(r) < 16 ? rd_left(r) : 16);
		say_named(f, span_first(name, span_find(name, '\0')));
	}
	if (rd_ok(r))
		dissect_remember(d,
		    (struct ask){ .pair = pair, .op = op, .at = f->object });
}

static void
message(struct rd *r, struct dissect *d)
{
	uint32_t function, sequence, op, known;
	struct rd data;

	rd_skip(r, 1);
	function = rd_u8(r) >> 2;
	rd_skip(r, 2);
	sequence = rd_u8(r) >> 2;
	op = rd_u8(r);
	op |= (function & 0x3eu) << 8;
	if (!rd_ok(r))
		return;
	known = proto_op_find(&proto_ipmi, op) != NULL;
	data = rd_sub(r, rd_left(r) > 0 ? rd_left(r) - 1 : 0);
	dissect_pair(d, sequence);
	d->ctx.response = (function & 1) != 0;
	if (d->ctx.response)
		answer(&data, d, op, op << 8 | sequence);
	else
		question(&data, d, op, op << 8 | sequence);
	if (known)
		rd_skip_rest(&data);
	else
		rd_opaque_rest(&data);
	rd_skip(r, 1); /* sum */
}

/* --------------------------------------------------------------- sessions */

static void
version_1(struct rd *r, struct dissect *d, uint32_t authentication)
{
	struct rd in;

	rd_skip(r, 8);
	if (authentication != 0)
		rd_skip(r, 16);
	in = rd_sub_u8(r);
	message(&in, d);
	rd_skip_rest(r); /* legacy padding */
}

/* Tag, privilege, 0 0, session le32, random 16, role, 0 0, length, name. */
static void
rakp_1(struct rd *r, struct dissect *d, struct fact *f)
{
	struct span user;

	rd_skip(r, 27);
	user = rd_span(r, rd_u8(r));
	say_named(f, user);
	dissect_ident(d, TRAIT_USER, user);
}

/* Tag, privilege, 0 0, session le32, then three of kind, 0 0, length 8,
 * number u8, 0 0 0: authentication, integrity, confidentiality. */
static void
open_session(struct rd *r, struct dissect *d)
{
	uint32_t number;

	rd_skip(r, 8 + 4);
	number = rd_u8(r) & 0x3f;
	rd_skip_rest(r);
	if (rd_ok(r) && number == 0)
		(void)dissect_ident_about(d, ABOUT_RECEIVER, TRAIT_SECURITY,
		    SPAN_LIT("IPMI session without authentication asked for"));
}

static void
set_up(struct rd *r, struct dissect *d, uint32_t kind)
{
	bool answers = kind == PAY_OPEN_ANSWER || kind == 0x13 || kind == 0x15;
	struct span head = rd_ahead(r, 2);
	uint32_t code = answers && head.n == 2 ? head.p[1] : 0;
	struct fact *f;

	d->ctx.response = answers;
	if (answers)
		(void)dissect_recall(d, kind - 1);
	else
		dissect_remember(d,
		    (struct ask){ .pair = kind, .op = PAY(kind) });
	f = code != 0 ? dissect_error(d, PAY(kind), code)
		      : dissect_op(d, PAY(kind));
	if (kind == PAY_RAKP1)
		rakp_1(r, d, f);
	else if (kind == PAY_OPEN)
		open_session(r, d);
	rd_skip_rest(r);
}

static void
version_2(struct rd *r, struct dissect *d)
{
	uint32_t kind = rd_u8(r), what = kind & 0x3f, n;
	struct rd in;

	if (what == PAY_OEM)
		rd_skip(r, 6);
	rd_skip(r, 8);
	n = rd_le16(r);
	in = rd_sub(r, n);
	if (!rd_ok(r))
		return;
	if (BITS(kind, 7, 7) != 0) {
		(void)dissect_op(d, PAY(what));
		rd_secret(&in, rd_left(&in));
	} else if (what == PAY_MESSAGE) {
		message(&in, d);
	} else if (what >= PAY_OPEN && what <= PAY_RAKP4) {
		set_up(&in, d, what);
	} else {
		(void)dissect_op(d, PAY(what));
		rd_opaque_rest(&in);
	}
	rd_skip_rest(r); /* integrity: padding and code */
}

static void
ipmi_parse(struct rd *r, struct dissect *d)
{
	uint32_t class, authentication;

	rd_skip(r, 3);
	class = rd_u8(r);
	if (!rd_ok(r))
		return;
	if ((class & 0x80) != 0) { /* acknowledged, nothing follows */
		rd_skip_rest(r);
	} else if (class == CLASS_ASF) {
		asf(r, d);
	} else if (class == CLASS_IPMI) {
		authentication = rd_u8(r);
		if (authentication == V2)
			version_2(r, d);
		else
			version_1(r, d, authentication);
	} else {
		(void)dissect_op(d, FACT_OP(3, class));
		rd_opaque_rest(r);
	}
}

const struct proto proto_ipmi = {
	.name = "ipmi",
	.title = "Intelligent Platform Management Interface, RMCP, ASF",
	.spec = "IPMI 2.0 revision 1.1; DMTF DSP0136",
	.depth = "ASF, sessions, users, commands by name with their risk, "
		 "what a controller is; extensions of makers by number, "
		 "encrypted payloads not",
	.slot = PROTO_SLOT,
	.udp = { PORT, 664 },
	.client_role = ROLE_UNKNOWN,
	.server_role = ROLE_SERVER,
	.claim = ipmi_claim,
	.parse = ipmi_parse,
	PROTO_OPS(ops),
};
