/*
 * filter.h - the language of capture filters: conditions (rules.h) over what
 * all packets of a flow have in common.  Those that are at work are the
 * sensor's (sensor.h).
 */
#ifndef DETECT_FILTER_H
#define DETECT_FILTER_H

#include "../rules/rules.h"

struct talk;

/*
 * Of client, server, port, client_port, via, service and vlan of a flow.  NULL
 * with a sentence.
 */
#define FILTER_ERROR 256
struct rule *filter_compile(const char *text,
    char ret_error[static FILTER_ERROR]);
bool filter_matches(const struct rule *, const struct talk *);

enum filter_of { /* what it is kept from */
	FILTER_OF_ALL,
	FILTER_OF_INVENTORY, /* devices and conversations */
	FILTER_OF_BASELINE, /* what is learned */
	FILTER_OF_ALERTS, /* detections */
	FILTER_OF_COUNT
};
enum filter_take {
	FILTER_EXCLUDE, /* flows of which it is true are left out */
	FILTER_INCLUDE, /* those of which none of the includes is */
	FILTER_TAKE_COUNT
};
const char *filter_of_name(uint32_t); /* "all"; NULL: there is none */
const char *filter_take_name(uint32_t); /* "exclude" */

#endif
