/* private.h - shared by the files of asker/ only. */
#ifndef ASKER_PRIVATE_H
#define ASKER_PRIVATE_H

#include <jansson.h>

#include "../active/pulse.h"
#include "../base/vault.h"
#include "../config/config.h"
#include "../process/leash.h"
#include "../process/process.h"
#include "board.h"

#define PARCELS 16u /* targets at a time, as many as the probe has */
#define PARCEL_FRAMES 1100u

/* What an address was sent and answered, until it is told to the keeper. */
struct parcel {
	struct ip ip; /* len 0: free */
	json_t *frames;
};

struct asker {
	struct config config;
	struct page *page;
	const struct board *shared;
	const struct pulses *pulses;
	struct board board; /* the last good copy */
	struct governor *governor[2]; /* of devices, of servers */
	uint32_t grant; /* at work on it */
	uint32_t alarms; /* there were when it was begun */
	bool stopping;
	struct parcel parcel[PARCELS];
	/* to the keeper */
	int keeper; /* -1: none */
	char *out;
	size_t n_out, cap_out, out_at;
	struct vault_key key; /* to passwords; all zero: there is none */
	struct leash_message in;
};

/* asker.c: one message from main, waited for so long: it is in a->in, kind
 * LEASH_START where there was none.  False: main is gone. */
bool asker_hear(struct asker *, int wait_ms);

/* tell.c: to the keeper */
void tell_frame(struct asker *, const struct ip *, struct tick, struct span,
    bool passed);
void tell_end(struct asker *, const struct ip *, const char *how,
    uint32_t answers);
void tell_began(struct asker *, uint32_t grant);
void tell_ran(struct asker *, uint32_t grant, const char *text);
/* What goes without waiting; answers are read and dropped. */
void tell_flush(struct asker *);
bool tell_is_behind(const struct asker *); /* the keeper does not keep up */

/* round.c: one grant, from its first address to its last */
void round_run(struct asker *, const struct asking *);

#endif
