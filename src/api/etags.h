/* etags.h - what of a thing people can change, for If-Match. */
#ifndef API_ETAGS_H
#define API_ETAGS_H

#include "private.h"

static inline sqlite3_stmt *
ask_device_etag(struct request *rq, uint32_t id)
{
	sqlite3_stmt *s = reader_ask(rq->reader,
	    "select * from device_person where device = ?1");

	if (s != NULL)
		(void)sqlite3_bind_int64(s, 1, id);
	return s;
}

static inline sqlite3_stmt *
ask_alert_etag(struct request *rq, uint32_t number)
{
	sqlite3_stmt *s = reader_ask(rq->reader,
	    "select status, severity, muted, (select count(*) from comment "
	    "where alert = number) from alert where number = ?1");

	if (s != NULL)
		(void)sqlite3_bind_int64(s, 1, number);
	return s;
}

#endif
