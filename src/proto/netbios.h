/*
 * netbios.h - NetBIOS names, as the name service and the datagram service
 * carry them.
 *
 * RFC 1001 clause 14.1: 16 bytes, each as two letters 'A' + nibble, as the
 * first label of a DNS name.  The 16th byte is the suffix: what the name is
 * for ([MS-NBTE] 2.2).
 */
#ifndef PROTO_NETBIOS_H
#define PROTO_NETBIOS_H

#include "say.h"

#define NETBIOS_WORKSTATION 0x00u
#define NETBIOS_MESSENGER 0x03u
#define NETBIOS_MASTER_OF_DOMAIN 0x1bu
#define NETBIOS_CONTROLLERS 0x1cu
#define NETBIOS_MASTER 0x1du
#define NETBIOS_ELECTION 0x1eu
#define NETBIOS_SERVER 0x20u
#define NETBIOS_LABEL 32u

struct netbios_name {
	uint8_t text[16];
	uint32_t n; /* without the blanks at its end */
	uint32_t suffix;
	bool good;
};

/* From the 16 bytes; names are padded with blanks, "*" with NULs. */
static inline void
netbios_plain(const uint8_t b[static 16], struct netbios_name *ret)
{
	memcpy(ret->text, b, 16);
	ret->suffix = b[15];
	ret->n = 15;
	while (ret->n > 0 &&
	    (ret->text[ret->n - 1] == ' ' || ret->text[ret->n - 1] == 0))
		ret->n--;
	ret->good = true;
}

/* The same out of a message; no name when it is cut. */
static inline void
netbios_rd(struct rd *r, struct netbios_name *ret)
{
	struct span s = rd_span(r, 16);

	*ret = (struct netbios_name){ .n = 0 };
	if (s.n == 16)
		netbios_plain(s.p, ret);
}

static inline void
netbios_decode(struct span label, struct netbios_name *ret)
{
	uint8_t b[16];

	*ret = (struct netbios_name){ .n = 0 };
	if (label.n < NETBIOS_LABEL)
		return;
	for (uint32_t i = 0; i < 16; i++) {
		uint32_t hi = label.p[i * 2] - (uint32_t)'A';
		uint32_t lo = label.p[i * 2 + 1] - (uint32_t)'A';

		if (hi > 15 || lo > 15)
			return;
		b[i] = (uint8_t)(hi << 4 | lo);
	}
	netbios_plain(b, ret);
}

/* A length of 32 and as many letters A to P: a mark like no other. */
static inline bool
netbios_is_label(struct span s)
{
	if (s.n < NETBIOS_LABEL + 1 || s.p[0] != NETBIOS_LABEL)
		return false;
	for (uint32_t i = 1; i <= NETBIOS_LABEL; i++)
		if (s.p[i] < 'A' || s.p[i] > 'P')
			return false;
	return true;
}

static inline struct span
netbios_text(const struct netbios_name *name)
{
	return SPAN(name->text, name->n);
}

/* "PLANT<1c>" is the object's name. */
static inline void
netbios_object(struct fact *f, const struct netbios_name *name)
{
	f->object = (struct fact_object){ .space = SPACE_NAME,
		.area = name->suffix,
		.count = 1 };
	if (name->good)
		fact_textf(f, "%.*s<%02x>", (int)name->n,
		    (const char *)name->text, name->suffix);
}

/*
 * What holding a name says about its holder: machine names are unique,
 * domains and workgroups are groups.
 */
static inline void
netbios_say(struct dissect *d, struct addr at, bool sender, bool group,
    const struct netbios_name *name)
{
	struct span text = netbios_text(name);
	enum trait trait = TRAIT_NAME;
	enum role role = ROLE_UNKNOWN;

	if (!name->good || name->n == 0 || name->text[0] < '!')
		return;
	if (group && name->suffix == NETBIOS_CONTROLLERS)
		role = ROLE_DIRECTORY;
	else if (!group && name->suffix == NETBIOS_MASTER_OF_DOMAIN)
		role = ROLE_DIRECTORY;
	if (group || name->suffix == NETBIOS_MASTER_OF_DOMAIN)
		trait = TRAIT_DOMAIN;
	else if (name->suffix != NETBIOS_WORKSTATION &&
	    name->suffix != NETBIOS_SERVER)
		return;
	if (sender)
		dissect_ident(d, trait, text);
	else
		say_of_ip(d, at.ip, trait, text);
	if (role == ROLE_UNKNOWN)
		return;
	if (sender)
		dissect_ident_role(d, ABOUT_SENDER, role);
	else
		say_role_of_ip(d, at.ip, role);
}

#endif
