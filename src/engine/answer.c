/*
 * answer.c - what people ask of the running sensor: applied to what is alive,
 * written, read anew, answered.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../desk/desk.h"
#include "private.h"

#define WRITTEN_MS 5000

static bool
is_ok(const json_t *answer)
{
	return json_is_true(json_object_get(answer, "ok"));
}

/* The answer comes when it is written: what is said to be done stays done. */
static json_t *
make_sure(struct watcher *e, json_t *answer)
{
	if (!link_sync(e, WRITTEN_MS)) {
		json_decref(answer);
		return desk_failure("failed",
		    e->trouble[0] != '\0'
			? e->trouble
			: "it was done, but is not written yet: the state "
			  "cannot be written to at present");
	}
	if (!sensor_refresh(e->sensor) && sensor_error(e->sensor)[0] != '\0')
		say(SAY_ERROR, "%s", sensor_error(e->sensor));
	return answer;
}

static void
on_asked(void *ctx, struct tick at, struct span bytes, uint32_t labels,
    bool passed)
{
	const struct frame f = { .at = at,
		.bytes = bytes,
		.wire_len = bytes.n,
		.number = 1,
		.link = 101 };
	struct watcher *e = ctx;

	sensor_asked(e->sensor, &f, labels, passed);
}

static void
on_found(void *ctx, char *dst, size_t cap)
{
	struct watcher *e = ctx;

	sensor_asked_found(e->sensor, dst, cap);
}

static void
on_halt(void *ctx, bool stops)
{
	struct watcher *e = ctx;

	__atomic_store_n(&e->page->asking.halt, stops, __ATOMIC_RELAXED);
}

static void
on_told(void *ctx, struct tick at, const struct ip *ip, uint8_t trait,
    const char *text)
{
	struct watcher *e = ctx;

	sensor_told(e->sensor, at, ip, trait, text);
}

static bool
on_look(void *ctx, const struct ip *own, const struct ip *ip, uint16_t port,
    struct device_pulse *ret)
{
	return asking_look(ctx, own, ip, port, ret);
}

static void
on_answered(void *ctx, struct tick at, const struct ip *ip)
{
	struct watcher *e = ctx;

	sensor_asked_ended(e->sensor, at, ip);
}

static void
on_more(void *ctx, struct tick at, const struct ip *ip, bool services,
    uint32_t n, const char *names)
{
	struct watcher *e = ctx;

	sensor_asked_more(e->sensor, at, ip, services, n, names);
}

static json_t *
desk_answer(struct watcher *e, const char *who, const json_t *request)
{
	const char *name = json_string_value(json_object_get(request, "verb"));
	const struct desk_verb *v = name != NULL ? desk_verb_find(name) : NULL;
	struct desk d = { .store = e->store,
		.assets = sensor_assets(e->sensor),
		.baseline = sensor_baseline(e->sensor),
		.inventory = sensor_inventory(e->sensor),
		.detect = sensor_detect(e->sensor),
		.learn_scale = sensor_learn_scale(e->sensor),
		.now = time_of_day(),
		.who = who,
		.asked = on_asked,
		.found = on_found,
		.halt = on_halt,
		.player = &player,
		.try_filter = trial_begin,
		.told = on_told,
		.look = on_look,
		.answered = on_answered,
		.more = on_more,
		.ctx = e };
	json_t *answer;

	if (e->store == NULL)
		return desk_failure("failed",
		    "the sensor keeps nothing at present: its state cannot be "
		    "written to");
	/* what is alive is what people were shown */
	(void)sensor_save_now(e->sensor);
	answer = desk_do(&d, request);
	return v != NULL && v->writes && is_ok(answer) ? make_sure(e, answer)
						       : answer;
}

static json_t *
answer_one(struct watcher *e, const char *text)
{
	json_error_t error;
	json_t *asked = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	const char *who = json_string_value(json_object_get(asked, "who"));
	const json_t *request = json_object_get(asked, "request");
	json_t *answer;

	if (who == NULL || request == NULL)
		answer = desk_failure("bad", "a request is a JSON object");
	else
		answer = desk_answer(e, who, request);
	json_decref(asked);
	return answer;
}

void
answer_all(struct watcher *e)
{
	while (e->n_ask > 0) {
		struct question a = e->ask[0];
		json_t *answer;
		char *text;

		memmove(e->ask, e->ask + 1, --e->n_ask * sizeof(e->ask[0]));
		e->play_file = a.file;
		answer = answer_one(e, a.text);
		if (e->play_file >= 0)
			(void)close(e->play_file);
		text = json_dumps(answer, JSON_COMPACT);
		if (text != NULL)
			(void)wire_send(&e->wire, WIRE_ANSWER, a.number, 0,
			    SPAN((uint8_t *)text, (uint32_t)strlen(text)),
			    SPAN(NULL, 0));
		json_decref(answer);
		free(text);
		free(a.text);
	}
}
