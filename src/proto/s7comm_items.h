/*
 * s7comm_items.h - variables of Siemens S7: where they are, and their values.
 *
 *	item	12h, length, syntax; S7ANY (10h): type u8, count be16,
 *		data block be16, area u8, address be24 in bits
 *	data	return code, transport size, length, octets, fill to even
 *
 * The items of a request wait in a ring of the flow's state for its answer.
 * Included by s7comm.c only.
 */
#ifndef PROTO_S7COMM_ITEMS_H
#define PROTO_S7COMM_ITEMS_H

#include "cotp.h"
#include "s7comm_tables.h"

struct item { /* a variable that was asked for */
	uint32_t address; /* 24 bits */
	uint16_t db, count;
	uint8_t area, type, syntax, pad_;
};

#define RING 28u

/* Items of requests whose answers are due; a request knows where its begin. */
struct s7_state {
	struct item ring[RING];
	uint32_t head; /* counts all ever put */
	uint32_t upload_id;
	struct fact_object upload; /* the block that is being read */
	struct { /* cyclic reads, told apart by their job's number */
		uint32_t start;
		uint8_t job, n;
		uint16_t pad_;
	} cyclic[4];
	uint32_t n_cyclic;
	uint8_t open[2]; /* data unit in pieces, by direction */
	uint16_t pad_;
};

_Static_assert(sizeof(struct s7_state) <= COTP_INNER_STATE, "inside COTP");

/* ------------------------------------------------------------------- items */

static const struct area *
area_of(uint32_t code)
{
	for (uint32_t i = 0; i < sizeof(areas) / sizeof(areas[0]); i++)
		if (areas[i].code == code)
			return &areas[i];
	return NULL;
}

static struct fact_object
object_of(const struct item *it)
{
	const struct area *a = area_of(it->area);
	struct fact_object o = { .area = it->db, .count = it->count };

	if (it->syntax != 0x10 && it->syntax != 0xb2 &&
	    (it->syntax < 0x82 || it->syntax > 0x84))
		return (struct fact_object){ .space = SPACE_NONE };
	if (it->syntax == 0xb2) {
		o.space = SPACE_S7_SYMBOL;
		o.first = it->address;
		return o;
	}
	o.space = a != NULL ? a->space : SPACE_S7_SYSTEM;
	o.first = it->address;
	if (a == NULL || a->shift > 0) {
		o.first = it->address >> 3;
		o.sub = it->address & 7;
	}
	return o;
}

static const struct item *
ring_item(const struct s7_state *st, uint32_t start, uint32_t i)
{
	/* overwritten by later requests? */
	if (st->head - start > RING || start + i >= st->head)
		return NULL;
	return &st->ring[(start + i) % RING];
}

static void
ring_put(struct s7_state *st, const struct item *it)
{
	st->ring[st->head % RING] = *it;
	st->head++;
}

/* S7ANY: type, count, data block, area, bit address. */
static struct item
item_any(struct rd *r)
{
	struct item it = { .syntax = 0x10 };

	it.type = rd_u8(r);
	it.count = rd_be16(r);
	it.db = rd_be16(r);
	it.area = rd_u8(r);
	it.address = rd_be24(r);
	return it;
}

/* S7-1200 symbol: reserved, area or "data block" and its number, checksum,
 * local identifiers. */
static struct item
item_symbol(struct rd *r)
{
	struct item it = { .syntax = 0xb2, .count = 1 };
	uint32_t kind;

	rd_skip(r, 1);
	kind = rd_be16(r);
	it.db = rd_be16(r);
	it.area = kind == 0x8a0e ? 0x84 : 0;
	rd_skip(r, 4);
	if (rd_left(r) >= 4)
		it.address = rd_be32(r) & 0x0fffffff;
	rd_skip_rest(r);
	return it;
}

/* NCK: unit and area, column, line, module, lines. */
static struct item
item_nck(struct rd *r, uint32_t syntax)
{
	struct item it = { .syntax = (uint8_t)syntax };

	it.area = rd_u8(r) >> 5;
	it.address = (uint32_t)rd_be16(r) << 3;
	it.db = rd_be16(r);
	rd_skip(r, 1);
	it.count = rd_u8(r);
	it.area = 0xff; /* no area of S7 */
	return it;
}

struct asking { /* a fact for each item, the first of them counted */
	struct fact *first;
	uint32_t op, n;
};

