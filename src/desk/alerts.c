/* alerts.c - what is to become of alerts. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "private.h"

#define COMMENT_MOST 1000u

enum change {
	CHANGE_CLOSE,
	CHANGE_ACTIVE,
	CHANGE_REOPEN,
	CHANGE_MUTE,
	CHANGE_UNMUTE,
	CHANGE_SEVERITY,
	CHANGE_COMMENT,
};

/* Its word here, and in the timeline. */
static const struct {
	const char *verb, *note;
} words[] = {
	[CHANGE_CLOSE] = { "close", "close" },
	[CHANGE_ACTIVE] = { "active", "active" },
	[CHANGE_REOPEN] = { "reopen", "reopen" },
	[CHANGE_MUTE] = { "mute", "mute" },
	[CHANGE_UNMUTE] = { "unmute", "unmute" },
	[CHANGE_SEVERITY] = { "severity", "setting" },
	[CHANGE_COMMENT] = { "comment", "comment" },
};

struct asked {
	enum change change;
	int severity;
	const char *text;
	bool dry_run;
};

/* ------------------------------------------------------------------- finding
 */

struct alert *
work_alert(struct work *w, uint32_t number, struct alert *room)
{
	struct detect *live = w->d->detect;

	for (uint32_t i = live != NULL ? detect_count(live) : 0; i-- > 0;)
		if (detect_at(live, i)->number == number)
			return detect_at(live, i);
	if (store_get_alert(w->d->store, number, room))
		return room;
	(void)work_fail(w, "absent", "numbers", "%s", store_error(w->d->store));
	return NULL;
}

json_t *
alert_as_was(const struct alert *a)
{
	return json_pack("{s:I, s:s, s:s, s:b}", "number",
	    (json_int_t)a->number, "status", alert_status_name(a->status),
	    "severity", severity_name(a->severity), "muted", (int)a->muted);
}

/* ------------------------------------------------------------------ changing
 */

/* Nothing to do: it is so already. */
static bool
is_so(const struct asked *q, const struct alert *a)
{
	switch (q->change) {
	case CHANGE_CLOSE:
		return a->status == STATUS_CLOSED;
	case CHANGE_ACTIVE:
		return a->status == STATUS_ACTIVE;
	case CHANGE_REOPEN:
		return a->status == STATUS_NEW;
	case CHANGE_MUTE:
		return a->muted && a->status == STATUS_CLOSED;
	case CHANGE_SEVERITY:
		return a->severity == q->severity;
	case CHANGE_UNMUTE: /* another alert of the same traffic may be it */
	case CHANGE_COMMENT:
		break;
	}
	return false;
}

static bool
set_mute(struct work *w, struct alert *a, bool muted)
{
	a->muted = muted;
	return store_set_mute(w->d->store, a->fold, muted) ||
	    work_fail_store(w);
}

static bool
change(struct work *w, const struct asked *q, struct alert *a)
{
	switch (q->change) {
	case CHANGE_CLOSE:
		a->status = STATUS_CLOSED;
		break;
	case CHANGE_ACTIVE:
		a->status = STATUS_ACTIVE;
		break;
	case CHANGE_REOPEN:
		a->status = STATUS_NEW;
		break;
	case CHANGE_MUTE: /* closes, and keeps quiet */
		a->status = STATUS_CLOSED;
		return set_mute(w, a, true);
	case CHANGE_UNMUTE:
		return set_mute(w, a, false);
	case CHANGE_SEVERITY:
		a->severity = (uint8_t)q->severity;
		break;
	case CHANGE_COMMENT:
		return store_put_comment(w->d->store, a->number, w->d->now,
			   w->d->who, q->text) ||
		    work_fail_store(w);
	}
	return true;
}

static const char *
title_of(const struct alert *a)
{
	return a->title[0] != '\0' ? a->title : alert_rows[a->row].title;
}

static bool
change_one(struct work *w, const struct asked *q, uint32_t number,
    json_t *before, json_t *changed)
{
	static struct alert room;
	struct alert *a = work_alert(w, number, &room);
	char about[32];

	if (a == NULL)
		return false;
	if (is_so(q, a))
		return true;
	if (json_array_append_new(changed, json_integer(number)) != 0 ||
	    json_array_append_new(before, alert_as_was(a)) != 0)
		return work_fail(w, "failed", NULL, "out of memory");
	if (q->dry_run)
		return true;
	(void)snprintf(about, sizeof(about), "alert %" PRIu32, number);
	if (!change(w, q, a))
		return false;
	if (!store_put_alert(w->d->store, a))
		return work_fail_store(w);
	return work_note(w, words[q->change].note, about, "%s",
	    q->text != NULL ? q->text : title_of(a));
}

