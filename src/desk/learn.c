/*
 * learn.c - what an alert found is normal, how far that reaches, and taking
 * it back.
 *
 * An alert of the baseline is learned as a key with more or less of it left
 * open (the levels of the lattice).  One that no baseline justifies, but a
 * person may, becomes an exclusion of exactly that alert between these ends,
 * for a while.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "private.h"

#define LEVELS 6u
#define EXPIRES_DAYS 90 /* of an exception from what is never normal */
#define DAYS_MOST 3650
#define DAY_NS (INT64_C(86400) * TICK_SECOND)

/* What is to be normal: one permission for each thing the alert lists. */
struct allows {
	uint32_t n;
	struct allow of[ALERT_KEYS + 1];
};

struct asked {
	int64_t level, days; /* days 0: not said */
	const char *reason;
	bool deny;
	json_t *ids, *rules, *alerts; /* for undo */
};

/* ------------------------------------------------------------- how far it is
 */

static bool
is_covered(const struct allows *w, const struct key *k)
{
	for (uint32_t i = 0; i < w->n; i++)
		if (allow_covers(&w->of[i], k))
			return true;
	return false;
}

static bool
add_key(struct allows *w, const struct key *k, unsigned level)
{
	if (is_covered(w, k))
		return true;
	if (!allow_of_key(k, level, &w->of[w->n]))
		return false;
	w->n++;
	return true;
}

/* False where the level does not exist. */
static bool
find_allows(const struct baseline *b, const struct alert *a, unsigned level,
    struct allows *ret)
{
	const struct key *k;

	ret->n = 0;
	if (!add_key(ret, &a->key, level))
		return false;
	for (uint32_t i = 0; i < a->n_keys; i++)
		if ((k = baseline_find(b, a->keys[i])) != NULL &&
		    !add_key(ret, k, level))
			(void)add_key(ret, k, 0);
	return true;
}

static bool
covers_alert(const struct baseline *b, const struct allows *w,
    const struct alert *a)
{
	const struct key *k;

	if (a->key.state == KEY_NONE || !is_covered(w, &a->key))
		return false;
	for (uint32_t i = 0; i < a->n_keys; i++)
		if ((k = baseline_find(b, a->keys[i])) != NULL &&
		    !is_covered(w, k))
			return false;
	return true;
}

/* The numbers of open alerts, those not yet written included. */
static bool
open_alerts(struct work *w, struct numbers *ret)
{
	sqlite3_stmt *s = NULL;
	bool ok;
	int rc = SQLITE_DONE;

	ret->n = 0;
	ok = sqlite3_prepare_v2(store_db(w->d->store),
		 "SELECT number FROM alert WHERE status <> 'closed' ORDER BY "
		 "number",
		 -1, &s, NULL) == SQLITE_OK;
	while (ok && ret->n < WORK_NUMBERS_MAX &&
	    (rc = sqlite3_step(s)) == SQLITE_ROW)
		ret->of[ret->n++] = (uint32_t)sqlite3_column_int64(s, 0);
	ok = ok && (rc == SQLITE_DONE || rc == SQLITE_ROW);
	(void)sqlite3_finalize(s);
	return ok ||
	    work_fail(w, "failed", NULL, "%s", store_error(w->d->store));
}

/* Open alerts about nothing else, -1 after failing; `undo` not NULL: they are
 * closed, and how they were is added to it. */
static int64_t
alerts_within(struct work *w, const struct allows *allows, json_t *undo)
{
	static struct numbers open;
	static struct alert room;
	int64_t n = 0;

	if (!open_alerts(w, &open))
		return -1;
	for (uint32_t i = 0; i < open.n; i++) {
		struct alert *a = work_alert(w, open.of[i], &room);

		if (a == NULL)
			return -1;
		if (a->status == STATUS_CLOSED ||
		    !covers_alert(w->d->baseline, allows, a))
			continue;
		n++;
		if (undo == NULL)
			continue;
		(void)json_array_append_new(undo, alert_as_was(a));
		a->status = STATUS_CLOSED;
		if (!store_put_alert(w->d->store, a)) {
			(void)work_fail_store(w);
			return -1;
		}
	}
	return n;
}