static void
say_item(struct dissect *d, struct asking *q, struct fact_object o)
{
	const struct proto_op *row = proto_op_find(d->proto, q->op);
	struct fact *f = q->first;

	if (q->n++ > 0 && row != NULL) {
		f = dissect_emit(d, (enum fact_kind)row->kind, q->op);
		f->risk = row->risk;
	}
	f->object = o;
}

/* Several areas of data blocks in one item: bytes, data block, address. */
static void
items_dbread(struct rd *r, struct dissect *d, struct asking *q,
    struct s7_state *st)
{
	uint32_t n = rd_count(r, rd_u8(r), 5);
	struct item none = { .syntax = 0xb0 };

	ring_put(st, &none);
	for (uint32_t i = 0; i < n; i++) {
		struct fact_object o = { .space = SPACE_S7_DB };

		o.count = rd_u8(r);
		o.area = rd_be16(r);
		o.first = rd_be16(r);
		say_item(d, q, o);
	}
	rd_skip_rest(r);
}

static void
item(struct rd *r, struct dissect *d, struct asking *q, struct s7_state *st)
{
	uint32_t spec = rd_u8(r);
	struct rd sub = rd_sub_u8(r);
	uint32_t syntax = rd_u8(&sub);
	struct item it = { .syntax = (uint8_t)syntax, .area = 0xff };

	/* fill octet after an item of odd length */
	if ((sub.left & 1) == 0 && rd_left(r) > 0 && rd_ahead(r, 1).n == 1 &&
	    rd_ahead(r, 1).p[0] == 0)
		rd_skip(r, 1);
	rd_require(r, spec == 0x12, "not an item");
	if (syntax == 0xb0) {
		items_dbread(&sub, d, q, st);
		return;
	}
	if (syntax == 0x10 && rd_left(&sub) >= 9)
		it = item_any(&sub);
	else if (syntax == 0xb2 && rd_left(&sub) >= 9)
		it = item_symbol(&sub);
	else if (syntax >= 0x82 && syntax <= 0x84 && rd_left(&sub) >= 7)
		it = item_nck(&sub, syntax);
	rd_opaque_rest(&sub);
	ring_put(st, &it);
	say_item(d, q, object_of(&it));
}

/* Items of a request; returns where they begin in the ring. */
static uint32_t
items(struct rd *r, struct dissect *d, uint32_t op, uint32_t n,
    struct s7_state *st)
{
	struct asking q = { .first = dissect_op(d, op), .op = op };
	uint32_t start = st->head;

	while (n-- > 0 && rd_more(r))
		item(r, d, &q, st);
	return start;
}

/* ------------------------------------------------------------------ values */

static const struct data_type *
type_of(uint32_t code)
{
	for (uint32_t i = 0; i < sizeof(data_types) / sizeof(data_types[0]);
	     i++)
		if (data_types[i].code == code)
			return &data_types[i];
	return NULL;
}

/* The item's type where the request was seen, else what the size tells. */
static struct data_type
value_type(const struct item *it, uint32_t size)
{
	const struct data_type *t = it != NULL ? type_of(it->type) : NULL;

	if (t != NULL)
		return *t;
	if (size == 3)
		return (struct data_type){ 1, 1, FORM_BOOL };
	if (size == 5)
		return (struct data_type){ 5, 2, FORM_INT };
	if (size == 6)
		return (struct data_type){ 7, 4, FORM_INT };
	if (size == 7)
		return (struct data_type){ 8, 4, FORM_REAL };
	return (struct data_type){ 2, 1, FORM_UINT };
}

static uint64_t
read_width(struct rd *r, uint32_t width)
{
	switch (width) {
	case 1:
		return rd_u8(r);
	case 2:
		return rd_be16(r);
	case 4:
		return rd_be32(r);
	default:
		return rd_be64(r);
	}
}

static void
value(struct rd *r, struct dissect *d, uint32_t op, struct fact_object o,
    struct data_type t)
{
	uint64_t raw = read_width(r, t.width);

	if (!rd_ok(r))
		return;
	if (t.form == FORM_BOOL)
		dissect_value_bool(d, op, o, (raw & 1) != 0);
	else if (t.form == FORM_REAL)
		dissect_value_real(d, op, o, f32_of((uint32_t)raw));
	else if (t.form == FORM_INT)
		dissect_value_int(d, op, o,
		    t.width == 2 ? (int16_t)raw : (int32_t)(uint32_t)raw);
	else
		dissect_value_uint(d, op, o, raw);
}

