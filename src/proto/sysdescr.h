/*
 * sysdescr.h - what the description tells that a device gives of itself in
 * SNMP (sysDescr) and LLDP (system description).
 *
 * Free text, but makers keep to forms of their own:
 *
 *	Siemens, SIMATIC NET, SCALANCE X208, 6GK5 208-0BA10-2AA3, HW: Version
 *	4, FW: Version V4.03, SVPL6147920
 *	Cisco IOS Software, C2960 Software (...), Version 12.2(44)SE, ...
 *	Hirschmann MAR - SW: L2P-09.0.00
 *	Hardware: x86 ... - Software: Windows Version 6.1 (Build 7601 ...)
 *	Linux plc7 3.13.0-106-generic #153 ...
 *
 * Private to those dissectors.
 */
#ifndef PROTO_SYSDESCR_H
#define PROTO_SYSDESCR_H

#include "say.h"
#include "text.h"

#define SYSDESCR_FIELDS 16u

/* Text after `key` up to one of `stop`, or to the end. */
static inline struct span
sysdescr_after(struct span s, const char *key, const char *stop)
{
	struct span v = span_from(s, text_find(s, key) + (uint32_t)strlen(key));
	uint32_t n = 0;

	while (n < v.n && strchr(stop, v.p[n]) == NULL)
		n++;
	return text_trim(span_first(v, n));
}

static inline void
sysdescr_vendor(struct dissect *d, struct span s)
{
	static const struct {
		const char *start, *name;
	} rows[] = { { "siemens", "Siemens" }, { "cisco ", "Cisco" },
		{ "hirschmann", "Hirschmann" }, { "ruggedcom", "RuggedCom" },
		{ "moxa", "Moxa" }, { "phoenix contact", "Phoenix Contact" },
		{ "westermo", "Westermo" }, { "juniper", "Juniper" },
		{ "fortinet", "Fortinet" }, { "mikrotik", "MikroTik" } };

	for (uint32_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (text_starts(s, rows[i].start))
			dissect_ident(d, TRAIT_VENDOR, span_text(rows[i].name));
}

/* The first of the keys that is there. */
static inline void
sysdescr_first(struct dissect *d, struct span s, enum trait trait,
    const char *const keys[static 4])
{
	for (uint32_t i = 0; i < 4 && keys[i] != NULL; i++) {
		struct span v = sysdescr_after(s, keys[i], ", \r\n");

		if (v.n == 0)
			continue;
		dissect_ident(d, trait, v);
		return;
	}
}

/* "6GK5 208-0BA10-2AA3" */
static inline bool
sysdescr_is_order(struct span s)
{
	return s.n >= 10 && s.p[0] == '6' && text_is_alpha(s.p[1]) &&
	    text_is_alpha(s.p[2]) && text_is_digit(s.p[3]);
}

/* Siemens' list: the model before the order number, the serial at the end. */
static inline void
sysdescr_siemens(struct dissect *d, struct span s)
{
	struct span before = SPAN(NULL, 0);
	bool firmware = false;

	for (uint32_t i = 0; i < SYSDESCR_FIELDS && s.n > 0; i++) {
		uint32_t n = span_find(s, ',');
		struct span field = text_trim(span_first(s, n));

		if (sysdescr_is_order(field)) {
			dissect_ident(d, TRAIT_MODEL, before);
			dissect_ident(d, TRAIT_ORDER, field);
		} else if (firmware && field.n >= 6 &&
		    span_find(field, ' ') == field.n) {
			dissect_ident(d, TRAIT_SERIAL, field);
		}
		firmware = text_starts(field, "fw:");
		before = field;
		s = span_from(s, n + 1);
	}
}

static inline void
sysdescr_system(struct dissect *d, struct span s)
{
	struct span v = sysdescr_after(s, "software: windows ", "(\r\n");
	uint32_t at = text_find(s, "linux ");

	if (v.n > 0)
		dissect_identf(d, TRAIT_OS, "Windows %.*s", (int)v.n,
		    (const char *)v.p);
	else if (at < s.n)
		dissect_ident(d, TRAIT_OS,
		    text_trim(span_first(span_from(s, at),
			span_find(span_from(s, at), '#'))));
}

static inline void
sysdescr_say(struct dissect *d, struct span s)
{
	static const char *const firmware[4] = { "fw: version ",
		"fw: ", "sw: ", ", version " };
	static const char *const hardware[4] = { "hw: version ", "hw: " };

	dissect_ident(d, TRAIT_DESCRIPTION, s);
	if (!say_wanted(d, FACT_IDENT))
		return;
	sysdescr_vendor(d, s);
	sysdescr_first(d, s, TRAIT_FIRMWARE, firmware);
	sysdescr_first(d, s, TRAIT_HARDWARE, hardware);
	if (text_starts(s, "siemens"))
		sysdescr_siemens(d, s);
	sysdescr_system(d, s);
}

#endif
