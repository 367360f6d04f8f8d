/*
 * profinet_vendors.h - vendor identifiers given out by PROFIBUS & PROFINET
 * International ("Manufacturer ID table"), of makers often met.  For
 * profinet_*.c.
 */
#ifndef PROTO_PROFINET_VENDORS_H
#define PROTO_PROFINET_VENDORS_H

#include "proto.h"

static const struct {
	uint16_t id;
	const char *name;
} pn_vendors[] = {
	{ 0x002a, "Siemens AG" },
	{ 0x00b0, "Phoenix Contact" },
	{ 0x010a, "SEW-Eurodrive" },
	{ 0x010c, "HMS Industrial Networks" },
	{ 0x0153, "TR-Electronic" },
	{ 0x0493, "RT-Labs" },
};

/* The vendor's name, where it is known. */
static inline void
pn_say_vendor(struct dissect *d, uint32_t id)
{
	for (uint32_t i = 0; i < sizeof(pn_vendors) / sizeof(pn_vendors[0]);
	     i++)
		if (pn_vendors[i].id == id)
			dissect_ident(d, TRAIT_VENDOR,
			    span_text(pn_vendors[i].name));
}

#endif
