/* values.h - numbers and times that people write as arguments. */
#ifndef CLI_VALUES_H
#define CLI_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../rules/rules.h"

/* Digits only, and no more than `most`. */
bool value_number(const char *text, uint64_t most, uint64_t *ret);
/* The same, and a text that fits into `cap` bytes with its end, as the value of
 * an option; false after complaining. */
bool value_count(const char *command, const char *option, const char *text,
    uint64_t most, uint64_t *ret);
bool value_text(const char *command, const char *option, const char *text,
    char *dst, size_t cap);
/* "2026-11-20", the value of an option; false after complaining. */
bool value_time(const char *command, const char *option, const char *text,
    struct tick *ret);

#endif
