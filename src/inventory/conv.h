/*
 * conv.h - conversations: who asks whom for what, and how often.
 *
 * One row per client, server, protocol, server port (or service), VLAN and
 * mirror session, over all flows between them.  Capped; what does not fit is
 * counted in convs_left_out().  One thread.
 */
#ifndef INVENTORY_CONV_H
#define INVENTORY_CONV_H

#include <stdbool.h>
#include <stdint.h>

#include "../model/fact.h"
#include "../model/talk.h"

struct convs;

/* Different operations remembered of one conversation: more are not honest,
 * and the list is searched. */
#define CONV_OPS_MAX 256u

struct conv_op { /* an operation and how often it was asked for */
	uint32_t next; /* index + 1, 0 ends the list */
	uint32_t op;
	uint64_t count;
	uint8_t proto; /* may be one carried inside the conversation's */
	uint8_t kind; /* enum fact_kind */
	uint8_t risk; /* enum risk, the highest seen */
};

struct conv {
	struct addr client, server;
	uint16_t port; /* server's; 0 where there are none */
	uint16_t vlan; /* TALK_NO_VLAN */
	uint32_t session;
	uint32_t service; /* by via */
	uint8_t via;
	uint8_t proto; /* index into protos[] */
	bool odd_port; /* spoken on a port usual for another protocol */
	bool sure; /* which end is the client is known */
	struct tick first, last;
	uint64_t flows, packets[2], bytes[2]; /* [0] client to server */
	uint64_t errors; /* refused requests */
	uint64_t malformed;
	uint64_t ops_left_out; /* operations for which there was no row */
	uint32_t ops; /* first conv_op, index + 1 */
};

struct convs *convs_new(uint32_t max);
void convs_free(struct convs *);

/* As a flow listener: they use talk->note. */
void convs_fact(struct convs *, const struct fact *, struct talk *);
void convs_tally(struct convs *, struct talk *);
void convs_sofar(struct convs *, struct talk *);
/* A fact of the flow may come soon: what it will need is fetched. */
void convs_ahead(const struct convs *, const struct talk *);

uint32_t convs_count(const struct convs *);
uint64_t convs_left_out(const struct convs *);
/*
 * The i-th in order of client, server, protocol, port, VLAN, session: after
 * convs_sort(), which is called once at the end.
 */
void convs_sort(struct convs *);
const struct conv *convs_at(const struct convs *, uint32_t i);
/* Operations of a conversation, first with index c->ops - 1. */
const struct conv_op *convs_op(const struct convs *, uint32_t index);

#endif
