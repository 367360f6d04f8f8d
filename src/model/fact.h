/*
 * fact.h - what a dissector learned from one message.
 *
 * A fact owns no memory and points at nothing: it can be copied between
 * threads, written to disk and compared in a test as it is.  The kinds are
 * the same for every protocol; detectors see facts, never packets.
 *
 * It is 200 bytes: the first cache line holds what every listener looks at, the
 * rest an address and the text, which is written only up to its length.
 */
#ifndef MODEL_FACT_H
#define MODEL_FACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/span.h"
#include "../base/tick.h"
#include "addr.h"

enum fact_kind {
#define FACT_KIND(sym, name, counts, what) FACT_##sym,
#include "kinds.def"
#undef FACT_KIND
	FACT_COUNT
};
#define FACT_MASK(kind) (1u << (kind))
#define FACT_MASK_ALL UINT32_MAX

enum risk {
#define RISK(sym, name, what) RISK_##sym,
#include "risks.def"
#undef RISK
	RISK_COUNT
};

enum trait {
#define TRAIT(sym, name, what) TRAIT_##sym,
#include "traits.def"
#undef TRAIT
	TRAIT_COUNT
};

enum role {
#define ROLE(sym, name, purdue, ot) ROLE_##sym,
#include "roles.def"
#undef ROLE
	ROLE_COUNT
};

/* Flags of a fact; the names are in fact.c. */
#define FACT_CUT 1u /* text or list did not fit */
#define FACT_UNSOLICITED 2u /* an answer to which no question was seen */
#define FACT_BROADCAST 4u /* sent to a group */
#define FACT_NEGATIVE                                          \
	8u /* refused in the protocol's own way (P/N bit, IIN) \
	    */
#define FACT_TEST 16u /* marked as a test or simulation by the sender */
#define FACT_DUPLICATE 32u /* the other copy (PRP, HSR) was seen already */
#define FACT_CONFIRM 64u /* asks for a confirmation below the answer */
#define FACT_FLAGS 7u /* how many there are */

/* Whom an IDENT fact is about. */
enum about {
	ABOUT_SENDER, /* the device says so itself */
	ABOUT_RECEIVER,
	ABOUT_ADDR, /* the device at fact.addr */
	ABOUT_COUNT
};

/* What kind of number stands in fact.num. */
enum num_type {
	NUM_NONE,
	NUM_INT,
	NUM_UINT,
	NUM_REAL,
	NUM_BOOL,
	NUM_COUNT
};

/*
 * Which part of the device was touched, in the protocol's own terms; the
 * dissector's head comment says what each means.
 *	space	name of the address space, a static string's row in spaces.def
 *	area	number that selects within the space (data block, group, class)
 *	first	first item (register, byte, index, instance)
 *	count	how many
 *	sub	what of it (bit, attribute, property, variation)
 */
struct fact_object {
	uint32_t area;
	uint32_t first;
	uint32_t count;
	uint16_t sub;
	uint16_t space; /* enum space */
};

enum space {
#define SPACE(sym, name) SPACE_##sym,
#include "spaces.def"
#undef SPACE
	SPACE_COUNT
};

#define FACT_TEXT_MAX 96

/*
 * Where one code means several operations (a CIP service by its class, a
 * BACnet choice by the type of the message), the top byte of `op` tells them
 * apart: each has its row of names, and the code is what is shown.
 */
#define FACT_OP(variant, code) ((uint32_t)(variant) << 24 | (code))
#define FACT_OP_CODE(op) ((op)&0xffffffu)
#define FACT_OP_VARIANT(op) ((op) >> 24)

struct fact {
	/* filled in by the engine */
	struct tick at;
	uint32_t frame; /* number in its file, from 1, of the message's end */
	uint32_t flow; /* id of the flow; the listener is given its talk */
	uint16_t file;
	uint8_t proto; /* index into protos[] */
	uint8_t kind; /* enum fact_kind: what below is meaningful */
	/* filled in by the dissector */
	uint32_t op; /* the protocol's own code; see FACT_OP() */
	uint32_t unit; /* address below the transport: unit identifier,
			* common address, DNP3 station, slot */
	uint32_t pair; /* joins request and response */
	uint8_t flags; /* FACT_CUT ... */
	uint8_t risk; /* enum risk */
	uint8_t trait; /* enum trait, of IDENT */
	uint8_t about; /* enum about, of IDENT */
	bool response;
	bool has_unit, has_pair;
	bool is_message; /* the first fact of its message: what is counted */
	uint8_t num_type; /* enum num_type: VALUE; also TIME, where a time */
	uint8_t text_len;
	bool from_server; /* who sent the message: `response` says what it is,
			   * and servers also report unasked */
	uint8_t pad_;
	struct fact_object object; /* READ WRITE CONTROL ... VALUE, ACK */
	uint32_t seq; /* the message's place in the order its protocol keeps:
		       * what the numbers are is the dissector's; 0 none */
	union {
		int64_t i;
		uint64_t u;
		double r;
	} num;
	uint32_t code; /* ERROR: error code. MALFORMED, TRUNCATED: offset */
	struct addr addr; /* IDENT about ABOUT_ADDR, TRAIT_ADDRESS */
	/*
	 * IDENT: what is said. MALFORMED, TRUNCATED: why. VALUE with text, or
	 * any other kind: the name of the object. Plain UTF-8 without control
	 * characters, not NUL-terminated.
	 */
	char text[FACT_TEXT_MAX];
};

_Static_assert(sizeof(struct fact) <= 200, "see above");

const char *fact_kind_name(enum fact_kind);
bool fact_kind_counts(enum fact_kind);
const char *fact_space_name(uint32_t space);
const char *fact_risk_name(uint32_t risk);
const char *fact_trait_name(uint32_t trait);
const char *fact_flag_name(uint32_t bit); /* bit number */
const char *role_name(uint32_t role);
uint8_t role_purdue(uint32_t role); /* level times ten, 255 unknown */
bool role_is_ot(uint32_t role);
enum role role_find(struct span name); /* ROLE_UNKNOWN if none */

/*
 * Set the text.  Bytes that are not valid UTF-8, and control characters,
 * become '.'; trailing white space and NULs go; what does not fit is cut at a
 * character and flagged FACT_CUT.  Does nothing for a fact nobody wants.
 */
void fact_text(struct fact *, struct span);
void fact_textf(struct fact *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* UTF-16 little endian, as Windows protocols carry it. */
void fact_text16(struct fact *, struct span utf16le);

/*
 * One line about the fact for tests and people, NUL-terminated, without time
 * and flow: "read op=3 unit=1 pair=1 req holding 0+2".
 */
int fact_line(const struct fact *, const char *proto, char *dst, size_t cap);

#endif
