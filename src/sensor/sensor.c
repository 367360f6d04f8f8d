/*
 * sensor.c - see sensor.h: the stages, put together.
 *
 * Who hears what, in order: the assets (who is it), the baseline (is it
 * normal), detection (is it an alert), what is known to be bad, what people
 * decided, then the conversations and the inventory.  What changed is written
 * in batches.
 */
#include "sensor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/hash.h"
#include "../model/sensor_name.h"
#include "private.h"

#define INVENTORY_EVERY 12 /* batches */

/* ------------------------------------------------------ what the stages say */

/* Without learning and alerts, only what is there is gathered. */
static void
on_bare_fact(void *ctx, const struct fact *f, struct talk *t)
{
	struct sensor *s = ctx;

	if ((left_out(s, t) & (OUT_ALL | OUT_INVENTORY)) != 0)
		return;
	inventory_soon(s->inventory, f);
	mirror_fact(s->mirror, f, t);
	convs_fact(s->convs, f, t);
	inventory_fact(s->inventory, f, t);
	if (s->config.fact != NULL)
		s->config.fact(s->config.ctx, f, t);
}

static void
on_bare_ahead(void *ctx, const struct talk *t, bool from_server, unsigned step)
{
	const struct sensor *s = ctx;

	(void)from_server;
	if (step == 0)
		convs_ahead(s->convs, t);
}

static void
on_bare_tally(void *ctx, struct talk *t)
{
	struct sensor *s = ctx;

	if ((left_out(s, t) & (OUT_ALL | OUT_INVENTORY)) != 0)
		return;
	convs_tally(s->convs, t);
	inventory_tally(s->inventory, t);
}

static void
on_begin(void *ctx, struct talk *t)
{
	struct sensor *s = ctx;
	struct event e = { .kind = EVENT_BEGIN, .at = t->first, .talk = t };
	unsigned out = left_out(s, t);
	uint32_t client, server;

	assets_begin(s->assets, t);
	assets_of_talk(s->assets, t, &client, &server);
	if ((out & OUT_ALL) == 0 && (out & OUT_BASELINE) == 0) {
		sensor_meet(s, client, server);
		baseline_begin(s->baseline, t, client, server);
	}
	if ((out & (OUT_ALL | OUT_ALERTS)) == 0)
		detect_begin(s->detect, t, client, server);
	malware_begin(s->malware, t, client, server);
	if ((out & (OUT_ALL | OUT_ALERTS)) != 0)
		return;
	e.client = asset_at(s->assets, client);
	e.server = asset_at(s->assets, server);
	triage_event(s->triage, s->detect, &e);
}

static void
on_ahead(void *ctx, const struct talk *t, bool from_server, unsigned step)
{
	const struct sensor *s = ctx;

	if (step == 0) {
		assets_ahead(s->assets, t);
		baseline_ahead(s->baseline, t);
		detect_ahead(s->detect, t);
		convs_ahead(s->convs, t);
	} else if (step == 1) {
		baseline_soon(s->baseline, t);
		detect_soon(s->detect, t, from_server);
	} else {
		baseline_later(s->baseline, t);
	}
}

/* What people's own rules are asked about. */
static void
on_person_fact(struct sensor *s, const struct fact *f, const struct talk *t,
    uint32_t client, uint32_t server)
{
	struct event e = { .kind = EVENT_FACT,
		.at = f->at,
		.fact = f,
		.talk = t,
		.client = asset_at(s->assets, client),
		.server = asset_at(s->assets, server) };

	triage_event(s->triage, s->detect, &e);
}

static void
to_inventory(struct sensor *s, const struct fact *f, struct talk *t)
{
	convs_fact(s->convs, f, t);
	inventory_fact(s->inventory, f, t);
}

static void
on_fact(void *ctx, const struct fact *f, struct talk *t)
{
	struct sensor *s = ctx;
	unsigned out = left_out(s, t);
	uint32_t client, server;

	if ((out & OUT_ALL) != 0) {
		assets_of_talk(s->assets, t, &client, &server);
		if (s->malware_hears[f->proto])
			malware_fact(s->malware, f, t, client, server);
		return;
	}
	inventory_soon(s->inventory, f);
	assets_fact(s->assets, f, t);
	assets_of_talk(s->assets, t, &client, &server);
	__builtin_prefetch(asset_at(s->assets, server));
	if ((out & OUT_BASELINE) == 0)
		baseline_fact(s->baseline, f, t, client, server);
	if ((out & OUT_ALERTS) == 0)
		detect_fact(s->detect, f, t, client, server);
	if (s->malware_hears[f->proto])
		malware_fact(s->malware, f, t, client, server);
	if ((out & OUT_ALERTS) == 0 && triage_hears(s->triage, f->proto))
		on_person_fact(s, f, t, client, server);
	if (!s->playing)
		mirror_fact(s->mirror, f, t);
	if ((out & OUT_INVENTORY) == 0)
		to_inventory(s, f, t);
	if (s->config.fact != NULL)
		s->config.fact(s->config.ctx, f, t);
}

