/* lists.h - the lists there are. */
#ifndef QUERY_LISTS_H
#define QUERY_LISTS_H

#include "query.h"

extern const struct list list_alerts, list_devices, list_timeline,
    list_networks, list_names, list_indicators, list_indicator_counts,
    list_rules;

#endif
