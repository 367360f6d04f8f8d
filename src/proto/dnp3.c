/*
 * dnp3.c - DNP3 over TCP and UDP.
 *
 * IEEE 1815-2012: link layer clause 9, transport function clause 8,
 * application layer clause 4, objects annex A.
 *
 *	+------+------+-----+------+------+------+-----+ +---------+-----+
 *	| 0x05 | 0x64 | len | ctrl | dst  | src  | crc | | 1 to 16 | crc |...
 *	+------+------+-----+------+------+------+-----+ +---------+-----+
 *	                 u8    u8    le16   le16   le16              le16
 *	user data, blocks joined: FIN FIR seq | piece of a fragment
 *	fragment: FIR FIN CON UNS seq | function | IIN, 2, of responses |
 *	          { group | variation | qualifier | range | objects }...
 *
 * Op is the application function, said in the frame in which the fragment
 * ends; a frame of the link layer alone is 256 | PRM << 4 | function.  Unit is
 * the outstation's address, pair that address << 8 | UNS << 4 | sequence.
 * Object: area = group, sub = variation, first = index, count (0: all).  Each
 * control point is an operation of its own, each header of what changes
 * something else as well; a read is one, its classes in the text.
 *
 * Error codes: the second octet of the internal indications (1 function, 2
 * object, 4 parameter, 16 already executing); 256 + status of a control; 512
 * + status of a file; 768 + authentication error.
 */
#include "proto.h"

#include "dnp3_objects.h"

#define HEADER 10u
#define USER_MAX 250u
#define DIR 0x80u
#define PRM 0x40u
#define BROADCAST_FIRST 0xfffdu
#define CON 0x20u /* the answer is not all that is asked for */
#define FC_CONFIRM 0u
#define FC_READ 1u
#define FC_WRITE 2u
#define FC_ASSIGN 22u
#define FC_UNSOLICITED 130u
#define FC_AUTH_RESPONSE 131u
#define IIN_STATE 0xe8f1u /* what they say of the station itself */
#define IIN2_REFUSED 0x17u /* function, object, parameter, executing */

/* ------------------------------------------------------------- link layer */

static uint32_t
crc_of(const uint8_t *p, uint32_t n)
{
	uint32_t crc = 0, i = 0;

	/* four at once: what the next byte waits for is the table's answer */
	for (; i + 4 <= n; i += 4)
		crc = crc_table[3][(crc ^ p[i]) & 0xff] ^
		    crc_table[2][(crc >> 8 ^ p[i + 1]) & 0xff] ^
		    crc_table[1][p[i + 2]] ^ crc_table[0][p[i + 3]];
	for (; i < n; i++)
		crc = crc >> 8 ^ crc_table[0][(crc ^ p[i]) & 0xff];
	return ~crc & 0xffff;
}

static bool
crc_is_good(const uint8_t *p, uint32_t n)
{
	return crc_of(p, n) == ((uint32_t)p[n] | (uint32_t)p[n + 1] << 8);
}

static bool
head_is_good(const uint8_t *p)
{
	return p[0] == 0x05 && p[1] == 0x64 && p[2] >= 5 &&
	    crc_is_good(p, HEADER - 2);
}

static uint32_t
dnp3_frame(struct span s, const struct dissect *d)
{
	uint32_t user;

	(void)d;
	if (!head_is_good(s.p))
		return FRAME_NOT_MINE;
	user = s.p[2] - 5u;
	return HEADER + user + 2 * (user / 16 + (user % 16 != 0));
}

static enum claim
dnp3_claim(struct span s, const struct dissect *d)
{
	(void)d;
	return s.n >= HEADER && head_is_good(s.p) ? CLAIM_STRONG : CLAIM_NO;
}

static enum way
dnp3_way(struct span s)
{
	if (s.n < 4)
		return WAY_UNKNOWN;
	return (s.p[3] & DIR) != 0 ? WAY_REQUEST : WAY_RESPONSE;
}

/* ----------------------------------------------------------------- headers */

