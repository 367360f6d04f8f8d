/*
 * s7comm_plus_request.h - what S7comm-plus asks for, by function.
 *
 * Private to the dissector.
 */
#ifndef PROTO_S7COMM_PLUS_REQUEST_H
#define PROTO_S7COMM_PLUS_REQUEST_H

#include "s7comm_plus_variable.h"

#define OBJECT_SESSIONS 285
#define QUALIFIER 1256u

/* The one attribute, and its value. */
static void
set_variable(struct rd *r, struct plus_message *m)
{
	uint64_t n = vlq(r);
	const struct plus_class *c = NULL;

	for (uint64_t i = 0; i < n && rd_ok(r); i++) {
		m->f->object.sub = (uint16_t)vlq(r);
		m->sink.at = m->f->object;
		c = setting(m, m->f->object);
		plus_value(r, &m->sink, 0);
	}
	if (c != NULL && c->id == ATTRIBUTE_STATE && rd_ok(r))
		fact_textf(m->f, "operating state: %s",
		    m->sink.number == 1       ? "stop"
			: m->sink.number == 3 ? "run"
					      : "other");
}

/* Blocks are 8aXX and the number: 0e data blocks, 32 organization blocks. */
static struct fact_object
block(struct fact_object o, uint32_t id, uint32_t class)
{
	uint32_t sort = id >> 16;

	if (class == 0)
		class = sort == 0x8a0e ? CLASS_DB
		    : sort == 0x8a32   ? CLASS_OB
				       : 0;
	if (class == 0 || id >> 24 != 0x8a)
		return o;
	return (struct fact_object){ .space = SPACE_S7_BLOCK,
		.area = class,
		.first = id & 0xffff,
		.count = 1,
		.sub = o.sub };
}

static void
say_object(struct fact *f, const struct plus_object *o)
{
	const struct plus_class *c = plus_class_of(o->class);

	if (f->kind == FACT_NONE || o->n == 0)
		return;
	is_kind(f, c);
	if (c == NULL) {
		fact_textf(f, "class %u %.*s", o->class, (int)o->name.n,
		    (const char *)o->name.p);
		return;
	}
	if (c->kind == FACT_SESSION) { /* named anew every time */
		fact_textf(f, "%s", c->name);
		return;
	}
	f->object = block(f->object, o->id, c->id);
	if (f->object.space == SPACE_S7_BLOCK)
		fact_textf(f, "%s %u %.*s", c->name, o->id & 0xffff,
		    (int)o->name.n, (const char *)o->name.p);
	else
		fact_textf(f, "%s %.*s", c->name, (int)o->name.n,
		    (const char *)o->name.p);
}

static void
create(struct rd *r, struct plus_message *m)
{
	struct plus_object o = { .n = 0 };
	bool session = m->f->object.first == OBJECT_SESSIONS;

	m->sink.quiet = true;
	plus_value(r, &m->sink, 0);
	rd_skip(r, 4);
	objects(r, m, &o);
	if (o.n == 0 && session)
		o = (struct plus_object){ .class = CLASS_SESSION, .n = 1 };
	if (!session)
		say_object(m->f, &o);
	else
		is_kind(m->f, PLUS_FIND(plus_classes, CLASS_SESSION));
}

static void
remove_object(struct rd *r, struct plus_message *m)
{
	uint32_t id = m->f->object.first;

	rd_skip(r, 1);
	m->f->object = block(m->f->object, id, 0);
	if (id == m->session || id - GIVEN_FIRST < GIVEN)
		is_kind(m->f, PLUS_FIND(plus_classes, CLASS_SESSION));
}

/* Filter: a structure without flags, and numbers; then attributes. */
static void
explore(struct rd *r, struct plus_message *m)
{
	uint32_t filters, n;

	(void)vlq(r);
	rd_skip(r, 3);
	filters = rd_u8(r);
	n = filters == 0 ? vlq32(r) : rd_u8(r);
	m->sink.quiet = true;
	for (uint32_t i = 0; i < filters && rd_ok(r); i++) {
		plus_scalar(r, &m->sink, rd_u8(r), 0);
		for (uint32_t k = rd_be16(r); k > 0 && rd_ok(r); k--)
			(void)vlq(r);
	}
	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		uint32_t id = vlq32(r);

		if (id == ATTRIBUTE_CODE || id == ATTRIBUTE_BODY)
			is_kind(m->f, &upload);
	}
	m->f->object = block(m->f->object, m->f->object.first, 0);
}