static void
on_tally(void *ctx, struct talk *t)
{
	struct sensor *s = ctx;
	struct event e = { .kind = EVENT_END, .at = t->last, .talk = t };
	unsigned out = left_out(s, t);
	uint32_t client, server;

	sensor_trial_tally(s, t);
	assets_of_talk(s->assets, t, &client, &server);
	if ((out & (OUT_ALL | OUT_BASELINE)) == 0)
		baseline_tally(s->baseline, t, client, server);
	if ((out & (OUT_ALL | OUT_ALERTS)) == 0)
		detect_end(s->detect, t, client, server);
	malware_end(s->malware, t, client, server);
	e.client = asset_at(s->assets, client);
	e.server = asset_at(s->assets, server);
	if ((out & (OUT_ALL | OUT_ALERTS)) == 0)
		triage_event(s->triage, s->detect, &e);
	if ((out & OUT_ALL) == 0)
		assets_tally(s->assets, t);
	if ((out & (OUT_ALL | OUT_INVENTORY)) != 0)
		return;
	convs_tally(s->convs, t);
	inventory_tally(s->inventory, t);
}

static void
on_content(void *ctx, const struct content *c, struct talk *t)
{
	struct sensor *s = ctx;
	uint32_t client, server;

	assets_of_talk(s->assets, t, &client, &server);
	malware_content(s->malware, c, t, client, server);
}

static void
on_disorder(void *ctx, struct talk *t)
{
	struct sensor *s = ctx;
	uint32_t client, server;

	assets_of_talk(s->assets, t, &client, &server);
	if ((left_out(s, t) & (OUT_ALL | OUT_ALERTS)) != 0)
		return;
	detect_disorder(s->detect, t, client, server);
}

static void
on_new_asset(void *ctx, struct asset *a)
{
	struct sensor *s = ctx;

	baseline_new_asset(s->baseline, a);
}

static void
on_novelty(void *ctx, const struct novelty *n)
{
	struct sensor *s = ctx;
	struct event e = { .kind = EVENT_NOVELTY,
		.at = n->at,
		.fact = n->fact,
		.talk = n->talk,
		.novelty = n,
		.client = asset_at(s->assets, n->client),
		.server = asset_at(s->assets, n->server) };

	if (n->talk != NULL && (left_out(s, n->talk) & OUT_ALERTS) != 0)
		return;
	detect_novelty(s->detect, n);
	triage_event(s->triage, s->detect, &e);
}

static bool
on_admit(void *ctx, struct alert *a)
{
	struct sensor *s = ctx;

	return triage_admit(s->triage, a);
}

static void
on_raised(void *ctx, struct alert *a, bool is_new)
{
	struct sensor *s = ctx;

	a->seen = true;
	s->play_alerts += s->playing && is_new;
	if (!s->playing && alert_taints(a->row) &&
	    a->source.asset != ASSET_NONE)
		baseline_taint(s->baseline, a->source.asset, true);
	if (s->ring != NULL)
		evidence_take(s->ring, a, is_new);
	if (s->config.raised != NULL && !s->playing)
		s->config.raised(s->config.ctx, a, is_new);
}

/* -------------------------------------------------------------- begin, end */

bool
sensor_fail(struct sensor *s, const char *text)
{
	(void)snprintf(s->error, sizeof(s->error), "%s", text);
	return false;
}

struct flow_listener
sensor_listener(struct sensor *s)
{
	return (struct flow_listener){ .ctx = s,
		.begin = on_begin,
		.ahead = on_ahead,
		.fact = on_fact,
		.tally = on_tally,
		.sofar = sensor_sofar,
		.disorder = on_disorder,
		.content = on_content };
}

