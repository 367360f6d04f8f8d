/* field.h - words and values that the fields of events and alerts share; the
 * i-th word, NULL behind the end. */
#ifndef DETECT_FIELD_H
#define DETECT_FIELD_H

#include "../rules/rules.h"

const char *proto_word(uint32_t i);
const char *weekday_word(uint32_t i);

/* Fields of a moment, in UTC. */
uint32_t tick_hour(struct tick); /* 0 .. 23 */
uint32_t tick_weekday(struct tick); /* 0 Monday .. 6 Sunday */

/* Of addresses: false where there is none. */
bool addr_value(const struct addr *, struct rule_value *ret);

#endif
