/*
 * ldap.h - as much of LDAP (RFC 4511) as it takes to bind and to search.
 *
 * Filters are made as the elements they are on the wire, never as text: what
 * a user types can be a value and nothing else.
 */
#ifndef DIRECTORY_LDAP_H
#define DIRECTORY_LDAP_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/span.h"

#define LDAP_REQUEST 4096u /* bytes of one, at most */
#define LDAP_MOST 262144u /* of an answer */
#define LDAP_TEXT 256u
#define LDAP_VALUES 256u /* of an attribute that are looked at */

/* A message, written from its end to its beginning: lengths are known then. */
struct ldap_put {
	uint32_t at; /* the first byte that is written */
	bool full;
	uint8_t p[LDAP_REQUEST];
};

/* "name" of a simple bind; the password is in it: wipe it. */
void ldap_bind(struct ldap_put *, uint32_t id, const char *name,
    const char *password);
void ldap_start_tls(struct ldap_put *, uint32_t id);
void ldap_unbind(struct ldap_put *, uint32_t id);

enum ldap_scope {
	LDAP_BASE = 0,
	LDAP_BELOW = 2
};
/* One equality, or any of several; `rule`: a matching rule's number, or NULL */
struct ldap_search {
	const char *base;
	enum ldap_scope scope;
	uint32_t most; /* entries */
	const char *rule;
	uint32_t n;
	struct {
		const char *attribute, *value;
	} any[3];
	const char *wanted[3]; /* attributes; NULL: no more */
};
void ldap_find(struct ldap_put *, uint32_t id, const struct ldap_search *);

enum ldap_is {
	LDAP_BOUND,
	LDAP_ENTRY,
	LDAP_DONE,
	LDAP_REFERENCE, /* to another server: never followed */
	LDAP_EXTENDED,
	LDAP_OTHER
};
enum ldap_code { /* RFC 4511, 4.1.9, and appendix A */
	LDAP_SUCCESS = 0,
	LDAP_TIME_LIMIT = 3,
	LDAP_SIZE_LIMIT = 4,
	LDAP_NO_SUCH_OBJECT = 32,
	LDAP_INVALID_DN = 34,
	LDAP_INAPPROPRIATE = 48,
	LDAP_INVALID_CREDENTIALS = 49,
};

struct ldap_message {
	uint32_t id;
	enum ldap_is is;
	uint32_t code; /* of all but entries and references */
	char text[LDAP_TEXT]; /* what it says of it: one line of ASCII */
	struct span dn, attributes; /* of an entry; in what was read */
};

enum ldap_read {
	LDAP_WHOLE,
	LDAP_MORE, /* not all of it is there */
	LDAP_BAD
};
/* The first message of the bytes, and how long it is. */
enum ldap_read ldap_read(struct span, struct ldap_message *ret,
    uint32_t *ret_n);
/* Each value of the attribute of an entry; false: it is malformed.  How many
 * there were: at most LDAP_VALUES are handed over. */
bool ldap_values(const struct ldap_message *, const char *attribute,
    void (*each)(void *ctx, struct span value), void *ctx);
/* A span as a text: false where it does not fit, or has a NUL. */
bool ldap_text(struct span, char *dst, uint32_t cap);
const char *ldap_code_text(uint32_t code);

#endif
