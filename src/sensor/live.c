/*
 * live.c - a sensor that runs: what is saved when, time without packets, and
 * what people changed meanwhile.
 */
#include <stdio.h>
#include <string.h>

#include "../triage/triage.h"
#include "private.h"

#define ALERTS_MS 500
#define REST_MS 5000
#define ALL_MS 60000
#define DEVICES_FIRST_MS 1000
#define DEVICES_MS 10000
/* Bytes that wait to be written: alerts wait longest. */
#define WAITING_REST ((size_t)8 << 20)
#define WAITING_ALERTS ((size_t)64 << 20)

void
sensor_sofar(void *ctx, struct talk *t)
{
	struct sensor *s = ctx;

	if ((left_out(s, t) & (OUT_ALL | OUT_INVENTORY)) != 0)
		return;
	convs_sofar(s->convs, t);
	inventory_tally(s->inventory, t);
}

/* ------------------------------------------------------------------ saving */

static bool
has_changed_alerts(const struct sensor *s)
{
	for (uint32_t i = 0; i < detect_count(s->detect); i++)
		if (detect_at(s->detect, i)->changed)
			return true;
	return false;
}

static bool
save_rest(struct sensor *s)
{
	return store_save_assets(s->store, s->assets) &&
	    store_save_baseline(s->store, s->baseline) &&
	    diary_modes(&s->diary, s->baseline, s->store, s->latest) &&
	    store_save_hits(s->store, s->triage) &&
	    traffic_save(s->traffic, s->store);
}

/* Flows that go on are counted so far; devices are concluded anew. */
static bool
save_devices(struct sensor *s)
{
	struct inventory *settled;

	flow_tell(s->flows);
	if (s->played != NULL)
		flow_tell(s->played);
	settled = inventory_settled(s->inventory);
	return settled != NULL
	    ? store_save_devices(s->store, settled, s->assets)
	    : sensor_fail(s, "out of memory for the list of devices");
}

static bool
save_all(struct sensor *s)
{
	flow_tell(s->flows);
	if (s->played != NULL)
		flow_tell(s->played);
	return store_save_inventory(s->store, s->inventory) &&
	    store_save_convs(s->store, s->convs);
}

static bool
is_due(int64_t *at, int64_t ms, int64_t every, bool may)
{
	if (ms < *at || !may)
		return false;
	*at = ms + every;
	return true;
}

/* First sight is soon, later looks are rarer. */
static bool
devices_due(struct due *d, int64_t ms, bool may)
{
	if (!is_due(&d->devices, ms, d->pause, may))
		return false;
	d->pause = 2 * d->pause < DEVICES_MS ? 2 * d->pause : DEVICES_MS;
	return true;
}

static void
begin_schedule(struct due *d, int64_t ms)
{
	*d = (struct due){ .begun = true,
		.alerts = ms + ALERTS_MS,
		.rest = ms + REST_MS,
		.devices = ms + DEVICES_FIRST_MS,
		.all = ms + ALL_MS,
		.pause = DEVICES_FIRST_MS };
}

bool
sensor_tend(struct sensor *s, int64_t ms)
{
	struct due *d = &s->due;
	bool alerts, rest, devices, all, may, ok;
	size_t waiting;

	if (s->store == NULL)
		return true;
	if (!d->begun)
		begin_schedule(d, ms);
	waiting = store_waiting(s->store);
	may = waiting < WAITING_REST;
	alerts = is_due(&d->alerts, ms, ALERTS_MS, waiting < WAITING_ALERTS) &&
	    has_changed_alerts(s);
	rest = is_due(&d->rest, ms, REST_MS, may);
	devices = devices_due(d, ms, may);
	all = is_due(&d->all, ms, ALL_MS, may);
	if (!alerts && !rest && !devices && !all)
		return true;
	/* devices first: alerts name assets that they mark */
	ok = store_begin(s->store) && (!rest || save_rest(s)) &&
	    (!devices || save_devices(s)) && (!all || save_all(s)) &&
	    (!alerts || sensor_save_alerts(s)) && store_commit(s->store);
	if (ok)
		return true;
	store_rollback(s->store);
	return sensor_fail(s, store_error(s->store));
}

bool
sensor_save_now(struct sensor *s)
{
	if (s->store == NULL)
		return true;
	if (store_begin(s->store) && save_rest(s) && sensor_save_alerts(s) &&
	    store_commit(s->store))
		return true;
	store_rollback(s->store);
	return sensor_fail(s, store_error(s->store));
}

void
sensor_clock(struct sensor *s, struct tick now)
{
	if (now.ns <= s->latest.ns)
		return;
	s->latest = now;
	baseline_clock(s->baseline, now);
	detect_clock(s->detect, now);
	flow_clock(s->flows, now);
	mirror_clock(s->mirror, now);
	if (s->traffic != NULL)
		traffic_clock(s->traffic, now);
}

void
sensor_clock_set(struct sensor *s, struct tick now, int64_t by)
{
	s->latest = now;
	baseline_clock_set(s->baseline, by);
	mirror_clock_set(s->mirror, by);
	flow_clock_set(s->flows, by);
	if (s->played != NULL)
		flow_clock_set(s->played, by);
	detect_clock_set(s->detect, now, by);
}

/* ------------------------------------------------------- what people changed
 */

/* Rules, mutes, allowed keys, networks, domains: all of them anew. */
static bool
refresh_triage(struct sensor *s)
{
	struct triage *fresh = triage_new();

	if (fresh == NULL)
		return sensor_fail(s, "out of memory");
	assets_no_networks(s->assets);
	baseline_unallow_all(s->baseline);
	if (!store_load_triage(s->store, fresh, s->baseline, s->assets)) {
		triage_free(fresh);
		return sensor_fail(s, store_error(s->store));
	}
	(void)sensor_fail(s, store_error(s->store)); /* of a rule left out */
	triage_free(s->triage);
	s->triage = fresh;
	return true;
}

/* A row that people put back to its own settings has none in the store. */
static bool
refresh_settings(struct sensor *s)
{
	for (uint32_t i = 0; i < ALERT_COUNT; i++) {
		struct alert_setting *at =
		    detect_setting(s->detect, (enum alert_id)i);

		if (at != NULL &&
		    !store_get_setting_of(s->store, (enum alert_id)i, at))
			return false;
	}
	if (s->config.malware.rules != NULL)
		detect_setting(s->detect, ALERT_content_by_rule)->on = true;
	return true;
}

bool
sensor_refresh(struct sensor *s)
{
	s->error[0] = '\0';
	if (s->store == NULL)
		return true;
	if (!refresh_triage(s))
		return false;
	if (!sensor_added_filters(s))
		return false;
	if (!refresh_settings(s) ||
	    !store_refresh_alerts(s->store, s->detect) ||
	    !store_refresh_indicators(s->store, malware_indicators(s->malware)))
		return sensor_fail(s, store_error(s->store));
	sensor_clear_taint(s);
	return s->error[0] == '\0';
}

void
sensor_set_aside(struct sensor *s, const struct frame *f, const char *text)
{
	const struct packet bare = { .frame = f, .at = f->at };

	if (s->ring != NULL)
		evidence_frame(s->ring, &bare);
	detect_set_aside(s->detect, f->at, text);
}
