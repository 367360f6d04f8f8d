/*
 * s7comm_user.h - user data of Siemens S7: tests, cyclic reads, lists of
 * blocks, status lists, messages, passwords, clocks.
 *
 *	+----------+--------+--------+-------------+-----+-----+- - - - - - - -
 *	| 00 01 12 | length | method | type, group | sub | seq | unit last error
 *	+----------+--------+--------+-------------+-----+-----+- - - - - - - -
 *	            u8       u8       4 bits each   u8    u8    u8   u8   be16
 *
 * The data are one data item: return code, transport size, length, octets.
 * What does not fit comes in pieces of one data unit.  Included by s7comm.c
 * only.
 */
#ifndef PROTO_S7COMM_USER_H
#define PROTO_S7COMM_USER_H

#include "s7comm_block.h"
#include "s7comm_szl.h"

struct user { /* the parameters of user data */
	uint32_t op, type, sequence, unit, error, ref;
	bool push, response, last;
	struct fact_object at; /* the block of a block function */
};

/* An unasked message reports, whatever asking for it would be. */
static struct fact *
user_op(struct dissect *d, const struct user *u)
{
	struct fact *f = dissect_op(d, u->op);

	if (u->push && f->kind != FACT_NONE && f->kind != FACT_UNKNOWN) {
		f->kind = FACT_REPORT;
		f->risk = RISK_NONE;
	}
	return f;
}

static uint32_t
bcd(uint8_t b)
{
	return (b >> 4) * 10u + (b & 15u);
}

/* BCD year, month, day, hour, minute, second, ms << 4 | weekday. */
static void
say_time(struct fact *f, struct span s)
{
	uint32_t year;

	if (s.n < 8 || f->kind == FACT_NONE)
		return;
	year = bcd(s.p[0]);
	fact_textf(f, "%u-%02u-%02u %02u:%02u:%02u.%03u",
	    year < 90 ? 2000 + year : 1900 + year, bcd(s.p[1]), bcd(s.p[2]),
	    bcd(s.p[3]), bcd(s.p[4]), bcd(s.p[5]),
	    bcd(s.p[6]) * 10 + (s.p[7] >> 4));
}

static void
user_time(struct rd *r, struct fact *f)
{
	if (rd_left(r) >= 10) {
		rd_skip(r, 2); /* reserved, century */
		say_time(f, rd_span(r, 8));
	}
	rd_skip_rest(r);
}

static void
user_szl(struct rd *r, struct dissect *d, struct fact *f, const struct user *u)
{
	uint32_t id = 0;

	if (rd_left(r) >= 4) {
		id = rd_be16(r);
		f->object = (struct fact_object){ .space = SPACE_S7_SZL,
			.area = id,
			.first = rd_be16(r),
			.count = 1 };
	}
	if (u->response && rd_left(r) >= 4)
		szl_list(r, d, id);
	rd_skip_rest(r);
}

/* One block type, or one block and its file system, in characters. */
static void
block_ask(struct rd *r, struct fact *f, struct user *u)
{
	struct span s = rd_span(r, rd_left(r));

	if (s.n < 2)
		return;
	u->at.space = SPACE_S7_BLOCK;
	u->at.count = 1;
	u->at.area = hex_digit(s.p[0]) << 4 | hex_digit(s.p[1]);
	f->object = u->at;
	if (block_of(s, &u->at))
		name_block(f, u->at);
	else if (block_name(u->at.area) != NULL)
		fact_text(f, span_text(block_name(u->at.area)));
}

/* How many blocks of each type: type in two characters, count. */
static void
block_counts(struct rd *r, struct dissect *d, const struct user *u)
{
	struct fact_object o = { .space = SPACE_S7_BLOCK };

	while (rd_left(r) >= 4) {
		o.area = hex_digit(rd_u8(r)) << 4;
		o.area |= hex_digit(rd_u8(r));
		dissect_value_uint(d, u->op, o, rd_be16(r));
	}
}

/* Blocks of the type asked for: number, flags, language. */
static void
block_list(struct rd *r, struct dissect *d, const struct user *u)
{
	struct fact_object o = u->at;

	o.sub = 0;
	while (rd_left(r) >= 4) {
		o.first = rd_be16(r);
		rd_skip(r, 1);
		dissect_value_uint(d, u->op, o, rd_u8(r));
	}
}