static bool
make_stages(struct sensor *s)
{
	const struct sensor_config *c = &s->config;
	struct flow_listener listener = sensor_listener(s);
	struct detect_listener alerts = { .ctx = s,
		.admit = on_admit,
		.raised = on_raised };
	struct baseline_listener novelties = { .ctx = s,
		.novelty = on_novelty };

	if (c->inventory_only)
		listener = (struct flow_listener){ .ctx = s,
			.ahead = on_bare_ahead,
			.fact = on_bare_fact,
			.tally = on_bare_tally };
	s->mirror = mirror_new();
	s->flows = flow_new(&c->flow, &listener);
	s->convs = convs_new(c->convs_max);
	s->inventory = inventory_new(c->inventory_max, c->vendors);
	s->assets = assets_new(c->assets_max);
	if (s->mirror == NULL || s->flows == NULL || s->convs == NULL ||
	    s->inventory == NULL || s->assets == NULL)
		return false;
	s->baseline = baseline_new(&c->baseline, s->assets, &novelties);
	if (s->baseline == NULL)
		return false;
	s->detect = detect_new(s->assets, s->baseline, &alerts);
	s->triage = triage_new();
	assets_on_new(s->assets, on_new_asset, s);
	if (s->detect == NULL || s->triage == NULL)
		return false;
	for (uint32_t i = 0; i < n_protos; i++)
		s->malware_hears[i] = malware_hears((uint8_t)i);
	/* off where there are no rules; what people set is loaded later */
	if (c->malware.rules != NULL)
		detect_setting(s->detect, ALERT_content_by_rule)->on = true;
	s->malware = malware_new(&c->malware, s->assets, s->detect, s->error);
	return s->malware != NULL;
}

/* The secret of the baseline's hash is the state's, made with it. */
static bool
take_secret(struct sensor *s)
{
	char text[32];
	const char *known = store_get(s->store, "baseline.secret");

	if (known[0] != '\0') {
		s->config.baseline.secret = strtoull(known, NULL, 16);
		return true;
	}
	s->config.baseline.secret = hash_seed;
	(void)snprintf(text, sizeof(text), "%016llx",
	    (unsigned long long)hash_seed);
	return store_begin(s->store) &&
	    store_put(s->store, "baseline.secret", text) &&
	    store_commit(s->store);
}

/* How fast is learned stays as it began, unless said otherwise. */
static bool
take_scale(struct sensor *s)
{
	uint32_t *scale = &s->config.baseline.learn_scale;
	char text[16];

	if (*scale == 0)
		*scale = (uint32_t)strtoul(store_get(s->store, "learn.scale"),
		    NULL, 10);
	if (*scale == 0)
		*scale = 1;
	(void)snprintf(text, sizeof(text), "%u", *scale);
	return store_begin(s->store) &&
	    store_put(s->store, "learn.scale", text) && store_commit(s->store);
}

/* Exports say it, also when the sensor is not running. */
static bool
tell_name(struct sensor *s)
{
	const char *name = sensor_name();

	return name[0] == '\0' ||
	    strcmp(store_get(s->store, "sensor.name"), name) == 0 ||
	    (store_begin(s->store) &&
		store_put(s->store, "sensor.name", name) &&
		store_commit(s->store));
}

/* Who makes the list of devices anew needs the same registry. */
static bool
tell_vendors(struct sensor *s)
{
	const char *path = s->config.vendors != NULL ? s->config.vendors : "-";

	return strcmp(store_get(s->store, "vendors"), path) == 0 ||
	    (store_begin(s->store) && store_put(s->store, "vendors", path) &&
		store_commit(s->store));
}

static bool
is_suspect(const struct sensor *s, uint32_t asset)
{
	for (uint32_t i = 0; i < detect_count(s->detect); i++) {
		const struct alert *a = detect_at(s->detect, i);

		if (a->source.asset == asset && a->status != STATUS_CLOSED &&
		    alert_taints(a->row))
			return true;
	}
	return false;
}

/* People closed alerts meanwhile, or learned them. */
void
sensor_clear_taint(struct sensor *s)
{
	for (uint32_t i = 1; i <= assets_count(s->assets); i++)
		if (baseline_is_tainted(s->baseline, i) && !is_suspect(s, i))
			baseline_taint(s->baseline, i, false);
}

