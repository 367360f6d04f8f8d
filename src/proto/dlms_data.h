/*
 * dlms_data.h - values of DLMS/COSEM: a type octet, then the value.
 *
 * IEC 62056-5-3:2017 clause 9.5, Data.  Arrays and structures hold values
 * again; they are walked through by counting what is still to come, without
 * recursion.
 *
 * Private to dlms.c.
 */
#ifndef PROTO_DLMS_DATA_H
#define PROTO_DLMS_DATA_H

#include "../base/rd.h"
#include "../model/fact.h"

struct dlms_value {
	enum num_type num_type;
	bool simple; /* not an array or structure */
	int64_t i;
	double real;
	struct span text; /* of strings */
};

static inline uint32_t
dlms_length(struct rd *r)
{
	uint32_t n = rd_u8(r);

	return n == 0x81 ? rd_u8(r)
	    : n == 0x82  ? rd_be16(r)
	    : n == 0x84  ? rd_be32(r)
			 : n;
}

static inline void
dlms_int(struct dlms_value *v, int64_t i)
{
	v->num_type = NUM_INT;
	v->i = i;
}

static inline void
dlms_real(struct dlms_value *v, double real)
{
	v->num_type = NUM_REAL;
	v->real = real;
}

/* One value by its type; how many more it promises inside. */
static inline uint32_t
dlms_one(struct rd *r, uint32_t type, struct dlms_value *v)
{
	switch (type) {
	case 0: /* null */
	case 255: /* do not care */
		return 0;
	case 1: /* array */
	case 2: /* structure */
		v->simple = false;
		return dlms_length(r);
	case 3:
		v->num_type = NUM_BOOL;
		v->i = rd_u8(r) != 0;
		return 0;
	case 4: /* bits */
		rd_skip(r, bits_packed_size(dlms_length(r)));
		return 0;
	case 5:
		dlms_int(v, (int32_t)rd_be32(r));
		return 0;
	case 6:
		dlms_int(v, rd_be32(r));
		return 0;
	case 9: /* octets, characters */
	case 10:
	case 12:
		v->text = rd_span(r, dlms_length(r));
		return 0;
	case 13:
	case 15:
		dlms_int(v, (int8_t)rd_u8(r));
		return 0;
	case 16:
		dlms_int(v, (int16_t)rd_be16(r));
		return 0;
	case 17:
	case 22:
		dlms_int(v, rd_u8(r));
		return 0;
	case 18:
		dlms_int(v, rd_be16(r));
		return 0;
	case 20:
	case 21:
		dlms_int(v, (int64_t)rd_be64(r));
		return 0;
	case 23:
		dlms_real(v, rd_bef32(r));
		return 0;
	case 24:
		dlms_real(v, rd_bef64(r));
		return 0;
	case 25: /* date and time */
		rd_skip(r, 12);
		return 0;
	case 26:
		rd_skip(r, 5);
		return 0;
	case 27:
		rd_skip(r, 4);
		return 0;
	default: /* a compact array, or what nobody defined */
		v->simple = false;
		rd_opaque_rest(r);
		return 0;
	}
}

/* Read a value; false when there was none. */
static inline bool
dlms_data(struct rd *r, struct dlms_value *v)
{
	uint32_t left = 1;

	*v = (struct dlms_value){ .simple = true };
	while (left > 0 && rd_more(r)) {
		uint32_t inside = dlms_one(r, rd_u8(r), v);

		left--;
		left += inside < rd_left(r) ? inside : rd_left(r);
	}
	return rd_ok(r);
}

#endif