static bool
has_data(uint32_t function, uint32_t group)
{
	if (group == 120) /* aggressive mode goes with any function */
		return true;
	switch (function) {
	case FC_READ:
	case 7:
	case 8:
	case 9:
	case 10:
	case 20:
	case 21:
	case FC_ASSIGN:
		return false;
	case 11:
	case 12:
		return group == 50;
	default:
		return true;
	}
}

static void
read_range(struct rd *r, struct header *h, uint32_t code)
{
	uint32_t stop;

	switch (code) {
	case 0:
	case 3: /* virtual addresses */
		h->first = rd_u8(r);
		stop = rd_u8(r);
		break;
	case 1:
	case 4:
		h->first = rd_le16(r);
		stop = rd_le16(r);
		break;
	case 2:
	case 5:
		h->first = rd_le32(r);
		stop = rd_le32(r);
		break;
	case 6: /* all points */
		return;
	case 7:
	case 11:
		h->count = rd_u8(r);
		return;
	case 8:
		h->count = rd_le16(r);
		return;
	case 9:
		h->count = rd_le32(r);
		return;
	default:
		rd_bad(r, "reserved range code");
		return;
	}
	rd_require(r, stop >= h->first, "range ends before it starts");
	rd_require(r, stop - h->first < UINT32_MAX, "range too long");
	h->count = stop - h->first + 1;
}

static struct header
read_header(struct rd *r, const struct app *a)
{
	struct header h = { .group = rd_u8(r), .variation = rd_u8(r) };
	uint32_t qualifier = rd_u8(r);

	h.prefix = qualifier >> 4 & 7;
	rd_require(r, h.prefix != 7, "reserved prefix code");
	read_range(r, &h, qualifier & 15);
	h.sized = h.prefix >= 4;
	h.data = h.sized || has_data(a->function, h.group);
	return h;
}

static void
read_objects(struct rd *r, struct dissect *d, struct app *a,
    const struct header *h)
{
	const struct point *p;

	if (h->sized) {
		read_sized(r, d, a, h);
		return;
	}
	if (h->group == 0) {
		for (uint32_t i = 0; i < h->count && rd_more(r); i++)
			read_attribute(r, d, a, h);
		return;
	}
	if (h->group >= 110 && h->group <= 115) {
		read_strings(r, d, a, h);
		return;
	}
	p = point_find(h->group, h->variation);
	if (p != NULL)
		read_points(r, d, a, h, p);
	else
		rd_opaque_rest(r);
}

/* Only the points' numbers. */
static void
skip_names(struct rd *r, const struct header *h)
{
	uint32_t index = h->prefix == 3 ? 4 : h->prefix;

	if (index > 0 && rd_count(r, h->count, index) > 0)
		rd_skip(r, h->count * index);
}

/* The fact of a request's header, where its objects do not say their own. */
static void
say_header(struct dissect *d, struct app *a, const struct header *h)
{
	struct fact_object at = object_of(h, h->first, h->count);
	struct fact *f;

	if (h->group == 60 && h->variation >= 1 && h->variation <= 4)
		a->classes = (a->function == FC_ASSIGN ? 0 : a->classes) |
		    1u << (h->variation - 1);
	if (is_response(a) || (is_control(a) && h->data) ||
	    (h->group == 70 && h->sized))
		return;
	if (h->group == 120) { /* sized ones speak for themselves */
		if (is_auth(a) && !h->sized && !a->said)
			say_auth(d, a, at);
		return;
	}
	if (a->function == FC_ASSIGN) {
		if (h->group == 60)
			return;
		f = say_op(d, a, at);
		fact_text(f, span_text(class_names[a->classes]));
	} else if (!a->said) {
		a->op = say_op(d, a, at);
	} else if (a->function == FC_WRITE) {
		a->op = say_op(d, a, at);
	}
}

