/*
 * s7comm.c - Siemens S7 communication, as S7-200, 300, 400 and 1200 speak it.
 *
 * Unpublished; known from the open descriptions of Snap7, libnodave and the
 * manuals' lists of services, errors and status lists.  Inside COTP.
 *
 *	+----+--------+------+-----+---------+--------+- - - -+- - - - -+- - -
 *	| 32 | ROSCTR | 0000 | ref | par-len | da-len | error | param.  | data
 *	+----+--------+------+-----+---------+--------+- - - -+- - - - -+- - -
 *	  u8   u8       be16   be16  be16      be16     be16 in ROSCTR 2, 3
 *
 *	ROSCTR	1 job, 2 acknowledgement, 3 acknowledgement with data:
 *		parameters begin with the function
 *	ROSCTR	7 user data: 00 01 12, length, method, type << 4 | group,
 *		subfunction, sequence; in answers data unit reference, last,
 *		error
 *
 * Op is the function; of user data group << 8 | subfunction (group 0, mode
 * transition: 0).  Who answers is told by ROSCTR and type, not by direction: a
 * CPU asks for the pieces of a download.  Objects: area = data block, first =
 * byte, sub = bit, count = elements; blocks: area = block type, first = its
 * number, sub = file system; SZL: area = SZL-ID, first = index; symbols of
 * S7-1200: area = data block, first = the first local identifier.
 */
#include "s7comm_user.h"

#define OP_OF_ROSCTR 0x10000u

/* -------------------------------------------------------- jobs and answers */

static void
job(struct rd *r, struct rd *data, struct dissect *d, uint32_t ref,
    struct s7_state *st)
{
	uint32_t op = rd_left(r) > 0 ? rd_u8(r) : 0, n, start;

	switch (op) {
	case 0x04:
	case 0x05:
		n = rd_u8(r);
		start = items(r, d, op, n, st);
		dissect_remember(d,
		    (struct ask){ .pair = ref,
			.op = op,
			.extra = { start, st->head - start } });
		if (op == 0x05 && n == 1)
			say_written(data, d, ring_item(st, start, 0));
		if (op == 0x05)
			data_items(data, d, op, n, st, start, n);
		break;
	case 0x1a:
	case 0x1b:
	case 0x1c:
	case 0x1d:
	case 0x1e:
	case 0x1f:
		block_job(r, d, op, ref, st);
		break;
	case 0x28:
	case 0x29:
		program_invocation(r, d, op, ref);
		break;
	default:
		dissect_remember(d, (struct ask){ .pair = ref, .op = op });
		(void)dissect_op(d, op);
		if (op == 0xf0)
			rd_skip_rest(r); /* parallel jobs, PDU length */
		rd_opaque_rest(r);
		break;
	}
}

static void
answer(struct rd *r, struct rd *data, struct dissect *d, uint32_t ref,
    uint32_t error, struct s7_state *st)
{
	const struct ask *ask = dissect_recall(d, ref);
	uint32_t op = ask != NULL ? ask->op : 0, n;

	if (rd_more(r))
		op = rd_u8(r);
	if (ask != NULL && ask->op != op)
		ask = NULL;
	if (error != 0) {
		struct fact *f = dissect_error(d, op, error);

		if (ask != NULL && ask->at.space != SPACE_NONE)
			name_block(f, ask->at);
		rd_skip_rest(r);
	} else if (op == 0x04 || op == 0x05) {
		(void)dissect_op(d, op);
		n = rd_more(r) ? rd_u8(r) : 0;
		if (op == 0x04)
			data_items(data, d, op, n, st,
			    ask != NULL ? ask->extra[0] : 0,
			    ask != NULL ? ask->extra[1] : 0);
		else
			return_codes(data, d, op, n, st, ask);
	} else if (op >= 0x1a && op <= 0x1f) {
		block_answer(r, data, d, op, ask, st);
	} else {
		(void)dissect_op(d, op);
		rd_skip_rest(r);
	}
}

static void
s7comm_parse(struct rd *r, struct dissect *d)
{
	struct s7_state *st = d->state;
	uint32_t magic = rd_u8(r), rosctr = rd_u8(r), ref, n_param, n_data;
	uint32_t error = 0;
	struct rd param, data;

	rd_require(r, magic == 0x32, "not S7");
	rd_skip(r, 2);
	ref = rd_be16(r);
	n_param = rd_be16(r);
	n_data = rd_be16(r);
	if (rosctr == 2 || rosctr == 3)
		error = rd_be16(r);
	param = rd_sub(r, n_param);
	data = rd_sub(r, n_data);
	dissect_pair(d, ref);
	if (rosctr == 1) {
		d->ctx.response = false;
		job(&param, &data, d, ref, st);
	} else if (rosctr == 2 || rosctr == 3) {
		d->ctx.response = true;
		answer(&param, &data, d, ref, error, st);
	} else if (rosctr == 7) {
		user_data(&param, &data, d, ref, st);
	} else {
		(void)dissect_op(d, OP_OF_ROSCTR | rosctr);
		rd_opaque_rest(&param);
	}
	rd_opaque_rest(&data);
}

/* Of items, and of headers, class << 8 | code; public knowledge (snap7,
 * libnodave), no standard. */
static const struct proto_code codes[] = {
	{ 0x01, "hardware error" },
	{ 0x03, "access not allowed" },
	{ 0x05, "address out of range" },
	{ 0x06, "data type not supported" },
	{ 0x07, "data type and size disagree" },
	{ 0x0a, "object does not exist" },
	{ 0x8104, "function not available" },
	{ 0x8500, "more than a PDU holds" },
	{ 0xd209, "block not found" },
	{ 0xd20e, "no more blocks" },
	{ 0xd210, "invalid block number" },
	{ 0xd240, "coordination rule broken" },
	{ 0xd241, "not allowed at this protection level" },
	{ 0xd242, "protection conflict with safety blocks" },
	{ 0xd401, "information function not available" },
	{ 0xd402, "information function not available" },
	{ 0xd405, "service not supported" },
	{ 0xd602, "wrong password" },
	{ 0xd603, "connection is legitimised already" },
	{ 0xd604, "connection is enabled already" },
	{ 0xd605, "no password is set" },
	{ 0xdc01, "invalid value" },
};

const struct proto proto_s7comm = {
	.name = "s7comm",
	.title = "Siemens S7 Communication",
	.spec = "unpublished; after the manuals and open implementations",
	.depth = "all functions and user data groups, item values, blocks, "
		 "program invocations, identity from status lists",
	.slot = PROTO_SLOT,
	.ot = true,
	.client_role = ROLE_HMI,
	.server_role = ROLE_PLC,
	.parse = s7comm_parse,
	PROTO_OPS(ops),
	PROTO_CODES(codes),
	.state_size = sizeof(struct s7_state),
};
