/*
 * uds.c - Unified Diagnostic Services.
 *
 * ISO 14229-1:2020; inside DoIP or CAN.
 *
 *	request   service u8 | by service
 *	answer    service + 0x40 | by service
 *	refusal   0x7f | service | code
 *
 * Op is the service.  Objects: of identifiers first is the identifier, of
 * routines the routine (sub: 1 start, 2 stop, 3 results), of others the
 * sub-function without its "no answer" bit.  There is no number that joins an
 * answer to its question: one of a service is open at a time.
 */
#include "say.h"

#define SID_REFUSAL 0x7fu
#define SID_ANSWER 0x40u
#define CODE_PENDING 0x78u

enum sid {
	S_SESSION = 0x10,
	S_RESET = 0x11,
	S_READ = 0x22,
	S_SECURITY = 0x27,
	S_WRITE = 0x2e,
	S_IO = 0x2f,
	S_ROUTINE = 0x31,
};

static const struct proto_op ops[] = {
	{ 0x10, FACT_SESSION, RISK_NONE, "diagnostic session control" },
	{ 0x11, FACT_CONTROL, RISK_RESET, "ECU reset" },
	{ 0x14, FACT_CONFIG, RISK_CONFIGURATION,
	    "clear diagnostic information" },
	{ 0x19, FACT_DIAGNOSE, RISK_NONE, "read DTC information" },
	{ 0x22, FACT_READ, RISK_NONE, "read data by identifier" },
	{ 0x23, FACT_PROGRAM, RISK_PROGRAM, "read memory by address" },
	{ 0x24, FACT_READ, RISK_NONE, "read scaling data by identifier" },
	{ 0x27, FACT_LOGIN, RISK_NONE, "security access" },
	{ 0x28, FACT_CONFIG, RISK_CONFIGURATION, "communication control" },
	{ 0x29, FACT_LOGIN, RISK_NONE, "authentication" },
	{ 0x2a, FACT_READ, RISK_NONE, "read data by periodic identifier" },
	{ 0x2c, FACT_CONFIG, RISK_NONE, "dynamically define data identifier" },
	{ 0x2e, FACT_WRITE, RISK_CONFIGURATION, "write data by identifier" },
	{ 0x2f, FACT_CONTROL, RISK_FORCE,
	    "input output control by identifier" },
	{ 0x31, FACT_CONTROL, RISK_CONTROL, "routine control" },
	{ 0x34, FACT_PROGRAM, RISK_FIRMWARE, "request download" },
	{ 0x35, FACT_PROGRAM, RISK_PROGRAM, "request upload" },
	{ 0x36, FACT_PROGRAM, RISK_FIRMWARE, "transfer data" },
	{ 0x37, FACT_PROGRAM, RISK_NONE, "request transfer exit" },
	{ 0x38, FACT_FILE, RISK_FILE, "request file transfer" },
	{ 0x3d, FACT_PROGRAM, RISK_PROGRAM, "write memory by address" },
	{ 0x3e, FACT_SESSION, RISK_NONE, "tester present" },
	{ 0x83, FACT_CONFIG, RISK_NONE, "access timing parameter" },
	{ 0x84, FACT_SESSION, RISK_NONE, "secured data transmission" },
	{ 0x85, FACT_CONFIG, RISK_CONFIGURATION, "control DTC setting" },
	{ 0x86, FACT_CONFIG, RISK_NONE, "response on event" },
	{ 0x87, FACT_CONFIG, RISK_CONFIGURATION, "link control" },
};

/* Identifiers the standard reserves for what a control unit is (Annex C). */
static bool
introduce(struct dissect *d, uint32_t did, struct span s)
{
	static const struct {
		uint32_t did;
		enum trait trait;
	} table[] = {
		{ 0xf187, TRAIT_ORDER },
		{ 0xf189, TRAIT_FIRMWARE },
		{ 0xf18a, TRAIT_VENDOR },
		{ 0xf18c, TRAIT_SERIAL },
		{ 0xf193, TRAIT_HARDWARE },
		{ 0xf195, TRAIT_FIRMWARE },
		{ 0xf197, TRAIT_MODEL },
	};

	bool told = did == 0xf190 && s.n == 17;

	if (told)
		dissect_identf(d, TRAIT_UUID, "VIN %.17s", (const char *)s.p);
	for (uint32_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].did == did && s.n > 0 && s.p[0] >= 0x20 &&
		    s.p[0] < 0x7f) {
			dissect_ident(d, table[i].trait, s);
			told = true;
		}
	return told;
}

static struct fact_object
identifier(uint32_t did)
{
	return (struct fact_object){ .space = SPACE_UDS_DATA,
		.first = did,
		.count = 1 };
}

