/*
 * pick.h - which alerts a command is about: by number, or by a condition.
 */
#ifndef CLI_PICK_H
#define CLI_PICK_H

#include "list.h"

#define PICKED_MAX 16384u

struct picked {
	uint32_t n;
	uint32_t number[PICKED_MAX];
};

/* "12", "12..15"; false after complaining. */
bool pick_number(struct picked *, const char *command, const char *text);
/* All alerts for which the condition holds; false after complaining. */
bool pick_where(struct picked *, const struct list *, struct store *,
    const char *condition);
/* There is a number or a condition; false after complaining. */
bool picks_any(const struct picked *, const struct list_request *,
    const char *command, const char *verb);
/* Whether a number is among them, or there are none, which are all. */
bool picks(const struct picked *, uint32_t number);

/* Each in full; the exit status. */
int alerts_show(struct store *, const struct picked *,
    const struct list_request *);

#endif