/* A block's header: type, number, lengths, times, author, family, name. */
static void
block_info(struct rd *r, struct fact *f)
{
	struct fact_object o = { .space = SPACE_S7_BLOCK, .count = 1 };
	struct span author, name;
	uint32_t version;

	if (rd_left(r) < 68)
		return;
	rd_skip(r, 11);
	o.area = rd_u8(r);
	o.first = rd_be16(r);
	rd_skip(r, 28); /* lengths, protection, times */
	author = szl_text(rd_span(r, 8));
	rd_skip(r, 8);
	name = szl_text(rd_span(r, 8));
	version = rd_u8(r);
	if (!rd_ok(r))
		return;
	f->object = o;
	if (f->kind != FACT_NONE)
		fact_textf(f, "%s %u%s%.*s%s%.*s %u.%u",
		    block_name(o.area) != NULL ? block_name(o.area) : "block",
		    o.first, name.n > 0 ? " " : "", (int)name.n,
		    (const char *)name.p, author.n > 0 ? " by " : "",
		    (int)author.n, (const char *)author.p, version >> 4,
		    version & 15);
}

static void
user_block(struct rd *r, struct dissect *d, struct user *u)
{
	struct fact *f = user_op(d, u);

	if (!u->response) {
		if (u->op != 0x301)
			block_ask(r, f, u);
		return;
	}
	f->object = u->at;
	if (u->op == 0x301)
		block_counts(r, d, u);
	else if (u->op == 0x302)
		block_list(r, d, u);
	else if (u->op == 0x303)
		block_info(r, f);
	rd_skip_rest(r);
}

/* Cyclic reads: items, how often, and the variables. */
static void
cyclic_ask(struct rd *r, struct dissect *d, const struct user *u,
    struct s7_state *st)
{
	uint32_t n, start;

	if (rd_left(r) < 4) {
		(void)dissect_op(d, u->op);
		dissect_remember(d,
		    (struct ask){ .pair = u->ref, .op = u->op });
		rd_skip_rest(r);
		return;
	}
	n = rd_be16(r);
	rd_skip(r, 2);
	start = items(r, d, u->op, n, st);
	dissect_remember(d,
	    (struct ask){ .pair = u->ref,
		.op = u->op,
		.extra = { start, st->head - start } });
	rd_skip_rest(r);
}

static void
cyclic_data(struct rd *r, struct dissect *d, const struct user *u,
    const struct ask *ask, struct s7_state *st)
{
	uint32_t n = rd_left(r) >= 2 ? rd_be16(r) : 0, start = 0, due = 0;

	if (ask != NULL) {
		uint32_t slot = st->n_cyclic++ % 4;

		start = ask->extra[0];
		due = ask->extra[1];
		st->cyclic[slot].start = start;
		st->cyclic[slot].n = (uint8_t)(due < 255 ? due : 255);
		st->cyclic[slot].job = (uint8_t)u->sequence;
	}
	for (uint32_t i = 0; i < 4 && u->push; i++) {
		if (st->cyclic[i].n == 0 || st->cyclic[i].job != u->sequence)
			continue;
		start = st->cyclic[i].start;
		due = st->cyclic[i].n;
	}
	data_items(r, d, u->op, n, st, start, due);
	rd_skip_rest(r);
}

/* Test functions' memory areas: area << 4 | width. */
static struct item
item_test(struct rd *r)
{
	static const uint8_t from[8] = { 0x83, 0x81, 0x82, 0x80, 0, 0x1d, 0x1c,
		0x84 };
	static const uint8_t types[4] = { 1, 2, 4, 6 };
	uint32_t code = rd_u8(r), repeat = rd_u8(r);
	struct item it = { .syntax = 0x10, .count = 1 };

	it.area = code >> 4 < 8 ? from[code >> 4] : 0;
	it.type =
	    it.area == 0x1c || it.area == 0x1d ? it.area : types[code & 3];
	it.db = rd_be16(r);
	it.address = rd_be16(r);
	if (it.area != 0x1c && it.area != 0x1d)
		it.address <<= 3;
	if (it.type == 1)
		it.address |= repeat & 7;
	else
		it.count = (uint16_t)repeat;
	return it;
}

