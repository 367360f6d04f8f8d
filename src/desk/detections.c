/* detections.c - how an alert is raised: on, how severe, from when on. */
#include <stdio.h>

#include "private.h"

#define HOURS_MOST 8760

static const char *
slug_word(uint32_t i)
{
	return i < ALERT_COUNT ? alert_slug(i) : NULL;
}

static const char *
severity_word(uint32_t i)
{
	return i < SEVERITY_COUNT ? severity_name(i) : NULL;
}

static const char *
by_hand_word(uint32_t i)
{
	static const char *const names[BY_HAND_COUNT] = { [BY_HAND_NO] = "auto",
		[BY_HAND_LEARN] = "learning",
		[BY_HAND_DYNAMIC] = "dynamic",
		[BY_HAND_OPERATIONAL] = "operational" };

	return i < BY_HAND_COUNT ? names[i] : NULL;
}

static struct alert_setting
row_setting(const struct alert_row *r)
{
	return (struct alert_setting){ .on = !r->off,
		.severity = r->severity,
		.count = r->count,
		.within = r->within };
}

static bool
set_mode(struct work *w, const struct alert_row *r, struct alert_setting *s)
{
	int64_t hours;
	int by_hand;

	if (!work_word(w, "mode", by_hand_word, &by_hand) ||
	    !work_whole(w, "hours", 0, 0, HOURS_MOST, &hours))
		return false;
	if (by_hand < 0)
		return true;
	if (r->engine != ENGINE_POLICY)
		return work_fail(w, "bad", "mode",
		    "only policy alerts are learned; %s is of the %s engine",
		    alert_slug((uint32_t)(r - alert_rows)),
		    engine_name(r->engine));
	if (by_hand == BY_HAND_LEARN && hours == 0)
		return work_fail(w, "bad", "hours",
		    "learning HOURS: must be a number from 1 to %d",
		    HOURS_MOST);
	s->by_hand = (uint8_t)by_hand;
	s->until.ns = by_hand == BY_HAND_LEARN
	    ? w->d->now.ns + hours * 3600 * TICK_SECOND
	    : 0;
	return true;
}

static bool
set_threshold(struct work *w, const struct alert_row *r,
    struct alert_setting *s)
{
	int64_t n;

	if (!work_has(w, "threshold"))
		return true;
	if (r->count_most == 0)
		return work_fail(w, "bad", "threshold", "%s has no threshold",
		    alert_slug((uint32_t)(r - alert_rows)));
	if (!work_whole(w, "threshold", WORK_MUST, r->count_least,
		r->count_most, &n))
		return false;
	s->count = (uint32_t)n;
	return true;
}

static bool
apply(struct work *w, const struct alert_row *r, struct alert_setting *s)
{
	bool whole;
	int severity;

	if (!work_yes(w, "default", false, &whole))
		return false;
	if (whole)
		*s = row_setting(r);
	if (!work_yes(w, "on", s->on, &s->on) ||
	    !work_word(w, "severity", severity_word, &severity))
		return false;
	s->severity = severity >= 0 ? (uint8_t)severity : s->severity;
	return set_threshold(w, r, s) && set_mode(w, r, s);
}

/* The request that makes it what it was. */
static json_t *
undo_of(const char *slug, const struct alert_row *r,
    const struct alert_setting *was, struct tick now)
{
	json_t *q = json_pack("{s:s, s:s, s:b, s:s}", "verb", "detections.set",
	    "name", slug, "on", (int)was->on, "severity",
	    severity_name(was->severity));

	if (r->count_most > 0)
		(void)json_object_set_new(q, "threshold",
		    json_integer(was->count));
	if (r->engine == ENGINE_POLICY)
		(void)json_object_set_new(q, "mode",
		    json_string(by_hand_word(was->by_hand)));
	if (was->by_hand == BY_HAND_LEARN)
		(void)json_object_set_new(q, "hours",
		    json_integer(was->until.ns > now.ns
			    ? (was->until.ns - now.ns) / (3600 * TICK_SECOND) +
				1
			    : 1));
	return q;
}

static void
describe(const struct alert_row *r, const struct alert_setting *s, char *dst,
    size_t cap)
{
	int n = snprintf(dst, cap, "%s, %s", s->on ? "on" : "off",
	    severity_name(s->severity));

	if (r->count_most > 0)
		n += snprintf(dst + n, cap - (size_t)n, ", threshold %u",
		    s->count);
	if (s->by_hand != BY_HAND_NO)
		(void)snprintf(dst + n, cap - (size_t)n, ", %s",
		    by_hand_word(s->by_hand));
}

bool
detections_set(struct work *w)
{
	struct alert_setting s, was;
	const struct alert_row *r;
	char text[128];
	int i;

	if (!work_word(w, "name", slug_word, &i))
		return false;
	if (i < 0)
		return work_fail(w, "bad", "name", "name is missing");
	r = &alert_rows[i];
	if (!store_get_setting_of(w->d->store, (enum alert_id)i, &s))
		return work_fail_store(w);
	was = s;
	if (!apply(w, r, &s))
		return false;
	if (!store_put_setting_of(w->d->store, (enum alert_id)i, &s))
		return work_fail_store(w);
	if (w->d->detect != NULL)
		*detect_setting(w->d->detect, (enum alert_id)i) = s;
	describe(r, &s, text, sizeof(text));
	work_say(w, "%s: %s\n", alert_slug((uint32_t)i), text);
	return work_note(w, "setting", alert_slug((uint32_t)i), "%s", text) &&
	    work_put(w, "undo",
		undo_of(alert_slug((uint32_t)i), r, &was, w->d->now));
}
