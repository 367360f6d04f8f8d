/* private.h - shared by the files of desk/ only. */
#ifndef DESK_PRIVATE_H
#define DESK_PRIVATE_H

#include "desk.h"

/* The desk at work on one request. */
struct work {
	struct desk *d;
	const struct desk_verb *verb;
	const json_t *q; /* the request */
	json_t *reply; /* what is answered when it goes well */
	char *text; /* ... for people */
	size_t n_text, cap_text;
	const char *code; /* NULL: it goes well */
	const char *field; /* the one that is wrong, or NULL */
	char message[1024];
};

/*
 * Always false, so that it can be returned.  Codes: "bad" the request is
 * wrong, "input" so is a file it brings, "absent" there is no such thing,
 * "conflict" it cannot be now, "failed" the state could not be written.
 */
bool work_fail(struct work *, const char *code, const char *field,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
bool work_fail_store(struct work *); /* what the store says */
/* A sentence for people, with its newline. */
void work_say(struct work *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Into the reply; the value is taken over. */
bool work_put(struct work *, const char *key, json_t *value);
/* A line in the timeline. */
bool work_note(struct work *, const char *what, const char *about,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* ------------------------------------------------------- fields of requests */

#define WORK_NUMBERS_MAX 16384u
struct numbers {
	uint32_t n;
	uint32_t of[WORK_NUMBERS_MAX];
};
/* Numbers from 1, at least one; the caller keeps `ret` between calls. */
bool work_numbers(struct work *, const char *field, struct numbers *ret);
/* Where it is not there: the default (NULL: it must be). */
bool work_text(struct work *, const char *field, const char *none, size_t most,
    const char **ret);
/* The same, into `dst`; what must be there must say something. */
bool work_copy(struct work *, const char *field, const char *none, char *dst,
    size_t cap);
bool work_whole(struct work *, const char *field, int64_t none, int64_t least,
    int64_t most, int64_t *ret);
#define WORK_MUST INT64_MIN /* as `none`: it must be there */
bool work_yes(struct work *, const char *field, bool none, bool *ret);
/* A time, RFC 3339 or a day; 0 where it is not there. */
bool work_time(struct work *, const char *field, struct tick *ret);
/* One of the words (NULL after the last); -1 where it is not there. */
bool work_word(struct work *, const char *field, const char *(*word)(uint32_t),
    int *ret);
bool work_has(const struct work *, const char *field);

/* A number by SQL, with a text as ?1 or NULL; `none` where there is no row. */
int64_t work_sql(struct work *, const char *sql, const char *text,
    int64_t none);

/* --------------------------------------------------------------- the verbs */

#define VERB(function, ...) bool function(struct work *);
#include "verbs.def"
#undef VERB

/* devices.c: what people say of a device; fails where it is not listed. */
bool device_person_of(struct work *, uint32_t id, struct device_person *ret);
/* As a request's device says, on top of what is there. */
bool device_person_take(struct work *, struct device_person *);
json_t *device_person_json(struct device_person *); /* such a device */
/* Each of a list of such devices; as they were are added to `before`. */
bool device_change_listed(struct work *, const json_t *list, json_t *before);
/* Into the reply, and kept for devices.undo; the value is taken over. */
bool device_undo(struct work *, json_t *undo);
/* The marks that `to` leaves open. */
void device_marks_fill(struct device_person *to,
    const struct device_person *from);
/* What is alive at the addresses gets the marks at once. */
bool device_mark_addresses(struct work *, const struct device_person *,
    const struct device_addr *, uint32_t n);

/* groups.c: which addresses are one device, as they are and shall be. */
struct joining {
	struct grouped was[INVENTORY_GROUPED], is[INVENTORY_GROUPED];
	uint32_t n_was, n_is;
};
bool groups_begin(struct work *, struct joining *);
uint32_t groups_new(const struct joining *);
/* Group 0: of none. */
bool groups_put(struct work *, struct joining *, const struct device_addr *,
    uint32_t group);
/* The address and its MAC, with all that are of their groups. */
bool groups_move(struct work *, struct joining *, const struct device_addr *,
    uint32_t to);
/* Kept, and the list of devices made by them. */
bool groups_apply(struct work *, struct joining *);
/* [{ip?, mac?, vlan?, group}] of those that are not as they were. */
json_t *groups_back(struct joining *);
/* The MAC of an address by itself. */
struct device_addr mac_alone(const struct device_addr *);
json_t *address_json(const struct device_addr *); /* {ip?, mac?, vlan?} */
bool read_address(struct work *, const json_t *, struct device_addr *ret);

/* active.c: ranges, owner, reason, end, hours and rhythm of a request. */
bool active_terms(struct work *, struct asking *);

/* alerts.c: of a running engine the living one, else read into `room`. */
struct alert *work_alert(struct work *, uint32_t number, struct alert *room);
/* For "undo": {number, status, severity, muted}. */
json_t *alert_as_was(const struct alert *);
/* As the request's "alerts" say; false after failing. */
bool alerts_put_back(struct work *);

#endif
