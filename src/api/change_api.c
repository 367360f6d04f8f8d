/*
 * change_api.c - what people decide of alerts, devices, rules, names and the
 * baseline.  The desk does it; here a path and a body become its request.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "etags.h"
#include "handlers.h"

#define SELECT_MOST 16384u

/* --------------------------------------------------------- which they are */

/* "numbers" or "ids" as they are, or those that fulfil "where". */
static json_t *
select_of(struct request *rq, const struct list *list, const char *member)
{
	json_t *given = json_object_get(rq->body, member), *all;
	const char *where = body_text(rq, "where");
	struct query_error e;
	uint32_t *found;
	int64_t n;

	if ((given == NULL) == (where == NULL)) {
		fail(rq, 422, "body", member,
		    "Which? %s, or where with a condition.", member);
		return NULL;
	}
	if (given != NULL)
		return json_incref(given);
	found = calloc(SELECT_MOST, sizeof(*found));
	if (found == NULL)
		return NULL;
	n = list_select(list, rq->reader->db, where, found, SELECT_MOST, &e);
	all = json_array();
	for (int64_t i = 0; i < n && i < SELECT_MOST; i++)
		(void)json_array_append_new(all, json_integer(found[i]));
	free(found);
	if (n >= 0 && n <= SELECT_MOST)
		return all;
	json_decref(all);
	if (n < 0)
		fail(rq, 422, "where", "where", "byte %u: %s", e.at, e.text);
	else
		fail(rq, 422, "where", "where",
		    "More than %u fulfil that; narrow it down.", SELECT_MOST);
	return NULL;
}

static void
no_answer(struct request *rq)
{
	(void)json_object_del(rq->body, "where");
	(void)json_object_del(rq->body, "action");
}

/* ------------------------------------------------------------------- alerts */

static const char *
verb_of(const char *action)
{
	static const struct {
		const char *action, *verb;
	} verbs[] = { { "close", "alerts.close" },
		{ "active", "alerts.active" }, { "reopen", "alerts.reopen" },
		{ "mute", "alerts.mute" }, { "unmute", "alerts.unmute" },
		{ "severity", "alerts.severity" },
		{ "comment", "alerts.comment" }, { "learn", "learn.allow" },
		{ "deny", "learn.allow" } };

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].action, action) == 0)
			return verbs[i].verb;
	return NULL;
}

void
h_alert_actions(struct request *rq)
{
	const char *action = body_text(rq, "action"), *verb = verb_of(action);
	json_t *numbers, *more, *done;
	bool dry = body_flag(rq, "dry_run", false);

	if (verb == NULL) {
		fail(rq, 422, "action", "action",
		    "There are close, active, reopen, mute, unmute, learn, "
		    "deny, severity and comment.");
		return;
	}
	numbers = select_of(rq, &list_alerts, "numbers");
	if (numbers == NULL)
		return;
	if (json_array_size(numbers) == 0 || (dry && verb[0] == 'l')) {
		done = json_pack("{s:b, s:s, s:o}", "ok", 1, "text", "",
		    "numbers", numbers);
		json_out(rq, done);
		return;
	}
	more = json_pack("{s:o}", "numbers", numbers);
	if (strcmp(action, "deny") == 0)
		(void)json_object_set_new(more, "deny", json_true());
	no_answer(rq);
	if (verb[0] == 'l')
		(void)json_object_del(rq->body, "dry_run");
	desk_put(rq, verb, more);
}

/* One alert, with If-Match. */
void
h_alert_change(struct request *rq)
{
	const char *action = body_text(rq, "action"), *verb = verb_of(action);
	uint32_t number;
	json_t *more;

	if (!arg_number(rq, 0, &number))
		return;
	if (verb == NULL) {
		fail(rq, 422, "action", "action",
		    "There are close, active, reopen, mute, unmute, learn, "
		    "deny, severity and comment.");
		return;
	}
	if (!etag_matches(rq, etag_of(ask_alert_etag(rq, number))))
		return;
	more = json_pack("{s:[i]}", "numbers", (int)number);
	if (strcmp(action, "deny") == 0)
		(void)json_object_set_new(more, "deny", json_true());
	no_answer(rq);
	desk_put(rq, verb, more);
}

