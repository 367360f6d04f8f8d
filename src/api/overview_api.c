/* overview_api.c - what matters now, on one page. */
#include <inttypes.h>
#include <string.h>

#include "brief.h"
#include "handlers.h"
#include "live.h"
#include "mode.h"
#include "shares.h"
#include "tls.h"

#define WARN_DAYS 30

static void
put_protocol(struct out *o, uint32_t i, uint64_t devices, uint64_t bytes)
{
	json_item(o);
	json_open(o, '{');
	json_text(o, "name", protos[i]->name);
	json_u64(o, "devices", devices);
	json_u64(o, "bytes", bytes);
	json_bool(o, "industrial", protos[i]->ot);
	json_close(o, '}');
}

/* Industrial protocols first, by devices, then by bytes. */
static void
put_protocols(struct out *o, const struct shares *s)
{
	bool told[PROTO_MAX] = { false };

	json_key(o, "protocols");
	json_open(o, '[');
	for (uint32_t n = 0; n < 2 * SHARES; n++) {
		const bool ot = n < SHARES;
		uint32_t best = n_protos;

		for (uint32_t i = 0; i < n_protos; i++)
			if (!told[i] && protos[i]->ot == ot &&
			    (s->proto[i].devices > 0 ||
				s->proto[i].bytes > 0) &&
			    (best == n_protos ||
				s->proto[i].devices > s->proto[best].devices ||
				(s->proto[i].devices ==
					s->proto[best].devices &&
				    s->proto[i].bytes > s->proto[best].bytes)))
				best = i;
		if (best == n_protos)
			continue;
		told[best] = true;
		put_protocol(o, best, s->proto[best].devices,
		    s->proto[best].bytes);
	}
	json_close(o, ']');
}

static void
put_ports(struct request *rq, const struct shares *shares)
{
	struct out *o = rq->out;

	json_key(o, "ports");
	json_open(o, '[');
	for (uint32_t i = 0; i < shares->n_port; i++) {
		const struct share_port *p = &shares->port[i];
		sqlite3_stmt *s = reader_ask(rq->reader,
		    "select (select name from port_name where via = ?1 and "
		    "port = ?2) as name");

		json_item(o);
		json_open(o, '{');
		json_text(o, "via", p->via);
		json_u64(o, "port", p->port);
		if (s != NULL) {
			(void)sqlite3_bind_text(s, 1, p->via, -1,
			    SQLITE_STATIC);
			(void)sqlite3_bind_int(s, 2, p->port);
			if (sqlite3_step(s) == SQLITE_ROW)
				put_column(o, s, 0);
		}
		json_u64(o, "bytes", p->bytes);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void
put_severities(struct request *rq)
{
	uint64_t n[SEVERITY_COUNT] = { 0 };
	sqlite3_stmt *s = reader_ask(rq->reader,
	    "select severity, count(*) from alert where status <> 'closed' "
	    "group by severity");

	while (s != NULL && sqlite3_step(s) == SQLITE_ROW)
		for (uint32_t i = 0; i < SEVERITY_COUNT; i++)
			if (strcmp(severity_name(i),
				(const char *)sqlite3_column_text(s, 0)) == 0)
				n[i] = (uint64_t)sqlite3_column_int64(s, 1);
	json_key(rq->out, "alerts");
	json_open(rq->out, '{');
	for (uint32_t i = SEVERITY_COUNT; i > 0; i--)
		json_u64(rq->out, severity_name(i - 1), n[i - 1]);
	json_close(rq->out, '}');
}

/* ---------------------------------------------------------------- messages */

static void
put_message(struct out *o, const char *severity, const char *text,
    struct tick at)
{
	json_item(o);
	json_open(o, '{');
	json_text(o, "severity", severity);
	json_text(o, "text", text);
	if (at.ns > 0)
		json_time(o, "at", at);
	else
		json_none(o, "at");
	json_close(o, '}');
}

static void
put_messages(struct request *rq)
{
	struct out *o = rq->out;
	struct tls_facts f;
	sqlite3_stmt *s = reader_ask(rq->reader,
	    "select at, text from timeline where what = 'fault' and at > ?1 "
	    "order by id desc limit 20");
	char text[160];
	int64_t days;

	json_key(o, "messages");
	json_open(o, '[');
	if (tls_describe(rq->server->tls, &f)) {
		days = (f.until - now_seconds()) / 86400;
		if (days < WARN_DAYS) {
			(void)snprintf(text, sizeof(text),
			    days < 0 ? "The server's certificate has expired."
				     : "The server's certificate expires in "
				       "%" PRId64 " days.",
			    days);
			put_message(o, days < 0 ? "major" : "warning", text,
			    (struct tick){ f.until * TICK_SECOND });
		}
	}
	if (s != NULL)
		(void)sqlite3_bind_int64(s, 1,
		    now_tick().ns - 86400 * TICK_SECOND);
	while (s != NULL && sqlite3_step(s) == SQLITE_ROW)
		put_message(o, "minor", (const char *)sqlite3_column_text(s, 1),
		    (struct tick){ sqlite3_column_int64(s, 0) });
	json_close(o, ']');
}

static void
put_sensor(struct request *rq)
{
	struct out *o = rq->out;

	json_key(o, "sensor");
	json_open(o, '{');
	json_text(o, "name",
	    rq->server->config.name != NULL ? rq->server->config.name
					    : "sightglass");
	json_text(o, "version", rq->server->config.version);
	json_time(o, "started",
	    (struct tick){ rq->server->started * TICK_SECOND });
	json_bool(o, "running", live_is_fresh(rq->reader));
	json_time(o, "time", now_tick());
	json_close(o, '}');
}

static void
put_overview(struct request *rq)
{
	struct shares *shares = rq->server->shares;
	struct out *o = rq->out;
	sqlite3_stmt *s;

	shares_count(shares, rq->reader);
	json_open(o, '{');
	mode_put_brief(rq);
	if (rq->status >= 400)
		return;
	live_put(rq, "mirror", "mirror");
	live_put(rq, "traffic", "traffic");
	s = reader_ask(rq->reader,
	    "select count(*) as devices, coalesce(sum(not authorized), 0) as "
	    "unauthorized, ?1 as conversations, (select count(*) from alert "
	    "where status <> "
	    "'closed') as alerts from v_device");
	if (s != NULL)
		(void)sqlite3_bind_int64(s, 1, (int64_t)shares->conversations);
	if (s != NULL && sqlite3_step(s) == SQLITE_ROW) {
		json_key(o, "counts");
		put_columns(o, s);
	}
	put_protocols(o, shares);
	put_ports(rq, shares);
	put_severities(rq);
	put_rows(o, "latest",
	    reader_ask(rq->reader,
		"select " ALERT_BRIEF " from v_alert where number in (select "
		"number from alert where status <> 'closed' order by case "
		"severity when 'critical' then 0 when 'major' then 1 when "
		"'minor' then 2 else 3 end, last desc limit 10) order by case "
		"severity when 'critical' then 0 when 'major' then 1 when "
		"'minor' then 2 else 3 end, last_ns desc"));
	put_messages(rq);
	put_sensor(rq);
	json_close(o, '}');
}

void
h_overview(struct request *rq)
{
	kept_put(rq, KEPT_OVERVIEW, put_overview);
}
