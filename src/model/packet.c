/* packet.c - names of notes, wrappings and ways to travel, from their tables.
 */
#include "packet.h"

static const char *const note_names[] = {
#define NOTE(sym, name, damage, what) name,
#include "notes.def"
#undef NOTE
};

static const char *const encap_names[] = {
#define ENCAP(sym, name) name,
#include "encaps.def"
#undef ENCAP
};

const char *
note_name(enum note_bit bit)
{
	return bit < NOTE_COUNT ? note_names[bit] : "";
}

const char *
encap_name(enum encap encap)
{
	return encap < ENCAP_COUNT ? encap_names[encap] : "";
}

const char *
via_name(enum via via)
{
	static const char *const names[VIA_COUNT] = { "none", "tcp", "udp",
		"sctp", "ip", "ether", "llc", "snap", "serial" };

	return names[via < VIA_COUNT ? via : VIA_NONE];
}
