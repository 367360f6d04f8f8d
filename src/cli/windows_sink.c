/*
 * windows_sink.c - where results of Windows endpoints go: to the running
 * sensor, or into the state and the inventory that is kept in it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../config/config.h"
#include "../sensor/sensor.h"
#include "ask.h"
#include "cli.h"
#include "state.h"
#include "windows.h"
#include "windows_child.h"

struct windows_sink {
	const char *state;
	bool runs; /* a sensor does, with this state */
	struct store *store;
	struct sensor *sensor;
};

static void
on_told(void *ctx, struct tick at, const struct ip *ip, uint8_t trait,
    const char *text)
{
	struct windows_sink *k = ctx;

	sensor_told(k->sensor, at, ip, trait, text);
}

static bool
open_sensor(struct windows_sink *k, char error[static STORE_ERROR])
{
	struct sensor_config c = { .flow = FLOW_CONFIG_DEFAULT,
		.baseline = BASELINE_CONFIG_DEFAULT,
		.malware = MALWARE_CONFIG_DEFAULT,
		.inventory_only = true,
		.store = k->store };
	static struct config conf;

	config_init(&conf);
	c.convs_max = (uint32_t)conf.number[CONF_CONVS];
	c.inventory_max = (uint32_t)conf.number[CONF_INVENTORY];
	c.assets_max = (uint32_t)conf.number[CONF_ASSETS];
	c.vendors = config_path(&conf, CONF_VENDORS);
	k->sensor = sensor_new(&c, error);
	return k->sensor != NULL;
}

struct windows_sink *
windows_sink_open(const char *state)
{
	struct windows_sink *k = calloc(1, sizeof(*k));
	char error[STORE_ERROR] = "out of memory";

	if (k != NULL) {
		k->state = state;
		k->runs = ask_has_sensor(state);
		k->store = store_open(state,
		    k->runs ? STORE_READING : STORE_MAKING, error);
	}
	if (k != NULL && k->store != NULL && (k->runs || open_sensor(k, error)))
		return k;
	complain("active: %s", error);
	if (k != NULL && k->store != NULL)
		store_close(k->store);
	free(k);
	return NULL;
}

struct store *
windows_sink_store(struct windows_sink *k)
{
	return k->store;
}

static bool
put_here(struct windows_sink *k, const json_t *request)
{
	struct desk d = { .store = k->store,
		.assets = sensor_assets(k->sensor),
		.now = state_now(),
		.who = state_user(),
		.told = on_told,
		.ctx = k };
	json_t *answer = desk_do(&d, request);
	const json_t *error = json_object_get(answer, "error");
	const char *text =
	    json_string_value(json_object_get(error != NULL ? error : answer,
		error != NULL ? "message" : "text"));
	bool ok = json_is_true(json_object_get(answer, "ok"));

	if (ok && text != NULL)
		(void)fputs(text, stdout);
	else if (!ok)
		complain("active: %s", text != NULL ? text : "out of memory");
	json_decref(answer);
	return ok;
}

bool
windows_sink_put(struct windows_sink *k, json_t *request)
{
	bool ok;

	(void)fflush(stdout);
	if (k->runs)
		return ask("active", k->state, request) == EXIT_DONE;
	ok = put_here(k, request);
	json_decref(request);
	return ok;
}

json_t *
windows_sink_look(struct windows_sink *k, json_t *request)
{
	int status;

	if (k->runs)
		return ask_answer("active", k->state, request, -1, &status);
	json_decref(request);
	return NULL;
}

bool
windows_sink_close(struct windows_sink *k)
{
	bool ok = k->sensor == NULL || sensor_finish(k->sensor);

	if (!ok)
		complain("active: %s", sensor_error(k->sensor));
	if (k->sensor != NULL)
		sensor_free(k->sensor);
	store_close(k->store);
	free(k);
	return ok;
}

json_t *
windows_item_json(const struct windows_item *i)
{
	json_t *o = json_pack("{s:s, s:s, s:s, s:s}", "kind",
	    windows_kind_name(i->kind), "name", i->name, "value", i->value,
	    "detail", i->detail);

	if (i->trait < TRAIT_COUNT)
		(void)json_object_set_new(o, "trait",
		    json_string(fact_trait_name(i->trait)));
	return o;
}
