/*
 * s7comm_plus_object.h - objects of S7comm-plus: sessions, subscriptions,
 * blocks, areas, devices.
 *
 * Private to the dissector.
 *
 *	a1 object class flags attribute [flags]	one begins
 *	a3 attribute value			of it
 *	a4 relation object			of it
 *	a7 ... a8				a variable, described
 *	ab, ac length ... 0000			types, names of its variables
 *	a2					it ends
 *
 * Objects lie in each other.
 */
#ifndef PROTO_S7COMM_PLUS_OBJECT_H
#define PROTO_S7COMM_PLUS_OBJECT_H

#include "s7comm_plus_names.h"
#include "s7comm_plus_value.h"

#define OBJECT_DEPTH 12u

/* The outermost object of a message. */
struct plus_object {
	uint32_t id, class;
	struct span name;
	uint32_t n; /* objects in all */
};

static inline bool
is_print(uint8_t c)
{
	return c >= 0x20 && c < 0x7f;
}

static inline struct span
trim(struct span s)
{
	while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == 0))
		s.n--;
	return s;
}

/* "1;6ES7 215-1BG40-0XB0 ;V4.2": what a CPU is. */
static inline void
say_version(struct dissect *d, struct span s)
{
	uint32_t first = span_find(s, ';'), second;
	struct span rest = span_from(s, first + 1);

	second = span_find(rest, ';');
	for (uint32_t i = 0; i < s.n; i++)
		if (!is_print(s.p[i]))
			return;
	if (first != 1 || second >= rest.n || rest.p[0] != '6')
		return;
	dissect_ident(d, TRAIT_VENDOR, SPAN_LIT("Siemens"));
	dissect_ident(d, TRAIT_ORDER, trim(span_first(rest, second)));
	dissect_ident(d, TRAIT_FIRMWARE, trim(span_from(rest, second + 1)));
}

/* Texts of a session that is made, or was: of the one who says them. */
static inline void
session_text(struct plus_sink *k)
{
	if (k->text.n == 0)
		return;
	switch (k->member) {
	case ATTRIBUTE_USER:
		dissect_ident(k->d, TRAIT_USER, k->text);
		return;
	case ATTRIBUTE_APPLICATION:
		dissect_ident(k->d, TRAIT_APPLICATION, k->text);
		return;
	case ATTRIBUTE_HOST:
		dissect_ident(k->d, TRAIT_NAME, k->text);
		return;
	case ATTRIBUTE_VERSION:
		/* a client repeats what the CPU said */
		if (k->d->ctx.response)
			say_version(k->d, k->text);
		return;
	default:
		return;
	}
}

/* Kind of place, name, type, flags, local identifier, place. */
static inline void
plus_variable_described(struct rd *r)
{
	rd_skip(r, 1);
	rd_skip(r, vlq32(r));
	rd_skip(r, 2);
	(void)vlq(r);
	rd_skip(r, 4);
	for (;;) {
		struct span next = rd_ahead(r, 1);

		if (next.n > 0 && next.p[0] == 0xa8)
			break;
		(void)vlq(r);
		if (!rd_ok(r))
			return;
	}
	rd_skip(r, 1);
}

/* Blocks of octets, the last one empty. */
static inline void
plus_lists(struct rd *r)
{
	uint32_t n;

	while ((n = rd_be16(r)) != 0)
		rd_skip(r, n);
}

static inline void
plus_object_head(struct rd *r, struct plus_object *o, uint32_t *class)
{
	uint32_t id = rd_be32(r);

	*class = vlq32(r);
	(void)vlq(r);
	if (vlq(r) != 0)
		(void)vlq(r);
	if (o->n++ == 0) {
		o->id = id;
		o->class = *class;
	}
}

static inline void
plus_attribute(struct rd *r, struct plus_sink *k, struct plus_object *o,
    uint32_t class)
{
	k->member = vlq32(r);
	k->text = SPAN(NULL, 0);
	k->string = class == CLASS_SESSION ? session_text : NULL;
	plus_value(r, k, 0);
	if (k->member == ATTRIBUTE_NAME && o->n == 1)
		o->name = k->text;
	k->string = NULL;
}

/* Elements up to one that is none; objects may be several, one by one. */
static inline void
plus_objects(struct rd *r, struct plus_sink *k, struct plus_object *o)
{
	uint32_t class[OBJECT_DEPTH], depth = 0;

	while (rd_more(r)) {
		struct span tag = rd_ahead(r, 1);

		if (tag.n == 0 || (depth == 0 && tag.p[0] != 0xa1))
			return;
		switch (rd_u8(r)) {
		case 0xa1:
			rd_require(r, depth < OBJECT_DEPTH,
			    "objects nested too deep");
			if (!rd_ok(r))
				return;
			plus_object_head(r, o, &class[depth++]);
			break;
		case 0xa2:
			depth--;
			break;
		case 0xa3:
			plus_attribute(r, k, o, class[depth - 1]);
			break;
		case 0xa4:
			(void)vlq(r);
			rd_skip(r, 4);
			break;
		case 0xa7:
			plus_variable_described(r);
			break;
		case 0xab:
		case 0xac:
			plus_lists(r);
			break;
		default:
			rd_bad(r, "no such element");
		}
	}
}

#endif
