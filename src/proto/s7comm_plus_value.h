/*
 * s7comm_plus_value.h - values of S7comm-plus.
 *
 * Private to the dissector.
 *
 *	+-------+------+- - - - -+-------
 *	| flags | type | count   | value ...
 *	+-------+------+- - - - -+-------
 *
 * Flags 10h and 20h: an array, count values follow; 40h: key and value in
 * turn, key 0 ends them.  A structure: its identifier, then member and value
 * in turn, member 0 ends them; or packed, as octets.  Numbers of 32 and 64
 * bits are written in sevens, the most significant first.
 */
#ifndef PROTO_S7COMM_PLUS_VALUE_H
#define PROTO_S7COMM_PLUS_VALUE_H

#include "proto.h"

#define VALUE_DEPTH 12u

/* Where values belong, and what became of them. */
struct plus_sink {
	struct dissect *d;
	uint32_t op;
	struct fact_object at;
	bool quiet; /* of no variable: nothing is said */
	uint32_t member; /* of the structure, the one that is read; 0 none */
	uint64_t number; /* the last one read */
	struct span text; /* the last one read */
	void (*string)(struct plus_sink *); /* is called for each; or NULL */
};

/* Seven bits an octet, most significant first, bit 7: more follow; the ninth
 * octet of a long number is whole. */
static inline uint64_t
vlq_from(struct rd *r, uint64_t v)
{
	for (uint32_t i = 0; i < 9; i++) {
		uint32_t b = rd_u8(r);

		if (i == 8)
			return v << 8 | b;
		v = v << 7 | (b & 0x7f);
		if ((b & 0x80) == 0)
			break;
	}
	return v;
}

static inline uint64_t
vlq(struct rd *r)
{
	return vlq_from(r, 0);
}

static inline uint32_t
vlq32(struct rd *r)
{
	return (uint32_t)vlq_from(r, 0);
}

/* Bit 6 of the first octet is the sign. */
static inline int64_t
vlq_signed(struct rd *r)
{
	struct span first = rd_ahead(r, 1);
	bool negative = first.n > 0 && (first.p[0] & 0x40) != 0;

	return (int64_t)vlq_from(r, negative ? UINT64_MAX : 0);
}

static inline void plus_value(struct rd *r, struct plus_sink *k,
    uint32_t depth);

static inline void
say_uint(const struct rd *r, struct plus_sink *k, uint64_t v)
{
	k->number = v;
	if (!k->quiet && rd_ok(r))
		dissect_value_uint(k->d, k->op, k->at, v);
}

static inline void
say_int(const struct rd *r, struct plus_sink *k, int64_t v)
{
	k->number = (uint64_t)v;
	if (!k->quiet && rd_ok(r))
		dissect_value_int(k->d, k->op, k->at, v);
}

static inline void
say_real(const struct rd *r, struct plus_sink *k, double v)
{
	if (!k->quiet && rd_ok(r))
		dissect_value_real(k->d, k->op, k->at, v);
}

/* Member and value in turn. */
static inline void
plus_members(struct rd *r, struct plus_sink *k, uint32_t depth)
{
	uint32_t before = k->member, id;

	while ((id = vlq32(r)) != 0) {
		k->member = id;
		k->at.sub = (uint16_t)id;
		plus_value(r, k, depth + 1);
	}
	k->member = before;
}

/* Identifiers of types of the user and of the system: octets as they lie in
 * memory, behind time of the type, flags, length (twice with flag 400h). */
static inline void
plus_structure(struct rd *r, struct plus_sink *k, uint32_t depth)
{
	uint32_t id = rd_be32(r), flags, n;

	rd_require(r, depth < VALUE_DEPTH, "structures nested too deep");
	if (id >> 28 != 9 && id >> 24 != 2) {
		plus_members(r, k, depth);
		return;
	}
	rd_skip(r, 8);
	flags = vlq32(r);
	n = vlq32(r);
	if ((flags & 0x400) != 0)
		n = vlq32(r);
	rd_skip(r, n);
}

static inline void
plus_text(struct rd *r, struct plus_sink *k)
{
	k->text = rd_span(r, vlq32(r));
	if (!k->quiet && rd_ok(r))
		fact_text(dissect_value(k->d, k->op, k->at), k->text);
	if (k->string != NULL && rd_ok(r))
		k->string(k);
}

static inline void
plus_scalar(struct rd *r, struct plus_sink *k, uint32_t type, uint32_t depth)
{
	switch (type) {
	case 0x00: /* none */
		return;
	case 0x01:
		k->number = rd_u8(r);
		if (!k->quiet && rd_ok(r))
			dissect_value_bool(k->d, k->op, k->at, k->number != 0);
		return;
	case 0x02: /* usint, byte */
	case 0x0a:
		say_uint(r, k, rd_u8(r));
		return;
	case 0x03: /* uint, word */
	case 0x0b:
		say_uint(r, k, rd_be16(r));
		return;
	case 0x04: /* udint, ulint, attribute, variant */
	case 0x05:
	case 0x13:
	case 0x16:
		say_uint(r, k, vlq(r));
		return;
	case 0x06:
		say_int(r, k, (int8_t)rd_u8(r));
		return;
	case 0x07:
		say_int(r, k, (int16_t)rd_be16(r));
		return;
	case 0x08: /* dint, lint, time span */
	case 0x09:
	case 0x11:
		say_int(r, k, vlq_signed(r));
		return;
	case 0x0c: /* dword, object */
	case 0x12:
		say_uint(r, k, rd_be32(r));
		return;
	case 0x0d: /* lword, time stamp */
	case 0x10:
		say_uint(r, k, rd_be64(r));
		return;
	case 0x0e:
		say_real(r, k, rd_bef32(r));
		return;
	case 0x0f:
		say_real(r, k, rd_bef64(r));
		return;
	case 0x14: /* octets: code, comments, records; often compressed */
		rd_require(r, vlq(r) == 0, "octets of an unknown form");
		k->text = rd_span(r, vlq32(r));
		return;
	case 0x15:
		plus_text(r, k);
		return;
	case 0x17:
		plus_structure(r, k, depth);
		return;
	default:
		rd_bad(r, "no such type");
	}
}

static inline void
plus_array(struct rd *r, struct plus_sink *k, uint32_t type, uint32_t depth)
{
	uint32_t n = rd_count(r, vlq32(r), type == 0 ? 0 : 1);
	struct fact_object at = k->at;

	for (uint32_t i = 0; i < n && rd_ok(r) && type != 0; i++) {
		k->at = at;
		if (at.sub == 0)
			k->at.sub = (uint16_t)(i + 1);
		plus_scalar(r, k, type, depth);
	}
	k->at = at;
}

static inline void
plus_value(struct rd *r, struct plus_sink *k, uint32_t depth)
{
	uint32_t flags = rd_u8(r), type = rd_u8(r), key;
	struct fact_object at = k->at;

	if ((flags & 0x40) != 0) {
		while ((key = vlq32(r)) != 0) {
			if (at.sub == 0)
				k->at.sub = (uint16_t)key;
			plus_scalar(r, k, type, depth);
			k->at = at;
		}
	} else if ((flags & 0x30) != 0) {
		plus_array(r, k, type, depth);
	} else {
		plus_scalar(r, k, type, depth);
		k->at = at;
	}
}

#endif
