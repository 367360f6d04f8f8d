/* handlers.h - what the rows of routes.def run; each answers one request. */
#ifndef API_HANDLERS_H
#define API_HANDLERS_H

#include "private.h"

#define COOKIE "__Host-sg_session"

#define ROUTE(method, path, access, run, ...) void run(struct request *);
#define LIST(path, access, list, tag, summary, gives)
#include "routes.def"
#undef LIST
#undef ROUTE

bool server_start(struct server *, int socket);

#endif
