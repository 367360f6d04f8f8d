/*
 * pcworx.c - PC Worx and Phoenix Contact's controllers: the device's
 * interface (TCP 1962) and the services of its ProConOS runtime (TCP 41100).
 *
 * Unpublished; known from Redpoint's pcworx-info, from Metasploit's
 * phoenix_command and from captures.
 *
 *	1962	+-------+----------+--------+---------+- - -
 *		| 01 81 | function | length | session | ...
 *		+-------+----------+--------+---------+- - -
 *		  u8      u8         be16     be16
 *
 *	41100	+-------+------+---+--------+--------+--------+--------+- -
 *		| 01 00 | kind | 0 | length | handle | method | 0, sum | data
 *		+-------+------+---+--------+--------+--------+--------+- -
 *		  2       le16  le16 le16     le16     le16     2+2
 *		kind 0 asks for a service by name, 1 gives its handle;
 *		2 calls a method, 3 answers
 *
 * Op is the function; of 41100 variant 1: the kind, or of the control service
 * 0x100 + method.  Text is the name of the service.
 */
#include "say.h"

#define HEAD 8u
#define RUN_HEAD 16u
#define RUN(code) FACT_OP(1, code)
#define CONTROL(method) RUN(0x100u + (method))

enum {
	KIND_BIND,
	KIND_BOUND,
	KIND_CALL,
	KIND_RETURN
};

static const struct proto_op ops[] = {
	{ 0x01, FACT_SESSION, RISK_NONE, "open" },
	{ 0x05, FACT_SESSION, RISK_NONE, "select" },
	{ 0x06, FACT_DISCOVER, RISK_NONE, "read device information" },
	{ RUN(KIND_BIND), FACT_SESSION, RISK_NONE, "bind service" },
	{ RUN(KIND_CALL), FACT_SESSION, RISK_NONE, "call" },
	{ CONTROL(6), FACT_CONTROL, RISK_MODE, "start" },
	{ CONTROL(7), FACT_CONTROL, RISK_MODE, "stop" },
};

#define N_SERVICES 16u

enum service {
	SERVICE_UNKNOWN,
	SERVICE_CONTROL,
	SERVICE_OTHER
};

struct run_state {
	uint8_t asked[N_SERVICES]; /* services named, in order */
	uint8_t bound[N_SERVICES]; /* by handle */
	uint8_t n_asked, n_bound;
};

/* ------------------------------------------------------------ the device */

/* Where the answer has its texts: from the start of the message. */
static void
say_device(struct rd *r, struct dissect *d)
{
	static const struct {
		uint8_t at, n, trait;
	} fields[] = { { 30, 36, TRAIT_MODEL }, { 66, 13, TRAIT_FIRMWARE },
		{ 152, 24, TRAIT_ORDER } };
	uint32_t at = HEAD;

	dissect_ident(d, TRAIT_VENDOR, SPAN_LIT("Phoenix Contact"));
	for (uint32_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct span s;

		rd_skip(r, fields[i].at - at);
		s = rd_span(r, fields[i].n);
		dissect_ident(d, (enum trait)fields[i].trait,
		    span_first(s, span_find(s, 0)));
		at = (uint32_t)fields[i].at + fields[i].n;
	}
	dissect_ident_role(d, ABOUT_SENDER, ROLE_PLC);
}

static void
device(struct rd *r, struct dissect *d)
{
	uint32_t first = rd_u8(r), op = rd_u8(r), sequence;

	rd_skip(r, 2);
	sequence = rd_be16(r);
	rd_skip(r, 2);
	if (!rd_ok(r))
		return;
	d->ctx.response = (first & 0x80) != 0;
	dissect_pair(d, sequence);
	if (!d->ctx.response)
		dissect_remember(d, (struct ask){ .pair = sequence, .op = op });
	else
		(void)dissect_recall(d, sequence);
	(void)dissect_op(d, op);
	if (op == 6 && d->ctx.response && rd_left(r) >= 168)
		say_device(r, d);
	if (proto_op_find(d->proto, op) != NULL)
		rd_skip_rest(r);
	else
		rd_opaque_rest(r);
}

/* ----------------------------------------------------------- the runtime */

static uint8_t
service_of(struct span name)
{
	return span_starts(name,
		   SPAN_LIT("Ade.Remoting.Services.IProConOSControlService"))
	    ? SERVICE_CONTROL
	    : SERVICE_OTHER;
}

static void
bind(struct rd *r, struct dissect *d, struct run_state *st)
{
	struct fact *f = dissect_op(d, RUN(KIND_BIND));
	struct span name = rd_span(r, rd_left(r));

	say_named(f, name);
	if (rd_ok(r))
		st->asked[st->n_asked++ % N_SERVICES] = service_of(name);
}

