/*
 * s7comm_szl.h - system state lists (SZL) of Siemens S7: who a CPU is.
 *
 * System Software for S7-300/400, System and Standard Functions, volume 1,
 * chapter "System Status Lists".
 *
 *	+--------+-------+---------+-------+- - - - - - - -
 *	| SZL-ID | index | length  | count | records
 *	+--------+-------+---------+-------+- - - - - - - -
 *	  be16     be16    be16      be16    length bytes each
 *
 * The low octet of the SZL-ID names the list, the high one an extract of it.
 * Included by s7comm.c only.
 */
#ifndef PROTO_S7COMM_SZL_H
#define PROTO_S7COMM_SZL_H

#include "s7comm_tables.h"

static struct span
szl_text(struct span s)
{
	s = span_first(s, span_find(s, 0));
	while (s.n > 0 && s.p[s.n - 1] == ' ')
		s.n--;
	return s;
}

/* xy11h: index, order number, module type, version, release. */
static void
szl_module(struct rd *r, struct dissect *d)
{
	uint32_t index = rd_be16(r);
	struct span order = szl_text(rd_span(r, 20));
	uint32_t version, hi, lo;

	rd_skip(r, 2);
	version = rd_be16(r);
	hi = rd_u8(r);
	lo = rd_u8(r);
	if (!rd_ok(r))
		return;
	if (index == 1) {
		dissect_ident(d, TRAIT_ORDER, order);
		dissect_ident(d, TRAIT_VENDOR, SPAN_LIT("Siemens"));
	} else if (index == 6 && version < 0x100) {
		dissect_identf(d, TRAIT_HARDWARE, "%u", version);
	} else if (index == 7 && version >> 8 == 'V') {
		dissect_identf(d, TRAIT_FIRMWARE, "V%u.%u.%u", version & 0xff,
		    hi, lo);
	} else if (index == 0x81 && order.n > 0 && version >> 8 >= 'A' &&
	    version >> 8 <= 'Z') {
		dissect_identf(d, TRAIT_MODULE, "%.*s %c%u.%u.%u", (int)order.n,
		    (const char *)order.p, (char)(version >> 8), version & 0xff,
		    hi, lo);
	}
}

static void
szl_maker(struct dissect *d, struct span text)
{
	/* identification numbers of the PROFIBUS organisation */
	if (text.n >= 2 && text.p[0] == 0 && text.p[1] == 0x2a)
		dissect_ident(d, TRAIT_VENDOR, SPAN_LIT("Siemens"));
}

/* xy1Ch: index, 32 octets of what the index says. */
static void
szl_component(struct rd *r, struct dissect *d)
{
	static const uint8_t traits[] = { TRAIT_COUNT, TRAIT_NAME, TRAIT_MODULE,
		TRAIT_LOCATION, TRAIT_COUNT, TRAIT_SERIAL, TRAIT_COUNT,
		TRAIT_MODEL, TRAIT_MODULE, TRAIT_COUNT, TRAIT_DESCRIPTION,
		TRAIT_LOCATION };
	uint32_t index = rd_be16(r) & 0xffu;
	struct span raw = rd_span(r, rd_left(r));
	struct span text = szl_text(raw);

	if (!rd_ok(r) || index >= sizeof(traits))
		return;
	if (index == 9)
		szl_maker(d, raw);
	else if (span_starts(text, SPAN_LIT("Original Siemens")))
		dissect_ident(d, TRAIT_VENDOR, SPAN_LIT("Siemens"));
	else if (index == 2 && text.n > 0)
		dissect_identf(d, TRAIT_MODULE, "module %.*s", (int)text.n,
		    (const char *)text.p);
	else if (index == 8 && text.n > 0)
		dissect_identf(d, TRAIT_MODULE, "memory card %.*s", (int)text.n,
		    (const char *)text.p);
	else if (traits[index] != TRAIT_COUNT)
		dissect_ident(d, traits[index], text);
}

/* xy24h: event, type, previous mode << 4 | mode, ... */
static void
szl_mode(struct rd *r, struct dissect *d)
{
	const char *mode;

	rd_skip(r, 3);
	mode = modes[rd_u8(r) & 15];
	if (rd_ok(r) && mode != NULL)
		dissect_ident(d, TRAIT_MODE, span_text(mode));
}

/* xy32h, index 4: protection levels and the key switch. */
static void
szl_protection(struct rd *r, struct dissect *d)
{
	uint32_t index = rd_be16(r), key = rd_be16(r), set = rd_be16(r);
	uint32_t real = rd_be16(r), position = rd_be16(r);

	if (!rd_ok(r) || (index & 0xff) != 4)
		return;
	dissect_identf(d, TRAIT_SECURITY,
	    "protection level %u (switch %u, set %u), key switch %s", real, key,
	    set, position <= 4 ? switch_positions[position] : "unknown");
}

/* xy37h: logical address, IP, mask, gateway, MAC ... of an interface. */
static void
szl_ethernet(struct rd *r, struct dissect *d)
{
	struct addr addr = { .has_mac = true };
	struct span mac;

	rd_skip(r, 2);
	addr.ip = ip_of_span(rd_span(r, 4));
	rd_skip(r, 8);
	mac = rd_span(r, 6);
	if (!rd_ok(r))
		return;
	memcpy(addr.mac.b, mac.p, 6);
	if (!mac_is_zero(&addr.mac) && !mac_is_group(&addr.mac) &&
	    addr.ip.len == 4 && !ip_is_zero(&addr.ip))
		dissect_ident_of(d, addr, TRAIT_ADDRESS, SPAN(NULL, 0));
}

static void
szl_record(struct rd *r, struct dissect *d, uint32_t id)
{
	switch (id & 0xff) {
	case 0x11:
		szl_module(r, d);
		break;
	case 0x1c:
		szl_component(r, d);
		break;
	case 0x24:
		szl_mode(r, d);
		break;
	case 0x32:
		szl_protection(r, d);
		break;
	case 0x37:
		szl_ethernet(r, d);
		break;
	default:
		break;
	}
}

/* Lists of other systems have records of other lengths. */
static bool
szl_fits(uint32_t id, uint32_t length)
{
	static const struct {
		uint8_t list, least;
	} known[] = { { 0x11, 28 }, { 0x1c, 10 }, { 0x24, 4 }, { 0x32, 10 },
		{ 0x37, 20 } };

	for (uint32_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].list == (id & 0xff))
			return length >= known[i].least;
	return false;
}

static void
szl_list(struct rd *r, struct dissect *d, uint32_t id)
{
	uint32_t length = rd_be16(r), count = rd_be16(r);

	if (!szl_fits(id, length)) {
		rd_skip_rest(r); /* a list we know by its header */
		return;
	}
	while (count-- > 0 && rd_left(r) >= length) {
		struct rd record = rd_sub(r, length);

		szl_record(&record, d, id);
	}
}

#endif
