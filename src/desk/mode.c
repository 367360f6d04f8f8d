/* mode.c - learning, dynamic, operational, and how far each scenario is. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "private.h"

#define LEAST_DAYS 14
#define DAY INT64_C(86400)

static const char *
mode_word(uint32_t i)
{
	return i < MODE_COUNT ? mode_name((enum mode)i) : NULL;
}

/* JSON has no infinities. */
static json_t *
real_or_null(double r)
{
	return isfinite(r) ? json_real(r) : json_null();
}

static json_t *
scenario_json(struct baseline *b, uint32_t i)
{
	struct scenario_report r;

	baseline_report(b, (enum scenario)i, &r);
	return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:o, "
			 "s:o, s:o, s:o, s:I, s:I, s:b, s:s}",
	    "id", scenario_names[i].id, "name", scenario_names[i].name, "title",
	    scenario_names[i].title, "state", scenario_state_name(r.state),
	    "keys", (json_int_t)r.keys, "learned", (json_int_t)r.learned,
	    "candidates", (json_int_t)r.candidates, "windows",
	    (json_int_t)r.windows, "single", (json_int_t)r.single, "per_day",
	    real_or_null(r.per_day), "at_most", real_or_null(r.at_most),
	    "budget", real_or_null(r.budget), "missing",
	    real_or_null(r.missing), "ready_in", (json_int_t)r.ready_in, "held",
	    (json_int_t)r.held, "ready", (int)r.ready, "reason", r.reason);
}

bool
mode_get(struct work *w)
{
	const struct desk *d = w->d;
	const struct baseline_counts *c = baseline_counts(d->baseline);
	json_t *list = json_array();

	for (uint32_t i = 0; list != NULL && i < SCENARIO_COUNT; i++)
		if (json_array_append_new(list,
			scenario_json(d->baseline, i)) != 0) {
			json_decref(list);
			list = NULL;
		}
	work_say(w, "%s\n", mode_name(baseline_mode(d->baseline)));
	return work_put(w, "mode",
		   json_string(mode_name(baseline_mode(d->baseline)))) &&
	    work_put(w, "age_seconds",
		json_integer(baseline_mode_age(d->baseline))) &&
	    work_put(w, "learn_scale", json_integer(d->learn_scale)) &&
	    work_put(w, "keys", json_integer((json_int_t)c->keys)) &&
	    work_put(w, "learned", json_integer((json_int_t)c->learned)) &&
	    work_put(w, "scenarios", list);
}

static void
span_of(int64_t seconds, char *dst, size_t cap)
{
	if (seconds < 0)
		(void)snprintf(dst, cap, "nothing");
	else if (seconds >= 2 * DAY)
		(void)snprintf(dst, cap, "%" PRId64 " days", seconds / DAY);
	else if (seconds >= 7200)
		(void)snprintf(dst, cap, "%" PRId64 " hours", seconds / 3600);
	else
		(void)snprintf(dst, cap, "%" PRId64 " min", seconds / 60);
}

/* Two weeks: of every hour of the week, two. */
static bool
learned_enough(struct work *w, bool force)
{
	struct baseline *b = w->d->baseline;
	int64_t seconds = baseline_mode_age(b) * w->d->learn_scale;
	char age[32];

	if (force || baseline_mode(b) != MODE_LEARNING ||
	    seconds >= LEAST_DAYS * DAY - LEAST_DAYS * DAY / 20)
		return true; /* the last hours may be missing */
	span_of(seconds, age, sizeof(age));
	return work_fail(w, "conflict", "force",
	    "only %s were learned, of at least %d days; many alerts would be "
	    "about what is normal. --force does it anyway",
	    age, LEAST_DAYS);
}

bool
mode_set(struct work *w)
{
	struct baseline *b = w->d->baseline;
	enum mode before = baseline_mode(b);
	const char *was = mode_name(before);
	bool force;
	int mode;

	if (!work_word(w, "mode", mode_word, &mode) ||
	    !work_yes(w, "force", false, &force))
		return false;
	if (mode < 0)
		return work_fail(w, "bad", "mode", "mode is missing");
	if (mode != MODE_LEARNING && !learned_enough(w, force))
		return false;
	if (!work_note(w, "mode", mode_word((uint32_t)mode), "was %s%s", was,
		force ? ", forced" : ""))
		return false;
	baseline_set_mode(b, (enum mode)mode);
	work_say(w, "%s (was %s)\n", mode_word((uint32_t)mode), was);
	return work_put(w, "mode", json_string(mode_word((uint32_t)mode))) &&
	    work_put(w, "undo",
		json_pack("{s:s, s:s, s:b}", "verb", "mode.set", "mode", was,
		    "force", 1));
}
