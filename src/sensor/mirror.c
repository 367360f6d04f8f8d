/*
 * mirror.c - the verdict on the mirror in a running sensor: what the ports say
 * of themselves, alerts when one falls silent, and the row `mirror` of what is
 * true now.
 */
#include <stdio.h>
#include <stdlib.h>

#include "private.h"

#define ROW_ROOM (OUT_BUFFER - 8192u) /* what one more point may need */

static uint64_t
lost_here(const struct sensor *s)
{
	const struct flow_counts *c = flow_counts(s->flows);

	return c->evicted + c->buffers_full;
}

static void
tell_port(struct sensor *s, struct live *l, unsigned port, struct tick now)
{
	struct live_status st;
	struct live_counts c;
	struct mirror_link link;
	struct port_report report = { .at = now, .port = port };
	int64_t silent_ns;

	if (!live_status(l, port, &st))
		return;
	live_counts(l, port, &c);
	link = (struct mirror_link){ .live = true,
		.up = st.present && st.up && st.carrier,
		.full_duplex = st.full_duplex,
		.may_send = st.may_send,
		.mbit = st.mbit,
		.kernel_dropped = c.dropped,
		.nic_missed = st.missed,
		.nic_damaged = st.damaged,
		.sent = st.sent,
		.late = c.late };
	(void)snprintf(link.driver, sizeof(link.driver), "%s", st.driver);
	mirror_link(s->mirror, port, &link);
	if (!mirror_is_silent(s->mirror, port, &silent_ns))
		return;
	report.name = st.name;
	report.silent_s = silent_ns / TICK_SECOND;
	detect_port(s->detect, &report);
}

/* [{...}, ...], as many as find room. */
static void
write_row(struct sensor *s, struct out *o)
{
	struct mirror_verdict v;

	out_open(o, -1);
	json_open(o, '[');
	for (unsigned i = 0; i < mirror_points(s->mirror) && o->n < ROW_ROOM;
	     i++) {
		if (!mirror_verdict(s->mirror, i, &v))
			continue;
		json_item(o);
		mirror_json(o, &v);
	}
	json_close(o, ']');
	out_char(o, '\0');
}

bool
sensor_tell_mirror(struct sensor *s)
{
	struct out *o;
	bool ok;

	if (s->store == NULL)
		return true;
	o = malloc(sizeof(*o));
	if (o == NULL)
		return sensor_fail(s, "out of memory for the mirror");
	mirror_ours(s->mirror, lost_here(s));
	write_row(s, o);
	ok = o->error != 0 ||
	    store_put_live(s->store, "mirror", s->latest, o->buf);
	free(o);
	return ok || sensor_fail(s, store_error(s->store));
}

bool
sensor_ports(struct sensor *s, struct live *l, struct tick now)
{
	for (unsigned i = 0; i < LIVE_PORTS_MAX; i++)
		tell_port(s, l, i, now);
	return sensor_tell_mirror(s);
}

void
sensor_port(struct sensor *s, unsigned port,
    const struct mirror_port_config *config)
{
	mirror_port(s->mirror, port, config);
}
