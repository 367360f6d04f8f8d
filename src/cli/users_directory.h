/* users_directory.h - sightglass users directory: an LDAP directory tried from
 * the terminal, and the password of its service account. */
#ifndef CLI_USERS_DIRECTORY_H
#define CLI_USERS_DIRECTORY_H

#include "../config/config.h"
#include "verbs.h"

#define DIRECTORY_SETS 32u

struct directory_request {
	const char *path; /* of the settings */
	bool named; /* it must be there */
	uint32_t n_set;
	const char *set[DIRECTORY_SETS];
};

/* KEY=VALUE; false after complaining. */
bool directory_add(struct directory_request *, const char *pair);
/* state NULL: as the settings say; format 1: JSON.  The exit status. */
int directory_do(const struct directory_request *, const struct said *,
    const char *state, int format);

#endif
