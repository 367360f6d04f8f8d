/*
 * ledger.h - what was asked of each address and when, for all processes that
 * ask: a file of fixed size in the state directory, in memory of each.
 *
 * Whoever reads or writes it holds its lock.  A process that ends without a
 * word leaves its questions standing; that it is gone shows by a second lock,
 * which the kernel took from it.  Both locks belong to an open file, so a
 * process that forks must open it anew.
 */
#ifndef ACTIVE_LEDGER_H
#define ACTIVE_LEDGER_H

#include "active.h"

struct ledger_device {
	struct ip ip; /* len 0: free */
	struct tick sent, freed; /* last question, last end of one */
	struct tick alone; /* since, where left_alone */
	int64_t usual; /* ns, mean of the first answers */
	uint32_t answers;
	uint32_t owner; /* whose question is outstanding */
	uint8_t kind; /* of the questions that `usual` is about */
	bool outstanding, left_alone, asked;
};

struct ledger_subnet {
	struct ip net;
	struct tick sent;
	bool used;
};

struct ledger;

/* In memory of its own; NULL: there is none. */
struct ledger *ledger_new(void);
/* DIR/active.ledger, made if need be; NULL with a sentence.  *ret_new: nothing
 * is known of what was asked before. */
struct ledger *ledger_open(const char *dir, bool *ret_new, char *ret_error,
    size_t cap);
void ledger_close(struct ledger *);

void ledger_lock(struct ledger *);
void ledger_unlock(struct ledger *);
/* Under the lock.  NULL: there is no room.  Whoever was asked long ago makes
 * some; `now` says what is long ago. */
struct ledger_device *ledger_device(struct ledger *, const struct ip *,
    struct tick now);
struct ledger_subnet *ledger_subnet(struct ledger *, const struct ip *,
    struct tick now);
struct tick *ledger_sent(struct ledger *); /* to anybody; 0: never */
uint32_t ledger_owner(const struct ledger *); /* we */
/* Whether that one is still there. */
bool ledger_lives(struct ledger *, uint32_t owner);

#endif
