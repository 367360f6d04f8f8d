/* desk.c - a request comes in, is applied whole or not at all, and answered. */
#include <stdlib.h>
#include <string.h>

#include "../base/nearest.h"
#include "private.h"

/* Of a state that does not say with which vendors it was made. */
#define VENDORS "/usr/share/ieee-data"
#define INVENTORY_NODES 262144u /* more than a sensor remembers, usually */

static bool (*const functions[])(struct work *) = {
#define VERB(function, ...) function,
#include "verbs.def"
#undef VERB
};

const struct desk_verb desk_verbs[] = {
#define VERB(function, name, need, writes, makes, role, fields, help) \
	{ name, need, writes, makes, role, fields, help },
#include "verbs.def"
#undef VERB
};
const unsigned desk_verb_count = sizeof(desk_verbs) / sizeof(desk_verbs[0]);

const char *
desk_role_name(enum desk_role r)
{
	static const char *const names[DESK_ROLE_COUNT] = { "read-only",
		"analyst", "admin" };

	return names[r];
}

const struct desk_verb *
desk_verb_find(const char *name)
{
	for (unsigned i = 0; i < desk_verb_count; i++)
		if (strcmp(desk_verbs[i].name, name) == 0)
			return &desk_verbs[i];
	return NULL;
}

static const char *
verb_name(uint32_t i)
{
	return i < desk_verb_count ? desk_verbs[i].name : NULL;
}

/* ------------------------------------------------------------------ answers */

json_t *
desk_failure(const char *code, const char *message)
{
	return json_pack("{s:b, s:{s:s, s:s}}", "ok", 0, "error", "code", code,
	    "message", message);
}

static json_t *
failure_of(const struct work *w)
{
	json_t *answer = desk_failure(w->code, w->message);

	if (answer != NULL && w->field != NULL)
		(void)json_object_set_new(json_object_get(answer, "error"),
		    "field", json_string(w->field));
	return answer;
}

static json_t *
answer_of(struct work *w)
{
	json_t *answer;

	if (w->code != NULL) {
		answer = failure_of(w);
	} else {
		answer = json_incref(w->reply);
		(void)json_object_set_new(answer, "ok", json_true());
		(void)json_object_set_new(answer, "text",
		    json_stringn(w->text != NULL ? w->text : "", w->n_text));
	}
	json_decref(w->reply);
	free(w->text);
	return answer;
}

static json_t *
unknown_verb(const char *name)
{
	const char *near = nearest(name, verb_name);
	char text[256];

	(void)snprintf(text, sizeof(text), "no verb '%.64s'%s%s", name,
	    near != NULL ? "; did you mean " : "", near != NULL ? near : "");
	return desk_failure("bad", text);
}

/* -------------------------------------------------------------------- doing */

static bool
save(struct work *w)
{
	struct desk *d = w->d;

	return ((w->verb->need != DESK_BASELINE ||
		    store_save_baseline(d->store, d->baseline)) &&
		   store_save_assets(d->store, d->assets) &&
		   store_commit(d->store)) ||
	    work_fail_store(w);
}

/* A running engine has a batch begun now and then: its rows go first. */
static void
apply(struct work *w, bool (*function)(struct work *))
{
	if (w->verb->writes && !store_begin(w->d->store)) {
		(void)work_fail_store(w);
		return;
	}
	if (!function(w) && w->code == NULL)
		(void)work_fail(w, "failed", NULL, "it could not be done");
	if (!w->verb->writes || (w->code == NULL && save(w)))
		return;
	store_rollback(w->d->store);
	if (w->verb->need == DESK_INVENTORY)
		(void)store_load_groups(w->d->store, w->d->inventory);
}

static bool
is_well_formed(const json_t *request)
{
	return json_is_object(request) &&
	    json_is_string(json_object_get(request, "verb"));
}

json_t *
desk_do(struct desk *d, const json_t *request)
{
	struct work w = { .d = d, .q = request };
	const char *name;

	if (!is_well_formed(request))
		return desk_failure("bad",
		    "a request is an object with a \"verb\"");
	name = json_string_value(json_object_get(request, "verb"));
	w.verb = desk_verb_find(name);
	if (w.verb == NULL)
		return unknown_verb(name);
	w.reply = json_object();
	if (w.reply == NULL)
		return NULL;
	apply(&w, functions[w.verb - desk_verbs]);
	return answer_of(&w);
}

/* ------------------------------------------------------ from a state folder */

static void
ignore(void *ctx, const struct novelty *n)
{
	(void)ctx;
	(void)n;
}

static bool
load_baseline(struct desk *d)
{
	struct baseline_config c = BASELINE_CONFIG_DEFAULT;
	struct baseline_listener l = { .novelty = ignore };

	c.secret = strtoull(store_get(d->store, "baseline.secret"), NULL, 16);
	c.learn_scale =
	    (uint32_t)strtoul(store_get(d->store, "learn.scale"), NULL, 10);
	if (c.learn_scale == 0)
		c.learn_scale = 1;
	d->learn_scale = c.learn_scale;
	d->baseline = baseline_new(&c, d->assets, &l);
	return d->baseline != NULL &&
	    store_load_baseline(d->store, d->baseline);
}

/* With the vendors, as those of the list are concluded from them. */
static bool
load_inventory(struct desk *d)
{
	static char vendors[256]; /* lives as long as the inventory */
	const char *said = store_get(d->store, "vendors");

	(void)snprintf(vendors, sizeof(vendors), "%s",
	    said[0] != '\0' ? said : VENDORS);
	d->inventory = inventory_new(INVENTORY_NODES, vendors);
	return d->inventory != NULL &&
	    store_load_inventory(d->store, d->inventory);
}

/* Written for the next start; said and done are settings all the same. */
static void
write_settings(struct desk *d, json_t *answer)
{
	bool changed;

	if (!store_write_settings(d->store, &changed))
		(void)json_object_set_new(answer, "warning",
		    json_string(store_error(d->store)));
}

static json_t *
do_with_store(struct desk *d, const struct desk_verb *v, const json_t *request)
{
	json_t *answer = NULL;

	d->assets = assets_new(ASSETS_MAX);
	if (d->assets == NULL || !store_load_assets(d->store, d->assets) ||
	    (v->need == DESK_BASELINE && !load_baseline(d)) ||
	    (v->need == DESK_INVENTORY && !load_inventory(d)))
		answer = desk_failure("failed",
		    store_error(d->store)[0] != '\0' ? store_error(d->store)
						     : "out of memory");
	else
		answer = desk_do(d, request);
	if (v->writes)
		write_settings(d, answer);
	if (d->baseline != NULL)
		baseline_free(d->baseline);
	inventory_free(d->inventory);
	assets_free(d->assets);
	return answer;
}

json_t *
desk_do_in(const char *folder, const json_t *request, const char *who,
    struct tick now)
{
	struct desk d = { .who = who, .now = now };
	const struct desk_verb *v;
	char error[STORE_ERROR];
	json_t *answer;

	if (!is_well_formed(request))
		return desk_do(&d, request);
	v = desk_verb_find(json_string_value(json_object_get(request, "verb")));
	if (v == NULL)
		return desk_do(&d, request);
	d.store = store_open(folder,
	    v->makes        ? STORE_MAKING
		: v->writes ? STORE_WRITING
			    : STORE_READING,
	    error);
	if (d.store == NULL)
		return desk_failure("absent", error);
	answer = do_with_store(&d, v, request);
	store_close(d.store);
	return answer;
}
