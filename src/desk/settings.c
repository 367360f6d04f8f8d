/*
 * settings.c - how the sensor is set, as people say while it runs.
 *
 * Said in the state ("conf.KEY"), written beside it for the process that
 * starts the others (store_write_settings()), and over what its file says.
 * Taken back is as the file says, or as it came.
 */
#include <stdio.h>
#include <string.h>

#include "../config/config.h"
#include "private.h"

#define KEY_MOST 64u

/* Of JSON, as the file would say it; false: it is none. */
static bool
text_of(const json_t *v, char *dst, size_t cap)
{
	const char *s = json_string_value(v);

	if (s != NULL)
		return snprintf(dst, cap, "%s", s) < (int)cap;
	if (json_is_boolean(v))
		return snprintf(dst, cap, "%s",
			   json_is_true(v) ? "on" : "off") > 0;
	if (json_is_integer(v))
		return snprintf(dst, cap, "%" JSON_INTEGER_FORMAT,
			   json_integer_value(v)) > 0;
	return json_is_null(v);
}

/* Whether it would be taken; what is wrong is of that field. */
static bool
check(struct work *w, const char *key, const char *value)
{
	static struct config scratch;
	char error[CONFIG_ERROR];
	const enum config_key k = config_find(key);

	config_init(&scratch);
	if (k == CONF_COUNT || value[0] != '\0') {
		if (!config_set(&scratch, key, value, error))
			return work_fail(w, "bad", key, "%s", error);
	}
	return config_may_change(k) ||
	    work_fail(w, "conflict", key,
		"%s is set in the configuration file only: what is opened or "
		"heard at start is not changed from the console",
		key);
}

static const char *
or_file(const char *value)
{
	return value[0] != '\0' ? value : "as in the file";
}

static bool
change(struct work *w, const char *key, const json_t *v, json_t *before)
{
	char name[KEY_MOST + 8], was[CONFIG_TEXT], is[CONFIG_TEXT] = "";
	const enum config_key k = config_find(key);

	if (!text_of(v, is, sizeof(is)))
		return work_fail(w, "bad", key,
		    "%.60s: must be a text, a number, or null", key);
	if (!check(w, key, is))
		return false;
	(void)snprintf(name, sizeof(name), "conf.%s", key);
	(void)snprintf(was, sizeof(was), "%s", store_get(w->d->store, name));
	(void)json_object_set_new(before, key,
	    was[0] != '\0' ? json_string(was) : json_null());
	if (strcmp(was, is) == 0)
		return true;
	work_say(w, "%s: %s (was %s)%s\n", key, or_file(is), or_file(was),
	    config_keys[k].when == KEY_AT_RESTART
		? "; counts when the sensor is started again"
		: "");
	return (store_put(w->d->store, name, is) || work_fail_store(w)) &&
	    work_note(w, "setting", key, "%s, was %s", or_file(is),
		or_file(was));
}

bool
settings_change(struct work *w)
{
	json_t *all = json_object_get(w->q, "settings"), *v, *before;
	const char *key;
	bool ok = true, restart = false;

	if (json_object_size(all) == 0 || json_object_size(all) > CONF_COUNT)
		return work_fail(w, "bad", "settings",
		    "settings: must be an object with keys and values");
	before = json_object();
	json_object_foreach(all, key, v) {
		ok = ok && change(w, key, v, before);
		restart = restart ||
		    (ok &&
			config_keys[config_find(key)].when == KEY_AT_RESTART);
	}
	ok = ok && work_put(w, "restart", json_boolean(restart)) &&
	    work_put(w, "undo",
		json_pack("{s:s, s:O}", "verb", "settings.change", "settings",
		    before));
	json_decref(before);
	return ok;
}
