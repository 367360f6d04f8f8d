/*
 * inventory.h - who is on the network and what they are.
 *
 * Facts and finished flows go in; at the end, devices come out: addresses
 * joined by evidence, with every statement's reason.  A device is what people
 * would call a device: racks, slots and units behind a gateway stand beneath
 * it; multicast, broadcast and internet addresses are none; a router does not
 * swallow what is behind it.
 *
 * Memory is reserved at birth and capped; what does not fit is counted.  One
 * thread.
 */
#ifndef INVENTORY_INVENTORY_H
#define INVENTORY_INVENTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "../model/fact.h"
#include "../model/talk.h"
#include "../proto/proto.h"

/* How strong a statement is, weakest first. */
enum source {
	SOURCE_GUESSED, /* by us, from the protocols it speaks or its OUI */
	SOURCE_OTHERS, /* another device says so of it */
	SOURCE_ASKED, /* it said so when we asked it */
	SOURCE_SELF, /* it says so itself */
	SOURCE_COUNT
};
const char *source_name(enum source);

struct evidence { /* why we believe something */
	uint8_t trait; /* enum trait */
	uint8_t source; /* enum source */
	uint8_t proto; /* index into protos[]; PROTO_UNKNOWN: not from one */
	uint8_t text_len;
	uint16_t file;
	bool has_unit; /* said by, or of, a part: unit, slot, station */
	uint32_t unit;
	uint32_t frame; /* where it was said first; 0: guessed */
	uint32_t count;
	struct tick first, last;
	char text[FACT_TEXT_MAX];
};

#define DEVICE_ADDRS 16
#define DEVICE_EVIDENCE 64
#define DEVICE_MODULES 64

struct device_addr {
	struct addr addr;
	uint16_t vlan; /* TALK_NO_VLAN */
};

/*
 * A part beneath the device: what it says it has, and units that answer.  A
 * protocol's only unit is no part: it is the device.
 */
struct module {
	uint8_t proto;
	bool has_unit;
	uint8_t text_len; /* of a unit: 0, or what it says it is */
	uint32_t unit;
	char text[FACT_TEXT_MAX];
};

struct device {
	uint32_t id; /* from 1, in order of the sorted list */
	uint32_t n_addr, n_evidence, n_module;
	struct device_addr addr[DEVICE_ADDRS]; /* sorted, IPv4 first */
	/* strongest first within a trait; traits in the order of traits.def */
	const struct evidence *evidence[DEVICE_EVIDENCE];
	struct module module[DEVICE_MODULES];
	/* the best of each trait that is shown by itself; NULL: not known */
	const struct evidence *name, *vendor, *model, *firmware, *hardware,
	    *serial, *order, *os, *mode;
	enum role role;
	const struct evidence *role_why;
	uint8_t purdue; /* level times ten, 255 unknown */
	bool ot; /* speaks an industrial protocol, or its role does */
	uint8_t as_client[PROTO_MAX / 8], as_server[PROTO_MAX / 8]; /* bits */
	struct tick first, last;
	uint64_t packets, bytes; /* sent */
	/* addresses, evidence and modules for which there was no room here */
	uint32_t left_out;
};

/*
 * What people say of addresses: those of one group are one device, those of
 * two are not, whatever the evidence says.  Addresses of no group follow it.
 * An IP address with a MAC means the life of it that belongs to that MAC.
 */
#define INVENTORY_GROUPED 8192u
struct grouped {
	struct device_addr at;
	uint32_t group; /* from 1 */
};

struct inventory;

/*
 * `oui` is the folder of the IEEE's registry in CSV (oui.csv ... of Debian's
 * ieee-data), or NULL: vendors are then known only where devices say so.
 */
struct inventory *inventory_new(uint32_t max_nodes, const char *oui);
void inventory_free(struct inventory *);

/* As a flow listener. */
/* The fact will be told: what it will look at is fetched. */
void inventory_soon(const struct inventory *, const struct fact *);
void inventory_fact(struct inventory *, const struct fact *,
    const struct talk *);
void inventory_tally(struct inventory *, const struct talk *);
/* Of a conversation that we began ourselves: only what the device says of
 * itself, and that it was asked for. */
void inventory_asked(struct inventory *, const struct fact *,
    const struct talk *);

/* All groups, ascending; copied.  False: too many, or memory is out. */
bool inventory_group(struct inventory *, const struct grouped *, uint32_t n);

/* Whether something of the address was seen, in this run or one it goes on
 * from. */
bool inventory_knows(const struct inventory *, const struct device_addr *);

/* Whether traffic of the address was ever heard, and (*ret_near) of any
 * address of its /24 or /64: not what was asked by us. */
bool inventory_heard(const struct inventory *, const struct ip *,
    bool *ret_near);
/* What it said of itself last, unasked, not of a part; false: nothing, or
 * longer than fits. */
bool inventory_said(const struct inventory *, const struct ip *, enum trait,
    char *dst, size_t cap);

/* Join what belongs together; once, at the end. */
void inventory_settle(struct inventory *);
/*
 * The same of a copy, as often as one likes, while the inventory goes on: it
 * holds good until the next call.  NULL: memory is out.
 */
struct inventory *inventory_settled(struct inventory *);
/* Read the registry of vendors now: no file is opened any more.  False: out
 * of memory. */
bool inventory_read_vendors(struct inventory *);
uint32_t inventory_count(const struct inventory *);
/* The i-th device, in order of its first address; filled in by the call. */
void inventory_at(const struct inventory *, uint32_t i, struct device *ret);
/* Addresses that sent traffic and are not devices. */
uint64_t inventory_internet(const struct inventory *);
/* Times that something found no room. */
uint64_t inventory_left_out(const struct inventory *);

#endif
