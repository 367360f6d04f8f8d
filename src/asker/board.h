/*
 * board.h - what may be asked, for whoever asks and whoever opens sockets:
 * the grants and the marked devices, in memory that processes share.
 *
 * The keeper writes it, from the state; main and the probe read copies.
 */
#ifndef ASKER_BOARD_H
#define ASKER_BOARD_H

#include "../active/active.h"
#include "../desk/desk.h"

#define BOARD_MARKED 4096u
#define SCANNER_MS 600000 /* so long nobody is asked after one was seen */

struct board {
	uint32_t seq; /* odd while it is written */
	bool known; /* the marked devices all fit, and could be read */
	uint32_t n_grant, n_marked;
	struct asking grant[DESK_GRANTS];
	struct ip marked[BOARD_MARKED];
};

/* The writer: between the two only it touches the board. */
void board_begin(struct board *);
void board_end(struct board *);
/* What the state says now: grants that may be used at some time, and devices
 * that must not be asked.  How many grants there are. */
uint32_t board_fill(struct board *, struct store *, struct tick now);
/* A reader's copy; false: it is being written, try again later. */
bool board_copy(const struct board *, struct board *ret);
bool board_marks(const struct board *, const struct ip *);
/* NULL: there is none of that number. */
const struct asking *board_grant(const struct board *, uint32_t id);
/* The plan of a grant, of its one address alone where that is set. */
bool board_plan(const struct asking *, struct active_plan *ret, char *ret_error,
    size_t cap);

#endif