/* What a service is about: its first bytes, the same in the answer. */
static struct fact_object
subject(struct rd *r, uint32_t sid)
{
	struct fact_object at = { .space = SPACE_NONE };

	switch (sid) {
	case S_READ:
	case 0x24:
	case S_WRITE:
	case S_IO:
		return identifier(rd_be16(r));
	case S_ROUTINE:
		at.space = SPACE_UDS_ROUTINE;
		at.sub = rd_u8(r) & 0x7f;
		at.first = rd_be16(r);
		at.count = 1;
		return at;
	case S_SESSION:
	case S_RESET:
	case 0x19:
	case S_SECURITY:
	case 0x28:
	case 0x29:
	case 0x2c:
	case 0x3e:
	case 0x85:
	case 0x86:
	case 0x87:
		at.space = SPACE_UDS_FUNCTION;
		at.first = rd_u8(r) & 0x7f;
		at.count = 1;
		return at;
	default:
		return at;
	}
}

/* Further identifiers of one question: each is read. */
static void
more_identifiers(struct rd *r, struct dissect *d)
{
	while (rd_left(r) >= 2)
		dissect_emit(d, FACT_READ, S_READ)->object =
		    identifier(rd_be16(r));
}

static void
request(struct rd *r, struct dissect *d, uint32_t sid)
{
	struct fact_object at = subject(r, sid);
	struct fact *f = dissect_op(d, sid);

	f->object = at;
	/* programming session: the unit leaves its work */
	if (sid == S_SESSION && at.first == 2)
		f->risk = RISK_MODE;
	if (!rd_ok(r))
		return;
	dissect_remember(d,
	    (struct ask){ .pair = d->ctx.unit << 8 | sid,
		.op = sid,
		.at = at });
	if (sid == S_READ)
		more_identifiers(r, d);
	if (sid == S_SECURITY || sid == 0x29 || sid == 0x84)
		rd_secret(r, rd_left(r));
	else
		rd_opaque_rest(r);
}

/* Values are of the maker's own form: numbers of up to 8 bytes are shown. */
static void
say_data(struct rd *r, struct dissect *d, struct fact_object at)
{
	struct span s = rd_span_rest(r);
	struct fact *f;
	uint64_t v = 0;
	bool is_text;

	if (!rd_ok(r) || s.n == 0)
		return;
	is_text = introduce(d, at.first, s);
	f = dissect_value(d, S_READ, at);
	for (uint32_t i = 0; i < s.n && i < 8; i++)
		v = v << 8 | s.p[i];
	if (s.n <= 8 && !is_text) {
		f->num_type = NUM_UINT;
		f->num.u = v;
	} else {
		fact_text(f, s);
	}
}

static void
answer(struct rd *r, struct dissect *d, uint32_t sid)
{
	const struct ask *a = dissect_recall(d, d->ctx.unit << 8 | sid);
	struct fact_object at = subject(r, sid);

	if (a != NULL && at.space == SPACE_NONE)
		at = a->at;
	dissect_op(d, sid)->object = at;
	if (sid == S_READ && rd_ok(r))
		say_data(r, d, at);
	else if (sid == S_SECURITY || sid == 0x29 || sid == 0x84)
		rd_secret(r, rd_left(r));
	else
		rd_opaque_rest(r);
}

/* 0x78 asks for patience: the question stays open. */
static void
refusal(struct rd *r, struct dissect *d)
{
	uint32_t sid = rd_u8(r), code = rd_u8(r);
	const struct ask *a = NULL;
	struct fact *f;

	if (rd_ok(r) && code != CODE_PENDING)
		a = dissect_recall(d, d->ctx.unit << 8 | sid);
	f = code == CODE_PENDING ? dissect_op(d, sid)
				 : dissect_error(d, sid, code);
	if (a != NULL)
		f->object = a->at;
}

static void
uds_parse(struct rd *r, struct dissect *d)
{
	uint32_t sid = rd_u8(r);

	d->ctx.response = (sid & SID_ANSWER) != 0;
	if (sid == SID_REFUSAL)
		refusal(r, d);
	else if (d->ctx.response)
		answer(r, d, sid & ~SID_ANSWER);
	else
		request(r, d, sid);
}

const struct proto proto_uds = {
	.name = "uds",
	.title = "Unified Diagnostic Services",
	.spec = "ISO 14229-1:2020",
	.depth = "all services; identifiers, routines, sub-functions, "
		 "refusals; what control units tell of themselves; data of "
		 "the maker's own form as numbers",
	.slot = PROTO_SLOT,
	.ot = true,
	.parse = uds_parse,
	PROTO_OPS(ops),
};
