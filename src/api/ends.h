/*
 * ends.h - which device is at an address, for all rows of a list: one look at
 * the addresses, then no more.
 */
#ifndef API_ENDS_H
#define API_ENDS_H

#include "private.h"

#define END_NONE (-1) /* no device: a group, or not known */
#define END_INTERNET 0 /* a public address */

struct ends;

/* NULL when memory is out. */
struct ends *ends_load(struct reader *);
void ends_free(struct ends *);
/* The number of the device, END_INTERNET, or END_NONE; the text is an IP
 * address, or a MAC address where there is none. */
int64_t ends_find(const struct ends *, struct span address);

#endif