void
h_alert_levels(struct request *rq)
{
	uint32_t number;

	if (arg_number(rq, 0, &number))
		json_out_items(rq,
		    desk_look(rq,
			json_pack("{s:s, s:i}", "verb", "learn.levels",
			    "number", (int)number)),
		    "levels");
}

void
h_undo(struct request *rq)
{
	json_t *undo = json_object_get(rq->body, "undo");
	const char *name = json_string_value(json_object_get(undo, "verb"));
	const struct desk_verb *v = name != NULL ? desk_verb_find(name) : NULL;

	if (v == NULL || !v->writes) {
		fail(rq, 422, "undo", "undo",
		    "This is not the undo of an answer.");
		return;
	}
	/* the desk's roles begin with what is here ACCESS_READ */
	if ((unsigned)v->role + ACCESS_READ > (unsigned)rq->who.access) {
		fail(rq, 403, "role", NULL, "This needs the role %s.",
		    desk_role_name(v->role));
		return;
	}
	json_out(rq, desk_ask(rq, json_incref(undo)));
}

/* ------------------------------------------------------------------ devices */

/* A device's members are called as in its JSON; the desk says level. */
static void
rename_level(struct request *rq)
{
	json_t *purdue = json_object_get(rq->body, "purdue");

	if (purdue == NULL)
		return;
	(void)json_object_set(rq->body, "level", purdue);
	(void)json_object_del(rq->body, "purdue");
}

void
h_device_change(struct request *rq)
{
	uint32_t id;

	if (!arg_number(rq, 0, &id) ||
	    !etag_matches(rq, etag_of(ask_device_etag(rq, id))))
		return;
	rename_level(rq);
	desk_put(rq, "devices.change", json_pack("{s:[i]}", "ids", (int)id));
}

void
h_devices_change(struct request *rq)
{
	json_t *ids = select_of(rq, &list_devices, "ids");

	if (ids == NULL)
		return;
	rename_level(rq);
	no_answer(rq);
	desk_put(rq, "devices.change", json_pack("{s:o}", "ids", ids));
}

void
h_device_delete(struct request *rq)
{
	uint32_t id;

	if (arg_number(rq, 0, &id))
		desk_put(rq, "devices.delete",
		    json_pack("{s:[i]}", "ids", (int)id));
}

void
h_devices_delete(struct request *rq)
{
	json_t *ids = select_of(rq, &list_devices, "ids");

	no_answer(rq);
	if (ids != NULL)
		desk_put(rq, "devices.delete", json_pack("{s:o}", "ids", ids));
}

/* -------------------------------------------------------------------- rules */

void
h_rule_add(struct request *rq)
{
	desk_put(rq, "rules.add", NULL);
}

void
h_rule_change(struct request *rq)
{
	uint32_t id;

	if (arg_number(rq, 0, &id))
		desk_put(rq, "rules.change", json_pack("{s:i}", "id", (int)id));
}

void
h_rule_delete(struct request *rq)
{
	uint32_t id;

	if (arg_number(rq, 0, &id))
		desk_put(rq, "rules.delete",
		    json_pack("{s:[i]}", "ids", (int)id));
}

void
h_rule_test(struct request *rq)
{
	json_t *request = json_deep_copy(rq->body);

	(void)json_object_set_new(request, "verb", json_string("rules.test"));
	json_out(rq, desk_look(rq, request));
}

/* -------------------------------------------------------- names and networks
 */

void
h_names_put(struct request *rq)
{
	desk_put(rq, "names.add", NULL);
}

