/* alerts_show.c - sightglass alerts show: one alert in full. */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "cli.h"
#include "output.h"
#include "pick.h"

static void
put_field(struct out *o, const char *name, const char *value)
{
	if (value != NULL && value[0] != '\0')
		outf(o, "%-12s %s\n", name, value);
}

static void
put_moment(struct out *o, const char *name, struct tick t)
{
	char text[TIME_TEXT_MAX];

	outf(o, "%-12s %.10s %.8s UTC\n", name, time_text(t, text),
	    time_text(t, text) + 11);
}

/* What people call it: " (Boiler gateway)". */
static void
put_name(struct out *o, struct store *db, const char *sql, int64_t number)
{
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(store_db(db), sql, -1, &s, NULL) != SQLITE_OK)
		return;
	(void)sqlite3_bind_int64(s, 1, number);
	if (sqlite3_step(s) == SQLITE_ROW)
		outf(o, " (%s)", sqlite3_column_text(s, 0));
	(void)sqlite3_finalize(s);
}

static void
put_vlan(struct out *o, struct store *db, uint16_t vlan)
{
	if (vlan == TALK_NO_VLAN)
		return;
	outf(o, "%-12s %u", "VLAN", vlan);
	put_name(o, db, "select name from vlan_name where vlan = ?1", vlan);
	out_char(o, '\n');
}

static void
put_end(struct out *o, struct store *db, const char *name,
    const struct alert_end *e)
{
	char ip[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX];

	if (e->addr.ip.len == 0 && !e->addr.has_mac)
		return;
	outf(o, "%-12s %s", name,
	    e->addr.ip.len > 0 ? ip_text(&e->addr.ip, ip)
			       : mac_text(&e->addr.mac, mac));
	if (e->port != 0) {
		outf(o, " port %u", e->port);
		put_name(o, db, "select name from port_name where port = ?1",
		    e->port);
	}
	if (e->addr.ip.len > 0 && e->addr.has_mac)
		outf(o, "  %s", mac_text(&e->addr.mac, mac));
	out_char(o, '\n');
}

static void
put_techniques(struct out *o, const char *list)
{
	const char *label = "ATT&CK";
	char text[TECHNIQUE_TEXT];

	while (technique_next(&list, text, sizeof(text))) {
		put_field(o, label, text);
		label = "";
	}
}

static void
put_violations(struct out *o, const struct alert *a)
{
	if (a->n_violations == 0)
		return;
	outf(o, "\nViolations\n");
	for (uint32_t i = 0; i < a->n_violations; i++)
		outf(o, "  %6" PRIu32 " x  %s\n", a->violation[i].count,
		    a->violation[i].text);
	if (a->violations_left_out > 0)
		outf(o, "  ... and %" PRIu32 " more\n", a->violations_left_out);
}

static void
put_comments(struct out *o, struct store *db, uint32_t number)
{
	sqlite3_stmt *s = NULL;
	const char *sql = "select strftime('%Y-%m-%d %H:%M', at / 1000000000, "
			  "'unixepoch'), who, text from comment where alert = "
			  "?1 order by id";

	if (sqlite3_prepare_v2(store_db(db), sql, -1, &s, NULL) != SQLITE_OK)
		return;
	(void)sqlite3_bind_int64(s, 1, number);
	while (sqlite3_step(s) == SQLITE_ROW)
		outf(o, "\n%s, %s:\n  %s\n", sqlite3_column_text(s, 0),
		    sqlite3_column_text(s, 1), sqlite3_column_text(s, 2));
	(void)sqlite3_finalize(s);
}

static void
put_alert(struct out *o, const struct text_style *style, struct store *db,
    const struct alert *a)
{
	const struct alert_row *r = &alert_rows[a->row];
	char text[64], advice[ALERT_TEXT];

	outf(o, "%" PRIu32 "  ", a->number);
	ink(o, style, severity_ink(a->severity), severity_name(a->severity));
	out_text(o, "  ");
	ink(o, style, INK_BOLD, alert_title(a));
	outf(o, "\n\n%s\n\n", a->text);
	put_field(o, "Status", alert_status_name(a->status));
	put_end(o, db, "Source", &a->source);
	put_end(o, db, "Destination", &a->destination);
	put_vlan(o, db, a->vlan);
	put_moment(o, "First", a->first);
	put_moment(o, "Last", a->last);
	(void)snprintf(text, sizeof(text), "%" PRIu32, a->count);
	put_field(o, "Times", text);
	put_field(o, "Engine", engine_name(r->engine));
	put_field(o, "Category", category_name(r->category));
	put_techniques(o, r->techniques);
	put_field(o, "Name", r->slug);
	put_field(o, "Catalogue", r->ref);
	put_field(o, "Learnable", r->learnable ? "yes" : "no");
	put_violations(o, a);
	alert_fill(advice, sizeof(advice), a, r->advice);
	outf(o, "\nWhat to do\n  %s\n", advice);
	put_comments(o, db, a->number);
}

int
alerts_show(struct store *db, const struct picked *p,
    const struct list_request *q)
{
	static struct out out;
	static struct alert a;
	struct text_style style = { .all = true };

	output_style(&style, q->colour);
	out_open(&out, STDOUT_FILENO);
	for (uint32_t i = 0; i < p->n; i++) {
		if (!store_get_alert(db, p->number[i], &a)) {
			(void)out_flush(&out);
			complain("alerts: %s", store_error(db));
			return EXIT_INPUT;
		}
		if (q->format == 1)
			report_alert(&out, &a);
		else
			put_alert(&out, &style, db, &a);
		if (q->format == 0 && i + 1 < p->n)
			out_text(&out, "\n\n");
	}
	return output_end(&out);
}