/* Keys of the baseline that would be normal too. */
static uint32_t
keys_covered(const struct baseline *b, const struct allows *w)
{
	const struct key *k;
	uint32_t cursor = 0, n = 0;

	while ((k = baseline_next(b, &cursor)) != NULL)
		n += is_covered(w, k);
	return n;
}

/* -------------------------------------------------------------------- levels
 */

static bool
put_level(struct work *w, const struct alert *a, unsigned level, json_t *list)
{
	const char *text = allow_level_text(&a->key, level);
	struct allows allows;
	int64_t closes;
	uint32_t covers;

	if (!find_allows(w->d->baseline, a, level, &allows))
		return true;
	closes = alerts_within(w, &allows, NULL);
	if (closes < 0)
		return false;
	covers = keys_covered(w->d->baseline, &allows);
	work_say(w,
	    "  --level %u  %s: closes %" PRId64 " open alert%s, covers %" PRIu32
	    " thing%s seen so far\n",
	    level, text, closes, closes == 1 ? "" : "s", covers,
	    covers == 1 ? "" : "s");
	return json_array_append_new(list,
		   json_pack("{s:i, s:s, s:I, s:i}", "level", (int)level,
		       "text", text, "closes", (json_int_t)closes, "covers",
		       (int)covers)) == 0 ||
	    work_fail(w, "failed", NULL, "out of memory");
}

static bool
say_exclusion(struct work *w, const struct person_rule *r, json_t *list)
{
	work_say(w, "would exclude: %s\n", r->text);
	return json_array_append_new(list,
		   json_pack("{s:i, s:s, s:s}", "level", 0, "text",
		       "exactly this alert between these ends, for 90 days",
		       "rule", r->text)) == 0 ||
	    work_fail(w, "failed", NULL, "out of memory");
}

static bool
is_learnable(struct work *w, const struct alert *a, bool deny)
{
	return alert_rows[a->row].learnable || deny ||
	    work_fail(w, "bad", "numbers",
		"alert %" PRIu32 " (%s) cannot be learned: it is never "
		"normal. Close or mute it",
		a->number,
		a->title[0] != '\0' ? a->title : alert_rows[a->row].title);
}

static bool
rule_of(struct work *w, const struct asked *q, const struct alert *a,
    struct person_rule *ret)
{
	int64_t days = q->days > 0 ? q->days : EXPIRES_DAYS;
	char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];
	size_t n;

	*ret = (struct person_rule){ .kind = PERSON_EXCLUDE,
		.on = true,
		.until = { w->d->now.ns + days * DAY_NS } };
	if (a->source.addr.ip.len == 0 && !a->source.addr.has_mac)
		return work_fail(w, "bad", "numbers",
		    "alert %" PRIu32 " names no source: mute it, or write a "
		    "rule",
		    a->number);
	if (q->level > 0 || q->deny)
		return work_fail(w, "bad", q->deny ? "deny" : "level",
		    "alert %" PRIu32 " needs no baseline: it can only be "
		    "excluded as it is, without --%s",
		    a->number, q->deny ? "deny" : "level");
	(void)snprintf(ret->name, sizeof(ret->name),
	    "learned from alert %" PRIu32, a->number);
	n = (size_t)snprintf(ret->text, sizeof(ret->text),
	    "name = \"%s\" and source = %s", alert_slug(a->row),
	    addr_text(&a->source.addr, from));
	if (a->destination.addr.ip.len != 0 || a->destination.addr.has_mac)
		(void)snprintf(ret->text + n, sizeof(ret->text) - n,
		    " and destination = %s",
		    addr_text(&a->destination.addr, to));
	return true;
}

