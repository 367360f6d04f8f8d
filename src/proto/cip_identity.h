/*
 * cip_identity.h - what the identity object of CIP says of a device, or of a
 * module behind it.  ODVA, CIP Networks Library volume 1, clause 5A-2.
 * Included by cip.c only.
 */
#ifndef PROTO_CIP_IDENTITY_H
#define PROTO_CIP_IDENTITY_H

#include "cip.h"
#include "cip_tables.h"
#include "proto.h"

#include <stdio.h>

#define COUNT(table) ((uint32_t)(sizeof(table) / sizeof((table)[0])))

static const char *
find_name(const struct named *table, uint32_t n, uint32_t number)
{
	uint32_t lo = 0, hi = n;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (table[mid].number == number)
			return table[mid].name;
		if (table[mid].number < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static const struct class_row *
find_class(uint32_t number)
{
	uint32_t lo = 0, hi = COUNT(classes);

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (classes[mid].number == number)
			return &classes[mid];
		if (classes[mid].number < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

struct identity {
	uint32_t vendor, type, product, major, minor, status, serial, state;
	struct span name;
};

static struct identity
read_identity(struct rd *r)
{
	struct identity id = { .state = 255 };

	id.vendor = rd_le16(r);
	id.type = rd_le16(r);
	id.product = rd_le16(r);
	id.major = rd_u8(r);
	id.minor = rd_u8(r);
	id.status = rd_le16(r);
	id.serial = rd_le32(r);
	id.name = rd_span(r, rd_u8(r));
	if (rd_more(r))
		id.state = rd_u8(r);
	rd_skip_rest(r);
	return id;
}

static const struct device_type *
find_device_type(uint32_t number)
{
	for (uint32_t i = 0; i < COUNT(device_types); i++)
		if (device_types[i].number == number)
			return &device_types[i];
	return NULL;
}

static void
say_vendor(struct dissect *d, uint32_t vendor)
{
	const char *name = find_name(vendors, COUNT(vendors), vendor);

	if (name != NULL) /* a bare number says less than the MAC's maker */
		dissect_ident(d, TRAIT_VENDOR, span_text(name));
}

static void
say_revision(struct dissect *d, uint32_t vendor, uint32_t major, uint32_t minor)
{
	if (vendor == 1) /* as Rockwell writes it: 20.013 */
		dissect_identf(d, TRAIT_FIRMWARE, "%u.%03u", major, minor);
	else
		dissect_identf(d, TRAIT_FIRMWARE, "%u.%u", major, minor);
}

/*
 * A communications adapter is the head of remote I/O, but for the bridges of
 * a ControlLogix chassis (1756-), which stand beside the controller.
 */
static void
say_device_type(struct dissect *d, const struct identity *id)
{
	const struct device_type *type = find_device_type(id->type);

	dissect_identf(d, TRAIT_DESCRIPTION, "%s, product code %u",
	    type != NULL ? type->name : "device", id->product);
	if (id->type == 0x0c && span_starts(id->name, SPAN_LIT("1756-")))
		return;
	if (type != NULL && type->role != ROLE_UNKNOWN)
		dissect_ident_role(d, ABOUT_SENDER, (enum role)type->role);
}

static void
say_state(struct dissect *d, const struct identity *id)
{
	static const char *const states[] = { NULL, "self test", "standby",
		"operational", "major recoverable fault",
		"major unrecoverable fault" };

	if (id->state >= 1 && id->state <= 5)
		dissect_ident(d, TRAIT_MODE, span_text(states[id->state]));
	else if (BITS(id->status, 7, 4) == 1)
		dissect_ident(d, TRAIT_MODE, SPAN_LIT("firmware update"));
	else if (BITS(id->status, 7, 4) == 5)
		dissect_ident(d, TRAIT_MODE, SPAN_LIT("major fault"));
}

static void
say_device(struct dissect *d, const struct identity *id)
{
	say_vendor(d, id->vendor);
	dissect_ident(d, TRAIT_MODEL, id->name);
	say_revision(d, id->vendor, id->major, id->minor);
	if (id->serial != 0)
		dissect_identf(d, TRAIT_SERIAL, "%08x", id->serial);
	say_device_type(d, id);
	say_state(d, id);
}

/* A module of the sender: where it stands, and what it is. */
static void
say_module(struct dissect *d, const struct identity *id, uint32_t route)
{
	const struct device_type *type = find_device_type(id->type);
	const char *vendor = find_name(vendors, COUNT(vendors), id->vendor);
	const uint32_t port = route >> 16 & 0x7fff, link = route & 0xffff;
	char where[32];

	if (port == 1)
		(void)snprintf(where, sizeof(where), "slot %u", link);
	else
		(void)snprintf(where, sizeof(where), "port %u node %u", port,
		    link);
	dissect_identf(d, TRAIT_MODULE,
	    "%s: %.*s, revision %u.%03u, serial %08x, %s", where,
	    (int)(id->name.n < 32 ? id->name.n : 32), (const char *)id->name.p,
	    id->major, id->minor, id->serial,
	    vendor != NULL ? vendor : "unknown vendor");
	if (type != NULL && type->role == ROLE_PLC)
		dissect_ident_role(d, ABOUT_SENDER, ROLE_PLC);
}

void
cip_identity_read(struct rd *r, struct dissect *d, uint32_t route)
{
	struct identity id = read_identity(r);

	if (!rd_ok(r) || (d->wanted & FACT_MASK(FACT_IDENT)) == 0)
		return;
	if (route == 0)
		say_device(d, &id);
	else if (id.name.n > 0)
		say_module(d, &id, route);
}

/* Attribute of the identity object: false where its size is not known. */
static bool
read_identity_attribute(struct rd *r, struct dissect *d, uint32_t attribute,
    bool say)
{
	uint32_t a, b;
	struct span name;

	switch (attribute) {
	case 1:
		a = rd_le16(r);
		if (say && rd_ok(r))
			say_vendor(d, a);
		return true;
	case 2:
	case 3:
	case 5:
		rd_skip(r, 2);
		return true;
	case 4:
		a = rd_u8(r);
		b = rd_u8(r);
		if (say && rd_ok(r))
			say_revision(d, 0, a, b);
		return true;
	case 6:
		a = rd_le32(r);
		if (say && rd_ok(r))
			dissect_identf(d, TRAIT_SERIAL, "%08x", a);
		return true;
	case 7:
		name = rd_span(r, rd_u8(r));
		if (say)
			dissect_ident(d, TRAIT_MODEL, name);
		return true;
	default:
		return false;
	}
}

#endif
