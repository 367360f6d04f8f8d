/* health_api.c - how the sensor itself is, its settings, its ports. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "../config/config.h"
#include "brief.h"
#include "handlers.h"
#include "live.h"
#include "tls.h"

static void
put_disk(struct request *rq)
{
	struct statvfs v;

	if (statvfs(rq->server->config.state, &v) != 0) {
		json_none(rq->out, "disk");
		return;
	}
	json_key(rq->out, "disk");
	json_open(rq->out, '{');
	json_u64(rq->out, "size", (uint64_t)v.f_blocks * v.f_frsize);
	json_u64(rq->out, "free", (uint64_t)v.f_bavail * v.f_frsize);
	json_close(rq->out, '}');
}

static void
put_database(struct request *rq)
{
	static const struct {
		const char *name, *sql;
	} counts[] = { { "bytes",
			   "select page_count * page_size from "
			   "pragma_page_count, pragma_page_size" },
		{ "schema", "select user_version from pragma_user_version" },
		{ "devices", "select count(*) from v_device" },
		{ "conversations", "select count(*) from conversation" },
		{ "alerts", "select count(*) from alert" },
		{ "keys", "select count(*) from key" },
		{ "timeline", "select count(*) from timeline" } };

	json_key(rq->out, "database");
	json_open(rq->out, '{');
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		json_u64(rq->out, counts[i].name,
		    (uint64_t)reader_number(rq->reader, counts[i].sql, 0));
	json_close(rq->out, '}');
}

static void
put_certificate(struct request *rq)
{
	struct tls_facts f;
	char text[TIME_TEXT_MAX];

	json_key(rq->out, "certificate");
	json_open(rq->out, '{');
	if (tls_describe(rq->server->tls, &f)) {
		json_text(rq->out, "subject", f.subject);
		json_text(rq->out, "issuer", f.issuer);
		json_text(rq->out, "fingerprint", f.fingerprint);
		json_text(rq->out, "until", seconds_text(f.until, text));
		json_key(rq->out, "days");
		out_i64(rq->out, (f.until - now_seconds()) / 86400);
		json_bool(rq->out, "self_signed", f.own);
	}
	json_close(rq->out, '}');
}

static void
put_live(struct request *rq)
{
	sqlite3_stmt *s = reader_ask(rq->reader,
	    "select key, at, json from live order by key");

	json_key(rq->out, "live");
	json_open(rq->out, '[');
	while (s != NULL && sqlite3_step(s) == SQLITE_ROW) {
		struct span json = list_text(s, 2);

		json_item(rq->out);
		json_open(rq->out, '{');
		put_column(rq->out, s, 0);
		json_time(rq->out, "at",
		    (struct tick){ sqlite3_column_int64(s, 1) });
		json_key(rq->out, "now");
		out_bytes(rq->out, json.p, json.n);
		rq->out->comma = true;
		json_close(rq->out, '}');
	}
	json_close(rq->out, ']');
}

void
h_health(struct request *rq)
{
	struct out *o = rq->out;
	bool fresh = live_is_fresh(rq->reader);

	json_open(o, '{');
	json_text(o, "version", rq->server->config.version);
	json_text(o, "state",
	    rq->server->config.standalone ? "no sensor: a state is served"
		: fresh                   ? "running"
					  : "the sensor says nothing");
	json_u64(o, "uptime", (uint64_t)(now_seconds() - rq->server->started));
	put_disk(rq);
	put_database(rq);
	put_certificate(rq);
	put_live(rq);
	json_key(o, "web");
	json_open(o, '{');
	json_u64(o, "requests", rq->server->requests);
	json_u64(o, "refused", rq->server->refused);
	json_u64(o, "failed", rq->server->failed);
	json_close(o, '}');
	json_close(o, '}');
}

/* ------------------------------------------------------------------- mirror */

void
h_mirror(struct request *rq)
{
	json_open(rq->out, '{');
	live_put(rq, "now", "mirror");
	json_bool(rq->out, "running", live_is_fresh(rq->reader));
	json_close(rq->out, '}');
}

void
h_traffic(struct request *rq)
{
	json_open(rq->out, '{');
	live_put(rq, "now", "traffic");
	json_close(rq->out, '}');
}