/* Watching and modifying variables: sizes, parameters, addresses, values. */
static void
test_items(struct rd *r, struct dissect *d, const struct user *u,
    struct s7_state *st)
{
	struct asking q = { .first = user_op(d, u), .op = u->op };
	uint32_t n_param, n, start = st->head;

	if (rd_left(r) < 6) {
		rd_skip_rest(r);
		return;
	}
	n_param = rd_be16(r);
	rd_skip(r, 2);
	rd_skip(r, n_param);
	n = rd_count(r, rd_be16(r), 6);
	for (uint32_t i = 0; i < n; i++) {
		struct item it = item_test(r);

		ring_put(st, &it);
		say_item(d, &q, object_of(&it));
	}
	if (u->op == 0x108)
		data_items(r, d, u->op, n, st, start, n);
	rd_skip_rest(r);
}

/* Enabling, deleting ... a test job: which function it is of. */
static void
test_job(struct rd *r, struct dissect *d, const struct user *u)
{
	struct fact *f = user_op(d, u);
	uint32_t n_param;

	if (rd_left(r) < 6) {
		rd_skip_rest(r);
		return;
	}
	n_param = rd_be16(r);
	rd_skip(r, 2);
	rd_skip(r, n_param);
	if (rd_left(r) >= 2) {
		f->object.sub = rd_u8(r);
		f->object.space = SPACE_S7_SYSTEM;
		f->object.first = rd_u8(r);
	}
	/* switching a modify or force job on does what the job says */
	if (f->kind != FACT_NONE && u->op == 0x10e &&
	    (f->object.sub == 8 || f->object.sub == 9)) {
		f->kind = FACT_CONTROL;
		f->risk = RISK_FORCE;
	}
	rd_skip_rest(r);
}

/* Messages: function, objects; each names its event. */
static void
user_alarm(struct rd *r, struct fact *f, const struct user *u)
{
	bool stamped = u->push && u->op != 0x403;
	uint32_t n, event;

	if (rd_left(r) < (stamped ? 10u : 2u)) {
		rd_skip_rest(r);
		return;
	}
	if (stamped)
		rd_skip(r, 8);
	rd_skip(r, 1);
	n = rd_u8(r);
	if (n > 0 && rd_left(r) >= 8) {
		rd_skip(r, 4); /* item, length, syntax, associated values */
		event = rd_be32(r);
		f->object = (struct fact_object){ .space = SPACE_S7_SYSTEM,
			.first = event,
			.count = n };
	}
	rd_skip_rest(r);
}

static void
user_diagnostic(struct rd *r, struct fact *f)
{
	if (rd_left(r) >= 2)
		f->object = (struct fact_object){ .space = SPACE_S7_SYSTEM,
			.first = rd_be16(r),
			.count = 1 };
	rd_skip_rest(r);
}

/* Subscribing to messages: which, and who asks. */
static void
user_messages(struct rd *r, struct fact *f, const struct user *u)
{
	if (!u->response && rd_left(r) >= 10) {
		f->object = (struct fact_object){ .space = SPACE_S7_SYSTEM,
			.first = rd_u8(r),
			.count = 1 };
		rd_skip(r, 1);
		fact_text(f, rd_span(r, 8));
	}
	rd_skip_rest(r);
}

static void
user_cpu(struct rd *r, struct dissect *d, const struct user *u)
{
	struct fact *f = user_op(d, u);

	if (u->op == 0x401)
		user_szl(r, d, f, u);
	else if (u->op == 0x402)
		user_messages(r, f, u);
	else if (u->op == 0x403)
		user_diagnostic(r, f);
	else if (!u->response && u->op != 0x413)
		user_alarm(r, f, u);
	rd_opaque_rest(r);
}

