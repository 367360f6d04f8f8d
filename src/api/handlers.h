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

#endif
