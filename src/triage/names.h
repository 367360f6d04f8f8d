/*
 * names.h - names outside that people allowed, and the addresses that DNS
 * answered for them, or that clients of TLS called so.
 */
#ifndef TRIAGE_NAMES_H
#define TRIAGE_NAMES_H

#include "../model/fact.h"

#define ALLOWED_NAMES 4096u

struct allowed_names;

struct allowed_names *allowed_names_new(void); /* NULL: memory is out */
void allowed_names_free(struct allowed_names *);
/*
 * "example.com", or with * wildcards; "*.example.com" is example.com and all
 * below it.  False: there are ALLOWED_NAMES.
 */
bool allowed_names_add(struct allowed_names *, const char *pattern);
uint32_t allowed_names_count(const struct allowed_names *);
bool allowed_names_has(const struct allowed_names *, struct span name);
/* A record of a DNS answer, "NAME TYPE DATA": what it leads to is allowed as
 * the name is.  The latest ones are kept. */
void allowed_names_answer(struct allowed_names *, struct span record);
/* The address was called by a name that is allowed. */
void allowed_names_ip(struct allowed_names *, const struct ip *);
bool allowed_names_has_ip(const struct allowed_names *, const struct ip *);

/* One pattern, for those who have no list. */
bool allowed_name_matches(const char *pattern, struct span name);

#endif
