/* nearest.h - which word of a list may have been meant. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stdint.h>

/*
 * The name of the list nearest to what was typed, or NULL when nothing is
 * near: at most a third of its letters differ.  NULL ends the list.
 */
const char *nearest(const char *typed, const char *(*name)(uint32_t n));
/* The same for a list that needs to be told which it is. */
const char *nearest_of(const char *typed,
    const char *(*name)(const void *list, uint32_t n), const void *list);

#endif
