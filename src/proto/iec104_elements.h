/*
 * iec104_elements.h - the information elements of IEC 60870-5-101 clause
 * 7.2.6, one reading each.  Included by iec104.c only.
 */
#ifndef PROTO_IEC104_ELEMENTS_H
#define PROTO_IEC104_ELEMENTS_H

#include "proto.h"

#include <stdio.h>

#include "iec104_tables.h"

struct sizes {
	uint8_t cot, ca, ioa;
};

struct asdu {
	struct sizes sizes;
	const struct layout *layout;
	uint32_t type, count, cot, ca;
	uint32_t ioa; /* of the first object */
	bool sequence, negative;
};

/* What an element says. */
struct reading {
	enum num_type num_type;
	int64_t i;
	double real;
	uint32_t quality; /* IV NT SB BL at bits 7 to 4, OV at 0 */
	uint64_t time; /* ms since 1970, 0 unknown */
	const char *word; /* static */
	char text[64]; /* of a command: select, state, qualifier */
};

/* ------------------------------------------------------------------ time */

/* Days from 1970-01-01 of a date of the Gregorian calendar. */
static int64_t
days_of(int64_t year, uint32_t month, uint32_t day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = y / 400, of_era = y - era * 400;
	int64_t of_year =
	    (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 +
	    (int64_t)day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	    of_year - 719468;
}

/* CP56Time2a; 0 when it is no date. */
static uint64_t
read_cp56(struct rd *r)
{
	uint32_t ms = rd_le16(r), minute = rd_u8(r) & 0x3f;
	uint32_t hour = rd_u8(r) & 0x1f, day = rd_u8(r) & 0x1f;
	uint32_t month = rd_u8(r) & 0x0f, year = rd_u8(r) & 0x7f;
	int64_t days;

	if (ms > 59999 || minute > 59 || hour > 23 || day == 0 || month == 0 ||
	    month > 12)
		return 0;
	/* two digits: the standard's devices were born after 1970 */
	days = days_of(year < 70 ? 2000 + year : 1900 + year, month, day);
	return ((uint64_t)days * 1440 + hour * 60u + minute) * 60000u + ms;
}

static void
read_time(struct rd *r, uint32_t size, struct reading *v)
{
	if (size == 7)
		v->time = read_cp56(r);
	else
		rd_skip(r, size);
}

/* -------------------------------------------------------------- elements */

static void
set_int(struct reading *v, int64_t i)
{
	v->num_type = NUM_INT;
	v->i = i;
}

static void
set_uint(struct reading *v, uint32_t u)
{
	v->num_type = NUM_UINT;
	v->i = u;
}

static void
set_real(struct reading *v, double real)
{
	v->num_type = NUM_REAL;
	v->real = real;
}

static void
set_bool(struct reading *v, bool b)
{
	v->num_type = NUM_BOOL;
	v->i = b;
}

static double
read_nva(struct rd *r)
{
	return (double)(int16_t)rd_le16(r) / 32768.0;
}

/* Elements of the monitor direction. */
static void
read_monitored(struct rd *r, uint32_t form, struct reading *v)
{
	uint32_t x;

	switch (form) {
	case FORM_SIQ:
		x = rd_u8(r);
		set_bool(v, (x & 1) != 0);
		v->quality = x & 0xf0;
		return;
	case FORM_DIQ:
		x = rd_u8(r);
		set_uint(v, x & 3);
		v->word = double_names[x & 3];
		v->quality = x & 0xf0;
		return;
	case FORM_VTI:
		x = rd_u8(r);
		set_int(v, (int64_t)(x & 0x3f) - (int64_t)(x & 0x40));
		v->word = (x & 0x80) != 0 ? "moving" : NULL;
		break;
	case FORM_BSI:
	case FORM_SCD: /* states in the low, changes in the high half */
		set_uint(v, rd_le32(r));
		break;
	case FORM_NVA:
		set_real(v, read_nva(r));
		break;
	case FORM_NVA_BARE:
		set_real(v, read_nva(r));
		return;
	case FORM_SVA:
		set_int(v, (int16_t)rd_le16(r));
		break;
	case FORM_R32:
		set_real(v, rd_lef32(r));
		break;
	case FORM_BCR: /* IV stands where the others have it */
		set_int(v, (int32_t)rd_le32(r));
		v->quality = rd_u8(r) & 0x80;
		return;
	case FORM_SEP:
		x = rd_u8(r);
		set_uint(v, x & 3);
		v->word = double_names[x & 3];
		v->quality = x & 0xf0;
		rd_skip(r, 2); /* elapsed time */
		return;
	case FORM_SPE:
	case FORM_OCI:
		set_uint(v, rd_u8(r) & 0x3f);
		v->quality = rd_u8(r) & 0xf0;
		rd_skip(r, 2); /* duration */
		return;
	default:
		return;
	}
	v->quality = rd_u8(r) & 0xf1;
}

static const char *
select_name(uint32_t qualifier)
{
	return (qualifier & 0x80) != 0 ? "select" : "execute";
}

/* SCO, DCO, RCO: S/E, qualifier of command, state. */
static void
read_command(struct rd *r, uint32_t form, struct reading *v)
{
	uint32_t x = rd_u8(r), qu = x >> 2 & 0x1f;
	const char *state = form == FORM_SCO ? double_names[1 + (x & 1)]
	    : form == FORM_DCO               ? double_names[x & 3]
					     : step_names[x & 3];

	if (form == FORM_SCO)
		set_bool(v, (x & 1) != 0);
	else
		set_uint(v, x & 3);
	(void)snprintf(v->text, sizeof(v->text), "%s %s%s", select_name(x),
	    state, qu < 4 ? pulse_names[qu] : "");
}

static void
read_setpoint(struct rd *r, uint32_t form, struct reading *v)
{
	if (form == FORM_SET_NVA || form == FORM_PAR_NVA)
		set_real(v, read_nva(r));
	else if (form == FORM_SET_SVA || form == FORM_PAR_SVA)
		set_int(v, (int16_t)rd_le16(r));
	else if (form == FORM_SET_BSI)
		set_uint(v, rd_le32(r));
	else
		set_real(v, rd_lef32(r));
	if (form == FORM_PAR_NVA || form == FORM_PAR_SVA ||
	    form == FORM_PAR_R32) {
		static const char *const kinds[] = { "not used", "threshold",
			"smoothing factor", "low limit", "high limit" };
		uint32_t qpm = rd_u8(r), kind = qpm & 0x3f;

		v->word = kind < 5 ? kinds[kind] : "private parameter";
	} else {
		v->word =
		    form != FORM_SET_BSI ? select_name(rd_u8(r)) : "execute";
	}
}

/* Commands to the station as a whole: one qualifier. */
static void
read_system(struct rd *r, uint32_t form, struct reading *v)
{
	uint32_t x;

	switch (form) {
	case FORM_COI:
		x = rd_u8(r);
		v->word = (x & 0x7f) < 3 ? init_names[x & 0x7f] : "reserved";
		break;
	case FORM_QOI:
		x = rd_u8(r);
		if (x == 20)
			v->word = "station";
		else if (x > 20 && x <= 36)
			(void)snprintf(v->text, sizeof(v->text), "group %u",
			    x - 20);
		break;
	case FORM_QCC:
		x = rd_u8(r);
		(void)snprintf(v->text, sizeof(v->text), "%s, %s %u",
		    freeze_names[x >> 6], (x & 0x3f) == 5 ? "general" : "group",
		    x & 0x3f);
		break;
	case FORM_FBP:
		set_uint(v, rd_le16(r));
		break;
	case FORM_CP16:
		set_uint(v, rd_le16(r));
		v->word = "milliseconds";
		break;
	case FORM_QRP:
		x = rd_u8(r);
		v->word = x < 3 ? reset_names[x] : "reserved";
		break;
	case FORM_QPA:
		set_uint(v, rd_u8(r));
		break;
	default:
		break;
	}
}

/* Name of file first, then what the type needs (60870-5-101 7.2.6.33 on). */
static void
read_file(struct rd *r, struct reading *v, uint32_t type)
{
	uint32_t name = rd_le16(r);

	if (type == 120 || type == 126) {
		uint32_t size = rd_le24(r);

		(void)snprintf(v->text, sizeof(v->text), "file %u, %u octets",
		    name, size);
	} else if (type != 127) {
		(void)snprintf(v->text, sizeof(v->text), "file %u, section %u",
		    name, rd_u8(r));
	} else {
		(void)snprintf(v->text, sizeof(v->text), "log %u", name);
	}
}

static void
read_element(struct rd *r, const struct asdu *a, struct reading *v)
{
	uint32_t form = a->layout->form;
	struct rd e = rd_sub(r, a->layout->size);

	*v = (struct reading){ .num_type = NUM_NONE };
	if (form <= FORM_SCD)
		read_monitored(&e, form, v);
	else if (form <= FORM_RCO)
		read_command(&e, form, v);
	else if (form <= FORM_SET_BSI ||
	    (form >= FORM_PAR_NVA && form <= FORM_PAR_R32))
		read_setpoint(&e, form, v);
	else if (form == FORM_FILE || form == FORM_DIR)
		read_file(&e, v, a->type);
	else
		read_system(&e, form, v);
	read_time(r, a->layout->time, v);
}

#endif
