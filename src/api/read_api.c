/* read_api.c - one device, one alert, the protocols; health and numbers. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "brief.h"
#include "etags.h"
#include "handlers.h"
#include "live.h"
#include "tls.h"

/* ------------------------------------------------------------ small pieces */

void
put_column(struct out *o, sqlite3_stmt *s, int i)
{
	const char *name = sqlite3_column_name(s, i);

	switch (sqlite3_column_type(s, i)) {
	case SQLITE_INTEGER:
		json_key(o, name);
		out_i64(o, sqlite3_column_int64(s, i));
		break;
	case SQLITE_FLOAT:
		json_key(o, name);
		out_real(o, sqlite3_column_double(s, i));
		break;
	case SQLITE_TEXT:
		json_span(o, name, list_text(s, (uint32_t)i));
		break;
	default:
		json_none(o, name);
		break;
	}
}

void
put_columns(struct out *o, sqlite3_stmt *s)
{
	json_open(o, '{');
	for (int i = 0; i < sqlite3_column_count(s); i++)
		put_column(o, s, i);
	json_close(o, '}');
}

void
put_rows(struct out *o, const char *key, sqlite3_stmt *s)
{
	json_key(o, key);
	json_open(o, '[');
	while (s != NULL && sqlite3_step(s) == SQLITE_ROW) {
		json_item(o);
		put_columns(o, s);
	}
	json_close(o, ']');
}

static void
put_etag(struct out *o, sqlite3_stmt *s)
{
	char text[20];

	(void)snprintf(text, sizeof(text), "%016" PRIx64, etag_of(s));
	json_text(o, "etag", text);
}

static sqlite3_stmt *
ask_of(struct request *rq, const char *sql, int64_t id)
{
	sqlite3_stmt *s = reader_ask(rq->reader, sql);

	if (s != NULL)
		(void)sqlite3_bind_int64(s, 1, id);
	return s;
}

/* --------------------------------------------------------------- one device */

void
h_device(struct request *rq)
{
	struct list_more more = { .store = rq->reader->db };
	uint32_t id;

	if (!arg_number(rq, 0, &id))
		return;
	if (!device_json_whole(rq->out, &more, id)) {
		fail(rq, 404, "not-found", NULL,
		    "There is no device %" PRIu32 ".", id);
		list_more_end(&more);
		return;
	}
	list_more_end(&more);
	put_rows(rq->out, "open_alerts",
	    ask_of(rq,
		"with x as (select asset from device_address where device = "
		"?1 and asset <> 0) select " ALERT_BRIEF " from v_alert where "
		"number in (select number from alert where status <> 'closed' "
		"and source_asset in (select asset from x) union select number "
		"from alert where status <> 'closed' and destination_asset in "
		"(select asset from x)) order by last_ns desc limit 100",
		id));
	put_etag(rq->out, ask_device_etag(rq, id));
	json_close(rq->out, '}');
}

/* ---------------------------------------------------------------- one alert */

static void
put_device_of(struct request *rq, const char *key, int64_t asset)
{
	sqlite3_stmt *s = ask_of(rq,
	    "select v.id, v.name, v.role, v.addresses from v_device v where "
	    "v.id = (select device from device_address where asset = ?1 limit "
	    "1)",
	    asset);

	if (asset != 0 && s != NULL && sqlite3_step(s) == SQLITE_ROW) {
		json_key(rq->out, key);
		put_columns(rq->out, s);
	} else {
		json_none(rq->out, key);
	}
}