/* What a write to the clock or to the indications means, in words. */
static void
say_written(const struct rd *r, const struct app *a, const struct header *h)
{
	struct span s;

	if (a->op == NULL || a->op->kind == FACT_NONE ||
	    a->function != FC_WRITE)
		return;
	s = rd_ahead(r, 6);
	if (h->group == 50 && s.n == 6 && h->prefix == 0) {
		a->op->num_type = NUM_UINT;
		for (uint32_t i = 0; i < 6; i++)
			a->op->num.u |= (uint64_t)s.p[i] << (8 * i);
	}
	s = rd_ahead(r, 1);
	if (h->group == 80 && h->first == 7 && s.n == 1)
		fact_text(a->op,
		    (s.p[0] & 1) == 0 ? SPAN_LIT("clear restart")
				      : SPAN_LIT("set restart"));
}

static void
read_headers(struct rd *r, struct dissect *d, struct app *a)
{
	while (rd_more(r)) {
		struct header h = read_header(r, a);

		if (!rd_ok(r))
			break;
		say_header(d, a, &h);
		if (h.data) {
			say_written(r, a, &h);
			read_objects(r, d, a, &h);
		} else {
			skip_names(r, &h);
		}
	}
}

/* ------------------------------------------------------------- fragments */

static bool
expects_answer(uint32_t function)
{
	return function != FC_CONFIRM && function != 6 && function != 8 &&
	    function != 10 && function != 12 && function != FC_AUTH_ERROR;
}

/* What the internal indications say about the outstation. */
static void
say_indications(struct fact *f, uint32_t iin)
{
	static const struct {
		uint16_t bit;
		const char *text;
	} marks[] = { { 0x0040, "device trouble" },
		{ 0x2000, "configuration corrupt" },
		{ 0x0800, "event buffer overflow" },
		{ 0x0080, "device restart" }, { 0xc000, "reserved indication" },
		{ 0x0020, "local control" } };

	if ((iin & 0xe8e0) == 0)
		return;
	for (uint32_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if ((iin & marks[i].bit) == 0)
			continue;
		fact_text(f, span_text(marks[i].text));
		return;
	}
}

/* IIN1 in the low, IIN2 in the high octet. */
static void
say_response(struct dissect *d, struct app *a, uint32_t iin)
{
	uint32_t refused = iin >> 8 & IIN2_REFUSED;
	struct fact *f;

	if (refused != 0) {
		d->ctx.flags |= FACT_NEGATIVE;
		f = dissect_error(d, a->function, refused);
	} else {
		f = dissect_op(d, a->function);
	}
	a->said = true;
	if ((iin & IIN_STATE) != 0)
		f->object =
		    (struct fact_object){ .space = SPACE_DNP3_INDICATIONS,
			    .first = iin & IIN_STATE };
	say_indications(f, iin);
}

static void
join(struct dissect *d, const struct app *a, uint32_t control)
{
	uint32_t pair = d->ctx.unit << 8 | (control & 0x1f);

	dissect_pair(d, pair);
	if (a->function == FC_RESPONSE || a->function == FC_AUTH_RESPONSE) {
		/* later fragments of an answer count on by themselves */
		if ((control & 0x80) != 0)
			(void)dissect_recall(d, pair);
	} else if (!is_response(a) && expects_answer(a->function)) {
		dissect_remember(d,
		    (struct ask){ .pair = pair, .op = a->function });
	}
}

static void
read_fragment(struct rd *r, struct dissect *d, uint32_t src, uint32_t dst)
{
	uint32_t control = rd_u8(r), function = rd_u8(r);
	struct app a = { .function = function };

	if (!rd_ok(r))
		return;
	dissect_unit(d, is_response(&a) ? src : dst);
	d->ctx.response = function >= FC_RESPONSE && function != FC_UNSOLICITED;
	if (proto_op_find(d->proto, function) == NULL) {
		(void)dissect_op(d, function);
		rd_opaque_rest(r);
		return;
	}
	join(d, &a, control);
	if (!is_response(&a) && function != FC_CONFIRM && (control & CON) != 0)
		d->ctx.flags |= FACT_CONFIRM;
	if (is_response(&a)) {
		uint32_t iin = rd_le16(r);

		if (rd_ok(r))
			say_response(d, &a, iin);
	}
	read_headers(r, d, &a);
	if (!a.said)
		(void)dissect_op(d, function);
	else if (a.op != NULL && a.function != FC_ASSIGN && a.classes != 0)
		fact_text(a.op, span_text(class_names[a.classes]));
}