static bool
load(struct sensor *s)
{
	struct store *db = s->store;
	char warning[STORE_ERROR];

	if (!store_load_triage(db, s->triage, s->baseline, s->assets))
		return sensor_fail(s, store_error(db));
	(void)snprintf(warning, sizeof(warning), "%s", store_error(db));
	if (store_load_indicators(db, malware_indicators(s->malware)) &&
	    store_load_assets(db, s->assets) &&
	    store_load_baseline(db, s->baseline) &&
	    store_load_inventory(db, s->inventory) &&
	    store_load_convs(db, s->convs) &&
	    store_load_detect(db, s->detect)) {
		sensor_clear_taint(s);
		(void)sensor_fail(s, warning);
		return sensor_added_filters(s);
	}
	return sensor_fail(s, store_error(db));
}

static bool
begin_state(struct sensor *s)
{
	if (s->config.state == NULL && s->config.store == NULL)
		return true;
	s->store = s->config.store;
	s->own_store = s->store == NULL;
	if (s->own_store)
		s->store = store_open(s->config.state, STORE_MAKING, s->error);
	if (s->store == NULL)
		return false;
	if (!take_secret(s) || !take_scale(s) || !tell_name(s) ||
	    !tell_vendors(s))
		return sensor_fail(s, store_error(s->store));
	s->ring = evidence_new();
	s->traffic = traffic_new(s->config.assets_max);
	return (s->ring != NULL && s->traffic != NULL) ||
	    sensor_fail(s, "out of memory");
}

void
sensor_configure(struct sensor_config *c, const struct config *s)
{
	c->flow.flows_max = (uint32_t)s->number[CONF_FLOWS_MAX];
	c->flow.buffer_bytes = s->number[CONF_FLOWS_MEMORY];
	c->flow.flow_buffer_bytes = s->number[CONF_FLOWS_BUFFER];
	c->flow.last_copy = s->number[CONF_OVERLAP] == 1;
	c->convs_max = (uint32_t)s->number[CONF_CONVS];
	c->inventory_max = (uint32_t)s->number[CONF_INVENTORY];
	c->assets_max = (uint32_t)s->number[CONF_ASSETS];
	c->vendors = config_path(s, CONF_VENDORS);
	c->malware = MALWARE_CONFIG_DEFAULT;
	c->malware.rules = config_path(s, CONF_MALWARE_RULES);
	sensor_name_set(s->text[CONF_SENSOR_NAME]);
	c->baseline.keys_max = (uint32_t)s->number[CONF_KEYS];
	c->baseline.alerts_per_day = (double)s->number[CONF_ALERTS_PER_DAY];
	c->settings = s;
}

struct sensor *
sensor_new(const struct sensor_config *config,
    char ret_error[static STORE_ERROR])
{
	struct sensor *s = calloc(1, sizeof(*s));

	ret_error[0] = '\0';
	if (s == NULL) {
		(void)snprintf(ret_error, STORE_ERROR, "out of memory");
		return NULL;
	}
	s->config = *config;
	if (s->config.malware.indicators_max == 0)
		s->config.malware = MALWARE_CONFIG_DEFAULT;
	if (s->config.state == NULL && s->config.store == NULL) {
		s->config.baseline.secret = hash_seed;
		if (s->config.baseline.learn_scale == 0)
			s->config.baseline.learn_scale = 1;
	}
	if ((config->settings != NULL &&
		!sensor_filters(s, config->settings)) ||
	    !begin_state(s) ||
	    !(make_stages(s) || s->error[0] != '\0' ||
		sensor_fail(s, "out of memory")) ||
	    s->malware == NULL || !(s->store == NULL || load(s))) {
		(void)snprintf(ret_error, STORE_ERROR, "%s", s->error);
		sensor_free(s);
		return NULL;
	}
	s->config.settings = NULL; /* the caller's, and may change */
	if (baseline_counts(s->baseline)->keys != 0)
		diary_remember(&s->diary, s->baseline);
	else if (baseline_mode(s->baseline) != config->mode)
		baseline_set_mode(s->baseline, config->mode);
	return s;
}

void
sensor_free(struct sensor *s)
{
	if (s == NULL)
		return;
	triage_free(s->triage);
	malware_free(s->malware);
	if (s->detect != NULL)
		detect_free(s->detect);
	if (s->baseline != NULL)
		baseline_free(s->baseline);
	assets_free(s->assets);
	inventory_free(s->inventory);
	convs_free(s->convs);
	if (s->flows != NULL)
		flow_free(s->flows);
	if (s->asked != NULL)
		flow_free(s->asked);
	free(s->ports);
	if (s->played != NULL)
		flow_free(s->played);
	mirror_free(s->mirror);
	sensor_no_filters(s);
	evidence_free(s->ring);
	traffic_free(s->traffic);
	if (s->own_store && s->store != NULL)
		store_close(s->store);
	free(s);
}

