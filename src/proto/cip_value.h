/*
 * cip_value.h - values of tags and attributes, by their data type.
 *
 * ODVA, CIP Networks Library volume 1, appendix C-6.  Included by cip.c only.
 */
#ifndef PROTO_CIP_VALUE_H
#define PROTO_CIP_VALUE_H

#include "cip_path.h"
#include "proto.h"

#define VALUES_MAX 64u

/* Size of a value of an elementary data type, 0 where it has no fixed one. */
static uint32_t
type_size(uint32_t type)
{
	switch (type) {
	case 0xc1: /* BOOL */
	case 0xc2: /* SINT */
	case 0xc6: /* USINT */
	case 0xd1: /* BYTE */
		return 1;
	case 0xc3: /* INT */
	case 0xc7: /* UINT */
	case 0xcd: /* DATE */
	case 0xd2: /* WORD */
	case 0xd8: /* ITIME */
	case 0xdd: /* ENGUNIT */
		return 2;
	case 0xc4: /* DINT */
	case 0xc8: /* UDINT */
	case 0xca: /* REAL */
	case 0xcc: /* STIME */
	case 0xce: /* TIME_OF_DAY */
	case 0xd3: /* DWORD */
	case 0xd6: /* FTIME */
	case 0xdb: /* TIME */
		return 4;
	case 0xcf: /* DATE_AND_TIME */
		return 6;
	case 0xc5: /* LINT */
	case 0xc9: /* ULINT */
	case 0xcb: /* LREAL */
	case 0xd4: /* LWORD */
	case 0xd7: /* LTIME */
	case 0xdf: /* LTIME or DATE_AND_TIME of 64 bits */
		return 8;
	default:
		return 0;
	}
}

static uint64_t
read_uint(struct rd *r, uint32_t size)
{
	switch (size) {
	case 1:
		return rd_u8(r);
	case 2:
		return rd_le16(r);
	case 4:
		return rd_le32(r);
	case 6:
		return rd_le48(r);
	default:
		return rd_le64(r);
	}
}

static int64_t
sign_extend(uint64_t v, uint32_t size)
{
	const uint32_t shift = 64 - size * 8;

	return (int64_t)(v << shift) >> shift;
}

static void
say_value(struct dissect *d, uint32_t op, struct fact_object at, uint32_t type,
    uint64_t v, struct span name)
{
	struct fact *f = dissect_value(d, op, at);

	switch (type) {
	case 0xc1:
		f->num_type = NUM_BOOL;
		f->num.u = v != 0;
		break;
	case 0xc2:
	case 0xc3:
	case 0xc4:
	case 0xc5:
	case 0xd6:
	case 0xd7:
	case 0xd8:
	case 0xdb:
		f->num_type = NUM_INT;
		f->num.i = sign_extend(v, type_size(type));
		break;
	case 0xca:
		f->num_type = NUM_REAL;
		f->num.r = f32_of((uint32_t)v);
		break;
	case 0xcb:
		f->num_type = NUM_REAL;
		f->num.r = f64_of(v);
		break;
	default:
		f->num_type = NUM_UINT;
		f->num.u = v;
		break;
	}
	fact_text(f, name);
}

/* Text types: characters after a count of one or two bytes. */
static void
read_text_value(struct rd *r, struct dissect *d, uint32_t op,
    struct fact_object at, uint32_t type)
{
	struct span text = rd_span(r, type == 0xd0 ? rd_le16(r) : rd_u8(r));

	if (rd_ok(r))
		fact_text(dissect_value(d, op, at), text);
}

static void
read_values(struct rd *r, struct dissect *d, uint32_t op, struct fact_object at,
    struct span name)
{
	const uint32_t code = FACT_OP_CODE(op);
	uint32_t type = rd_le16(r), size = type_size(type);

	if (type == 0xd0 || type == 0xda) {
		read_text_value(r, d, op, at, type);
		rd_skip_rest(r);
		return;
	}
	if (code == SV_WRITE_TAG || code == SV_WRITE_FRAGMENT)
		rd_skip(r, type == 0x02a0 ? 4 : 2); /* handle, elements */
	if (code == SV_WRITE_FRAGMENT || size == 0) {
		rd_opaque_rest(r);
		return;
	}
	if ((d->wanted & FACT_MASK(FACT_VALUE)) != 0)
		for (uint32_t i = 0; i < VALUES_MAX && rd_left(r) >= size;
		     i++) {
			uint64_t v = read_uint(r, size);

			at.count = 1;
			if (rd_ok(r))
				say_value(d, op, at, type, v, name);
			at.first++;
		}
	rd_skip_rest(r);
}

/*
 * An attribute on its own: the message does not tell its type, so small ones
 * are shown as numbers, and the data of assemblies is not understood.
 */
static void
read_attribute(struct rd *r, struct dissect *d, uint32_t op,
    struct fact_object at)
{
	uint32_t size = rd_left(r);

	if (at.area == CLASS_ASSEMBLY ||
	    (size != 1 && size != 2 && size != 4 && size != 8)) {
		rd_opaque_rest(r);
		return;
	}
	if ((d->wanted & FACT_MASK(FACT_VALUE)) != 0) {
		uint64_t v = read_uint(r, size);

		if (rd_ok(r))
			dissect_value_uint(d, op, at, v);
	}
	rd_skip_rest(r);
}

#endif
