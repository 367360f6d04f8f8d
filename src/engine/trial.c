/*
 * trial.c - what capture filters leave out of live traffic: counted for a few
 * seconds, then told as the row `filters`.
 */
#include <stdio.h>

#include "../desk/desk.h"
#include "private.h"

uint32_t
trial_begin(void *ctx, const struct desk_trial *q, char *ret_error, size_t cap)
{
	struct watcher *e = ctx;
	char why[FILTER_ERROR];

	if (!sensor_trial_begin(e->sensor, q->condition,
		q->include ? FILTER_INCLUDE : FILTER_EXCLUDE, why)) {
		(void)snprintf(ret_error, cap, "%s", why);
		return 0;
	}
	e->trial_seconds = q->seconds;
	e->trial_until = monotonic_ms() + (int64_t)q->seconds * 1000;
	return ++e->trials;
}

static json_t *
row_json(const struct trial_row *r)
{
	return json_pack("{s:s, s:i, s:s, s:s, s:s, s:I, s:I}", "key", r->key,
	    "number", (int)r->number, "of", filter_of_name(r->of), "take",
	    filter_take_name(r->take), "condition", r->text, "packets",
	    (json_int_t)r->packets, "bytes", (json_int_t)r->bytes);
}

void
trial_tell(struct watcher *e, struct tick now, int64_t ms)
{
	struct trial_result *r = &e->trial;
	json_t *all;

	if (e->trial_until == 0 || ms < e->trial_until)
		return;
	e->trial_until = 0;
	sensor_trial_end(e->sensor, r);
	all = json_array();
	for (uint32_t i = 0; i < r->n; i++)
		(void)json_array_append_new(all, row_json(&r->row[i]));
	tell_row(e, "filters", now,
	    json_pack("{s:I, s:i, s:I, s:I, s:o}", "number",
		(json_int_t)e->trials, "seconds", (int)e->trial_seconds,
		"packets", (json_int_t)r->packets, "bytes",
		(json_int_t)r->bytes, "filters", all));
}