/* ---------------------------------------------------------------- the work */

bool
sensor_note(struct sensor *s, struct tick at, const char *who, const char *what,
    const char *about, const char *text)
{
	return s->store == NULL ||
	    store_note(s->store, at, who, what, about, text) ||
	    sensor_fail(s, store_error(s->store));
}

bool
sensor_save_alerts(struct sensor *s)
{
	for (uint32_t i = 0; i < detect_count(s->detect); i++) {
		struct alert *a = detect_at(s->detect, i);
		bool is_new = a->number == 0;

		if (!a->changed)
			continue;
		if (!store_put_alert(s->store, a) ||
		    (is_new && !diary_alert(s->store, a)))
			return false;
		a->changed = false;
	}
	return evidence_save(s->ring, s->detect, s->store);
}

static bool
save_batch(struct sensor *s, bool all)
{
	return store_begin(s->store) &&
	    store_save_assets(s->store, s->assets) &&
	    store_save_baseline(s->store, s->baseline) &&
	    (s->config.inventory_only ||
		diary_modes(&s->diary, s->baseline, s->store, s->latest)) &&
	    sensor_save_alerts(s) && store_save_hits(s->store, s->triage) &&
	    traffic_save(s->traffic, s->store) &&
	    (!all ||
		(store_save_inventory(s->store, s->inventory) &&
		    store_save_convs(s->store, s->convs))) &&
	    store_commit(s->store);
}

bool
sensor_save(struct sensor *s, int64_t wall)
{
	if (s->store == NULL || wall - s->saved < STORE_BATCH_SECONDS)
		return true;
	s->saved = wall;
	if (save_batch(s, ++s->batches % INVENTORY_EVERY == 0))
		return true;
	store_rollback(s->store);
	return sensor_fail(s, store_error(s->store));
}

bool
sensor_finish(struct sensor *s)
{
	struct retention keep = RETENTION_DEFAULT;
	uint64_t holes = flow_counts(s->flows)->gaps;
	bool saved;

	if (s->asked != NULL)
		flow_finish(s->asked);
	(void)sensor_played(s);
	flow_finish(s->flows);
	mirror_holes(s->mirror, flow_counts(s->flows)->gaps - holes);
	malware_finish(s->malware);
	baseline_finish(s->baseline);
	if (s->traffic != NULL)
		traffic_end(s->traffic);
	saved =
	    s->store == NULL || (save_batch(s, true) && sensor_tell_mirror(s));
	inventory_settle(s->inventory);
	convs_sort(s->convs);
	if (s->store == NULL)
		return true;
	saved = saved && store_begin(s->store) &&
	    store_save_devices(s->store, s->inventory, s->assets) &&
	    store_commit(s->store);
	/* of a store that another process writes, that one sees to it */
	if (saved && !s->own_store)
		return true;
	if (saved && store_retain(s->store, &keep, s->latest))
		return true;
	(void)sensor_fail(s, store_error(s->store));
	if (!saved)
		store_rollback(s->store);
	return false;
}

/* -------------------------------------------------------------- looking in */

const char *
sensor_error(const struct sensor *s)
{
	return s->error;
}

const struct flows *
sensor_flows(const struct sensor *s)
{
	return s->flows;
}

struct convs *
sensor_convs(const struct sensor *s)
{
	return s->convs;
}

struct inventory *
sensor_inventory(const struct sensor *s)
{
	return s->inventory;
}

struct assets *
sensor_assets(const struct sensor *s)
{
	return s->assets;
}

struct baseline *
sensor_baseline(const struct sensor *s)
{
	return s->baseline;
}

struct detect *
sensor_detect(const struct sensor *s)
{
	return s->detect;
}

struct malware *
sensor_malware(const struct sensor *s)
{
	return s->malware;
}

struct triage *
sensor_triage(const struct sensor *s)
{
	return s->triage;
}

struct mirrors *
sensor_mirror(const struct sensor *s)
{
	return s->mirror;
}

uint32_t
sensor_learn_scale(const struct sensor *s)
{
	return s->config.baseline.learn_scale;
}

const struct packet *
sensor_packet(const struct sensor *s, unsigned i)
{
	return &s->hand[i].packet;
}
