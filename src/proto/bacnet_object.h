/*
 * bacnet_object.h - objects and properties of BACnet: their names, their
 * values, and what those of the device object say of the device. Included by
 * bacnet.c only.
 */
#ifndef PROTO_BACNET_OBJECT_H
#define PROTO_BACNET_OBJECT_H

#include "bacnet_tables.h"
#include "bacnet_value.h"
#include "proto.h"

#include <stdio.h>

#define VALUES_MAX 64u
#define LIST_MAX 512u /* objects and properties of one message */

#define TYPE_DEVICE 8u
#define PROPERTY_ANY 0xffffu
#define PRESENT_VALUE 85u

/* Who a message is from, below the address of its packet. */
struct origin {
	struct addr forwarded; /* by a broadcast manager; none if len is 0 */
	struct span address; /* on a network behind a router */
	uint32_t network;
	bool routed;
};

#define COUNT(table) ((uint32_t)(sizeof(table) / sizeof((table)[0])))
#define NAME_IN(table, i) ((i) < COUNT(table) ? (table)[i] : NULL)

static const char *
or_unknown(const char *name)
{
	return name != NULL ? name : "proprietary";
}

static const char *
vendor_name(uint32_t number)
{
	uint32_t lo = 0, hi = COUNT(vendors);

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (vendors[mid].number == number)
			return vendors[mid].name;
		if (vendors[mid].number < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static struct fact_object
object_of(uint32_t id, uint32_t property)
{
	return (struct fact_object){ .space = SPACE_BACNET_OBJECT,
		.area = id >> 22,
		.first = id & 0x3fffff,
		.sub = (uint16_t)(property < PROPERTY_ANY ? property
							  : PROPERTY_ANY) };
}

/* "analog-output 3 present-value", and more. */
static void
say_object(struct fact *f, struct fact_object at, const char *more)
{
	const char *type = NAME_IN(object_types, at.area);
	const char *property = NAME_IN(property_names, at.sub);

	f->object = at;
	if (at.sub == PROPERTY_ANY)
		f->object.sub = 0;
	if (f->kind == FACT_NONE)
		return;
	fact_textf(f, "%s%s%u%s%s%s%s", type != NULL ? type : "object-type-",
	    type != NULL ? " " : "", at.first,
	    at.sub == PROPERTY_ANY ? "" : " ",
	    at.sub == PROPERTY_ANY ? "" : or_unknown(property),
	    more[0] != '\0' ? " " : "", more);
}

/* ---------------------------------------------------------------- identity */

static void
address_text(const struct origin *o, char dst[static 32])
{
	uint32_t n = (uint32_t)snprintf(dst, 32, "%u:", o->network);

	for (uint32_t i = 0; i < o->address.n && i < 7; i++)
		n += (uint32_t)snprintf(dst + n, 32 - n, "%02x",
		    o->address.p[i]);
}

/*
 * About the device that speaks: the sender of the packet, the one whose
 * broadcast was forwarded, or one behind the router that sent it.
 */
static void
say_ident(struct dissect *d, const struct origin *o, enum trait trait,
    struct span text)
{
	char where[32];

	if ((d->wanted & FACT_MASK(FACT_IDENT)) == 0 || text.n == 0)
		return;
	if (o->routed) {
		address_text(o, where);
		dissect_identf(d, TRAIT_MODULE, "%s %s %.*s", where,
		    fact_trait_name(trait), (int)(text.n < 64 ? text.n : 64),
		    (const char *)text.p);
	} else if (o->forwarded.ip.len != 0) {
		dissect_ident_of(d, o->forwarded, trait, text);
	} else {
		dissect_ident(d, trait, text);
	}
}

static void
say_device(struct dissect *d, const struct origin *o, uint32_t instance)
{
	char text[32];
	int n;

	if ((d->wanted & FACT_MASK(FACT_IDENT)) == 0)
		return;
	n = snprintf(text, sizeof(text), "bacnet device %u", instance);
	say_ident(d, o, TRAIT_UUID, SPAN((const uint8_t *)text, (uint32_t)n));
}

static void
say_vendor(struct dissect *d, const struct origin *o, uint32_t number)
{
	const char *name = vendor_name(number);

	if (name != NULL) /* a bare number says less than the MAC's maker */
		say_ident(d, o, TRAIT_VENDOR, span_text(name));
}

/* What a property of the device object says of the device. */
static enum trait
trait_of(uint32_t property)
{
	switch (property) {
	case 12:
		return TRAIT_APPLICATION;
	case 28:
		return TRAIT_DESCRIPTION;
	case 44:
		return TRAIT_FIRMWARE;
	case 58:
		return TRAIT_LOCATION;
	case 70:
		return TRAIT_MODEL;
	case 77:
		return TRAIT_NAME;
	case 121:
		return TRAIT_VENDOR;
	case 372:
		return TRAIT_SERIAL;
	default:
		return TRAIT_COUNT;
	}
}

/* Looks ahead at the value of a property that was read from a device. */
static void
learn_property(struct rd r, struct dissect *d, const struct origin *o,
    struct fact_object at)
{
	enum trait trait = trait_of(at.sub);
	char utf8[TEXT_MAX];
	struct tag t;

	if (at.area != TYPE_DEVICE || (trait == TRAIT_COUNT && at.sub != 120))
		return;
	t = read_tag(&r);
	if (!rd_ok(&r) || t.context || t.length > rd_have(&r))
		return;
	if (trait != TRAIT_COUNT && t.number == TAG_TEXT)
		say_ident(d, o, trait, read_text(&r, t.length, utf8));
	else if (at.sub == 120 && t.number == TAG_UNSIGNED && t.length <= 4)
		say_vendor(d, o, (uint32_t)read_bytes_uint(&r, t.length));
}

/* ------------------------------------------------------------------ values */

/*
 * What stands between the opening and the closing tag n: each application
 * value becomes a fact; what carries context tags inside is passed.
 */
static void
read_any(struct rd *r, struct dissect *d, uint32_t op, struct fact_object at,
    uint32_t n)
{
	const bool wanted = (d->wanted & FACT_MASK(FACT_VALUE)) != 0;
	uint32_t depth = 1, said = 0;
	struct tag t = read_tag(r);

	rd_require(r, !rd_ok(r) || (t.opening && t.number == n),
	    "a value is missing");
	while (depth > 0 && rd_more(r)) {
		t = read_tag(r);
		if (t.opening) {
			rd_require(r, depth < NEST_MAX, "values nest too deep");
			depth++;
		} else if (t.closing) {
			depth--;
		} else if (t.context) {
			rd_opaque(r, t.length);
		} else if (wanted && said++ < VALUES_MAX) {
			read_value(r, dissect_value(d, op, at), &t);
		} else {
			skip_value(r, &t);
		}
	}
	rd_require(r, !rd_ok(r) || depth == 0, "a value is not closed");
}

/* The same, and what it says of the device when it was read from it. */
static void
read_property_value(struct rd *r, struct dissect *d, const struct origin *o,
    uint32_t op, struct fact_object at, uint32_t n)
{
	if (d->ctx.response && at.area == TYPE_DEVICE && rd_have(r) > 1) {
		struct rd inside = *r;

		rd_skip(&inside, 1);
		if (rd_have(&inside) > 6 ||
		    rd_have(&inside) == rd_left(&inside))
			learn_property(inside, d, o, at);
	}
	read_any(r, d, op, at, n);
}

static struct fact_object
read_reference(struct rd *r, uint32_t object_tag)
{
	uint32_t id = context_uint(r, object_tag);
	struct fact_object at;

	at = object_of(id, context_uint(r, object_tag + 1));
	at.count = context_uint_or(r, object_tag + 2, 0);
	return at;
}

#endif
