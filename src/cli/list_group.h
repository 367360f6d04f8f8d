/* list_group.h - a list counted by one of its columns. */
#ifndef CLI_LIST_GROUP_H
#define CLI_LIST_GROUP_H

#include "../report/table.h"
#include "list.h"

struct list_groups;

/* NULL when out of memory; free() it. */
struct list_groups *list_groups_new(void);
/* One more of this value. */
void list_groups_count(struct list_groups *, struct span);
/* The most frequent first; `name` is the column's. */
void list_groups_put(struct list_groups *, const char *name,
    const struct list_request *, const struct text_style *, struct out *);

#endif