/* What the function group says of its payload; says the operation. */
static void
user_payload(struct rd *r, struct dissect *d, struct user *u,
    const struct ask *ask, struct s7_state *st)
{
	switch (u->op >> 8) {
	case 1:
		if (!u->response && !u->push &&
		    (u->op == 0x102 || u->op == 0x108))
			test_items(r, d, u, st);
		else if (!u->response && !u->push && u->op >= 0x10d &&
		    u->op <= 0x111)
			test_job(r, d, u);
		else
			(void)user_op(d, u);
		break;
	case 2:
		if (u->response || u->push) {
			(void)user_op(d, u);
			cyclic_data(r, d, u, ask, st);
		} else {
			cyclic_ask(r, d, u, st);
		}
		break;
	case 3:
		user_block(r, d, u);
		break;
	case 4:
		user_cpu(r, d, u);
		break;
	case 5:
		(void)user_op(d, u);
		if (!u->response)
			rd_secret(r, rd_left(r));
		break;
	case 7:
		user_time(r, user_op(d, u));
		break;
	default:
		(void)user_op(d, u);
		break;
	}
	rd_opaque_rest(r);
}

static void
mode_transition(struct dissect *d, uint32_t mode)
{
	static const uint32_t n =
	    sizeof(pushed_modes) / sizeof(pushed_modes[0]);
	struct fact *f = dissect_op(d, 0);

	f->object = (struct fact_object){ .space = SPACE_S7_SYSTEM,
		.first = mode,
		.count = 1 };
	if (mode < n && pushed_modes[mode] != NULL) {
		fact_text(f, span_text(pushed_modes[mode]));
		dissect_ident(d, TRAIT_MODE, span_text(pushed_modes[mode]));
	}
}

static struct user
user_head(struct rd *r, uint32_t ref)
{
	struct user u = { .ref = ref, .last = true };
	uint32_t group;

	rd_skip(r, 5); /* 00 01 12, length, method */
	group = rd_u8(r);
	u.type = group >> 4;
	group &= 15;
	u.op = rd_u8(r) | group << 8;
	u.sequence = rd_u8(r);
	u.response = (u.type & 0xc) == 8;
	u.push = (u.type & 0xc) == 0;
	if (rd_left(r) >= 4) {
		u.unit = rd_u8(r);
		u.last = rd_u8(r) == 0;
		u.error = rd_be16(r);
	}
	rd_skip_rest(r);
	return u;
}

static void
user_pieces(struct rd *r, struct dissect *d, struct user *u,
    const struct ask *ask, struct s7_state *st)
{
	uint8_t *open = &st->open[d->to_server];
	struct span piece = rd_span(r, rd_left(r)), all;
	bool first = *open != u->unit;
	struct rd whole;

	if (!rd_ok(r))
		return;
	*open = (uint8_t)(u->last ? 0 : u->unit);
	if (!dissect_join(d, 0x5700u | u->unit, first, u->last, piece, &all)) {
		(void)user_op(d, u);
		return;
	}
	whole = rd_over(r, all);
	user_payload(&whole, d, u, ask, st);
}

/* The data item that user data consist of, and the pieces it may be in. */
static void
user_item(struct rd *r, struct dissect *d, struct user *u,
    const struct ask *ask, struct s7_state *st)
{
	struct rd payload;

	if (rd_left(r) < 4) {
		(void)user_op(d, u);
		return;
	}
	rd_skip(r, 2); /* return code, size; no object is no error here */
	payload = rd_sub_be16(r);
	if (u->unit != 0 && (!u->last || st->open[d->to_server] == u->unit))
		user_pieces(&payload, d, u, ask, st);
	else
		user_payload(&payload, d, u, ask, st);
}

static void
user_data(struct rd *r, struct rd *data, struct dissect *d, uint32_t ref,
    struct s7_state *st)
{
	struct user u = user_head(r, ref);
	const struct ask *ask = NULL;

	d->ctx.response = u.response;
	if (u.op >> 8 == 0) {
		mode_transition(d, u.op);
		return;
	}
	if (u.response)
		ask = dissect_recall(d, ref);
	if (ask != NULL && ask->op == u.op)
		u.at = ask->at;
	if (u.error != 0)
		dissect_error(d, u.op, u.error)->object = u.at;
	else
		user_item(data, d, &u, ask, st);
	if (!u.response && !u.push && u.op >> 8 != 2)
		dissect_remember(d,
		    (struct ask){ .pair = ref, .op = u.op, .at = u.at });
}

#endif
