/* traffic.c - how much passed in a span of time: added to what is there. */
#include "../proto/proto.h"
#include "private.h"

static const char *const words[] = {
	[TRAFFIC_ALL] = "all",
	[TRAFFIC_PORT] = "port",
	[TRAFFIC_PROTOCOL] = "protocol",
	[TRAFFIC_DEVICE] = "device",
};

bool
store_add_traffic(struct store *st, const struct traffic_row *r)
{
	const int64_t seconds = r->seconds, key = r->key;

	if (r->of == TRAFFIC_PROTOCOL)
		return store_do(st, STATEMENT_TRAFFIC, "ititii", seconds,
		    words[r->of], r->begin, protos[r->key]->name,
		    (int64_t)r->packets, (int64_t)r->bytes);
	return store_do(st, STATEMENT_TRAFFIC, "itiiii", seconds, words[r->of],
	    r->begin, key, (int64_t)r->packets, (int64_t)r->bytes);
}
