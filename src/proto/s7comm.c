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
#include "cotp.h"
#include "s7comm_szl.h"
#include "s7comm_tables.h"

#define OP_OF_ROSCTR 0x10000u

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

/* ------------------------------------------------------------------ blocks */

static uint32_t
hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return (uint32_t)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a') + 10 : 16;
}

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

/* --------------------------------------------------------------- user data */

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
		fact_textf(f, "%s %u %.*s by %.*s %u.%u",
		    block_name(o.area) != NULL ? block_name(o.area) : "block",
		    o.first, (int)name.n, (const char *)name.p, (int)author.n,
		    (const char *)author.p, version >> 4, version & 15);
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

const struct proto proto_s7comm = {
	.name = "s7comm",
	.title = "Siemens S7 Communication",
	.spec = "unpublished; after the manuals and open implementations",
	.depth = "all functions and user data groups, item values, blocks, "
		 "program invocations, identity from status lists",
	.slot = PROTO_SLOT,
	.ot = true,
	.server_role = ROLE_PLC,
	.parse = s7comm_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct s7_state),
};