bool
learn_levels(struct work *w)
{
	static struct alert room;
	struct asked q = { .level = 0 };
	struct person_rule r;
	struct alert *a = NULL;
	int64_t number;
	json_t *list = json_array();
	bool ok = list != NULL &&
	    work_whole(w, "number", WORK_MUST, 1, UINT32_MAX, &number) &&
	    (a = work_alert(w, (uint32_t)number, &room)) != NULL &&
	    is_learnable(w, a, false);

	if (ok && a->key.state == KEY_NONE) {
		ok = rule_of(w, &q, a, &r) && say_exclusion(w, &r, list);
	} else if (ok) {
		work_say(w, "alert %" PRIu32 ": %s\n", a->number, a->text);
		for (unsigned level = 0; ok && level < LEVELS; level++)
			ok = put_level(w, a, level, list);
		if (a->n_keys == ALERT_KEYS)
			work_say(w,
			    "  there may be more of it than is kept: only a "
			    "wider level covers that\n");
	}
	if (ok)
		return work_put(w, "levels", list);
	json_decref(list);
	return false;
}

/* ------------------------------------------------------------------ learning
 */

/* What no baseline justifies: exactly this, for a while. */
static bool
except(struct work *w, const struct asked *q, struct alert *a,
    bool *ret_changed)
{
	struct person_rule r;
	int64_t before;

	if (!rule_of(w, q, a, &r))
		return false;
	before = work_sql(w,
	    "select id from rule where text = ?1 and kind = 'exclude' and "
	    "enabled and (until = 0 or until > unixepoch() * 1000000000)",
	    r.text, 0);
	if (before > 0) {
		work_say(w,
		    "alert %" PRIu32 ": excluded already (rule %" PRId64 ")\n",
		    a->number, before);
		return true;
	}
	*ret_changed = true;
	(void)json_array_append_new(q->alerts, alert_as_was(a));
	a->status = STATUS_CLOSED;
	if (!store_put_rule(w->d->store, &r) ||
	    !store_put_alert(w->d->store, a))
		return work_fail_store(w);
	(void)json_array_append_new(q->rules, json_integer(r.id));
	work_say(w,
	    "alert %" PRIu32 ": excluded for %" PRId64 " days: %s; 'rules "
	    "delete %" PRIu32 "' takes it back\n",
	    a->number, q->days > 0 ? q->days : EXPIRES_DAYS, r.text, r.id);
	return true;
}

static bool
put_allows(struct work *w, const struct asked *q, const struct alert *a,
    struct allows *allows)
{
	for (uint32_t i = 0; i < allows->n; i++) {
		struct allow *one = &allows->of[i];

		one->deny = q->deny;
		one->expires.ns =
		    q->days > 0 ? w->d->now.ns + q->days * DAY_NS : 0;
		if (!store_put_allow(w->d->store, one, a->number, w->d->who,
			q->reason, w->d->now))
			return work_fail_store(w);
		(void)baseline_allow(w->d->baseline, one);
		if (json_array_append_new(q->ids, json_integer(one->id)) != 0)
			return work_fail(w, "failed", NULL, "out of memory");
	}
	return true;
}

static bool
allow(struct work *w, const struct asked *q, struct alert *a)
{
	struct allows allows;
	int64_t closed;

	if (!find_allows(w->d->baseline, a, (unsigned)q->level, &allows))
		return work_fail(w, "bad", "level",
		    "alert %" PRIu32 " has no level %" PRId64
		    "; --dry-run shows which there are",
		    a->number, q->level);
	closed = q->deny ? 0 : alerts_within(w, &allows, q->alerts);
	if (closed < 0 || !put_allows(w, q, a, &allows))
		return false;
	work_say(w,
	    "alert %" PRIu32 ": %s: %s; %" PRId64 " alert%s closed; 'learn "
	    "undo %" PRIu32,
	    a->number, q->deny ? "never normal" : "normal from now on",
	    allow_level_text(&a->key, (unsigned)q->level), closed,
	    closed == 1 ? "" : "s", allows.of[0].id);
	if (allows.n > 1)
		work_say(w, "..%" PRIu32, allows.of[allows.n - 1].id);
	work_say(w, "' takes it back\n");
	return true;
}