void
h_name_delete(struct request *rq)
{
	desk_put(rq, "names.delete", json_pack("{s:[s]}", "what", rq->arg[0]));
}

void
h_filter_add(struct request *rq)
{
	desk_put(rq, "filters.add", NULL);
}

void
h_filter_try(struct request *rq)
{
	desk_put(rq, "filters.try", NULL);
}

void
h_filter_delete(struct request *rq)
{
	desk_put(rq, "filters.remove",
	    json_pack("{s:[I]}", "numbers",
		(json_int_t)strtoll(rq->arg[0], NULL, 10)));
}

void
h_networks_put(struct request *rq)
{
	desk_put(rq, "networks.put", NULL);
}

void
h_network_delete(struct request *rq)
{
	desk_put(rq, "networks.delete",
	    json_pack("{s:[s]}", "networks", rq->arg[0]));
}

void
h_indicators_put(struct request *rq)
{
	desk_put(rq, "indicators.import", NULL);
}

void
h_indicators_delete(struct request *rq)
{
	desk_put(rq, "indicators.delete",
	    json_pack("{s:s}", "list", rq->arg[0]));
}

void
h_detection_change(struct request *rq)
{
	desk_put(rq, "detections.set", json_pack("{s:s}", "name", rq->arg[0]));
}

/* ----------------------------------------------------------------- baseline */

void
h_mode_put(struct request *rq)
{
	desk_put(rq, "mode.set", NULL);
}

/* The query's parameters as members of a request. */
static json_t *
request_of(struct request *rq, const char *verb, const char *const *texts,
    const char *const *numbers)
{
	json_t *q = json_pack("{s:s}", "verb", verb);

	for (; *texts != NULL; texts++)
		if (param(rq, *texts) != NULL)
			(void)json_object_set_new(q, *texts,
			    json_string(param(rq, *texts)));
	for (; *numbers != NULL; numbers++) {
		int64_t v = 0;

		if (param(rq, *numbers) == NULL)
			continue;
		if (!param_number(rq, *numbers, 0, UINT32_MAX, &v)) {
			json_decref(q);
			return NULL;
		}
		(void)json_object_set_new(q, *numbers, json_integer(v));
	}
	return q;
}

static const char *const none[] = { NULL };

static json_t *
look(struct request *rq, const char *verb, const char *const *texts,
    const char *const *numbers)
{
	json_t *q = request_of(rq, verb, texts, numbers);

	return q != NULL ? desk_look(rq, q) : NULL;
}

void
h_baseline_keys(struct request *rq)
{
	static const char *const texts[] = { "entity", "scenario", "state",
		"text", NULL };
	static const char *const numbers[] = { "limit", "offset", NULL };

	json_out_items(rq, look(rq, "baseline.keys", texts, numbers), "keys");
}

void
h_baseline_review(struct request *rq)
{
	static const char *const numbers[] = { "limit", NULL };

	json_out_items(rq, look(rq, "baseline.review", none, numbers), "keys");
}

void
h_baseline_preview(struct request *rq)
{
	static const char *const numbers[] = { "days", NULL };

	json_out(rq, look(rq, "baseline.preview", none, numbers));
}

void
h_baseline_why(struct request *rq)
{
	static const char *const texts[] = { "key", NULL };
	static const char *const numbers[] = { "number", NULL };

	json_out(rq, look(rq, "baseline.why", texts, numbers));
}

void
h_baseline_judge(struct request *rq)
{
	desk_put(rq, "baseline.judge", NULL);
}

void
h_baseline_forget(struct request *rq)
{
	desk_put(rq, "baseline.forget", NULL);
}

void
h_baseline_scenario(struct request *rq)
{
	desk_put(rq, "baseline.scenario", NULL);
}

void
h_learned_delete(struct request *rq)
{
	uint32_t id;

	if (arg_number(rq, 0, &id))
		desk_put(rq, "learn.undo",
		    json_pack("{s:[i]}", "ids", (int)id));
}
