/*
 * writes.c - what people decide is asked of the desk: of the running sensor's,
 * or, where none runs, of one that is opened for the one request.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "private.h"

void
audit(struct request *rq, const char *who, const char *what, const char *about,
    const char *fmt, ...)
{
	struct server *sv = rq->server;
	char text[512], error[STORE_ERROR];
	struct store *db;
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (!sv->config.standalone)
		return;
	(void)pthread_mutex_lock(&sv->desk);
	db = store_open(sv->config.state, STORE_WRITING, error);
	if (db == NULL)
		server_log(sv, "timeline: %s", error);
	else if (!store_note(db, now_tick(), who, what, about, text) ||
	    !store_commit(db))
		server_log(sv, "timeline: %s", store_error(db));
	if (db != NULL)
		store_close(db);
	(void)pthread_mutex_unlock(&sv->desk);
}
