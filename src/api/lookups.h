/*
 * lookups.h - what an LDAP directory is asked for requests, by one thread
 * beside those that answer: a server that takes its time holds up nobody who
 * does not need it.
 */
#ifndef API_LOOKUPS_H
#define API_LOOKUPS_H

#include "../directory/directory.h"
#include "private.h"

struct lookups;
/* NULL with errno. */
struct lookups *lookups_new(struct server *);
/* Before the server stops: what waits is answered as not to be had. */
void lookups_end(struct lookups *);
void lookups_free(struct lookups *);
bool lookups_on(const struct lookups *); /* there is a directory */

enum looked {
	LOOKED_LATER, /* the request is run once more when it is known */
	LOOKED_HERE, /* not the directory's to say, or there is none */
	LOOKED_REFUSED, /* and answered */
	LOOKED_DONE, /* rq->lookup has it */
};
/* For the request's user and password: asked once, kept with the request. */
enum looked look_up(struct request *, enum directory_wish, const char *user,
    const char *password);
const struct directory_answer *looked_up(const struct request *);
enum people_word looked_word(const struct request *);
void lookup_forget(struct request *);
/* Names are small letters here, whatever a directory thinks.  Returns dst. */
const char *small_letters(const char *name, char dst[static 128]);

#endif
