/* web_sees.h - which files of the state the console's process may open. */
#ifndef MAIN_WEB_SEES_H
#define MAIN_WEB_SEES_H

#include <sys/stat.h>

#include "../process/process.h"

#define WEB_PATH 300u

struct web_sees { /* what the jail's paths point to */
	char path[JAIL_PATHS][WEB_PATH];
};
/* The database, evidence, and a folder of its own; not the private keys
 * beside them.  What is not there yet is never seen: the keeper makes all
 * before the web is started. */
void web_sees(struct web_sees *, const char *state, struct jail *ret);

/* The database as files: where one is another file than it was, who may open
 * the old one only has to be started anew. */
struct web_files {
	dev_t device;
	ino_t number[3];
};
void web_files_of(const char *state, struct web_files *ret);
bool web_files_same(const struct web_files *, const struct web_files *);

#endif
