/*
 * alerts.c - the alerts of a run: a line of JSON each, a row of CSV each, and
 * for people a table with the gravest first and a sentence beneath each.
 */
#include <stdlib.h>
#include <string.h>

#include "shared.h"

#define ALERTS_SHOWN 20u

const char *
alert_title(const struct alert *a)
{
	return a->title[0] != '\0' ? a->title : alert_rows[a->row].title;
}

uint32_t
alerts_seen(const struct detect *d)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < detect_count(d); i++)
		n += detect_at(d, i)->seen;
	return n;
}

/* -------------------------------------------------------------------- JSON */

static void
put_end(struct out *o, const char *key, const char *mac_key,
    const char *port_key, const struct alert_end *e)
{
	char text[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX];

	if (e->addr.ip.len > 0 || e->addr.has_mac)
		json_text(o, key, addr_text(&e->addr, text));
	else
		json_none(o, key);
	if (e->addr.has_mac)
		json_text(o, mac_key, mac_text(&e->addr.mac, mac));
	else
		json_none(o, mac_key);
	if (e->port != 0)
		json_u64(o, port_key, e->port);
	else
		json_none(o, port_key);
}

/* "T0836 T1692.001" as an array. */
static void
put_techniques(struct out *o, const char *list)
{
	json_key(o, "techniques");
	json_open(o, '[');
	while (*list != '\0') {
		size_t n = strcspn(list, " ");

		json_item(o);
		json_put_string(o,
		    (struct span){ .p = (const uint8_t *)list,
			.n = (uint32_t)n });
		list += n + strspn(list + n, " ");
	}
	json_close(o, ']');
}

static void
put_moments(struct out *o, const struct alert *a)
{
	char text[TIME_TEXT_MAX];

	json_key(o, "times");
	json_open(o, '[');
	for (uint32_t i = 0; i < a->n_times; i++) {
		json_item(o);
		json_put_string(o, span_text(time_text(a->times[i], text)));
	}
	json_close(o, ']');
	json_key(o, "frames");
	json_open(o, '[');
	for (uint32_t i = 0; i < a->n_frames; i++) {
		json_item(o);
		json_open(o, '{');
		json_u64(o, "file", a->frames[i].file);
		json_u64(o, "frame", a->frames[i].number);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void
put_violations(struct out *o, const struct alert *a)
{
	json_key(o, "violations");
	json_open(o, '[');
	for (uint32_t i = 0; i < a->n_violations; i++) {
		const struct violation *v = &a->violation[i];

		json_item(o);
		json_open(o, '{');
		json_text(o, "text", v->text);
		json_u64(o, "count", v->count);
		json_time(o, "first", v->first);
		json_time(o, "last", v->last);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_u64(o, "violations_left_out", a->violations_left_out);
}

static void
put_row(struct out *o, const struct alert *a, const struct alert_row *r)
{
	char tier[2] = { r->tier, '\0' };

	json_text(o, "id", r->slug);
	if (r->ref != NULL)
		json_text(o, "ref", r->ref);
	else
		json_none(o, "ref");
	json_text(o, "engine", engine_name(r->engine));
	json_text(o, "title", alert_title(a));
	json_text(o, "severity", severity_name(a->severity));
	json_text(o, "category", category_name(r->category));
	json_text(o, "tier", tier);
	json_bool(o, "learnable", r->learnable);
	put_techniques(o, r->techniques);
}

void
report_alert(struct out *o, const struct alert *a)
{
	const struct alert_row *r = &alert_rows[a->row];
	char advice[ALERT_TEXT];

	json_open(o, '{');
	json_text(o, "type", "alert");
	json_u64(o, "number", a->number);
	put_row(o, a, r);
	put_end(o, "source", "source_mac", "source_port", &a->source);
	put_end(o, "destination", "destination_mac", "destination_port",
	    &a->destination);
	if (a->proto != PROTO_UNKNOWN)
		json_text(o, "protocol", protos[a->proto]->name);
	else
		json_none(o, "protocol");
	json_time(o, "first", a->first);
	json_time(o, "last", a->last);
	json_u64(o, "count", a->count);
	json_text(o, "status", alert_status_name(a->status));
	json_text(o, "explanation", a->text);
	alert_fill(advice, sizeof(advice), a, r->advice);
	json_text(o, "advice", advice);
	put_violations(o, a);
	put_moments(o, a);
	json_close(o, '}');
	out_char(o, '\n');
}

void
report_alerts_json(struct out *o, const struct detect *d)
{
	for (uint32_t i = 0; i < detect_count(d); i++)
		if (detect_at(d, i)->seen)
			report_alert(o, detect_at(d, i));
}

/* -------------------------------------------------------------- for people */

enum ink
severity_ink(uint32_t severity)
{
	if (severity >= SEVERITY_CRITICAL)
		return INK_RED;
	return severity == SEVERITY_MAJOR ? INK_YELLOW : INK_PLAIN;
}

static const struct detect *sorted; /* qsort() hands nothing on */

static int
by_gravity(const void *left, const void *right)
{
	uint32_t i = *(const uint32_t *)left, k = *(const uint32_t *)right;
	const struct alert *a = detect_at(sorted, i);
	const struct alert *b = detect_at(sorted, k);

	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	if (a->first.ns != b->first.ns)
		return a->first.ns < b->first.ns ? -1 : 1;
	return i < k ? -1 : 1;
}

static uint32_t
sort(const struct detect *d, uint32_t *order)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < detect_count(d); i++)
		if (detect_at(d, i)->seen)
			order[n++] = i;
	sorted = d;
	qsort(order, n, sizeof(*order), by_gravity);
	return n;
}

static void
put_alert(struct out *o, const struct text_style *s, const struct alert *a)
{
	char time[TIME_TEXT_MAX], count[COUNT_TEXT_MAX];

	ink(o, s, severity_ink(a->severity), severity_name(a->severity));
	outf(o, "%*s", (int)(10 - strlen(severity_name(a->severity))), "");
	ink(o, s, INK_BOLD, alert_title(a));
	(void)time_text(a->first, time);
	time[10] = ' ';
	outf(o, "  %.19s", time);
	if (a->count > 1)
		outf(o, ", %s times", count_text(a->count, count));
	outf(o, "\n          %s\n", a->text);
}

void
text_alerts(struct out *o, const struct findings *f, const struct text_style *s)
{
	uint32_t n, shown, *order;
	char count[COUNT_TEXT_MAX];

	order = calloc((size_t)detect_count(f->detect) + 1, sizeof(*order));
	if (order == NULL)
		return;
	n = sort(f->detect, order);
	shown = s->all || n <= ALERTS_SHOWN ? n : ALERTS_SHOWN;
	if (n > 0)
		text_heading(o, s, "Alerts");
	for (uint32_t i = 0; i < shown; i++)
		put_alert(o, s, detect_at(f->detect, order[i]));
	if (shown < n)
		outf(o, "\xe2\x80\xa6 and %s more (--all)\n",
		    count_text(n - shown, count));
	free(order);
}