/* Which transaction; an object that describes it may follow. */
static void
begin(struct rd *r, struct plus_message *m)
{
	struct plus_object o = { .n = 0 };

	rd_skip(r, 1);
	m->sink.quiet = true;
	plus_value(r, &m->sink, 0);
	plus_objects(r, &m->sink, &o);
	fact_text(m->f, o.name);
}

/* An address: one number, of an attribute, sometimes two. */
static void
substream(struct rd *r, struct plus_message *m)
{
	m->sink.quiet = true;
	plus_value(r, &m->sink, 0);
	m->f->object.sub = (uint16_t)m->sink.number;
	if (m->op == OP_SET_SUBSTREAM) {
		is_kind(m->f, PLUS_FIND(plus_settings, m->f->object.sub));
		plus_value(r, &m->sink, 0);
	} else if (m->f->object.sub == ATTRIBUTE_CODE) {
		is_kind(m->f, &upload);
	}
	m->f->object = block(m->f->object, m->f->object.first, 0);
}

static void
invoke(struct rd *r, struct plus_message *m)
{
	rd_skip(r, 4);
	m->sink.quiet = true;
	m->ask.extra[0] = m->st->head;
	items(r, m, m->st->head, 0);
	rd_skip(r, 1);
}

static void
several(struct rd *r, struct plus_message *m)
{
	m->ask.extra[0] = m->st->head;
	if (m->f->object.first == 0)
		variables(r, m);
	else
		attributes(r, m);
	m->ask.extra[1] = m->st->head - m->ask.extra[0];
	if (m->op == OP_SET_MULTI)
		items(r, m, m->ask.extra[0], m->ask.extra[1]);
}

static bool
names_object(uint32_t op)
{
	return op == OP_EXPLORE || op == OP_CREATE || op == OP_DELETE ||
	    op == OP_SET || op == OP_SET_MULTI || op == OP_GET_MULTI ||
	    op == OP_INVOKE || op == OP_SUBSTREAM || op == OP_SET_SUBSTREAM ||
	    op == OP_GET_LINK;
}

/* Behind what is asked for: 4e8h, and three values that select. */
static void
qualifier(struct rd *r, struct plus_message *m)
{
	struct span next = rd_ahead(r, 4);

	if (next.n < 4 || next.p[0] != 0 || next.p[1] != 0 ||
	    next.p[2] != QUALIFIER >> 8 || next.p[3] != (QUALIFIER & 0xff))
		return;
	rd_skip(r, 4);
	m->sink.quiet = true;
	plus_members(r, &m->sink, 0);
	if (m->op == OP_SUBSTREAM || m->op == OP_SET_SUBSTREAM)
		rd_skip(r, 2);
	else if (m->op == OP_SET)
		rd_skip(r, 1);
}

static void
request(struct rd *r, struct plus_message *m)
{
	switch (m->op) {
	case OP_CREATE:
		create(r, m);
		break;
	case OP_DELETE:
		remove_object(r, m);
		break;
	case OP_SET:
		set_variable(r, m);
		break;
	case OP_SET_MULTI:
	case OP_GET_MULTI:
		several(r, m);
		break;
	case OP_EXPLORE:
		explore(r, m);
		break;
	case OP_BEGIN:
		begin(r, m);
		break;
	case OP_END:
		rd_skip(r, 1);
		break;
	case OP_SUBSTREAM:
	case OP_SET_SUBSTREAM:
		substream(r, m);
		break;
	case OP_GET_LINK:
		(void)vlq(r);
		rd_skip(r, 2);
		break;
	case OP_INVOKE:
		invoke(r, m);
		break;
	default:
		break;
	}
	qualifier(r, m);
}

#endif