/* --------------------------------------------------------------- transport */

static void
read_segment(struct rd *r, struct dissect *d, struct span user, uint32_t src,
    uint32_t dst)
{
	bool first = (user.p[0] & 0x40) != 0, last = (user.p[0] & 0x80) != 0;
	struct span whole = span_from(user, 1);
	struct rd over;

	if ((!first || !last) &&
	    !dissect_join(d, src << 16 | dst, first, last, whole, &whole))
		return;
	if (whole.n == 0)
		return;
	over = rd_over(r, whole);
	read_fragment(&over, d, src, dst);
}

static void
read_link(struct dissect *d, uint32_t control)
{
	uint32_t op = OP_LINK | (control & PRM) >> 2 | (control & 15);

	d->ctx.response = (control & PRM) == 0;
	(void)dissect_op(d, op);
}

/* Take the CRCs out of the user data. */
static uint32_t
read_blocks(struct rd *r, uint32_t n, uint8_t dst[static USER_MAX])
{
	uint32_t at = 0;

	while (at < n && rd_ok(r)) {
		uint32_t size = n - at < 16 ? n - at : 16;
		struct span block = rd_span(r, size + 2);

		if (block.n == 0)
			break;
		rd_require(r, crc_is_good(block.p, size), "bad block CRC");
		memcpy(dst + at, block.p, size);
		at += size;
	}
	return at;
}

static void
dnp3_parse(struct rd *r, struct dissect *d)
{
	struct span head = rd_span(r, HEADER);
	uint32_t user, control, dst, src;
	uint8_t bytes[USER_MAX];

	if (head.n == 0)
		return;
	rd_require(r, head.p[0] == 5 && head.p[1] == 0x64, "no start octets");
	rd_require(r, crc_is_good(head.p, HEADER - 2), "bad header CRC");
	rd_require(r, head.p[2] >= 5, "length below the header's");
	control = head.p[3];
	dst = (uint32_t)head.p[4] | (uint32_t)head.p[5] << 8;
	src = (uint32_t)head.p[6] | (uint32_t)head.p[7] << 8;
	if (!rd_ok(r))
		return;
	if (dst >= BROADCAST_FIRST)
		d->ctx.flags |= FACT_BROADCAST;
	dissect_unit(d, (control & DIR) != 0 ? dst : src);
	user = read_blocks(r, head.p[2] - 5u, bytes);
	if (!rd_ok(r))
		return;
	if (user > 0 && (control & PRM) != 0 &&
	    ((control & 15) == 3 || (control & 15) == 4))
		read_segment(r, d, SPAN(bytes, user), src, dst);
	else
		read_link(d, control);
}

/* IEEE 1815-2012, 4.2.2.7: the second octet of the internal indications. */
static const struct proto_code codes[] = {
	{ 1, "function not supported" },
	{ 2, "object unknown" },
	{ 3, "function not supported, object unknown" },
	{ 4, "parameter error" },
	{ 6, "object unknown, parameter error" },
	{ 16, "already executing" },
};

const struct proto proto_dnp3 = {
	.name = "dnp3",
	.title = "DNP3",
	.spec = "IEEE 1815-2012",
	.depth = "link, transport and application layer; every function and "
		 "fixed object with values, controls, files, attributes; "
		 "secure authentication by message",
	.slot = PROTO_SLOT,
	.ot = true,
	.tcp = { 20000 },
	.udp = { 20000 },
	.client_role = ROLE_SCADA,
	.server_role = ROLE_RTU,
	.claim = dnp3_claim,
	.way = dnp3_way,
	.frame = dnp3_frame,
	.frame_min = HEADER,
	.parse = dnp3_parse,
	PROTO_OPS(ops),
	PROTO_CODES(codes),
};