static bool
learn_one(struct work *w, const struct asked *q, uint32_t number)
{
	static struct alert room;
	struct alert *a = work_alert(w, number, &room);
	bool changed;
	char about[32];

	if (a == NULL || !is_learnable(w, a, q->deny))
		return false;
	changed = a->key.state != KEY_NONE;
	if (!(changed ? allow(w, q, a) : except(w, q, a, &changed)))
		return false;
	(void)snprintf(about, sizeof(about), "alert %" PRIu32, number);
	return !changed ||
	    work_note(w, q->deny ? "deny" : "learn", about,
		"%s%slevel %" PRId64 " of %s: %s", q->reason,
		q->reason[0] != '\0' ? "; " : "", q->level, alert_slug(a->row),
		a->text);
}

static bool
put_undo(struct work *w, const struct asked *q)
{
	json_t *undo = json_pack("{s:s, s:O, s:O, s:O}", "verb", "learn.undo",
	    "ids", q->ids, "rules", q->rules, "alerts", q->alerts);

	return work_put(w, "undo", undo) &&
	    work_put(w, "ids", json_incref(q->ids));
}

bool
learn_allow(struct work *w)
{
	static struct numbers numbers;
	struct asked q = { .ids = json_array(),
		.rules = json_array(),
		.alerts = json_array() };
	bool ok = q.ids != NULL && q.rules != NULL && q.alerts != NULL &&
	    work_numbers(w, "numbers", &numbers) &&
	    work_whole(w, "level", 0, 0, LEVELS - 1, &q.level) &&
	    work_whole(w, "days", 0, 0, DAYS_MOST, &q.days) &&
	    work_text(w, "reason", "", 255, &q.reason) &&
	    work_yes(w, "deny", false, &q.deny);

	for (uint32_t i = 0; ok && i < numbers.n; i++)
		ok = learn_one(w, &q, numbers.of[i]);
	ok = ok && put_undo(w, &q);
	json_decref(q.ids);
	json_decref(q.rules);
	json_decref(q.alerts);
	return ok;
}

/* -------------------------------------------------------------------- undoing
 */

static bool
undo_one(struct work *w, uint32_t id)
{
	char about[32], number[16];

	(void)snprintf(about, sizeof(about), "learned %" PRIu32, id);
	(void)snprintf(number, sizeof(number), "%" PRIu32, id);
	if (work_sql(w, "select count(*) from allow where id = ?1 + 0", number,
		0) == 0)
		return work_fail(w, "absent", "ids",
		    "there is no %" PRIu32 "; 'sightglass learn list' shows "
		    "what there is",
		    id);
	if (!store_delete_allow(w->d->store, id))
		return work_fail_store(w);
	baseline_unallow(w->d->baseline, id);
	work_say(w,
	    "learned %" PRIu32 ": taken back; the same traffic alerts again\n",
	    id);
	return work_note(w, "unlearn", about, "taken back");
}

static bool
drop_rule(struct work *w, uint32_t id)
{
	char about[32];

	(void)snprintf(about, sizeof(about), "rule %" PRIu32, id);
	work_say(w, "rule %" PRIu32 ": deleted\n", id);
	return (store_delete_rule(w->d->store, id) || work_fail_store(w)) &&
	    work_note(w, "rule-gone", about, "taken back");
}

static bool
each_number(struct work *w, const char *field,
    bool (*one)(struct work *, uint32_t))
{
	static struct numbers numbers;
	bool ok = true;

	if (json_array_size(json_object_get(w->q, field)) == 0)
		return true;
	ok = work_numbers(w, field, &numbers);
	for (uint32_t i = 0; ok && i < numbers.n; i++)
		ok = one(w, numbers.of[i]);
	return ok;
}

bool
learn_undo(struct work *w)
{
	if (json_array_size(json_object_get(w->q, "ids")) == 0 &&
	    json_array_size(json_object_get(w->q, "rules")) == 0)
		return work_fail(w, "bad", "ids",
		    "ids: which? 'sightglass learn list' shows them");
	return each_number(w, "ids", undo_one) &&
	    each_number(w, "rules", drop_rule) && alerts_put_back(w);
}
