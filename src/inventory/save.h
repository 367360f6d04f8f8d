/*
 * save.h - the inventory and the conversations as rows, to be continued.
 *
 * What goes out is what was seen, before it is settled: a later run goes on
 * where this one ended, and what is concluded is concluded anew.  A row keeps
 * its number for as long as it is; a digest tells whether it has changed.
 *
 * Rows that come back are not believed: what cannot be is refused.
 */
#ifndef INVENTORY_SAVE_H
#define INVENTORY_SAVE_H

#include "conv.h"
#include "inventory.h"

enum saved_kind {
	SAVED_NODE, /* with its links and peers */
	SAVED_EVIDENCE,
	SAVED_UNIT,
	SAVED_TIE,
	SAVED_CONV,
	SAVED_OP,
	SAVED_COUNT
};

#define SAVED_LINKS 4
#define SAVED_PEERS 4

struct saved_link {
	struct addr addr; /* the MAC */
	bool bound, direct, crossed;
	uint32_t frames;
};

struct saved_node {
	uint32_t id; /* from 1, without gaps */
	uint32_t older; /* id of the life before, 0: none */
	bool latest; /* of the lives of the address */
	struct addr addr;
	uint16_t vlan;
	bool sent, heard, programs;
	uint32_t behind4, behind6, bound4;
	uint8_t as_client[PROTO_MAX / 8], as_server[PROTO_MAX / 8];
	struct tick first, last;
	uint64_t packets, bytes;
	uint32_t n_link, n_peer;
	struct saved_link link[SAVED_LINKS];
	uint32_t peer[SAVED_PEERS];
};

struct saved_evidence {
	uint32_t id, node;
	struct evidence e;
};

struct saved_unit {
	uint32_t id, node, unit;
	uint8_t proto;
};

struct saved_tie {
	uint32_t id, node, own;
};

struct saved_conv {
	uint32_t id;
	struct conv c; /* ops is of no meaning */
};

struct saved_op {
	uint32_t id, conv;
	struct conv_op o; /* next is of no meaning */
};

struct save_sink {
	void *ctx;
	/* Whether the row is to be handed out: asked for every one. */
	bool (*wants)(void *ctx, enum saved_kind, uint32_t id, uint64_t digest);
	bool (*row)(void *ctx, enum saved_kind, const void *row);
	/* Was there, is not any more. */
	bool (*gone)(void *ctx, enum saved_kind, uint32_t id);
};

/* False when the sink said so, or when it was settled already. */
bool inventory_save(const struct inventory *, const struct save_sink *);
bool convs_save(const struct convs *, const struct save_sink *);

/*
 * By kind in the order of the enum, ids ascending, before anything else goes
 * in.  False: the row cannot be.  What finds no room is counted, and true.
 */
bool inventory_load(struct inventory *, enum saved_kind, const void *row);
/* After the last row: mends what leads nowhere. */
void inventory_loaded(struct inventory *);
bool convs_load(struct convs *, enum saved_kind, const void *row);

#endif
