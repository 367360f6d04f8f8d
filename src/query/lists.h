/* lists.h - the lists there are. */
#ifndef QUERY_LISTS_H
#define QUERY_LISTS_H

#include "query.h"

extern const struct list list_alerts, list_devices, list_timeline,
    list_networks, list_names, list_indicators, list_indicator_counts,
    list_rules, list_conversations, list_learned, list_asking, list_asked,
    list_windows_ranges, list_windows_hosts, list_windows_facts,
    list_programming;

/* A device as in docs/json-lines.md, with what people say of it and how many
 * open alerts it has; without its evidence. */
void list_device_json(struct out *, struct list_more *, int64_t id);
/* All of it; the object is left open for more.  False: there is none. */
bool device_json_whole(struct out *, struct list_more *, int64_t id);

#endif
