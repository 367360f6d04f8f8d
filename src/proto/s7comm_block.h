/*
 * s7comm_block.h - Siemens S7: blocks on their way to and from the controller,
 * and program invocations.
 *
 *	file name	_ or $, type in two hexadecimal characters, number in
 *			five digits, file system (P passive, A active, B both)
 *	transfer	status u8, unknown be16, identifier be32, then the name
 *	invocation	unknown 7, argument be16 + its length, service u8 + name
 *
 * Included by s7comm.c only.
 */
#ifndef PROTO_S7COMM_BLOCK_H
#define PROTO_S7COMM_BLOCK_H

#include "../base/hex.h"
#include "s7comm_items.h"

static const char *
block_name(uint32_t type)
{
	for (uint32_t i = 0; i < sizeof(block_types) / sizeof(block_types[0]);
	     i++)
		if (block_types[i].code == type)
			return block_types[i].name;
	return NULL;
}

/* Type in two hexadecimal characters, number in five digits, file system. */
static bool
block_of(struct span s, struct fact_object *ret)
{
	struct fact_object o = { .space = SPACE_S7_BLOCK, .count = 1 };

	if (s.n == 9)
		s = span_from(s, 1); /* _ whole block, $ header for upload */
	if (s.n != 8 || hex_digit(s.p[0]) > 15 || hex_digit(s.p[1]) > 15)
		return false;
	o.area = hex_digit(s.p[0]) << 4 | hex_digit(s.p[1]);
	for (uint32_t i = 2; i < 7; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		o.first = o.first * 10 + (uint32_t)(s.p[i] - '0');
	}
	o.sub = s.p[7];
	*ret = o;
	return true;
}

static void
name_block(struct fact *f, struct fact_object o)
{
	const char *type = block_name(o.area);

	f->object = o;
	if (f->kind == FACT_NONE)
		return;
	if (type != NULL)
		fact_textf(f, "%s %u", type, o.first);
	else
		fact_textf(f, "block type 0x%02x %u", o.area, o.first);
}

static void
name_file(struct fact *f, struct span name, struct fact_object *ret)
{
	if (block_of(name, ret))
		name_block(f, *ret);
	else
		fact_text(f, name);
}

/* Status, unknown, upload identifier: what all block functions begin with. */
static uint32_t
block_head(struct rd *r)
{
	rd_skip(r, 3);
	return rd_be32(r);
}

static void
block_job(struct rd *r, struct dissect *d, uint32_t op, uint32_t ref,
    struct s7_state *st)
{
	struct ask ask = { .pair = ref, .op = op };
	uint32_t id = block_head(r);
	struct fact *f = dissect_op(d, op);

	if (op == 0x1e || op == 0x1f) {
		if (st->upload.space != SPACE_NONE && st->upload_id == id)
			ask.at = st->upload;
		if (ask.at.space != SPACE_NONE)
			name_block(f, ask.at);
	} else {
		struct rd name = rd_sub_u8(r);

		name_file(f, rd_span(&name, rd_left(&name)), &ask.at);
	}
	rd_skip_rest(r); /* lengths of load memory and code */
	dissect_remember(d, ask);
}

static void
block_answer(struct rd *r, struct rd *data, struct dissect *d, uint32_t op,
    const struct ask *ask, struct s7_state *st)
{
	struct fact *f = dissect_op(d, op);

	if (ask != NULL && ask->at.space != SPACE_NONE)
		name_block(f, ask->at);
	if (op == 0x1d && rd_left(r) >= 7) {
		st->upload_id = block_head(r);
		if (ask != NULL)
			st->upload = ask->at;
	}
	rd_skip_rest(r);
	if (rd_left(data) >= 4)
		rd_skip(data, 4); /* length, unknown */
	rd_opaque_rest(data); /* code of the block */
}

/* ------------------------------------------------------ program invocation */

static void
pi_kind(struct fact *f, struct span name)
{
	if (f->kind == FACT_NONE)
		return;
	for (uint32_t i = 0; i < sizeof(pis) / sizeof(pis[0]); i++) {
		if (!span_is(name, span_text(pis[i].name)))
			continue;
		f->kind = pis[i].kind;
		f->risk = pis[i].risk;
		return;
	}
}

/* The blocks a service works on: count, unknown, file names of 8. */
static bool
pi_blocks(struct rd *r, struct dissect *d, struct fact *f, struct span name)
{
	uint32_t n = rd_u8(r);
	struct fact_object o;

	rd_skip(r, 1);
	if (n == 0 || n * 8 != rd_left(r))
		return false;
	for (uint32_t i = 0; i < n && rd_more(r); i++) {
		struct span file = rd_span(r, 8);

		if (!block_of(file, &o))
			continue;
		if (i > 0) {
			struct fact *g = dissect_emit(d,
			    f->kind != FACT_NONE ? f->kind : FACT_PROGRAM,
			    0x28);

			g->risk = f->risk;
			f = g;
		}
		name_block(f, o);
		if (f->kind != FACT_NONE && block_name(o.area) != NULL)
			fact_textf(f, "%.*s %s %u", (int)name.n,
			    (const char *)name.p, block_name(o.area), o.first);
	}
	return true;
}

static void
program_invocation(struct rd *r, struct dissect *d, uint32_t op, uint32_t ref)
{
	struct fact *f = dissect_op(d, op);
	struct rd arg, string;
	struct span name, text;

	rd_skip(r, op == 0x28 ? 7 : 5);
	arg = op == 0x28 ? rd_sub_be16(r) : rd_sub(r, 0);
	string = rd_sub_u8(r);
	name = rd_span(&string, rd_left(&string));
	rd_skip_rest(r);
	dissect_remember(d, (struct ask){ .pair = ref, .op = op });
	if (!rd_ok(r))
		return;
	if (op == 0x28)
		pi_kind(f, name);
	if (name.n > 0 && name.p[0] == '_' && rd_left(&arg) >= 10 &&
	    pi_blocks(&arg, d, f, name))
		return;
	text = rd_span(&arg, rd_left(&arg));
	fact_textf(f, "%.*s%s%.*s", (int)(name.n < 32 ? name.n : 32),
	    (const char *)name.p, text.n > 0 ? " " : "",
	    (int)(text.n < 56 ? text.n : 56), (const char *)text.p);
}

#endif