static void
call(struct dissect *d, struct run_state *st, uint32_t handle, uint32_t method)
{
	bool control =
	    handle < N_SERVICES && st->bound[handle] == SERVICE_CONTROL;
	uint32_t op = control ? CONTROL(method & 0xff) : RUN(KIND_CALL);
	struct fact *f = dissect_op(d, op);

	if (!control)
		f->object = (struct fact_object){ .space = SPACE_ITEM,
			.area = handle,
			.first = method,
			.count = 1 };
}

static void
runtime(struct rd *r, struct dissect *d)
{
	struct run_state *st = d->state;
	uint32_t kind, n, handle, method;
	struct rd data;

	rd_skip(r, 2);
	kind = rd_le16(r);
	rd_skip(r, 2);
	n = rd_le16(r);
	handle = rd_le16(r);
	method = rd_le16(r);
	rd_skip(r, 4);
	data = rd_sub(r, n);
	if (!rd_ok(r))
		return;
	d->ctx.response = kind == KIND_BOUND || kind == KIND_RETURN;
	if (kind == KIND_BIND) {
		bind(&data, d, st);
	} else if (kind == KIND_BOUND) {
		(void)dissect_op(d, RUN(KIND_BIND));
		if (handle < N_SERVICES && st->n_bound < st->n_asked)
			st->bound[handle] =
			    st->asked[st->n_bound++ % N_SERVICES];
	} else if (kind == KIND_CALL || kind == KIND_RETURN) {
		call(d, st, handle, method);
	} else {
		(void)dissect_op(d, RUN(kind & 0xff) | 0x200);
	}
	rd_opaque_rest(&data);
}

/* ------------------------------------------------------------- the flow */

static bool
is_runtime(struct span s)
{
	return s.p[0] == 1 && s.p[1] == 0;
}

static uint32_t
pcworx_frame(struct span s, const struct dissect *d)
{
	uint32_t n;

	(void)d;
	if (is_runtime(s)) {
		if (s.p[3] != 0 || s.p[2] > 7 || s.p[4] != 0 || s.p[5] != 0)
			return FRAME_NOT_MINE;
		return RUN_HEAD + ((uint32_t)s.p[7] << 8 | s.p[6]);
	}
	n = (uint32_t)s.p[2] << 8 | s.p[3];
	return (s.p[0] & 0x7f) == 1 && s.p[1] < 0x20 && n >= HEAD && n < 4096
	    ? n
	    : FRAME_NOT_MINE;
}

static enum claim
pcworx_claim(struct span s, const struct dissect *d)
{
	if (s.n < HEAD || pcworx_frame(s, d) != s.n)
		return CLAIM_NO;
	if (is_runtime(s) && s.p[2] == 0)
		return span_starts(span_from(s, RUN_HEAD),
			   SPAN_LIT("Ade.Remoting.Services."))
		    ? CLAIM_STRONG
		    : CLAIM_NO;
	if (say_on_port(d, 41100) || say_on_port(d, 1962))
		return CLAIM_WEAK;
	return s.n >= 26 &&
		span_is(span_first(span_from(s, 14), 7), SPAN_LIT("IBETH01"))
	    ? CLAIM_STRONG
	    : CLAIM_NO;
}

static enum way
pcworx_way(struct span s)
{
	if (s.n < 4)
		return WAY_UNKNOWN;
	if (is_runtime(s))
		return (s.p[2] & 1) != 0 ? WAY_RESPONSE : WAY_REQUEST;
	return (s.p[0] & 0x80) != 0 ? WAY_RESPONSE : WAY_REQUEST;
}

static void
pcworx_parse(struct rd *r, struct dissect *d)
{
	struct span s = rd_ahead(r, 2);

	if (s.n == 2 && is_runtime(s))
		runtime(r, d);
	else
		device(r, d);
}

const struct proto proto_pcworx = {
	.name = "pcworx",
	.title = "Phoenix Contact PC Worx, ProConOS services",
	.spec = "unpublished; Redpoint pcworx-info, Metasploit phoenix_command",
	.depth = "device: type, firmware, order number; runtime: services by "
		 "name, start and stop; arguments are not understood",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { 1962, 41100 },
	.client_role = ROLE_UNKNOWN,
	.server_role = ROLE_PLC,
	.claim = pcworx_claim,
	.way = pcworx_way,
	.frame = pcworx_frame,
	.frame_min = HEAD,
	.parse = pcworx_parse,
	.state_size = sizeof(struct run_state),
	PROTO_OPS(ops),
};
