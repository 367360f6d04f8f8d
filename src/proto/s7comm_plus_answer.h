/*
 * s7comm_plus_answer.h - what S7comm-plus answers and notifies.
 *
 * Private to the dissector.
 */
#ifndef PROTO_S7COMM_PLUS_ANSWER_H
#define PROTO_S7COMM_PLUS_ANSWER_H

#include "s7comm_plus_variable.h"

/* Identification and maintenance record 0: order, serial, versions. */
static void
say_im0(struct dissect *d, struct span im)
{
	static const uint8_t head[] = { 0x00, 0x20, 0x00, 0x38, 0x01, 0x00 };

	if (im.n < 50 || !span_starts(im, SPAN(head, sizeof(head))))
		return;
	if (im.p[6] == 0 && im.p[7] == 0x2a)
		dissect_ident(d, TRAIT_VENDOR, SPAN_LIT("Siemens"));
	dissect_ident(d, TRAIT_ORDER, trim(span_first(span_from(im, 8), 20)));
	dissect_ident(d, TRAIT_SERIAL, trim(span_first(span_from(im, 28), 16)));
	dissect_identf(d, TRAIT_HARDWARE, "%u",
	    (uint32_t)im.p[44] << 8 | im.p[45]);
	if (is_print(im.p[46]))
		dissect_identf(d, TRAIT_FIRMWARE, "%c%u.%u.%u", im.p[46],
		    im.p[47], im.p[48], im.p[49]);
}

static void
created(struct rd *r, struct plus_message *m)
{
	struct plus_object o = { .n = 0 };

	for (uint32_t n = rd_u8(r); n > 0 && rd_ok(r); n--)
		(void)vlq(r);
	m->sink.quiet = true;
	plus_objects(r, &m->sink, &o);
}

static void
explored(struct rd *r, struct plus_message *m)
{
	struct plus_object o = { .n = 0 };

	rd_skip(r, 4);
	objects(r, m, &o);
}

static void
streamed(struct rd *r, struct plus_message *m)
{
	rd_skip(r, 1);
	m->sink.quiet = true;
	m->sink.text = SPAN(NULL, 0);
	plus_value(r, &m->sink, 0);
	if (rd_ok(r))
		say_im0(m->d, m->sink.text);
}

static void
invoked(struct rd *r, struct plus_message *m)
{
	(void)vlq(r);
	(void)vlq(r);
	items(r, m, m->st->head, 0);
	rd_skip(r, 1);
}

static void
answer(struct rd *r, struct plus_message *m)
{
	switch (m->op) {
	case OP_CREATE:
		created(r, m);
		break;
	case OP_DELETE:
		rd_skip(r, 4);
		break;
	case OP_GET_MULTI:
		items(r, m, m->ask.extra[0], m->ask.extra[1]);
		refused(r, m);
		break;
	case OP_SET_MULTI:
		refused(r, m);
		break;
	case OP_EXPLORE:
		explored(r, m);
		break;
	case OP_BEGIN:
		m->sink.quiet = true;
		plus_value(r, &m->sink, 0);
		break;
	case OP_SUBSTREAM:
		streamed(r, m);
		break;
	case OP_GET_LINK:
		rd_skip(r, 4u * rd_u8(r));
		break;
	case OP_INVOKE:
		invoked(r, m);
		break;
	default:
		break;
	}
}

/* ----------------------------------------------------------- notifications */

/* How the item went, its number, its value; 0 ends them. */
static void
notified(struct rd *r, struct plus_message *m)
{
	uint32_t how;

	while ((how = rd_u8(r)) != 0) {
		if (how == 0x92 || how == 0x9b) {
			m->sink.at.first = how == 0x92 ? rd_be32(r) : vlq32(r);
			plus_value(r, &m->sink, 0);
		} else {
			/* 03, 13: no such address; 9c: unknown */
			rd_require(r, how == 0x03 || how == 0x13 || how == 0x9c,
			    "no such item");
			rd_skip(r, 4);
		}
	}
}

/* Credit, number, and since S7-1500 how often the subscription changed; 0:
 * the time before it. */
static void
notification(struct rd *r, struct plus_message *m)
{
	struct plus_object o = { .n = 0 };
	uint32_t id = m->f->object.first;
	bool newer = id >= GIVEN_FIRST;
	struct span next;

	rd_require(r, rd_be16(r) == 0x400, "no values");
	rd_skip(r, 4 + 1);
	(void)vlq(r);
	if (newer && rd_u8(r) == 0)
		rd_skip(r, 8);
	m->sink.at =
	    (struct fact_object){ .space = SPACE_ITEM, .area = id, .count = 1 };
	notified(r, m);
	next = rd_ahead(r, 1);
	if (next.n == 0 || next.p[0] == 0)
		return;
	rd_skip(r, 4 + 2 + 1);
	m->sink.quiet = true;
	plus_objects(r, &m->sink, &o);
}

#endif
