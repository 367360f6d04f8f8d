/*
 * tell.c - what is true now, told once a second: rows of the table live, for
 * whoever reads the database.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "private.h"

#define TELL_MS 1000

static uint64_t
frames_of(const struct watcher *e, unsigned i)
{
	return e->page->frames[i] / 2;
}

/* What the kernel dropped since this engine looked last. */
static uint64_t
add_drops(struct watcher *e, unsigned i, const struct live_counts *c)
{
	uint64_t more = c->dropped - e->kernel_dropped[i];

	e->kernel_dropped[i] = c->dropped;
	e->page->dropped[i] += more;
	return more;
}

void
tell_row(struct watcher *e, const char *key, struct tick at, json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT);

	if (text != NULL)
		(void)store_put_live(e->store, key, at, text);
	free(text);
	json_decref(value);
}

static json_t *
count(uint64_t n)
{
	return json_integer((json_int_t)n);
}

/* By the card's own names. */
static json_t *
card_json(const struct live_status *st)
{
	json_t *all = json_object();

	for (uint32_t i = 0; i < st->n_card; i++)
		(void)json_object_set_new(all, st->card[i].name,
		    count(st->card[i].n));
	return all;
}

static json_t *
port_json(const struct watcher *e, unsigned i, const struct live_counts *c,
    const struct live_status *st)
{
	const struct port_config *p =
	    i < e->config.n_port ? &e->config.port[i] : NULL;
	const char *name = p != NULL && p->name[0] != '\0' ? p->name : st->name;

	return json_pack("{s:i, s:s, s:s, s:s, s:s, s:b, s:b, s:b, s:s, s:i, "
			 "s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
			 "s:o, s:i}",
	    "port", (int)i, "interface", st->name, "now", st->now, "name", name,
	    "kind",
	    port_kind_name(p != NULL ? (enum port_kind)p->kind : PORT_ANY),
	    "present", st->present, "up", st->up, "carrier", st->carrier,
	    "problem", st->problem, "mbit", (int)st->mbit, "frames",
	    count(frames_of(e, i)), "dropped", count(e->page->dropped[i]),
	    "set_aside", count(e->page->set_aside[i]), "packets",
	    count(st->packets), "bytes", count(st->bytes), "missed",
	    count(st->missed), "unwanted", count(st->dropped), "card",
	    card_json(st), "damaged", count(st->damaged), "sent",
	    count(st->sent), "late", count(c->late), "ring", (int)c->waiting);
}

static void
tell_ports(struct watcher *e, struct tick now)
{
	json_t *all = json_array();
	uint64_t dropped, seen;

	for (unsigned i = 0; i < LIVE_PORTS_MAX; i++) {
		struct live_counts c;
		struct live_status st;
		uint64_t lost;

		if (e->port_fd[i] < 0 || !live_status(e->live, i, &st))
			continue;
		live_counts(e->live, i, &c);
		dropped = add_drops(e, i, &c);
		lost = dropped + (st.missed - e->missed[i]);
		e->missed[i] = st.missed;
		seen = frames_of(e, i) - e->seen[i];
		e->seen[i] += seen;
		ledger_second(e, i, &st, seen, dropped, lost);
		if (e->store != NULL)
			(void)json_array_append_new(all,
			    port_json(e, i, &c, &st));
	}
	if (e->store != NULL)
		tell_row(e, "ports", now, json_pack("{s:o}", "ports", all));
	else
		json_decref(all);
}

static void
tell_processes(struct watcher *e, struct tick now, int64_t ms)
{
	json_t *all = json_object();

	for (unsigned i = 0; i < PROCESS_COUNT; i++) {
		int64_t since = e->page->process[i].since;

		if (e->page->process[i].pid == 0)
			continue;
		(void)json_object_set_new(all, processes[i].name,
		    json_pack("{s:i, s:i, s:i, s:I}", "pid",
			(int)e->page->process[i].pid, "starts",
			(int)e->page->process[i].starts, "deaths",
			(int)e->page->process[i].deaths, "seconds",
			(json_int_t)((ms - since) / 1000)));
	}
	tell_row(e, "processes", now, all);
	tell_row(e, "asking", now, asking_json(e, ms));
}

static void
tell_engine(struct watcher *e, struct tick now)
{
	const struct flow_counts *f = flow_counts(sensor_flows(e->sensor));
	uint64_t frames = 0, dropped = 0;
	struct rusage used;
	long kib = 0;

	if (getrusage(RUSAGE_SELF, &used) == 0)
		kib = used.ru_maxrss;
	for (unsigned i = 0; i < PAGE_PORTS; i++) {
		frames += frames_of(e, i);
		dropped += e->page->dropped[i];
	}
	tell_row(e, "traffic", now,
	    json_pack("{s:o, s:o, s:o, s:o, s:I, s:s, s:I, s:s}", "frames",
		count(frames), "dropped", count(dropped), "flows",
		count(f->flows), "waiting", count(store_waiting(e->store)),
		"memory_kib", (json_int_t)kib, "mode",
		mode_name(baseline_mode(sensor_baseline(e->sensor))),
		"last_frame", (json_int_t)e->last_frame.ns, "trouble",
		e->trouble));
}

void
tell(struct watcher *e, int64_t ms)
{
	struct tick now = time_of_day();

	if (ms - e->told < TELL_MS)
		return;
	e->told = ms;
	if (e->store == NULL) {
		(void)sensor_ports(e->sensor, e->live, now);
		tell_ports(e, now);
		return;
	}
	if (!store_begin(e->store)) {
		say(SAY_ERROR, "%s", store_error(e->store));
		return;
	}
	/* it reads the kernel's counters, too: ours last, into the page */
	if (!sensor_ports(e->sensor, e->live, now))
		say(SAY_ERROR, "%s", sensor_error(e->sensor));
	tell_ports(e, now);
	tell_processes(e, now, ms);
	tell_engine(e, now);
	play_tell(e, now);
	trial_tell(e, now, ms);
	ledger_tell(e, now);
	if (!store_commit(e->store))
		say(SAY_ERROR, "%s", store_error(e->store));
}