static void
put_techniques(struct out *o, const char *list)
{
	char text[TECHNIQUE_TEXT];

	json_key(o, "technique_names");
	json_open(o, '[');
	while (technique_next(&list, text, sizeof(text))) {
		uint32_t n = (uint32_t)strcspn(text, " ");

		json_item(o);
		json_open(o, '{');
		json_span(o, "id", span_first(span_text(text), n));
		json_text(o, "text", text);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void
put_comments(struct request *rq, uint32_t number)
{
	sqlite3_stmt *s = ask_of(rq,
	    "select at, who, text from comment where alert = ?1 order by id",
	    number);

	json_key(rq->out, "comments");
	json_open(rq->out, '[');
	while (s != NULL && sqlite3_step(s) == SQLITE_ROW) {
		json_item(rq->out);
		json_open(rq->out, '{');
		json_time(rq->out, "at",
		    (struct tick){ sqlite3_column_int64(s, 0) });
		put_column(rq->out, s, 1);
		put_column(rq->out, s, 2);
		json_close(rq->out, '}');
	}
	json_close(rq->out, ']');
}

static bool
has_evidence(struct request *rq, uint32_t number)
{
	char path[4200];

	(void)snprintf(path, sizeof(path), "%s/evidence/%" PRIu32 ".pcapng",
	    rq->server->config.state, number);
	return access(path, R_OK) == 0;
}

static bool
find_alert(struct request *rq, uint32_t *ret)
{
	if (!arg_number(rq, 0, ret))
		return false;
	if (store_get_alert(rq->reader->db, *ret, &rq->reader->alert))
		return true;
	fail(rq, 404, "not-found", NULL, "There is no alert %" PRIu32 ".",
	    *ret);
	return false;
}

void
h_alert(struct request *rq)
{
	const struct alert *a = &rq->reader->alert;
	const struct alert_row *row;
	struct out *o = rq->out;
	uint32_t number;

	if (!find_alert(rq, &number))
		return;
	row = &alert_rows[a->row];
	report_alert(o, a);
	o->n -= 2; /* the bracket and the end of the line: there is more */
	json_bool(o, "muted", a->muted);
	if (a->vlan != TALK_NO_VLAN)
		json_u64(o, "vlan", a->vlan);
	else
		json_none(o, "vlan");
	json_text(o, "meaning", row->meaning);
	put_techniques(o, row->techniques);
	put_device_of(rq, "source_device", a->source.asset);
	put_device_of(rq, "destination_device", a->destination.asset);
	put_comments(rq, number);
	put_rows(o, "neighbours",
	    ask_of(rq,
		"select " ALERT_BRIEF " from v_alert v where number in (select "
		"b.number from alert a join alert b on b.number <> a.number "
		"and b.last between a.first - 3600000000000 and a.last + "
		"3600000000000 where a.number = ?1 and ((b.source_asset <> 0 "
		"and b.source_asset in (a.source_asset, a.destination_asset)) "
		"or (b.destination_asset <> 0 and b.destination_asset in "
		"(a.source_asset, a.destination_asset)))) order by last_ns "
		"desc limit 50",
		number));
	json_bool(o, "evidence", has_evidence(rq, number));
	put_etag(o, ask_alert_etag(rq, number));
	json_close(o, '}');
}

void
h_alert_pcap(struct request *rq)
{
	char path[4300];
	uint32_t number;
	int fd = -1;
	off_t n;

	if (!find_alert(rq, &number))
		return;
	fd = temporary_file(rq->server, path, sizeof(path));
	if (fd >= 0)
		(void)unlink(path);
	if (fd < 0 || !store_copy_evidence(rq->reader->db, number, fd)) {
		fail(rq, 404, "not-found", NULL,
		    "No frames of alert %" PRIu32 " are kept.", number);
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	n = lseek(fd, 0, SEEK_END);
	add_header(rq, "Content-Disposition",
	    "attachment; filename=\"alert-%" PRIu32 ".pcapng\"", number);
	reply_with(rq, 200, "application/x-pcapng",
	    MHD_create_response_from_fd64((uint64_t)n, fd));
}

/* ---------------------------------------------------------------- protocols */

void
h_protocols(struct request *rq)
{
	struct buffer all = { .p = NULL };
	struct items *it = calloc(1, sizeof(*it));
	struct out *o = calloc(1, sizeof(*o));
	size_t at = 0;

	if (it == NULL || o == NULL || !items_begin(it, rq))
		goto done;
	out_open_sink(o, buffer_sink, &all);
	report_protocols_json(o);
	(void)out_flush(o);
	while (at < all.n) {
		const char *end = memchr(all.p + at, '\n', all.n - at);
		size_t n =
		    end != NULL ? (size_t)(end - all.p) - at : all.n - at;
		struct out *item = items_next(it);

		if (item != NULL) {
			out_bytes(item, all.p + at, n);
			items_end(it);
		}
		at += n + 1;
	}
	items_finish(it);
done:
	buffer_free(&all);
	free(o);
	free(it);
}

/* ------------------------------------------------------------------- health */

void
h_healthz(struct request *rq)
{
	json_open(rq->out, '{');
	json_text(rq->out, "status", "ok");
	json_text(rq->out, "version", rq->server->config.version);
	json_bool(rq->out, "sensor", live_is_fresh(rq->reader));
	json_close(rq->out, '}');
}

static void
put_metric(struct out *o, const char *name, const char *labels, int64_t v,
    const char *type, const char *help)
{
	if (help != NULL)
		outf(o, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
	outf(o, "%s%s %" PRId64 "\n", name, labels, v);
}

static void
put_open_alerts(struct request *rq)
{
	char labels[64];

	for (uint32_t i = 0; i < SEVERITY_COUNT; i++) {
		sqlite3_stmt *s = reader_ask(rq->reader,
		    "select count(*) from alert where status <> 'closed' and "
		    "severity = ?1");

		if (s == NULL)
			return;
		(void)sqlite3_bind_text(s, 1, severity_name(i), -1,
		    SQLITE_STATIC);
		(void)snprintf(labels, sizeof(labels), "{severity=\"%s\"}",
		    severity_name(i));
		if (sqlite3_step(s) == SQLITE_ROW)
			put_metric(rq->out, "sightglass_alerts_open", labels,
			    sqlite3_column_int64(s, 0), "gauge",
			    i == 0 ? "Alerts that are not closed." : NULL);
		(void)sqlite3_reset(s);
	}
}

static bool
is_local(const char *source)
{
	return strncmp(source, "127.", 4) == 0 || strcmp(source, "::1") == 0 ||
	    strncmp(source, "::ffff:127.", 11) == 0;
}

void
h_metrics(struct request *rq)
{
	struct server *sv = rq->server;
	struct out *o = rq->out;
	struct tls_facts f;

	if (!is_local(rq->source) && !auth_who(rq))
		return;
	rq->type = "text/plain; version=0.0.4; charset=utf-8";
	outf(o,
	    "# HELP sightglass_build_info The program.\n# TYPE "
	    "sightglass_build_info "
	    "gauge\nsightglass_build_info{version=\"%s\"} "
	    "1\n",
	    sv->config.version);
	put_metric(o, "sightglass_sensor_up", "", live_is_fresh(rq->reader),
	    "gauge", "A sensor runs and speaks.");
	put_metric(o, "sightglass_devices", "",
	    reader_number(rq->reader, "select count(*) from v_device", 0),
	    "gauge", "Devices in the inventory.");
	put_metric(o, "sightglass_conversations", "",
	    reader_number(rq->reader, "select count(*) from conversation", 0),
	    "gauge", "Conversations that are remembered.");
	put_open_alerts(rq);
	put_metric(o, "sightglass_web_requests_total", "",
	    (int64_t)sv->requests, "counter", "Requests.");
	put_metric(o, "sightglass_web_refused_total", "", (int64_t)sv->refused,
	    "counter", "Requests answered with 4xx.");
	put_metric(o, "sightglass_web_failed_total", "", (int64_t)sv->failed,
	    "counter", "Requests answered with 5xx.");
	if (tls_describe(sv->tls, &f))
		put_metric(o, "sightglass_certificate_expires_seconds", "",
		    f.until, "gauge",
		    "When the server's certificate expires, since 1970.");
	live_put_metrics(rq);
}