static bool
say_done(struct work *w, const struct asked *q, size_t n, size_t most)
{
	work_say(w, "%s%s: %zu alert%s", q->dry_run ? "would " : "",
	    words[q->change].verb, n, n == 1 ? "" : "s");
	if (n < most)
		work_say(w, " (%zu so already)", most - n);
	work_say(w, "\n");
	return true;
}

static bool
change_all(struct work *w, struct asked *q)
{
	static struct numbers numbers;
	json_t *before = json_array(), *changed = json_array();
	bool ok = before != NULL && changed != NULL &&
	    work_numbers(w, "numbers", &numbers) &&
	    work_yes(w, "dry_run", false, &q->dry_run);

	for (uint32_t i = 0; ok && i < numbers.n; i++)
		ok = change_one(w, q, numbers.of[i], before, changed);
	if (ok)
		(void)say_done(w, q, json_array_size(changed), numbers.n);
	if (ok && !q->dry_run && q->change != CHANGE_COMMENT)
		ok = work_put(w, "undo",
		    json_pack("{s:s, s:O}", "verb", "alerts.restore", "alerts",
			before));
	json_decref(before);
	if (ok)
		return work_put(w, "numbers", changed);
	json_decref(changed);
	return false;
}

bool
alerts_close(struct work *w)
{
	return change_all(w, &(struct asked){ .change = CHANGE_CLOSE });
}

bool
alerts_active(struct work *w)
{
	return change_all(w, &(struct asked){ .change = CHANGE_ACTIVE });
}

bool
alerts_reopen(struct work *w)
{
	return change_all(w, &(struct asked){ .change = CHANGE_REOPEN });
}

bool
alerts_mute(struct work *w)
{
	return change_all(w, &(struct asked){ .change = CHANGE_MUTE });
}

bool
alerts_unmute(struct work *w)
{
	return change_all(w, &(struct asked){ .change = CHANGE_UNMUTE });
}

static const char *
severity_word(uint32_t i)
{
	return i < SEVERITY_COUNT ? severity_name(i) : NULL;
}

static const char *
status_word(uint32_t i)
{
	return i < STATUS_COUNT ? alert_status_name(i) : NULL;
}

bool
alerts_severity(struct work *w)
{
	struct asked q = { .change = CHANGE_SEVERITY };

	if (!work_word(w, "severity", severity_word, &q.severity))
		return false;
	if (q.severity < 0)
		return work_fail(w, "bad", "severity", "severity is missing");
	q.text = severity_name((uint32_t)q.severity);
	return change_all(w, &q);
}

bool
alerts_comment(struct work *w)
{
	struct asked q = { .change = CHANGE_COMMENT };

	return work_text(w, "text", NULL, COMMENT_MOST, &q.text) &&
	    change_all(w, &q);
}

/* -------------------------------------------------------------------- undoing
 */

static bool
put_back(struct work *w)
{
	static struct alert room;
	struct alert *a;
	int64_t number;
	int status, severity;
	char about[32];
	bool muted;

	if (!work_whole(w, "number", WORK_MUST, 1, UINT32_MAX, &number) ||
	    !work_word(w, "status", status_word, &status) ||
	    !work_word(w, "severity", severity_word, &severity) ||
	    (a = work_alert(w, (uint32_t)number, &room)) == NULL ||
	    !work_yes(w, "muted", a->muted, &muted))
		return false;
	a->status = status >= 0 ? (uint8_t)status : a->status;
	a->severity = severity >= 0 ? (uint8_t)severity : a->severity;
	if (muted != a->muted && !set_mute(w, a, muted))
		return false;
	(void)snprintf(about, sizeof(about), "alert %" PRIu32, a->number);
	return (store_put_alert(w->d->store, a) || work_fail_store(w)) &&
	    work_note(w,
		a->status == STATUS_CLOSED       ? "close"
		    : a->status == STATUS_ACTIVE ? "active"
						 : "reopen",
		about, "as it was before");
}

/* Each entry is a small request of its own. */
bool
alerts_put_back(struct work *w)
{
	const json_t *whole = w->q, *list = json_object_get(w->q, "alerts");
	size_t i;
	bool ok = true;

	if (json_array_size(list) > WORK_NUMBERS_MAX)
		return work_fail(w, "bad", "alerts",
		    "alerts: more than %u at a time", WORK_NUMBERS_MAX);
	for (i = 0; ok && i < json_array_size(list); i++) {
		w->q = json_array_get(list, i);
		ok = json_is_object(w->q)
		    ? put_back(w)
		    : work_fail(w, "bad", "alerts", "alerts: must be objects");
	}
	w->q = whole;
	return ok;
}

bool
alerts_restore(struct work *w)
{
	if (json_array_size(json_object_get(w->q, "alerts")) == 0)
		return work_fail(w, "bad", "alerts",
		    "alerts: must be a list of at least one");
	if (!alerts_put_back(w))
		return false;
	work_say(w, "as before\n");
	return true;
}
