/*
 * probe.c - telecontrol stations that are only asked whether they are there.
 *
 * IEC 60870-5-104, 5.2 to 5.3: a connection is kept alive by TESTFR and opened
 * for data by STARTDT.  A master then stays, and asks for all points; one that
 * stands by tests for days.  Who does neither, and hangs up, was looking for
 * stations.
 */
#include <stdio.h>

#include "watch.h"

#define IEC104_START 0x107u /* U format, control octet */
#define IEC104_TEST 0x143u
#define LONGEST (10 * TICK_SECOND)

struct visit { /* a connection */
	bool knocked, stayed;
};

static struct visit *
visit_of(struct detect *d, const struct event *e)
{
	return memory_cell(detect_memory(d), ALERT_iec104_probe_sweep,
	    key_mix(e->talk->flow, 1), e->at, 60);
}

static void
hung_up(struct detect *d, const struct event *e)
{
	const uint32_t row = ALERT_iec104_probe_sweep;
	const struct visit *v = visit_of(d, e);
	uint32_t within, least = watch_limit(d, row, &within), n;
	char text[160], from[ADDR_TEXT_MAX];

	if (!v->knocked || v->stayed ||
	    e->talk->last.ns - e->talk->first.ns > LONGEST ||
	    watch_is(e->client, ASSET_SCANNER))
		return;
	n = memory_distinct(detect_memory(d), row, addr_key(&e->talk->client),
	    addr_key(&e->talk->server), e->at, within);
	if (n < least)
		return;
	(void)snprintf(text, sizeof(text),
	    "%s knocked at %u telecontrol stations within %u s and hung up",
	    ip_text(&e->talk->client.ip, from), n, within);
	detect_raise(d, e,
	    &(struct finding){ .row = row,
		.text = text,
		.destination = &watch_nobody });
}

void
detector_probe(struct detect *d, const struct event *e)
{
	const struct fact *f = e->fact;

	if (e->kind == EVENT_END) {
		hung_up(d, e);
	} else if (f->is_message && !f->response) {
		struct visit *v = visit_of(d, e);

		if (!f->from_server &&
		    (f->op == IEC104_START || f->op == IEC104_TEST))
			v->knocked = true;
		else
			v->stayed = true;
	}
}
