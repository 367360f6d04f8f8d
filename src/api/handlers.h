/* handlers.h - what the rows of routes.def run; each answers one request. */
#ifndef API_HANDLERS_H
#define API_HANDLERS_H

#include "private.h"

struct config;
/* The sensor's settings as they are now. */
void settings_now(struct server *, struct config *ret);

#define COOKIE "__Host-sg_session"

#define ROUTE(method, path, access, run, ...) void run(struct request *);
#define LIST(path, access, list, tag, summary, gives)
#include "routes.def"
#undef LIST
#undef ROUTE

bool server_start(struct server *, int socket);

/* seal.c: a text of the body, where there is one; its ranges as they are kept;
 * a secret sealed into its "sealed".  False: it failed, and says so. */
bool body_copy(struct request *, const char *name, char *dst, size_t cap);
bool body_ranges(struct request *, char *dst, size_t cap);
bool body_seal(struct request *, const char *purpose, const char *secret);

#endif