static void
values(struct rd *r, struct dissect *d, uint32_t op, const struct item *it,
    uint32_t size)
{
	struct data_type t = value_type(it, size);
	struct fact_object o = { .space = SPACE_NONE };
	uint32_t step;

	if ((d->wanted & FACT_MASK(FACT_VALUE)) == 0) {
		rd_skip_rest(r);
		return;
	}
	if (it != NULL)
		o = object_of(it);
	if (t.form == FORM_TEXT) {
		struct span s = rd_span(r, rd_left(r));

		if (rd_ok(r))
			fact_text(dissect_value(d, op, o), s);
		return;
	}
	o.count = 1;
	step = it != NULL && (t.code == 0x1c || t.code == 0x1d) ? 1 : t.width;
	while (rd_left(r) >= t.width) {
		value(r, d, op, o, t);
		o.first += step;
	}
	rd_skip_rest(r);
}

/* Length in octets of a data item: some sizes count bits. */
static uint32_t
octets(uint32_t size, uint32_t length)
{
	return size >= 3 && size <= 5 ? length / 8 + (length % 8 != 0) : length;
}

/* What writes one number says which, also where values are not asked for. */
static void
say_written(struct rd *data, struct dissect *d, const struct item *it)
{
	struct fact *f = d->n > 0 ? &d->fact[d->n - 1] : &d->nobody;
	struct span s = rd_ahead(data, rd_left(data) < 8 ? rd_left(data) : 8);
	struct data_type t;
	uint64_t raw = 0;

	if (it == NULL || s.n < 5 || f->kind != FACT_WRITE)
		return;
	t = value_type(it, s.p[1]);
	if (t.form == FORM_TEXT || t.form == FORM_REAL || s.n < 4u + t.width ||
	    octets(s.p[1], (uint32_t)s.p[2] << 8 | s.p[3]) != t.width)
		return;
	for (uint32_t i = 0; i < t.width; i++)
		raw = raw << 8 | s.p[4 + i];
	f->num_type = t.form == FORM_BOOL ? NUM_BOOL : NUM_UINT;
	f->num.u = t.form == FORM_BOOL ? raw & 1 : raw;
}

/* One data item: return code, transport size, length, octets, fill. */
static void
data_item(struct rd *r, struct dissect *d, uint32_t op, const struct item *it)
{
	uint32_t code = rd_u8(r), size, n;
	struct rd sub;

	if (code != 0xff && code != 0 && d->ctx.response) {
		struct fact *f = dissect_emit(d, FACT_ERROR, op);

		f->code = code;
		if (it != NULL)
			f->object = object_of(it);
	}
	if (rd_left(r) < 3)
		return; /* the return code is all, as answers to writes have */
	size = rd_u8(r);
	n = octets(size, rd_be16(r));
	if (code != 0xff && code != 0) {
		/* nothing follows; some write a length all the same */
		n = size == 0 || n > rd_left(r) ? 0 : n;
	}
	sub = rd_sub(r, n);
	if (it != NULL && (it->syntax == 0xb0 || it->syntax == 0xb2))
		rd_skip_rest(&sub); /* several areas, or a type unknown */
	values(&sub, d, op, it, size);
	if ((n & 1) != 0 && rd_more(r))
		rd_skip(r, 1);
}

static void
data_items(struct rd *r, struct dissect *d, uint32_t op, uint32_t n,
    const struct s7_state *st, uint32_t start, uint32_t due)
{
	for (uint32_t i = 0; i < n && rd_more(r); i++)
		data_item(r, d, op, i < due ? ring_item(st, start, i) : NULL);
}

static void
return_codes(struct rd *r, struct dissect *d, uint32_t op, uint32_t n,
    const struct s7_state *st, const struct ask *ask)
{
	for (uint32_t i = 0; i < n && rd_more(r); i++) {
		const struct item *it = NULL;
		uint32_t code = rd_u8(r);
		struct fact *f;

		if (code == 0xff)
			continue;
		if (ask != NULL && i < ask->extra[1])
			it = ring_item(st, ask->extra[0], i);
		f = dissect_emit(d, FACT_ERROR, op);
		f->code = code;
		if (it != NULL)
			f->object = object_of(it);
	}
}

#endif
